"""BG/BB: the donors of the paper, its tables, brute force over lifetimes, gradients, and what cannot be fitted."""

import pickle
from functools import cache
from math import comb

import lifetimes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from relmkt.datasets import donations
from relmkt.exceptions import FitError, InvalidFactError
from relmkt.value._models._betabinomial import BetaBinomial
from relmkt.value._models._betabinomial_likelihood import BetaBinomialLikelihood, _Chunk, cells
from relmkt.value._summaries._summary import PurchaseSummary
from relmkt.windows import days

PUBLISHED = BetaBinomial(1.20352, 0.74972, 0.65672, 2.78344, unit="year")  # row 18
DONORS = donations()
WEIGHTS = DONORS.weights


def summary_of(x, t_x, n, unit="year"):
    return PurchaseSummary(np.arange(len(x)), x, t_x, n, np.full(len(x), np.nan), unit)


TABLE = summary_of(DONORS.frequency, DONORS.recency, DONORS.periods)
FOUR = summary_of([0, 2, 6, 4], [0, 4, 6, 5], [6, 6, 6, 6])


@cache
def fitted():
    return BetaBinomial.fit(TABLE, weights=WEIGHTS)


def likelihood_of(point, x, t_x, n):
    """The likelihood as it is defined: one binary history of that kind, with the rates drawn from their laws."""
    alpha, beta, gamma, delta = point
    history = [1] * (x - 1) + [0] * (t_x - x) + [1] * min(x, 1) + [0] * (n - t_x)

    def bought(s):  # E[p^x (1−p)^(s−x)]
        return integrate.quad(lambda p: p**x * (1 - p) ** (s - x) * stats.beta.pdf(p, alpha, beta), 0, 1)[0]

    def left(s):
        end = stats.beta(gamma, delta)
        leaves = (lambda q: 1.0) if s == n else (lambda q: q)
        return end.expect(lambda q: (1 - q) ** s * leaves(q))

    return sum(bought(s) * left(s) for s in range(n + 1) if s >= sum(history) and s >= t_x)


# ---------------------------------------------------------------------------------------------- the paper and its peers


def test_donors():
    model = fitted()
    got = tuple(model._point)
    assert got == pytest.approx((1.204, 0.750, 0.657, 2.783), abs=5e-4)  # PEERS row 17
    assert got == pytest.approx((1.20352, 0.74972, 0.65672, 2.78344), abs=6e-6)  # PEERS row 18
    assert got == pytest.approx((1.203507, 0.749767, 0.656757, 2.783887), rel=2e-4)  # PEERS row 19
    assert model.log_likelihood(TABLE, weights=WEIGHTS) == pytest.approx(-33225.5813, abs=1e-4)  # PEERS row 18
    assert model.aic(TABLE, weights=WEIGHTS) == pytest.approx(8 + 2 * 33225.5813, abs=1e-3)
    assert model.bic(TABLE, weights=WEIGHTS) == pytest.approx(4 * np.log(11104) + 2 * 33225.5813, abs=1e-3)
    assert str(model) == "BetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834, unit='year')"


def test_alive():
    rounded = BetaBinomial(1.204, 0.750, 0.657, 2.783)
    assert rounded.alive(FOUR).value[:3] == pytest.approx((0.11, 0.59, 0.93), abs=5e-3)  # PEERS row 97
    assert PUBLISHED.alive(FOUR).value[[0, 3, 2]] == pytest.approx(
        (0.10813345, 0.69679977, 0.93043338), abs=1e-8
    )  # PEERS row 98
    assert PUBLISHED.alive(FOUR, ahead=0).value[2] == 1
    assert PUBLISHED.alive(FOUR, ahead=6).value[2] < PUBLISHED.alive(FOUR, ahead=5).value[2] < 0.93


def test_purchases():
    assert fitted().purchases(TABLE, 5).value @ WEIGHTS == pytest.approx(12884.2, abs=0.05)  # PEERS row 99
    got = PUBLISHED.purchases(FOUR, 10).value[[0, 3]]
    assert got == pytest.approx((0.13021794, 3.6279614), rel=1e-7)  # PEERS row 101
    assert PUBLISHED.expected(10).value == pytest.approx(3.1798146, rel=1e-7)  # PEERS row 102
    got = PUBLISHED.residual(FOUR, discount=0.1).value[:3]
    assert got == pytest.approx((0.11475255, 1.665619, 5.9098848), rel=1e-6)  # PEERS row 103


