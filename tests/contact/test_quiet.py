"""When not? Quiet hours on the recipient's own clock, and addresses that nobody writes to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmkt.contact import Contact, Planned, QuietHours, Suppressed, Suppression, Suppressions
from relmkt.customers import Customer
from relmkt.decisions import Gate
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact, Identifier, Profile
from relmkt.rules import Permit, Refusal
from relmkt.windows import HOUR, Instant, hours

NEWS = Contact("mail", "News", purpose="news")
NIGHT = QuietHours("22:00", "06:00", zone="Europe/Paris")


def judged(at: str | int, clause: Any = NIGHT, zone: str | None = None, contact: Any = NEWS) -> Permit | Refusal:
    told: list[Fact] = [] if zone is None else [Profile("ada", Instant(0), {"zone": zone}, source="f")]
    gate = Gate.only(clause)
    moment = Instant(at)
    return gate.judge(contact, Customer.of("ada", told, facets=gate.facets, at=moment), at=moment)


def moved(at: str | int, **more: Any) -> str:
    answer = judged(at, **more)
    assert isinstance(answer, Permit), answer
    return answer.at.local("Europe/Paris").isoformat()


@pytest.mark.parametrize(
    "at, then",
    [
        ("2026-01-10T21:59:59.999999+01:00", "2026-01-10T21:59:59.999999+01:00"),
        ("2026-01-10T22:00:00+01:00", "2026-01-11T06:00:00+01:00"),
        ("2026-01-11T00:00:00+01:00", "2026-01-11T06:00:00+01:00"),
        ("2026-01-11T05:59:59.999999+01:00", "2026-01-11T06:00:00+01:00"),
        ("2026-01-11T06:00:00+01:00", "2026-01-11T06:00:00+01:00"),
        ("2026-01-11T12:00:00+01:00", "2026-01-11T12:00:00+01:00"),
    ],
)
def test_bounds(at: str, then: str) -> None:  # rules R63, R64
    assert moved(at) == then


def test_drop() -> None:  # rule R63
    drop = QuietHours("22:00", "06:00", zone="Europe/Paris", then="drop")
    refusal = judged("2026-01-10T23:00:00+01:00", drop)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "quiet hours 22:00 to 06:00 (R63)"
    assert refusal.until == Instant("2026-01-11T06:00:00+01:00")  # rule R60
    assert judged(refusal.until, drop)


@pytest.mark.parametrize(
    "at, clause, then",
    [
        # the clock goes forward on 2026-03-29: 02:00 is 03:00
        ("2026-03-28T23:00:00+01:00", NIGHT, "2026-03-29T06:00:00+02:00"),
        ("2026-03-29T01:59:00+01:00", QuietHours("01:00", "02:30", zone="Europe/Paris"), "2026-03-29T03:00:00+02:00"),
        ("2026-03-29T03:10:00+02:00", QuietHours("02:30", "04:00", zone="Europe/Paris"), "2026-03-29T04:00:00+02:00"),
        ("2026-03-29T03:00:00+02:00", QuietHours("02:30", "04:00", zone="Europe/Paris"), "2026-03-29T04:00:00+02:00"),
        # and back on 2026-10-25: 03:00 is 02:00, so that 02:30 comes twice
        ("2026-10-24T23:00:00+02:00", NIGHT, "2026-10-25T06:00:00+01:00"),
        ("2026-10-25T02:10:00+02:00", QuietHours("01:00", "02:30", zone="Europe/Paris"), "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:30:00+02:00", QuietHours("02:30", "04:00", zone="Europe/Paris"), "2026-10-25T04:00:00+01:00"),
    ],
)
def test_both_changes_of_the_clock(at: str, clause: QuietHours, then: str) -> None:  # rule R65
    assert moved(at, clause=clause) == then


@given(
    st.sampled_from(["2026-03-28T18:00:00+01:00", "2026-10-24T18:00:00+02:00", "2026-01-10T18:00:00+01:00"]),
    st.integers(0, 30 * 60),
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_asking_again_changes_nothing(start: str, minute: int, zone: str) -> None:  # rules R60, R68
    begin = Instant(Instant(start) + minute * HOUR // 60)
    answer = judged(begin, zone=zone)
    assert isinstance(answer, Permit)
    assert answer.at >= begin
    assert not answer.at.local(zone).hour >= 22
    assert not answer.at.local(zone).hour < 6
    for share in (0.1, 0.5, 0.9):
        between = judged(int(begin + (answer.at - begin) * share), zone=zone)
        assert isinstance(between, Permit)
        assert between.at == answer.at


def test_whose_clock() -> None:  # rule R66
    at = "2026-01-10T13:00:00Z"
    assert moved(at, zone="Asia/Tokyo") == "2026-01-10T22:00:00+01:00", "six in the morning there"
    assert moved(at) == "2026-01-10T14:00:00+01:00"
    assert moved(at, zone="Mars/Olympus") == "2026-01-10T14:00:00+01:00", "a zone that does not exist is none"
    assert moved("2026-01-10T23:00:00Z", clause=QuietHours("22:00", "06:00")) == "2026-01-11T07:00:00+01:00"


@pytest.mark.parametrize(
    "start, end, zone",
    [("25:00", "06:00", None), ("x", "y", None), ("22:00", "22:00", None), ("22:00", "06:00", "Mars/Olympus")],
)
def test_slips_are_told_when_written(start: str, end: str, zone: str | None) -> None:
    with pytest.raises(InvalidFactError):
        QuietHours(start, end, zone=zone)


def test_a_contact_is_not_moved_past_its_deadline() -> None:  # rule R62
    short = Contact("mail", "x", purpose="news", within=hours(2))
    assert judged("2026-01-11T05:00:00+01:00", contact=short)
    late = judged("2026-01-10T23:00:00+01:00", contact=short)
    assert isinstance(late, Refusal)
    assert late.rule == "expired (R62)"
    plan = Planned("ada", Instant("2026-01-10T20:00:00+01:00"), short)
    expired = judged(plan.due + 2 * HOUR + 1, contact=plan, clause=QuietHours("04:00", "05:00"))
    assert isinstance(expired, Refusal)
    assert expired.rule == "expired (R62)"
    assert judged(plan.due + 2 * HOUR, contact=plan, clause=QuietHours("04:00", "05:00"))


# --- suppression (R79) ---


def address(*reasons: str, mail: str = "ada@example.org") -> Customer:
    who = Identifier("mail", mail)
    told = [Suppressed(Identifier("mail", " ADA@Example.org "), Instant(n), reason) for n, reason in enumerate(reasons)]
    return Customer.of(who, [fact for fact in told if fact.subject == who.key], facets=[Suppressions()])


@pytest.mark.parametrize("person", ["ada", "bob"])
def test_an_address_is_suppressed_for_all_who_share_it(person: str) -> None:  # rule R79
    gate = Gate.only(Suppression())
    who = Customer.of(person, [], facets=gate.facets)
    refusal = gate.judge(NEWS, who, at=Instant(9), address=address("hard bounce"))
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "address suppressed: hard bounce (R79)"
    assert refusal.until is None
    assert gate.judge(NEWS, who, at=Instant(9), address=address())
    assert gate.judge(NEWS, who, at=Instant(9), address=address("hard bounce", mail="ada+x@example.org"))
    assert gate.judge(NEWS, who, at=Instant(9))


def test_the_first_reason_stays() -> None:
    assert address("bounce", "complaint")[Suppressions()].reason == "bounce"
    assert address("")[Suppressions()].reason == "suppressed"
    assert Gate().address_facets == (Suppressions(),)
    assert Suppressed in Gate().kinds
    assert str(Suppression()) == "suppression"
