"""Did the Net Promoter Score differ? Two groups of people, or the same people asked twice.

Two samples: the difference of independent scores over √(SE₁² + SE₂²), optionally on adjusted counts (Rocks 2016; Bonett
& Price 2012, as `nps` has them). The same people: the mean of their own changes, told as −1, 0 or 1 each time, whose
error is smaller because a person's two answers agree.
"""

from __future__ import annotations

from math import erfc, nan, sqrt
from typing import Any, Literal

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.satisfaction._counted import grouped
from relmkt.satisfaction._grouped import WEIGHTLESS, finite
from relmkt.satisfaction._nps import NPS_QUESTION, cuts_of
from relmkt.satisfaction._nps_bounds import ADDED, net_shares
from relmkt.scales import Item, given
from relmkt.scales._answers import numbers
from relmkt.scales._quantiles import normal_quantile

__all__ = ["NPSDifference", "nps_change", "nps_difference"]

Answers = FactTable | ArrayLike


@frozen
class NPSDifference:
    """How far one Net Promoter Score is from another, and whether chance explains it.

    difference: the second less the first, in points, with its interval. z: the difference over its standard error;
    p_value: of a difference at least as large where there is none, two-sided. Both are NaN where nothing varies.

    >>> print(nps_difference([10, 9, 3, 8], [3, 2, 7, 9]).difference)
    -50.0 [-164.9, 64.9] 95 %, n = 8 (Wald)
    """

    difference: Estimate
    z: float
    p_value: float


def nps_difference(
    before: Answers,
    after: Answers,
    *,
    item: Item = NPS_QUESTION,
    weights: tuple[ArrayLike | None, ArrayLike | None] = (None, None),
    population: tuple[float | None, float | None] = (None, None),
    level: float = 0.95,
    interval: Literal["Wald", "adjusted Wald", "Bonett-Price"] = "Wald",
    detractor: int | None = None,
    promoter: int | None = None,
) -> NPSDifference:
    """The second score less the first, of two independent samples: other people each time.

    before, after: answers, as for `nps`; the same people asked twice are for `nps_change`. item, detractor,
    promoter: as for `nps`; weights, population: of each sample, as there. interval: "Wald" on the answers as they are;
    "adjusted Wald" or "Bonett-Price" add answers to each sample, and then z and the bounds are those of the adjusted
    scores. The bounds, from −200 to 200, are cut there; the value is always that of the answers.

    A sample without answers gives NaN and a note, one of a single answer has no interval and no test. Raises ValueError
    as `nps` does.

    >>> found = nps_difference([10] * 30 + [7] * 40 + [2] * 30, [10] * 50 + [7] * 30 + [2] * 20)
    >>> print(found.difference, round(found.z, 4), round(found.p_value, 4))
    30.0 [8.4, 51.6] 95 %, n = 200 (Wald) 2.7273 0.0064

    Source: Rocks 2016; Bonett & Price 2012.
    """
    if interval not in ADDED:
        raise ValueError(f"interval: expected one of {', '.join(ADDED)}")
    low, high = cuts_of(item, detractor, promoter)
    told = [grouped(part, item, None, weight) for part, weight in zip((before, after), weights, strict=True)]
    rest = [finite(part, size) for part, size in zip(told, population, strict=True)]
    shares = [net_shares(part, high, low) for part in told]
    near = [one.adjusted(interval, less) for one, less in zip(shares, rest, strict=True)]
    fields = {
        "n": sum(int(part.n[0]) for part in told),
        "missing": sum(int(part.missing[0]) for part in told),
        "invalid": sum(int(part.invalid[0]) for part in told),
    }
    empty = [WEIGHTLESS if part.n[0] else part.note for part in told if not part.total[0]]
    if empty:
        return _nothing(empty[0], level, interval, fields)
    raw = sqrt(sum(float(one.se[0] * less[0]) ** 2 for one, less in zip(shares, rest, strict=True)))
    error = sqrt(sum(float(one.se[0] * less[0]) ** 2 for one, less in zip(near, rest, strict=True)))
    value = float(shares[1].net[0] - shares[0].net[0])
    centre, spread = float(near[1].net[0] - near[0].net[0]), all(part.n_eff[0] > 1 for part in told)
    return _tested(value, centre, raw, error, level, interval, fields, spread)


