"""Which rows of a frame are facts, of whom, and when? A mapping as expressions, checked by the frame's types alone.

Left out, as a load refuses them: rows without a customer or an instant, with nothing or something else where a kind
wants a value, negative amounts, facts after `at` (rule R46).
"""

from typing import TYPE_CHECKING, Any

import attrs
from attrs import frozen

from relmkt.exceptions import InvalidFactError, UnsupportedError
from relmkt.facts import Cancellation, ComplaintSettled, Fact, Profile, Purchase, Return, kind_of
from relmkt.facts._plain import hints
from relmkt.frames._cells import Cell, Cond, both, cell_of, constant_cell, inverse, text_of
from relmkt.frames._engine import engine_of, nw, raw, schema_of
from relmkt.frames._times import localised
from relmkt.mapping import Column, Mapped, Mapping
from relmkt.mapping._cells import NO_DEFAULT, Wish
from relmkt.money import Money
from relmkt.windows import DAY, Instant

if TYPE_CHECKING:
    from relmkt.frames._engine import Expr, Rows

__all__ = ["KEYS", "Told", "told_by"]

KEYS = ("customer", "instant", "id", "source")
"""What a fact is unique by, with its kind."""

_CHECKED = {check.check for check in (Fact, Purchase, Return, Cancellation, ComplaintSettled)}
_REFERRING = {check.check for check in (Return, Cancellation, ComplaintSettled)}
_CONTROL = "[\\x00-\\x1f\\x7f]"


@frozen(eq=False)
class Told:
    """A mapping and its frame: what each row tells, nothing read yet.

    columns: names here to names in the frame. when: the instant's. times: those of instants; local: without a zone.
    cells: by field; `said`: identifiers and attributes told beside. keys: subject and id. valid: which rows are facts.
    """

    mapping: Mapping
    data: Any
    columns: dict[str, str]
    when: str
    times: set[str]
    local: set[str]
    cells: dict[str, Cell]
    said: dict[str, Cell]
    keys: dict[str, Cell]
    valid: Cond

    @property
    def kind(self) -> type[Fact]:
        """What the rows tell."""
        return self.mapping.kind

    @property
    def identified(self) -> bool:
        """Whether the source gives ids: else the same content twice is two facts."""
        return self.mapping.id is not None

    def field(self, name: str) -> Cell:
        """A field of the facts; UnsupportedError for one that no column holds."""
        if name in ("", "at"):
            return Cell(nw.col("instant"), "int")
        if name == "source":
            return Cell(self.mapping.source, "text")
        if name == "id":
            if not self.identified:
                raise UnsupportedError(f"{kind_of(self.kind)}.id: the mapping states no id=, and a frame makes none")
            return self.keys["id"]
        if name not in self.cells:
            raise UnsupportedError(f"{kind_of(self.kind)}.{name}: a frame cannot read this field")
        return self.cells[name]

    def rows(self, at: int) -> "Rows":
        """The facts not after `at`: the columns here, and those of `KEYS`."""
        when = nw.col(self.when)
        rows = raw(self.data, self.columns, self.times).filter(~when.is_null())
        if self.local and self.mapping.zone != "UTC":
            low, high = self._shown(rows, at)
            rows = rows.with_columns(**{c: localised(nw.col(c), self.mapping.zone, low, high) for c in self.local})
        return rows.filter(both(when <= int(at), self.valid)).with_columns(
            when.cast(nw.Int64).alias("instant"),
            self.keys["subject"].expr().alias("customer"),
            (self.keys["id"].expr() if self.identified else nw.lit("")).alias("id"),
            nw.lit(self.mapping.source).alias("source"),
        )

    def _shown(self, rows: "Rows", at: int) -> tuple[int, int]:
        """Between which times shown the zone's changes matter: of eager rows those that they hold."""
        if isinstance(rows, nw.LazyFrame):
            return -(1 << 62), int(at) + 2 * DAY
        ends = [end for name in self.local for end in (rows[name].min(), rows[name].max()) if end is not None]
        walls = [int(end) for end in ends if end == end] or [0]
        return min(walls), min(max(walls), int(at) + 2 * DAY)


