"""What every store must do, clause by clause, on both of ours."""

import threading

import numpy as np
import pytest

from relmkt.exceptions import ConflictError, MismatchError
from relmkt.facts import Purchase
from relmkt.money import Money
from relmkt.ports import (
    Append,
    Block,
    Edge,
    Erased,
    Head,
    Link,
    Loaded,
    Outgoing,
    Record,
    Store,
    SupportsBulk,
    SupportsColumns,
)
from tests.stores.conftest import fact, put


def head(root: str, versions: dict[str, int], until: Record, due: int = 50, shape: str = "s1") -> Head:
    return Head(root, versions, until.order, until.at, due, shape, "{}")


def untouched(store: Store) -> tuple[object, ...]:
    """All that can be seen."""
    return tuple(store.changes(0, 999)), tuple(store.due(999, 99)), tuple(store.rows("ada")), store.load("mail~1")


def test_stores_declare_what_they_can(store: Store) -> None:
    assert isinstance(store, Store)
    assert isinstance(store, SupportsBulk)
    assert isinstance(store, SupportsColumns)


def test_nobody_is_known_at_first(store: Store) -> None:
    assert store.load("ada") == Loaded("ada", {}, None, ())
    assert not store.due(9, 9)
    assert len(store.columns()) == 0


def test_an_append_gives_versions_and_rising_positions(store: Store) -> None:  # rule S01
    first = store.commit([Append("ada", (fact("a"), fact("b")), 0)])
    second = store.commit([Append("ada", (fact("c"),), 2), Append("bob", (fact("a"),), 0)])
    assert first < second
    assert store.load("ada").versions == {"ada": 3}
    positions = [r.position for _, r in store.changes(0, 9)]
    assert positions == sorted(set(positions))
    assert [r.id for _, r in store.changes(first, 9)] == ["c", "a"]
    assert not store.changes(second, 9)


@pytest.mark.parametrize("expected", [0, 2, 9])
def test_another_version_is_a_conflict_and_writes_nothing(store: Store, expected: int) -> None:  # rule S02, S04
    put(store, "ada", fact("a"))
    before = untouched(store)
    with pytest.raises(ConflictError):
        store.commit(
            [Append("bob", (fact("z"),), 0), Append("ada", (fact("b"),), expected)],
            [Outgoing("m", "ada", "mail", 0)],
            links=[Link("mail~1", "ada")],
        )
    with pytest.raises(ConflictError):
        store.commit([Append("bob", (fact("z"),), 0), Append("ada", (), expected)])
    assert untouched(store) == before


def test_one_of_many_threads_wins_a_version(store: Store) -> None:  # rule S03
    put(store, "ada", fact("a"))
    outcomes, gate = [], threading.Barrier(8)

    def race(number: int) -> None:
        gate.wait()
        try:
            store.commit([Append("ada", (fact(f"b{number}"),), 1)])
            outcomes.append("won")
        except ConflictError:
            outcomes.append("lost")

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 7 + ["won"]
    assert store.load("ada").versions == {"ada": 2}


def test_a_repeat_is_dropped_and_other_content_refused(store: Store) -> None:  # rule S05
    position = put(store, "ada", fact("a"), fact("b"))
    assert (
        store.commit([Append("ada", (fact("a", seen=7, arrived=9),), 2)], [Outgoing("m", "ada", "mail", 0)]) == position
    )
    assert not store.rows("ada")  # repeats alone change nothing
    before = untouched(store)
    for other in (
        fact("a", number=1),
        fact("a", at=1),
        fact("a", label="USD"),
        fact("a", body="{}"),
        fact("a", ref="b"),
    ):
        with pytest.raises(MismatchError, match="Purchase"):
            store.commit([Append("bob", (fact("z"),), 0), Append("ada", (fact("c"), other), 2)])
    assert untouched(store) == before
    store.commit([Append("ada", (fact("c"), fact("a"), fact("c")), 2)])
    assert store.load("ada").versions == {"ada": 3}
    store.commit([Append("ada", (fact("a", source="web"),), 3)])  # another source's id is another fact
    assert store.load("ada").versions == {"ada": 4}


