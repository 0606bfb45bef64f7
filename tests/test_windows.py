"""Instants, spans, calendar windows, validity and local clocks: laws by property, daylight saving by known dates."""

import copy
import pickle
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import pendulum
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relmkt.exceptions import InvalidFactError
from relmkt.windows import (
    DAY,
    HOUR,
    Instant,
    Span,
    Validity,
    Window,
    birthdays,
    day,
    days,
    hours,
    instant,
    local_instant,
    microseconds,
    minutes,
    month,
    quarter,
    quiet_until,
    seconds,
    week,
    year,
)

# zones whose clocks do odd things: half hours, midnight changes, changes of a minute past, a skipped day, negative DST
ZONES = [
    "UTC",
    "Europe/Paris",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
]
zones = st.sampled_from(ZONES)
units = st.sampled_from(["day", "week", "month", "quarter", "year"])
# 1950 to 2090, in microseconds
moments = st.integers(-631_152_000_000_000, 3_786_912_000_000_000).map(Instant)
SAINT_JOHNS_BACK = Instant("2010-11-07T02:31:30Z")  # the clock has just gone from 00:01 back to 23:01


def at(text: str) -> Instant:
    return Instant(text)


# --- instants and spans ---


@given(
    st.datetimes(timezones=st.timezones() | st.just(UTC), min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1))
)
def test_an_instant_is_exact_to_the_microsecond(when):
    found = instant(when)
    naive = when.replace(tzinfo=None, fold=0) - when.utcoffset()
    assert found == (naive - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    assert type(found) is Instant


@given(moments, zones)
def test_an_instant_reads_back_from_every_form(when, zone):
    assert instant(when.local(zone)) == when
    assert instant(when.utc) == when
    assert Instant(str(when)) == when
    assert eval(repr(when)) == when
    assert pickle.loads(pickle.dumps(when)) == when
    assert type(copy.deepcopy(when)) is Instant
    assert instant(when) is when
    assert hash(when) == hash(int(when))
    assert when == int(when)
    assert when.local(zone).timezone_name == zone


def test_an_instant_prints_as_iso_8601():
    assert str(at("2026-03-01T13:00:00+01:00")) == "2026-03-01T12:00:00+00:00"
    assert repr(at("2026-03-01T12:00:00.000005Z")) == "Instant('2026-03-01T12:00:00.000005+00:00')"
    assert f"{at('2026-03-01T12:00:00Z')}" == "2026-03-01T12:00:00+00:00"
    assert "+9223372036854775807 microseconds" in str(Instant(2**63 - 1))


def test_pendulum_and_fold_keep_their_instant():
    first = pendulum.datetime(2026, 10, 25, 2, 30, tz="Europe/Paris", fold=0)
    second = pendulum.datetime(2026, 10, 25, 2, 30, tz="Europe/Paris", fold=1)
    assert instant(second) - instant(first) == hours(1)
    assert instant(second).local("Europe/Paris").fold == 1


@pytest.mark.parametrize("wrong", [datetime(2026, 3, 1), pendulum.naive(2026, 3, 1)])
def test_a_naive_datetime_is_refused_by_place(wrong):
    with pytest.raises(InvalidFactError) as caught:
        instant(wrong, "Purchase.at")
    assert caught.value.place == "Purchase.at"
    assert caught.value.expected == "an aware datetime"


@pytest.mark.parametrize("wrong", [5, 5.0, "2026-03-01", date(2026, 3, 1), None, days(1), np.datetime64("2026-03-01")])
def test_what_is_no_datetime_is_a_type_error(wrong):
    with pytest.raises(TypeError, match="birth: expected an aware datetime"):
        instant(wrong, "birth")


def test_an_instant_is_made_of_whole_numbers_or_iso_text():
    assert Instant(np.int64(5)) == 5
    with pytest.raises(TypeError):
        Instant(1.5)
    with pytest.raises(InvalidFactError, match="ISO 8601"):
        Instant("yesterday")
    with pytest.raises(InvalidFactError, match="an aware datetime"):
        Instant("2026-03-01T12:00:00")


@given(moments, st.integers(-(10**15), 10**15).map(microseconds))
def test_instants_and_spans_add_up(when, span):
    later = when + span
    assert type(later) is Instant
    assert type(span + when) is Instant
    assert span + when == later
    assert later - when == span
    assert type(later - when) is Span
    assert later - span == when
    assert type(later - span) is Instant
    assert type(when + 1) is int
    assert type(when - 1) is int
    assert type(when + when) is int
    assert type(span + span) is Span
    assert type(span - span) is Span
    assert type(span + 1) is int
    assert type(span - 1) is int
    assert -span == span * -1
    assert abs(span) >= 0
    assert type(-span) is type(abs(span)) is Span
    assert pickle.loads(pickle.dumps(span)) == span


@given(st.integers(-(10**6), 10**6).map(lambda n: microseconds(n * 1_000)) | st.integers(-(10**17), 10**17).map(Span))
def test_a_span_prints_as_the_call_that_makes_it(span):
    assert eval(repr(span)) == span
    assert str(span) == repr(span)


def test_spans_print_in_their_largest_whole_unit():
    spans = [days(90), hours(2), hours(48), minutes(90), seconds(61), seconds(1.5), days(0), hours(-1)]
    assert str(spans) == (
        "[days(90), hours(2), days(2), minutes(90), seconds(61), microseconds(1500000), days(0), hours(-1)]"
    )


@given(st.floats(-1e5, 1e5), st.integers(-(10**6), 10**6))
def test_a_span_of_a_fraction_is_the_nearest_microsecond(n, k):
    assert days(n) == round(Fraction(n) * DAY)
    assert hours(k) == k * HOUR
    assert days(np.int64(k)) == days(k)
    assert days(2) * n == round(Fraction(n) * 2 * DAY)
    assert k * days(2) == days(2 * k)
    assert type(k * days(2)) is Span


def test_spans_divide():
    assert days(1) / hours(6) == 4.0
    assert days(1) / 2 == hours(12)
    assert type(days(1) / 2.0) is Span


@pytest.mark.parametrize("wrong", ["3", None, 1j])
def test_a_span_is_made_of_a_number(wrong):
    with pytest.raises(TypeError):
        days(wrong)
    with pytest.raises(TypeError):
        days(1) * wrong
    with pytest.raises(TypeError):
        days(1) / wrong


@pytest.mark.parametrize("slip", [lambda: days(1) * days(1), lambda: days(1) * at("2026-01-01T00:00:00Z")])
def test_a_span_times_a_span_means_nothing(slip):
    with pytest.raises(TypeError):
        slip()


def test_a_span_over_an_instant_means_nothing():
    with pytest.raises(TypeError):
        days(1) / at("2026-01-01T00:00:00Z")


@pytest.mark.parametrize("endless", [float("nan"), float("inf")])
def test_a_span_is_finite(endless):
    with pytest.raises((ValueError, OverflowError)):
        days(endless)


# --- calendar windows ---


def floor(unit: str, here: date) -> date:
    return {
        "day": here,
        "week": here - timedelta(days=here.weekday()),
        "month": here.replace(day=1),
        "quarter": date(here.year, (here.month - 1) // 3 * 3 + 1, 1),
        "year": date(here.year, 1, 1),
    }[unit]


@settings(max_examples=300)
@given(units, zones, moments)
@example("day", "America/St_Johns", SAINT_JOHNS_BACK)
@example("day", "Pacific/Apia", Instant("2011-12-30T09:59:59Z"))
@example("day", "Pacific/Apia", Instant("2011-12-30T10:00:00Z"))
@example("year", "UTC", Instant("1900-01-01T00:00:00Z"))
def test_periods_part_the_line_of_time(unit, zone, when):
    window = Window(unit, zone)
    start, end = window.start(when), window.end(when)
    assert start <= when < end
    assert window.start(start) == start
    assert window.end(start) == end
    assert window.start(end - 1) == start
    assert window.start(end) == end
    assert window.end(start - 1) == start
    # a period begins on its first local day, at midnight where the clock shows one
    first = Instant(start).local(zone)
    assert floor(unit, first.date()) == first.date() or zone == "Pacific/Apia"
    assert time(0) <= first.time() <= time(1)


@given(units, zones, moments)
def test_a_period_agrees_with_the_local_date(unit, zone, when):
    here = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(when))).astimezone(ZoneInfo(zone))
    expected = local_instant(floor(unit, here.date()), "00:00", zone)
    # only where clocks fall back over midnight does yesterday show again after today has begun
    assert Window(unit, zone).start(when) == expected or here.time() >= time(23)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
