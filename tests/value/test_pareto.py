"""Pareto/NBD: published predictions, laws of the model, and its corners against 40 digits."""

import lifetimes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.value import GammaGamma, lifetime_value
from relmkt.value._models._pareto import ParetoNBD
from relmkt.value._models._pareto_counts import count_chances, outcome_bounds
from relmkt.value._models._pareto_dropout import log_dropout
from relmkt.value._summaries._summary import DAYS_OF, PurchaseSummary
from tests.value.bases import sample

PUBLISHED = ParetoNBD(0.553, 10.578, 0.606, 11.669, unit="week")
EXACT_WEEKS = ParetoNBD(0.553270, 10.577801, 0.606020, 11.663915, unit="week")
YEAR = DAYS_OF["year"] / DAYS_OF["week"]
FIFTEEN = 1.15 ** (YEAR / 52) - 1  # the peer's year has 52 weeks


def summary_of(x, t_x, T, unit="week"):
    return PurchaseSummary(np.arange(len(x)), x, t_x, T, np.full(len(x), np.nan), unit)


def one_of(x, t_x, T):
    return summary_of([x], [t_x], [T])


# ------------------------------------------------------------------------------------------------ papers and peers

HEAVY = one_of(26, 30.86, 31)


def test_expected_of_a_new_customer():
    published = [0.05077821, 0.09916088, 0.14542507, 0.18979930, 0.23247466]
    published += [0.27361274, 0.31335159, 0.35181024, 0.38909211]
    rounded = ParetoNBD(0.55, 10.56, 0.61, 11.64)  # the parameters that these figures were printed for
    got = [float(rounded.expected(t)) for t in range(1, 10)]
    assert got == pytest.approx(published, abs=1e-8)  # PEERS row 71-79
    assert float(PUBLISHED.expected(52)) == pytest.approx(1.4729968, abs=1e-7)  # PEERS row 80
    assert float(EXACT_WEEKS.expected(52)) + 1 == pytest.approx(2.4734976, abs=2e-7)  # PEERS row 93
    assert float(PUBLISHED.expected(0)) == 0


def test_predictions_at_published_parameters():
    assert PUBLISHED.purchases(HEAVY, 52).value[0] == pytest.approx(25.458473, abs=1e-6)  # PEERS row 81
    assert PUBLISHED.alive(HEAVY).value[0] == pytest.approx(0.99791873, abs=1e-8)  # PEERS row 82
    discount = np.expm1(0.0027 * YEAR)
    assert PUBLISHED.residual(HEAVY, discount=discount).value[0] == pytest.approx(86.056494, abs=1e-6)  # PEERS row 83
    near = ParetoNBD(0.55, 10.58, 0.61, 11.67).purchases(summary_of([132, 133], [200, 200], [200, 200]), 10)
    assert near.value == pytest.approx([6.2060517890, 6.2528722476], abs=1e-9)  # PEERS row 86


def test_counts():
    published = [0.59362503, 0.16556295, 0.08248719, 0.04903995, 0.03169571, 0.02148483]
    assert [PUBLISHED.probability(n, 39) for n in range(6)] == pytest.approx(published, abs=1.1e-8)  # PEERS row 85
    assert [PUBLISHED.probability(n, 0) for n in (-1, 0, 1)] == [0, 1, 0]
    chances = np.array([PUBLISHED.probability(n, 12) for n in range(300)])
    assert chances.sum() == pytest.approx(1, abs=1e-12)
    assert chances @ np.arange(300) == pytest.approx(float(PUBLISHED.expected(12)), rel=1e-10)


@pytest.mark.parametrize(
    "n,t,point,expected",
    [  # by 40-digit integration
        (40, 39, (0.553, 10.578, 0.606, 11.669), 1.4882291290852e-6),
        (3, 52, (300.5, 210.0, 0.6, 211.0), 0.0019522013207138),
        (75, 52, (300.5, 210.0, 0.6, 211.0), 0.036624799011572),
        (5, 30, (2.0, 0.05, 1.0, 40.0), 0.0011862552656363),
        (2, 1000, (0.4, 30.0, 1.5, 0.02), 8.986793291191e-6),
        (50, 1000, (1500.0, 30.0, 1.5, 0.02), 8.3686874664757e-5),
        (0, 100, (900.0, 5.0, 1.5, 0.5), 0.016237962204783),
        (3000, 100, (9.0, 0.5, 1.5, 0.01), 1.2011000572103e-10),
    ],
)
def test_counts_to_many_digits(n, t, point, expected):
    # PEERS failure 33
    assert count_chances(*(np.array([p]) for p in point), n, float(t))[0] == pytest.approx(expected, rel=1e-11)


