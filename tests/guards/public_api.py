"""The public names of relmkt, a fragment a room in tests/guards/api/, written by `make api`."""

import importlib
import inspect
from importlib import import_module
from types import ModuleType

from tests.guards import house

API = house.TOP / "tests" / "guards" / "api"
ROOT = "__root__"

# The thirty-eight names of day one and the room each comes from (DESIGN: day one).
DAY_ONE = {
    "contact": "Contact",
    "customers": "Customer",
    "decisions": "Gate Policy Trigger",
    "estimate": "Estimate",
    "exceptions": "ConflictError RelmktError",
    "facts": "Answer Complaint ConsentGiven ConsentWithdrawn Fact Profile Purchase Recommendation Return Visit",
    "ladders": "Ladder Segment",
    "mapping": "Mapping col",
    "money": "Money",
    "portfolio": "Portfolio",
    "program": "Outcome Program",
    "rules": "Measure Permit Refusal Rule everyone",
    "tallies": "count first newest since total",
    "windows": "days hours",
}


def public_modules() -> list[str]:
    """Modules that outsiders may import: no part of the name starts with an underscore."""
    return [name for name in house.modules() if not any(part.startswith("_") for part in name.split("."))]


def members(value: object) -> list[str]:
    """Public attributes, fields and methods that a class of ours defines itself, or has of a class that is no name."""
    if not inspect.isclass(value) or not house.within(value.__module__, "relmkt"):
        return []
    hidden = (c for c in value.__mro__[1:] if house.within(c.__module__, "relmkt") and not _public(c))
    own = {*vars(value), *(a.name for a in getattr(value, "__attrs_attrs__", ()) if not a.inherited)}
    own.update(name for c in hidden for name in vars(c))
    return sorted(name for name in own if not name.startswith("_"))


def _public(cls: type) -> bool:
    """Whether a class stands under its name in a public module, where its own members are listed."""
    room = import_module(".".join(part for part in cls.__module__.split(".") if not part.startswith("_")))
    return getattr(room, cls.__name__, None) is cls


def names(module: ModuleType) -> list[str]:
    """Every public name of a module and, indented, of its classes."""
    lines = []
    for name in sorted(getattr(module, "__all__", ())):
        value = getattr(module, name)
        sort = "class" if inspect.isclass(value) else "def" if callable(value) else "value"
        lines += [f"{sort} {name}", *(f"    {member}" for member in members(value))]
    return lines


def public_rooms() -> list[str]:
    return sorted({house.room_of(name) or ROOT for name in public_modules()})


def fragment(room: str) -> str:
    """The public names of one room, module by module."""
    lines = []
    for name in public_modules():
        if (house.room_of(name) or ROOT) == room:
            told = names(importlib.import_module(name))
            # the root repeats names of the rooms: their members stand there
            own = [line for line in told if not line.startswith(" ")] if room == ROOT else told
            lines += [f"[{name}]", *own, ""]
    return "\n".join(lines).rstrip() + "\n"


def write() -> None:
    API.mkdir(exist_ok=True)
    for path in API.glob("*.txt"):
        if path.stem not in public_rooms():
            path.unlink()
    for room in public_rooms():
        (API / f"{room}.txt").write_text(fragment(room), encoding="utf-8")


if __name__ == "__main__":
    write()
