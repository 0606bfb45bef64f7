"""A shop under a policy that reads time in every way: waits, windows, calendar days, rhythms, caps and quiet hours."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from relmkt import (
    Complaint,
    ConsentGiven,
    ConsentWithdrawn,
    Contact,
    Fact,
    Gate,
    Money,
    Policy,
    Profile,
    Program,
    Purchase,
    Recommendation,
    Return,
    Trigger,
    count,
    days,
    hours,
    since,
    total,
)
from relmkt.contact import Cap, Message, QuietHours, Receipt
from relmkt.contact import DeliveryStatus as Status
from relmkt.decisions import Task, after_purchase, birthday, lapse, no_reply
from relmkt.stages import relationship
from relmkt.windows import month

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2025, 9, 20, 8, tzinfo=PARIS)  # both changes of daylight saving lie ahead

regular = (count(Purchase, within=days(60)) >= 3) & (since(Purchase) <= days(20))
spender = (total(Purchase, "amount", currency="EUR", within=days(45)) >= 200) | (count(Purchase, within=month()) >= 4)
thanks = after_purchase(Contact("mail", "Thank you\nOrder {fact.id}", purpose="care"), wait=hours(2))


def policy() -> Policy:
    return Policy(
        thanks,
        no_reply(thanks, Contact("sms", "Is all well?", purpose="care"), within=days(7)),
        birthday(Contact("mail", "Happy birthday, {name|you}!", purpose="care", kind="greeting")),
        lapse(Contact("mail", "We miss you", purpose="news", within=days(5)), after=days(40)),
        Trigger("regular", regular, Contact("mail", "Thank you, {name|you}", purpose="news"), once=days(30)),
        Trigger("spender", spender, Contact("mail", "For you", purpose="news"), Task("call", role="owner"), priority=1),
        Trigger(
            "quiet", ~(count(Purchase, within=days(30)) >= 1), Contact("sms", "Hello", purpose="care"), once=month()
        ),
        relationship(client=count(Purchase, within=days(60)) >= 3),
    )


def gate() -> Gate:
    return Gate(Cap(2, days(7)), Cap(5, month(), purpose="news"), QuietHours("21:00", "08:00", zone="Europe/Paris"))


class Paper:
    """A channel that keeps what it is handed."""

    def __init__(self, reaches: str = "mail") -> None:
        self.reaches = reaches
        self.messages: list[Message] = []

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        self.messages += messages
        return [Receipt(message.key, Status.SENT) for message in messages]


def shop(store: Any, channels: dict[str, Any] | None = None) -> Program:
    return Program(store, policy(), channels or {}, gate=gate(), clock=lambda: START + timedelta(days=500))


def story(draws: random.Random, who: str, n: int = 14, span: int = 300) -> list[Fact]:
    """A random history of one customer, in time order."""
    told: dict[str, str | None] = {"name": who.title(), "mail": f"{who}@example.org", "phone": "+33611"}
    if draws.random() < 0.7:
        told["birthday"] = f"1980-{draws.randint(1, 12):02}-{draws.randint(1, 28):02}"
    if draws.random() < 0.5:
        told["zone"] = draws.choice(["Europe/Paris", "America/New_York", "Asia/Tokyo", "nowhere"])
    facts: list[Fact] = [Profile(who, START, told, source="form", id="p")]
    moments = sorted(START + timedelta(minutes=draws.randrange(span * 24 * 60)) for _ in range(n))
    for place, at in enumerate(moments):
        facts.append(_fact(draws, who, at, place))
    return facts


def _fact(draws: random.Random, who: str, at: datetime, place: int) -> Fact:
    key = f"{who}-{place:02}"
    sort = draws.choices(range(7), [6, 1, 3, 1, 1, 1, 0.5])[0]
    if sort == 1:
        return Return(who, at, Money(draws.randint(1, 50), "EUR"), ref=f"{who}-{draws.randrange(place + 1):02}", id=key)
    if sort == 2:
        purpose, channel = draws.choice(["news", "care"]), draws.choice(["mail", "sms"])
        return ConsentGiven(who, at, purpose, channel, wording="yes", source="form", actor=who, id=key)
    if sort == 3:
        return ConsentWithdrawn(who, at, draws.choice(["news", "care", "*"]), id=key)
    if sort == 4:
        return Complaint(who, at, "cold", id=key)
    if sort == 5:
        return Recommendation(who, at, id=key)
    currency = draws.choices(["EUR", "USD"], [9, 1])[0]
    return Purchase(who, at, Money(draws.randint(0, 120), currency), id=key)
