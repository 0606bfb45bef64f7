"""The built wheel carries everything it needs and works in an empty environment with no extras (rule X21)."""

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from email.parser import HeaderParser
from importlib.metadata import requires
from pathlib import Path

import pytest

from tests.guards import house
from tests.guards.test_docs import blocks
from tests.guards.test_import import EXTRA_OF, public

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("wheel"),
    pytest.mark.skipif("relmkt" not in house.modules(), reason="no room is built yet"),
]


def run(*command: str | Path, cwd: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}
    answer = subprocess.run(list(map(str, command)), cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, house.TOP, cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def empty(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the wheel and what it asks for, and not even pip."""
    place = tmp_path_factory.mktemp("empty")
    venv.create(place / "env", with_pip=False)
    python = place / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", wheel, cwd=place)
    return python


def plain(requirement: str) -> str:
    return re.split(r"[ ;<>=!~\[(]", requirement)[0].lower().replace("_", "-")


def closure(names: set[str]) -> set[str]:
    """The packages named and what they in turn require without extras, as installed here."""
    found, todo = set(), set(names)
    while todo:
        name = todo.pop()
        found.add(name)
        todo |= {plain(line) for line in requires(name) or () if "extra ==" not in line} - found
    return found


def test_metadata_asks_for_three_packages(wheel: Path) -> None:
    # rule X21
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode())
    asked = [line for line in headers.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert sorted(map(plain, asked)) == ["attrs", "numpy", "pendulum"]
    assert headers["License-Expression"] == "MIT"
    assert headers["Requires-Python"] == ">=3.11"


def test_wheel_holds_every_source_and_data_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("relmkt/")}
        others = {name.split("/")[0] for name in archive.namelist()} - {"relmkt"}
    sources = {
        path.relative_to(house.SRC.parent).as_posix()
        for path in house.SRC.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == sources
    assert "relmkt/py.typed" in held
    assert all(name.endswith(".dist-info") for name in others)


def test_installing_pulls_nothing_else(empty: Path) -> None:
    # rule X21
    program = "import json, importlib.metadata as m; print(json.dumps([d.name for d in m.distributions()]))"
    installed = {plain(name) for name in json.loads(run(empty, "-I", "-c", program, cwd=empty.parent))}
    assert installed == closure({"attrs", "pendulum", "numpy"}) | {"relmkt"}


def test_every_room_imports_or_names_its_extra(empty: Path) -> None:
    # rule X21
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    try: importlib.import_module(name)\n"
        "    except ImportError as error: print(name, error)\n"
    )
    said = run(empty, "-I", "-c", program, *public(), cwd=empty.parent).splitlines()
    extras = "|".join(sorted(set(EXTRA_OF.values())))
    assert not [line for line in said if not re.search(rf"relmkt\[({extras})\]", line)]
    assert not [line for line in said if house.room_of(line.split()[0]) not in EXTRA_OF.values()]


def test_the_kit_runs_from_the_wheel_in_three_lines(empty: Path, tmp_path: Path) -> None:
    # rule K02
    program = (
        "from relmkt.stores import SQLite\n"
        "from relmkt.testing import check_store\n"
        "check_store(lambda place: SQLite(place / 'shop.db'))\n"
    )
    run(empty, "-I", "-c", program, cwd=tmp_path)


def test_day_one_names_are_there(empty: Path) -> None:
    program = "import relmkt; print(sum(getattr(relmkt, name) is not None for name in relmkt.__all__))"
    assert int(run(empty, "-I", "-c", program, cwd=empty.parent)) > 0


def test_readme_runs(empty: Path, tmp_path: Path) -> None:
    told = [block.code for block in blocks(house.TOP / "README.md") if block.sort == "python"]
    assert told, "README.md shows no program"
    program = tmp_path / "readme.py"
    program.write_text("\n".join(told), encoding="utf-8")
    run(empty, "-I", program, cwd=tmp_path)


def test_command_is_installed(empty: Path, tmp_path: Path) -> None:
    assert "demo" in run(empty.with_name("relmkt"), "--help", cwd=tmp_path)
