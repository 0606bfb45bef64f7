"""How likely is it that a customer buys just so often, or not at all? The conditional law of future purchases.

Fader & Hardie (2014), "Deriving the conditional PMF of the Pareto/NBD model"; a customer who is alive goes on as a new
one does, with the parameters that their history has moved. The chance of no purchase is the churn that can be seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.value._models._buying import BuyingModel, Point
from relmkt.value._models._distinct import shares
from relmkt.value._models._expectations import expectation
from relmkt.value._summaries._summary import PurchaseSummary, periods
from relmkt.windows import Span

__all__ = ["CountingModel"]

Floats = NDArray[np.float64]


class CountingModel(BuyingModel):
    """A model of repeat purchases whose law of counts is known customer by customer."""

    __slots__ = ()

    if TYPE_CHECKING:

        def _count(self, point: Point, x: Floats, T: Floats, n: int, t: float) -> Floats:
            """Chance of just n purchases in the next t periods of a customer alive at T, one a row."""

    def chances(
        self, summary: PurchaseSummary, purchases: int, horizon: Span | float, *, level: float | None = 0.95
    ) -> Estimate:
        """Probability that each customer makes just this many purchases within the horizon from now on, by id.

        horizon: a span, or a number of periods. Of 0 purchases it is the chance of silence, gone or not. `level=None`
        leaves the interval out.

        >>> from relmkt.value import ParetoNBD
        >>> one = PurchaseSummary([1], [2], [30.43], [38.86], [22.35], "week")
        >>> round(float(ParetoNBD(0.553, 10.578, 0.606, 11.669).chances(one, 0, 39).value[0]), 4)
        0.4081

        Source: Fader & Hardie 2014.
        """
        self._same_unit(summary)
        if purchases < 0:
            raise ValueError("purchases is a number of 0 or more")
        t = periods(horizon, self.unit)
        x, T, columns = summary.frequency, summary.T, self._columns(summary)
        stays = self._odds(x, summary.recency, T, columns)

        def chance(point: Floats) -> Floats:
            alive = shares(stays(point))
            coming = self._count(self._rowwise(point, columns), x, T, purchases, t)
            return np.asarray(alive * coming + (1 - alive) * (purchases == 0))

        def odds(point: Floats) -> Floats:
            found = chance(point)
            with np.errstate(divide="ignore"):
                return np.asarray(np.log(found) - np.log1p(-found))

        spread = self._spread(self._slopes(odds)) if self._bounded(level) else None
        return expectation(chance(self._point), spread, level, shape="logit", n=x + 1, labels=summary.ids)
