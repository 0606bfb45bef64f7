"""Pareto/GGG: its likelihood against brute force and Monte Carlo, its limit, and what rhythm tells."""

from functools import cache

import lifetimes
import numpy as np
import pytest
from scipy import integrate, special, stats

from relmkt.datasets import cdnow_sample
from relmkt.exceptions import FitError, InvalidFactError
from relmkt.value import PurchaseSummary
from relmkt.value._models._ggg_forecast import log_worths
from relmkt.value._models._ggg_knots import Histories
from relmkt.value._models._ggg_likelihood import SilenceLikelihood, histories
from relmkt.value._models._pareto import ParetoNBD
from relmkt.value._models._paretoggg import ParetoGGG
from tests.value.bases import END

POINT = np.array([2.5, 1.2, 1.2, 3.0, 0.7, 9.0])  # gamma shape 2.5, rate 1.2: k about 2
RHYTHM = ParetoGGG(40, 4, 1, 4, 0.7, 9, unit="week")
# x, age at the last purchase, age, sum of log gaps: of gaps of 5 weeks, of 2 and 7, none, many and clumped, on the day
CASES = [
    (4, 20.0, 22.0, 4 * np.log(5.0)),
    (2, 9.0, 30.0, np.log(2.0) + np.log(7.0)),
    (0, 0.0, 12.0, 0.0),
    (25, 30.0, 31.0, 25 * np.log(0.6)),
    (3, 9.0, 9.0, 3 * np.log(2.9)),
]


def summary_of(rows, unit="week"):
    x, t_x, T, gaps = np.array(rows, dtype=float).reshape(-1, 4).T
    return PurchaseSummary(np.arange(x.size), x, t_x, T, np.full(x.size, np.nan), unit, log_gaps=gaps)


def of_rows(rows):
    return histories(summary_of(rows))


@cache
def base(seed=20260501, n=400):
    return ParetoGGG(*POINT, unit="week").simulate([40.0] * n, rng=np.random.default_rng(seed)).summary()


@cache
def fitted():
    return ParetoGGG.fit(base())


@cache
def cdnow():
    rows = cdnow_sample()
    return PurchaseSummary.from_purchases(rows.customer, rows.at, at=END, unit="week", gaps=True)


# ------------------------------------------------------------------------------------------------------- the likelihood


def brute_force(point, x, t_x, T, gaps):
    """The paper's bracket as it stands, 1 less the integral of survivor times density, by SciPy's adaptive rules."""
    t, gamma, r, alpha, s, beta = point

    def given(k):
        A, B = r + k * x, alpha + k * t_x
        logs = special.gammaln(A) - special.gammaln(r) + r * np.log(alpha) - A * np.log(B)
        logs += x * (k * np.log(k) - special.gammaln(k)) + (k - 1) * gaps
        law = stats.betaprime(k, A, scale=B / k)
        inside = integrate.quad(
            lambda v: ((beta + t_x) / (beta + t_x + law.ppf(v))) ** s, 0, law.cdf(T - t_x), epsabs=1e-11, limit=200
        )[0]
        return np.exp(logs) * (beta / (beta + t_x)) ** s * (1 - inside)

    law = stats.gamma(t, scale=1 / gamma)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    ends = np.log(law.ppf([1e-13, 1 - 1e-13]))
    y = ends[0] + (ends[1] - ends[0]) * 0.5 * (nodes + 1)
    terms = [given(k) * law.pdf(k) * k for k in np.exp(y)]
    return float(np.log(np.dot(weights, terms) * 0.5 * (ends[1] - ends[0])))


@pytest.mark.parametrize("case", [CASES[0], CASES[2], CASES[3]])
def test_likelihood_is_that_of_brute_force(case):
    model = ParetoGGG(6, 3, *POINT[2:], unit="week")
    assert model.log_likelihood(summary_of([case])) == pytest.approx(brute_force(model._point, *case), abs=2e-7)


def test_likelihood_is_the_mean_over_simulated_customers():
    rng = np.random.default_rng(20260502)
    t, gamma, r, alpha, s, beta = POINT
    k, rate = rng.gamma(t, 1 / gamma, 400_000), rng.gamma(r, 1 / alpha, 400_000)
    lives = rng.exponential(1, 400_000) / rng.gamma(s, 1 / beta, 400_000)
    for x, t_x, T, gaps in CASES[:3]:
        density = np.exp(x * (k * np.log(k * rate) - special.gammaln(k)) + (k - 1) * gaps - k * rate * t_x)
        silent = special.gammaincc(k, k * rate * np.maximum(np.minimum(lives, T) - t_x, 0))
        given = density * (lives > t_x) * silent
        told = np.exp(ParetoGGG(*POINT).log_likelihood(summary_of([(x, t_x, T, gaps)])))
        assert told == pytest.approx(given.mean(), abs=4 * given.std() / 400_000**0.5)


