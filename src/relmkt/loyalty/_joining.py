"""How are several scores made one? Weighted means that pass over what is missing.

A geometric or harmonic mean does not let a strong part make up for a weak one as an arithmetic one does (OECD & JRC
2008, Handbook on Constructing Composite Indicators, chapter 6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales import Item, Scale
from relmkt.scales._item import shared_scale
from relmkt.scales._stacked import stacked

__all__ = ["How", "column", "joined_mean", "one_scale"]

Floats = NDArray[np.float64]
How = Literal["arithmetic", "geometric", "harmonic"]
"""How parts are joined: whether a strong one makes up for a weak one (arithmetic), less, or least (harmonic)."""

_FORMS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "arithmetic": (np.positive, np.positive),
    "geometric": (np.log, np.exp),
    "harmonic": (np.reciprocal, np.reciprocal),
}


def joined_mean(
    columns: Sequence[ArrayLike],
    weights: Sequence[float] | None = None,
    *,
    how: How = "arithmetic",
    least: int = 1,
) -> Floats:
    """The weighted mean of several columns, row by row, over the parts that are there.

    columns: each shape (n,), NaN where missing; 0 or more unless arithmetic. weights: one a column, alike unless given;
    a part of weight 0 is left out, missing or not. least: how many parts a row needs, else it is NaN.

    Returns shape (n,). Raises ValueError for weights that are not one a column, negative, or all 0; for a word that is
    no mean; for a negative value in one that is not arithmetic.

    >>> joined_mean([[0.8], [0.6], [0.9]], how="geometric").round(6).tolist()
    [0.755953]

    Source: OECD & JRC 2008, chapter 6.
    """
    kept = _kept(columns, weights)
    if how not in _FORMS:
        raise ValueError(f"how: expected one of {', '.join(_FORMS)}")
    there, back = _FORMS[how]
    shape = kept[0][0].shape
    total, weight, seen = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64)
    with np.errstate(divide="ignore"):
        for values, w in kept:
            known = ~np.isnan(values)
            if how != "arithmetic" and (values[known] < 0).any():
                raise ValueError(f"a {how} mean is of values that are 0 or more")
            total += np.where(known, w * there(values), 0.0)
            weight += np.where(known, w, 0.0)
            seen += known
        mean = np.divide(total, weight, out=np.full(shape, np.nan), where=seen >= max(least, 1))
        return np.asarray(back(mean))


def _kept(columns: Sequence[ArrayLike], weights: Sequence[float] | None) -> list[tuple[Floats, float]]:
    told = [1.0] * len(columns) if weights is None else [float(w) for w in weights]
    if len(told) != len(columns):
        raise ValueError("weights: expected one a part")
    if any(not 0 <= w < np.inf for w in told) or not any(told):
        raise ValueError("weights: expected numbers of 0 or more, one of them more than 0")
    pairs = zip(columns, told, strict=True)
    return [(np.ascontiguousarray(values, np.float64), w) for values, w in pairs if w > 0]


def one_scale(name: str, items: Sequence[Item]) -> Scale:
    """The scale that all the items share. Raises ValueError for none, or several."""
    scale = shared_scale(items)
    if scale is None:
        raise ValueError(f"{name}: expected items, all of them answered on one scale")
    return scale


def column(rows: Mapping[str, Estimate], notes: Sequence[str] = ()) -> Estimate:
    """Estimates under labels as one column; each of their notes under the label that it is of."""
    notes_of = [(label, note) for label, row in rows.items() for note in row.notes]
    told = [note if note.startswith(f"{label}: ") else f"{label}: {note}" for label, note in notes_of]
    return evolve(stacked(list(rows.values()), tuple(rows)), notes=(*told, *notes))
