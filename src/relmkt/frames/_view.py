"""How is a rule judged on a frame? As expressions over one row a customer; verdicts are 0, 1, 2 as small whole numbers.

*And* is the least, *or* the most, *not* is 2 − v (Kleene's strong three-valued logic): native `~` and null logic give
three different answers on three engines. Every comparison is one column of the frame, made once.
"""

import math
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from attrs import frozen

from relmkt.exceptions import UnsupportedError
from relmkt.frames._cells import Sort
from relmkt.frames._engine import nw
from relmkt.frames._tallied import NEVER, Part, check, part_of
from relmkt.frames._told import Told
from relmkt.rules import Judged, Measured, Op
from relmkt.tallies import Tallied, Tally
from relmkt.windows import Instant

if TYPE_CHECKING:
    from relmkt.frames._engine import Expr

__all__ = ["Framed", "Value"]

_MOST = 2**63 - 1


@frozen(eq=False)
class Value:
    """One raw value a customer: an expression, its sort, and where it is missing (None: nowhere)."""

    expr: "Expr"
    sort: Sort
    missing: "Expr | None" = None

    def shown(self) -> "Expr":
        """The value, null where missing."""
        return self.expr if self.missing is None else nw.when(~self.missing).then(self.expr)


class Framed:
    """The view of a frame's customers at one instant; it collects what the frame must tell, and reads nothing.

    told: the mapped frames. parts: the columns that tallies need; columns: the comparisons, by name.
    """

    def __init__(self, told: Sequence[Told], at: Instant) -> None:
        self.told, self.at = told, at
        self.parts: dict[Tally, Part] = {}
        self.columns: dict[str, Expr] = {}
        self._read: dict[Any, Value] = {}
        self._compared: dict[Any, Expr] = {}
        self._judged: dict[Any, Expr] = {}

    def leaf(self, measure: Measured) -> Value:
        """The raw value of a tally; UnsupportedError names any other measure, before a job starts (rule E04)."""
        if not isinstance(measure, Tallied):
            facet = type(measure.facet).__name__
            instead = "a frame answers tallies alone; ask a Portfolio"
            raise UnsupportedError(f"{measure.name} reads {facet}, a facet written by hand: {instead}")
        tally = measure.tally
        if tally not in self.parts:
            check(self.told, tally)
            self.parts[tally] = part_of(tally, f"t{len(self.parts)}")
        part = self.parts[tally]
        column = nw.col(part.name)
        if part.valued:
            return Value(column, part.sort, nw.col(part.absent) == 1)
        if part.gather == "sum":
            return Value(column, part.sort)
        missing = column == part.neutral
        return Value(int(self.at) - column if tally.sort == "since" else column, "int", missing)

    def read(self, measure: Measured) -> Value:
        """The raw value of any measure, made once."""
        key = (measure, measure.ask)
        if key not in self._read:
            self._read[key] = measure.read(self)
        return self._read[key]

    def door(self, measure: Measured) -> Value:
        """The value in days and whole units; text as it is."""
        value = self.read(measure)
        if value.sort == "text":
            return value
        # what stands for nothing is too large for a float: pyarrow would refuse it
        plain = value.expr if value.missing is None else nw.when(~value.missing).then(value.expr).otherwise(nw.lit(0))
        whole = plain.cast(nw.Float64)
        return Value(whole if measure.scale == 1 else _divided(whole, measure.scale), "float", value.missing)

    def calculate(self, op: str, left: Any, right: Any) -> Value:
        """Arithmetic on door values; a quotient by nothing is missing."""
        one, other = (side.expr if isinstance(side, Value) else nw.lit(float(side)) for side in (left, right))
        missing = [side.missing for side in (left, right) if isinstance(side, Value) and side.missing is not None]
        if op == "/" and not isinstance(right, Value):
            found = _divided(one, right or math.nan)
            missing += [] if right else [one == one]
        elif op == "/":
            missing.append(other == 0)
            found = one / nw.when(other == 0).then(nw.lit(1.0)).otherwise(other)
        else:
            found = one + other if op == "+" else one - other if op == "-" else one * other
        return Value(found, "float", reduce(lambda a, b: a | b, missing) if missing else None)

    def classify(self, value: Value, edges: Sequence[float], reverse: bool) -> Value:
        """The number of the class of each value; one that equals an edge lies below it."""
        above = nw.lit(0)
        for edge in edges:
            above = above + nw.when(value.expr > edge).then(nw.lit(1)).otherwise(nw.lit(0))
        place = len(edges) + 1 - above if reverse else above + 1
        return Value(place.cast(nw.Float64), "float", value.missing)

    def compare(self, measure: Measured, op: Op, limit: float) -> "Expr":
        """Verdicts of a comparison, unknown where the value is missing."""
        return self._column((measure, measure.ask, op, limit), lambda: self._comparison(measure, op, limit))

    def _comparison(self, measure: Measured, op: Op, limit: float) -> "Expr":
        value = self.read(measure)
        if value.sort == "text":
            raise TypeError(f"{measure.name} is text: tie it with is_(…)")
        limit = _whole(op, limit) if value.sort == "int" else float(limit)
        expr = value.expr
        held = {">=": expr >= limit, ">": expr > limit, "<=": expr <= limit, "<": expr < limit}[op]
        return _verdict(held, value.missing)

    def among(self, measure: Measured, values: tuple[str | float, ...]) -> "Expr":
        """Verdicts of a tie to categories, unknown where the value is missing."""
        return self._column((measure, measure.ask, values), lambda: self._tie(self.read(measure), values))

    def _tie(self, value: Value, values: tuple[str | float, ...]) -> "Expr":
        fitting = [told for told in values if isinstance(told, str) == (value.sort == "text")]
        if value.sort == "int":
            # beyond the calendar and any sum there is nothing to equal
            fitting = [int(told) for told in fitting if told == int(told) and abs(told) < NEVER]
        held = [value.expr == (float(told) if value.sort == "float" else told) for told in fitting]
        if held:
            return _verdict(reduce(lambda a, b: a | b, held), value.missing)
        no = nw.lit(0)
        return no if value.missing is None else nw.when(value.missing).then(nw.lit(1)).otherwise(no)

    def known(self, measure: Measured) -> "Expr":
        """True where there is a value, else false."""
        missing = self.read(measure).missing
        if missing is None:
            return self.constant(2)
        return self._column((measure, measure.ask), lambda: nw.when(missing).then(nw.lit(0)).otherwise(nw.lit(2)))

    def constant(self, verdict: int) -> "Expr":
        """The same verdict for all."""
        return self._column(verdict, lambda: nw.lit(verdict))

    def _column(self, key: Any, made: Any) -> "Expr":
        if key not in self._compared:
            expr = made()
            name = f"v{len(self.columns)}"
            self.columns[name] = expr.cast(nw.Int64)
            self._compared[key] = nw.col(name)
        return self._compared[key]

    def least(self, *verdicts: "Expr") -> "Expr":
        """The least of the verdicts."""
        return nw.min_horizontal(*verdicts)

    def most(self, *verdicts: "Expr") -> "Expr":
        """The most of the verdicts."""
        return nw.max_horizontal(*verdicts)

    def flip(self, verdict: "Expr") -> "Expr":
        """The contrary."""
        return 2 - verdict

    def judge(self, rule: Judged) -> "Expr":
        """The verdicts of a rule, made once."""
        if rule not in self._judged:
            self._judged[rule] = rule.judge(self)
        return self._judged[rule]


def _divided(value: "Expr", by: float) -> "Expr":
    """A quotient as Python has it: polars multiplies by the reciprocal of a constant, which is not the same."""
    return value / (value * 0.0 + by)


def _verdict(held: "Expr", missing: "Expr | None") -> "Expr":
    told = nw.when(held).then(nw.lit(2)).otherwise(nw.lit(0))
    return told if missing is None else nw.when(missing).then(nw.lit(1)).otherwise(told)


def _whole(op: Op, limit: float) -> int:
    """The whole number that divides whole numbers as the limit does: no engine then turns them into floats."""
    bound = math.ceil(limit) if op in (">=", "<") else math.floor(limit)
    return min(max(bound, -_MOST), _MOST)
