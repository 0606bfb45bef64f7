"""How does a value become plain data, and come back?

Facts in a store and snapshots of facets are plain text over a closed set of types, read back by the annotations of
the class that wrote them; nothing is ever looked up by a name found in the data. The set: text, numbers, flags,
None, tuples, frozen sets, mappings with text keys, enums, `Instant`, `Span`, `Money`, and attrs classes of these.
"""

import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs

from relmkt.money import Money
from relmkt.windows import Instant, Span

__all__ = ["Plain", "hints", "plain", "reader", "remembered", "written"]

F = TypeVar("F", bound=Callable[..., Any])


def remembered(asked: F) -> F:
    """A function that answers once for each argument, typed as itself: mypy holds frozen classes for unhashable."""
    return lru_cache(maxsize=1024)(asked)  # type: ignore[return-value]


Plain = Any
"""Text, numbers, flags, None, and lists and dictionaries of these: what JSON holds."""

_ATOMS: tuple[type, ...] = (str, int, float, bool)
_AS_THEY_ARE = {*_ATOMS, type(None)}


def plain(value: object) -> Plain:
    """Give `value` as plain data that `reader` of its type reads back.

    >>> plain(Money("4.90", "EUR"))
    [490, 'EUR']
    """
    cls = value.__class__
    return value if cls in _AS_THEY_ARE else _teller(cls)(value)


@remembered
def _teller(cls: type) -> Callable[[Any], Plain]:
    """A function that gives values of a class as plain data."""
    if issubclass(cls, Money):
        return lambda value: [value.units, value.currency]
    if issubclass(cls, Enum):
        return lambda value: value.value
    if issubclass(cls, int):  # Instant, Span
        return int
    if issubclass(cls, tuple | list):
        return _listed
    if issubclass(cls, frozenset | set):
        return lambda value: sorted(map(plain, value))
    if issubclass(cls, Mapping):
        return lambda value: {key: plain(value[key]) for key in sorted(value)}
    if attrs.has(cls):
        names = [(a.alias or a.name, a.name) for a in written(cls)]
        return lambda value: {alias: plain(getattr(value, name)) for alias, name in names}
    raise TypeError(f"{cls.__name__} has no plain form: use text, numbers, Money, Instant, tuples, mappings or attrs")


def _listed(value: Any) -> Plain:
    return list(value) if set(map(type, value)) <= _AS_THEY_ARE else [plain(item) for item in value]


@remembered
def written(cls: type) -> tuple["attrs.Attribute[Any]", ...]:
    """The attributes of an attrs class that are written down: all but those marked `plain=False`."""
    return tuple(a for a in attrs.fields(cls) if a.init and a.metadata.get("plain", True))


@remembered
def hints(cls: type) -> Mapping[str, Any]:
    """The annotations of `cls` as types; those that cannot be resolved (local classes) are left as they stand."""
    try:
        return typing.get_type_hints(cls)
    except NameError:
        return {a.name: a.type for a in attrs.fields(cls)}


@remembered
def reader(kind: Any) -> Callable[[Plain], Any]:
    """A function that reads the plain form of a value of type `kind`.

    Raises TypeError where `kind` lies outside the closed set of types.

    >>> reader(tuple[Instant, ...])([0])
    (Instant('1970-01-01T00:00:00+00:00'),)
    """
    origin, args = get_origin(kind), get_args(kind)
    if kind is Money:
        return _money
    if kind in (Instant, Span):
        return kind  # type: ignore[no-any-return]
    if kind in _ATOMS or kind in (Any, object, type(None)) or origin is Literal:
        return _same
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if isinstance(kind, type) and attrs.has(kind):
        return _attrs_reader(kind)
    if origin in (Union, types.UnionType):
        return _union_reader(args)
    if origin is tuple:
        return _tuple_reader(args)
    if origin in (frozenset, set):
        inner = reader(args[0])
        return lambda data: frozenset(inner(item) for item in data)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        inner = reader(args[1])
        return lambda data: types.MappingProxyType({key: inner(item) for key, item in data.items()})
    raise TypeError(f"{kind!r} is outside the closed set of types that are written down")


def _same(data: Plain) -> Plain:
    return data


def _money(data: Plain) -> Money:
    return Money.minor(data[0], data[1])


def _attrs_reader(cls: type) -> Callable[[Plain], Any]:
    types_of = hints(cls)
    readers: dict[str, Callable[[Plain], Any]] = {}

    def read(data: Plain) -> Any:
        if not readers:
            readers.update((a.alias or a.name, reader(types_of[a.name])) for a in written(cls))
            readers.setdefault("", _same)
        return cls(**{name: readers[name](item) for name, item in data.items()})

    return read


def _union_reader(args: tuple[Any, ...]) -> Callable[[Plain], Any]:
    """A union is read by the shape of the data: None, text or number as they stand, the rest by its one rich member."""
    rich = [reader(arg) for arg in args if arg not in (*_ATOMS, type(None))]
    if not rich:
        return _same
    texts = str in args

    def read(data: Plain) -> Any:
        return data if data is None or (texts and isinstance(data, str)) else rich[0](data)

    return read


def _tuple_reader(args: tuple[Any, ...]) -> Callable[[Plain], Any]:
    if len(args) == 2 and args[1] is Ellipsis:
        inner = reader(args[0])
        if inner is _same:
            return tuple
        return lambda data: tuple(map(inner, data))
    each = [reader(arg) for arg in args]
    return lambda data: tuple(read(item) for read, item in zip(each, data, strict=True))
