"""The Net Promoter Score against printed and closed-form figures (the numbers of the known answers are cited)."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.facts import Answer, Visit
from relmkt.portfolio import Portfolio
from relmkt.satisfaction import HOTEL_STAY, NPS_QUESTION, nps
from relmkt.scales import Item, Scale

AT = datetime(2026, 7, 1)


def counts(detractors: int, passives: int, promoters: int) -> list[int]:
    return [3] * detractors + [7] * passives + [10] * promoters


def test_six_scores() -> None:
    told = nps([10, 9, 8, 3, 0, 9])  # F31, rule R37
    assert told.value == pytest.approx(100 / 6)
    assert told.n == 6
    assert str(told).startswith("16.7 [")
    assert "n = 6" in str(told)


@pytest.mark.parametrize("score, value", [(0, -100), (6, -100), (7, 0), (8, 0), (9, 100), (10, 100)])
def test_each_score_has_its_side(score: int, value: float) -> None:
    told = nps([score])  # KA-007, rule R37
    assert (told.value, told.se, told.n) == (value, 0, 1)
    assert np.isnan([told.low, told.high]).all()  # one answer has no spread


@pytest.mark.parametrize(
    "told, value, se",
    [((1, 0, 1), 0, 70.7107), ((1, 1, 1), 0, 47.1405), ((54, 108, 162), 100 / 3, 4.14087)],  # KA-008 KA-010 KA-013
)
def test_standard_errors(told: tuple[int, int, int], value: float, se: float) -> None:
    found = nps(counts(*told))
    assert found.value == pytest.approx(value)
    assert found.se == pytest.approx(se, abs=1e-4)


@pytest.mark.parametrize(
    "told, interval, low, high",
    [
        ((54, 108, 162), "Wald", 25.21738, 41.44928),  # KA-013
        ((54, 108, 162), "adjusted Wald", 24.94525, 41.10979),
        ((2, 3, 5), "Wald", -18.40754, 78.40754),  # KA-016
        ((2, 3, 5), "adjusted Wald", -19.05062, 65.20446),
        ((0, 0, 10), "Wald", 100, 100),  # KA-017
        ((0, 0, 10), "adjusted Wald", 47.50355, 100),
        # by hand: p = 6/12, d = 3/12, v = .75 − .0625, half = 1.959964·√(.6875/12)
        ((2, 3, 5), "Bonett-Price", 25 - 46.912985, 25 + 46.912985),
    ],
)
def test_intervals(told: tuple[int, int, int], interval: Any, low: float, high: float) -> None:
    found = nps(counts(*told), interval=interval)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    assert found.method == interval


def test_the_width_at_equal_shares() -> None:
    found = nps(counts(1000, 1000, 1000), interval="Wald")  # KA-014
    assert (found.high - found.low) * math.sqrt(3000) == pytest.approx(320.0608, abs=1e-3)


def test_weighted_answers() -> None:
    found = nps([10, 9, 8, 3, 0, 9], weights=[2, 1, 1, 1, 1, 2])  # KA-020
    assert (found.value, found.n_eff, found.se) == pytest.approx((37.5, 5.3333333, 37.10732), abs=1e-5)
    assert found.n == 6


def test_another_scale_states_its_break_points() -> None:
    fifteen = Item("likely", Scale(1, 15))  # KA-011
    with pytest.raises(ValueError, match="1 to 15"):
        nps(range(1, 16), item=fifteen)
    found = nps(list(range(1, 16)), item=fifteen, detractor=6, promoter=9)
    assert found.value == pytest.approx(100 / 15)
    assert (found.se / 100) ** 2 * 15 == pytest.approx(0.8622222, abs=1e-6)
    assert found.notes == ("detractors up to 6, promoters from 9, of 1 to 15",)


def test_a_scale_from_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"hotel\.stay is answered from 1 to 10"):  # F30
        nps([9, 10], item=HOTEL_STAY.items[0])


@pytest.mark.parametrize("cuts", [{"detractor": 9}, {"detractor": -1}, {"promoter": 11}, {"promoter": 6}])
def test_break_points_stand_on_the_scale_in_order(cuts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="detractor and promoter"):
        nps([9], **cuts)  # type: ignore[arg-type]


def test_no_answer_is_undefined() -> None:
    for answers in ([], [None, math.nan, ""], [11, 2.5, "ten"]):  # rule R37, R40
        told = nps(answers)
        assert math.isnan(told.value)
        assert told.n == 0
        assert told.notes == ("no answer to recommend",)
    assert str(nps([])) == "missing, n = 0 (adjusted Wald): no answer to recommend"


def test_missing_and_invalid_are_counted_and_not_clipped() -> None:
    told = nps([10, None, 11, -1, 9.5, math.nan, "x", 0])  # rule R40
    assert (told.value, told.n, told.missing, told.invalid) == (0, 2, 2, 4)


def test_by_labels() -> None:
    told = nps([10, 9, 3, None, 12, 8], by=["Paris", "Lyon", "Lyon", "Lyon", "Nice", "Paris"])
    assert told.labels == ("Lyon", "Nice", "Paris")
    np.testing.assert_array_equal(told.value, [0, math.nan, 50])
    assert told.n.tolist() == [2, 0, 2]
    assert told.missing.tolist() == [1, 0, 0]
    assert told.invalid.tolist() == [0, 1, 0]
    alone = nps([9, 3])
    assert (told["Lyon"].low, told["Lyon"].high) == (alone.low, alone.high)
    assert str(told["Nice"]).startswith("missing, n = 0")


def answered(*told: tuple[str, str, float | None, str]) -> list[Any]:
    return [Answer(who, AT, item, score, about=about, id=f"{n}") for n, (who, item, score, about) in enumerate(told)]


FACTS = [
    *answered(
        ("ada", "recommend", 10, "Lyon"),
        ("ada", "recommend", 9, "Paris"),  # a guest answers after every stay: both count
        ("bob", "hotel.stay", 2, "Lyon"),
        ("bob", "recommend", 3, "Lyon"),
        ("cleo", "recommend", None, "Paris"),
        ("cleo", "recommend", 11, "Paris"),
    ),
    Visit("ada", AT, "Lyon"),
]


def test_a_table_of_facts_by_one_of_its_fields() -> None:
    told = nps(Portfolio(FACTS, at=AT).facts(Answer), by="about")
    assert told.labels == ("Lyon", "Paris")
    assert told.value.tolist() == [0, 100]
    assert (told["Paris"].missing, told["Paris"].invalid) == (1, 1)
    assert nps(FactTable.of(FACTS), by="about") == told
    assert nps(FactTable.of(FACTS)).value == pytest.approx(100 / 3)


def test_a_table_by_labels_a_row() -> None:
    table = FactTable.of(FACTS).only(Answer)
    told = nps(table, by=table["about"], weights=np.ones(len(table)))
    assert told.value.tolist() == [0, 100]
    with pytest.raises(ValueError, match="by"):
        nps(table, by=["Lyon"])
    with pytest.raises(ValueError, match="weights"):
        nps(table, weights=[1])


def test_answers_to_something_else_are_named() -> None:
    told = nps(FactTable.of(answered(("ada", "hotel.stay", 10, "Lyon"))))  # F30
    assert math.isnan(told.value)
    assert told.notes == ("no answer to recommend; the table holds answers to hotel.stay",)
    assert nps(FactTable.of([Visit("ada", AT)])).n == 0
    assert len(nps(FactTable.of([]), by="about")) == 0


@pytest.mark.parametrize(
    "options, error",
    [
        ({"by": "about"}, TypeError),
        ({"by": ["a"]}, ValueError),
        ({"weights": [1]}, ValueError),
        ({"weights": [1, -1]}, ValueError),
        ({"interval": "exact"}, ValueError),
        ({"level": 95}, ValueError),
    ],
)
def test_slips(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        nps([9, 3], **options)


scores = st.lists(st.integers(0, 10), min_size=2, max_size=40)


@given(scores, st.randoms(use_true_random=False))
def test_the_order_of_answers_decides_nothing(told: list[int], random: Any) -> None:
    shuffled = random.sample(told, len(told))
    assert nps(shuffled) == nps(told)


@given(scores, st.sampled_from(["adjusted Wald", "Wald", "Bonett-Price"]))
def test_bounds_and_variance(told: list[int], interval: Any) -> None:
    found = nps(told, interval=interval)
    assert -100 <= found.low <= found.high <= 100
    assert 0 <= (found.se / 100) ** 2 * found.n <= 1 + 1e-12
    if interval != "Wald":
        assert found.low < found.high


@given(scores)
def test_promoters_for_detractors_flips_the_sign(told: list[int]) -> None:
    side = {**dict.fromkeys(range(7), 10), 7: 7, 8: 8, 9: 0, 10: 0}
    one, other = nps(told), nps([side[score] for score in told])
    assert other.value == pytest.approx(-one.value)
    assert other.se == pytest.approx(one.se)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))


@given(scores, st.sampled_from([0.5, 3, 100]))
def test_a_constant_weight_changes_nothing(told: list[int], weight: float) -> None:
    found, plain = nps(told, weights=[weight] * len(told)), nps(told)
    assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.low, plain.high), nan_ok=True)


def test_the_question_is_the_one_of_nps() -> None:
    assert (NPS_QUESTION.scale.low, NPS_QUESTION.scale.high) == (0, 10)
