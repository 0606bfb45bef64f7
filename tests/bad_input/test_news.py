"""Facts that cannot be: refused where they are made, or by `record` and `load`, with place and what was expected."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pendulum
import pytest

from relmkt import Answer, ConsentGiven, Money, Profile, Program, Purchase, RelmktError, Return, Visit
from relmkt.exceptions import InvalidFactError, MismatchError, UnknownCustomerError, UnsupportedError
from relmkt.facts import Identifier
from relmkt.stores import Memory, SQLite
from tests.bad_input.shop import EUR, NOW, held, opened

NAIVE = dt.datetime(2026, 3, 1)
YES = {"wording": "Yes", "source": "form", "actor": "ada"}
CODE, FINITE, AWARE = "an ISO 4217 code", "a finite decimal number", "an aware datetime"

FACTS: dict[str, tuple[Callable[[], object], str, str, str]] = {
    "unknown currency": (lambda: Money("1", "XXZ"), "currency", "'XXZ'", CODE),
    "currency in small letters": (lambda: Money("1", "eur"), "currency", "'eur'", CODE),
    "no currency": (lambda: Money("1", ""), "currency", "''", CODE),
    "a number as currency": (lambda: Money("1", 978), "currency", "a int", CODE),
    "an amount in words": (lambda: Money("ten", "EUR"), "amount", "a text", FINITE),
    "an amount that is no number": (lambda: Money(Decimal("nan"), "EUR"), "amount", "NaN", FINITE),
    "a tenth of a cent": (lambda: Money("1.005", "EUR"), "amount", "too many decimals", "at most 2 for EUR"),
    "more than there is": (lambda: Money("1e30", "EUR"), "amount", "too large an amount", "64 bits"),
    "a naive datetime": (lambda: Purchase("ada", NAIVE, EUR), "at", "a naive datetime", AWARE),
    "a naive pendulum": (lambda: Purchase("ada", pendulum.naive(2026, 3, 1), EUR), "at", "a naive datetime", AWARE),
    "a date": (lambda: Purchase("ada", NAIVE.date(), EUR), "at", "a date", AWARE),
    "a date as text": (lambda: Purchase("ada", "2026-03-01", EUR), "at", "a str", AWARE),
    "a bare number as instant": (lambda: Purchase("ada", 5, EUR), "at", "a int", AWARE),
    "a naive end": (lambda: ConsentGiven("ada", NOW, "news", "mail", **YES, until=NAIVE), "until", "a naive", AWARE),
    "a negative amount": (lambda: Purchase("ada", NOW, Money("-1", "EUR")), "Purchase.amount", "a negative", "zero"),
    "a negative refund": (
        lambda: Return("ada", NOW, Money("-1", "EUR"), ref="x"),
        "Return.amount",
        "a negative",
        "zero",
    ),
    "an empty name": (lambda: Purchase("", NOW, EUR), "subject", "an empty text", "a name of printable characters"),
    "a name with a control character": (lambda: Visit("a\x1fb", NOW), "subject", "control characters", "printable"),
    "half a character": (lambda: Visit("a\ud800", NOW), "subject", "control characters", "printable"),
    "a number as name": (lambda: Visit(3, NOW), "subject", "a int", "a text or an Identifier"),
    "nobody": (lambda: Visit(None, NOW), "subject", "a NoneType", "a text or an Identifier"),
    "an empty identifier": (lambda: Identifier("mail", ""), "Identifier('mail').value", "an empty text", "printable"),
    "an identifier of no kind": (lambda: Identifier("", "x"), "Identifier.kind", "an empty text", "a word"),
    "a number as id": (lambda: Visit("ada", NOW, id=3), "Visit.id", "a int", "a text"),
    "a return of nothing": (lambda: Return("ada", NOW, EUR, ref=""), "Return.ref", "an empty text", "the id"),
    "a float as amount": (lambda: Purchase("ada", NOW, 4.5), "Purchase.amount", "a float", "Money"),
    "no amount": (lambda: Purchase("ada", NOW, None), "Purchase.amount", "a NoneType", "Money"),
    "a number as place": (lambda: Visit("ada", NOW, 3), "Visit.place", "a int", "a text"),
    "a score in words": (lambda: Answer("ada", NOW, "stay", "nine"), "Answer.score", "a str", "a finite number"),
    "an endless score": (
        lambda: Answer("ada", NOW, "stay", float("inf")),
        "Answer.score",
        "not finite",
        "a finite number",
    ),
    "a list of attributes": (lambda: Profile("ada", NOW, ["a"], source="x"), "Profile.told", "a list", "a mapping"),
    "a number as attribute": (lambda: Profile("ada", NOW, {"age": 3}, source="x"), "Profile.told", "a int", "a text"),
    "consent to nothing": (
        lambda: ConsentGiven("ada", NOW, "", "mail", **YES),
        "ConsentGiven.purpose",
        "an empty",
        "purpose",
    ),
    "consent by nobody": (
        lambda: ConsentGiven("ada", NOW, "news", "mail", **YES | {"actor": ""}),
        "ConsentGiven.actor",
        "an empty",
        "who",
    ),
}


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_that_cannot_be_is_refused_where_it_is_made(name: str) -> None:
    make, place, got, expected = FACTS[name]
    with pytest.raises(InvalidFactError) as caught:
        make()
    assert caught.value.place.startswith(place)
    assert got in caught.value.got
    assert expected in caught.value.expected


@pytest.mark.parametrize("slip", [1.5, True])
def test_a_float_of_money_is_a_programmers_slip(slip: float) -> None:
    with pytest.raises(TypeError, match="an amount is a str, an int or a Decimal"):
        Money(slip, "EUR")


def test_no_error_repeats_what_is_personal() -> None:
    makers = [lambda: Identifier("mail", "ada\n@example.org"), lambda: Profile("ada", NOW, {"name": 5j}, source="x")]
    for make in [*makers, lambda: Visit("Ada\x00Lovelace", NOW)]:
        with pytest.raises(InvalidFactError) as caught:
            make()
        assert "ada" not in str(caught.value).lower().replace("unreadable", "")


FAR = Purchase("ada", NOW.add(days=3), EUR, id="order-9")
CALLS: dict[str, tuple[Callable[[Program], object], type[RelmktError], str]] = {
    "the far future": (
        lambda shop: shop.record(FAR),
        InvalidFactError,
        "Purchase.at: got an instant of the far future",
    ),
    "the end of time": (
        lambda shop: shop.record(Visit("ada", pendulum.datetime(9999, 12, 31))),
        InvalidFactError,
        "Visit.at: got",
    ),
    "good before bad": (
        lambda shop: shop.record(Purchase("ada", NOW, EUR, id="order-2"), FAR),
        InvalidFactError,
        "far future",
    ),
    "no fact": (lambda shop: shop.record(), InvalidFactError, "record: got no fact, expected at least one"),
    "a text": (lambda shop: shop.record("order"), InvalidFactError, "record: got a str, expected a fact"),
    "a list": (lambda shop: shop.record([FAR]), InvalidFactError, "record: got a list, expected a fact"),
    "another content": (
        lambda shop: shop.record(Purchase("ada", NOW.subtract(days=10), Money("11", "EUR"), id="order-1")),
        MismatchError,
        "Purchase: this id is known with other content",
    ),
    "a file without mapping": (lambda shop: shop.load("x.csv"), InvalidFactError, "facts 1: got a str, expected facts"),
    "a number": (lambda shop: shop.load(3), InvalidFactError, "facts 1: got a int, expected facts"),
    "a row": (lambda shop: shop.load({"customer": "ada"}), InvalidFactError, "facts 1: got a dict, expected facts"),
    "a naive question": (lambda shop: shop.customer("ada", NAIVE), InvalidFactError, "at: got a naive datetime"),
    "a naive review": (lambda shop: shop.review(NAIVE), InvalidFactError, "at: got a naive datetime"),
    "a naive dispatch": (lambda shop: shop.dispatch(NAIVE), InvalidFactError, "at: got a naive datetime"),
    "an empty name": (lambda shop: shop.customer(""), InvalidFactError, "id: got an empty text"),
    "a stranger": (lambda shop: shop.customer("eve"), UnknownCustomerError, "no facts under that name"),
    "no such channel": (lambda shop: shop.receive("mail", b"", {}), UnsupportedError, "'mail' does not read"),
    "a forged token": (
        lambda shop: shop.receive("mail.0", b"List-Unsubscribe=One-Click", {}),
        InvalidFactError,
        "receive: got an unknown",
    ),
}


@pytest.fixture(params=["memory", "sqlite"])
def known(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    return opened(Memory() if request.param == "memory" else SQLite(tmp_path / "shop.db"))


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_cannot_be_writes_nothing(name: str, known: Program) -> None:
    call, error, words = CALLS[name]
    before = held(known.store)
    with pytest.raises(error) as caught:
        call(known)
    assert str(caught.value).startswith(words) or words in str(caught.value)
    assert held(known.store) == before


def test_history_with_bad_facts_takes_the_good_ones_and_names_the_others(known: Program) -> None:
    told: list[object] = [Purchase("bob", NOW, EUR, id="o-1"), FAR, "order", None]
    report = known.load(told)
    assert report.accepted == 1
    assert [str(error) for error in report.files[0].refused] == [
        "facts 1 line 2, at: got an instant of the far future, expected one that has passed",
        "facts 1 line 3: got a str, expected a fact",
        "facts 1 line 4: got a NoneType, expected a fact",
    ]
    assert [fact.id for fact in known.history("bob")] == ["o-1"]
