"""How do a million facts become columns? One scan in the table's order, its rows read straight into NumPy.

No JSON is parsed and no list of rows is built: text labels are turned into numbers while they are read, and each row
goes into its place of one structured array. Names are sorted afterwards, subject by subject. What is not hot is read
when a question asks for it, up to the position of the scan, so that it fits the table.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs
from attrs import frozen

from relmkt.codec import Codec, Record
from relmkt.columns import FactTable
from relmkt.exceptions import ConflictError
from relmkt.facts import Fact, kind_of, own_fields, reader
from relmkt.facts._plain import hints
from relmkt.stores._sqlite._read import FIELDS, records
from relmkt.stores._sqlite._session import Pool, Session
from relmkt.stores._sqlite._write import POSITION, SEPARATOR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["columns"]

# In the table's order a stream is one range as long as its version: the scan of everything need not read its number.
ORDER = "ORDER BY stream, at, id, source"
SCANS = {
    "all": ("at", "kind", "number", "label"),
    "only": ("at", "number", "label"),  # the store holds one kind
    "one": ("stream", "at", "number", "label"),
    "some": ("stream", "at", "kind", "number", "label"),
}
READ = {"number": "ifnull(number, 9e999)", "label": "ifnull(label, -1)"}
WHERE = {"all": "", "only": "", "one": "WHERE kind = ?", "some": "WHERE kind IN (SELECT value FROM json_each(?))"}
SCAN = {
    (how, n): f"SELECT {', '.join(READ.get(name, name) for name in names[:n])} FROM facts {WHERE[how]} {ORDER}"
    for how, names in SCANS.items()
    for n in (len(names), len(names) - 1)  # with the labels, and without
}
LABELS = {how: f"SELECT DISTINCT ifnull(label, -1) FROM facts {where} LIMIT 2" for how, where in WHERE.items()}
STREAMS = "SELECT id, name, root, version FROM streams WHERE version > 0 ORDER BY id"
MERGED = (
    "SELECT f.at, f.id, f.source, s.name, f.kind FROM streams s JOIN facts f ON f.stream = s.id"
    " WHERE s.root IS NOT NULL ORDER BY f.stream, f.at, f.id, f.source"
)
REST = f"SELECT {FIELDS} FROM facts WHERE kind = ? AND position <= ? ORDER BY stream, at, facts.id, source"
OTHER = "SELECT 1 FROM facts WHERE kind = ? AND position <= ? AND schema <> ? LIMIT 1"
BODIES = "SELECT body FROM facts WHERE kind = ? AND position <= ? ORDER BY stream, at, facts.id, source"
FACTS = f"SELECT {FIELDS} FROM facts WHERE stream = ? AND position <= ? ORDER BY at, id, source"


class _Codes(dict[bytes, int]):
    """Text as it is read, each in turn a number."""

    def __missing__(self, text: bytes) -> int:
        self[text] = code = len(self)
        return code


@frozen(eq=False)
class _Subjects:
    """Names sorted by code point, and the index among them of each stream's number; -1: in another's place."""

    names: "NDArray[np.str_]"
    index: "NDArray[np.int64]"
    merged: frozenset[int]
    roots: dict[str, str]


def columns(pool: Pool, kinds: Sequence[str]) -> FactTable:
    """Facts of `kinds` (all where none is named) as columns, from one sight of the store."""
    import numpy as np

    with pool.session("BEGIN") as session:
        (position,) = session.run(POSITION).fetchone()
        found = session.run(STREAMS).fetchall()
        rows, codes = _scan(session, kinds, found)
        subjects = _subjects(found, rows["stream"])
        order = _order(session, rows, subjects)
        named, kind = _kinds(session, kinds, rows["kind"])
        kind = kind if order is None else kind[order]
    at, number, label, stream = (
        rows[name] if order is None else rows[name][order] for name in ("at", "number", "label", "stream")
    )
    labels, tags = _labels(codes)
    rest, keys = _rest(pool, position, order, kind, named)
    stream = subjects.index[stream]
    facts = _facts(pool, position, stream, found, subjects, named)
    told = (np.ascontiguousarray(at), kind, np.where(np.isinf(number), np.nan, number), tags[label])
    return FactTable(subjects.names, named, labels, stream, *told, rest, facts, subjects.roots, keys=keys)


def _scan(
    session: Session, kinds: Sequence[str], found: Sequence[tuple[Any, ...]]
) -> "tuple[dict[str, NDArray[Any]], _Codes]":
    """The hot columns in the table's order; labels as codes, -1 where missing, numbers infinite where missing."""
    import numpy as np

    numbers, codes = [session.number(kind) for kind in kinds], _Codes()
    alone = len(session.learn()) == 1 and (not kinds or all(numbers))
    how = "only" if alone else "all" if not kinds else "one" if len(kinds) == 1 else "some"
    asked: tuple[object, ...] = {"one": tuple(numbers), "some": (json.dumps(numbers),)}.get(how, ())
    session.db.text_factory = codes.__getitem__
    try:
        # where all labels are alike, telling so costs far less than reading each
        labels = session.run(LABELS[how], asked).fetchall()
        names = SCANS[how] if len(labels) > 1 else SCANS[how][:-1]
        sort = np.dtype([(name, "f8" if name == "number" else "i8") for name in names])
        read = np.fromiter(session.run(SCAN[how, len(names)], asked), sort)
    finally:
        session.db.text_factory = str
    rows: dict[str, NDArray[Any]] = {name: read[name] for name in names}
    rows.setdefault("label", np.full(len(read), labels[0][0] if labels else -1, np.int64))
    if "stream" not in rows:
        number, version = (np.array([row[place] for row in found], np.int64) for place in (0, 3))
        rows["stream"] = np.repeat(number, version)
    if "kind" not in rows:
        rows["kind"] = np.full(len(read), numbers[0] if numbers else next(iter(session.kinds)), np.int64)
    return rows, codes


