"""Estimates: what they print, how a column answers by label, and that they are values."""

import copy
import pickle
import subprocess
import sys
from math import inf, isnan, nan

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmkt.estimate import Estimate

finite = st.floats(-1e9, 1e9)


def big(rows: int = 21, **fields) -> Estimate:
    return Estimate(np.arange(rows), labels=[f"c{i}" for i in range(rows)], **fields)


@pytest.mark.parametrize(
    "estimate, text",
    [
        (Estimate(16.7, 9.8, 23.6, n=604, method="method"), "16.7 [9.8, 23.6] 95 %, n = 604 (method)"),
        (Estimate(118.2, 97.44, 141.03, n=7, method="Laplace"), "118.20 [97.44, 141.03] 95 %, n = 7 (Laplace)"),
        (Estimate(0.40215, 0.3482, 0.4581, n=301), "0.40 [0.35, 0.46] 95 %, n = 301"),
        (Estimate(0.00123, 0.0011, 0.0014, n=1_204_331), "0.0012 [0.0011, 0.0014] 95 %, n = 1,204,331"),
        (Estimate(42, 40, 44, level=0.9, n=12), "42 [40, 44] 90 %, n = 12"),
        (Estimate(16.72, 9.81, 23.6, n=604, digits=1), "16.7 [9.8, 23.6] 95 %, n = 604"),
        (Estimate(1234567.5, n=3), "1,234,567.5, n = 3"),
        (Estimate(0.25, 0, inf, level=0.999, n=2), "0.25 [0.00, inf] 99.9 %, n = 2"),
        (Estimate(0, 0, 0, n=5), "0 [0, 0] 95 %, n = 5"),
        (Estimate(5e-324, n=5), "0, n = 5"),
        (Estimate(1.5, n=2.5), "1.5, n = 2.5"),
        (Estimate.unknown("no valid answers", method="Wald"), "missing, n = 0 (Wald): no valid answers"),
        (Estimate(nan), "missing, n = 0"),
        (Estimate([], labels=[]), "no estimates"),
    ],
)
def test_an_estimate_prints_itself(estimate, text):
    assert str(estimate) == text


def test_a_short_column_prints_a_line_a_label():
    hotels = Estimate([16.72, nan], [9.8, nan], [23.6, nan], n=[604, 0], labels=["Lyon", "Monaco"], method="Wald")
    assert str(hotels).splitlines() == [
        "Lyon    16.72 [9.80, 23.60] 95 %, n = 604 (Wald)",
        "Monaco  missing, n = 0 (Wald): no valid observations",
    ]
    assert "Lyon" not in repr(hotels)


def test_a_long_column_prints_one_line():
    values = np.full(1_204_331, 39.94)
    worth = Estimate(values, values - 1, values + 1, labels=map(str, range(values.size)), method="Laplace, expectation")
    assert str(worth) == "1,204,331 estimates, mean 39.94, 95 % (Laplace, expectation), 0 missing"
    assert repr(worth) == f"Estimate({worth})"
    gaps = attrs.evolve(big(), value=[nan] * 20 + [1])
    assert str(gaps) == "21 estimates, mean 1.00, 95 %, 20 missing"
    assert str(attrs.evolve(gaps, value=[nan] * 21)) == "21 estimates, mean missing, 95 %, 21 missing"
    assert str(attrs.evolve(gaps, digits=0)) == "21 estimates, mean 1, 95 %, 20 missing"


def test_one_number_prints_in_its_repr():
    assert repr(Estimate(42, 40, 44, n=12)) == "Estimate(42 [40, 44] 95 %, n = 12)"


def test_the_estimate_of_nothing():
    nothing = Estimate.unknown("no valid answers", missing=12, invalid=3)
    assert isnan(nothing.value)
    assert isnan(float(nothing))
    assert (nothing.n, nothing.missing, nothing.invalid, nothing.notes) == (0, 12, 3, ("no valid answers",))
    assert nothing == Estimate.unknown("no valid answers", missing=12, invalid=3)
    assert hash(nothing) == hash(Estimate.unknown("no valid answers", missing=12, invalid=3))


numbers = st.floats(allow_nan=True, allow_infinity=False, width=32)


@given(st.dictionaries(st.text(min_size=1), st.tuples(numbers, st.floats(0, 1e6), st.integers(0, 10**9)), max_size=30))
def test_a_column_is_its_estimates(rows):
    values, widths, counts = (list(column) for column in zip(*rows.values(), strict=True)) if rows else ([], [], [])
    bounds = np.array(values), np.array(widths)
    column = Estimate(
        values, bounds[0] - bounds[1], bounds[0] + bounds[1], n=counts, labels=rows, method="m", level=0.8
    )
    assert len(column) == len(rows) == len(list(column))
    assert column.labels == tuple(rows)
    for (label, one), value, count in zip(column, values, counts, strict=True):
        assert column[label] == one
        assert one.value == value or (isnan(one.value) and isnan(value))
        assert type(one.value) is float
        assert type(one.n) is int
        assert (one.n, one.level, one.method, one.labels) == (count, 0.8, "m", None)
        assert not isnan(value) or count or one.notes
    assert np.array_equal(np.asarray(column), np.array(values, dtype=float), equal_nan=True)
    assert pickle.loads(pickle.dumps(column)) == copy.deepcopy(column) == attrs.evolve(column) == column
    assert hash(attrs.evolve(column)) == hash(column)
    assert str(column)
    assert column._repr_html_()


