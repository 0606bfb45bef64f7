"""A rule goes through plain data and comes back the same: it prints, judges and hashes alike."""

import json

import pytest

from relmkt import (
    Answer,
    Measure,
    Money,
    Profile,
    Purchase,
    Segment,
    Visit,
    count,
    days,
    everyone,
    first,
    newest,
    since,
    total,
)
from relmkt.customers import Attributes
from relmkt.rules import Rule
from relmkt.stages import relationship
from relmkt.tallies import read_rule, written
from relmkt.windows import Instant, month, year

known = Measure("attributes known", Attributes(), lambda facet, at: len(facet.values))
spent = total(Purchase, "amount", currency="EUR", within=days(365))
RULES = [
    count(Purchase, within=days(365)) >= 3,
    (spent.named("spent") >= 499.99) & ~(since(Purchase) > days(90)),
    (spent < Money("12.50", "EUR")) | (count(Visit, place="Lyon", within=month("Europe/Paris")) <= 2),
    newest(Answer, "score", item="hotel.stay").known() & newest(Profile, "tier").is_("gold", "silver"),
    (spent / count(Purchase, within=days(365))).named("basket") > 30,
    (count(Purchase) + 1) * 2 >= 4.5,
    count(Purchase).scored([1, 3], name="f", reverse=True) >= 2,
    first(Purchase) >= Instant("2026-01-01T00:00:00+00:00"),
    (known >= 2) & everyone,
    count(Purchase, within=year()) > 1,
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_round_trips_through_plain_data(rule: Rule) -> None:
    told = json.loads(json.dumps(written(rule)))
    again = read_rule(told, kinds=[Purchase, Visit, Answer, Profile], measures=[known])
    assert (again, hash(again), str(again)) == (rule, hash(rule), str(rule))
    assert again.facets() == rule.facets()


def test_segments_and_kinds_are_handed_in_never_looked_up() -> None:
    ladder = relationship()
    rule = ladder.rungs[-1] & (count(Purchase) >= 1)
    assert read_rule(written(rule), kinds=[Purchase], rules=ladder.rungs) == rule
    with pytest.raises(ValueError, match="kind of fact 'Purchase' is not known"):
        read_rule(written(count(Purchase) >= 1))
    with pytest.raises(ValueError, match="is not known"):
        read_rule(written(Segment("mine", everyone)))
    with pytest.raises(ValueError, match="not a rule"):
        read_rule({})