def nps_change(
    before: Answers,
    after: Answers,
    *,
    item: Item = NPS_QUESTION,
    level: float = 0.95,
    detractor: int | None = None,
    promoter: int | None = None,
) -> NPSDifference:
    """The second score less the first, of the same people asked twice: by their own changes.

    before, after: two arrays, a person in the same place of both; or two `FactTable`s, matched by subject, of which
    each person's newest answer counts. Whoever has no valid answer to both is counted missing (of a table: those who
    were asked both times), and is in neither score. item, detractor, promoter: as for `nps`.

    No pair gives NaN and a note, one pair has no interval. Raises ValueError for arrays of different lengths.

    >>> found = nps_change([10, 9, 3, 8, 6, 9], [10, 9, 7, 9, 8, 9])
    >>> print(found.difference, round(found.z, 4))
    50.0 [10.0, 90.0] 95 %, n = 6 (paired Wald) 2.4495

    Source: the variance of the paired differences over n, as that of a score; of changes that are −1, 0 or 1 it is the
    interval that Bonett & Price 2012 start from.
    """
    low, high = cuts_of(item, detractor, promoter)
    pairs = _pairs(before, after, item)
    valid = item.scale.valid(pairs)
    held = pairs[valid.all(axis=1)]
    invalid = int((~valid & ~np.isnan(pairs)).sum())
    fields = {"n": len(held), "missing": len(pairs) - len(held), "invalid": invalid}
    if not len(held):
        return _nothing(f"nobody answered {item.name} both times", level, "paired Wald", fields)
    net = (held >= high).astype(np.float64) - (held <= low)
    change = net[:, 1] - net[:, 0]
    value = float(change.mean())
    error = sqrt(float(((change - value) ** 2).mean()) / len(change))
    return _tested(value, value, error, error, level, "paired Wald", fields, len(held) > 1)


def _pairs(before: Answers, after: Answers, item: Item) -> NDArray[np.float64]:
    """A row a person, the first answer and the second."""
    if isinstance(before, FactTable) and isinstance(after, FactTable):
        columns = []
        _, *rows = np.intersect1d(before.ids, after.ids, assume_unique=True, return_indices=True)
        asked = np.ones(len(rows[0]), np.bool_)
        for table, own in zip((before, after), rows, strict=True):
            told = given(table, [item])
            columns.append(told.values[own, 0])
            asked &= told.asked[own]
        return np.column_stack(columns)[asked]
    if isinstance(before, FactTable) or isinstance(after, FactTable):
        raise TypeError("before, after: expected two tables of facts, or two arrays")
    one, other = numbers(before), numbers(after)
    if len(one) != len(other):
        raise ValueError(f"before, after: the same people in the same places, got {len(one)} and {len(other)}")
    return np.column_stack([one, other])


def _nothing(note: str, level: float, method: str, fields: dict[str, Any]) -> NPSDifference:
    left_out = {name: count for name, count in fields.items() if name != "n"}
    return NPSDifference(Estimate.unknown(note, level=level, method=method, **left_out), nan, nan)


def _tested(
    value: float,
    centre: float,
    se: float,
    error: float,
    level: float,
    method: str,
    fields: dict[str, Any],
    spread: bool,
) -> NPSDifference:
    """All of them fractions; se: of the value as it is; error: about the centre; spread: no sample is of one answer."""
    z = centre / error if error > 0 and spread else nan
    half = normal_quantile(level) * error
    bounds = [100 * min(max(end, -2.0), 2.0) for end in (centre - half, centre + half)]
    low, high = bounds if spread else (nan, nan)
    notes = () if error > 0 and spread else ("the answers do not vary: there is nothing to test",)
    told = Estimate(100 * value, low, high, level, method=method, se=100 * se, digits=1, notes=notes, **fields)
    return NPSDifference(told, z, erfc(abs(z) / sqrt(2)))