def test_with_all_regularities_at_one_it_is_the_pareto_nbd():
    s, rest = cdnow().take(np.arange(0, 2357, 8)), (0.553, 10.578, 0.606, 11.669)
    peer = lifetimes.ParetoNBDFitter._conditional_log_likelihood(np.array(rest), s.frequency, s.recency, s.T)
    model, other = ParetoGGG(1e7, 1e7, *rest, unit="week"), ParetoNBD(*rest, unit="week")
    assert model.log_likelihood(s) == pytest.approx(np.sum(peer), abs=1e-4)
    np.testing.assert_allclose(model.alive(s).value, other.alive(s).value, rtol=1e-5)
    for t in (1, 39, 400):
        np.testing.assert_allclose(model.purchases(s, t).value, other.purchases(s, t).value, rtol=3e-4)
    assert model.expected(39).value == pytest.approx(other.expected(39).value, rel=1e-4)
    np.testing.assert_allclose(
        model.residual(s, discount=0.15).value, other.residual(s, discount=0.15).value, rtol=1e-3
    )
    for n in (0, 1, 4):
        assert model.probability(n, 39) == pytest.approx(other.probability(n, 39), rel=1e-5)


@pytest.mark.parametrize("point", [POINT, [0.6, 0.3, 0.4, 6.0, 2.0, 15.0], [30.0, 3.0, 5.0, 1.0, 0.2, 0.5]])
def test_gradient_and_hessian_agree_with_finite_differences(point):
    likelihood, point = SilenceLikelihood.of(summary_of(CASES), np.arange(1.0, 6.0)), np.array(point)
    value, slope, bend = likelihood(point)
    for i in range(6):
        h = point[i] * 1e-4
        up, down = (likelihood(point + sign * h * (np.arange(6) == i)) for sign in (1, -1))
        assert (up[0] - down[0]) / (2 * h) == pytest.approx(slope[i], rel=1e-5, abs=1e-5 * abs(value) / point[i])
        np.testing.assert_allclose((up[1] - down[1]) / (2 * h), bend[i], rtol=1e-4, atol=1e-5 * np.abs(bend).max())


def test_weighted_distinct_rows_are_raw_rows():
    some = summary_of(CASES)
    raw = some.take([0, 0, 0, 1, 2, 2, 3, 4])
    model = fitted()
    told = model.log_likelihood(some, weights=[3, 1, 2, 1, 1])
    assert told == pytest.approx(model.log_likelihood(raw), rel=1e-12)


# -------------------------------------------------------------------------------------------------------------- fitting


def test_recovers_simulated_parameters_within_their_errors():
    model = ParetoGGG.fit(base(20260503, 1500))
    errors = np.array(list(model.standard_errors.values()))
    assert (np.abs(model._point - POINT) < 3 * errors).all(), model
    assert (errors < POINT).all()


def test_cdnow_buyers_keep_no_rhythm():
    # nearly one regularity for all, about 1; up to September 1997 the fit even runs there, and is a FitError
    s = cdnow()
    model, plain = ParetoGGG.fit(s), ParetoNBD.fit(s)
    assert model.t / model.gamma == pytest.approx(1.0, abs=0.1)
    assert model.log_likelihood(s) > plain.log_likelihood(s) + 3
    assert model.aic(s) == pytest.approx(12 - 2 * model.log_likelihood(s))


def test_scaling_time_scales_alpha_and_beta_alone():
    s, model = base(), fitted()
    scaled = PurchaseSummary(
        s.ids,
        s.frequency,
        s.recency * 7,
        s.T * 7,
        s.monetary_value,
        "day",
        log_gaps=s.log_gaps + s.frequency * np.log(7),
    )
    again = ParetoGGG.fit(scaled)
    np.testing.assert_allclose(again._point, model._point * (1, 1, 1, 7, 1, 7), rtol=1e-5)


def test_what_cannot_be_fitted_says_why():
    nobody = summary_of([(0, 0, 9, 0)] * 10)
    with pytest.raises(FitError, match="no repeat purchase"):
        ParetoGGG.fit(nobody)
    without = PurchaseSummary([1], [2], [5], [9], [np.nan], "week")
    for asked in (ParetoGGG.fit, RHYTHM.log_likelihood, RHYTHM.alive, lambda s: RHYTHM.purchases(s, 4)):
        with pytest.raises(InvalidFactError, match="gaps=True"):
            asked(without)
    with pytest.raises(FitError) as stopped:  # one customer says nothing about differences between customers
        ParetoGGG.fit(summary_of(CASES[:1]))
    assert set(stopped.value.parameters) == set(ParetoGGG.NAMES)
    assert np.isfinite(ParetoGGG.fit(summary_of(CASES[:1]), penalty=1.0).t)


