"""How do customers who differ buy, or stay? Effects of covariates on the parameters of a model of customers.

Fader & Hardie (2007), "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models". A covariate
multiplies a parameter of its customer by exp(effect × value), so that exp(effect) is the factor for one unit more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import FitError, InvalidFactError
from relmkt.value._models._geometric import blocks
from relmkt.value._models._optimise import Curve
from relmkt.value._summaries._summary import PurchaseSummary

if TYPE_CHECKING:
    from typing import Self

__all__ = [
    "Asked",
    "Effect",
    "Like",
    "Moves",
    "Regression",
    "alike",
    "columns_of",
    "covariates_of",
    "moved_by",
    "wanted",
]

Floats = NDArray[np.float64]
Point = Sequence[Any] | Floats
Asked = Mapping[str, Sequence[str]]
Like = Mapping[str, ArrayLike]  # covariates of whom an answer is about: one number each, or one a row
Moves = Mapping[str, tuple[str, int]]  # by role: the parameter that it moves, and in which direction
STEP = 1e-4  # of a logarithm, for slopes; for curvature, its square root


@frozen
class Effect:
    """What one unit more of a covariate does: the logarithm of the factor by which customers buy or leave faster.

    role: "buying" (the rate of purchases), "leaving" or "staying", as the model has them; covariate: its name in the
    data; size: on the logarithmic scale, above 0 for more of the role.

    >>> round(float(np.exp(Effect("buying", "north", 0.3).size)), 3)  # purchases of the north to those of the south
    1.35
    """

    role: str
    covariate: str
    size: float

    @property
    def name(self) -> str:
        """The effect's name among the parameters, such as "buying: north"."""
        return f"{self.role}: {self.covariate}"


def wanted(effects: Asked, moves: Moves) -> tuple[Effect, ...]:
    """The effects asked for, of size 0; ValueError for a role that the model does not have."""
    for role in effects:
        if role not in moves:
            known = ", ".join(moves) or "none: this model takes no covariates"
            raise ValueError(f"effects: {role!r} is no role of this model, which has {known}")
    return tuple(Effect(role, name, 0.0) for role, names in effects.items() for name in names)


@frozen(eq=False)
class Regression:
    """The log-likelihood of rows whose parameters move with covariates; called with parameters and exp(effects).

    terms: the log-likelihood of each row at parameters of its own, given what `rows` holds of it. Slopes are central
    differences over the plain parameters' logarithms, from which those of effects follow; the Hessian is that of the
    outer products (Berndt, Hall, Hall & Hausman 1974), `information` the observed one.
    """

    terms: Callable[..., Floats]
    rows: tuple[Floats, ...]  # one value a customer each
    weights: Floats
    columns: Floats  # shape (effects, customers)
    effects: tuple[Effect, ...]
    moves: Moves
    names: tuple[str, ...]

    @classmethod
    def of(
        cls,
        terms: Callable[..., Floats],
        rows: Sequence[Floats],
        columns: Floats,
        weights: Floats,
        effects: Sequence[Effect],
        moves: Moves,
        names: Sequence[str],
    ) -> Self:
        """Of the customers whose weight is above 0."""
        kept = weights > 0
        some = tuple(column[kept] for column in rows)
        return cls(terms, some, weights[kept], columns[:, kept], tuple(effects), moves, tuple(names))

    def check(self) -> None:
        """Raises FitError where the covariates of a role say the same, or nothing."""
        for role in dict.fromkeys(effect.role for effect in self.effects):
            same = [c for c, effect in zip(self.columns, self.effects, strict=True) if effect.role == role]
            if np.linalg.matrix_rank(np.stack([np.ones(self.weights.size), *same])) <= len(same):
                raise FitError(f"the covariates of {role} are constant or follow from one another")

    def __call__(self, point: Floats) -> Curve:
        """Value, slope and curvature as the optimiser takes them, in the parameters and in exp(effects)."""
        value, slope, outer = 0.0, np.zeros(point.size), np.zeros((point.size, point.size))
        for rows in blocks(self.weights.size):
            w, base = self.weights[rows], np.log(point)
            plain = np.stack([self._slope(base, rows, i) for i in range(len(self.names))])
            scores = np.einsum("ain,in->an", self._design(rows), plain)
            value += float(w @ self._terms(base, rows))
            slope += scores @ w
            outer += (scores * w) @ scores.T
        return value, slope / point, -(outer + np.diag(slope)) / np.outer(point, point)

    def information(self, point: Floats) -> Floats:
        """The observed information over the logarithms of the parameters and over the effects."""
        k, step = len(self.names), np.sqrt(STEP)
        found = np.zeros((point.size, point.size))
        for rows in blocks(self.weights.size):
            base = np.log(point)

            def at(i: int, j: int, rows: slice = rows, base: Floats = base) -> Floats:
                def moved(a: int, b: int) -> Floats:
                    return self._terms(base + step * (a * np.eye(point.size)[i] + b * np.eye(point.size)[j]), rows)

                bend: Floats = (moved(1, 1) - moved(1, -1) - moved(-1, 1) + moved(-1, -1)) / (4 * step**2)
                return bend

            second = np.zeros((k, k, self.weights[rows].size))
            for i, j in combinations_with_replacement(range(k), 2):
                second[i, j] = second[j, i] = at(i, j)
            spread = self._design(rows)
            found -= np.einsum("ain,ijn,bjn,n->ab", spread, second, spread, self.weights[rows], optimize=True)
        return found

    def _terms(self, logs: Floats, rows: slice) -> Floats:
        columns = self.columns[:, rows]
        point = moved_by(self.effects, self.moves, self.names, np.exp(logs), columns)
        return self.terms(point, *(column[rows] for column in self.rows))

    def _slope(self, logs: Floats, rows: slice, i: int) -> Floats:
        step = STEP * np.eye(logs.size)[i]
        slope: Floats = (self._terms(logs + step, rows) - self._terms(logs - step, rows)) / (2 * STEP)
        return slope

    def _design(self, rows: slice) -> Floats:
        """How the parameters and effects, (all, plain parameters, customers), move the logarithm of each parameter."""
        k = len(self.names)
        told = np.zeros((k + len(self.effects), k, self.weights[rows].size))
        told[np.arange(k), np.arange(k)] = 1.0
        for j, (effect, column) in enumerate(zip(self.effects, self.columns, strict=True)):
            name, sign = self.moves[effect.role]
            told[k + j, self.names.index(name)] = sign * column[rows]
        return told


