"""The summary of a portfolio, a table, a store or a file: what the rows give, and kept current fact by fact."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.codec import Codec
from relmkt.columns import FactTable
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase, Return
from relmkt.mapping import Mapping, col
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.ports import Append
from relmkt.stores import Memory, SQLite
from relmkt.value._summaries._summary import PurchaseSummary
from relmkt.windows import Instant, instant
from tests.value.bases import CALIBRATION, END, bought, cdnow_shop, sample

AT = datetime(2026, 3, 31)
DAY = 86_400_000_000
START = int(instant(datetime(2026, 1, 1)))


def returned(who, day, amount, currency="EUR"):
    at = datetime(*map(int, day.split("-")))
    return Return(who, at, Money(amount, currency), ref="order", id=f"back {who} {day} {amount} {currency}")


def fact(told):
    serial, (back, who, hours, cents) = told
    at, money = Instant(START + hours * DAY // 24), Money.minor(cents, "EUR")
    return Return(who, at, money, ref="x", id=f"{serial}") if back else Purchase(who, at, money, id=f"{serial}")


told = st.tuples(st.booleans(), st.sampled_from("abcde"), st.integers(0, 24 * 60), st.integers(0, 9999))


@given(
    st.lists(told, max_size=25),
    st.lists(st.tuples(st.lists(told, max_size=8), st.integers(0, 30)), min_size=1, max_size=4),
    st.integers(0, 60),
)
@settings(max_examples=120, deadline=None)
def test_kept_current_is_made_anew(first, news, until):  # rule R46 R50
    """News come in any order of time: late ones, and ones later than the portfolio's own instant."""
    every, day = list(map(fact, enumerate(first))), 5
    base = Portfolio(FactTable.of(every), at=Instant(START + day * DAY))
    ways = ({"net": True, "gaps": True}, {"zone": "Europe/Paris"}, {"period": "week", "first_in_value": True})
    for facts, passed in news:
        fresh = [fact((len(every) + i, one)) for i, one in enumerate(facts)]
        every, day = every + fresh, day + passed
        base.apply(fresh, at=Instant(START + day * DAY))
        anew = Portfolio(FactTable.of(every), at=Instant(START + day * DAY))
        then = Instant(START + min(until, day) * DAY)
        for more in ways:
            of = partial(PurchaseSummary.of, unit="week", currency="EUR", **more)
            assert of(base) == of(anew)
            assert of(base, until=then) == of(anew, until=then)
            assert of(base, until=then) == of(FactTable.of(every), until=then)


def test_returns_of_a_portfolio_are_netted_when_asked_for():  # rule R45, PEERS failure 14
    facts = [
        bought("ada", "2026-1-1", 10),
        bought("ada", "2026-1-8", 50),
        returned("ada", "2026-1-10", 30),
        returned("ada", "2026-3-30", 5),
        returned("ada", "2026-1-10", 30, "USD"),
        returned("bob", "2026-1-10", 30),
    ]
    base = Portfolio(FactTable.of(facts), at=AT)
    plain, net = (PurchaseSummary.of(base, unit="day", net=net) for net in (False, True))
    assert (plain.monetary_value.tolist(), net.monetary_value.tolist()) == ([50], [15])
    assert (net.ids.tolist(), net.frequency.tolist()) == (["ada"], [1])
    then = PurchaseSummary.of(base, unit="day", net=True, until=datetime(2026, 1, 31))
    assert then.monetary_value.tolist() == [20]
    never = Portfolio(FactTable.of(facts[:2]), at=AT)
    assert PurchaseSummary.of(never, unit="day", net=True) == PurchaseSummary.of(never, unit="day")


def test_a_table_needs_the_end_told():
    table = FactTable.of([bought("ada", "2026-1-1", 10), bought("ada", "2026-1-8", 50)])
    assert PurchaseSummary.of(table, unit="week", until=AT) == PurchaseSummary.of(Portfolio(table, at=AT), unit="week")
    with pytest.raises(ValueError, match="until="):
        PurchaseSummary.of(table, unit="week")


