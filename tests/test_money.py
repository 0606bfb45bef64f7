"""Money: exact in whole minor units, one currency at a time, and a column of amounts equal to one by one."""

import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from relmkt.exceptions import InvalidFactError
from relmkt.money import CURRENCIES, Money, exponent, minor_units, parse_minor

codes = st.sampled_from(sorted(CURRENCIES))
wholes = st.integers(-(10**15), 10**15)


@given(wholes, codes)
def test_money_reads_back_from_every_form(units, currency):
    held = Money.minor(units, currency)
    assert eval(repr(held)) == held
    assert Money(held.amount, currency) == held
    assert Money(str(held).split()[0], currency) == held
    assert pickle.loads(pickle.dumps(held)) == held
    assert hash(Money(held.amount, currency)) == hash(held)
    assert Fraction(held.amount) * 10**held.exponent == units
    assert -held.amount.as_tuple().exponent == exponent(currency)


@given(
    st.decimals(-(10**12), 10**12, places=2).map(str) | st.from_regex(r"[+-]?[0-9]{1,9}(\.[0-9]{0,4})?", fullmatch=True)
)
def test_a_text_is_exact_or_refused(text):
    exact = Fraction(Decimal(text)) * 100
    if exact.denominator == 1:
        assert parse_minor(text, "EUR") == exact == Money(text, "EUR").units == Money(Decimal(text), "EUR").units
    else:
        with pytest.raises(InvalidFactError, match="too many decimals, expected at most 2 for EUR"):
            parse_minor(text, "EUR")


@pytest.mark.parametrize(
    "amount, currency, units, shown",
    [
        ("49.90", "EUR", 4990, "49.90 EUR"),
        ("-0.05", "EUR", -5, "-0.05 EUR"),
        ("+7", "USD", 700, "7.00 USD"),
        (".5", "USD", 50, "0.50 USD"),
        ("5.", "USD", 500, "5.00 USD"),
        (50, "EUR", 5000, "50.00 EUR"),
        (np.int32(50), "EUR", 5000, "50.00 EUR"),
        ("500", "JPY", 500, "500 JPY"),
        ("500.000", "JPY", 500, "500 JPY"),
        ("1.234", "KWD", 1234, "1.234 KWD"),
        ("0.0001", "CLF", 1, "0.0001 CLF"),
        ("1e3", "XOF", 1000, "1000 XOF"),
        (Decimal("1E+3"), "XOF", 1000, "1000 XOF"),
        (Decimal("-0"), "EUR", 0, "0.00 EUR"),
        ("0e-9999", "EUR", 0, "0.00 EUR"),
        ("92233720368547758.07", "EUR", 2**63 - 1, "92233720368547758.07 EUR"),
    ],
)
def test_what_is_money(amount, currency, units, shown):
    held = Money(amount, currency)
    assert held.units == units
    assert str(held) == shown


@pytest.mark.parametrize(
    "amount, got",
    [
        ("", "a text"),
        ("abc", "a text"),
        ("49,90", "a text"),
        ("1_000", "a text"),
        (" 5", "a text"),
        ("٣", "a text"),
        ("--5", "a text"),
        ("1.x", "a text"),
        ("NaN", "a text"),
        ("Infinity", "a text"),
        ("1e99999", "a text"),
        ("1.001", "too many decimals"),
        ("1e-9", "too many decimals"),
        (Decimal("1e-99999999"), "too many decimals"),
        (Decimal("1e99999999"), "too large an amount"),
        ("92233720368547758.08", "too large an amount"),
        (10**17, "too large an amount"),
        (Decimal("NaN"), "NaN"),
        (Decimal("sNaN"), "NaN"),
        (Decimal("-Infinity"), "infinity"),
    ],
)
def test_what_is_no_amount_is_refused(amount, got):
    with pytest.raises(InvalidFactError) as caught:
        Money(amount, "EUR")
    assert (caught.value.place, caught.value.got) == ("amount", got)


@pytest.mark.parametrize("slip", [49.9, np.float64(49.9), np.float32(1), None, True, b"5", Fraction(1, 2)])
def test_a_float_is_no_amount(slip):
    with pytest.raises(TypeError):
        Money(slip, "EUR")


@pytest.mark.parametrize(
    "code, got", [("eur", "'eur'"), ("XXX", "'XXX'"), ("", "''"), ("Ada Lovelace", "a str"), (978, "a int")]
)
def test_an_unknown_currency_is_refused_and_no_long_text_repeated(code, got):
    for slip in (lambda: Money("5", code), lambda: Money.minor(5, code), lambda: exponent(code)):
        with pytest.raises(InvalidFactError) as caught:
            slip()
        assert (caught.value.place, caught.value.got) == ("currency", got)


def test_the_table_of_currencies():
    groups = {n: " ".join(sorted(code for code, places in CURRENCIES.items() if places == n)) for n in (0, 3, 4)}
    assert groups == {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }
    tender = {
        code
        for territory in get_global("territory_currencies").values()
        for code, _, end, is_tender in territory
        if end is None and is_tender
    }
    assert tender <= set(CURRENCIES)
    assert len(CURRENCIES) == 167  # the 165 codes with decimals in force in 2026, and ANG and BGN, retired in 2025


