"""A store in one JSON file: read whole, changed as a copy, and put in place of the old one in one stroke.

Small shops only: every commit writes everything. Nothing of it can be half-written, and nothing erased lingers.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from relmkt.exceptions import ConflictError, MismatchError
from relmkt.ports import Append, Edge, Erased, Head, Link, Loaded, Outgoing, Position, Record, Row

FINAL = ("sent", "refused", "dead")


class Book:
    """What the file holds: facts as (stream, record) in the order of arrival, and the rest by name."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.facts = [(stream, Record(*r)) for stream, *r in told.get("facts", [])]
        self.links: dict[str, str] = dict(told.get("links", {}))
        self.edges = {edge[0]: Edge(*edge) for edge in told.get("edges", [])}
        self.heads = {h[0]: Head(h[0], h[1], tuple(h[2]), *h[3:]) for h in told.get("heads", [])}
        self.outbox = {r[0]: Row(*r) for r in told.get("outbox", [])}
        self.blocked: list[str] = list(told.get("blocked", []))
        self.position: int = told.get("position", 0)

    def text(self) -> str:
        told = {
            "facts": [[stream, *r] for stream, r in self.facts],
            "links": self.links,
            "edges": list(self.edges.values()),
            "heads": [[h.root, dict(h.versions), *h[2:]] for h in self.heads.values()],
            "outbox": list(self.outbox.values()),
            "blocked": self.blocked,
            "position": self.position,
        }
        return json.dumps(told)

    def of(self, stream: str) -> list[Record]:
        return [r for name, r in self.facts if name == stream]

    def person(self, stream: str) -> list[str]:
        joined, grown = {stream}, True
        while grown:
            more = {n for e in self.edges.values() if {e.a, e.b} & joined for n in (e.a, e.b)} - joined
            joined, grown = joined | more, bool(more)
        return sorted(joined)

    def versions(self, stream: str) -> dict[str, int]:
        return {name: n for name in self.person(stream) if (n := len(self.of(name)))}

    def append(self, appends: Sequence[Append], creates: bool = False) -> int:
        """Write what is new; how much it was."""
        stands = {a.stream: len(self.of(a.stream)) for a in appends}
        if any(a.expected is not None and a.expected != stands[a.stream] for a in appends):
            raise ConflictError("a stream stands at another version")
        begun = {a.stream for a in appends if a.records and (a.expected is not None or creates or stands[a.stream])}
        known = {(stream, *r.key): r for stream, r in self.facts}
        before = self.position
        for a in appends:
            for r in a.records if a.stream in begun else ():
                held = known.setdefault((a.stream, *r.key), r)
                if held.content != r.content:
                    raise MismatchError(f"{r.kind}: same id, other content")
                if held is r:
                    self.position += 1
                    self.facts.append((a.stream, r._replace(position=self.position)))
                    self.heads_due(a.stream)
        return self.position - before

    def heads_due(self, stream: str) -> None:
        """A fact without a head: the person is due now, and the head may still be read."""
        head = self.heads.get(self.person(stream)[0])
        if head is not None:
            self.heads[head.root] = head._replace(versions={**head.versions, "": 0})

    def due(self, root: str) -> int:
        head = self.heads.get(root)
        return 0 if head is None or "" in head.versions else head.due


