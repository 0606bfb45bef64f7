"""A room imports only what lies below it, adapters not each other, the core neither I/O nor NumPy (DESIGN: layers)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guards import house

NO_ARRAYS = {"facts", "codec", "customers", "rules", "decisions", "ports", "program"}
ARRAYS_INSIDE = {"tallies", "contact"}  # inside their columnar answers only
ARRAYS = ("numpy", "narwhals")
NO_IO = ("sqlite3", "socket", "smtplib", "http", "random", "logging", "secrets", "urllib", "ssl", "subprocess")


def lint(directory: Path, config: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports_command as command; command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--config", str(config), "--no-cache"],
        cwd=directory,
        env={"PYTHONPATH": str(directory), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_contracts_are_kept() -> None:
    answer = lint(house.SRC.parent, house.TOP / "pyproject.toml")
    assert answer.returncode == 0, answer.stdout + answer.stderr


BROKEN = {
    "up": {"facts.py": "import relmkt.rules\n", "rules.py": ""},
    "sideways": {"loyalty.py": "import relmkt.value\n", "value.py": ""},
    "nobody placed it": {"shed.py": ""},
    "types count": {
        "facts.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from relmkt import rules\n",
        "rules.py": "",
    },
    "cycle inside a room": {
        "facts/__init__.py": "",
        "facts/_a.py": "def f():\n    import relmkt.facts._b\n",
        "facts/_b.py": "import relmkt.facts._a\n",
    },
}


@pytest.mark.parametrize("sort", ["sound", *BROKEN])
def test_contracts_catch(sort: str, tmp_path: Path) -> None:
    files = (
        {"__init__.py": "", "rules.py": "import relmkt.facts\n", "facts.py": ""} if sort == "sound" else BROKEN[sort]
    )
    for name, text in {"__init__.py": "", **files}.items():
        path = tmp_path / "relmkt" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    answer = lint(tmp_path, house.TOP / "pyproject.toml")
    assert (answer.returncode == 0) is (sort == "sound"), answer.stdout + answer.stderr


def below_ports() -> set[str]:
    names = [set(layer) for layer in house.layers()]
    first = next(i for i, layer in enumerate(names) if "ports" in layer)
    return set().union(*names[first:])


def slips(module: str, imported: list[tuple[ast.stmt, str, str]]) -> list[str]:
    """What an import list breaks beyond the layers."""
    room, found = house.room_of(module), []
    for _, name, where in imported:
        arrays = any(house.within(name, package) for package in ARRAYS)
        if arrays and where != "types" and (room in NO_ARRAYS or (room in ARRAYS_INSIDE and where == "top")):
            found.append(f"{module} imports {name} {where}")
        if room in below_ports() and any(house.within(name, package) for package in NO_IO):
            found.append(f"{module} imports {name}: I/O and chance are for adapters and Program")
        if room != "__main__" and is_own_roof(module, name):
            found.append(f"{module} imports {name}: its own package; import the file that holds it")
        if (other := adapter_of(name)) and (own := adapter_of(module)) and not one_adapter(own, other):
            found.append(f"{module} imports {name}: adapters are independent")
    return found


def is_own_roof(module: str, name: str) -> bool:
    """Whether a name belongs to an `__init__` above the module, the root included: a cycle in waiting."""
    if not house.within(name, "relmkt") or name in house.modules():
        return False
    holder = name.rpartition(".")[0]
    return holder == "relmkt" or (module != holder and house.within(module, holder) and is_package(holder))


def is_package(module: str) -> bool:
    return module in house.modules() and house.modules()[module].name == "__init__.py"


def adapter_of(name: str) -> str:
    """`stores.sqlite` for relmkt.stores._sqlite; "" for what is none, such as the mail that two channels write."""
    root, room, child, *_ = [*name.split("."), "", ""]
    adapter = root == "relmkt" and room in {"stores", "channels"} and child and (room, child) != ("channels", "_mail")
    return f"{room}.{child.lstrip('_')}" if adapter else ""


def one_adapter(one: str, other: str) -> bool:
    """`_sqlite.py` and `_sqlite_schema.py` are files of one adapter."""
    return one == other or one.startswith(other + "_") or other.startswith(one + "_")


@pytest.mark.parametrize("module", house.modules())
def test_imports_stay_in_bounds(module: str) -> None:
    assert not slips(module, house.imports_of(module))


@pytest.mark.parametrize(
    "module, text, breaks",
    [
        ("relmkt.rules", "import numpy as np", True),
        ("relmkt.rules", "def f():\n    import numpy as np", True),
        ("relmkt.rules", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy", False),
        ("relmkt.tallies", "from numpy import where", True),
        ("relmkt.tallies", "def f():\n    import numpy as np", False),
        ("relmkt.contact._caps", "import narwhals", True),
        ("relmkt.portfolio", "import numpy as np\nfrom numpy.random import Generator", False),
        ("relmkt.portfolio", "import random", True),
        ("relmkt.ports", "def f():\n    from http.client import HTTPConnection", True),
        ("relmkt.stores.sqlite", "import sqlite3", False),
        ("relmkt.stores.sqlite", "from relmkt.stores import memory", True),
        ("relmkt.stores.sqlite", "from relmkt.stores.memory import Memory", True),
        ("relmkt.stores.sqlite._schema", "from relmkt.stores.sqlite._tables import TABLES", False),
        ("relmkt.stores._sqlite", "from relmkt.stores._sqlite_schema import TABLES", False),
        ("relmkt.stores", "from relmkt.stores._sqlite import SQLite", False),
        ("relmkt.program", "from relmkt import Purchase", True),
    ],
)
def test_bounds_catch(module: str, text: str, breaks: bool) -> None:
    imported = list(house.imports(ast.parse(text), module.rpartition(".")[0]))
    assert bool(slips(module, imported)) is breaks
