"""Who is still a customer, and how often will they buy? The BG/NBD model.

Fader, Hardie & Lee (2005), "Counting your customers the easy way: an alternative to the Pareto/NBD model", Marketing
Science 24(2), 275–284. While active a customer buys at random at a rate of their own (gamma over customers), and after
each purchase leaves with a probability of their own (beta over customers). A customer without a repeat purchase is
alive with certainty in this model; that is the model's, not a finding.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import FitError
from relmkt.value._expectations import expectation, parameter_text, standard_errors
from relmkt.value._geometric import blocks, kernel
from relmkt.value._likelihood import BetaGeoLikelihood, row_weights
from relmkt.value._optimise import maximise
from relmkt.value._outcomes import count_probability, outcome_bounds
from relmkt.value._summary import DAYS_OF, PurchaseSummary, Unit, periods
from relmkt.windows import Span

if TYPE_CHECKING:
    from typing import Self

__all__ = ["BetaGeo", "positive"]

Floats = NDArray[np.float64]
NAMES = ("r", "alpha", "a", "b")
SUBSAMPLE = 20_000
STEP = 1e-4  # of a parameter's logarithm, for central differences: their error is about 1e-8 relative
NODES, WEIGHTS = (0.5 * (x + shift) for x, shift in zip(np.polynomial.legendre.leggauss(12), (1.0, 0.0), strict=True))


def positive(model: Any, attribute: Any, value: float) -> None:
    """A parameter of these models is a finite number above 0."""
    if not 0 < value < float("inf"):
        raise ValueError(f"{type(model).__name__}.{attribute.name} must be finite and above 0, got {value}")


@frozen
class BetaGeo:
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

    r: float = field(converter=float, validator=positive, repr=parameter_text)
    alpha: float = field(converter=float, validator=positive, repr=parameter_text)
    a: float = field(converter=float, validator=positive, repr=parameter_text)
    b: float = field(converter=float, validator=positive, repr=parameter_text)
    unit: Unit | None = field(default=None, kw_only=True)
    covariance: Floats | None = field(default=None, kw_only=True, eq=False, repr=False)

    @classmethod
    def fit(cls, summary: PurchaseSummary, *, weights: ArrayLike | None = None, penalty: float = 0.0) -> Self:
        """The parameters of the greatest likelihood.

        weights: customers that each row stands for, 1 each unless given. penalty: takes `penalty` times the squared
        logarithmic distance from a neutral start off the log-likelihood; it has no unit and fades as customers grow.
        Raises FitError, with the last parameters, where the data do not determine the model.

        >>> # ten customers who never came back say nothing about rates
        >>> BetaGeo.fit(PurchaseSummary(range(10), [0] * 10, [0] * 10, [9] * 10, [np.nan] * 10, "week"))
        Traceback (most recent call last):
        relmkt.exceptions.FitError: no repeat purchase in the data: the purchase rate is not determined
        """
        w = row_weights(summary, weights)
        seen = float(w @ summary.T)
        if not seen:
            raise FitError("no exposure time in the data: every customer's age is 0")
        if not float(w @ summary.frequency):
            raise FitError("no repeat purchase in the data: the purchase rate is not determined")
        start = np.array([1.0, seen / float(w @ summary.frequency), 1.0, 2.0])
        near = start
        if len(summary) > 3 * SUBSAMPLE:  # a good start from a few customers saves whole passes over all of them
            some = slice(None, None, len(summary) // SUBSAMPLE)
            with suppress(FitError):
                near = maximise(BetaGeoLikelihood.of(summary, w, some), start, NAMES).point
        best = maximise(BetaGeoLikelihood.of(summary, w), near, NAMES, penalty=penalty, centre=start)
        return cls(*best.point, unit=summary.unit, covariance=best.covariance)

    def log_likelihood(self, summary: PurchaseSummary, *, weights: ArrayLike | None = None) -> float:
        """Natural logarithm of the likelihood of a summary, summed over its customers (times `weights`)."""
        self._same_unit(summary)
        return BetaGeoLikelihood.of(summary, row_weights(summary, weights))(self._point)[0]

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard error of each parameter; NaN for a model that was written down instead of fitted."""
        return standard_errors(self.covariance, NAMES)

    def alive(self, summary: PurchaseSummary, *, level: float | None = 0.95) -> Estimate:
        """Probability that each customer is still one, labelled by id; `level=None` leaves the interval out.

        >>> one = PurchaseSummary([1], [26], [30.86], [31], [22.35], "week")
        >>> round(float(BetaGeo(0.243, 4.414, 0.793, 2.426).alive(one).value[0]), 6)
        0.968916
        """
        self._same_unit(summary)
        value, slopes = self._alive(summary)
        spread = None if level is None else self._spread(slopes)
        n = summary.frequency + 1
        return expectation(value, spread, level, shape="logit", n=n, labels=summary.ids)

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
        """
        self._same_unit(summary)
        t = periods(horizon, self.unit)
        force = self._force(discount)
        worth = partial(_discounted, t=t, force=force)
        alive, slopes = self._alive(summary)
        value, spread = self._expected(summary.frequency, summary.T, alive, slopes, worth, level)
        n = summary.frequency + 1
        if not predictive or level is None:
            return expectation(value, spread, level, shape="log", n=n, labels=summary.ids)
        if discount:
            raise ValueError("a predictive interval counts purchases, and a count has no discount")
        law = (self.r + summary.frequency, self.alpha + summary.T, self.a, self.b + summary.frequency)
        low, high = outcome_bounds(*law, alive, t, level)
        note = "interval of the number of purchases, given the parameters"
        return Estimate(value, low, high, level=level, n=n, method="predictive", labels=summary.ids, notes=(note,))

    def expected(self, horizon: Span | float, *, level: float | None = 0.95) -> Estimate:
        """Repeat purchases that a new customer is expected to make in a time after the first purchase.

        >>> round(float(BetaGeo(0.243, 4.414, 0.793, 2.426).expected(52).value), 4)
        1.4461
        """
        new = np.zeros(1)
        worth = partial(_discounted, t=periods(horizon, self.unit), force=0.0)
        value, spread = self._expected(new, new, np.ones(1), np.zeros((4, 1)), worth, level)
        return expectation(value, spread, level, shape="log", n=0, labels=None)

    def probability(self, purchases: int, horizon: Span | float) -> float:
        """Chance that a new customer makes just this many repeat purchases in a time after the first.

        >>> round(BetaGeo(0.243, 4.414, 0.793, 2.426).probability(0, 39), 6)
        0.573786
        """
        return count_probability(self.r, self.alpha, self.a, self.b, purchases, periods(horizon, self.unit))

    @property
    def _point(self) -> Floats:
        return np.array([self.r, self.alpha, self.a, self.b])

    def _spread(self, slopes: Floats) -> Floats | None:
        """Standard errors of what has these slopes over the parameters' logarithms; None where it was not fitted."""
        if self.covariance is None:
            return None
        in_logs = self.covariance / np.outer(self._point, self._point)
        spread: Floats = np.sqrt(np.maximum(np.einsum("in,ij,jn->n", slopes, in_logs, slopes), 0.0))
        return spread

    def _same_unit(self, summary: PurchaseSummary) -> None:
        if self.unit is not None and self.unit != summary.unit:
            raise ValueError(f"the model counts in {self.unit}s, the summary in {summary.unit}s")

    def _force(self, discount: float) -> float:
        if not discount > -1:
            raise ValueError("discount is a share a year, above -1")
        if discount and self.unit is None:
            raise ValueError("a yearly discount needs a model with a unit")
        return float(np.log1p(discount)) * DAYS_OF[self.unit or "year"] / DAYS_OF["year"]

    def _alive(self, summary: PurchaseSummary) -> tuple[Floats, Floats]:
        """The probabilities, and the slopes of their logits over the parameters' logarithms."""
        x, t_x, T = summary.frequency, summary.recency, summary.T
        shape, since = self.r + x, np.log((self.alpha + T) / (self.alpha + t_x))
        again = np.maximum(self.b + x - 1, 1e-300)
        gone = np.where(x > 0, np.log(self.a / again) + shape * since, -np.inf)  # log odds of having left
        value = 1 / (1 + np.exp(np.minimum(gone, 700.0)))
        rates = shape * (1 / (self.alpha + T) - 1 / (self.alpha + t_x))
        slopes = np.stack([self.r * since, self.alpha * rates, np.ones_like(x), -self.b / again])
        return value, np.where(x > 0, -slopes, 0.0)

    def _expected(
        self,
        x: Floats,
        T: Floats,
        alive: Floats,
        slopes: Floats,
        worth: Callable[[Callable[[float], Floats]], Floats],
        level: float | None,
    ) -> tuple[Floats, Floats | None]:
        """Expected worth times probability alive, and the standard error of its logarithm."""
        distinct, where = _distinct(x, T, DAYS_OF[self.unit or "day"])
        grid = partial(_by_blocks, *distinct, worth=worth)
        if level is None or self.covariance is None:
            return alive * grid(point=self._point)[where], None
        logs = np.empty((4, distinct[0].size))
        for i in range(4):
            up, down = (grid(point=self._point * np.exp(s * STEP * (np.arange(4) == i))) for s in (1, -1))
            with np.errstate(divide="ignore", invalid="ignore"):
                logs[i] = np.nan_to_num(np.log(up / down) / (2 * STEP))
        value = alive * grid(point=self._point)[where]
        # d log alive = (1 − alive) d logit alive
        steps = logs[:, where] + (1 - alive) * slopes
        return value, self._spread(steps)


