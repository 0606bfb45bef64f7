"""How much? A measure reads one facet and is plain arithmetic over floats, columns or expressions.

`ask(facet, at)` gives the value, `turns(facet, at, op, value)` when comparing flips by time alone, and the facet's
`need(op, value)` how much state a comparison requires. A measure has a unit: spans compare with spans, money with
whole units of its currency or `Money`; the wrong sort is a TypeError when the rule is written. Missing is NaN.
"""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NoReturn

from attrs import evolve, field, frozen

from relmkt.customers import Customer, Explanation
from relmkt.money import Money, exponent
from relmkt.rules._rule import Comparison, Known, OneOf, Rule
from relmkt.rules._view import NAN, One, Op, Sight, View, missing, next_flip
from relmkt.windows import DAY, Instant, Span, instant

__all__ = ["Derived", "Limit", "Measure", "Scored"]

Limit = Any
"""What a measure is compared with: a number; `Money` or whole units; a span such as `days(90)`; an instant."""


@frozen(order=False, cache_hash=True, repr=False)
class Measure:
    """One number about a customer, at an instant.

    name: how it prints. facet: the empty value of the facet that it reads.
    ask: `ask(facet, at)` gives the raw value, NaN where missing.
    turns: `turns(facet, at, op, value)` gives the next instant at which comparing with `value` flips if no fact comes,
    or None; left out, the measure does not change with time alone.
    unit: "days" for spans (raw: microseconds), a currency code for money (raw: minor units), "instant", or free words.

    Raises TypeError where it is compared with the wrong sort, or used as a condition.

    >>> from relmkt.customers import Attributes
    >>> known = Measure("attributes known", Attributes(), lambda facet, at: len(facet.values))
    >>> print(known >= 3)
    attributes known >= 3
    """

    name: str
    facet: Any
    ask: Callable[[Any, Instant], Any]
    turns: Callable[[Any, Instant, Op, float], Instant | None] | None = None
    unit: str = field(default="", kw_only=True)

    # What a view asks.

    def read(self, view: View) -> Any:
        """The raw value, as `view` sees it."""
        return view.leaf(self)

    def compared(self, view: One, op: Op, limit: float) -> Any:
        """The raw value for one customer, exact enough for comparing it with `limit`."""
        return self.ask(view.state(self.facet, self._need(op, limit)), view.at)

    def turning(self, view: One, op: Op, limit: float) -> Instant | None:
        """The next instant at which comparing with `limit` flips by time alone."""
        if self.turns is None:
            return None
        return self.turns(view.state(self.facet, self._need(op, limit)), view.at, op, limit)

    def changing(self, view: One) -> Instant | None:
        """The next instant at which the value itself changes by time alone."""
        if self.turns is None:
            return None
        return self.turns(view.state(self.facet), view.at, ">=", NAN)

    def facets(self, op: Op | None = None, limit: float = NAN) -> tuple[Any, ...]:
        """The facets read, each as wide as the comparison needs."""
        if not hasattr(self.facet, "wide"):
            return (self.facet,)
        return (self.facet.wide(0 if op is None else self.facet.need(op, limit)),)

    def valued(self) -> "Measure":
        """The form of this measure that arithmetic takes: its value exact from bounded state."""
        return self

    def _need(self, op: Op, limit: float) -> int | None:
        return self.facet.need(op, limit) if hasattr(self.facet, "need") else None

    @property
    def text(self) -> bool:
        """Whether the value is known to be a text, which is tied with `is_` and never compared."""
        return False

    @property
    def scale(self) -> int:
        """How many raw units make one at the door: microseconds a day, minor units a unit of the currency."""
        if self.unit == "days":
            return DAY
        return 10 ** exponent(self.unit) if _currency(self.unit) else 1

    # What a user writes.

    def named(self, name: str) -> "Measure":
        """The same measure under another name."""
        return evolve(self, name=name)

    def is_(self, *values: str | float) -> Rule:
        """A tie to one or several categories, such as `newest(Profile, "tier").is_("gold", "silver")`."""
        if not values:
            raise TypeError(f"{self.name}: is_ takes at least one value")
        return OneOf(self, values)

    def known(self) -> Rule:
        """True where the measure has a value, false where it is missing: never unknown."""
        return Known(self)

    def scored(self, edges: Sequence[float], *, name: str, reverse: bool = False) -> "Measure":
        """Which of the classes cut by `edges` the value falls in: 1 up to and including the first edge, and so on.

        edges: in days or whole units, ascending; a value equal to an edge lies below it. reverse: highest class first.
        """
        return Scored(name, None, _unasked, of=self, edges=tuple(map(float, edges)), reverse=reverse)

    def __ge__(self, value: Limit) -> Rule:
        return Comparison(self, ">=", self.limit(value), value)

    def __gt__(self, value: Limit) -> Rule:
        return Comparison(self, ">", self.limit(value), value)

    def __le__(self, value: Limit) -> Rule:
        return Comparison(self, "<=", self.limit(value), value)

    def __lt__(self, value: Limit) -> Rule:
        return Comparison(self, "<", self.limit(value), value)

    def __add__(self, other: "Measure | float") -> "Measure":
        return _derived("+", self, other)

    def __sub__(self, other: "Measure | float") -> "Measure":
        return _derived("-", self, other)

    def __mul__(self, other: "Measure | float") -> "Measure":
        return _derived("*", self, other)

    def __truediv__(self, other: "Measure | float") -> "Measure":
        return _derived("/", self, other)

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self.name} is a measure, not a condition: compare it, or write is_(…) or known()")

    def __repr__(self) -> str:
        return self.name

    def limit(self, value: Limit) -> float:
        """What the raw value is compared with; TypeError for the wrong sort."""
        if isinstance(value, bool | Rule | Measure):
            raise TypeError(f"{self.name}: compared with a {type(value).__name__}; write is_(…) for categories")
        if self.text:
            raise TypeError(f"{self.name} is text: tie it with is_(…)")
        if self.unit == "days":
            if isinstance(value, Span):
                return int(value)
            raise TypeError(f"{self.name} is a span: compare it with days(…) or hours(…)")
        if self.unit == "instant":
            return int(instant(value, self.name))
        if isinstance(value, Money):
            if value.currency != self.unit:
                raise TypeError(f"{self.name} is in {self.unit or 'plain numbers'}, not in {value.currency}")
            value = value.amount
        number = isinstance(value, int | float | Decimal) and not isinstance(value, Span | Instant)
        if not number or not math.isfinite(value):
            raise TypeError(f"{self.name}: compared with a {type(value).__name__}, expected a number")
        exact = Decimal(str(value)) * self.scale
        return int(exact) if exact == int(exact) else float(exact)

    def told(self, raw: Any) -> str:
        """A raw value as a person reads it."""
        if missing(raw):
            return "missing"
        if self.unit == "instant":
            return str(Instant(int(raw)))
        text = raw if isinstance(raw, str) else f"{raw / self.scale:.10g}"
        return f"{text} {self.unit}" if self.unit else text

    # The question: one verb on a customer, a portfolio and a frame.

    def one(self, customer: Customer) -> float:
        """The value for one customer, in days and whole units."""
        return One(customer).door(self)  # type: ignore[no-any-return]

    def many(self, portfolio: Sight) -> Any:
        """The value for everyone, in days and whole units."""
        return portfolio.door(self)

    def explain(self, customer: Customer) -> Explanation:
        """The value found."""
        view = One(customer)
        raw, value = self.read(view), view.door(self)
        gone = missing(raw)
        return Explanation(
            1 if gone else 2, NAN if gone or isinstance(value, str) else value, self.name, found=self.told(raw)
        )


