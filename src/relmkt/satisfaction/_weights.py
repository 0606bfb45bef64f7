"""How much of a whole does each of several correlated parts explain? Shares of R², from correlations alone.

Johnson (2000), A Heuristic Method for Estimating the Relative Weight of Predictor Variables in Multiple Regression,
Multivariate Behavioral Research 35(1), 1-19. The mean over all orders of entry: Lindeman, Merenda & Gold (1980),
Introduction to Bivariate and Multivariate Analysis, which is Shapley's value of R² (Lipovetsky & Conklin 2001, Applied
Stochastic Models in Business and Industry 17(4), 319-330). Variance inflation: Marquardt (1970), Technometrics 12(3).
"""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = ["Derived", "correlated", "derived", "inflation", "r_squared"]

Floats = NDArray[np.float64]
Derived = Literal["correlation", "regression", "relative weights", "shapley"]

_MOST, _NIL = 14, 1e-10


def correlated(parts: Floats, whole: Floats) -> tuple[Floats, Floats]:
    """Correlations among the parts, shape (k, k), and with the whole, (k,); NaN where one does not vary.

    parts: shape (n, k). whole: shape (n,).
    """
    told = np.column_stack([parts, whole])
    if not len(told):
        return np.full((parts.shape[1],) * 2, np.nan), np.full(parts.shape[1], np.nan)
    centred = told - told.mean(axis=0)
    varies = np.ptp(told, axis=0) > 0
    size = np.where(varies, np.sqrt((centred**2).sum(axis=0)), np.nan)
    found = (centred.T @ centred) / np.outer(size, size)
    np.fill_diagonal(found, np.where(varies, 1.0, np.nan))
    return found[:-1, :-1], found[:-1, -1]


def derived(method: Derived, among: Floats, withal: Floats) -> Floats:
    """The importance of each part by one of four ways, shape (k,); NaN for a part that does not vary.

    among, withal: correlations as `correlated` gives them. "correlation" with the whole; standardised "regression";
    "relative weights" (Johnson 2000) or "shapley", which share out R², none of them negative.
    """
    if method not in get_args(Derived):
        raise ValueError(f"method: expected one of {', '.join(get_args(Derived))}")
    if method == "correlation":
        return withal
    kept = np.isfinite(np.diag(among)) & np.isfinite(withal)
    out = np.full(len(withal), np.nan)
    if kept.any():
        way = {"regression": _beta, "relative weights": _johnson, "shapley": _shapley}[method]
        out[kept] = way(among[np.ix_(kept, kept)], withal[kept])
    return out


def _beta(among: Floats, withal: Floats) -> Floats:
    """Standardised coefficients of the whole on all parts; NaN where the parts determine each other."""
    if np.linalg.eigvalsh(among)[0] < _NIL:
        return np.full(len(withal), np.nan)
    return np.asarray(np.linalg.solve(among, withal), np.float64)


def _johnson(among: Floats, withal: Floats) -> Floats:
    """Through the orthogonal parts nearest to the given ones; parts that determine each other share alike."""
    values, vectors = np.linalg.eigh(among)
    root = np.sqrt(np.clip(values, 0, None))
    inverse = np.divide(1.0, root, out=np.zeros_like(root), where=values > _NIL)
    loads = (vectors * root) @ vectors.T
    slopes = (vectors * inverse) @ (vectors.T @ withal)
    return np.asarray(loads**2 @ slopes**2, np.float64)


def _shapley(among: Floats, withal: Floats) -> Floats:
    """The mean gain in R² of each part over all orders in which the parts may enter."""
    k = len(withal)
    if k > _MOST:
        raise ValueError(f"shapley: expected {_MOST} items or fewer, got {k}; relative weights take any number")
    worth = np.zeros(1 << k)
    for size in range(1, k + 1):
        places = np.array(list(combinations(range(k), size)))
        blocks, right = among[places[:, :, None], places[:, None, :]], withal[places]
        found = np.einsum("ij,ijk,ik->i", right, np.linalg.pinv(blocks, rcond=_NIL, hermitian=True), right)
        worth[(1 << places).sum(axis=1)] = found
    sets = np.arange(1 << k)
    sizes = np.array([int(one).bit_count() for one in sets])
    share = np.array([factorial(s) * factorial(k - s - 1) / factorial(k) if s < k else 0.0 for s in sizes])
    without = [sets[(sets >> place) & 1 == 0] for place in range(k)]
    return np.array([(share[w] * (worth[w | 1 << p] - worth[w])).sum() for p, w in enumerate(without)])


def r_squared(among: Floats, withal: Floats) -> float:
    """The share of the whole's variance that all parts explain; parts that do not vary are passed over."""
    kept = np.isfinite(np.diag(among)) & np.isfinite(withal)
    if not kept.any():
        return float("nan")
    inverse = np.linalg.pinv(among[np.ix_(kept, kept)], rcond=_NIL, hermitian=True)
    return min(float(withal[kept] @ inverse @ withal[kept]), 1.0)


def inflation(among: Floats) -> Floats:
    """Variance inflation of each part: 1 apart from all others, infinite where the others determine it."""
    kept = np.isfinite(np.diag(among))
    out = np.full(len(among), np.nan)
    block = among[np.ix_(kept, kept)]
    if not kept.any():
        return out
    if np.linalg.eigvalsh(block)[0] >= _NIL:
        out[kept] = np.diag(np.linalg.inv(block))
        return out
    values, vectors = np.linalg.eigh(block)
    bound = (vectors[:, values < _NIL] ** 2).sum(axis=1) > _NIL  # takes part in a dependence
    rest = np.linalg.pinv(block, rcond=_NIL, hermitian=True)
    out[kept] = np.where(bound, np.inf, np.diag(rest))
    return out
