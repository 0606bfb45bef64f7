"""How well is a model known, and how good is it? Standard errors, criteria and draws, the same for every model.

Criteria are Akaike's (1974, IEEE Transactions on Automatic Control 19(6)) and Schwarz's (1978, Annals of Statistics
6(2)); draws are Laplace's approximation: normal in the parameters' logarithms around the fit. Resampling customers is
Efron's bootstrap (1979, Annals of Statistics 7(1)).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import FitError
from relmkt.value._models._effects import Effect
from relmkt.value._models._expectations import standard_errors
from relmkt.value._models._likelihood import row_weights
from relmkt.value._summaries._summary import PurchaseSummary

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Estimated", "Fitted", "resampled"]

Floats = NDArray[np.float64]
M = TypeVar("M")


class Estimated:
    """A model of customers with positive parameters, estimated by maximum likelihood."""

    __slots__ = ()
    NAMES: ClassVar[tuple[str, ...]]
    covariance: Floats | None
    effects: tuple[Effect, ...] = ()

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard error of each parameter; NaN for a model that was written down instead of fitted."""
        return standard_errors(self.covariance, (*self.NAMES, *(effect.name for effect in self.effects)))

    def draws(self, n: int, *, rng: np.random.Generator) -> tuple[Self, ...]:
        """Models whose parameters are drawn from the normal law of their logarithms around the fit (Laplace).

        Ask each what you would ask the model: the spread of the answers is that of the parameters.
        """
        if self.covariance is None:
            raise ValueError("draws need a fitted model: parameters that were written down have no covariance")
        logs = rng.multivariate_normal(np.log(self._point), self._covariance_of_logs, n)
        return tuple(self._drawn(row) for row in logs)

    def _drawn(self, logs: Floats) -> Self:
        k = len(self.NAMES)
        told: dict[str, Any] = dict(zip(self.NAMES, np.exp(logs[:k]), strict=True))
        if self.effects:
            told["effects"] = tuple(evolve(e, size=float(v)) for e, v in zip(self.effects, logs[k:], strict=True))
        return evolve(self, **told)  # type: ignore[misc]

    @property
    def _point(self) -> Floats:
        """The parameters, and the factors of the effects."""
        plain = [getattr(self, name) for name in self.NAMES]
        return np.array([*plain, *(np.exp(effect.size) for effect in self.effects)], dtype=np.float64)

    @property
    def _covariance_of_logs(self) -> Floats:
        scale = np.append(self._point[: len(self.NAMES)], np.ones(len(self.effects)))
        return np.asarray(self.covariance) / np.outer(scale, scale)


class Fitted(Estimated):
    """A model of customers that is fitted to a summary of their purchases."""

    __slots__ = ()

    if TYPE_CHECKING:

        def log_likelihood(self, summary: PurchaseSummary, *, weights: ArrayLike | None = None) -> float:
            """What a model brings."""

    def aic(self, summary: PurchaseSummary, *, weights: ArrayLike | None = None) -> float:
        """Akaike's criterion, 2 k − 2 log-likelihood of k parameters: the lower, the better.

        >>> from relmkt.value import BetaGeo
        >>> one = PurchaseSummary([1], [2], [30.43], [38.86], [22.35], "week")
        >>> round(BetaGeo(0.243, 4.414, 0.793, 2.426).aic(one), 2)
        26.92
        """
        return 2 * self._point.size - 2 * self.log_likelihood(summary, weights=weights)

    def bic(self, summary: PurchaseSummary, *, weights: ArrayLike | None = None) -> float:
        """Schwarz's criterion, k log n − 2 log-likelihood of k parameters and n customers: the lower, the better."""
        n = float(row_weights(summary, weights)[self._counted(summary)].sum())
        return self._point.size * float(np.log(n)) - 2 * self.log_likelihood(summary, weights=weights)

    def _counted(self, summary: PurchaseSummary) -> NDArray[np.bool_]:
        """The customers whom the likelihood is of."""
        return np.ones(len(summary), dtype=bool)


def resampled(
    fit: Callable[[NDArray[np.int64]], M], weights: Floats, n: int, *, rng: np.random.Generator
) -> tuple[M, ...]:
    """The fits to n resamples of the customers; resamples that do not determine the model are left out."""
    size, shares = round(float(weights.sum())), weights / weights.sum()
    fits = []
    for _ in range(n):
        with suppress(FitError):
            fits.append(fit(rng.multinomial(size, shares)))
    return tuple(fits)
