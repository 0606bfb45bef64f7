"""Proxies and blends: what they come from goes with them, and a purchase raises no attitude."""

import math

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given as given_
from hypothesis import strategies as st
from pendulum import datetime
from scipy import stats

from relmkt.customers import Customer
from relmkt.estimate import Estimate
from relmkt.exceptions import FitError
from relmkt.facts import Answer, Fact, Purchase, Recommendation, Visit
from relmkt.loyalty._calibration import LinearCalibration, LogisticCalibration
from relmkt.loyalty._evidence import Evidence, blend, blend_weight, evidence, survey_scores
from relmkt.loyalty._quality import RelationshipQuality
from relmkt.loyalty._sourced import Source, Sourced
from relmkt.loyalty._trust import Trust
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.rules import everyone
from relmkt.scales import Construct, Scale
from relmkt.tallies import count, newest

AT = datetime(2026, 7, 1)
SEVEN = Scale(1, 7)
SHARES = st.floats(0, 1)
SIGNALS = {"recommends": count(Recommendation) >= 1, "comes": count(Visit) >= 2, "likes": newest(Answer, "score") >= 5}


def test_evidence_is_the_mean_of_the_posterior() -> None:
    told = evidence(3, 4, prior=(2, 3))
    assert told.estimate.value == pytest.approx(0.5555556, abs=1e-7)  # KA-076
    assert (told.estimate.low, told.estimate.high) == pytest.approx(stats.beta(5, 4).interval(0.95), abs=1e-9)
    assert told.estimate.se == pytest.approx(stats.beta(5, 4).std())
    assert (told.estimate.n, told.source) == (4, Source.PROXY)


def test_without_signals_the_prior_stands() -> None:
    told = evidence([0, 2], [0, 2], prior=(2, 3), labels=["ada", "bob"], level=0.9)
    assert told["ada"].estimate.value == 2 / 5
    assert told["ada"].estimate.n == 0
    assert told["ada"].estimate.high == pytest.approx(stats.beta(2, 3).ppf(0.95), abs=1e-9)
    assert told["bob"].estimate.low == pytest.approx(stats.beta(4, 3).ppf(0.05), abs=1e-9)
    assert told.sources == (Source.PROXY,) * 2
    assert len(evidence([], [], prior=(1, 1))) == 0


def test_evidence_refuses_what_cannot_be() -> None:
    for prior in ((0, 1), (1, -1), (math.nan, 1), (1, math.inf)):
        with pytest.raises(ValueError, match="prior"):
            evidence(1, 2, prior=prior)
    for hits, of in ((3, 2), (-1, 2), (math.nan, 2)):
        with pytest.raises(ValueError, match="hits"):
            evidence(hits, of, prior=(1, 1))


def history(who: str, visits: int, recommends: bool = False, bought: int = 0, likes: float | None = None) -> list[Fact]:
    came: list[Fact] = [Visit(who, AT.subtract(days=day + 1)) for day in range(visits)]
    came += [Purchase(who, AT.subtract(hours=hour + 1), Money(20, "EUR"), id=f"{who}{hour}") for hour in range(bought)]
    came += [Recommendation(who, AT.subtract(days=3))] if recommends else []
    return [*came, Answer(who, AT.subtract(days=2), "like", likes)] if likes is not None else came


def test_signals_are_rules_and_an_unknown_one_does_not_count() -> None:
    bond = Evidence("bond", SIGNALS, prior=(2, 3))
    facts = [*history("ada", 2, True, likes=6), *history("bob", 1), *history("cleo", 0, likes=2)]
    base = Portfolio(facts, at=AT)
    told = bond.of(base)
    assert told["ada"].estimate.value == (2 + 3) / (5 + 3)
    assert told["ada"].estimate.n == 3
    assert told["bob"].estimate.value == 2 / (5 + 2)
    assert told["bob"].estimate.n == 2
    np.testing.assert_array_equal(base.ask(bond.measure), told.estimate.value)
    for name in ("ada", "bob", "cleo"):
        alone = Customer.of(name, [fact for fact in facts if fact.subject == name], at=AT)
        assert bond.of(alone).estimate == told[name].estimate
        assert alone.ask(bond.measure) == told[name].estimate.value


