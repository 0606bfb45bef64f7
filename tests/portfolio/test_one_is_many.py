"""One customer and everyone never disagree: the law of rules and measures, on random histories."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.facts import Fact
from relmkt.ladders import Ladder, Segment
from relmkt.portfolio import Many, Portfolio
from relmkt.portfolio._many import verdicts
from relmkt.rules import Measure, One, Rule
from tests.portfolio.histories import AT, histories, measures, rules, texts


def customers(told: list[Fact]) -> dict[str, Customer]:
    names = sorted({fact.subject for fact in told if fact.at <= AT})
    return {name: Customer.of(name, [f for f in told if f.subject == name], at=AT) for name in names}


def same(one: Any, many: Any) -> bool:
    absent = many is None or many != many
    return absent if one is None or one != one else bool(one == many)


@given(histories, measures() | texts)
def test_measures_are_equal(told: list[Fact], measure: Measure) -> None:
    base = Portfolio(FactTable.of(told), at=AT)
    found = base.ask(measure).tolist()
    expected = [customer.ask(measure) for customer in customers(told).values()]
    assert len(found) == len(expected)
    for one, many in zip(expected, found):
        assert same(one, many), (measure, expected, found)


@given(histories, st.lists(rules, min_size=1, max_size=4))
def test_verdicts_are_equal(told: list[Fact], asked: list[Rule]) -> None:  # rules R46, R47, R48, R49
    base = Portfolio(told, at=AT)
    assert base.ids.tolist() == list(customers(told))
    found = verdicts(base._sight(), asked)
    for rule, column in zip(asked, found):
        expected = [One(customer).judge(rule) for customer in customers(told).values()]
        assert column.tolist() == expected, rule
        assert base.select(rule).tolist() == [n for n, v in zip(base.ids.tolist(), expected) if v == 2]


@given(histories, st.lists(rules, min_size=1, max_size=5))
def test_ladders_are_equal(told: list[Fact], asked: list[Rule]) -> None:
    ladder = Ladder("any", *(Segment(f"r{i}", rule) for i, rule in enumerate(asked)))
    base = Portfolio(told, at=AT)
    expected = [customer.ask(ladder).rung for customer in customers(told).values()]
    assert base.ask(ladder).tolist() == expected
    assert base.count(ladder) == {rung.name: expected.count(rung.name) for rung in ladder.rungs}


@given(histories, rules)
def test_explanation_agrees(told: list[Fact], rule: Rule) -> None:
    base = Portfolio(told, at=AT)
    for name, customer in customers(told).items():
        assert base.explain(name, rule).verdict == customer.explain(rule).verdict
        assert str(base.explain(name, rule)) == str(customer.explain(rule))


@given(histories, rules)
def test_not_unknown_is_unknown(told: list[Fact], rule: Rule) -> None:  # rule R49
    view = Many(Portfolio(told, at=AT)._sight())
    assert ((view.judge(~rule) == 1) == (view.judge(rule) == 1)).all()


@given(histories, rules, st.integers(1, 5))
def test_pieces_change_nothing(told: list[Fact], rule: Rule, size: int) -> None:
    import relmkt.portfolio._many as many

    base = Portfolio(told, at=AT)
    whole, usual = Many(base._sight()).judge(rule), many.CHUNK
    try:
        many.CHUNK = size
        assert np.array_equal(verdicts(base._sight(), [rule])[0], whole)
    finally:
        many.CHUNK = usual
