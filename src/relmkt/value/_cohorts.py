"""Of those who came together, how many still come? Cohorts by first purchase, and the repeat rate.

A cohort is the customers of one calendar period of first purchase; active means a purchase in the period. Pooled
retention is a ratio of sums over the cohorts observed so long, never a mean of rates (Farris et al. 2010, "Marketing
Metrics", chapter 5); the repeat rate's interval is Wilson's (1927, JASA 22).
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np
from attrs import field, frozen
from attrs.converters import optional
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.facts import Purchase
from relmkt.money import exponent
from relmkt.value._rows import day_of, local_days
from relmkt.value._special import normal_quantile
from relmkt.value._summary import DAYS_OF, HoldsFacts, Unit, currency_rows, floats
from relmkt.windows import Span

__all__ = ["Cohorts", "cohorts", "repeat_rate"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SHOWN = 13


def _words(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


@frozen(eq=False, repr=False)
class Cohorts:
    """A table of cohorts (rows, oldest first) by periods since the first purchase (columns, from 0).

    starts: first day or month of each cohort, as ISO 8601; size: its customers; active: of them, those who bought
    in that period; revenue: what they paid in whole units of `currency`, gross of returns; both shape (cohorts,
    periods), NaN where the period is still to come; running: True in cells whose period was not over.

    >>> table = Cohorts("month", ["2026-01", "2026-02"], [100, 200], [[100, 60], [200, np.nan]])
    >>> table.retention[0].tolist(), table.pooled.tolist()
    ([1.0, 0.6], [1.0, 0.6])
    """

    period: Unit
    starts: tuple[str, ...] = field(converter=_words)
    size: Floats = field(converter=floats)
    active: Floats = field(converter=floats)
    revenue: Floats | None = field(default=None, converter=optional(floats))
    currency: str | None = None
    running: NDArray[np.bool_] | None = None

    @property
    def retention(self) -> Floats:
        """Share of each cohort that bought, shape (cohorts, periods); 1 in the first period by definition."""
        return self.active / self.size[:, None]

    @property
    def pooled(self) -> Floats:
        """Retention of all cohorts together, period by period, over those whose period is over; NaN where none is."""
        seen = ~np.isnan(self.active)
        if self.running is not None:
            seen &= ~self.running
        with np.errstate(invalid="ignore"):
            here = np.where(seen, self.active, 0.0).sum(axis=0)
            pooled: Floats = here / np.where(seen, self.size[:, None], 0.0).sum(axis=0)
        return pooled

    def __len__(self) -> int:
        return len(self.starts)

    def __str__(self) -> str:
        lines = [f"{'first ' + self.period:<12}{'size':>9}" + "".join(f"{k:>6}" for k in self._columns())]
        for name, size, shares in zip(self.starts, self.size, self.retention, strict=True):
            lines.append(f"{name:<12}{size:>9,.0f}" + "".join(f"{_percent(s):>6}" for s in shares[:SHOWN]))
        lines.append(f"{'all':<12}{self.size.sum():>9,.0f}" + "".join(f"{_percent(s):>6}" for s in self.pooled[:SHOWN]))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Cohorts: {len(self)} by {self.period}, {self.size.sum():,.0f} customers>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{k}</th>" for k in self._columns())
        rows = [*zip(self.starts, self.size, self.retention, strict=True), ("all", self.size.sum(), self.pooled)]
        body = "".join(
            f"<tr><th>{escape(name)}</th><td>{size:,.0f}</td>{''.join(map(_cell, shares[:SHOWN]))}</tr>"
            for name, size, shares in rows
        )
        caption = f"Share of each cohort that bought, by {escape(self.period)}s since the first purchase"
        top = f"<tr><th>first {escape(self.period)}</th><th>size</th>{head}</tr>"
        return f"<table><caption>{caption}</caption>{top}{body}</table>"

    def _columns(self) -> range:
        return range(min(SHOWN, self.active.shape[1]))


def cohorts(base: HoldsFacts, *, period: Unit = "month", zone: str = "UTC", currency: str | None = None) -> Cohorts:
    """The cohorts of a portfolio, as known at its instant; weeks start on Monday, days are dates in `zone`.

    currency: revenue counts purchases in it; without it all must be in one, else an `InvalidFactError`. Every
    purchase makes its customer active. The period that `base.at` falls in is shown, marked as running, not pooled.

    >>> from pendulum import datetime
    >>> from relmkt.columns import FactTable
    >>> from relmkt.money import Money
    >>> from relmkt.portfolio import Portfolio
    >>> days = [("ada", 5), ("bob", 9), ("ada", 20)]
    >>> facts = [Purchase(who, datetime(2026, 1, day), Money(day, "EUR")) for who, day in days]
    >>> base = Portfolio(FactTable.of(facts), at=datetime(2026, 2, 1))
    >>> table = cohorts(base)
    >>> table.starts, table.size.tolist(), table.revenue.tolist()
    (('2026-01',), [2.0], [[34.0, 0.0]])
    """
    if period not in DAYS_OF:
        raise ValueError(f"period is one of {', '.join(DAYS_OF)}, not {period!r}")
    table = base.facts(Purchase)
    kept = table["at"] <= int(base.at)  # rule R46
    paid, currency = currency_rows(table, currency)
    who = table["stream"][kept].astype(np.int64)
    when = period_of(local_days(table["at"][kept], zone), period)
    now = int(period_of(np.array([day_of(base.at, zone)]), period)[0])
    if not who.size:
        return Cohorts(period, (), [], np.zeros((0, 0)), np.zeros((0, 0)), currency)
    first = np.full(int(who.max()) + 1, now)
    np.minimum.at(first, who, when)
    born, age = first[who], when - first[who]
    starts, row = np.unique(born, return_inverse=True)
    width = now - int(starts[0]) + 1
    cell = row * width + age
    shape = (starts.size, width)
    distinct = np.unique(who * width + age, return_index=True)[1]
    active = np.bincount(cell[distinct], minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    money = np.where(paid[kept], table["number"][kept], 0.0) if currency else np.zeros(who.size)
    revenue = np.bincount(cell, weights=money, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    reached = starts[:, None] + np.arange(width)
    active[reached > now] = revenue[reached > now] = np.nan
    revenue = revenue / 10 ** exponent(currency) if currency else revenue
    return Cohorts(period, _names(starts, period), active[:, 0], active, revenue, currency, reached == now)


def repeat_rate(base: HoldsFacts, *, within: Span | None = None, zone: str = "UTC", level: float = 0.95) -> Estimate:
    """The share of customers who bought again on a later day.

    within: only customers who have been known for that long count, and only what they bought in that time after the
    first purchase; without it everyone counts, recent joiners too, who had less time to come back (a note says so).

    >>> from pendulum import datetime
    >>> from relmkt.columns import FactTable
    >>> from relmkt.money import Money
    >>> from relmkt.portfolio import Portfolio
    >>> days = [("ada", 5), ("bob", 9), ("ada", 20)]
    >>> facts = [Purchase(who, datetime(2026, 1, day), Money(day, "EUR")) for who, day in days]
    >>> base = Portfolio(FactTable.of(facts), at=datetime(2026, 2, 1))
    >>> print(repeat_rate(base))
    0.50 [0.09, 0.91] 95 %, n = 2 (Wilson)
    """
    table = base.facts(Purchase)
    kept = table["at"] <= int(base.at)  # rule R46
    who, at = table["stream"][kept].astype(np.int64), table["at"][kept].astype(np.int64)
    n = int(who.max(initial=-1)) + 1
    first = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(first, who, at)
    days = local_days(at, zone)
    began = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(began, who, days)
    came = np.bincount(who, minlength=n) > 0
    again = days > began[who]
    if within is not None:
        came &= np.where(came, int(base.at) - np.where(came, first, 0) >= int(within), False)
        again &= at - first[who] <= int(within)
    back = np.bincount(who[again], minlength=n) > 0
    notes = () if within else ("recent joiners had less time to come back",)
    return _share(int((back & came).sum()), int(came.sum()), level, notes)


def period_of(days: Ints, period: Unit) -> Ints:
    """The number of each day's calendar period, counted from 1970; weeks start on Monday."""
    if period == "week":
        return np.floor_divide(days + 3, 7)
    letter = {"day": "D", "month": "M", "year": "Y"}[period]
    return days.astype("datetime64[D]").astype(f"datetime64[{letter}]").astype(np.int64)


def _names(numbers: Ints, period: Unit) -> list[str]:
    if period == "week":
        return [str(d) for d in (numbers * 7 - 3).astype("datetime64[D]")]
    letter = {"day": "D", "month": "M", "year": "Y"}[period]
    return [str(d) for d in numbers.astype(f"datetime64[{letter}]")]


def _share(k: int, n: int, level: float, notes: tuple[str, ...]) -> Estimate:
    if not n:
        return Estimate.unknown("nobody has bought, or not for so long", method="Wilson")
    z, p = normal_quantile(level), k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low, high = max(0.0, float(middle - reach)), min(1.0, float(middle + reach))
    return Estimate(p, low, high, level=level, n=n, method="Wilson", notes=notes)


def _percent(share: float) -> str:
    return "" if np.isnan(share) else f"{100 * share:.0f} %"


def _cell(share: float) -> str:
    if np.isnan(share):
        return "<td></td>"
    return f'<td style="background:rgba(31,119,180,{min(1.0, max(0.0, share)):.2f})">{_percent(share)}</td>'
