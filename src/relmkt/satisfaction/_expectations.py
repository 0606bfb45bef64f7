"""What did they expect of it? Expectation and perception by kind of value, and by origin of the expectation.

Kinds of value: usage, productivity, image, experience (compare Sheth, Newman & Gross 1991, Why We Buy What We Buy: A
Theory of Consumption Values, J. Business Research 22(2), 159-170).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike

from relmkt.columns._html import html_table
from relmkt.estimate import Estimate
from relmkt.satisfaction._disconfirmation import Disconfirmation, among, disconfirmation
from relmkt.satisfaction._origins import ExpectationSource, Named, Ticks, ticks
from relmkt.satisfaction._paired import answered
from relmkt.scales import Scale
from relmkt.scales._mean import known_mean

__all__ = ["ExpectationRow", "ExpectationTable", "ValueKind", "expectation_table", "table_of"]


class ValueKind(Enum):
    """What sort of value is expected of a product.

    >>> ValueKind("image") is ValueKind.IMAGE
    True

    Source: compare Sheth, Newman & Gross 1991.
    """

    USAGE = "usage"
    PRODUCTIVITY = "productivity"
    IMAGE = "image"
    EXPERIENCE = "experience"


@frozen(eq=False)
class ExpectationRow:
    """One line of the table: a kind of value, among those who named one origin, or among all.

    kind; origin (None: all); expected and perceived: means of those who answered, with Student's interval; felt: the
    two against each other, of those who answered both.

    >>> row = expectation_table({ValueKind.IMAGE: [8, 6]}, {ValueKind.IMAGE: [6, 6]}).row(ValueKind.IMAGE)
    >>> row.expected.value, row.perceived.value, row.name
    (7.0, 6.0, 'all')
    """

    kind: ValueKind
    origin: ExpectationSource | None
    expected: Estimate
    perceived: Estimate
    felt: Disconfirmation

    @property
    def name(self) -> str:
        """The origin's words."""
        return "all" if self.origin is None else self.origin.value


@frozen(eq=False, repr=False)
class ExpectationTable:
    """Expectation and perception by kind and origin; `expectation_table` makes it. rows: its lines, kind by kind.

    >>> expectation_table({ValueKind.IMAGE: [8, 6]}, {ValueKind.IMAGE: [6, 6]})
    <ExpectationTable of 1 lines>
    """

    rows: tuple[ExpectationRow, ...]

    def row(self, kind: ValueKind, origin: ExpectationSource | None = None) -> ExpectationRow:
        """One line; KeyError where that kind was not asked."""
        for row in self.rows:
            if (row.kind, row.origin) == (kind, origin):
                return row
        raise KeyError(f"{kind.value}: not asked")

    def _cells(self) -> list[tuple[str, ...]]:
        def told(row: ExpectationRow) -> tuple[str, ...]:
            return tuple(_short(one) for one in (row.expected, row.perceived, row.felt.mean))

        return [(row.kind.value, row.name, *told(row), f"{row.felt.mean.n:,}") for row in self.rows]

    def __str__(self) -> str:
        lines = [_HEAD, *self._cells()]
        return "\n".join(f"{a:<13}{b:<17}{c:>20}{d:>20}{e:>22}{n:>8}" for a, b, c, d, e, n in lines)

    def __repr__(self) -> str:
        return f"<ExpectationTable of {len(self.rows)} lines>"

    def _repr_html_(self) -> str:
        return html_table(self._cells(), head=_HEAD)


_HEAD = ("kind", "origin", "expected", "perceived", "difference", "n")


def _short(one: Estimate) -> str:
    if not one.n:
        return "missing"
    bounds = f" [{one.low:.2f}, {one.high:.2f}]" if one.low == one.low else ""
    return f"{one.value:.2f}{bounds}"


def expectation_table(
    expected: Mapping[ValueKind, ArrayLike],
    perceived: Mapping[ValueKind, ArrayLike],
    named: Named | None = None,
    *,
    tolerance: float = 0.0,
    scale: Scale | None = None,
    level: float = 0.95,
) -> ExpectationTable:
    """What was expected and what was found, by kind of value, and within it by origin of the expectation.

    expected, perceived: scores by kind, each of shape (n,). named: as for `origin_shares`; left out, there is one line
    a kind. A respondent who named two origins stands in the lines of both. tolerance, scale: as for `disconfirmation`.

    Raises ValueError for columns of unlike length, or a kind that is perceived and not expected.

    >>> image = ValueKind.IMAGE
    >>> named = [{"promise"}, {"promise", "prescribers"}, set()]
    >>> told = expectation_table({image: [8, 6, 7]}, {image: [6, 6, 8]}, named)
    >>> told.row(image).felt.felt.tolist(), told.row(image, ExpectationSource.PROMISE).felt.mean.value
    (['dissatisfied', 'satisfied', 'over-satisfied'], -1.0)

    Source: compare Sheth, Newman & Gross 1991; Zeithaml, Berry & Parasuraman 1993.
    """
    found = None if named is None else ticks(named)
    return table_of(expected, perceived, found, {}, tolerance=tolerance, scale=scale, level=level)


def table_of(
    expected: Mapping[ValueKind, ArrayLike],
    perceived: Mapping[ValueKind, ArrayLike],
    named: Ticks | None,
    invalid: Mapping[ValueKind, int],
    **options: Any,
) -> ExpectationTable:
    """The table, from who named which origin; invalid: answers left out before, by kind. See `expectation_table`."""
    if set(perceived) - set(expected):
        raise ValueError("perceived: expected the kinds whose expectation was asked, and no other")
    rows: list[ExpectationRow] = []
    for kind in (kind for kind in ValueKind if kind in expected):
        before = answered(expected[kind])[0]
        felt = disconfirmation(perceived.get(kind, np.full(before.shape, np.nan)), before, **options)
        felt = evolve(felt, invalid=felt.invalid + invalid.get(kind, 0))
        rows.append(_row(kind, None, felt))
        if named is not None:
            rows += _by_origin(kind, felt, named)
    return ExpectationTable(tuple(rows))


def _by_origin(kind: ValueKind, felt: Disconfirmation, named: Ticks) -> list[ExpectationRow]:
    if len(named.told) != len(felt.expected):
        raise ValueError(f"named: expected the origins of {len(felt.expected)} respondents, got {len(named.told)}")
    return [_row(kind, source, among(felt, named.ticked[:, at])) for at, source in enumerate(ExpectationSource)]


def _row(kind: ValueKind, origin: ExpectationSource | None, felt: Disconfirmation) -> ExpectationRow:
    expected, perceived = (
        known_mean(side, level=felt.level, note="nobody answered") for side in (felt.expected, felt.perceived)
    )
    return ExpectationRow(kind, origin, expected, perceived, felt)
