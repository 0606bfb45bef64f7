"""Who bought lately, often and for much? RFM scores of equal-sized groups, and ten named segments over them.

Recency, frequency and monetary value are direct-mail practice, scored in fifths since Hughes (1994), "Strategic
Database Marketing"; Fader, Hardie & Lee (2005), Journal of Marketing Research 42(4), tie them to lifetime value. The
grid of ten named segments over the recency score and the mean of the other two circulates in practice in many versions,
with no one published origin; where they overlap the cuts are ours, so that the ten partition all who have bought.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase
from relmkt.ladders import Segment
from relmkt.rules import Measure
from relmkt.tallies import count, since, total
from relmkt.windows import Span

__all__ = ["RFM", "Asked", "group_edges"]

Edges = tuple[float, ...]


def _edges(values: Iterable[float]) -> Edges:
    return tuple(float(v) for v in values)


class Asked(Protocol):
    """What a fit needs of a portfolio: the value of a measure for everybody."""

    def ask(self, question: Measure, /) -> Any: ...


@frozen
class RFM:
    """The edges of a base's scores, and the measures and segments that they make, for one customer and for everyone.

    recency_edges: days since the last purchase; frequency_edges: purchases; monetary_edges: whole units of `currency`,
    gross of returns; a value equal to an edge lies below it, so equal customers always have equal scores (R44), and
    groups are unequal where many are. within: frequency and monetary value count this long back; None for ever.

    >>> rfm = RFM((30.0, 90.0), (1.0, 3.0), (20.0, 80.0), currency="EUR")
    >>> print(rfm.recency >= 3, rfm.groups, len(rfm.segments), sep="; ")
    recency score >= 3; 3; 10
    """

    recency_edges: Edges = field(converter=_edges)
    frequency_edges: Edges = field(converter=_edges)
    monetary_edges: Edges = field(converter=_edges)
    currency: str = field(kw_only=True)
    within: Span | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not len(self.recency_edges) == len(self.frequency_edges) == len(self.monetary_edges) >= 1:
            raise ValueError("recency, frequency and monetary value need as many edges each, and one at least")

    @classmethod
    def fit(cls, base: Asked, *, currency: str, groups: int = 5, within: Span | None = None) -> RFM:
        """The edges that cut those who have bought into groups of equal size, as far as equal values allow.

        groups: scores run from 1 to this, the best is the highest. Raises InvalidFactError where nobody has bought.

        >>> from pendulum import datetime
        >>> from relmkt.columns import FactTable
        >>> from relmkt.money import Money
        >>> from relmkt.portfolio import Portfolio
        >>> days = [("ada", 5), ("bob", 9), ("ada", 20)]
        >>> facts = [Purchase(who, datetime(2026, 1, day), Money(day, "EUR")) for who, day in days]
        >>> base = Portfolio(FactTable.of(facts), at=datetime(2026, 2, 1))
        >>> RFM.fit(base, currency="EUR", groups=2).monetary_edges
        (9.0,)
        """
        if groups < 2:
            raise ValueError(f"groups is 2 or more, got {groups}")
        measures = _measures(currency, within)
        days, often, much = (np.asarray(base.ask(m), dtype=np.float64) for m in measures)
        bought = ~np.isnan(days)
        if not bought.any():
            raise InvalidFactError("base", "nobody who has bought", "purchases to cut into groups")
        edges = (group_edges(v[bought], groups) for v in (days, often, np.nan_to_num(much)))
        return cls(*edges, currency=currency, within=within)

    @property
    def groups(self) -> int:
        """How many scores there are."""
        return len(self.recency_edges) + 1

    @property
    def recency(self) -> Measure:
        """Score of the days since the last purchase, the most recent highest; missing for those who never bought."""
        return self._scored(0, self.recency_edges, "recency score", reverse=True)

    @property
    def frequency(self) -> Measure:
        """Score of the number of purchases."""
        return self._scored(1, self.frequency_edges, "frequency score")

    @property
    def monetary(self) -> Measure:
        """Score of the amount of purchases: revenue, not profit."""
        return self._scored(2, self.monetary_edges, "monetary score")

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Ten segments of which each customer who has bought is in one; who never bought is in none."""
        r, fm = self.recency, ((self.frequency + self.monetary) / 2).named("mean of frequency and monetary score")
        f1, f2, f3, f4 = (0.5 + k * self.groups / 5 for k in (1, 2, 3, 4))
        lost, middle, good, best = r < f2, (r >= f2) & (r < f3), (r >= f3) & (r < f4), r >= f4
        recent = r >= f3
        return (
            Segment("champions", best & (fm >= f3)),
            Segment("loyal", (r >= f2) & (r < f4) & (fm >= f3)),
            Segment("potential loyalists", recent & (fm >= f1) & (fm < f3)),
            Segment("new", best & (fm < f1)),
            Segment("promising", good & (fm < f1)),
            Segment("needing attention", middle & (fm >= f2) & (fm < f3)),
            Segment("about to sleep", middle & (fm < f2)),
            Segment("at risk", lost & (fm >= f2) & (fm < f4)),
            Segment("cannot lose", lost & (fm >= f4)),
            Segment("hibernating", lost & (fm < f2)),
        )

    def _scored(self, which: int, edges: Edges, name: str, *, reverse: bool = False) -> Measure:
        return _measures(self.currency, self.within)[which].scored(edges, name=name, reverse=reverse)


def group_edges(values: NDArray[np.float64], groups: int) -> Edges:
    """Edges of groups of equal size, each a value that occurs: rule R44, whatever the order of the rows.

    >>> group_edges(np.array([1.0] * 6 + [2.0, 2.0, 3.0, 9.0]), 5)
    (1.0, 1.0, 1.0, 2.0)
    """
    ordered, n = np.sort(values), values.size  # a sort by value is faster than to single out a few places
    return tuple(float(ordered[-(-n * k // groups) - 1]) for k in range(1, groups))


def _measures(currency: str, within: Span | None) -> tuple[Measure, Measure, Measure]:
    return since(Purchase), count(Purchase, within=within), total(Purchase, "amount", within=within, currency=currency)