def test_a_failure_leaves_nothing_of_a_commit(store: Store) -> None:  # rule S04, S06
    put(store, "ada", fact("a"))
    before = untouched(store)
    with pytest.raises((TypeError, AttributeError)):
        store.commit([Append("ada", (fact("b"), None), 1)], [Outgoing("m", "ada", "mail", 0)])  # type: ignore[arg-type]
    assert untouched(store) == before
    put(store, "ada", fact("b"))


def test_a_report_goes_to_the_end_of_what_exists(store: Store) -> None:
    store.commit([Append("ada", (fact("r"),), None)])
    assert store.load("ada") == Loaded("ada", {}, None, ())
    put(store, "ada", fact("a"))
    store.commit([Append("ada", (fact("r"),), None)])
    store.commit([Append("ada", (fact("r"),), None)])
    assert store.load("ada").versions == {"ada": 2}
    store.commit([Append("bob", (fact("a"),), 0), Append("bob", (fact("r"),), None)])
    assert store.load("bob").versions == {"bob": 2}


def test_facts_come_in_historys_order(store: Store) -> None:
    told = [
        fact("b", 5),
        fact("a", 5),
        fact("a", 5, "web"),
        fact("z", 1),
        fact("é", 5),
        fact("😀", 5),
        fact("\uff5e", 5),
    ]
    put(store, "ada", *told)
    assert [r.order for _, r in store.load("ada").facts] == sorted(r.order for r in told)  # by code point


def test_text_and_numbers_round_trip(store: Store) -> None:  # rule S16, S18
    names = ["d'or\"; DROP TABLE facts;--", "%_\\", "e\u0301", "é", "مرحبا", "😀", "x" * 1_000_000]
    for number, name in enumerate(names):
        r = Record(name, name, -(2**62) + number, name[:99], 1, 2**60 + number, name, name, name, 2**62, -1)
        put(store, name, r, links=[Link(f"link {name}", name)], outbox=[Outgoing(name, name, name, 5, name)])
        for key in (name, f"link {name}"):
            ((stream, held),) = store.load(key).facts
            assert (stream, held._replace(position=0)) == (name, r)
            assert isinstance(held.number, int)
        assert store.rows(name)[0].payload == name
    whole, half = fact("w", number=4990.0), fact("h", number=2.5)
    put(store, "ada", whole, half)
    assert [type(r.number) for _, r in store.load("ada").facts] == [float, float]


def test_what_is_asked_for_by_id_is_found(store: Store) -> None:
    put(store, "ada", fact("a", 3), fact("b", 2), fact("c", 1))
    put(store, "bob", fact("a", 9))
    found = store.load("ada", ids=[("till", "a"), ("till", "c"), ("web", "a"), ("till", "q")]).found
    assert [(name, r.id) for name, r in found] == [("ada", "c"), ("ada", "a")]
    store.commit([], edges=[Edge("m", "ada", "bob", True)])
    assert [(name, r.id) for name, r in store.load("bob", ids=[("till", "a")]).found] == [("ada", "a"), ("bob", "a")]


# --- heads and due ---------------------------------------------------------------------------------------------------


def test_a_head_leaves_only_what_came_after_it(store: Store) -> None:
    put(store, "ada", fact("a", 1), fact("b", 5))
    kept = head("ada", {"ada": 2}, fact("b", 5))
    store.commit([Append("ada", (), 2)], head=kept)
    assert store.load("ada", "s1") == Loaded("ada", {"ada": 2}, kept, (), (), "ada")
    store.commit([Append("ada", (fact("c", 6),), 2)])
    told = store.load("ada", "s1")
    assert told.head == kept
    assert [r.id for _, r in told.facts] == ["c"]
    for shape in ("", "s2"):
        assert store.load("ada", shape).head is None
        assert len(store.load("ada", shape).facts) == 3


