"""How likely is a purchase summary under the BG/NBD and its kin? Value, gradient and Hessian in one pass, without 2F1.

Fader, Hardie & Lee (2005), equation (6); with a chance to leave after the first purchase too, Batislam, Denizel &
Filiztekin (2007), equation (5); with Erlang-k times between purchases, Reutterer, Platzer & Schröder (2021). A
frequency is whole, so Γ(r+kx)/Γ(r) is a running product over a table, and those factors depend on x alone: they are
summed once against the histogram of frequencies.
"""

from __future__ import annotations

from math import lgamma
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.value._models._erlang import unfinished_slopes
from relmkt.value._models._geometric import blocks
from relmkt.value._models._optimise import Curve
from relmkt.value._numbers._special import running
from relmkt.value._summaries._summary import PurchaseSummary

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
    """The rows and their histogram of frequencies; called with (r, alpha, a, b).

    at_first: customers may leave after the first purchase too; k: stages of the Erlang time between purchases; gaps:
    what the times themselves add to the logarithm, the same at all parameters and 0 where they are not known.
    """

    x: NDArray[np.int64]
    t_x: Floats
    T: Floats
    weights: Floats
    histogram: Floats
    at_first: bool = False
    k: int = 1
    gaps: float = 0.0

    @classmethod
    def of(
        cls,
        summary: PurchaseSummary,
        weights: Floats,
        rows: slice = slice(None),
        *,
        at_first: bool = False,
        k: int = 1,
    ) -> Self:
        x, w = summary.frequency[rows].astype(np.int64), weights[rows]
        gaps = 0.0
        if k > 1 and summary.log_gaps is not None:
            gaps = (k - 1) * float(w @ summary.log_gaps[rows]) - lgamma(k) * float(w @ x)
        histogram = np.bincount(x, weights=w).astype(np.float64)
        return cls(x, summary.recency[rows], summary.T[rows], w, histogram, at_first, k, gaps)

    def __call__(self, point: Floats) -> Curve:
        value, slope, bend = self._tables(point)
        value += self.gaps
        # b + the chances to leave that were let pass, less 1; unused at x = 0 where nobody has left (PEERS failure 36)
        first = [point[3]] if self.at_first else [0.0]
        again = np.concatenate([first, point[3] + self.at_first + np.arange(self.histogram.size - 1)])
        with np.errstate(divide="ignore"):
            leave = np.where(again > 0, np.log(point[2] / again), -np.inf)
            by_b = np.where(again > 0, -1 / again, 0.0)
        for rows in blocks(self.x.size):
            more = self._rows(point, rows, leave, by_b)
            value, slope, bend = value + more[0], slope + more[1], bend + more[2]
        return value, slope, bend

    def _tables(self, point: Floats) -> Curve:
        """What depends on the frequency alone, and r log alpha."""
        r, alpha, a, b = (float(p) for p in point)
        h, n, chances = self.histogram, self.histogram.size - 1, int(self.at_first)
        total = float(h.sum())

        def over(power: int) -> tuple[float, float, float]:
            stages = float(h @ running(r, self.k * n, power)[:: self.k])
            stayed, offered = (float(h @ running(s, n + chances, power)[chances:]) for s in (b, a + b))
            return stages, stayed, offered

        (v_r, v_b, v_ab), (g_r, g_b, g_ab), (c_r, c_b, c_ab) = over(0), over(1), over(2)
        value = v_r + v_b - v_ab + total * r * np.log(alpha)
        slope = np.array([g_r + total * np.log(alpha), total * r / alpha, -g_ab, g_b - g_ab])
        bend = np.zeros((4, 4))
        bend[0, 0], bend[0, 1], bend[1, 1] = -c_r, total / alpha, -total * r / alpha**2
        bend[2, 2], bend[2, 3], bend[3, 3] = c_ab, c_ab, c_ab - c_b
        bend[1, 0], bend[3, 2] = bend[0, 1], bend[2, 3]
        return value, slope, bend

    def _rows(self, point: Floats, rows: slice, leave: Floats, by_b: Floats) -> Curve:
        """log(Q (α+T)^−A + δ a/again (α+t_x)^−A), A = r + kx, as log Q − A log(α+T) + log(1 + exp D).

        Q, which is 1 for k = 1, sums over the stages that may have passed since the last purchase.
        """
        r, alpha, a, _ = (float(p) for p in point)
        x, w = self.x[rows], self.weights[rows]
        now, then = alpha + self.T[rows], alpha + self.t_x[rows]
        A = np.asarray(r + self.k * x, dtype=np.float64)
        by_now, by_then, log_now = 1 / now, 1 / then, np.log(now)
        since = np.log(now * by_then)
        closing = by_now - by_then
        D, by_r, by_alpha = leave[x] + A * since, since, A * closing
        stages = unfinished_slopes(A, 1 - then * by_now, by_now, self.k) if self.k > 1 else None
        if stages:
            q, (q_r, q_alpha), _ = stages
            D, by_r, by_alpha = D - q, by_r - q_r, by_alpha - q_alpha
        e = np.exp(-np.abs(D))
        gone = np.where(D >= 0, 1.0, e) / (1 + e)  # the probability of having left
        value = float(w @ (np.maximum(D, 0.0) + np.log1p(e) - A * log_now))
        slopes = np.stack([by_r, by_alpha, np.full(w.size, 1 / a), by_b[x]])  # of D
        wg = w * gone
        slope = np.einsum("in,n->i", slopes, wg)
        slope[0] -= float(w @ log_now)
        slope[1] -= float((w * A) @ by_now)
        bend = (slopes * (wg * (1 - gone))) @ slopes.T
        cross = float(wg @ closing) - float(w @ by_now)
        bend[0, 1] += cross
        bend[1, 0] += cross
        bend[1, 1] += float((w * A) @ (by_now**2)) + float((wg * A) @ (by_then**2 - by_now**2))
        bend[2, 2] -= float(wg.sum()) / a**2
        bend[3, 3] += float(wg @ by_b[x] ** 2)
        if stages:
            q, (q_r, q_alpha), bends = stages
            value += float(w @ q)
            slope[:2] += np.array([w @ q_r, w @ q_alpha])
            rr, cross, alphas = (float((w - wg) @ b) for b in bends)
            bend[:2, :2] += np.array([[rr, cross], [cross, alphas]])
        return value, slope, bend
