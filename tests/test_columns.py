"""A table of facts: what it holds, in which order, and that parts, joins and merged streams tell the same facts."""

from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from relmkt.codec import Codec
from relmkt.columns import FactTable, SupportsColumns, ordered, raw_column
from relmkt.facts import Answer, Fact, Profile, Purchase, Visit
from relmkt.money import Money
from relmkt.windows import Instant
from tests.portfolio.histories import Booking, OnlinePurchase, histories

COLUMNS = ("stream", "at", "kind", "label")


def by_store(table: FactTable) -> FactTable:
    """The same table as a store gives it: rows and facts are read whole, decoded from records, nothing is picked."""
    told = [fact for _, fact in table.facts()]
    records = [(fact.subject, Codec().encode(fact)) for fact in told]
    classes = {type(fact).__name__: type(fact) for fact in told}

    def rest(kind: type[Fact], name: str) -> list[object]:
        codec = Codec([kind])
        return [getattr(codec.decode(s, r), name) for s, r in records if r.kind == kind.__name__]

    def facts(*kinds: type[Fact]) -> Any:
        codec = Codec(kinds)
        rows = zip(table.stream.tolist(), records)
        return ((row, codec.decode(s, r)) for row, (s, r) in rows if not kinds or r.kind in codec.kinds)

    return evolve(table, rest=rest, facts=facts, picked=None, keys=None, classes=classes)


def told(table: FactTable, *kinds: type[Fact]) -> list[tuple[str, Fact]]:
    return [(str(table.ids[row]), fact) for row, fact in table.facts(*kinds)]


def same(one: FactTable, other: FactTable) -> None:
    assert one.ids.tolist() == other.ids.tolist()
    assert told(one) == told(other)
    for name in COLUMNS:
        assert one[name].tolist() == other[name].tolist(), name
    assert np.array_equal(one.number, other.number, equal_nan=True)
    assert [*zip(*([*one.keyed(np.arange(len(one)))]))] == [*zip(*([*other.keyed(np.arange(len(other)))]))]


@given(histories)
def test_rows_stand_in_historys_order(facts: list[Fact]) -> None:
    table = FactTable.of(facts)
    expected = sorted(facts, key=lambda fact: (fact.subject, fact.at, fact.id, fact.source))
    assert [fact for _, fact in table.facts()] == expected
    assert [str(table.ids[row]) for row in table.stream] == [fact.subject for fact in expected]
    records = [Codec().encode(fact) for fact in expected]
    assert np.array_equal(table.number, [np.nan if r.number is None else r.number for r in records], equal_nan=True)
    assert table["label"].tolist() == [r.label or "" for r in records]
    assert table["kind"].tolist() == [r.kind for r in records]


@given(histories, st.data())
def test_joined_is_of_all(facts: list[Fact], data: Any) -> None:
    places = [data.draw(st.integers(0, 3)) for _ in facts]
    parts = [FactTable.of([f for f, place in zip(facts, places) if place in (n, 3)]) for n in range(3)]
    if data.draw(st.booleans()):
        parts = [by_store(part) for part in parts]
    same(FactTable.joined(*parts), FactTable.of(facts))


@given(histories, st.data())
def test_taken_is_of_those(facts: list[Fact], data: Any) -> None:
    table = FactTable.of(facts)
    mask = np.array([data.draw(st.booleans()) for _ in range(len(table))], np.bool_)
    sources = (table, by_store(table), FactTable.joined(table, FactTable.of(facts[:2])))
    for source in sources:
        part = source.taken(mask)
        assert told(part) == [pair for pair, kept in zip(told(table), mask.tolist()) if kept]
        assert told(part, Visit) == [pair for pair in told(part) if type(pair[1]) is Visit]
        for kind in (Visit, Answer):
            names = [fact for _, fact in told(part) if type(fact) is kind]
            assert list(part.rest(kind, "ref")) == [fact.ref for fact in names]


@given(histories)
def test_only_is_by_equality(facts: list[Fact]) -> None:
    table = by_store(FactTable.of(facts))
    for kind, where in (
        (Purchase, {}),
        (Purchase, {"channel": "web"}),
        (Purchase, {"currency": "EUR"}),
        (Visit, {"place": "Lyon"}),
        (Visit, {"place": "nowhere"}),
        (Answer, {"score": 9, "item": "stay"}),
        (Booking, {"points": 1}),
        (Booking, {"change": Money("0", "EUR")}),
    ):
        part = table.only(kind, **where)
        expected = [pair for pair in told(FactTable.of(facts)) if isinstance(pair[1], kind) and _fits(pair[1], where)]
        assert told(part, *part.classes.values()) == expected
        assert part.ids.tolist() == table.ids.tolist()