def _currency(unit: str) -> bool:
    return len(unit) == 3 and unit.isupper()


def _unasked(facet: Any, at: Instant) -> NoReturn:
    raise TypeError("this measure is read from others, not from a facet of its own")


@frozen(order=False, cache_hash=True, repr=False)
class Derived(Measure):
    """Two measures, or a measure and a number, joined by arithmetic: in days and whole units, NaN where undefined.

    >>> from relmkt.customers import Attributes
    >>> known = Measure("known", Attributes(), lambda facet, at: len(facet.values))
    >>> print((known / 10) > 0.5)
    known / 10 > 0.5
    """

    op: str = field(kw_only=True)
    left: Measure | float = field(kw_only=True)
    right: Measure | float = field(kw_only=True)

    @property
    def parts(self) -> tuple[Measure, ...]:
        """The measures joined."""
        return tuple(side for side in (self.left, self.right) if isinstance(side, Measure))

    @property
    def scale(self) -> int:
        """Arithmetic is done on door values."""
        return 1

    def read(self, view: View) -> Any:
        """The value, from the values of the parts."""
        sides = (view.door(side) if isinstance(side, Measure) else side for side in (self.left, self.right))
        return view.calculate(self.op, *sides)

    def compared(self, view: One, op: Op, limit: float) -> Any:
        """The value: comparing needs all of it."""
        return self.read(view)

    def turning(self, view: One, op: Op, limit: float) -> Instant | None:
        """The next instant at which comparing flips, of those at which a part changes."""
        return next_flip(view, lambda then: then.compare(self, op, limit), self.changing)

    def changing(self, view: One) -> Instant | None:
        """The next instant at which a part changes."""
        found = [turn for turn in (part.changing(view) for part in self.parts) if turn is not None]
        return min(found, default=None)

    def facets(self, op: Op | None = None, limit: float = NAN) -> tuple[Any, ...]:
        """Those of the parts."""
        return tuple(facet for part in self.parts for facet in part.facets())


