"""Stores that break one rule each, in a few lines over the memory store; the kit must catch every one (rule K01)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from relmkt.ports import Append, Head, Loaded, Record
from relmkt.stores import Memory

BROKEN: dict[type[Memory], str] = {}


def breaks(clause: str) -> Callable[[type[Memory]], type[Memory]]:
    """Name the clause that a store breaks."""

    def keep(store: type[Memory]) -> type[Memory]:
        BROKEN[store] = clause
        return store

    return keep


@breaks("S01")
class PositionsStandStill(Memory):
    """Every commit answers with the same position."""

    def commit(self, *told: Any, **more: Any) -> int:
        super().commit(*told, **more)
        return 1


@breaks("S02")
class TakesAnyVersion(Memory):
    """The last writer wins."""

    def commit(self, appends: Any, *told: Any, **more: Any) -> int:
        free = [a._replace(expected=self._version(a.stream)) if a.expected is not None else a for a in appends]
        return super().commit(free, *told, **more)


@breaks("S02")
class TakesFutureVersions(Memory):
    """A version beyond the stream's end is taken for its end."""

    def commit(self, appends: Any, *told: Any, **more: Any) -> int:
        near = [
            a if a.expected is None else a._replace(expected=min(a.expected, self._version(a.stream))) for a in appends
        ]
        return super().commit(near, *told, **more)


@breaks("S02")
class ForgetsChecks(Memory):
    """An append without records is nothing to do (60 prizes were paid 91 times by this one)."""

    def commit(self, appends: Any, *told: Any, **more: Any) -> int:
        return super().commit([a for a in appends if a.records], *told, **more)


@breaks("S02")
class ReportsBegin(Memory):
    """A report begins a stream, and brings an erased person back."""

    def _fresh(self, appends: Any, creates: bool = False) -> Any:
        return super()._fresh(appends, creates=True)


class NoLock:
    """A lock that locks nothing."""

    def __enter__(self) -> None: ...

    def __exit__(self, *told: object) -> None: ...


