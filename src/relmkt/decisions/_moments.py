"""Which moments are worth a word? Ready triggers: after a purchase, no reply, a birthday, a lapse, a regular.

Each is a `Trigger` like any other: read it, copy it, change it.
"""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

from attrs import evolve, frozen

from relmkt.contact import Contact, Reply, Started, zone_in
from relmkt.customers import Attributes
from relmkt.decisions._trigger import Trigger
from relmkt.facts import Cancellation, Complaint, ComplaintSettled, Fact, Purchase, Return
from relmkt.rules import NAN, Measure, Op, Rule
from relmkt.tallies import count, since
from relmkt.windows import Instant, Span, birthdays, days, hours, local_instant, year

__all__ = ["OpenComplaints", "Rhythm", "after_purchase", "birthday", "lapse", "no_reply", "thank_regular"]

Leap = Literal["28 February", "1 March"]
_EPOCH, _YEAR = date(1970, 1, 1), 31_556_952_000_000  # microseconds of a mean Gregorian year


@frozen
class OpenComplaints:
    """The complaints that are not settled, by id; at most the newest fifty.

    >>> OpenComplaints().ids
    ()
    """

    reads = (Complaint, ComplaintSettled)
    ids: tuple[str, ...] = ()

    def after(self, fact: Fact) -> "OpenComplaints":
        """One more, or one less."""
        match fact:
            case Complaint():
                return evolve(self, ids=(*self.ids, fact.id)[-50:])
            case ComplaintSettled():
                return evolve(self, ids=tuple(id for id in self.ids if id != fact.ref))
            case _:
                return self


open_complaints = Measure("open complaints", OpenComplaints(), lambda facet, at: len(facet.ids))


def after_purchase(contact: Contact, *, wait: Span = hours(2)) -> Trigger:
    """A contact after every purchase, once its time has come.

    rule R91: cancelled if the order is cancelled or returned before it is due, put back while a complaint is open.

    >>> after_purchase(Contact("mail", "Thank you", kind="service")).name
    'after purchase'
    """
    return Trigger(
        "after purchase", Purchase, contact, wait=wait, unless=(Return, Cancellation), delay=open_complaints >= 1
    )


def no_reply(to: Trigger, contact: Contact, *, within: Span) -> Trigger:
    """A contact, usually on another channel, where what `to` sent has had no reply in a span.

    rule R89: any reply cancels it.

    >>> thanks = after_purchase(Contact("mail", "How was it?", purpose="care"))
    >>> no_reply(thanks, Contact("sms", "Did all arrive well?", purpose="care"), within=days(7)).name
    'after purchase: no reply'
    """
    name = to.name
    return Trigger(
        f"{name}: no reply",
        Started,
        contact,
        wait=within,
        unless=Reply,
        match=lambda fact: isinstance(fact, Started) and fact.trigger == name,
    )


def _born(facet: Attributes) -> tuple[int, int] | None:
    """Month and day of the birthday that the profile states, None where it states none that can be read."""
    told = facet.values.get("birthday", "")
    month, _, day = told[-5:].partition("-")
    if not (month.isdecimal() and day.isdecimal() and 1 <= int(month) <= 12):
        return None
    return (int(month), int(day)) if 1 <= int(day) <= monthrange(2000, int(month))[1] else None


@lru_cache(maxsize=4096)
def _midnights(month: int, day: int, year: int, leap: Leap, zone: str) -> tuple[int, int]:
    """The local midnights that begin and end a birthday in one year."""
    before = local_instant(date(year, 1, 1), "00:00", zone)
    begins = birthdays(month, day, Instant(before - 1), leap, zone)
    return int(begins), int(local_instant(begins.local(zone).date() + timedelta(days=1), "00:00", zone))


