"""Which parameters does a summary speak for? Maximum likelihood, with covariates where they are asked for.

Large bases start from the optimum of a sample of their customers; effects start from the model without them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from relmkt.exceptions import FitError
from relmkt.value._effects import Effect
from relmkt.value._optimise import maximise
from relmkt.value._summary import PurchaseSummary

__all__ = ["fitted"]

Floats = NDArray[np.float64]
M = TypeVar("M")
SUBSAMPLE = 20_000


def fitted(
    model: Callable[..., M], summary: PurchaseSummary, weights: Floats, penalty: float, effects: tuple[Effect, ...]
) -> M:
    """The model of the greatest likelihood; FitError where the data do not determine it."""
    told: Any = model  # its names, likelihood and start
    seen, bought = float(weights @ summary.T), float(weights @ summary.frequency)
    if not seen:
        raise FitError("no exposure time in the data: every customer's age is 0")
    if not bought:
        raise FitError("no repeat purchase in the data: the purchase rate is not determined")
    start = near = told._start(seen, bought)
    if len(summary) > 3 * SUBSAMPLE:  # a good start from a few customers saves whole passes over all of them
        some = slice(None, None, len(summary) // SUBSAMPLE)
        with suppress(FitError):
            near = maximise(told._likelihood(summary, weights, some), start, told.NAMES).point
    best = maximise(told._likelihood(summary, weights), near, told.NAMES, penalty=penalty, centre=start)
    if not effects:
        return model(*best.point, unit=summary.unit, covariance=best.covariance)
    bare: Any = model(*best.point)
    rows, flat = bare._regression(effects, summary, weights), np.ones(len(effects))
    rows.check()
    names = (*told.NAMES, *(effect.name for effect in effects))
    first, centre = np.append(best.point, flat), np.append(start, flat)
    point = maximise(rows, first, names, penalty=penalty, centre=centre).point
    k = len(told.NAMES)
    scale = np.append(point[:k], flat)  # the covariance is of the parameters and of the effects themselves
    information = rows.information(point) + 2 * penalty * np.eye(point.size)
    return model(
        *point[:k],
        unit=summary.unit,
        covariance=np.outer(scale, scale) * np.linalg.inv(information),
        effects=tuple(evolve(e, size=float(v)) for e, v in zip(effects, np.log(point[k:]), strict=True)),
    )
