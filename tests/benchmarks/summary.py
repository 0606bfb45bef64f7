"""How fast is the purchase summary, in time and memory, beside polars, DuckDB and lifetimes? Ten million purchases.

The peers' work is what the models need: same-day purchases as one, first and last day, repeats, and the amounts after
the first day. Of each engine several plans run, and the best of them is the peer; all must find the same sums.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from lifetimes.utils import summary_data_from_transaction_data
from pendulum import datetime

from relmkt.value._summaries._summary import PurchaseSummary
from tests.benchmarks.figure import Figure, in_turns, told
from tests.benchmarks.value import simulated

AT = datetime(2026, 1, 1)
COLUMNS = ("who", "day", "paid")
Column = np.ndarray[Any, np.dtype[Any]]
Plans = Mapping[str, Callable[[], Any]]
DAYS = "select who, day, sum(paid) paid from rows group by who, day"
AGES = "count(*) - 1 x, max(day) - min(day) t_x, date '2026-01-01' - min(day) T"
DUCK = {
    "arg_min": f"select who, {AGES}, sum(paid) - arg_min(paid, day) later from ({DAYS}) group by who",
    "join": f"with days as ({DAYS}), ages as (select who, {AGES}, min(day) born from days group by who) "
    "select who, any_value(x) x, any_value(t_x) t_x, any_value(T) T, "
    "sum(paid) filter (where day > born) later from days join ages using (who) group by who",
}


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """Integer ids against each engine, and lifetimes; the peak of memory; ids that are text, as a column and a list."""
    customers, rows, runs = (2_000, 20_000, 1) if short else (1_000_000, 10_000_000, 3)
    who, day, paid = purchases(customers, rows)
    name = f"summary of {rows:,} purchases, {customers:,} customers"
    frame = pl.DataFrame({"who": who, "day": day, "paid": paid})

    def ours() -> PurchaseSummary:
        return PurchaseSummary.from_purchases(who, day, paid, at=AT, unit="day")

    _agree(ours(), _polars(frame), lambda found: found["later"].sum())
    yield from _beside(name, ours, _polars(frame), "polars", runs, 4)
    yield from _beside(name, ours, _duck(frame), "DuckDB", runs, 4)
    yield _lifetimes(name, ours, (who, day, paid))
    yield _memory(place, name, frame)
    ids = np.char.add("C", np.char.zfill(who.astype("U7"), 7))
    texts, listed = frame.with_columns(who=pl.Series(ids.tolist())), ids.tolist()

    def ours_of(ids: Any) -> PurchaseSummary:
        return PurchaseSummary.from_purchases(ids, day, paid, at=AT, unit="day")

    yield from _beside(f"{name}, ids of text", lambda: ours_of(ids), _polars(texts), "polars", runs, 1)
    plan = next(reversed(_polars(texts)))

    def from_a_list() -> Any:
        return _polars(frame.with_columns(who=pl.Series(listed)))[plan]()

    yield from _beside(f"{name}, a list of text", lambda: ours_of(listed), {plan: from_a_list}, "polars", runs, 1)


def purchases(customers: int, rows: int) -> tuple[Column, Column, Column]:
    """Simulated purchases, and as many more of the same customers on days of others as there are wanted."""
    who, day = simulated(customers)
    rng = np.random.default_rng(5)
    more = rng.integers(0, who.size, (2, max(rows - who.size, 0)))
    who, day = np.append(who, who[more[0]])[:rows], np.append(day, day[more[1]])[:rows]
    return who, day, np.round(rng.gamma(2, 20, rows), 2)


def _polars(frame: pl.DataFrame) -> dict[str, Callable[[], pl.DataFrame]]:
    """Plans of polars, the one most often the best last."""
    day, paid, rows = pl.col("day"), pl.col("paid"), frame.lazy()
    days = rows.group_by("who", "day").agg(paid.sum())
    born = rows.group_by("who").agg(born=day.min())

    def of(days: pl.LazyFrame, later: pl.Expr, engine: Any = "auto") -> Callable[[], pl.DataFrame]:
        t_x, T = (day.max() - day.min()).dt.total_days(), (pl.lit(date(2026, 1, 1)) - day.min()).dt.total_days()
        plan = days.group_by("who").agg(x=pl.len().cast(pl.Int64) - 1, t_x=t_x, T=T, later=later)
        return lambda: plan.collect(engine=engine)

    plans = {
        "sorted": of(days.sort("day"), paid.sum() - paid.first()),
        "arg_min": of(days, paid.sum() - paid.get(day.arg_min())),
        "join": of(days.join(born, on="who"), paid.filter(day > pl.col("born")).sum()),
        "streaming join": of(days.join(born, on="who"), paid.filter(day > pl.col("born")).sum(), "streaming"),
    }
    if hasattr(paid, "min_by"):
        plans["min_by"] = of(days, paid.sum() - paid.min_by("day"))
    return plans


def _duck(frame: pl.DataFrame) -> Plans:
    base = duckdb.connect()
    base.register("given", frame)
    base.execute("create table rows as select * from given")
    return {name: lambda plan=plan: base.execute(plan).fetchnumpy() for name, plan in DUCK.items()}


def _agree(summary: PurchaseSummary, plans: Plans, later: Callable[[Any], float]) -> None:
    spent = float(np.nansum(summary.monetary_value * summary.frequency))
    for plan in plans.values():
        found = plan()
        same = found["x"].sum() == summary.frequency.sum() and found["T"].sum() == summary.T.sum()
        if not (same and abs(later(found) - spent) < 1e-6 * spent):
            raise ValueError("a peer's plan finds something else")


def _beside(
    name: str, ours: Callable[[], Any], plans: Plans, peer: str, runs: int, aim: float | None
) -> Iterator[Figure]:
    taken = in_turns(runs, ours, *plans.values())
    plan, best = min(zip(plans, taken[1:], strict=True), key=lambda pair: pair[1])
    yield Figure(name, told(taken[0]), f"{peer} ({plan}) {told(best)}", best / taken[0], aim)


def _lifetimes(name: str, ours: Callable[[], Any], rows: tuple[Column, Column, Column]) -> Figure:
    who, day, paid = rows
    table = pd.DataFrame({"who": who, "day": day.astype("datetime64[s]"), "paid": paid})
    theirs, *mine = in_turns(
        1, lambda: summary_data_from_transaction_data(table, *COLUMNS, observation_period_end="2026-01-01")
    ) + in_turns(3, ours)
    return Figure(name, told(mine[0]), f"lifetimes {told(theirs)}", theirs / mine[0], 25)


def _memory(place: Path, name: str, frame: pl.DataFrame) -> Figure:
    """The peak of a whole process that loads the rows in its own form and sums them up."""
    frame.write_ipc(place / "rows.arrow")
    for column in frame.columns:
        np.save(place / f"{column}.npy", frame[column].to_numpy())
    ours, peer = (_peak(place, who) for who in ("ours", "min_by" if hasattr(pl.Expr, "min_by") else "join"))
    return Figure(f"{name}, peak of memory", f"{ours:.0f} MB", f"polars {peer:.0f} MB", peer / ours, 1)


def _peak(place: Path, who: str) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.summary", str(place), who]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def _peak_here(place: Path, who: str) -> float:
    if who == "ours":
        rows = [np.load(place / f"{column}.npy") for column in COLUMNS]
        PurchaseSummary.from_purchases(*rows, at=AT, unit="day")
    else:
        _polars(pl.read_ipc(place / "rows.arrow"))[who]()
    status = Path("/proc/self/status")
    if status.exists():  # a child's ru_maxrss begins at its parent's on Linux; VmHWM is of this program alone
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    print(json.dumps(_peak_here(Path(sys.argv[1]), sys.argv[2])))
