"""On which day did a row fall? Times as local dates, for millions of rows at once.

Instants are whole microseconds since 1970 UTC; a day is a local date of one IANA time zone, as a number since
1970-01-01. Daylight saving follows the IANA time zone database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.windows import DAY, At, Instant, instant

__all__ = ["Stamps", "day_of", "local_days", "stamps"]

Ints = NDArray[np.int64]
PER_DAY = {"D": 1, "h": 24, "m": 1440, "s": 86_400, "ms": 86_400_000, "us": DAY, "ns": 1000 * DAY}
LAST = 2**63 // DAY  # days that microseconds can count


@frozen(eq=False, repr=False)
class Stamps:
    """When each row happened: whole `per_day`-ths of a day since 1970, of UTC or, if `local`, of a zone's clock.

    datetime64 keeps the resolution in which it came: days stay days.
    """

    ticks: Ints
    per_day: int
    local: bool

    def __len__(self) -> int:
        return int(self.ticks.size)

    def until(self, at: At, zone: str) -> NDArray[np.bool_] | None:
        """Which rows are not later than `at`, or None where all are."""
        end = instant(at)
        shown = int(np.datetime64(end.local(zone).naive(), "us").astype(np.int64)) if self.local else int(end)
        last = shown * self.per_day // DAY
        return None if not len(self) or int(self.ticks.max()) <= last else np.asarray(self.ticks <= last)

    def kept(self, rows: NDArray[np.bool_]) -> Stamps:
        """Some of the rows."""
        return evolve(self, ticks=self.ticks[rows])

    def days(self, zone: str) -> Ints:
        """The local date of each row, as days since 1970-01-01."""
        if not self.local:
            return local_days(self.ticks, zone)
        return self.ticks if self.per_day == 1 else np.floor_divide(self.ticks, self.per_day)


def stamps(times: ArrayLike | Sequence[datetime], place: str = "times") -> Stamps:
    """When the rows happened; a missing time, a text or a naive datetime is an `InvalidFactError`.

    int64 is microseconds since 1970 UTC, aware datetimes are instants, and datetime64 (which has no zone) is read
    as the local time of the zone asked about.
    """
    given = np.asarray(times)
    if given.ndim != 1:
        raise InvalidFactError(place, f"an array of {given.ndim} dimensions", "one time a row")
    if given.dtype.kind == "M":
        return _clock(given, place)
    if given.dtype.kind in "iu" or given.size == 0:
        return Stamps(given.astype(np.int64, copy=False), DAY, local=False)
    if given.dtype.kind == "O":
        ticks = np.fromiter((_instant_of(t, place) for t in given.tolist()), dtype=np.int64, count=given.size)
        return Stamps(ticks, DAY, local=False)
    raise InvalidFactError(place, f"values of type {given.dtype.name}", "int64 microseconds, datetime64 or datetimes")


def _clock(given: NDArray[Any], place: str) -> Stamps:
    resolution, step = np.datetime_data(given.dtype)
    if step != 1 or resolution not in PER_DAY:
        finer = resolution in ("ps", "fs", "as") or PER_DAY.get(resolution, 1) > 1
        given = given.astype("datetime64[us]" if finer else "datetime64[D]")
        resolution, _ = np.datetime_data(given.dtype)
    given = given.astype(given.dtype.newbyteorder("="), copy=False)
    ticks, per_day = given.view(np.int64), PER_DAY[resolution]
    if ticks.size and int(ticks.min()) == np.iinfo(np.int64).min:  # NaT
        raise InvalidFactError(place, "a missing time (NaT)", "a time in every row")
    if ticks.size and max(int(ticks.max()), -int(ticks.min())) >= LAST * per_day:
        raise InvalidFactError(place, "a date that 64 bits of microseconds do not hold", "a time of the calendar")
    return Stamps(ticks, per_day, local=True)


def _instant_of(time: Any, place: str) -> int:
    if isinstance(time, int) and not isinstance(time, bool):
        return int(time)
    if isinstance(time, datetime):
        return int(instant(time, place))
    raise InvalidFactError(place, f"a {type(time).__name__}", "int64 microseconds, datetime64 or aware datetimes")


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
