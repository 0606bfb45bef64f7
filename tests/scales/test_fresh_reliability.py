"""Reliability on data of no other test: pandas, pingouin and statsmodels beside it, and the edges of what is known."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pingouin
import pytest
import statsmodels.api as sm
from scipy import optimize, stats
from statsmodels.multivariate.factor import Factor

from relmkt.scales import (
    Construct,
    Item,
    Scale,
    alpha,
    alpha_difference,
    alpha_interval,
    htmt,
    htmt_of,
    reliability,
    reliability_interval,
    second_order_reliability,
    spearman_brown,
    student,
)
from relmkt.scales._quantiles import f_quantile


def items(n: int, k: int, seed: int, shared: float = 1.5) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.integers(1, 8, (n, k)) + shared * rng.normal(size=(n, 1)) * rng.uniform(0.5, 1.5, k)


def of_covariances(told: np.ndarray[Any, Any]) -> float:
    k = len(told)
    return float(k / (k - 1) * (1 - np.trace(told) / told.sum()))


@pytest.mark.parametrize("n, k", [(3, 2), (5, 2), (3, 3), (40, 5), (300, 2), (100, 22)])
def test_alpha_as_pingouin_at_every_level(n: int, k: int) -> None:
    told = items(n, k, n + k)
    for level in (0.9, 0.95, 0.99):
        value, bounds = pingouin.cronbach_alpha(pd.DataFrame(told), ci=level)
        found = alpha(told, level=level)
        assert found.value == pytest.approx(value)
        rest = 1 - value
        feldt = [1 - rest * stats.f.ppf((1 + s * level) / 2, n - 1, (n - 1) * (k - 1)) for s in (1, -1)]
        assert [found.low, found.high] == pytest.approx(feldt)
        assert [found.low, found.high] == pytest.approx(bounds.tolist(), abs=6e-4 * max(1, abs(feldt[0])))
    bonett = alpha(told, interval="bonett", level=0.9)
    middle, reach = math.log(rest) - math.log(n / (n - 1)), math.sqrt(2 * k / ((k - 1) * (n - 2)))
    ends = [1 - math.exp(middle + side * stats.norm.ppf(0.95) * reach) for side in (1, -1)]
    assert [bonett.low, bonett.high] == pytest.approx(ends)
    assert bonett.se == pytest.approx(rest * reach)


@pytest.mark.parametrize("gone", [0.05, 0.2])
def test_pairs_as_pandas_and_rows_as_numpy(gone: float) -> None:
    rng = np.random.default_rng(3)
    told = items(60, 4, 9)
    told[rng.random(told.shape) < gone] = np.nan
    assert alpha(told).value == pytest.approx(of_covariances(pd.DataFrame(told).cov().to_numpy()))
    whole = told[~np.isnan(told).any(axis=1)]
    found = alpha(told, missing="listwise")
    assert found.value == pytest.approx(of_covariances(np.cov(whole.T)))
    assert (found.n, found.missing) == (len(whole), 60 - len(whole))


def test_many_answers_far_from_nought_keep_their_digits() -> None:
    told = items(50_000, 8, 4)
    plain = of_covariances(np.cov(told.T))
    assert alpha(told).value == pytest.approx(plain, abs=1e-12)
    assert alpha(told + 1e7).value == pytest.approx(plain, abs=1e-8)
    large = alpha_interval(0.8, 20, 1_000_000)
    assert large.high - large.low == pytest.approx(2 * stats.norm.ppf(0.975) * large.se, rel=1e-3)


def test_each_items_part_by_other_ways() -> None:
    told = items(120, 5, 12)
    found, between = reliability(told), np.corrcoef(told.T)
    others = [np.delete(told, place, axis=1) for place in range(5)]
    assert np.asarray(found.item_total) == pytest.approx(
        [np.corrcoef(told[:, place], rest.sum(axis=1))[0, 1] for place, rest in enumerate(others)]
    )
    assert np.asarray(found.alpha_if_deleted) == pytest.approx(
        [pingouin.cronbach_alpha(pd.DataFrame(rest))[0] for rest in others]
    )
    predicted = [sm.OLS(told[:, place], sm.add_constant(rest)).fit().rsquared for place, rest in enumerate(others)]
    assert found.lambda6 == pytest.approx(1 - sum(1 - share for share in predicted) / between.sum())
    mean = (between.sum() - 5) / 20
    assert (found.mean_correlation, found.standardised) == pytest.approx((mean, 5 * mean / (1 + 4 * mean)))
    assert found.signal_to_noise == pytest.approx(5 * mean / (1 - mean))


def test_omega_of_minimum_residuals_lies_by_that_of_maximum_likelihood() -> None:
    told = items(400, 5, 13, shared=2.5)
    between, spread = np.corrcoef(told.T), told.std(axis=0, ddof=1)

    def residual(loads: np.ndarray[Any, Any]) -> float:
        left = between - np.outer(loads, loads)
        return float((left[~np.eye(5, dtype=bool)] ** 2).sum())

    def share(loads: np.ndarray[Any, Any]) -> float:
        common = (spread * loads).sum() ** 2
        return float(common / (common + (spread**2 * (1 - loads**2)).sum()))

    found = reliability(told).omega.value
    assert found == pytest.approx(share(optimize.minimize(residual, np.full(5, 0.6), tol=1e-12).x), abs=1e-6)
    likely = Factor(corr=between, n_factor=1, nobs=400, method="ml").fit().loadings[:, 0]
    assert found == pytest.approx(share(np.abs(likely)), abs=5e-3)


def test_two_items_and_what_they_cannot_tell() -> None:
    told = items(30, 2, 14)
    found = reliability(told, names=["a", "b"])
    r = np.corrcoef(told.T)[0, 1]
    assert found.standardised == pytest.approx(2 * r / (1 + r))
    assert np.asarray(found.item_total) == pytest.approx([r, r])
    assert found.weakest == ""
    assert np.isnan(np.asarray(found.alpha_if_deleted)).all()
    assert "omega needs three" in found.omega.notes[0]
    # unbounded below, and told as it is
    assert alpha([[1, 5], [2, 4], [3, 3.5], [5, 1]]).value == pytest.approx(-184)
    assert alpha([[1, 1], [2, 2], [3, 3], [5, 5]]).low == 1


@pytest.mark.parametrize(
    "answers, why",
    [
        ([[1], [2], [3]], "two items"),
        ([[1, 2], [2, 3]], "three respondents"),
        (np.empty((0, 3)), "three respondents"),
        (np.full((5, 3), np.nan), "three respondents"),
        ([[1, 2]] * 5, "does not vary"),
        ([[1, 5], [2, 4], [3, 3], [5, 1]], "does not vary"),
        ([[1, math.nan], [2, math.nan], [math.nan, 3], [math.nan, 4]], "never answered together"),
    ],
)
def test_what_has_no_alpha_says_why(answers: Any, why: str) -> None:
    found = alpha(answers)  # rule R41
    assert np.isnan([found.value, found.low, found.high]).all()
    assert why in found.notes[0]


def test_alphas_of_two_samples_and_other_intervals_by_hand() -> None:
    one, other = alpha_interval(0.7, 5, 60, level=0.9), alpha_interval(-0.1, 3, 40, level=0.9)
    found = alpha_difference(one, other)
    low = 0.8 - math.hypot(0.7 - one.low, other.high + 0.1)
    high = 0.8 + math.hypot(one.high - 0.7, -0.1 - other.low)
    assert (found.value, found.low, found.high, found.level) == pytest.approx((0.8, low, high, 0.9))
    told = reliability_interval(0.7, 0.05, 40, level=0.99)
    ends = [1 - 0.3 * 39 / 40 * math.exp(side * stats.norm.ppf(0.995) * 0.05 / 0.3) for side in (1, -1)]
    assert (told.low, told.high) == pytest.approx(ends)
    assert spearman_brown(0.6, 20 / 10) == pytest.approx(0.75)
    assert spearman_brown(spearman_brown(0.83, 3), 1 / 3) == pytest.approx(0.83)
    weights, spread = np.array([2, 1, 1]), np.array([10, 12, 9])
    between = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]])
    parts = weights * spread
    known = 1 - (parts**2 * [0.1, 0.2, 0.3]).sum() / (parts @ between @ parts)
    told_of = second_order_reliability([0.9, 0.8, 0.7], between, weights=weights, deviations=spread)
    assert told_of == pytest.approx(known)


def test_items_across_two_scales_one_of_them_turned() -> None:
    rng = np.random.default_rng(15)
    trust, bond = rng.normal(size=(2, 200))
    columns = {
        "t1": trust + rng.normal(size=200),
        "t2": -trust + rng.normal(size=200),
        "b1": bond + 0.5 * trust + rng.normal(size=200),
        "b2": bond + rng.normal(size=200),
        "b3": bond + rng.normal(size=200),
    }
    told = {name: np.clip(np.rint(4 + column), 1, 7) for name, column in columns.items()}
    seven = Scale(1, 7)
    first = Construct("trust", [Item("t1", seven), Item("t2", seven, reverse=True)])
    second = Construct("bond", seven.items("b1", "b2", "b3"))
    r = np.abs(pd.DataFrame(told).corr().to_numpy())
    within = r[0, 1] * r[2:, 2:][np.triu_indices(3, 1)].mean()
    assert float(htmt(told, first, second)) == pytest.approx(r[:2, 2:].mean() / math.sqrt(within))
    signed = np.array([[1, 0.7, 0.2, 0.1], [0.7, 1, 0.3, 0.4], [0.2, 0.3, 1, -0.5], [0.1, 0.4, -0.5, 1]])
    assert htmt_of(signed, [0, 1], [2, 3]) == pytest.approx(0.25 / math.sqrt(0.35))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99, 0.999])
def test_quantiles_at_other_levels(level: float) -> None:
    for freedom in (1, 2, 199, 200, 201, 1_000_000):
        assert student(level, freedom) == pytest.approx(stats.t.ppf((1 + level) / 2, freedom), rel=1e-7)
    for d1, d2 in ((1, 1), (2, 2), (999_999, 18_999_981), (1, 1.3)):
        assert f_quantile(level, d1, d2) == pytest.approx(stats.f.ppf(level, d1, d2), rel=1e-8)