def test_posterior_means():
    assert PUBLISHED.buying_rate(FOUR).value[2] == pytest.approx(0.90573402, abs=1e-8)  # PEERS row 105
    assert PUBLISHED.leaving_rate(FOUR).value[2] == pytest.approx(0.069566618, abs=1e-8)  # PEERS row 105


def test_against_lifetimes():
    peer = lifetimes.BetaGeoBetaBinomFitter().fit(DONORS.frequency, DONORS.recency, DONORS.periods, WEIGHTS)
    model = BetaBinomial(*peer.params_.to_numpy())
    x, t_x, n = (np.array(c) for c in (DONORS.frequency, DONORS.recency, DONORS.periods))
    for m in (0, 1, 7):
        theirs = peer.conditional_probability_alive(m, x, t_x, n)
        np.testing.assert_allclose(model.alive(TABLE, ahead=m).value, theirs, rtol=1e-9)
    theirs = peer.conditional_expected_number_of_purchases_up_to_time(9, x, t_x, n)
    np.testing.assert_allclose(model.purchases(TABLE, 9).value, theirs, rtol=1e-9)
    theirs = peer.expected_number_of_transactions_in_first_n_periods(6)["model"].to_numpy() / WEIGHTS.sum()
    np.testing.assert_allclose([model.probability(k, 6) for k in range(7)], theirs, rtol=1e-9)
    errors = list(fitted().standard_errors.values())
    assert errors == pytest.approx(list(peer.standard_errors_), rel=1e-4)
    top = fitted().log_likelihood(TABLE, weights=WEIGHTS)
    assert top >= model.log_likelihood(TABLE, weights=WEIGHTS) - 1e-9


# ---------------------------------------------------------------------------------------------------- where peers break


def test_no_underflow():  # PEERS failure 5
    long = summary_of([900], [1990], [2000])
    model = BetaBinomial(1.2, 0.75, 0.66, 2.78)
    assert model.alive(long).value[0] == pytest.approx(0.771042542, abs=5e-10)  # PEERS failure 5
    assert np.isfinite(model.log_likelihood(long))
    assert 0 < model.purchases(long, 10).value[0] < 10


def test_gamma_of_one_is_an_ordinary_point():  # PEERS failure 4
    at, near = (BetaBinomial(1.2, 0.75, gamma, 2.78, unit="year") for gamma in (1.0, 1 + 1e-7))
    np.testing.assert_allclose(at.purchases(FOUR, 10).value, near.purchases(FOUR, 10).value, rtol=1e-6)
    assert at.expected(10).value == pytest.approx(1.2 / 1.95 * sum(2.78 / (2.78 + k) for k in range(1, 11)), rel=1e-12)
    assert np.isfinite(at.residual(FOUR, discount=0.1).value).all()


@pytest.mark.parametrize(
    "x,t_x,n,why",
    [
        ([0] * 9, [0] * 9, [6] * 9, "no repeat purchase"),  # PEERS failure 8
        ([0] * 9, [0] * 9, [0] * 9, "no exposure time"),
        ([6] * 9, [6] * 9, [6] * 9, "not identified"),  # PEERS failure 7
        ([3, 1, 2], [5, 1, 6], [6, 6, 6], "not identified"),  # PEERS failure 7
        ([1, 0, 1, 0, 1], [1, 0, 1, 0, 1], [1] * 5, "not identified"),  # one opportunity tells no two rates apart
    ],
)
def test_what_cannot_be_fitted(x, t_x, n, why):
    with pytest.raises(FitError, match=why):
        BetaBinomial.fit(summary_of(x, t_x, n))


@pytest.mark.parametrize(
    "x,t_x,n,place",
    [([1], [2.5], [6], "recency"), ([1], [2], [6.5], "T"), ([3], [2], [6], "frequency")],
)
def test_whole_opportunities(x, t_x, n, place):
    for asked in (PUBLISHED.alive, PUBLISHED.log_likelihood, BetaBinomial.fit, PUBLISHED.buying_rate):
        with pytest.raises(InvalidFactError) as error:
            asked(summary_of(x, t_x, n))
        assert error.value.place == place


