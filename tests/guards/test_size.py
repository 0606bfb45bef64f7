"""A file is read in one sitting: 350 lines at the most."""

from pathlib import Path

import pytest

from tests.guards import house

MOST = 350


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("module", house.modules())
def test_file_length(module: str) -> None:
    assert lines(house.modules()[module]) <= MOST


def test_length_counts(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text("x = 1\n" * (MOST + 1))
    assert lines(path) > MOST
