"""The satisfaction index: printed figures, respondents with answers left out, groups, fitted weights."""

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.exceptions import FitError
from relmkt.facts import Answer, Visit
from relmkt.portfolio import Portfolio
from relmkt.satisfaction._index import SatisfactionIndex
from relmkt.satisfaction._respondents import steady_sums
from relmkt.scales import Item, Scale

NAMES = ("overall", "expected", "ideal")
ITEMS = Scale(1, 10).items(*NAMES)
PRINTED = [8.2, 7.9, 7.4]


def survey(*rows: tuple[Any, ...]) -> dict[str, list[Any]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(NAMES)}


def test_printed_means() -> None:
    assert SatisfactionIndex(ITEMS, [0.3885, 0.3190, 0.2925]).of_means(PRINTED) == pytest.approx(76.3366667, abs=1e-6)
    # KA-035 above; KA-037: the sum of the weights is taken off, not 3
    assert SatisfactionIndex(ITEMS, [0.6, 0.5, 0.4]).of_means(PRINTED) == pytest.approx(76.5185185, abs=1e-6)
    assert SatisfactionIndex(ITEMS).of_means(PRINTED) == pytest.approx((sum(PRINTED) - 3) / 27 * 100)


@given(st.lists(st.floats(0.01, 9), min_size=3, max_size=3))
def test_the_ends_and_the_middle_whatever_the_weights(weights: list[float]) -> None:
    index = SatisfactionIndex(ITEMS, weights)
    assert [index.of_means([x] * 3) for x in (1, 10, 5.5)] == pytest.approx([0, 100, 50], abs=1e-12)  # KA-038
    assert index.score(survey((1, 1, 1), (10, 10, 10))).value == pytest.approx(50, abs=1e-12)


def test_the_mean_of_respondents_is_the_index_of_means() -> None:
    rng = np.random.default_rng(5)
    told = rng.integers(1, 11, (400, 3))
    index = SatisfactionIndex(ITEMS, [0.6, 0.5, 0.4])
    found = index.score(survey(*told.tolist()))
    assert found.value == pytest.approx(index.of_means(told.mean(axis=0)))
    scores = index.scores(survey(*told.tolist()))
    low, high = stats.t.interval(0.95, 399, scores.mean(), stats.sem(scores))
    assert (found.low, found.high, found.se) == pytest.approx((low, high, stats.sem(scores)))
    assert (found.n, found.method) == (400, "t")
    again = index.score(survey(*told[rng.permutation(400)].tolist()))
    assert again == found  # the order of the rows decides nothing
    tripled = SatisfactionIndex(ITEMS, [1.8, 1.5, 1.2]).score(survey(*told.tolist()))
    assert (tripled.value, tripled.low) == pytest.approx((found.value, found.low))


def test_answers_left_out() -> None:
    index = SatisfactionIndex(ITEMS, [2, 1, 1], answered=2)
    told = survey((10, 10, 10), (10, None, 1), (10, None, None), (None, None, None), (11, 1, 1))
    np.testing.assert_allclose(index.scores(told), [100, 200 / 3, np.nan, np.nan, 0])
    found = index.score(told)
    assert (found.n, found.missing, found.invalid) == (3, 2, 1)
    assert SatisfactionIndex(ITEMS).score(told).n == 4  # one answered item is enough unless more are asked
    empty = index.score(survey((None, 10, None)))
    assert math.isnan(empty.value)
    assert (empty.n, empty.missing) == (0, 1)
    assert empty.notes == ("nobody answered enough of overall, expected, ideal",)
    assert math.isnan(SatisfactionIndex(ITEMS, [1, 0, 0]).score(survey((None, 5, 5))).value)


def test_items_on_several_scales_and_reversed() -> None:
    index = SatisfactionIndex([Item("a", Scale(1, 5)), Item("b", Scale(0, 10), reverse=True)])
    assert index.scores({"a": [5, 1, 3], "b": [0, 10, 5]}).tolist() == [100, 0, 50]
    assert index.of_means([5, 0]) == 100


def test_by_label_with_a_minimum() -> None:
    told = SatisfactionIndex(ITEMS).score(
        survey((10, 10, 10), (1, 1, 1), (10, 10, 1), (12, 1, 1)), by=["Nice", "Nice", "Lyon", "Brest"], least=2
    )
    assert told.labels == ("Brest", "Lyon", "Nice")
    assert told.value == pytest.approx([0, 200 / 3, 50])
    assert told.invalid.tolist() == [1, 0, 0]
    assert told.notes == ("fewer than 2 answers: Brest; Lyon",)


def answered(who: str, month: int, about: str, *scores: float | None) -> list[Answer]:
    at = datetime(2026, month, 3)
    return [Answer(who, at, name, one, about=about) for name, one in zip(NAMES, scores, strict=False)]


FACTS = [
    *answered("ada", 1, "Lyon", 10, 10, 10),
    *answered("ada", 2, "Nice", 1, 1, 1),
    *answered("bob", 1, "Lyon", 1, 1, 1),
    *answered("bob", 2, "Lyon", 10, 10),
    Visit("cleo", datetime(2026, 1, 1), "Lyon"),
]


