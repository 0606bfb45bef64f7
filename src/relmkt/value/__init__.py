"""What is a customer worth? Purchase summaries, purchase and spend models, lifetime value, RFM, cohorts, shares."""

from relmkt.value._betageo import BetaGeo
from relmkt.value._cohorts import Cohorts, cohorts, repeat_rate
from relmkt.value._concentration import gini, lorenz, top_share
from relmkt.value._gammagamma import GammaGamma
from relmkt.value._lifetime import lifetime_value
from relmkt.value._ranking import Ranking, ranking
from relmkt.value._rfm import RFM
from relmkt.value._summary import PurchaseSummary, Unit

__all__ = [
    "RFM",
    "BetaGeo",
    "Cohorts",
    "GammaGamma",
    "PurchaseSummary",
    "Ranking",
    "Unit",
    "cohorts",
    "gini",
    "lifetime_value",
    "lorenz",
    "ranking",
    "repeat_rate",
    "top_share",
]
