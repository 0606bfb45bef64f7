"""Membership kept up equals a full rebuild, after any sequence of facts and instants (rule R50)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.facts import Fact, Purchase, Visit
from relmkt.ladders import Segment
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.rules import Measure, Rule
from relmkt.tallies import count, since
from relmkt.windows import DAY, HOUR, Instant, days
from tests.portfolio.histories import AT, START, Streak, facts, histories, rules

steps = st.lists(
    st.tuples(
        st.lists(facts(names=("ada", "bob", "cleo", "dan", "eve")), max_size=4),
        st.sampled_from([0, 1, HOUR, 12 * HOUR, DAY - 1, DAY, 3 * DAY, 7 * DAY, 40 * DAY]),
    ),
    min_size=1,
    max_size=5,
)


def members(told: list[Fact], at: Instant, segments: list[Segment]) -> dict[str, set[str]]:
    base = Portfolio(told, at=at)
    return {segment.name: set(base.select(segment).tolist()) for segment in segments}


@given(histories, st.lists(rules, min_size=1, max_size=3), steps, st.booleans())
def test_kept_up_is_rebuilt(told: list[Fact], asked: list[Rule], later: Any, look: bool) -> None:  # rule R50
    segments = [Segment(f"s{n}", rule) for n, rule in enumerate(asked)]
    at = Instant(START + 20 * DAY)
    base = Portfolio(told, at=at)
    base.watch(*segments)
    every, ids = list(told), {fact.id for fact in told}
    before = members(every, at, segments)
    for news, span in later:
        at = Instant(at + span)
        fresh = [fact for fact in news if not (fact.id in ids or ids.add(fact.id))]  # type: ignore[func-returns-value]
        every += fresh
        moves = base.apply(fresh, at)
        after = members(every, at, segments)
        for segment in segments:
            name = segment.name
            assert set(moves.entered[name]) == after[name] - before[name]
            assert set(moves.left[name]) == before[name] - after[name]
        before = after
        if look:  # asking between steps changes nothing
            rebuilt = Portfolio(every, at=at)
            assert base.ids.tolist() == rebuilt.ids.tolist()
            assert base.count(*segments) == rebuilt.count(*segments)
            assert len(base.table) == len(rebuilt.table)


def regulars(n: int) -> list[Fact]:
    return [Purchase(f"c{i:04}", Instant(START + i * HOUR), Money(5, "EUR")) for i in range(n)]


def test_moves_are_those_asked_for_so_far() -> None:
    base = Portfolio(regulars(3), at=AT)
    assert base.count(Segment("often", count(Purchase) >= 2)) == {"often": 0}
    moves = base.apply([Purchase("c0001", AT, Money(1, "EUR")), Purchase("new", AT, Money(1, "EUR"))], AT)
    assert moves.entered == {"often": ("c0001",)}
    assert str(moves) == "often: 1 entered, 0 left"
    assert base.ids.tolist() == ["c0000", "c0001", "c0002", "new"]
    assert str(base.apply([], AT)) == "often: 0 entered, 0 left"


def test_only_the_due_are_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    import relmkt.portfolio._upkeep as upkeep

    base = Portfolio(regulars(500), at=Instant(START + 500 * HOUR))
    base.watch(Segment("fresh", since(Purchase) <= days(25)), Segment("recent", count(Purchase, within=days(25)) >= 1))
    base.apply([], Instant(START + 500 * HOUR))
    judged: list[int] = []
    verdicts = upkeep.verdicts
    monkeypatch.setattr(
        upkeep, "verdicts", lambda leaves, rules: judged.append(len(leaves.table.ids)) or verdicts(leaves, rules)
    )
    moves = base.apply([], Instant(START + 600 * HOUR + 1))
    assert moves.left["fresh"] == ("c0000",)
    assert judged[-1] <= 2
    base.apply([Visit("c0400", Instant(START + 600 * HOUR + 1))], Instant(START + 600 * HOUR + 1))
    assert judged[-1] == 1


def test_a_measure_of_ones_own_that_moves_with_time() -> None:
    idle = Measure("days idle", Streak(), lambda streak, at: (at - START) / DAY, lambda *_: AT)
    base = Portfolio([Visit("ada", Instant(START), "Lyon")], at=Instant(START))
    base.watch(Segment("idle", idle >= 5))
    assert base.apply([], Instant(START + 6 * DAY)).entered == {"idle": ("ada",)}


def test_the_same_fact_again_is_one() -> None:
    order = Purchase("ada", Instant(START), Money(5, "EUR"))
    base = Portfolio([order], at=AT)
    base.watch(Segment("twice", count(Purchase) >= 2))
    assert base.apply([order], AT).entered == {"twice": ()}
    assert len(base.table) == 1


def test_time_only_passes() -> None:
    with pytest.raises(ValueError, match="time only passes"):
        Portfolio([], at=AT).apply([], Instant(AT - 1))


def test_two_watched_of_one_name() -> None:
    with pytest.raises(ValueError, match="same name"):
        Portfolio([], at=AT).watch(Segment("a", count(Visit) >= 1), Segment("a", count(Visit) >= 2))


def test_nothing_watched() -> None:
    assert str(Portfolio([], at=datetime(2026, 7, 1)).apply([], datetime(2026, 7, 2))) == "nothing is watched"


@pytest.mark.parametrize("op", ["__le__", "__lt__", "__ge__", "__gt__"])
@pytest.mark.parametrize("step", [-1, 0, 1, 2])
def test_time_since_flips_to_the_microsecond(op: str, step: int) -> None:
    told = [Purchase("ada", Instant(START), Money(5, "EUR")), Purchase("bob", Instant(START + DAY), Money(5, "EUR"))]
    segments = [
        Segment("since", getattr(since(Purchase), op)(days(7))),
        Segment("classed", getattr(since(Purchase).scored([7, 8], name="class"), op)(1)),
        Segment("within", getattr(count(Purchase, within=days(7)), op)(1)),
    ]
    old, at = Instant(START + 7 * DAY - 3), Instant(START + 7 * DAY + step)
    for segment in segments:  # each alone: what one of them makes due must not help another
        base = Portfolio(told, at=old)
        base.watch(segment)
        before, moves = members(told, old, [segment]), base.apply([], at)
        after = members(told, at, [segment])
        assert set(moves.entered[segment.name]) == after[segment.name] - before[segment.name]
        assert set(moves.left[segment.name]) == before[segment.name] - after[segment.name]
