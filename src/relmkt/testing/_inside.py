"""What does a facet or a rule look for? The texts, spans, windows and kinds among its parameters."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from relmkt.facts import Fact
from relmkt.windows import DAY, Span, Window

__all__ = ["kinds_read", "longest_window", "spans_inside", "texts_inside", "values_inside", "windows_inside"]


def values_inside(value: Any, depth: int = 8) -> Iterator[Any]:
    """A value and everything in its fields, items and keys, attrs classes opened."""
    yield value
    if not depth or isinstance(value, type):
        return
    if attrs.has(type(value)):
        inner: Iterable[Any] = (getattr(value, a.name) for a in attrs.fields(type(value)))
    elif isinstance(value, Mapping):
        inner = (*value.keys(), *value.values())
    elif isinstance(value, tuple | list | frozenset):
        inner = value
    else:
        return
    for item in inner:
        yield from values_inside(item, depth - 1)


def texts_inside(value: Any) -> tuple[str, ...]:
    """The texts that are not empty, each once."""
    return tuple(dict.fromkeys(text for text in values_inside(value) if isinstance(text, str) and text))


def spans_inside(value: Any) -> set[int]:
    """The spans, in microseconds."""
    return {int(span) for span in values_inside(value) if isinstance(span, Span)}


def windows_inside(value: Any) -> tuple[Window, ...]:
    """The calendar windows."""
    return tuple(dict.fromkeys(window for window in values_inside(value) if isinstance(window, Window)))


def longest_window(value: Any) -> int:
    """The longest span or calendar window, in microseconds; a year where there is none."""
    years = [366 * DAY for _ in windows_inside(value)]
    return max([*spans_inside(value), *years], default=365 * DAY) or DAY


def kinds_read(facets: Iterable[Any]) -> tuple[type[Fact], ...]:
    """The kinds that facets say they fold, each once; none where one of them folds every kind."""
    found = [tuple(getattr(facet, "reads", ())) for facet in facets]
    return () if not all(found) else tuple(dict.fromkeys(kind for kinds in found for kind in kinds))
