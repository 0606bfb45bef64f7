"""How high is the mean answer, on its own scale or as 0 to 100?

Student (1908), The Probable Error of a Mean, Biometrika 6(1), 1-25; Cochran (1977), Sampling Techniques, chapter 2: of
a population that is not large the standard error is √((N − n)/(N − 1)) of what it were. As 0 to 100: Cohen et
al. (1999).
"""

from __future__ import annotations

from collections.abc import Collection
from math import nan, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.satisfaction._counted import By, grouped
from relmkt.satisfaction._grouped import Grouped, Population, finite
from relmkt.scales import Item, student

__all__ = ["mean_bounds", "mean_of", "mean_points", "mean_score"]

Floats = NDArray[np.float64]


def mean_score(
    answers: FactTable | ArrayLike,
    *,
    item: Item,
    by: By = None,
    period: str | None = None,
    zone: str = "UTC",
    weights: ArrayLike | None = None,
    population: Population = None,
    unit: Literal["scale", "0-100"] = "scale",
    level: float = 0.95,
    unsure: Collection[Any] = (),
    least: int | None = None,
) -> Estimate:
    """The mean answer with Student's t interval, on the item's own scale or as an index from 0 to 100.

    answers, by, period, zone, weights, population, unsure, least: as for `nps`; under weights the interval rests on
    n_eff. item: the question; a reversed one is turned, so that high is good. unit: "scale", or "0-100", which is
    100 (mean − low)/(high − low).

    One answer has no interval. No answer gives NaN, n = 0 and a note.

    >>> from relmkt.scales import Scale
    >>> visit = Item("visit", Scale(1, 5))
    >>> print(mean_score([5, 4, 3, 5, 1, None], item=visit))
    3.60 [1.52, 5.68] 95 %, n = 5 (t)
    >>> mean_score([5, 4, 3, 5, 1], item=visit, unit="0-100").value
    65.0

    Source: Student 1908; Cochran 1977; Cohen et al. 1999.
    """
    if unit not in ("scale", "0-100"):
        raise ValueError("unit: expected 'scale' or '0-100'")
    told = grouped(answers, item, by, weights, period=period, zone=zone, unsure=unsure)
    worth = item.scored(told.steps)
    notes: tuple[str, ...] = (f"from {item.scale.low} to {item.scale.high}, of valid answers only",)
    if unit == "0-100":
        worth = 100 * (worth - item.scale.low) / (item.scale.high - item.scale.low)
        notes = (f"0 to 100 for {item.scale.low} to {item.scale.high}, of valid answers only",)
    return mean_points(told, worth, level, population, notes, least)


def mean_points(
    told: Grouped, worth: Floats, level: float, population: Population, notes: tuple[str, ...], least: int | None
) -> Estimate:
    """The mean of what the answers are worth, by group, with Student's interval."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = told.sums(worth) / told.total
        from_low = worth - worth[0]  # whole numbers keep their sums exact, whatever the order of the answers
        spread = told.sums(from_low**2) - told.sums(from_low) ** 2 / told.total
        sd = np.sqrt(np.maximum(spread, 0.0) / told.total * told.n_eff / (told.n_eff - 1))
        low, high, se = mean_bounds(mean, sd, told.n_eff, level, finite(told, population))
    fields = {"value": mean, "low": low, "high": high, "se": se}
    if told.weight is not None:
        fields["n_eff"] = told.n_eff
    return told.told(fields, notes, least, level=level, method="t")


def mean_bounds(mean: Floats, sd: Floats, n: Floats, level: float, rest: Floats) -> tuple[Floats, Floats, Floats]:
    """Bounds and standard errors; rest: what a finite population leaves of them. None below two answers."""
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.where(n > 1, sd / np.sqrt(n) * rest, np.nan)
    half = _students(n, level) * se
    return mean - half, mean + half, se


def _students(n: Floats, level: float) -> Floats:
    """Student's quantile for each group, at n − 1 degrees of freedom (rounded down), NaN below one."""
    freedom, place = np.unique(np.floor(np.nan_to_num(n) * (1 + 1e-9)) - 1, return_inverse=True)  # 4.999… is 5
    told = [student(level, int(one)) if one >= 1 else nan for one in freedom.tolist()]
    return np.array(told, np.float64)[place]


def mean_of(mean: float, sd: float, n: int, *, population: float | None = None, level: float = 0.95) -> Estimate:
    """The interval of a mean of which only the figures are printed: mean, standard deviation and how many.

    mean, sd: in one unit; sd: of the sample, over n − 1. n: how many answered. population: how many there are in all.

    Raises ValueError for a negative sd, an n below 1, or a population smaller than n.

    >>> print(mean_of(3.9, 0.8, 64))
    3.9 [3.7, 4.1] 95 %, n = 64 (t)

    Source: Student 1908; Cochran 1977.
    """
    if not (sd >= 0 and n >= 1 and (population is None or population >= n)):
        raise ValueError("expected an sd of 0 or more, an n of 1 or more, and a population not smaller than n")
    rest = 1.0 if population is None else sqrt((population - n) / max(population - 1, 1))
    se = sd / sqrt(n) * rest if n > 1 else nan
    half = student(level, n - 1) * se if n > 1 else nan
    return Estimate(mean, mean - half, mean + half, level, n, "t", se=se)
