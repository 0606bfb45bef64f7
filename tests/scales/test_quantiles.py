"""Beta and F: against SciPy where it is exact, and against arithmetic of 40 digits where it is not."""

import math

import mpmath
import pytest
from scipy import stats

from relmkt.scales._quantiles import beta_probability, beta_quantile, f_quantile, normal_quantile

SHAPES = (0.5, 1.0, 2.5, 14.0, 100.0, 5e3)
SHARES = (1e-6, 0.005, 0.025, 0.1, 0.5, 0.9, 0.975, 0.9999)


@pytest.mark.parametrize("a", SHAPES)
@pytest.mark.parametrize("b", SHAPES)
def test_quantiles_are_those_of_scipy(a: float, b: float) -> None:
    for p in SHARES:
        assert beta_quantile(p, a, b) == pytest.approx(float(stats.beta.ppf(p, a, b)), rel=1e-10, abs=1e-300), p
        assert f_quantile(p, 2 * a, 2 * b) == pytest.approx(float(stats.f.ppf(p, 2 * a, 2 * b)), rel=1e-10), p


@pytest.mark.parametrize("x", [1e-9, 0.01, 0.3, 0.5, 0.77, 0.999])
def test_probabilities_are_those_of_scipy(x: float) -> None:
    for a in SHAPES:
        for b in SHAPES:
            known = float(stats.beta.cdf(x, a, b))
            assert beta_probability(x, a, b) == pytest.approx(known, rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("p, a, b", [(0.9, 0.5, 2e6), (0.1, 1.0, 2e6), (0.025, 5e5, 1000.0)])
def test_a_million_respondents_cost_no_digits(p: float, a: float, b: float) -> None:
    with mpmath.workdps(40):
        known = mpmath.betainc(a, b, 0, mpmath.mpf(beta_quantile(p, a, b)), regularized=True)
        assert abs(float(known - p)) < 1e-11  # SciPy is 8e-9 off in the third


def test_the_ends_and_beyond() -> None:
    assert (beta_quantile(0, 2, 3), beta_quantile(1, 2, 3)) == (0, 1)
    assert (f_quantile(0, 2, 3), f_quantile(1, 2, 3)) == (0, math.inf)
    assert (beta_probability(-1, 2, 3), beta_probability(2, 2, 3)) == (0, 1)
    for told in ((-0.1, 2, 3), (1.1, 2, 3), (math.nan, 2, 3), (0.5, 0, 3), (0.5, 2, math.inf)):
        with pytest.raises(ValueError):
            beta_quantile(*told)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.999])
def test_normal_quantiles_are_those_of_scipy(level: float) -> None:
    assert normal_quantile(level) == pytest.approx(float(stats.norm.ppf(0.5 + level / 2)), rel=1e-12)


@pytest.mark.parametrize("level", [0.0, 1.0, 95, math.nan])
def test_a_level_lies_between_0_and_1(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        normal_quantile(level)
