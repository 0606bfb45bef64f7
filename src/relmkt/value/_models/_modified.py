"""Who is still a customer, if one purchase may be the last? The MBG/NBD model.

Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for customer base analysis",
International Journal of Research in Marketing 24(3), 201–209; Hoppe & Wagner (2007), "Customer base analysis: the case
for a central variant of the betageometric/NBD model", Marketing – Journal of Research and Management 3(2), 75–90. As
the BG/NBD, but a customer may leave right after the first purchase too, so that silence tells of one-time buyers what
it tells of all others.
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

__all__ = ["ModifiedBetaGeo"]

Floats = NDArray[np.float64]


@frozen(repr=False)
class ModifiedBetaGeo(CountingModel):
    """The MBG/NBD model of repeat buying, with the papers' parameters.

    r, alpha: shape and rate (in `unit`s) of the gamma law of purchase rates; a, b: of the beta law of the chance to
    leave after a purchase, the first one among them; unit: of the summary it was fitted to, needed for horizons given
    as spans; covariance: of (r, alpha, a, b) where fitted, by the inverse of the observed information, not part of
    equality.

    >>> published = ModifiedBetaGeo(0.525, 6.183, 0.891, 1.614, unit="week")
    >>> silent = PurchaseSummary([1], [0], [0], [38.86], [float("nan")], "week")
    >>> round(float(published.alive(silent).value[0]), 3)
    0.39

    Source: Batislam, Denizel & Filiztekin 2007; Hoppe & Wagner 2007.
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

        >>> round(ModifiedBetaGeo(0.525, 6.183, 0.891, 1.614).probability(0, 39), 4)
        0.5825
        """
        t = periods(horizon, self.unit)
        return count_probability(self.r, self.alpha, self.a, self.b, purchases, t, at_first=True)

    def simulate(self, ages: ArrayLike, *, rng: np.random.Generator) -> Simulated:
        """Purchases of new customers, one for each age, from the first until that age, in the model's periods.

        >>> rng = np.random.default_rng(7)
        >>> len(ModifiedBetaGeo(0.525, 6.183, 0.891, 1.614, unit="week").simulate([39.0] * 1000, rng=rng))
        1000
        """
        ages = np.asarray(ages, dtype=np.float64)
        rate = rng.gamma(self.r, 1 / self.alpha, ages.size)
        leaves = rng.beta(self.a, self.b, ages.size)
        return played(
            ages,
            wait=lambda who: rng.exponential(1.0, who.size) / rate[who],
            stays=lambda who: rng.random(who.size) >= leaves[who],
            at_first=True,
            unit=self.unit,
        )

    @classmethod
    def _likelihood(
        cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)
    ) -> Callable[[Floats], Curve]:
        return BetaGeoLikelihood.of(summary, weights, rows, at_first=True)

    @classmethod
    def _start(cls, seen: float, bought: float) -> Floats:
        return np.array([1.0, seen / bought, 1.0, 2.0])

    def _log_staying(self, point: Point, x: Floats, T: Floats) -> Floats:
        r, alpha, a, b = point
        stays: Floats = log_rising(r, x) + log_rising(b, x + 1) - log_rising(a + b, x + 1)
        stays += r * np.log(alpha) - (r + x) * np.log(alpha + T)
        return stays

    def _log_odds(self, point: Point, x: Floats, t_x: Floats, T: Floats) -> Floats:
        r, alpha, a, b = point
        odds: Floats = np.log((b + x) / a) - (r + x) * np.log((alpha + T) / (alpha + t_x))
        return odds

    def _kernel(self, point: Point, x: Floats, T: Floats, t: float) -> Floats:
        r, alpha, a, b = point
        return kernel(r + x, b + x + 1, a, alpha + T, t)

    def _count(self, point: Point, x: Floats, T: Floats, n: int, t: float) -> Floats:
        r, alpha, a, b = point
        return count_chance(r + x, alpha + T, a, b + x + 1, n, t)

    def _outcomes(
        self, point: Point, x: Floats, T: Floats, alive: Floats, t: float, level: float
    ) -> tuple[Floats, Floats]:
        r, alpha, a, b = point
        return outcome_bounds(r + x, alpha + T, a, b + x + 1, alive, t, level)
