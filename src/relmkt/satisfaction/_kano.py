"""Does having a feature delight, or does lacking it dismay? Kano's categories of a pair of questions.

Kano, Seraku, Takahashi & Tsuji (1984), Attractive Quality and Must-Be Quality, J. Japanese Society for Quality Control
14(2), 39-48. Coefficients and rule: Berger et al. (1993), Kano's Methods for Understanding Customer-Defined Quality,
Center for Quality of Management J. 2(4), 3-36; the other table: Pouliot (1993), ibid., 28-36. Test of the two largest
categories: Fong (1996), Using the Self-Stated Importance Questionnaire to Interpret Kano Questionnaire Results, ibid.
5(3), 21-24. Strengths: Lee & Newcomb (1997), Applying the Kano Methodology to Meet Customer Requirements, Quality
Management J. 4(3), 95-110.

Answers are coded 1 like, 2 must be, 3 neutral, 4 can live with, 5 dislike, for having the feature ("functional") and
for lacking it. Codes the wrong way round, or the two questions swapped, turn A, O and M into R; both slips together
swap A and M, and nothing in the answers shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan, sqrt
from typing import Any, NamedTuple

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike

from relmkt.estimate import Estimate
from relmkt.scales import Scale, mean_estimate
from relmkt.scales._answers import numbers
from relmkt.scales._shares import share_estimate
from relmkt.scales._stacked import stacked

__all__ = ["KANO_TABLE", "POULIOT_TABLE", "Fong", "Kano", "KanoTable", "kano", "kano_map", "kano_points"]

_CODES = Scale(1, 5)
_ORDER = ("must_be", "one_dimensional", "attractive", "indifferent", "reverse", "questionable")
_LETTERS = dict(zip("MOAIRQ", _ORDER, strict=True))
_GOOD, _FLAT = ("must_be", "one_dimensional", "attractive"), ("indifferent", "reverse", "questionable")
_POINTS = {"functional": (4.0, 2.0, 0.0, -1.0, -2.0), "dysfunctional": (-2.0, -1.0, 0.0, 2.0, 4.0)}


def _rows(told: Any) -> tuple[str, ...]:
    return tuple(str(row).upper() for row in told)


@frozen
class KanoTable:
    """Which category a pair of answers falls into.

    rows: five texts of five letters of A, O, M, I, R, Q; a row a functional answer, a letter a dysfunctional one, both
    in the order like, must be, neutral, live with, dislike.

    >>> KANO_TABLE.of(1, 5), KANO_TABLE.of(2, 2), POULIOT_TABLE.of(2, 2)
    ('one_dimensional', 'indifferent', 'questionable')

    Source: Kano et al. 1984; Pouliot 1993.
    """

    rows: tuple[str, ...] = field(converter=_rows)

    def __attrs_post_init__(self) -> None:
        if len(self.rows) != 5 or any(len(row) != 5 or set(row) - set(_LETTERS) for row in self.rows):
            raise ValueError("rows: expected five texts of five letters of A, O, M, I, R, Q")

    def of(self, functional: int, dysfunctional: int) -> str:
        """The category of one pair of codes from 1 to 5."""
        return _LETTERS[self.rows[functional - 1][dysfunctional - 1]]


KANO_TABLE = KanoTable(("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"))
"""The table in common use (Berger et al. 1993)."""

POULIOT_TABLE = KanoTable(("QAAAO", "RQIIM", "RIIIM", "RIIQM", "RRRRQ"))
"""The table with Q on must be with must be, and on live with beside live with (Pouliot 1993)."""


class Fong(NamedTuple):
    """The two largest categories, how far they lie apart, and how far they must: answers, not shares.

    first, second: their names; difference: of their counts; threshold: above which chance does not explain it.

    >>> Kano(must_be=120, attractive=100, indifferent=80).fong().distinct
    True

    Source: Fong 1996.
    """

    first: str
    second: str
    difference: float
    threshold: float

    @property
    def distinct(self) -> bool:
        """Whether the largest is more than chance above the second."""
        return self.difference > self.threshold


@frozen
class Kano:
    """How many pairs of answers fell into each category.

    attractive (A), one_dimensional (O), must_be (M), indifferent (I), reverse (R), questionable (Q): counts; or shares,
    or percentages, and then `asked` says how many pairs stand behind them (None: unknown, and so is every interval).
    missing, invalid: pairs left out. level: of the intervals.

    Raises ValueError for a count below 0 or unknown.

    >>> reel = Kano(attractive=53.9, one_dimensional=28.2, must_be=7.4, indifferent=8.4, reverse=0.3, questionable=1.8)
    >>> round(reel.better.value, 4), round(reel.worse.value, 4), reel.category
    (0.8386, -0.3636, 'attractive')

    Source: Kano et al. 1984; Berger et al. 1993; Fong 1996; Lee & Newcomb 1997.
    """

    attractive: float = 0
    one_dimensional: float = 0
    must_be: float = 0
    indifferent: float = 0
    reverse: float = 0
    questionable: float = 0
    asked: int | None = field(default=None, kw_only=True)
    missing: int = field(default=0, kw_only=True)
    invalid: int = field(default=0, kw_only=True)
    level: float = field(default=0.95, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if any(not isfinite(getattr(self, name)) or getattr(self, name) < 0 for name in _ORDER):
            raise ValueError("counts: expected finite numbers, zero or more")
        if self.asked is not None and self.asked < 0:
            raise ValueError("asked: expected the number of pairs behind the shares")
        if not 0 < self.level < 1:
            raise ValueError("level: the share of an interval lies between 0 and 1")

    @property
    def n(self) -> int | None:
        """How many pairs there are; None where only shares of an unknown number were given."""
        whole = self._sum(*_ORDER)
        if self.asked is not None:
            return self.asked
        return int(whole) if all(float(getattr(self, name)).is_integer() for name in _ORDER) else None

    @property
    def shares(self) -> dict[str, float]:
        """The share of each category among all pairs, in the order M, O, A, I, R, Q; NaN where there is none."""
        whole = self._sum(*_ORDER)
        return {name: getattr(self, name) / whole if whole else nan for name in _ORDER}

    @property
    def category(self) -> str | None:
        """The most frequent category; ties in the order M, O, A, I (then R, Q). None without answers."""
        return self._largest(_ORDER)

    @property
    def berger(self) -> str | None:
        """By Berger's rule: the largest of M, O, A if those are more than I, R and Q together, else of I, R, Q."""
        return self._largest(_GOOD if self._sum(*_GOOD) > self._sum(*_FLAT) else _FLAT)

    @property
    def better(self) -> Estimate:
        """CS+ = (A + O)/(A + O + M + I), in [0, 1]: how far having it satisfies. R and Q are in no denominator."""
        return self._share("attractive", "one_dimensional", sign=1)

    @property
    def worse(self) -> Estimate:
        """CS- = −(O + M)/(A + O + M + I), in [−1, 0]: how far lacking it dissatisfies; Wilson, as for `better`."""
        return self._share("one_dimensional", "must_be", sign=-1)

    @property
    def total_strength(self) -> Estimate:
        """(A + O + M)/n: the share for whom the feature matters (Lee & Newcomb 1997)."""
        return self._wilson(self._sum(*_GOOD), self._sum(*_ORDER), self.n, 1)

    @property
    def category_strength(self) -> float:
        """How far the largest share lies above the second; from 0.06 on, Lee & Newcomb call a category distinct."""
        first, second = sorted(self.shares.values(), reverse=True)[:2]
        return first - second

    def fong(self, z: float = 1.65) -> Fong | None:
        """Whether the two largest categories a and b differ: |a − b| > z·√((a + b)(2n − a − b)/2n) (Fong 1996).

        z: of the test, 1.65 for the published one at 90 %. None where the number of pairs is unknown or 0.

        >>> round(Kano(must_be=120, attractive=100, indifferent=80).fong().threshold, 4)
        19.4765
        """
        n = self.n
        if not n or not self._sum(*_ORDER):
            return None
        shares = self.shares
        first, second = sorted(shares, key=lambda name: -shares[name])[:2]  # stable: ties in the order of the mode
        a, b = n * shares[first], n * shares[second]
        return Fong(first, second, a - b, z * sqrt((a + b) * (2 * n - a - b) / (2 * n)))

    def suspicions(self, questionable: float = 0.05) -> tuple[str, ...]:
        """What the answers say against the questions, in words; empty where nothing does.

        questionable: the share of Q above which a pair of questions is held to be badly worded.

        >>> Kano(attractive=5, reverse=80, indifferent=15).suspicions()[0].partition(":")[0]
        'reverse 80 %, more than A, O and M together'
        """
        shares, found = self.shares, []
        if shares["questionable"] > questionable:
            found.append(f"questionable {100 * shares['questionable']:.0f} %: the two questions may be badly worded")
        if self.reverse > self._sum(*_GOOD):
            found.append(
                f"reverse {100 * shares['reverse']:.0f} %, more than A, O and M together: "
                "are the codes the wrong way round, or the two questions swapped?"
            )
        return tuple(found)

    def _sum(self, *names: str) -> float:
        return float(sum(getattr(self, name) for name in names))

    def _largest(self, names: tuple[str, ...]) -> str | None:
        found = max(names, key=lambda name: float(getattr(self, name)))  # the first of equals
        return found if getattr(self, found) else None

    def _share(self, *names: str, sign: int) -> Estimate:
        of = self._sum(*_GOOD, "indifferent")
        whole, n = self._sum(*_ORDER), self.n
        return self._wilson(self._sum(*names), of, None if n is None or not whole else round(n * of / whole), sign)

    def _wilson(self, x: float, of: float, n: int | None, sign: int) -> Estimate:
        told: dict[str, Any] = {"level": self.level, "missing": self.missing, "invalid": self.invalid}
        if not of:
            return Estimate.unknown("no pair of answers fell into A, O, M or I", method="Wilson", **told)
        p = x / of
        if not n:
            return Estimate(sign * p, n=0, notes=("the number of pairs is unknown: no interval",), **told)
        found = share_estimate(min(p * n, n), n, **told)
        ends = sorted((sign * found.low, sign * found.high))
        return evolve(found, value=sign * p, low=ends[0], high=ends[1])


