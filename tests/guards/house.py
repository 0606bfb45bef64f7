"""Where the house stands: its files, its rooms and their layers, read from the tree and from pyproject.toml."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]
SRC = TOP / "src" / "relmkt"


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def files() -> tuple[Path, ...]:
    return tuple(sorted(SRC.rglob("*.py")))


def module_of(path: Path) -> str:
    parts = path.relative_to(SRC.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    """Every module of relmkt, by its dotted name."""
    return {module_of(path): path for path in files()}


def room_of(module: str) -> str:
    """The room a module stands in; "" for the root."""
    return module.partition(".")[2].partition(".")[0]


@cache
def rooms() -> tuple[str, ...]:
    return tuple(sorted({room_of(module) for module in modules()} - {""}))


@cache
def layers() -> tuple[tuple[str, ...], ...]:
    """The layers from top to bottom, as import-linter is told them."""
    contract = next(c for c in pyproject()["tool"]["importlinter"]["contracts"] if c["id"] == "layers")
    return tuple(tuple(re.findall(r"\w+", layer)) for layer in contract["layers"])


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(TOP)}:{getattr(node, 'lineno', 1)}"


def is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def imports(tree: ast.Module, package: str) -> Iterator[tuple[ast.stmt, str, str]]:
    """Each import of a module: its node, the dotted name, and where: "top", "inside" (a function) or "types"."""

    def walk(nodes: list[ast.AST], where: str) -> Iterator[tuple[ast.stmt, str, str]]:
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from ((node, alias.name, where) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node, name, where) for name in _imported(node, package))
            elif isinstance(node, ast.If) and is_type_checking(node.test):
                yield from walk(list(node.body), "types")
                yield from walk(list(node.orelse), where)
            else:
                function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from walk(list(ast.iter_child_nodes(node)), "inside" if function else where)

    yield from walk(list(tree.body), "top")


def _imported(node: ast.ImportFrom, package: str) -> list[str]:
    start = node.module or ""
    if node.level:
        parts = package.split(".")
        above = parts[: len(parts) - node.level + 1]
        start = ".".join([*above, *([node.module] if node.module else [])])
    return [f"{start}.{alias.name}" for alias in node.names]


def package_of(module: str, path: Path) -> str:
    return module if path.name == "__init__.py" else module.rpartition(".")[0]


def imports_of(module: str) -> list[tuple[ast.stmt, str, str]]:
    path = modules()[module]
    return list(imports(tree_of(path), package_of(module, path)))


def within(name: str, package: str) -> bool:
    """Whether a dotted name is a package or stands in it."""
    return name == package or name.startswith(package + ".")
