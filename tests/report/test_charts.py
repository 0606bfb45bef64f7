"""Pictures of what the value chapter tells: they show what they are given, and bear what is missing."""

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from relmkt.estimate import Estimate
from relmkt.report import (
    _curves,
    _grids,
    alive_chart,
    calibration_chart,
    cohort_chart,
    effort_chart,
    matrix_chart,
    retention_chart,
    tenure_chart,
    tracking_chart,
)
from relmkt.value import (
    AliveHistory,
    BetaGeo,
    Calibration,
    Cohorts,
    EffortByValue,
    TenureProfit,
    Tracking,
    effort_by_value,
    frequency_recency,
)

NAN = float("nan")
MODEL = BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week")


@pytest.fixture
def axes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The axes of what is drawn, with everything on them."""
    matplotlib = pytest.importorskip("matplotlib.figure")
    kept: list[Any] = []

    def keep(height: float, draw: Any, *, panels: int = 1) -> str:
        found = matplotlib.Figure(figsize=(4, height)).subplots(panels)
        draw(found)
        kept.extend(np.atleast_1d(found))
        return "<svg></svg>"

    monkeypatch.setattr(_curves, "drawn", keep)
    monkeypatch.setattr(_grids, "drawn", keep)
    return kept


def line(axes: Any, place: int) -> list[float]:
    return [round(float(y), 9) for y in axes.lines[place].get_ydata()]


def test_tracking_has_both_courses_and_marks_the_end_of_the_calibration(axes: list[Any]):
    tracking_chart(Tracking([1, 2, 3], [4.0, 7.0, 9.0], [3.5, 6.5, 10.0], 2, "week"))
    above, below = axes
    assert (line(above, 0), line(above, 1)) == ([4, 7, 9], [3.5, 6.5, 10])
    assert (line(below, 0), line(below, 1)) == ([4, 3, 2], [3.5, 3, 3.5])
    for panel in axes:
        assert set(panel.lines[2].get_xdata()) == {2}


def test_alive_shows_every_purchase_and_the_interval_where_there_is_one(axes: list[Any]):
    days = np.arange("2026-01-01", "2026-01-05", dtype="M8[D]")
    alive_chart(AliveHistory(days, [1, 0.9, 1, 0.8], [1, 0.8, 1, 0.7], [1, 1, 1, 0.9], days[[0, 2]]))
    alive_chart(AliveHistory(days, [1, 0.9, 1, 0.8], [NAN] * 4, [NAN] * 4, days[[0, 2]]))
    assert line(axes[0], 0) == [1, 0.9, 1, 0.8]
    assert [len(one.lines) for one in axes] == [3, 3]
    assert [len(one.collections) for one in axes] == [1, 0]


def test_retention_draws_the_pooled_share_and_the_curve_of_survival(axes: list[Any]):
    bought = Cohorts("month", ["2026-01", "2026-02"], [100, 300], [[100, 60, 50], [300, 90, NAN]])
    kept = Cohorts("month", ["2026-01"], [100], [[100, 80, 60]], activity="purchase or later")
    retention_chart(bought, kept)
    assert line(axes[0], 0) == [1, 0.375, 0.5]
    assert line(axes[0], 1) == [1, 0.8, 0.6]
    assert [text.get_text() for text in axes[0].get_legend().get_texts()] == [
        "bought in that month",
        "bought then or later",
    ]
    retention_chart(bought)
    assert len(axes[1].lines) == 1


def test_tenure_has_both_means_with_their_whiskers(axes: list[Any]):
    active = Estimate([14.0, 20.0], [10.0, NAN], [18.0, NAN], n=[9, 1], labels=["0", "1"])
    everyone = Estimate([14.0, 5.0], [10.0, 3.0], [18.0, 7.0], n=[9, 9], labels=["0", "1"])
    slope = Estimate(1.5, 0.2, 2.8, n=40)
    tenure_chart(TenureProfit("year", "profit", "EUR", active, everyone, slope, slope))
    assert axes[0].get_ylabel() == "profit a customer, EUR"
    first, second = axes[0].containers
    assert first.lines[0].get_ydata().tolist() == [14, 20]
    assert [np.ptp(bar[:, 1]) for bar in first.lines[2][0].get_segments()] == [8, 0]
    assert [np.ptp(bar[:, 1]) for bar in second.lines[2][0].get_segments()] == [8, 4]


def test_the_matrix_has_who_bought_just_now_on_top(axes: list[Any]):
    grid = frequency_recency(MODEL, 38.0, 39.0, most=10, steps=20)
    matrix_chart(grid, unit="week")
    matrix_chart(grid, unit="week", expected=True)
    shown = np.asarray(axes[0].images[0].get_array().filled(NAN))
    np.testing.assert_array_equal(shown, grid.alive[::-1])
    assert shown[0, 10] > shown[15, 10]
    assert axes[0].get_yticklabels()[0].get_text() == "0"
    assert axes[0].get_yticklabels()[-1].get_text() == "38"
    assert axes[1].images[0].get_clim() == (0, np.nanmax(grid.expected))


def test_calibration_bears_a_group_of_one(axes: list[Any]):
    calibration_chart(Calibration(("0", "1"), [90, 1], [0.2, 0.6], [0.25, 2.0], [0.2, NAN], [0.3, NAN]))
    bars, dots = axes[0].containers
    assert [bar.get_height() for bar in bars] == [0.2, 0.6]
    assert dots.lines[0].get_ydata().tolist() == [0.25, 2]


def test_effort_has_a_curve_of_its_own_for_each(axes: list[Any]):
    found = effort_by_value([1, 2, 3, 4], contacts=[12, 0, 0, 0], spend=[1, 2, 3, 4])
    effort_chart(found, value="revenue")
    assert [text.get_text() for text in axes[0].get_legend().get_texts()] == ["revenue", "contacts", "spend"]
    assert line(axes[0], 1) == [0, 1, 1, 1, 1]
    assert line(axes[0], 0) == line(axes[0], 2)


def many() -> EffortByValue:
    return effort_by_value(np.arange(1, 5000), contacts=np.arange(5000, 1, -1))


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(lambda: tracking_chart(Tracking([1], [0.0], [0.0], 0, "day")), id="tracking"),
        pytest.param(lambda: matrix_chart(frequency_recency(MODEL, 0.5, 1.0, most=1, steps=1)), id="matrix"),
        pytest.param(lambda: effort_chart(many()), id="effort"),
        pytest.param(lambda: cohort_chart(Cohorts("month", ["2026-01"], [3], [[3]])), id="cohorts"),
        pytest.param(lambda: retention_chart(Cohorts("month", ["2026-01"], [3], [[3]])), id="retention"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_small_and_large_ones_are_whole_pictures(picture: Any):
    pytest.importorskip("matplotlib")
    text = picture()
    assert ElementTree.fromstring(text.encode()).tag.endswith("svg")
    assert len(text) < 200_000
    assert not re.search(r"\bnan\b", text)
    assert text == picture()
