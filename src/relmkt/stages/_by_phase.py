"""Which policy belongs to the phase? One part of a policy that decides with the triggers of the customer's phase.

Blattberg & Deighton (1996) ask for a budget and a plan by phase; the same purchase of a new and of an old customer then
has different plans, and each consequence names its phase and its trigger ("conquest: welcome").
"""

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any, Protocol, TypeVar

from attrs import field, frozen

from relmkt.customers import Change
from relmkt.ladders import Ladder
from relmkt.rules import One
from relmkt.stages._phase import Phase, phase
from relmkt.windows import Instant

__all__ = ["ByPhase", "Proposing", "by_phase"]


class Proposing(Protocol):
    """What a phase's policy holds: a trigger. It proposes, and says what it reads and when time may set it off."""

    @property
    def name(self) -> str: ...

    def decide(self, change: Change, at: Instant) -> Sequence[Any]: ...

    def facets(self) -> Sequence[Any]: ...

    def kinds(self) -> Sequence[Any]: ...

    def turning(self, view: One) -> Instant | None: ...


P = TypeVar("P", bound=Proposing)


@frozen(repr=False)
class ByPhase:
    """A part of a policy: of each phase its triggers, named after it.

    phases: the ladder that says who is in which phase. policies: the triggers of each phase, under their full names.
    name: of the part; a policy takes each name once.

    >>> ByPhase(phase(), ()).name
    'by phase'
    """

    phases: Ladder
    policies: tuple[tuple[Phase, tuple[Any, ...]], ...]
    name: str = field(default="by phase", kw_only=True)

    def __repr__(self) -> str:
        return f"ByPhase({', '.join(trigger.name for trigger in self.triggers())})"

    def triggers(self) -> tuple[Any, ...]:
        """All triggers, as "phase: name"; a follow-up such as `no_reply` is built on one of these."""
        return tuple(trigger for _, triggers in self.policies for trigger in triggers)

    def facets(self) -> tuple[Any, ...]:
        """The facets that the phases and the triggers read."""
        read = [facet for rung in self.phases.rungs for facet in rung.facets()]
        return (*read, *(facet for trigger in self.triggers() for facet in trigger.facets()))

    def kinds(self) -> tuple[Any, ...]:
        """The kinds of facts that the triggers name."""
        return tuple(kind for trigger in self.triggers() for kind in trigger.kinds())

    def turning(self, view: One) -> Instant | None:
        """The next instant at which time alone may make a trigger fire."""
        turns = (trigger.turning(view) for trigger in self.triggers())
        return min((turn for turn in turns if turn is not None), default=None)

    def decide(self, change: Change, at: Instant) -> Sequence[Any]:
        """What the triggers of the customer's phase propose.

        The phase is that in which a fact finds the customer, before it: the purchase that ends the conquest is answered
        by the policy that won it, the return of one who was lost by the policy of winning back. Where time alone
        decides it is the phase to which that instant leads.
        """
        sight = change.after if change.fact is None else change.before
        standing = self.phases.stand(One(sight, at)).rung
        return tuple(action for trigger in self._of(standing) for action in trigger.decide(change, at))

    def _of(self, standing: str) -> Iterator[Any]:
        return (trigger for name, triggers in self.policies if name == standing for trigger in triggers)


def by_phase(
    *,
    conquest: Sequence[Proposing] = (),
    loyalty: Sequence[Proposing] = (),
    retention: Sequence[Proposing] = (),
    win_back: Sequence[Proposing] = (),
    phases: Ladder | None = None,
) -> ByPhase:
    """A part of a policy that decides with the triggers of the phase in which the customer is.

    conquest, loyalty, retention, win_back: the triggers of each; their consequences are named "phase: trigger".
    phases: who is in which phase; `phase()` unless you say otherwise.

    Raises TypeError for what is no trigger, ValueError for two triggers of one name in a phase or for other phases.

    >>> from relmkt.contact import Contact
    >>> from relmkt.decisions import Trigger
    >>> from relmkt.facts import Purchase
    >>> welcome = Trigger("welcome", Purchase, Contact("mail", "Welcome", kind="service"))
    >>> thanks = Trigger("thanks", Purchase, Contact("mail", "Thank you", kind="service"))
    >>> by_phase(conquest=[welcome], loyalty=[thanks], retention=[thanks])
    ByPhase(conquest: welcome, loyalty: thanks, retention: thanks)
    """
    ladder = phase() if phases is None else phases
    if {rung.name for rung in ladder.rungs} != set(map(str, Phase)):
        raise ValueError(f"by_phase: {ladder.name} has other rungs than {', '.join(Phase)}")
    told = zip(Phase, (conquest, loyalty, retention, win_back), strict=True)
    return ByPhase(ladder, tuple((place, _policy(place, triggers)) for place, triggers in told))


def _policy(place: Phase, triggers: Sequence[Proposing]) -> tuple[Proposing, ...]:
    for trigger in triggers:
        if not all(hasattr(trigger, told) for told in ("name", "decide", "facets", "kinds", "turning")):
            raise TypeError(f"{place}: expected triggers, not a {type(trigger).__name__}")
    names = [trigger.name for trigger in triggers]
    if len(set(names)) < len(names):
        raise ValueError(f"{place}: two triggers have one name")
    return tuple(_named(trigger, f"{place}: {trigger.name}") for trigger in triggers)


def _named(trigger: P, name: str) -> P:
    """The same trigger under another name: what it fired, and how often it may, is kept apart by phase."""
    renamed = copy(trigger)
    object.__setattr__(renamed, "name", name)  # frozen, and made anew here
    return renamed
