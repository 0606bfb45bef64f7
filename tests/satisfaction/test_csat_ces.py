"""CSAT and CES: shares and means on stated scales (rule R38), against printed figures."""

import math

import numpy as np
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.satisfaction import EASE_QUESTION, EFFORT_QUESTION, HOTEL_STAY, ces, csat
from relmkt.scales import Item, Scale

FIVE = Item("visit", Scale(1, 5))


@pytest.mark.parametrize(
    "x, n, low, high, tol",
    [
        (120, 300, 0.3461652, 0.4563634, 1e-7),  # KA-025
        (81, 263, 0.2553, 0.3662, 5e-5),  # KA-026
        (0, 20, 0, 0.1611, 5e-5),  # KA-028
        (1, 29, 0.0061, 0.1718, 5e-5),
        (20, 20, 1 - 0.1611, 1, 5e-5),
    ],
)
def test_wilson(x: int, n: int, low: float, high: float, tol: float) -> None:
    told = csat([5] * x + [2] * (n - x), item=FIVE)
    assert told.value == x / n
    assert (told.low, told.high) == pytest.approx((low, high), abs=tol)
    assert (told.n, told.method) == (n, "Wilson")


def test_satisfied_is_at_or_above_the_limit() -> None:
    answers = [1, 2, 3, 4, 5, 5]  # rule R38
    assert csat(answers, item=FIVE).value == 3 / 6
    assert csat(answers, item=FIVE, top=5).value == 2 / 6
    assert csat(answers, item=FIVE).notes == ("satisfied from 4 to 5 of 1 to 5, of valid answers only",)


def test_another_scale_states_its_limit() -> None:
    stay = HOTEL_STAY.items[0]
    with pytest.raises(ValueError, match=r"hotel\.stay is answered from 1 to 10: state top="):
        csat([9], item=stay)
    assert csat([9, 7, 6], item=stay, top=7).value == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="not on the scale"):
        csat([9], item=stay, top=11)


def test_missing_and_invalid_are_out_of_the_share() -> None:
    told = csat([5, 5, 1, 6, 0, 2.5, None, ""], item=FIVE)  # rule R40
    assert (told.value, told.n, told.missing, told.invalid) == (pytest.approx(2 / 3), 3, 2, 3)
    empty = csat([None, 9], item=FIVE)
    assert math.isnan(empty.value)
    assert (empty.n, empty.missing, empty.invalid, empty.notes) == (0, 1, 1, ("no answer to visit",))


def test_csat_by_labels() -> None:
    told = csat([5, 1, 4, None], item=FIVE, by=["Nice", "Nice", "Lyon", "Brest"])
    assert told.labels == ("Brest", "Lyon", "Nice")
    np.testing.assert_array_equal(told.value, [math.nan, 1, 0.5])
    assert told.n.tolist() == [0, 1, 2]
    assert len(csat([], item=FIVE, by=[])) == 0


def test_effort_is_the_mean_on_its_scale() -> None:
    counts = (80, 210, 140, 110, 160, 180, 120)  # KA-034
    told = ces(np.repeat(np.arange(1, 8), counts))
    assert told.value == pytest.approx(4.08, abs=1e-9)  # rule R38
    assert (told.n, told.method) == (1000, "t")


def test_effort_says_which_end_is_which() -> None:
    assert ces([1, 2]).notes == ("from 1 strongly disagree to 7 strongly agree: high is good",)
    assert ces([1, 2], item=EFFORT_QUESTION).notes == ("from 1 very low effort to 5 very high effort: high is bad",)
    assert ces([1, 2], item=Item("own", Scale(0, 3))).notes == ("from 0 to 3: high is good",)


def test_effort_keeps_to_its_scale() -> None:
    told = ces([5, 6, None, 1], item=EFFORT_QUESTION)
    assert (told.value, told.n, told.invalid, told.missing) == (3, 2, 1, 1)
    empty = ces([], by=None)
    assert math.isnan(empty.value)
    assert empty.notes[0] == "no answer to ease"


def test_effort_by_a_field_of_facts() -> None:
    at = datetime(2026, 7, 1)
    told = [("ada", 7, "shop"), ("bob", 5, "shop"), ("cleo", 1, "web")]
    table = FactTable.of([Answer(who, at, EASE_QUESTION.name, score, about=about) for who, score, about in told])
    found = ces(table, by="about")
    assert found["shop"].value == 6
    assert found["web"].n == 1
