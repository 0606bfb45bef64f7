"""How many customers does a trial need, and what would it find? Sample size and power of two shares.

Fleiss, Levin & Paik (2003), "Statistical Methods for Rates and Proportions", chapter 4; Cohen (1988), "Statistical
Power Analysis for the Behavioral Sciences", for the arcsine form. Published programs differ by some customers an arm
since each puts another variance under the level and under the power, so the form is named.
"""

from __future__ import annotations

from enum import StrEnum
from math import asin, ceil, inf, sqrt
from statistics import NormalDist

from relmkt.scales._quantiles import normal_quantile
from relmkt.value._numbers._delta import checked

__all__ = ["TrialForm", "sample_size", "trial_power"]

NORMAL = NormalDist()


class TrialForm(StrEnum):
    """Which variance stands under the level and which under the power.

    POOLED: pooled under the level, unpooled under the power, the textbooks' and R's `power.prop.test`.
    SWAPPED: the other way round. UNPOOLED: unpooled under both. ARCSINE: shares are turned into angles, after Cohen.

    >>> TrialForm("pooled") is TrialForm.POOLED
    True
    """

    POOLED = "pooled"
    SWAPPED = "swapped"
    UNPOOLED = "unpooled"
    ARCSINE = "arcsine"


def sample_size(
    control: float,
    treated: float,
    *,
    power: float,
    effect: float | None = None,
    form: TrialForm = TrialForm.POOLED,
    corrected: bool = False,
    ratio: float = 1.0,
    whole: bool = True,
    level: float = 0.95,
) -> float:
    """Customers needed among the treated to find a lift with that power, in a two-sided test.

    control, treated: shares of buyers planned with, in [0, 1] and not both at an end. power: chance to find the lift,
    in (0, 1). effect: the lift to be found, where it is not the difference of those shares (planned as equal).
    form: of the variances. corrected: with the continuity correction, (1 + 1 / ratio) / effect more customers.
    ratio: customers of the control for each one treated. whole: rounded up. level: 1 less the chance of finding a
    lift that is not there.

    Infinite where there is no effect to find. Raises ValueError for a share out of range.

    >>> sample_size(0.05, 0.06, power=0.8)
    8158.0
    >>> sample_size(0.4, 0.6, power=0.8, form=TrialForm.SWAPPED, corrected=True)
    106.0

    Source: Fleiss, Levin & Paik 2003; Cohen 1988.
    """
    _planned(control, treated)
    checked("ratio", ratio, 0.0, open=True)
    if not 0 < power < 1:
        raise ValueError("power: expected a number between 0 and 1")
    gap = abs(treated - control) if effect is None else abs(effect)
    if not gap:
        return inf
    z_level, z_power = normal_quantile(level), NORMAL.inv_cdf(power)
    if TrialForm(form) is TrialForm.ARCSINE:
        angle = (
            _angle(treated) - _angle(control) if effect is None else _angle(_shifted(control, effect)) - _angle(control)
        )
        n = (1 + 1 / ratio) * ((z_level + z_power) / angle) ** 2
    else:
        under_level, under_power = _spreads(control, treated, ratio, TrialForm(form))
        n = ((z_level * under_level + z_power * under_power) / gap) ** 2
    n += (1 + 1 / ratio) / gap if corrected else 0.0
    return float(ceil(n - 1e-9)) if whole else n


def trial_power(
    control: float,
    treated: float,
    *,
    customers: float,
    ratio: float = 1.0,
    form: TrialForm = TrialForm.POOLED,
    both_tails: bool = False,
    level: float = 0.95,
) -> float:
    """The chance that a two-sided test of so many customers finds the lift.

    control, treated: shares of buyers planned with, in [0, 1] and not both at an end. customers: treated ones. ratio:
    customers of the control for each one treated. form: of the variances. both_tails: also counts a significant
    result on the wrong side. level: 1 less the chance of finding a lift that is not there.

    >>> round(trial_power(0.5, 0.75, customers=50), 4)
    0.7402

    Source: Fleiss, Levin & Paik 2003; Cohen 1988.
    """
    _planned(control, treated)
    checked("customers", customers, 0.0)
    checked("ratio", ratio, 0.0, open=True)
    z = normal_quantile(level)
    if TrialForm(form) is TrialForm.ARCSINE:
        gap, under_level, under_power = abs(_angle(treated) - _angle(control)), sqrt(1 + 1 / ratio), sqrt(1 + 1 / ratio)
    else:
        gap = abs(treated - control)
        under_level, under_power = _spreads(control, treated, ratio, TrialForm(form))
    seen = gap * sqrt(customers)
    found = NORMAL.cdf((seen - z * under_level) / under_power)
    return found + (NORMAL.cdf((-seen - z * under_level) / under_power) if both_tails else 0.0)


def _spreads(control: float, treated: float, ratio: float, form: TrialForm) -> tuple[float, float]:
    """Standard deviations, per treated customer, that stand under the level and under the power."""
    mean = (treated + ratio * control) / (1 + ratio)
    pooled = sqrt((1 + 1 / ratio) * mean * (1 - mean))
    unpooled = sqrt(treated * (1 - treated) + control * (1 - control) / ratio)
    match form:
        case TrialForm.POOLED:
            return pooled, unpooled
        case TrialForm.SWAPPED:
            return unpooled, pooled
        case _:
            return unpooled, unpooled


def _planned(control: float, treated: float) -> None:
    checked("control", control, 0.0, 1.0)
    checked("treated", treated, 0.0, 1.0)
    if {control, treated} <= {0.0, 1.0}:
        raise ValueError("control, treated: at least one share has to lie between 0 and 1")


def _shifted(control: float, effect: float) -> float:
    moved = control + effect
    if not 0 <= moved <= 1:
        raise ValueError("effect: control + effect has to be a share")
    return moved


def _angle(share: float) -> float:
    return 2 * asin(sqrt(share))
