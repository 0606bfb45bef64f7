"""What can every model of repeat purchases be asked? Who is alive, how many purchases, how sure: one form for all.

A model brings its likelihood, the odds of being alive and the purchases of those who are; the questions, the
intervals and the draws are the same for each. Intervals are of expectations and come by the delta method from the
parameters' Laplace covariance, in logarithms (Wasserman 2004, "All of Statistics", theorem 9.28); draws are from the
same law, or from fits to resampled customers (Efron 1979, Annals of Statistics 7(1)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._models._discounting import discounted, force_of, lasting
from relmkt.value._models._distinct import distinct, shares
from relmkt.value._models._effects import Asked, Effect, Moves, Regression, alike, covariates_of, moved_by, wanted
from relmkt.value._models._expectations import expectation, parameter_text
from relmkt.value._models._fitted import Fitted, resampled
from relmkt.value._models._fitting import fitted
from relmkt.value._models._geometric import blocks
from relmkt.value._models._likelihood import row_weights
from relmkt.value._models._optimise import Curve
from relmkt.value._summaries._summary import PurchaseSummary, Unit, periods
from relmkt.windows import Span

if TYPE_CHECKING:
    from typing import Self

__all__ = ["BuyingModel", "Point", "positive"]

Floats = NDArray[np.float64]
Point = Sequence[Any] | Floats  # the parameters in order, each one number or an array of one number a row
Counted = Callable[[float], Floats]  # purchases expected within a time
STEP = 1e-4  # of a parameter's logarithm, for central differences: their error is about 1e-8 relative


def positive(model: Any, attribute: Any, value: float) -> None:
    """A parameter of these models is a finite number above 0."""
    if not 0 < value < float("inf"):
        raise ValueError(f"{type(model).__name__}.{attribute.name} must be finite and above 0, got {value}")


class BuyingModel(Fitted):
    """The questions that every model of repeat purchases answers; a model adds its parameters and its mathematics."""

    __slots__ = ()
    MOVES: ClassVar[Moves] = {}  # which parameter the covariates of each role move, and in which direction
    unit: Unit | None

    if TYPE_CHECKING:  # what a model brings

        @classmethod
        def _likelihood(
            cls, summary: PurchaseSummary, weights: Floats, rows: slice = slice(None)
        ) -> Callable[[Floats], Curve]:
            """Value, gradient and Hessian of the log-likelihood of these rows, at given parameters."""

        @classmethod
        def _start(cls, seen: float, bought: float) -> Floats:
            """Neutral parameters for customers seen so long together, with so many repeat purchases."""

        def _log_staying(self, point: Point, x: Floats, T: Floats) -> Floats:
            """Log-likelihood of x purchases and of being alive at T, one a row; needed where covariates are."""

        def _log_odds(self, point: Point, x: Floats, t_x: Floats, T: Floats) -> Floats:
            """Logarithm of the odds of being alive at T, one a row; infinite where it is certain."""

        def _kernel(self, point: Point, x: Floats, T: Floats, t: float) -> Floats:
            """Purchases expected within the next t periods of a customer who is alive at T, one a row."""

        def _outcomes(
            self, point: Point, x: Floats, T: Floats, alive: Floats, t: float, level: float
        ) -> tuple[Floats, Floats]:
            """Bounds of the number of purchases itself within the next t periods, given the parameters."""

    @classmethod
    def fit(
        cls,
        summary: PurchaseSummary,
        *,
        weights: ArrayLike | None = None,
        penalty: float = 0.0,
        effects: Asked | None = None,
    ) -> Self:
        """The parameters of the greatest likelihood.

        weights: customers that each row stands for, 1 each unless given. penalty: takes `penalty` times the squared
        logarithmic distance from a neutral start off the log-likelihood; it has no unit and fades as customers grow.
        effects: covariates of the summary by what they move, such as {"buying": ["north"], "leaving": ["north"]}.
        Raises FitError, with the last parameters, where the data do not determine the model.

        >>> from relmkt.value import BetaGeo
        >>> # ten customers who never came back say nothing about rates
        >>> BetaGeo.fit(PurchaseSummary(range(10), [0] * 10, [0] * 10, [9] * 10, [np.nan] * 10, "week"))
        Traceback (most recent call last):
        relmkt.exceptions.FitError: no repeat purchase in the data: the purchase rate is not determined
        """
        return fitted(cls, summary, row_weights(summary, weights), penalty, wanted(effects or {}, cls.MOVES))

    def _regression(self, effects: Sequence[Effect], summary: PurchaseSummary, weights: Floats) -> Regression:
        rows, columns = (summary.frequency, summary.recency, summary.T), covariates_of(summary, effects)
        return Regression.of(self._terms, rows, columns, weights, effects, self.MOVES, self.NAMES)

    def _terms(self, point: Point, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Log-likelihood of each row: alive at the end, or gone before."""
        stays: Floats = self._log_staying(point, x, T) + np.logaddexp(0.0, -self._log_odds(point, x, t_x, T))
        return stays

    def __repr__(self) -> str:
        told = [f"{name}={parameter_text(getattr(self, name))}" for name in self.NAMES]
        told += [f"unit={self.unit!r}"] + ([f"effects={self.effects!r}"] if self.effects else [])
        return f"{type(self).__name__}({', '.join(told)})"

    def log_likelihood(self, summary: PurchaseSummary, *, weights: ArrayLike | None = None) -> float:
        """Natural logarithm of the likelihood of a summary, summed over its customers (times `weights`)."""
        self._same_unit(summary)
        w = row_weights(summary, weights)
        rows = self._regression(self.effects, summary, w) if self.effects else self._likelihood(summary, w)
        return float(rows(self._point)[0])

    def alive(self, summary: PurchaseSummary, *, level: float | None = 0.95) -> Estimate:
        """Probability that each customer is still one, labelled by id; `level=None` leaves the interval out.

        >>> from relmkt.value import BetaGeo
        >>> one = PurchaseSummary([1], [26], [30.86], [31], [22.35], "week")
        >>> round(float(BetaGeo(0.243, 4.414, 0.793, 2.426).alive(one).value[0]), 6)
        0.968916
        """
        self._same_unit(summary)
        odds = self._odds(summary.frequency, summary.recency, summary.T, self._columns(summary))
        spread = self._spread(self._slopes(odds)) if self._bounded(level) else None
        value = shares(odds(self._point))
        return expectation(value, spread, level, shape="logit", n=summary.frequency + 1, labels=summary.ids)

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

        horizon: a span (the model needs its unit), or a number of periods. predictive: the interval is of the number
        of purchases itself, given these parameters, instead of its expectation. discount: a year; each purchase is
        then worth its present value at the summary's end, compounded continuously from its own instant.

        >>> from relmkt.value import BetaGeo
        >>> one = PurchaseSummary([1], [2], [30.43], [38.86], [22.35], "week")
        >>> round(float(BetaGeo(0.243, 4.414, 0.793, 2.426).purchases(one, 39).value[0]), 3)
        1.226
        """
        t = periods(horizon, self.unit)
        found = self._prediction(
            summary, partial(discounted, t=t, force=self._force(discount)), None if predictive else level
        )
        if not predictive or level is None:
            return found
        if discount:
            raise ValueError("a predictive interval counts purchases, and a count has no discount")
        x, T, columns = summary.frequency, summary.T, self._columns(summary)
        alive = shares(self._odds(x, summary.recency, T, columns)(self._point))
        low, high = self._outcomes(self._rowwise(self._point, columns), x, T, alive, t, level)
        note = "interval of the number of purchases, given the parameters"
        return evolve(found, low=low, high=high, level=level, method="predictive", notes=(note,))

    def residual(self, summary: PurchaseSummary, *, discount: float, level: float | None = 0.95) -> Estimate:
        """Discounted expected residual transactions: purchases from now on without end, at present value, by id.

        discount: a year, above 0, compounded continuously from each purchase's own instant.

        >>> from relmkt.value import BetaGeo
        >>> one = PurchaseSummary([1], [2], [30.43], [38.86], [22.35], "week")
        >>> round(float(BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week").residual(one, discount=0.15).value[0]), 2)
        5.18

        Source: Fader, Hardie & Lee 2005, Journal of Marketing Research 42(4).
        """
        if not discount > 0:
            raise ValueError("discount must be above 0: without it, purchases without end may have no finite sum")
        return self._prediction(summary, partial(lasting, force=self._force(discount)), level)

    def expected(
        self, horizon: Span | float, *, level: float | None = 0.95, like: Mapping[str, float] | None = None
    ) -> Estimate:
        """Repeat purchases that a new customer is expected to make in a time after the first purchase.

        like: the new customer's covariates, where the model has effects; 0 unless given.

        >>> from relmkt.value import BetaGeo
        >>> round(float(BetaGeo(0.243, 4.414, 0.793, 2.426).expected(52).value), 4)
        1.4461
        """
        new, worth = np.zeros(1), partial(discounted, t=periods(horizon, self.unit), force=0.0)
        columns = alike(self.effects, like or {})
        value, spread = self._expected(new, new, new, columns, worth, level)
        return expectation(value, spread, level, shape="log", n=0, labels=None)

    @classmethod
    def bootstrap(
        cls,
        summary: PurchaseSummary,
        n: int,
        *,
        rng: np.random.Generator,
        weights: ArrayLike | None = None,
        effects: Asked | None = None,
    ) -> tuple[Self, ...]:
        """Models fitted to n resamples of the customers; resamples that do not determine the model are left out."""
        fit = partial(cls.fit, summary, effects=effects)
        return resampled(lambda drawn: fit(weights=drawn), row_weights(summary, weights), n, rng=rng)

    def _columns(self, summary: PurchaseSummary) -> Floats:
        return covariates_of(summary, self.effects)

    def _rowwise(self, point: Point, columns: Floats) -> Point:
        return moved_by(self.effects, self.MOVES, self.NAMES, point, columns) if self.effects else point

    def _odds(self, x: Floats, t_x: Floats, T: Floats, columns: Floats) -> Callable[[Floats], Floats]:
        return lambda point: self._log_odds(self._rowwise(point, columns), x, t_x, T)

    def _same_unit(self, summary: PurchaseSummary) -> None:
        if self.unit is not None and self.unit != summary.unit:
            raise ValueError(f"the model counts in {self.unit}s, the summary in {summary.unit}s")

    def _force(self, discount: float) -> float:
        return force_of(discount, self.unit)

    def _bounded(self, level: float | None) -> bool:
        return level is not None and self.covariance is not None

    def _slopes(self, asked: Callable[[Floats], Floats]) -> Floats:
        """Slopes of an answer over the parameters' logarithms, one row a parameter; 0 where it is infinite."""
        rows = []
        for step in STEP * np.eye(self._point.size):
            up, down = (asked(self._point * np.exp(sign * step)) for sign in (1, -1))
            with np.errstate(invalid="ignore"):
                rows.append(np.nan_to_num((up - down) / (2 * STEP), posinf=0.0, neginf=0.0))
        return np.stack(rows)

    def _spread(self, slopes: Floats) -> Floats:
        """Standard errors of what has these slopes."""
        spread: Floats = np.sqrt(np.maximum(((self._covariance_of_logs @ slopes) * slopes).sum(axis=0), 0.0))
        return spread

    def _prediction(
        self, summary: PurchaseSummary, worth: Callable[[Counted], Floats], level: float | None
    ) -> Estimate:
        self._same_unit(summary)
        columns = self._columns(summary)
        value, spread = self._expected(summary.frequency, summary.recency, summary.T, columns, worth, level)
        return expectation(value, spread, level, shape="log", n=summary.frequency + 1, labels=summary.ids)

    def _expected(
        self,
        x: Floats,
        t_x: Floats,
        T: Floats,
        columns: Floats,
        worth: Callable[[Counted], Floats],
        level: float | None,
    ) -> tuple[Floats, Floats | None]:
        """Expected worth times probability alive, and the standard error of its logarithm."""
        (some_x, some_T), where = ((x, T), np.arange(x.size)) if self.effects else distinct(x, T, self.unit)

        def counted(point: Point) -> Floats:
            return self._by_blocks(self._rowwise(point, columns), some_x, some_T, worth)

        return self._of_alive(self._odds(x, t_x, T, columns), counted, where, level)

    def _of_alive(
        self,
        odds: Callable[[Floats], Floats],
        counted: Callable[[Floats], Floats],
        where: NDArray[np.int64],
        level: float | None,
    ) -> tuple[Floats, Floats | None]:
        """What those alive are worth, times the probability of being alive; `where` each row finds its own worth."""
        alive = shares(odds(self._point))
        value: Floats = alive * counted(self._point)[where]
        if not self._bounded(level):
            return value, None
        with np.errstate(divide="ignore"):
            of_logs = self._slopes(lambda point: np.log(counted(point)))
        # d log alive = (1 − alive) d log odds
        return value, self._spread(of_logs[:, where] + (1 - alive) * self._slopes(odds))

    def _by_blocks(self, point: Point, x: Floats, T: Floats, worth: Callable[[Counted], Floats]) -> Floats:
        answer = np.empty_like(x)
        for rows in blocks(x.size):
            some = [p[rows] if np.ndim(p) else p for p in point]
            answer[rows] = worth(partial(self._kernel, some, x[rows], T[rows]))
        return answer
