"""Until when does something earned now hold? The validity grammar of points, offers and consents.

`30D`, `2W`, `12M`, `3Y` count local days, weeks, months and years and keep the clock; `end of month` and its like end
with a calendar period. `round_to` carries the end on to the end of its day, month or year (R4).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, timedelta
from typing import Literal

from attrs import field, frozen

from relmkt.exceptions import InvalidFactError
from relmkt.windows._calendar import CALENDAR_END, UNITS, Unit, Window, months_later
from relmkt.windows._instants import Instant, local_datetime, zone_of
from relmkt.windows._local import local_micros

_COUNT = re.compile(r"([1-9][0-9]{0,3})([DWMY])")
_END = re.compile(rf"end of (next )?({'|'.join(UNITS)})")
_GRAMMAR = "a count of D, W, M or Y as '12M', or 'end of [next] day, week, month, quarter or year'"


@frozen
class Validity:
    """How long something holds, counted on the calendar of a zone.

    Attributes: `span`, text as `12M` or `end of next year`; `round_to`, carry the end of a counted span to the end of
    its "day", "month" or "year"; `zone`, the IANA zone whose calendar counts. Anything else is an `InvalidFactError`.
    A month too short for the day ends it on its last day: 31 January and `1M` is 28 or 29 February.

    >>> print(Validity("12M", round_to="month", zone="Europe/Paris").until(Instant("2025-07-06T10:00:00+02:00")))
    2026-07-31T22:00:00+00:00
    """

    span: str
    round_to: Literal["day", "month", "year"] | None = field(default=None, kw_only=True)
    zone: str = field(default="UTC", kw_only=True)

    def __attrs_post_init__(self) -> None:
        zone_of(self.zone)
        ends = _END.fullmatch(self.span)
        if not ends and not _COUNT.fullmatch(self.span):
            raise InvalidFactError("validity", repr(self.span), _GRAMMAR)
        if self.round_to not in ((None,) if ends else (None, "day", "month", "year")):
            raise InvalidFactError("round_to", repr(self.round_to), "day, month, year or None, on a counted span")

    def until(self, at: int) -> Instant:
        """The exclusive end of what begins at `at`: it holds before that instant and not from it on (R6).

        An end beyond the year 9999 is 10000-01-02 UTC, later than any datetime.

        >>> print(Validity("end of next year").until(Instant("2026-03-01T12:00:00Z")))
        2028-01-01T00:00:00+00:00
        """
        try:
            return Instant(self._period_end(at) if self.span.startswith("end") else self._counted_end(at))
        except (ValueError, OverflowError):
            return Instant(CALENDAR_END)

    def _period_end(self, at: int) -> int:
        *_, following, unit = self.span.split()
        window = Window(_unit(unit), self.zone)
        end = window.end(at)
        return window.end(end) if following == "next" else end

    def _counted_end(self, at: int) -> int:
        counted = self._counted(at)
        return Window(self.round_to, self.zone).end(counted) if self.round_to else counted

    def _counted(self, at: int) -> int:
        wall = local_datetime(at, self.zone).replace(tzinfo=None, fold=0)
        count, letter = int(self.span[:-1]), self.span[-1]
        if letter in "DW":
            later = wall + timedelta(days=count if letter == "D" else 7 * count)
        else:
            later = _months_on(wall, count if letter == "M" else 12 * count)
        return local_micros(later, self.zone)


def _unit(word: str) -> Unit:
    return next(unit for unit in UNITS if unit == word)


def _months_on(wall: datetime, months: int) -> datetime:
    first = months_later(wall.date(), months)
    last = monthrange(first.year, first.month)[1]
    return wall.replace(year=first.year, month=first.month, day=min(wall.day, last))
