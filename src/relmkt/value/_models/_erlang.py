"""What changes when purchases come at Erlang-k instead of random times? Stages, their counts, and those who stay.

A time between purchases is k stages, each exponential at the customer's rate, so that purchases are more regular the
larger k is: Chatfield & Goodhardt (1973), "A consumer purchasing model with Erlang inter-purchase times", Journal of
the American Statistical Association 68; with dropout, Reutterer, Platzer & Schröder (2021), "Leveraging purchase
regularity for predicting customer behavior the easy way", International Journal of Research in Marketing 38(1). Given
the rate, stages are a Poisson process; over gamma rates of shape A and rate α their count in a time t is negative
binomial, with q = t / (α + t). A purchase is every k-th stage, and every k-th term of a sum is taken by the k-th
roots of unity, so that nothing here is approximate but the trapezoidal rule, which converges exponentially. Few stages
are counted one by one instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from relmkt.value._models._geometric import BLOCK, beta_nodes

__all__ = ["erlang_kernel", "stage_shares", "unfinished", "unfinished_slopes"]

Floats = NDArray[np.float64]
EARLY = 8  # purchases that the series for near-certain dropout reaches: its first term left out is 1e-16
NEARLY_LEFT = 0.01  # below this chance to stay, the roots of unity lose digits and that series is taken
ROWS = 128  # of 240 nodes each, whose temporaries stay in the cache
COUNTED = 500  # stages up to which counting them one by one is the faster way


def stage_shares(A: Floats, s: Floats, k: int) -> Floats:
    """(A)_j s^j / j! for j < k, one row a j: how probable j stages since the last purchase are, up to a factor.

    A: shape of the rate; s: (T − t_x) / (α + T).

    >>> stage_shares(np.array([2.0]), np.array([0.5]), 3).ravel()
    array([1.  , 1.  , 0.75])
    """
    terms = [np.ones(np.broadcast_shapes(np.shape(A), np.shape(s)))]
    for j in range(1, k):
        terms.append(terms[-1] * (A + j - 1) * s / j)
    return np.stack(terms)


def unfinished(A: Floats, s: Floats, k: int) -> Floats:
    """log Σ_j<k (A)_j s^j / j!; less A log(1 / (1 − s)), it is the log chance of fewer than k stages in silence."""
    total: Floats = np.log(stage_shares(A, s, k).sum(axis=0))
    return total


def unfinished_slopes(
    A: Floats, s: Floats, by_now: Floats, k: int
) -> tuple[Floats, tuple[Floats, Floats], tuple[Floats, Floats, Floats]]:
    """`unfinished`, its slopes in A and in α, and its second derivatives (A, A), (A, α), (α, α).

    by_now: 1 / (α + T); α acts through s = (T − t_x) / (α + T) alone.
    """
    term, d, dd = np.ones_like(s), np.zeros_like(s), np.zeros_like(s)
    sums = [term, d, d, d, d, d]  # of t, t_A, t_AA, j t, j t_A, j (j + 1) t
    for j in range(1, k):
        step, grown = s / j, A + j - 1
        term, d, dd = term * grown * step, (d * grown + term) * step, (dd * grown + 2 * d) * step
        more = (term, d, dd, j * term, j * d, j * (j + 1) * term)
        sums = [total + m for total, m in zip(sums, more, strict=True)]
    Q = sums[0]
    by_A, by_AA, by_s, by_As, by_ss = (total / Q for total in sums[1:])
    by_alpha = -by_s * by_now
    bends = (by_AA - by_A**2, -by_As * by_now - by_A * by_alpha, by_ss * by_now**2 - by_alpha**2)
    return np.log(Q), (by_A, by_alpha), bends


def erlang_kernel(A: Floats, B: Floats, a: Floats | float, rate: Floats, t: float, k: int) -> Floats:
    """Purchases expected within t of customers who are alive, by stages since the last one: k rows of one a customer.

    A: shape of the rate less the stages since; B: second shape of the chance to leave, `a` its first; rate: α + T.

    >>> erlang_kernel(np.array([0.5]), np.array([0.6]), 0.3, np.array([2.0]), 10.0, 3).ravel().round(6)
    array([0.493825, 1.763951, 2.835199])
    """
    A, B, a, w = np.broadcast_arrays(*np.atleast_1d(A, B, a, t / np.asarray(rate)))
    answer = np.zeros((k, w.size))
    mean, grows = (A + k) * w, np.log1p(1 / np.maximum(w, 1e-300))  # the counts' tail falls by exp(-grows) a stage
    few = mean + 10 * np.sqrt(mean * (1 + w)) + 40 / grows < COUNTED
    for way, some, size in ((_counted, np.flatnonzero(few), BLOCK), (_mean_over_dropout, np.flatnonzero(~few), ROWS)):
        for start in range(0, some.size if t else 0, size):
            rows = some[start : start + size]
            answer[:, rows] = way(A[rows], B[rows], a[rows], w[rows], k)
    return answer


def _counted(A: Floats, B: Floats, a: Floats, w: Floats, k: int) -> Floats:
    """The mean over counts of stages, each worth Σ_m≤M (B)_m−1 / (a + B)_m−1 for the M purchases that it makes up."""
    q, answer = w / (1 + w), np.empty((k, w.size))
    for j in range(k):
        chance = np.exp(-(A + j) * np.log1p(w))
        worth, stays, total, n = np.zeros_like(w), np.ones_like(w), np.zeros_like(w), 0
        while n < 8 * COUNTED:
            n += 1
            chance = chance * (q * (A + j + n - 1) / n)
            if (j + n) % k == 0:
                worth = worth + stays
                m = (j + n) // k
                stays = stays * (B + m - 1) / (a + B + m - 1)
            total = total + chance * worth
            falls = 1 - q * (A + j + n) / (n + 1)
            if n % 8 == 0 and n >= k and (chance * (worth + k) <= 1e-17 * falls * total).all():
                break
        answer[j] = total
    return answer


def _mean_over_dropout(A: Floats, B: Floats, a: Floats, w: Floats, k: int) -> Floats:
    log_p, log_rest, mass = beta_nodes(a[:, None], B[:, None])
    mass = mass / mass.sum(axis=1, keepdims=True)
    bought = _given_dropout(A[:, None], w[:, None], log_p, log_rest, k)
    late = log_rest > np.log(NEARLY_LEFT)
    sooner = np.where(late, 0.0, np.exp(log_rest))
    early = _early(A, w, k)
    for j in range(k):
        series = np.zeros_like(sooner)
        for m in range(EARLY)[::-1]:
            series = series * sooner + early[j, m][:, None]
        bought[j] = np.where(late, bought[j], series)
    answer: Floats = np.maximum((mass * bought).sum(axis=2), 0.0)
    return answer


def _given_dropout(A: Floats, w: Floats, log_p: Floats, log_rest: Floats, k: int) -> Floats:
    """E (1 − (1−p)^M) / p of M = ⌊n / k⌋ purchases, n = j + stages to come.

    With θ^k = 1 − p it is E (1 − θ^n) / p less E θ^n (θ^−l − 1) / p, where l is n modulo k: neither part cancels.
    """
    p = np.maximum(np.exp(log_p), 1e-200)  # nothing depends on p below that
    log_theta = np.maximum(np.minimum(log_rest, -p), np.log(NEARLY_LEFT) - 1) / k
    stay = np.exp(log_theta)  # θ
    owed = -np.expm1(log_theta)  # 1 − θ
    stages = np.arange(k)[:, None, None]
    over = np.expm1(-stages * log_theta) / p
    part = np.zeros((k, *log_p.shape))
    for u in range(k // 2 + 1):
        root = 1.0 if not u else -1.0 if 2 * u == k else np.exp(2j * np.pi * u / k)
        weight = (over * root**-stages).sum(axis=0) / k * (1 if u in (0, k / 2) else 2)  # conjugates come in pairs
        z = stay * root
        power = np.exp(-A * np.log(1 + w * (1 - z if u else owed))) * weight
        step = z / (1 + w * (1 - z))
        for j in range(k):
            part[j] += power.real
            power = power * step
    whole = -np.expm1(stages * log_theta - (A + stages) * np.log1p(w * owed)) / p
    answer: Floats = whole - part
    return answer


def _early(A: Floats, w: Floats, k: int) -> Floats:
    """Chances of at least m + 1 purchases, m < 8, by stages since the last one; stages are counted one by one."""
    q, fewer = w / (1 + w), np.ones((k, EARLY, A.size))
    for j in range(k):
        term, reached = np.exp(-(A + j) * np.log1p(w)), np.zeros(A.size)
        for n in range(EARLY * k - j):
            reached = reached + term
            term = term * q * (A + j + n) / (n + 1)
            if (j + n + 1) % k == 0:
                fewer[j, (j + n + 1) // k - 1] = reached
    return np.maximum(1 - fewer, 0.0)
