"""What is a customer worth by those they bring? Customer referral value, and the referrals that a portfolio knows of.

Kumar, Petersen & Leone (2007), "How valuable is word of mouth?", Harvard Business Review 85(10); the same (2010),
"Driving profitability by encouraging customer referrals", Journal of Marketing 74(5). A referral who would not have
joined otherwise brings margin and saves the cost of winning them; one who would have joined anyway saves that cost and
nothing more. Referral and acquisition cost occur once, at joining. The margins of referrals are also in their own
lifetime values: the two totals overlap (`value_totals`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from operator import index

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Purchase, Recommendation
from relmkt.money import exponent
from relmkt.value._summaries._tables import HoldsFacts, Table
from relmkt.windows import Span

__all__ = ["Joined", "Referral", "crv", "crv_by_kind", "referrals"]

Floats = NDArray[np.float64]
Each = tuple[float, ...]


class Joined(StrEnum):
    """Would this person have become a customer without the referral?

    BY_REFERRAL: no (type one). ANYWAY: yes (type two). UNKNOWN: nobody asked them.

    >>> Joined("anyway") is Joined.ANYWAY
    True
    """

    BY_REFERRAL = "by referral"
    ANYWAY = "anyway"
    UNKNOWN = "unknown"


def _each(given: float | Iterable[float]) -> Each:
    return (float(given),) if isinstance(given, int | float) else tuple(float(one) for one in given)


@frozen
class Referral:
    """One person whom a customer brought, in whole units of one currency; the periods run from their joining.

    joined: whether they would have joined anyway. margins: what they brought in each period observed, the first in that
    of joining. referral_cost: paid once, for this referral. marketing_cost: of keeping them, a period: one number for
    all, or one a period. acquisition_cost: what winning them otherwise would have cost, saved once. period: in which
    they joined, counted from 1, the first of the referrer's observation.

    >>> friend = Referral("by referral", [98, 98], referral_cost=40, marketing_cost=18, acquisition_cost=5)
    >>> round(friend.value(0.075), 4)
    111.0871
    """

    joined: Joined = field(converter=Joined)
    margins: Each = field(default=(), converter=_each)
    referral_cost: float = field(default=0.0, kw_only=True)
    marketing_cost: Each = field(default=0.0, converter=_each, kw_only=True)
    acquisition_cost: float = field(default=0.0, kw_only=True)
    period: int = field(default=1, converter=index, kw_only=True)

    def __attrs_post_init__(self) -> None:
        given = (*self.margins, self.referral_cost, *self.marketing_cost, self.acquisition_cost)
        if not np.isfinite(given).all():
            raise InvalidFactError("Referral", "a missing or infinite amount", "finite amounts")
        if min(self.referral_cost, self.acquisition_cost, *self.marketing_cost, 0.0) < 0:
            raise InvalidFactError("Referral", "a negative cost", "costs of 0 or more")
        if self.period < 1:
            raise InvalidFactError("Referral.period", "a period before the first", "1 or later")
        if len(self.marketing_cost) not in (1, len(self.margins)):
            got = f"{len(self.marketing_cost)} for {len(self.margins)} periods"
            raise InvalidFactError("Referral.marketing_cost", got, "one for all, or one a period as margins has")

    def value(self, discount: float, *, joined: Joined | None = None) -> float:
        """Its part of the referrer's value, discounted from the ends of the periods; NaN where `joined` is unknown.

        discount: a period, above -1. joined: as if that were known of it.
        """
        if not discount > -1:
            raise ValueError("discount: expected a rate above -1")
        kind = self.joined if joined is None else Joined(joined)
        if kind is Joined.UNKNOWN:
            return float("nan")
        once = self.acquisition_cost / (1 + discount) ** self.period
        if kind is Joined.ANYWAY:
            return once
        kept = np.subtract(self.margins, np.broadcast_to(self.marketing_cost, len(self.margins)))
        times = self.period + np.arange(len(self.margins))
        paid = self.referral_cost / (1 + discount) ** self.period
        return float((kept / (1.0 + discount) ** times).sum() - paid + once)


def crv(
    referrals: Mapping[str, Sequence[Referral]] | Sequence[Referral], discount: float, *, level: float = 0.95
) -> Estimate:
    """Customer referral value: of one customer's referrals, or of each customer's, labelled by customer; 0 without any.

    discount: a period (of the margins' length), such as 0.075 for a half-year at 15 % a year. Referrals of unknown kind
    add nothing to the value and are counted as `missing`; the bounds are what it would be if all of them were the one
    kind or the other, not an interval of chance. n: referrals counted.

    >>> friend = Referral("by referral", [98, 98], referral_cost=40, marketing_cost=18, acquisition_cost=5)
    >>> round(crv([friend, friend, Referral("anyway", [98, 98], acquisition_cost=5)], 0.075).value, 6)
    226.825311

    Source: Kumar, Petersen & Leone 2007, with the costs that occur once counted once.
    """
    if not isinstance(referrals, Mapping):
        value, low, high, n, missing = _worth(referrals, discount)
        return Estimate(value, low, high, level, n, notes=_told(missing), missing=missing)
    rows = [_worth(told, discount) for told in referrals.values()]
    values, lows, highs = (np.array([row[k] for row in rows], np.float64) for k in range(3))
    counted, unknown = (np.array([row[k] for row in rows], np.int64) for k in (3, 4))
    told = _told(int(unknown.sum()))
    return Estimate(values, lows, highs, level, counted, "", tuple(referrals), told, missing=unknown)


def crv_by_kind(referrals: Iterable[Referral], discount: float, *, level: float = 0.95) -> Estimate:
    """The value of referrals in three buckets: who joined by referral, who would have anyway, and the unknown.

    The last has no value, only the bounds that the two kinds would give it. discount: as for `crv`.

    >>> told = crv_by_kind([Referral("anyway", acquisition_cost=5), Referral("unknown", [30], acquisition_cost=5)], 0.0)
    >>> told["anyway"].value, told["unknown"].low, told["unknown"].high
    (5.0, 5.0, 35.0)

    Source: Kumar, Petersen & Leone 2007.
    """
    given = list(referrals)
    rows = [_worth([one for one in given if one.joined is kind], discount) for kind in Joined]
    value, low, high = (np.array([row[k] for row in rows], np.float64) for k in range(3))
    n = np.array([row[3] + row[4] for row in rows])
    value[-1] = np.nan if n[-1] else 0.0
    return Estimate(value, low, high, level, n, labels=[str(kind) for kind in Joined], notes=_told(rows[-1][4]))


def _worth(referrals: Sequence[Referral], discount: float) -> tuple[float, float, float, int, int]:
    """Value of those of known kind, its bounds over what the others may be, and how many there are of each."""
    known = [one.value(discount) for one in referrals if one.joined is not Joined.UNKNOWN]
    total, low, high = float(sum(known)), 0.0, 0.0
    for one in referrals:
        if one.joined is Joined.UNKNOWN:
            both = [one.value(discount, joined=kind) for kind in (Joined.ANYWAY, Joined.BY_REFERRAL)]
            low, high = low + min(both), high + max(both)
    missing = len(referrals) - len(known)
    return total, total + low if missing else np.nan, total + high if missing else np.nan, len(known), missing


def _told(missing: int) -> tuple[str, ...]:
    if not missing:
        return ()
    return (f"{missing:,} of unknown kind left out; the bounds say what they would add if all of them were one kind",)


def referrals(
    base: HoldsFacts,
    *,
    currency: str,
    period: Span,
    periods: int,
    acquisition_cost: float,
    referral_cost: float = 0.0,
    marketing_cost: float = 0.0,
    margin: float | None = None,
    joined: Mapping[str, Joined | str] | None = None,
) -> dict[str, tuple[Referral, ...]]:
    """The referrals that `Recommendation` facts name in `to`, by the customer who made them, as known at `base.at`.

    A person is the referral of the first customer who named them, if they had not bought before that; they join with
    their first purchase in `currency`. Their margins count over `periods` times `period` from then, as far as that has
    come; each purchase by the margin it states, or else `margin` of its amount; without either a ValueError. Each is
    valued as of the beginning of its own first period. The costs are those of `Referral`. joined: by person, whether
    they would have joined anyway: the facts do not say it, so who is not in it is unknown.

    >>> from pendulum import datetime
    >>> from relmkt.columns import FactTable
    >>> from relmkt.money import Money
    >>> from relmkt.portfolio import Portfolio
    >>> from relmkt.windows import days
    >>> facts = [Recommendation("ada", datetime(2026, 1, 5), "bob"),
    ...          Purchase("bob", datetime(2026, 1, 9), Money(50, "EUR"), margin=Money(20, "EUR"))]
    >>> base = Portfolio(FactTable.of(facts), at=datetime(2026, 2, 1))
    >>> found = referrals(base, currency="EUR", period=days(182), periods=2, acquisition_cost=5,
    ...                   joined={"bob": "by referral"})
    >>> found["ada"][0].margins, round(crv(found, 0.075)["ada"].value, 2)
    ((20.0,), 23.26)
    """
    if index(periods) < 1 or int(period) <= 0:
        raise ValueError("period, periods: expected a span above 0, and 1 or more of them")
    named = _named(base)
    table = base.facts(Purchase)
    kept = (table["at"] <= int(base.at)) & (table["label"] == currency)  # rule R46
    order = np.argsort(table["stream"][kept], kind="stable")
    who, at = table["stream"][kept][order], table["at"][kept][order]
    earned = _earned(table, kept, margin)[order] / 10 ** exponent(currency) if named else np.zeros(0)
    codes = {str(name): code for code, name in enumerate(table.ids) if str(name) in named} if named else {}
    found: dict[str, list[Referral]] = {}
    for person, (referrer, when) in named.items():
        rows = slice(*np.searchsorted(who, [codes.get(person, -1), codes.get(person, -1) + 1]).tolist())
        if rows.start == rows.stop or int(at[rows].min()) < when:
            continue
        age = (at[rows] - at[rows].min()) // int(period)
        seen = min(periods, (int(base.at) - int(at[rows].min())) // int(period) + 1)
        margins = np.bincount(age[age < seen], weights=earned[rows][age < seen], minlength=seen)
        if np.isnan(margins).any():
            raise ValueError("margin: expected a rate, for a purchase states none")
        one = Referral(
            Joined((joined or {}).get(person, Joined.UNKNOWN)),
            margins.tolist(),
            referral_cost=referral_cost,
            marketing_cost=marketing_cost,
            acquisition_cost=acquisition_cost,
        )
        found.setdefault(referrer, []).append(one)
    return {referrer: tuple(found[referrer]) for referrer in sorted(found)}


def _named(base: HoldsFacts) -> dict[str, tuple[str, int]]:
    """Who was recommended to, the first customer who did, and when."""
    table = base.facts(Recommendation)
    rows = np.flatnonzero(table["at"] <= int(base.at))  # rule R46
    if not rows.size:
        return {}
    order = rows[np.argsort(table["at"][rows], kind="stable")]
    told, named = table["to"], dict[str, tuple[str, int]]()
    for row in order.tolist():
        person, referrer = str(told[row]), str(table.ids[table["stream"][row]])
        if person and person != referrer:
            named.setdefault(person, (referrer, int(table["at"][row])))
    return named


def _earned(table: Table, kept: NDArray[np.bool_], margin: float | None) -> Floats:
    """Minor units of margin of each purchase kept: as stated, or by the rate; NaN where neither is known."""
    try:
        stated = np.asarray(table["margin"], dtype=np.float64)[kept]
    except KeyError:  # the rows carry no such field
        stated = np.full(int(kept.sum()), np.nan)
    rate = np.nan if margin is None else margin
    return np.where(np.isnan(stated), rate * table["number"][kept], stated)
