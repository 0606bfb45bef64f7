"""A trigger fires on entering, as often as `once` says, at the crossing's own instant; a policy puts the best first."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.contact import Contact
from relmkt.customers import Change, Customer
from relmkt.decisions import Policy, Proposal, Task, Trigger, thank_regular
from relmkt.facts import Cancellation, Fact, Profile, Purchase, Return, TaskOpened, Visit
from relmkt.ladders import Ladder, Move, Segment
from relmkt.money import Money
from relmkt.rules import Rule, everyone
from relmkt.tallies import count, since
from relmkt.windows import DAY, Instant, day, days, hours, month, week, year
from tests.decisions.passing import MAIL, lived, moments
from tests.rules.questions import START, comparisons, histories

END = Instant(START + 400 * DAY)
regular = (count(Purchase, within=days(30)) >= 2) & (since(Purchase) <= days(10))


def buys(*at: float) -> list[Fact]:
    return [Purchase("ada", Instant(START + round(day * DAY)), Money(5, "EUR"), id=f"o{n}") for n, day in enumerate(at)]


def days_of(trigger: Trigger, facts: list[Fact], until: Instant = END) -> list[float]:
    return [(at - START) / DAY for at in moments(trigger, facts, until)]  # type: ignore[operator]


# --- when -------------------------------------------------------------------------------------------------------------


def test_on_every_fact_of_a_kind() -> None:
    assert days_of(Trigger("t", Purchase, MAIL), [*buys(0, 1), Visit("ada", Instant(START))]) == [0, 1]
    big = Trigger("t", Purchase, MAIL, match=lambda fact: fact.id == "o1")
    assert days_of(big, buys(0, 1, 2)) == [1]


def test_on_entering_a_rule() -> None:
    assert days_of(Trigger("t", regular, MAIL), buys(0, 5, 6, 20, 50)) == [5, 20]


def test_on_entering_by_time_alone() -> None:
    quiet = Trigger("t", since(Purchase) > days(3), MAIL)
    found = moments(quiet, buys(0, 10), END)
    assert found == [START + 3 * DAY + 1, START + 13 * DAY + 1], "at the crossing's own instant"


@settings(max_examples=150)
@given(histories(), comparisons())
def test_entering_is_not_true_before_and_true_now(told: list[Fact], rule: Rule) -> None:
    """At every firing the rule is true, and it was not true the tick before, or before the fact."""
    found = moments(Trigger("t", rule, MAIL), told, Instant(START + 60 * DAY))
    for at in found:
        known = [fact for fact in told if fact.at <= at]
        assert Customer.of("ada", known, at=at).ask(rule) == 2 or len([f for f in told if f.at == at]) > 1
        before = [fact for fact in told if fact.at < at]
        entered = Customer.of("ada", before, at=Instant(at - 1)).ask(rule) != 2
        assert entered or any(fact.at == at for fact in told)


# --- once -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "once, expected",
    [
        (None, [0, 1, 2, 9, 40, 41]),
        ("ever", [0]),
        (days(1), [0, 1, 2, 9, 40, 41]),
        (days(2), [0, 2, 9, 40]),
        (days(30), [0, 40]),
        (day(), [0, 1, 2, 9, 40, 41]),
        (week(), [0, 1, 9, 40]),
        (month(), [0, 40]),
        (year(), [0]),
        (Purchase, [0, 1, 2, 9, 40, 41]),
    ],
)
def test_once(once: Any, expected: list[float]) -> None:
    """START is Sunday, 2026-03-01."""
    assert days_of(Trigger("t", Purchase, MAIL, once=once), buys(0, 1, 2, 9, 40, 41)) == expected


def test_once_for_each_anchor() -> None:
    """Once for the newest purchase, however often the rule is entered."""
    quiet = Trigger("t", (since(Purchase) > days(3)) & (count(Visit, within=days(2)) >= 1), MAIL, once=Purchase)
    visits: list[Fact] = [Visit("ada", Instant(START + n * DAY), id=f"v{n}") for n in (5, 15, 25)]
    found = lived(Policy(quiet), [*buys(0, 20), *visits], END)
    assert [(at - START) // DAY for at, _ in found] == [5, 25]
    assert [proposal.occurrence for _, proposal in found] == ["o0", "o1"]
    assert not lived(Policy(Trigger("t", everyone, MAIL, once=Purchase)), visits, END), (
        "without an anchor there is no consequence"
    )


@pytest.mark.parametrize(
    "zone, at, expected",
    [
        (None, [6, 14, 16, 23.5, 24], [6, 24]),
        ("Europe/Paris", [6, 14, 22.5, 23.5, 24], [6, 23.5]),
        ("Asia/Tokyo", [6, 14.5, 15.5, 23.5, 39.5], [6, 15.5, 39.5]),
        ("Mars/Olympus", [6, 23.5], [6]),
    ],
)
def test_a_calendar_window_is_the_customers(zone: str | None, at: list[float], expected: list[float]) -> None:
    """One a day by the customer's own calendar; midnight is 23:00 UTC in Paris in winter, 15:00 UTC in Tokyo."""
    told: list[Fact] = [] if zone is None else [Profile("ada", Instant(START - 1), {"zone": zone}, source="f")]
    found = days_of(Trigger("t", Purchase, MAIL, once=day()), told + buys(*(hour / 24 for hour in at)))
    assert [round(day * 24, 3) for day in found] == expected


