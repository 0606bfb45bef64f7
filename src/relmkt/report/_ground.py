"""What does every section stand on? A base of customers at one instant, its purchases, and what the models say of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import FitError
from relmkt.facts import Fact, Purchase
from relmkt.portfolio import Portfolio
from relmkt.program import Program
from relmkt.tallies import total
from relmkt.value import BetaGeo, GammaGamma, PurchaseSummary, lifetime_value
from relmkt.windows import Instant, days

__all__ = ["HORIZON", "Ground", "Worth", "day_text", "stored", "worth_of"]

HORIZON = days(365)
_DRAWS, _LEVEL = 200, 0.95
Floats = NDArray[np.float64]
F = TypeVar("F", bound=Fact)


@frozen(eq=False)
class Worth:
    """What everybody is expected to bring within a year: customer by customer, and together.

    each: labelled by customer, revenue in whole units, interval of the expectation. whole: the sum, with an interval
    from draws of the models' parameters, which all customers share. why: why there is none, empty where there is one.
    """

    each: Estimate | None = None
    whole: Estimate | None = None
    why: str = ""


@frozen(eq=False)
class Ground:
    """A base at one instant, with what several sections read.

    currency: of the most purchases; others are left out of every amount. revenue: of each customer, in the base's
    order, gross of returns. orders, first, last: of each customer, instants in microseconds.
    """

    program: Program
    base: Portfolio
    at: Instant
    currency: str
    revenue: Floats
    orders: Floats
    first: Instant
    last: Instant
    worth: Worth
    margin: float | None = None

    @classmethod
    def of(cls, program: Program, at: Instant, margin: float | None, rng: np.random.Generator) -> Ground:
        """The ground of a program's store as it stood at an instant."""
        base = Portfolio(program.store, at=at)
        table = base.facts(Purchase)
        labels, counts = np.unique(table["label"], return_counts=True)
        currency = str(labels[np.argmax(counts)]) if labels.size else ""
        asked = base.ask(total(Purchase, "amount", currency=currency)) if currency else np.zeros(len(base))
        orders = np.bincount(table["stream"], minlength=len(base)).astype(np.float64)
        ends = [Instant(int(end)) for end in (table["at"].min(), table["at"].max())] if len(table) else [at, at]
        worth = worth_of(base, currency, rng)
        return cls(program, base, at, currency, np.nan_to_num(asked), orders, *ends, worth, margin)

    @property
    def purchases(self) -> int:
        """How many purchases there are."""
        return int(self.orders.sum())

    @property
    def buyers(self) -> int:
        """How many customers have bought."""
        return int((self.orders > 0).sum())


def worth_of(base: Portfolio, currency: str, rng: np.random.Generator) -> Worth:
    """BG/NBD and Gamma–Gamma on everybody who has bought; why not, where the purchases do not determine them.

    Fader, Hardie & Lee (2005), Marketing Science 24(2); Fader & Hardie (2013), the gamma–gamma model of spend.
    """
    if not currency:
        return Worth(why="nobody has bought")
    summary = PurchaseSummary.of(base, unit="week", currency=currency)
    try:
        buying, spending = BetaGeo.fit(summary), GammaGamma.fit(summary)
    except FitError as error:
        return Worth(why=str(error))
    each = lifetime_value(buying, spending, summary, horizon=HORIZON)
    return Worth(each, _whole(buying, spending, summary, each, rng))


def _whole(buying: BetaGeo, spending: GammaGamma, summary: PurchaseSummary, each: Estimate, rng: Any) -> Estimate:
    value = float(each.value.sum())
    drawn = zip(_draws(buying, ("r", "alpha", "a", "b"), rng), _draws(spending, ("p", "q", "v"), rng), strict=True)
    told = [
        float(
            lifetime_value(
                BetaGeo(*b, unit=buying.unit), GammaGamma(*s, currency=spending.currency), summary, horizon=HORIZON,
                level=None,
            ).value.sum()
        )
        for b, s in drawn
    ]  # fmt: skip
    low, high = np.quantile([t for t in told if np.isfinite(t)] or [value], [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    bounds = min(float(low), value), max(float(high), value)
    return Estimate(value, *bounds, level=_LEVEL, n=len(summary), method="draws of the parameters", notes=each.notes)


def _draws(model: Any, names: Sequence[str], rng: np.random.Generator) -> Floats:
    """Parameters drawn around the fitted ones: normal in their logarithms, by the inverse of the information."""
    point = np.array([getattr(model, name) for name in names])
    if model.covariance is None:
        return np.tile(point, (_DRAWS, 1))
    spread = model.covariance / np.outer(point, point)
    return np.exp(rng.multivariate_normal(np.log(point), spread, size=_DRAWS))


def stored(base: Portfolio, kind: type[F]) -> list[tuple[str, F]]:
    """(customer, fact) of every fact of a kind, in the order of customers and time."""
    table = base.facts(kind)
    return [(str(table.ids[code]), fact) for code, fact in table.facts(kind) if isinstance(fact, kind)]


def day_text(at: int) -> str:
    """A date in words.

    >>> day_text(867715200000000)
    '1 July 1997'
    """
    day = datetime.fromtimestamp(at / 1e6, UTC)
    return f"{day.day} {day:%B %Y}"
