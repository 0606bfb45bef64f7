"""BG/NBD: published numbers, gradients, laws of models, and what cannot be fitted."""

import pickle

import lifetimes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.exceptions import FitError, InvalidFactError
from relmkt.value import BetaGeo, PurchaseSummary
from relmkt.value._models._likelihood import BetaGeoLikelihood, row_weights
from relmkt.windows import days
from tests.value.bases import END, buying, master, sample

PUBLISHED = BetaGeo(0.243, 4.414, 0.793, 2.426)
HALF = PurchaseSummary([1], [2], [30.43], [38.86], [np.nan], "week")


def summary_of(x, t_x, T, unit="week"):
    return PurchaseSummary(np.arange(len(x)), x, t_x, T, np.full(len(x), np.nan), unit)


# ---------------------------------------------------------------------------------------------- the paper and its peers


def test_cdnow_sample():
    model = buying()
    got = (model.r, model.alpha, model.a, model.b)
    assert got == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)  # PEERS row 1
    assert got == pytest.approx((0.24259454, 4.41360188, 0.79291991, 2.42588806), rel=2e-5)  # PEERS row 2
    assert model.log_likelihood(sample()) == pytest.approx(-9582.4292, abs=1e-4)
    assert str(model) == "BetaGeo(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259, unit='week')"


def test_cdnow_sample_as_rounded_in_the_literature():
    exact = sample()
    x, t_x, T = exact.frequency, exact.recency.round(2), exact.T.round(2)
    model = BetaGeo.fit(summary_of(x, t_x, T))
    got = (model.r, model.alpha, model.a, model.b)
    assert got == pytest.approx((0.2426, 4.4135, 0.7929, 2.4258), abs=6e-5)  # PEERS row 3
    assert model.log_likelihood(summary_of(x, t_x, T)) == pytest.approx(-9582.4256, abs=1e-4)


def test_cdnow_master():
    model = BetaGeo.fit(master())
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx((0.25162, 4.78894, 0.72343, 2.16109), abs=5e-5)
    assert model.log_likelihood(master()) == pytest.approx(-95368.4439, abs=1e-3)  # PEERS row 20
    whole = master(END)
    model = BetaGeo.fit(whole)
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx((0.26713, 5.98649, 0.48352, 2.11161), abs=5e-5)
    assert model.log_likelihood(whole) == pytest.approx(-173425.9163, abs=1e-3)  # PEERS row 24


@pytest.mark.parametrize(
    "t,expected", [(0.1429, 0.0078), (1, 0.0532), (3, 0.1506), (31.8571, 1.0405), (32, 1.0437), (78, 1.8576)]
)
def test_expected_of_a_new_customer(t, expected):
    # PEERS rows 46-51; the published sheet rounds its parameters, which shows at 78 weeks
    assert buying().expected(t).value == pytest.approx(expected, rel=3e-4, abs=6e-5)


def test_predictions_at_published_parameters():
    assert PUBLISHED.purchases(HALF, 39).value[0] == pytest.approx(1.226, abs=5e-4)  # PEERS row 45
    exact = BetaGeo(0.24259454, 4.41360188, 0.79291991, 2.42588806)
    assert exact.purchases(summary_of([2], [30 + 3 / 7], [38 + 6 / 7]), 39).value[0] == pytest.approx(
        1.2259933, abs=5e-8
    )
    # PEERS failure 2
    broken = BetaGeo(0.11, 2.24, 0.31, 0.5)  # a + b < 1, where 2F1 as published gives NaN
    assert broken.purchases(summary_of([0], [0], [1]), 30).value[0] == pytest.approx(0.564588615533, rel=1e-11)
    # PEERS failure 3
    edge = BetaGeo(0.24, 4.4, 1, 2.4)  # a = 1 exactly
    assert edge.purchases(summary_of([2], [30], [38]), 39).value[0] == pytest.approx(1.12196345, rel=1e-8)
    assert PUBLISHED.expected(52).value == pytest.approx(1.4460506, abs=1e-7)  # PEERS row 69
    heavy = summary_of([26], [30.86], [31.0])
    assert PUBLISHED.purchases(heavy, 52).value[0] == pytest.approx(25.758196, abs=1e-6)
    assert PUBLISHED.alive(heavy).value[0] == pytest.approx(0.96891565, abs=1e-8)  # PEERS row 70


