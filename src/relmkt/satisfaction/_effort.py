"""How much trouble was it? The Customer Effort Score: the mean answer on its stated scale.

Dixon, Freeman & Toman (2010), Stop Trying to Delight Your Customers, Harvard Business Review 88(7/8), 116-122: effort
from 1 to 5, where high is bad. The later form asks for agreement from 1 to 7 that it was easy, where high is good. The
two are never pooled: a score belongs to its item, and its note says which end is which.
"""

from __future__ import annotations

from functools import partial

from attrs import evolve
from numpy.typing import ArrayLike

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.satisfaction._grouped import By, grouped
from relmkt.scales import Item, Scale, mean_estimate

__all__ = ["EASE_QUESTION", "EFFORT_QUESTION", "ces"]

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
)
"""Effort, from 1 to 5: high is bad (the first form of the score)."""


def ces(answers: FactTable | ArrayLike, *, item: Item = EASE_QUESTION, by: By = None, level: float = 0.95) -> Estimate:
    """The mean answer, on the item's own scale, with Student's t interval: rule R38.

    answers, by: as for `nps`. item: the question, `EASE_QUESTION` or `EFFORT_QUESTION`, or yours; a note of the
    estimate says what its ends mean, in the words of its scale. Answers are taken as they were given, not reversed.

    No answer gives NaN, n = 0 and a note.

    >>> effort = ces([7, 6, 4, 7, 9])
    >>> print(effort, effort.invalid, effort.notes)
    6.00 [3.75, 8.25] 95 %, n = 4 (t) 1 ('from 1 strongly disagree to 7 strongly agree',)
    """
    told = grouped(answers, item, by)
    found = told.each(partial(mean_estimate, level=level, note=told.note))
    ends = (f"{step} {item.scale.label(step)}".strip() for step in (item.scale.low, item.scale.high))
    return evolve(found, notes=(*found.notes, "from {} to {}".format(*ends)))
