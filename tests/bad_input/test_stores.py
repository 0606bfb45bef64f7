"""A store's file that is cut short, foreign, or on a disk with no room: an error of ours, and not a byte changed."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from relmkt import Program, Purchase, RelmktError
from relmkt.exceptions import SchemaError
from relmkt.stores import SQLite
from tests.bad_input.shop import EUR, GOOD, NOW, ORDERS, bytes_of, held, opened, shop
from tests.guards import house


def filled(path: Path) -> bytes:
    """A closed store of some pages."""
    with SQLite(path) as store:
        program = opened(store)
        for number in range(120):
            program.record(Purchase("ada", NOW.subtract(hours=200 - number), EUR, id=f"more-{number}"))
    return path.read_bytes()


FOREIGN = {
    "a text": b"customer,day,order,total\n" * 400,
    "a picture": bytes(range(256)) * 64,
    "a header and nothing": b"SQLite format 3\x00" + b"\x00" * 84,
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_refused_untouched(name: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.write_bytes(FOREIGN[name])
    with pytest.raises(SchemaError, match=r"shop\.db"):
        SQLite(path)
    assert bytes_of(tmp_path) == {"shop.db": FOREIGN[name]}


def test_somebody_elses_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE orders (customer TEXT)")
    other.execute("INSERT INTO orders VALUES ('ada')")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(SchemaError, match=r"shop\.db"):
        SQLite(path)
    assert bytes_of(tmp_path) == {"shop.db": before}


def _use(program: Program) -> None:
    """Everything that reads and writes."""
    program.history("ada")
    program.store.columns()
    program.record(Purchase("ada", NOW, EUR, id="one-more"))
    program.load([Purchase("bob", NOW, EUR, id="one-more")])
    program.review()
    program.dispatch()
    program.customer("ada")


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2, 0.5, 0.7, 0.9, 0.99])
def test_a_file_cut_short_is_told_as_such(share: float, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    whole = filled(path)
    path.write_bytes(whole[: int(len(whole) * share)])
    before = path.read_bytes()
    with pytest.raises(SchemaError, match=r"shop\.db"), SQLite(path) as store:
        _use(shop(store))
    assert path.read_bytes() == before


@pytest.mark.parametrize("seed", range(12))
def test_a_page_of_rubbish_raises_nothing_but_our_errors(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    whole = bytearray(filled(path))
    pages = len(whole) // 4096
    start = 4096 * (1 + seed * (pages - 1) // 12)
    whole[start : start + 4096] = bytes((seed * 31 + n * n) % 256 for n in range(4096))
    path.write_bytes(whole)
    told = ""
    try:
        with SQLite(path) as store:
            _use(shop(store))
    except RelmktError as error:  # a page that nothing reads is no error
        told = str(error)
    assert not told or "shop.db" in told


def test_a_folder_that_is_not_there_and_a_folder_in_the_files_place(tmp_path: Path) -> None:
    (tmp_path / "shop.db").mkdir()
    for path in (tmp_path / "shop.db", tmp_path / "none" / "shop.db"):
        with pytest.raises((RelmktError, OSError), match=r"shop\.db"):
            SQLite(path)


# --- a disk that is full, for a child process that may not write further ---------------------------------------------

FULL = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from relmkt import Purchase
from relmkt.exceptions import StoreFullError
from relmkt.stores import SQLite
from tests.bad_input.shop import EUR, NOW, ORDERS, held, opened
place = Path(sys.argv[1])
store = SQLite(place / "shop.db")
shop = opened(store)
room = lambda n: resource.setrlimit(resource.RLIMIT_FSIZE, (n, resource.RLIM_INFINITY))
orders = {"customer": [f"c{n}" for n in range(20_000)], "day": ["2026-01-01"] * 20_000,
          "order": [f"{n:08}" for n in range(20_000)], "total": ["10.00"] * 20_000}
room(600_000)
told = 0
try:
    while True:
        before = held(store)
        shop.record(Purchase("ada", NOW, EUR, id=f"news-{told}"))
        told += 1
except StoreFullError as error:
    print("record:", "shop.db" in str(error), held(store) == before)
try:
    shop.load(ORDERS.of(orders))
except StoreFullError as error:
    print("load:", "shop.db" in str(error), held(store) == before)
try:
    shop.review(NOW.add(days=1))
except StoreFullError:
    print("review: full")
room(resource.RLIM_INFINITY)
shop.record(Purchase("ada", NOW, EUR, id=f"news-{told}"))
print("again:", shop.load(ORDERS.of(orders)).accepted, len(shop.history("ada", Purchase)) == told + 2)
store.close()
"""


def test_a_full_disk_stops_record_and_load_with_nothing_half_written(tmp_path: Path) -> None:  # rule S10
    answer = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path], cwd=house.TOP, capture_output=True, text=True, timeout=200, check=False
    )
    assert not answer.stderr
    told = answer.stdout.splitlines()
    assert told[:2] == ["record: True True", "load: True True"]
    assert told[-1] == "again: 20000 True"
    with SQLite(tmp_path / "shop.db") as store:
        assert shop(store).load(ORDERS.of([])).accepted == 0


def test_what_was_there_before_a_refusal_is_there_after(tmp_path: Path) -> None:
    with SQLite(tmp_path / "shop.db") as store:
        program = opened(store)
        (tmp_path / "till.csv").write_text(GOOD)
        before = held(store)
        with pytest.raises(RelmktError):
            program.load(ORDERS.of(tmp_path / "till.csv"), "till.csv")
        assert held(store) == before
