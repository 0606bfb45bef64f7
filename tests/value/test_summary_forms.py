"""What else a summary gives and takes: periods, returns, the first purchase, gaps, covariates, some of its rows."""

import pickle

import numpy as np
import pytest
from pendulum import datetime

from relmkt.exceptions import InvalidFactError
from relmkt.value._summaries._summary import PurchaseSummary
from tests.value.bases import CALIBRATION, sample


def dates(*days):
    return np.array(days, dtype="datetime64[D]")


AT = datetime(2026, 3, 31)
AT_LAST = datetime(9999, 12, 31)


def test_opportunities_are_whole_months():  # PEERS failure 19
    times = dates("2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01", "2024-05-31")
    got = PurchaseSummary.from_purchases(
        ["ada"] * 5, times, [1, 2, 3, 4, 5], at=datetime(2024, 6, 30), unit="month", period="month", gaps=True
    )
    assert (got.frequency[0], got.recency[0], got.T[0]) == (3, 4, 5)
    assert got.monetary_value[0] == 14 / 3
    assert got.log_gaps[0] == np.log(2)
    by_quarter = PurchaseSummary.from_purchases(
        ["ada"] * 5, times, at=datetime(2024, 6, 30), unit="quarter", period="quarter"
    )
    assert (by_quarter.frequency[0], by_quarter.recency[0], by_quarter.T[0]) == (1, 1, 1)


def test_where_a_week_begins_is_said():
    times = dates("2026-03-07", "2026-03-08", "2026-03-09")  # Saturday, Sunday, Monday
    for start, repeats in (("monday", 1), ("sunday", 1), ("saturday", 0), ("tuesday", 0)):
        got = PurchaseSummary.from_purchases([1] * 3, times, at=AT, unit="week", period="week", week_start=start)
        assert got.frequency[0] == repeats
    monday, sunday = (
        PurchaseSummary.from_purchases([1] * 2, times[1:], at=AT, unit="week", period="week", week_start=start)
        for start in ("monday", "sunday")
    )
    assert (monday.frequency[0], sunday.frequency[0]) == (1, 0)


@pytest.mark.parametrize(
    "said", [{"period": "month", "unit": "week"}, {"period": "fortnight"}, {"week_start": "Monday"}, {"unit": "M"}]
)
def test_words_that_are_not_known(said):  # PEERS failure 19
    with pytest.raises(ValueError, match=r"is one of|whole months"):
        PurchaseSummary.from_purchases([1], dates("2026-01-01"), at=AT, **{"unit": "week", **said})


def test_an_evening_is_the_next_day_elsewhere():
    late = [datetime(2026, 1, 31, 23, 30)] * 2  # UTC; February in Paris
    for zone, age in (("UTC", 2), ("Europe/Paris", 1)):
        got = PurchaseSummary.from_purchases([1, 1], late, at=AT, unit="month", period="month", zone=zone)
        assert (got.frequency[0], got.T[0]) == (0, age)


def test_a_refund_is_not_a_purchase():  # PEERS failure 14, rule R45
    times = dates("2026-01-01", "2026-01-05", "2026-01-09")
    with pytest.raises(InvalidFactError, match="returns=") as caught:
        PurchaseSummary.from_purchases([1] * 3, times, [10, -30, 50], at=AT, unit="day")
    assert caught.value.place == "amounts"
    bought, paid = times[[0, 2]], [10, 50]

    def net(*returned, at=AT, **more):
        who, when, amounts = zip(*returned)
        back = (list(who), dates(*when), list(amounts))
        got = PurchaseSummary.from_purchases([1, 1], bought, paid, at=at, unit="day", returns=back, **more)
        assert got.frequency.tolist() == [1]
        return float(got.monetary_value[0])

    assert net((1, "2026-01-10", 30)) == 20
    assert net((1, "2026-01-09", 30)) == 20  # on the day itself
    assert net((1, "2026-01-05", 10)) == 50  # of the first purchase: no part of the repeat spend
    assert net((1, "2026-01-05", 10), first_in_value=True) == 25
    assert net((1, "2025-12-31", 30)) == 50  # bought before these rows
    assert net((2, "2026-01-10", 30)) == 50  # by nobody here
    assert net((1, "2026-01-10", 80)) == 0
    assert net((1, "2026-01-10", 30), at=datetime(2026, 1, 9)) == 50  # rule R46


def test_bad_returns():
    rows = ([1], dates("2026-01-01"))
    for back, place in (
        (([1], dates("2026-01-02"), [-1]), "returns.amounts"),
        (([1, 1], dates("2026-01-02"), [1]), "returns.times"),
        (([None], dates("2026-01-02"), [1]), "returns.customers"),
        ((["1"], dates("2026-01-02"), [1]), "returns"),
    ):
        with pytest.raises(InvalidFactError) as caught:
            PurchaseSummary.from_purchases(*rows, [5], at=AT, unit="day", returns=back)
        assert caught.value.place == place
    with pytest.raises(ValueError, match="amounts="):
        PurchaseSummary.from_purchases(*rows, at=AT, unit="day", returns=([1], dates("2026-01-02"), [1]))


def test_the_first_purchase_may_count_in_the_value():
    times = dates("2026-01-01", "2026-01-01", "2026-01-09", "2026-01-02")
    rows = ([1, 1, 1, 2], times, [10, 20, 50, 7])
    without = PurchaseSummary.from_purchases(*rows, at=AT, unit="day")
    every = PurchaseSummary.from_purchases(*rows, at=AT, unit="day", first_in_value=True)
    np.testing.assert_array_equal(without.monetary_value, [50, np.nan])
    np.testing.assert_array_equal(every.monetary_value, [40, 7])
    np.testing.assert_array_equal(without.frequency, every.frequency)


