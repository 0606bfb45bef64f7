"""Share of wallet, the Wallet Allocation Rule, rivals used and purchase potential: published figures and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Answer
from relmkt.value._customers._rivals import Potential, RivalUse, Wallets
from relmkt.value._customers._wallet import (
    category_requirements,
    share_of_wallet,
    wallet_allocation,
    wallet_score,
    wallet_shares,
)
from tests.value.bases import Shop

NAN = np.nan


def test_two_means_of_a_share():
    both = share_of_wallet([50, 10], [100, 500])
    assert both["ratio of sums"].value == pytest.approx(0.10, abs=1e-12)  # KA-088
    assert both["mean of ratios"].value == pytest.approx(0.26, abs=1e-12)  # KA-088
    assert both.n.tolist() == [2, 2]


def test_each_customers_share():
    told = wallet_shares([50, 10, 0, -5, 120, NAN, 7], [100, 500, 0, 100, 100, 100, NAN], ids="abcdefg")
    np.testing.assert_allclose(told.value, [0.5, 0.02, NAN, NAN, NAN, NAN, NAN])
    assert told.invalid.tolist() == [0, 0, 0, 1, 1, 0, 0]
    assert told.missing.tolist() == [0, 0, 0, 0, 0, 1, 1]
    assert told.n.tolist() == [1, 1, 0, 0, 0, 0, 0]
    assert told.notes == ("2 left out: spend below 0 or above the wallet", "1 left out: a wallet of 0")


def test_what_gives_no_share_is_left_out_of_both_and_counted():
    both = share_of_wallet([50, 10, 0, -5, NAN], [100, 500, 0, 100, 100])
    assert both.value.tolist() == pytest.approx([0.10, 0.26])
    assert both["ratio of sums"].missing == 1
    assert both["ratio of sums"].invalid == 1
    assert len(both.notes) == 2
    nobody = share_of_wallet([0, 0], [0, 0])
    assert np.isnan(nobody.value).all()
    assert nobody.n.tolist() == [0, 0]
    assert "no customer" in nobody.notes[0]
    assert np.isnan(share_of_wallet([], []).value).all()
    with pytest.raises(ValueError, match="one entry a customer"):
        share_of_wallet([1], [1, 2])
    with pytest.raises(ValueError, match="finite"):
        share_of_wallet([1], [np.inf])


def test_the_two_intervals_agree_and_are_replayed_by_their_seed():
    rng = np.random.default_rng(3)
    wallet = rng.gamma(2, 100, 500)
    ours = wallet * rng.beta(2, 5, 500)
    plain = share_of_wallet(ours, wallet)
    drawn = share_of_wallet(ours, wallet, rng=np.random.default_rng(4))
    assert drawn == share_of_wallet(ours, wallet, rng=np.random.default_rng(4))
    np.testing.assert_allclose(plain.se, drawn.se, rtol=0.1, err_msg="seeds 3, 4")
    np.testing.assert_allclose([plain.low, plain.high], [drawn.low, drawn.high], atol=0.005, err_msg="seeds 3, 4")
    assert (plain.low >= 0).all()
    assert drawn.method == "bootstrap"
    with pytest.raises(ValueError, match="resamples"):
        share_of_wallet(ours, wallet, rng=rng, resamples=1)


def test_requirements_are_of_our_own_buyers():
    assert category_requirements([50, 10, 0], [100, 500, 400]).value == pytest.approx(0.1)
    assert share_of_wallet([50, 10, 0], [100, 500, 400])["ratio of sums"].value == pytest.approx(0.06)
    assert np.isnan(category_requirements([0], [5]).value)


# ------------------------------------------------------------------------------------------------- the allocation rule


def test_published_allocations():
    np.testing.assert_allclose(wallet_allocation([1, 2]), [0.6667, 0.3333], atol=1e-4)  # KA-089
    np.testing.assert_allclose(wallet_allocation([1, 2, 3]), [0.5, 0.3333, 0.1667], atol=1e-4)  # KA-089
    tied = [0.4166667, 0.4166667, 0.1666667]
    for ranks in ([1.5, 1.5, 3], [1, 1, 3], [1, 1, 2]):
        np.testing.assert_allclose(wallet_allocation(ranks), tied, atol=1e-7)  # KA-091
    assert wallet_allocation([1]).tolist() == [1]  # KA-091


@given(arrays(np.float64, (4, 5), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, NAN])))
def test_shares_sum_to_one_for_any_pattern_of_ties(ranks):  # SCIENCE 4.6
    shares = wallet_allocation(ranks)
    used = ~np.isnan(ranks).all(axis=1)
    np.testing.assert_allclose(np.nansum(shares, axis=1), used.astype(float), atol=1e-12)
    assert (np.isnan(shares) == np.isnan(ranks)).all()
    for row, given_ranks in zip(shares, ranks, strict=True):
        np.testing.assert_allclose(wallet_allocation(given_ranks), row)


def test_a_brands_score_is_the_mean_over_its_users():
    told = wallet_score([[1, 2, NAN], [2, 1, NAN], [1, NAN, NAN]], brands=["us", "them", "nobody's"])
    np.testing.assert_allclose(told.value, [2 / 3, 0.5, NAN])
    assert told.n.tolist() == [3, 2, 0]
    users = [2 / 3, 1 / 3, 1]
    assert told["us"].se == pytest.approx(np.std(users, ddof=1) / np.sqrt(3))
    assert told["us"].high == 1
    with pytest.raises(ValueError, match="table"):
        wallet_score([1, 2])
    with pytest.raises(ValueError, match="finite"):
        wallet_allocation([1, np.inf])
    with pytest.raises(ValueError, match="dimensions"):
        wallet_allocation(np.ones((1, 1, 1)))


# -------------------------------------------------------------------------------------------- rivals used and potential


def used(brand, rank=NAN, spend=NAN):
    return RivalUse(brand, rank=rank, spend=spend)


USES = {
    "ada": [used("us", 1, 50), used("them", 2, 50)],
    "bob": [used("us", 2, 10), used("them", 1, 490)],
    "cyd": [used("them", 1, 80)],
    "dan": [used("us", 1), used("them", 1, 30)],
}


def test_rivals_used_give_the_wallet():
    wallets = Wallets.of(USES)
    np.testing.assert_array_equal(wallets.wallet, [100, 500, 80, NAN])
    np.testing.assert_array_equal(wallets.spent("us"), [50, 10, 0, NAN])
    np.testing.assert_allclose(wallets.shares("us").value, [0.5, 0.02, 0, NAN])
    assert wallets.share("us")["ratio of sums"].value == pytest.approx(60 / 680)
    whole = wallets.scores()  # dan calls both the first: half each
    np.testing.assert_allclose(whole["us"].value, (2 / 3 + 1 / 3 + 1 / 2) / 3)
    np.testing.assert_allclose(whole["them"].value, (1 / 3 + 2 / 3 + 1 + 1 / 2) / 4)
    with pytest.raises(ValueError, match="brand"):
        wallets.spent("nobody's")


def test_scores_count_who_ranked_every_brand_they_use():
    uses = {"ada": [used("us", 1), used("them", 2)], "bob": [used("us", 1), used("them")]}
    told = Wallets.of(uses).scores()
    np.testing.assert_allclose(told["us"].value, 2 / 3)
    assert told["us"].n == 1


def test_the_list_puts_the_greatest_potential_first():
    told = Wallets.of(USES).potential("us")  # feature F16
    assert told.ids.tolist() == ["bob", "cyd", "ada", "dan"]
    np.testing.assert_array_equal(told.amount.value, [490, 80, 50, NAN])
    assert told.rows(1) == [("bob", 490.0, pytest.approx(NAN, nan_ok=True), pytest.approx(NAN, nan_ok=True))]
    assert told.source == "customers' answers"
    assert told.amount.notes == ("wallet from customers' answers",)
    assert told.amount["dan"].missing == 1
    assert "bob" in str(told)
    assert "<td>490.00</td>" in told._repr_html_()
    assert "bob" not in repr(told)


def test_potential_carries_the_interval_of_the_wallet():
    wallet = Estimate([100, 40, 20], [80, 20, 10], [130, 70, 25], n=30, labels=["ada", "bob", "cyd"], method="panel")
    told = Potential.of([50, 60, 30], wallet, source="a panel")
    assert told.ids.tolist() == ["ada", "bob", "cyd"]
    ada, bob, cyd = (told.amount[name] for name in ("ada", "bob", "cyd"))
    assert (ada.value, ada.low, ada.high) == (50, 30, 80)
    assert (bob.value, bob.low, bob.high) == (0, 0, 10)  # spend within what the wallet may be
    assert np.isnan(cyd.value)  # spend above all that the wallet may be: the wallet is wrong
    assert (cyd.invalid, cyd.n) == (1, 0)
    assert "above the wallet" in told.amount.notes[1]
    with pytest.raises(ValueError, match="source"):
        Potential.of([1], [2], source="")
    with pytest.raises(ValueError, match="one entry a customer"):
        Potential.of([1, 2], [2], source="a panel")


class Untold(Shop):
    """A base whose tables hold what is later than its instant too."""

    def __init__(self, at, *facts):
        super().__init__(at, *facts)
        self.table = FactTable.of(facts)


def answered(who, day, item, score, about):
    return Answer(who, datetime(2026, 1, day), item, score, about=about, id=f"{who} {day} {item} {about}")


def test_rivals_are_read_from_answers():  # rule R46
    facts = [
        answered("ada", 1, "spend", 10, "us"),
        answered("ada", 5, "spend", 50, "us"),  # the newer answer counts
        answered("ada", 5, "spend", 50, "them"),
        answered("ada", 5, "rank", 1, "us"),
        answered("ada", 5, "rank", 2, "them"),
        answered("bob", 5, "spend", 10, "us"),
        answered("bob", 5, "spend", None, "them"),  # asked, and not answered
        answered("bob", 9, "spend", 490, "them"),
        answered("bob", 5, "nps", 9, "us"),
    ]
    known = Wallets.from_answers(Shop(datetime(2026, 2, 1), *facts), rank="rank", spend="spend")
    assert known.ids == ("ada", "bob")
    assert known.brands == ("them", "us")
    np.testing.assert_array_equal(known.spend, [[50, 50], [490, 10]])
    np.testing.assert_array_equal(known.rank, [[2, 1], [NAN, NAN]])
    before = Wallets.from_answers(Untold(datetime(2026, 1, 6), *facts), spend="spend")
    np.testing.assert_array_equal(before.wallet, [100, NAN])
    assert len(Wallets.from_answers(Shop(datetime(2026, 2, 1)), spend="spend")) == 0
    with pytest.raises(ValueError, match="rank, spend"):
        Wallets.from_answers(Shop(datetime(2026, 2, 1)))


def test_answers_that_mean_nothing():
    for wrong in ({"rank": 0}, {"rank": np.inf}, {"spend": -1}, {"spend": np.inf}):
        with pytest.raises(InvalidFactError, match="RivalUse"):
            RivalUse("us", **wrong)
    with pytest.raises(InvalidFactError, match="brand"):
        RivalUse("")
    with pytest.raises(InvalidFactError, match="twice"):
        Wallets.of({"ada": [used("us", 1), used("us", 2)]})
