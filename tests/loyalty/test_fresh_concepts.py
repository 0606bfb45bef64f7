"""The concepts, their quality, strength and evidence, against fresh cases worked out by another route."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from pendulum import datetime
from scipy import optimize, stats

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.estimate import Estimate
from relmkt.facts import Answer, Fact, Purchase, Visit
from relmkt.loyalty import (
    Attachment,
    Evidence,
    LinearCalibration,
    LogisticCalibration,
    Percentile,
    RelationshipQuality,
    RelationshipStrength,
    Satisfaction,
    Source,
    Sourced,
    Trust,
    blend,
    blend_weight,
    evidence,
    joined_mean,
    longevity,
    mean_measure,
    reciprocity,
    strength,
    survey_scores,
)
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.rules import Rule
from relmkt.scales import Construct, Item, Scale, composite_reliability, pomp, reliability, spearman_brown
from relmkt.tallies import count, first
from relmkt.windows import days, instant

SEVEN, FIVE, TEN = Scale(1, 7), Scale(1, 5), Scale(0, 10)
TRUST = Trust(
    credibility=SEVEN.items("t1", "t2", "t3"),
    integrity=SEVEN.items("t4", "t5", "t6"),
    benevolence=[*SEVEN.items("t7"), Item("t8", SEVEN, reverse=True)],
)
ATTACHMENT = Attachment([*FIVE.items("a1"), Item("a2", FIVE, reverse=True), *FIVE.items("a3", "a4")])
SATISFACTION = Satisfaction(TEN.items("s1", "s2", "s3"))
DIMENSIONS = {"credibility": ["t1", "t2", "t3"], "integrity": ["t4", "t5", "t6"], "benevolence": ["t7", "t8"]}
COUNTS = {"trust": 8, "satisfaction": 3, "attachment": 4}  # of items
ITEMS = {name: [f"{name[0]}{place}" for place in range(1, k + 1)] for name, k in COUNTS.items()}
WEIGHTS = {"trust": 2.0, "satisfaction": 0.5, "attachment": 1.0}
PARTS: dict[str, Any] = {"trust": TRUST, "satisfaction": SATISFACTION, "attachment": ATTACHMENT}
QUALITY = RelationshipQuality(**PARTS, weights=WEIGHTS)


def drawn(n: int = 240, seed: int = 41, missing: float = 0.08) -> dict[str, np.ndarray]:
    """Three constructs on three scales, two items reversed, some answers left out."""
    draws, found = np.random.default_rng(seed), dict[str, np.ndarray]()
    shared = draws.normal(size=n)
    for letter, k, scale, loading in (("t", 8, SEVEN, 0.8), ("a", 4, FIVE, 0.7), ("s", 3, TEN, 0.6)):
        felt = loading * shared + math.sqrt(1 - loading**2) * draws.normal(size=n)
        for name in (f"{letter}{place}" for place in range(1, k + 1)):
            middle, step = (scale.low + scale.high) / 2, (scale.high - scale.low) / 5
            told = np.clip(np.round(middle + step * (felt + 0.8 * draws.normal(size=n))), scale.low, scale.high)
            told = scale.low + scale.high - told if name in ("t8", "a2") else told
            found[name] = np.where(draws.random(n) < missing, np.nan, told)
    return found


def turned(rows: dict[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(rows).assign(t8=8 - rows["t8"], a2=6 - rows["a2"])


def means(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """The mean of the items, of half of them at least."""
    return frame[names].mean(axis=1).where(frame[names].count(axis=1) >= len(names) / 2).to_numpy()


def percents(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each construct from 0 to 100, by pandas."""
    frame = turned(rows)
    dimensions = pd.DataFrame({name: means(frame, of) for name, of in DIMENSIONS.items()})
    trust = dimensions.mean(axis=1).where(dimensions.count(axis=1) >= 2).to_numpy()
    told = {"trust": (trust - 1) / 6, "satisfaction": means(frame, ITEMS["satisfaction"]) / 10}
    return {
        name: 100 * one for name, one in {**told, "attachment": (means(frame, ITEMS["attachment"]) - 1) / 4}.items()
    }


