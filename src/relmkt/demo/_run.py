"""How does a customer base become relationships? Load, review, dispatch and show, on files that may be there already.

Nothing is left out on the word of an earlier run: every run loads all facts again (those known are recognised by their
ids), reviews whoever is due and sends what waits. So a run that was killed at any moment is made good by the next one,
and a run after a whole one changes nothing. The clock stands still at `at`, and a lease ends at once: a message that
was on its way when a run was killed is tried again, and the Maildir knows it by its key.
"""

import os
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Mapping_
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import numpy as np
from attrs import evolve, field, frozen

from relmkt.channels import Maildir, Outbox
from relmkt.columns import FactTable
from relmkt.contact import Planned
from relmkt.datasets import CDNOW, cdnow
from relmkt.demo._answers import answers
from relmkt.demo._bar import Bar
from relmkt.demo._consents import simulated
from relmkt.demo._policy import gate, policy
from relmkt.demo._questions import QUESTIONS
from relmkt.exceptions import SchemaError
from relmkt.facts import Answer, Fact, Purchase
from relmkt.mapping import Mapped, Mapping, col
from relmkt.ports import Channel, Store
from relmkt.program import LoadReport, Program
from relmkt.report import Report
from relmkt.satisfaction import SurveyRequested
from relmkt.stores import Memory, SQLite
from relmkt.windows import Span

__all__ = ["NOW", "Acted", "Demonstration", "first", "run"]

NOW = datetime(1998, 7, 1, 10, tzinfo=UTC)
SEED, ANSWERS_SEED = 1998, 1999


@frozen
class Acted:
    """What one or more rounds of review and dispatch brought.

    judged: customers for whom time passed; first: those of the first round, everybody on new files.
    planned: contacts planned. sent: messages delivered. refused: what the gate refused, by rule, when it was proposed
    or when it was to leave.
    """

    judged: int = 0
    first: int = 0
    planned: tuple[Planned, ...] = field(default=(), repr=False)
    sent: int = 0
    refused: dict[str, int] = field(factory=dict)

    def and_(self, later: "Acted") -> "Acted":
        """This and a later round together."""
        planned, refused = (*self.planned, *later.planned), _added(self.refused, later.refused)
        return Acted(self.judged + later.judged, self.first, planned, self.sent + later.sent, refused)


def _added(*counts: Mapping_[str, int]) -> dict[str, int]:
    rules = sorted({rule for told in counts for rule in told})
    return {rule: sum(told.get(rule, 0) for told in counts) for rule in rules}


@frozen
class Demonstration:
    """What a run of the demonstration did, and the report on the base as it then stands.

    folder: where `shop.db` and `mail` lie. load: what was taken in. acted: what was decided and sent in this run.
    changed: whether this run wrote anything.
    """

    folder: Path
    load: LoadReport
    acted: Acted
    report: Report = field(repr=False)

    @property
    def changed(self) -> bool:
        """Whether anything came in, was decided or left."""
        return bool(self.load.accepted or self.acted.judged or self.acted.sent)


def first(base: CDNOW, customers: int | None) -> CDNOW:
    """The purchases of the first so many customers of the base, all of them without a number."""
    if customers is None:
        return base
    if customers < 1:
        raise ValueError("customers: expected at least one")
    kept = np.isin(base.customer, np.unique(base.customer)[:customers])
    return evolve(base, customer=base.customer[kept], at=base.at[kept], cds=base.cds[kept], cents=base.cents[kept])


def run(
    folder: str | os.PathLike[str],
    *,
    at: datetime = NOW,
    customers: int | None = None,
    out: TextIO | None = None,
    step: Callable[[str], None] = lambda told: None,
) -> Demonstration:
    """CDNOW, loaded into `folder/shop.db`, reviewed and written to (`folder/mail`) at one instant.

    customers: only the first so many, for a quick look. out: where progress bars are drawn. step: told each step.
    Raises SchemaError where the store holds other purchases than these.

    >>> told = run("demonstration", customers=30)
    >>> told.changed, run("demonstration", customers=30).changed
    (True, False)
    """
    place, base = Path(folder), first(cdnow(), customers)
    place.mkdir(parents=True, exist_ok=True)
    people = int(np.unique(base.customer).size)
    told = _told(base)
    with SQLite(place / "shop.db") as store:
        program = _program(store, Maildir(place / "mail", sender="CD shop (a demonstration) <shop@example.org>"), at)
        load = _load(program, told, out)
        step(f"loaded: {load.accepted:,} new facts, {load.repeated:,} known already")
        _checked(store, base, people)
        acted = _act(program, Bar("reviewing", people, out))
        step(f"reviewed: {acted.judged:,} customers, {len(acted.planned):,} contacts planned, {acted.sent:,} sent")
        whole = acted if acted.first == people else _again(store, told, at, Bar("deciding again", people, out))
        report = Report.of(program, at=at, refused=whole.refused, notes=[_note(told[1])], questions=QUESTIONS)
    return Demonstration(place, load, acted, report)


