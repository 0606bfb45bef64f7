"""Fixtures, clock and personas: what a user's own tests stand on."""

import pytest
from pendulum import datetime

from relmkt.channels import Outbox
from relmkt.contact import Contact, Permission
from relmkt.customers import Customer
from relmkt.decisions import Gate, Policy, Trigger
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Profile, Purchase
from relmkt.money import Money
from relmkt.program import Program
from relmkt.stores import Memory, SQLite
from relmkt.tallies import count, since
from relmkt.testing import FixedClock, Persona, personas
from relmkt.windows import days, hours

pytest_plugins = ["relmkt.testing.fixtures"]

regular = (count(Purchase, within=days(365)) >= 3) & (since(Purchase) <= days(90))
thank = Trigger("thank you", regular, Contact("mail", "Thank you, {name}", purpose="news"), once="ever")


def test_shop_thanks(shop: Program, clock: FixedClock, outbox: Outbox) -> None:
    shop.record(
        Profile("ada", clock(), {"name": "Ada", "mail": "ada@example.org"}, source="form"),
        Purchase("ada", clock(), Money("49.90", "EUR"), id="order-1"),
    )
    clock.move(hours(3))
    shop.dispatch()
    assert [message.subject for message in outbox.messages] == ["Thank you, Ada"]


def test_stores_are_empty(memory: Memory, sqlite: SQLite) -> None:
    assert not memory.changes(0, 9)
    assert not sqlite.changes(0, 9)


def test_clock_stands_and_moves() -> None:
    clock = FixedClock(datetime(2026, 3, 1, tz="Europe/Paris"))
    assert clock() == clock() == datetime(2026, 3, 1, tz="Europe/Paris")
    clock.move(days(1))
    assert clock() == datetime(2026, 3, 2, tz="Europe/Paris")
    with pytest.raises(ValueError, match="time only passes"):
        clock.move(-days(1))
    with pytest.raises(InvalidFactError):
        FixedClock(datetime(2026, 3, 1).naive())


def test_a_regular_is_thanked_once() -> None:
    persona = personas.regular()
    shop = Program(Memory(), Policy(thank), clock=FixedClock(persona.at))
    assert [planned.trigger for planned in shop.record(*persona.facts).planned] == ["thank you"]
    assert shop.record(*persona.facts).repeated
    assert not shop.review(persona.at.add(days=30)).planned


@pytest.mark.parametrize("persona", personas.everyone(), ids=lambda persona: persona.id)
def test_persona_can_be_recorded_and_loaded(persona: Persona) -> None:
    assert max(fact.at for fact in persona.facts).utc <= persona.at
    for take in ("record", "load"):
        shop = Program(Memory(), Policy(thank), clock=FixedClock(persona.at), kinds=[type(f) for f in persona.facts])
        getattr(shop, take)(*(persona.facts if take == "record" else [persona.facts]))
        assert len(shop.history(persona.id, at=persona.at)) >= len(
            [f for f in persona.facts if f.subject == persona.id]
        )


def test_personas_differ_as_they_say() -> None:
    gate, letter = Gate.only(Permission()), Contact("mail", "Hello", purpose="news")
    answers = {
        p.id: bool(gate.judge(letter, Customer.of(p.id, p.facts, facets=gate.facets), at=p.at))
        for p in personas.everyone()
    }
    refused = {id for id, permitted in answers.items() if not permitted}
    assert {"rafi", "olga", "anonymous-17", "bea"} <= refused
    assert {"petra", "nils", "rosa", "basil", "lena", "carl", "ada"} & refused == set()
    regulars = {p.id for p in personas.everyone() if Customer.of(p.id, p.facts, at=p.at).ask(regular)}
    assert {"rosa", "carl", "rafi", "ada"} <= regulars
    assert not {"petra", "nils", "lena", "anonymous-17"} & regulars
