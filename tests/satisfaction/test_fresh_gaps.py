"""A gap is a gap in whatever it comes: pandas' NA, a null of arrow, a masked cell; and other edges of input."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from relmkt.satisfaction import SatisfactionIndex, disconfirmation, mean_score, nps, nps_change
from relmkt.scales import Item, Scale, alpha, reliability

TOLD = [10, 9, None, 3, 7, 0, 11]


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([TOLD]),
        pa.table({"x": TOLD})["x"],
        pd.Series([*TOLD[:2], pd.NA, *TOLD[3:]], dtype=object),
        pd.Series([None if one is None else str(one) for one in TOLD], dtype="string"),
        np.ma.array([10, 9, 5, 3, 7, 0, 11], mask=[0, 0, 1, 0, 0, 0, 0]),
    ],
)
def test_a_column_with_a_gap(column) -> None:
    assert nps(column) == nps(TOLD)
    assert nps_change(column, [9] * 7) == nps_change(TOLD, [9] * 7)
    assert disconfirmation(column, [9] * 7).mean == disconfirmation(TOLD, [9] * 7).mean


def test_alpha_of_an_arrow_table_and_of_masked_rows() -> None:
    columns = {"a": [1, 2, 4, 5, None], "b": [1, 3, 4, 4, 2], "c": [2, 2, 5, 4, 1]}
    assert alpha(pa.table(columns)).value == pytest.approx(alpha(columns).value)
    rows = np.ma.array([[1, 2], [2, 3], [3, 3], [4, 5], [9, 9]], mask=[[0, 0]] * 4 + [[1, 1]])
    assert alpha(rows).value == pytest.approx(alpha([[1, 2], [2, 3], [3, 3], [4, 5]]).value)


@pytest.mark.parametrize("factor", [0.1, 0.3, 1 / 3, 7e-5])
def test_a_constant_weight_leaves_the_interval_of_a_mean(factor) -> None:  # SCIENCE property 2
    for n in range(2, 30):
        told = [1 + row % 5 for row in range(n)]
        item = Item("visit", Scale(1, 5))
        plain, same = mean_score(told, item=item), mean_score(told, item=item, weights=[factor] * n)
        assert (same.low, same.high) == pytest.approx((plain.low, plain.high))


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.float64])
def test_an_index_of_many_items(kind) -> None:
    told = np.random.default_rng(3).integers(1, 11, (50, 30)).astype(kind)
    columns = {f"q{place}": told[:, place] for place in range(30)}
    index = SatisfactionIndex(Scale(1, 10).items(*columns))
    assert index.score(columns).value == pytest.approx(((told.astype(float) - 1) / 9 * 100).mean())


def test_names_of_another_number_are_refused() -> None:
    with pytest.raises(ValueError, match="names: "):
        reliability([[1, 2, 3], [2, 3, 3], [3, 3, 5], [5, 4, 4]], names=["a", "b"])
