"""Ids of any sort, width and spread keep their values and their order."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relmkt.exceptions import InvalidFactError
from relmkt.value._summaries import _codes
from relmkt.value._summaries._codes import encoded

SEED = 20_260_301


def check(ids, given=None):
    given = np.asarray(ids) if given is None else given
    codes = encoded(ids)
    labels, inverse = np.unique(given, return_inverse=True)
    numbers = codes.numbers()
    present = np.unique(numbers)
    assert codes.named(present).tolist() == labels.tolist()
    np.testing.assert_array_equal(np.searchsorted(present, numbers), inverse)
    assert int(numbers.max(initial=0)) < max(codes.count, 1)


letters = st.text(st.characters(min_codepoint=1, max_codepoint=0x10FFFF, exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.one_of(letters, st.text("0123456789abcdef-", max_size=40), st.sampled_from("abc")), min_size=1))
@example([f"customer {i:09d}" for i in range(300)])
@example([""])
@example(["a", "a\U0001f600", "a\u00e9", "a"])
@settings(max_examples=300, deadline=None)
def test_texts(ids):
    check(ids)
    check(np.array(ids))
    check(np.array(ids, dtype=object), np.array(ids))
    check(np.array(ids).astype(">U40"))
    check(np.array([i.encode() for i in ids]))


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1), st.sampled_from([1, 2**20, 2**40, 2**62]))
@settings(max_examples=300, deadline=None)
def test_integers(ids, divisor):
    check(np.array([i // divisor for i in ids], dtype=np.int64))
    check(np.array([(i + 2**63) // divisor for i in ids], dtype=np.uint64))
    check([i // divisor for i in ids])


@pytest.mark.parametrize("bits", [1, 4, 26])
def test_many_keys_whatever_their_hashes_do(bits, monkeypatch):
    rng = np.random.default_rng(SEED)
    monkeypatch.setattr(_codes, "SLOT_BITS", bits)  # of few slots all clash, of many hardly any
    for keys in (rng.integers(0, 2**63, 3000), np.arange(3000) << 40, rng.integers(0, 50, 3000) << 57):
        check(rng.choice(keys, 40_000))
        check(np.array([f"{key:x}" for key in rng.choice(keys, 4000)]))


def test_rows_are_kept_with_their_ids():
    codes = encoded(np.array([7, 9, 7, 8])).kept(np.array([False, True, False, True]))
    assert codes.named(codes.numbers()).tolist() == [9, 8]
    assert "[7" not in repr(codes)


def test_a_long_column_is_read_in_parts():
    ids = np.arange(3 * _codes.CHUNK + 5)[::-1] * 1_000_003
    check(ids)
    check(ids.astype("U12"))


@pytest.mark.parametrize(
    "ids",
    [
        ["a", 1],
        ["a", None],
        ["a", float("nan")],
        [1, None],
        [1, 2.0],
        [1, True],
        [True, False],
        [1.0],
        [b"a", "a"],
        [2**64],
        [-1, 2**63],
        [[1], [2]],
        np.array(1),
        np.array([1, "a"], dtype=object),
        np.array([{}], dtype=object),
    ],
)
def test_ids_of_several_sorts_or_missing(ids):  # PEERS failure 15
    with pytest.raises(InvalidFactError) as caught:
        encoded(ids)
    assert caught.value.place == "customers"
