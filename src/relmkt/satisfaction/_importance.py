"""Where should the effort go? Importance against performance, in four quadrants.

Martilla & James (1977), Importance-Performance Analysis, J. Marketing 41(1), 77-79. The lines between high and low are
a choice that changes the verdict, and so is what counts as importance: stated by the respondents, or derived from how
each item moves with the whole (Gustafsson & Johnson 2004, J. Service Research 7(2), 124-141). How sure a verdict is, is
the share of redrawn respondents (Efron 1979) that give it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import Any, Literal, get_args

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.satisfaction._redrawn import Patterns, column_means, correlations
from relmkt.satisfaction._sheet import sheet
from relmkt.satisfaction._weights import Derived, derived
from relmkt.scales import Item, Scale
from relmkt.scales._bootstrap import bounds
from relmkt.scales._item import shared_scale
from relmkt.scales._mean import known_mean
from relmkt.scales._stacked import stacked

__all__ = ["QUADRANTS", "Cut", "ImportanceMap", "Line", "importance_map", "importance_performance"]

Floats = NDArray[np.float64]
Cut = Literal["midpoint", "grand mean", "median"]
Line = Literal["high", "low"]

QUADRANTS = ("low priority", "possible overkill", "concentrate here", "keep up")
"""Low importance with low and high performance, then high importance with low and high performance."""


@frozen(eq=False)
class ImportanceMap:
    """Items by importance and performance.

    importance, performance: by item, with their intervals where answers were given. cross: where the lines run,
    (importance, performance). quadrants: the name of each item's, None where a side of it is unknown.
    probability: shape (items, 4), the share of draws that put an item into each of `QUADRANTS`; None without draws.
    notes: which rule drew the lines, and what counts as importance.

    >>> importance_map([4.5, 3.0], [3.0, 4.0], cut=(4, 3.5), names=["bed", "bus"]).of("concentrate here")
    ('bed',)

    Source: Martilla & James 1977.
    """

    importance: Estimate
    performance: Estimate
    cross: tuple[float, float]
    quadrants: tuple[str | None, ...]
    notes: tuple[str, ...]
    probability: Floats | None = field(default=None, kw_only=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The items."""
        return tuple(self.importance.labels or ())

    def of(self, quadrant: str) -> tuple[str, ...]:
        """The items of one quadrant, in their order."""
        if quadrant not in QUADRANTS:
            raise ValueError(f"quadrant: expected one of {', '.join(QUADRANTS)}")
        return tuple(name for name, found in zip(self.names, self.quadrants, strict=True) if found == quadrant)

    @property
    def chart(self) -> dict[str, Any]:
        """What a picture draws: names, both sides with their bars, the cross, and how sure each verdict is."""
        told: dict[str, Any] = {"names": self.names, "quadrant": self.quadrants, "cross": self.cross}
        for side in ("importance", "performance"):
            one: Estimate = getattr(self, side)
            told |= {side: one.value, f"{side}_low": one.low, f"{side}_high": one.high}
        if self.probability is not None:
            told["probability"] = self.probability.max(axis=1)
        return told

    def __str__(self) -> str:
        return "\n".join(
            f"{name}: {found or 'unknown'}" for name, found in zip(self.names, self.quadrants, strict=True)
        )


def importance_map(
    importance: Estimate | ArrayLike,
    performance: Estimate | ArrayLike,
    *,
    cut: Cut | tuple[float, float],
    scale: Scale | None = None,
    line: Line = "high",
    names: Sequence[str] | None = None,
) -> ImportanceMap:
    """The quadrants of figures that are known already.

    importance, performance: a figure an item, shape (items,), or labelled estimates. cut: where the lines run: at the
    "midpoint" of `scale`, the "grand mean" of the items, their "median", or two numbers (importance, performance).
    line: what a figure on a line is, "high" or "low". names: of the items, where the figures have no labels.

    Raises ValueError for sides of different length or labels, no item, or a midpoint without its scale.

    >>> found = importance_map([4.5, 4.2, 3.0, 3.1], [3.0, 4.1, 2.8, 4.0], cut="grand mean")
    >>> found.quadrants
    ('concentrate here', 'keep up', 'low priority', 'possible overkill')

    Source: Martilla & James 1977.
    """
    one, other = (_labelled(side, names) for side in (importance, performance))
    if one.labels is None or tuple(one.labels) != tuple(other.labels or ()) or not len(one):
        raise ValueError("performance: expected a figure for each item of importance, in the same order")
    return _mapped(one, other, cut, (scale, scale), line)