def test_a_column_answers_as_one_by_one(unit, zone):
    window = Window(unit, zone)
    column = np.random.default_rng(4).integers(-DAY * 9_000, DAY * 25_000, 300)
    column[:3] = int(SAINT_JOHNS_BACK), 0, window.start(0)
    expected = [window.start(int(when)) for when in column]
    assert window.periods(column).tolist() == expected
    assert window.periods(column).dtype == np.int64
    assert window.periods(column.reshape(30, 10)).tolist() == np.reshape(expected, (30, 10)).tolist()
    assert window.periods(column[:0]).tolist() == []
    stray = np.array([at("0004-03-01T00:00:00Z"), 0, at("9996-03-01T00:00:00Z")])
    assert window.periods(stray).tolist() == [window.start(int(when)) for when in stray]


def test_the_day_of_a_change_of_clocks_is_shorter_or_longer():
    paris = day("Europe/Paris")
    for noon, length in (("2026-03-29T12:00:00Z", hours(23)), ("2026-10-25T12:00:00Z", hours(25))):
        assert paris.end(at(noon)) - paris.start(at(noon)) == length
    assert Instant(year("Europe/Paris").start(at("2025-12-31T23:30:00Z"))) == at("2026-01-01T00:00:00+01:00")
    assert Instant(week().start(at("2026-03-01T12:00:00Z"))) == at("2026-02-23T00:00:00Z")
    assert Instant(quarter().end(at("2026-03-01T12:00:00Z"))) == at("2026-04-01T00:00:00Z")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
