"""A questionnaire: its labels, and its wide rows told as one answer an item."""

from pathlib import Path

import pytest

from relmkt.facts import Answer, Profile
from relmkt.mapping import col
from relmkt.portfolio import Portfolio
from relmkt.satisfaction import HOTEL_STAY, NPS_QUESTION, Questionnaire, nps
from relmkt.scales import Scale
from relmkt.windows import Instant

CSV = """response,date,email,hotel,stay,hotel.service,recommend
R1,2026-03-01,ada@example.org,Lyon,9,10,10
R2,2026-03-02,bob@example.org,Nice,2,,3
R3,31/02/2026,cleo@example.org,Nice,5,5,5
R4,2026-03-04,dan@example.org,Nice,ten,5,5
R5,2026-03-05,eve@example.org,Lyon,11,5,9
"""
ASKED = Questionnaire("after stay", *HOTEL_STAY.items, NPS_QUESTION)
SURVEY = ASKED.mapping(
    source="survey", id=col("response"), at=col("date"), zone="Europe/Paris", about=col("hotel"),
    who={"mail": col("email")}, columns={"hotel.stay": "stay"},
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "survey.csv"
    file.write_text(CSV, encoding="utf-8")
    return file


def test_labels_of_the_hotel_form() -> None:
    scale = HOTEL_STAY.items[0].scale  # F30, KA-047
    told = {step: scale.label(step) for step in range(12)}
    assert {told[10], told[9]} == {"very satisfied"}
    assert {told[8], told[7]} == {"satisfied"}
    assert {told[6], told[5]} == {"neither satisfied nor dissatisfied"}
    assert {told[4], told[3]} == {"not satisfied"}
    assert {told[2], told[1]} == {"not satisfied at all"}
    assert told[0] == told[11] == ""
    assert scale.valid([0, 11]).tolist() == [False, False]
    assert scale == Scale(1, 10, labels=dict(scale.labels))


def test_a_row_is_an_answer_an_item(path: Path) -> None:
    lines = list(SURVEY.of(path).facts())
    assert [line.accepted for line in lines] == [True, True, False, False, True]
    ada = [fact for fact in lines[0].facts if isinstance(fact, Answer)]
    assert [(fact.item, fact.score, fact.about, fact.id, fact.source) for fact in ada] == [
        ("hotel.stay", 9, "Lyon", "R1/hotel.stay", "survey"),
        ("hotel.service", 10, "Lyon", "R1/hotel.service", "survey"),
        ("recommend", 10, "Lyon", "R1/recommend", "survey"),
    ]
    assert str(ada[0].at) == "2026-02-28T23:00:00+00:00"  # midnight in Paris
    assert len({fact.subject for fact in ada}) == 1


def test_an_empty_cell_is_asked_and_not_answered(path: Path) -> None:
    bob = {fact.item: fact.score for fact in list(SURVEY.of(path).facts())[1].facts if isinstance(fact, Answer)}
    assert bob == {"hotel.stay": 2, "hotel.service": None, "recommend": 3}  # rule R40


def test_faults_name_the_line_and_the_column(path: Path) -> None:
    errors = [str(line.error) for line in SURVEY.of(path).facts() if line.error is not None]
    assert errors[0].startswith("survey.csv line 4, at: ")
    assert errors[1].startswith("survey.csv line 5, stay: ")
    with pytest.raises(ValueError, match="line 4"):
        SURVEY.of(path).table()


def test_a_store_takes_the_accepted_rows_in(path: Path) -> None:
    told = SURVEY.of(path).bulk()
    assert len(told) == 9
    assert told.lines[:4] == [2, 2, 2, 3]
    assert told.ids[3] == "R2/hotel.stay"
    assert list(told.number[:5]) == [9, 10, 10, 2, None]
    assert list(told.label[:3]) == ["hotel.stay", "hotel.service", "recommend"]
    assert len(told.refused) == 2
    assert Instant(int(told.at[0])) == Instant(int(told.at[2]))


def test_what_is_stated_of_the_person_is_told_once() -> None:
    mapping = ASKED.mapping(at=col("date"), who={"mail": col("email"), "name": col("guest")})
    row = {
        "date": "2026-03-01",
        "email": "ada@example.org",
        "guest": "Ada",
        "hotel.stay": 9,
        "hotel.service": 8,
        "recommend": 9,
    }
    told = mapping.of([row])
    kinds = [type(fact) for line in told.facts() for fact in line.facts]
    assert kinds == [Profile, Answer, Answer, Answer]
    assert len(told.bulk().profiles) == 1


def test_from_rows_to_scores(path: Path) -> None:
    rows = [
        {"response": f"R{n}", "date": "2026-03-01", "email": f"g{n}@example.org", "hotel": hotel, "stay": 5,
         "hotel.service": 5, "recommend": score}
        for n, (hotel, score) in enumerate([("Lyon", 10), ("Lyon", 3), ("Nice", 9), ("Nice", 12)])
    ]  # fmt: skip
    base = Portfolio(SURVEY.of(rows), at=Instant(2_000_000_000_000_000))
    told = nps(base.facts(Answer), by="about")
    assert told.value.tolist() == [0, 100]
    assert told.invalid.tolist() == [0, 1]


def test_names_of_a_questionnaire_are_its_own() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Questionnaire("empty")
    with pytest.raises(ValueError, match="name of its own"):
        Questionnaire("twice", NPS_QUESTION, NPS_QUESTION)
    with pytest.raises(ValueError, match="which it does not ask"):
        ASKED.mapping(at=col("date"), subject=col("guest"), columns={"stay": "hotel.stay"})
    with pytest.raises(TypeError, match="subject="):
        ASKED.mapping(at=col("date"))
