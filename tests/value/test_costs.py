"""The cost to win and the cost to keep: by hand, against SciPy, and over bases whose truth is known."""

import numpy as np
import pytest
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase, Spend
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.value._customers._costs import CostRatio, cost_ratio, spending
from relmkt.windows import days

END = datetime(2026, 3, 2)  # periods of 30 days: (2026-01-01, 2026-01-31] and (2026-01-31, 2026-03-02]


def bought(who, month, day):
    return Purchase(who, datetime(2026, month, day), Money(10, "EUR"))


def spent(month, day, amount, phase, **more):
    return Spend("us", datetime(2026, month, day), Money(amount, "EUR"), phase, **more)


OLD = [Purchase("old", datetime(2025, 12, 20), Money(10, "EUR"))]
BUYS = [*OLD, bought("ada", 1, 5), bought("ada", 2, 9), bought("bob", 1, 20), bought("cyd", 2, 20), bought("eve", 3, 1)]
SPENDS = [
    spent(1, 2, 60, "conquest", activity="advertising", campaign="spring"),
    spent(2, 10, 30, "conquest", activity="advertising"),
    spent(2, 11, 12, "retention", activity="programme"),
    spent(1, 11, 8, "loyalty", activity="programme", campaign="spring"),
    spent(2, 12, 5, "win back"),
]


def test_by_hand():
    costs = cost_ratio(Portfolio(BUYS, SPENDS, at=END), period=days(30), within=days(60), lapse=days(30))
    assert costs.win_spend.tolist() == [60, 30]
    assert costs.won.tolist() == [2, 2]  # ada and bob; cyd and eve
    assert costs.keep_spend.tolist() == [8, 12]
    assert costs.at_risk.tolist() == [1, 2]  # old; ada and bob
    assert costs.kept.tolist() == [0, 1]  # ada
    assert (costs.to_win.value, costs.to_keep.value, costs.ratio.value) == (22.5, 20, 1.125)
    assert costs.notes == ("spends left out: win back",)
    assert "to win a customer, EUR on average: 22.5" in str(costs)


def test_spends_beside_the_base_count_as_those_in_it():
    ledger = FactTable.of(SPENDS)
    inside = cost_ratio(Portfolio(BUYS, SPENDS, at=END), period=days(30), lapse=days(30))
    beside = cost_ratio(Portfolio(BUYS, at=END), period=days(30), lapse=days(30), spends=ledger)
    assert str(inside) == str(beside)
    assert inside.win_spend.tolist() == [30]


def test_nothing_later_than_at():  # rule R46
    early = cost_ratio(Portfolio(BUYS, SPENDS, at=datetime(2026, 1, 31)), period=days(30), lapse=days(30))
    assert (early.win_spend.tolist(), early.won.tolist()) == ([60], [2])


def test_nobody_won_is_unknown_and_never_zero():
    costs = cost_ratio(Portfolio(OLD, SPENDS, at=END), period=days(30), lapse=days(30))
    for figure in (costs.to_win, costs.to_keep, costs.ratio, costs.marginal_to_win, costs.marginal_ratio):
        assert np.isnan(figure.value)
        assert figure.notes
    assert "needs three periods" in costs.marginal_to_win.notes[0]
    assert np.isnan(cost_ratio(Portfolio(at=END), period=days(30), lapse=days(30)).ratio.value)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="one entry a period"):
        CostRatio([1.0], [1, 2], [1.0], [1], [1])
    with pytest.raises(ValueError, match="not at risk"):
        CostRatio([1.0], [1], [1.0], [1], [2])
    with pytest.raises(ValueError, match="one period or more"):
        cost_ratio(Portfolio(BUYS, at=END), period=days(30), within=days(29), lapse=days(30))
    dollars = Spend("us", datetime(2026, 2, 1), Money(1, "USD"), "conquest")
    with pytest.raises(InvalidFactError, match="EUR, USD"):
        cost_ratio(Portfolio(BUYS, SPENDS, [dollars], at=END), period=days(30), lapse=days(30))
    chosen = cost_ratio(Portfolio(BUYS, SPENDS, [dollars], at=END), period=days(30), lapse=days(30), currency="USD")
    assert chosen.win_spend.tolist() == [1]


def test_spending_by_activity_and_campaign():
    base = Portfolio(BUYS, SPENDS, at=END)
    activity = spending(base)
    assert dict(zip(activity.labels, activity.value.tolist(), strict=True)) == {
        "not stated": 5, "advertising": 90, "programme": 20,
    }  # fmt: skip
    assert activity["advertising"].n == 2
    campaign = spending(base, "campaign", phases=("conquest",), within=days(60))
    assert (campaign["spring"].value, campaign["not stated"].value) == (60, 30)
    assert spending(base, "phase", within=days(30)).labels == ("conquest", "retention", "win back")
    assert len(spending(Portfolio(BUYS, at=END))) == 0


