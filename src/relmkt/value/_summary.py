"""What do the purchase models read of a customer's history? Frequency, recency, age and mean repeat spend.

The sufficient statistics of Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing Science
24(2), and Fader & Hardie (2013), "The Gamma–Gamma model of monetary value". `recency` here is the customer's age at
the last purchase; the days since the last purchase, RFM's recency, is `since(Purchase)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact, Purchase
from relmkt.money import exponent
from relmkt.value._rows import day_of, encoded, local_days, walls
from relmkt.windows import DAY, At, Instant, Span, instant

if TYPE_CHECKING:
    from typing import Self

__all__ = ["DAYS_OF", "HoldsFacts", "PurchaseSummary", "Table", "Unit", "currency_rows", "floats", "periods"]

Floats = NDArray[np.float64]
Unit = Literal["day", "week", "month", "quarter", "year"]
DAYS_OF: dict[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}


class Table(Protocol):
    """Facts as columns: `stream` holds codes into `ids`, `at` microseconds, `number` minor units, `label` currency."""

    @property
    def ids(self) -> Any: ...
    def __getitem__(self, field: str, /) -> NDArray[Any]: ...
    def __len__(self) -> int: ...


class HoldsFacts(Protocol):
    """What a formula needs of a portfolio: its instant, and the facts of one kind as columns."""

    @property
    def at(self) -> Instant: ...
    def facts(self, kind: type[Fact], /) -> Table: ...


def floats(values: ArrayLike) -> Floats:
    """A column of numbers of its own, which nobody changes."""
    return _frozen(np.array(values, dtype=np.float64))


def _labels(values: ArrayLike) -> NDArray[Any]:
    return _frozen(np.array(values))


def _frozen(column: NDArray[Any]) -> NDArray[Any]:
    column.setflags(write=False)
    return column


def _same(one: Floats, other: Floats) -> bool:
    return bool(np.array_equal(one, other, equal_nan=True))


def _maybe(values: ArrayLike | None) -> Floats | None:
    return None if values is None else floats(values)


def _columns(columns: Mapping[str, ArrayLike]) -> Mapping[str, Floats]:
    return MappingProxyType({name: floats(values) for name, values in columns.items()})


def _same_columns(one: Mapping[str, Floats], other: Mapping[str, Floats]) -> bool:
    return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)


def _same_or_none(one: Floats | None, other: Floats | None) -> bool:
    return one is other if one is None or other is None else _same(one, other)


SAME = cmp_using(eq=_same)


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

    ids: NDArray[Any] = field(converter=_labels, eq=cmp_using(eq=np.array_equal))
    frequency: Floats = field(converter=floats, eq=SAME)
    recency: Floats = field(converter=floats, eq=SAME)
    T: Floats = field(converter=floats, eq=SAME)
    monetary_value: Floats = field(converter=floats, eq=SAME)
    unit: Unit
    currency: str | None = None
    log_gaps: Floats | None = field(default=None, kw_only=True, converter=_maybe, eq=cmp_using(eq=_same_or_none))
    covariates: Mapping[str, Floats] = field(
        factory=dict, kw_only=True, converter=_columns, eq=cmp_using(eq=_same_columns)
    )

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
        _all("monetary_value", "a negative or infinite amount", np.isnan(spent) | _fine(spent))
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
        columns = {name: None if (old := getattr(self, name)) is None else old[which] for name in COLUMNS}
        return evolve(self, **columns, covariates={name: column[which] for name, column in self.covariates.items()})

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
        gaps: bool = False,
    ) -> Self:
        """The summary of plain rows, in any order, as known at `at`; ids come back sorted.

        customers: integers or strings; times: int64 microseconds since 1970 UTC, aware datetimes, or datetime64 read
        as local time of `zone`; amounts: whole units of `currency`, 0 or more (returns are another kind of fact).
        Rows later than `at` are left out (R46). A missing id, time or amount is an `InvalidFactError`.

        >>> from pendulum import datetime
        >>> rows = np.array(["2026-01-01", "2026-01-15", "2026-01-15"], dtype="datetime64[D]")
        >>> one = PurchaseSummary.from_purchases([7, 7, 7], rows, [5, 2, 4], at=datetime(2026, 1, 29), unit="week")
        >>> float(one.frequency[0]), float(one.recency[0]), float(one.T[0]), float(one.monetary_value[0])
        (1.0, 2.0, 4.0, 6.0)
        """
        codes, ids = encoded(customers)
        micros, local = walls(times, zone)
        money = None if amounts is None else _amounts(amounts)
        for name, column in (("times", micros), ("amounts", money)):
            if column is not None and column.size != codes.size:
                raise InvalidFactError(name, f"{column.size} rows", f"{codes.size} rows, as customers have")
        end = int(instant(at))
        if local:
            shown = instant(at).local(zone).naive()
            end = int(np.datetime64(shown, "us").astype(np.int64))
        if micros.size and int(micros.max()) > end:  # rule R46
            kept = micros <= end
            codes, micros, money = codes[kept], micros[kept], None if money is None else money[kept]
        days = np.floor_divide(micros, DAY) if local else local_days(micros, zone)
        return cls._folded(codes, ids, days, money, day_of(at, zone), unit, currency, gaps)

    @classmethod
    def of(
        cls,
        base: HoldsFacts,
        *,
        unit: Unit,
        currency: str | None = None,
        until: At | None = None,
        zone: str = "UTC",
        gaps: bool = False,
    ) -> Self:
        """The summary of a portfolio's purchases, as known at `until` (the portfolio's own instant unless given).

        currency: only purchases in this currency count; without it all must be in one, else an `InvalidFactError`.
        Customers who have not bought do not appear. An `until` later than the portfolio's instant is a ValueError.
        """
        end = instant(base.at if until is None else until)
        if end > base.at:
            raise ValueError("until is later than what the portfolio knows")
        table = base.facts(Purchase)
        rows, currency = currency_rows(table, currency)
        rows &= table["at"] <= int(end)  # rule R46
        codes, micros = table["stream"][rows].astype(np.int64), table["at"][rows]
        money = table["number"][rows] if currency else None
        summary = cls._folded(
            codes, np.asarray(table.ids), local_days(micros, zone), money, day_of(end, zone), unit, currency, gaps
        )
        if not currency:
            return summary
        return evolve(summary, monetary_value=summary.monetary_value / 10 ** exponent(currency))

    @classmethod
    def _folded(
        cls,
        codes: NDArray[np.int64],
        ids: NDArray[Any],
        days: NDArray[np.int64],
        money: Floats | None,
        end: int,
        unit: Unit,
        currency: str | None,
        gaps: bool = False,
    ) -> Self:
        """One row a customer: (code, day) is packed into one integer and sorted by value, never by index."""
        if unit not in DAYS_OF:
            raise ValueError(f"unit is one of {', '.join(DAYS_OF)}, not {unit!r}")
        origin = int(days.min()) if days.size else 0
        bits = ((int(days.max()) if days.size else 0) - origin).bit_length()
        packed = (codes << bits) + (days - origin)
        occasions = _sorted_distinct(packed)
        whose = occasions >> bits
        starts = np.flatnonzero(np.diff(whose, prepend=-1))
        ends = np.append(starts[1:], whose.size) - 1 if starts.size else starts
        who = whose[starts]
        first, last = (occasions[rows] - (who << bits) for rows in (starts, ends))
        x = (ends - starts).astype(np.float64)
        spent = np.full(x.size, np.nan)
        if money is not None:
            spent = _mean_repeat(codes, packed, money, who, occasions[starts], x)
        scale = DAYS_OF[unit]
        logs = _log_gaps(whose, occasions, scale)[who] if gaps else None
        return cls(
            ids[who], x, (last - first) / scale, (end - origin - first) / scale, spent, unit, currency, log_gaps=logs
        )


COLUMNS = ("ids", "frequency", "recency", "T", "monetary_value", "log_gaps")
FIELDS = (*COLUMNS, "unit", "currency")


def _restored(cls: type[PurchaseSummary], fields: Mapping[str, Any]) -> PurchaseSummary:
    return cls(**fields)


def currency_rows(table: Table, currency: str | None) -> tuple[NDArray[np.bool_], str | None]:
    """Which rows are in the one currency asked for, or in the only one there is."""
    labels = table["label"]
    if currency is not None:
        return np.asarray(labels == currency), currency
    if not len(table):
        return np.ones(0, dtype=bool), None
    if (labels == labels[0]).all():
        return np.ones(labels.size, dtype=bool), str(labels[0])
    found = ", ".join(sorted({str(label) for label in np.unique(labels)}))
    raise InvalidFactError("Purchase.amount", f"amounts in {found}", "one currency, or currency= to choose one")


def periods(horizon: Span | float, unit: Unit | None) -> float:
    """A horizon in periods of `unit`; a span needs one, a number is periods already."""
    if isinstance(horizon, Span):
        if unit is None:
            raise ValueError("a span needs a model with a unit; give the horizon in periods, or unit= to the model")
        horizon = int(horizon) / (DAYS_OF[unit] * DAY)
    if not 0 <= horizon < float("inf"):
        raise ValueError("horizon must be finite and not negative")
    return float(horizon)


def _log_gaps(whose: NDArray[np.int64], occasions: NDArray[np.int64], scale: float) -> Floats:
    """The sums of log time between a customer's occasions, by code."""
    same = whose[1:] == whose[:-1]
    steps = np.diff(occasions)[same] / scale
    return np.bincount(whose[1:][same], weights=np.log(steps), minlength=int(whose[-1]) + 1 if whose.size else 0)


