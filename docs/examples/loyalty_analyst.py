"""Program 7: an analyst of loyalty scores concepts with their reliability, and tells true from spurious loyalty.

The survey is made here, with a seed: 412 respondents whose trust, commitment and attachment go together, and whose
purchases follow them only in part, for some buy again out of habit alone. What the program finds is known beforehand.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
from pendulum import datetime

from relmkt import Answer, Money, Portfolio, Purchase, Segment, count, days
from relmkt.loyalty import Attachment, Commitment, RelationshipQuality, Trust, loyalty_type, spurious_share
from relmkt.scales import Item, Scale


# --- survey.csv: made, where an institute has its own ----------------------------------------------------------------
def drawn(n: int = 412, seed: int = 7) -> pl.DataFrame:
    """Answers from 1 to 7 around a bond of each respondent; t6 is worded the other way round; one in forty is blank."""
    draws = np.random.default_rng(seed)
    bond = draws.normal(4.8, 0.9, n)
    concepts = {"t": 6, "c": 6, "a": 3}
    columns: dict[str, list[int | None]] = {}
    for letter, items in concepts.items():
        felt = bond + draws.normal(0, 0.4, n)
        for place in range(1, items + 1):
            told = np.clip(np.round(felt + draws.normal(0, 0.8, n)), 1, 7).astype(int)
            told = 8 - told if f"{letter}{place}" == "t6" else told
            blank = draws.random(n) < 1 / 40
            columns[f"{letter}{place}"] = [None if b else t for t, b in zip(told.tolist(), blank.tolist(), strict=True)]
    habit = draws.random(n) < 0.4
    repeats = np.where(habit, draws.poisson(4.5, n), draws.poisson(np.exp((bond - 3.5) / 1.2), n))
    return pl.DataFrame({"customer": [f"c{place}" for place in range(n)], **columns, "repeat_purchases": repeats})


if not Path("survey.csv").exists():
    drawn().write_csv("survey.csv")

# --- the program -----------------------------------------------------------------------------------------------------
survey = pl.read_csv("survey.csv")  # a row a respondent, a column an item
seven = Scale(1, 7)
trust = Trust(
    credibility=seven.items("t1", "t2"),
    integrity=seven.items("t3", "t4"),
    benevolence=[Item("t5", seven), Item("t6", seven, reverse=True)],
)
commitment = Commitment(
    affective=seven.items("c1", "c2"),
    calculative=seven.items("c3", "c4"),
    normative=seven.items("c5", "c6"),
)
attachment = Attachment(seven.items("a1", "a2", "a3"))

for concept in (trust, commitment, attachment):
    print(concept.score(survey), concept.reliability(survey), sep="\n")

quality = RelationshipQuality(trust=trust, commitment=commitment.affective, attachment=attachment)
attitude, repeats = quality.scores(survey), survey["repeat_purchases"]
print(Counter(loyalty_type(attitude, repeats, attitude_cut=5.0, behaviour_cut=3)))
print(spurious_share(attitude, repeats, attitude_cut=5.0, behaviour_cut=3))

devoted = Segment("devoted", (trust.measure >= 5) & (count(Purchase, within=days(365)) >= 3))

# --- what holds ------------------------------------------------------------------------------------------------------
assert trust.score(survey).labels == ("credibility", "integrity", "benevolence", "trust")
assert commitment.score(survey).labels == ("affective", "calculative", "normative")  # three lines, never one
assert 0.6 < trust.reliability(survey)["trust"].alpha.value < 0.95
types = Counter(loyalty_type(attitude, repeats, attitude_cut=5.0, behaviour_cut=3))
assert {type(kind) for kind in types} == {str}  # counted as plain text
share = spurious_share(attitude, repeats, attitude_cut=5.0, behaviour_cut=3)
assert share.value == types["spurious"] / (types["spurious"] + types["true"])
assert share.low < share.value < share.high

day = datetime(2026, 3, 1)
answers = [Answer("ada", day, item.name, 2 if item.reverse else 6) for item in trust.items]
orders = [Purchase("ada", day.add(weeks=week), Money(50, "EUR"), id=f"o-{week}") for week in range(3)]
base = Portfolio([*answers, *orders], at=datetime(2026, 7, 1))
assert base.select(devoted).tolist() == ["ada"]
assert base.ask(trust.measure).tolist() == trust.scores(base.facts(Answer)).tolist() == [6.0]
