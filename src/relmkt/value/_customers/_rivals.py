"""Whom else do they buy from, and how much more could they buy from us? Rivals used, and purchase potential.

What a customer answers about the brands they use (their rank, what they spend with each) gives the wallet, our share of
it and the share by the Wallet Allocation Rule: Keiningham, Aksoy, Buoye & Cooil (2011), Harvard Business Review 89(10).
Purchase potential is the wallet less present spend; it says where the wallet comes from, for it is seldom observed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.exceptions import InvalidFactError
from relmkt.facts import Answer
from relmkt.value._customers._wallet import share_of_wallet, wallet_score, wallet_shares
from relmkt.value._numbers._figures import Amount, number
from relmkt.value._summaries._tables import HoldsFacts

__all__ = ["Potential", "RivalUse", "Wallets"]

Floats = NDArray[np.float64]
NAN = float("nan")
SHOWN = 12


def _words(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


@frozen
class RivalUse:
    """One brand that a customer uses, as they answered: ourselves or a rival.

    rank: its place among the brands they use, 1 the best, ties allowed; NaN: not asked. spend: what they spend with it
    in the window asked about, whole units of one currency, 0 or more; NaN: not known.

    >>> RivalUse("Ours", rank=1, spend=50).spend
    50.0
    """

    brand: str
    rank: float = field(default=NAN, converter=float, kw_only=True)
    spend: float = field(default=NAN, converter=float, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.brand:
            raise InvalidFactError("RivalUse.brand", "an empty text", "the name of a brand")
        if self.rank < 1 or self.rank == np.inf:
            raise InvalidFactError("RivalUse.rank", "a rank below 1 or infinite", "1 for the best, NaN where not asked")
        if self.spend < 0 or self.spend == np.inf:
            raise InvalidFactError("RivalUse.spend", "a negative or infinite amount", "0 or more, NaN where not known")


@frozen(eq=False, repr=False)
class Wallets:
    """What customers spend in a category, brand by brand: `rank` and `spend` of shape (customers, brands).

    NaN: the brand is not used by the customer, or that was not answered; used tells the two apart.

    >>> uses = {"ada": [RivalUse("us", rank=1, spend=50), RivalUse("them", rank=2, spend=50)],
    ...         "bob": [RivalUse("us", rank=2, spend=10), RivalUse("them", rank=1, spend=490)]}
    >>> wallets = Wallets.of(uses)
    >>> wallets.wallet.tolist(), wallets.share("us")["mean of ratios"].value
    ([100.0, 500.0], 0.26)
    >>> wallets.potential("us").ids.tolist()
    ['bob', 'ada']
    """

    ids: tuple[str, ...] = field(converter=_words)
    brands: tuple[str, ...] = field(converter=_words)
    rank: Floats
    spend: Floats
    used: NDArray[np.bool_]

    @classmethod
    def of(cls, uses: Mapping[str, Sequence[RivalUse]]) -> Wallets:
        """From each customer's answers, by customer; one answer a brand, else an `InvalidFactError`."""
        ids = tuple(uses)
        brands = tuple(sorted({use.brand for told in uses.values() for use in told}))
        column = {brand: k for k, brand in enumerate(brands)}
        rank, spend = (np.full((len(ids), len(brands)), NAN) for _ in range(2))
        used = np.zeros(rank.shape, dtype=bool)
        for row, told in enumerate(uses.values()):
            for use in told:
                k = column[use.brand]
                if used[row, k]:
                    raise InvalidFactError("RivalUse.brand", "a brand twice of one customer", "one answer a brand")
                used[row, k], rank[row, k], spend[row, k] = True, use.rank, use.spend
        return cls(ids, brands, rank, spend, used)

    @classmethod
    def from_answers(cls, base: HoldsFacts, *, rank: str = "", spend: str = "") -> Wallets:
        """From a portfolio's `Answer` facts whose `about` names the brand, as known at its instant.

        rank, spend: the items that ask for them, at least one; of several answers the newest counts. An answer that
        was asked for and not given (score None) says that the brand is used, and nothing more.

        >>> from pendulum import datetime
        >>> from relmkt.columns import FactTable
        >>> from relmkt.portfolio import Portfolio
        >>> told = [Answer("ada", datetime(2026, 1, 5), "spend", 50, about=brand) for brand in ("us", "them")]
        >>> base = Portfolio(FactTable.of(told), at=datetime(2026, 2, 1))
        >>> Wallets.from_answers(base, spend="spend").share("us")["ratio of sums"].value
        0.5
        """
        if not (rank or spend):
            raise ValueError("rank, spend: expected the item of at least one of them")
        table = base.facts(Answer)
        rows = np.flatnonzero(table["at"] <= int(base.at))  # rule R46
        items, brands = table["label"][rows], (table["about"][rows] if rows.size else rows)
        found: dict[str, dict[str, dict[str, float]]] = {}
        for item, key in ((rank, "rank"), (spend, "spend")):
            asked = np.flatnonzero((items == item) & (brands != "")) if item else rows[:0]
            asked = asked[np.argsort(table["at"][rows[asked]], kind="stable")]  # the newest last
            for k in asked.tolist():
                who = str(table.ids[table["stream"][rows[k]]])
                found.setdefault(who, {}).setdefault(str(brands[k]), {})[key] = float(table["number"][rows[k]])
        return cls.of({who: [RivalUse(b, **told) for b, told in found[who].items()] for who in sorted(found)})

    @property
    def wallet(self) -> Floats:
        """What each customer spends with all brands they use; NaN where they did not say it of every one."""
        whole = np.where(self.used, self.spend, 0.0).sum(axis=1)
        return np.where(self.used.any(axis=1), whole, NAN)

    def spent(self, brand: str) -> Floats:
        """What each customer spends with one brand: 0 where they use others only, NaN where not known."""
        k = self._column(brand)
        whole = np.where(self.used[:, k], self.spend[:, k], 0.0)
        return np.where(self.used.any(axis=1), whole, NAN)

    def shares(self, brand: str) -> Estimate:
        """Each customer's share of wallet of a brand: `wallet_shares`, labelled by customer."""
        return wallet_shares(self.spent(brand), self.wallet, ids=self.ids)

    def share(self, brand: str, *, rng: np.random.Generator | None = None, level: float = 0.95) -> Estimate:
        """A brand's share of wallet, as ratio of sums and as mean of ratios: `share_of_wallet`."""
        return share_of_wallet(self.spent(brand), self.wallet, rng=rng, level=level)

    def scores(self, *, level: float = 0.95) -> Estimate:
        """Each brand's mean share by the Wallet Allocation Rule over those who use it: `wallet_score`.

        Only customers who ranked every brand they use count: a rank among some of them is not one among all.
        """
        whole = ~(self.used & np.isnan(self.rank)).any(axis=1)
        return wallet_score(self.rank[whole], brands=self.brands, level=level)

    def potential(self, brand: str) -> Potential:
        """What each customer could still spend with a brand, by their own answers, the most first."""
        return Potential.of(self.spent(brand), self.wallet, source="customers' answers", ids=self.ids)

    def _column(self, brand: str) -> int:
        if brand not in self.brands:
            raise ValueError(f"brand: expected one of {', '.join(self.brands)}")
        return self.brands.index(brand)

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"<Wallets: {len(self):,} customers, {len(self.brands)} brands>"


