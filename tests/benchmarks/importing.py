"""How long does `import relmkt` take above what it cannot do without, attrs and pendulum?

Each import is a process of its own, its start measured too and taken away, in turns.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure, in_turns

MOST = 0.060
FLOOR = "import attrs, pendulum"
NAMES = (
    "from relmkt import Contact, Gate, Money, Policy, Program, Purchase, Trigger, count, days;"
    " from relmkt.stores import SQLite"
)


def _started(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """The package, and the names that a program touches first (they load the rooms they live in)."""
    works = [lambda code=code: _started(code) for code in (FLOOR, f"{FLOOR}; import relmkt", f"{FLOOR}; {NAMES}")]
    floor, package, names = in_turns(1 if short else 21, *works)
    for name, time, aim in (("import relmkt", package, 1.0), ("from relmkt import Program, …", names, None)):
        above = max(time - floor, 1e-4)
        beside = f"at most {MOST * 1e3:.0f} ms above attrs and pendulum ({floor * 1e3:.0f} ms)"
        yield Figure(name, f"{above * 1e3:.1f} ms", beside, MOST / above, aim)
