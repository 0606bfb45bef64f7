"""Killed at any moment and run again: the same store, the same stages, no message twice.

A child process runs the demonstration and is killed by SIGKILL, at a random moment of the whole run or, having told
that it begins to send, at a random moment of the dispatch. The moments are drawn with a seed, as shares of the time
that a whole run took on this machine.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relmkt.demo import run
from tests.demo.shop import CUSTOMERS, left

pytestmark = [
    pytest.mark.xdist_group("demo"),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL"),
]

CHILD = """
import sys
from relmkt.demo import run
from relmkt.program._sending import Sender
from relmkt.stores import SQLite
send = Sender.run
def told(self, limit):
    outer = isinstance(self.house.store, SQLite)
    if outer: print("dispatch", flush=True)
    answer = send(self, limit)
    if outer: print("sent", flush=True)
    return answer
Sender.run = told
print("begun", flush=True)
run(sys.argv[1], customers=int(sys.argv[2]))
print("done", flush=True)
"""


class Child:
    """The demonstration in a process of its own, which tells where it is."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-c", CHILD, str(folder), str(CUSTOMERS)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def reach(self, word: str) -> float:
        """Wait until the child has told a word; when that was."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip() == word:
                return time.monotonic()
        raise AssertionError(f"the child ended before {word}")

    def kill(self) -> bool:
        """Whether it was still running."""
        running = self.process.poll() is None
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        return running


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[float, float, dict[str, Any]]:
    """How long a whole run and its dispatch take in a child, and what it leaves."""
    folder = tmp_path_factory.mktemp("whole")
    child = Child(folder)
    begun, dispatch, sent, done = (child.reach(word) for word in ("begun", "dispatch", "sent", "done"))
    child.process.communicate()
    assert child.process.returncode == 0
    return done - begun, sent - dispatch, left(folder)


def killed(folder: Path, place: float, whole: tuple[float, float, dict[str, Any]], *, sending: bool) -> bool:
    child = Child(folder)
    child.reach("dispatch" if sending else "begun")
    time.sleep(place * (whole[1] if sending else whole[0]))
    return child.kill()


def check(folder: Path, place: float, whole: tuple[float, float, dict[str, Any]], *, sending: bool) -> bool:
    """Kill, run again, compare; whether the kill came before the end."""
    early = killed(folder, place, whole, sending=sending)
    run(folder, customers=CUSTOMERS)
    found, expected = left(folder), whole[2]
    assert found["mail"] == expected["mail"], f"messages differ after a kill at {place:.4f}, sending: {sending}"
    assert found["stages"] == expected["stages"]
    assert found["rows"] == expected["rows"]
    assert found["facts"] == expected["facts"], f"facts differ after a kill at {place:.4f}, sending: {sending}"
    return early


@pytest.mark.slow
@pytest.mark.parametrize("n", range(5))
def test_killed_and_run_again(n: int, whole: tuple[float, float, dict[str, Any]], tmp_path: Path):
    place = float(np.random.default_rng([1998, n]).random())
    # where the machine has grown faster since it was timed, the run is over before the kill: then one sooner
    shares = (0.95, 0.6, 0.3)
    assert any(check(tmp_path / f"shop{s}", s * place, whole, sending=n == 4) for s in shares) or n == 4


@pytest.mark.soak
def test_killed_very_often(whole: tuple[float, float, dict[str, Any]], tmp_path: Path):
    rng, kills = np.random.default_rng(1999), int(os.environ.get("RELMKT_KILLS", "50"))
    early = 0
    for n in range(kills):
        sending = n < min(10, kills)
        early += check(tmp_path / f"shop-{n}", float(rng.random()), whole, sending=sending)
        print(f"kill {n + 1} of {kills}{', inside dispatch' if sending else ''}: the same store", flush=True)
    assert early >= 0.8 * kills