def test_a_window_across_the_change_of_the_clock() -> None:
    told: list[Fact] = [Profile("ada", Instant(START - 1), {"zone": "Europe/Paris"}, source="f")]
    at = [datetime(2026, 3, 28, 23, 30), datetime(2026, 3, 29, 21, 59), datetime(2026, 3, 29, 22, 1)]
    told += [Purchase("ada", moment, Money(5, "EUR"), id=f"o{n}") for n, moment in enumerate(at)]
    found = moments(Trigger("t", Purchase, MAIL, once=day()), told, END)
    assert [str(moment)[:16] for moment in found] == ["2026-03-28T23:30", "2026-03-29T22:01"]


def test_what_a_consequence_is_for() -> None:
    ((_, ever),) = lived(Policy(Trigger("t", Purchase, MAIL, once="ever")), buys(0), END)
    ((at, period),) = lived(Policy(Trigger("t", Purchase, MAIL, once=month())), buys(3), END)
    ((turn, crossing),) = lived(Policy(Trigger("t", since(Purchase) > days(3), MAIL)), buys(0), END)
    ((_, fact),) = lived(Policy(Trigger("t", Purchase, MAIL)), buys(0), END)
    assert [p.occurrence for p in (ever, period, crossing, fact)] == ["ever", str(START), str(int(turn)), "o0"]
    assert at == START + 3 * DAY


def test_actions_wait_and_keep_their_order() -> None:
    trigger = Trigger("t", Purchase, MAIL, Task("call", role="owner", within=days(2)), wait=hours(2), priority=3)
    found = lived(Policy(trigger), buys(0), END)
    (at, second), (_, first) = found  # the earlier deadline goes first
    assert (first.step, second.step, first.priority) == (0, 1, 3)
    assert first.due == second.due == at + hours(2)
    fact = second.action.written("ada", at, id="x", source="t", ref="o0")
    assert isinstance(fact, TaskOpened)
    assert (fact.due, fact.role) == (START + 2 * DAY, "owner")


def test_thanking_a_regular_is_once_ever() -> None:
    assert days_of(thank_regular(MAIL), buys(0, 20, 40, 300, 301, 302, 303)) == [40]
    assert days_of(thank_regular(MAIL, count(Purchase) >= 1), buys(0, 20)) == [0]


# --- policies ---------------------------------------------------------------------------------------------------------


@given(
    st.permutations(
        [
            ("low", 0, None),
            ("late", 5, days(9)),
            ("soon", 5, days(1)),
            ("a", 5, days(3)),
            ("b", 5, days(3)),
            ("never", 5, None),
        ]
    )
)
def test_the_best_first(parts: list[tuple[str, int, Any]]) -> None:  # rule R61
    """Higher priority, then the earlier deadline, then the stable id."""
    triggers = [Trigger(n, Purchase, Contact("mail", "x", purpose="a", within=w), priority=p) for n, p, w in parts]
    found = lived(Policy(*triggers), buys(0), Instant(START))
    assert [proposal.source for _, proposal in found] == ["soon", "a", "b", "late", "never", "low"]


def test_a_deadline_counts_from_when_it_is_due() -> None:  # rule R61
    slow = Trigger("slow", Purchase, Contact("mail", "x", purpose="a", within=hours(1)), wait=days(2))
    fast = Trigger("zfast", Purchase, Contact("mail", "x", purpose="a", within=hours(9)))
    assert [p.source for _, p in lived(Policy(slow, fast), buys(0), Instant(START))] == ["zfast", "slow"]


def test_a_policy_takes_what_decides() -> None:
    class Own:
        name = "own"

        def decide(self, change: Change, at: Instant) -> list[Any]:
            return [MAIL, Proposal("own", 7, MAIL, "x", at)]

    ladder = Ladder("l", Segment("all", everyone))
    policy = Policy(Own(), ladder, Trigger("t", Purchase, MAIL, unless=(Return, Cancellation)))
    ada = Customer.of("ada", [], facets=policy.facets)
    (fact,) = buys(0)
    found = policy.decide(Change(ada, fact, ada.after(fact)), fact.at)
    assert [(p.source, p.step, p.occurrence) for p in found] == [
        ("l", 0, "o0"),
        ("own", 0, "o0"),
        ("own", 7, "x"),
        ("t", 0, "o0"),
    ]
    assert isinstance(found[0].action, Move)
    assert {Purchase, Return, Cancellation} <= policy.kinds
    assert repr(policy) == "Policy(3 parts)"
    assert policy.trigger("t") is not None
    assert policy.trigger("x") is None


@pytest.mark.parametrize(
    "make, error, words",
    [
        (lambda: Trigger("t", "Purchase", MAIL), TypeError, "when takes a rule or a kind"),
        (lambda: Trigger("t", bool, MAIL), TypeError, "when takes a rule or a kind"),
        (lambda: Trigger("", Purchase, MAIL), ValueError, "a name and at least one action"),
        (lambda: Trigger("t", Purchase), ValueError, "a name and at least one action"),
        (lambda: Policy(Trigger("t", Purchase, MAIL), Trigger("t", Visit, MAIL)), ValueError, "are called t"),
        (lambda: Policy(MAIL), TypeError, "takes what decides"),
    ],
)
def test_slips(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_triggers_print() -> None:
    assert repr(Trigger("t", everyone, MAIL)) == "Trigger('t', when everyone)"
