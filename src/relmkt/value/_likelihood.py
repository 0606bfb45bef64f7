"""How likely is a purchase summary under the BG/NBD? Value, gradient and Hessian in one pass, without ln Γ or 2F1.

Fader, Hardie & Lee (2005), equation (6). A frequency is whole, so Γ(r+x)/Γ(r) is a running product over a table, and
those factors depend on x alone: they are summed once against the histogram of frequencies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.value._geometric import blocks
from relmkt.value._optimise import Curve
from relmkt.value._special import running
from relmkt.value._summary import PurchaseSummary

if TYPE_CHECKING:
    from typing import Self

__all__ = ["BetaGeoLikelihood", "row_weights"]

Floats = NDArray[np.float64]


def row_weights(summary: PurchaseSummary, weights: ArrayLike | None) -> Floats:
    """Customers that each row stands for: finite, not negative, one a row."""
    if weights is None:
        return np.ones(len(summary))
    w = np.asarray(weights, dtype=np.float64)
    if w.shape != (len(summary),):
        raise InvalidFactError("weights", f"shape {w.shape}", f"({len(summary)},), one a row of the summary")
    if not ((w >= 0) & np.isfinite(w)).all():
        raise InvalidFactError("weights", "a negative or missing weight", "numbers of customers")
    return w


@frozen(eq=False)
class BetaGeoLikelihood:
    """The rows and their histogram of frequencies; called with (r, alpha, a, b)."""

    x: NDArray[np.int64]
    t_x: Floats
    T: Floats
    weights: Floats
    histogram: Floats

    @classmethod
    def of(cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)) -> Self:
        x, w = summary.frequency[rows].astype(np.int64), weights[rows]
        return cls(x, summary.recency[rows], summary.T[rows], w, np.bincount(x, weights=w).astype(np.float64))

    def __call__(self, point: Floats) -> Curve:
        value, slope, bend = self._tables(point)
        again = np.concatenate([[0.0], point[3] + np.arange(self.histogram.size - 1)])  # b + x − 1, unused at x = 0
        with np.errstate(divide="ignore"):
            leave = np.where(again > 0, np.log(point[2] / again), -np.inf)  # at x = 0 nobody has left
            by_b = np.where(again > 0, -1 / again, 0.0)
        for rows in blocks(self.x.size):
            more = self._rows(point, rows, leave, by_b)
            value, slope, bend = value + more[0], slope + more[1], bend + more[2]
        return value, slope, bend

    def _tables(self, point: Floats) -> Curve:
        """What depends on the frequency alone, and r log alpha."""
        r, alpha, a, b = (float(p) for p in point)
        h, n = self.histogram, self.histogram.size - 1
        total = float(h.sum())

        def over(power: int) -> tuple[float, float, float]:
            return tuple(float(h @ running(s, n, power)) for s in (r, b, a + b))  # type: ignore[return-value]

        (v_r, v_b, v_ab), (g_r, g_b, g_ab), (c_r, c_b, c_ab) = over(0), over(1), over(2)
        value = v_r + v_b - v_ab + total * r * np.log(alpha)
        slope = np.array([g_r + total * np.log(alpha), total * r / alpha, -g_ab, g_b - g_ab])
        bend = np.zeros((4, 4))
        bend[0, 0], bend[0, 1], bend[1, 1] = -c_r, total / alpha, -total * r / alpha**2
        bend[2, 2], bend[2, 3], bend[3, 3] = c_ab, c_ab, c_ab - c_b
        bend[1, 0], bend[3, 2] = bend[0, 1], bend[2, 3]
        return value, slope, bend

    def _rows(self, point: Floats, rows: slice, leave: Floats, by_b: Floats) -> Curve:
        """log((α+T)^−(r+x) + δ a/(b+x−1) (α+t_x)^−(r+x)), as −(r+x) log(α+T) + log(1 + exp D)."""
        r, alpha, a, _ = (float(p) for p in point)
        x, w = self.x[rows], self.weights[rows]
        now, then, k = alpha + self.T[rows], alpha + self.t_x[rows], r + x
        by_now, by_then, log_now = 1 / now, 1 / then, np.log(now)
        since = np.log(now * by_then)
        D = leave[x] + k * since
        e = np.exp(-np.abs(D))
        gone = np.where(D >= 0, 1.0, e) / (1 + e)  # the probability of having left
        value = float(w @ (np.maximum(D, 0.0) + np.log1p(e) - k * log_now))
        closing = by_now - by_then
        slopes = np.stack([since, k * closing, np.full(w.size, 1 / a), by_b[x]])  # of D
        wg = w * gone
        slope = np.einsum("in,n->i", slopes, wg)
        slope[0] -= float(w @ log_now)
        slope[1] -= float((w * k) @ by_now)
        bend = (slopes * (wg * (1 - gone))) @ slopes.T
        cross = float(wg @ closing) - float(w @ by_now)
        bend[0, 1] += cross
        bend[1, 0] += cross
        bend[1, 1] += float((w * k) @ (by_now**2)) + float((wg * k) @ (by_then**2 - by_now**2))
        bend[2, 2] -= float(wg.sum()) / a**2
        bend[3, 3] += float(wg @ by_b[x] ** 2)
        return value, slope, bend