def kano(
    functional: ArrayLike, dysfunctional: ArrayLike, *, table: KanoTable = KANO_TABLE, level: float = 0.95
) -> Kano:
    """The categories of one feature.

    functional, dysfunctional: codes from 1 (like) to 5 (dislike), one a respondent, in the same order. table: the
    evaluation table. A pair with an answer left out is missing, one with a value that is no code invalid.

    >>> found = kano([1, 1, 1, 3, None], [5, 3, 3, 5, 2])
    >>> found.category, found.must_be, found.missing
    ('attractive', 1, 1)

    Source: Kano et al. 1984; Berger et al. 1993.
    """
    one, other = _pair(functional, dysfunctional)
    missing = np.isnan(one) | np.isnan(other)
    valid = _CODES.valid(one) & _CODES.valid(other)
    letters = np.array([[*row] for row in table.rows])[one[valid].astype(int) - 1, other[valid].astype(int) - 1]
    counts = {name: int((letters == letter).sum()) for letter, name in _LETTERS.items()}
    left = {"missing": int(missing.sum()), "invalid": int((~valid & ~missing).sum())}
    return Kano(**counts, **left, level=level)


def kano_points(functional: ArrayLike, dysfunctional: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Mean points of one feature, for having and for lacking it, from −2 to 4 (Berger et al. 1993).

    Having it: like 4, must be 2, neutral 0, live with −1, dislike −2; lacking it the other way round. Arguments as for
    `kano`. Returns an estimate with the labels functional and dysfunctional, with Student's t intervals.

    >>> kano_points([1, 1, 2], [5, 3, 5])["functional"].value.__round__(4)
    3.3333
    """
    pair = _pair(functional, dysfunctional)
    whole = _CODES.valid(pair[0]) & _CODES.valid(pair[1])
    seen = [np.array(_POINTS[name])[codes[whole].astype(int) - 1] for name, codes in zip(_POINTS, pair, strict=True)]
    parts = [mean_estimate(points, level=level, note="no pair of answers") for points in seen]
    return evolve(stacked(parts, tuple(_POINTS)), missing=int(len(whole) - whole.sum()))


def kano_map(features: Mapping[str, Kano]) -> dict[str, Any]:
    """What a picture of several features draws: arrays of CS+ and −CS- with their bounds, names and categories.

    >>> kano_map({"cable": Kano(attractive=6, one_dimensional=2, must_be=1, indifferent=1)})["better"].tolist()
    [0.8]

    Source: Berger et al. 1993.
    """
    told: dict[str, Any] = {"names": tuple(features), "category": tuple(each.category for each in features.values())}
    for name, sign in (("better", 1), ("worse", -1)):
        found: list[Estimate] = [getattr(each, name) for each in features.values()]
        told[name] = np.array([sign * each.value for each in found])
        ends = [sorted((sign * each.low, sign * each.high)) for each in found]
        told[f"{name}_low"], told[f"{name}_high"] = np.array(ends).reshape(-1, 2).T
    return told


def _pair(functional: ArrayLike, dysfunctional: ArrayLike) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    one, other = numbers(functional), numbers(dysfunctional)
    if len(one) != len(other):
        raise ValueError("dysfunctional: expected an answer for each functional one")
    return one, other
