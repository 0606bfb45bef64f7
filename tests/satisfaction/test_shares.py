"""Intervals of a share and of a mean, against printed figures, statsmodels and scipy."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from relmkt.satisfaction._csat import csat
from relmkt.satisfaction._mean_score import mean_of, mean_score
from relmkt.scales import Item, Scale
from relmkt.scales._pomp import from_pomp, pomp
from relmkt.scales._shares import share_estimate

FIVE = Item("visit", Scale(1, 5))
Z = float(stats.norm.ppf(0.975))
OURS = {
    "Wilson": "wilson",
    "Agresti-Coull": "agresti_coull",
    "Clopper-Pearson": "beta",
    "Jeffreys": "jeffreys",
    "Wald": "normal",
}


def satisfied(x: int, n: int, interval: Any = "Wilson") -> Any:
    return csat([5] * x + [2] * (n - x), item=FIVE, interval=interval)


@pytest.mark.parametrize(
    "interval, x, n, low, high, tol",
    [
        ("add-4", 120, 300, 0.3462156, 0.4564160, 1e-7),  # KA-022
        ("Clopper-Pearson", 120, 300, 0.3441290, 0.4578664, 1e-7),  # KA-023
        ("Wilson", 120, 300, 0.3461652, 0.4563634, 1e-7),  # KA-025
        ("Jeffreys", 120, 300, 0.3457412, 0.4561779, 1e-7),  # KA-025
        ("Wilson", 81, 263, 0.2553, 0.3662, 5e-5),  # KA-026
        ("Wilson", 0, 20, 0, 0.1611, 5e-5),  # KA-028
        ("Wilson", 1, 29, 0.0061, 0.1718, 5e-5),  # KA-028
        ("add-4", 15, 50, 0.1909401, 0.4386896, 1e-7),  # KA-029
    ],
)
def test_printed_intervals(interval: Any, x: int, n: int, low: float, high: float, tol: float) -> None:
    found = satisfied(x, n, interval)
    assert (found.low, found.high) == pytest.approx((low, high), abs=tol)
    assert (found.value, found.n, found.method) == (x / n, n, interval)


def test_the_centre_and_the_error_of_add_4() -> None:
    found = satisfied(120, 300, "add-4")  # KA-022
    assert (found.low + found.high) / 2 == pytest.approx(0.4013158, abs=1e-7)
    assert (found.high - found.low) / 2 / Z == pytest.approx(0.02811287, abs=1e-7)


@given(st.integers(1, 400), st.data(), st.sampled_from(sorted(OURS)), st.sampled_from([0.8, 0.95, 0.99]))
def test_as_statsmodels(n: int, data: st.DataObject, interval: Any, level: float) -> None:
    x = data.draw(st.integers(0, n))
    found = share_estimate(x, n, interval=interval, level=level)
    low, high = (np.clip(end, 0, 1) for end in proportion_confint(x, n, 1 - level, OURS[interval]))
    if interval == "Jeffreys":  # ours is closed where nobody or everybody is in
        low, high = (0.0 if x == 0 else low), (1.0 if x == n else high)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@given(st.integers(1, 300), st.data())
def test_wilson_holds_the_share_and_shrinks(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    found, more = share_estimate(x, n), share_estimate(4 * x, 4 * n)
    assert 0 <= found.low <= x / n <= found.high <= 1
    assert more.high - more.low < found.high - found.low


def test_wald_says_where_it_has_no_width() -> None:
    told = satisfied(0, 20, "Wald")
    assert (told.low, told.high) == (0, 0)
    assert any("no width" in note for note in told.notes)
    assert satisfied(0, 20).high > 0.1  # the default has one
    assert not any("no width" in note for note in satisfied(1, 20, "Wald").notes)


def test_shares_in_a_column() -> None:
    told = share_estimate([0, 5, 0], [10, 10, 0], labels="abc")
    assert told["b"].low == share_estimate(5, 10).low
    assert np.isnan([told["c"].value, told["c"].low]).all()
    assert share_estimate(0, 0, note="nobody came").notes == ("nobody came",)


@pytest.mark.parametrize("wrong", [{"x": 3}, {"x": -1}, {"interval": "exact"}, {"level": 95}])
def test_shares_refuse(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"x:|interval:|level:"):
        share_estimate(**{"x": 1, "n": 2, **wrong})


def test_the_denominator_is_valid_answers_and_says_so() -> None:
    told = csat([5, 1, 9, 8, None], item=FIVE, unsure=(9,))  # rule R40
    assert (told.value, told.n, told.missing, told.invalid) == (0.5, 2, 2, 1)
    assert told.notes == (
        "satisfied from 4 to 5 of 1 to 5, of valid answers only",
        "1 who do not know are counted missing",
    )


def test_a_reversed_item_is_satisfied_at_its_low_end() -> None:
    bad = Item("trouble", Scale(1, 5), reverse=True)
    with pytest.raises(ValueError, match="state top="):
        csat([1], item=bad)
    assert csat([1, 2, 3, 5], item=bad, top=2).value == 0.5


def test_weighted_shares() -> None:
    told = csat([5, 4, 2], item=FIVE, weights=[2, 1, 1])
    assert (told.value, told.n) == (0.75, 3)
    assert told.n_eff == pytest.approx(16 / 6)
    by_hand = share_estimate(0.75 * 16 / 6, 16 / 6)
    assert (told.low, told.high) == pytest.approx((by_hand.low, by_hand.high))
    plain, same = csat([5, 4, 2, 1], item=FIVE), csat([5, 4, 2, 1], item=FIVE, weights=[7] * 4)
    assert (same.low, same.high, same.se) == pytest.approx((plain.low, plain.high, plain.se))


def test_means_of_printed_figures() -> None:
    found = mean_of(38.3, 8.14, 10)  # KA-031
    assert (found.se, found.low, found.high) == pytest.approx((2.574094, 32.47699, 44.12301), abs=1e-5)
    part = mean_of(24.5, 3.65, 40, population=300)  # KA-032
    assert (part.se, part.low, part.high) == pytest.approx((0.5381631, 23.41146, 25.58854), abs=1e-5)
    assert math.isnan(mean_of(3, 0, 1).low)
    for wrong in ((3, -1, 5, None), (3, 1, 0, None), (3, 1, 5, 4)):
        with pytest.raises(ValueError, match="sd"):
            mean_of(*wrong[:3], population=wrong[3])


@given(st.lists(st.integers(1, 5), min_size=2, max_size=30))
def test_the_mean_as_scipy(told: list[int]) -> None:
    found = mean_score(told, item=FIVE)
    se = float(stats.sem(told))
    assert (found.value, found.se) == pytest.approx((np.mean(told), se))
    half = stats.t.ppf(0.975, len(told) - 1) * se
    assert (found.low, found.high) == pytest.approx((np.mean(told) - half, np.mean(told) + half))
    assert mean_score(told[::-1], item=FIVE) == found
    index = mean_score(told, item=FIVE, unit="0-100")
    assert (index.value, index.low) == pytest.approx(tuple(pomp([found.value, found.low], FIVE.scale)))


def test_means_by_group_of_few_people() -> None:
    told = mean_score([5, 4, 1, 2, 3], item=FIVE, by=list("aabbc"), population={"a": 2, "b": 5, "c": 9}, least=2)
    assert told.value.tolist() == [4.5, 1.5, 3]
    assert told["a"].se == 0
    assert told["b"].se == pytest.approx(0.5 * math.sqrt(3 / 4))
    assert math.isnan(told["c"].low)
    assert told.notes[-1] == "fewer than 2 answers: c"
    assert mean_score([1, 2], item=Item("t", Scale(1, 5), reverse=True)).value == 4.5
    same = mean_score([5, 4, 1], item=FIVE, weights=[3] * 3)
    plain = mean_score([5, 4, 1], item=FIVE)
    assert (same.value, same.low, same.se) == pytest.approx((plain.value, plain.low, plain.se))
    with pytest.raises(ValueError, match="unit"):
        mean_score([1], item=FIVE, unit="%")  # type: ignore[arg-type]


@given(st.integers(-5, 5), st.integers(1, 20), st.data())
def test_pomp_and_back(low: int, steps: int, data: st.DataObject) -> None:
    scale = Scale(low, low + steps)
    told = data.draw(st.lists(st.integers(low, low + steps), min_size=1))
    assert from_pomp(pomp(told, scale), scale).tolist() == pytest.approx(told)
    assert pomp([low, low + steps], scale).tolist() == [0, 100]
    item = Item("turned", scale, reverse=True)
    assert [item.scored(item.scored(one)) for one in told] == told


def test_reversed_answers() -> None:
    assert Item("t", Scale(1, 7), reverse=True).scored(2) == 6  # KA-049
    assert Item("t", Scale(0, 10), reverse=True).scored(3) == 7  # KA-049
