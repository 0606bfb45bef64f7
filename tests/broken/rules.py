"""Rules and measures that break one law each; the kit must catch every one."""

from typing import Any

from attrs import frozen

from relmkt.customers import Explanation
from relmkt.facts import Purchase, Visit
from relmkt.rules import Measure, Not, One, Rule, View
from relmkt.tallies import count, since
from relmkt.windows import days


@frozen(order=False, repr=False)
class OnlyAlone(Rule):
    """True for one customer, false among everyone."""

    rule: Rule

    def judge(self, view: View) -> Any:
        return view.judge(self.rule) if isinstance(view, One) else view.constant(0)

    def parts(self) -> tuple[Rule, ...]:
        return (self.rule,)

    def __str__(self) -> str:
        return "alone"


class OnlyTwoVerdicts(OnlyAlone):
    """What is unknown is denied as true."""

    def judge(self, view: View) -> Any:
        return view.judge(self.rule)

    def __invert__(self) -> Rule:
        return TrueUnless(self.rule)


@frozen(order=False, repr=False)
class TrueUnless(Not):
    """Not, as Python has it: unknown is denied as true."""

    def judge(self, view: View) -> Any:
        verdict = view.judge(self.rule)
        return (0 if verdict == 2 else 2) if isinstance(view, One) else 2 - verdict


class ExplainedOtherwise(OnlyTwoVerdicts):
    """Its explanation says true, whatever it is."""

    __invert__ = Rule.__invert__

    def why(self, view: One) -> Explanation:
        return Explanation(2, 0.0, "because")


class TruthOfItsOwn(OnlyTwoVerdicts):
    """May stand in an `if`."""

    __invert__ = Rule.__invert__

    def __bool__(self) -> Any:
        return True


_ASKED = [0]


def _another(facet: Any, at: Any) -> float:
    _ASKED[0] += 1
    return float(_ASKED[0] % 2)


lately = count(Visit, within=days(7))
silent = Measure("days away", since(Visit).facet, since(Visit).ask, unit="days")
late = Measure("lately", lately.facet, lately.ask, lambda state, at, op, value: None)
fickle = Measure("fickle", count(Visit).facet, _another)

BROKEN: dict[str, tuple[Rule, str]] = {
    "another answer each time": (fickle >= 1, "RL1"),
    "never says when it turns": (silent <= days(7), "RL4"),
    "turns never": (late >= 1, "RL4"),
    "unknown is denied as true": (OnlyTwoVerdicts(since(Purchase) <= days(90)), "RL6"),
    "may stand in an if": (TruthOfItsOwn(count(Visit) >= 1), "RL6"),
    "right alone, wrong among everyone": (OnlyAlone(count(Visit) >= 1), "RL7"),
    "explained otherwise": (ExplainedOtherwise(count(Visit) >= 1), "RL7"),
}
