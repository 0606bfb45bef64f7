"""Scores as a stranger asks for them: of every group and period, explained, and never of two scales at once."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.estimate import Estimate
from relmkt.facts import Answer, Visit
from relmkt.loyalty._attachment import Attachment
from relmkt.loyalty._attitude import stability
from relmkt.loyalty._bond import SocialBond
from relmkt.loyalty._commitment import Commitment
from relmkt.loyalty._groups import score_by
from relmkt.loyalty._influence import influence
from relmkt.loyalty._measures import score_about
from relmkt.loyalty._quality import Distinct, RelationshipQuality
from relmkt.loyalty._satisfaction import Satisfaction
from relmkt.loyalty._strength import Percentile, RelationshipStrength
from relmkt.loyalty._trust import Trust
from relmkt.loyalty._type import loyalty_table
from relmkt.portfolio import Portfolio
from relmkt.satisfaction import SatisfactionIndex
from relmkt.scales import Construct, Item, Scale
from relmkt.tallies import count
from relmkt.windows import days

SEVEN = Scale(1, 7)
TRUST = Trust(credibility=SEVEN.items("t1"), integrity=SEVEN.items("t2"), benevolence=SEVEN.items("t3"))
COMMITMENT = Commitment(affective=SEVEN.items("c1"), calculative=SEVEN.items("c2"))
CARE = Construct("care", [*SEVEN.items("s1"), Item("s2", SEVEN, reverse=True)])
QUALITY = RelationshipQuality(trust=TRUST, satisfaction=CARE)
ITEMS = ("t1", "t2", "t3", "c1", "c2", "s1", "s2", "b1")
CONCEPTS = [TRUST, COMMITMENT, CARE, QUALITY, Attachment(SEVEN.items("t1", "t2")), SocialBond(SEVEN.items("b1"))]
END = datetime(2026, 7, 1)


def drawn(seed, guests=40):
    """Answers about two hotels over half a year, some off the scale and some left out."""
    rng = np.random.default_rng(seed)
    return [
        Answer(
            f"g{who:02d}",
            datetime(2026, month, 1 + who % 28),
            item,
            None if rng.random() < 0.05 else int(rng.integers(1, 9)),
            about=str(rng.choice(["Lyon", "Nice"])),
        )
        for who in range(guests)
        for month in range(1, 7)
        if rng.random() < 0.5
        for item in ITEMS
    ]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: type(concept).__name__)
def test_each_group_is_scored_as_a_table_of_its_own(concept, seed):
    facts = drawn(seed)
    told = score_by(concept, FactTable.of(facts), by="about", period="quarter")
    for hotel in ("Lyon", "Nice"):
        for name, months in (("2026-Q1", (1, 2, 3)), ("2026-Q2", (4, 5, 6))):
            own = [fact for fact in facts if fact.about == hotel and fact.at.local("UTC").month in months]
            alone, group = concept.score(FactTable.of(own)), f"{hotel}, {name}"
            lines = [(group, alone)] if alone.labels is None else [(f"{group}, {line}", one) for line, one in alone]
            for label, one in lines:
                for part in ("value", "low", "high", "n", "missing", "invalid"):
                    assert getattr(told[label], part) == pytest.approx(getattr(one, part), nan_ok=True), (label, part)


def test_segments_of_a_portfolio_are_labels_of_its_table():
    base = Portfolio(drawn(3), at=END)
    often = np.where(base.ask(count(Answer) >= 30), "often", "seldom")
    table = base.facts(Answer)
    told = score_by(TRUST, table, by=often[table.stream], least=1000)
    for name in ("often", "seldom"):
        inside = base.ask(TRUST.measure)[often == name]
        assert told[f"{name}, trust"].value == pytest.approx(np.nanmean(inside))
    assert told.notes[-1].startswith("fewer than 1000 respondents: often, credibility; ")
    with pytest.raises(ValueError, match="by"):
        score_by(TRUST, table, by=often)
    with pytest.raises(ValueError, match="by, period"):
        score_by(TRUST, table)


@pytest.mark.parametrize(
    "period, names",
    [
        ("day", {"2025-12-31", "2026-01-01"}),
        ("week", {"2026-W01"}),
        ("month", {"2025-12", "2026-01"}),
        ("quarter", {"2025-Q4", "2026-Q1"}),
        ("year", {"2025", "2026"}),
    ],
)
def test_periods_are_named_as_iso_names_them_in_their_zone(period, names):
    told = [Answer("ada", at, "s1", 5) for at in (datetime(2025, 12, 31, 12), datetime(2025, 12, 31, 23, 30))]
    found = score_by(Construct("care", SEVEN.items("s1")), FactTable.of(told), period=period, zone="Europe/Paris")
    assert set(found.labels) == names


def test_nobody_asked_is_no_score():
    told = score_by(TRUST, FactTable.of([Answer("ada", END, "other", 3)]), by="about")
    assert np.isnan(told["trust"].value)
    assert told["trust"].n == 0
    assert "trust: trust" not in " ".join(told.notes)


def test_satisfaction_is_a_concept_beside_the_index():
    survey = {"s1": [7, 3, None], "s2": [6, 5, 2]}
    satisfaction, index = Satisfaction(SEVEN.items("s1", "s2")), SatisfactionIndex(SEVEN.items("s1", "s2"))
    assert satisfaction.pomp(survey).value == pytest.approx(index.score(survey).value)
    told = RelationshipQuality(trust=TRUST, satisfaction=satisfaction)
    assert told.scale == SEVEN
    assert str(satisfaction.measure >= 5) == "satisfaction >= 5"


def test_an_index_of_a_hundred_points_is_not_averaged_with_seven():
    index = SatisfactionIndex(SEVEN.items("s1", "s2"))
    survey = {"t1": [7, 1], "t2": [7, 1], "t3": [7, 1], "s1": [7, 1], "s2": [7, 1]}
    if hasattr(index, "scale"):  # an index that tells its scale is joined on it
        assert RelationshipQuality(trust=TRUST, satisfaction=index).scores(survey).tolist() == [100.0, 0.0]
        return
    with pytest.raises(TypeError, match="satisfaction"):
        RelationshipQuality(trust=TRUST, satisfaction=index)


def test_a_construct_on_a_scale_of_its_own_is_joined_in_percents():
    class Hundred(Satisfaction):
        scale = Scale(0, 100)

        def scores(self, answers):
            return 100 * (super().scores(answers) - 1) / 6

    told = RelationshipQuality(trust=TRUST, satisfaction=Hundred(SEVEN.items("s1", "s2")))
    survey = {"t1": [7, 4], "t2": [7, 4], "t3": [7, 4], "s1": [7, 7], "s2": [7, 7]}
    assert told.scores(survey).tolist() == [100.0, 75.0]
    assert str(told.measure >= 70) == "relationship quality >= 70"


def test_measures_are_named_in_words():
    index = SatisfactionIndex(SEVEN.items("s1"))
    assert score_about(index, "Lyon").name == "satisfaction index about Lyon"
    assert score_about(QUALITY, "Lyon").name == "relationship quality about Lyon"
    lasting = stability(QUALITY, cut=5, within=days(9), about=None, lasts=None)
    assert lasting.name == "stability of relationship quality"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: score_about(COMMITMENT, "Lyon"),
        lambda: stability(COMMITMENT, cut=5, within=days(9), about=None, lasts=None),
    ],
)
def test_three_labels_have_no_one_score(ask):
    with pytest.raises(TypeError, match="no one score"):
        ask()


def test_a_score_is_explained_by_what_it_is_made_of():
    facts = [Answer("ada", END, "t1", 6), Answer("ada", END, "t2", 4), Visit("ada", END, "Lyon")]
    ada = Customer.of("ada", facts, at=END)
    assert str(ada.explain(TRUST.measure)).splitlines() == [
        "true     trust   5",
        "  true     t1   6",
        "  true     t2   4",
        "  unknown  t3   missing",
    ]
    often = Percentile([0, 1, 3]).measure(count(Visit)).named("visits")
    tie = RelationshipStrength(quality=often, longevity=often, depth=often, value=often)
    lines = str(ada.explain(tie.measure)).splitlines()
    assert lines[:3] == [
        "true     relationship strength   0.5",
        "  true     visits   0.5",
        "    true     count(Visit)   1",
    ]


def test_what_is_unknown_is_printed_in_words():
    table = loyalty_table([6, None], [5, 1], attitude_cut=4, behaviour_cut=3)
    voices = influence([1000, None], 0.01, ids=["ada", "bob"])
    pair = Distinct([("trust", "bond")], [0.65], [float("nan")], {"trust": 0.7047, "bond": float("nan")})
    for told in (table, voices, pair):
        assert "unknown" in str(told)
        assert "nan" not in str(told) + told._repr_html_()
    assert str(voices).splitlines()[1].split() == ["ada", "1,000", "10.00"]
    beside = influence([1000, 9], 0.01, ids=["ada", "bob"], crv=Estimate([300.0], labels=["ada"]))
    assert str(beside).splitlines()[1].split() == ["ada", "1,000", "10.00", "300.00"]
    assert beside._repr_html_().count("unknown") == 1
