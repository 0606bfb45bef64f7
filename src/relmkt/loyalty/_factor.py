"""What is one factor behind several scores worth, respondent by respondent? Scores by regression.

Thomson (1939), The Factorial Analysis of Human Ability: the factor regressed on the scores that it shows in. The
weights are of this base, so that the same answers score otherwise in another one; a mean of the scores does not do so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.scales._moments import correlations, moments
from relmkt.scales._omega import loadings

__all__ = ["factor_scores"]

LEAST = 3
"""Scores that tell one factor, and respondents that tell a correlation of them."""


def factor_scores(columns: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """The factor of each respondent, in standard deviations from the mean of the base: z R⁻¹ λ.

    columns: three scores or more, shape (respondents,) each, NaN where missing: such a respondent has no factor score.
    Nobody has one with fewer scores, fewer than three respondents who have them all, or a score that does not vary.

    >>> factor_scores([[1, 2, 3, 4], [2, 1, 4, 3], [1, 3, 2, 4]]).round(2).tolist()
    [-1.07, -0.25, 0.25, 1.07]

    Source: Thomson 1939.
    """
    rows = np.column_stack([np.asarray(column, np.float64) for column in columns])
    seen = moments(rows, missing="listwise")
    spread = np.sqrt(np.diag(seen.covariances))
    if rows.shape[1] < LEAST or seen.n < LEAST or not spread.all():
        return np.full(len(rows), np.nan)
    between = np.clip(correlations(seen.covariances), -1, 1)
    weights = np.linalg.pinv(between, hermitian=True) @ loadings(between)
    return np.asarray(((rows - seen.means) / spread) @ weights)
