"""Customer equity under switching, and the optimum of winning and keeping: printed figures, brute force, SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import softmax

from relmkt.estimate import Estimate
from relmkt.value._formulas._acquisition import AcquisitionRetention, ResponseCurve
from relmkt.value._formulas._equity import (
    brand_values,
    choice_path,
    choice_shares,
    customer_equity,
    equity_return,
    stationary_shares,
)

SWITCHING = [[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]]


def test_switching_from_one_brand():
    path = choice_path(SWITCHING, [1, 0, 0], 5)
    assert path[:, 0] == pytest.approx([1, 0.7, 0.54, 0.455, 0.41, 0.38625], abs=1e-6)  # KA-124
    values = brand_values(SWITCHING, [1, 0, 0], 10, 0.1, purchases=5)
    assert values[0] == pytest.approx(29.4435924, abs=1e-6)  # KA-124
    assert values.sum() == pytest.approx(sum(10 / 1.1**t for t in range(6)))
    assert stationary_shares(SWITCHING) == pytest.approx([0.36, 0.44, 0.20], abs=1e-9)  # KA-125


def test_every_customer_has_a_pace_a_horizon_and_a_matrix():
    rng = np.random.default_rng(7)
    n, brands, pace, last = 6, 3, rng.uniform(0.5, 12, 6), rng.integers(0, 9, 6)
    matrices, start = rng.dirichlet(np.ones(brands), (n, brands)), rng.dirichlet(np.ones(brands), n)
    margin = rng.uniform(-2, 20, (last.max() + 1, n, brands))
    told = brand_values(matrices, start, margin, 0.15, purchases=last, frequency=pace)
    for i in range(n):
        here, total = start[i], np.zeros(brands)
        for t in range(last[i] + 1):
            total += 1.15 ** (-t / pace[i]) * margin[t, i] * here
            here = here @ matrices[i]
        assert told[i] == pytest.approx(total)
    alone = brand_values(matrices[0], start[0], margin[:, :1], 0.15, purchases=int(last.max()), frequency=[pace[0]])
    assert alone.shape == (1, brands)
    shared = brand_values(SWITCHING, [1, 0, 0], [[10.0], [20.0]], 0.1, purchases=[5, 5])
    assert shared[1] == pytest.approx(2 * shared[0])


def test_where_switching_ends():
    path = choice_path(SWITCHING, [[1, 0, 0], [0, 0, 1]], 200)
    assert path[-1] == pytest.approx(np.tile(stationary_shares(SWITCHING), (2, 1)))
    assert stationary_shares([[0, 1], [1, 0]]) == pytest.approx([0.5, 0.5])
    assert stationary_shares([[1, 0], [0.5, 0.5]]) == pytest.approx([1, 0], abs=1e-12)
    with pytest.raises(ValueError, match="depends on where it starts"):
        stationary_shares(np.eye(2))
    with pytest.raises(ValueError, match="square"):
        stationary_shares([[0.5, 0.5]])
    for wrong in ([[0.6, 0.5], [0.5, 0.5]], [[1.1, -0.1], [0, 1]]):
        with pytest.raises(ValueError, match="switching: expected chances"):
            choice_path(wrong, [1, 0], 1)
    with pytest.raises(ValueError, match="start"):
        choice_path(np.eye(2), [1, 1], 1)


def test_choice_shares_are_logit():
    utilities = np.random.default_rng(3).normal(0, 40, (4, 4)) + 800  # would overflow unshifted
    assert choice_shares(utilities) == pytest.approx(softmax(utilities, axis=1))


def test_customer_equity_over_a_sample():
    values = np.array([[20.0, 1.0], [40.0, np.nan], [30.0, 3.0]])
    told = customer_equity(values, 1000, labels=["us", "rival"])
    assert told.value == pytest.approx([30_000, 2_000])
    assert told["us"].se == pytest.approx(1000 * 10 / np.sqrt(3))
    assert told.n.tolist() == [3, 2]
    assert customer_equity(values[:, 0], 1000).value == told["us"].value
    known = customer_equity(Estimate(30.0, n=3, se=2.0), Estimate(1000.0, n=5, se=10.0))
    assert known.se == pytest.approx(np.hypot(2000, 300))
    nobody = customer_equity([], 1000)
    assert np.isnan(nobody.value)
    assert (nobody.n, nobody.notes) == (0, ("no valid values",))
    one = customer_equity([7.0], 10)
    assert (one.value, one.n) == (70, 1)
    assert np.isnan(one.se)
    with pytest.raises(ValueError, match="population"):
        customer_equity([1.0], -1)
    with pytest.raises(ValueError, match="values"):
        customer_equity(5.0, 10)


def test_return_on_equity():
    assert equity_return(1.447 * 70e6, 70e6).value == pytest.approx(0.447, abs=1e-12)
    assert equity_return(Estimate(100.0, n=4, se=7.0), 70).se == pytest.approx(0.1)
    nothing = equity_return(5, 0)
    assert np.isnan(nothing.value)
    assert (nothing.n, nothing.notes) == (0, ("nothing was invested",))


PLAN = AcquisitionRetention(
    ResponseCurve.through(rate=0.04, spend=1, ceiling=0.10),
    ResponseCurve.through(rate=0.60, spend=8, ceiling=0.80),
    margin=50,
    discount=0.1,
)


def test_blattberg_and_deighton():
    assert PLAN.acquisition.k == pytest.approx(0.5108256, abs=1e-6)  # KA-126
    assert PLAN.retention.k == pytest.approx(0.1732868, abs=1e-6)  # KA-126
    assert PLAN.at(1, 8).value == pytest.approx(2.76, abs=1e-6)  # KA-126
    best = PLAN.optimum()
    assert best.acquisition == pytest.approx(3.4046, abs=1e-3)  # KA-127
    assert best.retention == pytest.approx(15.7976, abs=1e-3)  # KA-127
    assert best.value == pytest.approx(5.7816347, abs=1e-3)  # KA-127
    assert best.acquisition_rate == pytest.approx(0.0824332, abs=1e-3)  # KA-127
    assert best.retention_rate == pytest.approx(0.7482156, abs=1e-3)  # KA-127
    assert best.marginal_acquisition_cost == pytest.approx(111.43859, abs=1e-3)  # KA-128
    assert best.customer_value == pytest.approx(111.43859, abs=1e-3)  # KA-128
    assert best.cost_per_customer_kept == pytest.approx(best.retention / best.retention_rate)
    assert best.cost_per_customer_won == pytest.approx(best.acquisition / best.acquisition_rate)


def test_the_value_of_a_prospect_is_the_printed_formula():
    told = PLAN.at(2.0, 11.0)
    a, r = told.acquisition_rate, told.retention_rate
    kept = r / 1.1
    assert told.value == pytest.approx(a * 50 - 2.0 + a * (50 - 11.0 / r) * kept / (1 - kept))
    nothing = PLAN.at(0, 0)
    assert np.isnan([nothing.cost_per_customer_won, nothing.cost_per_customer_kept]).all()


@given(
    st.floats(0.05, 1), st.floats(0.05, 2), st.floats(0.1, 1), st.floats(0.02, 1), st.floats(0, 200), st.floats(0.01, 1)
)
def test_no_other_budget_is_better(ceiling_a, k_a, ceiling_r, k_r, margin, d):
    plan = AcquisitionRetention(ResponseCurve(ceiling_a, k_a), ResponseCurve(ceiling_r, k_r), margin, d)
    best = plan.optimum()
    for scale in (0.0, 0.5, 0.999, 1.001, 1.3):
        assert plan.at(best.acquisition * scale, best.retention).value <= best.value + 1e-9
        other = plan.at(best.acquisition, best.retention * scale + (scale > 1) * 1e-3)
        assert other.customer_value <= best.customer_value + 1e-9
    if best.acquisition:
        assert best.marginal_acquisition_cost == pytest.approx(best.customer_value)


def test_scipy_finds_no_better():
    found = minimize(lambda x: -PLAN.at(*np.abs(x)).value, [1.0, 8.0], method="Nelder-Mead", options={"xatol": 1e-9})
    best = PLAN.optimum()
    assert -found.fun == pytest.approx(best.value)
    assert np.abs(found.x) == pytest.approx([best.acquisition, best.retention], rel=1e-3)


def test_a_customer_barely_worth_winning():
    slow = ResponseCurve(0.1, 0.1)  # the first customers cost 100
    best = AcquisitionRetention(slow, PLAN.retention, margin=50, discount=0.1).optimum()
    assert best.customer_value == pytest.approx(111.43859, abs=1e-3)
    assert best.acquisition == pytest.approx(10 * np.log(1.1143859), abs=1e-5)
    dear = AcquisitionRetention(ResponseCurve(0.1, 0.08), PLAN.retention, margin=50, discount=0.1)
    assert dear.optimum().acquisition == 0


def test_ceilings_are_above_rates():
    for rate in (0.8, 0.9, 0.0):
        with pytest.raises(ValueError, match="below the ceiling"):
            ResponseCurve.through(rate=rate, spend=8, ceiling=0.8)
    with pytest.raises(ValueError, match="ceiling"):
        ResponseCurve(1.2, 0.1)
    with pytest.raises(ValueError, match="spend"):
        PLAN.at(-1, 3)
    with pytest.raises(ValueError, match="ceiling of retention"):
        AcquisitionRetention(PLAN.acquisition, ResponseCurve(1.0, 0.1), 50, 0.0)
    lossmaker = AcquisitionRetention(PLAN.acquisition, PLAN.retention, margin=-5, discount=0.1).optimum()
    assert (lossmaker.acquisition, lossmaker.retention, lossmaker.value) == (0, 0, 0)
