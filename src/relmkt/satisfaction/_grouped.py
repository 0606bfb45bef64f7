"""Which answers count, and for whom? Answers to one item, checked against its scale, by group and period or not.

Rule R40: a request that was not answered counts in no score; what is not on the scale is counted apart, never clipped,
and whoever does not know has not answered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Answer
from relmkt.satisfaction._labels import Labelled, crossed, labelled, months_of
from relmkt.scales import Item
from relmkt.scales._answers import numbers

__all__ = ["By", "Grouped", "Population", "facts_of", "finite", "grouped", "stacked", "thin"]

By = str | ArrayLike | None
Population = float | Mapping[str, float] | None
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@frozen(eq=False, slots=False)
class Grouped:
    """Answers to one item, by group; one group where no labels were asked.

    labels: names of the groups, sorted by code point, or None. item: what was asked. note: what to say where nothing is
    left. place: of each answer, its group; step: of each answer, how many steps above the scale's low end, then one
    more than the scale has for a missing answer, and two for an invalid one; weight: of each answer, or None.
    """

    labels: tuple[str, ...] | None
    item: Item
    note: str
    place: Ints
    step: Ints
    weight: Floats | None
    unsure: int = 0

    @property
    def size(self) -> int:
        """How many groups there are."""
        return 1 if self.labels is None else len(self.labels)

    @property
    def steps(self) -> NDArray[np.float64]:
        """The answers of the scale, from low to high."""
        return np.arange(self.item.scale.low, self.item.scale.high + 1, dtype=np.float64)

    @cached_property
    def _table(self) -> Floats | None:
        """How many answers of each step each group gave, or their weights; None where it would outgrow the answers."""
        wide = len(self.steps) + 2
        if self.size * wide > max(4 * len(self.step), 1 << 16):
            return None
        counted = np.bincount(self.place * wide + self.step, self.weight, self.size * wide)
        return counted.reshape(self.size, wide).astype(np.float64)

    def _summed(self, worth: Floats, weight: Floats | None) -> Floats:
        each = worth[self.step]
        return np.bincount(self.place, each if weight is None else each * weight, self.size)

    def sums(self, worth: ArrayLike) -> Floats:
        """The sum over each group of what a step is worth, by weight; worth: shape (steps,), missing and invalid 0."""
        every = np.concatenate([np.asarray(worth, np.float64), np.zeros(2)])
        return self._summed(every, self.weight) if self._table is None else self._table @ every

    @cached_property
    def _counts(self) -> tuple[Ints, Ints, Ints]:
        """Valid, missing and invalid answers of each group."""
        wide = len(self.steps)
        if self.weight is None and self._table is not None:
            parts = self._table[:, :wide].sum(1), self._table[:, wide], self._table[:, wide + 1]
        else:
            kind = np.maximum(self.step - wide + 1, 0)
            parts = tuple(np.bincount(self.place[kind == sort], minlength=self.size) for sort in range(3))
        valid, missing, invalid = (part.astype(np.int64) for part in parts)
        return valid, missing, invalid

    @property
    def n(self) -> Ints:
        """How many valid answers each group has."""
        return self._counts[0]

    @property
    def missing(self) -> Ints:
        """How many of each group did not answer, or do not know."""
        return self._counts[1]

    @property
    def invalid(self) -> Ints:
        """How many answers of each group are not on the scale."""
        return self._counts[2]

    @cached_property
    def total(self) -> Floats:
        """The weights of the valid answers of each group; without weights, n."""
        return self.n.astype(np.float64) if self.weight is None else self.sums(np.ones(len(self.steps)))

    @cached_property
    def n_eff(self) -> Floats:
        """Kish's effective size (Σw)²/Σw²; without weights, n."""
        if self.weight is None:
            return self.n.astype(np.float64)
        valid = np.concatenate([np.ones(len(self.steps)), np.zeros(2)])
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.total**2 / self._summed(valid, self.weight**2)

    @cached_property
    def valid(self) -> NDArray[np.bool_]:
        """Which of the answers are on the scale."""
        told: NDArray[np.bool_] = self.step < len(self.steps)
        return told

    @property
    def values(self) -> Floats:
        """The valid answers, and in the same order their groups are `group`."""
        return self.steps[self.step[self.valid]]

    @property
    def group(self) -> Ints:
        """The group of each valid answer."""
        return self.place[self.valid]

    def told(self, notes: Sequence[str], least: int | None = None, **fields: Any) -> Estimate:
        """The estimate with these columns, its counts and its notes; one number where there are no labels."""
        columns = {"n": self.n, "missing": self.missing, "invalid": self.invalid}
        for name, column in fields.items():
            (columns if getattr(column, "ndim", 0) else fields)[name] = column
        rest = {name: one for name, one in fields.items() if name not in columns}
        if self.labels is None:
            columns = {name: column[0] for name, column in columns.items()}
        return Estimate(**columns, **rest, labels=self.labels, notes=self.noted(notes, least))

    def noted(self, notes: Sequence[str], least: int | None) -> tuple[str, ...]:
        """The notes of a score of these answers."""
        if not self.n.any():
            return (self.note,)
        unsure = (f"{self.unsure} who do not know are counted missing",) if self.unsure else ()
        return (*notes, *unsure, *thin(self.n, self.labels, least))

    def each(self, answer: Callable[..., Estimate]) -> Estimate:
        """One estimate a group by `answer(values, missing=…, invalid=…)`, together."""
        order = np.argsort(self.group, kind="stable")
        parts = np.split(self.values[order], np.cumsum(self.n)[:-1])
        counts = zip(parts, self.missing.tolist(), self.invalid.tolist(), strict=True) if self.size else ()
        return stacked([answer(part, missing=gone, invalid=wrong) for part, gone, wrong in counts], self.labels)


