"""Is it so? A rule is data: comparisons joined by `&`, `|`, `~`, judged through a view.

Rules print as they are written, hash by value, explain themselves with the figures found, say when they may flip by
time alone, and round-trip through plain data. `bool(rule)` raises: a rule is a question, not an answer.
"""

from collections.abc import Iterator
from typing import Any, NoReturn

from attrs import field, frozen

from relmkt.customers import Customer, Explanation
from relmkt.rules._verdict import Verdict
from relmkt.rules._view import NAN, Measured, One, Op, Sight, View, missing, next_flip
from relmkt.windows import Instant

__all__ = ["Comparison", "Constant", "Every", "Known", "Not", "OneOf", "Rule", "Some", "everyone"]


@frozen(order=False, repr=False)
class Rule:
    """A question about a customer whose answer is false, unknown or true; it selects only the true.

    Write rules with measures: `(count(Purchase, within=days(365)) >= 3) & (since(Purchase) <= days(90))`.

    >>> print(~everyone)
    ~everyone
    """

    def __and__(self, other: "Rule") -> "Rule":
        return Every(_parts(Every, self, other))

    def __or__(self, other: "Rule") -> "Rule":
        return Some(_parts(Some, self, other))

    def __invert__(self) -> "Rule":
        return Not(self)

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self}: a rule is not a condition; ask a customer, and join rules with &, | and ~")

    def __repr__(self) -> str:
        return str(self)

    def judge(self, view: View) -> Any:
        """The verdict, as `view` judges."""
        raise TypeError(f"{type(self).__name__} does not say how it is judged")

    def parts(self) -> tuple["Rule", ...]:
        """The rules that this one joins."""
        return ()

    def comparisons(self) -> Iterator["Comparison | OneOf | Known"]:
        """The comparisons at the leaves, in the order of writing."""
        for part in self.parts():
            yield from part.comparisons()

    def facets(self) -> tuple[Any, ...]:
        """The facets that the rule reads, each as wide as its comparisons need."""
        return tuple(facet for comparison in self.comparisons() for facet in comparison.reads())

    def turning(self, view: One) -> Instant | None:
        """The next instant at which a comparison flips if no fact comes; None: time alone changes nothing."""
        found = [turn for turn in (leaf.turns(view) for leaf in self.comparisons()) if turn is not None]
        return min(found, default=None)

    def one(self, customer: Customer) -> Verdict:
        """The verdict for one customer."""
        return Verdict(One(customer).judge(self))

    def many(self, portfolio: Sight) -> Any:
        """A mask of those for whom the rule is true."""
        return portfolio.true(self)

    def explain(self, customer: Customer) -> Explanation:
        """The verdict and those of its parts, with the figures found."""
        return self.why(One(customer))

    def why(self, view: One) -> Explanation:
        """The explanation, through a view."""
        return Explanation(view.judge(self), NAN, str(self), tuple(part.why(view) for part in self.parts()))


def _parts(join: type, one: Rule, other: object) -> tuple[Rule, ...]:
    if not isinstance(other, Rule):
        hint = "; comparing with == gives a bool: write is_(…)" if isinstance(other, bool) else ""
        raise TypeError(f"a rule is joined with a rule, not with a {type(other).__name__}{hint}")
    return tuple(part for side in (one, other) for part in (side.parts() if type(side) is join else (side,)))


def _nested(rule: Rule) -> str:
    return f"({rule})" if isinstance(rule, Comparison | Every | Some) else str(rule)


@frozen(order=False, cache_hash=True, repr=False)
class Comparison(Rule):
    """A measure compared with a limit; unknown where the measure is missing.

    limit: in raw units (microseconds, minor units). written: the limit as the user wrote it.

    >>> from relmkt.tallies import count
    >>> from relmkt.facts import Purchase
    >>> (count(Purchase) >= 3).limit
    3
    """

    measure: Measured
    op: Op
    limit: float
    written: Any = field(default=None, eq=False)

    def judge(self, view: View) -> Any:
        """The verdict, as `view` judges."""
        return view.compare(self.measure, self.op, self.limit)

    def comparisons(self) -> Iterator["Comparison | OneOf | Known"]:
        """Itself."""
        yield self

    def reads(self) -> tuple[Any, ...]:
        """The facets of the measure, as wide as comparing needs."""
        return self.measure.facets(self.op, self.limit)

    def turns(self, view: One) -> Instant | None:
        """When it flips by time alone."""
        return self.measure.turning(view, self.op, self.limit)

    def why(self, view: One) -> Explanation:
        """The verdict, with the figure found."""
        raw = self.measure.read(view)
        value = NAN if missing(raw) or isinstance(raw, str) else raw / self.measure.scale
        return Explanation(view.judge(self), value, str(self), found=self.measure.told(raw))

    def __str__(self) -> str:
        return f"{self.measure.name} {self.op} {self.words()}"

    def words(self) -> str:
        """The limit in the words of the user."""
        unit = self.measure.unit
        number = isinstance(self.written, int | float) and unit not in ("days", "instant")
        text = f"{self.written:.12g}" if number else str(self.written)
        return f"{text} {unit}" if unit not in ("", "days", "instant") and unit not in text else text


