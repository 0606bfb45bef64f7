"""The value chapter as an analyst uses it: every answer's type is known, and no name needs a cast."""

from typing import assert_type

import numpy as np
from numpy.typing import NDArray
from pendulum import datetime

from relmkt import Estimate, Portfolio, Rule, Segment, days
from relmkt.rules import Measure
from relmkt.value import (
    RFM,
    BetaGeo,
    BetaGeoK,
    Comparison,
    GammaGamma,
    Holdout,
    ModifiedBetaGeo,
    ParetoNBD,
    PurchaseSummary,
    Renewals,
    ShiftedBetaGeo,
    Timing,
    by_frequency,
    clv,
    cohorts,
    compare,
    expected_value,
    group_scores,
    lifetime_value,
    likely_alive,
    share_of_wallet,
    wallet_allocation,
)


def analyst(base: Portfolio) -> Estimate:
    known, after = PurchaseSummary.split_of(base, at=datetime(2026, 1, 1), unit="week", currency="EUR")
    assert_type(known, PurchaseSummary)
    assert_type(after, Holdout)
    buying = BetaGeo.fit(known.with_covariates(north=np.ones(len(known))), effects={"buying": ["north"]})
    assert_type(buying, BetaGeo)
    assert_type(buying.draws(3, rng=np.random.default_rng(1)), tuple[BetaGeo, ...])
    assert_type(BetaGeoK.fit(known, k=2), BetaGeoK)
    models = {"BG": buying, "MBG": ModifiedBetaGeo.fit(known), "Pareto": ParetoNBD.fit(known)}
    assert_type(compare(models, known, after), Comparison)
    assert_type(by_frequency(buying, known, after).expected, NDArray[np.float64])
    spending = GammaGamma.fit(known)
    worth = lifetime_value(buying, spending, known, horizon=days(365), discount=0.1)
    assert_type(worth["ada"], Estimate)
    assert_type(buying.alive(known), Estimate)
    return worth


def marketer(base: Portfolio, buying: BetaGeo, spending: GammaGamma) -> list[Segment]:
    rfm = RFM.fit(base, currency="EUR")
    alive = likely_alive(buying)
    assert_type(alive, Measure)
    assert_type(alive < 0.3, Rule)
    dear = expected_value(buying, spending, horizon=days(365), currency="EUR") >= 100
    return [*rfm.segments, Segment("slipping", dear & (alive < 0.5))]


def controller() -> Estimate:
    assert_type(clv(100, 0.8, 0.1, timing=Timing.IF_RETAINED), Estimate)
    assert_type(wallet_allocation([1, 2, 3]), NDArray[np.float64])
    assert_type(group_scores([1, 2, 3], 2), NDArray[np.int64])
    plan = ShiftedBetaGeo.fit(Renewals.of_cohorts([[100, 63, 47]]))
    assert_type(plan.survival(5), Estimate)
    return share_of_wallet([50, 10], [100, 500])


def table(base: Portfolio) -> str:
    return str(cohorts(base, period="quarter"))
