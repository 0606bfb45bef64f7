"""Who walks into the shop? A dozen customers whom a marketer would recognise, each with its history.

A persona is an instant and the facts that have happened until then, ready for `record`, `load`, or `Customer.of`.
All names and addresses are invented; `example.org` belongs to nobody (RFC 2606).
"""

from collections.abc import Iterable

from attrs import field, frozen
from pendulum import DateTime, datetime

from relmkt.contact import Objection, Reply
from relmkt.customers import Merged
from relmkt.facts import (
    Answer,
    Complaint,
    ConsentGiven,
    ConsentWithdrawn,
    Fact,
    Identifier,
    Profile,
    Purchase,
    Recommendation,
    Visit,
)
from relmkt.money import Money

__all__ = [
    "Persona",
    "advocate",
    "big_spender",
    "birthday",
    "complainer",
    "everyone",
    "lapsed",
    "merged",
    "newcomer",
    "objector",
    "prospect",
    "refuser",
    "regular",
    "silent",
]

_TODAY = datetime(2026, 6, 1, 10)


@frozen
class Persona:
    """A customer to try things on: `at` is today, `facts` all that has happened, oldest first.

    >>> from relmkt.testing import personas
    >>> regular = personas.regular()
    >>> regular.id, regular.at.year, len(regular.facts)
    ('rosa', 2026, 6)
    """

    id: str
    at: DateTime
    facts: tuple[Fact, ...] = field(repr=False)


def _persona(id: str, *facts: Fact, at: DateTime = _TODAY) -> Persona:
    return Persona(id, at, tuple(sorted(facts, key=lambda fact: (fact.at, fact.id, fact.source))))


def _known(id: str, days_ago: int, **told: str) -> Profile:
    """A profile with name and mail address, stated at the till."""
    stated = {"name": id.title(), "mail": f"{id}@example.org", "zone": "Europe/Paris"} | told
    return Profile(id, _TODAY.subtract(days=days_ago), stated, source="till", id=f"{id}-profile")


def _agreed(id: str, days_ago: int, purpose: str = "news", channel: str = "mail") -> ConsentGiven:
    at = _TODAY.subtract(days=days_ago)
    return ConsentGiven(
        id,
        at,
        purpose,
        channel,
        wording="Yes, keep me posted",
        source="web form",
        actor=id,
        id=f"{id}-{purpose}-{channel}",
    )


def _orders(id: str, days_ago: Iterable[int], amount: str = "49.90") -> list[Purchase]:
    """Orders of one amount in euros, so many days ago."""
    return [
        Purchase(id, _TODAY.subtract(days=ago), Money(amount, "EUR"), channel="web", id=f"{id}-order-{ago}")
        for ago in days_ago
    ]


def prospect() -> Persona:
    """Left an address and said yes to the news, looked around, and has never bought.

    >>> prospect().id
    'petra'
    """
    return _persona(
        "petra", _known("petra", 20), _agreed("petra", 20), Visit("petra", _TODAY.subtract(days=3), "Lyon", id="v-1")
    )


def newcomer() -> Persona:
    """Bought for the first time this morning, and said yes to the news while paying.

    >>> len(newcomer().facts)
    3
    """
    return _persona("nils", _known("nils", 0), _agreed("nils", 0), *_orders("nils", [0]))


def regular() -> Persona:
    """Buys every month, and has just come for the fourth time.

    >>> [type(fact).__name__ for fact in regular().facts][-1]
    'Purchase'
    """
    return _persona("rosa", _known("rosa", 100), _agreed("rosa", 100), *_orders("rosa", [90, 60, 30, 0]))


def big_spender() -> Persona:
    """Comes twice a year and leaves more than most leave in ten.

    >>> max(fact.amount.units for fact in big_spender().facts if isinstance(fact, Purchase))
    185000
    """
    return _persona(
        "basil", _known("basil", 700), _agreed("basil", 700), *_orders("basil", [690, 500, 330, 150, 10], "1850.00")
    )


def lapsed() -> Persona:
    """Used to buy every month, and has not been seen for more than a year.

    >>> (lapsed().at - lapsed().facts[-1].at.utc).days
    400
    """
    return _persona("lena", _known("lena", 600), _agreed("lena", 600), *_orders("lena", [520, 490, 460, 430, 400]))


