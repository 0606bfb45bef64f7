"""Who are the best customers, by revenue and by profit? Two rankings side by side, and who changes place.

Kaplan & Narayanan (2001), "Measuring and managing customer profitability", Journal of Cost Management 15(5): the two
orders differ. Where no margin is known or stated there is one ranking, and it says revenue.
"""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from attrs import field, frozen
from attrs.converters import optional
from numpy.typing import NDArray

from relmkt.facts import Purchase, Return
from relmkt.money import exponent
from relmkt.value._summary import HoldsFacts, Table, floats

__all__ = ["Ranking", "ranking"]

Floats = NDArray[np.float64]


@frozen(eq=False, repr=False)
class Ranking:
    """Customers from the best by revenue down, one entry each in every array.

    ids; revenue: purchases less returns, whole units of `currency`; profit: the margin on it, NaN where not known,
    None where no margin is known or stated at all; label: what the best are best by, "revenue" or "profit".

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


def ranking(base: HoldsFacts, *, currency: str, margin: float | None = None) -> Ranking:
    """The customers who bought in one currency, ranked by revenue and, where a margin is known, by profit.

    A return is taken off at its own date (R45), and its margin with it at the customer's own mean rate. margin: the
    rate, such as 0.3, for purchases that carry none; without it a customer with such a purchase has no known profit.

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
    gross, back = _totals(who, table["number"][rows], n), _returned(base, table, currency)
    profit = _profit(table, rows, gross, back, margin)
    bought = np.flatnonzero(np.bincount(who, minlength=n))
    order = bought[np.argsort(-(gross - back)[bought], kind="stable")]
    scale, known = 10 ** exponent(currency), int((~np.isnan(profit[order])).sum())
    ids, revenue = np.asarray(table.ids)[order], (gross - back)[order] / scale
    if not known:
        return Ranking(ids, revenue, currency, notes=("no margin is known: revenue",))
    return Ranking(ids, revenue, currency, profit[order] / scale, (f"profit known for {known:,} of {order.size:,}",))


def _profit(table: Table, rows: NDArray[np.bool_], gross: Floats, back: Floats, margin: float | None) -> Floats:
    """Minor units of margin of each customer, less that of returns; NaN where one purchase has no margin."""
    earned = _margins(table, rows)
    if margin is not None:
        earned = np.where(np.isnan(earned), margin * table["number"][rows], earned)
    profit = _totals(table["stream"][rows], earned, gross.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(back == 0, profit, profit - back * profit / gross)


def _totals(who: NDArray[np.int64], amounts: Floats, n: int) -> Floats:
    return np.bincount(who, weights=amounts, minlength=n).astype(np.float64)


def places(values: Floats) -> Floats:
    """Place of each value, the greatest 1st; equals share the better place; NaN keeps NaN."""
    known = np.sort(-values[~np.isnan(values)])
    return np.where(np.isnan(values), np.nan, np.searchsorted(known, -values, side="left") + 1.0)


def _rows(table: Table, base: HoldsFacts, currency: str) -> NDArray[np.bool_]:
    return np.asarray((table["label"] == currency) & (table["at"] <= int(base.at)))  # rule R46


def _returned(base: HoldsFacts, table: Table, currency: str) -> Floats:
    """Minor units that each customer of `table` gave back, in its order."""
    back = base.facts(Return)
    rows = _rows(back, base, currency)
    codes = {str(name): code for code, name in enumerate(table.ids)}
    where = np.array([codes.get(str(name), -1) for name in back.ids], dtype=np.int64)
    who = where[back["stream"][rows]] if rows.size else np.zeros(0, dtype=np.int64)
    return _totals(who[who >= 0], back["number"][rows][who >= 0], len(table.ids))


def _margins(table: Table, rows: NDArray[np.bool_]) -> Floats:
    """Minor units of margin that each purchase states; NaN where it states none."""
    try:
        stated = table["margin"]
    except KeyError:  # the rows carry no such field
        return np.full(int(rows.sum()), np.nan)
    return np.asarray(stated, dtype=np.float64)[rows]


def _text(value: float, form: str) -> str:
    return "unknown" if np.isnan(value) else format(value, form)
