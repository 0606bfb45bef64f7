"""How far does the doubt in the inputs of a formula carry to its answer? The delta method, for every closed form alike.

Wasserman (2004), "All of Statistics", theorem 9.28. Slopes are taken by the complex step of Squire & Trapp (1998),
"Using complex variables to estimate derivatives of real functions", SIAM Review 40(1), 110-112: exact to the last digit
for formulas of arithmetic, powers and exponentials, and it never leaves the domain of a rate. Inputs are taken as
independent of one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._numbers._figures import Amount, error_of, figure, number

__all__ = ["carried", "checked", "counted", "labels_of", "rate"]

STEP = 1e-30
Numbers = NDArray[Any]  # real, or complex while a slope is taken
Formula = Callable[..., Numbers]


def carried(
    formula: Formula,
    *given: Amount,
    level: float,
    method: str = "delta",
    labels: Iterable[Any] | None = None,
    notes: Iterable[str] = (),
) -> Estimate:
    """The formula's answer on those inputs, with the standard error that theirs leave it: NaN where none has one.

    >>> print(carried(lambda m, r: m * r, 100.0, Estimate(0.8, n=400, se=0.02), level=0.95))
    80.00 [76.08, 83.92] 95 %, n = 400 (delta)
    """
    plain = [_column(one) for one in given]
    errors = [error_of(one) for one in given]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = np.asarray(formula(*plain), dtype=np.float64)
        variance = np.zeros(value.shape)
        for place, error in enumerate(errors):
            if np.any(error > 0):
                variance = variance + (_slope(formula, plain, place) * error) ** 2
    unsure = any(np.any(error > 0) for error in errors)
    return figure(
        value,
        np.sqrt(variance) if unsure else None,
        level=level,
        n=np.where(np.isnan(value), 0, counted(given))[()],
        method=method if unsure else "",
        labels=labels_of(given) if labels is None else labels,
        notes=_told(value, given, notes),
    )


def checked(name: str, given: Amount, low: float, high: float = np.inf, *, open: bool = False) -> None:
    """Raise ValueError where an argument lies outside [low, high], or at `low` if that end is open; NaN passes.

    >>> checked("discount", -1.0, -1.0, open=True)
    Traceback (most recent call last):
    ValueError: discount: expected a number above -1
    """
    values = number(given)
    wrong = (values < low) | (values > high) | (values == low if open else False)
    if wrong.any():
        wanted = f"above {low:g}" if open else f"from {low:g}"
        raise ValueError(f"{name}: expected a number {wanted}{f' to {high:g}' if np.isfinite(high) else ''}")


def rate(name: str, given: Amount) -> Amount:
    """A rate in [0, 1]; an estimate of n customers without a standard error gets the binomial one.

    >>> round(float(rate("retention", Estimate(0.8, n=400)).se), 6)
    0.02
    """
    checked(name, given, 0.0, 1.0)
    if not isinstance(given, Estimate):
        return given
    p, n = np.asarray(given.value), np.asarray(given.n, dtype=np.float64)
    n = np.where(np.isnan(given.n_eff), n, given.n_eff)
    known = ~np.isnan(given.se) | (n <= 0)
    se = np.where(known, given.se, np.sqrt(p * (1 - p) / np.where(n > 0, n, 1.0)))
    return evolve(given, se=se[()])


def labels_of(given: Iterable[Amount]) -> Iterable[str] | None:
    """The labels that the inputs share; ValueError where two columns are labelled differently."""
    found = [one.labels for one in given if isinstance(one, Estimate) and one.labels is not None]
    if any(tuple(one) != tuple(found[0]) for one in found):
        raise ValueError("the estimates have different labels: each row of one answers to the same row of the others")
    return found[0] if found else None


def counted(given: Iterable[Amount]) -> NDArray[np.int64]:
    """Observations behind an answer: the fewest behind any input that is an estimate with a count; 0 where none has."""
    counts = [np.asarray(one.n, dtype=np.int64) for one in given if isinstance(one, Estimate) and np.any(one.n)]
    smallest = np.zeros((), dtype=np.int64) if not counts else counts[0]
    for one in counts[1:]:
        smallest = np.minimum(smallest, one)
    return smallest


def _column(given: Amount) -> NDArray[np.float64]:
    values = number(given)
    if values.ndim > 1:
        raise ValueError(f"expected a number or a column of them, got an array of {values.ndim} dimensions")
    return values


def _slope(formula: Formula, plain: list[NDArray[np.float64]], place: int) -> NDArray[np.float64]:
    moved: list[ArrayLike] = [*plain]
    moved[place] = plain[place] + 1j * STEP
    answer: NDArray[np.float64] = np.imag(formula(*moved)) / STEP
    return answer


def _told(value: NDArray[np.float64], given: Iterable[Amount], notes: Iterable[str]) -> tuple[str, ...]:
    inherited = (note for one in given if isinstance(one, Estimate) for note in one.notes)
    told = tuple(dict.fromkeys((*notes, *inherited)))
    return told or (("an input is missing",) if value.ndim == 0 and np.isnan(value) else ())
