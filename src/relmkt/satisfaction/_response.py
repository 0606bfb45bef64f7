"""How many answered, and does it matter that the others did not? Response rates and two probes of non-response.

The American Association for Public Opinion Research, Standard Definitions: response rates RR1 to RR6. Armstrong &
Overton (1977), Estimating Nonresponse Bias in Mail Surveys, Journal of Marketing Research 14(3), 396-402: late
respondents stand for those who did not answer. A rate is a census of the cases: it has no interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Literal, get_args

import numpy as np
from attrs import evolve, field, fields, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Answer
from relmkt.satisfaction._requests import SurveyRequested
from relmkt.satisfaction._standing import cases_of, hits_of, standing_rows
from relmkt.satisfaction._surveys import Second
from relmkt.scales import Item
from relmkt.scales._difference import difference_of_means
from relmkt.scales._labels import places_of

__all__ = ["Dispositions", "Rate", "apart", "dispositions", "nonresponse_bias", "response_rate", "wave_contrast"]

Rate = Literal["RR1", "RR2", "RR3", "RR4", "RR5", "RR6"]
_CASES = ("complete", "partial", "refused", "not_contacted", "other", "unknown")


def _counts(told: ArrayLike) -> NDArray[np.float64]:
    counts = np.atleast_1d(np.asarray(told, np.float64))
    if counts.ndim != 1 or not (np.isfinite(counts) & (counts >= 0)).all():
        raise ValueError("dispositions: expected counts of cases, zero or more")
    return counts


@frozen(eq=False)
class Dispositions:
    """What became of the cases that were asked, in numbers or in columns of them.

    complete (I), partial (P): answered. refused (R): refused or broke off; not_contacted (NC): nothing came back;
    other (O): could not answer. unknown (UH + UO): nobody knows whether they were to be asked at all.
    labels: of a column's rows.

    Raises ValueError for counts below zero, or columns of other lengths than the labels.

    >>> float(Dispositions(400, 50, 300).refused[0])
    300.0

    Source: AAPOR, Standard Definitions.
    """

    complete: NDArray[np.float64] = field(converter=_counts)
    partial: NDArray[np.float64] = field(default=0, converter=_counts)
    refused: NDArray[np.float64] = field(default=0, converter=_counts)
    not_contacted: NDArray[np.float64] = field(default=0, converter=_counts)
    other: NDArray[np.float64] = field(default=0, converter=_counts)
    unknown: NDArray[np.float64] = field(default=0, converter=_counts)
    labels: tuple[str, ...] | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        size = 1 if self.labels is None else len(self.labels)
        for a in fields(Dispositions):
            if a.name in _CASES and len(getattr(self, a.name)) not in (1, size):
                raise ValueError(f"{a.name}: expected {size} counts, a label each")


def response_rate(cases: Dispositions, kind: Rate, *, eligible: float | None = None) -> Estimate:
    """The share of the cases that answered, by one of the six definitions of AAPOR.

    kind: RR1 counts complete answers and takes every unknown case as eligible, RR3 the share `eligible` of them, RR5
    none; RR2, RR4 and RR6 count partial answers too. eligible: e in [0, 1], stated for RR3 and RR4 alone.
    RR5 is right only where no unknown case is eligible.

    n: the cases, unknown ones included. No case gives NaN with a note. Raises ValueError for another kind, or e.

    >>> print(response_rate(Dispositions(400, 50, 300, 200, 50, 100), "RR3", eligible=0.5))
    0.38, n = 1,100 (RR3)

    Source: AAPOR, Standard Definitions.
    """
    if kind not in get_args(Rate):
        raise ValueError(f"kind: expected one of {', '.join(get_args(Rate))}")
    share = {"RR1": 1.0, "RR2": 1.0, "RR5": 0.0, "RR6": 0.0}.get(kind, eligible)
    if share is None or not 0 <= share <= 1 or (kind not in ("RR3", "RR4") and eligible is not None):
        raise ValueError(f"eligible: the share of unknown cases, 0 to 1, is stated for RR3 and RR4, not for {kind}")
    answered = cases.complete + (cases.partial if kind in ("RR2", "RR4", "RR6") else 0.0)
    told = cases.complete + cases.partial + cases.refused + cases.not_contacted + cases.other
    asked, n = told + share * cases.unknown, (told + cases.unknown).astype(np.int64)
    value = np.divide(answered, asked, out=np.full(len(asked), nan), where=asked > 0)
    notes = ("a census of the cases: no interval",) if (asked > 0).all() and len(asked) else ("nobody was asked",)
    if cases.labels is None:
        return Estimate(float(value[0]), n=int(n[0]), method=kind, notes=notes, digits=2)
    return Estimate(value, n=n, method=kind, labels=cases.labels, notes=notes, digits=2)


def dispositions(
    table: FactTable,
    *,
    second: Second,
    items: Sequence[Item] = (),
    by: Literal["questionnaire", "about"] | None = None,
) -> Dispositions:
    """What became of the survey requests of a base, from the requests and the answers that name them.

    table: facts. second: which of two answers to one request stands (R39). items: whose scales tell which answers are
    valid; of others every number is. by: a row a questionnaire, or a row for each thing asked about.

    Complete: each item asked has a valid score; partial: some; refused: it came back without any; not contacted:
    nothing came back (R40). Whoever learnt more by telephone adds it to the counts.

    >>> from pendulum import datetime
    >>> from relmkt.facts import Answer
    >>> from relmkt.windows import days
    >>> day = datetime(2026, 3, 1)
    >>> asked = [SurveyRequested(who, day, "nps", ("recommend",), within=days(9), id=who) for who in "abc"]
    >>> base = FactTable.of([*asked, Answer("a", day.add(days=1), "recommend", 9, ref="a")])
    >>> print(response_rate(dispositions(base, second="reject"), "RR1"))
    0.33, n = 3 (RR1)

    Source: AAPOR, Standard Definitions.
    """
    requests = table.only(SurveyRequested)
    if not len(requests):
        return Dispositions(0) if by is None else Dispositions([], [], [], [], [], [], labels=())
    if second not in get_args(Second):
        raise ValueError(f"second: expected one of {', '.join(get_args(Second))}")
    answers = table.only(Answer)
    numbers, case = cases_of(requests, answers)
    kept = standing_rows(answers, case, newest=second == "correct")
    standing, case = answers.taken(kept), case[kept]
    wanted = list(map(_texts, table.rest(SurveyRequested, "items")))
    hits = hits_of(numbers, standing, case, wanted, items)
    sizes = np.array([len(set(names)) for names in wanted])
    came = np.isin(numbers, case)
    became = np.select([~came, hits == 0, hits < sizes], [3, 2, 1], 0)  # the places of these cases
    labels, place = places_of([""] * len(requests) if by is None else requests[by], len(requests))
    counts = np.bincount(became * len(labels) + place, minlength=len(_CASES) * len(labels))
    columns = dict(zip(_CASES, counts.reshape(len(_CASES), -1), strict=True))
    return Dispositions(**columns, labels=None if by is None else labels)


def _texts(told: object) -> tuple[str, ...]:
    return tuple(map(str, told)) if isinstance(told, tuple | list) else ()


def apart(level: float, notes: Sequence[str] = (), **groups: ArrayLike) -> Estimate:
    """The mean of one group less that of another, each under the name of its argument; missing values are counted.

    >>> print(apart(0.95, early=[9, 8, 10], late=[4, 6, 5, None]).missing)
    1
    """
    known, missing = [], 0
    for name, values in groups.items():
        told = np.asarray(values, np.float64)
        if told.ndim != 1:
            raise ValueError(f"{name}: expected one value a respondent, got shape {told.shape}")
        known.append(told[~np.isnan(told)])
        missing += int(np.isnan(told).sum())
    empty = [name for name, seen in zip(groups, known, strict=True) if not len(seen)]
    found = difference_of_means(*known, level=level, note=f"nobody in {' and '.join(empty)}", missing=missing)
    return evolve(found, notes=(*found.notes, *notes)) if found.n else found


def nonresponse_bias(rate: float, respondents: ArrayLike, others: ArrayLike, *, level: float = 0.95) -> Estimate:
    """How far the mean of those who answered lies from that of all: (1 − RR)·(ȳ of respondents − ȳ of the others).

    rate: the response rate, in [0, 1]. respondents, others: something known of both, such as what they spent, or the
    scores of a second inquiry among those who had not answered; NaN where missing. The interval is Welch's.

    Above zero: respondents are higher than all. Raises ValueError for a rate outside [0, 1].

    >>> print(nonresponse_bias(0.4, [9, 8, 10], [4, 6, 5]))
    2.40 [1.04, 3.76] 95 %, n = 6 (Welch)

    Source: the mean of all is RR·ȳ of respondents + (1 − RR)·ȳ of the others; Welch 1947.
    """
    if not 0 <= rate <= 1:
        raise ValueError("rate: the response rate lies between 0 and 1")
    found = apart(level, respondents=respondents, others=others)
    return evolve(found, **{name: (1 - rate) * getattr(found, name) for name in ("value", "low", "high", "se")})


def wave_contrast(early: ArrayLike, late: ArrayLike, *, level: float = 0.95) -> Estimate:
    """The mean of those who answered early less that of those who answered late, after a reminder: Welch's interval.

    early, late: scores of each wave, NaN where missing. Where the two differ, those who never answered are likely to
    lie beyond the late ones (Armstrong & Overton 1977). It is a cheap probe: no difference proves no absence of bias.

    >>> print(wave_contrast([9, 8, 10], [4, 6, 5]))
    4.00 [1.73, 6.27] 95 %, n = 6 (Welch)

    Source: Armstrong & Overton 1977; Welch 1947.
    """
    note = "a probe: no difference does not show that those who never answered are alike"
    return apart(level, (note,), early=early, late=late)