def test_buying_again_raises_no_attitude() -> None:
    trust = Trust(credibility=SEVEN.items("t1"), integrity=SEVEN.items("t2"))
    quality = RelationshipQuality(trust=trust, bond=Construct("bond", SEVEN.items("b1")))
    bond = Evidence("bond", SIGNALS, prior=(2, 3))
    told = [Answer("ada", AT.subtract(days=9), item, 3) for item in ("t1", "t2", "b1")]
    for measure in (trust.measure, quality.measure, bond.measure):
        found = [Portfolio([*told, *history("ada", 1, bought=n)], at=AT).ask(measure).tolist() for n in (0, 1, 40)]
        assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    "rule", [count(Purchase) >= 3, (count(Purchase) >= 3) | (count(Visit) >= 1), ~(count(Fact) >= 1)]
)
def test_a_signal_that_reads_purchases_is_refused(rule: object) -> None:
    with pytest.raises(ValueError, match="'again' reads purchases"):
        Evidence("trust", {"again": rule}, prior=(1, 1))  # type: ignore[dict-item]


def test_evidence_needs_signals_and_a_prior() -> None:
    with pytest.raises(ValueError, match="signal"):
        Evidence("trust", {}, prior=(1, 1))
    with pytest.raises(ValueError, match="prior"):
        Evidence("trust", {"all": everyone}, prior=(1, 0))


# --- blend -----------------------------------------------------------------------------------------------------------


def test_a_survey_weighs_as_much_as_its_answers_are_reliable() -> None:
    assert blend_weight(3, 0.6) == pytest.approx(0.8181818, abs=1e-7)  # KA-077
    assert blend_weight([0, 1, 5], 0.6).tolist() == [0, 0.6, pytest.approx(3 / 3.4)]
    assert blend_weight([0, 2], 0).tolist() == [0, 0]
    assert blend_weight([0, 2], 1).tolist() == [0, 1]
    for n, reliability in ((-1, 0.5), (1, 1.1), (math.nan, 0.5)):
        with pytest.raises(ValueError):
            blend_weight(n, reliability)


def sourced(value: float, half: float, source: Source, n: int = 4) -> Sourced:
    return Sourced(Estimate(value, value - half, value + half, n=n), source)


def test_a_blend_lies_between() -> None:
    told = blend(sourced(0.8, 0.1, Source.SURVEY), sourced(0.5, 0.3, Source.PROXY), 0.6)
    assert told.estimate.value == pytest.approx(0.68, abs=1e-7)  # KA-077
    assert told.source is Source.BLEND
    assert str(told).endswith("blend")
    assert (told.estimate.low, told.estimate.high) == pytest.approx((0.5, 0.86))


@given_(SHARES, SHARES, SHARES, SHARES, SHARES)
def test_a_blend_is_never_surer_than_its_survey(asked: float, seen: float, one: float, other: float, w: float) -> None:
    survey, proxy = sourced(asked, one, Source.SURVEY), sourced(seen, other, Source.PROXY)
    told = blend(survey, proxy, w)
    width = told.estimate.high - told.estimate.low
    if 0 < w < 1:
        assert told.source is Source.BLEND
        assert width >= 2 * one - 1e-12
    # property 12: w = 1 is the survey, w = 0 the proxy, which never calls itself a survey
    assert blend(survey, proxy, 1).estimate.value == asked
    assert blend(survey, proxy, 1).source is Source.SURVEY
    assert blend(survey, proxy, 0).estimate.value == seen
    assert blend(survey, proxy, 0).source is Source.PROXY
    assert blend(survey, proxy, 0).estimate.high == proxy.estimate.high
    with pytest.raises(ValueError, match="asked"):
        blend(proxy, proxy, w)
    with pytest.raises(ValueError, match="proxy"):
        blend(survey, survey, w)


