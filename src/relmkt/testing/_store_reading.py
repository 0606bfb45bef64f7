"""Is what was written what is read? Positions, heads, order, and texts as they came (rules S07, S15, S16, S18)."""

from relmkt.codec import Record
from relmkt.ports import Append, Edge, Head, Link, Store
from relmkt.testing._bench import Bench, bought, everything, loosely, put, same, told
from relmkt.testing._check import hold
from relmkt.testing._store_writing import raced

__all__ = ["CHECKS", "HOSTILE"]

HOSTILE = (
    "d'or",
    'say "hi"',
    "a;b--",
    "100%_",
    "back\\slash",
    "'; DROP TABLE facts; --",
    "$(x) {0} ?1 :at @at",
    "é e\u0301",
    "مرحبا",
    "😀",
    "\uff5e",
    "new\nline\ttab",
    " space ",
)
"""Texts that a store must keep as they are: quotes, wildcards, marks, right to left, beyond the basic plane."""


def changes_in_order(bench: Bench) -> None:
    """S07 following positions in steps of any length gives every fact once, in the order of commits"""
    store = bench.store()
    for number in range(4):
        put(store, "bob", bought(f"b{number}", at=9 - number))
        put(store, "ada", bought(f"a{number}", at=5), bought(f"c{number}", at=4))
    whole = everything(store)
    same(len(whole), 12, "facts taken in")
    same([record.id for _, record in whole][:3], ["b0", "a0", "c0"], "the order of commits")
    for step in (1, 5, 12):
        same(_followed(store, step), whole, f"facts followed in steps of {step}")


def _followed(store: Store, step: int) -> list[tuple[str, Record]]:
    found: list[tuple[str, Record]] = []
    position = 0
    while more := store.changes(position, step):
        hold(len(more) <= step, "more changes than asked for")
        hold(more[-1][1].position > position, "a position that is not above the cursor")
        found += more
        position = more[-1][1].position
    return [(stream, loosely(record)) for stream, record in found]


def followed_beside_writers(bench: Bench) -> None:
    """S07 somebody who follows positions beside four writers sees every fact once and in order"""
    store, seen = bench.store(), list[tuple[str, int]]()

    def work(number: int) -> None:
        """The first follows while the others write, each to a stream of its own."""
        if number:
            for n in range(12):
                put(store, f"s{number}", bought(f"{number}-{n}"))
            return
        for _ in range(40):
            seen.extend(_after(store, seen))

    errors = raced(work, 5)
    hold(not errors, f"somebody raised {errors[:1]}")
    while more := _after(store, seen):
        seen.extend(more)
    places = [position for _, position in seen]
    hold(places == sorted(set(places)), "a position appeared below the cursor")
    expected = sorted(f"{number}-{n}" for number in range(1, 5) for n in range(12))
    same(sorted(id for id, _ in seen), expected, "facts that the follower saw")


