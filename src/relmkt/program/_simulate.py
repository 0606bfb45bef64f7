"""What would happen? One customer's facts in a store of their own, time passed event by event; nothing is written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from relmkt.contact import DeliveryStatus, Message, Planned, Receipt
from relmkt.customers import Attributes
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact, Identifier, stream_of
from relmkt.ports import Append, Edge, Outgoing
from relmkt.program._outcome import Trace
from relmkt.program._person import NEVER, House, Person
from relmkt.program._record import Recording
from relmkt.program._reviewing import reviewed
from relmkt.program._sending import Sender
from relmkt.rules import Refusal
from relmkt.stores import Memory
from relmkt.windows import Instant, Span, minutes

__all__ = ["simulated"]


@frozen
class _Paper:
    """A channel that takes every message and sends none."""

    reaches: str

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return [Receipt(message.key, DeliveryStatus.SENT) for message in messages]


def simulated(house: House, name: str, horizon: Span, suppose: Sequence[Fact], now: Instant) -> Trace:
    """The timeline of one customer from the first supposed fact, or from now, over a span."""
    trial = _copied(house, name)
    coming = sorted(suppose, key=lambda fact: (fact.at, fact.id))
    at = coming[0].at if coming else now
    end = Instant(at + horizon)
    channels = _Channels(house.reaches)
    lines: list[str] = []
    planned: list[Planned] = []
    refused: list[Refusal] = []
    while True:
        person = trial.load(name)
        rows = [row for stream in person.loaded.versions for row in trial.store.rows(stream) if row.state == "queued"]
        fact_at = int(coming[0].at) if coming else NEVER
        time_at = max(int(at), person.due if not person.pending else int(at))
        row_at = max(int(at), min((row.due for row in rows), default=NEVER))
        at = Instant(min(fact_at, time_at, row_at))
        if at > end:
            break
        if at == fact_at:
            fact = coming.pop(0)
            outcome = Recording(trial, [fact], at).run()
            lines.append(f"{_when(at)}  {fact} (supposed)")
            told: Any = outcome
        elif at == time_at:
            told = reviewed(trial, person.root, at, at)
        else:
            lines += _sent(trial, channels, at, [row for row in rows if row.due <= at], end)
            continue
        new = [f for f in told.consequences if isinstance(f, Planned)]
        lines += [f"{_when(at)}  {fact}" for fact in told.consequences]
        lines += [f"{_when(at)}  {refusal}" for refusal in told.refused]
        planned += new
        refused += told.refused
    return Trace(tuple(lines), tuple(planned), tuple(refused))


class _Channels(dict[str, Any]):
    """A paper channel for every word."""

    def __init__(self, reaches: Mapping[str, str]) -> None:
        super().__init__({word: _Paper(reach) for word, reach in reaches.items()})

    def get(self, word: str, default: Any = None) -> Any:
        return self.setdefault(word, _Paper(word))


def _sent(trial: House, channels: _Channels, at: Instant, rows: Iterable[Any], end: Instant) -> list[str]:
    for row in rows:
        channels.get(row.channel)
    told = Sender(trial, channels, None, at, at, minutes(5)).run(None)
    lines = []
    for row in rows:
        after = next(r for r in trial.store.rows(row.stream) if r.id == row.id)
        lines.append(f"{_when(at)}  {row.channel}  {_trigger(row.payload)}  {after.state}")
    refused = [f"{_when(at)}  refused: {rule}" for rule in told.refused]
    return lines + refused


def _trigger(payload: str) -> str:
    return payload if not payload.startswith("{") else "again"


def _when(at: Instant) -> str:
    return str(at)[:16].replace("T", " ")


def _copied(house: House, name: str) -> House:
    """The same house on a store in memory that holds one person, its outbox, and its addresses."""
    loaded, store = house.store.load(name), Memory()
    streams = list(loaded.versions)
    appends = [Append(s, tuple(r for t, r in loaded.facts if t == s), 0) for s in streams]
    rows = [row for stream in streams for row in house.store.rows(stream) if row.state == "queued"]
    outbox = [Outgoing(row.id, row.stream, row.channel, row.due, row.payload) for row in rows]
    if appends:
        edges = [Edge(f"trial {n}", streams[0], other, True) for n, other in enumerate(streams[1:])]
        store.commit(appends, outbox, edges=edges)
    trial = evolve(house, store=store)
    for address in _addresses(Person(trial, store.load(name))):
        known = house.store.load(address)
        if known.versions:
            store.commit([Append(address, tuple(record for _, record in known.facts), 0)])
    return trial


def _addresses(person: Person) -> Iterable[str]:
    for kind, value in person.customer[Attributes()].values.items():
        try:
            yield stream_of("address", Identifier(kind, value).key)
        except InvalidFactError:
            continue
