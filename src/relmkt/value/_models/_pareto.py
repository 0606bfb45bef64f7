"""Who is still a customer, and how often will they buy? The Pareto/NBD model.

Schmittlein, Morrison & Colombo (1987), "Counting your customers: who are they and what will they do next?", Management
Science 33(1), 1–24; Fader & Hardie (2005), "A note on deriving the Pareto/NBD model and related expressions". While
active a customer buys at random at a rate of their own (gamma over customers), and leaves, unseen, after an
exponential time at a rate of their own (gamma too), purchase or not.
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
from relmkt.value._models._optimise import Curve
from relmkt.value._models._pareto_counts import count_chances, outcome_bounds
from relmkt.value._models._pareto_dropout import log_dropout
from relmkt.value._models._pareto_likelihood import ParetoLikelihood
from relmkt.value._models._simulated import Simulated, played
from relmkt.value._numbers._special import log_rising
from relmkt.value._summaries._summary import PurchaseSummary, Unit, periods
from relmkt.windows import Span

__all__ = ["ParetoNBD"]

Floats = NDArray[np.float64]


@frozen(repr=False)
class ParetoNBD(CountingModel):
    """The Pareto/NBD model of repeat buying, with the paper's parameters.

    r, alpha: shape and rate (in `unit`s) of the gamma law of purchase rates; s, beta: shape and rate of the gamma law
    of the rates at which customers leave; unit: of the summary it was fitted to, needed for horizons given as spans;
    covariance: of (r, alpha, s, beta) where fitted, by the inverse of the observed information, not part of equality;
    effects: of covariates on "buying", by alpha, and on "leaving", by beta.

    >>> published = ParetoNBD(0.553, 10.578, 0.606, 11.669, unit="week")
    >>> one = PurchaseSummary([1], [26], [30.86], [31], [22.35], "week", "USD")
    >>> round(float(published.purchases(one, 52).value[0]), 4), round(float(published.alive(one).value[0]), 4)
    (25.4585, 0.9979)

    Source: Schmittlein, Morrison & Colombo 1987; Fader & Hardie 2005.
    """

    NAMES: ClassVar = ("r", "alpha", "s", "beta")
    MOVES: ClassVar = {"buying": ("alpha", -1), "leaving": ("beta", -1)}

    r: float = field(converter=float, validator=positive)
    alpha: float = field(converter=float, validator=positive)
    s: float = field(converter=float, validator=positive)
    beta: float = field(converter=float, validator=positive)
    unit: Unit | None = field(default=None, kw_only=True)
    covariance: Floats | None = field(default=None, kw_only=True, eq=False, repr=False)
    effects: tuple[Effect, ...] = field(default=(), kw_only=True)

    def probability(self, purchases: int, horizon: Span | float) -> float:
        """Chance that a new customer makes just this many repeat purchases in a time after the first.

        >>> round(ParetoNBD(0.553, 10.578, 0.606, 11.669).probability(0, 39), 6)
        0.593625

        Source: Fader & Hardie 2006, "Deriving an expression for P(X(t) = x) under the Pareto/NBD model".
        """
        r, alpha, s, beta = self._point[:4, None]
        return float(count_chances(r, alpha, s, beta, purchases, periods(horizon, self.unit))[0])

    def simulate(self, ages: ArrayLike, *, rng: np.random.Generator) -> Simulated:
        """Purchases of new customers, one for each age, from the first until that age, in the model's periods.

        >>> rng = np.random.default_rng(7)
        >>> ParetoNBD(0.553, 10.578, 0.606, 11.669, unit="week").simulate([39.0] * 1000, rng=rng)
        <Simulated: 1,000 customers, 1,185 repeat purchases>
        """
        ages = np.asarray(ages, dtype=np.float64)
        rate = rng.gamma(self.r, 1 / self.alpha, ages.size)
        leaving = rng.gamma(self.s, 1 / self.beta, ages.size)
        with np.errstate(divide="ignore"):  # a rate too small for a number never comes to a purchase, or to an end
            lasts = rng.exponential(1.0, ages.size) / leaving
            wait = 1 / rate
        return played(ages, wait=lambda who: rng.exponential(1.0, who.size) * wait[who], ends=lasts, unit=self.unit)

    @classmethod
    def _likelihood(
        cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)
    ) -> Callable[[Floats], Curve]:
        return ParetoLikelihood.of(summary, weights, rows)

    @classmethod
    def _start(cls, seen: float, bought: float) -> Floats:
        return np.array([1.0, seen / bought, 1.0, seen / bought])

    def _log_staying(self, point: Point, x: Floats, T: Floats) -> Floats:
        r, alpha, s, beta = point
        stays: Floats = log_rising(r, x) - r * np.log1p(T / alpha) - x * np.log(alpha + T) - s * np.log1p(T / beta)
        return stays

    def _log_odds(self, point: Point, x: Floats, t_x: Floats, T: Floats) -> Floats:
        r, alpha, s, beta = point
        return -log_dropout(r, alpha, s, beta, x, t_x, T)

    def _kernel(self, point: Point, x: Floats, T: Floats, t: float) -> Floats:
        """(r+x) (β+T) / (α+T) times (1 − (1 + t/(β+T))^(1−s)) / (s−1), which is a logarithm at s = 1."""
        r, alpha, s, beta = point
        since = np.log1p(t / (beta + T))
        bend = s - 1.0
        lasting = np.where(bend == 0, since, -np.expm1(-bend * since) / np.where(bend == 0, 1.0, bend))
        answer: Floats = (r + x) * (beta + T) / (alpha + T) * lasting
        return answer

    def _count(self, point: Point, x: Floats, T: Floats, n: int, t: float) -> Floats:
        r, alpha, s, beta = point
        return count_chances(r + x, alpha + T, s + 0 * x, beta + T, n, t)

    def _outcomes(
        self, point: Point, x: Floats, T: Floats, alive: Floats, t: float, level: float
    ) -> tuple[Floats, Floats]:
        r, alpha, s, beta = point
        return outcome_bounds(r + x, alpha + T, s + 0 * x, beta + T, alive, t, level)
