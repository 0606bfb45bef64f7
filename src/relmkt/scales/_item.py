"""How is one item answered? Whole numbers from low to high, some of them under words.

A reversed item is scored low + high − x (Likert 1932, A Technique for the Measurement of Attitudes). A value outside
the scale, or between two steps of it, is not an answer: it is counted, never clipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

__all__ = ["Item", "Scale", "of_items", "shared_scale"]


def _labels(told: Mapping[int, str] | None) -> tuple[tuple[int, str], ...]:
    return () if told is None else tuple(sorted(told.items()))


@frozen(repr=False)
class Scale:
    """The whole numbers from low to high, both of them answers.

    low, high: the ends, low below high. labels: the words over some of the numbers, None for a scale without.

    Raises TypeError for an end that is not a whole number, ValueError for ends in the wrong order or a label outside.

    >>> ten = Scale(1, 10, labels={10: "very satisfied", 9: "very satisfied"})
    >>> ten, ten.label(9), ten.valid([0, 1, 9.5, 10, 11, float("nan")]).tolist()
    (Scale(1, 10), 'very satisfied', [False, True, False, True, False, False])
    """

    low: int
    high: int
    labels: tuple[tuple[int, str], ...] = field(default=None, converter=_labels, kw_only=True)

    def __attrs_post_init__(self) -> None:
        ends = (self.low, self.high)
        if any(isinstance(end, bool) or not isinstance(end, int) for end in ends):
            raise TypeError("a scale runs from one whole number to another")
        if self.low >= self.high:
            raise ValueError(f"a scale runs upwards, got {self.low} to {self.high}")
        outside = [step for step, _ in self.labels if not self.holds(step)]
        if outside:
            raise ValueError(f"labels name {outside[0]}, which is not on the scale from {self.low} to {self.high}")

    def items(self, *names: str) -> list[Item]:
        """Items of these names, answered on this scale."""
        return [Item(name, self) for name in names]

    def label(self, step: float) -> str:
        """The words over a number; empty where there are none."""
        return dict(self.labels).get(int(step), "") if self.holds(step) else ""

    def holds(self, value: float) -> bool:
        """Whether one value is an answer."""
        return self.low <= value <= self.high and value == int(value)

    def valid(self, values: ArrayLike) -> NDArray[np.bool_]:
        """Which of the values are answers: whole numbers on the scale; NaN is not."""
        told = np.asarray(values, np.float64)
        found: NDArray[np.bool_] = (told >= self.low) & (told <= self.high) & (told == np.floor(told))
        return found

    def __repr__(self) -> str:
        return f"Scale({self.low}, {self.high})"


@frozen
class Item:
    """One question of a questionnaire: its name, and the scale it is answered on.

    name: as in `Answer.item`, and the column of a survey. wording: what was asked. reverse: a high answer means little.

    >>> Item("t6", Scale(1, 7), reverse=True).scored(2)
    6

    Source: Likert 1932, for the reversal.
    """

    name: str
    scale: Scale
    wording: str = field(default="", kw_only=True, repr=False)
    reverse: bool = field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.name:
            raise ValueError("an item has a name that is not empty")

    def scored(self, values: Any) -> Any:
        """A number or an array of answers, reversed where the item is."""
        return self.scale.low + self.scale.high - values if self.reverse else values


def of_items(told: Iterable[Item]) -> tuple[Item, ...]:
    """Items as a field keeps them."""
    return tuple(told)


def shared_scale(items: Iterable[Item]) -> Scale | None:
    """From where to where all of some items are answered; None for several scales, or no item.

    >>> shared_scale([Item("t1", Scale(1, 7)), Item("t2", Scale(1, 7), reverse=True)])
    Scale(1, 7)
    """
    ends = {(item.scale.low, item.scale.high) for item in items}
    return Scale(*ends.pop()) if len(ends) == 1 else None
