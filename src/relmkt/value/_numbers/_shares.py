"""How sure is a figure of a sample of customers? Customers drawn again, with replacement.

Efron (1979), "Bootstrap methods: another look at the jackknife", Annals of Statistics 7(1), 1-26: percentiles.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.scales._quantiles import normal_quantile

__all__ = ["drawn_again"]

Floats = NDArray[np.float64]


def drawn_again(
    figure: Callable[..., ArrayLike],
    *columns: Floats,
    rng: np.random.Generator,
    resamples: int,
    level: float,
) -> tuple[Floats, Floats, Floats]:
    """Bounds and standard error of a figure of some customers, who are drawn again with replacement `resamples` times.

    figure: takes the columns, one entry a customer, and gives one number or a column of them. Draws that leave it
    unknown are passed over.
    """
    if resamples < 2:
        raise ValueError(f"resamples: expected 2 or more, got {resamples}")
    normal_quantile(level)  # refuses a level outside (0, 1)
    n = columns[0].shape[0]
    told = []
    for _ in range(resamples):
        rows = rng.integers(0, n, n) if n else np.zeros(0, np.int64)
        told.append(np.asarray(figure(*(column[rows] for column in columns)), np.float64))
    found = np.array(told)
    known = ~np.isnan(found)
    empty = known.sum(axis=0) < 2
    filled = np.where(empty, 0.0, found)
    low, high = np.nanquantile(filled, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return tuple(np.where(empty, np.nan, v) for v in (low, high, np.nanstd(filled, axis=0, ddof=1)))  # type: ignore[return-value]
