"""MBG/NBD: published numbers, lifetimes as oracle, quadrature, laws of models, and what cannot be fitted."""

import pickle

import lifetimes
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.exceptions import FitError
from relmkt.value._models._betageo import BetaGeo
from relmkt.value._models._likelihood import BetaGeoLikelihood
from relmkt.value._models._modified import ModifiedBetaGeo
from relmkt.value._summaries._summary import PurchaseSummary
from tests.value.bases import END, master, sample

PUBLISHED = ModifiedBetaGeo(0.525, 6.183, 0.891, 1.614, unit="week")


def summary_of(x, t_x, T, unit="week"):
    return PurchaseSummary(np.arange(len(x)), x, t_x, T, np.full(len(x), np.nan), unit)


def rounded():
    """The sample with times of two decimals, as the literature's file has them."""
    s = sample()
    return summary_of(s.frequency, s.recency.round(2), s.T.round(2))


# ---------------------------------------------------------------------------------------------- the paper and its peers


def test_cdnow_sample():
    model = ModifiedBetaGeo.fit(rounded())
    assert list(model._point) == pytest.approx([0.525, 6.183, 0.891, 1.614], abs=6e-4)  # PEERS row 10
    assert list(model._point) == pytest.approx([0.52484, 6.18299, 0.89136, 1.61400], abs=2e-5)  # PEERS row 11
    assert model.log_likelihood(rounded()) == pytest.approx(-9582.1327, abs=1e-4)  # PEERS row 11
    assert str(model).startswith("ModifiedBetaGeo(r=0.5248, alpha=6.1830, a=0.8914, b=1.6140")


def test_cdnow_master():
    model = ModifiedBetaGeo.fit(master())
    assert list(model._point) == pytest.approx([0.63714, 7.31029, 0.80747, 1.22839], abs=2e-5)  # PEERS row 21
    assert model.log_likelihood(master()) == pytest.approx(-95336.9583, abs=1e-3)  # PEERS row 21
    late = master(at=END)
    model = ModifiedBetaGeo.fit(late)
    assert list(model._point) == pytest.approx([0.68942, 9.88938, 0.49160, 0.85852], abs=2e-5)  # PEERS row 25
    assert model.log_likelihood(late) == pytest.approx(-173294.4421, abs=1e-3)  # PEERS row 25


def test_against_lifetimes():
    s = sample()
    peer = lifetimes.ModifiedBetaGeoFitter().fit(s.frequency, s.recency, s.T)
    model = ModifiedBetaGeo(*peer.params_.to_numpy())
    theirs = peer.conditional_expected_number_of_purchases_up_to_time(39, s.frequency, s.recency, s.T)
    np.testing.assert_allclose(model.purchases(s, 39).value, theirs, rtol=1e-10)
    alive = peer.conditional_probability_alive(s.frequency, s.recency, s.T)
    np.testing.assert_allclose(model.alive(s).value, alive, rtol=1e-12)
    for t in (0.5, 10, 52, 400):
        assert model.expected(t).value == pytest.approx(peer.expected_number_of_purchases_up_to_time(t), rel=1e-10)
    for n in range(6):
        assert model.probability(n, 39) == pytest.approx(peer.probability_of_n_purchases_up_to_time(39, n), rel=1e-10)
    assert ModifiedBetaGeo.fit(s).log_likelihood(s) >= model.log_likelihood(s) - 1e-9


def by_quadrature(r, alpha, a, b, x, T, t):
    """Purchases of one who is alive at T, as a mean over the chance to leave, in 40 digits."""
    with mpmath.workdps(40):
        w, A, B = mpmath.mpf(t) / (mpmath.mpf(alpha) + T), r + x, b + x + 1
        cuts = [0, 1e-12, 1e-6, 1e-3, 0.1, 0.9, 0.999, 1]
        bought = mpmath.quad(
            lambda p: -mpmath.expm1(-A * mpmath.log1p(p * w)) * p ** (a - 2) * (1 - p) ** (B - 1), cuts
        )
        return float(bought / mpmath.beta(a, B))


@pytest.mark.parametrize(
    "point,x,T,t",
    [
        ((0.11, 2.24, 0.31, 0.5), 0, 1, 30),  # PEERS failure 2
        ((0.24, 4.4, 1.0, 2.4), 2, 38, 39),  # PEERS failure 3
        ((2.2, 3.0, 2.5, 0.3), 7, 20, 3),
        ((0.5, 3.0, 0.8, 1.3), 4, 2, 5000),
    ],
)
def test_kernel_against_quadrature(point, x, T, t):
    model, s = ModifiedBetaGeo(*point), summary_of([x], [0.4 * T if x else 0], [T])
    alive = float(model.alive(s).value[0])
    assert model.purchases(s, t).value[0] / alive == pytest.approx(by_quadrature(*point, x, T, t), rel=1e-10)


