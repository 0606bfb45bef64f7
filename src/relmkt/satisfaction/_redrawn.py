"""What if other respondents had answered? Respondents drawn again by how often each pattern of answers comes up.

Answers to a few items on short scales repeat themselves, so that a draw (Efron 1979, Bootstrap Methods: Another Look
at the Jackknife, Annals of Statistics 7(1), 1-26) of a million respondents is a count of each distinct row of answers,
and what is summed over respondents is summed over these.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

__all__ = ["Patterns", "column_means", "correlations", "crossed"]

Floats = NDArray[np.float64]
_BLOCK = 1 << 13  # patterns that stay in the processor's cache
_FLAT = 1e-12  # a variance so far below the square of what is summed may be a rounding alone


@frozen(eq=False, repr=False)
class Patterns:
    """The distinct rows of answers, and who gave which.

    rows: shape (items, patterns), NaN where nothing was answered. place: of each respondent, the pattern.

    >>> Patterns.of(np.array([[7.0, np.nan], [3, 4], [7, np.nan]])).counts.tolist()
    [1.0, 2.0]
    """

    rows: Floats
    place: NDArray[np.int32]

    @classmethod
    def of(cls, cells: Floats) -> Patterns:
        """The patterns of whole numbers; cells: shape (respondents, items), NaN where there is no answer."""
        code, room = np.zeros(len(cells), np.int64), 1
        for column in cells.T:
            step = np.nan_to_num(column - np.fmin.reduce(column, initial=np.inf) + 1).astype(np.int64)
            wide = int(step.max(initial=0)) + 1
            if room * wide > 1 << 62:
                held, code = np.unique(code, return_inverse=True)
                room = len(held)
            code = code * wide + step
            room *= wide
        _, first, place = np.unique(code, return_index=True, return_inverse=True)
        return cls(np.ascontiguousarray(cells[first].T), place.astype(np.int32))

    @property
    def counts(self) -> Floats:
        """How many gave each pattern."""
        return self._counted(self.place)

    def drawn(self, rng: np.random.Generator, resamples: int) -> Iterator[tuple[Floats, NDArray[np.int32]]]:
        """How often each pattern is drawn, and the pattern of each respondent drawn, so many times.

        Nothing where there is nobody. Raises ValueError for fewer than two times.
        """
        if resamples < 2:
            raise ValueError(f"resamples: expected 2 or more, got {resamples}")
        n = len(self.place)
        again = (self.place[rng.integers(0, n, n)] for _ in range(resamples if n else 0))
        return ((self._counted(places), places) for places in again)

    def _counted(self, places: NDArray[np.int32]) -> Floats:
        return np.bincount(places, minlength=self.rows.shape[1]).astype(np.float64)


def column_means(rows: Floats, counts: Floats) -> Floats:
    """The mean of each item over those who answered it, shape (items,); NaN where nobody did."""
    known = ~np.isnan(rows)
    seen = known @ counts
    means: Floats = np.full(len(rows), np.nan)
    return np.divide(np.where(known, rows, 0.0) @ counts, seen, out=means, where=seen > 0)


def crossed(rows: Floats, counts: Floats) -> Floats:
    """Sums of products of the rows over everybody, shape (items, items).

    >>> crossed(np.array([[1.0, 1.0], [7.0, 3.0]]), np.array([2.0, 1.0])).tolist()
    [[3.0, 17.0], [17.0, 107.0]]
    """
    total = np.zeros((len(rows), len(rows)))
    for start in range(0, len(counts), _BLOCK):
        some = rows[:, start : start + _BLOCK]
        total += (some * counts[start : start + _BLOCK]) @ some.T
    return total


def correlations(rows: Floats, counts: Floats, beside: tuple[Floats, float] | None = None) -> Floats:
    """Correlations of the rows, shape (items, items); NaN where one does not vary.

    rows: shape (items, patterns), without NaN. beside: one column more that varies, as its sums over each pattern and
    that of its squares: it comes last.
    """
    n = counts.sum()
    centred = rows - (rows @ counts / n)[:, None]
    found = crossed(centred, counts)
    if beside is not None:
        sums, squares = beside
        along = centred @ sums
        found = np.block([[found, along[:, None]], [along[None], np.array([[squares - sums.sum() ** 2 / n]])]])
    square = np.diag(found).copy()
    for place, row in enumerate(rows):
        if square[place] <= _FLAT * n * np.square(row).max() and np.ptp(row[counts > 0]) == 0:
            square[place] = np.nan
    size = np.sqrt(square)
    told: Floats = found / np.outer(size, size)
    np.fill_diagonal(told, np.where(np.isnan(size), np.nan, 1.0))
    return told
