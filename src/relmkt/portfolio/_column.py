"""What does a measure say of everyone? One raw value a customer: numbers, or words by their code; and who has none."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.money import Money

__all__ = ["Column", "column_of", "numbers", "spread", "worded"]

_WHOLE = (np.uint8, np.int16, np.int32, np.int64)


@frozen(eq=False)
class Column:
    """One raw value a customer.

    values: numbers (whole microseconds, minor units), NaN where missing; or codes into `words`, -1 where missing.
    words: the values that are not all numbers, or None. missing: 1 where there is no value, None where all have one.

    >>> column_of(["gold", None, "gold"]).values.tolist()
    [0, -1, 0]
    """

    values: NDArray[Any]
    words: tuple[Any, ...] | None = None
    missing: NDArray[np.uint8] | None = None

    def part(self, rows: slice | NDArray[np.int64]) -> "Column":
        """Some of the customers."""
        return Column(self.values[rows], self.words, None if self.missing is None else self.missing[rows])

    def door(self, scale: int) -> NDArray[Any]:
        """In days and whole units, NaN where missing; words as they are, None where missing."""
        if self.words is None:
            return self.values / scale if scale != 1 else self.values.astype(np.float64)
        words = np.empty(len(self.words) + 1, object)
        words[:] = [*self.words, None]
        found: NDArray[Any] = words[self.values]
        return found


def numbers(values: NDArray[Any]) -> Column:
    """A column of numbers, missing where NaN; whole numbers as narrow as they fit: judging is bound by memory."""
    if values.dtype.kind != "f":
        low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
        fits = next(sort for sort in _WHOLE if np.iinfo(sort).min <= low and high <= np.iinfo(sort).max)
        return Column(values.astype(fits, copy=False))
    absent = np.isnan(values)
    return Column(values, None, absent.view(np.uint8) if absent.any() else None)


def column_of(values: Sequence[Any]) -> Column:
    """A column of values of any sort, missing where None or NaN."""
    if not any(isinstance(value, str) for value in values):
        plain = (value.units if isinstance(value, Money) else value for value in values)
        return numbers(np.array([np.nan if value is None else value for value in plain], np.float64))
    code: dict[Any, int] = {}
    codes = [-1 if value is None or value != value else code.setdefault(value, len(code)) for value in values]
    return worded(np.array(codes, np.int32), tuple(code))


def worded(codes: NDArray[Any], words: tuple[Any, ...]) -> Column:
    """A column of words by their codes, -1 where missing."""
    absent = codes < 0
    return Column(codes, words, absent.view(np.uint8) if absent.any() else None)


def spread(column: Column, stream: NDArray[np.int64], n: int) -> Column:
    """The values of some customers, as a column of all n; the others have none."""
    if column.words is not None:
        codes = np.full(n, -1, np.int32)
        codes[stream] = column.values
        return worded(codes, column.words)
    values = np.full(n, np.nan)
    values[stream] = column.values
    return numbers(values)
