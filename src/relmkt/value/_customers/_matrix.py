"""Who is worth much by what they buy, and who by whom they bring? The matrix of lifetime value and referral value.

Kumar, Petersen & Leone (2007), "How valuable is word of mouth?", Harvard Business Review 85(10): champions (both high),
affluents (high lifetime value), advocates (high referral value), misers (neither). The two values overlap, for the
margin of a referral is also in the referral's own lifetime value: their totals stand side by side, and their sum is
told with a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from html import escape
from typing import Any, Literal

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from relmkt.columns._labels import labelled
from relmkt.estimate import Estimate
from relmkt.ladders import Segment
from relmkt.rules import Measure, Rule
from relmkt.scales._shares import share_estimate
from relmkt.value._numbers._delta import counted, labels_of
from relmkt.value._numbers._figures import Amount, figure, number
from relmkt.value._numbers._shares import drawn_again
from relmkt.value._summaries._fields import floats

__all__ = ["Quadrant", "ValueMatrix", "value_matrix", "value_totals"]

Floats = NDArray[np.float64]
Ties = Literal["high", "low"]
OVERLAP = (
    "CLV and CRV overlap: the margin of a referral is in the referrer's CRV and in the referral's own CLV; "
    "their sum counts it twice"
)


class Quadrant(StrEnum):
    """Where a customer stands in the matrix; unknown where one of the two values is.

    >>> Quadrant("advocate") is Quadrant.ADVOCATE
    True
    """

    CHAMPION = "champion"
    AFFLUENT = "affluent"
    ADVOCATE = "advocate"
    MISER = "miser"
    UNKNOWN = "unknown"


TOTALS = ("CLV", "CRV", "CLV + CRV")
PLURAL = {"champion": "champions", "affluent": "affluents", "advocate": "advocates", "miser": "misers"}


@frozen(eq=False, repr=False)
class ValueMatrix:
    """Customers by lifetime value and referral value, cut in two each: every one is in exactly one quadrant.

    ids; clv, crv: whole units of one currency, NaN where unknown; clv_cut, crv_cut: above is high, below is low; ties:
    on which side a value equal to the cut stands.

    >>> matrix = value_matrix([10, 1, 9, 2], [8, 9, 1, 2], ties="high")
    >>> matrix.labels.tolist(), matrix.clv_cut, matrix.crv_cut
    (['champion', 'advocate', 'affluent', 'miser'], 5.5, 5.0)
    """

    ids: NDArray[Any] = field(converter=np.asarray)
    clv: Floats = field(converter=floats)
    crv: Floats = field(converter=floats)
    clv_cut: float
    crv_cut: float
    ties: Ties

    @property
    def labels(self) -> NDArray[np.str_]:
        """The quadrant of each customer, as the text of `Quadrant`."""
        bought, brought = self._high(self.clv, self.clv_cut), self._high(self.crv, self.crv_cut)
        names = np.array([Quadrant.MISER, Quadrant.ADVOCATE, Quadrant.AFFLUENT, Quadrant.CHAMPION], np.str_)
        return labelled(np.where(self._unknown, np.str_(Quadrant.UNKNOWN), names[2 * bought + brought]))

    @property
    def counts(self) -> dict[str, int]:
        """Customers in each quadrant, and unknown: together all of them."""
        labels = self.labels
        return {str(name): int((labels == str(name)).sum()) for name in Quadrant}

    def shares(self, *, level: float = 0.95) -> Estimate:
        """The share of each quadrant among customers of known value, with Wilson's interval, labelled by quadrant."""
        counts = {name: n for name, n in self.counts.items() if name != Quadrant.UNKNOWN}
        told = list(counts.values())
        note = "no customer's two values are known"
        return share_estimate(told, [sum(told)] * len(told), level=level, note=note, labels=counts)

    def totals(self, *, level: float = 0.95) -> Estimate:
        """CLV and CRV of all customers of known value, side by side: `value_totals`."""
        known = ~self._unknown
        return value_totals(self.clv[known], self.crv[known], level=level)

    def segments(self, clv: Measure, crv: Measure) -> tuple[Segment, Segment, Segment, Segment]:
        """The quadrants as rules, for portfolios and customers whose values these measures tell.

        clv, crv: measures in the unit of the cuts. Whose value is unknown is in none of the four.
        """
        bought, brought = self._rules(clv, self.clv_cut), self._rules(crv, self.crv_cut)
        pairs = (("champion", 0, 0), ("affluent", 0, 1), ("advocate", 1, 0), ("miser", 1, 1))
        one, two, three, four = (Segment(PLURAL[name], bought[i] & brought[j]) for name, i, j in pairs)
        return one, two, three, four

    def _rules(self, measure: Measure, cut: float) -> tuple[Rule, Rule]:
        return (measure >= cut, measure < cut) if self.ties == "high" else (measure > cut, measure <= cut)

    def _high(self, values: Floats, cut: float) -> NDArray[np.int64]:
        return np.asarray(values >= cut if self.ties == "high" else values > cut).astype(np.int64)

    @property
    def _unknown(self) -> NDArray[np.bool_]:
        return np.isnan(self.clv) | np.isnan(self.crv)

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"<ValueMatrix: {len(self):,} customers, cuts {self.clv_cut:g} and {self.crv_cut:g}>"

    def __str__(self) -> str:
        rows = [f"{name:<12}{n:>10,}{clv:>16,.2f}{crv:>16,.2f}" for name, n, clv, crv in self._rows()]
        return "\n".join([f"{'':<12}{'customers':>10}{'mean CLV':>16}{'mean CRV':>16}", *rows])

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><th>{escape(name)}</th><td>{n:,}</td><td>{clv:,.2f}</td><td>{crv:,.2f}</td></tr>"
            for name, n, clv, crv in self._rows()
        )
        head = "".join(f"<th>{h}</th>" for h in ("", "customers", "mean CLV", "mean CRV"))
        return f"<table><caption>{escape(OVERLAP)}</caption><tr>{head}</tr>{body}</table>"

    def _rows(self) -> list[tuple[str, int, float, float]]:
        labels = self.labels
        told = []
        for name, plural in PLURAL.items():
            inside = labels == name
            n = int(inside.sum())
            clv, crv = (float(part[inside].mean()) if n else np.nan for part in (self.clv, self.crv))
            told.append((plural, n, clv, crv))
        return told


