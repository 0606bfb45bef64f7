"""Expectations by kind and origin (feature F28): shares of origins, the table, "expects image" as a rule."""

import math

import numpy as np
import pandas as pd
import pytest
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.facts import Answer, Visit
from relmkt.ladders import Segment
from relmkt.portfolio import Portfolio
from relmkt.satisfaction._expectation_items import ExpectationItems
from relmkt.satisfaction._expectations import ValueKind, expectation_table
from relmkt.satisfaction._origins import ExpectationSource, origin_shares
from relmkt.scales import Item, Scale

TEN, TICK = Scale(1, 10), Scale(0, 1)
IMAGE, USAGE = ValueKind.IMAGE, ValueKind.USAGE
ASKED = ExpectationItems(
    {kind: Item(f"e.{kind.value}", TEN) for kind in ValueKind},
    {kind: Item(f"p.{kind.value}", TEN) for kind in ValueKind},
    {source: Item(f"from {source.value}", TICK) for source in ExpectationSource},
)
NAMED = [
    {"promise", "word of mouth"},
    {ExpectationSource.PROMISE},
    set(),
    None,
    {"promise", "astrology"},
    {"astrology"},
]


def answers(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns = {
        item.name: rng.integers(1, 11, n) for side in (ASKED.expected, ASKED.perceived) for (item,) in side.values()
    }
    return pd.DataFrame(columns | {item.name: rng.integers(0, 2, n) for item in ASKED.origins.values()})


def test_a_respondent_may_name_several_origins() -> None:
    told = origin_shares(NAMED)
    assert told["promise"].value == 3 / 4  # of those who answered: not of all, and nobody's only code is no origin
    assert told["word of mouth"].value == 1 / 4
    assert (told["promise"].n, told["promise"].missing, told["promise"].invalid) == (4, 2, 2)
    peer = stats.binomtest(3, 4).proportion_ci(method="wilson")
    assert (told["promise"].low, told["promise"].high) == pytest.approx((peer.low, peer.high), abs=1e-12)
    both = origin_shares([{"promise", "prescribers"}] * 5)
    assert both.value.sum() == 2
    assert "more than 1" in both.notes[0]


def test_normalised_shares_sum_to_one() -> None:
    told = origin_shares(NAMED, normalised=True)
    assert told.value.sum() == pytest.approx(1)
    assert told["promise"].value == pytest.approx((0.5 + 1 + 1) / 3)
    assert (told["promise"].n, told["promise"].missing) == (3, 3)
    peer = stats.t.interval(0.95, 2, np.mean([0.5, 1, 1]), stats.sem([0.5, 1, 1]))
    assert (told["promise"].low, told["promise"].high) == pytest.approx(peer, abs=1e-9)


@pytest.mark.parametrize("normalised", [False, True])
def test_nobody_named_anything(normalised: bool) -> None:
    told = origin_shares([None, None], normalised=normalised)
    assert np.isnan(told.value).all()
    assert told["promise"].n == 0
    with pytest.raises(TypeError, match="one text"):
        origin_shares(["promise"])


def test_the_table_has_every_kind_and_every_origin() -> None:
    frame = answers(80, 4)
    table = ASKED.table(frame, tolerance=1)
    assert len(table.rows) == 4 * (1 + 6)
    row = table.row(IMAGE, ExpectationSource.PRESCRIBERS)
    rows = frame[frame["from prescribers"] == 1]
    before, after = rows["e.image"], rows["p.image"]
    assert (row.expected.value, row.perceived.value) == pytest.approx((before.mean(), after.mean()))
    peer = stats.ttest_rel(after, before).confidence_interval()
    assert (row.felt.mean.low, row.felt.mean.high) == pytest.approx((peer.low, peer.high), abs=1e-9)
    peer = stats.t.interval(0.95, len(before) - 1, before.mean(), stats.sem(before))
    assert (row.expected.low, row.expected.high) == pytest.approx(peer, abs=1e-9)
    assert row.felt.shares["satisfied"].value == pytest.approx(np.mean(abs(after - before) <= 1))
    for words in (str(table), table._repr_html_()):
        assert all(kind.value in words for kind in ValueKind)
        assert all(source.value in words for source in ExpectationSource)
    assert ASKED.origin_shares(frame)["promise"].value == frame["from promise"].mean()


def test_a_respondent_of_two_origins_is_in_both_lines() -> None:
    table = expectation_table({IMAGE: [8, 6]}, {IMAGE: [6, 6]}, [{"promise", "competitors"}, {"promise"}])
    assert table.row(IMAGE, ExpectationSource.PROMISE).expected.n == 2
    assert table.row(IMAGE, ExpectationSource.COMPETITORS).expected.n == 1
    empty = table.row(IMAGE, ExpectationSource.PRESCRIBERS)
    assert (empty.expected.n, empty.felt.mean.n) == (0, 0)
    assert math.isnan(empty.expected.value)
    assert "missing" in str(table)


def test_missing_and_invalid_are_counted() -> None:
    table = expectation_table({IMAGE: [8, 6, 12], USAGE: [5, 5, 5]}, {IMAGE: [6, None, 7]}, scale=TEN)
    assert (table.row(IMAGE).felt.mean.n, table.row(IMAGE).felt.mean.invalid) == (1, 1)
    assert (table.row(IMAGE).expected.n, table.row(IMAGE).perceived.n) == (2, 2)
    assert (table.row(USAGE).expected.n, table.row(USAGE).perceived.n) == (3, 0)
    with pytest.raises(KeyError, match="experience"):
        table.row(ValueKind.EXPERIENCE)
    frame = answers(20, 1)
    frame.loc[0, "e.image"] = 99
    assert ASKED.table(frame).row(IMAGE).felt.mean.invalid == 1


def test_expects_image_is_a_rule_like_any_other() -> None:
    """One customer and the whole base answer alike, in a rule and in a segment."""
    facts = [
        Answer("ada", datetime(2026, 6, 1), "e.image", 3, id="1"),
        Answer("ada", datetime(2026, 6, 2), "e.image", 9, id="2"),
        Answer("ada", datetime(2026, 6, 2), "p.image", 7, id="3"),
        Answer("ada", datetime(2026, 6, 2), "from promise", 1, id="4"),
        Answer("bob", datetime(2026, 6, 2), "e.image", 4, id="5"),
        Visit("cleo", datetime(2026, 6, 2)),
    ]
    segment = Segment("expects image", ASKED.expects(IMAGE) >= 8)
    promised = ASKED.expects_from(ExpectationSource.PROMISE) >= 1
    base = Portfolio(facts, at=datetime(2026, 7, 1))
    assert dict(zip(base.ids.tolist(), base.ask(segment).tolist())) == {"ada": True, "bob": False, "cleo": False}
    ada = Customer.of("ada", [fact for fact in facts if fact.subject == "ada"])
    assert ada.ask(segment)
    assert ada.ask(promised & (ASKED.finds(IMAGE) < ASKED.scale.high))
    table = ASKED.table(FactTable.of(facts))
    assert (table.row(IMAGE).expected.n, table.row(IMAGE).expected.missing) == (2, 0)  # cleo was never asked
    assert table.row(IMAGE, ExpectationSource.PROMISE).felt.felt.tolist() == ["dissatisfied"]
    assert ASKED.origin_shares(FactTable.of(facts))["promise"].n == 1


def test_slips() -> None:
    with pytest.raises(ValueError, match="one scale"):
        ExpectationItems({IMAGE: Item("e", TEN)}, {IMAGE: Item("p", Scale(1, 7))})
    with pytest.raises(ValueError, match="one scale"):
        ExpectationItems({})
    with pytest.raises(KeyError, match="usage"):
        ExpectationItems({IMAGE: Item("e", TEN)}).expects(USAGE)
    with pytest.raises(KeyError, match="promise"):
        ExpectationItems({IMAGE: Item("e", TEN)}).expects_from(ExpectationSource.PROMISE)
    with pytest.raises(ValueError, match="perceived"):
        expectation_table({IMAGE: [1]}, {USAGE: [1]})
    with pytest.raises(ValueError, match="named"):
        expectation_table({IMAGE: [1]}, {IMAGE: [1]}, [set(), set()])
