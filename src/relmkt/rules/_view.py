"""For whom is a rule judged? A view answers comparisons for one customer, for everyone, or on a dataframe.

A view reads a measure's raw value (whole microseconds, whole minor units), compares it, and joins verdicts; every
comparison that rules share is computed once. `One` is the view of a single customer; `Many` stands in `portfolio`,
the dataframe's in `frames`.
"""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

from relmkt.customers import Customer
from relmkt.windows import Instant

__all__ = ["NAN", "Judged", "Measured", "One", "Op", "Sight", "View", "missing", "next_flip"]

Op = Literal[">=", ">", "<=", "<"]
NAN = math.nan


class Measured(Protocol):
    """What a view and a rule need of a measure: it reads a facet, in a unit, and says when it flips."""

    @property
    def name(self) -> str: ...

    @property
    def unit(self) -> str: ...

    @property
    def scale(self) -> int: ...

    @property
    def facet(self) -> Any: ...

    @property
    def ask(self) -> Callable[[Any, Instant], Any]: ...

    def read(self, view: "View") -> Any: ...

    def compared(self, view: "One", op: Op, limit: float) -> Any: ...

    def turning(self, view: "One", op: Op, limit: float) -> Instant | None: ...

    def changing(self, view: "One") -> Instant | None: ...

    def facets(self, op: Op | None = None, limit: float = NAN) -> tuple[Any, ...]: ...

    def told(self, raw: Any) -> str: ...


class Judged(Protocol):
    """What a view needs of a rule: it joins comparisons."""

    def judge(self, view: "View") -> Any: ...


class View(Protocol):
    """What judges a rule. Values are floats, columns or expressions; verdicts are 0, 1, 2, or columns of these.

    `leaf` gives the raw value of a measure that reads a facet; `read` that of any, computed once; `door` in days and
    whole units. `calculate` is arithmetic on door values, NaN where undefined; `classify` the number of the class.
    """

    @property
    def at(self) -> Instant: ...

    def leaf(self, measure: Measured) -> Any: ...

    def read(self, measure: Measured) -> Any: ...

    def door(self, measure: Measured) -> Any: ...

    def calculate(self, op: str, left: Any, right: Any) -> Any: ...

    def classify(self, value: Any, edges: Sequence[float], reverse: bool) -> Any: ...

    def compare(self, measure: Measured, op: Op, limit: float) -> Any: ...

    def among(self, measure: Measured, values: tuple[str | float, ...]) -> Any: ...

    def known(self, measure: Measured) -> Any: ...

    def constant(self, verdict: int) -> Any: ...

    def least(self, *verdicts: Any) -> Any: ...

    def most(self, *verdicts: Any) -> Any: ...

    def flip(self, verdict: Any) -> Any: ...

    def judge(self, rule: Judged) -> Any: ...


class Sight(Protocol):
    """Many customers at once, as a question meets them: a portfolio or a frame.

    `true(rule)` selects those for whom a rule is true, `door(measure)` gives a measure in days and whole units,
    `standing(rungs)` the name of the highest rung whose rule is true.
    """

    def true(self, rule: Judged) -> Any: ...

    def door(self, measure: Measured) -> Any: ...

    def standing(self, rungs: tuple[tuple[str, Judged], ...]) -> Any: ...


_COMPARE: dict[str, Callable[[Any, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


def missing(value: object) -> bool:
    """Whether a raw value is missing: None or NaN."""
    return value is None or value != value


_STEPS = 400  # a year of daily buckets, and some


def next_flip(
    view: "One", verdict: Callable[["One"], int], changing: Callable[["One"], Instant | None]
) -> Instant | None:
    """When a verdict flips by time alone: change after change of the value, until one of them flips it.

    After very many changes that flip nothing, the next of them: early is safe, late is not.
    """
    now, at = verdict(view), changing(view)
    for _ in range(_STEPS):
        if at is None:
            return None
        later = One(view.customer, at)
        if verdict(later) != now:
            return at
        at = changing(later)
    return at


class One:
    """The view of one customer at one instant: plain numbers, verdicts as 0, 1, 2.

    customer: who; at: when the questions are asked, the customer's own instant unless given.

    >>> One(Customer.of("ada", [])).least(0, 2)
    0
    """

    __slots__ = ("_judged", "at", "customer")

    def __init__(self, customer: Customer, at: Instant | None = None) -> None:
        self.customer = customer
        self.at = customer.asked if at is None else at
        self._judged: dict[Any, int] = {}

    def state(self, facet: Any, need: int | None = None) -> Any:
        """The state of a facet; from the whole history where less was kept than the question needs."""
        found = self.customer.states.get(facet)
        if found is None:
            return self.customer.refold(facet if need is None else facet.wide(need))
        if need is not None and not found.holds(need):
            return self.customer.refold(facet.wide(need))
        return found

    def leaf(self, measure: Measured) -> Any:
        facet = measure.facet
        return measure.ask(self.state(facet, 0 if hasattr(facet, "holds") else None), self.at)

    def read(self, measure: Measured) -> Any:
        return measure.read(self)

    def door(self, measure: Measured) -> Any:
        value = measure.read(self)
        return value if missing(value) or isinstance(value, str) else value / measure.scale

    def calculate(self, op: str, left: Any, right: Any) -> Any:
        if op == "+":
            return left + right
        if op == "-":
            return left - right
        if op == "*":
            return left * right
        return left / right if right else NAN

    def classify(self, value: Any, edges: Sequence[float], reverse: bool) -> Any:
        if missing(value):
            return NAN
        above = sum(value > edge for edge in edges)
        return float(len(edges) + 1 - above if reverse else above + 1)

    def compare(self, measure: Measured, op: Op, limit: float) -> int:
        value = measure.compared(self, op, limit)
        if missing(value):
            return 1
        return 2 if _COMPARE[op](value, limit) else 0

    def among(self, measure: Measured, values: tuple[str | float, ...]) -> int:
        value = measure.read(self)
        if missing(value):
            return 1
        return 2 if value in values else 0

    def known(self, measure: Measured) -> int:
        return 0 if missing(measure.read(self)) else 2

    def constant(self, verdict: int) -> int:
        return verdict

    def least(self, *verdicts: int) -> int:
        return min(verdicts)

    def most(self, *verdicts: int) -> int:
        return max(verdicts)

    def flip(self, verdict: int) -> int:
        return 2 - verdict

    def judge(self, rule: Judged) -> int:
        found = self._judged.get(rule)
        if found is None:
            found = self._judged[rule] = rule.judge(self)
        return found
