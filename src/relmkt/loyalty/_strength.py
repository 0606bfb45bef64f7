"""How strong is the relationship? Quality, longevity, depth and value, four figures from 0 to 1 beside their composite.

The four are the courses'; near them, Bolton, Lemon & Verhoef (2004), The Theoretical Underpinnings of Customer Asset
Management, Journal of the Academy of Marketing Science 32(3), 271-292: length, depth and breadth. A percentile depends
on who else is there: its reference is frozen, so that a customer's strength changes by their own doing alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.customers import Customer
from relmkt.estimate import Estimate
from relmkt.loyalty._joining import How, column, joined_mean
from relmkt.loyalty._measures import Joined
from relmkt.portfolio import Portfolio
from relmkt.rules import Measure
from relmkt.scales._mean import known_mean
from relmkt.windows import DAY, Instant, Span

__all__ = ["Percentile", "RelationshipStrength", "Strength", "longevity", "mean_measure", "strength"]

Floats = NDArray[np.float64]
PARTS = ("quality", "longevity", "depth", "value")


# --- components ------------------------------------------------------------------------------------------------------


@frozen
class _Longevity:
    half_life: int  # microseconds

    def __call__(self, columns: Sequence[Floats], at: Instant) -> Floats:
        full = np.floor((int(at) - columns[0]) / DAY)
        return _grown(np.where(full >= 0, full, np.nan), self.half_life / DAY)


def _grown(tenure: Floats, half_life: float) -> Floats:
    found: Floats = 1 - np.exp2(-tenure / half_life)
    return found


@overload
def longevity(tenure: Measure, half_life: Span) -> Measure: ...
@overload
def longevity(tenure: ArrayLike, half_life: float) -> Floats: ...
def longevity(tenure: Any, half_life: Any) -> Any:
    """How long they have been with us, from 0 to 1: 1 − 2^(−t/h), half of it after the half-life h.

    tenure: the instant it began, a measure such as `first(Purchase)` (t is then in whole days), half_life a span; or an
    array of t, shape (n,), 0 or more, half_life a number in its unit. A negative tenure is NaN.

    Raises ValueError for a half-life that is not above 0, TypeError for a measure that is no instant.

    >>> longevity([0, 365, 730], 365).tolist()
    [0.0, 0.5, 0.75]
    """
    if not 0 < half_life < np.inf:
        raise ValueError("half_life: expected more than 0")
    if not isinstance(tenure, Measure):
        told = np.asarray(tenure, np.float64)
        return _grown(np.where(told >= 0, told, np.nan), float(half_life))
    if tenure.unit != "instant":
        raise TypeError(f"{tenure.name}: expected the instant at which the relation began")
    if not isinstance(half_life, Span):
        raise TypeError("half_life: expected a span such as days(365) beside a measure")
    return Joined("longevity", parts=(tenure,), how=_Longevity(int(half_life)), daily=True)


def _sorted(values: Any) -> Floats:
    told = np.asarray(values, np.float64).ravel()
    found = np.sort(told[~np.isnan(told)])
    found.flags.writeable = False
    return found


def _bytes(values: Floats) -> bytes:
    return values.tobytes()


@frozen(repr=False)
class Percentile:
    """The share of a frozen reference that lies below a value, half of those equal to it counted: from 0 to 1.

    reference: the values of those compared with, in any order; NaN is left out. Raises ValueError without any.

    >>> Percentile([10, 20, 20, 40]).of([5, 20, 100]).tolist()
    [0.0, 0.5, 1.0]
    """

    reference: Floats = field(converter=_sorted, eq=_bytes)

    def __attrs_post_init__(self) -> None:
        if not self.reference.size:
            raise ValueError("reference: expected at least one value to compare with")

    @classmethod
    def fit(cls, base: Portfolio, measure: Measure) -> Percentile:
        """The reference of a base as it is now, to be kept: later bases are compared with it, not with themselves."""
        return cls(base.ask(measure))

    def of(self, values: ArrayLike) -> Floats:
        """The percentile of each value, NaN where missing."""
        told = np.asarray(values, np.float64)
        below = (np.searchsorted(self.reference, told, side=side) for side in ("left", "right"))
        return np.asarray(np.where(np.isnan(told), np.nan, sum(below) / (2 * self.reference.size)))

    def measure(self, of: Measure) -> Measure:
        """The percentile of a measure as a measure, the same for one customer and for everyone."""
        return Joined(f"percentile of {of.name}", parts=(of,), how=_Ranked(self))

    def __repr__(self) -> str:
        return f"<Percentile among {self.reference.size:,}>"


@frozen
class _Ranked:
    among: Percentile

    def __call__(self, columns: Sequence[Floats], at: Instant) -> Floats:
        return self.among.of(columns[0])


@frozen
class _Mean:
    weights: tuple[float, ...]
    how: How
    least: int

    def __call__(self, columns: Sequence[Floats], at: Instant) -> Floats:
        return joined_mean(list(map(_shares, columns)), self.weights, how=self.how, least=self.least)


def _shares(values: ArrayLike) -> Floats:
    told = np.asarray(values, np.float64)
    if ((told < 0) | (told > 1)).any():
        raise ValueError("expected components from 0 to 1: a percentile, a share, a longevity")
    return told


def mean_measure(
    name: str,
    *parts: Measure,
    weights: Sequence[float] | None = None,
    how: How = "arithmetic",
    least: int | None = None,
) -> Measure:
    """The weighted mean of measures that run from 0 to 1, as a measure: a depth of breadth, share of wallet, frequency.

    name: of the new measure. weights: one a part, alike unless given; a part of weight 0 is not even read. how:
    "arithmetic", "geometric" or "harmonic". least: parts a customer needs, all that have a weight unless given. Raises
    ValueError for weights that do not fit, or a value outside 0 to 1.

    >>> from relmkt.facts import Visit
    >>> from relmkt.tallies import count
    >>> often = Percentile([0, 1, 3]).measure(count(Visit))
    >>> print(mean_measure("depth", often) >= 0.5)
    depth >= 0.5
    """
    told = [1.0] * len(parts) if weights is None else [float(weight) for weight in weights]
    joined_mean([np.ones(1)] * len(parts), told, how=how)  # refuses what is no mean
    kept = [(part, weight) for part, weight in zip(parts, told, strict=True) if weight > 0]
    mean = _Mean(tuple(weight for _, weight in kept), how, len(kept) if least is None else least)
    return Joined(name, parts=tuple(part for part, _ in kept), how=mean)


# --- the composite ---------------------------------------------------------------------------------------------------


def _weights(told: Mapping[str, float] | None) -> tuple[tuple[str, float], ...]:
    given = dict.fromkeys(PARTS, 1.0) if told is None else {name: float(weight) for name, weight in told.items()}
    if set(given) != set(PARTS):
        raise ValueError(f"weights: expected one for each of {', '.join(PARTS)}")
    return tuple((name, given[name]) for name in PARTS)


@frozen(eq=False, repr=False)
class Strength:
    """The strength of some relationships: four components and their composite, one entry a customer, from 0 to 1.

    components: by name. composite: their weighted mean. weights, how: as they were joined. ids: of the customers.

    >>> one = strength(quality=[0.8], longevity=[0.5], depth=[0.4], value=[0.9])
    >>> print(one)
    quality 0.80, longevity 0.50, depth 0.40, value 0.90: strength 0.65 (arithmetic, weights 1, 1, 1, 1)
    """

    components: dict[str, Floats]
    composite: Floats
    weights: dict[str, float]
    how: How
    ids: tuple[str, ...]

    def score(self, *, level: float = 0.95) -> Estimate:
        """The mean of each component, and of the composite under "strength", with Student's t intervals."""
        columns = {**self.components, "strength": self.composite}
        notes = {name: f"nobody's {name} is known" for name in columns}
        return column({name: known_mean(one, level=level, note=notes[name]) for name, one in columns.items()})

    def __len__(self) -> int:
        return len(self.composite)

    def __str__(self) -> str:
        told = [f"{name} {_mean(values):.2f}" for name, values in self.components.items()]
        weights = ", ".join(f"{weight:g}" for weight in self.weights.values())
        means = "" if len(self) == 1 else f"{len(self):,} customers, mean "
        return f"{means}{', '.join(told)}: strength {_mean(self.composite):.2f} ({self.how}, weights {weights})"

    def __repr__(self) -> str:
        return f"<Strength of {len(self):,} relationships>"


