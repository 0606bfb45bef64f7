"""What does a history come down to? Facets fold facts, each alone, into small frozen states.

A facet is a frozen attrs value with `after(fact) -> Self`; it ignores kinds it does not know and never reads another
facet. A user's own is as good as ours: no registration, no base class. Its empty value is its key in a customer.

A facet that is a state machine says `join(other)`: the sides of a merged person are folded apart until the `Merged`
fact that names both, then on together (interleaving them would grant a withdrawn consent again). A side that has said
nothing has no state. Every other facet is interleaved.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self

import attrs

from relmkt.customers._merged import Merged, Unmerged
from relmkt.facts import Fact, Plain, kind_of, plain, reader
from relmkt.facts._plain import hints, written

__all__ = ["Facet", "Folding", "States", "Told", "fold"]


class Facet(Protocol):
    """A frozen value that folds facts: `reads` names the kinds that it folds."""

    @property
    def reads(self) -> tuple[type[Fact], ...]: ...

    def after(self, fact: Any) -> Self: ...


States = Mapping[Any, Any]
"""The state of each facet, under its empty value."""

Told = tuple[str, Fact]
"""A fact and the stream that it stands in."""


def reads(facet: Facet) -> tuple[type[Fact], ...]:
    """The kinds that a facet folds; none stated: every kind."""
    return tuple(getattr(facet, "reads", ()))


class Folding:
    """Which facets are folded: equal keys once, at the widest state that any asks for.

    facets: empty values, in any order; kept in a stable order, so that a snapshot's shape is a function of their set.
    """

    __slots__ = ("_readers", "_written", "facets", "kinds", "shape")

    def __init__(self, facets: Iterable[Facet]) -> None:
        widest: dict[Any, Any] = {}
        for facet in facets:
            known = widest.get(facet)
            widest[facet] = facet if known is None or not hasattr(facet, "widened") else known.widened(facet)
        ordered = sorted(widest.values(), key=lambda facet: (type(facet).__name__, repr(facet)))
        self.facets: tuple[Any, ...] = tuple(ordered)
        self.kinds: frozenset[type[Fact]] = frozenset(kind for facet in self.facets for kind in reads(facet))
        told = "\n".join(f"{type(f).__module__}.{type(f).__qualname__} {f!r}" for f in self.facets)
        self.shape = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
        self._readers: dict[type[Fact], tuple[Any, ...]] = {}
        self._written: tuple[_Written, ...] | None = None

    def reading(self, cls: type[Fact]) -> tuple[Any, ...]:
        """The facets that fold facts of a class."""
        found = self._readers.get(cls)
        if found is None:
            found = tuple(f for f in self.facets if not reads(f) or issubclass(cls, reads(f)))
            self._readers[cls] = found
        return found

    def empty(self) -> dict[Any, Any]:
        """Nothing folded yet."""
        return {facet: facet for facet in self.facets}

    def after(self, states: States, fact: Fact) -> States:
        """The states after one more fact, the newest so far."""
        reading = self.reading(fact.__class__)
        if not reading:
            return states
        folded = dict(states)
        for facet in reading:
            folded[facet] = folded[facet].after(fact)
        return folded

    def plain(self, states: States) -> list[Plain]:
        """The states as plain data, a state a facet: what a snapshot's body holds."""
        return [_told_of(states[facet], facet, fields) for facet, _, fields in self._fields()]

    def read(self, told: Sequence[Plain]) -> dict[Any, Any]:
        """The states that `plain` told."""
        states: dict[Any, Any] = {}
        for (facet, given, fields), changed in zip(self._fields(), told, strict=True):
            if changed:
                read = {fields[name].alias: fields[name].read(value) for name, value in changed.items()}
                states[facet] = facet.__class__(**{**given, **read})
            else:
                states[facet] = facet
        return states

    def _fields(self) -> tuple["_Written", ...]:
        if self._written is None:
            self._written = tuple((facet, _given(facet), _fields_of(facet)) for facet in self.facets)
        return self._written


