"""What does behaviour say where nobody was asked? A proxy with its interval, which is never called the attitude.

Signals of behaviour as Beta–binomial evidence (Gelman et al. 2013, Bayesian Data Analysis, section 2.4); a survey and a
proxy blended by the reliability of the answers (Spearman 1910; Brown 1910, British Journal of Psychology 3(3), 271-322:
n answers of reliability ρ weigh nρ/(1+(n−1)ρ)). What a figure comes from goes with it: survey, proxy, or blend.
Buying again is no signal: loyal behaviour without the attitude is what this chapter tells apart (Dick & Basu 1994).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import sqrt
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.customers import Customer
from relmkt.estimate import Estimate
from relmkt.facts import Purchase
from relmkt.loyalty._measures import Joined
from relmkt.loyalty._sourced import Source, Sourced
from relmkt.portfolio import Portfolio
from relmkt.rules import Measure, Rule
from relmkt.scales._quantiles import beta_quantile, normal_quantile
from relmkt.windows import Instant

__all__ = ["Evidence", "blend", "blend_weight", "evidence", "named_rules", "survey_scores"]

Floats = NDArray[np.float64]


# --- a proxy ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=65_536)
def _credible(hits: float, of: float, prior: tuple[float, float], level: float) -> tuple[float, float]:
    a, b = prior[0] + hits, prior[1] + of - hits
    return beta_quantile((1 - level) / 2, a, b), beta_quantile((1 + level) / 2, a, b)


def evidence(
    hits: ArrayLike,
    signals: ArrayLike,
    *,
    prior: tuple[float, float],
    level: float = 0.95,
    labels: Iterable[Any] | None = None,
) -> Sourced:
    """How likely is the attitude, from behaviour: (a + s) / (a + b + n), with the equal-tailed credible interval.

    hits: the signals s that were seen, of the `signals` n that could be read; one, or one a customer. prior: (a, b) of
    the Beta distribution that held before any signal, both more than 0; without signals it is what holds. labels: of
    the customers. The source is always "proxy".

    Raises ValueError for a prior that is not positive, or for hits outside 0 to n.

    >>> print(evidence(3, 4, prior=(2, 3)))
    0.56 [0.24, 0.84] 95 %, n = 4 (Beta), proxy

    Source: Gelman et al. 2013, section 2.4.
    """
    s, n = np.broadcast_arrays(np.asarray(hits, np.float64), np.asarray(signals, np.float64))
    if not all(0 < told < np.inf for told in prior):
        raise ValueError("prior: expected two numbers of more than 0")
    if not ((s >= 0) & (s <= n) & (n < np.inf)).all():
        raise ValueError("hits: expected from 0 to the number of signals")
    a, b = map(float, prior)
    value = (a + s) / (a + b + n)
    se = np.sqrt(value * (1 - value) / (a + b + n + 1))
    pairs, place = np.unique(s.ravel() + 1j * n.ravel(), return_inverse=True)  # many have the same evidence
    bounds = [_credible(pair.real, pair.imag, (a, b), level) for pair in pairs.tolist()]
    low, high = np.array(bounds).reshape(-1, 2).T[:, place]
    if not value.ndim:
        told = Estimate(float(value), float(low[0]), float(high[0]), level, int(n), "Beta", se=float(se))
        return Sourced(told, Source.PROXY)
    names = range(value.size) if labels is None else labels
    return Sourced(Estimate(value, low, high, level, n.astype(np.int64), "Beta", names, se=se), Source.PROXY)


@frozen
class _Posterior:
    prior: tuple[float, float]

    def __call__(self, columns: Sequence[Floats], at: Instant) -> Floats:
        hits, of = _Counted(True)(columns, at), _Counted(False)(columns, at)
        return (self.prior[0] + hits) / (self.prior[0] + self.prior[1] + of)


@frozen
class _Counted:
    hits: bool

    def __call__(self, columns: Sequence[Floats], at: Instant) -> Floats:
        seen = np.zeros(columns[0].shape)
        for values in columns:
            seen += values == 1 if self.hits else ~np.isnan(values)
        return seen


def named_rules(told: Mapping[str, Rule] | Iterable[tuple[str, Rule]]) -> tuple[tuple[str, Rule], ...]:
    """Rules by name, as a field keeps them."""
    return tuple(dict(told).items())


def _pair(told: Sequence[float]) -> tuple[float, float]:
    a, b = map(float, told)
    return a, b


@frozen
class Evidence:
    """Signals of an attitude in a customer's behaviour, each a rule, as one number from 0 to 1.

    name: of what they are signals, in the measure with "(proxy)" behind it. signals: rules by name; one that is unknown
    of a customer does not count. prior: (a, b), see `evidence`; a / (a + b) is what is thought of a customer without
    any signal.

    Raises ValueError without signals, for a prior that is not positive, and for a signal that reads purchases: to buy
    again does not raise an attitude, and a rule that may turn true by a purchase alone would say that it does.

    >>> from relmkt.facts import Recommendation, Visit
    >>> from relmkt.tallies import count
    >>> bond = Evidence("bond", {"recommends": count(Recommendation) >= 1, "comes": count(Visit) >= 2}, prior=(2, 3))
    >>> print(bond.measure >= 0.5)
    bond (proxy) >= 0.5

    Source: Gelman et al. 2013.
    """

    name: str
    signals: tuple[tuple[str, Rule], ...] = field(converter=named_rules)
    prior: tuple[float, float] = field(converter=_pair, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.rules or not all(0 < told < np.inf for told in self.prior):
            raise ValueError(f"{self.name}: expected at least one signal, and a prior of two numbers of more than 0")
        for name, rule in self.signals:
            if any(_reads_purchases(facet) for facet in rule.facets()):
                raise ValueError(f"{self.name}: the signal {name!r} reads purchases, which say nothing of an attitude")

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The signals."""
        return tuple(rule for _, rule in self.signals)

    @property
    def measure(self) -> Measure:
        """(a + s) / (a + b + n) of one customer: a proxy, as its name says."""
        return Joined(f"{self.name} (proxy)", parts=self.rules, how=_Posterior(self.prior))

    def of(self, who: Customer | Portfolio, *, level: float = 0.95) -> Sourced:
        """The evidence about one customer, or about everyone under their ids, with credible intervals."""
        counted = [Joined(name, parts=self.rules, how=_Counted(name == "hits")) for name in ("hits", "signals")]
        hits, of = (who.ask(measure) for measure in counted)
        labels = who.ids if isinstance(who, Portfolio) else None
        return evidence(hits, of, prior=self.prior, level=level, labels=labels)


