"""What does one do with customers? The commands: record, load, receive, review, dispatch, and the questions.

All sequencing is here, and only here a clock is read. A program holds nothing that changes and may be shared between
threads; many may work on one store, in one process or in several.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, overload

import pendulum
from attrs import field, frozen

from relmkt.codec import Codec
from relmkt.contact import Delivery, Planned, Released, Reply, Started
from relmkt.customers import Attributes, Customer, Explanation, Facet, Folding, Merged, Question, Unmerged
from relmkt.decisions import Gate, Policy
from relmkt.exceptions import InvalidFactError, UnknownCustomerError, UnsupportedError
from relmkt.facts import (
    Answer,
    Cancellation,
    Complaint,
    ComplaintSettled,
    ConsentGiven,
    ConsentWithdrawn,
    Fact,
    Profile,
    Purchase,
    Recommendation,
    Return,
    TaskOpened,
    Visit,
    Who,
    name_of,
)
from relmkt.ladders import StageMoved
from relmkt.ports import Channel, Head, Store, SupportsHeads, SupportsReceiving
from relmkt.program._explain import message_explained
from relmkt.program._loading import Loading
from relmkt.program._outcome import Dispatch, Erasure, Export, LoadReport, Outcome, Review, Trace, counted
from relmkt.program._person import House
from relmkt.program._record import Recording
from relmkt.program._reviewing import reviewed
from relmkt.program._rights import Residue, asked_by, erased, exported
from relmkt.program._sending import Sender, token_key
from relmkt.program._simulate import simulated
from relmkt.rules import Refusal
from relmkt.windows import At, Instant, Span, days, instant, minutes

__all__ = ["Program"]

K = TypeVar("K", bound=Fact)

_KINDS: tuple[type[Fact], ...] = (
    Answer,
    Cancellation,
    Complaint,
    ComplaintSettled,
    ConsentGiven,
    ConsentWithdrawn,
    Delivery,
    Merged,
    Planned,
    Profile,
    Purchase,
    Recommendation,
    Released,
    Reply,
    Residue,
    Return,
    StageMoved,
    Started,
    TaskOpened,
    Unmerged,
    Visit,
)


def _no_progress(n: int) -> None:
    """Nobody looks."""


@frozen(init=False, eq=False, repr=False)
class Program:
    """Facts in, decisions out: a store, a policy that proposes, a gate that permits, channels that deliver.

    store: where facts are kept. policy: what proposes. channels: by the word that consents and caps use.
    gate: permission, suppression and deadline, unless you hand in another. facets, kinds: those that no rule names.
    site: where links of messages point. clock: read where `at` is left out. tolerance: how far in the future a fact
    may lie. lease: how long a message may take from its start to its settling.

    >>> from pendulum import datetime
    >>> from relmkt.facts import Purchase
    >>> from relmkt.money import Money
    >>> from relmkt.stores import Memory
    >>> shop = Program(Memory())
    >>> print(shop.record(Purchase("ada", datetime(2026, 3, 1), Money("49.90", "EUR"), id="order-1")))
    1 fact recorded
    """

    store: Store
    policy: Policy
    channels: Mapping[str, Channel]
    gate: Gate
    site: str | None
    clock: Callable[[], datetime]
    tolerance: Span
    lease: Span
    codec: Codec = field(repr=False)
    house: House = field(repr=False)

    def __init__(
        self,
        store: Store,
        policy: Policy | None = None,
        channels: Mapping[str, Channel] | None = None,
        *,
        gate: Gate | None = None,
        facets: Iterable[Facet] = (),
        kinds: Iterable[type[Fact]] = (),
        site: str | None = None,
        clock: Callable[[], datetime] = pendulum.now,
        tolerance: Span = days(1),
        lease: Span = minutes(5),
    ) -> None:
        policy, gate, channels = policy or Policy(), gate or Gate(), dict(channels or {})
        folding = Folding([*policy.facets, *gate.facets, *facets, Attributes()])
        known = {*_KINDS, *policy.kinds, *gate.kinds, *folding.kinds, *kinds}
        codec = Codec(sorted(known, key=lambda kind: (kind.__module__, kind.__qualname__)))
        folding.plain(folding.empty())
        reaches = {word: channel.reaches for word, channel in channels.items()}
        house = House(store, policy, gate, codec, folding, reaches, Folding(gate.address_facets))
        self.__attrs_init__(store, policy, channels, gate, site, clock, tolerance, lease, codec, house)

    def __repr__(self) -> str:
        return f"Program({self.store!r}, {self.policy!r})"

    def _now(self, at: At | None = None) -> Instant:
        return instant(self.clock() if at is None else at, "at")

    # Commands.

    def record(self, *facts: Fact) -> Outcome:
        """Take in news: each fact is decided in order, and written with what follows in one commit.

        A fact known already is not decided again: its stored consequences come back, flagged `repeated`.

        Raises InvalidFactError for no fact or one of the far future, MismatchError for a known id with other content,
        ConflictError where others kept writing to the same person.
        """
        if not facts:
            raise InvalidFactError("record", "no fact", "at least one")
        now = self._now()
        for fact in facts:
            if not isinstance(fact, Fact):
                raise InvalidFactError("record", f"a {type(fact).__name__}", "a fact")
            if fact.at > now + self.tolerance:
                raise InvalidFactError(
                    f"{type(fact).__name__}.at", "an instant of the far future", "one that has passed"
                )
        return Recording(self.house, facts, now).run()

    def load(self, *facts: Any, dry: bool = False, progress: Callable[[int], None] = _no_progress) -> LoadReport:
        """Take in history: mapped files, frames or facts. No policy runs, and nobody is acted on before its end.

        dry: say what would happen, and write nothing. progress: called with the number of rows after each block.
        """
        now = self._now()
        return Loading(self.house, now, now + self.tolerance, progress).run(facts, dry=dry)

    def receive(self, channel: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Take in what came back on a channel: replies, bounces, and one-click unsubscribes (RFC 8058).

        channel: its word; with the token of a `List-Unsubscribe` link behind a point, `"mail.…"`.

        Raises UnsupportedError for a channel that does not read what comes back, InvalidFactError for a forged token.
        """
        word, _, token = channel.partition(".")
        if token:
            return self.record(self._unsubscribed(word, token, body))
        adapter: object = self.channels.get(word)
        if isinstance(adapter, SupportsReceiving):
            return self.record(*adapter.receive(body, headers))
        raise UnsupportedError(f"channel {word!r} does not read what comes back")

    def _unsubscribed(self, word: str, token: str, body: bytes) -> Fact:
        loaded = self.store.load(token_key(token))
        if not loaded.versions or body.strip() != b"List-Unsubscribe=One-Click":
            raise InvalidFactError("receive", "an unknown token or another body", "a one-click unsubscribe (RFC 8058)")
        told = f"unsubscribe.{token_key(token)}"
        withdrawn = [record for _, record in loaded.facts if record.id == told]
        at = Instant(withdrawn[0].at) if withdrawn else self._now()
        return ConsentWithdrawn(loaded.home, at, "*", word, source="one-click", actor=loaded.root, id=told)

    def review(
        self, at: At | None = None, *, limit: int | None = None, progress: Callable[[int], None] = _no_progress
    ) -> Review:
        """Let time pass to `at` for everyone whose next crossing has come, at most `limit` customers."""
        moment, arrived = self._now(at), self._now()
        told: list[Fact] = []
        refused: list[Refusal] = []
        passed: set[str] = set()
        while limit is None or len(passed) < limit:
            most = 500 if limit is None else min(500, limit - len(passed))
            roots = [root for root in self.store.due(moment, most) if root not in passed]
            heads: list[Head] | None = [] if isinstance(self.store, SupportsHeads) else None
            for root in roots:
                person = reviewed(self.house, root, moment, arrived, heads)
                told += person.consequences
                refused += person.refused
                passed.add(root)
                progress(1)
            if heads and isinstance(self.store, SupportsHeads):
                self.store.keep(heads)
            if not roots:
                break
        planned = tuple(fact for fact in told if isinstance(fact, Planned))
        return Review(moment, len(passed), planned, counted(refused), tuple(told))

    def dispatch(self, at: At | None = None, *, limit: int | None = None) -> Dispatch:
        """Send what is due at `at`: the gate is asked again, the start is written, and only then the message leaves."""
        moment = self._now(at)
        return Sender(self.house, self.channels, self.site, moment, self._now(), self.lease).run(limit)

    # Questions.

    def customer(self, id: Who, at: At | None = None, *, known: At | int | None = None) -> Customer:
        """One customer at an instant, with all we know, or (`known`) with what had reached us by then.

        Raises UnknownCustomerError.
        """
        moment = self._now(at)
        root, told = self._told(id, moment, known)
        return Customer.folded(root, told, self.house.folding, moment)

    @overload
    def history(self, id: Who, *, at: At | None = None, known: At | int | None = None) -> Sequence[Fact]: ...

    @overload
    def history(self, id: Who, *kinds: type[K], at: At | None = None, known: At | int | None = None) -> Sequence[K]: ...

    def history(
        self, id: Who, *kinds: type[Fact], at: At | None = None, known: At | int | None = None
    ) -> Sequence[Fact]:
        """The facts of one customer in order, of all kinds or those named. Raises UnknownCustomerError."""
        _, told = self._told(id, None if at is None else instant(at), known)
        return [fact for _, fact in Codec(kinds).known(told) if not kinds or isinstance(fact, kinds)]

    def _told(self, id: Who, at: Instant | None, known: At | int | None) -> Any:
        loaded = self.store.load(name_of(id, "id"))
        if not loaded.versions:
            raise UnknownCustomerError("no facts under that name or identifier")
        records = loaded.facts if at is None else [(s, r) for s, r in loaded.facts if r.at <= at]
        if known is not None:
            if isinstance(known, int) and not isinstance(known, Instant):
                records = [(s, r) for s, r in records if r.position <= known]
            else:
                reached = instant(known, "known")
                records = [(s, r) for s, r in records if r.arrived <= reached]
        return loaded.root, self.house.decoded(records)

    def explain(self, id: Who, what: Question[Any, Any] | Planned, at: At | None = None) -> Explanation:
        """Why an answer is what it is, or why a contact was planned, and what became of it."""
        if isinstance(what, Planned):
            loaded = self.store.load(name_of(id, "id"))
            return message_explained(self.house, loaded.root, self.house.decoded(loaded.facts), what)
        return self.customer(id, at).explain(what)

    def simulate(self, id: Who, horizon: Span, *, suppose: Iterable[Fact] = ()) -> Trace:
        """What would happen to one customer over a span, supposing some facts; nothing is written."""
        return simulated(self.house, name_of(id, "id"), horizon, tuple(suppose), self._now())

    # Rights.

    def export(self, id: Who, *, actor: str, reason: str) -> Export:
        """All that the store holds about one person.

        Raises UnknownCustomerError, and ValueError without actor or reason.
        """
        asked_by(actor, reason)
        loaded = self.store.load(name_of(id, "id"))
        if not loaded.versions:
            raise UnknownCustomerError("no facts under that name or identifier")
        return exported(loaded, self.house.decoded(loaded.facts), self.store, actor=actor, reason=reason)

    def erase(self, id: Who, *, actor: str, reason: str) -> Erasure:
        """Erase one person from the store, for good; a second time finds nothing.

        Raises ValueError without actor or reason.
        """
        asked_by(actor, reason)
        token = secrets.token_hex(16)
        return erased(self.store, self.codec, name_of(id, "id"), token=token, arrived=self._now())
