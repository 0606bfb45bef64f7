"""A fact says what happened, and refuses what it cannot take in by naming the place and what was expected there."""

import math
from datetime import datetime
from enum import Enum
from typing import Any, Literal

import pytest
from attrs import evolve, field, frozen
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime as when

from relmkt.exceptions import InvalidFactError, RelmktError
from relmkt.facts import (
    Answer,
    Cancellation,
    Complaint,
    ComplaintSettled,
    ConsentGiven,
    ConsentWithdrawn,
    Fact,
    Identifier,
    Profile,
    Purchase,
    Return,
    TaskOpened,
    Visit,
    Wording,
    content,
    kind_of,
    own_fields,
    stream_of,
)
from relmkt.money import Money
from relmkt.windows import Instant, Span, days
from tests.facts.kinds import every_kind, facts

DAY = when(2026, 3, 1)
EUR = Money("49.90", "EUR")
NAN, INF = math.nan, math.inf


class Size(Enum):
    SMALL = "s"
    LARGE = "l"


@frozen
class Stay(Fact):
    """A kind of one's own, with every sort of field that is checked."""

    hot = ("nights", "hotel")
    nights: int
    hotel: str
    rating: float | None = None
    paid: Money | None = None
    until: Instant | None = None
    board: Literal["none", "half", "full"] = field(default="none", kw_only=True)
    size: Size = field(default=Size.SMALL, kw_only=True)
    late: bool = field(default=False, kw_only=True)
    slack: Span = field(default=days(0), kw_only=True)
    extras: tuple[str, ...] = field(default=(), kw_only=True)


def told(error: pytest.ExceptionInfo[InvalidFactError]) -> tuple[str, str, str]:
    return error.value.place, error.value.got, error.value.expected


@pytest.mark.parametrize("kind", every_kind(), ids=kind_of)
def test_every_kind_is_frozen_and_equal_by_value(kind: type[Fact]) -> None:
    @given(facts(kind))
    def check(fact: Fact) -> None:
        assert evolve(fact) == fact
        with pytest.raises(FrozenInstanceError):
            fact.subject = "bob"  # type: ignore[misc]
        assert fact.id

    check()


@given(st.data())
def test_the_same_content_is_the_same_fact(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(every_kind()))
    fact = data.draw(facts(kind, ref="r-1"))
    same, named = evolve(fact, id=""), evolve(fact, id="", source="elsewhere")
    assert same.id == named.id, "the digest is of what happened, not of who told it"
    for other in (
        evolve(fact, id="", subject="zoe"),
        evolve(fact, id="", at=Instant(fact.at + 1)),
        evolve(fact, id="", ref="r-2"),
    ):
        assert other.id != same.id


@given(st.data())
def test_other_content_is_another_fact(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([kind for kind in every_kind() if own_fields(kind)]))
    one, two = data.draw(facts(kind, id="", ref="r")), data.draw(facts(kind, id="", ref="r"))
    two = evolve(two, subject=one.subject, at=one.at, id="")
    assert (one.id == two.id) == (content(one) == content(two))


def test_digests_tell_kinds_and_types_apart() -> None:
    assert Cancellation("ada", DAY, ref="c").id != ComplaintSettled("ada", DAY, ref="c").id
    assert Answer("ada", DAY, "stay", 9).id != Answer("ada", DAY, "stay", None).id
    assert Visit("ada", DAY, "Lyon").id != Visit("ada", DAY, "").id
    assert Purchase("ada", DAY, EUR).id != Purchase("ada", DAY, Money("49.90", "USD")).id
    assert Profile("ada", DAY, {"a": "1"}, source="x").id != Profile("ada", DAY, {"a": None}, source="x").id
    assert (
        Profile("ada", DAY, {"a": "1", "b": "2"}, source="x").id
        == Profile("ada", DAY, {"b": "2", "a": "1"}, source="x").id
    )


def test_a_digest_never_changes() -> None:
    """Ids of stored facts: a change here makes every repeat a new purchase."""
    assert Purchase("ada", DAY, EUR).id == "ad9f7dfb83dccd33fff16cf3879d4c1f"


