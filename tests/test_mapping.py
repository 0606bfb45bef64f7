"""Mapped rows: the same facts one by one, as a table and in bulk; every fault with its place, nobody's data in it."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from relmkt.codec import Codec, Record
from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Answer, ConsentGiven, Fact, Identifier, Profile, Purchase, Return, Visit
from relmkt.mapping import Mapped, Mapping, col
from relmkt.mapping._bulk import digests
from relmkt.mapping._rows import rows_of
from relmkt.money import Money
from relmkt.windows import Instant

DAYS = ["2026-03-01", "2026-03-02", "2026-03-29T02:30", "2026-10-25T02:30", "2026-03-01T12:00:00+02:00"]


@frozen
class Stay(Fact):
    """A kind of a user's, with every sort of field."""

    hot = ("nights", "hotel")
    nights: int | None
    hotel: str = "none"
    rate: Money | None = None
    rating: float | None = None
    early: bool = False
    until: Instant | None = None


@frozen
class Even(Fact):
    """A kind that checks itself: it has to be made row by row."""

    hot = ("n", "")
    n: int

    def check(self) -> None:
        if self.n % 2:
            raise InvalidFactError("Even.n", "an odd number", "an even number")


def mapped_facts(mapped: Mapped) -> list[Fact]:
    return [fact for line in mapped.facts() for fact in line.facts]


def told_by(table: FactTable) -> list[tuple[str, Fact]]:
    return [(str(table.ids[row]), fact) for row, fact in table.facts()]


def agree(mapped: Mapped) -> None:
    """One by one, as a table and in bulk: the same facts."""
    facts = mapped_facts(mapped)
    expected, table = FactTable.of(facts), mapped.table()
    assert table.ids.tolist() == expected.ids.tolist()
    assert told_by(table) == told_by(expected)
    for name in ("stream", "at", "label", "kind"):
        assert table[name].tolist() == expected[name].tolist(), name
    assert np.array_equal(table.number, expected.number, equal_nan=True)
    main = [fact for fact in facts if type(fact) is mapped.mapping.kind]
    bulk = mapped.bulk()
    codec, kind = Codec([mapped.mapping.kind]), mapped.mapping.kind
    for row, fact in enumerate(main):
        columns = [_cell(getattr(bulk, name), row) for name in ("number", "label", "ref", "body")]
        record = Record(bulk.ids[row], bulk.source, int(bulk.at[row]), kind.__name__, kind.schema, *columns)
        assert record == codec.encode(fact)
        assert type(record.number) is type(codec.encode(fact).number)
        assert bulk.streams[row] == fact.subject
    assert len(bulk) == len(main)
    assert (
        list(bulk.profiles)
        == [fact for fact in facts if type(fact) is not kind or kind is Profile][: len(bulk.profiles)]
    )


def _cell(column: Any, row: int) -> Any:
    if column is None or isinstance(column, str):
        return column
    value = column[row]
    return value.item() if hasattr(value, "item") else value


purchases = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["ada", "bob", "Zoë", 'x"y', "c%s"]),
            "day": st.sampled_from(DAYS),
            "total": st.sampled_from(["0", "49.90", "1.5"]),
            "cur": st.sampled_from(["EUR", "JPY", "USD"]).map(lambda cur: cur if cur != "JPY" else "EUR"),
            "by": st.sampled_from(["", "web", 'sh"op', "é", None]),
        }
    ),
    max_size=12,
)


