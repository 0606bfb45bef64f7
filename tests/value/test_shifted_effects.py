"""sBG covariates: what makes customers leave or stay is found where it was put, and answers are the customers' own."""

import pickle
from functools import cache

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import betaln

from relmkt.exceptions import FitError, InvalidFactError
from relmkt.value._models._contracts import Contracts
from relmkt.value._models._effects import Effect, wanted
from relmkt.value._models._renewals import Renewals
from relmkt.value._models._shifted import ShiftedBetaGeo
from relmkt.value._models._shifted_likelihood import of_effects

ALPHA, BETA, LEAVING, STAYING = 0.9, 3.0, 0.6, -0.4
BOTH = {"leaving": ["north"], "staying": ["north"]}
TRUE = ShiftedBetaGeo(ALPHA, BETA, effects=(Effect("leaving", "north", LEAVING), Effect("staying", "north", STAYING)))


def two_regions(n, seed, renewals=8, model=TRUE):
    north = np.repeat([1.0, 0.0], n)
    tenures, churned = model.simulate([renewals] * (2 * n), rng=np.random.default_rng(seed), like={"north": north})
    return Renewals.of_customers(tenures, churned, covariates={"north": north})


@cache
def fitted():
    return ShiftedBetaGeo.fit(two_regions(6000, 3), effects=BOTH)


def plain(model, north):
    sizes = {effect.role: effect.size for effect in model.effects}
    return ShiftedBetaGeo(model.alpha * np.exp(sizes["leaving"] * north), model.beta * np.exp(sizes["staying"] * north))


def test_effects_are_found_where_they_were_put():
    print("seed 3")
    fit, s = fitted(), two_regions(6000, 3)
    errors = fit.standard_errors
    assert list(errors) == ["alpha", "beta", "leaving: north", "staying: north"]
    for effect, truth in zip(fit.effects, (LEAVING, STAYING), strict=True):
        assert 0 < errors[effect.name] < 0.3
        assert abs(effect.size - truth) < 3.3 * errors[effect.name]
    assert fit.log_likelihood(s) - ShiftedBetaGeo.fit(s).log_likelihood(s) > 50
    assert fit.aic(s) == pytest.approx(8 - 2 * fit.log_likelihood(s))
    assert fit.bic(s) == pytest.approx(4 * np.log(12_000) - 2 * fit.log_likelihood(s))


def test_one_group_a_parameter_is_two_fits():
    """Both parameters free in each of two groups is a model of its own for each."""
    left = np.array([[1000, 631, 468, 382, 326, 289], [1000, 869, 743, 653, 593, 551]])
    fit = ShiftedBetaGeo.fit(Renewals.of_cohorts(left, covariates={"north": [1, 0]}), effects=BOTH)
    for north, row in ((1.0, left[0]), (0.0, left[1])):
        alone, ours = ShiftedBetaGeo.fit(row), plain(fit, north)
        assert (ours.alpha, ours.beta) == pytest.approx((alone.alpha, alone.beta), rel=1e-4)
        theirs, told = alone.retention([1, 6]), fit.retention([1, 6], like={"north": north})
        assert told.value == pytest.approx(theirs.value, rel=1e-4)
        assert told.low == pytest.approx(theirs.low, rel=1e-3)


def test_the_maximum_is_that_of_the_paper_with_moved_parameters():
    rng = np.random.default_rng(12)
    z = rng.normal(size=400)
    tenures, churned = ShiftedBetaGeo(0.9, 3.0, effects=(Effect("leaving", "z", 0.7),)).simulate(
        [6] * 400, rng=rng, like={"z": z}
    )

    def against(p):
        alpha, beta = np.exp(p[0] + p[2] * z), np.exp(p[1])
        stays = betaln(alpha, beta + tenures) - betaln(alpha, beta)
        leaves = betaln(alpha + 1, beta + tenures - 1) - betaln(alpha, beta)
        return -np.where(churned, leaves, stays).sum()

    seen = Renewals.of_customers(tenures, churned, covariates={"z": z})
    fit, best = ShiftedBetaGeo.fit(seen, effects={"leaving": ["z"]}), minimize(against, np.zeros(3), tol=1e-10)
    assert fit.log_likelihood(seen) == pytest.approx(-best.fun, abs=1e-6)
    assert [np.log(fit.alpha), np.log(fit.beta), fit.effects[0].size] == pytest.approx(best.x, abs=2e-3)


