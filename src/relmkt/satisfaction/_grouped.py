"""Which answers count, and for whom? Answers to one item, checked against its scale, under labels or not.

Rule R40: a request that was not answered counts in no score; what is not on the scale is counted apart, never clipped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Answer
from relmkt.scales import Item
from relmkt.scales._answers import numbers

__all__ = ["Grouped", "grouped", "stacked"]

By = str | ArrayLike | None


@frozen(eq=False)
class Grouped:
    """Answers to one item, by group; one group where no labels were asked.

    labels: names of the groups, sorted by code point, or None. group: of each valid answer, shape (n,); values: the
    valid answers; weights: of each, ones where none were given. missing, invalid: how many were left out, by group.
    note: what to say where nothing is left.
    """

    labels: tuple[str, ...] | None
    group: NDArray[np.int64]
    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    missing: NDArray[np.int64]
    invalid: NDArray[np.int64]
    note: str

    @property
    def size(self) -> int:
        """How many groups there are."""
        return 1 if self.labels is None else len(self.labels)

    def sums(self, of: NDArray[Any] | None = None) -> NDArray[np.float64]:
        """The sum over each group: of the weights, or of what is given an answer."""
        return np.bincount(self.group, self.weights if of is None else of, self.size).astype(np.float64)

    @property
    def n(self) -> NDArray[np.int64]:
        """How many valid answers each group has."""
        return np.bincount(self.group, minlength=self.size)

    def each(self, answer: Callable[..., Estimate]) -> Estimate:
        """One estimate a group by `answer(values, missing=…, invalid=…)`, together."""
        order = np.argsort(self.group, kind="stable")
        parts = np.split(self.values[order], np.cumsum(self.n)[:-1])
        counts = zip(parts, self.missing.tolist(), self.invalid.tolist(), strict=True) if self.size else ()
        return stacked([answer(part, missing=gone, invalid=wrong) for part, gone, wrong in counts], self.labels)


def grouped(answers: Any, item: Item, by: By, weights: ArrayLike | None = None) -> Grouped:
    """The answers to one item.

    answers: a `FactTable` (its answers to this item, every one of them), or scores, one an answer.
    by: labels, one an answer; or, of a table, a field of `Answer` such as "about"; None: all together.
    weights: one an answer, not negative.

    Raises TypeError for a field's name where there are no facts, ValueError for labels or weights of another length.
    """
    if isinstance(answers, FactTable):
        told, by, weights, note = _of_facts(answers, item, by, weights)
    elif isinstance(by, str):
        raise TypeError("by: a field is named only for a table of facts; give an array of labels")
    else:
        told, note = numbers(answers), f"no answer to {item.name}"
    labels, group = _labelled(by, len(told))
    weight = _weighed(weights, len(told))
    size = 1 if labels is None else len(labels)
    valid, missing = item.scale.valid(told), np.isnan(told)
    gone, wrong = (np.bincount(group[rows], minlength=size) for rows in (missing, ~valid & ~missing))
    return Grouped(labels, group[valid], told[valid], weight[valid], gone, wrong, note)


def _of_facts(table: FactTable, item: Item, by: By, weights: ArrayLike | None) -> tuple[Any, ...]:
    """The rows that answer this item; labels and weights given a row are taken along."""
    every = table.only(Answer)
    rows = every["label"] == item.name
    told = every.taken(rows)
    if isinstance(by, str):
        by = told[by]
    elif by is not None:
        by = _taken("by", by, rows)
    kept = None if weights is None else _taken("weights", weights, rows)
    others = sorted(set(every["label"].tolist()) - {item.name})
    more = f"; the table holds answers to {', '.join(others[:5])}" if others else ""
    return told.number, by, kept, f"no answer to {item.name}{more}"


def _taken(name: str, given: ArrayLike, rows: NDArray[np.bool_]) -> NDArray[Any]:
    told = np.asarray(given)
    if told.shape != rows.shape:
        raise ValueError(f"{name}: {len(rows)} answers need as many values, got shape {told.shape}")
    return told[rows]


def _labelled(by: Any, n: int) -> tuple[tuple[str, ...] | None, NDArray[np.int64]]:
    if by is None:
        return None, np.zeros(n, np.int64)
    told = np.array(["" if label is None else str(label) for label in np.asarray(by).ravel().tolist()], np.str_)
    if len(told) != n:
        raise ValueError(f"by: {n} answers need as many labels, got {len(told)}")
    labels, group = np.unique(told, return_inverse=True)
    return tuple(labels.tolist()), group.astype(np.int64)


def _weighed(weights: ArrayLike | None, n: int) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(n)
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
