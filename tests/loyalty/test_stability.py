"""An attitude in time: lasting is not once, about is not pooled, and a late answer counts as if it had come in time."""

import numpy as np
import pytest
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.facts import Answer, Purchase
from relmkt.loyalty._attitude import Attitude, score_change, stability
from relmkt.loyalty._course import abouts, course
from relmkt.loyalty._trust import Trust
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.rules import One
from relmkt.scales import Construct, Item, Scale
from relmkt.tallies import count
from relmkt.testing import check_facet, check_rule
from relmkt.windows import DAY, Instant, days, instant

SEVEN = Scale(1, 7)
LIKING = Construct("liking", SEVEN.items("l1"))
TRUST = Construct("trust", [*SEVEN.items("t1", "t2"), Item("t3", SEVEN, reverse=True)])
AT = datetime(2026, 3, 1, 12)
NOW = instant(AT)
YEAR = days(365)


def said(when, score, *, item="l1", about="brand", who="ada", id=""):
    return Answer(who, when, item, score, about=about, id=id)


def monthly(score=6, months=13):
    return [said(AT.subtract(months=m), score, id=f"m{m}") for m in range(months)]


def lasting(**options):
    return stability(LIKING, **{"cut": 5, "within": YEAR, "about": "brand", "lasts": days(35), **options})


def test_twelve_months_above_the_cut_and_above_it_once_differ():
    always = Customer.of("ada", monthly(), at=AT).ask(lasting())
    once = Customer.of("ada", [said(AT.subtract(months=1), 6)], at=AT).ask(lasting())
    assert always == 1.0
    assert once == pytest.approx(29 / 365)  # the 28 days of February, and today
    for held, stable in ((monthly(), True), ([said(AT, 7)], False)):
        assert bool(Customer.of("ada", held, at=AT).ask(lasting() >= 0.9)) is stable


def test_the_cut_and_what_stands_on_it_decide():
    told = Customer.of("ada", monthly(5), at=AT)
    assert [told.ask(lasting(high=high)) for high in (">=", ">")] == [1.0, 0.0]
    assert told.ask(lasting(cut=6)) == 0.0


def test_two_answers_about_the_brand_and_one_about_the_stay_are_two_scores():
    told = [said(AT.subtract(days=20), 7), said(AT.subtract(days=10), 6), said(AT, 2, about="stay")]
    ada = Customer.of("ada", told, at=AT)
    options = {"within": YEAR, "lasts": None}
    scores = {a: ada[stability(LIKING, cut=5, about=a, **options).facet].score(ada.at) for a in ("brand", "stay", None)}
    assert scores == {"brand": 6.0, "stay": 2.0, None: 2.0}
    assert abouts(ada) == ("brand", "stay")


def test_a_late_answer_changes_it_as_if_it_had_come_in_time():
    late = said(AT.subtract(days=100), 2, id="late")
    before = Customer.of("ada", monthly(), at=AT)
    after = Customer.of("ada", [*monthly(), late], at=AT)
    other = Customer.of("ada", [late, *reversed(monthly())], at=AT)
    assert after.ask(lasting()) == other.ask(lasting()) < before.ask(lasting())
    told = course(after, LIKING.measure)
    assert (told.on(AT.subtract(days=99)), told.on(AT.subtract(days=101))) == (2.0, 6.0)
    assert [step.cause.id for step in told.changes] == ["m12", "late", "m3"]


def test_the_last_change_says_what_caused_it():
    ada = Customer.of("ada", [*monthly(), said(AT, 6, id="z")], at=AT)
    assert ada[lasting().facet].last_change.cause == "m12"  # the same again is no change
    moved = Customer.of("ada", [*monthly(), said(AT, 3, id="z")], at=AT)[lasting().facet].last_change
    assert (moved.before, moved.score, moved.cause, moved.at) == (6.0, 3.0, "z", NOW)
    assert Customer.of("ada", [], at=AT)[lasting().facet].last_change is None


def test_an_item_left_unanswered_is_no_score():
    told = [said(AT.subtract(days=200), 6, item="t1"), said(AT.subtract(days=100), 6, item="t2")]
    told += [said(AT.subtract(days=50), 1, item="t3"), said(AT.subtract(days=10), None, item="t1")]
    told += [said(AT.subtract(days=9), 99, item="t2")]
    ada, trust = Customer.of("ada", told, at=AT), course(Customer.of("ada", told, at=AT), TRUST.measure)
    assert trust.on(AT.subtract(days=60)) == 6.0
    assert trust.on(AT.subtract(days=20)) == pytest.approx(19 / 3)
    assert np.isnan(trust.on(AT))
    assert np.isnan(trust.on(AT.subtract(days=150)))
    found = ada.ask(stability(TRUST, cut=6, within=YEAR, about="brand", lasts=None))
    assert found == pytest.approx(91 / 365)  # from the second answer until the one off the scale


def test_no_score_in_the_window_is_missing():
    held = [said(AT.subtract(years=3), 7)]
    assert np.isnan(Customer.of("ada", held, at=AT).ask(lasting()))
    assert np.isnan(Customer.of("ada", [], at=AT).ask(lasting()))
    assert Customer.of("ada", held, at=AT).ask(lasting(lasts=None)) == 1.0


def test_the_change_over_a_window():
    told = [said(AT.subtract(days=400), 3), said(AT.subtract(days=20), 6)]
    moved = score_change(LIKING, within=YEAR, about="brand", lasts=None)
    assert Customer.of("ada", told, at=AT).ask(moved) == 3.0
    assert np.isnan(Customer.of("ada", told[1:], at=AT).ask(moved))