def test_a_column_broadcasts_what_it_is_told_once():
    column = Estimate([1, 2], labels=["a", "b"], se=0.5, missing=3)
    assert column.se.tolist() == [0.5, 0.5]
    assert column["b"].missing == 3
    assert np.isnan(column.low).all()


def test_a_column_cannot_be_written_and_its_source_is_left_alone():
    values = np.array([1.0, 2.0])
    column = Estimate(values, labels=["a", "b"])
    with pytest.raises(ValueError, match="read-only"):
        column.value[0] = 5
    values[0] = 1.0  # the caller's array stays writable
    with pytest.raises(AttributeError):
        column.value = 5


@given(finite, st.floats(0, 1e6), finite)
def test_estimates_are_equal_by_value(value, width, other):
    one = Estimate(value, value - width, value + width, n=3)
    assert one == Estimate(value, value - width, value + width, n=3)
    assert hash(one) == hash(Estimate(value, value - width, value + width, n=3))
    assert (one == attrs.evolve(one, value=other)) == (value == other)
    assert float(one) == value
    assert np.asarray(one) == value


@pytest.mark.parametrize(
    "field, value",
    [("value", 2), ("low", 0), ("high", 9), ("level", 0.9), ("n", 4), ("method", "m"), ("notes", ["x"]), ("se", 1)],
)
def test_every_field_tells_estimates_apart(field, value):
    one, column = Estimate(1, 0.5, 1.5, n=3), Estimate([1, 1], 0.5, 1.5, n=3, labels=["a", "b"])
    assert one != attrs.evolve(one, **{field: value})
    assert column != attrs.evolve(column, **{field: value})
    assert column != one
    assert column != attrs.evolve(column, labels=["a", "c"])
    assert one != 1
    assert one == attrs.evolve(one, digits=4)


def test_one_number_has_no_labels_and_a_column_is_no_number():
    one = Estimate(1)
    assert len(one) == 1
    for slip in (lambda: one["a"], lambda: iter(one)):
        with pytest.raises(TypeError, match="no labels"):
            slip()
    with pytest.raises(TypeError, match="index it by label"):
        float(big())


def test_an_absent_label_is_a_key_error_that_does_not_repeat_it():
    with pytest.raises(KeyError) as caught:
        big()["ada@example.org"]
    assert "ada" not in str(caught.value)


@pytest.mark.parametrize(
    "slip, error",
    [
        (lambda: Estimate([1, 2]), TypeError),
        (lambda: Estimate(np.array([1, 2])), TypeError),
        (lambda: Estimate("many"), ValueError),
        (lambda: Estimate([1, 2], labels=["a"]), ValueError),
        (lambda: Estimate([1, 2], [1, 2, 3], labels=["a", "b"]), ValueError),
        (lambda: Estimate([1, 2], labels=["a", "a"]), ValueError),
        (lambda: Estimate(1, 2, 0), ValueError),
        (lambda: Estimate([1, 1], [0, 2], [2, 0], labels=["a", "b"]), ValueError),
        (lambda: Estimate(1, level=95), ValueError),
        (lambda: Estimate(1, level=0), ValueError),
        (lambda: Estimate(1, n=nan), ValueError),
    ],
)
def test_what_is_no_estimate_is_refused(slip, error):
    with pytest.raises(error):
        slip()


def test_a_single_note_is_one_note():
    assert Estimate(1, notes="few answers").notes == ("few answers",)


def test_the_table_escapes_and_stops_at_twenty():
    table = Estimate([1, nan], [0, nan], [2, nan], n=[5, 0], labels=["<b>", "x"], notes=["a & b"])._repr_html_()
    assert "&lt;b&gt;" in table
    assert "a &amp; b" in table
    assert "<td>1</td><td>0</td><td>2</td><td>5</td>" in table
    assert "<td></td><td></td><td></td><td>0</td>" in table
    assert big(25)._repr_html_().count("<tr>") == 21
    assert "25 estimates" in big(25, digits=1)._repr_html_()
    assert Estimate(1.5)._repr_html_().count("<tr>") == 2


def test_one_number_needs_no_numpy():
    code = (
        "import sys; from relmkt.estimate import Estimate; from relmkt.money import Money; import relmkt.windows;"
        "print(Estimate(1, 0, 2, n=3), Money('5', 'EUR')); assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
