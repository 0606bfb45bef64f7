"""One page: what customers do, how they feel, whom they tell; denominator and window named."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.estimate import Estimate
from relmkt.facts import Purchase
from relmkt.loyalty._panel import loyalty_panel
from relmkt.loyalty._resonance import promoter_share, resonance
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.scales import mean_estimate
from relmkt.tallies import count, since, total
from relmkt.windows import days

DAY = datetime(2026, 3, 1)
RESONANCE = resonance([True] * 200 + [False] * 60, [1] * 50 + [0] * 210, within=days(365))
INDEX = mean_estimate(np.array([70.0, 80.0, 90.0]), level=0.95, note="")


def base() -> Portfolio:
    told = [("ada", 1, 10), ("ada", 30, 20), ("bob", 300, 60)]
    return Portfolio([Purchase(w, DAY.subtract(days=d), Money(a, "EUR"), id=f"{w}{d}") for w, d, a in told], at=DAY)


def page():
    behaviour = {
        "days since": since(Purchase),
        "purchases": count(Purchase, within=days(365)),
        "spent": total(Purchase, "amount", currency="EUR"),
        "visits": [1, None, 3],
    }
    said = {"intention": promoter_share([10, 9, 3], promoter=9)}
    return loyalty_panel(
        behaviour, satisfaction=INDEX, resonance=RESONANCE, base=base(), beside=said, title="Hotels <2026>"
    )


def test_one_page_shows_behaviour_satisfaction_and_resonance():
    told = page()
    assert [row.name for row in told.rows] == [
        "days since", "purchases", "spent", "visits", "satisfaction", "resonance", "intention",
    ]  # fmt: skip
    assert told["days since"].figure.value == 150.5
    assert told["purchases"].figure.value == 1.5
    assert told["spent"].quartiles == (37.5, 45.0, 52.5)
    assert (told["visits"].figure.missing, told["visits"].figure.n) == (1, 2)
    assert told["visits"].terms == "n = 2; 1 missing"
    assert told["satisfaction"].figure is INDEX
    assert len(told) == 7


def test_fifty_recommenders_of_two_hundred_satisfied_and_their_terms():
    row = page()["resonance"]
    assert row.figure.value == 0.25  # KA-086
    assert "n = 200" in row.terms
    assert "within days(365), of satisfied customers" in row.terms
    for text in (str(page()), page()._repr_html_()):
        assert "0.25" in text
        assert "within days(365), of satisfied customers" in text


def test_what_is_written_on_the_page_is_escaped():
    html = page()._repr_html_()
    assert "Hotels &lt;2026&gt;" in html
    assert "<2026>" not in html
    assert repr(page()).startswith("<LoyaltyPanel: days since")


def test_a_figure_of_nobody_is_said_to_be():
    told = loyalty_panel({"purchases": [None]}, satisfaction=INDEX, resonance=RESONANCE)
    assert np.isnan(told["purchases"].figure.value)
    assert told["purchases"].middle == ""
    assert "nobody" in told["purchases"].terms


@pytest.mark.parametrize(
    "behaviour, options, named",
    [
        ({"n": count(Purchase)}, {}, "base="),
        ({"resonance": [1]}, {}, "names"),
        ({}, {"beside": {"by hotel": Estimate([1.0], labels=["Lyon"])}}, "by hotel"),
    ],
)
def test_a_page_that_does_not_hold_is_refused(behaviour, options, named):
    with pytest.raises(ValueError, match=named):
        loyalty_panel(behaviour, satisfaction=INDEX, resonance=RESONANCE, **options)
    with pytest.raises(KeyError):
        page()["nothing"]
