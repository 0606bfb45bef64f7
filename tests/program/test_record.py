"""What the doors of the program take in, tell, and refuse: record, load, customer, history, simulate, export, erase."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from relmkt import (
    Answer,
    ConsentGiven,
    Contact,
    Fact,
    Mapping,
    Money,
    Policy,
    Profile,
    Program,
    Purchase,
    Trigger,
    Visit,
    col,
    count,
    days,
    newest,
    total,
)
from relmkt.contact import ConsentRegister
from relmkt.customers import Identifier, Merged
from relmkt.decisions import Task
from relmkt.exceptions import InvalidFactError, MismatchError, UnknownCustomerError, UnsupportedError
from relmkt.facts import TaskOpened
from relmkt.stores import Memory, SQLite
from tests.program.shop import Paper, shop, story

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        yield Memory()
    else:
        with SQLite(tmp_path / "shop.db") as sqlite:
            yield sqlite


def program(store: Any, **options: Any) -> Program:
    return Program(store, clock=lambda: NOW, **options)


def bought(who: Any, key: str, at: datetime = DAY, amount: int = 10) -> Purchase:
    return Purchase(who, at, Money(amount, "EUR"), id=key)


class TestRecord:
    def test_a_fact_of_the_far_future_is_refused(self, store: Any) -> None:
        with pytest.raises(InvalidFactError, match="far future"):
            program(store).record(bought("ada", "o-1", NOW + timedelta(days=2)))
        assert not store.load("ada").versions

    def test_the_same_id_with_other_content_changes_nothing(self, store: Any) -> None:
        p = program(store)
        p.record(bought("ada", "o-1"))
        with pytest.raises(MismatchError):
            p.record(bought("ada", "o-1", amount=11))
        assert p.history("ada") == [bought("ada", "o-1")]

    def test_the_same_content_without_an_id_is_a_repeat(self, store: Any) -> None:
        p = program(store)
        assert not p.record(bought("ada", "")).repeated
        assert p.record(bought("ada", "")).repeated
        assert p.customer("ada").ask(count(Purchase)) == 1

    def test_nothing_and_something_else_are_refused(self, store: Any) -> None:
        with pytest.raises(InvalidFactError):
            program(store).record()
        with pytest.raises(InvalidFactError, match="str"):
            program(store).record("a purchase")  # type: ignore[arg-type]

    def test_one_call_takes_facts_of_several_customers_in_one_commit(self, store: Any) -> None:
        p = program(store)
        p.record(bought("ada", "o-1"), bought("bob", "o-1"))
        assert [p.customer(who).ask(count(Purchase)) for who in ("ada", "bob")] == [1, 1]

    def test_a_kind_that_no_rule_names_is_kept_and_told(self, store: Any) -> None:
        @frozen
        class Stay(Fact):
            nights: int

        program(store).record(Stay("ada", DAY, 3, id="s-1"))
        assert program(store, kinds=[Stay]).history("ada", Stay)[0].nights == 3
        assert str(program(store).history("ada")[0].id) == "s-1"

    def test_a_policy_that_answers_itself_without_end_is_stopped(self, store: Any) -> None:
        p = program(store, policy=Policy(Trigger("loop", TaskOpened, Task("again", role="owner"))))
        with pytest.raises(RecursionError, match="trigger answers itself"):
            p.record(bought("ada", "o-1"), TaskOpened("ada", DAY, "x", "owner", id="t"))
        assert not store.load("ada").versions


class TestIdentity:
    def test_identifiers_stated_together_lead_to_one_customer(self, store: Any) -> None:
        p = program(store)
        p.record(Profile("ada", DAY, {"mail": "Ada@Example.org", "card": "4411"}, source="form"))
        p.record(bought(Identifier("card", "4411"), "o-1"), bought(Identifier("mail", "ada@example.org"), "o-2"))
        assert p.customer("ada").ask(count(Purchase)) == 2
        assert p.customer(Identifier("card", "4411")).id == "ada"

    def test_a_new_identifier_lives_where_its_first_fact_does(self, store: Any) -> None:
        p = program(store)
        p.record(bought(Identifier("card", "1"), "o-1"))
        p.record(Profile(Identifier("card", "1"), DAY, {"card": "1", "mail": "a@x.org"}, source="loyalty"))
        assert p.customer(Identifier("mail", "a@x.org")).ask(count(Purchase)) == 1

    def test_streams_known_by_identifiers_alone_are_joined_when_stated_together(self, store: Any) -> None:
        p = program(store)
        card, mail = Identifier("card", "1"), Identifier("mail", "a@x.org")
        p.record(bought(card, "o-1"))
        p.record(Visit(mail, DAY, "Lyon", id="v-1"))
        p.record(Profile(card, DAY, {"card": "1", "mail": "a@x.org"}, source="loyalty"))
        one, other = p.customer(card), p.customer(mail)
        assert one == other
        assert (one.ask(count(Purchase)), one.ask(count(Visit))) == (1, 1)
        assert len(p.history(card, Merged)) == 2

    def test_two_cards_and_two_names_are_never_joined(self, store: Any) -> None:
        p = program(store)
        p.record(bought(Identifier("card", "1"), "o-1"), bought(Identifier("card", "2"), "o-2"))
        p.record(Profile(Identifier("card", "1"), DAY, {"card": "1", "mail": "a@x.org"}, source="l", id="1"))
        p.record(Profile(Identifier("card", "2"), DAY, {"card": "2", "mail": "a@x.org"}, source="l", id="2"))
        assert p.customer(Identifier("card", "1")) != p.customer(Identifier("card", "2"))  # rule R107
        p.record(
            Profile("ada", DAY, {"mail": "home@x.org"}, source="l"),
            Profile("bob", DAY, {"mail": "home@x.org"}, source="l"),
        )
        assert p.customer("ada").id != p.customer("bob").id


class TestLoad:
    def test_history_is_not_decided_and_nobody_is_acted_on_before_its_end(self, store: Any) -> None:
        trigger = Trigger("news", Purchase, Contact("mail", "x", kind="service"))
        crossed = Trigger("quiet", count(Purchase, within=days(10)) < 1, Contact("mail", "y", kind="service"))
        p = program(store, policy=Policy(trigger, crossed))
        p.load([bought("ada", "o-1"), bought("bob", "o-2", DAY + timedelta(days=20))])
        told = p.review(DAY + timedelta(days=40))
        assert [(plan.subject, plan.at.utc) for plan in told.planned] == [("bob", DAY + timedelta(days=30))]

    def test_files_are_joined_and_loading_twice_changes_nothing(self, store: Any, tmp_path: Path) -> None:
        (tmp_path / "crs.csv").write_text(
            "booking,arrival,hotel,email,guest\nb1,2026-01-02,Lyon,ADA@x.org ,Ada\nb2,31/02/2026,Lyon,a@x,A\n"
        )
        (tmp_path / "till.csv").write_text(
            "ticket,closed,total,card\nt1,2026-01-03T10:00,20.50,77\nt2,2026-01-03T11:00,9.50,77\n"
        )
        (tmp_path / "loyalty.csv").write_text("joined,card,email,mobile\n2025-12-01,77,ada@x.org,+33 6 11\n")
        (tmp_path / "survey.csv").write_text("response,date,email,score\nr1,2026-01-09,ada@x.org,9\n")
        stays = Mapping(
            Visit,
            source="crs",
            id=col("booking"),
            at=col("arrival"),
            zone="Europe/Paris",
            place=col("hotel"),
            who={"mail": col("email"), "name": col("guest")},
        )
        bills = Mapping(
            Purchase,
            source="till",
            id=col("ticket"),
            at=col("closed"),
            zone="Europe/Paris",
            amount=col("total"),
            currency="EUR",
            who={"card": col("card")},
        )
        cards = Mapping(
            Profile,
            source="loyalty",
            at=col("joined"),
            zone="Europe/Paris",
            who={"card": col("card"), "mail": col("email"), "phone": col("mobile")},
        )
        asked = Mapping(
            Answer,
            source="survey",
            id=col("response"),
            at=col("date"),
            item="hotel.stay",
            score=col("score"),
            who={"mail": col("email")},
        )
        files = [
            m.of(tmp_path / f"{n}.csv")
            for m, n in ((stays, "crs"), (bills, "till"), (cards, "loyalty"), (asked, "survey"))
        ]
        p = program(store)
        dry = p.load(*files, dry=True)
        assert dry.dry
        assert not store.columns().ids.size
        first, again = p.load(*files), p.load(*files)
        assert "crs.csv: 1 accepted, 0 repeated, 1 refused (line 3, at: got not a date: '31/02/2026'" in str(first)
        assert (first.accepted, again.accepted, again.repeated) == (dry.accepted, 0, first.accepted)
        ada = p.customer(Identifier("card", "77"))
        assert ada == p.customer(Identifier("mail", "ada@x.org")) == p.customer(Identifier("phone", "+33611"))
        spent = total(Purchase, "amount", currency="EUR")
        assert [ada.ask(q) for q in (count(Visit), spent, newest(Answer, "score"))] == [1, 30.0, 9]
        assert {fact.source for fact in p.history(Identifier("card", "77"))} == {"crs", "till", "loyalty", "survey"}

    def test_what_is_no_fact_or_lies_in_the_future_is_refused_with_its_place(self, store: Any) -> None:
        told = program(store).load([bought("ada", "o-1"), "x", bought("ada", "o-2", NOW + timedelta(days=9))])
        assert (told.accepted, told.refused) == (1, 2)
        assert "line 2" in str(told)
        assert "line 3" in str(told)


class TestQuestions:
    def test_a_past_day_with_all_we_know_and_with_what_was_known_then(self, store: Any) -> None:
        clock = [DAY]
        p = Program(store, clock=lambda: clock[0])
        p.record(bought("ada", "o-1"))
        before = p.record(bought("ada", "o-2", DAY + timedelta(hours=1))).at
        clock[0] = DAY + timedelta(days=30)
        p.record(
            bought("ada", "o-3", DAY + timedelta(hours=2)),
            ConsentGiven("ada", DAY, "news", "mail", wording="yes", source="paper", actor="ada"),
        )
        at = DAY + timedelta(days=1)
        then, known = p.customer("ada", at=at), p.customer("ada", at=at, known=at)
        assert [c.ask(count(Purchase)) for c in (then, known)] == [3, 2]
        assert [c[ConsentRegister()].allows("news", "mail", at) for c in (then, known)] == [True, False]
        assert [c.ask(count(Purchase)) for c in (p.customer("ada", at=before), p.customer("ada", at=DAY))] == [2, 1]
        position = min(record.position for _, record in store.load("ada").facts)
        assert len(p.history("ada", known=position)) < len(p.history("ada"))

    def test_nobody_is_told_of_the_unknown(self, store: Any) -> None:
        p = program(store)
        for ask in (
            p.customer,
            p.history,
            lambda who: p.explain(who, count(Purchase)),
            lambda who: p.export(who, actor="a", reason="r"),
        ):
            with pytest.raises(UnknownCustomerError):
                ask("nobody")
        with pytest.raises(UnsupportedError):
            p.receive("mail", b"", {})

    def test_a_snapshot_answers_more_than_it_keeps_by_folding_again(self, store: Any) -> None:
        rule = count(Purchase, within=days(30)) >= 2
        p = program(store, policy=Policy(Trigger("two", rule, Contact("mail", "x", kind="service"))))
        for n in range(6):
            outcome = p.record(bought("ada", f"o-{n}", DAY + timedelta(days=n)))
        assert outcome.after.ask(count(Purchase, within=days(30))) == 6
        assert outcome.before.ask(count(Purchase, within=days(30))) == 5
        assert outcome.after.ask(count(Purchase, within=days(30)) > 4)

    def test_a_simulation_shows_what_would_be_and_writes_nothing(self, store: Any) -> None:
        p = shop(store, {"mail": Paper()})
        facts = story(random.Random(16), "ada", 12)
        for fact in facts:
            p.record(fact)
        before = p.export("ada", actor="a", reason="r").to_json()
        at = facts[-1].at.utc + timedelta(days=1)
        trace = p.simulate("ada", days(60), suppose=[Purchase("ada", at, Money(5, "EUR"), id="try-1")])
        assert "Purchase try-1 (supposed)" in str(trace)
        assert len(trace.lines) > 2
        assert p.export("ada", actor="a", reason="r").to_json() == before
        p.record(Purchase("ada", at, Money(5, "EUR"), id="try-1"))
        real = p.review(at + timedelta(days=60))
        told = [plan.id for plan in p.history("ada", type(trace.planned[0]))] if trace.planned else []
        assert {plan.id for plan in trace.planned} <= set(told)
        assert real.judged <= 1


class TestRights:
    def test_an_export_holds_every_planted_marker(self, store: Any) -> None:
        p = program(store)
        p.record(
            Profile("ada", DAY, {"name": "MARK-1", "mail": "mark2@x.org"}, source="MARK-3"), bought("ada", "MARK-4")
        )
        text = p.export("ada", actor="dpo", reason="request 14").to_json()
        assert all(mark in text for mark in ("MARK-1", "mark2@x.org", "MARK-3", "MARK-4"))  # rule G09
        assert json.loads(text)["customer"] == "ada"
        for actor, reason in (("", "r"), ("a", "")):
            with pytest.raises(ValueError, match="who asks"):
                p.export("ada", actor=actor, reason=reason)

    def test_erasing_leaves_totals_and_blocks_a_second_coming(self, store: Any) -> None:
        p = program(store)
        told = Profile("ada", DAY, {"name": "Ada", "mail": "ada@x.org"}, source="form")
        p.record(told, bought("ada", "o-1", amount=10), bought("ada", "o-2", amount=15))
        first, second = (p.erase("ada", actor="dpo", reason="request 15") for _ in range(2))
        assert first.facts == 3
        assert first.blocked == 1
        assert first.complete
        assert str(second) == "nothing left to erase"  # rule R81
        with pytest.raises(UnknownCustomerError):
            p.customer("ada")
        with pytest.raises(InvalidFactError, match="R80"):
            p.record(Profile("eve", DAY, {"mail": "ADA@x.org"}, source="import"))  # rule R80, G14
        assert p.load([Profile("eve", DAY, {"mail": "ADA@x.org"}, source="import")]).refused == 1
        mail = Identifier("mail", "Ada@x.org")
        with pytest.raises(InvalidFactError, match="R80"):
            p.record(bought(mail, "o-9"))  # not under the identifier alone either
        seen = Mapping(Visit, at=col("day"), place=col("hotel"), who={"mail": col("mail")})
        rows = [{"day": "2026-05-01", "hotel": "Lyon", "mail": m} for m in ("ADA@x.org", "bob@x.org")]
        told = p.load(seen.of(rows))
        assert (told.accepted, told.refused) == (1, 1)
        with pytest.raises(UnknownCustomerError):
            p.customer(mail)
        left = [r for s, r in store.changes(0, 100) if r.label == "Purchase"]
        assert [(r.number, json.loads(r.body)["amount"]) for r in left] == [(2, [2500, "EUR"])]
        assert not any("ada" in repr(r) or "o-1" in repr(r) for _, r in store.changes(0, 100))
