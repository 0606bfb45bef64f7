"""In which period did a purchase fall, and how many periods of a unit lie between two?

A unit measures time (a month is a twelfth of 365.25 days); a period is a day or a calendar week, month, quarter or
year, in which purchases count once. Discrete models, the BG/BB of Fader, Hardie & Shang (2010), "Customer-base analysis
in a discrete-time noncontractual setting", Marketing Science 29(6), need whole periods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.value._summaries._rows import day_of
from relmkt.windows import DAY, At, Span

if TYPE_CHECKING:
    from relmkt.windows import Instant

__all__ = ["DAYS_OF", "Calendar", "Unit", "Weekday", "periods"]

Ints = NDArray[np.int64]
Unit = Literal["day", "week", "month", "quarter", "year"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS_OF: dict[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
MONDAY = 3  # 1970-01-01 was a Thursday
TABLE = 1 << 20  # days between the first and the last beyond which each is looked up by itself


def _one_of(name: str, value: str, words: tuple[str, ...]) -> None:
    if value not in words:
        raise ValueError(f"{name} is one of {', '.join(words)}, not {value!r}")


@frozen
class Calendar:
    """How days become periods, and periods units: `unit` of time, `period` counted once, `zone`, first day of a week.

    Of a period longer than a day times are whole periods, so the unit is the period: another one is a ValueError.
    """

    unit: Unit = field()
    period: Unit = "day"
    zone: str = "UTC"
    week_start: Weekday = "monday"

    def __attrs_post_init__(self) -> None:
        _one_of("unit", self.unit, get_args(Unit))
        _one_of("period", self.period, get_args(Unit))
        _one_of("week_start", self.week_start, get_args(Weekday))
        if self.period not in ("day", self.unit):
            raise ValueError(f"times of whole {self.period}s are in {self.period}s: unit is not {self.unit!r}")

    @property
    def length(self) -> float:
        """Periods in one unit."""
        return DAYS_OF[self.unit] if self.period == "day" else 1.0

    def numbers(self, days: Ints) -> Ints:
        """The number of each day's period, counted from 1970; a later period has a greater number.

        >>> Calendar("month", "month").numbers(np.array([30, 31, 58, 59])).tolist()
        [0, 1, 1, 2]
        """
        if self.period == "day" or not days.size:
            return days
        low, high = int(days.min()), int(days.max())
        if high - low > min(TABLE, days.size):
            return self._looked_up(days)
        return self._looked_up(np.arange(low, high + 1))[days - low]

    def number(self, at: At | Instant) -> int:
        """The number of the period that an instant falls in."""
        return int(self.numbers(np.array([day_of(at, self.zone)]))[0])

    def _looked_up(self, days: Ints) -> Ints:
        if self.period == "week":
            return np.floor_divide(days + MONDAY - get_args(Weekday).index(self.week_start), 7)
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return np.floor_divide(months, MONTHS_OF[self.period])


def periods(horizon: Span | float, unit: Unit | None) -> float:
    """A horizon in periods of `unit`; a span needs one, a number is periods already."""
    if isinstance(horizon, Span):
        if unit is None:
            raise ValueError("a span needs a model with a unit; give the horizon in periods, or unit= to the model")
        horizon = int(horizon) / (DAYS_OF[unit] * DAY)
    if not 0 <= horizon < float("inf"):
        raise ValueError("horizon must be finite and not negative")
    return float(horizon)
