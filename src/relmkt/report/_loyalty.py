"""Is it loyalty, or habit, and what ties them? Sections on attitude beside behaviour, and on the concepts behind it."""

from __future__ import annotations

from typing import Any

import numpy as np

from relmkt.estimate import Estimate
from relmkt.facts import Purchase
from relmkt.loyalty import LoyaltyTable, Reliabilities, loyalty_table, spurious_share
from relmkt.report._ground import Ground
from relmkt.report._heard import Heard, between, bounded, few, lined
from relmkt.report._questions import Questions
from relmkt.report._satisfaction import NOBODY
from relmkt.report._section import Section, Table, many, percent
from relmkt.report._tie_charts import concepts_chart, loyalty_chart
from relmkt.satisfaction import SatisfactionIndex
from relmkt.scales import Construct, Item, Scale
from relmkt.scales._item import shared_scale
from relmkt.tallies import count
from relmkt.windows import days

__all__ = ["loyalty_section", "ties_section"]

YEAR = days(365)
PER_CENT = Scale(0, 100)
_TYPES = {
    "true": "attached, and buy again",
    "latent": "attached, and buy little: something keeps them from it",
    "spurious": "buy again without attachment: habit, price or no other shop",
    "none": "neither attached nor buying again",
}


def loyalty_section(ground: Ground, heard: Heard, questions: Questions) -> Section:
    """How many are loyal by conviction, and how many merely buy again; of a survey that asked for a quality."""
    title, quality = "Is it loyalty, or habit?", questions.quality
    if quality is None or not heard.answered(quality.items):
        return Section("loyalty", title, (NOBODY,))
    attitude, bought = quality.scores(heard.table), ground.base.ask(count(Purchase, within=YEAR))
    cuts: dict[str, Any] = {"attitude_cut": questions.attitude_cut, "behaviour_cut": questions.behaviour_cut}
    found = loyalty_table(attitude, bought, **cuts)
    spurious = spurious_share(attitude, bought, **cuts)
    shares = found.shares()
    ends = f"{quality.scale.low} to {quality.scale.high}"
    return Section(
        "loyalty",
        title,
        (
            _habit(spurious, found),
            (
                f"Of {many(len(found), 'customer')} the attitude of {int(shares.n.max()):,} is known; "
                f"{found.counts['unknown']:,} were not asked, or answered too little, and are in no share."
            ),
            *few(int(shares.n.max())),
            heard.origin(quality.items),
        ),
        (Table(("loyalty", "customers", "share", "in words"), _types(found, shares)),),
        picture=lambda: loyalty_chart(
            found, attitude=f"relationship quality, {ends}", behaviour="purchases within a year"
        ),
        reading="The larger a dot, the more customers stand there; who stands on a dashed line is above it, or right "
        "of it. Lower right is who buys again without attachment.",
        small=(
            (
                f"High is a relationship quality of {found.attitude_cut:g} or more on {ends}, and "
                f"{many(found.behaviour_cut, 'purchase')} or more within the 365 days before this report. Both cuts "
                "were stated by whoever made this report: other cuts, other shares. Intervals (95 %): Wilson."
            ),
        ),
    )


def _habit(told: Estimate, found: LoyaltyTable) -> str:
    again = f"{many(found.behaviour_cut, 'purchase')} or more within a year"
    if np.isnan(told.value):
        return f"Of nobody who made {again} is the attitude known: how much of it is habit cannot be told."
    share = bounded(told, ".0f", times=100, unit=" %")
    return f"Of {many(told.n, 'customer')} who made {again}, {share} buy without attachment: their loyalty is spurious."


def _types(found: LoyaltyTable, shares: Estimate) -> list[tuple[str, str, str, str]]:
    counts = found.counts
    rows = []
    for kind, words in _TYPES.items():
        inside = between(shares[kind], times=100, unit=" %")
        rows.append((kind, f"{counts[kind]:,}", percent(shares[kind].value), words + (f"; {inside}" if inside else "")))
    return [*rows, ("unknown", f"{counts['unknown']:,}", "", "attitude not known")]