# --- the concepts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_trust_and_its_dimensions_agree_with_pandas(seed: int) -> None:
    rows = drawn(60, seed, missing=0.3)
    frame, told = turned(rows), TRUST.pomp(rows)
    for name, of in DIMENSIONS.items():
        score = (means(frame, of) - 1) / 6 * 100
        known = score[~np.isnan(score)]
        assert told[name].value == pytest.approx(known.mean())
        reach = stats.t.ppf(0.975, len(known) - 1) * stats.sem(known)
        assert told[name].high - told[name].value == pytest.approx(reach)
    np.testing.assert_allclose(pomp(TRUST.scores(rows), SEVEN), percents(rows)["trust"])
    assert np.isnan(TRUST.scores(rows)).any()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_factor_behind_three_dimensions_agrees_with_statsmodels(seed: int) -> None:
    factor = pytest.importorskip("statsmodels.multivariate.factor")
    rows = drawn(120, seed)
    parts = np.column_stack(list(TRUST.by_dimension(rows).values()))
    whole = ~np.isnan(parts).any(axis=1)
    fitted = factor.Factor(parts[whole], n_factor=1, method="pa", smc=True).fit(maxiter=5000, tol=1e-14)
    scores = fitted.factor_scoring(parts[whole], method="regression").ravel() * np.sign(fitted.loadings.sum())
    told = TRUST.factor_scores(rows)
    np.testing.assert_allclose(told[whole], scores, atol=1e-6)
    np.testing.assert_array_equal(np.isnan(told), ~whole)
    assert np.corrcoef(told[whole], parts[whole].mean(axis=1))[0, 1] > 0.95


def test_no_factor_is_told_of_two_dimensions_few_respondents_or_one_answer() -> None:
    rows = drawn(50, missing=0)
    assert np.isnan(evolve(TRUST, benevolence=()).factor_scores(rows)).all()
    assert np.isnan(TRUST.factor_scores({name: values[:2] for name, values in rows.items()})).all()
    alike = {**rows, "t7": np.full(50, 4.0), "t8": np.full(50, 4.0)}
    assert np.isnan(TRUST.factor_scores(alike)).all()


def test_a_share_of_items_asked_of_attachment_holds_in_each_dimension() -> None:
    three = Attachment(
        affection=SEVEN.items("a", "b"), connection=SEVEN.items("c", "d"), passion=SEVEN.items("e", "f"), answered=1
    )
    rows = {"a": [5, 5], "b": [None, 5], "c": [4, 4], "d": [4, 4], "e": [6, 6], "f": [6, None]}
    assert three.scores(rows).tolist() == [5, 4.5]
    assert evolve(three, answered=0.5).scores(rows).tolist() == [5, 5]
    lone = {**rows, "c": [None, 4]}
    np.testing.assert_array_equal(three.scores(lone), [math.nan, 4.5])
    assert three.score(lone)["affection"].n == 1
    one = Customer.of("x", [Answer("x", datetime(2026, 1, 1), name, told[0]) for name, told in lone.items()])
    assert math.isnan(one.ask(three.measure))


@pytest.mark.parametrize("name", ["trust", "satisfaction", "attachment"])
def test_loadings_and_the_variance_extracted_agree_with_statsmodels(name: str) -> None:
    factor = pytest.importorskip("statsmodels.multivariate.factor")
    values = turned(drawn(missing=0))[ITEMS[name]].to_numpy()
    fitted = factor.Factor(values, n_factor=1, method="pa", smc=True).fit(maxiter=5000, tol=1e-14)
    told = reliability(values, names=ITEMS[name])
    np.testing.assert_allclose(np.asarray(told.loadings), np.abs(fitted.loadings.ravel()), atol=1e-6)
    assert told.extracted == pytest.approx((fitted.loadings**2).mean(), abs=1e-6)
    even = reliability((values - values.mean(axis=0)) / values.std(axis=0))
    assert even.omega.value == pytest.approx(composite_reliability(even.loadings), abs=1e-9)


