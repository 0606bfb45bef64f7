"""Which histories can happen? Random facts of any kind, drawn from what its fields say they hold.

Numbers at their edges, a few words again and again so that facts meet, instants that tie or lie a microsecond
apart. What a kind refuses is not drawn.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin

import attrs
from attrs import evolve

from relmkt.exceptions import RelmktError
from relmkt.facts import Fact
from relmkt.facts._plain import hints, written
from relmkt.money import Money
from relmkt.testing._hypothesis import chance
from relmkt.windows import DAY, HOUR, Instant, Span

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["START", "facts", "histories", "instants"]

K = TypeVar("K", bound=Fact)

START = 1_769_904_000_000_000  # 2026-02-01T00:00:00Z
WORDS = ("news", "mail", "Lyon", "web", "care", "*", "é 😀")
ATTRIBUTES = ("name", "mail", "zone", "birthday", "tier")
VALUES = ("Ada", "gold", "Europe/Paris", "1980-02-29", "--07-14", "nowhere/at all", "")
REFS = tuple(f"f{number}" for number in range(12))
DAYS = (*range(45), 60, 90, 91, 180, 364, 365, 366, 400, 730)


def instants(days: Sequence[int] = DAYS) -> "SearchStrategy[Instant]":
    """Instants of two years from February 2026: at midnight, a microsecond beside it, at noon.

    >>> instants() is not None
    True
    """
    st = chance()
    steps = st.sampled_from([0, 0, 0, 1, -1, HOUR, 12 * HOUR, 23 * HOUR])
    return st.builds(lambda day, step: Instant(START + day * DAY + step), st.sampled_from(days), steps)  # type: ignore[no-any-return]


def facts(
    *kinds: type[K], subject: "str | SearchStrategy[str]" = "ada", words: Sequence[str] = ()
) -> "SearchStrategy[K]":
    """One fact of one of these kinds, its fields drawn from their annotations.

    subject: a name, or a strategy of names. words: texts to be drawn often, beside the usual ones.

    Raises TypeError for no kind, or a field whose type is outside the closed set of types that are written down.

    >>> from relmkt.facts import Purchase, Visit
    >>> facts(Purchase, Visit, subject="ada") is not None
    True
    """
    st = chance()
    if not kinds:
        raise TypeError("facts: expected at least one kind")
    drawn = [_fact(kind, subject, tuple(words)) for kind in kinds]
    return st.one_of(drawn)  # type: ignore[no-any-return]


def histories(
    *kinds: type[K],
    subject: "str | SearchStrategy[str]" = "ada",
    words: Sequence[str] = (),
    min_size: int = 0,
    max_size: int = 25,
) -> "SearchStrategy[list[K]]":
    """Lists of facts of these kinds in any order, each with an id of its own: `f0`, `f1` …, which others may name.

    >>> from relmkt.facts import Complaint, ComplaintSettled
    >>> histories(Complaint, ComplaintSettled, max_size=10) is not None
    True
    """
    st = chance()

    def named(told: list[K]) -> list[K]:
        return [evolve(fact, id=f"f{number}") for number, fact in enumerate(told)]

    drawn = facts(*kinds, subject=subject, words=words)
    return st.lists(drawn, min_size=min_size, max_size=max_size).map(named)  # type: ignore[no-any-return]


def _fact(kind: type[K], subject: Any, words: tuple[str, ...]) -> "SearchStrategy[K]":
    st = chance()
    who = {"subject": st.just(subject) if isinstance(subject, str) else subject, "at": instants()}
    return _built(kind, words, ("EUR", "USD"), who)


def _built(
    kind: type, words: tuple[str, ...], currencies: Sequence[str], given: Mapping[str, Any]
) -> "SearchStrategy[Any]":
    """Values of an attrs class; what is not written down keeps its default. All money of a value is in one currency."""
    st = chance()
    types_of = hints(kind)

    def fields(currency: str, again: bool) -> "SearchStrategy[dict[str, Any]]":
        drawn: dict[str, Any] = dict(given)
        for a in written(kind):
            if a.alias and a.name not in given:
                drawn[a.alias] = _field(a, types_of[a.name], words, currency, again)
        return st.fixed_dictionaries(drawn)  # type: ignore[no-any-return]

    tries = [st.one_of([fields(currency, again) for currency in currencies]) for again in (False, True)]

    @st.composite  # type: ignore[untyped-decorator]
    def draw_one(draw: Any) -> Any:
        """Four tries, for a kind may refuse what its fields alone would allow."""
        for attempt in range(4):
            try:
                return kind(**draw(tries[attempt > 0]))
            except (RelmktError, ValueError, TypeError):
                continue
        return draw(st.nothing())

    return draw_one()  # type: ignore[no-any-return]


def _field(a: Any, kind: Any, words: tuple[str, ...], currency: str, again: bool) -> "SearchStrategy[Any]":
    """Values of one field; its default often, in the first try."""
    st = chance()
    if a.name == "ref":
        return st.sampled_from(REFS if again else ["", *REFS])  # type: ignore[no-any-return]
    if a.name == "id":
        return st.sampled_from(REFS)  # type: ignore[no-any-return]
    drawn = _values(kind, words, currency)
    if a.default is attrs.NOTHING or again:
        return drawn
    default = st.builds(a.default.factory) if isinstance(a.default, attrs.Factory) else st.just(a.default)  # type: ignore[arg-type]
    return st.one_of(default, drawn)  # type: ignore[no-any-return]


def _values(kind: Any, words: tuple[str, ...], currency: str) -> "SearchStrategy[Any]":
    """Values of a type of the closed set."""
    st = chance()
    simple: dict[Any, Callable[[], Any]] = {
        str: lambda: st.sampled_from((*words * 3, *WORDS)),
        int: lambda: st.sampled_from([0, 1, 2, 3, -1, 10, 100]),
        float: lambda: st.sampled_from([0, 1, 3, 9, 9.5, 10, 0.1, -0.7]),
        bool: st.booleans,
        type(None): st.none,
        Money: lambda: st.sampled_from([0, 1, 999, 4990, 100_000, -1]).map(lambda n: Money.minor(n, currency)),
        Instant: instants,
        Span: lambda: st.sampled_from([0, 1, HOUR, DAY, 30 * DAY]).map(Span),
    }
    if kind in simple:
        return simple[kind]()  # type: ignore[no-any-return]
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(args)  # type: ignore[no-any-return]
    if origin in (Union, types.UnionType):
        return st.one_of([_values(arg, words, currency) for arg in args])  # type: ignore[no-any-return]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))  # type: ignore[no-any-return]
    if isinstance(kind, type) and attrs.has(kind):
        return _built(kind, words, (currency,), {})
    return _several(kind, origin, args, words, currency)


def _several(
    kind: Any, origin: Any, args: tuple[Any, ...], words: tuple[str, ...], currency: str
) -> "SearchStrategy[Any]":
    st = chance()
    if origin in (tuple, frozenset, set) and (origin is not tuple or args[1:] == (Ellipsis,)):
        return st.lists(_values(args[0], words, currency), max_size=3).map(origin)  # type: ignore[no-any-return]
    if origin is tuple:
        return st.tuples(*(_values(arg, words, currency) for arg in args))  # type: ignore[no-any-return]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        values = st.sampled_from(VALUES) if str in (args[1], *get_args(args[1])) else _values(args[1], words, currency)
        if type(None) in get_args(args[1]):
            values = st.one_of(st.none(), values)
        return st.dictionaries(st.sampled_from(ATTRIBUTES), values, max_size=4)  # type: ignore[no-any-return]
    raise TypeError(f"{kind!r} is outside the closed set of types that are written down")
