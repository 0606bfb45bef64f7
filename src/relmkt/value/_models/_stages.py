"""How many stages has a time between purchases? The fits of BG/CNBD-k for each number of them, and the best one.

The search is that of Platzer's BTYDplus: k = 1, 2, … until the likelihood has fallen twice in a row, 12 at most. The
model of random times is its start: k stages in the same time are passed k times as fast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from relmkt.exceptions import FitError
from relmkt.value._models._betageo import BetaGeo
from relmkt.value._models._likelihood import BetaGeoLikelihood
from relmkt.value._models._modified import ModifiedBetaGeo
from relmkt.value._models._optimise import Maximum, maximise
from relmkt.value._summaries._summary import PurchaseSummary

__all__ = ["best_stages", "random_times", "staged"]

Floats = NDArray[np.float64]
TRIED = 12


def random_times(summary: PurchaseSummary, weights: Floats, penalty: float, at_first: bool) -> Floats:
    """Where to start: the fit for k = 1, or a neutral point where customers are too regular for that."""
    try:
        return (ModifiedBetaGeo if at_first else BetaGeo).fit(summary, weights=weights, penalty=penalty)._point
    except FitError as error:
        if not error.parameters:  # the data hold no time or no repeat purchase
            raise
        return _neutral(summary, weights)


def _neutral(summary: PurchaseSummary, weights: Floats) -> Floats:
    return np.array([1.0, float(weights @ summary.T) / float(weights @ summary.frequency), 1.0, 2.0])


def staged(summary: PurchaseSummary, weights: Floats, penalty: float, k: int, at_first: bool, near: Floats) -> Maximum:
    """The greatest likelihood for this k; `near` is a start with alpha for k = 1."""
    per_stage = np.array([1.0, 1 / k, 1.0, 1.0])
    likelihood = BetaGeoLikelihood.of(summary, weights, at_first=at_first, k=k)
    centre = _neutral(summary, weights) * per_stage
    return maximise(likelihood, near * per_stage, BetaGeo.NAMES, penalty=penalty, centre=centre)


def best_stages(
    summary: PurchaseSummary, weights: Floats, penalty: float, at_first: bool, near: Floats
) -> tuple[int, Maximum]:
    """The k of the greatest likelihood, and that maximum; each starts where the one before ended."""
    best: tuple[int, Maximum] | None = None
    falls, failed = 0, FitError("no number of stages could be fitted")
    for k in range(1, TRIED + 1):
        try:
            found = staged(summary, weights, penalty, k, at_first, near)
        except FitError as error:
            failed = error
            continue
        near = found.point * (1, k, 1, 1)
        better = best is None or found.value > best[1].value
        best, falls = ((k, found), 0) if better else (best, falls + 1)
        if falls == 2:
            break
    if best is None:
        raise failed
    return best
