"""How fast are the purchase summary, the BG/NBD fit and RFM, beside lifetimes and polars? A first form.

The CDNOW sample is the papers' 39-week calibration; the large base is simulated by the model itself, with a seed.
"""

import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import lifetimes
import numpy as np
import pandas as pd
import polars as pl
from lifetimes.utils import summary_data_from_transaction_data
from pendulum import datetime

from relmkt.datasets import cdnow_sample
from relmkt.value import BetaGeo, PurchaseSummary
from relmkt.value._rfm import group_edges
from tests.benchmarks.figure import Figure, in_turns, told

SHAPE = {"r": 0.9, "alpha": 25.0, "a": 0.7, "b": 12.0}  # of the simulated base, in days


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """Summary, fit and RFM quintiles."""
    n, runs = (2_000, 1) if short else (1_000_000, 3)
    bought = cdnow_sample().columns
    sample = PurchaseSummary.from_purchases(
        bought["customer"], bought["day"], bought["amount"], at=datetime(1997, 10, 1), unit="week"
    )
    yield _fit("BG/NBD fit, CDNOW sample", sample, 1 if short else 21)
    who, day = simulated(n)
    yield from _summaries(who, day, runs)
    base = PurchaseSummary.from_purchases(who, day, at=datetime(2026, 1, 1), unit="day")
    yield _fit(f"BG/NBD fit, {n:,} customers", base, 1)
    yield _quintiles(n, 2 * runs + 1)


def _fit(name: str, summary: PurchaseSummary, runs: int) -> Figure:
    x, t_x, T = (pd.Series(column) for column in (summary.frequency, summary.recency, summary.T))
    ours, peer = in_turns(runs, lambda: BetaGeo.fit(summary), lambda: lifetimes.BetaGeoFitter().fit(x, t_x, T))
    return Figure(name, told(ours), f"lifetimes {told(peer)}", peer / ours)


def simulated(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Customers and days of the purchases that the model expects of so many who came over 730 days."""
    rng = np.random.default_rng(9)
    rate = rng.gamma(SHAPE["r"], 1 / SHAPE["alpha"], n)
    leaves = rng.beta(SHAPE["a"], SHAPE["b"], n)
    who, at = np.arange(n), rng.uniform(0, 730, n)
    whose, when = [who], [at]
    while who.size:
        stays = rng.random(who.size) >= leaves[who]
        who, at = who[stays], at[stays] + rng.exponential(1 / rate[who[stays]])
        inside = at < 730
        who, at = who[inside], at[inside]
        whose.append(who)
        when.append(at)
    day = np.concatenate(when).astype(np.int64)
    order = np.argsort(day, kind="stable")
    return np.concatenate(whose)[order], np.datetime64("2024-01-01", "D") + day[order]


def _summaries(who: np.ndarray, day: np.ndarray, runs: int) -> Iterator[Figure]:
    frame = pl.DataFrame({"who": who, "day": day})
    table = pd.DataFrame({"who": who, "day": day.astype("datetime64[s]")})

    def by_polars() -> pl.DataFrame:
        days = frame.lazy().unique().group_by("who")
        first, last = pl.col("day").min(), pl.col("day").max()
        return days.agg(
            x=pl.len().cast(pl.Int64) - 1,
            t_x=(last - first).dt.total_days(),
            T=(pl.lit(date(2026, 1, 1)) - first).dt.total_days(),
        ).collect()

    ours, polars = in_turns(
        runs, lambda: PurchaseSummary.from_purchases(who, day, at=datetime(2026, 1, 1), unit="day"), by_polars
    )
    name = f"summary of {len(who):,} purchases"
    yield Figure(name, told(ours), f"polars {told(polars)}", polars / ours)
    (theirs,) = in_turns(
        1, lambda: summary_data_from_transaction_data(table, "who", "day", observation_period_end="2026-01-01")
    )
    yield Figure(name, told(ours), f"lifetimes {told(theirs)}", theirs / ours)


def _quintiles(n: int, runs: int) -> Figure:
    rng = np.random.default_rng(4)
    columns = {
        "recency": rng.integers(0, 730, n).astype(float),
        "frequency": rng.geometric(0.2, n).astype(float),
        "monetary": rng.gamma(2, 40, n),
    }
    frame = pl.DataFrame(columns)
    shares = [0.2, 0.4, 0.6, 0.8]

    def ours() -> list[np.ndarray]:
        return [np.searchsorted(group_edges(column, 5), column) for column in columns.values()]

    def theirs() -> pl.DataFrame:
        with warnings.catch_warnings():  # newer versions have another word for it, older ones only this
            warnings.simplefilter("ignore", DeprecationWarning)
            return frame.select(pl.col(name).qcut(shares, allow_duplicates=True) for name in columns)

    mine, peer = in_turns(runs, ours, theirs)
    return Figure(f"RFM quintiles, {n:,} customers", told(mine), f"polars qcut {told(peer)}", peer / mine)
