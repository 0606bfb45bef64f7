"""The laws of the program: the outbox is a function of the facts and their order of arrival, whatever else happens."""

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from relmkt import Fact, Ladder, Profile, Purchase
from relmkt.contact import Planned
from relmkt.facts import Identifier
from relmkt.ladders import Held, StageMoved
from relmkt.stores import Memory
from relmkt.windows import instant
from tests.program.shop import START, shop, story

END = START + timedelta(days=400)
Reviews = Callable[[datetime, datetime], Iterable[datetime]]


def outbox(store: Any, *who: str) -> list[tuple[Any, ...]]:
    """What is queued, and every consequence as it was decided."""
    rows = [(r.stream, r.id, r.channel, r.due, r.payload) for name in who for r in store.rows(name)]
    kinds = {"Planned", "TaskOpened", "StageMoved"}
    facts = [(s, *r[:9]) for name in who for s, r in store.load(name).facts if r.kind in kinds]
    return sorted(rows) + sorted(facts, key=repr)


def run(facts: list[Fact], reviews: Reviews, lose: Callable[[Any], None] = lambda store: None) -> Any:
    """Record facts in order, with reviews between them, snapshots lost now and then."""
    store = Memory()
    program = shop(store)
    for place, fact in enumerate(facts):
        before = facts[place - 1].at.utc if place else START
        for at in reviews(before, fact.at.utc):
            program.review(at)
        lose(store)
        program.record(fact)
    for at in reviews(facts[-1].at.utc, END):
        program.review(at)
    lose(store)
    program.review(END)
    return store


def never(after: datetime, before: datetime) -> Iterable[datetime]:
    return ()


def at_random(draws: random.Random) -> Reviews:
    def reviews(after: datetime, before: datetime) -> Iterable[datetime]:
        span = int((before - after).total_seconds() * 1e6)
        return sorted(after + timedelta(microseconds=draws.randint(0, span)) for _ in range(draws.randrange(4)))

    return reviews


def heads_lost(draws: random.Random) -> Callable[[Any], None]:
    def lose(store: Any) -> None:
        if draws.random() < 0.5:
            store._heads.clear()
            store._due.clear()

    return lose


@pytest.mark.parametrize("seed", range(200))
def test_any_timetable_of_reviews_gives_the_same_outbox(seed: int) -> None:
    """Daylight saving, caps, quiet hours and calendar windows included; replay with the seed in the test's name."""
    draws = random.Random(seed)
    facts = sorted(story(draws, "ada") + story(draws, "bob", 6), key=lambda fact: fact.at)
    clean = outbox(run(facts, never), "ada", "bob")
    assert outbox(run(facts, at_random(draws)), "ada", "bob") == clean


@pytest.mark.parametrize("seed", range(60))
def test_losing_every_snapshot_changes_nothing(seed: int) -> None:
    draws = random.Random(1000 + seed)
    facts = story(draws, "ada")
    clean = outbox(run(facts, never), "ada")
    assert outbox(run(facts, at_random(draws), heads_lost(draws)), "ada") == clean


@pytest.mark.parametrize("seed", range(60))
def test_recording_everything_twice_changes_nothing(seed: int) -> None:
    draws = random.Random(2000 + seed)
    facts = story(draws, "ada")
    clean = outbox(run(facts, never), "ada")
    store = Memory()
    program = shop(store)
    for fact in facts:
        first = program.record(fact)
        again = program.record(fact)
        assert again.repeated
        assert not first.repeated
        assert {f.id for f in again.consequences} <= {f.id for f in first.consequences}
    program.review(END)
    assert outbox(store, "ada") == clean


@pytest.mark.parametrize("seed", range(60))
def test_late_facts_bring_no_key_twice_and_nothing_past_its_deadline(seed: int) -> None:
    draws = random.Random(3000 + seed)
    facts = story(draws, "ada")
    draws.shuffle(facts)
    store = Memory()
    program = shop(store)
    for fact in facts:
        if draws.random() < 0.3:
            program.review(START + timedelta(days=draws.randrange(300)))
        program.record(fact)
    program.review(END)
    planned = program.history("ada", Planned)
    keys = [(p.source, p.id) for p in planned]
    assert len(set(keys)) == len(keys)
    for p in planned:
        assert p.contact.within is None or p.due <= p.at + p.contact.within + timedelta(0).days
    assert list(program.history("ada", Purchase)) == sorted(
        (fact for fact in facts if isinstance(fact, Purchase)), key=lambda fact: (fact.at, fact.id)
    )


