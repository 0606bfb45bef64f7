"""Pictures of the docs, drawn from the code's own tables, so that a picture cannot fall behind the code.

Both answer with one inline SVG in the colour of the text, readable by day and by night.
"""

import importlib
import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence
from html import escape

STEP, BOX, ROW, LINE, TEXT = 30, 150, 54, 15, 104  # pixels; the last in characters a line

# One purchase, door to door: what each hop says is the first sentence of that name's docstring.
WAY = (
    "relmkt.program.Program.record",
    "relmkt.ports.Store.load",
    "relmkt.customers.Customer.after",
    "relmkt.decisions.Policy.decide",
    "relmkt.decisions.Gate.judge",
    "relmkt.ports.Store.commit",
    "relmkt.program.Program.dispatch",
    "relmkt.ports.Channel.send",
)


def staircase(title: str, rungs: Sequence[tuple[str, str]]) -> str:
    """A ladder, lowest rung first: each rung's name and the rule that stands behind it."""
    high = ROW * len(rungs) + 10
    parts = []
    for place, (name, rule) in enumerate(rungs):
        x, y = STEP * place + 2, high - ROW * (place + 1)
        parts += [box(x, y, name), words(x + BOX + 14, y + 22, wrapped(rule))]
    return svg(title, STEP * len(rungs) + BOX + 7 * TEXT, high, parts)


def way(title: str, hops: Sequence[tuple[str, str]]) -> str:
    """Hops one under the other with an arrow between, and one from the last back to the first."""
    high, parts = ROW * len(hops) + 10, []
    for place, (name, told) in enumerate(hops):
        y = ROW * place + 8
        parts += [box(40, y, name, wide=BOX + 60), words(40 + BOX + 74, y + 22, wrapped(told))]
        if place:
            parts.append(line(f"M{40 + BOX // 2} {y - 18} V{y - 2}"))
    parts.append(line(f"M40 {high - ROW + 18} H14 V26 H38"))
    return svg(title, 40 + BOX + 74 + 7 * TEXT, high, parts)


def first_sentences(names: Iterable[str]) -> list[tuple[str, str]]:
    """`relmkt.program.Program.record` -> ("Program.record", the first sentence of its docstring).

    Raises AttributeError for a name that is gone, and ValueError for one without words.
    """
    found = []
    for dotted in names:
        module, kind, method = dotted.rsplit(".", 2)
        cls = getattr(importlib.import_module(module), kind)
        told = inspect.getdoc(getattr(cls, method)) or said_by(cls, method)
        sentence = re.split(r"\.\s|\n\n|;\s", told.strip())[0].replace("`", "")
        found.append((f"{kind}.{method}", " ".join(sentence.split()).removesuffix(".")))
    return found


def said_by(kind: type, method: str) -> str:
    """What a protocol's docstring says of one of its methods, or of itself where it has only one."""
    told = inspect.getdoc(kind) or ""
    about = re.search(rf"`{method}[^`]*`: (.*?)(?=\s`\w+[^`]*`: |\n\n|\Z)", told, re.DOTALL)
    if about is None and not told:
        raise ValueError(f"nothing is said about {kind.__name__}.{method}")
    return about[1] if about else told


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, TEXT)[:3]


def box(x: int, y: int, name: str, wide: int = BOX) -> str:
    middle = f'x="{x + wide // 2}" y="{y + 23}" text-anchor="middle" font-weight="600"'
    return (
        f'<rect x="{x}" y="{y}" width="{wide}" height="36" rx="5" fill="none" stroke="currentColor"/>'
        f"<text {middle}>{escape(name)}</text>"
    )


def words(x: int, y: int, lines: Sequence[str]) -> str:
    top = y - LINE * (len(lines) - 1) // 2
    return "".join(f'<text x="{x}" y="{top + LINE * i}">{escape(told)}</text>' for i, told in enumerate(lines))


def line(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="currentColor" marker-end="url(#tip)"/>'


def svg(title: str, wide: int, high: int, parts: Sequence[str]) -> str:
    tip = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="100%" role="img" '
        f'aria-label="{escape(title)}" fill="currentColor" font-family="sans-serif" font-size="12">'
        f"<title>{escape(title)}</title>{tip}{''.join(parts)}</svg>"
    )
