"""Do they trust us? Credibility, integrity and benevolence, each told, and their mean beside them.

Morgan & Hunt (1994), The Commitment-Trust Theory of Relationship Marketing, Journal of Marketing 58(3), 20-38; the
three dimensions of trust in a brand: Gurviez & Korchia (2002), Recherche et Applications en Marketing 17(3), 41-61.
The wordings of published scales are their authors': the items are the user's own, the structure and scoring are here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.loyalty._dimensions import (
    Reliabilities,
    construct_of,
    constructs,
    in_percent,
    lines,
    means,
    whole,
    whole_line,
)
from relmkt.loyalty._factor import factor_scores
from relmkt.loyalty._joining import column, one_scale
from relmkt.loyalty._measures import surveyed
from relmkt.rules import Measure
from relmkt.scales import Construct, Item, Scale
from relmkt.scales._item import of_items

__all__ = ["Trust"]


@frozen(kw_only=True)
class Trust:
    """Trust in a firm, a brand or a person, in three dimensions.

    credibility: can they do what they say? integrity: do they keep their word? benevolence: do they mind our interest?
    Items of each, all on one scale; a dimension may be left out. The whole is the mean of the dimensions' means, and
    needs two of them: a respondent with fewer has none.

    Raises ValueError without items, for an item in two dimensions, or for items on several scales.

    >>> seven = Scale(1, 7)
    >>> trust = Trust(credibility=seven.items("t1"), integrity=seven.items("t2"), benevolence=seven.items("t3"))
    >>> survey = {"t1": [6, 7, 5], "t2": [5, 6, None], "t3": [4, 5, None]}
    >>> trust.scores(survey).tolist()
    [5.0, 6.0, nan]
    >>> print(trust.score(survey)["credibility"])
    6.00 [3.52, 8.48] 95 %, n = 3 (t)
    >>> print(trust.measure >= 5)
    trust >= 5

    Source: Morgan & Hunt 1994; Gurviez & Korchia 2002.
    """

    credibility: Sequence[Item] = field(default=(), converter=of_items)
    integrity: Sequence[Item] = field(default=(), converter=of_items)
    benevolence: Sequence[Item] = field(default=(), converter=of_items)

    def __attrs_post_init__(self) -> None:
        constructs("trust", self._told)

    @property
    def _told(self) -> dict[str, Sequence[Item]]:
        return {"credibility": self.credibility, "integrity": self.integrity, "benevolence": self.benevolence}

    @property
    def dimensions(self) -> dict[str, Construct]:
        """The dimensions that have items, each a construct."""
        return constructs("trust", self._told)

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, dimension by dimension."""
        return tuple(item for items in self._told.values() for item in items)

    @property
    def scale(self) -> Scale:
        """The scale of the items and of the scores."""
        return one_scale("trust", self.items)

    def scores(self, answers: Any) -> NDArray[np.float64]:
        """One score a respondent, on the scale of the items; NaN with fewer than two dimensions.

        answers: columns an item, or a `FactTable` of answers (then in the order of its `ids`): see `scales.given`.
        """
        return whole(self.dimensions, answers)

    def by_dimension(self, answers: Any) -> dict[str, NDArray[np.float64]]:
        """One score a respondent on each dimension, by its name: shape (respondents,) each."""
        return means(self.dimensions, answers)

    def factor_scores(self, answers: Any) -> NDArray[np.float64]:
        """The factor behind the three dimensions, in standard deviations from this base's mean: shape (respondents,).

        The other way to one score: its weights are of the base, not alike. NaN for who lacks a dimension, and for all
        where a dimension is left out, never varies, or is known of fewer than three. Source: Thomson 1939.
        """
        return factor_scores(list(self.by_dimension(answers).values()))

    def score(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The mean scores of the base by dimension, and of the whole under "trust", with Student's t intervals."""
        return column(self._lines(answers, level))

    def pomp(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The same from 0 to 100: percent of the maximum possible."""
        return in_percent(self._lines(answers, level), self.scale)

    def _lines(self, answers: Any, level: float) -> dict[str, Estimate]:
        told = whole_line("trust", self.scores(answers), self.items, answers, level)
        return {**lines(self.dimensions, answers, level), "trust": told}

    def reliability(self, answers: Any) -> Reliabilities:
        """The reliability of each dimension, and under "trust" of all items as one."""
        parts = {label: construct.reliability(answers) for label, construct in self.dimensions.items()}
        return Reliabilities({**parts, "trust": construct_of("trust", self.items).reliability(answers)})

    @property
    def measure(self) -> Measure:
        """The score of one customer, from the newest answer to each item: the number that `scores` gives everyone."""
        return surveyed("trust", self)
