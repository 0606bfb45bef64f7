"""Where do they stand? Segments are named rules; a ladder is segments in order.

Standing is the highest rung whose own rule is true; rungs above whose rule is unknown are named. A rung that needs the
one beneath says so with `&`. A ladder given to a policy is *held*: its accepted moves are facts (`StageMoved`), and
`ladder.held` reads the rung of the last one; asked, it is computed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from attrs import evolve, field, frozen

from relmkt.customers import Change, Customer, Explanation, Folding, Told
from relmkt.facts import Fact
from relmkt.rules import NAN, Comparison, Known, Measure, One, OneOf, Rule, Sight, View
from relmkt.windows import Instant

__all__ = ["Held", "Ladder", "Move", "Segment", "StageMoved", "Standing"]


@frozen(order=False, cache_hash=True, repr=False)
class Segment(Rule):
    """A rule with a name: it prints as its name inside other rules, and explains itself by its rule.

    >>> from relmkt.rules import everyone
    >>> Segment("all", everyone)
    all: everyone
    """

    name: str
    rule: Rule

    def judge(self, view: View) -> Any:
        """The verdict of its rule."""
        return view.judge(self.rule)

    def parts(self) -> tuple[Rule, ...]:
        """Its rule."""
        return (self.rule,)

    def why(self, view: One) -> Explanation:
        """The verdict, with its rule's reasons."""
        return Explanation(view.judge(self), NAN, self.name, (self.rule.why(view),))

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"{self.name}: {self.rule}"


@frozen
class Standing:
    """Where one customer stands.

    rung: the highest whose rule is true, empty where none is. since: from when, where the history was at hand.
    unknown: rungs above whose rule is unknown.

    >>> print(Standing("client"))
    client
    """

    rung: str
    since: Instant | None = None
    unknown: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.rung or "nowhere"


@frozen
class StageMoved(Fact):
    """A move on a held ladder was accepted, with its evidence: what was found when it was decided.

    below: the rung left. n: which move of the customer on this ladder it is, so that several of one instant keep order.

    >>> from pendulum import datetime
    >>> StageMoved("ada", datetime(2026, 3, 15), "client", "relationship", below="customer").rung
    'client'
    """

    hot = ("", "rung")
    rung: str
    ladder: str
    below: str = ""
    evidence: str = field(default="", kw_only=True)
    n: int = field(default=1, kw_only=True)


@frozen
class Held:
    """The rung of the last accepted move on one ladder.

    >>> Held("relationship").rung
    ''
    """

    ladder: str
    rung: str = ""
    at: int = 0
    n: int = 0
    reads = (StageMoved,)

    def after(self, fact: Fact) -> "Held":
        """The rung of this move, if it is on this ladder and the last so far."""
        if not isinstance(fact, StageMoved) or fact.ladder != self.ladder or (fact.at, fact.n) < (self.at, self.n):
            return self
        return evolve(self, rung=fact.rung, at=int(fact.at), n=fact.n)

    def join(self, other: "Held") -> "Held":
        """Of two sides of a merged person, the one that moved last stands."""
        return max(self, other, key=lambda side: (side.at, side.n, side.rung))


@frozen
class Move:
    """Asks for a move on a held ladder, to a rung.

    >>> Move("relationship", "client").rung
    'client'
    """

    writes = StageMoved
    ladder: str
    rung: str
    below: str = ""
    evidence: str = ""
    n: int = 1

    def stands(self, customer: Customer) -> bool:
        """Whether nothing has moved the customer on this ladder since the move was proposed."""
        return customer[Held(self.ladder)].n + 1 == self.n

    def written(self, subject: str, at: Instant, *, id: str, source: str, ref: str) -> Fact:
        """The fact of the accepted move, with its evidence."""
        origin = {"id": id, "source": source, "ref": ref}
        return StageMoved(subject, at, self.rung, self.ladder, self.below, evidence=self.evidence, n=self.n, **origin)


_Moves = Literal["any", "up one"] | Mapping[str, Sequence[str]]


