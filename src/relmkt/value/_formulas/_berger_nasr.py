"""What is a customer worth who is also written to? The five cases of Berger & Nasr, promotion counted apart.

Berger & Nasr (1998), "Customer lifetime value: marketing models and applications", Journal of Interactive Marketing
12(1), 17-30. Case 1: one sale a year; 2: more or less often; 3: a profit that grows along an S; 4: the same in
continuous time; 5: customers who skip a period may come back (Dwyer 1989), told as the Markov chain of Pfeifer &
Carraway (2000), "Modeling customer relationships as Markov chains", Journal of Interactive Marketing 14(2), 43-55.
"""

from __future__ import annotations

from operator import index

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._numbers._delta import Numbers, carried, checked, rate
from relmkt.value._numbers._figures import Amount, number

__all__ = ["ProfitGrowth", "RecencyChain", "growing_clv", "promoted_clv"]

Floats = NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)


def promoted_clv(
    contribution: Amount,
    promotion: Amount,
    retention: Amount,
    discount: Amount,
    *,
    years: float | None = None,
    cycle: float = 1.0,
    level: float = 0.95,
) -> Estimate:
    """Cases 1 and 2: a sale now and one each cycle while retained, with a promotion halfway between two sales.

    contribution: gross, of one sale. promotion: spent on a customer still there, in each cycle. retention: from one
    sale to the next, so of a cycle, not of a year unless `cycle` is 1. discount: a year. years: until the last sale;
    None is for ever. cycle: years between two sales: 1 in case 1, 0.5 for two a year (2a), 2 for every other (2b).

    Raises ValueError where `years` is no whole number of cycles, or the endless sum has no value.

    >>> round(promoted_clv(260, 50, 0.75, 0.2, years=10).value, 2)
    568.78

    Source: Berger & Nasr 1998, cases 1, 2a and 2b.
    """
    kept, sales = rate("retention", retention), _cycles(years, cycle)
    checked("discount", discount, -1.0, open=True)
    if sales is None and (number(kept) >= (1 + number(discount)) ** cycle).any():
        raise ValueError("retention: without end it has to lie below 1 + discount over a cycle")

    def value(gc: Numbers, m: Numbers, r: Numbers, d: Numbers) -> Numbers:
        wait = (1 + d) ** cycle
        ratio = r / wait
        between = 1 / (1 - ratio) if sales is None else _summed(ratio, sales)
        sold = between if sales is None else 1 + ratio * between
        return gc * sold - m * between / wait**0.5

    return carried(value, contribution, promotion, kept, discount, level=level)


@frozen
class ProfitGrowth:
    """The S of case 3: yearly profit v + h t² up to year g, and from there it nears a ceiling N higher.

    Attributes: `v`, profit at the start; `h`, speed of growth; `g`, year of the inflexion; `N`, what is still gained
    after it. Profit is net of promotion, in whole units of one currency.

    >>> ProfitGrowth(v=40, h=2, g=3, N=10).at([0, 3, 50]).round(3).tolist()
    [40.0, 58.0, 68.0]

    Source: Berger & Nasr 1998, case 3.
    """

    v: float
    h: float
    g: float
    N: float

    def at(self, t: ArrayLike) -> Floats:
        """Profit of a year, t years from now (0 or more), of a customer still there.

        >>> float(ProfitGrowth(v=40, h=2, g=3, N=10).at(2))
        48.0

        Source: Berger & Nasr 1998, case 3.
        """
        years = np.asarray(t, dtype=np.float64)
        past = np.maximum(years - self.g, 0.0)
        return self.v + self.h * np.minimum(years, self.g) ** 2 - self.N * np.expm1(-past)


