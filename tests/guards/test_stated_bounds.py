"""Dependencies state a tested lower bound and no upper cap; extras promise only what is built (rules X21, X22)."""

import re

import pytest

from tests.guards import house
from tests.guards.bounds import differing, pins, stated

PROJECT = house.pyproject()["project"]
EXTRAS = PROJECT["optional-dependencies"]
ROOM = {"frames": "frames", "report": "report", "testing": "testing"}  # an extra and the room that needs it


def honest(requirement: str) -> bool:
    """A name and one lower bound, nothing else."""
    return re.fullmatch(r"[A-Za-z0-9._-]+>=\d+(\.\d+)*", requirement) is not None


@pytest.mark.parametrize("requirement", stated())
def test_lower_bound_and_no_cap(requirement: str) -> None:
    # rule X22
    assert honest(requirement)


@pytest.mark.parametrize(
    "requirement", ["numpy", "numpy>=2,<3", "numpy<3", "numpy==2.0", "numpy~=2.0", "numpy!=2.1", "numpy>=2.*"]
)
def test_bounds_catch(requirement: str) -> None:
    assert not honest(requirement)


def test_python_has_no_cap() -> None:
    assert PROJECT["requires-python"] == ">=3.11"


def test_run_time_is_three_packages() -> None:
    # rule X21
    assert [re.split(r"[>=]", line)[0] for line in PROJECT["dependencies"]] == ["attrs", "pendulum", "numpy"]


def test_all_is_every_extra() -> None:
    named = ",".join(sorted(set(EXTRAS) - {"all"}))
    assert EXTRAS["all"] == [f"relmkt[{named}]"]


@pytest.mark.parametrize("extra", sorted(set(EXTRAS) - {"all"}))
def test_an_extra_is_needed_by_its_room(extra: str) -> None:
    """Every package of an extra is imported in the extra's room."""
    if ROOM[extra] not in house.rooms():
        pytest.skip(f"relmkt.{ROOM[extra]} is not built yet")
    own = [name for name in house.modules() if house.room_of(name) == ROOM[extra]]
    imported = {name.partition(".")[0] for module in own for _, name, _ in house.imports_of(module)}
    assert {re.split(r"[>=]", line)[0] for line in EXTRAS[extra]} <= imported


def test_development_groups_state_bounds() -> None:
    groups = house.pyproject()["dependency-groups"]
    lines = [line for group in groups.values() for line in group if isinstance(line, str)]
    assert not [line for line in lines if not honest(line)]


def test_pins_are_the_bounds() -> None:
    assert any(pin.startswith("numpy==") for pin in pins())
    assert differing(["numpy==0.1"])
    assert not any(">" in pin or "<" in pin for pin in pins())


def test_nothing_names_a_registry() -> None:
    hosts = re.compile(r"p[y]pi\.org|p[y]thonhosted|index-url|registry\.n[p]mjs", re.IGNORECASE)
    names = ["pyproject.toml", "Makefile", ".ci/run"]
    assert not [name for name in names if hosts.search((house.TOP / name).read_text(encoding="utf-8"))]
