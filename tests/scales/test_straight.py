"""Who stayed on one point of the scale, whatever was asked."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.scales import Item, Scale, straight_lined

SEVEN = Scale(1, 7)
ITEMS = [*SEVEN.items("a", "b"), Item("c", SEVEN, reverse=True)]


def test_the_answers_are_compared_as_they_were_given() -> None:
    """4 4 4 and 7 7 7 are lines; 7 7 1 agrees with itself once turned, and is none."""
    told = np.array([[4, 4, 4], [7, 7, 7], [7, 7, 1], [3, 4, 4]]).T
    assert straight_lined(dict(zip("abc", told, strict=True)), ITEMS).tolist() == [True, True, False, False]


def test_what_is_missing_or_off_the_scale_is_passed_over() -> None:
    survey = {"a": [5, 5, None, 9], "b": [5, None, None, 9], "c": [None, None, None, 9]}
    assert straight_lined(survey, ITEMS).tolist() == [True, False, False, False]


def test_of_facts_the_newest_answers_count() -> None:
    day = datetime(2026, 3, 1)
    told = [Answer(who, day, item, score) for who, item, score in (("ada", "a", 2), ("ada", "b", 3), ("bob", "a", 2))]
    table = FactTable.of([*told, Answer("ada", day.add(days=1), "b", 2)])
    assert dict(zip(table.ids, straight_lined(table, ITEMS), strict=True)) == {"ada": True, "bob": False}


def test_one_number_on_two_scales_is_no_line() -> None:
    with pytest.raises(ValueError, match="expected one scale"):
        straight_lined({"a": [5], "d": [5]}, [ITEMS[0], Item("d", Scale(1, 10))])
