"""Who renewed, at which renewal? What a contractual retention model reads of cohorts or of single customers.

Fader & Hardie (2007), "How to project customer retention", Journal of Interactive Marketing 21(1): where the end of a
contract is seen, the likelihood is a product over renewals of those who made the t-th and those who refused it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.value._models._contracts import Contracts, covariate_columns
from relmkt.value._summaries._summary import floats

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Renewals"]

Floats = NDArray[np.float64]
SAME = cmp_using(eq=np.array_equal)


@frozen(repr=False)
class Renewals:
    """Customers who made the first, second, … renewal, and who refused it; `customers` all there were at the start.

    contracts: the single customers, where covariates of theirs are known.

    >>> Renewals.of_cohorts([1000, 631, 468]).lost.tolist()
    [369.0, 163.0]
    """

    kept: Floats = field(converter=floats, eq=SAME)
    lost: Floats = field(converter=floats, eq=SAME)
    customers: float = field(converter=float)
    contracts: Contracts | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.kept.ndim != 1 or self.kept.shape != self.lost.shape:
            raise InvalidFactError(
                "kept", f"shapes {self.kept.shape} and {self.lost.shape}", "two columns of one length"
            )
        for name, column in (("kept", self.kept), ("lost", self.lost)):
            if not ((column >= 0) & np.isfinite(column)).all():
                raise InvalidFactError(name, "a negative or missing number of customers", "numbers of 0 or more")

    def __repr__(self) -> str:
        return f"<Renewals: {self.customers:,.0f} customers, {self.lost.sum():,.0f} lost in {self.kept.size} periods>"

    @classmethod
    def of_cohorts(
        cls,
        survivors: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        covariates: Mapping[str, ArrayLike] | None = None,
    ) -> Self:
        """From the customers of one cohort, or of several, one a row, who were left after 0, 1, 2, … renewals.

        survivors: numbers that never rise along a row, NaN where still to come; weights: what to multiply each row
        with, for instance 10 where 1,000 customers are told as percentages; covariates: what is known of each
        cohort, by name, one finite number a row. Anything else is an InvalidFactError.

        >>> Renewals.of_cohorts([[100, 63, 47], [80, 52, np.nan]]).kept.tolist()
        [115.0, 47.0]
        """
        left = np.atleast_2d(np.asarray(survivors, dtype=np.float64))
        if left.ndim != 2 or not left.size:
            raise InvalidFactError("survivors", f"shape {left.shape}", "one cohort, or one a row")
        w = np.ones(len(left)) if weights is None else np.asarray(weights, dtype=np.float64)
        w = _weights(np.broadcast_to(w, len(left)) if w.ndim == 0 else w, len(left))
        known = ~np.isnan(left)
        if (known[:, 1:] & ~known[:, :-1]).any():
            raise InvalidFactError("survivors", "a gap in a cohort", "missing numbers at the end only")
        drop = np.where(known[:, 1:], left[:, :-1] - left[:, 1:], 0.0)
        if (left[known] < 0).any() or np.isinf(left).any() or (drop < 0).any():
            raise InvalidFactError("survivors", "a cohort that grows, or a negative number", "customers who were left")
        kept, start = np.where(known[:, 1:], left[:, 1:], 0.0), np.where(known[:, 0], left[:, 0], 0.0)
        told = None if covariates is None else _told(start, kept, drop, w, covariate_columns(covariates, len(left)))
        return cls(w @ kept, w @ drop, w @ start, contracts=told)

    @classmethod
    def of_customers(
        cls,
        tenures: ArrayLike,
        churned: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        covariates: Mapping[str, ArrayLike] | None = None,
    ) -> Self:
        """From single customers, one a row.

        churned: whether each has left; tenures: whole periods until then, t for who refused the t-th renewal, and for
        those who are still there the renewals they have made; weights: customers that each row stands for; covariates:
        what is known of each, by name, one finite number a row.

        >>> Renewals.of_customers([1, 3, 2], [True, True, False]) == Renewals([2, 2, 0], [1, 0, 1], 3)
        True
        """
        t, gone = np.asarray(tenures, dtype=np.float64), np.asarray(churned)
        if t.ndim != 1 or gone.shape != t.shape:
            raise InvalidFactError("churned", f"shape {gone.shape}", f"{t.shape}, one a row of tenures")
        if gone.dtype != np.bool_ and not np.isin(gone, (0, 1)).all():
            raise InvalidFactError("churned", "neither true nor false", "true for who has left")
        gone = gone.astype(np.bool_)
        if not ((t >= gone) & (t == np.floor(t)) & np.isfinite(t)).all():
            raise InvalidFactError("tenures", "no whole number of periods", "0 or more, and 1 or more for who has left")
        w = np.ones(t.size) if weights is None else _weights(np.asarray(weights, dtype=np.float64), t.size)
        which, size = t.astype(np.int64), int(t.max(initial=0)) + 1
        lost, stay = (np.bincount(which, weights=w * part, minlength=size) for part in (gone, ~gone))
        there = np.cumsum((lost + stay)[::-1])[::-1]  # who came to the t-th renewal and is known to have decided on it
        told = None if covariates is None else Contracts.of(t, gone * 1.0, w, covariate_columns(covariates, t.size))
        return cls((there - lost)[1:], lost[1:], w.sum(), contracts=told)


def _told(start: Floats, kept: Floats, lost: Floats, w: Floats, covariates: dict[str, Floats]) -> Contracts:
    """Cohorts, one a row, as contracts."""
    each = [Contracts.of_counts(kept[i], lost[i], start[i]) for i in range(len(w))]
    sizes = [one.tenures.size for one in each]
    tenures, churned, counts = (
        np.concatenate([getattr(one, name) for one in each]) for name in ("tenures", "churned", "weights")
    )
    columns = {name: np.repeat(column, sizes) for name, column in covariates.items()}
    return Contracts.of(tenures, churned, counts * np.repeat(w, sizes), columns)


def _weights(w: Floats, n: int) -> Floats:
    if w.shape != (n,):
        raise InvalidFactError("weights", f"shape {w.shape}", f"({n},), one a row")
    if not ((w >= 0) & np.isfinite(w)).all():
        raise InvalidFactError("weights", "a negative or missing weight", "numbers of customers")
    return w
