"""Which group does a customer fall in? Scores of recency, frequency and monetary value under each rule in use.

Independent and nested fifths are Hughes's (1994, "Strategic Database Marketing"); groups of equal behaviour are
Miglautsch's (2000, Journal of Database Marketing 8(1), "Thoughts on RFM scoring"). Where values tie, groups of equal
size are impossible: the rule for ties is an argument, and every rule but the order of the rows gives equal customers
equal scores (R44).
"""

from __future__ import annotations

from html import escape
from typing import Any, Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.value._customers._rfm import group_edges

__all__ = ["RFMScores", "Ties", "group_scores", "rfm_clusters", "rfm_scores"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ties = Literal["same group", "average", "min", "max", "ordinal", "quantile plus one", "equal behaviour"]
TIES: tuple[Ties, ...] = ("same group", "average", "min", "max", "ordinal", "quantile plus one", "equal behaviour")
SHOWN = 10
ROUNDS = 100


def group_scores(
    values: ArrayLike, groups: int, *, ties: Ties = "same group", edges: ArrayLike | None = None, reverse: bool = False
) -> Ints:
    """The group of each value, 1 for the lowest to `groups` for the highest.

    ties: "same group" cuts at values that occur, each value in one group; "average", "min", "max" cut the rank that
    equals share, ceil(groups × rank / n); "ordinal" breaks ties by the order of the rows; "quantile plus one" cuts
    at the linear quantile plus 1, itself in the upper group, as a well-known R package does (for whole numbers only:
    it misplaces small fractional amounts); "equal behaviour" gives each group an equal part of the total, and wants
    values of 0 or more. edges: fixed ones instead, a value equal to an edge below it. reverse: highest group for the
    lowest values, as recency needs. A missing value is an InvalidFactError.

    >>> group_scores([1, 1, 1, 1, 1, 1, 2, 2, 3, 9], 5).tolist()
    [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]
    >>> group_scores([1, 1, 1, 1, 1, 1, 2, 2, 3, 9], 5, ties="average").tolist()
    [2, 2, 2, 2, 2, 2, 4, 4, 5, 5]
    """
    given = np.asarray(values, dtype=np.float64).ravel()
    if groups < 2:
        raise ValueError(f"groups is 2 or more, got {groups}")
    if np.isnan(given).any():
        raise InvalidFactError("values", f"a missing value at row {int(np.argmax(np.isnan(given)))}", "numbers")
    if ties not in TIES:
        raise ValueError(f"ties is one of {', '.join(TIES)}, not {ties!r}")
    if not given.size:
        return np.zeros(0, dtype=np.int64)
    if edges is not None:
        told = _above(given, np.asarray(edges, dtype=np.float64))
    elif ties == "same group":
        told = _above(given, np.array(group_edges(given, groups)))
    elif ties == "quantile plus one":
        cuts = np.quantile(given, np.arange(1, groups) / groups) + 1
        told = sum(((given >= cut).astype(np.int64) for cut in cuts), np.ones(given.size, dtype=np.int64))
    elif ties == "equal behaviour":
        told = _of_total(given, groups)
    else:
        told = np.ceil(groups * _ranks(given, ties) / given.size).astype(np.int64)
    return groups + 1 - told if reverse else told


@frozen(eq=False, repr=False)
class RFMScores:
    """Scores of many customers, 1 to `groups`, the best the highest; each array has one entry a customer.

    >>> two = RFMScores([5, 1], [5, 1], [4, 2], 5)
    >>> two.codes().tolist(), two.weighted(2, 1, 1).tolist()
    ([554, 112], [19.0, 5.0])
    """

    recency: Ints = field(converter=np.asarray)
    frequency: Ints = field(converter=np.asarray)
    monetary: Ints = field(converter=np.asarray)
    groups: int
    labels: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return int(self.recency.size)

    def codes(self) -> Ints:
        """The three scores side by side as one number: 100 R + 10 F + M (up to nine groups)."""
        if self.groups > 9:
            raise ValueError("codes have one digit a score: with more than 9 groups use weighted()")
        return np.asarray(100 * self.recency + 10 * self.frequency + self.monetary)

    def weighted(self, recency: float, frequency: float, monetary: float) -> Floats:
        """The weighted sum of the scores."""
        return np.asarray(recency * self.recency + frequency * self.frequency + monetary * self.monetary, np.float64)

    def counts(self) -> NDArray[np.int64]:
        """Customers in each cell, shape (groups, groups, groups) by recency, frequency, monetary score."""
        k = self.groups
        cells = ((self.recency - 1) * k + self.frequency - 1) * k + self.monetary - 1
        return np.bincount(cells, minlength=k**3).reshape(k, k, k)

    def __repr__(self) -> str:
        return f"<RFMScores: {len(self):,} customers, 1 to {self.groups}>"

    def _repr_html_(self) -> str:
        names = self.labels or [str(row) for row in range(len(self))]
        rows = zip(names[:SHOWN], self.recency[:SHOWN], self.frequency[:SHOWN], self.monetary[:SHOWN], strict=True)
        body = "".join(f"<tr><th>{escape(n)}</th><td>{r}</td><td>{f}</td><td>{m}</td></tr>" for n, r, f, m in rows)
        head = "<tr><th></th><th>recency</th><th>frequency</th><th>monetary</th></tr>"
        return f"<table><caption>{escape(repr(self))}</caption>{head}{body}</table>"


def rfm_scores(
    recency: ArrayLike,
    frequency: ArrayLike,
    monetary: ArrayLike,
    *,
    groups: int,
    ties: Ties = "same group",
    nested: bool = False,
    labels: Any = None,
) -> RFMScores:
    """The three scores of each customer; nested cuts frequency within each recency score, and money within both.

    recency: days since the last purchase; frequency: purchases; monetary: whole units of a currency; one entry a
    customer each. groups, ties: as for `group_scores`. For scores that rules can use fit an `RFM`.

    >>> scores = rfm_scores([3, 40, 90, 200], [9, 4, 2, 1], [80.5, 60, 10, 300], groups=2)
    >>> scores.codes().tolist()
    [222, 221, 111, 112]
    """
    columns = [np.asarray(c, dtype=np.float64).ravel() for c in (recency, frequency, monetary)]
    if len({c.size for c in columns}) > 1:
        raise InvalidFactError("recency, frequency, monetary", "columns of different lengths", "one entry a customer")
    r = group_scores(columns[0], groups, ties=ties, reverse=True)
    names = None if labels is None else tuple(map(str, labels))
    if not nested:
        f, m = (group_scores(c, groups, ties=ties) for c in columns[1:])
        return RFMScores(r, f, m, groups, names)
    f = _within(columns[1], r, groups, ties)
    return RFMScores(r, f, _within(columns[2], r * groups + f, groups, ties), groups, names)


def rfm_clusters(
    recency: ArrayLike, frequency: ArrayLike, monetary: ArrayLike, *, groups: int, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Groups of similar customers found by k-means on standardised logarithms, and their centres.

    Returns the group of each customer, numbered from 1 by rising monetary centre, and the centres, shape (groups, 3),
    in days, purchases and whole units. Starts spread out (k-means++: Arthur & Vassilvitskii 2007), from `rng`.

    >>> who, centres = rfm_clusters([1, 2, 300, 310], [9, 8, 1, 1], [90, 85, 5, 6], groups=2,
    ...                             rng=np.random.default_rng(1))
    >>> who.tolist(), centres.round(0).tolist()
    ([2, 2, 1, 1], [[305.0, 1.0, 5.0], [1.0, 8.0, 87.0]])
    """
    raw = np.stack([np.asarray(c, dtype=np.float64).ravel() for c in (recency, frequency, monetary)], axis=1)
    if not (np.isfinite(raw).all() and (raw >= 0).all()):
        raise InvalidFactError("recency, frequency, monetary", "a missing or negative value", "numbers of 0 or more")
    logs = np.log1p(raw)
    if not 2 <= groups <= len(np.unique(logs, axis=0)):
        raise ValueError(f"groups lies between 2 and the number of different customers, got {groups}")
    spread = logs.std(axis=0)
    middle, scale = logs.mean(axis=0), np.where(spread > 0, spread, 1.0)
    points = (logs - middle) / scale
    centres = _spread_out(points, groups, rng)
    who = _nearest(points, centres)
    for _ in range(ROUNDS):
        moved = np.array([points[who == k].mean(axis=0) if (who == k).any() else centres[k] for k in range(groups)])
        if np.allclose(moved, centres, rtol=0, atol=1e-12):
            break
        centres, who = moved, _nearest(points, moved)
    order = np.argsort(centres[:, 2], kind="stable")
    return np.asarray(np.argsort(order)[who] + 1), np.expm1(centres[order] * scale + middle)


def _above(values: Floats, edges: Floats) -> Ints:
    told = np.ones(values.size, dtype=np.int64)
    for edge in edges:
        told += values > edge
    return told


def _of_total(values: Floats, groups: int) -> Ints:
    if (values < 0).any():
        raise InvalidFactError("values", "a negative one", "numbers of 0 or more, whose total is shared out")
    distinct, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    reached = np.cumsum(distinct * counts)
    if not reached[-1]:
        return np.ones(values.size, dtype=np.int64)
    # a value belongs to the part of the total in which the middle of its customers falls
    middle = (reached - distinct * counts / 2) / reached[-1]
    parts: Ints = np.clip(np.ceil(groups * middle), 1, groups).astype(np.int64)
    return parts[where]


def _ranks(values: Floats, ties: Ties) -> Floats:
    order = np.argsort(values, kind="stable")
    if ties == "ordinal":
        ranks = np.empty(values.size)
        ranks[order] = np.arange(1.0, values.size + 1)
        return ranks
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    first = last - counts + 1
    shared = {"min": first, "max": last, "average": (first + last) / 2}[ties]
    return np.asarray(shared, dtype=np.float64)[where]


def _within(values: Floats, cells: Ints, groups: int, ties: Ties) -> Ints:
    told = np.empty(values.size, dtype=np.int64)
    for cell in np.unique(cells):
        rows = np.flatnonzero(cells == cell)
        told[rows] = group_scores(values[rows], groups, ties=ties)
    return told


def _spread_out(points: Floats, groups: int, rng: np.random.Generator) -> Floats:
    chosen = [points[rng.integers(len(points))]]
    far = np.full(len(points), np.inf)
    while len(chosen) < groups:
        far = np.minimum(far, ((points - chosen[-1]) ** 2).sum(axis=1))
        chosen.append(points[rng.choice(len(points), p=far / far.sum())])
    return np.array(chosen)


def _nearest(points: Floats, centres: Floats) -> Ints:
    return np.asarray(np.argmin([((points - c) ** 2).sum(axis=1) for c in centres], axis=0))