def test_gaps_are_given_when_asked_for():
    times = dates("2026-01-01", "2026-01-15", "2026-02-05", "2026-01-03", "2026-01-03")
    got = PurchaseSummary.from_purchases(["a", "a", "a", "b", "b"], times, at=AT, unit="week", gaps=True)
    np.testing.assert_allclose(got.log_gaps, [np.log(2) + np.log(3), 0], rtol=1e-15)
    assert PurchaseSummary.from_purchases([1], times[:1], at=AT, unit="week").log_gaps is None
    for gaps, place in (([1.0], "log_gaps"), ([np.nan], "log_gaps"), ([0.0, 0.0], "log_gaps")):
        with pytest.raises(InvalidFactError) as caught:
            PurchaseSummary([1], [0], [0], [1], [np.nan], "week", log_gaps=gaps)
        assert caught.value.place == place


def test_covariates_are_columns_of_the_customers():
    one = sample().with_covariates(first=np.arange(2357), second=np.ones(2357, dtype=int))
    assert list(one.covariates) == ["first", "second"]
    assert one.with_covariates(first=np.zeros(2357)).covariates["first"].sum() == 0
    assert one != sample()
    assert one == sample().with_covariates(first=np.arange(2357.0), second=np.ones(2357))
    with pytest.raises(TypeError):
        one.covariates["first"] = 3
    with pytest.raises(ValueError, match="read-only"):
        one.covariates["first"][0] = 3
    for wrong in (np.ones(3), np.full(2357, np.nan), np.full(2357, np.inf)):
        with pytest.raises(InvalidFactError) as caught:
            sample().with_covariates(wrong=wrong)
        assert caught.value.place == "wrong"


def test_some_customers_with_every_field():
    rows = (["a", "b", "b", "c"], dates("2026-01-01", "2026-01-02", "2026-01-05", "2026-01-03"), [1, 2, 3, 4])
    whole = PurchaseSummary.from_purchases(*rows, at=AT, unit="day", currency="EUR", gaps=True)
    whole = whole.with_covariates(z=[1, 2, 3])
    some = whole.take(whole.frequency > 0)
    assert (some.ids.tolist(), some.unit, some.currency) == (["b"], "day", "EUR")
    assert (some.log_gaps.tolist(), some.covariates["z"].tolist()) == ([np.log(3)], [2])
    assert whole.take([2, 0]).ids.tolist() == ["c", "a"]
    assert whole.take([0, 1, 2]) == whole
    assert len(whole.take([])) == 0
    with pytest.raises(IndexError):
        whole.take([3])
    with pytest.raises(TypeError):
        whole.take([0.5])


def test_a_summary_travels():  # PEERS failure 20
    one = sample().with_covariates(first=np.arange(2357))
    again = pickle.loads(pickle.dumps(one))
    assert again == one
    assert again.covariates["first"].tolist() == one.covariates["first"].tolist()


def test_a_summary_written_by_hand_is_one():  # PEERS failure 21
    one = PurchaseSummary([1], [2], [30.43], [38.86], [22.35], "week", "USD")
    assert one.take([True]) == one


def test_one_customer_identical_customers_and_no_time():
    same = PurchaseSummary.from_purchases(
        np.repeat(np.arange(50), 3), np.tile(dates("2026-01-01", "2026-01-02", "2026-01-03"), 50), at=AT, unit="day"
    )
    assert set(zip(same.frequency.tolist(), same.recency.tolist(), same.T.tolist())) == {(2.0, 2.0, 89.0)}
    today = PurchaseSummary.from_purchases([1], dates("2026-03-31"), [5], at=AT, unit="day")
    assert (today.frequency[0], today.recency[0], today.T[0]) == (0, 0, 0)
    long_ago = PurchaseSummary.from_purchases([1], dates("0001-01-01"), at=AT_LAST, unit="day")
    assert long_ago.T[0] == 3_652_058


def test_many_customers_over_many_centuries():
    who = np.repeat(np.arange(3000), 2)
    got = PurchaseSummary.from_purchases(who, np.tile(dates("0001-01-01", "9999-12-30"), 3000), at=AT_LAST, unit="day")
    assert set(got.recency.tolist()) == {3_652_057.0}
    assert got.ids.tolist() == list(range(3000))


@pytest.mark.parametrize("resolution", ["h", "m", "s", "ms", "us", "ns", "10m", "2h"])
def test_datetimes_of_any_resolution(resolution):  # rule R46
    times = np.array(["1969-12-31T23:59", "2026-03-30T23:59", "2026-03-31T02:00"], dtype="datetime64[m]")
    got = PurchaseSummary.from_purchases([1, 2, 3], times.astype(f"datetime64[{resolution}]"), at=AT, unit="day")
    assert (got.ids.tolist(), got.T.tolist()) == ([1, 2], [20_544, 1])


@pytest.mark.parametrize("resolution,born", [("D", "2026-03-30"), ("W", "2026-03-26"), ("M", "2026-03-01")])
def test_a_coarse_time_is_its_first_day(resolution, born):
    times = dates("2026-03-30").astype(f"datetime64[{resolution}]")
    got = PurchaseSummary.from_purchases([1], times, at=AT, unit="day")
    assert got.T[0] == (np.datetime64("2026-03-31") - np.datetime64(born)).astype(int)


def test_a_later_end_only_adds_time():
    one = PurchaseSummary.from_purchases([1, 1], dates("1997-01-01", "1997-02-01"), at=CALIBRATION, unit="week")
    later = PurchaseSummary.from_purchases([1, 1], dates("1997-01-01", "1997-02-01"), at=AT, unit="week")
    assert (one.frequency[0], one.recency[0]) == (later.frequency[0], later.recency[0])
    assert later.T[0] > one.T[0]
