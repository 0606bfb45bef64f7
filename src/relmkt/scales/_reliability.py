"""Do the items of a scale measure one thing, and which of them does it worst? Alpha, omega and each item's part.

Cronbach (1951), Coefficient Alpha and the Internal Structure of Tests, Psychometrika 16(3), 297-334; Guttman (1945), A
Basis for Analyzing Test-Retest Reliability, for lambda 6; McDonald (1999) for omega; Fisher (1921) for the interval of
a correlation; Eisinga, te Grotenhuis & Pelzer (2013), The Reliability of a Two-Item Scale: Pearson, Cronbach, or
Spearman-Brown?, International Journal of Public Health 58(4), 637-642. Alpha grows with the number of items: a high one
does not say that they measure one thing only.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from relmkt.estimate import Estimate
from relmkt.scales._alpha import Interval, alpha_from_means, alpha_interval
from relmkt.scales._moments import Floats, Missing, Moments, columns_of, correlations, moments, unseen, unvarying
from relmkt.scales._omega import loadings, omega, omega_redrawn
from relmkt.scales._quantiles import normal_quantile

__all__ = ["Reliability", "alpha", "reliability", "reliability_of"]

_TIE = 1e-9


def _texts(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(notes)


@frozen
class Reliability:
    """How far the items of a scale agree.

    alpha: Cronbach's, with its interval, n, and respondents left out. omega: of one factor, each item with a loading of
    its own (three items or more; of two see `spearman_brown`). standardised: alpha of items of equal variance. lambda6:
    Guttman's, from how well the others predict each item. mean_correlation: between two items. signal_to_noise:
    k·r̄ / (1 − r̄). item_total: each item's correlation with the sum of the others, Fisher's interval. alpha_if_deleted:
    alpha without the item. loadings: of omega's factor on each item, standardised. missing: "pairwise" or "listwise".
    notes: what a reader has to know. What cannot be known is NaN.

    >>> answers = [[4, 5, 4], [2, 3, 3], [5, 5, 4], [3, 3, 2], [1, 2, 2], [4, 4, 5]]
    >>> print(reliability(answers, names=["t1", "t2", "t3"]))
    alpha 0.93 [0.69, 0.99], omega 0.94, weakest t3 (0.77)

    Source: Cronbach 1951; McDonald 1999; Guttman 1945; see the intervals of `alpha_interval`.
    """

    alpha: Estimate
    omega: Estimate
    standardised: float
    lambda6: float
    mean_correlation: float
    signal_to_noise: float
    item_total: Estimate
    alpha_if_deleted: Estimate
    loadings: Estimate
    missing: Missing
    notes: tuple[str, ...] = field(default=(), converter=_texts)

    @property
    def items(self) -> tuple[str, ...]:
        """The names of the items."""
        return tuple(self.item_total.labels or ())

    @property
    def n(self) -> int:
        """Respondents who count."""
        return int(self.alpha.n)

    @property
    def extracted(self) -> float:
        """The average variance extracted: how much of the items' variance the factor has; NaN where omega is.

        Source: Fornell & Larcker 1981.
        """
        return float((np.asarray(self.loadings) ** 2).mean())

    @property
    def weakest(self) -> str:
        """The item that goes least with the others; empty where none stands out, as of two items."""
        told = np.asarray(self.item_total)
        if not (~np.isnan(told)).any() or np.nanmax(told) - np.nanmin(told) < _TIE:
            return ""
        return self.items[int(np.nanargmin(told))]

    @property
    def spearman_brown(self) -> Estimate:
        """The reliability of a scale of two items, which omega does not tell: 2r / (1 + r), Fisher's interval of r.

        It is alpha of the two standardised: alpha itself, and omega of equal loadings, where both items vary alike.
        NaN and the reason for another number of items.

        >>> told = reliability([[4, 5], [2, 3], [5, 5], [3, 3], [1, 2], [4, 3]])
        >>> print(told)
        alpha 0.90 [0.29, 0.99], Spearman-Brown 0.91, mean correlation 0.83
        >>> print(told.spearman_brown)
        0.91 [0.12, 0.99] 95 %, n = 6 (Fisher z)

        Source: Eisinga, te Grotenhuis & Pelzer 2013.
        """
        told = {"level": self.alpha.level, "n": self.n, "missing": self.alpha.missing, "invalid": self.alpha.invalid}
        if len(self.items) != 2:
            return Estimate(nan, notes=f"Spearman-Brown is of two items, got {len(self.items)}", **told)
        one = self.item_total[self.items[0]]
        value, low, high = (_standardised(2, r) for r in (one.value, one.low, one.high))
        why = self.alpha.notes or self.notes if isnan(value) else ()
        return Estimate(value, low, high, method="Fisher z", notes=why, **told)

    def __str__(self) -> str:
        name, other = ("Spearman-Brown", self.spearman_brown) if len(self.items) == 2 else ("omega", self.omega)
        parts = [_said("alpha", self.alpha), _said(name, evolve(other, low=nan, high=nan))]
        if self.weakest:
            parts.append(f"weakest {self.weakest} ({self.item_total[self.weakest].value:.2f})")
        elif not isnan(self.mean_correlation):
            parts.append(f"mean correlation {self.mean_correlation:.2f}")
        return "; ".join((", ".join(parts), *self.notes))


def _said(name: str, told: Estimate) -> str:
    if isnan(told.value):
        return f"{name} unknown" + (f" ({told.notes[0]})" if told.notes else "")
    return f"{name} {told.value:.2f}" + ("" if isnan(told.low) else f" [{told.low:.2f}, {told.high:.2f}]")


def alpha(
    answers: Any, *, missing: Missing = "pairwise", level: float = 0.95, interval: Interval = "feldt"
) -> Estimate:
    """Cronbach's alpha: k / (k − 1) · (1 − Σ variances of the items / variance of their sum).

    answers: a row a respondent and a column an item, reversed already where an item asks for it; an array, a mapping or
    a frame of columns. NaN is no answer. missing: "pairwise" or "listwise". interval: "feldt" or "bonett".
    Returns a number up to 1, negative where items run against each other; NaN and its reason (R41) for fewer than two
    items or three respondents, or a sum that does not vary. Raises ValueError for another shape.

    >>> print(alpha([[4, 5, 4], [2, 3, 3], [5, 5, 4], [3, 3, 2], [1, 2, 2], [4, 4, 5]]))
    0.93 [0.69, 0.99] 95 %, n = 6 (Feldt)

    Source: Cronbach 1951; the intervals: Feldt 1965, Bonett & Wright 2015.
    """
    names, values = columns_of(answers)
    return _alpha(moments(values, missing=missing), names, level, interval)


def reliability(
    answers: Any,
    *,
    names: Sequence[str] | None = None,
    missing: Missing = "pairwise",
    level: float = 0.95,
    interval: Interval = "feldt",
    rng: np.random.Generator | None = None,
    resamples: int = 1000,
) -> Reliability:
    """All of the reliability of a scale, from answers that are reversed already: see `alpha` and `Reliability`.

    names: of the items, those of the columns if not told. missing, level, interval: as for `alpha`. rng: omega's
    interval is then the percentiles of respondents drawn again, `resamples` times; without it the delta method, which
    asks nothing of the answers' distribution.

    >>> told = reliability([[4, 5, 4], [2, 3, 3], [5, 5, 4], [3, 3, 2], [1, 2, 2], [4, 4, 5]])
    >>> round(told.lambda6, 3), told.weakest, round(told.alpha_if_deleted["3"].value, 3)
    (0.92, '3', 0.957)

    Source: Cronbach 1951; McDonald 1999; Guttman 1945.
    """
    own, values = columns_of(answers)
    return reliability_of(
        values, names or own, missing=missing, level=level, interval=interval, rng=rng, resamples=resamples
    )


def reliability_of(
    values: Floats,
    names: Sequence[str],
    *,
    missing: Missing,
    level: float,
    interval: Interval,
    rng: np.random.Generator | None,
    resamples: int,
    invalid: int | None = None,
) -> Reliability:
    """As `reliability`, of a matrix of answers; invalid: how many were already left out."""
    if len(names) != values.shape[1]:
        raise ValueError(f"names: {values.shape[1]} items need as many names, got {len(names)}")
    seen = moments(values, missing=missing, invalid=invalid)
    whole = _alpha(seen, names, level, interval)
    factor = _omega(seen, names, whole, level)
    if rng is not None and not isnan(factor.value):
        factor = omega_redrawn(factor, values, missing=missing, rng=rng, resamples=resamples, level=level)
    between = correlations(seen.covariances)
    mean = _mean_correlation(between)
    total = _item_total(seen, names, level)
    return Reliability(
        alpha=whole,
        omega=factor,
        standardised=_standardised(len(names), mean),
        lambda6=_lambda6(between),
        mean_correlation=mean,
        signal_to_noise=len(names) * mean / (1 - mean) if mean < 1 else nan,
        item_total=total,
        alpha_if_deleted=_without_each(seen, names, level, interval),
        loadings=_loadings(seen, names, between, factor),
        missing=missing,
        notes=_notes(seen, names, total),
    )


def _value(covariances: Floats) -> float:
    """Alpha of covariances; NaN where the sum does not vary."""
    k, own, total = len(covariances), float(np.trace(covariances)), float(covariances.sum())
    return k / (k - 1) * (1 - own / total) if total > 1e-12 * k * own else nan


def _reason(seen: Moments, names: Sequence[str], value: float) -> str:
    """Why alpha is unknown (R41); empty where it is known."""
    if len(names) < 2:
        return f"a reliability needs two items or more, got {len(names)}"
    if seen.n < 3:
        return f"a reliability needs three respondents or more, got {seen.n}"
    if isnan(value):
        return unseen(names, seen.pairs) or "the sum of the items does not vary"
    return "the pairwise covariances are of no complete answers; go listwise" if value > 1 + _TIE else ""


def _alpha(seen: Moments, names: Sequence[str], level: float, interval: Interval) -> Estimate:
    if interval not in ("feldt", "bonett"):
        raise ValueError('interval: expected "feldt" or "bonett"')
    value = _value(seen.covariances) if len(names) > 1 else nan
    reason = _reason(seen, names, value)
    if reason:
        return Estimate(nan, level=level, method=interval.title(), notes=reason, **seen.told())
    told = alpha_interval(min(value, 1.0), len(names), seen.n, level=level, interval=interval, missing=seen.missing)
    notes = () if seen.complete else (f"two items were answered together by {seen.pairs.min():,.0f} or more",)
    return evolve(told, invalid=seen.invalid, notes=notes)


def _omega(seen: Moments, names: Sequence[str], whole: Estimate, level: float) -> Estimate:
    still = unvarying(names, seen.covariances)
    reason = whole.notes[0] if isnan(whole.value) else ""
    if not reason and len(names) < 3:
        reason = "two items do not tell one factor; omega needs three"
    if not reason and still:
        reason = f"{still[0]} never varies"
    if reason:
        return Estimate(nan, level=level, method="one factor", notes=reason, **seen.told())
    return omega(seen, level=level)


def _loadings(seen: Moments, names: Sequence[str], between: Floats, factor: Estimate) -> Estimate:
    """Of the factor that omega is of; NaN, and why, where that is unknown."""
    dark = isnan(factor.value)
    found = np.full(len(names), nan) if dark else loadings(between)
    notes = factor.notes if dark else ()
    return Estimate(found, level=factor.level, n=seen.n, method="one factor", labels=names, notes=notes)


def _mean_correlation(between: Floats) -> float:
    k = len(between)
    return float((between.sum() - np.trace(between)) / (k * (k - 1))) if k > 1 else nan


def _standardised(items: int, mean: float) -> float:
    possible = items > 1 and -1 / (items - 1) <= mean <= 1
    return alpha_from_means(items, variance=1.0, covariance=mean) if possible else nan


def _lambda6(between: Floats) -> float:
    """Guttman's lambda 6; NaN where one item is a sum of others, for then they predict it wholly."""
    if len(between) < 2 or np.isnan(between).any() or np.linalg.eigvalsh(between)[0] < 1e-12:
        return nan
    return float(1 - (1 / np.diag(np.linalg.inv(between))).sum() / between.sum())


