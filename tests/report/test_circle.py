"""When has a contact fed the circle? When something came back that names it, or when it changed the next decision."""

from datetime import UTC, datetime

from relmkt.channels import Outbox
from relmkt.contact import Contact, Reply, Started
from relmkt.decisions import Policy, Trigger, no_reply
from relmkt.facts import ConsentGiven, Profile, Purchase
from relmkt.money import Money
from relmkt.program import Program
from relmkt.report import Report
from relmkt.report._ground import Ground
from relmkt.report._scorecard import circle, reachable
from relmkt.stores import Memory
from relmkt.windows import days, instant

DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


def shop(*triggers: object) -> Program:
    program = Program(Memory(), Policy(*triggers), {"mail": Outbox("mail")}, clock=lambda: DAY)
    for who in ("ada", "bob"):
        program.record(
            Profile(who, DAY, {"mail": f"{who}@example.org"}, source="form"),
            ConsentGiven(who, DAY, "care", "mail", wording="yes", source="form", actor=who),
        )
        program.record(Purchase(who, DAY, Money("20", "EUR"), id=f"order-{who}"))
    program.dispatch()
    program.review()
    return program


THANKS = Trigger("thanks", Purchase, Contact("mail", "Thank you", purpose="care"))


def test_nothing_left_is_not_available():
    told = Report.of(shop(), at=DAY).section("scorecard").tables[0].rows[-1]
    assert told == ("virtuous circle", "n/a", "no contact has left yet")


def test_what_only_left_is_an_honest_zero():
    ground = Ground.of(shop(THANKS), instant(DAY))
    assert (circle(ground).value, circle(ground).n) == (0.0, 2)


def test_a_reply_feeds_it():
    program = shop(THANKS)
    (start,) = program.history("ada", Started)
    program.record(Reply("ada", DAY, "mail", ref=start.ref))
    assert circle(Ground.of(program, instant(DAY))).value == 0.5


def test_a_follow_up_planned_because_of_it_feeds_it():
    again = no_reply(THANKS, Contact("mail", "Did it arrive?", purpose="care"), within=days(7))
    assert circle(Ground.of(shop(THANKS, again), instant(DAY))).value == 1.0


def test_reachable_needs_consent_and_an_address():
    program = shop()
    program.record(ConsentGiven("eve", DAY, "care", "mail", wording="yes", source="form", actor="eve"))
    program.record(Profile("dan", DAY, {"mail": "dan@example.org"}, source="form"))
    assert reachable(Ground.of(program, instant(DAY))) == {"ada", "bob"}
