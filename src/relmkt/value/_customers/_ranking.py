"""Who are the best customers, by revenue and by profit? Two rankings side by side, and who changes place.

Kaplan & Narayanan (2001), "Measuring and managing customer profitability", Journal of Cost Management 15(5): the two
orders differ. Where no margin is known or stated there is one ranking, and it says revenue.
"""

from __future__ import annotations

from html import escape
from typing import Any, TypeAlias

import numpy as np
from attrs import field, frozen
from attrs.converters import optional
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase, Return
from relmkt.money import exponent
from relmkt.value._summaries._fields import floats
from relmkt.value._summaries._rows import stamps
from relmkt.value._summaries._tables import HoldsFacts, Table

__all__ = ["Ranking", "Rewards", "ranking"]

Floats = NDArray[np.float64]
Rewards: TypeAlias = tuple[ArrayLike, Any, ArrayLike]
"""Customers, times of redemption, and what each reward cost in whole units of the currency."""


@frozen(eq=False, repr=False)
class Ranking:
    """Customers from the best by revenue down, one entry each in every array.

    ids; revenue: purchases less returns, whole units of `currency`; profit: the margin on it less the cost of rewards,
    NaN where not known, None where no margin is known or stated at all; label: what the best are best by, "revenue" or
    "profit".

    >>> both = Ranking(["ada", "bob"], [100.0, 90.0], "EUR", profit=[10.0, 30.0])
    >>> both.by_revenue.tolist(), both.by_profit.tolist(), both.moved.tolist()
    ([1, 2], [2.0, 1.0], [-1.0, 1.0])
    """

    ids: NDArray[Any] = field(converter=np.asarray)
    revenue: Floats = field(converter=floats)
    currency: str
    profit: Floats | None = field(default=None, converter=optional(floats))
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What is ranked where one word must do: "profit" where a margin is known, else "revenue"."""
        return "revenue" if self.profit is None else "profit"

    @property
    def by_revenue(self) -> NDArray[np.int64]:
        """Place by revenue, from 1; equals share the better place."""
        return places(self.revenue).astype(np.int64)

    @property
    def by_profit(self) -> Floats:
        """Place by profit, from 1; NaN where the profit is not known."""
        return np.full(len(self), np.nan) if self.profit is None else places(self.profit)

    @property
    def moved(self) -> Floats:
        """Places gained by going from revenue to profit, among those whose profit is known; NaN for the others."""
        if self.profit is None:
            return np.full(len(self), np.nan)
        return places(np.where(np.isnan(self.profit), np.nan, self.revenue)) - self.by_profit

    def __len__(self) -> int:
        return int(self.ids.size)

    def rows(self, n: int = 10) -> list[tuple[str, float, float, float]]:
        """The first n by revenue: id, revenue, profit (NaN where unknown), places gained."""
        profit = np.full(len(self), np.nan) if self.profit is None else self.profit
        columns = (self.ids[:n].tolist(), self.revenue[:n].tolist(), profit[:n].tolist(), self.moved[:n].tolist())
        return [(str(i), r, p, m) for i, r, p, m in zip(*columns, strict=True)]

    def __str__(self) -> str:
        lines = [" ".join(f"{h:>14}" for h in self._head())]
        return "\n".join(lines + [" ".join(f"{c:>14}" for c in self._texts(row)) for row in self.rows()])

    def __repr__(self) -> str:
        return f"<Ranking: {len(self):,} customers by {self.label} in {self.currency}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(h)}</th>" for h in self._head())
        body = "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in self._texts(row))}</tr>" for row in self.rows())
        caption = escape("; ".join((f"Best customers by {self.label}", *self.notes)))
        return f"<table><caption>{caption}</caption><tr>{head}</tr>{body}</table>"

    def _head(self) -> tuple[str, ...]:
        known = (f"profit {self.currency}", "places moved") if self.profit is not None else ()
        return ("customer", f"revenue {self.currency}", *known)

    def _texts(self, row: tuple[str, float, float, float]) -> tuple[str, ...]:
        name, revenue, profit, moved = row
        known = (_text(profit, ",.2f"), _text(moved, "+.0f")) if self.profit is not None else ()
        return (name, f"{revenue:,.2f}", *known)


def ranking(base: HoldsFacts, *, currency: str, margin: float | None = None, rewards: Rewards | None = None) -> Ranking:
    """The customers who bought in one currency, ranked by revenue and, where a margin is known, by profit.

    A return is taken off at its own date (R45), and its margin with it: at the rate of the purchase that it names, or
    at the customer's own mean rate where that one is not known. margin: the rate, such as 0.3, for purchases that carry
    none; without it a customer with such a purchase has no known profit.
    rewards: rows of customers, times and costs, taken off the profit when redeemed (R45): times are int64 microseconds
    since 1970 UTC, aware datetimes, or datetime64 read as UTC, and those after `base.at` do not count yet.

    >>> from pendulum import datetime
    >>> from relmkt.columns import FactTable
    >>> from relmkt.money import Money
    >>> from relmkt.portfolio import Portfolio
    >>> days = [("ada", 5), ("bob", 9), ("ada", 20)]
    >>> facts = [Purchase(who, datetime(2026, 1, day), Money(day, "EUR")) for who, day in days]
    >>> base = Portfolio(FactTable.of(facts), at=datetime(2026, 2, 1))
    >>> best = ranking(base, currency="EUR")
    >>> best.ids.tolist(), best.revenue.tolist(), best.label
    (['ada', 'bob'], [25.0, 9.0], 'revenue')
    """
    if margin is not None and not np.isfinite(margin):
        raise ValueError("margin is a finite share of revenue, such as 0.3")
    table = base.facts(Purchase)
    rows = _rows(table, base, currency)
    who, n = table["stream"][rows], len(table.ids)
    returned = _returned(base, table, currency)
    gross, back = _totals(who, table["number"][rows], n), _totals(returned.who, returned.amounts, n)
    profit = _profit(table, rows, gross, returned, margin)
    if rewards is not None:
        profit = profit - _redeemed(rewards, base, table, 10 ** exponent(currency))
    bought = np.flatnonzero(np.bincount(who, minlength=n))
    order = bought[np.argsort(-(gross - back)[bought], kind="stable")]
    scale, known = 10 ** exponent(currency), int((~np.isnan(profit[order])).sum())
    ids, revenue = np.asarray(table.ids)[order], (gross - back)[order] / scale
    if not known:
        notes = ("no margin is known: revenue", *(("rewards are not taken off",) if rewards is not None else ()))
        return Ranking(ids, revenue, currency, notes=notes)
    return Ranking(ids, revenue, currency, profit[order] / scale, (f"profit known for {known:,} of {order.size:,}",))


@frozen(eq=False)
class _Returned:
    """Rows of what came back: the customer's place in the table of purchases, minor units, and the purchase's id."""

    who: NDArray[np.int64]
    amounts: Floats
    ref: NDArray[Any]


def _profit(table: Table, rows: NDArray[np.bool_], gross: Floats, back: _Returned, margin: float | None) -> Floats:
    """Minor units of margin of each customer, less that of returns; NaN where one purchase has no margin."""
    stated = earned = _margins(table, rows)
    if margin is not None:
        earned = np.where(np.isnan(earned), margin * table["number"][rows], earned)
    profit = _totals(table["stream"][rows], earned, gross.size)
    if not back.who.size:
        return profit
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (profit / gross)[back.who]
    own = mean if np.isnan(stated).all() else _rates(table, rows, earned, back)
    return profit - _totals(back.who, back.amounts * np.where(np.isnan(own), mean, own), gross.size)


def _rates(table: Table, rows: NDArray[np.bool_], earned: Floats, back: _Returned) -> Floats:
    """The margin rate of the purchase that each return names; NaN where it is not among the customer's."""
    who, paid = table["stream"][rows], table["number"][rows]
    near = np.flatnonzero(np.isin(who, back.who) & (paid > 0))
    ids = table["id"][rows][near].tolist()
    rates = dict(zip(zip(who[near].tolist(), ids, strict=True), (earned[near] / paid[near]).tolist(), strict=True))
    return np.array([rates.get(key, np.nan) for key in zip(back.who.tolist(), back.ref.tolist(), strict=True)])


