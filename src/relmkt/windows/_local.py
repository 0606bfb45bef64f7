"""When does a clock on a wall show this time? Local time across daylight saving, quiet hours and birthdays.

A skipped local time is the first valid instant after it, a repeated one its first occurrence (R65).
Gaps and folds are told apart as PEP 495 describes.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from relmkt.exceptions import InvalidFactError
from relmkt.windows._instants import DAY, NAIVE_EPOCH, SECOND, Instant, local_datetime, zone_of

MIDNIGHT = time(0)
Leap = Literal["28 February", "1 March"]


def _micros(length: timedelta) -> int:
    return (length.days * 86_400 + length.seconds) * SECOND + length.microseconds


def local_instant(day: date, clock: time | str, zone: str) -> Instant:
    """The instant at which this zone's clock shows this time of this day.

    `clock` is a naive time or text as "HH:MM"; a skipped time gives the first valid instant after it, a repeated time
    its first occurrence (R65). An unreadable clock or unknown zone is an `InvalidFactError`.

    >>> print(local_instant(date(2026, 3, 29), "02:30", "Europe/Paris"))
    2026-03-29T01:00:00+00:00
    """
    return Instant(local_micros(datetime.combine(day, clock_of(clock)), zone))


def clock_of(clock: time | str) -> time:
    """A naive time of day out of a time or a text as "HH:MM"."""
    try:
        read = clock if isinstance(clock, time) else time.fromisoformat(clock)
    except ValueError:
        read = None
    if read is None or read.tzinfo is not None:
        raise InvalidFactError("clock", repr(clock), 'a local time of day such as "08:00"')
    return read


def local_micros(wall: datetime, zone: str) -> int:
    """Microseconds since 1970 UTC at which the clock of this zone shows the naive `wall`, by the rule of R65."""
    local = wall.replace(tzinfo=zone_of(zone), fold=0)
    before, after = _offset(local), _offset(local.replace(fold=1))
    first = _micros(wall - NAIVE_EPOCH) - before
    if before >= after:
        return first  # an ordinary time, or the first of two
    return _transition(first - (after - before), first, after, zone)


def _offset(local: datetime) -> int:
    return _micros(local.utcoffset() or timedelta(0))


def _transition(before: int, after: int, offset: int, zone: str) -> int:
    """The first whole second in (before, after] from which this zone keeps `offset`."""
    low, high = before // SECOND, -(-after // SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(local_datetime(middle * SECOND, zone)) == offset:
            high = middle
        else:
            low = middle
    return high * SECOND


@lru_cache(maxsize=4096)
def _quiet_spans(utc_day: int, start: time, end: time, zone: str) -> tuple[tuple[int, int], ...]:
    """The quiet spans [opens, closes) that can hold an instant of this UTC day, those that touch made one."""
    centre = local_datetime(utc_day * DAY, zone).date()
    spans: list[tuple[int, int]] = []
    for shift in range(-2, 4):
        morning = centre + timedelta(days=shift)
        evening = morning + timedelta(days=1) if end <= start else morning
        opens = local_micros(datetime.combine(morning, start), zone)
        closes = local_micros(datetime.combine(evening, end), zone)
        if spans and opens <= spans[-1][1]:
            opens = spans.pop()[0]
        spans.append((opens, closes))
    return tuple(spans)


@lru_cache(maxsize=256)
def _quiet_clocks(start: str, end: str) -> tuple[time, time]:
    clocks = clock_of(start), clock_of(end)
    if clocks[0] == clocks[1]:
        raise InvalidFactError("quiet hours", f"{start} to {end}", "two different times of day")
    return clocks


def quiet_until(at: int, start: str, end: str, zone: str) -> Instant | None:
    """When the quiet hours that hold `at` end, or None where `at` is not quiet.

    `start` and `end` are local clock times of `zone`; the start is quiet and the end is not (R64), an end at or before
    the start is of the next day (R63), and the clock keeps its meaning across daylight saving (R65).

    >>> print(quiet_until(Instant("2026-03-01T22:30:00+01:00"), "22:00", "06:00", "Europe/Paris"))
    2026-03-02T05:00:00+00:00
    """
    for opens, closes in _quiet_spans(at // DAY, *_quiet_clocks(start, end), zone):
        if opens <= at < closes:
            return Instant(closes)
    return None


def birthdays(month: int, day: int, after: int, leap: Leap = "28 February", zone: str = "UTC") -> Instant:
    """The first local midnight strictly after `after` that opens this birthday (R90).

    `leap` says where 29 February is kept in other years. A day which no year has is an `InvalidFactError`.

    >>> print(birthdays(2, 29, Instant("2026-01-01T00:00:00Z"), leap="1 March"))
    2026-03-01T00:00:00+00:00
    """
    if leap not in ("28 February", "1 March"):
        raise ValueError('leap is "28 February" or "1 March"')
    # the message names the sort of mistake only: a birthday is personal
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(2000, month)[1]:
        raise InvalidFactError("birthday", "a day that no year has", "a month 1 to 12 and a day of it")
    # a year early: where clocks go back over midnight, the local date may stand a day behind
    current = local_datetime(after, zone).year - 1
    while (found := _midnight(_kept(current, month, day, leap), zone)) <= after:
        current += 1
    return found


def _kept(year: int, month: int, day: int, leap: Leap) -> date:
    if (month, day) != (2, 29) or isleap(year):
        return date(year, month, day)
    return date(year, 2, 28) if leap == "28 February" else date(year, 3, 1)


def _midnight(day: date, zone: str) -> Instant:
    return Instant(local_micros(datetime.combine(day, MIDNIGHT), zone))
