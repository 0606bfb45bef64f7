"""How loyal is this base, on one page? Behaviour, satisfaction and resonance side by side, each with its terms.

Recency, frequency and money (direct-mail practice; Hughes 1994, Strategic Database Marketing) say what customers do, an
index of satisfaction how they feel, resonance what they say of us to others. No figure of the page is blended with
another.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from relmkt.columns._html import html_table
from relmkt.estimate import Estimate
from relmkt.loyalty._resonance import Asked
from relmkt.rules import Measure
from relmkt.scales import mean_estimate
from relmkt.scales._answers import numbers

__all__ = ["LoyaltyPanel", "PanelRow", "loyalty_panel"]


@frozen
class PanelRow:
    """One line of the page: what it is, its figure, and of behaviour the median and the middle half of the customers.

    name, figure: of the line; quartiles: lower, median and upper, None where the figure is no customer's.

    >>> PanelRow("resonance", Estimate(0.25, n=200)).name
    'resonance'
    """

    name: str
    figure: Estimate
    quartiles: tuple[float, float, float] | None = None

    @property
    def terms(self) -> str:
        """Of how many, who is missing, and what the figure says of itself: its denominator and window."""
        told = [f"n = {self.figure.n:,}"]
        if self.figure.missing:
            told.append(f"{self.figure.missing:,} missing")
        return "; ".join([*told, *self.figure.notes])

    @property
    def middle(self) -> str:
        """The median and the quartiles about it, empty where there are none."""
        if self.quartiles is None:
            return ""
        low, median, high = self.quartiles
        return f"median {median:,.4g} ({low:,.4g} to {high:,.4g})"


@frozen(repr=False)
class LoyaltyPanel:
    """One page on the loyalty of a base: lines of behaviour, satisfaction and resonance, in this order.

    rows: the lines; title: what the page is about.

    >>> row = PanelRow("resonance", Estimate(0.25, n=200))
    >>> LoyaltyPanel((row,), "Hotel")["resonance"].figure.n
    200
    """

    rows: tuple[PanelRow, ...]
    title: str = ""

    def __getitem__(self, name: str) -> PanelRow:
        found = [row for row in self.rows if row.name == name]
        if not found:
            raise KeyError(name)
        return found[0]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<LoyaltyPanel: {', '.join(row.name for row in self.rows)}>"

    def __str__(self) -> str:
        width = max((len(row.name) for row in self.rows), default=0)
        lines = [f"{row.name:<{width}}  {_said(row)}" for row in self.rows]
        return "\n".join([self.title, *lines] if self.title else lines)

    def _repr_html_(self) -> str:
        rows = ((row.name, _figure(row.figure), row.middle, row.terms) for row in self.rows)
        return html_table(rows, head=("", "figure", "customers", "of whom, in what window"), caption=self.title)


def loyalty_panel(
    behaviour: Mapping[str, ArrayLike | Measure],
    *,
    satisfaction: Estimate,
    resonance: Estimate,
    base: Asked | None = None,
    beside: Mapping[str, Estimate] | None = None,
    title: str = "",
    level: float = 0.95,
) -> LoyaltyPanel:
    """The loyalty panel of one base.

    behaviour: figures by name (recency, frequency, money), each an array with one value a customer or a measure, which
    is asked of `base`. satisfaction: an index with its interval. resonance: the rate, whose notes name denominator and
    window. beside: further estimates by name, such as intention. title: of the page. level: of the t intervals of the
    behaviour's means.

    Raises ValueError for a measure without a base, or two lines of one name.

    >>> page = loyalty_panel({"purchases in a year": [1, 2, 9, None]}, satisfaction=Estimate(78.0, 74.0, 82.0, n=200),
    ...     resonance=Estimate(0.25, 0.2, 0.31, n=200, notes="of satisfied customers, within days(365)"))
    >>> page["purchases in a year"].middle, page["resonance"].terms
    ('median 2 (1.5 to 5.5)', 'n = 200; of satisfied customers, within days(365)')

    Source: Hughes 1994, for recency, frequency and money.
    """
    rows = [_behaviour(name, given, base, level) for name, given in behaviour.items()]
    rows += [PanelRow("satisfaction", satisfaction), PanelRow("resonance", resonance)]
    rows += [PanelRow(name, figure) for name, figure in (beside or {}).items()]
    if len({row.name for row in rows}) < len(rows):
        raise ValueError("behaviour, beside: expected names of their own, none of them satisfaction or resonance")
    labelled = [row.name for row in rows if row.figure.labels is not None]
    if labelled:
        raise ValueError(f"{labelled[0]}: expected an estimate of the whole base, not a column of them")
    return LoyaltyPanel(tuple(rows), title)


def _behaviour(name: str, given: ArrayLike | Measure, base: Asked | None, level: float) -> PanelRow:
    if isinstance(given, Measure):
        if base is None:
            raise ValueError(f"{name}: a measure needs base=, whose customers it is asked of")
        given = base.ask(given)
    told = numbers(given)
    seen = told[np.isfinite(told)]
    counts = {"missing": int(np.isnan(told).sum()), "invalid": int(np.isinf(told).sum())}
    figure = mean_estimate(seen, level=level, note="nobody's value is known", **counts)
    if not seen.size:
        return PanelRow(name, figure)
    low, median, high = np.quantile(seen, [0.25, 0.5, 0.75]).tolist()
    return PanelRow(name, figure, (low, median, high))


def _figure(figure: Estimate) -> str:
    return str(figure).split(", n = ")[0]


def _said(row: PanelRow) -> str:
    parts = (_figure(row.figure), row.middle, row.terms)
    return "; ".join(part for part in parts if part)
