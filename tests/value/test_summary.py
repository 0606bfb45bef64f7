"""The purchase summary: the literature's meaning, against lifetimes, in any order and form; and bad input."""

from datetime import timedelta

import lifetimes.utils
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.datasets import cdnow
from relmkt.exceptions import InvalidFactError
from relmkt.value import PurchaseSummary
from relmkt.windows import Instant, instant
from tests.value.bases import CALIBRATION, COLUMNS, Shop, bought, cdnow_shop, master, sample

DAY = 86_400_000_000


def the_same(one, other):
    assert list(one.ids) == list(other.ids)
    for name in COLUMNS:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12, err_msg=name)


def test_cdnow():  # PEERS failure 23
    assert len(sample()) == 2357
    assert (sample().frequency > 0).sum() == 946
    assert str(master()) == "23,570 customers, 24,337 repeat purchases, in weeks and USD"
    first = [float(getattr(sample(), name)[0]) for name in COLUMNS]
    assert first == pytest.approx([2, 30 + 3 / 7, 38 + 6 / 7, 22.345])


def test_against_lifetimes():
    rows = cdnow()
    frame = pd.DataFrame({"who": rows.customer, "day": rows.columns["day"], "paid": rows.cents / 100})
    theirs = lifetimes.utils.summary_data_from_transaction_data(
        frame, "who", "day", "paid", observation_period_end="1997-09-30"
    )
    ours = master()
    assert list(ours.ids) == list(theirs.index)
    np.testing.assert_array_equal(ours.frequency, theirs["frequency"])
    np.testing.assert_allclose(ours.recency * 7, theirs["recency"], rtol=1e-12)
    np.testing.assert_allclose(ours.T * 7, theirs["T"], rtol=1e-12)
    np.testing.assert_allclose(np.nan_to_num(ours.monetary_value), theirs["monetary_value"], rtol=1e-9)


def slow(rows, at):
    """The same by dictionaries, one purchase after another."""
    days, first = {}, {}
    for who, day, paid in sorted(rows, key=lambda row: row[1]):
        if day <= at:
            seen = days.setdefault(who, {})
            seen[day] = seen.get(day, 0) + paid
            first.setdefault(who, day)
    found = {}
    for who, seen in days.items():
        later = [paid for day, paid in seen.items() if day > first[who]]
        spent = sum(later) / len(later) if later else float("nan")
        found[who] = (len(later), max(seen) - first[who], at - first[who], spent)
    return found


purchase = st.tuples(st.integers(-5, 5), st.integers(0, 400), st.integers(0, 10_000))


@given(st.lists(purchase, max_size=60), st.integers(0, 400), st.randoms())
@settings(max_examples=100, deadline=None)
def test_is_what_dictionaries_give_in_any_order_and_form(rows, at, random):
    random.shuffle(rows)
    who, day, paid = (list(column) for column in zip(*rows)) if rows else ([], [], [])
    expected = slow(rows, at)
    end = Instant(at * DAY)
    forms = [
        (np.array(who, dtype=np.int64), np.array(day, dtype="datetime64[D]")),
        ([10**12 * w for w in who], np.array(day, dtype=np.int64) * DAY),
        ([f"{w + 9:02d}" for w in who], [datetime(1970, 1, 1) + timedelta(days=d) for d in day]),
        ([f"customer number {w + 9:02d}" for w in who], np.array(day, dtype=np.int64) * DAY),
    ]
    for ids, times in forms:
        if rows and not expected:
            with pytest.raises(InvalidFactError):  # the test of an end before the first purchase tells why
                PurchaseSummary.from_purchases(ids, times, at=end, unit="day")
            continue
        got = PurchaseSummary.from_purchases(ids, times, np.array(paid, dtype=float), at=end, unit="day")
        assert len(got) == len(expected)
        for i, key in enumerate(sorted(expected)):
            values = [float(getattr(got, name)[i]) for name in COLUMNS]
            assert values == pytest.approx(expected[key], nan_ok=True)


def test_nothing_later_than_at():  # rule R46
    early = [(1, "1997-01-01", 5.0), (1, "1997-02-01", 7.0), (2, "1997-03-01", 1.0)]
    late = [(1, "1997-10-01", 1000.0), (3, "1998-01-01", 9.0)]

    def summary(rows):
        who, day, paid = zip(*rows)
        return PurchaseSummary.from_purchases(
            who, np.array(day, dtype="datetime64[D]"), paid, at=CALIBRATION, unit="week", currency="USD"
        )

    assert summary(early + late) == summary(early)
    facts = [bought(str(who), day, int(paid), "USD") for who, day, paid in early + late]
    known, then = Shop(datetime(1998, 6, 30), *facts), Shop(CALIBRATION, *facts)
    the_same(PurchaseSummary.of(known, unit="week", until=CALIBRATION), PurchaseSummary.of(then, unit="week"))
    np.testing.assert_array_equal(PurchaseSummary.of(then, unit="week").monetary_value, summary(early).monetary_value)


