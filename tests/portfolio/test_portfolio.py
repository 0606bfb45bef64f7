"""Everyone at once: what a portfolio answers, of whom, from which sources."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve, field, frozen
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.customers import Customer, Folding, Identifier, Merged, fold
from relmkt.estimate import Estimate
from relmkt.exceptions import InvalidFactError, UnknownCustomerError
from relmkt.facts import Answer, Fact, Profile, Purchase, Visit
from relmkt.ladders import Ladder, Segment
from relmkt.mapping import Mapping, col
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.rules import Measure, everyone
from relmkt.tallies import count, newest, since, total
from relmkt.windows import DAY, Instant, days

NOON = datetime(2026, 7, 1, 12)


def bought(who: str, day: int, amount: str = "10", **more: Any) -> Purchase:
    return Purchase(who, NOON.subtract(days=day), Money(amount, "EUR"), **more)


FACTS = [
    bought("ada", 1, "49.90"),
    bought("ada", 40, "10"),
    bought("ada", 400, "100"),
    bought("bob", 200, "5"),
    bought("cleo", -1, "7"),  # tomorrow
    Answer("bob", NOON.subtract(days=3), "stay", 9),
    Answer("ada", NOON.subtract(days=2), "stay", None),
    Profile("bob", NOON.subtract(days=9), {"tier": "gold"}, source="form"),
]
spent = total(Purchase, "amount", currency="EUR").named("spent")
regular = Segment("regular", (count(Purchase, within=days(365)) >= 2) & (since(Purchase) <= days(90)))
ladder = Ladder("worth", Segment("any", everyone), regular, Segment("best", regular & (spent >= 500)))


@pytest.fixture
def base() -> Portfolio:
    return Portfolio(FACTS, at=NOON)


def test_of_whom_and_when(base: Portfolio) -> None:  # rule R46
    assert base.ids.tolist() == ["ada", "bob"]
    assert len(base) == 2
    assert base.at == Instant("2026-07-01T12:00:00Z")
    assert str(base) == "2 customers, 7 facts, at 2026-07-01T12:00:00+00:00"
    assert base.ask(spent).tolist() == [159.9, 5.0]
    assert Portfolio(FACTS, at=NOON.add(days=1)).ask(count(Purchase)).tolist() == [3, 1, 1]
    assert Portfolio(FACTS, at=NOON.subtract(days=41)).ask(spent).tolist() == [100.0, 5.0]


def test_questions(base: Portfolio) -> None:
    assert base.ask(since(Purchase)).tolist() == [1.0, 200.0]
    assert base.ask(regular).tolist() == [True, False]
    assert base.ask(ladder).tolist() == ["regular", "any"]
    assert base.select(~regular).tolist() == ["bob"]
    assert base.select(everyone).tolist() == ["ada", "bob"]
    assert base.ask(newest(Profile, "tier")).tolist() == [None, "gold"]
    assert base.select(newest(Profile, "tier").is_("gold")).tolist() == ["bob"]
    assert np.array_equal(base.ask(newest(Answer, "score")), [np.nan, 9], equal_nan=True)
    assert base.count(ladder, regular, ~regular) == {"any": 1, "regular": 1, "best": 0, "~regular": 1}
    with pytest.raises(TypeError, match="spent has no members"):
        base.count(spent)
    with pytest.raises(TypeError, match="is text"):
        base.ask(newest(Profile, "tier") >= 3)


def test_a_tally_never_seen_is_false_not_unknown(base: Portfolio) -> None:  # rule R48
    assert base.select(count(Visit) == 0 if False else ~(count(Visit) >= 1)).tolist() == ["ada", "bob"]
    assert base.select(~(newest(Answer, "score") >= 5)).tolist() == []  # rule R49: ada's is unknown


def test_columns(base: Portfolio) -> None:
    worth = Estimate([7.0, 8.0], [6.0, 7.0], [8.0, 9.0], n=[1, 1], labels=["bob", "zoe"])
    found = base.columns(spent, regular, ladder, value=worth, recency=since(Purchase))
    assert list(found) == ["customer", "spent", "regular", "worth", "value", "value_low", "value_high", "recency"]
    assert found["customer"].tolist() == ["ada", "bob"]
    assert math.isnan(found["value"][0])
    assert (found["value"][1], found["value_low"][1], found["value_high"][1]) == (7, 6, 8)
    aligned = Estimate([1.0, 2.0], labels=["ada", "bob"])
    assert base.columns(v=aligned)["v"].tolist() == [1, 2]
    with pytest.raises(TypeError, match="one number"):
        base.columns(v=Estimate(3.0))
    import pandas as pd
    import polars as pl

    assert pl.DataFrame(found).shape == pd.DataFrame(found).shape == (2, 8)


def test_explain(base: Portfolio) -> None:
    ada = Customer.of("ada", [fact for fact in FACTS if fact.subject == "ada"], at=NOON)
    for question in (regular, ladder, spent):
        assert str(base.explain("ada", question)) == str(ada.explain(question))
    assert "2" in str(base.explain("ada", regular))
    for nobody in ("cleo", "nobody", Identifier("mail", "x@example.org")):
        with pytest.raises(UnknownCustomerError):
            base.explain(nobody, regular)
    with pytest.raises(InvalidFactError):
        base.explain("", regular)
    assert base.customer("bob", newest(Answer, "score")).ask(newest(Answer, "score")) == 9


def test_explain_by_identifier() -> None:
    rows = [{"mail": "Ada@example.org", "day": "2026-03-01", "hotel": "Lyon"}]
    stays = Mapping(Visit, who={"mail": col("mail")}, at=col("day"), place=col("hotel")).of(rows)
    base = Portfolio(stays, at=NOON)
    assert base.explain(Identifier("mail", "ada@example.org"), count(Visit)).value == 1


class Shelf:
    """A store as a portfolio meets it: columns, and where a key leads."""

    def __init__(self, table: FactTable) -> None:
        self.held = table

    def columns(self, *kinds: str) -> FactTable:
        return self.held

    def load(self, key: str) -> Any:
        return Merged("x", Instant(0), "x", "x", actor="x") if key == "ada" else _Root("ada")


@frozen
class _Root:
    root: str


def test_explain_by_a_stores_links() -> None:
    base = Portfolio(Shelf(FactTable.of(FACTS)), at=NOON)
    assert base.explain(Identifier("card", "77"), spent).value == 159.9


def test_sources() -> None:
    table = FactTable.of(FACTS[:3])
    orders = Mapping(Visit, subject=col("who"), at=col("day")).of([{"who": "dan", "day": "2026-01-01"}])
    base = Portfolio(table, orders, Shelf(FactTable.of(FACTS[3:])), at=NOON)
    assert base.ids.tolist() == ["ada", "bob", "dan"]
    assert len(base.table) == 8
    assert Portfolio(base, at=NOON).ids.tolist() == ["ada", "bob", "dan"]
    assert len(Portfolio(table, table, at=NOON).table) == 3  # the same fact twice is one
    assert len(Portfolio(at=NOON)) == 0
    for wrong in (7, "orders.csv", None):
        with pytest.raises(TypeError):
            Portfolio(wrong, at=NOON)
    with pytest.raises(InvalidFactError, match="naive"):
        Portfolio(at=NOON.naive())


@frozen
class Sold(Fact):
    subject_kind = "campaign"


def test_only_customers_are_customers() -> None:
    base = Portfolio([*FACTS, Sold("spring", NOON)], at=NOON)
    assert base.ids.tolist() == ["ada", "bob"]
    assert len(base) == 2
    assert len(base.facts(Sold)) == 1, "asked for by its kind, under its own ids"


def test_facts(base: Portfolio) -> None:
    bought_ = base.facts(Purchase)
    assert bought_.ids.tolist() == base.ids.tolist()
    assert bought_["amount"].tolist() == [10000, 1000, 4990, 500]
    assert bought_["stream"].tolist() == [0, 0, 0, 1]
    assert base.facts(Answer, item="stay", score=9)["stream"].tolist() == [1]


def test_profile(base: Portfolio) -> None:
    found = base.profile(everyone, spent, newest(Answer, "score"), regular)
    assert found.labels == ("spent", "newest(Answer, 'score')", "regular")
    assert found["spent"].value == pytest.approx(82.45)
    half = 1.959963984540054 * np.std([159.9, 5.0], ddof=1) / math.sqrt(2)
    assert found["spent"].high == pytest.approx(82.45 + half)
    assert (found["newest(Answer, 'score')"].n, found["newest(Answer, 'score')"].missing) == (1, 1)
    assert found["regular"].value == 0.5
    assert math.isnan(base.profile(~everyone, spent)["spent"].value)
    assert len(base.profile(everyone)) == 0


def test_shown_without_a_name(base: Portfolio) -> None:
    shown = repr(base) + base._repr_html_()
    assert "2 customers" in shown
    assert "ada" not in shown


@frozen
class Door(Fact):
    """What opens and shuts."""

    open: bool


@frozen
class Access:
    """A state machine: merged sides are folded apart."""

    reads = (Door,)
    state: str = ""

    def after(self, fact: Fact) -> "Access":
        return evolve(self, state="open" if fact.open else "shut") if isinstance(fact, Door) else self

    def join(self, other: "Access") -> "Access":
        return self if self.state == "shut" else other


def test_merged_persons() -> None:
    told: list[Fact] = [
        Door("a", Instant(1), False, id="1"),
        Door("b", Instant(2), True, id="2"),
        *(Merged(name, Instant(3), "a", "b", actor="desk", id="m") for name in "ab"),
        Visit("b", Instant(4), "Lyon", id="4"),
        Visit("a", Instant(5), "Nice", id="5"),
    ]
    access = Measure("access", Access(), lambda state, at: state.state or math.nan)
    base = Portfolio(FactTable.of(told, roots={"b": "a"}), at=NOON)
    assert base.ids.tolist() == ["a"]
    assert base.ask(count(Visit)).tolist() == [2]
    assert base.ask(newest(Visit, "place")).tolist() == ["Nice"]
    expected = fold(Folding((Access(),)), [(fact.subject, fact) for fact in told])[Access()].state
    assert base.ask(access).tolist() == [expected] == ["shut"]
    assert base.explain("b", count(Visit)).value == 2
    assert base.customer("b", access).ask(access) == "shut"


@frozen
class Everything:
    """A facet that reads every kind."""

    n: int = 0
    kinds: tuple[str, ...] = field(default=())

    def after(self, fact: Fact) -> "Everything":
        return evolve(self, n=self.n + 1, kinds=(*self.kinds, type(fact).__name__))


def test_a_facet_that_reads_everything(base: Portfolio) -> None:
    facts_of = Measure("facts", Everything(), lambda facet, at: facet.n)
    assert base.ask(facts_of).tolist() == [4, 3]


def test_two_measures_of_one_name(base: Portfolio) -> None:
    one, two = (Measure("n", Everything(), lambda facet, at, k=k: facet.n * k) for k in (1, 2))
    assert [column.tolist() for column in (base.ask(one), base.ask(two))] == [[4, 3], [8, 6]]


def test_sums_are_whole() -> None:
    many = [Purchase("ada", Instant(n), Money.minor(2**53 - 1, "EUR"), id=str(n)) for n in range(3)]
    base = Portfolio(many, at=Instant(DAY))
    assert base._sight().column(total(Purchase, "amount", currency="EUR")).values.tolist() == [3 * (2**53 - 1)]


def test_text_is_not_added_up(base: Portfolio) -> None:
    with pytest.raises(TypeError, match="adds up text"):
        base.ask(total(Purchase, "channel"))


def test_a_ladder_is_not_endless(base: Portfolio) -> None:
    with pytest.raises(ValueError, match="255"):
        base.ask(Ladder("long", *(Segment(str(n), everyone) for n in range(256))))


def test_a_file_in_a_portfolio(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("who,day,total\nada,2026-03-01,5\nada,2026-03-01,5\nbob,2026-03-02,0\n")
    orders = Mapping(Purchase, subject=col("who"), at=col("day"), amount=col("total"), currency="USD").of(path)
    base = Portfolio(orders, at=NOON)
    assert base.ask(count(Purchase)).tolist() == [2, 1]  # duplicate rows and zero amounts are purchases
    assert base.explain("ada", count(Purchase)).value == 2


def test_a_frame_is_an_oracle() -> None:
    import polars as pl

    rng = np.random.default_rng(4)
    frame = pl.DataFrame(
        {
            "who": [f"c{n}" for n in rng.integers(0, 300, 5000)],
            "day": (rng.integers(0, 700, 5000) * DAY).astype("datetime64[us]"),
            "total": rng.integers(0, 9999, 5000) / 100,
        }
    )
    orders = Mapping(Purchase, subject=col("who"), at=col("day"), amount=col("total"), currency="EUR")
    at = 500 * DAY
    base = Portfolio(orders.of(frame), at=Instant(at))
    held = frame.filter(pl.col("day").dt.epoch("us") <= at)
    window = pl.col("day").dt.epoch("us") > at - 90 * DAY
    cents = (pl.col("total") * 100).round().cast(pl.Int64)
    answer = (
        held.group_by("who")
        .agg(n=window.sum(), cents=cents.sum(), gone=at - pl.col("day").dt.epoch("us").max())
        .sort("who")
    )
    assert base.ids.tolist() == answer["who"].to_list()
    assert base.ask(count(Purchase, within=days(90))).tolist() == answer["n"].to_list()
    assert base.ask(spent).tolist() == [cents / 100 for cents in answer["cents"]]
    assert base.ask(since(Purchase)).tolist() == [gone / DAY for gone in answer["gone"]]


@pytest.mark.slow
def test_a_million_customers() -> None:
    import polars as pl

    rng = np.random.default_rng(7)
    n = 1_000_000
    day = (rng.integers(0, 730, n) * DAY).astype("datetime64[us]")
    frame = pl.DataFrame({"who": np.arange(n), "day": day, "total": rng.integers(0, 9999, n) / 100})
    orders = Mapping(Purchase, subject=col("who"), at=col("day"), amount=col("total"), currency="EUR")
    base = Portfolio(orders.of(frame), at=Instant(730 * DAY))
    assert str(base) == "1,000,000 customers, 1,000,000 facts, at 1972-01-01T00:00:00+00:00"
    recent = Segment("recent", since(Purchase) <= days(90))
    assert base.count(recent) == {"recent": int((day.astype(np.int64) >= 640 * DAY).sum())}
    assert base.apply([], Instant(731 * DAY)).left["recent"]