@pytest.mark.parametrize(
    "asked",
    [
        lambda m, **like: m.survival([3, 12], renewed=1, **like),
        lambda m, **like: m.survival(0, **like),
        lambda m, **like: m.retention([1, 9], **like),
        lambda m, **like: m.churn([1, 4], **like),
        lambda m, **like: m.project(491, 3, renewed=7, **like),
        lambda m, **like: m.residual([0, 7], discount=0.1, **like),
        lambda m, **like: m.elasticity(4, discount=0.1, **like),
        lambda m, **like: m.tenure(discount=0.1, **like),
        lambda m, **like: m.tenure(horizon=5, **like),
        lambda m, **like: m.tenure(**like),
    ],
)
def test_answers_are_those_of_the_customers_own_parameters(asked):
    for north in (0.0, 1.0):
        got, own = asked(fitted(), like={"north": north}), asked(plain(fitted(), north))
        assert got.value == pytest.approx(own.value, rel=1e-12)
        assert got.labels == own.labels
        assert np.all((got.low <= got.value) & (got.value <= got.high) | np.isinf(got.value))
    assert asked(fitted()).value == pytest.approx(asked(plain(fitted(), 0.0)).value)
    drawn = [asked(m, like={"north": 1.0}).value for m in fitted().draws(400, rng=np.random.default_rng(8))]
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    got = asked(fitted(), like={"north": 1.0})
    finite = np.isfinite(got.value)
    width = got.high - got.low
    assert np.all((np.abs(low - got.low) <= 0.2 * width) | ~finite)
    assert np.all((np.abs(high - got.high) <= 0.2 * width) | ~finite)


def test_one_customer_a_row():
    north = [0.0, 1.0, 1.0]
    got = fitted().residual([7, 7, 2], discount=0.1, like={"north": north})
    assert list(got.labels) == ["0", "1", "2"]
    each = [fitted().residual(n, discount=0.1, like={"north": z}) for n, z in zip((7, 7, 2), north, strict=True)]
    assert got.value == pytest.approx([float(one.value) for one in each], rel=1e-12)
    assert got.high == pytest.approx([float(one.high) for one in each], rel=1e-9)
    assert fitted().survival(5, like={"north": north}).value[1] == fitted().survival(5, like={"north": 1}).value
    assert fitted().tenure(horizon=3, like={"north": north}).value.shape == (3,)
    # the mean is infinite for those alone whose alpha is 1 or less
    near = ShiftedBetaGeo(0.8, 2.0, covariance=np.eye(3) / 1e4, effects=(Effect("leaving", "north", 0.6),))
    some = near.tenure(like={"north": [0.0, 1.0]})
    assert np.isinf(some.value[0])
    assert np.isnan(some.low[0])
    assert some.low[1] < some.value[1] < some.high[1]
    assert "alpha of 1 or less" in some.notes[0]


def test_slopes_are_those_of_the_likelihood():
    s = two_regions(40, 8)
    rows = of_effects(s, wanted(BOTH, ShiftedBetaGeo.MOVES))
    at = np.array([ALPHA, BETA, np.exp(0.3), np.exp(-0.2)])
    _, slope, _ = rows(at)
    step = 1e-6
    for i in range(4):
        up, down = (rows(at * np.exp(sign * step * np.eye(4)[i]))[0] for sign in (1, -1))
        assert slope[i] * at[i] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-4)
    # without effects it is the likelihood of cohorts, and its observed information theirs
    flat = np.array([ALPHA, BETA, 1.0, 1.0])
    bare = ShiftedBetaGeo(ALPHA, BETA)
    assert rows(flat)[0] == pytest.approx(bare.log_likelihood(s), rel=1e-12)
    fit = ShiftedBetaGeo.fit(s)
    p = np.array([fit.alpha, fit.beta])
    logs = np.linalg.inv(fit.covariance / np.outer(p, p))
    assert rows.information(np.append(p, [1.0, 1.0]))[:2, :2] == pytest.approx(logs, rel=2e-3, abs=2e-3)


