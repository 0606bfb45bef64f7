"""Random rows as every engine holds them: nothing, NaN, ties, late facts, zero and negative amounts, two labels, two
currencies, ids that come twice, local times of a zone around its changes of the clock."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
from attrs import field, frozen
from hypothesis import strategies as st

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.facts import Answer, Fact, Profile, Purchase, Visit, kind_of
from relmkt.mapping import Mapped, Mapping, col
from relmkt.money import Money
from relmkt.tallies import Tally, count, first, last, newest, since, total
from relmkt.tallies._measures import tallied
from relmkt.windows import DAY, Instant, days, hours, month, week

MIDNIGHT = dt.datetime(2026, 3, 15)
AT = Instant("2026-04-14T00:00:00+00:00")


@frozen
class Ledger(Fact):
    """A change of an account: it may be negative, and it may have no weight."""

    hot = ("change", "currency")
    change: Money
    points: int = 0
    weight: float | None = None
    checked: bool = False
    due: Instant | None = None


@frozen
class AppPurchase(Purchase):
    """A kind below another: what counts purchases counts it."""

    device: str = field(default="", kw_only=True)


who = st.sampled_from(["ada", "ada", "ada", "bob", "bob", "dän", "", None])
# the clock of Paris skips 02:00 to 03:00 of 29 March 2026
moments = st.builds(
    lambda day, step: MIDNIGHT + dt.timedelta(days=day, microseconds=step),
    st.integers(0, 32) | st.sampled_from([14, 23, 29, 30]),
    st.sampled_from([0, 0, 1, -1, 7_200_000_000, 3_600_000_000, 9_000_000_000, 10_800_000_000, 86_399_000_000]),
)
when = st.one_of(moments, moments, moments, moments, st.none())
ids = st.integers(1, 30).map(str) | st.sampled_from(["é", "A", "a"])
amounts = st.sampled_from([0.0, 0.01, 9.99, 49.9, 0.1 + 0.2, 1000.0, -1.0, 0.005, None, float("nan")])
changes = st.sampled_from([-49.9, -0.01, 0.0, 0.01, 49.9, 1e9, None])
codes = st.sampled_from(["EUR", "USD", "JPY", None])
weights = st.sampled_from([None, float("nan"), 0.25, 0.5, -0.75, 1e6])  # their sums are exact in any order
scores = st.sampled_from([None, 0.0, 3.0, 9.0, 9.5, 10.0])
words = st.sampled_from(["web", "shop", None])

SCHEMAS: dict[str, dict[str, tuple[pa.DataType, Any]]] = {
    "orders": {
        "who": (pa.string(), who),
        "day": (pa.timestamp("us", "UTC"), when),
        "no": (pa.string(), ids),
        "total": (pa.float64(), amounts),
        "cur": (pa.string(), codes),
        "by": (pa.string(), words),
    },
    "apps": {
        "who": (pa.string(), who),
        "day": (pa.timestamp("us"), when),
        "no": (pa.string(), ids),
        "total": (pa.float64(), amounts),
    },
    "ledger": {
        "who": (pa.string(), who),
        "day": (pa.timestamp("us"), when),
        "no": (pa.int64(), st.integers(1, 12)),
        "change": (pa.float64(), changes),
        "points": (pa.int64(), st.integers(-2, 2) | st.none()),
        "weight": (pa.float64(), weights),
        "ok": (pa.bool_(), st.booleans()),
        "due": (pa.timestamp("us"), when),
    },
    "answers": {
        "who": (pa.string(), who),
        "day": (pa.timestamp("us"), when),
        "no": (pa.string(), ids),
        "item": (pa.string(), st.sampled_from(["stay", "food", None])),
        "score": (pa.float64(), scores),
    },
    "answers2": {
        "who": (pa.string(), who),
        "day": (pa.timestamp("us"), when),
        "no": (pa.string(), ids),
        "score": (pa.float64(), scores),
    },
    "visits": {
        "who": (pa.string(), who),
        "day": (pa.timestamp("us"), when),
        "hotel": (pa.string(), st.sampled_from(["Lyon", "Nice", "", None])),
    },
    "cards": {
        "who": (pa.string(), who),
        "day": (pa.timestamp("us"), when),
        "no": (pa.string(), ids),
        "tier": (pa.string(), st.sampled_from(["gold", "silver", " ", None])),
        "city": (pa.string(), st.sampled_from(["gold", "Lyon", None])),
    },
}

PARIS = "Europe/Paris"
MAPPINGS = {
    "orders": Mapping(
        Purchase,
        source="till",
        subject=col("who"),
        at=col("day"),
        id=col("no"),
        amount=col("total"),
        currency=col("cur"),
        channel=col("by"),
    ),
    "apps": Mapping(
        AppPurchase,
        source="app",
        subject=col("who"),
        at=col("day"),
        zone=PARIS,
        id=col("no"),
        amount=col("total"),
        currency="EUR",
        channel="web",
    ),
    "ledger": Mapping(
        Ledger,
        subject=col("who"),
        at=col("day"),
        id=col("no"),
        change=col("change"),
        currency="USD",
        points=col("points"),
        weight=col("weight"),
        checked=col("ok"),
        due=col("due"),
        zone=PARIS,
    ),
    "answers": Mapping(
        Answer, source="poll", subject=col("who"), at=col("day"), id=col("no"), item=col("item"), score=col("score")
    ),
    "answers2": Mapping(
        Answer, source="mail", subject=col("who"), at=col("day"), id=col("no"), item="stay", score=col("score")
    ),
    "visits": Mapping(Visit, subject=col("who"), at=col("day"), zone=PARIS, place=col("hotel")),
    "cards": Mapping(
        Profile,
        source="crm",
        subject=col("who"),
        at=col("day"),
        id=col("no"),
        who={"tier": col("tier"), "city": col("city")},
    ),
}


@st.composite
def tables(draw: Any) -> dict[str, pa.Table]:
    found = {}
    told = draw(st.lists(st.sampled_from(list(SCHEMAS)), min_size=1, max_size=3, unique=True))
    for name, columns in ((name, SCHEMAS[name]) for name in told):
        n = draw(st.integers(0, 14))
        data = {key: draw(st.lists(told, min_size=n, max_size=n)) for key, (_, told) in columns.items()}
        found[name] = pa.table(data, pa.schema([(key, sort) for key, (sort, _) in columns.items()]))
    return found


ENGINES: dict[str, Callable[[pa.Table], Any]] = {
    "pandas": lambda table: table.to_pandas(),
    "pandas nullable": lambda table: table.to_pandas().convert_dtypes(),
    "polars": lambda table: pl.DataFrame(pl.from_arrow(table)),
    "polars lazy": lambda table: pl.DataFrame(pl.from_arrow(table)).lazy(),
    "duckdb": duckdb.from_arrow,
    "pyarrow": lambda table: table,
}


def rows_of(native: Any) -> list[dict[str, Any]]:
    """The rows of an engine's answer, what is missing as None."""
    if isinstance(native, duckdb.DuckDBPyRelation):
        found = [dict(zip(native.columns, row)) for row in native.fetchall()]
    elif isinstance(native, pl.LazyFrame):
        found = native.collect().to_dicts()
    elif isinstance(native, pl.DataFrame):
        found = native.to_dicts()
    elif isinstance(native, pa.Table):
        found = native.to_pylist()
    else:
        found = native.astype(object).where(native.notna(), None).to_dict("records")
    return sorted(found, key=lambda row: str(row["customer"]))