def value_matrix(
    clv: Amount,
    crv: Amount,
    *,
    ties: Ties,
    cuts: str | Sequence[float] = "median",
    ids: Iterable[Any] | None = None,
) -> ValueMatrix:
    """The matrix of one base: each customer's lifetime value and referral value, in the same order and currency.

    cuts: "median" of each value among customers of whom both are known, or two numbers (CLV, CRV). ties: whether who
    stands on a cut is "high" or "low". Where most customers refer nobody the median CRV is 0, and "high" makes everyone
    an advocate or a champion. ids: labels; those of the estimates unless given.

    >>> print(value_matrix([10, 1, 9, 2], [8, 9, 1, 2], ties="high"))
                 customers        mean CLV        mean CRV
    champions            1           10.00            8.00
    affluents            1            9.00            1.00
    advocates            1            1.00            9.00
    misers               1            2.00            2.00

    Source: Kumar, Petersen & Leone 2007, who cut at the medians.
    """
    bought, brought = (np.asarray(number(part), np.float64) for part in (clv, crv))
    if bought.shape != brought.shape or bought.ndim != 1:
        raise ValueError("clv and crv: expected one entry a customer in each, in the same order")
    if ties not in ("high", "low"):
        raise ValueError(f"ties: expected 'high' or 'low', got {ties!r}")
    shared = labels_of([part for part in (clv, crv) if isinstance(part, Estimate)])
    names = np.asarray(list(shared) if ids is None and shared is not None else _given(ids, bought.size))
    if names.shape != bought.shape:
        raise ValueError("ids: expected one a customer")
    if cuts == "median":
        known = ~(np.isnan(bought) | np.isnan(brought))
        clv_cut, crv_cut = (float(np.median(part[known])) if known.any() else np.nan for part in (bought, brought))
        return ValueMatrix(names, bought, brought, clv_cut, crv_cut, ties)
    if isinstance(cuts, str) or len(cuts) != 2 or np.isnan(cuts).any():
        raise ValueError("cuts: expected 'median' or two numbers, of CLV and of CRV")
    return ValueMatrix(names, bought, brought, float(cuts[0]), float(cuts[1]), ties)


