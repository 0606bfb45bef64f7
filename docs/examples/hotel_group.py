"""Program 3: a hotel group joins four systems, sets its own ladder, reads satisfaction by hotel.

The files are exports of the simulated hotel group: no such guest or stay exists. Added to them are one guest, Ada, in
all four, and what goes wrong in every export: three reservations told twice, two on a day that no calendar has, and two
answers of 11 to a question from 0 to 10.
"""

import csv
from collections import Counter
from pathlib import Path

from pendulum import datetime

from relmkt import (
    Answer,
    Ladder,
    Mapping,
    Portfolio,
    Profile,
    Program,
    Purchase,
    Recommendation,
    Segment,
    Visit,
    col,
    count,
    days,
    everyone,
    newest,
)
from relmkt.customers import Identifier
from relmkt.datasets import hotel
from relmkt.satisfaction import HOTEL_STAY, NPS_QUESTION, Questionnaire, nps
from relmkt.stores import SQLite

# --- crs.csv, till.csv, loyalty.csv, survey.csv: made, where a group has its own -------------------------------------
simulated = hotel(1, guests=1_500)
mail, card = "ada@example.org", "4411"
ada = {
    "crs": [
        {"booking": f"A{n}", "arrival": f"{day}T15:00", "hotel": "Lyon", "email": mail, "guest": "Ada Byron"}
        for n, day in enumerate(("2025-05-02", "2025-09-19", "2026-03-06"))
    ],
    "till": [{"ticket": "A0", "closed": "2026-03-07T20:30", "total": "64.50", "card": card}],
    "loyalty": [{"joined": "2025-05-04", "card": card, "email": "Ada@Example.org", "mobile": "+33 6 39 98 00 01"}],
    "survey": [{"response": "A0", "date": "2026-03-09", "email": mail, "hotel": "Lyon", "recommend": "10"}],
}


def exported(name: str) -> list[dict[str, str]]:
    """The rows of a system that are as they should be; of the tills, those on which a card was shown."""
    columns = simulated.tables[name]
    sound = simulated.truth.defect[name] == ""
    sound = sound & (columns["card"] != "") if name == "till" else sound
    parts = [column[sound].tolist() for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*parts, strict=True)]


def spoiled(name: str, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows with what goes wrong."""
    if name == "crs":
        for line in (88, 501):  # the first row stands in line 2
            rows.insert(line - 2, rows[line] | {"booking": f"X{line}", "arrival": "31/02/2026"})
        return rows + rows[40:43]
    if name == "survey":
        for row in [row for row in rows if row["hotel"] == "Paris"][:2]:
            row["recommend"] = "11"
    return rows


tables = {name: spoiled(name, exported(name)) + hers for name, hers in ada.items()}
for name, rows in tables.items():
    with Path(f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, list(simulated.tables[name]), restval="")
        out.writeheader()
        out.writerows(rows)

# --- group.db: holds what the website has recorded already -----------------------------------------------------------
word = Mapping(Recommendation, source="site", id=col("referral"), at=col("at"), who={"mail": col("email")})
Program(SQLite("group.db")).load(word.of(simulated.tables["referrals"]))

# --- the program -----------------------------------------------------------------------------------------------------
paris = "Europe/Paris"
stays = Mapping(
    Visit,
    source="crs",
    id=col("booking"),
    at=col("arrival"),
    zone=paris,
    place=col("hotel"),
    who={"mail": col("email"), "name": col("guest")},
)
bills = Mapping(
    Purchase,
    source="till",
    id=col("ticket"),
    at=col("closed"),
    zone=paris,
    amount=col("total"),
    currency="EUR",
    who={"card": col("card")},
)
cards = Mapping(
    Profile,
    source="loyalty",
    at=col("joined"),
    zone=paris,
    who={"card": col("card"), "mail": col("email"), "phone": col("mobile")},
)
asked = Questionnaire("after stay", *HOTEL_STAY.items, NPS_QUESTION)
survey = asked.mapping(
    source="survey", id=col("response"), at=col("date"), zone=paris, about=col("hotel"), who={"mail": col("email")}
)

group = Program(SQLite("group.db"))
files = [stays.of("crs.csv"), bills.of("till.csv"), cards.of("loyalty.csv"), survey.of("survey.csv")]
print(group.load(*files, dry=True))
group.load(*files)

regular = Segment("regular", count(Visit, within=days(730)) >= 3)
fond = Segment("fond", regular & (newest(Answer, "score", item="hotel.stay") >= 9))
advocate = Segment("advocate", regular & (count(Recommendation) >= 1))
ladder = Ladder("guests", Segment("prospect", everyone), Segment("guest", count(Visit) >= 1), regular, fond, advocate)

base = Portfolio(group.store, at=datetime(2026, 7, 1))
print(base.count(ladder))
print(base.explain(Identifier("mail", "ada@example.org"), ladder))
print(nps(base.facts(Answer), by="about"))

# --- what holds ------------------------------------------------------------------------------------------------------
empty = Program(SQLite("empty.db"))
dry = empty.load(*files, dry=True)
assert not len(Portfolio(empty.store, at=base.at))  # a dry run writes nothing
crs, till, loyalty, answers = dry.files
places = [(error.place, error.got) for error in crs.refused]
assert places == [(f"crs.csv line {line}, at", "not a date: '31/02/2026'") for line in (88, 501)]
assert len(crs.lines) == 3  # lines that repeat another one
assert [file.refused for file in (till, loyalty, answers)] == [()] * 3
again = group.load(*files)
assert (again.accepted, again.repeated) == (0, dry.accepted + dry.repeated)

hers = group.history(Identifier("phone", "+33639980001"))  # one person, however she is named
assert [fact.source for fact in hers if not isinstance(fact, Profile)] == ["crs"] * 3 + ["till"] + ["survey"] * 3
assert {fact.source for fact in hers} == {"crs", "till", "loyalty", "survey"}
for row in tables["loyalty"][:25]:
    by_card = group.customer(Identifier("card", row["card"]))
    assert by_card == group.customer(Identifier("mail", row["email"]))

standing = base.count(ladder)
assert list(standing) == ["prospect", "guest", "regular", "fond", "advocate"]
assert min(standing.values()) > 0
assert sum(standing.values()) == len(base)
why = str(base.explain(Identifier("card", card), ladder))
assert "regular since 2026-03-06" in why
assert "unknown  fond" in why  # she left the question on the stay blank: no answer is not a low one

score = nps(base.facts(Answer), by="about")
for name in ("Lyon", "Nice", "Paris"):
    votes = [int(row["recommend"]) for row in tables["survey"] if row["hotel"] == name and row["recommend"]]
    sorts = Counter("promoter" if vote > 8 else "detractor" for vote in votes if vote < 7 or vote in (9, 10))
    n = sum(vote <= 10 for vote in votes)
    assert score[name].n == n
    assert abs(score[name].value - 100 * (sorts["promoter"] - sorts["detractor"]) / n) < 1e-9
    assert score[name].low < score[name].value < score[name].high
assert score["Paris"].invalid == 2
