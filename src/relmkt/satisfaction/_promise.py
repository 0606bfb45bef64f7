"""What if we promised less? The announced level by kind of value, and what follows from moving it.

A lower promise lowers the expectations that come from it (Zeithaml, Berry & Parasuraman 1993), hence fewer are
disappointed, and the offer looks less attractive before purchase: expected value over cost falls. Perceived value moves
only as far as it leans to the expectation (assimilation; Anderson 1973, Consumer Dissatisfaction, J. Marketing Research
10(1), 38-44). What was designed is another thing than what is announced or perceived, and stays on its own line.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike

from relmkt.columns._html import html_table
from relmkt.estimate import Estimate
from relmkt.satisfaction._disconfirmation import Disconfirmation, disconfirmation
from relmkt.satisfaction._expectations import ValueKind
from relmkt.satisfaction._paired import Floats, alike, groups
from relmkt.satisfaction._value_for_cost import GlobalCost, ValueForCost, value_for_cost
from relmkt.scales import Scale
from relmkt.scales._mean import known_mean

__all__ = ["PromiseChange", "PromiseLine", "ValueProposition", "adjust_promise"]


def _levels(told: Mapping[ValueKind, float] | None) -> dict[ValueKind, float]:
    return {kind: float(level) for kind, level in (told or {}).items()}


@frozen
class ValueProposition:
    """What the firm announces: the level promised of each kind of value, on the scale that customers answer on.

    name: of the offer. promised: levels by kind. scale: theirs. designed: the levels that it was made to reach, by
    kind, where they are known (the conceived satisfaction); they need not be those announced.

    Raises ValueError for nothing promised, or a level off the scale.

    >>> offer = ValueProposition("spa", {ValueKind.IMAGE: 9}, Scale(1, 10), designed={ValueKind.IMAGE: 8})
    >>> offer.moved(ValueKind.IMAGE, -1).promised[ValueKind.IMAGE]
    8.0

    Source: Zeithaml, Berry & Parasuraman 1993.
    """

    name: str
    promised: Mapping[ValueKind, float] = field(converter=_levels)
    scale: Scale
    designed: Mapping[ValueKind, float] = field(default=None, converter=_levels, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.promised:
            raise ValueError("promised: expected the level of at least one kind of value")
        for kind, level in (*self.promised.items(), *self.designed.items()):
            if not self.scale.low <= level <= self.scale.high:
                raise ValueError(f"{kind.value}: expected a level from {self.scale.low} to {self.scale.high}")

    def moved(self, kind: ValueKind, points: float) -> ValueProposition:
        """The same offer with one promise raised by some points, or lowered where they are negative.

        Raises KeyError for a kind that is not promised, ValueError where the level would leave the scale.
        """
        if kind not in self.promised:
            raise KeyError(f"{kind.value}: not promised")
        return evolve(self, promised={**self.promised, kind: self.promised[kind] + points})

    def designed_gap(self, kind: ValueKind, perceived: ArrayLike, *, level: float = 0.95) -> Estimate:
        """Mean perceived less designed level: below 0, customers do not find what was conceived. The level is exact.

        perceived: shape (n,), NaN where unknown. Where no level was designed: NaN and a note.

        >>> offer = ValueProposition("spa", {ValueKind.IMAGE: 9}, Scale(1, 10), designed={ValueKind.IMAGE: 8})
        >>> offer.designed_gap(ValueKind.IMAGE, [7, 7, 8, 6]).value
        -1.0
        """
        found = np.asarray(perceived, np.float64)
        if kind not in self.designed:
            left = int(np.count_nonzero(np.isnan(found)))
            return Estimate.unknown(f"no designed level of {kind.value}", level=level, method="t", missing=left)
        return known_mean(found - self.designed[kind], level=level, note="nobody told a perception")


@frozen(eq=False)
class PromiseLine:
    """One segment before and after the change; "all" is everybody.

    felt, felt_after: perceived against expected. value, value_after: perceived value over cost; offer, offer_after:
    expected value over cost, which is what attracts before purchase. None where no cost is known.

    >>> offer = ValueProposition("spa", {ValueKind.IMAGE: 9}, Scale(1, 10))
    >>> told = adjust_promise(offer, ValueKind.IMAGE, -1, perceived=[6, 8], expected=[7, 9], follows=1, cost=[4, 8])
    >>> told.line().offer.ratio.value.__round__(6), told.line().offer_after.ratio.value
    (1.166667, 1.0)
    """

    segment: str
    felt: Disconfirmation
    felt_after: Disconfirmation
    value: ValueForCost | None = None
    value_after: ValueForCost | None = None
    offer: ValueForCost | None = None
    offer_after: ValueForCost | None = None


@frozen(eq=False, repr=False)
class PromiseChange:
    """What follows from a promise that is moved, segment by segment; `adjust_promise` makes it.

    before, after: the offers. kind: whose promise moves. lines: "all" and then the segments. designed_gap,
    designed_gap_after: mean perceived less designed level, on a line of their own. held: respondents whose expectation
    or perception reached an end of the scale, and stays there. notes: what was supposed.

    >>> offer = ValueProposition("spa", {ValueKind.IMAGE: 9}, Scale(1, 10))
    >>> adjust_promise(offer, ValueKind.IMAGE, -1, perceived=[6, 8], expected=[7, 9], follows=1)
    <PromiseChange of image by -1, 1 lines>
    """

    before: ValueProposition
    after: ValueProposition
    kind: ValueKind
    lines: tuple[PromiseLine, ...]
    designed_gap: Estimate
    designed_gap_after: Estimate
    held: int
    notes: tuple[str, ...]

    def line(self, segment: str = "all") -> PromiseLine:
        """The line of one segment; KeyError where there is none of that name."""
        for line in self.lines:
            if line.segment == segment:
                return line
        raise KeyError("no segment of that name")

    def _cells(self) -> list[tuple[str, ...]]:
        def arrow(one: float, other: float) -> str:
            return f"{one:.2f} → {other:.2f}"

        def row(line: PromiseLine) -> tuple[str, ...]:
            shares = zip(line.felt.shares.value.tolist(), line.felt_after.shares.value.tolist(), strict=True)
            pairs = ((line.value, line.value_after), (line.offer, line.offer_after))
            ratios = (arrow(a.ratio.value, b.ratio.value) if a and b else "" for a, b in pairs)
            return (line.segment, *(arrow(a, b) for a, b in shares), *ratios)

        return [row(line) for line in self.lines]

    def __str__(self) -> str:
        lines = ["".join(f"{cell:<18}" for cell in cells).rstrip() for cells in (_HEAD, *self._cells())]
        gap = f"perceived less designed: {self.designed_gap}; after: {self.designed_gap_after}"
        return "\n".join((*lines, gap, *self.notes))

    def __repr__(self) -> str:
        points = self.after.promised[self.kind] - self.before.promised[self.kind]
        return f"<PromiseChange of {self.kind.value} by {points:+g}, {len(self.lines)} lines>"

    def _repr_html_(self) -> str:
        said = "; ".join((f"perceived less designed: {self.designed_gap}", *self.notes))
        return html_table(self._cells(), head=_HEAD, caption=said)


_HEAD = ("segment", "dissatisfied", "satisfied", "over-satisfied", "value over cost", "expected over cost")


def adjust_promise(
    offer: ValueProposition,
    kind: ValueKind,
    points: float,
    *,
    perceived: ArrayLike,
    expected: ArrayLike,
    follows: ArrayLike,
    assimilation: float = 0.0,
    cost: ArrayLike | GlobalCost | None = None,
    cost_scale: Scale | None = None,
    segments: ArrayLike | None = None,
    tolerance: float = 0.0,
    level: float = 0.95,
) -> PromiseChange:
    """A what-if: move the promise of one kind, and recompute verdicts and value over cost of each segment.

    offer: what is announced now. points: by how much the promise moves, −1 lowers it by one. perceived, expected: of
    this kind, on the offer's scale, shape (n,). follows: points of expectation for a point of promise, one number or
    one a respondent: 1 where the expectation comes from the promise alone, 0 where it does not. assimilation: points
    of perception for a point of expectation; 0 leaves perception alone. cost, cost_scale: as for `value_for_cost`.
    segments: labels, one a respondent. tolerance: as for `disconfirmation`.

    It supposes that the same people buy and nothing else changes; the intervals are those of the sample, not of
    `follows` and `assimilation`. Raises KeyError for a kind not promised, ValueError for arguments that do not fit.

    >>> offer = ValueProposition("spa", {ValueKind.IMAGE: 8}, Scale(1, 10), designed={ValueKind.IMAGE: 8})
    >>> told = adjust_promise(offer, ValueKind.IMAGE, -1, perceived=[6, 8, 7], expected=[7, 7, 8], follows=1)
    >>> told.line().felt.felt.tolist(), told.line().felt_after.felt.tolist()
    (['dissatisfied', 'over-satisfied', 'dissatisfied'], ['satisfied', 'over-satisfied', 'satisfied'])

    Source: Zeithaml, Berry & Parasuraman 1993; assimilation: Anderson 1973.
    """
    if not isfinite(assimilation):
        raise ValueError("assimilation: expected a finite number of points")
    after, scale = offer.moved(kind, points), offer.scale
    now = disconfirmation(perceived, expected, tolerance=tolerance, scale=scale, level=level)
    each = np.asarray(follows, np.float64)
    if each.shape not in ((), now.expected.shape) or not np.isfinite(each).all():
        raise ValueError("follows: expected a finite number, or one a respondent")
    e, e_held = _held(now.expected, points * each, scale)
    p, p_held = _held(now.perceived, assimilation * (e - now.expected), scale)
    then = evolve(now, perceived=np.where(np.isnan(e), now.perceived, p), expected=e)
    held = int(np.count_nonzero(e_held | p_held))
    return PromiseChange(
        offer,
        after,
        kind,
        _lines(now, then, cost, cost_scale, segments),
        offer.designed_gap(kind, now.perceived, level=level),
        after.designed_gap(kind, then.perceived, level=level),
        held,
        _supposed(each, assimilation, held),
    )


def _held(values: Floats, by: Any, scale: Scale) -> tuple[Floats, Any]:
    """The values moved within the scale, and which reached its end: nobody expects less than its lowest answer."""
    moved = values + by
    return np.clip(moved, scale.low, scale.high), (moved < scale.low) | (moved > scale.high)


def _supposed(follows: Floats, assimilation: float, held: int) -> tuple[str, ...]:
    mean = float(follows.mean()) if follows.size else 0.0
    moves = (
        f"{mean:g} points of expectation for a point of promise, {assimilation:g} of perception for one of expectation"
    )
    return (f"supposed: {moves}; the same people buy", *((f"{held:,} held at an end of the scale",) if held else ()))


def _lines(
    now: Disconfirmation, then: Disconfirmation, cost: Any, cost_scale: Scale | None, segments: ArrayLike | None
) -> tuple[PromiseLine, ...]:
    columns: dict[str, Any] = {"felt": now, "felt_after": then}
    if cost is not None:
        total = cost.total if isinstance(cost, GlobalCost) else cost
        alike(perceived=now.perceived, cost=total)
        sides = {"value": now.perceived, "value_after": then.perceived, "offer": now.expected}
        for name, values in {**sides, "offer_after": then.expected}.items():
            columns[name] = value_for_cost(values, cost, scale=now.scale, cost_scale=cost_scale, level=now.level)
    parts = {} if segments is None else {name: column.by(segments) for name, column in columns.items()}
    names = [] if segments is None else list(groups(segments, len(now.expected)))
    told = [PromiseLine(segment, **{name: part[segment] for name, part in parts.items()}) for segment in names]
    return (PromiseLine("all", **columns), *told)
