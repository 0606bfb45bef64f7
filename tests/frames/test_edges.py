"""The edges by name: where a window opens, how ties are settled, what comes twice. Frames, SQL, One and Many agree."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from relmkt.customers import Customer
from relmkt.facts import Answer, Fact
from relmkt.frames import Frame
from relmkt.mapping import Mapping, col
from relmkt.portfolio import Portfolio
from relmkt.tallies import count, first, last, newest, since, total
from relmkt.tallies._sql import sql
from relmkt.windows import days, month
from tests.frames.rows import AT, ENGINES, rows_of, table_of
from tests.tallies.test_sql import hot, on_duckdb, on_sqlite

NOON = dt.datetime(2026, 4, 14)  # AT, on the wall of UTC
TICK = dt.timedelta(microseconds=1)

ROWS = [  # who, when, id, score, and whether the till tells it again
    ("edge", NOON - dt.timedelta(days=7), "1", 1.0),  # has left the window of seven days
    ("edge", NOON - dt.timedelta(days=7) + TICK, "2", 2.0),
    ("edge", NOON, "3", 4.0),  # the instant of the question is in
    ("edge", NOON + TICK, "4", 8.0),  # what comes after it is not known yet
    ("month", dt.datetime(2026, 3, 31, 22), "1", 1.0),  # the first of April in Paris
    ("month", dt.datetime(2026, 3, 31, 22) - TICK, "2", 2.0),
    ("gone", NOON - dt.timedelta(days=7), "9", 1.0),
    ("tie", NOON - dt.timedelta(days=1), "10", 3.0),
    ("tie", NOON - dt.timedelta(days=1), "9", 7.0),  # newer: ids are texts
    ("tie", NOON - dt.timedelta(days=1), "1", 5.0),  # older
    ("prefix", NOON, "a", 1.0),
    ("prefix", NOON, "a ", 2.0),
    ("twice", NOON, "x", 6.0),
    ("twice", NOON, "x", 6.0),  # the same fact again
    ("late", NOON + TICK, "z", 1.0),  # nobody, at AT
    ("old", dt.datetime(1969, 12, 31, 23), "1", 1.0),
    ("old", dt.datetime(1901, 1, 1), "2", 2.0),
    ("silent", NOON, "1", 5.0),
    ("silent", NOON, "2", None),  # asked, and not answered: that is the newest
]
MAIL = [("sources", NOON, "x", 2.0), ("prefix", NOON, "a", 3.0)]
POLL = [("sources", NOON, "x", 1.0)]

ASKED = [
    measure.named(f"m{i}")
    for i, measure in enumerate(
        [
            count(Answer),
            count(Answer, within=days(7)),
            total(Answer, "score", within=days(7)),
            newest(Answer, "score"),
            newest(Answer, "score", within=days(7)),
            first(Answer, "score"),
            first(Answer),
            last(Answer),
            since(Answer),
            count(Answer, within=month("Europe/Paris")),
            total(Answer, "score"),
            newest(Answer, "source"),
            total(Answer, "score", within=days(7), grain=days(2)),
            newest(Answer, "id"),
            first(Answer, "source"),
        ]
    )
]


def mapping(source: str) -> Mapping:
    return Mapping(
        Answer, source=source, subject=col("who"), at=col("day"), id=col("no"), item="stay", score=col("score")
    )


def table(rows: list[tuple[Any, ...]]) -> pa.Table:
    names = ["who", "day", "no", "score"]
    return pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})


TOLD = {"till": table(ROWS), "mail": table(MAIL), "poll": table(POLL)}


def facts() -> list[Fact]:
    found: dict[Any, Fact] = {}
    for source, rows in TOLD.items():
        for line in mapping(source).of(rows.to_pylist()).facts():
            found.update({(fact.subject, fact.at, fact.id, fact.source): fact for fact in line.facts})
    return list(found.values())


def expected() -> dict[str, dict[str, Any]]:
    told = facts()
    names = sorted({fact.subject for fact in told if fact.at <= AT})
    answers = {name: Customer.of(name, [f for f in told if f.subject == name], at=AT) for name in names}
    return {name: {m.name: plain(customer.ask(m)) for m in ASKED} for name, customer in answers.items()}


def plain(value: Any) -> Any:
    return None if value is None or value != value else value


def test_the_edges_are_what_they_are_said_to_be() -> None:
    told = expected()
    assert "late" not in told
    assert (told["edge"]["m0"], told["edge"]["m1"], told["edge"]["m2"], told["edge"]["m3"]) == (3, 2, 6.0, 4.0)
    assert (told["gone"]["m0"], told["gone"]["m1"], told["gone"]["m4"]) == (1, 0, None)
    assert (told["tie"]["m3"], told["tie"]["m5"]) == (7.0, 5.0)
    assert (told["prefix"]["m3"], told["prefix"]["m5"]) == (2.0, 3.0)  # the id first, then the source
    assert (told["sources"]["m3"], told["sources"]["m5"], told["sources"]["m0"]) == (1.0, 2.0, 2)
    assert (told["twice"]["m0"], told["twice"]["m10"]) == (1, 6.0)
    assert (told["silent"]["m3"], told["silent"]["m10"], told["silent"]["m0"]) == (None, 5.0, 2)
    assert told["month"]["m9"] == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_frames_agree(engine: str) -> None:
    # rules E01, E02, R46, R47
    sources = [mapping(source).of(ENGINES[engine](rows)) for source, rows in TOLD.items()]
    found = {
        row.pop("customer"): {k: plain(v) for k, v in row.items()}
        for row in rows_of(Frame(*sources, at=AT).columns(*ASKED))
    }
    assert found == expected()


def test_the_portfolio_agrees() -> None:
    base = Portfolio(table_of(facts()), at=AT)
    columns = {m.name: base.ask(m).tolist() for m in ASKED}
    found = {name: {m: plain(told[i]) for m, told in columns.items()} for i, name in enumerate(base.ids.tolist())}
    assert found == expected()


@pytest.mark.parametrize("ask", [on_sqlite, on_duckdb])
def test_sql_agrees(ask: Any) -> None:
    # rules E01, R46, R47
    rows = hot(facts())
    for measure in ASKED:
        found = dict(ask(rows, *sql(measure.tally, AT)))
        nothing = 0 if measure.tally.sort in ("count", "total") else None
        for name, answers in expected().items():
            value = found.get(name, nothing)
            scaled = value if value is None or isinstance(value, str) else value / measure.scale
            assert scaled == answers[measure.name], (name, measure)