def _fits(fact: Fact, where: dict[str, Any]) -> bool:
    return all(fact.amount.currency == v if n == "currency" else getattr(fact, n) == v for n, v in where.items())  # type: ignore[attr-defined]


def test_fields_of_one_kind() -> None:
    at = Instant(0)
    table = FactTable.of(
        [
            Purchase("b", at, Money("4.90", "EUR"), margin=Money("1.00", "EUR"), id="1"),
            Purchase("a", at, Money("5.00", "USD"), channel="web", id="2", source="till"),
            Answer("a", at, "stay", None, id="3"),
            Profile("a", at, {"tier": "gold"}, source="form", id="4"),
        ]
    )
    bought = table.only(Purchase)
    assert bought["amount"].tolist() == [500, 490]
    assert bought["label"].tolist() == ["USD", "EUR"]
    assert bought["channel"].tolist() == ["web", ""]
    assert bought["id"].tolist() == ["2", "1"]
    assert bought["source"].tolist() == ["till", ""]
    assert np.array_equal(bought["margin"], [np.nan, 100], equal_nan=True)
    assert bought["at"].tolist() == [0, 0]
    assert np.isnan(table.only(Answer)["score"]).all()
    assert table.only(Answer)["item"].tolist() == ["stay"]
    assert table.only(Profile)["told"].tolist() == [{"tier": "gold"}]
    with pytest.raises(KeyError, match="several kinds"):
        table["amount"]
    with pytest.raises(KeyError, match="no field"):
        bought["colour"]
    with pytest.raises(KeyError, match="no field"):
        table.only(Purchase, colour="red")


def test_a_kind_below_is_among_them() -> None:
    table = FactTable.of([OnlinePurchase("a", Instant(0), Money(1, "EUR"), device="phone", id="1")])
    assert len(table.only(Purchase)) == 1
    assert table.only(Purchase)["amount"].tolist() == [100]
    both = FactTable.of([*(fact for _, fact in table.facts()), Purchase("a", Instant(-1), Money(2, "EUR"))])
    assert both["amount"].tolist() == both.only(Purchase)["amount"].tolist() == [200, 100]
    assert both.only(Visit)["place"].tolist() == []
    assert len(table.only(Visit)) == 0
    assert table.only(OnlinePurchase)["device"].tolist() == ["phone"]


def test_merged_streams_stand_under_their_root() -> None:
    facts = [Visit("b", Instant(1), "Lyon", id="1"), Visit("a", Instant(2), "Nice", id="2")]
    table = FactTable.of(facts, roots={"b": "a"})
    assert table.ids.tolist() == ["a"]
    assert table["place"].tolist() == ["Lyon", "Nice"]
    joined = FactTable.joined(table, FactTable.of([Visit("b", Instant(3), "Paris", id="3")]))
    assert joined.ids.tolist() == ["a"]
    assert joined["place"].tolist() == ["Lyon", "Nice", "Paris"]


def test_nobody_is_shown() -> None:
    table = FactTable.of([Visit("ada@example.org", Instant(0), "Lyon")])
    shown = repr(table) + str(table) + table._repr_html_()
    assert "ada" not in shown
    assert "1 Visit" in shown
    assert "1970-01-01" in table._repr_html_()
    assert "0 facts" in str(FactTable.of(()))
    assert FactTable.of(())._repr_html_()


def test_a_table_is_no_store() -> None:
    assert not isinstance(FactTable.of(()), SupportsColumns)
    assert len(FactTable.joined()) == 0
    with pytest.raises(KeyError):
        evolve(FactTable.of(()), rest=FactTable.__attrs_attrs__[8].default).rest(Visit, "place")


def test_columns_of_values() -> None:
    assert np.array_equal(raw_column([1, None, 2.5]), [1, np.nan, 2.5], equal_nan=True)
    assert raw_column(["a", None]).tolist() == ["a", ""]
    assert raw_column([("a",), None]).tolist() == [("a",), None]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-(2**52), 2**52) | st.integers(0, 3), st.sampled_from("abc"))))
def test_order_is_by_key_among_ties(rows: list[tuple[int, int, str]]) -> None:
    stream, at = (np.array([row[n] for row in rows], np.int64) for n in (0, 1))
    found = [rows[i] for i in ordered(stream, at, lambda tied: [rows[i][2] for i in tied.tolist()]).tolist()]
    assert found == sorted(set(rows))
