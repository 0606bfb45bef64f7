"""What does it cost to win a customer, and what to keep one? On average and at the margin, from spends by phase.

Average costs say nothing about where the next unit of money should go; that is a matter of the marginal ones: Pfeifer
(2005), "The optimal ratio of acquisition and retention costs", Journal of Targeting, Measurement and Analysis for
Marketing 13(2). Intervals of ratios of slopes are Fieller's (1954), "Some problems in interval estimation", JRSS B 16.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase, Spend
from relmkt.money import exponent
from relmkt.scales import student
from relmkt.scales._quantiles import normal_quantile
from relmkt.value._numbers._figures import figure
from relmkt.value._summaries._fields import floats
from relmkt.value._summaries._tables import HoldsFacts, Table
from relmkt.windows import Span

__all__ = ["CostRatio", "cost_ratio", "spending"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Slope = tuple[float, float, int]
"""A slope, its standard error, its degrees of freedom."""
UNBOUNDED = "the interval has no end: more spend may have gone with no more customers"


@frozen(eq=False, repr=False)
class CostRatio:
    """The cost to win a customer beside the cost to keep one for a period, from counts of equal periods.

    win_spend, keep_spend: money in each period. won: customers won in it. at_risk: customers at its start; kept: of
    them, those kept through it. All shape (periods,). spread: standard error of the number kept in all periods
    together, where the same people are at risk in several of them; without it, binomial. unit: the currency; period:
    the length of a period in words, for keeping is paid for again in each.

    >>> costs = CostRatio([900.0], [30], [400.0], [250], [200], unit="EUR", period="year")
    >>> costs.to_win.value, costs.to_keep.value, round(costs.ratio.value, 2)
    (30.0, 2.0, 15.0)
    """

    win_spend: Floats = field(converter=floats)
    won: Floats = field(converter=floats)
    keep_spend: Floats = field(converter=floats)
    at_risk: Floats = field(converter=floats)
    kept: Floats = field(converter=floats)
    unit: str = field(default="", kw_only=True)
    period: str = field(default="period", kw_only=True)
    spread: float | None = field(default=None, kw_only=True)
    level: float = field(default=0.95, kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        columns = (self.win_spend, self.won, self.keep_spend, self.at_risk, self.kept)
        if len({column.shape for column in columns}) > 1 or self.won.ndim != 1:
            raise ValueError("the five columns have one entry a period each")
        if any((column < 0).any() for column in columns) or (self.kept > self.at_risk).any():
            raise ValueError("spends and counts are 0 or more, and nobody is kept who was not at risk")

    @property
    def to_win(self) -> Estimate:
        """Average cost to win: conquest spend by customer won; the number won taken as Poisson, on the log scale."""
        return self._average(self.win_spend.sum(), self.won.sum(), self._won_error(), "nobody was won")

    @property
    def to_keep(self) -> Estimate:
        """Average cost to keep for a period: keep spend by customer at risk who was kept, on the log scale."""
        return self._average(self.keep_spend.sum(), self.kept.sum(), self._kept_error(), "nobody was kept")

    @property
    def ratio(self) -> Estimate:
        """How many times the average cost to keep the average cost to win is; delta method on the log scale."""
        one, other = self.to_win, self.to_keep
        if not self.won.sum() or not self.kept.sum() or not other.value:
            return Estimate.unknown("nobody was won or kept, or keeping cost nothing", method="delta on the log")
        error = float(np.hypot(self._won_error(), self._kept_error()))
        return _logged(one.value / other.value, error, self.level, int(self.won.sum() + self.kept.sum()))

    @property
    def marginal_to_win(self) -> Estimate:
        """Cost of one more customer won: the inverse of the slope of customers won on spend over periods."""
        return self._inverse(_slope(self.win_spend, self.won))

    @property
    def marginal_to_keep(self) -> Estimate:
        """Cost of one more customer kept for a period: the inverse of the slope of the share kept on spend a head."""
        return self._inverse(self._keeping())

    @property
    def marginal_ratio(self) -> Estimate:
        """How many times the marginal cost to keep the marginal cost to win is; Fieller's interval."""
        winning, keeping = _slope(self.win_spend, self.won), self._keeping()
        if winning is None or keeping is None or winning[0] <= 0 or keeping[0] <= 0:
            return Estimate.unknown(self._why(winning, keeping), method="Fieller")
        (b, vb), (a, va) = ((s[0], s[1] ** 2) for s in (winning, keeping))
        q2, value = student(self.level, min(winning[2], keeping[2])) ** 2, a / b
        g, spread = q2 * vb / b**2, va + value**2 * vb - q2 * va * vb / b**2
        known = g < 1  # else the slope in the denominator may be 0, and the ratio anything
        reach = np.sqrt(q2 * max(spread, 0.0)) / (b * (1 - g)) if known else np.nan
        middle = value / (1 - g) if known else np.nan
        notes = () if known else (UNBOUNDED,)
        return Estimate(value, middle - reach, middle + reach, self.level, self.won.size, "Fieller", notes=notes)

    def _why(self, *slopes: Slope | None) -> str:
        if None in slopes:
            return "needs three periods or more, with spends that differ"
        return "more spend did not go with more customers"

    def _keeping(self) -> Slope | None:
        """Per head, so that a base which grows is not taken for one that spend keeps."""
        there = self.at_risk > 0
        heads = self.at_risk[there]
        return _slope(self.keep_spend[there] / heads, self.kept[there] / heads, heads)

    def _won_error(self) -> float:
        return float(1 / np.sqrt(max(self.won.sum(), 1.0)))

    def _kept_error(self) -> float:
        kept, heads = self.kept.sum(), self.at_risk.sum()
        spread = np.sqrt(kept * (1 - kept / heads)) if self.spread is None and heads else self.spread or 0.0
        return float(spread / kept) if kept else np.nan

    def _average(self, spend: float, count: float, error: float, nobody: str) -> Estimate:
        if not count:
            return Estimate.unknown(nobody, method="log normal")
        return _logged(float(spend / count), error, self.level, int(count))

    def _inverse(self, slope: Slope | None) -> Estimate:
        if slope is None or slope[0] <= 0:
            return Estimate.unknown(self._why(slope), method="Fieller")
        b, se, df = slope
        low, high = (b + side * student(self.level, df) * se for side in (-1, 1))
        if low <= 0:
            return Estimate(1 / b, level=self.level, n=df + 2, method="Fieller", notes=(UNBOUNDED,))
        return Estimate(1 / b, 1 / high, 1 / low, self.level, df + 2, "Fieller")

    def __str__(self) -> str:
        lines = [
            f"to win a customer, {self.unit} on average: {self.to_win}",
            f"to keep one for a {self.period}, {self.unit} on average: {self.to_keep}",
            f"winning costs so many times what keeping costs: {self.ratio}",
            f"one more customer won, {self.unit}: {self.marginal_to_win}",
            f"one more kept for a {self.period}, {self.unit}: {self.marginal_to_keep}",
            f"at the margin, winning costs so many times: {self.marginal_ratio}",
        ]
        return "\n".join((*lines, *self.notes))

    def __repr__(self) -> str:
        return f"<CostRatio: {self.won.size} periods of a {self.period}, {self.won.sum():,.0f} won>"


