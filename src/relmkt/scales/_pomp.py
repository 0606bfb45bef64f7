"""How far up its scale does an answer stand? The percent of the maximum possible, and back.

Cohen, Cohen, Aiken & West (1999), The Problem of Units and the Circumstance for POMP, Multivariate Behavioral Research
34(3), 315-346. It makes scales of different lengths comparable in unit, not in meaning: what was asked still differs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.scales._item import Scale

__all__ = ["from_pomp", "pomp"]


def pomp(values: ArrayLike, scale: Scale) -> NDArray[np.float64]:
    """Answers or means as 0 to 100: 100 (x − low) / (high − low).

    values: on the scale, of any shape; NaN stays. What is outside the scale comes out below 0 or above 100, not cut.

    >>> pomp([1, 4, 7], Scale(1, 7)).tolist()
    [0.0, 50.0, 100.0]

    Source: Cohen et al. 1999.
    """
    told: NDArray[np.float64] = 100 * (np.asarray(values, np.float64) - scale.low) / (scale.high - scale.low)
    return told


def from_pomp(values: ArrayLike, scale: Scale) -> NDArray[np.float64]:
    """Percents of the maximum possible, back on a scale: the inverse of `pomp`.

    values: 0 to 100, of any shape; NaN stays.

    >>> from_pomp([0, 50, 100], Scale(1, 7)).tolist()
    [1.0, 4.0, 7.0]

    Source: Cohen et al. 1999.
    """
    told: NDArray[np.float64] = scale.low + np.asarray(values, np.float64) / 100 * (scale.high - scale.low)
    return told
