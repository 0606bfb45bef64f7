"""Who may have moved? New facts and the passing of time touch few customers; only they are judged again.

rule R50: membership kept up equals a full rebuild after any sequence of facts and instants.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.portfolio._leaves import Leaves
from relmkt.portfolio._many import verdicts
from relmkt.rules import Derived, Rule, Scored
from relmkt.tallies import Tallied
from relmkt.windows import Instant

__all__ = ["Members", "Moves", "gathered", "leaves_of", "moved_by_time", "visible"]

_SEPARATOR = 0x1F
Interval = tuple[float, float]
"""Facts later than the first instant and not later than the second."""


@frozen
class Moves:
    """Who entered and who left each watched segment: ids by the segment's name, sorted.

    >>> print(Moves({"regular": ("ada",)}, {"regular": ()}))
    regular: 1 entered, 0 left
    """

    entered: dict[str, tuple[str, ...]]
    left: dict[str, tuple[str, ...]]

    def __str__(self) -> str:
        lines = (f"{name}: {len(ids):,} entered, {len(self.left[name]):,} left" for name, ids in self.entered.items())
        return "\n".join(lines) or "nothing is watched"


def moved_by_time(rules: Iterable[Rule], old: int, new: int) -> list[Interval] | None:
    """Facts in these intervals can flip a rule between two instants by time alone; None: anyone's may flip."""
    found: list[Interval] = [(old, new)]
    for rule in rules:
        for leaf in rule.comparisons():
            limit = getattr(leaf, "limit", None)
            part = _fading(leaf.measure, None if limit is None else (limit,), old, new)
            if part is None:
                return None
            found.extend(part)
    return found


def _fading(measure: Any, limits: Sequence[float] | None, old: int, new: int) -> list[Interval] | None:
    """The facts whose ageing changes a measure, or its comparison with some limits (None: its very value)."""
    if isinstance(measure, Scored):
        return _fading(measure.of, [edge * measure.of.scale for edge in measure.edges], old, new)
    if isinstance(measure, Derived):
        parts = [_fading(part, None, old, new) for part in measure.parts]
        return None if None in parts else [bound for part in parts if part is not None for bound in part]
    if not isinstance(measure, Tallied):
        return None if measure.turns is not None else []
    if measure.tally.sort == "since":
        return None if limits is None else [(old - limit - 2, new - limit + 2) for limit in limits]
    before, after = measure.tally.opens(old), measure.tally.opens(new)
    return [] if before is None or after is None or before == after else [(before, after)]


def gathered(parts: Sequence[FactTable], names: NDArray[np.str_]) -> FactTable:
    """All facts of some subjects (sorted names), out of several tables."""
    taken = []
    for part in parts:
        codes = np.searchsorted(part.ids, names)
        inside = codes < len(part.ids)
        codes = codes[inside][part.ids[codes[inside]] == names[inside]]
        if len(codes):
            starts, ends = (np.searchsorted(part.stream, codes, side=side) for side in ("left", "right"))
            rows = np.concatenate([np.arange(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])
            taken.append(part.taken(rows, codes))
    return FactTable.joined(*taken)


@define(eq=False)
class Part:
    """A table, and its rows in the order of time, so that an interval finds its facts."""

    table: FactTable
    _order: NDArray[np.int64] | None = field(default=None, init=False)
    _at: NDArray[np.int64] | None = field(default=None, init=False)

    def subjects(self, intervals: Sequence[Interval]) -> NDArray[np.str_]:
        """The subjects that have facts in one of the intervals."""
        if self._order is None or self._at is None:
            self._order = np.argsort(self.table.at, kind="stable")
            self._at = self.table.at[self._order]
        rows = [
            self._order[np.searchsorted(self._at, low, side="right") : np.searchsorted(self._at, high, side="right")]
            for low, high in intervals
        ]
        return self.table.ids[np.unique(self.table.stream[np.concatenate(rows)])]


@define(eq=False)
class Members:
    """Who belongs to each watched segment: a mask each over the sorted ids."""

    ids: NDArray[np.str_]
    masks: dict[str, NDArray[np.bool_]]

    def judged(self, leaves: Leaves, rules: dict[str, Rule]) -> Moves:
        """Take in the verdicts for some customers; who entered and who left."""
        names = leaves.table.ids
        self._admit(names)
        places = np.searchsorted(self.ids, names)
        entered, left = {}, {}
        for name, verdict in zip(rules, verdicts(leaves, list(rules.values())), strict=True):
            before, after = self.masks[name][places], verdict == 2
            self.masks[name][places] = after
            entered[name] = tuple(names[after & ~before].tolist())
            left[name] = tuple(names[before & ~after].tolist())
        return Moves(entered, left)

    def _admit(self, names: NDArray[np.str_]) -> None:
        places = np.searchsorted(self.ids, names)
        if len(self.ids):
            new = self.ids[np.minimum(places, len(self.ids) - 1)] != names
        else:
            new = np.ones(len(names), np.bool_)
        if new.any():
            wide = max(self.ids.dtype, names.dtype, key=lambda sort: sort.itemsize)
            self.ids = np.insert(self.ids.astype(wide), places[new], names[new])
            self.masks = {name: np.insert(mask, places[new], False) for name, mask in self.masks.items()}


def leaves_of(table: FactTable, at: Instant) -> Leaves:
    """What can be asked at an instant: the facts not after it, of the customers who have any."""
    return Leaves(visible(table, at), at)


def visible(table: FactTable, at: int, *, others: bool = False) -> FactTable:
    """The facts not after an instant (rule R46), of customers alone, or of the other subjects alone.

    The streams of other subjects (an address, the programme) are led by their sort.
    """
    kept = table.at <= at
    present = np.zeros(len(table.ids), np.bool_)
    present[table.stream[kept]] = True
    if len(table.ids):
        letters = np.ascontiguousarray(table.ids).view(np.uint32).reshape(len(table.ids), -1)
        present &= (letters == _SEPARATOR).any(axis=1) == others
    if kept.all() and present.all():
        return table
    return table.taken(kept & present[table.stream], present)
