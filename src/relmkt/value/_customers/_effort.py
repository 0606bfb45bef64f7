"""Does effort follow value? Contacts and spend of customers ranked by what they are worth.

Concentration curves over the order of another quantity, and the difference of the areas as one number: Kakwani (1977),
"Measurement of tax progressivity", Economic Journal 87(345), with value for income and effort for tax. Positive: effort
is more concentrated on the best than value is. Negative: it goes to those who are worth less.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate

__all__ = ["EffortByValue", "effort_by_value"]

Floats = NDArray[np.float64]
EXACT = "whole base, no sampling"


@frozen(eq=False, repr=False)
class EffortByValue:
    """Curves of value and of efforts over the customers, those worth least first; all from 0 to 1.

    customers: share of customers, shape (n + 1,); value: the share of all value that they bring; efforts: by name, the
    share of all of it that they receive. Customers of equal value share evenly, so the order of rows decides nothing.

    >>> found = effort_by_value([1, 2, 3, 4], contacts=[12, 0, 0, 0])
    >>> round(found.gap["contacts"].value, 3)
    -1.0
    >>> print(found.sentence("contacts", 0.25))
    the lowest 25 % of customers by value bring 10 % of value and receive 100 % of contacts
    """

    customers: Floats
    value: Floats
    efforts: Mapping[str, Floats]
    missing: int = field(default=0)

    @property
    def gap(self) -> Estimate:
        """For each effort, twice the area between the curve of value and its own, in (−2, 2); 0 where it follows."""
        n = len(self.customers) - 1
        areas = [2 * (_area(self.customers, self.value) - _area(self.customers, one)) for one in self.efforts.values()]
        return Estimate(areas, n=n, method=EXACT, labels=list(self.efforts), missing=self.missing)

    def received(self, name: str, part: float) -> tuple[float, float]:
        """What the lowest `part` of the customers bring of the value, and receive of an effort, as shares."""
        if not 0 <= part <= 1:
            raise ValueError("part is a share of customers, in [0, 1]")
        brought, given = (float(np.interp(part, self.customers, one)) for one in (self.value, self.efforts[name]))
        return brought, given

    def sentence(self, name: str, part: float = 0.1, *, top: bool = False) -> str:
        """The gap in words, at the lowest `part` of the customers by value, or at the best (`top`)."""
        brought, given = self.received(name, 1 - part if top else part)
        if top:
            brought, given = 1 - brought, 1 - given
        if np.isnan(brought + given):
            return f"value or {name} sum to 0: there is nothing to compare"
        who = f"the {'best' if top else 'lowest'} {_percent(part)} of customers by value"
        return f"{who} bring {_percent(brought)} of value and receive {_percent(given)} of {name}"

    @property
    def verdict(self) -> str:
        """Each effort in words: the gap, and who receives what."""
        return "\n".join(
            f"{name}: gap {gap.value:+.2f}; {self.sentence(name)}; {self.sentence(name, top=True)}"
            for name, gap in self.gap
        )

    def __str__(self) -> str:
        return self.verdict

    def __repr__(self) -> str:
        return f"<EffortByValue: {', '.join(self.efforts)} of {len(self.customers) - 1:,} customers>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.verdict)}</p>"


def effort_by_value(value: ArrayLike, **efforts: ArrayLike) -> EffortByValue:
    """How efforts are spread over the customers ranked by value.

    value: what each customer is worth; profits may be negative as long as they sum to more than 0. efforts: by name,
    such as `contacts` and `spend`, one a customer, 0 or more. Customers of unknown value (NaN) are left out and
    counted; an effort that is NaN is none. A curve is NaN where its total is not above 0. Raises ValueError for
    columns of unlike length, for negative efforts, and without any effort.

    >>> [round(gap.value, 6) for name, gap in effort_by_value([1, 1, 2], spend=[10, 10, 20]).gap]
    [0.0]
    """
    worth = np.asarray(value, dtype=np.float64)
    told = {name: np.nan_to_num(np.asarray(one, dtype=np.float64)) for name, one in efforts.items()}
    if not told:
        raise ValueError("name an effort, such as contacts= or spend=")
    if worth.ndim != 1 or any(one.shape != worth.shape for one in told.values()):
        raise ValueError("value and efforts have one entry a customer each")
    if any((one < 0).any() for one in told.values()):
        raise ValueError("an effort is 0 or more")
    known = ~np.isnan(worth)
    levels, place, sizes = np.unique(worth[known], return_inverse=True, return_counts=True)
    n = int(known.sum())

    def curve(column: Floats) -> Floats:
        sums = np.bincount(place, weights=column[known], minlength=levels.size)
        steps = np.concatenate([[0.0], np.cumsum(np.repeat(sums / sizes, sizes))])
        return steps / steps[-1] if steps[-1] > 0 else np.full(n + 1, np.nan)

    curves = {name: curve(one) for name, one in told.items()}
    return EffortByValue(np.linspace(0.0, 1.0, n + 1), curve(worth), curves, worth.size - n)


def _area(x: Floats, y: Floats) -> float:
    return float(((y[1:] + y[:-1]) * np.diff(x)).sum() / 2) if x.size > 1 else np.nan


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
