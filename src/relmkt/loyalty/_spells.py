"""From which day to which did everyone's score stand? The spells of scores of a table of answers, in columns.

The same that `Attitude` folds for one customer answer by answer: one spell a day at most, the score at its end.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.loyalty._measures import Scorable, asked_in
from relmkt.windows import DAY, Instant, Span

__all__ = ["spells_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Asked(Protocol):
    """What is scored, of answers about what, and for how long an answer speaks."""

    @property
    def concept(self) -> Scorable: ...
    @property
    def about(self) -> str | None: ...
    @property
    def lasts(self) -> Span | None: ...


@frozen(eq=False)
class Spells:
    """Spells of a known score: of whom (rows of the table's ids), from day, until day (not in it), and the score."""

    stream: Ints
    start: Ints
    end: Ints
    score: Floats


def spells_of(asked: Asked, table: FactTable, at: Instant) -> Spells:
    """The spells up to the day of `at`; the table holds no fact after it."""
    rows = table.only(Answer) if asked.about is None else table.only(Answer, about=asked.about)
    rows = rows.taken(np.flatnonzero(np.isin(rows["label"], asked_in(asked.concept))))
    stream, day, n = rows["stream"], rows["at"] // DAY, len(rows)
    score = _scores(asked.concept, rows)
    last = np.ones(n, np.bool_)  # of a day, the score at its end
    last[:-1] = (stream[1:] != stream[:-1]) | (day[1:] != day[:-1])
    stream, start, score = stream[last], day[last], score[last]
    end = np.full(len(start), int(at) // DAY + 1)
    same = stream[1:] == stream[:-1]
    end[:-1][same] = start[1:][same]
    if asked.lasts is not None:
        end = np.minimum(end, start + int(asked.lasts) // DAY)
    known = ~np.isnan(score)
    return Spells(stream[known], start[known], end[known], score[known])


def _scores(concept: Scorable, rows: FactTable) -> Floats:
    """The score after each answer, from the newest answer to each item: the array code that scores a base."""
    stream, number, names, place = rows["stream"], rows["number"], rows["label"], np.arange(len(rows))
    if not len(rows):
        return np.empty(0)
    first, columns = np.searchsorted(stream, stream), {}  # first: of each customer's answers
    for item in asked_in(concept):
        newest = np.maximum.accumulate(np.where(names == item, place, -1))
        columns[item] = np.where(newest >= first, number[newest], np.nan)
    return concept.scores(columns)
