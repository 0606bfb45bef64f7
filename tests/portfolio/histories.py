"""Random histories and rules: missing values, ties, windows, late facts, negative and zero amounts, two labels."""

from typing import Any

from attrs import evolve, field, frozen
from hypothesis import strategies as st

from relmkt.facts import Answer, Fact, Profile, Purchase, Visit
from relmkt.money import Money
from relmkt.rules import Measure, Rule, everyone
from relmkt.tallies import Tally, count, first, last, newest, since, total
from relmkt.tallies._measures import tallied
from relmkt.windows import DAY, HOUR, Instant, days, hours, month, week

START = 1_769_900_000_000_000 // DAY * DAY  # 2026-01-31T00:00:00Z
AT = Instant(START + 30 * DAY)
NAMES = ("ada", "bob", "cleo", "dan")


@frozen
class Booking(Fact):
    """A change of an account: it may be negative, and it may have no weight."""

    hot = ("change", "currency")
    change: Money
    points: int = 0
    weight: float | None = None


@frozen
class OnlinePurchase(Purchase):
    """A kind below another: what counts purchases counts it."""

    device: str = field(default="", kw_only=True)


@frozen
class Streak:
    """A hand-written facet: how many visits in a row were to the same place."""

    reads = (Visit,)
    place: str = ""
    n: int = 0

    def after(self, fact: Fact) -> "Streak":
        if not isinstance(fact, Visit):
            return self
        return Streak(fact.place, self.n + 1 if fact.place == self.place else 1)


edges = st.builds(
    lambda span, step: Instant(AT - span + step),
    st.sampled_from([DAY, 36 * HOUR, 7 * DAY, 14 * DAY, 0]),
    st.sampled_from([-1, 0, 1]),
)
instants = edges | st.builds(
    lambda day, step: Instant(START + day * DAY + step),
    st.integers(0, 32),
    st.sampled_from([0, 0, 1, -1, HOUR, 12 * HOUR, 23 * HOUR]),
)
euros = st.builds(Money.minor, st.sampled_from([0, 1, 999, 4990, 100_000]), st.sampled_from(["EUR", "USD"]))
changes = st.builds(Money.minor, st.sampled_from([-4990, -1, 0, 1, 4990]), st.sampled_from(["EUR", "USD"]))
weights = st.sampled_from([None, 0.1, 0.2, 0.3, -0.7, 1e6])
scores = st.sampled_from([None, 0, 3, 9, 9.5, 10])
told = st.dictionaries(st.sampled_from(["tier", "city"]), st.sampled_from([None, "gold", "silver"]), max_size=2)

_facts: list[Any] = [
    lambda who, at, draw: Purchase(who, at, draw(euros), channel=draw(st.sampled_from(["web", "shop"]))),
    lambda who, at, draw: OnlinePurchase(who, at, draw(euros), channel="web"),
    lambda who, at, draw: Booking(who, at, draw(changes), draw(st.integers(-2, 2)), draw(weights)),
    lambda who, at, draw: Answer(who, at, draw(st.sampled_from(["stay", "food"])), draw(scores)),
    lambda who, at, draw: Visit(who, at, draw(st.sampled_from(["Lyon", "Nice", ""]))),
    lambda who, at, draw: Profile(who, at, draw(told), source="form"),
]


@st.composite
def facts(draw: Any, names: tuple[str, ...] = NAMES) -> Fact:
    fact: Fact = draw(st.sampled_from(_facts))(draw(st.sampled_from(names)), draw(instants), draw)
    return evolve(fact, id=f"f{draw(st.integers(0, 10**9))}", source=draw(st.sampled_from(["till", "web"])))


histories = st.lists(facts(), max_size=30, unique_by=lambda fact: fact.id)

windows = st.sampled_from([None, days(7), days(1), hours(36), days(400), week(), month("Europe/Paris")])


@st.composite
def measures(draw: Any) -> Measure:
    within = draw(windows)
    return draw(  # type: ignore[no-any-return]
        st.sampled_from(
            [
                count(Purchase, within=within),
                count(Purchase, within=within, channel="web"),
                count(Visit, within=within, place="Lyon"),
                count(Booking, points=1),
                total(Purchase, "amount", currency="EUR", within=within),
                total(Booking, "change", currency="USD", within=within),
                total(Booking, "points", within=within),
                total(Booking, "weight", within=within),
                newest(Answer, "score", within=within),
                newest(Answer, "score", item="stay"),
                newest(Booking, "weight", within=within),
                first(Visit),
                first(Answer, "score"),
                last(Visit, place="Nice"),
                since(Purchase),
                since(Visit, place="Lyon"),
                tallied(Tally("count", Visit, within=days(7), grain=DAY)),
                count(Visit) / count(Purchase),
                count(Visit, within=days(7)) - total(Booking, "points") * 2,
                total(Purchase, "amount", currency="EUR") / count(Purchase, within=days(7)),
                since(Purchase).scored([1, 7, 14], name="recency", reverse=True),
                total(Purchase, "amount", currency="EUR").scored([10, 50], name="spend"),
                Measure("visits in a row", Streak(), lambda streak, at: streak.n or float("nan")),
            ]
        )
    )


texts = st.sampled_from(
    [
        newest(Profile, "tier"),
        newest(Profile, "city"),
        newest(Visit, "place"),
        first(Visit, "place"),
        Measure("place of the streak", Streak(), lambda streak, at: streak.place or float("nan")),
    ]
)


@st.composite
def leaves(draw: Any) -> Rule:
    sort = draw(st.sampled_from(["compare", "compare", "compare", "known", "text", "is", "everyone"]))
    if sort == "everyone":
        return everyone
    if sort == "text":
        measure = draw(texts)
        return draw(st.sampled_from([measure.is_("gold", "Lyon"), measure.is_(""), measure.known(), measure.is_(9)]))  # type: ignore[no-any-return]
    measure = draw(measures())
    if sort == "known":
        return measure.known()  # type: ignore[no-any-return]
    if sort == "is":
        return measure.is_(draw(st.sampled_from([0, 1, 2, 9, "gold"])))  # type: ignore[no-any-return]
    limit: Any = draw(st.sampled_from([-1, 0, 1, 2, 9, 9.5, 49.9]))
    if measure.unit == "days":
        limit = draw(st.sampled_from([days(1), days(7), hours(36), days(0)]))
    if measure.unit == "instant":
        limit = draw(instants)
    op = draw(st.sampled_from(["__ge__", "__gt__", "__le__", "__lt__"]))
    return getattr(measure, op)(limit)  # type: ignore[no-any-return]


rules = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=5,
)
