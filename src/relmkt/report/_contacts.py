"""Who is to be contacted next, and why? What waits, what the gate refused under which rule, and what was delivered."""

from collections import Counter
from collections.abc import Mapping

from relmkt.contact import Delivery, Planned, Released, Started
from relmkt.facts import TaskOpened
from relmkt.report._ground import Ground
from relmkt.report._section import Reasons, Section, Table, many
from relmkt.windows import Instant

__all__ = ["contacts_section", "delivered_section", "refused_section"]

SHOWN = 10


def _when(at: int) -> str:
    return str(Instant(at))[:16].replace("T", " ")


def contacts_section(ground: Ground) -> Section:
    """The contacts that wait, soonest first, and the tasks for colleagues, each with its reason."""
    gone = {fact.ref for kind in (Started, Released) for _, fact in ground.stored(kind)}
    planned = [(who, fact) for who, fact in ground.stored(Planned) if fact.id not in gone]
    waiting = sorted(((_due(ground, who, fact), who, fact) for who, fact in planned), key=lambda told: told[:2])
    tasks = sorted(ground.stored(TaskOpened), key=lambda pair: (pair[1].at, pair[0]))
    words = [f"{many(len(waiting), 'contact')} planned and still to leave; {many(len(tasks), 'task')} for colleagues."]
    if waiting:
        words.append(
            "A contact waits until the night is over where the customer lives, or until its own time has come. Times "
            "are UTC."
        )
    return Section(
        "next",
        "Who is to be contacted next, and why?",
        words,
        (
            Table(
                ("customer", "since", "task"),
                [(w, _when(f.at), f.what) for w, f in tasks[:SHOWN]],
                "Tasks, oldest first",
            ),
        ),
        reasons=[_reasons(ground, due, who, planned) for due, who, planned in waiting[:SHOWN]],
    )


def _due(ground: Ground, who: str, planned: Planned) -> int:
    """When it leaves, as its row says: it may have been put back since it was planned."""
    rows = ground.program.store.rows(who)
    return next((row.due for row in rows if row.id == planned.id), int(planned.due))


def _reasons(ground: Ground, due: int, who: str, planned: Planned) -> Reasons:
    words = f"customer {who}, by {planned.contact.channel}, {_when(due)}: {planned.trigger}"
    return Reasons(words, (ground.program.explain(who, planned),))


def refused_section(ground: Ground, refused: Mapping[str, int] | None) -> Section:
    """What the gate refused, by rule: what was proposed and may not be, and what was planned and could not leave."""
    title = "What was refused, and under which rule?"
    told = Counter(fact.rule for _, fact in ground.stored(Released))
    if refused is not None:
        told.update({rule: n - told[rule] for rule, n in refused.items() if n > told[rule]})
    rows = [(rule, f"{n:,}") for rule, n in sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))]
    small = () if refused is not None else ("Refusals of proposals are told when they happen and are not stored.",)
    if not rows:
        return Section("refused", title, ("Nothing was refused.",), small=small)
    return Section(
        "refused",
        title,
        (
            (
                f"{many(sum(told.values()), 'contact')} that a rule of the shop proposed did not pass the gate: nobody "
                "is written to without an address and a consent, too often, or by night."
            ),
        ),
        (Table(("rule", "contacts"), rows),),
        small=small,
    )


def delivered_section(ground: Ground) -> Section:
    """What left, by reason and channel, and what the channels said."""
    started = ground.stored(Started)
    said = Counter(fact.status.value for _, fact in ground.stored(Delivery))
    by = Counter((fact.trigger, fact.contact.channel) for _, fact in started)
    words = [f"{many(len(started), 'message')} left."]
    if said:
        words.append("The channels answered: " + ", ".join(f"{word} {n:,}" for word, n in sorted(said.items())) + ".")
    rows = [(trigger, channel, f"{n:,}") for (trigger, channel), n in sorted(by.items())]
    return Section("delivered", "What was delivered?", words, (Table(("reason", "channel", "messages"), rows),))
