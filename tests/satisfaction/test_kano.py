"""Kano: the evaluation table, coefficients without R and Q, ties, and the tests of the largest category."""

import math

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from relmkt.satisfaction._kano import KANO_TABLE, POULIOT_TABLE, Kano, KanoTable, kano, kano_map, kano_points

EASE = {"attractive": 10.4, "one_dimensional": 45.1, "must_be": 30.5, "indifferent": 11.5}
SERVICE = {"attractive": 63.8, "one_dimensional": 21.6, "must_be": 2.9, "indifferent": 8.5}
REEL = {"attractive": 53.9, "one_dimensional": 28.2, "must_be": 7.4, "indifferent": 8.4}
TOLD = ["attractive", "one_dimensional", "must_be", "indifferent", "reverse", "questionable"]


@pytest.mark.parametrize(
    "shares, better, worse, tol",
    [
        (EASE, 0.5692, -0.7754, 5e-3),  # KA-043
        (SERVICE, 0.8822, -0.2531, 5e-3),  # KA-044
        ({**REEL, "reverse": 0.3, "questionable": 1.8}, 0.8386108, -0.3636364, 1e-6),  # KA-176
    ],
)
def test_printed_coefficients(shares: dict[str, float], better: float, worse: float, tol: float) -> None:
    found = Kano(**shares)
    assert (found.better.value, found.worse.value) == pytest.approx((better, worse), abs=tol)
    assert found.better.notes == ("the number of pairs is unknown: no interval",)
    assert math.isnan(found.better.low)
    assert found.fong() is None


def test_reverse_and_questionable_stay_out_of_the_coefficients() -> None:
    bare, more = Kano(**REEL), Kano(**REEL, reverse=50, questionable=50)
    assert (bare.better.value, bare.worse.value) == (more.better.value, more.worse.value)
    assert more.worse.value < 0  # the sign is part of it


def test_fong_and_strength() -> None:
    found = Kano(must_be=120, attractive=100, indifferent=80)
    told = found.fong()
    assert told is not None
    assert told.threshold == pytest.approx(19.4765243, abs=1e-6)  # KA-046
    assert (told.first, told.second, told.difference, told.distinct) == ("must_be", "attractive", 20, True)
    assert found.category_strength == pytest.approx(0.0666667, abs=1e-6)
    near = Kano(must_be=120, attractive=101, indifferent=79).fong()
    assert near is not None
    assert not near.distinct
    assert found.total_strength.value == pytest.approx(220 / 300)


def test_every_cell_of_the_table() -> None:
    codes = [(f, d) for f in range(1, 6) for d in range(1, 6)]
    letters = "QAAAO RIIIM RIIIM RIIIM RRRRQ".replace(" ", "")
    names = dict(zip("AOMIRQ", TOLD, strict=True))
    assert [KANO_TABLE.of(f, d) for f, d in codes] == [names[letter] for letter in letters]
    assert [(f, d) for f, d in codes if KANO_TABLE.of(f, d) != POULIOT_TABLE.of(f, d)] == [(2, 2), (4, 4)]
    one, other = zip(*codes, strict=True)
    found = kano(one, other)
    assert [getattr(found, name) for name in TOLD] == [3, 1, 3, 9, 7, 2]
    assert found.n == 25
    assert sum(found.shares.values()) == pytest.approx(1)
    assert kano(one, other, table=POULIOT_TABLE).questionable == 4


def test_swapped_codes_and_questions_show_and_both_together_do_not() -> None:
    one, other = np.array([1] * 60 + [1] * 20 + [3] * 20), np.array([5] * 60 + [3] * 20 + [5] * 20)
    right = kano(one, other)
    assert (right.one_dimensional, right.attractive, right.must_be) == (60, 20, 20)
    assert right.suspicions() == ()
    for wrong in (kano(6 - one, 6 - other), kano(other, one)):
        assert wrong.reverse == 100
        assert "swapped" in wrong.suspicions()[0]
    both = kano(6 - other, 6 - one)
    assert (both.must_be, both.attractive, both.suspicions()) == (20, 20, ())


def test_both_slips_swap_attractive_and_must_be() -> None:
    one, other = np.array([1] * 7), np.array([3] * 7)
    assert kano(one, other).category == "attractive"
    assert kano(6 - other, 6 - one).category == "must_be"