def told_by(mapped: Mapped) -> Told:
    """What a mapped frame tells; UnsupportedError for what no expression can, before any job starts."""
    mapping, data = mapped.mapping, mapped.data
    kind = mapping.kind
    engine_of(data)
    if not isinstance(mapping.subject, Column):
        raise UnsupportedError(f"{mapping!r}: identifiers are matched in Python; a frame needs subject=")
    if kind.check not in _CHECKED:
        raise UnsupportedError(f"{kind_of(kind)} checks its facts in Python: a frame cannot")
    reading = _Reading(mapping, data)
    when = reading.instant("at", mapping.at)
    subject, gone, valid = text_of(*reading.column(mapping.subject), Wish("subject", str, False))
    reading.valid = both(reading.valid, valid, ~gone, subject.str.len_chars() > 0, ~subject.str.contains(_CONTROL))
    keys = {"subject": Cell(subject, "text")}
    if mapping.id is not None:
        id, gone, valid = text_of(*reading.column(mapping.id), Wish("id", str, False))
        reading.valid = both(reading.valid, valid, ~gone, id.str.len_chars() > 0)
        keys["id"] = Cell(id, "text")
    cells = {a.name: cell for a in attrs.fields(kind) if _own(a.name) and (cell := reading.field(a)) is not None}
    said = {name: reading.said(column) for name, column in mapping.who.items()}
    valid = both(reading.valid, *_sound(kind, cells))
    return Told(mapping, data, reading.columns, when, reading.times, reading.local, cells, said, keys, valid)


def _own(name: str) -> bool:
    return name not in ("subject", "at", "id", "source")


def _sound(kind: type[Fact], cells: dict[str, Cell]) -> "list[Cond]":
    """What kinds of this house check of themselves."""
    found: list[Cond] = []
    if kind.check in (Purchase.check, Return.check):
        found.append(cells["amount"].value >= 0)
    if kind.check in _REFERRING:
        found.append(inverse(cells["ref"].equals("")))
    return found


class _Reading:
    """Columns under names of our own, as a mapping asks for them."""

    def __init__(self, mapping: Mapping, data: Any) -> None:
        self.mapping, self.data = mapping, data
        self.schema = schema_of(data)
        self.columns: dict[str, str] = {}
        self.times: set[str] = set()
        self.local: set[str] = set()
        self.valid: Cond = True

    def _name(self, column: Column, time: bool = False) -> str:
        if column.name not in self.schema:
            raise InvalidFactError("data", f"no column {column.name!r}", "every column that the mapping names")
        for new, old in self.columns.items():
            if old == column.name and (new in self.times) == time:
                return new
        new = f"r{len(self.columns)}"
        self.columns[new] = column.name
        return new

    def column(self, column: Column) -> "tuple[Expr, Any]":
        """A column as it is, and its type."""
        return nw.col(self._name(column)), self.schema[column.name]

    def instant(self, place: str, column: Column) -> str:
        """The name here of a column of instants: dates, datetimes, or whole microseconds since 1970 UTC."""
        dtype = self.schema.get(column.name)
        if dtype is None or dtype.is_integer():
            return self._name(column)
        if not (dtype == nw.Date or isinstance(dtype, nw.Datetime)):
            raise UnsupportedError(f"{place}: a frame cannot read a column of {dtype}; make it a date or a datetime")
        name = self._name(column, time=True)
        self.times.add(name)
        if dtype == nw.Date or getattr(dtype, "time_zone", None) is None:
            self.local.add(name)
        return name

    def field(self, told: "attrs.Attribute[Any]") -> Cell | None:
        """A field of the kind: a column, a constant, or its default; None for a default that is no plain value."""
        name, mapping = told.name, self.mapping
        plain = told.default is not attrs.NOTHING and not isinstance(told.default, attrs.Factory)  # type: ignore[arg-type]
        if name not in mapping.fields and (not plain or mapping.kind is Profile):
            return None
        wish = Wish.of(name, hints(mapping.kind)[name], told.default if plain else NO_DEFAULT)
        given, currency = mapping.fields.get(name, told.default), self._currency()
        if wish.sort is Money and currency is None and not isinstance(given, Money | None):
            raise TypeError(f"{kind_of(mapping.kind)}.{name} is money: the mapping states its currency=")
        if not isinstance(given, Column):
            return constant_cell(wish, given, currency)
        if wish.sort is Instant:
            cell, valid = cell_of(nw.col(self.instant(name, given)), nw.Int64(), wish)
        else:
            cell, valid = cell_of(*self.column(given), wish, currency)
        self.valid = both(self.valid, valid)
        return cell

    def _currency(self) -> Any:
        given = self.mapping.fields.get("currency")
        if not isinstance(given, Column):
            return given
        return text_of(*self.column(given), Wish("currency", str, False))[0]

    def said(self, column: Column) -> Cell:
        """An identifier or attribute: nothing where it is blank."""
        text, gone, valid = text_of(*self.column(column), Wish("who", str, True))
        return Cell(text, "text", inverse(both(valid, ~gone, text.str.strip_chars().str.len_chars() > 0)))
