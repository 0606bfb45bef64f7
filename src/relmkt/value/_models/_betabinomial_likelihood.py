"""How likely is a history of purchases at opportunities under the BG/BB, and what does it say of the one customer?

Fader, Hardie & Shang (2010), equation (5): a customer bought at x of n opportunities, last at the t_x-th, and was there
until one of t_x, …, n. Counts are whole, so each gamma ratio is a running sum of logarithms over a table, and nothing
leaves the logarithms (PEERS failure 5). Equal histories are counted once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.value._models._optimise import Curve
from relmkt.value._summaries._summary import PurchaseSummary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self

__all__ = ["BetaBinomialLikelihood", "Told", "cells", "histories", "opportunities"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CHUNK = 1 << 17  # of pairs of a history and an end, whose temporaries stay small


def opportunities(summary: PurchaseSummary) -> None:
    """InvalidFactError where recency or age are no whole opportunities, or hold fewer than the purchases."""
    for name, column in (("recency", summary.recency), ("T", summary.T)):
        if (column != np.floor(column)).any():
            raise InvalidFactError(name, "a time between two opportunities", "whole numbers of opportunities")
    if (summary.frequency > summary.recency).any():
        raise InvalidFactError("frequency", "more purchases than opportunities", "one at each up to recency at most")


def cells(x: Floats, t_x: Floats, n: Floats) -> tuple[tuple[Floats, Floats, Floats], NDArray[np.intp]]:
    """The distinct histories, and where each row finds its own: there are few of them."""
    size = int(n.max(initial=0)) + 1
    if size**3 > 1 << 62:
        raise InvalidFactError("T", "millions of opportunities", "fewer: the model's time runs in opportunities")
    keys = (n.astype(np.int64) * size + t_x.astype(np.int64)) * size + x.astype(np.int64)
    if size**3 <= 4 * x.size + 1024:  # a table of all that may be is shorter than a sort
        found = np.flatnonzero(np.bincount(keys, minlength=size**3))
        place = np.zeros(size**3, dtype=np.intp)
        place[found] = np.arange(found.size)
        where = place[keys]
    else:
        found, where = np.unique(keys, return_inverse=True)
    rest, last = found // size, found % size
    return (last.astype(np.float64), (rest % size).astype(np.float64), (rest // size).astype(np.float64)), where


@frozen(eq=False)
class Told:
    """What one history a row says: the log odds of being alive at its end, and the means of both rates."""

    log_odds: Floats
    buying: Floats
    leaving: Floats


def histories(point: Sequence[Any] | Floats, x: Floats, t_x: Floats, n: Floats) -> Told:
    """The mixture over where each customer may have left, from the last opportunity back to that of the last purchase.

    point: alpha, beta, gamma, delta, each a number or one a row. By Bayes each end s leaves p ~ Beta(α+x, β+s−x) and
    θ ~ Beta(γ+1, δ+s); one who is alive has p ~ Beta(α+x, β+n−x) and θ ~ Beta(γ, δ+n).
    """
    alpha, beta, gamma, delta = point
    ratio = np.zeros(x.shape)  # log of: left after s, over alive at n; without the last factor, γ / (γ+δ+s)
    gone = np.full(x.shape, -np.inf)
    buying, leaving = np.zeros(x.shape), np.zeros(x.shape)
    for back in range(1, int((n - t_x).max(initial=0)) + 1):
        s = np.maximum(n - back, t_x)
        inside = n - back >= t_x
        ratio = ratio + np.log1p((alpha + x) / (beta + s - x)) + np.log1p(gamma / (delta + s))
        with np.errstate(invalid="ignore"):
            more = np.where(inside, ratio + np.log(gamma / (gamma + delta + s)), -np.inf)
            total = np.logaddexp(gone, more)
            share = np.where(inside, np.exp(more - total), 0.0)
        buying += share * ((alpha + x) / (alpha + beta + s) - buying)
        leaving += share * ((gamma + 1) / (gamma + delta + s + 1) - leaving)
        gone = total
    here = np.exp(-np.logaddexp(0.0, gone))
    buying += here * ((alpha + x) / (alpha + beta + n) - buying)
    leaving += here * (gamma / (gamma + delta + n) - leaving)
    return Told(-gone, buying, leaving)


@frozen(eq=False)
class _Chunk:
    """Pairs of a history and an opportunity after which that customer may have left; `dead` is 0 for the alive."""

    x: Ints
    s: Ints
    dead: Ints
    starts: NDArray[np.intp]
    lengths: Ints
    weights: Floats

    @classmethod
    def of(cls, x: Floats, t_x: Floats, n: Floats, weights: Floats) -> Self:
        lengths = (n - t_x).astype(np.int64) + 1
        starts = np.cumsum(lengths) - lengths
        steps = np.arange(int(lengths.sum())) - np.repeat(starts, lengths)
        s = np.repeat(t_x.astype(np.int64), lengths) + steps
        dead = (s < np.repeat(n.astype(np.int64), lengths)).astype(np.int64)
        return cls(np.repeat(x.astype(np.int64), lengths), s, dead, starts, lengths, weights)

    def __call__(self, point: Floats, tables: Floats) -> Curve:
        """tables: by power 0, 1, 2 of 1/z and by (α, β, α+β, δ, γ+δ), the running sums of their terms."""
        gamma, left = float(point[2]), self.s + self.dead
        ends = self.dead * np.log(gamma)
        A, B, AB, D, GD = (table[at] for table, at in zip(tables[0], self._places(left), strict=True))
        terms = A + B - AB + D - GD + ends
        top = np.maximum.reduceat(terms, self.starts)
        parts = np.exp(terms - np.repeat(top, self.lengths))
        sums = np.add.reduceat(parts, self.starts)
        value = float(self.weights @ (top + np.log(sums)))
        shares = parts / np.repeat(sums, self.lengths)
        shares_w = shares * np.repeat(self.weights, self.lengths)
        A, B, AB, D, GD = (table[at] for table, at in zip(tables[1], self._places(left), strict=True))
        slopes = np.stack([A - AB, B - AB, self.dead / gamma - GD, D - GD])
        means = np.add.reduceat(slopes * shares, self.starts, axis=1)
        bend = (slopes * shares_w) @ slopes.T - (means * self.weights) @ means.T
        A, B, AB, D, GD = (float(shares_w @ table[at]) for table, at in zip(tables[2], self._places(left), strict=True))
        bend[:2, :2] += AB
        bend[2:, 2:] += GD
        bend[np.diag_indices(4)] -= (A, B, float(shares_w @ self.dead) / gamma**2, D)
        return value, means @ self.weights, bend

    def _places(self, left: Ints) -> tuple[Ints, ...]:
        return self.x, self.s - self.x, self.s, self.s, left


@frozen(eq=False)
class BetaBinomialLikelihood:
    """The distinct histories; called with (alpha, beta, gamma, delta)."""

    chunks: tuple[_Chunk, ...]
    longest: int

    @classmethod
    def of(cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)) -> Self:
        opportunities(summary)
        (x, t_x, n), where = cells(summary.frequency[rows], summary.recency[rows], summary.T[rows])
        w = np.bincount(where, weights=weights[rows], minlength=x.size)
        which = np.cumsum(n - t_x + 1) // CHUNK
        cuts = np.flatnonzero(np.diff(which)) + 1
        parts = (np.split(column, cuts) for column in (x, t_x, n, w))
        chunks = tuple(_Chunk.of(*columns) for columns in zip(*parts, strict=True) if columns[0].size)
        return cls(chunks, int(n.max(initial=0)) + 1)

    def __call__(self, point: Floats) -> Curve:
        alpha, beta, gamma, delta = point
        terms = np.array([[alpha], [beta], [alpha + beta], [delta], [gamma + delta]]) + np.arange(self.longest)
        inverse = 1 / terms
        tables = np.zeros((3, 5, self.longest + 1))
        np.cumsum(np.stack([np.log(terms), inverse, inverse * inverse]), axis=2, out=tables[:, :, 1:])
        value, slope, bend = 0.0, np.zeros(4), np.zeros((4, 4))
        for chunk in self.chunks:
            more = chunk(point, tables)
            value, slope, bend = value + more[0], slope + more[1], bend + more[2]
        return value, slope, bend
