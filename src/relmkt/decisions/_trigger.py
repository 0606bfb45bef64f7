"""What next? A trigger proposes actions when a fact comes, or when a rule becomes true.

A trigger on a rule fires on entering: not true the tick before, true now. It fires `once` ever, per anchor (the
newest fact of a kind), or per period; left out, at every entering or for every fact. Time passes crossing by
crossing, so that the occurrence is the crossing's instant or the anchor fact, never the moment of a review.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from attrs import evolve, field, frozen

from relmkt.contact import Contact, Planned, names_in, zone_of
from relmkt.customers import Attributes, Change, Customer
from relmkt.facts import Fact, TaskOpened, own_fields
from relmkt.rules import One, Rule
from relmkt.windows import Instant, Span, Window

__all__ = ["Fired", "Proposal", "Task", "Trigger"]

Once = Literal["ever"] | type[Fact] | Span | Window | None


@frozen(eq=False)
class Proposal:
    """An action proposed: by what, for which occurrence, due when.

    source: the name of the trigger, ladder or wallet that proposes. step: which of its actions.
    occurrence: the anchor fact's id or the crossing's instant; with customer, source and step it is the key (R92).

    >>> Proposal("thanks", 0, None, "order-1", Instant(0)).occurrence
    'order-1'
    """

    source: str
    step: int
    action: Any
    occurrence: str
    due: Instant
    fact: Fact | None = None
    priority: int = 0


@frozen
class Task:
    """Asks a colleague to do something: a `TaskOpened` fact.

    what: the task in words; role: who does it; within: until when, counted from the occurrence.

    >>> Task("call to say thank you", role="owner").role
    'owner'
    """

    writes = TaskOpened
    what: str
    role: str = field(kw_only=True)
    within: Span | None = field(default=None, kw_only=True)

    def written(self, subject: str, at: Instant, *, id: str, source: str, ref: str) -> Fact:
        """The fact that opens the task."""
        due = None if self.within is None else Instant(at + self.within)
        return TaskOpened(subject, at, self.what, self.role, due=due, id=id, source=source, ref=ref)


@frozen
class Fired:
    """When a trigger last had a consequence, and for which fact: what `once` reads.

    trigger: its name, the source of what it brings about; reads: the kinds that its consequences are written as.

    >>> Fired("thanks").at is None
    True
    """

    trigger: str
    reads: tuple[type[Fact], ...] = field(default=(Planned, TaskOpened), metadata={"plain": False})
    at: int | None = None
    ref: str = ""

    def after(self, fact: Fact) -> "Fired":
        """This consequence, if it is the trigger's."""
        if not isinstance(fact, self.reads) or fact.source != self.trigger:
            return self
        return evolve(self, at=int(fact.at), ref=fact.ref)

    def join(self, other: "Fired") -> "Fired":
        """Of two sides of a merged person, the one that fired last."""
        return max(self, other, key=lambda side: (side.at or 0, side.ref))


@frozen
class Newest:
    """The id of the newest fact of a kind: the anchor of a trigger that fires once for each.

    >>> from relmkt.facts import Purchase
    >>> Newest(Purchase).id
    ''
    """

    kind: type[Fact] = field(metadata={"plain": False})
    id: str = ""

    def after(self, fact: Fact) -> "Newest":
        """This fact, if it is of the kind."""
        return evolve(self, id=fact.id) if isinstance(fact, self.kind) else self

    @property
    def reads(self) -> tuple[type[Fact], ...]:
        """The kind."""
        return (self.kind,)


def _always(fact: Fact) -> bool:
    return True


def _kinds(told: Any) -> tuple[type[Fact], ...]:
    told = told if isinstance(told, tuple | list) else (told,)
    return tuple(kind for kind in told if isinstance(kind, type))


