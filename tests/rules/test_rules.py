"""Rules are data: three-valued, printed as written, hashed by value, refused at once where the sort is wrong."""

import math
from itertools import product
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.contact import Delivery, DeliveryStatus
from relmkt.customers import Customer
from relmkt.facts import Answer, Fact, Profile, Purchase, Visit
from relmkt.ladders import Segment
from relmkt.money import Money
from relmkt.rules import Constant, Every, Measure, One, Permit, Refusal, Rule, Some, Verdict, everyone
from relmkt.tallies import count, first, last, newest, since, total
from relmkt.windows import Instant, days, hours, week, year
from tests.rules.questions import comparisons, histories

F, U, T = (Constant(name, verdict) for verdict, name in enumerate(("no", "perhaps", "yes")))
NOBODY = Customer.of("nobody", [])
DAY = datetime(2026, 3, 1)
often, spent, recent = count(Purchase), total(Purchase, "amount", currency="EUR"), since(Purchase)
score, tier, begun = newest(Answer, "score"), newest(Profile, "tier"), first(Purchase)


# --- three-valued logic (Kleene) ---

AND = {(0, 0): 0, (0, 1): 0, (0, 2): 0, (1, 0): 0, (1, 1): 1, (1, 2): 1, (2, 0): 0, (2, 1): 1, (2, 2): 2}
OR = {(0, 0): 0, (0, 1): 1, (0, 2): 2, (1, 0): 1, (1, 1): 1, (1, 2): 2, (2, 0): 2, (2, 1): 2, (2, 2): 2}


@pytest.mark.parametrize("one, other", list(product((F, U, T), repeat=2)))
def test_truth_tables(one: Constant, other: Constant) -> None:  # rule R49
    pair = one.verdict, other.verdict
    assert NOBODY.ask(one & other) == AND[pair]
    assert NOBODY.ask(one | other) == OR[pair]
    assert NOBODY.ask(~(one & other)) == NOBODY.ask(~one | ~other)


def test_not() -> None:  # rule R49: not of unknown is unknown
    assert [NOBODY.ask(~rule) for rule in (F, U, T)] == [2, 1, 0]


def test_only_true_selects() -> None:  # rule R49
    assert [bool(verdict) for verdict in Verdict] == [False, False, True]
    assert not NOBODY.ask(U)
    assert NOBODY.ask(everyone)


def test_a_missing_value_is_unknown() -> None:  # rule R49
    for rule in (
        score >= 9,
        ~(score >= 9),
        score.is_(9),
        ~score.is_(9),
        recent <= days(1),
        tier.is_("gold"),
        begun <= DAY,
    ):
        assert NOBODY.ask(rule) is Verdict.UNKNOWN, rule
    assert NOBODY.ask(score.known()) is Verdict.FALSE
    assert NOBODY.ask(~score.known()) is Verdict.TRUE
    asked = Customer.of("ada", [Answer("ada", DAY, "stay", None)])
    assert asked.ask(score >= 9) is Verdict.UNKNOWN
    assert asked.ask(score.known()) is Verdict.FALSE


def test_of_nobody_a_count_is_nothing() -> None:  # rule R48
    assert NOBODY.ask(often >= 1) is Verdict.FALSE
    assert NOBODY.ask(~(often >= 1)) is Verdict.TRUE
    assert NOBODY.ask(count(Purchase, within=days(7)) <= 0) is Verdict.TRUE
    assert NOBODY.ask(spent <= 0) is Verdict.TRUE


@settings(max_examples=100)
@given(histories(), comparisons(), comparisons(), comparisons())
def test_laws_of_the_algebra(told: list[Fact], a: Rule, b: Rule, c: Rule) -> None:
    ada = Customer.of("ada", told, facets=(a & b & c).facets())
    for one, other in (
        (~~a, a),
        (a & b, b & a),
        (a | b, b | a),
        (a & (b | c), (a & b) | (a & c)),
        (~(a | b), ~a & ~b),
        (a & a, a),
        (a & everyone, a),
        (a | ~everyone, a),
    ):
        assert ada.ask(one) == ada.ask(other), (str(one), str(other))
    assert (ada.ask(~a) == 1) == (ada.ask(a) == 1)