def test_many_questionable_is_told() -> None:
    assert "badly worded" in Kano(attractive=90, questionable=10).suspicions()[0]
    assert Kano(attractive=95, questionable=5).suspicions() == ()
    assert Kano(attractive=90, questionable=10).suspicions(questionable=0.2) == ()


@pytest.mark.parametrize(
    "counts, category",
    [
        ({"must_be": 5, "one_dimensional": 5, "attractive": 5, "indifferent": 5}, "must_be"),
        ({"one_dimensional": 5, "attractive": 5, "indifferent": 5}, "one_dimensional"),
        ({"attractive": 5, "indifferent": 5}, "attractive"),
        ({"indifferent": 6, "attractive": 5}, "indifferent"),
        ({"reverse": 6, "attractive": 5}, "reverse"),
        ({}, None),
    ],
)
def test_ties_go_to_the_one_that_hurts_most(counts: dict[str, int], category: str | None) -> None:
    assert Kano(**counts).category == category


def test_bergers_rule() -> None:
    split = Kano(attractive=25, one_dimensional=20, must_be=10, indifferent=45)
    assert (split.category, split.berger) == ("indifferent", "attractive")
    even = Kano(attractive=30, one_dimensional=20, indifferent=26, reverse=24)
    assert (even.category, even.berger) == ("attractive", "indifferent")  # more, not as many
    assert Kano().berger is None


def test_wilson_on_the_same_denominator() -> None:
    found = Kano(attractive=30, one_dimensional=20, must_be=10, indifferent=15, reverse=20, questionable=5)
    low, high = proportion_confint(50, 75, method="wilson")
    assert (found.better.low, found.better.high, found.better.n) == pytest.approx((low, high, 75))
    low, high = proportion_confint(30, 75, method="wilson")
    assert (found.worse.low, found.worse.high, found.worse.n) == pytest.approx((-high, -low, 75))
    shares = {name: getattr(found, name) / 100 for name in TOLD}
    assert Kano(**shares, asked=100).better.low == pytest.approx(found.better.low)
    assert Kano(**shares, asked=100).fong() == pytest.approx(found.fong())


def test_nothing_in_the_denominator_is_unknown() -> None:
    found = kano([1, 5, None, 9], [1, 5, 3, 2])
    assert (found.questionable, found.missing, found.invalid) == (2, 1, 1)
    assert math.isnan(found.better.value)
    assert (found.better.n, found.better.missing, found.better.invalid) == (0, 1, 1)
    assert Kano().fong() is None
    assert math.isnan(Kano().category_strength)
    assert kano([1], [5]).better.value == 1


def test_continuous_points() -> None:
    found = kano_points([1, 2, 3, 4, 5, None], [1, 2, 3, 4, 5, 1])
    assert found.value == pytest.approx([(4 + 2 + 0 - 1 - 2) / 5, (-2 - 1 + 0 + 2 + 4) / 5])
    assert (found.n.tolist(), found.missing.tolist()) == ([5, 5], [1, 1])


def test_map_of_features() -> None:
    told = kano_map({"a": Kano(attractive=30, must_be=10), "b": Kano(must_be=10, indifferent=10)})
    assert (told["names"], told["category"]) == (("a", "b"), ("attractive", "must_be"))
    assert (told["better"].tolist(), told["worse"].tolist()) == ([0.75, 0], [0.25, 0.5])
    for side in ("better", "worse"):
        assert (told[f"{side}_low"] <= told[side]).all()
        assert (told[side] <= told[f"{side}_high"]).all()
    assert kano_map({})["better_low"].shape == (0,)


@pytest.mark.parametrize(
    "slip, match",
    [
        (lambda: KanoTable(("QAAAO",)), "rows"),
        (lambda: KanoTable(("QAAAX",) * 5), "rows"),
        (lambda: Kano(attractive=-1), "counts"),
        (lambda: Kano(attractive=math.nan), "counts"),
        (lambda: Kano(attractive=0.5, asked=-1), "asked"),
        (lambda: Kano(level=95), "level"),
        (lambda: kano([1, 2], [1]), "dysfunctional"),
    ],
)
def test_slips(slip, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        slip()
