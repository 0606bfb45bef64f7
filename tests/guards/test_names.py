"""Names are nouns of the field (DESIGN: words)."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.guards import house

EMPTY_WORDS = {"manager", "managers", "helper", "helpers", "util", "utils", "base", "common", "misc"}
EMPTY_VERBS = ("get_", "compute_")


def words(name: str) -> list[str]:
    """The words of a CamelCase or snake_case name, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def identifiers(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name", "asname"):
            if isinstance(value := getattr(node, field, None), str):
                yield node, value
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node, node.module


def slips(module: str, tree: ast.Module) -> list[str]:
    found = [f"module {module}" for part in module.split(".") if EMPTY_WORDS & set(words(part))]
    for node, name in identifiers(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.ClassDef) and EMPTY_WORDS & set(words(name)):
            found.append(f"{line}: class {name}")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if name.lstrip("_").startswith(EMPTY_VERBS) or name == "is_valid":
                found.append(f"{line}: def {name}")
            if {"manager", "helper", "util", "utils", "misc"} & set(words(name)):
                found.append(f"{line}: def {name}")
        if "engagement" in name.lower():
            found.append(f"{line}: {name}")
    return found


@pytest.mark.parametrize("module", house.modules())
def test_names_say_something(module: str) -> None:
    assert not slips(module, house.tree_of(house.modules()[module]))


@pytest.mark.parametrize(
    "module, text, breaks",
    [
        ("relmkt.facts._utils", "", True),
        ("relmkt.common", "", True),
        ("relmkt.contact._basis", "class LawfulBasis: ...", False),
        ("relmkt.stores", "class DatabaseLock: ...\ndef f(base): return base.size", False),
        ("relmkt.stores", "class BaseStore: ...", True),
        ("relmkt.stores", "class StoreManager: ...", True),
        ("relmkt.rules", "def get_rule(): ...", True),
        ("relmkt.rules", "def compute_rank(): ...", True),
        ("relmkt.rules", "def _is(engagement_rate): ...", True),
        ("relmkt.rules", "x.engagement = 3", True),
        ("relmkt.rules", "def budget_left(): ...", False),
    ],
)
def test_names_catch(module: str, text: str, breaks: bool) -> None:
    assert bool(slips(module, ast.parse(text))) is breaks
