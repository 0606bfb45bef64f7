"""Who is next, and who holds a message? Due persons, claims under a lease, settling under a token."""

from relmkt.exceptions import ConflictError
from relmkt.ports import Append, Edge, Head, Outgoing, Row, Store
from relmkt.testing._bench import Bench, bought, put, refused, same
from relmkt.testing._check import hold
from relmkt.testing._store_writing import raced

__all__ = ["CHECKS"]


def _headed(store: Store, name: str, due: int) -> None:
    put(store, name, bought(f"{name}1"), head=Head(name, {name: 1}, (0, f"{name}1", "till"), 0, due, "s1", "{}"))


def due_without_head(bench: Bench) -> None:
    """S15 no head means due now; with one, its crossing; a commit without a head makes due again"""
    store = bench.store()
    put(store, "ada", bought("a1"))
    _headed(store, "bob", 50)
    same(list(store.due(0, 9)), ["ada"], "due at 0")
    same(list(store.due(50, 9)), ["ada", "bob"], "due at 50")
    put(store, "bob", bought("b2", at=1))
    same(sorted(store.due(0, 9)), ["ada", "bob"], "due after a commit without a head")
    store.commit([], head=Head("bob", {"bob": 2}, (1, "b2", "till"), 1, 70, "s1", "{}"))
    same(list(store.due(69, 9)), ["ada"], "due after a head was written alone")


def due_in_order(bench: Bench) -> None:
    """S15 those longest due come first, at most as many as asked for; what is no customer is never due"""
    store = bench.store()
    for name, due in (("ada", 30), ("bob", 10), ("cleo", 20), ("dan", 10)):
        _headed(store, name, due)
    put(store, "campaign\x1fspring", bought("c1"))
    same(list(store.due(30, 9)), ["bob", "dan", "cleo", "ada"], "due by crossing and name")
    same([list(store.due(30, 3)), list(store.due(9, 9))], [["bob", "dan", "cleo"], []], "due by limit and instant")


def due_once_merged(bench: Bench) -> None:
    """S15 a merged person is due once, under its root, at once after merging and after parting"""
    store = bench.store()
    for name in ("ada", "bob"):
        _headed(store, name, 90)
    store.commit([], edges=[Edge("e-1", "bob", "ada", True)])
    same(list(store.due(0, 9)), ["ada"], "due after a merge")
    versions = {"ada": 1, "bob": 1}
    store.commit([], head=Head("ada", versions, (0, "bob1", "till"), 0, 80, "s1", "{}"))
    same([list(store.due(79, 9)), list(store.due(80, 9))], [[], ["ada"]], "due by the head of both")
    put(store, "bob", bought("b2", at=1))
    same(list(store.due(0, 9)), ["ada"], "due after a fact of the other stream")
    store.commit([], edges=[Edge("e-1", "bob", "ada", False)])
    same(list(store.due(0, 9)), ["ada", "bob"], "due after parting")


def _queued(bench: Bench, *due: int) -> Store:
    store = bench.store()
    out = [Outgoing(f"m-{number}", "ada", "mail", at, f"text {number}") for number, at in enumerate(due)]
    put(store, "ada", bought("a1"), outbox=out)
    return store


def claimed_under_lease(bench: Bench) -> None:
    """S03 a claim takes what is due, earliest first, raises the token by one and gives a lease"""
    store = _queued(bench, 20, 10, 30)
    same(list(store.claim(9, 100, 9)), [], "claimed before anything is due")
    taken = list(store.claim(20, 100, 9))
    same([row[:9] for row in taken], [_row(1, 10), _row(0, 20)], "rows claimed at 20")
    same([list(store.claim(20, 100, 9)), list(store.claim(119, 9, 9))[1:]], [[], []], "rows claimed while leased")
    same([row.id for row in store.claim(120, 5, 1)], ["m-1"], "rows claimed at the lease's end, one at most")
    same(next((row.id, row.token, row.tries) for row in store.rows("ada")), ("m-1", 2, 2), "token and tries")


def _row(number: int, due: int) -> tuple[object, ...]:
    return (f"m-{number}", "ada", "mail", due, f"text {number}", "claimed", 1, 120, 1)


