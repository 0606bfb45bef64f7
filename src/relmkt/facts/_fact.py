"""What happened, to whom, when, and who says so?

`Kind(subject, at, what happened…, *, id, source, ref)`: who, when and what by position, where it came from by
keyword. A fact is unique in its stream by (source, id); without an id it is the digest of its content, so that the
same content twice is a repeat. Facts are ordered by `(at, id)`, then source; the order of arrival decides nothing.
"""

import json
import math
import types
from collections.abc import Callable, Mapping
from enum import Enum
from hashlib import blake2b
from typing import Any, ClassVar, Literal, Union, get_args, get_origin

import attrs
from attrs import field, frozen

from relmkt.exceptions import InvalidFactError
from relmkt.facts._identifier import name_of
from relmkt.facts._plain import hints, plain, remembered, written
from relmkt.money import Money
from relmkt.windows import At, Instant, Span, instant

__all__ = ["Fact", "content", "kind_of", "own_fields", "personal", "stream_of"]

_BASE = frozenset({"subject", "at", "id", "source", "ref"})
SEPARATOR = "\x1f"


_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_800_000_000  # the calendar: years 1 to 9999


def _at(at: At) -> Instant:
    try:
        told = at if isinstance(at, Instant) else instant(at, "at")
    except TypeError:
        raise InvalidFactError("at", f"a {type(at).__name__}", "an aware datetime") from None
    if not _FIRST <= told < _LAST:
        raise InvalidFactError("at", "an instant beyond the calendar", "an instant of the years 1 to 9999")
    return told


def personal(**options: Any) -> Any:
    """A field of a fact that holds personal data: left out of `repr`, given by export, removed by erasure.

    Takes what `attrs.field` takes.
    """
    return field(repr=False, metadata={"personal": True}, **options)


@frozen
class Fact:
    """One thing that happened to one subject at one instant, told by one source.

    subject: a string of yours or an `Identifier`, kept as its name.
    at: an aware datetime or an `Instant`, kept in whole microseconds.
    id: the source's own id; empty: the digest of the content.
    source: who told it; `ref`: the id of the earlier fact that this one follows from.

    A kind of yours is a frozen subclass; its `hot` names the number and the label that stores keep as columns,
    `subject_kind` what it happens to, `schema` and `upcasters` how older records of it are read (`upcasters[1]`
    turns the plain fields of schema 1 into those of schema 2).

    Raises InvalidFactError naming the field for an empty subject, a naive datetime, or a value of the wrong type.

    >>> from datetime import datetime, UTC
    >>> @frozen
    ... class Stay(Fact):
    ...     hot = ("nights", "hotel")
    ...     nights: int
    ...     hotel: str
    >>> stay = Stay("ada", datetime(2026, 3, 1, tzinfo=UTC), 3, "Lyon", id="booking-7")
    >>> print(stay, stay.nights)
    Stay booking-7 3
    """

    hot: ClassVar[tuple[str, ...]] = ()
    subject_kind: ClassVar[str] = "customer"
    schema: ClassVar[int] = 1
    upcasters: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}

    subject: str = field(converter=name_of)
    at: Instant = field(converter=_at)
    id: str = field(default="", kw_only=True)
    source: str = field(default="", kw_only=True)
    ref: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        for name, check, expected in _checks(self.__class__):
            value = getattr(self, name)
            if not check(value):
                raise InvalidFactError(f"{kind_of(self.__class__)}.{name}", _sort(value), expected)
        self.check()
        if not self.id:
            object.__setattr__(self, "id", _digest(self))

    def check(self) -> None:
        """A kind's own check, after the types of its fields; raises InvalidFactError."""

    def __str__(self) -> str:
        return f"{kind_of(self.__class__)} {self.id}"


def kind_of(cls: type[Fact]) -> str:
    """The name under which facts of this class are stored: the class's own.

    >>> kind_of(Fact)
    'Fact'
    """
    return cls.__name__


def stream_of(subject_kind: str, subject: str) -> str:
    """The stream of a subject: a customer's is its name, another's is led by its sort.

    >>> stream_of("customer", "ada")
    'ada'
    """
    return subject if subject_kind == "customer" else f"{subject_kind}{SEPARATOR}{subject}"


@remembered
def own_fields(cls: type[Fact]) -> tuple[str, ...]:
    """The fields that a kind adds to those of every fact.

    >>> own_fields(Fact)
    ()
    """
    return tuple(a.name for a in written(cls) if a.name not in _BASE)


def content(fact: Fact) -> dict[str, Any]:
    """What happened, as plain data: the kind's own fields, without subject, instant and origin."""
    return {name: plain(getattr(fact, name)) for name in own_fields(fact.__class__)}


def _digest(fact: Fact) -> str:
    told = [kind_of(fact.__class__), fact.subject, int(fact.at), fact.ref, content(fact)]
    text = json.dumps(told, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _sort(value: object) -> str:
    """What came, without repeating it."""
    if value == "" and isinstance(value, str):
        return "an empty text"
    if isinstance(value, float) and not math.isfinite(value):
        return "a number that is not finite"
    return f"a {type(value).__name__}"


def is_text(value: object) -> bool:
    """Whether a value is a text that every store takes: without NUL and lone surrogates."""
    if not isinstance(value, str):
        return False
    return "\0" not in value and (value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value))


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_SIMPLE: dict[Any, tuple[Callable[[object], bool], str]] = {
    str: (is_text, "a text without NUL"),
    int: (_whole, "a whole number"),
    float: (_number, "a finite number"),
    bool: (lambda value: isinstance(value, bool), "True or False"),
    Money: (lambda value: isinstance(value, Money), "Money"),
    Instant: (lambda value: isinstance(value, Instant), "an aware datetime"),
    Span: (lambda value: isinstance(value, Span), "a span such as days(90)"),
    type(None): (lambda value: value is None, "None"),
}


def _check_of(kind: Any) -> tuple[Callable[[object], bool], str] | None:
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if get_origin(kind) is Literal:
        return lambda value: value in get_args(kind), f"one of {', '.join(map(str, get_args(kind)))}"
    if get_origin(kind) in (Union, types.UnionType):
        parts = [_check_of(arg) for arg in get_args(kind)]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        return lambda value: any(check(value) for check, _ in known), " or ".join(words for _, words in known)
    if isinstance(kind, type) and (attrs.has(kind) or issubclass(kind, Enum)):
        return lambda value: isinstance(value, kind), f"a {kind.__name__}"
    return None


@remembered
def _checks(cls: type[Fact]) -> tuple[tuple[str, Callable[[object], bool], str], ...]:
    found = ((name, _check_of(hints(cls).get(name))) for name in ("id", "source", "ref", *own_fields(cls)))
    return tuple((name, *check) for name, check in found if check is not None)
