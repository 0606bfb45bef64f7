"""Is a commit what it says? Versions, races, batches, repeats, reports, links and edges (rules S01 to S06)."""

from collections.abc import Callable
from functools import partial
from threading import Barrier, Thread

from relmkt.exceptions import ConflictError, MismatchError
from relmkt.ports import Append, Edge, Head, Link, Outgoing, Store
from relmkt.testing._bench import Bench, bought, everything, put, refused, same, told
from relmkt.testing._check import hold

__all__ = ["CHECKS", "raced"]

RACERS = 8


def consecutive_versions(bench: Bench) -> None:
    """S01 an append at the stream's version succeeds, versions are consecutive and positions rise"""
    store, seen = bench.store(), [0]
    for number in range(4):
        seen.append(store.commit([Append("ada", (bought(f"a{number}"), bought(f"b{number}")), 2 * number)]))
        same(store.load("ada").versions, {"ada": 2 * number + 2}, "the version")
    hold(seen == sorted(set(seen)), "positions of commits do not rise")
    places = [record.position for _, record in store.changes(0, 99)]
    hold(places == sorted(set(places)) and places[0] > 0, "positions of records do not rise")
    hold(not store.changes(seen[-1], 99), "a commit's position lies before its newest fact")


def several_streams(bench: Bench) -> None:
    """S01 several streams in one commit, each at a version of its own"""
    store = bench.store()
    put(store, "ada", bought("a1"))
    store.commit([Append("ada", (bought("a2"),), 1), Append("bob", (bought("b1"), bought("b2")), 0)])
    versions = [store.load(name).versions for name in ("ada", "bob")]
    same(versions, [{"ada": 2}, {"bob": 2}], "versions")


def stale_version(bench: Bench) -> None:
    """S02 a stale version is refused and writes nothing"""
    store = bench.store()
    put(store, "ada", bought("a1"))
    put(store, "ada", bought("a2"))
    before = everything(store)
    for appends in ([Append("ada", (bought("a3"),), 1)], [Append("bob", (bought("b1"),), 0), Append("ada", (), 0)]):
        refused(ConflictError, store.commit, appends, [Outgoing("m-1", "ada", "mail", 0)])
    same(everything(store), before, "facts after a refused commit")
    same(list(store.rows("ada")), [], "outbox rows after a refused commit")


def future_version(bench: Bench) -> None:
    """S02 a future version is refused and writes nothing, on a stream that does not exist either"""
    store = bench.store()
    put(store, "ada", bought("a1"))
    for name in ("ada", "bob"):
        refused(ConflictError, store.commit, [Append(name, (bought("a9"),), 2)])
    same(len(everything(store)), 1, "facts after a refused commit")
    same(store.load("bob").versions, {}, "versions of a stream that was never begun")


def checks_write_nothing(bench: Bench) -> None:
    """S02 an append without records is a check: it refuses a stream that has moved, and writes nothing"""
    store = bench.store()
    put(store, "ada", bought("a1"))
    store.commit([Append("ada", (), 1), Append("carl", (), 0), Append("bob", (bought("b1"),), 0)])
    same([store.load(name).versions for name in ("ada", "carl")], [{"ada": 1}, {}], "versions of what was checked")
    for moved in (Append("ada", (), 0), Append("ada", (), 2), Append("carl", (), 1)):
        refused(ConflictError, store.commit, [moved, Append("bob", (bought("b2"),), 1)])
    same(store.load("bob").versions, {"bob": 1}, "the version beside a check that refused")


def reports_at_the_end(bench: Bench) -> None:
    """S02 a report goes to the end of a stream that exists, and is dropped where none does"""
    store = bench.store()
    put(store, "ada", bought("a1"))
    store.commit([Append("ada", (bought("a2"),)), Append("bob", (bought("b1"),))])
    store.commit([Append("ada", (bought("a2"),))])
    same(store.load("ada").versions, {"ada": 2}, "the version after a report and its repeat")
    same(store.load("bob").versions, {}, "a report began a stream")
    refused(MismatchError, store.commit, [Append("ada", (bought("a2", number=1),))])
    store.commit([Append("bob", (bought("b1"),), 0), Append("bob", (bought("b2"),))])
    same(store.load("bob").versions, {"bob": 2}, "a report beside the decision that begins its stream")


