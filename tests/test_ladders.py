"""Standing is the highest rung whose own rule is true; since when, is what walking through time shows."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.customers import Change, Customer
from relmkt.facts import Answer, Fact, Purchase, Visit
from relmkt.ladders import Held, Ladder, Move, Segment, StageMoved, Standing
from relmkt.money import Money
from relmkt.rules import One, Rule, Verdict, everyone
from relmkt.tallies import count, newest, since
from relmkt.windows import DAY, HOUR, Instant, days
from tests.rules.questions import START, comparisons, histories

score = newest(Answer, "score")
LADDER = Ladder(
    "relationship",
    Segment("prospect", everyone),
    Segment("customer", count(Purchase) >= 1),
    Segment("client", (count(Purchase, within=days(30)) >= 2) & (since(Purchase) <= days(10))),
    Segment("fan", score >= 9),
)
NAMES = ("prospect", "customer", "client", "fan")


def buys(*moments: int) -> list[Fact]:
    return [Purchase("ada", Instant(START + day * DAY), Money(5, "EUR"), id=f"o-{day:03}") for day in moments]


def answers(day: int, value: float | None) -> Fact:
    return Answer("ada", Instant(START + day * DAY), "stay", value, id=f"s-{day}")


def stand(*facts: Fact, at: int | None = None) -> Standing:
    moment = None if at is None else Instant(START + at * DAY)
    return Customer.of("ada", facts, at=moment).ask(LADDER)


def test_standing() -> None:
    assert stand() == Standing("prospect", None, ("fan",))
    assert stand(*buys(0)).rung == "customer"
    assert stand(*buys(0, 5)).rung == "client"
    assert stand(*buys(0, 5), at=15).rung == "client"
    assert stand(*buys(0, 5), at=16).rung == "customer"
    assert stand(*buys(0, 5), answers(1, 9)) == Standing("fan")
    assert stand(answers(1, 10)).rung == "fan", "no rung beneath is needed"
    assert stand(*buys(0), answers(1, 3)) == Standing("customer")
    assert str(stand(*buys(0))) == "customer"


def test_unknown_rungs_above_are_named() -> None:
    ladder = Ladder(
        "l", Segment("a", score >= 1), Segment("b", everyone), Segment("c", score >= 2), Segment("d", score >= 3)
    )
    assert Customer.of("ada", []).ask(ladder) == Standing("b", None, ("c", "d"))
    nowhere = Ladder("l", Segment("a", score >= 1), Segment("b", ~everyone))
    found = Customer.of("ada", []).ask(nowhere)
    assert found == Standing("", None, ("a",))
    assert str(found) == "nowhere"


@given(histories(), st.lists(comparisons(), min_size=1, max_size=4))
def test_standing_is_the_highest_true_rung(told: list[Fact], rules: list[Rule]) -> None:
    ladder = Ladder("l", *(Segment(f"r{n}", rule) for n, rule in enumerate(rules)))
    ada = Customer.of("ada", told)
    verdicts = [ada.ask(rule) for rule in rules]
    true = [n for n, verdict in enumerate(verdicts) if verdict is Verdict.TRUE]
    place = max(true, default=-1)
    unknown = tuple(f"r{n}" for n, verdict in enumerate(verdicts) if verdict is Verdict.UNKNOWN and n > place)
    assert ada.ask(ladder) == Standing(f"r{place}" if true else "", None, unknown)


# --- since ------------------------------------------------------------------------------------------------------------


def test_since() -> None:
    def since_when(*facts: Fact, at: int) -> Instant | None:
        return LADDER.since(Customer.of("ada", facts, at=Instant(START + at * DAY)))

    assert since_when(*buys(0, 5), at=15) == START + 5 * DAY
    assert since_when(*buys(0, 5), at=16) == START + 15 * DAY + 1, "time alone moved it"
    assert since_when(*buys(0, 5), at=90) == START + 15 * DAY + 1
    assert since_when(*buys(0, 5, 20), at=20) == START + 20 * DAY
    assert LADDER.since(Customer("ada", Instant(0), {})) is None


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 40), max_size=6),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from([None, 3, 9])), max_size=2),
)
def test_since_is_what_walking_shows(moments: list[int], scores: list[tuple[int, float | None]]) -> None:
    told = buys(*sorted(set(moments))) + [answers(day, value) for day, value in dict(scores).items()]
    if not told:
        return
    end = Instant(max(fact.at for fact in told) + 12 * DAY)
    stops = {int(fact.at) + offset for fact in told for offset in (0, 10 * DAY + 1, 30 * DAY)}
    walk = sorted(stop for stop in stops if min(fact.at for fact in told) <= stop <= end)
    start, rung = None, ""
    for stop in walk:
        now = Customer.of("ada", told, at=Instant(stop)).ask(LADDER).rung
        if now != rung:
            start, rung = stop, now
    ada = Customer.of("ada", told, at=end)
    assert (LADDER.since(ada), ada.ask(LADDER).rung) == (start, rung)


def test_since_of_a_long_history() -> None:
    told = [Visit("ada", Instant(START + n * HOUR), id=f"{n:05}") for n in range(3_000)]
    ladder = Ladder("l", Segment("a", everyone), Segment("b", count(Visit, within=days(5)) >= 100))
    assert ladder.since(Customer.of("ada", told)) == told[99].at


def test_since_over_several_streams() -> None:
    from relmkt.customers import Folding, Merged

    merged = {"one": "ada", "other": "bob", "actor": "desk", "id": "m"}
    told: Any = [
        ("ada", Purchase("ada", Instant(START), Money(5, "EUR"), id="a")),
        ("bob", Purchase("bob", Instant(START + DAY), Money(5, "EUR"), id="b")),
        *((who, Merged(who, Instant(START + 2 * DAY), **merged)) for who in ("ada", "bob")),
    ]
    ada = Customer.folded("ada", told, Folding(LADDER.facets()), Instant(START + 5 * DAY))
    assert ada.ask(LADDER).rung == "client"
    assert LADDER.since(ada) == START + DAY


def test_explanation() -> None:
    ada = Customer.of("ada", buys(0, 5), at=Instant(START + 6 * DAY))
    shown = ada.explain(LADDER)
    assert (shown.verdict, shown.value) == (2, 2)
    lines = str(shown).splitlines()
    assert lines[0] == "true     client since 2026-03-06T00:00:00+00:00; next: fan"
    assert "      true     count(Purchase, within=days(30)) >= 2   2" in lines
    assert lines[-1].strip() == "unknown  newest(Answer, 'score') >= 9   missing"
    assert Customer.of("ada", []).explain(LADDER).text == "prospect; next: customer"


# --- held -------------------------------------------------------------------------------------------------------------


def held(ladder: Ladder, rung: str, facts: list[Fact], at: int = 6) -> tuple[str, ...]:
    moved: list[Fact] = [StageMoved("ada", Instant(START - 1), rung, ladder.name, id="m")] if rung else []
    ada = Customer.of("ada", [*moved, *facts], facets=ladder.facets(), at=Instant(START + at * DAY))
    moves = ladder.decide(Change(ada, None, ada), ada.asked)
    assert all(isinstance(move, Move) and move.below == rung and move.ladder == ladder.name for move in moves)
    return tuple(move.rung for move in moves)


def ladder_of(moves: Any) -> Ladder:
    return Ladder(LADDER.name, *LADDER.rungs, moves=moves)


def test_any_move() -> None:
    assert held(LADDER, "", []) == ("prospect",)
    assert held(LADDER, "prospect", buys(0, 5)) == ("client",)
    assert held(LADDER, "client", buys(0, 5)) == ()
    assert held(LADDER, "fan", buys(0)) == ("customer",)


def test_one_rung_up_any_fall() -> None:
    ladder = ladder_of("up one")
    assert held(ladder, "", buys(0, 5)) == ("prospect",)
    assert held(ladder, "prospect", buys(0, 5)) == ("customer",)
    assert held(ladder, "customer", buys(0, 5)) == ("client",)
    assert held(ladder, "fan", []) == ("prospect",)
    assert held(ladder, "a rung of last year", buys(0, 5)) == ("prospect",), "a renamed rung stops nothing"


def test_moves_rung_by_rung() -> None:
    ladder = ladder_of({"": ["prospect"], "prospect": ["client"], "client": ["fan"]})
    assert held(ladder, "", buys(0, 5)) == ()
    assert held(ladder, "", []) == ("prospect",)
    assert held(ladder, "prospect", buys(0, 5)) == ("client",)
    assert held(ladder, "prospect", buys(0)) == ()
    assert held(ladder, "client", buys(0)) == ()


def test_nowhere_is_no_rung_to_move_to() -> None:
    ladder = Ladder("l", Segment("a", count(Purchase) >= 1))
    assert held(ladder, "a", []) == ()


def test_a_move_is_written_with_its_evidence() -> None:
    ada = Customer.of("ada", buys(0, 5), facets=LADDER.facets(), at=Instant(START + 6 * DAY))
    (move,) = LADDER.decide(Change(ada, None, ada), ada.asked)
    fact = move.written("ada", ada.asked, id="m-1", source="relationship", ref="o-005")
    assert isinstance(fact, StageMoved)
    assert (fact.rung, fact.ladder, fact.below, fact.ref) == ("client", "relationship", "", "o-005")
    assert "count(Purchase, within=days(30)) >= 2   2" in fact.evidence
    after = ada.after(fact)
    assert after.ask(LADDER.held.is_("client"))
    assert Customer.of("ada", []).ask(LADDER.held.known()) is Verdict.FALSE
    assert LADDER.decide(Change(after, None, after), after.asked) == ()


def test_held_reads_its_own_ladder_only() -> None:
    facts = [
        StageMoved("ada", Instant(START), "gold", "tier"),
        StageMoved("ada", Instant(START + 1), "client", "relationship"),
    ]
    ada = Customer.of("ada", facts)
    assert (ada[Held("tier")].rung, ada[Held("relationship")].rung) == ("gold", "client")


def test_turning_is_that_of_the_rungs() -> None:
    ada = Customer.of("ada", buys(0, 5), facets=LADDER.facets())
    assert LADDER.turning(One(ada)) == START + 15 * DAY + 1
    assert LADDER.turning(One(ada, Instant(START + 100 * DAY))) is None


# --- slips ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: Ladder("l"), "at least one rung"),
        (lambda: Ladder("l", Segment("a", everyone), Segment("a", ~everyone)), "a name of its own"),
        (lambda: ladder_of({"nobody": ["fan"]}), "unknown rungs"),
        (lambda: ladder_of({"fan": ["nobody"]}), "unknown rungs"),
        (lambda: ladder_of("down"), "moves"),
    ],
)
def test_slips(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_segments_are_rules() -> None:
    best = Segment("best", count(Purchase) >= 2)
    assert repr(best) == "best: count(Purchase) >= 2"
    assert str(best & everyone) == "best & everyone"
    ada = Customer.of("ada", buys(0, 1))
    assert ada.ask(best) is Verdict.TRUE
    assert str(ada.explain(best)).splitlines() == ["true     best", "  true     count(Purchase) >= 2   2"]
    assert repr(LADDER) == "relationship: prospect < customer < client < fan"
