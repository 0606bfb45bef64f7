"""How many purchases a second does a program take in, decide on and keep, beside `eventsourcing`?

Ours: `Program.record` on SQLite with full sync under the demonstration's policy and gate: loaded, folded, decided by
eight triggers, permitted by consent, suppression, cap and quiet hours, written with what follows. Theirs: an aggregate
of 1,000 events, loaded from its newest snapshot (one every 50 events), changed and saved, by the library's own SQLite
recorder, which syncs as fully. Both write to one disk, in turns.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial
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
from tests.benchmarks.figure import Figure, seconds

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
    """A program whose customers have so many earlier purchases each; every step of time brings each one more."""

    def __init__(self, place: Path, groups: dict[str, int], each: int) -> None:
        self.program = Program(SQLite(place / "ours.db"), policy(), gate=gate())
        self.groups = {name: [f"{name}-{n}" for n in range(each)] for name in groups}
        self.at, self.steps, self.rng = END, 0, np.random.default_rng(1)
        for name, earlier in groups.items():
            for who in self.groups[name]:
                self._history(who, earlier)

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

    def pass_time(self) -> None:
        """One to six days go by."""
        self.at += int(self.rng.integers(DAY, 6 * DAY))
        self.steps += 1

    def record(self, name: str) -> float:
        """Each customer of a group buys once, each purchase recorded by itself; the seconds it took."""
        at, id = Instant(self.at), f"more-{self.steps}"
        facts = [Purchase(who, at, Money.minor(4990, "USD"), id=id) for who in self.groups[name]]
        start = perf_counter()
        for fact in facts:
            self.program.record(fact)
        return perf_counter() - start

    def snapshot(self, name: str) -> int:
        """The size of the snapshot of a group's first customer."""
        head = self.program.store.load(self.groups[name][0], self.program.house.shape).head
        return 0 if head is None else len(head.body)


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """Records a second beside the peer's saves; with a hundred times the history; and the snapshot's size then."""
    few, many, each, rounds, steps = (20, 200, 2, 1, 1) if short else (1_000, 100_000, 4, 15, 15)
    ours, peer = Ours(place, {"few": few, "many": many}, each), theirs(place, few)
    for _ in range(1 if short else 20):  # the rhythm of all is then that of the new purchases
        ours.pass_time()
        ours.record("few")
        ours.record("many")
    peer(2)
    rates: dict[str, list[float]] = {"few": [], "many": [], "peer": [], "sync": []}
    for _ in range(rounds):
        taken = {"few": 0.0, "many": 0.0}
        for step in range(steps):
            ours.pass_time()
            for name in ("few", "many") if step % 2 else ("many", "few"):  # whoever is first warms what is kept a day
                taken[name] += ours.record(name)
        n = steps * each
        taken |= {"peer": seconds(partial(peer, n)), "sync": seconds(partial(_synced, place / "sync", n))}
        for name, time in taken.items():
            rates[name].append(n / time)
    mine, large, other, sync = (median(rates[name]) for name in ("few", "many", "peer", "sync"))
    yield Figure(
        f"record, {few:,} earlier facts", _a_second(mine), f"eventsourcing {_a_second(other)}", mine / other, 1.5
    )
    beside = f"with {few:,} {_a_second(mine)}"
    yield Figure(f"record, {many:,} earlier facts", _a_second(large), beside, large / mine, 0.83)
    size, small = ours.snapshot("many"), ours.snapshot("few")
    yield Figure(f"snapshot, {many:,} earlier facts", f"{size} B", f"with {few:,} {small} B", small / size, 0.83)
    yield Figure("record, beside a bare sync", _a_second(mine), f"pwrite and fdatasync {_a_second(sync)}", mine / sync)


def _a_second(rate: float) -> str:
    return f"{rate:,.0f}/s"


def _synced(path: Path, times: int) -> None:
    """A page written and synced so many times: what no durable commit can beat."""
    file = os.open(path, os.O_CREAT | os.O_RDWR)
    try:
        for n in range(times):
            os.pwrite(file, b"x" * 4096, 4096 * n)
            os.fdatasync(file)
    finally:
        os.close(file)
