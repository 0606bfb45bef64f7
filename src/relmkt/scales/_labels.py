"""Which group does each answer belong to? Labels of any form, read into sorted names and a place among them, once.

Texts of one length are told apart by a number made of their letters, and then compared letter by letter, so that a
million of them are grouped without being sorted.
"""

from __future__ import annotations

from math import gcd
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.windows import DAY, Instant, Window

__all__ = ["BLOCK", "Labelled", "Places", "crossed", "places_of", "periods_of", "taken"]

Ints = NDArray[np.int64]
Places = NDArray[np.signedinteger[Any]]  # of 32 bits where they do, for a million answers are read again and again
Labelled = tuple[tuple[str, ...], Places]  # the names, sorted by code point, and of each answer the place of its name

_CENTURY = 40_000 * DAY  # facts that lie further apart are rare, and may hold a stray year 1 or 9999
BLOCK = 1 << 15  # rows
_NEVER = np.uint64(2**64 - 1)  # eight times ÿ: a slot that holds nothing yet
_SLOTS = 16  # bits of the table in which texts are told apart
_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ over the golden ratio, odd: Knuth's multiplicative hashing


def places_of(by: Any, n: int) -> Labelled:
    """The names of the groups, and of each of n answers its place among them; None is the empty name.

    Raises ValueError where there are not as many labels as answers.
    """
    given = np.asarray(by)
    if given.size != n:
        raise ValueError(f"by: {n} answers need as many labels, got {given.size}")
    flat = given.ravel()
    if flat.dtype.kind == "U" and n >= BLOCK:
        found = _of_texts(np.ascontiguousarray(flat))
        if found is not None:
            return found
    if flat.dtype.kind in "iub":
        values, group = np.unique(flat, return_inverse=True)
        return _sorted([str(value) for value in values.tolist()], group)
    texts = [label if type(label) is str else _text(label) for label in flat.tolist()]
    places: dict[str, int] = {}
    group = np.fromiter((places.setdefault(text, len(places)) for text in texts), np.int32, n)
    return _sorted(list(places), group)


def _text(label: Any) -> str:
    """A label as text; empty for None, NaN and what pandas calls NA."""
    try:
        return "" if label is None or label != label else str(label)
    except TypeError:  # NA is neither equal nor unequal to itself
        return ""


def _sorted(names: list[str], group: Places) -> Labelled:
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int32)
    rank[order] = np.arange(len(names))
    return tuple(names[place] for place in order), rank[group]


