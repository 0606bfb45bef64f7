"""What does better retention bring? The curve of value over retention, and when a slogan about it would hold.

Reichheld & Sasser (1990), "Zero defections: quality comes to services", Harvard Business Review 68(5), 105-111. That a
few points of retention nearly double profit is arithmetic of the lifetime, true at some retentions and not at others:
here is the arithmetic, and `claim_holds` says at which.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.value._formulas._clv import Timing, clv, multiple
from relmkt.value._numbers._delta import Numbers, carried, checked, rate
from relmkt.value._numbers._figures import Amount, number

__all__ = [
    "ClaimHolds",
    "RetentionLift",
    "claim_holds",
    "retention_elasticity",
    "retention_lift",
    "retention_value_curve",
]

Floats = NDArray[np.float64]


@frozen
class RetentionLift:
    """What some points of retention do to a customer's value.

    Attributes: `before` and `after`, lifetime values; `gain`, their difference; `relative`, the gain as a fraction of
    the value before (NaN where that is 0).
    """

    before: Estimate
    after: Estimate
    gain: Estimate
    relative: Estimate


@frozen
class ClaimHolds:
    """The retentions at which a claimed effect of retention on value is reached; NaN where there is no such bound.

    Attributes: `up_to`, it holds from 0 to here, where hardly anyone stays and any gain is relatively great;
    `starting`, and from here to `highest`; `highest`, 1 less the points claimed.
    """

    up_to: float
    starting: float
    highest: float

    def at(self, retention: float) -> bool:
        """Whether the claim holds at that retention.

        >>> ClaimHolds(np.nan, 0.9, 0.95).at(0.92)
        True
        """
        return 0 <= retention <= self.up_to or self.starting <= retention <= self.highest


def retention_value_curve(
    margin: Amount,
    retention: Amount,
    discount: Amount,
    *,
    timing: Timing,
    growth: Amount = 0.0,
    periods: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Lifetime value at each of a row of retentions, labelled by them; arguments and errors are those of `clv`.

    >>> curve = retention_value_curve(100, [0.8, 0.85], 0.1, timing=Timing.IF_RETAINED)
    >>> curve["0.85"].value.__round__(9)
    340.0

    Source: Gupta & Lehmann 2003.
    """
    labels = [f"{point:.6g}" for point in np.atleast_1d(number(retention)).tolist()]
    given = None if len(set(labels)) < len(labels) or isinstance(retention, Estimate) else labels
    return clv(margin, retention, discount, timing=timing, growth=growth, periods=periods, labels=given, level=level)