def test_of_facts_the_newest_answers_count_in_each_group() -> None:
    table, index = FactTable.of(FACTS), SatisfactionIndex(ITEMS)
    assert index.score(table).n == 2
    np.testing.assert_allclose(index.scores(table), [0, 200 / 3, np.nan])  # of ada, bob and cleo
    about = index.score(table, by="about")
    assert about.value == pytest.approx([(100 + 200 / 3) / 2, 0])
    assert about.n.tolist() == [2, 1]
    both = index.score(table, by="about", period="month")
    assert both.labels == ("Lyon, 2026-01", "Lyon, 2026-02", "Nice, 2026-02")
    assert both.value.tolist() == [50, 100, 0]
    rows = table.only(Answer)
    assert index.score(table, by=rows["about"]) == about
    with pytest.raises(ValueError, match="by:"):
        index.score(table, by=["Lyon"])
    with pytest.raises(TypeError, match="period"):
        index.score(survey((1, 1, 1)), period="month")


def first_component(told: Any) -> Any:
    """Of the correlations: the outer weights that PLS gives a single block, but for scale."""
    vector = np.linalg.eigh(np.corrcoef(told[~np.isnan(told).any(axis=1)].T))[1][:, -1]
    return np.abs(vector)


def test_fitted_weights_have_the_interval_of_a_bootstrap() -> None:
    rng = np.random.default_rng(6)
    common = rng.normal(7, 2, (150, 1))
    told = np.clip(np.rint(common + rng.normal(0, [0.5, 1, 2], (150, 3))), 1, 10).tolist()
    index = SatisfactionIndex(ITEMS, first_component)
    found = index.score(survey(*told), rng=np.random.default_rng(7), resamples=300)
    fixed = SatisfactionIndex(ITEMS, first_component((np.array(told) - 1) / 9 * 100)).score(survey(*told))
    assert found.value == pytest.approx(fixed.value)
    assert found.method == "bootstrap"
    assert (found.low, found.high) == pytest.approx((fixed.low, fixed.high), abs=1.5)
    assert found == index.score(survey(*told), rng=np.random.default_rng(7), resamples=300)
    assert index.scores(survey(*told)).mean() == pytest.approx(found.value)
    halves = index.score(survey(*told), by=[0] * 75 + [1] * 75, rng=np.random.default_rng(7), resamples=9)
    own = index.score(survey(*told[:75]), rng=np.random.default_rng(7), resamples=9)
    assert halves["0"].value == own.value
    with pytest.raises(ValueError, match="rng"):
        index.score(survey(*told))
    with pytest.raises(ValueError, match="means"):
        index.of_means(PRINTED)


@pytest.mark.parametrize("weights", [[-1, 1, 1], [0, 0, 0], [1, 1], [1, 1, math.nan]])
def test_weights_that_weigh_nothing(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        SatisfactionIndex(ITEMS, weights)
    with pytest.raises(FitError):
        SatisfactionIndex(ITEMS, lambda _: weights).score(survey((1, 2, 3)), rng=np.random.default_rng(1))


def test_slips() -> None:
    for wrong in ({"items": []}, {"items": [*ITEMS, ITEMS[0]]}, {"items": ITEMS, "answered": 4}):
        with pytest.raises(ValueError, match=r"items|answered"):
            SatisfactionIndex(**wrong)
    with pytest.raises(ValueError, match="means"):
        SatisfactionIndex(ITEMS).of_means([1, 2])


def test_many_items_are_scored_without_a_table_of_patterns() -> None:
    rng = np.random.default_rng(9)
    items = Scale(1, 7).items(*(f"i{k}" for k in range(12)))
    told = rng.integers(0, 8, (500, 12)).astype(float)  # 0 is invalid
    columns = {item.name: told[:, place] for place, item in enumerate(items)}
    by = np.array(["a", "b"])[rng.integers(0, 2, 500)]
    found = SatisfactionIndex(items).score(columns, by=by)
    wanted = np.nanmean(np.where(told == 0, np.nan, (told - 1) / 6 * 100), axis=1)
    for label in "ab":
        own = wanted[by == label]
        assert found[label].value == pytest.approx(own.mean())
        assert found[label].se == pytest.approx(stats.sem(own))
        assert found[label].invalid == (told[by == label] == 0).sum()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.randoms(use_true_random=False))
@example([5e-324], random.Random(4))
def test_steady_sums_do_not_know_the_order(told: list[float], chance: random.Random) -> None:
    shuffled = chance.sample(told, len(told))
    place = np.zeros(len(told), np.int64)
    one, other = steady_sums(place, np.array(told), 1), steady_sums(place, np.array(shuffled), 1)
    assert one[0] == other[0]
    assert one[0] == pytest.approx(math.fsum(told), abs=1e-6)


@pytest.mark.parametrize("weights", [None, [2, 1, 0]])
def test_one_customer_has_the_score_that_everyone_is_given(weights: list[float] | None) -> None:
    index = SatisfactionIndex([*ITEMS[:2], Item("ideal", Scale(1, 10), reverse=True)], weights, answered=2)
    draws = np.random.default_rng(3)
    told = [
        Answer(
            f"c{draws.integers(8)}", datetime(2026, 3, day), item.name, float(draws.integers(0, 11)), id=f"{day}-{n}"
        )
        for day in range(1, 20)
        for n, item in enumerate(draws.choice(np.array(index.items, object), 2))
    ]
    base = Portfolio(told, at=datetime(2026, 3, 15))
    found = base.ask(index.measure)
    assert found.tolist() == pytest.approx(index.scores(base.facts(Answer)).tolist(), nan_ok=True)
    one_by_one = [
        Customer.of(who, [f for f in told if f.subject == who], at=base.at).ask(index.measure) for who in base.ids
    ]
    np.testing.assert_array_equal(found, one_by_one)
    assert 0 < np.isnan(found).sum() < len(found)
    with pytest.raises(ValueError, match="fitted ones depend on the base"):
        _ = SatisfactionIndex(ITEMS, lambda told: [1, 1, 1]).measure