class Crash(BaseException):
    """The process died here."""


class Mortal:
    """A store whose process dies at a chosen call, before or after the call took effect."""

    def __init__(self, store: Memory, dies: int, after: bool) -> None:
        self.store, self.left, self.after = store, dies, after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.store, name)
        if name not in ("commit", "settle", "claim", "load"):
            return method

        def call(*args: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left == 0 and not self.after:
                raise Crash
            told = method(*args, **named)
            if self.left == 0:
                raise Crash
            return told

        return call


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("seed", range(8))
def test_a_crash_at_any_point_of_the_store_and_a_retry_give_the_same_outbox(seed: int, after: bool) -> None:
    draws = random.Random(4000 + seed)
    facts = story(draws, "ada", 8)
    clean = outbox(run(facts, never), "ada")
    for dies in range(1, 60, 3):
        store = Memory()
        program = shop(Mortal(store, dies, after))
        for fact in facts:
            try:
                program.record(fact)
            except Crash:
                program = shop(store)
                program.record(fact)
        program = shop(store)
        program.review(END)
        assert outbox(store, "ada") == clean, f"dies at call {dies}"


def at_once(draws: random.Random, who: str) -> list[Fact]:
    """Facts of which many fall on one instant, as days without a time do, in any order of arrival."""
    days = [START + timedelta(days=draws.randrange(40)) for _ in range(4)]
    facts = [evolve(fact, at=instant(draws.choice(days))) for fact in story(draws, who, 10)]
    if draws.random() < 0.5:
        facts.sort(key=lambda fact: fact.at)
    return facts


@pytest.mark.parametrize("seed", range(80))
def test_facts_of_one_instant_move_a_held_ladder_to_where_the_customer_stands(seed: int) -> None:
    draws = random.Random(5000 + seed)
    store = Memory()
    program = shop(store)
    for fact in at_once(draws, "ada"):
        program.record(fact)
        ada = program.customer("ada", at=START + timedelta(days=40, seconds=1))
    program.review(START + timedelta(days=41))
    ada = program.customer("ada", at=START + timedelta(days=41))
    ladder = program.policy.parts[-1]
    assert isinstance(ladder, Ladder)
    moves = sorted(program.history("ada", StageMoved), key=lambda move: (move.at, move.n))
    assert [move.n for move in moves] == list(range(1, len(moves) + 1))
    assert [move.below for move in moves[1:]] == [move.rung for move in moves[:-1]]
    assert ada[Held("relationship")].rung == str(ada.ask(ladder))


CARD, MAIL = Identifier("card", "4411"), Identifier("mail", "ada@example.org")


def two_sides(draws: random.Random) -> list[Fact]:
    """One person under two identifiers, which a source states together somewhere in the story."""
    sides = [evolve(fact, id=f"c{fact.id}") for fact in story(draws, CARD.key, 8) if not isinstance(fact, Profile)]
    sides += [evolve(fact, id=f"m{fact.id}") for fact in story(draws, MAIL.key, 8) if not isinstance(fact, Profile)]
    at = START + timedelta(days=draws.randrange(10, 290))
    told = {"card": "4411", "mail": "ada@example.org", "name": "Ada"}
    return sorted([*sides, Profile(CARD, at, told, source="loyalty", id="together")], key=lambda fact: fact.at)


@pytest.mark.parametrize("seed", range(60))
def test_a_person_of_two_streams_is_decided_as_one_whatever_the_timetable(seed: int) -> None:
    draws = random.Random(6000 + seed)
    facts = two_sides(draws)
    store = run(facts, never)
    assert store.load(CARD.key).versions == store.load(MAIL.key).versions
    again = run(facts, at_random(draws), heads_lost(draws))
    assert outbox(again, CARD.key) == outbox(store, CARD.key)
