"""How many buy again, and who has gone quiet? The repeat-purchase rate, and churn where nobody signs off.

Recent joiners had less time to come back: they are left out, or counted for as long as they were seen (Kaplan & Meier
1958, JASA 53). Without a contract churn is not seen; a common rule calls lapsed who has been quiet for several times
the usual gap between purchases. Where a model of purchases is fitted its probability alive says more.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.facts import Purchase
from relmkt.ladders import Segment
from relmkt.scales._shares import share_estimate
from relmkt.tallies import since
from relmkt.value._numbers._survival import staying
from relmkt.value._summaries._fields import floats
from relmkt.value._summaries._rows import day_of, local_days
from relmkt.value._summaries._tables import HoldsFacts
from relmkt.windows import DAY, Span, days

__all__ = ["PurchaseGaps", "purchase_gaps", "repeat_rate"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
NOBODY = "nobody has bought, or not for so long"


def repeat_rate(
    base: HoldsFacts,
    *,
    within: Span | None = None,
    method: Literal["followed", "kaplan-meier"] = "followed",
    zone: str = "UTC",
    level: float = 0.95,
) -> Estimate:
    """The share of customers who bought again on a later day, with Wilson's or Greenwood's interval.

    within: counts what they bought in that time after the first purchase. method "followed": only customers who have
    been known for that long count; without a window everyone counts, recent joiners too, who had less time to come back
    (a note says so). "kaplan-meier": everyone counts for as long as they have been known; without a window, up to the
    last time at which anyone came back for the first time.

    >>> from pendulum import datetime
    >>> from relmkt.columns import FactTable
    >>> from relmkt.money import Money
    >>> from relmkt.portfolio import Portfolio
    >>> days = [("ada", 5), ("bob", 9), ("ada", 20)]
    >>> facts = [Purchase(who, datetime(2026, 1, day), Money(day, "EUR")) for who, day in days]
    >>> base = Portfolio(FactTable.of(facts), at=datetime(2026, 2, 1))
    >>> print(repeat_rate(base))
    0.50 [0.09, 0.91] 95 %, n = 2 (Wilson)
    """
    if method not in ("followed", "kaplan-meier"):
        raise ValueError(f"method: expected 'followed' or 'kaplan-meier', got {method!r}")
    first, again = _firsts(base, zone)
    known = int(base.at) - first
    longest = NEVER - 1 if within is None else int(within)
    if method == "followed":
        seen, back = known >= (0 if within is None else longest), again <= longest
        notes = () if within else ("recent joiners had less time to come back",)
        return share_estimate(int((seen & back).sum()), int(seen.sum()), level=level, note=NOBODY, notes=notes)
    return _by_curve(known, again, longest, within, level)


def _by_curve(known: Ints, again: Ints, longest: int, within: Span | None, level: float) -> Estimate:
    name = "Kaplan–Meier, Greenwood"
    if not known.size or (within is not None and int(known.max()) < longest):
        return Estimate.unknown(NOBODY, level=level, method=name)
    curve = staying(np.minimum(again, known), again <= known, level=level)
    told = np.array([0, *map(int, list(curve.labels or ())[1:])])  # times at which anyone came back, after the start
    row = int(np.searchsorted(told[1:], longest, side="right"))
    value, low, high, se = (float(np.asarray(v)[row]) for v in (curve.value, curve.low, curve.high, curve.se))
    span = f"within {within!r} of the first purchase" if within else f"within {told[row] / DAY:.0f} days, as observed"
    return Estimate(1 - value, 1 - high, 1 - low, level, known.size, name, notes=(span,), se=se)


def _firsts(base: HoldsFacts, zone: str) -> tuple[Ints, Ints]:
    """Of each customer who bought: the first instant, and the time to the first purchase on a later local day.

    Who has not come back has `NEVER`.
    """
    who, at = _ordered(base)
    if not who.size:
        return who, who
    opening = np.flatnonzero(np.append(True, who[1:] != who[:-1]))
    sizes = np.diff(np.append(opening, who.size))
    day = local_days(at, zone)
    later = np.flatnonzero(day > np.repeat(day[opening], sizes))
    customer = np.repeat(np.arange(opening.size), sizes)[later]
    again = np.full(opening.size, NEVER)
    firsts = np.flatnonzero(np.append(True, customer[1:] != customer[:-1])) if later.size else later
    again[customer[firsts]] = at[later[firsts]] - at[opening[customer[firsts]]]
    return at[opening], again


def _ordered(base: HoldsFacts) -> tuple[Ints, Ints]:
    """Customers' codes and times of purchases up to `base.at`, by customer and then by time."""
    table = base.facts(Purchase)
    who, at = table["stream"], table["at"]
    kept = at <= int(base.at)  # rule R46
    if not kept.all():
        who, at = who[kept], at[kept]
    if ((who[1:] < who[:-1]) | ((who[1:] == who[:-1]) & (at[1:] < at[:-1]))).any():
        order = np.lexsort((at, who))
        who, at = who[order], at[order]
    return who.astype(np.int64, copy=False), at.astype(np.int64, copy=False)


