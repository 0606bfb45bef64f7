"""How does a planned contact leave? Claim, load, gate again, start, send, settle.

What is claimed is leased; the gate is asked again with what is known now (C11); a `Started` fact is written at the
person's versions, with the rendered bytes and a fresh lease, in one commit (so that caps are exact and an objection
cannot be overtaken); only then does the first byte leave. A row found in sending with its lease expired follows the
channel's `unsure`: "retry" sends the same bytes again, "hold_unknown" leaves it unknown (R92, C02, C04, C05).
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from attrs import define, field, fields, frozen

from relmkt.contact import (
    Delivery,
    DeliveryStatus,
    Message,
    Missing,
    Planned,
    Receipt,
    Released,
    Started,
    render,
)
from relmkt.customers import Attributes
from relmkt.exceptions import ConflictError, DeliveryError
from relmkt.facts import Fact, plain
from relmkt.ports import Append, Channel, Link, Row
from relmkt.program._outcome import Dispatch
from relmkt.program._person import House, Person
from relmkt.rules import One, Refusal
from relmkt.windows import DAY, Instant, minutes

__all__ = ["Sender", "token_key"]

_TRIES, _RELOADS = 8, 5
_TAKEN = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.QUEUED)


def token_key(token: str) -> str:
    """The link by which an unsubscribe token leads to its person: a digest, so that the token is not stored."""
    return f"token~{blake2b(token.encode(), digest_size=16).hexdigest()}"


@frozen(eq=False)
class _Ready:
    """A row that was started, and the message to be sent."""

    row: Row
    home: str
    message: Message

    def kept(self, *, deferred: bool) -> str:
        """What the row keeps of it, so that a retry sends the same bytes."""
        return _payload(_source(self.row.payload), self.message, deferred)


@define(eq=False)
class _Tally:
    sent: int = 0
    retry: int = 0
    unknown: int = 0
    later: int = 0
    refused: dict[str, int] = field(factory=dict)


@define(eq=False)
class Sender:
    """One run of dispatch: rows that are due at an instant, in batches."""

    house: House
    channels: Mapping[str, Channel]
    site: str | None
    at: Instant
    arrived: int
    lease: int
    batch: int = 10
    tally: _Tally = field(factory=_Tally)
    passed: set[str] = field(factory=set)

    def run(self, limit: int | None) -> Dispatch:
        """Send what is due, at most `limit` rows."""
        left = limit if limit is not None else 1 << 62
        while left > 0:
            rows = self.house.store.claim(self.at, self.lease, min(self.batch, left), ("queued", "sending"))
            fresh = [row for row in rows if row.id not in self.passed]
            self.passed.update(row.id for row in rows)
            self._send([ready for row in fresh if (ready := self._ready(row)) is not None])
            for row in rows:
                if row not in fresh:
                    self.house.store.settle(row, "queued", due=row.due)
            if not fresh:
                break
            left -= len(fresh)
        told = self.tally
        return Dispatch(told.sent, told.refused, told.retry, told.unknown, told.later)

    # Before: may it leave now?

    def _ready(self, row: Row) -> _Ready | None:
        for _ in range(_RELOADS):
            try:
                return self._started(row)
            except ConflictError:
                continue
        self.tally.retry += 1
        return None

    def _started(self, row: Row) -> _Ready | None:
        """The row started and rendered, or None where it is settled otherwise."""
        store, kept = self.house.store, _kept(row.payload)
        channel = self.channels.get(row.channel)
        if channel is None:
            store.settle(row, "queued", due=row.due)
            self.tally.later += 1
            return None
        unsure = getattr(channel, "unsure", "hold_unknown")
        person = self.house.load(row.stream, [(_source(row.payload), row.id)])
        home = person.loaded.home
        planned = next((fact for _, fact in self.house.decoded(person.loaded.found) if fact.id == row.id), None)
        if kept is not None and not kept["deferred"] and unsure != "retry":
            self._report(row, home, "unknown", DeliveryStatus.UNKNOWN, "no answer before the lease ended")
            self.tally.unknown += 1
            return None
        if not isinstance(planned, Planned):
            store.settle(row, "dead")
            return None
        refusal = self._refusal(person, planned)
        if refusal is not None:
            self._refused(row, person, planned, refusal)
            return None
        if kept is not None:
            store.settle(row, "sending", _checks(person), until=self.at + self.lease, payload=_sent_again(row.payload))
            return _Ready(row, home, _message(kept["message"]))
        return self._start(row, person, planned, channel)

    def _refusal(self, person: Person, planned: Planned) -> Refusal | None:
        """Why a planned contact may not leave now: cancelled, put back, or the gate's answer."""
        person.seen = max(person.seen, int(self.at))
        person.customer = person.customer.moved(self.at)
        for stream, fact in person.pending:
            person.fold(fact, stream)
        person.pending = ()
        trigger = self.house.policy.trigger(planned.trigger)
        if trigger is not None:
            if cancelled(trigger.unless, person, planned, self.at):
                return Refusal(planned, f"{planned.trigger}: no longer called for")
            if trigger.delay is not None and One(person.customer, self.at).judge(trigger.delay) == 2:
                later = Instant(self.at + DAY)
                return Refusal(planned, f"{planned.trigger}: put back while {trigger.delay}", until=later)
        answer = person.judge(planned, self.at)
        if isinstance(answer, Refusal):
            return Refusal(planned, answer.rule, evidence=answer.evidence)
        return None if answer.at <= self.at else Refusal(planned, "due later", until=answer.at)

    def _refused(self, row: Row, person: Person, planned: Planned, refusal: Refusal) -> None:
        """Put back where it may leave later, released for good otherwise."""
        store = self.house.store
        within = planned.contact.within
        if refusal.until is not None and (within is None or refusal.until <= planned.due + within):
            store.settle(row, "queued", _checks(person), due=int(refusal.until))
            self.tally.later += 1
            return
        rule = "expired (R62)" if refusal.until is not None else refusal.rule
        released = Released(person.root, self.at, rule, id=f"{planned.id}.release", ref=planned.id, source="program")
        store.settle(row, "refused", _checks(person, self._record(released)))
        self.tally.refused[rule] = self.tally.refused.get(rule, 0) + 1

    def _start(self, row: Row, person: Person, planned: Planned, channel: Channel) -> _Ready | None:
        """Render, and write that it starts: from here on the contact counts."""
        values = person.customer[Attributes()].values
        address = values.get(channel.reaches)
        try:
            text = render(planned.contact, {**values, **planned.told})
        except Missing as missing:
            self._refused(row, person, planned, Refusal(planned, f"no value for {missing.args[0]} in the text"))
            return None
        if not address:
            rule = f"no {channel.reaches} to reach the customer by {planned.contact.channel}"
            self._refused(row, person, planned, Refusal(planned, rule))
            return None
        headers = self._headers(person, planned)
        message = Message(row.id, row.channel, address, text.subject, text.text, text.html, headers, at=int(self.at))
        started = Started(
            person.root,
            self.at,
            planned.contact,
            trigger=planned.trigger,
            id=f"{planned.id}.start",
            ref=planned.id,
            source="program",
        )
        payload = _payload(planned.source, message, deferred=False)
        checks = _checks(person, self._record(started))
        self.house.store.settle(row, "sending", checks, payload=payload, until=self.at + self.lease)
        return _Ready(row, person.loaded.home, message)

    def _headers(self, person: Person, planned: Planned) -> dict[str, str]:
        """What a channel writes beside the text; marketing carries its one-click unsubscribe (RFC 8058)."""
        headers: dict[str, str] = {"Relmkt-Kind": planned.contact.kind}
        if self.site is not None and planned.contact.kind != "service":
            token = secrets.token_urlsafe(18)
            versions = person.loaded.versions
            checks = [Append(stream, (), version) for stream, version in versions.items()]
            self.house.store.commit(checks, links=[Link(token_key(token), person.loaded.home)])
            headers["List-Unsubscribe"] = f"<{self.site}/{planned.contact.channel}.{token}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers

    # After: what did the channel say?

    def _send(self, ready: Sequence[_Ready]) -> None:
        for word in sorted({r.row.channel for r in ready}):
            batch = [r for r in ready if r.row.channel == word]
            try:
                receipts = self.channels[word].send([r.message for r in batch])
            except DeliveryError as error:
                status = DeliveryStatus.DEFERRED if error.retry else DeliveryStatus.FAILED
                receipts = [Receipt(r.row.id, status, reason=str(error)) for r in batch]
            told = {receipt.key: receipt for receipt in receipts}
            for one in batch:
                lost = Receipt(one.row.id, DeliveryStatus.UNKNOWN, reason="no receipt")
                self._settled(one, told.get(one.row.id, lost))

    def _settled(self, ready: _Ready, receipt: Receipt) -> None:
        """Settle a row; one that another worker has claimed since is that worker's to tell (C10)."""
        try:
            self._settle(ready, receipt)
        except ConflictError:
            self.tally.unknown += 1

    def _settle(self, ready: _Ready, receipt: Receipt) -> None:
        row, status = ready.row, receipt.status
        if status in _TAKEN:
            self._report(row, ready.home, "sent", status, receipt.reason)
            self.tally.sent += 1
        elif status is DeliveryStatus.UNKNOWN:
            self._report(row, ready.home, "unknown", status, receipt.reason)
            self.tally.unknown += 1
        elif status is DeliveryStatus.DEFERRED and row.tries < _TRIES:
            wait = receipt.retry_after or minutes(5 * 2 ** min(row.tries, 8))
            self.house.store.settle(row, "queued", payload=ready.kept(deferred=True), due=self.at + wait)
            self.tally.retry += 1
        else:
            self._report(row, ready.home, "dead", status, receipt.reason)
            rule = f"{receipt.status.value} by {row.channel}: {receipt.reason}".rstrip(": ")
            self.tally.refused[rule] = self.tally.refused.get(rule, 0) + 1

    def _report(self, row: Row, home: str, to: str, status: DeliveryStatus, reason: str) -> None:
        """Settle a row, with a fact of what became of it: appended to the end, for it decides nothing."""
        told = f"{row.id}.status.{status.value}"
        subject = home.rpartition("\x1f")[2]
        fact = Delivery(
            subject, self.at, status, channel=row.channel, reason=reason, id=told, ref=row.id, source="program"
        )
        self.house.store.settle(row, to, [Append(home, (self._record(fact),), None)])

    def _record(self, fact: Fact) -> Any:
        return self.house.codec.encode(fact, seen=0, arrived=self.arrived)


