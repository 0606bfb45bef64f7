"""How does a large history come in? A block of columns in one transaction, its rows in the order of the table.

Rows in the table's order are appended to its pages instead of splitting them, and in a table that is small beside the
block the other indexes are built at the end, in one sort: together several times faster than rows as they come.
A block that repeats anything is undone and taken row by row, so that each repeat can be compared.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

from relmkt.codec import Record
from relmkt.exceptions import MismatchError
from relmkt.ports import Block
from relmkt.stores._sqlite._read import Stream, version_of
from relmkt.stores._sqlite._schema import FACT_INDEXES
from relmkt.stores._sqlite._session import Session
from relmkt.stores._sqlite._write import DROP_HEAD, FACT, POSITION, SEPARATOR, insert, wake

__all__ = ["take"]

MANY = 10_000  # rows from which building the indexes anew can pay
BEGIN = "INSERT INTO streams (id, name, due) VALUES (?, ?, ?)"
NEWEST = "SELECT coalesce(max(id), 0) FROM streams"
EVERY = "SELECT id, name, version, root FROM streams"
GROW = "UPDATE streams SET version = version + ? WHERE id = ?"
DUE = "UPDATE streams SET due = 0 WHERE id = ? AND due IS NOT 0"
WAITING = "SELECT EXISTS (SELECT 1 FROM streams WHERE due > 0) OR EXISTS (SELECT 1 FROM streams WHERE due < 0)"
HEADS = "SELECT EXISTS (SELECT 1 FROM heads)"
THERE = "SELECT 1 FROM facts WHERE stream = ? AND id = ? AND source = ?"
Columns = list[Any]


def take(session: Session, block: Block) -> int:
    """The rows of a block that are new, written in the transaction that the session is in; how many they were."""
    columns = _columns(block)
    names, ids = columns[0], columns[1]
    if not names:
        return 0
    known = _streams(session, names)
    codes = list(map(_numbers(known), names))
    source = block.source
    repeated = session.run(THERE, (codes[0], ids[0], source)).fetchone()
    grown = None if repeated else _at_once(session, block, codes, columns)
    if grown is None:
        grown = _one_by_one(session, block, codes, columns)
    _wake(session, known, grown)
    return sum(grown.values())


def _numbers(known: Mapping[str, Stream]) -> Any:
    """A function from a name to its number."""
    return {name: stream.id for name, stream in known.items()}.__getitem__


def _columns(block: Block) -> Columns:
    """streams, ids, at, number, label, ref, body as lists of Python's own values; one for all as an endless repeat."""
    told = (block.streams, block.ids, block.at, block.number, block.label, block.ref, block.body)
    columns = [_list(column) for column in told]
    if len({len(column) for column in columns if isinstance(column, list)}) > 1:
        raise ValueError("the columns of a block differ in length")
    if isinstance(columns[3], list):
        columns[3] = _no_nan(block.number, columns[3])
    return columns


def _list(column: Any) -> Any:
    if column is None or isinstance(column, str):
        return repeat(column)
    return column.tolist() if hasattr(column, "tolist") else list(column)


def _no_nan(column: Any, values: list[Any]) -> list[Any]:
    if getattr(getattr(column, "dtype", None), "kind", "f") in "iu":
        return values
    return [None if value != value else value for value in values]


def _streams(session: Session, names: Sequence[str]) -> dict[str, Stream]:
    """The rows of all streams named; those that do not exist are begun, and due now."""
    distinct = sorted(set(names))
    (newest,) = session.run(NEWEST).fetchone()
    if len(distinct) * 8 < newest:
        found = {name: row for name in distinct if (row := version_of(session, name))}
    else:
        among = set(distinct)
        found = {row[1]: Stream._make(row) for row in session.run(EVERY) if row[1] in among}
    new = (name for name in distinct if name not in found)
    fresh = [Stream(number, name, 0, None) for number, name in enumerate(new, newest + 1)]
    session.db.executemany(BEGIN, [(s.id, s.name, None if SEPARATOR in s.name else 0) for s in fresh])
    found.update((s.name, s) for s in fresh)
    return found


def _rows(
    session: Session, block: Block, codes: list[int], columns: Columns, position: int
) -> Iterable[tuple[Any, ...]]:
    """Rows of the table, in its order."""
    import numpy as np

    _, ids, at, number, label, ref, body = columns
    told: Columns = [codes, at, ids, number, label, ref, body, range(position + 1, position + 1 + len(ids))]
    order = np.lexsort((np.asarray(at, np.int64), np.asarray(codes, np.int64)))
    if len(order) > 1 and not (order[1:] > order[:-1]).all():
        pick = itemgetter(*order.tolist())
        told = [column if isinstance(column, repeat) else pick(column) for column in told]
    codes, at, ids, number, label, ref, body, places = told
    kind, same = repeat(session.number(block.kind, new=True)), repeat(block.source)
    more = (repeat(block.seen), repeat(block.arrived), places)
    return zip(codes, at, ids, same, kind, repeat(block.schema), number, label, ref, body, *more, strict=False)


def _at_once(session: Session, block: Block, codes: list[int], columns: Columns) -> Mapping[int, int] | None:
    """How many rows each stream grew by; None, and nothing written, if any row was not new."""
    (position,) = session.run(POSITION).fetchone()
    rows = _rows(session, block, codes, columns, position)
    late = len(codes) >= max(MANY, position)
    session.run("SAVEPOINT block")
    try:
        if late:
            session.run("DROP INDEX facts_id")
            session.run("DROP INDEX facts_position")
        whole = session.db.executemany(FACT, rows).rowcount == len(codes)
        if whole and late:
            for index in FACT_INDEXES:
                session.run(index)
    except sqlite3.IntegrityError:
        whole = False
    if not whole:
        session.run("ROLLBACK TO block")
    session.run("RELEASE block")
    return Counter(codes) if whole else None


def _one_by_one(session: Session, block: Block, codes: list[int], columns: Columns) -> Mapping[int, int]:
    (position,) = session.run(POSITION).fetchone()
    grown: dict[int, int] = {}
    _, *told = columns
    for number, (code, id, at, value, label, ref, body) in enumerate(zip(codes, *told, strict=False)):
        common = (block.source, at, block.kind, block.schema, value, label, ref, body, block.seen, block.arrived)
        try:
            new = insert(session, code, Record(id, *common), position + 1)
        except MismatchError:
            raise MismatchError(f"{block.kind}, row {number}: same id, other content") from None
        if new:
            position += 1
            grown[code] = grown.get(code, 0) + 1
    return grown


def _wake(session: Session, known: Mapping[str, Stream], grown: Mapping[int, int]) -> None:
    """Raise the versions; whoever got facts is due now, and what was folded of them is dropped."""
    touched = [stream for stream in known.values() if stream.id in grown]
    session.db.executemany(GROW, [(grown[s.id], s.id) for s in touched])
    if session.run(HEADS).fetchone()[0]:
        session.db.executemany(DROP_HEAD, [(s.root or s.id,) for s in touched])
    every = session.run(WAITING).fetchone()[0]  # else only those are not due that a link alone had named
    alone = (s for s in touched if s.root is None and (every or not s.version) and SEPARATOR not in s.name)
    session.db.executemany(DUE, [(s.id,) for s in alone])
    for root in {s.root for s in touched if s.root is not None}:
        wake(session, root)
