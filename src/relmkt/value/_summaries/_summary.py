"""What do the purchase models read of a customer's history? Frequency, recency, age and mean repeat spend.

The sufficient statistics of Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing Science
24(2), and Fader & Hardie (2013), "The Gamma–Gamma model of monetary value". `recency` here is the customer's age at
the last purchase; the days since the last purchase, RFM's recency, is `since(Purchase)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.value._summaries._fields import SAME, SAME_OF_EACH, SAME_OR_NONE, columns, floats, floats_or_none, labels
from relmkt.value._summaries._holdout import Holdout, held_out
from relmkt.value._summaries._occasions import Log, Occasions, fine
from relmkt.value._summaries._periods import DAYS_OF, Calendar, Unit, Weekday, periods
from relmkt.value._summaries._tables import HoldsFacts, Returns, Table, currency_rows, facts_of, known_until, logs_of
from relmkt.windows import At, instant

if TYPE_CHECKING:
    from typing import Self

__all__ = ["DAYS_OF", "HoldsFacts", "PurchaseSummary", "Table", "Unit", "currency_rows", "floats", "periods"]

Floats = NDArray[np.float64]


@frozen(repr=False)
class PurchaseSummary:
    """Purchase histories boiled down to what the models read, one entry a customer who has bought.

    Times are in units of `unit` (days / 7 for weeks, 30.4375 days a month), so they need not be whole. Purchases on
    one local date are one purchase. What happened after the instant it stands for is not in it.

    ids: one label a customer; frequency: purchases after the first; recency: age at the last purchase, 0 without a
    repeat; T: age at the end of the observation; monetary_value: mean amount of the repeat days in whole units of
    `currency`, the first day left out, NaN where nothing was repeated or no amounts were given; log_gaps: the sum over
    the repeats of the natural logarithm of the units since the purchase before, 0 without a repeat, None unless it was
    asked for; covariates: further columns of one finite number a customer, by name.

    >>> summary = PurchaseSummary(["ada"], [2], [30.43], [38.86], [22.35], "week", "USD")
    >>> print(summary)
    1 customers, 2 repeat purchases, in weeks and USD

    Source: Fader, Hardie & Lee 2005; Fader & Hardie 2013.
    """

    ids: NDArray[Any] = field(converter=labels, eq=cmp_using(eq=np.array_equal))
    frequency: Floats = field(converter=floats, eq=SAME)
    recency: Floats = field(converter=floats, eq=SAME)
    T: Floats = field(converter=floats, eq=SAME)
    monetary_value: Floats = field(converter=floats, eq=SAME)
    unit: Unit
    currency: str | None = None
    log_gaps: Floats | None = field(default=None, kw_only=True, converter=floats_or_none, eq=SAME_OR_NONE)
    covariates: Mapping[str, Floats] = field(factory=dict, kw_only=True, converter=columns, eq=SAME_OF_EACH)

    def __attrs_post_init__(self) -> None:
        if self.unit not in DAYS_OF:
            raise ValueError(f"unit is one of {', '.join(DAYS_OF)}, not {self.unit!r}")
        for name in ("frequency", "recency", "T", "monetary_value"):
            if getattr(self, name).shape != (self.ids.size,):
                raise InvalidFactError(name, f"shape {getattr(self, name).shape}", f"({self.ids.size},), as ids have")
        x, t_x, T = self.frequency, self.recency, self.T
        _all("frequency", "not a whole number of 0 or more", (x >= 0) & (x == np.floor(x)) & np.isfinite(x))
        _all("T", "a negative or missing age", (T >= 0) & np.isfinite(T))
        _all("recency", "outside 0 and T, or not 0 without a repeat", (t_x >= 0) & (t_x <= T) & ((x > 0) | (t_x == 0)))
        spent = self.monetary_value
        _all("monetary_value", "a negative or infinite amount", np.isnan(spent) | fine(spent))
        for name, column in {
            **({} if self.log_gaps is None else {"log_gaps": self.log_gaps}),
            **self.covariates,
        }.items():
            if column.shape != (self.ids.size,):
                raise InvalidFactError(name, f"shape {column.shape}", f"({self.ids.size},), as ids have")
            _all(name, "a missing or infinite number", np.isfinite(column))
        if self.log_gaps is not None:
            _all("log_gaps", "a sum without a repeat", (x > 0) | (self.log_gaps == 0))

    def __reduce__(self) -> tuple[Any, ...]:
        """A mapping that cannot be changed cannot be pickled either: it travels as a plain one (PEERS failure 20)."""
        return _restored, (
            type(self),
            {**{name: getattr(self, name) for name in FIELDS}, "covariates": dict(self.covariates)},
        )

    def take(self, rows: ArrayLike) -> Self:
        """The summary of some customers with every field: a boolean mask of all of them, or their row numbers.

        >>> two = PurchaseSummary([7, 9], [2, 0], [5, 0], [9, 9], [3, float("nan")], "week")
        >>> two.take(two.frequency > 0).ids.tolist(), two.take([1, 0]).ids.tolist()
        ([7], [9, 7])
        """
        which = np.asarray(rows)
        if which.dtype != np.bool_:
            which = which.astype(np.intp, casting="safe") if which.size else np.zeros(0, np.intp)
        taken: dict[str, Any] = {name: old[which] for name in COLUMNS if (old := getattr(self, name)) is not None}
        return evolve(self, **taken, covariates={name: column[which] for name, column in self.covariates.items()})

    def with_covariates(self, **columns: ArrayLike) -> Self:
        """The same summary with further columns of one finite number a customer, in the order of `ids`.

        A column of a name that is there already takes its place; missing or infinite numbers and another length are an
        `InvalidFactError` that names the column.

        >>> one = PurchaseSummary([7], [2], [5], [9], [3], "week").with_covariates(north=[1])
        >>> one.covariates["north"].tolist()
        [1.0]
        """
        return evolve(self, covariates={**self.covariates, **columns})

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"<PurchaseSummary: {self}>"

    def __str__(self) -> str:
        money = f" and {self.currency}" if self.currency else ""
        return f"{len(self):,} customers, {int(self.frequency.sum()):,} repeat purchases, in {self.unit}s{money}"

    @classmethod
    def from_purchases(
        cls,
        customers: ArrayLike,
        times: ArrayLike | Sequence[datetime],
        amounts: ArrayLike | None = None,
        *,
        at: At,
        unit: Unit,
        currency: str | None = None,
        zone: str = "UTC",
        period: Unit = "day",
        week_start: Weekday = "monday",
        returns: Returns | None = None,
        first_in_value: bool = False,
        gaps: bool = False,
    ) -> Self:
        """The summary of plain rows, in any order, as known at `at`; ids come back sorted.

        customers: integers or strings; times: int64 microseconds since 1970 UTC, aware datetimes, or datetime64 read
        as local time of `zone`; amounts: whole units of `currency`, 0 or more (what was paid back goes to `returns`).
        Rows later than `at` are left out (R46); where no row is left, `at` is an `InvalidFactError`, as is a missing
        id, time or amount.

        period: purchases of one count once. Longer than a day, it is the unit too, and times are whole calendar
        periods; the one that `at` falls in counts as passed, so give a period's last day. `week_start` is of a week.
        returns: (customers, times, amounts) of what came back up to `at`. A return is never a purchase (R45): at its
        own date it lowers the spend of that customer's latest purchase so far, and a mean not below 0; one without a
        purchase before it is of something bought before these rows, and left out.
        first_in_value: `monetary_value` is the mean of all purchases, the first too. gaps: give `log_gaps` as well.

        >>> from pendulum import datetime
        >>> rows = np.array(["2026-01-01", "2026-01-15", "2026-01-15"], dtype="datetime64[D]")
        >>> one = PurchaseSummary.from_purchases([7, 7, 7], rows, [5, 2, 4], at=datetime(2026, 1, 29), unit="week")
        >>> float(one.frequency[0]), float(one.recency[0]), float(one.T[0]), float(one.monetary_value[0])
        (1.0, 2.0, 4.0, 6.0)
        """
        calendar = Calendar(unit, period, zone, week_start)
        log, back = logs_of(customers, times, amounts, returns)
        kept = _begun(log, at, zone)
        found = _folded(kept, back, at, calendar, first_in_value)
        return cls._told(found, calendar, at, currency, gaps)

    @classmethod
    def of(
        cls,
        base: HoldsFacts | FactTable,
        *,
        unit: Unit,
        currency: str | None = None,
        until: At | None = None,
        zone: str = "UTC",
        period: Unit = "day",
        week_start: Weekday = "monday",
        net: bool = False,
        first_in_value: bool = False,
        gaps: bool = False,
    ) -> Self:
        """The summary of a portfolio's purchases, as known at `until` (the portfolio's own instant unless given).

        base: a portfolio, of a store or a file too, or a table of facts, which has no instant and needs `until`.
        currency: only purchases in this currency count; without it all must be in one, else an `InvalidFactError`.
        Customers who have not bought do not appear. An `until` later than the portfolio's instant is a ValueError.
        net: facts of kind `Return` lower the spend as `returns` of `from_purchases` do, where the rest is told.
        """
        calendar = Calendar(unit, period, zone, week_start)
        end = known_until(base, until)
        log, back, currency = facts_of(base, currency, net)
        found = _folded(log.until(end, zone), back, end, calendar, first_in_value)
        return cls._told(found, calendar, end, currency, gaps)

    @classmethod
    def split(
        cls,
        customers: ArrayLike,
        times: ArrayLike | Sequence[datetime],
        amounts: ArrayLike | None = None,
        *,
        at: At,
        until: At,
        unit: Unit,
        currency: str | None = None,
        zone: str = "UTC",
        period: Unit = "day",
        week_start: Weekday = "monday",
        returns: Returns | None = None,
        first_in_value: bool = False,
        gaps: bool = False,
    ) -> tuple[Self, Holdout]:
        """The summary as known at `at`, the end of the calibration, and what those customers did up to `until`.

        The rest is as in `from_purchases`. An `until` before `at` is a ValueError.

        >>> from pendulum import datetime
        >>> rows = np.array(["2026-01-01", "2026-01-15", "2026-02-05"], dtype="datetime64[D]")
        >>> ends = {"at": datetime(2026, 1, 29), "until": datetime(2026, 2, 12)}
        >>> known, after = PurchaseSummary.split([7, 7, 7], rows, [5, 2, 4], unit="week", **ends)
        >>> known.frequency.tolist(), after.purchases.tolist(), after.spent.tolist(), after.length
        ([1.0], [1.0], [4.0], 2.0)
        """
        calendar = Calendar(unit, period, zone, week_start)
        log, back = logs_of(customers, times, amounts, returns)
        _begun(log, at, zone)
        return cls._parted(log, back, at, until, calendar, currency, first_in_value, gaps)

    @classmethod
    def split_of(
        cls,
        base: HoldsFacts | FactTable,
        *,
        at: At,
        unit: Unit,
        until: At | None = None,
        currency: str | None = None,
        zone: str = "UTC",
        period: Unit = "day",
        week_start: Weekday = "monday",
        net: bool = False,
        first_in_value: bool = False,
        gaps: bool = False,
    ) -> tuple[Self, Holdout]:
        """The same of a portfolio: its summary as known at `at`, and what those customers did up to `until`.

        until: the portfolio's own instant unless given. The rest is as in `of`.
        """
        calendar = Calendar(unit, period, zone, week_start)
        end = known_until(base, until)
        log, back, currency = facts_of(base, currency, net)
        return cls._parted(log, back, at, end, calendar, currency, first_in_value, gaps)

    @classmethod
    def _parted(
        cls,
        log: Log,
        back: Log | None,
        at: At,
        until: At,
        calendar: Calendar,
        currency: str | None,
        first_in_value: bool,
        gaps: bool,
    ) -> tuple[Self, Holdout]:
        if instant(until) < instant(at):
            raise ValueError("until, the end of the holdout, is before at, the end of the calibration")
        zone, whole = calendar.zone, log.until(until, calendar.zone)
        known = _folded(whole.until(at, zone), back, at, calendar, first_in_value)
        returned = None if back is None else back.until(until, zone).after(at, zone)
        both = Occasions.of(evolve(whole, money=None), calendar)
        purchases, spent = held_out(known, both, whole.after(at, zone), returned)
        length = (calendar.number(until) - calendar.number(at)) / calendar.length
        after = Holdout(known.ids, purchases, spent, length, calendar.unit, currency)
        return cls._told(known, calendar, at, currency, gaps), after

    @classmethod
    def _told(cls, found: Occasions, calendar: Calendar, at: At, currency: str | None, gaps: bool) -> Self:
        length, born = calendar.length, found.born
        return cls(
            found.ids,
            found.repeats,
            (found.last - born) / length,
            (calendar.number(at) - born) / length,
            found.mean_spent(),
            calendar.unit,
            currency,
            log_gaps=found.log_gaps(length) if gaps else None,
        )


def _folded(known: Log, back: Log | None, at: At, calendar: Calendar, with_first: bool) -> Occasions:
    found = Occasions.of(known, calendar, with_first)
    return found if back is None else found.less(back.until(at, calendar.zone), calendar)


def _begun(log: Log, at: At, zone: str) -> Log:
    kept = log.until(at, zone)
    if len(log) and not len(kept):
        raise InvalidFactError("at", "an end before the first purchase", "an instant not before some row")
    return kept


COLUMNS = ("ids", "frequency", "recency", "T", "monetary_value", "log_gaps")
FIELDS = (*COLUMNS, "unit", "currency")


def _restored(cls: type[PurchaseSummary], fields: Mapping[str, Any]) -> PurchaseSummary:
    return cls(**fields)


def _all(place: str, got: str, fine: NDArray[np.bool_]) -> None:
    if not fine.all():
        raise InvalidFactError(place, f"{got} at row {int(np.argmin(fine))}", "a purchase history's own meaning")
