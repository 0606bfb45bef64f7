"""True, latent, spurious: every customer has one type, every cut is stated, and missing is unknown."""

from collections import Counter

import numpy as np
import pandas
import polars
import pytest
from pendulum import datetime
from statsmodels.stats.proportion import multinomial_proportions_confint, proportion_confint

from relmkt.facts import Answer, Purchase
from relmkt.ladders import Ladder
from relmkt.loyalty._grid import loyalty_grid
from relmkt.loyalty._spurious import share_of_requirements, spurious_share
from relmkt.loyalty._type import LoyaltyType, loyalty_segments, loyalty_table, loyalty_type
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.rules import everyone
from relmkt.scales import Construct, Scale
from relmkt.tallies import count, newest
from relmkt.testing import check_rule

NAN = float("nan")
DAY = datetime(2026, 3, 1)


def test_the_four_types_and_the_unknown():
    attitude, behaviour = [6, 6, 2, 2, NAN, 6, None], [3, 2, 3, 2, 9, NAN, None]
    told = loyalty_type(attitude, behaviour, attitude_cut=5, behaviour_cut=3)
    assert told.tolist() == ["true", "latent", "spurious", "none", "unknown", "unknown", "unknown"]
    assert set(told.tolist()) == {str(kind) for kind in LoyaltyType}


def test_a_value_on_the_cut_is_where_the_rule_says():
    cuts = {"attitude_cut": 5, "behaviour_cut": 3}
    assert loyalty_type([5], [3], **cuts).tolist() == ["true"]
    assert loyalty_type([5], [3], **cuts, attitude_high=">").tolist() == ["spurious"]
    assert loyalty_type([5], [3], **cuts, behaviour_high=">").tolist() == ["latent"]


def test_under_a_median_among_ties_the_rule_decides():
    attitude, behaviour = [7] * 8 + [3, 3], [1] * 9 + [4]
    for high, expected in ((">=", {"true": 8, "spurious": 2}), (">", {"none": 9, "spurious": 1})):
        table = loyalty_table(
            attitude, behaviour, attitude_cut="median", behaviour_cut="median", attitude_high=high, behaviour_high=high
        )
        assert (table.attitude_cut, table.behaviour_cut) == (7.0, 1.0)
        assert {name: n for name, n in table.counts.items() if n} == expected
        assert f"attitude {high} 7" in str(table)


def test_the_median_is_of_those_whose_two_axes_are_known():
    table = loyalty_table([1, 2, 9, 100], [1, 1, 1, NAN], attitude_cut="median", behaviour_cut=1)
    assert table.attitude_cut == 2.0
    empty = loyalty_table([], [], attitude_cut="median", behaviour_cut="median")
    assert len(empty) == 0
    assert np.isnan(empty.shares().value).all()
    assert empty.shares().notes


def test_both_axes_stay_beside_the_type():
    table = loyalty_table([6, 2], [5, 1], attitude_cut=4, behaviour_cut=3)
    assert table.attitude.tolist() == [6, 2]
    assert table.behaviour.tolist() == [5, 1]
    assert "mean attitude" in str(table)
    assert "attitude &gt;= 4" in table._repr_html_()


@pytest.mark.parametrize("interval", ["Wilson", "Goodman"])
def test_shares_are_statsmodels_own(interval):
    labels = ["true"] * 18 + ["latent"] * 4 + ["spurious"] * 12 + ["none"] * 6
    like = {"true": 6, "latent": 6, "spurious": 2, "none": 2}
    buy = {"true": 4, "latent": 1, "spurious": 4, "none": 1}
    told = [like[x] for x in labels] + [NAN] * 5, [buy[x] for x in labels] + [1] * 5
    shares = loyalty_table(*told, attitude_cut=5, behaviour_cut=3).shares(interval=interval)
    counts = [18, 4, 12, 6]
    if interval == "Goodman":
        expected = multinomial_proportions_confint(counts, alpha=0.05, method="goodman")
    else:
        expected = np.array([proportion_confint(k, 40, method="wilson") for k in counts])
    assert shares.value.tolist() == [k / 40 for k in counts]
    assert np.column_stack([shares.low, shares.high]) == pytest.approx(np.asarray(expected), rel=1e-9)
    assert shares["true"].missing == 5


