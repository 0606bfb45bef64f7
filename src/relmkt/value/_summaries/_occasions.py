"""Which purchases are one, and what was spent on them? A log of rows boiled down to one row a customer.

(customer, period) is packed into one integer and sorted by value, never by index; what was spent needs no order: what
fell in the first period is left out of the sum where it stands. Purchases of one period count once: Fader, Hardie & Lee
(2005), "Counting your customers the easy way", Marketing Science 24(2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.value._summaries._codes import Codes, chunks, encoded
from relmkt.value._summaries._periods import Calendar
from relmkt.value._summaries._rows import Stamps, stamps
from relmkt.windows import At

__all__ = ["Log", "Occasions", "fine"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
MANY = 1 << 20  # rows


@frozen(eq=False, repr=False)
class Log:
    """Rows in any order: whose, when, and for how much where it is known, `minor` to a whole unit."""

    codes: Codes
    stamps: Stamps
    money: Floats | None = None
    minor: int = 1

    @classmethod
    def of(cls, customers: ArrayLike, times: Any, amounts: ArrayLike | None, of: str = "") -> Log:
        """Plain rows checked one column at a time; `of` leads the names of columns in what is raised."""
        names = [f"{of}{column}" for column in ("customers", "times", "amounts")]
        codes, when = encoded(customers, names[0]), stamps(times, names[1])
        money = None if amounts is None else _amounts(amounts, names[2])
        for name, column in ((names[1], when), (names[2], money)):
            if column is not None and len(column) != len(codes):
                raise InvalidFactError(name, f"{len(column)} rows", f"{len(codes)} rows, as customers have")
        return cls(codes, when, money)

    def __len__(self) -> int:
        return len(self.codes)

    def kept(self, rows: Mask | None) -> Log:
        """Some of the rows, or all where that is None."""
        if rows is None:
            return self
        money = None if self.money is None else self.money[rows]
        return Log(self.codes.kept(rows), self.stamps.kept(rows), money, self.minor)

    def until(self, at: At, zone: str) -> Log:
        """What happened not later than `at` (rule R46)."""
        return self.kept(self.stamps.until(at, zone))

    def after(self, at: At, zone: str) -> Log:
        """What happened later than `at`."""
        rows = self.stamps.until(at, zone)
        return self.kept(np.zeros(len(self), bool) if rows is None else ~rows)

    def spent_by(self, ids: NDArray[Any]) -> Floats:
        """The sum of the amounts of each of these sorted ids, in whole units."""
        row, known = self.rows_of(ids)
        money = np.zeros(len(self)) if self.money is None else self.money
        return np.bincount(row[known], weights=money[known], minlength=len(ids)) / self.minor

    def rows_of(self, ids: NDArray[Any]) -> tuple[Ints, Mask]:
        """Where each row's customer stands among sorted ids, and whether it is there."""
        labels = self.codes.named(np.arange(self.codes.count))
        if not (ids.size and labels.size):
            return np.zeros(len(self), np.int64), np.zeros(len(self), bool)
        if (labels.dtype.kind in "iu") != (ids.dtype.kind in "iu"):
            raise InvalidFactError("returns", "ids of another sort than the purchases'", "ids of the same sort")
        places = np.minimum(np.searchsorted(ids, labels), ids.size - 1)
        numbers = self.codes.numbers()
        return places[numbers], (ids[places] == labels)[numbers]


