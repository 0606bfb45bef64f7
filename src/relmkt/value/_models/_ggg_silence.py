"""What does the silence since the last purchase say? Gone before the next purchase, or the next is not due yet.

Given the regularity k, and λ ~ Gamma(A, B) from the gaps so far (A = r + k x, B = α + k t_x), the time u to the next
purchase has odds k u / B that follow a beta-prime law of shapes k and A, and the lifetime's survivor is
((β + t_x) / (β + t_x + u))^s: Platzer & Reutterer (2016), Marketing Science 35(5), appendix, with both mixing laws
taken in. The likelihood of silence until D = T − t_x is ∫_0^D (1 − survivor) h(u) du + ∫_D^∞ h(u) du, two positive
parts where the paper's difference would cancel. In z = log(k u / B) both integrands are log-concave; each is cut at its
mode and where it no longer counts, and Gauss–Legendre nodes do the rest.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.value._models._ggg_knots import Histories
from relmkt.value._numbers._special import gammaln

__all__ = ["Gap", "Panel", "Shape", "masses", "panels", "rule", "softplus", "stretch"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
LOST = 30.0  # an integrand e^30 below its greatest adds nothing
NODES = 16
NEWTON = 6
WIDE = 5.0  # stretches wider than this get their nodes closer together near the start


@lru_cache
def rule(nodes: int) -> tuple[Floats, Floats]:
    """Gauss–Legendre nodes and weights on [0, 1]."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    return 0.5 * (at + 1), 0.5 * weight


def softplus(z: Floats) -> Floats:
    """log(1 + e^z)."""
    answer: Floats = np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))
    return answer


@frozen(eq=False)
class Panel:
    """A stretch of the integral: log(1 + e^z) and ±h dz at the nodes, (nodes, cells); its cells, flat.

    past: of a stretch on which the customer was gone by then, −log of what survives, over s.
    """

    soft: Floats
    weight: Floats
    cells: NDArray[np.int64]
    past: Floats | None = None


@frozen(eq=False)
class Gap:
    """The next gap's law in cells (flat over knots and rows): k, A, B, the silence D, and b = β + t_x."""

    k: Floats
    A: Floats
    B: Floats
    D: Floats
    b: Floats
    norm: Floats
    end: Floats  # z at D

    @classmethod
    def made(cls, k: Floats, A: Floats, B: Floats, D: Floats, b: Floats) -> Gap:
        with np.errstate(divide="ignore"):
            end = np.log(k * D / B)
        return cls(k, A, B, D, b, gammaln(A + k) - gammaln(A) - gammaln(k), end)

    @classmethod
    def of(cls, point: Floats, of: Histories, y: Floats) -> Gap:
        """After these histories, at these values of log k (knots, rows)."""
        k = np.exp(y)
        columns = k, point[2] + k * of.x, point[3] + k * of.t_x, of.T - of.t_x, point[5] + of.t_x
        return cls.made(*(np.broadcast_to(column, k.shape).ravel() for column in columns))

    def log_density(self, z: Floats, soft: Floats, cells: NDArray[np.int64]) -> Floats:
        k, A = self.k[cells], self.A[cells]
        answer: Floats = self.norm[cells] + k * z - (A + k) * soft
        return answer


@frozen(eq=False)
class Shape:
    """The concave k z − (A + k) log(1 + e^z), with `extra` plus z − log(1 + c e^z), the like of having left."""

    k: Floats
    A: Floats
    c: Floats
    extra: bool

    def value(self, z: Floats) -> Floats:
        plain = self.k * z - (self.A + self.k) * softplus(z)
        return plain + z - softplus(z + np.log(self.c)) if self.extra else plain

    def slope(self, z: Floats) -> Floats:
        with np.errstate(over="ignore"):
            plain = self.k - (self.A + self.k) / (1 + np.exp(-z))
            return np.asarray(plain + 1 / (1 + self.c * np.exp(z)) if self.extra else plain)

    def mode(self) -> Floats:
        if not self.extra:
            return np.log(self.k / self.A)
        b = 1 + self.k * self.c - self.A
        root = np.sqrt(b * b + 4 * self.A * self.c * (self.k + 1))
        return np.asarray(np.log(np.where(b > 0, (b + root) / (2 * self.A * self.c), 2 * (self.k + 1) / (root - b))))

    def lost(self, start: Floats, side: int) -> Floats:
        """Where, to that side of `start`, itself on that side of the mode, the value is LOST less than there."""
        top = self.value(start)
        far = self.A if side > 0 else self.k + self.extra
        steep = self.k * self.A / (self.k + self.A)
        z = start + side * (LOST / far + np.sqrt(2 * LOST / np.maximum(steep, 1e-3)))
        for _ in range(NEWTON):
            z = z - (self.value(z) - top + LOST) / self.slope(z)
        return z


