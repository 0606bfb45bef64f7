"""The mean of a million values is that of an exact sum, whatever their order and their size."""

from math import fsum, isnan

import numpy as np
import pytest

from relmkt.scales import mean_estimate
from relmkt.scales._mean import _summed

SIZES = (1_023, 1_024, 32_768, 32_769, 100_001)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_sum_of_many_is_the_exact_one(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for values in (
        rng.integers(1, 11, n).astype(np.float64),
        rng.integers(-9, 10, n) / 3,
        rng.normal(size=n),
        rng.gamma(2, 50, n),
        np.exp(20 * rng.normal(size=n)) * rng.choice([-1, 1], n),
        np.where(rng.random(n) < 0.5, 1e200, -1e200) + rng.normal(size=n),
        np.full(n, 5e-324),
        np.zeros(n),
        np.full(n, 1e300) * rng.choice([-1, 1], n),
        rng.integers(0, 2, n).astype(np.bool_),
        rng.normal(size=n).astype(np.float32),
    ):
        assert _summed(values) == fsum(values.tolist()), f"seed {seed}, n {n}"


def test_the_order_of_rows_decides_nothing() -> None:
    rng = np.random.default_rng(5)
    scores = rng.integers(1, 8, 50_000) / 3
    one, other = (mean_estimate(part, level=0.95, note="") for part in (scores, rng.permutation(scores)))
    assert (one.value, one.low, one.se) == (other.value, other.low, other.se)
    assert one.value == fsum(scores) / 50_000
    assert one.se == (fsum((scores - one.value) ** 2) / 49_999 / 50_000) ** 0.5


def test_what_is_infinite_or_missing_stays_so() -> None:
    many = np.ones(5_000)
    many[7] = np.inf
    assert _summed(many) == np.inf
    many[9] = np.nan
    assert isnan(_summed(many))