def test_an_id_of_the_source_stays() -> None:
    assert Purchase("ada", DAY, EUR, id="order-1").id == "order-1"
    assert str(Purchase("ada", DAY, EUR, id="order-1")) == "Purchase order-1"


def test_subjects() -> None:
    assert Visit(Identifier("mail", "Ada@Example.org"), DAY).subject == Identifier("mail", "ada@example.org").key
    assert stream_of("customer", "ada") == "ada"
    assert stream_of("address", "ada") != stream_of("campaign", "ada")


@pytest.mark.parametrize(
    "subject, got",
    [
        ("", "empty"),
        ("a\x1fb", "control"),
        ("a\0", "control"),
        ("a\n", "control"),
        ("\ud800", "control"),
        (7, "int"),
        (None, "NoneType"),
    ],
)
def test_a_subject_is_a_name(subject: Any, got: str) -> None:
    with pytest.raises(InvalidFactError, match=got) as error:
        Visit(subject, DAY)
    assert error.value.place == "subject"


@pytest.mark.parametrize(
    "at", ["2026-03-01", 5, None, 1.5, datetime(2026, 3, 1), Instant(1 << 60), Instant(-(1 << 60)), Instant(1 << 90)]
)
def test_an_instant_is_aware_and_of_the_calendar(at: Any) -> None:
    with pytest.raises(InvalidFactError) as error:
        Visit("ada", at)
    assert error.value.place == "at"


def test_far_instants_of_the_calendar_are_taken() -> None:
    assert Visit("ada", when(1, 1, 1)).at < 0 < Visit("ada", when(9999, 12, 31, 23, 59, 59, 999999)).at
    assert Visit("ada", when(2026, 3, 1, microsecond=1)).at == Visit("ada", DAY).at + 1


SLIPS: list[tuple[dict[str, Any], str]] = [
    ({"nights": "3"}, "a whole number"),
    ({"nights": True}, "a whole number"),
    ({"nights": 3.0}, "a whole number"),
    ({"nights": 1 << 63}, "a whole number"),
    ({"hotel": None}, "a text"),
    ({"hotel": "a\0b"}, "a text without NUL"),
    ({"hotel": "\udc00"}, "a text"),
    ({"hotel": b"Lyon"}, "a text"),
    ({"rating": NAN}, "a finite number or None"),
    ({"rating": INF}, "a finite number"),
    ({"rating": -INF}, "a finite number"),
    ({"rating": "9"}, "a finite number"),
    ({"rating": False}, "a finite number"),
    ({"paid": 5}, "Money"),
    ({"paid": "5 EUR"}, "Money"),
    ({"until": datetime(2026, 3, 1)}, "an aware datetime"),
    ({"until": 7}, "an aware datetime"),
    ({"board": "all"}, "one of none, half, full"),
    ({"size": "s"}, "a Size"),
    ({"late": 1}, "True or False"),
    ({"slack": 7}, "a span"),
    ({"id": 7}, "a text"),
    ({"source": None}, "a text"),
    ({"ref": "\0"}, "a text"),
]  # fmt: skip


@pytest.mark.parametrize("slip, expected", SLIPS, ids=str)
def test_own_kinds_are_checked(slip: dict[str, Any], expected: str) -> None:
    good: dict[str, Any] = {"nights": 3, "hotel": "Lyon"}
    made: Any = Stay
    assert made("ada", DAY, **good).nights == 3
    with pytest.raises(InvalidFactError) as error:
        made("ada", DAY, **(good | slip))
    assert isinstance(error.value, RelmktError)
    assert isinstance(error.value, ValueError)
    assert error.value.place == f"Stay.{next(iter(slip))}"
    assert expected in error.value.expected


def test_own_kinds_take_what_they_say() -> None:
    stay = Stay(
        "ada", DAY, -(1 << 63), "é", 9, EUR, Instant(5), board="full", size=Size.LARGE, late=True, slack=days(1)
    )
    assert (stay.rating, stay.until, stay.board) == (9, 5, "full")


