"""When, for how long, and where on the calendar?

Instants and spans are whole microseconds; zones, months and daylight saving live in this room alone.
Calendar and daylight-saving rules follow the IANA time zone database; clock ambiguity follows PEP 495.
"""

from relmkt.windows._calendar import Window, day, month, quarter, week, year
from relmkt.windows._instants import (
    DAY,
    HOUR,
    At,
    Instant,
    Span,
    days,
    hours,
    instant,
    microseconds,
    minutes,
    seconds,
)
from relmkt.windows._local import birthdays, local_instant, quiet_until
from relmkt.windows._validity import Validity

__all__ = [
    "DAY",
    "HOUR",
    "At",
    "Instant",
    "Span",
    "Validity",
    "Window",
    "birthdays",
    "day",
    "days",
    "hours",
    "instant",
    "local_instant",
    "microseconds",
    "minutes",
    "month",
    "quarter",
    "quiet_until",
    "seconds",
    "week",
    "year",
]
