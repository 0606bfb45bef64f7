"""A portfolio read from a store answers as the facts themselves, from memory and from SQLite."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmkt.codec import Codec
from relmkt.columns import FactTable
from relmkt.facts import Fact, Visit
from relmkt.portfolio import Portfolio
from relmkt.portfolio._many import verdicts
from relmkt.ports import Append, Edge
from relmkt.rules import Rule
from relmkt.stores import Memory, SQLite
from relmkt.tallies import count
from relmkt.windows import Instant
from tests.portfolio.histories import AT, histories, rules

makers: list[Callable[[Path], Any]] = [lambda _: Memory(), lambda place: SQLite(place / "shop.db")]


def kept(store: Any, told: list[Fact]) -> Any:
    codec = Codec()
    for name in sorted({fact.subject for fact in told}):
        version = store.load(name).versions.get(name, 0)
        store.commit([Append(name, tuple(codec.encode(fact) for fact in told if fact.subject == name), version)])
    return store


@pytest.mark.parametrize("make", makers, ids=["memory", "sqlite"])
@given(told=histories, asked=st.lists(rules, min_size=1, max_size=3))
def test_a_store_answers_as_its_facts(make: Any, told: list[Fact], asked: list[Rule], tmp_path_factory: Any) -> None:
    base = Portfolio(kept(make(tmp_path_factory.mktemp("store")), told), at=AT)
    expected = Portfolio(told, at=AT)
    assert base.ids.tolist() == expected.ids.tolist()
    for rule, one, other in zip(asked, verdicts(base._sight(), asked), verdicts(expected._sight(), asked)):
        assert one.tolist() == other.tolist(), rule
    for name in base.ids.tolist()[:1]:
        assert str(base.explain(name, asked[0])) == str(expected.explain(name, asked[0]))


@pytest.mark.parametrize("make", makers, ids=["memory", "sqlite"])
@given(told=histories, more=histories)
def test_a_store_joins_with_news(make: Any, told: list[Fact], more: list[Fact], tmp_path_factory: Any) -> None:
    known = {fact.id for fact in told}
    more = [fact for fact in more if fact.id not in known]
    base = Portfolio(kept(make(tmp_path_factory.mktemp("store")), told), at=AT)
    base.apply([*more, *told[:3]], AT)
    expected = FactTable.of([fact for fact in [*told, *more] if fact.at <= AT])
    assert [fact for _, fact in base.table.facts(*expected.classes.values())] == [fact for _, fact in expected.facts()]


@pytest.mark.parametrize("make", makers, ids=["memory", "sqlite"])
def test_merged_in_a_store(make: Any, tmp_path: Path) -> None:
    store = kept(make(tmp_path), [Visit("b", Instant(1), "Lyon"), Visit("a", Instant(2), "Nice")])
    store.commit([Append("a", (), 1), Append("b", (), 1)], edges=[Edge("m", "a", "b", True)])
    base = Portfolio(store, at=AT)
    assert base.ids.tolist() == ["a"]
    assert base.ask(count(Visit)).tolist() == [2]
    assert base.explain("b", count(Visit)).value == 2
