"""Whose row is it, and on which day did it fall? Ids as codes, times as local dates, for millions of rows at once.

Instants are whole microseconds since 1970 UTC; a day is a local date of one IANA time zone, as a number since
1970-01-01. Daylight saving follows the IANA time zone database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.windows import DAY, At, Instant, instant

__all__ = ["day_of", "encoded", "local_days", "walls"]

Ints = NDArray[np.int64]


def encoded(ids: ArrayLike) -> tuple[Ints, NDArray[Any]]:
    """Codes 0, 1, … of the rows' ids, and the sorted distinct ids that they point to.

    >>> codes, ids = encoded(["b", "a", "b"])
    >>> codes.tolist(), ids.tolist()
    ([1, 0, 1], ['a', 'b'])
    """
    given = _of_one_sort(np.asarray(ids))
    if given.ndim != 1:
        raise InvalidFactError("customers", f"an array of {given.ndim} dimensions", "one id a row")
    if given.dtype.kind in "iu" and given.size and int(given.max()) - int(given.min()) < 4 * given.size + 1024:
        return _compact(given)
    if given.dtype.kind == "U" and (packed := _packed(given)) is not None:
        _, where, codes = np.unique(packed, return_index=True, return_inverse=True)
        return codes.astype(np.int64), given[where]
    distinct, codes = np.unique(given, return_inverse=True)
    return codes.astype(np.int64), distinct


def _of_one_sort(ids: NDArray[Any]) -> NDArray[Any]:
    if ids.dtype.kind in "iuUST" or ids.size == 0:
        return ids
    if ids.dtype.kind == "O":
        sorts = {type(i) for i in ids.tolist()}
        if all(issubclass(s, str) for s in sorts):
            return ids.astype(np.str_)
        if all(issubclass(s, int) and s is not bool for s in sorts):
            return ids.astype(np.int64)
        raise InvalidFactError("customers", "ids of several sorts, or missing ones", "integers only or strings only")
    raise InvalidFactError("customers", f"ids of type {ids.dtype.name}", "integers or strings")


def _compact(ids: NDArray[Any]) -> tuple[Ints, NDArray[Any]]:
    low = ids.min()
    distance = ids - low  # of their own type, where it may wrap round: unsigned it is right again
    offset = distance.view(f"u{ids.dtype.itemsize}").astype(np.int64)
    present = np.zeros(int(offset.max()) + 1, dtype=bool)
    present[offset] = True
    found = np.flatnonzero(present)
    if found.size < present.size:
        offset = (np.cumsum(present) - 1)[offset]
    return offset, found.astype(ids.dtype) + low


def _packed(ids: NDArray[Any]) -> Ints | None:
    """Short ASCII ids as one big-endian integer each, in the same order: ten times faster to sort than text."""
    width = ids.dtype.itemsize // 4
    if not 0 < width <= 8 or not ids.size:
        return None
    letters = np.ascontiguousarray(ids).view(np.uint32).reshape(ids.size, width)
    if letters.max() > 127:
        return None
    bytes_ = np.zeros((ids.size, 8), dtype=np.uint8)
    bytes_[:, :width] = letters
    return bytes_.view(">i8").ravel().astype(np.int64)


def walls(times: ArrayLike | Sequence[datetime], zone: str) -> tuple[Ints, bool]:
    """Microseconds of the rows' times, and whether they are what the zone's clock shows rather than instants.

    int64 is microseconds since 1970 UTC, aware datetimes are instants, and datetime64 (which has no zone) is read
    as the local time of `zone`.
    """
    given = np.asarray(times)
    if given.ndim != 1:
        raise InvalidFactError("times", f"an array of {given.ndim} dimensions", "one time a row")
    if given.dtype.kind == "M":
        if np.isnat(given).any():
            raise InvalidFactError("times", "a missing time (NaT)", "a time in every row")
        return given.astype("datetime64[us]").astype(np.int64), True
    if given.dtype.kind in "iu" or given.size == 0:
        return given.astype(np.int64), False
    if given.dtype.kind == "O":
        return np.fromiter((_instant_of(t) for t in given.tolist()), dtype=np.int64, count=given.size), False
    raise InvalidFactError("times", f"values of type {given.dtype.name}", "int64 microseconds, datetime64 or datetimes")


def _instant_of(time: Any) -> int:
    if isinstance(time, int) and not isinstance(time, bool):
        return int(time)
    if isinstance(time, datetime):
        return int(instant(time, "times"))
    raise InvalidFactError("times", f"a {type(time).__name__}", "int64 microseconds, datetime64 or aware datetimes")


def local_days(micros: Ints, zone: str) -> Ints:
    """The local date in `zone` of each instant, as days since 1970-01-01.

    >>> local_days(np.array([1_772_409_600_000_000 - 1]), "Europe/Paris").tolist()  # 2026-03-02 00:59:59.999999
    [20514]
    """
    if zone == "UTC" or not micros.size:
        return np.floor_divide(micros, DAY)
    starts, offsets = _offsets(zone, int(micros.min()) // DAY - 1, int(micros.max()) // DAY + 2)
    table = np.asarray(offsets, dtype=np.int64)
    shown: Ints = micros + table[np.searchsorted(starts, micros, side="right") - 1]
    return np.floor_divide(shown, DAY)


def day_of(at: At, zone: str) -> int:
    """The local date in `zone` of one instant, as days since 1970-01-01."""
    return int(local_days(np.array([int(instant(at))]), zone)[0])


@lru_cache(maxsize=64)
def _offsets(zone: str, first: int, last: int) -> tuple[Sequence[int], Sequence[int]]:
    """Instants from which the zone keeps an offset to UTC, and the offsets, over these UTC days."""
    starts, offsets = [first * DAY], [_offset(first * DAY, zone)]
    for day in range(first + 1, last + 1):
        if _offset(day * DAY, zone) != offsets[-1]:
            low, high = (day - 1) * DAY, day * DAY
            while high - low > 1_000_000:  # transitions fall on whole seconds
                middle = (low + high) // 2_000_000 * 1_000_000
                low, high = (middle, high) if _offset(middle, zone) == offsets[-1] else (low, middle)
            starts.append(high)
            offsets.append(_offset(high, zone))
    return starts, offsets


def _offset(at: int, zone: str) -> int:
    offset = Instant(at).local(zone).utcoffset()
    return 0 if offset is None else (offset.days * 86_400 + offset.seconds) * 1_000_000