def test_slips():
    with pytest.raises(ValueError, match="horizon: expected a whole number"):
        PUBLISHED.purchases(FOUR, 2.5)
    with pytest.raises(ValueError, match="ahead"):
        PUBLISHED.alive(FOUR, ahead=-1)
    with pytest.raises(ValueError, match="counts in years"):
        PUBLISHED.alive(summary_of([1], [1], [1], "week"))
    with pytest.raises(ValueError, match="discount"):
        PUBLISHED.residual(FOUR, discount=0)
    with pytest.raises(ValueError, match="count has no discount"):
        PUBLISHED.purchases(FOUR, 2, predictive=True, discount=0.1)
    with pytest.raises(ValueError, match="ages"):
        PUBLISHED.simulate([1.5], rng=np.random.default_rng(1))
    weekly = BetaBinomial(1.2, 0.75, 0.66, 2.78, unit="week")
    four = summary_of(FOUR.frequency, FOUR.recency, FOUR.T, "week")
    np.testing.assert_array_equal(weekly.purchases(four, days(21)).value, weekly.purchases(four, 3).value)


# ------------------------------------------------------------------------------------------------------- laws of models


@pytest.mark.parametrize("x,t_x,n", [(0, 0, 3), (2, 4, 6), (3, 3, 3)])
def test_the_likelihood_is_the_mixture_over_lives(x, t_x, n):
    point = (1.2, 0.75, 0.66, 2.78)
    got = BetaBinomial(*point).log_likelihood(summary_of([x], [t_x], [n]))
    assert got == pytest.approx(np.log(likelihood_of(point, x, t_x, n)), abs=1e-7)


def test_over_all_histories_the_chances_are_one_and_the_posterior_means_those_of_the_laws():
    n = 5
    every = [(0, 0, 1)] + [(x, t_x, comb(t_x - 1, x - 1)) for t_x in range(1, n + 1) for x in range(1, t_x + 1)]
    x, t_x, ways = (np.array(column) for column in zip(*every))
    table = summary_of(x, t_x, np.full(x.size, n))
    each = [PUBLISHED.log_likelihood(table.take([row])) for row in range(x.size)]
    chances = ways * np.exp(each)
    assert chances.sum() == pytest.approx(1, abs=1e-12)
    p, q = PUBLISHED.alpha / (PUBLISHED.alpha + PUBLISHED.beta), PUBLISHED.gamma / (PUBLISHED.gamma + PUBLISHED.delta)
    assert chances @ PUBLISHED.buying_rate(table).value == pytest.approx(p, abs=1e-12)
    assert chances @ PUBLISHED.leaving_rate(table).value == pytest.approx(q, abs=1e-12)
    for k in range(n + 1):
        assert chances[x == k].sum() == pytest.approx(PUBLISHED.probability(k, n), abs=1e-12)


@pytest.mark.parametrize("discount", [0.0, 0.2])
def test_predictions_are_sums_over_opportunities(discount):
    rate = [PUBLISHED.alive(FOUR, ahead=k).value for k in range(1, 400)]
    x, n = FOUR.frequency, FOUR.T
    here = (PUBLISHED.alpha + x) / (PUBLISHED.alpha + PUBLISHED.beta + n)
    worth = [here * chance / (1 + discount) ** (k + 1) for k, chance in enumerate(rate)]
    np.testing.assert_allclose(PUBLISHED.purchases(FOUR, 7, discount=discount).value, sum(worth[:7]), rtol=1e-9)
    if discount:
        np.testing.assert_allclose(PUBLISHED.residual(FOUR, discount=discount).value, sum(worth), rtol=1e-9)


