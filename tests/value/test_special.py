"""ln Γ and its derivatives against SciPy, the kernel against SciPy and 40-digit values."""

import numpy as np
import pytest
from scipy import special

from relmkt.value._models._geometric import kernel
from relmkt.value._numbers._special import digamma, gammaln, running, trigamma

GRID = np.concatenate([np.logspace(-8, 12, 20_001), np.linspace(0.9, 2.1, 2_001), [7.999999999, 8.0]])


@pytest.mark.parametrize(
    "ours,theirs",
    [(gammaln, special.gammaln), (digamma, special.digamma), (trigamma, lambda x: special.polygamma(1, x))],
)
def test_against_scipy(ours, theirs):
    np.testing.assert_allclose(ours(GRID), theirs(GRID), rtol=1e-12, atol=1e-12)


def test_scalar_is_vector():
    assert gammaln(3.5) == gammaln([3.5])[0]


def test_running_sums_are_differences_of_gammaln():
    np.testing.assert_allclose(running(0.243, 200), special.gammaln(0.243 + np.arange(201)) - special.gammaln(0.243))
    np.testing.assert_allclose(running(0.243, 50, 1), special.digamma(0.243 + np.arange(51)) - special.digamma(0.243))


def published(A, B, a, rate, t):
    """The paper's expression, with SciPy's 2F1: it needs a ≠ 1 and a + b > 1."""
    z, C = t / (rate + t), a + B - 1
    return C / (a - 1) * (1 - (rate / (rate + t)) ** A * special.hyp2f1(A, B, C, z))


@pytest.mark.parametrize("a,b,r", [(0.793, 2.426, 0.243), (3.3, 9.0, 2.2), (0.6, 12.0, 0.9), (1.4, 1.2, 0.5)])
@pytest.mark.parametrize("x", [0, 1, 7, 60])
@pytest.mark.parametrize("t", [0.01, 3.0, 40.0])
def test_kernel_is_the_papers_expression(a, b, r, x, t):
    got = kernel(np.array([r + x]), np.array([b + x]), a, np.array([40.0]), t)[0]
    assert got == pytest.approx(published(r + x, b + x, a, 40.0, t), rel=1e-9)


@pytest.mark.parametrize(
    "a,b,r,t,expected",
    [  # computed with 50 digits; a + b < 1, a = 1 exactly, long horizons, small and huge shapes
        (0.31, 0.5, 0.11, 0.5, 0.0235054060611256),
        (0.31, 0.5, 0.11, 30.0, 0.740560960448528),
        (0.31, 0.5, 0.11, 5000.0, 26.1299549633611),
        (1.0, 2.4, 0.24, 0.5, 0.0515412060599937),
        (1.0, 2.4, 0.24, 30.0, 1.3690855133441),
        (1.0, 2.4, 0.24, 5000.0, 8.55633880066561),
        (0.05, 0.04, 3.0, 0.5, 0.548181172640759),
        (0.05, 0.04, 3.0, 30.0, 15.7535308506465),
        (0.05, 0.04, 3.0, 5000.0, 1955.2896982434),
        (40.0, 300.0, 25.0, 0.5, 4.05967506818797),
        (40.0, 300.0, 25.0, 30.0, 8.69230768287769),
        (40.0, 300.0, 25.0, 5000.0, 8.69230769230769),
    ],
)
def test_kernel_where_the_expression_breaks(a, b, r, t, expected):
    assert kernel(np.array([r]), np.array([b]), a, np.array([2.24]), t)[0] == pytest.approx(expected, rel=1e-10)


def test_kernel_is_smooth_across_one():
    near = [kernel(np.array([2.24]), np.array([4.4]), a, np.array([42.4]), 39.0)[0] for a in (1 - 1e-7, 1.0, 1 + 1e-7)]
    assert near[0] > near[1] > near[2]
    assert near[0] - near[2] < 1e-6


def test_kernel_grows_with_the_horizon_from_nothing():
    A, B, rate = np.array([0.3, 5.0]), np.array([2.0, 9.0]), np.array([4.0, 44.0])
    path = np.array([kernel(A, B, 0.8, rate, t) for t in (0.0, 1e-9, 0.1, 1.0, 15.9, 16.1, 175.9, 176.1, 1e4, 1e7)])
    assert (path[0] == 0).all()
    assert (np.diff(path, axis=0) > 0).all()  # also across the borders between series and trapezoid