def importance_performance(
    answers: Any,
    performance: Sequence[Item],
    *,
    importance: Sequence[Item] | Derived,
    cut: Cut | tuple[float, float],
    overall: Item | None = None,
    line: Line = "high",
    level: float = 0.95,
    rng: np.random.Generator | None = None,
    resamples: int = 1000,
) -> ImportanceMap:
    """The quadrants from answers, with a bar for each side and, given `rng`, how sure each verdict is.

    answers: an array with the columns of performance, then of importance or of the whole; or columns by name.
    performance: how well each is done. importance: stated, an item for each of `performance` in its order; or derived
    from how performance moves with `overall`: "correlation", "regression" (standardised), "relative weights"
    (Johnson 2000) or "shapley". cut, line: as for `importance_map`. rng: draws respondents again, `resamples` times;
    without it a derived importance has no bar.

    A mean rests on the valid answers to its item, derived importance on respondents who answered everything.
    Raises ValueError for derived importance without `overall` or cut at a midpoint, or for items on several scales.

    >>> ten = Scale(1, 10)
    >>> survey = {"bed": [9, 4, 6, 3], "bus": [8, 9, 7, 8], "stay": [9, 5, 6, 3]}
    >>> both = ten.items("bed", "bus")
    >>> print(importance_performance(survey, both, importance="correlation", overall=Item("stay", ten), cut="median"))
    bed: concentrate here
    bus: possible overkill

    Source: Martilla & James 1977; Gustafsson & Johnson 2004.
    """
    k = len(performance)
    if isinstance(importance, str):
        if overall is None or importance not in get_args(Derived) or cut == "midpoint":
            raise ValueError(
                f"importance: to derive it expects one of {', '.join(get_args(Derived))}, with overall= and no midpoint"
            )
        told, way = sheet(answers, [*performance, overall]), f"importance derived by {importance}"
        scales: tuple[Scale | None, Scale | None] = (None, _one_scale(performance))
    else:
        if len(importance) != k:
            raise ValueError("importance: expected an item for each of performance")
        told, way = sheet(answers, [*performance, *importance]), "importance as stated"
        scales = (_one_scale(importance), _one_scale(performance))
    names, cells = tuple(item.name for item in performance), told.scored
    draws = None if rng is None else _draws(cells, k, importance, rng, resamples)
    done = _means(cells[:, :k], told.invalid[:, :k], names, level)
    if isinstance(importance, str):
        weight = _derived(cells, importance, names, draws, level)
    else:
        weight = _means(cells[:, k:], told.invalid[:, k:], names, level)
    found = _mapped(weight, done, cut, scales, line)
    sure = None if draws is None else _probability(draws, k, cut, scales, line)
    return evolve(found, probability=sure, notes=(*found.notes, way, *told.notes))


def _labelled(side: Estimate | ArrayLike, names: Sequence[str] | None) -> Estimate:
    if isinstance(side, Estimate):
        return side
    told = np.asarray(side, np.float64)
    if told.ndim != 1:
        raise ValueError("importance and performance: expected a figure an item; answers go to importance_performance")
    labels = [f"item {place}" for place in range(1, len(told) + 1)] if names is None else list(names)
    return Estimate(told, labels=labels)


def _one_scale(items: Sequence[Item]) -> Scale:
    scale = shared_scale(items)
    if scale is None:
        raise ValueError("items: expected some, all of one side on one scale")
    return scale


def _mapped(
    importance: Estimate,
    performance: Estimate,
    cut: Cut | tuple[float, float],
    scales: tuple[Scale | None, Scale | None],
    line: Line,
) -> ImportanceMap:
    cross = _cross(importance.value, performance.value, cut, scales)
    codes = _codes(importance.value, performance.value, cross, line)
    rule = cut if isinstance(cut, str) else "lines as given"
    notes = (f"{rule}; on a line is {line}",)
    found = tuple(None if code < 0 else QUADRANTS[code] for code in codes.tolist())
    return ImportanceMap(importance, performance, cross, found, notes)


def _cross(one: Floats, other: Floats, cut: Any, scales: tuple[Scale | None, Scale | None]) -> tuple[float, float]:
    if not isinstance(cut, str):
        high, wide = (float(each) for each in cut)
        return high, wide
    if cut not in get_args(Cut):
        raise ValueError(f"cut: expected one of {', '.join(get_args(Cut))}, or two numbers")
    first, second = (_cut(side, cut, scale) for side, scale in zip((one, other), scales, strict=True))
    return first, second


