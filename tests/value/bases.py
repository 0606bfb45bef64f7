"""Summaries and bases that the tests of this chapter share."""

from functools import cache

import numpy as np
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.datasets import cdnow, cdnow_sample
from relmkt.facts import Purchase
from relmkt.money import Money
from relmkt.value import BetaGeo, GammaGamma, PurchaseSummary
from relmkt.windows import instant

CALIBRATION = datetime(1997, 9, 30)
END = datetime(1998, 6, 30)
COLUMNS = ("frequency", "recency", "T", "monetary_value")


@cache
def sample(at=CALIBRATION, unit="week"):
    rows = cdnow_sample()
    return PurchaseSummary.from_purchases(
        rows.customer, rows.at, rows.cents / 100, at=at, unit=unit, currency=rows.currency
    )


@cache
def master(at=CALIBRATION):
    rows = cdnow()
    return PurchaseSummary.from_purchases(rows.customer, rows.at, rows.cents / 100, at=at, unit="week", currency="USD")


@cache
def buying():
    return BetaGeo.fit(sample())


@cache
def spending():
    return GammaGamma.fit(sample())


class Shop:
    """A base as this chapter reads it: the facts known at an instant, one table a kind; measures one by one."""

    def __init__(self, at, *facts):
        self.at = instant(at)
        self.table = FactTable.of([fact for fact in facts if fact.at <= self.at])
        self.ids = self.table.ids
        self.people = [
            Customer.of(str(who), [fact for fact in facts if fact.subject == who], at=self.at) for who in self.ids
        ]

    def facts(self, kind):
        return self.table.only(kind)

    def ask(self, question):
        return np.array([one.ask(question) for one in self.people])


def bought(who, day, amount, currency="EUR", **more):
    at = datetime(*map(int, day.split("-"))) if isinstance(day, str) else day
    return Purchase(who, at, Money(amount, currency), id=f"{who} {day} {amount} {len(more)}", **more)


class CDNOWShop:
    """The CDNOW sample as a base, as it stands at the end."""

    def __init__(self):
        rows = cdnow_sample()
        self.at = instant(END)
        self.ids, stream = np.unique(rows.customer, return_inverse=True)
        order = np.lexsort((rows.at, stream))
        zeros = np.zeros(len(rows), dtype=np.int64)
        self.table = FactTable(
            self.ids, ("Purchase",), ("USD",), stream[order], rows.at[order], zeros, rows.cents[order] * 1.0, zeros
        )

    def facts(self, kind):
        return self.table if kind is Purchase else FactTable.of(())


@cache
def cdnow_shop():
    return CDNOWShop()
