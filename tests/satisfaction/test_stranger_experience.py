"""Touchpoints rolled up: each customer is one respondent of the whole, whichever touchpoints they judged."""

import numpy as np
import pandas as pd
import pytest
from pendulum import datetime
from scipy import stats

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.satisfaction import EASE_QUESTION, EFFORT_QUESTION
from relmkt.satisfaction._experience import experience
from relmkt.scales import Item, Scale

PLEASED = Item("pleased", Scale(1, 10))
STEPS = ("arrival", "room", "departure")


def walks(seed, guests=60):
    """Answers of guests at some of three touchpoints, some judged twice, some off the scale and some left out."""
    rng = np.random.default_rng(seed)
    return [
        Answer(
            f"g{who:02d}",
            datetime(2026, 1 + again, 1 + place),
            "pleased",
            None if rng.random() < 0.1 else int(rng.integers(1, 12)),
            about=step,
        )
        for who in range(guests)
        for place, step in enumerate(STEPS)
        for again in range(int(rng.integers(0, 3)))
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("weights", [None, {"arrival": 1, "room": 3, "departure": 0}])
def test_the_whole_is_the_mean_of_the_customers_own_means(seed, weights):
    facts = walks(seed)
    told = experience(FactTable.of(facts), item=PLEASED, steps=STEPS, weights=weights)
    assert told.labels == (*STEPS, "whole experience")
    frame = pd.DataFrame([{"who": f.subject, "step": f.about, "at": f.at, "score": f.score} for f in facts])
    newest = frame.sort_values("at").groupby(["who", "step"]).tail(1).pivot(index="who", columns="step", values="score")
    asked = frame.groupby("step")["who"].nunique()
    scores = newest[list(STEPS)].astype(float)
    valid = scores.where((scores >= 1) & (scores <= 10))
    for step in STEPS:
        seen = valid[step].dropna()
        bounds = stats.t.interval(0.95, len(seen) - 1, seen.mean(), stats.sem(seen))
        assert (told[step].value, told[step].low, told[step].high) == pytest.approx((seen.mean(), *bounds))
        assert told[step].n + told[step].missing + told[step].invalid == asked[step]
        assert told[step].invalid == (newest[step] == 11).sum()
    worth = pd.Series(weights or dict.fromkeys(STEPS, 1.0))
    own = ((valid * worth).sum(axis=1) / (valid.notna() * worth).sum(axis=1)).dropna()
    bounds = stats.t.interval(0.95, len(own) - 1, own.mean(), stats.sem(own))
    whole = told["whole experience"]
    assert (whole.value, whole.low, whole.high, whole.n) == pytest.approx((own.mean(), *bounds, len(own)))
    assert whole.n + whole.missing == frame["who"].nunique()


def test_who_met_us_often_does_not_count_more():
    told = experience({"a": [10, 2], "b": [10, None], "c": [10, None]}, item=PLEASED)
    assert told["whole experience"].value == 6.0


def test_effort_keeps_its_direction_and_says_it():
    hard, easy = ({"desk": [1, 2, 1]} for _ in range(2))
    assert experience(hard, item=EFFORT_QUESTION).notes[0].endswith("5 very high effort: high is bad")
    assert experience(easy, item=EASE_QUESTION).notes[0].endswith("7 strongly agree: high is good")
    assert experience(hard, item=EFFORT_QUESTION)["desk"].value == pytest.approx(4 / 3)


def test_few_customers_are_named():
    told = experience({"a": [9, 7, 8], "b": [3, None, None]}, item=PLEASED, least=2)
    assert told.notes[-1] == "fewer than 2 answers: b"
    assert np.isnan(told["b"].low)


@pytest.mark.parametrize("answers", [FactTable.of([]), {}, {"a": [None, 99]}])
def test_nobody_is_no_experience(answers):
    told = experience(answers, item=PLEASED)
    whole = told["whole experience"]
    assert (np.isnan(whole.value), whole.n, told.notes) == (True, 0, ("no answer to pleased",))


@pytest.mark.parametrize(
    "slip",
    [
        {"steps": ["a", "a"]},
        {"weights": {"a": 1}},
        {"weights": {"a": 0, "b": 0}},
        {"weights": {"a": -1, "b": 2}},
        {"weights": {"a": 1, "b": 1, "c": 1}},
    ],
)
def test_slips_are_refused(slip):
    with pytest.raises(ValueError, match=r"steps|weights"):
        experience({"a": [1], "b": [2]}, item=PLEASED, **slip)
    with pytest.raises(ValueError, match="answers"):
        experience({"a": [1], "b": [2, 3]}, item=PLEASED)
