"""What did the customers of a calibration period buy afterwards? What forecasts are held against.

Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing Science 24(2), section 5: the model is
fitted to the first weeks, and judged by the weeks that follow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.value._summaries._fields import SAME, floats, labels
from relmkt.value._summaries._occasions import Log, Occasions
from relmkt.value._summaries._periods import DAYS_OF, Unit

__all__ = ["Holdout", "held_out"]

Floats = NDArray[np.float64]


@frozen(repr=False)
class Holdout:
    """What each customer of a calibration summary did in the time after it, in the order of that summary.

    ids: the summary's labels; purchases: periods with a purchase that the calibration does not count already, so that
    both together are the frequency of the whole time; spent: the amounts of the holdout less what was returned in it
    (rule R45, so it may be below 0), in whole units of `currency`, NaN without amounts; length: of the holdout, in
    units of `unit`.

    >>> print(Holdout(["ada", "bob"], [2, 0], [30, 0], 39.0, "week", "EUR"))
    2 customers, 2 purchases in 39 weeks and EUR

    Source: Fader, Hardie & Lee 2005, section 5.
    """

    ids: NDArray[Any] = field(converter=labels, eq=cmp_using(eq=np.array_equal))
    purchases: Floats = field(converter=floats, eq=SAME)
    spent: Floats = field(converter=floats, eq=SAME)
    length: float = field(converter=float)
    unit: Unit
    currency: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.unit not in DAYS_OF:
            raise ValueError(f"unit is one of {', '.join(DAYS_OF)}, not {self.unit!r}")
        for name in ("purchases", "spent"):
            if getattr(self, name).shape != (self.ids.size,):
                raise InvalidFactError(name, f"shape {getattr(self, name).shape}", f"({self.ids.size},), as ids have")
        x = self.purchases
        if not ((x >= 0) & (x == np.floor(x)) & np.isfinite(x)).all():
            raise InvalidFactError("purchases", "a number that counts nothing", "whole numbers of 0 or more")
        if np.isinf(self.spent).any():
            raise InvalidFactError("spent", "an infinite amount", "an amount, or NaN where it is not known")
        if not 0 <= self.length < np.inf:
            raise InvalidFactError("length", "a negative or infinite time", "units from the calibration's end")

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"<Holdout: {self}>"

    def __str__(self) -> str:
        money = f" and {self.currency}" if self.currency else ""
        return (
            f"{len(self):,} customers, {int(self.purchases.sum()):,} purchases in {self.length:g} {self.unit}s{money}"
        )


def held_out(known: Occasions, whole: Occasions, later: Log, returned: Log | None) -> tuple[Floats, Floats]:
    """Purchases and spend of the customers known, who are all in the whole too: in it less in what was known."""
    rows = np.searchsorted(whole.ids, known.ids)
    purchases = whole.repeats[rows] - known.repeats if known.ids.size else np.zeros(0)
    if later.money is None:
        return purchases, np.full(known.ids.size, np.nan)
    back = 0.0 if returned is None else returned.spent_by(known.ids)
    return purchases, later.spent_by(known.ids) - back