def complainer() -> Persona:
    """A regular whose complaint of last week nobody has settled yet.

    >>> type(complainer().facts[-1]).__name__
    'Complaint'
    """
    grief = Complaint("carl", _TODAY.subtract(days=5), "the parcel was open", id="carl-complaint")
    score = Answer("carl", _TODAY.subtract(days=6), "nps", 2, id="carl-nps")
    return _persona("carl", _known("carl", 100), _agreed("carl", 100), *_orders("carl", [80, 50, 20]), score, grief)


def refuser() -> Persona:
    """Said yes to the news once, and has withdrawn it for every channel.

    >>> type(refuser().facts[-1]).__name__
    'ConsentWithdrawn'
    """
    withdrawn = ConsentWithdrawn("rafi", _TODAY.subtract(days=9), "*", "*", source="link", actor="rafi", id="rafi-no")
    return _persona("rafi", _known("rafi", 100), _agreed("rafi", 100), *_orders("rafi", [90, 40, 15]), withdrawn)


def objector() -> Persona:
    """Wrote a letter objecting to any use of the data for marketing, and goes on buying.

    >>> any(isinstance(fact, Objection) for fact in objector().facts)
    True
    """
    objection = Objection("olga", _TODAY.subtract(days=30), source="letter", actor="olga", id="olga-objection")
    return _persona("olga", _known("olga", 200), _agreed("olga", 200), objection, *_orders("olga", [120, 60, 2]))


def birthday() -> Persona:
    """Has a birthday today, told us so, and would like to be greeted.

    >>> [fact.told["birthday"] for fact in birthday().facts if isinstance(fact, Profile)]
    ['1988-06-01']
    """
    agreed = _agreed("bea", 50, "care")
    return _persona("bea", _known("bea", 50, birthday="1988-06-01"), agreed, *_orders("bea", [45]))


def advocate() -> Persona:
    """Buys, answers ten out of ten, and has brought two friends.

    >>> sum(isinstance(fact, Recommendation) for fact in advocate().facts)
    2
    """
    friends = [Recommendation("ada", _TODAY.subtract(days=ago), id=f"ada-friend-{ago}") for ago in (40, 12)]
    score = Answer("ada", _TODAY.subtract(days=50), "nps", 10, id="ada-nps")
    reply = Reply("ada", _TODAY.subtract(days=49), "mail", "With pleasure", id="ada-reply")
    return _persona(
        "ada", _known("ada", 400), _agreed("ada", 400), *_orders("ada", [300, 180, 60, 7]), score, reply, *friends
    )


def merged() -> Persona:
    """Was known twice, by name in the shop and by card at the till, until the desk saw that it is one person.

    The card's side withdrew its consent before; that holds for both (rule R78).

    >>> len({fact.subject for fact in merged().facts})
    2
    """
    card, at = Identifier("card", "4411"), _TODAY.subtract(days=3)
    told = Purchase(card, _TODAY.subtract(days=8), Money("20.00", "EUR"), id="till-7")
    withdrawn = ConsentWithdrawn(card, _TODAY.subtract(days=20), source="desk", actor="marta", id="card-no")
    sides = [
        Merged(name, at, "marta", card.key, actor="desk", reason="same card", id="merge-1")
        for name in ("marta", card.key)
    ]
    return _persona(
        "marta", _known("marta", 60), _agreed("marta", 10), *_orders("marta", [50]), told, withdrawn, *sides
    )


def silent() -> Persona:
    """Bought once at the counter and told us nothing: no name, no address, no consent.

    >>> len(silent().facts)
    1
    """
    return _persona("anonymous-17", *_orders("anonymous-17", [25]))


def everyone() -> tuple[Persona, ...]:
    """All of them, in the order of their acquaintance.

    >>> len(everyone())
    12
    """
    kinds = (prospect, newcomer, regular, big_spender, lapsed, complainer)
    others = (refuser, objector, birthday, advocate, merged, silent)
    return tuple(make() for make in (*kinds, *others))
