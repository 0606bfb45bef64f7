"""Prospect value, what winning a customer cost, and who costs more than they bring."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmkt.estimate import Estimate
from relmkt.value._formulas._prospect import (
    acquisition_cost,
    break_even_acquisition_rate,
    clv_to_cac,
    cost_to_serve,
    customer_profit,
    payback,
    prospect_value,
    whale_curve,
)


def test_a_mailing_to_75_000():
    told = prospect_value(300 / 75_000, 20, 100, 60_000 / 75_000)
    assert told.value == pytest.approx(-0.32, abs=1e-9)  # KA-117
    assert told.value * 75_000 == pytest.approx(-24_000, abs=1e-4)  # KA-117
    assert break_even_acquisition_rate(0.8, 20, 100).value == pytest.approx(0.0066667, abs=1e-7)  # KA-118
    at_even = break_even_acquisition_rate(0.8, 20, 100)
    assert prospect_value(at_even, 20, 100, 0.8).value == pytest.approx(0, abs=1e-12)


def test_doubt_about_prospects_is_carried_on():
    won = Estimate(0.004, n=75_000)
    told = prospect_value(won, 20, 100, 0.8)
    assert told.se == pytest.approx(120 * np.sqrt(0.004 * 0.996 / 75_000))
    assert told.n == 75_000
    later = Estimate(100.0, n=90, se=5.0)
    assert break_even_acquisition_rate(0.8, 20, later).se == pytest.approx(5 * 0.8 / 120**2)
    with pytest.raises(ValueError, match="acquisition_rate"):
        prospect_value(1.1, 20, 100, 0.8)


def test_nothing_is_unknown_never_infinite():
    for told, note in (
        (break_even_acquisition_rate(0.8, -20, 20), "a customer who was won is worth nothing"),
        (acquisition_cost(100, 0, basis="paid"), "nobody was won; paid: customers won by paid campaigns"),
        (clv_to_cac(300, 0), "winning a customer cost nothing"),
        (payback(240, 50, 0.0), "never paid back"),
        (payback(240, 50, -0.1), "never paid back"),
    ):
        assert np.isnan(told.value)
        assert (told.n, told.notes) == (0, (note,))


def test_acquisition_cost():
    told = acquisition_cost(12_000, 48, basis="blended")
    assert (told.value, told.n, told.notes) == (250, 48, ("blended: all new customers",))
    spend, won = [1000, 2000, 4000, 9000], [99, 10, 20, 40]
    assert acquisition_cost(spend, won, basis="paid").value == 16_000 / 169
    late = acquisition_cost(spend, won, basis="paid", lag=1)
    assert (late.value, late.n) == (7000 / 70, 70)
    assert late.notes == ("paid: customers won by paid campaigns", "spend 1 period before")
    assert acquisition_cost(spend, won, basis="paid", lag=2).notes[1] == "spend 2 periods before"
    doubt = acquisition_cost(Estimate(1000.0, n=3, se=30.0), Estimate(10.0, n=4, se=1.0), basis="paid")
    assert doubt.se == pytest.approx(np.hypot(3, 10))
    rows = Estimate([1000.0, 5000.0], n=3, se=[30.0, 40.0], labels="ab")
    assert acquisition_cost(rows, [10, 20], basis="paid").se == pytest.approx(50 / 30)
    assert acquisition_cost(rows, [10, 20], basis="paid", lag=1).se == pytest.approx(30 / 20)
    assert np.isnan(acquisition_cost([], [], basis="paid").value)
    assert np.isnan(acquisition_cost([np.nan, 3], [1, 2], basis="paid").value)
    for wrong in ({"won": [1]}, {"lag": 4}, {"lag": -1}, {"spend": [-1, 0, 0, 0]}):
        with pytest.raises(ValueError, match="spend"):
            acquisition_cost(**{"spend": spend, "won": won, "basis": "paid", **wrong})
    with pytest.raises(ValueError, match="basis"):
        acquisition_cost(spend, won, basis="other")


def test_ratio_and_payback():
    assert clv_to_cac([300, -30], 100).value.tolist() == [3, -0.3]
    assert payback(240, 50, 0.6).value == pytest.approx(8)
    assert payback(240, [50, 100], 0.6).value == pytest.approx([8, 4])
    assert payback(240, 50, Estimate(0.6, n=8, se=0.03)).se == pytest.approx(8 / 0.6 * 0.03)
    assert clv_to_cac(Estimate(300.0, n=9, se=20.0), 100).se == pytest.approx(0.2)
    half = payback(240, [50, 0], 0.6)
    assert half.value[0] == pytest.approx(8)
    assert half.n.tolist() == [0, 0]
    assert np.isnan(half["1"].value)


def test_cost_to_serve_and_profit():
    visits = [[3, 0], [1, 20], [0, 0]]
    assert cost_to_serve(visits, [4.0, 1.5]).value.tolist() == [12, 34, 0]
    assert cost_to_serve([3, 2], [4.0, 1.5]).value == 15
    told = customer_profit([30, 30, 5], visits, [4.0, 1.5], labels=["ada", "bo", "cy"])
    assert [one.value for _, one in told] == [18, -4, 5]
    doubt = customer_profit(Estimate([30.0, 9.0], n=2, se=[3.0, 0.0], labels="ab"), visits[:2], [4.0, 1.5])
    assert doubt["a"].se == 3
    assert doubt["b"].value == -25
    with pytest.raises(ValueError, match="rates"):
        cost_to_serve(visits, [4.0])
    with pytest.raises(ValueError, match="activities"):
        cost_to_serve([[-1.0]], [4.0])


def test_the_whale():
    told = whale_curve([-20, 80, np.nan, 40])
    assert told.customers == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert told.profit.tolist() == [0, 80, 120, 100]
    assert told.share == pytest.approx([0, 0.8, 1.2, 1])
    assert (told.n, told.missing) == (3, 1)
    assert told.peak == pytest.approx((2 / 3, 1.2))
    loss = whale_curve([-20, 10])
    assert np.isnan(loss.share).all()
    assert loss.profit.tolist() == [0, 10, -10]
    empty = whale_curve([])
    assert (empty.n, empty.profit.tolist(), empty.customers.tolist()) == (0, [0], [0])
    assert np.isnan(empty.share).all()
    assert whale_curve(customer_profit([30, 30], [[3, 0], [1, 20]], [4.0, 1.5])).peak == pytest.approx((0.5, 18 / 14))


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=30), st.randoms())
def test_the_whale_does_not_depend_on_the_order(profits, random):
    mixed = random.sample(profits, len(profits))
    told = whale_curve(profits)
    assert told.profit.tolist() == whale_curve(mixed).profit.tolist()
    assert told.profit.max() == sum(p for p in profits if p > 0)
    assert told.profit[-1] == sum(profits)
    if sum(profits) > 0:
        assert told.share[-1] == 1
        assert told.peak[1] >= 1
