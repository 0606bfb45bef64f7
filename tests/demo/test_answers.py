"""The simulated survey: who is asked, what comes back, and that the store tells of it what was drawn."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from relmkt.columns import FactTable
from relmkt.datasets import cdnow
from relmkt.demo import (
    NOW,
    PARTS,
    QUALITY,
    QUESTIONNAIRE,
    QUESTIONS,
    SHORT,
    WHOLE,
    Demonstration,
    answers,
    simulated,
)
from relmkt.demo._answers import _WAVES, REST, _people
from relmkt.demo._run import ANSWERS_SEED, SEED, first
from relmkt.facts import Answer, ConsentGiven, ConsentWithdrawn, Fact, Purchase
from relmkt.loyalty import loyalty_table
from relmkt.portfolio import Portfolio
from relmkt.program import Program
from relmkt.satisfaction import (
    SurveyRequested,
    Surveys,
    dispositions,
    drivers,
    importance_performance,
    nps,
    standing_answers,
)
from relmkt.stores import Memory, SQLite
from relmkt.tallies import count
from relmkt.windows import DAY, Instant, days, instant
from tests.demo.shop import CUSTOMERS

pytestmark = pytest.mark.xdist_group("demo")
IDS = np.unique(cdnow().customer).tolist()
YEAR = 365 * DAY


@pytest.fixture(scope="module")
def persons() -> tuple[Fact, ...]:
    return simulated(cdnow(), np.random.default_rng(SEED))


@pytest.fixture(scope="module")
def drawn(persons: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return answers(cdnow(), persons, np.random.default_rng(ANSWERS_SEED))


@pytest.fixture(scope="module")
def requests(drawn: tuple[Fact, ...]) -> dict[tuple[str, str], SurveyRequested]:
    return {(fact.subject, fact.id): fact for fact in drawn if isinstance(fact, SurveyRequested)}


@pytest.fixture(scope="module")
def replies(drawn: tuple[Fact, ...]) -> list[Answer]:
    return [fact for fact in drawn if isinstance(fact, Answer)]


@pytest.fixture(scope="module")
def few(drawn: tuple[Fact, ...]) -> list[Fact]:
    """What concerns the customers of the fixture `folder`."""
    among = set(IDS[:CUSTOMERS])
    return [fact for fact in drawn if fact.subject in among]


def newest(facts: list[Fact]) -> dict[str, dict[str, float]]:
    """The newest answer of each customer to each question, NaN for a blank: by the facts, not by the library."""
    found: dict[str, dict[str, float]] = {}
    for fact in sorted((fact for fact in facts if isinstance(fact, Answer)), key=lambda fact: (fact.at, fact.id)):
        found.setdefault(fact.subject, {})[fact.item] = np.nan if fact.score is None else fact.score
    return found


def mean(told: dict[str, float], names: list[str], reverse: frozenset[str] = frozenset()) -> float:
    """The mean of the answers from 1 to 7, where half of them are there."""
    seen = [8 - told[n] if n in reverse else told[n] for n in names if not np.isnan(told.get(n, np.nan))]
    return float(np.mean(seen)) if len(seen) >= len(names) / 2 else np.nan


class TestTheDraw:
    def test_the_same_each_time_and_labelled(self, persons: tuple[Fact, ...], drawn: tuple[Fact, ...]):
        assert drawn == answers(cdnow(), persons, np.random.default_rng(ANSWERS_SEED))
        assert drawn != answers(cdnow(), persons, np.random.default_rng(ANSWERS_SEED + 1))
        assert {fact.source for fact in drawn} == {"simulated"}
        assert {type(fact) for fact in drawn} == {SurveyRequested, Answer}
        assert {fact.about for fact in drawn if isinstance(fact, SurveyRequested | Answer)} == {"shop"}
        assert len({(fact.subject, fact.id) for fact in drawn}) == len(drawn) < 40_000

    def test_a_part_of_the_customers(self, requests: dict[tuple[str, str], SurveyRequested], replies: list[Answer]):
        asked = {who for who, _ in requests}
        assert len(asked) == 1_909  # as the module says
        assert asked < set(IDS)
        heard = len({(fact.subject, fact.ref) for fact in replies}) / len(requests)
        assert heard == pytest.approx(0.45, abs=0.03)

    def test_nobody_is_asked_without_consent(  # rule R71
        self, persons: tuple[Fact, ...], requests: dict[tuple[str, str], SurveyRequested]
    ):
        given = {f.subject: f.at for f in persons if isinstance(f, ConsentGiven) and (f.purpose, f.channel) == MAIL}
        gone = {f.subject: f.at for f in persons if isinstance(f, ConsentWithdrawn)}
        for (who, _), request in requests.items():
            assert given[who] < request.at < gone.get(who, request.at + REST)
        assert set(given) & set(gone) & {who for who, _ in requests}, "some withdrew after they were asked"

    def test_they_had_bought_before(self, requests: dict[tuple[str, str], SurveyRequested]):
        base = cdnow()
        began = dict(zip(base.customer[::-1].tolist(), base.at[::-1].tolist(), strict=True))
        assert all(began[who] < request.at for (who, _), request in requests.items())

    def test_nobody_is_asked_twice_within_the_rest(  # rule R42
        self, requests: dict[tuple[str, str], SurveyRequested]
    ):
        by: dict[str, list[Instant]] = {}
        for (who, _), request in requests.items():
            by.setdefault(who, []).append(request.at)
        gaps = [late - early for turns in by.values() for early, late in pairwise(sorted(turns))]
        assert len(gaps) > 1_500
        assert min(gaps) >= REST == days(90)

    def test_answers_are_to_what_was_asked_and_in_time(
        self, requests: dict[tuple[str, str], SurveyRequested], replies: list[Answer]
    ):
        for fact in replies:
            request = requests[fact.subject, fact.ref]
            assert request.at < fact.at < request.expires < instant(NOW)
            assert fact.item in request.items

    def test_what_goes_wrong_is_there(self, drawn: tuple[Fact, ...], replies: list[Answer]):
        assert 0 < sum(fact.score is None for fact in replies) < 0.05 * len(replies)
        scales = {item.name: item.scale for item in QUESTIONNAIRE.items}
        off = [fact for fact in replies if fact.score is not None and not scales[fact.item].holds(fact.score)]
        assert 0 < len(off) < 0.01 * len(replies)
        assert {fact.score for fact in off} == {0.0}
        twice = Counter((fact.subject, fact.ref, fact.item) for fact in replies)
        assert set(twice.values()) == {1, 2}
        told = dispositions(FactTable.of(drawn), second="correct", items=QUESTIONNAIRE.items, by="questionnaire")
        assert told.labels == (SHORT.name, QUESTIONNAIRE.name)
        assert (told.complete > 0).all()
        assert (told.partial > 0).all()
        assert (told.not_contacted > told.complete).all()  # rule R40: they count here, and in no score


MAIL = ("care", "mail")


class TestTheStoreTellsWhatWasDrawn:
    def test_every_fact_once(self, folder: Path, few: list[Fact]):
        with SQLite(folder / "shop.db") as store:
            for kind in (SurveyRequested, Answer):
                held = {fact for _, fact in store.columns(kind.__name__).facts(kind)}
                assert held == {fact for fact in few if isinstance(fact, kind)}
            assert held

    def test_nobody_else_has_answered(self, done: Demonstration, few: list[Fact]):
        asked, answered = ({f.subject for f in few if isinstance(f, kind)} for kind in (SurveyRequested, Answer))
        told = f"{len(asked)} customers were asked and {len(answered)} answered"
        assert f"The survey is simulated too: {told}" in done.report.notes[0]

    def test_nps(self, folder: Path, few: list[Fact]):
        with SQLite(folder / "shop.db") as store:
            told = nps(Portfolio(store, at=NOW).facts(Answer), period="month")
        assert told.labels == ("1997-12", "1998-05")
        for month in told.labels:
            given = [f.score for f in few if isinstance(f, Answer) and f.item == "recommend" and of(f.at) == month]
            seen = np.array([score for score in given if score is not None])
            assert told[month].value == pytest.approx(100 * ((seen >= 9).mean() - (seen <= 6).mean()), abs=1e-9)

    def test_drivers(self, folder: Path, few: list[Fact]):
        names = [item.name for item in PARTS]
        with SQLite(folder / "shop.db") as store:
            table = standing_answers(store.columns("Answer", "SurveyRequested"), second="correct")
            told = drivers(table, PARTS, WHOLE, rng=np.random.default_rng(1), resamples=50)
        rows = [[given.get(name, np.nan) for name in (*names, WHOLE.name)] for given in newest(few).values()]
        cells = np.array(rows)
        cells = cells[((cells >= 1) & (cells <= 10)).all(axis=1)]
        assert told.r2.n == len(cells) > 50
        apart = (cells - cells.mean(axis=0)) / cells.std(axis=0)
        slopes, *_ = np.linalg.lstsq(apart[:, :-1], apart[:, -1], rcond=None)
        assert told.coefficients.value == pytest.approx(slopes, abs=1e-9)

    def test_loyalty_types(self, folder: Path, few: list[Fact]):
        base = first(cdnow(), CUSTOMERS)
        assert (QUESTIONS.attitude_cut, QUESTIONS.behaviour_cut) == (5, 3)
        with SQLite(folder / "shop.db") as store:
            shop = Portfolio(store, at=NOW)
            attitude, behaviour = shop.ask(QUALITY.measure), shop.ask(count(Purchase, within=days(365)))
            names = shop.ids.tolist()
        told = loyalty_table(attitude, behaviour, attitude_cut=5, behaviour_cut=3)
        kinds = dict(zip(names, told.labels.tolist(), strict=True))
        given, start = newest(few), (int(instant(NOW)) - YEAR) // DAY * DAY
        bought = Counter(base.customer[base.at >= start].tolist())
        for who in names:
            assert kinds[who] == by_hand(given.get(who, {}), bought[who]), who
        assert told.counts["unknown"] < CUSTOMERS


def of(at: Instant) -> str:
    local = at.local("UTC")
    return f"{local.year}-{local.month:02}"


def by_hand(told: dict[str, float], bought: int) -> str:
    """The type of a customer from newest answers: trust of its dimensions, affective commitment, attachment."""
    trust = [
        mean(told, ["trust.able", "trust.knows"]),
        mean(told, ["trust.word", "trust.price"]),
        mean(told, ["trust.minds", "trust.own"], frozenset({"trust.own"})),
    ]
    known = [value for value in trust if not np.isnan(value)]
    parts = [
        np.mean(known) if len(known) >= 2 else np.nan,
        mean(told, ["commitment.fond", "commitment.mine"]),
        mean(told, ["attachment.miss", "attachment.joy", "attachment.self"]),
    ]
    found = [value for value in parts if not np.isnan(value)]
    if len(found) < 2:
        return "unknown"
    likes, buys = round(float(np.mean(found)), 9) >= 5, bought >= 3
    return {(True, True): "true", (True, False): "latent", (False, True): "spurious"}.get((likes, buys), "none")


class TestTheChapterIsSeenWorking:
    def test_delivery_is_what_moves_and_what_is_judged_worst(self, drawn: tuple[Fact, ...]):
        table, rng = standing_answers(FactTable.of(drawn), second="correct"), np.random.default_rng(1)
        told = drivers(table, PARTS, WHOLE, rng=rng, resamples=200)
        assert told.names[0] == "shop.delivery"
        assert told.names[-1] == "shop.price"
        assert "shop.service" in told.moving
        found = importance_performance(table, PARTS, importance="shapley", overall=WHOLE, cut="grand mean")
        assert found.of("concentrate here") == ("shop.delivery",)
        assert found.of("keep up") == ("shop.service",)

    def test_it_is_better_the_second_time(self, replies: list[Answer]):
        waves = [
            [f.score for f in replies if f.item == "shop.delivery" and f.ref == ref and f.score is not None]
            for ref in ("survey-1997-12", "survey-1998-05")
        ]
        assert np.mean(waves[1]) - np.mean(waves[0]) == pytest.approx(0.5, abs=0.25)

    def test_every_type_of_loyalty_appears(self, drawn: tuple[Fact, ...]):
        base, table = cdnow(), FactTable.of(drawn)
        bought = Counter(base.customer[base.at >= int(instant(NOW)) - YEAR].tolist())
        scores = QUALITY.scores(table)
        told = loyalty_table(scores, [bought[who] for who in table.ids.tolist()], attitude_cut=5, behaviour_cut=3)
        assert min(told.counts[kind] for kind in ("true", "latent", "spurious", "none")) >= 30
        known = np.isfinite(scores)
        link = np.corrcoef(scores[known], told.behaviour[known])[0, 1]
        assert 0.05 < link < 0.5  # in part, and in part alone
        assert QUALITY.reliability(table).value > 0.8

    def test_one_customer_has_requests_and_answers(self, drawn: tuple[Fact, ...], replies: list[Answer]):
        who = replies[-1].subject
        shop = Program(Memory(), facets=[Surveys("correct")], clock=lambda: NOW)
        shop.load([fact for fact in drawn if fact.subject == who])
        held = shop.customer(who)[Surveys("correct")]
        assert held.asked == len(shop.history(who, SurveyRequested)) == 2
        assert shop.load([fact for fact in drawn if fact.subject == who]).accepted == 0
        assert held.requests[-1].status in ("complete", "partial")


def test_who_is_asked_and_how_far_a_bond_goes_with_buying_is_as_stated(persons: tuple[Fact, ...]) -> None:
    """0.35 between the bond and the logarithm of purchases; 8 in 100 of those who bought once, 22 of the others."""
    base, start = cdnow(), _WAVES[0].day
    people = _people(base, persons, np.random.default_rng(ANSWERS_SEED))
    bought = dict(zip(*np.unique(base.customer[base.at < start], return_counts=True), strict=True))
    often = np.log([bought[name] for name in people.names])
    assert np.corrcoef(people.bond, often)[0, 1] == pytest.approx(0.35, abs=3 / np.sqrt(len(often)))
    agreed = {f.subject for f in persons if isinstance(f, ConsentGiven) and f.at < start and f.channel == "mail"}
    agreed &= {f.subject for f in persons if isinstance(f, ConsentGiven) and f.purpose == "care"} & bought.keys()
    once = {name for name in agreed if bought[name] == 1}
    asked = set(people.names)
    assert len(asked & once) / len(once) == pytest.approx(0.08, abs=0.01)
    assert len(asked - once) / len(agreed - once) == pytest.approx(0.22, abs=0.02)
