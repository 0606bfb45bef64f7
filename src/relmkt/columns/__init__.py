"""How do many facts stand as NumPy columns? A table of facts, and what a store gives of its own."""

from relmkt.columns._order import classes_of, ordered, raw_column
from relmkt.columns._table import FactTable, SupportsColumns

__all__ = ["FactTable", "SupportsColumns", "classes_of", "ordered", "raw_column"]
