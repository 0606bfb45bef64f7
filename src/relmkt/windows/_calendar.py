"""In which day, week, month, quarter or year does an instant stand?

Periods are those of a zone's own calendar (weeks begin on Monday, ISO 8601); each starts at the first valid instant of
its local midnight (R65) and ends where the next one starts.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from relmkt.exceptions import InvalidFactError
from relmkt.windows._instants import DAY, local_datetime, zone_of
from relmkt.windows._local import MIDNIGHT, local_micros

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")
_TWO_DAYS = timedelta(days=2)
CALENDAR_END = 253_402_387_200_000_000  # 10000-01-02 UTC: later than any datetime, the end of the last period
_DENSE = 40_000 * DAY  # a column over more than a century is rare, and may hold a stray year 1 or 9999


def first_day(unit: Unit, day: date) -> date:
    """The first day of the period that holds this day."""
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case _:
            return day.replace(month=1, day=1)


def next_day(unit: Unit, first: date) -> date:
    """The first day of the period after the one that begins on `first`."""
    if unit in ("day", "week"):
        return first + timedelta(days=1 if unit == "day" else 7)
    return months_later(first, {"month": 1, "quarter": 3, "year": 12}[unit])


def months_later(first: date, months: int) -> date:
    """The first day of a month, this many months on."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def midnight(day: date, zone: str) -> int:
    """Microseconds since 1970 UTC at which this day begins in this zone."""
    return local_micros(datetime.combine(day, MIDNIGHT), zone)


def _starts(unit: Unit, zone: str, opens: int, closes: int) -> list[int]:
    """The starts of the periods that touch [opens, closes), and of the next one, in order."""
    # two days early: a clock set back over midnight shows yesterday after today has begun
    first = first_day(unit, max(_local_day(opens, zone), date.min + _TWO_DAYS) - _TWO_DAYS)
    starts = [min(midnight(first, zone), opens) if first == date.min else midnight(first, zone)]
    while starts[-1] < closes:
        try:
            first = next_day(unit, first)
        except (ValueError, OverflowError):
            starts.append(max(CALENDAR_END, closes))  # a window answers beyond the calendar too, with its last period
        else:
            starts.append(midnight(first, zone))
    # a day that a zone skipped whole begins with the one after it
    distinct = sorted(set(starts))
    return distinct[bisect_right(distinct, opens) - 1 :]


def _local_day(at: int, zone: str) -> date:
    try:
        return local_datetime(at, zone).date()
    except OverflowError:  # the first or last hours that a datetime can tell, seen from a zone beyond them
        return date.min if at < 0 else date.max


@lru_cache(maxsize=8192)
def _bounds(unit: Unit, zone: str, utc_day: int) -> tuple[int, ...]:
    return tuple(_starts(unit, zone, utc_day * DAY, (utc_day + 1) * DAY))


def _column_bounds(unit: Unit, zone: str, at: NDArray[int64]) -> list[int]:
    """The starts that part these instants: one after the other, or day by day where they lie centuries apart."""
    import numpy as np

    low, high = int(at.min()), int(at.max())
    if high - low <= _DENSE:
        return _starts(unit, zone, low, high + 1)
    days = np.unique(at // DAY).tolist()
    return sorted({bound for day in days for bound in _bounds(unit, zone, day)})


def _utc_periods(unit: Unit, at: NDArray[int64]) -> NDArray[int64]:
    """The start of each instant's period on the UTC calendar, by NumPy's own calendar arithmetic."""
    import numpy as np

    if unit in ("day", "week"):
        length, monday = (DAY, 0) if unit == "day" else (7 * DAY, 3 * DAY)  # 1970-01-01 was a Thursday
        return at - (at + monday) % length
    months = at.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    firsts = months - months % {"month": 1, "quarter": 3, "year": 12}[unit]
    return firsts.astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)


def _known(unit: str) -> None:
    if unit not in UNITS:
        raise InvalidFactError("unit", repr(unit), f"one of {', '.join(UNITS)}")


@frozen(repr=False)
class Window:
    """A calendar window: the day, week, month, quarter or year of a zone's calendar in which an instant stands.

    Attributes: `unit`, the sort of period; `zone`, the IANA name of the zone whose calendar counts.

    >>> from relmkt.windows import Instant, year
    >>> window = year("Europe/Paris")
    >>> print(window, Instant(window.start(Instant("2026-03-01T12:00:00Z"))))
    year('Europe/Paris') 2025-12-31T23:00:00+00:00
    """

    unit: Unit
    zone: str = "UTC"

    def __attrs_post_init__(self) -> None:
        _known(self.unit)
        zone_of(self.zone)

    def start(self, at: int) -> int:
        """The start of the period that holds `at`, in microseconds since 1970 UTC.

        >>> day().start(86_400_000_001)
        86400000000
        """
        bounds = _bounds(self.unit, self.zone, at // DAY)
        return bounds[bisect_right(bounds, at) - 1]

    def end(self, at: int) -> int:
        """The start of the next period, which is the exclusive end of the one that holds `at`.

        >>> day().end(86_400_000_001)
        172800000000
        """
        bounds = _bounds(self.unit, self.zone, at // DAY)
        return bounds[bisect_right(bounds, at)]

    def periods(self, at: NDArray[int64]) -> NDArray[int64]:
        """The start of each instant's period: `start` over an int64 column of any shape, in microseconds.

        >>> import numpy as np
        >>> day().periods(np.array([1, 86_400_000_001]))
        array([          0, 86400000000])
        """
        import numpy as np

        at = np.asarray(at, dtype=np.int64)
        if self.zone == "UTC" or not at.size:
            return _utc_periods(self.unit, at)
        bounds = np.array(_column_bounds(self.unit, self.zone, at), dtype=np.int64)
        return bounds[np.searchsorted(bounds, at, side="right") - 1]

    def __repr__(self) -> str:
        return f"{self.unit}({self.zone!r})"


def day(zone: str = "UTC") -> Window:
    """The calendar day of a zone; 23 or 25 hours where its clock changes.

    >>> day("Asia/Tokyo")
    day('Asia/Tokyo')
    """
    return Window("day", zone)


def week(zone: str = "UTC") -> Window:
    """The calendar week of a zone, Monday to Sunday.

    >>> week()
    week('UTC')
    """
    return Window("week", zone)


def month(zone: str = "UTC") -> Window:
    """The calendar month of a zone.

    >>> month()
    month('UTC')
    """
    return Window("month", zone)


def quarter(zone: str = "UTC") -> Window:
    """The calendar quarter of a zone, from January, April, July or October.

    >>> quarter()
    quarter('UTC')
    """
    return Window("quarter", zone)


def year(zone: str = "UTC") -> Window:
    """The calendar year of a zone.

    >>> year("Europe/Paris")
    year('Europe/Paris')
    """
    return Window("year", zone)
