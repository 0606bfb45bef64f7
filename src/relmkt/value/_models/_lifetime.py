"""What is each customer still worth? Expected purchases times expected spend, discounted, with an interval.

Fader, Hardie & Lee (2005), "RFM and CLV: using iso-value curves for customer base analysis", Journal of Marketing
Research 42(4). Purchases and spend are taken as independent, as the models do.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from attrs import evolve

from relmkt.estimate import Estimate
from relmkt.value._models._expectations import expectation
from relmkt.value._models._gammagamma import GammaGamma
from relmkt.value._summaries._summary import PurchaseSummary
from relmkt.windows import Span

__all__ = ["Buying", "lifetime_value"]


class Buying(Protocol):
    """A model of purchases, such as `BetaGeo`."""

    def purchases(
        self, summary: PurchaseSummary, horizon: Span | float, /, *, level: float | None = ..., discount: float = ...
    ) -> Estimate: ...
    def residual(self, summary: PurchaseSummary, /, *, discount: float, level: float | None = ...) -> Estimate: ...


def lifetime_value(
    buying: Buying,
    spending: GammaGamma,
    summary: PurchaseSummary,
    *,
    horizon: Span | float | None,
    discount: float = 0.0,
    margin: float | None = None,
    level: float | None = 0.95,
) -> Estimate:
    """What each customer is expected to bring within the horizon, labelled by id, in whole units of the currency.

    horizon: a span, periods of the summary, or None for all that is to come, which needs a discount. discount: a
    year, each purchase discounted from its own instant, by continuous compounding. margin: the share of revenue that
    stays (0.3 for 30 %); without one the result is revenue, and its notes say so. Only future purchases count, and no
    cost of winning the customer is taken off.

    >>> from relmkt.value import BetaGeo
    >>> one = PurchaseSummary([1], [2], [30.43], [38.86], [22.35], "week", "USD")
    >>> buying, spending = BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week"), GammaGamma(6.25, 3.74, 15.44)
    >>> worth = lifetime_value(buying, spending, one, horizon=39, level=None)
    >>> round(float(worth.value[0]), 2), worth.notes
    (30.24, ('revenue: no margin was given',))

    Source: Fader, Hardie & Lee 2005.
    """
    if margin is not None and not np.isfinite(margin):
        raise ValueError("margin is a finite share of revenue, such as 0.3")
    if horizon is None:
        bought = buying.residual(summary, discount=discount, level=level)
    else:
        bought = buying.purchases(summary, horizon, level=level, discount=discount)
    spent = spending.average(summary, level=level)
    # nobody who buys nothing brings anything, however dear their purchases would be
    value = np.where(np.asarray(bought.value) > 0, bought.value * np.where(bought.value > 0, spent.value, 0.0), 0.0)
    told = f"{'revenue: no margin was given' if margin is None else f'profit at a margin of {margin:g} of revenue'}"
    spread = None
    if level is not None and np.isfinite(bought.se).all() and not np.isnan(spent.se).any():
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.hypot(np.nan_to_num(bought.se / bought.value), np.nan_to_num(spent.se / spent.value))
    answer = expectation(value, spread, level, shape="log", n=bought.n, labels=summary.ids, notes=(told, *spent.notes))
    return answer if margin is None else _scaled(answer, margin)


def _scaled(worth: Estimate, margin: float) -> Estimate:
    """A negative margin turns the interval's ends round."""
    low, high = worth.low * margin, worth.high * margin
    low, high = (low, high) if margin >= 0 else (high, low)
    return evolve(worth, value=worth.value * margin, low=low, high=high, se=worth.se * abs(margin))
