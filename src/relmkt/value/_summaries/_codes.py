"""Whose row is it? Ids of millions of rows as small whole numbers in the order of the ids, without an index sort.

Integers of a close range are their own codes. Others become 64-bit keys that keep their order (of a text, the digits
of each position within the range that the rows show there), are sorted by value, and found again by multiplicative
hashing: Knuth, The Art of Computer Programming 3, 6.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError

__all__ = ["Codes", "chunks", "encoded"]

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
CHUNK = 1 << 14  # rows at a time: what is between two steps stays in the cache, and takes no memory
KEY_BITS = 63
SLOT_BITS = 26  # the largest table of hashes, 256 MB; beyond it more of them clash, which costs time only
GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio, odd
WANTED = "integers only or strings only"


@frozen(eq=False, repr=False)
class Codes:
    """A number of `count` for each row, which is `rows` less `low`, and the sorted labels that they point to.

    labels: one for each number, or None where ids are integers that are their own numbers.
    """

    rows: NDArray[Any]
    low: Any
    count: int
    labels: NDArray[Any] | None = None

    def __len__(self) -> int:
        return int(self.rows.size)

    def numbers(self, part: slice = slice(None)) -> Ints:
        """The numbers of some rows; ids are subtracted in their own type, where they may wrap round and are right."""
        rows = self.rows[part]
        if rows.dtype.kind == "i" and not self.low:
            return rows.astype(np.int64, copy=False)
        distance: NDArray[Any] = (rows - self.low).view(f"u{rows.dtype.itemsize}")
        return distance.astype(np.int64)

    def named(self, numbers: Ints) -> NDArray[Any]:
        """The ids that some numbers stand for."""
        if self.labels is not None:
            found: NDArray[Any] = self.labels[numbers]
        else:
            found = numbers.astype(self.rows.dtype) + self.low
        return found

    def kept(self, rows: NDArray[np.bool_]) -> Codes:
        """Some of the rows."""
        return evolve(self, rows=self.rows[rows])


def encoded(ids: ArrayLike, place: str = "customers") -> Codes:
    """The codes of a column of ids; ids of several sorts or missing ones are an `InvalidFactError`.

    >>> codes = encoded(["b", "a", "b"])
    >>> codes.numbers().tolist(), codes.labels.tolist()
    ([1, 0, 1], ['a', 'b'])
    """
    given = _of_one_sort(ids, place)
    if given.ndim != 1:
        raise InvalidFactError(place, f"an array of {given.ndim} dimensions", "one id a row")
    if not given.size:
        return Codes(np.zeros(0, np.int64), 0, 0, given)
    given = np.ascontiguousarray(given.astype(given.dtype.newbyteorder("="), copy=False))
    if given.dtype.kind in "iu":
        low, high = given.min(), given.max()
        if int(high) - int(low) < given.size:
            return Codes(given, low, int(high) - int(low) + 1)
        codes, count = _ranked((given - low).view(f"u{given.dtype.itemsize}"))
    elif given.dtype.kind in "US" and given.dtype.itemsize:
        codes, count = _ranked(_spelled(given))
    else:
        labels, inverse = np.unique(given, return_inverse=True)
        return Codes(inverse.astype(np.int64), 0, int(labels.size), labels)
    return Codes(codes, 0, count, given[_places(codes, count)])


def chunks(size: int, at_once: int = CHUNK) -> Iterator[slice]:
    """Rows, some thousands at a time."""
    return (slice(start, min(start + at_once, size)) for start in range(0, size, at_once))


def _of_one_sort(ids: ArrayLike, place: str) -> NDArray[Any]:
    """NumPy makes text of [1, "a"] and of ["a", nan], so the values of a list are looked at first."""
    sorts: set[type] = set(map(type, ids)) if isinstance(ids, (list, tuple)) else set()
    given = np.asarray(ids, dtype=object if len(sorts) > 1 else None)
    if given.dtype.kind in "iuUST" or (given.size == 0 and given.ndim == 1):
        return given
    if given.dtype.kind == "O":
        sorts = set(map(type, given.ravel().tolist()))
        if all(issubclass(s, str) for s in sorts):
            return given.astype(np.str_)
        if all(issubclass(s, (int, np.integer)) and not issubclass(s, bool) for s in sorts):
            return _integers(given, place)
        raise InvalidFactError(place, "ids of several sorts, or missing ones", WANTED)
    raise InvalidFactError(place, f"ids of type {given.dtype.name}", WANTED)


def _integers(given: NDArray[Any], place: str) -> NDArray[Any]:
    for kind in (np.int64, np.uint64):
        try:
            return given.astype(kind)
        except OverflowError:
            continue
    raise InvalidFactError(place, "integers beyond 64 bits", "integers of 64 bits, or strings")


def _spelled(ids: NDArray[Any]) -> Keys:
    """A key for each text, in the order of the texts: positions that all rows share take no room in it."""
    letters = ids.view(np.uint32 if ids.dtype.kind == "U" else np.uint8).reshape(ids.size, -1)
    low, high = _ranges(letters)
    bits = [int(top).bit_length() for top in (high - low).tolist()]
    keys, used, group = np.zeros(ids.size, np.uint64), 0, list[int]()
    for position in np.flatnonzero(bits).tolist():
        if used + bits[position] > KEY_BITS:
            _write(keys, letters, low, [(j, bits[j]) for j in group])
            ranks, count = _ranked(keys)
            keys, used, group = ranks.astype(np.uint64), (count - 1).bit_length(), []
        used += bits[position]
        group.append(position)
    _write(keys, letters, low, [(j, bits[j]) for j in group])
    return keys


def _ranges(letters: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The least and the greatest letter of each position; rows are laid side by side, so that NumPy's loop is long."""
    n, width = letters.shape
    beside = 64
    whole = letters[: n // beside * beside].reshape(-1, beside * width)
    rest = letters[n // beside * beside :]
    found = []
    for least in (np.minimum, np.maximum):
        parts = [] if not whole.size else [least.reduce(whole, axis=0).reshape(beside, width)]
        found.append(least.reduce(np.concatenate([*parts, rest]), axis=0))
    return found[0], found[1]


def _write(keys: Keys, letters: NDArray[Any], low: NDArray[Any], positions: list[tuple[int, int]]) -> None:
    """Shift these positions' letters into the keys."""
    for part in chunks(len(keys)):
        key, rows = keys[part], letters[part]
        for position, bits in positions:
            key <<= np.uint64(bits)
            key |= rows[:, position] - low[position]


def _ranked(keys: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """The rank of each key among the distinct ones, and how many these are."""
    top = int(keys.max())
    if top < 4 * keys.size + 1024:
        present = np.zeros(top + 1, dtype=bool)
        present[keys] = True
        ranks = np.cumsum(present, dtype=np.int64) - 1
        return ranks[keys], int(ranks[-1]) + 1
    ordered = np.sort(keys)
    distinct = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])].astype(np.uint64)
    return _found(keys, distinct), int(distinct.size)


def _found(keys: NDArray[Any], distinct: Keys) -> Ints:
    """Where each key stands among the distinct ones: by a table of hashes, and by search where two of them clash."""
    bits = min(int(distinct.size).bit_length() + 4, SLOT_BITS)
    shift = np.uint64(64 - bits)
    slots = (distinct * GOLDEN >> shift).astype(np.int64)
    table = np.full(1 << bits, -1, np.int32 if distinct.size < 2**31 else np.int64)
    order = np.arange(distinct.size, dtype=table.dtype)
    table[slots] = order
    table[slots[table[slots] != order]] = -1
    codes = np.empty(keys.size, np.int64)
    for part in chunks(keys.size):
        key = keys[part].astype(np.uint64, copy=False)
        code = table[(key * GOLDEN >> shift).view(np.int64)]
        codes[part] = code
        clash = np.flatnonzero(np.less(code, 0))
        if clash.size:
            codes[part.start + clash] = np.searchsorted(distinct, key[clash])
    return codes


def _places(codes: NDArray[Any], count: int) -> Ints:
    """A row of each code."""
    places = np.empty(count, np.int64)
    places[codes] = np.arange(codes.size)
    return places