def covariates_of(summary: PurchaseSummary, effects: Sequence[Effect]) -> Floats:
    """The summary's columns that effects ask for, shape (effects, customers); InvalidFactError where one is missing."""
    return columns_of(summary.covariates, len(summary), effects, "summary.with_covariates({}=…)")


def columns_of(covariates: Mapping[str, Floats], n: int, effects: Sequence[Effect], how: str) -> Floats:
    """Of the covariates of n customers, those that effects ask for; how: what to call for one that is missing."""
    for effect in effects:
        if effect.covariate not in covariates:
            known, name = ", ".join(covariates) or "none", effect.covariate
            raise InvalidFactError("covariates", known, f"{name}: give it by {how.format(name)}")
    found = [covariates[effect.covariate] for effect in effects]
    return np.stack(found) if found else np.zeros((0, n))


def alike(effects: Sequence[Effect], like: Like) -> Floats:
    """What effects ask for of customers with these covariates, shape (effects, 1 or customers); 0 where not told."""
    for name in like:
        if name not in (known := {effect.covariate: None for effect in effects}):
            raise ValueError(f"like: {name!r} has no effect in this model; of effect: {', '.join(known) or 'none'}")
    told = [np.asarray(like.get(effect.covariate, 0.0), dtype=np.float64) for effect in effects]
    sizes = {column.size for column in told if column.ndim}
    if len(sizes) > 1 or not all(column.ndim < 2 and np.isfinite(column).all() for column in told):
        raise ValueError("like: expected a finite number for each covariate, or columns of one length")
    found = [np.broadcast_to(column, max(sizes, default=1)) for column in told]
    return np.stack(found) if found else np.zeros((0, 1))


def moved_by(
    effects: Sequence[Effect], moves: Moves, names: Sequence[str], point: Point, columns: Floats
) -> list[Floats]:
    """The parameters of each customer; point: the plain ones, then the factors of the effects."""
    told = [np.full(columns.shape[1], p) for p in point[: len(names)]]
    for factor, effect, column in zip(point[len(names) :], effects, columns, strict=True):
        name, sign = moves[effect.role]
        i = names.index(name)
        told[i] = told[i] * np.exp(sign * np.log(factor) * column)
    return told
