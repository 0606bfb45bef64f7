"""How long do they stay, where many are still here? The curve of Kaplan and Meier, and the time at which half are lost.

Kaplan & Meier (1958), "Nonparametric estimation from incomplete observations", JASA 53(282), 457-481: the product of
conditional shares, so that those seen for a short time count for as long as they were seen. Greenwood (1926): its
variance; the interval is taken on log(-log S), Kalbfleisch & Prentice (1980), "The Statistical Analysis of Failure Time
Data", section 1.3, and so stays within 0 and 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import normal_quantile

__all__ = ["half_life_of", "staying", "survival"]

Floats = NDArray[np.float64]
METHOD = "Kaplan–Meier, Greenwood"


def survival(
    at_risk: ArrayLike,
    stayed: ArrayLike,
    *,
    level: float,
    labels: Iterable[Any] | None = None,
    notes: Iterable[str] = (),
) -> Estimate:
    """The share still there after each step: the product of stayed / at_risk so far, with Greenwood's error.

    at_risk: those observed at both ends of each step; stayed: of them, those still there. The column has one row more
    than there are steps, the first is 1. NaN from the first step at which nobody was at risk; without interval where
    more stayed than were there, for then some came back and the product is no survival.

    >>> survival([450, 190, 45], [280, 149, 36], level=0.95).value.round(7).tolist()
    [1.0, 0.6222222, 0.4879532, 0.3903626]
    """
    risk, kept = np.asarray(at_risk, np.float64), np.asarray(stayed, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(risk > 0, kept / risk, np.nan)
        terms = np.where(kept > 0, (1 - p) / (risk * p), np.where(risk > 0, np.inf, np.nan))
    back = np.logical_or.accumulate(p > 1) if p.size else np.zeros(0, bool)
    curve = np.concatenate([[1.0], np.cumprod(p)])
    spread = np.concatenate([[0.0], np.cumsum(np.where(back, np.nan, terms))])  # variance of log S
    low, high, se = _bounds(curve, spread, level)
    n = np.concatenate([risk[:1] if risk.size else [0.0], np.where(np.isnan(curve[1:]), 0.0, risk)]).astype(np.int64)
    told = (*notes, "some came back: the product is no survival") if back.any() else tuple(notes)
    names = np.arange(curve.size) if labels is None else labels
    return Estimate(curve, low, high, level, n, METHOD, names, told, se=se)


def _bounds(curve: Floats, spread: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    z = normal_quantile(level)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        se = np.where(curve > 0, curve * np.sqrt(spread), 0.0 * spread)
        logs = np.log(curve)
        reach = z * np.sqrt(spread) / np.abs(logs)
        inside = (curve > 0) & (curve < 1)
        low = np.where(inside, np.exp(logs * np.exp(reach)), np.nan)
        high = np.where(inside, np.exp(logs * np.exp(-reach)), np.nan)
    return low, high, np.where(np.isfinite(se), se, np.nan)


def staying(times: ArrayLike, left: ArrayLike, *, level: float) -> Estimate:
    """The curve of customers observed for different times: a row "start", and one for each time at which any left.

    times: how long each was observed, 0 or more; left: whether that ended by leaving (True) or by the end of the
    observation. Who leaves and who was last seen at the same time: those leaving come first.

    >>> print(staying([1, 2, 2, 3], [True, True, False, False], level=0.95).value.tolist())
    [1.0, 0.75, 0.5]
    """
    seen, gone = np.asarray(times), np.asarray(left, dtype=bool)
    if seen.shape != gone.shape or seen.ndim != 1:
        raise ValueError("times and left: expected one entry a customer in each")
    steps, losses = np.unique(seen[gone], return_counts=True)
    risk = seen.size - np.searchsorted(np.sort(seen), steps, side="left")
    return survival(risk, risk - losses, level=level, labels=["start", *steps.tolist()])


def half_life_of(curve: Estimate) -> Estimate:
    """When half are lost: where a curve at 0, 1, 2, … periods passes one half, a constant rate within each period.

    The bounds are where the curve's own bounds pass one half (Brookmeyer & Crowley 1982, Biometrics 38); the upper is
    infinite where it does not within the periods observed. Unknown where the curve itself does not.

    >>> print(half_life_of(survival([100, 64], [64, 40], level=0.95)).value.__round__(3))
    1.525
    """
    value = _crossing(np.asarray(curve.value))
    if np.isnan(value):
        return Estimate.unknown("half are not lost within the periods observed", level=curve.level, method=curve.method)
    low, high = (_crossing(np.concatenate([[1.0], np.asarray(v)[1:]])) for v in (curve.low, curve.high))
    known = not np.isnan(np.asarray(curve.low)[1 : int(np.ceil(value)) + 1]).all()
    low = (0.0 if np.isnan(low) else low) if known else np.nan
    high = (np.inf if np.isnan(high) else high) if known else np.nan
    low, high, n = min(low, value), max(high, value), int(np.asarray(curve.n)[0])
    return Estimate(value, low, high, curve.level, n, curve.method, notes=curve.notes)


def _crossing(curve: Floats) -> float:
    """The first time at which a curve that starts above one half is at or below it; NaN where it never is."""
    below = np.flatnonzero(curve <= 0.5)
    if not below.size:
        return float("nan")
    k = int(below[0])
    high, low = curve[k - 1], curve[k]
    if np.isnan(high) or low == 0:
        return float(k)
    return float(k - 1 + np.log(2 * high) / np.log(high / low))
