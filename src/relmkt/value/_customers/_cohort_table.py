"""What does a table of cohorts say? Retention by age: pooled, averaged, as a curve of survival, and its half-life.

Pooled retention is a ratio of sums over the cohorts observed so long, never a mean of rates (Farris et al. 2010,
"Marketing Metrics", chapter 5); the product of conditional shares is Kaplan's and Meier's (1958, JASA 53).
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Literal

import numpy as np
from attrs import field, frozen
from attrs.converters import optional
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.scales._shares import share_estimate
from relmkt.value._numbers._survival import half_life_of, survival
from relmkt.value._summaries._fields import floats
from relmkt.value._summaries._periods import Unit

__all__ = ["Activity", "Cohorts"]

Floats = NDArray[np.float64]
Activity = Literal["contract", "purchase", "purchase or later"]
SHOWN = 13


def _words(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


@frozen(eq=False, repr=False)
class Cohorts:
    """A table of cohorts (rows, oldest first) by periods since they joined (columns, from 0).

    starts: first day, month, quarter or year of each cohort; size: its customers; active: of them, those active in that
    period, in the sense of `activity`; revenue: what they paid in whole units of `currency`, gross of returns; each of
    shape (cohorts, periods), NaN where the period is still to come; running: True in cells whose period was not over.

    >>> table = Cohorts("month", ["2026-01", "2026-02"], [100, 200], [[100, 60], [200, np.nan]])
    >>> table.retention[0].tolist(), table.pooled.tolist()
    ([1.0, 0.6], [1.0, 0.6])
    """

    period: Unit
    starts: tuple[str, ...] = field(converter=_words)
    size: Floats = field(converter=floats)
    active: Floats = field(converter=floats)
    revenue: Floats | None = field(default=None, converter=optional(floats))
    currency: str | None = None
    running: NDArray[np.bool_] | None = None
    activity: Activity = "purchase"

    @property
    def retention(self) -> Floats:
        """Share of each cohort that was active, shape (cohorts, periods); 1 in the first period by definition."""
        return self.active / self.size[:, None]

    @property
    def pooled(self) -> Floats:
        """Retention of all cohorts together, period by period, over those whose period is over; NaN where none is."""
        here, of = self._pooled_counts()
        with np.errstate(invalid="ignore"):
            return here / of

    @property
    def mean_rate(self) -> Floats:
        """Mean of the cohorts' rates, period by period: a cohort of three counts as much as one of a thousand."""
        seen = self._seen()
        with np.errstate(invalid="ignore"):
            mean: Floats = np.where(seen, self.retention, 0.0).sum(axis=0) / seen.sum(axis=0)
        return mean

    def pooled_rate(self, *, level: float = 0.95) -> Estimate:
        """`pooled` with Wilson's interval, labelled by periods since joining; n: customers of the cohorts observed."""
        here, of = self._pooled_counts()
        return share_estimate(here, of, level=level, note="no cohort was observed so long")

    def survival(self, *, level: float = 0.95) -> Estimate:
        """The product of conditional shares with Greenwood's interval, labelled by periods since joining.

        At each step those cohorts count that were observed at both ends, so the young ones help with the early steps
        and bias none. It is a curve of customers kept where nobody comes back, under contract for instance; where
        purchases in the period are counted it is a chain of ratios, and from the first step at which more were active
        than before it has no interval.

        >>> table = Cohorts("month", "abc", [100, 200, 150], [[100, 60, 45], [200, 130, 104], [150, 90, np.nan]])
        >>> table.survival().value.round(7).tolist()
        [1.0, 0.6222222, 0.4879532]

        Source: Kaplan & Meier 1958; Greenwood 1926.
        """
        seen = self._seen()
        both = seen[:, 1:] & seen[:, :-1]
        risk, kept = (np.where(both, part, 0.0).sum(axis=0) for part in (self.active[:, :-1], self.active[:, 1:]))
        return survival(risk, kept, level=level)

    def half_life(self, *, level: float = 0.95) -> Estimate:
        """After how many periods half of those who joined are lost, read from `survival` with its interval.

        Within a period the rate is taken as constant. Unknown where more than half are kept as far as is observed.

        >>> table = Cohorts("month", ["2026-01"], [100], [[100, 64, 40]])
        >>> print(round(table.half_life().value, 3))
        1.525

        Source: Brookmeyer & Crowley 1982, Biometrics 38, for the interval.
        """
        return half_life_of(self.survival(level=level))

    def _seen(self) -> NDArray[np.bool_]:
        seen = ~np.isnan(self.active)
        return seen if self.running is None else seen & ~self.running

    def _pooled_counts(self) -> tuple[Floats, Floats]:
        seen = self._seen()
        return np.where(seen, self.active, 0.0).sum(axis=0), np.where(seen, self.size[:, None], 0.0).sum(axis=0)

    def __len__(self) -> int:
        return len(self.starts)

    def __str__(self) -> str:
        lines = [f"{'first ' + self.period:<12}{'size':>9}" + "".join(f"{k:>6}" for k in self._columns())]
        for name, size, shares in zip(self.starts, self.size, self.retention, strict=True):
            lines.append(f"{name:<12}{size:>9,.0f}" + "".join(f"{_percent(s):>6}" for s in shares[:SHOWN]))
        lines.append(f"{'all':<12}{self.size.sum():>9,.0f}" + "".join(f"{_percent(s):>6}" for s in self.pooled[:SHOWN]))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Cohorts: {len(self)} by {self.period}, {self.size.sum():,.0f} customers>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{k}</th>" for k in self._columns())
        rows = [*zip(self.starts, self.size, self.retention, strict=True), ("all", self.size.sum(), self.pooled)]
        body = "".join(
            f"<tr><th>{escape(name)}</th><td>{size:,.0f}</td>{''.join(map(_cell, shares[:SHOWN]))}</tr>"
            for name, size, shares in rows
        )
        caption = f"Share of each cohort active ({self.activity}), by {escape(self.period)}s since joining"
        top = f"<tr><th>first {escape(self.period)}</th><th>size</th>{head}</tr>"
        return f"<table><caption>{caption}</caption>{top}{body}</table>"

    def _columns(self) -> range:
        return range(min(SHOWN, self.active.shape[1]))


def _percent(share: float) -> str:
    return "" if np.isnan(share) else f"{100 * share:.0f} %"


def _cell(share: float) -> str:
    if np.isnan(share):
        return "<td></td>"
    return f'<td style="background:rgba(31,119,180,{min(1.0, max(0.0, share)):.2f})">{_percent(share)}</td>'
