"""Do our people serve the customer, or the sale? A scale of customer orientation, answered by staff on their own work.

Structure and scoring after Saxe & Weitz (1982), "The SOCO scale: a measure of the customer orientation of salespeople",
Journal of Marketing Research 19(3), 343-351: items of customer orientation count as answered, items of selling
orientation reversed, and the score is their mean. The wordings are the user's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike

from relmkt.estimate import Estimate
from relmkt.scales import Construct, Item
from relmkt.scales._labels import places_of
from relmkt.scales._mean import known_mean
from relmkt.scales._stacked import stacked

__all__ = ["CustomerOrientation", "customer_orientation"]


@frozen
class CustomerOrientation:
    """Customer orientation as staff answer it: the whole, and its two sides apart.

    whole: all items, those of selling reversed. customer: the items that speak for the customer, as answered. selling:
    those that speak for the sale, as answered (high is selling), or None where there are none.

    >>> from relmkt.scales import Scale
    >>> staff = customer_orientation(Scale(1, 9).items("needs"), answered=1)
    >>> print(staff.by_team({"needs": [9, 7, 5]}, ["Lyon", "Lyon", "Nice"])["Lyon"].value)
    8.0
    """

    whole: Construct
    customer: Construct
    selling: Construct | None

    def score(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The mean score of the staff; answers as for `Construct.score`, a row a member of staff."""
        return self.whole.score(answers, level=level)

    def by_team(self, answers: Any, teams: ArrayLike, *, level: float = 0.95) -> Estimate:
        """The mean score of each team, labelled: to stand beside the satisfaction of the customers they serve.

        teams: a label a respondent, in the order of the answers.
        """
        scores, names = self.whole.scores(answers), np.asarray(teams).astype(np.str_)
        if names.shape != scores.shape:
            raise ValueError("teams: expected a label a respondent, in the order of the answers")
        labels, place = places_of(names, len(scores))
        parts = np.split(scores[np.argsort(place, kind="stable")], np.cumsum(np.bincount(place))[:-1])
        note = "nobody answered enough items"
        told = [known_mean(part, level=level, note=note) for part in parts[: len(labels)]]
        return evolve(stacked(told, labels), level=level, method="t")


def customer_orientation(
    customer: Sequence[Item],
    selling: Sequence[Item] = (),
    *,
    answered: float,
    name: str = "customer orientation",
) -> CustomerOrientation:
    """A scale of customer orientation, built with its direction: a high score serves the customer.

    customer: items that speak for the customer. selling: items that speak for the sale; the whole reverses them (one
    already worded against selling, and so reversed, counts as answered). All on one scale. answered: the share of the
    items that a score needs.

    Raises ValueError for no items, two of one name, or several scales.

    >>> from relmkt.scales import Scale
    >>> nine = Scale(1, 9)
    >>> staff = customer_orientation(nine.items("needs"), nine.items("pressure"), answered=1)
    >>> staff.whole.scores({"needs": [9, 5], "pressure": [1, 9]}).tolist()
    [9.0, 3.0]

    Source: Saxe & Weitz 1982.
    """
    turned = [evolve(item, reverse=not item.reverse) for item in selling]
    return CustomerOrientation(
        Construct(name, (*customer, *turned), answered=answered),
        Construct(f"{name}: customer", customer, answered=answered),
        Construct(f"{name}: selling", selling, answered=answered) if selling else None,
    )
