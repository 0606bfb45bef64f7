"""Revenue by source: each definition by hand, and parts that sum to the whole whatever happened."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase, Recommendation, Return
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.value._customers._sources import revenue_sources
from relmkt.windows import days

END = datetime(2026, 3, 2)  # the window is (2026-01-31, 2026-03-02], the span before it (2026-01-01, 2026-01-31]


def bought(who, month, day, amount, year=2026, currency="EUR"):
    return Purchase(who, datetime(year, month, day), Money(amount, currency))


def gave_back(who, month, day, amount):
    return Return(who, datetime(2026, month, day), Money(amount, "EUR"), ref="order")


def sources(*facts, at=END, **more):
    return revenue_sources(Portfolio(list(facts), at=at), **{"within": days(30), "lapse": days(90), **more})


def parts(found):
    return {name: part.units for name, part in found.parts.items() if part}


def test_new_is_a_first_purchase_in_the_window():
    assert parts(sources(bought("ada", 2, 1, "9.99"), bought("ada", 2, 9, 5))) == {"new": 1499}
    assert parts(sources(bought("ada", 1, 31, 9), bought("ada", 2, 9, 5))) == {"kept": 500}


def test_referred_is_new_and_named_before_the_first_purchase():
    told = Recommendation("bob", datetime(2026, 1, 9), "ada")
    assert parts(sources(bought("ada", 2, 5, 9), told)) == {"referred": 900}
    late = Recommendation("bob", datetime(2026, 2, 6), "ada")
    assert parts(sources(bought("ada", 2, 5, 9), late)) == {"new": 900}
    assert parts(sources(bought("ada", 2, 5, 9), referred=["ada"])) == {"referred": 900}
    assert parts(sources(bought("ada", 1, 5, 9), bought("ada", 2, 5, 9), told)) == {"kept": 900}


def test_won_back_is_what_comes_after_a_lapse():
    before = bought("ada", 10, 5, 100, 2025)
    assert parts(sources(before, bought("ada", 2, 5, 9), bought("ada", 2, 6, 2))) == {"won back": 1100}
    assert parts(sources(before, bought("ada", 2, 5, 9), lapse=days(200))) == {"developed": 900}
    told = [bought("ada", 1, 30, 7), bought("ada", 2, 2, 5), bought("ada", 2, 25, 6)]
    assert parts(sources(*told, lapse=days(20))) == {"kept": 500, "won back": 600}


def test_kept_up_to_the_span_before_and_developed_above_it():
    assert parts(sources(bought("ada", 1, 9, 20), bought("ada", 2, 9, 25))) == {"kept": 2000, "developed": 500}
    assert parts(sources(bought("ada", 1, 9, 20), bought("ada", 2, 9, 15))) == {"kept": 1500}
    two = [bought("ada", 1, 9, 20), bought("ada", 2, 9, 25), bought("bob", 1, 9, 20), bought("bob", 2, 9, 15)]
    assert parts(sources(*two)) == {"kept": 3500, "developed": 500}, (
        "by customer: one's more does not hide another's less"
    )


def test_a_return_counts_at_its_own_date():  # rule R45
    told = [bought("ada", 1, 9, 20), bought("ada", 2, 9, 25)]
    assert parts(sources(*told, gave_back("ada", 2, 20, 10))) == {"kept": 1500}
    assert parts(sources(*told, gave_back("ada", 1, 20, 10))) == {"kept": 1000, "developed": 1500}
    assert parts(sources(bought("ada", 1, 9, 20), gave_back("ada", 2, 9, 20))) == {"kept": -2000}
    assert parts(sources(bought("ada", 2, 9, 20), gave_back("ada", 2, 10, 5))) == {"new": 1500}
    assert parts(sources(gave_back("zoe", 2, 9, 20))) == {"kept": -2000}


def test_nothing_later_than_at():  # rule R46
    late = [bought("bob", 3, 3, 50), gave_back("ada", 3, 4, 5), Recommendation("bob", datetime(2026, 3, 3), "ada")]
    assert parts(sources(bought("ada", 2, 5, 9), *late)) == {"new": 900}


def test_customers_and_shares():
    found = sources(bought("ada", 2, 5, 9), bought("bob", 2, 5, 1), bought("cyd", 1, 5, 10), bought("cyd", 2, 5, 10))
    assert found.customers == {"new": 2, "referred": 0, "won back": 0, "kept": 1}
    assert found.shares["new"] == found.shares["kept"] == 0.5
    assert "new              10.00 EUR  50.0 %" in str(found)
    assert np.isnan(sources(gave_back("ada", 2, 5, 9)).shares["kept"])


def test_one_currency_at_a_time():
    mixed = [bought("ada", 1, 5, 9), bought("ada", 2, 5, 8), bought("ada", 2, 6, 7, currency="USD")]
    with pytest.raises(InvalidFactError, match="EUR, USD"):
        sources(*mixed)
    assert parts(sources(*mixed, currency="USD")) == {"developed": 700}, "a customer of another currency is not new"
    assert parts(sources(currency="EUR")) == {}
    with pytest.raises(ValueError, match="no amounts"):
        sources()
    with pytest.raises(ValueError, match="longer than nothing"):
        sources(*mixed, within=days(0))


whom, hours = st.sampled_from(["ada", "bob", "cyd", "dan"]), st.integers(0, 24 * 200)
moves = st.tuples(st.sampled_from(["buys", "returns", "recommends"]), whom, hours, st.integers(0, 10**13), whom)


@given(st.lists(moves, max_size=30))
def test_the_parts_sum_to_the_whole_to_the_minor_unit(told):
    def fact(sort, who, hour, units, other):
        at, amount = END.subtract(hours=hour), Money.minor(units, "EUR")
        if sort == "recommends":
            return Recommendation(who, at, other)
        return Purchase(who, at, amount) if sort == "buys" else Return(who, at, amount, ref="order")

    facts = {fact(*move) for move in told}
    found = sources(*facts, currency="EUR", lapse=days(20))
    start = END.subtract(days=30)
    inside = [f for f in facts if f.at > found.start and not isinstance(f, Recommendation)]
    whole = sum(f.amount.units * (1 if isinstance(f, Purchase) else -1) for f in inside)
    assert start.timestamp() * 1e6 == int(found.start)
    assert found.whole.units == whole
    assert found.developed.units >= 0
