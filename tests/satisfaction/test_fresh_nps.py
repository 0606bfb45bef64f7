"""NPS, CSAT and CES on data of no other test, each by a second route: counts by hand, statsmodels, printed tables."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from relmkt.satisfaction import EFFORT_QUESTION, ces, ces_net, csat, mean_score, nps, nps_change, nps_difference
from relmkt.satisfaction._sample_size import share_sample_size
from relmkt.scales import Item, Scale, ShareInterval, share_estimate

FIVE = Item("visit", Scale(1, 5))
TEN = [3] * 2 + [7] * 3 + [10] * 5
COUNTS = [(1, 2, 3), (0, 5, 0), (7, 0, 0), (13, 17, 70), (25_000, 35_000, 40_000)]
ADDED = {"Wald": (0, 0, 0), "adjusted Wald": (0.75, 1.5, 0.75), "Bonett-Price": (1, 0, 1)}


def answers(detractors: int, passives: int, promoters: int) -> np.ndarray[Any, Any]:
    return np.repeat([0, 8, 9], [detractors, passives, promoters])


def by_hand(counts: tuple[int, ...], added: tuple[float, ...], level: float) -> tuple[float, float]:
    d, p, r = (count + more for count, more in zip(counts, added, strict=True))
    codes, weights = np.array([-1, 0, 1]), np.array([d, p, r]) / (d + p + r)
    centre = float(codes @ weights)
    error = math.sqrt(float((codes - centre) ** 2 @ weights) / (d + p + r))
    reach = stats.norm.ppf((1 + level) / 2) * error
    return max(100 * (centre - reach), -100.0), min(100 * (centre + reach), 100.0)


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("level", [0.8, 0.9, 0.99])
def test_intervals_are_those_of_the_codes(counts: tuple[int, int, int], level: float) -> None:
    for interval, added in ADDED.items():
        found = nps(answers(*counts), interval=interval, level=level)  # type: ignore[arg-type]
        assert (found.low, found.high) == pytest.approx(by_hand(counts, added, level), abs=1e-9)


def test_a_million_answers() -> None:
    told = np.random.default_rng(6).integers(0, 11, 1_000_000)
    codes = (told >= 9) * 1.0 - (told <= 6)
    found = nps(told)
    assert (found.value, found.se) == pytest.approx((100 * codes.mean(), codes.std() / 10), abs=1e-9)
    assert found.high - found.low == pytest.approx(2 * stats.norm.ppf(0.975) * found.se, rel=1e-4)


def test_weights_some_of_them_nothing() -> None:
    rng = np.random.default_rng(21)
    told, weights = rng.integers(0, 11, 200), rng.exponential(size=200) * (rng.random(200) > 0.2)
    codes = (told >= 9) * 1.0 - (told <= 6)
    mean, n_eff = np.average(codes, weights=weights), weights.sum() ** 2 / (weights**2).sum()
    found = nps(told, weights=weights, interval="Wald")
    error = math.sqrt(np.average((codes - mean) ** 2, weights=weights) / n_eff)
    assert (found.value, found.se, found.n_eff, found.n) == pytest.approx((100 * mean, 100 * error, n_eff, 200))
    for factor in (1e-300, 1e-9, 1e300):  # SCIENCE property 2
        same = nps(told, weights=weights / weights.max() * factor, interval="Wald")
        assert (same.value, same.low, same.n_eff) == pytest.approx((found.value, found.low, n_eff))


def test_no_weight_at_all_is_unknown_and_says_so() -> None:
    rng = np.random.default_rng(1)
    told = [
        nps([10, 9], weights=[0, 0]),
        nps([10, 9], weights=[0, 0], interval="bootstrap", rng=rng),
        csat([5, 4], item=FIVE, weights=[0, 0]),
        mean_score([5, 4], item=FIVE, weights=[0, 0]),
        nps_difference([10], [3, 9], weights=([0], None)).difference,
    ]
    for one in told:
        assert np.isnan([one.value, one.low, one.high]).all()
        assert one.notes[0] == "no answer has a weight above 0"
    part = nps([10, 9, 3], by=list("aab"), weights=[0, 0, 1])
    assert (math.isnan(part["a"].value), part["b"].value) == (True, -100)
    assert part.notes == ("no answer has a weight above 0",)


def test_one_answer_that_bears_all_the_weight_has_no_spread() -> None:
    assert math.isnan(nps([10, 0], weights=[1, 0]).low)
    assert math.isnan(nps_difference([10, 0], [3, 9], weights=([1, 0], None)).difference.low)
    alone = nps_difference([10], [3], interval="adjusted Wald")
    assert (alone.difference.value, alone.difference.n) == (-200, 2)
    assert np.isnan([alone.difference.low, alone.z, alone.p_value]).all()


@pytest.mark.parametrize("interval", ["Wald", "adjusted Wald", "Bonett-Price"])
def test_the_interval_of_a_census_is_its_value(interval: Any) -> None:
    found = nps(TEN, population=10, interval=interval)
    assert (found.low, found.high, found.se) == pytest.approx((30, 30, 0))
    both = nps_difference(TEN, TEN[:8], population=(10, 8), interval=interval).difference
    assert (both.low, both.high) == pytest.approx((both.value, both.value))
    assert nps(TEN, population=1e12, interval=interval).low == pytest.approx(nps(TEN, interval=interval).low)
    nearly = nps(TEN, population=11, interval=interval)
    assert nearly.low < 30 < nearly.high
    assert nearly.se == pytest.approx(nps(TEN).se * math.sqrt(1 / 10))


def test_two_samples_and_the_same_people_by_their_codes() -> None:
    rng = np.random.default_rng(8)
    one, other = rng.integers(0, 11, (2, 80))
    before, after = ((told >= 9) * 1.0 - (told <= 6) for told in (one, other))
    apart, change = nps_difference(one, other, level=0.9), nps_change(one, other)
    error = math.sqrt((before.var() + after.var()) / 80)
    assert apart.z == pytest.approx((after - before).mean() / error)
    assert apart.p_value == pytest.approx(2 * stats.norm.sf(abs(apart.z)))
    assert apart.difference.high - apart.difference.low == pytest.approx(200 * stats.norm.ppf(0.95) * error)
    paired = (after - before).std() / math.sqrt(80)
    assert (change.difference.se, change.z) == pytest.approx((100 * paired, (after - before).mean() / paired))
    few = nps_difference(one, other, population=(100, 1_000)).difference
    assert few.se == pytest.approx(100 * math.sqrt(before.var() / 80 * 20 / 99 + after.var() / 80 * 920 / 999))


@pytest.mark.parametrize(
    "interval, x, n, low, high",
    [
        # Newcombe (1998), Statistics in Medicine 17, 857-872, table I
        ("Wilson", 15, 148, 0.0624, 0.1605),
        ("Clopper-Pearson", 15, 148, 0.0578, 0.1617),
        ("Clopper-Pearson", 81, 263, 0.2527, 0.3676),
        ("Clopper-Pearson", 0, 20, 0, 0.1684),
        ("Clopper-Pearson", 1, 29, 0.0009, 0.1776),
        ("Wald", 81, 263, 0.2522, 0.3638),
        ("Wald", 15, 148, 0.0527, 0.1500),
    ],
)
def test_newcombes_table(interval: ShareInterval, x: int, n: int, low: float, high: float) -> None:
    found = csat([5] * x + [1] * (n - x), item=FIVE, interval=interval)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("x, n", [(0, 1), (1, 1), (3, 7), (0, 1_000_000), (499_999, 1_000_000)])
@pytest.mark.parametrize("level", [0.9, 0.99])
def test_shares_at_their_ends_and_of_a_million(x: int, n: int, level: float) -> None:
    theirs = {"Wilson": "wilson", "Agresti-Coull": "agresti_coull", "Clopper-Pearson": "beta", "Wald": "normal"}
    for ours, name in theirs.items():
        found = share_estimate(x, n, interval=ours, level=level)  # type: ignore[arg-type]
        low, high = np.clip(np.nan_to_num(proportion_confint(x, n, 1 - level, name), nan=[0, 1]), 0, 1)
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_effort_is_not_turned_whichever_end_is_good() -> None:
    told = [1, 1, 2, 4]  # rule R38: the mean on its stated scale
    assert ces(told, item=EFFORT_QUESTION).value == 2
    assert ces(told).value == 2
    assert mean_score(told, item=EFFORT_QUESTION).value == 4  # which turns it, and says so
    ease = np.random.default_rng(2).integers(1, 8, 77)
    low, high = stats.t.interval(0.9, 76, ease.mean(), stats.sem(ease))
    assert (ces(ease, level=0.9).low, ces(ease, level=0.9).high) == pytest.approx((low, high))
    codes = (ease >= 6) * 1.0 - (ease <= 3)
    net = ces_net(ease, interval="Wald")
    assert (net.value, net.se) == pytest.approx((100 * codes.mean(), 100 * codes.std() / math.sqrt(77)))


def test_a_margin_is_half_of_a_width() -> None:  # a trap of SCIENCE part 5
    assert share_sample_size(0.1, share=0.5) == 97
    assert share_sample_size(0.1 / 2, share=0.5) == 385
    assert share_sample_size(0.1, share=0.4) == 93  # printed for a width of 0.2 at .4 by the R package statpsych
    # Krejcie & Morgan (1970), Educational and Psychological Measurement 30, 607-610, who round to the nearest
    for population, printed in ((100, 80), (500, 217), (1_000, 278), (5_000, 357), (10_000, 370), (75_000, 382)):
        assert share_sample_size(0.05, share=0.5, population=population) - printed in (0, 1)
    for share in (0.1, 0.37, 0.5):
        n = share_sample_size(0.04, share=share, level=0.9)
        reach = [stats.norm.ppf(0.95) * math.sqrt(share * (1 - share) / size) for size in (n, n - 1)]
        assert reach[0] <= 0.04 < reach[1]
    assert share_sample_size(0.1, share=0) == share_sample_size(5, share=0.5) == 1
    wrong: list[dict[str, Any]] = [{"margin": 0}, {"share": 1.1}, {"level": 95}, {"population": 0}, {"share": math.nan}]
    for told in wrong:
        with pytest.raises(ValueError, match="expected"):
            share_sample_size(**{"margin": 0.1, "share": 0.5, **told})
