"""Which special functions do the purchase models need? ln Γ, and its two derivatives.

Upward recurrence to an argument of at least 8, then Stirling's asymptotic series; Abramowitz & Stegun (1964),
6.1.15, 6.1.41, 6.3.5, 6.3.18, 6.4.12. SciPy is the oracle in the tests, at 1e-12, and is not needed at run time.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["digamma", "gammaln", "log_rising", "running", "trigamma"]

Floats = NDArray[np.float64]

SHIFT = 8
HALF_LOG_TWO_PI = 0.9189385332046727
# Bernoulli numbers over the integers that each series asks for, highest power first (for Horner's rule)
LGAMMA = (-3617 / 122400, 1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
DIGAMMA = (-3617 / 8160, 1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12)
TRIGAMMA = (-3617 / 510, 7 / 6, -691 / 2730, 5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6)


def gammaln(x: ArrayLike) -> Floats:
    """Natural logarithm of the gamma function of positive numbers, element by element.

    >>> gammaln([1.0, 5.0]).round(12) + 0.0
    array([0.        , 3.17805383])
    """
    low, z = _shifted(x)
    with np.errstate(over="ignore"):
        product = np.ones_like(z)
        for k in range(SHIFT):
            product *= np.where(low, z + k, 1.0)
    y = np.where(low, z + SHIFT, z)
    answer: Floats = (y - 0.5) * np.log(y) - y + HALF_LOG_TWO_PI + _horner(LGAMMA, 1 / (y * y)) / y - np.log(product)
    return answer


def digamma(x: ArrayLike) -> Floats:
    """Derivative of `gammaln` at positive numbers, element by element.

    >>> float(digamma(1.0)).__round__(12)
    -0.577215664902
    """
    low, z = _shifted(x)
    shed = sum((np.where(low, 1 / (z + k), 0.0) for k in range(SHIFT)), np.zeros_like(z))
    y = np.where(low, z + SHIFT, z)
    w = 1 / (y * y)
    answer: Floats = np.log(y) - 0.5 / y - w * _horner(DIGAMMA, w) - shed
    return answer


def trigamma(x: ArrayLike) -> Floats:
    """Second derivative of `gammaln` at positive numbers, element by element.

    >>> float(trigamma(1.0)).__round__(12)
    1.644934066848
    """
    low, z = _shifted(x)
    shed = sum((np.where(low, 1 / (z + k) ** 2, 0.0) for k in range(SHIFT)), np.zeros_like(z))
    y = np.where(low, z + SHIFT, z)
    w = 1 / (y * y)
    answer: Floats = 1 / y + 0.5 * w + _horner(TRIGAMMA, w) * w / y + shed
    return answer


def running(start: float, n: int, power: int = 0) -> Floats:
    """Sums over k < x of log(start + k), or of (start + k) ** -power, for x = 0 … n: a table, for x is whole.

    >>> running(2.0, 2).round(4)
    array([0.    , 0.6931, 1.7918])
    """
    terms = start + np.arange(n)
    table = np.zeros(n + 1)
    np.cumsum(terms ** -float(power) if power else np.log(terms), out=table[1:])
    return table


def log_rising(start: ArrayLike, x: ArrayLike) -> Floats:
    """Logarithm of Γ(start + x) / Γ(start), element by element: of start (start + 1) … for whole x.

    >>> log_rising(2.0, [0.0, 2.0]).round(4)
    array([0.    , 1.7918])
    """
    begun, more = (np.asarray(given, dtype=np.float64) for given in (start, x))
    answer: Floats = gammaln(begun + more) - gammaln(begun)
    return answer


def _shifted(x: ArrayLike) -> tuple[NDArray[np.bool_], Floats]:
    z = np.asarray(x, dtype=np.float64)
    return z < SHIFT, z


def _horner(coefficients: tuple[float, ...], w: Floats) -> Floats:
    total = np.full_like(w, coefficients[0])
    for c in coefficients[1:]:
        total = total * w + c
    return total
