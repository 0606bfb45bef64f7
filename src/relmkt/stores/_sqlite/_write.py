"""How is a commit written? Versions checked, facts appended, links, edges, outbox and head, in one transaction.

The order of all writers: streams (by name), facts, links, edges, outbox, heads. SQLite lets one write at a time
(`BEGIN IMMEDIATE`); the fewest statements and touched pages are what makes a commit fast, so that each part costs one.
"""

import json
from collections.abc import Iterable, Sequence

from relmkt.codec import Record
from relmkt.exceptions import ConflictError, MismatchError
from relmkt.ports import Append, Edge, Head, Link, Outgoing, Position
from relmkt.stores._sqlite._read import FIELDS, Stream, person, records, version_of
from relmkt.stores._sqlite._session import Session

__all__ = ["SEPARATOR", "append", "commit", "insert", "known_as", "link_all", "regroup", "wake"]

SEPARATOR = "\x1f"  # leads the name of a stream that is not a customer's: it is never due

POSITION = "SELECT max(coalesce((SELECT max(position) FROM facts), 0), (SELECT value FROM meta WHERE name = 'floor'))"
FACT = "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
SAME = f"SELECT {FIELDS} FROM facts WHERE stream = ? AND id = ? AND source = ?"
NEW = "INSERT INTO streams (name) VALUES (?) RETURNING id"
GROWN = "UPDATE streams SET version = ?, due = ? WHERE id = ?"
DUE = "UPDATE streams SET due = ? WHERE id = ?"
LINK = "INSERT INTO links VALUES (?, ?) ON CONFLICT DO NOTHING"
LINKED = "SELECT stream FROM links WHERE key = ?"
QUEUE = "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, 'queued', 0, 0, 0) ON CONFLICT DO NOTHING"
HEAD = "INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
EDGE = "SELECT a, b FROM edges WHERE id = ?"
JOIN = "INSERT INTO edges VALUES (?, ?, ?)"
PART = "DELETE FROM edges WHERE id = ?"
AROUND = "SELECT a, b FROM edges WHERE a = ?1 OR b = ?1"
NAMES = "SELECT name FROM streams WHERE id = ?"
ROOT = "UPDATE streams SET root = ?, due = NULL WHERE id = ?"
DROP_HEAD = "DELETE FROM heads WHERE stream = ?"

Streams = dict[str, Stream]


def commit(
    session: Session,
    appends: Sequence[Append],
    outbox: Sequence[Outgoing],
    head: Head | None,
    links: Sequence[Link],
    edges: Sequence[Edge],
) -> Position:
    """All of it, in the transaction that the session is in; repeats alone change nothing."""
    streams: Streams = {}
    position, grown = append(session, appends, streams, head=None if edges else head)
    if not grown and any(a.records for a in appends):
        return position
    link_all(session, links, streams)
    if edges:
        _rejoin(session, edges, streams)
    for out in outbox:
        session.run(QUEUE, (out.id, known_as(session, out.stream, streams), out.channel, out.due, out.payload))
    if head is not None:
        _keep(session, head, streams, not edges and head.root in grown and len(head.versions) == 1)
    return position


def append(
    session: Session, appends: Sequence[Append], streams: Streams, creates: bool = False, head: Head | None = None
) -> tuple[Position, set[str]]:
    """Write what is new; the newest position and the streams that grew. `streams` learns their rows."""
    begun = _check(session, appends, streams)
    (position,) = session.run(POSITION).fetchone()
    grown: dict[str, int] = {}
    for name, told, expected in appends:
        row = streams.get(name)
        if not told or (expected is None and not (creates or name in begun or (row and row.version))):
            continue
        stream = known_as(session, name, streams)
        for r in told:
            if insert(session, stream, r, position + 1):
                position += 1
                grown[name] = grown.get(name, 0) + 1
    for name, more in grown.items():
        row = streams[name]
        streams[name] = row._replace(version=row.version + more)
        waits = head.due if head is not None and _covers(head, [streams[name]]) else 0
        alone = row.root is None and SEPARATOR not in name
        session.run(GROWN, (streams[name].version, waits if alone else None, row.id))
        if row.root is not None:
            wake(session, row.root)
    return position, set(grown)


def _check(session: Session, appends: Sequence[Append], streams: Streams) -> set[str]:
    """Every stream stands at the version expected; the names of those that a decision writes to."""
    begun = set()
    for name, told, expected in appends:
        if name not in streams and (row := version_of(session, name)):
            streams[name] = row
        version = streams[name].version if name in streams else 0
        if expected is not None:
            if expected != version:
                raise ConflictError(f"a stream stands at version {version}, not {expected}")
            if told:
                begun.add(name)
    return begun


