"""Cohorts: by hand on a few customers, by plain loops on random ones, on CDNOW."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase
from relmkt.value._customers._cohort_table import Cohorts
from relmkt.value._customers._cohorts import cohorts, contract_cohorts
from relmkt.windows import Instant, instant
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


THREE = Cohorts(
    "month",
    ("2026-01", "2026-02", "2026-03"),
    [100, 200, 150],
    [[100, 60, 45, 36], [200, 130, 104, NAN], [150, 90, NAN, NAN]],
)


def test_pooled_is_a_ratio_of_sums_over_the_cohorts_observed():
    assert THREE.pooled[1:3] == pytest.approx([0.6222222, 0.4966667], abs=1e-6)  # KA-159
    assert THREE.mean_rate[1] == pytest.approx(0.6166667, abs=1e-6)  # KA-159
    rate = THREE.pooled_rate()
    assert rate["1"].value == pytest.approx(280 / 450)
    assert rate["1"].n == 450
    assert rate["2"].n == 300
    assert rate["1"].low < 280 / 450 < rate["1"].high
    none = Cohorts("month", ["2026-01"], [10], [[10, NAN]]).pooled_rate()
    assert np.isnan(none["1"].value)
    assert none["1"].n == 0
    assert "observed so long" in none.notes[0]


def test_survival_is_the_product_of_conditional_shares():
    curve = THREE.survival()
    assert curve.value.tolist() == pytest.approx([1, 0.6222222, 0.4879532, 0.3903626], abs=1e-6)  # KA-160
    assert curve.n.tolist() == [450, 450, 190, 45]
    # Greenwood by hand: S sqrt(sum of losses / (at risk * kept))
    spread = 170 / (450 * 280) + 41 / (190 * 149)
    assert curve.se[2] == pytest.approx(curve.value[2] * np.sqrt(spread))
    assert (curve.low[1:] < curve.value[1:]).all()
    assert (curve.high[1:] > curve.value[1:]).all()
    assert (curve.high <= 1)[1:].all()
    running = Cohorts("month", "ab", [10, 10], [[10, 5], [10, 1]], running=np.array([[False, False], [False, True]]))
    assert running.survival().value.tolist() == [1.0, 0.5]


def test_the_half_life_is_read_from_the_curve():
    half = THREE.half_life()
    curve = THREE.survival()
    assert half.value == pytest.approx(1 + np.log(2 * 0.6222222) / np.log(0.6222222 / 0.4879532), rel=1e-5)
    for bound, line in ((half.low, curve.low), (half.high, curve.high)):
        k = int(bound)
        assert line[k + 1] < 0.5 < (1.0 if k == 0 else line[k])
    assert half.low < half.value < half.high
    steady = Cohorts("year", ["2020"], [10**6], [10**6 * 0.8 ** np.arange(8)])
    assert steady.half_life().value == pytest.approx(np.log(0.5) / np.log(0.8))
    young = Cohorts("year", ["2020"], [100], [[100, 80]]).half_life()
    assert np.isnan(young.value)
    assert "not lost" in young.notes[0]
    few = Cohorts("year", ["2020"], [6], [[6, 3, 3]]).half_life()
    assert (few.value, few.high) == (1.0, np.inf)


def test_who_come_back_are_no_survivors():
    curve = Cohorts("month", ["2026-01"], [100], [[100, 40, 60, 50]]).survival()
    assert curve.value[2] == pytest.approx(0.6)
    assert np.isfinite(curve.low[1])
    assert np.isnan(curve.low[2:]).all()
    assert "came back" in curve.notes[0]


def test_everybody_lost_at_once():
    curve = Cohorts("month", ["2026-01"], [100], [[100, 0, 0]]).survival()
    assert curve.value[1] == 0
    assert np.isnan(curve.value[2])
    assert Cohorts("month", ["2026-01"], [100], [[100, 0, 0]]).half_life().value == 1


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


def test_quarters():
    table = cohorts(shop(), period="quarter")
    assert table.starts == ("2026-Q1",)
    np.testing.assert_array_equal(table.active, [[3, 0]])
    assert cohorts(cdnow_shop(), period="quarter").starts == ("1997-Q1",)
    late = Shop(datetime(1969, 12, 31), bought("ada", "1969-11-30", 1), bought("bob", "1967-2-1", 1))
    assert cohorts(late, period="quarter").starts == ("1967-Q1", "1969-Q4")


def test_three_notions_of_active_give_three_curves():
    base = Shop(datetime(2026, 5, 1), bought("ada", "2026-1-5", 1), bought("ada", "2026-4-2", 1))
    np.testing.assert_array_equal(cohorts(base).active, [[1, 0, 0, 1, 0]])
    later = cohorts(base, active="purchase or later")
    np.testing.assert_array_equal(later.active, [[1, 1, 1, 1, 0]])
    assert (cohorts(base).activity, later.activity) == ("purchase", "purchase or later")
    joined, left = np.array(["2026-01-05"], "M8[D]"), np.array(["2026-03-01"], "M8[D]")
    contract = contract_cohorts(joined, left, at=base.at)
    np.testing.assert_array_equal(contract.active, [[1, 1, 0, 0, 0]])  # it ends before March begins
    assert contract.activity == "contract"
    with pytest.raises(ValueError, match="contract_cohorts"):
        cohorts(base, active="contract")


def test_contracts_as_known_at_an_instant():
    joined = [datetime(2026, 1, 5), datetime(2026, 1, 9), datetime(2026, 2, 3), datetime(2026, 6, 1)]
    left = [datetime(2026, 1, 7), None, datetime(2026, 4, 2), None]
    table = contract_cohorts(joined, left, at=datetime(2026, 3, 15))  # rule R46
    assert table.starts == ("2026-01", "2026-02")
    np.testing.assert_array_equal(table.active, [[2, 1, 1], [1, 1, NAN]])
    np.testing.assert_array_equal(table.running, [[0, 0, 1], [0, 1, 0]])
    assert table.survival().value.tolist()[:2] == [1, 0.5]
    micros = np.array([int(instant(day)) for day in joined])
    same = contract_cohorts(micros, left, at=datetime(2026, 3, 15))
    np.testing.assert_array_equal(same.active, table.active)
    first_of_month = contract_cohorts(
        [datetime(2026, 1, 31, 23, 30)], [None], at=datetime(2026, 3, 1), zone="Asia/Tokyo"
    )
    assert first_of_month.starts == ("2026-02",)


def test_contracts_that_mean_nothing():
    one = [datetime(2026, 1, 5)]
    with pytest.raises(InvalidFactError, match="ends before it began"):
        contract_cohorts(one, [datetime(2026, 1, 3)], at=datetime(2026, 3, 1))
    with pytest.raises(InvalidFactError, match="left"):
        contract_cohorts(one, [None, None], at=datetime(2026, 3, 1))
    assert len(contract_cohorts(one, [None], at=datetime(2025, 3, 1))) == 0
    assert contract_cohorts(one, one, at=datetime(2026, 2, 1)).active.tolist() == [[1, 0]]


class Rows:
    """A base of plain columns in any order of rows."""

    def __init__(self, at, who, when, cents):
        zeros = np.zeros(who.size, np.int64)
        ids = np.array([f"{k:03d}" for k in range(int(who.max()) + 1)])
        self.at = at
        self.table = FactTable(ids, ("Purchase",), ("EUR",), who, when, zeros, cents, zeros)

    def facts(self, kind):
        return self.table if kind is Purchase else FactTable.of(())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("active", ["purchase", "purchase or later"])
def test_against_plain_loops(seed, active):
    rng = np.random.default_rng(seed)
    who, n = rng.integers(0, 40, 300), 300
    when = int(instant(datetime(2025, 1, 1))) + rng.integers(0, 400 * 86_400, n) * 1_000_000
    end, cents = instant(datetime(2025, 12, 20)), rng.integers(0, 1000, n).astype(float)
    table = cohorts(Rows(end, who, when, cents), active=active, zone="Europe/Paris")
    visits = {}
    for k in range(n):
        if when[k] <= int(end):  # rule R46
            local = Instant(int(when[k])).local("Europe/Paris")
            visits.setdefault(int(who[k]), []).append((local.year * 12 + local.month - 1, cents[k]))
    now = 2025 * 12 + 11
    expected, money = {}, {}
    for months in visits.values():
        born = min(month for month, _ in months)
        last = max(month for month, _ in months)
        row = expected.setdefault(born, np.zeros(now - born + 1))
        there = {m for m, _ in months} if active == "purchase" else range(born, last + 1)
        for month in there:
            row[month - born] += 1
        for month, paid in months:
            money.setdefault(born, np.zeros(now - born + 1))[month - born] += paid / 100
    assert table.starts == tuple(f"{born // 12}-{born % 12 + 1:02d}" for born in sorted(expected)), f"seed {seed}"
    for k, born in enumerate(sorted(expected)):
        np.testing.assert_array_equal(table.active[k, : now - born + 1], expected[born], err_msg=f"seed {seed}")
        assert np.isnan(table.active[k, now - born + 1 :]).all()
        np.testing.assert_allclose(table.revenue[k, : now - born + 1], money[born], err_msg=f"seed {seed}")