@frozen(eq=False, repr=False)
class Potential:
    """Purchase potential: what customers spend in the category and not with us, the most first, the unknown last.

    ids; amount: wallet less present spend with the wallet's interval, labelled by id, never below 0; spend: present
    spend, in the same order; source: where the wallet comes from (customers' answers, a panel, a model …).

    >>> list(Potential.of([50, 10], [100, 500], source="a panel", ids=["ada", "bob"]).rows())
    [('bob', 490.0, nan, nan), ('ada', 50.0, nan, nan)]
    """

    ids: NDArray[Any] = field(converter=np.asarray)
    amount: Estimate
    spend: Floats
    source: str

    @classmethod
    def of(cls, spend: ArrayLike, wallet: Amount, *, source: str, ids: Iterable[Any] | None = None) -> Potential:
        """From present spend and the wallet, one entry a customer, whole units of one currency and of one window.

        wallet: amounts, or an `Estimate` whose interval is carried on. Spend above all that the wallet may be refutes
        the wallet: that potential is NaN and counted as `invalid`; within its interval the potential is 0.
        """
        if not source:
            raise ValueError("source: expected where the wallet comes from, such as 'a panel'")
        ours, whole = np.asarray(spend, np.float64), number(wallet)
        if ours.shape != whole.shape or ours.ndim != 1:
            raise ValueError("spend and wallet: expected one entry a customer in each")
        low, high = (wallet.low, wallet.high) if isinstance(wallet, Estimate) else (np.full_like(whole, NAN),) * 2
        most = np.where(np.isnan(high), whole, high)
        wrong, missing = ours > most, np.isnan(ours) | np.isnan(whole)
        value, low, high = (np.where(wrong, NAN, np.maximum(part - ours, 0.0)) for part in (whole, low, high))
        given = wallet.labels if isinstance(wallet, Estimate) and ids is None else ids
        names = np.asarray(list(given) if given is not None else np.arange(ours.size))
        order = np.argsort(-value, kind="stable")  # NaN last
        amount = Estimate(
            value[order],
            low[order],
            high[order],
            wallet.level if isinstance(wallet, Estimate) else 0.95,
            (~(wrong | missing)).astype(np.int64)[order],
            wallet.method if isinstance(wallet, Estimate) else "",
            names[order],
            (f"wallet from {source}",) + (("spend above the wallet: left out",) if wrong.any() else ()),
            missing=missing.astype(np.int64)[order],
            invalid=wrong.astype(np.int64)[order],
        )
        return cls(names[order], amount, ours[order], source)

    def rows(self, n: int | None = None) -> list[tuple[str, float, float, float]]:
        """The first n (None: all): id, potential, and the bounds of its interval (NaN where the wallet has none)."""
        columns = (np.asarray(part)[:n].tolist() for part in (self.amount.value, self.amount.low, self.amount.high))
        return [(str(i), *told) for i, *told in zip(self.ids[:n].tolist(), *columns, strict=True)]

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"<Potential: {len(self):,} customers, wallet from {self.source}>"

    def __str__(self) -> str:
        lines = [f"{i:<14}{v:>14,.2f}{low:>14,.2f}{high:>14,.2f}" for i, v, low, high in self.rows(SHOWN)]
        return "\n".join(
            [f"{'customer':<14}{'potential':>14}{'low':>14}{'high':>14}", *lines, f"wallet: {self.source}"]
        )

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{escape(i)}</th><td>{v:,.2f}</td></tr>" for i, v, _, _ in self.rows(SHOWN))
        caption = f"Purchase potential, the most first; wallet from {escape(self.source)}"
        return f"<table><caption>{caption}</caption><tr><th>customer</th><th>potential</th></tr>{rows}</table>"
