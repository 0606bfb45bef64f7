"""Every public name of a chapter is found on its concept page, and what the glossary names is there.

The table "Which question, which name" of docs/concepts holds the names; docs/glossary.md leads to them from the words
of the courses, and marks with † a name that is not settled.
"""

import importlib
import re
from collections.abc import Iterable, Iterator
from types import ModuleType

import pytest

from tests.guards import house

HEADING = "## Which question, which name"
PAGES = {"satisfaction": "satisfaction", "scales": "satisfaction", "loyalty": "loyalty"}


def table(page: str) -> list[str]:
    """The rows of the table under the heading, without its head."""
    told = page.partition(f"\n{HEADING}\n")[2].partition("\n## ")[0]
    return [line for line in told.splitlines() if line.startswith("|")][2:]


def names(rows: Iterable[str]) -> set[str]:
    """The names in backticks, each alone or with a part behind a dot: `Surveys`, `SatisfactionIndex.measure`."""
    return {name for row in rows for name in re.findall(r"`([A-Za-z_]\w*(?:\.\w+)*)`", row)}


def missing(room: ModuleType, page: str) -> list[str]:
    """Public names of a room that no row of the page's table tells."""
    return sorted(set(room.__all__) - names(table(page)))


def gone(rooms: Iterable[ModuleType], page: str) -> Iterator[str]:
    """Names in the table that none of its rooms has."""
    for name in sorted(names(table(page))):
        if not name.startswith("relmkt.") and not any(found(room, name) for room in rooms):
            yield name


def found(room: ModuleType, name: str) -> bool:
    thing: object = room
    for part in name.split("."):
        if not hasattr(thing, part):
            return False
        thing = getattr(thing, part)
    return name.partition(".")[0] in room.__all__


def settled(room: str, glossary: str) -> set[str]:
    """The names of a room that the glossary tells without †."""
    return set(re.findall(rf"`{room}\.(\w+(?:\.\w+)*)[^`\n]*`(?!†)", glossary))


def page_of(name: str) -> str:
    return (house.TOP / "docs" / "concepts" / f"{name}.md").read_text(encoding="utf-8")


def room_of(name: str) -> ModuleType:
    return importlib.import_module(f"relmkt.{name}")


@pytest.mark.parametrize("room", PAGES)
def test_every_public_name_stands_in_the_table(room: str) -> None:
    assert not missing(room_of(room), page_of(PAGES[room])), "give each a place in the table of its concept page"


@pytest.mark.parametrize("page", sorted(set(PAGES.values())))
def test_every_name_in_the_table_is_there(page: str) -> None:
    rooms = [room_of(room) for room, home in PAGES.items() if home == page]
    assert not list(gone(rooms, page_of(page)))


@pytest.mark.parametrize("room", PAGES)
def test_the_glossary_leads_to_names_that_are_there(room: str) -> None:
    glossary = (house.TOP / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert not [name for name in sorted(settled(room, glossary)) if not found(room_of(room), name)]


def test_the_guard_catches() -> None:
    room = ModuleType("relmkt.told")
    vars(room).update(__all__=["nps", "csat", "Index"], nps=1, csat=2, Index=str, hidden=3)
    rows = "| question | name |\n|---|---|\n| a | `nps`, `Index.upper` |"
    page = f"`csat`\n\n{HEADING}\n\n{rows}\n\n## Next\n\n| b | `csat` |\n"
    assert missing(room, page) == ["Index", "csat"]
    assert not list(gone([room], page))
    assert list(gone([room], page.replace("`nps`", "`nps`, `hidden`, `Index.lost`"))) == ["Index.lost", "hidden"]
    assert missing(room, page.replace("which name", "what else")) == ["Index", "csat", "nps"]
    assert settled("told", "`told.nps`, `told.lost`†, `told.Index.upper(x)`, `other.nps`") == {"nps", "Index.upper"}
