"""Sections on a survey: every figure found again by NumPy on the same facts; and what is said where nobody answered."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from relmkt.facts import Answer, Fact, Purchase
from relmkt.loyalty import Attachment, Commitment, RelationshipQuality, Trust
from relmkt.money import Money
from relmkt.program import Program
from relmkt.report import Questions, Report, Section
from relmkt.satisfaction import nps
from relmkt.scales import Item, Scale
from relmkt.stores import Memory

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
KEYS = ("recommend", "satisfaction", "loyalty", "ties")
SEED, PEOPLE = 20260701, 240
TEN, SEVEN = Scale(1, 10), Scale(1, 7)
TRUST = Trust(credibility=SEVEN.items("t1", "t2"), integrity=SEVEN.items("t3"))
COMMITMENT = Commitment(affective=SEVEN.items("c1"), calculative=SEVEN.items("c2"), normative=SEVEN.items("c3"))
QUALITY = RelationshipQuality(trust=TRUST, commitment=COMMITMENT.affective, attachment=Attachment(SEVEN.items("a1")))
WHOLE, PARTS = Item("whole", TEN), TEN.items("room", "food", "bus")
QUESTIONS = Questions(WHOLE, PARTS, quality=QUALITY, attitude_cut=4, behaviour_cut=2, commitment=COMMITMENT, target=8)
NAMES = ["recommend", "whole", "room", "food", "bus", "t1", "t2", "t3", "c1", "c2", "c3", "a1"]


def drawn() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Two waves of answers, NaN where somebody was asked and did not answer, and purchases of the last year."""
    rng = np.random.default_rng(SEED)
    bond = rng.normal(size=PEOPLE)
    told = {}
    for name in NAMES:
        low, high = (0, 10) if name == "recommend" else (1, 10 if name in ("whole", "room", "food", "bus") else 7)
        weight = {"bus": 0.1, "food": 0.5}.get(name, 0.8)
        scores = (low + high) / 2 + 0.5 + (high - low) / 5 * (weight * bond + rng.normal(0, 0.7, (2, PEOPLE)))
        told[name] = np.clip(np.rint(scores), low, high)
        told[name][rng.random((2, PEOPLE)) < 0.05] = np.nan
    told["room"][1, :3] = 11  # on no scale
    return told, rng.integers(0, 5, PEOPLE)


TOLD, BOUGHT = drawn()
LAST = {name: scores[1] for name, scores in TOLD.items()}
WAVES = (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC))


def facts() -> list[Fact]:
    found: list[Fact] = []
    for row in range(PEOPLE):
        who = f"c{row:03d}"
        old = datetime(2025, 1, 5, tzinfo=UTC)  # over a year ago: no behaviour of the last year
        days = [old, *(datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=k) for k in range(BOUGHT[row]))]
        found += [Purchase(who, day, Money("10", "EUR"), id=f"{who}-{k}") for k, day in enumerate(days)]
        for wave, at in enumerate(WAVES):
            for name in NAMES:
                score = TOLD[name][wave, row]
                said = None if np.isnan(score) else float(score)
                key = f"{who}-{name}-{wave}"
                found.append(Answer(who, at, name, said, id=key, source="simulated", about="the hotel"))
    return found


def report(told: list[Fact], questions: Questions | None = QUESTIONS, at: datetime = NOW) -> Report:
    hotel = Program(Memory(), clock=lambda: NOW)
    hotel.load(told)
    return Report.of(hotel, at=at, questions=questions)


@pytest.fixture(scope="module")
def shown() -> Report:
    return report(facts())


def rows(section: Section, table: int = 0) -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in section.tables[table].rows}


def points(scores: np.ndarray) -> float:
    seen = scores[~np.isnan(scores)]
    return 100 * float((seen >= 9).mean() - (seen <= 6).mean())


