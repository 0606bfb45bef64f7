"""Relationship strength: four components from 0 to 1 beside their composite, and weights that remove exactly one."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given as given_
from hypothesis import strategies as st
from pendulum import datetime
from scipy import stats

from relmkt.customers import Customer
from relmkt.facts import Fact, Purchase, Visit
from relmkt.loyalty._strength import Percentile, RelationshipStrength, longevity, mean_measure, strength
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.tallies import count, first, since, total
from relmkt.windows import days

AT = datetime(2026, 7, 1)
PARTS: dict[str, Any] = {"quality": [0.8, 0.2], "longevity": [0.6, 0.4], "depth": [0.9, 0.5], "value": [0.1, math.nan]}
SHARE = st.floats(0, 1)


def test_longevity_is_half_at_its_half_life() -> None:
    told = longevity([0, 365, 730, 1095, -1, math.nan], 365)
    np.testing.assert_array_equal(told, [0, 0.5, 0.75, 0.875, math.nan, math.nan])
    for half_life in (0, -1, math.nan, math.inf):
        with pytest.raises(ValueError, match="half_life"):
            longevity([1], half_life)


def test_longevity_as_a_measure_grows_by_the_day() -> None:
    begun = longevity(first(Purchase), days(10))
    ada = Purchase("ada", AT, Money(20, "EUR"))
    for later, full in ((0, 0), (9.99, 9), (10, 10), (30.5, 30)):
        at = AT.add(seconds=int(later * 86_400))
        alone = Customer.of("ada", [ada], at=at).ask(begun)
        assert alone == Portfolio([ada], at=at).ask(begun)[0] == longevity([full], 10)[0]
    with pytest.raises(TypeError, match="instant"):
        longevity(count(Purchase), days(10))
    with pytest.raises(TypeError, match="instant"):
        longevity(since(Purchase), days(10))
    with pytest.raises(TypeError, match="span"):
        longevity(first(Purchase), 10)  # type: ignore[call-overload]


@given_(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(-1, 10))
def test_a_percentile_is_scipys_mean_rank(reference: list[int], value: int) -> None:
    told = Percentile(reference).of([value])[0]
    assert told == pytest.approx(stats.percentileofscore(reference, value, kind="mean") / 100)


def test_a_frozen_reference_does_not_follow_the_base() -> None:
    def came(who: str, times: int) -> list[Fact]:
        return [Visit(who, AT.subtract(days=day + 1)) for day in range(times)]

    often = count(Visit)
    then = Portfolio([*came("ada", 1), *came("bob", 2), *came("cleo", 4)], at=AT)
    rank = Percentile.fit(then, often)
    now = Portfolio([*came("ada", 1), *came("bob", 2), *came("cleo", 4), *came("dora", 9), *came("eve", 9)], at=AT)
    assert then.ask(rank.measure(often)).tolist() == [pytest.approx(p / 6) for p in (1, 3, 5)]
    assert now.ask(rank.measure(often)).tolist() == [pytest.approx(p / 6) for p in (1, 3, 5, 6, 6)]
    assert Customer.of("bob", came("bob", 2), at=AT).ask(rank.measure(often)) == pytest.approx(0.5)
    assert rank == Percentile([4, 1, 2, math.nan])
    assert hash(rank) == hash(Percentile([2, 1, 4]))
    assert rank != Percentile([2, 1, 5])
    with pytest.raises(ValueError, match="reference"):
        Percentile([math.nan])


def test_four_components_stand_beside_their_composite() -> None:
    told = strength(**PARTS, ids=["ada", "bob"])
    np.testing.assert_allclose(told.composite, [0.6, math.nan])
    assert {name: column[0] for name, column in told.components.items()} == {
        "quality": 0.8, "longevity": 0.6, "depth": 0.9, "value": 0.1,
    }  # fmt: skip
    assert told.score().labels == ("quality", "longevity", "depth", "value", "strength")
    assert told.score()["value"].missing == 1
    assert "weights 1, 1, 1, 1" in str(told)
    assert repr(told) == "<Strength of 2 relationships>"


def test_a_weight_of_nothing_removes_exactly_that_part() -> None:
    weights = {"quality": 1, "longevity": 1, "depth": 1, "value": 0}
    for how, expected in (("arithmetic", 0.7666667), ("geometric", 0.7559526), ("harmonic", 0.7448276)):
        told = strength(**PARTS, weights=weights, how=how)  # type: ignore[arg-type]
        assert told.composite[0] == pytest.approx(expected, abs=1e-6)  # KA-071
        assert not math.isnan(told.composite[1])
        assert told.components["value"][0] == 0.1  # told apart all the same


@given_(SHARE, SHARE, SHARE, SHARE, SHARE)
def test_without_its_weight_a_component_moves_nothing(a: float, b: float, c: float, one: float, other: float) -> None:
    names = ("quality", "longevity", "depth", "value")
    for place, name in enumerate(names):
        weights = {each: 0.0 if each == name else 1.0 for each in names}
        rest = [a, b, c]
        rows = [dict(zip(names, [*rest[:place], value, *rest[place:]], strict=True)) for value in (one, other)]
        found = [strength(**row, weights=weights).composite[0] for row in rows]
        assert found[0] == found[1] == pytest.approx((a + b + c) / 3)


def test_how_many_components_are_needed_is_an_argument() -> None:
    assert math.isnan(strength(**PARTS).composite[1])
    assert strength(**PARTS, least=3).composite[1] == pytest.approx((0.2 + 0.4 + 0.5) / 3)


def test_strength_refuses_what_does_not_run_from_0_to_1() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        strength(**{**PARTS, "value": [1.2, 0.1]})
    with pytest.raises(ValueError, match="one entry"):
        strength(**{**PARTS, "value": [0.2]})
    for weights in ({"quality": 1}, dict.fromkeys(PARTS, 0)):
        with pytest.raises(ValueError, match="weights"):
            strength(**PARTS, weights=weights)
    with pytest.raises(ValueError, match="from 0 to 1"):
        Customer.of("ada", [Visit("ada", AT)] * 1, at=AT).ask(mean_measure("depth", count(Visit) * 2))


def test_in_rules_one_customer_is_everyone() -> None:
    def bought(who: str, *ago: int) -> list[Fact]:
        return [Purchase(who, AT.subtract(days=day), Money(10 + day, "EUR"), id=f"{who}{day}") for day in ago]

    facts = [*bought("ada", 10, 400), *bought("bob", 30), *bought("cleo", 5, 6, 7, 900), Visit("zoe", AT)]
    base = Portfolio(facts, at=AT)
    often, spent = count(Purchase), total(Purchase, "amount", currency="EUR")
    depth = mean_measure("depth", Percentile.fit(base, often).measure(often))
    tie = RelationshipStrength(
        quality=mean_measure("quality", Percentile.fit(base, often).measure(often)),
        longevity=longevity(first(Purchase), days(365)),
        depth=depth,
        value=Percentile.fit(base, spent).measure(spent),
        weights={"quality": 0, "longevity": 2, "depth": 1, "value": 1},
    )
    everyone = tie.of(base)
    assert everyone.ids == tuple(base.ids.tolist())
    np.testing.assert_array_equal(everyone.composite, base.ask(tie.measure))
    assert math.isnan(everyone.composite[-1])  # zoe never bought: no longevity
    for row, name in enumerate(base.ids.tolist()):
        alone = Customer.of(name, [fact for fact in facts if fact.subject == name], at=AT)
        np.testing.assert_array_equal(tie.of(alone).composite[0], everyone.composite[row])
        for part, column in everyone.components.items():
            np.testing.assert_array_equal(tie.of(alone).components[part][0], column[row])
