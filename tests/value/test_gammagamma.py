"""Gamma–Gamma and lifetime value: published numbers, gradients, laws, and what cannot be fitted."""

import lifetimes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.datasets import cdnow_sample
from relmkt.exceptions import FitError
from relmkt.value import BetaGeo, GammaGamma, PurchaseSummary, lifetime_value
from relmkt.value._models._gammagamma import _Likelihood
from relmkt.windows import days
from tests.value.bases import END, buying, master, sample, spending

PUBLISHED = GammaGamma(6.25, 3.74, 15.44)


def spends(x, m):
    x = np.asarray(x, dtype=float)
    return PurchaseSummary(np.arange(len(x)), x, np.minimum(x, 1), np.full(len(x), 40.0), m, "week", "USD")


def test_cdnow_sample():
    model = spending()
    assert (model.p, model.q, model.v) == pytest.approx((6.25, 3.74, 15.44), abs=5e-3)  # PEERS row 13
    assert (model.p, model.q, model.v) == pytest.approx((6.2493492, 3.7442563, 15.4443067), rel=1e-4)
    assert model.log_likelihood(sample()) == pytest.approx(-4055.9177, abs=1e-4)  # PEERS row 14
    assert model.log_likelihood(sample()) >= GammaGamma(6.2493492, 3.7442563, 15.4443067).log_likelihood(sample())
    assert model.left_out == 2357 - 946
    assert model.currency == "USD"


def test_cdnow_master():
    model = GammaGamma.fit(master())
    assert (model.p, model.q, model.v) == pytest.approx((6.27536, 3.62445, 14.98369), rel=2e-4)
    assert model.log_likelihood(master()) == pytest.approx(-40763.4763, abs=1e-3)  # PEERS row 23
    whole = master(END)
    model = GammaGamma.fit(whole)
    assert (model.p, model.q, model.v) == pytest.approx((5.08604, 3.99512, 21.25224), rel=2e-4)
    assert model.log_likelihood(whole) == pytest.approx(-49496.5242, abs=1e-3)  # PEERS row 27


def test_means_rounded_to_cents():  # PEERS row 15
    s = sample()
    kept = s.frequency > 0
    model = GammaGamma.fit(spends(s.frequency[kept], s.monetary_value[kept].round(2)))
    assert (model.p, model.q, model.v) == pytest.approx((6.2488, 3.74459, 15.44775), rel=3e-4)  # half a cent


def test_conditional_means_of_the_first_ten():
    got = [
        spending().average(sample(), level=None)[who].value for who in cdnow_sample().sample[:10]
    ]  # in its own order
    expected = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    np.testing.assert_allclose(got, expected, rtol=5e-4)  # PEERS row 94
    assert PUBLISHED.average(spends([0], [np.nan])).value[0] == pytest.approx(35.218978, abs=1e-6)  # PEERS row 95


def test_against_lifetimes():
    s = sample()
    kept = s.frequency > 0
    peer = lifetimes.GammaGammaFitter().fit(s.frequency[kept], s.monetary_value[kept])
    model = GammaGamma(*peer.params_.to_numpy())
    theirs = peer.conditional_expected_average_profit(s.frequency[kept], s.monetary_value[kept])
    np.testing.assert_allclose(model.average(s).value[kept], theirs, rtol=1e-9)
    assert spending().log_likelihood(s) >= model.log_likelihood(s) - 1e-9


positive = st.floats(0.05, 100)


