"""What lies between high and low? Attitude and behaviour in three levels each: nine cells and no name for the middle.

Dick & Basu (1994), Journal of the Academy of Marketing Science 22(2), 99-113, name the four corners alone. Cut at the
tertiles the middle of a base is kept apart, so that a type is not decided by a hair's breadth around one cut.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns._html import html_table
from relmkt.columns._labels import labelled
from relmkt.estimate import Estimate
from relmkt.loyalty._high import High, axes, checked
from relmkt.loyalty._shares import Interval, shares

__all__ = ["LoyaltyGrid", "loyalty_grid"]

Floats = NDArray[np.float64]
Cuts = Sequence[float] | str
LEVELS = ("low", "middle", "high")


@frozen(eq=False, repr=False)
class LoyaltyGrid:
    """A base in nine cells, three levels of attitude by three of behaviour; both axes stay beside the cell.

    attitude, behaviour: one a customer, NaN where unknown. attitude_cuts, behaviour_cuts: lower and upper cut.
    high: whether a value on a cut is above it (">=") or below it (">").

    >>> grid = loyalty_grid([1, 4, 7], [0, 2, 9], attitude_cuts=(3, 6), behaviour_cuts=(1, 5))
    >>> grid.labels.tolist()
    ['low/low', 'middle/middle', 'high/high']
    """

    attitude: Floats
    behaviour: Floats
    attitude_cuts: tuple[float, float]
    behaviour_cuts: tuple[float, float]
    high: High

    @property
    def labels(self) -> NDArray[np.str_]:
        """The cell of each customer, as "high/low" (attitude first), or "unknown"."""
        side = "right" if self.high == ">=" else "left"
        likes = np.searchsorted(self.attitude_cuts, self.attitude, side=side)  # type: ignore[call-overload]
        buys = np.searchsorted(self.behaviour_cuts, self.behaviour, side=side)  # type: ignore[call-overload]
        known = np.isfinite(self.attitude) & np.isfinite(self.behaviour)
        names = np.array([*_cells(), "unknown"], np.str_)
        return labelled(names[np.where(known, 3 * likes + buys, 9)])

    @property
    def counts(self) -> NDArray[np.int64]:
        """Customers in each cell, shape (3, 3): a row a level of attitude, a column a level of behaviour, low first."""
        labels = self.labels
        return np.array([(labels == cell).sum() for cell in _cells()], np.int64).reshape(3, 3)

    def shares(self, *, level: float = 0.95, interval: Interval = "Wilson") -> Estimate:
        """The share of each cell among customers of known cell, labelled "high/low" (attitude first).

        interval: "Wilson", each share alone, or "Goodman", all nine together at the level.
        """
        counts = self.counts.ravel().tolist()
        nobody = "nobody's attitude and behaviour are both known"
        missing = len(self.attitude) - sum(counts)
        return shares(counts, _cells(), level=level, interval=interval, nobody=nobody, missing=missing)

    def __repr__(self) -> str:
        return f"<LoyaltyGrid: {len(self.attitude):,} customers>"

    def __str__(self) -> str:
        lines = (("", *LEVELS), *self._rows())
        return "\n".join(f"{name:<18}" + "".join(f"{cell:>10}" for cell in cells) for name, *cells in lines)

    def _repr_html_(self) -> str:
        return html_table(self._rows(), head=("", *(f"behaviour {name}" for name in LEVELS)))

    def _rows(self) -> list[tuple[str, ...]]:
        counts = self.counts.tolist()
        return [(f"attitude {LEVELS[place]}", *(f"{n:,}" for n in counts[place])) for place in (2, 1, 0)]


def _cells() -> tuple[str, ...]:
    return tuple(f"{like}/{buy}" for like in LEVELS for buy in LEVELS)


def loyalty_grid(
    attitude: ArrayLike, behaviour: ArrayLike, *, attitude_cuts: Cuts, behaviour_cuts: Cuts, high: High = ">="
) -> LoyaltyGrid:
    """A base by attitude and behaviour in three levels each.

    attitude, behaviour: one a customer, in the same order; NaN or None where unknown. attitude_cuts, behaviour_cuts:
    two numbers, lower first, or "tertile" (type 7 quantiles at one and two thirds) of customers of whom both are known.
    high: whether a value on a cut is above it (">=") or below it (">").

    >>> print(loyalty_grid([1, 4, 7, 7], [0, 2, 9, 0], attitude_cuts=(3, 6), behaviour_cuts=(1, 5)))
                             low    middle      high
    attitude high              1         0         1
    attitude middle            0         1         0
    attitude low               1         0         0

    Source: Dick & Basu 1994, for the corners.
    """
    likes, buys, known = axes(attitude, behaviour)
    checked(high)
    cuts = _cuts(likes[known], attitude_cuts, "attitude_cuts"), _cuts(buys[known], behaviour_cuts, "behaviour_cuts")
    return LoyaltyGrid(likes, buys, *cuts, high)


def _cuts(known: Floats, cuts: Cuts, name: str) -> tuple[float, float]:
    if isinstance(cuts, str):
        if cuts != "tertile":
            raise ValueError(f'{name}: expected two numbers, the lower first, or "tertile"')
        low, high = np.quantile(known, [1 / 3, 2 / 3]).tolist() if known.size else (np.nan, np.nan)
        return low, high
    told = tuple(map(float, cuts))
    if len(told) != 2 or not told[0] <= told[1]:
        raise ValueError(f'{name}: expected two numbers, the lower first, or "tertile"')
    return told[0], told[1]