@frozen(init=False, eq=False, repr=False)
class Trigger:
    """Proposes actions when a fact of a kind comes, or when a rule becomes true.

    name: of the trigger; part of every consequence's key. when: a rule, or a kind of fact.
    actions: contacts, tasks, or anything that can be written as a fact. wait: due so long after the occurrence.
    unless: kinds of facts, naming the anchor in their `ref` or nothing, or a rule: cancels what is not yet sent.
    delay: a rule: while true, what is due is put back by a day. once: "ever", per newest fact of a kind, per span, or
    per calendar window in the customer's zone. priority: the higher goes first where contacts compete.

    >>> from relmkt.facts import Purchase
    >>> Trigger("thanks", Purchase, Contact("mail", "Thank you", kind="service"))
    Trigger('thanks', on Purchase)
    """

    name: str
    when: Any
    actions: tuple[Any, ...]
    wait: Span
    unless: Any
    delay: Rule | None
    once: Any
    priority: int
    match: Callable[[Fact], bool]

    def __init__(
        self,
        name: str,
        when: Rule | type[Fact],
        *actions: Any,
        wait: Span | None = None,
        unless: Rule | type[Fact] | Sequence[type[Fact]] | None = None,
        delay: Rule | None = None,
        once: Once = None,
        priority: int = 0,
        match: Callable[[Fact], bool] = _always,
    ) -> None:
        told: object = when  # annotations do not hold for what callers hand in
        if not isinstance(told, Rule) and not (isinstance(told, type) and issubclass(told, Fact)):
            raise TypeError(f"trigger {name}: when takes a rule or a kind of fact, not a {type(told).__name__}")
        if not name or not actions:
            raise ValueError(f"trigger {name}: expected a name and at least one action")
        span = Span(0) if wait is None else wait
        self.__attrs_init__(name, when, actions, span, unless, delay, once, priority, match)
        for contact in self.contacts():
            _check_fields(name, when, contact)
        if once is not None and not all(isinstance(a, Contact) or hasattr(a, "writes") for a in actions):
            raise TypeError(f"trigger {name}: with once=, an action says which kind of fact it `writes`")

    def __repr__(self) -> str:
        told = f"when {self.when}" if isinstance(self.when, Rule) else f"on {self.when.__name__}"
        return f"Trigger({self.name!r}, {told})"

    def contacts(self) -> Iterable[Contact]:
        """The contacts among the actions, and what is tried where they are refused."""
        for action in self.actions:
            tried = action
            while isinstance(tried, Contact):
                yield tried
                tried = tried.otherwise

    def rules(self) -> tuple[Rule, ...]:
        """The rules that the trigger reads."""
        return tuple(rule for rule in (self.when, self.unless, self.delay) if isinstance(rule, Rule))

    def fired(self) -> Fired:
        """The facet that keeps when the trigger last had a consequence, before it has any."""
        kinds = {Planned if isinstance(action, Contact) else action.writes for action in self.actions}
        return Fired(self.name, tuple(sorted(kinds, key=lambda kind: kind.__name__)))

    def facets(self) -> tuple[Any, ...]:
        """The facets that the trigger reads."""
        read = [facet for rule in self.rules() for facet in rule.facets()]
        for contact in self.contacts():
            read.extend(f for measure in (contact.fields or {}).values() for f in measure.facets())
        if isinstance(self.once, type):
            read.append(Newest(self.once))
        if self.once is not None:
            read.append(self.fired())
        return (*read, Attributes())

    def kinds(self) -> tuple[type[Fact], ...]:
        """The kinds of facts that the trigger names."""
        return tuple(kind for told in (self.when, self.unless, self.once) for kind in _kinds(told))

    def turning(self, view: One) -> Instant | None:
        """The next instant at which time alone may make the trigger fire."""
        return self.when.turning(view) if isinstance(self.when, Rule) else None

    def decide(self, change: Change, at: Instant) -> Sequence[Proposal]:
        """The actions proposed on a change, at its instant."""
        if not self._fires(change, at):
            return ()
        occurrence = self._occurrence(change, at)
        if occurrence is None:
            return ()
        due = Instant(at + self.wait)
        return tuple(
            Proposal(self.name, step, action, occurrence, due, change.fact, self.priority)
            for step, action in enumerate(self.actions)
        )

    def _fires(self, change: Change, at: Instant) -> bool:
        if not isinstance(self.when, Rule):
            return isinstance(change.fact, self.when) and self.match(change.fact)
        if One(change.after, at).judge(self.when) != 2:
            return False
        before = change.before.asked if change.fact is None else at
        return One(change.before, before).judge(self.when) != 2

    def _occurrence(self, change: Change, at: Instant) -> str | None:
        """What the consequence is for; None where `once` has been used up."""
        own = str(int(at)) if change.fact is None else change.fact.id
        if self.once is None:
            return own
        fired = change.after[self.fired()]
        if self.once == "ever":
            return "ever" if fired.at is None else None
        if isinstance(self.once, Window):
            window = evolve(self.once, zone=zone_of(change.after, self.once.zone))
            start = int(window.start(at))
            return str(start) if fired.at is None or fired.at < start else None
        if isinstance(self.once, Span):
            return own if fired.at is None or fired.at + self.once <= at else None
        anchor = change.after[Newest(self.once)].id
        return None if not anchor or fired.ref == anchor else anchor


def anchor_of(trigger: Trigger, customer: Customer, proposal: Proposal) -> str:
    """The id of the fact that a consequence follows from, empty where time alone set it off."""
    if isinstance(trigger.once, type):
        return proposal.occurrence
    return "" if proposal.fact is None else proposal.fact.id


def _check_fields(name: str, when: Any, contact: Contact) -> None:
    """A text that reads a field of the fact needs a trigger on a kind that has it."""
    for told, default in names_in(contact):
        if not told.startswith("fact.") or default is not None:
            continue
        wanted = told.removeprefix("fact.")
        if isinstance(when, type) and wanted not in {*own_fields(when), "id", "at", "source", "ref", "subject"}:
            raise ValueError(f"trigger {name}: the text reads {{{told}}}, which a {when.__name__} does not have")
