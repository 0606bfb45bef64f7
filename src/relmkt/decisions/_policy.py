"""What proposes? A policy is its parts: triggers, held ladders, and anything else that decides."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attrs import frozen

from relmkt.contact import check_text
from relmkt.customers import Change, Decides
from relmkt.decisions._trigger import Proposal, Trigger
from relmkt.facts import Fact
from relmkt.rules import One
from relmkt.windows import Instant

__all__ = ["Policy"]


@frozen(init=False, eq=False, repr=False)
class Policy:
    """What proposes, best first: higher priority, then the earlier deadline, then the stable id (R61).

    parts: triggers, ladders to be held, or values of yours with `decide(change, at)`.

    Raises ValueError for two parts of one name, or a text that nothing can fill.

    >>> Policy()
    Policy(0 parts)
    """

    parts: tuple[Decides, ...]

    def __init__(self, *parts: Decides) -> None:
        names = [_name(part) for part in parts]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two parts of the policy are called {twice[0]}: names are part of every key")
        for part in parts:
            if not hasattr(part, "decide"):
                raise TypeError(f"a policy takes what decides, not a {type(part).__name__}")
        self.__attrs_init__(parts)
        for trigger in self.triggers():
            for contact in trigger.contacts():
                check_text(contact)

    def __repr__(self) -> str:
        return f"Policy({len(self.parts)} parts)"

    def triggers(self) -> Iterator[Trigger]:
        """The triggers among the parts, and those that a part holds (`triggers()`)."""
        for part in self.parts:
            yield from (part,) if isinstance(part, Trigger) else _asked(part, "triggers")

    def trigger(self, name: str) -> Trigger | None:
        """The trigger of a name, None where there is none."""
        return next((trigger for trigger in self.triggers() if trigger.name == name), None)

    @property
    def facets(self) -> tuple[Any, ...]:
        """The facets that the parts read."""
        return tuple(facet for part in self.parts for facet in _asked(part, "facets"))

    @property
    def kinds(self) -> frozenset[type[Fact]]:
        """The kinds of facts that the parts name, and those that their facets fold."""
        named = [kind for part in self.parts for kind in _asked(part, "kinds")]
        return frozenset([*named, *(kind for facet in self.facets for kind in getattr(facet, "reads", ()))])

    def turning(self, view: One) -> Instant | None:
        """The next instant at which time alone may change what is proposed."""
        found = [part.turning(view) for part in self.parts if hasattr(part, "turning")]
        return min((turn for turn in found if turn is not None), default=None)

    def decide(self, change: Change, at: Instant) -> Sequence[Proposal]:
        """What the parts propose on a change, best first."""
        told = [p for part in self.parts for p in _proposals(part, change, at)]
        return sorted(told, key=_rank)


def _name(part: Decides) -> str:
    return str(getattr(part, "name", type(part).__name__))


def _asked(part: Any, name: str) -> Iterable[Any]:
    """What a part says of itself, as a method or as an attribute."""
    told = getattr(part, name, ())
    return tuple(told() if callable(told) else told)


def _proposals(part: Decides, change: Change, at: Instant) -> Iterator[Proposal]:
    """What a part proposes; a plain action is proposed for this change's occurrence."""
    occurrence = str(int(at)) if change.fact is None else change.fact.id
    for step, action in enumerate(part.decide(change, at)):
        if isinstance(action, Proposal):
            yield action
        else:
            yield Proposal(_name(part), step, action, occurrence, at, change.fact)


def _rank(proposal: Proposal) -> tuple[int, int, str, int]:
    within = getattr(proposal.action, "within", None)
    deadline = 1 << 62 if within is None else int(proposal.due) + int(within)
    return -proposal.priority, deadline, proposal.source, proposal.step
