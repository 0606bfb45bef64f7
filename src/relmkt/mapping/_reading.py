"""What do the data hold under a name? Files, rows, arrays and frames, read as columns when they are needed.

A frame is known by the library that made it and asked by its own methods: none of them is imported here. CSV files are
those of RFC 4180, in UTF-8, with a header; `;` and tabs are taken where the header shows them.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import frozen

from relmkt.exceptions import InvalidFactError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Column", "Given", "Source", "col", "read"]

_BROKEN = re.compile("[\ud800-\udfff]")
Encoded = Any
"""(codes, values): a code for each row, int64, and a list of the values."""

Slip = tuple[str, str, str]
"""A field, what was got there, what was expected."""


@frozen
class Column:
    """A column of the data, by its name; everything else in a mapping is a constant.

    >>> col("total")
    Column(name='total')
    """

    name: str


def col(name: str) -> Column:
    """The column of this name.

    >>> col("day").name
    'day'
    """
    if not name:
        raise TypeError("a column is named by a text that is not empty")
    return Column(name)


class Given:
    """Values of one column: a list, or an array of numbers or times; `utc` where its times are instants already.

    values: the column itself, or what gives it when it is asked for. encode: gives the codes of texts, and the texts,
    where the data's own library does it faster.
    """

    __slots__ = ("_values", "encode", "utc")

    def __init__(self, values: Any, utc: bool = False, encode: "Callable[[], Encoded] | None" = None) -> None:
        self._values, self.utc, self.encode = values, utc, encode

    @property
    def values(self) -> "list[Any] | NDArray[Any]":
        """The values, read once."""
        if callable(self._values):
            self._values = self._values()
        return self._values  # type: ignore[no-any-return]

    def encoded(self) -> "Encoded":
        """A code for each row, and the values that the codes count into; equal values have equal codes."""
        import numpy as np

        if self.encode is not None:
            return self.encode()
        if not isinstance(self.values, list):
            words, codes = np.unique(self.values, return_inverse=True)
            return codes.astype(np.int64), words.tolist()
        place = {value: code for code, value in enumerate(dict.fromkeys(self.values))}
        return np.fromiter(map(place.__getitem__, self.values), np.int64, len(self.values)), list(place)


class Source(NamedTuple):
    """Columns read: how rows are named in errors, and the rows that could not be read at all.

    place: the name of the file, or empty. lines: the line of each row, None where rows are counted from 0.
    """

    place: str
    n: int
    columns: dict[str, Given]
    lines: list[int] | None = None
    broken: dict[int, Slip] = {}  # noqa: RUF012

    def where(self, row: int) -> str:
        """The row, as errors name it."""
        line = f"row {row}" if self.lines is None else f"line {self.lines[row]}"
        return f"{self.place} {line}".strip()


def read(data: Any, names: Sequence[str]) -> Source:
    """The named columns of some data; what was read already is taken as it is.

    Raises InvalidFactError where one is missing, TypeError for data of another sort.
    """
    if isinstance(data, Source):
        return data
    if isinstance(data, str | Path):
        return _csv(Path(data), names)
    maker = type(data).__module__.partition(".")[0]
    known = {"polars": _polars, "pandas": _pandas, "pyarrow": _pyarrow, "duckdb": _duckdb}
    if maker in known:
        columns = known[maker](data, names)
    elif isinstance(data, Mapping):
        columns = {name: _given(data[name]) for name in _found(names, data)}
    elif isinstance(data, Sequence) and all(isinstance(row, Mapping) for row in data):
        held = {name for row in data for name in row}
        columns = {name: Given([row.get(name) for row in data]) for name in (_found(names, held) if data else names)}
    else:
        expected = "a path, rows, a mapping of arrays, or a pandas, polars, pyarrow or DuckDB frame"
        raise TypeError(f"expected {expected}, not a {type(data).__name__}")
    sizes = {len(given.values) for given in columns.values()}
    if len(sizes) > 1:
        raise InvalidFactError("data", "columns of different lengths", "one value a row in each")
    return Source("", sizes.pop() if sizes else 0, columns)


def _found(names: Sequence[str], held: Any, place: str = "data") -> Sequence[str]:
    for name in names:
        if name not in held:
            raise InvalidFactError(place, f"no column {name!r}", "every column that the mapping names")
        if isinstance(held, list) and held.count(name) > 1:
            raise InvalidFactError(place, f"column {name!r} more than once", "one column of each name that is read")
    return names


def _given(values: Any) -> Given:
    """An array of numbers or times as it is, anything else as a list."""
    if hasattr(values, "dtype") and getattr(values.dtype, "kind", "O") in "iufM" and hasattr(values, "__array__"):
        import numpy as np

        return Given(np.asarray(values))
    return Given(values.tolist() if hasattr(values, "tolist") else list(values))


def _polars(data: Any, names: Sequence[str]) -> dict[str, Given]:
    held = data.collect_schema().names() if hasattr(data, "collect_schema") else data.columns
    frame = data.select(list(dict.fromkeys(_found(names, held))))
    frame = frame.collect() if hasattr(frame, "collect") else frame
    return {name: _of_polars(frame.get_column(name)) for name in names}


def _of_polars(series: Any) -> Given:
    sort = str(series.dtype)
    if sort.startswith("Datetime"):
        return Given(series.dt.cast_time_unit("us").to_numpy(), series.dtype.time_zone is not None)
    if (series.dtype.is_numeric() and not sort.startswith("Decimal")) or sort == "Date":
        return Given(series.to_numpy())
    return Given(series.to_list, False, partial(_encoded_polars, series) if sort == "String" else None)


def _encoded_polars(series: Any) -> Encoded:
    words = series.unique().sort()
    if series.null_count():  # nulls sort first
        return (series.replace_strict(words.slice(1), range(1, len(words)), default=0)).to_numpy(), words.to_list()
    return series.replace_strict(words, range(len(words))).to_numpy(), words.to_list()


def _pandas(data: Any, names: Sequence[str]) -> dict[str, Given]:
    return {name: _of_pandas(data[name]) for name in _found(names, data.columns)}


def _of_pandas(series: Any) -> Given:
    if getattr(series.dtype, "tz", None) is not None:
        return Given(series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(), True)
    if type(series.dtype).__module__.startswith("numpy") and series.dtype.kind in "iufM":
        return Given(series.to_numpy())
    return Given(series.astype(object).where(series.notna(), None).tolist, False, partial(_encoded_pandas, series))


def _encoded_pandas(series: Any) -> Encoded:
    codes, words = series.factorize()
    places = codes.astype("int64")
    places[places < 0] = len(words)
    return places, [*words.tolist(), None]


def _pyarrow(data: Any, names: Sequence[str]) -> dict[str, Given]:
    return {name: _of_pyarrow(data.column(name)) for name in _found(names, data.schema.names)}


def _of_pyarrow(column: Any) -> Given:
    sort = str(column.type)
    plain = sort.startswith(("int", "uint", "float", "double", "timestamp"))
    if not plain or (column.null_count and not sort.startswith("timestamp")):
        return Given(column.to_pylist())
    if hasattr(column, "combine_chunks"):
        column = column.combine_chunks()
    return Given(column.to_numpy(zero_copy_only=False), getattr(column.type, "tz", None) is not None)


def _duckdb(data: Any, names: Sequence[str]) -> dict[str, Given]:
    sorts = dict(zip(data.columns, map(str, data.types), strict=True))
    quoted = ('"' + name.replace('"', '""') + '"' for name in dict.fromkeys(_found(names, sorts)))
    found = data.project(", ".join(quoted)).fetchnumpy()
    return {name: Given(_unmasked(found[name]), "ZONE" in sorts[name]) for name in names}


def _unmasked(values: Any) -> Any:
    """A masked array's gaps as NaN, NaT or None."""
    import numpy as np

    if values.dtype.kind not in "iufM":
        return values.tolist()
    if not isinstance(values, np.ma.MaskedArray):
        return values
    gap = np.datetime64("NaT") if values.dtype.kind == "M" else np.nan
    return np.where(values.mask, gap, values.data) if np.ma.is_masked(values) else values.data