def test_chances_of_known_customers():
    customers = summary_of([0, 2, 26], [0, 30.43, 30.86], [38.86, 38.86, 31])
    chances = np.stack([PUBLISHED.chances(customers, n, 30).value for n in range(300)])
    assert chances.sum(axis=0) == pytest.approx(np.ones(3), abs=1e-12)
    assert np.arange(300) @ chances == pytest.approx(PUBLISHED.purchases(customers, 30).value, rel=1e-9)
    told = ParetoNBD.fit(sample()).chances(customers, 0, 30)
    assert (told.low < told.value).all()
    assert (told.value < told.high).all()
    assert PUBLISHED.chances(customers, 0, 0).value.tolist() == [1, 1, 1]


def test_chances_of_silence_agree_with_simulated_customers():
    model = ParetoNBD(1.5, 8.0, 1.2, 20.0, unit="week")
    base = model.simulate(np.full(60_000, 30.0), rng=np.random.default_rng(3))
    later = base.summary().frequency - base.summary(20).frequency
    known = base.summary(20)
    for n in range(3):
        assert (later == n).mean() == pytest.approx(model.chances(known, n, 10, level=None).value.mean(), abs=0.006)
    assert base.summary(20).frequency.mean() == pytest.approx(float(model.expected(20)), rel=0.02)
    left = base.left > 20
    assert left.mean() == pytest.approx(model.alive(known, level=None).value.mean(), abs=0.006)


def test_bounds_of_the_number_hold_their_share():
    told = PUBLISHED.purchases(summary_of([0, 2, 26], [0, 30.43, 30.86], [38.86, 38.86, 31]), 30, predictive=True)
    for row, (low, high) in enumerate(zip(told.low, told.high)):
        customer = summary_of([[0, 2, 26][row]], [[0, 30.43, 30.86][row]], [[38.86, 38.86, 31][row]])
        below = np.cumsum([PUBLISHED.chances(customer, n, 30).value[0] for n in range(int(high) + 1)])
        assert below[int(high)] >= 0.975
        assert high == 0 or below[int(high) - 1] < 0.975
        assert below[int(low)] >= 0.025
        assert low == 0 or below[int(low) - 1] < 0.025
    assert told.high[2] > 30


def test_bounds_of_many_purchases_hold_their_share():
    law = (np.array([300.0]), np.array([30.0]), np.array([1.5]), np.array([0.02]))
    low, high = outcome_bounds(*law, np.array([1.0]), 100.0, 0.9995)
    below = np.cumsum([count_chances(*law, n, 100.0)[0] for n in range(int(high[0]) + 1)])
    assert low[0] == 0
    assert below[-1] >= 0.99975 > below[-2]


def test_customers_and_totals_of_the_sample():
    s = sample()
    alive, coming = EXACT_WEEKS.alive(s, level=None).value, EXACT_WEEKS.purchases(s, 39, level=None).value
    lasting = EXACT_WEEKS.residual(s, discount=FIFTEEN, level=None).value
    assert (s.frequency[0], s.frequency[3]) == (2, 0)
    got = [alive[0], coming[0], lasting[0]]
    assert got == pytest.approx([0.86916549, 1.45532078, 6.50222841], abs=1e-7)  # PEERS row 87
    spending = GammaGamma(6.2493492, 3.7442563, 15.4443067)
    worth = lifetime_value(EXACT_WEEKS, spending, s, horizon=None, discount=FIFTEEN, level=None).value
    assert spending.average(s, level=None).value[[0, 3]] == pytest.approx([24.654031, 35.170499], rel=1e-6)
    # PEERS rows 87, 89: value of all that is to come
    assert worth[[0, 3]] == pytest.approx([160.306142, 16.828006], rel=2e-6)
    got = [alive[3], coming[3], lasting[3]]
    assert got == pytest.approx([0.29515762, 0.10709042, 0.47846936], abs=3e-8)  # PEERS row 89
    assert coming.sum() == pytest.approx(1665.688, abs=5e-4)  # PEERS row 90
    assert alive.sum() == pytest.approx(1051.971, abs=5e-4)  # PEERS row 91
    assert lasting.sum() == pytest.approx(7207.8354, abs=1e-4)  # PEERS row 91


