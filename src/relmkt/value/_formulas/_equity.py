"""What are all customers worth, while they switch between brands? Customer equity and what a change of it returns.

Rust, Lemon & Zeithaml (2004), "Return on marketing: using customer equity to focus marketing strategy", Journal of
Marketing 68(1), 109-127. Each purchase chooses a brand by the one before (a first-order Markov chain); a customer
counts for every brand they may yet buy, the rivals' present customers for ours too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relmkt.estimate import Estimate
from relmkt.value._numbers._delta import Numbers, carried, checked
from relmkt.value._numbers._figures import Amount, figure, number

__all__ = ["brand_values", "choice_path", "choice_shares", "customer_equity", "equity_return", "stationary_shares"]

Floats = NDArray[np.float64]


def choice_shares(utilities: ArrayLike) -> Floats:
    """Logit chances of choosing each brand, from its utility: what drivers of value, brand and relationship make it.

    utilities: brands along the last axis; a square of them, with the inertia of the brand bought last, gives a
    switching matrix.

    >>> choice_shares([[1.0, 1.0], [0.0, 50.0]]).round(3).tolist()
    [[0.5, 0.5], [0.0, 1.0]]

    Source: Rust, Lemon & Zeithaml 2004; McFadden 1974.
    """
    shifted = np.asarray(utilities, dtype=np.float64)
    raised = np.exp(shifted - shifted.max(axis=-1, keepdims=True))
    answer: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return answer


def choice_path(switching: ArrayLike, start: ArrayLike, purchases: int) -> Floats:
    """Chances of each brand at this purchase and the next `purchases` ones: time first, then customers, then brands.

    switching: from the brand bought (row) to the next one (column), rows summing to 1; one matrix for all, or one a
    customer. start: chances of the present purchase, of one customer or one row a customer.

    >>> choice_path([[0.7, 0.3], [0.2, 0.8]], [1, 0], 2).round(3).tolist()
    [[1.0, 0.0], [0.7, 0.3], [0.55, 0.45]]

    Source: Rust, Lemon & Zeithaml 2004.
    """
    matrix = _chances("switching", switching)
    path = [_chances("start", start)]
    for _ in range(purchases):
        path.append(np.einsum("...i,...ij->...j", path[-1], matrix))
    return np.stack(path)


def stationary_shares(switching: ArrayLike) -> Floats:
    """The shares of purchases that switching leads to in the end, whatever the start.

    Raises ValueError where the end depends on the start: two brands, say, that nobody ever leaves.

    >>> stationary_shares([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]]).round(9).tolist()
    [0.36, 0.44, 0.2]

    Source: Rust, Lemon & Zeithaml 2004; the theory of Markov chains.
    """
    matrix = _chances("switching", switching)
    brands = matrix.shape[-1]
    if matrix.shape != (brands, brands):
        raise ValueError("switching: expected one square matrix")
    system = np.vstack([matrix.T - np.eye(brands), np.ones(brands)])
    shares, _, rank, _ = np.linalg.lstsq(system, np.append(np.zeros(brands), 1.0), rcond=None)
    if rank < brands:
        raise ValueError("switching: where it ends depends on where it starts")
    answer: Floats = np.maximum(shares, 0.0)
    return answer


def brand_values(
    switching: ArrayLike,
    start: ArrayLike,
    margin: ArrayLike,
    discount: float,
    *,
    purchases: int | ArrayLike,
    frequency: ArrayLike = 1.0,
) -> Floats:
    """Lifetime value of each customer to each brand: margins times the chance of choosing it, discounted.

    switching, start: as for `choice_path`. margin: contribution of one purchase (volume times margin), of any shape
    that NumPy broadcasts to purchases by customers by brands: (brands,), (customers, 1), (purchases + 1, 1, brands).
    discount: a year. purchases: how many follow the present one before the horizon, one number or one a customer.
    frequency: purchases a year, one number or one a customer. Returns one row a customer, or one row for one.

    >>> switching = [[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]]
    >>> float(brand_values(switching, [1, 0, 0], 10, 0.1, purchases=5)[0].round(7))
    29.4435924

    Source: Rust, Lemon & Zeithaml 2004, their equation for CLV.
    """
    checked("discount", discount, -1.0, open=True)
    checked("frequency", frequency, 0.0, open=True)
    last = np.asarray(purchases, dtype=np.int64)
    chosen = choice_path(switching, start, int(last.max(initial=0)))
    single = chosen.ndim == 2 and not last.ndim and not np.ndim(frequency)
    chosen = chosen[:, None] if chosen.ndim == 2 else chosen
    times = np.arange(len(chosen))[:, None, None]
    pace = np.asarray(frequency, dtype=np.float64).reshape(1, -1, 1)
    weight = (1 + discount) ** (-times / pace) * (times <= last.reshape(1, -1, 1))
    values: Floats = (weight * np.asarray(margin, dtype=np.float64) * chosen).sum(axis=0)
    return values[0] if single else values


def customer_equity(
    values: Amount, population: Amount, *, labels: Iterable[Any] | None = None, level: float = 0.95
) -> Estimate:
    """The sum of lifetime values over all customers: the mean over those sampled, times how many there are.

    values: one a customer sampled; or one row a customer and one column a brand, and then the answer is a column
    labelled by `labels`; missing ones (NaN) are left out. An estimate is taken for the mean value itself.
    population: customers in the market, or of the firm. The interval is that of the mean over customers.

    >>> print(customer_equity([20.0, 40.0, 30.0], 1000))
    30,000.00 [18,684.14, 41,315.86] 95 %, n = 3 (mean over customers)

    Source: Rust, Lemon & Zeithaml 2004.
    """
    checked("population", population, 0.0)
    if isinstance(values, Estimate):
        return carried(lambda mean, size: mean * size, values, population, level=level, labels=labels)
    sampled = number(values)
    if sampled.ndim not in (1, 2) or number(population).ndim:
        raise ValueError("values: expected one a customer, or a table of customers by brands, and one population")
    seen = ~np.isnan(sampled)
    n = seen.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(seen, sampled, 0.0).sum(axis=0) / n
        se = np.sqrt((np.where(seen, sampled - mean, 0.0) ** 2).sum(axis=0) / (n - 1) / n)
    error = np.where(n > 1, se, np.nan)
    notes = ("no valid values",) if not np.all(n) else ()
    average = figure(mean, error, level=level, n=n, method="mean over customers", notes=notes, labels=labels)
    return carried(
        lambda middle, size: middle * size,
        average,
        population,
        level=level,
        method="mean over customers",
        labels=labels,
    )


def equity_return(change: Amount, investment: Amount, *, level: float = 0.95) -> Estimate:
    """Return on what was spent to raise customer equity: (change - investment) / investment, as a fraction.

    change: of customer equity, in today's money. investment: likewise, 0 or more; NaN with a note where it is 0.

    >>> round(equity_return(101.29, 70).value, 3)
    0.447

    Source: Rust, Lemon & Zeithaml 2004.
    """
    checked("investment", investment, 0.0)
    nothing = (number(investment) == 0).any()

    def returned(gain: Numbers, spent: Numbers) -> Numbers:
        return (gain - spent) / np.where(spent == 0, np.nan, spent)

    notes = ("nothing was invested",) if nothing else ()
    return carried(returned, change, investment, level=level, notes=notes)


def _chances(name: str, given: ArrayLike) -> Floats:
    chances = np.asarray(given, dtype=np.float64)
    if (chances < 0).any() or not np.allclose(chances.sum(axis=-1), 1.0, rtol=0.0, atol=1e-9):
        raise ValueError(f"{name}: expected chances from 0 whose rows sum to 1")
    return chances
