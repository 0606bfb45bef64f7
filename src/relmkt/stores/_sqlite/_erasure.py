"""How is a person forgotten? Every row that names a stream of theirs goes; then free space is rewritten.

Deleting rows leaves their bytes in free space and page slack, whatever `secure_delete` says; only VACUUM with a
truncating checkpoint removes them. Until that was done, and no reader held it back, the store says `pending`.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from relmkt.exceptions import ConflictError, SchemaError
from relmkt.ports import Append, Erased
from relmkt.stores._sqlite._ledger import Ledger, Line, digests
from relmkt.stores._sqlite._read import person, version_of
from relmkt.stores._sqlite._session import Session
from relmkt.stores._sqlite._write import append, regroup

__all__ = ["blocked", "catch_up", "erase", "is_behind", "scrub"]

META = "SELECT value FROM meta WHERE name = ?"
SET = "UPDATE meta SET value = ? WHERE name = ?"
FLOOR = "UPDATE meta SET value = max(value, coalesce((SELECT max(position) FROM facts), 0)) WHERE name = 'floor'"
NEIGHBOURS = "SELECT a, b FROM edges WHERE a = ?1 OR b = ?1"
DELETES = {
    "facts": "DELETE FROM facts WHERE stream = ?",
    "links": "DELETE FROM links WHERE stream = ?",
    "outbox": "DELETE FROM outbox WHERE stream = ?",
    "heads": "DELETE FROM heads WHERE stream = ?",
    "edges": "DELETE FROM edges WHERE a = ?1 OR b = ?1",
    "streams": "DELETE FROM streams WHERE id = ?",
}
BLOCK = "INSERT INTO blocked VALUES (?) ON CONFLICT DO NOTHING"
ANY_BLOCKED = "SELECT EXISTS (SELECT 1 FROM blocked)"
BLOCKED = "SELECT 1 FROM blocked WHERE digest = ?"
NAMES = "SELECT id, name FROM streams"


def erase(
    session: Session,
    ledger: Ledger,
    root: str,
    versions: Mapping[str, int],
    leave: Sequence[Append],
    block: Sequence[str],
) -> Erased:
    """Erase, leave and block in the transaction that the session is in; the ledger's line comes before its end."""
    catch_up(session, ledger)
    block = ledger.digests(block) if block else ()
    row = version_of(session, root)
    streams = person(session, row) if row else []
    if {s.name: s.version for s in streams if s.version} != dict(versions):
        raise ConflictError("the person's streams stand at other versions")
    if {a.stream for a in leave} & {root, *(s.name for s in streams)}:
        raise ValueError("what is left must not name the erased")
    counts = _remove(session, [s.id for s in streams])
    new = _block(session, block)
    if any(counts):
        append(session, leave, {}, creates=True)
    if any(counts) or new:
        told = ledger.digests([s.name for s in streams])
        _applied(session, ledger.append(Line(told, block, leave if any(counts) else ())), 1, any(counts))
    return Erased(*counts, bool(_meta(session, "pending")))


def _remove(session: Session, streams: Sequence[int]) -> tuple[int, int, int, int]:
    """Delete every row that names one of the streams; facts, links, outbox rows and heads that went."""
    counts = dict.fromkeys(DELETES, 0)
    around: set[int] = set()
    if streams:
        session.run(FLOOR)
    for stream in streams:
        around |= {n for pair in session.run(NEIGHBOURS, (stream,)) for n in pair}
        for place, delete in DELETES.items():
            counts[place] += session.run(delete, (stream,)).rowcount
    regroup(session, around - set(streams))
    return counts["facts"], counts["links"], counts["outbox"], counts["heads"]


def _block(session: Session, block: Sequence[str]) -> int:
    return sum(session.run(BLOCK, (digest,)).rowcount for digest in block)


def _applied(session: Session, key: bytes, more: int, pending: bool) -> None:
    session.run(SET, (_meta(session, "erasures") + more, "erasures"))
    session.run(SET, (_mark(key), "ledger"))
    if pending:
        session.run(SET, (1, "pending"))


def _meta(session: Session, name: str) -> int:
    return int(session.run(META, (name,)).fetchone()[0])


def _mark(key: bytes) -> str:
    """What tells one ledger from another, without its key."""
    return blake2b(key, digest_size=16).hexdigest()


def blocked(session: Session, ledger: Ledger, asked: Sequence[str]) -> list[str]:
    """Those that an erasure blocked; they are kept under the ledger's key, and lead back to nobody without it."""
    if not session.run(ANY_BLOCKED).fetchone()[0]:
        return []
    keyed = zip(asked, ledger.digests(asked), strict=True)
    return [digest for digest, kept in keyed if session.run(BLOCKED, (kept,)).fetchone()]


def is_behind(session: Session, ledger: Ledger) -> bool:
    """Whether the ledger tells erasures that this file has not seen.

    Raises SchemaError where the ledger is another's, or tells fewer than the file has seen: then it was lost.
    """
    key, lines = ledger.lines()
    applied = _meta(session, "erasures")
    (mark,) = session.run(META, ("ledger",)).fetchone()
    if len(lines) < applied:
        raise SchemaError("the erasure ledger is missing or cut short: restore it from its own copy")
    if mark and mark != _mark(key):
        raise SchemaError("the erasure ledger belongs to another store")
    return len(lines) > applied


def catch_up(session: Session, ledger: Ledger) -> None:
    """Apply again what the ledger tells and the file has not seen: it was restored from an older copy (rule G12)."""
    if not is_behind(session, ledger):
        return
    key, lines = ledger.lines()
    numbers, names = zip(*session.run(NAMES).fetchall(), strict=True) if session.run(NAMES).fetchone() else ((), ())
    held = dict(zip(digests(key, names), numbers, strict=True))
    for line in lines[_meta(session, "erasures") :]:
        gone = any(_remove(session, [held[digest] for digest in line.streams if digest in held]))
        if gone:
            append(session, line.leave, {}, creates=True)
        _block(session, line.block)
        _applied(session, key, 1, gone)


def scrub(session: Session) -> bool:
    """Rewrite the file without its free space; False where a reader or writer held it back, and it is still owed."""
    if not _meta(session, "pending"):
        return True
    try:
        session.run("VACUUM")
        (busy, _, _) = session.run("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    if busy:
        return False
    session.run(SET, (0, "pending"))
    return True
