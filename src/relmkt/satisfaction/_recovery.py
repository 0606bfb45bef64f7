"""Was it put right, in time, and did it help? Complaints as a timed process, and the change of score after it.

Stauss & Seidel (2004), Complaint Management: The Heart of CRM: acknowledge, assess, answer, close, learn. McCollough &
Bharadwaj (1992) named the service recovery paradox, that a customer well recovered may end up more satisfied than one
to whom nothing happened; de Matos, Henrique & Rossi (2007), Service Recovery Paradox: A Meta-Analysis, Journal of
Service Research 10(1), 60-77, find it for satisfaction and not for loyalty. It is tested here and never assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Complaint, ComplaintSettled, Fact, personal
from relmkt.rules import Measure, Op
from relmkt.satisfaction._alert import RecoveryOpened
from relmkt.satisfaction._case_columns import NEVER, CaseColumns, case_columns
from relmkt.satisfaction._standing import folded_for
from relmkt.scales._shares import share_estimate
from relmkt.windows import DAY, HOUR, At, Instant, Span, instant

__all__ = ["Case", "ComplaintProcess", "RecoveryStep", "Step", "overdue_steps", "steps_in_time"]

Step = Literal["acknowledged", "assessed", "answered", "closed", "learned"]
"""The steps of the process, in their order."""

_STEPS: tuple[Step, ...] = get_args(Step)
_MOST = 64


@frozen
class RecoveryStep(Fact):
    """A step was taken on a complaint or a recovery; `ref` is the id of the complaint, or of the `RecoveryOpened`.

    step: acknowledged, assessed, answered, closed or learned (what the firm changed). note: what was done, in words.
    A `ComplaintSettled` closes too.

    >>> from pendulum import datetime
    >>> RecoveryStep("ada", datetime(2026, 3, 5), "answered", "a night refunded", ref="c-1").step
    'answered'
    """

    hot = ("", "step")
    step: Step
    note: str = personal(default="")

    def check(self) -> None:
        """The complaint is named."""
        if not self.ref:
            raise InvalidFactError("RecoveryStep.ref", "an empty text", "the id of the complaint or recovery")


@frozen
class Case:
    """One complaint, or one recovery after a low score, and when its steps were first taken.

    id: of the fact that opened it. about: what it is about. task: the id of its recovery task. ref: what a recovery
    follows from. done: (step, instant) in the order of the steps. opened: False while only a step of it is known, told
    at the very instant of its opening.

    >>> Case("c-1", Instant(0), done=(("answered", Instant(9)),)).reached("acknowledged")
    Instant('1970-01-01T00:00:00.000009+00:00')
    """

    id: str
    at: Instant
    task: str = ""
    about: str = ""
    done: tuple[tuple[Step, Instant], ...] = ()
    ref: str = ""
    opened: bool = True

    def reached(self, step: Step) -> Instant | None:
        """By when a step was taken: at its own instant or, where only a later step was told, at that one's.

        Learning follows the close: it stands for no other step.
        """
        last = _STEPS.index(step) if step == "learned" else _STEPS.index("closed")
        told = [at for name, at in self.done if _STEPS.index(step) <= _STEPS.index(name) <= last]
        return min(told, default=None)

    @property
    def closed(self) -> bool:
        """Whether the customer has nothing more to wait for."""
        return self.reached("closed") is not None

    @property
    def times(self) -> dict[Step, Span]:
        """How long after the case was opened each step that was told was taken."""
        return {step: at - self.at for step, at in self.done}

    def with_step(self, step: Step, at: Instant) -> Case:
        """With a step taken; the first time counts."""
        if step in dict(self.done):
            return self
        done = sorted((*self.done, (step, at)), key=lambda told: _STEPS.index(told[0]))
        return evolve(self, done=tuple(done))

    def in_time(self, step: Step, limit: Span, at: Instant) -> bool | None:
        """Whether a step was taken within its limit; None: not taken, and not due yet."""
        reached, due = self.reached(step), self.at + limit
        if reached is not None:
            return reached <= due
        return None if at <= due else False

    def __str__(self) -> str:
        steps = [f"{step} after {_long(span)}" for step, span in self.times.items()]
        thing = f" about {self.about}" if self.about else ""
        rest = [] if self.closed else ["not closed"]
        return f"{self.id}{thing}, opened {self.at}: {', '.join([*steps, *rest])}"


def _long(span: int) -> str:
    return f"{span / HOUR:.3g} h" if span < 2 * DAY else f"{span / DAY:.3g} days"


def _limits(told: Mapping[Step, Span]) -> tuple[tuple[Step, Span], ...]:
    limits = dict(told)
    if not limits.keys() <= set(_STEPS) or any(limit < 0 for limit in limits.values()):
        raise ValueError(f"limits: expected spans for {', '.join(_STEPS)}")
    return tuple((step, limits[step]) for step in _STEPS if step in limits)


@frozen
class ComplaintProcess:
    """The complaints and recoveries of a customer as cases, each step with its time.

    limits: within which span of its opening each step is to be taken, for the steps that have a limit.
    cases: the newest 64, in the order in which they were opened. opened: how many there ever were.

    A recovery task that follows from a complaint belongs to the complaint's case; one after a low score opens its own.

    >>> from relmkt.windows import days
    >>> ComplaintProcess({"answered": days(2)}).cases
    ()

    Source: Stauss & Seidel 2004.
    """

    reads = (Complaint, ComplaintSettled, RecoveryOpened, RecoveryStep)
    limits: tuple[tuple[Step, Span], ...] = field(factory=dict, converter=_limits, metadata={"plain": False})
    cases: tuple[Case, ...] = ()
    opened: int = 0

    def after(self, fact: Fact) -> ComplaintProcess:
        """With this case, or this step of one; a step of a case that is not known is passed over."""
        if not isinstance(fact, self.reads):
            return self
        cases = _told(self.cases, fact)
        more = sum(case.opened for case in cases) - sum(case.opened for case in self.cases)
        return evolve(self, cases=cases[-_MOST:], opened=self.opened + more)

    def case(self, id: str) -> Case | None:
        """The case of a complaint or a recovery task, None where it is not known."""
        return next((case for case in reversed(self.cases) if id and case.opened and id in (case.id, case.task)), None)

    def overdue(self, at: At) -> tuple[tuple[Case, Step], ...]:
        """The steps that are not taken though their limit has passed, with their cases, oldest case first."""
        now = instant(at)
        return tuple(
            (case, step)
            for case in self.cases
            if case.opened
            for step, limit in self.limits
            if case.reached(step) is None and case.in_time(step, limit, now) is False
        )

    def __str__(self) -> str:
        return "\n".join(str(case) for case in self.cases if case.opened) or "no complaint, and no recovery"


def _told(cases: tuple[Case, ...], fact: Fact) -> tuple[Case, ...]:
    """The cases after one more fact. At one instant facts come in the order of ids: a step may precede its case."""
    cases = tuple(case for case in cases if case.opened or case.at == fact.at)
    match fact:
        case Complaint():
            return _opened(cases, Case(fact.id, fact.at, about=fact.about), lambda c: fact.id in (c.id, c.ref))
        case RecoveryOpened():
            host = next((c for c in cases if c.opened and c.id == fact.ref), None)
            own = Case(fact.id, fact.at, ref=fact.ref) if host is None else host
            return _opened(cases, evolve(own, task=fact.id), lambda c: c is host or (c.id == fact.id and not c.opened))
        case RecoveryStep():
            return _stepped(cases, fact, fact.step)
        case ComplaintSettled():
            return _stepped(cases, fact, "closed")
        case _:
            return cases


def _opened(cases: tuple[Case, ...], new: Case, same: Callable[[Case], bool]) -> tuple[Case, ...]:
    """With a case that takes in what was told of it under other names, in the order of opening."""
    for case in filter(same, cases):
        new = evolve(new, task=new.task or case.task, at=min(new.at, case.at))
        for step, at in case.done:
            new = new.with_step(step, at)
    return tuple(sorted((*(case for case in cases if not same(case)), new), key=lambda case: (case.at, case.id)))


def _stepped(cases: tuple[Case, ...], fact: Fact, step: Step) -> tuple[Case, ...]:
    if not any(fact.ref in (case.id, case.task) for case in cases):
        cases = (*cases, Case(fact.ref, fact.at, opened=False))
    return tuple(case.with_step(step, fact.at) if fact.ref in (case.id, case.task) else case for case in cases)


def overdue_steps(limits: Mapping[Step, Span]) -> Measure:
    """How many steps of open cases are past their limit; `overdue_steps(…) >= 1` lets a trigger escalate.

    limits: as of `ComplaintProcess`.

    >>> from relmkt.windows import days
    >>> print(overdue_steps({"answered": days(2)}) >= 1)
    steps overdue >= 1
    """
    return _Overdue("steps overdue", ComplaintProcess(limits), _overdue, _next_overdue)


@frozen(order=False, cache_hash=True, repr=False)
class _Overdue(Measure):
    """A measure that answers for everyone at once, and folds those alone whose complaints are not told plainly."""

    def everyone(self, table: FactTable, at: Instant) -> NDArray[np.float64]:
        """The numbers of all customers of a table that holds no fact after `at`, in its order."""
        cases, limits = _columns(table, at), dict(self.facet.limits)
        late = np.zeros(len(cases.at), np.int64)
        for place, step in enumerate(_STEPS):
            if step in limits:
                late += (cases.reached[:, place] == NEVER) & (int(at) > cases.at + limits[step])
        found = np.bincount(cases.stream, late, len(table.ids)).astype(np.float64)
        return folded_for(self, table, at, cases.folded, found)


def _overdue(facet: ComplaintProcess, at: Instant) -> int:
    return len(facet.overdue(at))


def _next_overdue(facet: ComplaintProcess, at: Instant, op: Op, value: float) -> Instant | None:
    limits = [(case, step, limit) for case in facet.cases for step, limit in facet.limits]
    turns = (Instant(int(case.at) + limit + 1) for case, step, limit in limits if case.reached(step) is None)
    return min((turn for turn in turns if turn > at), default=None)


def steps_in_time(table: FactTable, *, limits: Mapping[Step, Span], at: At, level: float = 0.95) -> Estimate:
    """The share of cases of a base in which each step was taken within its limit, with Wilson's interval: a row a step.

    table: facts. limits: as of `ComplaintProcess`. at: the instant at which it is asked; later facts are left out.
    A step that is neither taken nor due yet is `missing`: it tells nothing. No case that tells gives NaN.

    >>> from pendulum import datetime
    >>> from relmkt.windows import days
    >>> day = datetime(2026, 3, 1)
    >>> told = [Complaint("ada", day, id="c-1"), ComplaintSettled("ada", day.add(days=1), ref="c-1")]
    >>> print(steps_in_time(FactTable.of(told), limits={"closed": days(2)}, at=datetime(2026, 4, 1)))
    closed  1.00 [0.21, 1.00] 95 %, n = 1 (Wilson)

    Source: Stauss & Seidel 2004; Wilson 1927.
    """
    now, spans = instant(at), _limits(limits)
    columns = _columns(table, now)
    rest = table.taken(np.isin(table.stream, columns.folded))
    cases = [case for each in _cases(rest, now).values() for case in each if case.opened]
    told = [[case.in_time(step, limit, now) for case in cases] for step, limit in spans]
    hits, misses, waiting = (np.array([answers.count(word) for answers in told]) for word in (True, False, None))
    for place, (step, limit) in enumerate(spans):
        reached, due = columns.reached[:, _STEPS.index(step)], columns.at + limit
        open_ = (reached == NEVER) & (int(now) <= due)
        hits[place] += int((reached <= due).sum())
        misses[place] += int((~open_ & (reached > due)).sum())
        waiting[place] += int(open_.sum())
    seen = hits + misses
    return share_estimate(
        hits, seen, level=level, labels=[step for step, _ in spans], note="no case was due", missing=waiting
    )


def _columns(table: FactTable, at: Instant) -> CaseColumns:
    return case_columns(table, int(at), RecoveryStep, RecoveryOpened, _STEPS, _MOST)


def _cases(table: FactTable, at: Instant) -> dict[int, tuple[Case, ...]]:
    told: dict[int, tuple[Case, ...]] = {}
    for row, fact in table.facts(*ComplaintProcess.reads):
        if fact.at <= at:
            told[row] = _told(told.get(row, ()), fact)
    return told
