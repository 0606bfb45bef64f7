"""How is one item answered, and what do several items measure together?"""

from relmkt.scales._answers import Given, given
from relmkt.scales._construct import Answered, Construct
from relmkt.scales._item import Item, Scale
from relmkt.scales._mean import mean_estimate, student

__all__ = ["Answered", "Construct", "Given", "Item", "Scale", "given", "mean_estimate", "student"]
