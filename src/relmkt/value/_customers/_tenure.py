"""Does profit rise with tenure? Profit per customer by year of the relationship, with intervals, not assumed to rise.

Reinartz & Kumar (2000), "On the profitability of long-life customers in a noncontractual setting", Journal of Marketing
64(4), found that it need not. Those who stay may have been better from the start: so all who came stand beside those
who still buy, and the trend within the same people beside the trend over whoever is left.
"""

from __future__ import annotations

from html import escape

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.facts import Purchase, Return
from relmkt.money import exponent
from relmkt.scales import student
from relmkt.value._summaries._periods import DAYS_OF, Unit
from relmkt.value._summaries._tables import HoldsFacts, Table, currency_rows
from relmkt.windows import DAY

__all__ = ["TenureProfit", "profit_by_tenure"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@frozen(eq=False, repr=False)
class TenureProfit:
    """Profit (or revenue) per customer in each period of tenure, counted from 0 at the first purchase.

    unit: the period; label: "profit", or "revenue" where no margin is known; currency: of all figures.
    active: mean of those who bought in the period, survivors alone; everyone: mean of all who have been known so long,
    those who left counting 0. Both are labelled by period. trend: change a period of what the active bring, whoever is
    left; trend_within: the same within each customer, free of who is left. Both leave out period 0, which holds a
    purchase by definition, and are in currency a customer and period.

    >>> means = Estimate([14.0, 20.0], n=[2, 1], labels=["0", "1"])
    >>> rising = Estimate(1.5, 0.2, 2.8, n=40)
    >>> print(TenureProfit("year", "profit", "EUR", means, means, rising, rising).verdict)
    profit rises with tenure over whoever is left; profit rises with tenure within the same customers
    """

    unit: Unit
    label: str
    currency: str
    active: Estimate
    everyone: Estimate
    trend: Estimate
    trend_within: Estimate
    notes: tuple[str, ...] = field(default=())

    @property
    def verdict(self) -> str:
        """What may be said of the trend, in words."""
        told = {"over whoever is left": self.trend, "within the same customers": self.trend_within}
        return "; ".join(f"{self.label} {_direction(one)} with tenure {words}" for words, one in told.items())

    def __str__(self) -> str:
        head = f"{self.label} in {self.currency} by {self.unit} of tenure"
        rows = [
            f"{self.unit} {name}: active {self.active[name]}; all {self.everyone[name]}"
            for name in self.active.labels or ()
        ]
        return "\n".join([head, *rows, self.verdict, *self.notes])

    def __repr__(self) -> str:
        return f"<TenureProfit: {self.label} by {self.unit}, {len(self.active)} periods>"

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th>{name}</th><td>{escape(str(self.active[name]))}</td><td>{escape(str(self.everyone[name]))}</td></tr>"
            for name in self.active.labels or ()
        )
        caption = escape("; ".join((f"{self.label} in {self.currency} by {self.unit}", self.verdict, *self.notes)))
        return f"<table><caption>{caption}</caption><tr><th></th><th>active</th><th>all</th></tr>{cells}</table>"


def _direction(trend: Estimate) -> str:
    if np.isnan(trend.low):
        return "is not known to move"
    return "rises" if trend.low > 0 else "falls" if trend.high < 0 else "neither rises nor falls for sure"