def _totals(who: NDArray[np.int64], amounts: Floats, n: int) -> Floats:
    return np.bincount(who, weights=amounts, minlength=n).astype(np.float64)


def places(values: Floats) -> Floats:
    """Place of each value, the greatest 1st; equals share the better place; NaN keeps NaN."""
    known = np.sort(-values[~np.isnan(values)])
    return np.where(np.isnan(values), np.nan, np.searchsorted(known, -values, side="left") + 1.0)


def _rows(table: Table, base: HoldsFacts, currency: str) -> NDArray[np.bool_]:
    return np.asarray((table["label"] == currency) & (table["at"] <= int(base.at)))  # rule R46


def _returned(base: HoldsFacts, table: Table, currency: str) -> _Returned:
    """What the customers of `table` gave back up to the instant; a return of nobody there is left out."""
    back = base.facts(Return)
    rows = _rows(back, base, currency)
    if not rows.any():
        return _Returned(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.str_))
    who = _codes(back.ids, table)[back["stream"][rows]]
    kept = who >= 0
    return _Returned(who[kept], back["number"][rows][kept], _refs(back, rows)[kept])


def _refs(back: Table, rows: NDArray[np.bool_]) -> NDArray[Any]:
    try:
        return np.asarray(back["ref"])[rows]
    except KeyError:  # the rows carry no such field
        return np.full(int(rows.sum()), "")


