"""Would they recommend us, and what should be improved first? Pictures of answers to a survey, as SVG."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.report._charts import BLUE, GRID, INK, ORANGE, PALE, drawn
from relmkt.satisfaction import QUADRANTS, ImportanceMap

__all__ = ["column", "corners", "importance_chart", "nps_chart", "reach"]

Floats = NDArray[np.float64]
_TENS = 10.0  # the points of a score are marked at whole tens, no further out than needed
_STRIP = 0.16  # of the height, above and below the dots: what stands there covers none of them


def nps_chart(
    scores: Estimate, *, detractors: ArrayLike, promoters: ArrayLike, gaps: Collection[int] = (), name: str = "all"
) -> str:
    """Detractors, passives and promoters as one bar a group; beside it the score in points, and its interval.

    scores: net promoter scores, labelled by group, or of all. detractors, promoters: shares of the answers, from 0 to
    1, in the order of the groups; an `Estimate` as well. gaps: rows before which room is left. name: of a score without
    labels. What is unknown is left empty. Raises ValueError for shares of another length.

    >>> from relmkt.satisfaction import nps
    >>> towns = nps([10, 9, 8, 3, 0, 9], by=["Lyon", "Lyon", "Lyon", "Nice", "Nice", "Nice"])
    >>> "</svg>" in nps_chart(towns, detractors=[0, 2 / 3], promoters=[2 / 3, 1 / 3])
    True

    Source: Reichheld 2003, Harvard Business Review 81(12).
    """
    names = [name] if scores.labels is None else list(scores.labels)
    value, low, high = (column(one) for one in (scores.value, scores.low, scores.high))
    against, for_us = column(detractors), column(promoters)
    if not len(names) == len(against) == len(for_us):
        raise ValueError("detractors, promoters: expected one share a group of the scores")
    places = -(np.arange(len(names)) + 0.6 * np.searchsorted(np.sort(list(gaps)), np.arange(len(names)), side="right"))

    seen = np.concatenate([value, low, high, [-_TENS, _TENS]])
    seen = seen[np.isfinite(seen)] / _TENS
    ends = _TENS * max(np.floor(seen.min()), -10), _TENS * min(np.ceil(seen.max()), 10)
    ticks = [0.0, *(end for end in ends if abs(end) > 0.2 * (ends[1] - ends[0]))]  # else they run into one another

    def draw(panels: Any) -> None:
        bars, points = panels
        _stacked(bars, places, against, for_us)
        bars.set_yticks(places, names)
        bars.tick_params(axis="y", length=0)
        points.axvline(0, color=GRID, linewidth=1)
        points.errorbar(value, places, xerr=reach(value, low, high), fmt="o", color=INK, markersize=4, capsize=2)
        for place, one in zip(places.tolist(), value.tolist(), strict=True):
            points.text(ends[1], place, f"  {one:+.0f}" if one == one else "", va="center", fontweight="bold")
        points.set_xlim(*ends)
        points.set_xticks(ticks, [f"{tick:.0f}".replace("-", "−") for tick in ticks])
        points.tick_params(axis="y", length=0)
        points.set_xlabel("score, in points")
        for axes in panels:
            axes.spines["left"].set_visible(False)
        bars.set_ylim(places[-1] - 0.6, 0.6)

    return drawn(0.33 * (1 - float(places[-1])) + 1.15, draw, beside=(1.15, 1))


def _stacked(bars: Any, places: Floats, against: Floats, for_us: Floats) -> None:
    """Shares that fill a bar, each with its figure where there is room for it."""
    parts = (("detractors", against, ORANGE), ("passives", 1 - against - for_us, PALE), ("promoters", for_us, BLUE))
    left = np.zeros(len(places))
    for word, share, color in parts:
        bars.barh(places, share, left=left, color=color, height=0.72, label=word)
        for place, start, one in zip(places.tolist(), left.tolist(), share.tolist(), strict=True):
            if one >= 0.17:
                ink = INK if color == PALE else "white"
                bars.text(start + one / 2, place, f"{100 * one:.0f}", ha="center", va="center", color=ink, fontsize=9.5)
        left = left + np.nan_to_num(share)
    bars.set_xlim(0, 1)
    bars.set_xticks([0, 0.5, 1], ["0", "50", "100"])
    bars.set_xlabel("% of the answers")
    bars.figure.legend(
        *bars.get_legend_handles_labels(),
        loc="outside upper center",
        ncols=3,
        frameon=False,
        fontsize=9.5,
        handlelength=1,
        columnspacing=1.2,
        handletextpad=0.5,
    )


def importance_chart(found: ImportanceMap, *, performance: str = "how well it is done", weight: str = "") -> str:
    """What matters against how well it is done: a numbered dot an item, with both intervals, in four quadrants.

    found: as `importance_map` and `importance_performance` give it. performance, weight: what the axes are (the second
    is "how much it matters" unless said). The names of the items stand below, by their numbers: names beside dots run
    over one another on a telephone. Items of which a side is unknown are not drawn, and their line says so.

    >>> from relmkt.satisfaction import importance_map
    >>> four = importance_map([4.5, 4.2, 3.0, 3.1], [3.0, 4.1, 2.8, 4.0], cut="grand mean")
    >>> "</svg>" in importance_chart(four)
    True

    Source: Martilla & James 1977, J. Marketing 41(1).
    """
    told = found.chart
    x, y = told["performance"], told["importance"]
    reach_x, reach_y = (reach(told[side], told[f"{side}_low"], told[f"{side}_high"]) for side in _SIDES)
    numbers = [str(place) for place in range(1, len(x) + 1)]
    known = np.isfinite(x) & np.isfinite(y)
    names = [f"{number}  {name}" for number, name in zip(numbers, found.names, strict=True)]
    key = [name if seen else f"{name}: unknown" for name, seen in zip(names, known.tolist(), strict=True)]

    def draw(axes: Any) -> None:
        axes.errorbar(x, y, reach_y, reach_x, fmt="o", color=BLUE, ecolor=BLUE, elinewidth=1, markersize=5)
        spans = [_span(one, away, at) for one, away, at in ((x, reach_x, found.cross[1]), (y, reach_y, found.cross[0]))]
        corners(axes, spans, (found.cross[1], found.cross[0]), _NAMES)
        _numbered(axes, np.column_stack([x, y])[known], [n for n, seen in zip(numbers, known, strict=True) if seen])
        axes.set_xlabel(performance + "\n" + "\n".join(_folded(key)), linespacing=1.35)
        axes.set_ylabel(weight or "how much it matters")

    return drawn(3.6 + 0.2 * len(_folded(key)), draw)


_SIDES = ("performance", "importance")
_NAMES = (QUADRANTS[2], QUADRANTS[3], QUADRANTS[0], QUADRANTS[1])  # upper left, upper right, lower left, lower right


def corners(
    axes: Any, spans: list[tuple[float, float]], cross: tuple[float, float], names: tuple[str, str, str, str]
) -> None:
    """Lines where two axes are cut in two, and the four names in strips above and below what is drawn.

    spans: what is drawn from where to where, sideways and upwards; cross: where the lines run; names: upper left, upper
    right, lower left, lower right.
    """
    (left, right), (low, high) = spans
    room = (high - low) * _STRIP / (1 - 2 * _STRIP)
    axes.set_xlim(left, right)
    axes.set_ylim(low - room, high + room)
    axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= high])
    if np.isfinite(cross).all():
        axes.axvline(cross[0], color=INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.axhline(cross[1], color=INK, linewidth=1, linestyle=(0, (4, 3)))
    for place, name in enumerate(names):
        x, side = ((0.015, "left"), (0.985, "right"))[place % 2]
        y, edge = ((0.985, "top"), (0.02, "bottom"))[place // 2]
        axes.text(x, y, name, transform=axes.transAxes, ha=side, va=edge, fontsize=9.5, fontweight="bold", color=ORANGE)
    axes.set_axisbelow(True)


def _span(values: Floats, away: Floats, cross: float) -> tuple[float, float]:
    """From the least to the most of what is drawn, the line among it, with a little room."""
    ends = np.concatenate([values - away[0], values + away[1], [cross]])
    seen = ends[np.isfinite(ends)]
    if not seen.size:
        return 0.0, 1.0
    room = 0.08 * float(np.ptp(seen)) or 0.5
    return float(seen.min()) - room, float(seen.max()) + room


def _numbered(axes: Any, dots: Floats, numbers: list[str]) -> None:
    """A number beside each dot, slantwise and so off the intervals, where it is furthest from all else."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    at = (dots - [left, low]) / [right - left, high - low] * [3.6, 3.2]  # about inches
    turns = np.arange(1, 9, 2) * np.pi / 4
    taken = at.copy()
    for place, number in enumerate(numbers):
        tries = at[place] + 0.15 * np.column_stack([np.cos(turns), np.sin(turns)])
        others = np.delete(taken, place, axis=0)
        away = np.min(np.linalg.norm(tries[:, None] - others[None], axis=2), axis=1, initial=1.0)
        best = tries[int(np.argmax(away))]
        taken = np.vstack([taken, best])
        shift = (best - at[place]) * 72
        axes.annotate(
            number, dots[place], shift, textcoords="offset points", ha="center", va="center", fontweight="bold"
        )


def _folded(names: list[str], wide: int = 46) -> list[str]:
    """Names in lines, as many to a line as fit."""
    lines: list[str] = []
    for name in names:
        if lines and len(lines[-1]) + len(name) + 3 <= wide:
            lines[-1] += f"   {name}"
        else:
            lines.append(name)
    return lines


def column(told: ArrayLike) -> Floats:
    """One figure a line, of a single one too."""
    return np.atleast_1d(np.asarray(told, np.float64))


def reach(value: Floats, low: Floats, high: Floats) -> Floats:
    """How far an interval reaches on either side; 0 where there is none."""
    return np.maximum(np.nan_to_num(np.stack([value - low, high - value])), 0)
