"""Covariates: what makes customers buy faster or leave sooner is found where it was put, and carried to answers."""

import numpy as np
import pytest

from relmkt.exceptions import FitError, InvalidFactError
from relmkt.value import BetaBinomial, BetaGeo, ModifiedBetaGeo, ParetoNBD, PurchaseSummary

MODELS = [
    (BetaGeo, (0.8, 10.0, 1.0, 5.0)),
    (ModifiedBetaGeo, (0.8, 10.0, 0.8, 5.0)),
    (ParetoNBD, (0.8, 10.0, 0.7, 14.0)),
]
BUYING, LEAVING = 0.5, 0.4
ASKED = {"buying": ["north"], "leaving": ["north"]}


def moved(model, point, north, unit="week"):
    """The model of a customer with this covariate, its effects worked into the parameters."""
    told = dict(zip(model.NAMES, point, strict=True))
    told["alpha"] *= np.exp(-BUYING * north)
    if model is ParetoNBD:
        told["beta"] *= np.exp(-LEAVING * north)
    else:
        told["a"] *= np.exp(LEAVING * north)
    return model(**told, unit=unit)


def two_regions(model, point, n, seed):
    rng = np.random.default_rng(seed)
    parts = [moved(model, point, z).simulate([60.0] * n, rng=rng).summary() for z in (1.0, 0.0)]
    columns = [np.concatenate([getattr(p, c) for p in parts]) for c in ("frequency", "recency", "T", "monetary_value")]
    whole = PurchaseSummary(np.arange(2 * n), *columns, "week")
    return whole.with_covariates(north=np.repeat([1.0, 0.0], n))


@pytest.mark.parametrize("model, point", MODELS)
def test_effects_are_found_where_they_were_put(model, point):
    s = two_regions(model, point, 2500, seed=3)
    fit = model.fit(s, effects=ASKED)
    errors = fit.standard_errors
    assert [effect.name for effect in fit.effects] == ["buying: north", "leaving: north"]
    for effect, truth in zip(fit.effects, (BUYING, LEAVING), strict=True):
        assert 0 < errors[effect.name] < 0.3
        assert abs(effect.size - truth) < 3.3 * errors[effect.name], f"{model.__name__}, seed=3"
    gain = fit.log_likelihood(s) - model.fit(s).log_likelihood(s)
    assert gain > 20
    assert fit.aic(s) == pytest.approx(12 - 2 * fit.log_likelihood(s))


@pytest.mark.parametrize("model, point", MODELS)
def test_answers_are_those_of_the_customers_own_parameters(model, point):
    s = two_regions(model, point, 40, seed=5)
    fit = model.fit(two_regions(model, point, 1000, seed=5), effects=ASKED)
    told = dict(zip(model.NAMES, fit._point, strict=False))
    sizes = {effect.role: effect.size for effect in fit.effects}
    for north in (0.0, 1.0):
        plain = dict(told)
        plain["alpha"] *= np.exp(-sizes["buying"] * north)
        leaves, sign = ("beta", -1) if model is ParetoNBD else ("a", 1)
        plain[leaves] *= np.exp(sign * sizes["leaving"] * north)
        own = model(**plain, unit="week")
        some = s.take(s.covariates["north"] == north)
        for ask in (
            lambda m, rows: m.alive(rows),
            lambda m, rows: m.purchases(rows, 30),
            lambda m, rows: m.residual(rows, discount=0.1),
        ):
            assert ask(fit, some).value == pytest.approx(ask(own, some).value, rel=1e-9)
        assert fit.expected(30, like={"north": north}).value == pytest.approx(own.expected(30).value)
        theirs, ours = (m.purchases(some, 30, predictive=True) for m in (own, fit))
        assert (theirs.high == ours.high).all()
        assert fit.log_likelihood(some) == pytest.approx(own.log_likelihood(some), rel=1e-9)
    answer = fit.purchases(s, 30)
    assert ((answer.low < answer.value) & (answer.value < answer.high)).all()


