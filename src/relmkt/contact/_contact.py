"""What do we want to say, to whom, why, and what came of it?

A `Contact` is one touch on one channel: its text, its purpose, its kind. `Planned`, `Started`, `Released` and
`Delivery` are the facts of its life; `Reply`, `Objection` and `Suppressed` are what comes back.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal, get_args

from attrs import field, frozen

from relmkt.contact._message import DeliveryStatus
from relmkt.facts import Fact, personal
from relmkt.windows import At, Instant, Span, hours, instant

__all__ = [
    "Contact",
    "Delivery",
    "Kind",
    "Objection",
    "Planned",
    "Released",
    "Reply",
    "Started",
    "Suppressed",
    "Template",
    "contact_of",
]

Kind = Literal["promotional", "informative", "educational", "magazine", "greeting", "service"]


@frozen
class Template:
    """A text with its subject and its HTML form, where one string is not enough.

    Texts read `{attribute}` of the profile, `{fact.field}` of the fact that set them off, names in the contact's
    `fields`, each with `|default` if a missing value is not to be a refusal.

    >>> Template("How are you?", subject="Hello").subject
    'Hello'
    """

    text: str
    subject: str | None = field(default=None, kw_only=True)
    html: str | None = field(default=None, kw_only=True)


def _weight(contact: Any, attribute: Any, value: float) -> None:
    if not 0 <= value < math.inf:
        raise ValueError("Contact.weight is zero or more")


def _kind(contact: Any, attribute: Any, value: str) -> None:
    if value not in get_args(Kind):
        raise ValueError(f"Contact.kind is one of {', '.join(get_args(Kind))}")


@frozen(hash=False)
class Contact:
    """One touch on one channel: what a trigger proposes and a gate judges.

    channel: the word that consents and caps use too. text: what it says; its first line is the subject where a channel
    has one. purpose: the word that consents name; every contact but `kind="service"` states one.
    kind: promotional (the strictest, unless stated), informative, educational, magazine, greeting or service.
    approach: relational, or transactional where it only seeks a sale. within: after so long it is dropped, never sent
    late. weight: what it counts for in a cap. fields: names in the text that measures answer.
    otherwise: the contact tried where this one is refused.

    Raises TypeError for a contact without a purpose.

    >>> Contact("mail", "Thank you, {name}", purpose="news").kind
    'promotional'
    """

    channel: str
    text: str | Template = ""
    purpose: str | None = field(default=None, kw_only=True)
    kind: Kind = field(default="promotional", kw_only=True, validator=_kind)
    approach: Literal["relational", "transactional"] = field(default="relational", kw_only=True)
    within: Span | None = field(default=None, kw_only=True)
    weight: float = field(default=1.0, kw_only=True, validator=_weight)
    fields: Mapping[str, Any] | None = field(default=None, kw_only=True, metadata={"plain": False}, eq=False)
    otherwise: "Contact | None" = field(default=None, kw_only=True, metadata={"plain": False}, eq=False)

    def __attrs_post_init__(self) -> None:
        if not self.channel or not isinstance(self.channel, str):
            raise TypeError("a contact states its channel, a word such as 'mail'")
        if self.purpose is None and self.kind != "service":
            raise TypeError(f"a {self.kind} contact states its purpose=; only kind='service' has none")

    def __str__(self) -> str:
        aim = f" for {self.purpose}" if self.purpose else ""
        return f"{self.kind} by {self.channel}{aim}"


_HOLD = hours(48)


_UNSAID = Instant(-(1 << 62))


def _due(at: At | None) -> Instant:
    return _UNSAID if at is None else instant(at, "due")


@frozen(hash=False)
class Planned(Fact):
    """A contact was decided; the outbox is its queue. `ref` is the fact that set it off (none: time alone).

    due: not before. trigger: what proposed it. hold: so long after its due instant a place in the caps is kept for it.
    told: the values of the text's `{fact.…}` and `fields` when it was decided. basis: what permitted it.

    >>> from pendulum import datetime
    >>> print(Planned("ada", datetime(2026, 3, 1), Contact("mail", kind="service"), trigger="thanks"))
    thanks: mail, due 2026-03-01T00:00:00+00:00
    """

    hot = ("", "trigger")
    contact: Contact
    trigger: str = field(default="", kw_only=True)
    due: Instant = field(default=_UNSAID, converter=_due, kw_only=True)
    hold: Span = field(default=_HOLD, kw_only=True)
    told: Mapping[str, str] = personal(factory=dict, kw_only=True)
    basis: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.due is _UNSAID:
            object.__setattr__(self, "due", self.at)
        super().__attrs_post_init__()

    def __str__(self) -> str:
        return f"{self.trigger or 'contact'}: {self.contact.channel}, due {self.due}"


@frozen(hash=False)
class Started(Fact):
    """A contact left: what pressure counts, for ever. `ref` is the planned contact.

    >>> from pendulum import datetime
    >>> Started("ada", datetime(2026, 3, 1), Contact("mail", purpose="news"), id="m-1").contact.channel
    'mail'
    """

    hot = ("", "trigger")
    contact: Contact
    trigger: str = field(default="", kw_only=True)


@frozen
class Released(Fact):
    """A planned contact will not leave, under a rule; its place in the caps is free. `ref` is the planned contact.

    >>> from pendulum import datetime
    >>> Released("ada", datetime(2026, 3, 1), "expired (R62)", ref="m-1").rule
    'expired (R62)'
    """

    hot = ("", "rule")
    rule: str


@frozen
class Delivery(Fact):
    """What a channel reported of a contact; `ref` is the planned contact.

    >>> from pendulum import datetime
    >>> Delivery("ada", datetime(2026, 3, 1), DeliveryStatus.SENT, channel="mail", ref="m-1").status.value
    'sent'
    """

    status: DeliveryStatus
    channel: str = field(default="", kw_only=True)
    reason: str = field(default="", kw_only=True)


@frozen
class Reply(Fact):
    """A customer answered on a channel; `ref` is the contact answered, where known.

    >>> from pendulum import datetime
    >>> Reply("ada", datetime(2026, 3, 2), "mail", "All is well").channel
    'mail'
    """

    hot = ("", "channel")
    channel: str
    text: str = personal(default="")


@frozen
class Objection(Fact):
    """A customer objects to being contacted for a purpose (`"*"`: any): refused until the person acts again.

    >>> from pendulum import datetime
    >>> Objection("ada", datetime(2026, 4, 3), source="letter", actor="ada").purpose
    '*'
    """

    hot = ("", "purpose")
    purpose: str = "*"
    source: str = field(kw_only=True)
    actor: str = field(kw_only=True)


@frozen
class Suppressed(Fact):
    """An address must not be written to, whoever has it: subject is the address, as an `Identifier`.

    >>> from pendulum import datetime
    >>> from relmkt.facts import Identifier
    >>> Suppressed(Identifier("mail", "ada@example.org"), datetime(2026, 4, 3), "hard bounce").subject_kind
    'address'
    """

    subject_kind = "address"
    hot = ("", "reason")
    reason: str


def contact_of(action: Any) -> Contact:
    """The contact that an action is about: a planned one's, or itself.

    >>> contact_of(Contact("mail", kind="service")).channel
    'mail'
    """
    told: Any = action.contact if isinstance(action, Planned) else action
    return told  # type: ignore[no-any-return]
