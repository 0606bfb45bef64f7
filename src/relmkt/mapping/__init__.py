"""How are rows told as facts? One mapping for files, rows, arrays and data frames."""

from relmkt.mapping._bulk import Bulk
from relmkt.mapping._mapped import Line, Mapped, Mapping
from relmkt.mapping._reading import Column, col

__all__ = ["Bulk", "Column", "Line", "Mapped", "Mapping", "col"]
