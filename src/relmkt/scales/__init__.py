"""How is one item answered, what do several items measure together, and how reliably?"""

from relmkt.scales._alpha import alpha_difference, alpha_from_means, alpha_interval, reliability_interval
from relmkt.scales._answers import Given, given
from relmkt.scales._construct import Answered, Construct
from relmkt.scales._item import Item, Scale
from relmkt.scales._mean import mean_estimate, student
from relmkt.scales._pomp import from_pomp, pomp
from relmkt.scales._reliability import Reliability, alpha, reliability
from relmkt.scales._shares import ShareInterval, share_estimate
from relmkt.scales._straight import straight_lined
from relmkt.scales._validity import (
    average_variance_extracted,
    composite_reliability,
    difference_reliability,
    disattenuated,
    fornell_larcker,
    htmt,
    htmt_of,
    second_order_reliability,
    spearman_brown,
)

__all__ = [
    "Answered",
    "Construct",
    "Given",
    "Item",
    "Reliability",
    "Scale",
    "ShareInterval",
    "alpha",
    "alpha_difference",
    "alpha_from_means",
    "alpha_interval",
    "average_variance_extracted",
    "composite_reliability",
    "difference_reliability",
    "disattenuated",
    "fornell_larcker",
    "from_pomp",
    "given",
    "htmt",
    "htmt_of",
    "mean_estimate",
    "pomp",
    "reliability",
    "reliability_interval",
    "second_order_reliability",
    "share_estimate",
    "spearman_brown",
    "straight_lined",
    "student",
]
