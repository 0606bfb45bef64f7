"""Lorenz, Gini and the share of the top: textbook figures and bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.facts import Return
from relmkt.money import Money
from relmkt.value._customers._concentration import concentration, gini, lorenz, top_share
from tests.value.bases import Shop, bought, cdnow_shop

INCOMES = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]


def test_published_figures():
    assert gini([10] * 9 + [100]).value == pytest.approx(0.4263158, abs=1e-6)  # KA-154
    assert gini(INCOMES).value == pytest.approx(0.4620911, abs=1e-6)  # KA-155
    assert gini(INCOMES, corrected=True).value == pytest.approx(0.5134346, abs=1e-6)  # KA-155
    assert top_share(INCOMES).value == pytest.approx(0.5130958, abs=1e-6)  # KA-158


def test_bounds():
    assert gini([0, 0, 0, 10]).value == pytest.approx(0.75, abs=1e-12)  # KA-157
    assert gini([0, 0, 0, 10], corrected=True).value == pytest.approx(1, abs=1e-12)  # KA-157
    assert gini([3, 3, 3]).value == pytest.approx(0, abs=1e-12)  # KA-157
    assert np.isnan(gini([0, 0]).value)  # KA-157
    assert np.isnan(gini([5], corrected=True).value)
    assert gini([5]).value == 0
    assert np.isnan(top_share([0, 0]).value)
    assert gini([]).n == 0
    assert np.isnan(top_share([]).value)
    assert "sum to 0" in gini([0]).notes[0]
    assert (top_share([1, 2], 0).value, top_share([1, 2], 1).value) == (0, 1)
    assert gini([1, np.nan, 2]).missing == 1


def test_a_boundary_within_one_customer_counts_in_part():
    assert top_share([1, 1, 2], 0.5).value == pytest.approx(2.5 / 4)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any), st.randoms())
def test_gini_is_twice_the_area_above_the_curve_in_any_order(values, random):  # SCIENCE 4.1
    mixed = random.sample(values, len(values))
    share, value = lorenz(mixed)
    assert gini(mixed).value == pytest.approx(1 - 2 * np.trapezoid(value, share), abs=1e-9)
    assert gini(values).value == gini(mixed).value
    assert top_share(values, 0.2).value == pytest.approx(1 - np.interp(0.8, share, value), abs=1e-9)


def test_losses_and_shares_out_of_range_are_refused():
    for ask in (gini, lorenz, top_share):
        with pytest.raises(ValueError, match="not negative"):
            ask([1, -2])
        with pytest.raises(ValueError, match="finite"):
            ask([1, np.inf])
    with pytest.raises(ValueError, match="share"):
        top_share([1], 1.5)
    with pytest.raises(ValueError, match="losses"):
        gini([1], losses="ignored")


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=30).filter(any))
def test_the_adjusted_coefficient_keeps_its_bounds(values):
    x, n = np.array(values, float), len(values)
    told = gini(values, losses="adjusted", corrected=True).value
    apart = np.abs(x[:, None] - x[None, :]).sum()
    assert told == pytest.approx(apart / (2 * (n - 1) * np.abs(x).sum()), abs=1e-9)
    assert -1e-9 <= told <= 1 + 1e-9
    if min(values) >= 0:
        assert told == pytest.approx(gini(values, corrected=True).value)


def test_one_gain_against_one_loss_is_the_greatest_inequality():
    assert gini([0, 0, 9, -4], losses="adjusted", corrected=True).value == 1
    assert gini([0, 0, 9, -4], losses="adjusted").value == 0.75


# ------------------------------------------------------------------------------------------------------------ intervals


def loop(values, corrected):
    one_out = [gini(np.delete(values, k), corrected=corrected).value for k in range(len(values))]
    n = len(values)
    return np.sqrt((n - 1) / n * ((np.array(one_out) - np.mean(one_out)) ** 2).sum())


@pytest.mark.parametrize("corrected", [True, False])
def test_the_jackknife_leaves_each_out_once(corrected):
    told = gini(INCOMES, corrected=corrected, interval="jackknife")
    assert told.se == pytest.approx(loop(INCOMES, corrected), abs=1e-12)
    assert told.low < told.value < told.high <= 1
    assert told.method == "jackknife"
    losses = [-5.0, 2, 3, 9, 0]
    adjusted = gini(losses, corrected=corrected, losses="adjusted", interval="jackknife").se
    one_out = [gini(np.delete(losses, k), corrected=corrected, losses="adjusted").value for k in range(5)]
    assert adjusted == pytest.approx(np.sqrt(4 / 5 * ((np.array(one_out) - np.mean(one_out)) ** 2).sum()), abs=1e-12)


def test_jackknife_and_bootstrap_agree_on_a_large_sample():
    values = np.random.default_rng(2).gamma(2, 50, 800)
    jack = gini(values, interval="jackknife")
    drawn = gini(values, interval="bootstrap", rng=np.random.default_rng(6))
    assert drawn.se == pytest.approx(jack.se, rel=0.1), "seeds 2, 6"
    assert drawn.value == jack.value
    assert drawn == gini(values, interval="bootstrap", rng=np.random.default_rng(6))
    top = top_share(values, 0.2, rng=np.random.default_rng(6))
    assert top.low < top.value < top.high
    with pytest.raises(ValueError, match="rng"):
        gini(values, interval="bootstrap")
    with pytest.raises(ValueError, match="interval"):
        gini(values, interval="normal")


def test_a_sample_of_one_or_two():
    assert np.isnan(gini([5], interval="jackknife").low)
    assert np.isnan(gini([5, 6], corrected=True, interval="jackknife").low)
    assert gini([5, 6], interval="bootstrap", rng=np.random.default_rng(1)).n == 2


# ----------------------------------------------------------------------------------------------------------------- base


def test_cdnow():
    table = cdnow_shop().table
    spent = np.bincount(table.stream, weights=table.number / 100)
    assert spent.sum() == pytest.approx(244_091.94)
    assert top_share(spent).value == pytest.approx(np.sort(spent)[-471:].sum() / spent.sum(), abs=2e-3)
    told = concentration(cdnow_shop(), currency="USD", share=0.2)
    assert told["gini"].value == pytest.approx(gini(spent).value)
    assert told["top share"].value == pytest.approx(top_share(spent).value)


def test_by_margin():
    def euros(amount):
        return Money(amount, "EUR")

    shop = Shop(
        datetime(2026, 4, 1),
        bought("ada", "2026-1-1", 100, margin=euros(10)),
        bought("bob", "2026-1-1", 90, margin=euros(30)),
        bought("cyd", "2026-1-1", 80),
    )
    told = concentration(shop, currency="EUR", share=0.5, by="margin")
    assert told["gini"].value == pytest.approx(gini([10, 30]).value)
    assert told["top share"].value == 0.75
    assert told["gini"].missing == 1
    nothing = concentration(
        Shop(datetime(2026, 4, 1), bought("ada", "2026-1-1", 1)), currency="EUR", share=0.5, by="margin"
    )
    assert np.isnan(nothing.value).all()
    assert nothing.notes[0] == "by margin"
    with pytest.raises(ValueError, match="by"):
        concentration(shop, currency="EUR", share=0.5, by="visits")


def test_losses_of_a_base_are_told():
    shop = Shop(
        datetime(2026, 4, 1),
        bought("ada", "2026-1-1", 100),
        bought("bob", "2026-1-1", 10),
        Return("bob", datetime(2026, 2, 1), Money(30, "EUR"), ref="x"),
    )
    told = concentration(shop, currency="EUR", share=0.5)
    assert told["gini"].value == pytest.approx(gini([100, -20], losses="adjusted").value)
    assert np.isnan(told["top share"].value)
    assert "less than nothing" in told.notes[-1]
