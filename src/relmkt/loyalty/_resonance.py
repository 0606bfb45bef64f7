"""Who did recommend us, of those we satisfied? Resonance, what it makes of one customer, and intention beside it.

The resonance rate counts satisfied customers who recommended at least once in a stated window; the share who say that
they would is another number. What recommendations bring is the growth factor of branching processes (Watson & Galton
1875, "On the probability of the extinction of families"): K new customers by each, 1 / (1 − K) in all while K < 1.
Intervals: Wilson (1927), JASA 22(158), 209-212; products by the delta method.
"""

from __future__ import annotations

from math import hypot, inf, isnan, nan
from typing import Any, Literal, Protocol

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.facts import Recommendation
from relmkt.loyalty._shares import flags
from relmkt.rules import Rule
from relmkt.scales._answers import numbers
from relmkt.scales._mean import known_mean
from relmkt.scales._quantiles import normal_quantile
from relmkt.scales._shares import share_estimate
from relmkt.tallies import count
from relmkt.windows import Span, Window

__all__ = ["Amplification", "Asked", "amplification", "promoter_share", "resonance", "resonance_of"]

Over = Literal["satisfied", "all"]


class Asked(Protocol):
    """A base that can be asked: a portfolio, for the customers of whom a rule is true, or for a measure of everyone."""

    def ask(self, question: Any, /) -> Any: ...


def resonance(
    satisfied: ArrayLike,
    recommended: ArrayLike,
    *,
    within: Span | Window | str,
    over: Over = "satisfied",
    level: float = 0.95,
) -> Estimate:
    """The share of satisfied customers who recommended at least once, with Wilson's interval; a note names the terms.

    satisfied, recommended: a flag (or a number of recommendations) a customer, NaN or None where unknown. within: the
    window of the recommendations, which is said in the note. over: "satisfied" divides by satisfied customers, "all" by
    all customers. Who is satisfied and of unknown recommending, and who is of unknown satisfaction, are `missing`.
    Nobody in the denominator: NaN, n = 0 and a note.

    >>> told = resonance([True, True, True, False], [1, 0, 0, 2], within="2025")
    >>> print(told, told.notes[0], sep=chr(10))
    0.33 [0.06, 0.79] 95 %, n = 3 (Wilson)
    satisfied customers who recommended at least once within 2025, of satisfied customers

    Source: the courses' rate; Wilson 1927.
    """
    if over not in ("satisfied", "all"):
        raise ValueError("over: expected 'satisfied' or 'all'")
    (pleased, rated), (spoke, seen) = flags(satisfied, "satisfied"), flags(recommended, "recommended")
    if pleased.shape != spoke.shape:
        raise ValueError("satisfied and recommended: expected one entry a customer in each, in the same order")
    known = rated & (seen | ~pleased)
    among = known & pleased if over == "satisfied" else known
    of = "satisfied customers" if over == "satisfied" else "all customers"
    note = f"satisfied customers who recommended at least once within {within}, of {of}"
    hits = int((known & pleased & spoke).sum())
    nobody = f"there are no {of}" if over == "satisfied" else "nobody's satisfaction is known"
    missing = len(known) - int(known.sum())
    return share_estimate(hits, int(among.sum()), level=level, note=nobody, notes=(note,), missing=missing)


def resonance_of(
    base: Asked,
    satisfied: Rule,
    *,
    within: Span | Window,
    recommended: Rule | None = None,
    over: Over = "satisfied",
    level: float = 0.95,
) -> Estimate:
    """The resonance rate of a portfolio: `resonance` of those for whom a rule is true.

    base: the portfolio. satisfied: who is; of whom it is unknown is `missing`. over: as for `resonance`. recommended:
    one or more `Recommendation` facts within the window unless another rule is given.

    >>> from pendulum import datetime
    >>> from relmkt.facts import Answer
    >>> from relmkt.portfolio import Portfolio
    >>> from relmkt.tallies import newest
    >>> from relmkt.windows import days
    >>> day = datetime(2026, 3, 1)
    >>> told = [Answer("ada", day, "stay", 9), Answer("bob", day, "stay", 9), Recommendation("ada", day)]
    >>> rate = resonance_of(Portfolio(told, at=day), newest(Answer, "score", item="stay") >= 8, within=days(365))
    >>> rate.value, rate.n
    (0.5, 2)

    Source: the courses' rate; Wilson 1927.
    """
    spoke = count(Recommendation, within=within) >= 1 if recommended is None else recommended
    pleased = _told(base, satisfied)
    return resonance(pleased, _told(base, spoke), within=within, over=over, level=level)


def _told(base: Asked, rule: Rule) -> NDArray[np.float64]:
    """1 where a rule is true, 0 where it is false, NaN where it is unknown."""
    return np.where(base.ask(rule), 1.0, np.where(base.ask(~rule), 0.0, nan))


