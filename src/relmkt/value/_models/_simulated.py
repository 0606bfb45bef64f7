"""What would a base look like if the model were true? Simulated customers, their purchases and when they left.

For checking that a fit finds the parameters that made the data (Cook, Gelman & Rubin 2006, Journal of Computational
and Graphical Statistics 15(3)), and for seeing what a plan would do before it is tried.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.value._summaries._summary import PurchaseSummary, Unit, floats

__all__ = ["Simulated", "played"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@frozen(eq=False, repr=False)
class Simulated:
    """Purchases of simulated customers, numbered from 0, each with a clock of their own that starts at the first.

    customers, times: one entry a purchase, in order of customer and time, the first of each at 0; ages: of each
    customer, the end of the simulation; left: when each left for good, infinite for those who stay.

    >>> three = Simulated([0, 0, 1], [0.0, 2.5, 0.0], [4.0, 4.0], [np.inf, 0.0], "week")
    >>> three.summary().frequency.tolist(), three.summary(until=2).frequency.tolist()
    ([1.0, 0.0], [0.0, 0.0])
    """

    customers: Ints = field(converter=np.asarray)
    times: Floats = field(converter=floats)
    ages: Floats = field(converter=floats)
    left: Floats = field(converter=floats)
    unit: Unit | None = None

    def __len__(self) -> int:
        return self.ages.size

    def __repr__(self) -> str:
        return f"<Simulated: {len(self):,} customers, {self.times.size - len(self):,} repeat purchases>"

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Whether each customer is still one at the end."""
        return np.asarray(self.left > self.ages)

    def summary(self, until: float | None = None) -> PurchaseSummary:
        """What the models read of these purchases, as known at the age `until` of each (the end unless given)."""
        ends = self.ages if until is None else np.minimum(self.ages, until)
        kept = self.times <= ends[self.customers]
        who, when = self.customers[kept], self.times[kept]
        n = len(self)
        last, gaps = np.zeros(n), np.zeros(n)
        np.maximum.at(last, who, when)
        again = when > 0
        before = np.append(0.0, when[:-1])
        np.add.at(gaps, who[again], np.log(when[again] - before[again]))
        x = np.bincount(who, minlength=n) - 1
        return PurchaseSummary(np.arange(n), x, last, ends, np.full(n, np.nan), self.unit or "day", log_gaps=gaps)


def played(
    ages: Floats,
    *,
    wait: Callable[[Ints], Floats],
    stays: Callable[[Ints], NDArray[np.bool_]] | None = None,
    ends: Floats | None = None,
    at_first: bool = False,
    unit: Unit | None = None,
) -> Simulated:
    """Plays customers until their ages.

    wait: times to the next purchase of these customers; stays: whether each goes on after a purchase (after the first
    one too with `at_first`); ends: when each leaves whatever they buy.

    >>> played(np.array([10.0, 3.0]), wait=lambda who: np.full(who.size, 4.0)).times.tolist()
    [0.0, 4.0, 8.0, 0.0]
    """
    left = np.full(ages.size, np.inf) if ends is None else np.array(ends, dtype=np.float64)
    who, now = np.arange(ages.size), np.zeros(ages.size)
    whose, when = [who], [now]
    while who.size:
        if stays is not None and (at_first or len(when) > 1):
            goes_on = stays(who)
            left[who[~goes_on]] = now[~goes_on]
            who, now = who[goes_on], now[goes_on]
        now = now + wait(who)
        inside = now < np.minimum(ages[who], left[who])
        who, now = who[inside], now[inside]
        whose.append(who)
        when.append(now)
    counts = np.bincount(np.concatenate(whose), minlength=ages.size)
    starts, times = np.cumsum(counts) - counts, np.empty(int(counts.sum()))
    for which, (some, instants) in enumerate(zip(whose, when, strict=True)):
        times[starts[some] + which] = instants  # a customer's purchases come one a round, in order of time
    return Simulated(np.repeat(np.arange(ages.size), counts), times, ages, left, unit)