def test_intervals_of_effects_cover_at_their_rate():
    hits, true = 0, ShiftedBetaGeo(ALPHA, BETA, effects=(Effect("leaving", "north", LEAVING),))
    print("seeds 0 to 99")
    for seed in range(100):
        fit = ShiftedBetaGeo.fit(two_regions(400, seed, model=true), effects={"leaving": ["north"]})
        hits += abs(fit.effects[0].size - LEAVING) < 1.96 * fit.standard_errors["leaving: north"]
    assert 88 <= hits <= 99


def test_weights_are_customers_and_alike_rows_are_one():
    rng = np.random.default_rng(1)
    t, gone, z = rng.integers(1, 5, 60), rng.random(60) < 0.6, rng.integers(0, 3, 60).astype(float)
    w = rng.integers(1, 4, 60)
    told = Renewals.of_customers(t, gone, w, covariates={"z": z})
    raw = Renewals.of_customers(np.repeat(t, w), np.repeat(gone, w), covariates={"z": np.repeat(z, w)})
    assert told == raw
    assert told.contracts.tenures.size == len({*zip(t, gone, z, strict=True)})
    assert told.contracts.weights.sum() == w.sum() == told.customers
    assert told != Renewals.of_customers(t, gone, w, covariates={"z": z + 1})
    assert Renewals(told.kept, told.lost, told.customers) == Renewals.of_customers(t, gone, w)


def test_cohorts_and_customers_are_the_same_data():
    cohorts = Renewals.of_cohorts([[50, 30, 22, np.nan], [80, 60, 45, 30]], [2, 1], covariates={"north": [1, 0]})
    rows = [(1, 1, 40, 1), (2, 1, 16, 1), (2, 0, 44, 1), (1, 1, 20, 0), (2, 1, 15, 0), (3, 1, 15, 0), (3, 0, 30, 0)]
    t, gone, w, north = np.array(rows, dtype=float).T
    single = Renewals.of_customers(t, gone, w, covariates={"north": north})
    assert (single.kept == cohorts.kept).all()
    kept = cohorts.contracts.weights > 0
    asked = {"leaving": ["north"]}
    assert kept.sum() == single.contracts.tenures.size
    ours, theirs = (ShiftedBetaGeo.fit(s, effects=asked) for s in (cohorts, single))
    assert ours.effects[0].size == pytest.approx(theirs.effects[0].size, rel=1e-9)
    # and the counts alone tell the single customers, where nothing is known of them
    bare = Contracts.of_counts(single.kept, single.lost, single.customers)
    again = Renewals.of_customers(bare.tenures, bare.churned, bare.weights)
    assert again == Renewals(single.kept, single.lost, single.customers)


def test_cohorts_seen_for_different_times():
    """All together, retention falls: the loyal were seen for a short time alone. With effects it rises in each."""
    left = [[1000, 950, 905, np.nan, np.nan, np.nan], [200, 100, 60, 40, 29, 22]]
    seen = Renewals.of_cohorts(left, covariates={"north": [1, 0]})
    with pytest.raises(FitError, match="does not rise"):
        ShiftedBetaGeo.fit(seen)
    fit = ShiftedBetaGeo.fit(seen, effects={"leaving": ["north"]})
    assert fit.effects[0].size < -2 < -3 * fit.standard_errors["leaving: north"]


def test_a_penalty_draws_effects_to_none():
    free, held = (ShiftedBetaGeo.fit(two_regions(400, 2), effects=BOTH, penalty=p).effects[0].size for p in (0, 500.0))
    assert abs(held) < abs(free) / 2


