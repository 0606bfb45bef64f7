"""Any random program of calls gives the memory store's answers (rule S19)."""

import tempfile
from pathlib import Path

import numpy as np
from attrs import frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from relmkt.exceptions import RelmktError
from relmkt.facts import Fact
from relmkt.ports import Append, Block, Edge, Head, Link, Outgoing, Record
from relmkt.stores import Memory, SQLite

NAMES = ["ada", "bob", "café", "d'or\"%;--\\", "😀", "\uff5e", "address\x1fada"]  # rule S18, code-point order
names = st.sampled_from(NAMES)
keys = st.sampled_from(["mail~1", "mail~2", "card~1", "ada"])
instants = st.integers(0, 12)
shapes = st.sampled_from(["", "s1", "s2"])
records = st.builds(
    Record,
    id=st.sampled_from([f"f{i}" for i in range(9)]),
    source=st.sampled_from(["", "till"]),
    at=instants,
    kind=st.sampled_from(["Purchase", "Visit"]),
    number=st.sampled_from([None, 4990, 0, 2.5]),
    label=st.sampled_from([None, "EUR", "Lyon", "مرحبا"]),
    body=st.sampled_from(["", '{"channel":"web"}']),
    seen=instants,
    schema=st.just(1),
    ref=st.sampled_from(["", "f0"]),
    arrived=st.just(7),
    position=st.just(0),
)
appends = st.builds(
    lambda stream, told, expected: (stream, tuple(told), expected),
    names,
    st.lists(records, max_size=3),
    st.sampled_from(["now", "now", "now", "now", None, "stale"]),
)
outgoing = st.builds(
    Outgoing, st.sampled_from(["m1", "m2", "m3", "m4"]), names, st.just("mail"), instants, st.just("text")
)
edges = st.builds(Edge, st.sampled_from(["e1", "e2", "e3"]), names, names, st.booleans())
states = st.lists(st.sampled_from(["queued", "sending", "unknown"]), min_size=1, unique=True)
places = st.sampled_from(["sending", "sent", "refused", "queued", "unknown", "dead"])


@frozen
class Visit(Fact):
    """Tolerant, so that any record drawn above can be read."""

    hot = ("size", "place")
    size: float | None = None
    place: str | None = None
    channel: str = "none"


