"""How sure is a figure that has no formula for its error? Percentiles of it over respondents drawn again.

Efron (1979), Bootstrap Methods: Another Look at the Jackknife, Annals of Statistics 7(1), 1-26; percentiles corrected
for the bias of the draws: Efron (1981), Nonparametric Standard Errors and Confidence Intervals, Canadian J. Statistics
9(2), 139-158.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

__all__ = ["bounds"]

Floats = NDArray[np.float64]


def bounds(drawn: Floats, level: float, value: Floats | None = None) -> tuple[Floats, Floats, Floats]:
    """Bounds and standard errors of draws, a row a draw; draws that are unknown are passed over.

    value: the figures themselves; the percentiles are then corrected for the bias of the draws, and enclose them.
    """
    out = np.full((3, drawn.shape[1]), np.nan)
    tails = [(1 - level) / 2, (1 + level) / 2]
    for place, column in enumerate(drawn.T):
        seen = column[~np.isnan(column)]
        if len(seen) < 2 or (value is not None and np.isnan(value[place])):
            continue
        if value is None:
            ends = np.quantile(seen, tails)
        else:
            at = np.quantile(seen, _corrected(seen, float(value[place]), tails))
            ends = np.array([min(at[0], value[place]), max(at[1], value[place])])
        out[:, place] = (*ends, seen.std(ddof=1))
    return out[0], out[1], out[2]


def _corrected(seen: Floats, value: float, tails: Sequence[float]) -> list[float]:
    """The tails moved by twice the bias of the median, in normal units; half of the draws that tie count as below."""
    below = (np.count_nonzero(seen < value) + np.count_nonzero(seen == value) / 2) / len(seen)
    normal = NormalDist()
    bias = normal.inv_cdf(min(max(below, 1 / (2 * len(seen))), 1 - 1 / (2 * len(seen))))
    return [normal.cdf(2 * bias + normal.inv_cdf(tail)) for tail in tails]
