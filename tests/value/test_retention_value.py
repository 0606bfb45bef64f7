"""What points of retention bring, and where a slogan about them holds."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from relmkt.estimate import Estimate
from relmkt.value._formulas._clv import Timing, clv
from relmkt.value._formulas._retention_value import (
    claim_holds,
    retention_elasticity,
    retention_lift,
    retention_value_curve,
)

RETAINED, NOW, END = Timing.IF_RETAINED, Timing.NOW, Timing.END_OF_PERIOD
timings = st.sampled_from(Timing)


def test_five_points_of_retention():
    told = retention_lift(100, 0.80, 0.05, 0.1, timing=RETAINED)
    assert told.before.value == pytest.approx(266.6667, abs=1e-4)  # KA-107
    assert told.after.value == pytest.approx(340, abs=1e-4)  # KA-107
    assert told.relative.value == pytest.approx(0.275, abs=1e-4)  # KA-107
    assert told.gain.value == pytest.approx(340 - 266.6667, abs=1e-4)


def test_doubt_is_carried_to_every_figure():
    kept, step = Estimate(0.8, n=400), 1e-6

    def figures(r):
        told = retention_lift(100, r, 0.05, 0.1, timing=END, growth=0.02, periods=9)
        return [told.before, told.after, told.gain, told.relative]

    up, down = figures(0.8 + step), figures(0.8 - step)
    for told, high, low in zip(figures(kept), up, down):
        assert told.se == pytest.approx(abs(high.value - low.value) / (2 * step) * 0.02, rel=1e-5)
        assert told.n == 400


def test_value_0_has_no_relative_lift():
    told = retention_lift([0.0, 100.0], [0.8, 0.0], 0.1, 0.1, timing=RETAINED)
    assert np.isnan(told.relative.value).all()
    assert told.gain.value == pytest.approx([0, 10])
    for points in (0.3, -0.9):
        with pytest.raises(ValueError, match="retention \\+ points"):
            retention_lift(100, 0.8, points, 0.1, timing=NOW)
    with pytest.raises(ValueError, match="below 1 \\+ discount"):
        retention_lift(100, 0.8, 0.2, 0.0, timing=NOW)
    assert retention_lift(100, 0.8, -0.05, 0.1, timing=NOW).gain.value < 0


def test_the_curve():
    told = retention_value_curve(100, [0.8, 0.85], 0.1, timing=RETAINED)
    assert told.labels == ("0.8", "0.85")
    assert told.value == pytest.approx([266.6666667, 340])
    assert retention_value_curve(100, [0.8, 0.8], 0.1, timing=RETAINED).labels == ("0", "1")
    fitted = Estimate([0.8, 0.9], n=[9, 9], labels=["old", "new"])
    assert retention_value_curve(100, fitted, 0.1, timing=RETAINED)["old"].se > 0
    assert retention_value_curve(100, 0.8, 0.1, timing=RETAINED).value == pytest.approx(266.6666667)


@given(st.floats(0.01, 0.95), st.floats(0.01, 1), st.floats(-0.2, 0.03), timings, st.sampled_from([None, 1, 6]))
def test_elasticity_is_the_slope_of_logarithms(r, d, g, timing, periods):
    assume(1 + d > 1.03 * r * (1 + g))
    told = retention_elasticity(r, d, timing=timing, growth=g, periods=periods).value
    step = 1e-5
    high, low = (clv(1, r * (1 + side), d, timing=timing, growth=g, periods=periods).value for side in (step, -step))
    assert told == pytest.approx((np.log(high) - np.log(low)) / (2 * step), rel=1e-4, abs=1e-6)


def test_elasticity_closed_forms():
    assert retention_elasticity(0.8, 0.1, timing=RETAINED).value == pytest.approx(1.1 / 0.3)
    for timing in (NOW, END):
        assert retention_elasticity(0.8, 0.1, timing=timing).value == pytest.approx(0.8 / 0.3)
    assert retention_elasticity(Estimate(0.8, n=400), 0.1, timing=RETAINED).se == pytest.approx(0.02 * 1.1 / 0.09)
    with pytest.raises(ValueError, match="below 1 \\+ discount"):
        retention_elasticity(1.0, 0.0, timing=NOW)
    assert np.isnan(retention_elasticity(0.8, 0.1, timing=NOW, periods=0).value)


@given(st.floats(0.01, 0.3), st.floats(0.05, 3), st.floats(0, 0.5), st.floats(-0.1, 0.02), timings)
def test_where_a_claim_holds(points, lift, discount, growth, timing):
    told = claim_holds(points, lift, discount, timing=timing, growth=growth)
    for r in np.linspace(0.001, 1 - points, 40).tolist():
        if (r + points) * (1 + growth) >= 1 + discount - 1e-9:
            continue
        gain = retention_lift(1.0, r, points, discount, timing=timing, growth=growth).relative.value
        if abs(gain - lift) > 1e-9:
            assert told.at(r) is bool(gain > lift), r


def test_when_five_points_double_a_lifetime():
    plain = claim_holds(0.05, 1.0, 0.0, timing=END)
    assert plain.starting == pytest.approx(0.9)  # KA-097
    assert np.isnan(claim_holds(0.05, 1.0, 0.1, timing=END).starting)
    assert claim_holds(0.5, 0.01, 0.1, timing=END).starting == 0
    hopeless = claim_holds(0.3, 1.0, -0.8, timing=RETAINED)
    assert np.isnan([hopeless.up_to, hopeless.starting, hopeless.highest]).all()
    assert np.isnan(claim_holds(0.3, 1.0, -0.8, timing=NOW).highest)
    for wrong in ({"points": 0.0}, {"lift": 0.0}, {"discount": -1.0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            claim_holds(**{"points": 0.05, "lift": 1.0, "discount": 0.1, **wrong}, timing=NOW)
