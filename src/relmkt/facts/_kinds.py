"""The kinds of facts that more than one room reads: what was bought, said, visited, asked, permitted and spent.

A chapter keeps its own kinds beside its facets. Every kind says what it happens to (`subject_kind`, a customer unless
set) and which number and label stores keep as columns (`hot`).
"""

from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Literal

from attrs import field, frozen

from relmkt.exceptions import InvalidFactError
from relmkt.facts._fact import Fact, is_text, personal
from relmkt.money import Money
from relmkt.windows import At, Instant, instant

__all__ = [
    "Answer",
    "Cancellation",
    "Complaint",
    "ComplaintSettled",
    "ConsentGiven",
    "ConsentWithdrawn",
    "Profile",
    "Purchase",
    "Recommendation",
    "Return",
    "Spend",
    "TaskOpened",
    "Visit",
    "Wording",
]


def _not_negative(place: str, amount: Money, instead: str) -> None:
    if amount.units < 0:
        raise InvalidFactError(place, "a negative amount", instead)


@frozen
class Purchase(Fact):
    """A customer bought for an amount; zero is a purchase, a refund is a `Return`.

    margin: what was earned on it, where known; without it every figure says revenue.
    channel: the word of the channel it came by; place: the shop or site.

    >>> from pendulum import datetime
    >>> Purchase("ada", datetime(2026, 3, 1), Money("49.90", "EUR"), id="order-1").amount
    Money('49.90', 'EUR')
    """

    hot = ("amount", "currency")
    amount: Money
    margin: Money | None = field(default=None, kw_only=True)
    channel: str = field(default="", kw_only=True)
    place: str = field(default="", kw_only=True)

    def check(self) -> None:
        """Amounts are not negative, and the margin is in the currency of the amount."""
        _not_negative("Purchase.amount", self.amount, "zero or more: a refund is a Return")
        if self.margin is not None and self.margin.currency != self.amount.currency:
            raise InvalidFactError("Purchase.margin", self.margin.currency, f"money in {self.amount.currency}")


@frozen
class Return(Fact):
    """A customer gave something back for an amount; `ref` is the id of the purchase.

    >>> from pendulum import datetime
    >>> Return("ada", datetime(2026, 3, 9), Money("49.90", "EUR"), ref="order-1").ref
    'order-1'
    """

    hot = ("amount", "currency")
    amount: Money

    def check(self) -> None:
        """The amount is not negative and the purchase is named."""
        _not_negative("Return.amount", self.amount, "zero or more: what was paid back")
        if not self.ref:
            raise InvalidFactError("Return.ref", "an empty text", "the id of the purchase returned")


@frozen
class Spend(Fact):
    """The firm spent an amount on one phase of its relations: a fact of its policy, and of no customer.

    subject: who spent, the firm, a brand or a shop; it is nobody's customer and is counted nowhere as one.
    phase: conquest, loyalty, retention or win back. activity: what was done (advertising, programme, service …).
    campaign, channel: their names, where the spend has one.

    >>> from pendulum import datetime
    >>> spend = Spend("hotels", datetime(2026, 3, 1), Money(1200, "EUR"), "conquest", activity="advertising")
    >>> spend.phase, spend.subject_kind
    ('conquest', 'programme')
    """

    subject_kind = "programme"
    hot = ("amount", "currency")
    amount: Money
    phase: Literal["conquest", "loyalty", "retention", "win back"]
    activity: str = field(default="", kw_only=True)
    campaign: str = field(default="", kw_only=True)
    channel: str = field(default="", kw_only=True)

    def check(self) -> None:
        """The amount is not negative."""
        _not_negative("Spend.amount", self.amount, "zero or more: what was spent")


@frozen
class Cancellation(Fact):
    """An order was called off before it was fulfilled; `ref` is the id of the purchase.

    >>> from pendulum import datetime
    >>> Cancellation("ada", datetime(2026, 3, 1, 11), ref="order-1").ref
    'order-1'
    """

    def check(self) -> None:
        """The purchase is named."""
        if not self.ref:
            raise InvalidFactError("Cancellation.ref", "an empty text", "the id of the purchase called off")


@frozen
class Visit(Fact):
    """A customer came: to a shop, a hotel, a site.

    >>> from pendulum import datetime
    >>> Visit("ada", datetime(2026, 3, 1), "Lyon").place
    'Lyon'
    """

    hot = ("", "place")
    place: str = ""


@frozen
class Answer(Fact):
    """One answer to one item of a questionnaire; `score` None: asked, and not answered.

    about: what was judged (a hotel, a product), where the questionnaire says so.

    >>> from pendulum import datetime
    >>> Answer("ada", datetime(2026, 3, 3), "hotel.stay", 9, about="Lyon").score
    9
    """

    hot = ("score", "item")
    item: str
    score: float | None
    about: str = field(default="", kw_only=True)


@frozen
class Complaint(Fact):
    """A customer complained; open until a `ComplaintSettled` names it.

    >>> from pendulum import datetime
    >>> Complaint("ada", datetime(2026, 3, 4), "the room was cold", about="Lyon", id="c-1")
    Complaint(subject='ada', at=Instant('2026-03-04T00:00:00+00:00'), id='c-1', source='', ref='', about='Lyon')
    """

    hot = ("", "about")
    text: str = personal(default="")
    about: str = field(default="", kw_only=True)


