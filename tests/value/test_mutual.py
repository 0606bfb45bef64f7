"""Value to the firm beside value to the customer: by hand, against plain formulas, and never as one figure."""

import numpy as np
import pytest
from scipy import stats

from relmkt.estimate import Estimate
from relmkt.value._customers._mutual import MutualProfit, margin_by_satisfaction

NAN = np.nan


def mutual(firm, benefits, costs, **more):
    return MutualProfit([f"c{i}" for i in range(len(firm))], firm, benefits=benefits, costs=costs, **more)


def test_four_quadrants_and_the_unknown():
    both = mutual([1, 1, -1, -1, NAN, 1, 0], [5, 1, 5, 1, 5, NAN, 2], [2, 2, 2, 2, 2, 2, 2])
    assert both.quadrant.tolist() == [
        "mutual", "firm alone", "customer alone", "neither", "unknown", "unknown", "neither",
    ]  # fmt: skip
    assert both.counts == {"mutual": 1, "firm alone": 1, "customer alone": 1, "neither": 2, "unknown": 2}
    assert both.shares["neither"].value == 0.4
    wilson = stats.binomtest(2, 5).proportion_ci(method="wilson")
    assert (both.shares["neither"].low, both.shares["neither"].high) == pytest.approx(tuple(wilson))
    assert mutual([40.0], [5], [2], firm_cut=50.0).quadrant.tolist() == ["customer alone"]
    assert mutual([40.0], [5], [2], customer_cut=3.0).quadrant.tolist() == ["firm alone"]


def test_perceived_value_by_total_cost_is_a_ratio_of_sums():
    both = mutual([0, 0], [80, 60], [100, 40])
    assert both.base_ratio.value == pytest.approx(1.0, abs=1e-12)  # KA-005
    assert both.ratio.mean() == pytest.approx(1.15, abs=1e-12)  # KA-005: the mean of ratios, which is not the base's
    assert np.isnan(both.base_ratio.low)
    free = mutual([0, 0], [80, 60], [0, 40])
    assert np.isnan(free.ratio[0])
    assert (free.base_ratio.value, free.base_ratio.n, free.base_ratio.missing) == (1.5, 1, 1)


def test_the_ratio_of_sums_covers():
    def one(seed):
        rng = np.random.default_rng(seed)
        cost = rng.uniform(20, 100, 150)
        return mutual(cost, 1.3 * cost + rng.normal(0, 15, 150), cost).base_ratio

    hits = np.mean([(e.low <= 1.3) & (e.high >= 1.3) for e in map(one, range(300))])
    assert 0.91 <= hits <= 0.98, "seeds 0 to 299"


def test_both_sides_keep_their_unit_and_there_is_no_total():
    both = mutual([10.0, 30.0, NAN], [8, 6, 7], [6, 6, 6], firm_unit="EUR")
    assert (both.to_firm.value, both.to_firm.n, both.to_firm.missing) == (20, 2, 1)
    assert (both.to_customer.value, both.to_customer.n) == (1, 3)
    assert "to the firm, EUR: 20" in str(both)
    assert "to the customer, points: 1" in str(both)
    assert not {name for name in dir(both) if "total" in name or "sum" in name or name == "__add__"}


def test_nobody_asked_is_unknown():
    none = mutual([], [], [])
    assert np.isnan(none.to_firm.value)
    assert np.isnan(none.shares.value).all()
    assert none.base_ratio.notes
    with pytest.raises(ValueError, match="one entry a customer"):
        mutual([1.0], [1, 2], [1])


def test_mean_margin_by_satisfaction_group():
    scores, margins = [9, 9, 8, 4, 4, NAN, 10, 1], [30, 50, 10, 20, 10, 99, NAN, 7]
    found = margin_by_satisfaction(scores, margins, {"low": (2, 6), "high": (7, 10), "none": (11, 12)})
    assert found["low"].value == 15
    assert found["high"].value == 30
    interval = stats.t.interval(0.95, 2, 30, stats.sem([30, 50, 10]))
    assert (found["high"].low, found["high"].high) == pytest.approx(interval)
    assert found["none"].n == 0
    assert np.isnan(found["none"].value)
    assert found.notes == ("3 of 8 without a score, a margin or a group",)
    assert margin_by_satisfaction(scores, margins).labels == ("1", "4", "8", "9")


def test_estimates_are_matched_by_customer():
    scores = Estimate([9, 4, 9], labels=["ada", "bob", "cyd"])
    margins = Estimate([10.0, 40.0], labels=["bob", "ada"])
    found = margin_by_satisfaction(scores, margins)
    assert (found["9"].value, found["9"].n, found["4"].value) == (40, 1, 10)
    assert found.notes == ("1 of 3 without a score, a margin or a group",)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="one entry a customer"):
        margin_by_satisfaction([1, 2], [1])
    with pytest.raises(ValueError, match="one group"):
        margin_by_satisfaction([1, 2], [1, 2], {"a": (1, 2), "b": (2, 3)})
    with pytest.raises(ValueError, match="lower bound"):
        margin_by_satisfaction([1, 2], [1, 2], {"a": (2, 1)})


def test_the_group_means_cover():
    def one(seed):
        rng = np.random.default_rng(seed)
        score = rng.integers(1, 11, 200)
        return margin_by_satisfaction(score, 5.0 * score + rng.normal(0, 20, 200))["8"]

    hits = np.mean([(e.low <= 40) & (e.high >= 40) for e in map(one, range(300))])
    assert 0.91 <= hits <= 0.98, "seeds 0 to 299"
