"""Answers of a table that holds other facts too are those of its answers alone; everyone's score is each one's."""

import numpy as np
import pytest

from relmkt.columns import FactTable
from relmkt.facts import Answer, Fact, Visit
from relmkt.portfolio import Portfolio
from relmkt.scales import Construct, Item, Scale, given
from relmkt.windows import DAY, Instant

SEVEN = Scale(1, 7)
CARE = Construct("care", [*SEVEN.items("a", "b"), Item("c", SEVEN, reverse=True)], answered=0.6)


def drawn(seed: int, n: int = 300) -> FactTable:
    rng, facts = np.random.default_rng(seed), list[Fact]()
    for place in range(n):
        who, at = f"c{rng.integers(60)}", Instant(int(rng.integers(20)) * DAY)
        if rng.random() < 0.2:
            facts.append(Visit(who, at, str(rng.choice(["a", "b", "Lyon"]))))  # a place of an item's name
        else:
            score = None if rng.random() < 0.2 else float(rng.integers(0, 9))
            facts.append(Answer(who, at, str(rng.choice(["a", "b", "c", "d"])), score, id=f"f{place}"))
    return FactTable.of(facts)


@pytest.mark.parametrize("seed", range(8))
def test_each_newest_answer_is_the_one_read_alone(seed: int) -> None:
    table = drawn(seed)
    found = given(table, CARE.items)
    for place, item in enumerate(CARE.items):
        told = table.only(Answer, item=item.name)
        column = np.full(len(table.ids), np.nan)
        for row, score in zip(told.stream.tolist(), told.number.tolist(), strict=True):
            column[row] = score
        assert np.array_equal(found.values[:, place], column, equal_nan=True), f"seed {seed}"
    asked = np.isin(np.arange(len(table.ids)), table.only(Answer).stream[table.only(Answer)["item"] != "d"])
    assert np.array_equal(found.asked, asked)


@pytest.mark.parametrize("seed", range(8))
def test_a_score_of_everyone_is_that_of_each(seed: int) -> None:
    table = drawn(seed)
    measure, at = CARE.measure, Instant(30 * DAY)
    state = dict.fromkeys(range(len(table.ids)), measure.facet)
    for row, fact in table.facts():
        state[row] = state[row].after(fact)
    each = np.array([state[row].mean() for row in range(len(table.ids))])
    base = Portfolio(table, at=at)
    assert np.array_equal(base.ask(measure), each, equal_nan=True), f"seed {seed}"
    assert np.array_equal(base.ask(measure.named("other")), each, equal_nan=True)
    assert base.select(measure >= 4).tolist() == base.ids[each >= 4].tolist()
