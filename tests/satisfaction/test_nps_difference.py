"""Net Promoter Scores beside each other, resampled, of few people, and by period."""

import math
from typing import Any

import numpy as np
import pytest
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.satisfaction._nps import nps, nps_sample_size
from relmkt.satisfaction._nps_difference import nps_change, nps_difference
from relmkt.scales import Item, Scale

TEN = [3] * 2 + [7] * 3 + [10] * 5
MANY = [3] * 54 + [7] * 108 + [10] * 162


def codes(answers: Any) -> np.ndarray:
    told = np.asarray(answers)
    return (told >= 9).astype(float) - (told <= 6)


def test_what_is_added_is_three_answers() -> None:
    found = nps(TEN)  # KA-016
    assert (found.low + found.high) / 2 == pytest.approx(23.07692, abs=1e-4)
    assert (found.high - found.low) / 2 / stats.norm.ppf(0.975) == pytest.approx(21.49404, abs=1e-4)
    assert nps(TEN).value == 30
    assert nps(TEN, interval="Wald").se == pytest.approx(24.69818, abs=1e-4)


def test_the_bootstrap_is_near_wald_and_replays() -> None:
    def drawn(seed: int, **more: Any) -> Any:
        return nps(MANY, interval="bootstrap", rng=np.random.default_rng(seed), **more)

    wald, found = nps(MANY, interval="Wald"), drawn(4)
    assert (found.low, found.high) == pytest.approx((wald.low, wald.high), abs=1.5)
    assert found == drawn(4)
    assert found.method == "bootstrap"
    weighted = drawn(4, weights=np.ones(len(MANY)))  # the answers are drawn, not their counts
    assert (weighted.low, weighted.high) == pytest.approx((wald.low, wald.high), abs=1.5)
    with pytest.raises(ValueError, match="rng"):
        nps(MANY, interval="bootstrap")


def test_the_bootstrap_by_label() -> None:
    told = nps([10, 3, 9, 8, 10], by=list("aabbc"), interval="bootstrap", rng=np.random.default_rng(1))
    assert (told["a"].low, told["a"].high) == (-100, 100)
    assert (told["b"].low, told["b"].high) == (0, 100)
    assert math.isnan(told["c"].low)  # one answer has no spread


def test_a_population_that_is_known() -> None:
    whole, part = nps(MANY, interval="Wald"), nps(MANY, interval="Wald", population=1_000)
    rest = math.sqrt((1_000 - 324) / 999)
    assert part.se == pytest.approx(whole.se * rest)
    assert part.high - part.low == pytest.approx((whole.high - whole.low) * rest)
    everybody = nps(MANY, population=324)
    assert everybody.se == 0  # everybody was asked and answered
    by = ["a"] * 162 + ["b"] * 162
    told = nps(MANY, by=by, interval="Wald", population={"a": 1_000, "b": 162})
    assert told["b"].se == 0
    assert told["a"].se == pytest.approx(nps(MANY[:162]).se * math.sqrt((1_000 - 162) / 999))
    drawn = nps(MANY, interval="bootstrap", population=324, rng=np.random.default_rng(2))
    assert (drawn.low, drawn.high) == pytest.approx((drawn.value, drawn.value))


@pytest.mark.parametrize("told", [{"population": 323}, {"population": {"a": 5}}, {"by": ["a"] * 324, "population": 9}])
def test_a_population_is_not_smaller_and_named_as_the_groups(told: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="population"):
        nps(MANY, **told)


def test_sample_sizes() -> None:
    assert nps_sample_size(10) == 385  # KA-019
    assert nps_sample_size(10, variance=2 / 3) == 257
    assert nps_sample_size(5, variance=5 / 9) == 854
    for margin in range(2, 30):
        n = nps_sample_size(margin, population=200)
        reach = [stats.norm.ppf(0.975) * 100 * math.sqrt((200 - k) / 199 / k) for k in (n, n - 1)]
        assert reach[0] <= margin < reach[1]
    assert nps_sample_size(8, variance=0) == 1
    for wrong in ({"margin": 0}, {"margin": 5, "variance": 1.1}, {"margin": 5, "level": 95}):
        with pytest.raises(ValueError, match="margin"):
            nps_sample_size(**wrong)
    with pytest.raises(ValueError, match="population"):
        nps_sample_size(5, population=0)


