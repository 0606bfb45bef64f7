"""The chapter on a real portfolio: all of CDNOW, as the demo reads it."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.datasets import cdnow
from relmkt.facts import Purchase
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.tallies import total
from relmkt.value import RFM, BetaGeo, GammaGamma, PurchaseSummary, cohorts, lifetime_value, ranking, repeat_rate
from relmkt.windows import days
from tests.value.bases import CALIBRATION, COLUMNS, master

AT = datetime(1998, 7, 1, 10)


@pytest.fixture(scope="module")
def base():
    rows = cdnow()
    ids, stream = np.unique(rows.customer, return_inverse=True)
    order = np.lexsort((rows.at, stream))
    kind, label = np.zeros(len(rows), np.int16), np.zeros(len(rows), np.int32)
    columns = stream[order], rows.at[order], kind, rows.cents[order].astype(float), label
    return Portfolio(FactTable(ids, ("Purchase",), ("USD",), *columns, classes={"Purchase": Purchase}), at=AT)


def test_summary(base):
    of = PurchaseSummary.of(base, unit="week", until=CALIBRATION)
    for name in COLUMNS:
        np.testing.assert_allclose(getattr(of, name), getattr(master(), name), rtol=1e-12)


def test_segments_partition_the_base(base):
    rfm = RFM.fit(base, currency="USD")
    counts = base.count(*rfm.segments)
    assert sum(counts.values()) == 23_570
    assert len(counts) == 10
    assert counts["champions"] > 1000


def test_one_is_many(base):
    rfm = RFM.fit(base, currency="USD", within=days(365))
    rows, measures = cdnow(), (rfm.recency, rfm.frequency, rfm.monetary)
    many = np.array([base.ask(measure) for measure in measures])
    for who in ("00001", "00002", "07592", "23570"):
        facts = [
            Purchase(who, datetime(1997, 1, 1).add(days=int(day)), Money.minor(int(cents), "USD"), id=str(i))
            for i, (day, cents) in enumerate(
                zip((rows.at[rows.customer == who] - rows.at.min()) // 86_400_000_000, rows.cents[rows.customer == who])
            )
        ]
        one = Customer.of(who, facts, at=AT)
        assert [one.ask(measure) for measure in measures] == many[:, list(base.ids).index(who)].tolist()


def test_scores_do_not_depend_on_the_order_of_customers(base):  # rule R44
    rfm = RFM.fit(base, currency="USD")
    spent, score = base.ask(total(Purchase, "amount", currency="USD")), base.ask(rfm.monetary)
    order = np.argsort(spent, kind="stable")
    assert (np.diff(score[order]) >= 0).all()
    same = np.diff(spent[order]) == 0
    assert (np.diff(score[order])[same] == 0).all()
    assert same.sum() > 1000


def test_everything_of_the_demo(base):
    summary = PurchaseSummary.of(base, unit="week")
    buying, spending = BetaGeo.fit(summary), GammaGamma.fit(summary)
    worth = lifetime_value(buying, spending, summary, horizon=days(365), discount=0.1)
    assert len(worth) == 23_570
    assert (worth.low < worth.value).all()
    assert cohorts(base).size.sum() == 23_570
    assert repeat_rate(base).value == pytest.approx((summary.frequency > 0).mean())
    best = ranking(base, currency="USD")
    assert (best.ids[0], best.revenue[0], best.label) == ("07592", pytest.approx(13_990.93), "revenue")
    assert worth[best.ids[0]].value > np.median(worth.value)
