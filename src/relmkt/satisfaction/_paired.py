"""How do two columns of the same respondents compare? Ratios of sums, and medians.

Cochran (1977), Sampling Techniques, chapter 6: the error of a ratio of sums; the median's interval between two order
statistics: Thompson (1936), Annals of Mathematical Statistics 7(3), 122-128.
"""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales import Scale
from relmkt.scales._answers import numbers
from relmkt.scales._labels import places_of
from relmkt.scales._mean import ratio_error
from relmkt.scales._quantiles import beta_probability, normal_quantile

__all__ = ["ENOUGH", "Floats", "alike", "answered", "groups", "median_estimate", "ratio_of_sums"]

Floats = NDArray[np.float64]

ENOUGH = 10
"""Below so many pairs a ratio has no interval: its error is a first-order one."""


def answered(values: Any, scale: Scale | None = None) -> tuple[Floats, int]:
    """Answers or scores as numbers, NaN where there is none, and how many were invalid: off the scale, or no number.

    values: shape (n,) or (n, k). scale: its ends count alone, for a score of several items lies between two steps.

    >>> found, invalid = answered([7, None, 12, "x"], Scale(1, 10))
    >>> found.tolist(), invalid
    ([7.0, nan, nan, nan], 2)
    """
    told = values if getattr(getattr(values, "dtype", None), "kind", "O") in "iuf" else np.array(values, dtype=object)
    read = numbers(told if getattr(told, "ndim", 1) == 1 else np.ravel(told)).reshape(np.shape(told))
    low, high = (-np.inf, np.inf) if scale is None else (scale.low, scale.high)
    wrong = ~np.isnan(read) & ~(np.isfinite(read) & (read >= low) & (read <= high))
    found = np.where(wrong, np.nan, read)
    found.setflags(write=False)
    return found, int(np.count_nonzero(wrong))


def alike(**columns: Any) -> None:
    """Refuses columns of unlike length, by name, with a ValueError."""
    sizes = {name: np.shape(column) for name, column in columns.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {shape}" for name, shape in sizes.items())
        raise ValueError(f"expected columns of one shape, an entry a respondent; got {told}")


def groups(by: ArrayLike, n: int) -> dict[str, NDArray[np.int64]]:
    """The rows of each label, sorted by code point; ValueError for labels of another length.

    >>> {name: rows.tolist() for name, rows in groups(["b", "a", "b"], 3).items()}
    {'a': [1], 'b': [0, 2]}
    """
    given = by if isinstance(by, np.ndarray) else np.asarray(by, object)
    if given.size != n:
        raise ValueError(f"by: {n} respondents need as many labels, got {given.size}")
    names, place = places_of(given, n)
    rows = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
    return dict(zip(names, rows, strict=False))  # of no labels there is one empty part, and no name


def ratio_of_sums(over: Floats, under: Floats, *, level: float, note: str, **told: Any) -> Estimate:
    """sum(over) / sum(under) of independent respondents, delta method; no interval below ten of them.

    over, under: shape (n,), without NaN, `under` above 0.

    >>> ratio_of_sums(np.array([80.0, 60.0]), np.array([100.0, 40.0]), level=0.95, note="nobody").value
    1.0
    """
    n = len(over)
    if not n:
        return Estimate.unknown(note, level=level, method="delta", **told)
    middle, se = float(over.sum() / under.sum()), ratio_error(over, under) if n >= ENOUGH else nan
    half = normal_quantile(level) * se
    notes = () if n >= ENOUGH else (f"no interval below {ENOUGH} respondents",)
    return Estimate(middle, middle - half, middle + half, level, n, "delta", notes=notes, se=se, **told)


def median_estimate(values: Floats, *, level: float, note: str, **told: Any) -> Estimate:
    """The median, between the order statistics that cover it at least so often; no interval below ten values.

    values: shape (n,), without NaN.
    """
    n = len(values)
    if not n:
        return Estimate.unknown(note, level=level, method="order statistics", **told)
    ranked = np.sort(values)
    rank = _rank(n, (1 - level) / 2) if n >= ENOUGH else 0
    low, high = (ranked[rank - 1], ranked[n - rank]) if rank else (nan, nan)
    return Estimate(float(np.median(ranked)), low, high, level, n, "order statistics", **told)


def _rank(n: int, tail: float) -> int:
    """The highest rank that is above the median with no more than this probability; 0 where none is."""
    low, high = 0, n // 2
    while low < high:
        middle = (low + high + 1) // 2
        within = beta_probability(0.5, n - middle + 1, middle) <= tail
        low, high = (middle, high) if within else (low, middle - 1)
    return low