def _by_blocks(x: Floats, T: Floats, point: Floats, worth: Callable[[Callable[[float], Floats]], Floats]) -> Floats:
    r, alpha, a, b = (float(p) for p in point)
    answer = np.empty_like(x)
    for rows in blocks(x.size):
        answer[rows] = worth(partial(kernel, r + x[rows], b + x[rows], a, alpha + T[rows]))
    return answer


def _discounted(counted: Callable[[float], Floats], *, t: float, force: float) -> Floats:
    """∫ exp(−force s) dE(s) over the horizon; by parts, E alone is evaluated, at Gauss–Legendre nodes."""
    end = counted(t)
    if not force or not t:
        return end
    inside = sum(w * np.exp(-force * t * s) * counted(t * s) for s, w in zip(NODES, WEIGHTS, strict=True))
    answer: Floats = np.exp(-force * t) * end + force * t * inside
    return answer


def _distinct(x: Floats, T: Floats, days: float) -> tuple[tuple[Floats, Floats], NDArray[np.int64]]:
    """The distinct pairs, and where each row finds its own: many customers share age and frequency.

    Ages are whole days in nearly every summary; their codes then need no sorting.
    """
    width, whole = int(x.max(initial=0)) + 1, np.rint(T * days)
    if (whole / days == T).all() and (whole.max(initial=0) + 1) * width <= 4 * x.size + 1024:
        keys = whole.astype(np.int64) * width + x.astype(np.int64)
        present = np.zeros((int(whole.max(initial=0)) + 1) * width, dtype=bool)
        present[keys] = True
        found = np.flatnonzero(present)
        return ((found % width).astype(np.float64), found // width / days), (np.cumsum(present) - 1)[keys]
    ages, which = np.unique(T, return_inverse=True)
    found, where = np.unique(which * width + x.astype(np.int64), return_inverse=True)
    return ((found % width).astype(np.float64), ages[found // width]), where