def test_a_of_one_is_an_ordinary_point():
    s = summary_of([0, 2], [0, 30], [1, 38])
    at, near = (ModifiedBetaGeo(0.24, 4.4, a, 1.4) for a in (1.0, 1.0 + 1e-7))
    np.testing.assert_allclose(at.purchases(s, 39).value, near.purchases(s, 39).value, rtol=1e-6)
    assert at.expected(39).value == pytest.approx(near.expected(39).value, rel=1e-6)


def test_a_first_purchase_may_be_the_last():
    silent = summary_of(np.zeros(60), np.zeros(60), np.linspace(0, 300, 60))
    alive = PUBLISHED.alive(silent).value
    assert alive[0] == pytest.approx(1.614 / (0.891 + 1.614))
    assert (np.diff(alive) < 0).all()
    assert PUBLISHED.probability(0, 0) == 1
    assert PUBLISHED.probability(0, 1e9) > 0.891 / (0.891 + 1.614)


def test_chances_of_counts_sum_to_one_and_to_the_mean():
    chances = np.array([PUBLISHED.probability(n, 12) for n in range(100)])
    assert chances.sum() == pytest.approx(1, abs=1e-9)
    assert chances @ np.arange(100) == pytest.approx(float(PUBLISHED.expected(12).value), rel=1e-7)
    assert PUBLISHED.probability(-1, 12) == 0


def test_simulated_customers_do_what_the_model_expects():
    rng = np.random.default_rng(11)
    played = PUBLISHED.simulate([52.0] * 60_000, rng=rng)
    before, after = played.summary(until=26), played.summary()
    bought = after.frequency - before.frequency
    assert after.frequency.mean() == pytest.approx(float(PUBLISHED.expected(52).value), rel=0.02)
    assert (after.frequency == 0).mean() == pytest.approx(PUBLISHED.probability(0, 52), abs=0.006)
    assert played.alive.mean() == pytest.approx(PUBLISHED.alive(after).value.mean(), abs=0.006)
    expected = PUBLISHED.purchases(before, 26).value
    for x in (0, 1, 2, 5):
        rows = before.frequency == x
        error = bought[rows].std() / np.sqrt(rows.sum())
        assert abs(bought[rows].mean() - expected[rows].mean()) < 4 * error
    interval = PUBLISHED.purchases(before.take(np.arange(4000)), 26, predictive=True, level=0.9)
    inside = (interval.low <= bought[:4000]) & (bought[:4000] <= interval.high)
    assert 0.9 < inside.mean() < 0.99  # counts are whole, so that the interval covers more than it says


# ------------------------------------------------------------------------------------------------------- laws of models

above_0 = st.floats(0.02, 50)
row = st.tuples(st.integers(0, 300), st.floats(0, 1), st.floats(0, 1e4))


