"""Survey requests: tokens, second answers, blanks and invalid answers, rest between surveys, the loop in a store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relmkt.columns import FactTable
from relmkt.contact import Cap, Contact, Message, Receipt
from relmkt.contact import DeliveryStatus as Status
from relmkt.customers import Change, Customer
from relmkt.decisions import Gate, Policy, Trigger
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Answer, ConsentGiven, Fact, Profile, Purchase, Visit
from relmkt.money import Money
from relmkt.program import Program
from relmkt.rules import Refusal
from relmkt.satisfaction import HOTEL_STAY, nps
from relmkt.satisfaction._requests import SINCE_SURVEY, Survey, SurveyRequested, rested, survey_token, token_digest
from relmkt.satisfaction._response import dispositions, response_rate
from relmkt.satisfaction._surveys import Second, SurveyRequest, Surveys, reminders_due, standing_answers
from relmkt.stores import SQLite
from relmkt.testing import facet_checks, rule_checks
from relmkt.windows import Instant, days, hours

DAY = Instant("2026-03-01T00:00:00Z")
SECRET = b"sixteen bytes or more"
ITEMS = tuple(item.name for item in HOTEL_STAY.items)
STAY = Survey(
    "stay survey", HOTEL_STAY, rest=days(90), within=days(14), remind=days(7), secret=SECRET, after=Visit,
    about="place",
)  # fmt: skip


def request(id: str = "q-1", at: Instant = DAY) -> SurveyRequested:
    return STAY.request("ada", at, id=id, about="Lyon")


def told(item: str, score: float | None, hour: int = 1, ref: str = "q-1") -> Answer:
    return Answer("ada", DAY + hours(hour), f"hotel.{item}", score, ref=ref)


def surveys(*facts: Fact, second: Second = "reject") -> Surveys:
    facet = Surveys(second, HOTEL_STAY.items)
    return Customer.of("ada", facts, facets=[facet])[facet]


# --- the request and its token


def test_the_token_is_not_in_the_fact() -> None:
    token = survey_token(SECRET, "ada", "q-1")
    asked = request()
    assert asked.digest == token_digest(token)
    told_of = f"{asked!r} {STAY!r} {surveys(asked)!r} {surveys(asked).requests!r}"
    assert token not in told_of
    assert asked.digest not in told_of
    assert "sixteen" not in told_of
    others = [
        survey_token(SECRET, "ada", "q-2"),
        survey_token(SECRET, "bob", "q-1"),
        survey_token(SECRET * 2, "ada", "q-1"),
    ]
    others.append(survey_token(SECRET, "adaq", "-1"))  # the two parts do not run into each other
    assert token not in others
    with pytest.raises(ValueError, match="16 bytes"):
        survey_token(b"short", "ada", "q-1")


def test_a_token_opens_its_request_once() -> None:  # rule R39
    token, asked = survey_token(SECRET, "ada", "q-1"), request()
    open_, answered = surveys(asked, request("q-0")), surveys(asked, told("stay", 9))
    found = open_.redeemed(token, DAY + days(14) - hours(1))
    assert isinstance(found, SurveyRequest)
    assert (found.id, found.about) == ("q-1", "Lyon")
    assert str(open_.redeemed(token, DAY + days(14))) == "refused: the request has expired"
    assert str(open_.redeemed(token[:-1] + "x", DAY)) == "refused: no request has this token"
    assert not surveys().redeemed(token, DAY)
    assert isinstance(answered.redeemed(token, DAY + days(1)), Refusal)
    assert surveys(asked, told("stay", 9), second="correct").redeemed(token, DAY + days(1))
    assert surveys(asked, told("stay", None)).redeemed(token, DAY + days(1))  # a blank is no answer


@pytest.mark.parametrize(
    "fields",
    [{"items": ()}, {"items": ("",)}, {"items": "xy"}, {"within": days(0)}, {"remind": days(-1)}, {"remind": days(9)}],
)  # fmt: skip
def test_a_request_is_checked(fields: dict[str, Any]) -> None:
    whole = {"items": ITEMS, "within": days(9), **fields}
    with pytest.raises(InvalidFactError, match="SurveyRequested"):
        SurveyRequested("ada", DAY, "stay", **whole)


def test_answers_of_a_request() -> None:
    opened = surveys(request()).requests[0]
    facts = opened.answers("ada", DAY + hours(1), {"hotel.stay": 9, "hotel.service": None})
    assert [(fact.ref, fact.about, fact.score) for fact in facts] == [("q-1", "Lyon", 9), ("q-1", "Lyon", None)]
    assert surveys(request(), *facts).requests[0].status == "partial"
    with pytest.raises(ValueError, match="not asked"):
        opened.answers("ada", DAY, {"recommend": 9})


# --- what came back


def test_a_second_answer_replaces_nothing() -> None:  # rule R39
    facts = [request(), told("stay", 3), told("stay", 9, hour=2), told("stay", None, hour=3)]
    (rejected,), (corrected,) = (surveys(*facts, second=s).requests[0].replies for s in ("reject", "correct"))
    assert (rejected.score, rejected.first, rejected.rejected, rejected.corrections) == (3, 3, 1, 0)
    assert (corrected.score, corrected.first, corrected.rejected, corrected.corrections) == (9, 3, 0, 1)
    with pytest.raises(ValueError, match="second"):
        Surveys("replace")  # type: ignore[arg-type]


def test_partial_blank_and_invalid_are_counted() -> None:
    facts = [request(), told("stay", 11), told("service", None)]
    found = surveys(*facts).requests[0]
    assert (found.status, found.invalid, found.blank, found.scored) == ("refused", 1, 1, ())
    found = surveys(*facts, told("service", 8, hour=5)).requests[0]  # a blank may be filled
    assert (found.status, found.invalid, found.blank) == ("partial", 1, 0)
    found = surveys(request(), told("stay", 9), told("service", 8), told("breakfast", 1)).requests[0]
    assert (found.status, len(found.replies)) == ("complete", 2)
    assert surveys(request(), told("stay", 9, hour=24 * 14)).requests[0].late == 1


def test_unanswered_counts_in_the_rate_and_in_no_score() -> None:  # rule R40
    facts = [request(), request("q-2"), request("q-3"), told("stay", 10), told("stay", None, ref="q-2")]
    found = surveys(*facts)
    assert (found.asked, found.returned) == (3, 1)
    assert [r.status for r in found.requests] == ["partial", "refused", "unanswered"]
    table = FactTable.of(facts)
    assert response_rate(dispositions(table, second="reject"), "RR2").value == pytest.approx(1 / 3)
    score = nps(table, item=HOTEL_STAY.items[0], detractor=6, promoter=9)
    assert (score.value, score.n, score.missing) == (100.0, 1, 1)


def test_an_answer_at_the_instant_of_its_request() -> None:
    answer = Answer("ada", DAY, "hotel.stay", 9, ref="q-1", id="a")  # "a" comes before "q-1"
    assert surveys(request(), answer).returned == 1
    assert surveys(request("q-1", DAY + hours(1)), answer).returned == 0


def test_standing_answers() -> None:  # rule R39
    twice = [told("stay", None), told("stay", 3, 2), told("stay", 9, 3), told("service", 5), told("service", None, 9)]
    others = [told("stay", 1, 4, ref="booking-7"), told("stay", 2, 5, ref="booking-7")]  # no request: they all stand
    facts = [request(), *twice, *others]
    table = FactTable.of(facts)
    for second, scores in (("reject", [1, 2, 3, 5]), ("correct", [1, 2, 5, 9])):
        standing = standing_answers(table, second=second)  # type: ignore[arg-type]
        assert sorted(standing.number.tolist()) == scores
        own = {r.item: r.score for r in surveys(*facts, second=second).requests[0].replies}  # type: ignore[arg-type]
        assert set(own.values()) <= set(standing.number.tolist())
    assert len(standing_answers(FactTable.of([]), second="reject")) == 0


def test_a_random_base_agrees_with_its_customers() -> None:  # rule R39
    seed = 39
    rng = np.random.default_rng(seed)
    facts: list[Fact] = [request(f"q-{n}", DAY - hours(1)) for n in range(4)]
    facts += [
        Answer("ada", DAY + hours(int(rng.integers(50))), str(rng.choice(ITEMS)), score, ref=f"q-{rng.integers(4)}")
        for score in [None if rng.random() < 0.3 else float(rng.integers(1, 11)) for _ in range(120)]
    ]
    for second in ("reject", "correct"):
        requests = surveys(*facts, second=second).requests
        own = sorted((r.score or 0) for q in requests for r in q.replies)
        table = standing_answers(FactTable.of(facts), second=second)
        assert sorted(np.nan_to_num(table.number).tolist()) == own, f"seed {seed}"


# --- rest between surveys


def test_nobody_is_asked_again_within_d_days() -> None:  # rule R42
    asked = Customer.of("ada", [request()], facets=rested(days(90)).facets())
    other = SurveyRequested("ada", DAY, "other", ("x",), within=days(9))
    for customer in (asked, Customer.of("ada", [other])):
        last = DAY + days(90)
        assert [bool(customer.ask(rested(days(90)), at)) for at in (DAY, last - hours(1), last)] == [False, False, True]
    assert Customer.of("ada", []).ask(rested(days(90)))
    assert asked.ask(SINCE_SURVEY, DAY + days(3)) == 3.0
    visits = [Visit("ada", DAY + days(day), "Lyon") for day in (89, 90)]
    proposed = [STAY.decide(Change(asked, visit, asked.after(visit)), visit.at) for visit in visits]
    assert [len(actions) for actions in proposed] == [0, 1]
    assert str(days(9) >= SINCE_SURVEY) == "since last survey <= days(9)"


def test_two_surveys_on_one_fact_ask_once(tmp_path: Path) -> None:  # rule R42
    again = Survey("second survey", HOTEL_STAY, rest=days(90), within=days(14), secret=SECRET, after=Visit)
    hotel = Program(SQLite(tmp_path / "hotel.db"), Policy(STAY, again))
    visits = [Visit("ada", DAY + days(day), "Lyon", id=f"v-{day}") for day in (0, 30, 89, 90, 100)]
    for visit in visits:
        hotel.record(visit)
    assert [(asked.at, asked.ref) for asked in hotel.history("ada", SurveyRequested)] == [
        (visits[0].at, "v-0"), (visits[3].at, "v-90"),
    ]  # fmt: skip


def test_a_survey_as_an_action_of_a_trigger(tmp_path: Path) -> None:
    asks = Survey("after buying", HOTEL_STAY, rest=days(90), within=days(14), secret=SECRET)
    hotel = Program(SQLite(tmp_path / "hotel.db"), Policy(Trigger("ask", Purchase, asks, once="ever")))
    for day in (0, 1):
        hotel.record(Purchase("ada", DAY + days(day), Money(9, "EUR"), id=f"p-{day}"))
    assert [asked.ref for asked in hotel.history("ada", SurveyRequested)] == ["p-0"]
    with pytest.raises(ValueError, match="remind before the end"):
        Survey("x", HOTEL_STAY, rest=days(90), within=days(1), remind=days(1), secret=SECRET)


# --- the loop, in a store


class Paper:
    reaches = "mail"

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        self.messages += messages
        return [Receipt(message.key, Status.SENT) for message in messages]


def test_the_survey_loop(tmp_path: Path) -> None:
    invite = Trigger("invite", SurveyRequested, Contact("mail", "How was {fact.about}?", purpose="survey"))
    remind = Trigger("remind", reminders_due("reject") >= 1, Contact("mail", "One more word?", purpose="survey"))
    paper, gate = Paper(), Gate(Cap(2, days(90), purpose="survey"))
    hotel = Program(
        SQLite(tmp_path / "hotel.db"), Policy(STAY, invite, remind), {"mail": paper}, gate=gate,
        facets=[Surveys("reject", HOTEL_STAY.items)],
    )  # fmt: skip
    for who in ("ada", "bob"):
        profile = Profile(who, DAY - days(9), {"mail": f"{who}@example.org"}, source="desk")
        agreed = ConsentGiven(who, DAY - days(9), "survey", "mail", wording="Yes", source="desk", actor=who)
        hotel.record(profile, agreed, Visit(who, DAY, "Lyon"))
    hotel.dispatch(DAY + hours(1))
    assert [message.text for message in paper.messages] == ["How was Lyon?"] * 2

    (asked,) = hotel.history("ada", SurveyRequested)
    token = survey_token(SECRET, asked.subject, asked.id)  # as the link of the message carries it
    page = hotel.customer("ada", DAY + days(1))[Surveys("reject", HOTEL_STAY.items)].redeemed(token, DAY + days(1))
    assert isinstance(page, SurveyRequest)
    hotel.record(*page.answers("ada", DAY + days(1), {"hotel.stay": 9, "hotel.service": 3}))
    again = hotel.customer("ada", DAY + days(2))[Surveys("reject", HOTEL_STAY.items)].redeemed(token, DAY + days(2))
    assert isinstance(again, Refusal)

    hotel.review(DAY + days(20))
    hotel.dispatch(DAY + days(20))
    assert [(m.address, m.text) for m in paper.messages[2:]] == [("bob@example.org", "One more word?")]
    store: Any = hotel.store
    rates = response_rate(dispositions(store.columns("Answer", "SurveyRequested"), second="reject", by="about"), "RR1")
    assert (rates["Lyon"].value, rates["Lyon"].n) == (0.5, 2)
    bob = hotel.customer("bob")[Surveys("reject")]
    assert str(bob.redeemed(token, DAY)) == "refused: no request has this token"  # another's link


# --- the contracts


@pytest.mark.parametrize("check", facet_checks(Surveys("correct", HOTEL_STAY.items), examples=25), ids=str)
def test_facet(check: Any) -> None:
    check()


@pytest.mark.parametrize("rule", [rested(days(90)), reminders_due("reject") >= 1, days(30) <= SINCE_SURVEY], ids=str)
def test_rules(rule: Any) -> None:
    for check in rule_checks(rule, examples=20):
        check()
