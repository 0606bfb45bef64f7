"""How is news taken in? Find whose it is, decide it in order, and write it with what follows in one commit."""

from collections.abc import Sequence

from attrs import define, field

from relmkt.codec import Record
from relmkt.contact import Contact
from relmkt.customers import Change, Customer
from relmkt.exceptions import ConflictError, InvalidFactError, MismatchError
from relmkt.facts import Fact, Profile, stream_of
from relmkt.ports import Link, Loaded
from relmkt.program._identity import homes_of, housed
from relmkt.program._joining import joined
from relmkt.program._outcome import Outcome
from relmkt.program._person import House, Person, consequence_id
from relmkt.program._rights import blocked
from relmkt.rules import Refusal
from relmkt.windows import Instant

__all__ = ["Recording"]

_TRIES = 64


@define(eq=False)
class Recording:
    """One call of `record`: facts, usually of one person, decided in order."""

    house: House
    facts: Sequence[Fact]
    now: Instant
    links: tuple[Link, ...] = ()
    loaded: dict[str, Loaded] = field(factory=dict)
    whole: bool = False
    decided: bool = False

    def run(self) -> Outcome:
        """Load, decide and write, again where somebody wrote first."""
        self._refuse_blocked()
        for _ in range(_TRIES):
            self.loaded = {}
            try:
                return self._once()
            except ConflictError:
                continue
            except MismatchError:  # a consequence that stands already: from all facts it is known
                if self.whole or not self.decided:
                    raise
                self.whole = True
        raise ConflictError("others kept writing to the same customers")

    def _refuse_blocked(self) -> None:
        if blocked(self.house.store, self.facts):
            raise InvalidFactError("record", "an identifier of an erased person", "one that is not blocked (R80)")

    def _load(self, key: str) -> Loaded:
        if key not in self.loaded:
            ids = [(fact.source, fact.id) for fact in self.facts]
            self.loaded[key] = self.house.store.load(key, "" if self.whole else self.house.shape, ids)
        return self.loaded[key]

    def _once(self) -> Outcome:
        homes = self._homes()
        told = [(home, housed(fact, home)) for fact, home in zip(self.facts, homes, strict=True)]
        persons: dict[str, Person] = {}
        place: list[Person] = []
        for home, _ in told:
            loaded = self._load(home)
            person = persons.get(loaded.root) or Person(self.house, loaded)
            persons[loaded.root] = person
            place.append(person)
        for person in persons.values():
            person.catch_up()
        fresh = self._fresh(told, place)
        first = place[0]
        befores = {id(person): person.customer for person in persons.values()}
        for (home, fact), person, new in zip(told, place, fresh, strict=True):
            if new:
                person.take(fact, home)
        at = Instant(max(fact.at for fact in self.facts))
        facts = tuple(fact for _, fact in told)
        if not any(fresh):
            return self._repeated(at, told, place)
        self.decided = True
        self._commit([person for person in persons.values() if person.changed()])
        consequences = tuple(fact for person in persons.values() for fact in person.consequences)
        refused = tuple(refusal for person in persons.values() for refusal in person.refused)
        return Outcome(at, facts, False, befores[id(first)], first.customer, consequences, refused)

    def _homes(self) -> list[str]:
        """The stream of each fact; persons known by identifiers alone, stated together, are joined first."""
        if not any(isinstance(fact, Profile) for fact in self.facts):
            self.links = ()
            return [self._home(fact) for fact in self.facts]
        homes = homes_of(self._load, self.facts)
        if homes.joins:
            at = max(fact.at for fact in self.facts)
            for one, other in homes.joins:
                joined(self.house, one, other, at, self.now, actor="program", reason="stated together")
            raise ConflictError("joined: read again")
        self.links = homes.links
        return [homes.home[stream_of(fact.subject_kind, fact.subject)] for fact in self.facts]

    def _home(self, fact: Fact) -> str:
        stream = stream_of(fact.subject_kind, fact.subject)
        return self._load(stream).home or stream

    def _fresh(self, told: Sequence[tuple[str, Fact]], place: Sequence[Person]) -> list[bool]:
        """Which facts are new; MismatchError where an id is known with other content."""
        known: dict[tuple[int, str, str], Record | Fact] = {}
        for person in {id(p): p for p in place}.values():
            known.update(((id(person), *record.key), record) for _, record in person.loaded.found)
        fresh = []
        for (_, fact), person in zip(told, place, strict=True):
            key = (id(person), fact.source, fact.id)
            before = known.get(key)
            if before is None:
                known[key] = fact
            elif not self._same(before, fact):
                raise MismatchError(f"{type(fact).__name__}: this id is known with other content")
            fresh.append(before is None)
        return fresh

    def _same(self, before: Record | Fact, fact: Fact) -> bool:
        """Whether both tell the same, whatever schema a record was written by."""
        codec = self.house.codec
        one, other = before if isinstance(before, Record) else codec.encode(before), codec.encode(fact)
        return one.content == other.content or codec.decode("x", one) == codec.decode("x", other)

    def _commit(self, persons: Sequence[Person]) -> None:
        if len(persons) == 1:
            persons[0].commit(self.now, self.links)
            return
        appends = [append for person in persons for append in person.appends(self.now)]
        unique = {append.stream: append for append in reversed(appends)}
        rows = [row for person in persons for row in person.rows()]
        self.house.store.commit(
            [unique[a.stream] for a in appends if unique.get(a.stream) is a], rows, None, self.links
        )

    def _repeated(self, at: Instant, told: Sequence[tuple[str, Fact]], place: Sequence[Person]) -> Outcome:
        """The stored consequences of facts known already, and what is refused for them now."""
        consequences: list[Fact] = []
        refused: list[Refusal] = []
        sights: list[tuple[Customer, Customer]] = []
        for (_, fact), person in zip(told, place, strict=True):
            history = self.house.decoded(self.house.store.load(person.root).facts)
            order = (fact.at, fact.id, fact.source)
            upto = [(s, f) for s, f in history if (f.at, f.id, f.source) <= order]
            before = Customer.folded(person.root, upto[:-1], self.house.folding, fact.at)
            after = before.after(fact)
            sights.append((before, after))
            stored = {f.id: f for _, f in history}
            for proposal in self.house.policy.decide(Change(before, fact, after), fact.at):
                known = stored.get(consequence_id(person.root, proposal))
                if known is not None:
                    consequences.append(known)
                elif isinstance(proposal.action, Contact):
                    person.customer = after
                    answer = person.may(proposal.action, person.told(proposal.action, fact), proposal.due)
                    refused.extend([answer] if isinstance(answer, Refusal) else [])
        facts = tuple(fact for _, fact in told)
        return Outcome(at, facts, True, sights[0][0], sights[-1][1], tuple(consequences), tuple(refused))
