"""Every broken store is caught by the kit, by a check that cites the clause it breaks (rules K01, S22)."""

from pathlib import Path
from typing import Any

import pytest

from relmkt.ports import Store
from relmkt.testing import store_checks
from tests.broken.stores import BROKEN, FILED, Filed, OneForAll


def caught(make: Any) -> set[str]:
    """The clauses whose checks fail."""
    found = set()
    for check in store_checks(make, steps=250):
        OneForAll.rooms.clear()
        try:
            check()
        except AssertionError as error:
            found.add(str(error).partition(" ")[0])  # a failure names its check
    return found


@pytest.mark.parametrize("broken", BROKEN, ids=lambda store: store.__name__)
def test_store_is_caught(broken: type[Any]) -> None:  # rule K01
    found = caught(lambda place: broken())
    assert BROKEN[broken] in found, f"caught by {sorted(found)}"


@pytest.mark.parametrize("broken", FILED, ids=lambda store: store.__name__)
def test_store_in_a_file_is_caught(broken: type[Filed]) -> None:  # rules K01, S20
    found = caught(lambda place: broken(place))
    assert FILED[broken] in found, f"caught by {sorted(found)}"


def test_what_is_no_store_is_caught() -> None:
    class Shop:
        """Not a store at all."""

    def make(place: Path) -> Store:
        return Shop()  # type: ignore[return-value]

    checks = [c for c in store_checks(make) if "where" not in c.words]  # capabilities are not declared
    for check in checks:
        with pytest.raises(AssertionError):
            check()
