"""Does any program of calls get the memory store's answers? Random programs, replayed from a seed (rules S19, K04).

The same calls go to both stores; errors are compared by their class, positions by their rank, for what a position is
made of is the store's own affair.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from relmkt.codec import Record
from relmkt.exceptions import RelmktError
from relmkt.ports import Append, Block, Edge, Erased, Head, Link, Loaded, Outgoing, Row, Store, SupportsBulk
from relmkt.stores import Memory
from relmkt.testing._bench import Bench, loosely
from relmkt.testing._check import hold

__all__ = ["Twins", "programs"]

NAMES = ("ada", "bob", "café", "d'or\"%;--\\", "\uff5e", "😀", "address\x1fada")
KEYS = ("mail~1", "mail~2", "card~1")


class Twins:
    """A store and the memory store, given the same calls drawn from one generator."""

    def __init__(self, store: Store, rng: np.random.Generator) -> None:
        self.stores: tuple[Store, Store] = (Memory(), store)
        self.rng = rng
        self.marks: list[tuple[int, int]] = [(0, 0)]
        self.held: list[tuple[Row, Row]] = []
        self.said: list[str] = []

    # Drawing.

    def one(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def record(self) -> Record:
        number, label = self.one([None, 4990, 0, 2.5]), self.one([None, "EUR", "Lyon"])
        told = (self.one(["Purchase", "Visit"]), 1, number, label, self.one(["", "f0"]), self.one(["", '{"a":1}']))
        return Record(f"f{self.rng.integers(8)}", self.one(["", "till"]), int(self.rng.integers(13)), *told)

    def append(self) -> Append:
        stream = self.one(NAMES)
        stands = self.stores[0].load(stream).versions.get(stream, 0)
        records = tuple(self.record() for _ in range(int(self.rng.integers(4))))
        return Append(stream, records, self.one([stands, stands, stands, stands, None, stands + 1]))

    def fold(self) -> tuple[list[Append], Head]:
        """As a program does: all streams checked, one written, and a head of all that is known then."""
        person = self.stores[0].load(self.one(NAMES))
        versions, name = dict(person.versions), person.home or person.root
        fresh = {r.key: r for r in (self.record() for _ in range(2))}
        news = tuple(r for key, r in fresh.items() if key not in {r.key for s, r in person.facts if s == name})
        checks = [Append(stream, (), version) for stream, version in versions.items()]
        written = Append(name, news, versions.get(name, 0))
        versions[name] = versions.get(name, 0) + len(news)
        until = max([(0, "", ""), *(r.order for r in news), *(r.order for _, r in person.facts)])
        at = int(self.rng.integers(13))
        return [*checks, written], Head(person.root, versions, until, at, at, self.one(["s1", "s2"]), "{}")

    # Calling.

    def both(self, method: str, *arguments: Any) -> tuple[Any, Any]:
        """The same call on both; the answers, once they agree."""
        self.said.append(f"{method}{arguments!r}")
        found = [_answer(store, method, arguments) for store in self.stores]
        self.agree(method, found[0], found[1])
        return found[0], found[1]

    def agree(self, method: str, ours: Any, theirs: Any) -> None:
        loose = (_loose(ours), _loose(theirs))
        hold(loose[0] == loose[1], f"{method} answered {loose[1]!r}, the memory store {loose[0]!r}"[:1500])

    def wrote(self, method: str, *arguments: Any) -> None:
        """A call that gives a position: kept as a pair."""
        self.said.append(f"{method}{arguments!r}")
        ours, theirs = (_answer(store, method, arguments) for store in self.stores)
        hold(
            isinstance(ours, type) == isinstance(theirs, type),
            f"{method} answered {theirs!r}, the memory store {ours!r}",
        )
        if isinstance(ours, type):
            self.agree(method, ours, theirs)
        else:
            self.marks.append((ours, theirs))
            hold(sorted(self.marks) == sorted(self.marks, key=lambda pair: pair[1]), "positions rise in another order")

    def commit(self) -> None:
        out = [Outgoing(f"m{self.rng.integers(4)}", self.one(NAMES), "mail", int(self.rng.integers(13)), "text")]
        links = [Link(self.one(KEYS), self.one(NAMES))] if self.rng.random() < 0.3 else []
        self.wrote("commit", [self.append() for _ in range(2)], out[: int(self.rng.integers(2))], None, links)

    def headed(self) -> None:
        appends, head = self.fold()
        self.wrote("commit", appends, (), head)

    def join(self) -> None:
        edge = Edge(f"e{self.rng.integers(3)}", self.one(NAMES), self.one(NAMES), bool(self.rng.random() < 0.6))
        self.wrote("commit", [], (), None, (), [edge])

    def claim(self) -> None:
        states = self.one([("queued",), ("queued", "sending"), ("unknown",)])
        at, lease, limit = (int(n) for n in self.rng.integers([13, 5, 3]))
        ours, theirs = self.both("claim", at, lease, limit, states)
        self.held += list(zip(ours, theirs, strict=True))

    def settle(self) -> None:
        if not self.held:
            return
        rows, to = self.one(self.held), self.one(["sending", "sent", "refused", "queued", "unknown", "dead"])
        appends = [self.append()] if self.rng.random() < 0.4 else []
        more = (self.one([None, "bytes"]), self.one([None, 3, 12]), self.one([None, 5]))
        self.said.append(f"settle{(rows[0], to, appends, *more)!r}")
        told = [_answer(s, "settle", (row, to, appends, *more)) for s, row in zip(self.stores, rows, strict=True)]
        self.agree("settle", told[0], told[1])

    def erase(self) -> None:
        person = self.stores[0].load(self.one(NAMES))
        versions = {**person.versions, "ada": 99} if self.rng.random() < 0.2 else dict(person.versions)
        leave = [Append("campaign\x1fspring", (Record(f"r{len(self.said)}", "", 0, "Residue"),))]
        self.both(
            "erase", person.root, versions, leave if self.rng.random() < 0.5 else [], [f"d{self.rng.integers(2)}"]
        )

    def extend(self) -> None:
        if not isinstance(self.stores[1], SupportsBulk):
            return
        told = [(self.one(NAMES), f"f{self.rng.integers(9)}", int(self.rng.integers(13))) for _ in range(3)]
        streams, ids, at = zip(*told, strict=True)
        self.both("extend", [Block("Visit", 1, streams, ids, at, "till", [3, None, 4], "EUR")])

    def scrub(self) -> None:
        self.stores[1].scrub()

    def look(self) -> None:
        """Everything that can be seen is the same."""
        for key in (*NAMES, *KEYS):
            self.both("load", key, self.one(["", "s1", "s2"]), [("", "f0"), ("till", "f1")])
        for name in NAMES:
            self.both("rows", name)
        self.both("due", int(self.rng.integers(13)), int(self.rng.integers(1, 5)))
        self.both("blocked", ["d0", "d1", "d2"])
        ours, theirs = self.one(self.marks)
        told = [list(store.changes(mark, 7)) for store, mark in zip(self.stores, (ours, theirs), strict=True)]
        self.agree("changes", told[0], told[1])

    def step(self) -> None:
        """One call, drawn, and a look at all that can be seen."""
        calls: list[Callable[[], None]] = [self.commit, self.commit, self.headed, self.headed, self.join, self.claim]
        self.one([*calls, self.claim, self.settle, self.settle, self.erase, self.extend, self.scrub])()
        self.look()


def _answer(store: Store, method: str, arguments: tuple[Any, ...]) -> Any:
    try:
        return getattr(store, method)(*arguments)
    except (RelmktError, ValueError) as error:
        return type(error)


def _loose(answer: Any) -> Any:
    """An answer without what is a store's own affair: positions, and whether a scrub is owed."""
    match answer:
        case Erased():
            return answer._replace(pending=False)
        case Loaded():
            return answer._replace(
                facts=_loose(answer.facts), found=_loose(answer.found), versions=dict(answer.versions)
            )
        case Record():
            return loosely(answer)
        case Row() | Head():
            return answer
        case list() | tuple():
            return [_loose(item) for item in answer]
    return answer


def programs(bench: Bench, seed: int, steps: int, length: int = 25) -> None:
    """Run `steps` random calls, a new pair of stores every `length` of them. A failure says how to see it again."""
    for number in range(-(-steps // length)):
        rng = np.random.default_rng([seed, number])
        twins = Twins(bench.store(f"program-{number}"), rng)
        for step in range(min(length, steps - number * length)):
            try:
                twins.step()
            except Exception as error:
                writes = [call for call in twins.said if not call.startswith(("load", "rows", "due", "blocked"))]
                told = "\n  ".join(call[:300] for call in writes[-12:])
                raise AssertionError(
                    f"{error}\nseed={seed}, program {number}, step {step}; last calls:\n  {told}"
                ) from error
