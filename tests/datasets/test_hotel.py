"""Is the simulated hotel group what it says: the same from the same seed, as spoiled as stated, and known in truth?"""

import csv
import hashlib
import re
from datetime import datetime
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from relmkt.datasets import HotelGroup, hotel
from relmkt.datasets._hotel.source import DEFECTS

TABLES = {
    *("crs", "pms", "till", "loyalty", "survey", "messages", "holdouts", "mentions"),
    *("consents", "complaints", "referrals", "staff", "owners", "margins"),
}


@pytest.fixture(scope="module")
def group() -> HotelGroup:
    return hotel(1)


def digest(group: HotelGroup, name: str) -> str:
    """A short digest of a table's headings and texts."""
    table = group.tables[name]
    text = "\n".join("\t".join([heading, *column.tolist()]) for heading, column in table.items())
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def test_every_system_exports_a_table_of_equal_columns(group: HotelGroup) -> None:
    assert set(group.tables) == TABLES
    for name, table in group.tables.items():
        assert {len(column) for column in table.values()} == {group.rows(name)}
        assert len(group.truth.defect[name]) == group.rows(name)


def test_the_columns_of_the_joined_systems(group: HotelGroup) -> None:
    columns = {
        "crs": ("booking", "arrival", "hotel", "email", "guest"),
        "till": ("ticket", "closed", "total", "card"),
        "loyalty": ("joined", "card", "email", "mobile"),
        "survey": ("response", "date", "email", "hotel", "hotel.stay", "hotel.service", "recommend"),
    }
    assert all(set(names) <= set(group.tables[name]) for name, names in columns.items())


def test_there_are_so_many_guests(group: HotelGroup) -> None:
    assert len(np.unique(group.truth.people["person"])) == group.guests == 5_000
    assert group.rows("crs") > 9_000
    assert set(group.tables["crs"]["hotel"]) == {"Paris", "Lyon", "Nice"}


@pytest.mark.parametrize("name, defect, rate", [(n, d, r) for n, all_ in DEFECTS.items() for d, r in all_.items()])
def test_defects_come_at_their_stated_rates(group: HotelGroup, name: str, defect: str, rate: float) -> None:
    found = group.truth.defect[name]
    clean = len(found) - (found == "duplicate").sum()  # a duplicate adds a row
    assert abs((found == defect).sum() - clean * rate) <= 4 * sqrt(clean * rate * (1 - rate)) + 1


def test_nothing_is_spoiled_that_the_truth_does_not_mark(group: HotelGroup) -> None:
    stated = {name: set(rates) for name, rates in DEFECTS.items()}
    for name, defect in group.truth.defect.items():
        assert set(defect.tolist()) - {""} <= stated.get(name, set())
    clean = {name: group.truth.defect[name] == "" for name in group.tables}
    for name, column in (("crs", "arrival"), ("till", "closed"), ("loyalty", "joined"), ("survey", "date")):
        assert all(datetime.fromisoformat(text) for text in group.tables[name][column][clean[name]].tolist())
    scores = group.tables["survey"]["hotel.stay"][clean["survey"]].astype(int)
    assert scores.min() >= 1
    assert scores.max() == 10
    assert set(group.tables["till"]["currency"][clean["till"]]) == {"EUR"}


def test_broken_dates_are_no_dates(group: HotelGroup) -> None:
    broken = group.tables["crs"]["arrival"][group.truth.defect["crs"] == "broken date"].tolist()
    assert any(text.startswith("31/02/") for text in broken)
    for text in broken:
        with pytest.raises(ValueError, match=r"Invalid isoformat|day is out of range|month must be"):
            datetime.fromisoformat(text)


def test_addresses_are_variants_of_the_person_s_own(group: HotelGroup) -> None:
    people = group.truth.people
    own = {row[0]: {row[1], row[2]} for row in zip(*(people[c].tolist() for c in ("person", "email", "work email")))}
    for name in ("crs", "pms", "loyalty", "survey", "consents", "complaints"):
        rows = zip(
            *(c.tolist() for c in (group.truth.person[name], group.truth.defect[name], group.tables[name]["email"]))
        )
        for person, defect, mail in rows:
            assert (mail == "") == (defect == "missing e-mail")
            assert mail == "" or mail.strip().lower() in own[person]
            assert (mail != mail.strip().lower()) == (defect == "e-mail variant")


