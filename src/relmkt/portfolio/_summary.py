"""What is a segment like, and where do estimates stand beside it?

A mean's interval is the normal one, mean ± z · s / √n, s the sample standard deviation (n − 1).
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relmkt.estimate import Estimate

__all__ = ["aligned", "mean_of"]


def mean_of(names: Sequence[str], columns: Sequence[NDArray[np.float64]], level: float) -> Estimate:
    """The mean of each column, missing values left out, labelled by name."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    rows = [_mean(column[~np.isnan(column)]) for column in columns]
    value, se, n = (np.array(told) for told in zip(*rows, strict=True)) if rows else (np.zeros(0),) * 3
    missing = [int(np.isnan(column).sum()) for column in columns]
    low, high, valid = value - z * se, value + z * se, n.astype(np.int64)
    return Estimate(value, low, high, level, valid, "normal", labels=names, se=se, missing=missing)


def _mean(seen: NDArray[np.float64]) -> tuple[float, float, int]:
    n = len(seen)
    if n == 0:
        return np.nan, np.nan, 0
    return float(seen.mean()), float(seen.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan, n


def aligned(name: str, estimate: Estimate, ids: NDArray[np.str_]) -> dict[str, NDArray[Any]]:
    """An estimate a customer as three columns in the order of `ids`, NaN for those it does not hold."""
    if estimate.labels is None:
        raise TypeError(f"{name} is one number: a column takes an estimate for each customer")
    labels = np.array(estimate.labels, np.str_)
    found = {}
    for suffix, told in (("", estimate.value), ("_low", estimate.low), ("_high", estimate.high)):
        if len(labels) == len(ids) and np.array_equal(labels, ids):
            found[name + suffix] = np.asarray(told)
            continue
        by_label = dict(zip(estimate.labels, np.asarray(told).tolist(), strict=True))
        found[name + suffix] = np.array([by_label.get(id, np.nan) for id in ids.tolist()], np.float64)
    return found
