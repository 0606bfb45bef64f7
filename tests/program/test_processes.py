"""Several processes on one store: they decide as one, and no message leaves twice."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from relmkt.contact import Started
from relmkt.stores import SQLite
from tests.program.shop import shop, story
from tests.program.test_laws import never, outbox, run

TOP = Path(__file__).parents[2]


def together(n: int, *args: str) -> None:
    """Run n workers at once; each must end well."""
    command = [sys.executable, "-m", "tests.program.worker", *args]
    workers = [subprocess.Popen(command, cwd=TOP, stderr=subprocess.PIPE) for _ in range(n)]
    for worker in workers:
        _, error = worker.communicate(timeout=240)
        assert worker.returncode == 0, error.decode()[-2000:]


@pytest.mark.parametrize("seed", [11, 12])
def test_eight_workers_that_record_the_same_facts_decide_as_one(seed: int, tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    together(8, path, str(seed), "record")
    clean = outbox(run(story(random.Random(seed), "ada", 12), never), "ada")
    assert clean
    with SQLite(path) as store:
        assert outbox(store, "ada") == clean


def test_four_workers_that_dispatch_send_each_message_once(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    together(1, path, "16", "record")
    together(4, path, "16", "dispatch")
    with SQLite(path) as store:
        started = shop(store).history("ada", Started)
        sent = [row for row in store.rows("ada") if row.state == "sent"]
        mails = [file for sort in ("mail", "sms") for file in (tmp_path / f"shop.db.{sort}" / "new").glob("*")]
    assert len({fact.ref for fact in started}) == len(started) == len(sent) == len(mails) > 0  # rule C09
