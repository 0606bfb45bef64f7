"""Phases partition the base, and each has its policy: the same purchase, other plans."""

from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.contact import Contact
from relmkt.customers import Change, Customer
from relmkt.decisions import Policy, Task, Trigger
from relmkt.facts import Fact, Purchase, Return, Visit
from relmkt.ladders import Ladder, Segment
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.program import Program
from relmkt.rules import One, everyone
from relmkt.stages import ByPhase, Phase, by_phase, phase, phases
from relmkt.stores import Memory
from relmkt.tallies import count, since
from relmkt.windows import Instant, days

AT = datetime(2026, 7, 1)


def purchase(who: str, ago: float, id: str = "") -> Purchase:
    return Purchase(who, AT.subtract(seconds=int(ago * 86_400)), Money("20", "EUR"), id=id or f"{who}-{ago}")


@pytest.mark.parametrize(
    "ago, told",
    [
        ((), Phase.CONQUEST),
        ((1,), Phase.LOYALTY),
        ((365,), Phase.LOYALTY),
        ((365.001,), Phase.WIN_BACK),
        ((400, 20), Phase.LOYALTY),
        ((400, 380, 365), Phase.RETENTION),
        ((900, 800, 700, 600), Phase.WIN_BACK),
    ],
)
def test_where_a_customer_is(ago: tuple[float, ...], told: Phase) -> None:
    ada = Customer.of("ada", [purchase("ada", n) for n in ago], at=AT)
    assert str(ada.ask(phase())) == told


def test_reasons_name_the_phase_and_no_next_one() -> None:
    ada = Customer.of("ada", [purchase("ada", 30)], at=AT)
    told = ada.explain(phase())
    assert told.text == "loyalty since 2026-06-01T00:00:00+00:00"
    assert "win back" not in str(told)
    assert "since(Purchase) <= days(365)   30 days" in str(told)
    assert ada.moved(Instant(int(ada.at) + days(400))).explain(phase()).text.startswith("win back since 2027-06-01")
    bare = Customer("bob", ada.at, {facet: facet for facet in phase().facets()})
    assert bare.explain(phase()).text == "conquest"  # without its history, no day


def test_thresholds_are_arguments() -> None:
    ada = Customer.of("ada", [purchase("ada", 50), purchase("ada", 40)], at=AT)
    assert str(ada.ask(phase())) == "loyalty"
    assert str(ada.ask(phase(won=3))) == "conquest"
    assert str(ada.ask(phase(settled=2))) == "retention"
    assert str(ada.ask(phase(lost=days(30)))) == "win back"


@pytest.mark.parametrize("wrong", [{"won": 0}, {"won": 4, "settled": 3}, {"lost": days(0)}])
def test_thresholds_are_in_order(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="phases"):
        phases(**wrong)


bases = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 60), st.booleans()), max_size=30)


@given(bases, st.integers(1, 3), st.integers(0, 3), st.integers(1, 50))
def test_phases_partition_the_base(told: list[tuple[str, int, bool]], won: int, more: int, lost: int) -> None:
    facts: list[Fact] = [
        purchase(who, ago, id=f"p{n}") if buys else Visit(who, AT.subtract(days=ago), id=f"v{n}")
        for n, (who, ago, buys) in enumerate(told)
    ]
    base = Portfolio(facts, at=AT)
    options: dict[str, Any] = {"won": won, "settled": won + more, "lost": days(lost)}
    masks = np.array([base.ask(segment) for segment in phases(**options)])
    assert (masks.sum(axis=0) == 1).all()  # F14
    ladder = phase(**options)
    assert base.count(ladder) == {str(p): int(n) for p, n in zip(Phase, masks.sum(axis=1))}
    for who, place in zip(base.ids.tolist(), base.ask(ladder).tolist()):
        one = Customer.of(who, [f for f in facts if f.subject == who], at=AT).ask(ladder)
        assert (one.rung, one.unknown) == (place, ())


def contact(text: str) -> Contact:
    return Contact("mail", text, kind="service")


WELCOME = Trigger("welcome", Purchase, contact("Welcome"))
THANKS = Trigger("thanks", Purchase, contact("Thank you, again"))
BACK = Trigger("good to see you", Purchase, contact("Good to see you again"))
CALL = Trigger("call", since(Purchase) > days(365), Task("call", role="owner"))
PART = by_phase(conquest=[WELCOME], loyalty=[THANKS], retention=[THANKS], win_back=[BACK, CALL])


