"""Pictures of a survey: they show the figures they are given, with their intervals, and nothing runs over anything."""

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from relmkt.estimate import Estimate
from relmkt.loyalty import loyalty_table
from relmkt.report import _felt_charts, _tie_charts, concepts_chart, importance_chart, loyalty_chart, nps_chart
from relmkt.report._charts import drawn
from relmkt.satisfaction import importance_map, nps

NAN = float("nan")
TOWNS = Estimate([20.0, -30.0, NAN], [5.0, -60.0, NAN], [35.0, 1.0, NAN], n=[90, 9, 0], labels=["Lyon", "Nice", "Metz"])


@pytest.fixture
def panels(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The panels of what is drawn, with everything on them, laid out as they are written."""
    pytest.importorskip("matplotlib")
    kept: list[Any] = []

    def keep(height: float, draw: Any, **told: Any) -> str:
        def watched(found: Any) -> None:
            draw(found)
            kept.extend(np.atleast_1d(found))

        return drawn(height, watched, **told)

    for module in (_felt_charts, _tie_charts):
        monkeypatch.setattr(module, "drawn", keep)
    return kept


def texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


def reaches(axes: Any, place: int = 0) -> list[list[float]]:
    """Both ends of the horizontal intervals."""
    bars = axes.containers[place].lines[2][0].get_segments()
    return [[round(float(end), 9) for end in bar[:, 0]] for bar in bars if len(bar)]


def test_nps_has_a_bar_of_three_parts_and_the_score_with_its_interval(panels: list[Any]):
    nps_chart(TOWNS, detractors=[0.3, 0.5, NAN], promoters=[0.5, 0.2, NAN], gaps=[2])
    bars, points = panels
    assert [label.get_text() for label in bars.get_yticklabels()] == ["Lyon", "Nice", "Metz"]
    widths = [[round(part.get_width(), 9) for part in container][:2] for container in bars.containers]
    assert widths == [[0.3, 0.5], [0.2, 0.3], [0.5, 0.2]]
    assert texts(bars) == ["30", "50", "20", "30", "50", "20"]
    assert texts(points) == ["  +20", "  -30", ""]
    assert reaches(points)[:2] == [[5, 35], [-60, 1]]  # F31: the picture shows the interval
    assert points.get_xlim() == (-60, 40)
    rows = bars.get_yticks()
    assert rows[0] - rows[1] == 1
    assert rows[1] - rows[2] > 1


def test_nps_of_all_alone_and_of_nobody(panels: list[Any]):
    nps_chart(nps([10, 9, 8, 3, 0, 9]), detractors=2 / 6, promoters=[0.5], name="all guests")
    nps_chart(nps([]), detractors=NAN, promoters=NAN)
    assert panels[0].get_yticklabels()[0].get_text() == "all guests"
    assert texts(panels[1]) == ["  +17"]
    assert texts(panels[3]) == [""]
    with pytest.raises(ValueError, match="one share a group"):
        nps_chart(TOWNS, detractors=[0.1], promoters=[0.2])


def test_importance_has_numbered_dots_their_intervals_and_four_quadrants(panels: list[Any]):
    weight = Estimate([0.5, 0.1, NAN], [0.4, 0.0, NAN], [0.6, 0.2, NAN], n=9, labels=["bed", "bus", "bar"])
    done = Estimate([3.0, 4.5, 2.0], [2.8, 4.4, 1.0], [3.2, 4.6, 3.0], n=9, labels=["bed", "bus", "bar"])
    importance_chart(importance_map(weight, done, cut=(0.3, 4.0)))
    (axes,) = panels
    assert next(line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 2) == 4.0
    assert reaches(axes)[:2] == [[2.8, 3.2], [4.4, 4.6]]
    assert texts(axes) == ["concentrate here", "keep up", "low priority", "possible overkill", "1", "2"]
    assert "1  bed   2  bus" in axes.get_xlabel()
    assert "3  bar: unknown" in axes.get_xlabel()


def test_numbers_keep_away_from_one_another_and_from_the_dots(panels: list[Any]):
    rng = np.random.default_rng(5)
    importance_chart(importance_map(rng.normal(0.3, 0.1, 8), rng.normal(7, 1, 8), cut="grand mean"))
    apart(panels[0], [text for text in panels[0].texts if text.get_text().isdigit()])


def apart(axes: Any, found: list[Any]) -> None:
    """No text lies on another, and all lie within the picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    axes.figure.set_layout_engine("none")
    canvas = FigureCanvasAgg(axes.figure)
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in found if text.get_text()]
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])
    width, height = canvas.get_width_height()
    slack = 2  # pixels, between the letters of one backend and another
    assert all(min(box.x0, box.y0, width - box.x1, height - box.y1) > -slack for box in boxes)


