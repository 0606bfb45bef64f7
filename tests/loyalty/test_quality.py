"""Relationship quality: two constructs at least, weights, three means, Mosier's reliability, and distinct parts."""

import math
from typing import Any

import numpy as np
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Answer
from relmkt.loyalty._attachment import Attachment
from relmkt.loyalty._commitment import Commitment
from relmkt.loyalty._evidence import evidence
from relmkt.loyalty._quality import Distinct, RelationshipQuality
from relmkt.loyalty._sourced import Source, Sourced
from relmkt.loyalty._trust import Trust
from relmkt.scales import Construct, Item, Scale
from relmkt.scales._validity import average_variance_extracted, fornell_larcker, htmt, second_order_reliability

SEVEN, TEN = Scale(1, 7), Scale(1, 10)
AT = datetime(2026, 7, 1)
TRUST = Trust(
    credibility=SEVEN.items("t1", "t2"),
    integrity=SEVEN.items("t3", "t4"),
    benevolence=[Item("t5", SEVEN), Item("t6", SEVEN, reverse=True)],
)
AFFECTIVE = Commitment(affective=SEVEN.items("c1", "c2", "c3")).affective
ATTACHMENT = Attachment(SEVEN.items("a1", "a2", "a3"))
QUALITY = RelationshipQuality(trust=TRUST, commitment=AFFECTIVE, attachment=ATTACHMENT)


def single(name: str, scale: Scale = SEVEN) -> Construct:
    return Construct(name, scale.items(name))


def drawn(n: int = 400, seed: int = 3, between: float = 0.5) -> dict[str, list[float | None]]:
    """Three concepts that go together by `between`, one answer in fifteen left out."""
    draws = np.random.default_rng(seed)
    shared = draws.normal(size=n)
    found: dict[str, list[float | None]] = {}
    for letter, k in (("t", 6), ("c", 3), ("a", 3)):
        felt = math.sqrt(between) * shared + math.sqrt(1 - between) * draws.normal(size=n)
        for place in range(1, k + 1):
            told = np.clip(np.round(4 + 1.3 * (0.85 * felt + 0.5 * draws.normal(size=n))), 1, 7)
            told = 8 - told if (letter, place) == ("t", 6) else told
            left = draws.random(n) < 1 / 15
            found[f"{letter}{place}"] = [None if out else x for x, out in zip(told.tolist(), left, strict=True)]
    return found


ROWS = {"x": [6.0, 2, None, 7], "y": [4.0, 4, 5, 1], "z": [2.0, None, None, 4]}
THREE: dict[str, Any] = {"trust": single("x"), "satisfaction": single("y"), "bond": single("z")}


def test_quality_is_the_mean_of_two_constructs_at_least() -> None:
    told = RelationshipQuality(**THREE).scores(ROWS)
    np.testing.assert_array_equal(told, [4, 3, math.nan, 4])


def test_weights_count_and_are_of_the_constructs() -> None:
    weighted = RelationshipQuality(**THREE, weights={"trust": 3, "satisfaction": 1, "bond": 0})
    np.testing.assert_array_equal(weighted.scores(ROWS), [5.5, 2.5, math.nan, 5.5])
    twice = RelationshipQuality(**THREE, weights={"trust": 6, "satisfaction": 2, "bond": 0})
    np.testing.assert_array_equal(weighted.scores(ROWS), twice.scores(ROWS))
    even = RelationshipQuality(**THREE, weights=dict.fromkeys(THREE, 2))
    np.testing.assert_array_equal(even.scores(ROWS), RelationshipQuality(**THREE).scores(ROWS))


def test_three_means_in_percents_of_the_maximum() -> None:
    hundred = Scale(0, 100)
    parts: dict[str, Any] = {name: single(name[0], hundred) for name in ("trust", "satisfaction", "bond")}
    rows = {"t": [80], "s": [60], "b": [90]}
    told = [RelationshipQuality(**parts, how=how).scores(rows)[0] for how in ("arithmetic", "geometric", "harmonic")]
    assert told == pytest.approx([76.66667, 75.59526, 74.48276], abs=1e-4)  # KA-071
    weak = RelationshipQuality(**THREE, how="geometric").scores(ROWS)
    assert weak[3] == 1  # one at the foot of its scale, and nothing makes up for it
    assert weak[0] < RelationshipQuality(**THREE).scores(ROWS)[0]


