"""Who answered several items, and in which group? A row a respondent, or of facts a row a subject and group.

Of facts each subject's newest answer to an item counts within a group, so that a guest who judged two hotels is one
respondent of each (R40: what was not answered is in no score). Respondents with the same answers are of one pattern:
three questions from 1 to 10 have 1,331 of them at most, so that a million respondents are scored by scoring those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import ceil, log2, prod
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.mapping._reading import read
from relmkt.satisfaction._counted import By, answers_of, steps_of
from relmkt.scales import Item
from relmkt.scales._answers import numbers
from relmkt.scales._labels import Labelled, Places, crossed, periods_of, places_of, taken

__all__ = ["Respondents", "respondents", "steady_sums"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FEW = 1 << 16  # so many patterns, or pairs of a group and a pattern, are counted in a table
_BLOCK = 1 << 14  # rows at a time, so that a block stays in the processor's cache
_Block = tuple[slice, Ints, Ints | None]  # which rows, the pattern of each, and how many of its answers are off scale


@frozen(eq=False)
class Respondents:
    """Answers to several items. columns: of each item, one a respondent; labels: of the groups, or None.

    group: of each respondent, None where all are of one. Respondents with the same answers are of one pattern, a row of
    `values`; of items that can be answered in too many ways each respondent is one.
    """

    items: tuple[Item, ...]
    columns: tuple[NDArray[Any], ...]
    labels: tuple[str, ...] | None
    group: Places | None

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def size(self) -> int:
        """How many groups there are."""
        return 1 if self.labels is None else len(self.labels)

    @property
    def place(self) -> Places:
        """The group of each respondent."""
        return np.zeros(len(self), np.int32) if self.group is None else self.group

    @property
    def among(self) -> Ints:
        """How many respondents each group has, with a score or without."""
        table = self._seen[0]
        return np.bincount(self.place, minlength=self.size) if table is None else table.sum(1).astype(np.int64)

    @property
    def invalid(self) -> Ints:
        """How many answers of each group are off their scale."""
        return self._seen[1]

    @property
    def pattern(self) -> Ints:
        """Of each respondent, a row of `values`."""
        if not self._few:
            return np.arange(len(self))
        return np.concatenate([np.zeros(0, np.int64), *(pattern for _, pattern, _ in self._blocks(_BLOCK))])

    @cached_property
    def values(self) -> Floats:
        """The answers of each pattern, a column an item, NaN where there is none on its scale."""
        if not self._few:
            return _values(np.column_stack([_steps(*pair)[0] for pair in self._pairs(slice(None))]), self.items)
        return _values(np.column_stack(np.unravel_index(np.arange(prod(self._wide)), self._wide)), self.items)

    @property
    def _wide(self) -> list[int]:
        """In how many ways each item can be answered, none at all being one of them."""
        return [item.scale.high - item.scale.low + 2 for item in self.items]

    @property
    def _few(self) -> bool:
        return prod(self._wide) <= _FEW

    def _pairs(self, rows: slice) -> Iterator[tuple[NDArray[Any], Item]]:
        return ((column[rows], item) for column, item in zip(self.columns, self.items, strict=True))

    def _blocks(self, each: int) -> Iterator[_Block]:
        for start in range(0, len(self), each):
            rows = slice(start, start + each)
            yield rows, *_coded(self._pairs(rows))

    @cached_property
    def _seen(self) -> tuple[Floats | None, Ints]:
        """How many of each group are of each pattern, None where a table of them would outgrow the answers; invalid."""
        if not self._few:
            off = sum(~np.isnan(column) for column in self.columns) - np.count_nonzero(~np.isnan(self.values), axis=1)
            return None, np.bincount(self.place, off, self.size).astype(np.int64)
        cells = self.size * prod(self._wide)
        tabled = cells <= max(4 * len(self), _FEW)
        counts, invalid = np.zeros(cells if tabled else 0), np.zeros(self.size, np.int64)
        for rows, pattern, off in self._blocks(max(_BLOCK, cells if tabled else 0)):
            place = None if self.group is None else self.group[rows]
            if tabled:
                cell = pattern if place is None else place * prod(self._wide) + pattern
                counts += np.bincount(cell, minlength=cells)
            if off is not None:
                invalid += off.sum() if place is None else np.bincount(place, off, self.size).astype(np.int64)
        return (counts.reshape(self.size, -1) if tabled else None), invalid

    def moments(self, scores: Floats) -> tuple[Ints, Floats, Floats]:
        """How many have a score in each group, their mean and their standard deviation; scores: one a pattern."""
        known, table = ~np.isnan(scores), self._seen[0]
        with np.errstate(invalid="ignore", divide="ignore"):
            if table is not None:
                counts, filled = table * known, np.where(known, scores, 0.0)
                n, total = counts.sum(1).astype(np.int64), counts @ filled
                mean = total / n
                return n, mean, np.sqrt((counts * (filled - mean[:, None]) ** 2).sum(1) / (n - 1))
            pattern = self.pattern
            seen = known[pattern]
            place, told = self.place[seen], scores[pattern[seen]]
            n = np.bincount(place, minlength=self.size)
            mean = steady_sums(place, told, self.size) / n
            return n, mean, np.sqrt(steady_sums(place, (told - mean[place]) ** 2, self.size) / (n - 1))


def respondents(
    answers: Any,
    items: Sequence[Item],
    *,
    by: By = None,
    period: str | None = None,
    zone: str = "UTC",
    each_id: bool = False,
) -> Respondents:
    """The answers to some items. each_id: of a table, a row for every one of its subjects, asked or not."""
    if isinstance(answers, FactTable):
        columns, labels, place = _of_facts(answers, items, by, period, zone, each_id)
        return Respondents(tuple(items), tuple(columns), labels, None if labels is None else place)
    if isinstance(by, str) or period is not None:
        raise TypeError("by, period: a field and a calendar are read from a table of facts; give an array of labels")
    told = read(answers, [item.name for item in items]).columns
    plain = tuple(_plain(told[item.name].values) for item in items)
    return Respondents(tuple(items), plain, *((None, None) if by is None else places_of(by, len(plain[0]))))


def _plain(values: Any) -> NDArray[Any]:
    """Whole numbers as they are, for they need no room for a missing one; all else as floats."""
    whole = isinstance(values, np.ndarray) and values.dtype.kind == "i"
    return np.asarray(values) if whole else numbers(values)


def _coded(pairs: Iterable[tuple[NDArray[Any], Item]]) -> tuple[Ints, Ints | None]:
    """Of each respondent the answers as one number, and how many of them are off their scale, None where none is."""
    code, base, off = np.zeros(0, np.int64), 0, None
    for place, (column, item) in enumerate(pairs):
        low, high = item.scale.low, item.scale.high
        wide = high - low + 2
        if column.dtype.kind == "i" and len(column) and low <= column.min() and column.max() <= high:
            step, base = column, base * wide + low  # the low ends are taken off all at once
        else:
            step, wrong = _steps(column, item)
            base *= wide
            off = off if wrong is None else wrong.astype(np.int64) + (0 if off is None else off)
        if not place:
            code = step.astype(np.int64)
            continue
        code *= wide
        code += step
    code -= base
    return code, off


def _steps(column: NDArray[Any], item: Item) -> tuple[NDArray[np.int32], NDArray[np.bool_] | None]:
    """Steps above the low end, one more than the scale has for no answer on it; and which are off it, if any."""
    step, none = steps_of(column, item), item.scale.high - item.scale.low + 1
    if step.max(initial=0) <= none:
        return step, None
    off = step > none
    step[off] = none
    return step, off


def _values(codes: NDArray[Any], items: Sequence[Item]) -> Floats:
    """Steps above the low ends as answers, NaN beyond the high ones."""
    low, high = (np.array([getattr(item.scale, end) for item in items], np.float64) for end in ("low", "high"))
    return np.where(codes <= high - low, codes + low, np.nan)


def _of_facts(
    table: FactTable, items: Sequence[Item], by: By, period: str | None, zone: str, each_id: bool
) -> tuple[list[NDArray[Any]], tuple[str, ...] | None, Ints]:
    every = answers_of(table)
    codes = [every.labels.index(item.name) if item.name in every.labels else -2 for item in items]
    asked = np.flatnonzero(np.isin(every.label, codes))
    among = _among(every, asked, by, period, zone)
    stream, people = every.stream[asked], max(len(table.ids), 1)
    if each_id:
        row, place = stream, np.zeros(len(table.ids), np.int64)
    else:
        group = np.zeros(len(asked), np.int64) if among is None else among[1].astype(np.int64)
        pairs, row = np.unique(group * people + stream, return_inverse=True)
        place = pairs // people
    columns = []
    for code in codes:
        own = every.label[asked] == code
        column = np.full(len(place), np.nan)
        column[row[own]] = every.number[asked[own]]  # in history's order: the newest is written last
        columns.append(column)
    return columns, None if among is None else among[0], place


def _among(every: FactTable, asked: Ints, by: By, period: str | None, zone: str) -> Labelled | None:
    groups = None
    if by is not None:
        given = every[by] if isinstance(by, str) else taken("by", by, len(every))
        groups = places_of(given[asked], len(asked))
    return crossed(groups, None if period is None else periods_of(every.at[asked], period, zone))


def steady_sums(place: Places, values: Floats, size: int) -> Floats:
    """The sum of the values of each group, which the order of the rows does not change by a bit.

    Each value is told as two multiples of a power of two, so coarse that no sum of them is ever rounded.

    >>> steady_sums(np.array([0, 1, 0]), np.array([0.1, 5.0, 0.2]), 2).round(12).tolist()
    [0.3, 5.0]
    """
    total, left = np.zeros(size), values
    for _ in range(2):
        largest = float(np.abs(left).max(initial=0.0))
        if not 0 < largest < np.inf:
            break
        # no unit is smaller than the least number above 0
        unit = 2.0 ** max(ceil(log2(largest)) + ceil(log2(len(values) + 1)) - 52, -1074)
        coarse = np.rint(left / unit) * unit
        total = total + np.bincount(place, coarse, size)
        left = left - coarse
    return total
