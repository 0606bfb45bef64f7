"""What does a report consist of? Sections of sentences, tables and at most one picture, in a terminal as on a page."""

import re
from collections.abc import Callable, Sequence
from textwrap import fill

from attrs import field, frozen

from relmkt.customers import Explanation

__all__ = ["Reasons", "Section", "Table", "amount", "many", "percent", "shortened"]

Cells = tuple[str, ...]
_COLUMNS = 110
_FIGURE = re.compile(r"[-+]?(0|[1-9][\d,]*)(\.\d+)?( %)?|n/a|unknown")  # 00123 is a name
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?\+00:00")
_LONG = re.compile(r"\b\d+\.\d{2,}\b")


def _words(words: Sequence[str]) -> Cells:
    return tuple(words)


def _rows(rows: Sequence[Sequence[str]]) -> tuple[Cells, ...]:
    return tuple(tuple(map(str, row)) for row in rows)


@frozen
class Table:
    """Rows of text under a head; a column of figures is set to the right.

    >>> print(Table(("rung", "customers"), [("client", "12"), ("customer", "1,203")]))
    rung      customers
    client           12
    customer      1,203
    """

    head: Cells = field(converter=_words)
    rows: tuple[Cells, ...] = field(converter=_rows)
    caption: str = ""

    def numeric(self, place: int) -> bool:
        """Whether a column holds figures."""
        told = [row[place] for row in self.rows if row[place]]
        return bool(told) and all(_FIGURE.fullmatch(cell) for cell in told)

    def __str__(self) -> str:
        if not self.rows:
            return self.caption
        right = [self.numeric(place) for place in range(len(self.head))]
        lines = (self.head, *self.rows)
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.head))]
        told = [
            "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)).rstrip()
            for line in lines
        ]
        return "\n".join([*([self.caption] if self.caption else []), *told])


def _trees(trees: Sequence[Explanation]) -> tuple[Explanation, ...]:
    return tuple(trees)


@frozen
class Reasons:
    """Why something stands as it does: a line in words, and the trees of comparisons behind it.

    >>> print(Reasons("ada is a client", [Explanation(2, 3.0, "count(Purchase) >= 3", found="3")]))
    ada is a client
      true     count(Purchase) >= 3   3
    """

    words: str
    trees: tuple[Explanation, ...] = field(default=(), converter=_trees)

    def __str__(self) -> str:
        lines = [f"  {shortened(line)}" for tree in self.trees for line in tree.lines()]
        return "\n".join([self.words, *lines])


def _tables(tables: Sequence[Table]) -> tuple[Table, ...]:
    return tuple(tables)


def _reasons(reasons: Sequence[Reasons]) -> tuple[Reasons, ...]:
    return tuple(reasons)


@frozen
class Section:
    """One part of a report: what it says in sentences, in tables, with reasons, and in a picture.

    key: its anchor on the page. words: sentences that anybody can read. picture: draws it, as SVG; reading: one
    sentence that says how to read the picture. small: what a careful reader wants to know besides.

    >>> print(Section("base", "The base", ("Three customers.",)))
    The base
    --------
    Three customers.
    """

    key: str
    title: str
    words: tuple[str, ...] = field(default=(), converter=_words)
    tables: tuple[Table, ...] = field(default=(), converter=_tables)
    reasons: tuple[Reasons, ...] = field(default=(), converter=_reasons)
    picture: Callable[[], str] | None = field(default=None, eq=False, repr=False)
    reading: str = ""
    small: tuple[str, ...] = field(default=(), converter=_words)

    def __str__(self) -> str:
        parts = [f"{self.title}\n{'-' * len(self.title)}", "\n".join(map(_filled, self.words))]
        parts += [str(table) for table in self.tables]
        parts += ["\n".join(map(str, self.reasons)), "\n".join(_filled(f"({note})") for note in self.small)]
        head, *rest = (part for part in parts if part)
        return "\n".join([head, "\n\n".join(rest)])


def _filled(words: str) -> str:
    return fill(words, _COLUMNS, break_on_hyphens=False, break_long_words=False)


def shortened(text: str) -> str:
    """An explanation's text for readers: instants to the minute, figures to one decimal.

    >>> shortened("since(Purchase) <= days(365)   10.41666667 days"), shortened("since 1997-02-16T00:00:00+00:00")
    ('since(Purchase) <= days(365)   10.4 days', 'since 1997-02-16 00:00')
    """
    return _LONG.sub(lambda found: f"{float(found[0]):.1f}", _INSTANT.sub(r"\1 \2", text))


def many(n: float, word: str, words: str = "") -> str:
    """A count with its noun.

    >>> many(1, "customer"), many(1203, "customer")
    ('1 customer', '1,203 customers')
    """
    return f"{n:,.0f} {word if n == 1 else words or f'{word}s'}"


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage.

    >>> percent(0.7123)
    '71.2 %'
    """
    return "unknown" if share != share else f"{100 * share:.{digits}f} %"


def amount(value: float, currency: str, digits: int = 0) -> str:
    """Money in words: whole units unless more is asked for.

    >>> amount(2500315.63, "USD")
    '2,500,316 USD'
    """
    return "unknown" if value != value else f"{value:,.{digits}f} {currency}"
