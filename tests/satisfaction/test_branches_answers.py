"""Answers that are few, odd or off their scale: what each question of the chapter then says, and how it shows it."""

import math
from typing import Any

import numpy as np
import pytest

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Answer
from relmkt.satisfaction import (
    GlobalCost,
    SatisfactionIndex,
    SurveyRequested,
    ValueKind,
    disconfirmation,
    dispositions,
    drivers,
    effective_size,
    expectation_table,
    importance_performance,
    nps,
    oliver_model,
    point_yield,
    poststratified,
    poststratify,
    rake,
    recovery_effect,
    recovery_paradox,
    repairs,
    rescored,
    response_rate,
    servqual,
    share_sample_size,
    standing_answers,
    wave_contrast,
)
from relmkt.scales import Item, Scale
from relmkt.windows import Instant, days

DAY = Instant("2026-03-01T00:00:00Z")
TEN = Scale(1, 10)
STAY = Item("stay", TEN)


def told(who: str, day: int, score: float | None, **more: Any) -> Answer:
    return Answer(who, DAY + days(day), "stay", score, **more)


@pytest.mark.parametrize("sort", ["int8", "int64"])
def test_whole_numbers_off_the_scale_are_invalid_however_they_are_stored(sort: str) -> None:
    answers = np.array([9, 10, 0, 11, -1, 100], sort)
    found = nps(answers)
    assert (found.n, found.invalid, found.missing) == (3, 3, 0)
    assert found.value == pytest.approx(nps([9, 10, 0]).value)


def test_the_index_counts_whole_numbers_off_the_scale_as_it_does_others() -> None:
    index = SatisfactionIndex(TEN.items("overall", "expected"))
    told = {"overall": [10, 0, 7, 11, -300], "expected": [9, 6, 128, 9, 0]}
    plain = index.score({name: np.array(scores, np.float64) for name, scores in told.items()})
    for sort in ("int16", "int64"):
        found = index.score({name: np.array(scores, sort) for name, scores in told.items()})
        assert (found.value, found.n, found.missing, found.invalid) == (plain.value, 4, 1, 5)


def test_an_expectation_of_a_cube_of_answers_is_refused() -> None:
    cube = np.ones((2, 2, 2))
    with pytest.raises(ValueError, match=r"^perceived: expected shape"):
        disconfirmation(cube, cube, tolerance=0)
    with pytest.raises(ValueError, match=r"^weights: are of attributes"):
        disconfirmation([1, 2], [1, 2], tolerance=0, weights=[1])
    for weights in ([1.0], [0, 0], [-1, 2], [math.nan, 1]):
        with pytest.raises(ValueError, match=r"^weights: expected 2 finite numbers"):
            disconfirmation(np.ones((3, 2)), np.ones((3, 2)), tolerance=0, weights=weights)


def test_an_answer_off_the_scale_is_neither_a_low_score_nor_the_next_one() -> None:
    facts = [told("ada", 0, 2), told("ada", 3, 99), told("ada", 4, None), told("ada", 9, 8), told("bob", 1, 0)]
    found = rescored(FactTable.of(facts), item=STAY, limit=4, within=days(30))
    assert (found.before.tolist(), found.after.tolist()) == ([2.0], [8.0])


def test_the_next_answer_counts_up_to_the_last_moment_of_the_wait() -> None:
    facts = [told("ada", 0, 4), told("ada", 30, 8)]
    for within, after in ((30, [8.0]), (29, [math.nan])):
        found = rescored(FactTable.of(facts), item=STAY, limit=4, within=days(within))
        np.testing.assert_equal(found.after, after)  # the limit itself is low


def test_who_was_recovered_and_who_was_not_are_counted_apart() -> None:
    before, after = [2, 3, 2, 3, 1], [8, 7, 4, 3, math.nan]
    found = recovery_effect(before, after, [True, True, False, False, False])
    assert found.n.tolist() == [2, 2, 4]
    assert found.missing.tolist() == [0, 1, 1]
    assert found.value == pytest.approx([5.0, 1.0, 4.0])
    turned = recovery_effect(before, after, [False, False, True, True, True])
    assert turned.value == pytest.approx([1.0, 5.0, -4.0])
    for wrong in ([True], [[True] * 5]):
        with pytest.raises(ValueError, match=r"^before, after, recovered"):
            recovery_effect(before, after, wrong)