def test_against_lifetimes():
    s, peer = sample(), lifetimes.ParetoNBDFitter()
    peer.params_ = {name: getattr(PUBLISHED, name) for name in ParetoNBD.NAMES}
    theirs = peer.conditional_expected_number_of_purchases_up_to_time(39, s.frequency, s.recency, s.T)
    np.testing.assert_allclose(PUBLISHED.purchases(s, 39).value, theirs, rtol=1e-8)
    theirs = peer.conditional_probability_alive(s.frequency, s.recency, s.T)
    np.testing.assert_allclose(PUBLISHED.alive(s).value, theirs, rtol=1e-8)


# -------------------------------------------------------------------------------------------------------------- corners

CORNERS = [  # r, alpha, s, beta, x, t_x, T, log odds of having left by 40-digit integration
    (0.553, 10.578, 0.606, 11.669, 2, 30.43, 38.86, -1.893618498056809),
    (0.553, 10.578, 0.606, 10.578, 2, 30.43, 38.86, -1.867995888527189),
    (0.553, 11.669, 0.606, 10.578, 2, 30.43, 38.86, -1.874025975794618),
    (0.1, 0.004, 0.7, 300, 0, 0, 1e5, 4.598186067391179),
    (0.1, 0.004, 0.7, 300, 3, 2.5, 1e5, 31.00239066110537),
    (2, 4000, 0.2, 0.01, 0, 0, 5e4, 8.188078790110582),
    (2, 4000, 0.2, 0.01, 40, 900, 1e6, 221.1828614504463),
    (0.3, 5, 40, 600, 0, 0, 1e4, 116.817703829769),
    (0.5143, 2.8845, 0.2856, 14.1087, 1000, 900, 2000, 789.2103622790895),
    (12, 30, 1, 30.000001, 20, 7, 1e6, 333.2560396667822),
    (0.02, 0.5, 0.03, 0.7, 1, 1e-6, 1e9, 18.74950701244441),
    (30, 0.02, 9, 0.5, 5, 0.1, 0.3, 33.92117908423169),
]


@pytest.mark.parametrize("corner", CORNERS)
def test_odds_to_many_digits(corner):
    *point, x, t_x, T, expected = corner
    got = log_dropout(*point, *(np.array([float(v)]) for v in (x, t_x, T)))[0]
    assert got == pytest.approx(expected, rel=1e-14, abs=1e-13)


def test_odds_of_many_rows_with_parameters_of_their_own_are_those_of_each():
    columns = [np.array(column, dtype=float) for column in zip(*CORNERS)]
    assert log_dropout(*columns[:7]) == pytest.approx(columns[7], rel=1e-13)


def test_a_purchase_at_the_end_is_a_certain_sign_of_life():
    # PEERS failure 1
    assert PUBLISHED.alive(summary_of([150, 0, 1000], [200, 0, 1e6], [200, 0, 1e6])).value.tolist() == [1.0, 1.0, 1.0]


def test_heavy_customers():
    model = ParetoNBD(0.5143, 2.8845, 0.2856, 14.1087, unit="week")
    T = [103.57143, 97.28571, 98, 99.42857]
    four = summary_of([221, 254, 161, 204], [103.42857, 97.14286, 94.71429, 98.57143], T)
    expected = [0.9995960523, 0.9995582261, 0.7494877523, 0.9942550796]
    assert model.alive(four).value == pytest.approx(expected, rel=1e-9)  # PEERS failure 29


def test_not_one_missing_number_over_many_customers():
    # PEERS failure 1 28
    rng = np.random.default_rng(11)
    n = 50_000
    x = rng.integers(0, 301, n) * (rng.random(n) < 0.7)
    T = rng.uniform(0, 730, n)
    t_x = np.where(x > 0, T * np.where(rng.random(n) < 0.1, 1.0, rng.random(n)), 0.0)
    base = summary_of(x, t_x, T)
    for model in (ParetoNBD(0.9, 25, 0.7, 150, unit="week"), ParetoNBD(0.05, 0.01, 5, 2000, unit="week")):
        alive, coming = model.alive(base, level=None).value, model.purchases(base, 90, level=None).value
        assert ((alive >= 0) & (alive <= 1)).all()
        assert (np.isfinite(coming) & (coming >= 0)).all()
        assert np.isfinite(model.residual(base, discount=0.1, level=None).value).all()


