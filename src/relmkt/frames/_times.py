"""At which instant did a zone's clock show this? As one expression over whole microseconds.

A skipped local time is the first valid instant after it, a repeated one its first occurrence (R65): between two
changes of the clock an instant is the time shown, less a constant. Comparing finds the constant; no engine is asked
for its own calendar, and none subtracts a duration (rule E03).
"""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from relmkt.frames._engine import nw
from relmkt.windows import DAY
from relmkt.windows._instants import SECOND, local_datetime

if TYPE_CHECKING:
    from relmkt.frames._engine import Expr

__all__ = ["localised", "pieces"]

_FIRST = -5_364_662_400 * SECOND  # 1800-01-01: no zone was kept before
_LAST = 253_000_000_000 * SECOND  # the year 9987: the calendar ends soon after
_STEP = 7 * DAY


class Piece(NamedTuple):
    """From this time shown on, an instant is the time shown less `offset`; or `instant` itself, of a skipped time."""

    wall: int
    offset: int
    instant: int | None = None


def _offset(at: int, zone: str) -> int:
    shift = local_datetime(at, zone).utcoffset()
    return 0 if shift is None else (shift.days * 86_400 + shift.seconds) * SECOND


def _change(low: int, high: int, zone: str) -> int:
    """The first whole second after `low`, up to `high`, from which the zone keeps the offset of `high`."""
    kept = _offset(high, zone)
    low, high = low // SECOND, high // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle * SECOND, zone) == kept:
            high = middle
        else:
            low = middle
    return high * SECOND


@lru_cache(maxsize=64)
def _changes(zone: str, last: int) -> tuple[Piece, ...]:
    before = _offset(_FIRST, zone)
    found = [Piece(-(1 << 62), before)]
    for low in range(_FIRST, last, _STEP):
        after = _offset(low + _STEP, zone)
        if after == before:
            continue
        at = _change(low, low + _STEP, zone)
        if after > before:
            found.append(Piece(at + before, after, at))
        found.append(Piece(at + max(before, after), after))
        before = after
    return tuple(found)


def pieces(zone: str, low: int, high: int) -> tuple[Piece, ...]:
    """The pieces that hold the times shown from `low` to `high`.

    >>> [piece.offset // SECOND for piece in pieces("Europe/Paris", 1_767_225_600 * SECOND, 1_775_000_000 * SECOND)]
    [3600, 7200, 7200]
    """
    # whole years of steps, so that the search is done once
    last = -(-(high + 2 * DAY - _FIRST) // (52 * _STEP)) * 52 * _STEP + _FIRST
    every = _changes(zone, min(last, _LAST))
    ends = [*(piece.wall for piece in every[1:]), 1 << 62]
    return tuple(piece for piece, end in zip(every, ends, strict=True) if piece.wall <= high and end > low)


def localised(wall: "Expr", zone: str, low: int, high: int) -> "Expr":
    """Instants of times shown, where these lie between `low` and `high`; others are nothing in particular."""
    return wall if zone == "UTC" else _sought(wall, pieces(zone, low, high))


def _sought(wall: "Expr", among: tuple[Piece, ...]) -> "Expr":
    """A tree of comparisons: each row meets as many as the tree is deep."""
    if len(among) == 1:
        piece = among[0]
        return wall - piece.offset if piece.instant is None else wall * 0 + piece.instant
    middle = len(among) // 2
    later, sooner = _sought(wall, among[middle:]), _sought(wall, among[:middle])
    return nw.when(wall >= among[middle].wall).then(later).otherwise(sooner)
