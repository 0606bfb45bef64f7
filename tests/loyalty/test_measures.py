"""One customer is everyone: every measure of the concepts keeps the laws of facets and rules."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given as given_
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.exceptions import UnsupportedError
from relmkt.facts import Answer, Fact, Purchase, Recommendation, Visit
from relmkt.frames import Frame
from relmkt.ladders import Segment
from relmkt.loyalty._attachment import Attachment
from relmkt.loyalty._bond import SocialBond, reciprocity
from relmkt.loyalty._commitment import Commitment
from relmkt.loyalty._groups import score_by
from relmkt.loyalty._measures import Replies, score_about
from relmkt.loyalty._quality import RelationshipQuality
from relmkt.loyalty._strength import Percentile, RelationshipStrength, longevity, mean_measure
from relmkt.loyalty._trust import Trust
from relmkt.mapping import Mapping, col
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.rules import Measure
from relmkt.scales import Construct, Item, Scale
from relmkt.tallies import count, first
from relmkt.testing import facet_checks, rule_checks
from relmkt.windows import days

SEVEN = Scale(1, 7)
AT = datetime(2026, 7, 1)
TRUST = Trust(
    credibility=SEVEN.items("t1", "t2"), integrity=SEVEN.items("t3"), benevolence=[Item("t4", SEVEN, reverse=True)]
)
THREE = Attachment(affection=SEVEN.items("a1"), connection=SEVEN.items("a2"), passion=SEVEN.items("a3"))
COMMITMENT = Commitment(affective=SEVEN.items("c1", "c2"), calculative=SEVEN.items("c3"))
SIGNALS = {
    "recommends": count(Recommendation) >= 1,
    "comes": count(Visit, within=days(90)) >= 2,
    "trusts": TRUST.measure >= 5,
}
BOND = SocialBond(SEVEN.items("b1"), signals=SIGNALS, prior=(2, 3))
TEN = Construct("satisfaction", Scale(1, 10).items("s1", "s2"))
EVEN = RelationshipQuality(trust=TRUST, commitment=COMMITMENT.affective, attachment=THREE)
WEAK = RelationshipQuality(
    trust=TRUST, satisfaction=TEN, bond=BOND, weights={"trust": 2, "satisfaction": 1, "bond": 1}, how="geometric"
)
OFTEN = Percentile([0, 1, 1, 2, 5]).measure(count(Visit, within=days(90)))
STRONG = RelationshipStrength(
    quality=EVEN.share,
    longevity=longevity(first(Visit), days(30)),
    depth=mean_measure("depth", OFTEN, BOND.evidence.measure, weights=[2, 1]),
    value=OFTEN,
    weights={"quality": 0, "longevity": 1, "depth": 1, "value": 1},
)
LIMITS: dict[str, tuple[Measure, float]] = {
    "trust": (TRUST.measure, 5),
    "trust about Lyon": (score_about(TRUST, "Lyon"), 5),
    "affective": (COMMITMENT.affective.measure, 4),
    "attachment": (THREE.measure, 4),
    "bond": (BOND.measure, 4),
    "bond (proxy)": (BOND.evidence.measure, 0.5),
    "reciprocity": (reciprocity(count(Visit, within=days(90)), count(Recommendation)), 0.5),
    "quality": (EVEN.measure, 4),
    "quality, geometric": (WEAK.measure, 50),
    "quality from 0 to 1": (EVEN.share, 0.5),
    "percentile": (OFTEN, 0.5),
    "longevity": (longevity(first(Visit), days(30)), 0.4),
    "strength": (STRONG.measure, 0.5),
}
CHECKS = [
    pytest.param(check, id=f"{name}: {check}")
    for name, (measure, limit) in LIMITS.items()
    for check in rule_checks(measure >= limit, examples=6, shrink=False)
]


@pytest.mark.parametrize("check", CHECKS)
def test_rules_on_every_measure_keep_the_laws(check: Any) -> None:
    check()


@pytest.mark.parametrize("check", facet_checks(Replies(("t1", "t2"), "Lyon"), examples=15, shrink=False), ids=str)
def test_the_facet_keeps_the_laws(check: Any) -> None:
    check()


ITEMS = [item.name for item in (*EVEN.items, *WEAK.items)]
ANSWERS = st.tuples(
    st.sampled_from(["ada", "bob", "cleo"]),
    st.integers(0, 60),
    st.sampled_from([*ITEMS, "other"]),
    st.sampled_from([None, 0.0, 1, 2, 3, 4, 4.5, 5, 6, 7, 8]),
    st.sampled_from(["Lyon", "Nice", ""]),
)


@given_(st.lists(ANSWERS, max_size=40), st.integers(0, 4))
def test_on_answers_one_customer_is_everyone_to_the_last_digit(told: list[Any], visits: int) -> None:
    facts: list[Fact] = [
        Answer(who, AT.subtract(days=ago), item, score, about=about, id=str(place))
        for place, (who, ago, item, score, about) in enumerate(told)
    ]
    facts += [Visit("ada", AT.subtract(days=40 * place + 1)) for place in range(visits)]
    base = Portfolio(facts, at=AT)
    for measure, _ in LIMITS.values():
        alone = [
            Customer.of(name, [fact for fact in facts if fact.subject == name], at=AT).ask(measure) for name in base.ids
        ]
        np.testing.assert_array_equal(base.ask(measure), alone, err_msg=measure.name)


def test_a_measure_gives_what_scores_gives_everyone() -> None:
    draws = np.random.default_rng(5)
    facts = [
        Answer(f"p{who:03}", AT, item, float(draws.integers(0, 11)), id=f"{who}-{item}")
        for who in range(200)
        for item in dict.fromkeys(ITEMS)
        if draws.random() < 0.7
    ]
    base = Portfolio(facts, at=AT)
    for concept in (TRUST, THREE, EVEN, WEAK):
        np.testing.assert_array_equal(base.ask(concept.measure), concept.scores(base.facts(Answer)))
        assert not np.isnan(base.ask(concept.measure)).all()


def test_what_an_answer_is_about_is_pooled_only_where_nothing_is_named() -> None:
    facts = [Answer("ada", AT.subtract(days=9), item, 2, about="Lyon") for item in ("t1", "t3")]
    facts += [Answer("ada", AT.subtract(days=2), item, 6, about="Nice") for item in ("t1", "t3")]
    base = Portfolio(facts, at=AT)
    found = {about: base.ask(score_about(TRUST, about)).tolist() for about in ("Lyon", "Nice", "Metz")}
    assert found == {"Lyon": [2], "Nice": [6], "Metz": [pytest.approx(np.nan, nan_ok=True)]}
    assert base.ask(TRUST.measure).tolist() == [6]  # the newest about anything
    assert base.select(score_about(TRUST, "Lyon") <= 3).tolist() == ["ada"]
    unasked = Answer("ada", AT.subtract(days=1), "other", 6, about="Metz")
    told = score_by(TRUST, FactTable.of([*facts, unasked]), by="about")
    whole = {label: (one.value, one.n) for label, one in told if label.endswith("trust")}
    assert whole == {"Lyon, trust": (2, 1), "Nice, trust": (6, 1)}


def test_scores_join_rules_with_anything_else() -> None:
    devoted = Segment("devoted", (TRUST.measure >= 5) & (count(Purchase, within=days(365)) >= 1))
    facts: list[Fact] = [Answer("ada", AT.subtract(days=9), item, 6) for item in ("t1", "t3")]
    bought = Purchase("ada", AT.subtract(days=1), Money(9, "EUR"))
    assert Portfolio([*facts, bought], at=AT).select(devoted).tolist() == ["ada"]
    assert not Portfolio(facts, at=AT).select(devoted).tolist()
    assert "trust" in str(Customer.of("ada", facts, at=AT).explain(devoted))


def test_membership_follows_time_and_answers_as_a_rebuild_would() -> None:
    rule = STRONG.measure >= 0.5
    facts: list[Fact] = [Visit(who, AT.subtract(days=day)) for who in ("ada", "bob") for day in (2, 5, 9)]
    facts += [Answer("ada", AT.subtract(days=1), item, 6) for item in ("t1", "t3")]
    kept = Portfolio(facts, at=AT)
    kept.watch(Segment("strong", rule))
    inside, seen = set(kept.select(rule).tolist()), set()
    for later in (1, 20, 60, 95, 200):
        moves = kept.apply([], at=AT.add(days=later))
        inside = (inside | {*moves.entered["strong"]}) - {*moves.left["strong"]}
        fresh = Portfolio(facts, at=AT.add(days=later))
        assert inside == set(kept.select(rule).tolist()) == set(fresh.select(rule).tolist())
        seen.add(tuple(sorted(inside)))
    assert len(seen) > 1  # time alone moved somebody


def test_a_frame_refuses_a_score_of_parts_by_its_name() -> None:
    visits = Mapping(Visit, subject=col("who"), at=col("at"))
    frame = Frame(visits.of(pl.DataFrame({"who": ["ada"], "at": [AT.naive()]})), at=AT)
    for measure in (TRUST.measure, BOND.evidence.measure):
        with pytest.raises((UnsupportedError, TypeError)):
            frame.ask(measure)
