"""How sure are several shares of one whole together? Goodman's intervals: Wilson's, each at its part of the level.

Goodman (1965), "On simultaneous confidence intervals for multinomial proportions", Technometrics 7(2), 247-254.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import normal_quantile
from relmkt.scales._shares import share_estimate, wilson

__all__ = ["Interval", "flags", "shares"]

Interval = Literal["Wilson", "Goodman"]


def shares(
    counts: Sequence[int], labels: Iterable[str], *, level: float, interval: Interval, nobody: str, **told: Any
) -> Estimate:
    """The shares of the parts of one whole, labelled. interval: "Wilson", each alone; "Goodman", all of them together.

    >>> round(shares([3, 1], ["a", "b"], level=0.95, interval="Wilson", nobody="no one")["a"].value, 2)
    0.75
    """
    if interval not in ("Wilson", "Goodman"):
        raise ValueError("interval: expected 'Wilson' or 'Goodman'")
    n = [sum(counts)] * len(counts)
    found = share_estimate(counts, n, level=level, note=nobody, labels=labels, **told)
    if interval == "Wilson":
        return found
    low, high = wilson(counts, n, normal_quantile(1 - (1 - level) / len(counts)))
    return evolve(found, low=low, high=high, method=interval)


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
