"""What must a store or a channel do? The page that an adapter's author reads.

A store keeps plain records in streams, links between identifiers and streams, edges between streams of one person, a
head (snapshot) a person, and the outbox. Everything is handed in, nothing is looked up: no registry, no URL. What a
store can do beyond `Store` it says by the `Supports…` protocols it satisfies. The clauses are numbered in
`docs/contracts/`, and `relmkt.testing` checks each of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from relmkt.codec import Record
from relmkt.columns import SupportsColumns
from relmkt.contact import DeliveryStatus, Message, Receipt
from relmkt.facts import Fact

__all__ = [
    "Append",
    "Block",
    "Channel",
    "DeliveryStatus",
    "Edge",
    "Erased",
    "Head",
    "Link",
    "Loaded",
    "Message",
    "Outgoing",
    "Position",
    "Receipt",
    "Record",
    "Row",
    "Store",
    "SupportsBulk",
    "SupportsHeads",
    "SupportsColumns",
    "SupportsReceiving",
]

Position = int
"""A place in the order in which a store took facts in: opaque to all but the store, and comparable."""


class Append(NamedTuple):
    """Records for one stream at its expected version.

    records: none is a check: the stream must stand at `expected`, and nothing is written to it.
    expected: the version read; 0 for a stream that must not exist yet; None appends a report to the end of a stream
    that exists, whatever its version, and drops it where the stream does not exist.

    >>> Append("ada", expected=3)
    Append(stream='ada', records=(), expected=3)
    """

    stream: str
    records: tuple[Record, ...] = ()
    expected: int | None = None


class Link(NamedTuple):
    """An identifier's key leads to its home stream; a key leads to one stream only, the first that was stated.

    >>> Link("mail~3f9a", "ada").stream
    'ada'
    """

    key: str
    stream: str


class Edge(NamedTuple):
    """Two streams are one person (`on`), or are no longer (`on` False). `id` is the merge's.

    >>> Edge("m-1", "ada", "card~77", True).on
    True
    """

    id: str
    a: str
    b: str
    on: bool


class Head(NamedTuple):
    """What was folded so far, for one person: derived, may be lost, valid for exactly these streams and this shape.

    root: the person's smallest stream name. versions: of all the person's streams when it was written.
    until: the order (at, id, source) of the newest fact folded; a fact not after it makes the head invalid.
    seen: until when time was acted on; due: the next crossing. shape: what the body is of; body: plain text.

    >>> Head("ada", {"ada": 3}, (5, "x", ""), 5, 9, "s1", "{}").due
    9
    """

    root: str
    versions: Mapping[str, int]
    until: tuple[int, str, str]
    seen: int
    due: int
    shape: str
    body: str


class Loaded(NamedTuple):
    """One person as a store has it, from one consistent sight.

    root: the smallest stream name of the person; the key asked for where nothing is known.
    versions: of every stream of the person; empty where nothing is known.
    head: if one of the asked shape is valid, else None.
    facts: (stream, record), those after the head, or all; ordered by (at, id, source, stream).
    found: (stream, record) of the ids asked for with `ids=`, wherever in the person's streams they stand.
    home: the stream that the key leads to: itself, or the home of the identifier; empty where nothing is known.

    >>> Loaded("ada", {}, None, (), ()).root
    'ada'
    """

    root: str
    versions: Mapping[str, int]
    head: Head | None
    facts: tuple[tuple[str, Record], ...]
    found: tuple[tuple[str, Record], ...] = ()
    home: str = ""


class Outgoing(NamedTuple):
    """An outbox row to be queued in the commit of the fact that it sends.

    id: the consequence's id. stream: its home stream. channel: the word of the channel. due: not before.
    payload: plain text, the program's own.

    >>> Outgoing("m-1", "ada", "mail", 0, "").channel
    'mail'
    """

    id: str
    stream: str
    channel: str
    due: int
    payload: str = ""


class Row(NamedTuple):
    """An outbox row as claimed: fenced by its token, which every claim raises by one.

    state: queued, claimed, sending, sent, refused, unknown or dead. until: the end of the lease. tries: claims so far.

    >>> Row("m-1", "ada", "mail", 0, "", "queued", 0, 0, 0).state
    'queued'
    """

    id: str
    stream: str
    channel: str
    due: int
    payload: str
    state: str
    token: int
    until: int
    tries: int


class Erased(NamedTuple):
    """What an erasure removed, counted by place; `pending` tells whether a scrub is still owed.

    >>> Erased(3, 1, 0, 1, False).facts
    3
    """

    facts: int
    links: int
    outbox: int
    heads: int
    pending: bool


@runtime_checkable
class Store(Protocol):
    """Where facts are kept. Ten methods; every one is one transaction.

    `load(key)`: the person that `key` (a stream name or an identifier's key) leads to; its head only if of `shape`.
    `commit`: all or nothing, or ConflictError; the same (source, id) with the same content in its stream is dropped,
    with other content it is a MismatchError. `head=None` makes the touched persons due now. Returns the position
    after the newest fact.
    `due`: roots of persons whose next crossing is at or before `at` (those without a head first), at most `limit`.
    `changes`: (stream, record) taken in after a position, in order. `rows`: outbox rows of one stream, any state.
    `claim`: rows due at `at` in one of `states` (queued, or claimed or sending with an expired lease), for `lease`
    microseconds. `settle`: one transition of a claimed row, fenced by its token: a row claimed anew since is a
    ConflictError and nothing is written. `appends` go with it, at their expected versions.
    `erase`: the person's streams at `versions`; leaves what `leave` says, and blocks the keyed digests in `block`.
    `scrub`: removes what an erasure may have left in free space; True when nothing is pending any more.
    """

    def load(self, key: str, shape: str = "", ids: Sequence[tuple[str, str]] = ()) -> Loaded: ...

    def commit(
        self,
        appends: Sequence[Append],
        outbox: Sequence[Outgoing] = (),
        head: Head | None = None,
        links: Sequence[Link] = (),
        edges: Sequence[Edge] = (),
    ) -> Position: ...

    def due(self, at: int, limit: int) -> Sequence[str]: ...

    def changes(self, after: Position, limit: int) -> Sequence[tuple[str, Record]]: ...

    def claim(self, at: int, lease: int, limit: int, states: Sequence[str] = ("queued",)) -> Sequence[Row]: ...

    def settle(
        self,
        row: Row,
        to: str,
        appends: Sequence[Append] = (),
        payload: str | None = None,
        until: int | None = None,
        due: int | None = None,
    ) -> None: ...

    def rows(self, stream: str) -> Sequence[Row]: ...

    def erase(
        self,
        root: str,
        versions: Mapping[str, int],
        leave: Sequence[Append] = (),
        block: Sequence[str] = (),
    ) -> Erased: ...

    def blocked(self, digests: Sequence[str]) -> Sequence[str]: ...

    def scrub(self) -> bool: ...


class Block(NamedTuple):
    """Many records of one kind as columns: history on its way into a store. A hundred thousand rows are a good size.

    kind, schema, source, seen, arrived: of every row, as in `Record`.
    streams, ids, at: one for each row, lists or NumPy arrays. ref, body: one for each row, or one text for all.
    number: one for each row (None or NaN where missing), or None. label: one for each row, one for all, or None.

    >>> Block("Visit", 1, ["ada", "bob"], ["v-1", "v-2"], [0, 5], "till", label="Lyon").label
    'Lyon'
    """

    kind: str
    schema: int
    streams: Sequence[str]
    ids: Sequence[str]
    at: Sequence[int]
    source: str = ""
    number: Sequence[float | None] | None = None
    label: Sequence[str | None] | str | None = None
    ref: Sequence[str] | str = ""
    body: Sequence[str] | str = ""
    seen: int = 0
    arrived: int = 0


@runtime_checkable
class SupportsBulk(Protocol):
    """A store that takes history in large blocks of columns.

    `extend`: the links first, in a transaction of their own, then each block in one. A row that repeats another
    (stream, source, id and content) is dropped; one with other content is a MismatchError naming kind and row, and
    nothing of its block is written. Heads of the touched persons are dropped, their due is 0. Returns how many rows
    were taken in.
    """

    def extend(self, blocks: Iterable[Block], links: Sequence[Link] = ()) -> int: ...


@runtime_checkable
class SupportsHeads(Protocol):
    """A store that keeps the heads of many persons at once: what a review finds where nothing follows.

    `keep`: each head is kept if every stream of its person stands exactly at its versions, and left out otherwise: the
    person then stays due as it was. All in one transaction, in no need of being on the disk: a head may be lost.
    """

    def keep(self, heads: Sequence[Head]) -> None: ...


@runtime_checkable
class Channel(Protocol):
    """What sends messages. `reaches` names the identifier that it needs; one receipt a message, in order.

    A channel that cannot be asked about a message it may have sent says what to do with an unknown one in `unsure`:
    `"retry"` (may send twice) or `"hold_unknown"` (may send never); without it, `"hold_unknown"`.
    """

    reaches: str

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]: ...


@runtime_checkable
class SupportsReceiving(Protocol):
    """A channel that reads what comes back: replies, bounces, one-click unsubscribes become facts."""

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Fact]: ...
