"""Where is a store tried? In a folder of its own, that is there for one check and gone after it (rule K05)."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from relmkt.codec import Record
from relmkt.exceptions import RelmktError
from relmkt.ports import Append, Loaded, Position, Store
from relmkt.testing._check import hold

__all__ = ["Bench", "Make", "bought", "close", "everything", "loosely", "put", "refused", "same", "told"]

Make = Callable[[Path], Store]
"""Makes a store at a place: the same place, the same data; a new place, an empty store."""


def bought(id: str, at: int = 0, number: float | None = 4990, label: str | None = "EUR", **other: Any) -> Record:
    """A record as a codec writes it."""
    told = {"source": "till", "kind": "Purchase"} | other
    return Record(id, told.pop("source"), at, told.pop("kind"), 1, number, label, **told)


class Bench:
    """A temporary folder and the stores that were made in it; all of it goes when the check ends."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._stores: list[Store] = []
        self.folder = Path(tempfile.mkdtemp(prefix="relmkt-kit-"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            for store in self._stores:
                close(store)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def place(self, name: str = "one") -> Path:
        """A folder under the bench's own."""
        place = self.folder / name
        place.mkdir(exist_ok=True)
        return place

    def store(self, name: str = "one") -> Store:
        """A store at a place; closed when the check ends."""
        made = self._make(self.place(name))
        self._stores.append(made)
        return made

    def again(self, store: Store, name: str = "one") -> Store:
        """Close a store and make it again at the same place."""
        close(store)
        self._stores.remove(store)
        return self.store(name)

    def files(self) -> list[Path]:
        """Every file under the bench."""
        return [path for path in self.folder.rglob("*") if path.is_file()]


def close(store: Store) -> None:
    """Close a store that can be closed."""
    closing = getattr(store, "close", None)
    if closing is not None:
        closing()


def put(store: Store, stream: str, *records: Record, **other: Any) -> Position:
    """Append to a stream at the version at which it stands."""
    version = store.load(stream).versions.get(stream, 0)
    return store.commit([Append(stream, records, version)], **other)


def refused(error: type[Exception], call: Callable[..., object], *arguments: Any, **named: Any) -> None:
    """Hold that a call with these arguments raises this error."""
    try:
        call(*arguments, **named)
    except error:
        return
    except RelmktError as other:
        raise AssertionError(f"raised {type(other).__name__}, expected {error.__name__}") from other
    raise AssertionError(f"was not refused with {error.__name__}")


def loosely(record: Record) -> Record:
    """A record without its position, which is the store's own affair."""
    return record._replace(position=0)


def told(loaded: Loaded) -> list[tuple[str, Record]]:
    """The facts of a person, without positions."""
    return [(stream, loosely(record)) for stream, record in loaded.facts]


def same(found: object, expected: object, what: str) -> None:
    """Hold that two values are equal; the message shows both."""
    hold(found == expected, f"{what}: found {_short(found)}, expected {_short(expected)}")


def everything(store: Store) -> Sequence[tuple[str, Record]]:
    """All facts of a store in the order in which it took them in, without positions."""
    return [(stream, loosely(record)) for stream, record in store.changes(0, 1_000_000)]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 400 else f"{text[:400]}…"