def test_two_samples() -> None:
    one, other = MANY, TEN
    found = nps_difference(one, other)
    first, second = nps(one), nps(other)
    se = math.hypot(first.se, second.se)
    assert found.difference.value == pytest.approx(second.value - first.value)
    assert found.difference.se == pytest.approx(se)
    assert found.z == pytest.approx((second.value - first.value) / se)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(found.z)))
    assert found.difference.n == 334
    back = nps_difference(other, one)
    assert (back.z, back.difference.low) == pytest.approx((-found.z, -found.difference.high))


def test_two_samples_on_adjusted_counts() -> None:
    found = nps_difference([10] * 10, [2] * 10, interval="adjusted Wald")
    p, n = 10.75 / 13, 13  # ten promoters with the three answers added
    d = 0.75 / n
    se = math.sqrt(2 * (p + d - (p - d) ** 2) / n)
    assert found.difference.value == -200
    assert found.difference.se == 0
    assert found.z == pytest.approx(-2 * (p - d) / se)
    raw = nps_difference([10] * 10, [2] * 10)
    assert math.isnan(raw.z)
    assert math.isnan(raw.p_value)
    assert raw.difference.notes == ("the answers do not vary: there is nothing to test",)
    with pytest.raises(ValueError, match="interval"):
        nps_difference(TEN, TEN, interval="bootstrap")  # type: ignore[arg-type]


def test_two_samples_weighted_and_of_few_people() -> None:
    weights = [2, 1, 1, 1, 1, 2]
    found = nps_difference([10, 9, 8, 3, 0, 9], TEN, weights=(weights, None), population=(None, 10))
    assert found.difference.se == pytest.approx(37.10732, abs=1e-5)  # the second was asked whole
    assert found.difference.value == pytest.approx(30 - 37.5)


def test_a_sample_without_answers() -> None:
    for found in (nps_difference([], TEN), nps_difference(TEN, [None, 11]), nps_change([None], [9])):
        assert math.isnan(found.difference.value)
        assert found.difference.n == 0
        assert found.difference.notes
        assert math.isnan(found.p_value)


def test_the_same_people_twice() -> None:
    rng = np.random.default_rng(3)
    before = rng.integers(0, 11, 60)
    after = np.clip(before + rng.integers(-1, 3, 60), 0, 10)
    found, change = nps_change(before, after), codes(after) - codes(before)
    assert found.difference.value == pytest.approx(100 * change.mean())
    assert found.difference.se == pytest.approx(100 * change.std() / math.sqrt(60))
    assert found.z == pytest.approx(change.mean() / change.std() * math.sqrt(60))
    assert found.difference.se < nps_difference(before, after).difference.se  # their answers agree


def test_who_answered_once_is_in_neither_score() -> None:
    found = nps_change([10, 9, None, 3, 12], [9, None, 3, 10, 10]).difference
    assert (found.value, found.n, found.missing, found.invalid) == (100, 2, 3, 1)
    with pytest.raises(ValueError, match="the same people"):
        nps_change([1, 2], [1])


def test_tables_are_matched_by_subject() -> None:
    def told(month: int, **scores: float) -> FactTable:
        facts = [Answer(who, datetime(2026, month, 1), "recommend", score) for who, score in scores.items()]
        return FactTable.of([*facts, Answer("ada", datetime(2026, month, 2), "recommend", 9)])  # the newest counts

    found = nps_change(told(1, ada=0, bob=3, cleo=8), told(2, ada=0, cleo=10, dan=0)).difference
    assert (found.value, found.n) == (50, 2)
    with pytest.raises(TypeError, match="two tables"):
        nps_change(told(1, bob=3), [9])


