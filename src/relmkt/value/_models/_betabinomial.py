"""Who will give again, when there is one opportunity a year (a week, a flight)? The BG/BB model.

Fader, Hardie & Shang (2010), "Customer-base analysis in a discrete-time noncontractual setting", Marketing Science
29(6), 1086-1108. At each opportunity a customer leaves for good with a probability θ of their own (beta over
customers), and otherwise buys with a probability p of their own (beta over customers).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._models._betabinomial_likelihood import BetaBinomialLikelihood, cells, histories, opportunities
from relmkt.value._models._buying import BuyingModel, Point, positive
from relmkt.value._models._discrete import endless, log_survival, passed, whole
from relmkt.value._models._distinct import shares
from relmkt.value._models._expectations import expectation, parameter_text
from relmkt.value._models._geometric import blocks
from relmkt.value._models._optimise import Curve
from relmkt.value._models._simulated import Simulated, played
from relmkt.value._summaries._summary import PurchaseSummary, Unit, periods
from relmkt.windows import Span

__all__ = ["BetaBinomial"]

Floats = NDArray[np.float64]


@frozen
class BetaBinomial(BuyingModel):
    """The BG/BB model of buying at opportunities that come one a period, with the paper's parameters.

    It reads a summary whose recency and T are whole numbers of opportunities: T of them since the first purchase, the
    last used at `recency`, `frequency` of them used. alpha, beta: of the beta law of the chance to buy at one; gamma,
    delta: of the beta law of the chance to leave before one; unit: the period of an opportunity, needed for yearly
    discounts; covariance: of the four where fitted, by the inverse of the observed information, not part of equality.

    >>> published = BetaBinomial(1.204, 0.750, 0.657, 2.783, unit="year")
    >>> donors = PurchaseSummary([1, 2], [6, 2], [6, 4], [6, 6], [np.nan, np.nan], "year")
    >>> published.purchases(donors, 5).value.round(2)
    array([3.75, 1.06])

    Source: Fader, Hardie & Shang 2010.
    """

    NAMES: ClassVar = ("alpha", "beta", "gamma", "delta")

    alpha: float = field(converter=float, validator=positive, repr=parameter_text)
    beta: float = field(converter=float, validator=positive, repr=parameter_text)
    gamma: float = field(converter=float, validator=positive, repr=parameter_text)
    delta: float = field(converter=float, validator=positive, repr=parameter_text)
    unit: Unit | None = field(default=None, kw_only=True)
    covariance: Floats | None = field(default=None, kw_only=True, eq=False, repr=False)

    def alive(self, summary: PurchaseSummary, *, ahead: int = 1, level: float | None = 0.95) -> Estimate:
        """Probability that each customer is there for the next opportunity, or for the one so far `ahead`, by id.

        The next one is what the paper and its software print as P(alive); `ahead=0` asks for the last one seen, at
        which a customer who used it is alive with certainty. `level=None` leaves the interval out.

        >>> one = PurchaseSummary([1], [6], [6], [6], [np.nan], "year")
        >>> round(float(BetaBinomial(1.204, 0.750, 0.657, 2.783).alive(one).value[0]), 3)
        0.93
        """
        later = whole("ahead", ahead)
        self._same_unit(summary)

        def odds(point: Point, x: Floats, t_x: Floats, n: Floats) -> Floats:
            return _later(self._log_odds(point, x, t_x, n), log_survival(point[2], point[3] + n, later))

        return self._share_of_each(summary, odds, level)

    def buying_rate(self, summary: PurchaseSummary, *, level: float | None = 0.95) -> Estimate:
        """Expected chance of each customer to buy at an opportunity while alive, given the history, by id.

        >>> one = PurchaseSummary([1], [6], [6], [6], [np.nan], "year")
        >>> round(float(BetaBinomial(1.204, 0.750, 0.657, 2.783).buying_rate(one).value[0]), 3)
        0.906
        """
        self._same_unit(summary)
        return self._share_of_each(summary, lambda *given: _logit(histories(*given).buying), level)

    def leaving_rate(self, summary: PurchaseSummary, *, level: float | None = 0.95) -> Estimate:
        """Expected chance of each customer to leave before an opportunity, given the history, by id.

        >>> one = PurchaseSummary([1], [6], [6], [6], [np.nan], "year")
        >>> round(float(BetaBinomial(1.204, 0.750, 0.657, 2.783).leaving_rate(one).value[0]), 3)
        0.07
        """
        self._same_unit(summary)
        return self._share_of_each(summary, lambda *given: _logit(histories(*given).leaving), level)

    def purchases(
        self,
        summary: PurchaseSummary,
        horizon: Span | float,
        *,
        level: float | None = 0.95,
        predictive: bool = False,
        discount: float = 0.0,
    ) -> Estimate:
        """Purchases that each customer is expected to make at the next `horizon` opportunities, labelled by id.

        horizon: whole opportunities. predictive: the interval is of the number of purchases itself, given these
        parameters. discount: a year; a purchase at the k-th opportunity from now is discounted by k periods.

        >>> one = PurchaseSummary([1], [2], [4], [6], [np.nan], "year")
        >>> round(float(BetaBinomial(1.204, 0.750, 0.657, 2.783, unit="year").purchases(one, 5).value[0]), 2)
        1.06
        """
        t = whole("horizon", periods(horizon, self.unit))
        if not discount:
            return super().purchases(summary, t, level=level, predictive=predictive)
        if predictive:
            raise ValueError("a predictive interval counts purchases, and a count has no discount")
        return self._worth(summary, t, discount, level)

    def residual(self, summary: PurchaseSummary, *, discount: float, level: float | None = 0.95) -> Estimate:
        """Discounted expected residual transactions: purchases at all opportunities to come, at present value, by id.

        discount: a year, above 0; the next opportunity is discounted by one period.

        >>> one = PurchaseSummary([1], [2], [4], [6], [np.nan], "year")
        >>> fitted = BetaBinomial(1.204, 0.750, 0.657, 2.783, unit="year")
        >>> round(float(fitted.residual(one, discount=0.1).value[0]), 2)
        1.67

        Source: Fader, Hardie & Shang 2010, equation (14).
        """
        if not discount > 0:
            raise ValueError("discount must be above 0: without it, purchases without end may have no finite sum")
        return self._worth(summary, np.inf, discount, level)

    def probability(self, purchases: int, horizon: Span | float) -> float:
        """Chance that a new customer buys at just this many of the first opportunities after the first purchase.

        >>> round(BetaBinomial(1.204, 0.750, 0.657, 2.783).probability(0, 6), 3)
        0.311
        """
        t, new = whole("horizon", periods(horizon, self.unit)), np.zeros(1)
        return float(self._law(new, new, t)[0, purchases]) if 0 <= purchases <= t else 0.0

    def distribution(self, summary: PurchaseSummary, horizon: Span | float) -> Floats:
        """Chances that each customer buys at 0, 1, …, all of the next `horizon` opportunities: one row a customer.

        >>> one = PurchaseSummary([1], [2], [4], [6], [np.nan], "year")
        >>> BetaBinomial(1.204, 0.750, 0.657, 2.783).distribution(one, 2).round(2)
        array([[0.64, 0.25, 0.1 ]])
        """
        self._same_unit(summary)
        t = whole("horizon", periods(horizon, self.unit))
        (x, t_x, n), where = cells(summary.frequency, summary.recency, summary.T)
        chances: Floats = shares(self._log_odds(self._point, x, t_x, n))[:, None] * self._law(x, n, t)
        chances[:, 0] += 1 / (1 + np.exp(self._log_odds(self._point, x, t_x, n)))
        return chances[where]

    def simulate(self, ages: ArrayLike, *, rng: np.random.Generator) -> Simulated:
        """Purchases of new customers, one for each number of opportunities after the first purchase.

        >>> rng = np.random.default_rng(7)
        >>> BetaBinomial(1.204, 0.750, 0.657, 2.783, unit="year").simulate([6] * 1000, rng=rng)
        <Simulated: 1,000 customers, 2,243 repeat purchases>
        """
        ages = np.asarray(ages, dtype=np.float64)
        if not ((ages >= 0) & (ages == np.floor(ages))).all():
            raise ValueError("ages: expected whole numbers of opportunities, 0 or more")
        buys, leaves = (
            np.maximum(rng.beta(*law, ages.size), 1e-15) for law in ((self.alpha, self.beta), (self.gamma, self.delta))
        )
        stays = (
            rng.geometric(leaves).astype(np.float64) - 0.5
        )  # it is settled between two opportunities whether one is there for the next
        bought = played(
            ages + 0.5, wait=lambda who: rng.geometric(buys[who]).astype(np.float64), ends=stays, unit=self.unit
        )
        return evolve(bought, ages=ages)

    @classmethod
    def _likelihood(
        cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)
    ) -> Callable[[Floats], Curve]:
        return BetaBinomialLikelihood.of(summary, weights, rows)

    @classmethod
    def _start(cls, seen: float, bought: float) -> Floats:
        return np.array([1.0, max(seen / bought - 1, 0.5), 1.0, 3.0])

    def _same_unit(self, summary: PurchaseSummary) -> None:
        super()._same_unit(summary)
        opportunities(summary)

    def _log_odds(self, point: Point, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return histories(point, x, t_x, T).log_odds

    def _kernel(self, point: Point, x: Floats, T: Floats, t: float, v: float = 1.0) -> Floats:
        alpha, beta, gamma, delta = point
        rate, reached = (alpha + x) / (alpha + beta + T), delta + T
        if np.isinf(t):
            return np.asarray(rate * v * reached / (gamma + reached) * endless(gamma, reached + 1, v))
        return np.asarray(rate * passed(gamma, reached, v, whole("horizon", t)))

    def _expected(
        self,
        x: Floats,
        t_x: Floats,
        T: Floats,
        columns: Floats,
        worth: Callable[[Callable[[float], Floats]], Floats],
        level: float | None,
    ) -> tuple[Floats, Floats | None]:
        history, where = cells(x, t_x, T)
        value, spread = super()._expected(*history, columns, worth, level)
        return value[where], None if spread is None else spread[where]

    def _worth(self, summary: PurchaseSummary, t: float, discount: float, level: float | None) -> Estimate:
        """Discounted by whole periods, for purchases come at opportunities and not in between."""
        v = float(np.exp(-self._force(discount)))
        if v > 1:
            raise ValueError("discount is a share a year, 0 or more")

        def worth(kernel: Any) -> Floats:
            return np.asarray(kernel(t, v=v))

        return self._prediction(summary, worth, level)

    def _share_of_each(self, summary: PurchaseSummary, logit: Callable[..., Floats], level: float | None) -> Estimate:
        history, where = cells(summary.frequency, summary.recency, summary.T)
        at = partial(_at, logit, history)
        value = shares(at(self._point))[where]
        spread = self._spread(self._slopes(at))[where] if self._bounded(level) else None
        return expectation(value, spread, level, shape="logit", n=summary.frequency + 1, labels=summary.ids)

    def _law(self, x: Floats, n: Floats, t: int) -> Floats:
        """Chances of 0, …, t purchases at the next t opportunities of customers alive at n, one row each."""
        A, B, D = (column[:, None] for column in (self.alpha + x, self.beta + n - x, self.delta + n))
        k = np.arange(t)
        zero = np.zeros((x.size, 1))
        come = np.hstack([zero, np.cumsum(np.log((D + k) / (self.gamma + D + k)), axis=1)])  # ln S(k)
        last = np.hstack([come[:, :-1] + np.log(self.gamma / (self.gamma + D + k)), come[:, -1:]])  # k and no more
        ways = np.append(0.0, np.cumsum(np.log1p(k)))  # ln k!, of the orders in which they may come
        used, missed, either = (np.hstack([zero, np.cumsum(np.log(of + k), axis=1)]) - ways for of in (A, B, A + B))
        chances = np.zeros((x.size, t + 1))
        for reached in range(t + 1):
            weight = (last - either)[:, [reached]]
            chances[:, : reached + 1] += np.exp(weight + used[:, : reached + 1] + missed[:, reached::-1])
        return chances

    def _outcomes(
        self, point: Point, x: Floats, T: Floats, alive: Floats, t: float, level: float
    ) -> tuple[Floats, Floats]:
        (some_x, _, some_T), where = cells(x, x, T)
        reached = np.cumsum(self._law(some_x, some_T, whole("horizon", t)), axis=1)
        low, high = np.empty(x.size), np.empty(x.size)
        for rows in blocks(x.size):
            so_far = (1 - alive[rows, None]) + alive[rows, None] * reached[where[rows]]
            so_far[:, -1] = 1.0
            low[rows], high[rows] = (np.argmax(so_far >= (1 + side * level) / 2, axis=1) for side in (-1, 1))
        return low, high


def _at(logit: Callable[..., Floats], history: tuple[Floats, Floats, Floats], point: Point) -> Floats:
    return logit(point, *history)


def _later(odds: Floats, log_stays: Floats) -> Floats:
    """Log odds of being alive after coming through what has this chance in logarithms."""
    with np.errstate(divide="ignore", invalid="ignore"):
        against = np.logaddexp(-odds, np.log(-np.expm1(log_stays)))
        answer: Floats = np.where(np.isneginf(against), np.inf, log_stays - against)
    return answer


def _logit(share: Floats) -> Floats:
    answer: Floats = np.log(share) - np.log1p(-share)
    return answer
