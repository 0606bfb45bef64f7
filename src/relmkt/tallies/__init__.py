"""How many, how much, how long ago? Aggregates as data, and the bounded states that answer them fact by fact."""

from relmkt.tallies._measures import Tallied, count, first, last, newest, since, total
from relmkt.tallies._sql import sql
from relmkt.tallies._states import state_of
from relmkt.tallies._tally import Tally
from relmkt.tallies._written import read_rule, written

__all__ = [
    "Tallied",
    "Tally",
    "count",
    "first",
    "last",
    "newest",
    "read_rule",
    "since",
    "sql",
    "state_of",
    "total",
    "written",
]
