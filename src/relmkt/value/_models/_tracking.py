"""Do purchases come as the model said they would? Repeat purchases period by period, and by count.

Tracking plots, cumulative and incremental, are those of Fader, Hardie & Lee (2005), "Counting your customers the easy
way", Marketing Science 24(2), figures 2 to 4; the histogram of counts is their figure 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Protocol

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._summaries._fields import floats
from relmkt.value._summaries._occasions import Log
from relmkt.value._summaries._periods import DAYS_OF, Unit
from relmkt.value._summaries._rows import day_of
from relmkt.value._summaries._summary import PurchaseSummary
from relmkt.windows import At, Span

__all__ = ["FrequencyFit", "Tracking", "frequency_fit", "tracking"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Expects(Protocol):
    """A model of repeat purchases of new customers."""

    @property
    def unit(self) -> Unit | None: ...
    def expected(self, horizon: Span | float, /, *, level: float | None = ...) -> Estimate: ...
    def probability(self, purchases: int, horizon: Span | float, /) -> float: ...


@frozen(eq=False, repr=False)
class Tracking:
    """Repeat purchases of a cohort of customers by period, as they came and as the model expects them.

    ends: of each period, in units since the first customer came; actual, expected: purchases up to that end;
    calibrated: how many of the periods the model had seen, the rest is forecast.
    """

    ends: Floats = field(converter=floats)
    actual: Floats = field(converter=floats)
    expected: Floats = field(converter=floats)
    calibrated: int
    unit: Unit

    def __len__(self) -> int:
        return int(self.ends.size)

    @property
    def actual_by_period(self) -> Floats:
        """Purchases within each period."""
        return np.diff(self.actual, prepend=0.0)

    @property
    def expected_by_period(self) -> Floats:
        """Purchases that the model expects within each period."""
        return np.diff(self.expected, prepend=0.0)

    @property
    def deviation(self) -> Floats:
        """Expected less actual, cumulative, as a share of the actual; NaN before the first purchase."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.actual > 0, self.expected / self.actual - 1, np.nan)

    def __str__(self) -> str:
        last = f"{self.expected[-1]:,.0f} expected, {self.actual[-1]:,.0f} came" if len(self) else "nothing to track"
        return f"{len(self)} {self.unit}s, {self.calibrated} of them calibrated: {last}"

    def __repr__(self) -> str:
        return f"<Tracking: {self}>"

    def _repr_html_(self) -> str:
        head = f"<th>{self.unit}</th><th>actual</th><th>expected</th>"
        rows = zip(self.ends, self.actual, self.expected, strict=True)
        body = "".join(f"<tr><th>{t:g}</th><td>{a:,.0f}</td><td>{e:,.1f}</td></tr>" for t, a, e in rows)
        return f"<table><caption>{escape(str(self))}</caption><tr>{head}</tr>{body}</table>"


def tracking(
    model: Expects,
    customers: ArrayLike,
    times: ArrayLike | Sequence[datetime],
    *,
    at: At,
    until: At,
    unit: Unit,
    zone: str = "UTC",
) -> Tracking:
    """Actual and expected repeat purchases of those who came up to `at`, period by period until `until`.

    customers, times: rows of purchases, as for `PurchaseSummary.from_purchases`; several on one day count once, as in
    the summary. unit: days or weeks, the length of a period; the model's own.

    >>> from pendulum import datetime
    >>> from relmkt.value import BetaGeo
    >>> days = np.array(["2026-01-01", "2026-01-09", "2026-01-20"], dtype="datetime64[D]")
    >>> model = BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week")
    >>> way = tracking(model, [1, 1, 1], days, at=datetime(2026, 1, 15), until=datetime(2026, 1, 29), unit="week")
    >>> way.actual.tolist(), way.expected.round(3).tolist(), way.calibrated
    ([0.0, 1.0, 2.0, 2.0], [0.053, 0.103, 0.151, 0.196], 2)
    """
    if unit not in ("day", "week") or model.unit not in (None, unit):
        raise ValueError(f"unit is day or week, and the model's own ({model.unit}), not {unit!r}")
    length, seen = DAYS_OF[unit], day_of(at, zone)
    born, repeats = _occasions(Log.of(customers, times, None).until(until, zone), seen, zone)
    if not born.size:
        return Tracking([], [], [], 0, unit)
    start = int(born.min())
    ends = np.arange(1, int((day_of(until, zone) - start) // length) + 1)
    actual = np.searchsorted(np.sort(repeats - start), ends * length, side="right")
    new, counts = np.unique(born - start, return_counts=True)
    ages = np.subtract.outer(ends * length, new).clip(min=0)
    distinct, where = np.unique(ages, return_inverse=True)
    each = np.array([float(model.expected(age / length, level=None)) for age in distinct])
    return Tracking(ends, actual, each[where.reshape(ages.shape)] @ counts, int((seen - start) // length), unit)


def _occasions(log: Log, seen: int, zone: str) -> tuple[Ints, Ints]:
    """Days on which customers came first, of those who came up to `seen`, and on which these came again."""
    codes, days = log.codes.numbers(), log.stamps.days(zone)
    origin = int(days.min(initial=0))
    bits = (int(days.max(initial=0)) - origin).bit_length()
    packed = np.unique((codes << bits) + (days - origin))
    whose = packed >> bits
    first = np.ones(packed.size, dtype=bool)
    first[1:] = whose[1:] != whose[:-1]
    day = packed - (whose << bits) + origin
    place = np.cumsum(first) - 1
    born = day[first]
    repeats = ~first & (born[place] <= seen) if born.size else first
    return born[born <= seen], day[repeats]


@frozen(eq=False, repr=False)
class FrequencyFit:
    """How many customers repeated 0, 1, 2 … times, and how many the model expects; the last group takes the rest."""

    groups: tuple[str, ...]
    actual: Floats = field(converter=floats)
    expected: Floats = field(converter=floats)

    def __len__(self) -> int:
        return len(self.groups)

    def __str__(self) -> str:
        rows = zip(self.groups, self.actual, self.expected, strict=True)
        return "\n".join(["repeats   actual  expected", *(f"{g:<7}{a:>9,.0f}{e:>10,.1f}" for g, a, e in rows)])

    def __repr__(self) -> str:
        return f"<FrequencyFit: {int(self.actual.sum()):,} customers, 0 to {self.groups[-1]}>"


def frequency_fit(model: Expects, summary: PurchaseSummary, *, most: int = 7) -> FrequencyFit:
    """Customers by number of repeat purchases, actual and expected, each over their own age.

    >>> from relmkt.value import BetaGeo
    >>> two = PurchaseSummary([1, 2], [0, 3], [0, 30], [39, 39], [np.nan, 20], "week")
    >>> fit = frequency_fit(BetaGeo(0.243, 4.414, 0.793, 2.426), two, most=2)
    >>> fit.actual.tolist(), fit.expected.round(3).tolist()
    ([1.0, 0.0, 1.0], [1.148, 0.399, 0.454])
    """
    ages, counts = np.unique(summary.T, return_counts=True)
    each = np.array([[model.probability(k, float(age)) for k in range(most)] for age in ages]).reshape(-1, most)
    expected = counts @ each
    actual = np.bincount(np.minimum(summary.frequency, most).astype(np.int64), minlength=most + 1)
    groups = (*map(str, range(most)), f"{most}+")
    return FrequencyFit(groups, actual, np.append(expected, len(summary) - expected.sum()))
