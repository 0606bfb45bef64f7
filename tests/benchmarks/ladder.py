"""How fast are rules over a million customers' columns, beside the same conditions in polars? And one customer's?

The measures are ready columns on both sides: what is timed is judging. The portfolio works in one thread; polars is
held to two in a process of its own, then to as many as it likes. Its answer is checked to be ours.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from relmkt import Customer, Ladder, Money, Portfolio, Purchase, Rule, Segment, count, days, everyone, since, total
from relmkt.columns import FactTable
from relmkt.windows import DAY, Instant
from tests.benchmarks.figure import Figure, in_turns, told

AT = Instant(730 * DAY)
N, RECENT = count(Purchase), count(Purchase, within=days(90))
SINCE, SPENT = since(Purchase), total(Purchase, "amount", currency="EUR")
YEAR = total(Purchase, "amount", currency="EUR", within=days(365))
LADDER = Ladder(
    "worth",
    Segment("anyone", everyone),
    Segment("customer", N >= 1),
    Segment("regular", (RECENT >= 2) & (days(90) >= SINCE)),
    Segment("best", (RECENT >= 2) & (days(90) >= SINCE) & (YEAR >= 200)),
    Segment("top", (N >= 4) & (days(30) >= SINCE) & (SPENT >= 500)),
)


def rules(n: int = 50) -> list[Rule]:
    """So many rules of two to three comparisons each, which share some."""
    pool = [
        *(k <= N for k in range(1, 8)),
        *(k <= RECENT for k in range(1, 6)),
        *(days(k) >= SINCE for k in (7, 14, 30, 60, 90, 180)),
        *(k <= SPENT for k in (10, 50, 100, 200, 500)),
        *(k <= YEAR for k in (10, 50, 100, 200)),
    ]
    rng = np.random.default_rng(1)
    forms: list[Any] = [
        lambda a, b, c: a & b & c,
        lambda a, b, c: (a | b) & ~c,
        lambda a, b, c: a & ~b,
        lambda a, b, c: (a & b) | c,
    ]
    drawn = ([pool[i] for i in rng.choice(len(pool), 3, replace=False).tolist()] for _ in range(n))
    return [forms[k % len(forms)](*three) for k, three in enumerate(drawn)]


def base_of(customers: int) -> Portfolio:
    """So many customers with three purchases each on the average, over two years."""
    rng = np.random.default_rng(1)
    n = 3 * customers
    stream = np.sort(np.concatenate([np.arange(customers), rng.integers(0, customers, n - customers)]))
    at = rng.integers(0, 730 * DAY, n)
    at = at[np.lexsort((at, stream))]
    ids = np.char.zfill(np.arange(customers).astype(str), 7)
    cents, one = rng.integers(0, 20_000, n).astype(float), np.zeros(n, np.int16)
    columns = (stream, at, one, cents, one.astype(np.int32))
    table = FactTable(ids, ("Purchase",), ("EUR",), *columns, classes={"Purchase": Purchase})
    return Portfolio(table, at=AT)


def judged(customers: int, runs: int) -> dict[str, float]:
    """Seconds of ours and of polars for the ladder's names, of ours for 50 rules; how many threads polars had."""
    import polars as pl

    base = base_of(customers)
    measures = {"n": N, "recent": RECENT, "since": SINCE, "spent": SPENT, "year": YEAR}
    frame = pl.DataFrame({name: base.ask(measure) for name, measure in measures.items()})
    n, recent, since_, spent, year = (pl.col(name) for name in measures)
    regular = (recent >= 2) & (since_ <= 90)
    name = (
        pl.when((n >= 4) & (since_ <= 30) & (spent >= 500))
        .then(pl.lit("top"))
        .when(regular & (year >= 200))
        .then(pl.lit("best"))
        .when(regular)
        .then(pl.lit("regular"))
        .when(n >= 1)
        .then(pl.lit("customer"))
        .otherwise(pl.lit("anyone"))
    )
    many = rules()
    if base.ask(LADDER).tolist() != frame.select(name.alias("rung"))["rung"].to_list():
        raise AssertionError("polars stands elsewhere: the conditions are not the same")
    base.count(*many)
    works = (lambda: base.ask(LADDER), lambda: frame.select(name.alias("rung")), lambda: base.count(*many))
    ours, peer, fifty = in_turns(runs, *works)
    return {"ours": ours, "peer": peer, "rules": fifty, "threads": pl.thread_pool_size()}


def _child(customers: int, runs: int, threads: int | None) -> dict[str, float]:
    env = {**os.environ, **({} if threads is None else {"POLARS_MAX_THREADS": str(threads)})}
    command = [sys.executable, "-m", "tests.benchmarks.ladder", str(customers), str(runs)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """The ladder beside polars with two threads and with all; 50 rules; one customer."""
    customers, runs = (10_000, 1) if short else (1_000_000, 15)
    two = _child(customers, runs, 2)
    for found, aim in ((two, 1 / 1.5), (_child(customers, runs, None), None)):
        threads = f"polars, {found['threads']:.0f} threads {told(found['peer'])}"
        yield Figure(
            f"ladder, {customers:,} customers", told(found["ours"]), threads, found["peer"] / found["ours"], aim
        )
    yield Figure(f"50 rules, {customers:,} customers", told(two["rules"]), "at most 200 ms", 0.2 / two["rules"], 1)
    bought = [Purchase("ada", Instant(d * DAY), Money("49.90", "EUR")) for d in range(0, 720, 30)]
    ada, times = Customer.of("ada", bought, facets=LADDER.facets(), at=AT), 10 if short else 2_000
    (taken,) = in_turns(runs, lambda: [ada.ask(LADDER) for _ in range(times)])
    yield Figure("ladder, one customer", told(taken / times), "at most 20 µs", 20e-6 * times / taken, 1)


if __name__ == "__main__":
    print(json.dumps(judged(int(sys.argv[1]), int(sys.argv[2]))))
