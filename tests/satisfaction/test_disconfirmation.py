"""Expectation and disconfirmation (card A1, feature F27): verdicts, the paired interval, and the models around them."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.facts import Answer, Visit
from relmkt.satisfaction._disconfirmation import (
    Felt,
    answered_disconfirmation,
    disconfirmation,
    oliver_model,
)
from relmkt.satisfaction._regression import regression
from relmkt.scales import Item, Scale

TEN = Scale(1, 10)


def survey(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    expected = rng.integers(3, 10, n).astype(float)
    perceived = np.clip(np.round(0.6 * expected + 3 + rng.normal(0, 1.5, n)), 1, 10)
    return perceived, expected, 1 + 0.3 * expected + 0.7 * (perceived - expected) + rng.normal(0, 1, n)


def test_the_verdicts_of_the_course() -> None:
    found = disconfirmation([6, 8, 7], [7, 7, 7])
    assert found.difference.tolist() == [-1, 1, 0]  # KA-001
    assert found.felt.tolist() == ["dissatisfied", "over-satisfied", "satisfied"]  # KA-001
    assert found.shares.value.tolist() == [1 / 3] * 3
    assert disconfirmation([6, 8, 7], [7, 7, 7], tolerance=1).felt.tolist() == ["satisfied"] * 3  # KA-002


def test_a_tolerance_is_met_in_spite_of_rounding() -> None:
    found = disconfirmation([1.3, 1.0, 1.31], [1.0, 1.3, 1.0], tolerance=0.3)
    assert found.felt.tolist() == ["satisfied", "satisfied", "over-satisfied"]


def test_a_missing_expectation_gives_no_verdict() -> None:
    found = disconfirmation([6, 8, None, 11], [7, None, 5, 5], scale=TEN)
    assert found.felt.tolist() == [Felt.DISSATISFIED.value, *[Felt.NONE.value] * 3]
    assert (found.shares["dissatisfied"].n, found.shares["dissatisfied"].value) == (1, 1.0)
    assert (found.mean.n, found.mean.missing, found.mean.invalid) == (1, 3, 1)
    assert math.isnan(found.mean.low)  # one pair has no interval


def test_nobody_at_all_is_unknown() -> None:
    for found in (disconfirmation([], []), disconfirmation([6, 7], [None, None])):
        assert math.isnan(found.mean.value)
        assert (found.mean.n, found.mean.notes) == (0, ("nobody has both an expectation and a perception",))
        assert np.isnan(found.shares.value).all()
        assert found.shares["satisfied"].n == 0


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_is_that_of_the_pairs(seed: int) -> None:
    perceived, expected, _ = survey(seed)
    told, peer = disconfirmation(perceived, expected, level=0.9).mean, stats.ttest_rel(perceived, expected)
    bounds = peer.confidence_interval(0.9)
    assert (told.low, told.high) == pytest.approx((bounds.low, bounds.high), abs=1e-9), seed
    apart = stats.ttest_ind(perceived, expected).confidence_interval(0.9)
    assert told.high - told.low < 0.95 * (apart.high - apart.low), seed


def test_shares_have_wilsons_interval_and_sum_to_one() -> None:
    perceived, expected, _ = survey(5)
    told = disconfirmation(perceived, expected, tolerance=0.5).shares
    assert told.value.sum() == pytest.approx(1)
    k = int(np.count_nonzero(perceived < expected))
    peer = stats.binomtest(k, 60).proportion_ci(method="wilson")
    assert (told["dissatisfied"].low, told["dissatisfied"].high) == pytest.approx((peer.low, peer.high), abs=1e-12)


def test_equal_differences_have_no_error_and_say_so() -> None:
    told = disconfirmation([6, 7, 8], [5, 6, 7]).mean
    assert (told.value, told.se, told.low, told.high) == (1, 0, 1, 1)
    assert told.notes == ("every difference is the same: standard error 0",)


def test_the_ceiling_is_reported() -> None:
    expected, perceived = [10, 10, 9, 5], [10, 8, 9, 9]
    told = disconfirmation(perceived, expected, scale=TEN)
    assert told.ceiling.value == 2 / 4
    assert disconfirmation(perceived, expected, scale=TEN, tolerance=1).ceiling.value == 3 / 4
    assert math.isnan(disconfirmation(perceived, expected).ceiling.value)


def test_the_timing_of_the_expectation_is_carried() -> None:
    late = disconfirmation([6, 8], [7, 7], expectation_timing="after")
    assert late.expectation_timing == "after"
    assert "after use" in late.mean.notes[0]
    assert "after use" in late.shares.notes[0]
    assert late.by(["a", "b"])["a"].expectation_timing == "after"
    assert disconfirmation([6, 8], [7, 7], expectation_timing="before").mean.notes == ()


def test_attributes_are_weighted() -> None:
    perceived, expected = [[6, 9], [8, 4], [7, None]], [[7, 7], [7, 7], [7, 7]]
    told = disconfirmation(perceived, expected, weights=[3, 1])
    np.testing.assert_allclose(told.difference, [-0.25, 0, np.nan])
    np.testing.assert_allclose(disconfirmation(perceived, expected, weights=[30, 10]).difference, told.difference)
    np.testing.assert_allclose(disconfirmation(perceived, expected).difference, [0.5, -1, np.nan])
    np.testing.assert_allclose(disconfirmation(perceived, expected, weights=[1, 0]).difference, [-1, 1, 0])


def test_groups() -> None:
    told = disconfirmation([6, 8, 7, 9], [7, 7, 7, 7]).by(["Nice", "Lyon", "Nice", "Lyon"])
    assert list(told) == ["Lyon", "Nice"]
    assert told["Lyon"].mean.value == 1.5
    assert told["Nice"].shares["dissatisfied"].value == 0.5


def test_a_ratio_needs_a_true_zero() -> None:
    np.testing.assert_allclose(disconfirmation([30, 10, 5], [20, 20, 0]).ratio(unit="minutes"), [1.5, 0.5, np.nan])
    with pytest.raises(ValueError, match="true zero"):
        disconfirmation([6, 8], [7, 7], scale=TEN).ratio(unit="points")
    with pytest.raises(ValueError, match="true zero"):
        disconfirmation([6, 8], [7, 7]).ratio(unit="")


@pytest.mark.parametrize("seed", range(3))
def test_olivers_model_is_least_squares(seed: int) -> None:
    perceived, expected, satisfaction = survey(seed)
    satisfaction[3] = np.nan
    told = oliver_model(satisfaction, expected, disconfirmation(perceived, expected), level=0.9)
    design = sm.add_constant(np.column_stack([expected, perceived - expected]))
    peer = sm.OLS(satisfaction, design, missing="drop").fit()
    np.testing.assert_allclose(told.coefficients.value, peer.params, rtol=1e-9, err_msg=str(seed))
    np.testing.assert_allclose(told.coefficients.se, peer.bse, rtol=1e-9)
    bounds = np.column_stack([told.coefficients.low, told.coefficients.high])
    np.testing.assert_allclose(bounds, peer.conf_int(0.1), rtol=1e-7)
    assert told.r_squared == pytest.approx(peer.rsquared)
    assert (told["expectation"].n, told["expectation"].missing) == (59, 1)
    assert np.isnan(told.residual[3])
    np.testing.assert_allclose(np.delete(told.residual, 3), peer.resid, atol=1e-9)


def test_disconfirmation_as_asked_is_another_variable() -> None:
    perceived, expected, satisfaction = survey(1)
    asked = np.sign(perceived - expected)
    told = oliver_model(satisfaction, expected, asked)
    assert told.coefficients.labels == ("constant", "expectation", "disconfirmation as asked")
    peer = sm.OLS(satisfaction, sm.add_constant(np.column_stack([expected, asked]))).fit()
    np.testing.assert_allclose(told.coefficients.value, peer.params, rtol=1e-9)


def test_residualised_and_polynomial_forms() -> None:
    perceived, expected, satisfaction = survey(2)
    found = disconfirmation(perceived, expected, scale=TEN)
    peer = sm.OLS(perceived, sm.add_constant(expected)).fit()
    np.testing.assert_allclose(found.residualised.residual, peer.resid, atol=1e-9)
    assert abs(np.corrcoef(found.residualised.residual, expected)[0, 1]) < 1e-9  # the raw difference is correlated
    assert np.corrcoef(found.difference, expected)[0, 1] < -0.2
    p, e = perceived - 5.5, expected - 5.5
    peer = sm.OLS(satisfaction, sm.add_constant(np.column_stack([p, e, p * p, p * e, e * e]))).fit()
    np.testing.assert_allclose(found.polynomial(satisfaction).coefficients.value, peer.params, rtol=1e-8)


def test_what_cannot_be_told_apart_is_unknown() -> None:
    told = oliver_model([5, 6, 7, 8], [7, 7, 7, 7], disconfirmation([6, 8, 7, 9], [7, 7, 7, 7]))
    assert np.isnan(told.coefficients.value).all()
    assert "vary" in told.coefficients.notes[0]
    assert np.isnan(regression(np.array([]), {"x": np.array([])}).coefficients.value).all()
    exact = regression(np.array([1.0, 3.0]), {"x": np.array([0.0, 1.0])})
    np.testing.assert_allclose(exact.coefficients.value, [1, 2], atol=1e-12)
    assert np.isnan(exact.coefficients.low).all()


def test_from_facts_the_newest_answer_counts() -> None:
    before, after = Item("hoped", TEN), Item("failed", TEN, reverse=True)
    facts = [
        Answer("ada", datetime(2026, 6, 1), "hoped", 3, id="1"),
        Answer("ada", datetime(2026, 6, 2), "hoped", 7, id="2"),
        Answer("ada", datetime(2026, 6, 9), "failed", 3, id="3"),  # reversed: 8
        Answer("bob", datetime(2026, 6, 9), "failed", 12, id="4"),
        Visit("cleo", datetime(2026, 6, 9)),
    ]
    found = answered_disconfirmation(FactTable.of(facts), perceived=after, expected=before, expectation_timing="before")
    assert (found.felt.tolist(), found.invalid, found.mean.missing) == (["over-satisfied", "none"], 1, 1)
    with pytest.raises(ValueError, match="one scale"):
        answered_disconfirmation({}, perceived=Item("a", Scale(1, 7)), expected=before)


@pytest.mark.parametrize(
    "arguments, says",
    [
        ({"perceived": [1, 2]}, "one shape"),
        ({"tolerance": -1}, "tolerance"),
        ({"weights": [1]}, "weights"),
        ({"expectation_timing": "later"}, "before, after"),
    ],
)
def test_slips(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        disconfirmation(**{"perceived": [1, 2, 3], "expected": [1, 2, 3], **arguments})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="weights"):
        disconfirmation([[1, 2]], [[1, 2]], weights=[0, 0])


def test_a_row_prints_nobody() -> None:
    told = disconfirmation([6, 8], [7, 7], scale=TEN)
    assert repr(told) == "<Disconfirmation of 2 respondents, tolerance 0>"
    assert "over-satisfied" in str(told)
