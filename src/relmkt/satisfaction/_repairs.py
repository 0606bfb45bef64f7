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
from relmkt.satisfaction._redrawn import Patterns, column_means, correlations
from relmkt.satisfaction._sheet import sheet
from relmkt.satisfaction._weights import Derived, derived, r_squared
from relmkt.scales import Item
from relmkt.scales._bootstrap import bounds

__all__ = ["Repair", "repairs"]

Floats = NDArray[np.float64]


@frozen(eq=False)
class Repair:
    """One line of the list.

    item: what to repair. priority: importance times shortfall. importance: derived, a share of what is explained for
    relative weights and Shapley's. shortfall: mean of what each answer lacks of the target, as a share of the scale.
    first: the share of draws in which this line comes first. customers: who lies below the target, furthest first:
    their ids, or the places of their rows where no ids were given.

    >>> from relmkt.scales import Scale
    >>> ten, survey = Scale(1, 10), np.array([[9, 9], [4, 5], [6, 6], [3, 3]])
    >>> line, = repairs(survey, ten.items("bed"), Item("stay", ten), target=8, rng=np.random.default_rng(3))
    >>> line.item, line.customers
    ('bed', (3, 1, 2))

    Source: Slack 1994; Johnson 2000.
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

    Source: Slack 1994; Johnson 2000.
    """
    if not items:
        raise ValueError("items: expected at least one")
    told = sheet(answers, [*items, overall])
    who = told.ids if ids is None else ids
    if who is not None and len(who) != len(told.scored):
        raise ValueError(f"ids: {len(told.scored)} respondents need as many, got {len(who)}")
    k, lacks = len(items), _lacking(told.scored[:, :-1], items, target)
    answers = Patterns.of(told.scored)
    needs = _lacking(answers.rows[:k].T, items, target).T
    whole = ~np.isnan(answers.rows).any(axis=0)
    base = answers.rows[:, whole], whole, needs
    found = _priorities(*base, answers.counts, method)
    drawn = [_priorities(*base, counts, method) for counts, _ in answers.drawn(rng, resamples)]
    draws = np.array(drawn) if drawn else np.full((resamples, 3 * k), np.nan)
    low, high, error = bounds(draws, level, found)
    urgent = np.where(np.isnan(draws[:, :k]), -np.inf, draws[:, :k])
    known = np.isfinite(urgent).any(axis=1)
    first = np.bincount(urgent[known].argmax(axis=1), minlength=k) / max(int(known.sum()), 1)
    whole, each = int(told.whole.sum()), (~np.isnan(lacks)).sum(axis=0).tolist()
    lines = []
    for place in np.argsort(-np.where(np.isnan(found[:k]), -np.inf, found[:k]), kind="stable").tolist():
        behind = _behind(lacks[:, place], who)
        if not behind:
            continue
        priority, importance, shortfall = (
            _estimate(found, low, high, error, at * k + place, n, level, told.notes)
            for at, n in enumerate((whole, whole, each[place]))
        )
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


def _priorities(rows: Floats, whole: NDArray[np.bool_], lacks: Floats, counts: Floats, method: Derived) -> Floats:
    """Priorities, importances and shortfalls of k items, one after another.

    rows: the patterns of answers to everything, shape (k + 1, …). whole: which of all patterns these are. lacks: of all
    patterns, shape (k, patterns). counts: how many gave each of all patterns.
    """
    k, seen = len(lacks), counts[whole]
    weight = np.full(k, np.nan)
    if seen.sum() >= k + 2:  # fewer always fit
        told = correlations(rows, seen)
        among, withal = told[:k, :k], told[:k, k]
        weight, r2 = derived(method, among, withal), r_squared(among, withal)
        if method in ("relative weights", "shapley"):
            weight = weight / r2 if r2 > 0 else np.full(k, np.nan)
    short = column_means(lacks, counts)
    return np.concatenate([weight * short, weight, short])


def _behind(lacks: Floats, who: Sequence[str] | None) -> tuple[str | int, ...]:
    short = np.flatnonzero(lacks > 0)
    rows = short[np.argsort(-lacks[short], kind="stable")].tolist()
    return tuple(rows) if who is None else tuple(map(who.__getitem__, rows))


def _estimate(
    found: Floats, low: Floats, high: Floats, error: Floats, at: int, n: int, level: float, notes: tuple[str, ...]
) -> Estimate:
    told: dict[str, Any] = {"level": level, "method": "bias-corrected bootstrap"}
    if np.isnan(found[at]):
        return Estimate.unknown("too few answers to everything, or nothing that varies", **told)
    return Estimate(found[at], low[at], high[at], n=n, se=error[at], notes=notes, **told)
