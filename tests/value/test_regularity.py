"""Regularity of purchase times: simulated shapes, coverage, and logs that hold too little."""

import numpy as np
import pytest
from pendulum import datetime
from scipy.special import digamma

from relmkt.value._models._regularity import _shape, regularity


def log_of(k, customers=3000, purchases=12, seed=3):
    """Purchases at gamma times of this shape around each customer's own mean, of some years."""
    rng = np.random.default_rng(seed)
    steps = rng.standard_gamma(k, (customers, purchases)) / k * rng.uniform(40, 400, (customers, 1))
    days = np.floor(np.cumsum(steps, axis=1)).astype("timedelta64[D]") + np.datetime64("1990-01-01")
    return np.repeat(np.arange(customers), purchases), days.ravel()


@pytest.mark.parametrize("k", [1.0, 2.0, 4.0])
def test_regularity_of_simulated_times(k):
    customers, days = log_of(k)
    wheat = regularity(customers, days, at=datetime(2020, 1, 1))
    assert abs(float(wheat) - k) < 3 * wheat.se + 0.02 * k  # days are whole
    assert float(wheat) == pytest.approx(k, rel=0.1)
    assert wheat.n == 3000
    own = regularity(customers, days, at=datetime(2020, 1, 1), method="mle", least=11)
    assert k < float(own) < k * (1 + 3 / 8) + 0.1  # a fit to 11 times overstates
    assert own.low < float(own) < own.high


def test_the_interval_of_wheat_covers_at_the_stated_rate():
    hits = []
    for seed in range(200):
        found = regularity(*log_of(2.0, 150, 4, seed), at=datetime(2020, 1, 1))
        hits.append(found.low < 2.0 < found.high)
    assert 0.90 < np.mean(hits) <= 0.99, f"seeds 0 … 199: {np.mean(hits)}"


def test_shapes_solve_the_likelihood_equation():
    k = np.logspace(-2, 3, 60)
    s = np.log(k) - digamma(k)
    np.testing.assert_allclose(_shape(s, "mle"), k, rtol=1e-10)
    np.testing.assert_allclose(_shape(s, "mle-minka"), k, rtol=0.015)
    np.testing.assert_allclose(_shape(s, "mle-thom")[k >= 1], k[k >= 1], rtol=0.01)


def test_regularity_of_nothing_and_of_clockwork():
    days, at = np.datetime64("2026-01-01") + 7 * np.arange(4), datetime(2026, 3, 1)
    clock = regularity([1, 1, 1, 1], days, at=at)
    assert np.isinf(float(clock))
    assert "equal" in clock.notes[0]
    assert np.isinf(float(regularity([1, 1, 1, 1], days, at=at, method="mle", least=2)))
    nothing = regularity([1, 1, 2, 2], days, at=at)
    assert np.isnan(float(nothing))
    assert (nothing.n, len(nothing.notes)) == (0, 1)
    early = regularity([1, 1, 1, 1], days, at=datetime(2026, 1, 9))  # rule R46
    assert np.isnan(float(early))
    assert np.isnan(regularity([1, 1, 1], days[[0, 1, 3]], at=at).low)
    for wrong in ({"method": "none"}, {"method": "mle"}, {"least": 1}):
        with pytest.raises(ValueError, match=r"method is one|least must"):
            regularity([1, 1, 1, 1], days, at=at, **wrong)
