"""Who is still a customer, and how often will they buy, when many buy to a rhythm? The Pareto/GGG model.

Platzer & Reutterer (2016), "Ticking away the moments: timing regularity helps to better predict customer activity",
Marketing Science 35(5), 779–799. As the Pareto/NBD, but the times between purchases follow a gamma law whose shape k,
the customer's regularity, is their own: at k = 1 they buy at random, above it to a rhythm, so that a silence longer
than the rhythm tells more; below it in clumps. The paper draws from the posterior by a Markov chain; here the
likelihood is integrated and maximised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._models._buying import BuyingModel, positive
from relmkt.value._models._expectations import expectation, parameter_text
from relmkt.value._models._ggg_forecast import alive_slopes, count_below, log_masses, log_worths, worth_slopes
from relmkt.value._models._ggg_knots import Histories
from relmkt.value._models._ggg_likelihood import SilenceLikelihood, distinct, histories
from relmkt.value._models._ggg_outcomes import outcome_bounds
from relmkt.value._models._optimise import Curve
from relmkt.value._models._simulated import Simulated, played
from relmkt.value._summaries._summary import PurchaseSummary, Unit, periods
from relmkt.windows import Span

__all__ = ["ParetoGGG"]

Floats = NDArray[np.float64]
CLUMPED = 1e-3
INSTANT = 1e-12


@frozen
class ParetoGGG(BuyingModel):
    """The Pareto/GGG model of repeat buying, with the paper's parameters; it reads a summary made with `gaps=True`.

    t, gamma: shape and rate of the gamma law of regularity k; r, alpha: shape and rate (in `unit`s) of that of purchase
    rates; s, beta: of that of the rates at which customers leave; unit: of the summary it was fitted to, needed for
    horizons given as spans; covariance: of (t, gamma, r, alpha, s, beta) where fitted, by the inverse of the observed
    information, not part of equality.

    Where t and gamma run to infinity together all customers are equally regular, and a fit is a FitError: use
    `ParetoNBD` if t / gamma is about 1, or a `penalty`. Up to t = 1 the expected purchases of a customer of age 0 are
    infinite, by the few who buy in clumps. Expected counts are integrated to about 1 part in 1,000.

    >>> rhythm = ParetoGGG(40, 4, 1, 4, 0.7, 9, unit="week")  # k is about 10
    >>> one = PurchaseSummary([1], [4], [20], [32], [np.nan], "week", log_gaps=[4 * np.log(5)])  # every 5 weeks
    >>> round(float(rhythm.alive(one).value[0]), 3), round(float(rhythm.purchases(one, 10).value[0]), 3)
    (0.022, 0.039)

    Source: Platzer & Reutterer 2016.
    """

    NAMES: ClassVar = ("t", "gamma", "r", "alpha", "s", "beta")

    t: float = field(converter=float, validator=positive, repr=parameter_text)
    gamma: float = field(converter=float, validator=positive, repr=parameter_text)
    r: float = field(converter=float, validator=positive, repr=parameter_text)
    alpha: float = field(converter=float, validator=positive, repr=parameter_text)
    s: float = field(converter=float, validator=positive, repr=parameter_text)
    beta: float = field(converter=float, validator=positive, repr=parameter_text)
    unit: Unit | None = field(default=None, kw_only=True)
    covariance: Floats | None = field(default=None, kw_only=True, eq=False, repr=False)

    def alive(self, summary: PurchaseSummary, *, level: float | None = 0.95) -> Estimate:
        """Probability that each customer is still one, labelled by id; `level=None` leaves the interval out.

        >>> one = PurchaseSummary([1], [4], [20], [32], [np.nan], "week", log_gaps=[4 * np.log(5)])
        >>> round(float(ParetoGGG(40, 40, 1, 4, 0.7, 9).alive(one).value[0]), 3)  # no rhythm: it says less
        0.516
        """
        self._same_unit(summary)
        of, where = distinct(histories(summary))
        stays, left = log_masses(self._point, of)
        value = np.exp(stays - np.logaddexp(stays, left))
        spread = self._spread(alive_slopes(self._point, of, value))[where] if self._bounded(level) else None
        return expectation(value[where], spread, level, shape="logit", n=summary.frequency + 1, labels=summary.ids)

    def purchases(
        self,
        summary: PurchaseSummary,
        horizon: Span | float,
        *,
        level: float | None = 0.95,
        predictive: bool = False,
        discount: float = 0.0,
    ) -> Estimate:
        """Purchases that each customer is expected to make within the horizon from now on, labelled by id.

        horizon: a span (the model needs its unit), or a number of periods. discount: a year; each purchase is then
        worth its present value at the summary's end. predictive: the interval is of the number of purchases itself,
        given these parameters, instead of its expectation.

        >>> one = PurchaseSummary([1], [4], [20], [22], [np.nan], "week", log_gaps=[4 * np.log(5)])
        >>> round(float(ParetoGGG(40, 4, 1, 4, 0.7, 9).purchases(one, 10).value[0]), 2)
        1.67
        """
        t = periods(horizon, self.unit)
        found = self._ahead(summary, t, self._force(discount), None if predictive else level)
        if not predictive or level is None:
            return found
        if discount:
            raise ValueError("a predictive interval counts purchases, and a count has no discount")
        of, where = distinct(histories(summary))
        low, high = (bound[where] for bound in outcome_bounds(self._point, of, t, level))
        note = "interval of the number of purchases, given the parameters"
        return evolve(found, low=low, high=high, level=level, method="predictive", notes=(note,))

    def residual(self, summary: PurchaseSummary, *, discount: float, level: float | None = 0.95) -> Estimate:
        """Discounted expected residual transactions: purchases from now on without end, at present value, by id.

        discount: a year, above 0, compounded continuously from each purchase's own instant.

        >>> one = PurchaseSummary([1], [4], [20], [22], [np.nan], "week", log_gaps=[4 * np.log(5)])
        >>> round(float(ParetoGGG(40, 4, 1, 4, 0.7, 9, unit="week").residual(one, discount=0.15).value[0]), 1)
        19.5
        """
        if not discount > 0:
            raise ValueError("discount must be above 0: without it, purchases without end may have no finite sum")
        return self._ahead(summary, np.inf, self._force(discount), level)

    def expected(
        self, horizon: Span | float, *, level: float | None = 0.95, like: Mapping[str, float] | None = None
    ) -> Estimate:
        """Repeat purchases that a new customer is expected to make in a time after the first purchase.

        Infinite up to t = 1, and its notes then say so; `like` has no effect, for the model has no covariates.

        >>> round(float(ParetoGGG(40, 4, 1, 4, 0.7, 9).expected(52).value), 2)
        5.43
        """
        notes = ("infinite: up to t = 1 the few who buy in clumps have no mean",) if self.t <= 1 else ()
        value, spread = self._worths(Histories(*np.zeros((4, 1))), periods(horizon, self.unit), 0.0, level)
        return expectation(value, spread, level, shape="log", n=0, labels=None, notes=notes)

    def probability(self, purchases: int, horizon: Span | float) -> float:
        """Chance that a new customer makes just this many repeat purchases in a time after the first.

        >>> round(ParetoGGG(40, 4, 1, 4, 0.7, 9).probability(0, 26), 4)
        0.3772
        """
        t = periods(horizon, self.unit)
        if purchases < 0 or not t:
            return float(purchases == 0)
        more = count_below(self._point, purchases + 1, t)
        return max(more - count_below(self._point, purchases, t), 0.0) if purchases else more

    def simulate(self, ages: ArrayLike, *, rng: np.random.Generator) -> Simulated:
        """Purchases of new customers, one for each age, from the first until that age, in the model's periods.

        Where k is below 0.001, so that a thousand purchases come at about one instant, it is taken as 0.001.

        >>> rng = np.random.default_rng(7)
        >>> ParetoGGG(40, 4, 1, 4, 0.7, 9, unit="week").simulate([39.0] * 1000, rng=rng)
        <Simulated: 1,000 customers, 4,566 repeat purchases>
        """
        ages = np.asarray(ages, dtype=np.float64)
        k = np.maximum(rng.gamma(self.t, 1 / self.gamma, ages.size), CLUMPED)
        rate, leaving = rng.gamma(self.r, 1 / self.alpha, ages.size), rng.gamma(self.s, 1 / self.beta, ages.size)
        least = INSTANT * ages  # a gap too short for a number would have no logarithm
        with np.errstate(divide="ignore"):  # a rate too small for a number never comes to a purchase, or to an end
            scale, lasts = 1 / (k * rate), rng.exponential(1.0, ages.size) / leaving
        return played(
            ages,
            wait=lambda who: np.maximum(rng.gamma(k[who]) * scale[who], least[who]),
            ends=lasts,
            unit=self.unit,
        )

    @classmethod
    def _likelihood(
        cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)
    ) -> Callable[[Floats], Curve]:
        return SilenceLikelihood.of(summary, weights, rows)

    @classmethod
    def _start(cls, seen: float, bought: float) -> Floats:
        return np.array([2.0, 1.0, 1.0, seen / bought, 1.0, seen / bought])

    def _ahead(self, summary: PurchaseSummary, t: float, force: float, level: float | None) -> Estimate:
        self._same_unit(summary)
        of, where = distinct(histories(summary))
        value, spread = self._worths(of, t, force, level)
        spread = None if spread is None else spread[where]
        return expectation(value[where], spread, level, shape="log", n=summary.frequency + 1, labels=summary.ids)

    def _worths(self, of: Histories, t: float, force: float, level: float | None) -> tuple[Floats, Floats | None]:
        value: Floats = np.exp(log_worths(self._point, of, t, force))
        if not self._bounded(level):
            return value, None
        with np.errstate(invalid="ignore"):
            slopes = np.nan_to_num(worth_slopes(self._point, of, t, force), posinf=0.0, neginf=0.0)
        return value, self._spread(slopes)
