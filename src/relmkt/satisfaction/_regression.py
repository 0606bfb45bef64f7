"""What does a score depend on? Least squares with Student's interval for each coefficient.

Ordinary least squares: Seber & Lee (2003), Linear Regression Analysis, chapter 3. The interval supposes independent
respondents and errors of one spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import nan

import numpy as np
from attrs import frozen

from relmkt.estimate import Estimate
from relmkt.satisfaction._paired import Floats, alike
from relmkt.scales import student

__all__ = ["Regression", "regression"]


@frozen(eq=False, repr=False)
class Regression:
    """A fitted line or plane.

    coefficients: labelled, "constant" first. residual: of each respondent, shape (n,), NaN where one was left out.
    r_squared: share of the spread that it accounts for.

    >>> regression(np.array([1.0, 3.0, 5.0, 7.0]), {"x": np.arange(4.0)}).coefficients.value.round(9).tolist()
    [1.0, 2.0]

    Source: Seber & Lee 2003.
    """

    coefficients: Estimate
    residual: Floats
    r_squared: float

    def __getitem__(self, label: str) -> Estimate:
        """One coefficient."""
        return self.coefficients[label]

    def __str__(self) -> str:
        return f"{self.coefficients}\nR² {self.r_squared:.2f}"

    def __repr__(self) -> str:
        return f"<Regression on {', '.join(self.coefficients.labels or ())}>"


def regression(outcome: Floats, on: Mapping[str, Floats], *, level: float = 0.95) -> Regression:
    """Least squares of an outcome on columns, with a constant; respondents with a gap are left out and counted.

    outcome: shape (n,). on: columns by name, each of shape (n,). level: of the intervals.
    Columns that do not tell their coefficients apart, or fewer respondents than coefficients, give NaN and a note.
    Raises ValueError for columns of unlike length.
    """
    alike(outcome=outcome, **on)
    design = np.column_stack([np.ones(len(outcome)), *on.values()])
    known = ~np.isnan(outcome) & ~np.isnan(design).any(axis=1)
    x, y = design[known], outcome[known]
    (n, p), labels = x.shape, ["constant", *on]
    residual = np.full(len(outcome), nan)
    told = {"labels": labels, "level": level, "n": n, "method": "least squares, t", "missing": len(outcome) - n}
    if n < p or np.linalg.matrix_rank(x / np.maximum(np.abs(x).max(axis=0), 1e-300)) < p:
        note = "too few respondents, or columns that do not vary apart from each other"
        return Regression(Estimate([nan] * p, notes=(note,), **told), residual, nan)
    q, r = np.linalg.qr(x)
    found = np.linalg.solve(r, q.T @ y)
    left = y - x @ found
    spread = float(left @ left) / (n - p) if n > p else nan
    se = np.sqrt(spread * np.square(np.linalg.inv(r)).sum(axis=1))
    half = student(level, n - p) * se if n > p else se
    residual[known] = left
    total = float(np.square(y - y.mean()).sum())
    explained = 1 - float(left @ left) / total if total > 0 else nan
    return Regression(Estimate(found, found - half, found + half, se=se, **told), residual, explained)
