"""How fast are the fits and predictions of BG/NBD, MBG/NBD and Gamma–Gamma beside lifetimes, and RFM beside polars?

A fit is timed as it is: Newton's method has the Laplace covariance in hand when it ends, so the same seconds stand for
a fit with and without intervals, and lifetimes' fit works out its standard errors too. Both sides must reach the same
likelihood, to a millionth, or a line says by how much they differ. CDNOW is the papers' 39-week calibration; the large
bases are simulated by the models themselves, with a seed.
"""

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import lifetimes
import numpy as np
import pandas as pd
import polars as pl
from attrs import frozen
from pendulum import datetime

from relmkt.datasets import cdnow, cdnow_sample
from relmkt.value._customers._scoring import rfm_scores
from relmkt.value._models._betageo import BetaGeo
from relmkt.value._models._gammagamma import GammaGamma
from relmkt.value._models._modified import ModifiedBetaGeo
from relmkt.value._summaries._summary import PurchaseSummary
from tests.benchmarks.figure import Figure, in_turns, told

SHAPE = {"r": 0.9, "alpha": 25.0, "a": 0.7, "b": 12.0}  # of the simulated base, in days
SPEND = {"p": 6.0, "q": 4.0, "v": 15.0}
SAME = 1e-6  # of a log-likelihood


@frozen
class Base:
    """Customers to fit: how they are called, how often each side is timed, and the ratios wanted, by model.

    ours: fits of ours in each turn, where the peer's take too long for as many turns.
    """

    name: str
    summary: PurchaseSummary
    runs: int
    aims: dict[str, float]
    ours: int = 1


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """Fits, predictions and RFM quintiles."""
    every = list(bases(short))
    for base in every:
        yield from _fits(base)
    yield from _predictions(every[-1].summary, 1 if short else 5)
    yield _quintiles(2_000 if short else 1_000_000, 1 if short else 7)


def bases(short: bool) -> Iterator[Base]:
    """From the CDNOW sample, which is all that the short form has, to a million customers."""
    least = {"MBG/NBD": 4.0, "Gamma–Gamma": 6.0}
    yield Base("CDNOW sample", calibration(cdnow_sample()), 1 if short else 21, {"BG/NBD": 6, **least})
    if not short:
        yield Base("all of CDNOW", calibration(cdnow()), 9, least)
        yield Base("100,000 customers", drawn(100_000), 3, {"BG/NBD": 9, **least}, ours=3)
        yield Base("1,000,000 customers", drawn(1_000_000), 1, {"BG/NBD": 40, **least}, ours=5)


def calibration(rows: Any) -> PurchaseSummary:
    """CDNOW as known after 39 weeks, in the papers' ages: 38.86 weeks for the first of January."""
    bought, end = rows.columns, datetime(1997, 9, 30)
    return PurchaseSummary.from_purchases(
        bought["customer"], bought["day"], bought["amount"], at=end, unit="week", currency="USD"
    )


def drawn(n: int) -> PurchaseSummary:
    """So many simulated customers, over 730 days, and what they spent."""
    who, day = simulated(n)
    rng = np.random.default_rng(11)
    scale = rng.gamma(SPEND["q"], 1 / SPEND["v"], n)
    spent = rng.gamma(SPEND["p"], 1.0, who.size) / scale[who]
    return PurchaseSummary.from_purchases(who, day, spent, at=datetime(2026, 1, 1), unit="day", currency="EUR")


