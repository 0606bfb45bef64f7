"""What is the relation worth to both sides? Value to the firm beside value to the customer, never added into one.

Kotler's profit on each relation instead of each transaction: Kotler & Armstrong (1999), "Principles of Marketing". The
customer's side is perceived benefits less the total cost (price, time, effort, mind): Zeithaml (1988), "Consumer
perceptions of price, quality, and value", Journal of Marketing 52(3). It has to be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns._labels import labelled
from relmkt.estimate import Estimate
from relmkt.scales import mean_estimate
from relmkt.scales._quantiles import normal_quantile
from relmkt.scales._shares import share_estimate
from relmkt.scales._stacked import stacked
from relmkt.value._summaries._fields import floats

__all__ = ["MutualProfit", "margin_by_satisfaction"]

Floats = NDArray[np.float64]
QUADRANTS = ("mutual", "firm alone", "customer alone", "neither")


def _names(ids: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(str, ids))


@frozen(eq=False, repr=False)
class MutualProfit:
    """The value of each relation to the firm beside its value to the customer.

    ids: customers. firm: what each is worth to the firm, in `firm_unit` (a currency). benefits, costs: what each sees
    in the offer and what it costs them in all, both in `customer_unit`, on a scale that starts at 0. firm_cut: the
    value above which the firm gains; customer_cut: the net value above which the customer does. NaN is unknown.

    The two sides are in different units and are not added: there is no total.

    >>> both = MutualProfit(["ada", "bob"], [120.0, -5.0], benefits=[8.0, 9.0], costs=[6.0, 3.0], firm_unit="EUR")
    >>> both.customer.tolist(), both.quadrant.tolist()
    ([2.0, 6.0], ['mutual', 'customer alone'])
    """

    ids: tuple[str, ...] = field(converter=_names)
    firm: Floats = field(converter=floats)
    benefits: Floats = field(converter=floats, kw_only=True)
    costs: Floats = field(converter=floats, kw_only=True)
    firm_unit: str = field(default="", kw_only=True)
    customer_unit: str = field(default="points", kw_only=True)
    firm_cut: float = field(default=0.0, kw_only=True)
    customer_cut: float = field(default=0.0, kw_only=True)
    level: float = field(default=0.95, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if any(column.shape != (len(self.ids),) for column in (self.firm, self.benefits, self.costs)):
            raise ValueError("firm, benefits and costs have one entry a customer each")

    @property
    def customer(self) -> Floats:
        """Net value to each customer: benefits less the total cost."""
        return np.asarray(self.benefits - self.costs)

    @property
    def ratio(self) -> Floats:
        """Perceived value by total cost of each customer; above 1 the value exceeds the cost, NaN where it is 0."""
        known = self.costs > 0
        found: Floats = np.divide(self.benefits, self.costs, out=np.full(len(self.ids), np.nan), where=known)
        return found

    @property
    def base_ratio(self) -> Estimate:
        """Perceived value by total cost of the base: a ratio of sums, delta method; no interval below ten answers."""
        known = (self.costs > 0) & ~np.isnan(self.benefits)
        left, n = int((~known).sum()), int(known.sum())
        if not n:
            return Estimate.unknown("nobody stated a value and a cost above 0", method="delta", missing=left)
        value, cost = self.benefits[known], self.costs[known]
        middle = float(value.sum() / cost.sum())
        se = float(np.sqrt(n / (n - 1) * np.square(value - middle * cost).sum()) / cost.sum()) if n >= 10 else np.nan
        reach = normal_quantile(self.level) * se
        return Estimate(middle, middle - reach, middle + reach, self.level, n, "delta", se=se, missing=left)

    @property
    def to_firm(self) -> Estimate:
        """Mean value to the firm, in `firm_unit`."""
        return _mean(self.firm, self.level)

    @property
    def to_customer(self) -> Estimate:
        """Mean net value to the customer, in `customer_unit`."""
        return _mean(self.customer, self.level)

    @property
    def quadrant(self) -> NDArray[np.str_]:
        """Who gains: "mutual", "firm alone", "customer alone", "neither"; "unknown" where one side is."""
        firm, customer = self.firm > self.firm_cut, self.customer > self.customer_cut
        found = np.array(QUADRANTS)[2 * ~firm + ~customer]
        return labelled(np.where(np.isnan(self.firm + self.customer), "unknown", found))

    @property
    def counts(self) -> dict[str, int]:
        """How many customers are in each quadrant, those unknown beside."""
        quadrant = self.quadrant
        return {name: int((quadrant == name).sum()) for name in (*QUADRANTS, "unknown")}

    @property
    def shares(self) -> Estimate:
        """The share of each quadrant among those of whom both sides are known; Wilson's interval."""
        counted = [self.counts[name] for name in QUADRANTS]
        nobody = "nobody of whom both sides are known"
        return share_estimate(counted, [sum(counted)] * len(counted), level=self.level, note=nobody, labels=QUADRANTS)

    def __str__(self) -> str:
        sides = [
            f"to the firm, {self.firm_unit}: {self.to_firm}",
            f"to the customer, {self.customer_unit}: {self.to_customer}",
        ]
        return "\n".join((*sides, *(f"{name}: {n:,}" for name, n in self.counts.items())))

    def __repr__(self) -> str:
        return f"<MutualProfit of {len(self.ids):,} relations>"

    def _repr_html_(self) -> str:
        body = "".join(f"<tr><th>{name}</th><td>{n:,}</td></tr>" for name, n in self.counts.items())
        caption = escape("; ".join(str(self).split("\n")[:2]))
        return f"<table><caption>{caption}</caption><tr><th>who gains</th><th>customers</th></tr>{body}</table>"


