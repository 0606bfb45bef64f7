"""Resonance counts what was done; its denominator and window are named, and intention is kept apart."""

import numpy as np
import pytest
from pendulum import datetime
from scipy import stats

from relmkt.estimate import Estimate
from relmkt.facts import Answer, Recommendation
from relmkt.loyalty._influence import influence
from relmkt.loyalty._resonance import amplification, promoter_share, resonance, resonance_of
from relmkt.portfolio import Portfolio
from relmkt.tallies import newest
from relmkt.windows import days

NAN = float("nan")
SATISFIED = [True] * 200 + [False] * 60
RECOMMENDED = [1] * 50 + [0] * 150 + [3] * 10 + [0] * 50


def test_of_the_satisfied_and_of_all():
    told = resonance(SATISFIED, RECOMMENDED, within=days(365))
    assert told.value == 0.25  # KA-086
    assert (told.low, told.high) == pytest.approx((0.1950817, 0.3143410), abs=1e-4)  # KA-086
    assert told.n == 200
    everyone = resonance(SATISFIED, RECOMMENDED, within=days(365), over="all")
    assert everyone.value == pytest.approx(0.1923077, abs=1e-4)  # KA-086
    assert everyone.n == 260


def test_denominator_and_window_are_named():
    note = resonance(SATISFIED, RECOMMENDED, within=days(365)).notes[-1]
    assert note.endswith("within days(365), of satisfied customers")
    assert resonance([1], [1], within="2025", over="all").notes == (
        "satisfied customers who recommended at least once within 2025, of all customers",
    )
    with pytest.raises(ValueError, match="over"):
        resonance([1], [1], within="2025", over="none")


def test_the_unknown_are_missing_and_nobody_satisfied_is_no_rate():
    told = resonance([1, 1, NAN, 0], [1, NAN, 1, NAN], within="2025")
    assert (told.value, told.n, told.missing) == (1.0, 1, 2)
    everyone = resonance([1, 1, NAN, 0], [1, NAN, 1, NAN], within="2025", over="all")
    assert (everyone.value, everyone.n, everyone.missing) == (0.5, 2, 2)
    none = resonance([False], [True], within="2025")
    assert np.isnan(none.value)
    assert (none.n, none.notes[0]) == (0, "there are no satisfied customers")


def test_a_portfolio_counts_recommendations_in_the_window():
    day = datetime(2026, 3, 1)
    told = [Answer(who, day, "stay", score) for who, score in (("ada", 9), ("bob", 9), ("cleo", 3))]
    told += [Recommendation("ada", day), Recommendation("ada", day.subtract(days=9), id="r-2")]
    told += [Recommendation("bob", day.subtract(days=400)), Recommendation("dan", day)]
    base, happy = Portfolio(told, at=day), newest(Answer, "score", item="stay") >= 8
    year = resonance_of(base, happy, within=days(365))
    assert (year.value, year.n, year.missing) == (0.5, 2, 1)  # dan never said whether he is satisfied
    assert resonance_of(base, happy, within=days(500)).value == 1.0
    assert resonance_of(base, happy, within=days(365), over="all").value == pytest.approx(1 / 3)


def test_intention_is_another_number():
    told = promoter_share([10, 9, 3, None, "x"], promoter=9)
    assert (told.value, told.n, told.missing, told.invalid) == (pytest.approx(2 / 3), 3, 1, 1)
    assert told.notes[0].startswith("intention")


def test_amplification():
    told = amplification(0.8, 0.25)
    assert (told.k.value, told.total.value) == pytest.approx((0.2, 1.25))
    assert not told.self_sustaining
    assert told.total.value == pytest.approx(sum(told.k.value**i for i in range(60)))


@pytest.mark.parametrize("mean, rate", [(2, 0.5), (4, 0.5)])
def test_growth_that_sustains_itself_is_flagged_and_has_no_total(mean, rate):
    told = amplification(mean, rate)
    assert told.self_sustaining
    assert "sustains itself" in told.k.notes[0]
    assert np.isnan(told.total.value)
    assert told.total.notes == told.k.notes


def test_the_interval_of_k_is_the_delta_method():
    recommendations = np.random.default_rng(3).poisson(0.6, 400)
    rate = Estimate(0.3, n=200, se=0.0324)
    told = amplification(recommendations, rate)
    spread = stats.sem(recommendations)
    se = np.hypot(0.3 * spread, recommendations.mean() * 0.0324)
    half = stats.norm.ppf(0.975) * se
    assert (told.k.low, told.k.high) == pytest.approx((told.k.value - half, told.k.value + half), rel=1e-9)
    assert (told.total.low, told.total.high) == pytest.approx((1 / (1 - told.k.low), 1 / (1 - told.k.high)))
    assert told.k.n == 200


def test_where_k_may_be_one_the_total_is_open_above():
    told = amplification(3.0, Estimate(0.3, n=30, se=0.08))
    assert told.total.high == np.inf
    assert "open" in told.total.notes[0]


def test_nobody_known_gives_no_k():
    told = amplification([NAN, None], 0.2)
    assert np.isnan(told.k.value)
    assert np.isnan(told.total.value)
    assert "nobody" in told.k.notes[0]
    assert not told.self_sustaining
    for wrong in ((-1, 0.2), (1, 1.2)):
        with pytest.raises(ValueError, match="expected"):
            amplification(*wrong)


def test_influence_stands_beside_referral_value_and_is_never_added_to_it():
    crv = Estimate([40.0, 300.0], labels=["bob", "ada"], n=[1, 2])
    told = influence([1000, 50, 10_000], 0.01, ids=["ada", "bob", "cleo"], crv=crv)
    assert told.reached.value.tolist() == [10.0, 0.5, 100.0]
    assert told.top(1).tolist() == ["cleo"]
    assert [row[-1] for row in told.rows()][1:] == [300.0, 40.0]
    assert np.isnan(told.rows()[0][-1])
    assert "never added" in told._repr_html_()
    with pytest.raises(TypeError):
        told + crv  # type: ignore[operator]


def test_influence_carries_the_error_of_conversion():
    told = influence([100, NAN], Estimate(0.1, 0.05, 0.2, n=50, se=0.03))
    assert (told.reached.low[0], told.reached.value[0], told.reached.high[0]) == (5.0, 10.0, 20.0)
    assert np.isnan(told.reached.value[1])
    with pytest.raises(ValueError, match="reach"):
        influence([-1], 0.1)
