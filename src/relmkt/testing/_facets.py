"""Does a facet keep its laws? Random histories of the kinds that it reads, each law citing docs/contracts/facet.md.

The histories are drawn from the annotations of the kinds; texts found among the facet's own parameters are drawn
often, so that facts meet the ladder, trigger or place that the facet looks for.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import attrs
from attrs import evolve, field, frozen

from relmkt.customers import Customer, Folding, Merged, Told, Unmerged, fold
from relmkt.facts import Answer, Complaint, Fact, Profile, Purchase, Recommendation, Visit
from relmkt.testing._check import Check, hold
from relmkt.testing._hypothesis import chance, tried
from relmkt.testing._inside import kinds_read, longest_window, texts_inside
from relmkt.testing._strategies import START, facts, histories, instants
from relmkt.windows import Instant

__all__ = ["check_facet", "facet_checks"]

USUAL = (Purchase, Visit, Answer, Complaint, Recommendation, Profile)


@frozen
class Stranger(Fact):
    """A kind that nobody's facet knows."""

    purpose: str = ""
    trigger: str = ""
    ladder: str = ""
    rung: str = ""
    told: str = field(default="", kw_only=True)


Law = Callable[["Bench", Any], None]


@frozen
class Bench:
    """A facet, how it is folded, and which facts are drawn for it."""

    facet: Any
    folding: Folding
    kinds: tuple[type[Fact], ...]
    words: tuple[str, ...]

    def folded(self, told: Sequence[Told]) -> Any:
        """The state after facts in any order, as a store would hand them out."""
        ordered = sorted(told, key=lambda pair: (pair[1].at, pair[1].id, pair[1].source, pair[0]))
        return fold(self.folding, ordered)[self.facet]

    def alone(self, told: Sequence[Fact]) -> Any:
        """The state after the facts of one stream."""
        return self.folded([("ada", fact) for fact in told])

    def text(self, state: Any) -> str:
        """A state as it is written into a snapshot."""
        return json.dumps(self.folding.plain({self.facet: state}), ensure_ascii=True, sort_keys=True)

    def read(self, text: str) -> Any:
        """The state that a snapshot holds."""
        return self.folding.read(json.loads(text))[self.facet]


def facet_checks(facet: Any, *, seed: int = 1, examples: int = 40, shrink: bool = True) -> list[Check]:
    """Every law of facets as a check of its own, ready to be called or handed to `pytest.mark.parametrize(…, ids=str)`.

    facet: an empty value. seed, examples: of the random histories, the same ones for the same seed.
    shrink: whether a history that breaks a law is made smaller before it is shown, which may take a minute.

    Raises ImportError without hypothesis: pip install relmkt[testing].

    >>> from relmkt.customers import Attributes
    >>> print(facet_checks(Attributes())[0])
    FL1 no history makes it raise, and it stays what it is
    """
    st = chance()
    kinds = kinds_read([facet]) or USUAL
    bench = partial(_bench, facet, kinds)
    words = texts_inside(facet)
    told = histories(*kinds, words=words)
    strangers = facts(*_unknown(facet), words=(*words, "m-1"))
    sides = histories(*kinds, subject=st.sampled_from(["ada", "bob", "cleo"]), words=words)
    laws: list[tuple[Law, Any, int]] = [
        (total, told, examples),
        (split, st.tuples(told, st.integers(0, 25)), examples),
        (any_arrival, told.flatmap(lambda facts: st.tuples(st.just(facts), st.permutations(facts))), examples),
        (frozen_and_equal, told, examples),
        (written_and_read, told, examples),
        (strangers_ignored, st.tuples(told, strangers), examples),
        (bounded, histories(*kinds, words=words, min_size=20, max_size=40), min(examples, 3)),
        (unmerged, st.tuples(sides, instants(), instants()), examples),
    ]
    if hasattr(facet, "join"):
        laws.append((joined, st.tuples(sides, instants()), examples))
    return [_check(bench, law, strategy, (n, seed, shrink and law is not bounded)) for law, strategy, n in laws]


def check_facet(facet: Any, *, seed: int = 1, examples: int = 40) -> None:
    """Run every law of `facet_checks`. Raises AssertionError naming the first that is broken.

    >>> from relmkt.customers import Attributes
    >>> check_facet(Attributes(), examples=5)
    """
    for check in facet_checks(facet, seed=seed, examples=examples):
        check()


def _bench(facet: Any, kinds: tuple[type[Fact], ...]) -> Bench:
    return Bench(facet, Folding((facet,)), kinds, texts_inside(facet))


def _check(bench: Callable[[], Bench], law: Law, strategy: Any, how: tuple[int, int, bool]) -> Check:
    clause, _, words = " ".join((law.__doc__ or "").split()).partition(" ")
    examples, seed, shrink = how

    def run() -> None:
        tried(strategy, partial(law, bench()), examples=examples, seed=seed, shrink=shrink)

    return Check(clause, words, run)


def _unknown(facet: Any) -> tuple[type[Fact], ...]:
    reads = tuple(getattr(facet, "reads", ()))
    return (Stranger, *(kind for kind in USUAL if reads and not issubclass(kind, reads)))


# --- the laws --------------------------------------------------------------------------------------------------------


def total(bench: Bench, told: list[Fact]) -> None:
    """FL1 no history makes it raise, and it stays what it is"""
    state = bench.alone(told)
    hold(type(state) is type(bench.facet), f"after gave a {type(state).__name__}")


