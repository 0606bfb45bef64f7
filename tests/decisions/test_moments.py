"""Moments worth a word: after a purchase, without a reply, on a birthday, after a lapse."""

from typing import Any

import pytest
from pendulum import DateTime, datetime

from relmkt.channels import Outbox
from relmkt.contact import Contact, Reply, Started
from relmkt.customers import Customer
from relmkt.decisions import OpenComplaints, Policy, Rhythm, Trigger, after_purchase, birthday, lapse, no_reply
from relmkt.facts import Cancellation, Complaint, ComplaintSettled, ConsentGiven, Fact, Profile, Purchase, Return, Visit
from relmkt.money import Money
from relmkt.program import Program
from relmkt.rules import Verdict
from relmkt.stores import Memory
from relmkt.windows import DAY, Instant, days, hours
from tests.decisions.passing import MAIL, lived, moments

EUR = Money(5, "EUR")
DAY1 = datetime(2026, 3, 1, 10)
START = Instant(DAY1.isoformat())
CARE = Contact("mail", "How was it?", purpose="care")
TEXT = Contact("sms", "Is all well?", purpose="care")


def buys(*at: float) -> list[Fact]:
    return [Purchase("ada", Instant(START + round(day * DAY)), EUR, id=f"o{n}") for n, day in enumerate(at)]


# --- birthdays (R90) ---


def greeted(
    born: str,
    until: DateTime,
    *,
    zone: str | None = None,
    leap: Any = "28 February",
    begin: DateTime = datetime(2026, 1, 10),
) -> list[str]:
    told = {"birthday": born} | ({} if zone is None else {"zone": zone})
    trigger = birthday(Contact("mail", "Happy birthday", purpose="care", kind="greeting"), leap=leap)
    found = moments(trigger, [Profile("ada", begin, told, source="f")], Instant(until.isoformat()))
    return [at.local(zone or "UTC").isoformat()[:16] for at in found]


def test_once_a_year_at_local_midnight() -> None:  # rule R90
    assert greeted("1984-05-12", datetime(2029, 1, 1)) == [f"{year}-05-12T00:00" for year in (2026, 2027, 2028)]
    assert greeted("--05-12", datetime(2027, 1, 1), zone="Asia/Tokyo") == ["2026-05-12T00:00"]
    assert greeted("--05-12", datetime(2027, 1, 1), zone="America/New_York") == ["2026-05-12T00:00"]
    assert greeted("--01-10", datetime(2027, 1, 9)) == ["2026-01-10T00:00"], "told on the day itself"
    assert greeted("--01-01", datetime(2029, 1, 2), zone="Pacific/Kiritimati") == [
        f"{y}-01-01T00:00" for y in (2027, 2028, 2029)
    ]


def test_both_customs_for_the_29th_of_february() -> None:  # rule R90
    assert greeted("2000-02-29", datetime(2029, 12, 1)) == [
        "2026-02-28T00:00",
        "2027-02-28T00:00",
        "2028-02-29T00:00",
        "2029-02-28T00:00",
    ]
    assert greeted("--02-29", datetime(2029, 12, 1), leap="1 March") == [
        "2026-03-01T00:00", "2027-03-01T00:00", "2028-02-29T00:00", "2029-03-01T00:00",
    ]  # fmt: skip


def test_told_again_on_the_day() -> None:  # rule R90
    """The same birthday from two sources, and another one in the same year: one greeting a local year."""
    trigger = birthday(MAIL)
    told: list[Fact] = [
        Profile("ada", datetime(2026, 5, 12, hour), {"birthday": "--05-12"}, source=f"s{hour}") for hour in (0, 1, 5)
    ]
    told.append(Profile("ada", datetime(2026, 6, 1), {"birthday": "--07-01"}, source="late"))
    found = moments(trigger, told, Instant("2026-12-31T00:00:00Z"))
    assert [str(at)[:13] for at in found] == ["2026-05-12T00"]


@pytest.mark.parametrize(
    "born",
    [
        "",
        "1984",
        "1984-02-30",
        "--13-01",
        "--00-10",
        "--04-31",
        "12/05/1984",
        "soon",
        "²²-01",
        "--0x-12",
        "1984-05-12T00:00",
        None,
    ],
)
def test_a_birthday_that_cannot_be_read_is_none(born: str | None) -> None:
    trigger = birthday(MAIL)
    told: list[Fact] = [Profile("ada", datetime(2026, 1, 10), {"birthday": born}, source="f")]
    assert moments(trigger, told, Instant("2027-12-31T00:00:00Z")) == []
    assert Customer.of("ada", told).ask(trigger.when) is Verdict.UNKNOWN


def test_a_greeting_is_never_days_late() -> None:
    (greeting,) = birthday(MAIL).contacts()
    assert greeting.within == hours(24)
    (own,) = birthday(Contact("mail", "x", purpose="care", within=hours(2))).contacts()
    assert own.within == hours(2)


# --- lapse (R35) ---


def test_lapse_after_a_span() -> None:
    found = lived(Policy(lapse(MAIL, after=days(120))), buys(0, 200), Instant(START + 900 * DAY))
    assert [at - START for at, _ in found] == [120 * DAY + 1, 320 * DAY + 1]
    assert [proposal.occurrence for _, proposal in found] == ["o0", "o1"], "once for each newest purchase"


