"""What the firm spends is a fact of its policy: told, stored and read like any other, and of no customer anywhere."""

from typing import get_args, get_type_hints

import polars as pl
import pytest
from pendulum import datetime

from relmkt import Contact, Policy, Program, Trigger, count
from relmkt.codec import Codec
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase, Spend
from relmkt.frames import Frame
from relmkt.mapping import Mapping, col
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.rules import everyone
from relmkt.stages import Phase
from relmkt.stores import Memory, SQLite

DAY, END = datetime(2026, 3, 1), datetime(2026, 7, 1)
HEADER = "day,cost,phase,activity,campaign,channel\n"
ROWS = "2026-03-01,1200.50,conquest,advertising,spring,web\n2026-04-01,300,retention,programme,,mail\n"
TOLD = {name: col(name) for name in ("phase", "activity", "campaign", "channel")}
LEDGER = Mapping(Spend, subject="hotels", at=col("day"), amount=col("cost"), currency="EUR", **TOLD)


def spend(day=DAY, amount="1200.50", phase="conquest", **more):
    return Spend("hotels", day, Money(amount, "EUR"), phase, **more)


def bought(who, day=DAY):
    return Purchase(who, day, Money(40, "EUR"))


def test_the_phases_are_those_of_the_relationship():
    assert get_args(get_type_hints(Spend)["phase"]) == tuple(map(str, Phase))
    assert spend(phase=Phase.WIN_BACK).phase == "win back"


@pytest.mark.parametrize("slip, place", [({"amount": "-1"}, "Spend.amount"), ({"phase": "growth"}, "Spend.phase")])
def test_what_is_no_spend_is_refused(slip, place):
    with pytest.raises(InvalidFactError, match=place):
        spend(**slip)


@pytest.mark.parametrize("phase", ["retention", Phase.RETENTION])
def test_it_is_stored_and_read_back_as_it_was(phase):
    told, codec = spend(phase=phase, activity="programme", campaign="spring", channel="mail"), Codec([Spend])
    again = codec.decode("programme\x1fhotels", codec.encode(told))
    assert again == told
    assert type(again.phase) is str


def test_a_file_tells_it(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(HEADER + ROWS)
    told = [fact for line in LEDGER.of(path).facts() for fact in line.facts]
    assert told[0] == spend(activity="advertising", campaign="spring", channel="web")
    table = LEDGER.of(path).table()
    assert table["amount"].tolist() == [120050, 30000]
    assert table["phase"].tolist() == ["conquest", "retention"]
    assert table["campaign"].tolist() == ["spring", ""]


def test_a_file_with_a_wrong_phase_is_refused_at_its_line(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(HEADER + ROWS + "2026-05-01,1,growth,,,\n")
    with pytest.raises(InvalidFactError, match=r"line 4, phase"):
        LEDGER.of(path).table()
    assert [line.accepted for line in LEDGER.of(path).facts()] == [True, True, False]


def test_a_customer_is_still_named_by_a_column():
    with pytest.raises(TypeError, match="subject takes a column"):
        Mapping(Purchase, subject="ada", at=col("day"), amount=col("cost"), currency="EUR")
    with pytest.raises(InvalidFactError):
        Mapping(Spend, subject="", at=col("day"), amount=col("cost"), currency="EUR", phase="conquest").of(
            [{"day": "2026-03-01", "cost": 1}]
        ).table()


def test_the_same_customers_with_spends_and_without(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(HEADER + ROWS)
    facts = [bought("ada"), bought("bob"), bought("hotels")]  # a customer may be called as the firm is
    plain, both = Portfolio(facts, at=END), Portfolio(facts, LEDGER.of(path), at=END)
    again = count(Purchase) >= 1
    assert len(both) == len(plain) == 3
    assert both.ids.tolist() == plain.ids.tolist()
    assert both.count(again, everyone) == plain.count(again, everyone)
    assert str(both) == str(plain)
    assert len(both.facts(Spend)) == 2
    assert both.facts(Purchase)["amount"].tolist() == plain.facts(Purchase)["amount"].tolist()
    assert both.facts(Spend, phase="conquest")["amount"].tolist() == [120050]
    assert len(plain.facts(Spend)) == 0


def test_a_spend_after_the_instant_is_left_out():  # rule R46
    base = Portfolio([bought("ada"), spend(), spend(END.add(days=1))], at=END)
    assert len(base.facts(Spend)) == 1


def test_news_of_a_spend_move_nobody():
    base = Portfolio([bought("ada")], at=DAY)
    base.watch(everyone)
    moves = base.apply([spend(DAY.add(days=2)), bought("bob", DAY.add(days=3))], at=END)
    assert moves.entered["everyone"] == ("bob",)
    assert len(base) == 2
    assert len(base.facts(Spend)) == 1


def test_a_frame_counts_no_spends():
    rows = pl.DataFrame({"who": ["ada", "bob"], "day": [DAY] * 2, "cost": [1, 2], "phase": ["conquest"] * 2})
    buys = Mapping(Purchase, subject=col("who"), at=col("day"), amount=col("cost"), currency="EUR").of(rows)
    spent = Mapping(Spend, subject="hotels", at=col("day"), amount=col("cost"), currency="EUR", phase=col("phase")).of(
        rows
    )
    told = Frame(buys, spent, at=END).ask(count(Purchase) >= 1)
    assert sorted(told["customer"].to_list()) == ["ada", "bob"]
    with pytest.raises(TypeError, match="happen to others"):
        Frame(spent, at=END)


@pytest.mark.parametrize("sort", ["memory", "sqlite"])
def test_a_program_records_it_and_writes_to_no_firm(sort, tmp_path):
    thanks = Trigger("thanks", count(Spend) >= 1, Contact("mail", "Hello", kind="service"))
    store = Memory() if sort == "memory" else SQLite(tmp_path / "shop.db")
    shop = Program(store, Policy(thanks), clock=lambda: END)
    assert shop.record(spend()).planned == ()
    assert shop.record(spend()).repeated
    shop.record(bought("ada", DAY.add(days=1)))
    assert shop.review(DAY.add(days=30)).planned == ()
    base = Portfolio(store, at=END)
    assert base.ids.tolist() == ["ada"]
    assert base.facts(Spend)["amount"].tolist() == [120050]
    assert len(store.load("programme\x1fhotels").facts) == 1


def test_a_ledger_is_loaded_like_any_history(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(HEADER + ROWS)
    store = SQLite(tmp_path / "shop.db")
    Program(store, Policy(), clock=lambda: END).load(LEDGER.of(path))
    base = Portfolio(store, at=END)
    assert (len(base), len(base.facts(Spend))) == (0, 2)
    assert base.facts(Spend)["activity"].tolist() == ["advertising", "programme"]
    assert not list(store.due(int(END.timestamp() * 1_000_000), 10))
