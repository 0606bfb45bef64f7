"""Would they recommend us? The Net Promoter Score: the share of 9 and 10 less the share of 0 to 6, in points.

Reichheld (2003), The One Number You Need to Grow, Harvard Business Review 81(12), 46-54; the intervals are those of
Rocks (2016) and Bonett & Price (2012). It is a difference of two shares, from −100 to 100, and no percentage.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.satisfaction._counted import By, grouped
from relmkt.satisfaction._grouped import Grouped, Population, finite
from relmkt.satisfaction._nps_bounds import Interval, bootstrap_bounds, net_shares, wald_bounds
from relmkt.satisfaction._sample_size import answers_needed
from relmkt.scales import Item, Scale

__all__ = ["NPS_QUESTION", "cuts_of", "net_points", "nps", "nps_sample_size"]

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
    period: str | None = None,
    zone: str = "UTC",
    weights: ArrayLike | None = None,
    population: Population = None,
    level: float = 0.95,
    interval: Interval = "adjusted Wald",
    detractor: int | None = None,
    promoter: int | None = None,
    unsure: Collection[Any] = (),
    least: int | None = None,
    rng: np.random.Generator | None = None,
) -> Estimate:
    """The Net Promoter Score with its interval, in points from −100 to 100: rule R37.

    answers: a `FactTable` of answers (every answer to `item` counts), or an array of scores. item: the question.
    by: labels, one an answer, or of a table the name of a field ("about"): the estimate is then labelled.
    period, zone: of a table, "day", "week", "month", "quarter" or "year" of a zone's calendar: a score of each, under
    its ISO name ("2026-03"), or with `by` of each pair ("Lyon, 2026-03").
    weights: one an answer; the interval then rests on Kish's effective size, n_eff = (Σw)²/Σw².
    population: how many there are in all, with groups a mapping of each label to its number: the standard error is
    multiplied by √((N − n)/(N − 1)), and where all have answered nothing is added and the bounds are the score.
    interval: "adjusted Wald" (Rocks 2016: three answers added, ¾ of them promoters, ¾ detractors), "Wald",
    "Bonett-Price" (one of each added) or "bootstrap" (percentiles of 2,000 samples, which needs `rng`); cut at −100
    and 100, and none for a single answer.
    detractor, promoter: the highest score of a detractor and the lowest of a promoter. From 0 to 10 they are 6 and 9;
    any other scale has none of its own, so that both must be stated.
    unsure: numbers or words that mean "I do not know": counted missing. least: a minimum of answers; a note names the
    groups that have fewer.

    The value is that of the answers as they are, `se` its own standard error 100·√(v/n); only the bounds are adjusted.
    What is off the scale or no whole number is counted `invalid`, what is not answered `missing` (R40). No answer
    gives NaN, n = 0 and a note. Raises ValueError for an item not from 0 to 10 without both break points, for a
    population smaller than the answers, and for the bootstrap without `rng`.

    >>> print(nps([10, 9, 8, 3, 0, 9]))
    16.7 [-43.9, 66.2] 95 %, n = 6 (adjusted Wald)
    >>> print(nps([10, 3, 9], by=["Lyon", "Lyon", "Nice"])["Lyon"].value)
    0.0

    Source: Reichheld 2003; Rocks 2016; Bonett & Price 2012.
    """
    cuts = cuts_of(item, detractor, promoter)
    told = grouped(answers, item, by, weights, period=period, zone=zone, unsure=unsure)
    return net_points(told, cuts, level, interval, population, rng, _notes(item, *cuts), least)


def net_points(
    told: Grouped,
    cuts: tuple[int, int],
    level: float,
    interval: Interval,
    population: Population,
    rng: np.random.Generator | None,
    notes: tuple[str, ...],
    least: int | None,
) -> Estimate:
    """The share at or above one cut less the share at or below the other, in points."""
    if interval not in get_args(Interval):
        raise ValueError(f"interval: expected one of {', '.join(get_args(Interval))}")
    if not 0 < level < 1:
        raise ValueError("level: the share of an interval lies between 0 and 1")
    shares, rest = net_shares(told, cuts[1], cuts[0]), finite(told, population)
    if interval != "bootstrap":
        bounds = wald_bounds(shares, level, interval, rest)
    elif rng is None:
        raise ValueError("rng: the bootstrap draws answers, and needs a numpy.random.Generator")
    else:
        bounds = bootstrap_bounds(told, shares, cuts, level, rng, rest)
    some = (told.n > 1) & (told.n_eff > 1)  # one has no spread, nor has one that bears all the weight
    low, high = (np.where(some, np.clip(100 * bound, -100, 100), np.nan) for bound in bounds)
    fields = {"value": 100 * shares.net, "low": low, "high": high, "se": 100 * shares.se * rest, "n_eff": told.n_eff}
    return told.told(fields, notes, least, level=level, method=interval, digits=1)


def cuts_of(item: Item, detractor: int | None, promoter: int | None) -> tuple[int, int]:
    """The highest score of a detractor and the lowest of a promoter."""
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


def _notes(item: Item, low: int, high: int) -> tuple[str, ...]:
    ends = item.scale.low, item.scale.high
    if (low, high, *ends) == (6, 9, 0, 10):
        return ()
    return (f"detractors up to {low}, promoters from {high}, of {ends[0]} to {ends[1]}",)


def nps_sample_size(
    margin: float, *, variance: float = 1.0, level: float = 0.95, population: float | None = None
) -> int:
    """How many answers give a Wald interval of so many points on either side: n = z²·v/(m/100)², rounded up.

    margin: half of the interval's width, in points, above 0. variance: of one answer told as −1, 0 or 1, from 0 to 1;
    1, the most there is, stands where half are promoters and half detractors, and 2/3 where the three are equal.
    population: how many there are to ask, where they are few: n/(1 + (n − 1)/N).

    Raises ValueError for a margin, a variance or a level outside.

    >>> nps_sample_size(8), nps_sample_size(8, variance=2 / 3), nps_sample_size(8, population=1_000)
    (601, 401, 376)

    Source: the Wald interval solved for n; Cochran (1977), Sampling Techniques, chapter 4, for the population.
    """
    if not (margin > 0 and 0 <= variance <= 1 and 0 < level < 1):
        raise ValueError("expected a margin above 0, a variance from 0 to 1 and a level between 0 and 1")
    return answers_needed(margin / 100, variance, level, population)
