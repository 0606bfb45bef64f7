"""Alpha: published figures, pingouin, its properties, and the traps that public code falls into."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pingouin
import polars as pl
import pytest

from relmkt.estimate import Estimate
from relmkt.scales._alpha import alpha_difference, alpha_from_means, alpha_interval, reliability_interval
from relmkt.scales._moments import Missing
from relmkt.scales._reliability import alpha, reliability
from tests.scales._data import D3, ELEVEN_ITEMS, TEN_ITEMS


def test_the_published_answers_of_ten_items_are_those_of_pingouin() -> None:
    value, bounds = pingouin.cronbach_alpha(pd.DataFrame(TEN_ITEMS))
    told = alpha(TEN_ITEMS)
    assert told.value == pytest.approx(value, abs=1e-12)
    assert [told.low, told.high] == pytest.approx(bounds.tolist(), abs=5e-4)
    assert (told.n, told.method) == (15, "Feldt")


def test_pairwise_and_listwise_are_two_figures_and_two_n() -> None:
    pairs, whole = alpha(ELEVEN_ITEMS), alpha(ELEVEN_ITEMS, missing="listwise")
    assert pairs.value == pytest.approx(0.7326608, abs=1e-6)  # KA-052
    assert [pairs.low, pairs.high] == pytest.approx([0.435, 0.909], abs=5e-4)
    assert whole.value == pytest.approx(0.8016950, abs=1e-6)  # KA-053
    assert [(one.n, one.missing) for one in (pairs, whole)] == [(12, 0), (9, 3)]
    assert pairs.notes == ("two items were answered together by 10 or more",)


def test_a_listwise_interval_is_of_those_who_are_left() -> None:
    told = alpha(ELEVEN_ITEMS, missing="listwise")
    right, published = (alpha_interval(told.value, 11, n) for n in (9, 12))
    assert [told.low, told.high] == [right.low, right.high]
    # the printed interval is that of all twelve, of whom three were dropped: it is narrower than nine can tell
    assert [published.low, published.high] == pytest.approx([0.581, 0.933], abs=5e-4)  # KA-053
    assert told.low < published.low
    assert told.high > published.high


def test_intervals_of_a_known_alpha() -> None:
    plain = alpha_interval(0.85, 7, 89)
    assert plain.se == pytest.approx(0.0245652, abs=1e-6)  # KA-055
    assert [plain.low, plain.high] == pytest.approx([0.7970649, 0.8931666], abs=1e-6)  # KA-055
    kits = alpha_interval(0.913, 20, 873)
    assert [kits.low, kits.high] == pytest.approx([0.9044024, 0.9211588], abs=1e-6)  # KA-056


def test_two_alphas_of_independent_samples() -> None:
    told = alpha_difference(alpha_interval(0.88, 8, 200), alpha_interval(0.76, 8, 250))
    assert told.value == pytest.approx(0.12, abs=1e-12)
    assert [told.low, told.high] == pytest.approx([0.0697213, 0.1732518], abs=5e-5)  # KA-058
    back = alpha_difference(alpha_interval(0.76, 8, 250), alpha_interval(0.88, 8, 200))
    assert (back.value, back.low, back.high) == pytest.approx((-told.value, -told.high, -told.low))
    with pytest.raises(ValueError, match="one level"):
        alpha_difference(alpha_interval(0.8, 8, 200), alpha_interval(0.8, 8, 200, level=0.9))
    unknown = alpha_difference(alpha([[1], [2], [3]]), alpha_interval(0.8, 8, 200))
    assert math.isnan(unknown.value)
    assert "two items" in unknown.notes[0]


def test_a_reliability_with_a_known_standard_error() -> None:
    told = reliability_interval(0.88, 0.0147, 100)
    assert [told.low, told.high] == pytest.approx([0.8490, 0.9066], abs=5e-5)  # KA-059


def test_bonetts_interval_by_name_is_that_of_its_standard_error() -> None:
    told = alpha_interval(0.85, 7, 89, interval="bonett")
    known = reliability_interval(0.85, told.se, 89)
    assert (told.low, told.high, told.method) == (known.low, known.high, "Bonett")
    assert alpha(D3, interval="bonett").method == "Bonett"
    perfect = alpha_interval(1.0, 7, 89, interval="bonett")
    assert (perfect.low, perfect.high) == (1, 1)


def test_the_lower_bound_takes_the_upper_quantile() -> None:
    told = [alpha_interval(0.85, 7, 89, level=level) for level in (0.5, 0.9, 0.99)]
    assert all(one.low < 0.85 < one.high for one in told)
    assert told[0].low > told[1].low > told[2].low
    assert told[0].high < told[1].high < told[2].high
    wide = [alpha_interval(0.85, 7, n) for n in (10, 100, 10_000, 1_000_000)]
    widths = [one.high - one.low for one in wide]
    assert widths == sorted(widths, reverse=True)  # narrower as n grows


@pytest.mark.parametrize("degrees", [0, 1])
def test_variances_and_covariances_have_one_divisor(degrees: int) -> None:
    items, whole = D3.var(axis=0, ddof=degrees).sum(), D3.sum(axis=1).var(ddof=degrees)
    assert alpha(D3).value == pytest.approx(7 / 6 * (1 - items / whole), abs=1e-12)
    mixed = 7 / 6 * (1 - D3.var(axis=0, ddof=0).sum() / D3.sum(axis=1).var(ddof=1))
    assert alpha(D3).value != pytest.approx(mixed, abs=1e-3)


def test_alpha_minds_neither_a_constant_nor_a_reversal_of_all() -> None:  # SCIENCE property 3
    plain = reliability(D3)
    moved = reliability(D3 + np.array([100, -50, 3, 1e4, 0, 7, -2]))
    assert moved.alpha.value == pytest.approx(plain.alpha.value, abs=1e-10)
    assert alpha(101 - D3).value == pytest.approx(plain.alpha.value, abs=1e-12)
    scaled = reliability(D3 * np.array([1, 2, 3, 0.1, 5, 10, 7]))
    assert scaled.standardised == pytest.approx(plain.standardised, abs=1e-12)
    assert scaled.alpha.value != pytest.approx(plain.alpha.value, abs=1e-3)
    assert alpha(D3[::-1]).value == pytest.approx(plain.alpha.value, abs=1e-12)


def test_an_item_that_was_not_reversed_makes_alpha_negative_and_is_named() -> None:
    turned = np.column_stack([[1, 2, 3, 4, 5, 4], [5, 4, 3, 2, 1, 1]])
    told = reliability(turned, names=["t1", "t2"])
    assert told.alpha.value < 0
    assert told.alpha.low < told.alpha.value < told.alpha.high
    assert told.notes == ("t1, t2 run against the others: reversed?",)
    one = reliability(np.column_stack([D3[:, :5], 101 - D3[:, 0]]), names=list("abcdef"))
    assert one.notes == ("f run against the others: reversed?",)
    assert one.weakest == "f"
    assert str(one).endswith("reversed?")


def test_impossible_inputs_are_refused() -> None:
    assert alpha_from_means(4, variance=1.0, covariance=0.5) == pytest.approx(0.8)
    for k, variance, covariance in ((4, 1.0, 1.1), (1, 1.0, 0.5), (4, 1.0, -0.4), (4, -1.0, -2.0), (3, math.nan, 0.1)):
        with pytest.raises(ValueError):
            alpha_from_means(k, variance=variance, covariance=covariance)
    assert math.isnan(alpha_from_means(4, variance=3.0, covariance=-1.0))
    for told in ((1.04, 5, 30), (math.nan, 5, 30), (0.8, 1, 30), (0.8, 5, 2)):
        with pytest.raises(ValueError):
            alpha_interval(*told)
    with pytest.raises(ValueError, match="feldt"):
        alpha_interval(0.8, 5, 30, interval="wald")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="feldt"):
        alpha(D3, interval="wald")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="level"):
        alpha_interval(0.8, 5, 30, level=1.0)
    for wrong in ((1.0, 0.1, 50), (0.8, -0.1, 50), (0.8, 0.1, 1)):
        with pytest.raises(ValueError):
            reliability_interval(*wrong)
    with pytest.raises(ValueError, match="pairwise"):
        alpha(D3, missing="mean")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="row a respondent"):
        alpha([1, 2, 3])


def test_covariances_by_pairs_that_belong_to_no_answers_are_no_alpha() -> None:
    nan = math.nan
    told = [[0, 0, nan], [10, 10, nan], [nan, 0, 0], [nan, 10, 10], [0, nan, 0], [10, nan, 10]]
    told += [[5, nan, nan], [nan, 5, nan], [nan, nan, 5]] * 6
    found = alpha(told)
    assert math.isnan(found.value)
    assert "listwise" in found.notes[0]


@pytest.mark.parametrize("missing", ["pairwise", "listwise"])
@pytest.mark.parametrize(
    "answers, why, n",
    [
        ([[1], [2], [3]], "two items", 3),
        ([[1, 2], [2, 3]], "three respondents", 2),
        (np.zeros((0, 3)), "three respondents", 0),
        ([[4, 4], [4, 4], [4, 4]], "does not vary", 3),
        ([[0.1, 0.3], [0.1, 0.3], [0.1, 0.3]], "does not vary", 3),
        ([[1, 5], [3, 3], [5, 1]], "does not vary", 3),
    ],
)
def test_what_cannot_be_known_is_missing_with_its_reason(answers: Any, why: str, n: int, missing: Missing) -> None:
    told = alpha(answers, missing=missing)  # rule R41
    assert math.isnan(told.value)
    assert math.isnan(told.low)
    assert told.n == n
    assert why in told.notes[0]
    assert str(reliability(answers, missing=missing)).startswith("alpha unknown")


def test_two_items_never_answered_together() -> None:
    told = alpha([[1, math.nan], [2, math.nan], [math.nan, 3], [math.nan, 4]])
    assert math.isnan(told.value)
    assert told.notes == ("1 and 2 were never answered together",)
    alone = alpha([[1, math.nan], [2, math.nan], [4, 3]])
    assert alone.notes == ("1 and 2 were never answered together",)


def test_answers_come_as_arrays_mappings_and_frames() -> None:
    columns = {"a": [1, 2, 4, 5], "b": [2, 2, 5, None], "c": [1, 3, 4, "lost"]}
    array = np.array([[1, 2, 1], [2, 2, 3], [4, 5, 4], [5, math.nan, math.inf]])
    known: Estimate = alpha(array)
    assert known.invalid == 1
    assert known.n == 4
    assert alpha(columns) == known
    frame = {"a": [1, 2, 4, 5], "b": [2, 2, 5, None]}
    assert alpha(pd.DataFrame(frame)) == alpha(pl.DataFrame(frame)) == alpha(array[:, :2])
    with pytest.raises(ValueError, match="one length"):
        alpha({"a": [1, 2], "b": [1]})


def test_a_million_respondents_are_the_covariances_of_numpy() -> None:
    rng = np.random.default_rng(20_260_704)
    told = np.rint(4 + rng.normal(size=(100_000, 1)) + rng.normal(size=(100_000, 5)))
    c = np.cov(told.T)
    assert alpha(told).value == pytest.approx(5 / 4 * (1 - np.trace(c) / c.sum()), rel=1e-12)
    told[rng.random(told.shape) < 0.1] = math.nan
    c = pd.DataFrame(told).cov().to_numpy()
    assert alpha(told).value == pytest.approx(5 / 4 * (1 - np.trace(c) / c.sum()), rel=1e-12)
