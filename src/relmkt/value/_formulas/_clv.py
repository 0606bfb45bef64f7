"""What is a customer worth who stays with a constant chance? Lifetime value in closed form, its timing named.

Gupta & Lehmann (2003), "Customers as assets", Journal of Interactive Marketing 17(1), 9-24; Gupta, Lehmann & Stuart
(2004), "Valuing customers", Journal of Marketing Research 41(1), 7-18; Farris et al., "Marketing Metrics". The five
conventions in print differ by half of the answer, so `Timing` is always stated; the undiscounted two are a discount of
0. A constant rate understates a mixed base, whose retention rises with tenure: there a `ShiftedBetaGeo` is the model.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from operator import index
from typing import Any

import numpy as np
from attrs import evolve

from relmkt.estimate import Estimate
from relmkt.value._numbers._delta import Numbers, carried, checked, rate
from relmkt.value._numbers._figures import Amount, number

__all__ = [
    "Timing",
    "break_even_retention",
    "clv",
    "discount_over",
    "expected_lifetime",
    "margin_multiple",
    "multiple",
    "retention_over",
]


class Timing(StrEnum):
    """When the first margin comes in, and whether it is sure; each later one follows a period on, if still retained.

    IF_RETAINED: a period from now, from those who stay until then: m r / (1 + d - r), Gupta & Lehmann's.
    NOW: now and for sure: m (1 + d) / (1 + d - r). END_OF_PERIOD: a period from now and for sure: m / (1 + d - r).

    >>> Timing("now") is Timing.NOW
    True
    """

    IF_RETAINED = "if retained"
    NOW = "now"
    END_OF_PERIOD = "end of period"


def clv(
    margin: Amount,
    retention: Amount,
    discount: Amount,
    *,
    timing: Timing,
    growth: Amount = 0.0,
    periods: int | None = None,
    acquisition_cost: Amount = 0.0,
    labels: Iterable[Any] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Customer lifetime value: the expected margins of one customer in today's money.

    margin: of a period, net of what keeping the customer costs, of any sign. retention: the chance in [0, 1] of
    staying one more period. discount: a period, above -1; 0 for undiscounted. All three are of the same period (see
    `retention_over` and `discount_over`), each a number, a column, or an estimate whose standard error is carried on
    by the delta method; an estimated retention without one gets the binomial error of its n.

    timing: when the first margin comes in. growth: of the margin from one payment to the next, the first being
    `margin`. periods: how many payments are counted, the first included; None is for ever. acquisition_cost: taken off
    once, now. labels: of a column's rows, such as segments. Returns whole units of the margin's currency per customer.

    Raises ValueError for a rate outside its range, and without end where 1 + discount <= retention * (1 + growth).

    >>> kept = Estimate(0.8, n=400)
    >>> print(clv(100.0, kept, 0.1, timing=Timing.IF_RETAINED))
    266.67 [218.76, 314.58] 95 %, n = 400 (delta)
    >>> [round(clv(100.0, 0.8, 0.1, timing=when).value, 3) for when in (Timing.NOW, Timing.END_OF_PERIOD)]
    [366.667, 333.333]

    Source: Gupta & Lehmann 2003; Farris et al.
    """
    kept, when = rate("retention", retention), Timing(timing)
    _check(kept, discount, growth, periods)

    def value(m: Numbers, r: Numbers, d: Numbers, g: Numbers, cost: Numbers) -> Numbers:
        return m * multiple(r, d, g, when, periods) - cost

    return carried(value, margin, kept, discount, growth, acquisition_cost, level=level, labels=labels)