class _Field(NamedTuple):
    """A field that a snapshot holds: how it is given to its class, its empty value, and what reads it back."""

    alias: str
    empty: Any
    read: Callable[[Plain], Any]


_Written = tuple[Any, dict[str, Any], dict[str, _Field]]


def _given(facet: Any) -> dict[str, Any]:
    """What makes the empty value anew."""
    if not attrs.has(type(facet)):
        raise TypeError(f"{type(facet).__name__}: a facet is a frozen attrs class")
    return {a.alias or a.name: getattr(facet, a.name) for a in attrs.fields(type(facet)) if a.init}


def _fields_of(facet: Any) -> dict[str, _Field]:
    types_of = hints(type(facet))
    try:
        return {
            a.name: _Field(a.alias or a.name, getattr(facet, a.name), reader(types_of[a.name]))
            for a in written(type(facet))
        }
    except TypeError as error:
        raise TypeError(f"{type(facet).__name__}: {error}") from None


def _told_of(state: Any, facet: Any, fields: Mapping[str, _Field]) -> Plain:
    """The fields of a state that differ from the empty value's, 0 where none does."""
    if state is facet:
        return 0
    changed: dict[str, Plain] = {}
    for name, field in fields.items():
        value = getattr(state, name)
        if value is not field.empty and value != field.empty:
            changed[name] = value if value.__class__ is int or value.__class__ is str else plain(value)
    return changed or 0


def fold(folding: Folding, facts: Iterable[Told]) -> dict[Any, Any]:
    """The states after `facts`, which are in history's order and may come from several streams of one person."""
    told = list(facts)
    if len({stream for stream, _ in told}) > 1:
        return _fold_sides(folding, told)
    states = folding.empty()
    reading = folding.reading
    for _, fact in told:
        for facet in reading(fact.__class__):
            states[facet] = states[facet].after(fact)
    return states


def _fold_sides(folding: Folding, told: list[Told]) -> dict[Any, Any]:
    """Several streams: state machines side by side until the fact that joins them, the rest interleaved."""
    undone = {fact.ref for _, fact in told if isinstance(fact, Unmerged)}
    states = folding.empty()
    sides: dict[Any, dict[str, Any]] = {facet: {} for facet in folding.facets if hasattr(facet, "join")}
    home: dict[str, str] = {}
    passed: set[str] = set()
    for stream, fact in told:
        if isinstance(fact, Merged | Unmerged):
            merge = fact.id if isinstance(fact, Merged) else fact.ref
            if merge in undone or (kind_of(type(fact)) + merge) in passed:
                continue
            passed.add(kind_of(type(fact)) + merge)
            if isinstance(fact, Merged):
                _join_sides(sides, home, _side(home, fact.one), _side(home, fact.other))
        for facet in folding.reading(fact.__class__):
            if facet in sides:
                side = _side(home, stream)
                sides[facet][side] = sides[facet].get(side, facet).after(fact)
            else:
                states[facet] = states[facet].after(fact)
    for facet, spoken in sides.items():
        for side in sorted(spoken):
            states[facet] = _joined(facet, states[facet], spoken[side])
    return states


def _side(home: Mapping[str, str], stream: str) -> str:
    while stream in home:
        stream = home[stream]
    return stream


def _joined(empty: Any, one: Any, other: Any) -> Any:
    if one == empty:
        return other
    return one if other == empty else one.join(other)


def _join_sides(sides: Mapping[Any, dict[str, Any]], home: dict[str, str], one: str, other: str) -> None:
    first, second = sorted((one, other))
    if first == second:
        return
    home[second] = first
    for facet, spoken in sides.items():
        joined = _joined(facet, spoken.pop(first, facet), spoken.pop(second, facet))
        if joined != facet:
            spoken[first] = joined
