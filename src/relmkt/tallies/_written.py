"""How is a rule kept, sent or edited? As plain data, which reads back as the same rule.

Nothing is looked up by a name found in the data: kinds of facts, hand-written measures and segments are handed in.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from relmkt.facts import Fact, Plain, kind_of
from relmkt.money import Money
from relmkt.rules import Comparison, Constant, Derived, Every, Known, Measure, Not, OneOf, Rule, Scored, Some
from relmkt.tallies._measures import Tallied, tallied
from relmkt.tallies._tally import Tally
from relmkt.windows import Instant, Span, Window

__all__ = ["read_rule", "written"]

X = TypeVar("X")
_COMPARE: dict[str, Callable[[Measure, Any], Rule]] = {
    ">=": Measure.__ge__,
    ">": Measure.__gt__,
    "<=": Measure.__le__,
    "<": Measure.__lt__,
}
_JOINS: dict[str, type[Every | Some]] = {"every": Every, "some": Some}


def written(rule: Rule) -> dict[str, Plain]:
    """A rule as plain data: text, numbers, lists and dictionaries, ready for JSON.

    A segment is written by its name; a hand-written measure too.

    >>> from relmkt.facts import Purchase
    >>> from relmkt.tallies import count
    >>> written(count(Purchase) >= 3)["limit"]
    3
    """
    match rule:
        case Comparison():
            return {"measure": _measure(rule.measure), "op": rule.op, "limit": _limit(rule.written)}
        case OneOf():
            return {"measure": _measure(rule.measure), "is": list(rule.values)}
        case Known():
            return {"measure": _measure(rule.measure), "known": True}
        case Every():
            return {"every": [written(part) for part in rule.rules]}
        case Some():
            return {"some": [written(part) for part in rule.rules]}
        case Not():
            return {"not": written(rule.rule)}
        case _:
            return {"rule": str(rule)}


def read_rule(
    data: Mapping[str, Plain],
    *,
    kinds: Iterable[type[Fact]] = (),
    measures: Iterable[Measure] = (),
    rules: Iterable[Rule] = (),
) -> Rule:
    """The rule that plain data tells.

    kinds: of the facts that its tallies count. measures: those written by hand, found by name. rules: segments and
    constants, found by name. Raises ValueError naming what is not known.

    >>> from relmkt.facts import Purchase
    >>> from relmkt.tallies import count
    >>> rule = count(Purchase) >= 3
    >>> read_rule(written(rule), kinds=[Purchase]) == rule
    True
    """
    return _Reader(kinds, measures, rules).rule(data)


class _Reader:
    def __init__(self, kinds: Iterable[type[Fact]], measures: Iterable[Measure], rules: Iterable[Rule]) -> None:
        self.kinds = {kind_of(kind): kind for kind in kinds}
        self.measures = {measure.name: measure for measure in measures}
        self.rules: dict[str, Rule] = {"everyone": Constant("everyone", 2), **{str(rule): rule for rule in rules}}

    def rule(self, data: Mapping[str, Plain]) -> Rule:
        for word, join in _JOINS.items():
            if word in data:
                return join(tuple(self.rule(part) for part in data[word]))
        if "not" in data:
            return Not(self.rule(data["not"]))
        if "rule" in data:
            return _named(self.rules, data["rule"], "rule")
        if "measure" not in data:
            raise ValueError(f"not a rule: {', '.join(map(str, data)) or 'nothing'}")
        measure = self.measure(data["measure"])
        if "is" in data:
            return measure.is_(*data["is"])
        if data.get("known"):
            return measure.known()
        compare = _COMPARE.get(str(data.get("op")))
        if compare is None:
            raise ValueError(f"not a comparison: {data.get('op')!r}")
        return compare(measure, _read_limit(data.get("limit")))

    def measure(self, data: Mapping[str, Plain]) -> Measure:
        if "tally" in data:
            return self._tally(data)
        if "arithmetic" in data:
            sides = [self.measure(side) if isinstance(side, Mapping) else side for side in data["sides"]]
            return _joined(data["arithmetic"], *sides).named(data["name"])
        if "scored" in data:
            of = self.measure(data["scored"])
            return of.scored(data["edges"], name=data["name"], reverse=data["reverse"])
        return _named(self.measures, data.get("name"), "measure")

    def _tally(self, data: Mapping[str, Plain]) -> Measure:
        tally = Tally(
            data["tally"],
            _named(self.kinds, data["kind"], "kind of fact"),
            data["field"],
            _read_within(data["within"]),
            data["currency"],
            tuple((name, value) for name, value in data["where"]),
            grain=data["grain"],
        )
        return tallied(tally, data["name"])


def _joined(op: str, left: Any, right: Any) -> Measure:
    if op == "+":
        return left + right  # type: ignore[no-any-return]
    if op == "-":
        return left - right  # type: ignore[no-any-return]
    if op == "*":
        return left * right  # type: ignore[no-any-return]
    return left / right  # type: ignore[no-any-return]


def _named(known: Mapping[str, X], name: object, sort: str) -> X:
    if name not in known:
        raise ValueError(f"{sort} {name!r} is not known: hand it in")
    return known[str(name)]


def _measure(measure: Any) -> dict[str, Plain]:
    match measure:
        case Tallied():
            tally = measure.tally
            return {
                "tally": tally.sort,
                "kind": kind_of(tally.kind),
                "field": tally.field,
                "within": _within(tally.within),
                "currency": tally.currency,
                "where": [list(pair) for pair in tally.where],
                "grain": int(tally.grain),
                "name": measure.name,
            }
        case Derived():
            sides = [_measure(s) if isinstance(s, Measure) else s for s in (measure.left, measure.right)]
            return {"arithmetic": measure.op, "sides": sides, "name": measure.name}
        case Scored():
            scored = {"scored": _measure(measure.of), "edges": list(measure.edges), "reverse": measure.reverse}
            return {**scored, "name": measure.name}
        case _:
            return {"name": measure.name}


def _within(within: Span | Window | None) -> Plain:
    if isinstance(within, Window):
        return [within.unit, within.zone]
    return None if within is None else int(within)


def _read_within(told: Plain) -> Span | Window | None:
    if isinstance(told, list):
        return Window(*told)
    return None if told is None else Span(told)


def _limit(limit: Any) -> Plain:
    if isinstance(limit, Money):
        return {"money": [limit.units, limit.currency]}
    if isinstance(limit, Span):
        return {"span": int(limit)}
    if hasattr(limit, "tzinfo"):
        return {"instant": limit.isoformat()}
    return {"at": int(limit)} if isinstance(limit, Instant) else limit


def _read_limit(told: Plain) -> Any:
    match told:
        case {"money": [units, currency]}:
            return Money.minor(units, currency)
        case {"span": span}:
            return Span(span)
        case {"instant": text}:
            return Instant(text)
        case {"at": at}:
            return Instant(at)
        case _:
            return told
