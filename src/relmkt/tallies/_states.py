"""Which bounded state answers a tally, one fact at a time?

Without a window: counters. In a window: the newest k instants (exact for comparing; k is what the widest comparison
needs) or buckets of a grain (exact for values). `newest`, `last`, `since` keep one fact. Every state answers
`value(at)`, and `later(at)` gives the instants at which time alone changes it, with the value from then on.
"""

from collections.abc import Iterator
from typing import Any, Self

from attrs import evolve, field, frozen

from relmkt.facts import Fact
from relmkt.rules import NAN, Op
from relmkt.tallies._tally import Tally
from relmkt.windows import Window

__all__ = ["Buckets", "Counted", "Earliest", "Newest", "Recent", "Summed", "state_of"]

Number = int | float | str | None
_decl = {"plain": False}


@frozen
class Counted:
    """How many, for ever.

    >>> from relmkt.facts import Visit
    >>> Counted(Tally("count", Visit)).value(0)
    0
    """

    tally: Tally = field(metadata=_decl)
    n: int = 0

    @property
    def reads(self) -> tuple[type[Fact], ...]:
        """The kind counted."""
        return (self.tally.kind,)

    def after(self, fact: Fact) -> Self:
        """One more, if it matches."""
        return self.__class__(self.tally, self.n + 1) if self.tally.matches(fact) else self

    def value(self, at: int) -> int:
        """The number."""
        return self.n

    def later(self, at: int) -> Iterator[tuple[int, Any]]:
        """Time alone changes nothing."""
        return iter(())


@frozen
class Summed:
    """How much, for ever: the sum of a field, 0 of nothing.

    >>> from relmkt.facts import Purchase
    >>> Summed(Tally("total", Purchase, "amount", currency="EUR")).value(0)
    0
    """

    tally: Tally = field(metadata=_decl)
    amount: int | float = 0

    @property
    def reads(self) -> tuple[type[Fact], ...]:
        """The kind summed."""
        return (self.tally.kind,)

    def after(self, fact: Fact) -> Self:
        """The value added, if it matches."""
        if not self.tally.matches(fact):
            return self
        return self.__class__(self.tally, self.amount + self.tally.value(fact))

    def value(self, at: int) -> int | float:
        """The sum."""
        return self.amount

    def later(self, at: int) -> Iterator[tuple[int, Any]]:
        """Time alone changes nothing."""
        return iter(())


@frozen
class Newest:
    """The newest fact that matches: its instant and value; `since` reads the time that has passed.

    >>> from relmkt.facts import Visit
    >>> Newest(Tally("since", Visit)).value(0)
    nan
    """

    tally: Tally = field(metadata=_decl)
    at: int | None = None
    told: Number = field(default=None, repr=False)  # may be of a profile (X09)

    @property
    def reads(self) -> tuple[type[Fact], ...]:
        """The kind looked at."""
        return (self.tally.kind,)

    def after(self, fact: Fact) -> Self:
        """This fact, if it matches: facts come in history's order."""
        if not self.tally.matches(fact):
            return self
        return self.__class__(
            self.tally, int(fact.at), None if self.tally.field in ("", "at") else self.tally.value(fact)
        )

    def value(self, at: int) -> Any:
        """The value, NaN where there is none or it has left the window."""
        if self.at is None or at >= self.tally.leaves(self.at):
            return NAN
        if self.tally.sort == "since":
            return at - self.at
        told = self.at if self.tally.field in ("", "at") else self.told
        return NAN if told is None else told

    def later(self, at: int) -> Iterator[tuple[int, Any]]:
        """The instant at which the fact leaves the window."""
        if self.at is not None and self.tally.within is not None and self.tally.leaves(self.at) > at:
            yield self.tally.leaves(self.at), NAN


@frozen
class Earliest:
    """The first fact that matches: its instant, or the value of a field.

    >>> from relmkt.facts import Visit
    >>> Earliest(Tally("first", Visit)).value(0)
    nan
    """

    tally: Tally = field(metadata=_decl)
    at: int | None = None
    told: Number = field(default=None, repr=False)  # may be of a profile (X09)

    @property
    def reads(self) -> tuple[type[Fact], ...]:
        """The kind looked at."""
        return (self.tally.kind,)

    def after(self, fact: Fact) -> Self:
        """This fact, if it is the first that matches."""
        if self.at is not None or not self.tally.matches(fact):
            return self
        return self.__class__(
            self.tally, int(fact.at), None if self.tally.field in ("", "at") else self.tally.value(fact)
        )

    def value(self, at: int) -> Any:
        """The value, NaN where there is none."""
        told = self.at if self.tally.field in ("", "at") else self.told
        return NAN if told is None else told

    def later(self, at: int) -> Iterator[tuple[int, Any]]:
        """Time alone changes nothing."""
        return iter(())


