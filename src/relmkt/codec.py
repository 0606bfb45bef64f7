"""How does a fact become a plain record that a store keeps, and come back?

A record is one row: the hot columns (instant, kind, number, label), the origin, and JSON only for the rest. It carries
the schema number of its kind from day one; older records pass through the kind's `upcasters` one step at a time. A
kind that the codec does not know stays an `Opaque` fact: carried along, never dropped. A store imports no codec.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import attrs
from attrs import frozen

from relmkt.exceptions import CodecError, RelmktError
from relmkt.facts import Fact, Plain, kind_of, own_fields, personal, plain, reader
from relmkt.facts._plain import hints, remembered
from relmkt.money import Money
from relmkt.windows import Instant

__all__ = ["Codec", "Opaque", "Record"]

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Record(NamedTuple):
    """One fact as a store keeps it: plain columns, unique in its stream by (source, id).

    at: microseconds since 1970 UTC. number, label: the kind's hot values, None where it has none.
    body: JSON of the remaining fields, empty where all have their defaults.
    seen: until when time had been acted on for the person once this was taken in (the end of the load for history).
    arrived: when it was written, by the program's clock. position: its place in the store, 0 before it is stored.

    >>> Record("order-1", "", 0, "Purchase", 1, 4990).content == Record("order-1", "", 0, "Purchase", 1, 0).content
    False
    """

    id: str
    source: str
    at: int
    kind: str
    schema: int = 1
    number: float | None = None
    label: str | None = None
    ref: str = ""
    body: str = ""
    seen: int = 0
    arrived: int = 0
    position: int = 0

    def __repr__(self) -> str:
        # the body and the label may tell of a person (X09)
        return f"Record({self.kind}, schema {self.schema}, at {self.at}, position {self.position})"

    @property
    def key(self) -> tuple[str, str]:
        """What the record is unique by in its stream."""
        return self.source, self.id

    @property
    def order(self) -> tuple[int, str, str]:
        """What history is ordered by."""
        return self.at, self.id, self.source

    @property
    def content(self) -> tuple[object, ...]:
        """What happened: the same id with another content is an error."""
        return self[:9]


@frozen
class Opaque(Fact):
    """A fact of a kind that this program does not know: carried along as it was stored.

    >>> Codec().decode("ada", Record("s-1", "", 0, "Stay", 1, 3, "Lyon")).kind
    'Stay'
    """

    kind: str
    version: int = 1
    number: float | None = None
    label: str | None = None
    body: str = personal(default="")


class Codec:
    """Turns facts of known kinds into records and back.

    kinds: the classes known; two classes of one name are a ValueError.

    Raises CodecError where a stored record cannot be read as its kind, or was written by a newer schema of it.

    >>> from pendulum import datetime
    >>> from relmkt.facts import Purchase
    >>> order = Purchase("ada", datetime(2026, 3, 1), Money("49.90", "EUR"), id="order-1")
    >>> record = Codec([Purchase]).encode(order)
    >>> record.number, record.label, record.body
    (4990, 'EUR', '')
    >>> Codec([Purchase]).decode("ada", record) == order
    True
    """

    def __init__(self, kinds: Iterable[type[Fact]] = ()) -> None:
        self.kinds: dict[str, type[Fact]] = {}
        for kind in kinds:
            if self.kinds.setdefault(kind_of(kind), kind) is not kind:
                raise ValueError(f"two kinds of facts are called {kind_of(kind)}")

    def encode(self, fact: Fact, *, seen: int = 0, arrived: int = 0) -> Record:
        """The record of `fact`."""
        if isinstance(fact, Opaque):
            stored = (fact.kind, fact.version, fact.number, fact.label, fact.ref, fact.body)
            return Record(fact.id, fact.source, int(fact.at), *stored, seen, arrived)
        number, label, body = _writer(fact.__class__)(fact)
        cls = fact.__class__
        return Record(
            fact.id, fact.source, int(fact.at), kind_of(cls), cls.schema, number, label, fact.ref, body, seen, arrived
        )

    def known(self, told: Sequence[tuple[str, Fact]]) -> Sequence[tuple[str, Fact]]:
        """The same (stream, fact) pairs, where a fact that was read without knowing its kind is told as what it is.

        >>> from relmkt.facts import Recommendation
        >>> stored = Opaque("ada", Instant(0), "Recommendation")
        >>> type(Codec([Recommendation]).known([("ada", stored)])[0][1]).__name__
        'Recommendation'
        """
        if not any(isinstance(fact, Opaque) and fact.kind in self.kinds for _, fact in told):
            return told
        return [
            (stream, self.decode(stream, self.encode(fact)) if isinstance(fact, Opaque) else fact)
            for stream, fact in told
        ]

    def decode(self, stream: str, record: Record) -> Fact:
        """The fact that `record` in `stream` tells."""
        subject = stream.rpartition("\x1f")[2]
        origin: dict[str, Any] = {"id": record.id, "source": record.source, "ref": record.ref}
        cls = self.kinds.get(record.kind)
        if cls is None:
            told = (record.kind, record.schema, record.number, record.label, record.body)
            return Opaque(subject, Instant(record.at), *told, **origin)
        try:
            fields = _reader(cls)(record)
            return cls(subject, Instant(record.at), **fields, **origin)
        except CodecError:
            raise
        except (RelmktError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            place = f"{record.kind}, schema {record.schema}"
            raise CodecError(f"{place}: {type(error).__name__} in a stored record") from None


def _hot(cls: type[Fact]) -> tuple[str, str]:
    number, label = (*cls.hot, "", "")[:2]
    return number, label


@remembered
def _writer(cls: type[Fact]) -> Callable[[Fact], tuple[float | None, str | None, str]]:
    """A function that gives number, label and body of facts of one kind; fields at their default are not written."""
    number, label = _hot(cls)
    defaults = {a.name: a.default for a in attrs.fields(cls)}
    rest = [name for name in own_fields(cls) if name not in (number, label)]

    def write(fact: Fact) -> tuple[float | None, str | None, str]:
        body: dict[str, Plain] = {}
        value = getattr(fact, number) if number else None
        tag = None
        if isinstance(value, Money):
            tag = value.currency
            if label != "currency":
                body[number] = plain(value)
            value = value.units
        if label and label != "currency":
            tag = plain(getattr(fact, label))
        for name in rest:
            told = getattr(fact, name)
            if told != defaults[name] or type(told) is not type(defaults[name]):
                body[name] = plain(told)
        return plain(value), tag, _json(body) if body else ""

    return write


@remembered
def _reader(cls: type[Fact]) -> Callable[[Record], dict[str, Any]]:
    """A function that gives the fields of one kind from its record, older schemas brought up one step at a time."""
    number, label = _hot(cls)
    types_of = hints(cls)
    readers = {name: reader(types_of[name]) for name in own_fields(cls)}

    def fields(record: Record) -> dict[str, Plain]:
        told: dict[str, Plain] = json.loads(record.body) if record.body else {}
        if number and number not in told:
            money = label == "currency" and record.number is not None
            told[number] = [record.number, record.label] if money else record.number
        if label and label != "currency":
            told[label] = record.label
        return told

    def read(record: Record) -> dict[str, Any]:
        told = fields(record)
        if record.schema != cls.schema:
            told = _upcast(cls, record, told)
        return {name: readers[name](value) for name, value in told.items()}

    return read


def _upcast(cls: type[Fact], record: Record, told: dict[str, Plain]) -> dict[str, Plain]:
    if record.schema > cls.schema:
        raise CodecError(f"{record.kind}: written by schema {record.schema}, this program knows up to {cls.schema}")
    for schema in range(record.schema, cls.schema):
        step = cls.upcasters.get(schema)
        if step is None:
            raise CodecError(f"{record.kind}: no upcaster from schema {schema}")
        told = step(told)
    return told
