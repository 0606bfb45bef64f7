"""How is a rule judged for everyone? Over columns, in pieces small enough to stay in the processor's cache.

Verdicts are 0, 1, 2 in bytes: *and* is the least, *or* the most, *not* is 2 − v (Kleene's strong three-valued logic).
Whole, a long rule streams every column through memory again for each comparison; in pieces of 65,536 customers, and
with whole numbers kept as narrow as they fit, a five-rung ladder over a million takes a few milliseconds.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relmkt.portfolio._column import Column, numbers
from relmkt.portfolio._leaves import Leaves
from relmkt.rules import Judged, Measured, Op
from relmkt.windows import Instant

__all__ = ["CHUNK", "Many", "standings", "verdicts"]

CHUNK = 65_536
Verdicts = NDArray[np.uint8]

_COMPARE: dict[str, Callable[..., NDArray[np.bool_]]] = {
    ">=": np.greater_equal,
    ">": np.greater,
    "<=": np.less_equal,
    "<": np.less,
}
_CALCULATE: dict[str, Callable[[Any, Any], Any]] = {"+": np.add, "-": np.subtract, "*": np.multiply}


class Many:
    """The view of many customers at one instant: columns, verdicts as bytes; each comparison is made once.

    leaves: the columns of measures. rows: which of the customers, all where left out.
    """

    __slots__ = ("_judged", "_read", "at", "leaves", "rows")

    def __init__(self, leaves: Leaves, rows: slice | None = None) -> None:
        self.leaves = leaves
        self.rows = slice(0, len(leaves.table.ids)) if rows is None else rows
        self.at: Instant = leaves.at
        self._judged: dict[Any, Verdicts] = {}
        self._read: dict[Any, Column] = {}

    def leaf(self, measure: Measured) -> Column:
        """The raw values of a measure that reads a facet."""
        return self.leaves.column(measure).part(self.rows)

    def read(self, measure: Measured) -> Column:
        """The raw values of any measure, read once."""
        key = (measure, measure.ask)
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = measure.read(self)
        return found

    def door(self, measure: Measured) -> NDArray[Any]:
        """The values in days and whole units, NaN where missing; words as they are, None where missing."""
        return self.read(measure).door(measure.scale)

    def calculate(self, op: str, left: Any, right: Any) -> Column:
        """Arithmetic on door values; a quotient by nothing is missing."""
        if op != "/":
            return numbers(_CALCULATE[op](left, right))
        if not isinstance(right, np.ndarray):
            return numbers(np.divide(left, right) if right else np.full(len(left), np.nan))
        out = np.full(len(right), np.nan)
        return numbers(np.divide(left, right, out=out, where=right != 0))

    def classify(self, value: NDArray[Any], edges: Sequence[float], reverse: bool) -> Column:
        """The number of the class of each value; one that equals an edge lies below it."""
        below = np.zeros(len(value), np.uint16)
        for edge in edges:  # a few comparisons are ten times as fast as a search
            below += value > edge
        told = np.asarray(len(edges) + 1.0 - below if reverse else below + 1.0)
        told[np.isnan(value)] = np.nan
        return numbers(told)

    def compare(self, measure: Measured, op: Op, limit: float) -> Verdicts:
        """Verdicts of a comparison, unknown where the value is missing."""
        column = self.read(measure)
        if column.words:
            raise TypeError(f"{measure.name} is text: tie it with is_(…)")
        if column.words is not None:
            return self.constant(1)
        found: Verdicts = _COMPARE[op](column.values, limit).view(np.uint8)
        return _with_missing(np.add(found, found, out=found), column)  # an addition is ten times as fast as a shift

    def among(self, measure: Measured, values: tuple[str | float, ...]) -> Verdicts:
        """Verdicts of a tie to categories, unknown where the value is missing."""
        column = self.read(measure)
        if column.words is not None:
            hits = np.array([*(2 * (word in values) for word in column.words), 0], np.uint8)
            return _with_missing(hits[column.values], column)
        plain = [value for value in values if not isinstance(value, str)]
        return _with_missing(np.isin(column.values, plain).view(np.uint8) * np.uint8(2), column)

    def known(self, measure: Measured) -> Verdicts:
        """True where there is a value, else false."""
        column = self.read(measure)
        if column.missing is None:
            return self.constant(2)
        return 2 - column.missing * np.uint8(2)

    def constant(self, verdict: int) -> Verdicts:
        """The same verdict for all."""
        return np.full(self.rows.stop - self.rows.start, verdict, np.uint8)

    def least(self, *verdicts: Verdicts) -> Verdicts:
        """The least of the verdicts."""
        return reduce(np.minimum, verdicts)

    def most(self, *verdicts: Verdicts) -> Verdicts:
        """The most of the verdicts."""
        return reduce(np.maximum, verdicts)

    def flip(self, verdict: Verdicts) -> Verdicts:
        """The contrary."""
        return 2 - verdict

    def judge(self, rule: Judged) -> Verdicts:
        """The verdicts of a rule, judged once."""
        found = self._judged.get(rule)
        if found is None:
            found = self._judged[rule] = rule.judge(self)
        return found


def _with_missing(verdicts: Verdicts, column: Column) -> Verdicts:
    """A missing value compared as false: its verdict becomes 1."""
    if column.missing is not None:
        np.bitwise_or(verdicts, column.missing, out=verdicts)
    return verdicts


def _pieces(leaves: Leaves) -> list[slice]:
    n = len(leaves.table.ids)
    return [slice(start, min(start + CHUNK, n)) for start in range(0, n, CHUNK)]


def verdicts(leaves: Leaves, rules: Sequence[Judged]) -> list[Verdicts]:
    """The verdicts of several rules for everyone; what they share is judged once."""
    found = [np.empty(len(leaves.table.ids), np.uint8) for _ in rules]
    for rows in _pieces(leaves):
        view = Many(leaves, rows)
        for column, rule in zip(found, rules, strict=True):
            column[rows] = view.judge(rule)
    return found


def standings(leaves: Leaves, rungs: Sequence[Judged]) -> NDArray[np.uint8]:
    """For everyone the number of the highest rung, from 1, whose rule is true; 0 where none is."""
    if len(rungs) > 255:
        raise ValueError("a ladder has at most 255 rungs")
    found = np.zeros(len(leaves.table.ids), np.uint8)
    for rows in _pieces(leaves):
        view, highest = Many(leaves, rows), found[rows]
        for place, rung in enumerate(rungs, 1):
            reached = np.equal(view.judge(rung), 2).view(np.uint8) * np.uint8(place)
            np.maximum(highest, reached, out=highest)
    return found