def _cut(side: Floats, cut: str, scale: Scale | None) -> float:
    if cut == "midpoint":
        if scale is None:
            raise ValueError("cut: a midpoint needs scale=")
        return (scale.low + scale.high) / 2
    seen = side[~np.isnan(side)]
    if not len(seen):
        return float("nan")
    middle = float(np.median(seen)) if cut == "median" else fsum(seen) / len(seen)
    return min(max(middle, float(seen.min())), float(seen.max()))  # rounding leaves no mean of equals beside them


def _codes(one: Floats, other: Floats, cross: tuple[float, float], line: Line) -> NDArray[np.int64]:
    """The place of each item's quadrant among `QUADRANTS`, −1 where a side is unknown."""
    if line not in get_args(Line):
        raise ValueError("line: expected high or low")
    high = [_high(side, at, line) for side, at in zip((one, other), cross, strict=True)]
    known = ~(np.isnan(one) | np.isnan(other)) & ~np.isnan(cross).any()
    return np.where(known, 2 * high[0] + high[1], -1)


def _high(side: Floats, at: float, line: Line) -> NDArray[np.int64]:
    on = np.isclose(side, at, rtol=1e-12, atol=1e-12)  # a mean that rounding put beside the line is on it
    return np.asarray(np.where(on, line == "high", side > at), np.int64)


def _means(cells: Floats, invalid: NDArray[np.bool_], names: tuple[str, ...], level: float) -> Estimate:
    parts = []
    for column, off in zip(cells.T, invalid.T, strict=True):
        wrong = int(off.sum())
        missing = int(np.isnan(column).sum()) - wrong
        parts.append(known_mean(column, level=level, note="nobody answered", missing=missing, invalid=wrong))
    return stacked(parts, names)


def _importance(rows: Floats, counts: Floats, method: Derived) -> Floats:
    """From the patterns of who answered everything, and how many gave each."""
    k = len(rows) - 1
    if counts.sum() < (3 if method == "correlation" else k + 2):  # fewer always fit
        return np.full(k, np.nan)
    told = correlations(rows, counts)
    return derived(method, told[:k, :k], told[:k, k])


def _derived(cells: Floats, method: Derived, names: tuple[str, ...], draws: Floats | None, level: float) -> Estimate:
    whole = cells[~np.isnan(cells).any(axis=1)]
    answers, n = Patterns.of(whole), len(whole)
    found = _importance(answers.rows, answers.counts, method)
    told: dict[str, Any] = {"n": np.where(np.isnan(found), 0, n), "labels": names, "level": level}
    told["missing"] = np.full(len(names), len(cells) - n)
    if draws is None:
        return Estimate(found, method=method, **told)
    low, high, error = bounds(draws[:, len(names) :], level, found)
    return Estimate(found, low, high, method="bias-corrected bootstrap", se=error, **told)


def _draws(
    cells: Floats, k: int, importance: Sequence[Item] | Derived, rng: np.random.Generator, resamples: int
) -> Floats:
    """Performance and then importance of respondents drawn again, a row a draw."""
    answers, out = Patterns.of(cells), np.full((resamples, 2 * k), np.nan)
    whole = ~np.isnan(answers.rows).any(axis=0)
    rows = answers.rows[:, whole]
    for draw, (counts, _) in enumerate(answers.drawn(rng, resamples)):
        means = column_means(answers.rows, counts)
        told = _importance(rows, counts[whole], importance) if isinstance(importance, str) else means[k:]
        out[draw] = np.concatenate([means[:k], told])
    return out


def _probability(draws: Floats, k: int, cut: Any, scales: tuple[Scale | None, Scale | None], line: Line) -> Floats:
    """How often each item falls into each quadrant, of the draws that place it; the lines are drawn anew each time."""
    counts = np.zeros((k, len(QUADRANTS)))
    for row in draws:
        codes = _codes(row[k:], row[:k], _cross(row[k:], row[:k], cut, scales), line)
        counts[np.flatnonzero(codes >= 0), codes[codes >= 0]] += 1
    with np.errstate(invalid="ignore"):
        return np.asarray(counts / counts.sum(axis=1, keepdims=True), np.float64)
