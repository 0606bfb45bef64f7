"""Who is alive, and how many purchases are to come, when the timing of the last ones tells how regular they are?

Platzer & Reutterer (2016), Marketing Science 35(5), simulate the future of each draw of a Markov chain; here it is
integrated. Given k, the next purchase comes a time u after the last one, by the beta-prime law of the silence beyond D;
from then on purchases are renewals, at a rate known up to Gamma(A + k, B + k u). Each counts with its chance of being
lived to see, ((β + T) / (β + T + v))^s, and with its discount. Positions of the nodes are found once and kept when the
parameters are moved a little, so that differences over the parameters are smooth.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from relmkt.value._models._ggg_knots import Histories, knots, log_density, spaced
from relmkt.value._models._ggg_likelihood import ROWS, rows_of
from relmkt.value._models._ggg_renewal import GRID, SHAPES, read, table
from relmkt.value._models._ggg_silence import Gap, Shape, masses, rule, softplus, stretch

__all__ = ["COARSE", "Ahead", "alive_slopes", "count_below", "log_masses", "log_worths", "worth_slopes"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Later = Callable[[Ints, Floats], Floats]
FAR = 25.0  # a discount, or a chance of still being there, of e^−25 ends what has no end


@frozen
class Sizes:
    """Numbers of nodes: over k, over a stretch of the next purchase's time, and over the time from there on."""

    knots: int
    next: int
    later: int


FINE, LONG, COARSE = Sizes(16, 12, 12), Sizes(16, 12, 24), Sizes(9, 6, 6)  # coarse only for slopes over parameters
MOVE = 1e-4  # of a parameter's logarithm, for differences
NEW = 48  # knots for customers without any history: the smallest k then count most


def log_masses(point: Floats, of: Histories) -> tuple[Floats, Floats]:
    """Logarithms of the likelihood of a history and of being alive, and of it and of having left, one a row."""
    y, log_weight = knots(point, of)
    s = float(point[4])
    due, gone = (part.reshape(y.shape) for part in masses(Gap.of(point, of, y), s))
    log_stay = s * np.log((point[5] + of.t_x) / (point[5] + of.T))
    scale = log_weight.max(axis=0)
    share = np.exp(log_weight - scale)
    base = scale + s * np.log(point[5] / (point[5] + of.t_x))
    with np.errstate(divide="ignore"):
        alive = base + log_stay + np.log((share * due).sum(axis=0))
        left = base + np.log((share * (gone - due * np.expm1(log_stay))).sum(axis=0))
    return alive, left


