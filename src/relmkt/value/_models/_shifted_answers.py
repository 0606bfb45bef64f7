"""How sure is an answer about renewals, and for whom does it hold? Intervals, infinite means, customers who differ.

Intervals are of expectations, by the delta method from the parameters' Laplace covariance, in logarithms or log odds
(Wasserman 2004, "All of Statistics", theorem 9.28). With effects, parameters are of the customers an answer is about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.value._models._buying import Point
from relmkt.value._models._effects import Like, Moves, alike, moved_by
from relmkt.value._models._expectations import expectation, parameter_text
from relmkt.value._models._fitted import Estimated

__all__ = ["ShiftedAnswers"]

Floats = NDArray[np.float64]
STEP = 1e-4  # of a parameter's logarithm, for central differences
NO_MEAN = "infinite: with alpha of 1 or less, there is no mean without a discount"


class ShiftedAnswers(Estimated):
    """How a model of renewals shows itself and answers; the questions are its own."""

    __slots__ = ()
    MOVES: ClassVar[Moves]
    customers: int

    def __repr__(self) -> str:
        told = [f"{name}={parameter_text(getattr(self, name))}" for name in self.NAMES]
        return f"{type(self).__name__}({', '.join(told + ([f'effects={self.effects!r}'] if self.effects else []))})"

    def _answer(
        self,
        asked: Callable[[Point], Floats],
        shape: Literal["log", "logit"],
        level: float | None,
        labels: Sequence[Any] | None,
        like: Like | None,
    ) -> Estimate:
        """What is asked for in logarithms or log odds, with the standard error that the parameters leave it."""
        columns, labels = self._alike(like or {}, labels)

        def on_scale(point: Floats) -> Floats:
            return np.atleast_1d(asked(self._own(point, columns)))

        found = on_scale(self._point)
        value = np.exp(found) if shape == "log" else np.exp(-np.logaddexp(0.0, -found))
        unbounded = np.isinf(value)  # for some, where their covariates leave them an alpha of 1 or less
        notes = (NO_MEAN,) if unbounded.any() else ()
        if level is None or self.covariance is None or unbounded.all():
            known = None if unbounded.all() else level
            return expectation(value, None, known, shape=shape, n=self.customers, labels=labels, notes=notes)
        spread = np.where(unbounded, np.nan, self._spread(on_scale))
        return expectation(value, spread, level, shape=shape, n=self.customers, labels=labels, notes=notes)

    def _spread(self, on_scale: Callable[[Floats], Floats]) -> Floats:
        point, ways = self._point, STEP * np.eye(self._point.size)
        with np.errstate(invalid="ignore"):
            slopes = [(on_scale(point * np.exp(w)) - on_scale(point * np.exp(-w))) / (2 * STEP) for w in ways]
        found = np.nan_to_num(np.stack(slopes), posinf=0.0, neginf=0.0)
        spread: Floats = np.sqrt(np.maximum(((self._covariance_of_logs @ found) * found).sum(axis=0), 0.0))
        return spread

    def _own(self, point: Point, columns: Floats) -> Point:
        """The parameters of customers with these covariates."""
        return moved_by(self.effects, self.MOVES, self.NAMES, point, columns) if self.effects else point

    def _alike(self, like: Like, labels: Sequence[Any] | None) -> tuple[Floats, Sequence[Any] | None]:
        """Columns of covariates, and labels: rows by number where there is a customer a row."""
        columns = alike(self.effects, like)
        if not any(np.ndim(column) for column in like.values()):
            return columns, labels
        if labels is not None and len(labels) != columns.shape[1]:
            raise ValueError(f"like: {columns.shape[1]} customers, but {len(labels)} to answer for")
        return columns, range(columns.shape[1])
