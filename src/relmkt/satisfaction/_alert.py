"""Who has to be won over again, at once? A score at or below the alert limit opens one recovery task per incident.

Rule R43. An incident is what several facts are about: a stay, a response. It is named by the fact that a survey
request follows from, else by the request or the fact that an answer or a complaint names in its `ref`, else by the
response that answers share (`R1` of `R1/hotel.stay`), else by the fact itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

from attrs import evolve, field, frozen

from relmkt.customers import Change, Customer
from relmkt.facts import Answer, Complaint, Fact, TaskOpened
from relmkt.satisfaction._requests import SurveyRequested
from relmkt.scales import Item
from relmkt.windows import Instant, Span

__all__ = ["Incidents", "RecoveryAlert", "RecoveryOpened"]

_MOST = 64
"""How many incidents and requests a customer's state keeps."""


@frozen
class RecoveryOpened(TaskOpened):
    """Somebody of the team is to put right what went wrong: a task, and one for an incident.

    incident: its name; score: the answer that set it off, None for a complaint; ref: that answer or complaint.

    >>> from pendulum import datetime
    >>> RecoveryOpened("ada", datetime(2026, 3, 15), "call", "owner", incident="stay-7", ref="a-1").incident
    'stay-7'
    """

    incident: str = field(kw_only=True)
    score: float | None = field(default=None, kw_only=True)


@frozen
class Incidents:
    """The incidents of a customer that have their recovery task, and the survey requests that lead to an incident.

    opened: names of the incidents. asked: (request, incident), oldest first.

    >>> Incidents().opened
    ()
    """

    reads = (RecoveryOpened, SurveyRequested)
    opened: tuple[str, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()

    def after(self, fact: Fact) -> Incidents:
        """With this task, or this request; of more than 64 the oldest are forgotten."""
        if isinstance(fact, RecoveryOpened) and fact.incident not in self.opened:
            return evolve(self, opened=(*self.opened, fact.incident)[-_MOST:])
        if isinstance(fact, SurveyRequested) and fact.ref:
            return evolve(self, asked=(*self.asked, (fact.id, fact.ref))[-_MOST:])
        return self

    def incident(self, fact: Answer | Complaint) -> str:
        """The incident that an answer or a complaint belongs to."""
        if fact.ref:
            return dict(self.asked).get(fact.ref, fact.ref)
        return fact.id.removesuffix(f"/{fact.item}") if isinstance(fact, Answer) else fact.id


def _limits(told: Mapping[Item, float]) -> tuple[tuple[Item, float], ...]:
    return tuple(dict(told).items())


@frozen
class RecoveryAlert:
    """Opens one recovery task for an incident, on a low score or a complaint: a part of a policy (R43).

    name: of the part. limits: the alert limit of each item, on its scale as scored (a reversed item is turned round);
    an answer at or below it alerts, one that is not on the scale never does. what, role, within: the task, as of
    `Task`. complaints: whether a complaint alerts too.

    Raises ValueError where it alerts on nothing, or for a limit that is no finite number.

    >>> from pendulum import datetime
    >>> from relmkt.satisfaction._questionnaire import HOTEL_STAY
    >>> alert = RecoveryAlert("recovery", {HOTEL_STAY.items[0]: 4}, what="call the guest", role="desk")
    >>> low = Answer("ada", datetime(2026, 3, 1), "hotel.stay", 4, ref="q-1")
    >>> before, after = Customer.of("ada", []), Customer.of("ada", [low])
    >>> [task.incident for task in alert.decide(Change(before, low, after), low.at)]
    ['q-1']
    """

    name: str
    limits: tuple[tuple[Item, float], ...] = field(converter=_limits)
    what: str = field(kw_only=True)
    role: str = field(kw_only=True)
    within: Span | None = field(default=None, kw_only=True)
    complaints: bool = field(default=True, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.name or not (self.limits or self.complaints):
            raise ValueError(f"alert {self.name}: expected a name, and an item with a limit or complaints")
        if not all(isfinite(limit) for _, limit in self.limits):
            raise ValueError(f"alert {self.name}: a limit is a finite number")

    @property
    def facets(self) -> tuple[Incidents, ...]:
        """The incidents that have a task."""
        return (Incidents(),)

    @property
    def kinds(self) -> tuple[type[Fact], ...]:
        """The kinds of facts that the part names."""
        return (Answer, Complaint, RecoveryOpened, SurveyRequested)

    def low(self, fact: Fact) -> bool:
        """Whether a fact alerts."""
        if isinstance(fact, Complaint):
            return self.complaints
        if not isinstance(fact, Answer) or fact.score is None:
            return False
        score = fact.score
        return any(i.name == fact.item and i.scale.holds(score) and i.scored(score) <= top for i, top in self.limits)

    def decide(self, change: Change, at: Instant) -> Sequence[RecoveryTask]:
        """One task, where the fact alerts and its incident has none."""
        fact = change.fact
        if not isinstance(fact, Answer | Complaint) or not self.low(fact):
            return ()
        incident = change.after[Incidents()].incident(fact)
        task = RecoveryTask(self, incident, fact.score if isinstance(fact, Answer) else None)
        return (task,) if task.stands(change.after) else ()


@frozen
class RecoveryTask:
    """A recovery proposed for an incident; it falls where another alert has opened one meanwhile."""

    writes = RecoveryOpened
    alert: RecoveryAlert
    incident: str
    score: float | None = None

    def stands(self, customer: Customer) -> bool:
        """Whether the incident has no task yet."""
        return self.incident not in customer[Incidents()].opened

    def written(self, subject: str, at: Instant, *, id: str, source: str, ref: str) -> Fact:
        """The fact that opens the task."""
        due = None if self.alert.within is None else at + self.alert.within
        what, origin = (self.alert.what, self.alert.role), {"id": id, "source": source, "ref": ref}
        return RecoveryOpened(subject, at, *what, due=due, incident=self.incident, score=self.score, **origin)
