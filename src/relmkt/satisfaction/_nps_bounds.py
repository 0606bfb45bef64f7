"""How sure is a Net Promoter Score? Its variance, and four named intervals.

Rocks (2016), Interval Estimation for the "Net Promoter Score", The American Statistician 70(4), 365-372; Bonett & Price
(2012), Adjusted Wald Confidence Interval for a Difference of Binomial Proportions Based on Paired Data, Journal of
Educational and Behavioral Statistics 37(4), 479-488; Efron (1979), Bootstrap Methods: Another Look at the Jackknife,
Annals of Statistics 7(1), 1-26: percentiles.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.satisfaction._grouped import Grouped
from relmkt.scales._quantiles import normal_quantile

__all__ = ["ADDED", "Interval", "bootstrap_bounds", "net_shares", "wald_bounds"]

Interval = Literal["adjusted Wald", "Wald", "Bonett-Price", "bootstrap"]
Floats = NDArray[np.float64]

ADDED = {"Wald": (0.0, 0.0), "adjusted Wald": (0.75, 3.0), "Bonett-Price": (1.0, 2.0)}
"""What an interval adds to promoters and to detractors, and to all answers (Rocks 2016; Bonett & Price 2012)."""

_DRAWS = 2_000


@frozen(eq=False)
class NetShares:
    """Promoters and detractors of each group as shares p and d of its n answers (effective ones, under weights).

    >>> told = NetShares(np.array([0.5]), np.array([0.2]), np.array([10.0]))
    >>> round(float(told.variance[0]), 2), round(float(told.se[0]), 6)
    (0.61, 0.246982)
    """

    p: Floats
    d: Floats
    n: Floats

    @property
    def net(self) -> Floats:
        """The score as a fraction, from −1 to 1."""
        return self.p - self.d

    @property
    def variance(self) -> Floats:
        """Of one answer, told as −1, 0 or 1; rounding may not make it negative."""
        return np.maximum(self.p + self.d - self.net**2, 0.0)

    @property
    def se(self) -> Floats:
        """The standard error of the score, as a fraction."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.sqrt(self.variance / self.n)

    def adjusted(self, interval: str, finite: Floats) -> NetShares:
        """With the answers that an interval adds; finite: 0 where all there are have answered, who need none added."""
        each, more = (np.where(finite > 0, added, 0.0) for added in ADDED[interval])
        size = self.n + more
        with np.errstate(invalid="ignore", divide="ignore"):
            return NetShares((self.p * self.n + each) / size, (self.d * self.n + each) / size, size)


def net_shares(told: Grouped, promoter: int, detractor: int) -> NetShares:
    """The shares of answers at or above, and at or below; NaN in a group without answers."""
    up, down = told.sums(told.steps >= promoter), told.sums(told.steps <= detractor)
    with np.errstate(invalid="ignore", divide="ignore"):
        return NetShares(up / told.total, down / told.total, told.n_eff)


def wald_bounds(shares: NetShares, level: float, interval: Interval, finite: Floats) -> tuple[Floats, Floats]:
    """Bounds as fractions, not cut yet; finite: what the population leaves of the standard error."""
    near = shares.adjusted(interval, finite)
    half = normal_quantile(level) * near.se * finite
    return near.net - half, near.net + half


def bootstrap_bounds(
    told: Grouped,
    shares: NetShares,
    cuts: tuple[int, int],
    level: float,
    rng: np.random.Generator,
    finite: Floats,
) -> tuple[Floats, Floats]:
    """Percentiles of the score of 2,000 samples of each group's answers, drawn again with replacement.

    cuts: the highest score of a detractor and the lowest of a promoter. Without weights only the three counts are
    drawn, which is the same; with weights the answers are, each with its own.
    """
    low, high = np.full((2, told.size), np.nan)
    for row in np.flatnonzero(told.total > 0).tolist():
        drawn = _drawn(told, shares, row, cuts, rng)
        spread = shares.net[row] + (drawn - shares.net[row]) * finite[row]
        low[row], high[row] = np.quantile(spread, [(1 - level) / 2, (1 + level) / 2])
    return low, high


def _drawn(told: Grouped, shares: NetShares, row: int, cuts: tuple[int, int], rng: np.random.Generator) -> Floats:
    n, p, d = int(told.n[row]), float(shares.p[row]), float(shares.d[row])
    if told.weight is None:
        counts = rng.multinomial(n, [p, d, max(1 - p - d, 0.0)], _DRAWS)
        return np.asarray((counts[:, 0] - counts[:, 1]) / n, np.float64)
    held = told.valid & (told.place == row)
    weight, score = told.weight[held], told.steps[told.step[held]]
    net = weight * ((score >= cuts[1]).astype(np.float64) - (score <= cuts[0]))
    rows = (rng.integers(0, n, n) for _ in range(_DRAWS))
    sums = np.array([(net[again].sum(), weight[again].sum()) for again in rows])
    some = sums[sums[:, 1] > 0]
    return np.asarray(some[:, 0] / some[:, 1], np.float64)
