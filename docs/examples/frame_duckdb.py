"""Who is worth what, on the engine that holds the orders? Nothing leaves DuckDB but the answer (program 12)."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from pendulum import datetime

from relmkt import Ladder, Mapping, Portfolio, Purchase, Segment, col, count, days, everyone, since, total
from relmkt.frames import Frame

orders = Mapping(Purchase, subject=col("customer"), at=col("ordered_at"), amount=col("total"), currency="EUR")
spent = total(Purchase, "amount", currency="EUR", within=days(365)).named("spent")
regular = Segment("regular", (count(Purchase, within=days(365)) >= 3) & (since(Purchase) <= days(90)))
ladder = Ladder("worth", Segment("any", everyone), regular, Segment("best", regular & (spent >= 500)))
at = datetime(2026, 7, 1)

SIMULATED = """
    COPY (SELECT 'c' || (i * 7919 % 400) AS customer,
                 TIMESTAMP '2025-01-01' + to_minutes((i * 104729) % 780000) AS ordered_at,
                 ((i * 15485863) % 30000 / 100)::DECIMAL(10, 2) AS total
          FROM range({start}, {start} + 600) AS told(i)) TO '{path}' (FORMAT parquet)
"""


def main(folder: Path) -> None:
    for part in range(2):
        duckdb.sql(SIMULATED.format(start=part * 600, path=folder / f"orders{part}.parquet"))
    relation = duckdb.sql(f"from '{folder}/*.parquet'")

    local = Frame(orders.of(relation), at=at)
    print(local.select(regular).limit(3))  # a DuckDB relation with one column: customer
    print(local.columns(spent, regular, ladder).limit(3))  # customer, spent, regular, worth
    print(local.count(ladder))

    base = Portfolio(orders.of(relation), at=at)  # as the portfolio says, to the unit
    assert local.count(ladder, regular) == base.count(ladder, regular)
    assert sorted(local.select(regular).fetchall()) == [(name,) for name in base.select(regular).tolist()]
    told = dict(local.ask(spent).fetchall())
    assert [told[name] for name in base.ids.tolist()] == base.ask(spent).tolist()


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        main(Path(made))
