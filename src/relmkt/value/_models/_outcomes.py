"""How many purchases may there be, not on average but in fact? The distribution of counts under the BG/NBD and its kin.

Fader, Hardie & Lee (2005), equation (8), by a recurrence in the count; with Erlang-k times between purchases every k
stages of the count are one purchase (Reutterer, Platzer & Schröder 2021). A customer who is alive goes on as a new one
does, with the parameters that their history has moved, from the stage that they have reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np
from numpy.typing import NDArray

__all__ = ["count_chance", "count_probability", "outcome_bounds"]

Floats = NDArray[np.float64]
LONGEST = 20_000


def passed(r: Floats, alpha: Floats, t: float, since: Floats) -> Iterator[Floats]:
    """Chances that 0, 1, … stages have passed since the last purchase, t from now, if nobody leaves.

    since: the chances now, one row a stage. For k = 1 they count the purchases themselves.
    """
    q, k = t / (alpha + t), len(since)
    logs = -(r + np.arange(k)[:, None]) * np.log1p(t / alpha)  # of the chance of n − j more, from stage j
    for n in count():
        reached = min(k, n + 1)
        total = (since[:reached] * np.exp(logs[:reached])).sum(axis=0)
        yield total
        further = n + 1 - np.arange(reached)[:, None]
        shape = r + np.arange(reached)[:, None]
        logs[:reached] += np.log(np.maximum(q * (shape + further - 1) / further, 1e-300))


def counts(r: Floats, alpha: Floats, a: Floats | float, b: Floats, t: float, since: Floats) -> Iterator[Floats]:
    """P(X(t) = 0), P(X(t) = 1), … of customers who are alive: bought again and stayed so far, or left with the last."""
    stages, k = passed(r, alpha, t, since), len(since)
    before = np.zeros_like(alpha)  # the chance of fewer than j, by one who never leaves
    stay, left = np.ones_like(alpha), np.zeros_like(alpha)  # B(a, b+j) / B(a, b), and B(a+1, b+j−1) / B(a, b)
    for j in range(LONGEST + 1):
        chance = sum(next(stages) for _ in range(k))
        yield stay * chance + left * np.maximum(1 - before, 0.0)
        before = before + chance
        left = stay * a / (a + b + j)
        stay = stay * (b + j) / (a + b + j)


def count_chance(r: Floats, alpha: Floats, a: Floats | float, b: Floats, purchases: int, t: float) -> Floats:
    """P(N = purchases) in the next t of customers who are alive, one a row."""
    law = counts(r, alpha, a, b, t, np.ones((1, r.size)))
    for _ in range(purchases):
        next(law)
    return next(law)


def count_probability(
    r: float, alpha: float, a: float, b: float, purchases: int, t: float, *, at_first: bool = False, k: int = 1
) -> float:
    """P(X(t) = purchases) of a new customer, who may have left with the first purchase if `at_first`."""
    if purchases < 0:
        return 0.0
    start = np.zeros((k, 1))
    start[0] = 1.0
    law = counts(np.array([r]), np.array([alpha]), a, np.array([b + at_first]), t, start)
    for _ in range(purchases):
        next(law)
    chance = float(next(law)[0])
    return (b * chance + a * (purchases == 0)) / (a + b) if at_first else chance


def outcome_bounds(
    r: Floats,
    alpha: Floats,
    a: Floats | float,
    b: Floats,
    alive: Floats,
    t: float,
    level: float,
    since: Floats | None = None,
) -> tuple[Floats, Floats]:
    """The smallest counts that the chances (1 − level) / 2 and (1 + level) / 2 reach, one pair a row.

    since: chances of the stages since the last purchase, one row a stage; without it purchases are random in time.
    Beyond 20,000 purchases the upper one is infinite.
    """
    low, high = np.full(r.size, np.nan), np.full(r.size, np.nan)
    reached = 1 - alive
    for n, chance in enumerate(counts(r, alpha, a, b, t, np.ones((1, r.size)) if since is None else since)):
        reached = reached + alive * chance
        low[np.isnan(low) & (reached >= (1 - level) / 2)] = n
        high[np.isnan(high) & (reached >= (1 + level) / 2)] = n
        if not np.isnan(high).any():
            break
    return np.where(np.isnan(low), LONGEST, low), np.where(np.isnan(high), np.inf, high)
