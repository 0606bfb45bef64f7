"""How did a customer's probability of being alive move, and what do frequency and recency say together?

The history of one customer's probability and the matrix over frequency and recency are how the BG/NBD and its kin are
read: Fader, Hardie & Lee (2005), "RFM and CLV: using iso-value curves for customer base analysis", Journal of
Marketing Research 42(4).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import InvalidFactError
from relmkt.value._summaries._fields import floats
from relmkt.value._summaries._periods import DAYS_OF, Unit
from relmkt.value._summaries._rows import day_of, stamps
from relmkt.value._summaries._summary import PurchaseSummary
from relmkt.windows import At, Span

__all__ = ["AliveHistory", "FrequencyRecency", "alive_history", "frequency_recency"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Reads(Protocol):
    """A model of repeat purchases that knows its unit."""

    @property
    def unit(self) -> Unit | None: ...
    def alive(self, summary: PurchaseSummary, /, *, level: float | None = ...) -> Estimate: ...
    def purchases(
        self, summary: PurchaseSummary, horizon: Span | float, /, *, level: float | None = ...
    ) -> Estimate: ...


@frozen(eq=False, repr=False)
class AliveHistory:
    """One customer's probability of being alive, day by day from the first purchase on.

    days: dates, datetime64[D]; alive, low, high: the probability at the end of each day and its interval; bought: the
    days of purchase.
    """

    days: NDArray[np.datetime64] = field(converter=np.asarray)
    alive: Floats = field(converter=floats)
    low: Floats = field(converter=floats)
    high: Floats = field(converter=floats)
    bought: NDArray[np.datetime64] = field(converter=np.asarray)

    def __len__(self) -> int:
        return int(self.days.size)

    def __repr__(self) -> str:
        return f"<AliveHistory: {len(self):,} days, {self.bought.size:,} of them with a purchase>"


def alive_history(
    model: Reads,
    times: ArrayLike | Sequence[datetime],
    *,
    until: At,
    zone: str = "UTC",
    level: float | None = 0.95,
) -> AliveHistory:
    """The probability of being alive of one customer at the end of each day, as it was known on that day.

    times: of the purchases, as for `PurchaseSummary.from_purchases`; later than `until` is left out. The model must
    know its unit.

    >>> from pendulum import datetime
    >>> from relmkt.value import BetaGeo
    >>> model = BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week")
    >>> days = np.array(["2026-01-01", "2026-01-15"], dtype="datetime64[D]")
    >>> way = alive_history(model, days, until=datetime(2026, 3, 1))
    >>> len(way), float(way.alive[13]), way.alive[[14, -1]].round(3).tolist()
    (60, 1.0, [0.754, 0.563])
    """
    if model.unit is None:
        raise ValueError("the model needs its unit, to read days as its periods: fit it, or give unit=")
    when = stamps(times)
    kept = when.until(until, zone)
    bought = np.unique((when if kept is None else when.kept(kept)).days(zone))
    if not bought.size:
        raise InvalidFactError("times", "no purchase up to the end", "at least one")
    days = np.arange(bought[0], day_of(until, zone) + 1)
    place, length = np.searchsorted(bought, days, side="right") - 1, DAYS_OF[model.unit]
    T, t_x = ((d - bought[0]) / length for d in (days, bought[place]))
    rows = PurchaseSummary(np.arange(days.size), place, t_x, T, np.full(days.size, np.nan), model.unit)
    found = model.alive(rows, level=level)
    dates = (d.astype("datetime64[D]") for d in (days, bought))
    return AliveHistory(next(dates), found.value, found.low, found.high, next(dates))


@frozen(eq=False, repr=False)
class FrequencyRecency:
    """What a model says of customers of one age, by how often they repeated and when last.

    frequency: 0, 1, …; recency: age at the last purchase, in the model's periods; alive: probability; expected:
    purchases within the horizon; both shape (recency, frequency), NaN where the two do not go together.
    """

    frequency: Ints = field(converter=np.asarray)
    recency: Floats = field(converter=floats)
    alive: Floats = field(converter=floats)
    expected: Floats = field(converter=floats)
    age: float
    horizon: float

    def __repr__(self) -> str:
        return f"<FrequencyRecency: {self.recency.size} × {self.frequency.size} at the age of {self.age:g}>"


def frequency_recency(model: Reads, age: float, horizon: float, *, most: int, steps: int = 40) -> FrequencyRecency:
    """The matrix of a model over frequency 0 to `most`, and recency in steps up to the age; all in its periods.

    >>> from relmkt.value import BetaGeo
    >>> grid = frequency_recency(BetaGeo(0.243, 4.414, 0.793, 2.426), 38.86, 39, most=10)
    >>> grid.alive.shape, bool(grid.alive[-1, 10] > grid.alive[20, 10]), bool(np.isnan(grid.alive[20, 0]))
    ((41, 11), True, True)
    """
    if most < 1 or steps < 1 or not 0 < age < float("inf"):
        raise ValueError("most and steps are 1 or more, and the age is above 0")
    frequency, recency = np.arange(most + 1), np.linspace(0.0, age, steps + 1)
    t_x, x = (axis.ravel() for axis in np.meshgrid(recency, frequency, indexing="ij"))
    fits = (x > 0) == (t_x > 0)
    some = x[fits].size
    rows = PurchaseSummary(
        np.arange(some), x[fits], t_x[fits], np.full(some, age), np.full(some, np.nan), model.unit or "day"
    )
    told = np.full((2, x.size), np.nan)
    told[0, fits] = model.alive(rows, level=None).value
    told[1, fits] = model.purchases(rows, horizon, level=None).value
    alive, expected = told.reshape(2, steps + 1, most + 1)
    return FrequencyRecency(frequency, recency, alive, expected, age, horizon)
