"""SERVQUAL and SERVPERF: gaps by dimension, the mean of dimensions, weights, against printed figures and SciPy."""

import math

import numpy as np
import pandas as pd
import pytest
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Answer
from relmkt.satisfaction._service_score import service_gap
from relmkt.satisfaction._servqual import SERVQUAL_LAYOUT, service_items, servperf, servqual, servqual_by
from relmkt.scales import Item, Scale

PRINTED = [-0.65, -1.10, -0.83, -0.70, -1.01]
SEVEN = Scale(1, 7)
TWO = {"care": SEVEN.items("c1", "c2"), "speed": SEVEN.items("s1")}


def sides(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(1, 8, (n, 22)).astype(float), rng.integers(3, 8, (n, 22)).astype(float)


def test_the_printed_gap() -> None:
    assert service_gap(PRINTED) == pytest.approx(-0.858, abs=1e-12)  # KA-039


@pytest.mark.parametrize("times", [1, 100])
def test_the_weighted_gap(times: int) -> None:
    weights = times * np.array([0.11, 0.32, 0.22, 0.19, 0.16])
    assert service_gap(PRINTED, weights) == pytest.approx(-0.9007, abs=1e-12)  # KA-040


def test_the_whole_is_the_mean_of_dimensions_not_of_items() -> None:
    expected = np.full((3, 22), 5.0)
    perceived = expected.copy()
    perceived[:, :4] -= 1
    found = servqual(perceived, expected)  # F34
    assert found.overall.value == pytest.approx(-0.2, abs=1e-12)  # KA-041
    assert found.gap.items.value.mean() == pytest.approx(-0.1818182, abs=1e-7)
    assert found.dimensions.value.tolist() == [-1, 0, 0, 0, 0]
    assert not found.weighted.n
    assert math.isnan(found.weighted.value)


def test_the_layout_has_22_items_without_wordings() -> None:
    assert sum(SERVQUAL_LAYOUT.values()) == 22
    assert not any(item.wording for items in service_items().values() for item in items)


def test_paired_intervals_by_dimension() -> None:
    perceived, expected = sides(40, 5)
    found = servqual(perceived, expected, level=0.9)
    start = 0
    for name, k in SERVQUAL_LAYOUT.items():
        one, other = (side[:, start : start + k].mean(axis=1) for side in (perceived, expected))
        told = stats.ttest_rel(one, other)
        low, high = told.confidence_interval(0.9)
        assert found.dimensions[name].value == pytest.approx((one - other).mean())
        assert (found.dimensions[name].low, found.dimensions[name].high) == pytest.approx((low, high))
        start += k
    assert found.overall.value == pytest.approx(found.dimensions.value.mean())
    both = found.perceived.dimensions.value - found.expected.dimensions.value
    assert both == pytest.approx(found.dimensions.value)
    assert found.chart["low"] == pytest.approx(found.dimensions.low)


def test_each_respondent_allots_points() -> None:
    perceived, expected = sides(30, 6)
    points = np.random.default_rng(7).multinomial(100, [0.2] * 5, 30).astype(float)
    points[0] = np.nan
    points[1] += 1  # sums to 105: no weights, and not rescaled in silence
    found = servqual(perceived, expected, weights=points)
    starts = np.cumsum([0, *list(SERVQUAL_LAYOUT.values())[:-1]])
    sizes = np.array(list(SERVQUAL_LAYOUT.values()))
    gaps = np.add.reduceat(perceived - expected, starts, axis=1) / sizes
    own = (gaps * points / 100).sum(axis=1)[2:]
    assert found.weighted.value == pytest.approx(own.mean())
    assert (found.weighted.n, found.weighted.missing) == (28, 2)
    assert found.weighted.low == pytest.approx(stats.ttest_1samp(own, 0).confidence_interval().low)
    assert "2 respondents without weights" in found.weighted.notes[-1]
    assert found.gap.shares == pytest.approx(points[2:].mean(axis=0) / 100)


def test_a_pair_needs_both_sides_and_invalid_is_counted() -> None:
    was = {"c1": [4, 8, 5], "c2": [4, 3, None], "s1": [7, 0, None]}
    wish = {"c1": [6, 6, 5], "c2": [None, 6, 7], "s1": [6, 6, 6]}
    found = servqual(was, wish, dimensions=TWO)
    assert found.dimensions["care"].value == pytest.approx((-2 - 3 + 0) / 3)
    assert (found.dimensions["speed"].value, found.dimensions["speed"].n) == (1, 1)
    assert found.dimensions["speed"].missing == 2
    both = found.perceived.dimensions.value - found.expected.dimensions.value
    assert both == pytest.approx(found.dimensions.value)  # of the same pairs
    assert servqual(pd.DataFrame(was), pd.DataFrame(wish), dimensions=TWO).overall == found.overall
    assert (found.overall.invalid, found.overall.n) == (2, 1)
    assert servqual(was, wish, dimensions=TWO, answered=1).dimensions["care"].n == 0


def test_reversed_items_are_reversed_on_both_sides() -> None:
    one = {"care": [Item("c1", SEVEN, reverse=True)]}
    assert servqual({"c1": [6, 6]}, {"c1": [2, 2]}, dimensions=one).overall.value == -4
    assert servperf({"c1": [6, 6]}, dimensions=one).overall.value == 2


def test_a_dimension_without_items_is_unknown_and_so_is_the_whole() -> None:
    found = servqual({"s1": [5, 4]}, {"s1": [6, 6]}, dimensions={"speed": TWO["speed"], "care": []})
    assert math.isnan(found.dimensions["care"].value)
    assert (found.overall.n, found.overall.notes) == (0, ("nobody has a score in every dimension",))
    assert found.dimensions["speed"].value == -1.5


def test_nobody_and_one() -> None:
    none = servqual({"s1": []}, {"s1": []}, dimensions={"speed": TWO["speed"]})
    assert (none.overall.n, math.isnan(none.overall.value)) == (0, True)
    one = servqual({"s1": [4]}, {"s1": [6]}, dimensions={"speed": TWO["speed"]})
    assert one.overall.value == -2
    assert math.isnan(one.overall.low)


def test_by_month() -> None:
    perceived, expected = sides(30, 8)
    months = np.array(["2026-02", "2026-01", "2026-03"] * 10)
    found = servqual_by(perceived, expected, months)
    assert list(found) == ["2026-01", "2026-02", "2026-03"]
    rows = months == "2026-02"
    assert found["2026-02"].overall == servqual(perceived[rows], expected[rows]).overall
    with pytest.raises(ValueError, match="30 respondents need as many labels"):
        servqual_by(perceived, expected, ["a"])


def test_facts_hold_both_sides() -> None:
    told = [("ada", "s1", 4), ("ada", "w1", 6), ("bob", "s1", 5), ("eve", "w1", 7)]
    facts = [Answer(who, datetime(2026, 3, 3), item, score, id=f"{who}{item}") for who, item, score in told]
    table = FactTable.of(facts)
    asked, wished = {"speed": SEVEN.items("s1")}, {"speed": SEVEN.items("w1")}
    found = servqual(table, table, dimensions=asked, expectations=wished)
    assert (found.overall.value, found.overall.n, found.overall.missing) == (-2, 1, 2)
    apart = servqual(FactTable.of(facts[::2]), FactTable.of(facts[1::2]), dimensions=asked, expectations=wished)
    assert apart.overall == found.overall  # customers are matched by id


def test_answers_about_several_things_are_told() -> None:
    facts = [Answer(who, datetime(2026, 3, 3), "s1", 4, about=place) for who, place in [("a", "Lyon"), ("b", "Nice")]]
    found = servperf(FactTable.of(facts), dimensions={"speed": TWO["speed"]})
    assert "2 things together" in found.overall.notes[0]
    apart = servperf(FactTable.of(facts).only(Answer, about="Lyon"), dimensions={"speed": TWO["speed"]})
    assert (apart.overall.n, apart.overall.notes) == (1, ())


def test_servperf() -> None:
    perceived, _ = sides(20, 9)
    found = servperf(perceived, weights=[20, 20, 20, 20, 20])
    assert found.weighted.value == pytest.approx(found.overall.value)
    assert found.dimensions["tangibles"].value == pytest.approx(perceived[:, :4].mean())
    assert "weighted" in str(found)


@pytest.mark.parametrize(
    "was, wish, options, match",
    [
        (np.ones((2, 21)), np.ones((2, 22)), {}, "answers: expected shape"),
        (np.ones((2, 22)), np.ones((3, 22)), {}, "the same respondents"),
        (np.ones((2, 22)), np.ones((2, 22)), {"weights": [1, 1, 1, 1, 1]}, "sum to 1 or to 100"),
        (np.ones((2, 22)), np.ones((2, 22)), {"weights": [120, -20, 0, 0, 0]}, "sum to 1 or to 100"),
        (np.ones((2, 22)), np.ones((2, 22)), {"weights": [0.5, 0.5]}, "expected shape"),
        (np.ones((2, 3)), np.ones((2, 3)), {"dimensions": TWO, "expectations": {"care": []}}, "as many items"),
        (np.ones((2, 0)), np.ones((2, 0)), {"dimensions": {"care": []}}, "at least one with items"),
    ],
)
def test_slips(was: np.ndarray, wish: np.ndarray, options: dict, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        servqual(was, wish, **options)


def test_mixed_scales_and_lost_columns() -> None:
    mixed = {"a": SEVEN.items("a1"), "b": Scale(1, 5).items("b1")}
    with pytest.raises(ValueError, match="several scales"):
        servperf({"a1": [1], "b1": [1]}, dimensions=mixed)
    with pytest.raises(ValueError, match="another scale"):
        servqual(
            {"s1": [1]}, {"s1": [1]}, dimensions={"s": SEVEN.items("s1")}, expectations={"s": [Item("s1", Scale(1, 5))]}
        )
    with pytest.raises(InvalidFactError):
        servperf({"c1": [1]}, dimensions=TWO)
