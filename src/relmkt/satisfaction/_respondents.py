"""Who answered several items, and in which group? A row a respondent, or of facts a row a subject and group.

Of facts each subject's newest answer to an item counts within a group, so that a guest who judged two hotels is one
respondent of each (R40: what was not answered is in no score). Respondents with the same answers are of one pattern:
three questions from 1 to 10 have 1,331 of them at most, so that a million respondents are scored by scoring those.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log2, prod
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.mapping._reading import read
from relmkt.satisfaction._counted import By, answers_of, steps_of, taken
from relmkt.satisfaction._grouped import counted
from relmkt.satisfaction._labels import Labelled, crossed, labelled, months_of
from relmkt.scales import Item
from relmkt.scales._answers import numbers

__all__ = ["Respondents", "respondents", "steady_sums"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FEW = 1 << 16  # so many patterns, or pairs of a group and a pattern, are counted in a table


@frozen(eq=False)
class Respondents:
    """Answers to several items, by pattern. labels: of the groups, or None; place: of each respondent, its group.

    pattern: of each respondent, a row of `values`, which has the answers to each item, NaN where there is none on its
    scale; invalid: answers off their scale, by group.
    """

    labels: tuple[str, ...] | None
    place: Ints
    pattern: NDArray[Any]
    values: Floats
    invalid: Ints

    @property
    def size(self) -> int:
        """How many groups there are."""
        return 1 if self.labels is None else len(self.labels)

    def moments(self, scores: Floats) -> tuple[Ints, Floats, Floats]:
        """How many have a score in each group, their mean and their standard deviation; scores: one a pattern."""
        known = ~np.isnan(scores)
        filled = np.where(known, scores, 0.0)
        if self.size * len(scores) <= max(4 * len(self.place), _FEW):
            wide = len(scores)
            counts = counted(self.place, self.pattern, self.size, wide) * known
            n, total = counts.sum(1).astype(np.int64), counts @ filled
            with np.errstate(invalid="ignore", divide="ignore"):
                mean = total / n
                away = (counts * (filled - mean[:, None]) ** 2).sum(1)
                return n, mean, np.sqrt(away / (n - 1))
        seen = known[self.pattern]
        place, told = self.place[seen], scores[self.pattern[seen]]
        n = np.bincount(place, minlength=self.size)
        with np.errstate(invalid="ignore", divide="ignore"):
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
    elif isinstance(by, str) or period is not None:
        raise TypeError("by, period: a field and a calendar are read from a table of facts; give an array of labels")
    else:
        told = read(answers, [item.name for item in items]).columns
        columns, labels = [_plain(told[item.name].values) for item in items], None
        place = np.zeros(len(columns[0]), np.int64)
        if by is not None:
            labels, place = labelled(by, len(columns[0]))
    invalid = np.zeros(1 if labels is None else len(labels), np.int64)
    steps = []
    for item, column in zip(items, columns, strict=True):
        step, wide = steps_of(column, item), item.scale.high - item.scale.low + 1
        if step.max(initial=0) > wide:
            off = step > wide
            invalid += np.bincount(place[off], minlength=len(invalid))
            step[off] = wide
        steps.append(step)
    pattern, values = _patterns(steps, items)
    return Respondents(labels, place, pattern, values, invalid)


def _plain(values: Any) -> NDArray[Any]:
    """Whole numbers as they are, for they need no room for a missing one; all else as floats."""
    whole = isinstance(values, np.ndarray) and values.dtype.kind == "i"
    return np.asarray(values) if whole else numbers(values)


def _patterns(steps: list[NDArray[np.int32]], items: Sequence[Item]) -> tuple[NDArray[Any], Floats]:
    """Of each respondent the pattern, and of each pattern the answers."""
    wide = [item.scale.high - item.scale.low + 2 for item in items]
    if prod(wide) <= _FEW:
        pattern = steps[0]
        for step, more in zip(steps[1:], wide[1:], strict=True):
            pattern *= np.int32(more)
            pattern += step
        codes = np.column_stack(np.unravel_index(np.arange(prod(wide)), wide))
        return pattern, _values(codes, items)
    return np.arange(len(steps[0])), _values(np.column_stack(steps), items)


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
        group = np.zeros(len(asked), np.int64) if among is None else among[1]
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
        groups = labelled(given[asked], len(asked))
    return crossed(groups, None if period is None else months_of(every.at[asked], period, zone))


def steady_sums(place: Ints, values: Floats, size: int) -> Floats:
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
