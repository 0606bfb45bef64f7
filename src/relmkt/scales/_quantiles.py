"""Below which value does a share p of a beta or an F distribution lie, and between which two of a normal one?

The regularised incomplete beta function is the continued fraction of Abramowitz & Stegun 1964, 26.5.8, evaluated by
Lentz's method (1976, Applied Optics 15(3), 668-671). Its leading term is written by Stirling's series about the mode
(Loader 2000, Fast and Accurate Computation of Binomial Probabilities), for a difference of log gammas of a million
loses the digits that the quantile needs. Quantiles are Newton steps kept inside a bracket that is halved.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, inf, isfinite, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist

__all__ = ["beta_probability", "beta_quantile", "f_quantile", "normal_quantile"]

_TINY, _ENOUGH, _SERIES = 1e-300, 1e-16, 15.0


def normal_quantile(level: float) -> float:
    """How many standard errors a two-sided normal interval of that level reaches to each side.

    Raises ValueError for a level outside 0 to 1.

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number between 0 and 1, got {level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def _stirling(z: float) -> float:
    """What log Γ(z) has beyond (z − ½) ln z − z + ½ ln 2π."""
    if z < _SERIES:
        return lgamma(z) - ((z - 0.5) * log(z) - z + 0.5 * log(2 * pi))
    w = 1 / (z * z)
    return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z


def _log_power(x: float, a: float, b: float) -> float:
    """The logarithm of xᵃ (1 − x)ᵇ / B(a, b)."""
    n = a + b
    middle = a / n
    rise, fall = (x - middle) / middle, (middle - x) / (b / n)
    up = log1p(rise) if abs(rise) < 0.5 else log(x / middle)
    down = log1p(fall) if fall > -0.5 else log1p(-x) - log(b / n)
    return a * up + b * down + 0.5 * log(a * b / (2 * pi * n)) - _stirling(a) - _stirling(b) + _stirling(n)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction, which converges quickly for x below (a + 1) / (a + b + 2)."""
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > _TINY else _TINY)
    found, m = d, 0
    while m < 1_000_000:
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = found
        for term in (even, odd):
            c, d = 1 + term / c, 1 + term * d
            c, d = c if abs(c) > _TINY else _TINY, 1 / (d if abs(d) > _TINY else _TINY)
            found *= c * d
        if abs(found - before) <= _ENOUGH * found:
            break
    return found


def beta_probability(x: float, a: float, b: float) -> float:
    """The probability that a beta variate is at most x.

    x: in [0, 1]; outside it is 0 or 1. a, b: the shapes, more than 0.

    >>> round(beta_probability(0.3, 2, 3), 4)
    0.3483
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_probability(1 - x, b, a)
    return exp(_log_power(x, a, b)) * _fraction(x, a, b) / a


@lru_cache(maxsize=4096)
def beta_quantile(p: float, a: float, b: float) -> float:
    """The value below which a beta variate lies with probability p.

    p: in [0, 1]. a, b: the shapes, more than 0 and finite. Returns a number in [0, 1].
    Raises ValueError for a probability or a shape outside.

    >>> round(beta_quantile(0.5, 2, 2), 6), round(beta_quantile(0.025, 5, 1), 6)
    (0.5, 0.478176)
    """
    if not 0 <= p <= 1:
        raise ValueError("p is a probability, from 0 to 1")
    if not (0 < a < inf and 0 < b < inf):
        raise ValueError("the shapes of a beta distribution are more than 0 and finite")
    if p in (0, 1):
        return float(p)
    low, high, x = 0.0, 1.0, _start(p, a, b)
    for _ in range(2_000):  # far out each step takes but a part 1/a off x: some −ln p of them
        off = beta_probability(x, a, b) - p
        if off == 0:
            break
        low, high = (low, x) if off > 0 else (x, high)
        slope = exp(_log_power(x, a, b)) / (x * (1 - x))
        step = x - off / slope if slope > 0 and isfinite(slope) else low
        before, x = x, step if low < step < high else _between(low, high)
        if abs(x - before) <= 2 * _ENOUGH * before or x in (low, high):
            break
    return x


def _between(low: float, high: float) -> float:
    """Half-way between two bounds, and half-way between their magnitudes where those are far apart."""
    if low == 0:
        return high * high if high < 0.5 else high / 2
    return sqrt(low * high) if high > 4 * low else (low + high) / 2


def _start(p: float, a: float, b: float) -> float:
    mean = a / (a + b)
    guess = mean + NormalDist().inv_cdf(p) * sqrt(mean * (1 - mean) / (a + b + 1))
    return guess if 0 < guess < 1 else mean


def f_quantile(p: float, d1: float, d2: float) -> float:
    """The value below which an F variate of d1 and d2 degrees of freedom lies with probability p.

    p: in [0, 1]. d1, d2: degrees of freedom of the numerator and the denominator, more than 0, whole or not.
    Raises ValueError for a probability or degrees of freedom outside.

    >>> round(f_quantile(0.95, 3, 20), 4)
    3.0984
    """
    x = beta_quantile(p, d1 / 2, d2 / 2)
    if x <= 0.5:
        return d2 * x / (d1 * (1 - x))
    y = beta_quantile(1 - p, d2 / 2, d1 / 2)  # 1 − x, to its own digits
    return d2 * (1 - y) / (d1 * y) if y > 0 else inf