@frozen(eq=False, repr=False)
class Occasions:
    """The distinct (customer, period) pairs of a log, and the sums of its amounts.

    packed: `who << bits | period - origin`, ascending; starts: where each customer's begin; later, first: the amounts
    after each customer's first period, and in it.
    """

    ids: NDArray[Any]
    packed: NDArray[Any]
    starts: Ints
    bits: int
    origin: int
    later: Floats | None = None
    first: Floats | None = None
    minor: int = 1
    repeats: Floats = field(init=False)

    def __attrs_post_init__(self) -> None:
        ends = np.append(self.starts[1:], self.packed.size)
        object.__setattr__(self, "repeats", (ends - self.starts - 1).astype(np.float64))

    @classmethod
    def of(cls, log: Log, calendar: Calendar, with_first: bool = False) -> Occasions:
        """Fold a log: its ids come back sorted, those with a row in it; `first` is summed where it is asked for."""
        periods = calendar.numbers(log.stamps.days(calendar.zone))
        origin = int(periods.min()) if periods.size else 0
        bits = ((int(periods.max()) if periods.size else 0) - origin).bit_length()
        packed = _distinct(log.codes, periods, origin, bits)
        starts = np.flatnonzero(_new(packed >> packed.dtype.type(bits)))
        who = packed[starts].astype(np.int64) >> bits
        found = cls(log.codes.named(who), packed, starts, bits, origin, minor=log.minor)
        if log.money is None:
            return found
        began = np.zeros(log.codes.count, np.int32)  # half the size of the days: more of it stays in the cache
        began[who] = found.born
        first, later = _spent(log.codes, periods, log.money, began, with_first)
        return evolve(found, first=first[who] if with_first else None, later=later[who])

    @property
    def born(self) -> Ints:
        """The number of the period of each customer's first purchase."""
        return self._period(self.starts)

    @property
    def last(self) -> Ints:
        """The number of the period of each customer's last purchase."""
        return self._period(self.starts + self.repeats.astype(np.int64))

    def _period(self, rows: Ints) -> Ints:
        return (self.packed[rows].astype(np.int64) & ((1 << self.bits) - 1)) + self.origin

    def less(self, returned: Log, calendar: Calendar) -> Occasions:
        """The same with returns taken off: each lowers the occasion that it follows, the latest not after its date.

        What was returned before any purchase known, or by nobody known, was bought outside the log, and is left out.
        """
        row, known = returned.rows_of(self.ids)
        if self.later is None or returned.money is None or not known.any():
            return self
        row, money = row[known], returned.money[known]
        period = calendar.numbers(returned.stamps.days(calendar.zone))[known] - self.origin
        whose = self.packed[self.starts].astype(np.int64) >> self.bits
        sought = (whose[row] << self.bits) + np.minimum(period, (1 << self.bits) - 1)
        before = np.searchsorted(self.packed, sought.astype(self.packed.dtype), side="right") - 1 - self.starts[row]
        before[period < 0] = -1
        taken = [
            np.bincount(row[rows], weights=money[rows], minlength=self.ids.size) for rows in (before == 0, before > 0)
        ]
        first = None if self.first is None else self.first - taken[0]
        return evolve(self, first=first, later=self.later - taken[1])

    def mean_spent(self) -> Floats:
        """The mean amount of a repeat occasion, or of all where the first are summed; whole units, not below 0.

        NaN where there is none, or no amounts are known.
        """
        if self.later is None:
            return np.full(self.ids.size, np.nan)
        n = self.repeats
        total, n = (self.later, n) if self.first is None else (self.later + self.first, n + 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(n > 0, np.maximum(total, 0.0) / n / self.minor, np.nan)

    def log_gaps(self, length: float) -> Floats:
        """The sum of the logarithms of the time between one occasion and the next, in units of `length` periods."""
        steps = np.diff(self.packed.astype(np.int64))
        logs = np.zeros(self.packed.size)
        same = np.ones(steps.size, bool)
        same[self.starts[1:] - 1] = False
        logs[1:][same] = np.log(steps[same] / length)
        return np.add.reduceat(logs, self.starts) if self.starts.size else logs


def _distinct(codes: Codes, periods: Ints, origin: int, bits: int) -> NDArray[Any]:
    """The distinct rows in order, each one integer, of 32 bits where that is enough: these sort twice as fast."""
    wide = max(codes.count - 1, 0).bit_length() + bits
    packed = np.empty(len(codes), np.uint32 if wide <= 32 else np.int64)
    for part in chunks(len(codes)):
        packed[part] = (codes.numbers(part) << bits) + (periods[part] - origin)
    packed.sort()
    return packed[_new(packed)]


def _new(ordered: NDArray[Any]) -> Mask:
    """Which of some ordered numbers are not the one before."""
    new = np.ones(ordered.size, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return new


def _spent(
    codes: Codes, periods: Ints, money: Floats, began: NDArray[np.int32], with_first: bool
) -> tuple[Floats, Floats]:
    """The amounts of each number's first period, where they are asked for, and those after it.

    `np.add.at` copies the sums once a call, so a call takes as many rows as there are sums, or more.
    """
    first, later = np.zeros(codes.count if with_first else 0), np.zeros(codes.count)
    for part in chunks(len(codes), max(codes.count, MANY)):
        who, amount = codes.numbers(part), money[part]
        start = began[who] == periods[part]
        np.add.at(later, who, np.where(start, 0.0, amount))
        if with_first:
            np.add.at(first, who[start], amount[start])
    return first, later


def _amounts(amounts: ArrayLike, place: str) -> Floats:
    money = np.asarray(amounts)
    if money.ndim != 1:
        raise InvalidFactError(place, f"an array of {money.ndim} dimensions", "one amount a row")
    if money.dtype.kind not in "iufO" and money.size:
        raise InvalidFactError(place, f"values of type {money.dtype.name}", "numbers in whole units of the currency")
    if money.dtype.kind == "O":
        money = np.fromiter((_number(m, place) for m in money.tolist()), np.float64, money.size)
    money = money.astype(np.float64, copy=False)
    if money.size and not (money.min() >= 0 and money.max() < np.inf):
        negative = bool((money < 0).any())
        got, row = ("a negative", money < 0) if negative else ("a missing or infinite", ~np.isfinite(money))
        hint = "0 or more: give what was paid back as returns=" if negative else "a number in every row"
        raise InvalidFactError(place, f"{got} amount at row {int(np.argmax(row))}", hint)
    return money


def _number(amount: Any, place: str) -> float:
    try:
        if not isinstance(amount, (bool, str)):
            return float(amount)
    except (TypeError, ValueError):
        pass
    raise InvalidFactError(place, f"a {type(amount).__name__}", "a number in every row")


def fine(money: Floats) -> Mask:
    """Which amounts are finite and not negative."""
    return np.asarray((money >= 0) & np.isfinite(money))
