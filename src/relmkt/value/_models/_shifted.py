"""How many subscribers will be left, and what is one who renewed so often still worth? The shifted-beta-geometric.

Fader & Hardie (2007), "How to project customer retention", Journal of Interactive Marketing 21(1), 76-90; and (2010),
"Customer-base valuation in a contractual setting: the perils of ignoring heterogeneity", Marketing Science 29(1).
Each customer refuses every renewal with a chance of their own (beta over customers). Those likely to leave leave
first, so that a cohort's retention rate rises with tenure though nobody's does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._models._buying import Point, positive
from relmkt.value._models._discrete import endless, passed
from relmkt.value._models._effects import Asked, Effect, Like, wanted
from relmkt.value._models._expectations import expectation
from relmkt.value._models._fitted import resampled
from relmkt.value._models._renewals import Renewals
from relmkt.value._models._shifted_answers import ShiftedAnswers
from relmkt.value._models._shifted_likelihood import (
    MOVES,
    NAMES,
    ShiftedLikelihood,
    alone,
    contracts_of,
    determined,
    log_survival,
    moving,
    of_effects,
    renewals_of,
)

if TYPE_CHECKING:
    from typing import Self

__all__ = ["ShiftedBetaGeo"]

Floats = NDArray[np.float64]


@frozen(repr=False)
class ShiftedBetaGeo(ShiftedAnswers):
    """The sBG model of contract renewal, with the paper's parameters; time is counted in renewals.

    alpha, beta: of the beta law of the chance to refuse a renewal; covariance: of both where fitted, by the inverse of
    the observed information, not part of equality; effects: of covariates, where these were asked for. Every figure
    carries an interval at `level` by the delta method where the model was fitted; `level=None` leaves it out.
    Discounts are shares a contract period. like: the covariates of whom a figure is about, 0 unless given; one number
    each, or columns, for one customer a row, labelled by row number.

    >>> regular = ShiftedBetaGeo.fit([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> regular
    ShiftedBetaGeo(alpha=0.7041, beta=1.1820)
    >>> print(regular.survival([8, 12]))
    8   0.22 [0.19, 0.25] 95 %, n = 1,000 (Laplace, expectation)
    12  0.17 [0.15, 0.20] 95 %, n = 1,000 (Laplace, expectation)

    Source: Fader & Hardie 2007.
    """

    NAMES: ClassVar = NAMES
    MOVES: ClassVar = MOVES

    alpha: float = field(converter=float, validator=positive)
    beta: float = field(converter=float, validator=positive)
    covariance: Floats | None = field(default=None, kw_only=True, eq=False)
    customers: int = field(default=0, kw_only=True, eq=False)
    effects: tuple[Effect, ...] = field(default=(), kw_only=True)

    @classmethod
    def fit(
        cls,
        survivors: Renewals | ArrayLike,
        *,
        weights: ArrayLike | None = None,
        penalty: float = 0.0,
        effects: Asked | None = None,
    ) -> Self:
        """The parameters of the greatest likelihood.

        survivors: customers left after 0, 1, 2, … renewals, one cohort or one a row, NaN where still to come, with
        `weights` as for `Renewals.of_cohorts`; or `Renewals`, for single customers `Renewals.of_customers(…)`.
        penalty: takes `penalty` times the squared logarithmic distance from alpha = beta = 1, and from no effect, off
        the log-likelihood. effects: covariates of the `Renewals` by what they move, such as {"leaving": ["north"]}:
        "leaving" multiplies alpha by exp(effect × covariate), "staying" beta
        (PyMC-Marketing's dropout coefficients are these, negated).
        Raises FitError where the data do not determine the model: fewer than two renewals seen, nobody lost, nobody
        kept, or a retention rate that does not rise with tenure.

        >>> ShiftedBetaGeo.fit([100, 100, 100])
        Traceback (most recent call last):
        relmkt.exceptions.FitError: nobody left: the chance to leave is not determined
        >>> two = Renewals.of_cohorts([[1000, 631, 468, 382], [1000, 869, 743, 653]], covariates={"north": [1, 0]})
        >>> north = ShiftedBetaGeo.fit(two, effects={"leaving": ["north"]})
        >>> print(north.retention([1, 2], like={"north": 1.0}))
        1  0.66 [0.63, 0.69] 95 %, n = 2,000 (Laplace, expectation)
        2  0.73 [0.71, 0.75] 95 %, n = 2,000 (Laplace, expectation)
        """
        seen, asked = renewals_of(survivors, weights), wanted(effects or {}, cls.MOVES)
        if not asked:
            best = alone(seen, penalty)
            return cls(*best.point, covariance=best.covariance, customers=round(seen.customers))
        point, covariance, found = moving(seen, asked, penalty)
        return cls(*point, covariance=covariance, customers=round(seen.customers), effects=found)

    def log_likelihood(self, survivors: Renewals | ArrayLike, *, weights: ArrayLike | None = None) -> float:
        """Natural logarithm of the likelihood of cohorts or customers, as for `fit`."""
        seen = renewals_of(survivors, weights)
        rows = of_effects(seen, self.effects) if self.effects else ShiftedLikelihood(seen.kept, seen.lost)
        return float(rows(self._point)[0])

    def aic(self, survivors: Renewals | ArrayLike, *, weights: ArrayLike | None = None) -> float:
        """Akaike's criterion (1974), 2 k − 2 log-likelihood of k parameters and effects: the lower, the better."""
        return 2 * self._point.size - 2 * self.log_likelihood(survivors, weights=weights)

    def bic(self, survivors: Renewals | ArrayLike, *, weights: ArrayLike | None = None) -> float:
        """Schwarz's criterion (1978), k log n − 2 log-likelihood of n customers: the lower, the better."""
        n = renewals_of(survivors, weights).customers
        return self._point.size * float(np.log(n)) - 2 * self.log_likelihood(survivors, weights=weights)

    def survival(
        self, renewals: ArrayLike, *, renewed: int = 0, level: float | None = 0.95, like: Like | None = None
    ) -> Estimate:
        """Chance that a customer who has made `renewed` renewals makes so many more, S(t) for a new one.

        renewals: whole numbers of 0 or more; one gives a number, a list a column labelled by them.

        >>> ShiftedBetaGeo(0.668, 3.806).survival([7, 8]).value.round(3)
        array([0.489, 0.46 ])
        """
        t, n = _counts("renewals", renewals), _count("renewed", renewed)
        return self._answer(lambda p: _logit_survival(p[0], p[1] + n, t), "logit", level, _names(renewals), like)

    def retention(self, renewals: ArrayLike, *, level: float | None = 0.95, like: Like | None = None) -> Estimate:
        """Share of those who came to the first, second, … renewal that make it: r(t), which rises with t.

        >>> ShiftedBetaGeo(0.668, 3.806).retention([1, 7]).value.round(3)
        array([0.851, 0.936])
        """
        t = _counts("renewals", renewals, 1)
        return self._answer(lambda p: np.log((p[1] + t - 1) / p[0]), "logit", level, _names(renewals), like)

    def churn(
        self, renewals: ArrayLike, *, renewed: int = 0, level: float | None = 0.95, like: Like | None = None
    ) -> Estimate:
        """Chance that a customer who has made `renewed` renewals refuses just the first, second, … from now.

        >>> ShiftedBetaGeo(0.668, 3.806).churn([1, 2]).value.round(3)
        array([0.149, 0.104])
        """
        t, n = _counts("renewals", renewals, 1), _count("renewed", renewed)

        def odds(p: Point) -> Floats:
            left = log_survival(p[0], p[1] + n, t - 1) + np.log(p[0] / (p[0] + p[1] + n + t - 1))
            return np.asarray(left - np.log(-np.expm1(left)))

        return self._answer(odds, "logit", level, _names(renewals), like)

    def project(
        self, customers: float, horizon: int, *, renewed: int = 0, level: float | None = 0.95, like: Like | None = None
    ) -> Estimate:
        """How many of a cohort's customers, who have made `renewed` renewals, are left after each of `horizon` more.

        A column labelled by the renewals made in all. The interval is of the expectation.

        >>> ShiftedBetaGeo(0.668, 3.806).project(491, 2, renewed=7).value.round(0)
        array([462., 438.])
        """
        if not 0 <= customers < np.inf:
            raise ValueError("customers: expected a number of 0 or more")
        if any(np.ndim(column) for column in (like or {}).values()):
            raise ValueError("like: a cohort is of customers who are alike; expected one number for each covariate")
        more, n = np.arange(1.0, _count("horizon", horizon) + 1), _count("renewed", renewed)
        if not customers:
            return expectation(np.zeros(more.size), None, None, shape="log", n=0, labels=_later(more, n))
        return self._answer(
            lambda p: np.log(customers) + log_survival(p[0], p[1] + n, more), "log", level, _later(more, n), like
        )

    def residual(
        self, renewed: ArrayLike, *, discount: float, level: float | None = 0.95, like: Like | None = None
    ) -> Estimate:
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
            like,
        )

    def elasticity(
        self, renewed: ArrayLike, *, discount: float, level: float | None = 0.95, like: Like | None = None
    ) -> Estimate:
        """By how many percent the residual lifetime grows when the retention rate grows by one percent.

        It is each customer's own elasticity, 1 / (1 − r v) at a retention rate r of theirs and v = 1 / (1 + discount),
        averaged over those who make the next renewal. The residual lifetime of the whole cohort answers more, for it is
        owed to those who stay longest. renewed, discount: as for `residual`; infinite where that is.

        >>> round(float(ShiftedBetaGeo(0.668, 3.806).elasticity(7, discount=0.1).value), 2)
        8.0

        Source: Fader & Hardie 2010, equation (8); PyMC-Marketing's retention elasticity at T = renewed + 1.
        """
        n, v = _counts("renewed", renewed), _factor(discount)
        return self._answer(lambda p: np.log(endless(p[0], p[1] + n + 1, v)), "log", level, _names(renewed), like)

    def tenure(
        self, *, discount: float = 0.0, horizon: int | None = None, level: float | None = 0.95, like: Like | None = None
    ) -> Estimate:
        """Periods that a new customer is expected to stay, the first among them, each at present value.

        horizon: periods to count, all unless given; discount: a share a period; without either it is infinite for
        alpha of 1 or less.

        >>> float(ShiftedBetaGeo(2, 3).tenure().value), round(float(ShiftedBetaGeo(2, 3).tenure(horizon=2).value), 9)
        (4.0, 1.6)
        """
        v = _factor(discount)
        if horizon is None:
            return self._answer(lambda p: np.log(endless(p[0], p[1], v)), "log", level, None, like)
        more = _count("horizon", horizon) - 1
        if more < 0:
            raise ValueError("horizon: expected 1 period or more")
        return self._answer(lambda p: np.log1p(passed(p[0], p[1], v, more)), "log", level, None, like)

    def simulate(
        self, renewals: ArrayLike, *, rng: np.random.Generator, like: Like | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Tenures and whether they ended, of new customers who come to so many renewals each, as `Renewals` reads them.

        >>> tenures, churned = ShiftedBetaGeo(0.668, 3.806).simulate([7] * 1000, rng=np.random.default_rng(5))
        >>> Renewals.of_customers(tenures, churned)
        <Renewals: 1,000 customers, 514 lost in 7 periods>
        """
        ends = _counts("renewals", renewals).astype(np.int64).ravel()
        alpha, beta = self._own(self._point, self._alike(like or {}, range(ends.size))[0])
        refused = rng.geometric(np.maximum(rng.beta(alpha, beta, ends.size), 1e-15))
        return np.minimum(refused, ends), refused <= ends

    @classmethod
    def bootstrap(
        cls,
        survivors: Renewals | ArrayLike,
        n: int,
        *,
        rng: np.random.Generator,
        weights: ArrayLike | None = None,
        effects: Asked | None = None,
    ) -> tuple[Self, ...]:
        """Models fitted to n resamples of the customers; resamples that do not determine the model are left out.

        Cohorts are resampled by their single customers, of whom each left at some renewal or is still there.

        >>> some = ShiftedBetaGeo.bootstrap([1000, 631, 468, 382, 326], 3, rng=np.random.default_rng(5))
        >>> [round(model.alpha, 2) for model in some]
        [0.68, 0.65, 0.79]
        """
        seen = renewals_of(survivors, weights)
        determined(seen)
        rows = contracts_of(seen)
        told = rows.covariates if effects else None

        again = partial(Renewals.of_customers, rows.tenures, rows.churned, covariates=told)
        return resampled(lambda drawn: cls.fit(again(drawn), effects=effects), rows.weights, n, rng=rng)


def _logit_survival(alpha: float, beta: float, t: Floats) -> Floats:
    stays = np.minimum(log_survival(alpha, beta, t), 0.0)
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
