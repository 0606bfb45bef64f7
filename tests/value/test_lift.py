"""Incremental lift, its intervals and return, sample size and power: printed figures, and statsmodels as the oracle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmkt.estimate import Estimate
from relmkt.value._formulas._lift import LiftInterval, lift, romi
from relmkt.value._formulas._trial import TrialForm, sample_size, trial_power

arms = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_the_pooled_test():
    corrected = lift(39, 50, 24, 50, corrected=True)
    assert corrected.difference.value == pytest.approx(0.30, abs=5e-5)  # KA-133
    assert corrected.z == pytest.approx(2.8997, abs=5e-5)  # KA-133
    assert corrected.p_value == pytest.approx(0.00373, abs=5e-5)  # KA-133
    plain = lift(39, 50, 24, 50)
    assert plain.z == pytest.approx(3.1068488, abs=1e-6)  # KA-134
    assert plain.p_value == pytest.approx(0.0018909, abs=1e-6)  # KA-134
    assert lift(24, 50, 39, 50, corrected=True).z == -corrected.z
    assert lift(25, 50, 24, 50, corrected=True).z == pytest.approx(0, abs=1e-12)


def test_intervals_as_printed():
    told = lift(56, 70, 48, 80).difference
    assert (told.low, told.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)  # KA-136
    printed = {  # Newcombe 1998, table II, method 10
        (9, 10, 3, 10): (0.1705, 0.8090),
        (6, 7, 2, 7): (0.0582, 0.8062),
        (5, 56, 0, 29): (-0.0381, 0.1926),
        (0, 10, 0, 20): (-0.1611, 0.2775),
        (0, 10, 0, 10): (-0.2775, 0.2775),
        (10, 10, 0, 20): (0.6791, 1.0),
        (10, 10, 0, 10): (0.6075, 1.0),
    }
    for counts, interval in printed.items():
        told = lift(*counts).difference
        assert (told.low, told.high) == pytest.approx(interval, abs=5e-5)


def test_a_campaign():
    told = lift(300, 10_000, 50, 2_000, interval=LiftInterval.WALD)
    assert told.difference.value == pytest.approx(0.005, abs=1e-6)  # KA-141
    assert told.relative.value == pytest.approx(0.20, abs=1e-6)  # KA-141
    assert told.incremental.value == pytest.approx(50, abs=1e-6)  # KA-141
    assert told.z == pytest.approx(1.2130498, abs=1e-6)  # KA-141
    assert told.p_value == pytest.approx(0.2251108, abs=1e-6)  # KA-141
    assert (told.difference.low, told.difference.high) == pytest.approx((-0.0026155, 0.0126155), abs=1e-6)  # KA-141
    assert told.difference.method == "Wald"
    assert romi(told.incremental, 60, 2_000).value == pytest.approx(0.5, abs=1e-9)  # KA-142
    assert romi(300, 60, 2_000).value == pytest.approx(8.0, abs=1e-9)  # KA-142


@given(arms, arms, st.sampled_from([0.8, 0.95, 0.99]))
def test_against_statsmodels(treated, control, level):
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    (x1, n1), (x2, n2) = treated, control
    names = {LiftInterval.NEWCOMBE: "newcomb", LiftInterval.AGRESTI_CAFFO: "agresti-caffo", LiftInterval.WALD: "wald"}
    for interval, name in names.items():
        told = lift(x1, n1, x2, n2, interval=interval, level=level).difference
        oracle = proportion.confint_proportions_2indep(x1, n1, x2, n2, method=name, alpha=1 - level)
        assert (told.low, told.high) == pytest.approx(np.clip(oracle, -1, 1), abs=1e-9)
    told = lift(x1, n1, x2, n2, level=level)
    assert (told.treated.low, told.treated.high) == pytest.approx(
        proportion.proportion_confint(x1, n1, 1 - level, "wilson"), abs=1e-9
    )
    if 0 < x1 + x2 < n1 + n2:
        z, p = proportion.proportions_ztest([x1, x2], [n1, n2])
        assert (told.z, told.p_value) == pytest.approx((z, p), abs=1e-9)
    if x1 and x2:
        oracle = proportion.confint_proportions_2indep(x1, n1, x2, n2, "log", compare="ratio", alpha=1 - level)
        ratio = told.relative
        if x1 < n1 or x2 < n2:
            assert (ratio.low + 1, ratio.high + 1) == pytest.approx(oracle, rel=1e-9)


@given(arms, arms)
def test_an_interval_holds_its_share(treated, control):  # property 4
    told = lift(*treated, *control)
    for share in (told.treated, told.control):
        assert 0 <= share.low <= share.value <= share.high <= 1
    assert -1 <= told.difference.low <= told.difference.value <= told.difference.high <= 1
    other = lift(*control, *treated).difference
    assert (other.low, other.high) == pytest.approx((-told.difference.high, -told.difference.low), abs=1e-12)


def test_columns_of_campaigns():
    told = lift([39, 300, 0], [50, 10_000, 0], [24, 50, 3], [50, 2_000, 9], labels=["a", "b", "c"])
    assert told.z[:2] == pytest.approx([3.1068488, 1.2130498], abs=1e-6)
    assert told.difference["b"].low == lift(300, 10_000, 50, 2_000).difference.low
    assert told.relative["b"].value == pytest.approx(0.2)
    empty = told.difference["c"]
    assert np.isnan([empty.value, empty.low, empty.high, told.z[2], told.p_value[2]]).all()
    assert empty.n == 0
    assert told.control["c"].value == pytest.approx(1 / 3)
    assert lift([1, 2], 10, 3, 10).incremental.labels == ("0", "1")


def test_empty_arms_are_unknown():
    for counts in ((0, 0, 5, 10), (5, 10, 0, 0), (0, 0, 0, 0)):
        for interval in LiftInterval:
            told = lift(*counts, interval=interval)
            for figure in (told.difference, told.relative, told.incremental):
                assert np.isnan([figure.value, figure.low, figure.high]).all()
                assert (figure.n, figure.notes) == (0, ("an arm is empty",))
        assert np.isnan([told.z, told.p_value]).all()
        assert np.isnan(romi(told.incremental, 60, 2_000).value)


def test_nobody_bought():
    told = lift(5, 100, 0, 100)
    assert np.isnan([told.relative.value, told.relative.low, told.relative.high]).all()
    assert told.relative.notes == ("nobody bought in the control: the relative lift is undefined",)
    assert told.difference.value == 0.05
    none = lift(0, 100, 5, 100)
    assert none.relative.value == -1
    assert np.isnan(none.relative.low)
    for counts in ((0, 10, 0, 20), (10, 10, 20, 20)):
        same = lift(*counts)
        assert np.isnan([same.z, same.p_value]).all()
        assert same.difference.notes == ("nobody or everybody bought in both: no test",)
        assert (same.difference.value, same.difference.n) == (0, 30)
    for counts in ((11, 10, 1, 10), (1, 10, -1, 10), (1, 10, 3, 2)):
        with pytest.raises(ValueError, match="no more buyers than customers"):
            lift(*counts)


def test_the_relative_lift_has_a_delta_error():
    told, step = lift(300, 10_000, 50, 2_000).relative, 1e-7

    def ratio(p1, p2):
        return p1 / p2 - 1

    slopes = [(ratio(0.03 + step, 0.025) - 0.2) / step, (ratio(0.03, 0.025 + step) - 0.2) / step]
    errors = [np.sqrt(0.03 * 0.97 / 10_000), np.sqrt(0.025 * 0.975 / 2_000)]
    assert told.se == pytest.approx(np.hypot(*np.multiply(slopes, errors)), rel=1e-4)
    assert told.method == "log ratio"


def test_returns_keep_the_interval_of_the_lift():
    gained = lift(300, 10_000, 50, 2_000).incremental
    told = romi(gained, 60, 2_000)
    assert (told.low, told.high) == pytest.approx((gained.low * 0.03 - 1, gained.high * 0.03 - 1))
    assert (told.n, told.method) == (12_000, "Newcombe hybrid")
    assert told.se == pytest.approx(gained.se * 0.03)
    lossy = romi(gained, -60, 2_000)
    assert (lossy.low, lossy.high) == pytest.approx((gained.high * -0.03 - 1, gained.low * -0.03 - 1))
    doubt = romi(gained, Estimate(60.0, n=40, se=2.0), 2_000)
    assert doubt.se == pytest.approx(np.hypot(gained.se * 0.03, 50 * 2 / 2_000))
    wider = romi(gained, 60, 2_000, level=0.99)
    assert (wider.high - wider.low) == pytest.approx(2 * 2.5758293 * gained.se * 0.03)
    free = romi(gained, 60, 0)
    assert np.isnan(free.value)
    assert (free.n, free.notes) == (0, ("it cost nothing",))
    assert romi(0, 60, 100).value == -1
    with pytest.raises(ValueError, match="cost"):
        romi(1, 60, -1)


def test_sample_sizes():
    swapped = {"effect": 0.2, "power": 0.8, "form": TrialForm.SWAPPED, "corrected": True}
    assert sample_size(0.6, 0.4, **swapped) == 106  # KA-139
    assert sample_size(0.5, 0.5, **swapped) == 109  # KA-139
    textbook = {**swapped, "form": TrialForm.POOLED}
    assert sample_size(0.6, 0.4, **textbook) == 107  # KA-139
    assert sample_size(0.5, 0.5, **textbook) == 109  # KA-139
    assert sample_size(0.02, 0.025, power=0.8) == 13_809  # KA-140
    assert sample_size(0.05, 0.06, power=0.8) == 8_158  # KA-140
    assert sample_size(0.5, 0.75, power=0.9, whole=False) == pytest.approx(76.7, abs=0.05)  # R's manual
    assert sample_size(0.05, 0.05, power=0.8) == np.inf
    plain, corrected = (sample_size(0.1, 0.2, power=0.8, ratio=4, whole=False, corrected=c) for c in (False, True))
    assert corrected - plain == pytest.approx((1 + 1 / 4) / 0.1)


def test_power():
    assert trial_power(0.50, 0.75, customers=50) == pytest.approx(0.7401659, abs=1e-4)  # KA-137
    assert trial_power(0.5, 0.5, customers=80, both_tails=True) == pytest.approx(0.05)
    assert trial_power(0.5, 0.6, customers=0) == pytest.approx(0.025, abs=1e-3)
    for form in TrialForm:
        for ratio in (0.25, 1.0, 3.0):
            n = sample_size(0.1, 0.13, power=0.85, form=form, ratio=ratio, whole=False)
            assert trial_power(0.1, 0.13, customers=n, form=form, ratio=ratio) == pytest.approx(0.85)


def test_power_against_statsmodels():
    power = pytest.importorskip("statsmodels.stats.power")
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    for control, treated, ratio in ((0.1, 0.13, 1.0), (0.4, 0.3, 0.5), (0.02, 0.03, 2.0)):
        angle = proportion.proportion_effectsize(treated, control)
        n = power.NormalIndPower().solve_power(angle, power=0.8, alpha=0.05, ratio=ratio)
        told = sample_size(control, treated, power=0.8, form=TrialForm.ARCSINE, ratio=ratio, whole=False)
        assert told == pytest.approx(n, rel=1e-3)  # statsmodels counts the wrong side too
        found = power.NormalIndPower().power(angle, 300, 0.05, ratio=ratio)
        mine = trial_power(control, treated, customers=300, form=TrialForm.ARCSINE, ratio=ratio, both_tails=True)
        assert mine == pytest.approx(found, abs=1e-9)
    for ratio in (0.3, 1, 2.5):
        pooled = proportion.power_proportions_2indep(0.05, 0.2, 120, ratio=ratio, alpha=0.05, value=0).power
        mine = trial_power(0.2, 0.25, customers=120, ratio=ratio, both_tails=True)
        assert mine == pytest.approx(pooled, abs=1e-9)
    assert sample_size(0.2, 0.25, power=0.8, whole=False) == pytest.approx(
        proportion.samplesize_proportions_2indep_onetail(0.05, 0.2, 0.8, alpha=0.05), rel=1e-6
    )


def test_plans_out_of_range_are_refused():
    for wrong, name in (
        ({"control": 1.2}, "control"),
        ({"treated": -0.1}, "treated"),
        ({"power": 1.0}, "power"),
        ({"ratio": 0.0}, "ratio"),
        ({"level": 1.0}, "level"),
        ({"control": 0.0, "treated": 1.0}, "control, treated"),
        ({"effect": 0.95, "form": TrialForm.ARCSINE}, "effect"),
    ):
        with pytest.raises(ValueError, match=name):
            sample_size(**{"control": 0.1, "treated": 0.2, "power": 0.8, **wrong})
    with pytest.raises(ValueError, match="customers"):
        trial_power(0.1, 0.2, customers=-1)
    assert sample_size(0.0, 0.2, power=0.8) > 0
    assert sample_size(0.3, 0.5, power=0.8, effect=0.1, form=TrialForm.ARCSINE) == sample_size(
        0.3, 0.4, power=0.8, form=TrialForm.ARCSINE
    )