def cost_ratio(
    base: HoldsFacts,
    *,
    period: Span,
    lapse: Span,
    within: Span | None = None,
    win: Collection[str] = ("conquest",),
    keep: Collection[str] = ("loyalty", "retention"),
    spends: Table | None = None,
    currency: str | None = None,
    level: float = 0.95,
) -> CostRatio:
    """What winning and keeping cost a base, over whole periods that end at its instant.

    Won in a period: first bought in it. At risk at its start: bought in the `lapse` before; kept: of them, those who
    bought in the period. within: the span looked at, one `period` unless given; marginal costs need three periods.
    win, keep: the phases whose spends count for each; others are named in a note. spends: a table of `Spend`, where
    the base holds none. Raises ValueError for a period longer than `within`, InvalidFactError for two currencies.

    >>> from pendulum import datetime
    >>> from relmkt.money import Money
    >>> from relmkt.portfolio import Portfolio
    >>> from relmkt.windows import days
    >>> facts = [Purchase(who, datetime(2026, 1, day), Money(day, "EUR")) for who, day in [("ada", 5), ("bob", 20)]]
    >>> facts += [Purchase("ada", datetime(2026, 1, 25), Money(9, "EUR"))]
    >>> facts += [Spend("us", datetime(2026, 1, 16), Money(40, "EUR"), phase) for phase in ("conquest", "retention")]
    >>> costs = cost_ratio(Portfolio(facts, at=datetime(2026, 1, 31)), period=days(16), lapse=days(30))
    >>> costs.to_win.value, costs.to_keep.value
    (40.0, 40.0)
    """
    n = int(within if within is not None else period) // int(period)
    if n < 1:
        raise ValueError("within: a span of one period or more")
    edges = int(base.at) - int(period) * np.arange(n, -1, -1)
    ledger = _ledger(base, spends, currency)
    sums = {sort: _by_period(ledger, edges, phases) for sort, phases in (("win", win), ("keep", keep))}
    won, at_risk, kept, spread = _counts(base, edges, int(lapse))
    others = sorted({*ledger.phases[_inside(ledger.at, edges)].tolist()} - {*win, *keep})
    notes = (f"spends left out: {', '.join(others)}",) if others else ()
    words = f"period of {int(period) / 86_400_000_000:g} days"
    return CostRatio(
        sums["win"], won, sums["keep"], at_risk, kept,
        unit=ledger.currency, period=words, spread=spread, level=level, notes=notes,
    )  # fmt: skip


