"""Which purchase model tells this base best? Each is fitted to the first half of the time and judged by the second.

The split and the tests are those of Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing
Science 24(2), section 5.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import FitError
from relmkt.facts import Purchase
from relmkt.portfolio import Portfolio
from relmkt.value import (
    BetaGeo,
    Comparison,
    ForecastErrors,
    Holdout,
    ModifiedBetaGeo,
    ParetoNBD,
    PurchaseSummary,
    Tracking,
    forecast_errors,
    tracking,
)
from relmkt.value import compare as compared
from relmkt.windows import Instant, days

__all__ = ["Judged", "Model", "judged"]

Model = BetaGeo | ModifiedBetaGeo | ParetoNBD
Floats = NDArray[np.float64]
MODELS: dict[str, type[Model]] = {"BG/NBD": BetaGeo, "MBG/NBD": ModifiedBetaGeo, "Pareto/NBD": ParetoNBD}
WEEK = int(days(7))


@frozen(eq=False)
class Judged:
    """The models of repeat purchases, judged on this base where it is old enough for it.

    name: of the model that told the second half best, or of the first that could be fitted where none could be judged.
    model: that one, fitted to everything; summary: what it was fitted to. cut: where the calibration ended. known,
    after: the summary up to there, and what came after. fitted: the models fitted to the calibration. comparison: of
    them. why: why nothing was fitted, or nothing judged; empty where both were.
    """

    name: str = ""
    model: Model | None = None
    summary: PurchaseSummary | None = None
    cut: Instant | None = None
    known: PurchaseSummary | None = None
    after: Holdout | None = None
    fitted: Mapping[str, Model] = field(factory=dict)
    comparison: Comparison | None = None
    why: str = ""

    def errors(self, name: str) -> ForecastErrors:
        """Of one of the models judged. Raises ValueError where it was not."""
        if self.comparison is None:
            raise ValueError("no model was judged")
        return self.comparison.errors[self.comparison.names.index(name)]

    def forecast(self, name: str) -> Floats:
        """What one of the models judged expected of each customer after the calibration."""
        if self.known is None or self.after is None:
            raise ValueError("no model was judged")
        return np.asarray(self.fitted[name].purchases(self.known, self.after.length, level=None).value)

    def lead(self, name: str) -> Estimate:
        """By how much the best model's mean squared error is smaller than another's, paired by customer."""
        if self.after is None:
            raise ValueError("no model was judged")
        worse, best = ((self.forecast(one) - self.after.purchases) ** 2 for one in (name, self.name))
        return forecast_errors(worse, best).bias

    def track(self, base: Portfolio, currency: str) -> Tracking | None:
        """The best model's tracking over the calibration and after; None where it was not judged."""
        if self.cut is None:
            return None
        table = base.facts(Purchase)
        rows = table["label"] == currency
        who, when, model = table["stream"][rows], table["at"][rows], self.fitted[self.name]
        return tracking(model, who, when, at=self.cut, until=Instant(int(base.at)), unit="week")


def judged(base: Portfolio, currency: str) -> Judged:
    """The models on a base, in weeks; the best is the one of the least mean squared error after the calibration."""
    if not currency:
        return Judged(why="nobody has bought")
    summary = PurchaseSummary.of(base, unit="week", currency=currency)
    table = base.facts(Purchase)
    first = int(table["at"][table["label"] == currency].min())
    weeks = (int(base.at) - first) // WEEK
    if weeks < 2:
        return _unjudged(summary, "the purchases reach back less than two weeks")
    cut = Instant(first + weeks // 2 * WEEK)
    known, after = PurchaseSummary.split_of(base, at=cut, unit="week", currency=currency)
    fitted, why = _fitted(known)
    if not fitted:
        return _unjudged(summary, why)
    comparison = compared(fitted, known, after)
    squares = {name: error.rmse.value for name, error in zip(comparison.names, comparison.errors, strict=True)}
    for name in sorted(squares, key=lambda one: squares[one]):
        try:
            model = MODELS[name].fit(summary)
        except FitError:
            continue  # told well on the half, and the whole does not determine it: the next one
        return Judged(name, model, summary, cut, known, after, fitted, comparison)
    return _unjudged(summary, "no model could be fitted to all purchases")


def _unjudged(summary: PurchaseSummary, why: str) -> Judged:
    fitted, failed = _fitted(summary)
    if not fitted:
        return Judged(summary=summary, why=failed)
    name = next(iter(fitted))
    return Judged(name, fitted[name], summary, why=why)


def _fitted(summary: PurchaseSummary) -> tuple[dict[str, Model], str]:
    """Every model that the purchases determine, and why another could not be fitted."""
    found: dict[str, Model] = {}
    why = ""
    for name, kind in MODELS.items():
        try:
            found[name] = kind.fit(summary)
        except FitError as error:
            why = why or str(error)
    return found, why
