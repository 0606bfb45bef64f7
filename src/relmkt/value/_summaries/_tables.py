"""What do the formulas read of a portfolio? Facts of one kind as columns, and those in one currency.

Amounts of several currencies are never added up: one is chosen, or there is an error.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact, Purchase, Return
from relmkt.money import exponent
from relmkt.value._summaries._codes import Codes
from relmkt.value._summaries._occasions import Log
from relmkt.value._summaries._rows import Stamps
from relmkt.windows import DAY, At, Instant, instant

__all__ = ["HoldsFacts", "Returns", "Table", "currency_rows", "facts_of", "known_until", "logs_of"]

Returns: TypeAlias = tuple[ArrayLike, Any, ArrayLike]
"""Customers, times and amounts of what came back."""


class Table(Protocol):
    """Facts as columns: `stream` holds codes into `ids`, `at` microseconds, `number` minor units, `label` currency."""

    @property
    def ids(self) -> Any: ...
    def __getitem__(self, field: str, /) -> NDArray[Any]: ...
    def __len__(self) -> int: ...


class HoldsFacts(Protocol):
    """What a formula needs of a portfolio: its instant, and the facts of one kind as columns."""

    @property
    def at(self) -> Instant: ...
    def facts(self, kind: type[Fact], /) -> Table: ...


def currency_rows(table: Table, currency: str | None) -> tuple[NDArray[np.bool_], str | None]:
    """Which rows are in the one currency asked for, or in the only one there is."""
    labels = table["label"]
    if currency is not None:
        return np.asarray(labels == currency), currency
    if not len(table):
        return np.ones(0, dtype=bool), None
    if (labels == labels[0]).all():
        return np.ones(labels.size, dtype=bool), str(labels[0])
    found = ", ".join(sorted({str(label) for label in np.unique(labels)}))
    raise InvalidFactError("Purchase.amount", f"amounts in {found}", "one currency, or currency= to choose one")


def known_until(base: HoldsFacts | FactTable, until: At | None) -> Instant:
    """The instant asked about, which a portfolio must have reached; a table has none of its own."""
    if isinstance(base, FactTable):
        if until is None:
            raise ValueError("a table of facts has no instant of its own: give until=")
        return instant(until)
    end = instant(base.at if until is None else until)
    if end > base.at:
        raise ValueError("until is later than what the portfolio knows")
    return end


def logs_of(
    customers: ArrayLike, times: Any, amounts: ArrayLike | None, returns: Returns | None
) -> tuple[Log, Log | None]:
    """The logs of plain rows: purchases, and what came back."""
    log = Log.of(customers, times, amounts)
    if returns is None:
        return log, None
    if amounts is None:
        raise ValueError("returns lower amounts: give amounts= as well")
    return log, Log.of(*returns, of="returns.")


def facts_of(base: HoldsFacts | FactTable, currency: str | None, net: bool) -> tuple[Log, Log | None, str | None]:
    """The logs of a portfolio in one currency, which comes last: purchases, and returns where they are netted."""
    read = base.only if isinstance(base, FactTable) else base.facts
    table = read(Purchase)
    rows, currency = currency_rows(table, currency)
    log = _log(table, rows, currency)
    if not (net and currency):
        return log, None, currency
    returned = read(Return)
    return log, _log(returned, np.asarray(returned["label"] == currency), currency), currency


def _log(table: Table, rows: NDArray[np.bool_], currency: str | None) -> Log:
    ids = np.asarray(table.ids)
    codes = Codes(table["stream"].astype(np.int64, copy=False), 0, int(ids.size), ids)
    money = table["number"] if currency else None
    log = Log(codes, Stamps(table["at"], DAY, local=False), money, 10 ** exponent(currency) if currency else 1)
    return log if rows.all() else log.kept(rows)