@frozen(eq=False, repr=False)
class PurchaseGaps:
    """How long customers have been quiet, beside how long they usually are, in days; one entry a customer who bought.

    ids; silent: days since the last purchase; own: median of the customer's own gaps between days of purchase, NaN for
    who bought on one day only; typical: median of all gaps of all customers, in which frequent buyers have more, NaN
    where nobody came back.

    >>> gaps = PurchaseGaps(["ada", "bob"], silent=[40, 12], own=[10, float("nan")], typical=10.0)
    >>> gaps.lapsed(3).tolist(), gaps.lapsed(3, own=True).tolist()
    ([1.0, 0.0], [1.0, nan])
    """

    ids: NDArray[Any] = field(converter=np.asarray)
    silent: Floats = field(converter=floats)
    own: Floats = field(converter=floats)
    typical: float

    def lapsed(self, times: float, *, own: bool = False) -> Floats:
        """1 for who has been quiet for more than `times` times the typical (or their own) gap, else 0; NaN: unknown."""
        _positive(times)
        gap = self.own if own else np.full(self.silent.shape, self.typical)
        return np.where(np.isnan(gap), np.nan, self.silent > times * gap)

    def churn(self, times: float, *, own: bool = False, level: float = 0.95) -> Estimate:
        """The share lapsed by this rule, with Wilson's interval: an assumption about silence, not an observation."""
        lapsed = self.lapsed(times, own=own)
        known = ~np.isnan(lapsed)
        rule = f"lapsed: quiet for more than {times:g} times the {'own' if own else 'typical'} gap"
        k, n = int(lapsed[known].sum()), int(known.sum())
        return share_estimate(k, n, level=level, note="no gap between purchases is known", notes=(rule,))

    def segment(self, times: float) -> Segment:
        """The rule as a segment of portfolios: since(Purchase) beyond `times` times the typical gap."""
        _positive(times)
        if np.isnan(self.typical):
            raise ValueError("no gap between purchases is known: nobody came back")
        return Segment("lapsed", since(Purchase) > days(times * self.typical))

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"<PurchaseGaps: {len(self):,} customers, typical gap {self.typical:g} days>"


def purchase_gaps(base: HoldsFacts, *, zone: str = "UTC") -> PurchaseGaps:
    """The gaps between customers' days of purchase, as known at the portfolio's instant; days are dates in `zone`.

    >>> from pendulum import datetime
    >>> from relmkt.columns import FactTable
    >>> from relmkt.money import Money
    >>> from relmkt.portfolio import Portfolio
    >>> when = [("ada", 5), ("bob", 9), ("ada", 20)]
    >>> facts = [Purchase(who, datetime(2026, 1, day), Money(day, "EUR")) for who, day in when]
    >>> gaps = purchase_gaps(Portfolio(FactTable.of(facts), at=datetime(2026, 2, 1)))
    >>> gaps.silent.tolist(), gaps.typical
    ([12.0, 23.0], 15.0)
    """
    who, at = _ordered(base)
    ids = np.asarray(base.facts(Purchase).ids)
    if not who.size:
        return PurchaseGaps(ids[:0], [], [], float("nan"))
    day = local_days(at, zone)
    new = np.append(True, (who[1:] != who[:-1]) | (day[1:] != day[:-1]))
    who, day = who[new], day[new]
    ending = np.flatnonzero(np.append(who[1:] != who[:-1], True))
    same = who[1:] == who[:-1]
    steps, whose = np.diff(day)[same], who[1:][same]
    own = np.full(int(who[-1]) + 1, np.nan)
    own[whose] = _medians(steps, whose)
    typical = float(np.median(steps)) if steps.size else float("nan")
    return PurchaseGaps(ids[who[ending]], day_of(base.at, zone) - day[ending], own[who[ending]], typical)


def _medians(values: Ints, whose: Ints) -> Floats:
    """The median of each customer's values, one entry a value; rows are by customer."""
    if not values.size:
        return np.zeros(0)
    ordered = values[np.lexsort((values, whose))]
    starts = np.flatnonzero(np.append(True, whose[1:] != whose[:-1]))
    sizes = np.diff(np.append(starts, whose.size))
    middle = (ordered[starts + (sizes - 1) // 2] + ordered[starts + sizes // 2]) / 2
    return np.repeat(middle, sizes)


def _positive(times: float) -> None:
    if not 0 < times < float("inf"):
        raise ValueError(f"times: expected a finite number above 0, got {times}")