def _birthday(leap: Leap) -> Measure:
    """1 on the customer's birthday, on its own calendar; 0 on other days; missing without a birthday."""

    def day(facet: Attributes, at: Instant) -> tuple[int, int] | None:
        """The local midnights that begin and end the birthday that is now or comes next."""
        born = _born(facet)
        if born is None:
            return None
        year, zone = _EPOCH.year + int(at // _YEAR), zone_in(facet)
        days = (_midnights(*born, year + n, leap, zone) for n in (-1, 0, 1, 2))
        return next(day for day in days if at < day[1])

    def ask(facet: Attributes, at: Instant) -> float:
        found = day(facet, at)
        return NAN if found is None else float(found[0] <= at)

    def turns(facet: Attributes, at: Instant, op: Op, value: float) -> Instant | None:
        found = day(facet, at)
        if found is None:
            return None
        return Instant(found[0] if at < found[0] else found[1])

    return Measure(f"birthday ({leap} for 29 February)", Attributes(), ask, turns)


def birthday(contact: Contact, *, leap: Leap = "28 February") -> Trigger:
    """A greeting on the customer's birthday, on its own calendar; never late by more than the day.

    The profile's `birthday` is `YYYY-MM-DD` or `--MM-DD`. rule R90: at most once per customer and local year.

    >>> birthday(Contact("mail", "Happy birthday, {name}!", purpose="care", kind="greeting")).name
    'birthday'
    """
    greeting = contact if contact.within is not None else evolve(contact, within=hours(24))
    return Trigger("birthday", _birthday(leap) >= 1, greeting, once=year())


@frozen
class Rhythm:
    """A customer's own rhythm: the newest twelve gaps between purchases on different instants.

    >>> Rhythm().gap is None
    True
    """

    reads = (Purchase,)
    at: int | None = None
    gaps: tuple[int, ...] = ()

    def after(self, fact: Fact) -> "Rhythm":
        """With the gap that this purchase ends."""
        if not isinstance(fact, Purchase) or fact.at == self.at:
            return self
        gaps = self.gaps if self.at is None else (*self.gaps, int(fact.at) - self.at)[-12:]
        return Rhythm(int(fact.at), gaps)

    @property
    def gap(self) -> int | None:
        """The nine-tenths quantile of the gaps (the nearest rank), None with fewer than three."""
        if len(self.gaps) < 3:
            return None
        return sorted(self.gaps)[-(-9 * len(self.gaps) // 10) - 1]


def _beyond(facet: Rhythm, at: Instant) -> float:
    return NAN if facet.gap is None or facet.at is None else float(at - facet.at > facet.gap)


def _beyond_turns(facet: Rhythm, at: Instant, op: Op, value: float) -> Instant | None:
    if facet.gap is None or facet.at is None or facet.at + facet.gap + 1 <= at:
        return None
    return Instant(facet.at + facet.gap + 1)


def lapse(contact: Contact, *, after: Span | None = None) -> Trigger:
    """A contact when a customer has lapsed, once for each newest purchase.

    after: longer than this since the last purchase; None: longer than the nine-tenths quantile of the customer's own
    gaps (rule R35), unknown with fewer than three of them.

    >>> lapse(Contact("mail", "We miss you", purpose="news"), after=days(120)).name
    'lapse'
    """
    own: Any = Measure("beyond own rhythm", Rhythm(), _beyond, _beyond_turns)
    rule: Rule = own >= 1 if after is None else since(Purchase) > after
    return Trigger("lapse", rule, contact, once=Purchase)


def thank_regular(contact: Contact, regular: Rule | None = None) -> Trigger:
    """A word of thanks when a customer becomes a regular, once ever.

    regular: three purchases in a year, the last within ninety days, unless you say what a regular is.

    >>> thank_regular(Contact("mail", "Thank you, {name}", purpose="news")).name
    'thank a regular'
    """
    usual = (count(Purchase, within=days(365)) >= 3) & (since(Purchase) <= days(90))
    return Trigger("thank a regular", usual if regular is None else regular, contact, once="ever")
