"""How sure is a share of some customers? Wilson's interval, and Goodman's for several shares of one whole together.

Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22(158), 209-212; Goodman
(1965), "On simultaneous confidence intervals for multinomial proportions", Technometrics 7(2), 247-254.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import nan, sqrt
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate

__all__ = ["Interval", "flags", "share", "shares", "wilson"]

Interval = Literal["Wilson", "Goodman"]


def wilson(p: float, n: float, level: float, among: int = 1) -> tuple[float, float]:
    """Bounds of a share p of n; among: of how many shares together (1: this one alone), which is Goodman's interval.

    >>> [round(bound, 4) for bound in wilson(0.7, 100, 0.95)]
    [0.6042, 0.7811]
    """
    if not n > 0 or p != p:
        return nan, nan
    z2 = NormalDist().inv_cdf(1 - (1 - level) / (2 * among)) ** 2
    middle, reach = p + z2 / (2 * n), sqrt(z2 * p * (1 - p) / n + (z2 / (2 * n)) ** 2)
    low, high = ((middle + side * reach) / (1 + z2 / n) for side in (-1, 1))
    return min(max(low, 0.0), p), max(min(high, 1.0), p)  # rounding may not leave [0, 1], nor the share itself out


def share(k: int, n: int, *, level: float, nobody: str, notes: Sequence[str] = (), **told: Any) -> Estimate:
    """k of n with Wilson's interval; NaN where n is 0, and `nobody` says why. told: further fields of the estimate.

    >>> print(share(70, 100, level=0.95, nobody="nobody was asked"))
    0.70 [0.60, 0.78] 95 %, n = 100 (Wilson)
    """
    if not n:
        return Estimate(nan, level=level, n=0, method="Wilson", notes=(nobody, *notes), **told)
    p = k / n
    return Estimate(p, *wilson(p, n, level), level, n, "Wilson", notes=notes, se=sqrt(p * (1 - p) / n), **told)


def shares(
    counts: Sequence[int], labels: Iterable[str], *, level: float, interval: Interval, nobody: str, **told: Any
) -> Estimate:
    """The shares of the parts of one whole, labelled. interval: "Wilson", each alone; "Goodman", all of them together.

    >>> round(shares([3, 1], ["a", "b"], level=0.95, interval="Wilson", nobody="no one")["a"].value, 2)
    0.75
    """
    if interval not in ("Wilson", "Goodman"):
        raise ValueError("interval: expected 'Wilson' or 'Goodman'")
    n, k = sum(counts), len(counts)
    p = np.asarray(counts, np.float64) / n if n else np.full(k, nan)
    low, high = np.array([wilson(one, n, level, k if interval == "Goodman" else 1) for one in p.tolist()]).T
    se = np.sqrt(p * (1 - p) / n) if n else p
    notes = () if n else (nobody,)
    return Estimate(p, low, high, level, n, interval, tuple(labels), notes, se=se, **told)


def flags(given: ArrayLike, name: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which are so, and of which it is known: of flags, or of counts (at least one); NaN and None are unknown."""
    told = np.asarray(given)
    if told.dtype.kind in "biu":
        return told.astype(np.int64) >= 1, np.ones(told.shape, np.bool_)
    told = np.asarray(given, np.float64)
    if told.ndim != 1 or (told < 0).any() or np.isinf(told).any():
        raise ValueError(f"{name}: expected a flag or a count a customer, zero or more, NaN where unknown")
    with np.errstate(invalid="ignore"):
        return told >= 1, ~np.isnan(told)
