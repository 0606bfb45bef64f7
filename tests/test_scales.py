"""Scales, items and constructs: scoring against definitions, SciPy's t, and the two sights of one truth."""

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given as given_
from hypothesis import strategies as st
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.customers import Customer, Folding
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Answer, Visit
from relmkt.portfolio import Portfolio
from relmkt.scales import Answered, Construct, Item, Scale, given, mean_estimate, student

SEVEN = Scale(1, 7)
CARE = Construct("care", [*SEVEN.items("c1", "c2"), Item("c3", SEVEN, reverse=True)])
AT = datetime(2026, 7, 1)


def test_reverse_items_are_scored_from_the_other_end() -> None:
    assert Item("a", SEVEN, reverse=True).scored(2) == 6  # KA-049
    assert Item("b", Scale(0, 10), reverse=True).scored(3) == 7
    assert Item("c", SEVEN).scored(2) == 2


@given_(st.integers(-5, 5), st.integers(1, 10), st.integers(0, 10))
def test_reversing_twice_is_the_identity(low: int, width: int, step: int) -> None:
    item = Item("x", Scale(low, low + width), reverse=True)
    value = low + step % (width + 1)
    assert item.scored(item.scored(value)) == value
    assert item.scale.holds(item.scored(value))


def test_only_whole_numbers_on_the_scale_are_answers() -> None:
    told = [0, 1, 7, 8, 3.5, math.nan, math.inf, -math.inf]
    valid = [False, True, True, False, False, False, False, False]
    assert SEVEN.valid(told).tolist() == valid
    assert [SEVEN.holds(value) for value in told] == valid
    assert SEVEN.valid([[1, 9], [2, 0]]).tolist() == [[True, False], [True, False]]


@pytest.mark.parametrize(
    "ends, error", [((7, 1), ValueError), ((3, 3), ValueError), ((1, 7.5), TypeError), ((False, 7), TypeError)]
)
def test_a_scale_runs_upwards_in_whole_numbers(ends: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        Scale(*ends)


def test_labels_name_steps_of_the_scale() -> None:
    scale = Scale(1, 3, labels={3: "much", 1: "little"})
    assert [scale.label(step) for step in (0, 1, 2, 2.5, 3)] == ["", "little", "", "", "much"]
    assert scale == Scale(1, 3, labels={1: "little", 3: "much"})
    assert hash(scale) == hash(Scale(1, 3, labels={1: "little", 3: "much"}))
    with pytest.raises(ValueError, match="not on the scale"):
        Scale(1, 3, labels={4: "more"})


def test_an_item_has_a_name() -> None:
    with pytest.raises(ValueError, match="name"):
        Item("", SEVEN)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 10, 29, 30, 120, 199, 200, 201, 500, 10_000, 10_000_000])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99, 0.999])
def test_student_is_scipys(level: float, freedom: int) -> None:
    assert student(level, freedom) == pytest.approx(stats.t.ppf((1 + level) / 2, freedom), rel=1e-9)


def test_the_mean_has_students_interval() -> None:
    values = np.array([31.0, 44, 38, 29, 51, 40, 33])
    told = mean_estimate(values, level=0.9, note="nobody")
    low, high = stats.t.interval(0.9, 6, values.mean(), stats.sem(values))
    assert (told.value, told.low, told.high) == pytest.approx((values.mean(), low, high))
    assert (told.se, told.n, told.method) == (pytest.approx(stats.sem(values)), 7, "t")


def test_the_published_interval_of_a_mean() -> None:
    shape = np.array([-1, 1] * 5) * math.sqrt(0.9)  # mean 0, sample standard deviation 1
    told = mean_estimate(38.3 + 8.14 * shape, level=0.95, note="")  # KA-031
    assert (told.se, told.low, told.high) == pytest.approx((2.574094, 32.47699, 44.12301), abs=1e-5)


def test_one_respondent_has_a_mean_and_no_interval() -> None:
    told = mean_estimate(np.array([4.0]), level=0.95, note="")
    assert (told.value, told.n) == (4.0, 1)
    assert np.isnan([told.low, told.high, told.se]).all()


def test_scores_are_means_of_the_answered_items() -> None:
    survey = {"c1": [7, 1, None, 4, 9], "c2": [5, 1, 6, None, 6], "c3": [2, 7, None, None, 1]}
    told = CARE.scores(survey)
    np.testing.assert_array_equal(told, [(7 + 5 + 6) / 3, 1, math.nan, math.nan, 6.5])


@pytest.mark.parametrize(
    "answered, told", [(0.01, [6, 5.5, 5]), (0.5, [math.nan, 5.5, 5]), (1, [math.nan, math.nan, 5])]
)
def test_how_many_items_have_to_be_answered_is_an_argument(answered: float, told: list[float]) -> None:
    construct = Construct("x", SEVEN.items("a", "b", "c"), answered=answered)
    survey = {"a": [6, 6, 6], "b": [None, 5, 5], "c": [None, None, 4]}
    np.testing.assert_array_equal(construct.scores(survey), told)


def test_half_of_the_items_is_enough() -> None:
    pair = Construct("pair", SEVEN.items("a", "b"))
    np.testing.assert_array_equal(pair.scores({"a": [6, None], "b": [None, None]}), [6, math.nan])