@given(wholes, wholes, st.integers(-1000, 1000), codes)
def test_arithmetic_is_that_of_the_units(one, other, times, currency):
    a, b = Money.minor(one, currency), Money.minor(other, currency)
    assert (a + b).units == one + other
    assert (a - b).units == one - other
    assert (a * times).units == (times * a).units == one * times
    assert (-a).units == -one
    assert (a < b, a <= b, a > b, a >= b, a == b) == (
        one < other,
        one <= other,
        one > other,
        one >= other,
        one == other,
    )
    assert bool(a) == bool(one)
    assert sum([a, b], Money(0, currency)) == a + b


@pytest.mark.parametrize(
    "slip",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a < b,
        lambda a, b: a <= b,
        lambda a, b: a > b,
        lambda a, b: a >= b,
    ],
)
@pytest.mark.parametrize("other", [Money(1, "USD"), 1, 1.5, "1.00 EUR"])
def test_money_meets_money_of_its_own_currency_only(slip, other):
    with pytest.raises(TypeError):
        slip(Money(1, "EUR"), other)
    with pytest.raises(TypeError):
        slip(other, Money(1, "EUR"))


@pytest.mark.parametrize("times", [1.5, True, "2", Decimal(2), Money(1, "EUR")])
def test_money_multiplies_by_whole_numbers(times):
    with pytest.raises(TypeError):
        Money(1, "EUR") * times


def test_money_is_frozen_and_unequal_across_currencies():
    assert Money(1, "EUR") != Money(1, "USD")
    with pytest.raises(AttributeError):
        Money(1, "EUR").units = 5


@given(st.lists(st.integers(-(10**11), 10**11)), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_a_column_is_exact_however_it_is_told(units, currency):
    places = exponent(currency)
    amounts = [Money.minor(n, currency).amount for n in units]
    expected = np.array(units, dtype=np.int64)
    for told in (amounts, list(map(str, amounts)), [float(a) for a in amounts], np.array(units) / 10**places):
        found = minor_units(told, currency)
        assert found.dtype == np.int64
        assert found.tolist() == expected.tolist()


def test_whole_numbers_and_mixtures_in_a_column():
    assert minor_units([1, 2], "EUR").tolist() == [100, 200]
    assert minor_units(np.array([1, 2], dtype=np.uint8), "EUR").tolist() == [100, 200]
    assert minor_units([Decimal("1.5"), "2.25", 3, 4.75], "EUR").tolist() == [150, 225, 300, 475]
    assert minor_units([[1, 2], [3, 4]], "EUR").tolist() == [[100, 200], [300, 400]]
    assert minor_units(["1.5", "2"], "EUR").tolist() == [150, 200]
    assert minor_units(pd.Series(["1.5", "2"]), "EUR").tolist() == [150, 200]
    assert minor_units(49.9, "EUR").tolist() == 4990


def test_a_float_counts_only_beside_a_minor_unit():
    assert minor_units([0.1 + 0.2, 49.9000009, 49.8999991], "EUR").tolist() == [30, 4990, 4990]
    assert minor_units(np.array([49.9, 1234.56], dtype=np.float32), "EUR").tolist() == [4990, 123456]
    assert minor_units([123_456_789_012.34], "EUR").tolist() == [12_345_678_901_234]


@pytest.mark.parametrize(
    "column, row, got",
    [
        ([1.0, 2.005], 1, "too many decimals"),
        ([1.0, float("nan")], 1, "NaN or infinity"),
        ([float("-inf"), 1.0], 0, "NaN or infinity"),
        ([1.0, 2.0, 1e15], 2, "too large an amount for a float"),
        ([1, 10**17], 1, "too large an amount"),
        ([-(10**17), 1], 0, "too large an amount"),
        (["1.00", "1.005"], 1, "too many decimals"),
        (["1.00", "Ada"], 1, "a text"),
        ([Decimal(1), None], 1, "nothing"),
        ([Decimal(1), float("nan")], 1, "NaN or infinity"),
        ([Decimal(1), [2]], 1, "a list"),
        (np.array([[1.0, 2.0], [3.0, 4.001]]), 3, "too many decimals"),
    ],
)
def test_a_bad_row_is_named(column, row, got):
    told = np.array(column, dtype=object) if isinstance(column[0], Decimal) else column
    with pytest.raises(InvalidFactError) as caught:
        minor_units(told, "EUR")
    assert (caught.value.place, caught.value.got) == (f"amount of row {row}", got)


@pytest.mark.parametrize("column", [[True, False], np.array(["2026-03-01"], dtype="datetime64[D]"), [1j]])
def test_what_holds_no_amounts_is_a_type_error(column):
    with pytest.raises(TypeError, match="amounts are numbers"):
        minor_units(column, "EUR")


def test_a_column_has_a_known_currency():
    with pytest.raises(InvalidFactError, match="currency"):
        minor_units([1.0], "EURO")