def test_a_late_fact_makes_a_head_invalid(store: Store) -> None:
    put(store, "ada", fact("b", 5))
    store.commit([Append("ada", (), 1)], head=head("ada", {"ada": 1}, fact("b", 5)))
    store.commit([Append("ada", (fact("a", 5),), 1)])  # not after (5, "b")
    told = store.load("ada", "s1")
    assert told.head is None
    assert [r.id for _, r in told.facts] == ["a", "b"]


def test_a_head_of_other_streams_is_not_kept(store: Store) -> None:
    put(store, "ada", fact("a"))
    for versions in ({}, {"bob": 1}, {"ada": 1, "bob": 1}, {"ada": 2}, {"ada": 0}):
        store.commit([Append("ada", (), 1)], head=head("ada", versions, fact("a")))
        assert store.load("ada", "s1").head is None
        assert store.due(0, 9) == ["ada"]


def test_due_is_now_without_a_head(store: Store) -> None:
    for name in ("cyd", "ada", "bob"):
        put(store, name, fact("a"))
    store.commit([Append("address\x1fada", (fact("a"),), 0)])
    assert store.due(0, 9) == ["ada", "bob", "cyd"]  # another subject is never due
    assert store.due(0, 2) == ["ada", "bob"]
    assert not store.due(-1, 9)
    store.commit([Append("ada", (fact("b"),), 1)], head=head("ada", {"ada": 2}, fact("b"), due=50))
    store.commit([Append("bob", (), 1)], head=head("bob", {"bob": 1}, fact("a"), due=40))
    assert store.due(49, 9) == ["cyd", "bob"]
    assert store.due(50, 9) == ["cyd", "bob", "ada"]
    store.commit([Append("ada", (), 2), Append("ada", (fact("b"),), None)])  # a repeat wakes nobody
    assert "ada" not in store.due(49, 9)
    store.commit([Append("ada", (fact("report"),), None)])
    assert "ada" in store.due(0, 9)


# --- links and edges -------------------------------------------------------------------------------------------------


def test_a_link_leads_to_its_first_stream(store: Store) -> None:
    put(store, "ada", fact("a"), links=[Link("mail~1", "ada"), Link("card~1", "ada")])
    assert store.load("mail~1").root == "ada"
    assert store.load("mail~1").home == "ada"
    put(store, "ada", fact("b"), links=[Link("mail~1", "ada")])
    before = untouched(store)
    with pytest.raises(ConflictError):
        put(store, "bob", fact("b"), links=[Link("mail~2", "bob"), Link("mail~1", "bob")])
    assert untouched(store) == before
    assert store.load("mail~2") == Loaded("mail~2", {}, None, ())


def test_streams_of_one_person_are_read_together(store: Store) -> None:
    put(store, "bob", fact("b", 2), links=[Link("mail~1", "bob")])
    put(store, "ada", fact("a", 3), fact("c", 1))
    put(store, "cyd", fact("a", 3))
    store.commit([], edges=[Edge("m1", "bob", "ada", True), Edge("m2", "cyd", "bob", True)])
    told = store.load("mail~1")
    assert (told.root, told.versions, told.home) == ("ada", {"ada": 2, "bob": 1, "cyd": 1}, "bob")
    assert [(name, r.id) for name, r in told.facts] == [("ada", "c"), ("bob", "b"), ("ada", "a"), ("cyd", "a")]
    assert store.due(0, 9) == ["ada"]
    store.commit([Append("bob", (), 1)], edges=[Edge("m3", "cyd", "ada", True)])  # one person already: no-op
    store.commit([], edges=[Edge("m2", "cyd", "bob", False), Edge("m9", "cyd", "bob", False)])
    assert store.load("cyd").versions == {"cyd": 1}
    assert store.load("bob").versions == {"ada": 2, "bob": 1}
    assert store.due(0, 9) == ["ada", "cyd"]


