"""The lower bounds of pyproject.toml taken at their word: `python -m tests.guards.bounds` prints them as pins.

With `--stated` it prints them as they are written; with `--installed FILE` it checks that the environment which
runs it holds exactly the pins in that file.
"""

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def stated() -> list[str]:
    """Every requirement of a user: run time, then each extra, without relmkt itself."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    return [*project["dependencies"], *(line for line in extras if not line.startswith("relmkt["))]


def pins() -> list[str]:
    return [line.replace(">=", "==") for line in stated()]


def differing(lines: list[str]) -> list[str]:
    """Pins that the running environment does not hold."""
    found = []
    for line in lines:
        name, _, wanted = line.partition("==")
        try:
            held = version(name)
        except PackageNotFoundError:
            held = "nothing"
        if held.split(".")[: wanted.count(".") + 1] != wanted.split("."):
            found.append(f"{name}: {held} instead of {wanted}")
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["--installed"]:
        sys.exit("\n".join(differing(Path(sys.argv[2]).read_text(encoding="utf-8").split())) or None)
    print("\n".join(stated() if sys.argv[1:] == ["--stated"] else pins()))