def _redeemed(rewards: Rewards, base: HoldsFacts, table: Table, scale: int) -> Floats:
    """Minor units that the rewards redeemed so far cost, by customer of `table`, in its order."""
    ids, costs = np.asarray(rewards[0]), np.asarray(rewards[2], np.float64)
    when = stamps(rewards[1], "rewards.times")
    if not ids.shape == costs.shape == (len(when),):
        raise InvalidFactError("rewards", "columns of different lengths", "one customer, time and cost a row")
    if not (np.isfinite(costs) & (costs >= 0)).all():
        raise InvalidFactError("rewards.amounts", "a negative or missing cost", "0 or more, whole units")
    who = _codes(ids, table)
    kept = who >= 0
    if (known := when.until(base.at, "UTC")) is not None:  # rules R45 and R46
        kept &= known
    return _totals(who[kept], costs[kept] * scale, len(table.ids))


def _codes(names: Any, table: Table) -> NDArray[np.int64]:
    """Where each name stands among the ids of a table, -1 where it does not."""
    ids, asked = np.asarray(table.ids), np.asarray(names)
    if ids is asked or not ids.size or not asked.size:
        return np.arange(asked.size) if ids is asked else np.full(asked.size, -1)
    asked = asked.astype(np.str_) if ids.dtype.kind == "U" else asked
    order = np.argsort(ids, kind="stable")
    place = order[np.minimum(np.searchsorted(ids, asked, sorter=order), ids.size - 1)]
    return np.where(ids[place] == asked, place, -1)


def _margins(table: Table, rows: NDArray[np.bool_]) -> Floats:
    """Minor units of margin that each purchase states; NaN where it states none."""
    try:
        stated = table["margin"]
    except KeyError:  # the rows carry no such field
        return np.full(int(rows.sum()), np.nan)
    return np.asarray(stated, dtype=np.float64)[rows]


def _text(value: float, form: str) -> str:
    return "unknown" if np.isnan(value) else format(value, form)
