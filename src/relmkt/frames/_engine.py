"""Which engine holds the rows? One way of speaking to pandas, polars, DuckDB and pyarrow: narwhals.

Instants become whole microseconds here, on the engine, so that nothing after this subtracts a duration (rule E03).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from relmkt.exceptions import UnsupportedError

try:
    import narwhals.stable.v2 as nw
except ImportError as error:  # pragma: no cover  (tests take the package away in another process)
    raise ImportError("frames need narwhals: pip install relmkt[frames]") from error

if TYPE_CHECKING:
    from narwhals.stable.v2.dtypes import DType

    Rows = nw.DataFrame[Any] | nw.LazyFrame[Any]
    Expr = nw.Expr

__all__ = ["engine_of", "first_row", "nw", "raw", "schema_of", "stacked"]


def opened(data: Any) -> "Rows":
    """The user's frame, as narwhals sees it; TypeError for anything else."""
    try:
        found: Rows = nw.from_native(data)
    except TypeError:
        expected = "a pandas, polars or pyarrow frame or a DuckDB relation"
        raise TypeError(f"a Frame takes {expected}, not a {type(data).__name__}: give it to a Portfolio") from None
    return nw.from_native(_in_utc(data)) if found.implementation.is_pandas() else found


def _in_utc(data: Any) -> Any:
    """A pandas frame whose zoned times are in UTC: narwhals does not know zones such as America/New_York there."""
    zoned = [name for name in data.columns if getattr(data[name].dtype, "tz", None) is not None]
    if zoned:
        data = data.copy(deep=False)
        for name in zoned:
            data[name] = data[name].dt.tz_convert("UTC")
    return data


def engine_of(data: Any) -> tuple[str, str]:
    """The engine's name, and whether its frame is lazy: frames that stand together agree in both."""
    rows = opened(data)
    return str(rows.implementation), type(rows).__name__


def schema_of(data: Any) -> "Mapping[str, DType]":
    """The columns and their types, read without starting a job."""
    return opened(data).collect_schema()


def raw(data: Any, columns: Mapping[str, str], times: set[str]) -> "Rows":
    """Columns under new names; those in `times` (new names) as whole microseconds of what they show.

    columns: new name to old name. Raises UnsupportedError for an engine that cannot tell them.
    """
    rows, schema = opened(data), schema_of(data)
    if rows.implementation.is_duckdb():
        sorts = dict(zip(data.columns, map(str, data.types), strict=True))
        return opened(data.project(", ".join(_duckdb(sorts, old, new, new in times) for new, old in columns.items())))
    told = {new: nw.col(old) for new, old in columns.items()}
    for new in times:
        moment = told[new].cast(nw.Datetime("us")) if schema[columns[new]] == nw.Date else told[new]
        told[new] = moment.dt.timestamp("us")
    try:
        return rows.select(**told)
    except (NotImplementedError, AttributeError):
        raise UnsupportedError(f"{rows.implementation} does not give an instant as microseconds") from None


def _duckdb(sorts: Mapping[str, str], old: str, new: str, time: bool) -> str:
    quoted = '"' + old.replace('"', '""') + '"'
    if not time:
        return f"{quoted} AS {new}"
    zoned = "ZONE" in sorts[old]
    return f"epoch_us({quoted if zoned else f'CAST({quoted} AS TIMESTAMP)'}) AS {new}"


def stacked(parts: "list[Rows]") -> "Rows":
    """Frames of the same columns, one below the other."""
    return parts[0] if len(parts) == 1 else nw.concat(parts)  # type: ignore[type-var]


def first_row(rows: "Rows") -> tuple[Any, ...]:
    """The one row of a frame, fetched: here a lazy engine starts its job."""
    if rows.implementation.is_duckdb():
        return tuple(rows.to_native().fetchall()[0])  # a sum of nothing is a row too
    held = rows.collect() if isinstance(rows, nw.LazyFrame) else rows
    return held.row(0)
