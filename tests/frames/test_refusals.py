"""What a frame cannot answer it refuses by name, before any job starts; and how it never asks an engine."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from attrs import frozen

import relmkt.frames
from relmkt.exceptions import InvalidFactError, UnsupportedError
from relmkt.facts import Answer, ConsentGiven, Fact, Profile, Purchase, Visit
from relmkt.frames import Frame
from relmkt.ladders import Ladder, Segment
from relmkt.mapping import Mapping, col
from relmkt.rules import Measure, everyone
from relmkt.tallies import count, newest, total
from relmkt.windows import Instant

AT = Instant("2026-07-01T00:00:00Z")
SOURCES = [Path(place) for place in Path(relmkt.frames.__file__).parent.glob("*.py")]


@frozen
class Streak:
    """A hand-written facet: how many visits in a row were to the same place."""

    reads = (Visit,)
    place: str = ""
    n: int = 0

    def after(self, fact: Any) -> "Streak":
        return Streak(fact.place, self.n + 1 if fact.place == self.place else 1)


@frozen
class Staffed(Fact):
    """Happens to a member of staff."""

    subject_kind = "staff"


streak = Measure("visits in a row", Streak(), lambda facet, at: facet.n)
visits = Mapping(Visit, subject=col("who"), at=col("day"), place=col("hotel"))
ROWS = {"who": ["ada"], "day": [pd.Timestamp("2026-03-01")], "hotel": ["Lyon"], "n": [1.5]}


def broken() -> duckdb.DuckDBPyRelation:
    """A relation that raises as soon as a job reads it."""
    fails = "error('a job was started')"
    return duckdb.sql(f"SELECT {fails}::TEXT AS who, {fails}::TIMESTAMP AS day, {fails}::TEXT AS hotel FROM range(9)")


@pytest.mark.parametrize(
    "asked",
    [
        streak,
        streak >= 2,
        (count(Visit) >= 1) & ~(streak >= 2),
        Segment("s", streak.known()),
        streak.is_(2),
        count(Visit) / streak,
        streak.scored([1, 2], name="s"),
        Ladder("l", Segment("a", everyone), Segment("b", streak > 1)),
    ],
)
def test_a_hand_written_facet_is_refused_by_name(asked: Any) -> None:
    # rule E04
    frame = Frame(visits.of(broken()), at=AT)
    for verb in (frame.ask, frame.columns):
        with pytest.raises(UnsupportedError, match="visits in a row reads Streak"):
            verb(asked)


def test_selecting_and_counting_refuse_too() -> None:
    # rule E04
    frame = Frame(visits.of(broken()), at=AT)
    with pytest.raises(UnsupportedError, match="Streak"):
        frame.select(streak >= 2)
    with pytest.raises(UnsupportedError, match="Streak"):
        frame.count(everyone, Segment("s", streak >= 2))


def test_asking_starts_no_job() -> None:
    """A lazy engine's answer is lazy; this guard would see a job."""
    answer = Frame(visits.of(broken()), at=AT).columns(count(Visit, place="Lyon"))
    assert isinstance(answer, duckdb.DuckDBPyRelation)
    with pytest.raises(duckdb.Error, match="a job was started"):
        answer.fetchall()


def test_ladder_held_is_refused() -> None:
    # rule E04: the accepted moves are a facet
    with pytest.raises(UnsupportedError, match="Held"):
        Frame(visits.of(broken()), at=AT).select(Ladder("l", Segment("a", everyone)).held.is_("a"))


@pytest.mark.parametrize(
    "mapping, says",
    [
        (Mapping(Visit, who={"mail": col("who")}, at=col("day")), "subject="),
        (Mapping(Visit, subject=col("who"), at=col("hotel")), "make it a date"),
        (Mapping(Purchase, subject=col("who"), at=col("day"), amount=col("hotel"), currency="EUR"), "amount"),
        (Mapping(Answer, subject=col("who"), at=col("day"), item="x", score=col("hotel")), "score"),
        (Mapping(Visit, subject=col("who"), at=col("day"), place=col("day")), "place"),
        (
            Mapping(
                ConsentGiven,
                subject=col("who"),
                at=col("day"),
                purpose="news",
                channel="mail",
                wording="Yes",
                actor="ada",
                source="web",
            ),
            "checks its facts in Python",
        ),
    ],
)
def test_what_no_expression_tells_is_refused_at_once(mapping: Mapping, says: str) -> None:
    # rule E04
    with pytest.raises(UnsupportedError, match=says):
        Frame(mapping.of(pl.DataFrame(ROWS)), at=AT)