def spending(
    base: HoldsFacts,
    by: Literal["phase", "activity", "campaign", "channel"] = "activity",
    *,
    within: Span | None = None,
    phases: Collection[str] | None = None,
    spends: Table | None = None,
    currency: str | None = None,
) -> Estimate:
    """What was spent by activity, campaign, channel or phase: a column of whole units; `n` counts the spends.

    within: the span before the base's instant (all of it); phases: those that count (all). What states none is under
    "not stated". The ledger is taken as whole, so there is no interval.

    >>> from pendulum import datetime
    >>> from relmkt.money import Money
    >>> from relmkt.portfolio import Portfolio
    >>> spent = Spend("us", datetime(2026, 1, 9), Money(40, "EUR"), "conquest", campaign="spring")
    >>> spending(Portfolio([spent], at=datetime(2026, 2, 1)), "campaign")["spring"].value
    40.0
    """
    ledger = _ledger(base, spends, currency, by)
    counted = ledger.at > (int(base.at) - int(within) if within is not None else ledger.at.min(initial=0) - 1)
    if phases is not None:
        counted &= np.isin(ledger.phases, list(phases))
    names, code = np.unique(ledger.words[counted], return_inverse=True)
    sums = np.bincount(code, weights=ledger.amounts[counted], minlength=names.size)
    labels = [str(name) or "not stated" for name in names]
    return figure(sums, n=np.bincount(code, minlength=names.size), labels=labels, method="whole ledger, no sampling")


@frozen(eq=False)
class _Ledger:
    at: Ints
    amounts: Floats
    phases: NDArray[np.str_]
    words: NDArray[np.str_]
    currency: str


def _ledger(base: HoldsFacts, spends: Table | None, currency: str | None, by: str = "phase") -> _Ledger:
    """The spends not after the base's instant (rule R46), in one currency and in whole units of it."""
    table = base.facts(Spend) if spends is None else spends
    if not len(table):
        none = np.zeros(0, dtype=np.str_)
        return _Ledger(np.zeros(0, dtype=np.int64), np.zeros(0), none, none, currency or "")
    labels = table["label"]
    found = sorted({*np.unique(labels).tolist()})
    if currency is None and len(found) > 1:
        raise InvalidFactError("Spend.amount", f"amounts in {', '.join(found)}", "one currency, or currency=")
    code = currency or found[0]
    rows = (labels == code) & (table["at"] <= int(base.at))
    amounts = table["number"][rows] / 10 ** exponent(code)
    phases, words = (table[name][rows].astype(np.str_) for name in ("phase", by))
    return _Ledger(table["at"][rows], amounts, phases, words, code)


def _inside(at: Ints, edges: Ints) -> NDArray[np.bool_]:
    return np.asarray((at > edges[0]) & (at <= edges[-1]))


def _by_period(ledger: _Ledger, edges: Ints, phases: Collection[str]) -> Floats:
    rows = _inside(ledger.at, edges) & np.isin(ledger.phases, list(phases))
    period = np.searchsorted(edges, ledger.at[rows], side="left") - 1
    return np.bincount(period, weights=ledger.amounts[rows], minlength=edges.size - 1).astype(np.float64)


def _counts(base: HoldsFacts, edges: Ints, lapse: int) -> tuple[Floats, Floats, Floats, float]:
    """Won, at risk and kept in each period; the standard error of all kept, with each customer as one cluster."""
    table = base.facts(Purchase)
    known = table["at"] <= int(base.at)  # rule R46
    who, at = table["stream"][known].astype(np.int64), table["at"][known].astype(np.int64)
    n = int(who.max(initial=-1)) + 1
    first = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(first, who, at)
    firsts = first[_inside(first, edges)]
    won = np.bincount(np.searchsorted(edges, firsts, side="left") - 1, minlength=edges.size - 1).astype(np.float64)

    def bought(after: int, until: int) -> NDArray[np.bool_]:
        held = np.bincount(who[(at > after) & (at <= until)], minlength=n)
        return np.asarray(held > 0)

    risks = [bought(start - lapse, start) for start in edges[:-1].tolist()]
    stays = [risk & bought(a, b) for risk, a, b in zip(risks, edges[:-1].tolist(), edges[1:].tolist(), strict=True)]
    at_risk, kept = (np.array([mask.sum() for mask in masks], dtype=np.float64) for masks in (risks, stays))
    share = kept.sum() / max(at_risk.sum(), 1.0)
    off = np.sum([stay - share * risk for stay, risk in zip(stays, risks, strict=True)], axis=0)
    return won, at_risk, kept, float(np.sqrt(np.square(off).sum()))


def _slope(x: Floats, y: Floats, weights: Floats | None = None) -> Slope | None:
    """The slope of (weighted) least squares; None where there is no telling: two periods, or one spend."""
    w = np.ones(x.size) if weights is None else weights
    if x.size < 3:
        return None
    dx, dy = x - np.average(x, weights=w), y - np.average(y, weights=w)
    spread = float(w @ dx**2)
    if spread <= 1e-12 * float(w @ x**2):
        return None
    b, df = float(w @ (dx * dy)) / spread, x.size - 2
    return b, float(np.sqrt(w @ (dy - b * dx) ** 2 / df / spread)), df


def _logged(value: float, error: float, level: float, n: int) -> Estimate:
    """An interval on the log scale, for what cannot be negative; none where nothing varies."""
    reach = float(np.exp(normal_quantile(level) * error)) if error > 0 else np.nan
    ends = (value / reach, value * reach)
    return Estimate(value, *ends, level, n, "delta on the log", se=value * error)
