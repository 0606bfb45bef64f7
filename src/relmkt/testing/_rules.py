"""Does a rule keep its laws? Random histories of the kinds that its facets read; docs/contracts/rule.md.

One customer and everyone agree, *not unknown* is unknown, the explanation agrees with the verdict, and the instant at
which time alone flips it is never missed: every later instant that could matter is asked.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from attrs import frozen

from relmkt.customers import Customer
from relmkt.facts import Fact, Purchase, Visit
from relmkt.portfolio import Portfolio
from relmkt.rules import One, Rule
from relmkt.testing._check import Check, hold
from relmkt.testing._hypothesis import chance, tried
from relmkt.testing._inside import kinds_read, spans_inside, texts_inside, windows_inside
from relmkt.testing._strategies import START, histories, instants
from relmkt.windows import DAY, HOUR, Instant

__all__ = ["check_rule", "rule_checks"]

NAMES = ("ada", "bob", "cleo")
LATER = tuple(START + day * DAY + step for day in range(0, 800, 3) for step in (0, 23 * HOUR))
Drawn = tuple[list[Fact], Instant]


@frozen
class Bench:
    """A rule, and the spans after a fact at which it might flip."""

    rule: Rule
    spans: tuple[int, ...]

    def customer(self, name: str, drawn: Drawn) -> Customer:
        """One customer with its facts until the instant, folded into what the rule reads."""
        own = [fact for fact in drawn[0] if fact.subject == name]
        return Customer.of(name, own, facets=self.rule.facets(), at=drawn[1])


Law = Callable[[Bench, Drawn], None]


def rule_checks(rule: Rule, *, seed: int = 1, examples: int = 40, shrink: bool = True) -> list[Check]:
    """Every law of rules as a check of its own, ready to be called or handed to `pytest.mark.parametrize(…, ids=str)`.

    rule: a rule or a segment. seed, examples: of the random histories, the same ones for the same seed.
    shrink: whether a history that breaks a law is made smaller before it is shown, which may take a minute.

    Raises ImportError without hypothesis: pip install relmkt[testing].

    >>> from relmkt.tallies import count
    >>> print(rule_checks(count(Purchase) >= 3)[0])
    RL1 asked twice, and from its whole history, it gives the same verdict
    """
    st = chance()
    words = texts_inside((rule, [_limits(leaf) for leaf in rule.comparisons()]))
    kinds = kinds_read(rule.facets()) or (Purchase, Visit)
    told = histories(*kinds, subject=st.sampled_from(NAMES), words=words)
    drawn = st.tuples(told, instants())
    bench = Bench(rule, tuple(sorted(_spans(rule))))
    laws: tuple[Law, ...] = (answers_the_same, three_verdicts, everywhere, explained, never_missed)
    return [_check(bench, law, drawn, (examples, seed, shrink)) for law in laws]


def check_rule(rule: Rule, *, seed: int = 1, examples: int = 40) -> None:
    """Run every law of `rule_checks`. Raises AssertionError naming the first that is broken.

    >>> from relmkt.tallies import since
    >>> from relmkt.windows import days
    >>> check_rule(since(Purchase) <= days(90), examples=5)
    """
    for check in rule_checks(rule, seed=seed, examples=examples):
        check()


def _check(bench: Bench, law: Law, strategy: Any, how: tuple[int, int, bool]) -> Check:
    clause, _, words = " ".join((law.__doc__ or "").split()).partition(" ")
    examples, seed, shrink = how
    return Check(
        clause, words, lambda: tried(strategy, partial(law, bench), examples=examples, seed=seed, shrink=shrink)
    )


def _limits(leaf: Any) -> tuple[Any, ...]:
    return (getattr(leaf, "values", ()), leaf.measure.facet)


def _spans(rule: Rule) -> set[int]:
    """Spans after a fact at which a comparison might flip: windows, limits of time, and their sums with a day."""
    found = {0}
    for leaf in rule.comparisons():
        found |= spans_inside(leaf)
        if getattr(leaf.measure, "unit", "") == "days":
            found.add(int(getattr(leaf, "limit", 0)))
    return {span + more for span in found for more in (0, DAY)}


# --- the laws --------------------------------------------------------------------------------------------------------


def answers_the_same(bench: Bench, drawn: Drawn) -> None:
    """RL1 asked twice, and from its whole history, it gives the same verdict"""
    for name in NAMES:
        ada = bench.customer(name, drawn)
        bare = Customer.of(name, [f for f in drawn[0] if f.subject == name], at=drawn[1])
        found = [customer.ask(bench.rule) for customer in (ada, ada, bare)]
        hold(len(set(found)) == 1, f"it answered {[verdict.name for verdict in found]}")


def three_verdicts(bench: Bench, drawn: Drawn) -> None:
    """RL6 not unknown is unknown, joining takes the smaller and the larger, and it has no truth of its own"""
    rule = bench.rule
    try:
        bool(rule)
    except TypeError:
        pass
    else:
        raise AssertionError("bool(rule) gave an answer")
    for name in NAMES:
        ada = bench.customer(name, drawn)
        said, denied = ada.ask(rule), ada.ask(~rule)
        hold(denied == 2 - said, f"it is {said.name}, and not it is {denied.name}")
        both, either = ada.ask(rule & ~rule), ada.ask(rule | ~rule)
        hold((both, either) == (min(said, denied), max(said, denied)), "and is not the smaller, or not the larger")


def everywhere(bench: Bench, drawn: Drawn) -> None:
    """RL7 one customer and a portfolio give the same verdicts"""
    told, at = drawn
    base = Portfolio([fact for fact in told if fact.at <= at], at=at)
    true, false = (set(base.select(rule).tolist()) for rule in (bench.rule, ~bench.rule))
    for name in base.ids.tolist():
        one = int(bench.customer(name, drawn).ask(bench.rule))
        many = 2 if name in true else 0 if name in false else 1
        hold(one == many, f"alone it is {one}, among everyone {many}")


def explained(bench: Bench, drawn: Drawn) -> None:
    """RL7 the explanation agrees with the verdict, and prints"""
    for name in NAMES:
        ada = bench.customer(name, drawn)
        why = ada.explain(bench.rule)
        hold(why.verdict == ada.ask(bench.rule), f"explained as {why.verdict}, judged {int(ada.ask(bench.rule))}")
        hold(str(why), "it explains itself by nothing")


def never_missed(bench: Bench, drawn: Drawn) -> None:
    """RL4 no flip by time alone is missed, and none is announced for an instant that has passed"""
    told = [fact for fact in drawn[0] if fact.at <= drawn[1]]
    for name in NAMES:
        ada = bench.customer(name, drawn)
        at, later = drawn[1], _later(bench, told)
        for _ in range(4):
            turn = bench.rule.turning(One(ada, at))
            hold(turn is None or turn > at, "it announced a flip for an instant that has passed")
            _not_before(bench.rule, ada, at, turn, later)
            if turn is None:
                break
            at = Instant(turn)


def _not_before(rule: Rule, ada: Customer, at: Instant, turn: Instant | None, later: Iterable[int]) -> None:
    """Hold that no comparison differs at an instant after `at` and before the announced turn."""
    now = _verdicts(rule, ada, at)
    for moment in later:
        if at < moment and (turn is None or moment < turn) and _verdicts(rule, ada, Instant(moment)) != now:
            told = "announced none" if turn is None else f"announced {turn}"
            raise AssertionError(f"asked at {at} it {told}, yet it has flipped by {Instant(moment)}")


def _verdicts(rule: Rule, ada: Customer, at: Instant) -> list[int]:
    view = One(ada, at)
    return [view.judge(leaf) for leaf in (rule, *rule.comparisons())]


def _later(bench: Bench, told: list[Fact]) -> list[int]:
    """Instants at which something may flip: a span after each fact, ends of calendar windows, and every third day."""
    starts = {int(fact.at) for fact in told} | {-(-int(fact.at) // DAY) * DAY for fact in told}
    around = {start + span + step for start in starts for span in bench.spans for step in (-1, 0, 1)}
    ends = {int(window.end(start)) for window in windows_inside(tuple(bench.rule.comparisons())) for start in starts}
    return sorted({*around, *ends, *LATER})