@given(
    st.tuples(positive, positive, positive), st.lists(st.tuples(st.integers(1, 300), positive), min_size=1, max_size=6)
)
@settings(max_examples=60, deadline=None)
def test_gradient_and_hessian_agree_with_finite_differences(point, rows):
    x, m = (np.array(column, dtype=float) for column in zip(*rows))
    likelihood, point = _Likelihood.of(x, m, np.ones(x.size)), np.array(point)
    value, slope, bend = likelihood(point)
    np.testing.assert_allclose(bend, bend.T)
    for i in range(3):
        h = point[i] * 1e-5
        up, down = (likelihood(point + s * h * (np.arange(3) == i)) for s in (1, -1))
        scale = 1e-6 * (1 + abs(value)) / point[i]
        assert (up[0] - down[0]) / (2 * h) == pytest.approx(slope[i], rel=1e-6, abs=scale)
        np.testing.assert_allclose((up[1] - down[1]) / (2 * h), bend[i], rtol=1e-5, atol=20 * scale / min(point))


def test_weighted_distinct_rows_are_raw_rows():
    rng = np.random.default_rng(3)
    x, m = rng.integers(1, 4, 800), rng.gamma(5, 4, 800).round()
    m = np.maximum(m, 1)
    rows, counts = np.unique(np.stack([x, m]), axis=1, return_counts=True)
    raw, weighted = GammaGamma.fit(spends(x, m)), GammaGamma.fit(spends(*rows), weights=counts)
    assert (weighted.p, weighted.q, weighted.v) == pytest.approx((raw.p, raw.q, raw.v), rel=1e-6)
    np.testing.assert_allclose(weighted.covariance, raw.covariance, rtol=1e-4)


def test_recovers_simulated_parameters_within_their_errors():
    rng, true, hits = np.random.default_rng(11), np.array([6.0, 4.0, 15.0]), []
    for _ in range(20):
        x, scale = rng.integers(1, 8, 2000), rng.gamma(true[1], 1 / true[2], 2000)
        model = GammaGamma.fit(spends(x, rng.gamma(true[0] * x) / (scale * x)))
        errors = np.array(list(model.standard_errors.values()))
        hits.append(np.abs([model.p, model.q, model.v] - true) < 2.5758 * errors)
    assert np.mean(hits) > 0.93  # of 99 %


def test_rows_without_a_positive_repeat_are_left_out_and_counted():  # PEERS failures 11, 13
    s = sample()
    kept = s.frequency > 0
    alone = PurchaseSummary(
        s.ids[kept], s.frequency[kept], s.recency[kept], s.T[kept], s.monetary_value[kept], "week", "USD"
    )
    assert GammaGamma.fit(alone) == spending()
    assert GammaGamma.fit(alone).left_out == 0
    x, m = np.append(s.frequency[kept], 3), np.append(s.monetary_value[kept], 0.0)
    assert GammaGamma.fit(spends(x, m)).left_out == 1


@pytest.mark.parametrize(
    "x,m", [([0, 0], [np.nan] * 2), ([2, 3], [0, 0]), ([2] * 9, [30.0] * 9), ([2, 3], [30.0, 40.0])]
)
def test_spends_that_determine_nothing(x, m):  # PEERS failure 12
    with pytest.raises(FitError):
        GammaGamma.fit(spends(x, m))


def test_no_mean_is_infinite_and_says_so():  # PEERS failure 10
    heavy = GammaGamma(0.9, 0.8, 10.0)
    got = heavy.average(spends([0, 1], [np.nan, 20.0]))
    assert np.isinf(got.value[0])
    assert np.isfinite(got.value[1])
    assert "infinite" in got.notes[0]
    worth = lifetime_value(BetaGeo(1, 5, 1, 2), heavy, spends([0, 1], [np.nan, 20.0]), horizon=0)
    assert (worth.value == 0).all()


@given(
    st.tuples(*[st.floats(1e-2, 1e3)] * 3),
    st.lists(st.tuples(st.integers(0, 2000), st.floats(0, 1e7)), min_size=1, max_size=5),
)
@settings(max_examples=80, deadline=None)
def test_no_nan_on_any_valid_summary(point, rows):
    x, m = (np.array(column, dtype=float) for column in zip(*rows))
    got = GammaGamma(*point).average(spends(x, np.where(x > 0, m, np.nan))).value
    assert not np.isnan(got).any()
    assert (got > 0).all()