def _mean(values: Floats) -> float:
    seen = values[~np.isnan(values)]
    return float(seen.mean()) if seen.size else float("nan")


def strength(
    *,
    quality: ArrayLike,
    longevity: ArrayLike,
    depth: ArrayLike,
    value: ArrayLike,
    weights: Mapping[str, float] | None = None,
    how: How = "arithmetic",
    least: int | None = None,
    ids: Iterable[Any] | None = None,
) -> Strength:
    """Four components from 0 to 1, one entry a customer each, and their composite.

    quality, longevity, depth, value: shape (n,), NaN where missing. ids: of the customers, their order unless given.
    weights: one a component by name, alike unless given; a weight of 0 takes exactly that component out. how: the mean.
    least: components that a customer needs, all that have a weight unless given; with fewer the composite is NaN.

    Raises ValueError for a component outside 0 to 1, columns of unlike length, or weights that do not fit.

    >>> strength(quality=[0.8], longevity=[0.6], depth=[0.9], value=[np.nan],
    ...          weights={"quality": 1, "longevity": 1, "depth": 1, "value": 0}).composite.round(6).tolist()
    [0.766667]

    Source: the courses' four; compare Bolton, Lemon & Verhoef 2004.
    """
    told = dict(_weights(weights))
    columns = [np.atleast_1d(_shares(part)) for part in (quality, longevity, depth, value)]
    if len({values.shape for values in columns}) != 1:
        raise ValueError("quality, longevity, depth and value have one entry a customer each")
    needed = sum(weight > 0 for weight in told.values()) if least is None else least
    composite = joined_mean(columns, list(told.values()), how=how, least=needed)
    names = range(len(composite)) if ids is None else ids
    return Strength(dict(zip(PARTS, columns, strict=True)), composite, told, how, tuple(map(str, names)))


