"""Lifetime value in closed form: printed figures, sums by brute force, errors carried, and flows in today's money."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from relmkt.estimate import Estimate
from relmkt.value._formulas._clv import (
    Timing,
    break_even_retention,
    clv,
    discount_over,
    expected_lifetime,
    margin_multiple,
    retention_over,
)
from relmkt.value._formulas._present_value import cohort_value, net_present_value, period_values

RETAINED, NOW, END = Timing.IF_RETAINED, Timing.NOW, Timing.END_OF_PERIOD
rates, discounts = st.floats(0, 0.97), st.floats(0, 1)
timings = st.sampled_from(Timing)


def summed(m, r, d, g, timing, terms):
    """The definition: payment k is due at k (or k + 1) and asks k (or k + 1) times to be retained."""
    waits = np.arange(terms) + (timing is not NOW)
    asked = np.arange(terms) + (timing is RETAINED)
    return float((m * (1 + g) ** np.arange(terms) * r**asked * (1.0 + d) ** -waits).sum())


def test_margin_multiples_as_printed():
    kept = [0.6, 0.7, 0.8, 0.9]

    def row(discount, growth=0.0):
        return margin_multiple(kept, discount, timing=RETAINED, growth=growth).value

    assert row(0.10) == pytest.approx([1.20, 1.75, 2.67, 4.50], abs=5e-3)  # KA-109
    assert row(0.12) == pytest.approx([1.15, 1.67, 2.50, 4.09], abs=5e-3)  # KA-110
    assert row(0.14) == pytest.approx([1.11, 1.59, 2.35, 3.75], abs=5e-3)
    assert row(0.16) == pytest.approx([1.07, 1.52, 2.22, 3.46], abs=5e-3)
    assert row(0.12, 0.08) == pytest.approx([1.27, 1.92, 3.125, 6.08], abs=6e-3)  # KA-112
    assert row(0.12, 0.04) == pytest.approx([1.21, 1.79, 2.78, 4.89], abs=6e-3)  # KA-112


def test_the_five_conventions():
    def worth(discount, timing):
        return clv(100, 0.8, discount, timing=timing).value

    assert worth(0.1, RETAINED) == pytest.approx(266.6667, abs=1e-4)  # KA-113
    assert worth(0.1, NOW) == pytest.approx(366.6667, abs=1e-4)  # KA-113
    assert worth(0.1, END) == pytest.approx(333.3333, abs=1e-4)  # KA-113
    assert worth(0.0, NOW) == worth(0.0, END) == pytest.approx(500, abs=1e-4)  # KA-113
    assert worth(0.0, RETAINED) == pytest.approx(400, abs=1e-4)  # KA-113


def test_a_textbook_exercise_and_its_break_even():
    before = clv(18.95, 0.788, 0.01, timing=RETAINED)
    assert before.value == pytest.approx(67.26396, abs=1e-3)  # KA-115
    assert break_even_retention(before, 18.75, 0.01, timing=RETAINED).value == pytest.approx(
        0.7898323, abs=1e-6
    )  # KA-116


def test_doubt_about_retention_is_carried_on():
    stated, counted = Estimate(0.8, n=400, se=0.02), Estimate(0.8, n=400)
    for kept in (stated, counted):
        worth = clv(100, kept, 0.1, timing=RETAINED)
        assert worth.se == pytest.approx(24.4444444, abs=1e-6)  # KA-119
        assert (worth.n, worth.method) == (400, "delta")
        assert (worth.low + worth.high) / 2 == pytest.approx(worth.value)
    assert clv(100, 0.8, 0.1, timing=RETAINED, periods=5).value == pytest.approx(212.4097336, abs=1e-6)  # KA-119
    assert clv(-100, counted, 0.1, timing=RETAINED).se == pytest.approx(24.4444444, abs=1e-6)
    assert clv(100, counted, 0.1, timing=RETAINED, level=0.5).high < worth.high
    both = clv(Estimate(100.0, n=30, se=5.0), counted, 0.1, timing=RETAINED)
    assert both.n == 30
    assert both.se == pytest.approx(np.hypot(24.4444444, 5 * 8 / 3), abs=1e-6)
    weighted = Estimate(0.8, n=400, n_eff=100)
    assert clv(100, weighted, 0.1, timing=RETAINED).se == pytest.approx(2 * 24.4444444, abs=1e-6)
    assert np.isnan(clv(100, 0.8, 0.1, timing=RETAINED).se)


@given(st.floats(1, 50), rates, discounts, st.floats(0, 0.1), timings, st.sampled_from([None, 1, 7]), st.integers(0, 3))
def test_every_error_is_carried_as_its_slope(m, r, d, g, timing, periods, which):
    assume(periods or 1 + d - (r + 1e-3) * (1 + g + 1e-3) > 0.02)
    point, step = [m, r, d, g], 1e-6

    def worth(point):
        m, r, d, g = point
        return clv(m, r, d, timing=timing, growth=g, periods=periods)

    slope = []
    for side in (step, -step if point[which] > step else 0.0):
        slope.append(worth([x + side * (k == which) for k, x in enumerate(point)]).value)
    slope = (slope[0] - slope[1]) / (2 * step if point[which] > step else step)
    point[which] = Estimate(point[which], n=9, se=0.01)
    told = worth(point)
    assert np.nan_to_num(told.se) == pytest.approx(abs(slope) * 0.01, rel=2e-3, abs=1e-6)


@given(st.floats(-50, 50), rates, discounts, st.floats(-0.5, 0.05), timings)
def test_without_end_is_the_limit_of_the_sum(m, r, d, g, timing):  # property 8
    assume((1 + g) * r / (1 + d) < 0.98)
    whole = clv(m, r, d, timing=timing, growth=g).value
    assert whole == pytest.approx(summed(m, r, d, g, timing, 1500), rel=1e-9, abs=1e-9)
    assert clv(m, r, d, timing=timing, growth=g, periods=13).value == pytest.approx(
        summed(m, r, d, g, timing, 13), rel=1e-12, abs=1e-12
    )


@given(st.floats(-50, 50), rates, discounts)
def test_the_conventions_differ_by_a_margin_and_a_discount(m, r, d):  # property 8
    retained, now, end = (clv(m, r, d, timing=timing).value for timing in (RETAINED, NOW, END))
    assert now == pytest.approx(retained + m)
    assert end == pytest.approx(now / (1 + d))
    assert clv(m, r, d, timing=NOW, periods=6).value == pytest.approx(
        clv(m, r, d, timing=RETAINED, periods=5).value + m
    )


@given(st.floats(1, 50), rates, discounts, st.floats(0, 0.05), timings)
def test_break_even_undoes_the_value(m, r, d, g, timing):
    assume((1 + g) * r / (1 + d) < 0.98)
    worth = clv(m, r, d, timing=timing, growth=g).value
    back = break_even_retention(worth, m, d, timing=timing, growth=g).value
    assert back == pytest.approx(r, abs=1e-9) or (r < 1e-9 and np.isnan(back))


def test_no_retention_reaches_an_unbounded_value():
    for timing in Timing:
        told = break_even_retention([5.0, 1e9, -3.0], 5.0, 0.1, timing=timing)
        assert np.isnan(told.value[1:]).all()
        assert told.notes == ("no retention up to 1 reaches it",)
        assert (told.n == 0).all()
    assert break_even_retention(np.nan, 5.0, 0.1, timing=NOW).notes == ("an input is missing",)


def test_columns_carry_labels():
    told = clv([10, -20, 30], [0.5, 0.8, 0.9], 0.1, timing=END, labels=["x", "y", "z"])
    assert told["y"].value == pytest.approx(-20 / 0.3)
    segments = Estimate([0.5, 0.8], n=[100, 0], labels=["old", "new"])
    carried = clv([10.0, 20.0], segments, 0.1, timing=END)
    assert carried.labels == ("old", "new")
    assert carried["old"].se == pytest.approx(10 / 0.6**2 * 0.05)
    assert np.isnan(carried["new"].low)  # n = 0: taken as known
    other = Estimate([1.0, 2.0], n=3, labels=["new", "old"])
    with pytest.raises(ValueError, match="different labels"):
        clv(other, segments, 0.1, timing=END)
    with pytest.raises(ValueError, match="dimensions"):
        clv([[1.0]], 0.5, 0.1, timing=END)


def test_a_missing_input_is_unknown():
    told = clv(np.nan, 0.8, 0.1, timing=NOW)
    assert np.isnan(told.value)
    assert (told.n, told.notes) == (0, ("an input is missing",))
    asked = clv(100, Estimate.unknown("nobody at risk"), 0.1, timing=NOW)
    assert np.isnan(asked.value)
    assert (asked.n, asked.notes) == (0, ("nobody at risk",))


def test_the_cost_of_winning_is_taken_off_once():
    assert clv(100, 0.8, 0.1, timing=END, acquisition_cost=200).value == pytest.approx(133.3333333)
    doubtful = Estimate(200.0, n=9, se=3.0)
    assert clv(100, 0.8, 0.1, timing=END, acquisition_cost=doubtful).se == pytest.approx(3.0)


def test_rates_out_of_range_are_refused():
    for kept in (-0.1, 1.1, [0.5, 2.0], Estimate(1.2, n=3)):
        with pytest.raises(ValueError, match="retention: expected a number from 0 to 1"):
            clv(100, kept, 0.1, timing=NOW)
    with pytest.raises(ValueError, match="discount: expected a number above -1"):
        clv(100, 0.8, -1.0, timing=NOW)
    for r, d, g in ((1.0, 0.0, 0.0), (0.9, -0.2, 0.0), (0.8, 0.1, 0.375)):
        with pytest.raises(ValueError, match="has to lie below 1 \\+ discount"):
            clv(100, r, d, timing=RETAINED, growth=g)
        assert clv(100, r, d, timing=RETAINED, growth=g, periods=4).value == pytest.approx(
            summed(100, r, d, g, RETAINED, 4)
        )
    with pytest.raises(ValueError, match="periods"):
        clv(100, 0.8, 0.1, timing=NOW, periods=-1)
    with pytest.raises(TypeError):
        clv(100, 0.8, 0.1, timing=NOW, periods=2.5)
    with pytest.raises(ValueError, match="sometime"):
        clv(100, 0.8, 0.1, timing="sometime")
    assert clv(100, 0.8, 0.1, timing=NOW, periods=0).value == 0
    assert clv(100, 1.0, 0.1, timing=NOW).value == pytest.approx(1100)


def test_rates_are_compounded():
    assert retention_over(0.8, 1 / 12).value == pytest.approx(0.9815765, abs=1e-7)  # KA-095
    assert retention_over(0.5, 1 / 5).value == pytest.approx(0.8705506, abs=1e-6)  # KA-094
    assert 1 - retention_over(0.5, 1 / 5).value == pytest.approx(0.1294494, abs=1e-6)  # KA-094
    assert expected_lifetime(retention_over(0.5, 1 / 5), first=True).value == pytest.approx(
        7.725024, abs=1e-6
    )  # KA-094
    assert retention_over(retention_over(0.7, 12), 1 / 12).value == pytest.approx(0.7)
    assert discount_over(discount_over(0.01, 12), 1 / 12).value == pytest.approx(0.01)
    assert discount_over(0.01, 12).value == pytest.approx(0.126825, abs=1e-6)
    assert retention_over(Estimate(0.9, n=5, se=0.01), 2).se == pytest.approx(0.018)
    with pytest.raises(ValueError, match="periods"):
        retention_over(0.9, 0)


def test_lifetimes_with_and_without_the_first_period():
    assert expected_lifetime(0.85, first=True).value == pytest.approx(6.6666667, abs=1e-7)  # KA-092
    assert expected_lifetime(0.85, first=False).value == pytest.approx(5.6666667, abs=1e-7)  # KA-092
    assert expected_lifetime([0.90, 0.95], first=True).value == pytest.approx([10, 20], rel=1e-12)  # KA-097
    endless = expected_lifetime(Estimate(1.0, n=30), first=True)
    assert endless.value == np.inf
    assert endless.notes == ("nobody leaves: the lifetime is infinite",)
    assert np.isnan(endless.low)


def test_flows_in_todays_money():
    flows = [-51, 30, 42, 44, 49, 55]
    told = net_present_value(flows, 0.15).value
    assert told == pytest.approx(91.1363, abs=1e-4)  # KA-173
    assert told == pytest.approx(91.17, abs=0.05)  # KA-173
    assert net_present_value(flows, 0.15, first=1).value == pytest.approx(told / 1.15)
    assert net_present_value([flows, flows[::-1]], 0.0).value == pytest.approx([169, 169])
    assert net_present_value([], 0.1).value == 0
    assert np.isnan(net_present_value([1, np.nan], 0.1).value)
    doubtful = net_present_value(Estimate([10.0, 10.0], n=4, labels="ab", se=[3.0, 4.4]), 0.1)
    assert doubtful.se == pytest.approx(5)
    assert doubtful.n == 4
    step = 1e-6
    slope = (net_present_value(flows, 0.15 + step).value - net_present_value(flows, 0.15 - step).value) / (2 * step)
    assert net_present_value(flows, Estimate(0.15, n=2, se=0.01)).se == pytest.approx(abs(slope) * 0.01, rel=1e-6)
    with pytest.raises(ValueError, match="flows"):
        net_present_value([[[1.0]]], 0.1)


def test_a_cohort_of_a_hundred():
    told = cohort_value(
        [90, 80, 72, 60, 48, 34, 23, 12, 6, 2],
        [30, 38, 45, 49, 52, 56, 60, 61, 61, 62],
        0.10,
        customers=100,
        acquisition_cost=40,
    )
    yearly = [2454.55, 2512.40, 2434.26, 2008.06, 1549.82, 1074.76, 708.16, 341.48, 155.22, 47.81]
    assert told.by_period.value == pytest.approx(yearly, abs=0.02)  # KA-175
    assert told.total.value == pytest.approx(9286.51, abs=0.02)  # KA-175
    assert told.each.value == pytest.approx(92.87, abs=0.02)  # KA-175
    assert (told.each.n, told.by_period.labels[0]) == (100, "1")


def test_the_interval_of_a_cohort_is_that_of_its_customers():
    told = cohort_value([3, 1], [10, 20], 0.25, customers=4, acquisition_cost=2)
    each = np.array([0, 8, 8, 8 + 12.8]) - 2  # one left before paying, two after one payment, one paid twice
    assert told.each.value == pytest.approx(each.mean())
    assert told.each.se == pytest.approx(each.std(ddof=1) / 2)
    assert told.total.se == pytest.approx(each.std(ddof=1) * 2)
    back = cohort_value([3, 4], [10, 20], 0.25, customers=4)
    assert np.isnan(back.each.se)
    assert back.each.notes == ("some came back: no interval over customers",)
    nobody = cohort_value([0, 0], [10, 20], 0.25, customers=0)
    assert np.isnan(nobody.each.value)
    assert nobody.each.n == 0
    assert nobody.total.value == 0
    doubt = cohort_value([3, 4], [10, 20], Estimate(0.25, n=2, se=0.01), customers=4)
    assert doubt.total.se == pytest.approx(0.01 * (30 / 1.25**2 + 2 * 80 / 1.25**3))
    with pytest.raises(ValueError, match="survivors"):
        cohort_value([-1], [10], 0.25, customers=4)


CUSTOMER_421 = {"margins": [200, 370, 375, 390, 305, 410], "costs": [90, 80, 80, 80, 70, 70], "acquisition_cost": 400}


def test_yearly_margins_and_costs():
    told = period_values(**CUSTOMER_421, retention=0.8, discount=0.1, timing=END)
    yearly = [100, 191.7355, 141.8482, 108.4079, 59.7674, 62.8887]
    assert told.by_period.value == pytest.approx(yearly, abs=1e-4)  # KA-122
    assert told.total.value == pytest.approx(264.6478, abs=1e-4)  # KA-122


@given(st.lists(rates, min_size=1, max_size=6), discounts, timings, st.randoms())
def test_retention_may_change_from_year_to_year(kept, discount, timing, random):
    margins, alive, total = [random.uniform(-5, 50) for _ in kept], 1.0, 0.0
    for k, (margin, r) in enumerate(zip(margins, kept)):
        stays = alive * r
        wait, there = {RETAINED: (k + 1, stays), NOW: (k, alive), END: (k + 1, alive)}[timing]
        total += margin * there / (1 + discount) ** wait
        alive = stays
    told = period_values(margins, kept, discount, timing=timing)
    assert told.total.value == pytest.approx(total, abs=1e-9)
    level = period_values(margins, kept[0], discount, timing=timing)
    same = period_values(margins, [kept[0]] * len(kept), discount, timing=timing)
    assert level.by_period.value == pytest.approx(same.by_period.value)


def test_doubt_of_yearly_retention():
    one = period_values([100.0] * 5, Estimate(0.8, n=400), 0.1, timing=RETAINED).total
    assert one.se == pytest.approx(clv(100, Estimate(0.8, n=400), 0.1, timing=RETAINED, periods=5).se)
    apart = Estimate([0.8, 0.5], n=[400, 100], labels=["1", "2"])
    told = period_values([100.0, 100.0], apart, 0.0, timing=RETAINED).total
    assert told.value == pytest.approx(80 + 40)
    assert told.se == pytest.approx(np.hypot((100 + 50) * 0.02, 80 * 0.05))
    with pytest.raises(ValueError, match="margins"):
        period_values([1.0, 2.0], [0.5], 0.1, timing=NOW)