def _reads_purchases(facet: Any) -> bool:
    kinds = getattr(facet, "reads", ())  # none told: every kind
    return not kinds or any(issubclass(Purchase, kind) or issubclass(kind, Purchase) for kind in kinds)


# --- a survey, and both ----------------------------------------------------------------------------------------------


def survey_scores(
    scores: ArrayLike, *, reliability: float, labels: Iterable[Any] | None = None, level: float = 0.95
) -> Sourced:
    """The score of each respondent as asked, within its error of measurement: ± z · sd · √(1 − ρ).

    scores: one a respondent, NaN where there is none. reliability: ρ of the score, from 0 to 1. labels: of the
    respondents. Source: Nunnally & Bernstein 1994, Psychometric Theory, chapter 7.

    >>> print(survey_scores([0.8, 0.2], reliability=0.75, labels=["ada", "bob"])["ada"].source)
    survey
    """
    if not 0 <= reliability <= 1:
        raise ValueError("reliability: expected from 0 to 1")
    told = np.asarray(scores, np.float64).ravel()
    seen = told[~np.isnan(told)]
    se = float(seen.std(ddof=1)) * sqrt(1 - reliability) if seen.size > 1 else np.nan
    half = normal_quantile(level) * se
    names, n = range(told.size) if labels is None else labels, (~np.isnan(told)).astype(np.int64)
    spread = np.where(n, se, np.nan)
    return Sourced(
        Estimate(told, told - half, told + half, level, n, "error of measurement", names, se=spread), Source.SURVEY
    )


