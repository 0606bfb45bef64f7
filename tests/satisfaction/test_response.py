"""Response rates by AAPOR, weights to known shares, and the probes of non-response."""

import numpy as np
import pytest
from scipy import stats

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Answer, Fact
from relmkt.satisfaction import HOTEL_STAY
from relmkt.satisfaction._requests import SurveyRequested
from relmkt.satisfaction._response import (
    Dispositions,
    dispositions,
    nonresponse_bias,
    response_rate,
    wave_contrast,
)
from relmkt.satisfaction._weighting import design_effect, effective_size, poststratified, poststratify, rake
from relmkt.windows import Instant, days

DAY = Instant("2026-03-01T00:00:00Z")
CASES = Dispositions(400, 50, 300, 200, 50, 100)
AAPOR = {"RR1": 0.3636364, "RR2": 0.4090909, "RR3": 0.3809524, "RR4": 0.4285714, "RR5": 0.4, "RR6": 0.45}


def test_the_six_rates() -> None:
    found = {
        kind: response_rate(CASES, kind, eligible=0.5 if kind in ("RR3", "RR4") else None)  # type: ignore[arg-type]
        for kind in AAPOR
    }
    assert {kind: rate.value for kind, rate in found.items()} == pytest.approx(AAPOR, abs=1e-6)  # KA-067
    assert found["RR1"].n == 1100
    assert np.isnan(found["RR1"].low)


def test_rates_need_what_they_rest_on() -> None:
    for kind, eligible in (("RR3", None), ("RR4", None), ("RR1", 0.5), ("RR3", 1.5), ("RR7", None)):
        with pytest.raises(ValueError, match=r"eligible|kind"):
            response_rate(CASES, kind, eligible=eligible)  # type: ignore[arg-type]
    nobody = response_rate(Dispositions(0), "RR1")
    assert np.isnan(nobody.value)
    assert nobody.n == 0
    assert nobody.notes == ("nobody was asked",)
    assert np.isnan(response_rate(Dispositions(0, unknown=9), "RR5").value)
    with pytest.raises(ValueError, match="zero or more"):
        Dispositions(-1)
    with pytest.raises(ValueError, match="a label each"):
        Dispositions([1, 2], labels=("a", "b", "c"))


def survey(who: str, about: str, *answers: Fact) -> list[Fact]:
    items = tuple(item.name for item in HOTEL_STAY.items)
    return [SurveyRequested(who, DAY, "stay", items, within=days(9), about=about, id=f"q-{who}"), *answers]


def told(who: str, item: str, score: float | None, day: int = 1) -> Answer:
    return Answer(who, DAY + days(day), f"hotel.{item}", score, ref=f"q-{who}")


def test_rate_of_a_base() -> None:  # rule R40
    base = FactTable.of(
        [
            *survey("ada", "Lyon", told("ada", "stay", 9), told("ada", "service", 8)),
            *survey("bob", "Lyon", told("bob", "stay", 2), told("bob", "service", None)),
            *survey("cleo", "Nice", told("cleo", "stay", None), told("cleo", "service", 11)),
            *survey("dan", "Nice"),
            Answer("eve", DAY, "hotel.stay", 5),  # asked by nobody
            Answer("dan", DAY, "hotel.stay", 5, ref="q-ada"),  # another's request
        ]
    )
    cases = dispositions(base, second="reject", items=HOTEL_STAY.items)
    found = [float(getattr(cases, a)[0]) for a in ("complete", "partial", "refused", "not_contacted")]
    assert found == [1, 1, 1, 1]
    assert response_rate(cases, "RR2").value == 0.5
    by = response_rate(dispositions(base, second="reject", items=HOTEL_STAY.items, by="about"), "RR1")
    assert (by["Lyon"].value, by["Nice"].value, by["Nice"].n) == (0.5, 0.0, 2)
    assert float(dispositions(base, second="reject").partial[0]) == 2  # without its scale, 11 is a number
    nobody = dispositions(FactTable.of([]), second="reject", by="about")
    assert len(response_rate(nobody, "RR1")) == 0


def test_a_rejected_answer_answers_nothing() -> None:  # rule R39
    base = FactTable.of(survey("ada", "", told("ada", "stay", 99), told("ada", "stay", 9, day=2)))
    counted = [dispositions(base, second=s, items=HOTEL_STAY.items) for s in ("reject", "correct")]
    assert [float(cases.refused[0]) for cases in counted] == [1, 0]


def test_kish() -> None:
    weights = [1, 1, 2, 4]
    assert effective_size(weights) == pytest.approx(2.9090909, abs=1e-6)  # KA-068
    assert design_effect(weights) == pytest.approx(1.375, abs=1e-6)  # KA-068
    assert effective_size([1e300, 1e300]) == 2.0
    assert effective_size(np.full(7, 0.1)) == pytest.approx(7)
    assert np.isnan(effective_size([]))
    assert np.isnan(design_effect([0, 0]))
    with pytest.raises(ValueError, match="zero or more"):
        effective_size([1, -1])


