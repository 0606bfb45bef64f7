"""How likely is it that a customer has left since the last purchase? The Pareto/NBD's integral over when.

Schmittlein, Morrison & Colombo (1987), Management Science 33(1); Fader & Hardie (2005), "A note on deriving the
Pareto/NBD model". Both gamma laws taken into account, having left and being alive are as
s ∫ (α+T)^(r+x) (β+T)^s (α+t)^−(r+x) (β+t)^−(s+1) dt, over t from t_x to T, to 1. With `near` the lesser of α and β,
the integrand is exp(−(p−1) y) (1 + ρ (e^y − 1))^−q in y = log((near+t) / (near+t_x)), whose nearest pole is π away from
the axis and whose logarithm is concave: Gauss–Legendre reaches full accuracy with 24 nodes, in logarithms throughout,
without the hypergeometric functions of the papers and what they lose at large x and at α = β.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.value._models._geometric import blocks

__all__ = ["LEGENDRE", "NODES", "Since", "log_dropout", "rule"]

Floats = NDArray[np.float64]
NODES = 24
EASIER = ((10, 6.0, 1.5), (16, 16.0, 3.0))  # fewer nodes are as good up to such a fall, in logarithms, and width
MANY = 1 << 15  # rows that are sorted by the nodes that they ask for
LOST = 36.0  # an integrand e^36 below its start adds nothing that double precision would show
PANEL = 6.0  # widest stretch of y for one rule: wider ones, of α or β near 0, take several


def _legendre(nodes: int) -> tuple[Floats, Floats]:
    at, weight = np.polynomial.legendre.leggauss(nodes)
    return 0.5 * (at + 1), 0.5 * weight


LEGENDRE = {nodes: _legendre(nodes) for nodes in (*(nodes for nodes, _, _ in EASIER), NODES)}


@frozen(eq=False)
class Since:
    """What the integral is made of, one entry a row.

    near, ratio: near + t_x, and its share ρ of the greater one; p, q: exponents; whole, width: the range of y, and
    what of it counts; fall: of the integrand's logarithm over that.
    """

    near: Floats
    ratio: Floats
    p: Floats
    q: Floats
    whole: Floats
    width: Floats
    fall: Floats

    @classmethod
    def of(cls, k: Floats, alpha: Any, s: Any, beta: Any, t_x: Floats, T: Floats) -> Since:
        near, first = np.minimum(alpha, beta) + t_x, alpha <= beta
        p, q = np.where(first, k, s + 1.0), np.where(first, s + 1.0, k)
        ratio, whole = near / (np.maximum(alpha, beta) + t_x), np.log1p((T - t_x) / near)
        return cls(near, ratio, p, q, whole, *_kept(p, q, ratio, whole))


def _falls(p: Floats, q: Floats, ratio: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The integrand's fall from 0 to y in logarithms, and its slope; from e^−y, which cannot overflow."""
    rest = ratio + (1 - ratio) * np.exp(-y)  # (1 + ρ (e^y − 1)) e^−y
    return (p - 1 + q) * y + q * np.log(rest), p - 1 + q * ratio / rest


def _kept(p: Floats, q: Floats, ratio: Floats, whole: Floats) -> tuple[Floats, Floats]:
    """The width without a far end that adds nothing, and the fall: Newton from the right, where the logarithm, which
    is concave, keeps it."""
    fallen, _ = _falls(p, q, ratio, whole)
    far = fallen > LOST
    if not far.any():
        return whole, fallen
    p, q, ratio, y = p[far], q[far], ratio[far], whole[far]
    width = whole.copy()
    for _ in range(16):
        some, slope = _falls(p, q, ratio, y)
        width[far], fallen[far] = y, some
        if (some < LOST + 1).all():
            break
        y = y - (some - LOST) / slope
    return width, fallen


def rule(widest: float) -> tuple[Floats, Floats]:
    """Nodes and weights on [0, 1], in panels where the widest stretch asks for them."""
    at, weight = LEGENDRE[NODES]
    panels = max(1, int(np.ceil(widest / PANEL)))
    starts = np.arange(panels)[:, None]
    return ((starts + at) / panels).ravel(), np.tile(weight / panels, panels)


def log_dropout(r: Any, alpha: Any, s: Any, beta: Any, x: Floats, t_x: Floats, T: Floats) -> Floats:
    """Logarithm of the odds of having left, one a row; −inf where the last purchase is the end of observation.

    >>> odds = log_dropout(0.553, 10.578, 0.606, 11.669, np.array([26.0]), np.array([30.86]), np.array([31.0]))
    >>> float((1 / (1 + np.exp(odds[0]))).round(8))  # the probability of being alive
    0.99791873
    """
    columns = np.broadcast_arrays(r, alpha, s, beta, x, t_x, T)
    answer = np.empty(columns[0].shape)
    for start in range(0, answer.size, MANY):
        rows = slice(start, start + MANY)
        answer[rows] = _block(*(column[rows] for column in columns))
    return answer


def _block(r: Floats, alpha: Floats, s: Floats, beta: Floats, x: Floats, t_x: Floats, T: Floats) -> Floats:
    since = Since.of(r + x, alpha, s, beta, t_x, T)
    total = _means(since)
    then = beta + t_x
    rise = (r + x) * np.log((alpha + T) / (alpha + t_x)) + s * np.log((beta + T) / then)
    with np.errstate(divide="ignore"):
        answer: Floats = rise + np.log(s * since.near / then * since.width * total)
    return answer


def _means(since: Since) -> Floats:
    """Mean of the integrand over the width, relative to its start, with as many nodes as each row asks for."""
    total, left = np.empty(since.width.size), np.ones(since.width.size, dtype=bool)
    for nodes, fall, width in EASIER:
        easy = left & (since.fall <= fall) & (since.width <= width)
        left &= ~easy
        _fill(total, since, np.flatnonzero(easy), *LEGENDRE[nodes])
    _fill(total, since, np.flatnonzero(left), *rule(float(since.width.max(where=left, initial=0.0))))
    return total


def _fill(total: Floats, since: Since, which: NDArray[np.intp], nodes: Floats, weights: Floats) -> None:
    for block in blocks(which.size):
        rows = which[block]
        p, q, ratio, width = (column.take(rows) for column in (since.p, since.q, since.ratio, since.width))
        total[rows] = _mean(p, q, ratio, width, nodes, weights)


def _mean(p: Floats, q: Floats, ratio: Floats, width: Floats, nodes: Floats, weights: Floats) -> Floats:
    fall, less, grown = (1 - p) * width, 1 - ratio, np.empty(width.size)
    values = np.empty((nodes.size, width.size))
    for at, log in zip(nodes, values, strict=True):
        np.exp(np.multiply(width, at, out=grown), out=grown)
        grown *= ratio
        grown += less
        np.log(grown, out=grown)
        grown *= q
        np.multiply(fall, at, out=log)
        np.exp(np.subtract(log, grown, out=log), out=log)
    return np.asarray(weights @ values)
