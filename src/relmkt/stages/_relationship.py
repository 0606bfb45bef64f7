"""How close have they come? The relationship ladder: prospect, customer, client, supporter, advocate, partner.

Payne, Christopher, Clark & Peck (1995), Relationship Marketing for Competitive Advantage; Christopher, Payne &
Ballantyne (2002), Relationship Marketing: Creating Stakeholder Value. They tell the rungs in words and give no
thresholds: those here are ours, and each rung's rule can be replaced. Every rung rests on facts that happened: what
somebody says that they would do (an NPS answer) lifts nobody.
"""

from enum import StrEnum

from relmkt.facts import Cancellation, Profile, Purchase, Recommendation, Return
from relmkt.ladders import Ladder, Segment
from relmkt.rules import Measure, Rule, everyone
from relmkt.tallies import count, newest
from relmkt.windows import Span, days

__all__ = ["Stage", "attributed_recommendations", "kept_purchases", "relationship"]

_YEAR = days(365)


class Stage(StrEnum):
    """The rungs of the relationship ladder, lowest first; each is its rung's name.

    >>> [str(stage) for stage in Stage][:3], Stage("client") == "client"
    (['prospect', 'customer', 'client'], True)
    """

    PROSPECT = "prospect"
    CUSTOMER = "customer"
    CLIENT = "client"
    SUPPORTER = "supporter"
    ADVOCATE = "advocate"
    PARTNER = "partner"


def kept_purchases(within: Span | None = _YEAR) -> Measure:
    """How many purchases were not given back or called off: rule R33.

    within: counted this long back, in steps of a day as all arithmetic on counts in a window; None: for ever.

    It is purchases less returns less cancellations, all in the window. Neither comes before its purchase, so a purchase
    given back is never counted. The difference errs downwards alone: by the return of a purchase that was made before
    the window, and by each further return of one purchase given back in parts.

    >>> print(kept_purchases() >= 3)
    purchases kept in days(365) >= 3
    """
    name = "purchases kept" if within is None else f"purchases kept in {within}"
    bought, returned, called_off = (count(kind, within=within) for kind in (Purchase, Return, Cancellation))
    return (bought - returned - called_off).named(name)


def attributed_recommendations() -> Measure:
    """How many recommendations name the person who came by them: rule R34.

    >>> print(attributed_recommendations() >= 1)
    attributed recommendations >= 1
    """
    return (count(Recommendation) - count(Recommendation, to="")).named("attributed recommendations")


def relationship(**rungs: Rule) -> Ladder:
    """The relationship ladder, of which everyone stands on exactly one rung.

    rungs: rules that take the place of a rung's own, by its name. A rung built on another (a supporter is a client)
    keeps building on it, replaced or not; a replaced rule is taken as it is.

    - prospect: everyone. customer: bought at least once.
    - client: at least three purchases kept within a year (R33). Other numbers: `client=kept_purchases(days(180)) >= 2`.
    - supporter: a client who has recommended us. Where attitudes are asked for, say so instead:
      `supporter=client & (newest(Answer, "score", item="hotel.stay") >= 9)`; who was not asked is then unknown.
    - advocate: a supporter with a recommendation that names the person who came by it (R34): no score makes one.
    - partner: an advocate whose profile says `partner` "yes", as a contract or a shared project would; unknown where
      nobody has said.

    Raises TypeError for a rung that the ladder does not have, or for what is not a rule.

    >>> from pendulum import datetime
    >>> from relmkt.customers import Customer
    >>> from relmkt.money import Money
    >>> bought = [Purchase("ada", datetime(2026, month, 1), Money("20", "EUR")) for month in (1, 2, 3)]
    >>> print(Customer.of("ada", bought).ask(relationship()))
    client
    """
    unknown = sorted(rungs.keys() - set(Stage))
    if unknown:
        raise TypeError(f"relationship has no rung {unknown[0]}; its rungs are {', '.join(Stage)}")
    for name, rule in rungs.items():
        if not isinstance(rule, Rule):
            raise TypeError(f"{name}: expected a rule, not a {type(rule).__name__}")

    def rung(stage: Stage, usual: Rule) -> Segment:
        return Segment(str(stage), rungs.get(stage, usual))

    client = rung(Stage.CLIENT, kept_purchases() >= 3)
    supporter = rung(Stage.SUPPORTER, client & (count(Recommendation) >= 1))
    advocate = rung(Stage.ADVOCATE, supporter & (attributed_recommendations() >= 1))
    return Ladder(
        "relationship",
        rung(Stage.PROSPECT, everyone),
        rung(Stage.CUSTOMER, count(Purchase) >= 1),
        client,
        supporter,
        advocate,
        rung(Stage.PARTNER, advocate & newest(Profile, "partner").is_("yes")),
    )
