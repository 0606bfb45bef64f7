"""Scales at their edges: items that share nothing, quantiles far out, periods over many years, draws that are still."""

import itertools
import math

import numpy as np
import pytest
from pendulum import datetime
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.satisfaction import mean_score
from relmkt.scales import (
    Construct,
    Item,
    Scale,
    ShareInterval,
    alpha_from_means,
    difference_reliability,
    from_pomp,
    htmt,
    pomp,
    reliability,
    second_order_reliability,
    share_estimate,
    student,
)
from relmkt.scales._bootstrap import bounds
from relmkt.scales._moments import moments
from relmkt.scales._quantiles import beta_probability, beta_quantile

SEVEN = Scale(1, 7)
APART = np.array(list(itertools.product((2.0, 6.0), repeat=4)))  # every item half high, and none with another


def test_items_that_share_nothing_have_no_factor_and_no_interval() -> None:
    found = reliability(APART, names=["a", "b", "c", "d"])
    assert found.omega.value == pytest.approx(0, abs=1e-12)
    assert math.isnan(found.omega.low)
    assert math.isnan(found.omega.se)
    assert found.alpha.value == pytest.approx(0, abs=1e-12)


def test_two_scales_whose_items_share_nothing_cannot_be_told_apart() -> None:
    survey = {name: APART[:, place] for place, name in enumerate(("a1", "a2", "b1", "b2"))}
    found = htmt(survey, Construct("one", SEVEN.items("a1", "a2")), Construct("two", SEVEN.items("b1", "b2")))
    assert math.isnan(found.value)
    assert found.notes == ("the items of one construct do not go together at all",)


def test_omega_drawn_again_among_guests_who_nearly_all_say_the_same_has_no_interval() -> None:
    rows = np.array([[4.0, 4, 4]] * 40 + [[7, 6, 5]])  # a draw without the last guest does not vary
    rng = np.random.default_rng(12)
    drawn = [40 in np.random.default_rng(seed).integers(0, 41, (2, 41))[0] for seed in range(9)]
    assert not all(drawn)  # such draws are common
    found = reliability(rows, rng=rng, resamples=2).omega
    assert found.method == "one factor, bootstrap"
    assert math.isnan(found.low) == math.isnan(found.se)


@pytest.mark.parametrize("p, a", [(1e-300, 100), (1e-250, 50), (1e-300, 1000), (1e-300, 10), (1e-200, 30)])
def test_a_quantile_as_far_out_as_numbers_go_is_the_closed_form(p: float, a: float) -> None:
    assert beta_quantile(p, a, 1) == pytest.approx(p ** (1 / a), rel=1e-10)  # of beta(a, 1) the quantile is p^(1/a)
    assert stats.beta.ppf(p, a, 1) == pytest.approx(p ** (1 / a), rel=1e-10)


def test_a_share_is_surely_from_nothing_to_all() -> None:
    assert [beta_probability(x, 2, 3) for x in (0, 1)] == [0.0, 1.0]


@pytest.mark.parametrize("a, b", [(1e-3, 5), (0.02, 0.5)])
def test_a_quantile_of_shapes_near_nothing_gives_its_share_back(a: float, b: float) -> None:
    for p in (0.2, 0.5, 0.7):
        x = beta_quantile(p, a, b)
        assert 0 <= x < 1
        assert x == 0 or beta_probability(x, a, b) == pytest.approx(p, rel=1e-9)


def test_scores_by_month_over_twelve_years_of_summer_and_winter_time() -> None:
    item, rng = Item("stay", SEVEN), np.random.default_rng(6)
    start = datetime(2013, 12, 31, 22)
    at = [start.add(hours=int(hour)) for hour in np.sort(rng.choice(12 * 365 * 24, 400, replace=False))]
    score = rng.integers(1, 8, 400).tolist()
    facts = [Answer(f"g{place}", when, "stay", told) for place, (when, told) in enumerate(zip(at, score, strict=True))]
    found = mean_score(FactTable.of(facts), item=item, period="month", zone="Europe/Paris")
    by_hand: dict[str, list[int]] = {}
    for when, one in zip(at, score, strict=True):
        by_hand.setdefault(when.in_timezone("Europe/Paris").format("YYYY-MM"), []).append(one)
    assert found.labels == tuple(sorted(by_hand))
    assert found.value == pytest.approx([np.mean(by_hand[month]) for month in sorted(by_hand)])


