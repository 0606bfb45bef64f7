"""What attitude goes with this behaviour? Learnt where both are known, and told as a proxy where one is.

On the customers who were asked, the score is regressed on what they do; for the others the line, or the logistic curve,
gives a proxy. Linear: least squares with the prediction interval of one new customer (Draper & Smith 1998, Applied
Regression Analysis). Logistic: maximum likelihood by Newton's steps, interval on the logit (Hosmer &
Lemeshow 2000, Applied Logistic Regression, chapter 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import FitError
from relmkt.loyalty._sourced import Source, Sourced
from relmkt.scales import student
from relmkt.scales._quantiles import normal_quantile

__all__ = ["LinearCalibration", "LogisticCalibration"]

Floats = NDArray[np.float64]
STEPS = 60


def _row(told: Sequence[float]) -> tuple[float, ...]:
    return tuple(map(float, told))


def _square(told: Any) -> tuple[tuple[float, ...], ...] | None:
    return None if told is None else tuple(tuple(map(float, row)) for row in told)


def _design(behaviour: ArrayLike) -> Floats:
    """A column of ones before what the customers do: shape (n,) for one figure, (n, p) for several."""
    told = np.asarray(behaviour, np.float64)
    if told.ndim not in (1, 2):
        raise ValueError("behaviour: expected a row a customer, a column a figure")
    rows = told.reshape(len(told), -1)
    return np.column_stack([np.ones(len(rows)), rows])


def _overlap(behaviour: ArrayLike, asked: ArrayLike) -> tuple[Floats, Floats]:
    """The customers of whom both are known. Raises FitError where they cannot carry the fit."""
    x, y = _design(behaviour), np.asarray(asked, np.float64)
    if y.shape != (len(x),):
        raise ValueError("behaviour and answers: expected one row a customer in both")
    known = ~np.isnan(y) & ~np.isnan(x).any(axis=1)
    x, y = x[known], y[known]
    if len(x) < x.shape[1] + 1 or np.linalg.matrix_rank(x) < x.shape[1]:
        raise FitError(f"{len(x)} customers with both do not carry {x.shape[1]} coefficients", {})
    return x, y


@frozen
class LinearCalibration:
    """The score that goes with a behaviour: b0 + b1·x1 + …, with the prediction interval of one customer.

    coefficients: b0, b1, …. covariance: of them, and sigma: of a customer around the line, with `freedom` degrees of
    freedom; without these (typed in, not fitted) there is no interval.

    >>> line = LinearCalibration.fit([1, 2, 3, 4, 5], [2.1, 3.9, 6.2, 7.8, 10.1])
    >>> print(line.proxy([6])["0"])
    11.99 [11.12, 12.86] 95 %, n = 5 (prediction), proxy

    Source: Draper & Smith 1998.
    """

    coefficients: tuple[float, ...] = field(converter=_row)
    covariance: tuple[tuple[float, ...], ...] | None = field(default=None, converter=_square)
    sigma: float = float("nan")
    freedom: int = 0

    @classmethod
    def fit(cls, behaviour: ArrayLike, scores: ArrayLike) -> LinearCalibration:
        """Least squares on the customers of whom both are known.

        behaviour: shape (n,) or (n, p). scores: shape (n,), NaN where not asked. Raises FitError for too few of them,
        or figures that say the same.
        """
        x, y = _overlap(behaviour, scores)
        found = np.linalg.lstsq(x, y, rcond=None)[0]
        freedom = len(y) - x.shape[1]
        variance = float(((y - x @ found) ** 2).sum()) / freedom
        spread = variance * np.linalg.inv(x.T @ x)
        return cls(found.tolist(), spread.tolist(), float(np.sqrt(variance)), freedom)

    def proxy(self, behaviour: ArrayLike, *, labels: Iterable[Any] | None = None, level: float = 0.95) -> Sourced:
        """The proxy of each customer, NaN where the behaviour is unknown: shape (n,) or (n, p) in, a column out."""
        x = _design(behaviour)
        value = x @ np.array(self.coefficients)
        se = np.sqrt(self.sigma**2 + _variance(x, self.covariance))
        half = student(level, self.freedom) * se if self.freedom else np.full(len(x), np.nan)
        n = self.freedom + len(self.coefficients) if self.freedom else 0
        return _told(value, value - half, value + half, n, level, "prediction", labels, se)


@frozen
class LogisticCalibration:
    """How likely is a high attitude beside a behaviour: 1 / (1 + exp(−(b0 + b1·x1 + …))), from 0 to 1.

    coefficients: b0, b1, …. covariance: of them; without it (typed in, not fitted) there is no interval. n: customers
    of the fit.

    >>> print(LogisticCalibration([-2, 3]).proxy([0.7])["0"])
    0.52, n = 0 (logit), proxy

    Source: Hosmer & Lemeshow 2000.
    """

    coefficients: tuple[float, ...] = field(converter=_row)
    covariance: tuple[tuple[float, ...], ...] | None = field(default=None, converter=_square)
    n: int = 0

    @classmethod
    def fit(cls, behaviour: ArrayLike, high: ArrayLike) -> LogisticCalibration:
        """Maximum likelihood on the customers of whom both are known.

        behaviour: shape (n,) or (n, p). high: shape (n,), 1 for a high attitude, 0 for none, NaN where not asked.
        Raises FitError where the behaviour parts the two wholly, for then no curve is the likeliest; ValueError for
        anything but 0 and 1.
        """
        x, y = _overlap(behaviour, high)
        if not np.isin(y, (0, 1)).all():
            raise ValueError("high: expected 1 for a high attitude, 0 for none")
        found = np.zeros(x.shape[1])
        for _ in range(STEPS):
            p = _expit(x @ found)
            information = (x.T * (p * (1 - p))) @ x
            if np.linalg.cond(information) > 1 / np.finfo(float).eps:
                break
            step = np.linalg.solve(information, x.T @ (y - p))
            found = found + step
            if np.abs(step).max() <= 1e-10 * (1 + np.abs(found).max()):
                return cls(found.tolist(), np.linalg.inv(information).tolist(), len(y))
        last = {f"b{place}": value for place, value in enumerate(found.tolist())}
        raise FitError("the behaviour parts high from low attitudes wholly: no curve is the likeliest", last)

    def proxy(self, behaviour: ArrayLike, *, labels: Iterable[Any] | None = None, level: float = 0.95) -> Sourced:
        """The proxy of each customer, NaN where the behaviour is unknown: shape (n,) or (n, p) in, a column out."""
        x = _design(behaviour)
        logit = x @ np.array(self.coefficients)
        se = np.sqrt(_variance(x, self.covariance))
        half = normal_quantile(level) * se
        value = _expit(logit)
        low, high = _expit(logit - half), _expit(logit + half)
        return _told(value, low, high, self.n, level, "logit", labels, value * (1 - value) * se)


def _expit(logit: Floats) -> Floats:
    found: Floats = 0.5 * (1 + np.tanh(logit / 2))  # does not overflow
    return found


def _variance(x: Floats, covariance: tuple[tuple[float, ...], ...] | None) -> Floats:
    """Of the line at each row; NaN where it was not fitted."""
    if covariance is None:
        return np.full(len(x), np.nan)
    return np.asarray(((x @ np.array(covariance)) * x).sum(axis=1))


def _told(
    value: Floats,
    low: Floats,
    high: Floats,
    n: int,
    level: float,
    method: str,
    labels: Iterable[Any] | None,
    se: Floats,
) -> Sourced:
    names = range(len(value)) if labels is None else labels
    return Sourced(Estimate(value, low, high, level, n, method, names, se=se), Source.PROXY)
