"""How regular may a customer be, given the purchases so far? Nodes and weights for the shape k of the gaps.

Platzer & Reutterer (2016), "Ticking away the moments", Marketing Science 35(5): k ~ Gamma(t, γ) over customers, gaps
~ Gamma(k, kλ), λ ~ Gamma(r, α). With λ integrated out, the density of log k given x gaps is known up to the silence
since the last purchase. The integral over it is taken by the trapezoidal rule, which converges exponentially there
(Trefethen & Weideman 2014, SIAM Review 56(3)), in a variable that stretches a long left tail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.value._numbers._special import digamma, gammaln

__all__ = ["Histories", "knots", "log_density", "spaced"]

Floats = NDArray[np.float64]
Point = Sequence[Any] | Floats
KNOTS = 24
LOST = 30.0  # a weight e^30 below the greatest adds nothing
LEFT = 7.0  # steps of one standard deviation to the left of the mode; what lies beyond is stretched
HALVINGS = 40
SMALLEST = -200.0  # log k


@frozen(eq=False)
class Histories:
    """What the model reads: repeat purchases, age at the last, age, and the sum of the gaps' logarithms, a row each."""

    x: Floats
    t_x: Floats
    T: Floats
    log_gaps: Floats

    def take(self, rows: slice | NDArray[np.int64]) -> Histories:
        return Histories(self.x[rows], self.t_x[rows], self.T[rows], self.log_gaps[rows])


def log_density(point: Point, of: Histories, y: Floats) -> Floats:
    """Logarithm of the joint density of y = log k and the gaps, λ integrated out."""
    t, gamma, r, alpha = point[:4]
    k = np.exp(y)
    A, B = r + k * of.x, alpha + k * of.t_x
    prior = t * (np.log(gamma) + y) - gamma * k - gammaln(t)
    mixed = gammaln(A) - gammaln(r) + r * np.log(alpha) - A * np.log(B)
    answer: Floats = prior + mixed + of.x * (k * y - gammaln(k)) + (k - 1) * of.log_gaps
    return answer


def _slope(point: Point, of: Histories, y: Floats) -> Floats:
    t, gamma, r, alpha = point[:4]
    k = np.exp(y)
    A, B = r + k * of.x, alpha + k * of.t_x
    gaps = of.x * (digamma(A) - np.log(B) + y + 1 - digamma(k)) + of.log_gaps
    answer: Floats = t + k * (gaps - gamma - A * of.t_x / B)
    return answer


def _crossing(falls: Callable[[Floats], NDArray[np.bool_]], near: Floats, far: Floats, halvings: int) -> Floats:
    """Where `falls` turns true between near and far, by halving."""
    for _ in range(halvings):
        middle = 0.5 * (near + far)
        gone = falls(middle)
        near, far = np.where(gone, near, middle), np.where(gone, middle, far)
    return far


def knots(point: Floats, of: Histories) -> tuple[Floats, Floats]:
    """Values of log k and logarithms of their weights, (KNOTS, rows): they sum to the likelihood of the gaps.

    >>> one = Histories(*(np.array([v]) for v in (0.0, 0.0, 10.0, 0.0)))
    >>> y, w = knots(np.array([2.0, 1.0, 1.0, 5.0]), one)
    >>> float(np.exp(w).sum().round(8)), float((np.exp(w) * np.exp(y)).sum().round(8))  # the prior and its mean
    (1.0, 2.0)
    """
    y, log_width = spaced(point, of, KNOTS)
    return y, log_density(point, of, y) + log_width


def spaced(point: Point, of: Histories, count: int) -> tuple[Floats, Floats]:
    """Values of log k where the density counts, and logarithms of the widths that each stands for, (count, rows)."""
    t, gamma = point[0], point[1]
    least = np.broadcast_to(np.minimum(np.log(t / gamma), 0.0) - 50.0, of.x.shape)
    most = np.log((t + of.x + 2.0) / gamma) + 1.0
    mode = _crossing(lambda y: _slope(point, of, y) < 0, least, most, HALVINGS)
    step = 1e-3 / np.sqrt(t + of.x + 1)
    bend = (_slope(point, of, mode - step) - _slope(point, of, mode + step)) / (2 * step)
    sigma = 1 / np.sqrt(np.maximum(bend, 0.05))
    top = log_density(point, of, mode) - LOST
    low, high = (_reach(point, of, mode, sign * sigma, top) for sign in (-1, 1))
    stretch = np.maximum(low - LEFT, 0.0) / (np.exp(LEFT) - 1 - LEFT)
    left = np.minimum(low, LEFT)
    width = (left + high) / (count - 1)
    v = width * np.arange(count)[:, None] - left
    y = np.maximum(mode + sigma * (v - stretch * (np.exp(-v) - 1 + v)), SMALLEST)
    rate = sigma * (1 + stretch * (np.exp(-v) - 1))
    return y, np.log(width * rate)


def _reach(point: Point, of: Histories, mode: Floats, sigma: Floats, top: Floats) -> Floats:
    """Steps of sigma from the mode to where the density no longer counts."""

    def lost(steps: Floats) -> NDArray[np.bool_]:
        return log_density(point, of, mode + steps * sigma) < top

    far = np.full(mode.shape, 4.0)
    for _ in range(10):
        near = ~lost(far)
        if not near.any():
            break
        far[near] *= 2
    return _crossing(lost, np.zeros(mode.shape), far, 8)
