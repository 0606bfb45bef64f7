"""Pareto/NBD: published fits, slopes of the likelihood, and what cannot be fitted."""

import pickle

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.exceptions import FitError, InvalidFactError
from relmkt.value._models._optimise import maximise
from relmkt.value._models._pareto import ParetoNBD
from relmkt.value._models._pareto_likelihood import ParetoLikelihood
from tests.value.bases import END, master, sample
from tests.value.test_pareto import PUBLISHED, summary_of


def parameters(model):
    return [getattr(model, name) for name in ParetoNBD.NAMES]


def likelihood_of(summary):
    return ParetoLikelihood.of(summary, np.ones(len(summary)))


# ------------------------------------------------------------------------------------------------------ published fits


def test_cdnow_sample():
    model = ParetoNBD.fit(sample())
    assert PUBLISHED.log_likelihood(sample()) == pytest.approx(-9595.0, abs=0.05)  # PEERS row 5
    assert parameters(model)[:3] == pytest.approx([0.553, 10.578, 0.606], abs=5e-4)  # PEERS row 5
    assert model.log_likelihood(sample()) == pytest.approx(-9594.9762, abs=1e-4)  # PEERS row 6
    # the likelihood has a ridge: beta is known to three digits only
    assert parameters(model) == pytest.approx([0.553270, 10.577801, 0.606020, 11.663915], rel=5e-4)  # PEERS row 6
    assert str(model).startswith("ParetoNBD(r=0.5533, alpha=10.57")
    told = model.standard_errors
    assert told["r"] == pytest.approx(0.0476, abs=1e-4)
    assert np.isnan(PUBLISHED.standard_errors["r"])


def test_cdnow_sample_as_rounded_in_the_literature():
    exact = sample()
    rounded = summary_of(exact.frequency, exact.recency.round(2), exact.T.round(2))
    model = ParetoNBD.fit(rounded)
    assert parameters(model) == pytest.approx([0.55328, 10.57761, 0.60621, 11.66791], rel=5e-4)  # PEERS row 7
    assert model.log_likelihood(rounded) == pytest.approx(-9594.9739, abs=1e-4)  # PEERS row 7


@pytest.mark.parametrize(
    "summary,expected,value",
    [
        (master(), [0.59742, 11.58566, 0.52219, 8.82775], -95415.1186),  # PEERS row 22
        (master(END), [0.61099, 13.61419, 0.31258, 6.14855], -173327.9962),  # PEERS row 26
    ],
)
def test_cdnow_master(summary, expected, value):
    model = ParetoNBD.fit(summary)
    assert parameters(model) == pytest.approx(expected, rel=1e-5)
    assert model.log_likelihood(summary) == pytest.approx(value, abs=1e-3)


def test_the_start_does_not_matter():
    # PEERS failure 34
    likelihood, best = likelihood_of(sample()), parameters(ParetoNBD.fit(sample()))
    for start in ([1, 1, 1, 1], [0.1, 100, 0.1, 100], [5, 3, 3, 90], [0.6, 10, 0.6, 10]):
        assert maximise(likelihood, np.array(start, dtype=float), ParetoNBD.NAMES).point == pytest.approx(
            best, rel=1e-5
        )


# ------------------------------------------------------------------------------------------------------ the likelihood

shape, rate = st.floats(0.05, 20), st.floats(0.01, 2e3)
rows = st.lists(st.tuples(st.integers(0, 300), st.floats(0, 1), st.floats(0, 1e4)), min_size=1, max_size=8)


