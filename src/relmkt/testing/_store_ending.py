"""What remains? Erasing, closing, being killed, and capabilities that are declared (rules G11, S08, S20, S22)."""

import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from relmkt.codec import Record
from relmkt.exceptions import ConflictError, MismatchError
from relmkt.ports import Append, Block, Edge, Head, Link, Outgoing, Store, SupportsBulk, SupportsColumns, SupportsHeads
from relmkt.stores import Memory
from relmkt.testing._bench import Bench, bought, close, everything, put, refused, same, told
from relmkt.testing._check import hold

__all__ = ["CHECKS"]

KILLS = 3


def _known(store: Store) -> dict[str, int]:
    """Ada, under two streams and an identifier, with a head and a message; bob, who stays."""
    put(store, "bob", bought("b1"), links=[Link("m~2", "bob")], outbox=[Outgoing("m-2", "bob", "mail", 0)])
    put(store, "ada", bought("a1", body="ada-marker"), links=[Link("m~1", "ada")])
    put(store, "card~1", bought("c1"), outbox=[Outgoing("m-1", "card~1", "mail", 0, "ada-marker")])
    edges = [Edge("e-1", "ada", "card~1", True)]
    store.commit([], edges=edges)
    versions = {"ada": 1, "card~1": 1}
    store.commit([], head=Head("ada", versions, (0, "c1", "till"), 0, 9, "s1", "ada-marker"))
    return versions


def erased_everywhere(bench: Bench) -> None:
    """G11 an erasure takes streams, links, heads and outbox rows of the whole person, and nobody else's"""
    store = bench.store()
    done = store.erase("ada", _known(store), [Append("campaign\x1fx", (bought("r1"),))], ["digest-1"])
    same((done.facts, done.links, done.outbox, done.heads), (2, 1, 1, 1), "what was counted")
    for key in ("ada", "card~1", "m~1"):
        found = store.load(key, "s1")
        same((dict(found.versions), found.head, found.facts, found.home), ({}, None, (), ""), "what the erased lead to")
    same([list(store.rows(name)) for name in ("ada", "card~1")], [[], []], "outbox rows of the erased")
    same([stream for stream, _ in everything(store)], ["bob", "campaign\x1fx"], "streams of the facts that remain")
    same(
        [list(store.due(99, 9)), [r.id for r in store.claim(9, 9, 9)]],
        [["bob"], ["m-2"]],
        "who is due, and what is sent",
    )
    same(list(store.blocked(["digest-0", "digest-1"])), ["digest-1"], "blocked digests")
    same(store.load("m~2").home, "bob", "the link of who stays")


def erased_once(bench: Bench) -> None:
    """G11 a second erasure finds nothing and leaves nothing; no report brings the erased back"""
    store = bench.store()
    residue = [Append("campaign\x1fx", (bought("r1"),))]
    store.erase("ada", _known(store), residue)
    again = store.erase("ada", {}, [Append("campaign\x1fx", (bought("r2"),))])
    same(tuple(again)[:4], (0, 0, 0, 0), "what a second erasure counted")
    same(store.load("campaign\x1fx").versions, {"campaign\x1fx": 1}, "the residue after a second erasure")
    store.commit([Append("ada", (bought("late"),)), Append("card~1", (bought("late"),))])
    same(store.load("ada").versions, {}, "versions of the erased after a report")
    put(store, "ada", bought("new"))
    same((store.load("ada").root, dict(store.load("ada").versions)), ("ada", {"ada": 1}), "who comes back as new")


def erased_at_versions(bench: Bench) -> None:
    """G11 an erasure at other versions than were read is refused, as is a residue that names the erased"""
    store = bench.store()
    versions = _known(store)
    before = everything(store)
    for stale in ({"ada": 1}, {"ada": 1, "card~1": 2}, {}):
        refused(ConflictError, store.erase, "ada", stale, block=["digest-1"])
    refused(ValueError, store.erase, "ada", versions, [Append("card~1", (bought("r1"),))])
    same(everything(store), before, "facts after an erasure that was refused")
    same([list(store.blocked(["digest-1"])), store.load("m~1").home], [[], "ada"], "blocked digests, and the link")


def positions_are_used_once(bench: Bench) -> None:
    """S07 no position is given again after the newest facts were erased"""
    store = bench.store()
    put(store, "bob", bought("b1"))
    last = put(store, "ada", bought("a1"), bought("a2"))
    store.erase("ada", {"ada": 2})
    put(store, "bob", bought("b2"))
    same([r.id for _, r in store.changes(last, 9)], ["b2"], "facts after the position of an erased one")


