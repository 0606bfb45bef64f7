"""How do several items vary together? Their covariances in one pass, with answers missing here and there.

Pairwise: each covariance is of the respondents who answered both items. Listwise: all are of those who answered every
item (Little & Rubin 2002, Statistical Analysis with Missing Data, chapter 3). The two give different figures, and
different n; both divide by n − 1, variances as well as covariances.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.scales._answers import side_by_side

__all__ = ["Floats", "Missing", "Moments", "columns_of", "correlations", "moments", "unseen", "unvarying"]

Floats = NDArray[np.float64]
Missing = Literal["pairwise", "listwise"]
_ROUNDING = 1e-12  # a spread smaller than this share of an item's mean is rounding, not spread
_FEW = 7  # items
_BLOCK = 1 << 13  # rows at a time: a block stays in the processor's cache, and no product of it is worth two threads


@frozen(eq=False)
class Moments:
    """How k items vary together, and of whom.

    covariances: shape (k, k), NaN where fewer than two respondents answered both. pairs: shape (k, k), how many did.
    values: shape (n, k), the answers that count, NaN where missing. means: shape (k,), of the items.
    missing: respondents left out. invalid: answers that were there and are none.
    """

    covariances: Floats
    pairs: Floats
    values: Floats
    means: Floats
    missing: int
    invalid: int

    @property
    def n(self) -> int:
        """Respondents who count."""
        return len(self.values)

    @property
    def complete(self) -> bool:
        """Whether every respondent who counts answered every item."""
        return bool(self.pairs.size == 0 or self.pairs.min() == self.n)

    def told(self) -> dict[str, Any]:
        """What an estimate says of its respondents."""
        return {"n": self.n, "missing": self.missing, "invalid": self.invalid}


def columns_of(answers: Any) -> tuple[list[str], Floats]:
    """Names of the items and their answers, of a mapping or a frame of columns, or of rows, numbered from 1.

    Raises ValueError for what is not a row a respondent, a column an item.
    """
    if isinstance(answers, np.ma.MaskedArray):
        answers = np.ma.filled(answers.astype(np.float64), np.nan)
    frame = getattr(answers, "column_names", getattr(answers, "columns", None))  # of pyarrow, of the others
    names = answers.keys() if isinstance(answers, Mapping) else frame
    if names is not None:
        return [str(name) for name in names], side_by_side([answers[name] for name in names])
    values = np.asarray(answers, np.float64)
    if values.ndim != 2:
        raise ValueError(f"answers: expected a row a respondent and a column an item, got shape {values.shape}")
    return [str(place + 1) for place in range(values.shape[1])], values


def moments(values: Floats, *, missing: Missing, invalid: int | None = None) -> Moments:
    """The covariances of items.

    values: shape (respondents, k), NaN where there is no answer; infinity is counted as invalid and left out.
    missing: "pairwise" or "listwise". invalid: how many answers were already left out as such.
    """
    if missing not in ("pairwise", "listwise"):
        raise ValueError('missing: expected "pairwise" or "listwise"')
    told = _whole(values, 0, invalid or 0)
    if told is not None:
        return told
    seen = np.isfinite(values)
    wrong = int(np.isinf(values).sum()) if invalid is None else invalid
    rows = seen.all(axis=1) if missing == "listwise" else seen.any(axis=1)
    left = len(values) - int(np.count_nonzero(rows))
    kept = np.where(seen, values, np.nan)[rows] if missing == "pairwise" else values[rows]
    return _whole(kept, left, wrong) or _by_pairs(kept, left, wrong)


def _shift(values: Floats) -> Floats:
    """About where the items' means are: products of what is left keep their digits."""
    first = values[:_BLOCK]
    seen = np.isfinite(first)
    found: Floats = np.where(seen, first, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return found


def _blocks(values: Floats, shift: Floats) -> Iterator[Floats]:
    """The answers less about their means, an item a row, so many respondents at a time, in one place."""
    held = np.empty((values.shape[1], min(_BLOCK, max(len(values), 1))))
    for start in range(0, len(values), _BLOCK):
        rows = values[start : start + _BLOCK].T
        yield np.subtract(rows, shift[:, None], out=held[:, : rows.shape[1]])


def _products(one: Floats, other: Floats) -> Floats:
    """Of each item of one with each of the other; few of them item by item, for so flat a matrix multiplies slowly."""
    return one @ other.T if len(one) > _FEW else np.array([other @ item for item in one])


def _whole(values: Floats, missing: int, invalid: int) -> Moments | None:
    """In one pass over the answers; None as soon as one of them is missing, for products of a NaN are NaN."""
    n, k = values.shape
    shift, products, sums = _shift(values), np.zeros((k, k)), np.zeros(k)
    with np.errstate(invalid="ignore"):
        for block in _blocks(values, shift):
            products += _products(block, block)
            sums += block.sum(axis=1)
            if not np.isfinite(products).all():
                return None
    found = (products - np.outer(sums, sums) / n) / (n - 1) if n > 1 else np.full((k, k), np.nan)
    means = shift + sums / max(n, 1)
    return Moments(_plain(found, means), np.full((k, k), float(n)), values, means, missing, invalid)


def _by_pairs(values: Floats, missing: int, invalid: int) -> Moments:
    k, shift = values.shape[1], _shift(values)
    pairs, sums, products = np.zeros((k, k)), np.zeros((k, k)), np.zeros((k, k))
    for block in _blocks(values, shift):
        gone = np.isnan(block)
        there = 1.0 - gone
        block[gone] = 0.0
        pairs += _products(there, there)
        sums += _products(block, there)  # of one item, over those who answered the other as well
        products += _products(block, block)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(pairs > 1, (products - sums * sums.T / pairs) / (pairs - 1), np.nan)
    means = shift + np.diag(sums) / np.maximum(np.diag(pairs), 1)
    return Moments(_plain(found, means), pairs, values, means, missing, invalid)


def _plain(found: Floats, means: Floats) -> Floats:
    """With the rounding of an item that never varies taken for what it is."""
    still = np.diag(found) <= (_ROUNDING * means) ** 2
    found[still, :] = np.where(np.isnan(found[still, :]), np.nan, 0.0)
    found[:, still] = np.where(np.isnan(found[:, still]), np.nan, 0.0)
    return found


def correlations(covariances: Floats) -> Floats:
    """Correlations from covariances, NaN for an item that never varies; pairwise ones may pass 1."""
    spread = np.sqrt(np.diagonal(covariances, axis1=-2, axis2=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = covariances / (spread[..., :, None] * spread[..., None, :])
    return found


def unvarying(names: Sequence[str], covariances: Floats) -> list[str]:
    """The items that everybody answers alike."""
    return [name for name, spread in zip(names, np.diag(covariances), strict=True) if spread == 0]


def unseen(names: Sequence[str], pairs: Floats) -> str:
    """Which two items were not answered together by two respondents; empty where none are."""
    places = np.argwhere(pairs < 2)
    if not len(places):
        return ""
    one, other = (names[place] for place in places[0])
    return f"{one} has fewer than two answers" if one == other else f"{one} and {other} were never answered together"
