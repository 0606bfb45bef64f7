"""How large is a mean, and how sure are we? Student's t interval (Student 1908, The Probable Error of a Mean).

The probability is the finite sum for whole degrees of freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4); beyond
200 of them the quantile is the Cornish–Fisher series (26.7.5), which agrees there to better than 1e-8. The error of a
ratio of two means or sums: Cochran 1977, Sampling Techniques, chapter 6.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, fsum, nan, pi, sin, sqrt, tan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import normal_quantile

__all__ = ["mean_estimate", "ratio_error", "student"]

_SERIES = 200


def _inside(angle: float, freedom: int) -> float:
    """The probability that |t| is below √freedom · tan(angle)."""
    c2, odd = cos(angle) ** 2, freedom % 2
    term = cos(angle) if odd else 1.0
    terms = [term] if freedom > 1 else []
    for k in range(2 + odd, freedom - 1, 2):
        term *= c2 * (k - 1) / k
        terms.append(term)
    total = sin(angle) * fsum(terms)
    return 2 / pi * (angle + total) if odd else total


@lru_cache(maxsize=4096)
def student(level: float, freedom: int) -> float:
    """The t of a two-sided interval of this level, at whole degrees of freedom of one or more.

    >>> round(student(0.95, 9), 6)
    2.262157
    """
    if freedom > _SERIES:
        return _cornish_fisher(normal_quantile(level), freedom)
    low, high = 0.0, pi / 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _inside(middle, freedom) < level else (low, middle)
    return sqrt(freedom) * tan(low)


def _cornish_fisher(z: float, freedom: int) -> float:
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + fsum(term / freedom**power for power, term in enumerate(terms, 1))


def mean_estimate(seen: NDArray[np.float64], *, level: float, note: str, **told: Any) -> Estimate:
    """The mean of the values seen, with Student's interval; one value has none.

    seen: shape (n,), without NaN. level: of the interval. note: what to say where nothing was seen.
    told: further fields of the estimate.
    """
    n = len(seen)
    if n == 0:
        return Estimate.unknown(note, level=level, method="t", **told)
    mean = fsum(seen) / n  # exact, so that the order of rows decides nothing
    se = sqrt(fsum((seen - mean) ** 2) / (n - 1) / n) if n > 1 else nan
    half = student(level, n - 1) * se if n > 1 else nan
    return Estimate(mean, mean - half, mean + half, level, n, "t", se=se, **told)


def ratio_error(over: NDArray[np.float64], under: NDArray[np.float64]) -> float:
    """Standard error of sum(over) / sum(under) of independent rows, by the delta method; NaN below two of them.

    >>> round(ratio_error(np.array([1.0, 3.0]), np.array([4.0, 4.0])), 6)
    0.25
    """
    n, whole = over.size, float(under.sum())
    if n < 2 or not whole:
        return nan
    rest = over - over.sum() / whole * under
    return float(np.sqrt(n / (n - 1) * (rest @ rest)) / abs(whole))
