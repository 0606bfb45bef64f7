"""Where did the revenue of a window come from? From the new, the referred, the won back, the kept, and from more.

The customer equity of Blattberg, Getz & Thomas (2001), "Customer Equity", is acquired, retained and grown; a customer
who came by a recommendation and one who came back after a lapse are told apart from both. The parts sum to the whole,
to the minor unit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from html import escape

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from relmkt.facts import Purchase, Recommendation, Return
from relmkt.money import Money
from relmkt.value._summaries._tables import HoldsFacts, Table, currency_rows
from relmkt.windows import Instant, Span

__all__ = ["RevenueSources", "revenue_sources"]

Ints = NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
_SORTS = ("new", "referred", "won back", "kept")


@frozen(repr=False)
class RevenueSources:
    """Revenue of a window, less what was given back in it, by where it came from.

    new: customers who first bought in the window and were not referred; referred: those who were. won_back: what
    customers brought after a lapse. kept: what the others brought, up to what each brought in the span of the same
    length before; developed: what they brought above it. start, end: the window (start, end]. customers: how many
    bought or gave back, by source; kept and developed are the same people.

    >>> parts = [Money(units, "EUR") for units in (30, 10, 5, 50, 5)]
    >>> print(RevenueSources(*parts, Instant(0), Instant(1)).whole)
    100.00 EUR
    """

    new: Money
    referred: Money
    won_back: Money
    kept: Money
    developed: Money
    start: Instant
    end: Instant
    customers: Mapping[str, int] = field(factory=dict, hash=False)

    @property
    def parts(self) -> dict[str, Money]:
        """The five parts by name."""
        names = ("new", "referred", "won back", "kept", "developed")
        return dict(zip(names, (self.new, self.referred, self.won_back, self.kept, self.developed), strict=True))

    @property
    def whole(self) -> Money:
        """The revenue of the window: exactly the sum of the parts."""
        return self.new + self.referred + self.won_back + self.kept + self.developed

    @property
    def shares(self) -> dict[str, float]:
        """Each part as a share of the whole; NaN where the whole is not above 0."""
        whole = self.whole.units
        return {name: part.units / whole if whole > 0 else np.nan for name, part in self.parts.items()}

    def rows(self) -> list[tuple[str, Money, float]]:
        """Name, amount and share of each part, as a report tells them."""
        return [(name, part, self.shares[name]) for name, part in self.parts.items()]

    def __str__(self) -> str:
        lines = [f"revenue {self.whole}, after {self.start} until {self.end}"]
        return "\n".join(lines + [f"  {name:<10}{part!s:>16}  {_percent(share)}" for name, part, share in self.rows()])

    def __repr__(self) -> str:
        return f"<RevenueSources of {self.whole}>"

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><th>{name}</th><td>{part}</td><td>{_percent(share)}</td></tr>" for name, part, share in self.rows()
        )
        caption = escape(f"Revenue {self.whole}, after {self.start} until {self.end}")
        return f"<table><caption>{caption}</caption><tr><th></th><th>revenue</th><th>share</th></tr>{body}</table>"


def revenue_sources(
    base: HoldsFacts,
    *,
    within: Span,
    lapse: Span,
    referred: Iterable[str] = (),
    currency: str | None = None,
) -> RevenueSources:
    """The revenue of the span before the base's instant, by source.

    within: the window, and the span before it to which each customer is compared. lapse: longer than this without a
    purchase, and what comes after it is won back. referred: ids known to have been referred; a `Recommendation` not
    later than the first purchase that names the customer counts too. A return counts at its own date (R45), against
    the part that its customer belongs to then. Raises ValueError for an empty window, InvalidFactError for two
    currencies without `currency`.

    >>> from pendulum import datetime
    >>> from relmkt.portfolio import Portfolio
    >>> from relmkt.windows import days
    >>> told = [("ada", 1, 20), ("ada", 2, 25), ("bob", 2, 9)]
    >>> facts = [Purchase(who, datetime(2026, month, 9), Money(amount, "EUR")) for who, month, amount in told]
    >>> found = revenue_sources(Portfolio(facts, at=datetime(2026, 3, 1)), within=days(30), lapse=days(90))
    >>> {name: str(part) for name, part in found.parts.items() if part}
    {'new': '9.00 EUR', 'kept': '20.00 EUR', 'developed': '5.00 EUR'}
    """
    if within <= 0 or lapse <= 0:
        raise ValueError("within and lapse are longer than nothing")
    end, start = int(base.at), int(base.at) - int(within)
    bought, back = base.facts(Purchase), base.facts(Return)
    rows, code = currency_rows(bought, currency)
    code = code or currency_rows(back, currency)[1]
    if code is None:
        raise ValueError("currency: there are no amounts to take it from")
    ids = sorted({*map(str, bought.ids), *map(str, back.ids)})
    every, returned = _movements(bought, ids, end), _movements(back, ids, end, code)
    paid = np.asarray(rows)[bought["at"] <= end]
    who, at = (np.concatenate([every[i][paid], returned[i]]) for i in (0, 1))
    units = np.concatenate([every[2][paid], -returned[2]])
    first, comeback = _history(every[0], every[1], len(ids), start, int(lapse))
    sort = _sorts(who, at, first, comeback, _referred(base, ids, first, referred), start)
    now = at > start
    found = {name: int(units[now & (sort == name)].sum()) for name in _SORTS}
    counted = {name: int(np.unique(who[now & (sort == name)]).size) for name in _SORTS}
    stay, before = now & (sort == "kept"), ~now & (at > start - int(within))
    here, there = (_summed(who[mask], units[mask], len(ids)) for mask in (stay, before))
    found["kept"] = int(np.minimum(here, np.maximum(there, 0)).sum())
    found["developed"] = int(here.sum()) - found["kept"]
    parts = {name.replace(" ", "_"): Money.minor(amount, code) for name, amount in found.items()}
    return RevenueSources(**parts, start=Instant(start), end=Instant(end), customers=counted)


def _movements(table: Table, ids: list[str], end: int, code: str | None = None) -> tuple[Ints, Ints, Ints]:
    """Customer (by place in `ids`), instant and minor units of each fact not after the end (rule R46)."""
    rows = table["at"] <= end
    if code is not None:
        rows = rows & (table["label"] == code)
    places = (
        np.searchsorted(np.array(ids, dtype=np.str_), np.asarray(table.ids)) if len(table) else np.zeros(0, np.int64)
    )
    units = np.rint(table["number"][rows]).astype(np.int64)
    return places[table["stream"][rows].astype(np.int64)], table["at"][rows].astype(np.int64), units


def _history(who: Ints, at: Ints, n: int, start: int, lapse: int) -> tuple[Ints, Ints]:
    """When each first bought, and when they first came back in the window after a lapse; NEVER where they did not."""
    first, comeback = np.full(n, NEVER), np.full(n, NEVER)
    np.minimum.at(first, who, at)
    order = np.lexsort((at, who))
    who, at = who[order], at[order]
    again = (who[1:] == who[:-1]) & (at[1:] - at[:-1] > lapse) & (at[1:] > start)
    np.minimum.at(comeback, who[1:][again], at[1:][again])
    return first, comeback


def _referred(base: HoldsFacts, ids: list[str], first: Ints, stated: Iterable[str]) -> NDArray[np.bool_]:
    """Who came by a recommendation: stated, or named by one not later than their first purchase."""
    place = {name: i for i, name in enumerate(ids)}
    known: Collection[str] = set(map(str, stated))
    found = np.array([name in known for name in ids], dtype=bool)
    table = base.facts(Recommendation)
    if len(table):
        roots: Mapping[str, str] = getattr(table, "roots", {})
        for name, at in zip(table["to"].tolist(), table["at"].tolist(), strict=True):
            i = place.get(roots.get(str(name), str(name)))
            if i is not None and at <= first[i]:
                found[i] = True
    return found


def _sorts(who: Ints, at: Ints, first: Ints, comeback: Ints, named: NDArray[np.bool_], start: int) -> NDArray[np.str_]:
    """What each amount is; a return by somebody who never bought is taken from what was kept."""
    new = (first[who] > start) & (first[who] < NEVER)
    sorts = np.where(new, np.where(named[who], "referred", "new"), np.where(at >= comeback[who], "won back", "kept"))
    return sorts.astype(np.str_)


def _summed(who: Ints, units: Ints, n: int) -> Ints:
    total = np.zeros(n, dtype=np.int64)
    np.add.at(total, who, units)  # in whole numbers: floats would lose cents in a large sum
    return total


def _percent(share: float) -> str:
    return "" if np.isnan(share) else f"{100 * share:.1f} %"
