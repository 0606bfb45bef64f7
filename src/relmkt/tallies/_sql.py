"""How does a tally answer inside a database? One constant text and its parameters, over the hot columns of facts.

The table (or view) has the columns stream, at, kind (the name), number and label, and for the value of a newest or
first fact id and source: history is ordered by (at, id, source). Only standard SQL of SQLite and DuckDB is used: no
window function, no date arithmetic; a window is one comparison with a constant.
"""

import re
from typing import Any

from relmkt.columns import classes_of
from relmkt.exceptions import UnsupportedError
from relmkt.facts import kind_of
from relmkt.facts._plain import hints
from relmkt.money import Money
from relmkt.tallies._tally import Tally

__all__ = ["sql"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Condition = tuple[str, tuple[Any, ...]]


def sql(tally: Tally, at: int, table: str = "facts") -> tuple[str, tuple[Any, ...]]:
    """The text of a query and its parameters; it gives stream and value (raw: microseconds, minor units).

    A stream that no fact matches has no row: its count and total are 0, its instants and values missing. A value that
    is NULL is missing too.

    at: the instant of the question, in microseconds. table: the plain name of a table or view.

    Raises UnsupportedError for a field that is not a hot column, ValueError for a table that is no plain name.

    >>> from relmkt.facts import Purchase
    >>> text, parameters = sql(Tally("count", Purchase), 0)
    >>> "COUNT(*)" in text, parameters[-1]
    (True, 0)
    """
    if not _NAME.fullmatch(table):
        raise ValueError("table is the plain name of a table or view")
    if tally.sort == "total" and _column(tally, tally.field) != "number":
        raise TypeError(f"{tally} adds up text: it takes a field of numbers")
    matched, told = _matched(tally, at)
    rows = f'FROM "{table}" WHERE {matched}'
    if tally.sort in ("newest", "first") and tally.field not in ("", "at"):
        return _at_an_end(tally, rows), told
    if tally.sort == "since":
        return f'SELECT stream, ? - MAX("at") AS value {rows} GROUP BY stream', (int(at), *told)
    answer = {"count": "COUNT(*)", "total": f"SUM({_column(tally, tally.field)})", "first": 'MIN("at")'}
    value = answer.get(tally.sort, 'MAX("at")')
    return f"SELECT stream, {value} AS value {rows} GROUP BY stream", told


def _at_an_end(tally: Tally, rows: str) -> str:
    """The value of the newest or first fact: the end of each part of the order in turn, and joins."""
    end = "MIN" if tally.sort == "first" else "MAX"
    value = _column(tally, tally.field)
    return (
        f'WITH m AS (SELECT stream, "at", id, source, {value} AS value {rows}),'
        f' a AS (SELECT stream, {end}("at") AS "at" FROM m GROUP BY stream),'
        f' b AS (SELECT m.stream, m."at", {end}(m.id) AS id FROM m'
        f' JOIN a ON m.stream = a.stream AND m."at" = a."at" GROUP BY m.stream, m."at"),'
        f' c AS (SELECT m.stream, m."at", m.id, {end}(m.source) AS source FROM m'
        f' JOIN b ON m.stream = b.stream AND m."at" = b."at" AND m.id = b.id GROUP BY m.stream, m."at", m.id)'
        f" SELECT m.stream, m.value FROM m"
        f' JOIN c ON m.stream = c.stream AND m."at" = c."at" AND m.id = c.id AND m.source = c.source'
    )


def _matched(tally: Tally, at: int) -> Condition:
    family = [kind_of(cls) for cls in classes_of(tally.kind)]
    found: list[Condition] = [(f"kind IN ({', '.join('?' * len(family))})", tuple(family))]
    found.extend(_equal(tally, name, value) for name, value in tally.where)
    if tally.currency is not None:
        found.append((f"{_column(tally, tally.field)} IS NOT NULL AND label = ?", (tally.currency,)))
    elif tally.sort == "total":
        found.append((f"{_column(tally, tally.field)} IS NOT NULL", ()))
    after = tally.opens(at)
    if after is not None and tally.sort != "first":
        found.append(('"at" > ?', (after,)))
    found.append(('"at" <= ?', (int(at),)))
    return " AND ".join(text for text, _ in found), tuple(value for _, told in found for value in told)


def _equal(tally: Tally, name: str, value: Any) -> Condition:
    column = _column(tally, name)
    if isinstance(value, Money) != (column == "number" and _money(tally, name)):
        return "1 = 0", ()
    if isinstance(value, Money):
        return "number = ? AND label = ?", (value.units, value.currency)
    if isinstance(value, str) != (column not in ("number", '"at"')):
        return "1 = 0", ()
    return f"{column} = ?", (value if isinstance(value, str | float) else int(value),)


def _money(tally: Tally, name: str) -> bool:
    return hints(tally.kind).get(name) in (Money, Money | None)


def _column(tally: Tally, name: str) -> str:
    """The hot column that holds a field, the same for all kinds of the family."""
    if name in ("", "at"):
        return '"at"'
    if name in ("id", "source"):
        return name
    hot = {tuple((*cls.hot, "", "")[:2]) for cls in classes_of(tally.kind)}
    columns = {"number" if name == number else "label" if name == label else "" for number, label in hot}
    hidden = _money(tally, name) and any(label != "currency" for _, label in hot)
    if len(columns) > 1 or "" in columns or hidden:
        raise UnsupportedError(f"{kind_of(tally.kind)}.{name} is not a hot column: SQL reads number and label alone")
    return columns.pop()