def thin(n: Ints, labels: Sequence[str] | None, least: int | None) -> tuple[str, ...]:
    """A note that names the groups with fewer answers than a stated minimum; none where all have enough."""
    few = np.flatnonzero(n < (least or 0)).tolist()
    if not few:
        return ()
    if labels is None:
        return (f"fewer than {least} answers",)
    names = "; ".join(labels[row] for row in few[:5])
    more = f" and {len(few) - 5:,} more" if len(few) > 5 else ""
    return (f"fewer than {least} answers: {names}{more}",)


def finite(told: Grouped, population: Population) -> Floats:
    """What a standard error is multiplied by where so many could have been asked: √((N − n)/(N − 1)), by group."""
    if population is None:
        return np.ones(told.size)
    if isinstance(population, Mapping) != (told.labels is not None):
        raise ValueError("population: expected a number, or with groups a mapping of each label to its number")
    given = [population] if told.labels is None else [population.get(name, np.nan) for name in told.labels]  # type: ignore[union-attr]
    size = np.array(given, np.float64)
    if not (size >= told.n).all():
        raise ValueError("population: expected at least as many as answered, for every group")
    return np.sqrt((size - told.n) / np.maximum(size - 1, 1))


def grouped(
    answers: Any,
    item: Item,
    by: By = None,
    weights: ArrayLike | None = None,
    *,
    period: str | None = None,
    zone: str = "UTC",
    unsure: Collection[Any] = (),
) -> Grouped:
    """The answers to one item.

    answers: a `FactTable` (its answers to this item, every one of them), or scores, one an answer.
    by: labels, one an answer; or, of a table, a field of `Answer` such as "about"; None: all together.
    weights: one an answer, not negative. period, zone: of a table, the calendar period of each answer too.
    unsure: the numbers or words by which somebody says not to know.

    Raises TypeError for a field's name, or a period, where there are no facts, ValueError for labels or weights of
    another length.
    """
    if isinstance(answers, FactTable):
        table, by, weights, note = facts_of(answers, item, by, weights)
        told, when = table.number, None if period is None else months_of(table.at, period, zone)
    elif isinstance(by, str) or period is not None:
        raise TypeError("by, period: a field and a calendar are read from a table of facts; give an array of labels")
    else:
        told, note, when = numbers(answers, unsure) if unsure else numbers(answers), f"no answer to {item.name}", None
    doubt = np.isin(told, [code for code in unsure if isinstance(code, int | float)]) if unsure else np.zeros(0, bool)
    told = np.where(doubt, np.nan, told) if doubt.any() else told
    among: Labelled | None = crossed(None if by is None else labelled(by, len(told)), when)
    names, place = (None, np.zeros(len(told), np.int64)) if among is None else among
    return Grouped(names, item, note, place, _step(told, item), _weighed(weights, len(told)), int(doubt.sum()))


def _step(told: Floats, item: Item) -> Ints:
    """Steps above the low end; missing and invalid answers stand after the high one."""
    wide = item.scale.high - item.scale.low + 1
    with np.errstate(invalid="ignore"):
        away = told - item.scale.low
        step = away.astype(np.int64)
    off = (step != away) | (step < 0) | (step >= wide)  # NaN and infinity are equal to no whole number
    if off.any():
        step[off] = np.where(np.isnan(told[off]), wide, wide + 1)
    return step


def facts_of(table: FactTable, item: Item, by: By, weights: ArrayLike | None) -> tuple[Any, ...]:
    """The rows that answer this item; labels and weights given a row are taken along."""
    every = table.only(Answer)
    rows = every.label == (every.labels.index(item.name) if item.name in every.labels else -2)
    told = every.taken(rows)
    if isinstance(by, str):
        by = told[by]
    elif by is not None:
        by = _taken("by", by, rows)
    kept = None if weights is None else _taken("weights", weights, rows)
    return told, by, kept, f"no answer to {item.name}" if len(told) else _nobody(every, item)


def _nobody(table: FactTable, item: Item) -> str:
    others = sorted(set(table["label"].tolist()) - {item.name})
    return f"no answer to {item.name}" + (f"; the table holds answers to {', '.join(others[:5])}" if others else "")


def _taken(name: str, given: ArrayLike, rows: NDArray[np.bool_]) -> NDArray[Any]:
    told = np.asarray(given)
    if told.shape != rows.shape:
        raise ValueError(f"{name}: {len(rows)} answers need as many values, got shape {told.shape}")
    return told[rows]


def _weighed(weights: ArrayLike | None, n: int) -> Floats | None:
    if weights is None:
        return None
    told = np.asarray(weights, np.float64)
    if told.shape != (n,):
        raise ValueError(f"weights: {n} answers need as many weights, got shape {told.shape}")
    if not (np.isfinite(told) & (told >= 0)).all():
        raise ValueError("weights: expected finite numbers, zero or more")
    return told


def stacked(parts: Sequence[Estimate], labels: tuple[str, ...] | None) -> Estimate:
    """One estimate a group as a labelled column; the only one as it is where there are no labels."""
    if labels is None:
        return parts[0]
    names = ("value", "low", "high", "n", "se", "n_eff", "missing", "invalid")
    told: dict[str, Any] = {name: [getattr(part, name) for part in parts] for name in names}
    shared: dict[str, Any] = {name: getattr(parts[0], name) for name in ("level", "method", "digits")} if parts else {}
    notes = tuple(dict.fromkeys(note for part in parts if part.n for note in part.notes))
    return Estimate(**told, **shared, labels=labels, notes=notes)
