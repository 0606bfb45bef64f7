"""What is asked together? A questionnaire is items; a row of its answers tells one fact an item.

`HOTEL_STAY` is the form of the hotel courses: two questions, each from 1 to 10 under five labels, two numbers a label.
It is no NPS: 1 to 10 is not 0 to 10, and satisfied is not "would recommend".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Mapping_
from typing import Any

from attrs import evolve, field, frozen

from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Answer
from relmkt.mapping import Bulk, Column, Line, Mapped, Mapping, col
from relmkt.mapping._bulk import bulk as columns_of
from relmkt.mapping._reading import read
from relmkt.mapping._rows import Rows, rows_of
from relmkt.mapping._tabled import tabled
from relmkt.scales import Item, Scale

__all__ = ["HOTEL_STAY", "Questionnaire", "SurveyMapping", "Surveyed"]


@frozen(init=False)
class Questionnaire:
    """Items that are asked together.

    name: of the questionnaire. items: what it asks, each under a name of its own.

    Raises ValueError for no items, or two of one name.

    >>> [item.name for item in HOTEL_STAY.items], HOTEL_STAY.items[0].scale.label(9)
    (['hotel.stay', 'hotel.service'], 'very satisfied')
    """

    name: str
    items: tuple[Item, ...]

    def __init__(self, name: str, *items: Item) -> None:
        names = [item.name for item in items]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"questionnaire {name}: expected at least one item, each with a name of its own")
        self.__attrs_init__(name, items)

    def mapping(
        self,
        *,
        at: Column,
        who: Mapping_[str, Column] | None = None,
        subject: Column | None = None,
        id: Column | None = None,
        about: Column | str = "",
        zone: str = "UTC",
        source: str = "",
        columns: Mapping_[str, str] | None = None,
    ) -> SurveyMapping:
        """How rows of answers, a column an item, are told as `Answer` facts, one an item.

        at, who, subject, zone, source: as for `Mapping`. id: the response's own; each answer's is it with the item's
        name. about: what was judged: a column or a word. columns: the column of an item, where it is not its name.
        An empty cell is an answer without a score: asked, and not answered (R40).

        Raises ValueError where `columns` names no item of the questionnaire, TypeError as `Mapping` does.

        >>> told = HOTEL_STAY.mapping(at=col("date"), subject=col("guest"), id=col("response"), about="Lyon")
        >>> rows = [{"date": "2026-03-01", "guest": "ada", "response": "R1", "hotel.stay": "9", "hotel.service": ""}]
        >>> [(fact.id, fact.score) for line in told.of(rows).facts() for fact in line.facts]
        [('R1/hotel.stay', 9.0), ('R1/hotel.service', None)]
        """
        renamed = dict(columns or {})
        unknown = sorted(renamed.keys() - {item.name for item in self.items})
        if unknown:
            raise ValueError(f"questionnaire {self.name}: columns name {unknown[0]}, which it does not ask")
        shared: dict[str, Any] = {"at": at, "who": who, "subject": subject, "id": id, "zone": zone, "source": source}
        parts = (
            Mapping(Answer, **shared, item=item.name, score=col(renamed.get(item.name, item.name)), about=about)
            for item in self.items
        )
        return SurveyMapping(self.name, tuple(parts))


@frozen
class SurveyMapping:
    """How the rows of a questionnaire are told as answers: a mapping an item.

    name: of the questionnaire. parts: the mappings, in the order of its items; `Questionnaire.mapping` makes them.

    >>> HOTEL_STAY.mapping(at=col("date"), subject=col("guest")).name
    'hotel stay'
    """

    name: str
    parts: tuple[Mapping, ...] = field(repr=False)

    def of(self, data: Any) -> Surveyed:
        """The answers in some data, not read yet; data: as for `Mapping.of`."""
        return Surveyed(self.parts[0], data, parts=self.parts)


@frozen(eq=False, repr=False)
class Surveyed(Mapped):
    """A questionnaire's mapping and its data: a verdict a row, and in an accepted row an answer an item.

    >>> told = HOTEL_STAY.mapping(at=col("date"), subject=col("guest"))
    >>> print(told.of({"date": ["2026-03-01"], "guest": ["ada"], "hotel.stay": [9], "hotel.service": [8]}).table())
    2 facts of 1 subjects: 2 Answer
    """

    parts: Sequence[Mapping] = field(kw_only=True)

    def facts(self) -> Iterator[Line]:
        """A verdict a row: its answers and what it states of the person, or the first fault for which it is refused."""
        for lines in zip(*(part.of(self.data).facts() for part in self.parts), strict=True):
            errors = zip((line.error for line in lines), self.parts, strict=True)
            faults = [_placed(error, part) for error, part in errors if error is not None]
            if faults:
                yield Line(lines[0].number, error=faults[0])
                continue
            answers = [self._named(fact) for line in lines for fact in line.facts if isinstance(fact, Answer)]
            stated = [fact for fact in lines[0].facts if not isinstance(fact, Answer)]
            yield Line(lines[0].number, (*stated, *answers))

    def _named(self, answer: Answer) -> Answer:
        """An answer under an id of its own: those of one response share the response's."""
        return answer if self.mapping.id is None else evolve(answer, id=f"{answer.id}/{answer.item}")

    def bulk(self) -> Bulk:
        """The accepted rows as columns for a store, the refused ones beside."""
        import numpy as np

        parts, faults = self._read()
        for rows in parts:  # a row is refused whole, whichever of its answers is at fault
            rows.slips = dict.fromkeys(faults, ("", "", ""))
        told = [columns_of(rows, rows.source.lines or range(rows.source.n)) for rows in parts]
        first, n = told[0], len(told[0])
        columns = ("ids", "number", "label", "ref", "body")
        hot: dict[str, Any] = {name: _woven((getattr(part, name) for part in told), n) for name in columns}
        return Bulk(
            Answer,
            self.mapping.source,
            _woven([first.lines] * len(told), n),
            _woven([first.streams] * len(told), n),
            hot.pop("ids"),
            np.repeat(first.at, len(told)),
            **hot,
            refused=tuple(faults[row] for row in sorted(faults)),
            profiles=first.profiles,
        )

    def table(self) -> FactTable:
        """The answers as columns; an InvalidFactError names the first row at fault."""
        parts, faults = self._read()
        if faults:
            raise faults[min(faults)]
        return FactTable.joined(*map(tabled, parts))

    def _read(self) -> tuple[list[Rows], dict[int, InvalidFactError]]:
        """The rows as answers to each item, and the first fault of each faulty row; the data is read once."""
        used = (column for part in self.parts for column in (part.subject, part.at, part.id, *part.who.values()))
        asked = (column for part in self.parts for column in part.fields.values())
        names = dict.fromkeys(column.name for column in (*used, *asked) if isinstance(column, Column))
        source = read(self.data, list(names))
        told = [rows_of(part, source) for part in self.parts]
        faults: dict[int, InvalidFactError] = {}
        for rows, part in zip(told, self.parts, strict=True):
            for row in rows.slips:
                faults.setdefault(row, _placed(rows.error(row), part))
            if rows.ids is not None:
                rows.ids = [f"{id}/{part.fields['item']}" for id in rows.ids]
        for rows in told[1:]:
            rows.who = {}  # what a row states of the person, it states once
        return told, faults


