"""Profit by tenure: by hand, with returns at their own date, and on bases where selection is all there is."""

import numpy as np
import pytest
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase, Return
from relmkt.money import Money
from relmkt.value._customers._tenure import profit_by_tenure
from relmkt.windows import DAY, instant
from tests.value.bases import Shop, bought, cdnow_shop

END = datetime(2026, 4, 15)
YEAR = round(365.25 * DAY)


def eur(amount):
    return Money(amount, "EUR")


FACTS = (
    bought("ada", "2026-1-5", 10, margin=eur(4)),
    bought("ada", "2026-1-20", 20, margin=eur(8)),
    bought("ada", "2026-3-1", 30, margin=eur(3)),  # the second month, 30.4 days long
    bought("bob", "2026-1-10", 40, margin=eur(20)),
    bought("bob", "2026-4-12", 90, margin=eur(9)),  # a month that is not over
    bought("cyd", "2026-4-1", 70, margin=eur(7)),  # known for less than a month
)


def test_by_hand():
    profit = profit_by_tenure(Shop(END, *FACTS), unit="month")
    assert (profit.label, profit.currency) == ("profit", "EUR")
    assert profit.active.labels == ("0", "1", "2")
    np.testing.assert_array_equal(profit.active.value, [16, 3, np.nan])
    np.testing.assert_array_equal(profit.active.n, [2, 1, 0])
    np.testing.assert_array_equal(profit.everyone.value, [16, 1.5, 0])
    np.testing.assert_array_equal(profit.everyone.n, [2, 2, 2])
    assert profit.active["0"].high == pytest.approx(16 + stats.t.ppf(0.975, 1) * 4)
    assert "needs three customers" in profit.trend.notes[0]
    assert "is not known to move" in str(profit)


def test_a_return_is_taken_off_in_its_own_period():  # rule R45
    back = Return("ada", datetime(2026, 3, 2), eur(10), ref="x")
    profit = profit_by_tenure(Shop(END, *FACTS, back), unit="month")
    rate = 15 / 60  # ada's margin on what she paid
    np.testing.assert_allclose(profit.active.value, [16, 3 - 10 * rate, np.nan])
    stranger = Return("zoe", datetime(2026, 3, 2), eur(10), ref="x")
    np.testing.assert_array_equal(profit_by_tenure(Shop(END, *FACTS, stranger), unit="month").active.value[:2], [16, 3])


def test_nothing_later_than_at():  # rule R46
    base = cdnow_shop()
    early = FactTable.of(())

    class Early:
        at = instant(datetime(1997, 9, 30))

        def facts(self, kind):
            return base.facts(kind) if kind is Purchase else early

    known = profit_by_tenure(Early(), unit="month")
    assert len(known.active) == 8
    assert known.everyone["0"].n == 2357


def test_without_a_margin_it_is_called_revenue():
    plain = Shop(END, *(bought(f.subject, f.at, int(f.amount.amount)) for f in FACTS))
    revenue = profit_by_tenure(plain, unit="month")
    assert revenue.label == "revenue"
    assert "revenue in EUR by month" in str(revenue)
    assert revenue.active["0"].value == 35
    assert profit_by_tenure(plain, unit="month", margin=0.5).active["0"].value == 17.5


def test_a_customer_whose_margin_is_not_known_is_left_out_and_said():
    profit = profit_by_tenure(Shop(END, *FACTS, bought("dan", "2026-1-7", 50)), unit="month")
    assert profit.notes == ("1 customers without a known margin are left out",)
    assert profit.active["0"].value == 16


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="unit is one of"):
        profit_by_tenure(Shop(END, *FACTS), unit="fortnight")
    with pytest.raises(ValueError, match="margin"):
        profit_by_tenure(Shop(END, *FACTS), margin=np.inf)
    with pytest.raises(InvalidFactError, match="EUR, USD"):
        profit_by_tenure(Shop(END, *FACTS, bought("ada", "2026-1-5", 1, "USD")))
    empty = profit_by_tenure(Shop(END))
    assert len(empty.active) == 0


class Drawn:
    """Customers known for 6 years who buy every year while they stay; the best stay longest.

    Each brings a worth of their own, plus `rise` a year, plus noise, in every year that they stay.
    """

    def __init__(self, seed, rise=0.0, n=300, years=6):
        rng = np.random.default_rng(seed)
        worth = rng.uniform(20, 200, n)
        stay = rng.random((n, years - 1)) < (0.4 + 0.55 * worth / 200)[:, None]
        there = np.column_stack([np.ones(n, bool), np.cumprod(stay, axis=1) > 0])
        who, year = np.nonzero(there)
        paid = np.maximum(worth[who] + rise * year + rng.normal(0, 15, who.size), 0)
        self.at = instant(datetime(2026, 1, 1))
        at = int(self.at) - years * YEAR + year * YEAR + np.where(year > 0, YEAR // 3, 0)
        ids = np.array([f"c{i:03}" for i in range(n)])
        zeros = np.zeros(who.size, np.int64)
        self.table = FactTable(ids, ("Purchase",), ("EUR",), who, at, zeros, np.rint(paid * 100), zeros)

    def facts(self, kind):
        return self.table if kind is Purchase else FactTable.of(())


def test_selection_alone_looks_like_a_rise_and_is_told_from_one():
    found = profit_by_tenure(Drawn(2))
    assert found.trend.low > 0
    assert found.trend_within.low < 0 < found.trend_within.high
    assert found.verdict == (
        "revenue rises with tenure over whoever is left; "
        "revenue neither rises nor falls for sure with tenure within the same customers"
    )
    assert found.active["5"].value > found.active["0"].value
    assert found.everyone["5"].value < found.everyone["0"].value


@pytest.mark.parametrize("rise", [0.0, 3.0, -3.0])
def test_the_trend_within_customers_covers_what_was_put_in(rise):
    found = [profit_by_tenure(Drawn(seed, rise)).trend_within for seed in range(60)]
    hits = np.mean([(one.low <= rise) & (one.high >= rise) for one in found])
    assert hits >= 0.88, "seeds 0 to 59"
    assert np.mean([one.value for one in found]) == pytest.approx(rise, abs=0.3)


def test_the_means_cover():
    truth = 110.0
    found = [profit_by_tenure(Drawn(seed)).active["0"] for seed in range(100)]
    assert np.mean([(one.low <= truth) & (one.high >= truth) for one in found]) >= 0.9, "seeds 0 to 99"
