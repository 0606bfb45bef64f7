"""Berger & Nasr's five cases: the printed one, and the others by sums, quadrature and Dwyer's recursion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from relmkt.estimate import Estimate
from relmkt.value._formulas._berger_nasr import ProfitGrowth, RecencyChain, growing_clv, promoted_clv

SKI = [0.3, 0.2, 0.15, 0.05]
chances = st.lists(st.floats(0, 1), min_size=1, max_size=6)


def test_case_1():
    told = promoted_clv(260, 50, 0.75, 0.2, years=10)
    assert told.value == pytest.approx(568.78, abs=5e-3)  # KA-120
    assert told.value == pytest.approx(568.7830674, abs=1e-6)
    assert promoted_clv(260, 50, 0.75, 0.2).value == pytest.approx(571.6172094, abs=1e-6)  # KA-121
    assert promoted_clv(260, 50, 0.75, 0.2, years=0).value == 260
    assert promoted_clv([260, -1], 50, 0.75, 0.2, years=0).value.tolist() == [260, -1]


@given(
    st.floats(-10, 300), st.floats(0, 60), st.floats(0, 1), st.floats(0, 0.6), st.integers(0, 12),
    st.sampled_from([0.5, 0.25, 1 / 12, 1.0, 2.0, 3.0]),
)  # fmt: skip
def test_cases_1_and_2_by_their_sums(gc, m, r, d, cycles, cycle):
    i, j = np.arange(cycles + 1), np.arange(1, cycles + 1)
    sold = (gc * r**i / (1 + d) ** (i * cycle)).sum()
    spent = (m * r ** (j - 1) / (1 + d) ** ((j - 0.5) * cycle)).sum()
    told = promoted_clv(gc, m, r, d, years=cycles * cycle, cycle=cycle).value
    assert told == pytest.approx(sold - spent, abs=1e-8)


def test_a_quarterly_customer_without_end_is_the_limit():
    endless = promoted_clv(60, 10, 0.9, 0.2, cycle=0.25).value
    assert endless == pytest.approx(promoted_clv(60, 10, 0.9, 0.2, cycle=0.25, years=200).value)
    slope = (promoted_clv(60, 10, 0.9 + 1e-6, 0.2).value - promoted_clv(60, 10, 0.9 - 1e-6, 0.2).value) / 2e-6
    assert promoted_clv(60, 10, Estimate(0.9, n=900), 0.2).se == pytest.approx(slope * 0.01, rel=1e-6)


def test_what_has_no_end_or_no_whole_number_of_cycles_is_refused():
    with pytest.raises(ValueError, match="whole number of cycles"):
        promoted_clv(60, 10, 0.9, 0.2, years=3, cycle=2)
    with pytest.raises(ValueError, match="has to lie below"):
        promoted_clv(60, 10, 1.0, 0.0)
    with pytest.raises(ValueError, match="retention"):
        promoted_clv(60, 10, 1.1, 0.2)
    with pytest.raises(ValueError, match="cycle"):
        promoted_clv(60, 10, 0.9, 0.2, cycle=0)


@given(
    st.floats(1, 99),
    st.floats(0, 5),
    st.just(0.0) | st.floats(1e-6, 9),
    st.floats(0, 30),
    st.floats(0.05, 1),
    st.integers(0, 12),
)
def test_cases_3_and_4(v, h, g, ceiling, r, years):
    growth, ratio = ProfitGrowth(v=v, h=h, g=g, N=ceiling), r / 1.2

    def profit(t):
        return h * t**2 + v if t <= g else h * g**2 + v + ceiling * (1 - np.exp(-t + g))

    yearly = sum(profit(t) * ratio**t for t in range(years + 1))
    assert growing_clv(growth, r, 0.2, years=years).value == pytest.approx(yearly)
    given = [profit(t) for t in range(years + 1)]
    assert growing_clv(given, r, 0.2, years=years).value == pytest.approx(yearly)
    bend = min(g, years)
    flow = sum(quad(lambda t: profit(t) * ratio**t, *ends)[0] for ends in ((0, bend), (bend, years)))
    assert growing_clv(growth, r, 0.2, years=years, continuous=True).value == pytest.approx(flow, rel=1e-7, abs=1e-9)


def test_growing_profits_are_checked_and_carry_doubt():
    growth = ProfitGrowth(v=40, h=2, g=3, N=10)
    with pytest.raises(TypeError, match="ProfitGrowth"):
        growing_clv([40.0], 0.9, 0.2, years=0, continuous=True)
    with pytest.raises(ValueError, match="expected 3 of them"):
        growing_clv([40.0], 0.9, 0.2, years=2)
    rows = growing_clv(growth, [0.5, 0.9], 0.2, years=4).value
    assert rows[1] == growing_clv(growth, 0.9, 0.2, years=4).value
    slope = (growing_clv(growth, 0.9, 0.2 + 1e-6, years=4).value - growing_clv(growth, 0.9, 0.2, years=4).value) / 1e-6
    told = growing_clv(growth, 0.9, Estimate(0.2, se=0.01), years=4)
    assert told.se == pytest.approx(abs(slope) * 0.01, rel=1e-4)


def test_the_ski_shop():
    chain = RecencyChain(SKI)
    near = [50.1149691, 4.2199074, 0.5921103, -1.9801312, 0]
    assert chain.values(40, 4, 0.2, periods=4).value == pytest.approx(near, abs=5e-4)  # KA-099
    ever = [52.3196094, 5.5537836, 1.2507730, -1.8200163, 0]
    assert chain.values(40, 4, 0.2).value == pytest.approx(ever, abs=5e-4)  # KA-100
    stopped = RecencyChain(SKI[:3]).values(40, 4, 0.2).value
    assert stopped == pytest.approx([53.1494253, 6.6206897, 2.6436782, 0], abs=5e-4)  # KA-101
    assert chain.worth_promoting(40, 4, 0.2) == 3  # KA-101
    power = np.linalg.matrix_power(chain.transitions, 4)[0]
    assert (chain.transitions @ chain.transitions)[0] == pytest.approx([0.23, 0.21, 0.56, 0, 0], abs=1e-10)  # KA-103
    assert power == pytest.approx([0.1397, 0.1365, 0.1288, 0.1428, 0.4522], abs=1e-10)  # KA-103
    steps = chain.values(0, -1, 0.0).value
    assert steps[:4] == pytest.approx([6.0504202, 4.6218487, 3.0147059, 1.3025210], abs=1e-6)  # KA-104
    assert chain.values(1, 0, 0.0).value[0] == pytest.approx(2.2114109, abs=1e-6)  # KA-104


@given(chances, st.floats(0.05, 2), st.floats(0, 50))
def test_the_chain_nears_its_limit_from_below(kept, d, contribution):  # property 7
    chain = RecencyChain(kept)
    assert chain.transitions.sum(axis=1) == pytest.approx(np.ones(len(kept) + 1), abs=1e-12)
    paths = [chain.values(contribution, 0, d, periods=t).value for t in (0, 1, 5, 40, 900)]
    whole = chain.values(contribution, 0, d).value
    assert all((a <= b + 1e-9).all() for a, b in zip(paths, [*paths[1:], whole]))
    assert paths[-1] == pytest.approx(whole, abs=1e-6)
    assert chain.values(contribution, 3, 1e12).value == pytest.approx([contribution - 3] + [-3] * (len(kept) - 1) + [0])


@given(chances, st.floats(0, 0.5), st.integers(0, 8))
def test_case_5_by_dwyers_recursion(kept, d, years):
    def lapsed(j):
        return np.prod([1 - p for p in kept[:j]])

    buyers = [1.0]
    for i in range(1, years + 1):
        buyers.append(sum(buyers[i - j] * kept[j - 1] * lapsed(j - 1) for j in range(1, min(i, len(kept)) + 1)))
    listed = [sum(buyers[i - j] * lapsed(j) for j in range(min(i + 1, len(kept)))) for i in range(years)]
    worth = sum(40 * b / (1 + d) ** i for i, b in enumerate(buyers))
    worth -= sum(4 * b / (1 + d) ** (i + 0.5) for i, b in enumerate(listed))
    assert RecencyChain(kept).clv(40, 4, d, years=years).value == pytest.approx(worth)


def test_a_chain_of_one_recency_is_case_1():
    for years in (0, 1, 7):
        lost = RecencyChain([0.75]).clv(260, 50, 0.2, years=years).value
        assert lost == pytest.approx(promoted_clv(260, 50, 0.75, 0.2, years=years).value)


def test_the_chain_refuses_what_is_no_chance_and_what_has_no_end():
    for purchase in ([], [[0.5]], [1.2]):
        with pytest.raises(ValueError, match="purchase"):
            RecencyChain(purchase)
    with pytest.raises(ValueError, match="outweigh"):
        RecencyChain([1.0]).values(40, 4, 0.0)
    doubt = RecencyChain(SKI).values(40, 4, Estimate(0.2, n=3, se=0.01))
    slope = (RecencyChain(SKI).values(40, 4, 0.2 + 1e-6).value - RecencyChain(SKI).values(40, 4, 0.2).value) / 1e-6
    assert doubt.se == pytest.approx(np.abs(slope) * 0.01, rel=1e-4, abs=1e-12)
    assert doubt.labels == ("1", "2", "3", "4", "lost")
