"""Amounts, texts and local times of every type that engines hold them in, as facts hold them."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from relmkt.facts import Purchase, Visit
from relmkt.frames import Frame
from relmkt.frames._times import pieces
from relmkt.mapping import Mapping, col
from relmkt.portfolio import Portfolio
from relmkt.tallies import count, last, total
from relmkt.windows import DAY, HOUR, Instant
from relmkt.windows._local import local_micros
from tests.frames.rows import ENGINES, rows_of

AT = Instant("2026-07-01T00:00:00Z")
orders = Mapping(Purchase, subject=col("who"), at=col("day"), amount=col("total"), currency="EUR")
spent = total(Purchase, "amount", currency="EUR").named("spent")
engines = pytest.mark.parametrize("engine", ENGINES)


def told(engine: str, mapping: Mapping, rows: pa.Table, *questions: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows_of(Frame(mapping.of(ENGINES[engine](rows)), at=AT).columns(*questions))
    return found


@engines
@pytest.mark.parametrize(
    "sort, amounts, cents",
    [
        (pa.float64(), [49.9, 0.1 + 0.2], 5020),
        (pa.float32(), [49.9, 0.25], 5015),
        (pa.int32(), [30_000_000, 1], 3_000_000_100),
        (pa.uint8(), [255, 1], 25_600),
        (pa.decimal128(12, 2), [Decimal("49.90"), Decimal("0.01")], 4991),
        (pa.decimal128(12, 1), [Decimal("49.9"), Decimal("0.1")], 5000),
        (pa.decimal128(12, 4), [Decimal("49.9000"), Decimal("0.0001")], 4990),
        (pa.float64(), [2_000_000_000_000.01, 0.001], 200_000_000_000_001),
    ],
)
def test_amounts_of_every_type(engine: str, sort: pa.DataType, amounts: list[Any], cents: int) -> None:
    # rule E01: money exactly; what is finer than its currency is no amount
    rows = pa.table({"who": ["ada"] * 2, "day": [dt.datetime(2026, 3, 1)] * 2, "total": pa.array(amounts, sort)})
    if engine.startswith("pandas") and pa.types.is_decimal(sort):
        data: Any = rows.to_pandas(types_mapper=pd.ArrowDtype)
        (row,) = rows_of(Frame(orders.of(data), at=AT).columns(spent))
    else:
        (row,) = told(engine, orders, rows, spent)
    assert row["spent"] == cents / 100


@engines
def test_currencies_of_other_decimals(engine: str) -> None:
    # rule E01: one currency a total, each with its own decimals
    mixed = Mapping(Purchase, subject=col("who"), at=col("day"), amount=col("total"), currency=col("cur"))
    rows = pa.table(
        {
            "who": ["ada"] * 6,
            "day": [dt.datetime(2026, 3, 1)] * 6,
            "total": [5.0, 5.5, 1.005, 1.005, 2.0, 3.0],
            "cur": ["JPY", "JPY", "KWD", "EUR", "XXX", None],
        }
    )
    asked = [total(Purchase, "amount", currency=code).named(code) for code in ("JPY", "KWD", "EUR")]
    (row,) = told(engine, mixed, rows, *asked, count(Purchase).named("n"))
    assert row == {"customer": "ada", "JPY": 5.0, "KWD": 1.005, "EUR": 0.0, "n": 2.0}


@engines
def test_text_columns(engine: str) -> None:
    stays = Mapping(Visit, subject=col("who"), at=col("day"), place=col("hotel"))
    day = [dt.datetime(2026, 3, 1)] * 4
    whole = pa.table({"who": pa.array([7, 7, None, 8], pa.int64()), "day": day, "hotel": ["a\x01", "b", "c", None]})
    asked = [count(Visit, place=place).named(f"n{place}") for place in ("b", "")]
    assert told(engine, stays, whole, *asked) == [
        {"customer": "7", "nb": 1.0, "n": 0.0},
        {"customer": "8", "nb": 0.0, "n": 1.0},
    ]
    odd = pa.table({"who": ["x", "\x02", "", "x"], "day": day, "hotel": pa.array([1.0, 2.0, 3.0, 1.5], pa.float64())})
    assert told(engine, stays, odd, count(Visit, place="1").named("n")) == [{"customer": "x", "n": 1.0}]


# Of Paris, New York, Lord Howe (half an hour), Casablanca (twice a year around Ramadan), Apia (a day skipped whole).
ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]


def clocks(zone: str) -> list[dt.datetime]:
    """Times shown around each change of the clock since 1890, and some others."""
    epoch = dt.datetime(1970, 1, 1)
    walls = [
        piece.wall + step for piece in pieces(zone, -80 * 365 * DAY, int(AT)) for step in (-HOUR, -1, 0, 1, HOUR // 2)
    ]
    walls += range(-80 * 365 * DAY, int(AT), 977 * DAY + HOUR)
    return sorted({epoch + dt.timedelta(microseconds=wall) for wall in walls if -80 * 365 * DAY < wall < int(AT) - DAY})


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("zone", ZONES)
def test_local_times(engine: str, zone: str) -> None:
    # rule R65: skipped times are the first instant after, repeated ones their first occurrence
    shown = clocks(zone)
    assert len(shown) > 100
    rows = pa.table({"who": [f"c{i:05}" for i in range(len(shown))], "day": pa.array(shown, pa.timestamp("us"))})
    stays = Mapping(Visit, subject=col("who"), at=col("day"), zone=zone)
    found = told(engine, stays, rows, last(Visit).named("at"))
    assert [row["at"] for row in found] == [local_micros(wall, zone) for wall in shown]


@engines
def test_dates_and_whole_microseconds(engine: str) -> None:
    # rule E01: time zones
    paris = Mapping(Visit, subject=col("who"), at=col("day"), zone="Europe/Paris")
    midnight = int(Instant("2026-02-28T23:00:00Z"))
    micros = pa.table({"who": ["ada"], "day": pa.array([midnight + 5], pa.int64())})
    assert told(engine, paris, micros, last(Visit).named("at")) == [{"customer": "ada", "at": midnight + 5}]
    zoned = pa.table({"who": ["ada"], "day": pa.array([midnight + 5], pa.timestamp("us", "America/New_York"))})
    assert told(engine, paris, zoned, last(Visit).named("at")) == [{"customer": "ada", "at": midnight + 5}]
    if not engine.startswith("pandas"):  # which has no dates
        dates = pa.table({"who": ["ada"], "day": [dt.date(2026, 3, 1)]})
        assert told(engine, paris, dates, last(Visit).named("at")) == [{"customer": "ada", "at": midnight}]


@engines
def test_rows_that_a_load_refuses_are_left_out(engine: str) -> None:
    rows = pa.table(
        {
            "who": ["ada", None, "bob", "cleo", "dan"],
            "total": [1.0, 2.0, None, -1.0, float("inf")],
            "day": [
                dt.datetime(2026, 3, 1),
                dt.datetime(2026, 3, 1),
                dt.datetime(2026, 3, 1),
                dt.datetime(2026, 3, 1),
                dt.datetime(2026, 3, 1),
            ],
        }
    )
    assert told(engine, orders, rows, spent) == [{"customer": "ada", "spent": 1.0}]
    nobody = told(engine, orders, rows.slice(1, 1), spent)
    assert nobody == []
    assert Frame(orders.of(ENGINES[engine](rows.slice(1, 1))), at=AT).count(spent.known()) == {str(spent.known()): 0}


def test_several_sources_are_one_history() -> None:
    # rule E02: how the rows are parted changes nothing
    whole = pl.DataFrame(
        {
            "who": ["a", "b", "a", "c"],
            "day": [dt.datetime(2026, 3, d) for d in (1, 2, 3, 4)],
            "total": [1.0, 2.0, 3.0, 4.0],
        }
    )
    asked = (spent, count(Purchase), spent >= 4)
    one = rows_of(Frame(orders.of(whole), at=AT).columns(*asked))
    parts = rows_of(Frame(*(orders.of(whole.slice(i, 1)) for i in range(4)), at=AT).columns(*asked))
    assert one == parts
    assert [row["spent"] for row in one] == Portfolio(orders.of(whole), at=AT).ask(spent).tolist()
