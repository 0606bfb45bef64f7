"""Who gave one and the same answer down the whole page?

Krosnick (1991), Response Strategies for Coping with the Cognitive Demands of Attitude Measures in Surveys, Applied
Cognitive Psychology 5(3), 213-236: whoever does not weigh the questions picks one point of the scale and stays there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relmkt.scales._answers import given
from relmkt.scales._item import Item

__all__ = ["straight_lined"]


def straight_lined(answers: Any, items: Sequence[Item]) -> NDArray[np.bool_]:
    """Which respondents gave the same answer to every item, as they gave it: before any item is reversed.

    answers: a column an item, or a `FactTable` of answers (then in the order of its `ids`): see `given`. items: as they
    stood together, on one scale. Only valid answers are looked at; whoever gave fewer than two did not draw a line.
    Returns shape (respondents,). Raises InvalidFactError for an item without a column, ValueError for items on several
    scales.

    Among items that are all worded one way an honest respondent may draw a line; where some are reversed it contradicts
    itself. So it is a reason to look, and nobody is left out for it here.

    >>> from relmkt.scales import Scale
    >>> seven = Scale(1, 7)
    >>> items = [*seven.items("t5"), Item("t6", seven, reverse=True)]
    >>> straight_lined({"t5": [6, 7, 4], "t6": [6, 1, None]}, items).tolist()
    [True, False, False]

    Source: Krosnick 1991.
    """
    if len({(item.scale.low, item.scale.high) for item in items}) > 1:
        raise ValueError("items: expected one scale, for on several the same number is not the same answer")
    found = given(answers, items)
    low, high = (np.where(found.valid, found.values, end) for end in (np.inf, -np.inf))
    drawn: NDArray[np.bool_] = (low.min(axis=1) == high.max(axis=1)) & (found.valid.sum(axis=1) > 1)
    return drawn
