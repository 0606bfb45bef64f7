"""How often? No window of a cap ever holds more than it allows, reservations included; refusals name when."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.contact import Cap, Contact, ContactPressure, Planned, Released, Started
from relmkt.customers import Customer
from relmkt.decisions import Gate
from relmkt.facts import Fact, Profile
from relmkt.rules import Permit, Refusal
from relmkt.windows import DAY, HOUR, Instant, Span, day, days, hours, month, week

NEWS = Contact("mail", "News", purpose="news")
ZERO = Instant("2026-03-02T00:00:00Z")  # a Monday


def judged(cap: Cap, at: int, told: list[Fact], contact: Any = NEWS) -> Permit | Refusal:
    gate = Gate.only(cap)
    kept = [fact for fact in told if fact.at <= at]
    return gate.judge(contact, Customer.of("ada", kept, facets=gate.facets, at=Instant(at)), at=Instant(at))


def started(at: int, contact: Contact = NEWS, **more: Any) -> Fact:
    return Started("ada", Instant(at), contact, **({"id": f"s{at}"} | more))


def planned(at: int, due: int, contact: Contact = NEWS, hold: int = 10**12, id: str = "") -> Planned:
    return Planned("ada", Instant(at), contact, due=Instant(due), hold=Span(hold), id=id or f"p{at}-{due}")


# --- by brute force, on a clock of a few ticks ---

W = 10


@st.composite
def lives(draw: Any) -> list[Fact]:
    """Contacts planned ahead, started, released, of several weights and kinds."""
    told: list[Fact] = []
    for n in range(draw(st.integers(0, 9))):
        at, ahead, hold = draw(st.integers(0, 30)), draw(st.integers(0, 14)), draw(st.sampled_from([1, 3, 9, 50]))
        kind: Any = draw(st.sampled_from(["promotional", "promotional", "greeting", "service"]))
        contact = Contact("mail", "x", purpose="news", kind=kind, weight=draw(st.sampled_from([1.0, 1.0, 2.0, 0.5])))
        told.append(planned(at, at + ahead, contact, hold, id=f"p{n}"))
        end = draw(st.sampled_from(["held", "started", "released"]))
        if end == "started":
            told.append(Started("ada", Instant(at + draw(st.integers(0, 14))), contact, ref=f"p{n}", id=f"s{n}"))
        if end == "released":
            told.append(Released("ada", Instant(at + draw(st.integers(0, 9))), "x", ref=f"p{n}", id=f"r{n}"))
    return sorted(told, key=lambda fact: (fact.at, fact.id))


def counted(told: list[Fact], at: int) -> list[tuple[int, float]]:
    """What counts at an instant, by the words of R54 and R56: (its instant, its weight)."""
    found = []
    for fact in told:
        if fact.at > at or not isinstance(fact, Planned) or fact.contact.kind == "service":
            continue
        ends = [f for f in told if f.ref == fact.id and f.at <= at]
        if any(isinstance(f, Released) for f in ends):
            continue
        starts = [f for f in ends if isinstance(f, Started)]
        if starts:
            found.append((int(starts[0].at), fact.contact.weight))
        elif at < fact.due + fact.hold:
            found.append((int(fact.due), fact.contact.weight))
    return found


def fits(told: list[Fact], known: int, at: int, n: float, weight: float) -> bool:
    """Whether one more at `at` leaves every window of W that holds it within n, by what is known and held then."""
    live = [(moment, w) for moment, w in counted([f for f in told if f.at <= known], max(known, at))]
    return all(sum(w for moment, w in live if end - W < moment <= end) + weight <= n for end in range(at, at + W))


@settings(max_examples=600)
@given(lives(), st.integers(0, 40), st.sampled_from([1, 2, 3]), st.sampled_from([0.5, 1.0, 2.0]))
def test_a_cap_is_by_its_words(told: list[Fact], at: int, n: int, weight: float) -> None:  # rules R54, R56, R57, R58
    contact = evolve(NEWS, weight=weight)
    answer = judged(Cap(n, Span(W)), at, told, contact)
    known = [fact for fact in told if fact.at <= at]
    at = max([at, *(int(f.at) for f in known)])
    assert bool(answer) == fits(told, at, at, n, weight)
    if answer:
        return
    assert isinstance(answer, Refusal)
    first = next((t for t in range(at + 1, 200) if fits(told, at, t, n, weight)), None)
    assert answer.until == first, "the first instant at which it would be accepted"  # rule R60
    if first is not None:
        assert judged(Cap(n, Span(W)), first, known, contact), "and there it is"  # rule R60


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, 25), st.integers(0, 15), st.booleans()), max_size=14), st.sampled_from([1, 2, 3])
)
def test_no_window_ever_holds_more(wishes: list[tuple[int, int, bool]], n: int) -> None:  # rules R54, R55
    """Contacts asked for one after the other, for now or for later: what was granted never exceeds the cap."""
    told: list[Fact] = []
    cap = Cap(n, Span(W))
    for place, (at, ahead, send) in enumerate(sorted(wishes)):
        gate = Gate.only(cap)
        customer = Customer.of("ada", told, facets=gate.facets, at=Instant(at))
        due = Instant(at + ahead)
        if gate.judge(NEWS, customer, at=due):
            told.append(planned(at, due, id=f"p{place}"))
            if send and ahead == 0:
                told.append(Started("ada", Instant(at), NEWS, ref=f"p{place}", id=f"s{place}"))
    moments = [int(f.due) for f in told if isinstance(f, Planned)]
    for end in range(60):
        assert sum(end - W < moment <= end for moment in moments) <= n, moments


@settings(max_examples=100)
@given(lives(), st.integers(0, 40))
def test_what_is_forgotten_never_counts(told: list[Fact], at: int) -> None:
    """The state stays small: a contact that has left every window is dropped."""
    pressure: Any = ContactPressure(Span(W))
    for fact in told:
        pressure = pressure.after(fact)
    added = (fact for fact in told if isinstance(fact, Planned | Started) and fact.contact.kind != "service")
    newest = max((int(fact.at) for fact in added), default=0)
    assert len(pressure.contacts) <= len(told)
    for count in pressure.contacts[:-1]:
        assert count.at > newest - W - 15


# --- by example ---


def test_a_cap_of_two_in_seven_days() -> None:  # rules R54, R60
    told = [started(ZERO), started(ZERO + DAY)]
    refusal = judged(Cap(2, days(7)), ZERO + 2 * DAY, told)
    assert str(refusal) == "refused: cap of 2 in 7 days (R54), accepted from 2026-03-09T00:00:00+00:00"
    assert isinstance(refusal, Refusal)
    assert refusal.evidence == ("2 counted",)
    assert judged(Cap(2, days(7)), ZERO + 7 * DAY, told)
    assert not judged(Cap(2, days(7)), ZERO + 7 * DAY - 1, told)


def test_a_reservation_later_in_time_counts() -> None:  # rule R54
    told: list[Fact] = [planned(ZERO, ZERO + 5 * DAY)]
    assert not judged(Cap(1, days(7)), ZERO, told)
    assert judged(Cap(1, days(5)), ZERO, told)


def test_a_reservation_ends_with_its_hold() -> None:  # rule R56
    told: list[Fact] = [planned(ZERO, ZERO, hold=2 * HOUR)]
    refusal = judged(Cap(1, days(7)), ZERO + HOUR, told)
    assert isinstance(refusal, Refusal)
    assert refusal.until == ZERO + 2 * HOUR
    assert judged(Cap(1, days(7)), ZERO + 2 * HOUR, told)
    assert not judged(Cap(1, days(7)), ZERO + 2 * HOUR, [*told, started(ZERO + HOUR, ref=told[0].id)])


def test_a_planned_contact_does_not_stand_in_its_own_way() -> None:
    own = planned(ZERO, ZERO)
    assert judged(Cap(1, days(7)), ZERO, [own], own)
    assert not judged(Cap(1, days(7)), ZERO, [own, planned(ZERO, ZERO, id="other")], own)


def test_released_is_free() -> None:
    told = [planned(ZERO, ZERO, id="p"), Released("ada", Instant(ZERO + 1), "expired", ref="p")]
    assert judged(Cap(1, days(7)), ZERO + 1, told)


def test_service_is_never_refused_and_does_not_count() -> None:  # rule R57
    service = Contact("mail", "Your order", kind="service")
    assert judged(Cap(0, days(7)), ZERO, [], service)
    assert judged(Cap(1, days(7)), ZERO, [started(ZERO - 1, service)])
    assert not judged(Cap(0, days(7)), ZERO, [])


def test_weights_over_all_channels() -> None:  # rule R58
    told = [started(ZERO, evolve(NEWS, channel="sms", weight=1.5)), started(ZERO + 1, evolve(NEWS, weight=0.5))]
    assert judged(Cap(3, days(7)), ZERO + 2, told)
    assert not judged(Cap(3, days(7)), ZERO + 2, told, evolve(NEWS, weight=1.5))
    assert not judged(Cap(2, days(7)), ZERO + 2, told)


def test_what_a_cap_is_about() -> None:
    told = [started(ZERO, evolve(NEWS, channel="sms")), started(ZERO + 1, evolve(NEWS, purpose="care"))]
    assert judged(Cap(1, days(7), channel="post"), ZERO + 2, told)
    assert not judged(Cap(1, days(7), channel="mail"), ZERO + 2, told)
    assert judged(Cap(1, days(7), purpose="news", channel="mail"), ZERO + 2, told)
    assert not judged(Cap(1, days(7), kind="promotional"), ZERO + 2, told)
    assert judged(Cap(1, days(7), kind="greeting"), ZERO + 2, told, evolve(NEWS, kind="greeting"))
    assert str(Cap(1.5, week(), channel="mail", purpose="news")) == "cap of 1.5 in week('UTC') by mail for news"
    assert [str(Cap(1, within)) for within in (days(1), hours(36))] == ["cap of 1 in day", "cap of 1 in 36 hours"]


@pytest.mark.parametrize(
    "within, first, second, free",
    [
        (day("Europe/Paris"), datetime(2026, 3, 1, 22, 59), datetime(2026, 3, 1, 23, 1), True),
        (day("Europe/Paris"), datetime(2026, 3, 1, 23, 1), datetime(2026, 3, 2, 22, 59), False),
        (week(), datetime(2026, 3, 1, 23), datetime(2026, 3, 2, 1), True),
        (week(), datetime(2026, 3, 2), datetime(2026, 3, 8, 23, 59), False),
        (month("America/New_York"), datetime(2026, 4, 1, 3, 59), datetime(2026, 4, 1, 4), True),
        (month("America/New_York"), datetime(2026, 4, 1, 4), datetime(2026, 4, 30), False),
    ],
)
def test_caps_by_calendar(within: Any, first: Any, second: Any, free: bool) -> None:  # rule R59
    told = [started(Instant(first.isoformat()))]
    assert bool(judged(Cap(1, within), Instant(second.isoformat()), told)) is free


def test_the_calendar_is_the_recipients() -> None:  # rule R59
    tokyo: Fact = Profile("ada", Instant(0), {"zone": "Asia/Tokyo"}, source="f")
    told = [tokyo, started(Instant("2026-03-01T14:00:00Z"))]  # 23:00 there
    assert judged(Cap(1, day()), Instant("2026-03-01T15:00:00Z"), told), "the next day has begun there"
    refusal = judged(Cap(1, day()), Instant("2026-03-01T14:30:00Z"), told)
    assert isinstance(refusal, Refusal)
    assert refusal.until == Instant("2026-03-01T15:00:00Z")  # rule R60
    assert not judged(Cap(1, day()), Instant("2026-03-01T15:00:00Z"), told[1:])


def test_a_rolling_cap_is_elapsed_time() -> None:  # rule R59
    """Twenty-four hours are twenty-four hours where the clock goes forward."""
    told = [started(Instant("2026-03-28T12:00:00+01:00"))]
    assert not judged(Cap(1, days(1)), Instant("2026-03-29T12:00:00+02:00"), told)
    assert judged(Cap(1, days(1)), Instant("2026-03-29T13:00:00+02:00"), told)


def test_more_than_the_cap_is_never_accepted() -> None:
    refusal = judged(Cap(1, days(7)), ZERO, [], evolve(NEWS, weight=2))
    assert isinstance(refusal, Refusal)
    assert refusal.until is None