def test_the_paradox_is_worded_by_where_the_interval_lies() -> None:
    high, low = [9, 9, 10, 9, 10], [2, 3, 2, 3, 2]
    assert recovery_paradox(high, low).notes[0] == "the recovered score higher: the paradox is seen here"
    assert recovery_paradox(low, high).notes[0] == "no paradox: the recovered score lower"
    assert recovery_paradox(high, high).notes[0] == "no paradox shown: the interval holds zero"
    assert recovery_paradox([9], [2]).notes[0] == "no interval: nothing is shown"
    assert recovery_paradox([], low).n == 0
    with pytest.raises(ValueError, match=r"^recovered: expected one value a respondent"):
        recovery_paradox([[9]], low)


def test_tables_and_sums_show_what_they_are() -> None:
    table = expectation_table({ValueKind.IMAGE: [8, 6]}, {ValueKind.IMAGE: [6, 6]})
    assert repr(table) == "<ExpectationTable of 1 lines>"
    assert repr(point_yield([9, 10, 10], [5, 9, 11], [40, 43, 45])) == "<CostAndYield of 1 steps>"
    assert repr(GlobalCost(price=[1.0], effort=[2.0], unit="euros")) == "<GlobalCost in euros: price, effort>"
    dimensions = {"care": TEN.items("q1"), "room": TEN.items("q2")}
    gaps = servqual({"q1": [3, 4], "q2": [5, 5]}, {"q1": [5, 5], "q2": [4, 5]}, dimensions=dimensions)
    assert str(gaps) == str(gaps.gap)
    sent = SurveyRequested("ada", DAY, "stay", ("stay",), within=days(14), about="Lyon")
    assert str(sent) == "survey stay about Lyon, until 2026-03-15T00:00:00+00:00"
    assert str(SurveyRequested("ada", DAY, "stay", ("stay",), within=days(14))).startswith("survey stay, until 2026-03")


def test_olivers_line_is_read_by_the_name_of_what_it_rests_on() -> None:
    found = disconfirmation([6, 8, 7, 5, 9], [7, 7, 6, 6, 8], tolerance=0)
    told = oliver_model([5, 9, 7, 4, 9.5], found.expected, found)
    x = np.column_stack([np.ones(5), [7, 7, 6, 6, 8], [-1, 1, 1, -1, 1]])
    known = np.linalg.lstsq(x, np.array([5, 9, 7, 4, 9.5]), rcond=None)[0]
    assert told["disconfirmation"].value == pytest.approx(known[2])
    assert str(told).splitlines()[-1] == f"R² {told.r_squared:.2f}"
    assert repr(told) == "<Regression on constant, expectation, disconfirmation>"


def test_with_a_single_draw_nothing_is_drawn_again() -> None:
    rng = np.random.default_rng(1)
    survey = rng.integers(1, 11, (12, 3)).astype(float)
    items = TEN.items("a", "b")
    for again in (0, 1):
        with pytest.raises(ValueError, match=r"^resamples: expected 2 or more"):
            importance_performance(
                survey, items, importance="correlation", overall=STAY, cut="median", rng=rng, resamples=again
            )
        with pytest.raises(ValueError, match=r"^resamples: expected 2 or more"):
            repairs(survey, items, STAY, target=8, rng=rng, resamples=again)


def test_repairs_of_few_answers_tell_the_shortfall_and_no_importance() -> None:
    rng = np.random.default_rng(2)
    survey = {"bed": [9, 4, 6], "bus": [5, 9, 4], "stay": [9, 5, 6]}  # two items need four guests who answered all
    found = repairs(survey, TEN.items("bed", "bus"), STAY, target=8, rng=rng, resamples=20)
    assert [line.item for line in found] == ["bed", "bus"]
    assert all(line.importance.n == 0 and line.priority.n == 0 for line in found)
    assert [line.shortfall.value for line in found] == pytest.approx([(4 + 2) / 27, (3 + 4) / 27])
    assert found[0].customers == (1, 2)


