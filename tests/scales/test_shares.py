"""One Wilson and one Welch for all chapters: against statsmodels and SciPy, in columns, and at the ends."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from relmkt.scales import share_estimate
from relmkt.scales._difference import difference_of_means, satterthwaite
from relmkt.scales._mean import ratio_error
from relmkt.scales._quantiles import normal_quantile
from relmkt.scales._shares import share_error, wilson


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_wilson_is_statsmodels_own_in_a_column(level: float) -> None:
    x, n = np.array([0, 1, 7, 29, 30, 999]), np.array([30, 30, 30, 30, 30, 1_000_000])
    low, high = wilson(x, n, normal_quantile(level))
    known = proportion_confint(x, n, alpha=1 - level, method="wilson")
    assert low == pytest.approx(known[0], rel=1e-9, abs=1e-15)
    assert high == pytest.approx(known[1], rel=1e-9)


def test_wilson_holds_its_share_whatever_the_rounding() -> None:
    rng = np.random.default_rng(7)
    n = rng.integers(1, 10**9, 20_000).astype(float)
    for x in (np.floor(n * rng.random(n.size)), n * rng.random(n.size), n * 0, n, n - 1):
        low, high = wilson(x, n, 1.96)
        assert ((low >= 0) & (low <= x / n) & (x / n <= high) & (high <= 1)).all()
    assert np.isnan(wilson([0], [0], 1.96)).all()
    assert (wilson([0, 9], [9, 9], 1.96)[0][0], wilson([0, 9], [9, 9], 1.96)[1][1]) == (0, 1)


def test_a_column_of_shares_says_where_nobody_was() -> None:
    told = share_estimate([3, 0], [4, 0], note="nobody came", notes=["by day"])
    assert list(told.labels or ()) == ["0", "1"]
    assert (told["0"].value, told["1"].n) == (0.75, 0)
    assert str(told["1"]) == "missing, n = 0 (Wilson): nobody came; by day"
    assert told.se.tolist() == pytest.approx([math.sqrt(0.75 * 0.25 / 4), math.nan], nan_ok=True)
    assert share_estimate([3, 1], [4, 4], note="nobody came", notes=["by day"]).notes == ("by day",)
    assert share_error(50, 100) == 0.05


@pytest.mark.parametrize("sizes", [(12, 7), (2, 2), (300, 5)])
def test_welch_is_scipys_own(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(sum(sizes))
    one, other = rng.normal(1, 1, sizes[0]), rng.normal(0, 4, sizes[1])
    known = stats.ttest_ind(one, other, equal_var=False)
    errors = [(float(group.var(ddof=1)) / len(group), len(group)) for group in (one, other)]
    assert satterthwaite(*errors) == pytest.approx(float(known.df), rel=1e-12)
    told = difference_of_means(one, other, level=0.9, note="")
    peer = known.confidence_interval(0.9)
    assert (told.low, told.high) == pytest.approx((float(peer.low), float(peer.high)), rel=1e-9)
    assert told.value / told.se == pytest.approx(float(known.statistic))


def test_groups_without_spread_or_members() -> None:
    one, other = np.array([4.0, 4.0]), np.array([3.0, 3.0, 3.0])
    same = difference_of_means(one, other, level=0.95, note="nobody")
    assert (same.low, same.high, same.se) == (1, 1, 0)
    assert "no width" in same.notes[0]
    assert math.isnan(difference_of_means(one[:1], other, level=0.95, note="nobody").low)
    assert difference_of_means(one[:0], other, level=0.95, note="nobody").notes == ("nobody",)


def test_the_error_of_a_ratio_is_the_spread_of_many_samples() -> None:
    rng = np.random.default_rng(3)
    under = rng.gamma(4, 1, (2_000, 200))
    over = under * rng.normal(0.5, 0.2, under.shape)
    spread = (over.sum(axis=1) / under.sum(axis=1)).std()
    assert np.mean([ratio_error(*pair) for pair in zip(over, under, strict=True)]) == pytest.approx(spread, rel=0.05)
    assert math.isnan(ratio_error(np.array([1.0]), np.array([2.0])))
    assert math.isnan(ratio_error(np.zeros(2), np.zeros(2)))
