"""How often? Contacts that count, and the caps on them.

A cap of n per window w refuses a contact where in any window of length w that contains it n counted contacts lie,
reservations counted at their due instant until their hold ends (R54, R56). A started contact counts for ever. Caps by
calendar use the recipient's zone, rolling caps elapsed time (R59). A service message is never refused by a cap (R57).
"""

from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from relmkt.contact._contact import Contact, Planned, Released, Started, contact_of
from relmkt.customers import Attributes, Customer
from relmkt.facts import Fact
from relmkt.rules import Refusal
from relmkt.windows import Instant, Span, Window

__all__ = ["Cap", "ContactPressure", "Counted", "zone_in", "zone_of"]


MOST = 256
"""How many contacts a pressure keeps at the most: the largest cap."""


@frozen
class Counted:
    """One contact that counts: reserved until its hold ends, or started.

    >>> Counted("m-1", 0, "promotional", "mail", "news", 1.0, None).holds
    """

    id: str
    at: int
    kind: str
    channel: str
    purpose: str
    weight: float
    holds: int | None


@frozen
class ContactPressure:
    """The contacts that can still count in a window: planned, started, and not released; service messages never do.

    within: the longest window; contacts that have left it are forgotten, and of more than 256 the oldest, so that the
    state is bounded: a cap on so many refuses long before.

    >>> ContactPressure(Span(7)).contacts
    ()
    """

    reads = (Planned, Started, Released)
    within: Span | Window
    contacts: tuple[Counted, ...] = ()

    def after(self, fact: Fact) -> "ContactPressure":
        """With this contact counted, or no longer counted."""
        match fact:
            case Planned():
                return self._with(fact.id, int(fact.due), fact.contact, int(fact.due) + fact.hold, int(fact.at))
            case Started():
                return self._with(fact.ref or fact.id, int(fact.at), fact.contact, None, int(fact.at))
            case Released():
                return evolve(self, contacts=tuple(c for c in self.contacts if c.id != fact.ref))
            case _:
                return self

    def _with(self, id: str, at: int, contact: Contact, holds: int | None, now: int) -> "ContactPressure":
        if contact.kind == "service":
            return self
        told = Counted(id, at, contact.kind, contact.channel, contact.purpose or "", contact.weight, holds)
        kept = [c for c in self.contacts if c.id != id and self.leaves(c) > now]
        return evolve(self, contacts=tuple(sorted([*kept, told], key=lambda c: (c.at, c.id))[-MOST:]))

    def leaves(self, counted: Counted) -> int:
        """When a contact can no longer count: a day of grace for calendar windows read in another zone."""
        if isinstance(self.within, Window):
            return int(self.within.end(counted.at)) + 86_400_000_000
        return counted.at + self.within


def zone_of(customer: Customer, *otherwise: str | None) -> str:
    """The customer's own time zone, or the first of the others that is stated, or UTC (R66).

    >>> zone_of(Customer.of("ada", []), None, "Europe/Paris")
    'Europe/Paris'
    """
    return zone_in(customer[Attributes()], *otherwise)


def zone_in(attributes: Attributes, *otherwise: str | None) -> str:
    """The zone that a profile states, or the first of the others, or UTC; a zone that does not exist is none.

    >>> zone_in(Attributes())
    'UTC'
    """
    own = attributes.values.get("zone")
    if own is not None and _exists(own):
        return own
    return next((zone for zone in otherwise if zone), "UTC")


@lru_cache(maxsize=1024)
def _exists(zone: str) -> bool:
    try:
        return ZoneInfo(zone).key == zone
    except (KeyError, ValueError, OSError):
        return False


@frozen
class Cap:
    """The clause that limits contacts: at most n (by weight) within a span or a calendar window.

    channel, purpose, kind: which contacts it limits and counts, `"*"` for all; service messages are neither.

    >>> from relmkt.windows import days
    >>> print(Cap(2, days(7)))
    cap of 2 in 7 days
    """

    n: float
    within: Span | Window
    channel: str = field(default="*", kw_only=True)
    purpose: str = field(default="*", kw_only=True)
    kind: str = field(default="*", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.n <= MOST:
            raise ValueError(f"a cap is of 0 to {MOST} contacts, not of {self.n}")

    @property
    def facets(self) -> tuple[Any, ...]:
        """What the clause reads."""
        return (ContactPressure(self.within), Attributes())

    def __call__(self, action: object, customer: Customer, address: Customer | None, at: Instant) -> Refusal | None:
        """None where there is room, else a refusal with the first instant at which there is."""
        contact = contact_of(action)
        if contact.kind == "service" or not self._limits(contact.channel, contact.purpose or "", contact.kind):
            return None
        own = action.id if isinstance(action, Planned) else None
        counted = [
            c
            for c in customer[ContactPressure(self.within)].contacts
            if c.id != own and self._limits(c.channel, c.purpose, c.kind)
        ]
        if self._fits(counted, contact.weight, at, customer):
            return None
        evidence = f"{len(counted)} counted"
        return Refusal(
            action, f"{self} (R54)", until=self._until(counted, contact.weight, at, customer), evidence=(evidence,)
        )

    def _limits(self, channel: str, purpose: str, kind: str) -> bool:
        return self.channel in ("*", channel) and self.purpose in ("*", purpose) and self.kind in ("*", kind)

    def _fits(self, counted: list[Counted], weight: float, at: int, customer: Customer) -> bool:
        live = [c for c in counted if c.holds is None or at < c.holds]
        if isinstance(self.within, Window):
            window = self._window(customer)
            start, end = window.start(at), window.end(at)
            return sum(c.weight for c in live if start <= c.at < end) + weight <= self.n
        ends = [at, *(c.at for c in live if at < c.at < at + self.within)]
        return all(sum(c.weight for c in live if end - self.within < c.at <= end) + weight <= self.n for end in ends)

    def _until(self, counted: list[Counted], weight: float, at: int, customer: Customer) -> Instant | None:
        """The first later instant at which it fits (R60): when a counted contact leaves, or a hold ends."""
        if isinstance(self.within, Window):
            leaves = [int(self._window(customer).end(c.at)) for c in counted]
        else:
            leaves = [c.at + self.within for c in counted]
        holds = [c.holds for c in counted if c.holds is not None]
        later = sorted({instant for instant in (*leaves, *holds) if instant > at})
        return next((Instant(t) for t in later if self._fits(counted, weight, t, customer)), None)

    def _window(self, customer: Customer) -> Window:
        if not isinstance(self.within, Window):
            raise TypeError(f"{self} has no calendar")
        return evolve(self.within, zone=zone_of(customer, self.within.zone))

    def __str__(self) -> str:
        words = str(self.within)
        if words.startswith(("days(", "hours(")):
            unit, _, n = words.rstrip(")").partition("(")
            words = f"{n} {unit}" if n != "1" else unit[:-1]
        return f"cap of {self.n:g} in {words}" + "".join(
            f" {name} {word}"
            for name, word in (("by", self.channel), ("for", self.purpose), ("of", self.kind))
            if word != "*"
        )