def margin_by_satisfaction(
    scores: ArrayLike | Estimate,
    margins: ArrayLike | Estimate,
    groups: Mapping[str, tuple[float, float]] | None = None,
    *,
    level: float = 0.95,
) -> Estimate:
    """Is satisfaction profitable? Mean margin of the customers of each satisfaction group, with Student's interval.

    scores, margins: one a customer, in one order; estimates labelled by customer are matched by label. groups: bounds
    of the scores by name, both included, such as {"dissatisfied": (1, 6)}; without it, each score is a group. Who has
    no score, no margin, or a score in no group counts as missing. Raises ValueError for columns of unlike length.

    >>> found = margin_by_satisfaction([9, 9, 4, 4], [30.0, 50.0, 20.0, 10.0], {"low": (1, 6), "high": (7, 9)})
    >>> found.labels, found.value.tolist()
    (('low', 'high'), [15.0, 40.0])
    """
    score, margin = _matched(scores, margins)
    known = ~np.isnan(score) & ~np.isnan(margin)
    bounds = groups if groups is not None else {f"{s:g}": (s, s) for s in np.unique(score[known]).tolist()}
    if any(low > high for low, high in bounds.values()):
        raise ValueError("groups: the lower bound of a group is not above the upper")
    masks = [known & (score >= low) & (score <= high) for low, high in bounds.values()]
    if masks and (np.sum(masks, axis=0) > 1).any():
        raise ValueError("groups: a score belongs to one group")
    rows = [mean_estimate(margin[mask], level=level, note="nobody in the group") for mask in masks]
    left_out = score.size - sum(int(mask.sum()) for mask in masks)
    notes = (f"{left_out:,} of {score.size:,} without a score, a margin or a group",) if left_out else ()
    return evolve(stacked(rows, list(bounds)), level=level, method="t", notes=notes)


def _matched(scores: ArrayLike | Estimate, margins: ArrayLike | Estimate) -> tuple[Floats, Floats]:
    """Both columns for the same customers: by label where both are labelled, else by place."""
    one, other = (np.asarray(given, dtype=np.float64) for given in (scores, margins))
    if isinstance(scores, Estimate) and isinstance(margins, Estimate) and scores.labels and margins.labels:
        place = {label: i for i, label in enumerate(margins.labels)}
        found = np.array([place.get(label, -1) for label in scores.labels])
        return one, np.where(found >= 0, other[found], np.nan)
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError("scores and margins have one entry a customer each")
    return one, other


def _mean(values: Floats, level: float) -> Estimate:
    seen = values[~np.isnan(values)]
    return mean_estimate(seen, level=level, note="no value is known", missing=values.size - seen.size)
