"""Which parts of a policy may propose on a fact? Most facts leave most rules where they stood.

A trigger on a rule fires where the rule was not true before the fact and is true after it, at one instant. If none of
the rule's facets folds the fact, both sides of it are one state and the trigger cannot fire: it need not be asked.
"""

from relmkt.customers import Decides
from relmkt.decisions import Policy, Trigger
from relmkt.facts import Fact
from relmkt.facts._plain import remembered
from relmkt.rules import Rule

__all__ = ["proposing"]


@remembered
def proposing(policy: Policy, kind: type[Fact]) -> Policy:
    """The policy of those parts alone that a fact of a kind can move; parts of other sorts are always asked.

    >>> from relmkt.contact import Contact
    >>> from relmkt.facts import Purchase, Visit
    >>> thanks = Trigger("thanks", Purchase, Contact("mail", "Thank you", kind="service"))
    >>> proposing(Policy(thanks), Visit)
    Policy(0 parts)
    """
    if type(policy) is not Policy:
        return policy
    parts = [part for part in policy.parts if _may_answer(part, kind)]
    return policy if len(parts) == len(policy.parts) else Policy(*parts)


def _may_answer(part: Decides, kind: type[Fact]) -> bool:
    if type(part) is not Trigger:
        return True
    if not isinstance(part.when, Rule):
        return issubclass(kind, part.when)
    folded = [tuple(getattr(facet, "reads", ())) for facet in part.when.facets()]
    return any(not reads or issubclass(kind, reads) for reads in folded)
