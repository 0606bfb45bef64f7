"""Are they attached to us? One dimension, or affection, connection and passion.

Lacœuilhe (2000), L'attachement à la marque: proposition d'une échelle de mesure, Recherche et Applications en Marketing
15(4), 61-77: one dimension. Thomson, MacInnis & Park (2005), The Ties That Bind, Journal of Consumer Psychology 15(1),
77-91: three, and the score is the mean of their means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.loyalty._dimensions import constructs, in_percent, lines, percent, whole, whole_line
from relmkt.loyalty._joining import column, one_scale
from relmkt.loyalty._measures import surveyed
from relmkt.rules import Measure
from relmkt.scales import Construct, Item, Scale
from relmkt.scales._item import of_items

__all__ = ["Attachment"]


@frozen
class Attachment(Construct):
    """Attachment to a brand, from items of one dimension, or of three.

    items: of one dimension. affection, connection, passion: items of three; then the score is the mean of the
    dimensions' means, and needs two of them. answered: the share of the items (of each dimension) that a score needs.
    name: of the measure. Raises ValueError for both ways at once, and for what `Construct` refuses.

    >>> attachment = Attachment(Scale(1, 7).items("a1", "a2", "a3"))
    >>> attachment.scores({"a1": [7, 2], "a2": [6, 3], "a3": [5, None]}).tolist()
    [6.0, 2.5]
    >>> print(attachment.measure >= 5)
    attachment >= 5

    Source: Lacœuilhe 2000; Thomson, MacInnis & Park 2005.
    """

    name: str = field(default="attachment", kw_only=True)
    items: Sequence[Item] = field(default=(), converter=of_items)
    affection: Sequence[Item] = field(default=(), converter=of_items, kw_only=True)
    connection: Sequence[Item] = field(default=(), converter=of_items, kw_only=True)
    passion: Sequence[Item] = field(default=(), converter=of_items, kw_only=True)

    def __attrs_post_init__(self) -> None:
        several = (*self.affection, *self.connection, *self.passion)
        if several and self.items and tuple(self.items) != several:
            raise ValueError("attachment: items of one dimension, or of three, not both")
        if several:
            object.__setattr__(self, "items", several)
        super().__attrs_post_init__()

    @property
    def dimensions(self) -> dict[str, Construct]:
        """The three dimensions as far as they have items; empty for a scale of one dimension."""
        told = {"affection": self.affection, "connection": self.connection, "passion": self.passion}
        found = constructs(self.name, told) if any(told.values()) else {}
        return {label: evolve(one, answered=self.answered) for label, one in found.items()}

    @property
    def scale(self) -> Scale:
        """The scale of the items and of the scores."""
        return one_scale(self.name, self.items)

    def scores(self, answers: Any) -> NDArray[np.float64]:
        """One score a respondent, on the scale of the items; of three dimensions, NaN with fewer than two."""
        return whole(self.dimensions, answers) if self.dimensions else super().scores(answers)

    def score(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The mean score of the base with Student's t interval; of three dimensions, a line each and the whole."""
        return column(self._lines(answers, level)) if self.dimensions else super().score(answers, level=level)

    def pomp(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The same from 0 to 100: percent of the maximum possible."""
        if self.dimensions:
            return in_percent(self._lines(answers, level), self.scale)
        return percent(super().score(answers, level=level), self.scale)

    def _lines(self, answers: Any, level: float) -> dict[str, Estimate]:
        told = whole_line(self.name, self.scores(answers), self.items, answers, level)
        return {**lines(self.dimensions, answers, level), self.name: told}

    @property
    def measure(self) -> Measure:
        """The score of one customer, from the newest answer to each item: the number that `scores` gives everyone."""
        return surveyed(self.name, self)
