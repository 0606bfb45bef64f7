"""Where does an expectation come from? Shares of its origins, of which one respondent may name several.

Origins: satisfaction with an earlier or substitute product, the firm's promise, its competitors, word of mouth,
prescribers, personal values (Zeithaml, Berry & Parasuraman 1993, The Nature and Determinants of Customer Expectations
of Service, J. Academy of Marketing Science 21(1), 1-12).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import chain
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.estimate import Estimate
from relmkt.scales import mean_estimate
from relmkt.scales._shares import share_estimate
from relmkt.scales._stacked import stacked

__all__ = ["ExpectationSource", "Named", "Ticks", "origin_shares", "source_shares", "ticks"]


class ExpectationSource(Enum):
    """Where an expectation comes from.

    >>> [source.value for source in ExpectationSource][:2]
    ['previous product', 'promise']

    Source: Zeithaml, Berry & Parasuraman 1993.
    """

    PREVIOUS = "previous product"
    """Satisfaction or dissatisfaction with an earlier product, or with a substitute."""
    PROMISE = "promise"
    COMPETITORS = "competitors"
    WORD_OF_MOUTH = "word of mouth"
    PRESCRIBERS = "prescribers"
    PERSONAL_VALUES = "personal values"


Named = Sequence[Iterable[ExpectationSource | str] | None]
"""The origins that each respondent named; none of them is an empty set, and None was not asked or did not answer."""


@frozen(eq=False)
class Ticks:
    """Who named which origin.

    ticked: shape (n, 6), a column an origin; told: who answered at all, (n,); invalid: how many codes are no origin.
    """

    ticked: NDArray[np.bool_]
    told: NDArray[np.bool_]
    invalid: int


def ticks(named: Named) -> Ticks:
    """The origins that each respondent named, as columns; TypeError for one text instead of a set."""
    sources = list(ExpectationSource)
    places: dict[object, int] = {s.value: i for i, s in enumerate(sources)} | {s: i for i, s in enumerate(sources)}
    if any(isinstance(codes, str) for codes in named):
        raise TypeError("named: expected the origins of each respondent as a set or a list, got one text")
    known = [[places.get(code, -1) for code in codes or ()] for codes in named]
    size = np.fromiter(map(len, known), np.int64, len(known))
    place = np.fromiter(chain.from_iterable(known), np.int64, int(size.sum()))
    row, good = np.repeat(np.arange(len(known)), size), place >= 0
    ticked = np.zeros((len(known), len(sources)), np.bool_)
    ticked[row[good], place[good]] = True
    told = np.fromiter((codes is not None for codes in named), np.bool_, len(known))
    told &= (size == 0) | ticked.any(axis=1)  # nothing but invalid codes is no answer
    return Ticks(ticked, told, int(np.count_nonzero(~good)))


def origin_shares(named: Named, *, normalised: bool = False, level: float = 0.95) -> Estimate:
    """Where expectations come from: the share of respondents who named each origin.

    named: of each respondent the origins (`ExpectationSource` or its value), an empty set for none of them, None for
    no answer. A code that is no origin is counted invalid.
    normalised: each respondent counts once, divided evenly over the origins named, so that the shares sum to 1; who
    named none is then missing, and the interval is Student's. Otherwise they may sum to more than 1, with Wilson's.
    Raises TypeError for one text in the place of a set.

    >>> told = origin_shares([{"promise", "word of mouth"}, {"promise"}, set(), None])
    >>> told["promise"].n, round(told["promise"].value, 3), round(told["word of mouth"].value, 3)
    (3, 0.667, 0.333)

    Source: Zeithaml, Berry & Parasuraman 1993; Wilson 1927.
    """
    return source_shares(ticks(named), normalised, level)


def source_shares(found: Ticks, normalised: bool, level: float) -> Estimate:
    """The share of each origin; see `origin_shares`."""
    labels = tuple(source.value for source in ExpectationSource)
    note, n = "nobody named an origin", len(found.told)
    if not normalised:
        asked, hits = int(found.told.sum()), found.ticked[found.told].sum(axis=0)
        told: dict[str, Any] = {"missing": n - asked, "invalid": found.invalid}
        notes = ("several may be named: the shares may sum to more than 1",)
        return share_estimate(hits, [asked] * len(labels), level=level, note=note, labels=labels, notes=notes, **told)
    rows = found.ticked[found.ticked.any(axis=1)]
    each = rows / rows.sum(axis=1, keepdims=True)
    told = {"missing": n - len(rows), "invalid": found.invalid, "level": level, "note": note}
    return stacked([mean_estimate(each[:, place], **told) for place in range(len(labels))], labels)
