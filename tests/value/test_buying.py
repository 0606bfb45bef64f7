"""What every model of repeat purchases can be asked: intervals, draws, criteria, residual purchases, simulation."""

import numpy as np
import pytest

from relmkt.value import BetaGeo, BetaGeoK, ModifiedBetaGeo, ParetoNBD, PurchaseSummary
from relmkt.value._models._likelihood import BetaGeoLikelihood
from relmkt.windows import days
from tests.value.bases import END, buying, sample

PUBLISHED = BetaGeo(0.243, 4.414, 0.793, 2.426)
HALF = PurchaseSummary([1], [2], [30.43], [38.86], [np.nan], "week")
MODELS = [
    BetaGeo(0.8, 10.0, 1.0, 5.0, unit="week"),
    ModifiedBetaGeo(0.8, 10.0, 0.8, 5.0, unit="week"),
    ParetoNBD(0.8, 10.0, 0.7, 14.0, unit="week"),
    BetaGeoK(2, 0.8, 5.0, 0.8, 5.0, unit="week"),
]


def test_standard_errors_are_those_of_the_curvature():
    likelihood = BetaGeoLikelihood.of(sample(), np.ones(len(sample())))
    information = -likelihood(buying()._point)[2]
    np.testing.assert_allclose(np.linalg.inv(information), buying().covariance, rtol=1e-3)


def test_interval_by_delta_agrees_with_draws():
    s, model = sample(), buying()
    rng = np.random.default_rng(5)
    draws = np.exp(
        rng.multivariate_normal(np.log(model._point), model.covariance / np.outer(model._point, model._point), 300)
    )
    drawn = np.array([BetaGeo(*d).purchases(s, 39).value for d in draws])
    assert (
        np.abs(np.log(drawn).std(axis=0) / (model.purchases(s, 39).se / model.purchases(s, 39).value) - 1) < 0.25
    ).all()
    drawn = np.array([BetaGeo(*d).alive(s).value for d in draws])[:, s.frequency > 0]
    ours = model.alive(s).se[s.frequency > 0]
    assert (np.abs(drawn.std(axis=0) - ours) < 0.2 * ours + 1e-6).all()


def test_interval_holds_the_value_and_widens_with_the_level():
    wide, narrow = (buying().purchases(sample(), 39, level=level) for level in (0.99, 0.5))
    assert ((wide.low < narrow.low) & (narrow.low < narrow.value) & (narrow.value < narrow.high)).all()
    assert (narrow.high < wide.high).all()
    assert wide.method == "Laplace, expectation"
    alive = buying().alive(sample())
    assert ((alive.low >= 0) & (alive.high <= 1)).all()


def test_written_parameters_have_no_interval_and_say_so():
    estimate = PUBLISHED.purchases(HALF, 39)
    assert np.isnan(estimate.low).all()
    assert np.isnan(estimate.high).all()
    assert "not fitted" in estimate.notes[0]
    assert all(np.isnan(e) for e in PUBLISHED.standard_errors.values())
    assert not buying().purchases(sample(), 39, level=None).notes


def test_predictive_interval_covers_what_was_bought():
    s = sample()
    later = sample(at=END)
    bought = later.frequency - s.frequency
    interval = buying().purchases(s, 39, predictive=True, level=0.9)
    inside = (interval.low <= bought) & (bought <= interval.high)
    assert inside.mean() > 0.9
    assert interval.method == "predictive"
    assert (interval.low == np.floor(interval.low)).all()


