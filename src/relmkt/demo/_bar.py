"""How far is it? One line of progress on a terminal, and one line at the end elsewhere."""

from typing import TextIO

from attrs import define, field

__all__ = ["Bar"]

_WIDTH = 28


@define(eq=False)
class Bar:
    """A bar that grows as work is told: `bar(n)` says that n more are done.

    A terminal sees one line that is written over; anything else (a log) sees the last one only.
    """

    title: str
    total: int
    out: TextIO | None
    done: int = field(default=0, init=False)
    shown: int = field(default=-1, init=False)

    def __call__(self, more: int) -> None:
        self.done = min(self.done + more, self.total)
        if self.out is not None and self.out.isatty():
            self._draw(self.out, "")

    def finish(self) -> None:
        """All that there was is done, though it was less than foreseen."""
        self.shown = -1
        if self.out is not None:
            self._draw(self.out, "\n")

    def _draw(self, out: TextIO, end: str) -> None:
        step = 1000 * self.done // max(self.total, 1)
        if step == self.shown:
            return
        self.shown = step
        full = _WIDTH * step // 1000
        lead = "\r" if out.isatty() else ""
        out.write(f"{lead}{self.title:<22}[{'#' * full}{'.' * (_WIDTH - full)}] {self.done:>7,} of {self.total:,}{end}")
        out.flush()
