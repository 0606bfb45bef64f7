"""Program 5: a test suite proves a home-made store, channel and facet, and that a regular is thanked once."""

import re
from collections.abc import Sequence
from typing import Self

import pytest
from attrs import evolve, frozen

from relmkt import Contact, Fact, Policy, Program, Purchase, Trigger, Visit, count, days, since
from relmkt.contact import DeliveryStatus, Message, Receipt
from relmkt.stores import Memory
from relmkt.testing import FixedClock, Rig, check_channel, check_facet, personas, store_checks

# --- crm.py: what is to be proved ------------------------------------------------------------------------------------
regular = (count(Purchase, within=days(365)) >= 3) & (since(Purchase) <= days(90))
policy = Policy(Trigger("thank you", regular, Contact("mail", "Thank you", kind="service"), once="ever"))


class RedisStore(Memory):
    """A stand-in for a store behind a server: what it holds outlives the object, under the name of its place."""

    served: dict[str, dict[str, object]] = {}

    def __init__(self, place: object) -> None:
        super().__init__()
        self.__dict__ = self.served.setdefault(str(place), self.__dict__)


class FaxServer:
    """A machine that prints what it is sent, and says no to what is no number."""

    def __init__(self) -> None:
        self.printed: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.printed.clear()

    def pages(self) -> list[tuple[str, str]]:
        return list(self.printed)

    def post(self, number: str, text: str) -> DeliveryStatus:
        if not re.fullmatch(r"\+\d{8,15}", number, re.ASCII):
            return DeliveryStatus.REJECTED
        self.printed.append((number, text))
        return DeliveryStatus.SENT


@frozen
class Streak:
    """In how many years in a row has the customer come?"""

    reads = (Visit,)
    years: int = 0
    last: int = 0

    def after(self, fact: Fact) -> "Streak":
        if not isinstance(fact, Visit):
            return self
        year = fact.at.local("Europe/Paris").year
        if year == self.last:
            return self
        return evolve(self, years=self.years + 1 if year == self.last + 1 else 1, last=year)


# --- the suite -------------------------------------------------------------------------------------------------------
class Fax:
    """A channel says which identifier it reaches, and gives one receipt a message."""

    reaches = "fax"

    def __init__(self, server: FaxServer) -> None:
        self.server = server

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return [Receipt(m.key, self.server.post(m.address, m.text)) for m in messages]


@pytest.mark.parametrize("check", store_checks(lambda place: RedisStore(place / "db")), ids=str)
def test_store(check):  # S02 a stale version is refused and writes nothing … S19 same answers as memory
    check()


def test_channel_and_facet():
    with FaxServer() as server:
        check_channel(lambda: Rig(Fax(server), arrived=server.pages))
    check_facet(Streak())


def test_a_regular_is_thanked_once():
    regular = personas.regular()
    shop = Program(Memory(), policy, clock=FixedClock(regular.at))
    assert [p.trigger for p in shop.record(*regular.facts).planned] == ["thank you"]
    assert shop.record(*regular.facts).repeated
    assert not shop.review(regular.at.add(days=30)).planned
