"""How the documentation is built: Sphinx, MyST and Furo, with nothing fetched from the network.

Build it with ``sphinx-build -W -b html docs build/docs``. The reference lists the rooms that stand in the
package, found at build time, so that a new chapter has its reference without touching a page here.
"""

import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from inspect import isclass
from itertools import groupby
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Literal, get_args, get_origin

project = "relmkt"
author = "the relmkt authors"
copyright = author
try:
    release = metadata.version("relmkt")
except metadata.PackageNotFoundError:  # built from a tree that nobody installed
    release = ""

extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["features/*", "_build", "examples"]  # features/* are fragments, joined by features.md
html_theme = "furo"
html_title = "relmkt"
html_show_sourcelink = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
sys.path.insert(0, str(HERE))
_diagrams = importlib.import_module("_diagrams")


def layers() -> list[str]:
    """The layers from top to bottom, as the import contract of pyproject.toml states them."""
    told = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    return next(contract["layers"] for contract in told if contract["id"] == "layers")


def rooms() -> list[str]:
    """The public rooms that stand, from the ground up: a room comes after what it may build on."""
    import relmkt

    order = re.findall(r"\w+", " ".join(reversed(layers())))
    found = [module.name for module in iter_modules(relmkt.__path__) if not module.name.startswith("_")]
    return sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))


def borrowed(room: str) -> list[str]:
    """Names that a room hands on from another, where their reference stands."""
    module = importlib.import_module(f"relmkt.{room}")
    homes = {
        name: getattr(getattr(module, name), "__module__", module.__name__) for name in getattr(module, "__all__", ())
    }
    return [name for name, home in homes.items() if f"{home}.".split(".")[:2] not in (["relmkt", room], ["typing", ""])]


def named(room: str) -> dict[str, Any]:
    """The public names of a room and what they stand for."""
    module = importlib.import_module(f"relmkt.{room}")
    return {name: getattr(module, name) for name in getattr(module, "__all__", ())}


def parents(room: str) -> tuple[set[str], set[str]]:
    """Names of what a room's classes come from: forms of its own without a public name, and all others."""
    public = [thing for thing in named(room).values() if isclass(thing)]
    above = {parent for thing in public for parent in thing.__mro__[1:]} - set(public)
    own = {parent for parent in above if parent.__module__.startswith(f"relmkt.{room}.")}
    return {parent.__name__ for parent in own}, {parent.__name__ for parent in above - own}


def aliases(room: str) -> list[str]:
    """Public names that are neither classes nor functions, but words to choose from or types for annotations."""
    found = {name: thing for name, thing in named(room).items() if get_origin(thing) is not None}
    words = {name: get_args(thing) for name, thing in found.items() if get_origin(thing) is Literal}
    told = [f"`{name}` is one of {', '.join(f'`{word}`' for word in words[name])}." for name in words]
    types = [f"`{name}`" for name in found if name not in words]
    return [*told, *([f"For annotations: {', '.join(types)}."] if types else [])]


def list_rooms() -> str:
    """One `automodule` a room; what it hands on from another room is described there."""
    parts = []
    for room in rooms():
        parts += [f"## {room}", "", "```{eval-rst}", f".. automodule:: relmkt.{room}"]
        others = borrowed(room)
        parts += [f"   :exclude-members: {', '.join(others)}"] if others else []
        unnamed, rest = parents(room)
        parts += [f"   :inherited-members: {', '.join(sorted(rest))}"] if unnamed else []
        parts += ["```", ""]
        parts += [line for told in aliases(room) for line in (told, "")]
        parts += (
            [f"Handed on from the rooms beneath: {', '.join(f'`{name}`' for name in others)}.", ""] if others else []
        )
    return "\n".join(parts)


def list_layers() -> str:
    """The house as text, one layer a line."""
    return "```text\n" + "\n".join(layers()) + "\n```"


def stands(*names: str) -> bool:
    """Whether these rooms are built: the docs show what stands."""
    return all(name in rooms() for name in names)


def ladder() -> str:
    """The ladder of relationships, drawn from its own rungs."""
    if not stands("stages"):
        return ""
    rungs = [(rung.name, str(rung.rule)) for rung in importlib.import_module("relmkt.stages").relationship().rungs]
    return drawn(_diagrams.staircase("The ladder of relationships, and the rule of each rung", rungs))


def way() -> str:
    """One purchase's way, drawn from what each hop says of itself."""
    if not stands("program", "decisions", "ports"):
        return ""
    return drawn(_diagrams.way("One purchase, door to door", _diagrams.first_sentences(_diagrams.WAY)))


def drawn(picture: str) -> str:
    return f"```{{raw}} html\n{picture}\n```"


# What a page asks for with a comment is made by the build from the code's own tables.
MADE = {
    ("reference", "<!-- rooms -->"): list_rooms,
    ("design", "<!-- layers -->"): list_layers,
    ("concepts/stages", "<!-- ladder -->"): ladder,
    ("concepts/program", "<!-- way -->"): way,
}


def make(app: Any, docname: str, source: list[str]) -> None:
    """Put what is made from tables where a page asks for it."""
    for (page, mark), text in MADE.items():
        if page == docname:
            source[0] = source[0].replace(mark, text())


def paragraphs(lines: list[str]) -> Iterator[list[str]]:
    """Lines between blank lines."""
    for blank, told in groupby(lines, key=lambda line: not line.strip()):
        if not blank:
            yield list(told)


def plain_words(line: str) -> str:
    """A line of a docstring as reStructuredText: `code` is code, and no other mark means anything."""
    parts = re.split(r"`+([^`]+)`+", line.strip())
    parts[::2] = [re.sub(r"([\\*_|`])", r"\\\1", prose) for prose in parts[::2]]
    parts[1::2] = [f"\\ ``{code}``\\ " for code in parts[1::2]]  # an escaped space parts words and is not shown
    return "".join(parts).removesuffix("\\ ")


def read_docstring(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are plain words: examples stay, drawings stay, and `name: meaning` starts a line of its own."""
    made: list[str] = []
    for told in paragraphs(lines):
        if told[0].lstrip().startswith(">>>"):
            made += [*told, ""]
        elif any(line.startswith((" ", "├", "└")) for line in told):
            made += ["::", "", *(f"   {line}" for line in told), ""]
        else:
            for line in told:
                made += [""] if re.match(r"[a-z]\w*(, [a-z]\w*)*: ", line) else []
                made.append(plain_words(line))
            made.append("")
    lines[:] = made


def setup(app: Any) -> None:
    """Sphinx calls this once, before reading the pages."""
    app.connect("source-read", make)
    app.connect("autodoc-process-docstring", read_docstring)