def mapped(told: dict[str, pa.Table], engine: str) -> list[Mapped]:
    return [MAPPINGS[name].of(ENGINES[engine](table)) for name, table in told.items()]


def facts_of(told: dict[str, pa.Table]) -> list[Fact]:
    """The facts of the rows that a load accepts, each once."""
    found: dict[Any, Fact] = {}
    for name, table in told.items():
        for line in MAPPINGS[name].of(table.to_pylist()).facts():
            for fact in line.facts:
                found.setdefault((fact.subject, kind_of(type(fact)), fact.at, fact.id, fact.source), fact)
    return list(found.values())


def one_content_an_id(told: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables without the rows that tell other content under the same key, which no store takes in."""
    kept = {}
    for name, table in told.items():
        seen: dict[Any, Any] = {}
        rows = []
        for row in table.to_pylist():
            key = (row["who"], str(row["day"]), row.get("no"))
            if "no" not in row or repr(seen.setdefault(key, row)) == repr(row):
                rows.append(row)
        kept[name] = pa.Table.from_pylist(rows, table.schema)
    return kept


def customers(facts: list[Fact]) -> dict[str, Customer]:
    names = sorted({fact.subject for fact in facts if fact.at <= AT})
    return {name: Customer.of(name, [f for f in facts if f.subject == name], at=AT) for name in names}


def table_of(facts: list[Fact]) -> FactTable:
    return FactTable.of(facts)


def measures() -> Iterator[Any]:
    for within in (None, days(7), days(1), hours(36), days(400), week(), month(PARIS)):
        yield count(Purchase, within=within)
        yield count(Purchase, within=within, channel="web")
        yield count(Visit, within=within, place="Lyon")
        yield total(Purchase, "amount", currency="EUR", within=within)
        yield total(Ledger, "change", currency="USD", within=within)
        yield total(Ledger, "points", within=within)
        yield total(Ledger, "weight", within=within)
        yield newest(Answer, "score", within=within)
    yield from (
        total(Purchase, "amount", currency="JPY"),
        total(Ledger, "change", currency="EUR"),
        count(Fact),
        count(Profile),
        total(Purchase, "amount", currency="USD", within=days(9), grain=hours(5)),
        count(AppPurchase),
        count(Ledger, points=1),
        count(Ledger, checked=True),
        count(Ledger, weight=0.5),
        count(Ledger, points=0.5),
        count(Ledger, change=Money("0.01", "USD")),
        count(Ledger, change=1),
        count(Visit, place=3),
        count(Visit, ref=""),
        count(Answer, source="poll"),
        count(Ledger, id="7"),
        count(Ledger, points="1"),
        first(Ledger, "due"),
        newest(Answer, "score", item="stay"),
        newest(Answer, "score", source="mail"),
        newest(Ledger, "weight"),
        newest(Ledger, "points"),
        newest(Ledger, "checked"),
        newest(Ledger, "due"),
        newest(Purchase, "at"),
        first(Visit),
        first(Answer, "score"),
        first(Answer, "score", item="food"),
        last(Visit, place="Nice"),
        since(Purchase),
        since(Visit, place="Lyon"),
        since(Ledger),
        last(Fact),
        total(Ledger, "checked"),
        tallied(Tally("count", Visit, within=days(7), grain=DAY)),
        count(Visit) / count(Purchase),
        count(Visit, within=days(7)) - total(Ledger, "points") * 2,
        total(Purchase, "amount", currency="EUR") / count(Purchase, within=days(7)),
        1.5 * 1 and count(Visit) / 0,
        since(Purchase).scored([1, 7, 14], name="recency", reverse=True),
        total(Purchase, "amount", currency="EUR").scored([10, 50], name="spend"),
    )


MEASURES = [measure.named(f"m{i}") for i, measure in enumerate(measures())]
TEXTS = [
    measure.named(f"x{i}")
    for i, measure in enumerate(
        [
            newest(Profile, "tier"),
            newest(Profile, "city"),
            newest(Purchase, "channel"),
            first(Purchase, "channel"),
            newest(Answer, "item"),
            newest(Answer, "source"),
            newest(Profile, "source"),
            newest(Answer, "id"),
            newest(Profile, "tier", within=days(7)),
        ]
    )
]


@st.composite
def leaves(draw: Any) -> Any:
    sort = draw(st.sampled_from(["compare", "compare", "compare", "known", "text", "is", "everyone"]))
    if sort == "everyone":
        from relmkt.rules import everyone

        return everyone
    if sort == "text":
        measure = draw(st.sampled_from(TEXTS))
        return draw(st.sampled_from([measure.is_("gold", "web"), measure.is_(""), measure.known(), measure.is_(9)]))
    measure = draw(st.sampled_from(MEASURES))
    if sort == "known":
        return measure.known()
    if sort == "is":
        return measure.is_(*draw(st.sampled_from([(0,), (1, 2.5), (9, "gold"), ("gold",), (1e30,)])))
    limit: Any = draw(st.sampled_from([-1, 0, 1, 2, 9, 9.5, 49.9, 1e30]))
    if measure.unit == "days":
        limit = draw(st.sampled_from([days(1), days(7), hours(36), days(0)]))
    if measure.unit == "instant":
        limit = draw(moments).replace(tzinfo=dt.UTC)
    return getattr(measure, draw(st.sampled_from(["__ge__", "__gt__", "__le__", "__lt__"])))(limit)


rules = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=5,
)

asked_of_all = st.lists(st.sampled_from([*MEASURES, *TEXTS]), min_size=4, max_size=10, unique_by=lambda m: m.name)
