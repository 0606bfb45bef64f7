"""How large is a mean, and how sure are we? Student's t interval (Student 1908, The Probable Error of a Mean).

The probability is the finite sum for whole degrees of freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4); beyond
200 of them the quantile is the Cornish–Fisher series (26.7.5), which agrees there to better than 1e-8. The error of a
ratio of two means or sums: Cochran 1977, Sampling Techniques, chapter 6. Many values are summed exactly by taking off
their leading digits, whose sum loses nothing, until none are left (Rump, Ogita & Oishi 2008, Accurate Floating-Point
Summation, SIAM Journal on Scientific Computing 31(1), 189-224).
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, frexp, fsum, nan, pi, sin, sqrt, tan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import normal_quantile

__all__ = ["known_mean", "mean_estimate", "ratio_error", "student", "weighted_means"]

_SERIES = 200
_FEW, _BLOCK = 1 << 10, 1 << 15  # rows: of so few the plain sum is quicker; a block stays in the processor's cache


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

    Source: Student 1908.
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

    >>> print(mean_estimate(np.array([4.0, 5.0, 3.0]), level=0.95, note="nobody answered"))
    4.00 [1.52, 6.48] 95 %, n = 3 (t)

    Source: Student 1908.
    """
    n = len(seen)
    if n == 0:
        return Estimate.unknown(note, level=level, method="t", **told)
    mean = _summed(seen) / n  # exact, so that the order of rows decides nothing
    se = sqrt(_summed((seen - mean) ** 2) / (n - 1) / n) if n > 1 else nan
    half = student(level, n - 1) * se if n > 1 else nan
    return Estimate(mean, mean - half, mean + half, level, n, "t", se=se, **told)


def known_mean(values: NDArray[np.float64], *, level: float, note: str, **told: Any) -> Estimate:
    """The mean of the values that are known, as of `mean_estimate`; NaN counts as missing.

    >>> known_mean(np.array([4.0, np.nan]), level=0.95, note="nobody answered").missing
    1
    """
    seen = values[~np.isnan(values)]
    return mean_estimate(seen, level=level, note=note, **{"missing": len(values) - len(seen), **told})


def weighted_means(values: NDArray[np.float64], weights: NDArray[np.float64], least: float = 1) -> NDArray[np.float64]:
    """The weighted mean of each row over what is known; NaN with less than so much known, or no weight on it.

    values: shape (n, k), NaN where unknown. weights: shape (k,), 0 or more.

    >>> weighted_means(np.array([[4.0, 1.0], [5.0, np.nan]]), np.array([2.0, 1.0])).tolist()
    [3.0, 5.0]
    """
    known = ~np.isnan(values)
    total, weight = np.zeros(len(values)), np.zeros(len(values))
    for place, one in enumerate(weights.tolist()):  # column by column, as one customer is scored: equal, not nearly
        total += np.where(known[:, place], one * values[:, place], 0.0)
        weight += one * known[:, place]
    out = np.full(len(values), nan)
    np.divide(total, weight, out=out, where=(known.sum(axis=1) >= least) & (weight > 0))
    return out


def _summed(values: NDArray[np.float64]) -> float:
    """The sum, rounded once: what `fsum` gives, without reading a million numbers one by one."""
    if len(values) < _FEW:
        return fsum(values)
    parts, told = [], np.asarray(values, np.float64)
    for start in range(0, len(told), _BLOCK):
        rest = told[start : start + _BLOCK]
        while most := max(float(rest.max()), -float(rest.min())):
            if not most < 1e250:  # infinite, missing, or so large that what is added would overflow
                return fsum(told.tolist())
            top = 2.0 ** (frexp(most)[1] + 16)  # 2¹⁵ numbers, and a bit for the sign
            leading = (rest + top) - top
            parts.append(float(leading.sum()))
            rest = rest - leading
    return fsum(parts)


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
