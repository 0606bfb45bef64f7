"""Did the recovery help? How a low score changes until the next answer, with a recovery and without one.

A score that was picked for being low rises by itself (Galton 1886, Regression towards Mediocrity in Hereditary Stature,
J. Anthropological Institute 15, 246-263), so that the change of those who were recovered is set beside that of those
who were not. Nobody draws lots for a recovery: the difference describes, and proves no cause. That the recovered end up
above those to whom nothing happened, the service recovery paradox, is asked of the data and never assumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan, nan

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Answer, Fact
from relmkt.satisfaction._alert import Incidents, RecoveryOpened
from relmkt.satisfaction._recovery import ComplaintProcess
from relmkt.satisfaction._requests import SurveyRequested
from relmkt.satisfaction._response import apart
from relmkt.scales import Item
from relmkt.scales._mean import known_mean
from relmkt.scales._stacked import stacked
from relmkt.windows import Span

__all__ = ["Rescored", "recovery_effect", "recovery_paradox", "rescored"]

Floats = NDArray[np.float64]


@frozen(eq=False)
class Rescored:
    """Low scores, and the next answer of the same customer to the same item.

    before: the low scores; after: the next answers, NaN where none came; recovered: whether the recovery was closed
    before it; each of shape (low scores,).

    >>> Rescored(np.array([3.0]), np.array([8.0]), np.array([True])).recovered.tolist()
    [True]
    """

    before: Floats = field(repr=False)
    after: Floats = field(repr=False)
    recovered: NDArray[np.bool_] = field(repr=False)


def rescored(table: FactTable, *, item: Item, limit: float, within: Span) -> Rescored:
    """The low answers of a base to an item, each with the answer that came next, and whether it was recovered.

    table: facts. limit: an answer at or below it is low, as scored (a reversed item is turned round). within: how long
    to wait for the next answer to another request or incident; second answers to the same one are corrections, and are
    passed over. Recovered: a case of its incident was closed after the low answer and before the next one, or without
    one in time.

    >>> from pendulum import datetime
    >>> from relmkt.satisfaction._questionnaire import HOTEL_STAY
    >>> from relmkt.windows import days
    >>> told = [Answer("ada", datetime(2026, month, 1), "hotel.stay", score) for month, score in ((3, 2), (5, 8))]
    >>> rescored(FactTable.of(told), item=HOTEL_STAY.items[0], limit=4, within=days(90)).after.tolist()
    [8.0]
    """
    histories: dict[int, list[Fact]] = {}
    for row, fact in table.facts(Answer, SurveyRequested, *ComplaintProcess.reads):
        histories.setdefault(row, []).append(fact)
    rows = [row for facts in histories.values() for row in _rows(facts, item, limit, within)]
    before, after, recovered = zip(*rows, strict=True) if rows else ((), (), ())
    return Rescored(np.array(before, np.float64), np.array(after, np.float64), np.array(recovered, np.bool_))


def _rows(facts: list[Fact], item: Item, limit: float, within: Span) -> list[tuple[float, float, bool]]:
    incidents, process = Incidents(), ComplaintProcess()
    for fact in facts:
        incidents, process = incidents.after(fact), process.after(fact)
    told = list(_scored(facts, item))
    opened = {fact.incident: fact.id for fact in facts if isinstance(fact, RecoveryOpened)}
    rows = []
    seen: set[str] = set()
    for place, (answer, score) in enumerate(told):
        incident = incidents.incident(answer)
        if score > limit or incident in seen:
            continue
        seen.add(incident)
        later = (pair for pair in told[place + 1 :] if incidents.incident(pair[0]) != incident)
        following = next((pair for pair in later if pair[0].at <= answer.at + within), None)
        case = process.case(opened.get(incident, "")) or process.case(incident)
        closed = None if case is None else case.reached("closed")
        end = answer.at + within if following is None else following[0].at
        rows.append((score, nan if following is None else following[1], closed is not None and closed <= end))
    return rows


def _scored(facts: list[Fact], item: Item) -> Iterator[tuple[Answer, float]]:
    """The valid answers to an item, with their scores."""
    for fact in facts:
        if not isinstance(fact, Answer) or fact.item != item.name or fact.score is None:
            continue
        if item.scale.holds(fact.score):
            yield fact, float(item.scored(fact.score))


def recovery_effect(before: ArrayLike, after: ArrayLike, recovered: ArrayLike, *, level: float = 0.95) -> Estimate:
    """The change of score after a low one: of those recovered, of the others, and the difference of the two.

    before, after: scores of one customer each, shape (n,), NaN in `after` where no answer came: counted `missing`.
    recovered: whether they were. Labels "recovered", "not recovered" (mean change, Student's t) and "difference"
    (Welch): the first alone holds regression towards the mean. Whoever did not answer again may have left.

    Raises ValueError for columns of unequal length.

    >>> print(recovery_effect([2, 3, 2, 3], [8, 7, 4, 3], [True, True, False, False]))
    recovered      5.00 [ -7.71, 17.71] 95 %, n = 2 (t)
    not recovered  1.00 [-11.71, 13.71] 95 %, n = 2 (t)
    difference     4.00 [ -2.08, 10.08] 95 %, n = 4 (t)
    (no lots were drawn for the recovery: the difference proves no cause)
    (difference: Welch's interval)

    Source: Galton 1886; Welch 1947.
    """
    low, next_, well = np.asarray(before, np.float64), np.asarray(after, np.float64), np.asarray(recovered, np.bool_)
    if low.ndim != 1 or not low.shape == next_.shape == well.shape:
        raise ValueError("before, after, recovered: expected one value a low score in each")
    change = next_ - low
    parts = [known_mean(change[rows], level=level, note="nobody answered again") for rows in (well, ~well)]
    parts.append(apart(level, recovered=change[well], others=change[~well]))
    notes = "no lots were drawn for the recovery: the difference proves no cause", "difference: Welch's interval"
    return evolve(stacked(parts, ("recovered", "not recovered", "difference")), notes=notes)


def recovery_paradox(recovered: ArrayLike, untroubled: ArrayLike, *, level: float = 0.95) -> Estimate:
    """The mean score of the recovered less that of those to whom nothing happened, with Welch's interval.

    recovered: scores after a recovery; untroubled: scores of customers without an incident; NaN where missing. Only a
    lower bound above zero speaks for the paradox, and only for those who stayed to be asked; the notes say what it is.

    >>> print(recovery_paradox([9, 8, 9], [8, 8, 7, 9]).notes[0])
    no paradox shown: the interval holds zero

    Source: McCollough & Bharadwaj 1992; de Matos, Henrique & Rossi 2007; Welch 1947.
    """
    found = apart(level, recovered=recovered, untroubled=untroubled)
    if not found.n:
        return found
    if isnan(found.low):
        word = "no interval: nothing is shown"
    elif found.low > 0:
        word = "the recovered score higher: the paradox is seen here"
    elif found.high < 0:
        word = "no paradox: the recovered score lower"
    else:
        word = "no paradox shown: the interval holds zero"
    return evolve(found, notes=(word, *found.notes))
