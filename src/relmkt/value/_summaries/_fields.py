"""What may stand in a field of a value of columns? Copies that nobody changes, equal where their numbers are.

A missing number (NaN) equals a missing one: two summaries of the same purchases are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import cmp_using
from numpy.typing import ArrayLike, NDArray

__all__ = ["SAME", "SAME_OF_EACH", "SAME_OR_NONE", "columns", "floats", "floats_or_none", "labels"]

Floats = NDArray[np.float64]


def floats(values: ArrayLike) -> Floats:
    """A column of numbers of its own, which nobody changes."""
    return frozen_column(np.array(values, dtype=np.float64))


def labels(values: ArrayLike) -> NDArray[Any]:
    return frozen_column(np.array(values))


def frozen_column(column: NDArray[Any]) -> NDArray[Any]:
    column.setflags(write=False)
    return column


def _same(one: Floats, other: Floats) -> bool:
    return bool(np.array_equal(one, other, equal_nan=True))


def floats_or_none(values: ArrayLike | None) -> Floats | None:
    return None if values is None else floats(values)


def columns(given: Mapping[str, ArrayLike]) -> Mapping[str, Floats]:
    return MappingProxyType({name: floats(values) for name, values in given.items()})


def _same_of_each(one: Mapping[str, Floats], other: Mapping[str, Floats]) -> bool:
    return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)


def _same_or_none(one: Floats | None, other: Floats | None) -> bool:
    return one is other if one is None or other is None else _same(one, other)


SAME = cmp_using(eq=_same)
SAME_OR_NONE = cmp_using(eq=_same_or_none)
SAME_OF_EACH = cmp_using(eq=_same_of_each)
