"""relmkt: relationship marketing as composable values.

Facts happen to customers; facets fold them; measures read facets; rules compare measures; a policy of triggers
proposes; a gate permits or refuses; the program writes what was decided and sends it, and a delivery is a fact.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relmkt.contact import Contact
    from relmkt.customers import Customer
    from relmkt.decisions import Gate, Policy, Trigger
    from relmkt.estimate import Estimate
    from relmkt.exceptions import ConflictError, RelmktError
    from relmkt.facts import (
        Answer,
        Complaint,
        ConsentGiven,
        ConsentWithdrawn,
        Fact,
        Profile,
        Purchase,
        Recommendation,
        Return,
        Visit,
    )
    from relmkt.ladders import Ladder, Segment
    from relmkt.mapping import Mapping, col
    from relmkt.money import Money
    from relmkt.portfolio import Portfolio
    from relmkt.program import Outcome, Program
    from relmkt.rules import Measure, Permit, Refusal, Rule, everyone
    from relmkt.tallies import count, first, newest, since, total
    from relmkt.windows import days, hours

_ROOMS = {
    "contact": ("Contact",),
    "customers": ("Customer",),
    "decisions": ("Gate", "Policy", "Trigger"),
    "estimate": ("Estimate",),
    "exceptions": ("ConflictError", "RelmktError"),
    "facts": (
        "Answer",
        "Complaint",
        "ConsentGiven",
        "ConsentWithdrawn",
        "Fact",
        "Profile",
        "Purchase",
        "Recommendation",
        "Return",
        "Visit",
    ),
    "ladders": ("Ladder", "Segment"),
    "mapping": ("Mapping", "col"),
    "money": ("Money",),
    "portfolio": ("Portfolio",),
    "program": ("Outcome", "Program"),
    "rules": ("Measure", "Permit", "Refusal", "Rule", "everyone"),
    "tallies": ("count", "first", "newest", "since", "total"),
    "windows": ("days", "hours"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Answer",
    "Complaint",
    "ConflictError",
    "ConsentGiven",
    "ConsentWithdrawn",
    "Contact",
    "Customer",
    "Estimate",
    "Fact",
    "Gate",
    "Ladder",
    "Mapping",
    "Measure",
    "Money",
    "Outcome",
    "Permit",
    "Policy",
    "Portfolio",
    "Profile",
    "Program",
    "Purchase",
    "Recommendation",
    "Refusal",
    "RelmktError",
    "Return",
    "Rule",
    "Segment",
    "Trigger",
    "Visit",
    "col",
    "count",
    "days",
    "everyone",
    "first",
    "hours",
    "newest",
    "since",
    "total",
]


def __getattr__(name: str) -> object:
    """Load a room when the first of its names is asked for."""
    if name in _ROOM_OF:
        value = getattr(import_module(f"relmkt.{_ROOM_OF[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'relmkt' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
