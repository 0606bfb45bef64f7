"""What are yearly flows worth today: given outright, from a cohort's survivors, or from retention year by year?

Best, "Market-Based Management", fig. 1.15 (net present value of a customer's flows); the cohort table of Gupta &
Lehmann as reprinted in Kotler & Keller, "Marketing Management". Discount factors are never rounded: answers made
with three decimals of them differ in the second decimal.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._formulas._clv import Timing
from relmkt.value._numbers._delta import Numbers, carried, checked, counted, rate
from relmkt.value._numbers._figures import Amount, error_of, figure, number

__all__ = ["PresentValues", "cohort_value", "net_present_value", "period_values"]

Floats = NDArray[np.float64]


@frozen
class PresentValues:
    """Value period by period and as a whole, in today's money.

    Attributes: `by_period`, present values labelled by the period of the payment, what winning them cost not taken
    off; `total`, their sum less that cost; `each`, the total over the customers at the start.
    """

    by_period: Estimate
    total: Estimate
    each: Estimate


def net_present_value(flows: Amount, discount: Amount, *, first: int = 0, level: float = 0.95) -> Estimate:
    """The sum of flows in today's money; the first one falls `first` periods from now, each later one a period on.

    flows: one a period, of any sign; or one row a customer, and then the answer is a column. An estimate of them, or
    of the discount, carries its standard error on. No flow at all is worth 0; a missing one makes the sum NaN.

    >>> round(net_present_value([-51, 30, 42, 44, 49, 55], 0.15).value, 4)
    91.1363

    Source: Best, Market-Based Management.
    """
    checked("discount", discount, -1.0, open=True)
    paid, d = np.atleast_1d(number(flows)), number(discount)
    if d.ndim or paid.ndim > 2:
        raise ValueError("flows: expected one row, or a table of one row a customer, and one discount for all of them")
    times = first + np.arange(paid.shape[-1])
    factors = (1 + d) ** -times.astype(np.float64)
    slope = paid @ (-times * factors / (1 + d))
    variance = (slope * error_of(discount)) ** 2 + np.broadcast_to(error_of(flows), paid.shape) ** 2 @ factors**2
    unsure = isinstance(flows, Estimate) or isinstance(discount, Estimate)
    n = int(np.min(counted((flows, discount))))
    return figure(
        paid @ factors, np.sqrt(variance) if unsure else None, level=level, n=n, method="delta" if unsure else ""
    )


def period_values(
    margins: ArrayLike,
    retention: Amount,
    discount: Amount,
    *,
    timing: Timing,
    costs: ArrayLike = 0.0,
    acquisition_cost: float = 0.0,
    level: float = 0.95,
) -> PresentValues:
    """Lifetime value in its general form: margin, cost of keeping and retention may differ from period to period.

    margins, costs: of each period for a customer who is still there. retention: one rate for all, or one a period:
    the chance to be still there when that period ends. With `Timing.IF_RETAINED` the first margin asks the first
    rate, otherwise the first margin is sure, the second asks the first rate, and the last rate is not asked.
    timing: as for `clv`. acquisition_cost: taken off once, now.

    >>> story = period_values([200, 370, 375], 0.8, 0.1, timing=Timing.END_OF_PERIOD, costs=[90, 80, 80])
    >>> story.by_period.value.round(4).tolist()
    [100.0, 191.7355, 141.8482]

    Source: Berger & Nasr 1998; the general form of Gupta, Lehmann & Stuart 2004.
    """
    checked("discount", discount, -1.0, open=True)
    kept, when = rate("retention", retention), Timing(timing)
    net = np.asarray(margins, dtype=np.float64) - np.asarray(costs, dtype=np.float64)
    if net.ndim != 1 or number(kept).shape not in ((), net.shape):
        raise ValueError("margins: expected one a period, and one retention for all or one a period")
    waits = np.arange(net.size) + (when is not Timing.NOW)
    asked = np.arange(net.size) + (when is Timing.IF_RETAINED)

    def present(d: Numbers, *rates: Numbers) -> Numbers:
        chain = np.cumprod(np.append(1.0, np.broadcast_to(np.stack(rates), net.size) if len(rates) == 1 else rates))
        return net * chain[asked] * (1 + d) ** -waits.astype(np.float64)

    given = (discount, *_singly(kept))
    by_period = carried(present, *given, level=level, labels=waits)
    total = carried(lambda *them: present(*them).sum() - acquisition_cost, *given, level=level)
    return PresentValues(by_period, total, total)


def cohort_value(
    survivors: ArrayLike,
    margins: ArrayLike,
    discount: Amount,
    *,
    customers: int,
    acquisition_cost: float = 0.0,
    first: int = 1,
    level: float = 0.95,
) -> PresentValues:
    """What a cohort brought, from how many were still there at each payment and the margin of each then.

    survivors: customers who pay at period `first`, then a period on, and so on. margins: of one of them. customers:
    at the start. acquisition_cost: of one customer, paid now for all of them. The interval is that of the mean over
    customers, who leave for good: where survivors rise again there is none, and a note says so.

    >>> cohort = cohort_value([90, 80], [30, 38], 0.1, customers=100, acquisition_cost=40)
    >>> cohort.by_period.value.round(2).tolist(), round(cohort.each.value, 2)
    ([2454.55, 2512.4], 9.67)

    Source: Gupta & Lehmann, reprinted in Kotler & Keller, Marketing Management.
    """
    checked("discount", discount, -1.0, open=True)
    stay, margin = np.asarray(survivors, dtype=np.float64), np.asarray(margins, dtype=np.float64)
    if stay.ndim != 1 or margin.shape not in ((), stay.shape) or (stay < 0).any() or customers < 0:
        raise ValueError("survivors: expected counts from 0, one a period, and as many margins")
    waits = first + np.arange(stay.size)

    def paid(d: Numbers) -> Numbers:
        return margin * (1 + d) ** -waits.astype(np.float64)

    by_period = carried(lambda d: stay * paid(d), discount, level=level, labels=waits)
    total = carried(lambda d: (stay * paid(d)).sum() - customers * acquisition_cost, discount, level=level)
    there = np.append(customers, stay)
    if not customers:
        return PresentValues(by_period, total, Estimate.unknown("no customers at the start", level=level))
    notes = ("some came back: no interval over customers",) if (np.diff(there) > 0).any() else ()
    spread = 0.0 if notes else _spread(there, np.append(0.0, np.cumsum(paid(number(discount)))))
    error = np.hypot(np.nan_to_num(total.se), spread * np.sqrt(customers))
    error = np.nan if notes and not error else error

    def told(value: float, doubt: float) -> Estimate:
        return figure(value, doubt, level=level, n=customers, method="over customers", notes=notes)

    each = told(total.value / customers, error / customers)
    return PresentValues(by_period, told(total.value, error), each)


def _singly(given: Amount) -> list[Amount]:
    """A column as its rows, whose errors are independent of one another."""
    if number(given).ndim == 0:
        return [given]
    return [one for _, one in given] if isinstance(given, Estimate) else list(number(given))


def _spread(there: Floats, worth: Floats) -> float:
    """Standard deviation over customers of what each brought, from how many left after each payment."""
    left = there - np.append(there[1:], 0.0)
    mean = left @ worth / there[0]
    return float(np.sqrt(left @ (worth - mean) ** 2 / (there[0] - 1))) if there[0] > 1 else float("nan")
