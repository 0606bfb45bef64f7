"""Which items of a questionnaire ask what is expected? Tagged by kind and origin, they are measures, hence rules.

A segment such as "expects image" is a rule on the newest answers of a customer, like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.rules import Measure
from relmkt.satisfaction._expectations import ExpectationTable, ValueKind, table_of
from relmkt.satisfaction._origins import ExpectationSource, Ticks, source_shares
from relmkt.scales import Construct, Item, Scale, given
from relmkt.scales._item import shared_scale

__all__ = ["ExpectationItems"]


def _by_kind(told: Mapping[ValueKind, Item | Sequence[Item]] | None) -> dict[ValueKind, tuple[Item, ...]]:
    return {kind: (items,) if isinstance(items, Item) else tuple(items) for kind, items in (told or {}).items()}


@frozen
class ExpectationItems:
    """Which items of a questionnaire ask what is expected, what was found, and where an expectation comes from.

    expected, perceived: an item or several of them, by kind of value, all on one scale. origins: an item by origin,
    whose highest answer says that it was named (0 to 1 for a box to tick).

    Raises ValueError for items of expectation and perception on several scales, or none of expectation.

    >>> ten, tick = Scale(1, 10), Scale(0, 1)
    >>> asked = ExpectationItems({ValueKind.IMAGE: Item("e.image", ten)}, {ValueKind.IMAGE: Item("p.image", ten)},
    ...                          {ExpectationSource.PROMISE: Item("from.promise", tick)})
    >>> print(asked.expects(ValueKind.IMAGE) >= 8)
    expects image >= 8

    Source: Zeithaml, Berry & Parasuraman 1993.
    """

    expected: Mapping[ValueKind, tuple[Item, ...]] = field(converter=_by_kind)
    perceived: Mapping[ValueKind, tuple[Item, ...]] = field(factory=dict, converter=_by_kind)
    origins: Mapping[ExpectationSource, Item] = field(factory=dict, converter=dict)

    def __attrs_post_init__(self) -> None:
        every = [item for side in (self.expected, self.perceived) for items in side.values() for item in items]
        if not self.expected or shared_scale(every) is None:
            raise ValueError("expected and perceived: expected items on one scale, one of expectation or more")

    @property
    def scale(self) -> Scale:
        """What expectation and perception are answered on."""
        return next(iter(self.expected.values()))[0].scale

    def expects(self, kind: ValueKind) -> Measure:
        """How much of this kind a customer expects, by the newest answers: compare it, and it is a rule."""
        return Construct(f"expects {kind.value}", self._asked(self.expected, kind)).measure

    def finds(self, kind: ValueKind) -> Measure:
        """How much of this kind a customer found."""
        return Construct(f"finds {kind.value}", self._asked(self.perceived, kind)).measure

    def expects_from(self, origin: ExpectationSource) -> Measure:
        """The newest answer of a customer on this origin."""
        if origin not in self.origins:
            raise KeyError(f"{origin.value}: not asked")
        return Construct(f"expects from {origin.value}", [self.origins[origin]]).measure

    def _asked(self, side: Mapping[ValueKind, tuple[Item, ...]], kind: ValueKind) -> tuple[Item, ...]:
        if kind not in side:
            raise KeyError(f"{kind.value}: not asked")
        return side[kind]

    def table(self, answers: Any, *, tolerance: float = 0.0, level: float = 0.95) -> ExpectationTable:
        """The table by kind and origin from answers: columns, a frame, or a `FactTable` (the newest of each subject).

        Subjects of a table of facts who were asked none of the items are not in it.
        """
        asked = given(answers, self._every).asked
        before, after = (
            {kind: Construct(kind.value, items).scores(answers)[asked] for kind, items in side.items()}
            for side in (self.expected, self.perceived)
        )
        asked_of = {kind: [*items, *self.perceived.get(kind, ())] for kind, items in self.expected.items()}
        invalid = {kind: given(answers, items).invalid for kind, items in asked_of.items()}
        named = self._ticked(answers, asked) if self.origins else None
        told = {"tolerance": tolerance, "scale": self.scale, "level": level}
        return table_of(before, after, named, invalid, **told)

    def origin_shares(self, answers: Any, *, normalised: bool = False, level: float = 0.95) -> Estimate:
        """Where expectations come from, as `origin_shares` tells it; who answered no item on origins is missing."""
        return source_shares(self._ticked(answers, given(answers, self._every).asked), normalised, level)

    @property
    def _every(self) -> list[Item]:
        sides = (*self.expected.values(), *self.perceived.values())
        return [*(item for items in sides for item in items), *self.origins.values()]

    def _ticked(self, answers: Any, asked: NDArray[np.bool_]) -> Ticks:
        places = {source: place for place, source in enumerate(ExpectationSource) if source in self.origins}
        items = [self.origins[source] for source in places]
        found = given(answers, items)
        named = np.equal(found.values, [item.scored(float(item.scale.high)) for item in items])
        ticked = np.zeros((len(named), len(ExpectationSource)), np.bool_)
        ticked[:, list(places.values())] = named
        return Ticks(ticked[asked], np.asarray(found.valid.any(axis=1))[asked], found.invalid)
