"""What becomes of requests and of second answers, in columns: as when they are read one by one."""

from collections import Counter
from math import isnan

import numpy as np
import pytest

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.portfolio import Portfolio
from relmkt.satisfaction import Second, SurveyRequested, Surveys, dispositions, reminders_due, standing_answers
from relmkt.scales import Item, Scale
from relmkt.windows import DAY, Instant, days

NAMES = ("a", "b", "c")
ITEMS = Scale(1, 7).items(*NAMES)


def drawn(seed: int, n: int = 400) -> FactTable:
    """Answers, blanks and answers off the scale, to requests of one's own and of nobody; some at one instant."""
    rng = np.random.default_rng(seed)
    facts: list[Answer | SurveyRequested] = []
    for place in range(n):
        who, at = f"c{rng.integers(12)}", Instant(int(rng.integers(40)) * DAY)
        if rng.random() < 0.25:
            asked = rng.choice(NAMES, rng.integers(1, 4), replace=False).tolist()
            kind, about, id = str(rng.choice(["x", "y"])), str(rng.choice(["", "Lyon", "Nice"])), f"q{rng.integers(6)}"
            remind = days(3) if rng.random() < 0.8 else None
            facts.append(SurveyRequested(who, at, kind, asked, within=days(9), remind=remind, about=about, id=id))
        else:
            score = None if rng.random() < 0.3 else float(rng.integers(0, 9))
            ref = str(rng.choice(["", *(f"q{k}" for k in range(8))]))
            facts.append(Answer(who, at, str(rng.choice([*NAMES, "d"])), score, ref=ref, id=f"f{place}"))
    return FactTable.of(facts)


def kept_one_by_one(table: FactTable, second: Second) -> list[int]:
    answers, requests = table.only(Answer), table.only(SurveyRequested)
    asked = set(zip(requests.stream.tolist(), requests["id"].tolist(), strict=True))
    standing: dict[tuple[int, str, str], int] = {}
    kept = set(range(len(answers)))
    rows = zip(answers.stream.tolist(), answers["ref"].tolist(), answers["item"].tolist(), strict=True)
    for row, (who, ref, item) in enumerate(rows):
        if (who, ref) in asked:
            before = standing.get((who, ref, item))
            blank = isnan(answers.number[row])
            replaces = before is None or (not blank and (second == "correct" or isnan(answers.number[before])))
            gone = before if replaces else row
            kept -= {gone} if gone is not None else set()
            standing[who, ref, item] = row if replaces else before  # type: ignore[assignment]
    return sorted(kept)


@pytest.mark.parametrize("second", ["reject", "correct"])
@pytest.mark.parametrize("seed", range(12))
def test_the_answers_that_stand_are_those_read_one_by_one(seed: int, second: Second) -> None:  # rule R39
    table = drawn(seed)
    answers, found = table.only(Answer), standing_answers(table, second=second)
    rows = kept_one_by_one(table, second)
    assert found["id"].tolist() == answers["id"][rows].tolist(), f"seed {seed}"


@pytest.mark.parametrize("by", [None, "about", "questionnaire"])
@pytest.mark.parametrize("second", ["reject", "correct"])
@pytest.mark.parametrize("seed", range(12))
def test_what_became_of_requests_is_what_became_of_each(seed: int, second: Second, by: str | None) -> None:  # rule R40
    table = drawn(seed)
    answers = table.only(Answer).taken(np.array(kept_one_by_one(table, second)))
    rows = list(zip(answers.stream.tolist(), answers["ref"].tolist(), answers["item"].tolist(), strict=True))
    scores = answers.number.tolist()
    valid = [item == "d" or ITEMS[0].scale.holds(x) for (_, _, item), x in zip(rows, scores, strict=True)]
    counts: Counter[tuple[str, str]] = Counter()
    for row, request in table.facts(SurveyRequested):
        assert isinstance(request, SurveyRequested)
        key = (row, request.id)
        own = [(item, fine) for (who, ref, item), fine in zip(rows, valid, strict=True) if (who, ref) == key]
        seen, wanted = {item for item, fine in own if fine}, set(request.items)
        partly = "complete" if seen >= wanted else "partial"
        became = "not_contacted" if not own else "refused" if not seen & wanted else partly
        counts["" if by is None else getattr(request, by), became] += 1
    found = dispositions(table, second=second, items=ITEMS, by=by)  # type: ignore[arg-type]
    assert sum(counts.values()) == len(table.only(SurveyRequested))
    for word in ("complete", "partial", "refused", "not_contacted"):
        told = [counts[label, word] for label in sorted({label for label, _ in counts})]
        assert getattr(found, word).tolist() == told, f"seed {seed}, {word}"


def test_nobody_asked_and_nobody_answered() -> None:
    alone = FactTable.of([Answer("ada", Instant(0), "a", 3, ref="q1")])
    assert len(standing_answers(alone, second="reject")) == 1
    assert dispositions(alone, second="reject").complete.tolist() == [0]
    asked = FactTable.of([SurveyRequested("ada", Instant(0), "x", ["a"], within=days(2), id="q1")])
    assert dispositions(asked, second="reject").not_contacted.tolist() == [1]
    assert not len(standing_answers(asked, second="correct"))
    assert Surveys("reject").asked == 0
    assert Item("a", Scale(1, 7)) in ITEMS


@pytest.mark.parametrize("second", ["reject", "correct"])
@pytest.mark.parametrize("seed", range(8))
def test_reminders_are_due_for_everyone_as_for_each(seed: int, second: Second) -> None:
    table, at = drawn(seed), Instant((20 + seed) * DAY)
    known = table.taken(table.at <= int(at))
    due = reminders_due(second)
    told = np.zeros(len(known.ids))
    for row in range(len(known.ids)):
        state = Surveys(second)
        for who, fact in known.facts():
            state = state.after(fact) if who == row else state
        told[row] = len(state.remindable(at))
    assert Portfolio(known, at=at).ask(due).tolist() == told.tolist(), f"seed {seed}"
    assert told.any()


def test_requests_alike_and_one_answered() -> None:
    names = ["a", "b"]
    asked = [
        SurveyRequested(who, Instant(0), "x", names, within=days(9), remind=days(1), id=f"q{place}")
        for who in ("ada", "bob")
        for place in range(2)
    ]
    told = [Answer("ada", Instant(1), "b", None, ref="q0"), Answer("bob", Instant(1), "c", 5, ref="q1")]
    base = Portfolio(FactTable.of([*asked, *told]), at=Instant(2 * DAY))
    assert base.ask(reminders_due("reject")).tolist() == [1, 2]
