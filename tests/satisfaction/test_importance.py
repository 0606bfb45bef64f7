"""Importance and performance: quadrants by every cut, derived importance, bars, and how sure a verdict is."""

import math
from itertools import permutations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from relmkt.estimate import Estimate
from relmkt.satisfaction._importance import QUADRANTS, importance_map, importance_performance
from relmkt.satisfaction._weights import correlated, derived, inflation, r_squared
from relmkt.scales import Item, Scale
from relmkt.scales._bootstrap import bounds

IMPORTANCE, PERFORMANCE = [4.5, 4.2, 3.0, 3.1], [3.0, 4.1, 2.8, 4.0]
LOW, OVERKILL, CONCENTRATE, KEEP = QUADRANTS
FIVE = Scale(1, 5)
DONE, STATED, STAY = FIVE.items("p1", "p2", "p3"), FIVE.items("i1", "i2", "i3"), Item("stay", Scale(1, 10))


def survey(n: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    mood = rng.normal(0, 0.8, n)
    p = [np.clip(np.rint(c + mood + rng.normal(0, 1, n)), 1, 5) for c in (2.5, 3.5, 4)]
    i = [np.clip(np.rint(c + rng.normal(0, 1, n)), 1, 5) for c in (4.4, 4, 2.4)]
    stay = np.clip(np.rint(1.2 * p[0] + 0.7 * p[1] + 0.1 * p[2] + rng.normal(0, 1, n)), 1, 10)
    names = ("p1", "p2", "p3", "i1", "i2", "i3", "stay")
    return dict(zip(names, (*p, *i, stay), strict=True))


def test_the_cut_changes_the_verdict() -> None:
    mean = importance_map(IMPORTANCE, PERFORMANCE, cut="grand mean")
    assert mean.cross == pytest.approx((3.70, 3.475))
    assert mean.quadrants == (CONCENTRATE, KEEP, LOW, OVERKILL)  # KA-050
    middle = importance_map(IMPORTANCE, PERFORMANCE, cut="midpoint", scale=FIVE)
    assert middle.cross == (3, 3)
    assert middle.quadrants == (KEEP, KEEP, CONCENTRATE, KEEP)
    assert importance_map(IMPORTANCE, PERFORMANCE, cut="median").cross == pytest.approx((3.65, 3.5))
    own = importance_map(IMPORTANCE, PERFORMANCE, cut=(4.3, 4.05))
    assert own.quadrants == (CONCENTRATE, OVERKILL, LOW, LOW)


def test_what_lies_on_a_line_needs_a_rule() -> None:
    low = importance_map(IMPORTANCE, PERFORMANCE, cut="midpoint", scale=FIVE, line="low")
    assert low.quadrants == (CONCENTRATE, KEEP, LOW, KEEP)
    assert low.notes == ("midpoint; on a line is low",)


@pytest.mark.parametrize("value", [4.1, 0.1, 1 / 3, 7.7])
@pytest.mark.parametrize("cut", ["grand mean", "median"])
@pytest.mark.parametrize("k", [2, 3, 7, 49])
def test_all_equal_is_all_high(value: float, cut, k: int) -> None:
    assert importance_map([value] * k, [value] * k, cut=cut).quadrants == (KEEP,) * k
    assert importance_map([value] * k, [value] * k, cut=cut, line="low").quadrants == (LOW,) * k


def test_an_unknown_side_has_no_quadrant_and_moves_no_line() -> None:
    found = importance_map([5, 1, math.nan], [1, 5, 9], cut="grand mean", names=["a", "b", "c"])
    assert found.quadrants == (CONCENTRATE, OVERKILL, None)
    assert found.cross[0] == 3
    assert found.of(CONCENTRATE) == ("a",)
    assert importance_map([math.nan], [1], cut="median").quadrants == (None,)
    assert "c: unknown" in str(found)


def test_stated_importance_has_bars() -> None:
    answers = survey(60, 3)
    answers["p1"][:3] = [np.nan, 6, 0]
    found = importance_performance(answers, DONE, importance=STATED, cut="midpoint")
    seen = answers["p1"][3:]
    told = stats.ttest_1samp(seen, 0).confidence_interval()
    one = found.performance["p1"]
    assert (one.value, one.low, one.high) == pytest.approx((seen.mean(), told.low, told.high))
    assert (one.n, one.missing, one.invalid) == (57, 1, 2)
    assert found.importance["p3"].value == pytest.approx(answers["i3"].mean())
    assert found.probability is None
    assert found.chart["performance_low"][0] == pytest.approx(told.low)
    assert found.notes[1] == "importance as stated"


def test_the_probability_of_a_verdict() -> None:
    answers = survey(80, 4)
    rng = np.random.default_rng(5)
    found = importance_performance(answers, DONE, importance=STATED, cut=(3.3, 3.3), rng=rng, resamples=400)
    assert found.probability is not None
    assert found.probability.sum(axis=1) == pytest.approx(np.ones(3))
    p = answers["p2"]
    normal = 1 - stats.norm.cdf(3.3, p.mean(), p.std(ddof=1) / np.sqrt(80))
    assert found.probability[1, [1, 3]].sum() == pytest.approx(normal, abs=0.06), "seed 5"
    assert found.quadrants[0] == CONCENTRATE
    assert found.chart["probability"] == pytest.approx(found.probability.max(axis=1))
    assert found.probability[0, QUADRANTS.index(CONCENTRATE)] > 0.99
    again = importance_performance(
        answers, DONE, importance=STATED, cut=(3.3, 3.3), rng=np.random.default_rng(5), resamples=400
    )
    assert again.probability == pytest.approx(found.probability, abs=0)


def test_derived_importance_is_not_stated_importance() -> None:
    answers = survey(200, 6)
    stated = importance_performance(answers, DONE, importance=STATED, cut="grand mean")
    found = importance_performance(answers, DONE, importance="correlation", overall=STAY, cut="grand mean")
    for item in DONE:
        told = stats.pearsonr(answers[item.name], answers["stay"]).statistic
        assert found.importance[item.name].value == pytest.approx(told)
    assert stated.importance != found.importance
    assert np.isnan(found.importance.low).all()
    assert found.notes[1] == "importance derived by correlation"
    barred = importance_performance(
        answers, DONE, importance="shapley", overall=STAY, cut="median", rng=np.random.default_rng(1), resamples=100
    )
    assert (barred.importance.low < barred.importance.value).all()
    assert barred.importance.method == "bias-corrected bootstrap"
    assert (
        importance_performance(
            {name: told[:3] for name, told in answers.items()},
            DONE,
            importance="regression",
            overall=STAY,
            cut="median",
        ).quadrants
        == (None,) * 3
    )


def explained(x: np.ndarray, y: np.ndarray, places: tuple[int, ...]) -> float:
    return sm.OLS(y, sm.add_constant(x[:, list(places)])).fit().rsquared if places else 0.0


def test_the_ways_of_deriving_against_statsmodels() -> None:
    answers = survey(120, 7)
    x, y = np.column_stack([answers[item.name] for item in DONE]), answers["stay"]
    among, withal = correlated(x, y)
    ols = sm.OLS(stats.zscore(y), stats.zscore(x)).fit()
    assert derived("regression", among, withal) == pytest.approx(ols.params)
    assert r_squared(among, withal) == pytest.approx(ols.rsquared)
    gains = np.zeros(3)
    for order in permutations(range(3)):
        for at, place in enumerate(order):
            gains[place] += explained(x, y, order[: at + 1]) - explained(x, y, order[:at])
    assert derived("shapley", among, withal) == pytest.approx(gains / 6)
    # Johnson's: orthogonal columns nearest to the standardised ones, by their singular value decomposition
    left, _, right = np.linalg.svd(stats.zscore(x), full_matrices=False)
    z = left @ right
    slopes = sm.OLS(stats.zscore(y), z).fit().params
    loads = sm.OLS(stats.zscore(x), z).fit().params
    johnson = (loads.T**2 @ slopes**2) / len(y)
    assert derived("relative weights", among, withal) == pytest.approx(johnson / len(y))
    for way in ("relative weights", "shapley"):
        assert derived(way, among, withal).sum() == pytest.approx(ols.rsquared)
        assert (derived(way, among, withal) >= 0).all()


def test_inflation_against_statsmodels() -> None:
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    answers = survey(90, 8)
    x = np.column_stack([answers[name] for name in ("p1", "p2", "p3", "i1")])
    whole = sm.add_constant(x)
    told = [variance_inflation_factor(whole, place) for place in range(1, 5)]
    assert inflation(correlated(x, answers["stay"])[0]) == pytest.approx(told)


def test_parts_that_determine_each_other_share_alike() -> None:
    rng = np.random.default_rng(9)
    a, b = rng.normal(size=(2, 50))
    among, withal = correlated(np.column_stack([a, a, b]), a + b)
    assert np.isnan(derived("regression", among, withal)).all()
    for way in ("relative weights", "shapley"):
        weights = derived(way, among, withal)
        assert weights[0] == pytest.approx(weights[1])
        assert weights.sum() == pytest.approx(1)
    found = inflation(among)
    assert np.isinf(found[:2]).all()
    assert found[2] == pytest.approx(1 / (1 - np.corrcoef(a, b)[0, 1] ** 2))


def test_bias_corrected_bounds_against_scipy() -> None:
    rng = np.random.default_rng(10)
    x = rng.exponential(size=60)
    draws = np.array([np.var(rng.choice(x, 60)) for _ in range(4000)])[:, None]
    low, high, error = bounds(draws, 0.95, np.array([np.var(x)]))
    below = stats.norm.ppf((draws[:, 0] < np.var(x)).mean())
    tails = stats.norm.cdf(2 * below + stats.norm.ppf([0.025, 0.975]))
    assert (low[0], high[0]) == pytest.approx(np.quantile(draws, tails), rel=1e-6)
    assert error[0] == pytest.approx(draws.std(ddof=1))
    plain = bounds(draws, 0.95)
    assert (plain[0][0], plain[1][0]) == pytest.approx(np.quantile(draws, [0.025, 0.975]))


@pytest.mark.parametrize(
    "slip, match",
    [
        (lambda: importance_map([1, 2], [1], cut="median"), "performance"),
        (lambda: importance_map([], [], cut="median"), "performance"),
        (lambda: importance_map([[1]], [1], cut="median"), "a figure an item"),
        (lambda: importance_map(Estimate([1], labels=["a"]), [1], cut="median"), "performance"),
        (lambda: importance_map([1], [1], cut="midpoint"), "midpoint needs scale"),
        (lambda: importance_map([1], [1], cut="mode"), "cut"),  # type: ignore[arg-type]
        (lambda: importance_map([1], [1], cut="median", line="on"), "line"),  # type: ignore[arg-type]
        (lambda: importance_map([1], [1], cut="median").of("best"), "quadrant"),
        (lambda: importance_performance({}, DONE, importance="correlation", cut="median"), "overall="),
        (
            lambda: importance_performance({}, DONE, importance="correlation", overall=STAY, cut="midpoint"),
            "no midpoint",
        ),
        (lambda: importance_performance({}, DONE, importance="guess", overall=STAY, cut="median"), "one of"),  # type: ignore[arg-type]
        (lambda: importance_performance({}, DONE, importance=STATED[:2], cut="median"), "an item for each"),
        (
            lambda: importance_performance(np.ones((2, 4)), [*DONE[:1], STAY], importance=STATED[:2], cut="median"),
            "scale",
        ),
        (lambda: derived("shapley", np.eye(15), np.ones(15) / 9), "14 items or fewer"),
    ],
)
def test_slips(slip, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        slip()