def value_totals(
    clv: Amount,
    crv: Amount,
    *,
    rng: np.random.Generator | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> Estimate:
    """Total CLV and total CRV of a base, and their sum, labelled "CLV", "CRV", "CLV + CRV"; a note says they overlap.

    clv, crv: one entry a customer, or each an estimate of the total, whose error is carried on. A column of estimates
    gives a total without an interval: their errors come from one model and are not independent. Customers of unknown
    value are left out and counted as `missing`. rng: takes the customers as a sample, and gives the percentiles of
    `resamples` draws of them, both values of a customer together; those unknown in one of the two are left out then.

    >>> told = value_totals([100.0, 50.0], [20.0, 0.0])
    >>> told["CLV + CRV"].value, told.notes[0][:20]
    (170.0, 'CLV and CRV overlap:')

    Source: Kumar, Petersen & Leone 2007.
    """
    parts = [np.atleast_1d(number(part)) for part in (clv, crv)]
    if rng is not None:
        return _drawn_totals(parts[0], parts[1], rng, resamples, level)
    known = [values[~np.isnan(values)] for values in parts]
    totals = [float(values.sum()) if values.size else np.nan for values in known]
    errors = [_error(part) for part in (clv, crv)]
    n = [max(values.size, int(counted([part]).max(initial=0))) for values, part in zip(known, (clv, crv), strict=True)]
    missing = [whole.size - values.size for whole, values in zip(parts, known, strict=True)]
    return evolve(
        figure(
            [*totals, sum(totals)],
            [*errors, np.hypot(errors[0], errors[1])],
            level=level,
            n=[*n, min(n)],
            method="delta" if max(errors) > 0 else "",
            labels=TOTALS,
            notes=(OVERLAP,),
        ),
        missing=[*missing, max(missing)],
    )


def _drawn_totals(clv: Floats, crv: Floats, rng: np.random.Generator, resamples: int, level: float) -> Estimate:
    if clv.shape != crv.shape:
        raise ValueError("clv and crv: expected one entry a customer in each, in the same order")
    known = ~(np.isnan(clv) | np.isnan(crv))
    n, missing = int(known.sum()), int((~known).sum())
    if not n:
        return Estimate([np.nan] * 3, level=level, labels=TOTALS, notes=("no customer's two values are known", OVERLAP))
    both = clv[known], crv[known]
    low, high, se = drawn_again(_sums, *both, rng=rng, resamples=resamples, level=level)
    return Estimate(_sums(*both), low, high, level, n, "bootstrap", TOTALS, (OVERLAP,), se=se, missing=missing)


def _sums(clv: Floats, crv: Floats) -> Floats:
    return np.array([clv.sum(), crv.sum(), clv.sum() + crv.sum()])


def _error(part: Amount) -> float:
    """Standard error of a total: 0 of plain numbers, unknown of a column of estimates."""
    if not isinstance(part, Estimate):
        return 0.0
    return float(part.se) if part.labels is None else np.nan


def _given(ids: Iterable[Any] | None, n: int) -> Any:
    return np.arange(n) if ids is None else list(ids)