def split(bench: Bench, drawn: tuple[list[Fact], int]) -> None:
    """FL2 folding some, writing, reading back and folding the rest gives what folding all at once gives"""
    told, cut = sorted(drawn[0], key=lambda f: (f.at, f.id, f.source)), drawn[1]
    states: Any = {bench.facet: bench.read(bench.text(bench.alone(told[:cut])))}
    for fact in told[cut:]:
        states = bench.folding.after(states, fact)
    hold(states[bench.facet] == bench.alone(told), f"split after {cut} facts it is another state")


def any_arrival(bench: Bench, drawn: tuple[list[Fact], list[Fact]]) -> None:
    """FL3 facts that arrive in another order give the same value"""
    found = [Customer.of("ada", order, facets=[bench.facet])[bench.facet] for order in drawn]
    hold(found[0] == found[1], "another order of arrival gave another state")


def frozen_and_equal(bench: Bench, told: list[Fact]) -> None:
    """FL4 it is frozen, equal by value and hashable, and a fact leaves the old state alone"""
    empty, state = bench.text(bench.facet), bench.facet
    for fact in sorted(told, key=lambda f: (f.at, f.id, f.source)):
        before, kept = state, bench.text(state)
        state = state.after(fact)
        hold(bench.text(before) == kept, "a fact changed the state before it in place")
    hold(bench.text(bench.facet) == empty, "folding changed the empty value in place")
    again = bench.alone(told)
    hold(again == state and hash(again) == hash(state), "the same facts gave states that differ or hash differently")
    for a in attrs.fields(type(state)):
        try:
            setattr(state, a.name, getattr(state, a.name))
        except AttributeError:
            continue
        raise AssertionError(f"field {a.name} can be set: use attrs.frozen")


def written_and_read(bench: Bench, told: list[Fact]) -> None:
    """FL5 it is written as plain text and read back equal"""
    state = bench.alone(told)
    found = bench.read(bench.text(state))
    hold(found == state and hash(found) == hash(state), "it came back from plain text as another value")
    hold(bench.text(found) == bench.text(state), "written twice, it is two texts")


def strangers_ignored(bench: Bench, drawn: tuple[list[Fact], Fact]) -> None:
    """FL6 a fact of a kind that it does not read leaves it as it is"""
    told, stranger = drawn
    if isinstance(stranger, bench.kinds):
        return
    state = bench.alone(told)
    hold(state.after(stranger) == state, f"a {type(stranger).__name__}, which it does not read, changed it")


def bounded(bench: Bench, told: list[Fact]) -> None:
    """FL7 ten times as many facts in twice its longest window make it no larger than 1.2 times"""
    sizes = [_size(bench, told, n) for n in (400, 4_000)]
    if sizes[1] <= 1.2 * sizes[0] + 16:  # room for the digits of a counter
        return
    sizes = [sizes[1], _size(bench, told, 8_000)]  # buckets fill late; what grows for ever doubles with its facts
    hold(sizes[1] <= 1.5 * sizes[0], f"it grew from {sizes[0]} to {sizes[1]} bytes with the number of facts")


def _size(bench: Bench, told: list[Fact], n: int) -> int:
    """The size of the state after n facts made of these, evenly over twice the longest window; refs within a round."""
    span = 2 * longest_window(bench.facet)
    state, size = bench.facet, len(told)
    known = {fact.id: place for place, fact in enumerate(told)}
    for number in range(n):
        fact = told[number % size]
        start = number - number % size
        ref = f"{start + known[fact.ref]:06}" if fact.ref in known else fact.ref
        state = state.after(evolve(fact, at=Instant(START + number * span // n), id=f"{number:06}", ref=ref))
    return len(bench.text(state))


def _merge(one: str, other: str, at: int, id: str) -> list[Told]:
    """The fact that joins two streams, in both."""
    return [(stream, Merged(stream, Instant(at), one, other, actor="desk", id=id)) for stream in (one, other)]


def unmerged(bench: Bench, drawn: tuple[list[Fact], Instant, Instant]) -> None:
    """FL8 merged and taken apart again it is as if never merged"""
    told, (at, until) = [(fact.subject, fact) for fact in drawn[0]], sorted(drawn[1:])
    ada = [pair for pair in told if pair[0] == "ada"]
    undone: list[Told] = [
        *_merge("ada", "bob", at, "m-1"),
        ("ada", Unmerged("ada", until, actor="desk", ref="m-1", id="u-1")),
    ]
    alone = bench.folded([*ada, *(pair for pair in undone if pair[0] == "ada")])
    hold(alone == bench.folded(ada), "parted again, a stream is not what it was")
    two = [pair for pair in told if pair[0] != "bob"] + _merge("ada", "cleo", at, "m-2")
    both = bench.folded([*two, *(pair for pair in undone if pair[0] == "ada")])
    hold(both == bench.folded(two), "a merge that was undone changes one that stands")


def joined(bench: Bench, drawn: tuple[list[Fact], Instant]) -> None:
    """FL8 a side that has said nothing has no state, the order of sides decides nothing, joined it is written"""
    told, at = [(fact.subject, fact) for fact in drawn[0]], drawn[1]
    sides = {name: list(pairs) for name, pairs in groupby(sorted(told, key=lambda p: p[0]), key=lambda p: p[0])}
    ada, bob = sides.get("ada", []), sides.get("bob", [])
    silent = bench.folded([*ada, *_merge("ada", "bob", at, "m-1")])
    hold(silent == bench.folded(ada), "a side that has said nothing changed the other")
    found = [bench.folded([*ada, *bob, *_merge(*names, at, "m-1")]) for names in (("ada", "bob"), ("bob", "ada"))]
    hold(found[0] == found[1], "which side is named first in the merge decided")
    hold(type(found[0]) is type(bench.facet), f"join gave a {type(found[0]).__name__}")
    hold(bench.read(bench.text(found[0])) == found[0], "a joined state came back from plain text as another value")
