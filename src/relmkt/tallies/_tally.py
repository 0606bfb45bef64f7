"""What is counted, summed or looked up? A tally is an aggregate as data: one declaration, four ways of answering.

A fact is in the window at t while `at <= t < leaves(at)`. For a span, `leaves(at) = ceil(at, grain) + within`; for a
calendar window it is the end of the period. A grain of a microsecond is exact; a coarser one keeps bounded state, the
window never shorter than asked and less than a grain longer.
"""

from collections.abc import Callable
from typing import Any, Literal

import attrs
from attrs import frozen

from relmkt.facts import Fact, Profile, kind_of, own_fields
from relmkt.facts._plain import hints, remembered
from relmkt.money import Money
from relmkt.windows import Span, Window

__all__ = ["Sort", "Tally"]

Sort = Literal["count", "total", "newest", "first", "last", "since"]


@frozen(cache_hash=True, repr=False)
class Tally:
    """An aggregate over the facts of one kind, as data.

    sort: what is asked. kind: of which facts. field: of which value. within: a span or a window, None for ever.
    currency: of a total of money. where: equality on the fact's fields. grain: of the window, in microseconds.

    Raises TypeError for a field that the kind does not have, or money without its currency.

    >>> from relmkt.facts import Purchase
    >>> Tally("count", Purchase, where=(("channel", "web"),))
    count(Purchase, channel='web')
    """

    sort: Sort
    kind: type[Fact]
    field: str = ""
    within: Span | Window | None = None
    currency: str | None = None
    where: tuple[tuple[str, str | float], ...] = ()
    grain: int = attrs.field(default=1, kw_only=True)

    def __attrs_post_init__(self) -> None:
        kind: object = self.kind  # annotations do not hold for what callers hand in
        within: object = self.within
        if not (isinstance(kind, type) and issubclass(kind, Fact)):
            raise TypeError(f"{self.sort}: expected a kind of fact, got a {type(kind).__name__}")
        if not isinstance(within, Span | Window | None):
            expected = "a span such as days(90) or a window such as year()"
            raise TypeError(f"{self.sort}: within takes {expected}, not a {type(within).__name__}")
        self._check(self.field, attribute=self.sort in ("newest", "first"))
        for name, _ in self.where:
            self._check(name)
        if self.money and self.currency is None:
            raise TypeError(f"{self}: a total of money states its currency=")
        if self.currency is not None and not self.money:
            raise TypeError(f"{self}: {self.field or 'a count'} is not money, it has no currency")

    def _check(self, name: str, *, attribute: bool = False) -> None:
        fields = {*own_fields(self.kind), "at", "source", "ref", "id", ""}
        if name not in fields and not (attribute and self.kind is Profile):
            raise TypeError(f"{self}: {kind_of(self.kind)} has no field {name!r}")

    @property
    def money(self) -> bool:
        """Whether the field holds money."""
        return self.field != "" and hints(self.kind).get(self.field) in (Money, Money | None)

    @property
    def text(self) -> bool:
        """Whether the answer is a text: an attribute of a profile, or a field that holds text."""
        if self.sort not in ("newest", "first") or self.field in ("", "at"):
            return False
        return self.kind is Profile or hints(self.kind).get(self.field) in (str, str | None)

    @property
    def unit(self) -> str:
        """The unit of the answer: days, a currency, an instant, or none."""
        if self.sort == "since":
            return "days"
        if self.sort in ("first", "last") or (self.sort == "newest" and self.field == "at"):
            return "instant" if self.field in ("", "at") else ""
        return self.currency or ""

    def leaves(self, at: int) -> int:
        """When a fact of `at` leaves the window; the facts of a tally without one never do."""
        if self.within is None:
            return 1 << 62
        if isinstance(self.within, Window):
            return int(self.within.end(at))
        return -(-at // self.grain) * self.grain + self.within

    def opens(self, at: int) -> int | None:
        """A fact is in the window at an instant if it came after this one; None: there is no window."""
        if self.within is None:
            return None
        if isinstance(self.within, Window):
            return int(self.within.start(at)) - 1
        return int((at - self.within) // self.grain * self.grain)

    @property
    def matches(self) -> Callable[[Fact], bool]:
        """Whether a fact is counted: its kind, its filters, and a value where one is asked."""
        return _matcher(self)

    @property
    def value(self) -> Callable[[Fact], Any]:
        """The raw value of a fact: minor units, a number, a text, or its instant."""
        return _valuer(self)

    def __repr__(self) -> str:
        told = [kind_of(self.kind)]
        if self.field and not (self.field == "at" and self.sort in ("first", "last", "since")):
            told.append(repr(self.field))
        if self.within is not None:
            told.append(f"within={self.within}")
        if self.currency is not None:
            told.append(f"currency={self.currency!r}")
        told.extend(f"{name}={value!r}" for name, value in self.where)
        return f"{self.sort}({', '.join(told)})"


@remembered
def _matcher(tally: Tally) -> Callable[[Fact], bool]:
    kind, where, name, currency = tally.kind, tally.where, tally.field, tally.currency
    if kind is Profile and name not in ("", "at", "source"):
        return lambda fact: (
            isinstance(fact, Profile)
            and name in fact.told
            and all(getattr(fact, field) == value for field, value in where)
        )
    if currency is not None:
        return lambda fact: (
            isinstance(fact, kind)
            and (money := getattr(fact, name)) is not None
            and money.currency == currency
            and all(getattr(fact, field) == value for field, value in where)
        )
    if tally.sort == "total":
        return lambda fact: (
            isinstance(fact, kind)
            and getattr(fact, name) is not None
            and all(getattr(fact, field) == value for field, value in where)
        )
    if where:
        return lambda fact: isinstance(fact, kind) and all(getattr(fact, field) == value for field, value in where)
    return lambda fact: isinstance(fact, kind)


@remembered
def _valuer(tally: Tally) -> Callable[[Fact], Any]:
    name = tally.field
    if name in ("", "at"):
        return lambda fact: int(fact.at)
    if tally.kind is Profile and name not in own_fields(Profile) and name != "source":
        return lambda fact: fact.told.get(name)  # type: ignore[attr-defined]
    if tally.money:
        return lambda fact: None if getattr(fact, name) is None else getattr(fact, name).units
    return lambda fact: getattr(fact, name)
