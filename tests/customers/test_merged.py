"""Several streams, one person: state machines side by side until they are joined, sums interleaved (SEAMS A2)."""

from typing import Any

from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.contact import ConsentRegister
from relmkt.customers import Folding, Merged, Told, Unmerged, fold
from relmkt.facts import Answer, ConsentGiven, ConsentWithdrawn, Fact, Visit
from relmkt.ladders import Held, StageMoved
from relmkt.tallies import count, newest
from relmkt.windows import DAY, Instant, days
from tests.customers.histories import FACETS, START, histories

NAMES = ("ada", "bob", "cleo", "dan")
FOLDING = Folding(FACETS)
CELLS = [(purpose, channel) for purpose in ("news", "care", "other") for channel in ("mail", "sms", "fax")]


@frozen
class Merge:
    id: str
    at: Instant
    one: str
    other: str
    undone: Instant | None

    def facts(self) -> list[Told]:
        """The fact of the merge in both streams, and of its undoing."""
        origin: dict[str, Any] = {"actor": "desk"}
        told: list[Told] = [
            (s, Merged(s, self.at, self.one, self.other, id=self.id, **origin)) for s in (self.one, self.other)
        ]
        if self.undone is not None:
            fact = {"ref": self.id, "id": f"u{self.id}"}
            told += [(s, Unmerged(s, self.undone, **fact, **origin)) for s in (self.one, self.other)]
        return told


@st.composite
def merges(draw: Any) -> list[Merge]:
    """Three merges that make one person of four streams, in any order and of any shape; any of them undone."""
    order = draw(st.permutations(NAMES))
    made = []
    for n in range(3):
        at = Instant(START + draw(st.integers(0, 16)) * DAY + 1)
        undone = Instant(at + draw(st.integers(1, 9)) * DAY) if draw(st.booleans()) else None
        made.append(Merge(f"m{n}", at, order[draw(st.integers(0, n))], order[n + 1], undone))
    return made


many = st.tuples(*(histories(name, 10) for name in NAMES))


def in_order(told: list[Told]) -> list[Told]:
    return sorted(told, key=lambda pair: (pair[1].at, pair[1].id, pair[1].source, pair[0]))


def persons(joined: list[Merge]) -> list[set[str]]:
    """Which streams are one person by the merges that stand."""
    groups = [{name} for name in NAMES]
    for merge in joined:
        one, other = (next(g for g in groups if name in g) for name in (merge.one, merge.other))
        if one is not other:
            groups.remove(other)
            one |= other
    return groups


def of(person: set[str], told: list[Told]) -> list[Told]:
    return [(stream, fact) for stream, fact in told if stream in person]


@settings(max_examples=120)
@given(many, merges(), st.randoms(use_true_random=False))
def test_merged_and_undone_is_never_merged(told: Any, joined: list[Merge], random: Any) -> None:
    """For every person that is left, whatever had been merged in between and whatever the order of arrival."""
    lived = [(fact.subject, fact) for history in told for fact in history]
    every = lived + [pair for merge in joined for pair in merge.facts()]
    stand = [merge for merge in joined if merge.undone is None]
    never = lived + [pair for merge in stand for pair in merge.facts()]
    for person in persons(stand):
        found = fold(FOLDING, in_order(random.sample(of(person, every), len(of(person, every)))))
        assert found == fold(FOLDING, in_order(of(person, never)))
        if len(person) == 1:
            alone = of(person, lived)
            assert found == fold(FOLDING, in_order(alone))


@settings(max_examples=120)
@given(many, merges())
def test_sums_interleave(told: Any, joined: list[Merge]) -> None:
    joined = [evolve(merge, undone=None) for merge in joined]
    lived = in_order([(fact.subject, fact) for history in told for fact in history])
    every = in_order(lived + [pair for merge in joined for pair in merge.facts()])
    plain = [facet for facet in FACETS if not hasattr(facet, "join")]
    states, alone = fold(FOLDING, every), fold(Folding(plain), [("ada", fact) for _, fact in lived])
    for facet in plain:
        assert states[facet] == alone[facet], facet


def stands(lived: list[Fact], joined: list[Merge], purpose: str, channel: str) -> bool | None:
    """By the definition: the newest matching statement since the last merge, else the strictest of the two sides."""
    nodes: dict[str, tuple[Any, list[Fact]]] = {name: ((), []) for name in NAMES}
    side = {name: name for name in NAMES}
    steps: list[Any] = sorted([*lived, *joined], key=lambda step: (step.at, step.id))
    for step in steps:
        if isinstance(step, Merge):
            one, other = side[step.one], side[step.other]
            root = f"{step.id}!"
            nodes[root] = ((one, other), [])
            side = {name: root if at in (one, other) else at for name, at in side.items()}
        else:
            nodes[side[step.subject]][1].append(step)

    def said(node: str) -> bool | None:
        children, facts = nodes[node]
        matching = [
            (f.at, not isinstance(f, ConsentGiven))
            for f in facts
            if f.purpose in (purpose, "*") and getattr(f, "channel", "*") in (channel, "*")  # type: ignore[attr-defined]
        ]
        if matching:
            return not max(matching)[1]
        told = [answer for child in children if (answer := said(child)) is not None]
        return min(told, default=None)

    return said(side["ada"])


