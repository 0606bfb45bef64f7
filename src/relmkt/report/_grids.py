"""What do frequency and recency say, do forecasts hold by group, does effort follow value? Pictures as SVG."""

from typing import Any

import numpy as np

from relmkt.report._charts import BLUE, GRID, INK, ORANGE, drawn, shares_axes
from relmkt.value import Calibration, EffortByValue, FrequencyRecency

__all__ = ["calibration_chart", "effort_chart", "matrix_chart"]

_STYLES = ("-", "--", ":", "-.")


def matrix_chart(matrix: FrequencyRecency, *, unit: str = "period", expected: bool = False) -> str:
    """Probability of still being a customer by repeat purchases and by when the last one was: darker is more.

    unit: of the model's times, for the label. expected: draw the purchases expected instead of the probability.

    >>> from relmkt.value import BetaGeo, frequency_recency
    >>> grid = frequency_recency(BetaGeo(0.243, 4.414, 0.793, 2.426), 38.86, 39, most=10)
    >>> "</svg>" in matrix_chart(grid, unit="week")
    True

    Source: Fader, Hardie & Lee 2005, Journal of Marketing Research 42(4).
    """
    told = matrix.expected if expected else matrix.alive
    most = float(np.nanmax(told)) if expected and np.isfinite(told).any() else 1.0

    def draw(axes: Any) -> None:
        # time since the last purchase runs down, so that who bought just now stands on top
        image = axes.imshow(told[::-1], cmap="Blues", vmin=0, vmax=most, aspect="auto", interpolation="nearest")
        last = matrix.recency.size - 1
        places = np.linspace(0, last, min(5, last + 1)).astype(int)
        quiet = matrix.age - matrix.recency[::-1]
        axes.set_yticks(places, [f"{quiet[place]:.0f}" for place in places])
        every = max(1, -(-matrix.frequency.size // 9))
        axes.set_xticks(np.arange(matrix.frequency.size)[::every], [str(k) for k in matrix.frequency[::every]])
        axes.set_xlabel("repeat purchases")
        axes.set_ylabel(f"{unit}s since the last purchase")
        bar = axes.figure.colorbar(image, ax=axes, fraction=0.06)
        bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.1f}" if expected else f"{value:.0%}")

    return drawn(3.8, draw)


def calibration_chart(table: Calibration, *, label: str = "purchases a customer", groups: str = "group") -> str:
    """Forecasts beside outcomes by group: a point with its interval for what came, a bar's end for what was expected.

    label: what is counted; groups: what the groups are.

    >>> two = Calibration(("0", "1"), [90, 40], [0.2, 0.6], [0.25, 0.7], [0.2, 0.6], [0.3, 0.8])
    >>> "</svg>" in calibration_chart(two)
    True
    """

    def draw(axes: Any) -> None:
        places = np.arange(len(table))
        reach = np.nan_to_num(np.stack([table.actual - table.low, table.high - table.actual]))
        axes.bar(places, table.expected, color=BLUE, width=0.7, label="expected")
        axes.errorbar(places, table.actual, reach, fmt="o", color=ORANGE, ecolor=INK, capsize=3, label="came")
        axes.set_xticks(places, list(table.groups))
        axes.set_xlabel(groups)
        axes.set_ylabel(label)
        axes.legend(frameon=False, loc="upper left")
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)

    return drawn(3.3, draw)


def effort_chart(found: EffortByValue, *, value: str = "value") -> str:
    """Curves of value and of each effort over the customers, those worth least first: where they part, effort strays.

    value: what the customers are ranked by, for the legend.

    >>> from relmkt.value import effort_by_value
    >>> "</svg>" in effort_chart(effort_by_value([1, 2, 3, 4], contacts=[12, 0, 0, 0]))
    True

    Source: Kakwani 1977.
    """
    kept = np.unique(np.linspace(0, found.customers.size - 1, 400).astype(int))
    customers = found.customers[kept]

    def draw(axes: Any) -> None:
        axes.plot(customers, found.value[kept], color=BLUE, linewidth=2.2, label=value)
        for k, (name, curve) in enumerate(found.efforts.items()):
            ink, style = (ORANGE, INK)[k % 2], _STYLES[1 + k % 3]
            axes.plot(customers, curve[kept], color=ink, linestyle=style, linewidth=1.8, label=name)
        shares_axes(axes, "customers, from those worth least", "share of the whole")
        axes.legend(frameon=False, loc="upper left")

    return drawn(4.2, draw)
