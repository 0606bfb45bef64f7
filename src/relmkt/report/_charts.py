"""What does it look like? Pictures of ladders, segments, cohorts, concentration and value, as SVG text.

Drawn narrow, with letters that stay readable on a telephone; what colour says is also said by a number. Matplotlib is
the extra `report`; nothing is shown on a screen and nothing is read from the user's style.
"""

from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.value import Cohorts, lorenz

__all__ = ["bars_chart", "cohort_chart", "ladder_chart", "lorenz_chart", "months_chart", "segment_chart"]

INK, BLUE, ORANGE, PALE, GRID = "#1b1f24", "#2b6ca3", "#b8560f", "#c9dced", "#d5d9de"
WIDTH, SHOWN = 4.4, 24
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "path",
    "svg.hashsalt": "relmkt",
}


def drawn(height: float, draw: Callable[[Any], None], *, panels: int = 1, beside: Sequence[float] = ()) -> str:
    """One picture as SVG; `draw` is handed its axes, or an array of them where it has several panels.

    panels: one below the other. beside: widths of panels that stand beside one another instead, with rows in common.
    Raises ImportError naming the extra where matplotlib is not installed.
    """
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("pictures need matplotlib: pip install relmkt[report]") from error
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        if beside:
            draw(figure.subplots(1, len(beside), sharey=True, width_ratios=list(beside)))
        else:
            draw(figure.subplots(panels, sharex=panels > 1))
        out = StringIO()
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(out, metadata={"Date": None, "Creator": "relmkt"})
    return out.getvalue()


def bars_chart(counts: Mapping[str, float], label: str, *, form: str = ",.0f", color: str = BLUE) -> str:
    """Horizontal bars, the first entry on top, each with its figure.

    counts: a value of 0 or more under each name. label: what is counted. form: how a figure is written.

    >>> bars_chart({"client": 12, "customer": 30}, "customers").lstrip().startswith("<?xml")
    True
    """
    names, values = list(counts), [float(value) for value in counts.values()]

    def draw(axes: Any) -> None:
        places = np.arange(len(names))[::-1]
        axes.barh(places, values, color=color, height=0.7)
        most = max([*values, 1e-9])
        for place, value in zip(places.tolist(), values, strict=True):
            axes.text(value + most * 0.015, place, format(value, form), va="center")
        axes.set_yticks(places, names)
        axes.set_xlim(0, most * 1.2)
        axes.set_xlabel(label)
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="x", bottom=False, labelbottom=False)
        axes.tick_params(axis="y", length=0)

    return drawn(0.36 * max(len(names), 2) + 0.6, draw)


def ladder_chart(counts: Mapping[str, int]) -> str:
    """How many stand on each rung; the highest rung is drawn on top, as on a ladder.

    counts: as `portfolio.count(ladder)` gives them, lowest rung first.

    >>> "</svg>" in ladder_chart({"prospect": 3, "customer": 2})
    True
    """
    return bars_chart(dict(reversed(list(counts.items()))), "customers on each rung")


def segment_chart(counts: Mapping[str, int]) -> str:
    """How many are in each segment, in the order given.

    counts: as `portfolio.count(*segments)` gives them.

    >>> "</svg>" in segment_chart({"champions": 3, "new": 2})
    True
    """
    return bars_chart(counts, "customers in each segment")