def test_an_edge_drops_the_heads_of_those_it_joins(store: Store) -> None:
    for name in ("ada", "bob"):
        store.commit([Append(name, (fact("a", 1),), 0)], head=head(name, {name: 1}, fact("a", 1)))
    assert not store.due(0, 9)
    both = head("ada", {"ada": 1, "bob": 1}, fact("a", 1), due=60)
    store.commit([], edges=[Edge("m1", "ada", "bob", True)])
    assert store.due(0, 9) == ["ada"]
    assert store.load("bob", "s1").head is None
    store.commit([Append("ada", (), 1)], head=both)
    assert store.load("bob", "s1").head == both
    store.commit([Append("bob", (fact("b", 2),), 1)])
    assert [(name, r.id) for name, r in store.load("ada", "s1").facts] == [("bob", "b")]
    store.commit([], edges=[Edge("m1", "ada", "bob", False)])
    assert store.due(0, 9) == ["ada", "bob"]
    assert store.load("ada", "s1").head is None


def test_an_edge_to_nobody_is_a_conflict(store: Store) -> None:
    put(store, "ada", fact("a"))
    with pytest.raises(ConflictError):
        store.commit([Append("ada", (fact("b"),), 1)], edges=[Edge("m1", "ada", "bob", True)])
    assert store.load("ada").versions == {"ada": 1}
    put(store, "bob", fact("a"), edges=[Edge("m1", "ada", "bob", True)])
    with pytest.raises(MismatchError):
        store.commit([], edges=[Edge("m1", "ada", "ada", True)])


# --- outbox ----------------------------------------------------------------------------------------------------------


def queue(store: Store, *ids: str, due: int = 10) -> None:
    put(store, "ada", fact(f"for {ids}"), outbox=[Outgoing(id, "ada", "mail", due, "text") for id in ids])


def test_a_row_is_claimed_once_until_its_lease_ends(store: Store) -> None:
    queue(store, "m2", "m1")
    queue(store, "m0", due=99)
    assert not store.claim(9, 5, 9)
    (first,) = store.claim(10, 5, 1)
    assert first == ("m1", "ada", "mail", 10, "text", "claimed", 1, 15, 1)
    assert [row.id for row in store.claim(10, 5, 9)] == ["m2"]
    assert not store.claim(14, 5, 9)
    again = store.claim(15, 5, 9)
    assert [(row.id, row.token, row.tries, row.until) for row in again] == [("m1", 2, 2, 20), ("m2", 2, 2, 20)]
    with pytest.raises(ConflictError):  # fenced: claimed anew since
        store.settle(first, "sent", [Append("ada", (fact("sent"),), None)])
    assert store.load("ada").versions == {"ada": 2}


def test_a_row_sent_off_is_taken_back_only_by_who_asks(store: Store) -> None:
    queue(store, "m1")
    (row,) = store.claim(10, 5, 9)
    store.settle(row, "sending", [Append("ada", (fact("started", 10),), 1)], payload="bytes", until=30)
    assert store.rows("ada")[0][4:8] == ("bytes", "sending", 1, 30)
    assert not store.claim(40, 5, 9)
    assert not store.claim(29, 5, 9, ("queued", "sending"))
    (again,) = store.claim(30, 5, 9, ("sending",))
    assert (again.payload, again.state, again.token) == ("bytes", "claimed", 2)


@pytest.mark.parametrize("to", ["sent", "refused", "dead"])
def test_an_end_empties_the_payload_and_is_final(store: Store, to: str) -> None:
    queue(store, "m1")
    (row,) = store.claim(10, 5, 9)
    store.settle(row, to, [Append("ada", (fact("report"),), None)], payload="more")
    assert store.rows("ada")[0].payload == ""
    assert store.rows("ada")[0].state == to
    assert store.load("ada").versions == {"ada": 2}
    assert not store.claim(99, 5, 9, ("queued", "sending", "unknown", to))
    with pytest.raises(ConflictError):
        store.settle(row, "queued")