def test_discount_is_a_sum_over_short_steps():
    s, model = sample(), buying()
    steps = np.linspace(0, 52.1785714, 1001)
    path = np.array([model.purchases(s, t, level=None).value for t in steps])
    middles = (steps[1:] + steps[:-1]) / 2
    summed = (np.diff(path, axis=0) * 1.10 ** (-middles[:, None] / 52.17857142857143)).sum(axis=0)
    got = model.purchases(s, days(365.25), discount=0.10).value
    np.testing.assert_allclose(got, summed, rtol=1e-5)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_what_is_simulated_is_what_is_expected(model):
    made = model.simulate([52.0] * 20_000, rng=np.random.default_rng(3))
    bought = made.summary()
    mean, se = bought.frequency.mean(), bought.frequency.std() / np.sqrt(len(made))
    assert float(model.expected(52)) == pytest.approx(mean, abs=4 * se), "seed 3"
    assert model.probability(0, 52) == pytest.approx((bought.frequency == 0).mean(), abs=0.015)
    known = made.summary(until=26)
    told = model.purchases(known, 26, level=None).value
    after = bought.frequency - known.frequency
    assert told.sum() == pytest.approx(after.sum(), rel=0.03), "seed 3"
    left_at = made.left > 26
    assert model.alive(known, level=None).value.mean() == pytest.approx(left_at.mean(), abs=0.012)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_residual_is_the_sum_of_all_that_is_to_come(model):
    few = sample().take([0, 5, 9])
    whole = model.residual(few, discount=0.5).value
    edges = np.concatenate([np.linspace(0, 1500, 1501), np.geomspace(1510, 40_000, 200)])
    counted = np.array([model.purchases(few, t, level=None).value for t in edges])
    middle = (edges[1:] + edges[:-1]) / 2
    summed = np.exp(-np.log(1.5) / (365.25 / 7) * middle) @ np.diff(counted, axis=0)
    assert whole == pytest.approx(summed, rel=2e-4)
    assert (model.residual(few, discount=0.7).value < whole).all()  # PEERS failure 30
    with pytest.raises(ValueError, match="above 0"):
        model.residual(few, discount=0.0)


def test_criteria():
    model, s = buying(), sample()
    ll = model.log_likelihood(s)
    assert model.aic(s) == pytest.approx(8 - 2 * ll)
    assert model.bic(s) == pytest.approx(4 * np.log(2357) - 2 * ll)


def test_bootstrap_spreads_as_the_curvature_says():
    rng = np.random.default_rng(5)
    base = MODELS[0].simulate([60.0] * 1500, rng=rng).summary()
    fit = BetaGeo.fit(base)
    again = BetaGeo.bootstrap(base, 60, rng=rng)
    assert len(again) == 60
    spread = np.std([np.log(m.r) for m in again])
    assert spread == pytest.approx(fit.standard_errors["r"] / fit.r, rel=0.35), "seed 5"
    lone = PurchaseSummary([1, 2], [1, 0], [3, 0], [9, 9], [np.nan] * 2, "week")
    assert BetaGeo.bootstrap(lone, 4, rng=rng) == ()  # none of them determines the model


def test_draws_are_models_around_the_fit():
    draws = buying().draws(500, rng=np.random.default_rng(6))
    logs = np.log([d._point for d in draws])
    errors = np.array(list(buying().standard_errors.values())) / buying()._point
    assert logs.std(axis=0) == pytest.approx(errors, rel=0.15)
    assert logs.mean(axis=0) == pytest.approx(np.log(buying()._point), abs=0.1)
    with pytest.raises(ValueError, match="fitted"):
        PUBLISHED.draws(3, rng=np.random.default_rng(6))


@pytest.mark.parametrize("model", MODELS[:3], ids=lambda m: type(m).__name__)
def test_chances_of_counts_are_a_law_with_the_expected_mean(model):
    made = model.simulate([52.0] * 20_000, rng=np.random.default_rng(9))
    known = made.summary(until=26)
    after = made.summary().frequency - known.frequency
    few = known.take(np.flatnonzero(known.frequency < 9)[:50])
    law = np.array([model.chances(few, n, 26, level=None).value for n in range(60)])
    assert law.sum(axis=0) == pytest.approx(1, abs=1e-6)
    assert np.arange(60) @ law == pytest.approx(model.purchases(few, 26, level=None).value, rel=1e-4)
    for n in (0, 1, 3):
        told = model.chances(known, n, 26, level=None).value.mean()
        assert told == pytest.approx((after == n).mean(), abs=0.012), "seed 9"
    fit = type(model).fit(known)
    silent = fit.chances(known, 0, 26)
    assert ((silent.low < silent.value) & (silent.value < silent.high)).all()
    with pytest.raises(ValueError, match="0 or more"):
        model.chances(few, -1, 26)