def lorenz_chart(values: ArrayLike, *, share: float = 0.2, label: str = "revenue") -> str:
    """How concentrated the value is: the curve sags the more, the fewer customers bring most of it.

    values: one a customer, 0 or more. share: of the best customers, which is marked. label: what is shared.

    >>> "</svg>" in lorenz_chart([1, 1, 2, 10])
    True
    """
    customers, brought = lorenz(values)
    if customers.size > 400:
        kept = np.unique(np.linspace(0, customers.size - 1, 400).astype(int))
        customers, brought = customers[kept], brought[kept]
    rest = float(np.interp(1 - share, customers, brought))

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.fill_between(customers, brought, color=PALE)
        axes.plot(customers, brought, color=BLUE, linewidth=2.2)
        axes.plot([1 - share, 1 - share, 1], [0, rest, rest], color=ORANGE, linewidth=1.4)
        axes.text(0.4, 0.5, "if all brought the same", rotation=41, ha="center", va="center", fontsize=9.5)
        told = f"the best {share:.0%}\nbring {1 - rest:.0%}"
        axes.text(0.985 - share, rest + 0.05, told, color=ORANGE, ha="right", va="bottom", fontweight="bold")
        shares_axes(axes, "customers, from those who bring least", f"{label} that they bring together")

    return drawn(4.2, draw)


def shares_axes(axes: Any, x: str, y: str) -> None:
    """Axes of shares, both from 0 to 1."""
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_xticks(ticks, [f"{tick:.0%}" for tick in ticks])
    axes.set_yticks(ticks, [f"{tick:.0%}" for tick in ticks])
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    axes.set_xlabel(x)
    axes.set_ylabel(y)


def months_chart(months: Sequence[str], values: Sequence[float], label: str) -> str:
    """A value month by month, as columns.

    months: as ISO 8601 (2026-03). label: what the columns are, with its unit.

    >>> "</svg>" in months_chart(["2026-01", "2026-02"], [10, 20], "revenue, EUR")
    True
    """

    def draw(axes: Any) -> None:
        places = np.arange(len(months))
        axes.bar(places, values, color=BLUE, width=0.75)
        every = max(1, -(-len(months) // 5))
        axes.set_xticks(places[::every], list(months)[::every])
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.set_ylabel(label)
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)

    return drawn(2.9, draw)


def cohort_chart(cohorts: Cohorts) -> str:
    """Of those who began together, the share that bought again, period by period: darker is more.

    One column a cohort (the newest twelve) and one for all; one row a period since the first purchase (the first 24).
    Periods that are not over are left out.

    >>> table = Cohorts("month", ["2026-01", "2026-02"], [100, 200], [[100, 60], [200, np.nan]])
    >>> "</svg>" in cohort_chart(table)
    True
    """
    shares, names = _shown(cohorts)
    height = 0.29 * max(len(shares), 2) + 1.1

    def draw(axes: Any) -> None:
        most = float(np.nanmax(shares)) if np.isfinite(shares).any() else 1.0
        if not shares.size:  # no period is over yet
            axes.axis("off")
            return
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=max(most * 1.1, 1e-9), aspect="auto")
        small = 9.5 if len(names) < 8 else 8
        for row, column in np.argwhere(np.isfinite(shares)).tolist():
            value = shares[row, column]
            ink = "white" if value > 0.72 * most else INK
            axes.text(column, row, f"{100 * value:.0f} %", ha="center", va="center", color=ink, fontsize=small)
        axes.set_xticks(np.arange(len(names)), names, rotation=0 if len(names) < 7 else 90)
        axes.xaxis.tick_top()
        axes.set_yticks(np.arange(len(shares)), [str(age) for age in range(1, len(shares) + 1)])
        axes.set_ylabel(f"{cohorts.period}s since the first purchase")
        axes.tick_params(length=0)
        axes.axvline(len(names) - 1.5, color="white", linewidth=4)
        for side in axes.spines.values():
            side.set_visible(False)

    return drawn(height, draw)


def _shown(cohorts: Cohorts) -> tuple[NDArray[np.float64], list[str]]:
    """Shares as (age, cohort), all cohorts together in the last column, and the columns' names."""
    retention = cohorts.retention.copy()
    if cohorts.running is not None:
        retention[cohorts.running] = np.nan
    shares = np.vstack([retention[-12:], cohorts.pooled])[:, 1 : SHOWN + 1].T
    seen = np.isfinite(shares).any(axis=1)
    last = int(np.flatnonzero(seen)[-1]) + 1 if seen.any() else 0
    return shares[:last], [*cohorts.starts[-12:], "all"]
