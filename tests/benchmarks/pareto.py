"""How fast is the Pareto/NBD, fitted to the same likelihood and asked for a million customers, beside lifetimes?

Fits are timed with their covariance, which Newton's method brings along; predictions without intervals, as the peer
has none. The fits' likelihoods agree to a millionth, or there is no figure.
"""

from collections.abc import Iterator
from pathlib import Path

import lifetimes
import numpy as np
import pandas as pd
from pendulum import DateTime, datetime

from relmkt.datasets import CDNOW, cdnow, cdnow_sample
from relmkt.value._models._pareto import ParetoNBD
from relmkt.value._summaries._summary import PurchaseSummary
from tests.benchmarks.figure import Figure, in_turns, told
from tests.benchmarks.value import simulated


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """Fits on the CDNOW sample and on all of CDNOW, to the end of the calibration and of the data; predictions."""
    calibration, end = datetime(1997, 9, 30), datetime(1998, 6, 30)
    yield _fit("Pareto/NBD fit, CDNOW sample", _cdnow(cdnow_sample(), calibration), 1 if short else 5, 10)
    if not short:
        yield _fit("Pareto/NBD fit, CDNOW to 1997-09-30", _cdnow(cdnow(), calibration), 1, 20)
        yield _fit("Pareto/NBD fit, CDNOW to 1998-06-30", _cdnow(cdnow(), end), 1, 20)
    n = 2_000 if short else 1_000_000
    who, day = simulated(n)
    yield from _predictions(PurchaseSummary.from_purchases(who, day, at=datetime(2026, 1, 1), unit="day"), short)


def _cdnow(rows: CDNOW, at: DateTime) -> PurchaseSummary:
    return PurchaseSummary.from_purchases(rows.customer, rows.at, at=at, unit="week")


def _columns(summary: PurchaseSummary) -> list[pd.Series]:
    return [pd.Series(column) for column in (summary.frequency, summary.recency, summary.T)]


def _fit(name: str, summary: PurchaseSummary, runs: int, aim: float) -> Figure:
    found: dict[str, ParetoNBD] = {}

    def ours() -> None:
        found["ours"] = ParetoNBD.fit(summary)

    def theirs() -> None:
        found["peer"] = ParetoNBD(*lifetimes.ParetoNBDFitter().fit(*_columns(summary)).params_[list(ParetoNBD.NAMES)])

    mine, peer = in_turns(runs, ours, theirs)
    best, other = (found[whose].log_likelihood(summary) for whose in ("ours", "peer"))
    if abs(best - other) > 1e-6 * abs(other):
        raise AssertionError(f"{name}: log-likelihood {best}, the peer's parameters have {other}")
    return Figure(name, told(mine), f"lifetimes {told(peer)}", peer / mine, aim)


def _predictions(summary: PurchaseSummary, short: bool) -> Iterator[Figure]:
    model = ParetoNBD(0.9, 25.0, 0.7, 150.0, unit="day")
    peer = lifetimes.ParetoNBDFitter()
    peer.params_ = pd.Series({name: getattr(model, name) for name in ParetoNBD.NAMES})
    columns = _columns(summary)

    def ours() -> list[np.ndarray]:
        asked = model.purchases(summary, 90, level=None), model.alive(summary, level=None)
        return [one.value for one in asked]

    def theirs() -> list[np.ndarray]:
        bought = peer.conditional_expected_number_of_purchases_up_to_time(90, *columns)
        return [np.asarray(bought), np.asarray(peer.conditional_probability_alive(*columns))]

    mine, other = in_turns(1 if short else 3, ours, theirs)
    if any(np.isnan(column).any() for column in ours()):
        raise AssertionError("a prediction is not a number")
    name = f"Pareto/NBD purchases and alive, {len(summary):,} customers"
    yield Figure(name, told(mine), f"lifetimes {told(other)}", other / mine, 4)