def promoter_share(scores: ArrayLike, *, promoter: float, level: float = 0.95) -> Estimate:
    """The share who say that they would recommend: intention, beside resonance and never in its place.

    scores: one an answer, NaN or None where there is none. promoter: the lowest score that promises it.

    >>> print(promoter_share([10, 9, 3, None], promoter=9))
    0.67 [0.21, 0.94] 95 %, n = 3 (Wilson)

    Source: Reichheld 2003; Wilson 1927.
    """
    told = numbers(scores)
    seen = told[np.isfinite(told)]
    note = f"intention: scores of {promoter:g} or more, of those who answered"
    fields: dict[str, Any] = {"missing": int(np.isnan(told).sum()), "invalid": int(np.isinf(told).sum())}
    hits = int((seen >= promoter).sum())
    return share_estimate(hits, seen.size, level=level, note="no valid answers", notes=(note,), **fields)


@frozen
class Amplification:
    """How many customers one customer brings, and how many that makes in all.

    k: customers brought by one, directly. total: customers in all that one stands for, oneself included, 1 / (1 − k);
    unknown where k is 1 or more. self_sustaining: whether k is 1 or more: each generation is no smaller than the last.

    >>> print(amplification(0.8, 0.25))
    K 0.2, n = 0; one customer makes 1.25, n = 0
    """

    k: Estimate
    total: Estimate

    @property
    def self_sustaining(self) -> bool:
        """Whether K is 1 or more, so that growth sustains itself; False where it is unknown."""
        return bool(self.k.value >= 1)

    def __str__(self) -> str:
        return f"K {self.k}; one customer makes {self.total}"

    def _repr_html_(self) -> str:
        return self.k._repr_html_() + self.total._repr_html_()


def amplification(
    recommendations: ArrayLike | Estimate, conversion: float | Estimate, *, level: float = 0.95
) -> Amplification:
    """K, the mean number of recommendations times the share of them that become customers, and 1 / (1 − K).

    recommendations: of each customer, NaN where unknown, or their mean, as a number or an estimate. conversion: a share
    from 0 to 1, or an estimate of it. The interval of K is by the delta method where the error of both is known (a
    plain number has none); that of the total carries it on, and is open above where K may be 1. K of 1 or more is
    noted: growth sustains itself, and the total has no end.

    >>> amplification([1, 0, 2, 1], 1).self_sustaining
    True

    Source: a branching process's mean offspring and total progeny.
    """
    mean, rate = _mean(recommendations, level), _rate(conversion, level)
    value = float(mean.value * rate.value)
    errors = [0.0 if part.n == 0 else float(part.se) for part in (mean, rate)]  # a plain number was not observed
    se = hypot(rate.value * errors[0], mean.value * errors[1])
    plain = not any((mean.n, rate.n))
    half = nan if plain or isnan(se) else normal_quantile(level) * se
    n = min((part.n for part in (mean, rate) if part.n), default=0)
    sustained = ("K is 1 or more: each customer brings another, growth sustains itself",) if value >= 1 else ()
    notes = (*mean.notes, *rate.notes, *sustained)
    method = "" if isnan(half) else "delta"
    k = Estimate(value, max(value - half, 0.0) if half == half else nan, value + half, level, n, method, None, notes)
    return Amplification(k, _total(k))


def _mean(given: ArrayLike | Estimate, level: float) -> Estimate:
    if isinstance(given, Estimate):
        return given
    told = numbers(np.atleast_1d(np.asarray(given)))
    if (told < 0).any() or np.isinf(told).any():
        raise ValueError("recommendations: expected numbers of zero or more")
    if np.ndim(given) == 0:
        return Estimate(float(told[0]), level=level)
    return known_mean(told, level=level, note="nobody's recommendations are known")


def _rate(given: float | Estimate, level: float) -> Estimate:
    rate = given if isinstance(given, Estimate) else Estimate(float(given), level=level)
    if rate.value < 0 or rate.value > 1:
        raise ValueError("conversion: expected a share, from 0 to 1")
    return rate


def _total(k: Estimate) -> Estimate:
    if isnan(k.value) or k.value >= 1:
        note = "; ".join(k.notes) or "K is unknown"
        return Estimate(nan, level=k.level, n=k.n, method=k.method, notes=(note,))
    low, high = (1 / (1 - bound) if bound < 1 else inf for bound in (k.low, k.high))
    bounds = (nan, nan) if isnan(k.low) else (low, high)
    open_above = ("K may be 1 or more: the upper bound is open",) if bounds[1] == inf else ()
    return Estimate(1 / (1 - k.value), *bounds, k.level, k.n, k.method, None, open_above)
