"""How much of the value do the best customers bring? Lorenz curve, Gini coefficient, share of the top.

Lorenz (1905), Gini (1912); in customer bases Schmittlein, Cooper & Morrison (1993), "Truth in concentration in the land
of (80/20) laws", Marketing Science 12(2). With losses among the values the Gini coefficient is refused, or normalised
as by Raffinetti, Siletti & Vernizzi (2015), "On the Gini coefficient normalization when attributes with negative values
are considered", Statistical Methods & Applications 24(3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._customers._ranking import ranking
from relmkt.value._numbers._figures import figure
from relmkt.value._numbers._shares import drawn_again
from relmkt.value._summaries._tables import HoldsFacts

__all__ = ["concentration", "gini", "lorenz", "top_share"]

Floats = NDArray[np.float64]
Interval = Literal["jackknife", "bootstrap"]
Losses = Literal["refused", "adjusted"]
NOTHING = "the values sum to 0: there is nothing to concentrate"
EXACT = "whole base, no sampling"


def lorenz(values: ArrayLike) -> tuple[Floats, Floats]:
    """The Lorenz curve: shares of customers, poorest first, and the share of the value that they bring together.

    values: one a customer, 0 or more; missing ones (NaN) are left out. Both arrays start at 0 and end at 1; where
    the values sum to 0 the second is NaN.

    >>> customers, value = lorenz([1, 1, 2])
    >>> customers.round(3).tolist(), value.tolist()
    ([0.0, 0.333, 0.667, 1.0], [0.0, 0.25, 0.5, 1.0])
    """
    ordered, _ = _ordered(values)
    steps = np.concatenate([[0.0], np.cumsum(ordered)])
    with np.errstate(invalid="ignore"):
        share = steps / steps[-1] if ordered.size else np.array([np.nan])
    return np.linspace(0.0, 1.0, ordered.size + 1), share


def gini(
    values: ArrayLike,
    *,
    corrected: bool = False,
    losses: Losses = "refused",
    interval: Interval | None = None,
    rng: np.random.Generator | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> Estimate:
    """Gini coefficient: 0 where all bring the same, (n − 1) / n where one brings all, or 1 if `corrected`.

    values: one a customer; NaN where all are 0. corrected: times n / (n − 1), for a small sample of a greater base.
    losses: values below 0 are "refused" with a ValueError, for the plain coefficient can exceed 1 then; "adjusted"
    divides by the sum of absolute values instead of the sum, which keeps it within the same bounds and changes nothing
    where there are none. interval: None for a whole base, which has none; for a sample of customers "jackknife"
    (normal, each left out once) or "bootstrap" (percentiles of `resamples` draws by `rng`).

    >>> round(gini([10] * 9 + [100]).value, 7), gini([0, 0, 0, 10], corrected=True).value
    (0.4263158, 1.0)

    Source: Gini 1912; Raffinetti, Siletti & Vernizzi 2015 for the adjusted one (it is theirs where `corrected`).
    """
    ordered, missing = _ordered(values, losses)
    n, whole = ordered.size, float(np.abs(ordered).sum())
    if not whole:
        return Estimate.unknown(NOTHING, level=level, missing=missing)
    if corrected and n < 2:
        return Estimate.unknown("one customer: nothing to correct", level=level, missing=missing)
    value = _gini(ordered, corrected)
    if interval is None:
        return Estimate(value, level=level, n=n, method=EXACT, missing=missing)
    if interval == "jackknife":
        bounds = figure(value, _jackknife(ordered, corrected), level=level, n=n, method="jackknife")
        return evolve(bounds, low=max(bounds.low, 0.0), high=min(bounds.high, 1.0), missing=missing)
    if interval != "bootstrap":
        raise ValueError(f"interval: expected 'jackknife', 'bootstrap' or None, got {interval!r}")
    return _sampled(lambda drawn: _gini(np.sort(drawn), corrected), ordered, value, rng, resamples, level, missing)


def top_share(
    values: ArrayLike,
    share: float = 0.2,
    *,
    rng: np.random.Generator | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> Estimate:
    """The part of the whole value that the best `share` of customers bring.

    values: one a customer, 0 or more. share: of customers, in [0, 1]; where it falls within one customer, that
    customer's value counts in part. rng: draws customers again `resamples` times, for the interval of a sample; without
    it the answer is of the whole base and has none.

    >>> top_share([0, 0, 0, 10], 0.25).value
    1.0

    Source: Schmittlein, Cooper & Morrison 1993.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share lies between 0 and 1, got {share}")
    ordered, missing = _ordered(values)
    if not ordered.sum():
        return Estimate.unknown(NOTHING, level=level, missing=missing)
    value = _top(ordered, share)
    if rng is None:
        return Estimate(value, level=level, n=ordered.size, method=EXACT, missing=missing)
    return _sampled(lambda drawn: _top(np.sort(drawn), share), ordered, value, rng, resamples, level, missing)