def test_ties_are_settled_by_id_or_refused() -> None:
    # rule E02: of two facts of one instant nothing else says which is newer
    frame = Frame(visits.of(broken()), at=AT)
    with pytest.raises(UnsupportedError, match="states no id="):
        frame.ask(newest(Visit, "place"))
    with pytest.raises(UnsupportedError, match="states no id="):
        frame.ask(count(Visit, id="7"))


def test_profiles_told_beside_are_refused() -> None:
    beside = Mapping(Visit, subject=col("who"), at=col("day"), id=col("hotel"), who={"city": col("hotel")})
    with pytest.raises(UnsupportedError, match="told beside Visit"):
        Frame(beside.of(pl.DataFrame(ROWS)), at=AT).ask(count(Profile))


def test_slips_of_the_programmer() -> None:
    polars, pandas = pl.DataFrame(ROWS), pd.DataFrame(ROWS)
    for wrong in ((), (polars,), (visits.of([{"who": "ada"}]),), (visits.of("stays.csv"),)):
        with pytest.raises(TypeError, match="Frame takes"):
            Frame(*wrong, at=AT)
    with pytest.raises(TypeError, match="one engine"):
        Frame(visits.of(polars), visits.of(pandas), at=AT)
    with pytest.raises(TypeError, match="one engine"):
        Frame(visits.of(polars), visits.of(polars.lazy()), at=AT)
    with pytest.raises(TypeError, match="customers"):
        Frame(Mapping(Staffed, subject=col("who"), at=col("day")).of(polars), at=AT)
    with pytest.raises(InvalidFactError, match="no column 'city'"):
        Frame(Mapping(Visit, subject=col("who"), at=col("day"), place=col("city")).of(polars), at=AT)
    frame = Frame(visits.of(polars), at=AT)
    with pytest.raises(TypeError, match="no members"):
        frame.count(count(Visit))
    with pytest.raises(ValueError, match="one name"):
        frame.columns(count(Visit), count(Visit))
    with pytest.raises(ValueError, match="one name"):
        frame.columns(Customer=count(Visit))
    with pytest.raises(TypeError, match="adds up text"):
        frame.ask(total(Visit, "place"))


def test_a_frame_is_a_sight() -> None:
    frame = Frame(visits.of(pl.DataFrame(ROWS)), at=AT)
    assert frame.true(count(Visit) >= 1).to_dicts() == [{"customer": "ada", "true": True}]
    assert frame.door(count(Visit)).to_dicts() == [{"customer": "ada", "count(Visit)": 1.0}]
    assert frame.standing((("a", everyone),)).to_dicts() == [{"customer": "ada", "standing": "a"}]
    assert frame.ask(Ladder("l", Segment("a", everyone))).to_dicts() == [{"customer": "ada", "l": "a"}]
    assert frame.select(everyone).to_dicts() == [{"customer": "ada"}]
    assert frame.count() == {}
    assert repr(frame).startswith("Frame(Mapping(Visit, place), polars DataFrame")


BANNED = {
    "n_unique",
    "over",
    "Duration",
    "timedelta",
    "offset_by",
    "total_seconds",
    "total_microseconds",
    "dt_offset_by",
}


def asked_of_engines(tree: ast.Module) -> list[str]:
    """Names that would count distinct values, open a window, or reckon with durations."""
    found = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    found += [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    found += [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    return [name for name in found if name in BANNED]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_engines_are_not_asked_for_what_they_answer_differently(path: Path) -> None:
    # rule E03
    assert not asked_of_engines(ast.parse(path.read_text(encoding="utf-8")))


def test_that_guard_catches() -> None:
    text = (
        "from datetime import timedelta\nx = nw.col('a').max().over('b')\ny = nw.col('a').n_unique()\nz = nw.Duration"
    )
    assert len(asked_of_engines(ast.parse(text))) == 4
    assert len(SOURCES) > 5


def test_without_narwhals_the_extra_is_named() -> None:
    # rule X21
    hidden = "import sys\nsys.modules['narwhals'] = None\nimport relmkt.frames"
    answer = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, check=False)
    assert "ImportError: frames need narwhals: pip install relmkt[frames]" in answer.stderr
