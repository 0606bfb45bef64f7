"""How many, how much, how long ago? The everyday measures, each an aggregate as data.

`count(Purchase, within=days(365))`, `total(Purchase, "amount", currency="EUR")`, `since(Purchase)`,
`newest(Answer, "score")`: one declaration answers one by one, in columns, on a dataframe and in SQL.
"""

import operator
from collections.abc import Callable
from typing import Any

from attrs import evolve, field, frozen

from relmkt.facts import Fact
from relmkt.rules import Measure, One, Op
from relmkt.tallies._states import state_of
from relmkt.tallies._tally import Sort, Tally
from relmkt.windows import DAY, Instant, Span, Window

__all__ = ["Tallied", "count", "first", "last", "newest", "since", "total"]


_COMPARE: dict[Op, Callable[[Any, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


def _value(state: Any, at: Instant) -> Any:
    return state.value(at)


def _verdict(value: Any, op: Op, limit: float) -> int:
    if value != value:
        return 1
    return 2 if _COMPARE[op](value, limit) else 0


def _turns(state: Any, at: Instant, op: Op, limit: float) -> Instant | None:
    if state.tally.sort == "since":
        return _since_turns(state, at, op, limit)
    now = _verdict(state.value(at), op, limit)
    for instant, value in state.later(at):
        if _verdict(value, op, limit) != now:
            return Instant(instant)
    return None


def _since_turns(state: Any, at: Instant, op: Op, limit: float) -> Instant | None:
    """Time since the last flips once: at last + limit, or a microsecond later where the limit itself still holds."""
    if state.at is None:
        return None
    turn = state.at + -int(-limit // 1) + (1 if op in (">", "<=") and limit == limit // 1 else 0)
    return Instant(turn) if turn > at else None


@frozen(order=False, cache_hash=True, repr=False)
class Tallied(Measure):
    """A measure that a tally declares.

    >>> from relmkt.facts import Purchase
    >>> count(Purchase).tally.sort
    'count'
    """

    tally: Tally = field(kw_only=True)

    @property
    def text(self) -> bool:
        """Whether the value is a text, which is tied with `is_` and never compared."""
        return self.tally.text

    def changing(self, view: One) -> Instant | None:
        """The next instant at which the value changes by time alone."""
        need = 0 if hasattr(self.facet, "holds") else None
        state = view.state(self.facet, need)
        now = state.value(view.at)
        for instant, value in state.later(view.at):
            if value != now and not (value != value and now != now):
                return Instant(instant)
        return None

    def valued(self) -> Measure:
        """With a window of exact instants: the same in buckets of a day, whose value bounded state gives exactly."""
        tally = self.tally
        if tally.sort != "count" or tally.within is None or tally.grain != 1 or isinstance(tally.within, Window):
            return self
        return tallied(evolve(tally, grain=DAY), self.name)


def tallied(tally: Tally, name: str = "") -> Tallied:
    """The measure that a tally declares, under its own words or another name."""
    return Tallied(name or repr(tally), state_of(tally), _value, _turns, unit=tally.unit, tally=tally)


def _tally(sort: Sort, kind: type[Fact], name: str, where: dict[str, Any], **options: Any) -> Tallied:
    return tallied(Tally(sort, kind, name, where=tuple(sorted(where.items())), **options))


def count(kind: type[Fact], *, within: Span | Window | None = None, **where: str | float) -> Measure:
    """How many facts of a kind: for ever, in the last span, or in the current calendar window.

    where: equality on the fact's fields. Of nobody it is 0. rule R47: within d days is (t − d, t].

    >>> from relmkt.facts import Purchase
    >>> from relmkt.windows import days
    >>> count(Purchase, within=days(365)) >= 3
    count(Purchase, within=days(365)) >= 3
    """
    return _tally("count", kind, "", where, within=within)


def total(
    kind: type[Fact],
    field: str,
    *,
    within: Span | Window | None = None,
    currency: str | None = None,
    grain: Span | None = None,
    **where: str | float,
) -> Measure:
    """How much: the sum of a field; money in one currency, in whole units of it. Of nobody it is 0.

    grain: the steps in which facts leave a window, a day unless stated: the window is less than a grain longer.

    >>> from relmkt.facts import Purchase
    >>> total(Purchase, "amount", currency="EUR") >= 500
    total(Purchase, 'amount', currency='EUR') >= 500 EUR
    """
    step = (DAY if grain is None else int(grain)) if isinstance(within, Span) else 1
    return _tally("total", kind, field, where, within=within, currency=currency, grain=step)


def newest(kind: type[Fact], field: str, *, within: Span | Window | None = None, **where: str | float) -> Measure:
    """The value of a field of the newest fact of a kind; missing where there is none. Text is tied with `is_`.

    Of a `Profile`, the field is an attribute: `newest(Profile, "tier").is_("gold")`.

    >>> from relmkt.facts import Answer
    >>> newest(Answer, "score", item="hotel.stay") >= 9
    newest(Answer, 'score', item='hotel.stay') >= 9
    """
    tally = Tally("newest", kind, field, within=within, where=tuple(sorted(where.items())))
    return tallied(evolve(tally, currency=None))


def first(kind: type[Fact], field: str = "at", **where: str | float) -> Measure:
    """The instant of the first fact of a kind (compared with a datetime), or the value of its field.

    >>> from relmkt.facts import Purchase
    >>> first(Purchase)
    first(Purchase)
    """
    return _tally("first", kind, field, where)


def last(kind: type[Fact], **where: str | float) -> Measure:
    """The instant of the newest fact of a kind, compared with a datetime.

    >>> from relmkt.facts import Purchase
    >>> last(Purchase)
    last(Purchase)
    """
    return _tally("last", kind, "at", where)


def since(kind: type[Fact], **where: str | float) -> Measure:
    """How long ago the newest fact of a kind was, in days; missing where there is none.

    This is the recency of RFM; `PurchaseSummary.recency` is the other end of the same span.

    >>> from relmkt.facts import Purchase
    >>> from relmkt.windows import days
    >>> since(Purchase) <= days(90)
    since(Purchase) <= days(90)
    """
    return _tally("since", kind, "at", where)
