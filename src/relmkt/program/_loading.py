"""How does history come in? Files, frames and facts are taken in undecided; nobody is acted on before the load's end.

Every row has a verdict: accepted, repeated, or refused with its line and what was expected there. Rows go into the
store in blocks of one kind; each carries the end of the load as the instant until which time has been acted on.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Any

from attrs import define, evolve, field

from relmkt.codec import Record
from relmkt.exceptions import InvalidFactError, MismatchError
from relmkt.facts import Fact, Profile, kind_of, stream_of
from relmkt.mapping import Bulk, Mapped
from relmkt.ports import Append, Block, Link, Loaded, SupportsBulk
from relmkt.program._identity import Homes, homes_of, is_key
from relmkt.program._joining import joined
from relmkt.program._outcome import FileReport, LoadReport
from relmkt.program._person import House
from relmkt.program._rights import block_key, blocked

__all__ = ["Loading"]

_BLOCK = 1_000_000  # in one block rows are appended in order; those of a second are sorted in between
_NOWHERE = Homes({}, (), ())
_Key = tuple[str, str, str]  # a stream, and a record's source and id in it


@define(eq=False)
class _Source:
    """One source, read: what may be taken in, what repeats another row of it, and what was refused."""

    name: str
    rows: list[Bulk] = field(factory=list)
    facts: list[Fact] = field(factory=list)
    lines: list[int] = field(factory=list)
    refused: list[InvalidFactError] = field(factory=list)


@define(eq=False)
class Loading:
    """One load of several sources into a store."""

    house: House
    arrived: int
    latest: int
    progress: Callable[[int], None]

    def run(self, sources: Sequence[Any], *, dry: bool) -> LoadReport:
        """Read all sources, then write them: nothing is written where one cannot be read at all."""
        read = [self._read(source, place) for place, source in enumerate(sources)]
        self._leave_out_blocked(read)
        end = max([1, *(_end(source) for source in read)])
        homes = self._homes(read, end, dry)
        links: Sequence[Link] = homes.links
        files: list[FileReport] = []
        for source in read:
            blocks, faults = list(self._blocks(source, homes, end)), len(source.refused)
            taken = self._new(blocks, source) if dry else self._write(blocks, links, source)
            links = ()
            files.append(_report(source, blocks, taken, len(source.refused) - faults))
        return LoadReport(tuple(files), dry)

    # Reading.

    def _read(self, source: Any, place: int) -> _Source:
        if isinstance(source, Mapped):
            return self._mapped(source)
        told = _Source(f"facts {place + 1}")
        if not isinstance(source, Iterable | Fact) or isinstance(source, str | bytes | Mapping):
            expected = "facts, or data told by a Mapping(…).of(data)"
            raise InvalidFactError(told.name, f"a {type(source).__name__}", expected)
        for n, fact in enumerate([source] if isinstance(source, Fact) else source, 1):
            if not isinstance(fact, Fact):
                told.refused.append(InvalidFactError(f"{told.name} line {n}", f"a {type(fact).__name__}", "a fact"))
            elif fact.at > self.latest:
                told.refused.append(_future(f"{told.name} line {n}"))
            else:
                told.facts.append(fact)
        return told

    def _mapped(self, source: Mapped) -> _Source:
        if source.mapping.kind is Profile:  # what they state decides whose the other rows are
            return self._profiles(source)
        bulk = source.bulk()
        told = _Source(source.name, refused=list(bulk.refused))
        told.rows, told.facts = [bulk], [fact for fact in bulk.profiles if fact.at <= self.latest]
        if not (bulk.at > self.latest).any() and len(set(bulk.ids)) == len(bulk):
            return told  # the common case, without a loop: nothing of the future, no id twice
        seen: dict[tuple[str, str], int] = {}
        kept: list[int] = []
        for place, (key, at) in enumerate(zip(zip(bulk.streams, bulk.ids, strict=True), bulk.at, strict=True)):
            if at > self.latest:
                told.refused.append(_future(f"{source.name} line {bulk.lines[place]}"))
            elif key not in seen:
                kept.append(place)
                seen[key] = place
            elif _content(bulk, place) == _content(bulk, seen[key]):
                told.lines.append(bulk.lines[place])
            else:
                where, got = f"{source.name} line {bulk.lines[place]}, id", f"the id of line {bulk.lines[seen[key]]}"
                told.refused.append(InvalidFactError(where, f"{got} with other content", "one of its own"))
        told.rows = [bulk if len(kept) == len(bulk) else _picked(bulk, kept)]
        return told

    def _profiles(self, source: Mapped) -> _Source:
        told = _Source(source.name)
        for line in source.facts():
            told.refused.extend([] if line.error is None else [line.error])
            late = any(fact.at > self.latest for fact in line.facts)
            told.refused.extend([_future(f"{source.name} line {line.number}")] if late else [])
            told.facts.extend(() if late else line.facts)
        return told

    def _leave_out_blocked(self, read: Iterable[_Source]) -> None:
        """Refuse what names erased persons (R80): facts by what they state, rows by their subject."""
        for source in read:
            if blocked(self.house.store, source.facts):  # hardly ever: all are asked about at once
                left = [fact for fact in source.facts if not blocked(self.house.store, [fact])]
                source.refused += [_erased_person(source.name)] * (len(source.facts) - len(left))
                source.facts = left
            source.rows = [self._unblocked(source, rows) for rows in source.rows]

    def _unblocked(self, source: _Source, rows: Bulk) -> Bulk:
        names = sorted(name for name in set(rows.streams) if "~" in name and is_key(name))
        digests = {block_key(name): name for name in names}
        gone = {digests[digest] for digest in self.house.store.blocked(list(digests))} if names else set()
        if not gone:
            return rows
        kept = [place for place, name in enumerate(rows.streams) if name not in gone]
        source.refused += [
            _erased_person(f"{source.name} line {rows.lines[place]}")
            for place, name in enumerate(rows.streams)
            if name in gone
        ]
        return _picked(rows, kept)

    # Whose they are.

    def _homes(self, read: Sequence[_Source], end: int, dry: bool) -> Homes:
        facts = [fact for source in read for fact in source.facts]
        names = {stream for source in read for rows in source.rows if rows.profiles for stream in rows.streams}
        names |= {stream for source in read for rows in source.rows for stream in set(rows.streams) if "~" in stream}
        if not names and not any(isinstance(fact, Profile) for fact in facts):
            return _NOWHERE
        homes = self._found(facts, names)
        if homes.joins and not dry:
            for one, other in homes.joins:
                joined(self.house, one, other, end, self.arrived, actor="program", reason="stated together")
            homes = self._found(facts, names)
        return homes

    def _found(self, facts: Sequence[Fact], names: Collection[str]) -> Homes:
        known: dict[str, Loaded] = {}

        def load(key: str) -> Loaded:
            if key not in known:
                known[key] = self.house.store.load(key)
            return known[key]

        return homes_of(load, facts, names)

    # Writing.

    def _blocks(self, source: _Source, homes: Homes, end: int) -> Iterator[Block]:
        home = homes.home
        for rows in source.rows:
            for part in rows.slices(_BLOCK):
                streams = [home.get(stream, stream) for stream in part.streams] if home else part.streams
                columns: Any = {"number": part.number, "label": part.label, "ref": part.ref, "body": part.body}
                origin: Any = {"source": part.source, "seen": end, "arrived": self.arrived}
                at: Any = part.at
                if len(streams):
                    yield Block(kind_of(part.kind), part.kind.schema, streams, part.ids, at, **columns, **origin)
        yield from self._of_facts(source.facts, homes, end)

    def _of_facts(self, facts: Sequence[Fact], homes: Homes, end: int) -> Iterator[Block]:
        """Facts as blocks of one kind and source, in order."""
        groups: dict[tuple[str, str], list[tuple[str, Record]]] = {}
        encode, home = self.house.codec.encode, homes.home
        for fact in facts:
            stream, record = stream_of(fact.subject_kind, fact.subject), encode(fact)
            groups.setdefault((record.kind, record.source), []).append((home.get(stream, stream), record))
        for (kind, source), rows in groups.items():
            waiting = iter(rows)
            while part := list(islice(waiting, _BLOCK)):
                streams, records = zip(*part, strict=True)
                ids, _, at, _, _, number, label, ref, body, *_ = zip(*records, strict=True)
                hot = {"number": number, "label": label, "ref": ref, "body": body}
                yield Block(kind, records[0].schema, streams, ids, at, source, **hot, seen=end, arrived=self.arrived)

    def _write(self, blocks: Sequence[Block], links: Sequence[Link], source: _Source) -> list[int]:
        taken = []
        for block, lines in _numbered(blocks, source):
            try:
                taken.append(self._take(block, links))
            except MismatchError:  # nothing of the block is written: its rows are looked at one by one
                taken.append(self._take(self._agreeing(block, lines, source, self._known(block)), links))
            links = ()
            self.progress(len(block.streams))
        return taken

    def _take(self, block: Block, links: Sequence[Link]) -> int:
        if isinstance(self.house.store, SupportsBulk):
            return self.house.store.extend([block], links)
        return self._append(block, links)

    def _agreeing(self, block: Block, lines: Sequence[int], source: _Source, known: dict[_Key, Record]) -> Block:
        """The rows of a block without those whose id stands for other content, there or earlier: they are refused."""
        kept = []
        for place, (stream, record) in enumerate(_records(block)):
            before = known.setdefault((stream, *record.key), record)
            if record.content == before.content or self._decoded(record) == self._decoded(before):
                kept.append(place)
            else:
                where = f"{source.name} line {lines[place]}" if lines else f"{source.name}, {block.kind}"
                slip = InvalidFactError(f"{where}, id", "an id that is known with other content", "one of its own")
                source.refused.append(slip)
        return block if len(kept) == len(block.streams) else _rows_of(block, kept)

    def _known(self, block: Block) -> dict[_Key, Record]:
        """What the store holds under the ids of a block."""
        known: dict[_Key, Record] = {}
        for stream, records in _by_stream(block).items():
            found = self.house.store.load(stream, "", sorted({record.key for record in records})).found
            known.update({(s, *record.key): record for s, record in found if s == stream})
        return known

    def _decoded(self, record: Record) -> Fact:
        return self.house.codec.decode("x", record)

    def _append(self, block: Block, links: Sequence[Link]) -> int:
        """One block into a store without bulk, stream by stream."""
        taken, store = 0, self.house.store
        for stream, records in _by_stream(block).items():
            version = store.load(stream).versions.get(stream, 0)
            store.commit([Append(stream, tuple(records), version)], links=links)
            taken += store.load(stream).versions.get(stream, 0) - version
            links = ()
        return taken

    def _new(self, blocks: Sequence[Block], source: _Source) -> list[int]:
        """How many rows of each block the store does not have yet."""
        new = []
        for block, lines in _numbered(blocks, source):
            known = self._known(block)
            held = set(known)
            agreeing = self._agreeing(block, lines, source, known)
            new.append(len({(stream, *record.key) for stream, record in _records(agreeing)} - held))
        return new


def _report(source: _Source, blocks: Sequence[Block], taken: Sequence[int], faults: int) -> FileReport:
    """What became of the rows of a source: what they state beside of the person is no row of its own."""
    own = [part for rows in source.rows for part in rows.slices(_BLOCK) if len(part)]
    first = slice(len(own) or None)
    told, new = sum(len(block.streams) for block in blocks[first]), sum(taken[first])
    lines = {line for part in own for line in part.lines}
    each = told // len(lines) if lines else 1  # a row of a questionnaire tells an answer an item
    again = tuple(dict.fromkeys(source.lines))
    accepted, held = -(-new // each), -(-(told - new - faults) // each)
    return FileReport(source.name, accepted, held + len(again), again, (*source.refused,), sum(taken))


def _numbered(blocks: Sequence[Block], source: _Source) -> Iterator[tuple[Block, Sequence[int]]]:
    """Blocks with the lines of their rows; those made of facts come after those of a file, and have none."""
    lines = [part.lines for rows in source.rows for part in rows.slices(_BLOCK) if len(part)]
    return zip_longest(blocks, lines, fillvalue=())  # type: ignore[arg-type]


def _erased_person(place: str) -> InvalidFactError:
    return InvalidFactError(place, "an identifier of an erased person", "one that is not blocked (R80)")


def _future(place: str) -> InvalidFactError:
    return InvalidFactError(f"{place}, at", "an instant of the far future", "one that has passed")


def _content(bulk: Bulk, place: int) -> str:
    """What a row tells besides its id, as text: a missing number equals another one."""
    return repr([_of(column, place) for column in (bulk.at, bulk.number, bulk.label, bulk.ref, bulk.body)])


def _picked(bulk: Bulk, kept: Sequence[int]) -> Bulk:
    """Some rows of a bulk."""
    names = ("lines", "streams", "ids", "at", "number", "label", "ref", "body")
    return evolve(bulk, **{name: _some(getattr(bulk, name), kept) for name in names})


def _rows_of(block: Block, kept: Sequence[int]) -> Block:
    """Some rows of a block."""
    names = ("streams", "ids", "at", "number", "label", "ref", "body")
    return block._replace(**{name: _some(getattr(block, name), kept) for name in names})


def _some(column: Any, kept: Sequence[int]) -> Any:
    if column is None or isinstance(column, str | int | float):
        return column
    # an array stays one: a list of its scalars would reach the store as bytes
    return column[list(kept)] if hasattr(column, "dtype") else [column[place] for place in kept]


def _end(source: _Source) -> int:
    """The newest instant of a source."""
    newest = [int(rows.at.max()) for rows in source.rows if len(rows)]
    return max([1, *newest, *(int(fact.at) for fact in source.facts)])


def _by_stream(block: Block) -> dict[str, list[Record]]:
    """The records of a block under their streams."""
    told: dict[str, list[Record]] = {}
    for stream, record in _records(block):
        told.setdefault(stream, []).append(record)
    return told


def _records(block: Block) -> Iterator[tuple[str, Record]]:
    """The records of a block, each with its stream."""
    for place, stream in enumerate(block.streams):
        number, label, ref, body = (_of(c, place) for c in (block.number, block.label, block.ref, block.body))
        at, hot = int(block.at[place]), (number, label, ref, body)
        kind = (block.kind, block.schema)
        yield stream, Record(block.ids[place], block.source, at, *kind, *hot, block.seen, block.arrived)


def _of(column: Any, place: int) -> Any:
    return column if column is None or isinstance(column, str) else column[place]
