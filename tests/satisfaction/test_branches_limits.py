"""One more or one less: what stands exactly on a limit, and the least that each figure needs."""

import math

import numpy as np
import pytest
from scipy import stats

from relmkt.columns import FactTable
from relmkt.facts import plain
from relmkt.satisfaction import experience, mean_of, nps, nps_difference, nps_sample_size, poststratify, value_for_cost
from relmkt.scales import Construct, Item, Scale


def test_who_is_known_whole_is_known_exactly() -> None:
    everyone = nps([9, 3], interval="Wald", population=2)
    assert (everyone.low, everyone.value, everyone.high) == (0.0, 0.0, 0.0)
    three = nps([9, 3], interval="Wald", population=3)
    assert three.se == pytest.approx(nps([9, 3], interval="Wald").se * math.sqrt(1 / 2))  # √((3 − 2)/(3 − 1))
    with pytest.raises(ValueError, match=r"^population: expected at least as many as answered"):
        nps([9, 3], population=1)


def test_a_sample_drawn_again_without_any_weight_is_passed_over() -> None:
    rng = np.random.default_rng(4)
    found = nps([9, 3, 5, 10], weights=[0, 0, 1, 1], interval="bootstrap", rng=rng)  # one draw in 16 weighs nothing
    assert (found.value, found.low, found.high) == (0.0, -100.0, 100.0)


def test_a_printed_mean_of_one_answer_has_no_interval() -> None:
    one = mean_of(4, 0, 1)
    assert (one.value, one.n) == (4, 1)
    assert np.isnan([one.low, one.high, one.se]).all()
    two = mean_of(4, 1, 2)
    assert two.high - 4 == pytest.approx(stats.t.ppf(0.975, 1) / math.sqrt(2))
    assert mean_of(4, 1, 2, population=2).high == 4.0
    for sd, n, people in ((-1, 2, None), (1, 0, None), (1, 3, 2)):
        with pytest.raises(ValueError, match=r"^expected an sd of 0 or more"):
            mean_of(4, sd, n, population=people)


def test_a_median_of_ten_is_not_as_sure_as_one_in_ten_thousand() -> None:
    value, cost = np.arange(1.0, 11), np.ones(10)
    sure = value_for_cost(value, cost, level=0.99).median
    assert (sure.low, sure.high) == (1.0, 10.0)  # the least and the most hold it but once in 512
    beyond = value_for_cost(value, cost, level=0.9999).median
    assert beyond.value == 5.5
    assert np.isnan([beyond.low, beyond.high]).all()
    assert np.isnan(value_for_cost(value[:9], cost[:9]).median.low)


def test_of_a_customers_answers_only_the_answers_are_kept() -> None:
    facet = Construct("care", Scale(1, 7).items("c1", "c2")).measure.facet
    assert plain(facet) == {"newest": []}  # neither the questionnaire nor how many of its answers are needed


def test_a_difference_of_two_scores_ends_at_200_points_to_either_side() -> None:
    up, down = nps_difference([0, 0, 9], [9, 9, 3]).difference, nps_difference([9, 9, 3], [0, 0, 9]).difference
    assert (up.value, down.value) == pytest.approx((200 / 3, -200 / 3))
    error = math.sqrt(2 * (8 / 9) / 3)  # each score is ±1/3 of answers at ±1, whose variance is 1 − 1/9
    assert up.low == pytest.approx(200 / 3 - 100 * stats.norm.ppf(0.975) * error)
    assert (up.high, down.low, down.high) == (200.0, -200.0, -up.low)


def test_one_guest_of_a_hotel_stands_for_all_of_it() -> None:
    weights = poststratify(["Lyon", "Nice", "Nice", "Nice"], {"Lyon": 0.4, "Nice": 0.6})
    assert weights == pytest.approx([0.4 * 4 / 1, *[0.6 * 4 / 3] * 3])


def test_an_experience_without_touchpoints_is_unknown() -> None:
    found = experience({}, item=Item("care", Scale(1, 5)))
    assert (found.labels, found.n.tolist(), found.notes) == (("whole experience",), [0], ("no answer to care",))
    nobody = experience(FactTable.of([]), item=Item("care", Scale(1, 5)))
    assert np.isnan(nobody.value).all()


def test_nobody_is_asked_who_is_not_there() -> None:
    for margin in (100, 150, 200, 300):  # z²/(m/100)²: 3.8, 1.7, just below 1, 0.4
        needed = stats.norm.ppf(0.975) ** 2 / (margin / 100) ** 2
        assert nps_sample_size(margin) == max(math.ceil(needed), 1)
        assert nps_sample_size(margin, population=1) == 1
    assert nps_sample_size(100, population=2) == 2  # 3.8/(1 + 2.8/2) = 1.6
