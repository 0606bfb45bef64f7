"""How do records in memory become columns, and columns records?"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

from relmkt.codec import Codec, Record
from relmkt.columns import FactTable
from relmkt.facts import Fact, kind_of
from relmkt.ports import Block

__all__ = ["block_rows", "table"]

SEPARATOR = "\x1f"


def table(kinds: Sequence[str], roots: Mapping[str, str], records: Sequence[tuple[str, Record]]) -> FactTable:
    """The records of `kinds` (all where none is named) as columns; every customer has an index, with facts or none."""
    import numpy as np

    taken = [(name, r) for name, r in records if not kinds or r.kind in kinds]
    taken.sort(key=lambda pair: (roots[pair[0]], *pair[1].order, pair[0]))
    names = sorted({*(root for root in roots.values() if SEPARATOR not in root), *(roots[name] for name, _ in taken)})
    of_kind = tuple(kinds) or tuple(sorted({r.kind for _, r in taken}))
    labels = tuple(sorted({r.label for _, r in taken if r.label is not None}))
    index, place, tag = ({word: i for i, word in enumerate(words)} for words in (names, of_kind, labels))
    stream = [index[roots[name]] for name, _ in taken]

    def rest(kind: type[Fact], field: str) -> Sequence[object]:
        if kind_of(kind) not in of_kind or field == "subject":
            raise KeyError(field)
        codec = Codec([kind])
        return [getattr(codec.decode(name, r), field) for name, r in taken if r.kind == kind_of(kind)]

    def facts(*classes: type[Fact]) -> Iterator[tuple[int, Fact]]:
        codec = Codec(classes)
        for at, (name, r) in zip(stream, taken, strict=True):
            if not classes or r.kind in codec.kinds:
                yield at, codec.decode(name, r)

    return FactTable(
        np.array(names, np.str_),
        of_kind,
        labels,
        np.array(stream, np.int64),
        np.array([r.at for _, r in taken], np.int64),
        np.array([place[r.kind] for _, r in taken], np.int16),
        np.array([np.nan if r.number is None else r.number for _, r in taken], np.float64),
        np.array([-1 if r.label is None else tag[r.label] for _, r in taken], np.int32),
        rest,
        facts,
        {name: root for name, root in roots.items() if name != root},
        keys=lambda rows: [(taken[row][1].id, taken[row][1].source) for row in rows.tolist()],
    )


def _each(values: Any) -> Any:
    """A column as Python's own values: one a row, or one for all."""
    if values is None or isinstance(values, str):
        return repeat(values)
    return values.tolist() if hasattr(values, "tolist") else values


def block_rows(block: Block) -> Iterator[tuple[str, Record]]:
    """(stream, record) of each row of a block."""
    columns = (block.streams, block.ids, block.at, block.number, block.label, block.ref, block.body)
    sizes = {len(column) for column in columns if column is not None and not isinstance(column, str)}
    if len(sizes) > 1:
        raise ValueError("the columns of a block differ in length")
    for stream, id, at, number, label, ref, body in zip(*map(_each, columns), strict=False):
        told = number if number == number else None
        common = (block.source, at, block.kind, block.schema, told, label, ref, body, block.seen, block.arrived)
        yield stream, Record(id, *common)
