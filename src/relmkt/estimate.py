"""How big is it, and how sure are we? One number with its interval, or a labelled column of them.

An interval is part of the answer (Cumming 2014, The New Statistics, Psychological Science 25(1), 7-29). Where nobody
answered, the answer is NaN with n = 0 and a note: never 0, never an exception.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from html import escape
from math import floor, isfinite, isnan, log10, nan
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Estimate"]

_NUMBERS = ("value", "low", "high", "se", "n_eff")
_COUNTS = ("n", "missing", "invalid")
_SHOWN = 20


class _Names(Sequence[str]):
    """Labels that came as an array, read as text when they are asked for: a million of them cost nothing until then."""

    def __init__(self, given: NDArray[Any]) -> None:
        self.given = given.copy() if given.flags.writeable else given

    def __len__(self) -> int:
        return int(self.given.size)

    def __getitem__(self, at: Any) -> Any:
        found = self.given[at]
        return [str(name) for name in found.tolist()] if isinstance(at, slice) else str(found)

    def __iter__(self) -> Iterator[str]:
        return map(str, self.given.tolist())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Names) and self.given is other.given:
            return True
        return tuple(self) == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        import numpy as np

        return np.array(self.given.astype(np.str_), dtype=dtype, copy=copy)


def _labels(labels: Iterable[Any] | None) -> Sequence[str] | None:
    if labels is None or isinstance(labels, _Names):
        return labels
    if getattr(labels, "ndim", 0) == 1:
        return _Names(labels)  # type: ignore[arg-type]
    return tuple(_row_of(tuple(map(str, labels))))


def _row_of(names: Sequence[str]) -> dict[str, int]:
    rows = {name: row for row, name in enumerate(names)}
    if len(rows) != len(names):
        raise ValueError("labels: each label names one estimate")
    return rows


def _notes(notes: Iterable[str]) -> tuple[str, ...]:
    return (notes,) if isinstance(notes, str) else tuple(notes)


@frozen(repr=False, eq=False)
class Estimate:
    """A figure with its interval: one number, or a labelled column of them, and then every number is an array.

    A column is indexed by label, iterated as (label, estimate), and turns into a NumPy array of its values. Estimates
    are equal by value, NaN to NaN. Where nothing valid was seen, `value` is NaN, `n` 0, and `notes` say why.

    Attributes: `value`; `low` and `high`, the bounds of the interval, in the unit of the value (NaN: none); `level` of
    the interval, in (0, 1); `n`, valid observations; `method`, the formula of the interval; `labels`, or None; `notes`,
    what a reader has to know; `se`, standard error; `n_eff`, effective sample size under weights; `missing` and
    `invalid`, observations left out (a label, in a column); `digits`, decimals to print (None: by the interval).

    >>> print(Estimate(16.7, 9.8, 23.6, n=604, method="adjusted Wald"))
    16.7 [9.8, 23.6] 95 %, n = 604 (adjusted Wald)
    >>> hotels = Estimate([16.7, 21.0], [9.8, 12.2], [23.6, 29.8], n=[604, 381], labels=["Lyon", "Nice"])
    >>> print(hotels["Nice"])
    21.0 [12.2, 29.8] 95 %, n = 381
    """

    value: Any
    low: Any = nan
    high: Any = nan
    level: float = 0.95
    n: Any = 0
    method: str = ""
    labels: Sequence[str] | None = field(default=None, converter=_labels)
    notes: tuple[str, ...] = field(default=(), converter=_notes)
    se: Any = field(default=nan, kw_only=True)
    n_eff: Any = field(default=nan, kw_only=True)
    missing: Any = field(default=0, kw_only=True)
    invalid: Any = field(default=0, kw_only=True)
    digits: int | None = field(default=None, kw_only=True, eq=False)

    def __attrs_post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ValueError("level: the share of an interval lies between 0 and 1")
        read = _one if self.labels is None else self._column
        for name in _NUMBERS:
            object.__setattr__(self, name, read(name, getattr(self, name), float))
        for name in _COUNTS:
            object.__setattr__(self, name, read(name, getattr(self, name), int))
        crossed = self.low > self.high
        if crossed if self.labels is None else crossed.any():
            raise ValueError("low: the lower bound of an interval is not above the upper")

    @classmethod
    def unknown(cls, note: str, **fields: Any) -> Estimate:
        """The estimate of nothing: NaN, n = 0, and a note that says why.

        >>> print(Estimate.unknown("no valid answers", method="adjusted Wald", missing=12))
        missing, n = 0 (adjusted Wald): no valid answers
        """
        return cls(nan, n=0, notes=(note,), **fields)

    def _column(self, name: str, given: Any, kind: type) -> NDArray[Any]:
        import numpy as np

        rows = (len(self),)
        read = np.asarray(given, dtype=float if kind is float else None)
        if read.shape not in ((), rows):
            raise ValueError(f"{name}: {len(self)} labels need as many values, got shape {read.shape}")
        kept = np.broadcast_to(read, rows).view()
        kept.flags.writeable = False
        return kept

    @cached_property
    def _rows(self) -> dict[str, int]:
        return _row_of(self._names())

    def _names(self) -> Sequence[str]:
        if self.labels is None:
            raise TypeError("this estimate is one number: it has no labels")
        return self.labels

    def __len__(self) -> int:
        return 1 if self.labels is None else len(self.labels)

    def __getitem__(self, label: str) -> Estimate:
        self._names()
        row = self._rows.get(label)
        if row is None:
            raise KeyError("no estimate under that label")  # a label may be a customer's id: it is not repeated
        return self._row(row)

    def __iter__(self) -> Iterator[tuple[str, Estimate]]:
        return ((label, self._row(row)) for row, label in enumerate(self._names()))

    def _row(self, row: int) -> Estimate:
        numbers = {name: getattr(self, name)[row].item() for name in (*_NUMBERS, *_COUNTS)}
        notes = self.notes
        if isnan(numbers["value"]) and not numbers["n"] and not notes:
            notes = ("no valid observations",)
        return Estimate(**numbers, level=self.level, method=self.method, notes=notes, digits=self.digits)

    def __float__(self) -> float:
        if self.labels is not None:
            raise TypeError("a column of estimates is not one number: index it by label")
        return float(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        import numpy as np

        return np.array(self.value, dtype=dtype, copy=copy)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Estimate):
            return NotImplemented
        plain = ("labels", "level", "method", "notes")
        if any(getattr(self, name) != getattr(other, name) for name in plain):
            return False
        return all(_equal(getattr(self, name), getattr(other, name)) for name in (*_NUMBERS, *_COUNTS))

    def __hash__(self) -> int:
        number = None if self.labels is not None or isnan(self.value) else self.value
        return hash((number, None if self.labels is None else tuple(self.labels), self.level, self.method, self.notes))

    def __str__(self) -> str:
        if self.labels is None:
            return self._line(self._decimals(), self.notes)
        if len(self) > _SHOWN:
            return self._summary()
        width, decimals = max(map(len, self.labels), default=0), self._decimals()
        texts = [[f"{x:,.{decimals}f}" for x in _flat(column)] for column in (self.value, self.low, self.high)]
        wide = [max((len(text) for text in column if text != "nan"), default=0) for column in texts]
        none = ("no valid observations",)
        lines = [f"{name:<{width}}  {one._line(decimals, () if one.n else none, wide)}" for name, one in self]
        return "\n".join([*lines, *(f"({note})" for note in self.notes)]) or "no estimates"

    def __repr__(self) -> str:
        return f"Estimate({self if self.labels is None else self._summary()})"

    def _line(self, decimals: int, why: Sequence[str], wide: Sequence[int] = (0, 0, 0)) -> str:
        """why: said where the value is missing. wide: characters of the value and the bounds, one beneath another."""
        known = not isnan(self.value)
        bounded = known and not (isnan(self.low) or isnan(self.high))
        value, low, high = (
            f"{x:>{width},.{decimals}f}" for x, width in zip((self.value, self.low, self.high), wide, strict=True)
        )
        interval = f" [{low}, {high}] {100 * self.level:g} %" if bounded else ""
        invalid = f", {self.invalid:,} invalid" if self.invalid else ""  # R40: what is left out is said
        notes = "" if known or not why else f": {'; '.join(why)}"
        return f"{value if known else 'missing'}{interval}, n = {self.n:,}{invalid}{self._by()}{notes}"

    def _by(self) -> str:
        return f" ({self.method})" if self.method else ""

    def _summary(self) -> str:
        import numpy as np

        seen = self.value[~np.isnan(self.value)]
        mean = f"{seen.mean():,.{2 if self.digits is None else self.digits}f}" if seen.size else "missing"
        absent = len(self) - seen.size
        return f"{len(self):,} estimates, mean {mean}, {100 * self.level:g} %{self._by()}, {absent:,} missing"

    def _decimals(self) -> int:
        if self.digits is not None:
            return self.digits
        triples = zip(*(_flat(getattr(self, name)) for name in ("value", "low", "high")), strict=True)
        return _decimals([triple for triple in triples if isfinite(triple[0])])

    def _repr_html_(self) -> str:
        decimals = self._decimals() if len(self) <= _SHOWN else 2 if self.digits is None else self.digits
        rows = [("", self)] if self.labels is None else [(name, self[name]) for name in self.labels[:_SHOWN]]
        body = "".join(f"<tr><th>{escape(name)}</th>{one._cells(decimals)}</tr>" for name, one in rows)
        head = "".join(f"<th>{name}</th>" for name in ("", "value", "low", "high", "n"))
        said = "; ".join((f"{100 * self.level:g} %{self._by()}", *self.notes))
        more = f"{escape(self._summary())}; " if len(self) > len(rows) else ""
        return f"<table><caption>{more}{escape(said)}</caption><tr>{head}</tr>{body}</table>"

    def _cells(self, decimals: int) -> str:
        texts = ["" if isnan(x) else f"{x:,.{decimals}f}" for x in (self.value, self.low, self.high)]
        return "".join(f"<td>{text}</td>" for text in (*texts, f"{self.n:,}"))


def _one(name: str, given: Any, kind: type) -> float:
    if getattr(given, "ndim", 0) or isinstance(given, list | tuple):
        raise TypeError(f"{name}: a column of estimates needs labels")
    return float(given) if kind is float or given != int(given) else int(given)


def _equal(one: Any, other: Any) -> bool:
    """Equal by value, NaN to NaN (it alone differs from itself); both are numbers or columns of one length."""
    if not getattr(one, "ndim", 0):
        return bool(one == other or (one != one and other != other))
    return bool(((one == other) | ((one != one) & (other != other))).all())


def _flat(given: Any) -> list[float]:
    return given.tolist() if getattr(given, "ndim", 0) else [given]


def _decimals(triples: Sequence[tuple[float, float, float]]) -> int:
    """Two decimals, more where the narrowest interval asks for them, fewer where all of them end in zeros."""
    widths = [high - low for _, low, high in triples if isfinite(high - low) and high > low]
    sizes = widths or [abs(value) for value, _, _ in triples if value]
    places = max(2, -floor(log10(max(min(sizes) / 2, 1e-12)))) if sizes else 2
    texts = [f"{x:.{places}f}" for triple in triples for x in triple if isfinite(x)]
    while places and all(text[-1] == "0" for text in texts):
        places, texts = places - 1, [text[:-1] for text in texts]
    return places
