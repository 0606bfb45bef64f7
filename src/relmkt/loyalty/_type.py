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

from relmkt.columns._labels import labelled
from relmkt.estimate import Estimate
from relmkt.ladders import Segment
from relmkt.loyalty._shares import Interval, shares
from relmkt.rules import Limit, Measure, Rule
from relmkt.scales._answers import numbers

__all__ = [
    "Cut",
    "High",
    "LoyaltyTable",
    "LoyaltyType",
    "loyalty_segments",
    "loyalty_table",
    "loyalty_type",
]

Floats = NDArray[np.float64]
Cut = float | Literal["median"]
High = Literal[">=", ">"]
ONE_WORD = 'a number, or "median" of the customers of whom both axes are known'


class LoyaltyType(StrEnum):
    """Attitude and behaviour high: true; attitude alone: latent; behaviour alone: spurious; one unknown: unknown.

    >>> LoyaltyType("spurious") is LoyaltyType.SPURIOUS
    True
    """

    TRUE = "true"
    LATENT = "latent"
    SPURIOUS = "spurious"
    NONE = "none"
    UNKNOWN = "unknown"


KNOWN = tuple(str(kind) for kind in LoyaltyType if kind is not LoyaltyType.UNKNOWN)


@frozen(eq=False, repr=False)
class LoyaltyTable:
    """A base cut in two by attitude and in two by behaviour, with both axes kept beside the type.

    attitude, behaviour: one a customer, NaN where unknown. attitude_cut, behaviour_cut: the cuts as numbers.
    attitude_high, behaviour_high: whether who stands on the cut is high (">=") or low (">").
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
        found: dict[str, Estimate] = {}
        for name in np.unique(names).tolist():
            told = labels[names == name]
            counts = [int((told == kind).sum()) for kind in KNOWN]
            found[name] = _shares(counts, len(told) - sum(counts), level, interval)
        return found

    def __len__(self) -> int:
        return len(self.attitude)

    def __repr__(self) -> str:
        return f"<LoyaltyTable: {len(self):,} customers, {self.cuts}>"

    @property
    def cuts(self) -> str:
        """What counts as high, in words."""
        likes = f"attitude {self.attitude_high} {self.attitude_cut:g}"
        return f"{likes}, behaviour {self.behaviour_high} {self.behaviour_cut:g}"

    def _rows(self) -> list[tuple[str, int, float, float]]:
        labels, told = self.labels, []
        for kind in map(str, LoyaltyType):
            inside = labels == kind
            axes = (axis[inside & np.isfinite(axis)] for axis in (self.attitude, self.behaviour))
            like, buy = (float(axis.mean()) if axis.size else nan for axis in axes)
            told.append((kind, int(inside.sum()), like, buy))
        return told

    def __str__(self) -> str:
        rows = [f"{kind:<10}{n:>10,}{_told(like):>16}{_told(buy):>16}" for kind, n, like, buy in self._rows()]
        head = f"{'':<10}{'customers':>10}{'mean attitude':>16}{'mean behaviour':>16}"
        return "\n".join([head, *rows, f"high: {self.cuts}"])

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><th>{kind}</th><td>{n:,}</td><td>{_told(like)}</td><td>{_told(buy)}</td></tr>"
            for kind, n, like, buy in self._rows()
        )
        head = "".join(f"<th>{h}</th>" for h in ("", "customers", "mean attitude", "mean behaviour"))
        caption = self.cuts.replace(">", "&gt;")
        return f"<table><caption>high: {caption}</caption><tr>{head}</tr>{body}</table>"


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
    likes, buys = numbers(attitude), numbers(behaviour)
    if likes.ndim != 1 or likes.shape != buys.shape:
        raise ValueError("attitude and behaviour: expected one entry a customer in each, in the same order")
    for name, high in (("attitude_high", attitude_high), ("behaviour_high", behaviour_high)):
        if high not in (">=", ">"):
            raise ValueError(f"{name}: expected '>=' or '>'")
    known = np.isfinite(likes) & np.isfinite(buys)
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

    attitude, behaviour: measures; the cuts in their units. `Ladder("loyalty", *segments)` stands everyone on one rung.

    >>> from relmkt.facts import Purchase
    >>> from relmkt.scales import Construct, Scale
    >>> from relmkt.tallies import count
    >>> trust = Construct("trust", Scale(1, 7).items("t1", "t2")).measure
    >>> loyalty_segments(trust, count(Purchase), attitude_cut=5, behaviour_cut=3)[2]
    spurious: (trust < 5) & (count(Purchase) >= 3)

    Source: Dick & Basu 1994.
    """
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
    if high not in (">=", ">"):
        raise ValueError("expected '>=' or '>' for what is high")
    return (measure >= cut, measure < cut) if high == ">=" else (measure > cut, measure <= cut)


def _told(mean: float) -> str:
    return "unknown" if np.isnan(mean) else f"{mean:,.2f}"


def _high(values: Floats, cut: float, high: High) -> NDArray[np.int64]:
    with np.errstate(invalid="ignore"):
        return np.asarray(values >= cut if high == ">=" else values > cut).astype(np.int64)


def _cut(known: Floats, cut: Cut, name: str) -> float:
    if cut == "median":
        return float(np.median(known)) if known.size else nan
    if isinstance(cut, bool | str) or not np.isfinite(cut):
        raise ValueError(f"{name}: expected {ONE_WORD}")
    return float(cut)


def _shares(counts: list[int], unknown: int, level: float, interval: Interval) -> Estimate:
    nobody = "nobody's attitude and behaviour are both known"
    return shares(counts, KNOWN, level=level, interval=interval, nobody=nobody, missing=unknown)
