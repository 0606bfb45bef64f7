"""What a load says of a file: its rows, which add up, and a line for each sort of fault."""

from pathlib import Path

from pendulum import datetime

from relmkt import Mapping, Portfolio, Program, Visit, col
from relmkt.facts import Answer
from relmkt.satisfaction import HOTEL_STAY, NPS_QUESTION, Questionnaire, nps
from relmkt.stores import Memory

STAYS = Mapping(Visit, id=col("id"), at=col("day"), place="Lyon", who={"mail": col("mail"), "name": col("name")})
ASKED = Questionnaire("stay", *HOTEL_STAY.items, NPS_QUESTION).mapping(
    id=col("id"), at=col("day"), about="Lyon", who={"mail": col("mail"), "name": col("name")}
)


def test_a_row_is_one_however_many_facts_it_tells(tmp_path: Path) -> None:
    crs, survey = tmp_path / "crs.csv", tmp_path / "survey.csv"
    crs.write_text(
        "id,day,mail,name\nb1,2026-01-02,a@x.org,Ada\nb2,2026-01-03,b@x.org,Bob\nb1,2026-01-02,a@x.org,Ada\n"
    )
    survey.write_text(
        "id,day,mail,name,hotel.stay,hotel.service,recommend\nr1,2026-01-04,a@x.org,Ada,9,,11\n"
        "r2,2026-01-05,b@x.org,Bob,8,7,10\nr2,2026-01-05,b@x.org,Bob,8,7,10\nr3,31/02/2026,b@x.org,Bob,1,1,1\n"
    )
    shop = Program(Memory())
    dry = shop.load(STAYS.of(crs), ASKED.of(survey), dry=True)
    first, again = (shop.load(STAYS.of(crs), ASKED.of(survey)) for _ in range(2))
    for report in (dry, first):
        assert [(file.accepted, file.repeated, len(file.refused)) for file in report.files] == [(2, 1, 0), (2, 1, 1)]
        assert [file.lines for file in report.files] == [(4,), (4,)]
    assert first.facts == 2 * 2 + 2 * (3 + 1)
    assert [(file.accepted, file.repeated, file.facts) for file in again.files] == [(0, 3, 0), (0, 3, 0)]
    assert "n = 1, 1 invalid (" in str(nps(Portfolio(shop.store, at=datetime(2026, 7, 1)).facts(Answer)))


def test_each_sort_of_fault_is_told_once(tmp_path: Path) -> None:
    crs = tmp_path / "crs.csv"
    nameless = "".join(f"b{n},2026-01-02,,Ada\n" for n in range(40))
    crs.write_text(f"id,day,mail,name\n{nameless}c1,31/02/2026,a@x.org,Ada\n")
    told = str(Program(Memory()).load(STAYS.of(crs)))
    assert "41 refused (line 2, subject: got no identifier, expected one of mail, and 39 more; line 42, at: " in told