@frozen(eq=False)
class Ahead:
    """Where the future of some customers is looked at: times u of the next purchase, cells (flat over knots and rows)
    that they are of, and the widths that they stand for.

    t: how far ahead, a row each; force: of the discount, a period.
    """

    of: Histories
    y: Floats
    log_width: Floats
    log_u: list[Floats]
    dz: list[Floats]
    cells: list[Ints]
    t: Floats
    force: float
    sizes: Sizes

    @classmethod
    def at(cls, point: Floats, of: Histories, t: float, force: float, sizes: Sizes) -> Ahead:
        new = of.T == 0
        near = [np.where(new, np.maximum(point[0] - 1, 0.1), point[0]), *point[1:]] if new.any() else point
        y, log_width = spaced(near, of, NEW if new.any() else sizes.knots)
        lasts = (point[5] + of.T) * np.expm1(np.minimum(FAR / point[4], 500.0))
        ends = np.minimum(min(t, FAR / force) if force > 0 else t, lasts)
        ahead = cls(of, y, log_width, [], [], [], ends, force, sizes)
        return ahead._placed(Gap.of(point, of, y)) if t > 0 else ahead

    def _placed(self, gap: Gap) -> Ahead:
        """Up to two stretches between D and D + t, before and after the usual gap."""
        shape = Shape(gap.k, gap.A, gap.k, extra=False)
        mode, last = shape.mode(), np.log(gap.k * (gap.D + self._rowwise(self.t)) / gap.B)
        before, after = np.flatnonzero(gap.end < mode), np.flatnonzero(last > mode)
        parts = []
        for cells, start, side, bound in (
            (before, np.minimum(mode, last), -1, gap.end),
            (after, np.maximum(mode, gap.end), 1, last),
        ):
            part = Shape(gap.k[cells], gap.A[cells], gap.k[cells], extra=False)
            lost = part.lost(start[cells], side)
            far = np.maximum(lost, bound[cells]) if side < 0 else np.minimum(lost, bound[cells])
            z, dz = stretch(start[cells], far, self.sizes.next)
            parts.append((z + np.log(gap.B / gap.k)[cells], dz, cells))
        log_u, widths, cells_of = (list(column) for column in zip(*parts, strict=True))
        return evolve(self, log_u=log_u, dz=widths, cells=cells_of)

    def _rowwise(self, column: Floats) -> Floats:
        """One number a row as one a cell."""
        return np.broadcast_to(column, self.y.shape).ravel()

    def tables(self, r: float) -> Later:
        """Purchases after the next one."""
        return _Tables.of(r, self._rowwise(self.of.x), self.y.ravel()).read

    def log_worth(self, point: Floats, later: Later, first: float = 1.0) -> Floats:
        """Logarithm of the history's likelihood times what is to come, at present value, one a row.

        later: what the time after the next purchase brings, told in cells and in the logarithm of the gaps that it
        has room for on average, as `tables` do for the point's r; first: what the next purchase itself counts.
        """
        y, of = self.y, self.of
        gap = Gap.of(point, of, y)
        log_weight = log_density(point, of, y) + self.log_width
        scale = log_weight.max(axis=0)
        inner = np.zeros(y.size)
        t, ended = self._rowwise(self.t), self._rowwise(point[5] + of.T)
        for log_u, dz, cells in zip(self.log_u, self.dz, self.cells, strict=True):
            z, u = log_u + np.log(gap.k / gap.B)[cells], np.exp(log_u)
            h = dz * np.exp(gap.log_density(z, softplus(z), cells))
            inner[cells] += (h * self._from(point, gap, later, first, cells, u, t[cells], ended[cells])).sum(axis=0)
        with np.errstate(divide="ignore"):
            total = np.log((np.exp(log_weight - scale) * inner.reshape(y.shape)).sum(axis=0))
        answer: Floats = scale + point[4] * np.log(point[5] / (point[5] + of.T)) + total
        return answer

    def _from(
        self, point: Floats, gap: Gap, later: Later, first: float, cells: Ints, u: Floats, t: Floats, ended: Floats
    ) -> Floats:
        """The next purchase at u, and what comes after it, each with its chance of being lived to see."""
        ahead = np.clip(u - gap.D[cells], 0.0, t)
        s, rest = point[4], t - ahead
        rate = np.log((gap.A + gap.k)[cells] / (gap.B[cells] + gap.k[cells] * u))

        def worth(v: Floats) -> Floats:
            return np.asarray(np.exp(-s * np.log1p(v / ended) - self.force * v))

        def coming(v: Floats) -> Floats:
            return later(cells, rate + np.log(np.maximum(v, 1e-300)))

        total = first * worth(ahead) + worth(t) * coming(rest)
        grade = np.log1p(t * np.maximum((1 + s) / ended, self.force))
        for at, weight in zip(*rule(self.sizes.later), strict=True):  # at² eases the power at 0 of irregular gaps
            grown = np.exp(grade * at * at)
            v = rest * ((grown - 1) / np.expm1(grade))
            dv = rest * (grade * grown / np.expm1(grade) * 2 * at * weight)
            total += worth(ahead + v) * (s / (ended + ahead + v) + self.force) * coming(v) * dv
        return total


