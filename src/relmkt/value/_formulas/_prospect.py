"""What may winning a customer cost, and who costs more than they bring? Prospect value, payback, the whale curve.

Farris, Bendle, Pfeifer & Reibstein, "Marketing Metrics" (prospect lifetime value, acquisition cost); Kaplan & Narayanan
(2001), "Measuring and managing customer profitability", Journal of Cost Management 15(5): few customers bring more
than the whole profit, and others take the excess away again.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any, Literal

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._numbers._delta import Numbers, carried, checked, rate
from relmkt.value._numbers._figures import Amount, error_of, figure, number

__all__ = [
    "WhaleCurve",
    "acquisition_cost",
    "break_even_acquisition_rate",
    "clv_to_cac",
    "cost_to_serve",
    "customer_profit",
    "payback",
    "prospect_value",
    "whale_curve",
]

Floats = NDArray[np.float64]


def prospect_value(
    acquisition_rate: Amount, first_margin: Amount, clv: Amount, cost: Amount, *, level: float = 0.95
) -> Estimate:
    """What one prospect is worth who may be won: rate * (first margin + CLV) - cost per prospect.

    acquisition_rate: in [0, 1], of the prospects reached; an estimate of n prospects gets the binomial error.
    first_margin: of the first sale, beside the CLV. clv: of a customer who was won, without that first sale and
    before what winning cost. cost: per prospect reached, not per customer won.

    >>> round(prospect_value(300 / 75_000, 20, 100, 60_000 / 75_000).value, 9)
    -0.32

    Source: Farris et al., Marketing Metrics.
    """

    def value(won: Numbers, first: Numbers, later: Numbers, spent: Numbers) -> Numbers:
        expected: Numbers = won * (first + later)
        return expected - spent

    return carried(value, rate("acquisition_rate", acquisition_rate), first_margin, clv, cost, level=level)


def break_even_acquisition_rate(cost: Amount, first_margin: Amount, clv: Amount, *, level: float = 0.95) -> Estimate:
    """The share of prospects to be won for a prospect to be worth 0: cost / (first margin + CLV).

    Arguments are those of `prospect_value`. Above 1 it cannot be reached. NaN, with a note, where a customer who was
    won is worth nothing or less.

    >>> round(break_even_acquisition_rate(0.8, 20, 100).value, 7)
    0.0066667

    Source: Farris et al., Marketing Metrics.
    """
    checked("cost", cost, 0.0)
    worthless = (number(first_margin) + number(clv) <= 0).any()

    def least(spent: Numbers, first: Numbers, later: Numbers) -> Numbers:
        return spent / _above_zero(first + later)

    notes = ("a customer who was won is worth nothing",) if worthless else ()
    return carried(least, cost, first_margin, clv, level=level, notes=notes)


def acquisition_cost(
    spend: Amount, won: Amount, *, basis: Literal["blended", "paid"], lag: int = 0, level: float = 0.95
) -> Estimate:
    """Customer acquisition cost (CAC): what was spent on winning customers, over how many were won.

    spend, won: two totals of the same window, or one of each a period in order of time, and then the answer is the
    ratio of their sums. basis: "blended", all new customers over all such spending, or "paid", only those whom
    paid campaigns won over what these cost; it stands in the notes. lag: periods from spending to winning: spend
    of a period goes with the customers of `lag` periods later, and both ends without a partner are left out.

    NaN with n = 0 where nobody was won.

    >>> cac = acquisition_cost([1000, 2000, 4000], [0, 10, 20], basis="paid", lag=1)
    >>> cac.value, cac.n, cac.notes
    (100.0, 30, ('paid: customers won by paid campaigns', 'spend 1 period before'))

    Source: Farris et al., Marketing Metrics.
    """
    if basis not in ("blended", "paid"):
        raise ValueError('basis: expected "blended" or "paid"')
    checked("spend", spend, 0.0)
    checked("won", won, 0.0)
    paid, gained = np.atleast_1d(number(spend)), np.atleast_1d(number(won))
    if paid.shape != gained.shape or not 0 <= index(lag) < max(paid.size, 1):
        raise ValueError("spend: expected one a period, as many as customers won, and a lag shorter than them")
    paid, gained = paid[: paid.size - lag], gained[lag:]
    spent, customers = float(paid.sum()), float(gained.sum())
    told = "all new customers" if basis == "blended" else "customers won by paid campaigns"
    notes = [f"{basis}: {told}", *([f"spend {lag} period{'s' * (lag > 1)} before"] if lag else [])]
    if not customers > 0:
        return Estimate.unknown("; ".join(["nobody was won", *notes]), level=level)
    value = spent / customers
    doubts = [np.broadcast_to(error_of(one), (paid.size + lag,)) for one in (spend, won)]
    variance = (doubts[0][: paid.size] ** 2).sum() + value**2 * (doubts[1][lag:] ** 2).sum()
    unsure = bool(variance > 0)
    n = int(customers) if np.isfinite(customers) else 0
    error = np.sqrt(variance) / customers if unsure else None
    return figure(value, error, level=level, n=n, method="delta" if unsure else "", notes=notes)


def clv_to_cac(clv: Amount, cac: Amount, *, level: float = 0.95) -> Estimate:
    """Lifetime value over acquisition cost (LTV:CAC).

    clv: of margins, not of revenue, before the acquisition cost. cac: of one customer, above 0; NaN with a note
    where it is 0.

    >>> clv_to_cac(300, 100).value
    3.0

    Source: Farris et al., Marketing Metrics.
    """
    checked("cac", cac, 0.0)
    free = (number(cac) == 0).any()
    notes = ("winning a customer cost nothing",) if free else ()
    return carried(lambda value, cost: value / _above_zero(cost), clv, cac, level=level, notes=notes)


def payback(cac: Amount, revenue: Amount, margin: Amount, *, level: float = 0.95) -> Estimate:
    """Periods until a customer's margin has paid back what winning them cost: CAC / (revenue * margin).

    revenue: of one customer in a period. margin: the share of revenue that stays, 0.3 for 30 %. Undiscounted, for a
    customer who stays that long. NaN, with a note, where the margin brings nothing: it is never paid back.

    >>> payback(240, 50, 0.6).value
    8.0

    Source: Farris et al., Marketing Metrics.
    """
    checked("cac", cac, 0.0)
    never = (number(revenue) * number(margin) <= 0).any()

    def periods(cost: Numbers, sales: Numbers, share: Numbers) -> Numbers:
        return cost / _above_zero(sales * share)

    return carried(periods, cac, revenue, margin, level=level, notes=("never paid back",) if never else ())


def cost_to_serve(
    activities: ArrayLike, rates: ArrayLike, *, labels: Iterable[Any] | None = None, level: float = 0.95
) -> Estimate:
    """What serving each customer cost: how often each activity was done for them, times what it costs once.

    activities: one row a customer, one column an activity, each 0 or more; or one row for one customer. rates: cost of
    each activity once. labels: customers.

    >>> cost_to_serve([[3, 0], [1, 20]], [4.0, 1.5], labels=["ada", "bo"])["bo"].value
    34.0

    Source: Kaplan & Narayanan 2001.
    """
    checked("activities", activities, 0.0)
    done, price = np.asarray(activities, dtype=np.float64), np.asarray(rates, dtype=np.float64)
    if done.ndim not in (1, 2) or price.shape != done.shape[-1:]:
        raise ValueError("rates: expected one an activity, the columns of activities")
    return figure(done @ price, level=level, labels=labels)


def customer_profit(
    margins: Amount,
    activities: ArrayLike,
    rates: ArrayLike,
    *,
    labels: Iterable[Any] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Each customer's margin less what serving them cost; it may well be below 0. Arguments as for `cost_to_serve`.

    >>> customer_profit([30.0, 30.0], [[3, 0], [1, 20]], [4.0, 1.5], labels=["ada", "bo"]).value.tolist()
    [18.0, -4.0]

    Source: Kaplan & Narayanan 2001.
    """
    cost = cost_to_serve(activities, rates, labels=labels)
    return carried(lambda margin, spent: margin - spent, margins, number(cost), level=level, labels=labels)


