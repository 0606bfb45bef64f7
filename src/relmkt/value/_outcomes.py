"""How many purchases may there be, not on average but in fact? The distribution of counts under the BG/NBD.

Fader, Hardie & Lee (2005), equation (8), by a recurrence in the count. A customer who is alive goes on as a new one
does, with the parameters that their history has moved.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["count_probability", "outcome_bounds"]

Floats = NDArray[np.float64]
LONGEST = 20_000


def counts(r: Floats, alpha: Floats, a: float, b: Floats, t: float) -> Iterator[Floats]:
    """P(X(t) = 0), P(X(t) = 1), …: bought again and stayed so far, or left with that purchase."""
    q = t / (alpha + t)
    log_poisson = -r * np.log1p(t / alpha)  # of the chance of j purchases by one who never leaves
    poisson = np.exp(log_poisson)
    before = np.zeros_like(poisson)  # the chance of fewer than j
    stay = np.ones_like(poisson)  # B(a, b+j) / B(a, b)
    yield poisson
    for j in range(LONGEST):
        before = before + poisson
        log_poisson = log_poisson + np.log(np.maximum(q * (r + j) / (j + 1), 1e-300))
        poisson = np.exp(log_poisson)
        left = stay * a / (a + b + j)  # B(a+1, b+j) / B(a, b)
        stay = stay * (b + j) / (a + b + j)
        yield stay * poisson + left * np.maximum(1 - before, 0.0)


def count_probability(r: float, alpha: float, a: float, b: float, purchases: int, t: float) -> float:
    """P(X(t) = purchases) of a new customer."""
    if purchases < 0:
        return 0.0
    law = counts(np.array([r]), np.array([alpha]), a, np.array([b]), t)
    for _ in range(purchases):
        next(law)
    return float(next(law)[0])


def outcome_bounds(
    r: Floats, alpha: Floats, a: float, b: Floats, alive: Floats, t: float, level: float
) -> tuple[Floats, Floats]:
    """The smallest counts that the chances (1 − level) / 2 and (1 + level) / 2 reach, one pair a row.

    Beyond 20,000 purchases the upper one is infinite.
    """
    low, high = np.full(r.size, np.nan), np.full(r.size, np.nan)
    reached = 1 - alive
    for n, chance in enumerate(counts(r, alpha, a, b, t)):
        reached = reached + alive * chance
        low[np.isnan(low) & (reached >= (1 - level) / 2)] = n
        high[np.isnan(high) & (reached >= (1 + level) / 2)] = n
        if not np.isnan(high).any():
            break
    return np.where(np.isnan(low), LONGEST, low), np.where(np.isnan(high), np.inf, high)
