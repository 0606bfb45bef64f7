"""Whose contract ran how long, and what is known of its customer? Alike customers are one row.

A renewal model with covariates reads single customers (Fader & Hardie 2007, "Incorporating time-invariant covariates
into the Pareto/NBD and BG/NBD models"); those of the same tenure, end and covariates speak alike, and are read once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.exceptions import InvalidFactError
from relmkt.value._summaries._fields import SAME, SAME_OF_EACH, columns, floats

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Contracts", "covariate_columns"]

Floats = NDArray[np.float64]


@frozen(repr=False)
class Contracts:
    """Customers by tenure, in whole periods; whether they left at its end, 1 or 0; and their covariates.

    weights: customers that each row stands for.
    """

    tenures: Floats = field(converter=floats, eq=SAME)
    churned: Floats = field(converter=floats, eq=SAME)
    weights: Floats = field(converter=floats, eq=SAME)
    covariates: Mapping[str, Floats] = field(converter=columns, eq=SAME_OF_EACH)

    @classmethod
    def of(cls, tenures: Floats, churned: Floats, weights: Floats, covariates: Mapping[str, Floats]) -> Self:
        """The distinct rows, with the sum of their weights.

        >>> two = Contracts.of(np.array([3.0, 3.0]), np.array([0.0, 0.0]), np.ones(2), {"north": np.array([1.0, 1.0])})
        >>> two.tenures.tolist(), two.weights.tolist()
        ([3.0], [2.0])
        """
        told = [tenures, churned, *covariates.values()]
        codes = np.zeros(tenures.size, dtype=np.int64)
        for column in told:  # codes stay below n squared
            present, which = np.unique(column, return_inverse=True)
            codes = np.unique(codes * present.size + which, return_inverse=True)[1]
        first = np.unique(codes, return_index=True)[1]
        kept = dict(zip(covariates, (column[first] for column in told[2:]), strict=True))
        return cls(tenures[first], churned[first], np.bincount(codes, weights=weights, minlength=first.size), kept)

    @classmethod
    def of_counts(cls, kept: Floats, lost: Floats, customers: float) -> Self:
        """From who made the first, second, … renewal and who refused it, without covariates.

        Raises InvalidFactError where more came to a renewal than had made the one before, for then some of those were
        not seen from their start.

        >>> Contracts.of_counts(np.array([63.0, 47.0]), np.array([37.0, 16.0]), 100.0).weights.tolist()
        [0.0, 0.0, 47.0, 37.0, 16.0]
        """
        there = np.append(customers, kept)
        still = there - np.append(kept + lost, 0.0)  # after so many renewals, with the next one yet to come
        if (still < -1e-9 * max(customers, 1.0)).any():
            raise InvalidFactError("kept", "fewer than came to the next renewal", "customers seen from their start")
        n, t = kept.size, np.arange(kept.size + 1.0)
        gone = np.repeat([0.0, 1.0], [n + 1, n])
        return cls(np.append(t, t[1:]), gone, np.append(np.maximum(still, 0.0), lost), {})


def covariate_columns(given: Mapping[str, ArrayLike], n: int) -> dict[str, Floats]:
    """One finite number a row for each; anything else is an InvalidFactError."""
    found = {name: np.asarray(column, dtype=np.float64) for name, column in given.items()}
    for name, column in found.items():
        if column.shape != (n,):
            raise InvalidFactError("covariates", f"{name}: shape {column.shape}", f"({n},), one a row")
        if not np.isfinite(column).all():
            raise InvalidFactError("covariates", f"{name}: a missing number", "one finite number a row")
    return found
