"""Where are facts kept for good? In one SQLite file: every commit is on the disk before it returns.

Write-ahead log and full sync; safe under many threads and many processes of one machine. The file must lie on a local
disk: a network file system does not keep SQLite's locks.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from relmkt.columns import FactTable
from relmkt.ports import Append, Block, Edge, Erased, Head, Link, Loaded, Outgoing, Position, Record, Row
from relmkt.stores._sqlite import _bulk, _columns, _erasure, _outbox, _read, _write
from relmkt.stores._sqlite._ledger import Ledger
from relmkt.stores._sqlite._session import Pool

__all__ = ["SQLite"]

READ, WRITE = "BEGIN", "BEGIN IMMEDIATE"
DUE = "SELECT name FROM streams WHERE due <= ? ORDER BY due, name LIMIT ?"


class SQLite:
    """A store in one file of SQLite, made if there is none; the default of a program that keeps anything.

    path: the file. timeout: seconds to wait for another writer before StoreBusyError.
    erasures: the erasure ledger, by default the path with `.erasures` added; keep it out of the file's backups, and
    back it up on its own: a backup that is restored is brought up to date by it, and without it the store won't open.

    Raises SchemaError for a file that is foreign, damaged or of a newer version, of which no byte is changed;
    StoreBusyError, StoreFullError and ConflictError as `Store` says.

    >>> from tempfile import TemporaryDirectory
    >>> from relmkt.ports import Append, Record
    >>> with TemporaryDirectory() as place, SQLite(f"{place}/shop.db") as store:
    ...     store.commit([Append("ada", (Record("order-1", "till", 0, "Purchase", 1, 4990, "EUR"),), 0)])
    ...     store.load("ada").versions
    1
    {'ada': 1}
    """

    def __init__(
        self, path: str | os.PathLike[str], *, timeout: float = 5.0, erasures: str | os.PathLike[str] | None = None
    ) -> None:
        if not os.fspath(path) or os.fspath(path) == ":memory:":
            raise ValueError("SQLite needs the path of a file; Memory() is the store in memory")
        self.path = Path(path)
        self._ledger = Ledger(Path(erasures) if erasures is not None else Path(f"{os.fspath(path)}.erasures"))
        self._pool = Pool(self.path.absolute(), timeout)
        try:
            self._catch_up()
        except BaseException:
            self.close()
            raise

    def _catch_up(self) -> None:
        with self._pool.session(READ) as session:
            behind = _erasure.is_behind(session, self._ledger)
        if behind:
            with self._pool.session(WRITE) as session:
                _erasure.catch_up(session, self._ledger)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SQLite({self.path.name!r})"

    def close(self) -> None:
        """Release the file; whoever built the store closes it, and nothing acknowledged is lost by not doing so."""
        self._pool.close()

    def load(self, key: str, shape: str = "", ids: Sequence[tuple[str, str]] = ()) -> Loaded:
        """The person that `key` leads to; see `Store`."""
        with self._pool.session(READ) as session:
            return _read.load(session, key, shape, ids)

    def commit(
        self,
        appends: Sequence[Append],
        outbox: Sequence[Outgoing] = (),
        head: Head | None = None,
        links: Sequence[Link] = (),
        edges: Sequence[Edge] = (),
    ) -> Position:
        """All or nothing, and on the disk; see `Store`."""
        with self._pool.session(WRITE) as session:
            return _write.commit(session, appends, outbox, head, links, edges)

    def keep(self, heads: Sequence[Head]) -> None:
        """The heads of many persons in one transaction; see `SupportsHeads`."""
        with self._pool.session(WRITE) as session:
            _write.keep(session, heads)

    def due(self, at: int, limit: int) -> Sequence[str]:
        """Roots of customers whose next crossing is at or before `at`."""
        with self._pool.session() as session:
            return [name for (name,) in session.run(DUE, (at, limit))]

    def changes(self, after: Position, limit: int) -> Sequence[tuple[str, Record]]:
        """(stream, record) taken in after a position, in order."""
        with self._pool.session(READ) as session:
            return _read.changes(session, after, limit)

    def claim(self, at: int, lease: int, limit: int, states: Sequence[str] = ("queued",)) -> Sequence[Row]:
        """Rows due, taken for `lease` microseconds; see `Store`."""
        with self._pool.session(WRITE) as session:
            return _outbox.claim(session, at, lease, limit, states)

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
        with self._pool.session(WRITE) as session:
            _outbox.settle(session, row, to, appends, payload, until, due)

    def rows(self, stream: str) -> Sequence[Row]:
        """Outbox rows of one stream, any state, by (due, id)."""
        with self._pool.session() as session:
            return _outbox.rows(session, stream)

    def blocked(self, digests: Sequence[str]) -> Sequence[str]:
        """Those of `digests` that an erasure blocked."""
        with self._pool.session() as session:
            return _erasure.blocked(session, self._ledger, digests)

    def erase(
        self,
        root: str,
        versions: Mapping[str, int],
        leave: Sequence[Append] = (),
        block: Sequence[str] = (),
    ) -> Erased:
        """The person's streams at `versions`, and all that names them; `scrub` completes it; see `Store`."""
        with self._pool.session(WRITE) as session:
            return _erasure.erase(session, self._ledger, root, versions, leave, block)

    def scrub(self) -> bool:
        """Rewrite the file without what erasures left in free space; needs as much room again, and no reader.

        True when nothing is owed any more; False where somebody held it back: call it again.
        """
        with self._pool.session() as session:
            return _erasure.scrub(session)

    def columns(self, *kinds: str) -> FactTable:
        """Facts as columns, all kinds or those named; see `SupportsColumns`."""
        return _columns.columns(self._pool, kinds)

    def extend(self, blocks: Iterable[Block], links: Sequence[Link] = ()) -> int:
        """History in large blocks, each one transaction; see `SupportsBulk`."""
        with self._pool.session(WRITE) as session:
            _write.link_all(session, links, {})
        return sum(self._take(block) for block in blocks)

    def _take(self, block: Block) -> int:
        with self._pool.session(WRITE) as session:
            return _bulk.take(session, block)
