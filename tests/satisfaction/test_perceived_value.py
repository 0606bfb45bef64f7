"""Perceived value over global cost (card A2): the ratio trap, costs of nothing, and ratings without a zero."""

import math

import numpy as np
import pytest
from scipy import stats

from relmkt.satisfaction._paired import median_estimate
from relmkt.satisfaction._value_for_cost import GlobalCost, value_for_cost
from relmkt.scales import Scale
from relmkt.scales._difference import difference_of_means

TEN = Scale(1, 10)


def test_the_ratio_of_sums_is_no_mean_of_ratios() -> None:
    found = value_for_cost([80, 60], [100, 40])
    assert found.ratio.value == pytest.approx(1.00, abs=1e-12)  # KA-005
    assert np.mean(found.ratios) == pytest.approx(1.15, abs=1e-12)  # KA-005
    assert found.difference.value == 0


def test_a_cost_of_nothing_has_no_ratio_and_is_counted() -> None:
    found = value_for_cost([80, 60, 30, 20, None, -5], [100, 40, 0, -1, 5, 5])
    np.testing.assert_allclose(found.ratios, [0.8, 1.5, *[np.nan] * 4])
    assert (found.free, found.invalid, found.ratio.n, found.ratio.missing) == (2, 1, 2, 4)
    assert found.ratio.value == 1
    assert "2 with a cost of 0 or less" in found.ratio.notes
    assert found.difference.n == 4


def test_no_interval_below_ten() -> None:
    nine = value_for_cost(np.arange(1.0, 10), np.full(9, 5.0))
    assert math.isnan(nine.ratio.low)
    assert math.isnan(nine.median.low)
    assert "no interval below 10 respondents" in nine.ratio.notes
    ten = value_for_cost(np.arange(1.0, 11), np.full(10, 5.0))
    assert ten.ratio.low < ten.ratio.value < ten.ratio.high
    # of ten values, the second and the ninth cover the median in 97.85 % of samples, the third and the eighth in 89.06
    assert (ten.median.low, ten.median.high) == (2 / 5, 9 / 5)


def test_the_error_of_a_ratio_of_sums_is_that_of_the_bootstrap() -> None:
    rng = np.random.default_rng(3)
    cost = rng.gamma(4, 10, 300)
    value = cost * rng.lognormal(0.1, 0.3, 300)
    told = value_for_cost(value, cost).ratio
    drawn = rng.integers(0, 300, (4000, 300))
    again = value[drawn].sum(axis=1) / cost[drawn].sum(axis=1)
    assert told.se == pytest.approx(again.std(), rel=0.06)
    assert (told.low, told.high) == pytest.approx(np.quantile(again, [0.025, 0.975]), rel=0.01)


def test_the_unit_changes_no_ratio() -> None:
    value, cost = np.arange(5.0, 20), np.arange(20.0, 5, -1)
    one, other = value_for_cost(value, cost), value_for_cost(100 * value, 100 * cost)
    assert one.ratio.value == pytest.approx(other.ratio.value)
    assert one.ratio.low == pytest.approx(other.ratio.low)
    assert one.median.value == pytest.approx(other.median.value)


def test_ratings_are_counted_from_zero_and_say_so() -> None:
    told = value_for_cost([10, 1, 5.5], [5.5, 10, 1], scale=TEN, cost_scale=TEN)
    np.testing.assert_allclose(told.ratios, [2, 0, np.nan])
    assert "value rated from 1 to 10, counted from 0 to 9" in told.ratio.notes
    shifted = value_for_cost([11, 2, 6.5], [6.5, 11, 2], scale=Scale(2, 11), cost_scale=Scale(2, 11))
    np.testing.assert_allclose(shifted.ratios, told.ratios)  # no change with the numbers chosen
    assert not np.isclose(10 / 5.5, told.ratios[0])  # the trap
    assert value_for_cost([11], [5], scale=TEN).invalid == 1
    assert "different units" in value_for_cost([9], [5], scale=TEN).ratio.notes[-1]
    with pytest.raises(ValueError, match="one width"):
        value_for_cost([5], [5], scale=TEN, cost_scale=Scale(1, 5))


def test_global_cost_is_the_sum_of_its_parts() -> None:
    cost = GlobalCost(price=[100, 40, 10], time=[20, 5, None], effort=[10, 5, 1], psychological=[0, 10, 1], unit="EUR")
    np.testing.assert_allclose(cost.total, [130, 60, np.nan])  # an unknown part is no part of 0
    assert cost.notes == ()
    told = value_for_cost([130, 90, 50], cost)
    np.testing.assert_allclose(told.ratios, [1, 1.5, np.nan])
    some = GlobalCost(price=[100, 40], unit="EUR")
    assert value_for_cost([100, 40], some).ratio.notes[-1] == "not in the cost: time, effort, psychological"
    for wrong in ({"unit": "EUR"}, {"price": [1], "unit": ""}, {"price": [1], "time": [1, 2], "unit": "EUR"}):
        with pytest.raises(ValueError):
            GlobalCost(**wrong)  # type: ignore[arg-type]


def test_segments_and_nobody() -> None:
    parts = value_for_cost([80, 60, 9], [100, 40, 0], level=0.9).by(["a", "a", "b"])
    assert parts["a"].ratio.value == 1
    assert math.isnan(parts["b"].ratio.value)
    assert (parts["b"].ratio.n, parts["b"].free, parts["b"].median.n) == (0, 1, 0)
    assert parts["a"].ratio.level == 0.9
    assert "median of ratios" in str(parts["a"])
    assert repr(parts["a"]) == "<ValueForCost of 2 respondents>"
    with pytest.raises(ValueError, match="one shape"):
        value_for_cost([1, 2], [1])
    with pytest.raises(ValueError, match="labels"):
        value_for_cost([1, 2], [1, 2]).by(["a"])


@pytest.mark.parametrize("n", [10, 11, 40, 333])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_median_lies_between_scipys_order_statistics(n: int, level: float) -> None:
    values = np.random.default_rng(n).normal(size=n)
    told = median_estimate(values, level=level, note="")
    low = int(stats.binom.ppf((1 - level) / 2, n, 0.5))
    rank = low if stats.binom.cdf(low - 1, n, 0.5) <= (1 - level) / 2 else low - 1
    assert (told.low, told.high) == (np.sort(values)[rank - 1], np.sort(values)[n - rank])


def test_welch() -> None:
    rng = np.random.default_rng(8)
    one, other = rng.normal(1, 1, 12), rng.normal(0, 4, 7)
    told = difference_of_means(one, other, level=0.9, note="")
    peer = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.9)
    assert (told.low, told.high) == pytest.approx((peer.low, peer.high), abs=1e-8)
    assert math.isnan(difference_of_means(one[:1], other, level=0.9, note="").low)
    assert difference_of_means(one[:0], other, level=0.9, note="nobody").notes == ("nobody",)
