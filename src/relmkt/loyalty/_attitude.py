"""How lasting is an attitude? The score of one customer over the days of a window, and how many of them it was high.

An attitude is an evaluation that endures, not one good answer (Eagly & Chaiken 1993, The Psychology of Attitudes): the
share of the days of a window on which the score stood above a cut tells one from the other, provided that an answer
speaks for a stated time only. Days are UTC days, and a day has the score that stood at its end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.facts import Answer, Fact
from relmkt.loyalty._high import High, above, checked
from relmkt.loyalty._measures import Replies, Scorable, asked_in, concept_name
from relmkt.loyalty._spells import spells_of
from relmkt.rules import NAN, Measure, Op
from relmkt.rules._view import missing
from relmkt.windows import DAY, Instant, Span

__all__ = ["Attitude", "ScoreChange", "score_change", "stability"]

_hidden = {"plain": False}
Floats = NDArray[np.float64]
Steps = tuple[tuple[int, float | None], ...]


@frozen
class ScoreChange:
    """One change of a score: when, from what, to what (None: no score), and the id of the answer that caused it.

    >>> ScoreChange(Instant(0), None, 6.0, "a-1").score
    6.0
    """

    at: Instant
    before: float | None
    score: float | None
    cause: str


@frozen
class Attitude:
    """What one customer thinks of one thing, over the days of a window: a facet.

    concept: what is scored, from the newest answer to each of its items. about: the answers that count, None for all
    of them pooled. within: how far back it is kept. lasts: for how long an answer speaks, None
    until the next one. newest: the answer to each item. steps: (day, score at its end), oldest first. held: the change
    before the instant of the last one.

    >>> from relmkt.scales import Construct, Scale
    >>> Attitude(Construct("liking", Scale(1, 7).items("l1")), "brand", Span(30 * DAY), None).score(Instant(0))
    nan
    """

    reads = (Answer,)
    concept: Scorable = field(metadata=_hidden)
    about: str | None = field(metadata=_hidden)
    within: Span = field(metadata=_hidden)
    lasts: Span | None = field(metadata=_hidden)
    newest: tuple[float | None, ...] = ()
    steps: Steps = ()
    changed: int | None = None
    before: float | None = None
    current: float | None = None
    cause: str = ""
    held: tuple[int | None, float | None, str] = (None, None, "")

    def after(self, fact: Fact) -> Attitude:
        """With this answer, if it is to one of the items and about the thing."""
        if not isinstance(fact, Answer) or self.about not in (None, fact.about):
            return self
        asked = Replies(asked_in(self.concept), newest=self.newest).after(fact)
        if fact.item not in asked.names:
            return self
        found = float(self.concept.scores(asked.columns)[0])
        score = None if missing(found) else found
        told = evolve(self, newest=asked.newest, steps=self._stepped(int(fact.at) // DAY, score))
        return told if score == self.current else told._moved(int(fact.at), score, fact.id)

    def _moved(self, at: int, score: float | None, cause: str) -> Attitude:
        """With another score. The answers of one instant are one change, from what was before the first of them."""
        if self.changed != at:
            held = (self.changed, self.before, self.cause)
            return evolve(self, changed=at, before=self.current, current=score, cause=cause, held=held)
        if score != self.before:
            return evolve(self, current=score, cause=cause)
        changed, before, cause = self.held
        return evolve(self, changed=changed, before=before, current=score, cause=cause)

    def _stepped(self, day: int, score: float | None) -> Steps:
        """One step a day, its last; of those before the window the newest alone, for it reaches into it."""
        kept = self.steps[:-1] if self.steps and self.steps[-1][0] == day else self.steps
        if not kept and score is None:
            return ()
        if self.lasts is None and kept and kept[-1][1] == score:
            return kept  # until the next answer, the same again says nothing new
        opens = day - _days(self.within)
        first = max(bisect_right(kept, opens, key=_day) - 1, 0)
        return (*kept[first:], (day, score))

    @property
    def last_change(self) -> ScoreChange | None:
        """The newest change of the score, and the id of the answer that caused it; None where nothing was answered."""
        if self.changed is None:
            return None
        return ScoreChange(Instant(self.changed), self.before, self.current, self.cause)

    def on(self, day: int) -> float:
        """The score on a UTC day (counted from 1970), NaN where there is none or the last answer speaks no more."""
        place = bisect_right(self.steps, day, key=_day) - 1
        if place < 0:
            return NAN
        start, score = self.steps[place]
        return NAN if score is None or (self.lasts is not None and day >= start + _days(self.lasts)) else score

    def score(self, at: Instant) -> float:
        """The score on the day of an instant, as far back as the window reaches."""
        return self.on(int(at) // DAY)

    def rests(self) -> int:
        """The day from which nothing changes by time alone."""
        if not self.steps:
            return 0
        start = self.steps[-1][0]
        return start + _days(self.within) + (0 if self.lasts is None else _days(self.lasts))


def _day(step: tuple[int, float | None]) -> int:
    return step[0]


def _days(span: Span) -> int:
    return int(span) // DAY


@frozen
class _Stable:
    """The share of the days of the window, today the last of them, on which the score stood above the cut."""

    cut: float
    high: High

    def __call__(self, attitude: Attitude, at: Instant) -> float:
        today, n = int(at) // DAY, _days(attitude.within)
        over = known = 0
        for (start, score), (end, _) in pairwise([*attitude.steps, (today + 1, None)]):
            if score is not None:
                until = end if attitude.lasts is None else min(end, start + _days(attitude.lasts))
                days = max(min(until, today + 1) - max(start, today + 1 - n), 0)
                known += days
                over += days if above(score, self.cut, self.high) else 0
        return over / n if known else NAN

    def everyone(self, attitude: Attitude, table: FactTable, at: Instant) -> Floats:
        """The same of everyone in a table, in columns."""
        spells, n = spells_of(attitude, table, at), _days(attitude.within)
        days = np.maximum(spells.end - np.maximum(spells.start, int(at) // DAY + 1 - n), 0.0)
        high = above(spells.score, self.cut, self.high)
        over, known = (np.bincount(spells.stream, part, len(table.ids)) for part in (days * high, days))
        return np.where(known > 0, over / n, NAN)


@frozen
class _Changed:
    """The score of today less that of the day a window ago."""

    def __call__(self, attitude: Attitude, at: Instant) -> float:
        today = int(at) // DAY
        return attitude.on(today) - attitude.on(today - _days(attitude.within))

    def everyone(self, attitude: Attitude, table: FactTable, at: Instant) -> Floats:
        """The same of everyone in a table, in columns."""
        spells, today = spells_of(attitude, table, at), int(at) // DAY
        told = np.full((2, len(table.ids)), NAN)
        for place, day in enumerate((today, today - _days(attitude.within))):
            held = (spells.start <= day) & (day < spells.end)
            told[place, spells.stream[held]] = spells.score[held]
        return np.asarray(told[0] - told[1])


@frozen(order=False, cache_hash=True, repr=False)
class _Lasting(Measure):
    """A measure of an attitude that answers for everyone at once, from the columns of a table."""

    def everyone(self, table: FactTable, at: Instant) -> Floats:
        """The raw values of all customers of a table that holds no fact after `at`, in its order."""
        ask: _Stable | _Changed = self.ask  # type: ignore[assignment]
        return ask.everyone(self.facet, table, at)


@frozen
class _Turned:
    """When a comparison flips by time alone: at some UTC midnight, looked for day by day until all is at rest."""

    ask: Callable[[Attitude, Instant], float]

    def __call__(self, attitude: Attitude, at: Instant, op: Op, value: float) -> Instant | None:
        today = int(at) // DAY
        now = _side(self.ask(attitude, at), op, value)
        for day in range(today + 1, attitude.rests() + 2):
            if _side(self.ask(attitude, Instant(day * DAY)), op, value) != now:
                return Instant(day * DAY)
        return None


def _side(found: float, op: Op, value: float) -> float | None:
    """Which side of a comparison a value is on, None where it is missing; without a limit the value itself."""
    if missing(found):
        return None
    if missing(value):
        return found
    return float(found > value if op in (">", "<=") else found >= value)


def stability(
    concept: Scorable, *, cut: float, within: Span, about: str | None, lasts: Span | None, high: High = ">="
) -> Measure:
    """The share of the days of a window on which one customer's score stood above a cut: an attitude that lasts.

    concept: a construct or a concept of this chapter, scored from the newest answer to each item. cut: on its scale;
    high: whether a score on the cut is above it. within: the window in whole days, today its last; a customer who
    began later than it opens was not above the cut before. about: the answers that count, None for all of them pooled.
    lasts: for how many whole days an answer speaks, None until the next one; without an end one answer of long ago is
    as lasting as one a month. Missing where there was no score on any day of the window. A late answer counts as if it
    had come in time.

    >>> from relmkt.scales import Construct, Scale
    >>> from relmkt.windows import days
    >>> liking = Construct("liking", Scale(1, 7).items("l1"))
    >>> print(stability(liking, cut=5, within=days(365), about="brand", lasts=days(90)) > 0.75)
    stability of liking > 0.75

    Source: Eagly & Chaiken 1993.
    """
    checked(high)
    ask = _Stable(cut, high)
    return _Lasting(f"stability of {concept_name(concept)}", _facet(concept, within, about, lasts), ask, _Turned(ask))


def score_change(concept: Scorable, *, within: Span, about: str | None, lasts: Span | None) -> Measure:
    """How much one customer's score has moved over a window: today's less that of the day a window ago.

    Arguments as for `stability`. Missing where there is no score on one of the two days.

    >>> from relmkt.scales import Construct, Scale
    >>> from relmkt.windows import days
    >>> liking = Construct("liking", Scale(1, 7).items("l1"))
    >>> print(score_change(liking, within=days(180), about="brand", lasts=None) < 0)
    change of liking < 0
    """
    ask = _Changed()
    return _Lasting(f"change of {concept_name(concept)}", _facet(concept, within, about, lasts), ask, _Turned(ask))


def _facet(concept: Scorable, within: Span, about: str | None, lasts: Span | None) -> Attitude:
    for name, span in (("within", within), ("lasts", lasts)):
        if span is not None and (span < DAY or span % DAY):
            raise ValueError(f"{name}: expected whole days, such as days(90)")
    return Attitude(concept, about, within, lasts)
