"""`import relmkt` stays light, and an extra that is not there says so in one clear error (rule X21)."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guards import house

pytestmark = pytest.mark.skipif("relmkt" not in house.modules(), reason="no room is built yet")

EXTRA_OF = {"narwhals": "frames", "matplotlib": "report", "jinja2": "report", "hypothesis": "testing"}
OPTIONAL = ["pandas", "polars", "duckdb", "pyarrow", "scipy", "lifetimes", "pytest", "sqlalchemy", *EXTRA_OF]
# Rooms whose columnar answers are reached only through another room, which has checked the extra already.
REACHED_THROUGH = {"tallies": "frames", "ladders": "frames", "rules": "frames"}


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)


def loaded_by(statement: str) -> set[str]:
    answer = run(f"import sys, json\n{statement}\nprint(json.dumps(sorted(sys.modules)))")
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout.splitlines()[-1]))


def test_import_loads_neither_numpy_nor_an_extra() -> None:
    # rule X21
    heavy = {"numpy", *OPTIONAL} & loaded_by("import relmkt")
    assert not heavy


def test_everyday_names_load_no_numpy() -> None:
    """Every name of the root but `Portfolio` comes without NumPy."""
    statement = "import relmkt\n[getattr(relmkt, name) for name in relmkt.__all__ if name != 'Portfolio']"
    assert not {"numpy", *OPTIONAL} & loaded_by(statement)


def test_guard_sees_what_is_loaded() -> None:
    assert "numpy" in loaded_by("import numpy")


# Imports each module afresh while the packages named are not to be had; prints what each said.
WITHOUT = """
import importlib, json, sys
missing, names = set(sys.argv[1].split(",")), sys.argv[2].split(",")
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
said = {}
for name in names:
    for old in [m for m in sys.modules if m.partition(".")[0] == "relmkt"]:
        del sys.modules[old]
    try:
        importlib.import_module(name)
        said[name] = ""
    except ImportError as error:
        said[name] = f"{error}"
    except Exception as error:
        said[name] = f"{type(error).__name__}: {error}"
print(json.dumps(said))
"""


def without(packages: list[str], names: list[str]) -> dict[str, str]:
    answer = run(WITHOUT, ",".join(packages), ",".join(names))
    assert answer.returncode == 0, answer.stderr
    said: dict[str, str] = json.loads(answer.stdout.splitlines()[-1])
    return said


def public(room: str = "") -> list[str]:
    names = [name for name in house.modules() if not any(part.startswith("_") for part in name.split("."))]
    return [name for name in names if not room or house.room_of(name) == room]


@pytest.mark.parametrize("package", EXTRA_OF)
def test_absent_extra_gives_one_clear_error(package: str) -> None:
    # rule X21
    if importlib.util.find_spec("relmkt") is None:
        pytest.skip("relmkt is not installed")
    clear = re.compile(rf"relmkt\[{EXTRA_OF[package]}\]")
    said = without([package], public())
    unclear = {name: text for name, text in said.items() if text and not clear.search(text)}
    assert not unclear
    extra_rooms = set(EXTRA_OF.values())
    outside = [name for name, text in said.items() if text and house.room_of(name) not in extra_rooms]
    assert not outside, "a room outside the extra needs it to be imported"


def mute(module: str, tree: ast.Module, text: str) -> list[str]:
    """Optional packages that a module imports without ever naming their extra."""
    package, room = module.rpartition(".")[0], house.room_of(module)
    wanted = {name.partition(".")[0] for _, name, where in house.imports(tree, package) if where != "types"}
    extras = {EXTRA_OF[name] for name in wanted & set(EXTRA_OF)}
    return [e for e in sorted(extras) if f"relmkt[{e}]" not in text and REACHED_THROUGH.get(room) != e]


def inside_an_extra(module: str) -> bool:
    """Whether importing the module's package already checks for the extra, so that its files need not."""
    room = house.room_of(module)
    own = [name for name, extra in EXTRA_OF.items() if extra == room]
    return bool(own) and bool(without(own, [f"relmkt.{room}"])[f"relmkt.{room}"])


@pytest.mark.parametrize("module", house.modules())
def test_optional_imports_name_their_extra(module: str) -> None:
    path = house.modules()[module]
    silent = mute(module, house.tree_of(path), path.read_text(encoding="utf-8"))
    assert not silent or inside_an_extra(module)


def test_optional_import_guard_catches() -> None:
    text = "def chart():\n    import matplotlib.pyplot\n"
    assert mute("relmkt.value._chart", ast.parse(text), text) == ["report"]
    assert not mute("relmkt.value._chart", ast.parse(text), text + "# relmkt[report]")


def test_stray_packages_are_not_imported() -> None:
    """What is neither run time, an extra nor the standard library is imported nowhere, test oracles included."""
    known = {"attrs", "attr", "pendulum", "numpy", "relmkt", "pytest", *EXTRA_OF, *sys.stdlib_module_names}
    strays = [
        f"{house.place(house.modules()[module], node)}: {name}"
        for module in house.modules()
        for node, name, _ in house.imports_of(module)
        if name.partition(".")[0] not in known and not frame_room(module)
    ]
    assert not strays


def frame_room(module: str) -> bool:
    """Rooms that speak to the user's own dataframe library."""
    return house.room_of(module) in {"frames", "mapping"}


def test_pytest_is_for_fixtures_only() -> None:
    users = [m for m in house.modules() if any(n.partition(".")[0] == "pytest" for _, n, _ in house.imports_of(m))]
    assert [m for m in users if not re.search(r"testing(\.|.*_)?fixtures$", m)] == []


def test_sources_are_where_they_are_looked_for() -> None:
    spec = importlib.util.find_spec("relmkt")
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve() == (house.SRC / "__init__.py").resolve()
