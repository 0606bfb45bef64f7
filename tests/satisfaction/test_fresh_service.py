"""Kano, SERVQUAL, drivers, disconfirmation, value and weighting on fresh data, each by a second route."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.outliers_influence import variance_inflation_factor
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from relmkt.satisfaction import (
    Dispositions,
    Kano,
    SatisfactionIndex,
    design_effect,
    disconfirmation,
    drivers,
    importance_performance,
    kano,
    oliver_model,
    poststratified,
    rake,
    response_rate,
    servqual,
    servqual_by,
    value_for_cost,
    wave_contrast,
)
from relmkt.scales import Item, Scale

TEN = Scale(1, 10)
TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")


@pytest.mark.parametrize("seed", range(5))
def test_kano_by_counting_letters(seed: int) -> None:
    having, lacking = np.random.default_rng(seed).integers(1, 6, (2, 60))
    letters = Counter(TABLE[one - 1][other - 1] for one, other in zip(having, lacking, strict=True))
    told = kano(having, lacking, level=0.9)
    a, o, m, i = (letters[letter] for letter in "AOMI")
    assert (told.attractive, told.one_dimensional, told.must_be, told.indifferent) == (a, o, m, i)
    assert (told.reverse, told.questionable, told.n) == (letters["R"], letters["Q"], 60)
    whole = a + o + m + i
    assert (told.better.value, told.worse.value) == pytest.approx(((a + o) / whole, -(o + m) / whole))
    assert (told.better.low, told.better.high) == pytest.approx(proportion_confint(a + o, whole, 0.1, "wilson"))
    low, high = proportion_confint(o + m, whole, 0.1, "wilson")
    assert (told.worse.low, told.worse.high) == pytest.approx((-high, -low))
    first, second = (count for _, count in letters.most_common(2))
    fong = told.fong()
    assert fong is not None
    both = first + second
    assert fong.threshold == pytest.approx(1.65 * math.sqrt(both * (120 - both) / 120))
    assert (fong.difference, told.category_strength) == pytest.approx((first - second, (first - second) / 60))
    assert told.total_strength.value == pytest.approx((a + o + m) / 60)


def test_bergers_rule_may_differ_from_the_mode_and_ties_are_kept_in_order() -> None:
    split = Kano(must_be=20, one_dimensional=19, attractive=18, indifferent=40, reverse=2, questionable=1)
    assert (split.category, split.berger) == ("indifferent", "must_be")  # 57 against 43
    even = Kano(must_be=10, one_dimensional=20, attractive=20, indifferent=50)
    assert (even.category, even.berger) == ("indifferent", "indifferent")  # 50 are not more than 50
    ties = [Kano(**dict.fromkeys(names, 5)).category for names in (("attractive", "indifferent"),)]
    ties.append(Kano(one_dimensional=5, attractive=5, indifferent=5).category)
    assert ties == ["attractive", "one_dimensional"]
    nothing = Kano(reverse=5)
    assert math.isnan(nothing.better.value)
    assert (nothing.better.n, nothing.category) == (0, "reverse")


def test_servqual_dimension_by_dimension() -> None:
    rng = np.random.default_rng(11)
    was, wish = rng.integers(1, 8, (2, 30, 22)).astype(float)
    points = rng.dirichlet(np.ones(5), 30) * 100
    found, ends = servqual(was, wish, weights=points, level=0.9), [0, 4, 9, 13, 17, 22]
    gaps = np.column_stack([(was - wish)[:, a:b].mean(axis=1) for a, b in itertools.pairwise(ends)])
    for place, (a, b) in enumerate(itertools.pairwise(ends)):
        same = stats.ttest_rel(was[:, a:b].mean(axis=1), wish[:, a:b].mean(axis=1)).confidence_interval(0.9)
        assert (found.dimensions.low[place], found.dimensions.high[place]) == pytest.approx((same.low, same.high))
    assert (found.overall.value, found.overall.se) == pytest.approx((gaps.mean(), stats.sem(gaps.mean(axis=1))))
    own = (gaps * points / 100).sum(axis=1)
    assert (found.weighted.value, found.weighted.se) == pytest.approx((own.mean(), stats.sem(own)))
    assert not np.isclose(found.overall.value, (was - wish).mean())


def test_servqual_of_nobody_of_one_and_of_no_label() -> None:
    one = {"empathy": Scale(1, 7).items("e1")}
    assert math.isnan(servqual(np.full((2, 22), np.nan), np.full((2, 22), 5.0)).overall.value)
    alone = servqual({"e1": [4]}, {"e1": [6]}, dimensions=one).overall
    assert (alone.value, alone.n, math.isnan(alone.low)) == (-2, 1, True)
    told = servqual_by({"e1": [4, 5, 6]}, {"e1": [6, 6, 6]}, [None, "a", math.nan], dimensions=one)
    assert {name: found.overall.value for name, found in told.items()} == {"": -1, "a": -1}


def survey() -> np.ndarray:
    rng = np.random.default_rng(5)
    shared = rng.normal(size=(150, 1))
    items = np.clip(np.rint(6 + 1.2 * shared + rng.normal(size=(150, 4)) * 1.6), 1, 10)
    whole = np.clip(np.rint(items @ [0.4, 0.3, 0.1, 0.0] + rng.normal(size=150) + 1), 1, 10)
    return np.column_stack([items, whole])


def test_drivers_by_svd_by_all_orders_and_by_statsmodels() -> None:
    cells = survey()
    items, whole = cells[:, :-1], cells[:, -1]
    asked = (TEN.items(*"abcd"), Item("whole", TEN))
    fit = sm.OLS(whole, sm.add_constant(items)).fit()

    def explained(places: tuple[int, ...]) -> float:
        return sm.OLS(whole, sm.add_constant(items[:, list(places)])).fit().rsquared if places else 0.0

    orders = list(itertools.permutations(range(4)))
    gains = [np.mean([explained(p[: p.index(j) + 1]) - explained(p[: p.index(j)]) for p in orders]) for j in range(4)]
    shapley = drivers(cells, *asked, rng=np.random.default_rng(0), method="shapley", resamples=20)
    assert shapley.weights.value == pytest.approx(gains)
    x, y = ((told - told.mean(axis=0)) / told.std(axis=0) / math.sqrt(150) for told in (items, whole))
    left, _, right = np.linalg.svd(x, full_matrices=False)
    near = left @ right  # the orthogonal columns nearest to the items
    johnson = drivers(cells, *asked, rng=np.random.default_rng(0), resamples=20)
    assert johnson.weights.value == pytest.approx(((near.T @ x).T ** 2) @ (near.T @ y) ** 2)
    assert johnson.coefficients.value == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0])
    assert (johnson.r2.value, johnson.r2_adjusted) == pytest.approx((fit.rsquared, fit.rsquared_adj))
    inflated = [variance_inflation_factor(sm.add_constant(items), j + 1) for j in range(4)]
    assert johnson.inflation == pytest.approx(inflated)
    found = importance_performance(cells, asked[0], importance="correlation", cut="median", overall=asked[1])
    assert found.importance.value == pytest.approx([np.corrcoef(items[:, j], whole)[0, 1] for j in range(4)])


def test_disconfirmation_against_paired_t_and_wilson() -> None:
    was, hoped = np.random.default_rng(4).integers(1, 11, (2, 60)).astype(float)
    found = disconfirmation(was, hoped, tolerance=1, scale=TEN, level=0.9)
    same = stats.ttest_rel(was, hoped).confidence_interval(0.9)
    assert (found.mean.low, found.mean.high) == pytest.approx((same.low, same.high))
    gap = was - hoped
    for place, held in enumerate((gap < -1, np.abs(gap) <= 1, gap > 1)):
        bounds = proportion_confint(held.sum(), 60, 0.1, "wilson")
        assert (found.shares.low[place], found.shares.high[place]) == pytest.approx(bounds)
    assert found.shares.value.sum() == pytest.approx(1)
    assert found.ceiling.value == pytest.approx((hoped + 1 >= 10).mean())
    assert found.residualised.residual == pytest.approx(sm.OLS(was, sm.add_constant(hoped)).fit().resid)
    whole = np.random.default_rng(5).normal(size=60)
    told = oliver_model(whole, hoped, gap, level=0.9)
    fit = sm.OLS(whole, sm.add_constant(np.column_stack([hoped, gap]))).fit()
    assert np.column_stack([told.coefficients.low, told.coefficients.high]) == pytest.approx(fit.conf_int(0.1))
    assert told.r_squared == pytest.approx(fit.rsquared)


def test_value_over_cost_by_the_textbook_error_and_binomial_ranks() -> None:
    rng = np.random.default_rng(9)
    worth, cost = rng.gamma(3, 10, 40), rng.gamma(3, 9, 40)
    found = value_for_cost(worth, cost)
    ratio = worth.sum() / cost.sum()
    error = math.sqrt(((worth - ratio * cost) ** 2).sum() / 39 / 40) / cost.mean()  # Cochran 1977, 6.13
    assert (found.ratio.value, found.ratio.se) == pytest.approx((ratio, error))
    ranked, rank = np.sort(worth / cost), int(stats.binom.ppf(0.025, 40, 0.5))
    assert 2 * stats.binom.cdf(rank - 1, 40, 0.5) <= 0.05 < 2 * stats.binom.cdf(rank, 40, 0.5)
    assert (found.median.low, found.median.high) == (ranked[rank - 1], ranked[40 - rank])


@pytest.mark.parametrize("items", [1, 3, 12])
@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.float64])
def test_the_index_of_groups_row_by_row(items: int, kind: type) -> None:
    rng = np.random.default_rng(items)
    told = rng.integers(1, 11, (300, items)).astype(kind)
    if kind is np.float64:
        told[rng.random(told.shape) < 0.3], told[0, 0] = np.nan, 11
    weights, by = rng.integers(1, 5, items), rng.choice(list("abc"), 300)
    seen = (told >= 1) & (told <= 10)
    over = (seen * weights).sum(axis=1)
    with np.errstate(invalid="ignore"):
        each = (np.where(seen, (told - 1.0) / 9 * 100, 0) * weights).sum(axis=1) / over
    columns = {f"q{place}": told[:, place] for place in range(items)}
    index = SatisfactionIndex(TEN.items(*columns), weights)
    np.testing.assert_allclose(index.scores(columns), each)
    found = index.score(columns, by=by, level=0.9)
    for name, one in found:
        held = each[(by == name) & ~np.isnan(each)]
        low, high = stats.t.interval(0.9, len(held) - 1, held.mean(), stats.sem(held))
        assert (one.value, one.low, one.high, one.n) == pytest.approx((held.mean(), low, high, len(held)))
    assert found.invalid.sum() == (kind is np.float64)


def test_weighting_by_hand() -> None:
    rng = np.random.default_rng(68)
    values, strata, shares = rng.normal(size=50), rng.choice(list("abc"), 50), {"a": 0.2, "b": 0.3, "c": 0.5}
    rows = {name: values[strata == name] for name in shares}
    found = poststratified(values, strata, shares)
    error = math.sqrt(sum(shares[name] ** 2 * row.var(ddof=1) / len(row) for name, row in rows.items()))
    assert (found.value, found.se) == pytest.approx((sum(shares[k] * row.mean() for k, row in rows.items()), error))
    sex, city = rng.choice(list("fm"), 300), rng.choice(list("xyz"), 300)
    raked = rake({"sex": sex, "city": city}, {"sex": {"f": 0.7, "m": 0.3}, "city": {"x": 0.1, "y": 0.4, "z": 0.5}})
    for labels, told in ((sex, {"f": 0.7, "m": 0.3}), (city, {"x": 0.1, "y": 0.4, "z": 0.5})):
        for name, share in told.items():
            assert raked.weights[labels == name].sum() / 300 == pytest.approx(share)
    cells = np.log([[raked.weights[(sex == s) & (city == c)].max() for c in "xyz"] for s in "fm"])
    assert np.ptp(cells[0] - cells[1]) == pytest.approx(0, abs=1e-8)  # a product of margins, as raking leaves it
    assert design_effect(raked.weights) == pytest.approx(1 + raked.weights.var() / raked.weights.mean() ** 2)
    assert design_effect([0, 0, 1, 1]) == 2  # weights of 0 are counted among n
    one, other = rng.normal(5, 2, 12), rng.normal(4, 1, 30)
    waves = wave_contrast(one, other, level=0.99)
    same = CompareMeans(DescrStatsW(one), DescrStatsW(other)).tconfint_diff(0.01, usevar="unequal")
    assert (waves.low, waves.high) == pytest.approx(same)


@pytest.mark.parametrize("cases", [(10, 2, 3, 4, 1, 20, 0.3), (0, 0, 5, 5, 0, 0, 0.5), (7, 0, 0, 0, 0, 0, 1)])
def test_response_rates_by_their_definitions(cases: tuple[float, ...]) -> None:
    complete, partial, refused, contacted, other, unknown, e = cases
    known, told = complete + partial + refused + contacted + other, Dispositions(*cases[:6])
    for kind, share in (("RR1", 1), ("RR3", e), ("RR5", 0)):
        stated = e if kind == "RR3" else None
        more = f"RR{int(kind[2]) + 1}"
        rates = [response_rate(told, name, eligible=stated).value for name in (kind, more)]  # type: ignore[arg-type]
        whole = known + share * unknown
        assert rates == pytest.approx([complete / whole, (complete + partial) / whole])
    assert math.isnan(response_rate(Dispositions(0, 0, 0, 0, 0, 5), "RR5").value)