def test_lapse_by_ones_own_rhythm() -> None:  # rule R35
    gaps = [1, 2, 3, 4, 5, 6, 7, 8, 9, 30]
    at = [float(sum(gaps[:n])) for n in range(len(gaps) + 1)]
    found = moments(lapse(MAIL), buys(*at), Instant(START + 900 * DAY))
    assert found[-1] == START + round(at[-1] * DAY) + 9 * DAY + 1, "nine tenths of ten gaps is the ninth"
    assert moments(lapse(MAIL), buys(0, 1, 2), Instant(START + 900 * DAY)) == [], "two gaps are no rhythm"
    assert moments(lapse(MAIL), buys(0, 1, 2, 3), Instant(START + 900 * DAY)) == [START + 4 * DAY + 1]


def test_a_rhythm_is_the_newest_twelve_gaps() -> None:
    rhythm = Rhythm()
    for fact in [*buys(*(n * 100.0 for n in range(5))), *buys(*(500.0 + n for n in range(13)))]:
        rhythm = rhythm.after(fact)
    assert rhythm.gaps == (DAY,) * 12
    assert rhythm.gap == DAY
    assert rhythm.after(Purchase("ada", Instant(START + 512 * DAY), EUR, id="again")).gaps == rhythm.gaps


# --- complaints ---


def test_open_complaints() -> None:
    facet = OpenComplaints()
    for n in range(60):
        facet = facet.after(Complaint("ada", Instant(n), "cold", id=f"c{n}"))
    assert len(facet.ids) == 50
    assert facet.after(ComplaintSettled("ada", Instant(99), ref="c59")).ids[-1] == "c58"
    assert facet.after(ComplaintSettled("ada", Instant(99), ref="c0")) == facet
    assert facet.after(Visit("ada", Instant(99))) is facet


# --- in a program: cancelled, put back, followed up (R89, R91) ---


def shop(*parts: Trigger) -> tuple[Program, Outbox, Outbox]:
    mail, sms = Outbox(), Outbox("phone")
    program = Program(Memory(), Policy(*parts), {"mail": mail, "sms": sms}, clock=lambda: datetime(2027, 1, 1))
    origin: Any = {"wording": "Yes", "source": "form", "actor": "ada"}
    program.record(
        Profile(
            "ada",
            DAY1.subtract(days=9),
            {"name": "Ada", "mail": "ada@example.org", "phone": "+33612345678"},
            source="form",
        ),
        ConsentGiven("ada", DAY1.subtract(days=9), "care", "*", **origin),
    )
    return program, mail, sms


def passed(program: Program, *at: DateTime) -> None:
    for moment in at:
        program.review(moment)
        program.dispatch(moment)


ORDER = Purchase("ada", DAY1, EUR, id="order-1")


def test_after_a_purchase() -> None:
    program, mail, _ = shop(after_purchase(CARE, wait=hours(2)))
    program.record(ORDER)
    passed(program, DAY1.add(hours=1))
    assert not mail.messages
    passed(program, DAY1.add(hours=2), DAY1.add(days=9))
    assert len(mail.messages) == 1


@pytest.mark.parametrize(
    "kind, ref, cancelled",
    [("Return", "order-1", True), ("Cancellation", "order-1", True), ("Return", "order-0", False)],
)
def test_a_returned_order_is_not_followed_up(kind: str, ref: str, cancelled: bool) -> None:  # rule R91
    program, mail, _ = shop(after_purchase(CARE, wait=hours(2)))
    program.record(ORDER)
    at = DAY1.add(hours=1)
    program.record(Return("ada", at, EUR, ref=ref) if kind == "Return" else Cancellation("ada", at, ref=ref))
    passed(program, DAY1.add(hours=2), DAY1.add(days=9))
    assert bool(mail.messages) is not cancelled


def test_while_a_complaint_is_open_it_waits() -> None:  # rule R91
    program, mail, _ = shop(after_purchase(CARE, wait=hours(2)))
    program.record(ORDER)
    program.record(Complaint("ada", DAY1.add(hours=1), "cold", id="c-1"))
    passed(program, *(DAY1.add(hours=2 + n) for n in range(0, 60, 6)))
    assert not mail.messages
    program.record(ComplaintSettled("ada", DAY1.add(hours=61), ref="c-1"))
    passed(program, *(DAY1.add(hours=61 + n) for n in range(0, 60, 6)))
    assert len(mail.messages) == 1


def followed() -> tuple[Program, Outbox, Outbox]:
    thanks = after_purchase(CARE, wait=hours(2))
    program, mail, sms = shop(thanks, no_reply(thanks, TEXT, within=days(7)))
    program.record(ORDER)
    passed(program, DAY1.add(hours=2))
    assert len(mail.messages) == 1
    return program, mail, sms


def test_without_a_reply_another_channel() -> None:
    program, _, sms = followed()
    passed(program, DAY1.add(days=7), DAY1.add(days=7, hours=1))
    assert not sms.messages
    passed(program, DAY1.add(days=7, hours=2), DAY1.add(days=20))
    assert len(sms.messages) == 1


@pytest.mark.parametrize("channel", ["mail", "sms", "phone"])
def test_any_reply_cancels_it(channel: str) -> None:  # rule R89
    program, _, sms = followed()
    program.record(Reply("ada", DAY1.add(days=3), channel, "All is well"))
    passed(program, DAY1.add(days=8), DAY1.add(days=20))
    assert not sms.messages


def test_what_another_trigger_sent_is_not_followed_up() -> None:
    thanks = after_purchase(CARE)
    trigger = no_reply(thanks, TEXT, within=days(7))
    assert moments(trigger, [Started("ada", START, CARE, trigger="other")], Instant(START + 30 * DAY)) == []
    assert moments(trigger, [Started("ada", START, CARE, trigger=thanks.name)], Instant(START + 30 * DAY)) == [START]
