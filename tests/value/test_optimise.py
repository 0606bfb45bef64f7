"""Newton's climb: finds what there is, and says so when there is nothing."""

import numpy as np
import pytest

from relmkt.exceptions import FitError
from relmkt.value._models._optimise import maximise


def hill(top, steep=1.0):
    """Highest at `top`, quadratic in the logarithms, hence far from it in the parameters."""

    def curve(point):
        away = np.log(point / top)
        value = -steep * float(away @ away)
        slope = -2 * steep * away / point
        bend = np.diag(-2 * steep * (1 - away) / point**2)
        return value, slope, bend

    return curve


def test_finds_the_top_from_afar():
    top = np.array([3e-4, 2e3])
    found = maximise(hill(top), [1.0, 1.0], ["p", "q"])
    np.testing.assert_allclose(found.point, top, rtol=1e-9)
    np.testing.assert_allclose(found.covariance, np.diag(top**2 / 2), rtol=1e-9)


def test_a_penalty_pulls_towards_its_centre():
    found = maximise(hill(np.array([4.0])), [1.0], ["p"], penalty=1.0, centre=np.array([1.0]))
    assert found.point[0] == pytest.approx(2.0)
    assert found.value == pytest.approx(-(np.log(2) ** 2))


@pytest.mark.parametrize(
    "curve,message",
    [
        (lambda p: (float("nan"), np.array([1.0]), np.array([[-1.0]])), "not finite"),
        (lambda p: (float(np.log(p[0])), 1 / p, -1 / np.diag(p) ** 2), "no finite maximum"),
        (lambda p: (-1 / float(p[0]), 1 / p**2, -2 / np.diag(p) ** 3), "no finite maximum"),
        (lambda p: (-float(p[0]), np.array([1.0]), np.array([[-1.0]])), "no step raises"),
        (lambda p: (0.0, np.zeros(1), np.zeros((1, 1))), "flat"),
        (lambda p: (float(np.sin(p[0]) * 1e-3 + len(passes) * 1.0), np.array([1.0]), np.array([[-1e4]])), "settle"),
    ],
)
def test_says_why_there_is_none(curve, message):
    passes.clear()

    def counted(point):
        passes.append(point)
        return curve(point)

    with pytest.raises(FitError, match=message) as caught:
        maximise(counted, [1.0], ["p"])
    assert set(caught.value.parameters) == {"p"}


passes: list[object] = []


def test_a_step_too_far_is_halved():
    def cliff(point):
        value, slope, bend = hill(np.array([1.5]), 10)(point)
        return (float("nan") if point[0] > 2 else value), 5 * slope, bend

    assert maximise(cliff, [1.0], ["p"]).point[0] == pytest.approx(1.5, rel=1e-4)
