"""A tally in SQL answers as one customer and as everyone: on SQLite and DuckDB, over the hot columns of facts."""

import sqlite3
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from attrs import frozen
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from relmkt.codec import Codec
from relmkt.exceptions import UnsupportedError
from relmkt.facts import Answer, Fact, Profile, Purchase, Visit, stream_of
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.tallies import Tallied, Tally, count, first, last, newest, since, total
from relmkt.tallies._measures import tallied
from relmkt.tallies._sql import sql
from relmkt.windows import DAY, days, hours, month, week
from tests.frames.rows import AT, Ledger, customers, facts_of, one_content_an_id, table_of, tables

COLUMNS = "stream TEXT, at BIGINT, kind TEXT, {number}, label TEXT, id TEXT, source TEXT"
Rows = list[tuple[Any, ...]]


def hot(facts: list[Fact]) -> Rows:
    told = []
    for fact in facts:
        record = Codec().encode(fact)
        stream = stream_of(type(fact).subject_kind, fact.subject)
        told.append((stream, record.at, record.kind, record.number, record.label, record.id, record.source))
    return told


def on_sqlite(rows: Rows, text: str, parameters: tuple[Any, ...]) -> Rows:
    db = sqlite3.connect(":memory:")
    db.execute(f"CREATE TABLE facts ({COLUMNS.format(number='number')})")
    db.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return db.execute(text, parameters).fetchall()


def on_duckdb(rows: Rows, text: str, parameters: tuple[Any, ...]) -> Rows:
    db = duckdb.connect()
    sorts = [pa.string(), pa.int64(), pa.string(), pa.float64(), pa.string(), pa.string(), pa.string()]
    names = ["stream", "at", "kind", "number", "label", "id", "source"]
    facts = pa.table([pa.array([row[i] for row in rows], sort) for i, sort in enumerate(sorts)], names)
    db.register("facts", facts)
    return db.execute(text, parameters).fetchall()


databases = pytest.mark.parametrize("ask", [on_sqlite, on_duckdb])

ASKED: list[Any] = [
    *(
        measure
        for within in (None, days(7), hours(36), week(), month("Europe/Paris"))
        for measure in (
            count(Purchase, within=within),
            count(Visit, within=within, place="Lyon"),
            newest(Answer, "score", within=within),
            total(Purchase, "amount", currency="EUR", within=within),
            total(Ledger, "change", currency="USD", within=within),
        )
    ),
    count(Ledger, change=Money("0.01", "USD")),
    count(Ledger, change=1),
    count(Visit, place=3),
    count(Answer, score=9),
    count(Answer, source="poll"),
    newest(Answer, "score", item="stay"),
    first(Answer, "score"),
    newest(Visit, "place"),
    first(Visit, "place"),
    newest(Answer, "source"),
    first(Visit),
    last(Visit, place="Nice"),
    since(Purchase),
    since(Fact),
    count(Profile),
    count(Fact),
    newest(Answer, "at"),
    total(Answer, "score"),
    total(Answer, "score", within=days(7)),
    tallied(Tally("count", Visit, within=days(7), grain=DAY)),
    count(Visit, id="no such"),
    count(Visit, at=AT),
]


@databases
@settings(max_examples=settings().max_examples // 2, phases=[Phase.reuse, Phase.generate, Phase.shrink])
@given(told=tables(), asked=st.lists(st.sampled_from(ASKED), min_size=4, max_size=8))
def test_sql_is_one_is_many(ask: Callable[..., Rows], told: dict[str, pa.Table], asked: list[Tallied]) -> None:
    # rules R46, R47, E01
    facts = facts_of(one_content_an_id(told))
    everyone, base = customers(facts), Portfolio(table_of(facts), at=AT)
    for measure in asked:
        found = dict(ask(hot(facts), *sql(measure.tally, AT)))
        nothing = 0 if measure.tally.sort in ("count", "total") else None
        many = dict(zip(base.ids.tolist(), base.ask(measure).tolist()))
        for name, customer in everyone.items():
            one, value = customer.ask(measure), found.get(name, nothing)
            value = value if value is None or isinstance(value, str) else value / measure.scale
            assert value == (None if one is None or one != one else one), (name, measure)
            assert value == (None if many[name] is None or many[name] != many[name] else many[name])


@frozen
class Weighed(Fact):
    """Money beside another label: its currency is no hot column."""

    hot = ("price", "shelf")
    price: Money
    shelf: str
    note: str = ""


@pytest.mark.parametrize(
    "tally",
    [
        Tally("count", Purchase, where=(("channel", "web"),)),
        Tally("newest", Profile, "tier"),
        Tally("total", Weighed, "price", currency="EUR"),
        Tally("count", Weighed, where=(("note", "x"),)),
        Tally("count", Weighed, where=(("price", Money(1, "EUR")),)),
        Tally("count", Visit, where=(("ref", "x"),)),
    ],
)
def test_what_is_not_hot_is_refused_by_name(tally: Tally) -> None:
    # rule E04
    with pytest.raises(UnsupportedError, match="is not a hot column"):
        sql(tally, AT)


def test_text_is_constant_and_values_are_parameters() -> None:
    hostile = "'; DROP TABLE facts; --"
    text, parameters = sql(count(Visit, place=hostile).tally, AT)
    assert hostile not in text
    assert hostile in parameters
    assert sql(count(Visit, place="Lyon").tally, AT)[0] == text
    assert '"told"' in sql(count(Visit).tally, AT, "told")[0]
    for wrong in ('facts"', "facts; DROP", "", "a.b", "1a"):
        with pytest.raises(ValueError, match="plain name"):
            sql(count(Visit).tally, AT, wrong)
    with pytest.raises(TypeError, match="adds up text"):
        sql(Tally("total", Visit, "place"), AT)
    assert " OVER" not in sql(newest(Answer, "score").tally, AT)[0].upper()  # rule E03
