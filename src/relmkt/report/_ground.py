"""What does every section stand on? A base of customers at one instant, its purchases, and what models say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import NormalDist
from typing import Any, TypeVar

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from relmkt.contact import Delivery, Planned, Released, Started
from relmkt.estimate import Estimate
from relmkt.exceptions import FitError
from relmkt.facts import ConsentGiven, ConsentWithdrawn, Fact, Profile, Purchase, TaskOpened, kind_of
from relmkt.portfolio import Portfolio
from relmkt.program import Program
from relmkt.report._judging import Judged, Model, judged
from relmkt.tallies import total
from relmkt.value import GammaGamma, PurchaseSummary, lifetime_value
from relmkt.windows import Instant, days

__all__ = ["HORIZON", "Ground", "Worth", "day_text", "worth_of"]

HORIZON = days(365)
_LEVEL, _STEP = 0.95, 1e-4
_CONTACTS: tuple[type[Fact], ...] = (Planned, Started, Released, Delivery, TaskOpened)
_PERSONS: tuple[type[Fact], ...] = (Profile, ConsentGiven, ConsentWithdrawn)
Floats = NDArray[np.float64]
F = TypeVar("F", bound=Fact)


@frozen(eq=False)
class Worth:
    """What everybody is expected to bring within a year: customer by customer, and together.

    each: labelled by customer, revenue in whole units, interval of the expectation. whole: the sum, with an interval
    from the uncertainty of the models' parameters, which all customers share. why: why there
    is none, empty where there is one.
    """

    each: Estimate | None = None
    whole: Estimate | None = None
    why: str = ""


@frozen(eq=False)
class Ground:
    """A base at one instant, with what several sections read.

    currency: of the most purchases; others are left out of every amount. revenue: of each customer, in the base's
    order, gross of returns. orders, first, last: of each customer, instants in microseconds. models: of purchases,
    judged on this base; worth: by the best of them.
    """

    program: Program
    base: Portfolio
    at: Instant
    currency: str
    revenue: Floats
    orders: Floats
    first: Instant
    last: Instant
    models: Judged
    worth: Worth
    told: Mapping[type[Fact], Sequence[tuple[str, Fact]]]
    margin: float | None = None

    @classmethod
    def of(cls, program: Program, at: Instant, margin: float | None = None) -> Ground:
        """The ground of a program's store as it stood at an instant."""
        base = Portfolio(program.store, at=at)
        table = base.facts(Purchase)
        labels, counts = np.unique(table["label"], return_counts=True)
        currency = str(labels[np.argmax(counts)]) if labels.size else ""
        asked = base.ask(total(Purchase, "amount", currency=currency)) if currency else np.zeros(len(base))
        orders = np.bincount(table["stream"], minlength=len(base)).astype(np.float64)
        first, last = (table["at"].min(), table["at"].max()) if len(table) else (at, at)
        models, told = judged(base, currency), _stored(program.store, at)
        ends = Instant(int(first)), Instant(int(last))
        worth, money = worth_of(models, currency), np.nan_to_num(asked)
        return cls(program, base, at, currency, money, orders, ends[0], ends[1], models, worth, told, margin)

    def stored(self, kind: type[F]) -> list[tuple[str, F]]:
        """(customer, fact) of every fact of a kind of contacts or of what is known of persons."""
        return [(who, fact) for who, fact in self.told[kind] if isinstance(fact, kind)]

    @property
    def purchases(self) -> int:
        """How many purchases there are."""
        return int(self.orders.sum())

    @property
    def buyers(self) -> int:
        """How many customers have bought."""
        return int((self.orders > 0).sum())


def worth_of(models: Judged, currency: str) -> Worth:
    """The best purchase model and Gamma–Gamma on everybody who has bought; why not, where they are not determined.

    Fader, Hardie & Lee (2005), Journal of Marketing Research 42(4); Fader & Hardie (2013), the gamma–gamma model.
    """
    buying, summary = models.model, models.summary
    if buying is None or summary is None:
        return Worth(why=models.why)
    try:
        spending = GammaGamma.fit(summary)
    except FitError as error:
        return Worth(why=str(error))
    each = lifetime_value(buying, spending, summary, horizon=HORIZON)
    return Worth(each, _whole(buying, spending, summary, each))


def _whole(buying: Model, spending: GammaGamma, summary: PurchaseSummary, each: Estimate) -> Estimate:
    """The sum, with the interval of its expectation by the delta method, normal in its logarithm.

    The customers' own intervals cannot be added up: they rest on the same parameters, so their errors go together.
    """
    value = float(each.value.sum())

    def log_sum(b: Floats, s: Floats) -> float:
        moved = _moved(buying, b), GammaGamma(*np.exp(s), currency=spending.currency)
        told = lifetime_value(*moved, summary, horizon=HORIZON, level=None)
        return float(np.log(told.value.sum()))

    b, s = _logs(buying), np.log([spending.p, spending.q, spending.v])
    spread = _variance(buying, b, lambda point: log_sum(point, s)) + _variance(
        spending, s, lambda point: log_sum(b, point)
    )
    reach = NormalDist().inv_cdf((1 + _LEVEL) / 2) * float(np.sqrt(spread)) if value > 0 else np.nan
    low, high = value * np.exp(-reach), value * np.exp(reach)
    return Estimate(value, low, high, level=_LEVEL, n=len(summary), method="delta method", notes=each.notes)


def _logs(model: Model) -> Floats:
    return np.log([getattr(model, name) for name in model.NAMES])


def _moved(model: Model, logs: Floats) -> Model:
    return evolve(model, **dict(zip(model.NAMES, np.exp(logs).tolist(), strict=True)))


def _variance(model: Model | GammaGamma, point: Floats, told: Callable[[Floats], float]) -> float:
    """Variance that one model's parameters bring, from central differences over their logarithms; NaN if not fitted."""
    if model.covariance is None:
        return float("nan")
    in_logs = model.covariance / np.outer(np.exp(point), np.exp(point))
    steps = np.eye(point.size) * _STEP
    slopes = np.array([(told(point + step) - told(point - step)) / (2 * _STEP) for step in steps])
    return float(max(slopes @ in_logs @ slopes, 0.0))


def _stored(store: Any, at: Instant) -> dict[type[Fact], list[tuple[str, Fact]]]:
    """(customer, fact) of the kinds that sections read one by one, in the order of customers and time.

    Contacts are asked for apart: few customers have any, and only those are read.
    """
    found: dict[type[Fact], list[tuple[str, Fact]]] = {kind: [] for kind in (*_CONTACTS, *_PERSONS)}
    for kinds in (_CONTACTS, _PERSONS):
        table = store.columns(*map(kind_of, kinds))
        for code, fact in table.facts(*kinds):
            if fact.at <= at:  # rule R46
                found[type(fact)].append((str(table.ids[code]), fact))
    return found


def day_text(at: int) -> str:
    """A date in words.

    >>> day_text(867715200000000)
    '1 July 1997'
    """
    day = datetime.fromtimestamp(at / 1e6, UTC)
    return f"{day.day} {day:%B %Y}"