def test_of_a_base_is_of_its_rows():
    the_same(PurchaseSummary.of(cdnow_shop(), unit="week", until=CALIBRATION), sample())


def test_a_day_is_a_local_date():
    evening, morning = datetime(2026, 7, 1, 21, 30), datetime(2026, 7, 1, 22, 30)  # midnight in Paris is at 22:00
    for zone, repeats in (("UTC", 0), ("Europe/Paris", 1)):
        for times in ([evening, morning], np.array([int(instant(evening)), int(instant(morning))])):
            got = PurchaseSummary.from_purchases([1, 1], times, at=datetime(2026, 7, 9), unit="day", zone=zone)
            assert got.frequency[0] == repeats


def test_days_across_daylight_saving_are_days():
    times = [datetime(2026, 3, 28, 12, tz="Europe/Paris"), datetime(2026, 3, 30, 0, 30, tz="Europe/Paris")]
    end = datetime(2026, 10, 26, 0, 30, tz="Europe/Paris")
    got = PurchaseSummary.from_purchases([1, 1], times, at=end, unit="day", zone="Europe/Paris")
    assert (got.recency[0], got.T[0]) == (2, 212)


def test_datetime64_is_read_in_the_zone():
    times = np.array(["2026-07-01T23:30", "2026-07-02T00:30"], dtype="datetime64[m]")
    end = datetime(2026, 7, 2, 1, tz="Europe/Paris")
    got = PurchaseSummary.from_purchases([1, 1], times, at=end, unit="day", zone="Europe/Paris")
    assert (got.frequency[0], got.T[0]) == (1, 1)
    with pytest.raises(InvalidFactError, match="zone"):
        PurchaseSummary.from_purchases([1, 1], times, at=end, unit="day", zone="Europe/Atlantis")


@pytest.mark.parametrize(
    "unit,days", [("day", 1), ("week", 7), ("month", 365.25 / 12), ("quarter", 365.25 / 4), ("year", 365.25)]
)
def test_units(unit, days):
    times = np.array(["2024-02-29", "2024-03-31"], dtype="datetime64[D]")
    got = PurchaseSummary.from_purchases(["a", "a"], times, at=datetime(2025, 2, 28), unit=unit)
    assert (got.recency[0], got.T[0]) == pytest.approx((31 / days, 365 / days))


def test_empty():  # PEERS failure 17
    nobody = PurchaseSummary.from_purchases([], [], [], at=CALIBRATION, unit="week", gaps=True)
    assert len(nobody) == 0
    assert len(nobody.log_gaps) == 0
    assert len(PurchaseSummary.of(Shop(CALIBRATION), unit="week")) == 0
    known, after = PurchaseSummary.split([], [], [], at=CALIBRATION, until=CALIBRATION, unit="week")
    assert (len(known), len(after)) == (0, 0)
    returned = ([1], DAYS[:1], [3])
    assert len(PurchaseSummary.from_purchases([], [], [], at=CALIBRATION, unit="week", returns=returned)) == 0


def test_an_end_before_the_first_purchase():  # PEERS failure 18
    late = np.array(["2030-01-01"], dtype="datetime64[D]")
    with pytest.raises(InvalidFactError, match="before the first purchase") as caught:
        PurchaseSummary.from_purchases([1], late, at=CALIBRATION, unit="day")
    assert caught.value.place == "at"
    with pytest.raises(InvalidFactError, match="before the first purchase"):
        PurchaseSummary.split([1], late, at=CALIBRATION, until=datetime(2031, 1, 1), unit="day")


def test_zero_amounts_and_repeated_rows_are_purchases_of_their_day():  # PEERS failure 25
    times = np.array(["2026-01-01", "2026-01-05", "2026-01-05", "2026-01-09"], dtype="datetime64[D]")
    got = PurchaseSummary.from_purchases([1] * 4, times, [9, 3, 3, 0], at=datetime(2026, 2, 1), unit="day")
    assert (got.frequency[0], got.monetary_value[0]) == (2, 3)


def test_one_currency_at_a_time():
    shop = Shop(
        datetime(2026, 3, 1),
        bought("ada", "2026-1-1", 5),
        bought("ada", "2026-1-8", 7),
        bought("bob", "2026-1-8", 900, "JPY"),
        bought("bob", "2026-1-9", 900, "JPY"),
    )
    with pytest.raises(InvalidFactError, match="EUR, JPY"):
        PurchaseSummary.of(shop, unit="week")
    euros, yen = (PurchaseSummary.of(shop, unit="week", currency=c) for c in ("EUR", "JPY"))
    assert (list(euros.ids), euros.monetary_value[0]) == (["ada"], 7.0)
    assert (list(yen.ids), yen.monetary_value[0]) == (["bob"], 900.0)


DAYS = np.array(["2026-01-01", "2026-01-02"], dtype="datetime64[D]")