def test_shares_by_segment():
    table = loyalty_table([6, 6, 2, None], [4, 1, 4, 4], attitude_cut=5, behaviour_cut=3)
    found = table.by(["Lyon", "Lyon", "Nice", "Nice"])
    assert found["Lyon"].value.tolist() == [0.5, 0.5, 0.0, 0.0]
    assert (found["Nice"]["spurious"].value, found["Nice"]["spurious"].missing) == (1.0, 1)
    with pytest.raises(ValueError, match="segments"):
        table.by(["Lyon"])


def test_the_spurious_share_and_its_interval():
    attitude, behaviour = [2] * 70 + [6] * 30 + [2, 6, NAN], [4] * 100 + [1, 1, 4]
    told = spurious_share(attitude, behaviour, attitude_cut=5, behaviour_cut=3, claim=0.7)
    assert told.value == pytest.approx(0.70, abs=1e-4)  # KA-079
    assert (told.low, told.high) == pytest.approx((0.6041515, 0.7810511), abs=1e-4)  # KA-079
    assert (told.n, told.missing, told.notes) == (100, 1, ("claimed 0.7: inside the interval",))
    moved = spurious_share(attitude, behaviour, attitude_cut=1, behaviour_cut=3, claim=0.7)
    assert (moved.value, moved.notes) == (0.0, ("claimed 0.7: outside the interval",))


def test_the_share_of_purchases_knows_that_a_customers_belong_together():
    attitude, behaviour = [2] * 7 + [6] * 3, [9] * 10
    cuts = {"attitude_cut": 5, "behaviour_cut": 3}
    single = spurious_share(attitude, behaviour, **cuts, purchases=[1] * 10)
    assert (single.low, single.high) == pytest.approx(
        tuple(getattr(spurious_share(attitude, behaviour, **cuts), end) for end in ("low", "high")), rel=1e-12
    )
    tens = spurious_share(attitude, behaviour, **cuts, purchases=[10] * 10)
    assert (tens.value, tens.n, tens.low) == pytest.approx((0.7, 100, single.low))
    uneven = spurious_share([2, 6], [9, 9], **cuts, purchases=[30, 10])
    assert uneven.value == 0.75
    assert uneven.n_eff == pytest.approx(1.6)  # Kish's, of 30 and 10


def test_nobody_who_buys_again_is_no_share():
    told = spurious_share([6, 2], [0, 0], attitude_cut=5, behaviour_cut=3, claim=0.7)
    assert np.isnan(told.value)
    assert told.n == 0
    assert told.notes[0] == "nobody of known attitude buys again"
    whole = spurious_share([6], [9], attitude_cut=5, behaviour_cut=3, purchases=[0])
    assert np.isnan(whole.value)


def test_share_of_requirements():
    told = share_of_requirements([2, 1, 0, 5], [4, 1, 0, 10], at_least=2)
    assert told[[0, 3]].tolist() == [0.5, 0.5]
    assert np.isnan(told[[1, 2]]).all()  # one purchase makes no single-brand buyer
    assert loyalty_type([6] * 4, told, attitude_cut=5, behaviour_cut=0.5).tolist() == [
        "true",
        "unknown",
        "unknown",
        "true",
    ]
    with pytest.raises(ValueError, match="ours"):
        share_of_requirements([3], [2])


def test_nine_cells():
    attitude = [1, 2, 3, 4, 5, 6, NAN]
    grid = loyalty_grid(attitude, [1, 1, 1, 9, 9, 9, 1], attitude_cuts="tertile", behaviour_cuts=(2, 5))
    assert grid.attitude_cuts == pytest.approx((1 + 5 / 3, 1 + 10 / 3))
    assert grid.counts.tolist() == [[2, 0, 0], [1, 0, 1], [0, 0, 2]]
    assert grid.labels[-1] == "unknown"
    assert (grid.shares()["high/high"].value, grid.shares()["low/low"].missing) == (pytest.approx(1 / 3), 1)
    on_the_cut = [
        loyalty_grid([2], [5], attitude_cuts=(2, 4), behaviour_cuts=(2, 5), high=h).labels[0] for h in (">=", ">")
    ]
    assert on_the_cut == ["middle/high", "low/middle"]


