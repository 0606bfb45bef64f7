"""Both stores, each behind the same name."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from relmkt.ports import Append, Record, Store
from relmkt.stores import Memory, SQLite

Put = Callable[..., int]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Memory() if request.param == "memory" else SQLite(tmp_path / "shop.db") as made:
        yield made


def fact(
    id: str, at: int = 0, source: str = "till", kind: str = "Purchase", number: float | None = 4990, **more
) -> Record:
    return Record(id, source, at, kind, 1, number, more.pop("label", "EUR"), **more)


def put(store: Store, stream: str, *facts: Record, **more) -> int:
    """Append to a stream at the version at which it stands."""
    version = len([r for name, r in store.load(stream).facts if name == stream])
    return store.commit([Append(stream, facts, version)], **more)
