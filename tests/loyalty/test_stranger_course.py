"""What moved a score: the answer that did, and no answer to another question that came with it."""

import numpy as np
import pytest
from pendulum import datetime
from scipy import stats

from relmkt.customers import Customer, Folding
from relmkt.facts import Answer, Visit
from relmkt.loyalty._attitude import stability
from relmkt.loyalty._course import course
from relmkt.loyalty._measures import score_about
from relmkt.loyalty._strength import longevity
from relmkt.loyalty._trust import Trust
from relmkt.scales import Construct, Scale
from relmkt.tallies import count, first
from relmkt.windows import days, instant

SEVEN = Scale(1, 7)
TRUST = Trust(credibility=SEVEN.items("t1"), integrity=SEVEN.items("t2"), benevolence=SEVEN.items("t3"))
JUNE = datetime(2026, 6, 1)


def survey(month, *, about="Lyon", **scores):
    """Answers of one instant, with ids in the order of the items."""
    at = datetime(2026, month, 1)
    return [Answer("ada", at, item, s, about=about, id=f"{month}-{item}") for item, s in scores.items()]


def told(*facts, at=JUNE):
    return Customer.of("ada", [fact for some in facts for fact in some], at=at)


def test_the_cause_is_an_answer_that_the_score_is_made_of():
    ada = told(survey(1, t1=6, t2=6, t3=6, zest=2), survey(2, t1=6, t2=3, t3=6, zest=9))
    found = course(ada, TRUST.measure)
    assert found.last_change.cause.id == "2-t2"  # not zest, the last of that instant, and not t3, which moved nothing
    assert "Answer 2-t2: t2 3 about Lyon" in str(found)
    assert course(ada, score_about(TRUST, "Nice")).last_change is None


def test_the_trend_counts_the_answers_of_the_score_alone():
    own = [survey(m, t1=s, t2=s, t3=s) for m, s in ((1, 2), (3, 5), (5, 4))]
    others = [survey(m, zest=m) for m in (1, 2, 3, 4, 5, 6)]
    alone, among = (course(told(*facts), TRUST.measure).trend(per=days(30)) for facts in (own, own + others))
    x = [(datetime(2026, m, 1) - datetime(2026, 1, 1)).days / 30 for m in (1, 3, 5)]
    assert among == alone
    assert (among.n, among.value) == (3, pytest.approx(stats.linregress(x, [2, 5, 4]).slope))


def test_the_same_answer_again_counts_in_the_trend():
    again = [survey(m, t1=5, t2=5, t3=5) for m in (1, 2, 3)]
    assert course(told(*again), TRUST.measure).trend(per=days(30)).n == 3


def test_two_streams_that_are_one_person_have_the_same_causes():
    facts = [*survey(1, t1=6, t2=6, zest=1), *survey(2, t1=2, zest=3)]
    streams = [("ada" if place < 3 else "eve", fact) for place, fact in enumerate(facts)]
    joined = Customer.folded("ada", streams, Folding(TRUST.measure.facets()), instant(JUNE))
    found = course(joined, TRUST.measure)
    assert [(step.value, step.cause.id) for step in found.changes] == [(6.0, "1-t2"), (4.0, "2-t1")]
    assert found.trend(per=days(30)).n == 2


def test_one_survey_is_one_change_from_the_survey_before():
    liking = Construct("liking", SEVEN.items("l1", "l2"))
    held = stability(liking, cut=5, within=days(365), about="Lyon", lasts=None).facet
    change = told(survey(1, l1=4, l2=4), survey(2, l1=7, l2=3))[held].last_change
    assert (change.before, change.score, change.cause) == (4.0, 5.0, "2-l2")  # never 5.5, which stood for no time
    same = told(survey(1, l1=4, l2=4), survey(2, l1=7, l2=1))[held].last_change
    assert (same.before, same.score, same.cause) == (None, 4.0, "1-l1")  # the second survey says the same
    assert same.at == instant(datetime(2026, 1, 1))


def test_changes_of_tenure_are_told_in_one_line():
    facts = [[Visit("ada", datetime(2026, m, 1), "Lyon", id=f"v{m}")] for m in (1, 3)]
    found = course(told(*facts, at=datetime(2026, 4, 1)), longevity(first(Visit), days(30)))
    lines = str(found).splitlines()
    assert len(found.changes) == 91
    assert len(lines) == 3
    assert "90 changes since 2026-01-02" in lines[-1]
    assert found._repr_html_().count("<tr>") == 2


def test_a_count_names_the_visit_that_it_counts():
    facts = [[Visit("ada", datetime(2026, m, 1), place, id=place)] for m, place in ((1, "Lyon"), (2, "Nice"))]
    found = course(told(*facts), count(Visit, place="Lyon"))
    assert [(step.value, step.cause.id) for step in found.changes] == [(1.0, "Lyon")]
    assert np.isnan(found.on(datetime(2025, 12, 1)))
