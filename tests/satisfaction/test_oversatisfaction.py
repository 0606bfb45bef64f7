"""Cost and yield of over-satisfaction, and satisfaction by margin (part of feature F42), against SciPy's Welch."""

import math

import numpy as np
import pytest
from scipy import stats

from relmkt.satisfaction._disconfirmation import disconfirmation
from relmkt.satisfaction._oversatisfaction import oversatisfaction, point_yield, satisfaction_by_margin
from relmkt.scales import Scale

TEN = Scale(1, 10)


def customers(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    score = rng.integers(6, 11, 200).astype(float)
    return score, 2 ** (score - 5) + rng.normal(0, 2, 200), 30 + 10 * np.sqrt(score - 5) + rng.normal(0, 6, 200)


@pytest.mark.parametrize("seed", range(3))
def test_each_point_is_compared_with_the_one_below(seed: int) -> None:
    score, cost, margin = customers(seed)
    told = point_yield(score, cost, margin, scale=TEN, level=0.9)
    assert told.steps == ("6 → 7", "7 → 8", "8 → 9", "9 → 10")
    for column, of in ((told.cost, cost), (told.margin, margin), (told.net, margin - cost)):
        peer = stats.ttest_ind(of[score == 9], of[score == 8], equal_var=False).confidence_interval(0.9)
        one = column["8 → 9"]
        assert (one.low, one.high) == pytest.approx((peer.low, peer.high), abs=1e-8), seed
    np.testing.assert_allclose(told.net.value, told.margin.value - told.cost.value)


def test_the_last_point() -> None:
    cost, margin, net = point_yield(*customers(1)).last
    assert net.value == pytest.approx(margin.value - cost.value)
    assert cost.value > margin.value  # as simulated: it costs 16 and brings little
    assert "association" in net.notes[-1]


def test_gaps_and_answers_off_the_scale_are_left_out() -> None:
    told = point_yield([9, 9, 10, 10, 11, 10, None], [1, 1, 2, 4, 9, None, 9], [5] * 7, scale=TEN)
    one = told.cost["9 → 10"]
    assert (one.value, one.n, one.missing, one.invalid) == (2, 4, 3, 1)


def test_one_score_alone_has_no_step() -> None:
    for scores in ([9, 9], [], [None]):
        told = point_yield(scores, [1.0] * len(scores), [1.0] * len(scores))
        assert told.steps == ()
        assert all(math.isnan(one.value) and one.n == 0 for one in told.last)
        assert "association" in str(told)


def test_the_over_satisfied_beside_the_satisfied() -> None:
    felt = disconfirmation([7, 7, 9, 9, 5, 9], [7, 7, 7, 7, 7, None])
    told = oversatisfaction(felt, [1, 3, 6, 8, 50, 50], [10, 12, 14, 12, 50, 50])
    cost, margin, net = told.last
    assert (cost.value, margin.value, net.value) == (5, 2, -3)
    assert (cost.n, cost.missing) == (4, 1)
    peer = stats.ttest_ind([6, 8], [1, 3], equal_var=False).confidence_interval()
    assert (cost.low, cost.high) == pytest.approx((peer.low, peer.high), abs=1e-8)
    assert "satisfied → over-satisfied" in str(told)
    assert "<th>costs</th>" in told._repr_html_()
    nobody = oversatisfaction(disconfirmation([7, 5], [7, 7]), [1, 1], [1, 1]).last[0]
    assert (math.isnan(nobody.value), nobody.n) == (True, 0)


def test_satisfaction_by_margin_band() -> None:
    score, _, margin = customers(2)
    margin[5], score[6] = np.nan, np.nan
    told = satisfaction_by_margin(score, margin, [45, 50], scale=TEN)
    assert told.labels == ("below 45", "45 to 50", "50 and more")
    seen = score[(margin >= 45) & (margin < 50) & ~np.isnan(score)]
    peer = stats.t.interval(0.95, len(seen) - 1, seen.mean(), stats.sem(seen))
    assert (told["45 to 50"].low, told["45 to 50"].high) == pytest.approx(peer, abs=1e-9)
    assert told.n.sum() == 198
    assert told.missing.sum() == 1
    assert told.notes == ("1 without a margin",)


def test_a_margin_at_an_edge_lies_above_it() -> None:
    told = satisfaction_by_margin([5, 7, 12], [49.99, 50.0, 60], [50], scale=TEN)
    assert told.value.tolist() == [5, 7]
    assert told.notes == ("1 scores off the scale",)
    assert told["50 and more"].missing == 1


@pytest.mark.parametrize("edges", [[], [2, 1], [1, 1], [math.nan]])
def test_slips(edges: list[float]) -> None:
    with pytest.raises(ValueError, match="ascend"):
        satisfaction_by_margin([1], [1], edges)
    with pytest.raises(ValueError, match="one shape"):
        point_yield([1, 2], [1], [1])
