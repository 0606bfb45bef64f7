"""How fast are the models of discrete opportunities beside lifetimes? BG/BB on the donors of its paper, and the sBG.

The donors are the 22 grouped histories of 11,104 people, for both. The sBG has no peer that is fitted by likelihood in
the benchmark's environment: SciPy's quasi-Newton on the same log-likelihood stands in for one.
"""

from collections.abc import Iterator
from pathlib import Path

import lifetimes
import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln

from relmkt.datasets import donations
from relmkt.value._models._betabinomial import BetaBinomial
from relmkt.value._models._shifted import ShiftedBetaGeo
from relmkt.value._summaries._summary import PurchaseSummary
from tests.benchmarks.figure import Figure, in_turns, told

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
LAW = (1.204, 0.750, 0.657, 2.783)  # of the simulated donors


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """The fit and the predictions of the BG/BB, and the fit of the sBG."""
    runs, n = (1, 2_000) if short else (15, 1_000_000)
    yield _fit(runs)
    yield from _predictions(n, 1 if short else 3)
    yield _cohort(runs)


def _fit(runs: int) -> Figure:
    table = donations()
    x, t_x, T, w = table.frequency, table.recency, table.periods, table.weights
    summary = PurchaseSummary(np.arange(len(table)), x, t_x, T, np.full(len(table), np.nan), "year")
    ours, peer = in_turns(
        runs,
        lambda: BetaBinomial.fit(summary, weights=w),
        lambda: lifetimes.BetaGeoBetaBinomFitter().fit(x, t_x, T, w),
    )
    return Figure("BG/BB fit, 11,104 donors in 22 groups", told(ours), f"lifetimes {told(peer)}", peer / ours, aim=8)


def _predictions(n: int, runs: int) -> Iterator[Figure]:
    model = BetaBinomial(*LAW, unit="year")
    summary = model.simulate(np.full(n, 12), rng=np.random.default_rng(17)).summary()
    peer = lifetimes.BetaGeoBetaBinomFitter()
    peer.params_ = dict(zip(("alpha", "beta", "gamma", "delta"), LAW, strict=True))
    rows = [column.astype(np.int64) for column in (summary.frequency, summary.recency, summary.T)]
    for name, mine, theirs in (
        (
            "purchases",
            lambda: model.purchases(summary, 5, level=None),
            lambda: peer.conditional_expected_number_of_purchases_up_to_time(5, *rows),
        ),
        ("alive", lambda: model.alive(summary, level=None), lambda: peer.conditional_probability_alive(1, *rows)),
    ):
        ours, other = in_turns(runs, mine, theirs)
        yield Figure(f"BG/BB {name}, {n:,} customers", told(ours), f"lifetimes {told(other)}", other / ours)


def _cohort(runs: int) -> Figure:
    t, lost = np.arange(1, len(REGULAR)), -np.diff(REGULAR)

    def against(logs: np.ndarray) -> float:
        a, b = np.exp(logs)
        ends = lost @ betaln(a + 1, b + t - 1) + REGULAR[-1] * betaln(a, b + t[-1])
        return float(REGULAR[0] * betaln(a, b) - ends)

    ours, peer = in_turns(runs, lambda: ShiftedBetaGeo.fit(REGULAR), lambda: minimize(against, np.zeros(2)))
    return Figure("sBG fit, one cohort of 8 years", told(ours), f"SciPy BFGS {told(peer)}", peer / ours)