def masses(gap: Gap, s: float) -> tuple[Floats, Floats]:
    """Chances that the next purchase is not due by D, and that the customer was gone before it was, cell by cell."""
    found, early = panels(gap, s)
    due, gone = early.astype(np.float64), np.zeros(gap.k.size)
    for panel in found:
        if panel.past is None:
            due[panel.cells] += panel.weight.sum(axis=0)
        else:
            gone[panel.cells] += (panel.weight * -np.expm1(-s * panel.past)).sum(axis=0)
    return np.maximum(due, 0.0), gone


def panels(gap: Gap, s: float) -> tuple[list[Panel], Mask]:
    """The stretches that make up the silence, and the cells in which those not of `past` add up to −∫_0^D h.

    The part beyond D is its own integral where D is past the usual gap, and else 1 less the integral up to D.
    """
    plain = Shape(gap.k, gap.A, gap.k, extra=False)
    some = gap.D > 0
    late = some & (gap.end > plain.mode())
    found = [
        _beyond(gap, plain, late),
        _until(gap, plain, some & ~late),
        *_leaving(gap, s, some),
    ]
    return [panel for panel in found if panel.cells.size], ~late


def stretch(near: Floats, far: Floats, nodes: int) -> tuple[Floats, Floats]:
    """Nodes from `near`, where the integrand is greatest, to `far`, denser near the start of wide ones; weights."""
    at, weight = (c[:, None] for c in rule(nodes))
    width = far - near
    bend = np.log1p(np.abs(width) / WIDE)
    grown = np.expm1(bend * at)
    return near + width * grown / np.expm1(bend), np.abs(width) * weight * bend * (grown + 1) / np.expm1(bend)


def _panel(gap: Gap, near: Floats, far: Floats, cells: NDArray[np.int64], sign: float, leaving: bool) -> Panel:
    z, width = stretch(near, far, NODES)
    soft = softplus(z)
    h = sign * width * np.exp(gap.log_density(z, soft, cells))
    past = np.log1p(np.exp(z) * (gap.B / (gap.k * gap.b))[cells]) if leaving else None
    return Panel(soft, h, cells, past)


def _part(shape: Shape, cells: NDArray[np.int64]) -> Shape:
    return Shape(shape.k[cells], shape.A[cells], shape.c[cells], shape.extra)


def _beyond(gap: Gap, plain: Shape, which: Mask) -> Panel:
    cells = np.flatnonzero(which)
    end = gap.end[cells]
    return _panel(gap, end, _part(plain, cells).lost(end, 1), cells, 1.0, False)


def _until(gap: Gap, plain: Shape, which: Mask) -> Panel:
    cells = np.flatnonzero(which)
    end = gap.end[cells]
    return _panel(gap, end, _part(plain, cells).lost(end, -1), cells, -1.0, False)


def _leaving(gap: Gap, s: float, which: Mask) -> list[Panel]:
    all_of = Shape(gap.k, gap.A, max(s, 1.0) * gap.B / (gap.k * gap.b), extra=True)
    cells = np.flatnonzero(which)
    shape = _part(all_of, cells)
    mode, end = shape.mode(), gap.end[cells]
    start = np.minimum(mode, end)
    rising = _panel(gap, start, shape.lost(start, -1), cells, 1.0, True)
    falls = np.flatnonzero(end > mode)
    high = np.minimum(end[falls], _part(shape, falls).lost(mode[falls], 1))
    return [rising, _panel(gap, mode[falls], high, cells[falls], 1.0, True)]
