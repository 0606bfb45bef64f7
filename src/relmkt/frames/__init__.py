"""The same questions on a data frame: pandas, polars, DuckDB or pyarrow answer with expressions of their own."""

from relmkt.frames._frame import Frame

__all__ = ["Frame"]