def raced(contest: Callable[[int], None], racers: int = RACERS) -> list[Exception]:
    """Run `contest(number)` in as many threads at once; the errors raised."""
    errors: list[Exception] = []
    start = Barrier(racers)

    def run(number: int) -> None:
        start.wait()
        try:
            contest(number)
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=run, args=(number,)) for number in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def one_winner(bench: Bench) -> None:
    """S03 of eight threads that race for one version exactly one wins, and the others get the conflict"""
    store = bench.store()
    put(store, "ada", bought("a"))
    for lap in range(1, 6):
        errors = raced(partial(_append, store, lap))
        hold(all(isinstance(error, ConflictError) for error in errors), f"raised {errors[:1]}, expected the conflict")
        same(len(errors), RACERS - 1, "losers of a race of eight")
        same(store.load("ada").versions, {"ada": lap + 1}, "the version after a race")


def _append(store: Store, version: int, number: int) -> None:
    store.commit([Append("ada", (bought(f"{version}-{number}"),), version)])


def whole_batch(bench: Bench) -> None:
    """S04 a batch is all or nothing: where its last record cannot be written, none was"""
    store = bench.store()
    put(store, "ada", bought("a1"))
    before = everything(store)
    batch = (bought("a2"), bought("a3"), bought("a1", number=1))
    refused(MismatchError, store.commit, [Append("bob", (bought("b1"),), 0), Append("ada", batch, 1)])
    refused(MismatchError, store.commit, [Append("ada", (bought("a4"), bought("a4", number=1)), 1)])
    same(everything(store), before, "facts after a batch that failed")
    same(store.load("bob").versions, {}, "versions of the other stream of a batch that failed")


def repeats_add_nothing(bench: Bench) -> None:
    """S05 the same record again adds nothing, and a commit of repeats alone queues nothing"""
    store = bench.store()
    put(store, "ada", bought("a1"), bought("a2"))
    before, first = everything(store), store.changes(0, 99)[-1][1].position
    again = (bought("a1"), bought("a2", seen=7, arrived=9))
    position = store.commit([Append("ada", again, 2)], [Outgoing("m-1", "ada", "mail", 0)])
    same(position, first, "the position after a repeat")
    same(everything(store), before, "facts after a repeat")
    same(list(store.rows("ada")), [], "outbox rows of a repeat")
    store.commit([Append("ada", (bought("a2"), bought("a3")), 2)], [Outgoing("m-1", "ada", "mail", 0)])
    same(store.load("ada").versions, {"ada": 3}, "the version after a repeat beside news")
    same(len(store.rows("ada")), 1, "outbox rows of news beside a repeat")


def other_content(bench: Bench) -> None:
    """S05 the same source and id with any other content is a mismatch, and writes nothing"""
    store, first = bench.store(), bought("a1", ref="r", body='{"place":"Lyon"}')
    put(store, "ada", first)
    changes = {"at": 1, "kind": "Visit", "schema": 2, "number": None, "label": "USD", "ref": "", "body": ""}
    for name, value in changes.items():
        other = first._replace(**{name: value})  # type: ignore[arg-type]
        refused(MismatchError, store.commit, [Append("ada", (other,), 1)])
    same(told(store.load("ada")), [("ada", first)], "facts after mismatches")


def own_id_a_source_and_stream(bench: Bench) -> None:
    """S05 a record is unique by its source and id in its stream: in another, it is another"""
    store = bench.store()
    put(store, "ada", bought("1", source="till"), bought("1", source="web", number=1))
    put(store, "bob", bought("1", number=2))
    same([store.load(name).versions for name in ("ada", "bob")], [{"ada": 2}, {"bob": 1}], "versions")


def together(bench: Bench) -> None:
    """S06 facts, links, edges, head and outbox rows of one commit stand together"""
    store = bench.store()
    put(store, "bob", bought("b1"))
    head = Head("ada", {"ada": 1}, (0, "a1", "till"), 5, 9, "s1", "{}")
    put(
        store,
        "ada",
        bought("a1"),
        outbox=[Outgoing("m-1", "ada", "mail", 3, "Hello")],
        links=[Link("m~1", "ada")],
        head=head,
    )
    found = store.load("m~1", "s1")
    same((found.root, found.home, found.head), ("ada", "ada", head), "root, home and head by a link")
    same([row[:7] for row in store.rows("ada")], [("m-1", "ada", "mail", 3, "Hello", "queued", 0)], "outbox rows")
    store.commit([Append("ada", (bought("a2"),), 1)], edges=[Edge("e-1", "ada", "bob", True)])
    same(store.load("bob").versions, {"ada": 2, "bob": 1}, "versions by an edge")


