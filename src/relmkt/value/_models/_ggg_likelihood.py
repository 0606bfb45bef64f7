"""How likely is a purchase summary under the Pareto/GGG? Value, gradient and Hessian in one pass.

Platzer & Reutterer (2016), Marketing Science 35(5), with purchase rates, lifetimes and regularity all integrated out:
the sum over knots of k, and within each over the silence's stretches, of terms whose derivatives are known. The
Hessian is that of the sum, so that standard errors rest on the observed information and not on an approximation.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.value._models._ggg_knots import Histories, knots
from relmkt.value._models._ggg_silence import Gap, Panel, panels
from relmkt.value._models._optimise import Curve
from relmkt.value._numbers._special import digamma, trigamma
from relmkt.value._summaries._summary import PurchaseSummary

__all__ = ["ROWS", "SilenceLikelihood", "distinct", "histories", "rows_of"]

Floats = NDArray[np.float64]
ROWS = 256  # rows whose temporaries, of some 24 knots by 16 nodes, stay in the cache
PAIRS = [(i, j) for i in range(4) for j in range(i, 4)]


def histories(summary: PurchaseSummary) -> Histories:
    """The model's columns; an error where the timing of purchases was not kept."""
    if summary.log_gaps is None:
        raise InvalidFactError("log_gaps", "None", "sums of log gaps: make the summary with gaps=True")
    return Histories(summary.frequency, summary.recency, summary.T, summary.log_gaps)


def distinct(of: Histories) -> tuple[Histories, NDArray[np.int64]]:
    """The distinct histories in order of x, and where each row finds its own."""
    rows, where = np.unique(np.stack([of.x, of.t_x, of.T, of.log_gaps]), axis=1, return_inverse=True)
    return Histories(*rows), where.ravel()


@frozen(eq=False)
class SilenceLikelihood:
    """Distinct rows and their weights; called with (t, gamma, r, alpha, s, beta)."""

    of_rows: Histories
    weights: Floats

    @classmethod
    def of(cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)) -> SilenceLikelihood:
        kept, where = distinct(histories(summary).take(rows))
        return cls(kept, np.bincount(where, weights=weights[rows], minlength=kept.x.size).astype(np.float64))

    def __call__(self, point: Floats) -> Curve:
        value, slope, bend = 0.0, np.zeros(6), np.zeros((6, 6))
        for start in range(0, self.weights.size, ROWS):
            rows, w = self.of_rows.take(slice(start, start + ROWS)), self.weights[start : start + ROWS]
            logs, first, second = rows_of(point, rows)
            value += float(w @ logs)
            slope += first @ w
            bend += second @ w - (first * w) @ first.T
        return value, slope, bend


