"""Pareto/GGG: renewals, chances and slopes against SciPy and against differences of the answers."""

import numpy as np
import pytest
from scipy import special

from relmkt.value._models._ggg_forecast import alive_slopes, log_masses, log_worths, worth_slopes
from relmkt.value._models._ggg_outcomes import incomplete_beta
from relmkt.value._models._ggg_renewal import renewal_function
from tests.value.test_paretoggg import CASES, POINT, of_rows


@pytest.mark.parametrize("k", [0.1, 0.7, 1.0, 3.3, 25.0])
def test_renewals_are_sums_of_incomplete_gammas(k):
    w = np.exp(np.linspace(-8, np.log(5 * k + 20), 30))
    n = np.arange(1, int((w[-1] + 12 * w[-1] ** 0.5 + 40) / k))
    np.testing.assert_allclose(renewal_function(k, w), special.gammainc(n[:, None] * k, w).sum(axis=0), atol=1e-5)


def test_incomplete_beta():
    rng = np.random.default_rng(20260509)
    a, b, z = np.exp(rng.uniform(-4, 6, 300)), np.exp(rng.uniform(-3, 6, 300)), rng.normal(0, 4, 300)
    np.testing.assert_allclose(incomplete_beta(a, b, z), special.betainc(a, b, special.expit(z)), atol=1e-6)


def test_slopes_are_those_of_the_answers():
    of = of_rows(CASES[:4])

    def odds(point):
        stays, left = log_masses(point, of)
        return stays - left

    def worths(point):
        return log_worths(point, of, 20.0, 0.0)

    stays = 1 / (1 + np.exp(-odds(POINT)))
    for slopes, asked, close in (
        (alive_slopes(POINT, of, stays), odds, 1e-3),
        (worth_slopes(POINT, of, 20.0, 0.0), worths, 0.02),
    ):
        for i, step in enumerate(1e-2 * np.eye(6)):
            up, down = asked(POINT * np.exp(step)), asked(POINT * np.exp(-step))
            np.testing.assert_allclose(slopes[i], (up - down) / 2e-2, rtol=close, atol=close)
