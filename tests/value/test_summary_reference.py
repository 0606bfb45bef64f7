"""The purchase summary with all that may be asked of it, against plain Python, for random rows in any order."""

from calendar import monthrange
from datetime import date, timedelta
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relmkt.value._summaries._holdout import Holdout
from relmkt.value._summaries._periods import Calendar
from relmkt.value._summaries._summary import PurchaseSummary
from relmkt.windows import Instant

DAY = 86_400_000_000
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORIGIN = date(2023, 12, 20)  # the days drawn go over the turn of two years and over 29 February 2024


def micros(day):
    return (ORIGIN - date(1970, 1, 1) + timedelta(days=day)).days * DAY


def number(day, period, week_start):
    """Of the period that holds a day, by the calendar of the standard library."""
    then = ORIGIN + timedelta(days=day)
    months = then.year * 12 + then.month - 1
    if period == "week":
        first = then - timedelta(days=(then.weekday() - WEEK.index(week_start)) % 7)
        return (first - date(1, 1, 1)).days // 7
    return {"day": then.toordinal(), "month": months, "quarter": months // 3, "year": then.year}[period]


def slow(rows, returned, at, period, week_start, length, with_first):
    """One purchase after another, in order of time; each return lowers the purchase that it follows."""
    spent = {}
    for who, day, paid in sorted(rows, key=lambda row: row[1]):
        if day <= at:
            when = number(day, period, week_start)
            seen = spent.setdefault(who, {})
            seen[when] = seen.get(when, 0) + paid
    for who, day, paid in returned:
        before = [when for when in spent.get(who, {}) if when <= number(day, period, week_start)]
        if day <= at and before:
            spent[who][max(before)] -= paid
    found = {}
    for who in sorted(spent):
        first, *again = when = sorted(spent[who])
        kept = when if with_first else again
        mean = max(sum(spent[who][w] for w in kept), 0) / len(kept) if kept else float("nan")
        gaps = sum(log((b - a) / length) for a, b in zip(when, again))
        end = number(at, period, week_start)
        found[who] = (len(again), (when[-1] - first) / length, (end - first) / length, mean, gaps)
    return found


row = st.tuples(st.integers(-3, 3), st.integers(0, 800), st.integers(0, 100))
settled = st.tuples(st.sampled_from(["day", "week", "month", "quarter", "year"]), st.sampled_from(WEEK), st.booleans())


@given(st.lists(row, max_size=40), st.lists(row, max_size=10), st.integers(0, 800), settled)
@settings(max_examples=200, deadline=None)
def test_is_what_plain_python_gives(rows, returned, at, settled):  # rule R45 R46
    period, week_start, with_first = settled
    if not any(day <= at for _, day, _ in rows):
        rows = [*rows, (0, at, 1)]
    who, day, paid = zip(*rows)
    back = tuple(list(column) for column in zip(*returned)) if returned else ([], [], [])
    got = PurchaseSummary.from_purchases(
        who,
        np.array([micros(d) for d in day]),
        paid,
        at=Instant(micros(at)),
        unit="week" if period == "day" else period,
        period=period,
        week_start=week_start,
        returns=(back[0], np.array([micros(d) for d in back[1]], dtype=np.int64), back[2]),
        first_in_value=with_first,
        gaps=True,
    )
    expected = slow(rows, returned, at, period, week_start, 7 if period == "day" else 1, with_first)
    assert got.ids.tolist() == list(expected)
    columns = (got.frequency, got.recency, got.T, got.monetary_value, got.log_gaps)
    for i, one in enumerate(expected.values()):
        assert [float(column[i]) for column in columns] == pytest.approx(one, nan_ok=True, abs=1e-9)


@given(st.lists(row, max_size=40), st.lists(row, max_size=10), st.integers(0, 400), st.integers(0, 400), settled)
@settings(max_examples=100, deadline=None)
def test_the_calibration_and_the_holdout_are_the_whole(rows, returned, at, more, settled):  # rule R45 R46
    period, week_start, _ = settled
    rows, until = [*rows, (0, at, 1)], at + more
    who, day, paid = zip(*rows)
    times, unit = np.array([micros(d) for d in day]), "week" if period == "day" else period
    columns = tuple(list(column) for column in zip(*returned)) if returned else ([], [], [])
    back = (columns[0], np.array([micros(d) for d in columns[1]], dtype=np.int64), columns[2])
    ends = {"unit": unit, "period": period, "week_start": week_start}
    known, after = PurchaseSummary.split(
        who, times, paid, at=Instant(micros(at)), until=Instant(micros(until)), returns=back, **ends
    )
    assert known == PurchaseSummary.from_purchases(who, times, paid, at=Instant(micros(at)), returns=back, **ends)
    whole = PurchaseSummary.from_purchases(who, times, paid, at=Instant(micros(until)), **ends)
    rows_of = np.searchsorted(whole.ids, known.ids)
    assert after.ids.tolist() == known.ids.tolist()
    np.testing.assert_array_equal(known.frequency + after.purchases, whole.frequency[rows_of])
    np.testing.assert_allclose(known.T + after.length, whole.T[rows_of], rtol=1e-12, atol=1e-12)
    for i, one in enumerate(known.ids.tolist()):
        came = sum(p for w, d, p in rows if w == one and at < d <= until)
        went = sum(p for w, d, p in returned if w == one and at < d <= until)
        assert after.spent[i] == came - went


@pytest.mark.parametrize("year", [2023, 2024, 2100])
def test_every_month_end_is_in_its_own_month(year):  # PEERS failure 19
    ends = [date(year, m, monthrange(year, m)[1]) for m in range(1, 13)]
    days = np.array([*ends, *(end + timedelta(days=1) for end in ends)], dtype="datetime64[D]").astype(np.int64)
    months = Calendar("month", "month").numbers(days)
    np.testing.assert_array_equal(months[12:] - months[:12], 1)
    np.testing.assert_array_equal(np.diff(months[:12]), 1)
    quarters = Calendar("quarter", "quarter").numbers(days[:12])
    np.testing.assert_array_equal(quarters - quarters[0], np.arange(12) // 3)
    assert len(set(Calendar("year", "year").numbers(days[:12]).tolist())) == 1


def test_a_holdout_is_a_value():
    one = Holdout([7], [2], [np.nan], 39, "week")
    assert one == Holdout([7], [2], [np.nan], 39, "week")
    assert one != Holdout([7], [3], [np.nan], 39, "week")
    assert "7" not in repr(one)
    for columns in (([7], [-1], [0], 1), ([7], [1, 2], [0], 1), ([7], [1], [np.inf], 1), ([7], [1], [0], -1)):
        with pytest.raises(ValueError, match="expected"):
            Holdout(*columns, "week")
    with pytest.raises(ValueError, match="unit"):
        Holdout([7], [1], [1], 1, "fortnight")
