"""Why was this message planned, what permitted it, and what became of it?"""

from collections.abc import Sequence

from relmkt.contact import Delivery, Planned, Released, Started
from relmkt.customers import Customer, Explanation, Told
from relmkt.exceptions import UnknownCustomerError
from relmkt.program._person import House
from relmkt.rules import NAN, Rule

__all__ = ["message_explained"]


def message_explained(house: House, root: str, told: Sequence[Told], planned: Planned) -> Explanation:
    """The trigger's reasons as they were when it was decided, the basis, and the facts that followed."""
    if not any(fact.id == planned.id for _, fact in told):
        raise UnknownCustomerError("this contact was not planned for that customer")
    parts = [_why(house, root, told, planned), Explanation(2, NAN, f"allowed: {planned.basis or 'by the gate'}")]
    parts += [
        Explanation(2, NAN, _word(fact), found=str(fact.at))
        for _, fact in told
        if fact.ref == planned.id and isinstance(fact, Started | Released | Delivery)
    ]
    text = f"{planned.trigger or 'a contact'}, by {planned.contact.channel}: planned {planned.at}, due {planned.due}"
    return Explanation(2, NAN, text, tuple(parts))


def _why(house: House, root: str, told: Sequence[Told], planned: Planned) -> Explanation:
    cause = next((str(fact) for _, fact in told if planned.ref and fact.id == planned.ref), "")
    trigger = house.policy.trigger(planned.trigger)
    text = f"why: {cause}" if cause else f"why: time passed to {planned.at}"
    if trigger is None or not isinstance(trigger.when, Rule):
        return Explanation(2, NAN, text)
    before = [(s, f) for s, f in told if f.at <= planned.at and f.id != planned.id]
    then = Customer.folded(root, before, house.folding, planned.at)
    return Explanation(2, NAN, f"{text}, {trigger.name} became true", (then.explain(trigger.when),))


def _word(fact: object) -> str:
    match fact:
        case Started():
            return "started"
        case Released():
            return f"released: {fact.rule}"
        case Delivery():
            return fact.status.value
        case _:
            return ""
