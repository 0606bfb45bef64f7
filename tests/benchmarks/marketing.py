"""How fast is a fit beside PyMC-Marketing's maximum a posteriori, on the same customers?

The peer's pins would rule the library's own environment, so it has one of its own (`make peers`, or where RELMKT_PEERS
says), in which a child process fits what this one writes to a file. A child's first fit compiles and is told in
brackets; the later ones are the figure. Its priors are those it brings, so its likelihood lies a little below the
greatest: ours must not be below it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from attrs import frozen

from relmkt.datasets import cdnow, cdnow_sample, donations
from relmkt.value._models._betabinomial import BetaBinomial
from relmkt.value._models._betageo import BetaGeo
from relmkt.value._models._gammagamma import GammaGamma
from relmkt.value._models._modified import ModifiedBetaGeo
from relmkt.value._models._pareto import ParetoNBD
from relmkt.value._summaries._summary import PurchaseSummary
from tests.benchmarks.figure import Figure, in_turns, told
from tests.benchmarks.summary import AT, purchases
from tests.benchmarks.value import behind, calibration, drawn, spenders

PEERS = Path(os.environ.get("RELMKT_PEERS", ".venv-peers"))
CHILD = Path(__file__).with_name("marketing_peer.py")
EVERYWHERE, ON_SAMPLE = 12, 100


@frozen
class Base:
    """Customers to fit, and how many times as fast as the peer we want to be."""

    name: str
    summary: PurchaseSummary
    aim: float = EVERYWHERE


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """Fits of five models; none where the peer is not installed. The short form fits the CDNOW sample alone."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        print(f"marketing: no PyMC-Marketing in {PEERS}; `make peers` installs it", file=sys.stderr)
        return
    yield _summary(python, place, *((2_000, 20_000) if short else (1_000_000, 10_000_000)))
    sample = Base("CDNOW sample", calibration(cdnow_sample()), ON_SAMPLE)
    bases = [sample]
    if not short:
        bases.append(Base("all of CDNOW", calibration(cdnow())))
    large = [] if short else [Base(f"{n:,} customers", drawn(n)) for n in (100_000, 1_000_000)]
    repeated = [Base(base.name, spenders(base.summary), base.aim) for base in [*bases, *large]]
    for name, model, peer, which in (
        ("BG/NBD", BetaGeo, "BetaGeoModel", [*bases, *large]),
        ("MBG/NBD", ModifiedBetaGeo, "ModifiedBetaGeoModel", [*bases, *large]),
        ("Pareto/NBD", ParetoNBD, "ParetoNBDModel", bases),
        ("Gamma–Gamma", GammaGamma, "GammaGammaModel", repeated),
        ("BG/BB", BetaBinomial, "BetaGeoBetaBinomModel", [] if short else [_donors()]),
    ):
        if which:
            yield from _fits(name, model, which, _asked(python, peer, which, place, 1 if short else 3))


def _summary(python: Path, place: Path, customers: int, rows: int) -> Figure:
    """The summary of a log, once: the peer takes several seconds for it."""
    who, day, paid = purchases(customers, rows)
    path = place / "log.npz"
    np.savez(path, who=who, day=day.astype("datetime64[s]").astype(np.int64), paid=paid)
    done = subprocess.run(
        [str(python), str(CHILD), "rfm_summary", "1", str(path)], check=True, stdout=subprocess.PIPE, text=True
    )
    theirs = json.loads(done.stdout.splitlines()[-1])

    def ours() -> PurchaseSummary:
        return PurchaseSummary.from_purchases(who, day, paid, at=AT, unit="day")

    if ours().frequency.sum() != theirs["repeats"]:
        raise AssertionError("two summaries of one log differ")
    (seconds,) = in_turns(5, ours)
    peer = f"PyMC-Marketing {told(theirs['seconds'])}"
    name = f"summary of {rows:,} purchases, {customers:,} customers"
    return Figure(name, told(seconds), peer, theirs["seconds"] / seconds, 25)


def _donors() -> Base:
    """The 11,104 donors of the BG/BB paper, one row each for both: the peer takes no weights."""
    table = donations()
    rows = np.repeat(np.arange(len(table)), table.weights.astype(np.int64))
    columns = (column[rows] for column in (table.frequency, table.recency, table.periods))
    summary = PurchaseSummary(np.arange(rows.size), *columns, np.full(rows.size, np.nan), "year")
    return Base("11,104 donors", summary)


def _asked(python: Path, peer: str, bases: list[Base], place: Path, runs: int) -> list[dict[str, Any]]:
    """What the child tells of each base."""
    paths = []
    for number, base in enumerate(bases):
        summary = base.summary
        columns = {"frequency": summary.frequency, "recency": summary.recency, "T": summary.T}
        if not np.isnan(summary.monetary_value).any():
            columns["monetary_value"] = summary.monetary_value
        paths.append(place / f"{peer}-{number}.npz")
        np.savez(paths[-1], customer_id=np.arange(len(summary)), **columns)
    command = [str(python), str(CHILD), peer, str(runs), *map(str, paths)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _fits(name: str, model: Any, bases: list[Base], answers: list[dict[str, Any]]) -> Iterator[Figure]:
    for base, answer in zip(bases, answers, strict=True):
        fit = model.fit(base.summary)
        peer = model(**{key: value for key, value in answer["found"].items() if key in _names(model)})
        if word := behind(fit.log_likelihood(base.summary), peer.log_likelihood(base.summary)):
            print(f"{name}, {base.name}: {word}", file=sys.stderr)
        (ours,) = in_turns(5, lambda base=base: model.fit(base.summary))
        warm = median(answer["warm"])
        beside = f"PyMC-Marketing MAP {told(warm)} (first {told(answer['first'])})"
        yield Figure(f"{name} fit, {base.name}", told(ours), beside, warm / ours, base.aim)


def _names(model: Any) -> tuple[str, ...]:
    return getattr(model, "NAMES", ("p", "q", "v"))
