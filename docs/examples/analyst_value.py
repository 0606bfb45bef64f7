"""Program 2: an analyst reads a file of transactions, finds segments, and values customers with intervals.

The file is made here: two hundred thousand orders, drawn with a seed from the model that the values are later read by
(gamma rates, geometric dropout, gamma spend), so that what the fit should find is known.
"""

from pathlib import Path

import numpy as np
import polars as pl
from pendulum import datetime

from relmkt import Mapping, Portfolio, Purchase, Segment, col, days
from relmkt.report import cohort_chart
from relmkt.value import RFM, BetaGeo, GammaGamma, PurchaseSummary, cohorts, lifetime_value


# --- orders.parquet: made, where a shop has its own -----------------------------------------------------------------
def drawn(n: int = 56_400, seed: int = 7) -> pl.DataFrame:
    """Orders of n customers who came in 2025, up to July 2026, under BG/NBD with r 0.6, alpha 6 weeks, a 0.8, b 2.5."""
    draws, until = np.random.default_rng(seed), 7 * 78.0
    born, rate = draws.uniform(0, 365, n), draws.gamma(0.6, 1 / 6, n)
    leaving, mean = draws.beta(0.8, 2.5, n), 15 * 6 / draws.gamma(4, 1, n)
    who, when, at, alive = [np.arange(n)], [born], born.copy(), np.arange(n)
    while alive.size:
        alive = alive[draws.random(alive.size) >= (leaving[alive] if len(who) > 1 else 0)]
        at[alive] += 7 * draws.exponential(1 / rate[alive])
        alive = alive[at[alive] < until]
        who.append(alive), when.append(at[alive].copy())
    customer, day = np.concatenate(who), np.concatenate(when)
    total = np.round(mean[customer] * draws.gamma(6, 1 / 6, customer.size) + 0.01, 2)
    stamp = np.datetime64("2025-01-01", "us") + (day * 86_400e6).astype("timedelta64[us]")
    told = pl.DataFrame({"customer": customer, "day": stamp, "total": total})
    return told.with_columns(pl.format("c{}", "customer").alias("customer")).sample(fraction=1, shuffle=True, seed=seed)


if not Path("orders.parquet").exists():
    drawn().write_parquet("orders.parquet")

# --- the program -----------------------------------------------------------------------------------------------------
orders = Mapping(Purchase, subject=col("customer"), at=col("day"), amount=col("total"), currency="EUR")
base = Portfolio(orders.of(pl.read_parquet("orders.parquet")), at=datetime(2026, 7, 1))
print(base)  # 56,400 customers, 200,721 facts, at 2026-07-01T00:00:00+00:00

rfm = RFM.fit(base, currency="EUR")
slipping = Segment("slipping", (rfm.recency <= 2) & (rfm.monetary >= 4))
print(base.count(*rfm.segments, slipping))

summary = PurchaseSummary.of(base, currency="EUR", unit="week")
buying, spending = BetaGeo.fit(summary), GammaGamma.fit(summary)
print(buying, spending, sep="\n")
worth = lifetime_value(buying, spending, summary, horizon=days(365), discount=0.10)
print(worth)
print(worth["c42"])

scores = pl.DataFrame(base.columns(rfm.recency, rfm.frequency, rfm.monetary, slipping, value=worth))
scores.write_parquet("scores.parquet")  # customer, three scores, slipping, value, value_low, value_high
table = cohorts(base, period="month")
print(table)
Path("cohorts.svg").write_text(cohort_chart(table))

# --- what holds ------------------------------------------------------------------------------------------------------
assert len(base) == 56_400
assert len(base.facts(Purchase)) > 190_000
assert sum(base.count(*rfm.segments).values()) == len(base)
assert np.allclose([buying.r, buying.alpha, buying.a, buying.b], [0.6, 6, 0.8, 2.5], rtol=0.1)  # as they were drawn
assert np.allclose([spending.p, spending.q, spending.v], [6, 4, 15], rtol=0.1)
assert worth["c42"].low < worth["c42"].value < worth["c42"].high
scored = ["recency score", "frequency score", "monetary score"]
named = ["customer", *scored, "slipping", "value", "value_low", "value_high"]
assert pl.read_parquet("scores.parquet").columns == named
assert sum(table.size) == len(base)
assert "<svg" in Path("cohorts.svg").read_text()
