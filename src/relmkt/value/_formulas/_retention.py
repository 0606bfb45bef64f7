"""How many stay, how many leave, how much of their revenue stays? Retention and churn of one period.

Farris et al. (2010), "Marketing Metrics", chapter 5: customers kept over customers at risk, those won in between left
out. Retention over several periods and the lifetime it means are `retention_over` and `expected_lifetime`.
"""

from __future__ import annotations

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales._mean import ratio_error
from relmkt.scales._shares import share_estimate
from relmkt.value._numbers._delta import carried, checked, rate
from relmkt.value._numbers._figures import Amount, figure, number

__all__ = [
    "churn",
    "gross_revenue_retention",
    "half_life",
    "net_revenue_retention",
    "retention",
    "retention_from_loss",
    "revenue_retention",
]

Floats = NDArray[np.float64]


def retention(start: ArrayLike, end: ArrayLike, new: ArrayLike, *, level: float = 0.95) -> Estimate:
    """The share of customers kept over a period: (end - new) / start, with Wilson's interval.

    start, end: customers at the beginning and at the end; new: of those at the end, won in between. Counts, or columns
    of them, one a period. NaN where nobody was there at the start. ValueError where more are left than were there:
    then customers who came back were counted as kept; count them as new.

    >>> print(retention(1000, 1100, 250))
    0.85 [0.83, 0.87] 95 %, n = 1,000 (Wilson)

    Source: Farris et al. 2010.
    """
    began, ended, won = (_counts(name, given) for name, given in (("start", start), ("end", end), ("new", new)))
    kept = ended - won
    if (kept < 0).any():
        raise ValueError("new: expected at most as many as there are at the end")
    if (kept > began).any():
        raise ValueError("end: less the new, expected at most as many as at the start; who came back counts as new")
    return share_estimate(kept, began, level=level, note="nobody was there at the start")


def churn(retention: Amount, *, level: float = 0.95) -> Estimate:
    """The share of customers lost over a period, 1 - retention, with the interval of the retention turned round.

    >>> print(churn(retention(1000, 1100, 250)))
    0.15 [0.13, 0.17] 95 %, n = 1,000 (Wilson)

    Source: Farris et al. 2010.
    """
    kept = rate("retention", retention)
    if isinstance(kept, Estimate):
        return evolve(kept, value=1 - kept.value, low=1 - kept.high, high=1 - kept.low)
    return figure(1 - number(kept), level=level)


def retention_from_loss(lost: Amount, periods: Amount, *, level: float = 0.95) -> Estimate:
    """The retention of one period at which the share `lost` has gone after `periods`: (1 - lost) ** (1 / periods).

    >>> round(retention_from_loss(0.5, 5).value, 7)  # half lost in five years
    0.8705506

    Source: compounding at a constant rate.
    """
    checked("periods", periods, 0.0, open=True)
    return carried(lambda gone, n: (1 - gone) ** (1 / n), rate("lost", lost), periods, level=level)


def half_life(retention: Amount, *, level: float = 0.95) -> Estimate:
    """After how many periods half are lost at a constant rate: log(1/2) / log(retention); infinite where nobody leaves.

    Where the rate is not constant read it from the curve: `Cohorts.half_life`.

    >>> round(half_life(0.8705506).value, 4), half_life(1.0).notes
    (5.0, ('nobody leaves: half are never lost',))

    Source: the geometric distribution, taken as continuous.
    """
    kept = rate("retention", retention)
    never = ("nobody leaves: half are never lost",) if (number(kept) == 1).any() else ()
    return carried(lambda r: np.log(2) / np.log(1 / r), kept, level=level, notes=never)


def revenue_retention(start: float, *, lost: float, reduced: float = 0.0, grown: float = 0.0) -> Estimate:
    """Gross and net revenue retention from totals, labelled "gross" and "net"; totals tell no interval.

    start: a period's recurring revenue; of the same customers in the next period: lost, of those who left; reduced, by
    which others pay less; grown, by which others pay more; whole units of one currency, 0 or more. New customers are no
    part of it. NaN where there was no revenue.

    >>> revenue_retention(100_000, lost=5_000, reduced=3_000, grown=12_000).value.tolist()
    [0.92, 1.04]

    Source: the convention of subscription businesses.
    """
    for name, given in (("start", start), ("lost", lost), ("reduced", reduced), ("grown", grown)):
        checked(name, given, 0.0)
    kept = start - lost - reduced
    if kept < 0:
        raise ValueError("lost and reduced: expected at most the revenue there was at the start")
    told = np.array([kept, kept + grown]) / start if start else np.full(2, np.nan)
    return figure(told, labels=("gross", "net"), notes=() if start else ("nobody brought revenue before",))


def gross_revenue_retention(before: ArrayLike, after: ArrayLike, *, level: float = 0.95) -> Estimate:
    """The share of last period's revenue kept, growth of single customers left out: sum(min(before, after)) / before.

    before, after: revenue of the same customers in two periods of one length, one entry a customer, 0 or more, whole
    units of one currency; who brought nothing before is no part of it. The interval is normal, by the delta method for
    a ratio of sums, within 0 and 1.

    >>> gross_revenue_retention([100, 50, 50], [120, 40, 0]).value
    0.7

    Source: the convention of subscription businesses; Cochran 1977 for the error.
    """
    was, now = _revenues(before, after)
    told = _ratio(np.minimum(was, now), was, level)
    return evolve(told, low=max(told.low, 0.0), high=min(told.high, 1.0))


def net_revenue_retention(before: ArrayLike, after: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Revenue of last period's customers in this one over theirs in the last: sum(after) / sum(before), 0 or more.

    before, after: as for `gross_revenue_retention`. Above 1 where growth outweighs losses.

    >>> net_revenue_retention([100, 50, 50, 0], [120, 40, 0, 900]).value  # the fourth is new
    0.8

    Source: the convention of subscription businesses; Cochran 1977 for the error.
    """
    was, now = _revenues(before, after)
    told = _ratio(now, was, level)
    return evolve(told, low=max(told.low, 0.0))


def _counts(name: str, given: ArrayLike) -> Floats:
    values = np.asarray(given, np.float64)
    if not (values >= 0).all():
        raise ValueError(f"{name}: expected a number of customers, 0 or more")
    return values


def _revenues(before: ArrayLike, after: ArrayLike) -> tuple[Floats, Floats]:
    was, now = np.asarray(before, np.float64), np.asarray(after, np.float64)
    if was.shape != now.shape or was.ndim != 1:
        raise ValueError("before and after: expected one entry a customer in each")
    if not ((was >= 0) & (now >= 0)).all():
        raise ValueError("before and after: expected revenue of 0 or more, none missing")
    return was[was > 0], now[was > 0]


def _ratio(over: Floats, under: Floats, level: float) -> Estimate:
    if not under.size:
        return Estimate.unknown("nobody brought revenue before", level=level, method="delta")
    value, se = over.sum() / under.sum(), ratio_error(over, under)
    return figure(value, se, level=level, n=under.size, method="delta")
