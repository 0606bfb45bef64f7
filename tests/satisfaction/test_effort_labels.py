"""Effort as a share and a net score; and how labels of any form become groups."""

import math
from datetime import UTC, timedelta
from datetime import datetime as clock
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.satisfaction._effort import EASE_QUESTION, EFFORT_QUESTION, ces, ces_net, ces_share
from relmkt.satisfaction._nps import nps
from relmkt.scales._labels import BLOCK, crossed, periods_of, places_of

COUNTS = np.repeat(np.arange(1, 8), (80, 210, 140, 110, 160, 180, 120))


def test_effort_of_a_thousand() -> None:
    assert ces(COUNTS).value == pytest.approx(4.08, abs=1e-9)  # KA-034
    assert ces_share(COUNTS).value == pytest.approx(0.46, abs=1e-9)  # KA-034
    assert ces_net(COUNTS).value == pytest.approx(-13, abs=1e-9)  # KA-034
    assert ces_net(COUNTS).notes[0] == "easy from 6 to 7 less hard from 3 to 1"


def test_the_first_form_counts_low_effort_as_easy() -> None:
    told = [1, 1, 2, 3, 5]
    assert ces_share(told, item=EFFORT_QUESTION, easy=2).value == 0.6
    net = ces_net(told, item=EFFORT_QUESTION, easy=2, hard=4)
    assert net.value == pytest.approx(100 * (3 - 1) / 5)
    assert net.notes == (
        "easy from 2 to 1 less hard from 4 to 5",
        "from 1 very low effort to 5 very high effort: high is bad",
    )
    same = nps([10, 10, 10, 7, 0])
    assert (net.low, net.high, net.se) == pytest.approx((same.low, same.high, same.se))
    assert ces_net([1, 5, 9, None], item=EFFORT_QUESTION, easy=2, hard=4).invalid == 1


@pytest.mark.parametrize("limits", [{}, {"easy": 2}, {"easy": 4, "hard": 2}, {"easy": 0, "hard": 4}])
def test_the_first_form_states_its_limits(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"state|expected|not on the scale"):
        ces_net([1], item=EFFORT_QUESTION, **limits)
    with pytest.raises(ValueError, match="state easy="):
        ces_share([1], item=EFFORT_QUESTION)


def test_the_two_forms_are_never_pooled() -> None:
    at = datetime(2026, 7, 1)
    table = FactTable.of([Answer("ada", at, "ease", 7), Answer("ada", at, "effort", 1), Answer("bob", at, "effort", 5)])
    assert (ces(table).value, ces(table).n) == (7, 1)
    assert ces(table, item=EFFORT_QUESTION).value == 3
    assert (EASE_QUESTION.reverse, EFFORT_QUESTION.reverse) == (False, True)
    with pytest.raises(TypeError, match="never pooled"):
        ces(table, item=[EASE_QUESTION, EFFORT_QUESTION])  # type: ignore[arg-type]


@pytest.mark.parametrize("ready", [list, np.array, lambda told: np.array(told, object)])
@given(st.lists(st.sampled_from(["", "Lyon", "Nice", "Zürich", "東京", "a" * 30, "a" * 29 + "b"]), min_size=1))
def test_labels_are_sorted_names_and_places(ready: Any, told: list[str]) -> None:
    names, place = places_of(ready(told), len(told))
    assert list(names) == sorted(set(told))
    assert [names[one] for one in place.tolist()] == told


def test_labels_of_other_sorts() -> None:
    assert places_of([None, "b", math.nan], 3)[0] == ("", "b")
    names, place = places_of(np.array([10, 9, 10]), 3)
    assert (names, place.tolist()) == (("10", "9"), [0, 1, 0])
    assert crossed(None, None) is None


@pytest.mark.parametrize(
    "told",
    [
        ["Lyon", "Nice", ""],
        ["Zürich", "東京", "a" * 30, "a" * 29 + "b"],
        ["ÿ" * 8, "a"],
        ["regular1", "regular2", "business"],
        [f"guest {n}" for n in range(5_000)],  # more than the slots tell apart
    ],
)
def test_labels_of_many_rows(told: list[str]) -> None:
    n = 2 * BLOCK + 3
    given_ = np.array(told)[np.random.default_rng(2).integers(0, len(told), n)]
    names, place = places_of(given_, n)
    assert list(names) == sorted(told)
    assert (np.array(names)[place] == given_).all()


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu"])
@given(st.lists(st.integers(0, 3 * 365 * 24 * 60), min_size=1, max_size=30))
def test_months_as_the_standard_library(zone: str, minutes: list[int]) -> None:
    start = clock(2024, 1, 1, tzinfo=UTC)
    at = np.array([int(start.timestamp()) + 60 * m for m in minutes], np.int64) * 1_000_000
    wanted = [(start + timedelta(minutes=m)).astimezone(ZoneInfo(zone)).strftime("%Y-%m") for m in minutes]
    names, place = periods_of(at, "month", zone)
    assert list(names) == sorted(set(wanted))
    assert [names[one] for one in place.tolist()] == wanted


def test_instants_centuries_apart() -> None:
    at = np.array([-50_000_000_000_000_000, 0, 1_800_000_000_000_000], np.int64)
    assert periods_of(at, "year", "UTC")[0] == ("0385", "1970", "2027")
