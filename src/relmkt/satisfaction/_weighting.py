"""Do those who answered stand for those who did not? Weights to known shares, and what weighting costs.

Kish (1965), Survey Sampling: the effective size of a weighted sample. Holt & Smith (1979), Post Stratification, JRSS A
142(1), 33-46. Deming & Stephan (1940), On a Least Squares Adjustment of a Sampled Frequency Table When the Expected
Marginal Totals are Known, Annals of Mathematical Statistics 11(4), 427-444: raking. Weights mend what the strata tell
apart and nothing else: within a stratum, respondents are still taken for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import InvalidFactError
from relmkt.scales._quantiles import normal_quantile

__all__ = ["Raked", "design_effect", "effective_size", "poststratified", "poststratify", "rake"]

Floats = NDArray[np.float64]


def _weights(weights: ArrayLike) -> Floats:
    told = np.asarray(weights, np.float64)
    if told.ndim != 1 or not (np.isfinite(told) & (told >= 0)).all():
        raise ValueError("weights: expected finite numbers, zero or more, shape (n,)")
    return told / told.max() if told.any() else told  # the scale decides nothing; huge weights must not overflow


def effective_size(weights: ArrayLike) -> float:
    """How many equal answers tell as much: Kish's (Σw)²/Σw²; NaN without a weight above zero.

    weights: one a respondent, shape (n,), zero or more. Raises ValueError for others.

    >>> round(effective_size([1, 1, 2, 4]), 4)
    2.9091

    Source: Kish 1965.
    """
    told = _weights(weights)
    return float(told.sum() ** 2 / (told**2).sum()) if told.any() else nan


def design_effect(weights: ArrayLike) -> float:
    """By how much weighting multiplies the variance of a mean: Kish's n·Σw²/(Σw)², n counting every weight given.

    weights: as for `effective_size`; NaN without a weight above zero. It holds where the weights have nothing to do
    with the answers, and is too large where they have.

    >>> design_effect([1, 1, 2, 4])
    1.375

    Source: Kish 1965.
    """
    told = _weights(weights)
    return len(told) / effective_size(told)


def _shares(given: Mapping[str, float], name: str) -> dict[str, float]:
    told = {str(stratum): float(share) for stratum, share in given.items()}
    total = sum(told.values())
    if not told or not all(0 <= share < np.inf for share in told.values()) or not total > 0:
        raise ValueError(f"{name}: expected shares or counts of the population, zero or more, not all zero")
    return {stratum: share / total for stratum, share in told.items()}


def _coded(labels: ArrayLike, shares: Mapping[str, float], name: str) -> tuple[NDArray[np.int64], Floats]:
    """The place of each respondent's stratum, and the shares by place. No stratum is empty, nobody is outside."""
    told = np.array([str(label) for label in np.asarray(labels).ravel().tolist()], np.str_)
    strata = sorted(shares)
    strange = sorted(set(told.tolist()) - shares.keys())
    if strange:
        raise InvalidFactError(name, f"respondents in {strange[0]!r}", "strata whose share is known")
    code = np.searchsorted(np.array(strata, np.str_), told).astype(np.int64)
    counts = np.bincount(code, minlength=len(strata))
    for stratum, count in zip(strata, counts.tolist(), strict=True):
        if not count and shares[stratum] > 0:
            raise InvalidFactError(name, f"nobody in {stratum!r}", "answers in each stratum: join it with another")
    return code, np.array([shares[stratum] for stratum in strata])


def poststratify(strata: ArrayLike, population: Mapping[str, float]) -> Floats:
    """A weight a respondent, so that the strata have their shares of the population: W_h·n/n_h, on average 1.

    strata: of each respondent, shape (n,). population: the share, or the count, of each stratum.
    Raises InvalidFactError for a stratum that nobody answered in, or a respondent in none of them.

    >>> poststratify(["Lyon", "Lyon", "Lyon", "Nice"], {"Lyon": 0.5, "Nice": 0.5}).round(4).tolist()
    [0.6667, 0.6667, 0.6667, 2.0]

    Source: Holt & Smith 1979.
    """
    code, shares = _coded(strata, _shares(population, "population"), "strata")
    return np.asarray((shares * len(code) / np.maximum(np.bincount(code, minlength=len(shares)), 1))[code])


