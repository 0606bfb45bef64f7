"""Which customers have the same age and frequency? They are asked once; and odds as probabilities."""

import numpy as np
from numpy.typing import NDArray

from relmkt.value._summaries._periods import DAYS_OF, Unit

__all__ = ["distinct", "shares"]

Floats = NDArray[np.float64]


def shares(log_odds: Floats) -> Floats:
    """Probabilities of odds given by their logarithms.

    >>> shares(np.array([0.0, np.inf])).tolist()
    [0.5, 1.0]
    """
    with np.errstate(over="ignore"):
        share: Floats = 1 / (1 + np.exp(-log_odds))
    return share


def distinct(x: Floats, T: Floats, unit: Unit | None) -> tuple[tuple[Floats, Floats], NDArray[np.int64]]:
    """The distinct pairs, and where each row finds its own: many customers share age and frequency.

    Ages are whole days in nearly every summary; their codes then need no sorting.

    >>> pairs, where = distinct(np.array([2.0, 0.0, 2.0]), np.array([5.0, 5.0, 5.0]), "day")
    >>> pairs[0].tolist(), where.tolist()
    ([0.0, 2.0], [1, 0, 1])
    """
    days = DAYS_OF[unit or "day"]
    width, whole = int(x.max(initial=0)) + 1, np.rint(T * days)
    if (whole / days == T).all() and (whole.max(initial=0) + 1) * width <= 4 * x.size + 1024:
        keys = whole.astype(np.int64) * width + x.astype(np.int64)
        present = np.zeros((int(whole.max(initial=0)) + 1) * width, dtype=bool)
        present[keys] = True
        found = np.flatnonzero(present)
        return ((found % width).astype(np.float64), found // width / days), (np.cumsum(present) - 1)[keys]
    ages, which = np.unique(T, return_inverse=True)
    found, where = np.unique(which * width + x.astype(np.int64), return_inverse=True)
    return ((found % width).astype(np.float64), ages[found // width]), where