def test_the_newest_answer_of_each_counts_and_of_each_period_the_newest_of_it(shown: Report):
    told = rows(shown.section("recommend"))
    assert list(told)[:3] == ["all", "2026-03", "2026-06"]
    for name, scores in (("all", LAST["recommend"]), ("2026-03", TOLD["recommend"][0]), ("2026-06", LAST["recommend"])):
        seen = scores[~np.isnan(scores)]
        assert told[name][0] == f"{seen.size}"
        shares = [100 * part.mean() for part in (seen <= 6, (seen > 6) & (seen < 9), seen >= 9)]
        assert [float(cell.split()[0]) for cell in told[name][1:4]] == [round(share) for share in shares]
        assert told[name][4].startswith(f"{points(scores):+.1f} (")  # rule R37
    whole = nps(LAST["recommend"])
    assert f"{whole.value:+.1f} ({whole.low:.1f} to {whole.high:.1f}) points" in shown.section("recommend").words[0]
    gone = int(np.isnan(LAST["recommend"]).sum())
    assert f"{PEOPLE - gone} customers count; {gone} did not answer" in shown.section("recommend").words[1]  # rule R40


def test_who_answers_twice_in_a_period_counts_once_with_the_newest():
    later = datetime(2026, 3, 20, tzinfo=UTC)
    again = [Answer(f"c{row:03d}", later, "recommend", 0, id=f"again-{row}") for row in range(20)]
    told = rows(report([*facts(), *again]).section("recommend"))
    march = np.append(np.zeros(20), TOLD["recommend"][0][20:])
    assert told["2026-03"][0] == f"{(~np.isnan(march)).sum()}"
    assert told["2026-03"][4].startswith(f"{points(march):+.1f} (")
    for name in ("all", "2026-06"):  # what came after stands
        assert told[name][4].startswith(f"{points(LAST['recommend']):+.1f} (")


def test_rungs_stand_in_the_order_of_the_ladder_and_add_up(shown: Report):
    told = rows(shown.section("recommend"))
    assert list(told)[3:] == ["customer", "client"]
    clients = BOUGHT >= 3
    for name, among in (("customer", ~clients), ("client", clients)):
        assert told[name][4].startswith(f"{points(LAST['recommend'][among]):+.1f} (")


def test_every_section_says_where_its_answers_come_from(shown: Report):
    for key in KEYS:
        words = " ".join(shown.section(key).words)
        assert re.search(r"[\d,]+ answers, all from “simulated”; about “the hotel”\.", words), key
    mixed = [*facts(), Answer("c000", datetime(2026, 6, 3, tzinfo=UTC), "recommend", 9, id="x", about="the bar")]
    words = " ".join(report(mixed).section("recommend").words)
    assert "from “simulated”, 1 from a source that was not named" in words
    assert "; about “the hotel”, “the bar”, pooled here." in words
    assert rows(report(mixed).section("recommend"))["about the bar"][0] == "1"


def test_the_index_and_the_mean_of_the_whole(shown: Report):
    parts = np.column_stack([np.where(LAST[item.name] > 10, np.nan, LAST[item.name]) for item in PARTS])
    seen = ~np.isnan(parts).all(axis=1)
    index = 100 * np.nanmean((parts[seen] - 1) / 9, axis=1).mean()
    words = " ".join(shown.section("satisfaction").words)
    assert f"they give {index:.1f} (" in words
    assert f"everything together they give {np.nanmean(LAST['whole']):.2f} (" in words
    assert "3 answers are off the scale" in words
    pairs = np.ma.cov(np.ma.masked_invalid(parts), rowvar=False)
    alpha = 1.5 * (1 - np.trace(pairs) / pairs.sum())
    assert abs(float(re.search(r"alpha of these is ([\d.]+)", words)[1]) - alpha) < 0.02  # pairs are kept differently