def test_row_by_row_the_one_that_is_there_stands() -> None:
    names = ["both", "asked", "seen", "neither"]
    survey = survey_scores([0.8, 0.2, math.nan, math.nan], reliability=0.75, labels=names)
    missing = Estimate(
        [0.5, math.nan, 0.4, math.nan],
        [0.2, math.nan, 0.1, math.nan],
        [0.8, math.nan, 0.7, math.nan],
        n=2,
        labels=names,
    )
    told = blend(survey, Sourced(missing, Source.PROXY), 0.5)
    assert told.sources == (Source.BLEND, Source.SURVEY, Source.PROXY, Source.PROXY)
    np.testing.assert_array_equal(told.estimate.value, [0.65, 0.2, 0.4, math.nan])
    assert told["seen"].estimate.low == 0.1
    assert told["asked"].estimate == evolve(survey["asked"].estimate, method="blend")
    assert str(told).endswith("1 survey, 2 proxy, 1 blend")


def test_blending_refuses_other_rows_levels_and_weights() -> None:
    survey, proxy = sourced(0.8, 0.1, Source.SURVEY), sourced(0.5, 0.3, Source.PROXY)
    with pytest.raises(ValueError, match="weight"):
        blend(survey, proxy, 1.2)
    with pytest.raises(ValueError, match="labels"):
        blend(survey, evidence([1], [1], prior=(1, 1)), 0.5)
    with pytest.raises(ValueError, match="level"):
        blend(survey, evidence(1, 1, prior=(1, 1), level=0.9), 0.5)
    with pytest.raises(ValueError, match="source"):
        Sourced(Estimate(1), [Source.PROXY])
    with pytest.raises(ValueError):
        Sourced(Estimate(1), "guess")


def test_the_error_of_measurement_of_a_score() -> None:
    scores = np.array([2.0, 4, 6, math.nan])
    told = survey_scores(scores, reliability=0.84, level=0.9)
    half = stats.norm.ppf(0.95) * 2 * 0.4  # sd 2, √(1 − 0.84) = 0.4
    assert told.estimate.high[:3] - scores[:3] == pytest.approx([half] * 3)
    assert told.estimate.n.tolist() == [1, 1, 1, 0]
    assert set(told.sources) == {Source.SURVEY}
    assert math.isnan(survey_scores([3.0], reliability=0.8).estimate.high[0])
    with pytest.raises(ValueError, match="reliability"):
        survey_scores([1, 2], reliability=1.2)


# --- calibration -----------------------------------------------------------------------------------------------------


def test_the_logistic_proxy_of_known_coefficients() -> None:
    told = LogisticCalibration([-2, 3]).proxy([0.7, math.nan])
    assert told.estimate.value[0] == pytest.approx(0.5249792, abs=1e-7)  # KA-077
    assert math.isnan(told.estimate.value[1])
    assert math.isnan(told.estimate.low[0])
    assert told.sources == (Source.PROXY,) * 2
    assert np.isfinite(LogisticCalibration([0, 1]).proxy([-2000, 2000]).estimate.value).all()


def overlap(n: int = 300, seed: int = 11) -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.default_rng(seed)
    x = draws.normal(size=(n, 2))
    return x, 4 + x @ [0.8, -0.4] + draws.normal(0, 0.7, n)


def test_the_line_and_its_prediction_interval_agree_with_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.api")
    x, y = overlap()
    asked = np.where(np.arange(300) % 3 == 0, np.nan, y)
    known = ~np.isnan(asked)
    fitted = sm.OLS(y[known], sm.add_constant(x[known])).fit()
    line = LinearCalibration.fit(x, asked)
    assert line.coefficients == pytest.approx(fitted.params)
    told = line.proxy([[0.5, 1.0], [3.0, -2.0]], level=0.9).estimate
    frame = fitted.get_prediction([[1, 0.5, 1.0], [1, 3.0, -2.0]]).summary_frame(alpha=0.1)
    np.testing.assert_allclose(told.value, frame["mean"])
    np.testing.assert_allclose(told.low, frame["obs_ci_lower"])
    np.testing.assert_allclose(told.high, frame["obs_ci_upper"])
    assert told.n.tolist() == [200, 200]


