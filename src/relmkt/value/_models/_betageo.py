"""Who is still a customer, and how often will they buy? The BG/NBD model.

Fader, Hardie & Lee (2005), "Counting your customers the easy way: an alternative to the Pareto/NBD model", Marketing
Science 24(2), 275–284. While active a customer buys at random at a rate of their own (gamma over customers), and after
each purchase leaves with a probability of their own (beta over customers). A customer without a repeat purchase is
alive with certainty in this model; that is the model's, not a finding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.value._models._buying import Point, positive
from relmkt.value._models._counting import CountingModel
from relmkt.value._models._effects import Effect
from relmkt.value._models._geometric import kernel
from relmkt.value._models._likelihood import BetaGeoLikelihood
from relmkt.value._models._optimise import Curve
from relmkt.value._models._outcomes import count_chance, count_probability, outcome_bounds
from relmkt.value._models._simulated import Simulated, played
from relmkt.value._numbers._special import log_rising
from relmkt.value._summaries._summary import PurchaseSummary, Unit, periods
from relmkt.windows import Span

__all__ = ["BetaGeo"]

Floats = NDArray[np.float64]


@frozen(repr=False)
class BetaGeo(CountingModel):
    """The BG/NBD model of repeat buying, with the paper's parameters.

    r, alpha: shape and rate (in `unit`s) of the gamma law of purchase rates; a, b: of the beta law of the chance to
    leave after a purchase; unit: of the summary it was fitted to, needed for horizons given as spans; covariance:
    of (r, alpha, a, b) where fitted, by the inverse of the observed information, not part of equality.

    >>> published = BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week")
    >>> one = PurchaseSummary([1], [2], [30.43], [38.86], [22.35], "week", "USD")
    >>> round(float(published.purchases(one, 39).value[0]), 3)
    1.226

    Source: Fader, Hardie & Lee 2005.
    """

    NAMES: ClassVar = ("r", "alpha", "a", "b")
    MOVES: ClassVar = {"buying": ("alpha", -1), "leaving": ("a", 1), "staying": ("b", 1)}

    r: float = field(converter=float, validator=positive)
    alpha: float = field(converter=float, validator=positive)
    a: float = field(converter=float, validator=positive)
    b: float = field(converter=float, validator=positive)
    unit: Unit | None = field(default=None, kw_only=True)
    covariance: Floats | None = field(default=None, kw_only=True, eq=False, repr=False)
    effects: tuple[Effect, ...] = field(default=(), kw_only=True)

    def probability(self, purchases: int, horizon: Span | float) -> float:
        """Chance that a new customer makes just this many repeat purchases in a time after the first.

        >>> round(BetaGeo(0.243, 4.414, 0.793, 2.426).probability(0, 39), 6)
        0.573786
        """
        return count_probability(self.r, self.alpha, self.a, self.b, purchases, periods(horizon, self.unit))

    def simulate(self, ages: ArrayLike, *, rng: np.random.Generator) -> Simulated:
        """Purchases of new customers, one for each age, from the first until that age, in the model's periods.

        >>> rng = np.random.default_rng(7)
        >>> BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week").simulate([39.0] * 1000, rng=rng)
        <Simulated: 1,000 customers, 1,098 repeat purchases>
        """
        ages = np.asarray(ages, dtype=np.float64)
        rate = rng.gamma(self.r, 1 / self.alpha, ages.size)
        leaves = rng.beta(self.a, self.b, ages.size)
        return played(
            ages,
            wait=lambda who: rng.exponential(1.0, who.size) / rate[who],
            stays=lambda who: rng.random(who.size) >= leaves[who],
            unit=self.unit,
        )

    @classmethod
    def _likelihood(
        cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)
    ) -> Callable[[Floats], Curve]:
        return BetaGeoLikelihood.of(summary, weights, rows)

    @classmethod
    def _start(cls, seen: float, bought: float) -> Floats:
        return np.array([1.0, seen / bought, 1.0, 2.0])

    def _log_staying(self, point: Point, x: Floats, T: Floats) -> Floats:
        r, alpha, a, b = point
        stays: Floats = log_rising(r, x) + log_rising(b, x) - log_rising(a + b, x)
        stays += r * np.log(alpha) - (r + x) * np.log(alpha + T)
        return stays

    def _log_odds(self, point: Point, x: Floats, t_x: Floats, T: Floats) -> Floats:
        r, alpha, a, b = point
        again = np.maximum(b + x - 1, 1e-300)
        left = np.log(a / again) + (r + x) * np.log((alpha + T) / (alpha + t_x))
        return np.where(x > 0, -left, np.inf)  # nobody leaves before a repeat purchase

    def _kernel(self, point: Point, x: Floats, T: Floats, t: float) -> Floats:
        r, alpha, a, b = point
        return kernel(r + x, b + x, a, alpha + T, t)

    def _count(self, point: Point, x: Floats, T: Floats, n: int, t: float) -> Floats:
        r, alpha, a, b = point
        return count_chance(r + x, alpha + T, a, b + x, n, t)

    def _outcomes(
        self, point: Point, x: Floats, T: Floats, alive: Floats, t: float, level: float
    ) -> tuple[Floats, Floats]:
        r, alpha, a, b = point
        return outcome_bounds(r + x, alpha + T, a, b + x, alive, t, level)
