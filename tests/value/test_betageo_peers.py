"""Where peers go wrong with a BG/NBD: units, months of thirty days, penalties, ridges."""

import numpy as np
import pytest
from pendulum import datetime

from relmkt.exceptions import FitError
from relmkt.value import BetaGeo, PurchaseSummary, lifetime_value
from relmkt.value._models._simulated import played
from relmkt.value._summaries._summary import periods
from relmkt.windows import days
from tests.value.bases import sample, spending


def test_the_usual_penalty_does_not_shift_a_large_base():  # PEERS failure 6
    rng = np.random.default_rng(12)
    whole = BetaGeo(0.9, 25.0, 0.7, 12.0, unit="day").simulate(rng.uniform(0, 730, 100_000), rng=rng).summary()
    free, held = BetaGeo.fit(whole), BetaGeo.fit(whole, penalty=0.001)
    assert held._point == pytest.approx(free._point, rel=1e-4)
    assert free.log_likelihood(whole) - held.log_likelihood(whole) < 1e-4


def test_the_unit_goes_with_the_model():  # PEERS failure 26
    day, week = sample(unit="day"), sample()
    by_day, by_week = (BetaGeo.fit(s).purchases(s, days(90), level=None).value for s in (day, week))
    np.testing.assert_allclose(by_day, by_week, rtol=1e-6)
    worth = [lifetime_value(BetaGeo.fit(s), spending(), s, horizon=days(90), discount=0.1) for s in (day, week)]
    np.testing.assert_allclose(worth[0].value, worth[1].value, rtol=1e-6)


def test_a_year_is_a_year_and_not_twelve_times_thirty_days():  # PEERS failure 27
    month = PurchaseSummary.from_purchases([1, 1], np.array(["2025-01-01", "2026-01-01"], "datetime64[D]"),
                                           at=datetime(2026, 1, 1), unit="month")  # fmt: skip
    assert month.T[0] == pytest.approx(12, rel=1e-3)
    assert periods(days(365.25), "month") == pytest.approx(12)


def test_a_ridge_that_runs_to_infinity_is_no_result():  # PEERS failure 35
    rng = np.random.default_rng(6)
    n = 3000  # everybody leaves with the same chance: a and b have no finite best
    ages = np.full(n, 60.0)
    rates = rng.gamma(0.8, 1 / 10, n)
    base = played(
        ages,
        wait=lambda who: rng.exponential(1.0, who.size) / rates[who],
        stays=lambda who: rng.random(who.size) >= 0.12,
        unit="week",
    ).summary()
    with pytest.raises(FitError, match="not identified") as error:
        BetaGeo.fit(base)
    assert set(error.value.parameters) == {"r", "alpha", "a", "b"}
