"""A fact becomes a plain record and comes back the same, whatever was in it and however old the record is."""

import json
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, ClassVar

import pytest
from attrs import evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.codec import Codec, Opaque, Record
from relmkt.contact import Contact, Planned, Suppressed
from relmkt.exceptions import CodecError
from relmkt.facts import Answer, Complaint, Fact, Identifier, Profile, Purchase, Visit, kind_of, own_fields, stream_of
from relmkt.money import Money
from relmkt.windows import Instant, Span, days
from tests.facts.kinds import every_kind, facts, texts

DAY = datetime(2026, 3, 1)
EVERY = Codec(every_kind())


class Board(Enum):
    NONE = "none"
    FULL = "full"


@frozen
class Extra:
    name: str
    price: Money | None = None
    at: tuple[Instant, ...] = ()


@frozen(hash=False)
class Stay(Fact):
    """Every sort of field that is written down, and hot columns that are no plain number and text."""

    hot = ("length", "board")
    length: Span
    board: Board
    extras: tuple[Extra, ...] = ()
    marks: frozenset[str] = frozenset()
    notes: Mapping[str, int] = field(factory=dict)
    paid: Money | None = None
    late: bool = False
    nights: int = 0


@frozen
class Deposit(Fact):
    """Money that may be missing in the hot columns."""

    hot = ("amount", "currency")
    amount: Money | None = None


@frozen
class Fee(Fact):
    """Money in the number, another word in the label."""

    hot = ("amount", "sort")
    amount: Money
    sort: str | None = None


@pytest.mark.parametrize("kind", every_kind(), ids=kind_of)
def test_round_trip_of_every_kind(kind: type[Fact]) -> None:  # rule S16
    @given(facts(kind))
    def check(fact: Fact) -> None:
        record = EVERY.encode(fact, seen=7, arrived=8)
        assert (record.seen, record.arrived, record.position) == (7, 8, 0)
        assert (record.kind, record.at, record.key) == (kind_of(kind), int(fact.at), (fact.source, fact.id))
        assert isinstance(record.body, str)
        assert isinstance(record.label, str | None)
        stream = stream_of(kind.subject_kind, fact.subject)
        stored = record._replace(body=record.body.encode().decode(), position=3)
        back = EVERY.decode(stream, stored)
        assert back == fact
        assert type(back) is kind
        assert EVERY.encode(back).content == record.content

    check()


@given(texts, st.integers(-(10**15), 10**16))
def test_texts_and_instants_are_exact(text: str, at: int) -> None:  # rule S16
    said = Complaint("ada", Instant(at), text, id=text or "c", source=text, ref=text, about=text)
    back = EVERY.decode("ada", EVERY.encode(said))
    assert isinstance(back, Complaint)
    assert (back.text, back.about, back.source, back.at) == (text, text, text, at)
    told = Profile("ada", Instant(at), {"name": text, text or "x": None}, source="form")
    assert EVERY.decode("ada", EVERY.encode(told)) == told


def test_a_megabyte_is_exact() -> None:  # rule S16
    text = "👩‍👩‍👧é\u202e" * 100_000
    back = EVERY.decode("ada", EVERY.encode(Complaint("ada", DAY, text)))
    assert isinstance(back, Complaint)
    assert back.text == text


def test_every_sort_of_field() -> None:
    codec = Codec([Stay, Deposit, Fee])
    extras = (Extra("bed", Money("4.90", "EUR"), (Instant(1), Instant(2))), Extra("é"))
    whole = Stay(
        "ada", DAY, days(3), Board.FULL, extras, frozenset({"b", "a"}), {"x": 1}, Money(1, "JPY"), True, -(1 << 60)
    )
    for fact in (
        whole,
        Stay("ada", DAY, days(0), Board.NONE),
        Deposit("ada", DAY),
        Deposit("ada", DAY, Money("0.001", "BHD")),
        Fee("ada", DAY, Money(5, "EUR"), "late"),
        Fee("ada", DAY, Money(5, "EUR")),
    ):
        record = codec.encode(fact)
        assert type(record.number) in (int, float, type(None))
        assert type(record.label) in (str, type(None))
        back = codec.decode("ada", Record(*json.loads(json.dumps(record))))
        assert back == fact
        assert [type(getattr(back, n)) for n in own_fields(type(fact))][:2] == [
            type(getattr(fact, n)) for n in own_fields(type(fact))
        ][:2]


def test_defaults_are_not_written() -> None:
    assert EVERY.encode(Purchase("ada", DAY, Money(5, "EUR"))).body == ""
    assert EVERY.encode(Visit("ada", DAY)).body == ""
    assert EVERY.encode(Answer("ada", DAY, "stay", None)).number is None
    assert EVERY.encode(Purchase("ada", DAY, Money(5, "EUR"), channel="web")).body == '{"channel":"web"}'


def test_what_a_contact_looks_up_is_not_written() -> None:
    asked = Contact("mail", "Hello", purpose="care", otherwise=Contact("sms", "Hello", purpose="care"))
    plan = Planned("ada", DAY, asked, trigger="t", id="p")
    back = EVERY.decode("ada", EVERY.encode(plan))
    assert back == plan
    assert isinstance(back, Planned)
    assert back.contact.otherwise is None


