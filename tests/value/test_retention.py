"""Retention, churn, the repeat rate and silence: published figures, by hand, and by plain loops."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Purchase
from relmkt.portfolio import Portfolio
from relmkt.scales import share_estimate
from relmkt.value._customers._repeat import purchase_gaps, repeat_rate
from relmkt.value._formulas._clv import expected_lifetime, retention_over
from relmkt.value._formulas._retention import (
    churn,
    gross_revenue_retention,
    half_life,
    net_revenue_retention,
    retention,
    retention_from_loss,
    revenue_retention,
)
from relmkt.value._numbers._shares import drawn_again
from relmkt.value._numbers._survival import staying
from relmkt.value._summaries._summary import PurchaseSummary
from relmkt.windows import days
from tests.value.bases import Shop, bought, cdnow_shop

NAN = np.nan


class Untold(Shop):
    """A base whose tables hold what is later than its instant too."""

    def __init__(self, at, *facts):
        super().__init__(at, *facts)
        self.table = FactTable.of(facts)


def shop(at="2026-4-10"):
    return Untold(
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


# ------------------------------------------------------------------------------------------------------------ retention


def test_published_figures():
    kept = retention(1000, 1100, 250)
    assert kept.value == pytest.approx(0.85, abs=1e-12)  # KA-092
    assert expected_lifetime(kept, first=True).value == pytest.approx(6.6666667, abs=1e-7)  # KA-092
    assert expected_lifetime(kept, first=False).value == pytest.approx(5.6666667, abs=1e-7)  # KA-092
    yearly = retention_from_loss(0.5, 5)
    assert yearly.value == pytest.approx(0.8705506, abs=1e-6)  # KA-094
    assert churn(yearly).value == pytest.approx(0.1294494, abs=1e-6)  # KA-094
    assert expected_lifetime(yearly, first=True).value == pytest.approx(7.725024, abs=1e-6)  # KA-094
    assert half_life(yearly).value == pytest.approx(5)
    assert retention_over(0.8, 1 / 12).value == pytest.approx(0.9815765, abs=1e-7)  # KA-095
    lives = [expected_lifetime(churn(lost), first=True).value for lost in (0.10, 0.05)]
    assert lives == pytest.approx([10, 20])  # KA-097


def test_retention_of_several_periods():
    table = retention([1000, 0, 10], [1100, 5, 8], [250, 5, 0])
    np.testing.assert_allclose(table.value, [0.85, NAN, 0.8])
    assert table.n.tolist() == [1000, 0, 10]
    assert "nobody was there" in table.notes[0]
    assert (table.low[[0, 2]] < table.value[[0, 2]]).all()


def test_nobody_at_the_start():
    told = retention(0, 5, 5)
    assert np.isnan(told.value)
    assert told.n == 0
    assert told.notes


def test_customers_who_came_back_are_not_kept():
    with pytest.raises(ValueError, match="came back"):
        retention(100, 120, 10)
    with pytest.raises(ValueError, match="new"):
        retention(100, 120, 130)
    with pytest.raises(ValueError, match="start"):
        retention(-1, 0, 0)


def test_churn_turns_the_interval_round():
    kept = retention(1000, 1100, 250)
    lost = churn(kept)
    assert (lost.low, lost.high) == (1 - kept.high, 1 - kept.low)
    assert (lost.n, lost.method) == (1000, "Wilson")
    with pytest.raises(ValueError, match="retention"):
        churn(1.2)


def test_wilsons_interval_contains_its_share():  # SCIENCE 4.4
    told = share_estimate([0, 1, 50, 99, 100], [100] * 5)
    assert (told.low >= 0).all()
    assert (told.high <= 1).all()
    assert (told.low <= told.value).all()
    assert (told.value <= told.high).all()
    assert share_estimate(70, 100).low == pytest.approx(0.6041515, abs=1e-6)


def test_the_half_life_of_those_who_never_leave():
    assert half_life(1.0).value == np.inf
    assert "never" in half_life(1.0).notes[0]
    assert half_life(0.0).value == 0
    unsure = half_life(Estimate(0.8, n=400))
    assert unsure.se == pytest.approx(0.02 * np.log(2) / (0.8 * np.log(0.8) ** 2))


def test_revenue_retention():
    before, after = [100, 50, 50, 0], [120, 40, 0, 900]
    gross, net = gross_revenue_retention(before, after), net_revenue_retention(before, after)
    assert (gross.value, net.value) == (0.7, 0.8)
    assert gross.n == 3
    assert gross.low <= 0.7 <= gross.high <= 1
    grown = net_revenue_retention([100, 50, 10], [150, 50, 10])
    assert grown.value == pytest.approx(1.3125)
    assert gross_revenue_retention([100, 50, 10], [150, 50, 10]).value == 1
    assert np.isnan(net_revenue_retention([0, 0], [1, 2]).value)
    for wrong in (([1, NAN], [1, 1]), ([1, -1], [1, 1]), ([1], [1, 1])):
        with pytest.raises(ValueError, match="before and after"):
            net_revenue_retention(*wrong)


def test_revenue_retention_of_totals_agrees_with_customers():
    before, after = [100, 50, 50], [120, 40, 0]
    told = revenue_retention(200, lost=50, reduced=10, grown=20)
    assert told["gross"].value == gross_revenue_retention(before, after).value
    assert told["net"].value == net_revenue_retention(before, after).value
    assert np.isnan(revenue_retention(0, lost=0).value).all()
    with pytest.raises(ValueError, match="at most"):
        revenue_retention(10, lost=8, reduced=3)


def test_a_lifetime_without_end_and_one_without_beginning():
    endless = expected_lifetime(retention(10, 10, 0), first=True)
    assert endless.value == np.inf
    assert "infinite" in endless.notes[0]
    assert np.isnan(expected_lifetime(retention(0, 3, 3), first=True).value)


def test_the_error_of_a_ratio_is_that_of_customers_drawn_again():
    rng = np.random.default_rng(5)
    before = rng.gamma(2, 50, 400)
    after = before * rng.uniform(0, 1.5, 400)
    told = net_revenue_retention(before, after)
    _, _, se = drawn_again(lambda a, b: a.sum() / b.sum(), after, before, rng=rng, resamples=800, level=0.95)
    assert told.se == pytest.approx(float(se), rel=0.1), "seed 5"


# ---------------------------------------------------------------------------------------------------------- repeat rate


def test_repeat_rate():  # rule R46
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


def test_the_window_counts_whoever_was_known_so_long():
    base = Shop(
        datetime(2026, 4, 1),
        bought("old", "2026-1-1", 1),
        bought("old", "2026-1-21", 1),
        bought("out", "2026-1-1", 1),
        bought("new", "2026-3-25", 1),
    )
    followed = repeat_rate(base, within=days(30))
    assert (followed.value, followed.n) == (0.5, 2)
    curve = repeat_rate(base, within=days(30), method="kaplan-meier")
    assert curve.value == pytest.approx(0.5)  # at 20 days two were still at risk, the newcomer no longer
    assert curve.n == 3
    assert curve.notes == ("within days(30) of the first purchase",)
    early = repeat_rate(base, within=days(10), method="kaplan-meier")
    assert early.value == 0
    assert np.isnan(repeat_rate(base, within=days(900), method="kaplan-meier").value)
    with pytest.raises(ValueError, match="method"):
        repeat_rate(base, method="wald")


@pytest.mark.parametrize("seed", range(3))
def test_kaplan_meier_against_plain_loops(seed):
    rng = np.random.default_rng(seed)
    times, left = rng.integers(0, 12, 60), rng.random(60) < 0.6
    curve = staying(times, left, level=0.95)
    s, spread, at = 1.0, 0.0, [1.0]
    errors = [0.0]
    for t in sorted(set(times[left].tolist())):
        risk, gone = int((times >= t).sum()), int(((times == t) & left).sum())
        s *= 1 - gone / risk
        spread += gone / (risk * (risk - gone)) if risk > gone else np.inf
        at.append(s)
        errors.append(s * np.sqrt(spread))
    np.testing.assert_allclose(curve.value, at, atol=1e-12, err_msg=f"seed {seed}")
    inside = curve.value > 0
    np.testing.assert_allclose(curve.se[inside], np.array(errors)[inside], atol=1e-12, err_msg=f"seed {seed}")


def test_the_curve_covers_what_is_censored():
    """Half of the base joined yesterday: requiring follow-up and the curve agree, counting everyone does not."""
    rng = np.random.default_rng(8)
    facts = []
    for k in range(300):
        first = datetime(2026, 1, 1) if k % 2 else datetime(2026, 6, 29)
        facts.append(bought(f"{k:03d}", first, 1))
        if rng.random() < 0.6:
            facts.append(bought(f"{k:03d}", first.add(days=int(rng.integers(1, 60))), 2))
    base = Shop(datetime(2026, 7, 1), *facts)
    followed = repeat_rate(base, within=days(60))
    curve = repeat_rate(base, within=days(60), method="kaplan-meier")
    everyone = repeat_rate(base)
    assert curve.low < followed.value < curve.high, "seed 8"
    assert everyone.value < curve.low, "seed 8"


# -------------------------------------------------------------------------------------------------------------- silence


def test_silence_by_hand():
    gaps = purchase_gaps(shop())
    assert gaps.ids.tolist() == ["ada", "bob", "cyd"]
    assert gaps.silent.tolist() == [40, 68, 32]
    np.testing.assert_array_equal(gaps.own, [27.5, 1, NAN])  # 20 and 35 days; cyd came on one day only
    assert gaps.typical == 20
    assert gaps.lapsed(2).tolist() == [0, 1, 0]  # 40 days are not more than twice 20
    np.testing.assert_array_equal(gaps.lapsed(1.4, own=True), [1, 1, NAN])
    lost = gaps.churn(2)
    assert (lost.value, lost.n) == (pytest.approx(1 / 3), 3)
    assert gaps.churn(2, own=True).n == 2
    assert "2 times the typical gap" in lost.notes[0]


def test_silence_as_known_at_an_instant():  # rule R46
    gaps = purchase_gaps(shop("2026-2-1"))
    assert gaps.ids.tolist() == ["ada", "bob"]
    assert gaps.silent.tolist() == [7, 0]


def test_the_rule_is_a_segment_of_portfolios():
    facts = [bought(who, day, 1) for who, day in (("ada", "2026-1-1"), ("ada", "2026-1-11"), ("bob", "2026-2-20"))]
    base = Portfolio(FactTable.of(facts), at=datetime(2026, 3, 1))
    gaps = purchase_gaps(base)
    lapsed = gaps.segment(2)
    assert str(lapsed) == "lapsed"
    assert base.count(lapsed) == {"lapsed": 1}
    assert list(base.select(lapsed)) == ["ada"]


def test_silence_of_those_who_never_came_back():
    gaps = purchase_gaps(Shop(datetime(2026, 3, 1), bought("ada", "2026-1-1", 1)))
    assert np.isnan(gaps.lapsed(2)).all()
    assert np.isnan(gaps.churn(2).value)
    with pytest.raises(ValueError, match="came back"):
        gaps.segment(2)
    with pytest.raises(ValueError, match="times"):
        gaps.lapsed(0)
    assert len(purchase_gaps(Shop(datetime(2026, 3, 1)))) == 0


def test_own_medians_against_plain_loops():
    gaps, table = purchase_gaps(cdnow_shop()), cdnow_shop().facts(Purchase)
    for place in range(0, len(gaps), 97):
        when = sorted(set((table.at[table.stream == place] // 86_400_000_000).tolist()))
        own = np.median(np.diff(when)) if len(when) > 1 else NAN
        np.testing.assert_equal(gaps.own[place], own)