def poststratified(
    values: ArrayLike, strata: ArrayLike, population: Mapping[str, float], *, level: float = 0.95
) -> Estimate:
    """The mean that the population would have: ȳ = Σ W_h·ȳ_h, with the normal interval of se² = Σ W_h²·s_h²/n_h.

    values: a score a respondent, NaN where missing; strata, population: as for `poststratify`, of those with a score.
    A stratum of one respondent has no spread: the mean then has no interval, and a note says so.

    >>> print(poststratified([9, 8, 10, 4, 6], ["a", "a", "a", "b", "b"], {"a": 0.5, "b": 0.5}))
    7.00 [5.87, 8.13] 95 %, n = 5 (post-stratified)

    Source: Holt & Smith 1979.
    """
    told = np.asarray(values, np.float64)
    groups = np.asarray(strata)
    if told.ndim != 1 or groups.shape != told.shape:
        raise ValueError(f"strata: {told.size} values need as many strata, got shape {groups.shape}")
    seen = ~np.isnan(told)
    extra: dict[str, Any] = {"level": level, "method": "post-stratified", "missing": int((~seen).sum())}
    if not seen.any():
        return Estimate.unknown("nobody has a score", **extra)
    code, shares = _coded(groups[seen], _shares(population, "population"), "strata")
    value, se = _stratified(told[seen], code, shares)
    half = normal_quantile(level) * se
    notes = ("a stratum of one respondent: no interval",) if np.isnan(se) else ()
    n_eff = effective_size(poststratify(groups[seen], population))
    return Estimate(value, value - half, value + half, n=len(code), notes=notes, se=se, n_eff=n_eff, **extra)


def _stratified(seen: Floats, code: NDArray[np.int64], shares: Floats) -> tuple[float, float]:
    """The mean over the strata and its standard error, NaN where one of them has a single respondent."""
    n = np.bincount(code, minlength=len(shares))
    means = np.bincount(code, seen, len(shares)) / np.maximum(n, 1)
    squares = np.bincount(code, (seen - means[code]) ** 2, len(shares))
    single = bool(((n == 1) & (shares > 0)).any())
    variance = (shares**2 * squares / np.maximum((n - 1) * n, 1)).sum()
    return float(shares @ means), nan if single else float(np.sqrt(variance))


@frozen(eq=False)
class Raked:
    """Weights whose margins agree with the population's, or as nearly as the steps allowed.

    weights: one a respondent, on average 1. steps: rounds made. miss: the largest difference left between a weighted
    share and the population's. converged: whether it is within the tolerance. Where it is not, do not use the weights.

    >>> Raked(np.ones(2), 1, 0.0, True).converged
    True

    Source: Deming & Stephan 1940.
    """

    weights: Floats = field(repr=False)
    steps: int
    miss: float
    converged: bool


def rake(
    margins: Mapping[str, ArrayLike],
    population: Mapping[str, Mapping[str, float]],
    *,
    start: ArrayLike | None = None,
    tolerance: float = 1e-9,
    steps: int = 1_000,
) -> Raked:
    """Weights that bring each margin to its known shares, one margin after the other until all agree.

    margins: labels of each respondent, by name of the margin, each shape (n,). population: shares or counts of the
    labels, under the same names. start: weights to begin with. tolerance: on shares. steps: rounds at the most.

    Margins that contradict each other do not converge, and the result says so. Raises InvalidFactError for a label
    that nobody has (or, by `start`, has no weight), or one without a share; ValueError for margins of other names.

    >>> raked = rake({"sex": ["f", "f", "m", "m"], "city": ["L", "N", "L", "N"]},
    ...     {"sex": {"f": 60, "m": 40}, "city": {"L": 0.7, "N": 0.3}})
    >>> raked.weights.round(2).tolist(), raked.converged
    ([1.68, 0.72, 1.12, 0.48], True)

    Source: Deming & Stephan 1940.
    """
    if not margins or margins.keys() != population.keys():
        raise ValueError("population: expected shares of each margin, under the same names")
    if not 0 < tolerance < 1 or steps < 1:
        raise ValueError("rake: expected a tolerance between 0 and 1, and one step or more")
    coded = [_coded(margins[name], _shares(population[name], name), name) for name in margins]
    n = len(coded[0][0])
    weights = np.ones(n) if start is None else _weights(start)
    if any(len(code) != n for code, _ in coded) or len(weights) != n:
        raise ValueError("margins: expected one label a respondent in each, and as many weights")
    for name, (code, shares) in zip(margins, coded, strict=True):
        if (np.bincount(code, weights, len(shares))[shares > 0] == 0).any():
            raise InvalidFactError(name, "a label whose respondents have no weight", "weight on every label")
    return _raked(weights / weights.sum(), coded, tolerance, steps)


def _raked(weights: Floats, coded: list[tuple[NDArray[np.int64], Floats]], tolerance: float, steps: int) -> Raked:
    done, miss = 0, np.inf
    while done < steps and miss > tolerance:
        for code, shares in coded:
            now = np.bincount(code, weights, len(shares))
            weights = weights * np.divide(shares, now, out=np.zeros_like(now), where=now > 0)[code]
        done += 1
        miss = max(float(np.abs(np.bincount(code, weights, len(s)) - s).max()) for code, s in coded)
    return Raked(weights * len(weights), done, miss, miss <= tolerance)
