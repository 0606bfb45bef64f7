"""How far apart are the means of two groups? Welch's interval, for groups of two spreads and two sizes.

Welch (1947), The Generalization of "Student's" Problem When Several Different Population Variances Are Involved,
Biometrika 34(1/2), 28-35; the degrees of freedom: Satterthwaite (1946), An Approximate Distribution of Estimates of
Variance Components, Biometrics Bulletin 2(6), 110-114.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import f_quantile

__all__ = ["difference_of_means", "satterthwaite"]

_SAME = "everybody in each group has the same value, so that the interval has no width"


def satterthwaite(*errors: tuple[float, int]) -> float:
    """The degrees of freedom of a sum of variances of means: (Σv)² / Σ v²/(n − 1).

    errors: of each group the variance of its mean, s²/n, and its n of two or more; not all variances are 0.

    >>> round(satterthwaite((1.0, 2), (1 / 3, 3)), 4)
    1.6842
    """
    return sum(v for v, _ in errors) ** 2 / sum(v**2 / (n - 1) for v, n in errors)


def difference_of_means(
    one: NDArray[np.float64], other: NDArray[np.float64], *, level: float, note: str, **told: Any
) -> Estimate:
    """The mean of one group less that of another, with Welch's interval; none where a group has a single member.

    one, other: shapes (n,) and (m,), without NaN. note: what to say where a group is empty. told: further fields of the
    estimate, whose n is the members of both.

    >>> print(difference_of_means(np.array([3.0, 5.0]), np.array([1.0, 2.0, 3.0]), level=0.95, note=""))
    2.00 [-3.98, 7.98] 95 %, n = 5 (Welch)
    """
    if not len(one) or not len(other):
        return Estimate.unknown(note, level=level, method="Welch", **told)
    middle, n = float(one.mean() - other.mean()), len(one) + len(other)
    if min(len(one), len(other)) < 2:
        return Estimate(middle, level=level, n=n, method="Welch", **told)
    errors = [(float(group.var(ddof=1)) / len(group), len(group)) for group in (one, other)]
    spread = sum(v for v, _ in errors)
    if spread == 0:
        return Estimate(middle, middle, middle, level, n, "Welch", notes=(_SAME,), se=0.0, **told)
    half = sqrt(f_quantile(level, 1, satterthwaite(*errors)) * spread)
    return Estimate(middle, middle - half, middle + half, level, n, "Welch", se=sqrt(spread), **told)
