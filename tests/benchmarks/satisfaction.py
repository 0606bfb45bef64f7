"""How fast are a million answers scored beside polars: NPS with its interval by segment and month, index and alpha?

Both sides start from columns: ours from a table of facts and an array of segments, as a store and a portfolio give
them, polars from a frame that holds the same. Both must give the same figures, to a billionth. Polars takes as many
threads as it was started with (POLARS_MAX_THREADS=2 holds it to two), ours takes one; the line says how many.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen

from relmkt.columns import FactTable
from relmkt.facts import Answer, kind_of
from relmkt.satisfaction._index import SatisfactionIndex
from relmkt.satisfaction._nps import nps
from relmkt.scales import Scale, alpha
from tests.benchmarks.figure import Figure, in_turns, told

SEGMENTS = ("new", "regular", "loyal", "at risk", "lapsed", "business", "family", "staff")
ITEMS = ("overall", "expected", "ideal")
YEAR = (1_735_689_600_000_000, 1_767_225_600_000_000)  # 2025, in microseconds
INDEX = SatisfactionIndex(Scale(1, 10).items(*ITEMS), [2, 1, 1])
Z = NormalDist().inv_cdf(0.975)


@frozen(eq=False)
class Survey:
    """The same answers as a table of facts, as columns, and as a frame."""

    table: FactTable
    segment: np.ndarray
    items: dict[str, np.ndarray]
    frame: pl.DataFrame


def figures(place: Path, short: bool = False) -> Iterator[Figure]:
    """NPS by segment and month, the index of all and by segment, alpha; and all of it in one go."""
    n, runs = (2_000, 1) if short else (1_000_000, 9)
    survey = drawn(n)
    queries = (_polars_nps, _polars_index, _polars_parts, _polars_alpha)
    _same(survey)
    each = [partial(ours, survey) for ours in OURS]
    peer = [partial(_collected, query, survey.frame) for query in queries]
    *times, whole, other = in_turns(
        runs,
        *each,
        *peer,
        lambda: [ours(survey) for ours in OURS],
        lambda: pl.collect_all([query(survey.frame) for query in queries]),
    )
    names = [f"NPS by segment and month, {n:,} answers", f"index, {n:,} respondents", "index by segment", "alpha"]
    for name, one, two in zip([*names, "all four"], [*times[:4], whole], [*times[4:], other], strict=True):
        aim = 1 if name == "all four" else None
        yield Figure(name, told(one), f"polars, {pl.thread_pool_size()} threads, {told(two)}", two / one, aim)


def _collected(query: Callable[[pl.DataFrame], pl.LazyFrame], frame: pl.DataFrame) -> pl.DataFrame:
    return query(frame).collect()


def drawn(n: int) -> Survey:
    """So many answers of as many people, one in fifty of them missing, over a year."""
    rng = np.random.default_rng(4)
    segment = np.array(SEGMENTS)[rng.integers(0, len(SEGMENTS), n)]
    at = rng.integers(*YEAR, n)
    score = np.where(rng.random(n) < 0.02, np.nan, rng.integers(0, 11, n))
    items = {name: rng.integers(1, 11, n) for name in ITEMS}  # whole numbers, as a survey tool writes them
    zeros = {"kind": np.zeros(n, np.int16), "label": np.zeros(n, np.int32)}
    ids = np.array([f"{row:07d}" for row in range(n)])
    table = FactTable(
        ids,
        (kind_of(Answer),),
        ("recommend",),
        np.arange(n),
        at,
        number=score,
        classes={kind_of(Answer): Answer},
        **zeros,
    )
    columns = {"segment": segment, "at": at.astype("datetime64[us]"), "score": score, **items}
    return Survey(table, segment, items, pl.DataFrame(columns).with_columns(pl.col("score").fill_nan(None)))


def _nps(survey: Survey) -> Any:
    return nps(survey.table, by=survey.segment, period="month")


def _index(survey: Survey) -> Any:
    return INDEX.score(survey.items)


def _parts(survey: Survey) -> Any:
    return INDEX.score(survey.items, by=survey.segment)


def _alpha(survey: Survey) -> Any:
    return alpha(survey.items)


OURS = (_nps, _index, _parts, _alpha)


def _polars_nps(frame: pl.DataFrame) -> pl.LazyFrame:
    """The score, with the adjusted Wald interval."""
    score, n, p, d = (pl.col(name) for name in ("score", "n", "p", "d"))
    counted = frame.lazy().filter(score.is_between(0, 10) & (score == score.floor()))
    by = counted.group_by("segment", pl.col("at").dt.truncate("1mo"))
    shares = by.agg(
        pl.len().alias("n"),
        (score >= 9).sum().cast(pl.Float64).alias("p"),
        (score <= 6).sum().cast(pl.Float64).alias("d"),
    )
    near = shares.with_columns(value=100 * (p - d) / n, p=(p + 0.75) / (n + 3), d=(d + 0.75) / (n + 3))
    half = Z * ((p + d - (p - d) ** 2) / (n + 3)).sqrt()
    bounds = near.with_columns(low=100 * (p - d - half), high=100 * (p - d + half))
    return bounds.sort("segment", "at")


def _score() -> pl.Expr:
    """The weighted mean of three items told as 0 to 100."""
    return (
        sum((weight * (pl.col(name) - 1) for name, weight in zip(ITEMS, (2, 1, 1), strict=True)), pl.lit(0)) * 100 / 36
    )


def _moments() -> list[pl.Expr]:
    return [_score().mean().alias("mean"), (_score().std() / pl.len().sqrt()).alias("se")]


def _polars_index(frame: pl.DataFrame) -> pl.LazyFrame:
    return frame.lazy().select(_moments())


def _polars_parts(frame: pl.DataFrame) -> pl.LazyFrame:
    return frame.lazy().group_by("segment").agg(_moments()).sort("segment")


def _polars_alpha(frame: pl.DataFrame) -> pl.LazyFrame:
    own = pl.sum_horizontal(pl.col(name).var() for name in ITEMS)
    k = len(ITEMS)
    return frame.lazy().select(alpha=k / (k - 1) * (1 - own / pl.sum_horizontal(*ITEMS).var()))


def _same(survey: Survey) -> None:
    """Both sides give the same figures."""
    mine, other = _nps(survey), _polars_nps(survey.frame).collect()
    for name in ("value", "low", "high"):
        np.testing.assert_allclose(getattr(mine, name), np.clip(other[name].to_numpy(), -100, 100), atol=1e-9)
    for one, query in ((_index(survey), _polars_index), (_parts(survey), _polars_parts)):
        two = query(survey.frame).collect()
        np.testing.assert_allclose(one.value, np.squeeze(two["mean"].to_numpy()), rtol=1e-9)
        np.testing.assert_allclose(one.se, np.squeeze(two["se"].to_numpy()), rtol=1e-9)
    np.testing.assert_allclose(_alpha(survey).value, _polars_alpha(survey.frame).collect()["alpha"][0], rtol=1e-9)
