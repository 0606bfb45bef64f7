"""A shop with some history, and the sight of everything that its store holds."""

from pathlib import Path
from typing import Any

from pendulum import datetime

from relmkt import ConsentGiven, Contact, Mapping, Money, Policy, Profile, Program, Purchase, col, hours
from relmkt.decisions import after_purchase
from relmkt.ports import Store

NOW = datetime(2026, 3, 1, 12)
EUR = Money("10", "EUR")

ORDERS = Mapping(
    Purchase,
    source="till",
    subject=col("customer"),
    at=col("day"),
    id=col("order"),
    amount=col("total"),
    currency="EUR",
)
HEADER = "customer,day,order,total\n"
GOOD = HEADER + "ada,2026-01-01,o-1,10.00\n"


def shop(store: Store, channels: dict[str, Any] | None = None) -> Program:
    """Thanks everybody after a purchase; its clock stands on the first of March 2026."""
    thanks = after_purchase(Contact("mail", "Thank you, {name|you}", kind="service"), wait=hours(2))
    return Program(store, Policy(thanks), channels or {}, clock=lambda: NOW)


def opened(store: Store, channels: dict[str, Any] | None = None) -> Program:
    """A shop that knows Ada."""
    program, day = shop(store, channels), NOW.subtract(days=10)
    consent = {"wording": "Yes", "source": "form", "actor": "ada"}
    program.record(
        Profile("ada", day, {"name": "Ada", "mail": "ada@example.org"}, source="form"),
        ConsentGiven("ada", day, "news", "mail", **consent),
        Purchase("ada", day, EUR, id="order-1"),
    )
    return program


def held(store: Store) -> list[object]:
    """All that a store holds: facts in order of arrival, outbox rows, and the persons that are due."""
    facts = store.changes(0, 1 << 30)
    streams = sorted({stream for stream, _ in facts})
    rows = [row for stream in streams for row in store.rows(stream)]
    versions = [(stream, store.load(stream).versions) for stream in streams]
    return [facts, rows, versions, store.due(1 << 61, 1 << 20)]


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file under a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
