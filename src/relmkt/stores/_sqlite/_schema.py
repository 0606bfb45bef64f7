"""What lies in the file, and is it ours? Tables by version, and the checks before a first byte is written.

Facts lie clustered by (stream, at, id, source): a customer's history is one range, in order. Streams and kinds are
whole numbers there; labels stay text, since a label may be personal and must go with its fact. `number` has no
declared type, so that whole numbers stay whole. Positions are numbered from a counter, never from a row id, which
would be given again after the newest fact is erased. `due` is indexed on the stream's row; NULL is never due.
"""

import os
import sqlite3
from pathlib import Path
from threading import get_ident

from relmkt.exceptions import SchemaError

__all__ = ["FACT_INDEXES", "check_file", "create", "prepare", "sync_directory"]

APPLICATION = 0x52454C4D  # "RELM"

FACT_INDEXES = (
    "CREATE UNIQUE INDEX facts_id ON facts (stream, id, source)",
    "CREATE UNIQUE INDEX facts_position ON facts (position)",
)

# One script a version, oldest first: it brings a file from the version before to its own. A released one never changes.
STEPS = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
    INSERT INTO meta VALUES ('floor', 0), ('erasures', 0), ('pending', 0), ('ledger', '');
    CREATE TABLE kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL DEFAULT 0,
        root INTEGER, due INTEGER);
    CREATE INDEX streams_root ON streams (root) WHERE root IS NOT NULL;
    CREATE INDEX streams_due ON streams (due, name) WHERE due IS NOT NULL;
    CREATE TABLE facts (stream INTEGER NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL,
        kind INTEGER NOT NULL, schema INTEGER NOT NULL, number, label TEXT, ref TEXT NOT NULL, body TEXT NOT NULL,
        seen INTEGER NOT NULL, arrived INTEGER NOT NULL, position INTEGER NOT NULL,
        PRIMARY KEY (stream, at, id, source)) WITHOUT ROWID;
    CREATE UNIQUE INDEX facts_id ON facts (stream, id, source);
    CREATE UNIQUE INDEX facts_position ON facts (position);
    CREATE TABLE links (key TEXT PRIMARY KEY, stream INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX links_stream ON links (stream);
    CREATE TABLE edges (id TEXT PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX edges_a ON edges (a);
    CREATE INDEX edges_b ON edges (b);
    CREATE TABLE heads (stream INTEGER PRIMARY KEY, versions TEXT NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL,
        source TEXT NOT NULL, seen INTEGER NOT NULL, due INTEGER NOT NULL, shape TEXT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE outbox (id TEXT PRIMARY KEY, stream INTEGER NOT NULL, channel TEXT NOT NULL, due INTEGER NOT NULL,
        payload TEXT NOT NULL, state TEXT NOT NULL, token INTEGER NOT NULL, until INTEGER NOT NULL,
        tries INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX outbox_stream ON outbox (stream);
    CREATE INDEX outbox_open ON outbox (due, id) WHERE state NOT IN ('sent', 'refused', 'dead');
    CREATE TABLE blocked (digest TEXT PRIMARY KEY) WITHOUT ROWID;
    """,
)

MAGIC = b"SQLite format 3\0"


def create(path: Path) -> None:
    """Make the file if there is none: built aside and linked into place whole, so that nobody meets half a store."""
    if path.exists():
        return
    part = Path(f"{path}.{os.getpid()}.{get_ident()}.part")
    try:
        db = sqlite3.connect(part, isolation_level=None)
        try:
            prepare(db, part)
            db.execute("PRAGMA journal_mode = WAL")
        finally:
            db.close()
        os.link(part, path)
    except FileExistsError:
        return  # another process was first
    finally:
        part.unlink(missing_ok=True)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Write the names in a directory to the disk."""
    if os.name == "posix":
        directory = os.open(path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def check_file(path: Path) -> None:
    """Refuse a file that is not ours, newer or cut short, before SQLite could touch it (rule S12)."""
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(MAGIC):
        raise SchemaError(f"{path}: not a relmkt store: the file is no SQLite database, or was cut short")
    if _is_short(path, head):
        raise SchemaError(f"{path}: the file was cut short: restore it from a backup")
    _check_marks(path, int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big"))
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:  # the log may hold a newer mark than the file's first page
        _check_marks(path, _pragma(db, "application_id"), _pragma(db, "user_version"))
    finally:
        db.close()


def _is_short(path: Path, head: bytes) -> bool:
    """Whether pages are missing that no log holds; asked again, since another process may just have closed its log."""
    page, log = int.from_bytes(head[16:18], "big"), Path(f"{path}-wal")
    whole = int.from_bytes(head[28:32], "big") * (65536 if page == 1 else page)
    if path.stat().st_size >= whole or (log.exists() and log.stat().st_size):
        return False
    return path.stat().st_size < whole


def _check_marks(path: Path, application: int, version: int) -> None:
    if application != APPLICATION:
        raise SchemaError(f"{path}: not a relmkt store: the database belongs to another application")
    if not 1 <= version <= len(STEPS):
        raise SchemaError(f"{path}: the store has schema {version}, this relmkt knows up to {len(STEPS)}")


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Create what is missing or bring an older file up to date, in one transaction; an older file is copied first.

    The marks are written in the transaction of the tables: killed in between, a file has the old schema or the new.
    """
    old = _pragma(db, "user_version")
    if old == len(STEPS):
        return
    if old:
        _back_up(db, Path(f"{path}.v{old}.bak"))
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[_pragma(db, "user_version") :]:  # another process may have been first
            for statement in step.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {len(STEPS)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _back_up(db: sqlite3.Connection, path: Path) -> None:
    part = Path(f"{path}.part")
    part.unlink(missing_ok=True)
    copy = sqlite3.connect(part)
    try:
        db.backup(copy)
    finally:
        copy.close()
    os.replace(part, path)
