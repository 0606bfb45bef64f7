"""Figures from loadings, reliabilities and correlations: published answers, definitions, and the edges."""

import math

import numpy as np
import pandas
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.facts import Answer, Visit
from relmkt.scales._alpha import alpha_interval
from relmkt.scales._construct import Construct
from relmkt.scales._item import Item, Scale
from relmkt.scales._reliability import alpha
from relmkt.scales._validity import (
    average_variance_extracted,
    composite_reliability,
    difference_reliability,
    disattenuated,
    fornell_larcker,
    htmt,
    htmt_of,
    second_order_reliability,
    spearman_brown,
)


def test_composite_reliability_and_variance_extracted() -> None:
    assert composite_reliability([math.sqrt(106.22)], [18.01]) == pytest.approx(0.8550, abs=5e-5)  # KA-064
    assert composite_reliability([0.7, 0.8, 0.6]) == pytest.approx(0.7449324, abs=1e-6)  # KA-065
    assert average_variance_extracted([0.7, 0.8, 0.6]) == pytest.approx(0.4966667, abs=1e-6)  # KA-065
    doubled = average_variance_extracted(np.array([1.4, 1.6, 1.2]), 4 * (1 - np.array([0.49, 0.64, 0.36])))
    assert doubled == pytest.approx(0.4966667, abs=1e-6)
    assert math.isnan(composite_reliability([0.0], [0.0]))
    for loadings, errors in (([1.2], None), ([], None), ([0.5], [-0.1]), ([math.nan], None)):
        with pytest.raises(ValueError):
            composite_reliability(loadings, errors)


def test_a_longer_scale() -> None:
    assert spearman_brown(0.6, 2) == pytest.approx(0.75)
    assert spearman_brown(spearman_brown(0.6, 3), 1 / 3) == pytest.approx(0.6)
    assert spearman_brown(0.8, 1) == 0.8
    assert math.isnan(spearman_brown(-1.0, 2))
    for told in ((1.1, 2), (0.8, 0), (math.nan, 2)):
        with pytest.raises(ValueError):
            spearman_brown(*told)


def test_a_difference_is_less_reliable_than_its_parts() -> None:
    assert difference_reliability(0.8, 0.8, 0.5) == pytest.approx(0.6, abs=1e-12)  # KA-004
    assert difference_reliability(0.9, 0.7, 0.0) == pytest.approx(0.8)
    assert difference_reliability(0.8, 0.8, 0.9) < 0
    assert math.isnan(difference_reliability(0.8, 0.8, 1.0))
    wide = difference_reliability(0.9, 0.7, 0.5, deviations=(2.0, 1.0))
    assert wide == pytest.approx((4 * 0.9 + 0.7 - 2) / (4 + 1 - 2))
    with pytest.raises(ValueError):
        difference_reliability(0.8, 0.8, 1.2)


def test_the_difference_of_simulated_scores() -> None:
    rng = np.random.default_rng(2)
    true = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=200_000)
    errors = rng.normal(size=(200_000, 2)) * np.sqrt([0.25, 0.6])
    seen = true + errors
    r = float(np.atleast_2d(np.corrcoef(seen.T))[0, 1])
    sd = seen.std(axis=0)
    known = np.corrcoef(np.diff(true).ravel(), np.diff(seen).ravel())[0, 1] ** 2
    told = difference_reliability(1 / 1.25, 1 / 1.6, r, deviations=(float(sd[0]), float(sd[1])))
    assert told == pytest.approx(known, abs=0.01)


def test_a_correlation_freed_of_error_may_pass_one_and_says_so() -> None:
    plain = disattenuated(0.5, 0.8, 0.7)
    assert plain.value == pytest.approx(0.5 / math.sqrt(0.56))
    assert plain.notes == ()
    beyond = disattenuated(-0.75, 0.7, 0.72)
    assert beyond.value < -1
    assert "above 1" in beyond.notes[0]
    whole = disattenuated(alpha_interval(0.6, 5, 100), 0.64, 1.0)  # any estimate: its interval goes along
    assert (whole.low, whole.n) == (pytest.approx(alpha_interval(0.6, 5, 100).low / 0.8), 100)
    unknown = disattenuated(0.5, 0.0, 0.8)
    assert math.isnan(unknown.value)
    assert unknown.notes
    with pytest.raises(ValueError):
        disattenuated(1.2, 0.8, 0.8)


