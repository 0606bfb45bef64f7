"""What should be repaired first, and for whom? Items in the order of derived importance times shortfall.

What matters and falls short comes before what only matters or only falls short: urgency by both together is that of
Slack (1994), The Importance-Performance Matrix as a Determinant of Improvement Priority, Int. J. Operations &
Production Management 14(5), 59-75. Importance is derived (Johnson 2000), for people state that everything matters. The
shortfall of an item is the sum of its customers' own, so that each line has its customers behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.satisfaction._sheet import bounds, sheet
from relmkt.satisfaction._weights import Derived, correlated, derived, r_squared
from relmkt.scales import Item

__all__ = ["Repair", "repairs"]

Floats = NDArray[np.float64]


@frozen(eq=False)
class Repair:
    """One line of the list.

    item: what to repair. priority: importance times shortfall. importance: derived, a share of what is explained for
    relative weights and Shapley's. shortfall: mean of what each answer lacks of the target, as a share of the scale.
    first: the share of draws in which this line comes first. customers: who lies below the target, furthest first:
    their ids, or the places of their rows where no ids were given.
    """

    item: str
    priority: Estimate
    importance: Estimate
    shortfall: Estimate
    first: float
    customers: tuple[str | int, ...] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.item}: {self.priority}, {len(self.customers):,} customers"


def repairs(
    answers: Any,
    items: Sequence[Item],
    overall: Item,
    *,
    target: float | Mapping[str, float],
    rng: np.random.Generator,
    ids: Sequence[str] | None = None,
    method: Derived = "relative weights",
    resamples: int = 1000,
    level: float = 0.95,
) -> tuple[Repair, ...]:
    """What to repair, the most urgent first.

    answers: an array with a column for each item and the last for `overall`, columns by name, or a `FactTable`.
    target: the answer that would do, for all items or by item, on their scale after reversing. ids: of the
    respondents, in their order; a table has its own. method: how importance is derived. rng, resamples: respondents
    drawn again, for intervals that are corrected for bias and for `first`.

    Items that nobody lacks are left out; those whose importance is unknown come last. Raises ValueError for a target
    that is not on an item's scale, or ids of another length.

    >>> from relmkt.scales import Scale
    >>> ten = Scale(1, 10)
    >>> survey = {"bed": [9, 4, 6, 3, 8], "bus": [5, 9, 4, 5, 6], "stay": [9, 5, 6, 3, 8]}
    >>> found = repairs(survey, ten.items("bus", "bed"), Item("stay", ten), target=8, rng=np.random.default_rng(3),
    ...                 ids=["ada", "bob", "cyd", "dan", "eve"])
    >>> [(line.item, line.customers) for line in found]
    [('bed', ('dan', 'bob', 'cyd')), ('bus', ('cyd', 'ada', 'dan', 'eve'))]
    """
    if not items:
        raise ValueError("items: expected at least one")
    told = sheet(answers, [*items, overall])
    if resamples < 2:
        raise ValueError(f"resamples: expected 2 or more, got {resamples}")
    who = told.ids if ids is None else ids
    if who is not None and len(who) != len(told.scored):
        raise ValueError(f"ids: {len(told.scored)} respondents need as many, got {len(who)}")
    k, lacks = len(items), _lacking(told.scored[:, :-1], items, target)
    cells = np.column_stack([told.scored, lacks])
    found = _priorities(cells, k, method)
    draws = _draws(cells, k, method, rng, resamples)
    low, high, error = bounds(draws, level, found)
    urgent = np.where(np.isnan(draws[:, :k]), -np.inf, draws[:, :k])
    known = np.isfinite(urgent).any(axis=1)
    first = np.bincount(urgent[known].argmax(axis=1), minlength=k) / max(int(known.sum()), 1)
    counts = (int(told.whole.sum()), (~np.isnan(lacks)).sum(axis=0))
    lines = []
    for place in np.argsort(-np.where(np.isnan(found[:k]), -np.inf, found[:k]), kind="stable").tolist():
        behind = _behind(lacks[:, place], who)
        if not behind:
            continue
        n = (counts[0], counts[0], int(counts[1][place]))
        parts = [
            _estimate(found, low, high, error, at * k + place, size, level, told.notes) for at, size in enumerate(n)
        ]
        priority, importance, shortfall = parts
        lines.append(Repair(items[place].name, priority, importance, shortfall, float(first[place]), behind))
    return tuple(lines)


def _lacking(scored: Floats, items: Sequence[Item], target: float | Mapping[str, float]) -> Floats:
    """What each answer lacks of the target, as a share of the scale's length; NaN where there is none."""
    told = [target[item.name] if isinstance(target, Mapping) else target for item in items]
    for item, one in zip(items, told, strict=True):
        if not item.scale.low <= one <= item.scale.high:
            raise ValueError(f"target: {one} is not on the scale of {item.name}")
    length = np.array([item.scale.high - item.scale.low for item in items])
    return np.asarray(np.maximum(np.asarray(told, np.float64) - scored, 0) / length, np.float64)


def _priorities(cells: Floats, k: int, method: Derived) -> Floats:
    """Priorities, importances and shortfalls of k items, one after another."""
    scored, lacks = cells[:, : k + 1], cells[:, k + 1 :]
    whole = scored[~np.isnan(scored).any(axis=1)]
    weight = np.full(k, np.nan)
    if len(whole) >= k + 2:  # fewer always fit
        among, withal = correlated(whole[:, :-1], whole[:, -1])
        weight, r2 = derived(method, among, withal), r_squared(among, withal)
        if method in ("relative weights", "shapley"):
            weight = weight / r2 if r2 > 0 else np.full(k, np.nan)
    seen = (~np.isnan(lacks)).sum(axis=0)
    short = np.divide(np.nansum(lacks, axis=0), seen, out=np.full(k, np.nan), where=seen > 0)
    return np.concatenate([weight * short, weight, short])


def _draws(cells: Floats, k: int, method: Derived, rng: np.random.Generator, resamples: int) -> Floats:
    n, out = len(cells), np.full((resamples, 3 * k), np.nan)
    for draw in range(resamples if n else 0):
        out[draw] = _priorities(cells[rng.integers(0, n, n)], k, method)
    return out


def _behind(lacks: Floats, who: Sequence[str] | None) -> tuple[str | int, ...]:
    rows = np.argsort(-np.nan_to_num(lacks), kind="stable")
    short = [row for row in rows.tolist() if lacks[row] > 0]
    return tuple(short if who is None else (who[row] for row in short))


def _estimate(
    found: Floats, low: Floats, high: Floats, error: Floats, at: int, n: int, level: float, notes: tuple[str, ...]
) -> Estimate:
    told: dict[str, Any] = {"level": level, "method": "bias-corrected bootstrap"}
    if np.isnan(found[at]):
        return Estimate.unknown("too few answers to everything, or nothing that varies", **told)
    return Estimate(found[at], low[at], high[at], n=n, se=error[at], notes=notes, **told)
