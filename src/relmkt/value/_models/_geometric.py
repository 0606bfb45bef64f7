"""How much will a customer who is still there buy, when each purchase may be the last? The BG/NBD's kernel.

A customer with rate λ ~ Gamma(A, rate α') and dropout p ~ Beta(a, B) buys (1 − (1 + p w)^−A) / p times in a time t,
given p, where w = t / α'; its mean over p is Fader, Hardie & Lee (2005) equation (10) without its last factor.
Euler's transformation (Abramowitz & Stegun 15.3.3) takes out the factor a − 1 which that equation divides by, so that
a = 1 and a + b < 1 are ordinary points. Where the series is slow, the mean over p is taken by the trapezoidal rule on
the logit of p, which converges exponentially (Trefethen & Weideman 2014, SIAM Review 56(3)).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "beta_nodes", "blocks", "kernel"]

Floats = NDArray[np.float64]
BLOCK = 1 << 13  # rows whose temporaries stay in the cache, and too few for linear algebra to call in threads
NODES = 240
TERMS = 400


def blocks(n: int) -> list[slice]:
    """Slices of 8,192 rows that cover n rows."""
    return [slice(at, min(at + BLOCK, n)) for at in range(0, n, BLOCK)]


def kernel(A: Floats, B: Floats, a: Floats | float, rate: Floats, t: float) -> Floats:
    """Expected purchases in a time t of customers who are alive, one a row.

    A, B: shape of λ and second shape of p; a: first shape of p, the same for all or one a row; rate: α' in the unit
    of t.

    >>> kernel(np.array([0.243]), np.array([2.426]), 0.793, np.array([4.414]), 39.0).round(4)
    array([1.1967])
    """
    z = t / (rate + t)
    L = np.log1p(t / rate)
    C, e = a + B - 1, np.asarray(a, dtype=np.float64) - 1
    slow = (z > 0.8) | (e * L > 30) | (C < -0.9) | (C > 1e4 * A) | (C - A < -6)
    answer = np.empty_like(z)
    fast = ~slow
    if fast.all():
        return _series(C, C - A, e, z, L)
    answer[fast] = _series(C[fast], (C - A)[fast], e[fast] if e.ndim else e, z[fast], L[fast])
    answer[slow] = _quadrature(A[slow], B[slow], np.broadcast_to(a, z.shape)[slow], t / rate[slow])
    return answer


def _series(C: Floats, D: Floats, e: Floats, z: Floats, L: Floats) -> Floats:
    """C [1 − (1−z)^e F(D, e; C; z)] / e, with C taken into the series: finite at e = 0 and at C = 0."""
    if not z.size:
        return z
    term = D * z
    total = term.copy()
    left = 1e-17 * (1 - z)
    for k in range(1, TERMS):
        term *= (D + k) * (e + k) / (k + 1)
        term *= z / (C + k)
        total += term
        if k % 4 == 0 and (np.abs(term) <= left * np.abs(total)).all():
            break
    head = C * np.where(e == 0, L, -np.expm1(-e * L) / np.where(e == 0, 1.0, e))
    answer: Floats = head - np.exp(-e * L) * total
    return np.maximum(answer, 0.0)


def _quadrature(A: Floats, B: Floats, a: Floats, w: Floats) -> Floats:
    answer = np.empty_like(w)
    for start in range(0, w.size, 256):
        rows = slice(start, start + 256)
        answer[rows] = _trapezoid(A[rows, None], B[rows, None], a[rows, None], w[rows, None])
    return answer


def _trapezoid(A: Floats, B: Floats, a: Floats, w: Floats) -> Floats:
    log_p, _, mass = beta_nodes(a, B)
    p = np.exp(log_p)
    bought = np.where(p * w > 1e-280, -np.expm1(-A * np.log1p(p * w)) / np.maximum(p, 1e-290), A * w)
    answer: Floats = (mass * bought).sum(axis=1) / mass.sum(axis=1)
    return answer


def beta_nodes(a: Floats, B: Floats) -> tuple[Floats, Floats, Floats]:
    """log p, log(1 − p) and the mass, up to a factor, of 240 nodes a row for means over p ~ Beta(a, B)."""
    # the density turns near the middle; with a wider scale the nodes would be too far apart there
    middle, width = np.log((a + 1) / (B + 1)), np.minimum(np.sqrt(1 / a + 1 / B), 4.0)
    low, high = np.arcsinh(40 / (a * width) + 9), np.arcsinh(40 / (B * width) + 9)
    u = -low + (low + high) * (np.arange(NODES) / (NODES - 1))
    y = middle + width * np.sinh(u)
    log_p, log_rest = -np.logaddexp(0.0, -y), -np.logaddexp(0.0, y)
    peak = a * (middle - np.logaddexp(0.0, middle)) - B * np.logaddexp(0.0, middle)
    return log_p, log_rest, np.exp(a * log_p + B * log_rest - peak) * np.cosh(u)