@breaks("S03")
class ReadsThenWrites(Memory):
    """Looks and leaps: another thread may come between."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = NoLock()  # type: ignore[assignment]

    def _check_links(self, links: Any) -> None:
        from threading import Event

        Event().wait(0.002)  # a slow disk
        super()._check_links(links)


@breaks("S04")
class StreamByStream(Memory):
    """Each append is a transaction of its own."""

    def commit(self, appends: Any, outbox: Any = (), head: Any = None, links: Any = (), edges: Any = ()) -> int:
        for append in appends:
            super().commit([append])
        return super().commit([], outbox, head, links, edges)


@breaks("S05")
class TakesRepeats(Memory):
    """A repeat is news under another id."""

    def _fresh(self, appends: Any, creates: bool = False) -> Any:
        known = {key[2] for key in self._by_key}
        told = [
            a._replace(records=tuple(r._replace(id=r.id + "'") if r.id in known else r for r in a.records))
            for a in appends
        ]
        return super()._fresh(told, creates)


@breaks("S05")
class DropsMismatches(Memory):
    """The same id is a repeat, whatever it says."""

    def _fresh(self, appends: Any, creates: bool = False) -> Any:
        def same(stream: str, r: Record) -> Record:
            return self._by_key.get((stream, r.source, r.id), r)

        return super()._fresh(
            [a._replace(records=tuple(same(a.stream, r) for r in a.records)) for a in appends], creates
        )


@breaks("S05")
class IdsWithoutSource(Memory):
    """Two sources that number alike are one."""

    def _fresh(self, appends: Any, creates: bool = False) -> Any:
        return super()._fresh(
            [a._replace(records=tuple(r._replace(source="") for r in a.records)) for a in appends], creates
        )


@breaks("S06")
class LinksFirst(Memory):
    """Links are written before the versions are looked at."""

    def commit(self, appends: Any, outbox: Any = (), head: Any = None, links: Any = (), edges: Any = ()) -> int:
        for link in links:
            self._links.setdefault(link.key, link.stream)
        return super().commit(appends, outbox, head, links, edges)


@breaks("S06")
class QueuesFirst(Memory):
    """The outbox row stands although its fact was refused."""

    def commit(self, appends: Any, outbox: Any = (), head: Any = None, links: Any = (), edges: Any = ()) -> int:
        super().commit([], outbox)
        return super().commit(appends, (), head, links, edges)


@breaks("S06")
class LastLinkWins(Memory):
    """An identifier leads to whoever stated it last."""

    def _check_links(self, links: Any) -> None: ...


@breaks("S06")
class RootIsTheFirst(Memory):
    """The root of a merged person is whom one asks for."""

    def load(self, key: str, *told: Any) -> Loaded:
        found = super().load(key, *told)
        return found._replace(root=found.home or key)


@breaks("S07")
class ChangesByTime(Memory):
    """Followers get facts in the order in which they happened."""

    def changes(self, after: int, limit: int) -> Any:
        return sorted(super().changes(after, 10**9), key=lambda pair: pair[1].order)[:limit]


@breaks("S07")
class PositionsComeBack(Memory):
    """Numbers from the newest row: erased, it is numbered again."""

    def erase(self, *told: Any, **more: Any) -> Any:
        done = super().erase(*told, **more)
        self._position = max((r.position for rs in self._records.values() for r in rs), default=0)
        return done


@breaks("S15")
class HeadOfAnyShape(Memory):
    """A snapshot of other facets is handed out as if it were of these."""

    def _head(self, person: Any, versions: Any, shape: str) -> Head | None:
        head = self._heads.get(person[0])
        return super()._head(person, versions, head.shape if head else shape)


@breaks("S15")
class LateFactsAreNews(Memory):
    """A head stands although a fact came in before its `until`."""

    def _head(self, person: Any, versions: Any, shape: str) -> Head | None:
        head = self._heads.get(person[0])
        return head if head and head.shape == shape and set(head.versions) == set(versions) else None


@breaks("S15")
class HeadsAreKeptBlindly(Memory):
    """Any head is kept, whatever it covers."""

    def _keep(self, head: Head | None) -> None:
        if head is not None:
            self._heads[head.root], self._due[head.root] = head, head.due


@breaks("S15")
class NeverDueAgain(Memory):
    """A commit without a head leaves the person asleep."""

    def commit(self, *told: Any, **more: Any) -> int:
        due = dict(self._due)
        position = super().commit(*told, **more)
        self._due = {**due, **self._due}
        return position


@breaks("S15")
class OrderOfArrival(Memory):
    """History is what came in first."""

    def load(self, *told: Any) -> Loaded:
        found = super().load(*told)
        return found._replace(facts=tuple(sorted(found.facts, key=lambda pair: pair[1].position)))


@breaks("S16")
class NormalisesText(Memory):
    """Letters and marks are put together."""

    def load(self, *told: Any) -> Loaded:
        from unicodedata import normalize

        found = super().load(*told)
        return found._replace(facts=tuple((s, r._replace(body=normalize("NFC", r.body))) for s, r in found.facts))


@breaks("S16")
class NumbersAreFloats(Memory):
    """Whole numbers pass through a float."""

    def load(self, *told: Any) -> Loaded:
        found = super().load(*told)
        return found._replace(
            facts=tuple((s, r._replace(number=None if r.number is None else float(r.number))) for s, r in found.facts)
        )


@breaks("S16")
class Milliseconds(Memory):
    """Instants are cut to the millisecond."""

    def load(self, *told: Any) -> Loaded:
        found = super().load(*told)
        return found._replace(facts=tuple((s, r._replace(at=r.at // 1000 * 1000)) for s, r in found.facts))


@breaks("S18")
class Wildcards(Memory):
    """A name is asked for with LIKE."""

    def load(self, key: str, *told: Any) -> Loaded:
        from fnmatch import fnmatchcase

        like = key.replace("%", "*").replace("_", "?")
        named = [*self._records, *self._links]
        return super().load(next((name for name in named if fnmatchcase(name, like)), key), *told)


@breaks("S17")
class OneForAll(Memory):
    """Whatever the place, it is the same tables."""

    rooms: dict[str, Any] = {}

    def __init__(self) -> None:
        super().__init__()
        self.__dict__ = OneForAll.rooms or OneForAll.rooms.update(self.__dict__) or OneForAll.rooms


@breaks("S03")
class ClaimsTwice(Memory):
    """A lease keeps nobody away."""

    def claim(self, at: int, lease: int, limit: int, states: Any = ("queued",)) -> Any:
        return super().claim(at, 0, limit, (*states, "claimed"))


@breaks("S03")
class SendsAgain(Memory):
    """What may have left already is queued once more when its lease ends."""

    def claim(self, at: int, lease: int, limit: int, states: Any = ("queued",)) -> Any:
        return super().claim(at, lease, limit, (*states, "sending"))


@breaks("S02")
class NoFence(Memory):
    """Who settles late writes over who came after."""

    def settle(self, row: Any, *told: Any, **more: Any) -> None:
        held = self._outbox.get(row.id, row)
        super().settle(row._replace(token=held.token), *told, **more)


@breaks("S06")
class SettlesThenAppends(Memory):
    """The transition stands although its fact was refused."""

    def settle(self, row: Any, to: str, appends: Any = (), *told: Any, **more: Any) -> None:
        super().settle(row, to, (), *told, **more)
        self._write(self._fresh(appends))


@breaks("G11")
class ForgetsTheOutbox(Memory):
    """Messages to an erased person are still sent."""

    def _remove(self, person: Any) -> Any:
        kept = dict(self._outbox)
        counts = super()._remove(person)
        self._outbox = kept
        return counts


@breaks("G11")
class ForgetsLinks(Memory):
    """The erased person's identifiers still lead somewhere."""

    def erase(self, root: str, versions: Any, *told: Any, **more: Any) -> Any:
        links = dict(self._links)
        done = super().erase(root, versions, *told, **more)
        self._links = links
        return done

    def load(self, key: str, *told: Any) -> Loaded:
        found = super().load(key, *told)
        return found if found.home or key not in self._links else found._replace(home=self._links[key])