def test_what_two_items_have_in_common_is_no_factor() -> None:
    told = reliability([[4, 5], [2, 3], [5, 5], [3, 3]])
    assert math.isnan(told.extracted)
    assert told.loadings.notes == told.omega.notes != ()
    assert TRUST.reliability(drawn(missing=0))["credibility"].extracted > 0.4


# --- quality ---------------------------------------------------------------------------------------------------------


def test_quality_on_three_scales_is_the_weighted_mean_of_percents() -> None:
    rows = drawn(missing=0.4)
    parts = percents(rows)
    table, w = np.column_stack([parts[name] for name in PARTS]), np.array([WEIGHTS[name] for name in PARTS])
    lone, told = np.isnan(table).sum(axis=1) > 1, np.ma.masked_invalid(table)
    expected = np.where(lone, np.nan, np.ma.average(told, axis=1, weights=w).filled(np.nan))
    np.testing.assert_allclose(QUALITY.scores(rows), expected)
    assert lone.any()
    logs = np.ma.average(np.ma.log(np.ma.maximum(told, 1e-300)), axis=1, weights=w).filled(np.nan)
    geometric = evolve(QUALITY, how="geometric", weights=WEIGHTS)
    np.testing.assert_allclose(geometric.scores(rows), np.where(lone, np.nan, np.exp(logs)), atol=1e-9)
    facts = [
        Answer(f"p{i:03}", datetime(2026, 1, 1), k, v, id=f"{k}{i}")
        for k, of in rows.items()
        for i, v in enumerate(of.tolist())
        if v == v
    ]
    facts += [Visit(f"p{i:03}", datetime(2026, 1, 1)) for i in range(240)]
    np.testing.assert_array_equal(QUALITY.scores(FactTable.of(facts)), QUALITY.scores(rows))


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_the_reliability_of_the_whole_is_mosiers_of_pingouins_alphas(seed: int) -> None:
    pingouin = pytest.importorskip("pingouin")
    rows = drawn(seed=seed)
    frame, parts = turned(rows), percents(rows)
    table, w = np.column_stack([parts[name] for name in PARTS]), np.array([WEIGHTS[name] for name in PARTS])
    table = table[~np.isnan(table).any(axis=1)]
    alphas = [pingouin.cronbach_alpha(data=frame[ITEMS[name]], nan_policy="pairwise")[0] for name in PARTS]
    noise = (w**2 * table.var(axis=0, ddof=1) * (1 - np.array(alphas))).sum()
    told = QUALITY.reliability(rows)
    assert told.value == pytest.approx(1 - noise / (table @ w).var(ddof=1), abs=1e-9)
    assert (told.n, told.notes) == (len(table), ())
    other = evolve(QUALITY, how="geometric", weights=WEIGHTS).reliability(rows)
    assert other.value == told.value
    assert other.notes == ("of the weighted sum: the scores are its geometric mean",)


def test_distinct_constructs_by_correlations_of_all_answers() -> None:
    rows = drawn(missing=0)
    told, between, parts = QUALITY.distinct(rows), turned(rows).corr().abs(), percents(rows)
    for (one, other), r, ratio in zip(told.pairs, told.correlations, told.htmt, strict=True):
        assert r == pytest.approx(stats.pearsonr(parts[one], parts[other])[0])
        within = [np.mean([between.loc[a, b] for a in of for b in of if a < b]) for of in (ITEMS[one], ITEMS[other])]
        assert ratio == pytest.approx(
            between.loc[ITEMS[one], ITEMS[other]].to_numpy().mean() / math.sqrt(np.prod(within))
        )
    for name, root in told.roots.items():
        assert root**2 == pytest.approx(reliability(turned(rows)[ITEMS[name]]).extracted, abs=1e-9)


