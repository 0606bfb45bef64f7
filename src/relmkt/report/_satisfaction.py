"""Would they recommend us, how satisfied are they, and what moves it? Sections on a survey's answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.report._felt_charts import importance_chart, nps_chart
from relmkt.report._ground import Ground
from relmkt.report._heard import LEAST, Heard, between, bounded, counted, few, lined
from relmkt.report._questions import Questions
from relmkt.report._section import Section, Table, many, percent
from relmkt.satisfaction import (
    NPS_QUESTION,
    Drivers,
    ImportanceMap,
    Repair,
    SatisfactionIndex,
    csat,
    drivers,
    importance_performance,
    mean_score,
    nps,
    repairs,
)
from relmkt.scales import Construct, Item
from relmkt.stages import relationship

__all__ = ["recommend_section", "satisfaction_section"]

SEED, DRAWS = 4, 400
_PERIODS = 12  # as many as a telephone shows
_BEHIND = 5
NOBODY = "Nobody has answered these questions yet."


@frozen(eq=False)
class _Net:
    """Scores of some groups with the shares behind them, labelled alike."""

    scores: Estimate
    detractors: Estimate
    promoters: Estimate

    @classmethod
    def of(cls, answers: NDArray[np.float64], by: Sequence[Any] | NDArray[Any], item: Item) -> _Net:
        """Of one answer a row, by group."""
        turned = evolve(item, reverse=True)  # its good side are the detractors
        named: dict[str, Any] = {"by": np.asarray(by, np.str_)}
        return cls(
            nps(answers, item=item, least=LEAST, **named),
            csat(answers, item=turned, top=6, **named),
            csat(answers, item=item, top=9, **named),
        )


def recommend_section(ground: Ground, heard: Heard, questions: Questions | None) -> Section:
    """The net promoter score: of all, period by period, and by rung of the ladder."""
    item, title = NPS_QUESTION if questions is None else questions.recommend, "Would they recommend us?"
    rows = heard.rows([item])
    if not heard.answered([item]):
        return Section("recommend", title, (NOBODY,))
    parts = _groups(ground, heard, rows, item)
    whole = parts[0].scores["all"]
    gaps = np.cumsum([len(part.scores) for part in parts])[:-1].tolist()
    joined = [_joined([getattr(part, name) for part in parts]) for name in ("scores", "detractors", "promoters")]
    scores, against, for_us = joined
    notes = {note: None for part in parts[1:] for note in part.scores.notes}
    return Section(
        "recommend",
        title,
        (
            _score(whole, against["all"], for_us["all"]),
            counted(whole),
            *few(whole.n),
            heard.origin([item]),
        ),
        (Table(("", "n", "0 to 6", "7 or 8", "9 or 10", "score"), _rows(scores, against, for_us)),),
        picture=lambda: nps_chart(scores, detractors=against, promoters=for_us, gaps=gaps),
        reading="Each bar is all answers of a group; right of it stands the score, and how sure it is.",
        small=(
            (
                "Of each customer the newest answer counts; within a period, the newest of that period (UTC). Rungs "
                "are those of today. Intervals (95 %): adjusted Wald. What somebody says is not yet a recommendation."
            ),
            *(f"To be read with care: {note}." for note in notes),
        ),
    )


def _score(whole: Estimate, against: Estimate, for_us: Estimate) -> str:
    if np.isnan(whole.value):
        return "There is no net promoter score, for no answer is on the scale from 0 to 10."
    return (
        f"The net promoter score is {bounded(whole, '+.1f')} points, between −100 and 100: "
        f"{percent(for_us.value)} promoters (9 or 10) less {percent(against.value)} detractors (0 to 6)."
    )


def _groups(ground: Ground, heard: Heard, rows: NDArray[np.int64], item: Item) -> list[_Net]:
    """All together, by period, by rung, and by what was judged; a way of grouping that makes one group is left out."""
    table, newest = heard.table, heard.newest(rows)
    periods = _periods(table.at[rows])
    ladder = relationship()
    standing = ground.base.ask(ladder)[table.stream[newest]]
    parts = [_Net.of(table.number[newest], ["all"] * len(newest), item)]
    if len(set(periods.tolist())) > 1:
        kept = heard.newest(rows, periods)
        parts.append(_Net.of(table.number[kept], periods[np.isin(rows, kept)], item))
    if len(set(standing.tolist())) > 1:
        found = _Net.of(table.number[newest], np.where(standing == "", "no rung", standing), item)
        order = [rung.name for rung in ladder.rungs]
        parts.append(_ordered(found, [name for name in order if name in (found.scores.labels or ())]))
    about = heard.about[rows]
    if len(set(about.tolist())) > 1:
        kept = heard.newest(rows, about)
        named = np.array([f"about {name}" if name else "about: not said" for name in heard.about[kept].tolist()])
        found = _Net.of(table.number[kept], named, item)
        most = sorted(found.scores, key=lambda pair: -pair[1].n)[:_PERIODS]
        parts.append(_ordered(found, [name for name, _ in most]))
    return parts


def _ordered(found: _Net, names: list[str]) -> _Net:
    def taken(told: Estimate) -> Estimate:
        return evolve(lined({name: told[name] for name in names}), notes=told.notes)

    return _Net(taken(found.scores), taken(found.detractors), taken(found.promoters))


def _joined(parts: list[Estimate]) -> Estimate:
    return lined({name: one for part in parts for name, one in part})


def _periods(at: NDArray[np.int64]) -> NDArray[np.str_]:
    """The month of each answer; quarters where months are more than a picture holds, then years."""
    when = at.astype("datetime64[us]")
    month = when.astype("datetime64[M]")
    year = when.astype("datetime64[Y]")
    quarter = np.char.add(
        np.char.add(year.astype(np.str_), "-Q"), ((month - year).astype(int) // 3 + 1).astype(np.str_)
    )
    for named in (month.astype(np.str_), quarter):
        if len(np.unique(named)) <= _PERIODS:
            return named
    return year.astype(np.str_)


def _rows(scores: Estimate, against: Estimate, for_us: Estimate) -> list[tuple[str, ...]]:
    found = []
    for name, one in scores:
        no, yes = against[name].value, for_us[name].value
        shares = (percent(share, 0) for share in (no, max(1 - no - yes, 0.0) if no == no else no, yes))
        found.append((name, f"{one.n:,}", *shares, bounded(one, "+.1f")))
    return found


def satisfaction_section(heard: Heard, questions: Questions) -> Section:
    """The index, what moves the whole, and what to repair first."""
    title, parts, whole = "How satisfied are they, and what moves it?", questions.parts, questions.whole
    asked = [*parts, whole]
    if not heard.answered(asked):
        return Section("satisfaction", title, (NOBODY,))
    survey, ids = heard.survey(asked)

    def rng() -> np.random.Generator:
        return np.random.default_rng(SEED)

    drawn: dict[str, Any] = {"resamples": DRAWS}
    moved = drivers(survey, parts, whole, rng=rng(), **drawn)
    map_ = importance_performance(
        survey, parts, importance="relative weights", overall=whole, cut="grand mean", rng=rng(), **drawn
    )
    target = whole.scale.high if questions.target is None else questions.target
    lines = repairs(survey, parts, whole, target=target, rng=rng(), ids=ids.tolist(), **drawn)
    return Section(
        "satisfaction",
        title,
        (*_levels(survey, questions), *_moves(moved, map_), heard.origin(asked)),
        (_parts(moved, map_), *([_list(lines, target)] if lines else [])),
        picture=_map_picture(map_, whole),
        reading="The higher a number stands, the more its part moves the whole; the further right, the better it is "
        "done. Upper left is what to work on.",
        small=(
            (
                f"Intervals (95 %) of what moves the whole: the customers drawn again {DRAWS} times. The lines of the "
                "picture run through the means of the parts. What goes together with the whole need not be its cause."
            ),
            *moved.notes,
            *(f"{item.name}: {item.wording}" for item in asked if item.wording),
        ),
    )


def _map_picture(found: ImportanceMap, whole: Item) -> Callable[[], str] | None:
    if not any(found.quadrants):
        return None
    ends = f"mean answer, {whole.scale.low} to {whole.scale.high}"
    return lambda: importance_chart(found, performance=ends, weight="how much of the whole it explains")


def _levels(survey: dict[str, Any], questions: Questions) -> tuple[str, ...]:
    whole, parts = questions.whole, questions.parts
    index, mean = SatisfactionIndex(parts).score(survey), mean_score(survey[whole.name], item=whole)
    alpha = Construct("satisfaction", parts).reliability(survey).alpha
    agree = "" if np.isnan(alpha.value) else f"; Cronbach's alpha of these is {bounded(alpha, '.2f')}"
    return (
        (
            f"Over {many(len(parts), 'part')} they give {bounded(index)} of 100{agree}. "
            f"Asked about everything together they give {bounded(mean, '.2f')} on a scale from {whole.scale.low} to "
            f"{whole.scale.high}."
        ),
        f"Of the parts {counted(index)} Of the whole {counted(mean)}",
        *few(min(index.n, mean.n)),
    )


def _moves(moved: Drivers, map_: ImportanceMap) -> tuple[str, ...]:
    if np.isnan(moved.r2.value):
        return (f"What moves the whole cannot be told: {moved.r2.notes[-1]}.",)
    rest = [name for name in moved.names if name not in moved.moving]
    shown = f"{', '.join(moved.moving)} move the whole more than chance would" if moved.moving else "No part is shown"
    told = f"{shown}{' to move the whole' if not moved.moving else ''}"
    more = f"; of {', '.join(rest)} it is not shown" if rest and moved.moving else ""
    first = map_.of("concentrate here")
    work = f"Important and done less well than the others: {', '.join(first)}." if first else ""
    explained = f"The parts explain {bounded(moved.r2, '.0f', times=100, unit=' %')} of the differences in the whole."
    return (f"{told}{more}. {explained}", *([work] if work else []))


def _parts(moved: Drivers, map_: ImportanceMap) -> Table:
    quadrants = dict(zip(map_.names, map_.quadrants, strict=True))
    rows = [
        (
            name,
            f"{map_.performance[name].n:,}",
            _plain(map_.performance[name].value),
            percent(moved.shares[name].value, 0),
            "; ".join([quadrants[name] or "unknown", *_sure(moved, map_, name)]),
        )
        for name in moved.names
    ]
    head = ("part", "answers", "mean answer", "of what they explain", "so")
    return Table(head, rows, "The parts, what moves the whole most first")


def _plain(value: float) -> str:
    return "unknown" if np.isnan(value) else f"{value:.2f}"


def _sure(moved: Drivers, map_: ImportanceMap, name: str) -> list[str]:
    mean, share = between(map_.performance[name], ".2f"), between(moved.shares[name], ".0f", times=100, unit=" %")
    told = [f"mean {mean}" if mean else "", f"explains {share}" if share else ""]
    return [*filter(None, told), *([] if name in moved.moving else ["not shown to move it"])]


def _list(lines: Sequence[Repair], target: float) -> Table:
    rows = [
        (
            line.item,
            f"{len(line.customers):,}",
            percent(line.shortfall.value, 0),
            percent(line.first, 0),
            (
                f"furthest below: {', '.join(map(str, line.customers[:_BEHIND]))}"
                f"{_lacking(between(line.shortfall, '.0f', times=100, unit=' %'))}"
            ),
        )
        for line in lines
    ]
    head = ("part", f"below {target:g}", "is lacking", "comes first", "who")
    return Table(
        head, rows, "What to repair first: customers below, how much of the scale they lack, and how sure the place is"
    )


def _lacking(inside: str) -> str:
    return f"; lacking {inside}" if inside else ""