def blend_weight(n: ArrayLike, reliability: float) -> Floats:
    """What a survey of n answers weighs beside a proxy: nρ / (1 + (n − 1)ρ), 0 without an answer.

    n: answers, one number or one a respondent. reliability: ρ of a single answer, from 0 to 1.

    >>> blend_weight([0, 3], 0.6).round(4).tolist()
    [0.0, 0.8182]

    Source: Spearman 1910; Brown 1910.
    """
    told = np.asarray(n, np.float64)
    if not 0 <= reliability <= 1 or not ((told >= 0) & (told < np.inf)).all():
        raise ValueError("expected n of 0 or more, and a reliability from 0 to 1")
    under = 1 + (told - 1) * reliability
    return np.divide(told * reliability, under, out=np.array(told > 0, np.float64), where=under > 0)


def blend(survey: Sourced | Estimate, proxy: Sourced, weight: ArrayLike) -> Sourced:
    """w · survey + (1 − w) · proxy, in one unit: the survey where w is 1, the proxy where it is 0, else a blend.

    survey, proxy: one figure each, or columns under the same labels; where one is missing the other stands, under its
    own source. weight: from 0 to 1, one, or one a row (`blend_weight`).

    The bounds are blended as the values are, as if both erred to the same side, and the proxy is never taken as surer
    than the survey: the interval is at least as wide as the survey's. Where one of the two has no interval, as a proxy
    of typed coefficients, a blend has none, and a note says so.

    Raises ValueError where the survey comes from anything else, the proxy from a survey, for other labels or levels, or
    for a weight outside 0 to 1.

    >>> told = blend(Estimate(0.8, 0.7, 0.9, n=3), Sourced(Estimate(0.5, 0.2, 0.8, n=4), Source.PROXY), 0.6)
    >>> print(told)
    0.68 [0.50, 0.86] 95 %, n = 7 (blend), blend
    """
    asked = survey if isinstance(survey, Sourced) else Sourced(survey, Source.SURVEY)
    if set(asked.sources) - {Source.SURVEY} or set(proxy.sources) - {Source.PROXY}:
        raise ValueError("blend: expected scores that were asked, and then a proxy")
    one, other = asked.estimate, proxy.estimate
    if one.level != other.level or tuple(one.labels or ("",)) != tuple(other.labels or ("",)):
        raise ValueError("blend: both are under the same labels and of one level")
    w = np.broadcast_to(np.asarray(weight, np.float64), np.shape(one.value))
    if not ((w >= 0) & (w <= 1)).all():
        raise ValueError("weight: expected from 0 to 1")
    known, guessed = ~np.isnan(one.value), ~np.isnan(other.value)
    w = np.where(known & guessed, w, np.where(known, 1.0, 0.0))
    dark = (w > 0) & (w < 1) & np.isnan([one.low, one.high, other.low, other.high]).any(axis=0)
    notes = (*one.notes, *other.notes, *(("no interval: the survey or the proxy has none",) if dark.any() else ()))
    told = evolve(one, **_blended(one, other, w), method="blend", notes=notes)
    sources = np.array([Source.PROXY, Source.BLEND, Source.SURVEY])[(w > 0).astype(int) + (w == 1)]
    return Sourced(told, str(sources) if one.labels is None else sources.tolist())


def _blended(one: Estimate, other: Estimate, w: NDArray[Any]) -> dict[str, Any]:
    """Values, bounds and counts, row by row."""

    def mixed(survey: Any, proxy: Any) -> Any:
        with np.errstate(invalid="ignore"):
            return np.where(w == 1, survey, np.where(w == 0, proxy, w * survey + (1 - w) * proxy))[()]

    inside = (w > 0) & (w < 1)
    below = np.maximum(other.value - other.low, one.value - one.low)  # unknown where one of them is
    above = np.maximum(other.high - other.value, one.high - one.value)
    lower, upper = np.where(inside, other.value - below, other.low), np.where(inside, other.value + above, other.high)
    return {
        "value": mixed(one.value, other.value),
        "low": mixed(one.low, lower),
        "high": mixed(one.high, upper),
        "se": mixed(one.se, np.where(inside, np.maximum(one.se, other.se), other.se)),
        "n": np.where(w > 0, one.n, 0) + np.where(w < 1, other.n, 0),
        "missing": np.where(w > 0, one.missing, other.missing),
        "invalid": np.where(w > 0, one.invalid, other.invalid),
    }
