"""Drivers of satisfaction, and what to repair first, against statsmodels and by simulation."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.satisfaction._drivers import drivers
from relmkt.satisfaction._repairs import repairs
from relmkt.scales import Item, Scale

TEN = Scale(1, 10)
ITEMS, STAY = TEN.items("bus", "food", "room"), Item("stay", TEN)


def survey(n: int, seed: int) -> dict[str, np.ndarray]:
    """The room moves the stay most, food some, the bus not at all; answers to all three go together."""
    rng = np.random.default_rng(seed)
    mood = rng.normal(0, 1.5, n)
    bus, food, room = (np.clip(np.rint(6 + mood + rng.normal(0, 2, n)), 1, 10) for _ in range(3))
    stay = np.clip(np.rint(0.3 * food + 0.6 * room + rng.normal(0, 1, n)), 1, 10)
    return {"bus": bus, "food": food, "room": room, "stay": stay}


def test_figures_against_statsmodels() -> None:
    told = survey(300, 1)
    found = drivers(told, ITEMS, STAY, rng=np.random.default_rng(2), resamples=300)
    x = stats.zscore(np.column_stack([told[item.name] for item in ITEMS]))
    ols = sm.OLS(stats.zscore(told["stay"]), sm.add_constant(x)).fit()
    assert found.coefficients.value == pytest.approx(ols.params[1:])
    assert (found.r2.value, found.r2_adjusted) == pytest.approx((ols.rsquared, ols.rsquared_adj))
    assert found.weights.value.sum() == pytest.approx(ols.rsquared)
    assert found.shares.value.sum() == pytest.approx(1)
    assert found.coefficients.se == pytest.approx(ols.HC3_se[1:], rel=0.2), "seed 2"
    room = found.correlations["room"]
    whole = stats.pearsonr(told["room"], told["stay"])
    assert room.value == pytest.approx(whole.statistic)
    exact = whole.confidence_interval()
    assert (room.low, room.high) == pytest.approx((exact.low, exact.high), abs=0.03), "seed 2"


def test_what_moves_the_whole_and_what_does_not() -> None:
    found = drivers(survey(400, 3), ITEMS, STAY, rng=np.random.default_rng(4), resamples=300)
    assert found.names[:2] == ("room", "food")
    alone = drivers(
        {**survey(400, 3), "bus": np.random.default_rng(5).integers(1, 11, 400)},
        ITEMS,
        STAY,
        rng=np.random.default_rng(4),
        resamples=300,
    )
    assert alone.moving == ("room", "food")
    assert alone.weights["bus"].low >= 0  # its own interval cannot say so
    assert alone.above_noise["bus"].low <= 0
    assert alone.coefficients["bus"].low < 0 < alone.coefficients["bus"].high
    assert found.chart["names"] == found.names
    assert found.chart["moves"].dtype == bool


def test_the_noise_is_seldom_taken_for_a_driver() -> None:
    false = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        told = dict(zip(("bus", "food", "room", "stay"), rng.integers(1, 11, (4, 60)), strict=True))
        false += len(drivers(told, ITEMS, STAY, rng=rng, resamples=60).moving)
    assert false <= 6, "seeds 0 to 39: 120 items that move nothing"


def test_the_bounds_hold_the_truth_about_as_often_as_they_say() -> None:
    truth = drivers(survey(200_000, 99), ITEMS, STAY, rng=np.random.default_rng(0), resamples=2).shares.value
    held = 0
    for seed in range(60):
        found = drivers(survey(150, seed), ITEMS, STAY, rng=np.random.default_rng(seed), resamples=150)
        held += int(((found.shares.low <= truth) & (truth <= found.shares.high)).sum())
    assert 0.88 <= held / 180 <= 0.99, "seeds 0 to 59"


def test_one_seed_one_answer() -> None:
    told = survey(80, 5)
    one, other = (drivers(told, ITEMS, STAY, rng=np.random.default_rng(6), resamples=50) for _ in range(2))
    assert one.shares == other.shares
    assert one.above_noise == other.above_noise


def test_too_few_answers_are_told() -> None:
    few = drivers(survey(60, 7), ITEMS, STAY, rng=np.random.default_rng(1), resamples=20)
    assert few.notes == ("60 answers to everything; Green (1991) asks 74 for R², 107 for single items",)
    assert str(few).endswith(few.notes[0])
    assert drivers(survey(107, 7), ITEMS, STAY, rng=np.random.default_rng(1), resamples=20).notes == ()
    none = drivers(survey(4, 7), ITEMS, STAY, rng=np.random.default_rng(1), resamples=20)
    assert math.isnan(none.r2.value)
    assert (none.r2.n, none.weights.n.tolist(), none.moving) == (0, [0, 0, 0], ())
    nobody = drivers(np.zeros((0, 4)), ITEMS, STAY, rng=np.random.default_rng(1), resamples=20)
    assert (nobody.r2.n, math.isnan(nobody.r2_adjusted)) == (0, True)
    unasked = drivers(FactTable.of([]), ITEMS, STAY, rng=np.random.default_rng(1), resamples=20)
    assert (unasked.r2.n, unasked.names) == (0, ("bus", "food", "room"))


def test_only_whole_rows_count_and_the_others_are_told() -> None:
    told = survey(120, 8)
    told["bus"][:5], told["stay"][5:7] = np.nan, 11
    found = drivers(told, ITEMS, STAY, rng=np.random.default_rng(1), resamples=20)
    rest = drivers(
        {name: one[7:] for name, one in told.items()}, ITEMS, STAY, rng=np.random.default_rng(1), resamples=20
    )
    assert (found.weights.value == rest.weights.value).all()
    assert (found.r2.n, found.r2.missing, found.r2.invalid) == (113, 7, 2)


def test_items_that_say_the_same_are_told() -> None:
    told = survey(200, 9)
    told["bus"] = told["room"].copy()
    found = drivers(told, ITEMS, STAY, rng=np.random.default_rng(1), resamples=20)
    assert np.isnan(found.coefficients.value).all()
    assert found.weights["bus"].value == pytest.approx(found.weights["room"].value)
    assert "bus (inf), room (inf)" in found.notes[0]
    assert "food" not in found.notes[0]


def test_what_does_not_vary_moves_nothing_and_is_named() -> None:
    told = {**survey(200, 10), "bus": np.full(200, 7)}
    found = drivers(told, ITEMS, STAY, rng=np.random.default_rng(1), resamples=20)
    assert math.isnan(found.weights["bus"].value)
    assert (found.weights["bus"].n, found.names[-1]) == (0, "bus")
    assert found.notes == ("nobody answers differently: bus",)
    still = drivers({**told, "stay": np.full(200, 8)}, ITEMS, STAY, rng=np.random.default_rng(1), resamples=20)
    assert "the whole does not vary" in still.notes
    assert still.r2.n == 0


def test_reversed_items_move_upwards() -> None:
    told = survey(150, 11)
    turned = [ITEMS[0], ITEMS[1], Item("room", TEN, reverse=True)]
    found = drivers({**told, "room": 11 - told["room"]}, turned, STAY, rng=np.random.default_rng(1), resamples=20)
    assert found.coefficients["room"].value > 0


@pytest.mark.parametrize("slip, match", [({"resamples": 1}, "resamples"), ({"method": "magic"}, "method")])
def test_slips(slip: dict, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        drivers(survey(50, 1), ITEMS, STAY, rng=np.random.default_rng(1), **slip)
    with pytest.raises(ValueError, match=match):
        repairs(survey(50, 1), ITEMS, STAY, target=8, rng=np.random.default_rng(1), **slip)
    with pytest.raises(ValueError, match="a name of its own"):
        drivers({}, [STAY], STAY, rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="items"):
        drivers({}, [], STAY, rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="items"):
        repairs({}, [], STAY, target=8, rng=np.random.default_rng(1))


def test_repairs_are_importance_times_shortfall() -> None:
    told = survey(250, 12)  # F32
    found = repairs(told, ITEMS, STAY, target=8, rng=np.random.default_rng(2), resamples=200)
    shares = drivers(told, ITEMS, STAY, rng=np.random.default_rng(2), resamples=2).shares
    values = [line.priority.value for line in found]
    assert values == sorted(values, reverse=True)
    assert found[0].item == "room"
    for line in found:
        lack = np.maximum(8 - told[line.item], 0) / 9
        assert line.importance.value == pytest.approx(shares[line.item].value)
        assert line.shortfall.value == pytest.approx(lack.mean())
        assert line.priority.value == pytest.approx(shares[line.item].value * lack.mean())
        assert line.shortfall.se == pytest.approx(lack.std() / np.sqrt(250), rel=0.2), "seed 2"
        assert set(line.customers) == set(np.flatnonzero(told[line.item] < 8).tolist())
        assert (np.diff(told[line.item][list(line.customers)]) >= 0).all()  # furthest first
    assert sum(line.first for line in found) == pytest.approx(1)
    assert found[0].first > 0.9


def test_a_target_an_item_and_lines_without_customers() -> None:
    told = survey(150, 13)
    found = repairs(
        told, ITEMS, STAY, target={"bus": 10, "food": 8, "room": 1}, rng=np.random.default_rng(1), resamples=20
    )
    assert {line.item for line in found} == {"bus", "food"}
    still = repairs({**told, "bus": np.full(150, 3)}, ITEMS, STAY, target=8, rng=np.random.default_rng(1), resamples=20)
    assert (still[-1].item, math.isnan(still[-1].priority.value), len(still[-1].customers)) == ("bus", True, 150)
    with pytest.raises(ValueError, match="11 is not on the scale of bus"):
        repairs(told, ITEMS, STAY, target=11, rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="ids"):
        repairs(told, ITEMS, STAY, target=8, rng=np.random.default_rng(1), ids=["ada"])


def test_the_customers_behind_a_line_come_from_the_facts_and_are_not_shown() -> None:
    told = survey(40, 14)
    facts = [
        Answer(f"c{row:02}", datetime(2026, 3, 3), name, float(told[name][row]), id=f"{row}{name}")
        for name in told
        for row in range(40)
    ]
    facts.append(Answer("stranger", datetime(2026, 3, 3), "other", 1))
    found = repairs(FactTable.of(facts), ITEMS, STAY, target=8, rng=np.random.default_rng(1), resamples=20)
    by_row = repairs(told, ITEMS, STAY, target=8, rng=np.random.default_rng(1), resamples=20)
    assert [line.customers for line in found] == [tuple(f"c{row:02}" for row in line.customers) for line in by_row]
    assert [line.priority for line in found] == [line.priority for line in by_row]
    assert "c0" not in repr(found) + "".join(map(str, found))