@pytest.mark.parametrize(
    "customers,times,amounts,place",
    [
        ([1, "a"], DAYS, [1, 2], "customers"),
        (np.array([1, "a"], dtype=object), DAYS, [1, 2], "customers"),
        (["a", float("nan")], DAYS, [1, 2], "customers"),
        ([1, True], DAYS, [1, 2], "customers"),
        ([2**64, 1], DAYS, [1, 2], "customers"),
        ([1, None], DAYS, [1, 2], "customers"),
        (["a", None], DAYS, [1, 2], "customers"),
        ([1.5, 2.5], DAYS, [1, 2], "customers"),
        ([[1], [2]], DAYS, [1, 2], "customers"),
        (np.array([True, False]), DAYS, [1, 2], "customers"),
        ([1, 1], DAYS[:1], [1, 2], "times"),
        ([1, 1], DAYS[:, None], [1, 2], "times"),
        ([1, 1], [datetime(2026, 1, 1), True], [1, 2], "times"),
        ([1, 1], np.array(["NaT", "2026-01-01"], dtype="datetime64[D]"), [1, 2], "times"),
        ([1, 1], ["2026-01-01", "02/03/2026"], [1, 2], "times"),  # PEERS failure 24
        ([1, 1], np.array([10**9, 1], dtype="datetime64[D]"), [1, 2], "times"),
        ([1, 1], [datetime(2026, 1, 1), datetime(2026, 1, 1).naive()], [1, 2], "times"),
        ([1, 1], np.array([0.5, 1.5]), [1, 2], "times"),
        ([1, 1], DAYS, [1], "amounts"),
        ([1, 1], DAYS, [1, -30], "amounts"),
        ([1, 1], DAYS, [1, float("nan")], "amounts"),
        ([1, 1], DAYS, [1, float("inf")], "amounts"),
        ([1, 1], DAYS, [1, None], "amounts"),
        ([1, 1], DAYS, ["1", "2"], "amounts"),
        ([1, 1], DAYS, [[1], [2]], "amounts"),
    ],
)
def test_bad_rows(customers, times, amounts, place):  # PEERS failure 15 16
    with pytest.raises(InvalidFactError) as caught:
        PurchaseSummary.from_purchases(customers, times, amounts, at=datetime(2026, 2, 1), unit="day")
    assert caught.value.place == place


@pytest.mark.parametrize(
    "columns,place",
    [
        (([1.5], [0], [1], [1]), "frequency"),
        (([-1], [0], [1], [1]), "frequency"),
        (([np.nan], [0], [1], [1]), "frequency"),
        (([1], [2], [1], [1]), "recency"),
        (([0], [1], [2], [1]), "recency"),
        (([1], [-1], [2], [1]), "recency"),
        (([1], [1], [np.inf], [1]), "T"),
        (([1], [1], [2], [-1]), "monetary_value"),
        (([1, 2], [1], [2], [1]), "frequency"),
    ],
)
def test_columns_that_no_history_gives(columns, place):  # PEERS failure 22
    with pytest.raises(InvalidFactError) as caught:
        PurchaseSummary([1], *columns, "week")
    assert caught.value.place == place


def test_a_summary_is_a_value():
    with pytest.raises(ValueError, match="unit"):
        PurchaseSummary([1], [1], [1], [1], [1], "fortnight")
    with pytest.raises(ValueError, match="unit"):
        PurchaseSummary.from_purchases([1], DAYS[:1], at=CALIBRATION, unit="fortnight")
    one = PurchaseSummary([1], [0], [0], [1], [np.nan], "week")
    assert one == PurchaseSummary([1], [0], [0], [1], [np.nan], "week")
    assert one != PurchaseSummary([2], [0], [0], [1], [np.nan], "week")
    with pytest.raises(ValueError, match="read-only"):
        one.T[0] = 3
    assert "1 customers" in repr(one)
    assert "[1]" not in repr(one)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "u8", ">i8", "i8"])
def test_integer_ids_of_any_width_keep_their_values(dtype):
    info = np.iinfo(dtype)
    for low in (info.min, info.max - 255):
        ids = np.array([low, low + 255, low + 3, low], dtype=dtype)
        times = np.array(["2026-01-01"] * 3 + ["2026-01-02"], dtype="datetime64[D]")
        got = PurchaseSummary.from_purchases(ids, times, at=datetime(2026, 2, 1), unit="day")
        assert got.ids.tolist() == [low, low + 3, low + 255]
        assert got.frequency.tolist() == [1, 0, 0]


def test_ids_and_times_as_objects():
    times = np.array([datetime(2026, 1, 1), int(instant(datetime(2026, 1, 9)))], dtype=object)
    for ids, kept in (
        (np.array([7, 7], dtype=object), [7]),
        (np.array(["\u00e9", "\u00e9"], dtype=object), ["\u00e9"]),
    ):
        got = PurchaseSummary.from_purchases(ids, times, at=datetime(2026, 2, 1), unit="day")
        assert (got.ids.tolist(), got.recency.tolist()) == (kept, [8])


def test_a_base_does_not_know_what_is_later_than_itself():
    with pytest.raises(ValueError, match="until"):
        PurchaseSummary.of(cdnow_shop(), unit="week", until=datetime(1999, 1, 1))
