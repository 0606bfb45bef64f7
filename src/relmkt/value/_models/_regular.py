"""Who is still a customer, if they buy at a rhythm of their own? The BG/CNBD-k and MBG/CNBD-k models.

Reutterer, Platzer & Schröder (2021), "Leveraging purchase regularity for predicting customer behavior the easy way",
International Journal of Research in Marketing 38(1), 194–215. As the BG/NBD and MBG/NBD, but the times between
purchases are Erlang-k: the larger k, the more regular, and the sooner silence tells. k = 1 is those models.

Likelihood and probability alive are the authors'. For the purchases to come they scale a BG/NBD forecast until it fits
a whole cohort; here that expectation is the mean over the stages that have passed since the last purchase, taken
exactly (see `_erlang`), customer by customer, so that an answer does not depend on who else is asked about.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from operator import index
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import FitError
from relmkt.value._models._buying import BuyingModel, Point, positive
from relmkt.value._models._distinct import distinct
from relmkt.value._models._effects import Asked, wanted
from relmkt.value._models._erlang import erlang_kernel, stage_shares, unfinished
from relmkt.value._models._expectations import parameter_text
from relmkt.value._models._geometric import blocks
from relmkt.value._models._likelihood import BetaGeoLikelihood, row_weights
from relmkt.value._models._outcomes import count_probability, outcome_bounds
from relmkt.value._models._simulated import Simulated, played
from relmkt.value._models._stages import best_stages, random_times, staged
from relmkt.value._summaries._summary import PurchaseSummary, Unit, periods
from relmkt.windows import Span

if TYPE_CHECKING:
    from typing import Self

__all__ = ["BetaGeoK"]

Floats = NDArray[np.float64]
Counted = Callable[[float], Floats]  # purchases expected within a time
LARGEST = 50  # stages; beyond it sums of a frequent customer's likelihood would leave the range of floats


def _stages(model: object, attribute: object, k: int) -> None:
    if not 1 <= k <= LARGEST:
        raise ValueError(f"k must be a whole number from 1 to {LARGEST}, got {k}")


@frozen  # its own text tells k and the form too
class BetaGeoK(BuyingModel):
    """The BG/CNBD-k and MBG/CNBD-k models of repeat buying, with the paper's parameters.

    k: stages of the Erlang law of the times between purchases, a whole number from 1 (random times) to 50; r, alpha:
    shape and rate (in `unit`s) of the gamma law of the rates of stages, so that a customer of rate λ buys λ / k times a
    period; a, b: of the beta law of the chance to leave after a purchase; dropout_at_first: whether the first purchase
    may be the last (MBG/CNBD-k) or nobody leaves before a repeat (BG/CNBD-k); unit: of the summary it was fitted to,
    needed for horizons given as spans; covariance: of (r, alpha, a, b) where fitted, k taken as known, not part of
    equality. `aic` and `bic` count these four; k, a whole number, is not counted.

    >>> regular = BetaGeoK(3, 0.5, 2, 0.3, 0.6, unit="week")
    >>> silent = PurchaseSummary([1, 2], [3, 3], [12, 12], [14, 30], [9, 9], "week")
    >>> regular.alive(silent).value.round(3)
    array([0.909, 0.093])

    Source: Reutterer, Platzer & Schröder 2021; Platzer & Reutterer 2016, Marketing Science 35(5).
    """

    NAMES: ClassVar = ("r", "alpha", "a", "b")

    k: int = field(converter=index, validator=_stages)
    r: float = field(converter=float, validator=positive, repr=parameter_text)
    alpha: float = field(converter=float, validator=positive, repr=parameter_text)
    a: float = field(converter=float, validator=positive, repr=parameter_text)
    b: float = field(converter=float, validator=positive, repr=parameter_text)
    dropout_at_first: bool = field(default=True, kw_only=True)
    unit: Unit | None = field(default=None, kw_only=True)
    covariance: Floats | None = field(default=None, kw_only=True, eq=False, repr=False)

    @classmethod
    def fit(
        cls,
        summary: PurchaseSummary,
        *,
        weights: ArrayLike | None = None,
        penalty: float = 0.0,
        effects: Asked | None = None,
        k: int | None = None,
        dropout_at_first: bool = True,
    ) -> Self:
        """The parameters of the greatest likelihood, of this k or of the best one.

        k: stages; without it 1, 2, … are tried until the likelihood has fallen twice in a row, 12 at most, which needs
        the summary's `log_gaps`. weights, penalty: as for `BetaGeo.fit`; effects: none, covariates are a ValueError.
        Raises FitError, with the last parameters, where the data do not determine the model; ValueError where k is
        neither given nor can be chosen.

        >>> rng = np.random.default_rng(3)
        >>> seen = BetaGeoK(2, 0.9, 3, 0.8, 3, unit="week").simulate([52.0] * 1500, rng=rng).summary()
        >>> BetaGeoK.fit(seen).k
        2
        """
        wanted(effects or {}, cls.MOVES)
        if k is not None:
            _stages(cls, None, index(k))
        elif summary.log_gaps is None:
            raise ValueError("k must be given: the summary has no log_gaps by which it could be chosen")
        w = row_weights(summary, weights)
        near = random_times(summary, w, penalty, dropout_at_first)
        if k is None:
            k, best = best_stages(summary, w, penalty, dropout_at_first, near)
        else:
            best = staged(summary, w, penalty, index(k), dropout_at_first, near)
        return cls(k, *best.point, dropout_at_first=dropout_at_first, unit=summary.unit, covariance=best.covariance)

    @classmethod
    def bootstrap(
        cls,
        summary: PurchaseSummary,
        n: int,
        *,
        rng: np.random.Generator,
        weights: ArrayLike | None = None,
        effects: Asked | None = None,
        k: int | None = None,
        dropout_at_first: bool = True,
    ) -> tuple[Self, ...]:
        """Models fitted to n resamples of the customers, each with this k or the best of its own."""
        w = row_weights(summary, weights)
        size, chances = round(float(w.sum())), w / w.sum()
        fits = []
        for _ in range(n):
            with suppress(FitError):
                drawn = rng.multinomial(size, chances)
                fits.append(cls.fit(summary, weights=drawn, effects=effects, k=k, dropout_at_first=dropout_at_first))
        return tuple(fits)

    def log_likelihood(self, summary: PurchaseSummary, *, weights: ArrayLike | None = None) -> float:
        """Natural logarithm of the likelihood of a summary, summed over its customers (times `weights`).

        For k above 1 the times between purchases belong to it: a summary without `log_gaps` is a ValueError.
        """
        self._same_unit(summary)
        if self.k > 1 and summary.log_gaps is None:
            raise ValueError("the likelihood for k above 1 needs a summary with log_gaps")
        likelihood = BetaGeoLikelihood.of(
            summary, row_weights(summary, weights), at_first=self.dropout_at_first, k=self.k
        )
        return float(likelihood(self._point)[0])

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

        Arguments as for `BetaGeo.purchases`. Exact: agrees to 1e-11 with sums over the counts of stages.

        >>> one = PurchaseSummary([1], [3], [12], [14], [9], "week")
        >>> round(float(BetaGeoK(3, 0.5, 2, 0.3, 0.6).purchases(one, 10).value[0]), 6)
        1.855314
        """
        if not predictive or level is None:
            return super().purchases(summary, horizon, level=level, discount=discount)
        if discount:
            raise ValueError("a predictive interval counts purchases, and a count has no discount")
        found, t = super().purchases(summary, horizon, level=None), periods(horizon, self.unit)
        x, T = summary.frequency, summary.T
        low, high = outcome_bounds(
            self.r + self.k * x,
            self.alpha + T,
            self.a,
            self.b + x + self.dropout_at_first,
            self.alive(summary, level=None).value,
            t,
            level,
            self._reached(self._point, x, summary.recency, T),
        )
        note = "interval of the number of purchases, given the parameters"
        return evolve(found, low=low, high=high, level=level, method="predictive", notes=(note,))

    def probability(self, purchases: int, horizon: Span | float) -> float:
        """Chance that a new customer makes just this many repeat purchases in a time after the first.

        >>> round(BetaGeoK(3, 0.5, 2, 0.3, 0.6).probability(2, 10), 5)
        0.04548
        """
        return count_probability(
            self.r,
            self.alpha,
            self.a,
            self.b,
            purchases,
            periods(horizon, self.unit),
            at_first=self.dropout_at_first,
            k=self.k,
        )

    def simulate(self, ages: ArrayLike, *, rng: np.random.Generator) -> Simulated:
        """Purchases of new customers, one for each age, from the first until that age, in the model's periods.

        >>> rng = np.random.default_rng(7)
        >>> len(BetaGeoK(3, 0.5, 2, 0.3, 0.6).simulate([39.0] * 100, rng=rng))
        100
        """
        ages = np.asarray(ages, dtype=np.float64)
        rate = rng.gamma(self.r, 1 / self.alpha, ages.size)
        leaves = rng.beta(self.a, self.b, ages.size)
        return played(
            ages,
            wait=lambda who: rng.standard_gamma(self.k, who.size) / rate[who],
            stays=lambda who: rng.random(who.size) >= leaves[who],
            at_first=self.dropout_at_first,
            unit=self.unit,
        )

    def _log_odds(self, point: Point, x: Floats, t_x: Floats, T: Floats) -> Floats:
        r, alpha, a, b = point
        shape, now = r + self.k * x, alpha + T
        again = np.maximum(b + x - (not self.dropout_at_first), 1e-300)
        silence = unfinished(shape, (T - t_x) / now, self.k) - shape * np.log(now / (alpha + t_x))
        odds: Floats = np.log(again / a) + silence
        return odds if self.dropout_at_first else np.where(x > 0, odds, np.inf)

    def _reached(self, point: Point, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """How probable each number of stages since the last purchase is, for those alive; one row a stage."""
        r, alpha = point[0], point[1]
        terms = stage_shares(r + self.k * x, (T - t_x) / (alpha + T), self.k)
        found: Floats = terms / terms.sum(axis=0)
        return found

    def _expected(
        self,
        x: Floats,
        t_x: Floats,
        T: Floats,
        columns: Floats,
        worth: Callable[[Counted], Floats],
        level: float | None,
    ) -> tuple[Floats, Floats | None]:
        """As of every model, but what is ahead depends on the stage too, and so on the last purchase."""
        (some_x, some_T), where = distinct(x, T, self.unit)

        def counted(point: Point) -> Floats:
            ahead = self._ahead(point, some_x, some_T, worth)[:, where]
            total: Floats = (self._reached(point, x, t_x, T) * ahead).sum(axis=0)
            return total

        return self._of_alive(self._odds(x, t_x, T, columns), counted, np.arange(x.size), level)

    def _ahead(self, point: Point, x: Floats, T: Floats, worth: Callable[[Counted], Floats]) -> Floats:
        """Worth of the purchases to come by the stage reached, one row a stage; a block of customers at a time."""
        r, alpha, a, b = point
        answer = np.empty((self.k, x.size))
        for rows in blocks(x.size):
            some = x[rows]
            shape, stays, rate = r + self.k * some, b + some + self.dropout_at_first, alpha + T[rows]
            answer[:, rows] = worth(partial(erlang_kernel, shape, stays, a, rate, k=self.k))
        return answer
