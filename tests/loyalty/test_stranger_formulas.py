"""Types of loyalty and resonance another way: plain loops, intervals of scipy and statsmodels, simulated growth."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import multinomial_proportions_confint

from relmkt.estimate import Estimate
from relmkt.loyalty._grid import loyalty_grid
from relmkt.loyalty._resonance import amplification, resonance
from relmkt.loyalty._spurious import spurious_share
from relmkt.loyalty._type import loyalty_table, loyalty_type

KINDS = ("true", "latent", "spurious", "none")
CASES = [  # seed, customers, cuts, what stands on a cut
    (1, 37, (4.5, 3.0), (">=", ">=")),
    (2, 200, ("median", "median"), (">", ">=")),
    (3, 61, (5.0, 2.0), (">=", ">")),
]


def drawn(seed, n):
    """Attitudes in half points and purchases, both with many ties, some of each unknown."""
    rng = np.random.default_rng(seed)
    attitude, bought = np.round(rng.uniform(1, 7, n) * 2) / 2, rng.poisson(3, n).astype(float)
    attitude[rng.random(n) < 0.1], bought[rng.random(n) < 0.05] = np.nan, np.nan
    return attitude, bought


def wilson(k, n, level=0.95):
    told = stats.binomtest(k, n).proportion_ci(level, "wilson")
    return told.low, told.high


def by_hand(attitude, bought, cuts, high):
    """The type of each customer, one at a time."""
    known = ~np.isnan(attitude) & ~np.isnan(bought)
    axes = (attitude, bought)
    limits = [np.percentile(axis[known], 50) if cut == "median" else cut for axis, cut in zip(axes, cuts, strict=True)]
    told = []
    for pair in zip(*axes, strict=True):
        if np.isnan(pair).any():
            told.append("unknown")
            continue
        sides = [x >= c if h == ">=" else x > c for x, c, h in zip(pair, limits, high, strict=True)]
        told.append(
            {(True, True): "true", (True, False): "latent", (False, True): "spurious"}.get(tuple(sides), "none")
        )
    return told


@pytest.mark.parametrize("seed, n, cuts, high", CASES)
def test_types_and_their_shares(seed, n, cuts, high):
    attitude, bought = drawn(seed, n)
    options = {"attitude_cut": cuts[0], "behaviour_cut": cuts[1], "attitude_high": high[0], "behaviour_high": high[1]}
    expected = by_hand(attitude, bought, cuts, high)
    assert loyalty_type(attitude, bought, **options).tolist() == expected
    counts = [expected.count(kind) for kind in KINDS]
    table = loyalty_table(attitude, bought, **options)
    alone, together = table.shares(level=0.9), table.shares(interval="Goodman")
    for kind, count in zip(KINDS, counts, strict=True):
        told = alone[kind]
        assert told.value == pytest.approx(count / sum(counts), abs=1e-12)
        assert (told.low, told.high) == pytest.approx(wilson(count, sum(counts), 0.9), abs=1e-9)
    bounds = multinomial_proportions_confint(counts, 0.05, "goodman")
    assert np.column_stack([together.low, together.high]) == pytest.approx(bounds, abs=1e-9)


@pytest.mark.parametrize("seed, n, cuts, high", CASES)
def test_the_spurious_share_of_customers_and_of_purchases(seed, n, cuts, high):
    attitude, bought = drawn(seed, n)
    options = {"attitude_cut": cuts[0], "behaviour_cut": cuts[1], "attitude_high": high[0], "behaviour_high": high[1]}
    expected = np.array(by_hand(attitude, bought, cuts, high))
    spurious, repeat = int((expected == "spurious").sum()), int(np.isin(expected, ["true", "spurious"]).sum())
    told = spurious_share(attitude, bought, **options)
    assert (told.value, told.n) == (pytest.approx(spurious / repeat), repeat)
    assert (told.low, told.high) == pytest.approx(wilson(spurious, repeat), abs=1e-9)

    weight = np.random.default_rng(seed).poisson(4, n).astype(float)
    inside = np.isin(expected, ["true", "spurious"])
    w, hit = weight[inside], (expected[inside] == "spurious").astype(float)
    p = np.average(hit, weights=w)
    spread = np.sum((w * (hit - p)) ** 2) / w.sum() ** 2
    size, z = min(p * (1 - p) / spread, w.sum() ** 2 / np.sum(w**2)), stats.norm.ppf(0.975)
    middle, half = p + z * z / 2 / size, z * np.sqrt(p * (1 - p) / size + z * z / 4 / size**2)
    told = spurious_share(attitude, bought, **options, purchases=weight)
    bounds = ((middle - half) / (1 + z * z / size), (middle + half) / (1 + z * z / size))
    assert (told.value, told.low, told.high) == pytest.approx((p, *bounds), abs=1e-9)


def tertiles(values):
    """Type 7 quantiles by fractions: what stands exactly on a cut is told by no rounding."""
    told = sorted(map(Fraction, values.tolist()))
    places = [Fraction((len(told) - 1) * k, 3) for k in (1, 2)]
    pairs = [(told[int(h)], told[min(int(h) + 1, len(told) - 1)], h - int(h)) for h in places]
    return [float(low + (high - low) * rest) for low, high, rest in pairs]


@pytest.mark.parametrize("seed, n", [(4, 50), (5, 200), (6, 61)])
def test_nine_cells_at_the_tertiles(seed, n):
    attitude, bought = drawn(seed, n)
    known = ~np.isnan(attitude) & ~np.isnan(bought)
    levels = [np.digitize(axis[known], tertiles(axis[known])) for axis in (attitude, bought)]
    counts = np.zeros((3, 3), int)
    np.add.at(counts, tuple(levels), 1)
    told = loyalty_grid(attitude, bought, attitude_cuts="tertile", behaviour_cuts="tertile")
    assert told.counts.tolist() == counts.tolist()


@pytest.mark.parametrize("seed, n", [(7, 25), (8, 260), (9, 3)])
def test_resonance_of_the_satisfied_and_of_all(seed, n):
    rng = np.random.default_rng(seed)
    pleased, spoke = (rng.random(n) < 0.6).astype(float), rng.poisson(0.4, n).astype(float)
    hits, among = int(((pleased == 1) & (spoke >= 1)).sum()), int(pleased.sum())
    told, everyone = (resonance(pleased, spoke, within="2025", over=over) for over in ("satisfied", "all"))
    assert (told.value, told.n, everyone.value) == (pytest.approx(hits / among), among, pytest.approx(hits / n))
    assert (told.low, told.high) == pytest.approx(wilson(hits, among), abs=1e-9)
    assert (everyone.low, everyone.high) == pytest.approx(wilson(hits, n), abs=1e-9)


def test_amplification_is_the_growth_of_a_simulated_family():
    rng, families = np.random.default_rng(10), 20_000
    living, total = np.ones(families), np.ones(families)
    while living.any():
        living = rng.poisson(0.3 * living)
        total += living
    error = total.std(ddof=1) / np.sqrt(families)
    assert amplification(0.6, 0.5).total.value == pytest.approx(total.mean(), abs=4 * error)


def test_the_interval_of_a_product_is_that_of_draws():
    rng = np.random.default_rng(11)
    told = amplification(Estimate(0.8, n=50, se=0.05), Estimate(0.25, n=100, se=0.02))
    draws = rng.normal(0.8, 0.05, 400_000) * rng.normal(0.25, 0.02, 400_000)
    assert (told.k.high - told.k.low) / 2 == pytest.approx(stats.norm.ppf(0.975) * draws.std(), rel=0.01)


@pytest.mark.parametrize("seed", [12, 13, 14])
def test_the_order_of_customers_and_the_unit_of_purchases_decide_nothing(seed):
    attitude, bought = drawn(seed, 80)
    rng = np.random.default_rng(seed)
    weight, mixed = rng.poisson(4, 80).astype(float), rng.permutation(80)
    options = {"attitude_cut": "median", "behaviour_cut": "median"}
    one = loyalty_table(attitude, bought, **options)
    other = loyalty_table(attitude[mixed], bought[mixed], **options)
    assert one.counts == other.counts
    assert one.labels[mixed].tolist() == other.labels.tolist()
    single = spurious_share(attitude, bought, **options, purchases=weight)
    again = spurious_share(attitude[mixed], bought[mixed], **options, purchases=3 * weight[mixed])
    assert (again.value, again.low, again.high) == pytest.approx((single.value, single.low, single.high), abs=1e-12)
    assert 0 <= single.low <= single.value <= single.high <= 1