@frozen(eq=False)
class WhaleCurve:
    """Cumulative profit, most profitable customers first: above the whole profit wherever some customers lose money.

    Attributes: `customers`, shares of them from 0 to 1; `profit`, what these bring together, in money; `share`, the
    same as a fraction of the whole profit, NaN where that is 0 or a loss; `n`, customers; `missing`, left out.
    """

    customers: Floats
    profit: Floats
    share: Floats
    n: int
    missing: int = 0

    @property
    def peak(self) -> tuple[float, float]:
        """Which share of customers brings most together, and how many times the whole profit that is.

        >>> whale_curve([80, 40, -20]).peak
        (0.6666666666666666, 1.2)
        """
        top = int(np.argmax(self.profit))
        return float(self.customers[top]), float(self.share[top])


def whale_curve(profits: Amount) -> WhaleCurve:
    """The curve of cumulative profit over customers, from a profit each, of any sign; missing ones (NaN) left out.

    >>> whale_curve([80, 40, -20]).share.tolist()
    [0.0, 0.8, 1.2, 1.0]

    Source: Kaplan & Narayanan 2001.
    """
    given = number(profits).ravel()
    seen = np.sort(given[~np.isnan(given)])[::-1]
    profit = np.concatenate([[0.0], np.cumsum(seen)])
    whole = profit[-1] if seen.size and profit[-1] > 0 else np.nan
    shares = np.linspace(0.0, 1.0, seen.size + 1) if seen.size else np.zeros(1)
    return WhaleCurve(shares, profit, profit / whole, seen.size, given.size - seen.size)


def _above_zero(given: Numbers) -> Numbers:
    return np.where(given.real > 0, given, np.nan)
