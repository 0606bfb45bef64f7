"""How do the estimates of several groups or questions stand beside each other? As one labelled column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from relmkt.estimate import Estimate

__all__ = ["stacked"]

_FIELDS = ("value", "low", "high", "n", "se", "n_eff", "missing", "invalid")


def stacked(parts: Sequence[Estimate], labels: Sequence[str]) -> Estimate:
    """One estimate a label as a column, with the notes of those that are known.

    parts: one number each, of one level and one method: the first one's stand for all.

    >>> print(stacked([Estimate(8, n=4), Estimate(6.5, n=2)], ["Lyon", "Nice"]))
    Lyon  8.0, n = 4
    Nice  6.5, n = 2
    """
    told: dict[str, Any] = {name: [getattr(part, name) for part in parts] for name in _FIELDS}
    shared: dict[str, Any] = {name: getattr(parts[0], name) for name in ("level", "method", "digits")} if parts else {}
    notes = tuple(dict.fromkeys(note for part in parts if part.n for note in part.notes))
    return Estimate(**told, **shared, labels=labels, notes=notes)
