"""Was it worth it? Perceived value over everything that it costs the customer: price, time, effort and mind.

Zeithaml (1988), Consumer Perceptions of Price, Quality, and Value, J. Marketing 52(3), 2-22; Kotler's delivered value
is the same as a difference. A group's ratio is one of sums, beside the median of ratios; the mean of ratios is not
told, for one cost near 0 decides it. A rating from 1 to 10 has no zero, and its ratios change with the numbers chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import evolve, field, fields, frozen
from numpy.typing import ArrayLike

from relmkt.estimate import Estimate
from relmkt.satisfaction._paired import Floats, alike, answered, groups, median_estimate, ratio_of_sums
from relmkt.scales import Scale
from relmkt.scales._mean import known_mean

__all__ = ["GlobalCost", "ValueForCost", "value_for_cost"]


def _part(given: ArrayLike | None) -> Floats | None:
    return None if given is None else answered(given)[0]


@frozen(eq=False, repr=False)
class GlobalCost:
    """All that it costs each customer, in one unit.

    price, time, effort, psychological: shape (n,), each already in `unit`, NaN where unknown; None for a part that was
    not asked, which is then said in `notes`. unit: of them all, such as "EUR".

    Raises ValueError for no part, columns of unlike length, or an empty unit.

    >>> cost = GlobalCost(price=[100, 40], time=[15, None], effort=[5, 5], unit="EUR")
    >>> cost.total.tolist(), cost.notes
    ([120.0, nan], ('not in the cost: psychological',))

    Source: Zeithaml 1988.
    """

    price: Floats | None = field(default=None, converter=_part, kw_only=True)
    time: Floats | None = field(default=None, converter=_part, kw_only=True)
    effort: Floats | None = field(default=None, converter=_part, kw_only=True)
    psychological: Floats | None = field(default=None, converter=_part, kw_only=True)
    unit: str = field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.parts or not self.unit:
            raise ValueError("a global cost has at least one part, and the unit that its parts share")
        alike(**self.parts)

    @property
    def parts(self) -> dict[str, Floats]:
        """The parts that were asked, by name."""
        told = {part.name: getattr(self, part.name) for part in fields(GlobalCost)[:4]}
        return {name: column for name, column in told.items() if column is not None}

    @property
    def total(self) -> Floats:
        """The sum of the parts of each customer; NaN where one is unknown, for a cost left out is not a cost of 0."""
        return np.asarray(np.sum(list(self.parts.values()), axis=0), np.float64)

    @property
    def notes(self) -> tuple[str, ...]:
        """Which parts are not in it."""
        gone = [part.name for part in fields(GlobalCost)[:4] if getattr(self, part.name) is None]
        return (f"not in the cost: {', '.join(gone)}",) if gone else ()

    def __repr__(self) -> str:
        return f"<GlobalCost in {self.unit}: {', '.join(self.parts)}>"


@frozen(eq=False, repr=False)
class ValueForCost:
    """Perceived value by global cost, respondent by respondent; `value_for_cost` makes it.

    value, cost: shape (n,), in one unit and from 0 up; NaN where unknown. free: costs of 0 or less, which have no
    ratio. invalid: values below 0, or answers off their scale. notes: what a reader has to know.

    >>> found = value_for_cost([80, 60, 5], [100, 40, 0])
    >>> found.ratios.tolist(), found.free
    ([0.8, 1.5, nan], 1)

    Source: Zeithaml 1988; Cochran 1977, chapter 6.
    """

    value: Floats = field(kw_only=True)
    cost: Floats = field(kw_only=True)
    invalid: int = field(default=0, kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)
    level: float = field(default=0.95, kw_only=True)

    @property
    def ratios(self) -> Floats:
        """Value by cost of each respondent, above 1 where it is worth more than it costs; NaN for a cost of 0 or less.

        Raises nothing: an unknown ratio is NaN.
        """
        found: Floats = np.full(self.value.shape, np.nan)
        np.divide(self.value, self.cost, out=found, where=self.cost > 0)
        return found

    @property
    def free(self) -> int:
        """How many costs are 0 or less."""
        return int(np.count_nonzero(self.cost <= 0))

    @property
    def ratio(self) -> Estimate:
        """The ratio of the sums, delta method: the figure of a segment; no interval below ten respondents."""
        known = ~np.isnan(self.ratios)
        made = ratio_of_sums(self.value[known], self.cost[known], level=self.level, note=_NOBODY, **self._counts())
        return evolve(made, notes=(*made.notes, *self._said()))

    @property
    def median(self) -> Estimate:
        """The median of the ratios, which no single respondent decides, between two order statistics."""
        found = self.ratios
        made = median_estimate(found[~np.isnan(found)], level=self.level, note=_NOBODY, **self._counts())
        return evolve(made, notes=(*made.notes, *self._said()))

    @property
    def difference(self) -> Estimate:
        """Mean value less cost (delivered value), in their unit, with Student's interval; a cost of 0 counts here."""
        made = known_mean(self.value - self.cost, level=self.level, note=_NOBODY, invalid=self.invalid)
        return evolve(made, notes=(*made.notes, *self.notes))

    def by(self, labels: ArrayLike) -> Mapping[str, ValueForCost]:
        """The same of each group of respondents, in the order of their names; labels: one a respondent.

        Invalid answers are counted for the whole alone.
        """
        rows = groups(labels, len(self.value)).items()
        return {name: evolve(self, value=self.value[at], cost=self.cost[at], invalid=0) for name, at in rows}

    def _counts(self) -> dict[str, Any]:
        return {"missing": int(np.count_nonzero(np.isnan(self.ratios))), "invalid": self.invalid}

    def _said(self) -> tuple[str, ...]:
        return (*((f"{self.free:,} with a cost of 0 or less",) if self.free else ()), *self.notes)

    def __str__(self) -> str:
        return f"ratio of sums     {self.ratio}\nmedian of ratios  {self.median}\nvalue less cost   {self.difference}"

    def __repr__(self) -> str:
        return f"<ValueForCost of {len(self.value):,} respondents>"