class OneFile:
    """A store for a small shop: `OneFile(Path("shop.json"))`."""

    def __init__(self, path: Path) -> None:
        self.path, self._lock = path, RLock()

    @contextmanager
    def _book(self, write: bool = False) -> Iterator[Book]:
        with self._lock:
            text = self.path.read_text(encoding="utf-8") if self.path.exists() else "{}"
            book = Book(json.loads(text))
            yield book
            if write and (new := book.text()) != text:
                draft = self.path.with_suffix(".new")
                with draft.open("w", encoding="utf-8") as file:
                    file.write(new)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(self.path)

    def load(self, key: str, shape: str = "", ids: Sequence[tuple[str, str]] = ()) -> Loaded:
        with self._book() as book:
            home = key if book.of(key) else book.links.get(key, key)
            versions, root = book.versions(home), book.person(home)[0]
            facts = sorted(((s, r) for s, r in book.facts if s in versions), key=lambda p: (*p[1].order, p[0]))
            found = tuple(pair for pair in facts if pair[1].key in ids)
            head = book.heads.get(root)
            if head is not None:
                head = head._replace(versions={s: n for s, n in head.versions.items() if s})
            if head is None or not shape or head.shape != shape or head.versions.keys() != versions.keys():
                return Loaded(root, versions, None, tuple(facts), found, home if versions else "")
            beyond = {(s, r.key) for s, n in head.versions.items() for r in book.of(s)[n:]}
            later = tuple(pair for pair in facts if (pair[0], pair[1].key) in beyond)
            if any(r.order <= head.until for _, r in later):
                return Loaded(root, versions, None, tuple(facts), found, home)
            return Loaded(root, versions, head, later, found, home)

    def commit(
        self,
        appends: Sequence[Append],
        outbox: Sequence[Outgoing] = (),
        head: Head | None = None,
        links: Sequence[Link] = (),
        edges: Sequence[Edge] = (),
    ) -> Position:
        with self._book(write=True) as book:
            if not book.append(appends) and any(a.records for a in appends):
                return book.position
            for link in links:
                if book.links.setdefault(link.key, link.stream) != link.stream:
                    raise ConflictError("an identifier leads elsewhere already")
            for edge in edges:
                self._join(book, edge)
            for out in outbox:
                book.outbox.setdefault(out.id, Row(*out, "queued", 0, 0, 0))
            if head is not None:
                person = book.person(head.root)
                whole = person[0] == head.root and sorted(head.versions) == person
                if whole and all(0 < n <= len(book.of(s)) for s, n in head.versions.items()):
                    book.heads[head.root] = head
            return book.position

    def _join(self, book: Book, edge: Edge) -> None:
        held = book.edges.get(edge.id)
        if held is not None and {held.a, held.b} != {edge.a, edge.b}:
            raise MismatchError("Edge: same id, other streams")
        if edge.on and held is None and not (book.of(edge.a) and book.of(edge.b)):
            raise ConflictError("an edge names a stream that does not exist")
        before = book.person(edge.a)
        if edge.on and held is None and edge.b not in before:
            book.edges[edge.id] = edge
        elif not edge.on and held is not None:
            del book.edges[edge.id]
        if book.person(edge.a) != before:
            for name in {*before, *book.person(edge.a), *book.person(edge.b)}:
                book.heads.pop(name, None)

    def due(self, at: int, limit: int) -> Sequence[str]:
        with self._book() as book:
            roots = {book.person(name)[0] for name, _ in book.facts if "\x1f" not in name}
            late = sorted((book.due(root), root) for root in roots if "\x1f" not in root)
            return [root for due, root in late if due <= at][:limit]

    def changes(self, after: Position, limit: int) -> Sequence[tuple[str, Record]]:
        with self._book() as book:
            return [pair for pair in book.facts if pair[1].position > after][:limit]

    def rows(self, stream: str) -> Sequence[Row]:
        with self._book() as book:
            return sorted((r for r in book.outbox.values() if r.stream == stream), key=lambda r: (r.due, r.id))

    def claim(self, at: int, lease: int, limit: int, states: Sequence[str] = ("queued",)) -> Sequence[Row]:
        def ready(row: Row) -> bool:
            held = row.state in ("claimed", "sending") and row.until > at
            state = "queued" if row.state == "claimed" else row.state
            return row.due <= at and not held and state in states and state not in FINAL

        with self._book(write=True) as book:
            due = sorted(filter(ready, book.outbox.values()), key=lambda row: (row.due, row.id))[:limit]
            taken = [r._replace(state="claimed", token=r.token + 1, until=at + lease, tries=r.tries + 1) for r in due]
            book.outbox.update((row.id, row) for row in taken)
            return taken

    def settle(
        self,
        row: Row,
        to: str,
        appends: Sequence[Append] = (),
        payload: str | None = None,
        until: int | None = None,
        due: int | None = None,
    ) -> None:
        with self._book(write=True) as book:
            held = book.outbox.get(row.id)
            if held is None or held.token != row.token or held.state not in ("claimed", "sending"):
                raise ConflictError("an outbox row is held by somebody else")
            told = "" if to in FINAL else held.payload if payload is None else payload
            new = held._replace(state=to, payload=told)
            new = new if until is None else new._replace(until=until)
            book.outbox[row.id] = new if due is None else new._replace(due=due)
            book.append(appends)

    def erase(
        self, root: str, versions: Mapping[str, int], leave: Sequence[Append] = (), block: Sequence[str] = ()
    ) -> Erased:
        with self._book(write=True) as book:
            person = book.person(root)
            if book.versions(root) != dict(versions):
                raise ConflictError("the person stands at other versions")
            if any(a.stream in person for a in leave):
                raise ValueError("what is left names the erased")
            before = (len(book.facts), len(book.links), len(book.outbox), len(book.heads))
            book.facts = [pair for pair in book.facts if pair[0] not in person]
            book.links = {key: name for key, name in book.links.items() if name not in person}
            book.outbox = {id: row for id, row in book.outbox.items() if row.stream not in person}
            book.heads = {name: head for name, head in book.heads.items() if name not in person}
            book.edges = {id: edge for id, edge in book.edges.items() if edge.a not in person}
            after = (len(book.facts), len(book.links), len(book.outbox), len(book.heads))
            gone = [one - other for one, other in zip(before, after, strict=True)]
            if any(gone):
                book.append(leave, creates=True)
            book.blocked = sorted({*book.blocked, *block})
            return Erased(*gone, False)

    def blocked(self, digests: Sequence[str]) -> Sequence[str]:
        with self._book() as book:
            return [digest for digest in digests if digest in book.blocked]

    def scrub(self) -> bool:
        return True
