"""A file with a broken line: the line has its verdict, the others are taken, and a file that is none writes nothing."""

from pathlib import Path

import pytest

from relmkt import Money, Portfolio, Program, Purchase
from relmkt.exceptions import InvalidFactError
from relmkt.stores import Memory, SQLite
from tests.bad_input.shop import EUR, GOOD, HEADER, NOW, ORDERS, held, opened

LINES: dict[str, tuple[str | bytes, str, int]] = {
    "a quotation mark left open": (
        'bob,2026-01-02,"o-2,5.00\ncleo,2026-01-03,o-3,6.00\n',
        "row: got a quotation mark that is never closed, and 1 further line in it, expected fields as in RFC 4180",
        1,
    ),
    "a quotation mark in the wrong place": (
        'bob,2026-01-02,"o"2,5.00\ncleo,2026-01-03,o-3,6.00\n',
        "row: got text behind a closing quotation mark, expected fields as in RFC 4180",
        2,
    ),
    "too few fields": (
        "bob,2026-01-02,o-2\ncleo,2026-01-03,o-3,6\n",
        "row: got 3 fields, expected 4 as in the header",
        2,
    ),
    "too many fields": ("bob,2026-01-02,o-2,5,9\n", "row: got 5 fields, expected 4 as in the header", 1),
    "a field without end": (
        f"{'x' * 200_000},2026-01-02,o-2,5\n",
        "row: got a field that cannot be read, expected fields of at most 131,072 characters",
        1,
    ),
    "not UTF-8": (b"Zo\xeb,2026-01-02,o-2,5\n", "row: got bytes that are not UTF-8, expected text in UTF-8", 1),
    "a NUL byte in a name": (
        "bo\0b,2026-01-02,o-2,5\n",
        "subject: got a text with NUL, expected a text without NUL",
        1,
    ),
    "a NUL byte for an id": ("bob,2026-01-02,\0,5\n", "id: got a text with NUL, expected a text without NUL", 1),
    "no name": (",2026-01-02,o-2,5\n", "subject: got no name, expected a name of printable characters", 1),
    "no id": ("bob,2026-01-02,,5\n", "id: got an empty text, expected the source's own id", 1),
    "no such day": ("bob,31/02/2026,o-2,5\n", "at: got not a date: '31/02/2026', expected an ISO 8601 date", 1),
    "a day to come": (
        "bob,2027-01-02,o-2,5\n",
        "at: got an instant of the far future, expected one that has passed",
        1,
    ),
    "an amount in words": (
        "bob,2026-01-02,o-2,five\n",
        "amount: got a text, expected a finite decimal number such as '49.90'",
        1,
    ),
    "a tenth of a cent": ("bob,2026-01-02,o-2,5.005\n", "amount: got too many decimals, expected at most 2 for EUR", 1),
    "a negative amount": (
        "bob,2026-01-02,o-2,-5\n",
        "amount: got a negative amount, expected zero or more: a refund is a Return",
        1,
    ),
    "an id told twice": (
        "ada,2026-01-01,o-1,11.00\n",
        "id: got the id of line 2 with other content, expected one of its own",
        1,
    ),
}


def written(place: Path, text: str | bytes) -> Path:
    path = place / "till.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture(params=["memory", "sqlite"])
