"""What did each group answer? Answers to one item as counts of each step of its scale, and what is summed from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales import Item
from relmkt.scales._labels import BLOCK, Places

__all__ = ["WEIGHTLESS", "Grouped", "Population", "ends", "finite", "thin"]

Population = float | Mapping[str, float] | None
WEIGHTLESS = "no answer has a weight above 0"
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@frozen(eq=False, slots=False)
class Grouped:
    """Answers to one item, by group; one group where no labels were asked.

    labels: names of the groups, sorted by code point, or None. item: what was asked. note: what to say where nothing is
    left. place: of each answer, its group; step: of each answer, how many steps above the scale's low end, then one
    more than the scale has for a missing answer, and two for an invalid one; weight: of each answer, or None.
    unsure: how many do not know; they are among the missing.
    """

    labels: tuple[str, ...] | None
    item: Item
    note: str
    place: Places
    step: NDArray[np.int32]
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
        return _counted(self.place, self.step, self.size, wide, self.weight)

    def _summed(self, worth: Floats, weight: Floats | None) -> Floats:
        each = worth[self.step]
        return np.bincount(self.place, each if weight is None else each * weight, self.size).astype(np.float64)

    def sums(self, worth: ArrayLike) -> Floats:
        """The sum over each group of what a step is worth, by weight; worth: shape (steps,), missing and invalid 0."""
        every = np.concatenate([np.asarray(worth, np.float64), np.zeros(2)])
        return self._summed(every, self.weight) if self._table is None else self._table @ every

    @cached_property
    def _counts(self) -> tuple[Ints, Ints, Ints]:
        """Valid, missing and invalid answers of each group."""
        wide = len(self.steps)
        if self.weight is None and self._table is not None:
            parts: list[NDArray[Any]] = [self._table[:, :wide].sum(1), *self._table[:, wide:].T]
        else:
            kind = np.maximum(self.step - wide + 1, 0)
            parts = [np.bincount(self.place[kind == sort], minlength=self.size) for sort in range(3)]
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

    def told(self, columns: dict[str, Any], notes: Sequence[str], least: int | None, **shared: Any) -> Estimate:
        """The estimate with these columns, its counts and its notes; one number where there are no labels."""
        columns = {"n": self.n, "missing": self.missing, "invalid": self.invalid, **columns}
        if self.labels is None:
            columns = {name: column[0] for name, column in columns.items()}
        return Estimate(**columns, **shared, labels=self.labels, notes=self.noted(notes, least))

    def noted(self, notes: Sequence[str], least: int | None) -> tuple[str, ...]:
        """The notes of a score of these answers."""
        if not self.n.any():
            return (self.note,)
        light = (WEIGHTLESS,) if (self.n[~(self.total > 0)] > 0).any() else ()
        unsure = (f"{self.unsure} who do not know are counted missing",) if self.unsure else ()
        return tuple(dict.fromkeys((*light, *notes, *unsure, *thin(self.n, self.labels, least))))

    def turned(self) -> Grouped:
        """The same answers from the other end of the scale."""
        return evolve(self, step=np.where(self.valid, len(self.steps) - 1 - self.step, self.step))


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


def ends(item: Item) -> str:
    """What the ends of the item's scale mean, and which is good: a note of answers taken as they were given."""
    low, high = (f"{step} {item.scale.label(step)}".strip() for step in (item.scale.low, item.scale.high))
    return f"from {low} to {high}: high is {'bad' if item.reverse else 'good'}"


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


def _counted(place: Places, step: NDArray[Any], size: int, wide: int, weight: Floats | None = None) -> Floats:
    """How many rows (or what weight) there are of each step in each group, shape (size, wide)."""
    total = np.zeros(size * wide)
    each = max(BLOCK, 8 * size * wide)  # a block is not smaller than what it is added to
    for start in range(0, len(step), each):
        rows = slice(start, start + each)
        cell = step[rows] if size == 1 else place[rows] * wide + step[rows]
        total += np.bincount(cell, None if weight is None else weight[rows], size * wide)
    return total.reshape(size, wide)