def margin_multiple(
    retention: Amount,
    discount: Amount,
    *,
    timing: Timing,
    growth: Amount = 0.0,
    periods: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """How many margins of one period a customer is worth; arguments and errors are those of `clv`.

    >>> margin_multiple([0.6, 0.7, 0.8, 0.9], 0.1, timing=Timing.IF_RETAINED).value.round(2)
    array([1.2 , 1.75, 2.67, 4.5 ])

    Source: Gupta & Lehmann 2003, whose multiple is that of `Timing.IF_RETAINED`.
    """
    return clv(1.0, retention, discount, timing=timing, growth=growth, periods=periods, level=level)


def break_even_retention(
    value: Amount, margin: Amount, discount: Amount, *, timing: Timing, growth: Amount = 0.0, level: float = 0.95
) -> Estimate:
    """The retention at which a customer of that margin is worth `value`, without end: the inverse of `clv`.

    value: to be reached, in the currency of `margin`, such as the value before a cut of the margin or the cost of
    winning the customer. NaN, with a note, where no retention in [0, 1] reaches it.

    >>> round(break_even_retention(67.26396, 18.75, 0.01, timing=Timing.IF_RETAINED).value, 7)
    0.7898323

    Source: Gupta & Lehmann 2003, solved for the retention.
    """
    checked("discount", discount, -1.0, open=True)
    checked("growth", growth, -1.0, open=True)
    when = Timing(timing)

    def kept(v: Numbers, m: Numbers, d: Numbers, g: Numbers) -> Numbers:
        match when:
            case Timing.IF_RETAINED:
                found = v * (1 + d) / (m + v * (1 + g))
            case Timing.NOW:
                found = (1 + d) * (1 - m / v) / (1 + g)
            case _:
                found = (1 + d - m / v) / (1 + g)
        there = (found.real >= 0) & (found.real <= 1) & (found.real * (1 + g.real) < 1 + d.real)
        return np.where(there, found, np.nan)

    given = (value, margin, discount, growth)
    answer = carried(kept, *given, level=level)
    known = sum(number(one) for one in given)
    beyond = bool((np.isnan(answer.value) & ~np.isnan(known)).any())
    return evolve(answer, notes=(*answer.notes, "no retention up to 1 reaches it")) if beyond else answer


def retention_over(retention: Amount, periods: float, *, level: float = 0.95) -> Estimate:
    """The retention over so many periods, by compounding: 12 turns a monthly rate into a yearly one, 1 / 12 back.

    >>> round(retention_over(0.8, 1 / 12).value, 7), round(retention_over(0.5, 1 / 5).value, 7)
    (0.9815765, 0.8705506)

    Source: compounding; a rate of a year is never twelve times that of a month.
    """
    checked("periods", periods, 0.0, open=True)
    return carried(lambda r: r**periods, rate("retention", retention), level=level)


def discount_over(discount: Amount, periods: float, *, level: float = 0.95) -> Estimate:
    """The discount rate over so many periods, by compounding: 12 turns a monthly rate into a yearly one, 1 / 12 back.

    >>> round(discount_over(0.1, 1 / 12).value, 7)
    0.0079741

    Source: compounding.
    """
    checked("discount", discount, -1.0, open=True)
    checked("periods", periods, 0.0, open=True)
    return carried(lambda d: (1 + d) ** periods - 1, discount, level=level)


def expected_lifetime(retention: Amount, *, first: bool, level: float = 0.95) -> Estimate:
    """How many periods a customer is expected to stay: 1 / (1 - r) with the first one counted, r / (1 - r) after it.

    first: whether the present period, in which the customer is here for sure, is counted. Where nobody leaves
    (retention 1) it is infinite, and a note says so.

    >>> round(expected_lifetime(0.85, first=True).value, 3), round(expected_lifetime(0.85, first=False).value, 3)
    (6.667, 5.667)

    Source: the geometric distribution. Both forms are called lifetime in print, so the choice has no default.
    """
    kept = rate("retention", retention)
    endless = (number(kept) == 1).any()
    notes = ("nobody leaves: the lifetime is infinite",) if endless else ()
    return carried(lambda r: (1 if first else r) / (1 - r), kept, level=level, notes=notes)


def multiple(r: Numbers, d: Numbers, g: Numbers, timing: Timing, periods: int | None) -> Numbers:
    """Margins of one period that a customer is worth, on plain numbers, unchecked: for formulas built on it."""
    later = (1 + g) * r / (1 + d)
    total = 1 / (1 - later) if periods is None else _geometric(later, periods)
    first: Numbers = np.ones_like(r) if timing is Timing.NOW else (r if timing is Timing.IF_RETAINED else 1) / (1 + d)
    return total * first


def _geometric(ratio: Numbers, terms: int) -> Numbers:
    """1 + x + x² + … by Horner's rule, which holds at x = 1 too."""
    total: Numbers = np.zeros_like(ratio)
    for _ in range(terms):
        total = 1 + ratio * total
    return total


def _check(retention: Amount, discount: Amount, growth: Amount, periods: int | None) -> None:
    checked("discount", discount, -1.0, open=True)
    checked("growth", growth, -1.0)
    if periods is not None:
        if index(periods) < 0:
            raise ValueError("periods: expected a whole number from 0, or None for ever")
    elif (1 + number(discount) <= number(retention) * (1 + number(growth))).any():
        raise ValueError("retention: without end, retention * (1 + growth) has to lie below 1 + discount")
