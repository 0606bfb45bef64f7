"""Is it loyalty, or habit, and what ties them? Pictures of attitude against behaviour and of concepts, as SVG."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.loyalty import LoyaltyTable
from relmkt.report._charts import BLUE, GRID, INK, drawn
from relmkt.report._felt_charts import column, corners, reach

__all__ = ["concepts_chart", "loyalty_chart"]

Floats = NDArray[np.float64]
_STEPS = 10  # of a scale that is marked at every step
_CELLS = 13  # on each side of a cut
_TAIL = 0.99  # what lies beyond this share of behaviour stands on the edge: one heavy buyer leaves no room for others


def loyalty_chart(table: LoyaltyTable, *, attitude: str = "attitude", behaviour: str = "behaviour") -> str:
    """Attitude against behaviour, cut in two both ways: the larger a dot, the more customers stand there.

    table: of known cuts. attitude, behaviour: what the axes are. Each side of a cut is given the same room, so that the
    numbers at the ticks are to be read; the last hundredth of behaviour stands on the right edge. The corners have the
    name and share of each type, with its interval. Unknown customers are not drawn.

    >>> from relmkt.loyalty import loyalty_table
    >>> found = loyalty_table([6, 6, 2, 2, None], [5, 1, 5, 1, 5], attitude_cut=4, behaviour_cut=3)
    >>> "</svg>" in loyalty_chart(found, behaviour="purchases within a year")
    True

    Source: Dick & Basu 1994, Journal of the Academy of Marketing Science 22(2).
    """
    known = np.isfinite(table.attitude) & np.isfinite(table.behaviour)
    x, right = _halves(table.behaviour[known], table.behaviour_cut, _TAIL)
    y, top = _halves(table.attitude[known], table.attitude_cut, 1.0)
    shares = table.shares()
    latent, true, none, spurious = (_corner(kind, shares[kind]) for kind in ("latent", "true", "none", "spurious"))

    def draw(axes: Any) -> None:
        cells, counts = np.unique(np.round(np.column_stack([x, y]) * _CELLS), axis=0, return_counts=True)
        size = 170 * counts / max(counts.max(initial=1), 1)
        axes.scatter(*(cells / _CELLS).T, s=np.maximum(size, 2), color=BLUE, alpha=0.75, linewidth=0)
        corners(axes, [(-1.1, 1.1), (-1.08, 1.08)], (0.0, 0.0), (latent, true, none, spurious))
        axes.set_xticks([-1, 0, 1], [*_marks(right[0], table.behaviour_cut), _edge(right, table.behaviour)])
        axes.set_yticks([-1, 0, 1], _marks(top[0], table.attitude_cut, top[1]))
        axes.set_xlabel(behaviour)
        axes.set_ylabel(attitude)

    return drawn(4.1, draw)


def _halves(values: Floats, cut: float, tail: float) -> tuple[Floats, tuple[float, float]]:
    """Values from −1 at the least over 0 at the cut to 1 at the most, and what the least and the most are."""
    if not values.size or not np.isfinite(cut):
        return np.zeros(0), (np.nan, np.nan)
    least, most = float(values.min()), float(np.quantile(values, tail, method="higher"))
    least, most = min(least, cut), max(most, cut)
    below, above = (max(abs(end - cut), 1e-12) for end in (least, most))
    return np.where(values < cut, (values - cut) / below, np.minimum((values - cut) / above, 1.0)), (least, most)


def _edge(ends: tuple[float, float], behaviour: Floats) -> str:
    beyond = bool((behaviour > ends[1]).any())
    return _marks(ends[1])[0] + (" or more" if beyond else "")


def _marks(*ticks: float) -> list[str]:
    return [f"{tick:,.3g}" if np.isfinite(tick) else "" for tick in ticks]


def _corner(kind: str, share: Estimate) -> str:
    if not np.isfinite(share.value):
        return kind
    return f"{kind} {100 * share.value:.0f} %\n({100 * share.low:.0f} to {100 * share.high:.0f})"


def concepts_chart(scores: Estimate, *, ends: tuple[float, float], label: str = "mean score") -> str:
    """What ties them, a line a concept: a dot with its interval on one scale, so that lines can be compared.

    scores: labelled by concept; a label with a colon ("trust: credibility") is a part, and is set in. ends: of the
    scale. label: what the scores are.

    A radar of the same figures was not drawn, on purpose: its area depends on the order of the axes and grows with the
    square of the scores, lengths in different directions are read worse than places along one line (Cleveland & McGill
    1984, Graphical Perception, JASA 79(387), 531-554), and it has no room for intervals.

    >>> told = Estimate([5.2, 4.9], [5.0, 4.6], [5.4, 5.2], n=[90, 90], labels=["trust", "attachment"])
    >>> "</svg>" in concepts_chart(told, ends=(1, 7))
    True
    """
    value, low, high = (column(one) for one in (scores.value, scores.low, scores.high))
    away = reach(value, low, high)
    names, rows = _set_in(list(scores.labels or ["score"]))
    places = -np.array(rows, np.float64)
    steps = round(ends[1] - ends[0]) if ends[1] - ends[0] <= _STEPS else 4

    def draw(axes: Any) -> None:
        axes.hlines(places, *ends, color=GRID, linewidth=0.8)
        axes.errorbar(value, places, xerr=away, fmt="o", color=BLUE, ecolor=INK, capsize=3, markersize=6)
        for place, one in zip(places.tolist(), value.tolist(), strict=True):
            told = f"{one:.1f}" if one == one else "unknown"
            axes.text(ends[1] + 0.03 * (ends[1] - ends[0]), place, told, va="center", fontweight="bold")
        axes.set_yticks(-np.arange(len(names)), names, ha="left")
        axes.tick_params(axis="y", length=0, pad=9.5 * 0.6 * max(map(len, names)))
        axes.set_xticks(np.linspace(*ends, steps + 1))
        axes.xaxis.set_major_formatter(lambda tick, _: f"{tick:g}")
        axes.set_xlim(*ends)
        axes.set_ylim(0.4 - len(names), 0.6)
        axes.set_xlabel(label)
        axes.spines["left"].set_visible(False)

    return drawn(0.36 * len(names) + 0.9, draw)


def _set_in(labels: list[str]) -> tuple[list[str], list[int]]:
    """Names of lines, parts set in under their concept, and the line of each label; a concept without a score of its
    own is a line of words.

    >>> _set_in(["trust", "trust: integrity", "commitment: affective"])
    (['trust', '   integrity', 'commitment', '   affective'], [0, 1, 3])
    """
    names: list[str] = []
    rows: list[int] = []
    for label in labels:
        head, _, part = label.partition(": ")
        if part and head not in names:
            names.append(head)
        rows.append(len(names))
        names.append(f"   {part}" if part else label)
    return names, rows
