"""Of those who came together, how many still come? Cohorts by first purchase or by contract.

A cohort is the customers of one calendar period of joining. Active is one of three things, and each gives another
curve: under contract in the period; bought in the period; bought in the period or later. Farris et al. (2010),
"Marketing Metrics", chapter 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase
from relmkt.money import exponent
from relmkt.value._customers._cohort_table import Activity, Cohorts
from relmkt.value._summaries._periods import Calendar, Unit
from relmkt.value._summaries._rows import Stamps, local_days, stamps
from relmkt.value._summaries._tables import HoldsFacts, currency_rows
from relmkt.windows import At

__all__ = ["cohorts", "contract_cohorts"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def cohorts(
    base: HoldsFacts,
    *,
    period: Unit = "month",
    zone: str = "UTC",
    currency: str | None = None,
    active: Activity = "purchase",
) -> Cohorts:
    """The cohorts of a portfolio's first purchases, as known at its instant.

    period: calendar periods of dates in `zone`, weeks from Monday. currency: revenue counts purchases in it; without it
    all must be in one, else an `InvalidFactError`. Every purchase makes its customer active: in its period, or, with
    "purchase or later", in all periods from the first one to it (who has not come back yet is then not seen, so that
    the newest cohorts and periods look worse than they will). The period that `base.at` falls in is marked as running
    and not pooled. Contracts are no purchases: `contract_cohorts`.

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
    calendar = _calendar(period, zone)
    if active not in ("purchase", "purchase or later"):
        raise ValueError(f"active: expected 'purchase' or 'purchase or later', got {active!r}; see contract_cohorts")
    table = base.facts(Purchase)
    paid, currency = currency_rows(table, currency)
    who, at, money = table["stream"], table["at"], table["number"] if currency else None
    kept = at <= int(base.at)  # rule R46
    if not kept.all():
        who, at, paid, money = who[kept], at[kept], paid[kept], None if money is None else money[kept]
    now = calendar.number(base.at)
    if not who.size:
        return Cohorts(period, (), [], np.zeros((0, 0)), np.zeros((0, 0)), currency, activity=active)
    when = calendar.numbers(local_days(at, zone))
    whose, visited = _visits(who, when)
    opening = np.flatnonzero(np.diff(whose, prepend=-1))
    first = np.zeros(int(whose[-1]) + 1, np.int64)
    first[whose[opening]] = visited[opening]
    if active == "purchase":
        starts, counts = _counted(first[whose], visited - first[whose], now)
    else:
        born, last = visited[opening], visited[np.append(opening[1:], whose.size) - 1]
        starts, counts = _counted(born, last - born, now)
        counts = _reached(counts)
    money = np.zeros(who.size) if money is None else money if paid.all() else np.where(paid, money, 0.0)
    born = first[who]
    revenue = _counted(born, when - born, now, money)[1] / (10 ** exponent(currency) if currency else 1)
    return _table(calendar, starts, counts, now, revenue, currency, active)