@frozen(kw_only=True)
class RelationshipStrength:
    """The strength of a relationship in rules, for one customer and for everyone: four measures and their composite.

    quality, longevity, depth, value: measures from 0 to 1, such as `quality.share`, `longevity(first(Purchase), …)`,
    `Percentile.measure(…)`, `mean_measure("depth", …)`. weights, how, least: as for `strength`.

    >>> from relmkt.facts import Purchase, Visit
    >>> from relmkt.tallies import count, first
    >>> from relmkt.windows import days
    >>> often = Percentile([0, 1, 3]).measure(count(Visit))
    >>> long = longevity(first(Purchase), days(365))
    >>> tie = RelationshipStrength(quality=often, longevity=long, depth=often, value=often)
    >>> print(tie.measure >= 0.6)
    relationship strength >= 0.6

    Source: the courses' four; compare Bolton, Lemon & Verhoef 2004.
    """

    quality: Measure
    longevity: Measure
    depth: Measure
    value: Measure
    weights: Mapping[str, float] | None = field(default=None, converter=_weights)
    how: How = "arithmetic"
    least: int | None = None

    def __attrs_post_init__(self) -> None:
        self.measure  # noqa: B018  refuses weights that do not fit

    @property
    def parts(self) -> dict[str, Measure]:
        """The four components."""
        return {name: getattr(self, name) for name in PARTS}

    @property
    def measure(self) -> Measure:
        """The composite of one customer."""
        told = [weight for _, weight in _weights(dict(self.weights or ()))]
        return mean_measure("relationship strength", *self.parts.values(), weights=told, how=self.how, least=self.least)

    def of(self, who: Customer | Portfolio) -> Strength:
        """The four components and the composite, of one customer or of everyone."""
        ids = who.ids.tolist() if isinstance(who, Portfolio) else [who.id]
        columns = {name: np.atleast_1d(np.asarray(who.ask(part), np.float64)) for name, part in self.parts.items()}
        return strength(**columns, weights=dict(self.weights or ()), how=self.how, least=self.least, ids=ids)