def test_loyalty_has_the_cuts_in_the_middle_and_each_type_in_its_corner(panels: list[Any]):
    attitude = [7, 6, 6, 2, 2, 1, 3, None]
    bought = [9, 8, 1, 5, 1, 0, 2, 4]
    loyalty_chart(loyalty_table(attitude, bought, attitude_cut=4, behaviour_cut=3), behaviour="purchases")
    (axes,) = panels
    told = [text.split("\n")[0] for text in texts(axes)]
    assert told == ["latent 14 %", "true 29 %", "none 43 %", "spurious 14 %"]
    assert all(re.search(r"\(\d+ to \d+\)", text) for text in texts(axes))
    dots = axes.collections[0].get_offsets()
    assert len(dots) == 7
    assert ((dots[:, 0] >= 0).sum(), (dots[:, 1] >= 0).sum()) == (3, 3)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "3", "9"]
    apart(axes, [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label, axes.yaxis.label])


def test_one_heavy_buyer_leaves_room_for_the_others(panels: list[Any]):
    bought = np.append(np.arange(600) % 6, 5000)
    loyalty_chart(loyalty_table(np.full(601, 5.0), bought, attitude_cut=4, behaviour_cut=2))
    assert panels[0].get_xticklabels()[2].get_text() == "5 or more"


def test_concepts_stand_on_one_scale_parts_below_their_concept(panels: list[Any]):
    labels = ["trust", "trust: integrity", "commitment: affective", "commitment: normative", "relationship quality"]
    told = Estimate([5.0, 4.0, 3.0, NAN, 6.0], [4.5, 3.0, NAN, NAN, 5.5], [5.5, 5.0, NAN, NAN, 6.5], n=9, labels=labels)
    concepts_chart(told, ends=(1, 7), label="mean, 1 to 7")
    (axes,) = panels
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["trust", "   integrity", "commitment", "   affective", "   normative", "relationship quality"]
    assert texts(axes) == ["5.0", "4.0", "3.0", "unknown", "6.0"]
    assert reaches(axes)[:2] == [[4.5, 5.5], [3, 5]]
    assert reaches(axes)[2] == [3, 3]  # no interval
    assert axes.get_xlim() == (1, 7)
    apart(axes, [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label])


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(lambda: nps_chart(TOWNS, detractors=[0.3, 0.5, NAN], promoters=[0.5, 0.2, NAN]), id="nps"),
        pytest.param(lambda: importance_chart(importance_map([NAN], [3], cut="median")), id="unknown importance"),
        pytest.param(lambda: importance_chart(importance_map([0.2], [3], cut="median")), id="one item"),
        pytest.param(
            lambda: loyalty_chart(loyalty_table([None], [1], attitude_cut=4, behaviour_cut=2)), id="unknown loyalty"
        ),
        pytest.param(
            lambda: loyalty_chart(loyalty_table([5], [2], attitude_cut="median", behaviour_cut="median")), id="one"
        ),
        pytest.param(lambda: concepts_chart(Estimate(50.0, 40.0, 60.0, n=4), ends=(0, 100)), id="one concept"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_small_ones_are_whole_pictures(picture: Any):
    pytest.importorskip("matplotlib")
    text = picture()
    assert ElementTree.fromstring(text.encode()).tag.endswith("svg")
    assert not re.search(r"\bnan\b", text)
    assert text == picture()
