"""Cohorts, repeat rate and rankings: by hand on a few customers, by plain loops on CDNOW."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.exceptions import InvalidFactError
from relmkt.facts import Return
from relmkt.money import Money
from relmkt.value import Cohorts, PurchaseSummary, Ranking, cohorts, ranking, repeat_rate
from relmkt.windows import days
from tests.value.bases import END, Shop, bought, cdnow_shop, sample

NAN = np.nan


def shop(at="2026-4-10"):
    return Shop(
        datetime(*map(int, at.split("-"))),
        bought("ada", "2026-1-5", 10),
        bought("ada", "2026-1-25", 20),
        bought("ada", "2026-3-1", 30),
        bought("bob", "2026-1-31", 40),
        bought("bob", "2026-2-1", 50),
        bought("cyd", "2026-3-9", 60),
        bought("cyd", "2026-3-9", 61),
        bought("dan", "2026-5-1", 70),
    )


def test_by_hand():
    table = cohorts(shop())
    assert table.starts == ("2026-01", "2026-03")
    assert table.size.tolist() == [2, 1]
    np.testing.assert_array_equal(table.active, [[2, 1, 1, 0], [1, 0, NAN, NAN]])
    np.testing.assert_array_equal(table.revenue, [[70, 50, 30, 0], [121, 0, NAN, NAN]])
    assert table.currency == "EUR"
    np.testing.assert_array_equal(table.running, [[0, 0, 0, 1], [0, 1, 0, 0]])
    np.testing.assert_array_equal(table.pooled, [1, 0.5, 0.5, NAN])


def test_nothing_later_than_at():  # rule R46
    table = cohorts(shop("2026-2-15"))
    assert table.starts == ("2026-01",)
    np.testing.assert_array_equal(table.active, [[2, 1]])


def test_pooled_is_a_ratio_of_sums_over_the_cohorts_observed():
    table = Cohorts(
        "month",
        ("2026-01", "2026-02", "2026-03"),
        [100, 200, 150],
        [[100, 60, 45, 36], [200, 130, 104, NAN], [150, 90, NAN, NAN]],
    )
    assert table.pooled[1:3] == pytest.approx([0.6222222, 0.4966667], abs=1e-7)


def test_cdnow_adds_up():
    table, summary = cohorts(cdnow_shop()), sample(at=END)
    assert table.starts == ("1997-01", "1997-02", "1997-03")
    assert table.size.sum() == len(summary)
    assert np.nansum(table.revenue) == pytest.approx(244_091.94)
    assert (table.retention[:, 0] == 1).all()
    assert np.isnan(table.active).sum() == 0 + 1 + 2
    weeks = cohorts(cdnow_shop(), period="week")
    assert weeks.starts[0] == "1996-12-30"  # a Monday
    assert weeks.size.sum() == len(summary)
    assert np.nansum(weeks.revenue) == pytest.approx(244_091.94)
    years = cohorts(cdnow_shop(), period="year")
    assert (years.starts, years.active.shape) == (("1997",), (1, 2))
    assert cohorts(cdnow_shop(), period="day").size.sum() == len(summary)


def test_a_period_is_local():
    late = Shop(datetime(2026, 3, 1), bought("ada", datetime(2026, 1, 31, 23, 30), 10))
    assert cohorts(late).starts == ("2026-01",)
    assert cohorts(late, zone="Europe/Paris").starts == ("2026-02",)


def test_currency_is_of_the_revenue_alone():
    two = Shop(datetime(2026, 3, 1), bought("ada", "2026-1-1", 10), bought("bob", "2026-1-2", 900, "JPY"))
    with pytest.raises(InvalidFactError, match="EUR, JPY"):
        cohorts(two)
    assert cohorts(two, currency="EUR").size.tolist() == [2]
    assert cohorts(two, currency="JPY").revenue[0, 0] == 900


def test_nobody():
    table = cohorts(Shop(datetime(2026, 3, 1)))
    assert len(table) == 0
    assert "size" in str(table)
    assert "<table>" in table._repr_html_()
    with pytest.raises(ValueError, match="period"):
        cohorts(shop(), period="decade")


def test_it_prints():
    assert str(cohorts(shop())).splitlines() == [
        "first month      size     0     1     2     3",
        "2026-01             2 100 %  50 %  50 %   0 %",
        "2026-03             1 100 %   0 %            ",
        "all                 3 100 %  50 %  50 %      ",
    ]
    assert repr(cohorts(shop())) == "<Cohorts: 2 by month, 3 customers>"
    assert "<td>2</td>" in cohorts(shop())._repr_html_()


# ---------------------------------------------------------------------------------------------------------- repeat rate


def test_repeat_rate():
    rate = repeat_rate(shop())  # cyd's two purchases fell on one day
    assert (rate.value, rate.n) == (pytest.approx(2 / 3), 3)
    assert 0 < rate.low < rate.value < rate.high < 1
    assert "recent" in rate.notes[0]
    known = repeat_rate(shop(), within=days(30))
    assert (known.value, known.n, known.notes) == (pytest.approx(2 / 3), 3, ())
    assert repeat_rate(shop(), within=days(60)).n == 2
    assert repeat_rate(shop(), within=days(10)).value == pytest.approx(1 / 3)
    assert np.isnan(repeat_rate(shop(), within=days(600)).value)
    assert repeat_rate(Shop(datetime(2026, 1, 1))).n == 0


def test_repeat_rate_has_wilsons_interval():
    shop = Shop(
        datetime(2026, 3, 1),
        *(bought(f"{i:03d}", "2026-1-1", 1) for i in range(100)),
        *(bought(f"{i:03d}", "2026-1-2", 1) for i in range(70)),
    )
    rate = repeat_rate(shop)
    assert (rate.low, rate.high) == pytest.approx((0.6041515, 0.7810511), abs=1e-6)


def test_repeat_rate_agrees_with_the_summary():
    summary = PurchaseSummary.of(cdnow_shop(), unit="day")
    assert repeat_rate(cdnow_shop()).value == pytest.approx((summary.frequency > 0).mean())


# ------------------------------------------------------------------------------------------------------------- rankings


def test_without_a_margin_it_says_revenue():
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


def test_returns_count_at_their_own_date():  # rule R45
    facts = [
        bought("ada", "2026-1-1", 100),
        bought("bob", "2026-1-1", 80),
        Return("ada", datetime(2026, 2, 1), Money(50, "EUR"), ref="x"),
        Return("zoe", datetime(2026, 2, 1), Money(50, "EUR"), ref="y"),
    ]
    before = ranking(Shop(datetime(2026, 1, 31), *facts), currency="EUR", margin=0.1)
    after = ranking(Shop(datetime(2026, 2, 1), *facts), currency="EUR", margin=0.1)
    assert before.revenue.tolist() == [100, 80]
    assert (after.ids.tolist(), after.revenue.tolist()) == (["bob", "ada"], [80, 50])
    assert after.profit.tolist() == pytest.approx([8, 5])


def test_equals_share_the_better_place():
    tied = Ranking(["a", "b", "c"], [5.0, 5.0, 1.0], "EUR")
    assert tied.by_revenue.tolist() == [1, 1, 3]


def test_ranking_of_nobody():
    assert len(ranking(Shop(datetime(2026, 1, 1)), currency="EUR")) == 0
