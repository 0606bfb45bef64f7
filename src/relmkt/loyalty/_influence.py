"""Whom does a public voice reach, and whom does it win? Influence, beside referral value and never added to it.

Kumar, Bhaskaran, Mirchandani & Shah (2013), "Creating a measurable social media marketing strategy", Marketing Science
32(2), 194-212, part the influence of a public voice from the value of one's own referrals: the first is spread among
strangers without reward or record, the second is counted person by person. They overlap where a follower was also
referred, so that their sum means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import nan
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns._html import html_table
from relmkt.estimate import Estimate
from relmkt.scales._answers import numbers

__all__ = ["Influence", "influence"]

_SHOWN = 20
BESIDE = "influence and referral value overlap: they stand side by side, and are never added up"


@frozen(eq=False, repr=False)
class Influence:
    """What public voices reach and win, one a row, beside their referral value where it is given.

    ids; reach: people reached by each; reached: customers won of them, labelled by id.
    crv: referral value labelled by id, or None.

    >>> print(*influence([1000, 50], 0.01, ids=["ada", "bob"]).rows()[0])
    ada 1000.0 10.0 nan
    """

    ids: NDArray[Any]
    reach: NDArray[np.float64]
    reached: Estimate
    crv: Estimate | None

    def top(self, n: int) -> NDArray[Any]:
        """The ids of the n voices that win most, first the most; a voice of unknown reach is not among them."""
        order = np.argsort(-self.reached.value, kind="stable")
        return np.asarray(self.ids[[place for place in order[:n] if not np.isnan(self.reached.value[place])]])

    def rows(self) -> list[tuple[Any, float, float, float]]:
        """Id, reach, customers won and referral value (NaN where unknown), the most influential first."""
        return self._first(len(self))

    def _first(self, n: int) -> list[tuple[Any, float, float, float]]:
        held = {} if self.crv is None else dict(zip(self.crv.labels or (), self.crv.value.tolist(), strict=True))
        order = np.argsort(-self.reached.value, kind="stable")[:n].tolist()
        won = self.reached.value
        return [(self.ids[i], float(self.reach[i]), float(won[i]), held.get(str(self.ids[i]), nan)) for i in order]

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"<Influence: {len(self):,} voices>"  # an id may name a person: it is not repeated

    def __str__(self) -> str:
        lines = (f"{id:<20}" + "".join(f"{cell:>16}" for cell in cells) for id, *cells in self._table())
        return "\n".join([*lines, *self._more, BESIDE])

    def _repr_html_(self) -> str:
        head, *rows = self._table()
        return html_table(rows, head=head, caption="; ".join((*self._more, BESIDE)))

    @property
    def _more(self) -> tuple[str, ...]:
        return (f"and {len(self) - _SHOWN:,} more",) if len(self) > _SHOWN else ()

    def _table(self) -> list[tuple[str, ...]]:
        """The head and the rows; referral values have a column where they are given."""
        columns = 3 if self.crv is None else 4
        rows = [(str(id), _told(reach, 0), _told(won), _told(value)) for id, reach, won, value in self._first(_SHOWN)]
        return [row[:columns] for row in [("", "reach", "customers won", "referral value"), *rows]]


def influence(
    reach: ArrayLike, conversion: float | Estimate, *, ids: Iterable[Any] | None = None, crv: Estimate | None = None
) -> Influence:
    """Reach times conversion of each public voice.

    reach: people reached, one a voice, NaN where unknown. conversion: the share of them won, or an estimate of it,
    whose bounds are carried on. ids: names of the voices; their order unless given. crv: referral values labelled by
    id, to stand beside.

    >>> voices = influence([1000, 50], 0.01, ids=["ada", "bob"], crv=Estimate([300.0], labels=["bob"]))
    >>> voices.reached["ada"].value, voices.top(1).tolist()
    (10.0, ['ada'])

    Source: Kumar et al. 2013.
    """
    told = numbers(reach)
    if told.ndim != 1 or (told < 0).any() or np.isinf(told).any():
        raise ValueError("reach: expected a number of people a voice, zero or more, NaN where unknown")
    rate = conversion if isinstance(conversion, Estimate) else Estimate(float(conversion))
    if rate.value < 0 or rate.value > 1:
        raise ValueError("conversion: expected a share, from 0 to 1")
    names = np.arange(told.size) if ids is None else np.asarray(list(ids))
    if names.shape != told.shape:
        raise ValueError("ids: expected one a voice")
    value, low, high = (told * end for end in (rate.value, rate.low, rate.high))
    notes = (*rate.notes, BESIDE)
    counts = np.where(np.isnan(told), 0, rate.n)
    won = Estimate(value, low, high, rate.level, counts, rate.method, names.astype(np.str_), notes, se=told * rate.se)
    return Influence(names, told, won, crv)


def _told(value: float, digits: int = 2) -> str:
    return "unknown" if np.isnan(value) else f"{value:,.{digits}f}"
