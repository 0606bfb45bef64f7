"""Which rows are facts, of whom, and when? A mapping's columns, converted once for all that is made of them."""

from typing import TYPE_CHECKING, Any

import attrs
from attrs import define, field, frozen

from relmkt.exceptions import InvalidFactError
from relmkt.facts import IDENTIFYING, Fact, Identifier, Profile, Purchase, Return, kind_of, name_of
from relmkt.facts._plain import hints
from relmkt.mapping._cells import NO_DEFAULT, Cells, Wish, cells, coded, money_cells, texts
from relmkt.mapping._reading import Column, Given, Slip, Source, read
from relmkt.mapping._times import instants
from relmkt.money import Money
from relmkt.windows import Instant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Rows", "Telling", "rows_of"]


@frozen(eq=False, repr=False)
class Telling:
    """What a mapping says: which column is what, and what is constant."""

    kind: type[Fact]
    subject: Column | str | None
    who: dict[str, Column]
    at: Column
    zone: str
    id: Column | None
    source: str
    dates: str | None
    fields: dict[str, Any]


@define(eq=False, repr=False)
class Rows:
    """A mapping's data as columns of what facts hold; `slips` names the first fault of each faulty row.

    codes, names: the customer of each row, by a code into the names. at: microseconds, int64. fields: by name.
    ids: the source's own, or None.
    who: identifiers and attributes told beside, by name; None where a row does not tell one.
    """

    mapping: Telling
    source: Source
    codes: "NDArray[np.int64]"
    names: list[str]
    at: "NDArray[np.int64]"
    fields: dict[str, Cells]
    ids: list[str] | None
    who: dict[str, list[str | None]]
    slips: dict[int, Slip] = field(factory=dict)

    def error(self, row: int, slip: Slip | None = None) -> InvalidFactError:
        """The fault of a row: where it stands, and what was expected there."""
        name, got, expected = self.slips[row] if slip is None else slip
        return InvalidFactError(f"{self.source.where(row)}, {name}", got, expected)

    def name(self, row: int) -> str:
        """The customer of a row."""
        name: str = self.names[self.codes[row]]
        return name

    def fact(self, row: int) -> Fact:
        """The fact that a row tells; an InvalidFactError names the field without its row."""
        values = {name: told[row] for name, told in self.fields.items()}
        if self.mapping.kind is Profile:
            values["told"] = self.stated(row)
        given = {} if self.ids is None else {"id": self.ids[row]}
        at = Instant(int(self.at[row]))
        return self.mapping.kind(self.name(row), at, **values, **given, source=self.mapping.source)

    def stated(self, row: int) -> dict[str, str]:
        """What the row states of the person."""
        return {name: value for name, told in self.who.items() if (value := told[row]) is not None}

    def profile(self, row: int) -> Profile | None:
        """The statement told beside the fact: an attribute, or identifiers that belong together."""
        if self.mapping.kind is Profile or not self.who:
            return None
        told = self.stated(row)
        linked = len(told) + (self.mapping.subject is not None) > 1
        if not told or not (linked or set(told) - IDENTIFYING):
            return None
        return Profile(self.name(row), Instant(int(self.at[row])), told, source=self.mapping.source)

    @property
    def plain(self) -> bool:
        """Whether every row's fact is known from the columns alone, without making it."""
        kind = self.mapping.kind
        known = kind.check is Fact.check or kind in (Purchase, Return)
        columns = [name for name, told in self.fields.items() if not told.constant and name != "ref"]
        return known and kind is not Profile and all(_wish(kind, name).plain for name in columns)


def _wish(kind: type[Fact], name: str) -> Wish:
    told = attrs.fields_dict(kind)[name]
    return Wish.of(name, hints(kind)[name], NO_DEFAULT if told.default is attrs.NOTHING else told.default)


def rows_of(mapping: Telling, data: Any) -> Rows:
    """Read the data and convert every column; faults are kept by row, faults of the mapping itself are raised."""
    used = [mapping.subject, mapping.at, mapping.id, *mapping.who.values(), *mapping.fields.values()]
    source = read(data, [column.name for column in used if isinstance(column, Column)])
    slips: dict[int, Slip] = dict(source.broken)
    at, late = instants(source.columns[mapping.at.name], mapping.zone, mapping.dates)
    _add(slips, late)
    fields = {}
    for name in _own(mapping):
        fields[name], faults = _field(mapping, name, source)
        _add(slips, faults)
    who = {name: _said(source.columns[column.name]) for name, column in mapping.who.items()}
    codes, names, nameless = _names(mapping, source, who)
    _add(slips, nameless)
    ids = None
    if mapping.id is not None:
        ids, unnamed = texts(source.columns[mapping.id.name], Wish("id", str, False))
        _add(slips, unnamed)
        _add(slips, {row: ("id", "an empty text", "the source's own id") for row, id in enumerate(ids) if id == ""})
    rows = Rows(mapping, source, codes, names, at, fields, ids, who, slips)
    _check(rows)
    return rows


