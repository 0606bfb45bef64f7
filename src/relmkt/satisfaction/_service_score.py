"""What is a service worth in each dimension, and as a whole? The mean of the dimensions, or their sum by weights.

The whole is the mean of the dimensions, not of the items (Parasuraman, Zeithaml & Berry 1988, SERVQUAL, J. Retailing
64(1), 12-40), for a dimension does not weigh more by having more questions. Points allotted to dimensions: Zeithaml,
Parasuraman & Berry (1990), Delivering Quality Service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import nan
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales import Item
from relmkt.scales._item import shared_scale
from relmkt.scales._mean import known_mean
from relmkt.scales._stacked import stacked

__all__ = ["Dimensions", "ServiceScore", "dimension_score", "flat_items", "service_gap", "weight_shares"]

Floats = NDArray[np.float64]
Dimensions = Mapping[str, Sequence[Item]]


@frozen(eq=False)
class ServiceScore:
    """Dimensions of service, and their whole.

    dimensions: mean by dimension, with paired t intervals. items: mean by item. overall: the mean of the dimensions.
    weighted: the sum of dimension times weight, unknown where no weights were given.
    shares: the mean weight of each dimension, NaN where none were given.

    `overall` and `weighted` rest on respondents who have every dimension; each dimension on those who have it.

    >>> from relmkt.scales import Scale
    >>> from relmkt.satisfaction._servqual import servperf
    >>> print(servperf({"e1": [7, 6], "r1": [4, 5]}, dimensions={
    ...     "empathy": Scale(1, 7).items("e1"), "reliability": Scale(1, 7).items("r1")}).overall.value)
    5.5

    Source: Parasuraman, Zeithaml & Berry 1988.
    """

    dimensions: Estimate
    items: Estimate
    overall: Estimate
    weighted: Estimate
    shares: Floats

    @property
    def chart(self) -> dict[str, Any]:
        """What a picture draws: names of the dimensions, and arrays of value, low, high and weight."""
        told = self.dimensions
        names = tuple(told.labels or ())
        return {"names": names, "value": told.value, "low": told.low, "high": told.high, "weight": self.shares}

    def __str__(self) -> str:
        lines = [str(self.dimensions), f"mean of the dimensions  {self.overall}"]
        return "\n".join(lines if self.weighted.n == 0 else [*lines, f"weighted  {self.weighted}"])


def service_gap(gaps: ArrayLike, weights: ArrayLike | None = None) -> Any:
    """The whole of some dimensions: their mean, or their sum by weights.

    gaps: shape (dimensions,) or (respondents, dimensions). weights: of the same shape or of one row, not negative;
    each row sums to 1 or, as points, to 100. A row that does not is NaN. Returns a number, or shape (respondents,).

    >>> service_gap([-2, 0, 0, 0, -1]), round(service_gap([-2, 0, 0, 0, -1], [40, 20, 20, 10, 10]), 2)
    (-0.6, -0.9)

    Source: Parasuraman, Zeithaml & Berry 1988; points: Zeithaml, Parasuraman & Berry 1990.
    """
    told = np.asarray(gaps, np.float64)
    if weights is None:
        found = told.mean(axis=-1)
    else:
        found = (told * _shared(np.asarray(weights, np.float64))).sum(axis=-1)
    return found if found.ndim else float(found)


def _shared(weights: Floats) -> Floats:
    """Weights as shares, a row that is neither shares nor points NaN."""
    total = weights.sum(axis=-1, keepdims=True)
    near = np.isclose(total, 1, rtol=0, atol=1e-6) | np.isclose(total, 100, rtol=0, atol=1e-6)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(near & (weights >= 0).all(axis=-1, keepdims=True), weights / total, np.nan)


def flat_items(dimensions: Dimensions) -> list[Item]:
    """All items, on one scale."""
    items = [item for each in dimensions.values() for item in each]
    if not items:
        raise ValueError("dimensions: expected at least one with items")
    if shared_scale(items) is None:
        raise ValueError("dimensions: their items are answered on several scales; a gap needs one")
    return items


def weight_shares(weights: ArrayLike | None, k: int, n: int) -> Floats | None:
    """Weights of k dimensions as shares, a row each of n respondents; NaN where a row does not sum."""
    if weights is None:
        return None
    told = np.asarray(weights, np.float64)
    if told.shape not in ((k,), (n, k)):
        raise ValueError(f"weights: expected shape ({k},) or ({n}, {k}), got {told.shape}")
    share = _shared(told)
    if told.ndim == 1 and np.isnan(share).any():
        raise ValueError("weights: expected numbers, not negative, that sum to 1 or to 100")
    return np.broadcast_to(share, (n, k))


def dimension_score(
    cells: Floats,
    dimensions: Dimensions,
    share: Floats | None,
    answered: float,
    level: float,
    invalid: int,
    notes: tuple[str, ...],
) -> ServiceScore:
    """The score of some cells, shape (respondents, items), NaN where there is no answer; see `servqual`."""
    ends = np.cumsum([0, *(len(items) for items in dimensions.values())])
    own = np.column_stack([_means(cells[:, a:b], answered) for a, b in pairwise(ends)])
    names = tuple(dimensions)
    by_item = _columns(cells, [item.name for item in flat_items(dimensions)], level)
    whole = known_mean(service_gap(own), level=level, note="nobody has a score in every dimension")
    if share is None:
        weighted = Estimate.unknown("no weights were given", level=level, method="t")
        told = np.full(len(names), nan)
    else:
        weighted = known_mean(service_gap(own, share), level=level, note="nobody has weights and every dimension")
        off = int(np.isnan(share).any(axis=1).sum())
        note = (f"{off} respondents without weights that sum to 1 or 100 are left out",) if off else ()
        weighted = evolve(weighted, notes=(*weighted.notes, *notes, *note))
        kept = share[~np.isnan(share).any(axis=1)]
        told = kept.mean(axis=0) if len(kept) else np.full(len(names), nan)
    whole = evolve(whole, invalid=invalid, notes=(*whole.notes, *notes))
    return ServiceScore(_columns(own, names, level), by_item, whole, evolve(weighted, invalid=invalid), told)


def _means(cells: Floats, answered: float) -> Floats:
    """Each respondent's mean over a dimension's items, NaN where too few are answered or there are none."""
    seen = (~np.isnan(cells)).sum(axis=1)
    out = np.full(len(cells), nan)
    np.divide(np.nansum(cells, axis=1), seen, out=out, where=seen >= max(answered * cells.shape[1], 1))
    return out


def _columns(cells: Floats, names: Sequence[str], level: float) -> Estimate:
    return stacked([known_mean(column, level=level, note="no pair of answers") for column in cells.T], tuple(names))
