"""Complaints read in columns have the steps, and the steps overdue, of complaints folded one by one."""

import numpy as np
import pytest

from relmkt.columns import FactTable
from relmkt.facts import Complaint, ComplaintSettled, Fact
from relmkt.portfolio import Portfolio
from relmkt.satisfaction import ComplaintProcess, RecoveryOpened, RecoveryStep, Step, overdue_steps, steps_in_time
from relmkt.satisfaction._case_columns import case_columns
from relmkt.satisfaction._recovery import _MOST, _STEPS, _cases
from relmkt.windows import DAY, Instant, Span, days

LIMITS: dict[Step, Span] = {"acknowledged": days(2), "answered": days(4), "closed": days(7), "learned": days(20)}
NOW = Instant(45 * DAY)


def drawn(seed: int, n: int = 600, plain: bool = False) -> FactTable:
    """Complaints and their steps, in days; not plain: with tasks, strays, names told twice, steps of that instant."""
    rng, facts = np.random.default_rng(seed), list[Fact]()
    for place in range(n):
        who, day = f"c{rng.integers(60):02d}", int(rng.integers(40))
        id = f"k{place}" if plain or rng.random() < 0.95 else str(rng.choice(["", "k1"]))
        facts.append(Complaint(who, Instant(day * DAY), "cold", id=id))
        for step in rng.choice(_STEPS, rng.integers(0, 4), replace=False).tolist():
            ref = id if plain or rng.random() < 0.95 else "stray"
            at = Instant((day + int(rng.integers(plain or rng.random() < 0.9, 25))) * DAY)
            facts.append(RecoveryStep(who, at, step, ref=ref or "x", id=f"{place}-{step}"))
        if rng.random() < 0.3:
            at = Instant((day + int(rng.integers(1, 20))) * DAY)
            facts.append(ComplaintSettled(who, at, ref=id or "x", id=f"{place}-s"))
        if not plain and rng.random() < 0.03:
            at = Instant((day + 1) * DAY)
            facts.append(RecoveryOpened(who, at, "call", "desk", incident=f"i{place}", ref=id, id=f"t{place}"))
    return FactTable.of(facts)


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_columns_tell_what_folding_tells(seed: int, plain: bool) -> None:
    table = drawn(seed, plain=plain)
    columns = case_columns(table, int(NOW), RecoveryStep, RecoveryOpened, _STEPS, _MOST)
    assert len(columns.stream)
    assert bool(len(columns.folded)) != plain
    cases = [case for each in _cases(table, NOW).values() for case in each if case.opened]
    told = [[case.in_time(step, limit, NOW) for case in cases] for step, limit in LIMITS.items()]
    found = steps_in_time(table, limits=LIMITS, at=NOW)
    for place, answers in enumerate(told):
        seen = answers.count(True) + answers.count(False)
        assert (found.n[place], found.missing[place]) == (seen, answers.count(None)), f"seed {seed}"
        assert found.value[place] == answers.count(True) / seen, f"seed {seed}"


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_steps_are_overdue_for_everyone_as_for_each(seed: int, plain: bool) -> None:
    table = drawn(seed, n=200, plain=plain)
    known = table.taken(table.at <= int(NOW))
    told = []
    for row in range(len(known.ids)):
        state = ComplaintProcess(LIMITS)
        for who, fact in known.facts():
            state = state.after(fact) if who == row else state
        told.append(len(state.overdue(NOW)))
    assert Portfolio(known, at=NOW).ask(overdue_steps(LIMITS)).tolist() == told, f"seed {seed}"
    assert any(told)


def test_more_cases_than_a_state_keeps_are_folded() -> None:
    facts = [Complaint("ada", Instant(day * DAY), "cold", id=f"k{day}") for day in range(_MOST + 3)]
    base = Portfolio(FactTable.of(facts), at=Instant(200 * DAY))
    assert base.ask(overdue_steps({"closed": days(1)})).tolist() == [_MOST]
