"""What do the BG/NBD and the MBG/NBD share? Rates from a gamma law, and a chance to leave after a purchase from a beta.

They differ in one place: whether a customer may leave right after the first purchase too.
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

__all__ = ["GeometricModel"]

Floats = NDArray[np.float64]


@frozen(repr=False)
class GeometricModel(CountingModel):
    """A model whose customers buy at random while active, and may leave after a purchase."""

    NAMES: ClassVar = ("r", "alpha", "a", "b")
    MOVES: ClassVar = {"buying": ("alpha", -1), "leaving": ("a", 1), "staying": ("b", 1)}
    AT_FIRST: ClassVar[bool]  # whether the first purchase is one after which a customer may leave

    r: float = field(converter=float, validator=positive)
    alpha: float = field(converter=float, validator=positive)
    a: float = field(converter=float, validator=positive)
    b: float = field(converter=float, validator=positive)
    unit: Unit | None = field(default=None, kw_only=True)
    covariance: Floats | None = field(default=None, kw_only=True, eq=False, repr=False)
    effects: tuple[Effect, ...] = field(default=(), kw_only=True)

    def probability(self, purchases: int, horizon: Span | float) -> float:
        """Chance that a new customer makes just this many repeat purchases in a time after the first.

        >>> from relmkt.value import BetaGeo, ModifiedBetaGeo
        >>> round(BetaGeo(0.243, 4.414, 0.793, 2.426).probability(0, 39), 6)
        0.573786
        >>> round(ModifiedBetaGeo(0.525, 6.183, 0.891, 1.614).probability(0, 39), 4)
        0.5825
        """
        t = periods(horizon, self.unit)
        return count_probability(self.r, self.alpha, self.a, self.b, purchases, t, at_first=self.AT_FIRST)

    def simulate(self, ages: ArrayLike, *, rng: np.random.Generator) -> Simulated:
        """Purchases of new customers, one for each age, from the first until that age, in the model's periods.

        >>> from relmkt.value import BetaGeo
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
            at_first=self.AT_FIRST,
            unit=self.unit,
        )

    @classmethod
    def _likelihood(
        cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)
    ) -> Callable[[Floats], Curve]:
        return BetaGeoLikelihood.of(summary, weights, rows, at_first=cls.AT_FIRST)

    @classmethod
    def _start(cls, seen: float, bought: float) -> Floats:
        return np.array([1.0, seen / bought, 1.0, 2.0])

    def _log_staying(self, point: Point, x: Floats, T: Floats) -> Floats:
        r, alpha, a, b = point
        chances = x + self.AT_FIRST  # to leave, none of them taken
        stays: Floats = log_rising(r, x) + log_rising(b, chances) - log_rising(a + b, chances)
        stays += r * np.log(alpha) - (r + x) * np.log(alpha + T)
        return stays

    def _log_odds(self, point: Point, x: Floats, t_x: Floats, T: Floats) -> Floats:
        r, alpha, a, b = point
        again = np.maximum(b + x - (not self.AT_FIRST), 1e-300)
        odds: Floats = np.log(again / a) - (r + x) * np.log((alpha + T) / (alpha + t_x))
        return odds if self.AT_FIRST else np.where(x > 0, odds, np.inf)  # nobody leaves before a repeat purchase

    def _kernel(self, point: Point, x: Floats, T: Floats, t: float) -> Floats:
        r, alpha, a, b = point
        return kernel(r + x, b + x + self.AT_FIRST, a, alpha + T, t)

    def _count(self, point: Point, x: Floats, T: Floats, n: int, t: float) -> Floats:
        r, alpha, a, b = point
        return count_chance(r + x, alpha + T, a, b + x + self.AT_FIRST, n, t)

    def _outcomes(
        self, point: Point, x: Floats, T: Floats, alive: Floats, t: float, level: float
    ) -> tuple[Floats, Floats]:
        r, alpha, a, b = point
        return outcome_bounds(r + x, alpha + T, a, b + x + self.AT_FIRST, alive, t, level)
