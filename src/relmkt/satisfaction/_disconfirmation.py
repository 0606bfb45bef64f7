"""Was it what they expected? Perceived value after use less expected value before, and the verdict it leads to.

Oliver (1980), A Cognitive Model of the Antecedents and Consequences of Satisfaction Decisions, J. Marketing Research
17(4), 460-469: SAT = b0 + b1·E + b2·D, so that expectation has an effect of its own. A difference of two scores is less
reliable than they are (Lord 1963, Elementary Models for Measuring Change; `scales.difference_reliability` tells by how
much), hence the residualised form, and Edwards' (1994) polynomial one. Both scores come from the same respondent: the
error is that of the paired difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from math import isfinite
from typing import Any, Literal, get_args

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.columns._labels import labelled
from relmkt.estimate import Estimate
from relmkt.satisfaction._paired import Floats, alike, answered, groups
from relmkt.satisfaction._regression import Regression, regression
from relmkt.scales import Item, Scale
from relmkt.scales._construct import scored
from relmkt.scales._item import shared_scale
from relmkt.scales._mean import known_mean
from relmkt.scales._shares import share_estimate

__all__ = [
    "Disconfirmation",
    "ExpectationTiming",
    "Felt",
    "among",
    "answered_disconfirmation",
    "disconfirmation",
    "oliver_model",
]

ExpectationTiming = Literal["before", "after", "unstated"]
_ROUNDING = 1e-9  # a mean of items may miss a tolerance by a rounding


class Felt(Enum):
    """What a respondent felt, perceived against expected.

    >>> Felt.OVER_SATISFIED.value
    'over-satisfied'
    """

    DISSATISFIED = "dissatisfied"
    SATISFIED = "satisfied"
    OVER_SATISFIED = "over-satisfied"
    NONE = "none"
    """No verdict: an expectation or a perception is missing."""


VERDICTS = (Felt.DISSATISFIED, Felt.SATISFIED, Felt.OVER_SATISFIED)


@frozen(eq=False, repr=False)
class Disconfirmation:
    """Perceived against expected value, respondent by respondent; `disconfirmation` makes it.

    perceived, expected: scores on one scale, shape (n,), NaN where unknown. tolerance: how far apart they may be and
    still be satisfied. scale: what they were answered on, None if not stated. expectation_timing: when the expectation
    was asked. invalid: answers off the scale, left out. level: of the intervals.

    >>> found = disconfirmation([6, 8, 7, 9], [7, 7, 7, None])
    >>> found.felt.tolist()
    ['dissatisfied', 'over-satisfied', 'satisfied', 'none']

    Source: Oliver 1980; the polynomial form: Edwards 1994; the shares: Wilson 1927.
    """

    perceived: Floats = field(kw_only=True)
    expected: Floats = field(kw_only=True)
    tolerance: float = field(default=0.0, kw_only=True)
    scale: Scale | None = field(default=None, kw_only=True)
    expectation_timing: ExpectationTiming = field(default="unstated", kw_only=True)
    invalid: int = field(default=0, kw_only=True)
    level: float = field(default=0.95, kw_only=True)

    @property
    def difference(self) -> Floats:
        """Perceived less expected of each respondent, NaN where one of them is missing: nothing is put in its place."""
        return np.asarray(self.perceived - self.expected)

    @property
    def felt(self) -> NDArray[np.str_]:
        """The verdict on each respondent, a value of `Felt`."""
        found = self.difference
        reach = self.tolerance + _ROUNDING
        kinds = [felt.value for felt in (Felt.NONE, Felt.DISSATISFIED, Felt.OVER_SATISFIED)]
        return labelled(np.select([np.isnan(found), found < -reach, found > reach], kinds, Felt.SATISFIED.value))

    @property
    def shares(self) -> Estimate:
        """The share of each of the three verdicts among those who have one, Wilson's interval; they sum to 1."""
        felt, told = self.felt, self._counts()
        counts = [int(np.count_nonzero(felt == verdict.value)) for verdict in VERDICTS]
        labels = [verdict.value for verdict in VERDICTS]
        return share_estimate(counts, [sum(counts)] * 3, level=self.level, note=_NOBODY, labels=labels, **told)

    @property
    def mean(self) -> Estimate:
        """The mean difference with the paired t interval; a note where every difference is the same."""
        found, told = self.difference, self._counts()
        late = told.pop("notes")
        made = known_mean(found, level=self.level, note=_NOBODY, **told)
        same = made.n > 1 and np.nanmin(found) == np.nanmax(found)
        return evolve(made, notes=(*made.notes, *late, *(_SAME if same else ())))

    @property
    def ceiling(self) -> Estimate:
        """The share who expected so much that the scale has no room for over-satisfaction: their verdict is censored.

        Unknown where the scale is not stated.
        """
        if self.scale is None:
            return Estimate.unknown("state scale=, whose upper end is the ceiling", level=self.level)
        top = self.expected[~np.isnan(self.difference)] + self.tolerance + _ROUNDING >= self.scale.high
        return share_estimate(np.count_nonzero(top), len(top), level=self.level, note=_NOBODY, **self._counts())

    def ratio(self, *, unit: str) -> Floats:
        """Perceived by expected of each respondent: for quantities with a true zero alone, such as minutes or money.

        unit: of both. NaN where the expectation is not above 0. Raises ValueError for answers on a rating scale, whose
        zero is arbitrary, or an empty unit.
        """
        if self.scale is not None or not unit:
            raise ValueError("ratio: expected a quantity with a true zero and its unit; a rating scale has neither")
        found: Floats = np.full(self.expected.shape, np.nan)
        np.divide(self.perceived, self.expected, out=found, where=self.expected > 0)
        return found

    @property
    def residualised(self) -> Regression:
        """Perceived value regressed on the expected one: its residual is how far each perceived more than such do."""
        return regression(self.perceived, {"expectation": self.expected}, level=self.level)

    def polynomial(self, satisfaction: ArrayLike) -> Regression:
        """Satisfaction on both scores, their squares and product, which the difference forces into one (Edwards).

        satisfaction: of each respondent, shape (n,). The scores are taken from the middle of their scale if stated.
        """
        middle = 0.0 if self.scale is None else (self.scale.low + self.scale.high) / 2
        p, e = self.perceived - middle, self.expected - middle
        on = {"perceived": p, "expected": e, "perceived²": p * p, "perceived × expected": p * e, "expected²": e * e}
        return regression(answered(satisfaction)[0], on, level=self.level)

    def by(self, labels: ArrayLike) -> Mapping[str, Disconfirmation]:
        """The same of each group of respondents, in the order of their names; labels: one a respondent.

        Invalid answers are counted for the whole alone: in a group they are among those without a verdict.
        """
        return {name: among(self, rows) for name, rows in groups(labels, len(self.expected)).items()}

    def _counts(self) -> dict[str, Any]:
        left = int(np.count_nonzero(np.isnan(self.difference)))
        late = (
            ("expectation asked after use: it leans to what was found",) if self.expectation_timing == "after" else ()
        )
        return {"missing": left, "invalid": self.invalid, "notes": late}

    def __str__(self) -> str:
        return f"difference  {self.mean}\n{self.shares}\nno room above  {self.ceiling}"

    def __repr__(self) -> str:
        return f"<Disconfirmation of {len(self.expected):,} respondents, tolerance {self.tolerance:g}>"


