"""Effort and value by customer: the areas against Gini's formula, ties, and the gap in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmkt.value._customers._concentration import gini
from relmkt.value._customers._effort import effort_by_value

NAN = np.nan


def test_all_contacts_to_the_lowest_tenth_is_said_in_words():
    value = np.arange(1, 101)
    found = effort_by_value(value, contacts=np.where(value <= 10, 3, 0))
    said = "the lowest 10 % of customers by value bring 1.09 % of value and receive 100 % of contacts"
    assert found.sentence("contacts") == said
    assert said in str(found)
    assert found.sentence("contacts", top=True).endswith("bring 18.9 % of value and receive 0 % of contacts")
    assert found.gap["contacts"].value < -1
    assert found.gap["contacts"].n == 100


def test_effort_in_proportion_to_value_leaves_no_gap():
    value = np.array([3.0, 1, 8, 0, 5])
    found = effort_by_value(value, contacts=value * 7, spend=np.ones(5))
    assert found.gap["contacts"].value == pytest.approx(0, abs=1e-12)
    assert found.gap["spend"].value == pytest.approx(-gini(value).value)
    assert found.gap.labels == ("contacts", "spend")


amounts = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30)


@given(amounts, st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing_and_the_gap_is_a_difference_of_indices(rows, random):
    value, effort = np.array(rows, dtype=float).T
    shuffled = random.sample(range(len(rows)), len(rows))
    one = effort_by_value(value, spend=effort).gap["spend"].value
    other = effort_by_value(value[shuffled], spend=effort[shuffled]).gap["spend"].value
    np.testing.assert_allclose(one, other, atol=1e-12)
    if value.sum() and effort.sum():
        ranks = np.array([((value < v).sum() + ((value == v).sum() + 1) / 2) for v in value])
        index = ((2 * ranks - len(rows) - 1) @ effort) / (len(rows) * effort.sum())
        assert one == pytest.approx(index - gini(value).value, abs=1e-12)
    else:
        assert np.isnan(one)


def test_losses_count_as_value_below_nothing():
    found = effort_by_value([-50, 50, 100], contacts=[1, 0, 0])
    assert found.value.tolist() == [0, -0.5, 0, 1]
    assert found.received("contacts", 1 / 3) == pytest.approx((-0.5, 1))


def test_the_unknown_are_left_out_and_counted():
    found = effort_by_value([1, NAN, 3], contacts=[1, 9, NAN])
    assert found.gap.missing.tolist() == [1]
    assert found.efforts["contacts"].tolist() == [0, 1, 1]
    none = effort_by_value([NAN], contacts=[1])
    assert np.isnan(none.gap["contacts"].value)
    assert "nothing to compare" in none.sentence("contacts")
    assert "nothing to compare" in effort_by_value([1, 2], contacts=[0, 0]).verdict


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="one entry"):
        effort_by_value([1, 2], contacts=[1])
    with pytest.raises(ValueError, match="0 or more"):
        effort_by_value([1, 2], contacts=[1, -1])
    with pytest.raises(ValueError, match="name an effort"):
        effort_by_value([1, 2])
    with pytest.raises(ValueError, match="part is a share"):
        effort_by_value([1, 2], contacts=[1, 1]).received("contacts", 1.5)