def _of_texts(texts: NDArray[np.str_]) -> Labelled | None:
    """The distinct texts and the place of each; None where two of them fall into one slot.

    Block by block, so that what is worked on stays in the processor's cache.
    """
    letters = texts.view(np.uint32).reshape(len(texts), -1)
    narrow = bool(letters.max(initial=0) < 256)
    slots = np.empty(len(texts), np.uint16)
    one_of = np.full(1 << _SLOTS, -1, np.int64)
    held = np.full((-(-letters.shape[1] // (8 if narrow else 2)), 1 << _SLOTS), _NEVER)
    for start in range(0, len(texts), BLOCK):
        words = _words(letters[start : start + BLOCK], narrow)
        slot = _slots(words)
        other = np.flatnonzero(_differ(held, slot, words))
        if len(other):
            fresh = other[one_of[slot[other]] < 0]
            one_of[slot[fresh]] = fresh + start
            held[:, slot[fresh]] = words[fresh].T
            if _differ(held, slot[other], words[other]).any():
                return None
        slots[start : start + BLOCK] = slot
    used = np.flatnonzero(one_of >= 0)
    names = texts[one_of[used]].tolist()
    order = sorted(range(len(names)), key=names.__getitem__)
    place_of = np.full(1 << _SLOTS, -1, np.int32)
    place_of[used[order]] = np.arange(len(names))
    group = np.take(place_of, slots)
    return None if group.min() < 0 else (tuple(names[place] for place in order), group)


def _differ(held: NDArray[np.uint64], slot: NDArray[np.intp], words: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which texts are not the one that their slot holds."""
    found: NDArray[np.bool_] = held[0][slot] != words[:, 0]
    for place in range(1, words.shape[1]):
        found |= held[place][slot] != words[:, place]
    return found


def _words(letters: NDArray[np.uint32], narrow: bool) -> NDArray[np.uint64]:
    """The letters of each text as whole numbers of 64 bits: eight a number, or two where some need more than a byte."""
    each = 8 if narrow else 2
    if narrow and letters.shape[1] == each:
        return letters.astype(np.uint8).view(np.uint64)
    padded = np.zeros((len(letters), -(-letters.shape[1] // each) * each), np.uint8 if narrow else np.uint32)
    padded[:, : letters.shape[1]] = letters
    return padded.view(np.uint64)


def _slots(words: NDArray[np.uint64]) -> NDArray[np.intp]:
    mixed = words[:, 0] * _ODD
    for place in range(1, words.shape[1]):
        mixed = ((mixed ^ (mixed >> np.uint64(29))) + words[:, place]) * _ODD
    return (mixed >> np.uint64(64 - _SLOTS)).astype(np.intp)


def periods_of(at: Ints, period: str, zone: str) -> Labelled:
    """The period of each instant under its ISO name: 2026-03, 2026-Q1, 2026, 2026-W10 or 2026-03-01.

    at: microseconds since 1970 UTC. period: "day", "week", "month", "quarter" or "year" of the zone's calendar. Periods
    in which nobody answered have no name here.
    """
    window = Window(period, zone)  # type: ignore[arg-type]
    if not len(at):
        return (), np.zeros(0, np.int32)
    starts, group = _periods(at, window)
    return tuple(_name(start, period, zone) for start in starts), group


def _periods(at: Ints, window: Window) -> tuple[list[int], Places]:
    """The starts of the periods that hold an instant, in order, and of each instant the place of its own."""
    first, last = int(at.min()), int(at.max())
    if last - first > _CENTURY:
        starts, group = np.unique(window.periods(at), return_inverse=True)
        return starts.tolist(), group
    edges = [window.start(first)]
    while (end := window.end(edges[-1])) <= last:
        edges.append(end)
    place = _placed(at, edges, last)
    held = np.flatnonzero(_counted(place, len(edges)))
    if len(held) == len(edges):
        return edges, place
    rank = np.zeros(len(edges), np.int32)
    rank[held] = np.arange(len(held))
    return [edges[row] for row in held.tolist()], rank[place]


def _placed(at: Ints, edges: list[int], last: int) -> Places:
    """Between which edges each instant lies, by a table of the longest steps that the edges stand on (days, hours)."""
    step = gcd(*(edge - edges[0] for edge in edges)) or DAY
    steps = (last - edges[0]) // step + 1
    if steps > 1 << _SLOTS:
        return np.searchsorted(np.array(edges[1:], np.int64), at, side="right")
    table = np.searchsorted(np.array(edges, np.int64), edges[0] + step * np.arange(steps), side="right") - 1
    place = np.empty(len(at), np.int32)
    for start in range(0, len(at), BLOCK):
        rows = slice(start, start + BLOCK)
        place[rows] = table[(at[rows] - edges[0]) // step]
    return place


def _name(start: int, period: str, zone: str) -> str:
    day = Instant(start).local(zone)
    match period:
        case "day":
            return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
        case "week":
            return day.strftime("%G-W%V")
        case "month":
            return f"{day.year:04d}-{day.month:02d}"
        case "quarter":
            return f"{day.year:04d}-Q{day.quarter}"
        case _:
            return f"{day.year:04d}"


def crossed(one: Labelled | None, other: Labelled | None) -> Labelled | None:
    """Two sets of groups as one, of the pairs that occur: "Lyon, 2026-03"."""
    if one is None or other is None:
        return one if other is None else other
    wide = max(len(other[0]), 1)
    room = np.int32 if len(one[0]) * wide < 1 << 31 else np.int64
    pair: Places = one[1].astype(room, copy=False) * wide + other[1].astype(room, copy=False)
    held = np.flatnonzero(_counted(pair, len(one[0]) * wide))
    names = tuple(f"{one[0][row // wide]}, {other[0][row % wide]}" for row in held.tolist())
    if len(held) == len(one[0]) * wide:
        return names, pair
    place = np.zeros(len(one[0]) * wide, np.int32)
    place[held] = np.arange(len(held))
    return names, place[pair]


def _counted(place: Places, size: int) -> Ints:
    """How often each place stands there; block by block, for NumPy counts whole numbers of 64 bits only."""
    total, each = np.zeros(size, np.int64), max(BLOCK, 8 * size)  # a block is not smaller than what it is added to
    for start in range(0, len(place), each):
        total += np.bincount(place[start : start + each], minlength=size)
    return total


def taken(name: str, given: ArrayLike, n: int) -> NDArray[Any]:
    """What is given one an answer of a table, as an array; ValueError for another length."""
    told = np.asarray(given)
    if told.shape != (n,):
        raise ValueError(f"{name}: {n} answers need as many values, got shape {told.shape}")
    return told
