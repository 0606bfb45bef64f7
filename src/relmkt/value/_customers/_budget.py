"""What if a part of the budget moved from one phase to another? Customer equity before and after, on the user's curves.

Blattberg & Deighton (1996), "Manage marketing by the customer equity test", Harvard Business Review 74(4), 136-144: a
budget for each phase, judged by the equity that it makes. The curves are assumptions of the user's; the answer is exact
arithmetic on them and has no interval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Protocol

from attrs import evolve, field, frozen

__all__ = ["BudgetByPhase", "BudgetMove", "PhaseBudget", "Responds"]

STEP = 1e-4  # of a budget: how far the slope of the equity is looked for


class Responds(Protocol):
    """A response curve: the share of those addressed that a spend a head wins or keeps; `ResponseCurve` is one."""

    def rate(self, spend: float, /) -> float: ...


Worth = float | Callable[[Mapping[str, float]], float]


@frozen
class PhaseBudget:
    """What one phase has to spend, on how many, and what comes of it.

    phase: its name. heads: prospects or customers addressed. spend: the whole budget, in money. curve: the share of
    them that answers to a spend a head. worth: money that each of these is worth, before this spend; or a function of
    the rates of all phases by name, where what a customer won is worth depends on how many are kept.

    >>> from relmkt.value._formulas._acquisition import ResponseCurve
    >>> PhaseBudget("conquest", heads=1000, spend=1000.0, curve=ResponseCurve(0.1, 0.5), worth=60.0).phase
    'conquest'
    """

    phase: str
    heads: float = field(kw_only=True)
    spend: float = field(kw_only=True)
    curve: Responds = field(kw_only=True)
    worth: Worth = field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not (self.heads > 0 and isfinite(self.heads)):
            raise ValueError("heads: expected a number above 0")
        if not (self.spend >= 0 and isfinite(self.spend)):
            raise ValueError("spend: expected money, 0 or more")

    @property
    def rate(self) -> float:
        """The share that answers to this budget, as the curve says. Raises ValueError for one outside [0, 1]."""
        rate = float(self.curve.rate(self.spend / self.heads))
        if not 0 <= rate <= 1:
            raise ValueError(f"{self.phase}: the curve gives a rate outside [0, 1]")
        return rate


def _phases(budgets: Iterable[PhaseBudget]) -> tuple[PhaseBudget, ...]:
    told = tuple(budgets)
    names = [one.phase for one in told]
    if len(set(names)) < len(names):
        raise ValueError("each phase has one budget")
    return told


@frozen
class BudgetByPhase:
    """The budgets of all phases, and the equity that they make together.

    >>> from relmkt.value._formulas._acquisition import ResponseCurve
    >>> win = PhaseBudget("conquest", heads=1000, spend=1000.0, curve=ResponseCurve(0.1, 0.5), worth=60.0)
    >>> keep = PhaseBudget("retention", heads=200, spend=800.0, curve=ResponseCurve(0.9, 0.4), worth=100.0)
    >>> plan = BudgetByPhase([win, keep])
    >>> print(plan.move(0.1, "conquest", "retention"))
    10 % of conquest to retention (100.00): equity 14,926.68 before, 15,398.85 after, +472.17
    """

    budgets: tuple[PhaseBudget, ...] = field(converter=_phases)

    @property
    def rates(self) -> dict[str, float]:
        """The share that answers, by phase."""
        return {one.phase: one.rate for one in self.budgets}

    @property
    def equity(self) -> dict[str, float]:
        """Equity by phase: heads times rate times worth, less what is spent."""
        rates = self.rates
        return {one.phase: one.heads * one.rate * _worth(one, rates) - one.spend for one in self.budgets}

    @property
    def total(self) -> float:
        """The equity of all phases."""
        return sum(self.equity.values())

    @property
    def spend(self) -> float:
        """The whole budget."""
        return sum(one.spend for one in self.budgets)

    @property
    def marginal(self) -> dict[str, float]:
        """What one more unit of money in each phase adds to all equity; where these differ, moving money pays."""
        found = {}
        for one in self.budgets:
            step = STEP * (one.spend or one.heads)
            low, high = max(one.spend - step, 0.0), one.spend + step
            found[one.phase] = (self.spending(one.phase, high).total - self.spending(one.phase, low).total) / (
                high - low
            )
        return found

    def spending(self, phase: str, spend: float) -> BudgetByPhase:
        """The same plan with another budget for one phase. Raises KeyError for a phase that it has not."""
        if phase not in self.rates:
            raise KeyError(f"no budget for a phase called {phase!r}")
        return BudgetByPhase(evolve(one, spend=spend) if one.phase == phase else one for one in self.budgets)

    def move(self, share: float, source: str, to: str) -> BudgetMove:
        """What moving a share of one phase's budget to another does; share: in [0, 1].

        Raises ValueError for another share, KeyError for a phase without a budget.
        """
        if not 0 <= share <= 1:
            raise ValueError("share: of the budget, in [0, 1]")
        held = {one.phase: one.spend for one in self.budgets}
        if source not in held or to not in held:
            raise KeyError(f"no budget for a phase called {source if source not in held else to!r}")
        moved = share * held[source]
        less = self.spending(source, held[source] - moved)
        after = less.spending(to, held[to] + moved) if source != to else self
        return BudgetMove(share, source, to, moved, self, after)


@frozen
class BudgetMove:
    """A part of one phase's budget moved to another: the plan before, and after; amount: what was moved, in money."""

    share: float
    source: str
    to: str
    amount: float
    before: BudgetByPhase
    after: BudgetByPhase

    @property
    def gain(self) -> float:
        """The change of all equity."""
        return self.after.total - self.before.total

    @property
    def changes(self) -> dict[str, float]:
        """The change of equity by phase."""
        before, after = self.before.equity, self.after.equity
        return {phase: after[phase] - before[phase] for phase in before}

    def __str__(self) -> str:
        moved = f"{100 * self.share:g} % of {self.source} to {self.to} ({self.amount:,.2f})"
        return f"{moved}: equity {self.before.total:,.2f} before, {self.after.total:,.2f} after, {self.gain:+,.2f}"


def _worth(one: PhaseBudget, rates: Mapping[str, float]) -> float:
    return one.worth(rates) if callable(one.worth) else one.worth
