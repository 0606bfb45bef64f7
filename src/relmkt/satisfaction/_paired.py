"""How do two columns of the same respondents compare? Ratios of sums, medians, and differences of two groups' means.

Cochran (1977), Sampling Techniques, chapter 6: the error of a ratio of sums; Welch (1947), The Generalization of
"Student's" Problem When Several Different Population Variances Are Involved, Biometrika 34(1/2), 28-35; the median's
interval between two order statistics: Thompson (1936), Annals of Mathematical Statistics 7(3), 122-128.
"""

from __future__ import annotations

from math import nan, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales import Scale
from relmkt.scales._answers import numbers
from relmkt.scales._quantiles import beta_probability, f_quantile

__all__ = ["ENOUGH", "Floats", "alike", "answered", "difference_of_means", "groups", "median_estimate", "ratio_of_sums"]

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


def groups(by: ArrayLike, n: int) -> dict[str, NDArray[np.bool_]]:
    """The rows of each label, sorted by code point; ValueError for labels of another length."""
    told = np.array(["" if label is None else str(label) for label in np.asarray(by, object).ravel()], np.str_)
    if len(told) != n:
        raise ValueError(f"by: {n} respondents need as many labels, got {len(told)}")
    return {str(label): told == label for label in np.unique(told)}


def ratio_of_sums(over: Floats, under: Floats, *, level: float, note: str, **told: Any) -> Estimate:
    """sum(over) / sum(under) of independent respondents, delta method; no interval below ten of them.

    over, under: shape (n,), without NaN, `under` above 0.

    >>> ratio_of_sums(np.array([80.0, 60.0]), np.array([100.0, 40.0]), level=0.95, note="nobody").value
    1.0
    """
    n = len(over)
    if not n:
        return Estimate.unknown(note, level=level, method="delta", **told)
    whole = under.sum()
    middle = float(over.sum() / whole)
    rest = over - middle * under
    se = sqrt(n / (n - 1) * float(rest @ rest)) / float(whole) if n >= ENOUGH else nan
    half = NormalDist().inv_cdf((1 + level) / 2) * se
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


def difference_of_means(one: Floats, other: Floats, *, level: float, note: str, **told: Any) -> Estimate:
    """The mean of one group less that of another, with Welch's interval; none where a group has a single member.

    one, other: shapes (n,) and (m,), without NaN. n of the estimate: members of both.

    >>> print(difference_of_means(np.array([3.0, 5.0]), np.array([1.0, 2.0, 3.0]), level=0.95, note=""))
    2.00 [-3.98, 7.98] 95 %, n = 5 (Welch)
    """
    if not len(one) or not len(other):
        return Estimate.unknown(note, level=level, method="Welch", **told)
    middle, n = float(one.mean() - other.mean()), len(one) + len(other)
    if min(len(one), len(other)) < 2:
        return Estimate(middle, level=level, n=n, method="Welch", **told)
    parts = [float(group.var(ddof=1)) / len(group) for group in (one, other)]
    spread = sum(parts)
    if spread == 0:
        return Estimate(middle, middle, middle, level, n, "Welch", notes=(_SAME,), se=0.0, **told)
    freedom = spread**2 / sum(part**2 / (len(group) - 1) for part, group in zip(parts, (one, other), strict=True))
    half = sqrt(f_quantile(level, 1, freedom) * spread)
    return Estimate(middle, middle - half, middle + half, level, n, "Welch", se=sqrt(spread), **told)


_SAME = "everybody in each group has the same value, so that the interval has no width"
