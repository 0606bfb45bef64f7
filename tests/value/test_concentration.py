"""Lorenz, Gini and the share of the top: textbook figures and bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmkt.value import gini, lorenz, top_share
from tests.value.bases import cdnow_shop

INCOMES = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]


def test_published_figures():
    assert gini([10] * 9 + [100]).value == pytest.approx(0.4263158, abs=1e-7)
    assert gini(INCOMES).value == pytest.approx(0.4620911, abs=1e-7)
    assert top_share(INCOMES).value == pytest.approx(0.5130958, abs=1e-7)


def test_bounds():
    assert gini([0, 0, 0, 10]).value == 0.75
    assert gini([3, 3, 3]).value == pytest.approx(0)
    assert np.isnan(gini([0, 0]).value)
    assert np.isnan(top_share([0, 0]).value)
    assert gini([]).n == 0
    assert np.isnan(top_share([]).value)
    assert "sum to 0" in gini([0]).notes[0]
    assert (top_share([1, 2], 0).value, top_share([1, 2], 1).value) == (0, 1)
    assert gini([1, np.nan, 2]).missing == 1


def test_a_boundary_within_one_customer_counts_in_part():
    assert top_share([1, 1, 2], 0.5).value == pytest.approx(2.5 / 4)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any), st.randoms())
def test_gini_is_twice_the_area_above_the_curve_in_any_order(values, random):
    mixed = random.sample(values, len(values))
    share, value = lorenz(mixed)
    assert gini(mixed).value == pytest.approx(1 - 2 * np.trapezoid(value, share), abs=1e-9)
    assert gini(values).value == gini(mixed).value
    assert top_share(values, 0.2).value == pytest.approx(1 - np.interp(0.8, share, value), abs=1e-9)


def test_losses_and_shares_out_of_range_are_refused():
    for ask in (gini, lorenz, top_share):
        with pytest.raises(ValueError, match="not negative"):
            ask([1, -2])
    with pytest.raises(ValueError, match="share"):
        top_share([1], 1.5)


def test_cdnow():
    table = cdnow_shop().table
    spent = np.bincount(table.stream, weights=table.number / 100)
    assert spent.sum() == pytest.approx(244_091.94)
    assert top_share(spent).value == pytest.approx(np.sort(spent)[-471:].sum() / spent.sum(), abs=2e-3)