def test_the_first_and_last_instants_of_the_calendar_stand_in_a_period(unit, zone):
    window = Window(unit, zone)
    for when in (instant(datetime.min.replace(tzinfo=UTC)), instant(datetime.max.replace(tzinfo=UTC))):
        assert window.start(when) <= when < window.end(when)
        assert window.periods(np.array([when])).tolist() == [window.start(when)]
    for never in (-(2**63), 2**63 - 1):
        assert window.start(never) <= never < window.end(never)


def test_what_would_end_beyond_the_calendar_ends_after_it():
    last = instant(datetime.max.replace(tzinfo=UTC))
    for validity in (Validity("9999Y"), Validity("9999Y", round_to="year"), Validity("9999M", zone="Asia/Tokyo")):
        assert validity.until(last) > last
    assert Validity("9999Y").until(Instant(0)) > last
    for span in ("end of next year", "end of month", "9999W"):
        assert Validity(span).until(last) > last


def test_a_midnight_that_clocks_skip_opens_the_day_after_it():
    # 2018-11-04 in Sao Paulo began at 01:00
    sao_paulo = day("America/Sao_Paulo")
    start = Instant(sao_paulo.start(at("2018-11-04T12:00:00Z")))
    assert start == at("2018-11-04T03:00:00Z")
    assert start.local("America/Sao_Paulo").hour == 1


