"""How was it at each touchpoint, and as a whole? Satisfaction, or effort, step by step and rolled up by customer.

A customer experience is made of all encounters with the firm, before, at and after the purchase (Lemon & Verhoef 2016,
Understanding Customer Experience Throughout the Customer Journey, Journal of Marketing 80(6), 69-96). It is rolled up
within each customer first, so that whoever met us at ten touchpoints is still one respondent of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Answer
from relmkt.satisfaction._grouped import ends, thin
from relmkt.scales import Item
from relmkt.scales._answers import numbers
from relmkt.scales._mean import known_mean, weighted_means
from relmkt.scales._stacked import stacked

__all__ = ["WHOLE", "experience"]

Floats = NDArray[np.float64]
WHOLE = "whole experience"


def experience(
    answers: FactTable | Mapping[str, ArrayLike],
    *,
    item: Item,
    steps: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    least: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """The mean answer at each touchpoint, and of the whole experience, with Student's t intervals.

    answers: a `FactTable` in which answers to the item are about touchpoints, and each customer's newest about one
    counts; or arrays by touchpoint, one answer a customer each. item: one question, of satisfaction or of effort: the
    two are asked one after the other and never pooled. Answers are taken as they were given, and a note says which end
    of the scale is good. steps: the touchpoints in their order, others are left out; all that occur, sorted, unless
    given. weights: of the touchpoints in the whole, zero or more, alike unless given. least: a minimum of customers; a
    note names the lines that have fewer.

    The whole is the mean over customers of each one's mean over the touchpoints that they judged. Labels are the
    touchpoints, and "whole experience" last. n: customers; missing: those asked who have none; invalid: answers
    off the scale. Nobody: NaN, n = 0 and a note. Raises ValueError for weights that are not one a step, negative or all
    zero, for a step told twice, and for columns of unlike length.

    >>> from relmkt.scales import Scale
    >>> stay = {"arrival": [9, 7, None], "room": [5, 7, 6]}
    >>> print(experience(stay, item=Item("satisfied", Scale(1, 10)), steps=["arrival", "room"]))
    arrival           8.00 [-4.71, 20.71] 95 %, n = 2 (t)
    room              6.00 [ 3.52,  8.48] 95 %, n = 3 (t)
    whole experience  6.67 [ 5.23,  8.10] 95 %, n = 3 (t)
    (from 1 to 10: high is good)

    Source: Lemon & Verhoef 2016.
    """
    columns, asked = _of_facts(answers, item, steps) if isinstance(answers, FactTable) else _given(answers, steps)
    names = list(columns)
    worth = _weights(names, weights)
    told = np.column_stack([*columns.values()]) if names else np.empty((0, 0))
    valid = item.scale.valid(told.ravel()).reshape(told.shape)
    seen = np.where(valid, told, np.nan)
    wrong = (~valid & ~np.isnan(told)).sum(axis=0).tolist()
    lines = []
    for name, scores, off in zip(names, seen.T, wrong, strict=True):
        of = scores[asked[name]]
        left = {"missing": int(np.isnan(of).sum()) - off, "invalid": off}
        lines.append(known_mean(of, level=level, note=f"{name}: nobody answered", **left))
    anyone = np.logical_or.reduce([asked[name] for name in names]) if names else np.empty(0, np.bool_)
    whole = weighted_means(seen, worth)[anyone]
    lines.append(known_mean(whole, level=level, note=f"{WHOLE}: nobody answered", invalid=sum(wrong)))
    counts = np.array([line.n for line in lines])
    labels = (*names, WHOLE)
    notes = (ends(item), *thin(counts, labels, least)) if counts.any() else (f"no answer to {item.name}",)
    return evolve(stacked(lines, labels), notes=notes)


def _weights(names: Sequence[str], weights: Mapping[str, float] | None) -> Floats:
    if weights is None:
        return np.ones(len(names))
    told = np.array([weights.get(name, np.nan) for name in names], np.float64)
    if set(weights) != set(names) or not (np.isfinite(told) & (told >= 0)).all() or not told.any():
        raise ValueError(f"weights: expected one for each of {', '.join(names)}, zero or more, not all zero")
    return told


def _given(answers: Mapping[str, ArrayLike], steps: Sequence[str] | None) -> tuple[dict[str, Floats], dict[str, Any]]:
    names = _steps(sorted(answers) if steps is None else steps)
    columns = {name: numbers(answers[name]) for name in names}
    if len({column.shape for column in columns.values()}) > 1:
        raise ValueError("answers: expected one entry a customer for each touchpoint, in the same order")
    return columns, {name: np.ones(len(column), np.bool_) for name, column in columns.items()}


def _of_facts(
    table: FactTable, item: Item, steps: Sequence[str] | None
) -> tuple[dict[str, Floats], dict[str, NDArray[np.bool_]]]:
    told = table.only(Answer, item=item.name)
    about = told["about"].astype(np.str_) if len(told) else np.empty(0, np.str_)
    columns, asked = {}, {}
    for name in _steps(np.unique(about).tolist() if steps is None else steps):
        own = about == name
        columns[name], asked[name] = np.full(len(table.ids), np.nan), np.zeros(len(table.ids), np.bool_)
        columns[name][told.stream[own]] = told.number[own]  # in history's order: the newest is written last
        asked[name][told.stream[own]] = True
    return columns, asked


def _steps(names: Sequence[str]) -> Sequence[str]:
    if len(set(names)) < len(names) or WHOLE in names:
        raise ValueError(f"steps: expected each touchpoint once, and none that is called {WHOLE!r}")
    return names
