"""Where does everybody stand? A portfolio is all customers at one instant, as NumPy columns.

The same measures, rules, segments and ladders that one customer is asked, answered for everyone at once; the answers
are equal. It is the one mutable class of the core: `apply` adds facts and lets time pass.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from relmkt.codec import Codec
from relmkt.columns import FactTable, SupportsColumns
from relmkt.columns._labels import labelled
from relmkt.customers import Customer, Explanation, Folding, Question, Told
from relmkt.estimate import Estimate
from relmkt.exceptions import UnknownCustomerError
from relmkt.facts import Fact, Who, name_of
from relmkt.portfolio._leaves import Leaves, classes_read, histories
from relmkt.portfolio._many import Many, standings, verdicts
from relmkt.portfolio._summary import aligned, mean_of
from relmkt.portfolio._upkeep import Members, Moves, Part, gathered, leaves_of, moved_by_time, visible
from relmkt.rules import Judged, Measure, Measured, Rule
from relmkt.windows import At, Instant, instant

__all__ = ["Portfolio"]

X = TypeVar("X")


class Portfolio:
    """All customers with a fact not after `at`, as columns; facts after it are left out (rule R46).

    facts: mapped files and frames (`mapping.of(data)`), stores that give columns, tables of facts, or facts.
    at: an aware datetime or an Instant. ids: names of the customers, sorted by code point, shape (customers,).

    Raises TypeError for a source that gives no facts, InvalidFactError for a naive `at` or bad data.

    >>> from pendulum import datetime
    >>> from relmkt.facts import Visit
    >>> from relmkt.tallies import count
    >>> visits = [Visit("ada", datetime(2026, 3, 1), "Lyon"), Visit("bob", datetime(2026, 3, 2), "Lyon")]
    >>> base = Portfolio(visits, at=datetime(2026, 7, 1))
    >>> print(base, base.select(count(Visit) >= 1).tolist())
    2 customers, 2 facts, at 2026-07-01T00:00:00+00:00 ['ada', 'bob']
    """

    def __init__(self, *facts: Any, at: At) -> None:
        self._sources = facts
        self._at = instant(at)
        self._parts = [Part(FactTable.joined(*map(_table_of, facts)))]
        self._leaves: Leaves | None = None
        self._watched: dict[str, Rule] = {}
        self._stated = False
        self._members: Members | None = None

    @property
    def at(self) -> Instant:
        """The instant at which questions are answered."""
        return self._at

    @property
    def ids(self) -> NDArray[np.str_]:
        """Names of the customers, sorted by code point."""
        return self.table.ids

    @property
    def table(self) -> FactTable:
        """The facts not after `at`, as columns: `stream` counts into `ids`."""
        return self._sight().table

    def _sight(self) -> Leaves:
        if self._leaves is None:
            if len(self._parts) > 1:
                self._parts = [Part(FactTable.joined(*(part.table for part in self._parts)))]
            self._leaves = leaves_of(self._parts[0].table, self._at)
        return self._leaves

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def ask(self, question: Measure) -> NDArray[np.float64]: ...
    @overload
    def ask(self, question: Rule) -> NDArray[np.bool_]: ...
    @overload
    def ask(self, question: Question[Any, X]) -> X: ...
    def ask(self, question: Question[Any, Any]) -> Any:
        """The answer for everyone, in the order of `ids`.

        A measure gives floats in days and whole units (NaN where missing; text as objects, None where missing), a rule
        or a segment a mask of those for whom it is true, a ladder the name of the rung (empty where none is true).
        """
        return question.many(self)

    def true(self, rule: Judged) -> NDArray[np.bool_]:
        """A mask of those for whom the rule is true: neither false nor unknown."""
        self._asked(rule)
        return np.equal(verdicts(self._sight(), [rule])[0], 2)

    def door(self, measure: Measured) -> NDArray[Any]:
        """A measure in days and whole units."""
        return Many(self._sight()).door(measure)

    def standing(self, rungs: tuple[tuple[str, Judged], ...]) -> NDArray[np.str_]:
        """The name of everyone's highest rung whose rule is true; empty where none is."""
        names = np.array(["", *(name for name, _ in rungs)], np.str_)
        return labelled(names[standings(self._sight(), [rule for _, rule in rungs])])

    def select(self, rule: Rule) -> NDArray[np.str_]:
        """The ids of those for whom the rule is true."""
        return self.ids[self.true(rule)]

    def count(self, *questions: Question[Any, Any]) -> dict[str, int]:
        """How many: the members of each rule or segment under its name, and those on each rung of a ladder.

        Raises TypeError for a measure, which has no members.
        """
        found: dict[str, int] = {}
        rules = [question for question in questions if isinstance(question, Rule)]
        judged = dict(zip(map(id, rules), verdicts(self._sight(), rules), strict=True))
        for question in questions:
            if isinstance(question, Rule):
                self._asked(question)
                found[_name(question)] = int(np.count_nonzero(judged[id(question)] == 2))
            elif hasattr(question, "rungs"):
                places = standings(self._sight(), question.rungs)
                for place, rung in enumerate(question.rungs, 1):
                    found[rung.name] = int(np.count_nonzero(places == place))
            else:
                raise TypeError(f"{_name(question)} has no members to count: ask it, or compare it")
        return found

    def columns(
        self, *questions: Question[Any, Any], **named: Question[Any, Any] | Estimate
    ) -> dict[str, NDArray[Any]]:
        """Answers as columns beside `customer`, ready for a data frame.

        named: questions under a name of yours; an `Estimate` labelled by ids gives its value, `…_low` and `…_high`.
        """
        found: dict[str, NDArray[Any]] = {"customer": self.ids}
        for name, question in [*((_name(question), question) for question in questions), *named.items()]:
            if isinstance(question, Estimate):
                found.update(aligned(name, question, self.ids))
            else:
                found[name] = self.ask(question)
        return found

    def explain(self, id: Who, question: Question[Any, Any]) -> Explanation:
        """Why the answer for one customer is what it is, with the figures found.

        id: a name or an `Identifier`. Raises UnknownCustomerError where nobody has a fact under it.
        """
        return question.explain(self.customer(id, question))

    def customer(self, id: Who, *questions: Any) -> Customer:
        """One customer, folded from the portfolio's own facts for some questions.

        Raises UnknownCustomerError where nobody has a fact under that name.
        """
        name = self._root(name_of(id, "id"))
        facets = [facet for question in questions for facet in question.facets()]
        return Customer.folded(name, self._history(name, facets), Folding(facets), self._at)

    def _history(self, name: str, facets: Sequence[Any]) -> tuple[Told, ...]:
        """One customer's facts as far as some facets read them; from the store, where it still holds the same ones."""
        table = gathered([self.table], np.array([name], np.str_))
        if len(self._sources) == 1 and hasattr(self._sources[0], "load"):
            records = [told for told in getattr(self._sources[0].load(name), "facts", ()) if told[1].at <= self._at]
            if len(records) == len(table):
                codec = Codec(classes_read(table, facets))
                return tuple((s, codec.decode(s, record)) for s, record in records if record.kind in codec.kinds)
        return tuple(histories(table, facets).get(0, ()))

    def _root(self, name: str) -> str:
        """The customer to whom a name leads: by the merged streams, or by a store's links."""
        stores = (source for source in self._sources if hasattr(source, "load"))
        for root in (self.table.roots.get(name, name), *(source.load(name).root for source in stores)):
            place = int(np.searchsorted(self.ids, root))
            if place < len(self) and self.ids[place] == root:
                return str(root)
        raise UnknownCustomerError("no facts under that name or identifier")

    def facts(self, kind: type[Fact], **where: str | float) -> FactTable:
        """The facts of one kind whose fields equal these, as columns; `stream` counts into the portfolio's `ids`.

        A kind that happens to others than customers (`Spend`) has its own `ids`: they are nobody's customers.
        """
        held = self.table
        if kind.subject_kind != "customer":
            held = visible(self._parts[0].table, self._at, others=True)
        return held.only(kind, **where)

    def profile(self, rule: Rule, *questions: Question[Any, Any], level: float = 0.95) -> Estimate:
        """The mean of each measure (of a rule: the share) within a segment, labelled by the questions' names.

        level: of the normal interval of a mean. Missing values are counted and left out.
        """
        inside = self.true(rule)
        told = [np.asarray(self.ask(question), np.float64)[inside] for question in questions]
        return mean_of([_name(question) for question in questions], told, level)

    def watch(self, *rules: Rule) -> None:
        """Keep up these rules and no others in `apply`; without, it keeps up all that were asked so far.

        Raises ValueError for two rules of one name.
        """
        named = {_name(rule): rule for rule in rules}
        if len(named) < len(rules):
            raise ValueError("two watched rules have the same name")
        self._watched, self._stated, self._members = named, True, None

    def _asked(self, rule: Judged) -> None:
        if isinstance(rule, Rule) and not self._stated and self._watched.get(_name(rule)) is not rule:
            self._watched[_name(rule)] = rule
            self._members = None

    def apply(self, facts: Iterable[Fact], at: At) -> Moves:
        """Take in facts and let time pass to `at`: who entered and who left the watched segments.

        Only customers touched by a fact or by the passing of time are judged again; the result equals a full rebuild
        (rule R50). Raises ValueError where `at` lies before the portfolio's instant: time only passes.
        """
        now = instant(at)
        if now < self._at:
            raise ValueError("time only passes: at lies before the portfolio's instant")
        members = self._current()
        news = FactTable.of(facts, roots=self._parts[0].table.roots)
        touched = self._touched(news, int(now))
        if len(news):
            self._take_in(news)
        self._at, self._leaves = now, None
        tables = [part.table for part in self._parts]
        return members.judged(leaves_of(gathered(tables, touched), now), self._watched)

    def _current(self) -> Members:
        if self._members is None:
            found = verdicts(self._sight(), list(self._watched.values()))
            masks = {name: verdict == 2 for name, verdict in zip(self._watched, found, strict=True)}
            self._members = Members(self.ids, masks)
        return self._members

    def _touched(self, news: FactTable, now: int) -> NDArray[np.str_]:
        intervals = moved_by_time(self._watched.values(), int(self._at), now) if now > self._at else []
        if intervals is None:
            held = [part.table.ids for part in self._parts]
        else:
            held = [part.subjects(intervals) for part in self._parts if intervals]
        return np.unique(np.concatenate([news.ids, *held]))

    def _take_in(self, news: FactTable) -> None:
        """Small news are kept beside the large table, and joined to it once they have grown to a tenth of it."""
        first, *later = self._parts
        table = FactTable.joined(*(part.table for part in later), news)
        grown = 10 * len(table) > len(first.table)
        self._parts = [Part(FactTable.joined(first.table, table))] if grown else [first, Part(table)]

    def __str__(self) -> str:
        return f"{len(self):,} customers, {len(self.table):,} facts, at {self._at}"

    def __repr__(self) -> str:
        return f"Portfolio({self})"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>{self.table._repr_html_()}"


def _name(question: Any) -> str:
    return str(getattr(question, "name", question))


def _table_of(source: Any) -> FactTable:
    if isinstance(source, FactTable):
        return source
    if hasattr(source, "table"):
        table = source.table() if callable(source.table) else source.table
        if isinstance(table, FactTable):
            return table
    if isinstance(source, SupportsColumns):
        return source.columns()
    if isinstance(source, Iterable) and not isinstance(source, str | bytes):
        return FactTable.of(source)
    raise TypeError(f"expected mapped data, a store that gives columns, or facts, not a {type(source).__name__}")
