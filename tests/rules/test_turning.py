"""`turning` never misses a flip by time alone, and is never early nor late: brute force over every later instant."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.customers import Customer
from relmkt.facts import Fact, Purchase, Visit
from relmkt.money import Money
from relmkt.rules import Comparison, Derived, Measure, One, OneOf, Rule, Scored
from relmkt.tallies import Tallied, count, since
from relmkt.windows import DAY, HOUR, Instant, Span, Window, days
from tests.rules.questions import DERIVED, MEASURES, START, comparisons, histories, steps


def tallied(measure: Measure) -> list[Tallied]:
    if isinstance(measure, Derived):
        return [leaf for part in measure.parts for leaf in tallied(part)]
    return tallied(measure.of) if isinstance(measure, Scored) else [measure] if isinstance(measure, Tallied) else []


def candidates(rule: Rule, told: list[Fact], at: int) -> list[int]:
    """Every instant at which anything could change: facts leave windows, spans grow past limits; and those around."""
    (leaf,) = rule.comparisons()
    found: set[int] = set()
    for measure in tallied(leaf.measure):  # type: ignore[arg-type]
        tally = measure.tally
        limits = (
            [leaf.limit]
            if isinstance(leaf, Comparison)
            else [v * measure.scale for v in leaf.values]
            if isinstance(leaf, OneOf)
            else []
        )  # type: ignore[operator]
        if isinstance(leaf.measure, Scored):
            limits += [edge * measure.scale for edge in leaf.measure.edges]
        for fact in told:
            found |= {int(fact.at + limit) for limit in limits if abs(limit) < 10**15}
            if isinstance(tally.within, Window):
                found |= {int(tally.within.end(fact.at))}
            elif isinstance(tally.within, Span):
                found |= {int(fact.at + tally.within), -(-int(fact.at) // tally.grain) * tally.grain + tally.within}
    near = {instant + step for instant in found for step in (-1, 0, 1, 2)}
    return sorted(instant for instant in near if instant > at)


def flip(rule: Rule, customer: Customer, told: list[Fact], at: int) -> int | None:
    now = One(customer, Instant(at)).judge(rule)
    return next((t for t in candidates(rule, told, at) if One(customer, Instant(t)).judge(rule) != now), None)


def check(rule: Rule, told: list[Fact], later: int, folded: bool) -> None:
    asked = Instant(max([START, *(fact.at for fact in told)]) + later)
    customer = Customer.of("ada", told, facets=rule.facets() if folded else [], at=asked)
    found = rule.turning(One(customer))
    assert found == flip(rule, customer, told, asked), (str(rule), asked)


ahead = st.sampled_from([0, 1, HOUR, DAY, 3 * DAY, 30 * DAY])


@settings(max_examples=1500)
@given(histories(), comparisons(MEASURES), ahead, st.booleans())
def test_tallies_flip_when_they_say(told: list[Fact], rule: Rule, later: int, folded: bool) -> None:  # rules R47, R48
    check(rule, told, later, folded)


@settings(max_examples=800)
@given(histories(), comparisons(DERIVED), ahead, st.booleans())
def test_what_is_derived_flips_when_it_says(told: list[Fact], rule: Rule, later: int, folded: bool) -> None:
    check(rule, told, later, folded)


@settings(max_examples=200)
@given(histories(), comparisons(), comparisons(), comparisons(), ahead)
def test_a_rule_never_flips_unseen(told: list[Fact], a: Rule, b: Rule, c: Rule, later: int) -> None:
    """Joined, it may be asked too often, never too late: the earliest of what its parts say."""
    rule = (a & ~b) | c
    asked = Instant(max([START, *(fact.at for fact in told)]) + later)
    view = One(Customer.of("ada", told, facets=rule.facets(), at=asked))
    parts = [turn for turn in (part.turning(view) for part in (a, b, c)) if turn is not None]
    assert rule.turning(view) == min(parts, default=None)


@given(histories(), steps)
def test_the_crossing_is_walked_to_its_end(told: list[Fact], later: int) -> None:
    """From crossing to crossing, every verdict in between is the one at its beginning."""
    rule = count(Purchase, within=days(5)) >= 2
    customer = Customer.of("ada", told, at=Instant(START + 30 * DAY + later))
    at: Any = customer.asked
    seen = 0
    while at is not None and seen < 50:
        following = rule.turning(One(customer, at))
        if following is not None:
            assert One(customer, Instant(following - 1)).judge(rule) == One(customer, at).judge(rule)
            assert One(customer, following).judge(rule) != One(customer, at).judge(rule)
        at, seen = following, seen + 1
    assert at is None


def test_one_crossing_not_three_hundred() -> None:
    """Ninety days, four purchases a day: the operator tells the one flip, not every leaving (SEAMS C)."""
    told: list[Fact] = [Purchase("ada", Instant(START + n * 6 * HOUR), Money(5, "EUR")) for n in range(360)]
    rule = count(Purchase, within=days(90)) >= 1
    customer = Customer.of("ada", told, facets=rule.facets())
    assert rule.turning(One(customer)) == told[-1].at + days(90)


@pytest.mark.parametrize("op, turn", [("__le__", 1), ("__lt__", 0), ("__gt__", 1), ("__ge__", 0)])
def test_since_flips_to_the_microsecond(op: str, turn: int) -> None:
    rule = getattr(since(Visit), op)(days(3))
    ada = Customer.of("ada", [Visit("ada", Instant(START))])
    assert rule.turning(One(ada)) == START + 3 * DAY + turn
    assert rule.turning(One(ada, Instant(START + 3 * DAY + turn))) is None
    assert rule.turning(One(Customer.of("ada", []))) is None
