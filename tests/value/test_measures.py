"""The models as measures: one customer's answer is everybody's, at any instant, and it says when it will flip."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.customers import Customer
from relmkt.facts import Purchase
from relmkt.ladders import Segment
from relmkt.money import Money
from relmkt.portfolio import Portfolio
from relmkt.rules import One
from relmkt.testing import check_facet, check_rule
from relmkt.value import BetaGeo, GammaGamma, PurchaseSummary, lifetime_value
from relmkt.value._models._measures import PurchaseHistory, expected_purchases, expected_value, likely_alive
from relmkt.windows import DAY, Instant, days, instant

BUYING = BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week")
SPENDING = GammaGamma(6.25, 3.74, 15.44)
AT = datetime(2026, 6, 1, 10)
PARIS = "Europe/Paris"


def purchases(seed: int, customers: int = 40) -> list[Purchase]:
    rng = np.random.default_rng(seed)
    start = int(instant(datetime(2025, 1, 1)))
    rows = zip(
        rng.integers(0, customers, 300), rng.integers(0, 600 * DAY, 300), rng.integers(0, 9_000, 300), strict=True
    )
    return [
        Purchase(f"c{who:02}", Instant(start + int(when)), Money.minor(int(cents), "USD"), id=f"t{i}")
        for i, (who, when, cents) in enumerate(rows)
    ]


def measures(zone: str):
    return (
        likely_alive(BUYING, zone=zone),
        expected_purchases(BUYING, days(90), zone=zone),
        expected_value(BUYING, SPENDING, horizon=days(365), currency="USD", discount=0.1, margin=0.3, zone=zone),
    )


@pytest.mark.parametrize("zone", ["UTC", PARIS])
@pytest.mark.parametrize("seed", range(3))
def test_one_is_many(seed, zone):
    facts = purchases(seed)
    base = Portfolio(FactTable.of(facts), at=AT)
    many = np.array([base.ask(measure) for measure in measures(zone)])
    for place, who in enumerate(base.ids):
        one = Customer.of(str(who), [f for f in facts if f.subject == who and f.at <= base.at], at=AT)
        assert [one.ask(measure) for measure in measures(zone)] == pytest.approx(many[:, place], rel=1e-12), f"{seed=}"


def test_they_are_the_models_own_answers():
    base = Portfolio(FactTable.of(purchases(1)), at=AT)
    summary = PurchaseSummary.of(base, unit="week", currency="USD")
    alive, bought, worth = (base.ask(measure) for measure in measures("UTC"))
    assert alive == pytest.approx(BUYING.alive(summary).value, rel=1e-12)
    assert bought == pytest.approx(BUYING.purchases(summary, days(90)).value, rel=1e-12)
    value = lifetime_value(BUYING, SPENDING, summary, horizon=days(365), discount=0.1, margin=0.3)
    assert worth == pytest.approx(value.value, rel=1e-12)


def test_who_has_not_bought_is_unknown_and_other_currencies_do_not_count():
    nobody = Customer.of("ada", [], at=AT)
    assert all(np.isnan(nobody.ask(measure)) for measure in measures("UTC"))
    paid = [Purchase("bob", datetime(2026, 1, 5), Money(9, "EUR"), id="1")]
    bob = Customer.of("bob", paid, at=AT)
    alive, _, worth = (bob.ask(measure) for measure in measures("UTC"))
    assert alive == 1
    assert np.isnan(worth)


def test_it_flips_at_the_first_midnight_at_which_the_comparison_does():
    facts = [f for f in purchases(2) if f.subject == "c03"]
    last = max(f.at for f in facts)
    one = Customer.of("c03", facts, at=last)
    rule = likely_alive(BUYING, zone=PARIS) < 0.5
    found = next(iter(rule.comparisons())).measure.turning(One(one), "<", 0.5)
    assert one.ask(likely_alive(BUYING, zone=PARIS)) >= 0.5
    assert found is not None
    assert found.local(PARIS).time().isoformat() == "00:00:00"
    before, after = (One(one, Instant(int(found) + step)) for step in (-1, 0))
    assert (before.judge(rule), after.judge(rule)) == (0, 2)


def test_upkeep_equals_a_base_made_anew():
    facts = purchases(4)
    slipping = Segment("slipping", likely_alive(BUYING) < 0.6)
    kept = Portfolio(FactTable.of(facts[:200]), at=AT)
    kept.watch(slipping)
    kept.apply(facts[200:], at=AT)
    anew = Portfolio(FactTable.of(facts), at=AT)
    assert list(kept.select(slipping)) == list(anew.select(slipping))


@pytest.mark.parametrize("facet", [PurchaseHistory(), PurchaseHistory("EUR", PARIS)], ids=str)
def test_the_facet_keeps_the_laws(facet):
    check_facet(facet)


@pytest.mark.parametrize("which", range(3))
def test_the_rules_keep_the_laws(which):
    check_rule(measures(PARIS)[which] >= (0.5, 0.2, 3)[which], examples=(15, 10, 5)[which])


def test_a_model_without_a_unit_cannot_read_days():
    with pytest.raises(ValueError, match="unit"):
        likely_alive(BetaGeo(0.243, 4.414, 0.793, 2.426))