def test_totals_of_the_sample():
    assert buying().purchases(sample(), 39).value.sum() == pytest.approx(1653.408, abs=1e-2)  # PEERS row 90
    assert buying().alive(sample()).value.sum() == pytest.approx(1917.277, abs=1e-2)  # PEERS row 91
    # a new customer with the first order: PEERS row 93
    assert 1 + float(buying().expected(52)) == pytest.approx(2.4440108, abs=2e-5)


def test_counts():
    assert PUBLISHED.probability(10, 2) == pytest.approx(1.07869e-07, rel=1e-5)  # PEERS row 52
    got = [PUBLISHED.probability(n, 39) for n in range(6)]
    expected = [0.57378635, 0.19939528, 0.08542976, 0.04586035, 0.02767145, 0.01796549]
    assert got == pytest.approx(expected, abs=1e-8)  # PEERS rows 53-58
    got = [PUBLISHED.probability(n, 30) for n in range(11, 21)]
    expected = [0.0019995214, 0.0015170236, 0.0011633150, 0.0009003148, 0.0007023638]
    expected += [0.0005517902, 0.0004361913, 0.0003467171, 0.0002769613, 0.0002222260]
    assert got == pytest.approx(expected, abs=1e-10)  # PEERS rows 59-68
    assert PUBLISHED.probability(-1, 39) == 0


def test_chances_of_counts_sum_to_one_and_to_the_mean():
    chances = np.array([PUBLISHED.probability(n, 12) for n in range(400)])
    assert chances.sum() == pytest.approx(1, abs=1e-6)
    assert chances @ np.arange(400) == pytest.approx(float(PUBLISHED.expected(12)), abs=1e-3)


def test_against_lifetimes():
    s = sample()
    peer = lifetimes.BetaGeoFitter().fit(s.frequency, s.recency, s.T)
    model = BetaGeo(*peer.params_.to_numpy())
    theirs = peer.conditional_expected_number_of_purchases_up_to_time(39, s.frequency, s.recency, s.T)
    np.testing.assert_allclose(model.purchases(s, 39).value, theirs, rtol=1e-9)
    alive = peer.conditional_probability_alive(s.frequency, s.recency, s.T)
    np.testing.assert_allclose(model.alive(s).value, alive, rtol=1e-9)
    assert buying().log_likelihood(s) >= model.log_likelihood(s) - 1e-9


# ------------------------------------------------------------------------------------------------------- laws of models

positive = st.floats(0.02, 50)
row = st.tuples(st.integers(0, 300), st.floats(0, 1), st.floats(0, 1e4))


