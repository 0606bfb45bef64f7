"""How many are satisfied? CSAT: the share of answers in the satisfied boxes.

There is no founding paper: it is practice, so the boxes and the denominator (valid answers) are always named. Interval:
Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference, JASA 22(158), 209-212: it stays
within 0 and 1, and has a width where everybody or nobody is satisfied.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import Any

from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.satisfaction._grouped import By, grouped
from relmkt.scales import Item

__all__ = ["csat"]


def csat(
    answers: FactTable | ArrayLike,
    *,
    item: Item,
    top: int | None = None,
    by: By = None,
    level: float = 0.95,
) -> Estimate:
    """The share, from 0 to 1, of answers at or above the top-box limit, with Wilson's interval: rule R38.

    answers, by: as for `nps`. item: the question. top: the lowest answer that says satisfied; on 1 to 5 it is 4, any
    other scale has no limit of its own, so that it must be stated.

    No answer gives NaN, n = 0 and a note. Raises ValueError without a limit, or for one that is not on the scale.

    >>> from relmkt.scales import Scale
    >>> print(csat([5, 4, 3, 5, 1, None], item=Item("visit", Scale(1, 5))))
    0.60 [0.23, 0.88] 95 %, n = 5 (Wilson)
    """
    limit = _limit(item, top)

    def share(seen: NDArray[Any], **counts: Any) -> Estimate:
        if not len(seen):
            return Estimate.unknown(told.note, level=level, method="Wilson", **counts)
        x, n = int((seen >= limit).sum()), len(seen)
        low, high = _wilson(x, n, level)
        se = sqrt(x * (n - x) / n) / n
        return Estimate(x / n, low, high, level, n, "Wilson", notes=notes, se=se, **counts)

    notes = (f"satisfied from {limit} of {item.scale.low} to {item.scale.high}, of valid answers",)
    told = grouped(answers, item, by)
    return told.each(share)


def _limit(item: Item, top: int | None) -> int:
    if top is None and (item.scale.low, item.scale.high) != (1, 5):
        raise ValueError(f"{item.name} is answered from {item.scale.low} to {item.scale.high}: state top=")
    limit = 4 if top is None else top
    if not item.scale.holds(limit):
        raise ValueError(f"top: {limit} is not on the scale of {item.name}")
    return limit


def _wilson(x: int, n: int, level: float) -> tuple[float, float]:
    z = NormalDist().inv_cdf((1 + level) / 2)
    centre, size = x + z * z / 2, n + z * z
    half = z * sqrt(x * (n - x) / n + z * z / 4)
    return (0.0 if x == 0 else (centre - half) / size), (1.0 if x == n else (centre + half) / size)