def test_interval_by_delta_agrees_with_draws():
    s, model = sample(), spending()
    point = np.array([model.p, model.q, model.v])
    draws = np.random.default_rng(2).multivariate_normal(np.log(point), model.covariance / np.outer(point, point), 400)
    drawn = np.array([GammaGamma(*np.exp(d)).average(s).value for d in draws])
    ours = model.average(s)
    assert (np.abs(np.log(drawn).std(axis=0) * ours.value / ours.se - 1) < 0.2).all()


def test_currencies_do_not_mix():
    with pytest.raises(ValueError, match="USD"):
        GammaGamma(6, 4, 15, currency="EUR").average(sample())


# ------------------------------------------------------------------------------------------------------- lifetime value


def test_value_is_purchases_times_spend():
    s = sample()
    worth = lifetime_value(buying(), spending(), s, horizon=days(364))
    bought, spent = buying().purchases(s, 52), spending().average(s)
    np.testing.assert_allclose(worth.value, bought.value * spent.value, rtol=1e-12)
    both = np.hypot(bought.se / bought.value, spent.se / spent.value)
    np.testing.assert_allclose(worth.se / worth.value, both, rtol=1e-12)
    assert ((worth.low < worth.value) & (worth.value < worth.high)).all()
    assert worth.method == "Laplace, expectation"
    assert worth.notes == ("revenue: no margin was given",)


def test_margin_scales_and_is_told():
    s = sample()
    revenue, profit, loss = (lifetime_value(buying(), spending(), s, horizon=52, margin=m) for m in (None, 0.3, -0.3))
    np.testing.assert_allclose(profit.value, 0.3 * revenue.value)
    np.testing.assert_allclose(profit.high, 0.3 * revenue.high)
    np.testing.assert_allclose(loss.low, -0.3 * revenue.high)
    assert "margin of 0.3" in profit.notes[0]
    assert "revenue:" not in profit.notes[0]
    with pytest.raises(ValueError, match="margin"):
        lifetime_value(buying(), spending(), s, horizon=52, margin=float("nan"))


def test_discount_lowers_and_horizon_raises_the_value():
    s = sample()
    path = [
        lifetime_value(buying(), spending(), s, horizon=days(365), discount=d, level=None).value for d in (0, 0.1, 0.5)
    ]
    assert (path[0] > path[1]).all()
    assert (path[1] > path[2]).all()
    assert (path[2] > path[0] / 1.5).all()  # no purchase is later than the horizon
    longer = lifetime_value(buying(), spending(), s, horizon=days(730), discount=0.1, level=None).value
    assert (longer > path[1]).all()


def test_what_is_simulated_is_what_is_expected():
    rng = np.random.default_rng(21)
    x = rng.integers(0, 6, 40_000)
    m = PUBLISHED.simulate(x, rng=rng)
    assert np.isnan(m[x == 0]).all()
    assert m[x > 0].mean() == pytest.approx(35.219, rel=0.02), "seed 21"
    again = GammaGamma.fit(spends(x[x > 0], m[x > 0]))
    errors = list(again.standard_errors.values())
    assert (np.abs(again._point - PUBLISHED._point) < 3.5 * np.array(errors)).all(), "seed 21"


def test_criteria_count_those_who_tell_of_spend():
    ll = spending().log_likelihood(sample())
    assert spending().aic(sample()) == pytest.approx(6 - 2 * ll)
    assert spending().bic(sample()) == pytest.approx(3 * np.log(946) - 2 * ll)


def test_draws_and_bootstrap():
    rng = np.random.default_rng(8)
    spread = np.log([d._point for d in spending().draws(600, rng=rng)]).std(axis=0)
    assert spread == pytest.approx(np.array(list(spending().standard_errors.values())) / spending()._point, rel=0.12)
    assert len(GammaGamma.bootstrap(sample(), 3, rng=rng)) == 3