@given(st.tuples(positive, positive, positive, positive), st.lists(row, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_gradient_and_hessian_agree_with_finite_differences(point, rows):
    x, share, T = (np.array(column, dtype=float) for column in zip(*rows))
    likelihood = BetaGeoLikelihood.of(summary_of(x, np.where(x > 0, share * T, 0), T), np.ones(len(rows)))
    point = np.array(point)
    _, slope, bend = likelihood(point)
    np.testing.assert_allclose(bend, bend.T)
    for i in range(4):
        h = point[i] * 1e-5
        up, down = (likelihood(point + s * h * (np.arange(4) == i)) for s in (1, -1))
        scale = 1e-6 * (1 + np.abs(likelihood(point)[0]))
        assert (up[0] - down[0]) / (2 * h) == pytest.approx(slope[i], rel=1e-6, abs=scale / point[i])
        np.testing.assert_allclose(
            (up[1] - down[1]) / (2 * h), bend[i], rtol=1e-5, atol=20 * scale / point[i] / min(point)
        )


def test_weighted_distinct_rows_are_raw_rows():
    s = sample()
    rows, counts = np.unique(np.stack([s.frequency, s.recency, s.T]), axis=1, return_counts=True)
    weighted = BetaGeo.fit(summary_of(*rows), weights=counts)
    assert [weighted.r, weighted.alpha, weighted.a, weighted.b] == pytest.approx(list(buying()._point), rel=1e-8)
    np.testing.assert_allclose(weighted.covariance, buying().covariance, rtol=1e-6)
    assert weighted.log_likelihood(summary_of(*rows), weights=counts) == pytest.approx(buying().log_likelihood(s))


def test_scalar_is_vector():
    s, model = sample(), buying()
    whole = model.purchases(s, 39)
    for i in (0, 7, 100, 2356):
        one = PurchaseSummary([s.ids[i]], *([c[i]] for c in (s.frequency, s.recency, s.T, s.monetary_value)), "week")
        alone = model.purchases(one, 39)[s.ids[i]]
        assert (alone.value, alone.low, alone.high) == pytest.approx(
            (whole.value[i], whole.low[i], whole.high[i]), rel=1e-9
        )


def test_scaling_time_scales_alpha_alone():
    s, model = sample(), buying()
    scaled = BetaGeo.fit(summary_of(s.frequency, s.recency * 7, s.T * 7, "day"))
    assert list(scaled._point) == pytest.approx(list(model._point * (1, 7, 1, 1)), rel=1e-7)


def test_a_span_and_its_periods_are_the_same_horizon():
    s, model = sample(), buying()
    np.testing.assert_allclose(model.purchases(s, days(273)).value, model.purchases(s, 39).value, rtol=1e-12)


history = st.tuples(st.integers(0, 2000), st.floats(0, 1), st.floats(0, 1e5))


@given(
    st.tuples(*[st.floats(1e-3, 1e3)] * 4),
    st.lists(history, min_size=1, max_size=5),
    st.floats(0, 1e4),
)
@settings(max_examples=150, deadline=None)
def test_no_nan_and_monotone_in_the_horizon_on_any_valid_summary(point, rows, t):
    x, share, T = (np.array(column, dtype=float) for column in zip(*rows))
    s, model = summary_of(x, np.where(x > 0, share * T, 0), T), BetaGeo(*point)
    alive = model.alive(s).value
    near, far = (model.purchases(s, h).value for h in (t, 1.1 * t + 1))
    assert ((alive >= 0) & (alive <= 1)).all()
    assert np.isfinite(model.log_likelihood(s))
    assert (np.isfinite(near) & np.isfinite(far)).all()
    assert (near >= 0).all()
    assert (far >= near * (1 - 1e-9)).all()


def test_alive_falls_with_silence_and_is_certain_without_a_repeat():
    T = np.linspace(30.43, 400, 50)
    alive = PUBLISHED.alive(summary_of(np.full(50, 2), np.full(50, 30.43), T)).value
    assert (np.diff(alive) < 0).all()
    assert PUBLISHED.alive(summary_of([0], [0], [1000])).value[0] == 1


def test_no_time_no_purchases():
    assert (buying().purchases(sample(), 0).value == 0).all()
    assert (buying().purchases(sample(), 0).high == 0).all()


def test_recovers_simulated_parameters_within_their_errors():
    rng = np.random.default_rng(20260301)
    true, hits = np.array([0.9, 12.0, 0.8, 4.0]), []
    for _ in range(20):
        model = BetaGeo.fit(simulated(rng, *true, customers=3000))
        errors = np.array(list(model.standard_errors.values()))
        hits.append(np.abs(model._point - true) < 2.5758 * errors)
    assert np.mean(hits) > 0.93  # of 99 %


def simulated(rng, r, alpha, a, b, customers):
    rate, leave = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    T = rng.uniform(20, 80, customers)
    x, t_x, clock, here = np.zeros(customers), np.zeros(customers), np.zeros(customers), np.ones(customers, bool)
    while here.any():
        clock = clock + rng.exponential(1 / rate)
        here &= clock <= T
        x[here], t_x[here] = x[here] + 1, clock[here]
        here &= rng.random(customers) >= leave
    return summary_of(x, t_x, T)


# ------------------------------------------------------------------------------------------------- intervals and errors


def test_equal_by_parameters_and_picklable():
    model = buying()
    assert model == BetaGeo(model.r, model.alpha, model.a, model.b, unit="week")
    assert pickle.loads(pickle.dumps(model)) == model


def test_units_do_not_mix():
    with pytest.raises(ValueError, match="unit"):
        PUBLISHED.purchases(HALF, days(7))
    with pytest.raises(ValueError, match="weeks"):
        buying().alive(summary_of([1], [2], [3], "day"))
    with pytest.raises(ValueError, match="yearly discount"):
        PUBLISHED.purchases(HALF, 39, discount=0.1)
    for horizon in (-1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="horizon"):
            PUBLISHED.purchases(HALF, horizon)
    with pytest.raises(ValueError, match="r must be"):
        BetaGeo(0, 1, 1, 1)


@pytest.mark.parametrize(
    "x,t_x,T,message",
    [
        ([0] * 9, [0] * 9, range(9), "no repeat purchase"),
        ([0, 1], [0, 0], [0, 0], "no exposure time"),
        ([3], [7], [9], "not identified|slope"),
        ([3] * 50, [7] * 50, [9] * 50, "not identified|slope"),
        ([1, 2, 4], [3, 4, 8], [5, 6, 9], "not identified|slope"),
    ],
)
def test_what_does_not_determine_the_model_is_an_error_with_the_last_parameters(x, t_x, T, message):
    with pytest.raises(FitError, match=message) as caught:
        BetaGeo.fit(summary_of(x, t_x, list(T)))
    if "no " not in str(caught.value)[:3]:
        assert set(caught.value.parameters) == {"r", "alpha", "a", "b"}


def test_a_penalty_lets_few_customers_be_fitted_and_fades():
    few = summary_of([1, 2, 4], [3, 4, 8], [5, 6, 9])
    assert BetaGeo.fit(few, penalty=1.0).a < 100
    s = sample()
    shift = BetaGeo.fit(s, penalty=0.1)._point / buying()._point - 1
    assert 0 < np.abs(shift).max() < 0.05
    with pytest.raises(ValueError, match="penalty"):
        BetaGeo.fit(few, penalty=-1)


def test_customers_without_time_change_nothing():
    s = sample()
    more = summary_of(*(np.append(c, np.zeros(500)) for c in (s.frequency, s.recency, s.T)))
    assert list(BetaGeo.fit(more)._point) == pytest.approx(list(buying()._point), rel=1e-7)


def test_weights_are_checked():
    with pytest.raises(InvalidFactError, match="weights"):
        row_weights(HALF, [1, 2])
    with pytest.raises(InvalidFactError, match="weights"):
        BetaGeo.fit(HALF, weights=[-1])


def test_many_customers_start_from_a_few():
    s = sample()
    many = summary_of(*(np.tile(c, 30) for c in (s.frequency, s.recency, s.T)))
    model = BetaGeo.fit(many)
    assert list(model._point) == pytest.approx(list(buying()._point), rel=1e-7)
    np.testing.assert_allclose(30 * model.covariance, buying().covariance, rtol=1e-3)
    rare = np.zeros(len(many))
    rare[1:9000:3] = 1  # the few that are looked at first never repeat: the start is then the neutral one
    lone = summary_of(many.frequency * rare, many.recency * rare, many.T)
    rows, counts = np.unique(np.stack([lone.frequency, lone.recency, lone.T]), axis=1, return_counts=True)
    weighted = BetaGeo.fit(summary_of(*rows), weights=counts)
    assert list(BetaGeo.fit(lone)._point) == pytest.approx(list(weighted._point), rel=1e-5)


def test_predictive_interval_of_thousands_and_of_nothing():
    busy = BetaGeo(50.0, 1e-3, 1e-3, 50.0)
    some = busy.purchases(summary_of([0], [0], [0]), 0.1, predictive=True)
    assert 3000 < some.low[0] < some.value[0] < some.high[0] < 8000
    far = busy.purchases(summary_of([0], [0], [0]), 10, predictive=True)
    assert np.isinf(far.high[0])
    none = buying().purchases(sample(), 0, predictive=True)
    assert (none.high == 0).all()
    with pytest.raises(ValueError, match="discount"):
        buying().purchases(sample(), 39, predictive=True, discount=0.1)
    with pytest.raises(ValueError, match="discount"):
        buying().purchases(sample(), 39, discount=-1)
