"""A life in small: facts come, time passes crossing by crossing, and what is proposed is written down."""

from collections.abc import Sequence

from relmkt.contact import Contact, Planned
from relmkt.customers import Change, Customer, Folding
from relmkt.decisions import Policy, Proposal, Task, Trigger, anchor_of
from relmkt.facts import Fact
from relmkt.rules import One
from relmkt.windows import Instant


def lived(policy: Policy, facts: Sequence[Fact], until: Instant) -> list[tuple[Instant, Proposal]]:
    """Every proposal with the instant at which it was decided, in the order of deciding."""
    folding = Folding(policy.facets)
    customer = Customer.folded("ada", (), folding)
    found: list[tuple[Instant, Proposal]] = []
    seen: Instant | None = None

    def decide(change: Change, at: Instant) -> None:
        nonlocal customer
        customer = change.after
        for proposal in policy.decide(change, at):
            found.append((at, proposal))
            customer = customer.after(written(policy, customer, proposal, at))

    def pass_to(end: Instant) -> None:
        nonlocal seen
        while seen is not None:
            turn = policy.turning(One(customer, seen))
            if turn is None or turn > end:
                break
            decide(Change(customer.moved(Instant(turn - 1)), None, customer.moved(turn)), turn)
            seen = turn
        seen = end

    for fact in sorted(facts, key=lambda fact: (fact.at, fact.id)):
        pass_to(fact.at)
        decide(Change(customer.moved(fact.at), fact, customer.after(fact)), fact.at)
    pass_to(until)
    return found


def written(policy: Policy, customer: Customer, proposal: Proposal, at: Instant) -> Fact:
    trigger = policy.trigger(proposal.source)
    ref = "" if trigger is None else anchor_of(trigger, customer, proposal)
    name = f"{proposal.source}/{proposal.step}/{proposal.occurrence}"
    if isinstance(proposal.action, Task):
        return proposal.action.written("ada", at, id=name, source=proposal.source, ref=ref)
    return Planned(
        "ada", at, proposal.action, trigger=proposal.source, due=proposal.due, id=name, source=proposal.source, ref=ref
    )


def moments(trigger: Trigger, facts: Sequence[Fact], until: Instant) -> list[Instant]:
    """When a trigger alone fired."""
    return [at for at, _ in lived(Policy(trigger), facts, until)]


MAIL = Contact("mail", "Hello", purpose="news")
