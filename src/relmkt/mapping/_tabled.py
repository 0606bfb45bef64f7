"""How do mapped rows stand as a table of facts? Columns to columns; a fact is made only for who asks to see it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from relmkt.columns import FactTable, ordered
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact, kind_of, stream_of
from relmkt.mapping._bulk import default_of, digests, numbered
from relmkt.mapping._cells import Cells, floats
from relmkt.mapping._rows import Rows
from relmkt.money import Money

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["tabled"]

_BLOCK = 50_000


def tabled(rows: Rows) -> FactTable:
    """The table of all rows, none of which is at fault."""
    if not rows.source.n:
        return FactTable.of(())
    if not rows.plain:
        return _of_facts(rows)
    try:
        rows.fact(0)  # a fault of a constant shows in any row
    except InvalidFactError as error:
        raise rows.error(0, (error.place.rpartition(".")[2], error.got, error.expected)) from None
    table = _of_columns(rows)
    told = (rows.profile(row) for row in range(rows.source.n)) if rows.who else ()
    profiles = [profile for profile in told if profile is not None]
    return FactTable.joined(table, FactTable.of(profiles)) if profiles else table


def _of_facts(rows: Rows) -> FactTable:
    facts: list[Fact] = []
    ids: list[tuple[str, str]] = []
    beside: list[Fact] = []
    for row in range(rows.source.n):
        try:
            facts.append(rows.fact(row))
            profile = rows.profile(row)
        except InvalidFactError as error:
            raise rows.error(row, (error.place.rpartition(".")[2], error.got, error.expected)) from None
        ids.append((facts[-1].subject, facts[-1].id))
        if profile is not None:
            beside.append(profile)
    if rows.ids is None:
        told = zip(facts, numbered(ids), strict=True)
        facts = [fact if id == fact.id else evolve(fact, id=id) for fact, id in told]
    return FactTable.of([*facts, *beside])


def _codes(values: Sequence[str]) -> "tuple[NDArray[np.int64], list[str]]":
    """Codes of texts in the order of their code points, and the texts."""
    import numpy as np

    words = sorted(dict.fromkeys(values))
    place = {word: code for code, word in enumerate(words)}
    return np.fromiter(map(place.__getitem__, values), np.int64, len(values)), words


def _ranked(rows: Rows) -> "tuple[NDArray[np.int64], list[str]]":
    """The customer of each row as a code into the sorted names."""
    import numpy as np

    words = sorted(set(rows.names) - {None})
    place = {word: code for code, word in enumerate(words)}
    ranks = np.array([place.get(name, -1) for name in rows.names], np.int64)
    stream = ranks[rows.codes]
    used = np.zeros(len(words), np.bool_)
    used[stream] = True
    return (used.cumsum() - 1)[stream], [word for word, there in zip(words, used.tolist(), strict=True) if there]


@define(eq=False, repr=False)
class Reading:
    """What a table of mapped rows reads only when asked for.

    order: the row of the data behind each row of the table. known: ids that were needed already, by row of the data.
    """

    rows: Rows
    order: "Ints" = field(default=None)
    known: dict[int, str] = field(factory=dict)

    def tied(self, rows: "Ints") -> list[tuple[str, str]]:
        """(id, source) of rows of the data that share an instant: only among these can one repeat another."""
        if self.rows.ids is None:
            asked = sorted(rows.tolist())
            told = numbered(zip(map(self.rows.name, asked), digests(self.rows, asked), strict=True))
            self.known.update(zip(asked, told, strict=True))
        return self.identities(rows.tolist())

    def identities(self, rows: Sequence[int]) -> list[tuple[str, str]]:
        """(id, source) of rows of the data."""
        source = self.rows.mapping.source
        if self.rows.ids is not None:
            return [(self.rows.ids[row], source) for row in rows]
        fresh = [row for row in rows if row not in self.known]
        self.known.update(zip(fresh, digests(self.rows, fresh), strict=True))
        return [(self.known[row], source) for row in rows]

    def keys(self, picked: "Ints") -> list[tuple[str, str]]:
        """(id, source) of rows of the table."""
        return self.identities(self.order[picked].tolist())

    def rest(self, cls: type[Fact], name: str) -> Sequence[object]:
        """The values of a field."""
        if kind_of(cls) != kind_of(self.rows.mapping.kind):
            return []
        rows = self.order.tolist()
        if name == "id":
            return [id for id, _ in self.identities(rows)]
        held = self.rows.fields.get(name)
        return [getattr(self.rows.fact(rows[0]), name)] * len(rows) if held is None else held.listed(rows)

    def picked(self, picked: "Ints", kinds: Sequence[type[Fact]] = ()) -> Sequence[Fact]:
        """The facts of some rows of the table."""
        facts = map(self.rows.fact, self.order[picked].tolist())
        if self.rows.ids is not None:
            return list(facts)
        return [evolve(fact, id=id) for fact, (id, _) in zip(facts, self.keys(picked), strict=True)]


def _of_columns(rows: Rows) -> FactTable:
    import numpy as np

    kind, n = rows.mapping.kind, rows.source.n
    stream, names = _ranked(rows)
    if kind.subject_kind != "customer":
        names = [stream_of(kind.subject_kind, name) for name in names]
    reading = Reading(rows)
    order = reading.order = ordered(stream, rows.at, reading.tied)
    stream = stream[order]
    number, label = (*kind.hot, "", "")[:2]
    told = rows.fields.get(number) or Cells(default_of(kind, number), True)
    label_codes, labels = _label_codes(rows, told, label, n)

    def facts(*kinds: type[Fact]) -> Iterator[tuple[int, Fact]]:
        if kinds and kind_of(kind) not in map(kind_of, kinds):
            return
        for start in range(0, len(order), _BLOCK):
            asked = np.arange(start, min(start + _BLOCK, len(order)))
            yield from zip(stream[asked].tolist(), reading.picked(asked), strict=True)

    return FactTable(
        np.array(names, np.str_),
        (kind_of(kind),),
        tuple(labels),
        stream,
        rows.at[order],
        np.zeros(len(order), np.int16),
        floats(told, n)[order],
        label_codes[order],
        reading.rest,
        facts,
        {},
        reading.picked,
        reading.keys,
        {kind_of(kind): kind},
    )


def _label_codes(rows: Rows, number: Cells, label: str, n: int) -> "tuple[NDArray[np.int32], list[str]]":
    import numpy as np

    if label and label != "currency":
        told = rows.fields.get(label) or Cells(default_of(rows.mapping.kind, label), True)
        values = told.values
        constant = told.constant
    else:
        values = number.values.currency if isinstance(number.values, Money) else number.currency
        constant = not isinstance(values, list)
    if constant:
        return np.full(n, 0 if values is not None else -1, np.int32), [] if values is None else [values]
    codes, words = _codes(["" if value is None else value for value in values])
    found = codes.astype(np.int32)
    if None in values:
        absent = np.array([value is None for value in values], np.bool_)
        if "" in words and not any(value == "" for value in values):
            words, found = words[1:], found - 1  # the empty text stood for what is missing, and sorts first
        found[absent] = -1
    return found, words
