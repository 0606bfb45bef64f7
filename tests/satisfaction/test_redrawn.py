"""Respondents drawn again by pattern give the figures that the rows drawn one by one give."""

import numpy as np
import pytest

from relmkt.satisfaction import drivers, importance_performance, repairs
from relmkt.satisfaction._redrawn import Patterns, column_means, correlations
from relmkt.satisfaction._weights import derived, r_squared
from relmkt.scales import Item, Scale
from relmkt.scales._bootstrap import bounds

TEN = Scale(1, 10)
ITEMS, STAY = TEN.items("bed", "bus", "bar"), Item("stay", TEN)


def answered(seed: int, n: int, gaps: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1))
    told = np.clip(np.rint(5.5 + 2 * (common + rng.normal(size=(n, 4)))), 1, 10)
    return np.where(rng.random((n, 4)) < gaps, np.nan, told)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n", [5, 40, 20_000])
def test_sums_over_patterns_are_sums_over_respondents(seed: int, n: int) -> None:
    cells = answered(seed, n)
    told = Patterns.of(cells)
    assert np.array_equal(told.rows.T[told.place], cells, equal_nan=True)
    rows = np.random.default_rng(seed).integers(0, n, n)
    (counts, places), _ = told.drawn(np.random.default_rng(seed), 2)
    again = cells[rows]
    assert np.array_equal(told.rows.T[places], again, equal_nan=True)
    assert np.allclose(column_means(told.rows, counts), np.nanmean(again, axis=0), rtol=1e-14), f"seed {seed}"
    whole = ~np.isnan(told.rows).any(axis=0)
    kept = again[~np.isnan(again).any(axis=1)]
    if len(kept) > 2 and (np.ptp(kept, axis=0) > 0).all():
        found = correlations(told.rows[:, whole], counts[whole])
        assert np.allclose(found, np.corrcoef(kept.T), atol=1e-12), f"seed {seed}"


def test_what_does_not_vary_in_a_draw_has_no_correlation() -> None:
    rows = np.array([[0.1, 0.1, 0.3], [1.0, 2.0, 3.0]])
    assert np.isnan(correlations(rows, np.array([5.0, 7.0, 0.0]))[0]).all()
    assert np.isfinite(correlations(rows, np.array([5.0, 7.0, 1.0]))).all()
    rare = correlations(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1e9, 1.0]))
    assert np.allclose(rare, [[1, -1], [-1, 1]])


def test_many_items_have_patterns_too() -> None:
    cells = np.random.default_rng(3).integers(1, 11, (500, 40)).astype(np.float64)
    told = Patterns.of(cells)
    assert np.array_equal(told.rows.T[told.place], cells)
    assert Patterns.of(np.empty((0, 3))).rows.shape == (3, 0)
    nobody = np.array([[np.nan, 3.0], [np.nan, 3.0], [np.nan, 4.0]])
    assert np.array_equal(Patterns.of(nobody).rows, np.array([[np.nan, np.nan], [3, 4]]), equal_nan=True)


def plain(cells: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """Relative weights over R² and shortfalls below 8, of rows drawn one by one."""
    rng, out = np.random.default_rng(seed), []
    for _ in range(resamples):
        again = cells[rng.integers(0, len(cells), len(cells))]
        kept = again[~np.isnan(again).any(axis=1)]
        told = np.corrcoef(kept.T)
        among, withal = told[:3, :3], told[:3, 3]
        weight = derived("relative weights", among, withal) / r_squared(among, withal)
        out.append([*weight, *np.nanmean(np.maximum(8 - again[:, :3], 0) / 9, axis=0)])
    return np.array(out)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_repairs_and_importance_are_those_of_rows_drawn_one_by_one(seed: int) -> None:
    cells, resamples = answered(seed, 300), 40
    draws = plain(cells, seed, resamples)
    lines = repairs(cells, ITEMS, STAY, target=8, rng=np.random.default_rng(seed), resamples=resamples)
    for line in lines:
        place = [item.name for item in ITEMS].index(line.item)
        value = np.array([line.importance.value, line.shortfall.value])
        low, high, error = bounds(draws[:, [place, 3 + place]], 0.95, value)
        parts = (line.importance, line.shortfall)
        assert np.allclose([part.low for part in parts], low, rtol=1e-12)
        assert np.allclose([part.high for part in parts], high, rtol=1e-12)
        assert np.allclose([part.se for part in parts], error, rtol=1e-10)
    found = importance_performance(
        cells,
        ITEMS,
        importance="correlation",
        overall=STAY,
        cut="median",
        rng=np.random.default_rng(seed),
        resamples=resamples,
    )
    rng, told = np.random.default_rng(seed), []
    for _ in range(resamples):
        again = cells[rng.integers(0, 300, 300)]
        told.append(np.corrcoef(again[~np.isnan(again).any(axis=1)].T)[:3, 3])
    assert np.allclose(found.importance.low, bounds(np.array(told), 0.95, found.importance.value)[0], rtol=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_drivers_and_their_noise_are_those_of_rows_drawn_one_by_one(seed: int) -> None:
    cells, resamples = answered(seed, 300, gaps=0), 40
    found = drivers(cells, ITEMS, STAY, rng=np.random.default_rng(seed), resamples=resamples)
    rng, weights, over = np.random.default_rng(seed), [], []
    for _ in range(resamples):
        again = cells[rng.integers(0, 300, 300)]
        told = np.corrcoef(np.column_stack([again[:, :3], rng.normal(size=300), again[:, 3]]).T)
        weights.append(derived("relative weights", told[:3, :3], told[:3, 4]))
        noisy = derived("relative weights", told[:4, :4], told[:4, 4])
        over.append(noisy[:3] - noisy[3])
    low, high, error = bounds(np.array(weights), 0.95, found.weights.value)
    for one, other in ((found.weights.low, low), (found.weights.high, high), (found.weights.se, error)):
        assert np.allclose(one, other, rtol=1e-9)
    low, high, _ = bounds(np.array(over), 0.95)
    assert np.allclose(found.above_noise.low, low, rtol=1e-9, atol=1e-12)
    assert np.allclose(found.above_noise.high, high, rtol=1e-9)