def test_what_moves_the_whole_and_what_to_repair(shown: Report):
    told = rows(shown.section("satisfaction"))
    assert list(told) == ["room", "food", "bus"]
    room = LAST["room"][LAST["room"] <= 10]
    assert told["room"][:2] == (f"{room.size}", f"{room.mean():.2f}")
    assert "not shown to move it" in told["bus"][3]
    assert "concentrate here" not in told["bus"][3]
    lacking = rows(shown.section("satisfaction"), 1)
    assert set(lacking) == {"room", "food", "bus"}
    for name, cells in lacking.items():
        below = [f"c{row:03d}" for row in np.flatnonzero(LAST[name] < 8)]  # F32: the customers behind each line
        assert cells[0] == f"{len(below)}"
        named = cells[3].removeprefix("furthest below: ").partition(";")[0].split(", ")
        assert set(named) <= set(below)
        assert LAST[name][int(named[0][1:])] == np.nanmin(LAST[name])


def attitude() -> np.ndarray:
    told = LAST
    credible = np.nanmean([told["t1"], told["t2"]], axis=0)
    trust = np.where(np.isnan(credible) | np.isnan(told["t3"]), np.nan, (credible + told["t3"]) / 2)
    parts = np.stack([trust, told["c1"], told["a1"]])
    return np.where((~np.isnan(parts)).sum(axis=0) >= 2, np.nanmean(parts, axis=0), np.nan)


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_types_of_loyalty_and_the_spurious_share(shown: Report):
    section = shown.section("loyalty")
    told, likes = rows(section), attitude()
    known, again = ~np.isnan(likes), BOUGHT >= 2
    kinds = {"true": (likes >= 4) & again, "latent": (likes >= 4) & ~again}
    kinds |= {"spurious": (likes < 4) & again, "none": (likes < 4) & ~again}
    for kind, among in kinds.items():
        n = int((known & among).sum())
        assert told[kind][:2] == (f"{n}", f"{100 * n / known.sum():.1f} %")
    assert told["unknown"][0] == f"{(~known).sum()}"
    buyers = int((known & again).sum())
    share = 100 * int(kinds["spurious"].sum()) / buyers
    assert section.words[0].startswith(
        f"Of {buyers} customers who made 2 purchases or more within a year, {share:.0f} %"
    )
    assert "4 or more on 1 to 7, and 2 purchases or more within the 365 days" in section.small[0]


def test_ties_are_told_apart_and_commitment_has_no_whole(shown: Report):
    told = rows(shown.section("ties"))
    three = ["commitment: affective", "commitment: calculative", "commitment: normative"]
    assert list(told) == [
        "trust", "trust: credibility", "trust: integrity", *three, "attachment", "relationship quality"
    ]  # fmt: skip
    for name, item in zip([*three, "attachment"], ("c1", "c2", "c3", "a1"), strict=True):
        seen = LAST[item][~np.isnan(LAST[item])]
        assert told[name][:3] == (f"{seen.size}", f"{PEOPLE - seen.size}", "0")
        assert told[name][3].startswith(f"{seen.mean():.2f} (")
        assert told[name][3].endswith("; alpha unknown")  # rule R41: one item has no alpha
    both = np.column_stack([LAST["t1"], LAST["t2"]])
    r = np.corrcoef(both[~np.isnan(both).any(axis=1)].T)
    assert 0 < r[0, 1] < float(told["trust: credibility"][3].partition("alpha ")[2].split()[0]) < 1


def test_concepts_on_several_scales_are_told_in_percent():
    mixed = RelationshipQuality(trust=TRUST, attachment=Attachment(TEN.items("room")))
    told = rows(
        report(facts(), Questions(WHOLE, PARTS, quality=mixed, attitude_cut=50, behaviour_cut=2)).section("ties")
    )
    seen = LAST["room"][LAST["room"] <= 10]
    assert told["attachment"][3].startswith(f"{100 * (seen.mean() - 1) / 9:.2f} (")
    assert told["attachment"][2] == "3"