@frozen(order=False, cache_hash=True, repr=False)
class OneOf(Rule):
    """A measure tied to one or several categories; unknown where it is missing.

    >>> from relmkt.tallies import newest
    >>> from relmkt.facts import Answer
    >>> print(newest(Answer, "score").is_(9, 10))
    newest(Answer, 'score').is_(9, 10)
    """

    measure: Measured
    values: tuple[str | float, ...]

    def judge(self, view: View) -> Any:
        """The verdict, as `view` judges."""
        return view.among(self.measure, self.raw)

    @property
    def raw(self) -> tuple[str | float, ...]:
        """The values as the measure has them: microseconds, minor units."""
        scale = self.measure.scale
        return self.values if scale == 1 else tuple(v if isinstance(v, str) else v * scale for v in self.values)

    def comparisons(self) -> Iterator["Comparison | OneOf | Known"]:
        """Itself."""
        yield self

    def reads(self) -> tuple[Any, ...]:
        """The facets of the measure."""
        return self.measure.facets()

    def turns(self, view: One) -> Instant | None:
        """When it flips by time alone."""
        return next_flip(view, self.judge, self.measure.changing if self.measure.unit != "days" else self._passing)

    def _passing(self, view: One) -> Instant | None:
        """A span grows with every instant: what counts is when it reaches a value, and when it passes it."""
        ops: tuple[Op, ...] = (">=", ">")
        limits = [value for value in self.raw if not isinstance(value, str)]
        turns = [self.measure.turning(view, op, limit) for limit in limits for op in ops]
        return min((turn for turn in turns if turn is not None), default=None)

    def why(self, view: One) -> Explanation:
        """The verdict, with the value found."""
        return Explanation(view.judge(self), NAN, str(self), found=self.measure.told(self.measure.read(view)))

    def __str__(self) -> str:
        return f"{self.measure.name}.is_({', '.join(map(repr, self.values))})"


@frozen(order=False, cache_hash=True, repr=False)
class Known(Rule):
    """Whether a measure has a value: never unknown.

    >>> from relmkt.tallies import newest
    >>> from relmkt.facts import Answer
    >>> print(newest(Answer, "score").known())
    newest(Answer, 'score').known()
    """

    measure: Measured

    def judge(self, view: View) -> Any:
        """The verdict, as `view` judges."""
        return view.known(self.measure)

    def comparisons(self) -> Iterator["Comparison | OneOf | Known"]:
        """Itself."""
        yield self

    def reads(self) -> tuple[Any, ...]:
        """The facets of the measure."""
        return self.measure.facets()

    def turns(self, view: One) -> Instant | None:
        """When it flips by time alone."""
        return next_flip(view, self.judge, self.measure.changing)

    def why(self, view: One) -> Explanation:
        """The verdict, with the value found."""
        return Explanation(view.judge(self), NAN, str(self), found=self.measure.told(self.measure.read(view)))

    def __str__(self) -> str:
        return f"{self.measure.name}.known()"


@frozen(order=False, cache_hash=True, repr=False)
class Every(Rule):
    """All of several rules: the least of their verdicts.

    >>> print(Every((everyone, ~everyone)))
    everyone & ~everyone
    """

    rules: tuple[Rule, ...]

    def judge(self, view: View) -> Any:
        """The least of the verdicts."""
        return view.least(*map(view.judge, self.rules))

    def parts(self) -> tuple[Rule, ...]:
        """The rules joined."""
        return self.rules

    def __str__(self) -> str:
        return " & ".join(map(_nested, self.rules))


@frozen(order=False, cache_hash=True, repr=False)
class Some(Rule):
    """At least one of several rules: the most of their verdicts.

    >>> print(Some((everyone, ~everyone)))
    everyone | ~everyone
    """

    rules: tuple[Rule, ...]

    def judge(self, view: View) -> Any:
        """The most of the verdicts."""
        return view.most(*map(view.judge, self.rules))

    def parts(self) -> tuple[Rule, ...]:
        """The rules joined."""
        return self.rules

    def __str__(self) -> str:
        return " | ".join(map(_nested, self.rules))


@frozen(order=False, cache_hash=True, repr=False)
class Not(Rule):
    """The contrary: 2 − v, so that *not unknown* is unknown.

    >>> print(Not(everyone))
    ~everyone
    """

    rule: Rule

    def judge(self, view: View) -> Any:
        """The verdict, flipped."""
        return view.flip(view.judge(self.rule))

    def parts(self) -> tuple[Rule, ...]:
        """The rule denied."""
        return (self.rule,)

    def __str__(self) -> str:
        return f"~{_nested(self.rule)}"


@frozen(order=False, cache_hash=True, repr=False)
class Constant(Rule):
    """The same verdict for everyone.

    >>> print(everyone)
    everyone
    """

    name: str
    verdict: int

    def judge(self, view: View) -> Any:
        """The verdict."""
        return view.constant(self.verdict)

    def __str__(self) -> str:
        return self.name


everyone = Constant("everyone", 2)
"""True for every customer."""
