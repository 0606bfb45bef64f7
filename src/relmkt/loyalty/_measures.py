"""How does a score of several parts stand in a rule? As a measure that gives one customer what it gives everyone.

Answers are folded into the newest to each item, and the array code of the base scores that one row; parts that are
measures or rules are read from the view, whichever it is, and joined by the same array code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn, Protocol

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.customers import Customer, Explanation
from relmkt.exceptions import UnsupportedError
from relmkt.facts import Answer, Fact
from relmkt.rules import NAN, Measure, One, Op, Rule, View
from relmkt.rules._view import next_flip
from relmkt.scales import Item
from relmkt.windows import DAY, Instant

__all__ = ["Joined", "Replies", "Scorable", "asked_in", "concept_name", "score_about", "surveyed"]

Floats = NDArray[np.float64]


class Scorable(Protocol):
    """What is scored from answers to items: a construct, a concept, or several of them joined."""

    @property
    def items(self) -> Sequence[Item]: ...

    def scores(self, answers: Any) -> Floats: ...


@frozen
class Replies:
    """The newest answer of a customer to each of some items.

    names: of the items. about: what the answers are about, None for the newest about anything. newest: in the order of
    the names, None where there is none.

    >>> Replies(("t1", "t2")).columns
    {'t1': [None], 't2': [None]}
    """

    reads = (Answer,)
    names: tuple[str, ...] = field(metadata={"plain": False})
    about: str | None = field(default=None, metadata={"plain": False})
    newest: tuple[float | None, ...] = ()

    def after(self, fact: Fact) -> Replies:
        """With this answer, if it is to one of the items."""
        if not isinstance(fact, Answer) or fact.item not in self.names or self.about not in (None, fact.about):
            return self
        told, place = self.newest or (None,) * len(self.names), self.names.index(fact.item)
        return evolve(self, newest=(*told[:place], fact.score, *told[place + 1 :]))

    @property
    def columns(self) -> dict[str, list[float | None]]:
        """The answers as a survey of one respondent."""
        told = self.newest or (None,) * len(self.names)
        return {name: [score] for name, score in zip(self.names, told, strict=True)}


@frozen(cache_hash=True)
class _Scored:
    concept: Scorable

    def __call__(self, facet: Replies, at: Instant) -> float:
        return _of_one(self, facet)


@lru_cache(maxsize=4096)  # the same answers are asked again at every instant that might matter to a rule
def _of_one(scored: _Scored, facet: Replies) -> float:
    return float(scored.concept.scores(facet.columns)[0])


@frozen(order=False, cache_hash=True, repr=False)
class _Surveyed(Measure):
    """A measure that answers for everyone at once, from a table's answers."""

    def everyone(self, table: FactTable, at: Instant) -> Floats:
        """The scores of all customers of a table that holds no fact after `at`, in its order."""
        about = self.facet.about
        told = table if about is None else table.only(Answer, about=about)
        return self.ask.concept.scores(told)  # type: ignore[attr-defined, no-any-return]

    def explain(self, customer: Customer) -> Explanation:
        """The score, and beneath it the answers that it is made of."""
        told = One(customer).state(self.facet).columns
        return evolve(super().explain(customer), parts=tuple(_reply(name, score) for name, (score,) in told.items()))


def _reply(item: str, score: float | None) -> Explanation:
    if score is None:
        return Explanation(1, NAN, item, found="missing")
    return Explanation(2, score, item, found=f"{score:g}")


def surveyed(name: str, concept: Scorable, about: str | None = None) -> Measure:
    """The score of one customer from the newest answer to each item, under a name: what `scores` gives everyone."""
    return _Surveyed(name, Replies(asked_in(concept), about), _Scored(concept))


def asked_in(concept: Scorable) -> tuple[str, ...]:
    """The names of the items of a concept, each once."""
    return tuple(dict.fromkeys(item.name for item in concept.items))