def drawn(seed, periods=24):
    """Counts whose truth is known: 2 won by 100 spent, 1 more kept by 50 spent."""
    rng = np.random.default_rng(seed)
    win, heads = rng.uniform(1000, 4000, periods), rng.integers(400, 600, periods)
    keep = rng.uniform(1, 5, periods) * heads
    won = rng.poisson(20 + 0.02 * win)
    return CostRatio(win, won, keep, heads, rng.binomial(heads, 0.6 + 0.02 * keep / heads))


def test_the_marginal_cost_to_win_is_the_inverse_slope_of_least_squares():
    costs = drawn(1)
    line = stats.linregress(costs.win_spend, costs.won)
    reach = stats.t.ppf(0.975, 22) * line.stderr
    assert costs.marginal_to_win.value == pytest.approx(1 / line.slope)
    assert costs.marginal_to_win.low == pytest.approx(1 / (line.slope + reach))
    assert costs.marginal_to_win.high == pytest.approx(1 / (line.slope - reach))


def test_the_bounds_of_the_marginal_ratio_are_where_the_difference_is_just_not_seen():
    costs = drawn(3, 60)
    share = costs.kept / costs.at_risk
    heads = costs.keep_spend / costs.at_risk
    w, dx, dy = costs.at_risk, heads - np.average(heads, weights=costs.at_risk), share
    a = (w * dx) @ dy / (w @ dx**2)
    va = w @ (dy - np.average(dy, weights=w) - a * dx) ** 2 / (len(w) - 2) / (w @ dx**2)
    line = stats.linregress(costs.win_spend, costs.won)
    found = costs.marginal_ratio
    assert found.value == pytest.approx(a / line.slope)
    for bound in (found.low, found.high):
        t = (a - bound * line.slope) / np.sqrt(va + bound**2 * line.stderr**2)
        assert abs(t) == pytest.approx(stats.t.ppf(0.975, 58))


def test_no_upper_bound_where_the_slope_may_be_nothing():
    costs = CostRatio([1, 2, 3, 4], [5, 4, 9, 6], [4, 1, 2, 3], [9, 9, 9, 9], [1, 4, 2, 3])
    assert "no end" in costs.marginal_to_win.notes[0]
    assert np.isnan(costs.marginal_to_win.high)
    assert "did not go with" in costs.marginal_to_keep.notes[0]
    assert "did not go with" in costs.marginal_ratio.notes[0]
    flat = CostRatio([2, 2, 2], [1, 2, 3], [1, 2, 3], [5, 5, 5], [1, 1, 2])
    assert "that differ" in flat.marginal_to_win.notes[0]


@pytest.mark.parametrize("name, truth", [("marginal_to_win", 50), ("marginal_to_keep", 50), ("marginal_ratio", 1)])
def test_marginal_intervals_cover(name, truth):
    found = [getattr(drawn(seed), name) for seed in range(200)]
    hits = np.mean([(one.low <= truth) & ((truth <= one.high) | np.isnan(one.high)) for one in found])
    assert 0.90 <= hits <= 0.99, "seeds 0 to 199"


def test_the_average_ratio_covers():
    def one(seed):
        rng = np.random.default_rng(seed)
        return CostRatio([5000.0], [rng.poisson(100)], [1000.0], [500], [rng.binomial(500, 0.8)]).ratio

    hits = np.mean([(e.low <= 50 / 2.5) & (e.high >= 50 / 2.5) for e in map(one, range(400))])
    assert 0.92 <= hits <= 0.98, "seeds 0 to 399"


def test_customers_at_risk_in_several_periods_are_one_cluster_each():
    """The same half of the base buys every month: one draw a customer, not one a month."""
    facts = [Purchase(f"c{i}", datetime(2025, 12, 25), Money(1, "EUR")) for i in range(40)]
    facts += [Purchase(f"c{i}", datetime(2026, month, 20), Money(1, "EUR")) for i in range(20) for month in (1, 2)]
    ledger = [spent(1, 5, 100, "retention"), spent(2, 5, 100, "retention")]
    costs = cost_ratio(Portfolio(facts, ledger, at=END), period=days(30), within=days(60), lapse=days(60))
    assert (costs.at_risk.tolist(), costs.kept.tolist()) == ([40, 40], [20, 20])
    assert costs.spread == pytest.approx(np.sqrt(40 * 1.0))  # each is off by one: 2 - 2 / 2, or 0 - 2 / 2