@breaks("G11")
class ErasesAnyVersion(Memory):
    """Erases what came in since it was read."""

    def erase(self, root: str, versions: Any, *told: Any, **more: Any) -> Any:
        return super().erase(root, self.load(root).versions, *told, **more)


@breaks("S22")
class BulkKeepsRepeats(Memory):
    """Declares bulk, and counts repeats as news."""

    def extend(self, blocks: Any, links: Any = ()) -> int:
        blocks = list(blocks)
        super().extend(blocks, links)
        return sum(len(block.ids) for block in blocks)


@breaks("S22")
class ColumnsOfTheHome(Memory):
    """Declares columns, and leaves merged persons apart."""

    def columns(self, *kinds: str) -> Any:
        edges, self._edges = self._edges, {}
        try:
            return super().columns(*kinds)
        finally:
            self._edges = edges


@breaks("S19")
class NoScrub(Memory):
    """Lacks a method of the port."""

    scrub = property()  # type: ignore[assignment]


@breaks("S19")
class DueByName(Memory):
    """Who is due comes by name, not by how long."""

    def due(self, at: int, limit: int) -> Any:
        return sorted(super().due(at, 10**9))[:limit]


# --- those that keep a file ------------------------------------------------------------------------------------------


class Filed(Memory):
    """Keeps a list of (stream, record) in a file: enough to show what a file store may get wrong."""

    def __init__(self, place: Path) -> None:
        super().__init__()
        self.path = place / "facts.json"
        if self.path.exists():
            for stream, *told in json.loads(self.path.read_text()):
                super().commit([Append(stream, (Record(*told),), self._version(stream))])

    def commit(self, *told: Any, **more: Any) -> int:
        position = super().commit(*told, **more)
        self.path.write_text(json.dumps([[stream, *r] for stream, r in self.changes(0, 10**9)]))
        return position


class ForgetsLinksOnClosing(Filed):
    """Only facts come back: links, heads and the outbox were in memory."""


class WritesOnClosing(Filed):
    """Who forgets to close loses everything since."""

    def commit(self, *told: Any, **more: Any) -> int:
        return Memory.commit(self, *told, **more)

    def close(self) -> None:
        Filed.commit(self, [])


class LeavesFileOpen(Filed):
    """A file handle a store, for ever."""

    held: list[Any] = []

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        LeavesFileOpen.held.append((place / "log").open("a"))


class LeavesTraces(Filed):
    """A log of everything that ever came in, erased persons included."""

    def commit(self, *told: Any, **more: Any) -> int:
        with (self.path.parent / "log").open("a") as log:
            log.write(repr(told))
        return super().commit(*told, **more)


FILED: dict[type[Filed], str] = {
    ForgetsLinksOnClosing: "S20",
    WritesOnClosing: "S20",
    LeavesFileOpen: "S20",
    LeavesTraces: "G11",
}

__all__ = ["BROKEN", "FILED"]