@settings(max_examples=100)
@given(histories(), comparisons(), comparisons())
def test_an_explanation_agrees(told: list[Fact], a: Rule, b: Rule) -> None:
    rule = ~(a | Segment("named", ~b)) & a
    ada = Customer.of("ada", told, facets=rule.facets())
    view = One(ada)

    def agrees(part: Rule, shown: Any) -> None:
        assert shown.verdict == view.judge(part)
        assert len(shown.parts) == len(part.parts())
        for below, line in zip(part.parts(), shown.parts):
            agrees(below, line)

    shown = ada.explain(rule)
    agrees(rule, shown)
    assert str(shown).count("\n") + 1 == len(shown.lines())


@settings(max_examples=200)
@given(histories(), comparisons())
def test_a_comparison_is_of_the_value_shown(told: list[Fact], rule: Rule) -> None:
    """What `explain` shows beside a verdict is the figure that decided it."""
    ada = Customer.of("ada", told)
    shown = ada.explain(rule)
    if type(rule).__name__ != "Comparison":
        return
    assert (shown.verdict == 1) == math.isnan(shown.value)
    if shown.verdict == 1:
        return
    op, limit = rule.op, rule.limit / rule.measure.scale  # type: ignore[attr-defined]
    told_so = {
        ">=": shown.value >= limit,
        ">": shown.value > limit,
        "<=": shown.value <= limit,
        "<": shown.value < limit,
    }
    assert shown.verdict == (2 if told_so[op] else 0)


# --- as written -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, text",
    [
        (often >= 3, "count(Purchase) >= 3"),
        (count(Purchase, within=days(365)) > 3, "count(Purchase, within=days(365)) > 3"),
        (count(Visit, place="Lyon", within=week()) < 1, "count(Visit, within=week('UTC'), place='Lyon') < 1"),
        (spent >= Money(500, "EUR"), "total(Purchase, 'amount', currency='EUR') >= 500.00 EUR"),
        (spent >= 500, "total(Purchase, 'amount', currency='EUR') >= 500 EUR"),
        (spent >= 1234567.89, "total(Purchase, 'amount', currency='EUR') >= 1234567.89 EUR"),
        (recent <= days(90), "since(Purchase) <= days(90)"),
        (~(often >= 1), "~(count(Purchase) >= 1)"),
        (~~everyone, "~~everyone"),
        ((often >= 1) & (often < 9) & ~U, "(count(Purchase) >= 1) & (count(Purchase) < 9) & ~perhaps"),
        ((F & U) | T, "(no & perhaps) | yes"),
        (F & (U | T), "no & (perhaps | yes)"),
        (~(F & U), "~(no & perhaps)"),
        (tier.is_("gold", "silver"), "newest(Profile, 'tier').is_('gold', 'silver')"),
        (score.known() & ~score.is_(9), "newest(Answer, 'score').known() & ~newest(Answer, 'score').is_(9)"),
        (spent.named("spent") / often > 20, "spent / count(Purchase) > 20"),
        ((spent + 5) * 2 / often >= 1, "((total(Purchase, 'amount', currency='EUR') + 5) * 2) / count(Purchase) >= 1"),
        (recent.scored([30, 90], name="R", reverse=True) >= 2, "R >= 2"),
        (Segment("best", often >= 3) & T, "best & yes"),
    ],
)
def test_rules_print_as_they_are_written(rule: Rule, text: str) -> None:
    assert str(rule) == repr(rule) == text