def insert(session: Session, stream: int, r: Record, position: Position) -> bool:
    """Whether the record was new; the same id with other content is an error."""
    kind = session.numbers.get(r.kind) or session.number(r.kind, new=True)
    row = (stream, r.at, r.id, r.source, kind, r.schema, r.number, r.label, r.ref, r.body, r.seen, r.arrived, position)
    if session.run(FACT, row).rowcount:
        return True
    (held,) = records(session, session.run(SAME, (stream, r.id, r.source)))
    if held.content != r.content:
        raise MismatchError(f"{r.kind}: same id, other content")
    return False


def known_as(session: Session, name: str, streams: Streams) -> int:
    """The number of a stream; one that does not exist gets a row of version 0."""
    row = streams.get(name) or version_of(session, name)
    if row is None:
        row = Stream(session.run(NEW, (name,)).fetchone()[0], name, 0, None)
    streams[name] = row
    return row.id


def wake(session: Session, root: int) -> None:
    """Make the person of a root due now, unless it is no customer."""
    (name,) = session.run(NAMES, (root,)).fetchone()
    session.run(DUE, (None if SEPARATOR in name else 0, root))


def link_all(session: Session, links: Iterable[Link], streams: Streams) -> None:
    """Identifiers lead to their home streams; one that leads elsewhere is a conflict: whoever came second reloads."""
    for link in links:
        stream = known_as(session, link.stream, streams)
        new = session.run(LINK, (link.key, stream)).rowcount
        if not new and session.run(LINKED, (link.key,)).fetchone() != (stream,):
            raise ConflictError("an identifier leads to another stream already")


def keep(session: Session, heads: Iterable[Head]) -> None:
    """Heads that are of their persons exactly as they stand; the others are left out."""
    for head in heads:
        row = version_of(session, head.root)
        if row is not None and {s.name: s.version for s in person(session, row) if s.version} == dict(head.versions):
            _keep(session, head, {head.root: row}, False)


def _covers(head: Head, streams: Sequence[Stream]) -> bool:
    """Whether a head is of exactly these streams, none of them beyond what is stored."""
    whole = len(streams) == len(head.versions) and head.root == streams[0].name
    return whole and all(0 < head.versions.get(s.name, 0) <= s.version for s in streams)


def _keep(session: Session, head: Head, streams: Streams, woken: bool) -> None:
    """Keep a head that covers the person; `woken`: its stream's row has the new due already."""
    root = streams.get(head.root) or version_of(session, head.root)
    if root is None or not _covers(head, person(session, root)):
        return
    versions = json.dumps(dict(head.versions), separators=(",", ":"))
    session.run(HEAD, (root.id, versions, *head.until, head.seen, head.due, head.shape, head.body))
    if not woken:
        session.run(DUE, (None if SEPARATOR in head.root else head.due, root.id))


# --- who is one person -----------------------------------------------------------------------------------------------


def _rejoin(session: Session, edges: Iterable[Edge], streams: Streams) -> None:
    touched: set[int] = set()
    for edge in edges:
        held = session.run(EDGE, (edge.id,)).fetchone()
        a, b = (streams.get(name) or version_of(session, name) for name in (edge.a, edge.b))
        if held is not None and (a is None or b is None or {a.id, b.id} != set(held)):
            raise MismatchError("Edge: same id, other streams")
        if edge.on and held is None:
            if a is None or b is None or not (a.version and b.version):
                raise ConflictError("an edge names a stream that does not exist")
            if b.id not in _component(session, a.id):
                session.run(JOIN, (edge.id, a.id, b.id))
                touched |= _component(session, a.id)
        elif not edge.on and held is not None:
            touched |= _component(session, held[0])
            session.run(PART, (edge.id,))
    regroup(session, touched)
    streams.clear()  # their roots may have changed


def regroup(session: Session, touched: set[int]) -> None:
    """Name the roots anew around streams whose edges changed; what was folded of them is of other persons."""
    while touched:
        joined = _component(session, touched.pop())
        touched -= joined
        _name_root(session, joined)


def _component(session: Session, stream: int) -> set[int]:
    """The streams joined with one, by their numbers."""
    joined, new = {stream}, [stream]
    while new:
        around = {n for pair in session.run(AROUND, (new.pop(),)) for n in pair} - joined
        joined |= around
        new += around
    return joined


def _name_root(session: Session, joined: set[int]) -> None:
    """The stream with the smallest name is the root, and due now."""
    names = sorted((session.run(NAMES, (stream,)).fetchone()[0], stream) for stream in joined)
    root = names[0][1]
    for _, stream in names:
        session.run(DROP_HEAD, (stream,))
        session.run(ROOT, (root if len(joined) > 1 else None, stream))
    wake(session, root)
