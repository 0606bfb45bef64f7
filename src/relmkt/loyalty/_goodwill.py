"""Did the information make them like and believe us more? Change of those informed against a holdout, beside clicks.

Goodwill (the courses' capital de sympathie) is likeability and credibility, asked before and after: a click says that
the message was opened, not that anyone thinks better of us. The effect is the difference of two mean changes, with
Welch's interval (1947, "The generalization of Student's problem", Biometrika 34, 28-35) at the degrees of freedom
rounded down; of several attitudes the intervals hold together (Bonferroni), so that looking at more of them finds no
more by chance. Where the interval holds zero, the effect is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan, nan, sqrt

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns._html import html_table
from relmkt.estimate import Estimate
from relmkt.loyalty._shares import flags
from relmkt.scales import share_estimate, student
from relmkt.scales._answers import numbers
from relmkt.scales._difference import satterthwaite
from relmkt.scales._mean import known_mean
from relmkt.scales._stacked import stacked

__all__ = ["Goodwill", "goodwill"]

Floats = NDArray[np.float64]


@frozen(repr=False)
class Goodwill:
    """What information changed, by attitude, beside what was clicked.

    effect: mean change of the informed less that of the holdout, labelled by attitude. informed, holdout: their mean
    changes, labelled likewise. clicks: the share of the informed who clicked, or None where clicks were not told.

    >>> told = goodwill({"credibility": [4, 5, 3, 4, 4, 5]}, {"credibility": [6, 6, 5, 4, 4, 5]}, [1, 1, 1, 0, 0, 0])
    >>> told.shown, told.verdict("credibility")
    ({'credibility': True}, 'rose')
    """

    effect: Estimate
    informed: Estimate
    holdout: Estimate
    clicks: Estimate | None = None

    @property
    def shown(self) -> dict[str, bool | None]:
        """Whether the effect on each attitude is shown: its interval does not hold zero; None where it has none."""
        return {name: None if isnan(one.low) else not one.low <= 0 <= one.high for name, one in self.effect}

    def verdict(self, name: str) -> str:
        """In words: "rose", "fell", "not shown", or "unknown" where there is no interval."""
        shown = self.shown[name]
        if shown is None:
            return "unknown"
        return "not shown" if not shown else "rose" if self.effect[name].value > 0 else "fell"

    def _rows(self) -> list[tuple[str, str, str]]:
        rows = [(name, str(one), self.verdict(name)) for name, one in self.effect]
        return rows if self.clicks is None else [*rows, ("clicks", str(self.clicks), "no attitude")]

    def __str__(self) -> str:
        rows = self._rows()
        width = max(len(name) for name, _, _ in rows)
        return "\n".join(f"{name:<{width}}  {found}: {verdict}" for name, found, verdict in rows)

    def __repr__(self) -> str:
        return f"<Goodwill: {', '.join(f'{name} {self.verdict(name)}' for name in self.shown)}>"

    def _repr_html_(self) -> str:
        return html_table(self._rows(), caption="change of the informed less that of the holdout")


def goodwill(
    before: Mapping[str, ArrayLike],
    after: Mapping[str, ArrayLike],
    informed: ArrayLike,
    *,
    clicked: ArrayLike | None = None,
    level: float = 0.95,
) -> Goodwill:
    """The change of goodwill that information made, against a holdout drawn by lot.

    before, after: scores by attitude ("likeability", "credibility"), one a customer, NaN or None where there is none;
    who lacks one of the two is `missing` for that attitude. informed: a flag a customer, False for the holdout.
    clicked: a flag a customer. level: of the intervals of all attitudes together.

    Raises ValueError for other attitudes after than before, or columns of several lengths.

    >>> told = goodwill({"likeability": [4, 5, 3, 4, 4, 5]}, {"likeability": [6, 6, 5, 4, 4, 5]}, [1, 1, 1, 0, 0, 0])
    >>> told.verdict("likeability"), told.informed["likeability"].value.__round__(2)
    ('rose', 1.67)

    Source: the difference of differences of a randomised experiment; Welch 1947.
    """
    if not before or set(before) != set(after):
        raise ValueError("after: expected the attitudes of before, at least one")
    told, known = flags(informed, "informed")
    if not known.all():
        raise ValueError("informed: expected a flag a customer, none of them unknown")
    changes = {name: _change(before[name], after[name], len(told), name) for name in before}
    alone = 1 - (1 - level) / len(changes)
    yes, no = ([_mean(change[side], level, alone) for change in changes.values()] for side in (told, ~told))
    effects = [_welch(one, other, level, alone) for one, other in zip(yes, no, strict=True)]
    names, together = list(changes), "" if len(changes) == 1 else ", Bonferroni"
    return Goodwill(
        _column(effects, names, level, f"Welch t{together}"),
        _column(yes, names, level, f"t{together}"),
        _column(no, names, level, f"t{together}"),
        _clicks(clicked, told, level),
    )


def _change(before: ArrayLike, after: ArrayLike, n: int, name: str) -> Floats:
    first, then = numbers(before), numbers(after)
    if first.shape != (n,) or then.shape != (n,):
        raise ValueError(f"{name}: expected one score a customer before and after, as informed has")
    first, then = (np.where(np.isfinite(part), part, nan) for part in (first, then))
    return np.asarray(then - first)


def _mean(changes: Floats, level: float, alone: float) -> Estimate:
    return evolve(known_mean(changes, level=alone, note="nobody was asked both times"), level=level)


def _welch(one: Estimate, other: Estimate, level: float, alone: float) -> Estimate:
    counts = {"n": one.n + other.n, "missing": one.missing + other.missing}
    value, parts = one.value - other.value, [(float(part.se) ** 2, part.n) for part in (one, other)]
    variance = sum(part for part, _ in parts)
    if isnan(variance) or isnan(value):
        return Estimate(value, level=level, **counts)
    freedom = satterthwaite(*parts) if variance else 1.0
    half = student(alone, max(int(freedom + 1e-9), 1)) * sqrt(variance)
    return Estimate(value, value - half, value + half, level, se=sqrt(variance), **counts)


def _column(parts: list[Estimate], names: list[str], level: float, method: str) -> Estimate:
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    return evolve(stacked(parts, names), level=level, method=method, notes=notes)


def _clicks(clicked: ArrayLike | None, informed: NDArray[np.bool_], level: float) -> Estimate | None:
    if clicked is None:
        return None
    did, known = flags(clicked, "clicked")
    if did.shape != informed.shape:
        raise ValueError("clicked: expected a flag a customer, as informed has")
    among = informed & known
    missing = int((informed & ~known).sum())
    hits, n = int((among & did).sum()), int(among.sum())
    return share_estimate(hits, n, level=level, note="nobody was informed", missing=missing)