def test_repairs_by_plain_correlation_are_not_made_shares() -> None:
    rng = np.random.default_rng(3)
    survey = rng.integers(1, 11, (30, 3)).astype(float)
    found = repairs(survey, TEN.items("a", "b"), STAY, target=8, rng=rng, method="correlation", resamples=20)
    by_item = {line.item: line.importance.value for line in found}
    for place, item in enumerate("ab"):
        assert by_item[item] == pytest.approx(np.corrcoef(survey[:, place], survey[:, 2])[0, 1])


def test_requests_that_nobody_answered_are_all_without_contact() -> None:
    asked = [SurveyRequested(who, DAY, "nps", ("recommend",), within=days(9), id=who) for who in "abc"]
    found = dispositions(FactTable.of(asked), second="reject")
    rate = response_rate(found, "RR1")
    assert (rate.value, rate.n) == (0.0, 3)
    with pytest.raises(ValueError, match=r"^second: expected one of"):
        standing_answers(FactTable.of(asked), second="both")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^second: expected one of"):
        dispositions(FactTable.of(asked), second="both")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^late: expected one value a respondent"):
        wave_contrast([9, 8], [[4], [6]])


def test_a_stranger_to_the_list_answers_beside_it_and_the_second_answer_never_stands_twice() -> None:
    asked = SurveyRequested("ada", DAY, "nps", ("stay",), within=days(9), id="q-1")
    facts = [asked, told("ada", 1, None, ref="q-1"), told("ada", 2, 3, ref="q-1"), told("ada", 3, 9, ref="q-1")]
    facts += [told("bob", 1, 5, ref="q-1"), told("bob", 2, 6, ref="q-1")]  # the request was not to bob
    for second, scores in (("reject", [3, 5, 6]), ("correct", [5, 6, 9])):
        kept = standing_answers(FactTable.of(facts), second=second)  # type: ignore[arg-type]
        assert sorted(kept.number.tolist()) == scores


@pytest.mark.parametrize("shares", [{}, {"a": 0, "b": 0}, {"a": -1, "b": 2}, {"a": math.inf, "b": 1}])
def test_known_shares_are_shares_of_somebody(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"^population: expected shares or counts"):
        poststratify(["a", "b"], shares)


def test_weights_to_the_population_need_a_label_each() -> None:
    known = {"a": 0.5, "b": 0.5}
    for values, strata in (([9, 8], ["a"]), ([[9, 8]], ["a", "b"])):
        with pytest.raises(ValueError, match="need as many strata"):
            poststratified(values, strata, known)
    with pytest.raises(ValueError, match=r"^population: expected shares of each margin"):
        rake({"sex": ["f"]}, {"city": {"L": 1}})
    with pytest.raises(ValueError, match=r"^margins: expected one label a respondent"):
        rake({"sex": ["f", "m"], "city": ["L"]}, {"sex": {"f": 1, "m": 1}, "city": {"L": 1}})
    with pytest.raises(ValueError, match=r"^margins: expected one label a respondent"):
        rake({"sex": ["f", "m"]}, {"sex": {"f": 1, "m": 1}}, start=[1.0])
    for more in ({"tolerance": 0}, {"tolerance": 1}, {"steps": 0}):
        with pytest.raises(ValueError, match=r"^rake: expected a tolerance"):
            rake({"sex": ["f", "m"]}, {"sex": {"f": 1, "m": 1}}, **more)


def test_a_label_whose_respondents_weigh_nothing_cannot_be_raked() -> None:
    with pytest.raises(InvalidFactError, match="no weight"):
        rake({"sex": ["f", "m", "m"]}, {"sex": {"f": 1, "m": 1}}, start=[0, 1, 1])
    left = rake({"sex": ["f", "m", "m"]}, {"sex": {"f": 0, "m": 1}}, start=[0, 1, 1])  # nobody is wanted there
    assert left.weights.tolist() == [0.0, 1.5, 1.5]


