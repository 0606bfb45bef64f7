"""How many purchases may there be, not on average but in fact? The distribution of counts under the Pareto/NBD.

Fader & Hardie (2006), "Deriving an expression for P(X(t) = x) under the Pareto/NBD model", and (2014), "Deriving the
conditional PMF of the Pareto/NBD model". Those who stay for the whole time have a negative binomial count of it; those
who leave within have one of the time until then, whose mean is an integral by Gauss–Legendre. A customer who is alive
goes on as a new one does, with r + x, α + T and β + T for r, α and β.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from relmkt.value._models._pareto_dropout import LEGENDRE, NODES
from relmkt.value._numbers._special import gammaln

__all__ = ["count_chances", "outcome_bounds"]

Floats = NDArray[np.float64]
LONGEST = 20_000
BLOCK = 1 << 9
MOST = 200  # panels


def counts(r: Floats, alpha: Floats, s: Floats, beta: Floats, t: float) -> Iterator[Floats]:
    """P(X(t) = 0), P(X(t) = 1), …, one entry a row: stayed until t, or left before."""
    near = np.minimum(alpha, beta)
    panels = min(MOST, 2 + int(np.max(np.log1p(t / near) * np.sqrt(1 + r) / 4)))  # a peak is 1/√r wide at least
    times, share = _leaving(near, s, beta, t, panels)
    odds = -r * np.log1p(times / alpha)  # logarithm of the negative binomial chance of none
    with np.errstate(divide="ignore"):
        more = np.log(times / (alpha + times))
    for n in range(LONGEST):
        yield (share * np.exp(odds)).sum(axis=0)
        odds = odds + more + np.log((r + n) / (n + 1))


def _leaving(near: Floats, s: Floats, beta: Floats, t: float, panels: int) -> tuple[Floats, Floats]:
    """Instants within t, even in log(near + instant), and the chance of leaving about each; the last is t itself, and
    the chance to stay until then."""
    at, weight = LEGENDRE[NODES]
    nodes = ((np.arange(panels)[:, None] + at) / panels).ravel()[:, None]
    width = np.log1p(t / near)
    times = near * np.expm1(nodes * width)
    density = s * np.exp(-s * np.log1p(times / beta)) / (beta + times)
    mass = np.tile(weight / panels, panels)[:, None] * width * (near + times) * density
    stay = np.exp(-s * np.log1p(t / beta))
    return np.vstack([times, np.full_like(stay, t)]), np.vstack([mass, stay])


def count_chances(r: Floats, alpha: Floats, s: Floats, beta: Floats, n: int, t: float) -> Floats:
    """P(X(t) = n) of new customers with these parameters, or of those alive with theirs, one a row.

    >>> one = (np.array([p]) for p in (0.553, 10.578, 0.606, 11.669))
    >>> count_chances(*one, 0, 39.0).round(8)
    array([0.59362503])
    """
    if n < 0 or not t:
        return np.full(r.size, float(n == 0))
    answer = np.empty(r.size)
    for start in range(0, r.size, BLOCK):
        rows = slice(start, start + BLOCK)
        answer[rows] = _chances(r[rows], alpha[rows], s[rows], beta[rows], n, t)
    return answer


def _chances(r: Floats, alpha: Floats, s: Floats, beta: Floats, n: int, t: float) -> Floats:
    near = np.minimum(alpha, beta)
    panels = min(MOST, 2 + int(np.max(np.log1p(t / near) * (1 + (r + n) / NODES))))
    times, share = _leaving(near, s, beta, t, panels)
    ways = gammaln(r + n) - gammaln(r) - gammaln(n + 1.0)
    chance = np.exp(ways - r * np.log1p(times / alpha) - n * np.log1p(alpha / times))
    return np.asarray((share * chance).sum(axis=0))


def outcome_bounds(
    r: Floats, alpha: Floats, s: Floats, beta: Floats, alive: Floats, t: float, level: float
) -> tuple[Floats, Floats]:
    """The smallest counts that the chances (1 − level) / 2 and (1 + level) / 2 reach, one pair a row.

    Beyond 20,000 purchases the upper one is infinite.
    """
    low, high = np.empty(r.size), np.empty(r.size)
    order = np.argsort(r / alpha, kind="stable")  # those who buy much take long, and are kept together
    for start in range(0, r.size, BLOCK):
        rows = order[start : start + BLOCK]
        low[rows], high[rows] = _bounds(r[rows], alpha[rows], s[rows], beta[rows], alive[rows], t, level)
    return low, high


def _bounds(
    r: Floats, alpha: Floats, s: Floats, beta: Floats, alive: Floats, t: float, level: float
) -> tuple[Floats, Floats]:
    low, high = np.full(r.size, np.nan), np.full(r.size, np.nan)
    reached = 1 - alive
    for n, chance in enumerate(counts(r, alpha, s, beta, t)):
        reached = reached + alive * chance
        low[np.isnan(low) & (reached >= (1 - level) / 2)] = n
        high[np.isnan(high) & (reached >= (1 + level) / 2)] = n
        if not np.isnan(high).any():
            break
    return np.where(np.isnan(low), LONGEST, low), np.where(np.isnan(high), np.inf, high)