def concentration(
    base: HoldsFacts,
    *,
    currency: str,
    share: float,
    by: Literal["revenue", "margin"] = "revenue",
    margin: float | None = None,
) -> Estimate:
    """Gini coefficient and share of the top of a portfolio's customers who bought, labelled "gini" and "top share".

    by: net revenue, or the margin on it as `ranking` finds it, `margin` being the rate where purchases state none.
    share: of customers, for the share of the top. Customers whose margin is not known are left out and counted as
    `missing`. Where some bring less than nothing the Gini coefficient is the adjusted one, the share of the top is
    unknown, and a note says so.

    >>> from pendulum import datetime
    >>> from relmkt.columns import FactTable
    >>> from relmkt.facts import Purchase
    >>> from relmkt.money import Money
    >>> from relmkt.portfolio import Portfolio
    >>> facts = [Purchase(who, datetime(2026, 1, 5), Money(paid, "EUR")) for who, paid in (("ada", 30), ("bob", 10))]
    >>> told = concentration(Portfolio(FactTable.of(facts), at=datetime(2026, 2, 1)), currency="EUR", share=0.5)
    >>> told["gini"].value, told["top share"].value
    (0.25, 0.75)
    """
    if by not in ("revenue", "margin"):
        raise ValueError(f"by: expected 'revenue' or 'margin', got {by!r}")
    best = ranking(base, currency=currency, margin=margin)
    found = best.revenue if by == "revenue" else best.profit
    values = np.full(len(best), np.nan) if found is None else found
    lost = bool((values < 0).any())
    unequal = gini(values, losses="adjusted")
    top = Estimate.unknown("", missing=unequal.missing) if lost else top_share(values, share)
    notes = (f"by {by}", *(unequal.notes if not unequal.n else ()))
    if lost:
        notes = (*notes, "some bring less than nothing: the Gini coefficient is adjusted, the top share unknown")
    both = (unequal, top)
    return Estimate(
        [one.value for one in both],
        n=[one.n for one in both],
        method=EXACT,
        labels=("gini", "top share"),
        notes=notes,
        missing=[one.missing for one in both],
    )


def _gini(ordered: Floats, corrected: bool) -> float:
    n, whole = ordered.size, float(np.abs(ordered).sum())
    if not whole:
        return float("nan")
    ranks = 2 * np.arange(1, n + 1) - n - 1
    return float(ranks @ ordered) / ((n - 1 if corrected else n) * whole)


def _jackknife(ordered: Floats, corrected: bool) -> float:
    """Standard error from the coefficients without each customer in turn, all of them in one pass."""
    n = ordered.size
    if n < (3 if corrected else 2):
        return float("nan")
    ranks = 2 * np.arange(1, n + 1) - n
    above = ordered.sum() - np.cumsum(ordered)  # who stands above the one left out moves one place down
    spread = ranks @ ordered - ranks * ordered - 2 * above
    whole = np.abs(ordered).sum() - np.abs(ordered)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(whole > 0, spread / ((n - 2 if corrected else n - 1) * whole), np.nan)
    left = left[~np.isnan(left)]
    return float(np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum()))


def _top(ordered: Floats, share: float) -> float:
    whole, n = float(ordered.sum()), ordered.size
    if not whole:
        return float("nan")
    best = np.concatenate([[0.0], np.cumsum(ordered[::-1])])
    return float(np.interp(share * n, np.arange(n + 1), best)) / whole


def _sampled(
    formula: Callable[[Floats], float],
    ordered: Floats,
    value: float,
    rng: np.random.Generator | None,
    resamples: int,
    level: float,
    missing: int,
) -> Estimate:
    if rng is None:
        raise ValueError("rng: a bootstrap needs a seeded numpy.random.Generator")
    low, high, se = drawn_again(formula, ordered, rng=rng, resamples=resamples, level=level)
    return Estimate(value, float(low), float(high), level, ordered.size, "bootstrap", se=float(se), missing=missing)


def _ordered(values: ArrayLike, losses: Losses = "refused") -> tuple[Floats, int]:
    if losses not in ("refused", "adjusted"):
        raise ValueError(f"losses: expected 'refused' or 'adjusted', got {losses!r}")
    given = np.asarray(values, dtype=np.float64).ravel()
    seen = np.sort(given[~np.isnan(given)])
    if seen.size and np.isinf(seen[[0, -1]]).any():
        raise ValueError("values are finite")
    if seen.size and seen[0] < 0 and losses == "refused":
        raise ValueError("values are finite and not negative: with losses among them these shares mean nothing")
    return seen, given.size - seen.size