@frozen
class Recent:
    """The newest k instants in a window: exact for comparing with up to k; k = 0 keeps all that are in the window.

    >>> from relmkt.facts import Visit
    >>> from relmkt.windows import days
    >>> Recent(Tally("count", Visit, within=days(7))).need(">", 3)
    4
    """

    tally: Tally = field(metadata=_decl)
    k: int = field(default=0, eq=False, metadata=_decl)
    instants: tuple[int, ...] = ()

    @property
    def reads(self) -> tuple[type[Fact], ...]:
        """The kind counted."""
        return (self.tally.kind,)

    def after(self, fact: Fact) -> Self:
        """One more instant; the oldest goes where more than k stand, and those that have left the window."""
        if not self.tally.matches(fact):
            return self
        at, leaves = int(fact.at), self.tally.leaves
        kept = [instant for instant in self.instants if leaves(instant) > at]
        kept.append(at)
        return self.__class__(self.tally, self.k, tuple(kept[-self.k :] if self.k else kept))

    def value(self, at: int) -> int:
        """How many of the kept are in the window."""
        leaves = self.tally.leaves
        return sum(leaves(instant) > at for instant in self.instants)

    def later(self, at: int) -> Iterator[tuple[int, Any]]:
        """The instants at which one leaves, with the number that remains."""
        left = sorted(leave for leave in map(self.tally.leaves, self.instants) if leave > at)
        for passed, leave in enumerate(left, 1):
            if passed == len(left) or left[passed] > leave:
                yield leave, len(left) - passed

    def need(self, op: Op, limit: float) -> int:
        """How many instants comparing requires."""
        bound = int(limit // 1) + (1 if op in (">", "<=") or limit != limit // 1 else 0)
        return max(bound, 1)

    def holds(self, need: int) -> bool:
        """Whether what was kept answers a question that needs so many; 0: the number itself."""
        return self.k == 0 or 0 < need <= self.k or len(self.instants) < self.k

    def wide(self, need: int) -> Self:
        """The empty value that keeps so many; 0: all that are in the window."""
        return evolve(self, k=need, instants=())

    def widened(self, other: "Recent") -> Self:
        """The wider of two."""
        return self.wide(0 if 0 in (self.k, other.k) else max(self.k, other.k))


@frozen
class Buckets:
    """Counts and sums of a grain, under the instant at which they leave the window: exact for values.

    >>> from relmkt.facts import Visit
    >>> from relmkt.windows import DAY, days
    >>> Buckets(Tally("count", Visit, within=days(7), grain=DAY)).value(0)
    0
    """

    tally: Tally = field(metadata=_decl)
    leaving: tuple[tuple[int, int | float], ...] = ()

    @property
    def reads(self) -> tuple[type[Fact], ...]:
        """The kind counted or summed."""
        return (self.tally.kind,)

    def after(self, fact: Fact) -> Self:
        """Added to the bucket in which it leaves; buckets that have left are dropped."""
        tally = self.tally
        if not tally.matches(fact):
            return self
        at, leave = int(fact.at), tally.leaves(int(fact.at))
        more = 1 if tally.sort == "count" else tally.value(fact)
        kept = tuple(bucket for bucket in self.leaving if bucket[0] > at)
        if kept and kept[-1][0] == leave:
            more, kept = kept[-1][1] + more, kept[:-1]
        return self.__class__(self.tally, (*kept, (leave, more)))

    def value(self, at: int) -> int | float:
        """The sum over the buckets that have not left."""
        held: int | float = 0
        for leave, amount in self.leaving:  # added in order: `sum` compensates floats, columns do not
            held += amount if leave > at else 0
        return held

    def later(self, at: int) -> Iterator[tuple[int, Any]]:
        """The instants at which a bucket leaves, with the sum that remains."""
        rest = self.value(at)
        for leave, amount in self.leaving:
            if leave > at:
                # floats are added anew: what subtracting leaves is not what adding gives
                rest = self.value(leave) if isinstance(rest, float) else rest - amount
                yield leave, rest


def state_of(tally: Tally) -> Any:
    """The empty state that answers a tally."""
    if tally.sort in ("newest", "last", "since"):
        return Newest(tally)
    if tally.sort == "first":
        return Earliest(tally)
    if tally.within is None:
        return Counted(tally) if tally.sort == "count" else Summed(tally)
    exact = tally.grain == 1 and not isinstance(tally.within, Window)
    return Recent(tally) if tally.sort == "count" and exact else Buckets(tally)