def concept_name(concept: Scorable) -> str:
    """What a concept is called in a rule: its own name, or that of its class in words.

    Raises TypeError for several labels that have no one score, as of a whole `Commitment`.

    >>> from relmkt.scales import Construct, Scale
    >>> concept_name(Construct("care", Scale(1, 7).items("c1")))
    'care'
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(concept).__name__).lower()
    if isinstance(getattr(concept, "measure", None), Mapping):
        raise TypeError(f"{words}: its labels have no one score; give one of them, such as .affective")
    return str(getattr(concept, "name", words))


def score_about(concept: Any, about: str) -> Measure:
    """The score of one customer from the answers about one thing alone: a hotel, a brand, a person.

    concept: a construct, or a concept of this chapter with one score. about: as in `Answer.about`. Its own `measure`
    takes the newest answer to each item, whatever it is about.

    >>> from relmkt.scales import Construct, Scale
    >>> score_about(Construct("care", Scale(1, 7).items("c1", "c2")), "Lyon") >= 5
    care about Lyon >= 5
    """
    return surveyed(f"{concept_name(concept)} about {about}", concept, about)


# --- parts that are measures or rules --------------------------------------------------------------------------------


class Joining(Protocol):
    """What makes one column of several: told the instant, it takes a column a part and gives one, row by row."""

    def __call__(self, columns: Sequence[Floats], at: Instant) -> Floats: ...


def _by_parts(facet: Any, at: Instant, op: Op = ">=", value: float = NAN) -> NoReturn:
    raise TypeError("this measure is read from its parts, not from a facet of its own")


@frozen(order=False, cache_hash=True, repr=False)
class Joined(Measure):
    """Several measures or rules as one number; a rule counts 1 where true, 0 where false, missing where unknown.

    >>> from relmkt.facts import Visit
    >>> from relmkt.tallies import count
    >>> Joined("came", parts=(count(Visit),), how=lambda columns, at: columns[0]) >= 1
    came >= 1
    """

    facet: Any = None
    ask: Any = _by_parts
    turns: Any = _by_parts  # time alone may move the parts
    parts: tuple[Measure | Rule, ...] = field(kw_only=True)
    how: Joining = field(kw_only=True)
    daily: bool = field(default=False, kw_only=True)
    """Whether it changes at the end of each whole day since its first part, an instant."""

    def read(self, view: View) -> Any:
        """The number, from the values of the parts; UnsupportedError on a frame."""
        told = [_numeric(view.judge(part)) if isinstance(part, Rule) else view.door(part) for part in self.parts]
        if not all(isinstance(values, float | int | np.ndarray) for values in told):
            raise UnsupportedError(f"{self.name}: answered for one customer and for a portfolio, not on a frame")
        alone = isinstance(view, One)
        found = self.how([np.atleast_1d(np.asarray(values, np.float64)) for values in told], view.at)
        return float(found[0]) if alone else view.calculate("+", found, 0.0)

    def compared(self, view: One, op: Op, limit: float) -> Any:
        """The number: comparing needs all of it."""
        return self.read(view)

    def turning(self, view: One, op: Op, limit: float) -> Instant | None:
        """The next instant at which comparing flips, of those at which a part changes."""
        return next_flip(view, lambda then: then.compare(self, op, limit), self.changing)

    def changing(self, view: One) -> Instant | None:
        """The next instant at which a part changes, or a day of tenure is full."""
        turns = [part.turning(view) if isinstance(part, Rule) else part.changing(view) for part in self.parts]
        if self.daily:
            turns.append(_next_day(view.door(self.parts[0]), view.at))  # type: ignore[arg-type]
        return min((turn for turn in turns if turn is not None), default=None)

    def facets(self, op: Op | None = None, limit: float = NAN) -> tuple[Any, ...]:
        """Those of the parts."""
        return tuple(facet for part in self.parts for facet in part.facets())

    def explain(self, customer: Customer) -> Explanation:
        """The number, and beneath it the parts that it is made of."""
        return evolve(super().explain(customer), parts=tuple(part.explain(customer) for part in self.parts))


def _next_day(start: float | None, at: Instant) -> Instant | None:
    if start is None or start != start:
        return None
    return Instant(int(start) + DAY * ((int(at) - int(start)) // DAY + 1))


def _numeric(verdict: Any) -> Any:
    """A verdict, or a column of them, as 1 true, 0 false, NaN unknown; whatever else it is stays as it is."""
    if isinstance(verdict, int | np.ndarray):
        return np.array([0.0, NAN, 1.0])[verdict]
    return verdict