# ---------------------------------------------------------------------------------------------------------- predictions


def test_silence_says_more_of_a_regular_buyer():
    regular, random = (ParetoGGG(t, gamma, 1, 4, 0.7, 9) for t, gamma in ((40, 4), (1e6, 1e6)))
    plain = ParetoNBD(1, 4, 0.7, 9)
    overdue, due = summary_of([(4, 20, 32, 4 * np.log(5))]), summary_of([(4, 20, 23, 4 * np.log(5))])
    assert regular.alive(overdue).value[0] < 0.1 * plain.alive(overdue).value[0]
    assert regular.alive(due).value[0] > plain.alive(due).value[0]
    assert random.alive(overdue).value[0] == pytest.approx(plain.alive(overdue).value[0], rel=1e-4)
    # the next purchase of one who buys every 5 weeks: hardly just after the last, and soon when it is due
    fresh = summary_of([(4, 20, 20.5, 4 * np.log(5))])
    assert regular.purchases(fresh, 0.5).value[0] < 0.2 * plain.purchases(fresh, 0.5).value[0]
    assert regular.purchases(due, 4).value[0] > 1.2 * plain.purchases(due, 4).value[0]


def futures(point, case, t, rng, n=150_000):
    """Probability alive and purchases to come by weighing draws from the mixing laws with the history's likelihood."""
    (x, t_x, T, gaps), (shape, gamma, r, alpha, s, beta) = case, point
    k = rng.gamma(shape, 1 / gamma, n)
    A, B = r + k * x, alpha + k * t_x
    rate = rng.gamma(A) / B
    logs = special.gammaln(A) - A * np.log(B) + x * (k * np.log(k) - special.gammaln(k)) + (k - 1) * gaps
    leaving = rng.gamma(s, 1 / beta, n)
    silence = special.gammaincc(k, k * rate * (T - t_x))
    end = t_x + rng.exponential(1, n) / leaving
    left = (end < T) * special.gammaincc(k, k * rate * np.maximum(end - t_x, 0)) * np.exp(-leaving * t_x)
    w = np.exp(logs - logs.max())
    alive = (w * silence * np.exp(-leaving * T)).sum()
    share = alive / (alive + (w * left).sum())
    who = rng.choice(n, n, p=w * silence * np.exp(-leaving * T) / alive)
    k, rate, leaving = k[who], rate[who], leaving[who]
    now = special.gammainccinv(k, rng.random(n) * silence[who]) / (k * rate) - (T - t_x)
    until, count, active = np.minimum(t, rng.exponential(1, n) / leaving), np.zeros(n), np.arange(n)
    while active.size:
        active = active[now[active] < until[active]]
        count[active] += 1
        now[active] += rng.gamma(k[active]) / (k[active] * rate[active])
    return share, share * count.mean(), share * count.std() / n**0.5


@pytest.mark.parametrize("case,t", [(CASES[0], 30.0), (CASES[1], 8.0), (CASES[2], 30.0)])
def test_predictions_are_those_of_simulated_futures(case, t):
    share, count, error = futures(POINT, case, t, np.random.default_rng(20260504))
    model, one = ParetoGGG(*POINT), summary_of([case])
    assert model.alive(one).value[0] == pytest.approx(share, abs=0.01)
    assert model.purchases(one, t).value[0] == pytest.approx(count, rel=0.02, abs=6 * error)


def test_a_base_goes_on_as_it_is_expected_to():
    whole = RHYTHM.simulate([45.0] * 3000, rng=np.random.default_rng(20260505))
    early = whole.summary(30)
    more = whole.summary().frequency - early.frequency
    told, alive = RHYTHM.purchases(early, 15).value, RHYTHM.alive(early).value
    for some in (told < 0.3, (told >= 0.3) & (told < 3), told >= 3):
        assert told[some].mean() == pytest.approx(more[some].mean(), abs=4 * more[some].std() / some.sum() ** 0.5)
    for some in (alive < 0.2, (alive > 0.2) & (alive < 0.9), alive > 0.9):
        assert alive[some].mean() == pytest.approx((whole.left > 30)[some].mean(), abs=2 / some.sum() ** 0.5)


def test_new_customers():
    chances = np.array([RHYTHM.probability(n, 13) for n in range(60)])
    assert chances.sum() == pytest.approx(1, abs=1e-6)
    assert RHYTHM.expected(13).value == pytest.approx(chances @ np.arange(60), rel=3e-4)  # by two separate ways
    seen = RHYTHM.simulate([13.0] * 20_000, rng=np.random.default_rng(20260506)).summary().frequency
    for n in (0, 1, 2, 6):
        assert chances[n] == pytest.approx((seen == n).mean(), abs=4 * (chances[n] / 20_000) ** 0.5)
    assert RHYTHM.probability(-1, 26) == 0
    assert (RHYTHM.probability(0, 0), RHYTHM.probability(2, 0), RHYTHM.expected(0).value) == (1, 0, 0)


