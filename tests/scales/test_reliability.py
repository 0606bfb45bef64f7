"""Reliability of a scale: published figures, each item's part, what is printed, and constructs."""

import math

import numpy as np
import pandas as pd
import pytest
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.scales._construct import Construct
from relmkt.scales._item import Item, Scale
from relmkt.scales._moments import moments
from relmkt.scales._reliability import alpha, reliability
from relmkt.scales._validity import spearman_brown
from tests.scales._data import ATTITUDE, D3, ELEVEN_ITEMS

SEVEN = Scale(1, 7)


def _survey(n: int = 400, seed: int = 7) -> dict[str, list[float]]:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1)) * np.array([1.2, 1.1, 0.5])
    told = np.clip(np.rint(4 + common + rng.normal(size=(n, 3)) * 0.7), 1, 7)
    return {f"t{place + 1}": told[:, place].tolist() for place in range(3)}


def test_the_attitude_of_thirty_departments() -> None:
    assert D3.mean(axis=0) == pytest.approx([64.6333, 66.6, 53.1333, 56.3667, 64.6333, 74.7667, 42.9333], abs=1e-4)
    told = reliability(D3, names=list(ATTITUDE))
    assert told.alpha.value == pytest.approx(0.8431428, abs=1e-6)  # KA-061
    assert told.standardised == pytest.approx(0.8390838, abs=1e-6)  # KA-061
    assert told.lambda6 == pytest.approx(0.8752151, abs=1e-6)  # KA-061
    assert told.mean_correlation == pytest.approx(0.4269066, abs=1e-6)  # KA-061
    assert told.signal_to_noise == pytest.approx(5.2144, abs=5e-5)  # KA-061


def test_each_items_part_in_the_attitude_of_thirty_departments() -> None:
    told = reliability(D3, names=list(ATTITUDE))
    deleted = [0.8097602, 0.7969175, 0.8278478, 0.8030310, 0.7953866, 0.8638723, 0.8404649]
    corrected = [0.6712621, 0.7421097, 0.5607111, 0.7144455, 0.7862756, 0.2650343, 0.4608105]
    assert np.asarray(told.alpha_if_deleted) == pytest.approx(deleted, abs=1e-6)  # KA-062
    assert np.asarray(told.item_total) == pytest.approx(corrected, abs=1e-6)  # KA-062
    assert [told.alpha.low, told.alpha.high] == pytest.approx([0.7393757, 0.9157731], abs=1e-6)  # KA-062
    assert told.weakest == "critical"
    assert told.items == tuple(ATTITUDE)
    assert str(told) == "alpha 0.84 [0.74, 0.92], omega 0.86, weakest critical (0.27)"


def test_an_items_interval_is_fishers_and_its_alpha_is_that_of_the_others() -> None:
    told = reliability(D3)
    known = stats.pearsonr(D3[:, 0], D3[:, 1:].sum(axis=1))
    low, high = known.confidence_interval()
    one = told.item_total["1"]
    assert (one.value, one.low, one.high) == pytest.approx((known.statistic, low, high), abs=1e-10)
    rest = alpha(D3[:, 1:])
    left = told.alpha_if_deleted["1"]
    assert (left.value, left.low, left.high, left.se) == pytest.approx((rest.value, rest.low, rest.high, rest.se))


def test_two_items_are_two_halves_and_neither_is_weakest() -> None:
    told = reliability(D3[:, :2], names=["t1", "t2"])
    r = np.corrcoef(D3[:, 0], D3[:, 1])[0, 1]
    assert told.standardised == pytest.approx(2 * r / (1 + r))
    assert np.asarray(told.item_total) == pytest.approx([r, r])
    assert np.isnan(np.asarray(told.alpha_if_deleted)).all()
    assert told.weakest == ""
    assert math.isnan(told.omega.value)
    assert "omega needs three" in told.omega.notes[0]
    assert f"mean correlation {r:.2f}" in str(told)


def test_of_two_items_spearman_and_brown_stand_where_omega_does_not() -> None:
    told = reliability(D3[:, :2])
    known = stats.pearsonr(D3[:, 0], D3[:, 1])
    ends = known.confidence_interval(0.95)
    halves = [spearman_brown(float(r), 2) for r in (known.statistic, ends.low, ends.high)]
    found = told.spearman_brown
    assert [found.value, found.low, found.high] == pytest.approx(halves)
    assert (found.n, found.level) == (30, 0.95)
    assert f"], Spearman-Brown {halves[0]:.2f}, mean" in str(told)
    assert "omega" not in str(told)
    z = (D3 - D3.mean(axis=0)) / D3.std(axis=0)
    assert reliability(z[:, :2]).alpha.value == pytest.approx(found.value)  # where both vary alike it is alpha