def among(felt: Disconfirmation, rows: NDArray[np.bool_ | np.int64]) -> Disconfirmation:
    """The same of some respondents (a mask, or places), without the invalid answers: whose they are is not known."""
    return evolve(felt, perceived=felt.perceived[rows], expected=felt.expected[rows], invalid=0)


_NOBODY = "nobody has both an expectation and a perception"
_SAME = ("every difference is the same: standard error 0",)


def disconfirmation(
    perceived: ArrayLike,
    expected: ArrayLike,
    *,
    tolerance: float = 0.0,
    weights: ArrayLike | None = None,
    scale: Scale | None = None,
    expectation_timing: ExpectationTiming = "unstated",
    level: float = 0.95,
) -> Disconfirmation:
    """Perceived less expected value, on one scale, and its verdicts.

    perceived, expected: shape (n,), or (n, k) for k attributes, whose weighted difference Σ w(P − E) is then taken of
    those who answered them all. weights: of the k attributes, not negative, made to sum to 1; equal if left out.
    tolerance: |P − E| up to it is satisfied, in points of the scale, 0 or more. scale: what both were answered on; what
    is outside its ends is invalid, and the share at its ceiling is known. expectation_timing: "before" or "after" use.

    Raises ValueError for columns of unlike shape, a tolerance below 0, or weights that do not fit.

    >>> found = disconfirmation([6, 8, 7], [7, 7, 7], tolerance=1, scale=Scale(1, 10))
    >>> found.shares.value.tolist()
    [0.0, 1.0, 0.0]
    >>> print(found.mean)
    0.00 [-2.48, 2.48] 95 %, n = 3 (t)

    Source: Oliver 1980.
    """
    (p, wrong), (e, off) = answered(perceived, scale), answered(expected, scale)
    alike(perceived=p, expected=e)
    if not (tolerance >= 0 and isfinite(tolerance)):
        raise ValueError("tolerance: expected a number of points, 0 or more")
    if expectation_timing not in get_args(ExpectationTiming):
        raise ValueError(f"expectation_timing: expected one of {', '.join(get_args(ExpectationTiming))}")
    if p.ndim not in (1, 2):
        raise ValueError("perceived: expected shape (respondents,) or (respondents, attributes)")
    w = _weights(weights, p)
    told: dict[str, Any] = {"scale": scale, "expectation_timing": expectation_timing, "level": level}
    p, e = (values if w is None else values[:, w > 0] @ w[w > 0] for values in (p, e))
    return Disconfirmation(perceived=p, expected=e, tolerance=float(tolerance), invalid=wrong + off, **told)