def rows_of(point: Floats, of: Histories, *, staying: bool = False) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood a row, its gradient (6, rows), and the likelihood's own second derivatives over it (6, 6, rows).

    staying: of the history and of being alive at its end, instead of the history alone.
    """
    lived = of.T if staying else of.t_x
    y, log_weight = knots(point, of)
    gap = Gap.of(point, of, y)
    total, first, second = (part.reshape(*part.shape[:-1], *y.shape) for part in _cells(point, gap, staying))
    scale = log_weight.max(axis=0)
    share = np.exp(log_weight - scale)
    like = (share * total).sum(axis=0)
    share /= np.maximum(like, 1e-300)
    lasting = point[4] * np.log(point[5] / (point[5] + lived))
    with np.errstate(divide="ignore"):
        logs = scale + np.log(like) + lasting
    first, second = _knotted(point, lived, np.exp(y), y, share * total, share * first, share * second)
    return logs, first, second


def _knotted(
    point: Floats, lived: Floats, k: Floats, y: Floats, total: Floats, first: Floats, second: Floats
) -> tuple[Floats, Floats]:
    """Sums over the knots, with what the laws of k and of a lifetime beyond `lived` add."""
    t, gamma, _, _, s, beta = point
    b = beta + lived
    outer = np.stack([np.log(gamma) - digamma(t) + y, t / gamma - k])  # slopes over t and gamma
    slopes = np.empty((6, y.shape[1]))
    slopes[:2], slopes[2:] = (outer * total).sum(axis=1), first.sum(axis=1)
    bends = np.empty((6, 6, y.shape[1]))
    own = np.array([[-trigamma(t), 1 / gamma], [1 / gamma, -t / gamma**2]])
    bends[:2, :2] = np.einsum("ikr,jkr,kr->ijr", outer, outer, total) + own[:, :, None]
    bends[:2, 2:] = np.einsum("ikr,jkr->ijr", outer, first)
    bends[2:, :2] = bends[:2, 2:].transpose(1, 0, 2)
    for (i, j), part in zip(PAIRS, second, strict=True):
        bends[2 + i, 2 + j] = bends[2 + j, 2 + i] = part.sum(axis=0)
    more = np.zeros((6, y.shape[1]))  # slopes of s log(beta / b)
    more[4], more[5] = np.log(beta / b), s / beta - s / b
    crossed = slopes[:, None] * more[None]
    bends += crossed + crossed.transpose(1, 0, 2) + more[:, None] * more[None]
    bends[4, 5] += 1 / beta - 1 / b
    bends[5, 4] += 1 / beta - 1 / b
    bends[5, 5] += s / b**2 - s / beta**2
    return slopes + more, bends


def _cells(point: Floats, gap: Gap, staying: bool) -> tuple[Floats, Floats, Floats]:
    """The silence, its slopes over (r, alpha, s, beta), and its second derivatives in the order of PAIRS, a cell each.

    Those of the law of λ and the gaps so far are in them too.
    """
    r, alpha, s, _ = point[2:]
    found, whole = panels(gap, float(s))
    total, first, second = np.zeros(gap.k.size), np.zeros((4, gap.k.size)), np.zeros((10, gap.k.size))
    sure = whole.astype(np.float64)
    total += sure
    own = digamma(gap.A) - digamma(r) + np.log(alpha / gap.B), r / alpha - gap.A / gap.B
    first[:2] += sure * np.stack(own)
    second[0] += sure * (own[0] ** 2 + trigamma(gap.A) - trigamma(r))
    second[1] += sure * (own[0] * own[1] + 1 / alpha - 1 / gap.B)
    second[4] += sure * (own[1] ** 2 - r / alpha**2 + gap.A / gap.B**2)
    for panel in [panel for panel in found if panel.past is None] if staying else found:
        parts = _of_panel(point, gap, panel)
        for sums, part in zip((total, first, second), parts, strict=True):
            sums[..., panel.cells] += part
    return total, first, second


def _of_panel(point: Floats, gap: Gap, panel: Panel) -> tuple[Floats, Floats, Floats]:
    r, alpha, s, _ = point[2:]
    A, B, b = ((column[panel.cells]) for column in (gap.A + gap.k, gap.B, gap.b))
    q = np.exp(-panel.soft)
    by_r = digamma(A) - digamma(r) + np.log(alpha / B) - panel.soft
    by_alpha = r / alpha - A / B * q
    w = panel.weight
    first, second = np.zeros((4, b.size)), np.zeros((10, b.size))
    if panel.past is not None:
        rest = np.exp(-panel.past)
        fall = -np.expm1(-s * panel.past)
        w = w * fall
        odds = (1 - fall) / np.maximum(fall, 1e-300)
        by_s, by_beta = panel.past * odds, -s / b * (1 - rest) * odds
        first[2], first[3] = (w * by_s).sum(axis=0), (w * by_beta).sum(axis=0)
        for at, one, other in ((2, by_r, by_s), (3, by_r, by_beta), (5, by_alpha, by_s), (6, by_alpha, by_beta)):
            second[at] = (w * one * other).sum(axis=0)
        second[7] = -(w * panel.past * by_s).sum(axis=0)
        second[8] = (w * by_beta * (1 / s - panel.past)).sum(axis=0)
        second[9] = (w * by_beta * (s * (1 - rest) - 1 - rest)).sum(axis=0) / b
    total = w.sum(axis=0)
    w_r = w * by_r
    first[0], first[1] = w_r.sum(axis=0), (w * by_alpha).sum(axis=0)
    second[0] = (w_r * by_r).sum(axis=0) + total * (trigamma(A) - trigamma(r))
    second[1] = (w_r * by_alpha).sum(axis=0) + total / alpha - (w * q).sum(axis=0) / B
    second[4] = (w * (by_alpha**2 + A / B**2 * q * q)).sum(axis=0) - total * r / alpha**2
    return total, first, second
