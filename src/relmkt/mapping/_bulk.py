"""In which columns does a store take rows in, thousands at a time? Equal to what each fact, made alone, would become.

Where the source gives no id it is the digest of the content, as a fact itself makes it; of rows that repeat another
one in the data the first keeps the digest and the nth gets it with `#n`: repeats within one file are not repeats of
an import.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import attrs
from attrs import evolve, frozen

from relmkt.codec import Codec
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact, kind_of, own_fields, plain, stream_of
from relmkt.mapping._rows import Rows
from relmkt.money import Money

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Bulk", "bulk", "default_of", "digests", "numbered"]

_text = json.encoder.encode_basestring_ascii


@frozen(eq=False)
class Bulk:
    """The accepted rows of some mapped data, as columns of records of one kind, and what else they tell.

    kind: the class. source: of every row. lines: line or row numbers. streams, ids, at: one a row.
    number, label, ref, body: one a row, or one for all (None: none). refused: the faults of the rows left out.
    profiles: the statements about persons told beside.
    """

    kind: type[Fact]
    source: str
    lines: "Sequence[int]"
    streams: Sequence[str]
    ids: Sequence[str]
    at: "NDArray[np.int64]"
    number: Any
    label: Any
    ref: Any
    body: Any
    refused: tuple[InvalidFactError, ...] = ()
    profiles: tuple[Fact, ...] = ()

    def __len__(self) -> int:
        return len(self.streams)

    def slices(self, size: int = 100_000) -> Iterator["Bulk"]:
        """The same in pieces of at most `size` rows; what is told once stands with the first."""
        for start in range(0, max(len(self), 1), size):
            cut = {name: _cut(getattr(self, name), start, start + size) for name in _COLUMNS}
            rest = evolve(self, **cut)
            yield rest if start == 0 else evolve(rest, refused=(), profiles=())


_COLUMNS = ("lines", "streams", "ids", "at", "number", "label", "ref", "body")


def _cut(column: Any, start: int, end: int) -> Any:
    return column if column is None or isinstance(column, str | int | float) else column[start:end]


def numbered(ids: Iterable[tuple[str, str]]) -> list[str]:
    """Ids of (stream, id) with the nth of equal ones marked `#n`."""
    seen: dict[tuple[str, str], int] = {}
    found = []
    for pair in ids:
        n = seen[pair] = seen.get(pair, 0) + 1
        found.append(pair[1] if n == 1 else f"{pair[1]}#{n}")
    return found


def bulk(rows: Rows, lines: Sequence[int]) -> Bulk:
    """The accepted rows as a store takes them in."""
    every = range(rows.source.n)
    good: Sequence[int] = [row for row in every if row not in rows.slips] if rows.slips else every
    if not good or not _sound(rows, good[0]):
        return _of_facts(rows, good, lines)
    kind = rows.mapping.kind
    names = list(map(rows.names.__getitem__, _picked(rows.codes, good).tolist()))
    streams = names if kind.subject_kind == "customer" else [stream_of(kind.subject_kind, name) for name in names]
    own = rows.ids
    ids = _listed(own, good) if own else numbered(zip(streams, digests(rows, good), strict=True))
    number, label = (*kind.hot, "", "")[:2]
    told = rows.fields.get(number) if number else None
    hot = rows.fields.get(label) if label and label != "currency" else None
    return Bulk(
        kind,
        rows.mapping.source,
        _listed(lines, good),
        streams,
        ids,
        _picked(rows.at, good),
        _numbers(told, good) if told is not None else default_of(kind, number),
        _labels(rows, told, hot, good),
        _refs(rows, good),
        _bodies(rows, good),
        tuple(rows.error(row) for row in sorted(rows.slips)),
        _profiles(rows, good),
    )


def _picked(column: "NDArray[Any]", good: Sequence[int]) -> "NDArray[Any]":
    """Some rows of an array; a range is all of them."""
    return column if isinstance(good, range) else column[good]


def _listed(column: Sequence[Any], good: Sequence[int]) -> Sequence[Any]:
    """Some rows of a list; a range is all of them."""
    return column if isinstance(good, range) else [column[row] for row in good]


def _sound(rows: Rows, row: int) -> bool:
    """Whether columns can stand for facts: a fault of a constant shows in any row."""
    try:
        return rows.plain and rows.fact(row) is not None
    except InvalidFactError:
        return False


def _profiles(rows: Rows, good: Sequence[int]) -> tuple[Fact, ...]:
    told = (rows.profile(row) for row in good) if rows.who else ()
    return tuple(profile for profile in told if profile is not None)


def _of_facts(rows: Rows, good: Sequence[int], lines: Sequence[int]) -> Bulk:
    """The same through facts, for kinds that check or convert in ways of their own."""
    kept, facts, slips = [], [], dict(rows.slips)
    for row in good:
        try:
            facts.append(rows.fact(row))
            kept.append(row)
        except InvalidFactError as error:
            slips[row] = (error.place.rpartition(".")[2], error.got, error.expected)
    records = [Codec().encode(fact) for fact in facts]
    streams = [stream_of(type(fact).subject_kind, fact.subject) for fact in facts]
    ids = [record.id for record in records]
    if rows.ids is None:
        ids = numbered(zip(streams, ids, strict=True))
    return Bulk(
        rows.mapping.kind,
        rows.mapping.source,
        [lines[row] for row in kept],
        streams,
        ids,
        rows.at[kept],
        [record.number for record in records],
        [record.label for record in records],
        [record.ref for record in records],
        [record.body for record in records],
        tuple(rows.error(row, slips[row]) for row in sorted(slips)),
        _profiles(rows, kept),
    )


def default_of(kind: type[Fact], name: str) -> Any:
    """What stands in a field that no column tells."""
    default = attrs.fields_dict(kind)[name].default if name else None
    return None if default is attrs.NOTHING else default


def _numbers(told: Any, good: Sequence[int]) -> Any:
    if told.constant:
        value = told.values.units if isinstance(told.values, Money) else told.values
        return [value] * len(good)
    if not isinstance(told.values, list):
        return _picked(told.values, good)
    return _listed(told.values, good)


def _labels(rows: Rows, number: Any, label: Any, good: Sequence[int]) -> Any:
    kind = rows.mapping.kind
    if label is not None:
        return label.values if label.constant else _listed(label.values, good)
    words = (*kind.hot, "", "")[:2]
    if words[1] and words[1] != "currency":
        return default_of(kind, words[1])
    if number is None:
        return None
    if isinstance(number.values, Money):
        return number.values.currency
    if not isinstance(number.currency, list):
        return number.currency
    return _listed(number.currency, good)


def _refs(rows: Rows, good: Sequence[int]) -> Any:
    told = rows.fields.get("ref")
    if told is None:
        return ""
    return told.values if told.constant else _listed(told.values, good)


def _jsons(rows: Rows, name: str, good: Sequence[int], ascii: bool) -> list[str]:
    """The JSON text of one field of some rows, as facts tell it."""
    told = rows.fields[name]
    if told.currency is not None and not told.constant:
        codes = [told.currency] * rows.source.n if isinstance(told.currency, str) else told.currency
        units = told.values if isinstance(told.values, list) else told.values.tolist()
        return ["null" if units[row] is None else f'[{units[row]},"{codes[row]}"]' for row in good]
    values = told.listed(good)
    if ascii and all(value.__class__ is str for value in values):
        return [_text(value) for value in values]
    return [json.dumps(plain(value), ensure_ascii=ascii, separators=(",", ":"), sort_keys=ascii) for value in values]


def digests(rows: Rows, good: Sequence[int]) -> list[str]:
    """The ids that the facts of some rows give themselves: digests of their content, from the text built at once."""
    if not good:
        return []
    kind = rows.mapping.kind
    sample = rows.fact(good[0])
    pattern, columns = [], []
    for name in sorted(own_fields(kind)):
        told = rows.fields.get(name)
        if told is None or told.constant:
            fixed = json.dumps(plain(getattr(sample, name)), sort_keys=True, separators=(",", ":"))
            pattern.append(f"{_text(name)}:{fixed}".replace("%", "%%"))
        else:
            pattern.append(f"{_text(name)}:%s")
            columns.append(_jsons(rows, name, good, ascii=True))
    refs = _refs(rows, good)
    if isinstance(refs, str):
        refs = [refs] * len(good)
    form = f"[{_text(kind_of(kind))},%s,%d,%s,{{{','.join(pattern)}}}]"
    subjects = [_text(rows.name(row)) for row in good]
    at = _picked(rows.at, good).tolist()
    texts = zip(subjects, at, map(_text, refs), *columns, strict=True)
    return [blake2b((form % told).encode(), digest_size=16).hexdigest() for told in texts]


def _bodies(rows: Rows, good: Sequence[int]) -> Any:
    """The JSON of what is not hot and not at its default, as the codec writes it."""
    kind = rows.mapping.kind
    number, label = (*kind.hot, "", "")[:2]
    skipped = {number, label} if label == "currency" or not rows_money(rows, number) else {label}
    told = [name for name in own_fields(kind) if name in rows.fields and name not in skipped]
    if not told:
        return ""
    defaults = {a.name: a.default for a in attrs.fields(kind)}
    parts: list[list[str]] = []
    for name in told:
        texts = _jsons(rows, name, good, ascii=False)
        default = defaults[name]
        same = [_same(value, default) for value in rows.fields[name].listed(good)]
        parts.append(["" if plainly else f'"{name}":{text}' for text, plainly in zip(texts, same, strict=True)])
    if len(parts) == 1:
        return ["{" + text + "}" if text else "" for text in parts[0]]
    joined = (",".join(filter(None, texts)) for texts in zip(*parts, strict=True))
    return ["{" + text + "}" if text else "" for text in joined]


def rows_money(rows: Rows, name: str) -> bool:
    """Whether a field holds money, which the codec writes whole where the label is not its currency."""
    told = rows.fields.get(name)
    return told is not None and (told.currency is not None or isinstance(told.values, Money))


def _same(value: Any, default: Any) -> bool:
    return value == default and type(value) is type(default)
