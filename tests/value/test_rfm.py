"""RFM: equal customers have equal scores, the named segments partition, one by one as for everyone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase, Visit
from relmkt.rules import Measure
from relmkt.value import RFM
from relmkt.value._customers._rfm import group_edges
from relmkt.windows import days
from tests.value.bases import Shop, bought

AT = datetime(2026, 7, 1)


def histories(rows):
    """Customers by (days ago, purchases, euros each)."""
    facts = []
    for who, (ago, often, paid) in enumerate(rows):
        for k in range(often):
            facts.append(bought(f"c{who:02d}", AT.subtract(days=ago + 3 * k), paid + k * 0))
    return Shop(AT, *facts)


history = st.tuples(st.integers(0, 400), st.integers(1, 4), st.integers(0, 50))


@given(st.lists(history, min_size=1, max_size=12), st.integers(2, 6))
@settings(max_examples=40, deadline=None)
def test_equal_customers_have_equal_scores_and_better_is_never_lower(rows, groups):  # rule R44
    base = histories(rows)
    rfm = RFM.fit(base, currency="EUR", groups=groups)
    values = ([-ago for ago, _, _ in rows], [n for _, n, _ in rows], [n * paid for _, n, paid in rows])
    for measure, raw in zip((rfm.recency, rfm.frequency, rfm.monetary), values):
        scores = base.ask(measure)
        assert set(scores) <= set(range(1, groups + 1))
        for i in range(len(rows)):
            for j in range(len(rows)):
                if raw[i] == raw[j]:
                    assert scores[i] == scores[j]
                if raw[i] > raw[j]:
                    assert scores[i] >= scores[j]


@given(st.lists(history, min_size=1, max_size=12), st.integers(2, 6))
@settings(max_examples=40, deadline=None)
def test_the_segments_partition_those_who_bought(rows, groups):
    base = histories(rows)
    rfm = RFM.fit(base, currency="EUR", groups=groups)
    verdicts = np.array([[bool(one.ask(segment)) for segment in rfm.segments] for one in base.people])
    assert (verdicts.sum(axis=1) == 1).all()


def test_every_cell_of_the_grid_is_in_one_segment():
    rfm = RFM(*[(1, 2, 3, 4)] * 3, currency="EUR")
    names = {}
    for ago in range(1, 6):
        for often in range(1, 6):
            for paid in range(1, 6):  # the amount of all purchases is what is scored
                facts = [bought("x", AT.subtract(days=ago, minutes=k), str(paid / often)[:4]) for k in range(often)]
                one = Shop(AT, *facts).people[0]
                held = [segment.name for segment in rfm.segments if one.ask(segment)]
                assert len(held) == 1
                scores = tuple(one.ask(m) for m in (rfm.recency, rfm.frequency, rfm.monetary))
                names.setdefault(scores, held[0])
    assert names[5.0, 5.0, 5.0] == "champions"
    assert names[1.0, 5.0, 5.0] == "cannot lose"
    assert names[1.0, 1.0, 1.0] == "hibernating"
    assert names[5.0, 1.0, 1.0] == "new"
    assert set(names.values()) == {segment.name for segment in rfm.segments}


def test_edges_are_values_that_occur():
    assert group_edges(np.array([9.0, 1, 1, 2, 1, 3, 1, 1, 2, 1]), 5) == (1, 1, 1, 2)
    assert group_edges(np.arange(1.0, 101), 5) == (20, 40, 60, 80)


def test_heavy_ties_take_the_lowest_score_of_their_places():
    base = histories([(1, 1, 5)] * 6 + [(1, 2, 5)] * 2 + [(1, 3, 5), (1, 4, 5)])
    rfm = RFM.fit(base, currency="EUR")
    assert base.ask(rfm.frequency).tolist() == [1] * 6 + [4, 4, 5, 5]
    assert base.ask(rfm.recency).tolist() == [5] * 10


def test_recency_is_days_since_the_last_purchase():
    base = histories([(ago, 1, 5) for ago in (0, 10, 20, 30, 40)])
    rfm = RFM.fit(base, currency="EUR")
    assert base.ask(rfm.recency).tolist() == [5, 4, 3, 2, 1]
    assert rfm.recency_edges == (0, 10, 20, 30)


def test_a_window_counts_what_is_in_it():
    base = histories([(1, 3, 10), (200, 3, 10), (300, 1, 10)])
    rfm = RFM.fit(base, currency="EUR", groups=2, within=days(100))
    assert base.ask(rfm.frequency).tolist() == [2, 1, 1]
    assert base.ask(rfm.monetary).tolist() == [2, 1, 1]


def test_who_never_bought_has_no_recency_and_no_segment():
    base = Shop(AT, *(bought(f"c{i}", f"2026-{i}-1", 5 * i) for i in range(1, 6)), Visit("v", AT, "Lyon"))
    rfm = RFM.fit(base, currency="EUR")
    scores = base.ask(rfm.recency)
    assert np.isnan(scores).sum() == 1
    counts = [sum(bool(one.ask(segment)) for segment in rfm.segments) for one in base.people]
    assert sorted(counts) == [0, 1, 1, 1, 1, 1]
    assert rfm.recency_edges == RFM.fit(Shop(AT, *(f for f in _purchases(base))), currency="EUR").recency_edges


def _purchases(base):
    return [fact for one in base.people for _, fact in one.history() if isinstance(fact, Purchase)]


def test_it_is_a_value_and_refuses_nonsense():
    assert RFM((1,), (1,), (1,), currency="EUR") == RFM([1.0], [1], [1], currency="EUR")
    assert isinstance(RFM((1,), (1,), (1,), currency="EUR").monetary, Measure)
    with pytest.raises(ValueError, match="edges"):
        RFM((1,), (1, 2), (1,), currency="EUR")
    with pytest.raises(ValueError, match="groups"):
        RFM.fit(histories([(1, 1, 1)]), currency="EUR", groups=1)
    with pytest.raises(InvalidFactError, match="bought"):
        RFM.fit(Shop(AT, Visit("v", AT, "Lyon")), currency="EUR")
