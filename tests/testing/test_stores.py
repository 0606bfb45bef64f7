"""Our own stores run exactly the kit that outsiders run (rules S01 to S22)."""

from pathlib import Path

import pytest

from relmkt.ports import Store
from relmkt.stores import Memory, SQLite
from relmkt.testing import Check, check_store, store_checks


def sqlite(place: Path) -> Store:
    return SQLite(place / "shop.db")


@pytest.mark.parametrize("check", store_checks(lambda place: Memory()), ids=str)
def test_memory(check: Check) -> None:
    check()


@pytest.mark.parametrize("check", store_checks(sqlite), ids=str)
def test_sqlite(check: Check) -> None:
    check()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # rule K05
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    check_store(sqlite, steps=10)
    assert list(tmp_path.iterdir()) == []


def test_programs_are_drawn_from_their_seed() -> None:  # rule K04
    class Quiet(Memory):
        def due(self, at: int, limit: int) -> list[str]:
            return []

    said = []
    for _ in range(2):
        with pytest.raises(AssertionError, match="seed=7") as failure:
            store_checks(lambda place: Quiet(), seed=7)[-1]()
        said.append(str(failure.value))
    assert said[0] == said[1]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 12))
def test_long_programs(seed: int) -> None:  # rule S19
    store_checks(sqlite, seed=seed, steps=1_000)[-1]()
