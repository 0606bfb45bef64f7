"""What is decided for one person? Load, let time pass crossing by crossing, take facts, write consequences.

State is a function of the set of facts; a consequence is a function of what was known when it was decided, is itself a
fact, and is written with its outbox row in the commit of the fact that caused it. Each crossing is judged at its own
instant against the tick before. A fact before `seen` is late: it is decided at `seen`, with before and after both
there. A record with `seen` 0 is a report that nobody has decided yet: it is decided when the person is next loaded.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

from attrs import evolve, frozen

from relmkt.codec import Codec, Record
from relmkt.contact import Contact, Missing, Planned, names_in, render
from relmkt.customers import Attributes, Change, Customer, Folding, Told
from relmkt.decisions import Gate, Policy, Proposal, Trigger, anchor_of
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact, Identifier, stream_of
from relmkt.ports import Append, Head, Link, Loaded, Outgoing, Store
from relmkt.program._outcome import told_by
from relmkt.program._proposing import proposing
from relmkt.rules import One, Refusal
from relmkt.windows import Instant

__all__ = ["NEVER", "House", "Person", "consequence_id"]

NEVER = 1 << 62
_DEPTH = 16
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@frozen
class House:
    """What a person is decided with: the store, the policy, the gate, and what they read."""

    store: Store
    policy: Policy
    gate: Gate
    codec: Codec
    folding: Folding
    reaches: Mapping[str, str]
    addresses: Folding

    @property
    def shape(self) -> str:
        """What a snapshot is of."""
        return self.folding.shape

    def load(self, key: str, ids: Sequence[tuple[str, str]] = (), *, whole: bool = False) -> "Person":
        """A person as the store has it, folded, with what nobody has decided yet still to be taken.

        whole: from all facts, whatever snapshot there is.
        """
        return Person(self, self.store.load(key, "" if whole else self.shape, ids))

    def decoded(self, loaded: Iterable[tuple[str, Record]]) -> tuple[Told, ...]:
        """Facts of records."""
        return tuple((stream, self.codec.decode(stream, record)) for stream, record in loaded)


class Person:
    """One person while it is decided: folded so far, until when time was acted on, and what is to be written."""

    def __init__(self, house: House, loaded: Loaded) -> None:
        self.house = house
        self.loaded = loaded
        self.root = loaded.root
        self.decides = "\x1f" not in loaded.root  # a policy is for customers, not for addresses or campaigns
        self.consequences: list[Fact] = []
        self.refused: list[Refusal] = []
        self.outbox: list[Outgoing] = []
        self.written: dict[str, list[Fact]] = {}
        self.checks: dict[str, int] = {}
        self.known: set[tuple[str, str]] | None = None
        self.taken: list[Told] = []
        self._due: int | None = None if loaded.head is None else loaded.head.due
        if loaded.head is not None:
            self._from_head(loaded.head)
        else:
            self._from_facts()

    # What stands.

    def _from_head(self, head: Head) -> None:
        self.seen = head.seen
        self.until: tuple[int, str, str] = (head.until[0], head.until[1], head.until[2])
        states = self.house.folding.read(json.loads(head.body))
        at, history = Instant(head.seen), partial(self._history, 0)
        self.customer = Customer(self.root, at, states, head.until[0], history, self.house.folding)
        self.pending = self.house.decoded(self.loaded.facts)

    def _from_facts(self) -> None:
        decided = [(stream, record) for stream, record in self.loaded.facts if record.seen]
        self.known = {record.key for _, record in self.loaded.facts}
        self.seen = max((record.seen for _, record in decided), default=0)
        self.until = (0, "", "")
        self.pending = self.house.decoded((s, r) for s, r in self.loaded.facts if not r.seen)
        self._refold(self.house.decoded(decided))

    def _refold(self, told: Sequence[Told]) -> None:
        """The customer folded anew from facts in history's order."""
        self.until = max(self.until, _order(told[-1][1])) if told else self.until
        folded = Customer.folded(self.root, told, self.house.folding, Instant(self.seen))
        self.customer = evolve(folded, history=partial(self._history, len(self.taken)))

    def _history(self, taken: int) -> tuple[Told, ...]:
        """All decided facts as they stood when the person was loaded, and the first so many taken since."""
        loaded = self.loaded.facts if self.loaded.head is None else self._stored()
        told = {_key(s, f): (s, f) for s, f in self.house.decoded(loaded)}
        for stream, fact in (*self.pending, *self.taken[taken:]):
            told.pop(_key(stream, fact), None)
        told.update((_key(s, f), (s, f)) for s, f in self.taken[:taken])
        return tuple(sorted(told.values(), key=lambda pair: (*_order(pair[1]), pair[0])))

    def _stored(self) -> Iterator[tuple[str, Record]]:
        """The records of the versions that were loaded, though more may stand by now."""
        left = dict(self.loaded.versions)
        for stream, record in sorted(self.house.store.load(self.root).facts, key=lambda pair: pair[1].position):
            left[stream] = left.get(stream, 0) - 1
            if left[stream] >= 0:
                yield stream, record

    @property
    def due(self) -> int:
        """The next instant at which time alone may change what is proposed."""
        if not self.decides:
            return NEVER
        if self._due is None:
            turn = self.house.policy.turning(One(self.customer, Instant(self.seen)))
            self._due = NEVER if turn is None else int(turn)
        return self._due

    # What happens.

    def catch_up(self) -> None:
        """Decide the reports that were written without a decision."""
        pending, self.pending = self.pending, ()
        for stream, fact in pending:
            self.take(fact, stream, stored=True)

    def pass_to(self, at: int) -> None:
        """Let time pass, crossing by crossing."""
        while at > self.seen:
            turn = self.due
            if turn > at:
                break
            if turn <= self.seen:
                raise ValueError("a measure's turns gave an instant that is not later than the one asked")
            self.seen, self._due = turn, None
            before, after = self.customer.moved(Instant(turn - 1)), self.customer.moved(Instant(turn))
            self._decide(Change(before, None, after), Instant(turn), self.root, 0)
        self.seen = max(self.seen, int(at))

    def take(self, fact: Fact, stream: str, *, stored: bool = False, depth: int = 0) -> None:
        """Take one fact in: news if it is not before `seen`, late otherwise."""
        if fact.at >= self.seen:
            self.pass_to(int(fact.at))
        at = Instant(self.seen)
        before = self.customer.moved(at)
        self.fold(fact, stream)
        if not stored:
            self.written.setdefault(stream, []).append(fact)
        self._decide(Change(before, fact, self.customer.moved(at)), at, stream, depth)

    def fold(self, fact: Fact, stream: str) -> None:
        """One more fact; those that are not the newest have the whole history folded again."""
        self.taken.append((stream, fact))
        self._due = None
        if _order(fact) > self.until:
            self.customer = self.customer.after(fact, partial(self._history, len(self.taken)))
            self.until = _order(fact)
        elif self.house.folding.reading(fact.__class__):
            self._refold(self._history(len(self.taken)))

    def _decide(self, change: Change, at: Instant, stream: str, depth: int) -> None:
        if depth > _DEPTH:
            raise RecursionError("the policy's consequences do not come to an end: a trigger answers itself")
        if not self.decides:
            return
        policy = self.house.policy
        asked = policy if change.fact is None else proposing(policy, change.fact.__class__)
        for proposal in asked.decide(change, at):
            told = self._consequence(proposal, at)
            if isinstance(told, Refusal):
                self.refused.append(told)
            elif told is not None:
                self.consequences.append(told)
                self.take(told, stream, depth=depth + 1)

    # What follows.

    def _consequence(self, proposal: Proposal, at: Instant) -> Fact | Refusal | None:
        """The fact that a proposal is written as, a refusal, or None where it was written before."""
        key = consequence_id(self.root, proposal)
        if self.known is not None and (proposal.source, key) in self.known:
            return None
        ref = self._anchor(proposal)
        if isinstance(proposal.action, Contact):
            return self._plan(proposal.action, proposal, at, key, ref)
        if hasattr(proposal.action, "stands") and not proposal.action.stands(self.customer):
            return None  # overtaken by what followed from another consequence of the same change
        return proposal.action.written(  # type: ignore[no-any-return]
            self.root, at, id=key, source=proposal.source, ref=ref
        )

    def _anchor(self, proposal: Proposal) -> str:
        trigger: Trigger | None = self.house.policy.trigger(proposal.source)
        if trigger is not None:
            return anchor_of(trigger, self.customer, proposal)
        return "" if proposal.fact is None else proposal.fact.id

    def _plan(self, contact: Contact, proposal: Proposal, at: Instant, key: str, ref: str) -> Planned | Refusal:
        """The first of a contact and its alternatives that may leave, or the refusal of the first."""
        told = self.told(contact, proposal.fact)
        answer = self.may(contact, told, proposal.due)
        if isinstance(answer, Refusal):
            other = None if contact.otherwise is None else self._plan(contact.otherwise, proposal, at, key, ref)
            return other if isinstance(other, Planned) else answer
        self.outbox.append(Outgoing(key, "", contact.channel, int(answer.at), proposal.source))
        return Planned(
            self.root,
            at,
            contact,
            trigger=proposal.source,
            due=answer.at,
            told=told,
            basis=answer.basis,
            id=key,
            source=proposal.source,
            ref=ref,
        )

    def may(self, contact: Contact, told: Mapping[str, str], due: Instant) -> Any:
        """The gate's answer for an instant, or what is missing before it is asked."""
        values = self.customer[Attributes()].values
        try:
            render(contact, {**values, **told})
        except Missing as missing:
            return Refusal(contact, f"no value for {missing.args[0]} in the text")
        reach = self.house.reaches.get(contact.channel)
        if reach is not None and not values.get(reach):
            return Refusal(contact, f"no {reach} to reach the customer by {contact.channel}")
        return self.judge(contact, due)

    def judge(self, action: Any, at: Instant) -> Any:
        """The gate's answer for a contact of this person at an instant, with the facts of its address."""
        contact = action.contact if isinstance(action, Planned) else action
        address = self.address(contact.channel)
        return self.house.gate.judge(action, self.customer, at=at, address=address)

    def address(self, channel: str) -> Customer | None:
        """The address that a channel reaches, as a subject of its own; its version is expected at the commit."""
        reach = self.house.reaches.get(channel, channel)
        value = self.customer[Attributes()].values.get(reach)
        if not self.house.addresses.facets or not value:
            return None
        try:
            key = Identifier(reach, value).key
        except InvalidFactError:
            return None
        stream = stream_of("address", key)
        loaded = self.house.store.load(stream)
        self.checks[stream] = loaded.versions.get(stream, 0)
        return Customer.folded(key, self.house.decoded(loaded.facts), self.house.addresses)

    def told(self, contact: Contact, fact: Fact | None) -> dict[str, str]:
        """The values that a text reads of the fact and of its `fields`, as they are now."""
        told: dict[str, str] = {}
        view = One(self.customer, Instant(max(self.seen, self.customer.newest)))
        for name, _ in names_in(contact):
            if name.startswith("fact.") and fact is not None:
                value = getattr(fact, name.removeprefix("fact."), None)
                if value is not None:
                    told[name] = str(value)
            elif contact.fields and name in contact.fields:
                value = view.door(contact.fields[name])
                if value == value:
                    told[name] = told_by(value)
        return told

    # What is written.

    def changed(self) -> bool:
        """Whether there is anything to write but the head."""
        return bool(self.written)

    def appends(self, arrived: int) -> list[Append]:
        """What was taken and what follows, for every stream of the person at its expected version, and the checks."""
        encode = self.house.codec.encode
        told: list[Append] = []
        for stream in {**self.loaded.versions, **self.written}:
            records = tuple(encode(f, seen=max(self.seen, 1), arrived=arrived) for f in self.written.get(stream, ()))
            told.append(Append(stream, records, self.loaded.versions.get(stream, 0)))
        return [*told, *(Append(stream, (), version) for stream, version in self.checks.items())]

    def rows(self) -> list[Outgoing]:
        """The outbox rows, each in the stream of its fact."""
        return [row._replace(stream=self._home(row.id)) for row in self.outbox]

    def commit(self, arrived: int, links: Sequence[Link] = ()) -> int:
        """Write it with the head, all or nothing; ConflictError where somebody wrote first."""
        return self.house.store.commit(self.appends(arrived), self.rows(), self.head(), links)

    def _home(self, key: str) -> str:
        return next(stream for stream, facts in self.written.items() if any(fact.id == key for fact in facts))

    def head(self) -> Head:
        """The snapshot of what was folded, at the versions that the streams will have."""
        versions = dict(self.loaded.versions)
        for stream, facts in self.written.items():
            versions[stream] = versions.get(stream, 0) + len(facts)
        body = _json(self.house.folding.plain(self.customer.states))
        return Head(min(versions), versions, self.until, self.seen, self.due, self.house.shape, body)


def consequence_id(root: str, proposal: Proposal) -> str:
    """The id of a consequence: a function of customer, trigger, step and occurrence (R92).

    It sorts after ids of letters and digits, so that a consequence stands after the fact of its instant.
    """
    told = "\x1f".join((root, proposal.source, str(proposal.step), proposal.occurrence))
    return "~" + blake2b(told.encode(), digest_size=16).hexdigest()


def _order(fact: Fact) -> tuple[int, str, str]:
    return int(fact.at), fact.id, fact.source


def _key(stream: str, fact: Fact) -> tuple[str, str, str]:
    return stream, fact.source, fact.id
