"""How many purchases may there be, not on average but in fact, of one who buys to a rhythm?

At least n purchases within t: the next one falls into it, and n − 1 gaps after it too, whose sum is Gamma((n − 1) k) at
a rate known up to a gamma law, so that the chance is an incomplete beta function; Platzer & Reutterer (2016), Marketing
Science 35(5), simulate it. The continued fraction is Abramowitz & Stegun (1964), 26.5.8, by Lentz's method.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from relmkt.value._models._ggg_forecast import COARSE, Ahead, log_masses
from relmkt.value._models._ggg_knots import Histories
from relmkt.value._models._ggg_likelihood import ROWS
from relmkt.value._models._ggg_silence import Gap, softplus
from relmkt.value._numbers._special import gammaln

__all__ = ["incomplete_beta", "outcome_bounds"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS = 500
CLOSE = 1e-7
LONGEST = 5_000
TINY = 1e-300


def incomplete_beta(a: Floats, b: Floats, z: Floats) -> Floats:
    """Chance that a beta variable of shapes a and b has log odds of at most z.

    >>> incomplete_beta(np.array([2.0]), np.array([3.0]), np.array([0.0])).round(6)
    array([0.6875])
    """
    a, b, z = np.broadcast_arrays(a, b, z)
    turned = z > np.log((a + 1) / (b + 1))
    a, b, z = np.where(turned, b, a), np.where(turned, a, b), np.where(turned, -z, z)
    logs = gammaln(a + b) - gammaln(a) - gammaln(b) + a * z - (a + b) * softplus(z)
    tail = np.exp(logs) / a * _fraction(a, b, np.exp(z - softplus(z)))
    return np.where(turned, 1 - tail, tail)


def _fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    c, d = np.ones_like(x), 1 / _apart(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / _apart(1 + even * d), _apart(1 + even / c)
        found = found * d * c
        d, c = 1 / _apart(1 + odd * d), _apart(1 + odd / c)
        found = found * d * c
        if (np.abs(d * c - 1) < CLOSE).all():
            break
    return found


def _apart(value: Floats) -> Floats:
    """Never 0, for it is divided by."""
    return np.where(np.abs(value) < TINY, TINY, value)


def outcome_bounds(point: Floats, of: Histories, t: float, level: float) -> tuple[Floats, Floats]:
    """The smallest counts that the chances (1 − level) / 2 and (1 + level) / 2 reach, one pair a row.

    Beyond 5,000 purchases the upper one is infinite. The chances are integrated to about 0.003.
    """
    low, high = np.zeros(of.x.size), np.zeros(of.x.size)
    for start in range(0, of.x.size if t else 0, ROWS):
        some = slice(start, start + ROWS)
        low[some], high[some] = _block(point, of.take(some), t, level)
    return low, high


def _block(point: Floats, of: Histories, t: float, level: float) -> tuple[Floats, Floats]:
    low, high = np.full(of.x.size, np.nan), np.full(of.x.size, np.nan)
    rows, n = np.arange(of.x.size), 0
    while rows.size and n < LONGEST:
        # rows whose bounds are found drop out; few are left for the long counts
        some = of.take(rows)
        ahead, whole = Ahead.at(point, some, t, 0.0, COARSE), np.logaddexp(*log_masses(point, some))
        for _ in range(max(2, n)):
            n += 1
            below = 1 - np.exp(ahead.log_worth(point, _Nth(point, ahead, n - 1), float(n == 1)) - whole)
            low[rows[np.isnan(low[rows]) & (below >= (1 - level) / 2)]] = n - 1
            high[rows[np.isnan(high[rows]) & (below >= (1 + level) / 2)]] = n - 1
        rows = rows[np.isnan(high[rows])]
    return np.where(np.isnan(low), LONGEST, low), np.where(np.isnan(high), np.inf, high)


class _Nth:
    """Chance that so many further purchases find room."""

    def __init__(self, point: Floats, ahead: Ahead, count: int) -> None:
        self.gap, self.count = Gap.of(point, ahead.of, ahead.y), count

    def __call__(self, cells: Ints, log_gaps: Floats) -> Floats:
        if not self.count:
            return np.zeros_like(log_gaps)
        k, A = self.gap.k[cells], (self.gap.A + self.gap.k)[cells]
        return incomplete_beta(self.count * k, A, log_gaps + np.log(k / A))
