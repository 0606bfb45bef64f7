"""How far does the service fall short of what was expected? SERVQUAL: perceived less expected, by dimension.

Parasuraman, Zeithaml & Berry (1985), A Conceptual Model of Service Quality, J. Marketing 49(4), 41-50, and (1988),
SERVQUAL: A Multiple-Item Scale, J. Retailing 64(1), 12-40: gap 5 of the model. SERVPERF, perceptions alone: Cronin &
Taylor (1992), Measuring Service Quality, J. Marketing 56(3), 55-68. Only the layout is here; the wordings stay the
user's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.satisfaction._paired import groups
from relmkt.satisfaction._service_score import Dimensions, ServiceScore, dimension_score, flat_items, weight_shares
from relmkt.satisfaction._sheet import Sheet, sheet
from relmkt.scales import Item, Scale

__all__ = ["SERVQUAL_LAYOUT", "Servqual", "service_items", "servperf", "servqual", "servqual_by"]

Floats = NDArray[np.float64]

SERVQUAL_LAYOUT: Mapping[str, int] = MappingProxyType(
    {"tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5}
)
"""How many items each of the five dimensions has: 22 in all (Parasuraman, Zeithaml & Berry 1988)."""


def service_items(
    layout: Mapping[str, int] = SERVQUAL_LAYOUT, *, scale: Scale | None = None
) -> dict[str, tuple[Item, ...]]:
    """Items named "tangibles.1" … without wordings, by dimension.

    layout: how many items a dimension has. scale: they are answered on; from 1 to 7 where none is given.

    >>> [item.name for item in service_items()["assurance"]]
    ['assurance.1', 'assurance.2', 'assurance.3', 'assurance.4']

    Source: Parasuraman, Zeithaml & Berry 1988.
    """
    kept = Scale(1, 7) if scale is None else scale
    return {name: tuple(kept.items(*(f"{name}.{k}" for k in range(1, n + 1)))) for name, n in layout.items()}


@frozen(eq=False)
class Servqual:
    """Perceived less expected; below 0 the service falls short.

    gap: of the pairs. perceived, expected: the two sides of the same pairs, so that they differ by the gap.

    >>> found = servqual({"e1": [4, 5]}, {"e1": [6, 6]}, dimensions={"empathy": Scale(1, 7).items("e1")})
    >>> print(found.gap.overall.value, found.perceived.overall.value, found.expected.overall.value)
    -1.5 4.5 6.0

    Source: Parasuraman, Zeithaml & Berry 1988.
    """

    gap: ServiceScore
    perceived: ServiceScore
    expected: ServiceScore

    @property
    def dimensions(self) -> Estimate:
        """The gap by dimension."""
        return self.gap.dimensions

    @property
    def overall(self) -> Estimate:
        """The gap, as the mean of the dimensions."""
        return self.gap.overall

    @property
    def weighted(self) -> Estimate:
        """The gap, by the weights of the dimensions."""
        return self.gap.weighted

    @property
    def chart(self) -> dict[str, Any]:
        """What a picture draws: the gaps, and both sides of them."""
        sides = {"perceived": self.perceived.dimensions.value, "expected": self.expected.dimensions.value}
        return {**self.gap.chart, **sides}

    def __str__(self) -> str:
        return str(self.gap)


def servqual(
    perceived: Any,
    expected: Any,
    *,
    dimensions: Mapping[str, Sequence[Item]] | None = None,
    expectations: Mapping[str, Sequence[Item]] | None = None,
    weights: ArrayLike | None = None,
    answered: float = 0.5,
    level: float = 0.95,
) -> Servqual:
    """SERVQUAL: the gap by dimension with paired t intervals, unweighted and weighted.

    perceived, expected: answers of the same respondents in the same order: arrays of shape (respondents, items) in the
    order of the dimensions, or columns by item (frame, mapping, rows, `FactTable`).
    dimensions: the items of each; left out, the 22 of `service_items`. expectations: the items of the expected side
    where they have names of their own, as in one `FactTable` that holds both; left out, those of `dimensions`.
    weights: one row, or a row a respondent, of shares or of 100 points by dimension. answered: the share of a
    dimension's pairs that a respondent needs. A pair counts where both sides are valid.

    Values lie from −(high − low) to high − low of the scale. A dimension without items or pairs is NaN, and so is then
    the whole. Raises ValueError where the two sides do not belong together or one row of weights does not sum.

    >>> two = {"reliability": Scale(1, 7).items("r1", "r2"), "empathy": Scale(1, 7).items("e1")}
    >>> was, wish = {"r1": [4, 5], "r2": [4, 3], "e1": [7, 6]}, {"r1": [6, 6], "r2": [6, 6], "e1": [6, 6]}
    >>> found = servqual(was, wish, dimensions=two, weights=[70, 30])
    >>> found.dimensions.value.tolist(), found.overall.value, found.weighted.value
    ([-2.0, 0.5], -0.75, -1.25)

    Source: Parasuraman, Zeithaml & Berry 1985, 1988.
    """
    told = _Pairs.of(perceived, expected, dimensions, expectations, weights)
    return told.score(slice(None), answered, level)


def servqual_by(
    perceived: Any,
    expected: Any,
    by: ArrayLike,
    *,
    dimensions: Mapping[str, Sequence[Item]] | None = None,
    expectations: Mapping[str, Sequence[Item]] | None = None,
    weights: ArrayLike | None = None,
    answered: float = 0.5,
    level: float = 0.95,
) -> dict[str, Servqual]:
    """SERVQUAL of each group of respondents, as months or hotels, in the order of their labels' code points.

    by: a label for each respondent. The other arguments as for `servqual`.

    >>> one = {"empathy": Scale(1, 7).items("e1")}
    >>> months = servqual_by({"e1": [4, 5]}, {"e1": [6, 6]}, ["2026-02", "2026-01"], dimensions=one)
    >>> {month: found.overall.value for month, found in months.items()}
    {'2026-01': -1.0, '2026-02': -2.0}

    Source: Parasuraman, Zeithaml & Berry 1988.
    """
    told = _Pairs.of(perceived, expected, dimensions, expectations, weights)
    rows = groups(by, len(told.sides[0]))
    return {name: told.score(at, answered, level) for name, at in rows.items()}


@frozen(eq=False)
class _Pairs:
    """Both sides of the pairs of valid answers, NaN elsewhere; gap, perceived, expected."""

    dimensions: Dimensions
    sides: tuple[Floats, Floats, Floats]
    invalid: NDArray[np.bool_]
    share: Floats | None
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        perceived: Any,
        expected: Any,
        dimensions: Dimensions | None,
        expectations: Dimensions | None,
        weights: ArrayLike | None,
    ) -> _Pairs:
        asked = service_items() if dimensions is None else dimensions
        wished = asked if expectations is None else expectations
        sizes = [[(name, len(items)) for name, items in each.items()] for each in (asked, wished)]
        if sizes[0] != sizes[1]:
            raise ValueError("expectations: expected as many items for each dimension as are perceived")
        one, other = _sides(perceived, expected, flat_items(asked), flat_items(wished))
        gap = one.scored - other.scored
        was, wish = (np.where(np.isnan(gap), np.nan, each.scored) for each in (one, other))
        share = weight_shares(weights, len(asked), len(gap))
        return cls(
            asked, (gap, was, wish), one.invalid | other.invalid, share, tuple(dict.fromkeys(one.notes + other.notes))
        )

    def score(self, rows: NDArray[np.int64] | slice, answered: float, level: float) -> Servqual:
        share = None if self.share is None else self.share[rows]
        invalid = int(self.invalid[rows].sum())
        told = (
            dimension_score(s[rows], self.dimensions, share, answered, level, invalid, self.notes) for s in self.sides
        )
        return Servqual(*told)


def servperf(
    perceived: Any,
    *,
    dimensions: Mapping[str, Sequence[Item]] | None = None,
    weights: ArrayLike | None = None,
    answered: float = 0.5,
    level: float = 0.95,
) -> ServiceScore:
    """SERVPERF: what was perceived, by dimension, without expectations (Cronin & Taylor 1992).

    Arguments as for `servqual`. Values lie on the scale of the items.

    >>> print(servperf({"e1": [7, 6]}, dimensions={"empathy": Scale(1, 7).items("e1")}).overall.value)
    6.5
    """
    asked = service_items() if dimensions is None else dimensions
    told = sheet(perceived, flat_items(asked))
    share = weight_shares(weights, len(asked), len(told.scored))
    return dimension_score(told.scored, asked, share, answered, level, int(told.invalid.sum()), told.notes)


def _sides(perceived: Any, expected: Any, asked: list[Item], wished: list[Item]) -> tuple[Sheet, Sheet]:
    if [i.scale.low + i.scale.high for i in asked] != [i.scale.low + i.scale.high for i in wished]:
        raise ValueError("expectations: answered on another scale than what is perceived")
    if perceived is expected and not {item.name for item in asked} & {item.name for item in wished}:
        both = sheet(perceived, [*asked, *wished])
        return both.columns(slice(len(asked))), both.columns(slice(len(asked), None))
    one, other = sheet(perceived, asked), sheet(expected, wished)
    if one.ids is not None and other.ids is not None:
        every = sorted({*one.ids, *other.ids})
        return one.of(every), other.of(every)
    if len(one.scored) != len(other.scored) or one.ids != other.ids:
        raise ValueError("expected: the same respondents as perceived, in the same order")
    return one, other
