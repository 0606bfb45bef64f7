"""Which part of what they spend is spent with us? Share of wallet, the Wallet Allocation Rule, purchase potential.

Cunningham (1956), "Brand loyalty: what, where, how much?", Harvard Business Review 34(1), for shares of purchases;
Keiningham, Aksoy, Buoye & Cooil (2011), "Customer loyalty isn't enough. Grow your share of wallet", Harvard Business
Review 89(10), for the rule. The wallet is what a customer spends in the category, ours included: observed, asked
(`RivalUse`) or estimated, and never more than an estimate where it was not observed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.scales._mean import ratio_error
from relmkt.value._numbers._figures import figure
from relmkt.value._numbers._shares import drawn_again

__all__ = ["category_requirements", "share_of_wallet", "wallet_allocation", "wallet_score", "wallet_shares"]

Floats = NDArray[np.float64]
TOTALS = ("ratio of sums", "mean of ratios")


def wallet_shares(ours: ArrayLike, wallet: ArrayLike, *, ids: Iterable[Any] | None = None) -> Estimate:
    """Each customer's share of wallet, in [0, 1], labelled by `ids` or row.

    ours, wallet: what each spent with us and in the category (us included) in one window, whole units of one currency.
    NaN where the wallet is 0 or something is missing, and where the share would not be one: spend below 0, as refunds
    can make it, or above the wallet, which then is wrong; such rows are counted as `invalid`.

    >>> wallet_shares([50, 10, 0, -5], [100, 500, 0, 100], ids="abcd").value.tolist()
    [0.5, 0.02, nan, nan]

    Source: Cunningham 1956.
    """
    spent, whole, good, missing = _pairs(ours, wallet)
    known = good & (whole > 0)
    shares = np.divide(spent, whole, out=np.full(spent.shape, np.nan), where=known)
    invalid = ~good & ~missing
    told = figure(shares, n=known.astype(np.int64), labels=ids, notes=_notes(invalid, good & (whole == 0)))
    return evolve(told, missing=missing.astype(np.int64), invalid=invalid.astype(np.int64))


def share_of_wallet(
    ours: ArrayLike,
    wallet: ArrayLike,
    *,
    rng: np.random.Generator | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> Estimate:
    """Our share of the wallet of all customers together ("ratio of sums"), and of the average one ("mean of ratios").

    The first weighs customers by their wallet and says what part of the market they are is ours; the second counts each
    once. ours, wallet: as for `wallet_shares`; rows that give no share are left out of both and counted. Intervals are
    normal (the delta method for the ratio of sums), or with `rng` the percentiles of `resamples` draws of customers.

    >>> both = share_of_wallet([50, 10], [100, 500])
    >>> both["ratio of sums"].value, both["mean of ratios"].value
    (0.1, 0.26)

    Source: Cunningham 1956; Cochran 1977, chapter 6, for the error.
    """
    spent, whole, good, missing = _pairs(ours, wallet)
    invalid, empty = ~good & ~missing, good & (whole == 0)
    kept = good & ~empty
    spent, whole = spent[kept], whole[kept]
    told = _both(spent, whole)
    n = np.full(2, spent.size)
    notes = _notes(invalid, empty) if n[0] else ("no customer has a wallet that is known", *_notes(invalid, empty))
    lost, wrong = int(missing.sum()), int(invalid.sum())
    if rng is None or not n[0]:
        rates = spent / whole
        errors = [ratio_error(spent, whole), rates.std(ddof=1) / np.sqrt(rates.size) if rates.size > 1 else np.nan]
        plain = figure(told, errors, level=level, n=n, method="delta; normal", labels=TOTALS, notes=notes)
        return _within(evolve(plain, missing=lost, invalid=wrong), 0.0, 1.0)
    low, high, se = drawn_again(_both, spent, whole, rng=rng, resamples=resamples, level=level)
    return Estimate(told, low, high, level, n, "bootstrap", TOTALS, notes, se=se, missing=lost, invalid=wrong)


def category_requirements(
    ours: ArrayLike,
    wallet: ArrayLike,
    *,
    rng: np.random.Generator | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> Estimate:
    """Share of category requirements: our part of what our own buyers spend in the category, a ratio of sums.

    ours, wallet: as for `wallet_shares`; who bought nothing from us is left out, for we are no part of their choice.

    >>> category_requirements([50, 10, 0], [100, 500, 400]).value  # of the whole base it would be 6 %
    0.1

    Source: Farris et al. 2010, "Marketing Metrics", chapter 2.
    """
    spent, whole = np.asarray(ours, np.float64), np.asarray(wallet, np.float64)
    buyers = spent > 0
    told = share_of_wallet(spent[buyers], whole[buyers], rng=rng, resamples=resamples, level=level)
    return told[TOTALS[0]]


def wallet_allocation(ranks: ArrayLike) -> Floats:
    """The share of wallet that each brand gets by its rank among those a customer uses: (1 - rank / (n + 1)) * 2 / n.

    ranks: of one customer, one entry a brand, or shape (customers, brands); 1 is best, NaN a brand not used. Only
    their order counts: ties get the average of the places they take, so shares sum to 1. The brand used alone gets 1.

    >>> wallet_allocation([1, 2]).round(4).tolist(), wallet_allocation([1, 1, 3]).round(4).tolist()
    ([0.6667, 0.3333], [0.4167, 0.4167, 0.1667])

    Source: Keiningham et al. 2011.
    """
    given = np.asarray(ranks, np.float64)
    if given.ndim not in (1, 2):
        raise ValueError(f"ranks: expected one customer's or a table (customers, brands), got {given.ndim} dimensions")
    if np.isinf(given).any():
        raise ValueError("ranks: expected finite numbers, NaN for a brand that is not used")
    table = np.atleast_2d(given)
    n = (~np.isnan(table)).sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares: Floats = (1 - _average_ranks(table) / (n + 1)) * 2 / n
    return shares.reshape(given.shape)


def wallet_score(ranks: ArrayLike, *, brands: Iterable[Any] | None = None, level: float = 0.95) -> Estimate:
    """Each brand's mean allocated share over the customers who use it, with a normal interval, labelled by brand.

    ranks: shape (customers, brands), NaN where not used. A brand that nobody uses is NaN with n = 0.

    >>> wallet_score([[1, 2], [2, 1], [1, np.nan]], brands=["us", "them"]).value.round(4).tolist()
    [0.6667, 0.5]

    Source: Keiningham et al. 2011.
    """
    shares = wallet_allocation(ranks)
    if shares.ndim != 2:
        raise ValueError("ranks: expected a table (customers, brands)")
    used = ~np.isnan(shares)
    n = used.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(used, shares, 0.0).sum(axis=0) / n
        spread = np.where(used, (shares - mean) ** 2, 0.0).sum(axis=0) / (n - 1)
        errors = np.where(n > 1, np.sqrt(spread / n), np.nan)
    notes = ("a brand that nobody uses has no score",) if (n == 0).any() else ()
    told = figure(mean, errors, level=level, n=n, method="normal", labels=brands, notes=notes)
    return _within(told, 0.0, 1.0)


def _average_ranks(table: Floats) -> Floats:
    """Places within each row, 1 for the smallest; equals get the mean of their places, NaN stays."""
    smaller = (table[:, None, :] < table[:, :, None]).sum(axis=2)
    equal = (table[:, None, :] == table[:, :, None]).sum(axis=2)
    return np.where(np.isnan(table), np.nan, smaller + (equal + 1) / 2)


def _both(spent: Floats, whole: Floats) -> Floats:
    if not whole.size:
        return np.full(2, np.nan)
    return np.array([spent.sum() / whole.sum(), (spent / whole).mean()])


def _pairs(ours: ArrayLike, wallet: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """The two columns, which rows give a share (a wallet of 0 too), and in which something is missing."""
    spent, whole = np.asarray(ours, np.float64), np.asarray(wallet, np.float64)
    if spent.shape != whole.shape or spent.ndim != 1:
        raise ValueError("ours and wallet: expected one entry a customer in each")
    if np.isinf(spent).any() or np.isinf(whole).any():
        raise ValueError("ours and wallet: expected finite amounts, NaN where unknown")
    return spent, whole, (spent >= 0) & (spent <= whole), np.isnan(spent) | np.isnan(whole)


def _notes(invalid: NDArray[np.bool_], empty: NDArray[np.bool_]) -> tuple[str, ...]:
    left_out = ((invalid, "spend below 0 or above the wallet"), (empty, "a wallet of 0"))
    return tuple(f"{int(rows.sum()):,} left out: {why}" for rows, why in left_out if rows.any())


def _within(told: Estimate, low: float, high: float) -> Estimate:
    return evolve(told, low=np.maximum(told.low, low), high=np.minimum(told.high, high))
