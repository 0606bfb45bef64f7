"""What did they answer, and where do the answers come from? The answers of a base at one instant, and words on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Answer
from relmkt.portfolio import Portfolio
from relmkt.report._section import many
from relmkt.scales import Item, given
from relmkt.scales._stacked import stacked

__all__ = ["LEAST", "Heard", "between", "bounded", "counted", "few", "lined"]

LEAST = 30
"""Groups of fewer answers are told, and said to be few: below it one answer moves a share by more than 3 points."""
_NAMED = 4
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@frozen(eq=False)
class Heard:
    """The answers of a base, a row an answer, oldest first within a customer.

    table: of facts, whose `ids` are those of the base. item, source, about: of each row. number: NaN where somebody
    was asked and did not answer.
    """

    table: FactTable
    item: NDArray[np.str_]
    source: NDArray[np.str_]
    about: NDArray[np.str_]

    @classmethod
    def of(cls, base: Portfolio) -> Heard:
        """The answers of a base as it stands."""
        table = base.facts(Answer)
        if not len(table):
            return cls(table, *(np.zeros(0, np.str_) for _ in range(3)))
        source = np.array([source for _, source in table.keyed(np.arange(len(table)))], np.str_)
        return cls(table, table["label"], source, table["about"].astype(np.str_))

    def rows(self, items: Sequence[Item]) -> Ints:
        """The rows that answer some items."""
        return np.flatnonzero(np.isin(self.item, [item.name for item in items]))

    def answered(self, items: Sequence[Item]) -> bool:
        """Whether anybody who was asked any of some items answered it, on the scale or off it."""
        return bool((~np.isnan(self.table.number[self.rows(items)])).any())

    def newest(self, rows: Ints, among: NDArray[Any] | None = None) -> Ints:
        """Of some rows the newest of each customer, or of each customer within a group; among: a group a row."""
        stream = self.table.stream[rows]
        codes = np.zeros(len(rows), np.int64) if among is None else np.unique(among, return_inverse=True)[1]
        pairs = (stream * (int(codes.max(initial=0)) + 1) + codes)[::-1]
        last = np.unique(pairs, return_index=True)[1]
        found: Ints = rows[np.sort(len(rows) - 1 - last)]
        return found

    def survey(self, items: Sequence[Item]) -> tuple[dict[str, Floats], NDArray[np.str_]]:
        """The newest answers of everybody who was asked any of some items, a column an item; and who they are."""
        told = given(self.table, items)
        columns = {item.name: told.values[told.asked, place] for place, item in enumerate(items)}
        return columns, self.table.ids[told.asked]

    def origin(self, items: Sequence[Item]) -> str:
        """Where the answers to some items come from, and what they are about, in words; somebody has answered."""
        rows = self.rows(items)
        rows = rows[~np.isnan(self.table.number[rows])]
        told = Counter(self.source[rows].tolist()).most_common()
        about = Counter(self.about[rows].tolist()).most_common()
        parts = [f"{n:,} from {_source(name)}" for name, n in told[:_NAMED]]
        rest = sum(n for _, n in told[_NAMED:])
        parts += [f"{rest:,} from others"] if rest else []
        came = f", all from {_source(told[0][0])}" if len(told) == 1 else f": {', '.join(parts)}"
        return f"{many(len(rows), 'answer')}{came}; {_about(about)}."


def _source(name: str) -> str:
    return f"“{name}”" if name else "a source that was not named"


def _about(told: list[tuple[str, int]]) -> str:
    names = [name for name, _ in told if name]
    if not names:
        return "about what, is not said"
    first = ", ".join(f"“{name}”" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    pooled = ", pooled here" if len(told) > 1 else ""
    return f"about {first}{more}{pooled}"


def counted(told: Estimate) -> str:
    """How many answers count, and how many do not, in words.

    >>> counted(Estimate(7.0, n=12, missing=3, invalid=1))
    '12 customers count; 3 did not answer, 1 answer is off the scale.'
    """
    off = f"{many(told.invalid, 'answer is', 'answers are')} off the scale"
    return f"{many(told.n, 'customer')} count{'s' if told.n == 1 else ''}; {told.missing:,} did not answer, {off}."


def few(n: int) -> tuple[str, ...]:
    """A warning where few have answered."""
    warning = f"These are few: with fewer than {LEAST} answers the figures say little, as their intervals show."
    return () if n >= LEAST else (warning,)


def bounded(told: Estimate, form: str = ".1f", *, times: float = 1, unit: str = "") -> str:
    """A figure with its interval. times: what it is multiplied by; unit: what is written after it.

    >>> bounded(Estimate(0.345, 0.3, 0.39, n=80), ".0f", times=100, unit=" %")
    '34 % (30 to 39)'
    """
    if np.isnan(told.value):
        return "unknown"
    value, inside = f"{format(told.value * times, form)}{unit}", between(told, form.removeprefix("+"), times=times)
    return f"{value} ({inside})" if inside else value


def between(told: Estimate, form: str = ".1f", *, times: float = 1, unit: str = "") -> str:
    """An interval in words; empty where there is none.

    >>> between(Estimate(0.345, 0.3, 0.39, n=80), ".0f", times=100, unit=" %")
    '30 to 39 %'
    """
    if np.isnan(told.low) or np.isnan(told.high):
        return ""
    return f"{format(told.low * times, form)} to {format(told.high * times, form)}{unit}"


def lined(rows: Mapping[str, Estimate]) -> Estimate:
    """Several figures as one, labelled.

    >>> lined({"trust": Estimate(5.0, n=3), "bond": Estimate(4.0, n=2)})["bond"].n
    2
    """
    return stacked(list(rows.values()), list(rows))
