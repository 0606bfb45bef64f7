"""Which column answers a measure? Tallies over the facts' columns; hand-written facets folded customer by customer."""

from collections.abc import Sequence
from typing import Any

from attrs import define, field

from relmkt.columns import FactTable, classes_of
from relmkt.customers import Folding, Merged, Told, Unmerged, fold
from relmkt.facts import Fact, kind_of, stream_of
from relmkt.portfolio._column import Column, column_of, numbers
from relmkt.portfolio._tallied import tallied
from relmkt.rules import Measured
from relmkt.tallies import Tallied
from relmkt.windows import Instant

__all__ = ["Leaves", "classes_read", "histories"]


def classes_read(table: FactTable, facets: Sequence[Any]) -> tuple[type[Fact], ...]:
    """The classes of facts that some facets fold, as far as the table holds them; without `reads`, every one."""
    if not facets:
        return ()
    every = any(not getattr(facet, "reads", ()) for facet in facets)
    kinds = {Fact} if every else {kind for facet in facets for kind in facet.reads}
    if any(hasattr(facet, "join") for facet in facets):
        kinds |= {Merged, Unmerged}
    found = {kind_of(cls): cls for kind in kinds for cls in classes_of(kind)}
    found.update(table.classes)
    return tuple(cls for name, cls in found.items() if name in table.kinds and any(issubclass(cls, k) for k in kinds))


def histories(table: FactTable, facets: Sequence[Any]) -> dict[int, list[Told]]:
    """(stream, fact) pairs in order, by customer, of the facts that some facets read; who has none is left out."""
    told: dict[int, list[Told]] = {}
    classes = classes_read(table, facets)
    if classes:
        for row, fact in table.facts(*classes):
            told.setdefault(row, []).append((stream_of(type(fact).subject_kind, fact.subject), fact))
    return told


@define(eq=False)
class Leaves:
    """The columns of measures that read facts, each built once.

    table: the facts, none after `at`. at: the instant at which questions are answered.
    """

    table: FactTable
    at: Instant
    _columns: dict[Any, Column] = field(factory=dict, init=False)
    _states: dict[Any, dict[int, Any]] = field(factory=dict, init=False)

    def column(self, measure: Measured) -> Column:
        """The raw value of a measure for everyone."""
        key = measure.tally if isinstance(measure, Tallied) else (measure.facet, measure.ask)
        found = self._columns.get(key)
        if found is None:
            found = self._columns[key] = self._built(measure)
        return found

    def _built(self, measure: Measured) -> Column:
        if isinstance(measure, Tallied):
            return tallied(measure.tally, self.table, int(self.at))
        if hasattr(measure, "everyone"):  # it answers in columns itself, equal to its answers one by one (FL9)
            return numbers(measure.everyone(self.table, self.at))
        facet = measure.facet.wide(0) if hasattr(measure.facet, "wide") else measure.facet
        states = self._folded(facet)
        nobody = measure.ask(facet, self.at) if len(states) < len(self.table.ids) else None
        told = [nobody] * len(self.table.ids)
        for row, state in states.items():
            told[row] = measure.ask(state, self.at)
        return column_of(told)

    def _folded(self, facet: Any) -> dict[int, Any]:
        found = self._states.get(facet)
        if found is None:
            folding = Folding((facet,))
            told = histories(self.table, (facet,))
            found = self._states[facet] = {row: fold(folding, facts)[facet] for row, facts in told.items()}
        return found
