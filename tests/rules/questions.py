"""Random histories and every sort of comparison, for brute force over time."""

from typing import Any

from attrs import evolve, field, frozen
from hypothesis import strategies as st

from relmkt.customers import Attributes
from relmkt.facts import Answer, Fact, Profile, Purchase, Visit
from relmkt.money import Money
from relmkt.rules import Measure, Rule
from relmkt.tallies import Tally, count, first, last, newest, since, total
from relmkt.tallies._measures import tallied
from relmkt.windows import DAY, HOUR, Instant, day, days, hours, microseconds, month, week

START = 1_772_323_200_000_000  # 2026-03-01T00:00:00Z
EUR = "EUR"


@frozen
class Booking(Fact):
    """A change that may be negative, and a weight that may be missing or have decimals."""

    hot = ("change", "currency")
    change: Money
    weight: float | None = field(default=None, kw_only=True)


def _told(who: str, at: Instant, pick: int, n: int) -> Fact:
    made: list[Any] = [
        lambda: Purchase(who, at, Money([0, 5, 50][n % 3], ["EUR", "EUR", "USD"][n % 3]), channel=["web", ""][n % 2]),
        lambda: Purchase(who, at, Money("4.99", "EUR"), channel="web"),
        lambda: Visit(who, at, ["Lyon", "Nice"][n % 2]),
        lambda: Booking(who, at, Money([-7, 3, 0][n % 3], "EUR"), weight=[None, 0.1, 0.2, 0.3, -0.7, 1e6][n % 6]),
        lambda: Answer(who, at, ["stay", "food"][n % 2], [None, 3, 9.5, 10][n % 4]),
        lambda: Profile(who, at, {"tier": [None, "gold", "silver"][n % 3]}, source="f"),
    ]
    return made[pick]()  # type: ignore[no-any-return]


# Steps that meet and just miss grains, windows, midnights of two zones, and each other.
steps = st.builds(
    lambda a, b: a * 6 * HOUR + b, st.integers(0, 80), st.sampled_from([0, 0, 0, 1, -1, 5 * HOUR, 23 * HOUR - 1])
)


@st.composite
def histories(draw: Any, most: int = 14) -> list[Fact]:
    told = draw(st.lists(st.tuples(steps, st.integers(0, 5), st.integers(0, 11)), max_size=most))
    facts = [_told("ada", Instant(START + at), pick, n) for at, pick, n in told]
    facts = [evolve(fact, id=f"{n * 7 % 31:02}-{n}") for n, fact in enumerate(facts)]
    return sorted(facts, key=lambda fact: (fact.at, fact.id, fact.source))


SPANS = [None, days(5), hours(36), days(1), microseconds(1)]
WINDOWS = [day("Europe/Paris"), week(), month("America/New_York")]
MEASURES: list[Measure] = [
    *(count(Purchase, within=within) for within in (*SPANS, *WINDOWS)),
    *(total(Purchase, "amount", currency=EUR, within=within) for within in (*SPANS, *WINDOWS)),
    *(total(Booking, "change", currency=EUR, within=within) for within in (*SPANS, *WINDOWS)),
    *(total(Booking, "weight", within=within) for within in (*SPANS, *WINDOWS)),
    *(newest(Answer, "score", within=within) for within in (*SPANS, *WINDOWS)),
    total(Booking, "weight", within=days(5), grain=hours(1)),
    count(Purchase, within=days(3), channel="web"),
    newest(Answer, "score", item="stay"),
    since(Purchase),
    since(Visit, place="Lyon"),
    first(Visit),
    last(Purchase),
    first(Answer, "score"),
    tallied(Tally("count", Visit, within=days(3), grain=DAY)),
    Measure("attributes", Attributes(), lambda facet, at: len(facet.values) or float("nan")),
]
DERIVED: list[Measure] = [
    count(Visit, within=days(3)) - count(Purchase, within=days(5)),
    total(Purchase, "amount", currency=EUR, within=days(5)) / count(Purchase, within=days(5)),
    total(Booking, "weight", within=days(5)) * 2 - count(Visit, within=week()),
    count(Visit) / count(Purchase, within=days(2)),
    (count(Purchase, within=days(5)) + 1) * (count(Visit, within=days(1)) + 1),
    since(Purchase).scored([1, 3, 7], name="recency", reverse=True),
    count(Purchase, within=days(4)).scored([0, 2], name="often"),
    total(Purchase, "amount", currency=EUR, within=days(5)).scored([10, 50.5], name="spend"),
    newest(Answer, "score", within=days(2)).scored([5], name="fond"),
]
OPS = ["__ge__", "__gt__", "__le__", "__lt__"]


@st.composite
def comparisons(draw: Any, measures: list[Measure] = MEASURES + DERIVED) -> Rule:
    """One comparison, tie, or question whether there is a value."""
    measure = draw(st.sampled_from(measures))
    sort = draw(st.integers(0, 9))
    if sort == 0:
        return measure.known()  # type: ignore[no-any-return]
    if sort == 1:
        return measure.is_(draw(st.sampled_from([0, 1, 2, 9.5])))  # type: ignore[no-any-return]
    limit: Any = draw(st.sampled_from([-1, 0, 1, 2, 3, 4.99, 9.5, 0.3, 0.6, 50]))
    if measure.unit == "days":
        limit = draw(st.sampled_from([days(0), days(1), hours(36), days(9), microseconds(1)]))
    if measure.unit == "instant":
        limit = Instant(START + draw(steps))
    return getattr(measure, draw(st.sampled_from(OPS)))(limit)  # type: ignore[no-any-return]
