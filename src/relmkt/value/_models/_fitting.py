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
from relmkt.value._models._effects import Effect, Regression
from relmkt.value._models._optimise import maximise
from relmkt.value._summaries._summary import PurchaseSummary

__all__ = ["fitted", "regressed"]

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
    point, covariance, found = regressed(bare._regression(effects, summary, weights), best.point, start, penalty)
    return model(*point, unit=summary.unit, covariance=covariance, effects=found)


def regressed(
    rows: Regression, near: Floats, centre: Floats, penalty: float
) -> tuple[Floats, Floats, tuple[Effect, ...]]:
    """Parameters and effects of the greatest likelihood, with the covariance of both; near: where parameters start."""
    rows.check()
    k, flat = len(rows.names), np.ones(len(rows.effects))
    names = (*rows.names, *(effect.name for effect in rows.effects))
    first, anchor = np.append(near, flat), np.append(centre, flat)
    point = maximise(rows, first, names, penalty=penalty, centre=anchor).point
    scale = np.append(point[:k], flat)  # the covariance is of the parameters and of the effects themselves
    information = rows.information(point) + 2 * penalty * np.eye(point.size)
    found = tuple(evolve(e, size=float(v)) for e, v in zip(rows.effects, np.log(point[k:]), strict=True))
    return point[:k], np.outer(scale, scale) * np.linalg.inv(information), found
