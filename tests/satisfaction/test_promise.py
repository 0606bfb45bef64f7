"""Adjusting the promise (feature F29): verdicts and value over cost by segment, the designed gap apart."""

import math

import numpy as np
import pytest
from scipy import stats

from relmkt.satisfaction._expectations import ValueKind
from relmkt.satisfaction._promise import ValueProposition, adjust_promise
from relmkt.satisfaction._service_gaps import service_gaps
from relmkt.satisfaction._value_for_cost import GlobalCost
from relmkt.scales import Scale

IMAGE, TEN = ValueKind.IMAGE, Scale(1, 10)
SPA = ValueProposition("spa", {IMAGE: 9, ValueKind.USAGE: 7}, TEN, designed={IMAGE: 8})
PERCEIVED, EXPECTED = [6, 8, 7, 7, None], [7, 7, 8, 7, 7]
SEGMENTS = ["couples", "couples", "families", "families", "families"]
COST = [3, 5, 4, 4, 4]


def lowered(points: float = -1, **changes: object):  # type: ignore[no-untyped-def]
    told = {"perceived": PERCEIVED, "expected": EXPECTED, "follows": 1, "cost": COST, "segments": SEGMENTS, **changes}
    return adjust_promise(SPA, IMAGE, points, **told)  # type: ignore[arg-type]


def test_a_point_less_is_promised_and_expected() -> None:
    told = lowered()
    assert (told.before.promised[IMAGE], told.after.promised[IMAGE]) == (9, 8)
    assert told.after.promised[ValueKind.USAGE] == 7
    assert told.line().felt.shares.value.tolist() == [0.5, 0.25, 0.25]
    assert told.line().felt_after.shares.value.tolist() == [0, 0.5, 0.5]
    assert told.line("couples").felt_after.felt.tolist() == ["satisfied", "over-satisfied"]
    assert told.line("families").felt_after.felt.tolist() == ["satisfied", "over-satisfied", "none"]
    assert [line.segment for line in told.lines] == ["all", "couples", "families"]


def test_no_change_changes_nothing() -> None:
    told = lowered(0)
    for line in told.lines:
        assert line.felt.shares == line.felt_after.shares
        assert line.value is not None
        assert line.value_after is not None
        assert line.value.ratio == line.value_after.ratio
    assert told.held == 0


def test_value_over_cost_is_recomputed_by_segment() -> None:
    line = lowered().line("couples")
    assert None not in (line.value, line.value_after, line.offer, line.offer_after)
    assert line.value.ratio.value == line.value_after.ratio.value == pytest.approx((5 + 7) / 8)  # ratings from 0
    assert (line.offer.ratio.value, line.offer_after.ratio.value) == pytest.approx((12 / 8, 10 / 8))
    leant = lowered(assimilation=0.5).line("couples")
    assert leant.value_after.ratio.value == pytest.approx((4.5 + 6.5) / 8)
    assert leant.felt_after.difference.tolist() == [-0.5, 1.5]


def test_only_those_who_follow_the_promise_move() -> None:
    told = lowered(follows=[1, 0, 0, 0, 0])
    assert told.line().felt_after.expected.tolist() == [6, 7, 8, 7, 7]
    assert "0.2 points of expectation" in told.notes[0]
    leant = lowered(follows=[1, 0, 0, 0, 0], assimilation=0.5)
    assert leant.line().felt_after.perceived.tolist()[:4] == [5.5, 8, 7, 7]


def test_the_designed_gap_stays_on_its_own_line() -> None:
    told = lowered()
    assert told.designed_gap.value == told.designed_gap_after.value == -1
    peer = stats.ttest_1samp([6, 8, 7, 7], 8).confidence_interval()
    assert (told.designed_gap.low + 8, told.designed_gap.high + 8) == pytest.approx((peer.low, peer.high), abs=1e-9)
    assert (told.designed_gap.n, told.designed_gap.missing) == (4, 1)
    assert lowered(assimilation=0.5).designed_gap_after.value == -1.5
    assert "perceived less designed" in str(told)
    assert "perceived less designed" in told._repr_html_()
    none = SPA.designed_gap(ValueKind.USAGE, PERCEIVED)
    assert math.isnan(none.value)
    assert none.notes == ("no designed level of usage",)


def test_nobody_expects_less_than_the_lowest_answer() -> None:
    told = lowered(-8, assimilation=1)
    assert told.line().felt_after.expected.min() == 1
    assert told.line().felt_after.perceived[:4].min() == 1
    assert told.held == 5
    assert "5 held at an end of the scale" in told.notes


def test_a_perception_without_expectation_is_left_as_it_is() -> None:
    told = lowered(perceived=[6, 8], expected=[None, 7], cost=None, segments=None, assimilation=1)
    np.testing.assert_array_equal(told.line().felt_after.perceived, [6, 7])
    assert told.line().value is None
    assert told.held == 0
    assert "→" in str(told)


def test_a_global_cost() -> None:
    told = lowered(cost=GlobalCost(price=COST, unit="EUR"))
    assert told.line("couples").offer_after.ratio.value == pytest.approx(10 / 8)


def test_slips() -> None:
    with pytest.raises(KeyError, match="experience"):
        SPA.moved(ValueKind.EXPERIENCE, 1)
    with pytest.raises(ValueError, match="from 1 to 10"):
        SPA.moved(IMAGE, 2)
    with pytest.raises(ValueError, match="promised"):
        ValueProposition("empty", {}, TEN)
    with pytest.raises(ValueError, match="follows"):
        lowered(follows=[1, 0])
    with pytest.raises(ValueError, match="assimilation"):
        lowered(assimilation=math.inf)
    with pytest.raises(ValueError, match="one shape"):
        lowered(cost=[1, 2])
    with pytest.raises(KeyError):
        lowered().line("nobody")
    assert repr(lowered()) == "<PromiseChange of image by -1, 3 lines>"


def test_the_four_gaps_inside_the_firm() -> None:
    customers, managers, staff = [9, 8, 9, 10, None], [8, 8, 7], [7, 6, 8, 7]
    told = service_gaps(expected=customers, believed=managers, specified=8, delivered=staff, announced=9)
    assert [label[0] for label in told.labels] == ["1", "2", "3", "4"]
    np.testing.assert_allclose(told.value, [23 / 3 - 9, 8 - 23 / 3, -1, -2])
    peers = [
        stats.ttest_ind(managers, customers[:4], equal_var=False).confidence_interval(),
        stats.ttest_1samp(8 - np.array(managers), 0).confidence_interval(),
        stats.ttest_1samp(np.array(staff) - 8, 0).confidence_interval(),
        stats.ttest_1samp(np.array(staff) - 9, 0).confidence_interval(),
    ]
    np.testing.assert_allclose(told.low, [peer.low for peer in peers], atol=1e-8)
    np.testing.assert_allclose(told.high, [peer.high for peer in peers], atol=1e-8)
    assert told.missing.tolist() == [1, 0, 0, 0]


def test_a_gap_without_a_side_is_unknown() -> None:
    told = service_gaps(specified=8, delivered=[7, 11, 6], scale=TEN)
    np.testing.assert_allclose(told.value, [np.nan, np.nan, -1.5, np.nan])
    assert (told["3 delivered less specified"].n, told["3 delivered less specified"].invalid) == (2, 1)
    assert told.notes == ("not known: expected, believed, announced",)
    both = service_gaps(specified=8, believed=7)["2 specified less believed"]
    assert (both.value, math.isnan(both.low)) == (1, True)
    with pytest.raises(ValueError, match="decided"):
        service_gaps(specified=11, believed=7, scale=TEN)
