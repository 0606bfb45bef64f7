"""How long does an analyst wait, from a file of five million orders to each customer's value for next year?

The steps of `docs/examples/analyst_value.py`, at the size that a shop has, in a process of its own whose memory is read
when each step ends. There is no peer that does all of it: each line is ours alone.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from tests.benchmarks.figure import Figure, told

TOP = Path(__file__).parents[2]
A_DAY = 86_400_000_000  # microseconds


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """Seconds and peak memory by step, and of the whole."""
    orders = drawn(*(1_000, 8_000) if short else (560_000, 5_000_000))
    orders.write_parquet(place / "orders.parquet")
    name, rows = f"program 2 on {len(orders):,} orders", len(orders)
    command = [sys.executable, "-m", "tests.benchmarks.analyst", str(place.resolve())]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=TOP)
    whole, peak = 0.0, 0.0
    for line in done.stdout.splitlines():
        step, taken, peak = json.loads(line)
        whole += taken
        yield Figure(f"{name}, {step}", f"{told(taken)}, peak {peak:,.0f} MB", "–", None)
    yield Figure(f"{name}, whole", f"{told(whole)}, peak {peak:,.0f} MB, {rows / whole:,.0f} orders/s", "–", None)


def drawn(n: int, rows: int) -> pl.DataFrame:
    """So many orders of n simulated customers over two years, in no order: ids as text, instants, amounts in euros."""
    from tests.benchmarks.value import SPEND, simulated

    who, day = simulated(n)
    rng = np.random.default_rng(21)
    scale = rng.gamma(SPEND["q"], 1 / SPEND["v"], n)
    spent = np.round(rng.gamma(SPEND["p"], 1.0, who.size) / scale[who] + 0.01, 2)
    at = day.astype("datetime64[us]") + rng.integers(0, A_DAY, who.size)
    bought = pl.DataFrame({"customer": who, "day": at, "total": spent})
    return bought.with_columns(pl.format("c{}", "customer").alias("customer")).sample(n=rows, shuffle=True, seed=21)


def _timed(name: str, work: Callable[[], Any]) -> Any:
    """What the work gives; its seconds, and the most memory held until then, are told as a line of JSON."""
    start = perf_counter()
    answer = work()
    print(json.dumps([name, perf_counter() - start, _peak()]), flush=True)
    return answer


def _peak() -> float:
    """Megabytes. Linux hands the figure of `getrusage` down from the process that started this one, this one not."""
    status = Path("/proc/self/status")
    if status.exists():
        return float(status.read_text().split("VmHWM:")[1].split()[0]) * 1024 / 1e6
    scale = 1 if sys.platform == "darwin" else 1024  # there the system tells bytes, elsewhere kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e6


def program(place: Path, step: Callable[[str, Callable[[], Any]], Any] = _timed) -> None:
    """Program 2, step by step."""
    from pendulum import datetime

    from relmkt import Mapping, Portfolio, Purchase, Segment, col, days
    from relmkt.report import cohort_chart
    from relmkt.value import RFM, BetaGeo, GammaGamma, PurchaseSummary, cohorts, lifetime_value

    orders = Mapping(Purchase, subject=col("customer"), at=col("day"), amount=col("total"), currency="EUR")
    table = step("read parquet", lambda: pl.read_parquet(place / "orders.parquet"))
    base = step("mapped into a portfolio", lambda: Portfolio(orders.of(table), at=datetime(2026, 1, 1)))
    rfm = step("RFM.fit", lambda: RFM.fit(base, currency="EUR"))
    slipping = Segment("slipping", (rfm.recency <= 2) & (rfm.monetary >= 4))
    counts = step("count by segment", lambda: base.count(*rfm.segments, slipping))
    summary = step("summary", lambda: PurchaseSummary.of(base, currency="EUR", unit="week"))
    buying = step("fit of BG/NBD", lambda: BetaGeo.fit(summary))
    spending = step("fit of Gamma–Gamma", lambda: GammaGamma.fit(summary))
    worth = step(
        "lifetime value with intervals",
        lambda: lifetime_value(buying, spending, summary, horizon=days(365), discount=0.10),
    )
    columns = step("columns", lambda: base.columns(rfm.recency, rfm.frequency, rfm.monetary, slipping, value=worth))
    step("write parquet", lambda: pl.DataFrame(columns).write_parquet(place / "scores.parquet"))
    found = step("cohorts", lambda: cohorts(base, period="month"))
    step("cohort chart", lambda: (place / "cohorts.svg").write_text(cohort_chart(found)))
    held = pl.read_parquet(place / "scores.parquet")
    sound = (held["value_low"] <= held["value"]) & (held["value"] <= held["value_high"])
    if len(held) != len(base) or not sound.all() or sum(counts.values()) < len(base):
        raise AssertionError("the table of scores does not hold everybody's value within its interval")


if __name__ == "__main__":
    program(Path(sys.argv[1]))