def retention_elasticity(
    retention: Amount,
    discount: Amount,
    *,
    timing: Timing,
    growth: Amount = 0.0,
    periods: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """By how many percent value rises where retention rises by one percent of itself; in the margin it is always 1.

    Without end and growth it is (1 + d) / (1 + d - r) for `Timing.IF_RETAINED`, r / (1 + d - r) for the other two.

    >>> round(retention_elasticity(0.8, 0.1, timing=Timing.IF_RETAINED).value, 4)
    3.6667

    Source: the derivative of Gupta & Lehmann's closed form.
    """
    kept, when = rate("retention", retention), Timing(timing)
    clv(
        1.0, number(kept), number(discount), timing=when, growth=number(growth), periods=periods
    )  # refuses what it must

    def elasticity(r: Numbers, d: Numbers, g: Numbers) -> Numbers:
        ratio = (1 + g) * r / (1 + d)
        sure = 1.0 if when is Timing.IF_RETAINED else 0.0
        if periods is None:
            mean: Numbers = ratio / (1 - ratio)
            return sure + mean
        weights = [ratio**t for t in range(periods)]
        mean = sum((t * w for t, w in enumerate(weights)), np.zeros_like(ratio)) / sum(weights)
        return sure + mean

    return carried(elasticity, kept, discount, growth, level=level)


def retention_lift(
    margin: Amount,
    retention: Amount,
    points: Amount,
    discount: Amount,
    *,
    timing: Timing,
    growth: Amount = 0.0,
    periods: int | None = None,
    level: float = 0.95,
) -> RetentionLift:
    """What a customer is worth before and after retention changes by so many points.

    points: as a fraction, 0.05 for five; negative for a loss; retention and the sum are both in [0, 1]. The other
    arguments and errors are those of `clv`.

    >>> lift = retention_lift(100, 0.8, 0.05, 0.1, timing=Timing.IF_RETAINED)
    >>> round(lift.before.value, 4), round(lift.after.value, 4), round(lift.relative.value, 4)
    (266.6667, 340.0, 0.275)

    Source: Reichheld & Sasser 1990; Gupta & Lehmann 2003.
    """
    kept, when = rate("retention", retention), Timing(timing)
    raised = number(kept) + number(points)
    checked("retention + points", raised, 0.0, 1.0)
    before = clv(margin, kept, discount, timing=when, growth=growth, periods=periods, level=level)
    clv(number(margin), raised, number(discount), timing=when, growth=number(growth), periods=periods)

    def at(r: Numbers, d: Numbers, g: Numbers) -> Numbers:
        return multiple(r, d, g, when, periods)

    def after(m: Numbers, r: Numbers, k: Numbers, d: Numbers, g: Numbers) -> Numbers:
        return m * at(r + k, d, g)

    def gain(m: Numbers, r: Numbers, k: Numbers, d: Numbers, g: Numbers) -> Numbers:
        more: Numbers = at(r + k, d, g) - at(r, d, g)
        return m * more

    def relative(m: Numbers, r: Numbers, k: Numbers, d: Numbers, g: Numbers) -> Numbers:
        worth = at(r, d, g)
        ratio: Numbers = at(r + k, d, g) / np.where((worth == 0) | (m == 0), np.nan, worth)
        return ratio - 1

    given = (margin, kept, points, discount, growth)
    rest = (carried(formula, *given, level=level) for formula in (after, gain, relative))
    return RetentionLift(before, *rest)


def claim_holds(points: float, lift: float, discount: float, *, timing: Timing, growth: float = 0.0) -> ClaimHolds:
    """At which retentions so many more points would raise lifetime value by at least that much, without end.

    points: more retention, as a fraction above 0. lift: claimed, as a fraction of the value, above 0; 1.0 doubles it.
    The margin plays no part. Bounds beyond 1 - points, or where the sum has no end, are NaN.

    >>> claim_holds(0.05, 1.0, 0.0, timing=Timing.END_OF_PERIOD).starting.__round__(9)  # 10 years become 20
    0.9
    >>> discounted = claim_holds(0.05, 1.0, 0.1, timing=Timing.IF_RETAINED)  # it holds where hardly anyone stays
    >>> round(discounted.up_to, 4), discounted.starting
    (0.0553, nan)

    Source: Gupta & Lehmann's closed form solved for the retention, a quadratic if the first margin is unsure.
    """
    for name, given in (("points", points), ("lift", lift), ("growth", 1 + growth)):
        checked(name, given, 0.0, open=True)
    checked("discount", discount, -1.0, open=True)
    reach = (1 + discount) / (1 + growth)  # the retention at which value has no end
    highest = min(1 - points, float(np.nextafter(reach - points, -np.inf)))
    if Timing(timing) is not Timing.IF_RETAINED:
        start = reach - points * (1 + lift) / lift
        return ClaimHolds(np.nan, *_bounds(max(start, 0.0), highest))
    # (r + k) / (D - r - k) = (1 + lift) r / (D - r), with D = reach and k = points
    half = (reach - points) / 2
    inside = half**2 - points * reach / lift
    if inside <= 0:  # the effect is reached everywhere
        return ClaimHolds(np.nan, *_bounds(0.0, highest))
    low, high = half - inside**0.5, half + inside**0.5
    return (
        ClaimHolds(min(low, highest), *_bounds(high, highest)) if highest >= 0 else ClaimHolds(np.nan, np.nan, np.nan)
    )


def _bounds(start: float, highest: float) -> tuple[float, float]:
    if highest < 0:
        return float("nan"), float("nan")
    return (start if start <= highest else float("nan")), highest
