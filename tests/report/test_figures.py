"""Every figure of the report equals one that NumPy alone finds in the rows of CDNOW."""

import re

import numpy as np
import pytest

from relmkt.datasets import cdnow
from relmkt.demo import NOW, Demonstration, simulated
from relmkt.demo._run import SEED, first
from relmkt.facts import Profile, Purchase, Spend
from relmkt.money import Money
from relmkt.program import Program
from relmkt.report import Report, Section
from relmkt.stores import Memory
from relmkt.value import BetaGeo, GammaGamma, ModifiedBetaGeo, ParetoNBD, PurchaseSummary, lifetime_value
from relmkt.windows import DAY, days, instant
from tests.demo.shop import CUSTOMERS

pytestmark = pytest.mark.xdist_group("report")

BASE = first(cdnow(), CUSTOMERS)
IDS, WHO = np.unique(BASE.customer, return_inverse=True)
SPENT = np.bincount(WHO, weights=BASE.cents) / 100
TIMES = np.bincount(WHO)
DAYS = BASE.at // DAY
AT = int(instant(NOW))


def section(shown: Demonstration, key: str) -> Section:
    return shown.report.section(key)


def cells(told: Section, table: int = 0) -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in told.tables[table].rows}


def number(text: str) -> float:
    return float(re.sub(r"[ %,]|[A-Z]{3}", "", text))


def newest() -> np.ndarray:
    last = np.zeros(len(IDS), np.int64)
    np.maximum.at(last, WHO, BASE.at)
    return last


def test_the_base(shown: Demonstration):
    told = cells(section(shown, "base"))
    assert number(told["customers known"][0]) == len(IDS) == CUSTOMERS
    assert number(told["purchases"][0]) == len(BASE)
    assert number(told["revenue, USD"][0]) == BASE.cents.sum() / 100


def test_rungs_add_up_and_clients_are_those_of_three_in_a_year(shown: Demonstration):
    told = {name: number(row[0]) for name, row in cells(section(shown, "ladder")).items()}
    assert sum(told.values()) == CUSTOMERS  # F12
    assert list(told) == ["prospect", "customer", "client", "supporter", "advocate", "partner"]
    # a count in a window keeps steps of a day: it opens at the midnight before
    opens = (AT - 365 * DAY) // DAY * DAY
    recent = np.bincount(WHO[opens <= BASE.at], minlength=len(IDS))
    assert abs(told["client"] - (recent >= 3).sum()) <= 5
    assert told["advocate"] == told["supporter"] == told["partner"] == 0


def test_phases_partition_the_base(shown: Demonstration):
    told = {name: number(row[0]) for name, row in cells(section(shown, "phases")).items()}
    quiet = AT - newest() > 365 * DAY
    assert told["win back"] == quiet.sum()
    assert told["retention"] == (~quiet & (TIMES >= 3)).sum()
    assert told["loyalty"] == (~quiet & (TIMES < 3)).sum()
    assert sum(told.values()) == CUSTOMERS  # F14


def test_segments_partition_the_buyers_and_their_revenue(shown: Demonstration):
    told = cells(section(shown, "segments"))
    assert sum(number(row[0]) for row in told.values()) == CUSTOMERS  # F35
    assert sum(number(row[2]) for row in told.values()) == pytest.approx(100, abs=0.5)


def test_concentration(shown: Demonstration):
    words = " ".join(section(shown, "concentration").words)
    best = np.sort(SPENT)[::-1]
    assert f"bring {100 * best[: CUSTOMERS // 5].sum() / best.sum():.1f} %" in words
    pairs = np.abs(SPENT[:, None] - SPENT[None, :]).mean() / (2 * SPENT.mean())
    assert f"is {pairs:.3f}" in words


def test_return_and_cohorts(shown: Demonstration):
    told = section(shown, "return")
    several = np.bincount(np.unique(np.stack([WHO, DAYS]), axis=1)[0]) > 1
    assert told.words[0].startswith(f"{100 * several.mean():.1f} % of all customers")
    month = BASE.at.view("datetime64[us]").astype("datetime64[M]").astype(int)
    began = np.full(len(IDS), 1 << 30)
    np.minimum.at(began, WHO, month)
    for age in (1, 3, 12):
        back = len(np.unique(WHO[month - began[WHO] == age]))
        assert cells(told)[str(age)][0] == f"{100 * back / len(IDS):.1f} %"


def test_expected_value(shown: Demonstration):
    dollars = BASE.cents / 100
    summary = PurchaseSummary.from_purchases(BASE.customer, BASE.at, dollars, at=NOW, unit="week", currency="USD")
    told = " ".join(section(shown, "worth").small)
    name = re.search(r"Purchases by the (\S+) model", told)[1]
    kind = {"BG/NBD": BetaGeo, "MBG/NBD": ModifiedBetaGeo, "Pareto/NBD": ParetoNBD}[name]
    buying, spending = kind.fit(summary), GammaGamma.fit(summary)
    worth = lifetime_value(buying, spending, summary, horizon=days(365), level=None)
    value, low, high = map(number, re.findall(r"[\d,]+ USD", section(shown, "worth").words[0]))
    assert value == pytest.approx(float(worth.value.sum()), abs=1)
    assert low < value < high
    sums = [
        lifetime_value(drawn, spending, summary, horizon=days(365), level=None).value.sum()
        for drawn in buying.draws(200, rng=np.random.default_rng(7))
    ]
    assert np.std(sums) < (high - low) / 2 / 1.9  # the other model adds to it
    assert np.std(sums) > (high - low) / 2 / 8