def test_a_window_is_a_value_and_prints_as_its_call():
    assert str([day(), week(), month("Asia/Tokyo"), quarter(), year("Europe/Paris")]) == (
        "[day('UTC'), week('UTC'), month('Asia/Tokyo'), quarter('UTC'), year('Europe/Paris')]"
    )
    assert year() == year("UTC")
    assert hash(year()) == hash(year("UTC"))
    assert year() != month()
    with pytest.raises(AttributeError):
        year().zone = "Europe/Paris"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../etc/passwd", "x" * 500, "UTC\0"])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(InvalidFactError) as caught:
        year(zone)
    assert caught.value.place == "zone"


def test_a_zone_is_a_name_and_a_unit_one_of_five():
    with pytest.raises(TypeError):
        year(UTC)
    with pytest.raises(InvalidFactError, match="one of day, week"):
        Window("decade")


# --- local clocks, quiet hours, birthdays ---


def valid_after(wall: datetime, zone: str) -> Instant:
    """The first minute whose local clock shows `wall` or later for the first time, by plain search."""
    when = int(instant(wall.replace(tzinfo=UTC))) - 30 * HOUR
    while Instant(when).local(zone).naive() < wall:
        when += 60_000_000
    return Instant(when)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(
        [
            ("Europe/Paris", date(2026, 3, 29)),
            ("Europe/Paris", date(2026, 10, 25)),
            ("America/Havana", date(2012, 11, 4)),
            ("America/Sao_Paulo", date(2018, 11, 4)),
            ("America/St_Johns", date(2010, 11, 7)),
            ("Australia/Lord_Howe", date(2026, 10, 4)),
            ("Australia/Lord_Howe", date(2026, 4, 5)),
            ("Pacific/Apia", date(2011, 12, 30)),
            ("Africa/Casablanca", date(2026, 3, 22)),
        ]
    ),
    st.integers(0, 24 * 60 - 1),
)
def test_a_local_time_is_the_first_valid_instant_from_it_on(case, minute):  # rule R65
    zone, when = case
    clock = time(minute // 60, minute % 60)
    assert local_instant(when, clock, zone) == valid_after(datetime.combine(when, clock), zone)


def test_skipped_and_repeated_local_times():  # rule R65
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert local_instant(spring, "02:30", "Europe/Paris") == at("2026-03-29T03:00:00+02:00")
    assert local_instant(autumn, "02:30", "Europe/Paris") == at("2026-10-25T02:30:00+02:00")
    assert local_instant(autumn, time(3, 0), "Europe/Paris") == at("2026-10-25T03:00:00+01:00")


@pytest.mark.parametrize("clock", ["25:00", "noon", "", time(12, tzinfo=UTC), "12:00+01:00"])
def test_a_clock_is_a_local_time_of_day(clock):
    with pytest.raises(InvalidFactError, match="a local time of day"):
        local_instant(date(2026, 3, 1), clock, "UTC")


def test_quiet_bounds_hold_their_start_and_not_their_end():  # rules R63, R64
    def quiet(text: str):
        return quiet_until(at(text), "22:00", "06:00", "Europe/Paris")

    morning = at("2026-03-02T06:00:00+01:00")
    assert quiet("2026-03-01T22:00:00+01:00") == quiet("2026-03-02T00:00:00+01:00") == morning
    assert quiet("2026-03-02T05:59:59.999999+01:00") == morning
    assert quiet("2026-03-02T06:00:00+01:00") is None
    assert quiet("2026-03-01T21:59:59.999999+01:00") is None


def test_quiet_hours_within_one_day():  # rule R64
    assert quiet_until(at("2026-03-01T12:00:00Z"), "12:00", "14:00", "UTC") == at("2026-03-01T14:00:00Z")
    assert quiet_until(at("2026-03-01T14:00:00Z"), "12:00", "14:00", "UTC") is None
    assert quiet_until(at("2026-03-01T23:00:00Z"), "22:00", "00:00", "UTC") == at("2026-03-02T00:00:00Z")


@pytest.mark.parametrize(
    "noon, ends",
    [
        ("2026-03-28T23:30:00+01:00", "2026-03-29T06:00:00+02:00"),
        ("2026-10-24T23:30:00+02:00", "2026-10-25T06:00:00+01:00"),
    ],
)
def test_quiet_hours_keep_the_clock_across_both_changes(noon, ends):  # rule R65
    assert quiet_until(at(noon), "22:00", "06:00", "Europe/Paris") == at(ends)


def test_quiet_hours_that_end_within_a_change():  # rule R65
    # 02:30 is skipped in March: quiet until the first valid instant after it; repeated in October: until its first
    assert quiet_until(at("2026-03-29T01:00:00+01:00"), "22:00", "02:30", "Europe/Paris") == at("2026-03-29T01:00:00Z")
    assert quiet_until(at("2026-10-25T02:10:00+02:00"), "22:00", "02:30", "Europe/Paris") == at("2026-10-25T00:30:00Z")
    assert quiet_until(at("2026-10-25T02:10:00+01:00"), "22:00", "02:30", "Europe/Paris") is None


def test_a_free_hour_that_clocks_skip_leaves_no_gap():
    # free from 02:00 to 03:00 only, and that hour does not exist on 2026-03-29
    assert quiet_until(at("2026-03-29T00:30:00+01:00"), "03:00", "02:00", "Europe/Paris") == at(
        "2026-03-30T02:00:00+02:00"
    )


clocks = st.integers(0, 95).map(lambda quarters: f"{quarters // 4:02}:{quarters % 4 * 15:02}")


@settings(max_examples=300)
@given(moments, clocks, clocks, zones)
def test_quiet_hours_end_when_they_say(when, start, end, zone):  # rules R64, R65
    if start == end:
        with pytest.raises(InvalidFactError, match="two different times"):
            quiet_until(when, start, end, zone)
        return
    ends = quiet_until(when, start, end, zone)
    if ends is not None:
        assert ends > when
        assert quiet_until(ends, start, end, zone) is None
        assert quiet_until(ends - microseconds(1), start, end, zone) == ends
    # where the clocks stand still for two days the local time alone decides
    here = when.local(zone)
    if len({(when + hours(h)).local(zone).utcoffset() for h in range(-48, 49, 1)}) == 1:
        clock, low, high = here.time(), time.fromisoformat(start), time.fromisoformat(end)
        assert (ends is not None) == (low <= clock < high if low < high else clock >= low or clock < high)


@settings(max_examples=200)
@given(st.dates(date(2000, 1, 1), date(2000, 12, 31)), moments, zones, st.sampled_from(["28 February", "1 March"]))
def test_a_birthday_comes_once_a_year(born, after, zone, leap):  # rule R90
    found = birthdays(born.month, born.day, after, leap, zone)
    assert after < found <= after + days(368)
    here = found.local(zone)
    kept = {date(2000, 2, 28), date(2000, 3, 1)} if (born.month, born.day) == (2, 29) else set()
    assert (here.month, here.day) in {(d.month, d.day) for d in {born} | kept} or zone == "Pacific/Apia"
    again = birthdays(born.month, born.day, found, leap, zone)
    assert again.local(zone).year == here.year + 1 or (here.month, here.day) == (12, 31)


@pytest.mark.parametrize(
    "leap, after, expected",
    [
        ("28 February", "2025-03-01T00:00:00Z", "2026-02-28T00:00:00Z"),
        ("1 March", "2025-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ("28 February", "2028-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("1 March", "2028-02-29T00:00:00Z", "2029-03-01T00:00:00Z"),
    ],
)
def test_the_29th_of_february_is_kept_by_policy(leap, after, expected):  # rule R90
    assert birthdays(2, 29, at(after), leap=leap) == at(expected)


@pytest.mark.parametrize("month, day", [(2, 30), (13, 1), (0, 1), (4, 31), (1, 0)])
def test_a_day_that_no_year_has_is_refused_without_telling_it(month, day):
    with pytest.raises(InvalidFactError) as caught:
        birthdays(month, day, Instant(0))
    assert str(day) not in caught.value.got


def test_a_leap_policy_is_one_of_two():
    with pytest.raises(ValueError, match="28 February"):
        birthdays(2, 29, Instant(0), leap="never")


# --- validity ---


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Asia/Tokyo", "UTC"])
def test_twelve_months_to_the_end_of_the_month(zone):  # rule R4
    earned = local_instant(date(2025, 7, 6), "15:20", zone)
    until = Validity("12M", round_to="month", zone=zone).until(earned)
    assert until == local_instant(date(2026, 8, 1), "00:00", zone)


@pytest.mark.parametrize(
    "span, round_to, expected",
    [
        ("30D", None, "2026-03-02T10:15:00.000001+00:00"),
        ("2W", None, "2026-02-14T10:15:00.000001+00:00"),
        ("1M", None, "2026-02-28T10:15:00.000001+00:00"),
        ("3Y", None, "2029-01-31T10:15:00.000001+00:00"),
        ("1M", "day", "2026-03-01T00:00:00+00:00"),
        ("1M", "month", "2026-03-01T00:00:00+00:00"),
        ("1Y", "year", "2028-01-01T00:00:00+00:00"),
        ("end of day", None, "2026-02-01T00:00:00+00:00"),
        ("end of week", None, "2026-02-02T00:00:00+00:00"),
        ("end of month", None, "2026-02-01T00:00:00+00:00"),
        ("end of next month", None, "2026-03-01T00:00:00+00:00"),
        ("end of quarter", None, "2026-04-01T00:00:00+00:00"),
        ("end of year", None, "2027-01-01T00:00:00+00:00"),
        ("end of next year", None, "2028-01-01T00:00:00+00:00"),
    ],
)
def test_the_grammar_of_validity(span, round_to, expected):
    assert str(Validity(span, round_to=round_to).until(at("2026-01-31T10:15:00.000001Z"))) == expected


def test_a_counted_day_keeps_the_clock_across_a_change():
    until = Validity("1D", zone="Europe/Paris").until(at("2026-03-28T12:00:00+01:00"))
    assert until == at("2026-03-29T12:00:00+02:00")


@given(
    st.sampled_from(["1D", "2W", "1M", "12M", "3Y", "end of day", "end of month", "end of next year"]),
    st.sampled_from([None, "day", "month", "year"]),
    zones,
    moments,
    moments,
)
def test_what_is_earned_later_holds_no_shorter(span, round_to, zone, one, other):
    validity = Validity(span, round_to=None if span.startswith("end") else round_to, zone=zone)
    first, second = sorted([one, other])
    assert validity.until(first) > first
    # within one hour of a change of clocks a wall time may repeat
    assert validity.until(first) <= validity.until(second) + days(1)


@pytest.mark.parametrize("span", ["", "12", "12m", "0M", "-1D", "1.5Y", "99999D", "end of decade", "12M ", "forever"])
def test_a_validity_outside_the_grammar_is_refused(span):
    with pytest.raises(InvalidFactError) as caught:
        Validity(span)
    assert caught.value.place == "validity"


@pytest.mark.parametrize("span, round_to", [("12M", "week"), ("end of month", "month")])
def test_rounding_is_of_counted_spans_to_day_month_or_year(span, round_to):
    with pytest.raises(InvalidFactError) as caught:
        Validity(span, round_to=round_to)
    assert caught.value.place == "round_to"


def test_a_validity_is_a_value():
    assert Validity("12M", zone="Europe/Paris") == Validity("12M", zone="Europe/Paris")
    assert hash(Validity("12M")) == hash(Validity("12M", round_to=None))
    assert repr(Validity("12M", round_to="month")) == "Validity(span='12M', round_to='month', zone='UTC')"