@pytest.mark.parametrize("model, point", MODELS)
def test_slopes_are_those_of_the_likelihood(model, point):
    s = two_regions(model, point, 30, seed=8)
    bare = model(*point, unit="week")
    from relmkt.value._models._effects import wanted

    rows = bare._regression(wanted(ASKED, model.MOVES), s, np.ones(len(s)))
    at = np.array([*point, np.exp(0.3), np.exp(-0.2)])
    _, slope, _ = rows(at)
    step = 1e-6
    for i in range(at.size):
        up, down = (rows(at * np.exp(sign * step * np.eye(at.size)[i]))[0] for sign in (1, -1))
        assert slope[i] * at[i] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-4)
    plain = bare._likelihood(s, np.ones(len(s)))(np.array(point))
    flat = rows(np.array([*point, 1.0, 1.0]))
    assert flat[0] == pytest.approx(plain[0], rel=1e-12)
    assert flat[1][:4] == pytest.approx(plain[1], rel=1e-6, abs=1e-5)
    # the observed information of the plain parameters is the plain likelihood's own, in logarithms
    p = np.array(point)
    logs = -(np.outer(p, p) * plain[2] + np.diag(p * plain[1]))
    assert rows.information(np.array([*point, 1.0, 1.0]))[:4, :4] == pytest.approx(logs, rel=2e-3, abs=2e-3)


def test_intervals_of_effects_cover_at_their_rate():
    hits = 0
    for seed in range(40):
        s = two_regions(BetaGeo, MODELS[0][1], 250, seed)
        fit = BetaGeo.fit(s, effects={"buying": ["north"]})
        hits += abs(fit.effects[0].size - BUYING) < 1.96 * fit.standard_errors["buying: north"]
    assert hits >= 34, "seeds 0 to 39"


def test_weights_are_customers():
    s = two_regions(BetaGeo, MODELS[0][1], 300, seed=1)
    twice = s.take(np.repeat(np.arange(len(s)), 2))
    weighted = BetaGeo.fit(s, weights=np.full(len(s), 2.0), effects=ASKED)
    raw = BetaGeo.fit(twice, effects=ASKED)
    assert [e.size for e in weighted.effects] == pytest.approx([e.size for e in raw.effects], rel=1e-6)


def test_a_penalty_draws_effects_to_none():
    s = two_regions(BetaGeo, MODELS[0][1], 400, seed=2)
    free, held = (BetaGeo.fit(s, effects=ASKED, penalty=p).effects[0].size for p in (0.0, 500.0))
    assert abs(held) < abs(free) / 2


def test_draws_and_bootstrap_carry_effects():
    s = two_regions(BetaGeo, MODELS[0][1], 400, seed=2)
    fit = BetaGeo.fit(s, effects=ASKED)
    rng = np.random.default_rng(4)
    sizes = [m.effects[0].size for m in fit.draws(400, rng=rng)]
    assert np.std(sizes) == pytest.approx(fit.standard_errors["buying: north"], rel=0.15)
    again = BetaGeo.bootstrap(s, 3, rng=rng, effects=ASKED)
    assert all(len(m.effects) == 2 for m in again)
    assert "buying" in repr(fit)
    assert hash(fit) == hash(fit)


def test_what_cannot_be_is_named():
    s = two_regions(BetaGeo, MODELS[0][1], 50, seed=2)
    with pytest.raises(ValueError, match="no role"):
        BetaGeo.fit(s, effects={"spending": ["north"]})
    with pytest.raises(ValueError, match="no covariates"):
        BetaBinomial.fit(s, effects={"buying": ["north"]})
    with pytest.raises(InvalidFactError, match="with_covariates"):
        BetaGeo.fit(s, effects={"buying": ["south"]})
    with pytest.raises(FitError, match="constant"):
        BetaGeo.fit(s.with_covariates(all=np.ones(len(s))), effects={"buying": ["all"]})
    with pytest.raises(FitError, match="follow"):
        BetaGeo.fit(s.with_covariates(south=1 - s.covariates["north"]), effects={"buying": ["north", "south"]})