def test_equal_by_value() -> None:
    one, other = (
        (count(Purchase) >= 3) & (since(Purchase) <= days(90)),
        (count(Purchase) >= 3) & (since(Purchase) <= hours(2160)),
    )
    assert one == other
    assert hash(one) == hash(other)
    assert len({often >= 3, often > 3, often >= 4, ~(often >= 3), count(Visit) >= 3, often.named("n") >= 3}) == 6
    assert (spent >= 5) == (spent >= Money(5, "EUR"))
    assert often.is_(1) != often.is_(2)


def test_joins_are_flat() -> None:
    assert (F & U & T) == Every((F, U, T)) == (F & (U & T))
    assert Some((F, U, T)) == (F | U | T)
    assert [str(leaf) for leaf in ((often >= 1) & ~(spent >= 2) & U).comparisons()] == [
        str(often >= 1),
        str(spent >= 2),
    ]


# --- slips ------------------------------------------------------------------------------------------------------------

_score: Any = score
SLIPS = [
    (lambda: bool(often >= 3), "a rule is not a condition"),
    (lambda: bool(often), "is a measure, not a condition"),
    (lambda: 1 <= often <= 3, "a rule is not a condition"),
    (lambda: (often >= 1) and (often <= 3), "a rule is not a condition"),
    (lambda: (often >= 1) & (tier == "gold"), "is_"),
    (lambda: (often >= 1) | True, "is_"),
    (lambda: (often >= 1) & 5, "joined with a rule"),
    (lambda: recent <= 90, "is a span: compare it with days"),
    (lambda: recent <= Money(5, "EUR"), "is a span"),
    (lambda: often >= days(3), "expected a number"),
    (lambda: spent >= days(3), "expected a number"),
    (lambda: spent >= Money(5, "USD"), "is in EUR, not in USD"),
    (lambda: often >= Money(5, "EUR"), "is in plain numbers, not in EUR"),
    (lambda: often >= True, "is_"),
    (lambda: often >= "3", "expected a number"),
    (lambda: often >= None, "expected a number"),
    (lambda: often >= math.nan, "expected a number"),
    (lambda: often >= math.inf, "expected a number"),
    (lambda: often >= count(Visit), "is_"),
    (lambda: tier >= 3, "is text"),
    (lambda: newest(Visit, "place") >= 3, "is text"),
    (lambda: first(Visit, "place") >= "Lyon", "is text"),
    (lambda: tier + 1, "is text"),
    (lambda: begun >= 5, "at"),
    (lambda: often.is_(), "at least one value"),
    (lambda: recent + 1, "compare it, do not calculate"),
    (lambda: often + True, "expected a measure or a number"),
    (lambda: often + "1", "expected a measure or a number"),
    (lambda: often - begun, "compare it, do not calculate"),
    (lambda: spent + total(Purchase, "amount", currency="USD"), "its own unit only"),
    (lambda: spent - often, "its own unit only"),
    (lambda: count("Purchase"), "expected a kind of fact"),
    (lambda: count(Purchase, within=365), "within takes a span"),
    (lambda: count(Purchase, colour="red"), "Purchase has no field 'colour'"),
    (lambda: count(Profile, tier="gold"), "Profile has no field 'tier'"),
    (lambda: total(Purchase, "colour"), "Purchase has no field 'colour'"),
    (lambda: total(Purchase, "amount"), "states its currency"),
    (lambda: total(Answer, "score", currency="EUR"), "is not money"),
    (lambda: newest(Purchase, "amount"), "states its currency"),
]


