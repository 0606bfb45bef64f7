"""What does the last point of satisfaction cost, and what does it bring? Costs and margins of neighbours on the scale.

"Equal is the optimum" is a course's word and "impress" another's: what over-satisfaction costs and yields is measured,
and the user chooses. Satisfaction may have falling returns (Anderson & Mittal 2000, Strengthening the Satisfaction-
Profit Chain, J. Service Research 3(2), 107-120). It compares customers who differ in more than their satisfaction: the
differences are associations, not effects, and every estimate says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns._html import html_table
from relmkt.estimate import Estimate
from relmkt.satisfaction._disconfirmation import Disconfirmation, Felt
from relmkt.satisfaction._paired import Floats, alike, answered
from relmkt.scales import Scale
from relmkt.scales._difference import difference_of_means
from relmkt.scales._mean import known_mean
from relmkt.scales._stacked import stacked

__all__ = ["CostAndYield", "oversatisfaction", "point_yield", "satisfaction_by_margin"]


@frozen(eq=False, repr=False)
class CostAndYield:
    """What a step of satisfaction costs and brings: differences of means, labelled by step, with Welch's intervals.

    cost: mean cost above the step less that below it; margin: the same of the margins; net: of margin less cost,
    customer by customer.

    >>> point_yield([8, 8, 9, 9], [1, 2, 4, 5], [9, 10, 11, 12]).net["8 → 9"].value
    -1.0

    Source: Anderson & Mittal 2000; Welch 1947.
    """

    cost: Estimate
    margin: Estimate
    net: Estimate

    @property
    def steps(self) -> tuple[str, ...]:
        """The labels of the steps, upwards."""
        return tuple(self.net.labels or ())

    @property
    def last(self) -> tuple[Estimate, Estimate, Estimate]:
        """Cost, margin and net of the highest step; unknown where there is none."""
        if not self.steps:
            gone = Estimate.unknown("fewer than two scores have a customer", level=self.net.level, method="Welch")
            return gone, gone, gone
        label = self.steps[-1]
        return self.cost[label], self.margin[label], self.net[label]

    def _cells(self) -> list[tuple[str, ...]]:
        return [(step, *(str(column[step]) for column in (self.cost, self.margin, self.net))) for step in self.steps]

    def __str__(self) -> str:
        told = [f"{step}: costs {cost}; brings {margin}; net {net}" for step, cost, margin, net in self._cells()]
        return "\n".join((*told, _NOTE))

    def __repr__(self) -> str:
        return f"<CostAndYield of {len(self.steps)} steps>"

    def _repr_html_(self) -> str:
        return html_table(self._cells(), head=("step", "costs", "brings", "net"), caption=_NOTE)


_NOTE = "an association: those who are more satisfied may differ in other ways"


def point_yield(
    scores: ArrayLike, costs: ArrayLike, margins: ArrayLike, *, scale: Scale | None = None, level: float = 0.95
) -> CostAndYield:
    """What each point of satisfaction costs and brings; `last` is the last one.

    scores: satisfaction of each customer, shape (n,). costs: what was spent on satisfying each; margins: what each
    brought, before that cost; both in one currency and of one period. scale: what was answered on; off it is invalid.

    Each score that a customer gave is compared with the next lower one given. A customer with a number missing is left
    out and counted. Raises ValueError for columns of unlike length.

    >>> told = point_yield([9, 9, 10, 10, 10], [5, 7, 9, 11, 10], [40, 44, 43, 45, 44])
    >>> told.steps, [one.value for one in told.last]
    (('9 → 10',), [4.0, 2.0, -2.0])

    Source: Anderson & Mittal 2000; Welch 1947.
    """
    score, wrong = answered(scores, scale)
    cost, margin = answered(costs)[0], answered(margins)[0]
    known, told = _known(score, cost, margin, wrong)
    steps = np.unique(score[known]).tolist()
    masks = [(f"{low:g} → {high:g}", known & (score == high), known & (score == low)) for low, high in pairwise(steps)]
    return _compared(masks, cost, margin, level, told)


def oversatisfaction(
    felt: Disconfirmation, costs: ArrayLike, margins: ArrayLike, *, level: float = 0.95
) -> CostAndYield:
    """What over-satisfaction costs and brings: the over-satisfied beside the satisfied.

    felt: perceived against expected, of the customers in the order of costs and margins; these as for `point_yield`.

    >>> from relmkt.satisfaction._disconfirmation import disconfirmation
    >>> told = oversatisfaction(disconfirmation([7, 7, 9, 9], [7] * 4), [1, 3, 6, 6], [10, 12, 14, 12])
    >>> [one.value for one in told.last]
    [4.0, 2.0, -2.0]

    Source: Anderson & Mittal 2000; Welch 1947.
    """
    cost, margin = answered(costs)[0], answered(margins)[0]
    known, told = _known(felt.difference, cost, margin, felt.invalid)
    above, equal = (known & (felt.felt == kind.value) for kind in (Felt.OVER_SATISFIED, Felt.SATISFIED))
    return _compared(
        [(f"{Felt.SATISFIED.value} → {Felt.OVER_SATISFIED.value}", above, equal)], cost, margin, level, told
    )


def _known(score: Floats, cost: Floats, margin: Floats, wrong: int) -> tuple[NDArray[np.bool_], dict[str, Any]]:
    alike(scores=score, costs=cost, margins=margin)
    known = ~np.isnan(score + cost + margin)
    left = len(score) - int(known.sum())
    return known, {"note": "nobody on one side of the step", "missing": left, "invalid": wrong}


def _compared(masks: Sequence[Any], cost: Floats, margin: Floats, level: float, told: dict[str, Any]) -> CostAndYield:
    labels = tuple(label for label, _, _ in masks)

    def column(of: Floats) -> Estimate:
        parts = [difference_of_means(of[above], of[below], level=level, **told) for _, above, below in masks]
        if not parts:
            return Estimate([], level=level, method="Welch", labels=(), notes=(_NOTE,))
        made = stacked(parts, labels)
        return evolve(made, notes=(*made.notes, _NOTE))

    return CostAndYield(column(cost), column(margin), column(margin - cost))


def satisfaction_by_margin(
    scores: ArrayLike, margins: ArrayLike, edges: Sequence[float], *, scale: Scale | None = None, level: float = 0.95
) -> Estimate:
    """How satisfied are those who bring most? Mean score of each band of margin, with Student's interval.

    scores, margins: one a customer, in one order. edges: of the bands, ascending; a margin equal to an edge lies above
    it. scale: what was answered on. A customer without a margin is in no band, and is left out; one without a score is
    missing in the band. Raises ValueError for edges that do not ascend, or columns of unlike length.

    >>> told = satisfaction_by_margin([6, 8, 9, None], [10.0, 50.0, 80.0, 90.0], [0, 50])
    >>> told.labels, told.value.tolist()
    (('below 0', '0 to 50', '50 and more'), [nan, 6.0, 8.5])

    Source: Student 1908.
    """
    cuts = np.asarray(edges, np.float64)
    if not cuts.size or not np.isfinite(cuts).all() or (np.diff(cuts) <= 0).any():
        raise ValueError("edges: expected finite numbers that ascend")
    (score, wrong), margin = answered(scores, scale), answered(margins)[0]
    alike(scores=score, margins=margin)
    band = np.where(np.isnan(margin), -1, np.searchsorted(cuts, margin, side="right"))
    inner = [f"{low:g} to {high:g}" for low, high in pairwise(cuts.tolist())]
    labels = (f"below {cuts[0]:g}", *inner, f"{cuts[-1]:g} and more")
    rows = [score[band == place] for place in range(len(labels))]
    made = stacked([known_mean(row, level=level, note="nobody in the band") for row in rows], labels)
    left = int(np.count_nonzero(band < 0))
    said = ((f"{left:,} without a margin",) if left else ()) + ((f"{wrong:,} scores off the scale",) if wrong else ())
    return evolve(made, notes=(*made.notes, *said))
