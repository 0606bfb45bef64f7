"""A customer is one subject, folded: asked at an instant, folded anew where a question needs more, never changed."""

import math
from datetime import datetime as naive
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from pendulum import datetime

from relmkt.customers import Attributes, Change, Customer, Explanation, Folding
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact, Identifier, Profile, Purchase, Visit
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.program import Program
from relmkt.rules import Measure, Verdict
from relmkt.satisfaction import SurveyRequested
from relmkt.stores import Memory
from relmkt.tallies import count, newest, since
from relmkt.windows import Instant, days
from tests.customers.histories import FACETS, histories

DAY = datetime(2026, 3, 1)
THREE = [Purchase("ada", DAY.add(days=n), Money(5, "EUR"), id=f"o-{n}") for n in (0, 10, 20)]


def test_facts_after_the_instant_are_left_out() -> None:
    ada = Customer.of("ada", THREE, at=DAY.add(days=10))
    assert ada.ask(count(Purchase)) == 2
    assert ada.at == ada.asked == Instant(DAY.add(days=10).isoformat())
    assert Customer.of("ada", THREE, at=DAY.subtract(days=1)).ask(count(Purchase)) == 0
    assert Customer.of("ada", THREE).at == THREE[-1].at


def test_a_question_takes_an_instant() -> None:
    ada = Customer.of("ada", THREE, facets=[since(Purchase).facet])
    assert ada.ask(since(Purchase)) == 0
    assert ada.ask(since(Purchase), DAY.add(days=21)) == 1
    assert ada.ask(since(Purchase) <= days(1), DAY.add(days=21)) is Verdict.TRUE
    assert ada.ask(count(Purchase, within=days(11)), DAY.add(days=25)) == 1
    with pytest.raises(InvalidFactError):
        ada.ask(since(Purchase), naive(2026, 3, 1))


def test_asked_at_the_later_of_the_instant_and_the_newest_fact() -> None:
    """One skewed clock must not make questions impossible (DESIGN 5)."""
    ada = Customer.of("ada", THREE)
    assert ada.ask(since(Purchase), DAY) == 0
    assert ada.moved(Instant(DAY.isoformat())).asked == THREE[-1].at


def test_the_instant_is_no_part_of_the_customer() -> None:
    one, other = Customer.of("ada", THREE), Customer.of("ada", THREE, at=DAY.add(days=90))
    assert one == other
    assert Customer.of("bob", THREE) != one
    assert Customer.of("ada", THREE[:1], facets=[Attributes()]) == Customer.of("ada", [], facets=[Attributes()])


def test_what_was_not_folded_is_folded_when_asked() -> None:
    ada = Customer.of("ada", [*THREE, Profile("ada", DAY, {"name": "Ada"}, source="f")], facets=[])
    assert ada[Attributes()].values["name"] == "Ada"
    assert ada.ask(count(Purchase)) == 3
    assert not ada.states


def test_without_history_what_was_not_folded_is_an_error() -> None:
    bare = Customer("ada", Instant(0), {})
    with pytest.raises(LookupError, match="folded without its facts"):
        bare.ask(count(Purchase))


@given(histories())
def test_after_is_of(told: list[Fact]) -> None:
    ada = Customer.of("ada", [], facets=FACETS)
    for fact in told:
        ada = ada.after(fact)
    whole = Customer.of("ada", told, facets=FACETS)
    assert ada == whole
    assert ada.history() == whole.history()
    assert ada.asked == whole.asked or not told


def test_a_long_history_told_one_by_one() -> None:
    """Ten thousand facts taken in one after the other are still read back, without recursion."""
    ada = Customer.of("ada", [], facets=[])
    for n in range(10_000):
        ada = ada.after(Visit("ada", Instant(n), id=f"{n:05}"))
    assert ada.ask(count(Visit)) == 10_000
    assert len(ada.history()) == 10_000


def test_refold_takes_the_whole_history() -> None:
    few = count(Purchase, within=days(365)).facet.wide(1)
    ada = Customer.of("ada", THREE, facets=[few])
    assert len(ada[few].instants) == 1
    assert len(ada.refold(few.wide(0)).instants) == 3


def test_widest_of_equal_keys() -> None:
    facet = count(Purchase, within=days(365)).facet
    for asked in ([facet.wide(2), facet.wide(5)], [facet.wide(5), facet.wide(2)]):
        assert Folding(asked).facets[0].k == 5
    assert Folding([facet.wide(2), facet.wide(0), facet.wide(5)]).facets[0].k == 0
    assert Folding([facet.wide(2)]).shape != Folding([facet.wide(3)]).shape, "k is part of a snapshot's shape"


def test_names() -> None:
    key = Identifier("mail", "ada@example.org")
    assert Customer.of(key, []).id == key.key
    for bad in ("", None, "a\nb"):
        made: Any = Customer.of
        with pytest.raises(InvalidFactError, match=r"^id"):
            made(bad, [])


def test_explanations() -> None:
    ada = Customer.of("ada", THREE)
    told = ada.explain((count(Purchase) >= 3) & (newest(Profile, "tier").is_("gold")))
    assert told.verdict == 1
    assert [part.verdict for part in told.parts] == [2, 1]
    assert told.parts[0].value == 3
    assert str(told).splitlines()[1:] == [
        "  true     count(Purchase) >= 3   3",
        "  unknown  newest(Profile, 'tier').is_('gold')   missing",
    ]
    assert ada.explain(count(Purchase)).value == 3
    assert math.isnan(ada.explain(since(Visit)).value)
    assert ada.explain(since(Visit)).verdict == 1
    assert isinstance(told, Explanation)


def test_attributes() -> None:
    told = [
        Profile("ada", DAY, {"name": "Ada", "tier": "gold"}, source="a"),
        Profile("ada", DAY.add(days=1), {"tier": None, "city": "Nice"}, source="b"),
    ]
    values = Customer.of("ada", told)[Attributes()].values
    assert dict(values) == {"name": "Ada", "city": "Nice"}
    with pytest.raises(TypeError):
        values["name"] = "Eve"  # type: ignore[index]


def test_a_change_is_before_fact_and_after() -> None:
    ada = Customer.of("ada", THREE[:2])
    change = Change(ada, THREE[2], ada.after(THREE[2]))
    assert change.after.ask(count(Purchase)) - change.before.ask(count(Purchase)) == 1


def test_a_measure_of_ones_own() -> None:
    names = Measure("attributes known", Attributes(), lambda facet, at: len(facet.values))
    ada = Customer.of("ada", [Profile("ada", DAY, {"name": "Ada"}, source="f")])
    assert ada.ask(names) == 1
    assert ada.ask(names >= 1)
    assert not ada.ask(names >= 2)


def test_a_kind_nobody_named_is_counted_when_it_is_asked_for() -> None:
    """A person and the portfolio give one answer, though the program was not told of the kind."""
    store = Memory()
    first = SurveyRequested("ada", DAY, "stay", ("hotel.stay",), within=days(14), id="r-1")
    told = [first, evolve(first, at=DAY.add(days=1), id="r-2")]
    Program(store, kinds=[SurveyRequested], clock=lambda: datetime(2026, 4, 1)).load(*told)
    shop, asked = Program(store, clock=lambda: datetime(2026, 4, 1)), count(SurveyRequested)
    assert shop.customer("ada").ask(asked) == Portfolio(store, at=datetime(2026, 4, 1)).ask(asked)[0] == 2
    assert [fact.id for fact in shop.history("ada", SurveyRequested)] == ["r-1", "r-2"]