@given(purchases, st.booleans(), st.booleans(), st.sampled_from(["UTC", "Europe/Paris"]))
def test_purchases_agree(rows: list[dict[str, Any]], ids: bool, one: bool, zone: str) -> None:
    currency: Any = "EUR" if one else col("cur")
    told: Any = {"id": col("id")} if ids else {}
    for n, row in enumerate(rows):
        row["id"] = f"o-{n}"
    orders = Mapping(
        Purchase,
        subject=col("who"),
        at=col("day"),
        zone=zone,
        amount=col("total"),
        currency=currency,
        margin=col("total"),
        channel=col("by"),
        place="100 %",
        source="till",
        **told,
    )
    if rows:
        agree(orders.of(rows))
        agree(orders.of({name: [row[name] for row in rows] for name in rows[0]}))


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "who": st.integers(1, 3),
                "day": st.sampled_from([dt.date(2026, 3, 1), dt.datetime(2026, 3, 1, 5), Instant(5), *DAYS]),
                "n": st.sampled_from([1, 2, None, "3", 2.0]),
                "hotel": st.sampled_from(["Lyon", None, ""]),
                "rate": st.sampled_from([None, 49.9, "49.90", 50, Decimal("1.25"), ""]),
                "rating": st.sampled_from([None, 9, 9.5, "", "8"]),
                "early": st.sampled_from([True, "false", 1, None]),
                "until": st.sampled_from([None, "", "2026-04-01"]),
            }
        ),
        min_size=1,
        max_size=10,
    )
)
def test_every_sort_of_field_agrees(rows: list[dict[str, Any]]) -> None:
    stays = Mapping(
        Stay,
        subject=col("who"),
        at=col("day"),
        nights=col("n"),
        hotel=col("hotel"),
        rate=col("rate"),
        currency="EUR",
        rating=col("rating"),
        early=col("early"),
        until=col("until"),
    )
    agree(stays.of(rows))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "", "A@x.org", "a@x.org", "b@x.org"]),
            st.sampled_from([None, "Ada", ""]),
            st.sampled_from(["77", "78"]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_identities_agree(told: list[tuple[str | None, str | None, str]]) -> None:
    rows = [{"day": "2026-03-01", "mail": mail, "name": name, "card": card} for mail, name, card in told]
    who = {"mail": col("mail"), "name": col("name"), "card": col("card")}
    stays = Mapping(Visit, who=who, at=col("day"), place="Lyon", source="crs")
    agree(stays.of(rows))
    agree(Mapping(Profile, who=who, at=col("day"), source="crs").of(rows))
    for line, (mail, _, card) in zip(stays.of(rows).facts(), told):
        first = Identifier("mail", mail) if mail else Identifier("card", card)
        assert line.facts[0].subject == first.key
        assert len(line.facts) == 1 + bool(mail or told[line.number][1])


def test_digest_equals_that_of_a_fact() -> None:
    rows = [
        {"who": f"c{i % 70}", "day": DAYS[i % 3], "total": f"{i % 7}.5", "by": "wéb" if i % 2 else ""}
        for i in range(700)
    ]
    orders = Mapping(
        Purchase, subject=col("who"), at=col("day"), amount=col("total"), currency="USD", channel=col("by")
    )
    told = rows_of(orders, rows)
    assert digests(told, range(700)) == [told.fact(row).id for row in range(700)]


def test_repeats_within_a_file_are_numbered() -> None:
    rows = [{"who": "ada", "day": "2026-03-01", "total": "5"}] * 3
    orders = Mapping(Purchase, subject=col("who"), at=col("day"), amount=col("total"), currency="USD")
    first, second, third = (fact.id for fact in mapped_facts(orders.of(rows)))
    assert first == Purchase("ada", Instant("2026-03-01T00:00:00Z"), Money(5, "USD")).id
    assert (second, third) == (f"{first}#2", f"{first}#3")
    assert len(orders.of(rows).table()) == 3
    agree(orders.of(rows))


def test_the_same_id_twice_is_one_fact() -> None:
    rows = [{"who": "ada", "day": "2026-03-01", "id": "v-1"}] * 2
    assert len(Mapping(Visit, subject=col("who"), at=col("day"), id=col("id")).of(rows).table()) == 1


CSV = """booking,arrival,hotel,email,guest
b-1,2026-03-01,Lyon,ada@example.org,Ada
b-2,31/02/2026,Nice,bob@example.org,Bob
b-3,2026-03-03,"Par
is",cleo@example.org,Cleo
b-4,2026-03-04,Lyon
,2026-03-05,Lyon,dan@example.org,Dan
b-6,2026-03-06,Lyon,,Eve
b-7,secret name,Lyon,fay@example.org,Fay
b-8,2026-03-08,Lyon,gus@example.org,Gus
"""


def stays() -> Mapping:
    return Mapping(
        Visit,
        source="crs",
        id=col("booking"),
        at=col("arrival"),
        zone="Europe/Paris",
        place=col("hotel"),
        who={"mail": col("email"), "name": col("guest")},
    )


def test_a_file_with_broken_lines(tmp_path: Path) -> None:
    path = tmp_path / "crs.csv"
    path.write_text(CSV)
    lines = list(stays().of(path).facts())
    assert [line.number for line in lines] == [2, 3, 4, 6, 7, 8, 9, 10]
    assert [line.number for line in lines if line.accepted] == [2, 4, 10]
    errors = [str(line.error) for line in lines if not line.accepted]
    assert errors == [
        "crs.csv line 3, at: got not a date: '31/02/2026', expected an ISO 8601 date",
        "crs.csv line 6, row: got 3 fields, expected 5 as in the header",
        "crs.csv line 7, id: got an empty text, expected the source's own id",
        "crs.csv line 8, subject: got no identifier, expected one of mail",
        "crs.csv line 9, at: got not a date, a str, expected an ISO 8601 date",
    ]
    shown = repr(lines) + repr(stays().of(path)) + repr(stays().of(path).bulk)
    assert not any(word in shown for word in ("ada@", "Cleo", "Gus", "secret"))
    with pytest.raises(InvalidFactError, match=r"crs.csv line 3, at"):
        stays().of(path).table()
    bulk = stays().of(path).bulk()
    assert list(bulk.lines) == [2, 4, 10]
    assert [str(error) for error in bulk.refused] == errors
    assert [len(piece) for piece in bulk.slices(2)] == [2, 1]
    assert [fact.told["name"] for fact in bulk.profiles] == ["Ada", "Cleo", "Gus"]  # type: ignore[attr-defined]


def test_a_file_as_spreadsheets_write_it(tmp_path: Path) -> None:
    path = tmp_path / "till.csv"
    path.write_bytes("\ufeffdate;client;montant\n03/04/2026;zoë;49.90\n".encode() + b"03/04/2026;zo\xeb;1\n")
    till = Mapping(
        Purchase, subject=col("client"), at=col("date"), dates="%d/%m/%Y", amount=col("montant"), currency="EUR"
    )
    good, bad = till.of(str(path)).facts()
    assert good.facts[0].at == Instant("2026-04-03T00:00:00Z")
    assert str(bad.error) == "till.csv line 3, row: got bytes that are not UTF-8, expected text in UTF-8"


@pytest.mark.parametrize(
    "row, fault",
    [
        ({"day": None}, "row 1, at: got nothing, expected an ISO 8601 date"),
        ({"day": "03/04/2026"}, "row 1, at: got not a date: '03/04/2026', expected an ISO 8601 date"),
        ({"total": "-1"}, "row 1, amount: got a negative amount, expected zero or more: a refund is a Return"),
        ({"total": "1.234"}, "row 1, amount: got too many decimals, expected at most 2 for EUR"),
        ({"total": None}, "row 1, amount: got nothing, expected a decimal number"),
        ({"total": float("nan")}, "row 1, amount: got NaN or infinity, expected a finite decimal number"),
        ({"cur": "EURO"}, "row 1, currency: got a str, expected an ISO 4217 code such as 'EUR'"),
        ({"who": ""}, "row 1, subject: got no name, expected a name of printable characters"),
        ({"who": "a\nb"}, "row 1, subject: got no name, expected a name of printable characters"),
        ({"by": "a\0b"}, "row 1, channel: got a text with NUL, expected a text without NUL"),
    ],
)
def test_faults_name_the_row(row: dict[str, Any], fault: str) -> None:
    fine = {"who": "ada", "day": "2026-03-01", "total": "5", "cur": "EUR", "by": ""}
    orders = Mapping(
        Purchase, subject=col("who"), at=col("day"), amount=col("total"), currency=col("cur"), channel=col("by")
    )
    data = [fine, {**fine, **row}, fine]
    assert [str(line.error) for line in orders.of(data).facts() if not line.accepted] == [fault]
    with pytest.raises(InvalidFactError) as raised:
        orders.of(data).table()
    assert str(raised.value) == fault
    assert [str(error) for error in orders.of(data).bulk().refused] == [fault]
    assert len(orders.of(data).bulk()) == 2


def test_a_kind_that_checks_itself() -> None:
    even = Mapping(Even, subject=col("who"), at=col("day"), n=col("n"))
    rows = [{"who": "ada", "day": "2026-03-01", "n": n} for n in (2, 3, 4)]
    assert [line.accepted for line in even.of(rows).facts()] == [True, False, True]
    assert [str(error) for error in even.of(rows).bulk().refused] == [
        "row 1, n: got an odd number, expected an even number"
    ]
    with pytest.raises(InvalidFactError, match="row 1, n"):
        even.of(rows).table()
    agree(even.of(rows[::2]))


def test_kinds_with_evidence_agree() -> None:
    given_ = Mapping(
        ConsentGiven,
        subject=col("who"),
        at=col("day"),
        purpose=col("why"),
        channel="mail",
        wording="Yes",
        source="form",
        actor=col("who"),
        until=col("end"),
    )
    agree(given_.of([{"who": "ada", "day": "2026-03-01", "why": "news", "end": "2027-01-01"}]))
    back = Mapping(Return, subject=col("who"), at=col("day"), amount=col("n"), currency="EUR", ref=col("of"))
    agree(back.of([{"who": "ada", "day": "2026-03-01", "n": 5, "of": "o-1"}]))
    faulty = back.of([{"who": "ada", "day": "2026-03-01", "n": 5, "of": ""}])
    assert str(next(faulty.facts()).error) == "row 0, ref: got an empty text, expected the id of the purchase returned"
    assert len(faulty.bulk().refused) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: Mapping(Purchase, subject=col("a"), at=col("b")),
        lambda: Mapping(Purchase, subject=col("a"), at=col("b"), amount=col("c"), colour="red"),
        lambda: Mapping(Visit, at=col("b")),
        lambda: Mapping(Visit, who={"name": col("n")}, at=col("b")),
        lambda: Mapping(Visit, subject="a", at=col("b")),  # type: ignore[arg-type]
        lambda: col(""),
        lambda: (
            Mapping(Purchase, subject=col("a"), at=col("b"), amount=col("c"))
            .of([{"a": "x", "b": "2026-01-01", "c": 1}])
            .table()
        ),
        lambda: Mapping(Visit, subject=col("a"), at=col("b")).of(7).table(),
    ],
)
def test_slips_of_the_programmer(make: Any) -> None:
    with pytest.raises(TypeError):
        make()


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(InvalidFactError, match="no column 'day'"):
        Mapping(Visit, subject=col("who"), at=col("day")).of([{"who": "ada"}]).table()


