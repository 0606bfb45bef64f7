"""One survey, whatever it comes in: arrays, frames of three libraries, rows and facts give the same figures."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pendulum import datetime

from relmkt.columns import FactTable
from relmkt.facts import Answer
from relmkt.satisfaction import (
    SatisfactionIndex,
    answered_disconfirmation,
    ces,
    csat,
    disconfirmation,
    drivers,
    importance_performance,
    kano,
    mean_score,
    nps,
    nps_change,
    repairs,
    servperf,
    servqual,
)
from relmkt.scales import Construct, Item, Scale, alpha, htmt

TOLD = [10, 9, None, 3, 7, 0, 11]
RATED = Item("rated", Scale(0, 10))
COLUMNS: dict[str, Callable[[list[Any]], Any]] = {
    "tuple": tuple,
    "objects": lambda told: np.array(told, object),
    "floats": lambda told: np.array(told, np.float64),
    "texts": lambda told: ["" if one is None else f" {one}.0" for one in told],
    "decimals": lambda told: [None if one is None else Decimal(one) for one in told],
    "pandas": pd.Series,
    "pandas Int64": lambda told: pd.Series(told, dtype="Int64"),
    "pandas arrow": lambda told: pd.Series(told, dtype="int64[pyarrow]"),
    "pandas category": lambda told: pd.Series(told, dtype="category"),
    "polars": pl.Series,
    "polars Int8": lambda told: pl.Series(told, dtype=pl.Int8),
    "arrow": pa.array,
}


@pytest.mark.parametrize("form", COLUMNS)
def test_a_column_of_any_form(form: str) -> None:
    column = COLUMNS[form](TOLD)
    found, plain = nps(column), nps(TOLD)
    assert found == plain
    assert (found.n, found.missing, found.invalid) == (5, 1, 1)
    assert mean_score(column, item=RATED) == mean_score(TOLD, item=RATED)
    assert csat(column, item=RATED, top=7, interval="Jeffreys") == csat(TOLD, item=RATED, top=7, interval="Jeffreys")
    after = [9, 9, 9, 9, 0, 0, 0]
    assert nps_change(column, after) == nps_change(TOLD, after)
    gap = disconfirmation(column, after, scale=Scale(0, 10))
    assert gap.mean == disconfirmation(TOLD, after, scale=Scale(0, 10)).mean
    codes = [1, 2, None, 3, 4, 5, 6]
    assert kano(COLUMNS[form](codes), codes) == kano(codes, codes)


def test_yes_and_no_are_no_scores() -> None:
    for told in (np.array([True, False]), [True, False], pl.Series([True, False]), pd.Series([True, False])):
        found = nps(told)
        assert (found.n, found.invalid) == (0, 2)
        assert math.isnan(found.value)


@pytest.mark.parametrize(
    "by",
    [
        ["a", None, "a", math.nan],
        pd.Series(["a", None, "a", pd.NA], dtype="string"),
        pd.Series(["a", pd.NA, "a", None], dtype=object),
        pd.Series(["a", None, "a", None], dtype="category"),
        pl.Series(["a", None, "a", None]),
        pl.Series(["a", None, "a", None], dtype=pl.Categorical),
        pa.array(["a", None, "a", None]),
    ],
)
def test_no_label_of_any_form_is_the_empty_name(by: Any) -> None:
    found = nps([10, 9, 3, 8], by=by)
    assert found.labels == ("", "a")
    assert found.value.tolist() == [50, 0]


@pytest.mark.parametrize("raw", [[10, "do not know", 9], np.array([10, "do not know", 9], object)])
def test_who_does_not_know_in_words(raw: Any) -> None:
    found = nps(raw, unsure=["do not know"])
    assert (found.value, found.n, found.missing, found.invalid) == (100, 2, 1, 0)
    arrow = nps(pa.chunked_array([["10", "do not know", "9"]]), unsure=["do not know"])
    assert (arrow.n, arrow.missing, arrow.invalid) == (2, 1, 0)


RNG = np.random.default_rng(17)
SEVEN = Scale(1, 7)
NAMES = ("a", "b", "c", "d", "whole")
SURVEY = {name: RNG.integers(1, 8, 40).astype(float) for name in NAMES}
SURVEY["whole"] = np.clip(np.rint(0.6 * SURVEY["a"] + 0.3 * SURVEY["b"] + RNG.normal(size=40)), 1, 7)
for hidden, gap in zip(NAMES, RNG.integers(0, 40, (5, 4)), strict=True):
    SURVEY[hidden][gap] = np.nan
ITEMS, WHOLE = SEVEN.items("a", "b", "c", "d"), Item("whole", SEVEN)


def plain(one: float) -> int | None:
    return None if math.isnan(one) else int(one)


def as_facts() -> FactTable:
    day = datetime(2026, 3, 1)
    told = [
        Answer(f"customer {row:02}", day, name, None if math.isnan(score) else score, id=f"{name}/{row}")
        for name, column in SURVEY.items()
        for row, score in enumerate(column.tolist())
    ]
    return FactTable.of(told)


LISTS = {name: [plain(one) for one in column] for name, column in SURVEY.items()}
FORMS: dict[str, Any] = {
    "lists": LISTS,
    "pandas": pd.DataFrame(SURVEY),
    "pandas Int64": pd.DataFrame({name: pd.array(column, dtype="Int64") for name, column in LISTS.items()}),
    "polars": pl.DataFrame(LISTS),
    "lazy": pl.LazyFrame(LISTS),
    "arrow": pa.table(LISTS),
    "rows": [dict(zip(LISTS, row, strict=True)) for row in zip(*LISTS.values(), strict=True)],
    "facts": as_facts(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_survey_of_any_form(form: str) -> None:
    told = FORMS[form]
    scale, other = Construct("first", ITEMS[:2]), Construct("second", ITEMS[2:])
    assert scale.score(told).value == pytest.approx(scale.score(SURVEY).value)
    one, same = (Construct("all", ITEMS).reliability(rows).alpha for rows in (told, SURVEY))
    assert (one.value, one.low, one.n) == pytest.approx((same.value, same.low, same.n))
    assert float(htmt(told, scale, other)) == pytest.approx(float(htmt(SURVEY, scale, other)))
    index = SatisfactionIndex(ITEMS, [1, 2, 3, 4], answered=3)
    one, same = index.score(told), index.score(SURVEY)
    assert (one.value, one.se, one.n, one.missing) == pytest.approx((same.value, same.se, same.n, same.missing))
    dimensions = {"first": ITEMS[:2], "second": ITEMS[2:]}
    served = [servperf(rows, dimensions=dimensions).dimensions for rows in (told, SURVEY)]
    assert served[0].low == pytest.approx(served[1].low)
    gaps = [
        servqual(rows, rows, dimensions={"x": ITEMS[:2]}, expectations={"x": ITEMS[2:]}).overall
        for rows in (told, SURVEY)
    ]
    assert (gaps[0].value, gaps[0].se) == pytest.approx((gaps[1].value, gaps[1].se))
    felt = [answered_disconfirmation(rows, perceived=ITEMS[0], expected=ITEMS[1]).mean for rows in (told, SURVEY)]
    assert (felt[0].value, felt[0].low, felt[0].n) == pytest.approx((felt[1].value, felt[1].low, felt[1].n))
    drawn = [drivers(rows, ITEMS, WHOLE, rng=np.random.default_rng(1), resamples=10) for rows in (told, SURVEY)]
    assert drawn[0].weights.low == pytest.approx(drawn[1].weights.low)
    maps = [
        importance_performance(rows, ITEMS, importance="shapley", overall=WHOLE, cut="median")
        for rows in (told, SURVEY)
    ]
    assert maps[0].quadrants == maps[1].quadrants
    lines = [
        repairs(rows, ITEMS, WHOLE, target=6, rng=np.random.default_rng(1), resamples=10) for rows in (told, SURVEY)
    ]
    assert [line.item for line in lines[0]] == [line.item for line in lines[1]]
    assert [len(line.customers) for line in lines[0]] == [len(line.customers) for line in lines[1]]


def test_facts_of_one_item_are_the_column() -> None:
    table, column = as_facts(), SURVEY["a"]
    for one, same in (
        (ces(table, item=ITEMS[0]), ces(column, item=ITEMS[0])),
        (csat(table, item=ITEMS[0], top=6), csat(column, item=ITEMS[0], top=6)),
        (mean_score(table, item=ITEMS[0], level=0.9), mean_score(column, item=ITEMS[0], level=0.9)),
    ):
        assert (one.value, one.low, one.high, one.n, one.missing) == (
            same.value,
            same.low,
            same.high,
            same.n,
            same.missing,
        )


@pytest.mark.parametrize("form", ["lists", "pandas", "pandas Int64", "polars"])
def test_alpha_of_columns_and_of_rows(form: str) -> None:
    four = {name: SURVEY[name] for name in NAMES[:4]}
    told = FORMS[form] if form != "lists" else LISTS
    told = {name: told[name] for name in four} if form == "lists" else told[list(four)]
    found, rows = alpha(told), alpha(np.column_stack(list(four.values())))
    assert (found.value, found.low, found.n) == pytest.approx((rows.value, rows.low, rows.n))
