"""BG/CNBD-k and MBG/CNBD-k: the authors' own examples, brute force, laws of models."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaincc, gammainccinv

from relmkt.datasets import cdnow_sample
from relmkt.exceptions import FitError
from relmkt.value._models._betageo import BetaGeo
from relmkt.value._models._erlang import erlang_kernel
from relmkt.value._models._likelihood import BetaGeoLikelihood
from relmkt.value._models._modified import ModifiedBetaGeo
from relmkt.value._models._regular import BetaGeoK
from relmkt.value._summaries._summary import PurchaseSummary
from tests.value.bases import CALIBRATION, sample

BOTH = pytest.mark.parametrize("first", [False, True])


def summary_of(x, t_x, T, gaps=None, unit="week"):
    return PurchaseSummary(np.arange(len(x)), x, t_x, T, np.full(len(x), np.nan), unit, log_gaps=gaps)


# ------------------------------------------------------------------------------------------ the authors and brute force


def test_the_authors_own_example():
    """Figures that stand beside the compiled code of BTYDplus 1.2.0, for k 3, r .5, alpha 2, a .3, b .6."""
    plain, modified = (BetaGeoK(3, 0.5, 2, 0.3, 0.6, dropout_at_first=first) for first in (False, True))
    for x, expected in ((3, -10.42500), (4, -12.22396)):
        assert plain.log_likelihood(summary_of([x], [12], [14], [3.0])) == pytest.approx(expected, abs=5e-6)
    assert plain.probability(2, 10) == pytest.approx(0.05669, abs=5e-6)
    assert modified.probability(2, 10) == pytest.approx(0.04548, abs=5e-6)


@BOTH
def test_chances_of_counts_sum_to_one_and_to_the_mean(first):
    model = BetaGeoK(3, 0.5, 2, 0.3, 0.6, dropout_at_first=first)
    chances = np.array([model.probability(n, 10) for n in range(80)])
    assert chances.sum() == pytest.approx(1, abs=1e-10)
    assert chances @ np.arange(80) == pytest.approx(float(model.expected(10).value), rel=1e-9)
    assert (model.probability(-1, 10), model.probability(0, 0)) == (0, 1)


def summed(A, B, a, w, k, j):
    """Purchases by the chance that each comes and that one stays for it, to 30 digits."""
    with mpmath.workdps(30):
        A, B, a, q = (mpmath.mpf(v) for v in (A + j, B, a, w / (1 + mpmath.mpf(w))))
        term = (1 - q) ** A
        left, stays, total, m = mpmath.mpf(1), mpmath.mpf(1), mpmath.mpf(0), 1
        for n in range(20_000):
            if n == m * k - j:
                total, stays, m = total + stays * left, stays * (B + m - 1) / (a + B + m - 1), m + 1
            left, term = left - term, term * q * (A + n) / (n + 1)
            if left < 1e-22:
                break
        return float(total)


@pytest.mark.parametrize(
    "A,B,a,w,k",
    [
        (0.5, 0.6, 0.3, 0.5, 2),
        (0.5, 0.6, 0.3, 1e-6, 3),
        (2.3, 1.0, 1.0, 10, 2),  # PEERS failure 3
        (0.11, 0.5, 0.31, 13, 3),  # PEERS failure 2
        (5.0, 0.02, 0.02, 30, 12),
        (50.0, 1000.0, 1000.0, 2, 5),
        (40.0, 0.001, 0.001, 3, 12),
        (0.01, 50.0, 0.001, 50, 2),
    ],
)
def test_kernel_against_sums(A, B, a, w, k):
    got = erlang_kernel(np.array([A]), np.array([B]), a, np.array([1.0]), w, k).ravel()
    for j in {0, k // 2, k - 1}:
        assert got[j] == pytest.approx(summed(A, B, a, w, k, j), rel=1e-11)


def brute_force(model, x, t_x, T, t, rng, n=100_000):
    """Alive, and purchases to come with their error, by customers of the population weighted by their likelihood."""
    chances = x + model.dropout_at_first
    rate, leaves = rng.gamma(model.r, 1 / model.alpha, n), rng.beta(model.a, model.b, n)
    silent = gammaincc(model.k, rate * (T - t_x))
    base = rate ** (model.k * x) * np.exp(-rate * t_x)
    alive = base * (1 - leaves) ** chances * silent
    gone = base * leaves * (1 - leaves) ** (chances - 1) if chances else 0 * base
    bought, here = np.zeros(n), np.ones(n, bool)
    now = gammainccinv(model.k, silent * rng.random(n)) / rate - (T - t_x)
    while (here := here & (now <= t)).any():
        bought += here
        here &= rng.random(n) >= leaves
        now = now + rng.standard_gamma(model.k, n) / rate
    share = alive.sum() / (alive.sum() + gone.sum())
    mean = (alive @ bought) / alive.sum()
    return share, share * mean, share * np.sqrt(alive**2 @ (bought - mean) ** 2) / alive.sum()


@pytest.mark.parametrize(
    "k,first,x,t_x,T",
    [(2, True, 3, 12, 20), (3, True, 0, 0, 9), (3, False, 0, 0, 9), (2, False, 4, 30, 33), (4, True, 1, 5, 30)],
)
def test_predictions_against_brute_force(k, first, x, t_x, T):
    model = BetaGeoK(k, 1.3, 2.8, 0.42, 0.79, dropout_at_first=first)
    s = summary_of([x], [t_x], [T])
    alive, bought, error = brute_force(model, x, t_x, T, 26, np.random.default_rng(8))
    assert model.alive(s).value[0] == pytest.approx(alive, rel=0.02)
    assert abs(model.purchases(s, 26).value[0] - bought) < 4 * error + 0.01 * bought


@BOTH
def test_simulated_customers_do_what_the_model_expects(first):
    model = BetaGeoK(3, 1.1, 1.0, 0.6, 2.0, dropout_at_first=first, unit="week")
    played = model.simulate([40.0] * 20_000, rng=np.random.default_rng(5))
    before, after = played.summary(until=20), played.summary()
    bought = after.frequency - before.frequency
    assert after.frequency.mean() == pytest.approx(float(model.expected(40).value), rel=0.03)
    assert (before.frequency == 1).mean() == pytest.approx(model.probability(1, 20), abs=0.01)
    expected = model.purchases(before, 20).value
    late = before.T - before.recency > 6
    for rows in (before.frequency == 0, (before.frequency > 2) & late, (before.frequency > 2) & ~late):
        error = bought[rows].std() / np.sqrt(rows.sum())
        assert abs(bought[rows].mean() - expected[rows].mean()) < 4 * error
    some = before.take(np.arange(2000))
    interval = model.purchases(some, 20, predictive=True, level=0.9)
    assert interval.method == "predictive"
    assert 0.9 < ((interval.low <= bought[:2000]) & (bought[:2000] <= interval.high)).mean() < 0.99


# ------------------------------------------------------------------------------------------------------- laws of models


@pytest.mark.parametrize("kind,first", [(BetaGeo, False), (ModifiedBetaGeo, True)])
def test_one_stage_is_the_model_of_random_times(kind, first):
    s, plain = sample(), kind.fit(sample())
    model = BetaGeoK.fit(s, k=1, dropout_at_first=first)
    assert list(model._point) == pytest.approx(list(plain._point), rel=1e-9)
    np.testing.assert_allclose(model.covariance, plain.covariance, rtol=1e-3)
    one = BetaGeoK(1, *plain._point, dropout_at_first=first, unit="week", covariance=plain.covariance)
    assert one.log_likelihood(s) == pytest.approx(plain.log_likelihood(s), rel=1e-14)
    assert one.aic(s) == pytest.approx(plain.aic(s), rel=1e-14)
    for part in ("value", "low", "high"):
        for question in (lambda m: m.alive(s), lambda m: m.purchases(s, 39), lambda m: m.expected(39)):
            np.testing.assert_allclose(*(getattr(question(m), part) for m in (one, plain)), rtol=1e-9)
    few = s.take(np.arange(200))
    for m, n in zip((one.purchases(few, 39, predictive=True),), (plain.purchases(few, 39, predictive=True),)):
        np.testing.assert_array_equal((m.low, m.high), (n.low, n.high))
    assert [one.probability(n, 39) for n in range(5)] == pytest.approx([plain.probability(n, 39) for n in range(5)])
    assert one.residual(few, discount=0.1).value == pytest.approx(plain.residual(few, discount=0.1).value, rel=1e-9)


above_0 = st.floats(0.02, 50)
row = st.tuples(st.integers(0, 100), st.floats(0, 1), st.floats(0, 1e3))


@given(
    st.integers(2, 12),
    st.booleans(),
    st.tuples(above_0, above_0, above_0, above_0),
    st.lists(row, min_size=1, max_size=6),
)
@settings(max_examples=50, deadline=None)
def test_gradient_and_hessian_agree_with_finite_differences(k, first, point, rows):
    x, share, T = (np.array(column, dtype=float) for column in zip(*rows))
    s = summary_of(x, np.where(x > 0, share * T, 0), T)
    likelihood, point = BetaGeoLikelihood.of(s, np.ones(len(rows)), at_first=first, k=k), np.array(point)
    value, slope, bend = likelihood(point)
    np.testing.assert_allclose(bend, bend.T, rtol=1e-7, atol=1e-12)
    scale = 1e-6 * (1 + abs(value))
    for i in range(4):
        h = point[i] * 1e-5
        up, down = (likelihood(point + s * h * (np.arange(4) == i)) for s in (1, -1))
        assert (up[0] - down[0]) / (2 * h) == pytest.approx(slope[i], rel=1e-6, abs=scale / point[i])
        np.testing.assert_allclose((up[1] - down[1]) / (2 * h), bend[i], rtol=1e-5, atol=20 * scale / point[i])


@given(
    st.sampled_from([2, 3, 12, 50]),
    st.booleans(),
    st.tuples(*[st.floats(1e-3, 1e3)] * 4),
    st.lists(st.tuples(st.integers(0, 2000), st.floats(0, 1), st.floats(0, 1e5)), min_size=1, max_size=3),
    st.floats(0, 1e4),
)
@settings(max_examples=60, deadline=None)
def test_no_nan_and_monotone_in_the_horizon_on_any_valid_summary(k, first, point, rows, t):
    x, share, T = (np.array(column, dtype=float) for column in zip(*rows))
    s = summary_of(x, np.where(x > 0, share * T, 0), T, np.zeros(len(rows)))
    model = BetaGeoK(k, *point, dropout_at_first=first)
    alive = model.alive(s).value
    near, far = (model.purchases(s, h).value for h in (t, 1.1 * t + 1))
    assert ((alive >= 0) & (alive <= 1)).all()
    assert np.isfinite(model.log_likelihood(s))  # PEERS failure 31
    assert (np.isfinite(near) & np.isfinite(far)).all()
    assert (near >= 0).all()
    assert (far >= near * (1 - 1e-8)).all()
    assert (model.purchases(s, 0).value == 0).all()


def regular(seed=1, customers=2000, k=3, first=True):
    true = BetaGeoK(k, 0.85, 1.45, 0.79, 2.42, dropout_at_first=first, unit="week")
    rng = np.random.default_rng(seed)
    return true, true.simulate(rng.uniform(20, 60, customers), rng=rng).summary()


@BOTH
def test_the_best_k_is_found(first):
    true, s = regular(first=first)
    model = BetaGeoK.fit(s, dropout_at_first=first)
    assert (model.k, model.dropout_at_first) == (true.k, first)
    chances = {k: BetaGeoK.fit(s, k=k, dropout_at_first=first).log_likelihood(s) for k in (1, 2, 3, 4)}
    assert max(chances, key=chances.get) == model.k
    assert model.log_likelihood(s) == pytest.approx(chances[3], rel=1e-12)


def test_recovers_simulated_parameters_within_their_errors():
    hits = []
    for seed in range(60):
        true, s = regular(seed)
        model = BetaGeoK.fit(s, k=true.k)
        errors = np.array(list(model.standard_errors.values()))
        hits.append(np.abs(np.log(model._point / true._point)) < 1.96 * errors / model._point)
    assert 0.9 < np.mean(hits) < 0.995, f"seeds 0 … 59: {np.mean(hits)}"


def test_cdnow_is_bought_at_random():
    rows = cdnow_sample()
    s = PurchaseSummary.from_purchases(rows.customer, rows.at, at=CALIBRATION, unit="week", gaps=True)
    assert BetaGeoK.fit(s).k == 1


def test_without_the_times_between_purchases_k_must_be_told():
    _, s = regular()
    bare = summary_of(s.frequency, s.recency, s.T)
    with pytest.raises(ValueError, match="k must be given"):
        BetaGeoK.fit(bare)
    model = BetaGeoK.fit(bare, k=3)
    assert list(model._point) == pytest.approx(list(BetaGeoK.fit(s, k=3)._point), rel=1e-9)
    with pytest.raises(ValueError, match="log_gaps"):
        model.log_likelihood(bare)
    for k in (0, 51):
        with pytest.raises(ValueError, match="whole number from 1 to 50"):
            BetaGeoK.fit(s, k=k)
    with pytest.raises(ValueError, match="effects"):
        BetaGeoK.fit(s, k=2, effects={"buying": ["north"]})
    with pytest.raises(TypeError):
        BetaGeoK(2.5, 1, 1, 1, 1)


def test_weighted_distinct_rows_are_raw_rows():
    _, s = regular()
    days = summary_of(s.frequency, np.ceil(s.recency), np.ceil(s.T), s.log_gaps)
    columns = np.stack([days.frequency, days.recency, days.T])
    rows, where, counts = np.unique(columns, axis=1, return_inverse=True, return_counts=True)
    means = np.bincount(where.ravel(), weights=days.log_gaps) / counts
    weighted, raw = BetaGeoK.fit(summary_of(*rows, means), weights=counts), BetaGeoK.fit(days)
    assert weighted.k == raw.k
    assert list(weighted._point) == pytest.approx(list(raw._point), rel=1e-8)


def test_scaling_time_scales_alpha_alone():
    _, s = regular()
    scaled = summary_of(s.frequency, 7 * s.recency, 7 * s.T, s.log_gaps + s.frequency * np.log(7), "day")
    one, other = BetaGeoK.fit(s), BetaGeoK.fit(scaled)
    assert (one.k, other.unit) == (other.k, "day")
    assert list(other._point) == pytest.approx(list(one._point * (1, 7, 1, 1)), rel=1e-7)


def test_customers_too_regular_for_random_times_are_fitted_still():
    true = BetaGeoK(6, 30.0, 30.0, 0.8, 12.0, unit="week")  # nearly one rate for all
    s = true.simulate([60.0] * 1000, rng=np.random.default_rng(2)).summary()
    with pytest.raises(FitError, match="not identified"):
        ModifiedBetaGeo.fit(s)
    model = BetaGeoK.fit(s)
    assert model.k in (5, 6, 7)
    assert model.r / model.alpha == pytest.approx(true.r / true.alpha * model.k / true.k, rel=0.05)


def test_what_does_not_determine_the_model_is_an_error():
    for k in (None, 2):
        with pytest.raises(FitError, match="no repeat"):
            BetaGeoK.fit(summary_of([0] * 9, [0] * 9, range(9), [0.0] * 9), k=k)  # PEERS failure 8
        with pytest.raises(FitError, match="no exposure"):
            BetaGeoK.fit(summary_of([0, 1], [0, 0], [0, 0], [0, 0]), k=k)  # PEERS failure 9
    for k, gaps in ((2, None), (None, [1.0, 1.2, 2.0])):
        with pytest.raises(FitError) as caught:
            BetaGeoK.fit(summary_of([1, 2, 4], [3, 4, 8], [5, 6, 9], gaps), k=k)  # PEERS failure 7
        assert set(caught.value.parameters) == {"r", "alpha", "a", "b"}
    curve = BetaGeoLikelihood.of(summary_of([0], [0], [4]), np.ones(1), k=3)(np.array([0.5, 3, 0.7, 0.2]))
    assert all(np.isfinite(part).all() for part in curve)  # PEERS failure 36


def test_bootstrap_and_draws_keep_the_form():
    _, s = regular(customers=400, first=False)
    rng = np.random.default_rng(6)
    for model in BetaGeoK.bootstrap(s, 3, rng=rng, k=2, dropout_at_first=False):
        assert (model.k, model.dropout_at_first) == (2, False)
    drawn = BetaGeoK.fit(s, k=3, dropout_at_first=False).draws(2, rng=rng)
    assert [(m.k, m.dropout_at_first) for m in drawn] == [(3, False)] * 2


def test_predictive_interval_has_no_discount():
    model, s = BetaGeoK(2, 1, 1, 1, 1, unit="week"), summary_of([1], [2], [3])
    with pytest.raises(ValueError, match="discount"):
        model.purchases(s, 9, predictive=True, discount=0.1)