def test_the_distribution_sums_to_one_and_to_the_mean():
    law = PUBLISHED.distribution(FOUR, 9)
    np.testing.assert_allclose(law.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(law @ np.arange(10), PUBLISHED.purchases(FOUR, 9).value, rtol=1e-10)
    asked = PUBLISHED.purchases(FOUR, 9, predictive=True, level=0.8)
    below = np.cumsum(law, axis=1)
    for row in range(4):
        assert asked.low[row] == np.flatnonzero(below[row] >= 0.1)[0]
        assert asked.high[row] == np.flatnonzero(below[row] >= 0.9)[0]
    assert PUBLISHED.probability(-1, 6) == PUBLISHED.probability(7, 6) == 0
    assert sum(PUBLISHED.probability(k, 6) for k in range(7)) == pytest.approx(1, abs=1e-12)


positive = st.floats(0.05, 50)
row = st.tuples(st.integers(0, 60), st.floats(0, 1), st.floats(0, 1))


@given(st.tuples(positive, positive, positive, positive), st.lists(row, min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_gradient_and_hessian_agree_with_finite_differences(point, rows):
    n = np.array([r[0] for r in rows], dtype=float)
    t_x = np.ceil(n * [r[1] for r in rows])
    x = np.ceil(t_x * [max(r[2], 0.01) for r in rows])
    likelihood = BetaBinomialLikelihood.of(summary_of(x, t_x, n), np.arange(1.0, len(rows) + 1))
    point = np.array(point)
    value, slope, bend = likelihood(point)
    np.testing.assert_allclose(bend, bend.T, atol=1e-9 * (1 + abs(bend).max()))
    for i in range(4):
        h = point[i] * 1e-5
        up, down = (likelihood(point + s * h * (np.arange(4) == i)) for s in (1, -1))
        scale = 1e-6 * (1 + abs(value))
        assert (up[0] - down[0]) / (2 * h) == pytest.approx(slope[i], rel=1e-6, abs=scale / point[i])
        np.testing.assert_allclose(
            (up[1] - down[1]) / (2 * h), bend[i], rtol=1e-5, atol=20 * scale / point[i] / min(point)
        )


def test_weighted_distinct_rows_are_raw_rows():
    raw = summary_of(*(np.repeat(c, WEIGHTS) for c in (DONORS.frequency, DONORS.recency, DONORS.periods)))
    model = BetaBinomial.fit(raw)
    np.testing.assert_allclose(model._point, fitted()._point, rtol=1e-9)
    np.testing.assert_allclose(model.covariance, fitted().covariance, rtol=1e-6)
    whole, asked = model.purchases(raw, 5), fitted().purchases(TABLE, 5)
    for name in ("value", "low", "high"):
        np.testing.assert_allclose(getattr(whole, name), np.repeat(getattr(asked, name), WEIGHTS), rtol=1e-7)


def test_histories_in_chunks_and_by_sorting(monkeypatch):
    rng = np.random.default_rng(3)
    many = BetaBinomial(1.2, 0.8, 0.9, 30, unit="week").simulate(rng.integers(1, 60, 300), rng=rng).summary()
    some = BetaBinomialLikelihood.of(many, np.ones(300))
    monkeypatch.setattr("relmkt.value._models._betabinomial_likelihood.CHUNK", 500)
    parted = BetaBinomialLikelihood.of(many, np.ones(300))
    assert len(parted.chunks) > 3
    for one, other in zip(some(PUBLISHED._point), parted(PUBLISHED._point)):
        np.testing.assert_allclose(one, other, rtol=1e-10)
    history, where = cells(many.frequency, many.recency, many.T)
    for column, raw in zip(history, (many.frequency, many.recency, many.T)):
        np.testing.assert_array_equal(column[where], raw)
    assert isinstance(parted.chunks[0], _Chunk)


def test_intervals_come_from_the_parameters():
    asked = fitted().purchases(FOUR, 5)
    drawn = np.stack([m.purchases(FOUR, 5).value for m in fitted().draws(800, rng=np.random.default_rng(11))])
    np.testing.assert_allclose(np.quantile(drawn, [0.025, 0.975], axis=0), [asked.low, asked.high], rtol=0.025)
    for estimate in (fitted().alive(FOUR), fitted().buying_rate(FOUR), fitted().leaving_rate(FOUR)):
        assert ((estimate.low < estimate.value) & (estimate.value < estimate.high)).all()
        assert 0 < estimate.low.min() < estimate.high.max() < 1
    assert fitted().alive(FOUR, ahead=0).low[2] == 1
    assert np.isnan(PUBLISHED.alive(FOUR).low).all()


@pytest.mark.parametrize("seed", range(3))
def test_parameters_are_recovered(seed):
    print(f"seed {seed}")
    model = BetaBinomial(1.2, 0.75, 0.66, 2.78, unit="year")
    made = model.simulate([8] * 20_000, rng=np.random.default_rng(seed))
    again = BetaBinomial.fit(made.summary())
    off = (again._point - model._point) / list(again.standard_errors.values())
    assert np.abs(off).max() < 3.5
    assert made.summary().frequency.mean() == pytest.approx(float(model.expected(8)), rel=0.05)
    dead = np.prod([1 - 0.66 / (0.66 + 2.78 + k) for k in range(8)])
    assert made.alive.mean() == pytest.approx(dead, abs=0.015)
    assert (made.times == np.floor(made.times)).all()


def test_bootstrap_and_pickle():
    fits = BetaBinomial.bootstrap(TABLE, 5, rng=np.random.default_rng(2), weights=WEIGHTS)
    assert 0 < np.std([fit.alpha for fit in fits]) < 4 * fitted().standard_errors["alpha"]
    assert pickle.loads(pickle.dumps(fitted())) == fitted()
