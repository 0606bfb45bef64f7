"""How planned contacts leave: the gate again, the start, the send, the settling; crashes and second thoughts."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from relmkt import (
    Complaint,
    ConsentGiven,
    Contact,
    Gate,
    Money,
    Policy,
    Profile,
    Program,
    Purchase,
    Return,
    Trigger,
    days,
    hours,
)
from relmkt.channels import Maildir
from relmkt.contact import (
    Cap,
    Delivery,
    DeliveryStatus,
    Message,
    Objection,
    Planned,
    QuietHours,
    Receipt,
    Released,
    Reply,
    Started,
    Suppressed,
)
from relmkt.decisions import after_purchase, no_reply
from relmkt.exceptions import DeliveryError, InvalidFactError
from relmkt.facts import Cancellation, ComplaintSettled, Identifier
from relmkt.stores import Memory
from tests.program.shop import START, Paper
from tests.program.test_laws import Crash, Mortal

NEWS = Contact("mail", "News\nHello {name}, order {fact.id}", purpose="news")
SERVICE = Contact("mail", "Thank you\nOrder {fact.id}", kind="service")


def arrival(who: str = "ada") -> list[Any]:
    told = {"name": "Ada", "mail": f"{who}@example.org"}
    yes = ConsentGiven(who, START, "news", "mail", wording="yes", source="form", actor=who)
    return [Profile(who, START, told, source="form"), yes]


def order(key: str, after: timedelta = timedelta(0), who: str = "ada") -> Purchase:
    return Purchase(who, START + after, Money(10, "EUR"), id=key)


def program(channel: Any, *triggers: Trigger, gate: Gate | None = None, store: Any = None, **options: Any) -> Program:
    parts = triggers or (Trigger("news", Purchase, NEWS),)
    clock = lambda: START + timedelta(days=900)  # noqa: E731
    shop = Program(store or Memory(), Policy(*parts), {"mail": channel}, gate=gate, clock=clock, **options)
    shop.record(*arrival())
    return shop


def test_a_message_is_addressed_rendered_and_sent_once() -> None:
    paper = Paper()
    shop = program(paper)
    shop.record(order("o-1"))
    assert str(shop.dispatch(START)) == "1 sent, 0 refused, 0 to retry, 0 unknown"
    assert shop.dispatch(START + timedelta(days=1)).sent == 0
    [message] = paper.messages
    assert (message.address, message.subject, message.text) == ("ada@example.org", "News", "Hello Ada, order o-1")
    [started], [report] = shop.history("ada", Started), shop.history("ada", Delivery)
    assert started.ref == report.ref == message.key


def test_an_objection_between_planning_and_sending_prevents_the_send() -> None:
    paper = Paper()
    shop = program(paper)
    shop.record(order("o-1"))
    shop.record(Objection("ada", START + timedelta(minutes=1), source="letter", actor="ada"))
    told = shop.dispatch(START + timedelta(minutes=2))  # rule C11, R69, G05
    assert not paper.messages
    assert dict(told.refused) == {"no basis for news by mail (G01)": 1}
    assert [fact.rule for fact in shop.history("ada", Released)] == ["no basis for news by mail (G01)"]


def test_a_suppressed_address_is_refused_for_whoever_has_it() -> None:
    paper = Paper()
    shop = program(paper)
    shop.record(order("o-1"))
    shop.record(Suppressed(Identifier("mail", "ADA@example.org"), START, "hard bounce"))
    assert dict(shop.dispatch(START + timedelta(hours=1)).refused) == {"address suppressed: hard bounce (R79)": 1}
    assert not paper.messages  # rule R79


def test_a_late_message_is_dropped_never_sent() -> None:
    paper = Paper()
    shop = program(paper, Trigger("news", Purchase, Contact("mail", "News", purpose="news", within=hours(3))))
    shop.record(order("o-1"))
    assert dict(shop.dispatch(START + timedelta(hours=4)).refused) == {"expired (R62)": 1}  # rule R62
    assert not paper.messages


def test_quiet_hours_found_at_sending_put_it_back_to_the_morning() -> None:
    paper = Paper()
    shop = program(paper, gate=Gate(QuietHours("21:00", "08:00", zone="Europe/Paris")))
    shop.record(order("o-1"))
    night = START.replace(hour=23)
    assert shop.dispatch(night).later == 1
    assert not paper.messages
    morning = (START + timedelta(days=1)).replace(hour=8)
    assert shop.dispatch(morning - timedelta(microseconds=1)).sent == 0
    assert shop.dispatch(morning).sent == 1  # rule R63, R68


def test_a_released_contact_gives_its_place_in_the_cap_back() -> None:
    paper = Paper()
    short = Contact("mail", "News", purpose="news", within=hours(1))
    shop = program(paper, Trigger("news", Purchase, short), gate=Gate(Cap(1, days(7))))
    shop.record(order("o-1"))
    assert not shop.record(order("o-2", timedelta(hours=2))).planned
    shop.dispatch(START + timedelta(hours=3))  # expired: released
    assert shop.record(order("o-3", timedelta(hours=4))).planned


def test_a_refusal_names_the_instant_at_which_it_is_accepted() -> None:
    shop = program(Paper(), gate=Gate(Cap(1, days(7))))
    shop.record(order("o-1"))
    assert shop.dispatch(START).sent == 1
    [refusal] = shop.record(order("o-2", timedelta(days=1))).refused
    assert refusal.rule == "cap of 1 in 7 days (R54)"
    assert refusal.until is not None
    wait = refusal.until.utc - START
    assert not shop.record(order("o-3", wait - timedelta(microseconds=1))).planned
    assert shop.record(order("o-4", wait)).planned  # rule R60


@pytest.mark.parametrize(
    "called_off",
    [
        Return("ada", START + timedelta(hours=1), Money(10, "EUR"), ref="o-1"),
        Cancellation("ada", START + timedelta(hours=1), ref="o-1"),
    ],
)
def test_a_returned_or_cancelled_order_is_not_thanked_for(called_off: Any) -> None:
    paper = Paper()
    shop = program(paper, after_purchase(SERVICE, wait=hours(2)))
    shop.record(order("o-1"))
    shop.record(order("o-2"))
    shop.record(called_off)
    told = shop.dispatch(START + timedelta(hours=3))
    assert dict(told.refused) == {"after purchase: no longer called for": 1}  # rule R91
    assert [message.text for message in paper.messages] == ["Order o-2"]


def test_thanks_wait_while_a_complaint_is_open() -> None:
    paper = Paper()
    shop = program(paper, after_purchase(SERVICE, wait=hours(2)))
    shop.record(order("o-1"))
    shop.record(Complaint("ada", START + timedelta(hours=1), "broken", id="c-1"))
    assert shop.dispatch(START + timedelta(hours=3)).later == 1  # rule R91
    shop.record(ComplaintSettled("ada", START + timedelta(hours=5), ref="c-1"))
    assert shop.dispatch(START + timedelta(days=2)).sent == 1


def test_no_reply_is_followed_up_and_a_reply_is_not() -> None:
    thanks = after_purchase(SERVICE, wait=hours(2))
    for answered in (False, True):
        paper = Paper()
        shop = program(paper, thanks, no_reply(thanks, NEWS_BACK, within=days(7)))
        shop.record(order("o-1"))
        at = START + timedelta(hours=3)
        shop.dispatch(at)
        shop.review(at)
        if answered:
            shop.record(Reply("ada", at + timedelta(days=1), "mail", "all well"))
        shop.review(at + timedelta(days=8))
        shop.dispatch(at + timedelta(days=8))
        assert len(paper.messages) == (1 if answered else 2)  # rule R89


NEWS_BACK = Contact("mail", "Did all arrive well?", purpose="news")


class Flaky:
    """A channel that answers as it is told, in order."""

    reaches = "mail"

    def __init__(self, *answers: Any, unsure: str = "hold_unknown") -> None:
        self.answers, self.unsure = list(answers), unsure
        self.messages: list[Message] = []

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        self.messages += messages
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return [Receipt(message.key, answer) for message in messages]


def test_a_deferred_message_is_tried_again_with_the_same_bytes() -> None:
    flaky = Flaky(DeliveryStatus.DEFERRED, DeliveryError("down", retry=True), DeliveryStatus.SENT)
    shop = program(flaky)
    shop.record(order("o-1"))
    assert shop.dispatch(START).retry == 1
    shop.record(Profile("ada", START + timedelta(minutes=1), {"name": "Adele"}, source="form"))
    assert shop.dispatch(START + timedelta(hours=1)).retry == 1
    assert shop.dispatch(START + timedelta(days=1)).sent == 1
    assert len({(m.key, m.text, m.at) for m in flaky.messages}) == 1  # rule C05, R93
    assert len(shop.history("ada", Started)) == 1


@pytest.mark.parametrize("status", [DeliveryStatus.REJECTED, DeliveryStatus.BOUNCED, DeliveryStatus.FAILED])
def test_a_rejected_message_is_not_tried_again(status: DeliveryStatus) -> None:
    flaky = Flaky(status)
    shop = program(flaky)
    shop.record(order("o-1"))
    assert sum(shop.dispatch(START).refused.values()) == 1
    assert shop.dispatch(START + timedelta(days=9)).sent == 0
    assert [fact.status for fact in shop.history("ada", Delivery)] == [status]


@pytest.mark.parametrize("unsure", ["hold_unknown", "retry"])
def test_a_worker_that_dies_while_sending_leaves_what_the_channel_says(unsure: str) -> None:
    store, flaky = Memory(), Flaky(Crash(), DeliveryStatus.SENT, unsure=unsure)
    shop = program(flaky, store=store)
    shop.record(order("o-1"))
    with pytest.raises(Crash):
        shop.dispatch(START)
    told = shop.dispatch(START + timedelta(hours=1))  # rule R92, C02, C04
    assert (told.sent, told.unknown) == ((1, 0) if unsure == "retry" else (0, 1))
    assert [row.state for row in store.rows("ada")] == ["sent" if unsure == "retry" else "unknown"]


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_crash_at_any_point_of_dispatch_loses_nothing_and_doubles_nothing(after: bool, tmp_path: Path) -> None:
    for dies in range(1, 40):
        store, box = Memory(), tmp_path / f"{dies}"
        shop = program(Maildir(box), store=store)
        for n in range(3):
            shop.record(order(f"o-{n}", timedelta(minutes=n)))
        mortal = Program(Mortal(store, dies, after), shop.policy, {"mail": Maildir(box)}, clock=shop.clock)
        try:
            mortal.dispatch(START + timedelta(hours=1))
        except Crash:
            shop.dispatch(START + timedelta(hours=2))
        assert len(list((box / "new").iterdir())) == 3, f"dies at call {dies}"  # rule C02, C03
        assert {row.state for row in store.rows("ada")} == {"sent"}


def test_one_click_unsubscribes_by_a_token_that_cannot_be_guessed() -> None:
    paper = Paper()
    shop = program(paper, site="https://shop.example/r")
    shop.record(order("o-1"))
    shop.dispatch(START)
    [message] = paper.messages
    channel = message.headers["List-Unsubscribe"].strip("<>").removeprefix("https://shop.example/r/")
    for forged, body in ((channel + "x", b"List-Unsubscribe=One-Click"), (channel, b"something else")):
        with pytest.raises(InvalidFactError):
            shop.receive(forged, body, {})
    for _ in range(2):  # rule C13: idempotent
        shop.receive(channel, b"List-Unsubscribe=One-Click", {})
    later = START + timedelta(days=901)
    assert not shop.record(Purchase("ada", START + timedelta(days=900, minutes=1), Money(1, "EUR"), id="o-9")).planned
    assert shop.dispatch(later).sent == 0  # rule C14


def test_a_service_message_carries_no_unsubscribe_link() -> None:
    paper = Paper()
    shop = program(paper, after_purchase(SERVICE, wait=hours(0)), site="https://shop.example/r")
    shop.record(order("o-1"))
    shop.dispatch(START)
    assert "List-Unsubscribe" not in paper.messages[0].headers


def test_without_a_channel_a_message_waits() -> None:
    paper = Paper()
    shop = program(paper)
    shop.record(order("o-1"))
    elsewhere = Program(shop.store, shop.policy, {}, clock=shop.clock)
    assert elsewhere.dispatch(START).later == 1
    assert shop.dispatch(START).sent == 1


def test_the_way_of_a_message_is_explained() -> None:
    shop = program(Paper())
    [planned] = shop.record(order("o-1")).planned
    shop.dispatch(START)
    told = str(shop.explain("ada", planned))
    assert "Purchase o-1" in told
    assert "consent to news by mail" in told
    assert "started" in told
    assert "sent" in told
    assert isinstance(planned, Planned)
