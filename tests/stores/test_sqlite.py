"""What only a file can get wrong: crashes, several processes, full disks, foreign and older files."""

import multiprocessing
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from relmkt.exceptions import ConflictError, SchemaError, StoreBusyError
from relmkt.ports import Append, Block, Head, Link, Outgoing
from relmkt.stores import SQLite
from relmkt.stores._sqlite import _schema
from tests.stores.conftest import fact, put

FORK = multiprocessing.get_context("fork")


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    begin = "import sys\nfrom relmkt.stores import SQLite\nfrom relmkt.ports import *\n"
    command = [sys.executable, "-c", begin + code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def sound(path: Path) -> bool:
    db = sqlite3.connect(path)
    try:
        return db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        db.close()


# --- crashes and processes -------------------------------------------------------------------------------------------

WRITER = """
store, version = SQLite(sys.argv[1]), int(sys.argv[2])
while True:
    at = version
    fact = Record(f"f{version}", "till", at, "Purchase", 1, 4990, "EUR", "", "x" * 300)
    head = Head("ada", {"ada": version + 1}, (at, f"f{version}", "till"), at, at + 5, "s1", "y" * 900)
    seen = Append("programme\\x1f", (Record(f"f{version}", "", at, "Seen"),), version)
    store.commit([Append("ada", (fact,), version), seen],
        [Outgoing(f"m{version}", "ada", "mail", at, "z" * 400)], head, [Link(f"l{version}", "ada")])
    version += 1
    print(version, flush=True)
"""


def test_killed_at_any_moment_all_that_was_acknowledged_is_there(tmp_path: Path) -> None:  # rule S06, S08, S20
    path, version, chance = tmp_path / "shop.db", 0, random.Random(7)
    for _ in range(6):
        process = child(WRITER, path, version)
        assert process.stdout is not None
        process.stdout.readline()  # it is at it
        time.sleep(chance.random() * 0.15)
        process.send_signal(signal.SIGKILL)
        told, _ = process.communicate()
        acknowledged = int([line for line in told.split("\n") if line][-1]) if told.strip() else version + 1
        with SQLite(path) as store:
            found = store.load("ada", "s1")
            version = found.versions["ada"]
            assert version in (acknowledged, acknowledged + 1)  # the last may not have been told
            assert found.head is not None
            assert found.head.versions == {"ada": version}
            assert store.load("programme\x1f").versions == {"programme\x1f": version}
            assert len(store.rows("ada")) == version
            assert store.load(f"l{version - 1}").root == "ada"
            assert store.load(f"l{version}").root != "ada"
        assert sound(path)


def race(path: Path, number: int, gate, answers) -> None:
    with SQLite(path) as store:
        for version in range(20):
            gate.wait()
            try:
                store.commit([Append("ada", (fact(f"{version} by {number}"),), version)])
                answers.put(version)
            except ConflictError:
                pass
            gate.wait()


def test_one_of_several_processes_wins_a_version(tmp_path: Path) -> None:  # rule S03
    path, gate, answers = tmp_path / "shop.db", FORK.Barrier(3), FORK.Queue()
    SQLite(path).close()
    workers = [FORK.Process(target=race, args=(path, number, gate, answers)) for number in range(3)]
    for worker in workers:
        worker.start()
    won = sorted(answers.get(timeout=30) for _ in range(20))
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    assert won == list(range(20))
    with SQLite(path) as store:
        assert store.load("ada").versions == {"ada": 20}


def test_processes_that_create_a_store_together_share_it(tmp_path: Path) -> None:
    code = "s = SQLite(sys.argv[1]); s.commit([Append(sys.argv[2], (Record('a', '', 0, 'K'),), 0)]); s.close()"
    workers = [child(code, tmp_path / "shop.db", f"c{number}") for number in range(4)]
    assert [worker.communicate(timeout=60)[1] for worker in workers] == [""] * 4
    with SQLite(tmp_path / "shop.db") as store:
        assert store.due(0, 9) == ["c0", "c1", "c2", "c3"]


def test_a_store_may_be_used_after_a_fork(tmp_path: Path) -> None:
    with SQLite(tmp_path / "shop.db") as store:
        put(store, "ada", fact("a"))
        worker = FORK.Process(target=put, args=(store, "ada", fact("b")))
        worker.start()
        worker.join(30)
        assert worker.exitcode == 0
        put(store, "ada", fact("c"))
        assert store.load("ada").versions == {"ada": 3}
    assert sound(tmp_path / "shop.db")


def test_a_locked_store_is_busy_after_its_timeout(tmp_path: Path) -> None:  # rule S11
    path = tmp_path / "shop.db"
    with SQLite(path, timeout=0.05) as store:
        put(store, "ada", fact("a"))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        with pytest.raises(StoreBusyError, match="for 0"):
            put(store, "ada", fact("b"))
        assert time.monotonic() - begun < 2
        assert store.load("ada").versions == {"ada": 1}  # readers do not wait
        other.execute("ROLLBACK")
        other.close()
        put(store, "ada", fact("b"))


def test_closing_releases_the_file(tmp_path: Path) -> None:  # rule S20
    store = SQLite(tmp_path / "shop.db")
    put(store, "ada", fact("a"))
    store.close()
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["shop.db"]  # the log is folded in
    with pytest.raises(ValueError, match="closed"):
        store.load("ada")


FULL = """
import resource, signal
from relmkt.exceptions import StoreFullError
store = SQLite(sys.argv[1])
def one(n):
    version = len(store.load("ada").facts)
    store.commit([Append("ada", (Record(f"f{n}", "till", n, "Purchase", 1, 1, "EUR", "", "x" * 5000),), version)])
one(0)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
told = 1
try:
    while True:
        one(told)
        told += 1
except StoreFullError:
    print("full at", told)
for _ in range(3):
    try:
        one(told)
    except StoreFullError:
        print("still full")
assert len(store.load("ada").facts) == told
try:
    store.extend([Block("Visit", 1, ["b"] * 9000, [f"{i}" for i in range(9000)], [0] * 9000, body="y" * 200)])
except StoreFullError:
    print("block full")
assert not store.load("b").versions
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
one(told)
assert len(store.load("ada").facts) == told + 1
print("room again")
"""


def test_a_full_disk_loses_nothing_and_passes(tmp_path: Path) -> None:  # rule S10
    process = child(FULL, tmp_path / "shop.db")
    told, errors = process.communicate(timeout=60)
    assert not errors
    assert told.split("\n")[1:] == ["still full", "still full", "still full", "block full", "room again", ""]
    assert sound(tmp_path / "shop.db")


# --- foreign, damaged, newer and older files -------------------------------------------------------------------------


def filled(path: Path) -> bytes:
    with SQLite(path) as store:
        for number in range(40):
            put(store, f"c{number}", *(fact(f"f{i}") for i in range(9)), links=[Link(f"l{number}", f"c{number}")])
    return path.read_bytes()


def set_version(path: Path, version: int) -> None:
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {version}")
    db.close()


@pytest.mark.parametrize("sort", ["text", "short", "half", "page", "foreign", "foreign empty", "newer", "marked newer"])
def test_a_file_that_is_not_ours_is_refused_untouched(tmp_path: Path, sort: str) -> None:  # rule S12
    path = tmp_path / "shop.db"
    whole = filled(path)
    if sort == "text":
        path.write_bytes(b"subject;at;amount\n" * 500)
    elif sort in ("short", "half", "page"):
        path.write_bytes(whole[: {"short": 60, "half": len(whole) // 2, "page": len(whole) - 4096}[sort]])
    elif sort.startswith("foreign"):
        path.unlink()
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE t (a)")
        if sort == "foreign empty":
            db.execute("DROP TABLE t")
        db.commit()
        db.close()
    else:
        set_version(path, 99)
    if sort == "marked newer":  # the mark lies in the log alone
        path.write_bytes(whole)
        db = sqlite3.connect(path)
        db.execute("PRAGMA user_version = 99")
        for name in ("", "-wal"):
            shutil.copy(f"{path}{name}", tmp_path / f"copy.db{name}")
        db.close()
        path = tmp_path / "copy.db"
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if not p.name.endswith("-shm")}
    for _ in range(2):
        with pytest.raises(SchemaError):
            SQLite(path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if not p.name.endswith("-shm")} == before


def test_a_damaged_page_is_a_typed_error(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    whole = bytearray(filled(path))
    whole[4096:] = bytes(len(whole) - 4096)
    path.write_bytes(whole)
    with pytest.raises(SchemaError, match="damaged"), SQLite(path) as store:
        store.load("c1")


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_store_needs_a_file(path: str) -> None:
    with pytest.raises(ValueError):
        SQLite(path)


def test_a_store_needs_its_directory(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        SQLite(tmp_path / "nowhere" / "shop.db")


def golden(path: Path) -> None:
    """A file as the oldest schema wrote it: never to be changed."""
    db = sqlite3.connect(path, isolation_level=None)
    for statement in _schema.STEPS[0].split(";"):
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {0x52454C4D}")
    db.execute("PRAGMA user_version = 1")
    db.execute("INSERT INTO kinds VALUES (1, 'Purchase')")
    db.execute("INSERT INTO streams VALUES (1, 'ada', 2, NULL, 0)")
    db.execute("INSERT INTO facts VALUES (1, 5, 'a', 'till', 1, 1, 4990, 'EUR', '', '', 0, 7, 1)")
    db.execute("INSERT INTO facts VALUES (1, 6, 'b', 'till', 1, 1, 2.5, NULL, 'a', '{\"channel\":\"web\"}', 0, 7, 2)")
    db.execute("INSERT INTO links VALUES ('mail~1', 1)")
    db.execute("INSERT INTO outbox VALUES ('m', 1, 'mail', 5, 'text', 'queued', 0, 0, 0)")
    db.close()


def as_told(store: SQLite) -> None:
    a, b = (r for _, r in store.load("mail~1").facts)
    assert a == ("a", "till", 5, "Purchase", 1, 4990, "EUR", "", "", 0, 7, 1)
    assert b == ("b", "till", 6, "Purchase", 1, 2.5, None, "a", '{"channel":"web"}', 0, 7, 2)
    assert [row.id for row in store.claim(5, 1, 9)] == ["m"]
    assert store.due(0, 9) == ["ada"]


def test_the_oldest_file_is_read(tmp_path: Path) -> None:  # rule S12
    golden(tmp_path / "shop.db")
    with SQLite(tmp_path / "shop.db") as store:
        as_told(store)


STEP = "ALTER TABLE facts ADD COLUMN salt TEXT; CREATE TABLE later (a)"


@pytest.mark.parametrize("broken", [False, True])
def test_an_older_file_is_brought_up_to_date_or_left(
    tmp_path: Path, monkeypatch, broken: bool
) -> None:  # rule S12, S13
    path = tmp_path / "shop.db"
    golden(path)
    before = path.read_bytes()
    if broken:
        monkeypatch.setattr(_schema, "STEPS", (*_schema.STEPS, f"{STEP}; CREATE TABLE later (a)"))
        with pytest.raises(OSError):
            SQLite(path)
        assert path.read_bytes() == before
    monkeypatch.setattr(_schema, "STEPS", (*_schema.STEPS[:1], STEP))
    SQLite(path).close()
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (2,)
    assert db.execute("SELECT id, number, salt FROM facts").fetchall() == [("a", 4990, None), ("b", 2.5, None)]
    db.close()
    monkeypatch.undo()
    with pytest.raises(SchemaError, match="schema 2"):
        SQLite(path)
    with SQLite(f"{path}.v1.bak") as store:
        as_told(store)


# --- what a call costs -----------------------------------------------------------------------------------------------


def test_reading_one_stream_reads_no_other(tmp_path: Path) -> None:  # rule S21
    with SQLite(tmp_path / "shop.db") as store:
        put(store, "ada", *(fact(f"f{i:04}", i) for i in range(1000)))
        last = fact("f0999", 999)
        store.commit([Append("ada", (), 1000)], head=Head("ada", {"ada": 1000}, last.order, 0, 9, "s1", ""))
        count = statements(store, lambda: store.load("ada", "s1"))
        ids = [f"o{i}" for i in range(20_000)]
        assert store.extend([Block("Visit", 1, [f"c{i % 500}" for i in range(20_000)], ids, [5] * 20_000)]) == 20_000
        assert statements(store, lambda: store.load("ada", "s1")) == count <= 4
        plans = [
            row[3]
            for sql in ("stream = 1 AND (at, id, source) > (1, '', '')", "stream = 1 AND id = '' AND source = ''")
            for row in sqlite3.connect(tmp_path / "shop.db").execute(
                f"EXPLAIN QUERY PLAN SELECT body FROM facts WHERE {sql}"
            )
        ]
        assert all(plan.startswith("SEARCH facts") for plan in plans)


def statements(store: SQLite, call) -> int:
    told: list[str] = []
    (session,) = store._pool._free
    session.db.set_trace_callback(told.append)
    call()
    session.db.set_trace_callback(None)
    return len(told)


def test_no_statement_is_built_from_what_was_told() -> None:  # rule X14
    """Every statement is a constant of its module: upper case, or one of the constants a mapping holds."""
    import ast

    for path in Path(_schema.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr not in ("run", "execute", "executemany") or not node.args:
                continue
            told = ast.unparse(node.args[0])
            constant = told.partition("[")[0].isupper() or isinstance(node.args[0], ast.Constant)
            pragma = told.startswith("f'PRAGMA ")
            walked = told in ("begin", "statement", "index", "delete")  # loops over such constants
            assert constant or pragma or walked, f"{path.name}:{node.lineno}: {told}"


def test_a_queue_row_keeps_its_payload(tmp_path: Path) -> None:
    with SQLite(tmp_path / "shop.db") as store:
        put(store, "ada", fact("a"), outbox=[Outgoing("m", "ada", "mail", 0, "x" * 100_000)])
        assert len(store.rows("ada")[0].payload) == 100_000
