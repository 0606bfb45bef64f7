"""In which order do rows stand, and which classes and values do their columns hold?"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from relmkt.facts import Fact, kind_of
from relmkt.money import Money

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["class_named", "classes_of", "hot_of", "money_in", "ordered", "raw_column"]


def classes_of(kind: type[Fact]) -> tuple[type[Fact], ...]:
    """A kind and its sub-kinds, one class a name: what `isinstance` means where kinds are names.

    >>> from relmkt.facts import Visit
    >>> classes_of(Visit)[0].__name__
    'Visit'
    """
    found = {kind_of(kind): kind}
    for below in kind.__subclasses__():
        if "__attrs_attrs__" in below.__dict__:  # attrs leaves the class behind from which it made one with slots
            for cls in classes_of(below):
                found.setdefault(kind_of(cls), cls)
    return tuple(found.values())


def class_named(name: str) -> type[Fact] | None:
    """The loaded class whose facts are stored under a name, None where there is none or more than one."""
    named: set[type[Fact]] = set()
    waiting: list[type[Fact]] = [Fact]
    while waiting:
        below = [cls for cls in waiting.pop().__subclasses__() if "__attrs_attrs__" in cls.__dict__]
        named.update(cls for cls in below if kind_of(cls) == name)
        waiting += below
    return named.pop() if len(named) == 1 else None


def money_in(kind: type[Fact], name: str) -> bool:
    """Whether a field of a kind holds money."""
    return "Money" in str(getattr(attrs.fields_dict(kind).get(name), "type", ""))


def raw_column(values: Sequence[object]) -> "NDArray[Any]":
    """Values as a column: numbers with NaN for None (money in minor units), text with "" for None, else objects.

    >>> raw_column([Money("4.90", "EUR"), None]).tolist()
    [490.0, nan]
    """
    import numpy as np

    sorts = {type(value) for value in values} - {type(None)}
    if sorts and all(issubclass(sort, str) for sort in sorts):
        return np.array(["" if value is None else value for value in values], np.str_)
    if all(issubclass(sort, int | float | Money) for sort in sorts):
        told = (value.units if isinstance(value, Money) else value for value in values)
        return np.array([np.nan if value is None else value for value in told], np.float64)
    objects = np.empty(len(values), object)
    objects[:] = values
    return objects


def ordered(stream: "NDArray[Any]", at: "NDArray[Any]", keys: "Callable[[Ints], Sequence[Any]]") -> "Ints":
    """The rows in the order (stream, at, key), repeats of a key left out; keys are asked for ties only.

    >>> import numpy as np
    >>> ordered(np.array([1, 0, 0]), np.array([5, 7, 7]), lambda rows: ["cba"[row] for row in rows]).tolist()
    [2, 1, 0]
    """
    import numpy as np

    order = _sorted(stream, at)
    same = (stream[order[1:]] == stream[order[:-1]]) & (at[order[1:]] == at[order[:-1]])
    if not same.any():
        return order
    tied = np.concatenate(([False], same)) | np.concatenate((same, [False]))
    places = np.flatnonzero(tied)
    group = np.cumsum(np.concatenate(([True], ~same)))[places].tolist()
    told = list(zip(group, keys(order[places]), strict=True))
    rank = sorted(range(len(told)), key=told.__getitem__)
    order[places] = order[places][rank]
    repeated = [
        place
        for place, one, other in zip(places[1:].tolist(), rank, rank[1:], strict=False)
        if told[one] == told[other]
    ]
    return np.delete(order, repeated)


def _sorted(stream: "NDArray[Any]", at: "NDArray[Any]") -> "Ints":
    """The rows by (stream, at): by one whole number where both fit into 64 bits, which is twice as fast."""
    import numpy as np

    if len(at):
        since = at - at.min()
        step = max(int(np.gcd.reduce(since)), 1)
        width = int(since.max()) // step + 1
        if (int(stream.max()) + 1) * width < 2**63:
            return np.argsort(stream * width + since // step)
    return np.lexsort((at, stream))


def hot_of(fact: Fact) -> tuple[float | None, str | None]:
    """The number and the label of a fact, as stores keep them."""
    number, label = (*type(fact).hot, "", "")[:2]
    value = getattr(fact, number) if number else None
    if isinstance(value, Money):
        return value.units, value.currency if label == "currency" else getattr(fact, label) if label else value.currency
    return value, None if not label or label == "currency" else getattr(fact, label)
