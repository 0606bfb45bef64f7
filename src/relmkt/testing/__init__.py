"""Does what I wrote keep its contract? Kits for stores, channels, facets and rules: plain functions, free of pytest."""

from relmkt.testing import personas
from relmkt.testing._channels import Rig, check_channel
from relmkt.testing._check import Check
from relmkt.testing._clock import FixedClock
from relmkt.testing._facets import check_facet, facet_checks
from relmkt.testing._rules import check_rule, rule_checks
from relmkt.testing._stores import check_store, store_checks
from relmkt.testing._strategies import facts, histories, instants
from relmkt.testing.personas import Persona

__all__ = [
    "Check",
    "FixedClock",
    "Persona",
    "Rig",
    "check_channel",
    "check_facet",
    "check_rule",
    "check_store",
    "facet_checks",
    "facts",
    "histories",
    "instants",
    "personas",
    "rule_checks",
    "store_checks",
]