def test_amounts_are_not_negative() -> None:
    for make, place in (
        (lambda: Purchase("ada", DAY, -EUR), "Purchase.amount"),
        (lambda: Return("ada", DAY, -EUR, ref="o"), "Return.amount"),
        (lambda: Purchase("ada", DAY, EUR, margin=Money("1", "USD")), "Purchase.margin"),
        (lambda: Return("ada", DAY, EUR), "Return.ref"),
        (lambda: Cancellation("ada", DAY), "Cancellation.ref"),
        (lambda: ComplaintSettled("ada", DAY), "ComplaintSettled.ref"),
    ):
        with pytest.raises(InvalidFactError) as error:
            make()
        assert error.value.place == place
    assert Purchase("ada", DAY, Money(0, "EUR")).amount.units == 0
    assert Purchase("ada", DAY, EUR, margin=Money("-1", "EUR")).margin == Money("-1", "EUR")


@pytest.mark.parametrize(
    "told", [None, ["name"], "Ada", {"": "x"}, {7: "x"}, {"a": 7}, {"a": "\0"}, {"a": "\ud800"}, {"\ud800": "a"}]
)
def test_a_profile_is_a_mapping_of_texts(told: Any) -> None:
    with pytest.raises(InvalidFactError, match=r"^Profile\.told"):
        Profile("ada", DAY, told, source="form")


def test_a_profile_is_not_changed_from_outside() -> None:
    told: dict[str, str | None] = {"name": "Ada"}
    profile = Profile("ada", DAY, told, source="form")
    told["name"] = "Eve"
    assert profile.told["name"] == "Ada"
    with pytest.raises(TypeError):
        profile.told["name"] = "Eve"  # type: ignore[index]


@pytest.mark.parametrize("gone", ["purpose", "channel", "wording", "source", "actor"])
def test_consent_without_evidence_cannot_be_written_down(gone: str) -> None:  # rules R71, G02
    whole: dict[str, Any] = {"purpose": "news", "channel": "mail", "wording": "Yes", "source": "form", "actor": "ada"}
    made: Any = ConsentGiven
    assert made("ada", DAY, **whole).wording == Wording("", "Yes")
    with pytest.raises(InvalidFactError) as error:
        made("ada", DAY, **(whole | {gone: ""}))
    assert error.value.place == f"ConsentGiven.{gone}"
    del whole[gone]
    with pytest.raises(TypeError, match=gone):
        made("ada", DAY, **whole)


def test_withdrawing_takes_no_more_than_giving() -> None:  # rule G03
    assert set(own_fields(ConsentWithdrawn)) <= set(own_fields(ConsentGiven))
    assert ConsentWithdrawn("ada", DAY).purpose == ConsentWithdrawn("ada", DAY).channel == "*"
    assert ConsentWithdrawn("ada", DAY, wording=Wording("2", "No")).wording.version == "2"


@pytest.mark.parametrize("wording", [None, 7, Wording])
def test_a_wording_is_a_text(wording: Any) -> None:
    with pytest.raises(InvalidFactError, match="wording"):
        ConsentWithdrawn("ada", DAY, wording=wording)
    with pytest.raises(InvalidFactError, match=r"Wording\.text"):
        Wording("1", "\ud800")


def test_optional_instants() -> None:
    consent = ConsentGiven("ada", DAY, "n", "m", wording="Yes", source="f", actor="ada", until=DAY.add(days=1))
    assert consent.until == Instant(DAY.add(days=1).isoformat())
    assert TaskOpened("ada", DAY, "call", "owner", due=DAY).due == consent.at
    with pytest.raises(InvalidFactError):
        TaskOpened("ada", DAY, "call", "owner", due=datetime(2026, 3, 1))


def test_errors_never_repeat_what_came() -> None:  # rule X09
    secret: Any = "ada@example.org\0"
    for make in (
        lambda: Complaint("ada", DAY, secret),
        lambda: Visit(secret, DAY),
        lambda: Profile("ada", DAY, {"mail": secret}, source="f"),
        lambda: Identifier("mail", secret),
        lambda: Answer("ada", DAY, "stay", secret),
        lambda: Purchase("ada", DAY, secret),
    ):
        with pytest.raises(InvalidFactError) as error:
            make()
        assert "example" not in f"{error.value} {error.value!r} {error.value.args} {error.value.__cause__}"
