"""Equity and budget by phase: against Blattberg & Deighton's own formula, and what moving a part does."""

from math import exp

import pytest
from attrs import frozen

from relmkt.value._customers._budget import BudgetByPhase, PhaseBudget
from relmkt.value._formulas._acquisition import AcquisitionRetention, ResponseCurve

WIN = ResponseCurve.through(rate=0.04, spend=1.0, ceiling=0.1)
KEEP = ResponseCurve.through(rate=0.6, spend=8.0, ceiling=0.8)


@frozen
class Straight:
    """A curve of a user's own: so many answer per unit of money, whatever was spent."""

    slope: float

    def rate(self, spend):
        return self.slope * spend


def plan(win=1000.0, keep=800.0):
    return BudgetByPhase([
        PhaseBudget("conquest", heads=1000, spend=win, curve=WIN, worth=60.0),
        PhaseBudget("retention", heads=100, spend=keep, curve=KEEP, worth=100.0),
    ])  # fmt: skip


def test_equity_by_hand():
    assert plan().rates == pytest.approx({"conquest": 0.04, "retention": 0.6})
    assert plan().equity == pytest.approx({"conquest": 1000 * 0.04 * 60 - 1000, "retention": 100 * 0.6 * 100 - 800})
    assert plan().total == pytest.approx(1400 + 5200)
    assert plan().spend == 1800


def test_a_tenth_of_conquest_moved_to_retention():
    move = plan().move(0.1, "conquest", "retention")
    won, kept = 0.1 * (1 - exp(-WIN.k * 0.9)), 0.8 * (1 - exp(-KEEP.k * 9))
    assert move.amount == 100
    assert move.after.spend == pytest.approx(move.before.spend)
    assert move.before.total == pytest.approx(6600)
    assert move.after.total == pytest.approx(1000 * won * 60 - 900 + 100 * kept * 100 - 900)
    assert move.changes == pytest.approx(
        {"conquest": 60_000 * (won - 0.04) + 100, "retention": 10_000 * (kept - 0.6) - 100}
    )
    assert move.gain == pytest.approx(sum(move.changes.values()))
    assert str(move).startswith("10 % of conquest to retention (100.00): equity 6,600.00 before, ")


def test_the_worth_of_the_won_may_depend_on_how_many_are_kept():
    margin, discount, spend, heads = 50.0, 0.1, 8.0, 500
    model = AcquisitionRetention(WIN, KEEP, margin, discount)
    for keep in (spend, spend + 1):

        def worth(rates, keep=keep):
            kept = rates["retention"]
            return margin + (margin * kept - keep) / (1 + discount - kept)

        both = BudgetByPhase([
            PhaseBudget("conquest", heads=heads, spend=heads * 1.0, curve=WIN, worth=worth),
            PhaseBudget("retention", heads=10, spend=10 * keep, curve=KEEP, worth=0.0),
        ])  # fmt: skip
        assert both.equity["conquest"] == pytest.approx(heads * model.at(1.0, keep).value)


def test_the_marginal_equity_is_the_slope_and_says_where_to_move():
    marginal = plan().marginal
    assert marginal["conquest"] == pytest.approx(60 / WIN.marginal_cost(1.0) - 1, rel=1e-6)
    assert marginal["retention"] == pytest.approx(100 / KEEP.marginal_cost(8.0) - 1, rel=1e-6)
    better, worse = sorted(marginal, key=marginal.get, reverse=True)
    assert plan().move(0.01, worse, better).gain > 0 > plan().move(0.01, better, worse).gain
    assert plan(win=0.0).marginal["conquest"] == pytest.approx(60 / WIN.marginal_cost(0.0) - 1, rel=1e-3)


def test_nothing_moved_changes_nothing():
    assert plan().move(0.0, "conquest", "retention").gain == 0
    assert plan().move(0.3, "conquest", "conquest").gain == 0
    assert plan().move(1.0, "conquest", "retention").after.rates["conquest"] == 0


def test_what_cannot_be_is_refused():
    with pytest.raises(KeyError, match="win back"):
        plan().move(0.1, "conquest", "win back")
    with pytest.raises(KeyError, match="loyalty"):
        plan().spending("loyalty", 1.0)
    with pytest.raises(ValueError, match="share"):
        plan().move(1.1, "conquest", "retention")
    with pytest.raises(ValueError, match="each phase has one budget"):
        BudgetByPhase([*plan().budgets, *plan().budgets])
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        PhaseBudget("conquest", heads=1, spend=3.0, curve=Straight(0.5), worth=1.0).rate  # noqa: B018
    for slip in ({"heads": 0}, {"spend": -1.0}):
        with pytest.raises(ValueError, match=next(iter(slip))):
            PhaseBudget("conquest", **{"heads": 1, "spend": 1.0, "curve": WIN, "worth": 1.0, **slip})
