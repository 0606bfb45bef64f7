"""Which answers count, and for whom? Answers to one item, checked against its scale, by group and period or not.

Rule R40: a request that was not answered counts in no score; what is not on the scale is counted apart, never clipped,
and whoever does not know has not answered.
"""

from __future__ import annotations

from collections.abc import Collection
from math import frexp
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.columns._order import classes_of
from relmkt.facts import Answer, kind_of
from relmkt.satisfaction._grouped import Grouped
from relmkt.scales import Item
from relmkt.scales._answers import listed, numbers
from relmkt.scales._labels import BLOCK, Labelled, crossed, periods_of, places_of, taken

__all__ = ["By", "answers_of", "grouped", "steps_of"]

By = str | ArrayLike | None
Floats = NDArray[np.float64]


def grouped(
    answers: Any,
    item: Item,
    by: By = None,
    weights: ArrayLike | None = None,
    *,
    period: str | None = None,
    zone: str = "UTC",
    unsure: Collection[Any] = (),
) -> Grouped:
    """The answers to one item.

    answers: a `FactTable` (its answers to this item, every one of them), or scores, one an answer.
    by: labels, one an answer; or, of a table, a field of `Answer` such as "about"; None: all together.
    weights: one an answer, not negative. period, zone: of a table, the calendar period of each answer too.
    unsure: the numbers or words by which somebody says not to know.

    Raises TypeError for a field's name, or a period, where there are no facts, ValueError for labels or weights of
    another length.
    """
    if isinstance(answers, FactTable):
        told, at, by, weights, note = _of_facts(answers, item, by, weights)
        when = None if period is None else periods_of(at, period, zone)
    elif isinstance(by, str) or period is not None:
        raise TypeError("by, period: a field and a calendar are read from a table of facts; give an array of labels")
    else:
        told, note, when = answers, f"no answer to {item.name}", None
    told, doubts = _sure(told, unsure)
    among: Labelled | None = crossed(None if by is None else places_of(by, len(told)), when)
    names, place = (None, np.zeros(len(told), np.int32)) if among is None else among
    return Grouped(names, item, note, place, steps_of(told, item), _weighed(weights, len(told)), doubts)


def _sure(answers: Any, unsure: Collection[Any]) -> tuple[Floats, int]:
    """The answers as numbers, those of people who say that they do not know left out, and how many these are."""
    codes = [code for code in unsure if not isinstance(code, str)]
    if len(codes) < len(unsure):
        raw = listed(answers)
        words = {code for code in unsure if isinstance(code, str)}
        doubts = np.array([isinstance(value, str) and value in words for value in raw], np.bool_)
        told = numbers([None if doubt else value for value, doubt in zip(raw, doubts.tolist(), strict=True)])
    else:
        told = numbers(answers)
        doubts = np.zeros(len(told), np.bool_)
    if codes:
        doubts = doubts | np.isin(told, np.asarray(codes, np.float64))
        told = np.where(doubts, np.nan, told)
    return told, int(doubts.sum())


def steps_of(told: NDArray[Any], item: Item) -> NDArray[np.int32]:
    """Steps above the low end; missing and invalid answers stand after the high one."""
    low, wide = item.scale.low, item.scale.high - item.scale.low + 1
    out = np.empty(len(told), np.int32)
    for start in range(0, len(told), BLOCK):  # block by block, in the processor's cache
        some = told[start : start + BLOCK]
        out[start : start + BLOCK] = (
            _whole_steps(some, low, wide) if told.dtype.kind == "i" else _steps(some, low, wide)
        )
    return out


def _whole_steps(told: NDArray[Any], low: int, wide: int) -> NDArray[np.int32]:
    """Of whole numbers, of which none is missing."""
    away = told.astype(np.int64, copy=False) - low
    step = away.astype(np.int32)
    valid = away.view(np.uint64) < wide
    if not valid.all():
        step[~valid] = wide + 1
    return step


def _steps(told: Floats, low: int, wide: int) -> NDArray[np.int32]:
    with np.errstate(invalid="ignore"):
        whole = told.astype(np.int32)
    valid = whole == told  # NaN and infinity are equal to no whole number
    step: NDArray[np.int32] = whole - np.int32(low)
    valid &= step.view(np.uint32) < wide  # what is below the scale is far above it as an unsigned number
    if not valid.all():
        off = ~valid
        step[off] = np.where(np.isnan(told[off]), wide, wide + 1)
    return step


def answers_of(table: FactTable) -> FactTable:
    """The answers of a table; the table itself where it holds nothing else."""
    names = {kind_of(kind) for kind in classes_of(Answer)}
    return table if names.issuperset(table.kinds) and table.classes else table.only(Answer)


def _of_facts(table: FactTable, item: Item, by: By, weights: ArrayLike | None) -> tuple[Any, ...]:
    """The rows that answer this item, with their instants; labels and weights given a row are taken along."""
    every = answers_of(table)
    held = every.label == (every.labels.index(item.name) if item.name in every.labels else -2)
    rows = slice(None) if held.all() else held
    if isinstance(by, str):
        by = every[by][rows]
    elif by is not None:
        by = taken("by", by, len(every))[rows]
    kept = None if weights is None else taken("weights", weights, len(every))[rows]
    note = f"no answer to {item.name}" if held.any() else _nobody(every, item)
    return every.number[rows], every.at[rows], by, kept, note


def _nobody(table: FactTable, item: Item) -> str:
    others = sorted(set(table["label"].tolist()) - {item.name})
    return f"no answer to {item.name}" + (f"; the table holds answers to {', '.join(others[:5])}" if others else "")


def _weighed(weights: ArrayLike | None, n: int) -> Floats | None:
    if weights is None:
        return None
    told = np.asarray(weights, np.float64)
    if told.shape != (n,):
        raise ValueError(f"weights: {n} answers need as many weights, got shape {told.shape}")
    if not (np.isfinite(told) & (told >= 0)).all():
        raise ValueError("weights: expected finite numbers, zero or more")
    largest = float(told.max(initial=0.0))
    if not largest or 1e-100 < largest < 1e100:
        return told
    return np.ldexp(told, -frexp(largest)[1])  # a constant factor changes nothing; the squares stay within range
