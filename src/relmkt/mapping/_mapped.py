"""How are rows told as facts? A mapping says which column is whose, when and what; its data are read when asked for.

`Mapping(Purchase, subject=col("customer"), at=col("day"), amount=col("total"), currency="EUR").of(data)` is facts,
wherever facts are taken: a file into a program, a frame into a portfolio.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Mapping_
from pathlib import Path
from typing import Any

import attrs
from attrs import field, frozen

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import IDENTIFYING, Fact, Profile, kind_of, own_fields
from relmkt.mapping._bulk import Bulk, bulk
from relmkt.mapping._reading import Column
from relmkt.mapping._rows import Rows, Telling, rows_of
from relmkt.mapping._tabled import tabled
from relmkt.windows._instants import zone_of

__all__ = ["Line", "Mapped", "Mapping"]


@frozen
class Line:
    """The verdict on one row: the facts that it tells (what happened first), or the fault for which it is refused.

    number: the line in the file, or the row, counted from 0.

    >>> Line(88, error=InvalidFactError("crs.csv line 88, at", "nothing", "an ISO 8601 date")).accepted
    False
    """

    number: int
    facts: tuple[Fact, ...] = field(default=(), repr=False)
    error: InvalidFactError | None = None

    @property
    def accepted(self) -> bool:
        """Whether the row is taken in."""
        return self.error is None


@frozen(init=False, eq=False, repr=False)
class Mapping(Telling):
    """How rows are told as facts of one kind.

    kind: the class of the facts. subject: the column that names the customer; for a kind that happens to no customer
    (`Spend`), it may be the one name of all rows. who: identifiers (`mail`, `phone`,
    `card` …) and attributes told beside, by name: they make a `Profile`, and without `subject` the first identifier
    that has a value names the customer. at: when; a time without a zone is local to `zone`, a date its midnight.
    dates: how dates are written where that is not ISO 8601, in the words of `strptime`. id: the source's own id;
    without it the digest of the content. source: who tells it. fields: columns or constants for the kind's fields,
    `ref`, and `currency` for its money.

    Raises TypeError for a field that the kind does not have, or one that it needs and the mapping does not state.

    >>> from relmkt.facts import Visit
    >>> from relmkt.mapping import col
    >>> stays = Mapping(Visit, subject=col("guest"), at=col("day"), zone="Europe/Paris", place="Lyon")
    >>> [line.facts[0].at for line in stays.of([{"guest": "ada", "day": "2026-03-01"}]).facts()]
    [Instant('2026-02-28T23:00:00+00:00')]
    """

    def __init__(
        self,
        kind: type[Fact],
        *,
        subject: Column | str | None = None,
        who: Mapping_[str, Column] | None = None,
        at: Column,
        zone: str = "UTC",
        id: Column | None = None,
        source: str = "",
        dates: str | None = None,
        **fields: Any,
    ) -> None:
        zone_of(zone)
        told = dict(who or {})
        _checked(kind, subject, told, at, fields)
        self.__attrs_init__(kind, subject, told, at, zone, id, source, dates, fields)

    def of(self, data: Any) -> "Mapped":
        """The facts of some data, not read yet.

        data: the path of a CSV file, a list of rows (mappings), a mapping of arrays, a pandas, polars or pyarrow frame,
        or a DuckDB relation.
        """
        return Mapped(self, data)

    def __repr__(self) -> str:
        return f"Mapping({kind_of(self.kind)}, {', '.join(self.fields) or 'no fields'})"


def _checked(
    kind: type[Fact], subject: Column | str | None, who: dict[str, Column], at: Column, fields: dict[str, Any]
) -> None:
    name = kind_of(kind)
    if subject is None and not IDENTIFYING & who.keys():
        raise TypeError(f"Mapping({name}): needs subject=, or an identifier in who= such as mail")
    one = isinstance(subject, str) and kind.subject_kind != "customer"
    columns: dict[str, Any] = {"subject": None if one else subject, "at": at, **who}
    wrong = [name for name, told in columns.items() if told is not None and not isinstance(told, Column)]
    if wrong:
        raise TypeError(f"Mapping({name}): {', '.join(wrong)} takes a column: write col(…)")
    known = {*own_fields(kind), "ref", "currency"} - ({"told"} if kind is Profile else set())
    if fields.keys() - known:
        raise TypeError(f"Mapping({name}): no field {', '.join(sorted(fields.keys() - known))}")
    needed = {a.name for a in attrs.fields(kind) if a.default is attrs.NOTHING and a.name in own_fields(kind)}
    if kind is not Profile and needed - fields.keys():
        raise TypeError(f"Mapping({name}): states no {', '.join(sorted(needed - fields.keys()))}")


@frozen(eq=False, repr=False)
class Mapped:
    """A mapping and its data: facts, read when they are asked for.

    >>> from relmkt.facts import Visit
    >>> from relmkt.mapping import col
    >>> told = Mapping(Visit, subject=col("who"), at=col("day"), place=col("hotel"))
    >>> print(told.of({"who": ["ada"], "day": ["2026-03-01"], "hotel": ["Lyon"]}).table())
    1 facts of 1 subjects: 1 Visit
    """

    mapping: Mapping
    data: Any

    @property
    def name(self) -> str:
        """What a report calls it: the file's name, or the source."""
        return Path(self.data).name if isinstance(self.data, str | Path) else self.mapping.source or "rows"

    def facts(self) -> Iterator[Line]:
        """A verdict a row: its facts, or why it is refused; a row that repeats another's content gets its own id."""
        rows = rows_of(self.mapping, self.data)
        seen: dict[tuple[str, str], int] = {}
        for row in range(rows.source.n):
            number = _number(rows, row)
            try:
                if row in rows.slips:
                    raise rows.error(row)
                yield Line(number, tuple(_told(rows, row, seen)))
            except InvalidFactError as error:
                slip = (error.place.rpartition(".")[2], error.got, error.expected)
                yield Line(number, error=rows.error(row, rows.slips.get(row, slip)))

    def bulk(self) -> Bulk:
        """The accepted rows as columns for a store, the refused ones beside."""
        rows = rows_of(self.mapping, self.data)
        return bulk(rows, rows.source.lines or range(rows.source.n))

    def table(self) -> FactTable:
        """The facts as columns; an InvalidFactError names the first row at fault."""
        rows = rows_of(self.mapping, self.data)
        if rows.slips:
            raise rows.error(min(rows.slips))
        return tabled(rows)

    def __repr__(self) -> str:
        return f"Mapped({self.mapping!r}, {self.name})"


def _number(rows: Rows, row: int) -> int:
    return row if rows.source.lines is None else rows.source.lines[row]


def _told(rows: Rows, row: int, seen: dict[tuple[str, str], int]) -> Iterator[Fact]:
    fact = rows.fact(row)
    if rows.ids is None:
        n = seen[fact.subject, fact.id] = seen.get((fact.subject, fact.id), 0) + 1
        if n > 1:
            fact = attrs.evolve(fact, id=f"{fact.id}#{n}")
    profile = rows.profile(row)
    if profile is not None:  # first: news is decided in order, and whom it reaches is known by then
        yield profile
    yield fact
