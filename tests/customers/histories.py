"""Random histories of one person: every kind that a facet of the core folds, in order, with ties."""

from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from relmkt.contact import (
    ConsentRegister,
    Contact,
    ContactPressure,
    Objection,
    Planned,
    Released,
    Started,
    Suppressed,
    Suppressions,
)
from relmkt.customers import Attributes
from relmkt.decisions import Fired, Newest, OpenComplaints, Rhythm
from relmkt.facts import (
    Answer,
    Complaint,
    ComplaintSettled,
    ConsentGiven,
    ConsentWithdrawn,
    Fact,
    Profile,
    Purchase,
    TaskOpened,
    Visit,
)
from relmkt.ladders import Held, StageMoved
from relmkt.money import Money
from relmkt.tallies import count, first, newest, since, total
from relmkt.windows import DAY, HOUR, Instant, days, month, week

START = Instant("2026-03-01T00:00:00Z")

FACETS: list[Any] = [
    Attributes(),
    ConsentRegister(),
    ContactPressure(days(7)),
    ContactPressure(week()),
    Suppressions(),
    Held("ladder"),
    Fired("thanks"),
    Newest(Purchase),
    OpenComplaints(),
    Rhythm(),
    *(
        measure.facet
        for measure in (
            count(Purchase),
            count(Purchase, within=days(5)),
            count(Visit, within=month("Europe/Paris")),
            (count(Purchase, within=days(5)) / 2).parts[0],  # type: ignore[attr-defined]
            total(Purchase, "amount", currency="EUR"),
            total(Purchase, "amount", currency="EUR", within=days(5)),
            newest(Answer, "score"),
            newest(Profile, "tier"),
            first(Visit, "place"),
            since(Purchase, channel="web"),
        )
    ),
]

_PURPOSES, _CHANNELS = ["news", "care", "*"], ["mail", "sms", "*"]
LETTER = Contact("mail", "Hello", purpose="news")


def _fact(draw: Any, who: str, at: Instant) -> Fact:
    pick = st.sampled_from
    made: list[Any] = [
        lambda: Purchase(
            who, at, Money(draw(pick([0, 5, 50])), draw(pick(["EUR", "USD"]))), channel=draw(pick(["web", ""]))
        ),
        lambda: Visit(who, at, draw(pick(["Lyon", "Nice"]))),
        lambda: Answer(who, at, "stay", draw(pick([None, 3, 9.5]))),
        lambda: Profile(
            who, at, {draw(pick(["tier", "zone", "name"])): draw(pick([None, "gold", "Asia/Tokyo"]))}, source="f"
        ),
        lambda: Complaint(who, at, "cold", id=draw(pick(["c1", "c2"]))),
        lambda: ComplaintSettled(who, at, ref=draw(pick(["c1", "c2"]))),
        lambda: consent(draw, who, at),
        lambda: consent(draw, who, at),
        lambda: StageMoved(who, at, draw(pick(["low", "high"])), draw(pick(["ladder", "other"]))),
        lambda: Planned(
            who, at, LETTER, due=Instant(at + draw(pick([0, HOUR, 2 * DAY]))), source="thanks", id=draw(pick("pq"))
        ),
        lambda: Started(who, at, LETTER, ref=draw(pick("pq"))),
        lambda: Released(who, at, "expired", ref=draw(pick("pq"))),
        lambda: TaskOpened(who, at, "call", "owner", source=draw(pick(["thanks", "other"]))),
        lambda: Suppressed(who, at, draw(pick(["bounce", ""]))),
    ]
    return draw(pick(made))()  # type: ignore[no-any-return]


def consent(draw: Any, who: str, at: Instant) -> Fact:
    """One statement on contacts."""
    purpose, channel = draw(st.sampled_from(_PURPOSES)), draw(st.sampled_from(_CHANNELS))
    until = draw(st.sampled_from([None, None, Instant(at + 3 * DAY)]))
    pick = draw(st.integers(0, 4))
    if pick == 0:
        return Objection(who, at, purpose, source="letter", actor=who)
    if pick == 1:
        return ConsentWithdrawn(who, at, purpose, channel)
    return ConsentGiven(who, at, purpose, channel, wording="Yes", source="f", actor=who, until=until)


@st.composite
def histories(draw: Any, who: str = "ada", most: int = 25) -> list[Fact]:
    """Facts of one stream in history's order, no two of one id."""
    moments = draw(st.lists(st.integers(0, 60), max_size=most))
    told = [_fact(draw, who, Instant(START + moment * 6 * HOUR)) for moment in moments]
    # ids in random order: at one instant, the id alone says what comes first
    ids = draw(st.permutations(range(len(told))))
    keep = ("Complaint", "Planned")
    facts = [f if type(f).__name__ in keep else evolve(f, id=f"{n:03}{who}") for n, f in zip(ids, told)]
    unique = {(f.source, f.id): f for f in facts}
    return sorted(unique.values(), key=lambda fact: (fact.at, fact.id, fact.source))
