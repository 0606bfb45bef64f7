"""Customer referral value and the matrix with lifetime value: the formula's figures, and a portfolio by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.customers import Attributes
from relmkt.estimate import Estimate
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Profile, Recommendation
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.rules import Measure
from relmkt.value._customers._matrix import Quadrant, value_matrix, value_totals
from relmkt.value._customers._referral import Joined, Referral, crv, crv_by_kind, referrals
from relmkt.windows import days
from tests.value.bases import Shop, bought

NAN = np.nan
WON = Referral("by referral", [98, 98], referral_cost=40, marketing_cost=18, acquisition_cost=5)
ANYWAY = Referral("anyway", [98, 98], referral_cost=40, marketing_cost=18, acquisition_cost=5)
UNKNOWN = Referral("unknown", [98, 98], referral_cost=40, marketing_cost=18, acquisition_cost=5)


def test_the_formulas_figures():
    assert crv([WON, WON, ANYWAY], 0.075).value == pytest.approx(226.8253110, abs=1e-6)  # KA-129
    assert crv([Referral("anyway", acquisition_cost=5)] * 3, 0.075).value == pytest.approx(
        13.9534884, abs=1e-6
    )  # KA-130


def test_who_would_have_come_anyway_adds_only_the_saved_cost():  # feature F37
    assert crv([ANYWAY], 0.0).value == 5
    assert crv([WON], 0.0).value == 98 * 2 - 40 - 18 * 2 + 5
    assert crv([], 0.1).value == 0


def test_costs_occur_once_and_margins_in_their_period():
    late = Referral("by referral", [10, 20], marketing_cost=[1, 2], referral_cost=3, acquisition_cost=4, period=2)
    assert late.value(0.1) == pytest.approx((10 - 1 - 3 + 4) / 1.1**2 + (20 - 2) / 1.1**3)
    assert Referral("anyway", acquisition_cost=4, period=2).value(0.1) == pytest.approx(4 / 1.1**2)


def test_the_unknown_stand_in_a_bucket_of_their_own():
    told = crv([WON, UNKNOWN], 0.0)
    assert told.value == 125
    assert (told.n, told.missing) == (1, 1)
    assert (told.low, told.high) == (130, 250)  # they would have come anyway, or not
    assert "unknown kind" in told.notes[0]
    kinds = crv_by_kind([WON, ANYWAY, UNKNOWN, UNKNOWN], 0.0)
    assert kinds.labels == tuple(Joined)
    np.testing.assert_array_equal(kinds.value, [125, 5, NAN])
    assert kinds.n.tolist() == [1, 1, 2]
    assert (kinds["unknown"].low, kinds["unknown"].high) == (10, 250)
    assert crv_by_kind([WON], 0.0)["unknown"].value == 0


def test_many_customers_at_once():
    told = crv({"ada": [WON, UNKNOWN], "bob": [], "cyd": [ANYWAY]}, 0.0)
    assert told.labels == ("ada", "bob", "cyd")
    assert told.value.tolist() == [125, 0, 5]
    assert told.missing.tolist() == [1, 0, 0]
    assert told.n.tolist() == [1, 0, 1]
    assert len(crv({}, 0.0)) == 0


def test_referrals_that_mean_nothing():
    for wrong in (
        {"margins": [NAN]},
        {"referral_cost": -1},
        {"acquisition_cost": -1},
        {"marketing_cost": [1, -2], "margins": [1, 2]},
        {"marketing_cost": [1, 2, 3], "margins": [1, 2]},
        {"period": 0},
    ):
        with pytest.raises(InvalidFactError, match="Referral"):
            Referral("by referral", **wrong)
    with pytest.raises(ValueError, match="Joined"):
        Referral("perhaps")
    with pytest.raises(ValueError, match="discount"):
        crv([WON], -1)


# ----------------------------------------------------------------------------------------------------- from a portfolio


class Untold(Shop):
    """A base whose tables hold what is later than its instant too."""

    def __init__(self, at, *facts):
        super().__init__(at, *facts)
        self.table = FactTable.of(facts)


def euros(amount):
    return Money(amount, "EUR")


def named(who, day, to):
    return Recommendation(who, datetime(2026, 1, day), to, id=f"{who} {day} {to}")


FACTS = [
    named("ada", 2, "bob"),
    named("zoe", 3, "bob"),  # the second to name him
    named("ada", 4, "cyd"),
    named("ada", 4, "dan"),  # had bought before
    named("ada", 4, "eve"),  # never bought
    named("ada", 4, "ada"),
    named("ada", 4, ""),
    bought("dan", "2026-1-1", 10),
    bought("bob", "2026-1-5", 100, margin=euros(30)),
    bought("bob", "2026-1-20", 50, margin=euros(20)),
    bought("bob", "2026-2-20", 10, margin=euros(4)),
    bought("bob", "2026-6-20", 999, margin=euros(500)),  # beyond the periods asked about
    bought("cyd", "2026-1-9", 40),
    bought("cyd", "2026-1-9", 900, "JPY"),
]


def found(at=datetime(2027, 1, 1), **more):
    given = {"period": days(30), "periods": 2, "acquisition_cost": 5, "margin": 0.5, **more}
    return referrals(Untold(at, *FACTS), currency="EUR", **given)


def test_referrals_as_the_facts_tell_them():
    told = found(joined={"bob": "by referral", "cyd": Joined.ANYWAY}, referral_cost=3, marketing_cost=1)
    assert list(told) == ["ada"]
    bob, cyd = told["ada"]
    assert (bob.joined, bob.margins) == (Joined.BY_REFERRAL, (50.0, 4.0))
    assert (cyd.joined, cyd.margins) == (Joined.ANYWAY, (20.0, 0.0))
    assert crv(told, 0.0)["ada"].value == 54 - 3 - 2 + 5 + 5
    assert {one.joined for one in found()["ada"]} == {Joined.UNKNOWN}


def test_referrals_as_known_at_an_instant():  # rule R46
    assert found(datetime(2026, 1, 3)) == {}
    (bob,) = found(datetime(2026, 1, 8))["ada"]
    assert bob.margins == (30.0,)
    bob, cyd = found(datetime(2026, 2, 5))["ada"]
    assert (bob.margins, cyd.margins) == ((50.0, 0.0), (20.0,))


def test_a_margin_has_to_be_known():
    with pytest.raises(ValueError, match="margin"):
        found(margin=None)
    with pytest.raises(ValueError, match="periods"):
        found(periods=0)
    assert referrals(Shop(datetime(2027, 1, 1)), currency="EUR", period=days(9), periods=1, acquisition_cost=0) == {}


# --------------------------------------------------------------------------------------------------------------- matrix


def test_the_four_quadrants():
    matrix = value_matrix([10, 1, 9, 2], [8, 9, 1, 2], ties="high")
    assert (matrix.clv_cut, matrix.crv_cut) == (5.5, 5)  # KA-131
    assert matrix.labels.tolist() == ["champion", "advocate", "affluent", "miser"]  # KA-131
    assert matrix.counts == {"champion": 1, "affluent": 1, "advocate": 1, "miser": 1, "unknown": 0}
    assert "champions" in str(matrix)
    assert "overlap" in matrix._repr_html_()


def test_who_stands_on_the_cut_stands_where_ties_says():
    values = ([1, 2, 3], [0, 0, 0])
    assert value_matrix(*values, ties="high").labels.tolist() == ["advocate", "champion", "champion"]
    assert value_matrix(*values, ties="low").labels.tolist() == ["miser", "miser", "affluent"]
    told = value_matrix(*values, ties="low", cuts=(2.5, -1))
    assert told.labels.tolist() == ["advocate", "advocate", "champion"]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30), st.sampled_from(["high", "low"])
)
def test_the_quadrants_partition_the_base(pairs, ties):  # feature F37
    clv, crv_ = np.array(pairs, float).T
    clv[clv == 4] = NAN
    matrix = value_matrix(clv, crv_, ties=ties)
    assert sum(matrix.counts.values()) == len(pairs)
    assert matrix.counts["unknown"] == int(np.isnan(clv).sum())
    assert set(matrix.labels) <= {str(q) for q in Quadrant}
    known = len(pairs) - matrix.counts["unknown"]
    if known:
        assert matrix.shares().value.sum() == pytest.approx(1)
    backwards = value_matrix(clv[::-1], crv_[::-1], ties=ties)
    assert backwards.labels[::-1].tolist() == matrix.labels.tolist()


def test_the_quadrants_as_segments():
    ids, clv, crv_ = ["ada", "bob", "cyd", "dan"], [10, 1, 9, 2], [8, 9, 1, 2]
    facts = [
        Profile(who, datetime(2026, 1, 1), {"clv": str(a), "crv": str(b)}, source="model")
        for who, a, b in zip(ids, clv, crv_, strict=True)
    ]
    facts.append(Profile("eve", datetime(2026, 1, 1), {"name": "Eve"}, source="model"))
    base = Portfolio(FactTable.of(facts), at=datetime(2026, 2, 1))

    def told(name):
        return Measure(name, Attributes(), lambda facet, at: float(facet.values.get(name, "nan")))

    for ties, cuts in product(("high", "low"), ((9, 8), (2, 1), (10, 9))):  # values on the cuts too
        matrix = value_matrix(clv, crv_, ties=ties, cuts=cuts, ids=ids)
        for segment in matrix.segments(told("clv"), told("crv")):
            assert list(base.select(segment)) == [
                i for i, q in zip(ids, matrix.labels, strict=True) if f"{q}s" == segment.name
            ]
    for ties in ("high", "low"):
        matrix = value_matrix(clv, crv_, ties=ties, ids=ids)
        segments = matrix.segments(told("clv"), told("crv"))
        assert [segment.name for segment in segments] == ["champions", "affluents", "advocates", "misers"]
        picked = {segment.name: list(base.select(segment)) for segment in segments}
        assert picked == {"champions": ["ada"], "affluents": ["cyd"], "advocates": ["bob"], "misers": ["dan"]}


def test_matrices_that_mean_nothing():
    with pytest.raises(ValueError, match="ties"):
        value_matrix([1], [1], ties="both")
    with pytest.raises(ValueError, match="cuts"):
        value_matrix([1], [1], ties="high", cuts="mean")
    with pytest.raises(ValueError, match="cuts"):
        value_matrix([1], [1], ties="high", cuts=(1, NAN))
    with pytest.raises(ValueError, match="same order"):
        value_matrix([1, 2], [1], ties="high")
    one, two = Estimate([1.0], labels=["ada"]), Estimate([1.0], labels=["bob"])
    with pytest.raises(ValueError, match="labels"):
        value_matrix(one, two, ties="high")
    assert value_matrix([NAN], [1], ties="high").labels.tolist() == ["unknown"]
    assert np.isnan(value_matrix([NAN], [1], ties="high").shares().value).all()


def test_totals_are_never_summed_without_a_note():  # feature F37
    worth = Estimate([100.0, 50.0, NAN], [80, 40, NAN], [120, 60, NAN], n=[1, 1, 0], labels="abc", se=[3, 4, NAN])
    told = value_totals(worth, [20.0, 0.0, 1.0])
    assert told.labels == ("CLV", "CRV", "CLV + CRV")
    assert told.value.tolist() == [150, 21, 171]
    assert "counts it twice" in told.notes[0]
    assert told["CLV + CRV"].notes == told.notes
    assert told["CLV"].missing == 1
    assert told.n.tolist() == [2, 3, 2]
    assert np.isnan(told.se[0])  # the errors of one model's customers are not independent
    matrix = value_matrix(worth, [20.0, 0.0, 1.0], ties="high")
    assert matrix.totals()["CLV + CRV"].value == 170  # of customers of whom both are known
    assert matrix.totals().notes == told.notes
    assert matrix.ids.tolist() == ["a", "b", "c"]


def test_the_error_of_totals_is_carried_on():
    told = value_totals(Estimate(150.0, n=9, se=3.0), Estimate(21.0, n=4, se=4.0))
    assert told.se.tolist() == [3, 4, 5]
    assert told["CLV + CRV"].high == pytest.approx(171 + 1.959964 * 5, abs=1e-5)
    assert told.n.tolist() == [9, 4, 4]
    assert np.isnan(value_totals([], []).value).all()


def test_totals_of_a_sample_of_customers():
    rng = np.random.default_rng(7)
    clv, crv_ = rng.gamma(2, 50, 400), rng.gamma(1, 20, 400)
    told = value_totals(clv, [*crv_[:-1], NAN], rng=np.random.default_rng(1))
    assert told.n.tolist() == [399] * 3
    assert told.missing.tolist() == [1] * 3
    assert told["CLV"].se == pytest.approx(np.sqrt(399) * clv[:-1].std(), rel=0.1), "seeds 7, 1"
    assert (told.low < told.value).all()
    assert (told.value < told.high).all()
    assert told.notes[0].startswith("CLV and CRV overlap")
    assert np.isnan(value_totals([NAN], [1], rng=rng).value).all()
    with pytest.raises(ValueError, match="same order"):
        value_totals([1, 2], [1], rng=rng)