def _after(store: Store, seen: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The next three changes after the last one seen."""
    position = seen[-1][1] if seen else 0
    found = [(record.id, record.position) for _, record in store.changes(position, 3)]
    hold(all(place > position for _, place in found), "a position below the cursor appeared")
    return found


def _headed(store: Store, due: int = 9) -> Head:
    """Ada with two facts and a head over both."""
    put(store, "ada", bought("a1", at=1))
    head = Head("ada", {"ada": 2}, (5, "a2", "till"), 6, due, "s1", '{"n":2}')
    put(store, "ada", bought("a2", at=5), head=head)
    return head


def head_as_written(bench: Bench) -> None:
    """S15 a head is handed out as it was written, with the facts after it and no others"""
    store = bench.store()
    head = _headed(store)
    found = store.load("ada", "s1")
    same((found.head, list(found.facts)), (head, []), "head and facts")
    put(store, "ada", bought("a3", at=7), bought("a4", at=6))
    found = store.load("ada", "s1")
    same((found.head, [r.id for _, r in found.facts]), (head, ["a4", "a3"]), "head and the facts after it")
    same(found.versions, {"ada": 4}, "the version beside a head")


def head_of_its_shape(bench: Bench) -> None:
    """S15 a head of another shape is not handed out, nor one that nobody asked for: then come all facts"""
    store = bench.store()
    _headed(store)
    for shape in ("s2", ""):
        found = store.load("ada", shape)
        same((found.head, [r.id for _, r in found.facts]), (None, ["a1", "a2"]), f"head and facts of shape {shape!r}")


def late_fact_voids_head(bench: Bench) -> None:
    """S15 a head is void once a fact stands before its `until`, by instant, id or source"""
    for number, late in enumerate((bought("z", at=4), bought("a0", at=5), bought("a2", at=5, source="desk"))):
        store = bench.store(f"late-{number}")
        _headed(store)
        put(store, "ada", late)
        found = store.load("ada", "s1")
        same((found.head, len(found.facts)), (None, 3), "head and facts after a late one")
    store = bench.store("after")
    head = _headed(store)
    put(store, "ada", bought("a2", at=5, source="web"))
    same(store.load("ada", "s1").head, head, "the head before a fact of the same instant and a later source")


def head_of_these_streams(bench: Bench) -> None:
    """S15 a head is of exactly the person's streams: a merge voids it, and one that covers others is not kept"""
    store = bench.store()
    _headed(store)
    put(store, "bob", bought("b1", at=9))
    store.commit([], edges=[Edge("e-1", "ada", "bob", True)])
    same((store.load("ada", "s1").head, len(store.load("ada", "s1").facts)), (None, 3), "head and facts after a merge")
    for versions in ({"ada": 2}, {"ada": 2, "bob": 1, "cleo": 1}, {"ada": 2, "bob": 2}):
        store.commit([], head=Head("ada", versions, (9, "b1", "till"), 9, 9, "s1", "{}"))
        same(store.load("ada", "s1").head, None, "a head that covers other streams or versions")
    whole = Head("ada", {"ada": 2, "bob": 1}, (9, "b1", "till"), 9, 9, "s1", "{}")
    store.commit([], head=whole)
    same(store.load("bob", "s1").head, whole, "a head of both streams")
    store.commit([], edges=[Edge("e-1", "ada", "bob", False)])
    same([store.load(name, "s1").head for name in ("ada", "bob")], [None, None], "heads after parting")


def history_in_order(bench: Bench) -> None:
    """S15 facts come ordered by instant, id, source and stream, texts by code point"""
    store, ids = bench.store(), ["Z", "a", "\uff5e", "😀", "e\u0301", "é", "10", "9"]
    put(store, "ada", *(bought(id, at=5) for id in ids), bought("a", at=5, source="A"))
    put(store, "bob", bought("a", at=5), bought("zz", at=-1))
    store.commit([], edges=[Edge("e-1", "ada", "bob", True)])
    found = [(r.at, r.id, r.source, stream) for stream, r in store.load("ada").facts]
    same(found, sorted(found), "facts of a merged person")
    same(len(found), len(ids) + 3, "how many facts of a merged person")


def found_by_id(bench: Bench) -> None:
    """S15 the ids asked for are found wherever in the person's streams they stand, and no others"""
    store = bench.store()
    _headed(store)
    put(store, "bob", bought("a1", at=3, number=1))
    wanted = [("till", "a1"), ("web", "a2"), ("till", "gone")]
    same([(s, r.id) for s, r in store.load("ada", "s1", wanted).found], [("ada", "a1")], "ids found")
    store.commit([], edges=[Edge("e-1", "ada", "bob", True)])
    same(
        [(s, r.id) for s, r in store.load("bob", "", wanted).found],
        [("ada", "a1"), ("bob", "a1")],
        "ids found once merged",
    )
    same(store.load("ada").found, (), "found where nothing was asked for")


def texts_as_they_came(bench: Bench) -> None:
    """S16 texts return exactly as they came: marks, right to left, emoji, a megabyte"""
    store = bench.store()
    records = [bought(f"t{n}", at=n, label=text, body=text, ref=text) for n, text in enumerate(HOSTILE)]
    records.append(bought("u", at=99, body="é😀" * 262_144))
    put(store, "ada", *records)
    same(told(store.load("ada")) == [("ada", record) for record in records], True, "texts equal to those written")


def numbers_as_they_came(bench: Bench) -> None:
    """S16 whole numbers of 64 bits, fractions and missing ones return exactly, instants to the microsecond"""
    store = bench.store()
    numbers = [None, 0, -1, 2**53 + 1, 2**63 - 1, -(2**63), 0.1, -2.5e-300, 1e300]
    instants = [-62_135_596_800_000_000, -1, 0, 1, 1_772_366_400_123_456, 253_402_300_799_999_999]
    records = [bought(f"n{n}", at=instants[n % 6], number=number, label=None) for n, number in enumerate(numbers)]
    records += [bought(f"i{n}", at=at, seen=at, arrived=2**62) for n, at in enumerate(instants)]
    put(store, "ada", *records)
    found = {record.id: record for _, record in told(store.load("ada"))}
    same([found[r.id] for r in records], records, "numbers and instants")
    same([type(found[r.id].number) for r in records], [type(r.number) for r in records], "their types")


def hostile_names(bench: Bench) -> None:
    """S18 streams, ids, sources and identifiers of quotes, semicolons and wildcards are found as themselves"""
    store = bench.store()
    for name in HOSTILE:
        put(store, name, bought(name, source=name, kind="Visit"), links=[Link(f"key {name}", name)])
    for name in HOSTILE:
        found = store.load(f"key {name}", "", [(name, name)])
        same((found.home, dict(found.versions)), (name, {name: 1}), "home and versions by a link")
        same([(r.id, r.source) for _, r in found.facts], [(name, name)], "the fact")
        same([r.id for _, r in found.found], [name], "the fact by its id")
    same(store.load("%").versions, {}, "what a wildcard finds")
    same(store.commit([Append(HOSTILE[0], (), 1)]) > 0, True, "a check of a hostile stream")


def apart(bench: Bench) -> None:
    """S17 stores at two places never see each other's rows"""
    one, two = bench.store("one"), bench.store("two")
    put(one, "ada", bought("a1"), links=[Link("m~1", "ada")])
    same([two.load("ada").versions, two.load("m~1").versions], [{}, {}], "what another place leads to")
    same(
        [list(two.changes(0, 9)), list(two.due(9, 9)), list(two.rows("ada"))], [[], [], []], "what another place holds"
    )
    put(two, "ada", bought("a1", number=1))
    same([r.number for _, r in one.load("ada").facts], [4990], "the fact after another place took in its own")


CHECKS = (
    changes_in_order,
    followed_beside_writers,
    head_as_written,
    head_of_its_shape,
    late_fact_voids_head,
    head_of_these_streams,
    history_in_order,
    found_by_id,
    texts_as_they_came,
    numbers_as_they_came,
    hostile_names,
    apart,
)
