"""What does a system export, and how wrong is it? A table of text columns, the truth behind it, and its stated defects.

A row has one defect at most, so each rate can be checked by itself: of so many exported rows, the number that carry a
defect is binomial with its rate. A duplicate is the whole row exported twice, one line after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from attrs import evolve, frozen

from relmkt.datasets._hotel.draws import Draws, Texts, Whole, texts

Spoil = Callable[[str, int], str]  # a clean value and a whole number drawn from 0, 1, 2: the spoiled value

DUPLICATE, DATE, NO_MAIL, VARIANT = "duplicate", "broken date", "missing e-mail", "e-mail variant"
CURRENCY, SCALE = "unknown currency", "out of scale"

# the share of a system's rows that carry each defect; what is not named here has none
DEFECTS: Mapping[str, Mapping[str, float]] = {
    "crs": {DUPLICATE: 0.004, DATE: 0.002, NO_MAIL: 0.03, VARIANT: 0.06},
    "pms": {DUPLICATE: 0.002, NO_MAIL: 0.15, VARIANT: 0.04},
    "till": {DUPLICATE: 0.004, DATE: 0.001, CURRENCY: 0.002},
    "loyalty": {DUPLICATE: 0.01, DATE: 0.004, NO_MAIL: 0.02, VARIANT: 0.05},
    "survey": {DUPLICATE: 0.005, DATE: 0.003, NO_MAIL: 0.03, VARIANT: 0.03, SCALE: 0.01},
    "messages": {DUPLICATE: 0.001},
    "mentions": {DUPLICATE: 0.01},
    "consents": {DATE: 0.001, VARIANT: 0.02},
    "complaints": {NO_MAIL: 0.05, VARIANT: 0.05},
}


@frozen(eq=False)
class Source:
    """One exported table.

    Attributes:
        name: of the file, without `.csv`.
        columns: name of a column to its texts, as they stand in the file.
        person: the true person behind each row, -1 where there is none.
        defect: what is wrong with each row, "" if nothing is.
    """

    name: str
    columns: dict[str, Texts]
    person: Whole
    defect: Texts

    def __len__(self) -> int:
        return len(self.person)


def exported(
    name: str, columns: Mapping[str, Texts], person: Whole, draws: Draws, *, date: str = "", scale: tuple[str, ...] = ()
) -> Source:
    """A table as its system exports it: clean rows, with the defects of that system drawn in.

    Args:
        name: of the system, a key of `DEFECTS`, or a system without defects.
        columns: the clean table.
        person: the true person of each row, -1 for none.
        draws: the source's own chance.
        date: the column that a broken date breaks.
        scale: the columns that hold answers, one of which goes out of scale.
    """
    rates = DEFECTS.get(name, {})
    drawn = draws.pick([1.0 - sum(rates.values()), *rates.values()], len(person))
    source = Source(name, dict(columns), person, np.array(["", *rates])[drawn])
    source = _spoiled(source, DATE, (date,), broken_date, draws)
    source = _spoiled(source, NO_MAIL, ("email",), lambda mail, way: "", draws)
    source = _spoiled(source, VARIANT, ("email",), mail_variant, draws)
    source = _spoiled(source, CURRENCY, ("currency",), lambda code, way: ("EUO", "Euros", "E")[way], draws)
    source = _spoiled(source, SCALE, scale, lambda score, way: ("-1", "11", "99")[way], draws)
    return _repeated(source)


def broken_date(date: str, way: int) -> str:
    """A date of the same year that is no date."""
    return (f"31/02/{date[:4]}", f"{date[:4]}-02-30", "00.00.0000")[way]


def mail_variant(mail: str, way: int) -> str:
    """The same address as somebody else would type it."""
    return (mail.upper(), f" {mail}", f"{mail[0].upper()}{mail[1:]} ")[way]


def _spoiled(source: Source, defect: str, columns: tuple[str, ...], spoil: Spoil, draws: Draws) -> Source:
    """The source with this defect's rows spoiled, each in one of the columns."""
    rows = np.flatnonzero(source.defect == defect)
    changed, way, which = dict(source.columns), draws.among(3, len(rows)), draws.among(len(columns), len(rows))
    for index, column in enumerate(columns):
        if rows[which == index].size:
            values = changed[column].tolist()
            for row, one in zip(rows[which == index].tolist(), way[which == index].tolist(), strict=True):
                values[row] = spoil(values[row], one)
            changed[column] = texts(values)
    return evolve(source, columns=changed)


def _repeated(source: Source) -> Source:
    """The source with its duplicates exported twice; the second copy carries the mark, the first is a good row."""
    twice = source.defect == DUPLICATE
    index = np.repeat(np.arange(len(source)), 1 + twice)
    copies = np.append(False, index[1:] == index[:-1])[: len(index)]
    defect = np.where(twice[index] & ~copies, "", source.defect[index])
    return Source(
        source.name, {name: column[index] for name, column in source.columns.items()}, source.person[index], defect
    )
