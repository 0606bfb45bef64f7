"""The section on ties where only part of it was asked: one label of commitment, no quality at all, two scales."""

from datetime import UTC, datetime

import numpy as np
import pytest

from relmkt.facts import Answer, Purchase
from relmkt.loyalty import Commitment, RelationshipQuality, Trust
from relmkt.money import Money
from relmkt.program import Program
from relmkt.report import Questions, Report
from relmkt.report._heard import _about
from relmkt.report._section import Section
from relmkt.scales import Construct, Item, Scale
from relmkt.stores import Memory

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SAID = datetime(2026, 6, 1, tzinfo=UTC)
TEN, SEVEN = Scale(1, 10), Scale(1, 7)
TRUST = Trust(credibility=SEVEN.items("t1"), integrity=SEVEN.items("t2"))
COMMITMENT = Commitment(affective=SEVEN.items("c1", "c2"), calculative=SEVEN.items("c3"))
RNG = np.random.default_rng(31)
STAY = Item("stay", TEN), TEN.items("room")
TOLD = {name: RNG.integers(1, 11 if name == "s1" else 8, 60) for name in ("t1", "t2", "c1", "c2", "c3", "s1", "s2")}


def ties(questions: Questions) -> Section:
    shop = Program(Memory(), clock=lambda: NOW)
    shop.load([
        Answer(f"c{row:02d}", SAID, name, float(score), id=f"{name}-{row}")
        for name, scores in TOLD.items()
        for row, score in enumerate(scores)
    ])  # fmt: skip
    return Report.of(shop, at=NOW, questions=questions).section("ties")


def means(section: Section) -> dict[str, float]:
    return {row[0]: float(row[-1].split()[0]) for row in section.tables[0].rows}


def test_one_kind_of_commitment_is_called_by_its_own_name() -> None:
    quality = RelationshipQuality(trust=TRUST, commitment=COMMITMENT.affective)
    section = ties(Questions(*STAY, quality=quality, attitude_cut=4, behaviour_cut=2))
    found = means(section)
    assert "affective commitment" in found
    assert "commitment" not in found
    assert found["affective commitment"] == pytest.approx((TOLD["c1"] + TOLD["c2"]).mean() / 2, abs=0.006)
    assert not any("cannot leave" in words for words in section.words)


def test_commitment_alone_has_its_labels_and_no_quality() -> None:
    section = ties(Questions(*STAY, commitment=COMMITMENT))
    found = means(section)
    assert "relationship quality" not in found
    kinds = [name for name in found if name.startswith("commitment: ")]
    assert kinds == ["commitment: affective", "commitment: calculative"]
    assert found["commitment: calculative"] == pytest.approx(TOLD["c3"].mean(), abs=0.006)
    assert any("cannot leave" in words for words in section.words)


def test_of_questions_on_two_scales_every_mean_is_per_cent() -> None:
    satisfied = Construct("satisfaction", [Item("s1", TEN)])
    quality = RelationshipQuality(trust=TRUST, satisfaction=satisfied)
    found = means(ties(Questions(*STAY, quality=quality, attitude_cut=50, behaviour_cut=2)))
    assert found["satisfaction"] == pytest.approx(100 * (TOLD["s1"].mean() - 1) / 9, abs=0.006)
    assert found["trust"] == pytest.approx(100 * ((TOLD["t1"] + TOLD["t2"]).mean() / 2 - 1) / 6, abs=0.006)
    assert found["relationship quality"] == pytest.approx((found["satisfaction"] + found["trust"]) / 2, abs=0.011)


def test_two_rungs_are_enough_to_tell_them_apart_and_one_is_not() -> None:
    told = [Answer(f"c{row:02d}", SAID, "recommend", 9.0 if row < 20 else 3.0, id=f"r-{row}") for row in range(60)]
    bought = [Purchase(f"c{row:02d}", SAID, Money(9, "EUR"), id=f"p-{row}") for row in range(20)]
    for facts, names in ((told, ["all"]), ([*told, *bought], None)):
        shop = Program(Memory(), clock=lambda: NOW)
        shop.load(facts)
        section = Report.of(shop, at=NOW, questions=Questions(*STAY)).section("recommend")
        rows = {row[0]: row for row in section.tables[0].rows}
        if names is not None:
            assert list(rows) == names
            continue
        assert len(rows) == 3
        assert sorted(int(row[1]) for name, row in rows.items() if name != "all") == [20, 40]


def test_as_many_things_judged_as_are_named_leave_no_more_of_them() -> None:
    named = [(name, 3) for name in ("Lyon", "Nice", "Metz", "Lens")]
    assert _about(named) == "about “Lyon”, “Nice”, “Metz”, “Lens”, pooled here"
    assert _about([*named, ("Brest", 1)]) == "about “Lyon”, “Nice”, “Metz”, “Lens” and 1 more, pooled here"
    assert _about([("Lyon", 3)]) == "about “Lyon”"
    assert _about([("", 3)]) == "about what, is not said"


def test_a_target_may_be_either_end_of_the_scale_and_nothing_beyond() -> None:
    assert [Questions(*STAY, target=end).target for end in (1, 10)] == [1, 10]
    for beyond in (0.9, 10.1):
        with pytest.raises(ValueError, match=r"^target: expected a number on the scale"):
            Questions(*STAY, target=beyond)
