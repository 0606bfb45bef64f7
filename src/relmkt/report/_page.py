"""How do sections become one page? HTML that needs nothing else: no script, no font, no picture from elsewhere."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape

from relmkt.customers import Explanation
from relmkt.report._section import Reasons, Section, Table, shortened

__all__ = ["page"]

_STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 46rem; padding: 1rem; background: #fff; color: #1b1f24;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .5rem; }
p { margin: .5rem 0; }
section { border-top: 1px solid #d5d9de; padding: 1.4rem 0 .6rem; }
nav ol { columns: 14rem; padding-left: 1.4rem; margin: .5rem 0; }
a { color: #1f5a8c; }
figure { margin: 1rem 0; }
figure img { width: 100%; max-width: 30rem; height: auto; display: block; }
figcaption { font-size: .95rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .8rem 0; font-size: .95rem; }
caption { text-align: left; font-weight: 600; padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid #e6e9ec; }
th { font-weight: 600; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.n { white-space: normal; }
@media (max-width: 36rem) {
  .stacked, .stacked caption, .stacked thead, .stacked tbody { display: block; }
  .stacked tr { display: grid; grid-template-columns: minmax(0, 1.5fr) repeat(var(--figures), minmax(0, 1fr));
    border-bottom: 1px solid #d5d9de; padding: .3rem 0; }
  .stacked th, .stacked td { border: 0; padding: .1rem .4rem .1rem 0; }
  .stacked th:last-child, .stacked td:last-child { grid-column: 1 / -1; color: #4a535d; }
}
.small { color: #4a535d; font-size: .9rem; }
details { margin: .4rem 0; }
summary { cursor: pointer; }
details ul { list-style: none; margin: .2rem 0 .2rem 1rem; padding-left: .6rem; border-left: 2px solid #d5d9de;
  font-size: .9rem; }
"""


def page(title: str, subtitle: str, sections: Sequence[Section], notes: Sequence[str] = ()) -> str:
    """One self-contained page, well-formed as XML too.

    title, subtitle: at its head. notes: what everybody has to know first. Raises ImportError where a picture is to be
    drawn and the extra `report` is not installed.

    >>> "<h2>The base</h2>" in page("Shop", "2026-07-01", [Section("base", "The base", ("Three customers.",))])
    True
    """
    links = "".join(f'<li><a href="#{escape(s.key)}">{escape(s.title)}</a></li>' for s in sections)
    told = "".join(f"<p><strong>{escape(note)}</strong></p>" for note in notes)
    body = "\n".join(map(_section, sections))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(title)}</h1><p>{escape(subtitle)}</p>{told}</header>\n"
        f"<nav><ol>{links}</ol></nav>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    parts = [f'<section id="{escape(section.key)}">\n<h2>{escape(section.title)}</h2>']
    parts += [f"<p>{_words(words)}</p>" for words in section.words]
    if section.picture is not None:
        parts.append(_picture(section.picture(), section.reading))
    parts += [_table(table) for table in section.tables if table.rows]
    if section.reasons:
        parts.append('<p class="small">Open a line to see the reasons.</p>')
    parts += [_reasons(reasons) for reasons in section.reasons]
    parts += [f'<p class="small">{escape(note)}</p>' for note in section.small]
    return "\n".join([*parts, "</section>"])


def _words(words: str) -> str:
    """A sentence in which no figure parts from its unit."""
    return escape(words).replace(" %", "&#160;%")


def _picture(svg: str, reading: str) -> str:
    """The picture as a picture of its own: its ids then meet no other's."""
    data = b64encode(svg.encode()).decode()
    told = escape(reading)
    image = f'<img alt="{told}" src="data:image/svg+xml;base64,{data}"/>'
    return f"<figure>{image}<figcaption>{told}</figcaption></figure>"


def _table(table: Table) -> str:
    right = [table.numeric(place) for place in range(len(table.head))]

    def row(cells: Sequence[str], tag: str) -> str:
        told = (f'<{tag} class="n">' if r else f"<{tag}>" for r in right)
        return "".join(f"{start}{escape(cell)}</{tag}>" for start, cell in zip(told, cells, strict=True))

    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    body = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in table.rows)
    head = f"<thead><tr>{row(table.head, 'th')}</tr></thead>"
    # on a telephone a last column of words goes under its row
    stacked = len(right) > 2 and not right[-1]
    shape = f' class="stacked" style="--figures: {len(right) - 2}"' if stacked else ""
    return f'<div class="wide"><table{shape}>{caption}{head}<tbody>{body}</tbody></table></div>'


def _reasons(reasons: Reasons) -> str:
    if not reasons.trees:
        return f"<p>{escape(reasons.words)}</p>"
    trees = "".join(map(_tree, reasons.trees))
    return f"<details><summary>{escape(reasons.words)}</summary><ul>{trees}</ul></details>"


def _tree(tree: Explanation) -> str:
    word = ("no", "unknown", "yes")[tree.verdict]
    found = f": found {tree.found}" if tree.found else ""
    parts = "".join(map(_tree, tree.parts))
    return f"<li>{word}: {escape(shortened(tree.text + found))}{f'<ul>{parts}</ul>' if parts else ''}</li>"