def test_one_round_is_made_and_no_more_than_allowed() -> None:
    margins = {"sex": ["f", "f", "m", "m"], "city": ["L", "N", "L", "N"]}
    shares = {"sex": {"f": 0.6, "m": 0.4}, "city": {"L": 0.7, "N": 0.3}}
    found = rake(margins, shares, start=[1, 2, 3, 9], steps=1)
    assert (found.steps, found.converged) == (1, False)
    assert found.weights.sum() == pytest.approx(4)
    sex = found.weights[:2].sum() / 4
    assert found.miss == pytest.approx(abs(sex - 0.6))
    assert effective_size(found.weights) < 4


def test_the_index_of_a_hundred_hotels_is_that_of_each_alone() -> None:
    rng = np.random.default_rng(8)
    items = TEN.items("overall", "expected", "ideal")  # 1,331 ways to answer: too many times a hundred for a table
    survey = {item.name: rng.integers(1, 12, 300).astype(float) for item in items}
    survey["ideal"][::7] = math.nan
    hotel = np.array([f"h{place % 100:02}" for place in range(300)])
    index = SatisfactionIndex(items, answered=2)
    found = index.score(survey, by=hotel)
    assert len(found.labels or ()) == 100
    for name in ("h00", "h41", "h99"):
        alone = index.score({item: column[hotel == name] for item, column in survey.items()})
        one = found[name]
        assert (one.n, one.missing, one.invalid) == (alone.n, alone.missing, alone.invalid)
        assert (one.value, one.low) == pytest.approx((alone.value, alone.low), nan_ok=True)
    assert sum(one.invalid for _, one in found) == sum(int((column == 11).sum()) for column in survey.values()) > 0


def test_fitted_weights_of_a_group_of_one_have_no_interval_and_of_none_no_score() -> None:
    items = TEN.items("overall", "expected")
    index = SatisfactionIndex(items, lambda scores: np.ones(2), answered=2)
    survey = {"overall": [10, 8, 6, 3], "expected": [8, 8, 6, math.nan]}
    found = index.score(survey, by=["a", "a", "b", "c"], rng=np.random.default_rng(1), resamples=50)
    assert found.n.tolist() == [2, 1, 0]
    assert found.value[:2] == pytest.approx([(100 * 8.5 / 9 - 100 / 18 + 100 * 7 / 9) / 2, 100 * 5 / 9])
    assert np.isnan(found.value[2])
    assert np.isnan(found.low).tolist() == [False, True, True]
    for rng, resamples in ((None, 50), (np.random.default_rng(1), 1)):
        with pytest.raises(ValueError, match=r"^rng, resamples"):
            index.score(survey, rng=rng, resamples=resamples)


def test_a_share_that_is_sure_needs_one_answer() -> None:
    assert (share_sample_size(0.1, share=0), share_sample_size(0.1, share=1)) == (1, 1)
    for margin, share in ((0, 0.5), (0.1, -0.01), (0.1, 1.01)):
        with pytest.raises(ValueError, match=r"^expected a margin above 0"):
            share_sample_size(margin, share=share)


def test_a_survey_of_a_hotel_is_named_in_its_request() -> None:
    with pytest.raises(InvalidFactError, match=r"SurveyRequested\.items"):
        SurveyRequested("ada", DAY, "stay", "stay", within=days(14))
    with pytest.raises(InvalidFactError, match=r"SurveyRequested\.within"):
        SurveyRequested("ada", DAY, "stay", ("stay",), within=days(0))


def test_the_chart_of_drivers_marks_what_moves_the_whole() -> None:
    rng = np.random.default_rng(11)
    room, bus = rng.integers(1, 11, (2, 200))
    found = drivers(np.column_stack([bus, room, room]), TEN.items("bus", "room"), STAY, rng=rng, resamples=50)
    assert dict(zip(found.chart["names"], found.chart["moves"].tolist(), strict=True)) == {"room": True, "bus": False}
