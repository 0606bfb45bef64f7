"""Personal data never shows: planted markers, in every personal field of every public value (rule X09)."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.codec import Codec, Record
from relmkt.contact import Contact, Message, Receipt, Rendered, render
from relmkt.customers import Attributes, Customer
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Complaint, Fact, Profile, kind_of
from relmkt.tallies import newest
from tests.facts.kinds import every_kind, facts, personal_fields

MARK = "\N{SNOWMAN}marker"
DAY = datetime(2026, 3, 1)
PERSONAL = [kind for kind in every_kind() if personal_fields(kind)]


def planted(kind: type[Fact]) -> st.SearchStrategy[Fact]:
    marks = {name: {"name": MARK} if name == "told" else MARK for name in personal_fields(kind)}
    return facts(kind, **marks)


def test_every_kind_with_personal_fields_is_looked_at() -> None:
    assert {kind.__name__ for kind in PERSONAL} >= {"Complaint", "Profile", "Recommendation", "Reply", "Planned"}


@pytest.mark.parametrize("kind", PERSONAL, ids=kind_of)
def test_facts_do_not_show_it(kind: type[Fact]) -> None:  # rule X09
    @given(planted(kind))
    def check(fact: Fact) -> None:
        assert MARK in str([getattr(fact, name) for name in personal_fields(kind)]), "the marker stands there"
        record = Codec().encode(fact)
        assert MARK in record.body
        shown = [fact, record, Codec().decode(fact.subject, record), Codec([kind]).decode(fact.subject, record)]
        assert MARK not in "".join(f"{value!r}{value}{value:}" for value in shown)
        assert MARK not in repr(Customer.of(fact.subject, [fact], facets=[Attributes()]))

    check()


@pytest.mark.parametrize("kind", PERSONAL, ids=kind_of)
def test_errors_do_not_show_it(kind: type[Fact]) -> None:  # rule X09
    made = {a.name: MARK for a in attrs.fields(kind)} | {"at": DAY, "subject": "ada"}
    for name in personal_fields(kind):
        with pytest.raises((InvalidFactError, TypeError)) as error:
            kind(**(made | {name: f"{MARK}\0"} | ({"told": {"name": f"{MARK}\0"}} if name == "told" else {})))
        assert MARK not in f"{error.value}{error.value!r}"


def test_states_do_not_show_it() -> None:  # rule X09
    told = [Profile("ada", DAY, {"name": MARK}, source="form"), Complaint("ada", DAY, MARK)]
    name = newest(Profile, "name")
    ada = Customer.of("ada", told, facets=[Attributes(), name.facet])
    assert ada[name.facet].value(ada.at) == MARK
    assert MARK not in f"{ada!r}{ada[name.facet]!r}{ada[Attributes()]!r}{told}"


def test_messages_do_not_show_it() -> None:  # rule X09
    rendered = render(Contact("mail", "Hello {name}\nHow are you, {name}?", purpose="care"), {"name": MARK})
    message = Message("m-1", "mail", MARK, MARK, MARK, MARK)
    assert MARK in rendered.text
    assert MARK not in f"{rendered!r}{Rendered(MARK, MARK, MARK)!r}{message!r}{message}"
    assert MARK not in repr(Receipt("m-1", "sent", MARK))  # type: ignore[arg-type]


def test_records_do_not_show_it() -> None:  # rule X09
    record = Record("c-1", "", 0, "Complaint", 1, label=MARK, body=MARK)
    assert MARK not in f"{record!r}{record}"
