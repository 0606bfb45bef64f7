"""How sure is a reliability? Intervals of Cronbach's alpha and of any reliability with a standard error.

Feldt (1965), The Approximate Sampling Distribution of Kuder-Richardson Reliability Coefficient Twenty, Psychometrika
30(3), 357-370: (1 − alpha) / (1 − sample alpha) is an F variate of n − 1 and (n − 1)(k − 1) degrees of freedom. Bonett
& Wright (2015), Cronbach's Alpha Reliability, Journal of Organizational Behavior 36(1), 3-15: normal on ln(1 − alpha),
less ln(n / (n − 1)). Two alphas: Zou & Donner (2008), Construction of Confidence Limits about Effect Measures (MOVER).
"""

from __future__ import annotations

from math import exp, hypot, isfinite, isnan, log, nan, sqrt
from typing import Literal

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import f_quantile, normal_quantile

__all__ = ["Interval", "alpha_difference", "alpha_from_means", "alpha_interval", "reliability_interval"]

Interval = Literal["feldt", "bonett"]


def alpha_interval(
    alpha: float, items: int, n: int, *, level: float = 0.95, interval: Interval = "feldt", missing: int = 0
) -> Estimate:
    """The interval of an alpha that is known, with Bonett's standard error.

    alpha: up to 1, negative ones too. items: how many, two or more. n: respondents, three or more. level: coverage.
    interval: "feldt" (exact for parallel normal items) or "bonett". missing: respondents who were left out.
    Raises ValueError for an alpha above 1 (no answers have it), fewer items or respondents, or another interval.

    >>> print(alpha_interval(0.913, 20, 873))
    0.913 [0.904, 0.921] 95 %, n = 873 (Feldt)

    Source: Feldt 1965; Bonett & Wright 2015.
    """
    if not (isfinite(alpha) and alpha <= 1):
        raise ValueError(f"alpha: expected a number up to 1, got {alpha}; no answers have an alpha above 1")
    if items < 2 or n < 3:
        raise ValueError(f"expected two items and three respondents or more, got items={items}, n={n}")
    if not 0 < level < 1:
        raise ValueError("level: the share of an interval lies between 0 and 1")
    se = sqrt(2 * items / ((items - 1) * (n - 2))) * (1 - alpha)
    if interval == "bonett":
        low, high = _on_log(alpha, se, n, level)
        return Estimate(alpha, low, high, level, n, "Bonett", se=se, missing=missing)
    if interval != "feldt":
        raise ValueError('interval: expected "feldt" or "bonett"')
    freedom = (n - 1, (n - 1) * (items - 1))
    # the lower bound takes the upper quantile
    low, high = (1 - (1 - alpha) * f_quantile(p, *freedom) for p in ((1 + level) / 2, (1 - level) / 2))
    return Estimate(alpha, low, high, level, n, "Feldt", se=se, missing=missing)


def _on_log(reliability: float, se: float, n: int, level: float) -> tuple[float, float]:
    if reliability == 1:
        return 1.0, 1.0
    middle = log(1 - reliability) - log(n / (n - 1))
    reach = normal_quantile(level) * se / (1 - reliability)
    return 1 - exp(middle + reach), 1 - exp(middle - reach)


def reliability_interval(reliability: float, se: float, n: int, *, level: float = 0.95) -> Estimate:
    """The interval of any reliability whose standard error is known: normal on ln(1 − reliability), corrected for n.

    reliability: below 1. se: its standard error, 0 or more. n: respondents, two or more. level: coverage.
    Raises ValueError for a value outside. Source: Bonett & Wright 2015.

    >>> print(reliability_interval(0.88, 0.0147, 100))
    0.88 [0.85, 0.91] 95 %, n = 100 (ln(1 - reliability))
    """
    if not (isfinite(reliability) and reliability < 1 and se >= 0 and isfinite(se) and n >= 2):
        raise ValueError("expected a reliability below 1, a standard error of 0 or more, and two respondents or more")
    low, high = _on_log(reliability, se, n, level)
    return Estimate(reliability, low, high, level, n, "ln(1 - reliability)", se=se)


def alpha_difference(first: Estimate, second: Estimate) -> Estimate:
    """How much more reliable is the first of two scales, asked of two independent samples?

    first, second: two reliabilities with their intervals, of one level. Returns first less second, n of both together;
    without an interval where either has none. Raises ValueError for two levels.
    Source: Zou & Donner 2008 (MOVER); Feldt's intervals for alphas.

    >>> print(alpha_difference(alpha_interval(0.88, 8, 200), alpha_interval(0.76, 8, 250)))
    0.12 [0.07, 0.17] 95 %, n = 450 (MOVER)
    """
    if first.level != second.level:
        raise ValueError(f"two intervals of one level are needed, got {first.level} and {second.level}")
    difference = first.value - second.value
    low = difference - hypot(first.value - first.low, second.high - second.value)
    high = difference + hypot(first.high - first.value, second.value - second.low)
    told = {"missing": first.missing + second.missing, "invalid": first.invalid + second.invalid}
    notes = (*first.notes, *second.notes)
    if isnan(difference):
        return Estimate(nan, level=first.level, n=first.n + second.n, method="MOVER", notes=notes, **told)
    se = hypot(first.se, second.se)
    return Estimate(difference, low, high, first.level, first.n + second.n, "MOVER", notes=notes, se=se, **told)


def alpha_from_means(items: int, *, variance: float, covariance: float) -> float:
    """Alpha from the mean variance of the items and the mean covariance of two of them; of 1 and r̄, standardised.

    items: how many, two or more. Returns NaN where the total does not vary. Raises ValueError for means that no answers
    have: a covariance above the variance, or so far below 0 that the total's variance is negative.

    >>> alpha_from_means(4, variance=1.0, covariance=0.5)
    0.8

    Source: Cronbach 1951.
    """
    if items < 2:
        raise ValueError(f"items: expected two or more, got {items}")
    if not (isfinite(variance) and isfinite(covariance) and variance >= 0 and covariance <= variance):
        raise ValueError("covariance: two items cannot vary together, on average, more than they vary")
    total = variance + (items - 1) * covariance
    if total < -1e-12 * variance:
        raise ValueError("covariance: so far below 0 that the total would have a negative variance")
    return items * covariance / total if total > 1e-12 * variance else nan
