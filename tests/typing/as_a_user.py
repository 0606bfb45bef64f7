"""The public API as a user's own typed code meets it: checked by mypy in strict mode, never run."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import assert_type

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from relmkt import (
    ConsentGiven,
    Contact,
    Customer,
    Fact,
    Gate,
    Ladder,
    Mapping,
    Measure,
    Money,
    Outcome,
    Permit,
    Policy,
    Portfolio,
    Program,
    Purchase,
    Refusal,
    Rule,
    Segment,
    Trigger,
    col,
    count,
    days,
    everyone,
    since,
    total,
)
from relmkt.channels import Maildir
from relmkt.contact import Cap, DeliveryStatus, Message, Planned, QuietHours, Receipt
from relmkt.ladders import Standing
from relmkt.rules import Verdict
from relmkt.stores import SQLite
from relmkt.windows import Instant


@frozen
class Stay(Fact):
    """A kind of one's own."""

    hot = ("nights", "hotel")
    nights: int
    hotel: str


@frozen
class Streak:
    """A facet of one's own."""

    reads = (Stay,)
    years: int = 0

    def after(self, fact: Fact) -> "Streak":
        return evolve(self, years=self.years + 1) if isinstance(fact, Stay) else self


class Fax:
    """A channel of one's own."""

    reaches = "fax"

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return [Receipt(message.key, DeliveryStatus.SENT) for message in messages]


def no_august(action: object, customer: Customer, address: Customer | None, at: Instant) -> Refusal | None:
    return Refusal(action, "closed") if at.local("Europe/Paris").month == 8 else None


def shop() -> None:
    streak = Measure("years in a row", Streak(), lambda state, at: state.years)
    regular = Segment("regular", (count(Stay, within=days(365)) >= 3) & (since(Purchase) <= days(90)))
    rule: Rule = regular & ~(total(Purchase, "amount", currency="EUR") < Money("5", "EUR")) & (streak >= 3)
    ladder = Ladder("guests", Segment("any", everyone), regular)
    thanks = Trigger("thanks", rule, Contact("mail", "Thank you", purpose="news"), once="ever")
    gate = Gate(Cap(2, days(7)), QuietHours("21:00", "08:00"), no_august)
    program = Program(SQLite("shop.db"), Policy(thanks, ladder), {"mail": Maildir("out"), "fax": Fax()}, gate=gate)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    yes = ConsentGiven("ada", at, "news", "mail", wording="yes", source="form", actor="ada")
    assert_type(program.record(yes, Stay("ada", at, 2, "Lyon", id="s-1")), Outcome)
    ada = program.customer("ada")
    assert_type(ada.ask(streak), float)
    assert_type(ada.ask(rule), Verdict)
    assert_type(ada.ask(ladder), Standing)
    assert_type(ada[Streak()], Streak)
    assert_type(program.history("ada"), Sequence[Fact])
    assert_type(program.history("ada", Planned), Sequence[Planned])
    assert_type(gate.judge(Contact("mail", purpose="news"), ada, at=at), Permit | Refusal)


def base() -> None:
    orders = Mapping(Purchase, subject=col("who"), at=col("day"), amount=col("total"), currency="EUR")
    everybody = Portfolio(
        orders.of({"who": ["ada"], "day": ["2026-03-01"], "total": ["5"]}), at=datetime(2026, 7, 1, tzinfo=UTC)
    )
    assert_type(everybody.ask(count(Purchase)), NDArray[np.float64])
    assert_type(everybody.ask(count(Purchase) >= 1), NDArray[np.bool_])
    assert_type(everybody.select(count(Purchase) >= 1), NDArray[np.str_])
    assert_type(everybody.count(count(Purchase) >= 1), dict[str, int])
