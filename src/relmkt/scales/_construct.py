"""What do several items measure together? A respondent's score is the mean of the answered items.

Summated ratings (Likert 1932), averaged so that the score stays on the items' scale; items left out are passed over
while enough are answered, which is mean imputation within the person (Schafer & Graham 2002, Missing Data: Our View of
the State of the Art, Psychological Methods 7(2), 147-177). A score is a mean of items on one scale: items on several
are refused, for a mean of 1 to 7 and 1 to 10 measures nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.estimate import Estimate
from relmkt.facts import Answer, Fact
from relmkt.rules import NAN, Measure
from relmkt.scales._alpha import Interval
from relmkt.scales._answers import Given, given
from relmkt.scales._item import Item, of_items
from relmkt.scales._mean import known_mean, weighted_means
from relmkt.scales._moments import Missing
from relmkt.scales._reliability import Reliability, reliability_of
from relmkt.windows import Instant

__all__ = ["Answered", "Construct", "scored", "turned"]


def scored(answers: Any, items: Sequence[Item]) -> tuple[NDArray[np.float64], int]:
    """The answers of those who were asked any of the items, reversed where an item says so, NaN where none is valid.

    Returns shape (respondents, items), and how many answers were there and are not on their scale.

    >>> from relmkt.scales import Scale
    >>> scored({"t1": [7, 9], "t2": [None, 2]}, Scale(1, 7).items("t1", "t2"))[0].tolist()
    [[7.0, nan], [nan, 2.0]]
    """
    found = given(answers, items)
    return turned(found, items)[found.asked], found.invalid


def turned(found: Given, items: Sequence[Item]) -> NDArray[np.float64]:
    """All rows of the answers, reversed where an item says so, NaN where there is no valid one."""
    told = np.where(found.valid, found.values, np.nan)
    for place, item in enumerate(items):  # in place, so that each column lies together as it was read
        told[:, place] = item.scored(told[:, place])
    return told


@frozen
class Construct:
    """What several items measure together.

    name: of what is measured. items: on one scale, each with a name of its own; reversed where they say so.
    answered: the share of the items that a respondent has to have answered to have a score, more than 0, up to 1.

    Raises ValueError for no items, two of one name, or items on several scales.

    >>> from relmkt.scales import Scale
    >>> seven = Scale(1, 7)
    >>> care = Construct("care", [*seven.items("c1", "c2"), Item("c3", seven, reverse=True)])
    >>> survey = {"c1": [7, 5, 6, None], "c2": [6, 5, None, None], "c3": [2, 3, 1, 4]}
    >>> care.scores(survey).round(2).tolist()
    [6.33, 5.0, 6.5, nan]
    >>> print(care.score(survey))
    5.94 [3.90, 7.99] 95 %, n = 3 (t)

    Source: Likert 1932, averaged; items left out: Schafer & Graham 2002.
    """

    name: str
    items: Sequence[Item] = field(converter=of_items)
    answered: float = field(default=0.5, kw_only=True)

    def __attrs_post_init__(self) -> None:
        names = [item.name for item in self.items]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"{self.name}: expected at least one item, each with a name of its own")
        ends = sorted({(item.scale.low, item.scale.high) for item in self.items})
        if len(ends) > 1:
            told = ", ".join(f"{low} to {high}" for low, high in ends)
            raise ValueError(f"{self.name}: its items are answered on several scales ({told}); a mean needs one")
        if not 0 < self.answered <= 1:
            raise ValueError(f"{self.name}: answered is a share, more than 0 and up to 1")

    def scores(self, answers: Any) -> NDArray[np.float64]:
        """One score a respondent: the mean of the valid items, reversed where they say so; NaN below `answered`.

        answers: columns an item, or a `FactTable` of answers (then in the order of its `ids`): see `given`.
        Returns shape (respondents,), on the scale of the items. Raises InvalidFactError for an item without a column.
        """
        return self._means(given(answers, self.items))

    def _means(self, found: Given) -> NDArray[np.float64]:
        least = max(self.answered * len(self.items), 1)
        return weighted_means(turned(found, self.items), np.ones(len(self.items)), least)

    def score(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The mean score of the base, with Student's t interval.

        answers: as for `scores`. n: respondents with a score; missing: respondents without one; invalid: answers that
        are not on their scale. Nobody with a score: NaN, n = 0 and a note.
        """
        found = given(answers, self.items)
        scores = self._means(found)[found.asked]
        note = f"nobody answered enough items of {self.name}"
        return known_mean(scores, level=level, note=note, invalid=found.invalid)

    def scored(self, answers: Any) -> tuple[NDArray[np.float64], int]:
        """The answers of those who were asked, reversed where the items say so, NaN where there is no valid one.

        Returns shape (respondents, items), and how many answers were there and are not on their scale.
        """
        return scored(answers, self.items)

    def reliability(
        self,
        answers: Any,
        *,
        missing: Missing = "pairwise",
        level: float = 0.95,
        interval: Interval = "feldt",
        rng: np.random.Generator | None = None,
        resamples: int = 1000,
    ) -> Reliability:
        """How far the items agree: alpha and omega with their intervals, and each item's part in them.

        answers: as for `scores`. missing: "pairwise", each two items by those who answered both; "listwise", those who
        answered all. interval: of alpha, "feldt" or "bonett". rng: omega's interval is then the percentiles of
        respondents drawn again, `resamples` times; without it the delta method. Fewer than two items, or items whose
        sum does not vary: NaN and the reason (R41). See `Reliability`.

        >>> from relmkt.scales import Scale
        >>> survey = {"c1": [7, 5, 6, 2], "c2": [6, 5, 7, 2], "c3": [5, 5, 6, 4]}
        >>> print(Construct("care", Scale(1, 7).items("c1", "c2", "c3")).reliability(survey))
        alpha 0.89 [0.29, 0.99], omega 0.95, weakest c3 (0.87)
        """
        values, invalid = self.scored(answers)
        return reliability_of(
            values,
            [item.name for item in self.items],
            missing=missing,
            level=level,
            interval=interval,
            rng=rng,
            resamples=resamples,
            invalid=invalid,
        )

    @property
    def measure(self) -> Measure:
        """The score of one customer, from the newest answer to each item: the number that `scores` gives everyone.

        It reads a facet of its own, for arithmetic on tallies would be missing wherever one item is.

        >>> from relmkt.scales import Scale
        >>> print(Construct("trust", Scale(1, 7).items("t1", "t2")).measure >= 5)
        trust >= 5
        """
        return _Asked(self.name, Answered(tuple(self.items), self.answered), _asked)