@given(st.tuples(shape, rate, shape, rate), rows)
@settings(max_examples=60, deadline=None)
def test_gradient_and_hessian_agree_with_finite_differences(point, histories):
    x, share, T = (np.array(column, dtype=float) for column in zip(*histories))
    likelihood, point = likelihood_of(summary_of(x, np.where(x > 0, share * T, 0), T)), np.array(point)
    value, slope, bend = likelihood(point)
    scaled, curved = slope * point, bend * np.outer(point, point)  # in logarithms, where all are of one size
    np.testing.assert_allclose(curved, curved.T, atol=1e-9 * np.abs(curved).max())
    for i, step in enumerate(1e-5 * np.eye(4)):
        up, down = (likelihood(point * np.exp(sign * step)) for sign in (1, -1))
        by_steps = (up[0] - down[0]) / 2e-5
        assert scaled[i] == pytest.approx(by_steps, rel=1e-6, abs=1e-9 * abs(value) + 1e-6)
        by_steps = (up[1] - down[1]) / 2e-5 * point
        np.testing.assert_allclose(curved[i], by_steps, rtol=1e-6, atol=1e-7 * np.abs(curved).max() + 1e-8)


@given(st.tuples(*[st.floats(-6, 6)] * 4), rows)
@settings(max_examples=60, deadline=None)
def test_never_without_a_finite_value(powers, histories):
    # PEERS failure 28 31
    x, share, T = (np.array(column, dtype=float) for column in zip(*histories))
    curve = likelihood_of(summary_of(x, np.where(x > 0, share * T, 0), T))(10.0 ** np.array(powers))
    assert all(np.isfinite(part).all() for part in curve)


def test_likelihood_of_few_histories_to_many_digits():
    # log of λ^x (μ e^−(λ+μ)t_x + λ e^−(λ+μ)T) / (λ+μ), averaged over both gamma laws on a fine grid
    point = r, alpha, s, beta = 2.5, 6.0, 1.7, 9.0
    u = (np.arange(800) + 0.5) / 800 * 60 - 45  # logarithms of λ and μ
    rates = np.exp(u / 2)
    law = [shape * np.log(rate * rates) - rate * rates for shape, rate in ((r, alpha), (s, beta))]
    law = [np.exp(one - one.max()) for one in law]
    law = [one / one.sum() for one in law]
    lam, mu = rates[:, None], rates[None, :]
    for x, t_x, T in ((0, 0.0, 12.0), (3, 7.0, 12.0), (2, 12.0, 12.0)):
        likely = lam**x * (mu * np.exp(-(lam + mu) * t_x) + lam * np.exp(-(lam + mu) * T)) / (lam + mu)
        got = likelihood_of(summary_of([x], [t_x], [T]))(np.array(point))[0]
        assert got == pytest.approx(np.log(law[0] @ likely @ law[1]), abs=1e-9)


def test_weighted_distinct_rows_are_the_raw_rows():
    s = sample()
    columns, where = np.unique(np.stack([s.frequency, s.recency, s.T]), axis=1, return_inverse=True)
    weights = np.bincount(where.ravel()).astype(float)
    distinct = summary_of(*columns)
    assert len(distinct) < len(s) / 2
    assert likelihood_of(s).x.size == len(distinct)
    few, all_of_them = ParetoNBD.fit(distinct, weights=weights), ParetoNBD.fit(s)
    assert parameters(few) == pytest.approx(parameters(all_of_them), rel=1e-7)
    np.testing.assert_allclose(few.covariance, all_of_them.covariance, rtol=1e-5)
    assert few.log_likelihood(distinct, weights=weights) == pytest.approx(all_of_them.log_likelihood(s), abs=1e-8)


def test_rows_that_share_a_hash_by_chance_are_not_mixed_up(monkeypatch):
    whole = likelihood_of(sample())(np.array([0.6, 10, 0.6, 12]))
    monkeypatch.setattr("relmkt.value._models._pareto_likelihood.HASH", np.uint64(0))
    raw = likelihood_of(sample())
    assert raw.x.size == len(sample())
    np.testing.assert_allclose(raw(np.array([0.6, 10, 0.6, 12]))[1], whole[1], rtol=1e-9)


def test_customers_not_yet_seen_for_any_time_change_nothing():
    s = sample()
    zeros = np.zeros(200)
    more = summary_of(*(np.append(column, zeros) for column in (s.frequency, s.recency, s.T)))
    assert PUBLISHED.log_likelihood(more) == pytest.approx(PUBLISHED.log_likelihood(s), abs=1e-8)


