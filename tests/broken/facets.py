"""Facets that break one law each; the kit must catch every one."""

from typing import Any

from attrs import define, evolve, field, frozen

from relmkt.facts import Complaint, ConsentGiven, ConsentWithdrawn, Fact, Purchase, Visit


@frozen
class Refuses:
    """Raises where a purchase comes twice at one instant."""

    reads = (Purchase,)
    at: int = -1

    def after(self, fact: Fact) -> "Refuses":
        if fact.at == self.at:
            raise ValueError("twice at once")
        return Refuses(int(fact.at))


@frozen
class ForgetsOnSnapshot:
    """What decides is not written down."""

    reads = (Visit,)
    n: int = 0
    place: str = field(default="", metadata={"plain": False})

    def after(self, fact: Fact) -> "ForgetsOnSnapshot":
        if not isinstance(fact, Visit):
            return self
        return ForgetsOnSnapshot(self.n + (fact.place != self.place), fact.place)


@frozen
class CountsCalls:
    """Numbers facts as they come to it, from a counter that all share."""

    reads = (Visit,)
    calls = [0]
    last: int = 0

    def after(self, fact: Fact) -> "CountsCalls":
        self.calls[0] += 1
        return CountsCalls(self.calls[0])


@define(hash=True)
class ChangesInPlace:
    """Adds to the value that it was given."""

    reads = (Visit,)
    n: int = 0

    def after(self, fact: Fact) -> "ChangesInPlace":
        if isinstance(fact, Visit):
            self.n += 1
        return self


@frozen(eq=False)
class EqualToItselfAlone:
    """Compared by identity."""

    reads = (Visit,)
    n: int = 0

    def after(self, fact: Fact) -> "EqualToItselfAlone":
        return evolve(self, n=self.n + 1) if isinstance(fact, Visit) else self


@frozen
class ReadsBackOther:
    """A list where a tuple was: written as text, it comes back as another value."""

    reads = (Visit,)
    places: Any = ()

    def after(self, fact: Fact) -> "ReadsBackOther":
        return evolve(self, places=(*self.places, fact.place)[-3:]) if isinstance(fact, Visit) else self


@frozen
class CountsStrangers:
    """Counts whatever comes."""

    reads = (Purchase,)
    n: int = 0

    def after(self, fact: Fact) -> "CountsStrangers":
        return evolve(self, n=self.n + 1)


@frozen
class KeepsEverything:
    """Every complaint's id, for ever."""

    reads = (Complaint,)
    ids: tuple[str, ...] = ()

    def after(self, fact: Fact) -> "KeepsEverything":
        return evolve(self, ids=(*self.ids, fact.id)) if isinstance(fact, Complaint) else self


@frozen
class JoinsToANumber:
    """A state machine whose two sides become something else."""

    reads = (ConsentGiven, ConsentWithdrawn)
    allowed: bool = False

    def after(self, fact: Fact) -> "JoinsToANumber":
        if isinstance(fact, ConsentGiven | ConsentWithdrawn):
            return evolve(self, allowed=isinstance(fact, ConsentGiven))
        return self

    def join(self, other: "JoinsToANumber") -> "JoinsToANumber":
        return 3  # type: ignore[return-value]


BROKEN: dict[str, tuple[Any, str]] = {
    "Refuses": (Refuses(), "FL1"),
    "ForgetsOnSnapshot": (ForgetsOnSnapshot(), "FL2"),
    "CountsCalls": (CountsCalls(), "FL3"),
    "ChangesInPlace": (ChangesInPlace(), "FL4"),
    "EqualToItselfAlone": (EqualToItselfAlone(), "FL5"),
    "ReadsBackOther": (ReadsBackOther(), "FL5"),
    "CountsStrangers": (CountsStrangers(), "FL6"),
    "KeepsEverything": (KeepsEverything(), "FL7"),
    "JoinsToANumber": (JoinsToANumber(), "FL8"),
}
