"""One customer and everyone never disagree: the law of rules and measures, on random histories."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.facts import Fact, Visit
from relmkt.ladders import Ladder, Segment
from relmkt.money import Money
from relmkt.portfolio import Many, Portfolio
from relmkt.portfolio._many import verdicts
from relmkt.rules import Measure, One, Rule
from relmkt.tallies import Tally, count, total
from relmkt.tallies._measures import tallied
from relmkt.windows import DAY, HOUR, Instant, days, hours, month, week
from tests.portfolio.histories import AT, Booking, histories, measures, rules, texts


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


WINDOWS = [days(7), days(1), hours(36), week(), month("Europe/Paris")]
EDGES = [Instant(edge + step) for edge in (AT - 7 * DAY, AT - DAY, AT - 36 * HOUR) for step in (-DAY, -1, 0, 1, HOUR)]


@pytest.mark.parametrize("within", WINDOWS, ids=str)
@pytest.mark.parametrize("at", [AT, Instant(AT + 1), Instant(AT - 1), Instant(AT + 5 * HOUR)], ids=str)
def test_the_edges_of_a_window(within: Any, at: Instant) -> None:  # rule R47: (t - d, t]
    told: list[Fact] = [Visit(f"v{n:02}", edge) for n, edge in enumerate(EDGES)]
    told += [Booking(f"v{n:02}", edge, Money(1, "EUR"), 1) for n, edge in enumerate(EDGES)]
    grained = tallied(Tally("count", Visit, within=within, grain=DAY))
    base = Portfolio(told, at=at)
    for measure in (count(Visit, within=within), total(Booking, "points", within=within), grained):
        expected = [Customer.of(n, [f for f in told if f.subject == n], at=at).ask(measure) for n in base.ids.tolist()]
        assert base.ask(measure).tolist() == expected, measure


@pytest.mark.parametrize("within", [None, *WINDOWS], ids=str)
def test_floats_are_added_in_the_same_order(within: Any) -> None:
    rng = np.random.default_rng(5)
    told: list[Fact] = [
        Booking(f"c{n % 40:02}", Instant(AT - int(rng.integers(0, 8 * DAY))), Money(1, "EUR"), 0, float(rng.normal()))
        for n in range(2000)
    ]
    base, measure = Portfolio(told, at=AT), total(Booking, "weight", within=within)
    assert base.ask(measure).tolist() == [customer.ask(measure) for customer in customers(told).values()]