def claimed_once(bench: Bench) -> None:
    """S03 eight workers that claim at once never hold the same row"""
    store, taken = _queued(bench, *range(24)), list[Row]()

    def work(number: int) -> None:
        for _ in range(3):
            taken.extend(store.claim(99, 50, 2))

    errors = raced(work)
    hold(not errors, f"claiming raised {errors[:1]}")
    taken.extend(store.claim(99, 50, 24))
    same(sorted(row.id for row in taken), sorted(f"m-{number}" for number in range(24)), "rows claimed by all")


def fenced(bench: Bench) -> None:
    """S02 who settles under an old token, or a row that nobody holds, is refused and writes nothing"""
    store = _queued(bench, 0)
    (old,) = store.claim(0, 10, 1)
    (new,) = store.claim(10, 10, 1)
    late = [Append("ada", (bought("late"),))]
    refused(ConflictError, store.settle, old, "sent", late)
    same(store.load("ada").versions, {"ada": 1}, "the version after a settle under an old token")
    same([(row.state, row.token) for row in store.rows("ada")], [("claimed", 2)], "the row after it")
    store.settle(new, "sent", [Append("ada", (bought("sent"),))])
    refused(ConflictError, store.settle, new, "queued", late)
    refused(ConflictError, store.settle, new._replace(id="m-9"), "sent", late)
    same([(row.state, row.payload) for row in store.rows("ada")], [("sent", "")], "the row once it was sent")
    same(store.load("ada").versions, {"ada": 2}, "the version after a settle")


def settled_whole(bench: Bench) -> None:
    """S06 a transition and the facts that go with it stand together or not at all"""
    store = _queued(bench, 0)
    (row,) = store.claim(0, 10, 1)
    refused(ConflictError, store.settle, row, "sending", [Append("ada", (bought("start"),), 7)], "bytes", 99)
    same([r[3:9] for r in store.rows("ada")], [row[3:9]], "the row after a settle that was refused")
    store.settle(row, "sending", [Append("ada", (bought("start"),), 1), Append("gone", (bought("g"),))], "bytes", 99)
    found = store.rows("ada")[0]
    same((found.state, found.payload, found.until, found.token), ("sending", "bytes", 99, 1), "the row once started")
    same([store.load(name).versions for name in ("ada", "gone")], [{"ada": 2}, {}], "versions once started")
    same(sorted(store.due(0, 9)), ["ada"], "due after a settle with facts")


def put_back(bench: Bench) -> None:
    """S03 a row settled back is claimed again from its new due instant, and a final one never"""
    store = _queued(bench, 0, 0, 0, 0)
    for row, to in zip(store.claim(0, 10, 4), ("queued", "refused", "dead", "unknown"), strict=True):
        store.settle(row, to, due=50)
    same(list(store.claim(49, 10, 9)), [], "claimed before its new due instant")
    same([row.id for row in store.claim(50, 10, 9)], ["m-0"], "claimed at its new due instant")
    same([row.id for row in store.claim(50, 10, 9, ("unknown",))], ["m-3"], "unknown ones, asked for")
    states = {row.id: row.state for row in store.rows("ada")}
    same((states["m-1"], states["m-2"]), ("refused", "dead"), "final states")


def sending_is_left(bench: Bench) -> None:
    """S03 what was being sent when a lease ran out is claimed only by who asks for it"""
    store = _queued(bench, 0)
    (row,) = store.claim(0, 10, 1)
    store.settle(row, "sending", until=20)
    same(list(store.claim(99, 10, 9)), [], "claimed as if it had never left")
    same(list(store.claim(19, 10, 9, ("sending",))), [], "claimed while it is being sent")
    same([row.token for row in store.claim(20, 10, 9, ("queued", "sending"))], [2], "claimed by who asks for it")


def queued_once(bench: Bench) -> None:
    """S05 the same consequence queued again is one row, and does not start anew"""
    store = _queued(bench, 0)
    (row,) = store.claim(0, 10, 1)
    store.settle(row, "sent")
    put(store, "ada", bought("a2"), outbox=[Outgoing("m-0", "ada", "mail", 5, "again")])
    same([(r.id, r.state, r.due) for r in store.rows("ada")], [("m-0", "sent", 0)], "rows of one consequence")


CHECKS = (
    due_without_head,
    due_in_order,
    due_once_merged,
    claimed_under_lease,
    claimed_once,
    fenced,
    settled_whole,
    put_back,
    sending_is_left,
    queued_once,
)
