"""Does a store keep its contract? Plain functions over a maker, each citing a clause of docs/contracts/store.md.

Our own stores run exactly these. A capability is tried where it is declared, by satisfying its `Supports…` protocol.
"""

from collections.abc import Callable
from functools import partial

from relmkt.testing import _store_ending, _store_programs, _store_reading, _store_sending, _store_writing
from relmkt.testing._bench import Bench, Make
from relmkt.testing._check import Check

__all__ = ["check_store", "store_checks"]

_PARTS = (_store_writing, _store_reading, _store_sending, _store_ending)


def store_checks(make: Make, *, seed: int = 1, steps: int = 200) -> list[Check]:
    """Every clause as a check of its own, ready to be called or handed to `pytest.mark.parametrize(…, ids=str)`.

    make: given a folder, gives a store that keeps its data there: the same folder, the same data; a new one, an empty
    store. Nothing is made before a check is called, and each check has folders of its own, which it removes.
    seed, steps: of the random programs of calls that are compared with the memory store's answers.

    >>> from relmkt.stores import Memory
    >>> print(store_checks(lambda place: Memory())[2])
    S02 a stale version is refused and writes nothing
    """
    bodies: list[Callable[[Bench], None]] = [body for part in _PARTS for body in part.CHECKS]
    found = [_check(make, body, body.__doc__ or "") for body in bodies]
    words = f"S19 any program of calls gives the memory store's answers (seed {seed})"
    return [*found, _check(make, partial(_store_programs.programs, seed=seed, steps=steps), words)]


def _check(make: Make, body: Callable[[Bench], None], told: str) -> Check:
    clause, _, words = " ".join(told.split()).partition(" ")

    def run() -> None:
        with Bench(make) as bench:
            body(bench)

    return Check(clause, words, run)


def check_store(make: Make, *, seed: int = 1, steps: int = 200) -> None:
    """Run every check of `store_checks`. Raises AssertionError naming the first clause that is not kept.

    >>> from relmkt.stores import Memory
    >>> check_store(lambda place: Memory(), steps=20)
    """
    for check in store_checks(make, seed=seed, steps=steps):
        check()