def test_constructs_on_several_scales_are_told_from_0_to_100() -> None:
    mixed = RelationshipQuality(trust=single("x"), satisfaction=single("s", TEN))
    rows: Any = {"x": [4, 7, None], "s": [10, 1, 5]}
    np.testing.assert_array_equal(mixed.scores(rows), [75, 50, math.nan])
    told = mixed.score(rows)
    assert told["trust"].value == 75
    assert any("several scales" in note for note in told.notes)
    assert mixed.pomp(rows)["quality"].value == told["quality"].value == 62.5
    assert not RelationshipQuality(**THREE).score(ROWS).notes


def test_score_tells_each_construct_and_the_whole() -> None:
    told = RelationshipQuality(**THREE).score(ROWS)
    assert told.labels == ("trust", "satisfaction", "bond", "quality")
    assert told.n.tolist() == [3, 4, 2, 3]
    assert told.missing.tolist() == [1, 0, 2, 1]
    assert told["quality"].value == pytest.approx(11 / 3)
    assert told["quality"].low < told["quality"].value < told["quality"].high
    percents = RelationshipQuality(**THREE).pomp(ROWS)
    assert percents["quality"].value == pytest.approx(100 * (11 / 3 - 1) / 6)
    assert percents["quality"].se == pytest.approx(told["quality"].se * 100 / 6)
    by_name = RelationshipQuality(**THREE).by_construct(ROWS)
    assert by_name["trust"][0] == pytest.approx(100 * 5 / 6)


def test_facts_and_columns_say_the_same() -> None:
    rows = drawn(30)
    facts = [
        Answer(f"p{row:02}", AT, item, score, id=f"{item}{row}")
        for item, column in rows.items()
        for row, score in enumerate(column)
    ]
    table = FactTable.of(facts)
    np.testing.assert_array_equal(QUALITY.scores(table), QUALITY.scores(rows))
    assert QUALITY.score(table) == QUALITY.score(rows)
    assert str(QUALITY.distinct(table)) == str(QUALITY.distinct(rows))
    assert QUALITY.reliability(table) == QUALITY.reliability(rows)


def test_what_is_asked_and_what_is_seen_stand_side_by_side() -> None:
    seen = evidence(3, 4, prior=(2, 3))
    told = RelationshipQuality(trust=single("x"), satisfaction=single("y")).sourced(ROWS, bond=seen)
    assert {name: one.source for name, one in told.items()} == {
        "trust": Source.SURVEY,
        "satisfaction": Source.SURVEY,
        "quality": Source.SURVEY,
        "bond": Source.PROXY,
    }
    assert told["trust"].estimate.value == pytest.approx((5 - 1) / 6)
    assert all(one.estimate.n and one.estimate.low < one.estimate.high for one in told.values())
    quality = RelationshipQuality(**THREE)
    with pytest.raises(ValueError, match="proxies"):
        quality.sourced(ROWS, attachment=Sourced(Estimate(0.5), Source.SURVEY))
    with pytest.raises(ValueError, match="proxies"):
        quality.sourced(ROWS, bond=seen)


def test_quality_refuses_what_has_no_mean() -> None:
    with pytest.raises(TypeError, match="affective"):
        RelationshipQuality(trust=TRUST, commitment=Commitment(affective=SEVEN.items("c1")))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two constructs"):
        RelationshipQuality(trust=TRUST)
    for weights in ({"trust": 1}, {**dict.fromkeys(THREE, 1), "luck": 1}, dict.fromkeys(THREE, 0)):
        with pytest.raises(ValueError, match="weights"):
            RelationshipQuality(**THREE, weights=weights)
    with pytest.raises(ValueError, match="how"):
        RelationshipQuality(**THREE, how="median")


# --- reliability of the whole ----------------------------------------------------------------------------------------