def test_distinct_by_fornell_and_larcker() -> None:
    ave = average_variance_extracted([0.7, 0.8, 0.6])
    assert math.sqrt(ave) == pytest.approx(0.7047, abs=5e-5)  # KA-073
    assert fornell_larcker(ave, [0.65, 0.72, -0.72]).tolist() == [True, False, False]  # KA-073
    assert bool(fornell_larcker(ave, 0.65))
    told = fornell_larcker([0.49, 0.81], [[1, 0.8], [0.8, 1]])
    assert told.tolist() == [[True, False], [False, True]]  # both ways: 0.9 is above 0.8, 0.7 is not
    assert fornell_larcker([0.81, 0.81], [[1, 0.8], [0.8, 1]]).all()
    assert not fornell_larcker(math.nan, 0.1)


def test_items_across_over_items_within() -> None:
    within = np.array([[1, 0.6, 0.5], [0.6, 1, 0.4], [0.5, 0.4, 1]])
    told = np.block([[within, np.full((3, 2), 0.3)], [np.full((2, 3), 0.3), np.array([[1, 0.8], [0.8, 1]])]])
    assert htmt_of(told, [0, 1, 2], [3, 4]) == pytest.approx(0.3 / math.sqrt(0.5 * 0.8))
    assert math.isnan(htmt_of(np.eye(4), [0, 1], [2, 3]))
    for first, second in (([0], [1, 2]), ([0, 1], [1, 2])):
        with pytest.raises(ValueError):
            htmt_of(told, first, second)


def test_two_constructs_by_their_answers() -> None:
    rng = np.random.default_rng(4)
    factors = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=20_000)
    answers = np.clip(np.rint(4 + 1.2 * np.repeat(factors, 2, axis=1) + 0.5 * rng.normal(size=(20_000, 4))), 1, 7)
    answers[:, 3] = 8 - answers[:, 3]
    survey = dict(zip(("t1", "t2", "a1", "a2"), answers.T, strict=True))
    seven = Scale(1, 7)
    trust = Construct("trust", seven.items("t1", "t2"))
    close = Construct("attachment", [Item("a1", seven), Item("a2", seven, reverse=True)])
    assert htmt(survey, trust, close) == pytest.approx(0.6, abs=0.03)
    assert htmt(survey, trust, close, missing="listwise") == pytest.approx(htmt(survey, trust, close))


def test_the_reliability_of_a_whole_of_several_scores() -> None:
    told = second_order_reliability([0.8, 0.7], [[1, 0.5], [0.5, 1]])
    assert told == pytest.approx(0.8333333, abs=1e-7)  # KA-074
    scaled = second_order_reliability([0.8, 0.7], [[1, 0.5], [0.5, 1]], weights=[3, 3])
    assert scaled == pytest.approx(told)  # SCIENCE property 2
    alone = second_order_reliability([0.8, 0.7], [[1, 0.5], [0.5, 1]], weights=[1, 0])
    assert alone == pytest.approx(0.8)
    apart = second_order_reliability([0.8, 0.7], np.eye(2), deviations=[2, 1])
    assert apart == pytest.approx((4 * 0.8 + 0.7) / 5)
    assert math.isnan(second_order_reliability([0.8, 0.7], [[1, -1], [-1, 1]]))


def test_a_whole_of_parallel_halves_is_spearman_and_brown() -> None:
    assert second_order_reliability([0.6, 0.6], [[1, 0.6], [0.6, 1]]) == pytest.approx(spearman_brown(0.6, 2))
    rng = np.random.default_rng(8)
    items = rng.normal(size=(5_000, 1)) + rng.normal(size=(5_000, 6))
    halves = [items[:, :3], items[:, 3:]]
    sums = np.array([half.sum(axis=1) for half in halves])
    parts = [alpha(half).value for half in halves]
    whole = second_order_reliability(parts, np.corrcoef(sums), deviations=sums.std(axis=1))
    assert whole == pytest.approx(alpha(items).value, abs=0.01)