@frozen(eq=False)
class _Tables:
    """Renewal tables for cells: each lies between two shapes of k, and shares them with the cells of its x."""

    tables: Floats
    low: Ints
    high: Ints
    share: Floats
    shape: Floats

    @classmethod
    def of(cls, r: float, x: Floats, y: Floats) -> _Tables:
        at = np.clip(y / SHAPES, -600.0, 200.0)
        low = np.floor(at).astype(np.int64)
        pairs = np.concatenate([low, low + 1]) + 1000 + 2000 * np.concatenate([x, x]).astype(np.int64)
        found, where = np.unique(pairs, return_inverse=True)
        tables = np.empty((found.size, GRID.size))
        for row, pair in enumerate(found):
            some, index = divmod(int(pair), 2000)
            k = float(np.exp((index - 1000) * SHAPES))
            tables[row] = table(index - 1000, r + k * (some + 1))
        return cls(
            tables, where[: y.size], where[y.size :], (at - low).astype(np.float64), low.astype(np.float64) * SHAPES
        )

    def read(self, cells: Ints, log_gaps: Floats) -> Floats:
        """Purchases in as long a time as, on average, exp(log_gaps) gaps."""
        rest, at = self.share[cells], log_gaps + self.shape[cells]
        low = read(self.tables, np.broadcast_to(self.low[cells], at.shape), at)
        high = read(self.tables, np.broadcast_to(self.high[cells], at.shape), at + SHAPES)
        answer: Floats = (1 - rest) * low + rest * high
        return answer


def log_worths(point: Floats, of: Histories, t: float, force: float) -> Floats:
    """Logarithm of the purchases to come within t, at present value, one a row in order of x."""
    answer = np.empty(of.x.size)
    for start in range(0, of.x.size, ROWS):
        rows = of.take(slice(start, start + ROWS))
        ahead = Ahead.at(point, rows, t, force, LONG if force else FINE)
        told = ahead.log_worth(point, ahead.tables(float(point[2]))) - np.logaddexp(*log_masses(point, rows))
        boundless = (rows.T == 0) & (point[0] <= 1) & (t > 0)  # the mean of 1 / k is not finite
        answer[start : start + ROWS] = np.where(boundless, np.inf, told)
    return answer


def worth_slopes(point: Floats, of: Histories, t: float, force: float) -> Floats:
    """Slopes of `log_worths` over the parameters' logarithms, (6, rows)."""
    answer = np.zeros((point.size, of.x.size))
    for start in range(0, of.x.size, ROWS):
        rows = of.take(slice(start, start + ROWS))
        ahead = Ahead.at(point, rows, t, force, COARSE)
        own = point[:, None] * rows_of(point, rows)[1]
        same = ahead.tables(float(point[2]))
        for i, step in enumerate(MOVE * np.eye(point.size)):
            moved = [point * np.exp(sign * step) for sign in (1, -1)]
            up, down = (ahead.log_worth(p, same if p[2] == point[2] else ahead.tables(float(p[2]))) for p in moved)
            answer[i, start : start + ROWS] = (up - down) / (2 * MOVE) - own[i]
    return answer


def alive_slopes(point: Floats, of: Histories, alive: Floats) -> Floats:
    """Slopes of the log odds of being alive over the parameters' logarithms, (6, rows); 0 where it is certain."""
    answer = np.zeros((point.size, of.x.size))
    for start in range(0, of.x.size, ROWS):
        some = slice(start, start + ROWS)
        rows = of.take(some)
        slopes = rows_of(point, rows, staying=True)[1] - rows_of(point, rows)[1]
        gone = np.maximum(1 - alive[some], 1e-9)
        answer[:, some] = np.where(alive[some] < 1 - 1e-9, point[:, None] * slopes / gone, 0.0)
    return answer


def count_below(point: Floats, purchases: int, t: float) -> float:
    """Chance that a new customer makes fewer repeat purchases than that, 1 or more, in a time t above 0."""
    none = Histories(*np.zeros((4, 1)))
    y, log_width = spaced(point, none, NEW)
    k = np.exp(y.ravel())
    A, B, D, b = (np.full(k.size, value) for value in (point[2], point[3] * purchases, t, point[5]))
    share = np.exp((log_density(point, none, y) + log_width).ravel())
    # the time of the n-th purchase is a gap of shape n k
    return float(share @ np.add(*masses(Gap.made(purchases * k, A, B, D, b), float(point[4]))) / share.sum())
