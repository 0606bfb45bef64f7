"""Every kind of fact that relmkt has, and strategies for each, derived from the annotations of its fields."""

import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import attrs
from hypothesis import strategies as st

import relmkt.program  # noqa: F401  brings every kind of the core
from relmkt.codec import Opaque
from relmkt.contact import Contact
from relmkt.facts import Fact, own_fields
from relmkt.facts._plain import hints
from relmkt.money import Money
from relmkt.windows import Instant, Span

# rule S16: emoji of several code points, right to left, combining marks, controls (NUL and lone surrogates excepted)
_WORDS = ["", "Ada", "👩‍👩‍👧", "שלום ada", "e\u0301", "\u202eright", "a\tb\nc", "\u00e9", "\ufeff", '"\\', "\x7f\u2028"]
texts = st.one_of(
    st.sampled_from(_WORDS), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
)
words = texts.filter(bool)
names = st.text(st.sampled_from("abcZé7-_. "), min_size=1, max_size=6)
instants = st.integers(-(10**15), 10**16).map(Instant)
numbers = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
euros = st.builds(Money.minor, st.integers(0, 10**12), st.sampled_from(["EUR", "USD", "JPY", "BHD"]))


def every_kind() -> list[type[Fact]]:
    """All kinds that relmkt itself defines, but the stand-in for kinds that are not known."""

    def below(kind: type[Fact]) -> list[type[Fact]]:
        return [each for cls in kind.__subclasses__() for each in (cls, *below(cls))]

    kinds = {kind for kind in below(Fact) if kind.__module__.startswith("relmkt.") and kind is not Opaque}
    # attrs classes with slots leave their first, slotless make behind until it is collected
    return sorted({k.__name__: k for k in kinds if attrs.has(k)}.values(), key=lambda kind: kind.__name__)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of an annotated type."""
    origin, args = get_origin(kind), get_args(kind)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: words, int: st.integers(-(2**53), 2**53), float: numbers, bool: st.booleans(), Money: euros,
        Instant: instants, Span: st.integers(0, 10**13).map(Span), type(None): st.none(), Contact: contacts,
    }  # fmt: skip
    if kind in simple:
        return simple[kind]
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, types.UnionType):
        return st.one_of([values(arg) for arg in args])
    if origin is tuple:
        return st.lists(values(args[0]), max_size=3).map(tuple)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(words, values(args[1]), max_size=3)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    return st.builds(kind, **{a.alias: values(hints(kind)[a.name]) for a in attrs.fields(kind)})


contacts = st.builds(
    Contact, st.sampled_from(["mail", "sms"]), texts, purpose=words, kind=st.sampled_from(["promotional", "greeting"]),
    within=st.none() | st.integers(0, 10**13).map(Span), weight=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
)  # fmt: skip


@st.composite
def facts(draw: Any, kind: type[Fact], **given: Any) -> Fact:
    """Facts of one kind; `given` fixes fields."""
    told = {name: draw(values(hints(kind)[name])) for name in own_fields(kind) if name not in given}
    if kind.__name__ == "Purchase" and isinstance(told.get("margin"), Money):
        told["margin"] = Money.minor(told["margin"].units, told["amount"].currency)
    if kind.__name__ == "SurveyRequested" and "items" in told:
        told["items"] = tuple(filter(None, told["items"])) or ("stay",)
        told["within"] = Span(told["within"] + 1)
        told["remind"] = None if told["remind"] is None else Span(min(told["remind"], told["within"] - 1))
    origin = {"id": draw(texts), "source": draw(words), "ref": draw(words)}
    made: Any = kind
    return made(draw(names), draw(instants), **(told | origin | given))  # type: ignore[no-any-return]


def personal_fields(kind: type) -> list[str]:
    return [a.name for a in attrs.fields(kind) if a.metadata.get("personal")]
