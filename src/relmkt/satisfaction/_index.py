"""How satisfied is the base, from 0 to 100, over several questions? A satisfaction index.

Fornell (1992), A National Customer Satisfaction Barometer: The Swedish Experience, Journal of Marketing 56(1), 6-21;
Fornell, Johnson, Anderson, Cha & Bryant (1996), The American Customer Satisfaction Index: Nature, Purpose, and
Findings, Journal of Marketing 60(4), 7-18: 100·(Σ wᵢx̄ᵢ − Σ wᵢ)/(9·Σ wᵢ) for items from 1 to 10, which is the
weighted mean of items told as 0 to 100. Weights are the firm's own: given, equal, or fitted, and then the interval
is a bootstrap's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.exceptions import FitError
from relmkt.rules import Measure
from relmkt.satisfaction._counted import By
from relmkt.satisfaction._grouped import thin
from relmkt.satisfaction._mean_score import mean_bounds
from relmkt.satisfaction._respondents import Respondents, respondents
from relmkt.scales import Answered, Item
from relmkt.scales._item import of_items
from relmkt.scales._mean import weighted_means
from relmkt.scales._pomp import pomp
from relmkt.windows import Instant

__all__ = ["SatisfactionIndex"]

Floats = NDArray[np.float64]
Fitted = Callable[[Floats], ArrayLike]

_EQUAL: tuple[float, ...] = ()


def _weights(given: Sequence[float] | Floats | Fitted | None) -> tuple[float, ...] | Fitted:
    return _EQUAL if given is None else given if callable(given) else tuple(map(float, given))


@frozen
class SatisfactionIndex:
    """Several items told as one score from 0 to 100.

    Each answer is told as 0 to 100 of its own scale, turned where its item is reversed, so that items may be answered
    on several scales; a respondent's score is the weighted mean over the items answered, and the index is the mean
    score.

    items: each under a name of its own. weights: one an item, zero or more and not all zero, of any sum; None: equal;
    or a function that fits them: it is given the answers as 0 to 100, shape (respondents, items), NaN where there is
    none, and returns the weights. answered: how many items a respondent has to have answered to have a score, at least.

    Raises ValueError for no items or two of one name, for weights of another number, negative or all zero, and for
    `answered` below 1 or above the number of items.

    >>> from relmkt.scales import Scale
    >>> index = SatisfactionIndex(Scale(1, 10).items("overall", "expected", "ideal"), answered=2)
    >>> survey = {"overall": [10, 7, 4, 9], "expected": [9, 6, None, 9], "ideal": [8, 5, None, 9]}
    >>> index.scores(survey).round(2).tolist()
    [88.89, 55.56, nan, 88.89]
    >>> print(index.score(survey))
    77.8 [30.0, 125.6] 95 %, n = 3 (t)

    Source: Fornell 1992; Fornell et al. 1996.
    """

    items: Sequence[Item] = field(converter=of_items)
    weights: Any = field(default=None, converter=_weights)
    answered: int = field(default=1, kw_only=True)

    def __attrs_post_init__(self) -> None:
        names = [item.name for item in self.items]
        if not names or len(set(names)) < len(names):
            raise ValueError("items: expected at least one item, each with a name of its own")
        if not callable(self.weights) and self.weights and not _usable(np.array(self.weights), len(names)):
            raise ValueError(f"weights: expected {len(names)} numbers, zero or more, not all zero")
        if not 1 <= self.answered <= len(names):
            raise ValueError(f"answered: expected a number of items, from 1 to {len(names)}")

    def of_means(self, means: ArrayLike) -> float:
        """The index of which only the items' means are printed, in the items' order, each on its own scale.

        Raises ValueError for another number of means, or for weights that are to be fitted.

        >>> from relmkt.scales import Scale
        >>> index = SatisfactionIndex(Scale(1, 10).items("overall", "expected", "ideal"), [2, 1, 1])
        >>> round(index.of_means([8, 7, 6]), 6)
        69.444444

        Source: Fornell et al. 1996.
        """
        told = np.asarray(means, np.float64)
        if told.shape != (len(self.items),) or callable(self.weights):
            raise ValueError(f"means: expected {len(self.items)} of them, and weights that are given")
        weights = self._given()
        return float(self._turned(told[None, :])[0] @ weights / weights.sum())

    def scores(self, answers: Any) -> Floats:
        """One score a respondent, from 0 to 100; NaN where fewer items than `answered` have a valid answer.

        answers: a column an item, in anything `given` reads, or a `FactTable` of answers (each subject's newest answer
        to each item, in the order of its `ids`). Returns shape (respondents,). Fitted weights are those of all of them.
        """
        told = respondents(answers, self.items, each_id=True)
        weights = self._fitted(told.values[told.pattern]) if callable(self.weights) else self._given()
        scores: Floats = self._scored(told.values, weights)[told.pattern]
        return scores

    def score(
        self,
        answers: Any,
        *,
        by: By = None,
        period: str | None = None,
        zone: str = "UTC",
        level: float = 0.95,
        least: int | None = None,
        rng: np.random.Generator | None = None,
        resamples: int = 2_000,
    ) -> Estimate:
        """The index of the base, or of each group, with its interval.

        answers: as for `scores`. by: labels, one a respondent, or of a table a field of `Answer` such as "about"; then,
        and with a period (as for `nps`), a subject's newest answers within each group count once there. least: as for
        `nps`. With weights given or equal the interval is Student's, of the scores' sd/√n; with fitted weights it is
        the percentiles of `resamples` draws of each group's respondents by `rng`, each with weights of its own.

        n: respondents with a score; missing: respondents without one; invalid: answers off their scale. Nobody with a
        score: NaN, n = 0 and a note. Raises ValueError for fitted weights without `rng`, FitError for fitted weights
        that are negative or all zero.
        """
        told = respondents(answers, self.items, by=by, period=period, zone=zone)
        if callable(self.weights):
            return self._drawn(told, level, least, rng, resamples)
        n, mean, sd = told.moments(self._scored(told.values, self._given()))
        low, high, se = mean_bounds(mean, sd, n.astype(np.float64), level, np.ones(told.size))
        return self._told(told, n, {"value": mean, "low": low, "high": high, "se": se}, least, level, "t")

    @property
    def measure(self) -> Measure:
        """The score of one customer, from 0 to 100, by the newest answer to each item: what `scores` gives everyone.

        Raises ValueError for weights that are to be fitted: they depend on the base.

        >>> from relmkt.scales import Scale
        >>> print(SatisfactionIndex(Scale(1, 10).items("overall", "expected")).measure >= 80)
        satisfaction index >= 80
        """
        if callable(self.weights):
            raise ValueError("weights: fitted ones depend on the base; give numbers, and one customer has a score")
        return _Asked("satisfaction index", Answered(tuple(self.items)), _OfOne(self))

    def _told(
        self,
        told: Respondents,
        n: NDArray[np.int64],
        columns: dict[str, Any],
        least: int | None,
        level: float,
        how: str,
    ) -> Estimate:
        columns = {**columns, "n": n, "missing": told.among - n, "invalid": told.invalid}
        if told.labels is None:
            columns = {name: column[0] for name, column in columns.items()}
        names = ", ".join(item.name for item in self.items)
        notes = thin(n, told.labels, least) if n.any() else (f"nobody answered enough of {names}",)
        return Estimate(**columns, level=level, method=how, labels=told.labels, notes=notes, digits=1)

    def _drawn(
        self, told: Respondents, level: float, least: int | None, rng: np.random.Generator | None, resamples: int
    ) -> Estimate:
        if rng is None or resamples < 2:
            raise ValueError("rng, resamples: fitted weights need a numpy.random.Generator and two draws or more")
        columns = {name: np.full(told.size, np.nan) for name in ("value", "low", "high", "se")}
        counts, every, place = np.zeros(told.size, np.int64), told.pattern, told.place
        enough = np.count_nonzero(~np.isnan(told.values), axis=1)[every] >= self.answered
        for row in range(told.size):
            patterns = every[enough & (place == row)]
            counts[row] = len(patterns)
            if len(patterns):
                columns["value"][row] = self._mean(told.values[patterns])
            if len(patterns) > 1:
                again = (rng.choice(patterns, len(patterns)) for _ in range(resamples))
                means = np.array([self._mean(told.values[drawn]) for drawn in again])
                columns["low"][row], columns["high"][row] = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
                columns["se"][row] = means.std(ddof=1)
        return self._told(told, counts, columns, least, level, "bootstrap")

    def _mean(self, values: Floats) -> float:
        """The mean score of some respondents under the weights fitted to them."""
        return float(np.nanmean(self._scored(values, self._fitted(values))))

    def _fitted(self, values: Floats) -> Floats:
        weights = np.asarray(self.weights(self._turned(values)), np.float64)
        if not _usable(weights, len(self.items)):
            raise FitError("the fitted weights are negative, all zero, or not one an item")
        return weights

    def _given(self) -> Floats:
        return np.array(self.weights or (1.0,) * len(self.items))

    def _turned(self, values: Floats) -> Floats:
        """Answers, a column an item, as 0 to 100, where high is good."""
        return np.column_stack(
            [pomp(item.scored(values[:, place]), item.scale) for place, item in enumerate(self.items)]
        )

    def _scored(self, values: Floats, weights: Floats) -> Floats:
        return weighted_means(self._turned(values), weights, self.answered)


@frozen(cache_hash=True)
class _OfOne:
    """The index of one customer's newest answers."""

    index: SatisfactionIndex

    def __call__(self, facet: Answered, at: Instant) -> float:
        newest = facet.newest or (None,) * len(facet.items)
        told = {item.name: [score] for item, score in zip(facet.items, newest, strict=True)}
        return float(self.index.scores(told)[0])


@frozen(order=False, cache_hash=True, repr=False)
class _Asked(Measure):
    """A measure that answers for everyone at once."""

    def everyone(self, table: FactTable, at: Instant) -> Floats:
        """The scores of all customers of a table that holds no fact after `at`, in its order."""
        told: _OfOne = self.ask  # type: ignore[assignment]
        return told.index.scores(table)


def _usable(weights: Floats, items: int) -> bool:
    return weights.shape == (items,) and bool((np.isfinite(weights) & (weights >= 0)).all() and weights.any())
