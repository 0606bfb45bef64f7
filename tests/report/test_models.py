"""The sections that use the models, and those on money over time: every figure found again in the rows of CDNOW."""

import re
from datetime import UTC, datetime

import numpy as np
import pytest

from relmkt.demo import NOW, Demonstration
from relmkt.facts import Purchase
from relmkt.money import Money
from relmkt.program import Program
from relmkt.report import Report
from relmkt.stores import Memory
from relmkt.value import BetaGeo, ModifiedBetaGeo, ParetoNBD, PurchaseSummary, alive_history
from relmkt.windows import DAY
from tests.report.test_figures import AT, BASE, CUSTOMERS, DAYS, IDS, SPENT, WHO, cells, number, section

pytestmark = pytest.mark.xdist_group("report")

CUT = datetime(1997, 10, 1, tzinfo=UTC)
KINDS = {"BG/NBD": BetaGeo, "MBG/NBD": ModifiedBetaGeo, "Pareto/NBD": ParetoNBD}
OCCASIONS = np.unique(np.stack([WHO, DAYS]), axis=1)  # several purchases of a day count once
LATE = OCCASIONS[1] * DAY > int(CUT.timestamp() * 1e6)


def whole() -> PurchaseSummary:
    return PurchaseSummary.from_purchases(BASE.customer, BASE.at, at=NOW, unit="week")


def best(shown: Demonstration) -> str:
    return re.match(r"(\S+) comes closest", section(shown, "models").words[1])[1]


def test_the_best_model_is_that_of_the_least_squared_error(shown: Demonstration):
    early = BASE.at <= int(CUT.timestamp() * 1e6)
    known = PurchaseSummary.from_purchases(BASE.customer[early], BASE.at[early], at=CUT, unit="week")
    came = np.bincount(OCCASIONS[0][LATE], minlength=CUSTOMERS)
    told, errors = cells(section(shown, "models")), {}
    for name, kind in KINDS.items():
        expected = kind.fit(known).purchases(known, 273 / 7, level=None).value
        errors[name] = float(np.sqrt(((expected - came) ** 2).mean()))
        assert number(told[name][0]) == pytest.approx(expected.sum(), abs=0.51)
        assert told[name][1].startswith(f"{100 * (expected.sum() / came.sum() - 1):.1f} % (")
        assert told[name][2].startswith(f"{np.abs(expected - came).mean():.2f} (")
        assert told[name][3].startswith(f"{errors[name]:.2f} (")
    assert best(shown) == min(errors, key=errors.get)
    assert f"{came.sum():,} purchases came" in section(shown, "models").words[0]


