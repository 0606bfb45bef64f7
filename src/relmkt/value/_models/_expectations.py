"""How sure is a fitted model of an expectation? Delta-method intervals from the parameters' Laplace covariance.

The interval is of the expectation, given that the model is right: it widens with the uncertainty of the parameters
alone. It is built where the expectation is unbounded (logarithm) or a share (logit), so that it stays in range:
Wasserman (2004), "All of Statistics", theorem 9.28.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.scales._quantiles import normal_quantile

__all__ = ["POINT", "expectation", "parameter_text", "standard_errors"]

Floats = NDArray[np.float64]
POINT = "no interval: the parameters were given, not fitted, so that their covariance is not known"
LAPLACE = "Laplace, expectation"


def expectation(
    value: Floats,
    spread: Floats | None,
    level: float | None,
    *,
    shape: Literal["log", "logit"],
    n: Any,
    labels: Sequence[Any] | NDArray[Any] | None,
    notes: Sequence[str] = (),
) -> Estimate:
    """An estimate around `value`; `spread` is its standard error on the scale of `shape`, None where unknown."""
    if level is None or spread is None:
        low = high = se = np.full(value.shape, np.nan)
        told = (*notes, *(() if level is None else (POINT,)))
        return _estimate(value, low, high, se, level or 0.95, n, "point", labels, told)
    reach = normal_quantile(level) * spread
    if shape == "log":
        low, high, se = value * np.exp(-reach), value * np.exp(reach), value * spread
    else:
        odds_low, odds_high = value * np.exp(-reach), value * np.exp(reach)
        low, high = odds_low / (1 - value + odds_low), odds_high / (1 - value + odds_high)
        se = value * (1 - value) * spread
    return _estimate(value, low, high, se, level, n, LAPLACE, labels, tuple(notes))


def _estimate(
    value: Floats, low: Floats, high: Floats, se: Floats, level: float, n: Any, method: str, labels: Any, notes: Any
) -> Estimate:
    if labels is None:
        value, low, high, se = (float(v) for v in (value[0], low[0], high[0], se[0]))  # type: ignore[assignment]
    return Estimate(value, low, high, level=level, n=n, method=method, labels=labels, notes=notes, se=se)


def standard_errors(covariance: Floats | None, names: Sequence[str]) -> dict[str, float]:
    """Square roots of the covariance's diagonal by name; NaN where there is none."""
    sizes = np.full(len(names), np.nan) if covariance is None else np.sqrt(np.diag(covariance))
    return {name: float(size) for name, size in zip(names, sizes, strict=True)}


def parameter_text(value: float) -> str:
    """Four decimals, as the papers print them; significant digits where those would hide it."""
    return f"{value:.4f}" if 0.001 <= value < 1e6 else f"{value:.4g}"