def test_arrays_rows_and_frames_say_the_same() -> None:
    rows = [{"c1": 7, "c2": 5, "c3": 2}, {"c1": 3, "c2": None, "c3": 4}, {"c1": None, "c2": 9, "c3": None}]
    columns = {name: [row[name] for row in rows] for name in ("c1", "c2", "c3")}
    arrays = {name: np.array([math.nan if v is None else v for v in told]) for name, told in columns.items()}
    expected = CARE.scores(columns)
    assert expected.tolist()[:2] == [6, 3.5]
    for answers in (rows, arrays, pd.DataFrame(columns), pl.DataFrame(columns), pl.DataFrame(columns).lazy()):
        np.testing.assert_array_equal(CARE.scores(answers), expected)
        assert CARE.score(answers).invalid == 1


def test_text_is_read_and_what_is_no_number_is_invalid() -> None:
    found = given({"a": ["7", " ", "", None, "seven", "nan", True, "8"]}, SEVEN.items("a"))
    assert found.valid.ravel().tolist() == [True, *[False] * 7]
    assert found.invalid == 4  # seven, nan, True, 8: there, and no answers on this scale


def test_the_score_of_a_base() -> None:
    told = CARE.score({"c1": [7, 1, None, 9], "c2": [5, 1, 6, 11], "c3": [2, 7, None, 1]})
    values = np.array([6.0, 1.0])
    assert (told.value, told.n, told.missing, told.invalid) == (values.mean(), 2, 2, 2)
    assert told.low == pytest.approx(stats.t.interval(0.95, 1, 3.5, stats.sem(values))[0])


def test_nobody_is_nan_with_a_reason() -> None:
    told = CARE.score({"c1": [None], "c2": [8], "c3": [None]})
    assert math.isnan(told.value)
    assert (told.n, told.missing, told.invalid) == (0, 1, 1)
    assert "care" in told.notes[0]
    assert CARE.score({"c1": [], "c2": [], "c3": []}).n == 0


def test_an_item_without_its_column_is_an_error() -> None:
    with pytest.raises(InvalidFactError, match="c2"):
        CARE.scores({"c1": [1], "c3": [1]})


@pytest.mark.parametrize(
    "items, answered, words",
    [
        ([], 0.5, "at least one"),
        (SEVEN.items("a", "a"), 0.5, "name of its own"),
        ([Item("a", SEVEN), Item("b", Scale(1, 10))], 0.5, "several scales"),
        (SEVEN.items("a"), 0, "share"),
        (SEVEN.items("a"), 1.5, "share"),
    ],
)
def test_a_construct_is_checked(items: list[Item], answered: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Construct("x", items, answered=answered)


answers = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob", "cleo"]),
        st.integers(1, 28),
        st.sampled_from(["c1", "c2", "c3", "other"]),
        st.sampled_from([None, 0, 1, 2, 3.5, 4, 7, 8]),
    ),
    max_size=25,
)


@given_(answers)
def test_one_by_one_is_for_everyone(told: list[tuple[str, int, str, float | None]]) -> None:
    """`scores` of the facts, the measure of one customer and the measure of all are the same numbers."""
    facts = [
        Answer(who, datetime(2026, 6, day), item, score, id=f"{n}") for n, (who, day, item, score) in enumerate(told)
    ]
    facts += [Visit("dan", datetime(2026, 6, 1))]  # type: ignore[list-item]
    base = Portfolio(facts, at=AT)
    many = base.ask(CARE.measure)
    one = [Customer.of(who, [f for f in facts if f.subject == who]).ask(CARE.measure) for who in base.ids.tolist()]
    np.testing.assert_array_equal(many, one)
    np.testing.assert_array_equal(CARE.scores(base.facts(Answer)), many)
    assert CARE.score(base.facts(Answer)).n == np.count_nonzero(~np.isnan(many))


def test_subjects_who_were_never_asked_are_not_missing() -> None:
    facts = [
        Answer("ada", AT, "c1", 5, id="1"),
        Answer("ada", AT, "c2", 5, id="2"),
        Answer("bob", AT, "c1", None, id="3"),
    ]
    told = CARE.score(FactTable.of([*facts, Visit("cleo", AT)]))
    assert (told.n, told.missing) == (1, 1)


def test_the_newest_answer_counts() -> None:
    facts = [
        Answer("ada", datetime(2026, 6, day), item, score)
        for day, item, score in [(3, "c1", 7), (1, "c1", 1), (1, "c2", 5), (2, "c3", 1)]
    ]
    assert Customer.of("ada", facts).ask(CARE.measure) == (7 + 5 + 7) / 3
    assert CARE.scores(FactTable.of(facts)).tolist() == [(7 + 5 + 7) / 3]


def test_a_rule_on_a_measure_is_unknown_without_answers() -> None:
    rule = CARE.measure >= 5
    assert int(Customer.of("ada", []).ask(rule)) == 1
    assert str(rule) == "care >= 5"


def test_the_facet_passes_over_what_it_does_not_know() -> None:
    facet = Answered(tuple(SEVEN.items("a")))
    assert facet.after(Visit("ada", AT)) is facet
    assert facet.after(Answer("ada", AT, "b", 3)) is facet
    assert facet.after(Answer("ada", AT, "a", 3)).newest == (3,)


def test_the_facet_comes_back_from_a_snapshot() -> None:
    folding = Folding(CARE.measure.facets())
    ada = Customer.folded("ada", (("ada", Answer("ada", AT, "c3", 2.0)),), folding)
    told = json.loads(json.dumps(folding.plain(ada.states)))
    assert folding.read(told) == ada.states
    other = Folding(Construct("care", CARE.items, answered=1).measure.facets())
    assert other.shape != folding.shape  # another rule is another snapshot
