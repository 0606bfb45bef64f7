"""How much to spend on winning customers, and how much on keeping them? Blattberg & Deighton's optimum.

Blattberg & Deighton (1996), "Manage marketing by the customer equity test", Harvard Business Review 74(4), 136-144.
Pfeifer (2005), "The optimal ratio of acquisition and retention costs", Journal of Targeting, Measurement and Analysis
for Marketing 13(2): at the optimum the marginal customer costs what a customer is worth, so a ratio of average costs
says nothing.
"""

from __future__ import annotations

from math import exp, expm1, log, log1p

from attrs import frozen

from relmkt.value._numbers._delta import checked

__all__ = ["AcquisitionRetention", "SpendBalance", "ResponseCurve"]


@frozen
class ResponseCurve:
    """A rate that rises with what is spent a head, towards a ceiling: ceiling * (1 - exp(-k * spend)).

    Attributes: `ceiling`, the rate that no spending would pass, in (0, 1]; `k`, speed of response per unit of money,
    above 0.

    >>> curve = ResponseCurve.through(rate=0.04, spend=1.0, ceiling=0.1)
    >>> round(curve.k, 7), round(curve.rate(1.0), 9)
    (0.5108256, 0.04)

    Source: Blattberg & Deighton 1996.
    """

    ceiling: float
    k: float

    def __attrs_post_init__(self) -> None:
        checked("ceiling", self.ceiling, 0.0, 1.0, open=True)
        checked("k", self.k, 0.0, open=True)

    @classmethod
    def through(cls, *, rate: float, spend: float, ceiling: float) -> ResponseCurve:
        """The curve under that ceiling on which this spend a head gives this rate.

        Raises ValueError for a rate at or above the ceiling, or at 0, or a spend that is not above 0.

        >>> round(ResponseCurve.through(rate=0.6, spend=8.0, ceiling=0.8).k, 7)
        0.1732868

        Source: Blattberg & Deighton 1996.
        """
        if not 0 < rate < ceiling:
            raise ValueError("rate: expected a number above 0 and below the ceiling")
        checked("spend", spend, 0.0, open=True)
        return cls(ceiling, -log1p(-rate / ceiling) / spend)

    def rate(self, spend: float) -> float:
        """The rate that a spend a head gives.

        >>> ResponseCurve(0.8, 0.1).rate(0.0)
        0.0
        """
        checked("spend", spend, 0.0)
        return -self.ceiling * expm1(-self.k * spend)

    def marginal_cost(self, spend: float) -> float:
        """What one more customer costs at that spend: one over the slope of the curve.

        >>> ResponseCurve(0.8, 0.125).marginal_cost(0.0)
        10.0

        Source: Pfeifer 2005.
        """
        checked("spend", spend, 0.0)
        return exp(self.k * spend) / (self.ceiling * self.k)


@frozen
class SpendBalance:
    """Two spends and what comes of them.

    Attributes: `acquisition`, spent per prospect; `retention`, spent per customer at risk and period;
    `acquisition_rate` and `retention_rate`, what they give; `customer_value`, of one who was won, the first margin
    included; `value`, per prospect, net of all spending; `cost_per_customer_won` and `cost_per_customer_kept`, on
    average (NaN where nobody is); `marginal_acquisition_cost` and `marginal_retention_cost`, of one more customer.
    """

    acquisition: float
    retention: float
    acquisition_rate: float
    retention_rate: float
    customer_value: float
    value: float
    cost_per_customer_won: float
    cost_per_customer_kept: float
    marginal_acquisition_cost: float
    marginal_retention_cost: float


@frozen
class AcquisitionRetention:
    """Winning and keeping as two response curves, and the budget that makes a prospect worth most.

    Attributes: `acquisition`, prospects won by spend per prospect; `retention`, customers kept by spend per customer
    and period; `margin`, of a period, before the spending on retention; `discount`, a period, above -1, and above 0
    where the ceiling of retention is 1.

    >>> won = ResponseCurve.through(rate=0.04, spend=1, ceiling=0.1)
    >>> kept = ResponseCurve.through(rate=0.6, spend=8, ceiling=0.8)
    >>> plan = AcquisitionRetention(won, kept, margin=50, discount=0.1)
    >>> round(plan.at(1, 8).value, 9)
    2.76
    >>> best = plan.optimum()
    >>> round(best.acquisition, 4), round(best.retention, 4), round(best.value, 4)
    (3.4046, 15.7976, 5.7816)

    Source: Blattberg & Deighton 1996.
    """

    acquisition: ResponseCurve
    retention: ResponseCurve
    margin: float
    discount: float

    def __attrs_post_init__(self) -> None:
        checked("discount", self.discount, -1.0, open=True)
        if self.retention.ceiling >= 1 + self.discount:
            raise ValueError("discount: 1 + discount has to lie above the ceiling of retention")

    def at(self, acquisition: float, retention: float) -> SpendBalance:
        """What these two spends come to: a m - A + a (m - R / r) r' / (1 - r'), with r' = r / (1 + discount).

        acquisition: A, per prospect. retention: R, per customer at risk; R / r is what one kept customer costs.

        >>> plan = AcquisitionRetention(ResponseCurve(0.1, 0.5), ResponseCurve(0.8, 0.2), margin=50, discount=0.1)
        >>> plan.at(0, 0).value
        0.0

        Source: Blattberg & Deighton 1996.
        """
        won, kept = self.acquisition.rate(acquisition), self.retention.rate(retention)
        # (m - R / r) r' / (1 - r') without the division by r, which is 0 where nothing is spent
        worth = self.margin + (self.margin * kept - retention) / (1 + self.discount - kept)
        return SpendBalance(
            acquisition=acquisition,
            retention=retention,
            acquisition_rate=won,
            retention_rate=kept,
            customer_value=worth,
            value=won * worth - acquisition,
            cost_per_customer_won=acquisition / won if won else float("nan"),
            cost_per_customer_kept=retention / kept if kept else float("nan"),
            marginal_acquisition_cost=self.acquisition.marginal_cost(acquisition),
            marginal_retention_cost=self.retention.marginal_cost(retention),
        )

    def optimum(self) -> SpendBalance:
        """The spends, 0 or more, that make a prospect worth most; 0 where the first unit of money is lost already.

        Retention first, for its best spend does not depend on the other; then acquisition up to where the marginal
        customer costs what a customer is worth.

        >>> dear = AcquisitionRetention(ResponseCurve(0.1, 0.5), ResponseCurve(0.8, 0.2), margin=0.1, discount=0.1)
        >>> dear.optimum().acquisition
        0.0

        Source: Blattberg & Deighton 1996; Pfeifer 2005.
        """
        retention = self._best_retention()
        reach = self.acquisition.ceiling * self.acquisition.k * self.at(0.0, retention).customer_value
        return self.at(log(reach) / self.acquisition.k if reach > 1 else 0.0, retention)

    def _best_retention(self) -> float:
        """The root of r'(R) (m (1 + d) - R) = 1 + d - r(R), which falls as R rises to m (1 + d): bisection."""
        low, high = 0.0, max(self.margin * (1 + self.discount), 0.0)
        if self._gain(low) <= 0:
            return low
        while low < (middle := (low + high) / 2) < high:
            low, high = (middle, high) if self._gain(middle) > 0 else (low, middle)
        return low

    def _gain(self, spend: float) -> float:
        slope = 1 / self.retention.marginal_cost(spend)
        growth = 1 + self.discount
        return slope * (self.margin * growth - spend) - (growth - self.retention.rate(spend))
