"""How does a store behave? The reference: plain dictionaries under one lock, gone with the process.

It is written to be obviously right, not fast: what another store answers is checked against it. Each change is
worked out first and written only when nothing of it can fail any more, so that a commit is all or nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from threading import RLock
from types import TracebackType
from typing import Self

from relmkt.codec import Record
from relmkt.columns import FactTable
from relmkt.exceptions import ConflictError, MismatchError
from relmkt.ports import Append, Block, Edge, Erased, Head, Link, Loaded, Outgoing, Position, Row
from relmkt.stores._memory_columns import block_rows, table

__all__ = ["Memory"]

SEPARATOR = "\x1f"  # leads the name of a stream that is not a customer's
FINAL = ("sent", "refused", "dead")
Fresh = list[tuple[str, Record]]


class Memory:
    """A store in memory, for tests, trials and notebooks; safe under threads, gone with the process.

    >>> from relmkt.ports import Append, Record
    >>> store = Memory()
    >>> store.commit([Append("ada", (Record("order-1", "till", 0, "Purchase", 1, 4990, "EUR"),), 0)])
    1
    >>> store.load("ada").versions
    {'ada': 1}
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._records: dict[str, list[Record]] = {}  # in order of arrival; a stream's version is how many there are
        self._by_key: dict[tuple[str, str, str], Record] = {}
        self._links: dict[str, str] = {}
        self._edges: dict[str, Edge] = {}
        self._heads: dict[str, Head] = {}
        self._due: dict[str, int] = {}
        self._outbox: dict[str, Row] = {}
        self._blocked: set[str] = set()
        self._position: Position = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return "Memory()"

    def close(self) -> None:
        """Nothing to release."""

    # --- reading -----------------------------------------------------------------------------------------------------

    def load(self, key: str, shape: str = "", ids: Sequence[tuple[str, str]] = ()) -> Loaded:
        """The person that `key` leads to; see `Store`."""
        with self._lock:
            home = key if key in self._records else self._links.get(key, key)
            person = self._person(home)
            versions = {name: self._version(name) for name in person if self._version(name)}
            everything = [(name, number, r) for name in versions for number, r in enumerate(self._records[name])]
            head = self._head(person, versions, shape)
            known = head.versions if head else {}
            facts = [(name, r) for name, number, r in everything if number >= known.get(name, 0)]
            wanted = set(ids)
            found = [(name, r) for name, _, r in everything if r.key in wanted]
            return Loaded(person[0], versions, head, _ordered(facts), _ordered(found), home if versions else "")

    def _head(self, person: Sequence[str], versions: Mapping[str, int], shape: str) -> Head | None:
        head = self._heads.get(person[0])
        if head is None or not shape or head.shape != shape or set(head.versions) != set(versions):
            return None
        beyond = [r for name in versions for r in self._records[name][head.versions[name] :]]
        return head if all(r.order > head.until for r in beyond) else None

    def due(self, at: int, limit: int) -> Sequence[str]:
        """Roots of customers whose next crossing is at or before `at`."""
        with self._lock:
            roots = {self._person(name)[0] for name in self._records if SEPARATOR not in name}
            late = sorted((self._due.get(root, 0), root) for root in roots if SEPARATOR not in root)
            return [root for due, root in late if due <= at][:limit]

    def changes(self, after: Position, limit: int) -> Sequence[tuple[str, Record]]:
        """(stream, record) taken in after a position, in order."""
        with self._lock:
            later = [(name, r) for name, rs in self._records.items() for r in rs if r.position > after]
            return sorted(later, key=lambda pair: pair[1].position)[:limit]

    def rows(self, stream: str) -> Sequence[Row]:
        """Outbox rows of one stream, any state, by (due, id)."""
        with self._lock:
            return sorted((r for r in self._outbox.values() if r.stream == stream), key=lambda r: (r.due, r.id))

    def blocked(self, digests: Sequence[str]) -> Sequence[str]:
        """Those of `digests` that an erasure blocked."""
        with self._lock:
            return [digest for digest in digests if digest in self._blocked]

    def columns(self, *kinds: str) -> FactTable:
        """Facts as columns, all kinds or those named; see `SupportsColumns`."""
        with self._lock:
            roots = {name: self._person(name)[0] for name in self._records}
            return table(kinds, roots, [(name, r) for name, rs in self._records.items() for r in rs])

    # --- writing -----------------------------------------------------------------------------------------------------

    def commit(
        self,
        appends: Sequence[Append],
        outbox: Sequence[Outgoing] = (),
        head: Head | None = None,
        links: Sequence[Link] = (),
        edges: Sequence[Edge] = (),
    ) -> Position:
        """All or nothing; see `Store`."""
        with self._lock:
            fresh = self._fresh(appends)
            if not fresh and any(append.records for append in appends):
                return self._position  # repeats only: nothing changes
            self._check_links(links)
            joined, touched = self._joined(edges, fresh)
            self._links.update(links)
            self._write(fresh)
            self._edges = joined
            for name in touched:  # an edge changed: what was folded is of another person
                self._heads.pop(name, None)
                self._due.pop(name, None)
            for out in outbox:
                row = Row(out.id, out.stream, out.channel, out.due, out.payload, "queued", 0, 0, 0)
                self._outbox.setdefault(out.id, row)
            self._keep(head)
            return self._position

    def settle(
        self,
        row: Row,
        to: str,
        appends: Sequence[Append] = (),
        payload: str | None = None,
        until: int | None = None,
        due: int | None = None,
    ) -> None:
        """One transition of a claimed row, fenced by its token; see `Store`."""
        with self._lock:
            held = self._outbox.get(row.id)
            if held is None or held.token != row.token or held.state not in ("claimed", "sending"):
                raise ConflictError("an outbox row is no longer held under that token")
            fresh = self._fresh(appends)
            told = held.payload if payload is None else payload
            self._outbox[row.id] = held._replace(
                state=to,
                payload="" if to in FINAL else told,
                until=held.until if until is None else until,
                due=held.due if due is None else due,
            )
            self._write(fresh)

    def claim(self, at: int, lease: int, limit: int, states: Sequence[str] = ("queued",)) -> Sequence[Row]:
        """Rows due, taken for `lease` microseconds; see `Store`."""
        with self._lock:
            ready = [row for row in self._outbox.values() if row.due <= at and _state(row, at) in states]
            ready.sort(key=lambda row: (row.due, row.id))
            taken = [
                row._replace(state="claimed", token=row.token + 1, until=at + lease, tries=row.tries + 1)
                for row in ready[:limit]
            ]
            self._outbox.update((row.id, row) for row in taken)
            return taken

    def extend(self, blocks: Iterable[Block], links: Sequence[Link] = ()) -> int:
        """History in large blocks; see `SupportsBulk`."""
        with self._lock:
            self._check_links(links)
            self._links.update(links)
            return sum(self._take(block) for block in blocks)

    def erase(
        self,
        root: str,
        versions: Mapping[str, int],
        leave: Sequence[Append] = (),
        block: Sequence[str] = (),
    ) -> Erased:
        """The person's streams at `versions`, and all that names them; see `Store`."""
        with self._lock:
            person = set(self._person(root))
            if {name: self._version(name) for name in person if self._version(name)} != dict(versions):
                raise ConflictError("the person's streams stand at other versions")
            if any(append.stream in person for append in leave):
                raise ValueError("what is left must not name the erased")
            named = {*self._records, *self._links.values(), *(row.stream for row in self._outbox.values())}
            fresh = self._fresh(leave, creates=True) if named & person else []
            counts = self._remove(person)
            self._blocked.update(block)
            self._write(fresh)
            return Erased(*counts, False)

    def scrub(self) -> bool:
        """Memory has no free space that could be read."""
        return True

    # --- inside ------------------------------------------------------------------------------------------------------

    def _version(self, name: str) -> int:
        return len(self._records.get(name, ()))

    def _person(self, name: str) -> list[str]:
        return _component(name, self._edges.values())

    def _fresh(self, appends: Sequence[Append], creates: bool = False) -> Fresh:
        """What of the appends is new, all versions and contents checked; nothing is written."""
        for append in appends:
            if append.expected is not None and append.expected != self._version(append.stream):
                raise ConflictError(f"a stream stands at version {self._version(append.stream)}, not {append.expected}")
        fresh: dict[tuple[str, str, str], Record] = {}
        begun = {append.stream for append in appends if append.records and append.expected is not None}
        for append in appends:
            if append.expected is None and not (creates or append.stream in begun or append.stream in self._records):
                continue  # a report never brings an erased person back
            for r in append.records:
                key = (append.stream, r.source, r.id)
                known = self._by_key.get(key) or fresh.setdefault(key, r)
                if known.content != r.content:
                    raise MismatchError(f"{r.kind}: same id, other content")
        return [(name, r) for (name, _, _), r in fresh.items()]

    def _check_links(self, links: Sequence[Link]) -> None:
        known = dict(self._links) if links else {}
        for link in links:
            if known.setdefault(link.key, link.stream) != link.stream:
                raise ConflictError("an identifier leads to another stream already")

    def _joined(self, edges: Sequence[Edge], fresh: Fresh) -> tuple[dict[str, Edge], set[str]]:
        """The edges that are on after this commit, and the streams of every person that changed by it."""
        on, touched = dict(self._edges), set[str]()
        if not edges:
            return on, touched
        existing = {*self._records, *(name for name, _ in fresh)}
        for edge in edges:
            held = on.get(edge.id)
            if held is not None and {held.a, held.b} != {edge.a, edge.b}:
                raise MismatchError("Edge: same id, other streams")
            if not edge.on and held is not None:
                touched.update(_component(edge.a, on.values()))
                del on[edge.id]
            elif edge.on and held is None:
                if not {edge.a, edge.b} <= existing:
                    raise ConflictError("an edge names a stream that does not exist")
                if edge.b not in _component(edge.a, on.values()):
                    on[edge.id] = edge
                    touched.update(_component(edge.a, on.values()))
        return on, touched

    def _write(self, fresh: Fresh) -> None:
        for name, r in fresh:
            self._position += 1
            stored = r._replace(position=self._position)
            self._records.setdefault(name, []).append(stored)
            self._by_key[name, r.source, r.id] = stored
        for name in {name for name, _ in fresh}:
            self._due.pop(self._person(name)[0], None)

    def _keep(self, head: Head | None) -> None:
        """Keep a head that covers exactly the person's streams, none of them beyond what is stored."""
        if head is None:
            return
        person = self._person(head.root)
        whole = person[0] == head.root and set(head.versions) == set(person)
        if whole and all(0 < number <= self._version(name) for name, number in head.versions.items()):
            self._heads[head.root] = head
            self._due[head.root] = head.due

    def _take(self, block: Block) -> int:
        fresh: dict[tuple[str, str, str], tuple[str, Record]] = {}
        for number, (name, r) in enumerate(block_rows(block)):
            key = (name, r.source, r.id)
            known = self._by_key.get(key) or fresh.setdefault(key, (name, r))[1]
            if known.content != r.content:
                raise MismatchError(f"{block.kind}, row {number}: same id, other content")
        self._write(list(fresh.values()))
        for name, _ in fresh.values():
            self._heads.pop(self._person(name)[0], None)
        return len(fresh)

    def _remove(self, person: set[str]) -> tuple[int, int, int, int]:
        facts = sum(len(self._records.pop(name, ())) for name in person)
        links = [key for key, name in self._links.items() if name in person]
        rows = [row.id for row in self._outbox.values() if row.stream in person]
        heads = [name for name in person if self._heads.pop(name, None)]
        for key in links:
            del self._links[key]
        for id in rows:
            del self._outbox[id]
        for name in person:
            self._due.pop(name, None)
        self._by_key = {key: r for key, r in self._by_key.items() if key[0] not in person}
        self._edges = {id: edge for id, edge in self._edges.items() if edge.a not in person}
        return facts, len(links), len(rows), len(heads)


def _ordered(facts: Iterable[tuple[str, Record]]) -> tuple[tuple[str, Record], ...]:
    return tuple(sorted(facts, key=lambda pair: (*pair[1].order, pair[0])))


def _component(name: str, edges: Iterable[Edge]) -> list[str]:
    """The streams joined with `name`, sorted: the first is the root."""
    joined, pairs = {name}, list(edges)
    while more := {n for edge in pairs for n in (edge.a, edge.b) if {edge.a, edge.b} & joined} - joined:
        joined |= more
    return sorted(joined)


def _state(row: Row, at: int) -> str:
    """The state that a claim at `at` sees: an expired claim is queued again, a held row is nobody else's."""
    if row.state == "claimed":
        return "queued" if row.until <= at else "held"
    if row.state == "sending":
        return "sending" if row.until <= at else "held"
    return "over" if row.state in FINAL else row.state
