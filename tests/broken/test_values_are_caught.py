"""Every broken facet, rule and measure is caught by the kit, by a check that cites the law it breaks (rule K01)."""

from collections.abc import Sequence
from typing import Any

import pytest

from relmkt.rules import Rule
from relmkt.testing import Check, facet_checks, rule_checks
from tests.broken import facets, rules


def caught(checks: Sequence[Check]) -> set[str]:
    found = set()
    for check in checks:
        try:
            check()
        except AssertionError as error:
            found.add(str(error).partition(" ")[0])  # a failure names its check
    return found


@pytest.mark.parametrize("facet, law", facets.BROKEN.values(), ids=facets.BROKEN)
def test_facet_is_caught(facet: Any, law: str) -> None:  # rule K01
    found = caught(facet_checks(facet, examples=30, shrink=False))
    assert law in found, f"caught by {sorted(found)}"


@pytest.mark.parametrize("rule, law", rules.BROKEN.values(), ids=rules.BROKEN)
def test_rule_is_caught(rule: Rule, law: str) -> None:  # rule K01
    found = caught(rule_checks(rule, examples=30, shrink=False))
    assert law in found, f"caught by {sorted(found)}"


def test_a_failure_says_how_to_see_it_again() -> None:  # rule K04
    checks = facet_checks(facets.KeepsEverything(), seed=5, examples=2, shrink=False)
    (bounded,) = (check for check in checks if check.clause == "FL7")
    with pytest.raises(AssertionError, match=r"FL7.*\nseed=5"):
        bounded()