def growing_clv(
    profit: ProfitGrowth | ArrayLike,
    retention: Amount,
    discount: Amount,
    *,
    years: int,
    continuous: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Cases 3 and 4: profits that change from year to year, weighted by retention and discount.

    profit: a `ProfitGrowth`, or the profit of each year 0 … years. retention, discount: a year. years: of the
    last profit. continuous: profit flows all the time from now to then (case 4; needs a `ProfitGrowth`), rather than
    at the start of each year, now included (case 3).

    >>> growth = ProfitGrowth(v=40, h=2, g=3, N=10)
    >>> print(round(growing_clv(growth, 0.9, 0.2, years=8).value, 2))
    187.0
    >>> print(round(growing_clv(growth, 0.9, 0.2, years=8, continuous=True).value, 2))
    162.73

    Source: Berger & Nasr 1998, cases 3 and 4.
    """
    kept = rate("retention", retention)
    checked("discount", discount, -1.0, open=True)
    if continuous:
        if not isinstance(profit, ProfitGrowth):
            raise TypeError("profit: continuous time needs a ProfitGrowth")
        times, weights = _nodes(profit.g, years)
    else:
        times, weights = np.arange(index(years) + 1.0), np.ones(years + 1)
    paid = profit.at(times) if isinstance(profit, ProfitGrowth) else np.asarray(profit, dtype=np.float64)
    if paid.shape != times.shape:
        raise ValueError(f"profit: expected {times.size} of them, for the years 0 to {years}")

    def value(r: Numbers, d: Numbers) -> Numbers:
        present: Numbers = ((r / (1 + d))[..., None] ** times) @ (weights * paid)
        return present

    return carried(value, kept, discount, level=level)


def _rates(given: ArrayLike) -> Floats:
    return np.array(given, dtype=np.float64)


@frozen(eq=False)
class RecencyChain:
    """Case 5: who does not buy goes one recency further and may still come back; after the last one they are lost.

    A row of states 1, 2, …: bought this period, one period ago, and so on; then lost. Each state but lost gets the
    promotion; only state 1 gives the contribution. Both fall at the start of the period, now included.

    Attributes: `purchase`, the chance to buy next period from each recency but lost, in [0, 1].

    >>> chain = RecencyChain([0.3, 0.2, 0.15, 0.05])
    >>> chain.values(40, 4, 0.2).value.round(3).tolist()
    [52.32, 5.554, 1.251, -1.82, 0.0]
    >>> chain.worth_promoting(40, 4, 0.2)
    3

    Source: Berger & Nasr 1998, case 5; Pfeifer & Carraway 2000.
    """

    purchase: Floats = field(converter=_rates)

    def __attrs_post_init__(self) -> None:
        checked("purchase", self.purchase, 0.0, 1.0)
        if self.purchase.ndim != 1 or not self.purchase.size:
            raise ValueError("purchase: expected one chance a recency")
        self.purchase.flags.writeable = False

    @property
    def transitions(self) -> Floats:
        """Chances from each state (row) to each (column) in one period, the last state being lost for good.

        >>> RecencyChain([0.5, 0.25]).transitions.tolist()
        [[0.5, 0.5, 0.0], [0.25, 0.0, 0.75], [0.0, 0.0, 1.0]]
        """
        states = self.purchase.size + 1
        matrix = np.zeros((states, states))
        matrix[:-1, 0] = self.purchase
        rows = np.arange(states - 1)
        matrix[rows, rows + 1] += 1 - self.purchase
        matrix[-1, -1] = 1.0
        return matrix

    def values(
        self,
        contribution: float,
        promotion: float,
        discount: Amount,
        *,
        periods: int | None = None,
        level: float = 0.95,
    ) -> Estimate:
        """Value of a customer in each recency, labelled 1, 2, … and lost, from now to `periods` from now (None: ever).

        contribution: of a sale. promotion: of a period, to each customer not lost. discount: a period, above 0
        unless `periods` is given or every chance of staying is below 1.

        >>> RecencyChain([0.3, 0.2]).values(40, 4, 0.2, periods=0).value.tolist()
        [36.0, -4.0, 0.0]

        Source: Pfeifer & Carraway 2000.
        """
        checked("discount", discount, -1.0, open=True)
        rewards = np.append(np.full(self.purchase.size, -float(promotion)), 0.0)
        rewards[0] += contribution
        staying = self.transitions[:-1, :-1]
        if periods is None and (np.abs(np.linalg.eigvals(staying)).max() >= 1 + number(discount)).any():
            raise ValueError("discount: without end it has to outweigh the chance of staying")

        def value(d: Numbers) -> Numbers:
            if periods is None:
                return np.append(np.linalg.solve(np.eye(staying.shape[0]) - staying / (1 + d), rewards[:-1]), 0.0)
            total: Numbers = rewards
            for _ in range(index(periods)):
                total = rewards + self.transitions @ total / (1 + d)
            return total

        names = [*map(str, range(1, rewards.size)), "lost"]
        return carried(value, discount, level=level, labels=names)

    def worth_promoting(self, contribution: float, promotion: float, discount: float) -> int:
        """How many recencies to write to before giving up, so that a customer who has just bought is worth most.

        >>> RecencyChain([0.3, 0.2]).worth_promoting(40, 0, 0.2)
        2

        Source: Pfeifer & Carraway 2000, who cut the chain where the value of a state turns negative.
        """
        worth = [
            RecencyChain(self.purchase[:stop]).values(contribution, promotion, discount).value[0]
            for stop in range(1, self.purchase.size + 1)
        ]
        return 1 + int(np.argmax(worth))

    def clv(
        self, contribution: float, promotion: float, discount: Amount, *, years: int, level: float = 0.95
    ) -> Estimate:
        """Berger & Nasr's own form for a customer who has just bought: promotions fall halfway between two sales.

        The last sale is `years` from now, and the last promotion half a year before it.

        >>> round(RecencyChain([0.3, 0.2, 0.15, 0.05]).clv(40, 4, 0.2, years=4).value, 4)
        52.2543

        Source: Berger & Nasr 1998, case 5.
        """
        checked("discount", discount, -1.0, open=True)
        states = [np.eye(self.purchase.size + 1)[0]]
        for _ in range(index(years)):
            states.append(states[-1] @ self.transitions)
        buying, listed = np.array(states)[:, 0], np.array(states)[:, :-1].sum(axis=1)
        times = np.arange(years + 1.0)

        def value(d: Numbers) -> Numbers:
            sold = contribution * buying * (1 + d) ** -times
            spent = promotion * listed[:-1] * (1 + d) ** (0.5 - times[1:])
            return np.asarray(sold.sum() - spent.sum())

        return carried(value, discount, level=level)


def _cycles(years: float | None, cycle: float) -> int | None:
    checked("cycle", cycle, 0.0, open=True)
    if years is None:
        return None
    whole = round(years / cycle)
    if whole < 0 or abs(whole * cycle - years) > 1e-9 * max(1.0, years):
        raise ValueError("years: expected a whole number of cycles")
    return whole


def _summed(ratio: Numbers, terms: int) -> Numbers:
    total: Numbers = np.zeros_like(ratio)
    for _ in range(terms):
        total = 1 + ratio * total
    return total


def _nodes(bend: float, end: float) -> tuple[Floats, Floats]:
    """Gauss–Legendre nodes on each side of the inflexion, a year at a time: the profit bends there."""
    checked("years", end, 0.0)
    cut = min(max(bend, 0.0), end)
    edges = np.unique(np.concatenate([np.arange(0.0, end), [cut, float(end)]]))
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    return (middle + half * NODES).ravel(), (half * WEIGHTS).ravel()
