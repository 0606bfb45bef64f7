"""Is there a tie between persons? What customers say of it, and what they do: a named contact, exchanges both ways.

Berry (1995), Relationship Marketing of Services, Journal of the Academy of Marketing Science 23(4), 236-245: financial,
social and structural bonds; Gwinner, Gremler & Bitner (1998), Relational Benefits in Services Industries, the same
journal 26(2), 101-114. What was asked is a score; what is done is a proxy, and the two are never one number unblended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.loyalty._dimensions import construct_of, percent
from relmkt.loyalty._evidence import Evidence, named_rules
from relmkt.loyalty._joining import one_scale
from relmkt.loyalty._measures import Joined, surveyed
from relmkt.rules import Measure, Rule
from relmkt.scales import Construct, Item, Scale
from relmkt.scales._item import of_items
from relmkt.scales._reliability import Reliability
from relmkt.windows import Instant

__all__ = ["SocialBond", "reciprocity"]

Floats = NDArray[np.float64]


@overload
def reciprocity(received: Measure, sent: Measure) -> Measure: ...
@overload
def reciprocity(received: ArrayLike, sent: ArrayLike) -> Floats: ...
def reciprocity(received: Any, sent: Any) -> Any:
    """How even is the exchange: min(in, out) / max(in, out), from 0 (one side only) to 1; NaN where nobody wrote.

    received, sent: how many messages came from the customer and went to them: two measures, and then a measure; or
    arrays, one entry a customer. Negative counts are NaN.

    >>> reciprocity([3, 0, 0], [4, 5, 0]).tolist()
    [0.75, 0.0, nan]
    """
    if isinstance(received, Measure) and isinstance(sent, Measure):
        return Joined("reciprocity", parts=(received, sent), how=_even)
    columns = np.broadcast_arrays(np.asarray(received, np.float64), np.asarray(sent, np.float64))
    return _ratio(*columns)


def _even(columns: Sequence[Floats], at: Instant) -> Floats:
    return _ratio(*columns)


def _ratio(one: Floats, other: Floats) -> Floats:
    least, most = np.minimum(one, other), np.maximum(one, other)
    found: Floats = np.divide(least, most, out=np.full(least.shape, np.nan), where=(least >= 0) & (most > 0))
    return found


@frozen
class SocialBond:
    """The social bond of a customer with us, from a survey, from behaviour, or from both.

    items: asked, on one scale. signals: rules about behaviour by name, such as a named contact, exchanges both ways,
    events attended, `reciprocity(received, sent) >= …`: their limits are yours. prior: (a, b) of `Evidence`, needed
    with signals.

    The survey is scored by `scores`, `score` and `measure`; behaviour by `evidence`, a proxy from 0 to 1 that no survey
    score ever takes in: `blend` joins the two and says so. Raises ValueError with neither items nor signals, with
    signals and no prior, and for what `Construct` and `Evidence` refuse.

    >>> from relmkt.facts import Visit
    >>> from relmkt.tallies import count
    >>> events = count(Visit, place="members' evening") >= 1
    >>> bond = SocialBond(Scale(1, 7).items("b1", "b2"), signals={"events": events}, prior=(1, 1))
    >>> print(bond.measure >= 5, bond.evidence.measure >= 0.5)
    social bond >= 5 social bond (proxy) >= 0.5

    Source: Berry 1995; Gwinner, Gremler & Bitner 1998.
    """

    items: Sequence[Item] = field(default=(), converter=of_items)
    signals: tuple[tuple[str, Rule], ...] = field(default=(), converter=named_rules, kw_only=True)
    prior: tuple[float, float] | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.items and not self.signals:
            raise ValueError("social bond: expected items, signals, or both")
        if self.items:
            self.survey  # noqa: B018  refuses items on several scales
        if self.signals:
            self.evidence  # noqa: B018  refuses signals that are none

    @property
    def survey(self) -> Construct:
        """The items, as a construct. Raises ValueError without any."""
        return construct_of("social bond", self.items)

    @property
    def evidence(self) -> Evidence:
        """The signals, as a proxy. Raises ValueError without any."""
        if self.prior is None:
            raise ValueError("social bond: signals need the prior that they update")
        return Evidence("social bond", self.signals, prior=self.prior)

    @property
    def scale(self) -> Scale:
        """The scale of the items and of the scores."""
        return one_scale("social bond", self.items)

    def scores(self, answers: Any) -> Floats:
        """One score a respondent, from the answers alone, on the scale of the items."""
        return self.survey.scores(answers)

    def score(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The mean score of the base, with Student's t interval."""
        return self.survey.score(answers, level=level)

    def pomp(self, answers: Any, *, level: float = 0.95) -> Estimate:
        """The same from 0 to 100: percent of the maximum possible."""
        return percent(self.score(answers, level=level), self.scale)

    def reliability(self, answers: Any) -> Reliability:
        """The reliability of the items."""
        return self.survey.reliability(answers)

    @property
    def measure(self) -> Measure:
        """The score of one customer, from the newest answer to each item: the number that `scores` gives everyone."""
        return surveyed("social bond", self.survey)
