"""Who is loyal by conviction, and who merely buys again? Attitude against repeat patronage.

Dick & Basu (1994), "Customer loyalty: toward an integrated conceptual framework", Journal of the Academy of Marketing
Science 22(2), 99-113: high and low of both axes make true, latent, spurious and no loyalty. They name no cut, so every
cut is stated by who asks. Garland & Gendall (2004, Australasian Marketing Journal 12(3)) and East et al. (2005, the
same 13(2)) find that attitude tells who recommends, behaviour who stays, and that the cell adds little to the two: both
axes stay beside it.
"""

from __future__ import annotations

from enum import StrEnum
from math import nan
from typing import Literal

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns._html import html_table
from relmkt.columns._labels import labelled
from relmkt.estimate import Estimate
from relmkt.ladders import Segment
from relmkt.loyalty._high import High, above, axes, checked
from relmkt.loyalty._shares import Interval, shares
from relmkt.rules import Limit, Measure, Rule
from relmkt.scales._labels import places_of

__all__ = [
    "Cut",
    "LoyaltyTable",
    "LoyaltyType",
    "loyalty_segments",
    "loyalty_table",
    "loyalty_type",
]

Floats = NDArray[np.float64]
Cut = float | Literal["median"]


class LoyaltyType(StrEnum):
    """Attitude and behaviour high: true; attitude alone: latent; behaviour alone: spurious; one unknown: unknown.

    >>> LoyaltyType("spurious") is LoyaltyType.SPURIOUS
    True

    Source: Dick & Basu 1994.
    """

    TRUE = "true"
    LATENT = "latent"
    SPURIOUS = "spurious"
    NONE = "none"
    UNKNOWN = "unknown"


_HEAD = ("", "customers", "mean attitude", "mean behaviour")
KNOWN = tuple(str(kind) for kind in LoyaltyType if kind is not LoyaltyType.UNKNOWN)


@frozen(eq=False, repr=False)
class LoyaltyTable:
    """A base cut in two by attitude and in two by behaviour, with both axes kept beside the type.

    attitude, behaviour: one a customer, NaN where unknown. attitude_cut, behaviour_cut: the cuts as numbers.
    attitude_high, behaviour_high: whether who stands on the cut is high (">=") or low (">").

    >>> loyalty_table([6, 2, None], [5, 5, 5], attitude_cut=4, behaviour_cut=3).counts
    {'true': 1, 'latent': 0, 'spurious': 1, 'none': 0, 'unknown': 1}

    Source: Dick & Basu 1994; Wilson 1927; Goodman 1965.
    """

    attitude: Floats
    behaviour: Floats
    attitude_cut: float
    behaviour_cut: float
    attitude_high: High = ">="
    behaviour_high: High = ">="

    @property
    def labels(self) -> NDArray[np.str_]:
        """The type of each customer, as the text of `LoyaltyType`; `collections.Counter` counts them as plain `str`."""
        likes = _high(self.attitude, self.attitude_cut, self.attitude_high)
        buys = _high(self.behaviour, self.behaviour_cut, self.behaviour_high)
        names = np.array(["none", "latent", "spurious", "true"], np.str_)
        known = np.isfinite(self.attitude) & np.isfinite(self.behaviour)
        return labelled(np.where(known, names[likes + 2 * buys], np.str_("unknown")))

    @property
    def counts(self) -> dict[str, int]:
        """Customers of each type, and unknown: together all of them."""
        labels = self.labels
        return {str(kind): int((labels == str(kind)).sum()) for kind in LoyaltyType}

    def shares(self, *, level: float = 0.95, interval: Interval = "Wilson") -> Estimate:
        """The share of each type among customers of known type; `missing` counts the unknown.

        interval: "Wilson", each share alone, or "Goodman", all four together at the level.
        """
        counts = self.counts
        return _shares([counts[name] for name in KNOWN], counts["unknown"], level, interval)

    def by(self, segments: ArrayLike, *, level: float = 0.95, interval: Interval = "Wilson") -> dict[str, Estimate]:
        """The shares within each segment, by its name; segments: a label a customer."""
        names, labels = np.asarray(segments).astype(np.str_), self.labels
        if names.shape != labels.shape:
            raise ValueError("segments: expected a label a customer, in their order")
        segment, place = places_of(names, len(labels))
        kinds = (*KNOWN, str(LoyaltyType.UNKNOWN))
        parts = [np.bincount(place[labels == kind], minlength=len(segment)).tolist() for kind in kinds]
        rows = zip(segment, *parts, strict=True)
        return {name: _shares(counts, unknown, level, interval) for name, *counts, unknown in rows}

    def __len__(self) -> int:
        return len(self.attitude)

    def __repr__(self) -> str:
        return f"<LoyaltyTable: {len(self):,} customers, {self.cuts}>"

    @property
    def cuts(self) -> str:
        """What counts as high, in words."""
        likes = f"attitude {self.attitude_high} {self.attitude_cut:g}"
        return f"{likes}, behaviour {self.behaviour_high} {self.behaviour_cut:g}"

    def _rows(self) -> list[tuple[str, str, str, str]]:
        labels, told = self.labels, []
        for kind in map(str, LoyaltyType):
            inside = labels == kind
            known = (axis[inside & np.isfinite(axis)] for axis in (self.attitude, self.behaviour))
            like, buy = (f"{axis.mean():,.2f}" if axis.size else "unknown" for axis in known)
            told.append((kind, f"{inside.sum():,}", like, buy))
        return told

    def __str__(self) -> str:
        lines = [f"{kind:<10}{n:>10}{like:>16}{buy:>16}" for kind, n, like, buy in (_HEAD, *self._rows())]
        return "\n".join([*lines, f"high: {self.cuts}"])

    def _repr_html_(self) -> str:
        return html_table(self._rows(), head=_HEAD, caption=f"high: {self.cuts}")


