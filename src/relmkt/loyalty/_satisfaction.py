"""How satisfied are they with the relationship? Satisfaction as one of the five concepts, on the scale of its items.

Cumulative satisfaction, of all dealings so far, beside trust and commitment in the quality of a relationship: De Wulf,
Odekerken-Schröder & Iacobucci (2001), Investments in Consumer Relationships, Journal of Marketing 65(4), 33-50. The
index from 0 to 100 with weights, the recommendation score and the verdict against expectations are scores of another
chapter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from relmkt.estimate import Estimate
from relmkt.loyalty._dimensions import percent
from relmkt.loyalty._joining import one_scale
from relmkt.scales import Construct, Item, Scale
from relmkt.scales._item import of_items

__all__ = ["Satisfaction"]


@frozen
class Satisfaction(Construct):
    """Satisfaction with a relationship, from the items that ask for it: a part of `RelationshipQuality`.

    items: on one scale; an index's are `Satisfaction(index.items)`. answered: the share of them that a score needs.
    name: of the measure. Raises ValueError for what `Construct` refuses.

    >>> satisfaction = Satisfaction(Scale(1, 10).items("overall", "expected", "ideal"))
    >>> survey = {"overall": [10, 7], "expected": [9, 6], "ideal": [8, None]}
    >>> satisfaction.scores(survey).tolist()
    [9.0, 6.5]
    >>> print(satisfaction.measure >= 8)
    satisfaction >= 8

    Source: De Wulf, Odekerken-Schröder & Iacobucci 2001.
    """

    name: str = field(default="satisfaction", kw_only=True)
    items: Sequence[Item] = field(converter=of_items)

    @property
    def scale(self) -> Scale:
        """The scale of the items and of the scores."""
        return one_scale(self.name, self.items)

    def pomp(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The mean score of the base from 0 to 100: percent of the maximum possible."""
        return percent(self.score(answers, level=level), self.scale)