def test_a_row_put_back_keeps_its_tries(store: Store) -> None:
    queue(store, "m1")
    (row,) = store.claim(10, 5, 9)
    store.settle(row, "queued", due=20)
    assert not store.claim(19, 5, 9)
    (row,) = store.claim(20, 5, 9)
    assert (row.tries, row.token, row.payload) == (2, 2, "text")
    store.settle(row, "unknown")
    assert not store.claim(99, 5, 9)
    assert len(store.claim(99, 5, 9, ("unknown",))) == 1


def test_a_settle_at_another_version_writes_nothing(store: Store) -> None:
    queue(store, "m1")
    (row,) = store.claim(10, 5, 9)
    put(store, "ada", fact("objection"))
    with pytest.raises(ConflictError):
        store.settle(row, "sending", [Append("ada", (fact("started"),), 1)])
    assert store.rows("ada") == [row]


def test_an_outbox_row_is_queued_once(store: Store) -> None:
    queue(store, "m1")
    put(store, "bob", fact("b"), outbox=[Outgoing("m1", "bob", "sms", 0)])
    assert [row.channel for row in store.rows("ada")] == ["mail"]
    assert not store.rows("bob")


# --- erasure ---------------------------------------------------------------------------------------------------------


def test_the_erased_stand_nowhere(store: Store) -> None:
    put(store, "ada", fact("a"), links=[Link("mail~1", "ada")], outbox=[Outgoing("m1", "ada", "mail", 0)])
    put(store, "bob", fact("b"))
    put(store, "eve", fact("e"))
    store.commit([], edges=[Edge("m", "ada", "bob", True)])
    store.commit([Append("ada", (), 1)], head=head("ada", {"ada": 1, "bob": 1}, fact("b")))
    with pytest.raises(ConflictError):
        store.erase("ada", {"ada": 1})
    with pytest.raises(ValueError):
        store.erase("ada", {"ada": 1, "bob": 1}, [Append("bob", (fact("r"),))])
    left = Append("campaign\x1fspring", (fact("residue"),))
    newest = store.changes(0, 9)[-1][1].position
    assert store.erase("ada", {"ada": 1, "bob": 1}, [left], ["digest"])[:4] == (2, 1, 1, 1)
    for key in ("ada", "bob", "mail~1"):
        assert store.load(key) == Loaded(key, {}, None, ())
    assert not store.rows("ada")
    assert store.due(9, 9) == ["eve"]
    assert [name for name, _ in store.changes(0, 9)] == ["eve", "campaign\x1fspring"]
    assert store.changes(0, 9)[-1][1].position > newest  # never given again
    assert store.blocked(["other", "digest"]) == ["digest"]
    assert store.erase("ada", {}, [left])[:4] == (0, 0, 0, 0)
    assert store.scrub()
    assert store.erase("ada", {}) == Erased(0, 0, 0, 0, False)


def test_positions_never_go_back(store: Store) -> None:
    position = put(store, "ada", fact("a"))
    store.erase("ada", {"ada": 1})
    assert put(store, "ada", fact("a")) > position


# --- columns and blocks ----------------------------------------------------------------------------------------------


def order(subject: str, at: int, units: int, id: str, channel: str = "") -> Purchase:
    from relmkt.windows import Instant

    return Purchase(subject, Instant(at), Money.minor(units, "EUR"), id=id, channel=channel)


