"""What does a test need? Opt in with `pytest_plugins = ["relmkt.testing.fixtures"]`, and ask by name.

`clock`, `memory`, `sqlite`, `outbox`, and `shop`: a program over a memory store that thanks after a purchase.
"""

from collections.abc import Iterator
from pathlib import Path

from pendulum import datetime

from relmkt.channels import Outbox
from relmkt.contact import Contact
from relmkt.decisions import Policy, after_purchase
from relmkt.program import Program
from relmkt.stores import Memory, SQLite
from relmkt.testing._clock import FixedClock

try:
    import pytest
except ImportError:
    raise ImportError("fixtures need pytest: pip install pytest relmkt[testing]") from None

__all__ = ["clock", "memory", "outbox", "shop", "sqlite"]


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at noon of 1 June 2026, UTC, until it is moved."""
    return FixedClock(datetime(2026, 6, 1, 12))


@pytest.fixture
def memory() -> Memory:
    """An empty store in memory."""
    return Memory()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SQLite]:
    """An empty SQLite store in the test's own folder, closed at its end."""
    with SQLite(tmp_path / "shop.db") as store:
        yield store


@pytest.fixture
def outbox() -> Outbox:
    """A mail channel that keeps what it is sent in `messages`."""
    return Outbox()


@pytest.fixture
def shop(clock: FixedClock, memory: Memory, outbox: Outbox) -> Program:
    """A program that thanks by mail, as a service, two hours after a purchase."""
    thank = Contact("mail", "Thank you, {name|dear customer}\nOrder {fact.id} is on its way.", kind="service")
    return Program(memory, Policy(after_purchase(thank)), {"mail": outbox}, clock=clock, site="https://shop.example/r")
