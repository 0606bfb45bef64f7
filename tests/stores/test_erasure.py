"""What is forgotten is gone from every byte, and stays gone when an older copy comes back."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from relmkt.exceptions import ConflictError, SchemaError
from relmkt.ports import Append, Edge, Head, Link, Outgoing, Record
from relmkt.stores import SQLite
from tests.stores.conftest import fact, put


def person(number: int) -> str:
    return f"person-{number:05}-marker"


def told(number: int, n: int) -> Record:
    name = person(number)
    return Record(
        f"{name}/{n}", f"{name}.csv", n, "Said", 1, n, name, name, f'{{"text":"{name} {"x" * (number % 90)}"}}'
    )


def everything(path: Path) -> bytes:
    """The bytes of the database and all that lies beside it."""
    return b"".join(p.read_bytes() for p in sorted(path.parent.iterdir()) if p.name.startswith(path.name))


def marked(path: Path, numbers: list[int]) -> list[int]:
    found = everything(path)
    return [number for number in numbers if person(number).encode() in found]


def test_the_erased_are_in_no_byte_after_the_scrub(tmp_path: Path) -> None:  # rule G11
    path, chance = tmp_path / "shop.db", random.Random(5)
    numbers = list(range(3000))
    chance.shuffle(numbers)
    with SQLite(path) as store:
        for turn in range(3):
            for begin in range(0, 3000, 100):
                appends = [Append(person(n), (told(n, turn),), turn) for n in numbers[begin : begin + 100]]
                links = [Link(f"mail~{person(n)}", person(n)) for n in numbers[begin : begin + 100]]
                out = [Outgoing(f"{turn}{person(n)}", person(n), "mail", 0, person(n)) for n in numbers[begin::1000]]
                store.commit(appends, out, links=links)
            chance.shuffle(numbers)
        for n in numbers[:700]:
            last = told(n, 2)
            store.commit([], head=Head(person(n), {person(n): 3}, last.order, 0, 9, "s1", person(n) * 30))
        for a, b in zip(numbers[:40:2], numbers[1:40:2], strict=True):
            store.commit([], edges=[Edge(f"m {person(a)}", person(a), person(b), True)])
        gone = numbers[:600]
        for n in gone:
            found = store.load(person(n))
            erased = store.erase(found.root, found.versions)
            assert erased.pending
        assert store.erase(person(gone[0]), {}).pending  # nothing found, and still owed
        assert marked(path, gone)  # or the test shows nothing
        assert store.scrub()
        assert not marked(path, gone)
        assert len(marked(path, numbers[600:])) == 2400
        assert not store.erase(person(gone[0]), {}).pending
    assert not marked(path, gone)


def test_a_reader_holds_the_scrub_back(tmp_path: Path) -> None:  # rule R81
    path = tmp_path / "shop.db"
    with SQLite(path, timeout=0.05) as store:
        put(store, person(1), told(1, 1))
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM facts").fetchone()
        assert store.erase(person(1), {person(1): 1}).pending
        assert not store.scrub()
        assert store.erase(person(1), {}).pending
        reader.execute("COMMIT")
        reader.close()
        assert store.scrub()
        assert not marked(path, [1])


def shop(path: Path) -> SQLite:
    store = SQLite(path)
    put(store, "ada", fact("a"), links=[Link("mail~1", "ada")])
    put(store, "bob", fact("b"))
    put(store, "eve", fact("e"))
    return store


LEFT = Append("campaign\x1fspring", (fact("residue", number=3),))


def test_a_restored_copy_is_brought_up_to_date_before_it_is_read(tmp_path: Path) -> None:  # rule G12
    path, copy = tmp_path / "shop.db", tmp_path / "copy.db"
    with shop(path) as store:
        store.commit([], edges=[Edge("m", "ada", "eve", True)])
    shutil.copy(path, copy)
    with SQLite(path) as store:
        store.commit([], edges=[Edge("m", "ada", "eve", False)])
        store.erase("ada", {"ada": 1}, [LEFT], ["digest"])
        store.erase("bob", {"bob": 1})
        after = [(name, r._replace(position=0)) for name, r in store.changes(0, 9)]
    shutil.copy(copy, path)
    with SQLite(path) as store:
        assert [(name, r._replace(position=0)) for name, r in store.changes(0, 9)] == after  # totals stand
        assert not store.load("mail~1").versions
        assert store.load("eve").versions == {"eve": 1}
        assert store.blocked(["digest"]) == ["digest"]
        assert store.erase("ada", {}).pending
        position = store.changes(0, 9)[-1][1].position
    with SQLite(path) as store:  # the second time there is nothing to do
        assert store.changes(0, 9)[-1][1].position == position


def test_a_lost_ledger_is_refused(tmp_path: Path) -> None:  # rule G12
    path, ledger = tmp_path / "shop.db", tmp_path / "elsewhere" / "gone"
    ledger.parent.mkdir()
    shop(path).close()
    with SQLite(path, erasures=ledger) as store:
        store.erase("ada", {"ada": 1})
        whole = ledger.read_bytes()
        store.erase("bob", {"bob": 1})
    assert b"ada" not in ledger.read_bytes()
    assert not (tmp_path / "shop.db.erasures").exists()
    ledger.write_bytes(whole)
    with pytest.raises(SchemaError, match="cut short"):
        SQLite(path, erasures=ledger)
    with pytest.raises(SchemaError, match="missing"):
        SQLite(path)
    ledger.write_bytes(b"\xff\n{\n")
    with pytest.raises(SchemaError, match="damaged"):
        SQLite(path, erasures=ledger)


def test_a_ledger_of_another_store_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with shop(tmp_path / name) as store:
            store.erase("ada", {"ada": 1})
    with pytest.raises(SchemaError, match="another"):
        SQLite(tmp_path / "one", erasures=tmp_path / "two.erasures")


def test_an_erasure_cut_short_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told in the ledger, and killed before the commit."""
    from relmkt.stores._sqlite import _erasure

    path = tmp_path / "shop.db"
    with shop(path) as store:
        monkeypatch.setattr(_erasure, "_applied", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.erase("ada", {"ada": 1}, [LEFT])
        monkeypatch.undo()
        assert store.load("ada").versions == {"ada": 1}
    with (tmp_path / "shop.db.erasures").open("ab") as file:
        file.write(b'[["torn')  # a line that never was acknowledged
    with SQLite(path) as store:
        assert not store.load("ada").versions
        assert store.load("campaign\x1fspring").versions == {"campaign\x1fspring": 1}
        store.erase("bob", {"bob": 1})
    with SQLite(path) as store:
        assert store.due(0, 9) == ["eve"]


def test_a_conflict_tells_the_ledger_nothing(tmp_path: Path) -> None:
    with shop(tmp_path / "shop.db") as store:
        with pytest.raises(ConflictError):
            store.erase("ada", {"ada": 2})
        assert not (tmp_path / "shop.db.erasures").exists()