def test_the_curve_and_its_interval_agree_with_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.api")
    x, y = overlap()
    high = np.where(np.isnan(y), np.nan, (y > 4).astype(float))
    fitted = sm.Logit(high, sm.add_constant(x)).fit(disp=0)
    curve = LogisticCalibration.fit(x, high)
    assert curve.coefficients == pytest.approx(fitted.params, rel=1e-6)
    np.testing.assert_allclose(curve.covariance, fitted.cov_params(), rtol=1e-5)
    told = curve.proxy([[0.5, 1.0]]).estimate
    se = math.sqrt(np.array([1, 0.5, 1.0]) @ fitted.cov_params() @ [1, 0.5, 1.0])
    logit = np.array([1, 0.5, 1.0]) @ fitted.params
    assert told.high[0] == pytest.approx(1 / (1 + math.exp(-(logit + stats.norm.ppf(0.975) * se))), rel=1e-6)
    assert 0 < told.low[0] < told.value[0] < told.high[0] < 1


def test_calibration_refuses_what_carries_no_fit() -> None:
    with pytest.raises(FitError, match="do not carry"):
        LinearCalibration.fit([1, 2, 3], [1, math.nan, 2])
    with pytest.raises(FitError, match="do not carry"):
        LinearCalibration.fit([[1, 2], [2, 4], [3, 6], [4, 8]], [1, 2, 3, 4])
    with pytest.raises(FitError, match="wholly"):
        LogisticCalibration.fit([1, 2, 3, 4], [0, 0, 1, 1])
    with pytest.raises(ValueError, match="high"):
        LogisticCalibration.fit([1, 2, 3, 4], [0, 0.5, 1, 1])
    with pytest.raises(ValueError, match="one row"):
        LinearCalibration.fit([1, 2, 3, 4], [0, 0])


def test_a_column_prints_the_source_of_each_value() -> None:
    names = ["ada", "bob <b>"]
    told = Sourced(Estimate([0.8, 0.5], [0.7, 0.2], [0.9, 0.8], n=[3, 4], labels=names), [Source.SURVEY, Source.PROXY])
    assert str(told).splitlines() == [
        "ada      0.8 [0.7, 0.9] 95 %, n = 3, survey",
        "bob <b>  0.5 [0.2, 0.8] 95 %, n = 4, proxy",
        "1 survey, 1 proxy",
    ]
    assert "<caption>1 survey, 1 proxy; 95 %</caption>" in told._repr_html_()
    assert "<th>n</th><th>source</th></tr>" in told._repr_html_()
    assert "<td>3</td><td>survey</td></tr><tr><th>bob &lt;b&gt;</th>" in told._repr_html_()
    assert told._repr_html_().endswith("<td>4</td><td>proxy</td></tr></table>")
    assert "ada" not in repr(told)
    assert repr(told).endswith("1 survey, 1 proxy>")
    assert [(name, one.source, one.estimate.n) for name, one in told] == [
        ("ada", Source.SURVEY, 3),
        ("bob <b>", Source.PROXY, 4),
    ]


def test_one_figure_and_very_many_say_their_source() -> None:
    one = sourced(0.5, 0.25, Source.PROXY)
    assert str(one) == "0.50 [0.25, 0.75] 95 %, n = 4, proxy"
    assert one._repr_html_().endswith("<td>4</td><td>proxy</td></tr></table>")
    assert repr(one) == "<Sourced: Estimate(0.50 [0.25, 0.75] 95 %, n = 4), 1 proxy>"
    many = evidence(np.arange(500) % 5, np.full(500, 4), prior=(2, 3))
    assert str(many).count("\n") == 0
    assert str(many).endswith(", 500 proxy")
    assert many._repr_html_().count("<td>proxy</td>") == many._repr_html_().count("<tr>") - 1 < 500
    assert "500 proxy" in many._repr_html_()
    alone = survey_scores([0.8], reliability=0.75, labels=["ada"])
    assert str(alone).splitlines()[0].endswith(", survey")
