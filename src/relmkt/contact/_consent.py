"""May we, on which basis? Consent as it stands, and the clause that asks for it.

The state for a purpose and a channel is the statement with the latest effective instant; at equal instants refusal
wins (R70). Withdrawal of everything covers purposes created later (R76). After a merge the strictest of the states
that have been expressed holds (R78). Sources: Regulation (EU) 2016/679 (GDPR) articles 6, 7 and 21; directive
2002/58/EC (ePrivacy) article 13. An engineering reading, not legal advice.
"""

from attrs import evolve, frozen

from relmkt.contact._contact import Objection, contact_of
from relmkt.customers import Customer
from relmkt.facts import ConsentGiven, ConsentWithdrawn, Fact
from relmkt.rules import Refusal
from relmkt.windows import At, Instant, instant

__all__ = ["ConsentRegister", "Permission", "Statement"]


@frozen
class Statement:
    """One statement on a purpose and a channel: given or refused, from when, until when, and its evidence.

    >>> Statement("news", "mail", 0, True).granted
    True
    """

    purpose: str
    channel: str
    at: int
    granted: bool
    until: int | None = None
    evidence: str = ""


def _strength(said: Statement) -> tuple[int, bool]:
    return said.at, not said.granted


@frozen
class ConsentRegister:
    """What a customer has said about being contacted: the newest statement for each purpose and channel.

    >>> from pendulum import datetime
    >>> day = datetime(2026, 3, 1)
    >>> yes = ConsentGiven("ada", day, "news", "mail", wording="Yes", source="form", actor="ada")
    >>> ConsentRegister().after(yes).allows("news", "mail", day)
    True
    """

    reads = (ConsentGiven, ConsentWithdrawn, Objection)
    said: tuple[Statement, ...] = ()
    sides: tuple["ConsentRegister", ...] = ()  # what the sides of a merged person had said until they were joined

    def after(self, fact: Fact) -> "ConsentRegister":
        """With what this fact states."""
        told = _statement(fact)
        if told is None:
            return self
        key = (told.purpose, told.channel)
        before = [said for said in self.said if (said.purpose, said.channel) == key]
        kept = max([*before, told], key=_strength)
        rest = [said for said in self.said if (said.purpose, said.channel) != key]
        return evolve(self, said=tuple(sorted([*rest, kept], key=lambda said: (said.purpose, said.channel))))

    def stands(self, purpose: str, channel: str) -> Statement | None:
        """The statement that holds for a purpose and a channel; None where nothing was said."""
        matching = [s for s in self.said if s.purpose in (purpose, "*") and s.channel in (channel, "*")]
        if matching:
            return max(matching, key=_strength)
        return _strictest([said for side in self.sides if (said := side.stands(purpose, channel)) is not None])

    def allows(self, purpose: str, channel: str, at: At) -> bool:
        """Whether consent to a purpose on a channel is valid at an instant."""
        said = self.stands(purpose, channel)
        moment = instant(at)
        return said is not None and said.granted and said.at <= moment and (said.until is None or moment < said.until)

    def join(self, other: "ConsentRegister") -> "ConsentRegister":
        """Of two sides of a merged person, the strictest of what either has expressed, until the person speaks again.

        rule R78, G29: each side is asked as a whole, for a statement on everything may be newer than one on this.
        """
        return ConsentRegister((), (self, other))


def _statement(fact: Fact) -> Statement | None:
    match fact:
        case ConsentGiven():
            text = f"{str(fact.at)[:10]}, given by {fact.actor} on {fact.source}, wording {fact.wording.digest}"
            until = None if fact.until is None else int(fact.until)
            return Statement(fact.purpose, fact.channel, int(fact.at), True, until, text)
        case ConsentWithdrawn():
            return Statement(fact.purpose, fact.channel, int(fact.at), False, None, f"withdrawn {str(fact.at)[:10]}")
        case Objection():
            return Statement(fact.purpose, "*", int(fact.at), False, None, f"objection of {str(fact.at)[:10]}")
        case _:
            return None


def _strictest(spoken: list[Statement]) -> Statement | None:
    """Of what the sides have expressed: a refusal before a grant, of grants the one that ends first."""
    refused = [said for said in spoken if not said.granted]
    if refused:
        return max(refused, key=_strength)
    return min(spoken, key=lambda said: (said.until is None, said.until or 0), default=None)


@frozen
class Permission:
    """The clause that asks for a valid basis: a service message has one, any other needs consent to its purpose.

    rule R69, G01, G05: asked when a contact is planned and again when it is sent.

    >>> from pendulum import datetime
    >>> from relmkt.contact import Contact
    >>> ada = Customer.of("ada", [], facets=Permission().facets)
    >>> print(Permission()(Contact("sms", purpose="care"), ada, None, Instant(0)))
    refused: no basis for care by sms (G01)
    """

    facets = (ConsentRegister(),)

    def __call__(self, action: object, customer: Customer, address: Customer | None, at: Instant) -> Refusal | None:
        """None where there is a basis, else a refusal."""
        contact = contact_of(action)
        if contact.kind == "service":
            return None
        register = customer[ConsentRegister()]
        purpose = contact.purpose or ""
        if register.allows(purpose, contact.channel, at):
            return None
        said = register.stands(purpose, contact.channel)
        evidence = () if said is None else (said.evidence,)
        return Refusal(action, f"no basis for {purpose} by {contact.channel} (G01)", evidence=evidence)

    def basis(self, action: object, customer: Customer, at: Instant) -> str:
        """What permits the contact, with its evidence."""
        contact = contact_of(action)
        if contact.kind == "service":
            return "service message"
        said = customer[ConsentRegister()].stands(contact.purpose or "", contact.channel)
        return f"consent to {contact.purpose} by {contact.channel}" + (f", {said.evidence}" if said else "")
