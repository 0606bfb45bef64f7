"""How much trouble was it? The Customer Effort Score: the mean answer on its stated scale, a share, and a net score.

Dixon, Freeman & Toman (2010), Stop Trying to Delight Your Customers, Harvard Business Review 88(7/8), 116-122: effort
from 1 to 5, where high is bad (1.0). The later form (CEB 2013) asks for agreement from 1 to 7 that it was easy, where
high is good (2.0). The two are never pooled: a score belongs to one item, which keeps its direction (`Item.reverse`),
and its notes say which end is which.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from numpy.typing import ArrayLike

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.satisfaction._counted import By, grouped
from relmkt.satisfaction._csat import boxed, stated
from relmkt.satisfaction._grouped import ends
from relmkt.satisfaction._mean_score import mean_points
from relmkt.satisfaction._nps import net_points
from relmkt.satisfaction._nps_bounds import Interval
from relmkt.scales import Item, Scale
from relmkt.scales._shares import ShareInterval

__all__ = ["EASE_QUESTION", "EFFORT_QUESTION", "ces", "ces_net", "ces_share"]

EASE_QUESTION = Item(
    "ease",
    Scale(1, 7, labels={1: "strongly disagree", 7: "strongly agree"}),
    wording="It was easy to have my request dealt with.",
)
"""Agreement, from 1 to 7, that it was easy: high is good (the second form of the score)."""

EFFORT_QUESTION = Item(
    "effort",
    Scale(1, 5, labels={1: "very low effort", 5: "very high effort"}),
    wording="How much effort did your request cost you?",
    reverse=True,
)
"""Effort, from 1 to 5: high is bad (the first form of the score)."""


def ces(
    answers: FactTable | ArrayLike,
    *,
    item: Item = EASE_QUESTION,
    by: By = None,
    period: str | None = None,
    zone: str = "UTC",
    weights: ArrayLike | None = None,
    level: float = 0.95,
    unsure: Collection[Any] = (),
    least: int | None = None,
) -> Estimate:
    """The mean answer, on the item's own scale, with Student's t interval: rule R38.

    answers, by, period, zone, weights, unsure, least: as for `nps`. item: the question, `EASE_QUESTION` or
    `EFFORT_QUESTION`, or yours (`reverse=True` where a high answer is bad). Answers are taken as they were given, not
    reversed; notes say what the ends mean, in the words of the scale, and which of them is good.

    No answer gives NaN, n = 0 and a note.

    >>> effort = ces([7, 6, 4, 7, 9])
    >>> print(effort, effort.notes)
    6.00 [3.75, 8.25] 95 %, n = 4, 1 invalid (t) ('from 1 strongly disagree to 7 strongly agree: high is good',)

    Source: Dixon, Freeman & Toman 2010; CEB 2013.
    """
    told = grouped(answers, _one(item), by, weights, period=period, zone=zone, unsure=unsure)
    return mean_points(told, told.steps, level, None, (ends(item),), least)


def ces_share(
    answers: FactTable | ArrayLike,
    *,
    item: Item = EASE_QUESTION,
    easy: int | None = None,
    by: By = None,
    period: str | None = None,
    zone: str = "UTC",
    weights: ArrayLike | None = None,
    level: float = 0.95,
    interval: ShareInterval = "Wilson",
    unsure: Collection[Any] = (),
    least: int | None = None,
) -> Estimate:
    """The share, from 0 to 1, of answers that say it was easy, of valid answers only.

    answers, by, period, zone, weights, unsure, least: as for `nps`; interval: as for `csat`. easy: the answer that says
    so which is nearest to the middle; of agreement from 1 to 7 it is 5, and any other item must state its own (of
    effort, the highest that is still easy).

    Raises ValueError without a limit, or for one that is not on the scale.

    >>> ces_share([7, 5, 4, 1]).value, ces_share([1, 2, 4, 5], item=EFFORT_QUESTION, easy=2).value
    (0.5, 0.5)

    Source: CEB 2013.
    """
    limit = stated(item, "easy", easy, 5, (1, 7))
    far = item.scale.low if item.reverse else item.scale.high
    notes = (f"easy from {limit} to {far}, of valid answers only", ends(item))
    told = grouped(answers, item, by, weights, period=period, zone=zone, unsure=unsure)
    return boxed(told, limit, level=level, interval=interval, notes=notes, least=least)


def ces_net(
    answers: FactTable | ArrayLike,
    *,
    item: Item = EASE_QUESTION,
    easy: int | None = None,
    hard: int | None = None,
    by: By = None,
    period: str | None = None,
    zone: str = "UTC",
    weights: ArrayLike | None = None,
    level: float = 0.95,
    interval: Interval = "adjusted Wald",
    unsure: Collection[Any] = (),
    least: int | None = None,
    rng: Any = None,
) -> Estimate:
    """The share of easy answers less that of hard ones, in points from −100 to 100, with an interval as of `nps`.

    answers, by, period, zone, weights, interval, unsure, least, rng: as for `nps`. easy, hard: the answer of each kind
    which is nearest to the middle; of agreement from 1 to 7 they are 6 and 3, and any other item must state both. Where
    high is bad, easy lies below hard, and still easy counts up.

    Raises ValueError without limits, or for limits that are not on the scale in their order.

    >>> print(ces_net([7, 6, 4, 1, 6, 5, 7, 2]))
    25.0 [-29.4, 65.8] 95 %, n = 8 (adjusted Wald)

    Source: CEB 2013; the interval: Rocks 2016.
    """
    up, down = stated(item, "easy", easy, 6, (1, 7)), stated(item, "hard", hard, 3, (1, 7))
    if (up >= down) if item.reverse else (up <= down):
        raise ValueError("easy and hard: expected two answers of the scale, easy nearer to its good end")
    told = grouped(answers, item, by, weights, period=period, zone=zone, unsure=unsure)
    low, high = item.scale.low, item.scale.high
    bad, good = (high, low) if item.reverse else (low, high)
    notes = (f"easy from {up} to {good} less hard from {down} to {bad}", ends(item))
    if item.reverse:
        told, up, down = told.turned(), low + high - up, low + high - down
    return net_points(told, (down, up), level, interval, None, rng, notes, least)


def _one(item: Item) -> Item:
    if not isinstance(item, Item):
        raise TypeError("item: one question; scores of two forms are never pooled")
    return item