def simulated(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Customers and days of the purchases that the model expects of so many who came over 730 days."""
    rng = np.random.default_rng(9)
    rate = rng.gamma(SHAPE["r"], 1 / SHAPE["alpha"], n)
    leaves = rng.beta(SHAPE["a"], SHAPE["b"], n)
    who, at = np.arange(n), rng.uniform(0, 730, n)
    whose, when = [who], [at]
    while who.size:
        stays = rng.random(who.size) >= leaves[who]
        who, at = who[stays], at[stays] + rng.exponential(1 / rate[who[stays]])
        inside = at < 730
        who, at = who[inside], at[inside]
        whose.append(who)
        when.append(at)
    day = np.concatenate(when).astype(np.int64)
    order = np.argsort(day, kind="stable")
    return np.concatenate(whose)[order], np.datetime64("2024-01-01", "D") + day[order]


def spenders(summary: PurchaseSummary) -> PurchaseSummary:
    """Those whom Gamma–Gamma can read: a repeat, and a spend above 0. Both sides get these and no others."""
    return summary.take((summary.frequency > 0) & (summary.monetary_value > 0))


def behind(ours: float, peer: float) -> str:
    """A word on log-likelihoods of which ours is the lower, by more than a millionth; nothing where it is not."""
    return f"ours is lower: {ours:.6f}, the peer's {peer:.6f}" if peer - ours > SAME * abs(peer) else ""


def _fits(base: Base) -> Iterator[Figure]:
    x, t_x, T = (pd.Series(column) for column in (base.summary.frequency, base.summary.recency, base.summary.T))
    repeated = spenders(base.summary)
    for name, model, peer, columns, summary in (
        ("BG/NBD", BetaGeo, lifetimes.BetaGeoFitter, (x, t_x, T), base.summary),
        ("MBG/NBD", ModifiedBetaGeo, lifetimes.ModifiedBetaGeoFitter, (x, t_x, T), base.summary),
        ("Gamma–Gamma", GammaGamma, lifetimes.GammaGammaFitter, _spends(repeated), repeated),
    ):
        yield _fit(name, base, model, peer, columns, summary)


def _spends(summary: PurchaseSummary) -> tuple[pd.Series, pd.Series]:
    return pd.Series(summary.frequency), pd.Series(summary.monetary_value)


def _fit(name: str, base: Base, model: Any, peer: Any, columns: Any, summary: PurchaseSummary) -> Figure:
    found: dict[str, Any] = {}

    def ours() -> None:
        found["ours"] = model.fit(summary)

    def theirs() -> None:
        with warnings.catch_warnings():  # of logarithms below 0 on the way
            warnings.simplefilter("ignore")
            found["peer"] = peer().fit(*columns).params_

    *mine, other = in_turns(base.runs, *[ours] * base.ours, theirs)
    best, reached = found["ours"].log_likelihood(summary), model(**found["peer"]).log_likelihood(summary)
    what = f"{name} fit, {base.name}"
    if word := behind(best, reached):
        print(f"{what}: {word}", file=sys.stderr)
    lower = best - reached
    word = f", log-likelihood lower by {lower:.2g}" if lower > SAME * abs(best) else ""
    return Figure(what, told(median(mine)), f"lifetimes {told(other)}{word}", other / median(mine), base.aims.get(name))


def _predictions(summary: PurchaseSummary, runs: int) -> Iterator[Figure]:
    """Purchases in 90 days (or weeks) and the chance to be alive; average spend."""
    columns = [pd.Series(column) for column in (summary.frequency, summary.recency, summary.T)]
    for name, fitted, peer, aim in (
        ("BG/NBD", BetaGeo.fit(summary), lifetimes.BetaGeoFitter(), 3.5),
        ("MBG/NBD", ModifiedBetaGeo.fit(summary), lifetimes.ModifiedBetaGeoFitter(), None),
    ):
        peer.params_ = pd.Series({name: getattr(fitted, name) for name in fitted.NAMES})

        def ours(level: float | None, model: Any = fitted) -> list[np.ndarray]:
            return [model.purchases(summary, 90, level=level).value, model.alive(summary, level=level).value]

        def theirs(fitter: Any = peer) -> list[np.ndarray]:
            bought = fitter.conditional_expected_number_of_purchases_up_to_time(90, *columns)
            return [bought, fitter.conditional_probability_alive(*columns)]

        yield from _asked(f"{name} purchases and alive, {len(summary):,} customers", ours, theirs, runs, aim)
    spending, repeated, fitter = GammaGamma.fit(summary), spenders(summary), lifetimes.GammaGammaFitter()
    fitter.params_ = pd.Series({name: getattr(spending, name) for name in SPEND})
    spends = _spends(repeated)
    yield from _asked(
        f"Gamma–Gamma average spend, {len(repeated):,} customers",
        lambda level: [spending.average(repeated, level=level).value],
        lambda: [fitter.conditional_expected_average_profit(*spends)],
        runs,
    )


def _asked(name: str, ours: Any, theirs: Any, runs: int, aim: float | None = None) -> Iterator[Figure]:
    """The same answers without intervals, and with them beside a peer that has none."""
    for mine, other in zip(ours(None), theirs()):
        np.testing.assert_allclose(mine, np.asarray(other), rtol=1e-6, err_msg=name)
    bare, bounded, other = in_turns(runs, lambda: ours(None), lambda: ours(0.95), theirs)
    yield Figure(name, told(bare), f"lifetimes {told(other)}", other / bare, aim)
    yield Figure(f"{name}, with intervals", told(bounded), f"lifetimes without {told(other)}", other / bounded)


def _quintiles(n: int, runs: int) -> Figure:
    """Three scores of each customer; the peer is told to cut where values repeat, as ours does."""
    rng = np.random.default_rng(4)
    columns = {
        "recency": rng.integers(0, 730, n).astype(float),
        "frequency": rng.geometric(0.2, n).astype(float),
        "monetary": rng.gamma(2, 40, n),
    }
    frame = pl.DataFrame(columns)
    shares = [0.2, 0.4, 0.6, 0.8]

    def theirs() -> pl.DataFrame:
        with warnings.catch_warnings():  # newer versions have another word for it, older ones only this
            warnings.simplefilter("ignore", DeprecationWarning)
            return frame.select(pl.col(name).qcut(shares, allow_duplicates=True) for name in columns)

    mine, peer = in_turns(runs, lambda: rfm_scores(**columns, groups=5), theirs)
    return Figure(f"RFM quintiles, {n:,} customers", told(mine), f"polars qcut {told(peer)}", peer / mine, 3)
