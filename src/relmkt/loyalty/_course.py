"""How did one customer's score come to be what it is? Its course: on any past day, its trend, its changes and causes.

Read from the whole history, so that a late answer changes the course as if it had come in time. The trend is the least
squares line through the scores at the instants at which they were told, with Student's interval.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import groupby
from math import isnan, nan, sqrt

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.columns._html import html_table
from relmkt.customers import Customer, Folding
from relmkt.estimate import Estimate
from relmkt.facts import Answer, Fact
from relmkt.loyalty._high import High, above, checked
from relmkt.rules import Measure, One
from relmkt.scales import student
from relmkt.windows import At, Instant, Span, instant

__all__ = ["Course", "CourseStep", "abouts", "course"]


@frozen
class CourseStep:
    """What a measure was from an instant on (NaN: missing), and the fact after which it was so; None: time passed.

    Of several facts of one instant the cause is the last that changed the value; of none such, the last it reads.

    >>> CourseStep(Instant(0), 5.0, None).value
    5.0
    """

    at: Instant
    value: float
    cause: Fact | None


@frozen(repr=False)
class Course:
    """One measure of one customer from the first fact to an instant.

    name: of the measure. until: the instant at which it was asked. steps: a value after each fact that the measure
    reads and after each change by time alone, oldest first.

    >>> from pendulum import datetime
    >>> from relmkt.tallies import newest
    >>> ada = Customer.of("ada", [Answer("ada", datetime(2026, 1, 1), "l1", 6)], at=datetime(2026, 6, 1))
    >>> print(course(ada, newest(Answer, "score", item="l1")).on(datetime(2026, 2, 1)))
    6.0
    """

    name: str
    until: Instant
    steps: tuple[CourseStep, ...]

    def on(self, at: At) -> float:
        """The value at an instant, NaN where it was missing; with all that is known today of the time before."""
        place = bisect_right([int(step.at) for step in self.steps], int(instant(at, "at"))) - 1
        return nan if place < 0 else self.steps[place].value

    @property
    def changes(self) -> tuple[CourseStep, ...]:
        """The steps at which the value changed, oldest first; the first is where it was first known."""
        before, found = nan, []
        for step in self.steps:
            if not _same(step.value, before):
                found.append(step)
            before = step.value
        return tuple(found)

    @property
    def last_change(self) -> CourseStep | None:
        """The newest change, with the fact that caused it (None within: time alone); None where it was never known."""
        return self.changes[-1] if self.changes else None

    def trend(self, *, per: Span, since: At | None = None, level: float = 0.95) -> Estimate:
        """The slope of the values told by facts, by least squares, in points a span.

        per: the span, such as days(365). since: the first instant counted. n: values. Two values have no interval; one,
        or several of one instant, no slope: NaN and a note.
        """
        start = -(1 << 62) if since is None else int(instant(since, "since"))
        told = [s for s in self.steps if s.cause is not None and not isnan(s.value) and s.at >= start]
        x = np.array([int(step.at) for step in told], np.float64) / int(per)
        return _slope(x, np.array([step.value for step in told]), level)

    def stability(self, *, cut: float, within: Span, high: High = ">=") -> float:
        """The share of the window up to `until` in which the value stood above the cut; NaN where it was never known.

        Time before the first value, and time without one, was not above. high: whether a value on the cut is above it.
        """
        checked(high)
        opens = int(self.until) - int(within)
        ends = [*(int(step.at) for step in self.steps[1:]), int(self.until)]
        total, known = 0, False
        for step, end in zip(self.steps, ends, strict=False):
            known = known or not isnan(step.value)
            if above(step.value, cut, high):
                total += max(end - max(int(step.at), opens), 0)
        return total / int(within) if known else nan

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return f"<Course of {self.name}: {len(self.changes)} changes until {self.until}>"

    def __str__(self) -> str:
        head = f"{self.name}, until {self.until}"
        return "\n".join([head, *(f"{at}  {value:>8}  {why}" for at, value, why in self._lines())])

    def _repr_html_(self) -> str:
        return html_table(self._lines(), caption=self.name)

    def _lines(self) -> list[tuple[str, str, str]]:
        """Instant, value and cause of each change; of changes in a row by time alone, the last."""
        told = []
        for _, run in groupby(self.changes, key=lambda step: step.cause or Fact):
            steps = list(run)
            more = f", {len(steps)} changes since {steps[0].at}" if len(steps) > 1 else ""
            told.append((str(steps[-1].at), _told(steps[-1].value), _why(steps[-1]) + more))
        return told


def course(customer: Customer, measure: Measure) -> Course:
    """The course of one measure of one customer up to the instant at which the customer is asked.

    customer: with its history at hand. measure: any whose value is a number: the score of a construct, a count.

    >>> from pendulum import datetime
    >>> from relmkt.scales import Construct, Scale
    >>> told = [Answer("ada", datetime(2026, month, 1), "l1", score) for month, score in ((1, 6), (3, 3))]
    >>> liking = Construct("liking", Scale(1, 7).items("l1")).measure
    >>> told = course(Customer.of("ada", told, at=datetime(2026, 6, 1)), liking)
    >>> told.on(datetime(2026, 2, 1)), told.last_change.cause.item
    (6.0, 'l1')
    """
    folding = Folding(measure.facets())
    told = [pair for pair in customer.history() if folding.reading(type(pair[1]))]
    several = len({stream for stream, _ in told}) > 1  # a merged person: sides fold apart, so from the start each time
    sight = Customer.folded(customer.id, (), folding)
    steps: list[CourseStep] = []
    cause, altered = None, False  # of the facts of one instant
    for place, (_, fact) in enumerate(told):
        before = sight
        sight = Customer.folded(customer.id, told[: place + 1], folding) if several else sight.after(fact)
        if _concerns(before, fact):
            moved = not _same(*(float(One(then, fact.at).door(measure)) for then in (before, sight)))
            cause, altered = (fact if moved or not altered else cause), altered or moved
        following = told[place + 1][1].at if place + 1 < len(told) else Instant(customer.asked + 1)
        if following > fact.at:
            steps.extend(_until(sight, measure, fact.at, cause, following))
            cause, altered = None, False
    return Course(measure.name, customer.asked, tuple(steps))


def _concerns(sight: Customer, fact: Fact) -> bool:
    """Whether a fact enters what a measure reads: a facet that it does not concern stays the very same."""
    reading = sight.folding.reading(type(fact))
    return any(sight.states[facet].after(fact) is not sight.states[facet] for facet in reading)


def _same(one: float, other: float) -> bool:
    return one == other or (isnan(one) and isnan(other))


def _until(
    sight: Customer, measure: Measure, since: Instant, cause: Fact | None, following: Instant
) -> list[CourseStep]:
    """The value from an instant on, and after each change by time alone until the next fact."""
    steps: list[CourseStep] = []
    at: Instant | None = since
    while at is not None and at < following:
        view = One(sight, at)
        steps.append(CourseStep(at, float(view.door(measure)), None if steps else cause))
        at = measure.changing(view)
    return steps


def abouts(customer: Customer) -> tuple[str, ...]:
    """What one customer's answers are about, sorted: each has a score of its own, pooled only on request.

    >>> from pendulum import datetime
    >>> abouts(Customer.of("ada", [Answer("ada", datetime(2026, 1, 1), "l1", 6, about="brand")]))
    ('brand',)
    """
    return tuple(sorted({fact.about for _, fact in customer.history() if isinstance(fact, Answer)}))


def _slope(x: NDArray[np.float64], y: NDArray[np.float64], level: float) -> Estimate:
    n = len(x)
    spread = float(((x - x.mean()) ** 2).sum()) if n else 0.0
    if n < 2 or not spread:
        return Estimate(nan, level=level, n=n, method="t", notes=("a trend needs scores at two instants",))
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    if n == 2:
        return Estimate(slope, level=level, n=n, method="t", notes=("two scores have no spread about their line",))
    rest = y - y.mean() - slope * (x - x.mean())
    se = sqrt(float(rest @ rest) / (n - 2) / spread)
    half = student(level, n - 2) * se
    return Estimate(slope, slope - half, slope + half, level, n, "t", se=se)


def _told(value: float) -> str:
    return "missing" if isnan(value) else f"{value:.4g}"


def _why(step: CourseStep) -> str:
    fact = step.cause
    if fact is None:
        return "time passed"
    told = f"{type(fact).__name__} {fact.id}".strip()
    if not isinstance(fact, Answer):
        return told
    score = "not answered" if fact.score is None else f"{fact.score:g}"
    return f"{told}: {fact.item} {score}" + (f" about {fact.about}" if fact.about else "")
