"""The laws of every facet of the core: total, split replay, any order, frozen, round-trip, blind to unknown kinds."""

import json
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from relmkt.codec import Opaque
from relmkt.customers import Customer, Folding, fold
from relmkt.facts import Fact, Visit
from relmkt.windows import Instant
from tests.customers.histories import FACETS, START, histories

FOLDING = Folding(FACETS)


def folded(told: list[Fact]) -> dict[Any, Any]:
    return fold(FOLDING, [("ada", fact) for fact in told])


@given(histories(), st.integers(0, 25))
def test_split_replay(told: list[Fact], split: int) -> None:
    states: Any = folded(told[:split])
    for fact in told[split:]:
        states = FOLDING.after(states, fact)
    assert states == folded(told)


@given(histories(), st.integers(0, 25))
def test_snapshots_round_trip(told: list[Fact], split: int) -> None:
    text = json.dumps(FOLDING.plain(folded(told[:split])))
    states: Any = FOLDING.read(json.loads(text))
    assert states == folded(told[:split])
    assert json.dumps(FOLDING.plain(states)) == text
    for fact in told[split:]:
        states = FOLDING.after(states, fact)
    assert states == folded(told)


@given(histories(), st.randoms(use_true_random=False))
def test_any_order_of_arrival(told: list[Fact], random: Any) -> None:
    shuffled = random.sample(told, len(told))
    one, other = Customer.of("ada", told, facets=FACETS), Customer.of("ada", iter(shuffled), facets=FACETS)
    assert one == other
    assert [fact for _, fact in one.history()] == [fact for _, fact in other.history()]


@given(histories())
def test_unknown_kinds_are_ignored(told: list[Fact]) -> None:
    strange = [Opaque("ada", fact.at, "Spell", id=f"~{n}") for n, fact in enumerate(told)]
    mixed = sorted([*told, *strange], key=lambda fact: (fact.at, fact.id, fact.source))
    assert folded(mixed) == folded(told)
    for facet in FACETS:
        assert facet.after(Opaque("ada", START, "Spell", id="x")) == facet


@pytest.mark.parametrize("facet", FACETS, ids=repr)
def test_facets_are_frozen_and_their_own_key(facet: Any) -> None:
    with pytest.raises((FrozenInstanceError, AttributeError)):
        facet.anything = 1
    assert hash(facet) == hash(facet)
    assert Customer.of("ada", [], facets=[facet])[facet] == facet


@given(histories(most=12))
def test_nothing_is_left_to_the_order_of_facets(told: list[Fact]) -> None:
    back = Folding(reversed(FACETS))
    assert back.shape == FOLDING.shape
    assert fold(back, [("ada", fact) for fact in told]) == folded(told)


def test_shapes_tell_facets_apart() -> None:
    shapes = [Folding(FACETS[:n]).shape for n in range(len(FACETS))]
    assert len(set(shapes)) == len(shapes)
    assert Folding([*FACETS, FACETS[0]]).shape == FOLDING.shape, "equal keys are folded once"


def test_a_facet_is_an_attrs_value() -> None:
    class Loose:
        reads = (Visit,)

        def after(self, fact: Fact) -> "Loose":
            return self

    loose = Folding([Loose()])
    with pytest.raises(TypeError, match="Loose: a facet is a frozen attrs class"):
        loose.plain(loose.empty())


@pytest.mark.parametrize("facet", [f for f in FACETS if getattr(f, "tally", None) and f.tally.within], ids=repr)
def test_windows_are_bounded(facet: Any) -> None:
    def size(facts: int) -> int:
        step = 10 * 24 * 3_600_000_000 // 200  # two hundred in ten days: the windows of five days hold a hundred
        told = [
            facet.tally.kind(
                "ada", Instant(START + n * step), *([facet_amount(facet)] if "Purchase" in repr(facet) else [])
            )
            for n in range(facts)
        ]
        return len(json.dumps(Folding([facet]).plain(fold(Folding([facet]), [("ada", fact) for fact in told]))))

    assert size(2_000) <= 1.2 * size(1_200)


def facet_amount(facet: Any) -> Any:
    from relmkt.money import Money

    return Money(5, "EUR")
