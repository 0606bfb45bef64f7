"""How many purchases follow a purchase, when gaps are gamma of shape k and the rate is known up to a gamma law?

The renewal function of Gamma(k, 1) gaps has the Laplace transform 1 / (z ((1 + z)^k − 1)) (Cox 1962, "Renewal theory",
section 4.2), which is inverted by the Fourier series with Euler's summation (Abate & Whitt 1995, ORSA Journal on
Computing 7(1)) and goes over into w / k + (1 − k) / (2 k). Tables run over log w, so that the mean over a gamma law of
the rate is a discrete correlation. Read off linearly, counts are right to about 1e-4 of their size, for k up to 30.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb, lgamma

import numpy as np
from numpy.typing import NDArray

__all__ = ["GRID", "SHAPES", "read", "renewal_function", "table"]

Floats = NDArray[np.float64]
STEP = 0.025  # of the tables, in log w
LOW, HIGH = -30.0, 12.0
GRID = np.arange(round((HIGH - LOW) / STEP) + 1) * STEP + LOW
SHAPES = 0.05  # step of log k between tables
GAPS = 6.0  # after so many mean gaps a regular customer's purchases have lost their step
ACCURACY = 18.4  # Abate & Whitt's A: the series then errs by 1e-8
EULER = 11
BINOMIAL = np.array([comb(EULER, i) for i in range(EULER + 1)]) / 2.0**EULER
NEVER = 40.0  # a chance of e^−40 of even one renewal
POWER = int((-4.0 - LOW) / STEP) // 8 * 8  # steps of GRID that lie below w = e^−4
NARROW = 2500.0  # a gamma law of a greater shape is about as narrow as the tables' step


def renewal_function(k: float, w: Floats) -> Floats:
    """Expected renewals until the times w > 0, ascending, of gaps Gamma(k, 1).

    >>> renewal_function(1.0, np.array([0.5, 2.0])).round(6) + 0.0  # a Poisson process
    array([0.5, 2. ])
    """
    turn = 1 - np.cos(2 * np.pi / k) if k > 2 else 1.0
    until = min(18 / turn, max(GAPS * k, 18.0))
    answer = w / k + (1 - k) / (2 * k)
    sooner = k * np.log(w) - lgamma(k + 1)  # of the chance of one renewal, where w is small
    answer[(sooner < -NEVER) & (w < k)] = 0.0
    soon = int(np.searchsorted(sooner, -NEVER)) if k > 1 else 0
    ends = np.searchsorted(w, [2.0, *(2.0 ** np.arange(2, np.log2(max(until, 4.0)) + 1)), until])
    for start, end in zip(np.maximum([0, *ends[:-1]], soon), ends, strict=True):
        if start < end:
            answer[start:end] = np.maximum(_inverted(k, w[start:end]), 0.0)
    return answer


def _inverted(k: float, w: Floats) -> Floats:
    terms = 30 + int(3 * w[-1] / np.sqrt(max(k, 1.0)))
    j = np.arange(terms + EULER + 1)[:, None]
    z = (ACCURACY + 2j * np.pi * j) / (2 * w)
    parts = (1 / (z * np.expm1(k * np.log1p(z)))).real * np.where(j % 2, -1.0, 1.0)
    parts[0] *= 0.5
    answer: Floats = np.exp(ACCURACY / 2) / w * (BINOMIAL @ np.cumsum(parts, axis=0)[terms:])
    return answer


@lru_cache(maxsize=1024)
def _plain(index: int) -> Floats:
    """The renewal function of the shape exp(index SHAPES) over GRID: where it is a power, its logarithm is linear."""
    k, w = float(np.exp(index * SHAPES)), np.exp(GRID)
    some = np.append(np.arange(0, POWER, 8), np.arange(POWER, GRID.size))
    found = renewal_function(k, w[some])
    return np.asarray(np.exp(np.interp(GRID, GRID[some], np.log(np.maximum(found, 1e-300)))))


@lru_cache(maxsize=8192)
def table(index: int, A: float) -> Floats:
    """Renewals until exp(GRID) times Gamma(A, A), on average, for the shape exp(index SHAPES).

    >>> float(np.interp(np.log(5.0), GRID, table(0, 3.0)).round(3))  # a Poisson process again
    5.0
    """
    plain, k = _plain(index), float(np.exp(index * SHAPES))
    first, law, stride = _law(A)
    right = max(0, first + (law.size - 1) * stride)
    beyond = np.exp(HIGH + STEP * np.arange(1, right + 1)) / k + (1 - k) / (2 * k)
    padded = np.concatenate([np.zeros(-first), plain, beyond])
    answer = np.empty_like(plain)
    for phase in range(stride):
        answer[phase::stride] = np.correlate(padded[phase::stride], law, "valid")[: answer[phase::stride].size]
    return answer


def _law(A: float) -> tuple[int, Floats, int]:
    """Chances of log(Gamma(A, A)) at multiples of `stride` steps, from the step `first` on."""
    if A > NARROW:  # three points with the law's mean and variance, where it falls between the steps
        mean, spread = -0.5 / A / STEP, 1 / A / STEP**2 + (0.5 / A / STEP) ** 2
        return -1, np.array([(spread - mean) / 2, 1 - spread, (spread + mean) / 2]), 1
    stride = max(1, int(min(0.2, 0.6 / np.sqrt(A)) / STEP))
    ends = max(-32 / A - 1, LOW - HIGH, -9 / np.sqrt(A) - 12 / A), np.log1p(9 / np.sqrt(A) + 30 / A)
    first, last = (int(np.floor(end / STEP / stride)) for end in ends)
    g = np.arange(first, last + 1) * (STEP * stride)
    law = np.exp(A * (g + np.log(A)) - A * np.exp(g) - lgamma(A)) * (STEP * stride)
    return first * stride, law, stride


def read(tables: Floats, row: NDArray[np.int64], z: Floats) -> Floats:
    """The tables' values at z in log w, each in the table of its row; beyond GRID they are linear in w."""
    inside = np.clip(z, LOW, HIGH - 2 * STEP)
    at = (inside - LOW) / STEP
    low = at.astype(np.int64)
    rest = at - low
    flat, low = tables.ravel(), low + row * tables.shape[1]
    answer: Floats = (1 - rest) * flat[low] + rest * flat[low + 1]
    far = z > inside
    if far.any():
        answer = np.where(far, answer * np.exp(np.where(far, z - inside, 0.0)), answer)
    return answer
