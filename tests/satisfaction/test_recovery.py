"""One recovery task an incident, the steps of a complaint with their times, and what a recovery changed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from relmkt.codec import Codec
from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.decisions import Policy, Task, Trigger
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Answer, Complaint, ComplaintSettled, Fact, TaskOpened
from relmkt.program import Program
from relmkt.satisfaction import HOTEL_STAY
from relmkt.satisfaction._alert import Incidents, RecoveryAlert, RecoveryOpened
from relmkt.satisfaction._recovery import ComplaintProcess, RecoveryStep, Step, overdue_steps, steps_in_time
from relmkt.satisfaction._recovery_effect import recovery_effect, recovery_paradox, rescored
from relmkt.satisfaction._requests import SurveyRequested
from relmkt.scales import Item, Scale
from relmkt.stores import SQLite
from relmkt.testing import facet_checks, rule_checks
from relmkt.windows import Instant, Span, days, hours

DAY = Instant("2026-03-01T00:00:00Z")
STAY, SERVICE = HOTEL_STAY.items
ALERT = RecoveryAlert("recovery", {STAY: 4, SERVICE: 4}, what="call the guest", role="desk", within=days(1))
LIMITS: dict[Step, Span] = {"acknowledged": hours(4), "answered": days(2), "closed": days(7), "learned": days(30)}


def told(score: float | None, item: Item = STAY, day: int = 0, ref: str = "", id: str = "") -> Answer:
    return Answer("ada", DAY + days(day), item.name, score, ref=ref, id=id)


def complaint(id: str = "c-1", day: int = 0, ref: str = "") -> Complaint:
    return Complaint("ada", DAY + days(day), "the room was cold", about="Lyon", id=id, ref=ref)


def step(name: Step, hour: int, ref: str = "c-1") -> RecoveryStep:
    return RecoveryStep("ada", DAY + hours(hour), name, "two nights refunded", ref=ref)


@pytest.fixture
def hotel(tmp_path: Path) -> Program:
    return Program(SQLite(tmp_path / "hotel.db"), Policy(ALERT), facets=[ComplaintProcess(LIMITS)])


def opened(hotel: Program, *facts: Fact) -> list[str]:
    for fact in facts:
        hotel.record(fact)
    return [task.incident for task in hotel.history("ada", RecoveryOpened)]


# --- the alert


def test_a_score_at_or_below_the_limit_alerts(hotel: Program) -> None:  # rule R43
    facts = [told(score, ref=f"q-{place}") for place, score in enumerate([5, 4, 1, None, 0, -3, 4.5])]
    assert sorted(opened(hotel, *facts)) == ["q-1", "q-2"]  # what is not on the scale says nothing
    task = next(task for task in hotel.history("ada", RecoveryOpened) if task.incident == "q-1")
    assert (task.what, task.role, task.due, task.score) == ("call the guest", "desk", DAY + days(1), 4)
    assert task.ref == facts[1].id
    assert isinstance(task, TaskOpened)


def test_one_incident_has_one_task(hotel: Program) -> None:  # rule R43
    asked = SurveyRequested("ada", DAY, "stay", (STAY.name, SERVICE.name), within=days(9), id="q-1", ref="stay-7")
    answers = [told(2, ref="q-1"), told(1, SERVICE, ref="q-1"), told(3, day=1, ref="q-1")]
    assert opened(hotel, asked, *answers, complaint(day=2, ref="stay-7")) == ["stay-7"]
    assert opened(hotel, complaint("c-2", 3, ref="stay-8")) == ["stay-7", "stay-8"]


def test_a_response_is_an_incident(hotel: Program) -> None:  # rule R43
    rows = [told(2, id="R1/hotel.stay"), told(1, SERVICE, id="R1/hotel.service"), told(1, day=1, id="R2/hotel.stay")]
    assert opened(hotel, *rows, complaint(day=2)) == ["R1", "R2", "c-1"]


def test_two_alerts_open_one_task(tmp_path: Path) -> None:  # rule R43
    other = RecoveryAlert("other", {STAY: 2}, what="write", role="owner")
    hotel = Program(SQLite(tmp_path / "hotel.db"), Policy(ALERT, other))
    assert opened(hotel, told(1, ref="q-1")) == ["q-1"]


def test_reversed_items_and_silence() -> None:
    effort = Item("effort", Scale(1, 5), reverse=True)
    alert = RecoveryAlert("x", {effort: 2}, what="call", role="desk", complaints=False)
    assert [alert.low(told(score, effort)) for score in (5, 4, 3)] == [True, True, False]
    assert not alert.low(complaint())
    for limits, complaints in (({}, False), ({STAY: float("nan")}, True)):
        with pytest.raises(ValueError, match="alert x"):
            RecoveryAlert("x", limits, what="call", role="desk", complaints=complaints)


# --- the process


def process(*facts: Fact) -> ComplaintProcess:
    return Customer.of("ada", facts, facets=[ComplaintProcess(LIMITS)])[ComplaintProcess(LIMITS)]


def test_steps_and_their_times() -> None:
    found = process(complaint(), step("answered", 20), step("answered", 30), step("closed", 50)).case("c-1")
    assert found is not None
    assert found.times == {"answered": hours(20), "closed": hours(50)}
    assert (found.reached("acknowledged"), found.reached("assessed")) == (DAY + hours(20), DAY + hours(20))
    assert found.closed
    assert found.reached("learned") is None
    learned = process(complaint(), step("learned", 5)).case("c-1")
    assert learned is not None
    assert not learned.closed  # learning stands for no other step
    assert process(complaint()).case("c-2") is None
    assert process(complaint()).case("") is None


def test_overdue() -> None:
    facts = [complaint(), step("acknowledged", 4), complaint("c-2")]
    found = {at: [(case.id, name) for case, name in process(*facts).overdue(at)] for at in (DAY, DAY + days(7))}
    assert found[DAY] == []
    assert found[DAY + days(7)] == [("c-1", "answered"), ("c-2", "acknowledged"), ("c-2", "answered")]
    settled = process(*facts, ComplaintSettled("ada", DAY + days(1), ref="c-2")).overdue(DAY + days(40))
    assert [(case.id, name) for case, name in settled] == [
        ("c-1", "answered"), ("c-1", "closed"), ("c-1", "learned"), ("c-2", "learned"),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="limits"):
        ComplaintProcess({"repaid": days(1)})  # type: ignore[dict-item]


def test_the_edge_of_a_limit() -> None:
    for hour, late in ((4, False), (5, True)):
        case = process(complaint(), step("acknowledged", hour)).case("c-1")
        assert case is not None
        assert case.in_time("acknowledged", hours(4), DAY + days(1)) is not late
    measure = overdue_steps({"acknowledged": hours(4)}) >= 1
    ada = Customer.of("ada", [complaint()], facets=measure.facets())
    due = DAY + hours(4)
    assert [bool(ada.ask(measure, at)) for at in (due, Instant(due + 1))] == [False, True]


def test_a_recovery_of_a_complaint_is_its_case(hotel: Program) -> None:
    opened(hotel, complaint())
    (task,) = hotel.history("ada", RecoveryOpened)
    hotel.record(step("acknowledged", 2, ref=task.id), step("closed", 9, ref="c-1"))
    found = hotel.customer("ada")[ComplaintProcess(LIMITS)]
    assert [(case.id, case.task, len(case.done)) for case in found.cases] == [("c-1", task.id, 2)]
    assert found.opened == 1


def test_a_low_score_opens_a_case(hotel: Program) -> None:  # rule R43
    opened(hotel, told(2, ref="q-1"))
    (task,) = hotel.history("ada", RecoveryOpened)
    hotel.record(step("answered", 3, ref=task.id))
    case = hotel.customer("ada")[ComplaintProcess(LIMITS)].case(task.id)
    assert case is not None
    assert case.times == {"answered": hours(3)}


@pytest.mark.parametrize("ids", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a"), ("b", "a", "c"), ("a", "c", "b")])
def test_all_at_one_instant(ids: tuple[str, str, str]) -> None:
    one, two, three = ids
    facts = [
        Complaint("ada", DAY, id=one),
        RecoveryOpened("ada", DAY, "call", "desk", incident="x", ref=one, id=two),
        RecoveryStep("ada", DAY, "closed", ref=two, id=three),
        RecoveryStep("ada", DAY, "assessed", ref=one, id=three + three),
    ]
    found = process(*facts, step("learned", 1, ref=one))
    assert [(c.id, c.task, [name for name, _ in c.done]) for c in found.cases] == [
        (one, two, ["assessed", "closed", "learned"])
    ]
    assert found.opened == 1


def test_share_in_time() -> None:
    facts = [
        complaint("c-1"), step("acknowledged", 3), complaint("c-2"), step("acknowledged", 5, "c-2"),
        complaint("c-3"), Complaint("bob", DAY + days(9), id="c-9"), ComplaintSettled("bob", DAY + days(9), ref="c-9"),
        complaint("c-4", day=9),
    ]  # fmt: skip
    found = steps_in_time(FactTable.of(facts), limits=LIMITS, at=DAY + days(9) + hours(1))
    shares = [
        (found[name].value, found[name].n, found[name].missing) for name in ("acknowledged", "answered", "closed")
    ]
    assert shares == [(2 / 4, 4, 1), (1 / 4, 4, 1), (1 / 4, 4, 1)]
    assert np.isnan(found["learned"].value)
    assert (found["learned"].n, found["learned"].missing) == (0, 5)
    exact = stats.binomtest(2, 4).proportion_ci(method="wilson")
    assert (found["acknowledged"].low, found["acknowledged"].high) == pytest.approx((exact.low, exact.high))
    before = steps_in_time(FactTable.of(facts), limits={"closed": days(1)}, at=DAY - days(1))
    assert (before["closed"].n, before["closed"].missing) == (0, 0)


def test_overdue_escalates(tmp_path: Path) -> None:
    late = Trigger("late", overdue_steps(LIMITS) >= 1, Task("look into it", role="manager"))
    hotel = Program(SQLite(tmp_path / "hotel.db"), Policy(late))
    hotel.record(complaint())
    hotel.review(DAY + hours(4))
    assert not hotel.history("ada", TaskOpened)
    hotel.review(DAY + days(1))
    assert [int(task.at) for task in hotel.history("ada", TaskOpened)] == [DAY + hours(4) + 1]


def test_notes_are_personal() -> None:
    taken = step("closed", 1)
    assert "refunded" not in repr(taken) + repr(process(complaint(), taken)) + str(taken)
    assert "cold" not in repr(process(complaint()))
    assert Codec([RecoveryStep]).decode("ada", Codec([RecoveryStep]).encode(taken)) == taken
    with pytest.raises(InvalidFactError, match=r"RecoveryStep\.ref"):
        RecoveryStep("ada", DAY, "closed")


# --- what it changed


def test_change_after_recovery() -> None:
    before = np.array([2, 3, 4, 2, 3, 1, 4, 2.0])
    after = np.array([8, 7, 9, np.nan, 4, 3, 4, 5.0])
    well = np.array([1, 1, 1, 1, 0, 0, 0, 0], np.bool_)
    found = recovery_effect(before, after, well)
    one, other = (after - before)[:3], (after - before)[4:]
    paired = stats.ttest_rel(after[:3], before[:3]).confidence_interval()
    assert (found["recovered"].low, found["recovered"].high) == pytest.approx(tuple(paired), rel=1e-9)
    welch = stats.ttest_ind(one, other, equal_var=False).confidence_interval()
    assert (found["difference"].low, found["difference"].high) == pytest.approx(tuple(welch), rel=1e-9)
    assert found["difference"].value == pytest.approx(one.mean() - other.mean())
    assert found["recovered"].missing == 1
    nobody = recovery_effect([], [], [])
    assert np.isnan(nobody["difference"].value)
    with pytest.raises(ValueError, match="one value a low score"):
        recovery_effect([1], [1, 2], [True])


def test_the_paradox_is_not_assumed() -> None:
    rng = np.random.default_rng(1992)
    calm = rng.normal(8, 1, 200)
    words = [recovery_paradox(rng.normal(mean, 1, 60), calm).notes[0] for mean in (9, 7)]
    assert words == ["the recovered score higher: the paradox is seen here", "no paradox: the recovered score lower"]
    assert recovery_paradox([9], calm).notes[0] == "no interval: nothing is shown"
    assert recovery_paradox([], calm).n == 0


def test_regression_towards_the_mean_is_not_a_recovery() -> None:
    seed = 1886
    rng = np.random.default_rng(seed)
    true = rng.normal(6, 1, 4000)
    before, after = true + rng.normal(0, 1, 4000), true + rng.normal(0, 1, 4000)  # nothing is done for anybody
    low = before <= 5
    found = recovery_effect(before[low], after[low], rng.random(low.sum()) < 0.5)
    assert found["recovered"].low > 0, f"seed {seed}"  # it rises by itself
    assert found["difference"].low < 0 < found["difference"].high, f"seed {seed}"


def test_low_scores_and_what_came_next(hotel: Program) -> None:
    opened(hotel, told(2, ref="q-1"), told(3, day=1, ref="q-1"))
    (task,) = hotel.history("ada", RecoveryOpened)
    hotel.record(step("closed", 30, ref=task.id), told(4, day=40, ref="q-2"), told(9, day=60, ref="q-3"))
    store: Any = hotel.store
    kinds = ("Answer", "SurveyRequested", "RecoveryOpened", "RecoveryStep")
    found = rescored(store.columns(*kinds), item=STAY, limit=4, within=days(50))
    assert found.before.tolist() == [2, 4]  # the correction of q-1 is no second incident
    assert found.after.tolist() == [4, 9]
    assert found.recovered.tolist() == [True, False]
    soon = rescored(store.columns(*kinds), item=STAY, limit=4, within=days(9))
    assert np.isnan(soon.after).all()
    assert len(rescored(FactTable.of([]), item=STAY, limit=4, within=days(9)).before) == 0


# --- the contracts


@pytest.mark.parametrize("facet", [Incidents(), ComplaintProcess(LIMITS)], ids=lambda facet: type(facet).__name__)
def test_facets(facet: Any) -> None:
    for check in facet_checks(facet, examples=25):
        check()


def test_rule() -> None:
    for check in rule_checks(overdue_steps(LIMITS) >= 1, examples=20):
        check()