def test_spearman_and_brown_are_of_two_items_that_vary() -> None:
    three = reliability(D3[:, :3]).spearman_brown
    assert math.isnan(three.value)
    assert three.notes == ("Spearman-Brown is of two items, got 3",)
    still = reliability(np.column_stack([D3[:, 0], np.full(30, 4.0)]))
    assert math.isnan(still.spearman_brown.value)
    assert "Spearman-Brown unknown (2 never varied)" in str(still)
    against = reliability([[1, 5], [2, 4], [3, 3], [4, 2]]).spearman_brown
    assert math.isnan(against.value)
    assert against.notes == ("the sum of the items does not vary",)


def test_an_item_that_never_varies_leaves_alpha_and_nothing_of_correlations() -> None:
    told = reliability(np.column_stack([D3[:, :3], np.full(30, 0.1)]), names=list("abcd"))
    v = D3[:, :3].var(axis=0, ddof=1).sum()
    assert told.alpha.value == pytest.approx(4 / 3 * (1 - v / D3[:, :3].sum(axis=1).var(ddof=1)))
    assert math.isnan(told.item_total["d"].value)
    assert [math.isnan(x) for x in (told.standardised, told.lambda6, told.omega.value)] == [True] * 3
    assert told.omega.notes == ("d never varies",)
    assert told.notes == ("d never varied",)


def test_lambda6_is_unknown_where_one_item_is_the_sum_of_others() -> None:
    told = reliability(np.column_stack([D3[:, :3], D3[:, :3].sum(axis=1)]))
    assert math.isnan(told.lambda6)
    assert told.alpha.value > 0.8


def test_pairwise_covariances_are_those_of_pandas() -> None:
    seen = moments(ELEVEN_ITEMS, missing="pairwise")
    assert seen.covariances == pytest.approx(pd.DataFrame(ELEVEN_ITEMS).cov().to_numpy(), abs=1e-14)
    assert seen.pairs.min() == 10
    nobody = np.full((1, 11), math.nan)
    more = moments(np.vstack([ELEVEN_ITEMS, nobody]), missing="pairwise")
    assert more.covariances == pytest.approx(seen.covariances)
    assert (more.n, more.missing) == (12, 1)


def test_complete_covariances_are_those_of_numpy_and_rounding_is_no_spread() -> None:
    known = np.atleast_2d(np.cov(D3.T))
    assert moments(D3, missing="pairwise").covariances == pytest.approx(known, abs=1e-10)
    still = np.column_stack([np.full(1000, 0.1), np.arange(1000)])
    assert np.full(1000, 0.1).mean() != 0.1  # so a constant item seems to vary, by rounding
    assert moments(still, missing="listwise").covariances[0].tolist() == [0, 0]
    still[0, 1] = math.nan
    assert moments(still, missing="pairwise").covariances[0].tolist() == [0, 0]


def test_a_construct_reverses_its_items_and_counts_what_is_no_answer() -> None:
    survey = _survey()
    plain = Construct("trust", SEVEN.items("t1", "t2", "t3")).reliability(survey)
    turned = survey | {"t2": [8 - x for x in survey["t2"]]}
    items = [Item("t1", SEVEN), Item("t2", SEVEN, reverse=True), Item("t3", SEVEN)]
    told = Construct("trust", items).reliability(turned)
    assert told.alpha == plain.alpha
    assert Construct("trust", SEVEN.items("t1", "t2", "t3")).reliability(turned).alpha.value < 0
    wrong = survey | {"t1": [9, 3.5, None, *survey["t1"][3:]]}
    for missing, n, left in (("pairwise", 400, 0), ("listwise", 397, 3)):
        found = Construct("trust", items).reliability(wrong, missing=missing)  # type: ignore[arg-type]
        assert (found.n, found.alpha.missing, found.alpha.invalid) == (n, left, 2)
        assert found.missing == missing
    assert str(plain) == "alpha 0.77 [0.73, 0.81], omega 0.81, weakest t3 (0.50)"


def test_a_construct_of_one_item_has_no_reliability() -> None:
    told = Construct("joy", SEVEN.items("t1")).reliability(_survey())  # rule R41
    assert math.isnan(told.alpha.value)
    assert str(told) == (
        "alpha unknown (a reliability needs two items or more, got 1), "
        "omega unknown (a reliability needs two items or more, got 1)"
    )


def test_a_table_of_facts_holds_people_who_were_never_asked() -> None:
    day = datetime(2026, 3, 1)
    people = {"ada": (7, 6, 7), "bob": (5, 5, 4), "eve": (2, 3, 1), "kim": (4, 4, 6)}
    facts = [
        Answer(who, day, item=f"t{place + 1}", score=score)
        for who, scores in people.items()
        for place, score in enumerate(scores)
    ]
    facts.append(Answer("zoe", day, item="other", score=3))
    told = Construct("trust", SEVEN.items("t1", "t2", "t3")).reliability(FactTable.of(facts))
    known = alpha(list(people.values()))
    assert told.alpha.value == pytest.approx(known.value)
    assert (told.n, told.alpha.missing) == (4, 0)