def test_a_duplicate_repeats_the_row_before_it(group: HotelGroup) -> None:
    for table, defect in ((group.tables[name], group.truth.defect[name]) for name in group.tables):
        copies = np.flatnonzero(defect == "duplicate")
        assert all((column[copies] == column[copies - 1]).all() for column in table.values())


def test_out_of_scale_answers_are_out_of_scale(group: HotelGroup) -> None:
    survey, wrong = group.tables["survey"], group.truth.defect["survey"] == "out of scale"
    assert all(
        {"-1", "11", "99"} & {one, two} for one, two in zip(survey["hotel.stay"][wrong], survey["recommend"][wrong])
    )


def test_the_rates_are_stated_with_the_group(group: HotelGroup) -> None:
    assert group.defect_rates["crs"]["duplicate"] == 0.004
    assert set(group.defect_rates) < TABLES


def test_the_documentation_names_every_column(group: HotelGroup) -> None:
    told = " ".join((HotelGroup.__doc__ or "").split())
    for name, table in group.tables.items():
        line = told.split(f"- `{name}`")[1].split(" - `")[0].replace(" (1 to 10)", "").replace(" (0 to 10)", "")
        assert line.split(": ", 1)[1].split(" >>>")[0].strip() == ", ".join(table)


def test_identifiers_tell_rows_apart(group: HotelGroup) -> None:
    first = {name: next(iter(group.tables[name])) for name in TABLES - {"holdouts", "margins", "loyalty"}}
    for name, column in first.items():
        kept = group.tables[name][column][group.truth.defect[name] != "duplicate"]
        assert len(np.unique(kept)) == len(kept)
    for column in ("email", "mobile"):
        assert len(np.unique(group.truth.people[column])) == 5_000
    cards = group.truth.people["card"][group.truth.people["card"] != ""]
    assert len(np.unique(cards)) == len(cards)


def test_nobody_can_be_met_written_to_or_rung(group: HotelGroup) -> None:
    assert all(mail.endswith(".example") for mail in group.truth.people["email"])
    fiction = re.compile(r"\+33(63998|19900|26191|35301|46571|53649)\d{4}")
    assert all(fiction.fullmatch(number) for number in group.truth.people["mobile"])


def test_the_same_seed_gives_the_same_tables_on_every_machine() -> None:
    pinned = {"crs": "b748bbdd1a5e", "till": "2074fef2b6f1", "survey": "0b50d1aa89a9", "messages": "46280c9ad6d8"}
    assert {name: digest(hotel(7, guests=300), name) for name in pinned} == pinned


def test_another_seed_gives_another_group() -> None:
    assert digest(hotel(7, guests=300), "crs") != digest(hotel(8, guests=300), "crs")


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    group = hotel(3, guests=200)
    paths = group.write(tmp_path / "exports")
    assert set(paths) == TABLES
    for name, path in paths.items():
        assert path.name == f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            heading, *rows = csv.reader(stream)
        assert heading == list(group.tables[name])
        assert rows == [list(row) for row in zip(*(c.tolist() for c in group.tables[name].values()))]


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = hotel(3, guests=100).write(tmp_path / "one"), hotel(3, guests=100).write(tmp_path / "two")
    assert all(one[name].read_bytes() == two[name].read_bytes() for name in TABLES)


@pytest.mark.parametrize("guests", [1, 2, 5])
def test_the_smallest_groups_stand(guests: int, tmp_path: Path) -> None:
    for seed in range(12):
        assert len(hotel(seed, guests=guests).write(tmp_path)) == len(TABLES)


@pytest.mark.parametrize("seed, guests", [(-1, 10), (1, 0)])
def test_a_group_without_seed_or_guests_is_refused(seed: int, guests: int) -> None:
    with pytest.raises(ValueError, match="at least one guest"):
        hotel(seed, guests=guests)


def test_it_says_that_it_is_simulated(group: HotelGroup) -> None:
    for text in (str(group), repr(group), group._repr_html_()):
        assert "SIMULATED" in text
        assert "seed 1" in text
        assert not re.search(r"@|\+33", text)
    assert len(str(group).splitlines()) == 15
    assert "@" not in repr(group.truth)
