"""How many subscribers will be left, and what is one who renewed so often still worth? The shifted-beta-geometric.

Fader & Hardie (2007), "How to project customer retention", Journal of Interactive Marketing 21(1), 76-90; and (2010),
"Customer-base valuation in a contractual setting: the perils of ignoring heterogeneity", Marketing Science 29(1).
Each customer refuses every renewal with a chance of their own (beta over customers). Those likely to leave leave
first, so that a cohort's retention rate rises with tenure though nobody's does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import FitError
from relmkt.value._buying import Point, positive
from relmkt.value._discrete import endless, passed
from relmkt.value._expectations import expectation, parameter_text, standard_errors
from relmkt.value._optimise import Curve, maximise
from relmkt.value._renewals import Renewals
from relmkt.value._special import gammaln

if TYPE_CHECKING:
    from typing import Self

__all__ = ["ShiftedBetaGeo"]

Floats = NDArray[np.float64]
STEP = 1e-4  # of a parameter's logarithm, for central differences
ALIKE = "not identified: retention does not rise with tenure, so that one chance to leave for all fits as well"
NO_MEAN = "infinite: with alpha of 1 or less, there is no mean without a discount"


@frozen
class ShiftedBetaGeo:
    """The sBG model of contract renewal, with the paper's parameters; time is counted in renewals.

    alpha, beta: of the beta law of the chance to refuse a renewal; covariance: of both where fitted, by the inverse of
    the observed information, not part of equality. Every figure carries an interval at `level` by the delta method
    where the model was fitted; `level=None` leaves it out. Discounts are shares a contract period.

    >>> regular = ShiftedBetaGeo.fit([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> regular
    ShiftedBetaGeo(alpha=0.7041, beta=1.1820)
    >>> print(regular.survival([8, 12]))
    8   0.22 [0.19, 0.25] 95 %, n = 1,000 (Laplace, expectation)
    12  0.17 [0.15, 0.20] 95 %, n = 1,000 (Laplace, expectation)

    Source: Fader & Hardie 2007.
    """

    NAMES: ClassVar = ("alpha", "beta")

    alpha: float = field(converter=float, validator=positive, repr=parameter_text)
    beta: float = field(converter=float, validator=positive, repr=parameter_text)
    covariance: Floats | None = field(default=None, kw_only=True, eq=False, repr=False)
    customers: int = field(default=0, kw_only=True, eq=False, repr=False)

    @classmethod
    def fit(cls, survivors: Renewals | ArrayLike, *, weights: ArrayLike | None = None, penalty: float = 0.0) -> Self:
        """The parameters of the greatest likelihood.

        survivors: customers left after 0, 1, 2, … renewals, one cohort or one a row, NaN where still to come, with
        `weights` as for `Renewals.of_cohorts`; or `Renewals`, for single customers `Renewals.of_customers(…)`.
        penalty: takes `penalty` times the squared logarithmic distance from alpha = beta = 1 off the log-likelihood.
        Raises FitError where the data do not determine the model: fewer than two renewals seen, nobody lost, nobody
        kept, or a retention rate that does not rise with tenure.

        >>> ShiftedBetaGeo.fit([100, 100, 100])
        Traceback (most recent call last):
        relmkt.exceptions.FitError: nobody left: the chance to leave is not determined
        """
        seen = _renewals(survivors, weights)
        _determined(seen)
        likelihood = _Likelihood(seen.kept, seen.lost)
        try:
            best = maximise(likelihood, np.ones(2), cls.NAMES, penalty=penalty)
        except FitError as error:
            raise FitError(_why(error), error.parameters) from error
        if not penalty and best.value - likelihood.alike < 1e-6:
            raise FitError(ALIKE, dict(zip(cls.NAMES, best.point.tolist(), strict=True)))
        return cls(*best.point, covariance=best.covariance, customers=round(seen.customers))

    def log_likelihood(self, survivors: Renewals | ArrayLike, *, weights: ArrayLike | None = None) -> float:
        """Natural logarithm of the likelihood of cohorts or customers, as for `fit`."""
        seen = _renewals(survivors, weights)
        return _Likelihood(seen.kept, seen.lost)(self._point)[0]

    def aic(self, survivors: Renewals | ArrayLike, *, weights: ArrayLike | None = None) -> float:
        """Akaike's criterion (1974), 4 − 2 log-likelihood: the lower, the better."""
        return 4 - 2 * self.log_likelihood(survivors, weights=weights)

    def bic(self, survivors: Renewals | ArrayLike, *, weights: ArrayLike | None = None) -> float:
        """Schwarz's criterion (1978), 2 log n − 2 log-likelihood of n customers: the lower, the better."""
        n = _renewals(survivors, weights).customers
        return 2 * float(np.log(n)) - 2 * self.log_likelihood(survivors, weights=weights)

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard error of each parameter; NaN for a model that was written down instead of fitted."""
        return standard_errors(self.covariance, self.NAMES)

    def survival(self, renewals: ArrayLike, *, renewed: int = 0, level: float | None = 0.95) -> Estimate:
        """Chance that a customer who has made `renewed` renewals makes so many more, S(t) for a new one.

        renewals: whole numbers of 0 or more; one gives a number, a list a column labelled by them.

        >>> ShiftedBetaGeo(0.668, 3.806).survival([7, 8]).value.round(3)
        array([0.489, 0.46 ])
        """
        t, n = _counts("renewals", renewals), _count("renewed", renewed)
        return self._answer(lambda p: _logit_survival(p[0], p[1] + n, t), "logit", level, _names(renewals))

    def retention(self, renewals: ArrayLike, *, level: float | None = 0.95) -> Estimate:
        """Share of those who came to the first, second, … renewal that make it: r(t), which rises with t.

        >>> ShiftedBetaGeo(0.668, 3.806).retention([1, 7]).value.round(3)
        array([0.851, 0.936])
        """
        t = _counts("renewals", renewals, 1)
        return self._answer(lambda p: np.log((p[1] + t - 1) / p[0]), "logit", level, _names(renewals))

    def churn(self, renewals: ArrayLike, *, renewed: int = 0, level: float | None = 0.95) -> Estimate:
        """Chance that a customer who has made `renewed` renewals refuses just the first, second, … from now.

        >>> ShiftedBetaGeo(0.668, 3.806).churn([1, 2]).value.round(3)
        array([0.149, 0.104])
        """
        t, n = _counts("renewals", renewals, 1), _count("renewed", renewed)

        def odds(p: Point) -> Floats:
            left = _log_survival(p[0], p[1] + n, t - 1) + np.log(p[0] / (p[0] + p[1] + n + t - 1))
            return np.asarray(left - np.log(-np.expm1(left)))

        return self._answer(odds, "logit", level, _names(renewals))

    def project(self, customers: float, horizon: int, *, renewed: int = 0, level: float | None = 0.95) -> Estimate:
        """How many of a cohort's customers, who have made `renewed` renewals, are left after each of `horizon` more.

        A column labelled by the renewals made in all. The interval is of the expectation.

        >>> ShiftedBetaGeo(0.668, 3.806).project(491, 2, renewed=7).value.round(0)
        array([462., 438.])
        """
        if not 0 <= customers < np.inf:
            raise ValueError("customers: expected a number of 0 or more")
        more, n = np.arange(1.0, _count("horizon", horizon) + 1), _count("renewed", renewed)
        if not customers:
            return expectation(np.zeros(more.size), None, None, shape="log", n=0, labels=_later(more, n))
        return self._answer(
            lambda p: np.log(customers) + _log_survival(p[0], p[1] + n, more), "log", level, _later(more, n)
        )

    def residual(self, renewed: ArrayLike, *, discount: float, level: float | None = 0.95) -> Estimate:
        """Discounted expected residual lifetime: periods still to come of one who has made `renewed` renewals.

        It is seen just before the next renewal, whose period counts in full if it is made; the one after is worth
        1 / (1 + discount), and so on. discount: a share a period, 0 or more; without one it is infinite for alpha of 1
        or less.

        >>> round(float(ShiftedBetaGeo(0.668, 3.806).residual(7, discount=0.1).value), 2)
        7.53

        Source: Fader & Hardie 2010, equation (6).
        """
        n, v = _counts("renewed", renewed), _factor(discount)
        return self._answer(
            lambda p: np.log((p[1] + n) / (p[0] + p[1] + n) * endless(p[0], p[1] + n + 1, v)),
            "log",
            level,
            _names(renewed),
        )

    def elasticity(self, renewed: ArrayLike, *, discount: float, level: float | None = 0.95) -> Estimate:
        """By how many percent the residual lifetime grows when the retention rate grows by one percent.

        It is each customer's own elasticity, 1 / (1 − r v) at a retention rate r of theirs and v = 1 / (1 + discount),
        averaged over those who make the next renewal. The residual lifetime of the whole cohort answers more, for it is
        owed to those who stay longest. renewed, discount: as for `residual`; infinite where that is.

        >>> round(float(ShiftedBetaGeo(0.668, 3.806).elasticity(7, discount=0.1).value), 2)
        8.0

        Source: Fader & Hardie 2010, equation (8); PyMC-Marketing's retention elasticity at T = renewed + 1.
        """
        n, v = _counts("renewed", renewed), _factor(discount)
        return self._answer(lambda p: np.log(endless(p[0], p[1] + n + 1, v)), "log", level, _names(renewed))

    def tenure(self, *, discount: float = 0.0, horizon: int | None = None, level: float | None = 0.95) -> Estimate:
        """Periods that a new customer is expected to stay, the first among them, each at present value.

        horizon: periods to count, all unless given; discount: a share a period; without either it is infinite for
        alpha of 1 or less.

        >>> float(ShiftedBetaGeo(2, 3).tenure().value), round(float(ShiftedBetaGeo(2, 3).tenure(horizon=2).value), 9)
        (4.0, 1.6)
        """
        v = _factor(discount)
        if horizon is None:
            return self._answer(lambda p: np.log(endless(p[0], p[1], v)), "log", level, None)
        more = _count("horizon", horizon) - 1
        if more < 0:
            raise ValueError("horizon: expected 1 period or more")
        return self._answer(lambda p: np.log1p(passed(p[0], p[1], v, more)), "log", level, None)

    def simulate(self, renewals: ArrayLike, *, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Tenures and whether they ended, of new customers who come to so many renewals each, as `Renewals` reads them.

        >>> tenures, churned = ShiftedBetaGeo(0.668, 3.806).simulate([7] * 1000, rng=np.random.default_rng(5))
        >>> Renewals.of_customers(tenures, churned)
        <Renewals: 1,000 customers, 514 lost in 7 periods>
        """
        ends = _counts("renewals", renewals).astype(np.int64).ravel()
        refused = rng.geometric(np.maximum(rng.beta(self.alpha, self.beta, ends.size), 1e-15))
        return np.minimum(refused, ends), refused <= ends

    def draws(self, n: int, *, rng: np.random.Generator) -> tuple[Self, ...]:
        """Models whose parameters are drawn from the normal law of their logarithms around the fit (Laplace)."""
        if self.covariance is None:
            raise ValueError("draws need a fitted model: parameters that were written down have no covariance")
        logs = rng.multivariate_normal(np.log(self._point), self._covariance_of_logs, n)
        return tuple(evolve(self, alpha=a, beta=b) for a, b in np.exp(logs))

    @property
    def _point(self) -> Floats:
        return np.array([self.alpha, self.beta])

    @property
    def _covariance_of_logs(self) -> Floats:
        return np.asarray(self.covariance) / np.outer(self._point, self._point)

    def _answer(
        self, asked: Callable[[Point], Floats], shape: Literal["log", "logit"], level: float | None, labels: Any
    ) -> Estimate:
        """What is asked for in logarithms or log odds, with the standard error that the parameters leave it."""
        on_scale = np.atleast_1d(asked(self._point))
        spread = None
        if level is not None and self.covariance is not None:
            ways = STEP * np.eye(2)
            with np.errstate(invalid="ignore"):
                slopes = [(asked(self._point * np.exp(w)) - asked(self._point * np.exp(-w))) / (2 * STEP) for w in ways]
            found = np.nan_to_num(np.stack([np.atleast_1d(slope) for slope in slopes]), posinf=0.0, neginf=0.0)
            spread = np.sqrt(np.maximum(((self._covariance_of_logs @ found) * found).sum(axis=0), 0.0))
        value = np.exp(on_scale) if shape == "log" else np.exp(-np.logaddexp(0.0, -on_scale))
        if np.isinf(value).any():  # at once for every row, for it depends on alpha alone
            return expectation(value, None, None, shape=shape, n=self.customers, labels=labels, notes=(NO_MEAN,))
        return expectation(value, spread, level, shape=shape, n=self.customers, labels=labels)


@frozen(eq=False)
class _Likelihood:
    """Renewals made and refused, one of each a renewal; called with (alpha, beta)."""

    kept: Floats
    lost: Floats

    def __call__(self, point: Floats) -> Curve:
        alpha, beta = point
        stay = beta + np.arange(self.kept.size)
        both, came, left = alpha + stay, self.kept + self.lost, float(self.lost.sum())
        value = float(self.kept @ np.log(stay) - came @ np.log(both)) + left * float(np.log(alpha))
        common, bent = float(came @ (1 / both)), float(came @ both**-2)
        slope = np.array([left / alpha - common, float(self.kept @ (1 / stay)) - common])
        bend = np.array([[bent - left / alpha**2, bent], [bent, bent - float(self.kept @ stay**-2)]])
        return value, slope, bend

    @property
    def alike(self) -> float:
        """The value where all leave with the same chance: the limit that both parameters reach at infinity."""
        kept, lost = float(self.kept.sum()), float(self.lost.sum())
        return kept * float(np.log(kept / (kept + lost))) + lost * float(np.log(lost / (kept + lost)))


def _why(error: FitError) -> str:
    """Words for the bound that a fit ran to."""
    if error.parameters and min(error.parameters.values()) > 100:
        return ALIKE
    if error.parameters and max(error.parameters.values()) < 0.01:
        return "not identified: after the first renewal nobody seems ever to leave"
    return str(error)


def _renewals(survivors: Renewals | ArrayLike, weights: ArrayLike | None) -> Renewals:
    if not isinstance(survivors, Renewals):
        return Renewals.of_cohorts(survivors, weights)
    if weights is not None:
        raise TypeError("weights: renewals have theirs already")
    return survivors


def _determined(seen: Renewals) -> None:
    came = seen.kept + seen.lost
    for wrong, why in (
        (not came.any(), "no renewal was seen yet: the chance to leave is not determined"),
        (not seen.lost.any(), "nobody left: the chance to leave is not determined"),
        (not seen.kept.any(), "everybody left at the first renewal: nothing tells the customers apart"),
        ((came > 0).sum() < 2, "one renewal was seen: how the chance to leave differs between customers needs two"),
    ):
        if wrong:
            raise FitError(why)


def _log_survival(alpha: float, beta: Any, t: Floats) -> Floats:
    return gammaln(beta + t) - gammaln(beta) + gammaln(alpha + beta) - gammaln(alpha + beta + t)


def _logit_survival(alpha: float, beta: float, t: Floats) -> Floats:
    stays = np.minimum(_log_survival(alpha, beta, t), 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(t > 0, stays - np.log(-np.expm1(stays)), np.inf))


def _factor(discount: float) -> float:
    if not 0 <= discount < np.inf:
        raise ValueError(f"discount: expected a share a period of 0 or more, got {discount}")
    return 1 / (1 + discount)


def _counts(name: str, given: ArrayLike, least: int = 0) -> Floats:
    counts = np.asarray(given, dtype=np.float64)
    if counts.ndim > 1 or not ((counts >= least) & (counts == np.floor(counts)) & np.isfinite(counts)).all():
        raise ValueError(f"{name}: expected whole numbers of {least} or more")
    return counts


def _count(name: str, given: int) -> int:
    return int(_counts(name, [given])[0])


def _later(more: Floats, renewed: int) -> list[int]:
    return [int(k) for k in more + renewed]


def _names(given: ArrayLike) -> Sequence[Any] | None:
    return np.asarray(given).tolist() if np.ndim(given) else None
