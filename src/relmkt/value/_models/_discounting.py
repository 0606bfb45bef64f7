"""What are coming purchases worth today? Present value of an expected count, for a horizon or without end.

∫ exp(−δ s) dE(s) by parts, so that the expected count E alone is evaluated: over a horizon at Gauss–Legendre nodes,
without end by the trapezoidal rule in log s, which converges exponentially there (Trefethen & Weideman 2014, SIAM
Review 56(3)).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from relmkt.value._summaries._periods import DAYS_OF, Unit

__all__ = ["discounted", "force_of", "lasting"]

Floats = NDArray[np.float64]
Counted = Callable[[float], Floats]
NODES, WEIGHTS = (0.5 * (x + shift) for x, shift in zip(np.polynomial.legendre.leggauss(12), (1.0, 0.0), strict=True))
SPACING = 0.4
TIMES = np.exp(np.arange(-30.0, 3.8, SPACING))  # s times δ


def force_of(discount: float, unit: Unit | None) -> float:
    """A yearly discount as a continuous rate a period.

    >>> round(force_of(0.15, "week"), 6)
    0.002679
    """
    if not discount > -1:
        raise ValueError("discount is a share a year, above -1")
    if discount and unit is None:
        raise ValueError("a yearly discount needs a model with a unit")
    return float(np.log1p(discount)) * DAYS_OF[unit or "year"] / DAYS_OF["year"]


def discounted(counted: Counted, *, t: float, force: float) -> Floats:
    """Present value of the purchases counted up to t, at a continuous rate of `force` a period.

    >>> float(discounted(lambda s: np.array([2 * s]), t=5.0, force=0.1)[0].round(6))  # two a period
    7.869387
    """
    end = counted(t)
    if not force or not t:
        return end
    inside = sum(w * np.exp(-force * t * s) * counted(t * s) for s, w in zip(NODES, WEIGHTS, strict=True))
    answer: Floats = np.exp(-force * t) * end + force * t * inside
    return answer


def lasting(counted: Counted, *, force: float) -> Floats:
    """Present value of all purchases to come, at a continuous rate of `force` a period, above 0.

    >>> float(lasting(lambda s: np.array([2 * s]), force=0.1)[0].round(6))
    20.0
    """
    weights = SPACING * TIMES * np.exp(-TIMES)
    answer: Floats = np.asarray(sum(w * counted(s / force) for s, w in zip(TIMES, weights, strict=True)))
    return answer