@frozen
class ComplaintSettled(Fact):
    """A complaint was settled; `ref` is its id.

    >>> from pendulum import datetime
    >>> ComplaintSettled("ada", datetime(2026, 3, 6), ref="c-1").ref
    'c-1'
    """

    def check(self) -> None:
        """The complaint is named."""
        if not self.ref:
            raise InvalidFactError("ComplaintSettled.ref", "an empty text", "the id of the complaint")


@frozen
class Recommendation(Fact):
    """A customer recommended us; `to` names the person who came by it, where known.

    >>> from pendulum import datetime
    >>> Recommendation("ada", datetime(2026, 4, 1), "bob").to
    'bob'
    """

    to: str = personal(default="")


def _told(told: Mapping[str, str | None]) -> Mapping[str, str | None]:
    given: object = told  # annotations do not hold for what callers hand in
    if not isinstance(given, Mapping):
        raise InvalidFactError("Profile.told", f"a {type(given).__name__}", "a mapping of attribute to text or None")
    for name, value in given.items():
        if not is_text(name) or not name:
            raise InvalidFactError("Profile.told", f"a {type(name).__name__} as attribute", "a text that is not empty")
        if value is not None and not is_text(value):
            expected = "a text without NUL, or None to clear it"
            raise InvalidFactError(f"Profile.told[{name!r}]", f"a {type(value).__name__}", expected)
    return MappingProxyType(dict(sorted(given.items())))


@frozen(hash=False)
class Profile(Fact):
    """Attributes and identifiers of a customer, as one source stated them; None clears an attribute.

    `mail`, `phone`, `card`, `device`, `account`, `push` and `fax` identify: stated together, they link to one customer.
    `birthday` is written `YYYY-MM-DD` or `--MM-DD`; `zone` is an IANA time zone.

    >>> from pendulum import datetime
    >>> Profile("ada", datetime(2026, 3, 1), {"name": "Ada"}, source="web form").told["name"]
    'Ada'
    """

    told: Mapping[str, str | None] = personal(converter=_told)
    source: str = field(kw_only=True)


@frozen
class Wording:
    """The text by which consent was asked, and its version.

    >>> Wording("2026-01", "Yes, send me the news").digest
    'f7a03b'
    """

    version: str = ""
    text: str = ""

    def __attrs_post_init__(self) -> None:
        for name, value in (("version", self.version), ("text", self.text)):
            if not is_text(value):
                raise InvalidFactError(f"Wording.{name}", f"a {type(value).__name__}", "a text without NUL")

    @property
    def digest(self) -> str:
        """The first six hexadecimal digits of the text's digest: what a proof of consent quotes."""
        return blake2b(self.text.encode(), digest_size=16).hexdigest()[:6]


def _wording(wording: str | Wording) -> Wording:
    if isinstance(wording, str):
        return Wording("", wording)
    return wording


def _maybe_instant(at: At | None) -> Instant | None:
    return None if at is None else instant(at, "until")


@frozen
class ConsentGiven(Fact):
    """A customer agreed to contacts for one purpose on one channel, with the evidence of it.

    purpose, channel: words; `"*"` is every one. wording: what was asked; actor: who acted (normally the customer).
    until: when the consent ends of itself. rule R71, G02: without evidence it cannot be written down.

    >>> from pendulum import datetime
    >>> ConsentGiven("ada", datetime(2026, 3, 1), "news", "mail", wording="Yes", source="web form", actor="")
    Traceback (most recent call last):
    relmkt.exceptions.InvalidFactError: ConsentGiven.actor: got an empty text, expected who gave the consent
    """

    hot = ("", "purpose")
    purpose: str
    channel: str
    wording: Wording = field(converter=_wording, kw_only=True)
    source: str = field(kw_only=True)
    actor: str = field(kw_only=True)
    until: Instant | None = field(default=None, converter=_maybe_instant, kw_only=True)

    def check(self) -> None:
        """Every piece of evidence is there."""
        evidence = {
            "purpose": (self.purpose, "the purpose agreed to"),
            "channel": (self.channel, "the channel agreed to"),
            "wording": (self.wording.text, "the text that was agreed to"),
            "source": (self.source, "where the consent was collected"),
            "actor": (self.actor, "who gave the consent"),
        }
        for name, (value, expected) in evidence.items():
            if not value:
                raise InvalidFactError(f"ConsentGiven.{name}", "an empty text", expected)


@frozen
class ConsentWithdrawn(Fact):
    """A customer withdrew consent: for one purpose on one channel, or (`"*"`) for every one, those to come included.

    >>> from pendulum import datetime
    >>> ConsentWithdrawn("ada", datetime(2026, 5, 1), "news").channel
    '*'
    """

    hot = ("", "purpose")
    purpose: str = "*"
    channel: str = "*"
    wording: Wording = field(factory=Wording, converter=_wording, kw_only=True)
    actor: str = field(default="", kw_only=True)


@frozen
class TaskOpened(Fact):
    """Somebody of the team is asked to do something for a customer.

    what: the task in words; role: who is to do it; due: until when, where a limit was set.

    >>> from pendulum import datetime
    >>> print(TaskOpened("ada", datetime(2026, 3, 15), "call to say thank you", "owner"))
    task for owner: call to say thank you
    """

    hot = ("", "role")
    what: str
    role: str
    due: Instant | None = field(default=None, converter=_maybe_instant, kw_only=True)

    def __str__(self) -> str:
        return f"task for {self.role}: {self.what}" + ("" if self.due is None else f", by {self.due}")