@pytest.mark.parametrize("slip, words", SLIPS)
def test_slips_are_told_when_written(slip: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        slip()


# --- units ------------------------------------------------------------------------------------------------------------


def test_at_the_door_days_and_whole_units() -> None:
    told = [Purchase("ada", DAY, Money("4.99", "EUR")), Purchase("ada", DAY, Money("1.005", "BHD"))]
    ada = Customer.of("ada", told, at=DAY.add(hours=36))
    assert ada.ask(since(Purchase)) == 1.5
    assert ada.ask(spent) == 4.99
    assert ada.ask(total(Purchase, "amount", currency="BHD")) == 1.005
    assert ada.ask(total(Purchase, "amount", currency="JPY")) == 0
    assert ada.ask(first(Purchase)) == Instant(DAY.isoformat())
    assert ada.ask(spent >= 4.99)
    assert ada.ask(spent.is_(4.99))
    assert not ada.ask(spent.is_(499))
    assert ada.ask(begun <= DAY)
    assert ada.ask(last(Purchase) >= DAY)
    assert ada.ask((spent / often) > 2.49)
    assert str(ada.explain(spent >= 5)) == "false    total(Purchase, 'amount', currency='EUR') >= 5 EUR   4.99 EUR"
    assert str(ada.explain(recent)).endswith("1.5 days")


def test_arithmetic_is_in_door_units_and_missing_where_undefined() -> None:
    ada = Customer.of("ada", [Purchase("ada", DAY, Money(30, "EUR")), Visit("ada", DAY), Visit("ada", DAY, "Lyon")])
    assert ada.ask(spent / count(Visit)) == 15
    assert ada.ask((spent - 10) * 2) == 40
    assert ada.ask(spent + 1 >= Money(31, "EUR"))
    for missing in (spent / count(Answer), score + 1, count(Visit) * score):
        assert math.isnan(ada.ask(missing))
        assert ada.ask(missing >= 0) is Verdict.UNKNOWN


@pytest.mark.parametrize("reverse, expected", [(False, [1, 1, 2, 2, 3]), (True, [3, 3, 2, 2, 1])])
def test_classes_by_edges(reverse: bool, expected: list[int]) -> None:
    classes = recent.scored([1, 3], name="R", reverse=reverse)
    ada = Customer.of("ada", [Purchase("ada", DAY, Money(5, "EUR"))])
    assert [ada.ask(classes, DAY.add(hours=h)) for h in (0, 24, 25, 72, 73)] == expected
    assert math.isnan(NOBODY.ask(classes))


def test_an_own_measure_may_be_missing() -> None:
    @frozen
    class Empty:
        reads = (Visit,)

        def after(self, fact: Fact) -> "Empty":
            return self

    for value in (None, math.nan):
        measure = Measure("nothing", Empty(), lambda facet, at, value=value: value)  # type: ignore[misc]
        assert NOBODY.ask(measure >= 1) is Verdict.UNKNOWN
        assert NOBODY.ask(measure.is_(1)) is Verdict.UNKNOWN
        assert NOBODY.ask(measure.known()) is Verdict.FALSE
        assert NOBODY.explain(measure >= 1).verdict == 1


def test_a_permit_is_true_and_a_refusal_false() -> None:
    assert Permit(Instant(0))
    refusal = Refusal(None, "cap", until=DAY, evidence=["one", "two"])
    assert not refusal
    assert refusal.evidence == ("one", "two")
    assert str(refusal) == "refused: cap, accepted from 2026-03-01T00:00:00+00:00"


def test_filters_are_equality() -> None:
    told = [Delivery("ada", DAY, DeliveryStatus.SENT, id="a"), Delivery("ada", DAY, DeliveryStatus.OPENED, id="b")]
    ada = Customer.of("ada", told)
    status: Any = DeliveryStatus.SENT
    assert ada.ask(count(Delivery, status=status)) == 1
    assert ada.ask(count(Purchase, within=year())) == 0


@given(st.sampled_from([often, spent, recent, tier]))
def test_a_renamed_measure_is_asked_the_same(measure: Measure) -> None:
    ada = Customer.of("ada", [Purchase("ada", DAY, Money(5, "EUR")), Profile("ada", DAY, {"tier": "gold"}, source="f")])
    assert ada.ask(measure.named("x")) == ada.ask(measure)
    assert repr(measure.named("x")) == "x"
