"""May this leave, and when? All clauses are asked; who delays moves it, who refuses names the first good instant."""

from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.contact import Cap, Contact, Permission, Planned, QuietHours, Started, Suppression
from relmkt.customers import Customer
from relmkt.decisions import Gate
from relmkt.facts import ConsentGiven, ConsentWithdrawn, Fact, Visit
from relmkt.rules import Permit, Refusal
from relmkt.windows import DAY, HOUR, Instant, days, hours

NEWS = Contact("mail", "News", purpose="news")
ZERO = Instant("2026-03-02T00:00:00Z")
CONSENT = ConsentGiven("ada", Instant(0), "news", "mail", wording="Yes", source="form", actor="ada")


def judged(gate: Gate, at: int, *facts: Fact, action: Any = NEWS) -> Permit | Refusal:
    return gate.judge(action, Customer.of("ada", facts, facets=gate.facets), at=Instant(at))


def sent(*at: int) -> list[Fact]:
    return [Started("ada", Instant(moment), NEWS, id=f"s{moment}") for moment in at]


def test_the_law_first_and_alone_when_asked() -> None:
    assert [type(clause) for clause in Gate(Cap(1, days(1))).clauses] == [Permission, Suppression, Cap]
    assert Gate.only(Cap(1, days(1))).clauses == (Cap(1, days(1)),)
    assert not judged(Gate(), ZERO)
    assert judged(Gate(), ZERO, CONSENT)
    assert judged(Gate.only(), ZERO)


def test_a_refusal_stays_a_refusal_wherever_it_is_moved() -> None:
    """A cap that is free again within quiet hours is a refusal until they end, never a later permit (rule R60)."""
    gate = Gate.only(Cap(1, days(1)), QuietHours("22:00", "06:00"))
    told = sent(ZERO - HOUR)  # 23:00: the cap is free again at 23:00, which is quiet
    refusal = judged(gate, ZERO + 12 * HOUR, *told)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "cap of 1 in day (R54)"
    assert refusal.until == ZERO + 30 * HOUR, "six in the morning of the next day"
    assert judged(gate, refusal.until, *told)
    assert not judged(gate, ZERO, *told)


def test_the_first_refusal_is_named() -> None:
    gate = Gate.only(Cap(1, days(1)), Cap(1, days(7)))
    refusal = judged(gate, ZERO + HOUR, *sent(ZERO))
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.until) == ("cap of 1 in day (R54)", ZERO + 7 * DAY)


def test_without_an_end_there_is_no_instant() -> None:
    gate = Gate(Cap(1, days(1)), QuietHours("22:00", "06:00"))
    refusal = judged(gate, ZERO, ConsentWithdrawn("ada", Instant(1)), *sent(ZERO))
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.until) == ("no basis for news by mail (G01)", None)


@settings(max_examples=200)
@given(
    st.lists(st.integers(0, 8 * 24), max_size=6),
    st.integers(0, 24),
    st.sampled_from(["delay", "drop"]),
    st.sampled_from([1, 2]),
)
def test_at_the_instant_named_it_is_accepted(past: list[int], hour: int, then: Any, n: int) -> None:  # rule R60
    gate = Gate.only(
        Cap(n, days(1)), Cap(n + 1, days(3)), QuietHours("20:00", "08:00", zone="America/New_York", then=then)
    )
    told = sent(*(int(ZERO) - 60 * past_hour * 60_000_000 for past_hour in sorted(set(past), reverse=True)))
    at = Instant(ZERO + hour * HOUR)
    answer = judged(gate, at, *told)
    first = answer.at if isinstance(answer, Permit) else answer.until
    assert first is not None
    again = judged(gate, first, *told)
    assert isinstance(again, Permit)
    assert again.at == first
    step = at
    while step < first:  # hour by hour nothing earlier is accepted as it stands
        between = judged(gate, step, *told)
        assert not isinstance(between, Permit) or between.at > step
        step = Instant(step + HOUR)


def test_deadlines() -> None:  # rule R62
    short = evolve(NEWS, within=hours(3))
    gate = Gate.only(Cap(1, days(1)))
    plan = Planned("ada", ZERO, short, due=ZERO)
    refusal = judged(gate, ZERO + HOUR, *sent(ZERO), action=evolve(plan, id="other"))
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "cap of 1 in day (R54)"
    assert refusal.until is None, "when the cap is free it has expired"
    late = judged(gate, ZERO + 4 * HOUR, action=plan)
    assert isinstance(late, Refusal)
    assert late.rule == "expired (R62)"
    assert judged(gate, ZERO + 3 * HOUR, action=plan)
    assert judged(gate, ZERO + 4 * HOUR, action=short), "what is not planned counts from when it is asked"


def test_a_clause_is_any_function_of_four() -> None:
    def no_august(action: Any, customer: Customer, address: Customer | None, at: Instant) -> Refusal | None:
        day = at.local("Europe/Paris")
        return (
            Refusal(action, "closed in August", until=day.add(months=1).start_of("month")) if day.month == 8 else None
        )

    refusal = judged(Gate.only(no_august), Instant("2026-08-10T12:00:00Z"))
    assert str(refusal) == "refused: closed in August, accepted from 2026-08-31T22:00:00+00:00"
    assert judged(Gate.only(no_august), Instant("2026-08-31T22:00:00Z"))


def test_clauses_that_never_agree_come_to_an_end() -> None:
    @frozen
    class Never:
        delays = True

        def __call__(self, action: Any, customer: Customer, address: Customer | None, at: Instant) -> Refusal:
            return Refusal(action, "never", until=Instant(at + 1))

    refusal = judged(Gate.only(Never()), ZERO)
    assert isinstance(refusal, Refusal)
    assert refusal.until is None
    stuck = judged(Gate.only(lambda action, customer, address, at: Refusal(action, "stuck", until=at)), ZERO)
    assert isinstance(stuck, Refusal)
    assert (stuck.rule, stuck.until) == ("stuck", None)


def test_what_it_reads() -> None:
    @frozen
    class Every:
        """A facet that says nothing of what it reads folds every kind."""

        def after(self, fact: Fact) -> "Every":
            return self

    @frozen
    class Clause:
        facets = (Every(),)

        def __call__(self, *asked: Any) -> None:
            return None

    gate = Gate(Clause(), Cap(1, days(1)))
    assert Every() in gate.facets
    assert {ConsentGiven, Started, Planned} <= gate.kinds
    assert Visit not in gate.kinds
    permit = judged(gate, ZERO, CONSENT)
    assert isinstance(permit, Permit)
    assert permit.basis.startswith("consent to news by mail")
    assert "cap of 1 in day" in permit.evidence


@pytest.mark.parametrize("kind", ["promotional", "service"])
def test_it_is_asked_again_with_the_same_answer(kind: Any) -> None:  # rule G30
    gate = Gate(Cap(1, days(1)), QuietHours("22:00", "06:00"))
    contact = evolve(NEWS, kind=kind)
    for at in (ZERO, ZERO + 9 * HOUR):
        assert judged(gate, at, CONSENT, *sent(ZERO - DAY + HOUR), action=contact) == judged(
            gate, at, CONSENT, *sent(ZERO - DAY + HOUR), action=contact
        )