AWARE = [dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC), dt.datetime(2026, 7, 1, 1, tzinfo=dt.UTC)]
NAIVE = [dt.datetime(2026, 3, 29, 2, 30), dt.datetime(2026, 10, 25, 2, 30), dt.datetime(2026, 7, 1, 23)]


def frames(columns: dict[str, list[Any]]) -> dict[str, Any]:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    table = pa.table(columns)
    return {
        "polars": pl.DataFrame(columns),
        "lazy": pl.LazyFrame(columns),
        "pandas": pd.DataFrame(columns),
        "arrow": table,
        "duckdb": duckdb.from_arrow(table),
    }


@pytest.mark.parametrize(
    "times", [AWARE, NAIVE, [dt.date(2026, 3, 29), dt.date(2026, 10, 25)]], ids=["aware", "naive", "dates"]
)
def test_frames_agree_with_rows(times: list[Any]) -> None:
    n = len(times)
    columns: dict[str, list[Any]] = {
        "who": ["b", "a", "é"][:n],
        "day": times,
        "score": [9.0, None, 3.5][:n],
        "about": ["Lyon", None, ""][:n],
        "number": [3, 1, 2][:n],
    }
    asked = Mapping(
        Answer,
        subject=col("who"),
        at=col("day"),
        zone="Europe/Paris",
        item="stay",
        score=col("score"),
        about=col("about"),
    )
    by_number = Mapping(Visit, subject=col("number"), at=col("day"), zone="Europe/Paris", place=col("about"))
    rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
    for name, data in frames(columns).items():
        for mapping in (asked, by_number):
            assert told_by(mapping.of(data).table()) == told_by(mapping.of(rows).table()), name


