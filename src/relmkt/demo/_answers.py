"""How might customers of such a shop have answered? Two waves of a survey, simulated and labelled so.

CDNOW has purchases and nothing else. Every figure below is assumed: none was measured, none says anything of people.
All facts have the source "simulated", and are drawn with a generator of their own.

Who is asked. In the first days of December 1997, among the customers whose simulated consent lets the shop ask by mail
(care, mail) and who have not withdrawn: 8 % of those who have bought once, 22 % of those who have bought more often,
1,909 of 23,570 with the demonstration's seeds. So more repeat buyers are asked than the base has: the figures are of
those who answered. In the first days of May 1998 the same people again, as far as they still agree: 21 weeks later,
with a rest of 90 days (R42). Half of them, drawn beforehand, are the panel: they are then given the long form, the
others the short one once more. A request may be answered for 28 days, and reminds after 10.

Who answers (R40). Everybody has a bond with the shop, b, normal around 0 with deviation 1, that correlates 0.35 with
how often they had bought (the logarithm) and is chance otherwise: so all types of loyalty appear. They have a
willingness w, normal too. A request is answered with probability 1 / (1 + exp(0.2 − 0.4 b − 0.6 w)), close to 45 %, and
more often by those who like the shop; after 4 days in the mean (exponential, at most 24).

What they answer. A part is judged by its mean, b times a load, and an experience of its own with a deviation, one half
lasting and one half of the wave (`_PARTS`): delivery is judged worst, and half a point better in the second wave. The
whole is 7.2, the parts' distances from their means times their weights, 0.2 b, and chance of deviation 0.7: delivery
weighs most, then service, and price nearly nothing. Whether they would recommend is 7.4, 0.9 times the whole's distance
from 7.2, 0.5 b, and chance of deviation 1.1. A tie (`_TIES`) correlates with b as stated there; its items are their
mean, 1.2 times the tie, and chance of deviation 0.8. All is rounded to the scale, and goes no further than its ends.

What goes wrong. 8 in 100 break off after at least two questions; 3 in 100 answers are "I do not know" (a blank); 4 in
1,000 judgements from 1 to 10 are a 0, which is invalid; 2 in 100 correct the whole by one step a day later (R39).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.datasets import CDNOW
from relmkt.demo._consents import SOURCE
from relmkt.demo._questions import ATTACHMENT, COMMITMENT, PARTS, QUESTIONNAIRE, SHORT, TRUST
from relmkt.facts import Answer, ConsentGiven, ConsentWithdrawn, Fact
from relmkt.satisfaction import Survey
from relmkt.scales import Item
from relmkt.windows import DAY, HOUR, Instant, days, instant

__all__ = ["REST", "answers"]

ABOUT, REST = "shop", days(90)
_ONCE, _OFTEN = 0.08, 0.22
_OFF, _BLANK, _SLIP, _CORRECTED = 0.08, 0.03, 0.004, 0.02
# mean, load of the bond, deviation of the experience, weight in the whole
_PARTS = {
    "shop.choice": (8.0, 0.7, 0.9, 0.12),
    "shop.price": (7.0, 0.5, 1.3, 0.04),
    "shop.delivery": (6.1, 0.9, 1.6, 0.45),
    "shop.service": (7.6, 0.9, 1.1, 0.42),
}
_BETTER = np.array([0.5 * (name == "shop.delivery") for name in _PARTS])
# items, what their tie shares with the bond, their means
_TIES: tuple[tuple[tuple[Item, ...], float, tuple[float, ...]], ...] = (
    (TRUST.items, 0.7, (5.4, 5.7, 5.2, 5.0, 4.6, 4.7)),
    (tuple(COMMITMENT.affective.items), 0.8, (4.6, 4.1)),
    (tuple(COMMITMENT.calculative.items), 0.1, (3.9, 4.4)),
    (tuple(COMMITMENT.normative.items), 0.3, (2.9, 3.4)),
    (tuple(ATTACHMENT.items), 0.8, (4.8, 5.1, 3.9)),
)
_SECRET, _NEVER = b"a demonstration has no secret", 1 << 62
Floats = NDArray[np.float64]


@frozen
class _Wave:
    """One round of asking: its requests' id, the first of five days, how much is better, what the panel is asked."""

    id: str
    day: int
    better: float
    panel: Survey


