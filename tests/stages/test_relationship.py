"""The relationship ladder: everyone on one rung, its default rules, and their replacement."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pendulum import datetime

from relmkt.customers import Customer
from relmkt.facts import Answer, Cancellation, Fact, Profile, Purchase, Recommendation, Return
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.stages import Stage, attributed_recommendations, kept_purchases, relationship
from relmkt.tallies import count, newest
from relmkt.windows import DAY, Instant, days

AT = datetime(2026, 7, 1)
DAY_0 = int(Instant(int(datetime(2026, 1, 1).timestamp()) * 1_000_000))


def bought(*ago: int, who: str = "ada") -> list[Fact]:
    return [Purchase(who, AT.subtract(days=n), Money("20", "EUR"), id=f"{who}-{n}") for n in ago]


def returned(ago: int, ref: str, who: str = "ada") -> Fact:
    return Return(who, AT.subtract(days=ago), Money("20", "EUR"), ref=ref, id=f"r-{ref}")


def standing(*facts: Fact, **rungs: Any) -> str:
    return str(Customer.of("ada", facts, at=AT).ask(relationship(**rungs)))


REGULAR = bought(300, 200, 100)
TOLD = Recommendation("ada", AT.subtract(days=9), id="n-1")
BROUGHT = Recommendation("ada", AT.subtract(days=8), "bob", id="n-2")
PARTNER = Profile("ada", AT.subtract(days=7), {"partner": "yes"}, source="contract")


@pytest.mark.parametrize(
    "facts, rung",
    [
        ([], Stage.PROSPECT),
        (bought(3), Stage.CUSTOMER),
        (bought(3, 2), Stage.CUSTOMER),
        (REGULAR, Stage.CLIENT),
        (bought(900, 800, 700), Stage.CUSTOMER),
        ([*bought(3), TOLD, BROUGHT, PARTNER], Stage.CUSTOMER),
        ([*REGULAR, TOLD], Stage.SUPPORTER),
        ([*REGULAR, BROUGHT], Stage.ADVOCATE),
        ([*REGULAR, TOLD, PARTNER], Stage.SUPPORTER),
        ([*REGULAR, BROUGHT, PARTNER], Stage.PARTNER),
        ([PARTNER, TOLD, BROUGHT], Stage.PROSPECT),
    ],
)
def test_the_default_rungs(facts: list[Fact], rung: Stage) -> None:
    assert standing(*facts) == rung


def test_a_returned_purchase_does_not_make_a_client() -> None:
    assert standing(*REGULAR, returned(90, "ada-100")) == "customer"  # rule R33
    assert standing(*REGULAR, Cancellation("ada", AT.subtract(days=99), ref="ada-100")) == "customer"
    assert standing(*REGULAR, *bought(50), returned(90, "ada-100")) == "client"
    assert standing(*REGULAR, returned(90, "ada-100"), client=count(Purchase) >= 3) == "client"


def test_client_takes_other_numbers() -> None:
    short = {"client": kept_purchases(days(60)) >= 2}  # rule R33: k within w are the user's
    assert standing(*bought(50, 10), **short) == "client"
    assert standing(*bought(70, 10), **short) == "customer"


def test_a_score_alone_makes_no_advocate() -> None:
    score = Answer("ada", AT.subtract(days=2), "recommend", 10)  # rule R34
    assert standing(*REGULAR, score) == "client"
    assert standing(*REGULAR, score, TOLD) == "supporter"


moments = st.integers(0, 500)


@given(
    st.lists(moments, max_size=8, unique=True), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 90)), max_size=5)
)
def test_kept_purchases_never_count_a_returned_one(days_bought: list[int], backs: list[tuple[int, int]]) -> None:
    at, within = 450, 365
    facts: list[Fact] = [
        Purchase("ada", Instant(DAY_0 + n * DAY), Money("5", "EUR"), id=f"p{n}") for n in days_bought if n <= at
    ]
    gone: dict[int, list[int]] = {}
    for number, (which, later) in enumerate(backs):
        if which < len(days_bought) and (n := days_bought[which]) + later <= at:
            gone.setdefault(n, []).append(n + later)
            facts.append(
                Return("ada", Instant(DAY_0 + (n + later) * DAY), Money("5", "EUR"), ref=f"p{n}", id=f"r{number}")
            )
    inside = [n for n in days_bought if at - within < n <= at]
    exact = sum(n not in gone for n in inside)  # rule R33, by hand
    found = Customer.of("ada", facts, at=Instant(DAY_0 + at * DAY)).ask(kept_purchases(days(within)))
    assert found <= exact
    once_inside = all(len(when) == 1 and n in inside for n, when in gone.items() if any(at - within < w for w in when))
    if once_inside:
        assert found == exact


names = st.sampled_from(["ada", "bob", "cleo", "dan"])


@st.composite
def histories(draw: Any) -> list[Fact]:
    found: list[Fact] = []
    for number in range(draw(st.integers(0, 25))):
        who, at = draw(names), AT.subtract(days=draw(st.integers(0, 500)))
        make = draw(st.sampled_from(["buy", "buy", "buy", "back", "told", "brought", "partner", "not"]))
        id = f"f{number}"
        match make:
            case "buy":
                found.append(Purchase(who, at, Money("9", "EUR"), id=id))
            case "back":
                found.append(Return(who, at, Money("9", "EUR"), ref="f0", id=id))
            case "told" | "brought":
                found.append(Recommendation(who, at, "eve" if make == "brought" else "", id=id))
            case _:
                found.append(Profile(who, at, {"partner": "yes" if make == "partner" else None}, source="form", id=id))
    return found


@given(histories())
def test_everyone_stands_on_one_rung(facts: list[Fact]) -> None:
    base = Portfolio(facts, at=AT)
    ladder = relationship()
    counted = base.count(ladder)
    assert list(counted) == list(Stage)
    assert sum(counted.values()) == len(base)  # F12
    one = [
        str(Customer.of(who, [f for f in facts if f.subject == who], at=AT).ask(ladder)) for who in base.ids.tolist()
    ]
    assert base.ask(ladder).tolist() == one
    high = np.isin(base.ask(ladder), ["advocate", "partner"])
    assert (base.ask(count(Recommendation))[high] >= 1).all()  # F12: no advocate without a recommendation
    assert (base.ask(attributed_recommendations())[high] >= 1).all()  # rule R34


@given(histories())
def test_each_default_rung_holds_those_above_it(facts: list[Fact]) -> None:
    base = Portfolio(facts, at=AT)
    masks = [base.ask(rung) for rung in relationship().rungs]
    assert all((upper <= lower).all() for lower, upper in pairwise(masks))


def test_rungs_built_on_a_replaced_one_follow_it() -> None:
    assert standing(*bought(3), BROUGHT, client=count(Purchase) >= 1) == "advocate"
    fond = newest(Answer, "score", item="hotel.stay") >= 9
    stay = Answer("ada", AT.subtract(days=2), "hotel.stay", 9)
    assert standing(*REGULAR, stay, supporter=fond) == "supporter"
    assert standing(*REGULAR, stay, BROUGHT, supporter=fond) == "advocate"


def test_what_nobody_has_said_is_unknown_and_named() -> None:
    told = Customer.of("ada", [*REGULAR, BROUGHT], at=AT).ask(relationship())
    assert (told.rung, told.unknown) == ("advocate", ("partner",))
    fond = newest(Answer, "score", item="hotel.stay") >= 9
    assert Customer.of("ada", REGULAR, at=AT).ask(relationship(supporter=fond)).unknown == ("supporter",)


def test_reasons_name_the_rung_its_day_and_the_next() -> None:
    told = Customer.of("ada", REGULAR, at=AT).explain(relationship(client=count(Purchase, within=days(365)) >= 3))
    assert told.text.startswith("client since 2026-03-23T00:00:00")  # F12
    assert told.text.endswith("next: supporter")
    assert "count(Recommendation) >= 1   0" in str(told)
    assert "count(Purchase, within=days(365)) >= 3   3" in str(told)


def test_clients_fall_back_with_time() -> None:
    ada = Customer.of("ada", REGULAR, at=AT)
    assert str(ada.ask(relationship(), at=AT.add(days=64))) == "client"
    assert str(ada.ask(relationship(), at=AT.add(days=65))) == "customer"  # rule R47


def test_slips() -> None:
    with pytest.raises(TypeError, match="no rung ambassador"):
        relationship(ambassador=count(Recommendation) >= 1)
    with pytest.raises(TypeError, match="client: expected a rule, not a"):
        relationship(client=count(Purchase))  # type: ignore[arg-type]
