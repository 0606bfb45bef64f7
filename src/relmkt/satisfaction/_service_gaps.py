"""Where is the level lost between what customers expect and what they get? The firm's four gaps of the gaps model.

Parasuraman, Zeithaml & Berry (1985), A Conceptual Model of Service Quality and Its Implications for Future Research,
J. Marketing 49(4), 41-50: gaps 1 to 4 lie inside the firm; the fifth, perceived less expected, is the customers' and
the business of `servqual` and `disconfirmation`. Perceived satisfaction is not the satisfaction that was conceived.
"""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike

from relmkt.estimate import Estimate
from relmkt.satisfaction._paired import Floats, answered
from relmkt.scales import Scale, mean_estimate
from relmkt.scales._difference import difference_of_means
from relmkt.scales._stacked import stacked

__all__ = ["service_gaps"]

_GAPS = (("believed", "expected"), ("specified", "believed"), ("delivered", "specified"), ("delivered", "announced"))


def service_gaps(
    *,
    expected: ArrayLike | None = None,
    believed: ArrayLike | None = None,
    specified: ArrayLike | None = None,
    delivered: ArrayLike | None = None,
    announced: ArrayLike | None = None,
    scale: Scale | None = None,
    level: float = 0.95,
) -> Estimate:
    """Gaps 1 to 4, each a difference of levels on one scale: below 0, the later step falls short of the earlier.

    expected: by customers. believed: what managers think that customers expect. specified: the level designed.
    delivered: as measured or as staff judge it. announced: the level promised. Each is answers, shape (n,), of people
    of its own, NaN where unknown; or one number, a level that is decided and has no error; or None: not known.
    scale: what is outside its ends is invalid. level: of Welch's intervals.

    1: believed less expected; 2: specified less believed; 3: delivered less specified; 4: delivered less announced. A
    gap without one of its sides is NaN. They are told one by one: a shortfall in one does not cancel another.
    Raises ValueError for a decided level off the scale.

    >>> told = service_gaps(expected=[9, 8, 9, 10], believed=[8, 8, 7], specified=8, announced=9)
    >>> told.labels[1], round(float(told.value[1]), 9), told["4 delivered less announced"].n
    ('2 specified less believed', 0.333333333, 0)

    Source: Parasuraman, Zeithaml & Berry 1985; Welch 1947.
    """
    told = {"expected": expected, "believed": believed, "specified": specified}
    sides = {
        name: _read(side, scale) for name, side in {**told, "delivered": delivered, "announced": announced}.items()
    }
    labels = tuple(f"{place} {one} less {other}" for place, (one, other) in enumerate(_GAPS, 1))
    made = stacked([_gap(sides[one], sides[other], level) for one, other in _GAPS], labels)
    gone = [name for name, (values, _) in sides.items() if values is None]
    return evolve(made, notes=(*made.notes, *((f"not known: {', '.join(gone)}",) if gone else ())))


def _read(side: ArrayLike | None, scale: Scale | None) -> tuple[Floats | None, int]:
    if side is None:
        return None, 0
    values, wrong = answered(side, scale)
    if not values.ndim and np.isnan(values):
        raise ValueError("a level that is decided: expected a number on the scale")
    return values, wrong


def _gap(one: tuple[Floats | None, int], other: tuple[Floats | None, int], level: float) -> Estimate:
    (above, wrong), (below, off) = one, other
    if above is None or below is None:
        return Estimate.unknown(_NOTE, level=level, method="Welch")
    seen = [side[~np.isnan(side)] if side.ndim else side for side in (above, below)]
    told: dict[str, Any] = {
        "missing": sum(side.size - left.size for side, left in zip((above, below), seen, strict=True)),
        "invalid": wrong + off,
    }
    if above.ndim and below.ndim:
        return difference_of_means(*seen, level=level, note=_NOTE, **told)
    if not above.ndim and not below.ndim:
        return Estimate(float(above - below), nan, nan, level, method="Welch", **told)
    return evolve(mean_estimate(np.ravel(seen[0] - seen[1]), level=level, note=_NOTE, **told), method="Welch")


_NOTE = "a side of the gap is not known"