def _add(slips: dict[int, Slip], more: dict[int, Slip]) -> None:
    for row, slip in more.items():
        slips.setdefault(row, slip)


def _own(mapping: Telling) -> list[str]:
    """The fields told: a currency is a part of money, unless the kind has a field of that name."""
    return [name for name in mapping.fields if name != "currency" or name in attrs.fields_dict(mapping.kind)]


def _field(mapping: Telling, name: str, source: Source) -> tuple[Cells, dict[int, Slip]]:
    given, wish = mapping.fields[name], _wish(mapping.kind, name)
    if wish.sort is Money and not isinstance(given, Money) and given is not None:
        currency = mapping.fields.get("currency")
        code = source.columns[currency.name] if isinstance(currency, Column) else currency
        if code is None:
            raise TypeError(f"{kind_of(mapping.kind)}.{name} is money: the mapping states its currency=")
        amounts = source.columns[given.name] if isinstance(given, Column) else Given([given] * source.n)
        return money_cells(amounts, code, wish)
    if not isinstance(given, Column):
        return Cells(given, True), {}
    return cells(source.columns[given.name], wish, mapping.zone, mapping.dates)


def _said(given: Given) -> list[str | None]:
    """Identifiers and attributes: text, or None where nothing was said."""
    found, slips = texts(given, Wish("who", str, True))
    return [None if row in slips or not value or not value.strip() else value for row, value in enumerate(found)]


def _names(
    mapping: Telling, source: Source, who: dict[str, list[str | None]]
) -> "tuple[NDArray[np.int64], list[str], dict[int, Slip]]":
    """The customer of each row, as a code, and their names: its subject, else the key of its first identifier."""
    import numpy as np

    if isinstance(mapping.subject, str):
        return np.zeros(source.n, np.int64), [name_of(mapping.subject)], {}
    if mapping.subject is not None:
        codes, names, slips = coded(source.columns[mapping.subject.name], Wish("subject", str, False))
        fine = None not in names and "" not in names and _nameable("".join(names) or "-")
        bad = [] if fine else [place for place, name in enumerate(names) if not _nameable(name)]
        if bad:
            faulty = np.flatnonzero(np.isin(codes, bad)).tolist()
            _add(slips, dict.fromkeys(faulty, ("subject", "no name", "a name of printable characters")))
        return codes, names, slips
    sorts = [name for name in who if name in IDENTIFYING]
    keys = [[_key(sort, value) for value in who[sort]] for sort in sorts]
    found = [next((key for key in told if key), "") for told in zip(*keys, strict=True)]
    missing = ("subject", "no identifier", f"one of {', '.join(sorts)}")
    slips = {row: missing for row, name in enumerate(found) if not name}
    return *Given(found).encoded(), slips


def _nameable(name: Any) -> bool:
    try:
        return bool(name_of(name))
    except InvalidFactError:
        return False


def _key(sort: str, value: str | None) -> str:
    try:
        return "" if value is None else Identifier(sort, value).key
    except InvalidFactError:  # punctuation alone, in a phone number
        return ""


def _check(rows: Rows) -> None:
    """What a kind checks of itself, over columns; a kind with other checks is made fact by fact."""
    kind, told = rows.mapping.kind, rows.fields
    if kind in (Purchase, Return) and "amount" in told and not told["amount"].constant:
        units = told["amount"].values
        listed = units if isinstance(units, list) else units.tolist() if units.min(initial=0) < 0 else []
        faulty = [row for row, amount in enumerate(listed) if amount is not None and amount < 0]
        expected = "zero or more: a refund is a Return" if kind is Purchase else "zero or more: what was paid back"
        _add(rows.slips, dict.fromkeys(faulty, ("amount", "a negative amount", expected)))
    if kind is Return and "ref" in told and not told["ref"].constant:
        faulty = [row for row, ref in enumerate(told["ref"].values) if not ref]
        _add(rows.slips, dict.fromkeys(faulty, ("ref", "an empty text", "the id of the purchase returned")))
