"""What did each respondent answer to each item? One sheet, a row a respondent, whatever the answers came in.

What is not on an item's scale is counted and left out, never clipped (rule R40); reversed items are turned round here,
so that a high number means the same in every column (Likert 1932).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.scales import Item, given
from relmkt.scales._construct import turned

__all__ = ["Sheet", "sheet"]

Floats = NDArray[np.float64]


@frozen(eq=False, repr=False)
class Sheet:
    """Answers to some items: a row a respondent, a column an item.

    scored: shape (respondents, items), reversed where the item is, NaN where there is no valid answer.
    invalid: which cells hold something that is not on the scale. ids: of the respondents, or None. notes: what was
    put together.
    """

    scored: Floats
    invalid: NDArray[np.bool_]
    ids: Sequence[str] | None
    notes: tuple[str, ...] = ()

    def columns(self, places: slice) -> Sheet:
        """Some of the items."""
        return evolve(self, scored=self.scored[:, places], invalid=self.invalid[:, places])

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Which respondents answered every item."""
        return np.asarray(~np.isnan(self.scored).any(axis=1), np.bool_)

    def of(self, ids: Sequence[str]) -> Sheet:
        """The rows of these customers, empty for those who were not asked."""
        place = {name: row for row, name in enumerate(self.ids or ())}
        rows = np.array([place.get(name, -1) for name in ids], np.int64)
        scored = np.vstack([self.scored, np.full(self.scored.shape[1], np.nan)])[rows]
        invalid = np.vstack([self.invalid, np.zeros(self.invalid.shape[1], np.bool_)])[rows]
        return evolve(self, scored=scored, invalid=invalid, ids=tuple(ids))


def sheet(answers: Any, items: Sequence[Item]) -> Sheet:
    """The answers to some items.

    answers: an array of shape (respondents, items), columns in the items' order; or whatever `given` takes.
    Raises ValueError for an array of another shape, InvalidFactError for an item without a column.
    """
    names = [item.name for item in items]
    if len(set(names)) < len(names):
        raise ValueError("items: expected each with a name of its own")
    if isinstance(answers, np.ndarray):
        if answers.ndim != 2 or answers.shape[1] != len(items):
            raise ValueError(f"answers: expected shape (respondents, {len(items)}), got {answers.shape}")
        answers = {name: answers[:, place] for place, name in enumerate(names)}
    found = given(answers, items)
    scored = turned(found, items)
    invalid = ~np.isnan(found.values) & ~found.valid
    if not isinstance(answers, FactTable):
        return Sheet(scored, invalid, None)
    ids = tuple(name for name, was in zip(answers.ids, found.asked.tolist(), strict=True) if was)
    return Sheet(scored[found.asked], invalid[found.asked], ids, _pooled(answers, set(names)))


def _pooled(table: FactTable, names: set[str]) -> tuple[str, ...]:
    """Answers about several things are told to be together, for nobody asked for that in so many words."""
    every = table.only(Answer)
    if not len(every):
        return ()
    things = set(every["about"][np.isin(every["label"], sorted(names))].tolist())
    if len(things) < 2:
        return ()
    return (f"answers about {len(things)} things together, each customer's newest; only(Answer, about=…) parts them",)