def plans(part: Any, before: list[Fact], fact: Fact) -> list[str]:
    sight = Customer.of("ada", before, at=fact.at)
    return [told.source for told in Policy(part).decide(Change(sight, fact, sight.after(fact)), fact.at)]


@pytest.mark.parametrize(
    "before, told",
    [
        ((), "conquest: welcome"),
        ((30,), "loyalty: thanks"),
        ((90, 60, 30), "retention: thanks"),
        ((900, 800), "win back: good to see you"),
    ],
)
def test_the_same_purchase_has_the_plan_of_its_phase(before: tuple[float, ...], told: str) -> None:
    assert plans(PART, [purchase("ada", n) for n in before], purchase("ada", 0)) == [told]  # F14


def written(outcome: Any) -> list[str]:
    return [fact.source for fact in outcome.consequences]


def test_a_program_writes_phase_and_policy() -> None:
    welcome, thanks = (Trigger(name, Purchase, Task(name, role="owner")) for name in ("welcome", "thanks"))
    part = by_phase(conquest=[welcome], retention=[thanks])
    shop = Program(Memory(), Policy(part), clock=lambda: AT.add(days=1))
    shop.load([purchase("bob", n) for n in (90, 60, 30)])
    assert written(shop.record(purchase("ada", 0))) == ["conquest: welcome"]  # F14
    assert written(shop.record(purchase("bob", 0))) == ["retention: thanks"]


def test_time_alone_leads_to_the_phase_that_decides() -> None:
    last = purchase("ada", 0)
    ada = Customer.of("ada", [last])
    crossing = PART.turning(One(ada, last.at))
    assert crossing == Instant(last.at + days(365) + 1)
    change = Change(ada.moved(Instant(crossing - 1)), None, ada.moved(crossing))
    assert [told.source for told in Policy(PART).decide(change, crossing)] == ["win back: call"]
    elsewhere = by_phase(retention=[CALL])
    assert not Policy(elsewhere).decide(change, crossing)


def test_a_phase_without_triggers_proposes_nothing() -> None:
    assert plans(by_phase(retention=[THANKS]), [], purchase("ada", 0)) == []
    assert by_phase().turning(One(Customer.of("ada", []))) is None


def test_what_a_policy_needs_to_know_of_it() -> None:
    unless = Trigger("later", Purchase, contact("x"), unless=Return, once="ever")
    part = by_phase(conquest=[unless])
    assert [trigger.name for trigger in part.triggers()] == ["conquest: later"]
    assert unless.name == "later"
    assert {Purchase, Return} <= set(part.kinds())
    held = Policy(part).facets
    assert any(getattr(facet, "trigger", "") == "conquest: later" for facet in held)
    assert set(count(Purchase).facets()) <= set(held)


def test_one_trigger_in_two_phases_fires_once_in_each() -> None:
    once = Trigger("hello", Purchase, Task("say hello", role="owner"), once="ever")
    shop = Program(Memory(), Policy(by_phase(conquest=[once], loyalty=[once])), clock=lambda: AT.add(days=1))
    told = [written(shop.record(purchase("ada", ago))) for ago in (9, 8, 7)]
    assert told == [["conquest: hello"], ["loyalty: hello"], []]


def test_other_thresholds_and_other_phases() -> None:
    part = by_phase(conquest=[WELCOME], phases=phase(won=2))
    assert plans(part, [purchase("ada", 30)], purchase("ada", 0)) == ["conquest: welcome"]
    assert isinstance(part, ByPhase)
    with pytest.raises(ValueError, match="other rungs"):
        by_phase(phases=Ladder("guests", Segment("all", everyone)))


def test_slips() -> None:
    with pytest.raises(TypeError, match="conquest: expected triggers, not a Contact"):
        by_phase(conquest=[contact("x")])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="two triggers have one name"):
        by_phase(win_back=[THANKS, THANKS])
    with pytest.raises(ValueError, match="two parts of the policy"):
        Policy(PART, by_phase())
    Policy(PART, evolve(by_phase(), name="by phase, for staff"))
