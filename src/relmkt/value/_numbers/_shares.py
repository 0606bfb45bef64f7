"""How sure is a share, or a figure of a sample of customers? Wilson's interval; customers drawn again; sums by ratio.

Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22(158), 209-212; Efron
(1979), "Bootstrap methods: another look at the jackknife", Annals of Statistics 7(1), 1-26: percentiles; Cochran
(1977), "Sampling Techniques", chapter 6: the error of a ratio of sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._numbers._special import normal_quantile

__all__ = ["drawn_again", "ratio_error", "share"]

Floats = NDArray[np.float64]


def share(
    k: ArrayLike,
    n: ArrayLike,
    *,
    level: float,
    nobody: str,
    labels: Iterable[Any] | None = None,
    notes: Sequence[str] = (),
) -> Estimate:
    """k of n with Wilson's interval, one or a column of them; NaN where n is 0, and `nobody` says why.

    >>> print(share(70, 100, level=0.95, nobody="nobody was asked"))
    0.70 [0.60, 0.78] 95 %, n = 100 (Wilson)
    """
    hits, of = np.broadcast_arrays(np.asarray(k, np.float64), np.asarray(n, np.float64))
    z2 = normal_quantile(level) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(of > 0, hits / of, np.nan)
        middle = (p + z2 / (2 * of)) / (1 + z2 / of)
        reach = np.sqrt(z2 * p * (1 - p) / of + (z2 / (2 * of)) ** 2) / (1 + z2 / of)
        se = np.sqrt(p * (1 - p) / of)
    low, high = np.minimum(np.maximum(middle - reach, 0.0), p), np.maximum(np.minimum(middle + reach, 1.0), p)
    told = (*notes, nobody) if (of == 0).any() or not of.size else tuple(notes)
    counts = of.astype(np.int64)
    if p.ndim == 0:
        return Estimate(float(p), float(low), float(high), level, int(counts), "Wilson", notes=told, se=float(se))
    names = np.arange(p.size) if labels is None else labels
    return Estimate(p, low, high, level, counts, "Wilson", names, told, se=se)


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


def ratio_error(over: Floats, under: Floats) -> float:
    """Standard error of sum(over) / sum(under) of independent customers, by the delta method; NaN below two of them.

    >>> round(ratio_error(np.array([1.0, 3.0]), np.array([4.0, 4.0])), 6)
    0.25
    """
    n, whole = over.size, float(under.sum())
    if n < 2 or not whole:
        return float("nan")
    rest = over - over.sum() / whole * under
    return float(np.sqrt(n / (n - 1) * (rest @ rest)) / abs(whole))
