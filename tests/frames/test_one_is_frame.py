"""One customer, everyone, and a frame of every engine never disagree, on random rows (DESIGN: laws of rules)."""

import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from relmkt.frames import Frame
from relmkt.ladders import Ladder, Segment
from relmkt.portfolio import Portfolio
from relmkt.rules import One
from tests.frames.rows import (
    AT,
    ENGINES,
    asked_of_all,
    customers,
    facts_of,
    mapped,
    one_content_an_id,
    rows_of,
    rules,
    table_of,
    tables,
)

engines = pytest.mark.parametrize("engine", ENGINES)
few = settings(max_examples=settings().max_examples // 4, phases=[Phase.reuse, Phase.generate, Phase.shrink])


def plain(value: Any) -> Any:
    return None if value is None or value != value else value


@engines
@few
@given(told=tables(), asked=asked_of_all)
def test_measures_are_equal(engine: str, told: dict[str, pa.Table], asked: list[Any]) -> None:
    # rules E01, R46, R47
    told = one_content_an_id(told)
    found = rows_of(Frame(*mapped(told, engine), at=AT).columns(*asked))
    everyone = customers(facts_of(told))
    assert [row["customer"] for row in found] == sorted(everyone, key=str)
    many = Portfolio(table_of(facts_of(told)), at=AT)
    columns = {measure.name: dict(zip(many.ids.tolist(), many.ask(measure).tolist())) for measure in asked}
    for row in found:
        for measure in asked:
            one = plain(everyone[row["customer"]].ask(measure))
            assert plain(columns[measure.name][row["customer"]]) == one, (measure, measure.facet)
            assert plain(row[measure.name]) == one, (row["customer"], measure, measure.facet)


@engines
@few
@given(told=tables(), asked=st.lists(rules, min_size=1, max_size=4))
def test_verdicts_are_equal(engine: str, told: dict[str, pa.Table], asked: list[Any]) -> None:
    # rules E01, R48, R49
    told = one_content_an_id(told)
    frame, everyone = Frame(*mapped(told, engine), at=AT), customers(facts_of(told))
    named = {f"r{i}": rule for i, rule in enumerate(asked)} | {f"n{i}": ~rule for i, rule in enumerate(asked)}
    ladder = Ladder("place", *(Segment(f"s{i}", rule) for i, rule in enumerate(asked)))
    found = rows_of(frame.columns(ladder, **named))
    for row in found:
        view = One(everyone[row["customer"]])
        for name, rule in named.items():
            assert bool(row[name]) is (view.judge(rule) == 2), (row["customer"], rule)
        assert row["place"] == everyone[row["customer"]].ask(ladder).rung
    assert [row["customer"] for row in rows_of(frame.select(named["r0"]))] == [r["customer"] for r in found if r["r0"]]
    counts = frame.count(ladder, *(Segment(name, rule) for name, rule in named.items()))
    assert counts == Portfolio(table_of(facts_of(told)), at=AT).count(
        ladder, *(Segment(name, rule) for name, rule in named.items())
    )


@engines
@few
@given(told=tables(), asked=asked_of_all, seed=st.integers(0, 9))
def test_row_order_changes_nothing(engine: str, told: dict[str, pa.Table], asked: list[Any], seed: int) -> None:
    # rule E02: not even where one id tells two contents
    def mixed(table: pa.Table) -> pa.Table:
        order = list(range(len(table)))
        random.Random(seed).shuffle(order)
        return table.take(pa.array(order, pa.int64()))

    one, other = (
        rows_of(Frame(*mapped(rows, engine), at=AT).columns(*asked))
        for rows in (told, {name: mixed(table) for name, table in told.items()})
    )
    assert [{k: plain(v) for k, v in row.items()} for row in one] == [
        {k: plain(v) for k, v in row.items()} for row in other
    ]
