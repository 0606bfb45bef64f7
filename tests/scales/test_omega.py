"""Omega: loadings against an optimiser, the standard error against samples drawn over and over."""

import math

import numpy as np
import pytest
from scipy import optimize

from relmkt.scales._moments import Floats, moments
from relmkt.scales._omega import loadings, omega
from relmkt.scales._reliability import alpha, reliability
from relmkt.scales._validity import composite_reliability
from tests.scales._data import D3, TEN_ITEMS

LOADINGS = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
SPREAD = np.array([1.0, 2.0, 1.0, 1.5, 0.5])


def _sample(rng: np.random.Generator, n: int) -> Floats:
    own = rng.normal(size=(n, 5)) * np.sqrt(1 - LOADINGS**2)
    found: Floats = (rng.normal(size=(n, 1)) * LOADINGS + own) * SPREAD
    return found


def test_loadings_of_one_factor_come_back() -> None:
    exact = np.outer(LOADINGS, LOADINGS)
    np.fill_diagonal(exact, 1)
    assert loadings(exact) == pytest.approx(LOADINGS, abs=1e-10)
    turned = np.array([1, 1, -1, 1, 1])
    assert loadings(exact * np.outer(turned, turned)) == pytest.approx(LOADINGS * turned, abs=1e-10)
    both = loadings(np.array([exact, exact * np.outer(turned, turned)]))
    assert both == pytest.approx(np.array([LOADINGS, LOADINGS * turned]), abs=1e-10)
    assert loadings(np.eye(3)) == pytest.approx([0, 0, 0], abs=1e-12)  # nothing in common


@pytest.mark.parametrize("answers", [D3, TEN_ITEMS[:, [0, 1, 2, 3, 8, 9]]])
def test_loadings_are_the_least_squares_of_an_optimiser(answers: Floats) -> None:
    found: Floats = np.atleast_2d(np.corrcoef(answers.T))
    above = np.triu_indices(len(found), 1)

    def residuals(told: Floats) -> Floats:
        return np.asarray((found - np.outer(told, told))[above])

    known = optimize.least_squares(residuals, np.full(len(found), 0.6), bounds=(-1, 1), xtol=1e-14, ftol=1e-14)
    assert loadings(found) == pytest.approx(known.x, abs=1e-6)


def test_omega_is_the_composite_reliability_of_its_loadings() -> None:
    spread = D3.std(axis=0, ddof=1)
    told = loadings(np.atleast_2d(np.corrcoef(D3.T)))
    known = composite_reliability(told * spread, spread**2 * (1 - told**2))
    assert reliability(D3).omega.value == pytest.approx(known, abs=1e-12)


def test_items_of_one_loading_have_omega_equal_to_alpha_and_others_a_larger_one() -> None:
    rng = np.random.default_rng(3)
    told = reliability(_sample(rng, 20_000))
    assert told.omega.value > told.alpha.value
    same = rng.normal(size=(20_000, 1)) + rng.normal(size=(20_000, 4))
    assert reliability(same).omega.value == pytest.approx(alpha(same).value, abs=1e-3)


def test_the_standard_error_is_the_spread_of_many_samples() -> None:
    rng = np.random.default_rng(11)
    told = [omega(moments(_sample(rng, 250), missing="pairwise"), level=0.95) for _ in range(300)]
    spread = np.std([one.value for one in told])
    assert np.mean([one.se for one in told]) == pytest.approx(spread, rel=0.12)
    true = composite_reliability(LOADINGS * SPREAD, SPREAD**2 * (1 - LOADINGS**2))
    inside = np.mean([one.low <= true <= one.high for one in told])
    assert 0.91 <= inside <= 0.985


@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_the_delta_method_and_respondents_drawn_again_agree(missing: float) -> None:
    rng = np.random.default_rng(5)
    answers = _sample(rng, 500)
    answers[rng.random(answers.shape) < missing] = math.nan
    plain = reliability(answers).omega
    drawn = reliability(answers, rng=np.random.default_rng(6), resamples=600).omega
    assert drawn.value == plain.value
    assert drawn.se == pytest.approx(plain.se, rel=0.15)
    assert (drawn.low, drawn.high) == pytest.approx((plain.low, plain.high), abs=0.015)
    assert (plain.method, drawn.method) == ("one factor, distribution-free", "one factor, bootstrap")
    assert drawn == reliability(answers, rng=np.random.default_rng(6), resamples=600).omega
    with pytest.raises(ValueError, match="resamples"):
        reliability(answers, rng=rng, resamples=1)


def test_a_heywood_case_has_no_interval() -> None:
    common = np.random.default_rng(0).normal(size=100)
    same = reliability(np.column_stack([common, common * 2, common + 1]))
    assert same.omega.value == pytest.approx(1)
    assert math.isnan(same.omega.low)
    assert "Heywood" in same.omega.notes[0]