# --- strength --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how, power", [("arithmetic", 1), ("geometric", 0), ("harmonic", -1)])
@pytest.mark.parametrize("gone", ["quality", "longevity", "depth", "value"])
def test_a_weight_of_0_takes_exactly_that_component_out(how: Any, power: int, gone: str) -> None:
    draws = np.random.default_rng(8)
    parts = {name: draws.uniform(0.05, 1, 30) for name in ("quality", "longevity", "depth", "value")}
    weights = {"quality": 2.0, "longevity": 1.0, "depth": 0.5, "value": 3.0}
    rest = [name for name in parts if name != gone]
    table, w = np.column_stack([parts[name] for name in rest]), [weights[name] for name in rest]
    expected = [stats.pmean(row, power, weights=w) for row in table]
    told = strength(**{**parts, gone: np.full(30, np.nan)}, weights={**weights, gone: 0}, how=how)
    np.testing.assert_allclose(told.composite, expected)
    assert told.weights[gone] == 0
    short = strength(**{**parts, rest[0]: np.full(30, np.nan)}, weights={**weights, gone: 0}, how=how)
    assert np.isnan(short.composite).all()  # what weighs nothing stands in for nothing
    np.testing.assert_allclose(joined_mean(list(table.T), w, how=how), expected)


def test_longevity_halves_what_is_left_and_ranks_as_tenure_does() -> None:
    tenure = np.array([0, 30, 91.5, 400, 2000])
    np.testing.assert_allclose(longevity(tenure, 400), 1 - 0.5 ** (tenure / 400))
    started = [Visit(f"p{place}", datetime(2026, 1, 1).subtract(days=int(t))) for place, t in enumerate(tenure)]
    base = Portfolio(started, at=datetime(2026, 1, 1))
    long = longevity(first(Visit), days(400))
    ranks = base.ask(Percentile.fit(base, long).measure(long))
    whole = np.floor(tenure)
    assert ranks.tolist() == [stats.percentileofscore(whole, t, kind="mean") / 100 for t in whole]


# --- evidence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_evidence_is_the_posterior_of_scipy(seed: int) -> None:
    draws = np.random.default_rng(seed)
    a, b, n = *draws.uniform(0.2, 12, 2).tolist(), int(draws.integers(0, 25))
    s, level = int(draws.integers(0, n + 1)), float(draws.choice([0.5, 0.9, 0.99]))
    told, posterior = evidence(s, n, prior=(a, b), level=level), stats.beta(a + s, b + n - s)
    assert told.source is Source.PROXY
    assert (told.estimate.value, told.estimate.se) == pytest.approx((posterior.mean(), posterior.std()))
    assert (told.estimate.low, told.estimate.high) == pytest.approx(posterior.interval(level), abs=1e-8)


@pytest.mark.parametrize(
    "signal",
    [
        ~(count(Purchase) >= 2),
        (count(Visit) >= 1) | (count(Purchase, within=days(30)) >= 2),
        Percentile([0, 1]).measure(count(Purchase)) >= 0.5,
        longevity(first(Purchase), days(30)) >= 0.5,
        reciprocity(count(Purchase), count(Visit)) >= 0.5,
    ],
)
def test_no_way_of_writing_it_makes_purchases_a_signal(signal: Rule) -> None:
    with pytest.raises(ValueError, match="reads purchases"):
        Evidence("trust", {"signal": signal}, prior=(1, 1))


def test_a_blend_weighs_by_spearman_brown_and_is_wider_than_the_survey() -> None:
    for n, rho in ((1, 0.35), (4, 0.5), (9, 0.12)):
        assert blend_weight(n, rho) == pytest.approx(spearman_brown(rho, n))
    survey, proxy = Estimate(0.7, 0.6, 0.78, n=5, se=0.05), Estimate(0.3, 0.25, 0.5, n=9, se=0.08)
    told = blend(survey, Sourced(proxy, Source.PROXY), 0.25).estimate
    assert told.value == pytest.approx(0.25 * 0.7 + 0.75 * 0.3)
    assert told.value - told.low == pytest.approx(0.25 * 0.10 + 0.75 * 0.10)  # the survey's, which is the wider
    assert told.high - told.value == pytest.approx(0.25 * 0.08 + 0.75 * 0.20)
    assert told.se == pytest.approx(0.25 * 0.05 + 0.75 * 0.08)


