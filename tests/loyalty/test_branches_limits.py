"""One day more, one purchase less: what stands exactly on a limit of loyalty."""

import math

import numpy as np
import pytest
from pendulum import datetime

from relmkt.customers import Customer
from relmkt.exceptions import FitError
from relmkt.facts import Answer, Purchase
from relmkt.loyalty import LinearCalibration, course, score_change, share_of_requirements, stability
from relmkt.money import Money
from relmkt.scales import Construct, Scale
from relmkt.tallies import count
from relmkt.windows import days

LIKING = Construct("liking", Scale(1, 7).items("l1"))
SAID = datetime(2026, 1, 1, 12)


def test_an_answer_speaks_for_the_days_that_it_lasts_and_not_one_more() -> None:
    facet = stability(LIKING, cut=5, within=days(10), about=None, lasts=days(4)).facet
    ada = Customer.of("ada", [Answer("ada", SAID, "l1", 6)], at=SAID.add(days=9), facets=[facet])
    day = int(datetime(2026, 1, 1).timestamp()) // 86_400
    found = [ada[facet].on(day + more) for more in (-1, 0, 3, 4)]
    assert found == pytest.approx([math.nan, 6, 6, math.nan], nan_ok=True)


def test_a_change_over_a_window_looks_as_far_back_as_the_answer_lasts() -> None:
    told = [Answer("ada", SAID, "l1", 3), Answer("ada", SAID.add(days=8), "l1", 6)]
    moved = score_change(LIKING, within=days(5), about=None, lasts=days(4))
    on_the_eighth = Customer.of("ada", told, at=SAID.add(days=8)).ask(moved)  # five days before it is the fourth day
    assert on_the_eighth == 3.0
    assert math.isnan(Customer.of("ada", told, at=SAID.add(days=9)).ask(moved))  # a day later nothing is known then


def test_a_share_of_requirements_is_known_from_the_least_of_purchases_on() -> None:
    ours, category = [2, 1, 3, 0], [2, 1, 3, 0]
    for least, known in ((2, [True, False, True, False]), (3, [False, False, True, False]), (0, [True] * 3 + [False])):
        assert (~np.isnan(share_of_requirements(ours, category, at_least=least))).tolist() == known
    for wrong in ([3, 1, 3, 0], [-1, 1, 3, 0], [2, 1, 3]):
        with pytest.raises(ValueError, match=r"^ours: expected a number from 0 to the category's"):
            share_of_requirements(wrong, category)


def test_as_many_customers_as_figures_carry_no_line() -> None:
    line = LinearCalibration.fit([1, 2, 4], [2.0, 4.1, 8.0])  # three customers, two figures: one degree of freedom
    assert line.freedom == 1
    slope, start = np.polyfit([1, 2, 4], [2.0, 4.1, 8.0], 1)
    assert line.coefficients == pytest.approx((start, slope))
    with pytest.raises(FitError, match="2 customers with both do not carry 2 coefficients"):
        LinearCalibration.fit([1, 2, math.nan, 4], [2.0, 4.1, 8.0, math.nan])


def test_one_change_by_time_alone_is_told_as_one() -> None:
    facts = [Purchase("ada", SAID.add(days=day), Money(9, "EUR"), id=f"p-{day}") for day in (0, 3)]
    within = count(Purchase, within=days(10))
    for told, last in ((facts[:1], "time passed"), (facts, "time passed, 2 changes since 2026-01-11T12:00:00")):
        line = str(course(Customer.of("ada", told, at=SAID.add(days=60)), within)).splitlines()[-1]
        assert line.split("  ")[-1].startswith(last)
        assert line.endswith("time passed") == (len(told) == 1)
