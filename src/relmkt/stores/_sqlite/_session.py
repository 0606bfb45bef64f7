"""How do threads and processes share one file? Each operation takes a connection of its own from a small pool.

A connection is never used by two operations at once, nor in a process that did not open it: after a fork the child
opens its own, and leaves those of the parent untouched, for closing them would drop the parent's locks.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relmkt.exceptions import ConflictError, SchemaError, StoreBusyError, StoreFullError
from relmkt.stores._sqlite._schema import check_file, create, prepare

__all__ = ["Pool", "Session"]

_LEFT_TO_PARENT: list[list["Session"]] = []

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FULL = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,  # a limit on file size (EFBIG), a quota
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_TRUNCATE,
}
_FOREIGN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_SCHEMA}


def translated(error: sqlite3.Error, timeout: float, path: Path) -> Exception:
    """The error of our tree that a caller can act on: it names the file, and repeats no value."""
    code = getattr(error, "sqlite_errorcode", 0)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code & 0xFF in _BUSY:
        return StoreBusyError(f"{path}: the store stayed locked by others for {timeout:g} s")
    if code in _FULL:
        return StoreFullError(f"{path}: no room to write the store ({name}); what was acknowledged is kept")
    if code & 0xFF in _FOREIGN:
        return SchemaError(f"{path}: the store is damaged ({name}): restore it from a backup")
    if code & 0xFF == sqlite3.SQLITE_CONSTRAINT:
        return ConflictError("somebody else wrote the same row first")
    if isinstance(error, sqlite3.OperationalError):
        return OSError(f"{path}: the store cannot be read or written ({name})")
    return error


class Session:
    """One connection, and the numbers of the kinds as it knows them."""

    def __init__(self, path: Path, timeout: float) -> None:
        self.db = sqlite3.connect(
            path, timeout=timeout, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        self.run = self.db.execute
        self.numbers: dict[str, int] = {}
        self.kinds: dict[int, str] = {}
        try:
            prepare(self.db, path)
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 4000"):
                self.run(f"PRAGMA {pragma}")
            self.run("PRAGMA secure_delete = FAST")
            self.run("PRAGMA cache_size = -65536")
        except BaseException:
            self.db.close()
            raise

    def kind(self, number: int) -> str:
        """The name of a kind."""
        if number not in self.kinds:
            self.learn()
        return self.kinds[number]

    def number(self, kind: str, new: bool = False) -> int:
        """The number of a kind: given to it if `new` and it has none; 0 if it has none."""
        if kind not in self.numbers:
            self.learn()
            if new and kind not in self.numbers:
                self.run("INSERT INTO kinds (name) VALUES (?)", (kind,))
                self.learn()
        return self.numbers.get(kind, 0)

    def learn(self) -> dict[int, str]:
        """Read the kinds anew."""
        self.kinds = dict(self.run("SELECT id, name FROM kinds"))
        self.numbers = {name: number for number, name in self.kinds.items()}
        return self.kinds

    def undo(self) -> None:
        """Roll back whatever is open, and forget numbers that may never have been written."""
        self.numbers = {}
        self.kinds = {}
        if self.db.in_transaction:
            self.run("ROLLBACK")


class Pool:
    """Connections that are free, of this process only."""

    def __init__(self, path: Path, timeout: float) -> None:
        self.path, self.timeout = path, timeout
        self._free: list[Session] = []
        self._process = os.getpid()
        self._closed = False
        with self._errors():
            create(path)
            check_file(path)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translated(error, self.timeout, self.path) from None

    def _take(self) -> Session:
        if self._closed:
            raise ValueError("the store is closed")
        if self._process != os.getpid():
            _LEFT_TO_PARENT.append(self._free)
            self._free, self._process = [], os.getpid()
        try:
            return self._free.pop()
        except IndexError:
            return Session(self.path, self.timeout)

    def _give(self, session: Session) -> None:
        if self._closed:
            session.db.close()
        else:
            self._free.append(session)

    @contextmanager
    def session(self, begin: str = "") -> Iterator[Session]:
        """A session in a transaction begun by `begin` (none if empty): committed at the end, undone on any error."""
        try:
            session = self._take()
        except sqlite3.Error as error:
            raise translated(error, self.timeout, self.path) from None
        try:
            if begin:
                session.run(begin)
                yield session
                session.run("COMMIT")
            else:
                yield session
        except sqlite3.Error as error:
            self._undo(session)
            raise translated(error, self.timeout, self.path) from None
        except BaseException:
            self._undo(session)
            raise
        self._give(session)

    def _undo(self, session: Session) -> None:
        try:
            session.undo()
        except sqlite3.Error:
            session.db.close()  # a connection that cannot roll back is not used again
        else:
            self._give(session)

    def close(self) -> None:
        """Close every free connection; one in use is closed when its operation ends."""
        self._closed = True
        if self._process == os.getpid():
            while self._free:
                self._free.pop().db.close()
