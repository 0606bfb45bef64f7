"""How is a table of words shown in a notebook? As HTML in which the first cell of a line names it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["html_table"]


def html_table(rows: Iterable[Sequence[str]], *, head: Sequence[str] = (), caption: str = "") -> str:
    """A table; head: a name a column; caption: what stands above it. All of it is escaped.

    >>> html_table([("Lyon", "< 5")], head=("", "n"))
    '<table><tr><th></th><th>n</th></tr><tr><th>Lyon</th><td>&lt; 5</td></tr></table>'
    """
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    names = f"<tr>{''.join(f'<th>{escape(name)}</th>' for name in head)}</tr>" if head else ""
    lines = "".join(
        f"<tr><th>{escape(name)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for name, *cells in rows
    )
    return f"<table>{above}{names}{lines}</table>"