def test_the_best_and_why(shown: Demonstration):
    reasons = section(shown, "best").reasons
    order = np.argsort(-SPENT, kind="stable")[:10]
    assert [re.search(r"customer (\d+)", r.words)[1] for r in reasons] == IDS[order].tolist()
    for reason, place in zip(reasons, order):
        assert f"{TIMES[place]} purchases for {SPENT[place]:,.0f} USD" in reason.words
        rung = re.search(r"rung “(\w+)”", reason.words)[1]
        assert reason.trees[0].text.startswith(rung)
        assert reason.trees[0].parts


def test_two_rankings(shown: Demonstration):
    rows = section(shown, "rankings").tables[0].rows
    order = np.argsort(-SPENT, kind="stable")[:10]
    assert [row[0] for row in rows] == IDS[order].tolist()  # F38
    for row in rows:
        assert number(row[1]) - number(row[2]) == number(row[3])


def test_words_say_revenue_and_never_profit_without_a_margin(shown: Demonstration):
    told = " ".join(str(shown.report).split())
    assert "profit" not in re.sub(r"never profit|not profit|By profit nobody|profit_by_tenure", "", told).lower()


def test_a_stated_margin_ranks_by_profit_too():
    at = instant(NOW) - 10 * DAY
    facts = [
        Purchase("ada", type(instant(NOW))(at), Money("100", "USD"), margin=Money("1", "USD")),
        Purchase("bob", type(instant(NOW))(at), Money("50", "USD")),
    ]
    shop = Program(Memory(), clock=lambda: NOW)
    shop.load(facts)
    rows = Report.of(shop, at=NOW, margin=0.4).section("rankings").tables[0].rows
    assert [(row[0], row[4]) for row in rows] == [("ada", "2"), ("bob", "1")]


def test_contacts_add_up(shown: Demonstration):
    left, tasks = map(int, re.findall(r"(\d+) (?:contact|task)", section(shown, "next").words[0]))
    sent = int(re.match(r"\d+", section(shown, "delivered").words[0])[0])
    assert left + sent == len(shown.acted.planned)
    assert sent == shown.acted.sent == len(list((shown.folder / "mail" / "new").iterdir()))
    assert len(section(shown, "next").tables[0].rows) == tasks
    for reason in section(shown, "next").reasons:
        assert re.search("became true|why: Started", str(reason))
        assert "allowed: consent to" in str(reason)


def test_refusals_are_those_of_the_gate(shown: Demonstration):
    told = {row[0]: int(row[1]) for row in section(shown, "refused").tables[0].rows}
    assert told == shown.acted.refused
    assert told


def test_the_scorecard(shown: Demonstration):
    told = {row[0]: row[1] for row in section(shown, "scorecard").tables[0].rows}
    assert list(told) == ["identify", "know", "communicate", "keep", "virtuous circle"]
    among = set(IDS.tolist())
    drawn = simulated(cdnow(), np.random.default_rng(SEED))
    known = {fact.subject for fact in drawn if isinstance(fact, Profile)} & among
    assert told["identify"] == told["know"] == f"{100 * len(known) / CUSTOMERS:.1f} %"
    # both windows are counted in whole days
    late = np.bincount(WHO[BASE.at >= (AT - 182 * DAY) // DAY * DAY], minlength=len(IDS))
    year = np.bincount(WHO[BASE.at >= (AT - 365 * DAY) // DAY * DAY], minlength=len(IDS))
    assert number(told["keep"]) == pytest.approx(100 * (late[year > late] > 0).mean(), abs=0.5)


def test_claims_are_tested_on_this_base(shown: Demonstration):
    told = section(shown, "claims").tables[0].rows
    assert "87.1 %" in told[3][0]  # half left after five years at one rate: 0.5 ** (1 / 5)
    old = np.full(len(IDS), 1 << 62)
    np.minimum.at(old, WHO, BASE.at)
    old = AT - old > 365 * DAY
    seen = AT - newest() <= 365 * DAY
    assert told[3][1].startswith(f"{100 * seen[old].mean():.1f} %")
    assert re.match(r"revenue of the same customers: [+-][\d.]+ USD a quarter", told[4][1])  # F42
    assert told[5][1] == "not known: no spends have been recorded (Spend)"


def test_spends_that_were_recorded_test_the_claim():
    at = type(instant(NOW))(instant(NOW) - 400 * DAY)
    late = type(at)(int(at) + 300 * DAY)
    money = [("ada", at, 20), ("ada", late, 20), ("bob", at, 20), ("eve", late, 9), ("dan", late, 9)]
    shop = Program(Memory(), clock=lambda: NOW)
    shop.load([Purchase(who, when, Money(paid, "USD")) for who, when, paid in money])
    shop.load(
        [Spend("shop", late, Money(units, "USD"), phase) for phase, units in (("conquest", 60), ("retention", 10))]
    )
    report = Report.of(shop, at=NOW)
    told = report.section("claims").tables[0].rows
    assert told[5][1].startswith("3.0 times (")  # F40: 60 for two won, 10 for one kept of two
    assert "4 customers made" in report.section("base").words[0]  # the shop is nobody's customer