def known(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    return opened(Memory() if request.param == "memory" else SQLite(tmp_path / "shop.db"))


@pytest.mark.parametrize("name", LINES)
def test_a_broken_line_has_its_verdict_and_the_others_are_taken(name: str, known: Program, tmp_path: Path) -> None:
    told, verdict, accepted = LINES[name]
    path = written(tmp_path, GOOD.encode() + (told if isinstance(told, bytes) else told.encode()))
    before = held(known.store)
    dry = known.load(ORDERS.of(path), dry=True)
    assert held(known.store) == before
    report = known.load(ORDERS.of(path))
    assert str(dry.files[0]) == str(report.files[0])
    assert [str(error) for error in report.files[0].refused] == [f"till.csv line 3, {verdict}"]
    assert report.accepted == accepted
    assert [fact.id for fact in known.history("ada")][:1] == ["o-1"]
    again = known.load(ORDERS.of(path))
    assert (again.accepted, again.repeated, again.refused) == (0, accepted, 1)


def test_a_portfolio_names_the_first_line_at_fault(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD + "bob,31/02/2026,o-2,5\n")
    with pytest.raises(InvalidFactError, match=r"^till.csv line 3, at: got not a date"):
        Portfolio(ORDERS.of(path), at=NOW)


FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "till.csv line 1: got nothing, expected a header that names the columns"),
    "blank": ("\n\n", "till.csv line 1: got nothing, expected a header that names the columns"),
    "a column short": (
        "customer,day,order\nada,2026-01-01,o-1\n",
        "till.csv: got no column 'total', expected every column that the mapping names",
    ),
    "a column twice": (
        "customer,customer,day,order,total\nada,bob,2026-01-01,o-1,1\n",
        "till.csv: got column 'customer' more than once, expected one column of each name that is read",
    ),
    "UTF-16": (
        GOOD.encode("utf-16"),
        "till.csv line 1: got bytes that are not UTF-8, expected a header in UTF-8 that names the columns",
    ),
    "a picture": (
        bytes(range(256)) * 40,
        "till.csv line 1: got bytes that are not UTF-8, expected a header in UTF-8 that names the columns",
    ),
    "a header left open": (
        '"customer,day,order,total\nada,2026-01-01,o-1,10\n',
        "till.csv line 1: got a quotation mark that is never closed, expected a header that names the columns",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none_writes_nothing_of_the_others_either(name: str, known: Program, tmp_path: Path) -> None:
    told, words = FILES[name]
    good = tmp_path / "good.csv"
    good.write_text(GOOD)
    before = held(known.store)
    with pytest.raises(InvalidFactError) as caught:
        known.load(ORDERS.of(good), ORDERS.of(written(tmp_path, told)))
    assert str(caught.value) == words
    assert held(known.store) == before


def test_a_file_with_a_header_alone_is_no_fault(known: Program, tmp_path: Path) -> None:
    before = held(known.store)
    assert str(known.load(ORDERS.of(written(tmp_path, HEADER)))) == "till.csv: 0 accepted, 0 repeated, 0 refused"
    assert held(known.store) == before


def test_no_file_is_an_error_of_the_system_that_names_it(known: Program, tmp_path: Path) -> None:
    before = held(known.store)
    with pytest.raises(FileNotFoundError, match=r"none\.csv"):
        known.load(ORDERS.of(tmp_path / "none.csv"))
    assert held(known.store) == before


def test_an_id_that_the_store_holds_with_other_content_is_refused(known: Program, tmp_path: Path) -> None:
    known.load(ORDERS.of(written(tmp_path, GOOD)))
    path = written(tmp_path, HEADER + "bob,2026-01-01,o-7,5\nada,2026-01-01,o-1,11.00\nada,2026-01-03,o-8,5\n")
    dry, report = known.load(ORDERS.of(path), dry=True), known.load(ORDERS.of(path))
    words = "till.csv line 3, id: got an id that is known with other content, expected one of its own"
    for verdict in (dry, report):
        assert (verdict.accepted, verdict.repeated, verdict.refused) == (2, 0, 1)
        assert str(verdict.files[0].refused[0]) == words
    assert [fact.amount for fact in known.history("ada", Purchase) if fact.id == "o-1"] == [EUR]


def test_facts_whose_id_is_known_with_other_content_are_refused(known: Program) -> None:
    day, other = NOW.subtract(days=10), Money("11", "EUR")
    report = known.load([Purchase("bob", day, EUR, id="o-1"), Purchase("ada", day, other, id="order-1")])
    assert (report.accepted, report.repeated) == (1, 0)
    words = "facts 1, Purchase, id: got an id that is known with other content, expected one of its own"
    assert [str(error) for error in report.files[0].refused] == [words]


def test_columns_of_different_lengths_and_rows_of_another_sort(known: Program) -> None:
    before = held(known.store)
    columns = {"customer": ["ada", "bob"], "day": ["2026-01-01"], "order": ["a", "b"], "total": ["1", "2"]}
    with pytest.raises(InvalidFactError, match="columns of different lengths"):
        known.load(ORDERS.of(columns))
    with pytest.raises(TypeError, match="expected a path, rows"):
        known.load(ORDERS.of(3))
    report = known.load(ORDERS.of([{"customer": 7, "day": 3.5, "order": None, "total": []}]))
    assert report.refused == 1
    assert held(known.store) == before
