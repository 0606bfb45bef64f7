"""How likely are renewals made and refused, and which beta law makes them likeliest? The sBG's fit.

Fader & Hardie (2007), "How to project customer retention", Journal of Interactive Marketing 21(1), appendix B. With
covariates, the parameters of each customer are their own, as in Fader & Hardie's note on those of the Pareto/NBD.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import FitError
from relmkt.value._models._buying import Point
from relmkt.value._models._contracts import Contracts
from relmkt.value._models._effects import Effect, Regression, columns_of
from relmkt.value._models._fitting import regressed
from relmkt.value._models._optimise import Curve, Maximum, maximise
from relmkt.value._models._renewals import Renewals
from relmkt.value._numbers._special import log_rising

__all__ = [
    "MOVES",
    "NAMES",
    "ShiftedLikelihood",
    "alone",
    "contracts_of",
    "determined",
    "log_survival",
    "moving",
    "of_effects",
    "renewals_of",
]

Floats = NDArray[np.float64]
NAMES = ("alpha", "beta")
MOVES = {"leaving": ("alpha", 1), "staying": ("beta", 1)}
ALIKE = "not identified: retention does not rise with tenure, so that one chance to leave for all fits as well"


@frozen(eq=False)
class ShiftedLikelihood:
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


def alone(seen: Renewals, penalty: float) -> Maximum:
    """The parameters of the greatest likelihood, the same law for all customers."""
    determined(seen)
    likelihood = ShiftedLikelihood(seen.kept, seen.lost)
    try:
        best = maximise(likelihood, np.ones(2), NAMES, penalty=penalty)
    except FitError as error:
        raise FitError(_why(error), error.parameters) from error
    if not penalty and best.value - likelihood.alike < 1e-6:
        raise FitError(ALIKE, dict(zip(NAMES, best.point.tolist(), strict=True)))
    return best


def moving(seen: Renewals, effects: Sequence[Effect], penalty: float) -> tuple[Floats, Floats, tuple[Effect, ...]]:
    """Parameters and effects of the greatest likelihood, with the covariance of both."""
    rows, near = of_effects(seen, effects), np.ones(2)
    determined(seen)
    with suppress(FitError):  # where cohorts that differ were seen for different times, all together may look alike
        near = alone(seen, penalty).point
    try:
        return regressed(rows, near, np.ones(2), penalty)
    except FitError as error:
        raise FitError(_why(error), error.parameters) from error


def of_effects(seen: Renewals, effects: Sequence[Effect]) -> Regression:
    """The likelihood of parameters and effects; InvalidFactError for a covariate that the renewals lack."""
    rows = seen.contracts or Contracts([], [], [], {})
    columns = columns_of(rows.covariates, rows.tenures.size, effects, "covariates={{{!r}: …}} of Renewals")
    return Regression.of(_terms, (rows.tenures, rows.churned), columns, rows.weights, effects, MOVES, NAMES)


def contracts_of(seen: Renewals) -> Contracts:
    """The single customers, with their covariates where these are known."""
    return seen.contracts or Contracts.of_counts(seen.kept, seen.lost, seen.customers)


def renewals_of(survivors: Renewals | ArrayLike, weights: ArrayLike | None) -> Renewals:
    """What a method was given, as renewals; TypeError for weights of what has its own."""
    if not isinstance(survivors, Renewals):
        return Renewals.of_cohorts(survivors, weights)
    if weights is not None:
        raise TypeError("weights: renewals have theirs already")
    return survivors


def log_survival(alpha: Any, beta: Any, t: Floats | float) -> Floats:
    """Logarithm of the chance to make the next t renewals."""
    answer: Floats = log_rising(beta, t) - log_rising(alpha + beta, t)
    return answer


def _terms(point: Point, tenures: Floats, churned: Floats) -> Floats:
    """Log-likelihood of each row: the renewals made, and the one refused."""
    alpha, beta = point
    made = tenures - churned
    refused: Floats = churned * np.log(alpha / (alpha + beta + made))
    return log_survival(alpha, beta, made) + refused


def determined(seen: Renewals) -> None:
    """Raises FitError where the renewals cannot tell the two parameters."""
    came = seen.kept + seen.lost
    for wrong, why in (
        (not came.any(), "no renewal was seen yet: the chance to leave is not determined"),
        (not seen.lost.any(), "nobody left: the chance to leave is not determined"),
        (not seen.kept.any(), "everybody left at the first renewal: nothing tells the customers apart"),
        ((came > 0).sum() < 2, "one renewal was seen: how the chance to leave differs between customers needs two"),
    ):
        if wrong:
            raise FitError(why)


def _why(error: FitError) -> str:
    """Words for the bound that a fit ran to."""
    plain = [value for name, value in (error.parameters or {}).items() if name in NAMES]
    if plain and min(plain) > 100:
        return ALIKE
    if plain and max(plain) < 0.01:
        return "not identified: after the first renewal nobody seems ever to leave"
    return str(error)