def _item_total(seen: Moments, names: Sequence[str], level: float) -> Estimate:
    """Each item's correlation with the sum of the others, without itself."""
    own, rows, total = np.diag(seen.covariances), seen.covariances.sum(axis=1), seen.covariances.sum()
    rest = total - 2 * rows + own
    known = (own > 0) & (rest > 1e-12 * own.sum())
    found = np.divide(rows - own, np.sqrt(np.where(known, own * rest, 1)), out=np.full(len(own), nan), where=known)
    found = np.where(np.abs(found) <= 1 + _TIE, np.clip(found, -1, 1), nan)  # pairwise, it may pass 1: of no answers
    low, high = _fisher(found, seen.n, level)
    return Estimate(found, low, high, level, seen.n, "Fisher z", names)


def _fisher(found: Floats, n: int, level: float) -> tuple[Floats, Floats]:
    reach = normal_quantile(level) / np.sqrt(n - 3) if n > 3 else nan
    with np.errstate(divide="ignore"):
        middle = np.arctanh(found)
    return np.tanh(middle - reach), np.tanh(middle + reach)


def _without_each(seen: Moments, names: Sequence[str], level: float, interval: Interval) -> Estimate:
    """Alpha of the other items; NaN for two items, of which one is left."""
    kept = [np.delete(np.arange(len(names)), place) for place in range(len(names))]
    values = np.array([_value(seen.covariances[np.ix_(one, one)]) if len(one) > 1 else nan for one in kept])
    known = [value <= 1 and seen.n > 2 for value in values]
    told = [
        alpha_interval(value, len(names) - 1, seen.n, level=level, interval=interval) if there else Estimate(nan)
        for value, there in zip(values.tolist(), known, strict=True)
    ]
    low, high, se = (np.array([getattr(one, name) for one in told]) for name in ("low", "high", "se"))
    values = np.where(known, values, nan)
    return Estimate(values, low, high, level, seen.n, interval.title(), names, se=se)


def _notes(seen: Moments, names: Sequence[str], total: Estimate) -> list[str]:
    against = [name for name, told in zip(names, np.asarray(total), strict=True) if told < 0]
    still = unvarying(names, seen.covariances)
    notes = [f"{', '.join(against)} run against the others: reversed?"] if against else []
    return [*notes, f"{', '.join(still)} never varied"] if still and seen.n > 1 else notes