def test_poststratification() -> None:
    rng = np.random.default_rng(68)
    strata = np.repeat(["a", "b", "c"], (40, 25, 10))
    scores = rng.normal(5, 2, 75) + np.repeat([0, 1, 3], (40, 25, 10))
    shares = {"a": 0.2, "b": 0.3, "c": 0.5}
    found = poststratified(scores, strata, shares)
    groups = {name: scores[strata == name] for name in shares}
    value = sum(shares[name] * group.mean() for name, group in groups.items())
    variance = sum(shares[n] ** 2 * group.var(ddof=1) / len(group) for n, group in groups.items())
    reach = stats.norm.ppf(0.975) * np.sqrt(variance)
    assert (found.value, found.low, found.high) == pytest.approx((value, value - reach, value + reach), rel=1e-12)
    weights = poststratify(strata, {"a": 20, "b": 30, "c": 50})  # counts do as well
    assert np.average(scores, weights=weights) == pytest.approx(value, rel=1e-12)
    assert weights.mean() == pytest.approx(1)
    assert found.n_eff == pytest.approx(effective_size(weights))


def test_an_empty_stratum_is_an_error() -> None:
    shares = {"a": 0.5, "b": 0.5}
    with pytest.raises(InvalidFactError, match="nobody in 'b'"):
        poststratify(["a", "a"], shares)
    with pytest.raises(InvalidFactError, match="nobody in 'b'"):
        poststratified([1, np.nan], ["a", "b"], shares)  # a missing score fills no stratum
    with pytest.raises(InvalidFactError, match="respondents in 'c'"):
        poststratify(["a", "b", "c"], shares)
    with pytest.raises(InvalidFactError, match="nobody in 'b'"):
        rake({"x": ["a", "a"]}, {"x": shares})
    assert poststratify(["a", "a"], {"a": 1, "b": 0}).tolist() == [1, 1]  # nobody there to stand for
    single = poststratified([1, 3, 5], ["a", "a", "b"], shares)
    assert single.value == 3.5
    assert np.isnan(single.low)
    assert single.notes
    gone = poststratified([np.nan], ["a"], {"a": 1})
    assert np.isnan(gone.value)
    assert (gone.n, gone.missing) == (0, 1)


def test_raking() -> None:
    rng = np.random.default_rng(1940)
    sex, city = rng.choice(["f", "m"], 400, p=[0.7, 0.3]), rng.choice(["L", "N", "P"], 400)
    wanted = {"sex": {"f": 0.5, "m": 0.5}, "city": {"L": 0.2, "N": 0.3, "P": 0.5}}
    raked = rake({"sex": sex, "city": city}, wanted)
    assert raked.converged
    assert raked.miss <= 1e-9
    assert raked.weights.mean() == pytest.approx(1)
    for labels, shares in ((sex, wanted["sex"]), (city, wanted["city"])):
        for label, share in shares.items():
            assert raked.weights[labels == label].sum() / 400 == pytest.approx(share, abs=1e-9)
    odds = [  # raking keeps the odds ratios of the sample: equal weights to begin with leave them at one
        np.log(raked.weights[(sex == "f") & (city == c)][0] / raked.weights[(sex == "m") & (city == c)][0])
        for c in "LNP"
    ]
    assert np.ptp(odds) < 1e-9
    assert not rake({"sex": sex, "city": city}, wanted, steps=1).converged


def test_raking_says_where_it_cannot() -> None:
    both = {"x": ["a", "b"], "y": ["a", "b"]}  # x and y are the same, and are wanted to differ
    raked = rake(both, {"x": {"a": 0.5, "b": 0.5}, "y": {"a": 0.9, "b": 0.1}}, steps=50)
    assert not raked.converged
    assert raked.steps == 50
    assert raked.miss == pytest.approx(0.4)
    with pytest.raises(InvalidFactError, match="no weight"):
        rake({"x": ["a", "b"]}, {"x": {"a": 0.5, "b": 0.5}}, start=[1, 0])
    with pytest.raises(ValueError, match="same names"):
        rake({"x": ["a"]}, {"y": {"a": 1}})


def test_probes_of_nonresponse() -> None:
    one, other = np.array([9, 8, 10, 7.5]), np.array([4, 6, 5, 8, 2, np.nan])
    welch = stats.ttest_ind(one, other, equal_var=False, nan_policy="omit").confidence_interval()
    found = wave_contrast(one, other)
    assert (found.low, found.high) == pytest.approx(tuple(welch), rel=1e-9)
    assert (found.n, found.missing) == (9, 1)
    bias = nonresponse_bias(0.4, one, other)
    assert bias.value == pytest.approx(0.6 * found.value)
    assert bias.high == pytest.approx(0.6 * found.high)
    assert bias.se == pytest.approx(0.6 * found.se)
    assert nonresponse_bias(1, one, other).value == 0.0
    nobody = wave_contrast([], one)
    assert np.isnan(nobody.value)
    assert nobody.n == 0
    assert nobody.notes == ("nobody in early",)
    with pytest.raises(ValueError, match="response rate"):
        nonresponse_bias(1.2, one, other)