def _weights(weights: ArrayLike | None, values: Floats) -> Floats | None:
    if values.ndim == 1:
        if weights is not None:
            raise ValueError("weights: are of attributes, a column each; there is one column")
        return None
    found = np.ones(values.shape[1]) if weights is None else np.asarray(weights, np.float64)
    if found.shape != values.shape[1:] or not (np.isfinite(found) & (found >= 0)).all() or not found.any():
        raise ValueError(f"weights: expected {values.shape[1]} finite numbers, 0 or more and not all 0")
    return np.asarray(found / found.sum())


def answered_disconfirmation(answers: Any, *, perceived: Item, expected: Item, **options: Any) -> Disconfirmation:
    """The same from the answers to two items on one scale.

    answers: columns an item, a frame, or a `FactTable` (the newest answer of each subject asked one of them).
    perceived, expected: the items. options: as for `disconfirmation`. Raises ValueError for items on two scales.

    >>> before, after = Scale(1, 10).items("hoped", "found")
    >>> told = answered_disconfirmation({"hoped": [7, 7, 11], "found": [6, 8, 7]}, perceived=after, expected=before)
    >>> told.felt.tolist(), told.invalid
    (['dissatisfied', 'over-satisfied', 'none'], 1)
    """
    if shared_scale((perceived, expected)) is None:
        raise ValueError("perceived and expected: expected two items on one scale")
    values, invalid = scored(answers, [perceived, expected])
    return evolve(disconfirmation(*values.T, scale=perceived.scale, **options), invalid=invalid)


def oliver_model(
    satisfaction: ArrayLike, expected: ArrayLike, disconfirmed: Disconfirmation | ArrayLike, *, level: float = 0.95
) -> Regression:
    """Oliver's additive model: SAT = b0 + b1·E + b2·D, each coefficient with its interval.

    satisfaction, expected: shape (n,). disconfirmed: the difference as calculated; or an array, disconfirmation as it
    was asked ("worse than expected" to "better"), which is another variable, so that its label says so.

    >>> found = disconfirmation([6, 8, 7, 5, 9], [7, 7, 6, 6, 8])
    >>> told = oliver_model([5, 9, 7, 4, 9.5], found.expected, found)
    >>> told.coefficients.labels
    ('constant', 'expectation', 'disconfirmation')

    Source: Oliver 1980; Seber & Lee 2003.
    """
    asked = not isinstance(disconfirmed, Disconfirmation)
    d = answered(disconfirmed)[0] if asked else disconfirmed.difference  # type: ignore[union-attr]
    name = "disconfirmation as asked" if asked else "disconfirmation"
    return regression(answered(satisfaction)[0], {"expectation": answered(expected)[0], name: d}, level=level)