def _checks(person: Person, *records: Any) -> list[Append]:
    """The versions of all streams of the person and the address; the records go to the home stream."""
    home = person.loaded.home
    appends = [Append(s, records if s == home else (), v) for s, v in person.loaded.versions.items()]
    return [*appends, *(Append(stream, (), version) for stream, version in person.checks.items())]


def cancelled(unless: Any, person: Person, planned: Planned, at: Instant) -> bool:
    """Whether what a trigger names in `unless` has come since the occurrence (R89, R91)."""
    if unless is None:
        return False
    if not isinstance(unless, tuple | list | type):
        return One(person.customer, at).judge(unless) == 2
    kinds = tuple(unless) if isinstance(unless, tuple | list) else (unless,)
    history = [fact for _, fact in person.customer.history()]
    anchor = next((fact for fact in history if fact.id == planned.ref), None)
    refs = {"", planned.ref, planned.id, *((anchor.ref,) if anchor is not None else ())}
    return any(
        isinstance(fact, kinds) and fact.ref in refs and planned.at <= fact.at <= at and fact.id != planned.ref
        for fact in history
    )


def _kept(payload: str) -> dict[str, Any] | None:
    """What was rendered at an earlier start, None before the first."""
    if not payload.startswith("{"):
        return None
    told: dict[str, Any] = json.loads(payload)
    return told if told.get("message") else None


def _source(payload: str) -> str:
    return str(json.loads(payload)["source"]) if payload.startswith("{") else payload


def _payload(source: str, message: Message, deferred: bool) -> str:
    return json.dumps({"source": source, "deferred": deferred, "message": _plain(message)}, ensure_ascii=False)


def _sent_again(payload: str) -> str:
    return json.dumps({**json.loads(payload), "deferred": False}, ensure_ascii=False)


def _plain(message: Message) -> dict[str, Any]:
    return {a.name: plain(getattr(message, a.name)) for a in fields(Message)}


def _message(told: Mapping[str, Any]) -> Message:
    return Message(**told)