def _woven(columns: Iterable[Any], n: int) -> list[Any]:
    """Columns of n rows each as one, row by row; what is told once stands in each row."""
    listed = [
        [column] * n
        if column is None or isinstance(column, str | int | float)
        else (column.tolist() if hasattr(column, "tolist") else column)
        for column in columns
    ]
    return [value for row in zip(*listed, strict=True) for value in row]


def _placed(error: InvalidFactError, part: Mapping) -> InvalidFactError:
    """A fault of a score, under the column that it stands in."""
    score = part.fields["score"]
    if not error.place.endswith(", score"):
        return error
    return InvalidFactError(f"{error.place.removesuffix('score')}{score.name}", error.got, error.expected)


_TEN = Scale(
    1,
    10,
    labels={
        step: words
        for words, steps in {
            "not satisfied at all": (1, 2),
            "not satisfied": (3, 4),
            "neither satisfied nor dissatisfied": (5, 6),
            "satisfied": (7, 8),
            "very satisfied": (9, 10),
        }.items()
        for step in steps
    },
)

HOTEL_STAY = Questionnaire(
    "hotel stay",
    Item("hotel.stay", _TEN, wording="Looking back on your stay, were you satisfied with it as a whole?"),
    Item("hotel.service", _TEN, wording="Looking back on your stay, were you satisfied with the service?"),
)
"""The hotel course's two questions after a stay, from 1 to 10 under five labels."""