def test_draws_and_bootstrap():
    s, rng = two_regions(1500, 2), np.random.default_rng(4)
    fit = ShiftedBetaGeo.fit(s, effects=BOTH)
    sizes = [m.effects[0].size for m in fit.draws(400, rng=rng)]
    assert np.std(sizes) == pytest.approx(fit.standard_errors["leaving: north"], rel=0.15)
    again = ShiftedBetaGeo.bootstrap(s, 40, rng=rng, effects=BOTH)
    assert np.std([m.effects[0].size for m in again]) == pytest.approx(fit.standard_errors["leaving: north"], rel=0.4)
    assert repr(fit).startswith("ShiftedBetaGeo(alpha=0.")
    assert "effects=(Effect(role='leaving', covariate='north'" in repr(fit)
    assert pickle.loads(pickle.dumps(fit)) == fit
    assert hash(fit) == hash(fit)
    bare = ShiftedBetaGeo.fit(s)
    spread = np.std([m.alpha for m in ShiftedBetaGeo.bootstrap(s, 150, rng=rng)])
    assert spread == pytest.approx(bare.standard_errors["alpha"], rel=0.25)
    same = (ShiftedBetaGeo.bootstrap([100, 63, 47, 38], 5, rng=np.random.default_rng(7), weights=10) for _ in "ab")
    assert next(same) == next(same)
    with pytest.raises(FitError, match="nobody left"):
        ShiftedBetaGeo.bootstrap([10, 10, 10], 5, rng=rng)
    with pytest.raises(InvalidFactError, match="from their start"):
        ShiftedBetaGeo.bootstrap(Renewals([5, 9], [5, 3], 10), 5, rng=rng)


@pytest.mark.parametrize(
    "left, why",
    [
        ([[1000, 800, 640, 512], [1000, 600, 360, 216]], "does not rise"),
        ([[1000, 1000, 1000, 1000], [1000, 600, 460, 396]], "not identified"),
    ],
)
def test_what_the_data_leave_open(left, why):
    with pytest.raises(FitError, match=why):
        ShiftedBetaGeo.fit(Renewals.of_cohorts(left, covariates={"north": [1, 0]}), effects={"leaving": ["north"]})


def test_what_cannot_be_is_named():
    s = two_regions(50, 2)
    with pytest.raises(ValueError, match="no role of this model, which has leaving, staying"):
        ShiftedBetaGeo.fit(s, effects={"buying": ["north"]})
    for seen in (s, Renewals.of_cohorts([100, 60, 45]), [100, 60, 45]):
        with pytest.raises(InvalidFactError, match=r"covariates=\{'south': …\}"):
            ShiftedBetaGeo.fit(seen, effects={"leaving": ["south"]})
    with pytest.raises(InvalidFactError, match="north"):
        fitted().log_likelihood([100, 60, 45])
    cohorts = [[100, 60, 45], [90, 60, 50]]
    for columns, why in (({"all": [1, 1]}, "constant"), ({"a": [1, 0], "b": [0, 1]}, "follow")):
        with pytest.raises(FitError, match=why):
            ShiftedBetaGeo.fit(Renewals.of_cohorts(cohorts, covariates=columns), effects={"leaving": [*columns]})
    for wrong in ([1.0], [[1.0, 2.0]], [1.0, np.nan]):
        with pytest.raises(InvalidFactError, match="covariates"):
            Renewals.of_cohorts(cohorts, covariates={"north": wrong})
        with pytest.raises(InvalidFactError, match="covariates"):
            Renewals.of_customers([1, 2], [True, False], covariates={"north": wrong})
    for ask, why in (
        (lambda: fitted().survival(3, like={"nort": 1}), "'nort' has no effect.*: north"),
        (lambda: ShiftedBetaGeo(1, 1).survival(3, like={"north": 1}), "of effect: none"),
        (lambda: fitted().survival([3, 4], like={"north": [1, 0, 1]}), "3 customers, but 2"),
        (lambda: fitted().project(10, 2, like={"north": [1, 0]}), "alike"),
        (lambda: fitted().survival(3, like={"north": np.nan}), "finite number"),
        (lambda: fitted().simulate([3], rng=np.random.default_rng(1), like={"north": [1, 0]}), "2 customers"),
    ):
        with pytest.raises(ValueError, match=why):
            ask()
