"""Everyone at once: a portfolio of customers as columns, judged by the same rules as one of them."""

from relmkt.portfolio._many import Many
from relmkt.portfolio._portfolio import Portfolio
from relmkt.portfolio._upkeep import Moves

__all__ = ["Many", "Moves", "Portfolio"]