def nothing_of_a_failure(bench: Bench) -> None:
    """S06 of a commit whose last part fails nothing stands: no fact, link, edge, head or outbox row"""
    store = bench.store()
    put(store, "bob", bought("b1"), links=[Link("m~1", "bob")])
    before, head = everything(store), Head("ada", {"ada": 1}, (0, "a1", "till"), 5, 9, "s1", "{}")
    bad: list[dict[str, list[object]]] = [
        {"links": [Link("m~2", "ada"), Link("m~1", "ada")]},
        {"links": [Link("m~2", "ada")], "edges": [Edge("e-1", "ada", "bob", True), Edge("e-2", "ada", "nobody", True)]},
    ]
    for parts in bad:
        out = [Outgoing("m-1", "ada", "mail", 0)]
        refused(ConflictError, put, store, "ada", bought("a1"), outbox=out, head=head, **parts)
        same(everything(store), before, "facts after a commit that failed")
        same(
            [store.load(key).versions for key in ("ada", "m~2")],
            [{}, {}],
            "what a failed commit's stream and link lead to",
        )
        same(store.load("bob").versions, {"bob": 1}, "the person whom a failed edge names")
        same(list(store.rows("ada")), [], "outbox rows of a commit that failed")
    put(store, "ada", bought("a1"))
    same(
        [store.load("m~2").home, store.load("ada", "s1").head], ["", None], "the link and head of a commit that failed"
    )


def first_link_stands(bench: Bench) -> None:
    """S06 an identifier leads to the first stream stated for it, and stating another is a conflict"""
    store = bench.store()
    put(store, "ada", bought("a1"), links=[Link("m~1", "ada"), Link("c~1", "ada")])
    put(store, "bob", bought("b1"))
    store.commit([], links=[Link("m~1", "ada")])
    refused(ConflictError, store.commit, [], links=[Link("m~1", "bob")])
    same([store.load(key).home for key in ("m~1", "c~1", "bob", "m~9")], ["ada", "ada", "bob", ""], "homes")


def one_person(bench: Bench) -> None:
    """S06 streams joined by edges are one person, whose root is the smallest name, until they are parted"""
    store = bench.store()
    for name in ("dan", "bob", "cleo", "ada"):
        put(store, name, bought(f"{name}1"))
    store.commit([], edges=[Edge("e-1", "dan", "cleo", True)])
    store.commit([], edges=[Edge("e-2", "bob", "dan", True)])
    for name in ("dan", "bob", "cleo"):
        found = store.load(name)
        same((found.root, found.home, dict(found.versions)), ("bob", name, {"bob": 1, "cleo": 1, "dan": 1}), "a person")
        same([stream for stream, _ in found.facts], ["bob", "cleo", "dan"], "streams of the facts")
    store.commit([], edges=[Edge("e-1", "dan", "cleo", False)])
    same([store.load(name).root for name in ("dan", "cleo", "ada")], ["bob", "cleo", "ada"], "roots after parting")


def edges_are_a_forest(bench: Bench) -> None:
    """S06 joining two of one person changes nothing, and an edge's id means the same two streams for ever"""
    store = bench.store()
    for name in ("ada", "bob", "cleo"):
        put(store, name, bought(f"{name}1"))
    store.commit([], edges=[Edge("e-1", "ada", "bob", True), Edge("e-2", "bob", "cleo", True)])
    store.commit([], edges=[Edge("e-3", "ada", "cleo", True)])
    store.commit([], edges=[Edge("e-2", "bob", "cleo", False), Edge("e-9", "ada", "bob", False)])
    same(
        [store.load(name).root for name in ("bob", "cleo")], ["ada", "cleo"], "roots: an edge within one person counted"
    )
    refused(MismatchError, store.commit, [], edges=[Edge("e-1", "ada", "cleo", True)])
    refused(ConflictError, store.commit, [], edges=[Edge("e-4", "ada", "nobody", True)])


CHECKS = (
    consecutive_versions,
    several_streams,
    stale_version,
    future_version,
    checks_write_nothing,
    reports_at_the_end,
    one_winner,
    whole_batch,
    repeats_add_nothing,
    other_content,
    own_id_a_source_and_stream,
    together,
    nothing_of_a_failure,
    first_link_stands,
    one_person,
    edges_are_a_forest,
)
