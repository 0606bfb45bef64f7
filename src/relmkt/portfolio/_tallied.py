"""How does a tally answer for everyone? The declaration that folds one by one, over columns: equal, not nearly.

A fact is in the window at t while `at <= t < leaves(at)`; with the grain that is one comparison, `at > floor(t −
within, grain)`, its right side a constant. Sums of whole numbers are whole; sums of floats are taken in the order in
which one customer's facts are folded.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from relmkt.columns import FactTable, classes_of
from relmkt.facts import Fact, Profile, kind_of, own_fields
from relmkt.facts._plain import hints
from relmkt.money import Money
from relmkt.portfolio._column import Column, column_of, numbers, spread, worded
from relmkt.tallies import Tally
from relmkt.windows import Span

__all__ = ["tallied"]

Ints = NDArray[np.int64]


def tallied(tally: Tally, table: FactTable, at: int) -> Column:
    """The raw answer for everyone in `table`, which holds no fact after `at`."""
    n = len(table.ids)
    rows, values = _matching(tally, table, at)
    stream = table.stream[rows]
    if tally.sort == "count":
        return numbers(np.bincount(stream, minlength=n))
    if tally.sort == "total":
        return numbers(_sums(tally, stream, table.at[rows], values, n))
    edge = stream[1:] != stream[:-1]
    ends = np.ones(len(stream), np.bool_)  # of each customer's facts: the first, or the newest
    ends[1 if tally.sort == "first" else 0 : len(stream) if tally.sort == "first" else -1] = edge
    if tally.sort == "since":
        values = numbers(at - table.at[rows])
    picked = np.flatnonzero(ends)
    return spread(Column(values.values[picked], values.words), stream[picked], n)


def _matching(tally: Tally, table: FactTable, at: int) -> tuple[Ints, Column]:
    """The rows that count, ascending, and their values."""
    found = [_of_class(tally, cls, table, at) for cls in classes_of(tally.kind) if kind_of(cls) in table.kinds]
    if len(found) == 1:
        return found[0]
    if not found:
        return np.zeros(0, np.int64), numbers(np.zeros(0))
    rows = np.concatenate([rows for rows, _ in found])
    order = np.argsort(rows)
    if all(values.words is None for _, values in found):
        return rows[order], numbers(np.concatenate([values.values for _, values in found])[order])
    told = [value for _, values in found for value in values.door(1).tolist()]
    return rows[order], column_of([told[i] for i in order.tolist()])


def _of_class(tally: Tally, cls: type[Fact], table: FactTable, at: int) -> tuple[Ints, Column]:
    rows = table.rows_of(cls)
    kept = table.where(cls, **dict(tally.where)) if tally.where else np.ones(len(rows), np.bool_)
    after = tally.opens(at)
    if after is not None and tally.sort != "first":
        kept &= table.at[rows] > after
    values, counted = _values(tally, cls, table, rows)
    if counted is not None:
        kept &= counted
    if kept.all():
        return rows, values
    return rows[kept], values.part(np.flatnonzero(kept))


def _values(tally: Tally, cls: type[Fact], table: FactTable, rows: Ints) -> tuple[Column, NDArray[np.bool_] | None]:
    """The values of a field for the rows of one class, and which of them count (None: all)."""
    number, label = (*cls.hot, "", "")[:2]
    name = tally.field
    if tally.sort == "count" or name in ("", "at"):
        return Column(table.at[rows]), None
    if name == number and (not tally.money or label == "currency"):
        values = numbers(table.number[rows])
        if tally.money and tally.currency is not None:
            code = table.labels.index(tally.currency) if tally.currency in table.labels else -2
            return values, table.label[rows] == code
        return values, _known(tally, values)
    if name == label:
        return worded(table.label[rows], table.labels), None
    if cls is Profile and name not in (*own_fields(Profile), "source"):
        told: Any = table.rest(cls, "told")
        return column_of([said.get(name) for said in told]), np.array([name in said for said in told], np.bool_)
    told = table.rest(cls, name)
    values = column_of(told)
    if tally.currency is not None:
        counts = [isinstance(money, Money) and money.currency == tally.currency for money in told]
        return values, np.array(counts, np.bool_)
    return values, _known(tally, values)


def _known(tally: Tally, values: Column) -> NDArray[np.bool_] | None:
    """A total passes over missing values; a newest one may be missing."""
    return values.missing == 0 if tally.sort == "total" and values.missing is not None else None


def _whole(tally: Tally) -> bool:
    told: Any = hints(tally.kind).get(tally.field)
    return tally.money or told is int or told == int | None


def _sums(tally: Tally, stream: Ints, at: Ints, values: Column, n: int) -> NDArray[Any]:
    if values.words is not None:
        raise TypeError(f"{tally} adds up text: it takes a field of numbers")
    if _whole(tally) and not np.isnan(values.values).any():
        sums = np.concatenate(([0], np.cumsum(values.values.astype(np.int64))))
        ends = np.searchsorted(stream, np.arange(n + 1))
        return np.diff(sums[ends])
    weights: NDArray[Any] = values.values.astype(np.float64)
    if isinstance(tally.within, Span) and len(stream):
        # one customer's sum is the sum over buckets of a grain: floats are added in that order here too
        grain = -(-at // tally.grain)
        changes = np.concatenate(([True], (stream[1:] != stream[:-1]) | (grain[1:] != grain[:-1])))
        weights = np.bincount(np.cumsum(changes) - 1, weights=weights)
        stream = stream[changes]
    return np.bincount(stream, weights=weights, minlength=n).astype(np.float64)
