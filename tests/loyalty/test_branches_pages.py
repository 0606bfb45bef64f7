"""Every value of the chapter shows itself, names nobody by accident, and says plainly what it cannot do."""

import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.exceptions import FitError, UnsupportedError
from relmkt.facts import Answer, Visit
from relmkt.frames import Frame
from relmkt.loyalty import (
    Commitment,
    LogisticCalibration,
    Percentile,
    SocialBond,
    Trust,
    amplification,
    course,
    influence,
    loyalty_grid,
    loyalty_segments,
    loyalty_table,
    mean_measure,
    resonance,
    score_by,
    spurious_share,
    stability,
)
from relmkt.mapping import Mapping, col
from relmkt.scales import Construct, Scale
from relmkt.tallies import count
from relmkt.windows import days, instant

SEVEN = Scale(1, 7)
AT = datetime(2026, 7, 1)
CUTS: dict[str, Any] = {"attitude_cut": 4, "behaviour_cut": 3}
GRID: dict[str, Any] = {"attitude_cuts": (3, 6), "behaviour_cuts": (1, 5)}


def cells(html: str) -> list[str]:
    return re.findall(r"<t[dh]>(.*?)</t[dh]>", html)


def test_the_nine_cells_as_a_table_have_the_highest_attitude_on_top() -> None:
    grid = loyalty_grid([1, 4, 7, 7, 7, np.nan], [0, 2, 9, 9, 0, 3], **GRID)
    assert repr(grid) == "<LoyaltyGrid: 6 customers>"
    assert cells(grid._repr_html_()) == [
        *("", "behaviour low", "behaviour middle", "behaviour high"),
        *("attitude high", "1", "0", "2"),
        *("attitude middle", "0", "1", "0"),
        *("attitude low", "1", "0", "0"),
    ]
    assert [line.split()[2:] for line in str(grid).splitlines()[1:]] == [
        ["1", "0", "2"],
        ["0", "1", "0"],
        ["1", "0", "0"],
    ]


