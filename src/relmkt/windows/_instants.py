"""Which instant, and how long? Whole microseconds, so that one customer, a column and SQL agree exactly.

An instant counts from 1970-01-01T00:00:00 UTC without leap seconds (POSIX time, IEEE Std 1003.1); it prints in
ISO 8601.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from numbers import Real
from operator import index
from typing import Self, SupportsIndex, overload

import pendulum
from pendulum.tz.exceptions import InvalidTimezone

from relmkt.exceptions import InvalidFactError

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = EPOCH.replace(tzinfo=None)


@lru_cache(maxsize=1024)
def zone_of(zone: str) -> pendulum.Timezone:
    """The time zone of this IANA name; an unknown one is an `InvalidFactError` at "zone"."""
    if not isinstance(zone, str):
        raise TypeError(f"a zone is the name of an IANA time zone, not {type(zone).__name__}")
    try:
        return pendulum.timezone(zone)
    except (InvalidTimezone, ValueError, OSError):
        raise InvalidFactError("zone", repr(zone), "the name of an IANA time zone") from None


class Span(int):
    """A length of time in whole microseconds; it prints as the call that makes it.

    Spans add and subtract to spans, scale by a number to the nearest microsecond, and divide by a span to a float.
    Write the span before a fraction, `days(1) * 0.5`: the other way about Python's float answers with a bare float.

    >>> days(90), hours(36), days(1) - hours(1), 2 * hours(12), days(1) / hours(6)
    (days(90), hours(36), hours(23), days(1), 4.0)
    """

    __slots__ = ()

    @overload
    def __add__(self, other: Instant) -> Instant: ...
    @overload
    def __add__(self, other: Span) -> Span: ...
    @overload
    def __add__(self, other: int) -> int: ...
    def __add__(self, other: int) -> int:
        total = int.__add__(self, other)
        if isinstance(other, Span):
            return Span(total)
        return _instant(total) if isinstance(other, Instant) else total

    @overload
    def __sub__(self, other: Span) -> Span: ...
    @overload
    def __sub__(self, other: int) -> int: ...
    def __sub__(self, other: int) -> int:
        rest = int.__sub__(self, other)
        return Span(rest) if isinstance(other, Span) else rest

    def __mul__(self, other: float) -> Span:
        if isinstance(other, Span | Instant):
            raise TypeError("a span is multiplied by a plain number")
        return Span(_whole(other, int(self)))

    __rmul__ = __mul__

    @overload  # type: ignore[override]  # a span over a number is a span, and no longer int's quotient
    def __truediv__(self, other: Span) -> float: ...
    @overload
    def __truediv__(self, other: float) -> Span: ...
    def __truediv__(self, other: float) -> float:
        if isinstance(other, Span):
            return int.__truediv__(self, other)
        if isinstance(other, Instant) or not _number(other):
            raise TypeError("a span is divided by a span or by a plain number")
        return Span(round(Fraction(int(self)) / Fraction(float(other))))

    def __neg__(self) -> Span:
        return Span(int.__neg__(self))

    def __abs__(self) -> Span:
        return Span(int.__abs__(self))

    def __repr__(self) -> str:
        count = int(self)
        for unit, name in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes"), (SECOND, "seconds")):
            if count % unit == 0:
                return f"{name}({count // unit})"
        return f"microseconds({count})"

    __str__ = __repr__


class Instant(int):
    """A point in time: whole microseconds since 1970 UTC, read from an integer or from ISO 8601 text with an offset.

    It compares and hashes as its integer. With a `Span` it gives an instant, with an instant a span, else an integer.

    >>> noon = Instant("2026-03-01T12:00:00+00:00")
    >>> print(noon + days(1), noon - (noon - hours(2)), int(noon))
    2026-03-02T12:00:00+00:00 hours(2) 1772366400000000
    """

    __slots__ = ()

    def __new__(cls, at: SupportsIndex | str) -> Self:
        return int.__new__(cls, _read(at) if isinstance(at, str) else index(at))

    @overload
    def __add__(self, other: Span) -> Instant: ...
    @overload
    def __add__(self, other: int) -> int: ...
    def __add__(self, other: int) -> int:
        total = int.__add__(self, other)
        return _instant(total) if isinstance(other, Span) else total

    @overload
    def __sub__(self, other: Span) -> Instant: ...
    @overload
    def __sub__(self, other: Instant) -> Span: ...
    @overload
    def __sub__(self, other: int) -> int: ...
    def __sub__(self, other: int) -> int:
        rest = int.__sub__(self, other)
        if isinstance(other, Span):
            return _instant(rest)
        return Span(rest) if isinstance(other, Instant) else rest

    @property
    def utc(self) -> pendulum.DateTime:
        """The same instant as a pendulum datetime in UTC; an OverflowError outside the years 1 to 9999."""
        return self.local("UTC")

    def local(self, zone: str) -> pendulum.DateTime:
        """The same instant on the calendar of this IANA time zone.

        >>> print(Instant("2026-07-01T12:00:00Z").local("Europe/Paris"))
        2026-07-01 14:00:00+02:00
        """
        there = zone_of(zone)
        t = local_datetime(self, zone)
        return pendulum.DateTime(
            t.year, t.month, t.day, t.hour, t.minute, t.second, t.microsecond, tzinfo=there, fold=t.fold
        )

    def __str__(self) -> str:
        try:
            return (EPOCH + timedelta(microseconds=int(self))).isoformat()
        except OverflowError:  # beyond the calendar, where a rule's "never" may stand: printing is total
            return f"1970-01-01T00:00:00+00:00 {int(self):+d} microseconds"

    def __repr__(self) -> str:
        return f"Instant('{self}')"


At = datetime | Instant


def _instant(at: int) -> Instant:
    return int.__new__(Instant, at)


def _read(text: str) -> Instant:
    try:
        return instant(datetime.fromisoformat(text))
    except InvalidFactError:
        raise
    except ValueError:
        raise InvalidFactError("at", "a text", "an ISO 8601 date and time with an offset") from None


def instant(at: At, place: str = "at") -> Instant:
    """The instant of an aware datetime, by integer arithmetic; an `Instant` is returned as it is.

    `place` names the field in errors: a naive datetime is an `InvalidFactError`, anything else a `TypeError`.

    >>> print(instant(pendulum.datetime(2026, 3, 1, 13, tz="Europe/Paris")))
    2026-03-01T12:00:00+00:00
    """
    if isinstance(at, datetime):
        try:
            # datetime's own subtraction, for pendulum's builds a slow interval
            since = datetime.__sub__(at, EPOCH)
        except TypeError:
            raise InvalidFactError(place, "a naive datetime", "an aware datetime") from None
        return int.__new__(Instant, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)
    if isinstance(at, Instant):
        return at
    raise TypeError(f"{place}: expected an aware datetime or an Instant, got {type(at).__name__}")


def local_datetime(at: int, zone: str) -> datetime:
    """The instant as a standard-library datetime in this zone (fold set on the second of a repeated time)."""
    return (EPOCH + timedelta(microseconds=int(at))).astimezone(zone_of(zone))


def _number(n: object) -> bool:
    return isinstance(n, Real)


def _whole(n: float, unit: int) -> int:
    """n units in whole microseconds, the nearest one; NaN is a ValueError, infinity an OverflowError."""
    if isinstance(n, int):
        return int(n) * unit
    if not _number(n):
        raise TypeError(f"a span is a number of units, not a {type(n).__name__}")
    return round(Fraction(float(n)) * unit)


def days(n: float) -> Span:
    """A span of n days of 24 hours.

    >>> days(90), days(0.5)
    (days(90), hours(12))
    """
    return Span(_whole(n, DAY))


def hours(n: float) -> Span:
    """A span of n hours.

    >>> hours(2), hours(48)
    (hours(2), days(2))
    """
    return Span(_whole(n, HOUR))


def minutes(n: float) -> Span:
    """A span of n minutes.

    >>> minutes(90)
    minutes(90)
    """
    return Span(_whole(n, MINUTE))


def seconds(n: float) -> Span:
    """A span of n seconds.

    >>> seconds(1.5)
    microseconds(1500000)
    """
    return Span(_whole(n, SECOND))


def microseconds(n: int) -> Span:
    """A span of n microseconds, the unit in which every span is kept.

    >>> microseconds(1)
    microseconds(1)
    """
    return Span(index(n))