def test_columns_tell_history_in_order(store: Store) -> None:
    from relmkt.codec import Codec

    codec = Codec([Purchase])
    for name, at, id in [("bob", 5, "x"), ("ada", 9, "b"), ("ada", 9, "a"), ("eve", 1, "q"), ("ada", 2, "c")]:
        put(store, name, codec.encode(order(name, at, at * 100, id, f"by {id}")))
    put(store, "zoe", fact("v", kind="Visit", number=None, label=None))
    store.commit([Append("address\x1fada", (fact("n", kind="Noted"),), 0)])
    store.commit([], edges=[Edge("m", "ada", "eve", True)])
    table = store.columns("Purchase")
    assert table.ids.tolist() == ["ada", "bob", "zoe"]  # everybody, with facts or none
    assert table.stream.tolist() == [0, 0, 0, 0, 1]
    assert table.at.tolist() == [1, 2, 9, 9, 5]
    assert table.number.tolist() == [100, 200, 900, 900, 500]
    assert (table.kinds, table.labels, dict(table.roots)) == (("Purchase",), ("EUR",), {"eve": "ada"})
    assert list(table.rest(Purchase, "channel")) == ["by q", "by c", "by a", "by b", "by x"]
    assert next(iter(table.rest(Purchase, "amount"))) == Money("1.00", "EUR")
    assert [(i, f.id, f.subject) for i, f in table.facts(Purchase)][:2] == [(0, "q", "eve"), (0, "c", "ada")]
    everything = store.columns()
    assert everything.kinds == ("Noted", "Purchase", "Visit")
    assert everything.ids.tolist() == ["ada", "address\x1fada", "bob", "zoe"]
    assert np.isnan(everything.number[-1])
    assert everything.label.tolist()[-1] == -1
    assert len(store.columns("Purchase", "Visit", "Unheard")) == 6
    with pytest.raises(KeyError):
        table.rest(Purchase, "subject")


def test_a_block_is_history_in_columns(store: Store) -> None:
    store.commit([Append("ada", (fact("a", 1),), 0)], head=head("ada", {"ada": 1}, fact("a", 1)))
    block = Block(
        "Purchase",
        1,
        np.array(["bob", "ada", "ada", "bob"]),
        np.array(["b", "c", "a", "b"]),
        np.array([7, 3, 1, 7]),
        "till",
        np.array([1, 2, 4990, 1]),
        "EUR",
        seen=9,
    )
    assert store.extend([block], [Link("mail~1", "bob")]) == 2
    assert store.load("mail~1").versions == {"bob": 1}
    assert [(r.id, r.number, r.seen) for _, r in store.load("ada").facts] == [("a", 4990, 0), ("c", 2, 9)]
    assert store.load("ada", "s1").head is None
    assert store.due(0, 9) == ["ada", "bob"]
    assert store.extend([block]) == 0
    wrong = block._replace(ids=["n", "c", "a", "b"], number=[5, 2, 4990, None])
    with pytest.raises(MismatchError, match="Purchase, row 3"):
        store.extend([wrong])
    assert store.load("bob").versions == {"bob": 1}  # nothing half-written
    with pytest.raises(ValueError):
        store.extend([block._replace(at=[1])])


def test_a_large_block_is_as_if_told_one_by_one(store: Store) -> None:
    rng = np.random.default_rng(3)
    size = 12_000
    streams = np.array([f"c{i}" for i in rng.integers(0, 900, size)])
    at = rng.integers(0, 10**6, size)
    number = np.where(rng.random(size) < 0.1, np.nan, rng.random(size))
    block = Block("Purchase", 1, streams, [f"o{i}" for i in range(size)], at, "till", number, None)
    assert store.extend([block._replace(ids=[*block.ids[:-1], "o0"]), block]) == size + (streams[0] != streams[-1])
    told = store.load("c5").facts
    mine = [(int(at[i]), f"o{i}") for i in range(size) if streams[i] == "c5"]
    assert [(r.at, r.id) for _, r in told] == sorted(mine)
    places = [(r.position, r.id) for _, r in told if r.id != "o0"]
    assert [id for _, id in sorted(places)] == [id for _, id in sorted(mine, key=lambda pair: int(pair[1][1:]))]
    assert {r.number is None for _, r in store.changes(0, size)} == {True, False}
    put(store, "c5", fact("after"))  # the indexes stand again
    with pytest.raises(MismatchError):
        put(store, "c5", fact("after", 1))
