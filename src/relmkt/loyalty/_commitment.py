"""Why do they stay? Because they want to, because leaving costs, or because they ought: three answers, never one.

Allen & Meyer (1990), The Measurement and Antecedents of Affective, Continuance and Normative Commitment, Journal of
Occupational Psychology 63(1), 1-18; in marketing Geyskens et al. (1996), International Journal of Research in Marketing
13(4), 303-317; Fullerton (2003), Journal of Service Research 5(4), 333-344: calculative commitment may lower advocacy,
which is why the labels are never averaged (F21).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.loyalty._dimensions import Reliabilities, construct_of, constructs, in_percent, lines, means
from relmkt.loyalty._joining import column, one_scale
from relmkt.rules import Measure
from relmkt.scales import Construct, Item, Scale
from relmkt.scales._item import of_items

__all__ = ["Commitment"]


def _items(name: str) -> Any:
    return field(default=(), converter=of_items, alias=name)


@frozen(kw_only=True)
class Commitment:
    """Commitment under three labels: affective, calculative, normative. There is no whole, and none can be asked for.

    Items of each label, all on one scale; a label may be left out. `affective`, `calculative` and `normative` are then
    constructs, each with its scores and its measure. Raises ValueError without items, for an item under two labels, for
    items on several scales, and where a label is asked that has no items.

    >>> seven = Scale(1, 7)
    >>> commitment = Commitment(affective=seven.items("c1"), calculative=seven.items("c2"))
    >>> survey = {"c1": [6, 2], "c2": [3, 7]}
    >>> commitment.net_affective(survey).tolist()
    [3.0, -5.0]
    >>> print(commitment.affective.measure >= 5)
    affective commitment >= 5

    Source: Allen & Meyer 1990; Fullerton 2003.
    """

    _affective: Sequence[Item] = _items("affective")
    _calculative: Sequence[Item] = _items("calculative")
    _normative: Sequence[Item] = _items("normative")

    def __attrs_post_init__(self) -> None:
        constructs("commitment", self._told)

    @property
    def _told(self) -> dict[str, Sequence[Item]]:
        return {"affective": self._affective, "calculative": self._calculative, "normative": self._normative}

    @property
    def affective(self) -> Construct:
        """They want to stay."""
        return construct_of("affective commitment", self._affective)

    @property
    def calculative(self) -> Construct:
        """Leaving would cost them."""
        return construct_of("calculative commitment", self._calculative)

    @property
    def normative(self) -> Construct:
        """They feel that they ought to stay."""
        return construct_of("normative commitment", self._normative)

    @property
    def dimensions(self) -> dict[str, Construct]:
        """The labels that have items, each a construct."""
        return {label: construct_of(f"{label} commitment", items) for label, items in self._told.items() if items}

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, label by label."""
        return tuple(item for items in self._told.values() for item in items)

    @property
    def scale(self) -> Scale:
        """The scale of the items and of the scores."""
        return one_scale("commitment", self.items)

    def scores(self, answers: Any) -> dict[str, NDArray[np.float64]]:
        """One score a respondent under each label, on the scale of the items: shape (respondents,) each."""
        return means(self.dimensions, answers)

    def net_affective(self, answers: Any) -> NDArray[np.float64]:
        """Affective less calculative, for who asks for it: NaN where one of them is missing."""
        return np.asarray(self.affective.scores(answers) - self.calculative.scores(answers))

    def score(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The mean score of the base under each label, with Student's t intervals: three lines, never one."""
        return column(lines(self.dimensions, answers, level))

    def pomp(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The same from 0 to 100: percent of the maximum possible."""
        return in_percent(lines(self.dimensions, answers, level), self.scale)

    def reliability(self, answers: Any) -> Reliabilities:
        """The reliability of each label."""
        return Reliabilities({label: construct.reliability(answers) for label, construct in self.dimensions.items()})

    @property
    def measure(self) -> dict[str, Measure]:
        """A measure a label, as `affective.measure` is: there is none of the whole."""
        return {label: construct.measure for label, construct in self.dimensions.items()}