def loyalty_table(
    attitude: ArrayLike,
    behaviour: ArrayLike,
    *,
    attitude_cut: Cut,
    behaviour_cut: Cut,
    attitude_high: High = ">=",
    behaviour_high: High = ">=",
) -> LoyaltyTable:
    """A base by attitude and behaviour, each cut in two.

    attitude, behaviour: one a customer, in the same order, of any unit; NaN or None where unknown. Behaviour may be
    purchases in a window, or a share of requirements. attitude_cut, behaviour_cut: a number, or "median" of customers
    of whom both are known. attitude_high, behaviour_high: whether a value on the cut is high (">=") or low (">"):
    under a median among many ties it decides.

    >>> print(loyalty_table([6, 6, 2, 2, None], [5, 1, 5, 1, 5], attitude_cut=4, behaviour_cut=3))
               customers   mean attitude  mean behaviour
    true               1            6.00            5.00
    latent             1            6.00            1.00
    spurious           1            2.00            5.00
    none               1            2.00            1.00
    unknown            1         unknown            5.00
    high: attitude >= 4, behaviour >= 3

    Source: Dick & Basu 1994.
    """
    likes, buys, known = axes(attitude, behaviour)
    checked(attitude_high, "attitude_high")
    checked(behaviour_high, "behaviour_high")
    cuts = _cut(likes[known], attitude_cut, "attitude_cut"), _cut(buys[known], behaviour_cut, "behaviour_cut")
    return LoyaltyTable(likes, buys, *cuts, attitude_high, behaviour_high)


def loyalty_type(
    attitude: ArrayLike,
    behaviour: ArrayLike,
    *,
    attitude_cut: Cut,
    behaviour_cut: Cut,
    attitude_high: High = ">=",
    behaviour_high: High = ">=",
) -> NDArray[np.str_]:
    """The type of loyalty of each customer, as the text of `LoyaltyType`; arguments as for `loyalty_table`.

    >>> from collections import Counter
    >>> told = loyalty_type([6, 2, 6, None], [4, 4, 4, 4], attitude_cut=5.0, behaviour_cut=3)
    >>> print(Counter(told))
    Counter({'true': 2, 'spurious': 1, 'unknown': 1})
    >>> (told == "true").tolist()
    [True, False, True, False]

    Source: Dick & Basu 1994.
    """
    cuts = {"attitude_cut": attitude_cut, "behaviour_cut": behaviour_cut}
    return loyalty_table(attitude, behaviour, **cuts, attitude_high=attitude_high, behaviour_high=behaviour_high).labels


def loyalty_segments(
    attitude: Measure,
    behaviour: Measure,
    *,
    attitude_cut: Limit,
    behaviour_cut: Limit,
    attitude_high: High = ">=",
    behaviour_high: High = ">=",
) -> tuple[Segment, Segment, Segment, Segment, Segment]:
    """The types as segments: unknown, none, spurious, latent, true; every customer is in exactly one.

    attitude, behaviour: measures; attitude_cut, behaviour_cut: numbers in their units; attitude_high, behaviour_high:
    as for `loyalty_table`. `Ladder("loyalty", *segments)` stands everyone on one rung.

    >>> from relmkt.facts import Purchase
    >>> from relmkt.scales import Construct, Scale
    >>> from relmkt.tallies import count
    >>> trust = Construct("trust", Scale(1, 7).items("t1", "t2")).measure
    >>> loyalty_segments(trust, count(Purchase), attitude_cut=5, behaviour_cut=3)[2]
    spurious: (trust < 5) & (count(Purchase) >= 3)

    Source: Dick & Basu 1994.
    """
    checked(attitude_high, "attitude_high")
    checked(behaviour_high, "behaviour_high")
    likes, cold = _sides(attitude, attitude_cut, attitude_high)
    buys, rare = _sides(behaviour, behaviour_cut, behaviour_high)
    return (
        Segment("unknown", ~attitude.known() | ~behaviour.known()),
        Segment("none", cold & rare),
        Segment("spurious", cold & buys),
        Segment("latent", likes & rare),
        Segment("true", likes & buys),
    )


def _sides(measure: Measure, cut: Limit, high: High) -> tuple[Rule, Rule]:
    return above(measure, cut, high), measure < cut if high == ">=" else measure <= cut


def _high(values: Floats, cut: float, high: High) -> NDArray[np.int64]:
    return np.asarray(above(values, cut, high)).astype(np.int64)


def _cut(known: Floats, cut: Cut, name: str) -> float:
    if cut == "median":
        return float(np.median(known)) if known.size else nan
    if isinstance(cut, bool | str) or not np.isfinite(cut):
        raise ValueError(f'{name}: expected a number, or "median" of the customers of whom both axes are known')
    return float(cut)


def _shares(counts: list[int], unknown: int, level: float, interval: Interval) -> Estimate:
    nobody = "nobody's attitude and behaviour are both known"
    return shares(counts, KNOWN, level=level, interval=interval, nobody=nobody, missing=unknown)