def test_finite_and_continuous_where_the_papers_divide_by_nothing():
    # PEERS failure 4
    customers = summary_of([0, 2, 300], [0, 30.43, 30.86], [38.86, 38.86, 31])

    def asked(s, beta=11.669):
        model = ParetoNBD(0.553, 10.578, s, beta, unit="week")
        return np.concatenate(
            [
                model.purchases(customers, 52).value,
                model.alive(customers).value,
                model.residual(customers, discount=0.1).value,
                [float(model.expected(52)), model.probability(3, 52)],
            ]
        )

    for near, edge in ((asked(1 + 1e-9), asked(1.0)), (asked(1 - 1e-9), asked(1.0))):
        np.testing.assert_allclose(near, edge, rtol=3e-7)
    for beta in (10.578 * (1 - 1e-10), 10.578 * (1 + 1e-10)):
        np.testing.assert_allclose(asked(0.606, beta), asked(0.606, 10.578), rtol=1e-8)
    at_one = ParetoNBD(0.553, 10.578, 1.0, 11.669).expected(52).value
    assert at_one == pytest.approx(0.553 * 11.669 / 10.578 * np.log(1 + 52 / 11.669), rel=1e-14)


def test_what_remains_falls_as_the_discount_rises():
    # PEERS failure 30
    for beta in (1e-3, 11.669, 5e6):
        model = ParetoNBD(0.553, 10.578, 0.606, beta, unit="week")
        rates = np.concatenate([np.logspace(-5, 3, 25), [1e6, 1e9]])
        worth = [model.residual(HEAVY, discount=d, level=None).value[0] for d in rates]
        assert np.isfinite(worth).all()
        assert (np.diff(worth) < 0).all()
        assert worth[-1] > 0


def test_what_remains_by_the_confluent_function():
    # (r+x) / (α+T) (β+T) U(1, 2−s, δ (β+T)), to 15 digits
    discount = np.expm1(0.0027 * YEAR)
    got = PUBLISHED.residual(HEAVY, discount=discount).value / PUBLISHED.alive(HEAVY).value
    assert got[0] == pytest.approx(86.2359738554781, rel=3e-9)


shape, rate = st.floats(0.02, 50), st.floats(0.01, 5e3)


@given(
    st.tuples(shape, rate, shape, rate),
    st.integers(0, 300),
    st.floats(0.01, 1e3),
    st.lists(st.floats(0, 1e4), min_size=2),
)
@settings(max_examples=80, deadline=None)
def test_silence_only_lowers_the_chance_of_being_alive(point, x, t_x, silences):
    t_x, silences = t_x if x else 0.0, np.sort(np.array([0.0, *silences]))
    n = silences.size
    alive = ParetoNBD(*point).alive(summary_of(np.full(n, x), np.full(n, t_x), t_x + silences)).value
    assert ((alive >= 0) & (alive <= 1)).all()
    assert alive[0] == 1
    assert (np.diff(alive) <= 1e-12 * alive[:-1]).all()


@given(st.tuples(shape, rate, shape, rate), st.integers(0, 300), st.floats(0, 1), st.floats(0.01, 1e3))
@settings(max_examples=50, deadline=None)
def test_expectations_start_at_nothing_rise_and_do_not_know_the_unit(point, x, share, T):
    r, alpha, s, beta = point
    one, seven = one_of(x, x and share * T, T), one_of(x, x and share * T / 7, T / 7)
    model, weekly = ParetoNBD(*point), ParetoNBD(r, alpha / 7, s, beta / 7)
    coming = np.array([model.purchases(one, t).value[0] for t in (0, 1, 10, 100)])
    assert coming[0] == 0
    assert (np.diff(coming) >= 0).all()
    np.testing.assert_allclose(weekly.purchases(seven, 100 / 7).value[0], coming[3], rtol=1e-9)
    np.testing.assert_allclose(weekly.alive(seven).value, model.alive(one).value, rtol=1e-9)
