"""May we? The latest word counts, a refusal wins at the same instant, silence is no consent, and it can be replayed."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.contact import ConsentRegister, Contact, Objection, Permission
from relmkt.customers import Customer
from relmkt.decisions import Gate
from relmkt.exceptions import InvalidFactError
from relmkt.facts import ConsentGiven, ConsentWithdrawn, Fact, Purchase, Wording
from relmkt.money import Money
from relmkt.rules import Permit, Refusal
from relmkt.windows import Instant
from tests.customers.histories import START, consent

DAY = datetime(2026, 3, 1)
LATER = DAY.add(days=90)
GATE = Gate()
NEWS = Contact("mail", "News", purpose="news")


def yes(purpose: str = "news", channel: str = "mail", day: int = 0, **more: Any) -> Fact:
    origin: dict[str, Any] = {"wording": Wording("v1", "Yes"), "source": "form", "actor": "ada"}
    return ConsentGiven("ada", DAY.add(days=day), purpose, channel, **(origin | more))


def no(purpose: str = "*", channel: str = "*", day: int = 1, **more: Any) -> Fact:
    return ConsentWithdrawn("ada", DAY.add(days=day), purpose, channel, **more)


def objects(purpose: str = "*", day: int = 1) -> Fact:
    return Objection("ada", DAY.add(days=day), purpose, source="letter", actor="ada")


def asked(contact: Contact, *facts: Fact, at: Any = LATER) -> Permit | Refusal:
    return GATE.judge(contact, Customer.of("ada", facts, facets=GATE.facets, at=at), at=at)


def test_silence_is_no_consent() -> None:  # rules G01, G04
    refusal = asked(NEWS)
    assert not refusal
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "no basis for news by mail (G01)"
    assert refusal.until is None
    bought = Purchase("ada", DAY, Money(5, "EUR"))
    assert not asked(NEWS, bought), "what somebody did is no consent"


def test_consent_permits_and_is_shown() -> None:  # rules G02, R69
    permit = asked(NEWS, yes())
    assert permit
    assert isinstance(permit, Permit)
    assert (
        permit.basis
        == "consent to news by mail, 2026-03-01, given by ada on form, wording " + Wording("v1", "Yes").digest
    )
    assert permit.at == Instant(LATER.isoformat())


@pytest.mark.parametrize(
    "purpose, channel, allowed",
    [
        ("news", "mail", True),
        ("*", "mail", True),
        ("news", "*", True),
        ("*", "*", True),
        ("care", "mail", False),
        ("news", "sms", False),
    ],
)
def test_purpose_and_channel(purpose: str, channel: str, allowed: bool) -> None:  # rule R69
    assert bool(asked(NEWS, yes(purpose, channel))) is allowed


def test_service_needs_no_consent() -> None:  # rule R69
    assert asked(Contact("mail", "Your order", kind="service"))
    assert asked(Contact("mail", "Your order", kind="service"), objects())


@pytest.mark.parametrize("kind", ["promotional", "informative", "educational", "magazine", "greeting"])
def test_every_other_kind_needs_it(kind: Any) -> None:  # rule R69
    contact = Contact("mail", "x", purpose="news", kind=kind)
    assert not asked(contact)
    assert asked(contact, yes())


def test_the_latest_word_counts() -> None:  # rule R70
    assert asked(NEWS, no(day=0), yes(day=1))
    assert not asked(NEWS, yes(day=1), no(day=2))
    assert asked(NEWS, yes(day=1), no(day=2), yes("*", "*", day=3))


def test_at_one_instant_refusal_wins() -> None:  # rule R70
    for first, second in (("a", "b"), ("b", "a")):
        assert not asked(NEWS, yes(day=1, id=first), no("news", "mail", id=second))
        assert not asked(NEWS, yes(day=1, id=first), no(id=second))
        assert not asked(NEWS, yes("*", "*", day=1, id=first), no("news", "mail", id=second))


def test_an_expiry_ends_it() -> None:  # rule R72
    end = DAY.add(days=30)
    assert asked(NEWS, yes(until=end), at=end.subtract(microseconds=1))
    assert not asked(NEWS, yes(until=end), at=end)
    assert not asked(NEWS, yes("*", "*"), yes(day=1, until=end), at=end), "the newest word is the one that ended"


def test_withdrawal_of_one_leaves_the_others() -> None:  # rule R76
    care = evolve(NEWS, purpose="care")
    told = (yes("news"), yes("care"), no("news"))
    assert not asked(NEWS, *told)
    assert asked(care, *told)


def test_withdrawal_of_everything_covers_what_comes_later() -> None:  # rule R76
    invented = evolve(NEWS, purpose="a purpose invented later", channel="pigeon")
    assert not asked(invented, yes("*", "*"), no())
    assert asked(invented, yes("*", "*"), no(), yes("*", "*", day=2))


def test_withdrawing_takes_effect_at_once() -> None:  # rule G03
    at = DAY.add(days=1)
    assert not asked(NEWS, yes(), no(day=1), at=at)
    assert asked(NEWS, yes(), no(day=1), at=at.subtract(microseconds=1))


def test_an_objection_stands_until_the_person_acts() -> None:  # rule G05
    for channel in ("mail", "sms", "post"):
        for purpose in ("news", "care", "profiling"):
            contact = Contact(channel, "x", purpose=purpose)
            assert asked(contact, yes("*", "*"), at=DAY)
            assert not asked(contact, yes("*", "*"), objects(), at=LATER.add(years=50))
    assert asked(NEWS, objects(), yes(day=2))
    assert asked(evolve(NEWS, purpose="care"), yes("*", "*"), objects("news"))
    assert not asked(NEWS, yes("*", "*"), objects("news"))


@pytest.mark.parametrize("gone", ["purpose", "channel", "source", "actor", "wording"])
def test_a_grant_without_evidence_is_refused(gone: str) -> None:  # rules R71, G02, G04
    place = {"purpose": {"purpose": ""}, "channel": {"channel": ""}}.get(gone, {gone: ""})
    with pytest.raises(InvalidFactError, match=rf"ConsentGiven\.{gone}"):
        yes(**place)


@pytest.mark.parametrize("gone", ["source", "actor"])
def test_an_objection_says_who_and_where(gone: str) -> None:
    made: Any = Objection
    with pytest.raises(TypeError, match=gone):
        made("ada", DAY, **{name: "x" for name in ("source", "actor") if name != gone})


statements = st.composite(
    lambda draw: [
        consent(draw, "ada", Instant(START + n * 6 * 3_600_000_000))
        for n in draw(st.lists(st.integers(0, 12), max_size=8))
    ]
)


@settings(max_examples=200)
@given(
    statements(),
    st.randoms(use_true_random=False),
    st.sampled_from(["news", "care", "x"]),
    st.sampled_from(["mail", "sms", "x"]),
    st.integers(0, 30),
)
def test_by_definition_and_replayable(
    told: list[Fact], random: Any, purpose: str, channel: str, step: int
) -> None:  # rules R70, G30
    told = [evolve(fact, id=f"{n}") for n, fact in enumerate(told)]
    at = Instant(max([START, *(fact.at for fact in told)]) + step * 6 * 3_600_000_000)
    matching = [
        (fact.at, not isinstance(fact, ConsentGiven), fact)
        for fact in told
        if fact.purpose in (purpose, "*") and getattr(fact, "channel", "*") in (channel, "*")  # type: ignore[attr-defined]
    ]
    last = max(matching, key=lambda said: said[:2], default=None)
    allowed = last is not None and not last[1]
    if allowed and last is not None:
        grants = [said[2] for said in matching if said[:2] == last[:2]]
        ends = {getattr(grant, "until", None) for grant in grants}
        if len(ends) > 1:
            return  # two grants of one instant with other ends: which of them stands is left open
        allowed = ends == {None} or at < ends.pop()  # type: ignore[operator]
    contact = Contact(channel, "x", purpose=purpose)
    answers = [asked(contact, *random.sample(told, len(told)), at=at) for _ in range(3)]
    assert [bool(answer) for answer in answers] == [allowed] * 3
    assert len({str(answer) for answer in answers}) == 1
    assert answers[0] == answers[1] == answers[2], "the same facts and instant give the same answer and rule"


def test_the_register_alone() -> None:
    register = ConsentRegister().after(yes())
    assert register.allows("news", "mail", DAY)
    assert not register.allows("news", "mail", DAY.subtract(hours=1))
    said = register.stands("news", "mail")
    assert said is not None
    assert said.granted
    assert register.stands("care", "mail") is None
    assert Permission().facets == (ConsentRegister(),)