@pytest.mark.parametrize(
    "options, named",
    [
        ({"attitude_cut": "mean"}, "attitude_cut"),
        ({"attitude_cut": NAN}, "attitude_cut"),
        ({"behaviour_cut": True}, "behaviour_cut"),
        ({"attitude_high": "<"}, "attitude_high"),
    ],
)
def test_a_cut_that_is_none_is_refused(options, named):
    with pytest.raises(ValueError, match=named):
        loyalty_type([1], [1], **{"attitude_cut": 5, "behaviour_cut": 3, **options})


def base() -> Portfolio:
    seven = [("ada", 6), ("bob", 6), ("cleo", 2), ("dan", 2)]
    told = [Answer(who, DAY, item, score) for who, score in seven for item in ("t1", "t2")]
    bought = [("ada", 3), ("bob", 1), ("cleo", 3), ("eve", 4)]
    told += [Purchase(who, DAY, Money(5, "EUR"), id=f"{who}{i}") for who, n in bought for i in range(n)]
    return Portfolio(told, at=DAY)


@pytest.mark.parametrize("high", [">=", ">"])
def test_segments_partition_the_base_and_agree_with_the_arrays(high):
    portfolio = base()
    trust, bought = Construct("trust", Scale(1, 7).items("t1", "t2")).measure, count(Purchase)
    rules = {"attitude_high": high, "behaviour_high": high}
    cuts = {"attitude_cut": 6 if high == ">=" else 5, "behaviour_cut": 3 if high == ">=" else 2}
    segments = loyalty_segments(trust, bought, **cuts, **rules)
    told = np.array([portfolio.ask(segment) for segment in segments])
    assert told.sum(axis=0).tolist() == [1] * len(portfolio)
    arrays = loyalty_type(portfolio.ask(trust), portfolio.ask(bought), **cuts, **rules)
    assert portfolio.ask(Ladder("loyalty", *segments)).tolist() == arrays.tolist()
    assert Counter(arrays.tolist()) == {"true": 1, "latent": 1, "spurious": 1, "none": 1, "unknown": 1}


@pytest.mark.parametrize("place", range(5))
def test_segments_keep_the_laws_of_rules(place):
    segments = loyalty_segments(newest(Answer, "score"), count(Purchase), attitude_cut=2, behaviour_cut=1)
    check_rule(segments[place], examples=15)
    assert segments[place] != everyone


def test_a_count_of_labels_reads_as_text():
    told = loyalty_type([6, 6, 2, NAN], [4, 4, 4, 4], attitude_cut=5, behaviour_cut=3)
    assert str(Counter(told)) == "Counter({'true': 2, 'spurious': 1, 'unknown': 1})"
    assert {type(label) for label in told} == {str}
    cells = loyalty_grid([1, 4, 7, 7], [0, 2, 9, 0], attitude_cuts=(3, 6), behaviour_cuts=(1, 5)).labels
    assert repr(sorted(set(cells))) == "['high/high', 'high/low', 'low/low', 'middle/middle']"


def test_labels_are_an_array_of_text_as_any_other():
    rng = np.random.default_rng(1)
    told = loyalty_type(rng.uniform(1, 7, 100_000), rng.integers(0, 9, 100_000), attitude_cut=5, behaviour_cut=3)
    plain = np.array(told.tolist())
    assert (told.dtype.kind, repr(told[:2])) == ("U", repr(plain[:2]))
    true = told == "true"
    assert type(true) is np.ndarray
    assert true.tolist() == (plain == "true").tolist()
    assert Counter(told) == Counter(told[true]) + Counter(told[~true]) == Counter(plain.tolist())
    assert np.unique(told).tolist() == ["latent", "none", "spurious", "true"]
    assert (told != "none").sum() + (told == "none").sum() == told.size
    assert [row.tolist() for row in told[:4].reshape(2, 2)] == plain[:4].reshape(2, 2).tolist()
    assert pandas.Series(told).value_counts().to_dict() == Counter(told)
    assert polars.DataFrame({"type": told})["type"].dtype == polars.String