def test_a_missing_time_in_a_frame() -> None:
    data = frames({"who": ["a", "b"], "day": [dt.datetime(2026, 3, 1), None]})
    for frame in data.values():
        with pytest.raises(InvalidFactError, match="row 1, at: got nothing"):
            Mapping(Visit, subject=col("who"), at=col("day")).of(frame).table()


def test_local_times_across_daylight_saving() -> None:  # rule R65
    import polars as pl

    walls = [dt.datetime(2026, 3, 28, 22) + dt.timedelta(minutes=15 * n) for n in range(60)]
    walls += [dt.datetime(2026, 10, 24, 22) + dt.timedelta(minutes=15 * n) for n in range(60)]
    told = Mapping(Visit, subject=col("who"), at=col("day"), zone="Europe/Paris")
    columns = {"who": [f"{n:03}" for n in range(120)], "day": walls}
    one_by_one = [
        fact.at for fact in mapped_facts(told.of([dict(zip(columns, row)) for row in zip(*columns.values())]))
    ]
    assert told.of(pl.DataFrame(columns)).table().at.tolist() == one_by_one


def test_facts_can_be_read_again_and_changed() -> None:
    visits = Mapping(Visit, subject=col("who"), at=col("day")).of([{"who": "ada", "day": "2026-03-01"}])
    (fact,) = mapped_facts(visits)
    assert mapped_facts(visits) == [fact]
    assert evolve(fact, source="x").source == "x"


def test_what_a_row_says_of_the_person_comes_before_its_fact() -> None:
    stays = Mapping(Visit, source="crs", at=col("at"), who={"mail": col("mail"), "name": col("name")}, place="Lyon")
    (line,) = stays.of([{"at": "2026-03-01", "mail": "ada@example.org", "name": "Ada"}]).facts()
    assert [type(fact) for fact in line.facts] == [Profile, Visit]