def test_the_reliability_of_a_weighted_whole() -> None:
    assert second_order_reliability([0.8, 0.7], [[1, 0.5], [0.5, 1]]) == pytest.approx(0.8333333, abs=1e-7)  # KA-074


@pytest.mark.parametrize("weights", [None, {"trust": 2, "commitment": 1, "attachment": 0.5}])
def test_the_reliability_of_quality_is_mosiers(weights: dict[str, float] | None) -> None:
    rows = drawn()
    quality = RelationshipQuality(trust=TRUST, commitment=AFFECTIVE, attachment=ATTACHMENT, weights=weights)
    parts = [construct.scores(rows) for construct in (TRUST, AFFECTIVE, ATTACHMENT)]
    known = ~np.isnan(np.sum(parts, axis=0))
    w = np.array([1, 1, 1] if weights is None else list(weights.values()))
    alphas = [TRUST.reliability(rows)["trust"].alpha.value]
    alphas += [one.reliability(rows).alpha.value for one in (AFFECTIVE, ATTACHMENT)]
    spread = [part[known].var(ddof=1) for part in parts]
    whole = sum(weight * part[known] for weight, part in zip(w, parts, strict=True)).var(ddof=1)
    expected = 1 - sum(wt**2 * s * (1 - a) for wt, s, a in zip(w, spread, alphas, strict=True)) / whole
    told = quality.reliability(rows)
    assert told.value == pytest.approx(expected, abs=1e-12)
    assert (told.n, told.method) == (known.sum(), "Mosier")
    assert told.value > max(alphas) or weights is not None


def test_a_reliability_that_cannot_be_known_says_why() -> None:
    told = RelationshipQuality(**THREE).reliability(ROWS)
    assert math.isnan(told.value)
    assert "trust" in told.notes[0]  # one item has no alpha
    few = {name: column[:2] for name, column in drawn().items()}
    assert math.isnan(QUALITY.reliability(few).value)
    none = RelationshipQuality(**THREE, weights={"trust": 1, "satisfaction": 0, "bond": 0})
    assert "satisfaction" not in none.reliability(ROWS).notes[0]


# --- several things, or one? -----------------------------------------------------------------------------------------


def test_a_construct_is_distinct_by_the_root_of_its_variance_extracted() -> None:
    extracted = average_variance_extracted([0.7, 0.8, 0.6])
    assert math.sqrt(extracted) == pytest.approx(0.7047, abs=5e-5)  # KA-073
    assert fornell_larcker(extracted, [0.65, 0.72]).tolist() == [True, False]  # KA-073
    roots = {"trust": math.sqrt(extracted), "bond": 0.9, "attachment": 0.9}
    told = Distinct([("trust", "bond"), ("trust", "attachment")], [0.65, 0.72], [0.7, 0.8], roots)
    assert told.passed == [True, False]  # KA-073
    assert str(told).splitlines()[1].endswith("not shown to be distinct; HTMT 0.80")
    assert "distinct" in told._repr_html_()


def test_concepts_that_go_together_by_half_are_several_and_wholly_are_one() -> None:
    apart, one = QUALITY.distinct(drawn(between=0.3)), QUALITY.distinct(drawn(between=0.999))
    assert apart.passed == [True, True, True]
    assert one.passed == [False, False, False]
    assert max(apart.htmt) < 0.6 < 0.9 < min(one.htmt)
    expected = htmt(drawn(between=0.3), Construct("t", TRUST.items), AFFECTIVE)
    assert apart.htmt[0] == pytest.approx(expected)
    scores = [construct.scores(drawn(between=0.3)) for construct in (TRUST, AFFECTIVE)]
    known = ~np.isnan(scores[0] + scores[1])
    assert apart.correlations[0] == pytest.approx(np.corrcoef(scores[0][known], scores[1][known])[0, 1])


def test_what_one_item_cannot_show_is_unknown_and_not_passed() -> None:
    told = RelationshipQuality(**THREE).distinct(ROWS)
    assert told.passed == [False, False, False]
    assert np.isnan(told.htmt).all()
    assert repr(told) == "<Distinct: 0 of 3 pairs>"
