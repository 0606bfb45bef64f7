"""RFM scores under each rule for ties: known answers, and equal customers are equal whatever the order of rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.exceptions import InvalidFactError
from relmkt.value._customers._rfm import group_edges
from relmkt.value._customers._scoring import RFMScores, Ties, group_scores, rfm_clusters, rfm_scores

F = [1, 1, 1, 1, 1, 1, 2, 2, 3, 9]
FAIR: tuple[Ties, ...] = ("same group", "average", "min", "max", "quantile plus one", "equal behaviour")
# miles per gallon of 32 cars, Henderson & Velleman 1981, Biometrics 37: R's mtcars
MPG = [21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4]
MPG += [33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4]


def test_quantiles_plus_one():
    cuts = np.quantile(MPG, [0.2, 0.4, 0.6, 0.8]) + 1
    assert cuts.tolist() == pytest.approx([16.20, 18.92, 22.00, 25.08], abs=1e-9)  # KA-080
    expected = [1 + sum(mpg >= cut for cut in (16.20, 18.92, 22.00, 25.08)) for mpg in MPG]
    assert group_scores(MPG, 5, ties="quantile plus one").tolist() == expected
    assert group_scores(F, 5, ties="quantile plus one").tolist() == [1, 1, 1, 1, 1, 1, 3, 3, 4, 5]  # KA-082


@pytest.mark.parametrize(
    "ties, expected",
    [
        ("average", [2, 2, 2, 2, 2, 2, 4, 4, 5, 5]),
        ("max", [3, 3, 3, 3, 3, 3, 4, 4, 5, 5]),
        ("min", [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]),
        ("ordinal", [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
    ],
)
def test_ties(ties, expected):
    assert group_scores(F, 5, ties=ties).tolist() == expected  # KA-083


def test_all_customers_equal():
    assert set(group_scores([3] * 9, 5, ties="quantile plus one").tolist()) == {1}  # KA-085
    recency = group_scores([30] * 9, 5, ties="quantile plus one", reverse=True)
    assert set(recency.tolist()) == {5}  # KA-085
    for ties in FAIR:
        assert len(set(group_scores([3] * 9, 5, ties=ties).tolist())) == 1


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(2, 7), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_scores_do_not_depend_on_the_order_of_rows(values, groups, random):  # rule R44
    order = list(range(len(values)))
    random.shuffle(order)
    for ties in FAIR:
        scores = group_scores(values, groups, ties=ties)
        assert group_scores([values[i] for i in order], groups, ties=ties).tolist() == scores[order].tolist()
        assert ((scores >= 1) & (scores <= groups)).all()
        assert (np.diff(scores[np.argsort(values, kind="stable")]) >= 0).all()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.integers(2, 9))
@settings(max_examples=60, deadline=None)
def test_edges_are_numpys_inverted_distribution(values, groups):
    shares = np.arange(1, groups) / groups
    theirs = np.quantile(np.array(values), shares, method="inverted_cdf")
    ours = np.array(group_edges(np.array(values), groups))
    # where share × n is whole up to rounding, the two may round it to neighbours
    exact = np.array([(len(values) * k) % groups == 0 for k in range(1, groups)])
    assert (ours[~exact] == theirs[~exact]).all()
    counts = [(np.array(values) <= edge).mean() for edge in ours]
    assert all(count >= share - 1e-12 for count, share in zip(counts, shares, strict=True))


def test_equal_behaviour_shares_the_revenue():
    spent = np.array([100.0] + [10.0] * 10 + [1.0] * 100)
    scores = group_scores(spent, 3, ties="equal behaviour")
    assert [spent[scores == k].sum() for k in (1, 2, 3)] == [100, 100, 100]


def test_nested_cuts_within_each_cell():
    rng = np.random.default_rng(5)
    columns = rng.random((3, 1250))
    scores = rfm_scores(*columns, groups=5, nested=True)
    assert (scores.counts() == 10).all()  # 125 equal cells
    free = rfm_scores(*columns, groups=5)
    assert not (free.counts() == 10).all()
    assert (free.recency == scores.recency).all()


def test_fixed_edges_and_codes():
    assert group_scores([5, 30, 31, 90, 400], 3, edges=[30, 90], reverse=True).tolist() == [3, 3, 2, 2, 1]
    scores = RFMScores([5], [4], [3], 5)
    assert scores.codes().tolist() == [543]
    assert scores.weighted(100, 10, 1).tolist() == [543.0]
    assert "543" not in repr(scores)
    assert "<td>5</td>" in scores._repr_html_()


def test_clusters_find_the_groups_that_made_the_data():
    rng = np.random.default_rng(11)
    centres = np.array([[5, 40, 900], [100, 10, 150], [600, 1, 20]])
    who = rng.integers(0, 3, 600)
    raw = centres[who] * rng.lognormal(0, 0.2, (600, 3))
    found, middles = rfm_clusters(*raw.T, groups=3, rng=np.random.default_rng(2))
    assert (found == 3 - who).mean() > 0.99
    assert middles[:, 2].tolist() == sorted(middles[:, 2].tolist())
    again, _ = rfm_clusters(*raw.T, groups=3, rng=np.random.default_rng(2))
    assert (found == again).all()


def test_bad_input_is_named():
    with pytest.raises(InvalidFactError, match="row 1"):
        group_scores([1, np.nan], 5)
    with pytest.raises(InvalidFactError, match="negative"):
        group_scores([1, -2], 2, ties="equal behaviour")
    with pytest.raises(ValueError, match="groups"):
        group_scores([1, 2], 1)
    with pytest.raises(ValueError, match="ties"):
        group_scores([1, 2], 2, ties="first")  # type: ignore[arg-type]
    with pytest.raises(InvalidFactError, match="lengths"):
        rfm_scores([1], [1, 2], [1], groups=2)
    assert group_scores([], 5).size == 0
