"""Our own facets and rules run exactly the kit that outsiders run (the laws FL1 to FL8 and RL1 to RL7)."""

from typing import Any

import pytest

from relmkt.contact import ConsentRegister, Contact, ContactPressure, Suppressions
from relmkt.customers import Attributes
from relmkt.decisions import Fired, Newest, OpenComplaints, Rhythm, birthday, lapse, open_complaints
from relmkt.facts import Answer, Fact, Profile, Purchase, Visit
from relmkt.ladders import Ladder, Segment
from relmkt.rules import Rule, everyone
from relmkt.tallies import count, first, last, newest, since, total
from relmkt.testing import facet_checks, histories, rule_checks
from relmkt.testing._hypothesis import tried
from relmkt.windows import days, month, year

spent = total(Purchase, "amount", currency="EUR", within=days(90))
guests = Ladder("guests", Segment("prospect", everyone), Segment("guest", count(Visit) >= 1))
note = Contact("mail", "Hello", purpose="care")

FACETS: list[Any] = [
    Attributes(),
    ConsentRegister(),
    Suppressions(),
    ContactPressure(days(7)),
    ContactPressure(month("Europe/Paris")),
    guests.held.facet,
    OpenComplaints(),
    Rhythm(),
    Fired("thanks"),
    Newest(Purchase),
    *(count(Purchase, within=days(90)) >= 3).facets(),
    *(
        measure.facet
        for measure in (
            count(Purchase),
            count(Visit, within=year()),
            total(Purchase, "amount", currency="EUR"),
            spent,
            newest(Answer, "score", within=days(30)),
            newest(Profile, "tier"),
            first(Visit),
            last(Visit, place="Lyon"),
            since(Purchase),
        )
    ),
]

RULES: list[Rule] = [
    Segment("regular", (count(Purchase, within=days(365)) >= 3) & (since(Purchase) <= days(90))),
    ~(since(Visit, place="Lyon") < days(7)) | (spent >= 100),
    count(Visit, within=month("Europe/Paris")) >= 2,
    newest(Answer, "score", within=days(30)) >= 9,
    newest(Profile, "tier").is_("gold"),
    (count(Visit) / count(Purchase)) > 0.5,
    open_complaints >= 1,
    birthday(note).when,
    lapse(note).when,
    guests.held.is_("guest"),
    everyone,
]


@pytest.mark.parametrize("facet", FACETS, ids=lambda facet: repr(facet)[:70])
def test_facet(facet: Any) -> None:
    for check in facet_checks(facet, examples=25):
        check()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule)[:70])
def test_rule(rule: Rule) -> None:
    for check in rule_checks(rule, examples=25):
        check()


def test_histories_hold_what_their_kinds_allow() -> None:
    seen: list[Fact] = []
    told = histories(Purchase, Answer, Profile, words=("rare",), max_size=30)
    tried(told, seen.extend, examples=60, seed=1)
    purchases = [fact for fact in seen if isinstance(fact, Purchase)]
    assert {purchase.amount.currency for purchase in purchases} == {"EUR", "USD"}
    assert any(purchase.amount.units == 0 for purchase in purchases)
    assert any(purchase.channel == "rare" for purchase in purchases)
    assert any(fact.score is None for fact in seen if isinstance(fact, Answer))
    assert any(value is None for fact in seen if isinstance(fact, Profile) for value in fact.told.values())
    assert len({type(fact) for fact in seen}) == 3


def test_histories_repeat_no_id() -> None:
    def alone(told: list[Fact]) -> None:
        assert len({fact.id for fact in told}) == len(told)

    tried(histories(Purchase, Visit), alone, examples=30, seed=1)


def test_kinds_are_asked_for() -> None:
    with pytest.raises(TypeError, match="at least one kind"):
        histories()
