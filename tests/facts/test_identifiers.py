"""An identifier is kept in its normal form, and its key tells nothing of the person."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmkt.exceptions import InvalidFactError
from relmkt.facts import IDENTIFYING, Identifier, name_of
from tests.facts.kinds import texts


@pytest.mark.parametrize(
    "kind, one, other",
    [
        ("mail", " Ada@Example.ORG ", "ada@example.org"),
        ("mail", "e\u0301va@example.org", "\u00e9va@example.org"),
        ("phone", "+33 (0)6 12-34.56.78", "+33 06 12345678"),
        ("fax", "06 12", "0612"),
        ("card", " 4411 ", "4411"),
    ],
)
def test_normal_forms(kind: str, one: str, other: str) -> None:  # rule R79
    assert Identifier(kind, one) == Identifier(kind, other)
    assert Identifier(kind, one).key == Identifier(kind, other).key


@pytest.mark.parametrize(
    "kind, one, other",
    [
        ("mail", "ada+news@example.org", "ada@example.org"),
        ("mail", "strasse@example.org", "straße@example.org"),
        ("card", "ab", "AB"),
        ("account", "a b", "ab"),
        ("phone", "+33612", "33612"),
    ],
)
def test_what_is_told_apart(kind: str, one: str, other: str) -> None:
    assert Identifier(kind, one).key != Identifier(kind, other).key


@given(st.sampled_from(sorted(IDENTIFYING)), texts)
def test_the_normal_form_is_its_own(kind: str, value: str) -> None:
    try:
        one = Identifier(kind, value)
    except InvalidFactError:
        return
    assert Identifier(kind, one.value) == one
    assert one.key.startswith(f"{kind}~")
    assert name_of(one) == one.key


@given(texts.filter(lambda text: len(text.strip()) > 2))
def test_nothing_is_shown(value: str) -> None:  # rule X09
    try:
        one = Identifier("card", f"marker{value}")
    except InvalidFactError:
        return
    assert "marker" not in f"{one!r} {one} {one.key}"


def test_kinds_do_not_meet() -> None:
    assert Identifier("mail", "4411").key != Identifier("card", "4411").key


@pytest.mark.parametrize("value", ["", "   ", None, 7, b"x", "a\nb", "\0", "\ud800"])
def test_a_value_is_printable(value: Any) -> None:
    for kind in ("mail", "card"):
        with pytest.raises(InvalidFactError, match=r"Identifier\('\w+'\)\.value"):
            Identifier(kind, value)


@pytest.mark.parametrize("value", ["call me", "()", "- -"])
def test_a_phone_has_digits(value: str) -> None:
    with pytest.raises(InvalidFactError):
        Identifier("phone", value)


@pytest.mark.parametrize("kind", ["", None, 7, "a\nb"])
def test_a_kind_is_a_word(kind: Any) -> None:
    with pytest.raises(InvalidFactError, match=r"Identifier\.kind"):
        Identifier(kind, "x")


def test_names() -> None:
    class Name(str):
        pass

    assert name_of("ada") == "ada"
    assert type(name_of(Name("ada"))) is str
    with pytest.raises(InvalidFactError, match=r"^id: "):
        name_of("", "id")
