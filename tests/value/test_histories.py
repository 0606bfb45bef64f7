"""What the pictures draw: one customer's probability day by day, and the matrix over frequency and recency."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.exceptions import InvalidFactError
from relmkt.value import BetaGeo, PurchaseSummary
from relmkt.value._models._histories import alive_history, frequency_recency

MODEL = BetaGeo(0.243, 4.414, 0.793, 2.426, unit="week")
DAYS = np.array(["2026-01-01", "2026-01-15", "2026-02-02", "2026-02-02"], dtype="datetime64[D]")


def test_each_day_is_what_was_known_on_it():  # rule R46
    way = alive_history(MODEL, DAYS, until=datetime(2026, 6, 30))
    for place in (0, 5, 14, 31, 32, 100):
        day = way.days[place]
        y, m, d = map(int, str(day).split("-"))
        at = datetime(y, m, d, 23)
        rows = DAYS[day >= DAYS]
        known = PurchaseSummary.from_purchases([1] * rows.size, rows, at=at, unit="week")
        assert way.alive[place] == pytest.approx(MODEL.alive(known, level=None).value[0], rel=1e-12)
    assert way.bought.size == 3
    assert (np.diff(way.alive[33:]) < 0).all()
    assert way.alive[31] < way.alive[32]


def test_later_purchases_are_not_known_and_none_at_all_is_refused():
    way = alive_history(MODEL, DAYS, until=datetime(2026, 1, 20))
    assert way.bought.size == 2
    with pytest.raises(InvalidFactError, match="purchase"):
        alive_history(MODEL, DAYS, until=datetime(2025, 1, 1))
    with pytest.raises(ValueError, match="unit"):
        alive_history(BetaGeo(1, 1, 1, 1), DAYS, until=datetime(2026, 1, 20))


def test_the_matrix_is_the_models_own_answers():
    grid = frequency_recency(MODEL, 38.86, 39, most=12, steps=10)
    one = PurchaseSummary([1], [3], [grid.recency[7]], [38.86], [np.nan], "week")
    assert grid.alive[7, 3] == pytest.approx(MODEL.alive(one).value[0])
    assert grid.expected[7, 3] == pytest.approx(MODEL.purchases(one, 39).value[0])
    assert np.isnan(grid.alive[0, 1:]).all()
    assert np.isnan(grid.alive[1:, 0]).all()
    assert (np.diff(grid.alive[1:, 1:], axis=0) > 0).all()  # the later the last purchase, the likelier alive
    with pytest.raises(ValueError, match="most"):
        frequency_recency(MODEL, 38.86, 39, most=0)