@frozen
class Answered:
    """The newest answer of a customer to each of some items.

    items: what is asked; answered: the share that a score needs; newest: the answers, None where there is none.

    >>> from relmkt.scales import Scale
    >>> Answered(tuple(Scale(1, 7).items("t1", "t2"))).newest
    ()
    """

    reads = (Answer,)
    items: tuple[Item, ...] = field(metadata={"plain": False})
    answered: float = field(default=0.5, metadata={"plain": False})
    newest: tuple[float | None, ...] = ()

    def after(self, fact: Fact) -> Answered:
        """With this answer, if it is to one of the items."""
        if not isinstance(fact, Answer):
            return self
        told = self.newest or (None,) * len(self.items)
        places = [place for place, item in enumerate(self.items) if item.name == fact.item]
        if not places:
            return self
        return evolve(self, newest=(*told[: places[0]], fact.score, *told[places[0] + 1 :]))

    def mean(self) -> float:
        """The mean of the valid answers, NaN where too few of the items have one."""
        pairs = zip(self.items, self.newest, strict=False)
        seen = [item.scored(told) for item, told in pairs if told is not None and item.scale.holds(told)]
        return float(sum(seen)) / len(seen) if len(seen) >= max(self.answered * len(self.items), 1) else NAN


def _asked(facet: Answered, at: Instant) -> float:
    return facet.mean()


@frozen(order=False, cache_hash=True, repr=False)
class _Asked(Measure):
    """A measure that answers for everyone at once, from a table's answers."""

    def everyone(self, table: FactTable, at: Instant) -> NDArray[np.float64]:
        """The scores of all customers of a table that holds no fact after `at`, in its order."""
        facet: Answered = self.facet
        return Construct("score", facet.items, answered=facet.answered).scores(table)
