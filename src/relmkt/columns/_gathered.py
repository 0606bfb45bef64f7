"""How do facts, several tables, or some rows of one come to stand as one table? Each function gives its columns."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from relmkt.columns._order import class_named, hot_of, ordered
from relmkt.facts import Fact, kind_of, stream_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["from_facts", "from_rows", "from_tables"]

Columns = dict[str, Any]


def from_facts(facts: list[Fact], roots: Mapping[str, str]) -> Columns:
    """The columns of some facts."""
    import numpy as np

    streams = [stream_of(type(fact).subject_kind, fact.subject) for fact in facts]
    names = [roots.get(name, name) for name in streams]
    ids = sorted(set(names))
    kinds = tuple(sorted({kind_of(type(fact)) for fact in facts}))
    tags = [hot_of(fact) for fact in facts]
    labels = tuple(sorted({label for _, label in tags if label is not None}))
    index, place, code = ({word: i for i, word in enumerate(words)} for words in (ids, kinds, labels))
    stream = np.array([index[name] for name in names], np.int64)
    at = np.array([fact.at for fact in facts], np.int64)
    keys = [(fact.id, fact.source, name, kind_of(type(fact))) for fact, name in zip(facts, streams, strict=True)]
    order = ordered(stream, at, lambda rows: [keys[i] for i in rows.tolist()])
    told = [facts[i] for i in order.tolist()]
    of = [kind_of(type(fact)) for fact in told]
    index_of = stream[order].tolist()

    def rest(kind: type[Fact], name: str) -> Sequence[object]:
        asked = kind_of(kind)
        return [getattr(fact, name) for fact, word in zip(told, of, strict=True) if word == asked]

    def read(*classes: type[Fact]) -> Iterator[tuple[int, Fact]]:
        words = {kind_of(kind) for kind in classes}
        rows = zip(index_of, told, of, strict=True)
        return ((i, fact) for i, fact, word in rows if not classes or word in words)

    return {
        "ids": np.array(ids, np.str_),
        "kinds": kinds,
        "labels": labels,
        "stream": stream[order],
        "at": at[order],
        "kind": np.array([place[word] for word in of], np.int16),
        "number": np.array([np.nan if number is None else number for number, _ in tags], np.float64)[order],
        "label": np.array([-1 if label is None else code[label] for _, label in tags], np.int32)[order],
        "rest": rest,
        "facts": read,
        "roots": dict(roots),
        "picked": lambda rows, _: [told[i] for i in rows.tolist()],
        "keys": lambda rows: [(told[i].id, told[i].source) for i in rows.tolist()],
        "classes": {kind_of(type(fact)): type(fact) for fact in facts},
    }


def from_rows(table: Any, rows: "Ints", subjects: "NDArray[Any] | None" = None) -> Columns:
    """The columns of some rows of one table, ascending, and of all its subjects or some."""
    import numpy as np

    hot = {name: getattr(table, name)[rows] for name in ("stream", "at", "kind", "number", "label")}
    same = {name: getattr(table, name) for name in ("ids", "kinds", "labels", "roots", "classes")}
    if subjects is not None:
        codes = np.flatnonzero(subjects) if subjects.dtype == np.bool_ else subjects
        hot["stream"] = np.searchsorted(codes, hot["stream"])
        same["ids"] = table.ids[codes]
    return {**same, **hot, **_cold((table,), hot, rows)}


def from_tables(tables: Sequence[Any]) -> Columns:
    """The columns of several tables, of each fact once, each merged stream under its root."""
    import numpy as np

    roots = {name: root for table in tables for name, root in table.roots.items()}
    named = [_rooted(table.ids, roots) for table in tables]
    ids = reduce(_union, named)
    kinds, labels = (
        tuple(sorted({word for table in tables for word in getattr(table, words)})) for words in ("kinds", "labels")
    )
    all_rows = {
        "stream": _all(np.searchsorted(ids, own)[table.stream] for table, own in zip(tables, named, strict=True)),
        "at": _all(table.at for table in tables),
        "kind": _all(_places(table.kinds, kinds, np.int16)[table.kind] for table in tables),
        "number": _all(table.number for table in tables),
        "label": _all(_places(table.labels, labels, np.int32)[table.label] for table in tables),
    }
    codes = all_rows["kind"]
    order = ordered(all_rows["stream"], all_rows["at"], lambda rows: _keys(tables, rows, codes[rows].tolist()))
    hot = {name: column[order] for name, column in all_rows.items()}
    same = {"ids": ids, "kinds": kinds, "labels": labels, "roots": roots}
    classes = {word: cls for table in tables for word, cls in table.classes.items()}
    return {**same, "classes": classes, **hot, **_cold(tables, {**hot, "kinds": kinds}, order)}


def _all(columns: Any) -> "NDArray[Any]":
    import numpy as np

    return np.concatenate(list(columns))


def _rooted(ids: "NDArray[np.str_]", roots: Mapping[str, str]) -> "NDArray[np.str_]":
    import numpy as np

    if not roots or not np.isin(ids, list(roots)).any():
        return ids
    return np.array([roots.get(name, name) for name in ids.tolist()], np.str_)


def _union(one: "NDArray[np.str_]", other: "NDArray[np.str_]") -> "NDArray[np.str_]":
    """Both lists of names as one, sorted; cheap where nearly all stand in the first."""
    import numpy as np

    one, other = (names if (names[1:] > names[:-1]).all() else np.unique(names) for names in (one, other))
    places = np.searchsorted(one, other)
    known = one[np.minimum(places, len(one) - 1)] == other if len(one) else np.zeros(len(other), np.bool_)
    if known.all():
        return one
    wide = max(one.dtype, other.dtype, key=lambda sort: sort.itemsize)
    return np.insert(one.astype(wide), places[~known], other[~known])


def _places(words: Sequence[str], among: Sequence[str], sort: Any) -> "NDArray[Any]":
    """Where each word stands among others; a code of -1 (missing) stays -1."""
    import numpy as np

    return np.array([*(among.index(word) for word in words), -1], sort)


def _keys(tables: Sequence[Any], rows: "Ints", codes: list[int]) -> list[Any]:
    """(id, source, kind) of rows that are counted over all tables."""
    import numpy as np

    found: dict[int, tuple[str, str]] = {}
    for start, table in _starts(tables):
        own = rows[(rows >= start) & (rows < start + len(table))]
        if len(own):
            found.update(zip(own.tolist(), table.keyed(own - start), strict=True))
    return [(*found[row], code) for row, code in zip(np.asarray(rows).tolist(), codes, strict=True)]


def _starts(tables: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    start = 0
    for table in tables:
        yield start, table
        start += len(table)


def _cold(tables: Sequence[Any], hot: Columns, order: "Ints") -> Columns:
    """What is read only when asked for: rows of the result are rows of the tables, in `order`."""
    import numpy as np

    def rest(kind: type[Fact], name: str) -> Sequence[object]:
        values: list[object] = []
        rows: list[Any] = []
        for start, table in _starts(tables):
            own = table.rows_of(kind)
            if len(own):
                values.extend(table.rest(kind, name))
                rows.append(own + start)
        if not rows:
            return values
        held = np.concatenate(rows)
        place = np.searchsorted(held, order)
        found = held[np.minimum(place, len(held) - 1)] == order
        return [values[i] for i in place[found].tolist()]

    def picked(rows: "Ints", kinds: Sequence[type[Fact]]) -> Sequence[Fact]:
        wanted = order[rows]
        found: dict[int, Fact] = {}
        for start, table in _starts(tables):
            own = np.sort(wanted[(wanted >= start) & (wanted < start + len(table))])
            if len(own):
                found.update(zip(own.tolist(), table.told(own - start, kinds or _known(table)), strict=True))
        return [found[row] for row in wanted.tolist()]

    def facts(*kinds: type[Fact]) -> Iterator[tuple[int, Fact]]:
        names = {kind_of(kind) for kind in kinds}
        words = hot.get("kinds", tables[0].kinds)
        asked = [code for code, word in enumerate(words) if not kinds or word in names]
        rows = np.flatnonzero(np.isin(hot["kind"], asked))
        return zip(hot["stream"][rows].tolist(), picked(rows, kinds), strict=True)

    return {"rest": rest, "facts": facts, "picked": picked, "keys": lambda rows: _own_keys(tables, order[rows])}


def _own_keys(tables: Sequence[Any], rows: "Ints") -> list[tuple[str, str]]:
    return [(id, source) for id, source, _ in _keys(tables, rows, [0] * len(rows))]


def _known(table: Any) -> list[type[Fact]]:
    classes = (table.classes.get(kind) or class_named(kind) for kind in table.kinds)
    return [cls for cls in classes if cls is not None]