def _survey(name: str, *, long: bool) -> Survey:
    form = QUESTIONNAIRE if long else SHORT
    return Survey(name, form, rest=REST, within=days(28), remind=days(10), secret=_SECRET)


_WAVES = (
    _Wave("survey-1997-12", instant(datetime(1997, 12, 1, 16, tzinfo=UTC)), 0.0, _survey("first wave", long=False)),
    _Wave("survey-1998-05", instant(datetime(1998, 5, 1, 16, tzinfo=UTC)), 1.0, _survey("second wave", long=True)),
)
_OTHERS = _survey("wave", long=False)


@frozen
class _People:
    """Who is asked, and what lasts in them: one entry a person."""

    names: list[str]
    gone: NDArray[np.int64]
    bond: Floats
    willing: Floats
    lasting: Floats
    panel: NDArray[np.bool_]


def answers(base: CDNOW, told: Iterable[Fact], rng: np.random.Generator) -> tuple[Fact, ...]:
    """Requests and answers of two waves, among the customers of a base who have agreed to be asked.

    base: the purchases. told: consents and withdrawals, as `simulated` draws them. rng: seeded; the same seed draws the
    same answers. Returns `SurveyRequested` and `Answer` facts, about "shop", person by person in each wave, with ids
    that are the same each time.

    >>> from relmkt.datasets import cdnow
    >>> from relmkt.demo._consents import simulated
    >>> consents = simulated(cdnow(), np.random.default_rng(1998))
    >>> facts = answers(cdnow(), consents, np.random.default_rng(1999))
    >>> {(fact.source, fact.about) for fact in facts}
    {('simulated', 'shop')}
    """
    people = _people(base, told, rng)
    return tuple(fact for wave in _WAVES for fact in _wave(wave, people, rng))


def _people(base: CDNOW, told: Iterable[Fact], rng: np.random.Generator) -> _People:
    given, gone = _consents(told)
    ids, codes = np.unique(base.customer, return_inverse=True)
    start = _WAVES[0].day
    bought = np.bincount(codes, base.at < start, minlength=ids.size)
    drawn = rng.random(ids.size) < np.where(bought > 1, _OFTEN, _ONCE)
    names = ids.astype(str).tolist()
    agreed = np.array([given.get(name, _NEVER) < start for name in names], np.bool_)
    chosen = np.flatnonzero(drawn & agreed & (bought > 0))
    kept, n = [names[place] for place in chosen.tolist()], chosen.size
    often = np.log(bought[chosen])
    often = (often - often.mean()) / often.std() if n and often.std() else np.zeros(n)
    bond = 0.35 * often + np.sqrt(1 - 0.35**2) * rng.normal(size=n)
    left = np.array([gone.get(name, _NEVER) for name in kept], np.int64)
    return _People(kept, left, bond, rng.normal(size=n), rng.normal(size=(n, len(PARTS))), rng.integers(2, size=n) == 1)


def _consents(told: Iterable[Fact]) -> tuple[dict[str, int], dict[str, int]]:
    """When each customer agreed to be asked by mail, and when they withdrew."""
    given, gone = {}, {}
    for fact in told:
        if isinstance(fact, ConsentGiven) and (fact.purpose, fact.channel) == ("care", "mail"):
            given[fact.subject] = int(fact.at)
        elif isinstance(fact, ConsentWithdrawn):
            gone[fact.subject] = int(fact.at)
    return given, gone