_NOBODY = "nobody stated a value and a cost above 0"


def value_for_cost(
    value: ArrayLike,
    cost: ArrayLike | GlobalCost,
    *,
    scale: Scale | None = None,
    cost_scale: Scale | None = None,
    level: float = 0.95,
) -> ValueForCost:
    """Perceived value over global cost.

    value: what each respondent found it worth, shape (n,). cost: a `GlobalCost`, or what it cost each in all, in the
    unit of the value. scale, cost_scale: what they were rated on, where they are ratings: these are counted from the
    lower end of their scale, and a note says so. level: of the intervals.

    A cost of 0 or less has no ratio: NaN, and counted. Raises ValueError for columns of unlike length, or ratings on
    scales of unlike width, which are not in one unit.

    >>> found = value_for_cost([80, 60], [100, 40])
    >>> found.ratio.value, found.median.value.__round__(9), found.difference.value
    (1.0, 1.15, 0.0)

    Source: Zeithaml 1988; the ratio of sums: Cochran 1977, chapter 6; the median: Thompson 1936.
    """
    widths = {s.high - s.low for s in (scale, cost_scale) if s is not None}
    if len(widths) > 1:
        raise ValueError("scale and cost_scale: expected scales of one width, for a ratio needs one unit")
    total, said = (cost.total, cost.notes) if isinstance(cost, GlobalCost) else (cost, ())
    (v, wrong), (c, off) = _from_zero(value, scale), _from_zero(total, cost_scale)
    alike(value=v, cost=c)
    below = v < 0
    notes = (*said, *_rescaled("value", scale), *_rescaled("cost", cost_scale))
    if (scale is None) != (cost_scale is None):
        notes = (*notes, "value and cost are in different units: compare groups, for 1 is no threshold")
    told: dict[str, Any] = {"invalid": wrong + off + int(np.count_nonzero(below)), "notes": notes, "level": level}
    return ValueForCost(value=np.where(below, np.nan, v), cost=c, **told)


def _from_zero(given: ArrayLike, scale: Scale | None) -> tuple[Floats, int]:
    found, wrong = answered(given, scale)
    return (found if scale is None else found - scale.low), wrong


def _rescaled(name: str, scale: Scale | None) -> tuple[str, ...]:
    if scale is None:
        return ()
    return (f"{name} rated from {scale.low} to {scale.high}, counted from 0 to {scale.high - scale.low}",)
