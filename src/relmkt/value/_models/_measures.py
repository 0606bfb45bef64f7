"""How likely is this customer still one, and what will they bring? The models as measures, for rules and segments.

A fitted model stays as it was fitted; what it reads of a customer is folded purchase by purchase (first and last day,
days of purchase, spend), so that one customer's answer and everybody's are the same. Answers step at local midnight,
for the models count in days: Fader, Hardie & Lee (2005), Marketing Science 24(2).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar, Protocol

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Fact, Purchase
from relmkt.money import exponent
from relmkt.rules import NAN, Measure, Op
from relmkt.value._models._gammagamma import GammaGamma
from relmkt.value._models._lifetime import lifetime_value
from relmkt.value._summaries._rows import day_of
from relmkt.value._summaries._summary import DAYS_OF, PurchaseSummary, Unit
from relmkt.windows import Instant, Span, local_instant

__all__ = ["PurchaseHistory", "Reads", "expected_purchases", "expected_value", "likely_alive"]

Floats = NDArray[np.float64]
AHEAD = 14_610  # days within which a flip is looked for: forty years
GRID = 17
COMPARED = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}


class Reads(Protocol):
    """A model of repeat purchases that knows its unit, such as a fitted `BetaGeo`."""

    @property
    def unit(self) -> Unit | None: ...
    def alive(self, summary: PurchaseSummary, /, *, level: float | None = ...) -> Estimate: ...
    def purchases(
        self, summary: PurchaseSummary, horizon: Span | float, /, *, level: float | None = ..., discount: float = ...
    ) -> Estimate: ...


@frozen
class PurchaseHistory:
    """What the models read of one customer's purchases, folded one by one: a facet.

    currency: only purchases in it count; None takes all and reads no amounts. zone: whose local dates are days. first,
    last: days since 1970-01-01; days: on which something was bought; opening: spend of the first day, and spent of
    all, in minor units.

    >>> from pendulum import datetime
    >>> from relmkt.customers import Customer
    >>> from relmkt.money import Money
    >>> bought = [Purchase("ada", datetime(2026, 1, day), Money(day, "EUR"), id=f"t{day}") for day in (5, 19)]
    >>> ada = Customer.of("ada", bought, facets=[PurchaseHistory("EUR")], at=datetime(2026, 2, 2))
    >>> history = ada.states[PurchaseHistory("EUR")]
    >>> history.days, history.spent
    (2, 2400)
    """

    reads: ClassVar[tuple[type[Fact], ...]] = (Purchase,)

    currency: str | None = None
    zone: str = "UTC"
    first: int | None = None
    last: int | None = None
    days: int = 0
    opening: int = 0
    spent: int = 0

    def after(self, fact: Fact) -> PurchaseHistory:
        """The history with one more purchase, the newest so far."""
        if not isinstance(fact, Purchase) or self.currency not in (None, fact.amount.currency):
            return self
        day, paid = day_of(fact.at, self.zone), 0 if self.currency is None else fact.amount.units
        first = day if self.first is None else self.first
        return evolve(
            self,
            first=first,
            last=day,
            days=self.days + (day != self.last),
            opening=self.opening + (paid if day == first else 0),
            spent=self.spent + paid,
        )

    def summary(self, days: NDArray[np.int64], unit: Unit) -> PurchaseSummary:
        """The same history as it stands on each of these days, one row a day, as the models read it."""
        scale, x, n = DAYS_OF[unit], self.days - 1, days.size
        first, last = self.first or 0, self.last or 0
        spent = NAN
        if self.currency is not None and x > 0:
            spent = (self.spent - self.opening) / x / 10 ** exponent(self.currency)
        x_of_all, t_x = np.full(n, float(x)), np.full(n, (last - first) / scale)
        T, m = (days - first) / scale, np.full(n, spent)
        return PurchaseSummary(np.arange(n), x_of_all, t_x, T, m, unit, self.currency)


class Worth(Reads, Protocol):
    """One that tells of all purchases to come, too."""

    def residual(self, summary: PurchaseSummary, /, *, discount: float, level: float | None = ...) -> Estimate: ...


class _Question(Protocol):
    """What is asked of histories, all at once: raw values, one a row."""

    @property
    def unit(self) -> Unit: ...
    def __call__(self, summary: PurchaseSummary) -> Floats: ...


@frozen
class _Alive:
    model: Reads
    unit: Unit

    def __call__(self, summary: PurchaseSummary) -> Floats:
        return np.asarray(self.model.alive(summary, level=None).value)


@frozen
class _Purchases:
    model: Reads
    unit: Unit
    horizon: Span | float

    def __call__(self, summary: PurchaseSummary) -> Floats:
        return np.asarray(self.model.purchases(summary, self.horizon, level=None).value)


@frozen
class _Value:
    model: Worth
    unit: Unit
    spending: GammaGamma
    horizon: Span | float | None
    discount: float
    margin: float | None
    scale: int

    def __call__(self, summary: PurchaseSummary) -> Floats:
        found = lifetime_value(
            self.model,
            self.spending,
            summary,
            horizon=self.horizon,
            discount=self.discount,
            margin=self.margin,
            level=None,
        )
        return np.asarray(found.value) * self.scale


@frozen
class _Asked:
    """The raw answer of one customer; missing for who has not bought."""

    question: _Question

    def __call__(self, history: PurchaseHistory, at: Instant) -> float:
        if history.first is None:
            return NAN
        today = np.array([day_of(at, history.zone)])
        return float(self.question(history.summary(today, self.question.unit))[0])


@frozen
class _Turned:
    """When a comparison flips by silence alone: at some local midnight, looked for forty years ahead."""

    question: _Question

    def __call__(self, history: PurchaseHistory, at: Instant, op: Op, value: float) -> Instant | None:
        if history.first is None:
            return None
        today = day_of(at, history.zone)
        if value != value:
            return _midnight(today + 1, history.zone)
        low, high = 0, AHEAD
        while high - low > 1:  # in silence these figures only fall, so that each flips once
            days = np.unique(np.linspace(low, high, GRID).astype(np.int64))
            verdicts = COMPARED[op](self.question(history.summary(today + days, self.question.unit)), value)
            flips = np.flatnonzero(verdicts != verdicts[0])
            if not flips.size:
                break  # the last day looked at is early enough
            low, high = int(days[flips[0] - 1]), int(days[flips[0]])
        return _midnight(today + high, history.zone)


def _midnight(day: int, zone: str) -> Instant:
    return local_instant(date(1970, 1, 1) + timedelta(days=day), "00:00", zone)


@frozen(order=False, cache_hash=True, repr=False)
class _Modelled(Measure):
    """A measure that answers for everyone at once from the summary of a table."""

    def everyone(self, table: FactTable, at: Instant) -> Floats:
        """The raw values of all customers of a table that holds no fact after `at`, in its order."""
        history, question, rows = self.facet, self.ask.question, table.only(Purchase)  # type: ignore[attr-defined]
        stream, times, amounts = rows["stream"], rows["at"], None
        if history.currency is not None:
            kept = rows["label"] == history.currency
            stream, times = stream[kept], times[kept]
            amounts = rows["number"][kept] / 10 ** exponent(history.currency)
        summary = PurchaseSummary.from_purchases(
            stream, times, amounts, at=at, unit=question.unit, currency=history.currency, zone=history.zone
        )
        values = np.full(len(table.ids), NAN)
        values[summary.ids.astype(np.int64)] = question(summary)
        return values


def likely_alive(model: Reads, *, zone: str = "UTC") -> Measure:
    """Probability that a customer is still one, under a fitted model; missing for who has not bought.

    model: one that knows its unit; its parameters stay as they are until you fit anew. zone: whose local dates are
    days, as for the summary that it was fitted to.

    >>> from relmkt.value import BetaGeo
    >>> slipping = likely_alive(BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week")) < 0.3
    >>> print(slipping)
    probability alive < 0.3
    """
    return _measure("probability alive", _Alive(model, _unit(model)), None, zone)


def expected_purchases(model: Reads, horizon: Span | float, *, zone: str = "UTC") -> Measure:
    """Purchases expected of a customer within the horizon from the day of the question, under a fitted model.

    model, zone: as for `likely_alive`; horizon: a span, or periods of the model. Missing for who has not bought.

    >>> from relmkt.value import BetaGeo
    >>> from relmkt.windows import days
    >>> print(expected_purchases(BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week"), days(90)) >= 1)
    expected purchases >= 1
    """
    return _measure("expected purchases", _Purchases(model, _unit(model), horizon), None, zone)


def expected_value(
    buying: Worth,
    spending: GammaGamma,
    *,
    horizon: Span | float | None,
    currency: str,
    discount: float = 0.0,
    margin: float | None = None,
    zone: str = "UTC",
) -> Measure:
    """What a customer is expected to bring within the horizon, in whole units of the currency: `lifetime_value`.

    Without a margin it is revenue, and its name says so. Missing for who has not bought in this currency.

    >>> from relmkt.value import BetaGeo
    >>> buying, spending = BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week"), GammaGamma(6.25, 3.74, 15.44)
    >>> print(expected_value(buying, spending, horizon=52, currency="USD") >= 100)
    expected revenue >= 100 USD
    """
    name = "expected revenue" if margin is None else "expected value"
    question = _Value(buying, _unit(buying), spending, horizon, discount, margin, 10 ** exponent(currency))
    return _measure(name, question, currency, zone)


def _unit(model: Reads) -> Unit:
    if model.unit is None:
        raise ValueError("the model needs its unit, to read days as its periods: fit it, or give unit=")
    return model.unit


def _measure(name: str, question: _Question, currency: str | None, zone: str) -> Measure:
    facet = PurchaseHistory(currency, zone)
    return _Modelled(name, facet, _Asked(question), _Turned(question), unit=currency or "")