def scrubbed(bench: Bench) -> None:
    """G11 once scrubbed, nothing is pending and no file of the store holds what was erased"""
    store = bench.store()
    names = [f"marker-{number:03}" for number in range(60)]
    for number, name in enumerate(names):
        link, out = Link(f"key {name}", name), Outgoing(f"out {name}", name, "mail", 0, name)
        head = Head(name, {name: 1}, (number, name, "till"), 0, 9, "s1", name)
        put(store, name, bought(name, at=number, body=name * 9, ref=name), links=[link], outbox=[out], head=head)
    for name in names[::2]:
        store.erase(name, {name: 1})
    hold(store.scrub(), "a scrub with no reader beside it is still owed")
    same(store.erase("nobody", {}).pending, False, "an erasure pending after the scrub")
    for path in bench.files():
        content = path.read_bytes()
        left = [name for name in names[::2] if name.encode() in content]
        hold(not left, f"{len(left)} of 30 erased are still readable in {path.suffix or 'a file'}")
    same(len(store.changes(0, 99)), 30, "facts of those who stay")


def _whole(store: Store) -> object:
    """All that a store shows of those whom `_known` writes."""
    people = [store.load(key, "s1") for key in ("ada", "card~1", "m~1", "bob", "m~2")]
    seen = [(p.root, p.home, dict(p.versions), p.head, told(p)) for p in people]
    rows = [tuple(row) for name in ("ada", "card~1", "bob") for row in store.rows(name)]
    return seen, rows, everything(store), list(store.due(9, 9)), list(store.blocked(["digest-1"]))


def _kept(bench: Bench, closed: bool) -> None:
    store = bench.store()
    _known(store)
    put(store, "eve", bought("e1"))
    store.erase("eve", {"eve": 1}, block=["digest-1"])
    store.claim(0, 50, 1)
    before, blank = _whole(store), _whole(Memory())
    files = bench.files()
    again = bench.again(store) if closed else bench.store()
    found = _whole(again)
    if found == blank and not files:
        return  # a store that says by leaving no trace that it lives in the process alone
    hold(found == before, "at the same place other data was found")
    last = again.changes(0, 99)[-1][1].position
    hold(put(again, "bob", bought("b2")) > last, "positions began again")
    hold(_whole(bench.store("another")) == blank, "a store at a new place was not empty")


def closed_and_opened(bench: Bench) -> None:
    """S20 the same place gives the same data after closing, a new place an empty store"""
    _kept(bench, closed=True)


def never_closed(bench: Bench) -> None:
    """S20 who forgot to close loses nothing acknowledged"""
    _kept(bench, closed=False)


def released(bench: Bench) -> None:
    """S20 closing releases files and threads, and may be done twice"""
    before = threading.active_count()
    store = bench.store()
    put(store, "ada", bought("a1"))
    store.load("ada")
    close(store)
    close(store)
    same(threading.active_count() <= before, True, "threads ended")
    held = [path for path in _open_files() if path.startswith(str(bench.folder))]
    same(len(held), 0, "files still open after closing")


def _open_files() -> list[str]:
    """The paths of this process's open files, where the system tells."""
    listed = Path("/proc/self/fd")
    if not listed.is_dir():
        return []
    found = []
    for entry in os.listdir(listed):
        try:
            found.append(str((listed / entry).readlink()))
        except OSError:  # the listing's own, gone by now
            continue
    return found


def killed(bench: Bench) -> None:
    """S08 a process killed while it writes loses nothing acknowledged, and tears no commit"""
    if not hasattr(os, "fork"):
        return
    put(bench.store("first"), "ada", bought("a1"))
    if not bench.files():
        return  # lives in the process alone, and ends with it
    for lap in range(KILLS):
        acknowledged = _killed_after(bench, f"lap-{lap}", 2 + 5 * lap)
        store = bench.store(f"lap-{lap}")
        versions = [store.load(name).versions.get(name, 0) for name in ("ada", "bob")]
        hold(versions[0] >= acknowledged, f"{versions[0]} of {acknowledged} acknowledged commits are there")
        rows = len(store.rows("ada"))
        same((versions[1], rows), (versions[0], versions[0]), "the other stream and the outbox of the same commits")
        put(store, "ada", bought("after"))


def _killed_after(bench: Bench, place: str, commits: int) -> int:
    """Start a writer in a process of its own, kill it after so many commits; how many it had acknowledged by then."""
    end, begin = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(end)
            _write_for_ever(bench.store(place), begin)
        finally:
            os._exit(1)
    os.close(begin)
    told = b""
    while len(told) < commits and (more := os.read(end, commits - len(told))):
        told += more
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(end, 4096):
        told += more
    os.close(end)
    hold(len(told) >= commits, "a writer in a process of its own failed")
    return len(told)


def _write_for_ever(store: Store, done: int) -> None:
    version = 0
    while True:
        appends = [Append(name, (bought(f"{name}{version}"),), version) for name in ("ada", "bob")]
        store.commit(appends, [Outgoing(f"m-{version}", "ada", "mail", 0)])
        version += 1
        os.write(done, b".")