def _csv(path: Path, names: Sequence[str]) -> Source:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        header = file.readline()
        heads = _heads(header, path.name)
        places = [heads.index(name) for name in _found(names, heads, path.name)]
        told: list[list[str]] = []
        lines: list[int] = []
        broken: dict[int, Slip] = {}
        for line, row in _rows(csv.reader(file, delimiter=_mark(header), strict=True)):
            if not row:
                continue
            slip = row if isinstance(row, tuple) else _slip(row, len(heads))
            if slip is not None:
                broken[len(told)] = slip
            lines.append(line + 1)
            told.append([""] * len(heads) if isinstance(row, tuple) or slip is not None else row)
    columns = {name: Given([row[place] for row in told]) for name, place in zip(names, places, strict=True)}
    return Source(path.name, len(told), columns, lines, broken)


def _heads(header: str, place: str) -> list[str]:
    """The names of the columns, each of which stands there once."""
    if not header.strip():
        raise InvalidFactError(f"{place} line 1", "nothing", "a header that names the columns")
    if "\0" in header or _BROKEN.search(header):
        expected = "a header in UTF-8 that names the columns"
        raise InvalidFactError(f"{place} line 1", "bytes that are not UTF-8", expected)
    _, heads = next(_rows(csv.reader([header], delimiter=_mark(header), strict=True)))
    if isinstance(heads, tuple):
        raise InvalidFactError(f"{place} line 1", heads[1], "a header that names the columns")
    return heads


def _slip(row: Sequence[str], width: int) -> Slip | None:
    """Why a row cannot be read, None where it can."""
    if len(row) != width:
        return "row", f"{len(row)} fields", f"{width} as in the header"
    text = "".join(row)
    if not text.isascii() and _BROKEN.search(text):
        return "row", "bytes that are not UTF-8", "text in UTF-8"
    return None


def _mark(header: str) -> str:
    return next((mark for mark in (",", ";", "\t") if mark in header), ",")


def _rows(reader: Any) -> Iterator[tuple[int, list[str] | Slip]]:
    """The rows with the line on which each begins; in place of one that is not CSV, its fault."""
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, _fault(str(error), reader.line_num - line)


def _fault(told: str, further: int) -> Slip:
    """What is not CSV about a row; a quotation mark left open swallows the lines up to the next one."""
    swallowed = f", and {further} further {'line' if further == 1 else 'lines'} in it" if further else ""
    if "end of data" in told:
        return "row", f"a quotation mark that is never closed{swallowed}", "fields as in RFC 4180"
    if "expected after" in told:
        return "row", f"text behind a closing quotation mark{swallowed}", "fields as in RFC 4180"
    return "row", f"a field that cannot be read{swallowed}", f"fields of at most {csv.field_size_limit():,} characters"
