"""How much of what is bought again is bought without attachment? The spurious share, and behaviour against rivals.

Dick & Basu (1994), "Customer loyalty: toward an integrated conceptual framework", Journal of the Academy of Marketing
Science 22(2), 99-113. That most repeat purchases come from indifference is a claim of courses: it is an argument here,
held against what was found, and no default.
"""

from __future__ import annotations

from math import nan, sqrt

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.loyalty._high import High
from relmkt.loyalty._type import Cut, loyalty_type
from relmkt.scales._answers import numbers
from relmkt.scales._quantiles import normal_quantile
from relmkt.scales._shares import share_estimate, wilson

__all__ = ["share_of_requirements", "spurious_share"]

Floats = NDArray[np.float64]


def spurious_share(
    attitude: ArrayLike,
    behaviour: ArrayLike,
    *,
    attitude_cut: Cut,
    behaviour_cut: Cut,
    attitude_high: High = ">=",
    behaviour_high: High = ">=",
    purchases: ArrayLike | None = None,
    claim: float | None = None,
    level: float = 0.95,
) -> Estimate:
    """Of those who buy again, the share who do it without attachment: spurious / (true + spurious), with Wilson.

    purchases: repeat purchases of each customer, where the share of purchases is asked and not that of customers; its
    interval knows that the purchases of one customer belong together. claim: a share claimed elsewhere; a note says
    whether it lies in the interval. Other arguments as for `loyalty_table`. Nobody of either type: NaN, n = 0, a note.

    >>> print(spurious_share([2, 6, 2, 6], [9, 9, 9, 0], attitude_cut=5, behaviour_cut=3))
    0.67 [0.21, 0.94] 95 %, n = 3 (Wilson)

    Source: Dick & Basu 1994; Wilson 1927.
    """
    cuts = {"attitude_cut": attitude_cut, "behaviour_cut": behaviour_cut}
    labels = loyalty_type(attitude, behaviour, **cuts, attitude_high=attitude_high, behaviour_high=behaviour_high)
    weights = np.ones(len(labels)) if purchases is None else numbers(purchases)
    if weights.shape != labels.shape or not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("purchases: expected a number of purchases a customer, zero or more")
    inside = (labels == "true") | (labels == "spurious")
    hits = np.where(labels[inside] == "spurious", 1.0, 0.0)
    missing = int((labels == "unknown").sum())
    if purchases is None:
        found = share_estimate(int(hits.sum()), hits.size, level=level, note="nobody of known attitude buys again")
    else:
        found = _weighted(hits, weights[inside], level)
    return evolve(found, missing=missing, notes=(*found.notes, *_claimed(found, claim)))


def share_of_requirements(ours: ArrayLike, category: ArrayLike, *, at_least: float = 1) -> Floats:
    """The part of a customer's purchases in the category that came to us: behaviour against its competitors.

    ours, category: purchases (or volume) with us and in all, one a customer. at_least: purchases in the category below
    which the share is unknown (NaN): one purchase makes anyone a single-brand buyer. Raises ValueError where ours
    exceeds category.

    >>> share_of_requirements([2, 1, 0], [4, 1, 0], at_least=2).tolist()
    [0.5, nan, nan]

    Source: Cunningham (1956), "Brand loyalty: what, where, how much?", Harvard Business Review 34(1), 116-128.
    """
    part, whole = numbers(ours), numbers(category)
    if part.shape != whole.shape or (part < 0).any() or (part > whole).any():
        raise ValueError("ours: expected a number from 0 to the category's, one a customer")
    out = np.full(part.shape, nan)
    np.divide(part, whole, out=out, where=(whole > 0) & (whole >= at_least))
    return out


def _weighted(hits: Floats, weights: Floats, level: float) -> Estimate:
    """A share of purchases that come in clusters, one a customer: Wilson at the effective number of purchases.

    Effective is p(1 − p) over the variance of the ratio of sums between customers (Cochran 1977, chapter 6), and no
    more than Kish's (Σw)²/Σw²; where each has one purchase it is the number of purchases.
    """
    n = float(weights.sum())
    if not n:
        return Estimate.unknown("no repeat purchase by anyone of known attitude", level=level, method="Wilson")
    p = float(hits @ weights) / n
    rest = weights * (hits - p)
    variance = float(rest @ rest) / n**2
    kish = n**2 / float(weights @ weights)
    n_eff = min(p * (1 - p) / variance, kish) if variance > 0 else kish
    low, high = wilson(p * n_eff, n_eff, normal_quantile(level))
    return Estimate(p, float(low), float(high), level, int(n), "Wilson", se=sqrt(variance), n_eff=n_eff)


def _claimed(found: Estimate, claim: float | None) -> tuple[str, ...]:
    if claim is None:
        return ()
    if not 0 <= claim <= 1:
        raise ValueError("claim: expected a share, from 0 to 1")
    if not found.n:
        return (f"claimed {claim:g}: nothing to hold it against",)
    return (f"claimed {claim:g}: {'inside' if found.low <= claim <= found.high else 'outside'} the interval",)
