"""Who is it? One subject and its facets: one fact in, a decision out.

A customer is a value: `after(fact)` gives the next one. It carries the instant it was asked for (outside equality) and
is asked at the later of that and its newest fact.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from attrs import field, frozen

from relmkt.codec import Codec
from relmkt.customers._facet import Facet, Folding, States, Told, fold
from relmkt.facts import Fact, Profile, Who, name_of
from relmkt.windows import At, Instant, instant

__all__ = ["Attributes", "Change", "Customer", "Decides", "Explanation", "Question"]

X = TypeVar("X")
F = TypeVar("F")
One_co = TypeVar("One_co", covariant=True)
Many_co = TypeVar("Many_co", covariant=True)


class Question(Protocol[One_co, Many_co]):
    """What a customer, a portfolio and a frame can be asked: a measure, a rule, a segment, a ladder."""

    def one(self, customer: "Customer") -> One_co: ...

    def many(self, portfolio: Any) -> Many_co: ...

    def explain(self, customer: "Customer") -> "Explanation": ...


@frozen
class Explanation:
    """Why an answer is what it is: a tree that prints indented, a line a comparison with the figure found.

    verdict: 0 false, 1 unknown, 2 true. value: the figure, NaN where there is none. text: the question in its words.

    >>> print(Explanation(2, 3.0, "count(Purchase) >= 3", found="3"))
    true     count(Purchase) >= 3   3
    """

    verdict: int
    value: float
    text: str
    parts: tuple["Explanation", ...] = ()
    found: str = ""

    def lines(self, depth: int = 0) -> list[str]:
        """The tree as lines of text."""
        word = ("false", "unknown", "true")[self.verdict]
        line = f"{'  ' * depth}{word:<8} {self.text}" + (f"   {self.found}" if self.found else "")
        return [line, *(line for part in self.parts for line in part.lines(depth + 1))]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def _no_history() -> tuple[Told, ...]:
    raise LookupError("this customer was folded without its facts: name the facet when it is folded")


@frozen
class _Longer:
    """A history and one more fact: read back without recursion, however many came one by one."""

    before: Callable[[], Sequence[Told]]
    told: Told

    def __call__(self) -> tuple[Told, ...]:
        newest_first: list[Told] = []
        history: Callable[[], Sequence[Told]] = self
        while isinstance(history, _Longer):
            newest_first.append(history.told)
            history = history.before
        return (*history(), *reversed(newest_first))


@frozen(repr=False)
class Customer:
    """One subject, folded: a state for each facet.

    id: the name; at: the instant it was asked for, outside equality; states: under each facet's empty value.
    history: gives the facts again, (stream, fact) in order, for a question that needs more than was folded.

    >>> from pendulum import datetime
    >>> ada = Customer.of("ada", [Profile("ada", datetime(2026, 3, 1), {"name": "Ada"}, source="form")], facets=[])
    >>> ada[Attributes()].values["name"]
    'Ada'
    """

    id: str
    at: Instant = field(eq=False)
    states: States
    newest: int = field(default=0, eq=False)
    history: Callable[[], Sequence[Told]] = field(default=_no_history, eq=False)
    folding: Folding = field(default=Folding(()), eq=False)

    @classmethod
    def of(cls, id: Who, facts: Iterable[Fact], *, facets: Iterable[Facet] = (), at: At | None = None) -> "Customer":
        """Fold `facts` (in any order; those after `at` are left out) into `facets`; other facets fold when asked for.

        Raises InvalidFactError for a naive `at` or an empty name.
        """
        name = name_of(id, "id")
        told = sorted(facts, key=lambda fact: (fact.at, fact.id, fact.source))
        until = None if at is None else instant(at)
        kept = tuple((name, fact) for fact in told if until is None or fact.at <= until)
        return cls.folded(name, kept, Folding(facets), until)

    @classmethod
    def folded(cls, name: str, told: Sequence[Told], folding: Folding, at: Instant | None = None) -> "Customer":
        """Fold (stream, fact) pairs that are already in history's order."""
        newest = told[-1][1].at if told else Instant(0)
        return cls(name, newest if at is None else at, fold(folding, told), int(newest), lambda: told, folding)

    def __getitem__(self, facet: F) -> F:
        """The state of a facet, named by its empty value; folded from the history where it was not asked for before."""
        state = self.states.get(facet)
        return self.refold(facet) if state is None else state

    def refold(self, facet: F) -> F:
        """The state of a facet from the whole history, whatever was kept."""
        asked: Any = facet
        folding = Folding((asked,))
        return fold(folding, Codec(folding.kinds).known(self.history()))[facet]  # type: ignore[no-any-return]

    def after(self, fact: Fact, history: Callable[[], Sequence[Told]] | None = None) -> "Customer":
        """This customer after one more fact, which is not older than the newest one.

        history: what gives the facts again, this one among them; the history so far and this one unless stated.
        """
        return Customer(
            self.id,
            max(self.at, fact.at),
            self.folding.after(self.states, fact),
            max(self.newest, int(fact.at)),
            _Longer(self.history, (self.id, fact)) if history is None else history,
            self.folding,
        )

    def moved(self, at: Instant) -> "Customer":
        """The same customer, asked at another instant."""
        return Customer(self.id, at, self.states, self.newest, self.history, self.folding)

    @property
    def asked(self) -> Instant:
        """The instant at which questions are answered: the later of `at` and the newest fact."""
        return self.at if self.at >= self.newest else Instant(self.newest)

    def ask(self, question: Question[X, Any], at: At | None = None) -> X:
        """The answer to a measure (float), a rule (Verdict) or a ladder (Standing)."""
        return question.one(self if at is None else self.moved(instant(at)))

    def explain(self, question: Question[Any, Any]) -> Explanation:
        """Why the answer is what it is, in the question's own words."""
        return question.explain(self)

    def __repr__(self) -> str:
        return f"Customer({self.id!r}, at={str(self.at)!r}, {len(self.states)} facets)"


@frozen
class Change:
    """What a policy decides on: the customer before, the fact (None: time passed), the customer after.

    >>> Change.__doc__ is not None
    True
    """

    before: Customer
    fact: Fact | None
    after: Customer


class Decides(Protocol):
    """Anything that proposes actions on a change: a trigger, a held ladder, a chapter's value. No base class."""

    def decide(self, change: Change, at: Instant) -> Sequence[Any]: ...


@frozen(hash=False)
class Attributes:
    """What the profile says: the newest value of each attribute that any source stated.

    >>> Attributes().values
    mappingproxy({})
    """

    reads = (Profile,)
    values: Mapping[str, str] = field(factory=lambda: MappingProxyType({}), repr=False)

    def after(self, fact: Fact) -> "Attributes":
        """Newer values replace older ones; None clears."""
        if not isinstance(fact, Profile):
            return self
        told = {**self.values, **fact.told}
        return Attributes(MappingProxyType({name: value for name, value in told.items() if value is not None}))

    def __hash__(self) -> int:
        return hash(Attributes)
