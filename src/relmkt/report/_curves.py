"""How did it go over time? Pictures of tracking, of one customer's probability, of retention and of tenure, as SVG."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.report._charts import BLUE, GRID, INK, ORANGE, PALE, drawn
from relmkt.value import AliveHistory, Cohorts, TenureProfit, Tracking

__all__ = ["alive_chart", "retention_chart", "tenure_chart", "tracking_chart"]

Floats = NDArray[np.float64]


def tracking_chart(way: Tracking) -> str:
    """Repeat purchases as they came and as the model expects them: together so far above, period by period below.

    A dashed line marks the end of what the model was fitted to; right of it is forecast.

    >>> way = Tracking([1, 2, 3], [4.0, 7.0, 9.0], [3.5, 6.8, 9.9], 2, "week")
    >>> "</svg>" in tracking_chart(way)
    True

    Source: Fader, Hardie & Lee 2005, figures 2 to 4.
    """
    pairs = ((way.actual, way.expected, "so far"), (way.actual_by_period, way.expected_by_period, f"each {way.unit}"))

    def draw(panels: Any) -> None:
        for axes, (actual, expected, word) in zip(panels, pairs, strict=True):
            axes.plot(way.ends, actual, color=INK, linewidth=1.4, label="came")
            axes.plot(way.ends, expected, color=ORANGE, linewidth=2, linestyle=(0, (5, 2)), label="expected")
            if way.calibrated:
                axes.axvline(way.calibrated, color=INK, linewidth=1, linestyle=(0, (2, 3)))
            axes.set_ylabel(f"repeat purchases, {word}")
            axes.set_ylim(bottom=0)
            _plain(axes)
        panels[0].legend(frameon=False, loc="upper left")
        panels[1].set_xlabel(f"{way.unit}s since the first customer came")

    return drawn(5.4, draw, panels=2)


def alive_chart(history: AliveHistory) -> str:
    """One customer's probability of still being one, day by day, with its interval; a tick marks each purchase.

    >>> days = np.arange("2026-01-01", "2026-01-04", dtype="M8[D]")
    >>> way = AliveHistory(days, [1.0, 0.9, 0.8], [1.0, 0.8, 0.7], [1.0, 1.0, 0.9], days[:1])
    >>> "</svg>" in alive_chart(way)
    True

    Source: Fader, Hardie & Lee 2005, Journal of Marketing Research 42(4).
    """

    def draw(axes: Any) -> None:
        days = history.days.astype("datetime64[D]").astype(object)
        if np.isfinite(history.low).any():
            axes.fill_between(days, history.low, history.high, color=PALE, linewidth=0)
        axes.plot(days, history.alive, color=BLUE, linewidth=2)
        for day in history.bought.astype("datetime64[D]").astype(object):
            axes.plot([day, day], [-0.055, -0.01], color=ORANGE, linewidth=1.4, clip_on=False)
        axes.set_ylim(-0.06, 1.02)
        _share_ticks(axes)
        axes.set_ylabel("probability of still being a customer")
        places = history.days[np.linspace(0, len(history) - 1, min(4, len(history))).astype(int)]
        axes.set_xticks(places.astype("datetime64[D]").astype(object), [str(day)[:7] for day in places])
        _plain(axes)

    return drawn(3.1, draw)


def retention_chart(bought: Cohorts, kept: Cohorts | None = None) -> str:
    """Retention by age with intervals: the share that bought in the period, and the share not seen to have left.

    bought: cohorts by purchases in the period, whose pooled share is drawn. kept: cohorts by "purchase or later" or of
    contracts, whose curve of survival is drawn (Kaplan & Meier 1958); left out unless given.

    >>> table = Cohorts("month", ["2026-01", "2026-02"], [100, 200], [[100, 60, 50], [200, 90, np.nan]])
    >>> "</svg>" in retention_chart(table, table)
    True
    """
    lines = [(bought.pooled_rate(), BLUE, f"bought in that {bought.period}", "-")]
    if kept is not None:
        words = "still under contract" if kept.activity == "contract" else "bought then or later"
        lines.append((kept.survival(), ORANGE, words, "--"))

    def draw(axes: Any) -> None:
        for told, color, words, style in lines:
            _band(axes, told, color, words, style)
        axes.set_ylim(0, 1.02)
        _share_ticks(axes)
        ages = bought.pooled.size
        axes.set_xticks(np.arange(0, ages, max(1, -(-ages // 9))))
        axes.set_xlabel(f"{bought.period}s since the first purchase")
        axes.set_ylabel("share of those who began")
        axes.legend(frameon=False, loc="upper right")
        _plain(axes)

    return drawn(3.4, draw)


def tenure_chart(profit: TenureProfit) -> str:
    """What a customer brings by tenure, with intervals: those who bought in the period, and all who came.

    >>> means = Estimate([14.0, 20.0], [10.0, 15.0], [18.0, 25.0], n=[9, 8], labels=["0", "1"])
    >>> slope = Estimate(1.5, 0.2, 2.8, n=40)
    >>> "</svg>" in tenure_chart(TenureProfit("year", "profit", "EUR", means, means, slope, slope))
    True
    """

    def draw(axes: Any) -> None:
        for told, color, words, style in (
            (profit.active, BLUE, "those who bought then", "-"),
            (profit.everyone, ORANGE, "all who had come", "--"),
        ):
            x, value, low, high = _columns(told)
            reach = np.nan_to_num(np.stack([value - low, high - value]))
            axes.errorbar(
                x, value, reach, color=color, marker="o", markersize=4, capsize=3, linestyle=style, label=words
            )
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.set_xticks(np.arange(len(profit.active)), profit.active.labels or ())
        axes.set_xlabel(f"{profit.unit}s since the first purchase")
        axes.set_ylabel(f"{profit.label} a customer, {profit.currency}")
        axes.legend(frameon=False)
        _plain(axes)

    return drawn(3.4, draw)


def _columns(told: Estimate) -> tuple[Floats, Floats, Floats, Floats]:
    value, low, high = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (told.value, told.low, told.high))
    return np.arange(value.size, dtype=np.float64), value, low, high


def _band(axes: Any, told: Estimate, color: str, words: str, style: str) -> None:
    x, value, low, high = _columns(told)
    axes.fill_between(x, low, high, color=color, alpha=0.25, linewidth=0)
    axes.plot(x, value, color=color, linewidth=2, linestyle=style, label=words)


def _share_ticks(axes: Any) -> None:
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_yticks(ticks, [f"{tick:.0%}" for tick in ticks])


def _plain(axes: Any) -> None:
    if axes.get_ylim()[1] > 1.5:
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
