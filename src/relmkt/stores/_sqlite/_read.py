"""How is a person read? One row leads to the streams and the head, one range to the facts beyond it.

A head is valid if exactly as many facts lie after its `until`, in history's order, as came in since its versions: then
those are the facts beyond it, and they are one range of the clustered table, whatever the length of the history.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from relmkt.codec import Record
from relmkt.ports import Head, Loaded, Position
from relmkt.stores._sqlite._session import Session

__all__ = ["FIELDS", "Stream", "changes", "load", "person", "records", "version_of"]

FIELDS = "id, source, at, kind, schema, number, label, ref, body, seen, arrived, position"
FACTS = f"SELECT {FIELDS} FROM facts WHERE stream = ?"

FIND = (
    "SELECT s.id, s.name, s.version, s.root, h.versions, h.at, h.id, h.source, h.seen, h.due, h.body FROM streams s"
    " LEFT JOIN heads h ON h.stream = s.id AND h.shape = ?2 WHERE s.id = coalesce("
    "(SELECT id FROM streams WHERE name = ?1 AND version > 0), (SELECT stream FROM links WHERE key = ?1))"
)
HEAD = "SELECT versions, at, id, source, seen, due, body FROM heads WHERE stream = ? AND shape = ?"
OF_ROOT = "SELECT id, name, version, root FROM streams WHERE root = ? ORDER BY name"
ALL = f"{FACTS} ORDER BY at, id, source"
BEYOND = f"{FACTS} AND (at, id, source) > (?, ?, ?) ORDER BY at, id, source"
ONE = f"{FACTS} AND id = ? AND source = ?"
CHANGES = (
    "SELECT s.name, f.id, f.source, f.at, f.kind, f.schema, f.number, f.label, f.ref, f.body, f.seen, f.arrived,"
    " f.position FROM facts f JOIN streams s ON s.id = f.stream WHERE f.position > ? ORDER BY f.position LIMIT ?"
)
NAMED = "SELECT id, name, version, root FROM streams WHERE name = ?"

Facts = tuple[tuple[str, Record], ...]


class Stream(NamedTuple):
    """A stream's row; `root` None: a person of its own."""

    id: int
    name: str
    version: int
    root: int | None


def records(session: Session, rows: Iterable[tuple[Any, ...]]) -> list[Record]:
    """Rows of FIELDS as records."""
    kind = session.kind
    return [Record._make((*row[:3], kind(row[3]), *row[4:])) for row in rows]


def version_of(session: Session, name: str) -> Stream | None:
    """The row of a stream, None if it has none."""
    row = session.run(NAMED, (name,)).fetchone()
    return Stream(*row) if row else None


def person(session: Session, stream: Stream) -> list[Stream]:
    """All streams of the person, the root first."""
    if stream.root is None:
        return [stream]
    return [Stream(*row) for row in session.run(OF_ROOT, (stream.root,))]


def load(session: Session, key: str, shape: str, ids: Sequence[tuple[str, str]]) -> Loaded:
    """The person that `key` leads to; in a transaction, so that all of it is one sight."""
    row = session.run(FIND, (key, shape)).fetchone()
    if row is None:
        return Loaded(key, {}, None, ())
    streams, told = person(session, Stream(*row[:4])), row[4:]
    root = streams[0]
    if root.root is not None:
        told = session.run(HEAD, (root.id, shape)).fetchone() or (None,)
    versions = {s.name: s.version for s in streams if s.version}
    home = row[1] if versions else ""
    head = _head(root.name, shape, told) if shape and told[0] else None
    found = _found(session, streams, ids) if ids else ()
    if head is not None and head.versions.keys() == versions.keys():
        beyond = _beyond(session, streams, head)
        if beyond is not None:
            return Loaded(root.name, versions, head, beyond, found, home)
    facts = [(s.name, r) for s in streams for r in records(session, session.run(ALL, (s.id,)))]
    return Loaded(root.name, versions, None, _ordered(facts, streams), found, home)


def _head(root: str, shape: str, told: Sequence[Any]) -> Head:
    versions, at, id, source, seen, due, body = told
    return Head(root, json.loads(versions), (at, id, source), seen, due, shape, body)


def _beyond(session: Session, streams: Sequence[Stream], head: Head) -> Facts | None:
    """The facts beyond the head, None if one of them is not after it."""
    facts: list[tuple[str, Record]] = []
    for stream in streams:
        rows = session.run(BEYOND, (stream.id, *head.until)).fetchall()
        if len(rows) != stream.version - head.versions[stream.name]:
            return None
        facts += [(stream.name, r) for r in records(session, rows)]
    return _ordered(facts, streams)


def _found(session: Session, streams: Sequence[Stream], ids: Sequence[tuple[str, str]]) -> Facts:
    facts = []
    for stream in streams:
        for source, id in dict.fromkeys(ids):
            facts += [(stream.name, r) for r in records(session, session.run(ONE, (stream.id, id, source)))]
    return tuple(sorted(facts, key=_order))


def _order(fact: tuple[str, Record]) -> tuple[int, str, str, str]:
    return (*fact[1].order, fact[0])


def _ordered(facts: list[tuple[str, Record]], streams: Sequence[Stream]) -> Facts:
    return tuple(sorted(facts, key=_order) if len(streams) > 1 else facts)


def changes(session: Session, after: Position, limit: int) -> list[tuple[str, Record]]:
    """(stream, record) taken in after a position."""
    rows = session.run(CHANGES, (after, limit)).fetchall()
    return [(row[0], r) for row, r in zip(rows, records(session, (row[1:] for row in rows)), strict=True)]
