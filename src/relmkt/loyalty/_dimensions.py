"""What have the dimensions of a concept in common? Each is a construct; the whole is the mean of their means.

Dimensions make up for one another in a mean, so that none is told without them: a whole stands beside its dimensions,
and needs two of them (Gurviez & Korchia 2002, Proposition d'une échelle de mesure multidimensionnelle de la confiance
dans la marque, Recherche et Applications en Marketing 17(3), 41-61).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.loyalty._joining import column, joined_mean, one_scale
from relmkt.scales import Construct, Item, Scale, given
from relmkt.scales._mean import known_mean
from relmkt.scales._pomp import pomp
from relmkt.scales._reliability import Reliability

__all__ = [
    "TWO",
    "Reliabilities",
    "construct_of",
    "constructs",
    "in_percent",
    "lines",
    "means",
    "percent",
    "whole",
    "whole_line",
]

TWO = 2
"""Dimensions that a whole needs: one of them alone is that dimension."""


def constructs(name: str, told: Mapping[str, Sequence[Item]]) -> dict[str, Construct]:
    """The dimensions that have items, in order. Raises ValueError for none, an item twice, or several scales."""
    items = [item for of in told.values() for item in of]
    one_scale(name, items)
    if len({item.name for item in items}) < len(items):
        raise ValueError(f"{name}: an item belongs to one dimension")
    return {label: construct_of(label, of) for label, of in told.items() if of}


def construct_of(name: str, items: Sequence[Item]) -> Construct:
    """The construct of some items. Raises ValueError for none, or several scales."""
    return Construct(name, items)


def means(dimensions: Mapping[str, Construct], answers: Any) -> dict[str, NDArray[np.float64]]:
    """The score of each respondent on each dimension."""
    return {label: construct.scores(answers) for label, construct in dimensions.items()}


def whole(dimensions: Mapping[str, Construct], answers: Any) -> NDArray[np.float64]:
    """The mean of each respondent's dimensions: of two of them at least, else NaN."""
    return joined_mean(list(means(dimensions, answers).values()), least=TWO)


def lines(dimensions: Mapping[str, Construct], answers: Any, level: float) -> dict[str, Estimate]:
    """The mean score of the base on each dimension."""
    return {label: construct.score(answers, level=level) for label, construct in dimensions.items()}


def whole_line(
    name: str,
    scores: NDArray[np.float64],
    items: Sequence[Item],
    answers: Any,
    level: float,
    note: str = "nobody answered enough items of two dimensions",
) -> Estimate:
    """The mean of the respondents' scores, with Student's interval, and what could not be read."""
    found = given(answers, items)
    return known_mean(scores[found.asked], level=level, note=f"{name}: {note}", invalid=found.invalid)


def percent(told: Estimate, scale: Scale, *, top: float = 100) -> Estimate:
    """An estimate on a scale as percent of the maximum possible, or another share of it, bounds and all."""
    bounds: dict[str, Any] = {name: pomp(getattr(told, name), scale) * top / 100 for name in ("value", "low", "high")}
    return evolve(told, **bounds, se=np.asarray(told.se) * top / (scale.high - scale.low))


def in_percent(rows: Mapping[str, Estimate], scale: Scale) -> Estimate:
    """The lines of a concept as percent of the maximum possible."""
    return column({label: percent(row, scale) for label, row in rows.items()})


@frozen(repr=False)
class Reliabilities:
    """How reliable is each part of a concept? A `Reliability` each, by label, and the whole's where there is one.

    rows: by label. alpha, omega: the same as columns of estimates.

    >>> from relmkt.loyalty._trust import Trust
    >>> trust = Trust(credibility=Scale(1, 7).items("t1", "t2"))
    >>> print(trust.reliability({"t1": [7, 5, 6, 2], "t2": [6, 5, 7, 2]})["credibility"].alpha.value.__round__(2))
    0.96
    """

    rows: dict[str, Reliability]

    @property
    def alpha(self) -> Estimate:
        """Cronbach's alpha of each part."""
        return column({label: row.alpha for label, row in self.rows.items()})

    @property
    def omega(self) -> Estimate:
        """McDonald's omega of each part."""
        return column({label: row.omega for label, row in self.rows.items()})

    def __getitem__(self, label: str) -> Reliability:
        return self.rows[label]

    def __iter__(self) -> Iterator[tuple[str, Reliability]]:
        return iter(self.rows.items())

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        width = max(map(len, self.rows))
        return "\n".join(f"{label:<{width}}  {row}" for label, row in self)

    def __repr__(self) -> str:
        return f"<Reliabilities of {', '.join(self.rows)}>"
