"""A Maildir that cannot be written: the row waits to be tried again or is told as lost; no half of a message lies."""

import subprocess
import sys
from pathlib import Path

import pytest

from relmkt import Profile, Program, Purchase
from relmkt.channels import Maildir
from relmkt.contact import Delivery, DeliveryStatus, Planned
from relmkt.stores import Memory, SQLite
from tests.bad_input.shop import EUR, NOW, bytes_of, opened
from tests.guards import house

LATER = NOW.add(hours=3)


def planned(place: Path) -> Program:
    """A shop with one mail to be sent into a Maildir."""
    program = opened(Memory(), {"mail": Maildir(place / "out")})
    program.record(Purchase("ada", NOW, EUR, id="order-2"))
    return program


def rows(program: Program) -> list[str]:
    return [row.state for row in program.store.rows("ada")]


@pytest.mark.parametrize("blocked", ["out", "out/new", "out/tmp", "out/cur"])
def test_a_file_in_the_way_is_told_and_the_message_is_not_sent(blocked: str, tmp_path: Path) -> None:
    program = planned(tmp_path)
    (tmp_path / blocked).parent.mkdir(exist_ok=True)
    (tmp_path / blocked).write_text("in the way")
    before = bytes_of(tmp_path)
    done = program.dispatch(LATER)
    assert (done.sent, done.retry, done.unknown) == (0, 0, 0)
    ((rule, n),) = done.refused.items()
    assert rule.startswith("failed by mail: Maildir")
    assert "cannot be written" in rule
    assert "expected a directory with room" in rule
    assert n == len(rows(program))
    assert set(rows(program)) == {"dead"}
    told = program.history("ada", Delivery)
    assert {fact.status for fact in told} == {DeliveryStatus.FAILED}
    assert {fact.ref for fact in told} == {fact.id for fact in program.history("ada", Planned)}
    assert bytes_of(tmp_path) == before
    assert program.dispatch(LATER.add(days=1)).sent == 0


FULL = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from relmkt.channels import Maildir
from relmkt.stores import Memory
from tests.bad_input.test_mail import LATER, bytes_of, planned, rows
place = Path(sys.argv[1])
shop = planned(place)
resource.setrlimit(resource.RLIMIT_FSIZE, (64, resource.RLIM_INFINITY))
done = shop.dispatch(LATER)
print(done.sent, done.retry, set(rows(shop)), bytes_of(place))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
done = shop.dispatch(LATER.add(hours=1))
print(done.sent, done.retry, set(rows(shop)), sorted({name.split("/")[1] for name in bytes_of(place)}))
print(shop.dispatch(LATER.add(hours=9)).sent)
"""


def test_a_full_disk_puts_the_row_back_and_leaves_no_half_of_a_message(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path], cwd=house.TOP, capture_output=True, text=True, timeout=60, check=False
    )
    assert not answer.stderr
    assert answer.stdout.splitlines() == ["0 2 {'queued'} {}", "2 0 {'sent'} ['new']", "0"]


def test_an_address_that_is_none_is_told_and_the_others_leave(tmp_path: Path) -> None:
    with SQLite(tmp_path / "shop.db") as store:
        program = opened(store, {"mail": Maildir(tmp_path / "out")})
        program.record(
            Profile("bob", NOW, {"mail": "bob at example"}, source="form"), Purchase("bob", NOW, EUR, id="b-1")
        )
        done = program.dispatch(LATER)
        assert done.sent == 1
        ((rule, n),) = done.refused.items()
        assert rule.startswith("rejected by mail: Message.address")
        assert n == 1
        assert "bob at" not in rule
        assert [fact.status for fact in program.history("bob", Delivery)] == [DeliveryStatus.REJECTED]
        assert len(list((tmp_path / "out" / "new").iterdir())) == 1