def test_clumps_have_no_mean():
    found = ParetoGGG(0.9, 0.9, 1, 4, 0.7, 9).expected(26)
    assert found.value == np.inf
    assert "clumps" in found.notes[0]
    assert np.isfinite(ParetoGGG(0.9, 0.9, 1, 4, 0.7, 9).purchases(summary_of(CASES), 26).value).all()


def test_discounts():
    some = summary_of(CASES)
    residual = RHYTHM.residual(some, discount=0.3).value
    np.testing.assert_allclose(RHYTHM.purchases(some, 5000, discount=0.3).value, residual, rtol=1e-3)
    assert (RHYTHM.purchases(some, 50, discount=0.3).value < RHYTHM.purchases(some, 50).value).all()
    with pytest.raises(ValueError, match="above 0"):
        RHYTHM.residual(some, discount=0)


# ------------------------------------------------------------------------------------------------------------ intervals


def test_every_prediction_carries_an_interval():
    model, s = fitted(), base().take(np.arange(50))
    for found in (model.alive(s), model.purchases(s, 10), model.residual(s, discount=0.15), model.expected(26)):
        assert (np.asarray(found.low) <= found.value).all()
        assert (np.asarray(found.high) >= found.value).all()
        assert (np.asarray(found.se) >= 0).all()
    drawn = model.draws(200, rng=np.random.default_rng(20260507))
    spread = np.std([np.log(m.t) for m in drawn])
    assert spread == pytest.approx(model.standard_errors["t"] / model.t, rel=0.2)
    assert np.isnan(RHYTHM.alive(s).low).all()


def test_slips():
    some = summary_of(CASES)
    with pytest.raises(ValueError, match="weeks"):
        RHYTHM.alive(summary_of(CASES, "day"))
    with pytest.raises(ValueError, match="predictive"):
        RHYTHM.purchases(some, 10, predictive=True, discount=0.1)
    with pytest.raises(ValueError, match=r"ParetoGGG\.gamma"):
        ParetoGGG(1, 0, 1, 1, 1, 1)


# -------------------------------------------------------------------------------------------------------- odd histories


@pytest.mark.parametrize("seed", range(12))
def test_no_nan_and_monotone_in_the_horizon_on_any_valid_summary(seed):
    rng = np.random.default_rng(seed)
    model = ParetoGGG(*np.exp(rng.uniform(np.log(0.05), np.log(200), 6)), unit="week")
    x, T = rng.choice([0, 1, 2, 10, 300, 2000], 4), np.exp(rng.uniform(-5, 10, 4))
    t_x = np.where(x > 0, T * rng.choice([0.01, 0.5, 1.0], 4), 0)
    gaps = [np.log(np.maximum(rng.dirichlet(np.full(n, 0.7)) * t, 1e-12 * t)).sum() if n else 0 for n, t in zip(x, t_x)]
    rows = [*zip(x, t_x, T, gaps), (0, 0, 0.01, 0)]
    s = summary_of(rows)
    counts = np.array([model.purchases(s, t).value for t in (0, 0.3, 10, 1e4)])
    alive = model.alive(s).value
    assert np.isfinite(model.log_likelihood(s)), seed
    assert ((alive >= 0) & (alive <= 1)).all(), seed
    assert np.isfinite(counts).all(), seed
    assert (counts[0] == 0).all(), seed
    assert (np.diff(counts, axis=0) >= -2e-3 * counts[1:]).all(), seed


def test_at_age_zero():
    fresh = Histories(*np.zeros((4, 1)))
    assert log_worths(RHYTHM._point, fresh, 26.0, 0.0)[0] == pytest.approx(np.log(RHYTHM.expected(26).value), rel=1e-9)
    assert RHYTHM.alive(summary_of([(0, 0, 0, 0)])).value[0] == 1


def test_predictive_intervals_hold_what_comes():
    whole = RHYTHM.simulate([45.0] * 800, rng=np.random.default_rng(20260508))
    early, level = whole.summary(30), 0.8
    more = whole.summary().frequency - early.frequency
    found = RHYTHM.purchases(early, 15, level=level, predictive=True)
    inside = ((found.low <= more) & (more <= found.high)).mean()
    assert inside > level - 0.04
    assert (more[found.value > 3] < found.low[found.value > 3]).mean() == pytest.approx(0.08, abs=0.05)
    assert (more > found.high).mean() < 0.1 + 0.03
    new = RHYTHM.purchases(summary_of([(0, 0, 0, 0)]), 26, level=level, predictive=True)
    below = np.cumsum([RHYTHM.probability(n, 26) for n in range(40)])
    assert (new.low[0], new.high[0]) == (np.argmax(below >= 0.1), np.argmax(below >= 0.9))
