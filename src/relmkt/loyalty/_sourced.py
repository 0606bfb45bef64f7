"""What does a figure come from: were they asked, or is it read from behaviour, or both? Its source goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from relmkt.estimate import Estimate

__all__ = ["Source", "Sourced"]


class Source(StrEnum):
    """What a figure comes from.

    >>> print(Source.PROXY)
    proxy
    """

    SURVEY = "survey"
    PROXY = "proxy"
    BLEND = "blend"


_KNOWN = {str(source): source for source in Source}  # a million of them are looked up, not made


def _sources(told: Any) -> Source | tuple[Source, ...]:
    return Source(told) if isinstance(told, str) else tuple(_KNOWN.get(one) or Source(one) for one in told)


@frozen(repr=False)
class Sourced:
    """A figure, or a column of them, with what each comes from.

    estimate: the figure and its interval. source: one, or one a row of the column. A column is indexed by label and
    iterated as (label, `Sourced`). Raises ValueError where they differ in number.

    >>> print(Sourced(Estimate(0.56, 0.23, 0.86, n=4), Source.PROXY))
    0.56 [0.23, 0.86] 95 %, n = 4, proxy
    >>> print(Sourced(Estimate([0.8, 0.56], n=[3, 4], labels=["ada", "bob"]), [Source.SURVEY, Source.PROXY]))
    ada  0.80, n = 3, survey
    bob  0.56, n = 4, proxy
    1 survey, 1 proxy
    """

    estimate: Estimate
    source: Source | tuple[Source, ...] = field(converter=_sources)

    def __attrs_post_init__(self) -> None:
        column = self.estimate.labels is not None
        if column and not isinstance(self.source, tuple):
            object.__setattr__(self, "source", (self.source,) * len(self.estimate))
        if (column and len(self.source) != len(self.estimate)) or (not column and isinstance(self.source, tuple)):
            raise ValueError("source: expected one a figure")

    @property
    def sources(self) -> tuple[Source, ...]:
        """The source of each figure."""
        return self.source if isinstance(self.source, tuple) else (self.source,)

    def __getitem__(self, label: str) -> Sourced:
        one = self.estimate[label]
        return Sourced(one, self.sources[list(self.estimate.labels or ()).index(label)])

    def __len__(self) -> int:
        return len(self.estimate)

    def __iter__(self) -> Iterator[tuple[str, Sourced]]:
        rows = zip(self.estimate, self.sources, strict=True)
        return ((label, Sourced(one, source)) for (label, one), source in rows)

    def _counts(self) -> str:
        counts = {source: self.sources.count(source) for source in Source}
        return ", ".join(f"{n:,} {source}" for source, n in counts.items() if n)

    def __str__(self) -> str:
        if self.estimate.labels is None or not len(self):
            return f"{self.estimate}, {self.source}" if len(self) else str(self.estimate)
        lines = str(self.estimate).splitlines()
        if len(lines) != len(self):  # too many to be shown one by one
            return f"{self.estimate}, {self._counts()}"
        tagged = [f"{line}, {source}" for line, source in zip(lines, self.sources, strict=True)]
        return "\n".join([*tagged, self._counts()])

    def __repr__(self) -> str:
        return f"<Sourced: {self.estimate!r}, {self._counts()}>"

    def _repr_html_(self) -> str:
        *rows, end = self.estimate._repr_html_().split("</tr>")
        told = ["<th>source</th>", *(f"<td>{source}</td>" for source in self.sources)]  # those not shown are counted
        table = "".join(f"{row}{tag}</tr>" for row, tag in zip(rows, told, strict=False)) + end
        return table.replace("<caption>", f"<caption>{self._counts()}; ", 1) if len(self) > 1 else table