@frozen(order=False, init=False, repr=False)
class Ladder:
    """Named rules in order, lowest first.

    name: of the ladder. rungs: segments, lowest first; the first is usually `everyone`.
    moves: which moves a held ladder accepts: "any", "up one" (one rung at a time upwards, any fall), or rung by rung.

    Raises ValueError for a ladder without rungs, two rungs of one name, or moves between unknown rungs.

    >>> from relmkt.rules import everyone
    >>> Ladder("guests", Segment("prospect", everyone))
    guests: prospect
    """

    name: str
    rungs: tuple[Segment, ...]
    moves: Any = field(eq=False)

    def __init__(self, name: str, *rungs: Segment, moves: _Moves = "any") -> None:
        names = [rung.name for rung in rungs]
        if not rungs or len(set(names)) < len(names):
            raise ValueError(f"ladder {name}: expected at least one rung, each with a name of its own")
        if not isinstance(moves, Mapping) and moves not in ("any", "up one"):
            raise ValueError(f"ladder {name}: moves are 'any', 'up one', or a mapping of rung to rungs")
        if isinstance(moves, Mapping):
            unknown = {*moves, *(to for goals in moves.values() for to in goals)} - {*names, ""}
            if unknown:
                raise ValueError(f"ladder {name}: moves name unknown rungs {sorted(unknown)}")
        self.__attrs_init__(name, rungs, moves)

    def __repr__(self) -> str:
        return f"{self.name}: {' < '.join(rung.name for rung in self.rungs)}"

    def facets(self) -> tuple[Any, ...]:
        """The facets that the rungs read, and the one that keeps the accepted moves."""
        return (Held(self.name), *(facet for rung in self.rungs for facet in rung.facets()))

    def comparisons(self) -> Iterator[Comparison | OneOf | Known]:
        """The comparisons of all rungs."""
        for rung in self.rungs:
            yield from rung.comparisons()

    def turning(self, view: One) -> Instant | None:
        """The next instant at which a comparison of a rung flips by time alone."""
        found = [turn for turn in (rung.turning(view) for rung in self.rungs) if turn is not None]
        return min(found, default=None)

    def stand(self, view: One) -> Standing:
        """Where a customer stands, through a view."""
        unknown: list[str] = []
        for rung in reversed(self.rungs):
            verdict = view.judge(rung)
            if verdict == 2:
                return Standing(rung.name, None, tuple(reversed(unknown)))
            if verdict == 1:
                unknown.append(rung.name)
        return Standing("", None, tuple(reversed(unknown)))

    def one(self, customer: Customer) -> Standing:
        """Where one customer stands."""
        return self.stand(One(customer))

    def many(self, portfolio: Sight) -> Any:
        """The name of everyone's rung, empty where none is true."""
        return portfolio.standing(tuple((rung.name, rung) for rung in self.rungs))

    def explain(self, customer: Customer) -> Explanation:
        """The rung, since when, its reasons, and what the next one needs."""
        view = One(customer)
        standing = self.stand(view)
        rungs = [rung.name for rung in self.rungs]
        place = rungs.index(standing.rung) if standing.rung else -1
        shown = [rung.why(view) for rung in self.rungs[max(place, 0) : place + 2]]
        start = self.since(customer) if standing.rung else None
        text = f"{standing}" + (f" since {start}" if start is not None else "")
        if place + 1 < len(self.rungs):
            text += f"; next: {rungs[place + 1]}"
        return Explanation(2 if standing.rung else 1, float(place), text, tuple(shown))

    def since(self, customer: Customer) -> Instant | None:
        """From when the customer has stood where it stands; None where its history is not at hand."""
        try:
            told = customer.history()
        except LookupError:
            return None
        start, rung = None, ""
        for at, standing in _standings(self, customer, told):
            if standing.rung != rung:
                start, rung = at, standing.rung
        return start

    @property
    def held(self) -> Measure:
        """The rung of the last accepted move, as a category: `ladder.held.is_("client")`."""
        return Measure(f"{self.name} held", Held(self.name), lambda held, at: held.rung or NAN)

    def decide(self, change: Change, at: Instant) -> Sequence[Move]:
        """The move from the rung held to the rung where the customer stands now, or nothing."""
        view = One(change.after, at)
        held = change.after[Held(self.name)]
        target = self._allowed(held.rung, self.stand(view).rung)
        if target in ("", held.rung):
            return ()
        why = next(rung for rung in self.rungs if rung.name == target).why(view)
        return (Move(self.name, target, held.rung, str(why), held.n + 1),)

    def _allowed(self, held: str, wanted: str) -> str:
        """Where a move from `held` towards `wanted` leads."""
        if self.moves == "any" or not wanted:
            return wanted
        if isinstance(self.moves, Mapping):
            return wanted if wanted in self.moves.get(held, ()) else held
        order = ["", *(rung.name for rung in self.rungs)]
        stood = order.index(held) if held in order else 0  # a rung of an earlier make of the ladder
        return order[min(order.index(wanted), stood + 1)]


def _standings(ladder: Ladder, customer: Customer, told: Sequence[Told]) -> Iterator[tuple[Instant, Standing]]:
    """Where the customer stood after each fact, and at each instant at which time alone moved it since."""
    folding = Folding(ladder.facets())
    several = len({stream for stream, _ in told}) > 1
    sight = Customer.folded(customer.id, (), folding)
    for place, (_, fact) in enumerate(told):
        following = told[place + 1][1].at if place + 1 < len(told) else Instant(customer.asked + 1)
        sight = Customer.folded(customer.id, told[: place + 1], folding) if several else sight.after(fact)
        if following <= fact.at:
            continue
        at: Instant | None = fact.at
        while at is not None and at < following:
            view = One(sight, at)
            yield at, ladder.stand(view)
            at = ladder.turning(view)
