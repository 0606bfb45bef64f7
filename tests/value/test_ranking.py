"""Rankings by revenue and profit: by hand on a few customers."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Return
from relmkt.money import Money
from relmkt.value._customers._ranking import Ranking, ranking
from tests.value.bases import Shop, bought

NAN = np.nan


class Untold(Shop):
    """A base whose tables hold what is later than its instant too."""

    def __init__(self, at, *facts):
        super().__init__(at, *facts)
        self.table = FactTable.of(facts)


def shop():
    return Untold(
        datetime(2026, 4, 10),
        bought("ada", "2026-1-5", 10),
        bought("ada", "2026-1-25", 20),
        bought("ada", "2026-3-1", 30),
        bought("bob", "2026-1-31", 40),
        bought("bob", "2026-2-1", 50),
        bought("cyd", "2026-3-9", 60),
        bought("cyd", "2026-3-9", 61),
        bought("dan", "2026-5-1", 70),
    )


def test_without_a_margin_it_says_revenue():  # rule R46
    best = ranking(shop(), currency="EUR")
    assert best.ids.tolist() == ["cyd", "bob", "ada"]
    assert best.revenue.tolist() == [121, 90, 60]
    assert (best.label, best.profit) == ("revenue", None)
    assert best.notes == ("no margin is known: revenue",)
    assert np.isnan(best.by_profit).all()
    assert np.isnan(best.moved).all()
    for shown in (str(best), repr(best), best._repr_html_()):
        assert "profit" not in shown
    assert "revenue" in repr(best)


def test_a_stated_rate_gives_profit_in_the_same_order():
    best = ranking(shop(), currency="EUR", margin=0.25)
    assert best.label == "profit"
    assert best.profit.tolist() == pytest.approx([30.25, 22.5, 15])
    assert best.moved.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="margin"):
        ranking(shop(), currency="EUR", margin=float("inf"))


def with_margins():
    def euros(amount):
        return Money(amount, "EUR")

    return Shop(
        datetime(2026, 4, 1),
        bought("ada", "2026-1-1", 100, margin=euros(10)),
        bought("bob", "2026-1-1", 90, margin=euros(45)),
        bought("cyd", "2026-1-1", 80),
        bought("dan", "2026-1-1", 70, margin=euros(30)),
        bought("dan", "2026-1-2", 70),
        bought("eve", "2026-1-2", 900, "JPY"),
    )


def test_who_changes_place():
    best = ranking(with_margins(), currency="EUR")
    assert best.ids.tolist() == ["dan", "ada", "bob", "cyd"]
    assert best.by_revenue.tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(best.by_profit, [NAN, 2, 1, NAN])
    np.testing.assert_array_equal(best.moved, [NAN, -1, 1, NAN])
    assert best.notes == ("profit known for 2 of 4",)
    assert "unknown" in str(best)
    assert "+1" in str(best)
    rated = ranking(with_margins(), currency="EUR", margin=0.2)
    assert rated.profit.tolist() == pytest.approx([44, 10, 45, 16])
    assert rated.by_profit.tolist() == [2, 4, 1, 3]


def test_returns_count_at_their_own_date():  # rule R45, rule R46
    facts = [
        bought("ada", "2026-1-1", 100),
        bought("bob", "2026-1-1", 80),
        Return("ada", datetime(2026, 2, 1), Money(50, "EUR"), ref="x"),
        Return("zoe", datetime(2026, 2, 1), Money(50, "EUR"), ref="y"),
    ]
    before = ranking(Untold(datetime(2026, 1, 31), *facts), currency="EUR", margin=0.1)
    after = ranking(Shop(datetime(2026, 2, 1), *facts), currency="EUR", margin=0.1)
    assert before.revenue.tolist() == [100, 80]
    assert (after.ids.tolist(), after.revenue.tolist()) == (["bob", "ada"], [80, 50])
    assert after.profit.tolist() == pytest.approx([8, 5])


def test_equals_share_the_better_place():
    tied = Ranking(["a", "b", "c"], [5.0, 5.0, 1.0], "EUR")
    assert tied.by_revenue.tolist() == [1, 1, 3]


def test_ranking_of_nobody():
    assert len(ranking(Shop(datetime(2026, 1, 1)), currency="EUR")) == 0


REWARDS = (["ada", "bob", "zoe"], [datetime(2026, 2, 1), datetime(2026, 3, 1), datetime(2026, 1, 5)], [4.0, 3.0, 9.0])


def test_rewards_cost_when_they_are_redeemed():  # rule R45, rule R46
    facts = [bought("ada", "2026-1-1", 100), bought("bob", "2026-1-1", 80)]
    told = {}
    for month, day in ((1, 31), (2, 1), (3, 1)):
        base = Shop(datetime(2026, month, day), *facts)
        told[month] = ranking(base, currency="EUR", margin=0.1, rewards=REWARDS)
    assert told[1].profit.tolist() == pytest.approx([10, 8])
    assert told[2].profit.tolist() == pytest.approx([6, 8])
    assert told[3].profit.tolist() == pytest.approx([6, 5])
    assert told[3].revenue.tolist() == [100, 80]  # a reward is no revenue given back
    assert told[2].moved.tolist() == [-1, 1]


def test_rewards_without_a_margin_leave_revenue_alone():
    best = ranking(shop(), currency="EUR", rewards=(["ada"], [datetime(2026, 2, 1)], [4.0]))
    assert best.profit is None
    assert "rewards are not taken off" in best.notes


def test_rewards_that_mean_nothing():
    when = [datetime(2026, 2, 1)]
    for rewards in ((["ada"], when, [-4.0]), (["ada"], when, [NAN])):
        with pytest.raises(InvalidFactError, match="negative or missing"):
            ranking(shop(), currency="EUR", margin=0.1, rewards=rewards)
    with pytest.raises(InvalidFactError, match="lengths"):
        ranking(shop(), currency="EUR", margin=0.1, rewards=(["ada", "bob"], when, [1.0, 2.0]))


def test_a_base_without_margins_in_its_columns():
    class Bare(Shop):
        def facts(self, kind):
            table = super().facts(kind)

            class Columns:
                ids = table.ids
                __len__ = table.__len__

                def __getitem__(self, name):
                    if name == "margin":
                        raise KeyError(name)
                    return table[name]

            return Columns()

    bare = Bare(datetime(2026, 4, 10), bought("ada", "2026-1-5", 10))
    assert ranking(bare, currency="EUR").profit is None
    assert ranking(bare, currency="EUR", margin=0.5).profit.tolist() == [5.0]


def test_a_return_takes_the_margin_of_its_own_purchase():  # rule R45
    def euros(amount):
        return Money(amount, "EUR")

    dear = bought("ada", "2026-1-1", 100, margin=euros(50))
    cheap = bought("ada", "2026-1-2", 100, margin=euros(10))
    for ref, left in ((dear.id, 10), (cheap.id, 50), ("another", 30)):  # of an unknown purchase: the mean rate
        back = Return("ada", datetime(2026, 2, 1), euros(100), ref=ref)
        best = ranking(Shop(datetime(2026, 3, 1), dear, cheap, back), currency="EUR")
        assert best.profit.tolist() == pytest.approx([left])
        assert best.revenue.tolist() == [100]
    half = Return("ada", datetime(2026, 2, 1), euros(50), ref=dear.id)
    assert ranking(Shop(datetime(2026, 3, 1), dear, cheap, half), currency="EUR").profit.tolist() == pytest.approx([35])