def test_tracking_counts_what_came(shown: Demonstration):
    words = " ".join(section(shown, "tracking").words)
    first = np.zeros(OCCASIONS.shape[1], bool)
    first[np.unique(OCCASIONS[0], return_index=True)[1]] = True
    repeats = OCCASIONS[1][~first]
    start = OCCASIONS[1].min()
    weeks = (AT // DAY - start) // 7
    assert f"{(repeats <= start + 273).sum():,} repeat purchases had come" in words
    assert f"After {weeks} weeks it was {(repeats <= start + 7 * weeks).sum():,} that came" in words
    each = np.histogram(repeats, start + 0.5 + 7 * np.arange(39, weeks + 1))[0]
    assert f"{each.mean():,.0f} a week came ({each.min():,} to {each.max():,})" in words


def test_calibration_groups_add_up(shown: Demonstration):
    rows = section(shown, "calibration").tables[0].rows
    assert sum(number(row[1]) for row in rows) == CUSTOMERS
    came = sum(number(row[1]) * float(row[3]) for row in rows)
    assert came == pytest.approx(LATE.sum(), rel=0.01)  # means are told to two places
    inside = sum(float(r[4].split(" to ")[0]) <= float(r[2]) <= float(r[4].split(" to ")[1]) for r in rows)
    assert abs(int(re.search(r"In (\d+) of", section(shown, "calibration").words[0])[1]) - inside) <= 1


def test_who_is_alive(shown: Demonstration):
    model, summary = KINDS[best(shown)].fit(whole()), whole()
    alive = model.alive(summary, level=None).value
    assert f"{alive.sum():,.0f} of {CUSTOMERS:,} buyers" in section(shown, "alive").words[0]


def test_who_went_quiet_is_the_best_of_those_who_bought_often(shown: Demonstration):
    model, summary = KINDS[best(shown)].fit(whole()), whole()
    alive = model.alive(summary, level=None).value
    often = summary.frequency >= max(2, np.quantile(summary.frequency, 0.9))
    gone = often & (alive < 0.5) & (summary.recency >= summary.T / 3)
    place = int(np.argmax(np.where(gone, SPENT, -1)))
    words = " ".join(section(shown, "quiet").words)
    assert f"Customer {IDS[place]} made" in words
    assert f"for {SPENT[place]:,.0f} USD" in words
    way = alive_history(model, BASE.at[place == WHO], until=NOW)
    assert f"is {100 * alive[place]:.0f} % ({100 * way.low[-1]:.0f} % to {100 * way.high[-1]:.0f} %) now" in words


def test_sources_add_up_to_the_revenue_of_the_quarter(shown: Demonstration):
    told = {name: number(row[0]) for name, row in cells(section(shown, "sources")).items()}
    late, before = BASE.at > AT - 91 * DAY, (BASE.at > AT - 182 * DAY) & (BASE.at <= AT - 91 * DAY)
    assert sum(told.values()) == pytest.approx(BASE.cents[late].sum() / 100, abs=3)  # F41
    now, then = (np.bincount(WHO[rows], BASE.cents[rows] / 100, CUSTOMERS) for rows in (late, before))
    assert told["kept"] + told["won back"] >= np.minimum(now, then).sum() - 2
    assert told["new"] == told["referred"] == 0
    order = np.lexsort((BASE.at, WHO))
    gap = np.diff(BASE.at[order])
    back = (np.diff(WHO[order]) == 0) & (gap > 365 * DAY) & late[order][1:]
    assert number(cells(section(shown, "sources"))["won back"][2]) == len(np.unique(WHO[order][1:][back]))


def test_kept_is_who_bought_then_or_later(shown: Demonstration):
    month = BASE.at.view("datetime64[us]").astype("datetime64[M]").astype(int)
    began, last = np.full(len(IDS), 1 << 30), np.zeros(len(IDS), int)
    np.minimum.at(began, WHO, month)
    np.maximum.at(last, WHO, month)
    told = cells(section(shown, "kept"))
    for age in (1, 3, 9):
        assert told[str(age)][2].startswith(f"{100 * (last - began >= age).mean():.1f} % (")
        assert number(told[str(age)][1]) == CUSTOMERS
    assert told["12"][2] == "not yet"  # the youngest cohort is 15 months old: six of them are left out


def test_tenure_in_quarters(shown: Demonstration):
    first = np.full(len(IDS), 1 << 62)
    np.minimum.at(first, WHO, BASE.at)
    quarter = (BASE.at - first[WHO]) // int(3 * 30.4375 * DAY)
    rows = section(shown, "tenure").tables[0].rows
    for k in (0, 1, 3):
        spent = np.bincount(WHO[quarter == k], BASE.cents[quarter == k] / 100, CUSTOMERS)
        assert rows[k][3].startswith(f"{spent.mean():.2f} (")  # F42
        assert number(rows[k][2]) == len(np.unique(WHO[quarter == k]))


def test_effort_counts_the_contacts(shown: Demonstration):
    n = len(shown.acted.planned)
    assert section(shown, "effort").words[0].startswith(f"{n} contacts were planned")  # F39


def test_a_base_that_determines_no_model_says_why():
    shop = Program(Memory(), clock=lambda: NOW)
    shop.load([Purchase(who, datetime(1998, 6, 29, tzinfo=UTC), Money("5", "USD")) for who in ("ada", "bob")])
    report = Report.of(shop, at=NOW)
    for key in ("models", "tracking", "calibration", "alive", "worth"):
        (words,) = report.section(key).words
        assert "no repeat purchase" in words
        assert report.section(key).picture is None
    assert report.page()


def test_what_came_after_the_report_changes_nothing():
    facts = [
        Purchase(f"c{k % 40}", datetime(1998, 1 + k % 5, 1 + k % 27, tzinfo=UTC), Money(5 + k % 7, "USD"))
        for k in range(150)
    ]
    later = Purchase("c1", datetime(1998, 6, 20, tzinfo=UTC), Money("99", "USD"))
    at = datetime(1998, 6, 10, tzinfo=UTC)
    told = []
    for rows in (facts, [*facts, later]):
        shop = Program(Memory(), clock=lambda: NOW)
        shop.load(rows)
        told.append(str(Report.of(shop, at=at)))
    assert told[0] == told[1]  # rule R46