def _sorted_distinct(packed: NDArray[np.int64]) -> NDArray[np.int64]:
    ordered = np.sort(packed)
    new = np.ones(ordered.size, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def _mean_repeat(
    codes: NDArray[np.int64],
    packed: NDArray[np.int64],
    money: Floats,
    who: NDArray[np.int64],
    firsts: NDArray[np.int64],
    x: Floats,
) -> Floats:
    """Total less the first day's total, over the repeat days: it needs no order of the rows."""
    n = int(who[-1]) + 1 if who.size else 0
    first = np.full(n, -1)
    first[who] = firsts
    later = np.bincount(codes, weights=money * (packed != first[codes]), minlength=n)[who]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(x > 0, later / x, np.nan)


def _amounts(amounts: ArrayLike) -> Floats:
    money = np.asarray(amounts)
    money = np.fromiter((float(m) for m in money), np.float64, money.size) if money.dtype.kind == "O" else money
    money = money.astype(np.float64)
    _all("amounts", "a negative or missing amount", _fine(money))
    return money


def _fine(money: Floats) -> NDArray[np.bool_]:
    return np.asarray((money >= 0) & np.isfinite(money))


def _all(place: str, got: str, fine: NDArray[np.bool_]) -> None:
    if not fine.all():
        raise InvalidFactError(place, f"{got} at row {int(np.argmin(fine))}", "a purchase history's own meaning")
