"""What did a campaign add, over what would have happened anyway? Lift of treated over control, and its return.

Newcombe (1998), "Interval estimation for the difference between independent proportions", Statistics in Medicine 17(8),
873-890, method 10; Agresti & Caffo (2000), "Simple and effective confidence intervals for proportions and differences
of proportions", The American Statistician 54(4), 280-288; Katz et al. (1978), Biometrics 34(3), for the ratio. Who is
treated is drawn by lot, and customers are counted, not clicks; looking again and again until it is significant, or a
control that was reached too, spoils every figure here.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from math import erfc, sqrt
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import normal_quantile
from relmkt.scales._shares import share_error, wilson
from relmkt.value._numbers._delta import Numbers, carried, checked
from relmkt.value._numbers._figures import Amount, number

__all__ = ["Lift", "LiftInterval", "lift", "romi"]

Floats = NDArray[np.float64]
Bounds = tuple[Floats, Floats]
Names = tuple[str, ...] | None
NO_CONTROL = "nobody bought in the control: the relative lift is undefined"
NO_SPREAD = "nobody or everybody bought in both: no test"


class LiftInterval(StrEnum):
    """The interval of a difference of two shares: Newcombe's hybrid of Wilson's, Agresti & Caffo's, or Wald's.

    Wald's has no width where nobody or everybody bought; it is here because it is printed so often.

    >>> LiftInterval("Newcombe hybrid") is LiftInterval.NEWCOMBE
    True
    """

    NEWCOMBE = "Newcombe hybrid"
    AGRESTI_CAFFO = "Agresti-Caffo"
    WALD = "Wald"


@frozen(eq=False)
class Lift:
    """What the treatment changed. Each figure is one number, or a column where columns were given.

    Attributes: `treated` and `control`, shares of buyers, with Wilson's interval; `difference`, of these shares, in
    [-1, 1]; `relative`, the difference over the control's share, NaN where that is 0; `incremental`, buyers among the
    treated who would not have bought otherwise; `z` and `p_value` (two-sided) of the pooled test that nothing changed,
    NaN where everybody or nobody bought in both.
    """

    treated: Estimate
    control: Estimate
    difference: Estimate
    relative: Estimate
    incremental: Estimate
    z: Floats
    p_value: Floats


def lift(
    treated_buyers: ArrayLike,
    treated: ArrayLike,
    control_buyers: ArrayLike,
    control: ArrayLike,
    *,
    corrected: bool = False,
    interval: LiftInterval = LiftInterval.NEWCOMBE,
    labels: Iterable[Any] | None = None,
    level: float = 0.95,
) -> Lift:
    """The incremental lift of treated over control customers, from how many there were and how many bought.

    treated_buyers, treated, control_buyers, control: counts, or columns of them, one a campaign. corrected: with
    Yates' continuity correction of z, which some programs take off by default and others do not. interval: of the
    difference. labels: of campaigns.

    An arm of nobody gives NaN with n = 0 and a note. Raises ValueError for more buyers than customers.

    >>> mail = lift(300, 10_000, 50, 2_000)
    >>> print(mail.difference)
    0.005 [-0.003, 0.012] 95 %, n = 12,000 (Newcombe hybrid)
    >>> round(mail.relative.value, 9), round(mail.incremental.value, 9), round(float(mail.z), 4)
    (0.2, 50.0, 1.213)

    Source: Newcombe 1998; Agresti & Caffo 2000.
    """
    (x1, n1), (x2, n2) = _arm("treated", treated_buyers, treated), _arm("control", control_buyers, control)
    x1, n1, x2, n2 = np.broadcast_arrays(x1, n1, x2, n2)
    reach, names = normal_quantile(level), None if labels is None else tuple(map(str, labels))
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p2 = x1 / n1, x2 / n2
        se = np.hypot(share_error(x1, n1), share_error(x2, n2))
        bounds = _bounds(LiftInterval(interval), x1, n1, x2, n2, reach)
        z = _pooled(x1, n1, x2, n2, corrected=corrected)

    def told(value: Floats, ends: Bounds, error: Floats, n: Floats, method: str, note: str) -> Estimate:
        return _told(value, ends, error, n, method, note, names, level)

    n, method, empty = n1 + n2, str(LiftInterval(interval)), "an arm is empty"
    untested = bool((np.isnan(z) & ~np.isnan(p1 - p2)).any())
    ratio, ends, error = _relative(x1, n1, x2, n2, reach)
    return Lift(
        treated=told(p1, wilson(x1, n1, reach), share_error(x1, n1), n1, "Wilson", empty),
        control=told(p2, wilson(x2, n2, reach), share_error(x2, n2), n2, "Wilson", empty),
        difference=told(p1 - p2, bounds, se, n, method, NO_SPREAD if untested else empty),
        relative=told(ratio, ends, error, n, "log ratio", NO_CONTROL if (p2 == 0).any() else empty),
        incremental=told((p1 - p2) * n1, (bounds[0] * n1, bounds[1] * n1), se * n1, n, method, empty),
        z=z[()],
        p_value=np.vectorize(lambda one: erfc(abs(one) / sqrt(2)), otypes=[float])(z)[()],
    )


def romi(buyers: Amount, margin: Amount, cost: Amount, *, level: float = 0.95) -> Estimate:
    """Return on marketing: (buyers * margin - cost) / cost, as a fraction.

    buyers: the *incremental* ones, `lift(…).incremental`; with all who bought it is the naive return, which credits
    the campaign with those who would have bought anyway. margin: of one buyer. cost: of the campaign; NaN with a note
    where it is 0.

    >>> romi(50, margin=60, cost=2_000).value, romi(300, margin=60, cost=2_000).value
    (0.5, 8.0)

    Source: Farris et al., "Marketing Metrics".
    """
    checked("cost", cost, 0.0)

    def returned(won: Numbers, worth: Numbers, spent: Numbers) -> Numbers:
        gained: Numbers = won * worth / np.where(spent == 0, np.nan, spent)
        return gained - 1

    free = bool((number(cost) == 0).any())
    answer = carried(returned, buyers, margin, cost, level=level, notes=("it cost nothing",) if free else ())
    if not isinstance(buyers, Estimate) or isinstance(margin, Estimate) or isinstance(cost, Estimate) or free:
        return answer
    if buyers.level != level:
        return answer
    ends = np.stack([np.asarray(end) * number(margin) / number(cost) - 1 for end in (buyers.low, buyers.high)])
    return evolve(answer, low=ends.min(axis=0)[()], high=ends.max(axis=0)[()], method=buyers.method)


def _arm(name: str, buyers: ArrayLike, customers: ArrayLike) -> tuple[Floats, Floats]:
    x, n = np.asarray(buyers, dtype=np.float64), np.asarray(customers, dtype=np.float64)
    if x.ndim > 1 or n.ndim > 1 or (x < 0).any() or (n < 0).any() or (x > n).any():
        raise ValueError(f"{name}: expected counts from 0, and no more buyers than customers")
    return x, n


def _pooled(x1: Floats, n1: Floats, x2: Floats, n2: Floats, *, corrected: bool) -> Floats:
    gap, whole = x1 / n1 - x2 / n2, 1 / n1 + 1 / n2
    pooled = (x1 + x2) / (n1 + n2)
    size = np.maximum(np.abs(gap) - (whole / 2 if corrected else 0.0), 0.0)
    se = np.sqrt(pooled * (1 - pooled) * whole)
    answer: Floats = np.sign(gap) * size / np.where(se > 0, se, np.nan)
    return answer


def _bounds(interval: LiftInterval, x1: Floats, n1: Floats, x2: Floats, n2: Floats, reach: float) -> Bounds:
    p1, p2 = x1 / n1, x2 / n2
    gap = p1 - p2
    match interval:
        case LiftInterval.NEWCOMBE:
            (low1, high1), (low2, high2) = wilson(x1, n1, reach), wilson(x2, n2, reach)
            return gap - np.hypot(p1 - low1, high2 - p2), gap + np.hypot(high1 - p1, p2 - low2)
        case LiftInterval.AGRESTI_CAFFO:
            known = np.where(np.isnan(gap), np.nan, 1.0)
            q1, q2 = (x1 + 1) / (n1 + 2) * known, (x2 + 1) / (n2 + 2)
            middle, se = q1 - q2, np.sqrt(q1 * (1 - q1) / (n1 + 2) + q2 * (1 - q2) / (n2 + 2))
            return np.maximum(middle - reach * se, -1.0), np.minimum(middle + reach * se, 1.0)
        case _:
            se = np.hypot(share_error(x1, n1), share_error(x2, n2))
            return np.maximum(gap - reach * se, -1.0), np.minimum(gap + reach * se, 1.0)


def _relative(x1: Floats, n1: Floats, x2: Floats, n2: Floats, reach: float) -> tuple[Floats, Bounds, Floats]:
    """The ratio of shares less 1, bounds on the log scale, and a standard error by the delta method."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p2 = x1 / n1, np.where(x2 > 0, x2 / n2, np.nan)
        ratio = p1 / p2
        spread = np.sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)
        spread = np.where(np.isfinite(spread), spread, np.nan)
        se = np.hypot(share_error(x1, n1), ratio * share_error(x2, n2)) / p2
        return ratio - 1, (ratio * np.exp(-reach * spread) - 1, ratio * np.exp(reach * spread) - 1), se


def _told(
    value: Floats, ends: Bounds, error: Floats, n: Floats, method: str, note: str, labels: Names, level: float
) -> Estimate:
    notes = (note,) if np.isnan(value).any() or note == NO_SPREAD else ()
    counts = np.where(np.isnan(value), 0, n)
    names = tuple(map(str, range(value.size))) if labels is None and value.ndim else labels
    value, low, high, error, counts = (one[()] for one in (value, *ends, error, counts))
    return Estimate(value, low, high, level, counts, method, labels=names, notes=notes, se=error)