def test_parameters_are_found_again_at_the_stated_rate():
    truth = ParetoNBD(0.8, 8.0, 0.9, 15.0, unit="week")
    within, seeds = [], 40
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        model = ParetoNBD.fit(truth.simulate(rng.integers(140, 560, 1500) / 7, rng=rng).summary())
        away = np.log(np.array(parameters(model)) / parameters(truth))
        within.append(np.abs(away) <= 1.96 * np.array(list(model.standard_errors.values())) / parameters(model))
    found = np.mean(within, axis=0)
    assert (found >= 0.84).all(), (found, "seeds 0 to 39")  # 95 % less three standard errors of 40 seeds
    assert np.mean(within) >= 0.89


def test_covariates_of_buying_and_leaving_are_found_again():
    def half(truth, seed, north):
        rng = np.random.default_rng(seed)
        some = truth.simulate(rng.integers(140, 560, 2500) / 7, rng=rng).summary()
        return [some.frequency, some.recency, some.T, np.full(2500, north)]

    south, north = half(ParetoNBD(0.8, 8, 0.9, 15), 1, 0.0), half(ParetoNBD(0.8, 4, 0.9, 7.5), 2, 1.0)
    *columns, side = (np.concatenate(both) for both in zip(south, north))
    summary = summary_of(*columns).with_covariates(north=side)
    model = ParetoNBD.fit(summary, effects={"buying": ["north"], "leaving": ["north"]})
    for effect in model.effects:
        assert abs(effect.size - np.log(2)) < 3 * model.standard_errors[effect.name]
    assert model.probability(1, 9) == ParetoNBD(*parameters(model)).probability(1, 9)  # of those in the south
    moved = ParetoNBD(model.r, model.alpha * np.exp(-model.effects[0].size), model.s, model.beta)
    moved = evolve(moved, beta=model.beta * np.exp(-model.effects[1].size))
    plain, one = evolve(model, effects=(), covariance=None, unit=None), summary.take(side == 1)
    apart = plain.log_likelihood(summary.take(side == 0)) + moved.log_likelihood(one)
    assert model.log_likelihood(summary) == pytest.approx(apart, rel=1e-12)
    np.testing.assert_allclose(
        model.chances(summary, 1, 9).value[side == 1], moved.chances(one, 1, 9).value, rtol=1e-12
    )
    bounds = model.purchases(summary, 9, predictive=True).high[side == 1]
    np.testing.assert_array_equal(bounds, moved.purchases(one, 9, predictive=True).high)


# ----------------------------------------------------------------------------------------------- what cannot be fitted


def test_what_data_do_not_determine_is_told():
    with pytest.raises(FitError, match="no repeat purchase"):  # PEERS failure 8
        ParetoNBD.fit(summary_of([0] * 10, [0] * 10, [9.0] * 10))
    with pytest.raises(FitError, match="no exposure time"):  # PEERS failure 9
        ParetoNBD.fit(summary_of([0] * 10, [0] * 10, [0] * 10))
    for x in ([1, 2, 3], [1, 1, 1], [5, 0, 1]):  # PEERS failure 7
        with pytest.raises(FitError) as told:
            ParetoNBD.fit(summary_of(x, np.where(np.array(x) > 0, 4.0, 0), [9.0] * 3))
        assert set(told.value.parameters) == set(ParetoNBD.NAMES)
    with pytest.raises(FitError):
        ParetoNBD.fit(summary_of([4], [8], [9]))
    with pytest.raises(InvalidFactError):
        ParetoNBD.fit(sample(), weights=[-1.0] * len(sample()))


def test_a_penalty_settles_what_three_customers_do_not():
    model = ParetoNBD.fit(summary_of([1, 2, 3], [4, 4, 4], [9, 9, 9]), penalty=1.0)
    assert all(0.01 < p < 100 for p in parameters(model))


def test_parameters_are_above_nothing_and_travel():
    with pytest.raises(ValueError, match=r"ParetoNBD\.s"):
        ParetoNBD(1, 1, 0, 1)
    model = ParetoNBD.fit(sample())
    again = pickle.loads(pickle.dumps(model))
    assert again == model
    np.testing.assert_array_equal(again.covariance, model.covariance)