def test_items_that_never_vary_have_no_alpha_and_their_sum_no_reliability() -> None:
    assert math.isnan(alpha_from_means(3, variance=0, covariance=0))
    assert math.isnan(second_order_reliability([0.8, 0.7], [[1, 0.5], [0.5, 1]], deviations=[0, 0]))
    for variance, covariance in ((-1, -2), (1, 1.01), (1, -0.51), (math.nan, 0)):
        with pytest.raises(ValueError, match=r"^covariance:"):
            alpha_from_means(3, variance=variance, covariance=covariance)


def test_a_score_without_error_is_allowed() -> None:
    assert difference_reliability(1, 1, 0.5) == 1
    assert difference_reliability(1, 0.8, 1, deviations=(2, 1)) == pytest.approx((4 + 0.8 - 4) / (4 + 1 - 4))
    for first, second, between in ((1.01, 0.8, 0), (0.8, 1.01, 0), (0.8, 0.8, 1.01), (0.8, 0.8, -1.01)):
        with pytest.raises(ValueError, match=r"^expected reliabilities up to 1"):
            difference_reliability(first, second, between)


def test_per_cent_of_the_most_there_is_goes_back_to_the_scale() -> None:
    assert from_pomp([0, 50, 100, math.nan], Scale(1, 5)) == pytest.approx([1, 3, 5, math.nan], nan_ok=True)
    assert from_pomp(pomp([2, 9], Scale(0, 10)), Scale(0, 10)).tolist() == [2, 9]


def test_means_over_those_who_answered_are_of_those_who_answered() -> None:
    values = np.sort(np.random.default_rng(9).normal(4, 2, (40_000, 3)), axis=0)  # the first of them are far below all
    for gaps in (0, 5):
        if gaps:
            values[::gaps, 1] = math.nan
        found = moments(values, missing="pairwise")
        assert found.means == pytest.approx(np.nanmean(values, axis=0))
        both = values[~np.isnan(values[:, 1])]
        assert found.covariances[0, 1] == pytest.approx(np.cov(both[:, 0], both[:, 1])[0, 1], rel=1e-9)
        assert found.pairs[0].tolist() == [40_000, len(both), 40_000]
        assert moments(values, missing="listwise").means == pytest.approx(both.mean(axis=0))


@pytest.mark.parametrize("interval, method", [("Clopper-Pearson", "beta"), ("Jeffreys", "jeffreys")])
def test_exact_shares_are_statsmodels_own(interval: ShareInterval, method: str) -> None:
    for x, n, level in ((3, 17, 0.8), (16, 17, 0.95), (1, 900, 0.99)):
        found = share_estimate(x, n, level=level, interval=interval, note="nobody")
        known = proportion_confint(x, n, alpha=1 - level, method=method)
        assert (found.low, found.high) == pytest.approx(known, rel=1e-9)


@pytest.mark.parametrize("value", [-9.0, 0.3, 9.0])  # below every draw, among them, above every one
def test_corrected_bounds_turn_round_with_the_figures(value: float) -> None:
    drawn = np.random.default_rng(14).normal(size=(199, 1))
    low, high, error = bounds(drawn, 0.9, np.array([value]))
    down, up, same = bounds(-drawn, 0.9, np.array([-value]))
    assert (low[0], high[0], error[0]) == pytest.approx((-up[0], -down[0], same[0]))
    assert low[0] <= value <= high[0]


@pytest.mark.parametrize("freedom", [1, 2, 199, 200, 201, 202, 1_000])
def test_students_quantile_is_as_exact_on_both_sides_of_its_series(freedom: int) -> None:
    for level in (0.5, 0.95, 0.9999):
        assert student(level, freedom) == pytest.approx(stats.t.ppf((1 + level) / 2, freedom), rel=1e-9)