def _kinds(
    session: Session, kinds: Sequence[str], told: "NDArray[np.int64]"
) -> "tuple[tuple[str, ...], NDArray[np.int16]]":
    """The names of the kinds, those asked for or those found, and each row's place among them."""
    import numpy as np

    there = np.bincount(told) if len(told) else np.zeros(1)
    named = tuple(kinds) or tuple(sorted(session.kind(int(number)) for number in np.flatnonzero(there)))
    place = np.full(max([0, *session.kinds]) + 1, -1, np.int16)
    for i, kind in enumerate(named):
        place[session.number(kind)] = i
    return named, place[told]


def _labels(codes: _Codes) -> "tuple[tuple[str, ...], NDArray[np.int32]]":
    """Labels sorted, and for each code its place among them; the last, at -1, stands for no label."""
    import numpy as np

    labels = sorted(text.decode() for text in codes)
    tags = np.full(len(codes) + 1, -1, np.int32)
    for i, label in enumerate(labels):
        tags[codes[label.encode()]] = i
    return tuple(labels), tags


def _subjects(found: Sequence[tuple[Any, ...]], used: "NDArray[np.int64]") -> _Subjects:
    """Every customer, with facts among the rows or none, and each other subject that has some."""
    import numpy as np

    numbers, names = [row[0] for row in found], [row[1] for row in found]
    index = np.full(max([0, *numbers]) + 1, -1, np.int64)
    merged = {row[0]: row[2] for row in found if row[2] is not None}
    if merged or SEPARATOR in "".join(names):
        name_of = dict(zip(numbers, names, strict=True))
        told = set(np.unique(used).tolist())
        top = {number: name_of[merged.get(number, number)] for number in numbers}
        names = sorted({name for number, name in top.items() if SEPARATOR not in name or number in told})
        place = {name: i for i, name in enumerate(names)}
        index[numbers] = [place.get(top[number], -1) for number in numbers]
        aside = {name_of[number]: name_of[root] for number, root in merged.items() if number != root}
        return _Subjects(np.array(names, np.str_), index, frozenset(merged), aside)
    ordered = sorted(names)
    if names == ordered:
        index[numbers] = np.arange(len(numbers))
    else:
        place = {name: i for i, name in enumerate(ordered)}
        index[numbers] = [place[name] for name in names]
    return _Subjects(np.array(ordered, np.str_), index, frozenset(), {})


def _order(session: Session, rows: "dict[str, NDArray[Any]]", subjects: _Subjects) -> "NDArray[np.int64] | None":
    """What brings the scanned rows into the table's order; None if they are in order already."""
    import numpy as np

    stream = subjects.index[rows["stream"]]
    if subjects.merged:  # the streams of one person are interleaved
        mixed = np.flatnonzero(np.isin(rows["stream"], list(subjects.merged)))
        among = set(np.unique(rows["kind"]).tolist())
        keys = [row[:4] for row in session.run(MERGED) if row[4] in among]
        ranks = np.arange(len(stream), dtype=np.int64)
        ranks[mixed[sorted(range(len(keys)), key=keys.__getitem__)]] = np.arange(len(mixed))
        return np.lexsort((ranks, stream))
    if (stream[1:] >= stream[:-1]).all():
        return None
    return np.argsort(stream, kind="stable")