@pytest.mark.parametrize(
    "more, name",
    [
        ({"attitude_cuts": "median"}, "attitude_cuts"),
        ({"attitude_cuts": (6, 3)}, "attitude_cuts"),
        ({"behaviour_cuts": (1, 2, 3)}, "behaviour_cuts"),
        ({"behaviour_cuts": (1, np.nan)}, "behaviour_cuts"),
        ({"high": "<"}, "high"),
    ],
)
def test_the_nine_cells_refuse_cuts_that_are_none(more: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        loyalty_grid([1, 4], [0, 2], **{**GRID, **more})


def test_the_nine_cells_need_both_sides_of_each_customer() -> None:
    for attitude, behaviour in (([1, 4], [0]), (np.array([[1, 4]]), np.array([[0, 2]]))):
        with pytest.raises(ValueError, match="one entry a customer in each"):
            loyalty_grid(attitude, behaviour, **GRID)


def test_two_equal_cuts_leave_no_middle() -> None:
    grid = loyalty_grid([1, 3, 9], [1, 5, 5], attitude_cuts=(3, 3), behaviour_cuts=(5, 5))
    assert grid.labels.tolist() == ["low/low", "high/high", "high/high"]
    below = loyalty_grid([1, 3, 9], [1, 5, 5], attitude_cuts=(3, 3), behaviour_cuts=(5, 5), high=">")
    assert below.labels.tolist() == ["low/low", "low/low", "high/low"]


def test_public_voices_are_counted_and_not_named_in_a_repr() -> None:
    voices = influence([1000, 50, np.nan], 0.01, ids=["ada@example.org", "<b>", "c"])
    assert (len(voices), repr(voices)) == (3, "<Influence: 3 voices>")
    assert cells(voices._repr_html_())[-6:] == ["&lt;b&gt;", "50", "0.50", "c", "unknown", "unknown"]
    assert influence([5], 1).reached.value.tolist() == [5.0]  # all of them, or none
    assert influence([5], 0).reached.value.tolist() == [0.0]


@pytest.mark.parametrize(
    "reach, conversion, ids, name",
    [
        ([-1], 0.5, None, "reach"),
        ([np.inf], 0.5, None, "reach"),
        (np.array([[1]]), 0.5, None, "reach"),
        ([1], 1.01, None, "conversion"),
        ([1], -0.01, None, "conversion"),
        ([1, 2], 0.5, ["a"], "ids"),
    ],
)
def test_influence_refuses_what_is_no_reach_no_share_and_no_name(
    reach: Any, conversion: Any, ids: Any, name: str
) -> None:
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        influence(reach, conversion, ids=ids)


def test_one_who_brings_more_than_one_sustains_the_growth() -> None:
    assert amplification(2, 0.5).self_sustaining
    assert not amplification(2, 0.49).self_sustaining
    assert not amplification([], 0.5).self_sustaining  # unknown is no growth
    told = amplification([3, 1], 0.25)
    assert told._repr_html_() == told.k._repr_html_() + told.total._repr_html_()
    assert str(told).startswith("K 0.5")  # two recommendations each, a quarter of them won
    assert "; one customer makes 2.0" in str(told)  # 1 / (1 − ½)


def test_resonance_refuses_columns_that_are_not_of_the_same_customers() -> None:
    with pytest.raises(ValueError, match="in the same order"):
        resonance([True, False], [1], within="2025")
    with pytest.raises(ValueError, match=r"^over: expected"):
        resonance([True], [1], within="2025", over="most")  # type: ignore[arg-type]
    for wrong in ([-1.0], [np.inf], [[1.0]]):
        with pytest.raises(ValueError, match=r"^recommended: expected a flag or a count"):
            resonance([True], wrong, within="2025")


def test_half_a_recommendation_is_none() -> None:
    told = resonance([1.0, 1.0, 1.0, np.nan], [0.0, 1.0, 2.0, 5.0], within="2025")
    assert (told.value, told.n, told.missing) == (pytest.approx(2 / 3), 3, 1)


def test_shares_are_by_wilson_or_by_goodman() -> None:
    table = loyalty_table([6, 6, 2, 2], [5, 1, 5, 1], **CUTS)
    with pytest.raises(ValueError, match=r"^interval: expected 'Wilson' or 'Goodman'"):
        table.shares(interval="Wald")  # type: ignore[arg-type]
    assert repr(table) == "<LoyaltyTable: 4 customers, attitude >= 4, behaviour >= 3>"


def test_types_need_both_sides_and_a_word_for_high() -> None:
    for attitude, behaviour in (([6, 2], [5]), (np.array([[6]]), np.array([[5]]))):
        with pytest.raises(ValueError, match=r"^attitude and behaviour: expected one entry a customer"):
            loyalty_table(attitude, behaviour, **CUTS)
    for name in ("attitude_high", "behaviour_high"):
        with pytest.raises(ValueError, match=f"^{name}: expected"):
            loyalty_table([6], [5], **{**CUTS, name: "<"})
    with pytest.raises(ValueError, match=r"expected .>=. or .>."):
        loyalty_segments(count(Visit), count(Visit), **CUTS, behaviour_high="=")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^segments: expected a label a customer"):
        loyalty_table([6, 2], [5, 5], **CUTS).by(["Lyon"])


@pytest.mark.parametrize("wrong", [[1, 2], [1, 2, -1], [1, 2, np.nan], [1, 2, np.inf]])
def test_purchases_are_a_number_a_customer(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match=r"^purchases: expected"):
        spurious_share([6, 2, 2], [5, 5, 5], **CUTS, purchases=wrong)


@pytest.mark.parametrize("claim", [-0.1, 1.1])
def test_a_claimed_share_is_a_share(claim: float) -> None:
    with pytest.raises(ValueError, match=r"^claim: expected a share"):
        spurious_share([6, 2], [5, 5], **CUTS, claim=claim)


def test_a_claim_of_nobody_or_of_everybody_can_be_held_against_the_figure() -> None:
    told = [spurious_share([2] * 9, [5] * 9, **CUTS, claim=claim).notes[-1] for claim in (0, 1)]
    assert told == ["claimed 0: outside the interval", "claimed 1: inside the interval"]


def test_trust_bond_and_commitment_tell_how_well_their_items_go_together() -> None:
    rng = np.random.default_rng(4)
    liked = rng.integers(1, 6, 40)
    survey = {name: np.clip(liked + rng.integers(0, 3, 40), 1, 7) for name in ("t1", "t2", "t3", "t4")}
    two, other = SEVEN.items("t1", "t2"), SEVEN.items("t3", "t4")
    parts = Trust(credibility=two, benevolence=other).reliability(survey)
    assert repr(parts) == "<Reliabilities of credibility, benevolence, trust>"
    assert str(parts).splitlines()[0].split()[:2] == ["credibility", "alpha"]
    alone = SocialBond(two).reliability(survey)
    assert alone.alpha.value == pytest.approx(parts["credibility"].alpha.value)
    means = Trust(credibility=two, benevolence=other).by_dimension(survey)
    assert means["benevolence"] == pytest.approx((survey["t3"] + survey["t4"]) / 2)
    assert len(Commitment(affective=two, calculative=other).reliability(survey)) == 2


def test_a_percentile_says_among_how_many() -> None:
    assert repr(Percentile([0, 1, 3, 9])) == "<Percentile among 4>"


def test_a_score_of_parts_is_refused_on_a_frame_by_its_name() -> None:
    visits = Mapping(Visit, subject=col("who"), at=col("at"))
    frame = Frame(visits.of(pl.DataFrame({"who": ["ada"], "at": [AT.naive()]})), at=AT)
    with pytest.raises(UnsupportedError, match=r"percentile of .* not on a frame"):
        frame.ask(Percentile([0, 1, 3]).measure(count(Visit)))


def test_a_score_of_parts_has_no_facet_of_its_own() -> None:
    measure = mean_measure("depth", Percentile([0, 1, 3]).measure(count(Visit)))
    with pytest.raises(TypeError, match="read from its parts"):
        measure.ask(None, instant(AT, "at"))


def test_a_group_of_invalid_answers_alone_is_named_and_counted() -> None:
    care = Construct("care", SEVEN.items("c1"))
    told = [("ada", "Lyon", 6), ("cyd", "Lyon", 4), ("bob", "Nice", 99)]
    facts = [Answer(who, datetime(2026, 3, 1), "c1", score, about=hotel) for who, hotel, score in told]
    found = score_by(care, FactTable.of(facts), by="about")
    assert (found.labels, found.n.tolist(), found.invalid.tolist()) == (("Lyon", "Nice"), [2, 0], [0, 1])
    assert found["Lyon"].value == 5.0
    assert not found.notes  # that Nice is unknown is said by its n of 0


@pytest.mark.parametrize("high", [True, False])
def test_where_everybody_likes_us_behaviour_explains_nothing(high: bool) -> None:
    with pytest.raises(FitError, match="parts high from low"):
        LogisticCalibration.fit([1, 2, 3, 4, 5], [float(high)] * 5)
    with pytest.raises(ValueError, match=r"^behaviour: expected a row a customer"):
        LogisticCalibration.fit([[[1]], [[2]]], [1, 0])


def test_a_share_that_lasts_a_while_is_right_on_every_day_of_its_course() -> None:
    liking = Construct("liking", SEVEN.items("l1"))
    lasting = stability(liking, cut=5, within=days(10), about=None, lasts=days(4))
    told = [Answer("ada", datetime(2026, 1, 1, 12), "l1", 6), Answer("ada", datetime(2026, 1, 20, 9), "l1", 2)]
    found = course(Customer.of("ada", told, at=datetime(2026, 2, 15)), lasting)
    for day in range(45):
        at = datetime(2026, 1, 1, 13).add(days=day)
        alone = Customer.of("ada", [fact for fact in told if fact.at <= instant(at, "at")], at=at).ask(lasting)
        assert found.on(at) == pytest.approx(alone, nan_ok=True), at
    assert repr(found) == f"<Course of {lasting.name}: {len(found.changes)} changes until {found.until}>"
    assert len(found) == len(found.steps)
    with pytest.raises(ValueError, match=r"^high: expected"):
        found.stability(cut=5, within=days(9), high="=")  # type: ignore[arg-type]
