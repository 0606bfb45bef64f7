"""How fast does a long history come into SQLite, and out of it as columns, beside bare `executemany` and `fetchall`?

The peer is the fastest that the standard library offers by the plain road: one `executemany` of ready tuples into the
very table of our store, with its indexes and pragmas, in one transaction, the rows in the order in which they come;
and one `fetchall` of the columns. It checks nothing, names nobody, wakes nobody.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt import Mapping, Money, Program, Purchase, col
from relmkt.ports import Block
from relmkt.stores import SQLite
from relmkt.windows import DAY, Instant
from tests.benchmarks.figure import Figure, in_turns, told

ROW = "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
SCAN = "SELECT stream, at, kind, number FROM facts"
START = 1_500_000_000_000_000


@frozen(eq=False)
class Purchases:
    """So many purchases as columns, in the order in which they happened."""

    who: NDArray[np.str_]
    at: NDArray[np.int64]
    cents: NDArray[np.int64]
    id: NDArray[np.str_]

    @classmethod
    def drawn(cls, n: int) -> "Purchases":
        """Drawn with a seed: five a customer over two years."""
        rng = np.random.default_rng(5)
        who = np.char.add("c", np.char.zfill(rng.integers(0, max(n // 5, 1), n).astype(str), 7))
        at = START + np.sort(rng.integers(0, 730 * DAY, n))
        return cls(who, at, rng.integers(100, 30_000, n), np.char.add("order-", np.arange(n).astype(str)))

    def __len__(self) -> int:
        return len(self.at)

    def columns(self) -> dict[str, NDArray[Any]]:
        """As a shop's table has them."""
        day = self.at.view("datetime64[us]")
        return {"who": self.who, "day": day, "paid": self.cents / 100, "order": self.id}

    def facts(self) -> list[Purchase]:
        """As facts."""
        rows = zip(self.who.tolist(), self.at.tolist(), self.cents.tolist(), self.id.tolist())
        return [Purchase(w, Instant(at), Money.minor(c, "EUR"), id=i, source="shop") for w, at, c, i in rows]

    def block(self) -> Block:
        """As a store takes them."""
        columns: dict[str, Any] = {"number": self.cents, "label": "EUR", "source": "shop", "seen": START}
        return Block("Purchase", 1, self.who.tolist(), self.id.tolist(), self.at, **columns)

    def rows(self) -> list[tuple[Any, ...]]:
        """As tuples of the table, with numbers in place of names."""
        stream = (np.unique(self.who, return_inverse=True)[1] + 1).tolist()
        columns = (stream, self.at.tolist(), self.id.tolist(), self.cents.tolist(), range(1, len(self) + 1))
        return [(s, at, i, "shop", 1, 1, c, "EUR", "", "", START, START, n) for s, at, i, c, n in zip(*columns)]


ORDERS = Mapping(
    Purchase, subject=col("who"), at=col("day"), amount=col("paid"), currency="EUR", id=col("order"), source="shop"
)


class Place:
    """A folder in which each run has an empty store of its own."""

    def __init__(self, path: Path) -> None:
        self.path, self.n = path, 0
        self.last: Path | None = None

    def fresh(self) -> Path:
        """The path of a store that is not there yet; the one before is removed."""
        if self.last is not None:
            for file in self.path.glob(f"{self.last.name}*"):
                file.unlink()
        self.n += 1
        self.last = self.path / f"store-{self.n}.db"
        return self.last

    def loaded(self, *facts: Any) -> None:
        """A program takes all in."""
        with SQLite(self.fresh()) as store:
            Program(store).load(*facts)

    def extended(self, block: Block) -> None:
        """A store takes a block in."""
        with SQLite(self.fresh()) as store:
            store.extend([block])

    def bare(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """The peer."""
        path = self.fresh()
        SQLite(path).close()
        db = sqlite3.connect(path, isolation_level=None)
        for pragma in (
            "synchronous = FULL",
            "wal_autocheckpoint = 4000",
            "secure_delete = FAST",
            "cache_size = -65536",
        ):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN IMMEDIATE")
        db.executemany(ROW, rows)
        db.execute("COMMIT")
        db.close()


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """Loads from columns, as a block and from facts; and the scan."""
    n, runs = (10_000, 1) if short else (1_000_000, 3)
    bought, at = Purchases.drawn(n), Place(place)
    rows, block, columns = bought.rows(), bought.block(), bought.columns()
    load, extend, bare = in_turns(
        runs, lambda: at.loaded(ORDERS.of(columns)), lambda: at.extended(block), lambda: at.bare(rows)
    )
    name = f"{n:,} purchases"
    yield Figure(f"{name}, Program.load of columns", told(load), f"executemany {told(bare)}", bare / load, 0.9)
    yield Figure(f"{name}, store.extend of a block", told(extend), f"executemany {told(bare)}", bare / extend, 0.9)
    yield from _in_order(name, rows, columns, at, runs)
    facts = bought.facts()
    load, bare = in_turns(runs, lambda: at.loaded(facts), lambda: at.bare(rows))
    yield Figure(f"{name}, Program.load of facts", told(load), f"executemany {told(bare)}", bare / load, 0.3)
    yield from _scanned(name, at, block, runs)


def _in_order(
    name: str, rows: Sequence[tuple[Any, ...]], columns: dict[str, NDArray[Any]], at: Place, runs: int
) -> Iterator[Figure]:
    """The same where the source is sorted by customer and time already: the peer's best case."""
    order = sorted(range(len(rows)), key=lambda i: rows[i][:3])
    sorted_rows = [rows[i] for i in order]
    sorted_columns = {name: column[order] for name, column in columns.items()}
    load, bare = in_turns(runs, lambda: at.loaded(ORDERS.of(sorted_columns)), lambda: at.bare(sorted_rows))
    yield Figure(f"{name}, the same, already sorted", told(load), f"executemany {told(bare)}", bare / load)


def _scanned(name: str, at: Place, block: Block, runs: int) -> Iterator[Figure]:
    at.extended(block)
    path = at.last
    assert path is not None
    with SQLite(path) as store:
        db = sqlite3.connect(path)
        store.columns()
        scan, bare = in_turns(2 * runs + 1, lambda: store.columns(), lambda: db.execute(SCAN).fetchall())
        db.close()
    yield Figure(f"{name}, scan as columns", told(scan), f"fetchall {told(bare)}", bare / scan, 0.8)
