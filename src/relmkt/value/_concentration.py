"""How much of the value do the best customers bring? Lorenz curve, Gini coefficient, share of the top.

Lorenz (1905), Gini (1912); in customer bases Schmittlein, Cooper & Morrison (1993), "Truth in concentration in the land
of (80/20) laws", Marketing Science 12(2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate

__all__ = ["gini", "lorenz", "top_share"]

Floats = NDArray[np.float64]
NOTHING = "the values sum to 0: there is nothing to concentrate"
EXACT = "whole base, no sampling"


def lorenz(values: ArrayLike) -> tuple[Floats, Floats]:
    """The Lorenz curve: shares of customers, poorest first, and the share of the value that they bring together.

    values: one a customer, 0 or more; missing ones (NaN) are left out. Both arrays start at 0 and end at 1; where
    the values sum to 0 the second is NaN.

    >>> customers, value = lorenz([1, 1, 2])
    >>> customers.round(3).tolist(), value.tolist()
    ([0.0, 0.333, 0.667, 1.0], [0.0, 0.25, 0.5, 1.0])
    """
    ordered, _ = _ordered(values)
    steps = np.concatenate([[0.0], np.cumsum(ordered)])
    with np.errstate(invalid="ignore"):
        share = steps / steps[-1] if ordered.size else np.array([np.nan])
    return np.linspace(0.0, 1.0, ordered.size + 1), share


def gini(values: ArrayLike) -> Estimate:
    """Gini coefficient: 0 where all bring the same, (n − 1) / n where one brings all.

    values: one a customer, 0 or more. It describes the base in hand, so it has no interval; NaN where all are 0.

    >>> round(gini([10] * 9 + [100]).value, 7)
    0.4263158
    """
    ordered, missing = _ordered(values)
    n, whole = ordered.size, float(ordered.sum())
    if not whole:
        return Estimate.unknown(NOTHING, missing=missing)
    ranks = 2 * np.arange(1, n + 1) - n - 1
    return Estimate(float(ranks @ ordered) / (n * whole), n=n, method=EXACT, missing=missing)


def top_share(values: ArrayLike, share: float = 0.2) -> Estimate:
    """The part of the whole value that the best `share` of customers bring.

    share: of customers, in [0, 1]; where it falls within one customer, that customer's value counts in part.

    >>> top_share([0, 0, 0, 10], 0.25).value
    1.0
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share lies between 0 and 1, got {share}")
    ordered, missing = _ordered(values)
    n, whole = ordered.size, float(ordered.sum())
    if not whole:
        return Estimate.unknown(NOTHING, missing=missing)
    best = np.concatenate([[0.0], np.cumsum(ordered[::-1])])
    return Estimate(float(np.interp(share * n, np.arange(n + 1), best)) / whole, n=n, method=EXACT, missing=missing)


def _ordered(values: ArrayLike) -> tuple[Floats, int]:
    given = np.asarray(values, dtype=np.float64).ravel()
    seen = np.sort(given[~np.isnan(given)])
    if seen.size and (seen[0] < 0 or np.isinf(seen[-1])):
        raise ValueError("values are finite and not negative: with losses among them these shares mean nothing")
    return seen, given.size - seen.size
