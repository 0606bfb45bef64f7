"""At which instant did a row happen? Dates and times of any sort as whole microseconds since 1970 UTC.

A time without a zone is what the clock of the mapping's zone showed (R65 for skipped and repeated times); a date is
its midnight. Text is ISO 8601, or of a format that is given: `03/04/2026` is never guessed at.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from relmkt.mapping._reading import Given, Slip
from relmkt.windows import DAY, Instant, instant
from relmkt.windows._local import local_micros

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["instants"]

_DATE_LIKE = re.compile(r"[0-9][0-9T:/. +Z-]{0,39}")
_EPOCH = date(1970, 1, 1)


def instants(
    given: Given, zone: str, dates: str | None, name: str = "at"
) -> "tuple[NDArray[np.int64], dict[int, Slip]]":
    """Microseconds of each row, and the rows that hold no instant.

    Arrays of whole numbers are microseconds since 1970 UTC already.
    """
    import numpy as np

    if isinstance(given.values, list):
        return _listed(given.values, zone, dates, name)
    values = given.values
    if values.dtype.kind in "iu":
        return values.astype(np.int64), {}
    if values.dtype.kind == "f":
        return _listed([None if value != value else value for value in values.tolist()], zone, dates, name)
    absent = np.isnat(values)
    micros = values.astype("datetime64[us]").astype(np.int64)
    micros[absent] = 0
    slips = dict.fromkeys(np.flatnonzero(absent).tolist(), (name, "nothing", "a date"))
    return micros if given.utc or zone == "UTC" else _localised(micros, zone), slips


def _localised(walls: "NDArray[np.int64]", zone: str) -> "NDArray[np.int64]":
    """Instants of what a zone's clock showed: a day at a time, but for the days on which the clock was changed."""
    import numpy as np

    days, where = np.unique(walls // DAY, return_inverse=True)
    starts = {day: _midnight(day, zone) for day in {*days.tolist(), *(days + 1).tolist()}}
    offsets = np.array([day * DAY - starts[day] for day in days.tolist()], np.int64)
    found = walls - offsets[where]
    changed = np.array([starts[day + 1] - starts[day] != DAY for day in days.tolist()], np.bool_)[where]
    for row in np.flatnonzero(changed).tolist():
        found[row] = local_micros(datetime(1970, 1, 1) + timedelta(microseconds=int(walls[row])), zone)  # noqa: DTZ001
    return found


def _midnight(day: int, zone: str) -> int:
    return local_micros(datetime.combine(_EPOCH + timedelta(days=day), time(0)), zone)


def _listed(values: list[Any], zone: str, dates: str | None, name: str) -> "tuple[NDArray[np.int64], dict[int, Slip]]":
    import numpy as np

    read = _reader(zone, dates)
    known: dict[Any, int | None] = {}
    found = np.zeros(len(values), np.int64)
    slips: dict[int, Slip] = {}
    for row, value in enumerate(values):
        if isinstance(value, str):  # the dates of a file repeat; of times, equal ones may differ by their zone
            at = known[value] if value in known else known.setdefault(value, read(value))
        else:
            at = read(value)
        if at is None:
            slips[row] = _slip(value, name, dates)
        else:
            found[row] = at
    return found, slips


def _slip(value: Any, name: str, dates: str | None) -> Slip:
    expected = f"a date as {dates}" if dates else "an ISO 8601 date"
    if value is None or value != value or value == "":
        return name, "nothing", expected
    quoted = isinstance(value, str) and _DATE_LIKE.fullmatch(value)  # only what can be no name is repeated
    return name, f"not a date: {value!r}" if quoted else f"not a date, a {type(value).__name__}", expected


def _reader(zone: str, dates: str | None) -> Callable[[Any], int | None]:
    def micros(at: datetime) -> int:
        return int(instant(at)) if at.tzinfo is not None else local_micros(at, zone)

    def read(value: Any) -> int | None:
        try:
            if isinstance(value, str):
                text = value.strip()
                return micros(datetime.strptime(text, dates) if dates else datetime.fromisoformat(text))  # noqa: DTZ007
            if isinstance(value, Instant):
                return int(value)
            if value.__class__.__name__ == "datetime64":
                value = value.astype("datetime64[us]").item()
            if isinstance(value, datetime) and value == value:
                return micros(value)
            return micros(datetime.combine(value, time(0))) if isinstance(value, date) else None
        except (ValueError, OverflowError, TypeError):
            return None

    return read