def test_a_blend_with_what_has_no_interval_has_none() -> None:
    typed = LogisticCalibration([-2, 3]).proxy([0.7, 0.7], labels=["ada", "bob"])
    asked = survey_scores([0.8, math.nan], reliability=0.6, labels=["ada", "bob"])
    told = blend(evolve(asked, estimate=evolve(asked.estimate, low=[0.7, np.nan], high=[0.9, np.nan])), typed, 0.6)
    assert told["ada"].estimate.value == pytest.approx(0.6 * 0.8 + 0.4 / (1 + math.exp(-0.1)))
    assert np.isnan([told["ada"].estimate.low, told["ada"].estimate.high]).all()
    assert told.sources == (Source.BLEND, Source.PROXY)
    assert "no interval: the survey or the proxy has none" in told.estimate.notes
    whole = blend(asked, typed, [1, 0])
    assert not [note for note in whole.estimate.notes if note.startswith("no interval")]


def test_one_figure_calibrates_as_the_closed_forms_have_it() -> None:
    draws = np.random.default_rng(12)
    x = draws.uniform(0, 10, 35)
    y = 1.5 + 0.4 * x + draws.normal(0, 0.6, 35)
    line = stats.linregress(x, y)
    rest = math.sqrt(((y - line.intercept - line.slope * x) ** 2).sum() / 33)
    for at in (0.0, 4.0, 30.0):
        told = LinearCalibration.fit(x, y).proxy([at], level=0.9)["0"].estimate
        spread = rest * math.sqrt(1 + 1 / 35 + (at - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
        assert told.value == pytest.approx(line.intercept + line.slope * at)
        assert told.high - told.value == pytest.approx(stats.t.ppf(0.95, 33) * spread)
    high = (draws.random(35) < 1 / (1 + np.exp(2 - 0.5 * x))).astype(float)
    least = optimize.minimize(lambda b: np.logaddexp(0, (b[0] + b[1] * x) * (1 - 2 * high)).sum(), [0, 0], tol=1e-10)
    assert LogisticCalibration.fit(x, high).coefficients == pytest.approx(least.x, abs=1e-4)


# --- one customer and everyone, on any day ---------------------------------------------------------------------------


def test_every_past_day_has_one_number_for_one_customer_and_in_the_scores_of_everyone() -> None:
    draws, facts = np.random.default_rng(7), list[Fact]()
    for who, row in ((f"p{n:02}", row) for n in range(12) for row in range(25)):
        at = datetime(2025, 1, 1).add(days=int(draws.integers(300)), hours=int(draws.integers(24)))
        name = str(draws.choice([item.name for item in QUALITY.items]))
        facts.append(Answer(who, at, name, float(draws.integers(-1, 12)) if row % 9 else None, id=f"{who}{row}"))
        if row % 11 == 0:
            facts += [Purchase(who, at, Money("20", "EUR"), id=f"b{who}{row}"), Visit(who, at, id=f"v{who}{row}")]
    often = Percentile([0, 1, 3]).measure(count(Visit))
    tie = RelationshipStrength(
        quality=QUALITY.share,
        longevity=longevity(first(Purchase), days(90)),
        depth=mean_measure("depth", often, Percentile([0, 2]).measure(count(Purchase)), weights=[2, 1]),
        value=often,
        weights={"quality": 1, "longevity": 2, "depth": 1, "value": 0},
        least=2,
    )
    for at in (datetime(2025, 2, 3), datetime(2025, 6, 17, 5), datetime(2026, 6, 1)):
        then = [fact for fact in facts if fact.at <= instant(at)]
        base, table = Portfolio(facts, at=at), FactTable.of(then)
        own = [Customer.of(who, [fact for fact in then if fact.subject == who], at=at) for who in base.ids]
        for measure in (TRUST.measure, ATTACHMENT.measure, QUALITY.measure, tie.measure):
            np.testing.assert_array_equal(base.ask(measure), [one.ask(measure) for one in own])
        for concept in (TRUST, QUALITY, Construct("care", FIVE.items("a1", "a3"))):
            np.testing.assert_array_equal(base.ask(concept.measure), concept.scores(table))
        np.testing.assert_allclose(base.ask(QUALITY.share), QUALITY.scores(table) / 100)
    assert not np.isnan(base.ask(tie.measure)).all()
