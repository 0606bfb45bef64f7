"""How many purchases a second does a program take in, decide on and keep, beside `eventsourcing`?

Ours: `Program.record` on SQLite with full sync under the demonstration's policy and gate: loaded, folded, decided by
eight triggers, permitted by consent, suppression, cap and quiet hours, written with what follows. Theirs: an aggregate
of 1,000 events, loaded from its newest snapshot (one every 50 events), changed and saved, by the library's own SQLite
recorder, which syncs as fully. Both write to one disk, in turns.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import numpy as np
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from pendulum import datetime

from relmkt import ConsentGiven, Mapping, Money, Profile, Program, Purchase, col
from relmkt.demo import gate, policy
from relmkt.stores import SQLite
from relmkt.windows import DAY, Instant, instant
from tests.benchmarks.figure import Figure

EARLIER, MANY = 1_000, 100_000
START, END = (int(instant(datetime(year, 1, 1, 12))) for year in (2006, 2015))


class Shopper(Aggregate):
    """A customer as an event-sourced aggregate: what the library's users write."""

    def __init__(self) -> None:
        self.orders = 0
        self.cents = 0

    @event("Bought")
    def buy(self, order: str, cents: int, currency: str) -> None:
        """One purchase."""
        self.orders += 1
        self.cents += cents


class Shop(Application[UUID]):
    """An application that keeps shoppers, with a snapshot every 50 events."""

    snapshotting_intervals = {Shopper: 50}


def theirs(place: Path, earlier: int) -> Callable[[int], None]:
    """A function that loads, changes and saves one aggregate so many times."""
    shop = Shop(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(place / "peer.db")})
    shopper = Shopper()
    for n in range(earlier):
        shopper.buy(f"order-{n}", 4990, "USD")
    shop.save(shopper)

    def run(times: int) -> None:
        for n in range(times):
            found: Any = shop.repository.get(shopper.id)
            found.buy(f"more-{n}", 4990, "USD")
            shop.save(found)

    return run


class Ours:
    """A program with customers of so many earlier purchases each; every call records the next purchases of one."""

    def __init__(self, place: Path, *earlier: int) -> None:
        self.program = Program(SQLite(place / "ours.db"), policy(), gate=gate())
        self.next = {f"customer-{n}": END for n in earlier}
        self.number, self.rng = 0, np.random.default_rng(1)
        for n, who in zip(earlier, self.next):
            self._history(who, n)

    def _history(self, who: str, n: int) -> None:
        at, began = np.linspace(START, END - DAY, n).astype(np.int64), Instant(START)
        orders = {"who": [who] * n, "at": at.view("datetime64[us]"), "paid": [49.9] * n, "id": np.arange(n).astype(str)}
        told = Mapping(Purchase, subject=col("who"), at=col("at"), amount=col("paid"), currency="USD", id=col("id"))
        said = {"name": "Ada", "mail": f"{who}@example.org", "birthday": "1980-05-01", "zone": "Europe/Paris"}
        agreed = [
            ConsentGiven(who, began, purpose, channel, wording="Yes", source="form", actor=who)
            for purpose, channel in (("care", "mail"), ("news", "mail"), ("care", "sms"))
        ]
        self.program.load(told.of(orders), [Profile(who, began, said, source="form"), *agreed])

    def facts(self, who: str, times: int) -> list[Purchase]:
        """The next purchases of a customer, one to six days apart."""
        found = []
        for gap in self.rng.integers(DAY, 6 * DAY, times).tolist():
            self.next[who] += gap
            self.number += 1
            found.append(Purchase(who, Instant(self.next[who]), Money.minor(4990, "USD"), id=f"more-{self.number}"))
        return found

    def record(self, facts: list[Purchase]) -> None:
        """Record each by itself."""
        for fact in facts:
            self.program.record(fact)

    def snapshot(self, who: str) -> int:
        """The size of a customer's snapshot."""
        head = self.program.store.load(who, self.program.house.shape).head
        return 0 if head is None else len(head.body)


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """Records a second beside the peer's saves; with a hundred times the history; and the snapshot's size then."""
    earlier, many, rounds, times = (20, 200, 1, 2) if short else (EARLIER, MANY, 15, 60)
    ours, peer = Ours(place, earlier, many), theirs(place, earlier)
    one, other = (f"customer-{n}" for n in (earlier, many))
    for who in (one, other):
        ours.record(ours.facts(who, 15))  # twelve gaps: the rhythm is that of the new purchases
    peer(2)
    rates: dict[str, list[float]] = {"one": [], "other": [], "peer": [], "sync": []}
    for _ in range(rounds):
        for name, who in (("one", one), ("other", other)):
            facts = ours.facts(who, times)
            rates[name].append(_rate(times, lambda facts=facts: ours.record(facts)))
        rates["peer"].append(_rate(times, lambda: peer(times)))
        rates["sync"].append(_rate(times, lambda: _synced(place / "sync", times)))
    mine, theirs_, large, sync = (median(rates[name]) for name in ("one", "peer", "other", "sync"))
    yield Figure(f"record, {earlier:,} earlier facts", f"{mine:,.0f}/s", f"eventsourcing {theirs_:,.0f}/s", mine / theirs_, 1.5)
    yield Figure(
        f"record, {many:,} earlier facts", f"{large:,.0f}/s", f"with {earlier:,} {mine:,.0f}/s", large / mine, 1 / 1.2
    )
    size, base = ours.snapshot(other), ours.snapshot(one)
    yield Figure(f"snapshot, {many:,} earlier facts", f"{size} B", f"with {earlier:,} {base} B", base / size, 1 / 1.2)
    yield Figure("record, beside one bare sync of the disk", f"{mine:,.0f}/s", f"fdatasync {sync:,.0f}/s", mine / sync)


def _rate(times: int, work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return times / (perf_counter() - start)


def _synced(path: Path, times: int) -> None:
    """A page written and synced so many times: what no durable commit can beat."""
    file = os.open(path, os.O_CREAT | os.O_RDWR)
    try:
        for n in range(times):
            os.pwrite(file, b"x" * 4096, 4096 * n)
            os.fdatasync(file)
    finally:
        os.close(file)
