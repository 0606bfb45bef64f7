"""How likely is a purchase summary under the Pareto/NBD? Value, gradient and Hessian in one pass, without ln Γ or 2F1.

Schmittlein, Morrison & Colombo (1987); Fader & Hardie (2005), "A note on deriving the Pareto/NBD model". A frequency
is whole, so Γ(r+x)/Γ(r) is a running product over a table. The rest is the odds of having left: an integral over the
instant, whose derivatives are means and covariances under the integral sign. Customers with one history are one row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.value._models._optimise import Curve
from relmkt.value._models._pareto_dropout import Since, rule
from relmkt.value._numbers._special import running
from relmkt.value._summaries._summary import PurchaseSummary

if TYPE_CHECKING:
    from typing import Self

__all__ = ["ParetoLikelihood"]

Floats = NDArray[np.float64]
BLOCK = 1 << 10  # rows whose temporaries, one a node, stay in the cache
HASH = np.uint64(0x9E3779B97F4A7C15)


@frozen(eq=False)
class ParetoLikelihood:
    """The distinct rows, how many customers each stands for, and their frequencies' histogram; called with a point."""

    x: Floats
    t_x: Floats
    T: Floats
    weights: Floats
    histogram: Floats

    @classmethod
    def of(cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)) -> Self:
        x, t_x, T, w = _grouped(summary.frequency[rows], summary.recency[rows], summary.T[rows], weights[rows])
        return cls(x, t_x, T, w, np.bincount(x.astype(np.int64), weights=w).astype(np.float64))

    def __call__(self, point: Floats) -> Curve:
        value, slope, bend = self._tables(point)
        for start in range(0, self.x.size, BLOCK):
            more = self._rows(point, slice(start, start + BLOCK))
            value, slope, bend = value + more[0], slope + more[1], bend + more[2]
        return value, slope, bend

    def _tables(self, point: Floats) -> Curve:
        """What depends on the frequency alone, r log α and s log β."""
        r, alpha, s, beta = (float(p) for p in point)
        h, n = self.histogram, self.histogram.size - 1
        total = float(h.sum())
        counted, slope_r, bend_r = (float(h @ running(r, n, power)) for power in (0, 1, 2))
        slope = np.array([slope_r + total * np.log(alpha), total * r / alpha, total * np.log(beta), total * s / beta])
        bend = np.diag([-bend_r, -total * r / alpha**2, 0.0, -total * s / beta**2])
        bend[0, 1] = bend[1, 0] = total / alpha
        bend[2, 3] = bend[3, 2] = total / beta
        return counted + total * (r * np.log(alpha) + s * np.log(beta)), slope, bend

    def _rows(self, point: Floats, rows: slice) -> Curve:
        """−(r+x) log(α+T) − s log(β+T) + log(1 + exp D), where D is the logarithm of the odds of having left."""
        r, alpha, s, beta = (float(p) for p in point)
        T, w, k = self.T[rows], self.weights[rows], r + self.x[rows]
        D, slopes, share, squares = _integral(k, alpha, s, beta, self.t_x[rows], T)
        e = np.exp(-np.abs(D))
        gone = np.where(D >= 0, 1.0, e) / (1 + e)  # the probability of having left
        by_alpha, by_beta, log_alpha, log_beta = 1 / (alpha + T), 1 / (beta + T), np.log(alpha + T), np.log(beta + T)
        value = float(w @ (np.maximum(D, 0.0) + np.log1p(e) - k * log_alpha - s * log_beta))
        wg = w * gone
        mean = np.einsum("ijn,jn->in", slopes, share)
        rise = mean + np.array([0.0, 0.0, 1 / s, 0.0])[:, None]  # of D, which holds log s
        slope = rise @ wg - np.array([w @ log_alpha, (w * k) @ by_alpha, w @ log_beta, s * (w @ by_beta)])
        flat = (4, share.size)
        bend = (slopes * (share * wg)).reshape(flat) @ slopes.reshape(flat).T
        bend += (rise * (wg * (1 - gone))) @ rise.T - (mean * wg) @ mean.T
        stay = w - wg
        bend[0, 1] += float((wg / k) @ mean[1]) - float(w @ by_alpha)
        bend[1, 1] += float((wg * k) @ squares[0]) + float((stay * k) @ by_alpha**2)
        bend[2, 2] -= float(wg.sum()) / s**2
        bend[2, 3] += float((wg / s) @ (mean[3] + squares[2])) - float(w @ by_beta)
        bend[3, 3] += (s + 1) * float(wg @ squares[1]) + s * float(stay @ by_beta**2)
        bend[1, 0], bend[3, 2] = bend[0, 1], bend[2, 3]
        return value, slope, bend


def _integral(
    k: Floats, alpha: float, s: float, beta: float, t_x: Floats, T: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Log odds of having left; slopes of the integrand's logarithm, (4, nodes, rows), and the share of each node; the
    means of 1/(α+t)², 1/(β+t)² and 1/(β+t) over it."""
    since = Since.of(k, alpha, s, beta, t_x, T)
    nodes, weights = rule(float(since.width.max()))
    y = nodes[:, None] * since.width
    grown = np.exp(y)
    rest = 1 + since.ratio * (grown - 1)
    far = np.log(rest)
    share = weights[:, None] * np.exp((1 - since.p) * y - since.q * far)
    total = share.sum(axis=0)
    share /= total
    least, most = since.near, since.near / since.ratio
    ratios = [since.whole - y, np.log1p((T - t_x) / most) - far]  # log((α+T) / (α+t)), of the lesser and the greater
    inverses = [1 / (least * grown), 1 / (most * rest)]
    if alpha > beta:
        ratios.reverse()
        inverses.reverse()
    by_alpha, by_beta = inverses
    slopes = np.stack([ratios[0], k * (1 / (alpha + T) - by_alpha), ratios[1], s / (beta + T) - (s + 1) * by_beta])
    squares = np.stack([np.einsum("jn,jn,jn->n", share, z, z) for z in inverses] + [(share * by_beta).sum(axis=0)])
    whole = k * np.log((alpha + T) / (alpha + t_x)) + s * np.log((beta + T) / (beta + t_x))
    with np.errstate(divide="ignore"):
        odds = whole + np.log(s * least / (beta + t_x) * since.width * total)
    return odds, slopes, share, squares


def _grouped(x: Floats, t_x: Floats, T: Floats, weights: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The distinct rows of some weight, by a hash of their bits; in place where two rows should share one by chance."""
    keep = weights > 0
    x, t_x, T, weights = (np.ascontiguousarray(column[keep]) for column in (x, t_x, T, weights))
    code = x.astype(np.int64).view(np.uint64)
    for column in (t_x, T):
        code = (code ^ (code >> np.uint64(29))) * HASH + column.view(np.uint64)
    _, first, where = np.unique((code ^ (code >> np.uint64(32))) * HASH, return_index=True, return_inverse=True)
    if not all(np.array_equal(column[first][where], column) for column in (x, t_x, T)):
        return x, t_x, T, weights
    return x[first], t_x[first], T[first], np.bincount(where, weights=weights).astype(np.float64)