@frozen(order=False, cache_hash=True, repr=False)
class Scored(Measure):
    """The number of the class, cut by fixed edges, in which another measure's value falls.

    >>> from relmkt.customers import Attributes
    >>> known = Measure("known", Attributes(), lambda facet, at: len(facet.values))
    >>> print(known.scored([1, 3], name="richness") >= 2)
    richness >= 2
    """

    of: Measure = field(kw_only=True)
    edges: tuple[float, ...] = field(kw_only=True)
    reverse: bool = field(default=False, kw_only=True)

    def read(self, view: View) -> Any:
        """The number of the class."""
        return view.classify(view.door(self.of), self.edges, self.reverse)

    def compared(self, view: One, op: Op, limit: float) -> Any:
        """The number of the class."""
        return self.read(view)

    def turning(self, view: One, op: Op, limit: float) -> Instant | None:
        """The next instant at which comparing flips, of those at which the value crosses an edge."""
        return next_flip(view, lambda then: then.compare(self, op, limit), self.changing)

    def changing(self, view: One) -> Instant | None:
        """The next instant at which the value crosses an edge."""
        turns = (self.of.turning(view, ">", edge * self.of.scale) for edge in self.edges)
        return min((turn for turn in turns if turn is not None), default=None)

    def facets(self, op: Op | None = None, limit: float = NAN) -> tuple[Any, ...]:
        """Those of the measure that is classed."""
        return self.of.facets()


def _word(side: "Measure | float") -> str:
    if isinstance(side, Measure):
        return f"({side.name})" if isinstance(side, Derived) else side.name
    return f"{side:g}"


def _derived(op: str, left: Measure, right: Measure | float) -> Measure:
    if isinstance(right, bool) or not isinstance(right, Measure | int | float):
        raise TypeError(f"{left.name} {op} …: expected a measure or a number, got a {type(right).__name__}")
    for part in (left, right):
        if isinstance(part, Measure) and part.unit in ("days", "instant"):
            raise TypeError(f"{part.name} moves with every instant: compare it, do not calculate with it")
        if isinstance(part, Measure) and part.text:
            raise TypeError(f"{part.name} is text: tie it with is_(…)")
    if op in "+-" and isinstance(right, Measure) and left.unit != right.unit:
        money = left.unit if _currency(left.unit) else right.unit
        if _currency(money):
            raise TypeError(f"{left.name} {op} {right.name}: {money} goes with its own unit only")
    words = [_word(side) for side in (left, right)]
    sides = [side.valued() if isinstance(side, Measure) else side for side in (left, right)]
    unit = left.unit if op in "+-" or not isinstance(right, Measure) else ""
    return Derived(f"{words[0]} {op} {words[1]}", None, _unasked, unit=unit, op=op, left=sides[0], right=sides[1])
