"""Do two scales measure two things, and how sure is a whole made of several? Figures from loadings and correlations.

Fornell & Larcker (1981), Evaluating Structural Equation Models, Journal of Marketing Research 18(1), 39-50; Henseler,
Ringle & Sarstedt (2015), A New Criterion for Assessing Discriminant Validity, JAMS 43(1), 115-135; Spearman (1904,
1910) and Brown (1910); Mosier (1943), On the Reliability of a Weighted Composite, Psychometrika 8(3), 161-168; Lord
(1956), The Measurement of Growth, on the reliability of a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan, nan, sqrt
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales._construct import Construct, scored
from relmkt.scales._moments import Floats, Missing, Moments, correlations, moments, unseen, unvarying

__all__ = [
    "average_variance_extracted",
    "composite_reliability",
    "difference_reliability",
    "disattenuated",
    "fornell_larcker",
    "htmt",
    "htmt_of",
    "second_order_reliability",
    "spearman_brown",
]


def _parts(loadings: ArrayLike, errors: ArrayLike | None) -> tuple[Floats, Floats]:
    told = np.asarray(loadings, np.float64)
    if told.ndim != 1 or not told.size or not np.isfinite(told).all():
        raise ValueError("loadings: expected one number an item")
    if errors is None:
        if np.abs(told).max() > 1:
            raise ValueError("loadings: standardised ones lie within -1 and 1; give the errors of others")
        return told, 1 - told**2
    own = np.asarray(errors, np.float64)
    if not own.size or not np.isfinite(own).all() or own.min() < 0:
        raise ValueError("errors: expected variances, 0 or more")
    return told, own


def composite_reliability(loadings: ArrayLike, errors: ArrayLike | None = None) -> float:
    """Omega of known loadings: (Σλ)² / ((Σλ)² + Σθ).

    loadings: shape (k,). errors: error variances θ; None for standardised loadings, where θ = 1 − λ².
    Returns a fraction, NaN where nothing varies. Raises ValueError for a standardised loading beyond 1, or θ below 0.

    >>> round(composite_reliability([0.7, 0.8, 0.6]), 4)
    0.7449

    Source: McDonald 1999; Fornell & Larcker 1981.
    """
    told, own = _parts(loadings, errors)
    common = float(told.sum()) ** 2
    return _ratio(common, common + float(own.sum()))


def average_variance_extracted(loadings: ArrayLike, errors: ArrayLike | None = None) -> float:
    """The share of the items' variance that their factor has: Σλ² / (Σλ² + Σθ), the mean λ² of standardised loadings.

    Arguments and errors as for `composite_reliability`.

    >>> round(average_variance_extracted([0.7, 0.8, 0.6]), 4)
    0.4967

    Source: Fornell & Larcker 1981.
    """
    told, own = _parts(loadings, errors)
    common = float((told**2).sum())
    return _ratio(common, common + float(own.sum()))


def _ratio(over: float, under: float) -> float:
    return over / under if under > 0 else nan


def spearman_brown(reliability: float, times: float) -> float:
    """The reliability of a scale made `times` as long with items as good: mρ / (1 + (m − 1)ρ).

    reliability: of the scale as it is, up to 1. times: more than 0; 0.5 is half a scale. NaN where the longer scale
    would not vary. Raises ValueError outside.

    >>> round(spearman_brown(0.6, 2), 6)
    0.75

    Source: Spearman 1910; Brown 1910.
    """
    if not (reliability <= 1 and times > 0 and isfinite(reliability) and isfinite(times)):
        raise ValueError("expected a reliability up to 1 and a length of more than 0")
    return _ratio(times * reliability, 1 + (times - 1) * reliability)


def difference_reliability(
    first: float, second: float, correlation: float, *, deviations: tuple[float, float] = (1.0, 1.0)
) -> float:
    """The reliability of a difference of two scores: (σ₁²ρ₁ + σ₂²ρ₂ − 2rσ₁σ₂) / (σ₁² + σ₂² − 2rσ₁σ₂).

    first, second: reliabilities, up to 1. correlation: of the two scores, in [-1, 1]. deviations: their standard
    deviations, equal where not told. Returns a number up to 1, negative where the correlation is higher than the
    reliabilities allow, NaN where the difference does not vary. Raises ValueError outside. Source: Lord 1956.

    >>> round(difference_reliability(0.8, 0.8, 0.5), 6)
    0.6
    """
    one, other = deviations
    if not (first <= 1 and second <= 1 and -1 <= correlation <= 1 and one >= 0 and other >= 0):
        raise ValueError("expected reliabilities up to 1, a correlation from -1 to 1, and deviations of 0 or more")
    shared = 2 * correlation * one * other
    whole = one**2 + other**2 - shared
    return _ratio(one**2 * first + other**2 * second - shared, whole if whole > 1e-12 * (one**2 + other**2) else 0)


def disattenuated(correlation: float | Estimate, first: float, second: float) -> Estimate:
    """The correlation of two things measured, from that of their scores: r / √(ρ₁ρ₂). It may pass 1, and says so.

    correlation: in [-1, 1], a number or an estimate, whose interval is carried over (the reliabilities are taken as
    known). first, second: reliabilities, up to 1. Returns NaN and why where a reliability is not above 0.
    Raises ValueError outside. Source: Spearman 1904.

    >>> told = disattenuated(0.75, 0.7, 0.72)
    >>> round(told.value, 4), told.notes
    (1.0564, ('above 1: the two scores share more than their reliabilities allow',))
    """
    plain = correlation if isinstance(correlation, Estimate) else Estimate(float(correlation))
    if not (first <= 1 and second <= 1 and (isnan(plain.value) or -1 <= plain.value <= 1)):
        raise ValueError("expected a correlation from -1 to 1 and reliabilities up to 1")
    if first <= 0 or second <= 0:
        return evolve(plain, value=nan, low=nan, high=nan, se=nan, notes="a reliability of 0 or less explains nothing")
    by = sqrt(first * second)
    told = evolve(plain, value=plain.value / by, low=plain.low / by, high=plain.high / by, se=plain.se / by)
    flag = "above 1: the two scores share more than their reliabilities allow"
    return evolve(told, notes=(*plain.notes, flag)) if abs(told.value) > 1 else told


def fornell_larcker(extracted: ArrayLike, correlations: ArrayLike) -> NDArray[np.bool_]:
    """Which constructs are distinct: the root of each one's variance extracted is above its correlation with another.

    extracted: average variance extracted, one number or shape (m,). correlations: with others, broadcast against it:
    one number, shape (m,), or of m constructs with each other, shape (m, m), where a pair has to pass both ways.
    Returns booleans; of a matrix, the diagonal is True. Unknown figures are not distinct.
    Source: Fornell & Larcker 1981.

    >>> fornell_larcker(0.4966667, [0.65, 0.72]).tolist()
    [True, False]
    """
    root, between = np.sqrt(np.asarray(extracted, np.float64)), np.abs(np.asarray(correlations, np.float64))
    if between.ndim < 2:
        return np.asarray(root > between)
    passed: NDArray[np.bool_] = (root[:, None] > between) & (root[None, :] > between)
    np.fill_diagonal(passed, True)
    return passed


def htmt_of(correlations: ArrayLike, first: Sequence[int], second: Sequence[int]) -> float:
    """The heterotrait-monotrait ratio: how two scales' items correlate across, over how they do within.

    correlations: of all items, shape (k, k). first, second: places of each scale's items, two or more each.
    Returns the mean |r| across over the geometric mean of the mean |r| within each; NaN where one of these is 0. Near 1
    the two scales measure one thing. Raises ValueError for fewer items, or one that is in both.
    Source: Henseler, Ringle & Sarstedt 2015.

    >>> told = [[1, 0.6, 0.3, 0.3], [0.6, 1, 0.3, 0.3], [0.3, 0.3, 1, 0.6], [0.3, 0.3, 0.6, 1]]
    >>> round(htmt_of(told, [0, 1], [2, 3]), 6)
    0.5
    """
    one, other = list(first), list(second)
    if len(one) < 2 or len(other) < 2 or set(one) & set(other):
        raise ValueError("expected two items or more of each scale, and none in both")
    between = np.abs(np.asarray(correlations, np.float64))
    within = [between[np.ix_(own, own)][np.triu_indices(len(own), 1)].mean() for own in (one, other)]
    return _ratio(float(between[np.ix_(one, other)].mean()), sqrt(within[0] * within[1]))


def htmt(answers: Any, first: Construct, second: Construct, *, missing: Missing = "pairwise") -> Estimate:
    """The heterotrait-monotrait ratio of two constructs, from the answers to their items: see `htmt_of`.

    answers: as for `Construct.scores`. first, second: the constructs. missing: "pairwise", each correlation over those
    who answered both items; "listwise", over those who answered all. n: respondents who count; there is no interval.
    NaN and the reason where two items were never answered together, as where the constructs were asked of different
    people, or an item never varies. Raises ValueError for a construct of one item, or an item that is in both.

    >>> from relmkt.scales import Scale
    >>> seven = Scale(1, 7)
    >>> survey = {"t1": [7, 5, 3, 2], "t2": [6, 5, 4, 1], "a1": [2, 5, 4, 1], "a2": [3, 6, 4, 3]}
    >>> print(htmt(survey, Construct("trust", seven.items("t1", "t2")), Construct("a", seven.items("a1", "a2"))))
    0.31, n = 4 (HTMT)

    Source: Henseler, Ringle & Sarstedt 2015.
    """
    items = [*first.items, *second.items]
    names, k = [item.name for item in items], len(first.items)
    if min(k, len(second.items)) < 2 or len(set(names)) < len(names):
        raise ValueError(f"{first.name}, {second.name}: expected two items or more of each, and none in both")
    values, invalid = scored(answers, items)  # of both at once: a row is one respondent, whichever they were asked
    seen = moments(values, missing=missing, invalid=invalid)
    between = _between(seen)
    value = htmt_of(between, range(k), range(k, len(names)))
    reason = _unknown(seen, between, first, second) if isnan(value) else ()
    return Estimate(value, method="HTMT", notes=reason, **seen.told())


def _between(seen: Moments) -> Floats:
    """The items' correlations, each over those who answered both: with their own spreads, it cannot pass 1."""
    if seen.complete:
        return correlations(seen.covariances)
    told = ~np.isnan(seen.values)
    there, filled = told.astype(np.float64), np.where(told, seen.values - seen.means, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = filled.T @ there / seen.pairs
        own = (filled**2).T @ there / seen.pairs - sums**2
        found: Floats = (filled.T @ filled / seen.pairs - sums * sums.T) / np.sqrt(own * own.T)
    still = (own <= 1e-12 * np.diag(seen.covariances)[:, None]) | (seen.pairs < 2)
    return np.where(still | still.T, np.nan, np.clip(found, -1, 1))


def _unknown(seen: Moments, between: Floats, first: Construct, second: Construct) -> str:
    """Why the ratio is unknown (R41)."""
    k, names = len(first.items), [item.name for item in (*first.items, *second.items)]
    if (seen.pairs[:k, k:] < 2).all():
        return f"{first.name} and {second.name} were never answered by the same respondents"
    still = unvarying(names, seen.covariances)
    if still or (seen.pairs < 2).any():
        return unseen(names, seen.pairs) or f"{still[0]} never varies"
    places = np.argwhere(np.isnan(between))
    if len(places):
        return "{} or {} never varies among those who answered both".format(*(names[place] for place in places[0]))
    return "the items of one construct do not go together at all"


def second_order_reliability(
    reliabilities: ArrayLike,
    correlations: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    deviations: ArrayLike | None = None,
) -> float:
    """The reliability of a weighted whole of several scores: 1 − Σ w²σ²(1 − ρ) / Var(Σ w x).

    reliabilities: of the parts, shape (m,), up to 1. correlations: of the parts, shape (m, m). weights: equal where not
    told; a constant factor changes nothing. deviations: standard deviations of the parts, 1 where not told.
    Returns a number up to 1, NaN where the whole does not vary. Raises ValueError for other shapes, a reliability above
    1, or correlations that no scores have. Source: Mosier 1943.

    >>> round(second_order_reliability([0.8, 0.7], [[1, 0.5], [0.5, 1]]), 6)
    0.833333
    """
    known, between = np.asarray(reliabilities, np.float64), np.asarray(correlations, np.float64)
    if known.ndim != 1 or between.shape != (len(known), len(known)):
        raise ValueError(f"expected m reliabilities and m by m correlations, got {known.shape} and {between.shape}")
    if (known > 1).any():
        raise ValueError("reliabilities: expected numbers up to 1")
    if not np.allclose(np.diag(between), 1) or not np.allclose(between, between.T) or (np.abs(between) > 1).any():
        raise ValueError("correlations: expected a symmetric matrix with 1 in its diagonal, within -1 and 1")
    spread = _of_parts(weights, len(known)) * _of_parts(deviations, len(known))
    whole = float(spread @ between @ spread)
    if whole < -1e-9 * float(spread @ spread):
        raise ValueError("correlations: no scores have them, for their whole would have a negative variance")
    rest = float((spread**2 * (1 - known)).sum())
    return 1 - rest / whole if whole > 1e-12 * float(spread @ spread) else nan


def _of_parts(told: ArrayLike | None, m: int) -> Floats:
    found = np.ones(m) if told is None else np.asarray(told, np.float64)
    if found.shape != (m,) or not np.isfinite(found).all():
        raise ValueError(f"weights and deviations: expected one number for each of the {m} parts")
    return found