def test_another_sort_of_subject() -> None:
    gone = Suppressed(Identifier("mail", "ada@example.org"), DAY, "bounce")
    assert EVERY.decode(stream_of("address", gone.subject), EVERY.encode(gone)) == gone


def test_two_kinds_of_one_name() -> None:
    other = frozen(type("Visit", (Fact,), {"__annotations__": {}}))
    with pytest.raises(ValueError, match="two kinds of facts are called Visit"):
        Codec([Visit, other])
    assert Codec([Visit, Visit]).kinds == {"Visit": Visit}


# --- kinds that nobody knows ---


@given(st.data())
def test_unknown_kinds_are_carried_along(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(every_kind()))
    fact = data.draw(facts(kind))
    record = EVERY.encode(fact, seen=3, arrived=4)
    nobody = Codec()
    opaque = nobody.decode(stream_of(kind.subject_kind, fact.subject), record)
    assert isinstance(opaque, Opaque)
    assert (opaque.kind, opaque.at, opaque.id, opaque.source) == (kind_of(kind), fact.at, fact.id, fact.source)
    assert nobody.encode(opaque, seen=3, arrived=4) == record == EVERY.encode(opaque, seen=3, arrived=4)


@given(texts, st.none() | st.floats(allow_nan=False, allow_infinity=False), st.none() | texts, st.integers(1, 99))
def test_an_unknown_body_is_not_read(body: str, number: float | None, label: str | None, schema: int) -> None:
    record = Record("x-1", "s", 5, "Spell", schema, number, label, "r", body)
    assert Codec().encode(Codec().decode("ada", record)) == record


# --- older and newer schemas ---


def _paid_in_cents(told: dict[str, Any]) -> dict[str, Any]:
    return {"price": [told.pop("cents"), "EUR"], **told}


def _with_place(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "place": told["place"].title() if "place" in told else "Lyon"}


@frozen
class Meal(Fact):
    """Schema 1 had cents, schema 2 a price, schema 3 a place with a capital letter."""

    hot = ("", "place")
    schema = 3
    upcasters: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {1: _paid_in_cents, 2: _with_place}
    price: Money
    place: str = ""


@pytest.mark.parametrize(
    "schema, label, body",
    [(1, "lyon", '{"cents":490}'), (2, "lyon", '{"price":[490,"EUR"]}'), (3, "Lyon", '{"price":[490,"EUR"]}')],
)
def test_older_schemas_are_brought_up(schema: int, label: str, body: str) -> None:
    record = Record("m-1", "till", 5, "Meal", schema, None, label, "", body)
    fact = Codec([Meal]).decode("ada", record)
    assert fact == Meal("ada", Instant(5), Money("4.90", "EUR"), "Lyon", id="m-1", source="till")
    assert Codec([Meal]).encode(fact) == record._replace(schema=3, label="Lyon", body='{"price":[490,"EUR"]}')


def test_newer_schemas_are_not_read() -> None:
    with pytest.raises(CodecError, match="Meal: written by schema 4, this program knows up to 3"):
        Codec([Meal]).decode("ada", Record("m-1", "", 5, "Meal", 4, None, "Lyon", "", "{}"))


def test_a_step_that_is_missing() -> None:
    with pytest.raises(CodecError, match="Meal: no upcaster from schema 0"):
        Codec([Meal]).decode("ada", Record("m-1", "", 5, "Meal", 0, None, "Lyon", "", "{}"))


def test_an_upcaster_that_fails() -> None:
    with pytest.raises(CodecError, match="Meal, schema 1: KeyError"):
        Codec([Meal]).decode("ada", Record("m-1", "", 5, "Meal", 1, None, "Lyon", "", "{}"))


# --- broken records ---

GOOD = EVERY.encode(Purchase("ada", DAY, Money(5, "EUR"), channel="web", id="o"))
BODIES = [
    "{", "[]", "7", '"text"', "null", '{"channel":7}', '{"nobody":1}', '{"channel":"\\ud800"}', '{"channel":"\\u0000"}',
    '{"margin":5}', '{"margin":[5]}', '{"margin":["5","EUR"]}', '{"margin":[5,"XQX"]}',
    '{"amount":[-5,"EUR"]}', '{"margin":{}}',
    '{"margin":[5,"USD"]}', "\ud800", "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:20].encode("unicode_escape").decode())
def test_broken_bodies(body: str) -> None:
    with pytest.raises(CodecError, match="Purchase, schema 1: ") as error:
        EVERY.decode("ada", GOOD._replace(body=body))
    assert error.value.__cause__ is None
    assert body[:20] not in str(error.value)


@pytest.mark.parametrize(
    "change", [{"number": None}, {"number": 1.5}, {"number": "5"}, {"label": None}, {"label": "EURO"}, {"at": 1 << 62}]
)
def test_broken_columns(change: dict[str, Any]) -> None:
    with pytest.raises(CodecError):
        EVERY.decode("ada", GOOD._replace(**change))


def test_a_broken_stream() -> None:
    with pytest.raises(CodecError):
        EVERY.decode("", GOOD)


def test_what_makes_a_record_itself() -> None:
    later = GOOD._replace(seen=9, arrived=9, position=9)
    assert later.content == GOOD.content
    assert GOOD._replace(body="").content != GOOD.content
    assert GOOD.order == (GOOD.at, "o", "")
    assert evolve(EVERY.decode("ada", GOOD), id="p") != EVERY.decode("ada", GOOD)
