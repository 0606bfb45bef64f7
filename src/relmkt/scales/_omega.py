"""How much of a sum of items is one factor? McDonald's omega of congeneric items.

McDonald (1999), Test Theory, chapter 6: one factor, each item with its own loading and its own uniqueness; omega is the
factor's share of the variance that the model gives the sum. The loadings are minimum residuals (Harman & Jones 1966,
Factor Analysis by Minimizing Residuals, Psychometrika 31(3), 351-368): they ask nothing of the shape of the answers,
and pairwise correlations, which may belong to no complete answers, do for them. The standard error is the delta method
on the respondents' own products, without normality (Maydeu-Olivares, Coffman & Hartmann 2007, Asymptotically
Distribution-Free Interval Estimation of Coefficient Alpha, Psychological Methods 12(2), 157-176, do so for alpha).
"""

from __future__ import annotations

from math import nan

import numpy as np
from attrs import evolve

from relmkt.estimate import Estimate
from relmkt.scales._alpha import reliability_interval
from relmkt.scales._bootstrap import bounds
from relmkt.scales._moments import Floats, Missing, Moments, correlations, moments

__all__ = ["loadings", "omega", "omega_redrawn"]

_SWEEPS, _CLOSE, _BOUND = 20_000, 1e-13, 1 - 1e-9


def loadings(found: Floats) -> Floats:
    """The loadings of one factor on k items, from their correlations, of shape (…, k, k); returns shape (…, k).

    Each in turn is the least squares of its own correlations given the others, within [−1, 1], until none moves.

    >>> loadings(np.array([[1, 0.56, 0.42], [0.56, 1, 0.48], [0.42, 0.48, 1]])).round(6).tolist()
    [0.7, 0.8, 0.6]
    """
    size, vectors = np.linalg.eigh(found)
    told = vectors[..., -1] * np.sqrt(np.maximum(size[..., -1:], 0))
    told = np.asarray(told * np.where(told.sum(axis=-1, keepdims=True) < 0, -1, 1), np.float64)
    off = found * (1 - np.eye(found.shape[-1]))
    for _ in range(_SWEEPS):
        before = told.copy()
        for place in range(found.shape[-1]):
            over = (off[..., place, :] * told).sum(axis=-1)
            under = (told**2).sum(axis=-1) - told[..., place] ** 2
            share = np.divide(over, under, out=np.zeros_like(over), where=under > 0)
            told[..., place] = np.clip(share, -1, 1)
        if np.abs(told - before).max() <= _CLOSE:
            break
    return told


def _share(spread: Floats, told: Floats) -> Floats:
    """Omega, from the items' standard deviations and their standardised loadings."""
    common = (spread * told).sum(axis=-1) ** 2
    found: Floats = common / (common + (spread**2 * (1 - told**2)).sum(axis=-1))
    return found


def omega(seen: Moments, *, level: float) -> Estimate:
    """Omega of at least three items that all vary, with an interval on ln(1 − omega)."""
    spread, between = np.sqrt(np.diag(seen.covariances)), correlations(seen.covariances)
    told = loadings(between)
    value = float(_share(spread, told))
    if (np.abs(told) >= _BOUND).any():
        note = "an item is all common factor (a Heywood case): no interval"
        return Estimate(value, level=level, method="one factor", notes=note, **seen.told())
    error = _error(seen, spread, between, told)
    if not 0 < error < np.inf or value >= 1 or seen.n < 3:
        return Estimate(value, level=level, method="one factor", **seen.told())
    plain = reliability_interval(value, error, seen.n, level=level)
    low = min(max(plain.low, 0.0), value)
    plain = evolve(plain, low=low, high=max(plain.high, value), method="one factor, distribution-free")
    return evolve(plain, missing=seen.missing, invalid=seen.invalid)


def _error(seen: Moments, spread: Floats, between: Floats, told: Floats) -> float:
    """The standard error of omega: how far each respondent's products of answers move it."""
    by_loading, by_spread = _slopes(spread, told)
    bent = between - 2 * np.outer(told, told)
    np.fill_diagonal(bent, told**2 - (told**2).sum())
    try:
        pull = -np.linalg.solve(bent.T, by_loading)
    except np.linalg.LinAlgError:
        return nan
    weight = (np.outer(pull, told) + np.outer(told, pull)) / 2
    np.fill_diagonal(weight, 0)
    np.fill_diagonal(weight, by_spread * spread / 2 - (weight * between).sum(axis=1))
    weight *= seen.n / seen.pairs
    z = (seen.values - seen.means) / spread
    if seen.complete:
        moved = ((z @ weight) * z).sum(axis=1)
    else:
        there = ~np.isnan(z)
        z = np.where(there, z, 0.0)
        moved = ((z @ weight) * z).sum(axis=1) - there @ (by_spread * spread / 2 * seen.n / np.diag(seen.pairs))
    return float(moved.std(ddof=1) / np.sqrt(seen.n))


def _slopes(spread: Floats, told: Floats) -> tuple[Floats, Floats]:
    """How omega moves with each loading, and with each standard deviation."""
    total = float((spread * told).sum())
    own = 1 - told**2
    whole = total**2 + float((spread**2 * own).sum())
    by_loading = 2 * total * spread * (whole - total**2 + total * spread * told) / whole**2
    by_spread = 2 * total * (told * (whole - total**2) - total * spread * own) / whole**2
    return by_loading, by_spread


def omega_redrawn(
    plain: Estimate, values: Floats, *, missing: Missing, rng: np.random.Generator, resamples: int, level: float
) -> Estimate:
    """Omega with the percentiles of respondents drawn again (Efron 1979) for its interval.

    plain: omega of all. values: shape (respondents, k). Draws in which an item does not vary are passed over.
    """
    if resamples < 2:
        raise ValueError(f"resamples: expected 2 or more, got {resamples}")
    drawn = [moments(values[rng.integers(0, len(values), len(values))], missing=missing) for _ in range(resamples)]
    kept = np.array([one.covariances for one in drawn if (np.diag(one.covariances) > 0).all()])
    kept = kept[~np.isnan(kept).any(axis=(1, 2))] if kept.size else kept
    if len(kept) < 2:
        return evolve(plain, low=nan, high=nan, se=nan, method="one factor, bootstrap")
    found = _share(np.sqrt(np.diagonal(kept, axis1=1, axis2=2)), loadings(correlations(kept)))
    (low,), (high,), (se,) = bounds(found[:, None], level)
    return evolve(plain, low=low, high=high, se=se, method="one factor, bootstrap", notes=())
