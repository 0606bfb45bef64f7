"""How long does something last that may end at each of a row of opportunities? Sums over a beta-geometric lifetime.

A customer comes through the next k opportunities with the chance S(k) = (B)_k / (A+B)_k, when the chance to leave at
each is a Beta(A, B) draw of their own. Fader, Hardie & Shang (2010), Marketing Science 29(6), and Fader & Hardie
(2010), Marketing Science 29(1), both sum S(k) v^k without end into a 2F1(1, B; A+B; v). Gauss's continued fraction
gives it (Abramowitz & Stegun 1964, 15.1 and 26.5; Jones & Thron 1980, "Continued fractions", 6.1), for v up to 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["endless", "log_survival", "passed", "whole"]

Floats = NDArray[np.float64]
LONGEST = 200_000


def whole(name: str, given: float, least: int = 0) -> int:
    """A number of opportunities; ValueError where it is not whole or below `least`.

    >>> whole("horizon", 2.0)
    2
    """
    if not (given >= least and given == np.floor(given) and given <= LONGEST):
        raise ValueError(f"{name}: expected a whole number of opportunities from {least} to {LONGEST:,}, got {given:g}")
    return int(given)


def log_survival(A: Any, B: Any, steps: int) -> Floats:
    """Logarithm of the chance to come through so many opportunities.

    >>> float(np.exp(log_survival(1.0, 1.0, 3)).round(6))
    0.25
    """
    total = np.zeros(np.broadcast(A, B).shape)
    for k in range(steps):
        total = total - np.log1p(A / (B + k))
    return total


def passed(A: Any, B: Any, v: float, steps: int) -> Floats:
    """Opportunities come through among the next ones, each worth v times the one before: the sum of S(k) v^k, k > 0.

    It divides by nothing that vanishes at A = 1, where the closed form does (PEERS failure 4).

    >>> float(passed(1.0, 1.0, 1.0, 2).round(6))
    0.833333
    """
    term = np.ones(np.broadcast(A, B).shape)
    total = np.zeros_like(term)
    for k in range(steps):
        term = term * (v * (B + k) / (A + B + k))
        total = total + term
    return total


def endless(A: Any, B: Any, v: float) -> Floats:
    """The sum of S(k) v^k over k = 0, 1, 2, … without end; infinite at v = 1 for A of 1 or less.

    >>> round(float(endless(2.0, 3.0, 1.0)), 6), round(float(endless(1.0, 1.0, 0.5)), 6)
    (4.0, 1.386294)
    """
    if not 0 <= v <= 1:
        raise ValueError(f"v: a factor of present value lies between 0 and 1, got {v:g}")
    A, B = np.broadcast_arrays(np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64))
    if v == 1:
        with np.errstate(divide="ignore"):
            return np.where(A > 1, (A + B - 1) / np.where(A > 1, A - 1, 1.0), np.inf)
    return _fraction(A, B, v)


def _fraction(A: Floats, B: Floats, v: float) -> Floats:
    """Gauss's fraction 1 / (1 − a_1 v / (1 − a_2 v / …)), from its tail: every part lies in (0, 1)."""
    root = np.sqrt(1 - v)
    shrinks = (1 - root) / (1 + root)  # of the error, by each part
    parts = min(LONGEST, 12 + int(40 / -np.log(max(shrinks, 1e-6)))) + 2 * int(np.sqrt(np.max(A + B, initial=0.0)))
    C = A + B
    inside = np.full(C.shape, 0.5 * (1 + root))  # where the tail of the fraction tends to
    for m in range(parts, 0, -1):
        k, odd = divmod(m, 2)
        part = (B + k) * (C + k - 1) / ((C + 2 * k - 1) * (C + 2 * k)) if odd and k else B / C
        if not odd:
            part = k * (A + k - 1) / ((C + 2 * k - 2) * (C + 2 * k - 1))
        inside = 1 - v * part / inside
    answer: Floats = 1 / inside
    return answer
