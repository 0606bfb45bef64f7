"""How do the scores of a base differ by what was judged, by segment and by period? Any concept, in one column.

Of facts each subject's newest answers within a group count, so that a guest who judged two hotels is one respondent of
each; a group of few is told with all others, and named where it has fewer respondents than a minimum that was stated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Answer
from relmkt.loyalty._joining import column
from relmkt.scales import Item
from relmkt.scales._labels import Labelled, crossed, periods_of, places_of, taken

__all__ = ["Scored", "answers_to", "parts_of", "score_by"]

By = str | ArrayLike | None


class Scored(Protocol):
    """What has the scores of a base: a construct, or a concept of this chapter, whole or label by label."""

    @property
    def items(self) -> Sequence[Item]: ...

    def score(self, answers: Any, *, level: float = 0.95) -> Estimate: ...


def score_by(
    concept: Scored,
    answers: FactTable,
    *,
    by: By = None,
    period: str | None = None,
    zone: str = "UTC",
    least: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """The mean scores of a base by group, by period, or by both: `concept.score` of each, labelled.

    concept: a construct, or a concept of this chapter. answers: a table of facts.
    by: a field of `Answer` such as "about"; or labels, one an answer of the table, as `base.ask(ladder)[table.stream]`
    has them of a portfolio's table. period, zone: "day", "week", "month", "quarter" or "year" of a zone's calendar.
    least: a minimum of respondents; a note names the groups that have fewer.

    Labels are "Lyon", "2026-03" or "Lyon, 2026-03", and of a concept of several lines "Lyon, 2026-03, trust", sorted.
    Nobody asked: as `concept.score` says it. Raises ValueError for labels of another number, or with neither by nor
    period; KeyError for no field of an answer.

    >>> from pendulum import datetime
    >>> from relmkt.scales import Construct, Scale
    >>> care, month = Construct("care", Scale(1, 7).items("c1")), {"Lyon": 3, "Nice": 4}
    >>> told = [Answer(who, datetime(2026, month[hotel], 1), "c1", score, about=hotel)
    ...         for who, hotel, score in (("ada", "Lyon", 6), ("bob", "Lyon", 5), ("ada", "Nice", 2))]
    >>> scores = score_by(care, FactTable.of(told), by="about", period="month", least=2)
    >>> scores.labels, scores["Lyon, 2026-03"].value, scores.notes
    (('Lyon, 2026-03', 'Nice, 2026-04'), 5.5, ('fewer than 2 respondents: Nice, 2026-04',))
    """
    if by is None and period is None:
        raise ValueError("by, period: expected one of them; of all together there is the concept's own score")
    every = answers.only(Answer)
    labels = every[by] if isinstance(by, str) else by if by is None else taken("by", by, len(every))
    kept = answers_to(every, [item.name for item in concept.items])
    told = every.taken(kept)
    groups = None if labels is None else places_of(labels[kept], len(kept))
    among = crossed(groups, None if period is None else periods_of(told.at, period, zone))
    if among is None or not len(told):
        return concept.score(told, level=level)
    rows: dict[str, Estimate] = {}
    notes: dict[str, None] = {}
    for name, some in parts_of(told, among):
        found = concept.score(some, level=level)
        lines = {name: found} if found.labels is None else {f"{name}, {line}": one for line, one in found}
        rows |= {label: evolve(one, notes=()) for label, one in lines.items()}
        if all(one.n for one in lines.values()):  # why a line is missing is said by its n of 0
            notes |= dict.fromkeys(found.notes)
    few = [label for label, one in rows.items() if one.n < (least or 0)]
    thin = [f"fewer than {least} respondents: {'; '.join(few)}"] if few else []
    return column(rows, [*notes, *thin])


def answers_to(every: FactTable, names: Collection[str]) -> NDArray[np.int64]:
    """The rows of a table of answers that answer one of some items."""
    codes = [code for code, name in enumerate(every.labels) if name in names]
    return np.flatnonzero(np.isin(every.label, codes))


def parts_of(told: FactTable, among: Labelled) -> Iterator[tuple[str, FactTable]]:
    """The answers of each group, in the order of the names."""
    names, place = among
    order = np.argsort(place, kind="stable")  # within a group, history's order stays
    for name, rows in zip(names, np.split(order, np.cumsum(np.bincount(place))[:-1]), strict=True):
        yield name, told.taken(rows, np.unique(told.stream[rows]))
