"""What did people answer? Answers in columns, whatever they came in: arrays, rows, a data frame, or facts.

Missing is NaN. What is there and is not a number stands as infinity: no scale holds it, so it is counted invalid.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isnan, nan
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.columns._order import classes_of
from relmkt.facts import Answer, kind_of
from relmkt.mapping._reading import read
from relmkt.scales._item import Item

__all__ = ["Given", "given", "listed", "numbers", "side_by_side"]


@frozen(eq=False)
class Given:
    """Answers to some items: a row a respondent, a column an item, as they were given.

    values: shape (respondents, items), NaN where there is no answer. valid: which are on their item's scale.
    asked: which of the rows are respondents; a table of facts also holds subjects who were never asked.

    >>> from relmkt.scales import Scale
    >>> given({"t1": [7, 9, None]}, Scale(1, 7).items("t1")).valid.ravel().tolist()
    [True, False, False]
    """

    values: NDArray[np.float64]
    valid: NDArray[np.bool_]
    asked: NDArray[np.bool_]

    @property
    def invalid(self) -> int:
        """How many answers are there, and are not on their scale."""
        return int(np.count_nonzero(~np.isnan(self.values) & ~self.valid))


def given(answers: Any, items: Sequence[Item]) -> Given:
    """The answers to some items, as columns in the items' order.

    answers: a mapping of arrays, rows, a pandas, polars or pyarrow frame, a CSV file's path, with a column an item; or
    a `FactTable` of answers, in which each subject's newest answer to an item counts, in the order of its `ids`.

    Raises InvalidFactError where an item has no column.

    >>> from relmkt.scales import Scale
    >>> told = given({"t1": [7, None], "t2": [6, 8]}, Scale(1, 7).items("t1", "t2"))
    >>> told.values.tolist(), told.invalid
    ([[7.0, 6.0], [nan, 8.0]], 1)
    """
    if isinstance(answers, FactTable):
        return _of_facts(answers, items)
    columns = read(answers, [item.name for item in items]).columns
    values = side_by_side([columns[item.name].values for item in items])
    return Given(values, _valid(values, items), np.ones(len(values), np.bool_))


def _of_facts(table: FactTable, items: Sequence[Item]) -> Given:
    values = np.full((len(table.ids), len(items)), np.nan)
    asked = np.zeros(len(table.ids), np.bool_)
    kinds = {kind_of(kind) for kind in classes_of(Answer)}
    answer = np.array([*(kind in kinds for kind in table.kinds), False], np.bool_)[table.kind]
    for place, item in enumerate(items):
        label = table.labels.index(item.name) if item.name in table.labels else -2
        rows = np.flatnonzero((table.label == label) & answer)
        values[table.stream[rows], place] = table.number[rows]  # in history's order: the newest is written last
        asked[table.stream[rows]] = True
    return Given(values, _valid(values, items), asked)


def _valid(values: NDArray[np.float64], items: Sequence[Item]) -> NDArray[np.bool_]:
    valid = np.empty((len(items), len(values)), np.bool_)
    for place, item in enumerate(items):
        valid[place] = item.scale.valid(values[:, place])
    return valid.T


def side_by_side(columns: Sequence[Any]) -> NDArray[np.float64]:
    """Columns of answers as numbers, shape (n, k); each column lies together, for one is read at a time.

    Raises ValueError for no column, or columns of several lengths.
    """
    if len({len(column) for column in columns}) != 1:
        raise ValueError("answers: expected at least one column, all of one length")
    out = np.empty((len(columns), len(columns[0])))
    for place, column in enumerate(columns):
        out[place] = column if _numeric(column) else numbers(column)
    return out.T


def _numeric(values: Any) -> bool:
    return type(values) is np.ndarray and values.dtype.kind in "iuf"


def numbers(values: Any) -> NDArray[np.float64]:
    """Answers as numbers: NaN where there is none, infinity where there is something else.

    values: an array, a series or a list, one value an answer.
    """
    masked = isinstance(values, np.ma.MaskedArray)  # whose list has None where an answer is masked
    if getattr(getattr(values, "dtype", None), "kind", "O") in tuple("iuf") and not masked:
        return np.asarray(values, np.float64)
    return np.array([_number(value) for value in listed(values)], np.float64)


def listed(values: Any) -> list[Any]:
    """The values of an array, a series of any frame, or a sequence, one by one."""
    way = next((name for name in ("tolist", "to_pylist") if hasattr(values, name)), None)
    return list(values) if way is None else list(getattr(values, way)())


def _number(value: object) -> float:
    try:
        if value is None or value != value or (isinstance(value, str) and not value.strip()):
            return nan
    except TypeError:  # what pandas calls NA is neither equal nor unequal to itself
        return nan
    if isinstance(value, bool):
        return inf
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return inf
    return inf if isnan(number) else number  # the word "nan" is no answer left out
