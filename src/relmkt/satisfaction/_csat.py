"""How many are satisfied? CSAT: the share of answers in the satisfied boxes.

There is no founding paper: it is practice, so the boxes and the denominator (valid answers) are always named. Interval:
Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference, JASA 22(158), 209-212, unless
another is asked for: it stays within 0 and 1, and has a width where everybody or nobody is satisfied.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.satisfaction._counted import By, grouped
from relmkt.satisfaction._grouped import WEIGHTLESS, Grouped
from relmkt.scales import Item
from relmkt.scales._shares import ShareInterval, share_estimate

__all__ = ["boxed", "csat", "stated"]


def csat(
    answers: FactTable | ArrayLike,
    *,
    item: Item,
    top: int | None = None,
    by: By = None,
    period: str | None = None,
    zone: str = "UTC",
    weights: ArrayLike | None = None,
    level: float = 0.95,
    interval: ShareInterval = "Wilson",
    unsure: Collection[Any] = (),
    least: int | None = None,
) -> Estimate:
    """The share, from 0 to 1, of answers at or above the top-box limit, with a named interval: rule R38.

    answers, by, period, zone, weights, unsure, least: as for `nps`. item: the question. top: the lowest answer that
    says satisfied (on a reversed item the highest); on 1 to 5 it is 4, the two boxes at the top, and any other scale
    has no limit of its own, so that it must be stated. interval: "Wilson", "add-4", "Agresti-Coull",
    "Clopper-Pearson", "Jeffreys" or "Wald"; the value is x/n in all of them.

    The denominator is the valid answers: whoever did not answer, does not know, or answered off the scale is in no
    share, and is counted. No answer gives NaN, n = 0 and a note. Raises ValueError without a limit, or for one that is
    not on the scale.

    >>> from relmkt.scales import Scale
    >>> print(csat([5, 4, 3, 5, 1, None], item=Item("visit", Scale(1, 5))))
    0.60 [0.23, 0.88] 95 %, n = 5 (Wilson)

    Source: practice; Wilson 1927 and, for the other intervals, `share_estimate`.
    """
    limit = stated(item, "top", top, 4, (1, 5))
    far = item.scale.low if item.reverse else item.scale.high
    notes = (f"satisfied from {limit} to {far} of {item.scale.low} to {item.scale.high}, of valid answers only",)
    told = grouped(answers, item, by, weights, period=period, zone=zone, unsure=unsure)
    return boxed(told, limit, level=level, interval=interval, notes=notes, least=least)


def boxed(
    told: Grouped, limit: int, *, level: float, interval: ShareInterval, notes: tuple[str, ...], least: int | None
) -> Estimate:
    """The share of the answers at the limit or on the good side of it; under weights, of effective answers."""
    good = told.steps <= limit if told.item.reverse else told.steps >= limit
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num(told.sums(good) / told.total)
    size = np.nan_to_num(told.n_eff)
    x = told.sums(good) if told.weight is None else np.minimum(share, 1.0) * size
    found = share_estimate(
        x, size, level=level, interval=interval, labels=told.labels or range(told.size), note=WEIGHTLESS, notes=notes
    )
    fields = {"value": found.value, "low": found.low, "high": found.high, "se": found.se, "n_eff": told.n_eff}
    return told.told(fields, found.notes, least, level=level, method=interval)


def stated(item: Item, name: str, limit: int | None, usual: int, ends: tuple[int, int]) -> int:
    """A limit as it is told, or the usual one of items with these ends, of which a high answer is good."""
    if limit is None and ((item.scale.low, item.scale.high) != ends or item.reverse):
        raise ValueError(f"{item.name} is answered from {item.scale.low} to {item.scale.high}: state {name}=")
    told = usual if limit is None else limit
    if not item.scale.holds(told):
        raise ValueError(f"{name}: {told} is not on the scale of {item.name}")
    return told