@given(st.tuples(above_0, above_0, above_0, above_0), st.lists(row, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_gradient_and_hessian_agree_with_finite_differences(point, rows):
    x, share, T = (np.array(column, dtype=float) for column in zip(*rows))
    s = summary_of(x, np.where(x > 0, share * T, 0), T)
    likelihood, point = BetaGeoLikelihood.of(s, np.ones(len(rows)), at_first=True), np.array(point)
    value, slope, bend = likelihood(point)
    np.testing.assert_allclose(bend, bend.T, rtol=1e-7, atol=1e-12)
    scale = 1e-6 * (1 + abs(value))
    for i in range(4):
        h = point[i] * 1e-5
        up, down = (likelihood(point + s * h * (np.arange(4) == i)) for s in (1, -1))
        assert (up[0] - down[0]) / (2 * h) == pytest.approx(slope[i], rel=1e-6, abs=scale / point[i])
        np.testing.assert_allclose((up[1] - down[1]) / (2 * h), bend[i], rtol=1e-5, atol=20 * scale / point[i])


history = st.tuples(st.integers(0, 2000), st.floats(0, 1), st.floats(0, 1e5))


@given(st.tuples(*[st.floats(1e-3, 1e3)] * 4), st.lists(history, min_size=1, max_size=5), st.floats(0, 1e4))
@settings(max_examples=80, deadline=None)
def test_no_nan_and_monotone_in_the_horizon_on_any_valid_summary(point, rows, t):
    x, share, T = (np.array(column, dtype=float) for column in zip(*rows))
    s, model = summary_of(x, np.where(x > 0, share * T, 0), T), ModifiedBetaGeo(*point)
    alive = model.alive(s).value
    near, far = (model.purchases(s, h).value for h in (t, 1.1 * t + 1))
    assert ((alive >= 0) & (alive <= 1)).all()
    assert np.isfinite(model.log_likelihood(s))  # PEERS failure 31
    assert (np.isfinite(near) & np.isfinite(far)).all()
    assert (near >= 0).all()
    assert (far >= near * (1 - 1e-9)).all()


def test_rows_one_by_one_add_up_to_the_likelihood():
    s = sample()
    rows = PUBLISHED._terms(PUBLISHED._point, s.frequency, s.recency, s.T)
    assert rows.sum() == pytest.approx(PUBLISHED.log_likelihood(s), rel=1e-12)


def test_weighted_distinct_rows_are_raw_rows():
    s, model = sample(), ModifiedBetaGeo.fit(sample())
    rows, counts = np.unique(np.stack([s.frequency, s.recency, s.T]), axis=1, return_counts=True)
    weighted = ModifiedBetaGeo.fit(summary_of(*rows), weights=counts)
    assert list(weighted._point) == pytest.approx(list(model._point), rel=1e-8)
    np.testing.assert_allclose(weighted.covariance, model.covariance, rtol=1e-6)


def test_scaling_time_scales_alpha_alone():
    s = sample()
    scaled = ModifiedBetaGeo.fit(summary_of(s.frequency, s.recency * 7, s.T * 7, "day"))
    assert list(scaled._point) == pytest.approx(list(ModifiedBetaGeo.fit(s)._point * (1, 7, 1, 1)), rel=1e-7)


def test_customers_without_time_change_nothing():
    s = sample()
    more = summary_of(*(np.append(c, np.zeros(500)) for c in (s.frequency, s.recency, s.T)))
    assert list(ModifiedBetaGeo.fit(more)._point) == pytest.approx(list(ModifiedBetaGeo.fit(s)._point), rel=1e-7)


def test_recovers_simulated_parameters_within_their_errors():
    true, hits = ModifiedBetaGeo(0.9, 12.0, 0.8, 3.0), []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        model = ModifiedBetaGeo.fit(true.simulate(rng.uniform(20, 80, 2000), rng=rng).summary())
        errors = np.array(list(model.standard_errors.values()))
        # an interval of the logarithm, as the draws and the predictions have it
        hits.append(np.abs(np.log(model._point / true._point)) < 1.96 * errors / model._point)
    assert 0.88 < np.mean(hits) < 0.995, f"seeds 0 … 39: {np.mean(hits)}"


def test_intervals_pickling_and_draws():
    s, model = sample(), ModifiedBetaGeo.fit(sample())
    estimate = model.purchases(s, 39)
    assert ((estimate.low < estimate.value) & (estimate.value < estimate.high)).all()
    alive = model.alive(s)
    assert ((alive.low > 0) & (alive.low < alive.value) & (alive.value < alive.high) & (alive.high < 1)).all()
    assert pickle.loads(pickle.dumps(model)) == model
    drawn = model.draws(200, rng=np.random.default_rng(4))
    logs = np.log([float(m.expected(39, level=None).value) for m in drawn])
    new = model.expected(39)
    assert logs.std() == pytest.approx(float(new.se / new.value), rel=0.25)


# ------------------------------------------------------------------------------------------------ what cannot be fitted


@pytest.mark.parametrize(
    "x,t_x,T,message",
    [
        ([1, 2, 4], [3, 4, 8], [5, 6, 9], "not identified|slope"),  # PEERS failure 7
        ([0] * 9, [0] * 9, range(9), "no repeat purchase"),  # PEERS failure 8
        ([0, 1], [0, 0], [0, 0], "no exposure time"),  # PEERS failure 9
    ],
)
def test_what_does_not_determine_the_model_is_an_error(x, t_x, T, message):
    with pytest.raises(FitError, match=message) as caught:
        ModifiedBetaGeo.fit(summary_of(x, t_x, list(T)))
    assert caught.value.parameters.keys() <= {"r", "alpha", "a", "b"}


def test_b_below_one_without_a_repeat():
    s = summary_of([0, 1], [0, 3], [4, 9])
    for kind, first in ((BetaGeo, False), (ModifiedBetaGeo, True)):
        model = kind(0.5, 3.0, 0.7, 0.2)
        assert np.isfinite(model.log_likelihood(s))  # PEERS failure 36
        curve = BetaGeoLikelihood.of(s, np.ones(2), at_first=first)(model._point)
        assert all(np.isfinite(part).all() for part in curve)  # PEERS failure 36