def _wave(wave: _Wave, people: _People, rng: np.random.Generator) -> Iterator[Fact]:
    """The requests of one wave and what came back; everything is drawn for all, so that nobody moves another's draw."""
    n = len(people.names)
    at = wave.day + rng.integers(5, size=n) * DAY + rng.integers(180, size=n) * HOUR // 60
    after = np.minimum(rng.exponential(4 * 24, size=n), 24 * 24).astype(np.int64) + 1
    answered = rng.random(n) < 1 / (1 + np.exp(0.2 - 0.4 * people.bond - 0.6 * people.willing))
    scores, corrects = _marred(_scores(wave, people, rng), rng)
    for place in np.flatnonzero(people.gone > at).tolist():
        survey = wave.panel if people.panel[place] else _OTHERS
        who, asked = people.names[place], Instant(int(at[place]))
        yield survey.request(who, asked, id=wave.id, about=ABOUT, source=SOURCE)
        if answered[place]:
            came = Instant(int(asked) + int(after[place]) * HOUR)
            yield from _response(wave.id, who, came, survey.questionnaire.items, scores[place].tolist())
            if corrects[place]:
                yield _correction(wave.id, who, came + days(1), scores[place, 1])


def _response(wave: str, who: str, at: Instant, items: tuple[Item, ...], scores: list[float]) -> Iterator[Answer]:
    """One answer an item, none for those that were not reached (infinite), an empty one where they did not know."""
    origin = {"about": ABOUT, "source": SOURCE, "ref": wave}
    for item, score in zip(items, scores, strict=False):
        if score != np.inf:
            yield Answer(who, at, item.name, None if np.isnan(score) else score, id=f"{wave}/{item.name}", **origin)


def _correction(wave: str, who: str, at: Instant, score: float) -> Answer:
    item, new = QUESTIONNAIRE.items[1].name, score - 1 if score > 1 else score + 1
    told = {"about": ABOUT, "source": SOURCE, "ref": wave}
    return Answer(who, at, item, float(new), id=f"{wave}/{item}/corrected", **told)


def _scores(wave: _Wave, people: _People, rng: np.random.Generator) -> Floats:
    """What everybody would answer to each question, shape (people, questions) in the long form's order."""
    n, bond = len(people.names), people.bond
    means, loads, deviations, weights = np.array([_PARTS[part.name] for part in PARTS]).T
    own = (people.lasting + rng.normal(size=people.lasting.shape)) / np.sqrt(2)
    parts = means + wave.better * _BETTER + np.outer(bond, loads) + own * deviations
    whole = 7.2 + (parts - means) @ weights + 0.2 * bond + rng.normal(0, 0.7, n)
    recommend = 7.4 + 0.9 * (whole - 7.2) + 0.5 * bond + rng.normal(0, 1.1, n)
    columns = [recommend, whole, *parts.T]
    for items, shared, middle in _TIES:
        tie = shared * bond + np.sqrt(1 - shared**2) * rng.normal(size=n)
        thought = np.array(middle) + 1.2 * tie[:, None] + rng.normal(0, 0.8, (n, len(items)))
        columns += [item.scored(thought[:, k]) for k, item in enumerate(items)]
    scales = [item.scale for item in QUESTIONNAIRE.items]
    found: Floats = np.clip(np.rint(np.column_stack(columns)), [s.low for s in scales], [s.high for s in scales])
    return found


def _marred(scores: Floats, rng: np.random.Generator) -> tuple[Floats, NDArray[np.bool_]]:
    """With slips, blanks (NaN) and what was not reached (infinite); and who corrects the whole afterwards."""
    n, k = scores.shape
    short = len(SHORT.items)
    slip = rng.random((n, short - 1)) < _SLIP
    scores[:, 1:short] = np.where(slip, 0.0, scores[:, 1:short])
    scores = np.where(rng.random((n, k)) < _BLANK, np.nan, scores)
    reached = np.where(rng.random(n) < _OFF, rng.integers(2, short, size=n), k)
    scores = np.where(np.arange(k) < reached[:, None], scores, np.inf)
    return scores, (rng.random(n) < _CORRECTED) & np.isfinite(scores[:, 1])