FACTS = [
    Answer(f"g{n}", at, "recommend", score, about=about, id=f"{n}")
    for n, (at, score, about) in enumerate(
        [
            (datetime(2026, 1, 31, 23, 30), 10, "Lyon"),  # the first of February in Paris
            (datetime(2026, 2, 10), 3, "Lyon"),
            (datetime(2026, 2, 11), 9, "Nice"),
            (datetime(2026, 4, 2), 9, "Lyon"),
        ]
    )
]


def test_by_period_in_a_zone() -> None:
    table = FactTable.of(FACTS)
    utc, paris = nps(table, period="month"), nps(table, period="month", zone="Europe/Paris")
    assert utc.labels == ("2026-01", "2026-02", "2026-04")  # nobody answered in March
    assert utc.value.tolist() == [100, 0, 100]
    assert paris.labels == ("2026-02", "2026-04")
    assert paris["2026-02"].n == 3
    assert nps(table, period="quarter").labels == ("2026-Q1", "2026-Q2")
    assert nps(table, period="year").labels == ("2026",)
    assert nps(table, period="week").labels == ("2026-W05", "2026-W07", "2026-W14")
    assert nps(table, period="day").labels[0] == "2026-01-31"
    with pytest.raises(TypeError, match="period"):
        nps([9], period="month")


def test_by_group_and_period_with_a_minimum() -> None:
    told = nps(FactTable.of(FACTS), by="about", period="month", zone="Europe/Paris", least=2)
    assert told.labels == ("Lyon, 2026-02", "Lyon, 2026-04", "Nice, 2026-02")
    assert told.value.tolist() == [0, 100, 100]
    assert told.notes == ("fewer than 2 answers: Lyon, 2026-04; Nice, 2026-02",)
    assert nps([9, 3], least=3).notes == ("fewer than 3 answers",)
    assert nps([9, 3], least=2).notes == ()
    many = nps([9] * 8, by=list("abcdefgh"), least=2)
    assert many.notes == ("fewer than 2 answers: a; b; c; d; e and 3 more",)
    assert nps(FactTable.of([]), period="month").labels == ()


def test_who_does_not_know_has_not_answered() -> None:
    for codes_, unsure in (([99, 98], (99, 98)), (["don't know", "?"], ("don't know", "?")), ([99, "?"], (99, "?"))):
        told = nps([10, 3, *codes_, 11], unsure=unsure)  # rule R40
        assert (told.value, told.n, told.missing, told.invalid) == (0, 2, 2, 1)
        assert told.notes == ("2 who do not know are counted missing",)
    assert nps([10, 99]).invalid == 1  # unless it is said that it means so


def test_a_table_too_wide_is_summed_without_one() -> None:
    rng = np.random.default_rng(8)
    scores, who = rng.integers(-1, 11, 3_000).astype(float), rng.permutation(np.arange(3_000) % 1_700)
    wide = Item("wide", Scale(0, 100))
    told = nps(scores, item=wide, detractor=6, promoter=9, by=who)
    for label in ("7", "1699", "0"):
        own = scores[who == int(label)]
        assert told[label].n == (own >= 0).sum()
        assert told[label].invalid == (own < 0).sum()
        np.testing.assert_allclose(told[label].value, 100 * codes(own[own >= 0]).mean() if (own >= 0).any() else np.nan)


def test_the_variance_of_an_answer() -> None:
    for detractors, passives, promoters in [(1, 0, 1), (5, 0, 5), (1, 1, 1), (4, 1, 5), (0, 3, 0), (0, 0, 4)]:
        told = nps([3] * detractors + [7] * passives + [10] * promoters)
        v = (told.se / 100) ** 2 * told.n
        assert 0 <= v <= 1 + 1e-12
        assert (abs(v - 1) < 1e-12) == (
            passives == 0 and detractors == promoters
        )  # only where half are for and half against
        wider, narrower = told.high - told.low, nps(TEN * 40).high - nps(TEN * 40).low
        assert narrower < wider