def test_split_of_the_cdnow_sample():
    known, after = PurchaseSummary.split_of(cdnow_shop(), at=CALIBRATION, unit="week")
    np.testing.assert_allclose(known.monetary_value, sample().monetary_value, rtol=1e-12)
    assert (after.unit, after.currency, after.ids.tolist()) == ("week", "USD", known.ids.tolist())
    assert after.length == pytest.approx((END - CALIBRATION).days / 7)
    whole = PurchaseSummary.of(cdnow_shop(), unit="week")
    np.testing.assert_array_equal(known.frequency + after.purchases, whole.frequency)
    assert after.purchases.sum() == 1882  # the repeat transactions of weeks 40 to 78
    assert str(after) == "2,357 customers, 1,882 purchases in 39 weeks and USD"


def test_split_of_a_portfolio_nets_returns_at_their_own_date():  # rule R45
    facts = [
        bought("ada", "2026-1-1", 10),
        bought("ada", "2026-1-8", 50),
        bought("ada", "2026-2-8", 20),
        bought("new", "2026-2-9", 70),
        returned("ada", "2026-2-10", 30),
        returned("ada", "2026-3-30", 5),
    ]
    base = Portfolio(FactTable.of(facts), at=AT)
    january = datetime(2026, 1, 31)
    known, after = PurchaseSummary.split_of(
        base, at=january, until=datetime(2026, 2, 28), unit="month", period="month", net=True
    )
    assert (known.ids.tolist(), known.frequency.tolist()) == (["ada"], [0])
    assert (after.purchases.tolist(), after.spent.tolist(), after.length) == ([1], [-10], 1)
    plain = PurchaseSummary.split_of(base, at=january, unit="day")[1]
    assert (plain.spent.tolist(), plain.length) == ([20], 59)
    with pytest.raises(ValueError, match="before at"):
        PurchaseSummary.split_of(base, at=january, until=datetime(2026, 1, 1), unit="day")
    with pytest.raises(ValueError, match="until"):
        PurchaseSummary.split_of(base, at=january, until=datetime(2027, 1, 1), unit="day")


@pytest.mark.parametrize(
    "make", [lambda _: Memory(), lambda place: SQLite(place / "shop.db")], ids=["memory", "sqlite"]
)
def test_a_store_gives_what_its_facts_give(make, tmp_path):
    store, codec = make(tmp_path), Codec()
    facts = [
        bought("ada", "2026-1-1", 10),
        bought("ada", "2026-1-8", 50),
        returned("ada", "2026-1-10", 30),
        bought("bob", "2026-2-8", 7),
    ]
    for name in ("ada", "bob"):
        store.commit([Append(name, tuple(codec.encode(fact) for fact in facts if fact.subject == name), 0)])
    base, expected = Portfolio(store, at=AT), Portfolio(FactTable.of(facts), at=AT)
    for net in (False, True):
        assert PurchaseSummary.of(base, unit="day", net=net) == PurchaseSummary.of(expected, unit="day", net=net)
    store.commit([Append("bob", (codec.encode(bought("bob", "2026-2-9", 9)),), 1)])
    assert PurchaseSummary.of(Portfolio(store, at=AT), unit="day").frequency.tolist() == [1, 1]


def test_a_file_gives_what_its_rows_give(tmp_path):
    lines = ["who,day,total", "ada,2026-01-01,10.00", "ada,2026-01-08,49.90", "bob,2026-02-08,7.00"]
    (tmp_path / "orders.csv").write_text("\n".join(lines))
    orders = Mapping(Purchase, subject=col("who"), at=col("day"), amount=col("total"), currency="EUR")
    got = PurchaseSummary.of(Portfolio(orders.of(tmp_path / "orders.csv"), at=AT), unit="day")
    days = np.array(["2026-01-01", "2026-01-08", "2026-02-08"], dtype="datetime64[D]")
    rows = (["ada", "ada", "bob"], days, [10, 49.9, 7])
    assert got == PurchaseSummary.from_purchases(*rows, at=AT, unit="day", currency="EUR")


def test_currencies_are_never_added_up():
    mixed = [bought("ada", "2026-1-1", 10), bought("ada", "2026-1-8", 900, "JPY"), bought("ada", "2026-1-9", 5)]
    base = Portfolio(FactTable.of(mixed), at=AT)
    for of in (PurchaseSummary.of, partial(PurchaseSummary.split_of, at=AT)):
        with pytest.raises(InvalidFactError, match="EUR, JPY"):
            of(base, unit="week")
    euros, yen = (PurchaseSummary.of(base, unit="week", currency=word) for word in ("EUR", "JPY"))
    assert (euros.monetary_value.tolist(), euros.currency, len(yen)) == ([5], "EUR", 1)
    assert np.isnan(yen.monetary_value[0])
