"""How is a formula's answer told? As an estimate: with a normal interval where a standard error is known.

The error of an input that is itself an estimate is carried on by the delta method: Wasserman (2004), "All of
Statistics", theorem 9.28.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import normal_quantile

__all__ = ["Amount", "error_of", "figure", "number"]

Amount = ArrayLike | Estimate  # what a formula takes: a number, an array of them, or an estimate with its error
Floats = NDArray[np.float64]


def number(given: Amount) -> Floats:
    """The plain figures of an argument, as an array of 0 or 1 dimensions."""
    return np.asarray(given.value if isinstance(given, Estimate) else given, dtype=np.float64)


def error_of(given: Amount) -> Floats:
    """The standard error of an argument: of an estimate that has one; 0 for what is taken as known."""
    return np.nan_to_num(np.asarray(given.se, dtype=np.float64)) if isinstance(given, Estimate) else np.zeros(())


def figure(
    value: ArrayLike,
    se: ArrayLike | None = None,
    *,
    level: float = 0.95,
    n: Any = 0,
    method: str = "",
    labels: Iterable[Any] | None = None,
    notes: Iterable[str] = (),
) -> Estimate:
    """One number, or a column of them labelled by `labels` or by row; the interval is normal where `se` is above 0.

    >>> print(figure(266.6667, 24.4444, method="delta"))
    266.67 [218.76, 314.58] 95 %, n = 0 (delta)
    """
    middle = np.asarray(value, dtype=np.float64)
    error = np.broadcast_to(np.nan if se is None else np.asarray(se, dtype=np.float64), middle.shape)
    reach = np.where(error > 0, normal_quantile(level) * error, np.nan)
    low, high = middle - reach, middle + reach
    names: Iterable[Any] | None = labels
    if middle.ndim == 0:
        names, (middle, low, high, error) = None, (v[()] for v in (middle, low, high, error))
    elif names is None:
        names = np.arange(middle.size)
    return Estimate(
        middle,
        low,
        high,
        level=level,
        n=n,
        method=method,
        labels=names,
        notes=tuple(notes),
        se=error,
    )