def test_wholes_that_cannot_be_are_refused() -> None:
    flat = [[1, -0.9, -0.9], [-0.9, 1, -0.9], [-0.9, -0.9, 1]]
    for reliabilities, between in (
        ([0.8], np.eye(2)),
        ([1.1, 0.8], np.eye(2)),
        ([0.8, 0.8], [[1, 0.5], [0.4, 1]]),
        ([0.8, 0.8], [[1, 1.5], [1.5, 1]]),
        ([0.8, 0.8], [[2, 0.5], [0.5, 2]]),
        ([0.8, 0.8, 0.8], flat),
    ):
        with pytest.raises(ValueError):
            second_order_reliability(reliabilities, between)
    with pytest.raises(ValueError, match="each of the 2"):
        second_order_reliability([0.8, 0.7], np.eye(2), weights=[1, 2, 3])


SEVEN = Scale(1, 7)
TRUST = Construct("trust", SEVEN.items("t1", "t2"))
BOND = Construct("bond", [Item("b1", SEVEN), Item("b2", SEVEN, reverse=True)])


def facts_of(survey: dict[str, list[float]]) -> FactTable:
    """The answers of a survey as facts, those that are missing left out, and a customer who was never asked."""
    day = datetime(2026, 3, 1)
    rows = [(f"c{row}", item, score) for item, column in survey.items() for row, score in enumerate(column)]
    asked = [Answer(who, day, item, int(score)) for who, item, score in rows if not math.isnan(score)]
    return FactTable.of([*asked, Visit("nobody asked", day)])


def drawn(n: int) -> dict[str, list[float]]:
    rng = np.random.default_rng(12)
    factors = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=n)
    told = np.clip(np.rint(4 + 1.2 * np.repeat(factors, 2, axis=1) + 0.6 * rng.normal(size=(n, 4))), 1, 7)
    return dict(zip(("t1", "t2", "b1", "b2"), told.T.tolist(), strict=True))


def test_constructs_asked_of_different_people_have_no_ratio() -> None:
    survey = drawn(60)
    for name in survey:
        asked_first = name.startswith("t")
        survey[name] = [score if (row < 30) == asked_first else math.nan for row, score in enumerate(survey[name])]
    for answers in (survey, facts_of(survey)):  # as many people each: rows laid side by side would be of two persons
        told = htmt(answers, TRUST, BOND)
        assert math.isnan(told.value)
        assert told.notes == ("trust and bond were never answered by the same respondents",)
    assert htmt(facts_of(survey), TRUST, BOND, missing="listwise").n == 0


def test_of_people_who_were_asked_both_in_part_those_count() -> None:
    survey = drawn(90)
    survey["t1"], survey["t2"] = ([*survey[name][:60], *[math.nan] * 30] for name in ("t1", "t2"))
    survey["b1"], survey["b2"] = ([*[math.nan] * 30, *survey[name][30:]] for name in ("b1", "b2"))
    frame = pandas.DataFrame(survey).assign(b2=lambda told: 8 - told["b2"])
    known = htmt_of(frame.corr().to_numpy(), [0, 1], [2, 3])  # each correlation of those who answered both
    for answers in (survey, facts_of(survey)):
        told = htmt(answers, TRUST, BOND)
        assert (told.value, told.n) == (pytest.approx(known), 90)
    both = htmt(facts_of(survey), TRUST, BOND, missing="listwise")
    assert (both.n, both.missing) == (30, 60)
    assert both.value == pytest.approx(htmt_of(frame.dropna().corr().to_numpy(), [0, 1], [2, 3]))


@pytest.mark.parametrize(
    "b1, why",
    [
        ([4, 4, 4, 4, 4], "b1 never varies"),
        ([math.nan, math.nan, 4, 4, 6], "t1 or b1 never varies among those who answered both"),
        ([7, 5, math.nan, math.nan, math.nan], "t2 and b1 were never answered together"),
    ],
)
def test_a_ratio_that_is_unknown_says_why(b1: list[float], why: str) -> None:
    t1, t2 = [5, 3, 1, 2, math.nan], [math.nan, math.nan, 4, 2, 3]
    survey = {"t1": t1, "t2": t2, "b1": b1, "b2": [1, 2, 5, 3, 6]}
    told = htmt(survey, TRUST, BOND)
    assert math.isnan(told.value)
    assert told.notes == (why,)


def test_a_ratio_needs_two_items_of_each_and_none_in_both() -> None:
    for other in (Construct("bond", SEVEN.items("b1")), Construct("bond", SEVEN.items("t2", "b1"))):
        with pytest.raises(ValueError, match="two items or more of each, and none in both"):
            htmt(drawn(9), TRUST, other)