def contract_cohorts(
    joined: ArrayLike | Sequence[datetime],
    left: ArrayLike | Sequence[datetime | None],
    *,
    at: At,
    period: Unit = "month",
    zone: str = "UTC",
) -> Cohorts:
    """The cohorts of contracts: active is who was under contract at some time in the period.

    joined, left: when each contract began and ended, one entry a customer: int64 microseconds since 1970 UTC, aware
    datetimes, or datetime64 read as local time of `zone`; `left` is None or NaT where it still runs. A contract that
    ends on the first instant of a period is not active in it. What is later than `at` is not known yet (R46).

    >>> table = contract_cohorts(
    ...     np.array(["2026-01-05", "2026-01-20"], "M8[D]"),
    ...     np.array(["2026-02-01", "NaT"], "M8[D]"),
    ...     at=datetime.fromisoformat("2026-03-10T00:00+00:00"),
    ... )
    >>> table.active.tolist(), table.activity
    ([[2.0, 1.0, 1.0]], 'contract')
    """
    calendar = _calendar(period, zone)
    began, (ended, known) = stamps(joined, "joined"), _ends(left)
    if len(began) != len(ended):
        raise InvalidFactError("left", f"{len(ended)} rows", f"{len(began)} rows, as joined has")
    now = calendar.number(at)
    if (kept := began.until(at, zone)) is not None:  # rule R46
        began, ended, known = began.kept(kept), ended.kept(kept), known[kept]
    if not len(began):
        return Cohorts(period, (), [], np.zeros((0, 0)), activity="contract")
    days = began.days(zone)
    last = Stamps(ended.ticks - 1, ended.per_day, ended.local).days(zone)  # the end itself is outside
    if (known & (last + 1 < days)).any():
        raise InvalidFactError("left", "a contract that ends before it began", "an end after the beginning")
    born = calendar.numbers(days)
    until = np.full(born.size, now)
    until[known] = np.minimum(calendar.numbers(last[known]), now)
    starts, counts = _counted(born, np.maximum(until - born, 0), now)
    return _table(calendar, starts, _reached(counts), now, None, None, "contract")


def _calendar(period: Unit, zone: str) -> Calendar:
    try:
        return Calendar(period, period, zone)
    except ValueError as slip:
        raise ValueError(f"period: {slip}") from None


def _visits(who: Ints, when: Ints) -> tuple[Ints, Ints]:
    """Each customer's distinct periods, in order: sorted by value only where the rows are not in that order already."""
    origin = int(when.min())
    width = int(when.max()) - origin + 1
    keys = who.astype(np.int64) * width + (when - origin)
    if (keys[1:] < keys[:-1]).any():
        keys = np.sort(keys)
    keys = keys[np.append(True, keys[1:] != keys[:-1])]
    whose = keys // width
    return whose, keys - whose * width + origin


def _counted(born: Ints, age: Ints, now: int, weights: Floats | None = None) -> tuple[Ints, Floats]:
    """The periods in which a cohort began, and a table of how many (or how much) at each age."""
    start = int(born.min())
    width = now - start + 1
    cells = np.bincount((born - start) * width + age, weights=weights, minlength=width * width).reshape(width, width)
    there = np.bincount(born - start, minlength=width) > 0
    return start + np.flatnonzero(there), cells[there].astype(np.float64)


def _reached(ends: Floats) -> Floats:
    """Of the customers by the age at which they ended, how many reached each age."""
    return np.cumsum(ends[:, ::-1], axis=1)[:, ::-1]


def _table(
    calendar: Calendar,
    starts: Ints,
    active: Floats,
    now: int,
    revenue: Floats | None,
    currency: str | None,
    activity: Activity,
) -> Cohorts:
    period, size = calendar.period, active[:, 0].copy()
    reached = starts[:, None] + np.arange(active.shape[1])
    for table in (active, revenue):
        if table is not None:
            table[reached > now] = np.nan
    return Cohorts(period, _names(starts, period), size, active, revenue, currency, reached == now, activity)


def _names(numbers: Ints, period: Unit) -> list[str]:
    if period == "quarter":
        return [f"{1970 + n // 4}-Q{n % 4 + 1}" for n in numbers.tolist()]
    if period == "week":
        return [str(d) for d in (numbers * 7 - 3).astype("datetime64[D]")]
    letter = {"day": "D", "month": "M", "year": "Y"}[period]
    return [str(d) for d in numbers.astype(f"datetime64[{letter}]")]


def _ends(left: ArrayLike | Sequence[datetime | None]) -> tuple[Stamps, NDArray[np.bool_]]:
    given = np.asarray(left)
    if given.dtype.kind == "M":
        known = ~np.isnat(given)
        return stamps(np.where(known, given, np.zeros((), given.dtype)), "left"), known
    if given.dtype.kind == "O":
        known = np.array([end is not None for end in given.tolist()], dtype=bool)
        return stamps(np.where(known, given, 0), "left"), known
    return stamps(given, "left"), np.ones(given.size, dtype=bool)