_NOTE = (
    "The purchases are real (CDNOW, 1997 to 1998). Names, addresses, birthdays and consents are simulated for six "
    "customers in ten, because CDNOW has none; the messages lie in a directory and have gone to nobody. The survey is "
    "simulated too: {asked:,} customers were asked and {answered:,} answered, more repeat buyers than the base has."
)


def _note(drawn: Iterable[Fact]) -> str:
    """What everybody has to know first, with the number of those whose answers were invented."""
    surveyed = [fact for fact in drawn if isinstance(fact, SurveyRequested | Answer)]
    asked = {fact.subject for fact in surveyed if isinstance(fact, SurveyRequested)}
    answered = {fact.subject for fact in surveyed if isinstance(fact, Answer)}
    return _NOTE.format(asked=len(asked), answered=len(answered))


def _told(base: CDNOW) -> tuple[Mapped, tuple[Fact, ...]]:
    """Purchases and simulated facts, loaded together so that nobody is acted on before the end of both."""
    sold = Mapping(
        Purchase, subject=col("customer"), at=col("day"), amount=col("amount"), currency=base.currency, source="CDNOW"
    )
    among, persons = set(np.unique(base.customer).tolist()), simulated(cdnow(), np.random.default_rng(SEED))
    drawn = persons + answers(cdnow(), persons, np.random.default_rng(ANSWERS_SEED))
    return sold.of(base.columns), tuple(fact for fact in drawn if fact.subject in among)


def _program(store: Store, mail: Channel, at: datetime) -> Program:
    kinds = [SurveyRequested]  # no rule of the policy reads it
    return Program(store, policy(), {"mail": mail}, gate=gate(), kinds=kinds, clock=lambda: at, lease=Span(0))


def _load(program: Program, told: tuple[Mapped, tuple[Fact, ...]], out: TextIO | None) -> LoadReport:
    rows, more = told
    bar = Bar("loading", len(rows.data["customer"]) + len(more), out)
    report = program.load(rows, more, progress=bar)
    bar.finish()
    return report


def _checked(store: SQLite, base: CDNOW, people: int) -> None:
    """Every purchase is there once: duplicate rows and amounts of zero are purchases too."""
    table: FactTable = store.columns("Purchase")
    if (len(table), len(table.ids)) != (len(base), people):
        held = f"{len(table):,} purchases of {len(table.ids):,} customers"
        raise SchemaError(f"{store.path}: holds {held}, expected {len(base):,} of {people:,}: give another --dir")


def _act(program: Program, bar: Bar) -> Acted:
    """Let time pass and send, until nobody is due and nothing leaves any more: a start may have consequences too."""
    acted: Acted | None = None
    while True:
        review = program.review(progress=bar)
        sent = program.dispatch()
        round_ = Acted(review.judged, review.judged, review.planned, sent.sent, _added(review.refused, sent.refused))
        acted = round_ if acted is None else acted.and_(round_)
        if not review.judged and not sent.sent:
            bar.finish()
            return acted


def _again(store: SQLite, told: tuple[Mapped, tuple[Fact, ...]], at: datetime, bar: Bar) -> Acted:
    """What all runs on these files decided together: a refusal is not stored, but it is decided again from the facts.

    That the same facts lead to the same plans is checked by the way.
    """
    rehearsal = _program(Memory(), Outbox("mail"), at)
    rehearsal.load(*told)
    acted = _act(rehearsal, bar)
    table = store.columns("Planned")
    stored = {fact.id for _, fact in table.facts(Planned)}
    if stored != {fact.id for fact in acted.planned}:
        raise SchemaError(f"{store.path}: other contacts were planned than these facts lead to")
    return acted
