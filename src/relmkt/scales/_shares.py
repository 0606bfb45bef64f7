"""How sure is a share? Six named intervals of x out of n; Wilson's unless another is asked for.

Wilson (1927), JASA 22(158), 209-212; Clopper & Pearson (1934), Biometrika 26(4), 404-413; Agresti & Coull (1998),
Approximate is Better than "Exact", The American Statistician 52(2), 119-126: their interval, and "add-4", which adds
two successes and two failures at any level; Brown, Cai & DasGupta (2001), Interval Estimation for a Binomial
Proportion, Statistical Science 16(2), 101-133: Jeffreys' interval, closed at an end where nobody or everybody is in.
Wald's has no width there, which says nothing about how sure one is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import beta_quantile, normal_quantile

__all__ = ["ShareInterval", "share_error", "share_estimate", "wilson"]

ShareInterval = Literal["Wilson", "add-4", "Agresti-Coull", "Clopper-Pearson", "Jeffreys", "Wald"]
Floats = NDArray[np.float64]


def share_estimate(
    x: ArrayLike,
    n: ArrayLike,
    *,
    level: float = 0.95,
    interval: ShareInterval = "Wilson",
    note: str = "nobody was asked",
    labels: Iterable[Any] | None = None,
    notes: Sequence[str] = (),
    **told: Any,
) -> Estimate:
    """The share x of n with one of the named intervals: one number, or a column of them.

    x, n: how many, and out of how many: numbers or arrays of them, shape (groups,); under weights x and n are in
    effective answers. level: coverage. interval: "Wilson", "add-4", "Agresti-Coull", "Clopper-Pearson", "Jeffreys" or
    "Wald". note: what to say where n is 0. labels: of the groups, of which a column that is told none has its places.
    notes, told: further fields of the estimate.

    The value is x/n as it is, and `se` its own √(p(1−p)/n); an interval that adds answers moves only its bounds. n = 0
    gives NaN. Raises ValueError for x outside 0 to n, or an interval of another name.

    >>> print(share_estimate(120, 300))
    0.40 [0.35, 0.46] 95 %, n = 300 (Wilson)
    >>> print(share_estimate(1, 30, interval="Clopper-Pearson"))
    0.03 [0.00, 0.17] 95 %, n = 30 (Clopper-Pearson)

    Source: Wilson 1927; Clopper & Pearson 1934; Agresti & Coull 1998; Brown, Cai & DasGupta 2001.
    """
    seen, size = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(n, np.float64))
    if not ((seen >= 0) & (seen <= size)).all():
        raise ValueError("x: expected a count from 0 to n")
    low, high = _bounds(seen, size, level, interval)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.where(size > 0, seen / size, np.nan)
    counted = size.astype(np.int64) if (size == np.floor(size)).all() else size
    said = tuple(notes) if size.size and (size > 0).all() else (note, *notes)
    if interval == "Wald" and ((p == 0) | (p == 1)).any():
        said = (*said, "where nobody or everybody is in, Wald's interval has no width")
    fields: dict[str, Any] = {"value": p, "low": low, "high": high, "n": counted, "se": share_error(seen, size), **told}
    if not p.ndim:
        fields = {name: np.asarray(column).item() for name, column in fields.items()}
    names = range(p.size) if labels is None and p.ndim else labels
    return Estimate(**fields, level=level, method=interval, labels=names, notes=said)


def share_error(x: ArrayLike, n: ArrayLike) -> Floats:
    """The standard error √(p(1−p)/n) of shares p = x/n; NaN where n is 0.

    >>> share_error([50, 0], [100, 0]).tolist()
    [0.05, nan]
    """
    seen, size = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(n, np.float64))
    p, known = np.full(seen.shape, np.nan), size > 0
    np.divide(seen, size, out=p, where=known)
    return np.asarray(np.sqrt(p * (1 - p) / np.where(known, size, 1.0)))


def _bounds(x: Floats, n: Floats, level: float, interval: ShareInterval) -> tuple[Floats, Floats]:
    """The bounds of shares x of n, in [0, 1]; NaN where n is 0."""
    if interval not in get_args(ShareInterval):
        raise ValueError(f"interval: expected one of {', '.join(get_args(ShareInterval))}")
    z = normal_quantile(level)
    with np.errstate(invalid="ignore", divide="ignore"):
        match interval:
            case "Wilson":
                low, high = wilson(x, n, z)
            case "Clopper-Pearson" | "Jeffreys":
                low, high = _beta(x, n, level, 0.0 if interval == "Clopper-Pearson" else 1 / 2)
            case _:
                low, high = _normal(x, n, z, {"Wald": 0.0, "add-4": 2.0, "Agresti-Coull": z * z / 2}[interval])
    known = n > 0
    return np.where(known, np.clip(low, 0, 1), np.nan), np.where(known, np.clip(high, 0, 1), np.nan)


def wilson(x: ArrayLike, n: ArrayLike, z: float) -> tuple[Floats, Floats]:
    """Wilson's bounds of shares x of n, z standard errors to each side; NaN where n is 0.

    >>> [round(float(bound), 4) for bound in wilson(70, 100, 1.959964)]
    [0.6042, 0.7811]
    """
    seen, size = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(n, np.float64))
    of = np.where(size > 0, size, np.nan)
    p, middle, whole = seen / of, seen + z * z / 2, of + z * z
    half = z * np.sqrt(seen * (of - seen) / of + z * z / 4)
    # rounding may not leave [0, 1], nor the share itself out; where nobody or everybody is in, the end is exact
    low, high = np.clip((middle - half) / whole, 0, p), np.clip((middle + half) / whole, p, 1)
    return np.where(seen == 0, p, low), np.where(seen == of, p, high)


def _normal(x: Floats, n: Floats, z: float, added: float) -> tuple[Floats, Floats]:
    """So many successes added, and as many failures."""
    size = n + 2 * added
    p = (x + added) / size
    half = z * np.sqrt(p * (1 - p) / size)
    return p - half, p + half


def _beta(x: Floats, n: Floats, level: float, prior: float) -> tuple[Floats, Floats]:
    """Quantiles of beta distributions: prior 0 is Clopper and Pearson's pair of them, ½ Jeffreys'."""
    tail, more = (1 - level) / 2, 1.0 if prior == 0 else prior
    low, high = np.zeros(x.shape), np.ones(x.shape)
    for place in np.ndindex(x.shape):
        seen, rest = float(x[place]), float(n[place] - x[place])
        if seen > 0:
            low[place] = beta_quantile(tail, seen + prior, rest + more)
        if rest > 0:
            high[place] = beta_quantile(1 - tail, seen + more, rest + prior)
    return low, high