def profit_by_tenure(
    base: HoldsFacts,
    *,
    unit: Unit = "year",
    currency: str | None = None,
    margin: float | None = None,
    level: float = 0.95,
) -> TenureProfit:
    """Profit per customer by tenure: whole periods of `unit` since the first purchase, as far as each was observed.

    A return is taken off in the period of its own date (R45), its margin at the customer's mean rate. margin: the rate,
    such as 0.3, for purchases that state none; a customer without a known margin is left out, and where none is known
    at all the figures are revenue and say so. Intervals of means are Student's; trends are least squares with errors
    clustered by customer.

    >>> from pendulum import datetime
    >>> from relmkt.money import Money
    >>> from relmkt.portfolio import Portfolio
    >>> told = [("ada", 1, 8), ("bob", 1, 20), ("ada", 2, 20)]
    >>> facts = [Purchase(who, datetime(2026, month, 9), Money(amount, "EUR")) for who, month, amount in told]
    >>> profit = profit_by_tenure(Portfolio(facts, at=datetime(2026, 3, 12)), unit="month")
    >>> profit.label, profit.active.value.tolist(), profit.everyone.value.tolist()
    ('revenue', [14.0, 20.0], [14.0, 10.0])
    """
    if unit not in DAYS_OF:
        raise ValueError(f"unit is one of {', '.join(DAYS_OF)}, not {unit!r}")
    if margin is not None and not np.isfinite(margin):
        raise ValueError("margin is a finite share of revenue, such as 0.3")
    bought = base.facts(Purchase)
    paid, code = currency_rows(bought, currency)
    paid = paid & (bought["at"] <= int(base.at))  # rule R46
    ids, who, at = np.asarray(bought.ids), bought["stream"][paid].astype(np.int64), bought["at"][paid]
    amounts, label, known = _worth(bought, paid, margin)
    back = _returns(base, ids, code, _rates(who, bought["number"][paid], amounts, ids.size), label)
    first = np.full(ids.size, np.iinfo(np.int64).max)
    np.minimum.at(first, who, at)
    length = DAYS_OF[unit] * DAY
    here = first <= int(base.at)
    whole = np.where(here & known, (int(base.at) - np.where(here, first, 0)) // length, 0).astype(np.int64)
    scale = 10 ** exponent(code) if code else 1
    cells = _cells((who, at, amounts / scale), (back[0], back[1], -back[2] / scale), first, length, whole)
    left_out = int((here & ~known).sum())
    notes = (f"{left_out:,} customers without a known margin are left out",) if left_out else ()
    return _told(cells, whole, unit, label, code or "", level, notes)


@frozen(eq=False)
class _Cells:
    """One entry a customer and period of tenure in which something happened; bought: whether a purchase did."""

    who: Ints
    period: Ints
    sum: Floats
    bought: NDArray[np.bool_]


def _worth(table: Table, rows: NDArray[np.bool_], margin: float | None) -> tuple[Floats, str, NDArray[np.bool_]]:
    """What each purchase earned in minor units, what that is called, and of which customers it is known."""
    amounts = table["number"][rows].astype(np.float64)
    try:
        earned = np.asarray(table["margin"], dtype=np.float64)[rows]
    except KeyError:  # the rows carry no such field
        earned = np.full(amounts.size, np.nan)
    if margin is not None:
        earned = np.where(np.isnan(earned), margin * amounts, earned)
    missing = np.isnan(earned)
    known = np.ones(len(table.ids), dtype=bool)
    if missing.all():
        return amounts, "revenue", known
    known[table["stream"][rows][missing]] = False
    return np.nan_to_num(earned), "profit", known


def _rates(who: Ints, paid: Floats, earned: Floats, n: int) -> Floats:
    gross, worth = (np.bincount(who, weights=told, minlength=n) for told in (paid, earned))
    return np.divide(worth, gross, out=np.zeros(n), where=gross > 0)


def _returns(
    base: HoldsFacts, ids: NDArray[np.str_], code: str | None, rates: Floats, label: str
) -> tuple[Ints, Ints, Floats]:
    """Who gave something back, when, and what it took off, of those who ever bought."""
    table = base.facts(Return)
    kept = (table["label"] == code) & (table["at"] <= int(base.at))
    names = {str(name): i for i, name in enumerate(ids)}
    codes = np.array([names.get(str(name), -1) for name in table.ids], dtype=np.int64)
    who = codes[table["stream"][kept]] if len(table) else np.zeros(0, dtype=np.int64)
    rate = np.ones(who.size) if label == "revenue" else rates[who] if who.size else np.zeros(0)
    found = who >= 0
    return who[found], table["at"][kept][found], (table["number"][kept] * rate)[found]


def _cells(
    bought: tuple[Ints, Ints, Floats], back: tuple[Ints, Ints, Floats], first: Ints, length: float, whole: Ints
) -> _Cells:
    """Sums by customer and period, as far as the period was over at the end; a return cannot come before it all."""
    who, at, amounts = (np.concatenate(pair) for pair in zip(bought, back, strict=True))
    purchase = np.arange(who.size) < bought[0].size
    period = np.maximum((at - first[who]) // length, 0).astype(np.int64)
    seen = period < whole[who]
    width = int(whole.max(initial=1)) + 1
    keys, place = np.unique((who * width + period)[seen], return_inverse=True)
    sums = np.bincount(place, weights=amounts[seen], minlength=keys.size).astype(np.float64)
    buys = np.bincount(place[purchase[seen]], minlength=keys.size) > 0
    return _Cells(keys // width, keys % width, sums, buys)


def _told(
    cells: _Cells, whole: Ints, unit: Unit, label: str, currency: str, level: float, notes: tuple[str, ...]
) -> TenureProfit:
    periods = int(whole.max(initial=0))
    observed = np.array([(whole > k).sum() for k in range(periods)], dtype=np.int64)
    there = cells.bought
    kept = _Cells(cells.who[there], cells.period[there], cells.sum[there], there[there])
    active = _means(kept, np.bincount(kept.period, minlength=periods), level)
    everyone = _means(cells, observed, level)
    later = kept.period > 0
    who, x, y = kept.who[later], kept.period[later].astype(np.float64), kept.sum[later]
    pooled, within = _slope(x, y, who, level), _slope(*_centred(x, y, who), who, level)
    return TenureProfit(unit, label, currency, active, everyone, pooled, within, notes)


def _means(cells: _Cells, n: Ints, level: float) -> Estimate:
    """The mean of each period over `n` customers, of whom those without a cell bring 0."""
    sums, squares = (np.bincount(cells.period, weights=cells.sum**p, minlength=n.size) for p in (1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums / n
        spread = np.sqrt(np.maximum(squares - n * mean**2, 0.0) / (n - 1) / n)
    t = np.array([student(level, k - 1) if k > 1 else np.nan for k in n.tolist()])
    reach = np.where(n > 1, t * spread, np.nan)
    labels = [str(k) for k in range(n.size)]
    return Estimate(mean, mean - reach, mean + reach, level, n, "t", labels, se=np.where(n > 1, spread, np.nan))


def _centred(x: Floats, y: Floats, who: Ints) -> tuple[Floats, Floats]:
    """What is left of each once the customer's own mean is taken off."""
    n = np.maximum(np.bincount(who), 1)
    return x - (np.bincount(who, weights=x) / n)[who], y - (np.bincount(who, weights=y) / n)[who]


def _slope(x: Floats, y: Floats, who: Ints, level: float) -> Estimate:
    """The slope of y on x, each customer one cluster."""
    method = "least squares, clustered by customer"
    dx, dy = (told - told.mean() if told.size else told for told in (x, y))
    spread, clusters = float(dx @ dx), np.unique(who[dx != 0]).size
    if spread <= 0 or clusters < 3:
        return Estimate.unknown("needs three customers seen in different periods after the first", method=method)
    b = float(dx @ dy) / spread
    scores = np.bincount(who, weights=dx * (dy - b * dx))
    se = float(np.sqrt(clusters / (clusters - 1) * (scores @ scores)) / spread)
    reach = student(level, clusters - 1) * se
    return Estimate(b, b - reach, b + reach, level, clusters, method, se=se)