def ties_section(heard: Heard, questions: Questions) -> Section:
    """What ties them: trust, commitment, attachment and the bond, each with its interval, alpha and n."""
    title, items = "What ties them?", _items(questions)
    if not heard.answered(items):
        return Section("ties", title, (NOBODY,))
    survey, _ = heard.survey(items)
    scale, rows, alphas = _concepts(survey, questions)
    scores, ends = lined(rows), f"{scale.low} to {scale.high}"
    cells = [
        (name, f"{one.n:,}", f"{one.missing:,}", f"{one.invalid:,}", _line(one, alphas[name]))
        for name, one in rows.items()
    ]
    words: tuple[str, ...] = (
        f"Each is a mean from {ends}; the interval says how sure it is, and alpha how far its questions agree.",
    )
    if any(name.startswith("commitment: ") for name in rows):
        words += ("Who cannot leave is not who wants to stay: the kinds of commitment are told apart, never as one.",)
    head = ("", "customers", "no score", "off the scale", f"mean, {ends}; alpha")
    return Section(
        "ties",
        title,
        (*words, *few(int(scores.n.max())), heard.origin(items)),
        (Table(head, cells),),
        picture=lambda: concepts_chart(scores, ends=(scale.low, scale.high), label=f"mean, {ends}"),
        reading="The further right a dot, the closer the tie; the line through it is its interval.",
        small=(
            (
                "Intervals (95 %): Student's, of alpha Feldt's. Alpha needs two questions, and customers who answer "
                "differently. The alpha of the relationship quality is Mosier's reliability of its parts together."
            ),
        ),
    )


def _line(one: Estimate, alpha: Estimate) -> str:
    return f"{bounded(one, '.2f')}; alpha {bounded(alpha, '.2f')}"


def _items(questions: Questions) -> tuple[Item, ...]:
    told = [concept.items for concept in (questions.quality, questions.commitment) if concept is not None]
    return tuple({item.name: item for items in told for item in items}.values())


def _told(questions: Questions) -> dict[str, Any]:
    """The concepts by name; a whole commitment, each label of it, stands where the quality has one of its labels."""
    found: dict[str, Any] = {} if questions.quality is None else dict(questions.quality.constructs)
    if questions.commitment is not None:
        after = {name: one for name, one in found.items() if name not in ("trust", "commitment")}
        before = {"trust": found["trust"]} if "trust" in found else {}
        return {**before, "commitment": questions.commitment, **after}
    if isinstance(found.get("commitment"), Construct):  # one label alone says which it is
        found = {one.name if name == "commitment" else name: one for name, one in found.items()}
    return found


def _concepts(survey: Any, questions: Questions) -> tuple[Scale, dict[str, Estimate], dict[str, Estimate]]:
    """The scale that all lines share, and by line the score and alpha: each concept, its parts below it."""
    scale = shared_scale(_items(questions)) or PER_CENT
    rows: dict[str, Estimate] = {}
    alphas: dict[str, Estimate] = {}
    for name, concept in _told(questions).items():
        score = _score(concept, survey, in_percent=scale is PER_CENT)
        lines = {name: score} if score.labels is None else dict(score)
        parts = getattr(concept, "dimensions", {})
        for label in sorted(lines, key=lambda label: label in parts):  # the whole before its parts
            line = f"{name}: {label}" if label in parts else name
            rows[line], alphas[line] = lines[label], _alpha(parts.get(label, concept), survey)
    if questions.quality is not None:
        whole = _score(questions.quality, survey, in_percent=scale is PER_CENT)["quality"]
        rows["relationship quality"], alphas["relationship quality"] = whole, questions.quality.reliability(survey)
    return scale, rows, alphas


def _score(concept: Any, survey: Any, *, in_percent: bool) -> Estimate:
    """The mean on the items' scale, or as percent of the most there is."""
    if not in_percent:
        return concept.score(survey)  # type: ignore[no-any-return]
    if hasattr(concept, "pomp"):
        return concept.pomp(survey)  # type: ignore[no-any-return]
    return SatisfactionIndex(concept.items).score(survey)


def _alpha(concept: Any, survey: Any) -> Estimate:
    """Alpha of a concept, or of a part of it; of one with parts, of all its items as one."""
    found = concept.reliability(survey)
    told: Estimate = list(found)[-1][1].alpha if isinstance(found, Reliabilities) else found.alpha
    return told
