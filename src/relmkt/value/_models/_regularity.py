"""How regularly do customers buy? The shape of the gamma law of the times between their purchases.

Wheat & Morrison (1990), "Estimating purchase regularity with two interpurchase times", Journal of Marketing Research
27(1), 87–93: one shape for all, whatever their rates, from two times each. Or the median of shapes fitted customer by
customer, as in Platzer & Reutterer (2016), "Ticking away the moments", Marketing Science 35(5). About 1 is purchases at
random, which the BG/NBD and Pareto/NBD assume; well above 1 asks for `BetaGeoK`; below 1 purchases come in clumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import normal_quantile
from relmkt.value._numbers._special import digamma, trigamma
from relmkt.value._summaries._occasions import Log, Occasions
from relmkt.value._summaries._periods import Calendar
from relmkt.windows import At

__all__ = ["regularity"]

Floats = NDArray[np.float64]
Method = Literal["wheat", "mle", "mle-minka", "mle-thom"]
PAIR = 2  # times between purchases that Wheat & Morrison's statistic is made of
STEPS = 12  # of Newton's method, which doubles the digits of Minka's start


def regularity(
    customers: ArrayLike,
    times: ArrayLike | Sequence[datetime],
    *,
    at: At,
    method: Method = "wheat",
    least: int | None = None,
    zone: str = "UTC",
    level: float = 0.95,
) -> Estimate:
    """The shape k of the times between purchases, with n customers behind it.

    customers, times: one row a purchase, in any order, as for `PurchaseSummary.from_purchases`; purchases on one local
    date are one, and those later than `at` are left out.
    method: "wheat" is of the last two times of each customer, V the mean of (first / both − 1/2)² and k = (1 − 4 V) /
    (8 V); its interval is of the logarithm of V. "mle" is the median of the customers' own gamma shapes, with an
    interval by order statistics; "mle-minka" and "mle-thom" are closed approximations to it (Minka 2002; Thom 1958),
    within 1 % for k of 1 or more, and below that within 1.5 % and 37 % (at 0.1). A shape fitted to m times overstates k
    by a share of about 3 / (m − 3).
    least: times between purchases that a customer must have, 2 or more; the "mle" ones need to be told.
    Without such a customer the answer is unknown. Times that are all equal are infinitely regular.

    >>> from pendulum import datetime
    >>> rows = np.array(["2026-01-01", "2026-01-11", "2026-01-31", "2026-02-01"], dtype="datetime64[D]")
    >>> print(regularity([7, 7, 7, 8], rows, at=datetime(2026, 3, 1)))
    4, n = 1 (Wheat & Morrison)

    Source: Wheat & Morrison 1990; Platzer & Reutterer 2016.
    """
    if method not in get_args(Method):
        raise ValueError(f"method is one of {', '.join(get_args(Method))}, not {method!r}")
    if least is None and method != "wheat":
        raise ValueError("least must be given: how many times between purchases a customer's own fit needs")
    least = PAIR if least is None else least
    if least < PAIR:
        raise ValueError("least must be 2 or more times between purchases")
    found = Occasions.of(Log.of(customers, times, None).until(at, zone), Calendar("day", zone=zone))
    enough = found.repeats >= least
    if not enough.any():
        return Estimate.unknown(f"no customer with {least} times between purchases")
    return _wheat(found, enough, level) if method == "wheat" else _median(found, enough, method, level)


def _wheat(found: Occasions, enough: NDArray[np.bool_], level: float) -> Estimate:
    ends = (found.starts + found.repeats.astype(np.int64))[enough]
    before, first, last = (found.packed[ends - back].astype(np.float64) for back in (2, 1, 0))
    # the share is symmetric about 1/2, so that it does not matter which of the two times is called the first
    squares = ((first - before) / (last - before) - 0.5) ** 2
    V, n, reach = float(squares.mean()), squares.size, normal_quantile(level)
    name = "Wheat & Morrison"
    if not V:
        return Estimate(np.inf, n=n, method=name, level=level, notes=("all times between purchases are equal",))
    k = 1 / (8 * V) - 0.5
    if n == 1:
        return Estimate(k, n=n, method=name, level=level, notes=("one customer: no interval",))
    spread = float(squares.std(ddof=1)) / np.sqrt(n) / V  # of log V
    low, high = (max((k + 0.5) * float(np.exp(sign * reach * spread)) - 0.5, 0.0) for sign in (-1, 1))
    return Estimate(k, low, high, level=level, n=n, method=name, se=(k + 0.5) * spread)


def _median(found: Occasions, enough: NDArray[np.bool_], method: Method, level: float) -> Estimate:
    m = found.repeats[enough]
    mean = (found.last - found.born)[enough] / m
    shapes = np.sort(_shape(np.log(mean) - found.log_gaps(1.0)[enough] / m, method))
    n = shapes.size
    rank = int((n - normal_quantile(level) * np.sqrt(n)) / 2)
    low, high = (shapes[rank - 1], shapes[n - rank]) if rank >= 1 else (np.nan, np.nan)
    equal = int(np.isinf(shapes).sum())
    notes = (f"{equal} customers with equal times count as infinitely regular",) if equal else ()
    return Estimate(np.median(shapes), low, high, level=level, n=n, method="median of customers", notes=notes)


def _shape(s: Floats, method: Method) -> Floats:
    """The gamma shapes whose log k − digamma(k) is s, the logarithm of the mean less the mean of the logarithms."""
    k = np.full(s.shape, np.inf)
    some = s > 1e-12  # less is rounding: all times are equal
    s = s[some]
    if method == "mle-thom":
        k[some] = (1 + np.sqrt(1 + 4 * s / 3)) / (4 * s)
        return k
    found = (3 - s + np.sqrt((s - 3) ** 2 + 24 * s)) / (12 * s)
    for _ in range(STEPS if method == "mle" else 0):  # Newton's method on 1 / k
        found = 1 / (1 / found + (np.log(found) - digamma(found) - s) / (found**2 * (1 / found - trigamma(found))))
    k[some] = found
    return k