class Twins(RuleBasedStateMachine):
    """The same calls on two stores."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.memory, self.sqlite = Memory(), SQLite(Path(self.place.name) / "shop.db")
        self.rows = []

    def teardown(self) -> None:
        self.sqlite.close()
        self.place.cleanup()

    def both(self, name: str, *arguments: object) -> object:
        answers = [self.answer(store, name, *arguments) for store in (self.memory, self.sqlite)]
        assert answers[0] == answers[1], (name, arguments)
        return answers[0]

    @staticmethod
    def answer(store: object, name: str, *arguments: object) -> object:
        try:
            told = getattr(store, name)(*arguments)
            return list(told) if isinstance(told, list) else told
        except (RelmktError, ValueError) as error:
            return type(error), str(error)

    def at_versions(self, told: list) -> list[Append]:
        version = {"now": 0, "stale": 1}
        made = []
        for stream, facts, expected in told:
            stands = self.memory._version(stream)
            made.append(Append(stream, facts, None if expected is None else stands + version[expected]))
        return made

    @rule(
        told=st.lists(appends, max_size=2),
        out=st.lists(outgoing, max_size=2),
        links=st.lists(st.builds(Link, keys, names), max_size=1),
    )
    def commit(self, told, out, links) -> None:
        self.both("commit", self.at_versions(told), out, None, links)

    @rule(told=st.lists(edges, min_size=1, max_size=2), more=st.lists(appends, max_size=1))
    def join(self, told, more) -> None:
        self.both("commit", self.at_versions(more), (), None, (), told)

    @rule(
        stream=names,
        shape=st.sampled_from(["s1", "s2"]),
        due=instants,
        more=st.lists(records, max_size=2),
        wrong=st.booleans(),
    )
    def fold(self, stream, shape, due, more, wrong) -> None:
        """As a program does it: load, append, and a head of all that is known then."""
        person = self.memory.load(stream)
        versions = dict(person.versions)
        expected = versions.get(stream, 0)
        known = {(r.source, r.id): r for name, r in person.facts if name == stream}
        fresh = {r.key: r for r in more if r.key not in known}
        versions[stream] = expected + len(fresh)
        until = max([r.order for _, r in person.facts] + [r.order for r in fresh.values()] + [(0, "", "")])
        if wrong:
            versions.pop(max(versions))
        head = Head(person.root, versions, until, due, due, shape, "{}")
        checks = [Append(name, (), number) for name, number in person.versions.items()]
        self.both("commit", [*checks, Append(stream, tuple(fresh.values()), expected)], (), head)

    @rule(
        key=st.one_of(names, keys),
        shape=shapes,
        ids=st.lists(st.tuples(st.sampled_from(["", "till"]), st.sampled_from(["f0", "f1"])), max_size=2),
    )
    def load(self, key, shape, ids) -> None:
        self.both("load", key, shape, ids)

    @rule(at=instants, limit=st.integers(1, 4))
    def due(self, at, limit) -> None:
        self.both("due", at, limit)

    @rule(after=st.integers(0, 30), limit=st.integers(1, 9))
    def changes(self, after, limit) -> None:
        self.both("changes", after, limit)

    @rule(at=instants, lease=st.integers(0, 4), limit=st.integers(1, 3), states=states)
    def claim(self, at, lease, limit, states) -> None:
        self.rows += self.both("claim", at, lease, limit, states)

    @rule(
        data=st.data(),
        to=places,
        told=st.lists(appends, max_size=1),
        text=st.sampled_from([None, "bytes"]),
        until=st.one_of(st.none(), instants),
        due=st.one_of(st.none(), instants),
    )
    def settle(self, data, to, told, text, until, due) -> None:
        if self.rows:
            row = data.draw(st.sampled_from(self.rows))
            self.both("settle", row, to, self.at_versions(told), text, until, due)

    @rule(
        stream=names, stale=st.booleans(), block=st.lists(st.sampled_from(["d1", "d2"]), max_size=1), left=st.booleans()
    )
    def erase(self, stream, stale, block, left) -> None:
        person = self.memory.load(stream)
        versions = {**person.versions, "ada": 99} if stale and person.versions else person.versions
        leave = [Append("campaign\x1fspring", (Record(f"r{self.memory._position}", "", 0, "Residue"),))] if left else []
        answers = [
            self.answer(store, "erase", person.root, versions, leave, block) for store in (self.memory, self.sqlite)
        ]
        assert answers[0][:4] == answers[1][:4]  # a file owes a scrub, memory never does

    @rule()
    def scrub(self) -> None:
        assert self.sqlite.scrub()

    @rule(
        told=st.lists(
            st.tuples(names, st.sampled_from(["f0", "f1", "b0", "b1", "b2"]), instants, st.sampled_from([None, 3, 4])),
            max_size=4,
        ),
        label=st.sampled_from([None, "EUR"]),
    )
    def extend(self, told, label) -> None:
        streams, ids, at, number = ([row[i] for row in told] for i in range(4))
        self.both("extend", [Block("Visit", 1, streams, ids, at, "till", number, label)])

    @rule()
    def reopen(self) -> None:
        self.sqlite.close()
        self.sqlite = SQLite(Path(self.place.name) / "shop.db")

    @rule(kinds=st.lists(st.sampled_from(["Purchase", "Visit", "Return"]), unique=True))
    def columns(self, kinds) -> None:
        ours, theirs = self.memory.columns(*kinds), self.sqlite.columns(*kinds)
        for name in ("ids", "stream", "at", "kind", "number", "label"):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
        assert (ours.kinds, ours.labels, ours.roots) == (theirs.kinds, theirs.labels, theirs.roots)
        assert list(ours.facts()) == list(theirs.facts())
        if "Visit" in kinds:
            for field in ("id", "size", "place", "channel"):
                assert list(ours.rest(Visit, field)) == list(theirs.rest(Visit, field))
            assert list(ours.facts(Visit)) == list(theirs.facts(Visit))

    @invariant()
    def same_everywhere(self) -> None:
        for name in NAMES:
            assert list(self.memory.rows(name)) == list(self.sqlite.rows(name))
        self.both("due", 99, 99)
        self.both("blocked", ["d1", "d2"])
        self.both("changes", 0, 999)


def test_random_programs_give_the_memory_stores_answers() -> None:
    """rule S19; rule S18"""
    run_state_machine_as_test(Twins, settings=settings(settings(), stateful_step_count=30, report_multiple_bugs=False))
