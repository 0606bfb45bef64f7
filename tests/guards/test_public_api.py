"""Every public name is there on purpose, documented, and on record in tests/guards/api/ (`make api` writes it anew)."""

import ast
import importlib
import inspect
from types import ModuleType

import pytest

from tests.guards import house
from tests.guards.public_api import API, DAY_ONE, fragment, public_modules, public_rooms


def exported_by_chance(module: ModuleType, path_tree: ast.Module) -> set[str]:
    """Public names that a module defines itself without listing them in `__all__`."""
    defined: set[str] = set()
    for node in path_tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in defined if not name.startswith("_")} - set(module.__all__)


def undocumented(module: ModuleType) -> list[str]:
    """Exported classes and functions without a docstring of their own; the module itself too."""
    found = [] if module.__doc__ else [module.__name__]
    for name in module.__all__:
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isroutine(value)):
            continue  # a value is documented by its class
        text = value.__dict__.get("__doc__") if inspect.isclass(value) else value.__doc__
        generated = text is not None and text.startswith(f"{name}(")
        if not text or generated:
            found.append(f"{module.__name__}.{name}")
    return found


@pytest.mark.parametrize("name", public_modules())
def test_names_are_exported_on_purpose(name: str) -> None:
    module = importlib.import_module(name)
    assert hasattr(module, "__all__"), f"{name} has no __all__"
    assert len(set(module.__all__)) == len(module.__all__)
    assert not exported_by_chance(module, house.tree_of(house.modules()[name]))
    missing = [word for word in module.__all__ if not hasattr(module, word)]
    assert not missing


@pytest.mark.parametrize("name", public_modules())
def test_public_names_are_documented(name: str) -> None:
    assert not undocumented(importlib.import_module(name))


@pytest.mark.parametrize("room", public_rooms())
def test_public_names_are_on_record(room: str) -> None:
    path = API / f"{room}.txt"
    recorded = path.read_text(encoding="utf-8") if path.exists() else ""
    assert fragment(room) == recorded, "public names changed: if on purpose, run `make api`"


def test_record_holds_nothing_else() -> None:
    assert {path.stem for path in API.glob("*.txt")} <= set(public_rooms())


def test_root_exports_the_names_of_day_one() -> None:
    relmkt = importlib.import_module("relmkt")
    built = {name: room for room, names in DAY_ONE.items() if room in house.rooms() for name in names.split()}
    assert set(relmkt.__all__) == set(built)
    for name, room in built.items():
        assert getattr(relmkt, name) is getattr(importlib.import_module(f"relmkt.{room}"), name)


def test_day_one_has_thirty_eight_names() -> None:
    assert len({name for names in DAY_ONE.values() for name in names.split()}) == 38


@pytest.mark.parametrize("module", [name for name, path in house.modules().items() if path.name == "__init__.py"])
def test_init_only_exports(module: str) -> None:
    """A docstring, imports, `__all__`; the root alone has a lazy `__getattr__`."""
    for node in house.tree_of(house.modules()[module]).body:
        if module == "relmkt":
            continue
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        exports = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        assert docstring or exports or isinstance(node, ast.Import | ast.ImportFrom), house.place(
            house.modules()[module], node
        )


def test_guard_catches_what_is_undocumented() -> None:
    module = ModuleType("relmkt.made_up", "Which question?")
    text = "__all__ = ['A', 'f']\nclass A: ...\ndef f(): 'Yes.'\ndef stray(): 'No.'\n"
    exec(text, vars(module))
    assert undocumented(module) == ["relmkt.made_up.A"]
    assert exported_by_chance(module, ast.parse(text)) == {"stray"}
