"""Which answers of a base belong to which request, and which of several to one item stands? In columns (R39).

The same that `Surveys` folds for one customer answer by answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.portfolio._leaves import Leaves
from relmkt.rules import Measure
from relmkt.scales import Item
from relmkt.windows import Instant

__all__ = ["asks", "cases_of", "folded_for", "hits_of", "standing_rows", "texts"]

Ints = NDArray[np.int64]


def cases_of(requests: FactTable, *answers: FactTable, ids: Sequence[str] | None = None) -> tuple[Ints, ...]:
    """A number for each request, alike for two of one customer and id; and of each answer that of its request, or -1.

    The tables count the same customers. Whoever names the request of another names none. ids: of the requests, where
    they were read already.
    """
    place: dict[str, int] = {}
    named = [place.setdefault(id, len(place)) for id in (texts(requests, "id") if ids is None else ids)]
    wide = len(place) + 1
    held, number = np.unique(requests.stream * wide + np.array(named, np.int64), return_inverse=True)
    return number, *(_case(held, table, place, wide) for table in answers)


def _case(held: Ints, table: FactTable, place: dict[str, int], wide: int) -> Ints:
    if not len(held):
        return np.full(len(table), -1)
    named = np.array([place.get(ref, -1) for ref in texts(table, "ref")], np.int64)
    wanted = table.stream * wide + named
    at = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    return np.where((named >= 0) & (held[at] == wanted), at, -1)


def texts(table: FactTable, name: str) -> list[str]:
    """The values of a field of text."""
    return list(table[name].tolist()) if len(table) else []


def standing_rows(answers: FactTable, case: Ints, *, newest: bool) -> NDArray[np.bool_]:
    """Which answers stand; of those to one item of one request the newest or the first, and a blank for want of one.

    case: the request of each, -1 for none: such answers all stand.
    """
    rows = np.flatnonzero(case >= 0)
    _, key = np.unique(case[rows] * (len(answers.labels) + 1) + answers.label[rows], return_inverse=True)
    stands = np.full(int(key.max(initial=-1)) + 1, -1)
    stands[key[::-1]] = rows[::-1]  # what is written last stays: the first answer, blank or not,
    scored = np.flatnonzero(~np.isnan(answers.number[rows]))[:: 1 if newest else -1]
    stands[key[scored]] = rows[scored]  # and then the score that stands in its place
    kept = case < 0
    kept[stands] = True
    return kept


def asks(wanted: Sequence[Any], row: Ints, answers: FactTable) -> NDArray[np.bool_]:
    """Whether each answer is to an item that its request asks; wanted: items of the requests; row: the request."""
    found, code = np.zeros(len(answers), np.bool_), dict[Any, int]()
    kind = np.array([code.setdefault(tuple(names), len(code)) for names in wanted], np.int64)
    for names, place in code.items():
        asked = np.array([*(label in names for label in answers.labels), False], np.bool_)
        found |= (kind[row] == place) & asked[answers.label]
    return found


def hits_of(requests: Ints, answers: FactTable, case: Ints, wanted: Sequence[Any], items: Sequence[Item]) -> Ints:
    """To how many of the items that each request asks an answer has a valid score.

    requests, case: numbers as of `cases_of`. wanted: the names of the items of each request. items: whose scales tell
    which scores are valid.
    """
    valid = ~np.isnan(answers.number) & (case >= 0)
    for item in {item.name: item for item in items}.values():
        own = answers.label == (answers.labels.index(item.name) if item.name in answers.labels else -2)
        valid &= ~own | item.scale.valid(answers.number)
    wide = len(answers.labels) + 1
    pair = np.unique(case[valid] * wide + answers.label[valid])  # an item that was answered twice is one
    cases, label = np.divmod(pair, wide)
    code: dict[Any, int] = {}
    kind = np.array([code.setdefault(names, len(code)) for names in wanted], np.int64)
    hits = np.zeros(len(requests), np.int64)
    for names, place in code.items():
        asked = np.isin(label, [row for row, name in enumerate(answers.labels) if name in names])
        seen = np.bincount(cases[asked], minlength=int(requests.max(initial=-1)) + 1)
        hits[kind == place] = seen[requests[kind == place]]
    return hits


def folded_for(
    measure: Measure, table: FactTable, at: Instant, who: Ints, found: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The values of a measure, with those of some customers (rows of the table's ids) folded one by one."""
    if len(who):
        plain = Measure(measure.name, measure.facet, measure.ask, measure.turns)
        rows = np.flatnonzero(np.isin(table.stream, who))
        found[who] = Leaves(table.taken(rows, who), at).column(plain).values
    return found
