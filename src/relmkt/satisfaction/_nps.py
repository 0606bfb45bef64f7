"""Would they recommend us? The Net Promoter Score: the share of 9 and 10 less the share of 0 to 6, in points.

Reichheld (2003), The One Number You Need to Grow, Harvard Business Review 81(12), 46-54. Intervals: Rocks (2016),
Interval Estimation for the Net Promoter Score, The American Statistician 70(4), 365-372; Bonett & Price (2012),
Adjusted Wald Confidence Interval for a Difference of Binomial Proportions, J. Educ. Behav. Statistics 37(4), 479-488.
It is a difference of two shares, from −100 to 100, and no percentage.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.satisfaction._grouped import By, Grouped, grouped
from relmkt.scales import Item, Scale

__all__ = ["NPS_QUESTION", "nps"]

Interval = Literal["adjusted Wald", "Wald", "Bonett-Price"]

_ADDED = {"Wald": (0.0, 0.0), "adjusted Wald": (0.75, 3.0), "Bonett-Price": (1.0, 2.0)}
"""What an interval adds to promoters and to detractors, and to all answers (Rocks 2016, table 1)."""

NPS_QUESTION = Item(
    "recommend",
    Scale(0, 10, labels={0: "not at all likely", 10: "extremely likely"}),
    wording="How likely are you to recommend us to a friend or a colleague?",
)
"""The question of the Net Promoter Score, from 0 to 10."""


def nps(
    answers: FactTable | ArrayLike,
    *,
    item: Item = NPS_QUESTION,
    by: By = None,
    weights: ArrayLike | None = None,
    level: float = 0.95,
    interval: Interval = "adjusted Wald",
    detractor: int | None = None,
    promoter: int | None = None,
) -> Estimate:
    """The Net Promoter Score with its interval, in points from −100 to 100: rule R37.

    answers: a `FactTable` of answers (every answer to `item` counts), or an array of scores. item: the question.
    by: labels, one an answer, or of a table the name of a field ("about"): the estimate is then labelled.
    weights: one an answer; the interval then rests on Kish's effective size, n_eff = (Σw)²/Σw².
    interval: "adjusted Wald" (Rocks 2016: three answers added, ¾ of them promoters, ¾ detractors), "Wald", or
    "Bonett-Price" (one of each added); cut at −100 and 100, and none for a single answer.
    detractor, promoter: the highest score of a detractor and the lowest of a promoter. From 0 to 10 they are 6 and 9;
    any other scale has none of its own, so that both must be stated.

    The value is that of the answers as they are, `se` its own standard error 100·√(v/n); only the bounds are adjusted.
    What is off the scale or no whole number is counted `invalid`, what is not answered `missing` (R40). No answer
    gives NaN, n = 0 and a note. Raises ValueError for an item not from 0 to 10 without both break points.

    >>> print(nps([10, 9, 8, 3, 0, 9]))
    16.7 [-43.9, 66.2] 95 %, n = 6 (adjusted Wald)
    >>> print(nps([10, 3, 9], by=["Lyon", "Lyon", "Nice"])["Lyon"].value)
    0.0
    """
    low, high = _cuts(item, detractor, promoter)
    if interval not in _ADDED:
        raise ValueError(f"interval: expected one of {', '.join(_ADDED)}")
    told = grouped(answers, item, by, weights)
    up, down = told.sums(told.weights * (told.values >= high)), told.sums(told.weights * (told.values <= low))
    with np.errstate(invalid="ignore", divide="ignore"):
        fields = _points(told, up, down, level, interval)
    if told.labels is None:
        fields = {name: column[0] for name, column in fields.items()}
    notes = _notes(told, item, low, high)
    return Estimate(**fields, level=level, method=interval, labels=told.labels, notes=notes, digits=1)


def _points(
    told: Grouped, up: NDArray[np.float64], down: NDArray[np.float64], level: float, interval: Interval
) -> dict[str, Any]:
    all_weights = told.sums()
    n_eff = all_weights**2 / told.sums(told.weights**2)
    p, d = up / all_weights, down / all_weights
    each, more = _ADDED[interval]
    size = n_eff + more
    p_near, d_near = (p * n_eff + each) / size, (d * n_eff + each) / size
    half = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(_variance(p_near, d_near) / size)
    half = np.where(told.n > 1, half, np.nan)  # one answer has no spread
    bounds = {"low": p_near - d_near - half, "high": p_near - d_near + half}
    return {
        "value": 100 * (p - d),
        **{name: np.clip(100 * bound, -100, 100) for name, bound in bounds.items()},
        "se": 100 * np.sqrt(_variance(p, d) / n_eff),
        "n": told.n,
        "n_eff": n_eff,
        "missing": told.missing,
        "invalid": told.invalid,
    }


def _variance(p: NDArray[np.float64], d: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of one answer, told as −1, 0 or 1; rounding may not make it negative."""
    return np.maximum(p + d - (p - d) ** 2, 0.0)


def _cuts(item: Item, detractor: int | None, promoter: int | None) -> tuple[int, int]:
    usual = (item.scale.low, item.scale.high) == (0, 10) and not item.reverse
    if not usual and (detractor is None or promoter is None):
        raise ValueError(
            f"{item.name} is answered from {item.scale.low} to {item.scale.high}: NPS is read from 0 to 10; "
            "on another scale state detractor= and promoter=, and do not compare it with an NPS"
        )
    low, high = 6 if detractor is None else detractor, 9 if promoter is None else promoter
    if not item.scale.low <= low < high <= item.scale.high:
        raise ValueError("detractor and promoter: expected two scores of the scale, the first below the second")
    return low, high


def _notes(told: Grouped, item: Item, low: int, high: int) -> tuple[str, ...]:
    if not told.n.any():
        return (told.note,)
    ends = item.scale.low, item.scale.high
    if (low, high, *ends) == (6, 9, 0, 10):
        return ()
    return (f"detractors up to {low}, promoters from {high}, of {ends[0]} to {ends[1]}",)