@settings(max_examples=120)
@given(many, merges())
def test_consent_is_by_the_definition(told: Any, joined: list[Merge]) -> None:  # rules R70, R78, G29
    joined = [evolve(merge, undone=None) for merge in joined]
    lived = [(fact.subject, fact) for history in told for fact in history]
    every = in_order(lived + [pair for merge in joined for pair in merge.facts()])
    register = fold(Folding([ConsentRegister()]), every)[ConsentRegister()]
    spoken = [fact for _, fact in lived if isinstance(fact, ConsentRegister.reads)]
    for purpose, channel in CELLS:
        found = register.stands(purpose, channel)
        assert (None if found is None else found.granted) == stands(spoken, joined, purpose, channel)


def yes(who: str, day: int, purpose: str = "news", channel: str = "mail") -> Fact:
    at = Instant(START + day * DAY)
    return ConsentGiven(who, at, purpose, channel, wording="Yes", source="f", actor=who)


def no(who: str, day: int, purpose: str = "*", channel: str = "*") -> Fact:
    return ConsentWithdrawn(who, Instant(START + day * DAY), purpose, channel)


def allows(*facts: Fact, merged: int = 10, undone: bool = False) -> bool:
    merge = Merge("m", Instant(START + merged * DAY), "ada", "bob", Instant(START + 11 * DAY) if undone else None)
    told = in_order([*((fact.subject, fact) for fact in facts), *merge.facts()])
    register = fold(Folding([ConsentRegister()]), told)[ConsentRegister()]
    return register.allows("news", "mail", Instant(START + 40 * DAY))  # type: ignore[no-any-return]


def test_withdrawn_on_any_side_is_withdrawn() -> None:  # rules R78, G29
    assert not allows(no("ada", 1), yes("bob", 2))
    assert not allows(yes("ada", 2), no("bob", 1))
    assert not allows(yes("ada", 5, "*", "mail"), no("bob", 1, "news", "*")), "a newer word on more is no word on this"
    assert not allows(yes("ada", 5, "*", "*"), no("bob", 1, "news", "mail"))
    assert allows(yes("ada", 5), no("ada", 1), yes("bob", 5, "*", "*")), "each side alone allows it"


def test_a_side_that_said_nothing_has_no_state() -> None:
    assert allows(yes("ada", 1))
    assert allows(yes("ada", 1), Visit("bob", START))
    assert allows(yes("ada", 1), no("bob", 2, "care"))


def test_after_the_merge_the_person_speaks() -> None:
    assert allows(no("ada", 1), yes("bob", 2), yes("ada", 12))
    assert not allows(yes("ada", 1), yes("bob", 2), no("bob", 12))
    assert allows(no("ada", 1), no("bob", 2), yes("bob", 12, "*", "*"))


def test_a_merge_from_both_sides_joins_once() -> None:
    merge = Merge("m", Instant(START + 10 * DAY), "ada", "bob", None)
    told = [("ada", yes("ada", 1)), ("bob", no("bob", 12)), ("ada", yes("ada", 13)), *merge.facts()]
    register = fold(Folding([ConsentRegister()]), in_order(told))[ConsentRegister()]
    assert register.allows("news", "mail", Instant(START + 14 * DAY))


def test_an_undone_merge_gives_each_its_own() -> None:  # rule G29
    merge = Merge("m", Instant(START + 10 * DAY), "ada", "bob", Instant(START + 11 * DAY))
    told = in_order([("ada", yes("ada", 1)), ("bob", no("bob", 2)), *merge.facts()])
    for name, allowed in (("ada", True), ("bob", False)):
        register = fold(Folding([ConsentRegister()]), of({name}, told))[ConsentRegister()]
        assert register.allows("news", "mail", Instant(START + 14 * DAY)) is allowed


def test_of_two_held_rungs_the_newer_stands() -> None:
    merge = Merge("m", Instant(START + 10 * DAY), "ada", "bob", None)
    moved = [
        StageMoved("ada", Instant(START + 3 * DAY), "high", "l"),
        StageMoved("bob", Instant(START + 2 * DAY), "low", "l"),
    ]
    told = in_order([*((f.subject, f) for f in moved), *merge.facts()])
    assert fold(Folding([Held("l")]), told)[Held("l")].rung == "high"


def test_newest_is_over_all_sides() -> None:
    merge = Merge("m", Instant(START + 10 * DAY), "ada", "bob", None)
    told = in_order(
        [
            ("ada", Answer("ada", Instant(START + 2 * DAY), "stay", 3)),
            ("bob", Answer("bob", Instant(START + DAY), "stay", 9)),
            *merge.facts(),
        ]
    )
    score, visits = newest(Answer, "score"), count(Visit, within=days(7))
    states = fold(Folding([score.facet, visits.facet]), told)
    assert states[score.facet].value(START + 11 * DAY) == 3


@frozen
class Agreed:
    """Whether the person agreed, on every side: the empty state says no, and a silent side must not be asked."""

    reads = (Visit,)
    yes: bool = False

    def after(self, fact: Fact) -> "Agreed":
        return Agreed(True) if isinstance(fact, Visit) else self

    def join(self, other: "Agreed") -> "Agreed":
        return Agreed(self.yes and other.yes)


def test_a_silent_side_is_not_joined() -> None:
    for speaker in ("ada", "bob"):
        merge = Merge("m", Instant(START + 10 * DAY), "ada", "bob", None)
        told = in_order([(speaker, Visit(speaker, START)), *merge.facts()])
        assert fold(Folding([Agreed()]), told)[Agreed()].yes