def test_without_questions_only_a_recommendation_is_told_and_without_answers_nothing():
    keys = {section.key for section in report(facts(), None).sections}
    assert "recommend" in keys
    assert not keys & {"satisfaction", "loyalty", "ties"}
    silent = [fact for fact in facts() if isinstance(fact, Purchase)]
    assert not {s.key for s in report(silent, None).sections} & {*KEYS}
    for key in KEYS:
        section = report(silent[:3]).section(key)
        assert len(section.words) == 1
        assert "Nobody has answered" in section.words[0]
        assert section.picture is None


def test_few_answers_are_said_to_be_few():
    some = [fact for fact in facts() if fact.subject < "c009"]
    told = report(some)
    assert not re.search(r"\bnan\b", " ".join(str(told.section(key)) for key in KEYS))
    for key in KEYS:
        assert any("fewer than 30 answers" in words for words in told.section(key).words), key
    assert told.page()


def test_what_nobody_answered_is_not_zero():
    def asked(score: float | None) -> list[Fact]:
        return [Answer(f"c{row}", WAVES[0], name, score, id=f"{row}-{name}") for row in range(3) for name in NAMES]

    for key in KEYS:
        assert "Nobody has answered" in report(asked(None)).section(key).words[0]  # asked, and silent: rule R40
    assert "recommend" not in {section.key for section in report(asked(None), None).sections}
    told = report(asked(99))
    assert "no answer is on the scale" in told.section("recommend").words[0]
    assert "0 customers count; 0 did not answer, 3 answers are off the scale" in told.section("recommend").words[1]
    assert "cannot be told" in " ".join(told.section("satisfaction").words)
    assert rows(told.section("ties"))["trust"][3] == "unknown; alpha unknown"
    assert not re.search(r"\bnan\b", " ".join(str(told.section(key)) for key in KEYS))
    assert told.page()


def test_what_was_answered_after_the_report_changes_nothing():
    at = datetime(2026, 4, 1, tzinfo=UTC)
    early = [fact for fact in facts() if fact.at <= int(at.timestamp() * 1e6)]
    assert str(report(facts(), at=at)) == str(report(early, at=at))  # rule R46


@pytest.mark.parametrize("change", [{"attitude_cut": None}, {"behaviour_cut": None}, {"quality": None}])
def test_cuts_go_with_a_quality(change: dict[str, Any]):
    told = {"quality": QUALITY, "attitude_cut": 4, "behaviour_cut": 2} | change
    with pytest.raises(ValueError, match="attitude_cut, behaviour_cut"):
        Questions(WHOLE, PARTS, **told)


@pytest.mark.parametrize(
    "whole, parts, more, match",
    [
        (WHOLE, [], {}, "at least one question"),
        (WHOLE, [*PARTS, WHOLE], {}, "a name of its own"),
        (WHOLE, SEVEN.items("x"), {}, "on the scale of the whole"),
        (WHOLE, PARTS, {"recommend": Item("stay", TEN)}, "from 0 to 10"),
        (WHOLE, PARTS, {"target": 11}, "target"),
    ],
)
def test_questions_that_cannot_be_told_are_refused(whole: Item, parts: list[Item], more: dict[str, Any], match: str):
    with pytest.raises(ValueError, match=match):
        Questions(whole, parts, **more)


def test_many_months_are_told_as_quarters_and_many_of_these_as_years():
    def asked(months: int) -> Report:
        days = [datetime(2020 + k // 12, 1 + k % 12, 5, tzinfo=UTC) for k in range(months)]
        return report([Answer(f"c{k}", day, "recommend", k % 11, id=f"a{k}") for k, day in enumerate(days)], None)

    assert list(rows(asked(15).section("recommend")))[1:] == ["2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4", "2021-Q1"]
    assert list(rows(asked(40).section("recommend")))[1:] == ["2020", "2021", "2022", "2023"]
