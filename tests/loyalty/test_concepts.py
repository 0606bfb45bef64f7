"""Trust, commitment, attachment and bond: dimensions told, wholes that need two of them, labels never averaged."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import given as given_
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.facts import Answer, Visit
from relmkt.loyalty._attachment import Attachment
from relmkt.loyalty._bond import SocialBond, reciprocity
from relmkt.loyalty._commitment import Commitment
from relmkt.loyalty._joining import joined_mean
from relmkt.loyalty._trust import Trust
from relmkt.scales import Construct, Item, Scale
from relmkt.tallies import count

SEVEN = Scale(1, 7)
AT = datetime(2026, 7, 1)
TRUST = Trust(
    credibility=SEVEN.items("t1", "t2"),
    integrity=SEVEN.items("t3", "t4"),
    benevolence=[Item("t5", SEVEN), Item("t6", SEVEN, reverse=True)],
)
COMMITMENT = Commitment(
    affective=SEVEN.items("c1", "c2"), calculative=SEVEN.items("c3", "c4"), normative=SEVEN.items("c5")
)


def survey(**columns: list[float | None]) -> dict[str, list[float | None]]:
    return columns


def test_trust_from_0_to_100_by_dimension_and_as_a_whole() -> None:
    three = Trust(credibility=SEVEN.items("a"), integrity=SEVEN.items("b"), benevolence=SEVEN.items("c"))
    told = three.pomp(survey(a=[6, 6], b=[5, 5], c=[4, 4]))
    assert told["credibility"].value == pytest.approx(83.3333, abs=1e-4)  # KA-070
    assert told["integrity"].value == pytest.approx(66.6667, abs=1e-4)  # KA-070
    assert told["benevolence"].value == pytest.approx(50, abs=1e-4)  # KA-070
    assert told["trust"].value == pytest.approx(66.6667, abs=1e-4)  # KA-070


def test_a_whole_is_the_mean_of_dimensions_and_not_of_items() -> None:
    uneven = Trust(credibility=SEVEN.items("a", "b", "c"), integrity=SEVEN.items("d"))
    assert uneven.scores(survey(a=[7], b=[7], c=[7], d=[1])).tolist() == [4]


@pytest.mark.parametrize(
    "row, whole",
    [((6, 4, 5, 5, 4, 4), 14 / 3), ((6, 4, 5, 5, None, None), 5), ((6, 4, None, None, None, None), math.nan)],
)
def test_a_whole_needs_two_dimensions(row: tuple[float | None, ...], whole: float) -> None:
    told = TRUST.scores({f"t{place}": [value] for place, value in enumerate(row, 1)})
    np.testing.assert_allclose(told, [whole])


def test_one_dimension_alone_is_told_and_is_no_trust() -> None:
    alone = Trust(credibility=SEVEN.items("t1", "t2"))
    told = alone.score(survey(t1=[6, 4], t2=[6, 4]))
    assert told["credibility"].value == 5
    assert math.isnan(told["trust"].value)
    assert told["trust"].n == 0
    assert any("two dimensions" in note for note in told.notes)


def test_every_line_says_how_many_answered_and_what_was_no_answer() -> None:
    told = TRUST.score(survey(t1=[6, 9], t2=[6, None], t3=[5, 5], t4=[5, 5], t5=[4, 4], t6=[4, 8]))
    assert told.labels == ("credibility", "integrity", "benevolence", "trust")
    assert told.n.tolist() == [1, 2, 2, 2]
    assert told.missing.tolist() == [1, 0, 0, 0]
    assert told.invalid.tolist() == [1, 0, 1, 2]
    assert told["trust"].value == (5 + 4.5) / 2


def test_facts_and_columns_are_scored_alike() -> None:
    rows = {"ada": (6, 4, 5, 5, 4, 2), "bob": (1, 2, 3, 4, 5, 6)}
    facts = [Answer(who, AT, f"t{p}", score) for who, row in rows.items() for p, score in enumerate(row, 1)]
    table = FactTable.of([*facts, Visit("zoe", AT)])
    columns = {f"t{p + 1}": [rows["ada"][p], rows["bob"][p]] for p in range(6)}
    assert TRUST.scores(table).tolist()[:2] == TRUST.scores(columns).tolist()
    assert math.isnan(TRUST.scores(table)[2])  # never asked
    assert TRUST.score(table) == TRUST.score(columns)
    np.testing.assert_array_equal(TRUST.scores(pd.DataFrame(columns)), TRUST.scores(columns))


@pytest.mark.parametrize(
    "dimensions", [{}, {"credibility": SEVEN.items("a"), "integrity": SEVEN.items("a")},
                   {"credibility": SEVEN.items("a"), "integrity": Scale(1, 10).items("b")}],
)  # fmt: skip
def test_trust_refuses_what_has_no_mean(dimensions: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="trust"):
        Trust(**dimensions)


def test_reliability_of_each_dimension_and_of_all_items() -> None:
    draws = np.random.default_rng(7)
    felt = draws.normal(4, 1.2, 200)
    columns: Any = {f"t{p}": np.clip(np.round(felt + draws.normal(0, 0.8, 200)), 1, 7) for p in range(1, 7)}
    columns["t6"] = 8 - columns["t6"]
    told = TRUST.reliability(columns)
    assert told.alpha.labels == ("credibility", "integrity", "benevolence", "trust")
    plain = Construct("trust", TRUST.items).reliability(columns)
    assert told["trust"].alpha == plain.alpha
    assert told.omega["trust"].value == plain.omega.value > 0.8
    assert len(str(told).splitlines()) == len(told) == 4


# --- commitment ------------------------------------------------------------------------------------------------------


def test_commitment_is_three_lines_and_never_one() -> None:
    answers = survey(c1=[6, 2], c2=[6, 4], c3=[1, 7], c4=[3, 7], c5=[4, None])
    assert COMMITMENT.score(answers).labels == ("affective", "calculative", "normative")
    assert COMMITMENT.pomp(answers).labels == ("affective", "calculative", "normative")
    assert COMMITMENT.score(answers).value.tolist() == [4.5, 4.5, 4]
    assert {name: column.tolist()[0] for name, column in COMMITMENT.scores(answers).items()} == {
        "affective": 6, "calculative": 2, "normative": 4,
    }  # fmt: skip
    assert set(COMMITMENT.measure) == set(COMMITMENT.dimensions)
    assert COMMITMENT.reliability(answers).alpha.labels == ("affective", "calculative", "normative")


def test_net_affective_only_where_asked_and_known() -> None:
    answers = survey(c1=[6, 2, None], c2=[6, 4, None], c3=[1, 7, 3], c4=[3, 7, 3], c5=[4, 4, 4])
    np.testing.assert_array_equal(COMMITMENT.net_affective(answers), [4, -4, math.nan])


def test_a_label_without_items_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="normative commitment"):
        Commitment(affective=SEVEN.items("a")).normative  # noqa: B018
    with pytest.raises(ValueError, match="commitment"):
        Commitment()


# --- attachment ------------------------------------------------------------------------------------------------------


def test_attachment_of_one_dimension_is_a_construct() -> None:
    one = Attachment(SEVEN.items("a1", "a2", "a3"))
    answers = survey(a1=[7, 2], a2=[6, 3], a3=[5, None])
    plain = Construct("attachment", SEVEN.items("a1", "a2", "a3"))
    assert one.scores(answers).tolist() == plain.scores(answers).tolist() == [6, 2.5]
    assert one.score(answers) == plain.score(answers)
    assert one.pomp(answers).value == pytest.approx(100 * (4.25 - 1) / 6)
    assert evolve(one, answered=1).scores(answers).tolist()[0] == 6
    assert math.isnan(evolve(one, answered=1).scores(answers)[1])


def test_attachment_of_three_dimensions_is_the_mean_of_their_means() -> None:
    three = Attachment(affection=SEVEN.items("a", "b", "c"), connection=SEVEN.items("d"), passion=SEVEN.items("e"))
    answers = survey(a=[7, 7], b=[7, 7], c=[7, 7], d=[1, None], e=[4, None])
    np.testing.assert_array_equal(three.scores(answers), [4, math.nan])
    assert three.score(answers).labels == ("affection", "connection", "passion", "attachment")
    assert three.pomp(answers)["attachment"].value == 50
    with pytest.raises(ValueError, match="not both"):
        Attachment(SEVEN.items("x"), passion=SEVEN.items("e"))
    with pytest.raises(ValueError, match="attachment"):
        Attachment()


# --- bond ------------------------------------------------------------------------------------------------------------


def test_reciprocity_is_the_smaller_side_over_the_larger() -> None:
    told = reciprocity([3, 4, 0, 0, 2, -1], [4, 3, 5, 0, math.nan, 2])
    np.testing.assert_array_equal(told, [0.75, 0.75, 0, math.nan, math.nan, math.nan])


@given_(st.integers(0, 50), st.integers(0, 50))
def test_reciprocity_does_not_say_who_began(one: int, other: int) -> None:
    assert np.array_equal(reciprocity([one], [other]), reciprocity([other], [one]), equal_nan=True)


def test_a_bond_is_asked_or_seen_and_the_two_stay_apart() -> None:
    bond = SocialBond(SEVEN.items("b1", "b2"), signals={"comes": count(Visit) >= 1}, prior=(1, 1))
    assert bond.scores(survey(b1=[6], b2=[4])).tolist() == [5]
    assert bond.pomp(survey(b1=[6, 6], b2=[4, 4])).value == pytest.approx(200 / 3)
    assert bond.evidence.measure.name == "social bond (proxy)"
    with pytest.raises(ValueError, match="items"):
        SocialBond()
    with pytest.raises(ValueError, match="prior"):
        SocialBond(signals={"comes": count(Visit) >= 1})
    with pytest.raises(ValueError):
        SocialBond(signals={"comes": count(Visit) >= 1}, prior=(1, 1)).scores(survey(b1=[6]))


# --- joining ---------------------------------------------------------------------------------------------------------


def test_three_means_of_three_parts() -> None:
    parts = [[0.8], [0.6], [0.9]]
    assert joined_mean(parts)[0] == pytest.approx(0.7666667, abs=1e-6)  # KA-071
    assert joined_mean(parts, how="geometric")[0] == pytest.approx(0.7559526, abs=1e-6)  # KA-071
    assert joined_mean(parts, how="harmonic")[0] == pytest.approx(0.7448276, abs=1e-6)  # KA-071


@pytest.mark.parametrize("how", ["arithmetic", "geometric", "harmonic"])
def test_a_weight_of_nothing_takes_a_part_out_missing_or_not(how: Any) -> None:
    two = joined_mean([[0.8], [0.6]], [1, 3], how=how)
    for rest in (0.9, 0.0, math.nan):
        assert joined_mean([[0.8], [0.6], [rest]], [1, 3, 0], how=how).tolist() == two.tolist()
    assert joined_mean([[0.8], [0.6]], [2, 6], how=how) == pytest.approx(two)


@pytest.mark.parametrize("how", ["geometric", "harmonic"])
def test_one_part_of_nothing_is_not_made_up_for(how: Any) -> None:
    assert joined_mean([[0.9], [0.0]], how=how).tolist() == [0]


def test_joining_refuses_what_is_no_mean() -> None:
    with pytest.raises(ValueError, match="one a part"):
        joined_mean([[1.0]], [1, 2])
    for wrong in ([0.0], [-1.0], [math.inf], [math.nan]):
        with pytest.raises(ValueError, match="weights"):
            joined_mean([[1.0]], wrong)
    with pytest.raises(ValueError, match="how"):
        joined_mean([[1.0]], how="median")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="0 or more"):
        joined_mean([[-1.0]], how="geometric")
