"""Program 11: a kind of fact of one's own, and with it a tally, a measure, a facet, a rule and a clause of the gate."""

from attrs import evolve, frozen
from pendulum import datetime

from relmkt import (
    ConsentGiven,
    Contact,
    Fact,
    Gate,
    Measure,
    Policy,
    Profile,
    Program,
    Refusal,
    Segment,
    Trigger,
    count,
    days,
    total,
)
from relmkt.stores import SQLite


@frozen
class Stay(Fact):
    hot = ("nights", "hotel")  # the number and the label that stores keep as columns
    nights: int
    hotel: str


@frozen
class Streak:
    reads = (Stay,)  # the kinds this facet folds
    years: int = 0
    last: int = 0

    def after(self, fact: Fact) -> "Streak":
        year = fact.at.local("Europe/Paris").year
        if year == self.last:
            return self
        return evolve(self, years=self.years + 1 if year == self.last + 1 else 1, last=year)


def no_august(action, customer, address, at):  # a clause of the gate is any function of these four
    day = at.local("Europe/Paris")
    if day.month == 8:
        return Refusal(action, "closed in August", until=day.add(months=1).start_of("month"))


nights = total(Stay, "nights", within=days(365))
length = (nights / count(Stay, within=days(365))).named("nights a stay")
streak = Measure("years in a row", Streak(), lambda s, at: s.years)
faithful = Segment("faithful", (streak >= 3) & (length >= 2) & ~(count(Stay, hotel="Lyon") >= 1))
invite = Trigger("invite", faithful, Contact("mail", "Come to Lyon, {name}", purpose="news"), once="ever")
group = Program(SQLite("group.db"), Policy(invite), gate=Gate(no_august))
print(repr(faithful))
# faithful: (years in a row >= 3) & (nights a stay >= 2) & ~(count(Stay, hotel='Lyon') >= 1)


# --- three guests who come every year ------------------------------------------------------------------------------
for guest, month, hotel in (("ada", 5, "Paris"), ("bob", 8, "Paris"), ("cleo", 5, "Lyon")):
    begun, yes = datetime(2023, 1, 1), {"wording": "Yes, send me the news", "source": "desk", "actor": guest}
    group.record(
        Profile(guest, begun, {"name": guest.title(), "mail": f"{guest}@example.org"}, source="desk"),
        ConsentGiven(guest, begun, "news", "mail", **yes),
    )
    for year in (2023, 2024, 2025):
        arrival = datetime(year, month, 3, tz="Europe/Paris")
        outcome = group.record(Stay(guest, arrival, nights=3, hotel=hotel, id=f"{guest}-{year}"))
    print(guest, *outcome.planned, *outcome.refused)
    # ada invite: mail, due 2025-05-02T22:00:00+00:00
    # bob refused: closed in August, accepted from 2025-08-31T22:00:00+00:00
    # cleo
    assert len(outcome.planned) == (guest == "ada")
    assert [refusal.rule for refusal in outcome.refused] == ["closed in August"] * (guest == "bob")

assert repr(faithful).endswith("(years in a row >= 3) & (nights a stay >= 2) & ~(count(Stay, hotel='Lyon') >= 1)")
assert group.customer("ada").ask(streak) == 3
print(group.explain("cleo", faithful, at=outcome.at))
group.store.close()