def bulk_is_kept(bench: Bench) -> None:
    """S22 where bulk is declared, blocks of columns become the same records, repeats are dropped"""
    store = bench.store()
    if not isinstance(store, SupportsBulk):
        return
    put(store, "ada", bought("v1", at=1, kind="Visit", number=None, label="Lyon"), head=_head_of("ada", "v1"))
    block = Block(
        "Visit", 1, ["ada", "bob", "ada", "bob"], ["v1", "v2", "v3", "v2"], [1, 2, 0, 2], "till", label="Lyon"
    )
    same(store.extend([block], [Link("m~1", "bob")]), 2, "rows taken in")
    same(store.extend([block]), 0, "rows taken in again")
    expected = [bought(id, at=at, kind="Visit", number=None, label="Lyon") for id, at in (("v3", 0), ("v1", 1))]
    same(told(store.load("ada", "s1")), [("ada", record) for record in expected], "facts of a block")
    same([store.load("m~1").home, list(store.due(0, 9))], ["bob", ["ada", "bob"]], "a block's link, and who is due")
    numbers = Block(
        "Visit", 1, ["cleo"] * 3, ["a", "b", "c"], [0, 0, 0], number=[1, 2.5, float("nan")], label=["x", None, ""]
    )
    store.extend([numbers])
    same([(r.number, r.label) for _, r in store.load("cleo").facts], [(1, "x"), (2.5, None), (None, "")], "numbers")


def bulk_is_whole(bench: Bench) -> None:
    """S22 where bulk is declared, a block with a row of other content is a mismatch and writes nothing"""
    store = bench.store()
    if not isinstance(store, SupportsBulk):
        return
    put(store, "ada", bought("v1", kind="Visit"))
    before = everything(store)
    for ids, at in ((["v2", "v1"], [0, 5]), (["v2", "v2"], [0, 1])):
        block = Block("Visit", 1, ["ada", "ada"], ids, at, "till", [4990, 4990], "EUR")
        refused(MismatchError, store.extend, [block])
    same(everything(store), before, "facts after a block that was refused")


def heads_kept(bench: Bench) -> None:
    """S22 where heads are kept at once, those of other versions are left out"""
    store = bench.store()
    if not isinstance(store, SupportsHeads):
        return
    put(store, "ada", bought("a1"))
    put(store, "bob", bought("b1"), bought("b2"))
    heads = [Head(name, {name: 1}, (0, f"{name[0]}1", "till"), 0, 9, "s1", "{}") for name in ("ada", "bob")]
    store.keep(heads)
    same([store.load(name, "s1").head for name in ("ada", "bob")], [heads[0], None], "the heads kept")
    same([list(store.due(at, 9)) for at in (8, 9)], [["bob"], ["bob", "ada"]], "who is due")


def columns_are_kept(bench: Bench) -> None:
    """S22 where columns are declared, they are the memory store's, merged persons under their root"""
    store, reference = bench.store(), Memory()
    if not isinstance(store, SupportsColumns):
        return
    for each in (store, reference):
        put(each, "dan", bought("d1", at=3, number=0), bought("d2", at=1, number=None, label=None))
        put(each, "bob", bought("b1", at=2, kind="Visit", number=None, label="Lyon"), bought("b2", at=2, label="USD"))
        put(
            each, "ada", bought("a1", kind="Visit", number=2.5, label="\uff5e"), bought("a2", kind="Return", label="😀")
        )
        put(each, "eve", bought("e1", kind="Return"))
        each.commit([], edges=[Edge("e-1", "dan", "bob", True)])
    for kinds in ((), ("Purchase",), ("Visit", "Purchase"), ("Nothing",)):
        _same_columns(store, reference, kinds)


def _same_columns(store: SupportsColumns, reference: SupportsColumns, kinds: Sequence[str]) -> None:
    found, expected = store.columns(*kinds), reference.columns(*kinds)
    for name in ("ids", "stream", "at", "kind", "number", "label"):
        same(repr(getattr(found, name).tolist()), repr(getattr(expected, name).tolist()), f"column {name} of {kinds}")
    same((found.kinds, found.labels), (expected.kinds, expected.labels), f"words of {kinds}")
    same(list(found.facts()), list(expected.facts()), f"facts of {kinds}")


def _head_of(name: str, id: str) -> Head:
    return Head(name, {name: 1}, (1, id, "till"), 1, 9, "s1", "{}")


def port_is_whole(bench: Bench) -> None:
    """S19 the store has the ten methods of the port, and an empty one answers them all"""
    store = bench.store()
    hold(isinstance(store, Store), "a method of relmkt.ports.Store is missing")
    nobody: tuple[tuple[str, Record], ...] = ()
    same(tuple(store.load("ada"))[1:5], ({}, None, nobody, nobody), "what is known of nobody")
    same(
        [list(x) for x in (store.due(9, 9), store.changes(0, 9), store.claim(9, 9, 9))], [[], [], []], "an empty store"
    )
    same((list(store.rows("ada")), list(store.blocked(["x"])), store.scrub()), ([], [], True), "an empty store")


CHECKS = (
    port_is_whole,
    erased_everywhere,
    erased_once,
    erased_at_versions,
    positions_are_used_once,
    scrubbed,
    closed_and_opened,
    never_closed,
    released,
    killed,
    bulk_is_kept,
    bulk_is_whole,
    columns_are_kept,
)