def test_the_trend_is_scipys_line():
    rng = np.random.default_rng(11)
    scores = rng.integers(1, 8, 9).tolist()
    told = [said(AT.subtract(days=30 * (9 - i)), score, id=f"a{i}") for i, score in enumerate(scores)]
    found = course(Customer.of("ada", told, at=AT), LIKING.measure).trend(per=YEAR)
    x = [30 * i / 365 for i in range(9)]
    line = stats.linregress(x, scores)
    half = stats.t.ppf(0.975, 7) * line.stderr
    assert (found.value, found.low, found.high) == pytest.approx((line.slope, line.slope - half, line.slope + half))
    assert found.n == 9
    short = course(Customer.of("ada", told[:1], at=AT), LIKING.measure)
    assert np.isnan(short.trend(per=YEAR).value)
    two = course(Customer.of("ada", told[:2], at=AT), LIKING.measure).trend(per=YEAR)
    assert (two.value, np.isnan(two.low)) == (pytest.approx((scores[1] - scores[0]) / x[1]), True)
    since = course(Customer.of("ada", told, at=AT), LIKING.measure).trend(per=YEAR, since=AT.subtract(days=100))
    assert since.n == 3


def test_the_course_of_a_count_changes_by_time_alone():
    told = [Purchase("ada", AT.subtract(days=50), Money(9, "EUR"), id="p-1")]
    bought = course(Customer.of("ada", told, at=AT), count(Purchase, within=days(30)))
    assert [step.value for step in bought.changes] == [1.0, 0.0]
    assert bought.last_change.cause is None
    assert "time passed" in str(bought)
    assert "Purchase p-1" in bought._repr_html_()
    assert bought.stability(cut=1, within=days(60)) == pytest.approx(0.5)
    assert bought.stability(cut=1, within=days(40)) == pytest.approx(0.5)  # twenty of its days, though thirty in all
    assert np.isnan(course(Customer.of("ada", [], at=AT), LIKING.measure).stability(cut=1, within=YEAR))


def random_answers(seed: int, customers: int = 30) -> list[Answer]:
    rng = np.random.default_rng(seed)
    start, told = int(NOW) - 900 * DAY, []
    for place in range(400):
        score = None if rng.random() < 0.1 else int(rng.integers(0, 9))  # 0 and 8 are off the scale
        when = Instant(start + int(rng.integers(0, 900 * 24)) * DAY // 24)
        item, about = rng.choice(["t1", "t2", "t3", "other"]), rng.choice(["brand", "stay"])
        who = f"c{rng.integers(0, customers):02}"
        told.append(Answer(who, when, str(item), score, about=str(about), id=f"{place:03}"))
    return told


MEASURES = [
    stability(TRUST, cut=4, within=YEAR, about="brand", lasts=None),
    stability(TRUST, cut=4, within=YEAR, about=None, lasts=days(45), high=">"),
    score_change(TRUST, within=days(200), about=None, lasts=days(300)),
    stability(
        Trust(credibility=SEVEN.items("t1"), integrity=SEVEN.items("t2")), cut=4, within=YEAR, about=None, lasts=None
    ),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("measure", MEASURES, ids=str)
def test_one_is_many(measure, seed):
    facts = random_answers(seed)
    base = Portfolio(FactTable.of(facts), at=AT)
    alone = [Customer.of(str(who), [f for f in facts if f.subject == who], at=AT).ask(measure) for who in base.ids]
    found = base.ask(measure)
    assert np.array_equal(found, np.array(alone), equal_nan=True), f"{seed=}"
    assert not np.isnan(found).all()


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_days_counted_one_by_one(seed):
    facts = [fact for fact in random_answers(seed, customers=1) if fact.about == "brand"]
    ada = Customer.of("c00", facts, at=AT)
    scores, last = course(ada, TRUST.measure), course(ada, count(Answer))
    lasts, today, above, known = 45, int(NOW) // DAY, 0, 0
    told = [fact for fact in facts if fact.item != "other"]
    for day in range(today - 364, today + 1):
        end = Instant((day + 1) * DAY - 1)
        spoke = [int(fact.at) // DAY for fact in told if fact.at <= min(end, NOW)]
        value = scores.on(min(end, NOW)) if spoke and day < max(spoke) + lasts else np.nan
        known, above = known + (value == value), above + (value >= 4)
    assert len(last) > 0
    measure = stability(TRUST, cut=4, within=YEAR, about="brand", lasts=days(lasts))
    assert known, f"{seed=}"
    assert ada.ask(measure) == above / 365, f"{seed=}"


def test_a_comparison_flips_at_the_midnight_it_announced():
    ada = Customer.of("ada", [said(AT, 7)], at=AT)
    measure = stability(LIKING, cut=5, within=days(10), about="brand", lasts=days(4))
    rule, turns = measure >= 0.3, []
    at = NOW
    for _ in range(5):
        turn = rule.turning(One(ada, at))
        if turn is None:
            break
        turns.append((int(turn) // DAY - int(NOW) // DAY, int(ada.ask(rule, at=turn))))
        at = turn
    assert turns == [(2, 2), (11, 0), (13, 1)]  # three days of ten, two of ten, none known


@pytest.mark.parametrize("measure", MEASURES, ids=str)
def test_it_keeps_the_laws_of_facets_and_rules(measure):
    check_facet(measure.facet, examples=10)
    for rule in (measure >= 0.25, measure.known()):
        check_rule(rule, examples=10)


def test_parameters_that_are_none_are_refused():
    for options in ({"within": days(1) * 0.5}, {"lasts": days(1) * 1.5}, {"high": "<"}):
        with pytest.raises(ValueError, match="expected"):
            lasting(**options)
    assert isinstance(lasting().facet, Attitude)