def _rest(
    pool: Pool, position: int, order: "NDArray[np.int64] | None", kinds: "NDArray[np.int16]", named: Sequence[str]
) -> "tuple[Callable[[type[Fact], str], Sequence[object]], Callable[[NDArray[np.int64]], Sequence[tuple[str, str]]]]":
    """Fields that are not hot, and ids with sources, read anew as scanned and brought into the order of the table."""
    import numpy as np

    held: dict[tuple[type[Fact], str], Sequence[object]] = {}

    def read(name: str, told: Callable[[Session, tuple[int | None, int]], Sequence[Any]]) -> Sequence[Any]:
        with pool.session() as session:
            values = told(session, (session.number(name), position))
        mine = np.flatnonzero(kinds == named.index(name))
        if len(values) != len(mine):
            raise ConflictError("facts were erased since these columns were read")
        if order is None:
            return values
        places = np.argsort(np.argsort(order[mine], kind="stable"), kind="stable")
        return [values[i] for i in places.tolist()]

    def rest(kind: type[Fact], field: str) -> Sequence[object]:
        if kind_of(kind) not in named or field == "subject":
            raise KeyError(field)
        if (kind, field) not in held:
            held[kind, field] = read(kind_of(kind), lambda at, key: _field(at, key, kind, field))
        return held[kind, field]

    def keys(rows: "NDArray[np.int64]") -> Sequence[tuple[str, str]]:
        found: dict[int, tuple[str, str]] = {}
        for code in np.unique(kinds[rows]).tolist():
            pairs = read(named[code], lambda at, key: [(r.id, r.source) for r in records(at, at.run(REST, key))])
            found.update(zip(np.flatnonzero(kinds == code).tolist(), pairs, strict=True))
        return [found[row] for row in rows.tolist()]

    return rest, keys


def _field(session: Session, key: tuple[int | None, int], kind: type[Fact], field: str) -> Sequence[object]:
    """One field of all facts of one kind, from the bodies alone where nothing else bears on it."""
    read = _plain_reader(kind, field)
    if read is not None and session.run(OTHER, (*key, kind.schema)).fetchone() is None:
        return _of_bodies(read, session.run(BODIES, key))
    codec = Codec([kind])
    return [getattr(codec.decode("-", record), field) for record in records(session, session.run(REST, key))]


def _of_bodies(read: Callable[[dict[str, Any]], object], rows: Iterable[tuple[str]]) -> Sequence[object]:
    """One field on which nothing but the body bears, read from each distinct body once."""
    known: dict[str, object] = {}
    values = []
    for (body,) in rows:
        if body not in known:
            known[body] = read(json.loads(body) if body else {})
        values.append(known[body])
    return values


def _plain_reader(kind: type[Fact], field: str) -> Callable[[dict[str, Any]], object] | None:
    """A function from a body to the value of a field, or None where the whole fact must be decoded for it."""
    attribute = attrs.fields_dict(kind)[field]
    if field not in own_fields(kind) or field in kind.hot or attribute.converter:
        return None
    if isinstance(attribute.default, attrs.Factory):  # type: ignore[arg-type]
        return None
    read = reader(hints(kind)[field])
    return lambda body: read(body[field]) if field in body else attribute.default


def _facts(
    pool: Pool,
    position: int,
    stream: "NDArray[np.int64]",
    found: Sequence[tuple[Any, ...]],
    subjects: _Subjects,
    named: Sequence[str],
) -> Callable[..., Iterator[tuple[int, Fact]]]:
    """Facts one subject after the other, decoded as they are asked for."""
    import numpy as np

    def facts(*classes: type[Fact]) -> Iterator[tuple[int, Fact]]:
        codec = Codec(classes)
        wanted = set(named) & {kind_of(cls) for cls in classes} if classes else set(named)
        streams: dict[int, list[tuple[int, str]]] = {}
        for number, name, _, _ in found:
            streams.setdefault(int(subjects.index[number]), []).append((number, name))
        for index in np.unique(stream).tolist():
            with pool.session() as session:
                told = _histories(session, streams[index], position)
            yield from ((index, codec.decode(name, r)) for name, r in told if r.kind in wanted)

    return facts


def _histories(session: Session, streams: Sequence[tuple[int, str]], position: int) -> list[tuple[str, Record]]:
    """The facts of one person up to a position, in order."""
    told = [(name, r) for number, name in streams for r in records(session, session.run(FACTS, (number, position)))]
    return told if len(streams) == 1 else sorted(told, key=lambda pair: (*pair[1].order, pair[0]))
