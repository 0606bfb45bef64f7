"""What came of it? The values that the program's commands return, each of which prints as a report."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from relmkt.contact import Planned
from relmkt.customers import Customer
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact, Plain
from relmkt.rules import Refusal
from relmkt.windows import Instant

__all__ = ["Dispatch", "Erasure", "Export", "FileReport", "LoadReport", "Outcome", "Review", "Trace"]


@frozen
class Outcome:
    """What happened when facts were recorded, and what follows from it.

    at: the instant of the newest fact. facts: as they were stored. repeated: whether all of them were known already.
    before, after: the customer of the first fact. consequences: everything written because of the facts; `planned` is
    the part of it that are contacts. refused: what may not be done, each under a rule.

    >>> Outcome.__doc__ is not None
    True
    """

    at: Instant
    facts: tuple[Fact, ...]
    repeated: bool
    before: Customer
    after: Customer
    consequences: tuple[Fact, ...] = ()
    refused: tuple[Refusal, ...] = ()

    @property
    def planned(self) -> tuple[Planned, ...]:
        """The contacts that were planned."""
        return tuple(fact for fact in self.consequences if isinstance(fact, Planned))

    def __str__(self) -> str:
        word = "already known" if self.repeated else "recorded"
        lines = [f"{len(self.facts)} {'fact' if len(self.facts) == 1 else 'facts'} {word}"]
        lines += [f"  {fact}" for fact in self.consequences]
        lines += [f"  {refusal}" for refusal in self.refused]
        return "\n".join(lines)


@frozen
class Review:
    """What time alone brought: how many customers were looked at, what was planned and what was refused, by rule.

    >>> print(Review(Instant(0), 3))
    3 reviewed, 0 planned, 0 refused
    """

    at: Instant
    judged: int
    planned: tuple[Planned, ...] = ()
    refused: Mapping[str, int] = field(factory=dict)
    consequences: tuple[Fact, ...] = ()

    def __str__(self) -> str:
        return f"{self.judged:,} reviewed, {len(self.planned):,} planned, {_refused(self.refused)}"


@frozen
class Dispatch:
    """What left: sent, refused by rule, put back to be tried again, and of which nobody knows whether it arrived.

    >>> print(Dispatch(12, {"no basis for care by sms (G01)": 1}))
    12 sent, 1 refused (no basis for care by sms (G01)), 0 to retry, 0 unknown
    """

    sent: int = 0
    refused: Mapping[str, int] = field(factory=dict)
    retry: int = 0
    unknown: int = 0
    later: int = 0

    def __str__(self) -> str:
        return f"{self.sent:,} sent, {_refused(self.refused)}, {self.retry:,} to retry, {self.unknown:,} unknown"


def _refused(refused: Mapping[str, int]) -> str:
    rules = "; ".join(rule if n == 1 else f"{n:,} × {rule}" for rule, n in sorted(refused.items()))
    return f"{sum(refused.values()):,} refused" + (f" ({rules})" if rules else "")


@frozen
class FileReport:
    """What became of one source of facts: rows accepted, repeated and refused; together they are all of its rows.

    accepted: rows whose facts were taken in. repeated: rows that were known already, or repeat another one.
    lines: of those that repeat another row of the source itself. refused: the errors, each naming its line and what
    was expected. facts: how many were taken in: an answer an item, and what the rows state of the person.

    It prints the first error of each sort, and how many more there are of it.

    >>> print(FileReport("crs.csv", 2, 0, (), (InvalidFactError("crs.csv line 4, at", "a text", "a date"),)))
    crs.csv: 2 accepted, 0 repeated, 1 refused (line 4, at: got a text, expected a date)
    """

    name: str
    accepted: int
    repeated: int = 0
    lines: tuple[int, ...] = ()
    refused: tuple[InvalidFactError, ...] = ()
    facts: int = 0

    def __str__(self) -> str:
        told = f"{self.name}: {self.accepted:,} accepted, {self.repeated:,} repeated, {len(self.refused):,} refused"
        if not self.refused:
            return told
        sorts: dict[tuple[str, str], list[InvalidFactError]] = {}
        for error in self.refused:
            sorts.setdefault((error.place.rpartition(", ")[2], error.expected), []).append(error)
        shown = [f"{str(same[0]).removeprefix(f'{self.name} ')}{_more(same)}" for same in sorts.values()]
        return f"{told} ({'; '.join(shown[:3])}{'; …' if len(shown) > 3 else ''})"


def _more(same: Sequence[object]) -> str:
    return f", and {len(same) - 1:,} more" if len(same) > 1 else ""


@frozen
class LoadReport:
    """What a load brought, file by file; `dry` tells that nothing was written.

    >>> LoadReport((FileReport("a.csv", 2), FileReport("b.csv", 3))).accepted
    5
    """

    files: tuple[FileReport, ...]
    dry: bool = False

    @property
    def accepted(self) -> int:
        """Rows taken in."""
        return sum(file.accepted for file in self.files)

    @property
    def facts(self) -> int:
        """Facts taken in."""
        return sum(file.facts for file in self.files)

    @property
    def repeated(self) -> int:
        """Rows known already."""
        return sum(file.repeated for file in self.files)

    @property
    def refused(self) -> int:
        """Rows refused."""
        return sum(len(file.refused) for file in self.files)

    def __str__(self) -> str:
        return "\n".join([*(["dry run, nothing written"] if self.dry else []), *map(str, self.files)])


@frozen
class Trace:
    """A timeline of what would happen, one line an event; nothing was written.

    >>> print(Trace(("2026-03-01 10:00  Purchase try-1 (supposed)",)))
    2026-03-01 10:00  Purchase try-1 (supposed)
    """

    lines: tuple[str, ...]
    planned: tuple[Planned, ...] = ()
    refused: tuple[Refusal, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.lines)


@frozen(repr=False)
class Export:
    """All that the store holds about one person, as plain data, for the person or for another system.

    >>> Export({"customer": "ada", "facts": []}).to_json()
    '{\\n  "customer": "ada",\\n  "facts": []\\n}'
    """

    data: Mapping[str, Plain]

    def to_json(self) -> str:
        """The export as JSON text."""
        return json.dumps(dict(self.data), ensure_ascii=False, indent=2)

    def __repr__(self) -> str:
        return f"Export({len(self.data.get('facts', ()))} facts)"


@frozen
class Erasure:
    """What an erasure removed, place by place; complete once nothing can be found in free space either.

    >>> print(Erasure())
    nothing left to erase
    """

    facts: int = 0
    links: int = 0
    outbox: int = 0
    snapshots: int = 0
    blocked: int = 0
    complete: bool = True

    def __str__(self) -> str:
        places = (
            _many(self.facts, "fact"),
            _many(self.links, "link"),
            _many(self.outbox, "outbox row"),
            _many(self.snapshots, "snapshot"),
        )
        told = ", ".join(places) + f" erased; {_many(self.blocked, 'digest')} kept to block"
        if not any((self.facts, self.links, self.outbox, self.snapshots)):
            told = "nothing left to erase"
        return told if self.complete else f"{told}; scrub pending"


def _many(n: int, word: str) -> str:
    return f"{n:,} {word}" if n == 1 else f"{n:,} {word}s"


def counted(refusals: Sequence[Refusal]) -> dict[str, int]:
    """Refusals counted by rule."""
    told: dict[str, int] = {}
    for refusal in refusals:
        told[refusal.rule] = told.get(refusal.rule, 0) + 1
    return told


def told_by(value: Any) -> str:
    """A value as a text may read it: whole numbers without a point."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
