"""What is one figure? Ours and a peer's, taken in turns in one process, and how many times as fast we are.

Nothing here asserts a time: a machine that is busy makes both slow, and the ratio is what is read.
"""

import gc
from collections.abc import Callable, Iterable
from statistics import median
from time import perf_counter
from typing import Any

from attrs import frozen

__all__ = ["Figure", "in_turns", "seconds", "told"]


@frozen
class Figure:
    """One line: name | ours | peer | ratio.

    ratio: how many times as fast (or as small) ours is; above 1 we are ahead; None where there is no peer. aim: the
    ratio that we want at least.
    """

    name: str
    ours: str
    peer: str
    ratio: float | None
    aim: float | None = None

    def __str__(self) -> str:
        ratio = "–" if self.ratio is None else f"{self.ratio:.2f}"
        aim = "" if self.aim is None else f" (aim {self.aim:g})"
        return f"{self.name} | {self.ours} | {self.peer} | {ratio}{aim}"


def seconds(work: Callable[[], Any]) -> float:
    """How long one call takes, with what earlier calls left behind collected first."""
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def in_turns(runs: int, *works: Callable[[], Any]) -> list[float]:
    """The median seconds of each work, run one after the other, round after round."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for place, work in enumerate(works):
            taken[place].append(seconds(work))
    return [median(times) for times in taken]


def told(time: float) -> str:
    """Seconds in the unit that reads best."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if time >= size:
            return f"{time / size:.3g} {unit}"
    return f"{time / 1e-6:.3g} µs"


def lines(figures: Iterable[Figure]) -> Iterable[str]:
    """The figures as lines of text."""
    return map(str, figures)
