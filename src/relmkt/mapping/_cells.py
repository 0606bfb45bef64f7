"""What does a row's field hold? Columns of any sort, as the values that a kind's annotations ask for."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from attrs import frozen

from relmkt.exceptions import InvalidFactError
from relmkt.mapping._reading import Given, Slip
from relmkt.mapping._times import instants
from relmkt.money import Money, exponent, minor_units
from relmkt.windows import Instant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["NO_DEFAULT", "Cells", "Wish", "cells", "coded", "floats", "money_cells", "texts"]

NO_DEFAULT = object()
Slips = dict[int, Slip]


@frozen
class Wish:
    """What a field takes: its name, its type without None, whether None will do, and its default."""

    name: str
    sort: Any
    optional: bool
    default: Any = NO_DEFAULT

    @classmethod
    def of(cls, name: str, hint: Any, default: Any = NO_DEFAULT) -> "Wish":
        """The wish that an annotation states."""
        parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        kept = [part for part in parts if part is not type(None)]
        return cls(name, kept[0] if len(kept) == 1 else hint, len(kept) < len(parts), default)

    @property
    def plain(self) -> bool:
        """Whether its columns can be converted without making a fact of each row."""
        return self.sort in (str, float, int, bool, Money, Instant)


@frozen(eq=False)
class Cells:
    """One field of all rows, or one value for all (`constant`).

    values: as facts hold them, None where missing; of money the minor units. currency: of money, one a row or for all.
    """

    values: Any
    constant: bool = False
    currency: str | list[str] | None = None

    def __getitem__(self, row: int) -> Any:
        value = self.values if self.constant else self.values[row]
        if self.currency is None or value is None or isinstance(value, Money):
            return value.item() if hasattr(value, "item") else value
        return Money.minor(int(value), self.currency if isinstance(self.currency, str) else self.currency[row])

    def listed(self, rows: Sequence[int]) -> list[Any]:
        """The values of some rows, as facts hold them."""
        if self.constant:
            return [self.values] * len(rows)
        if self.currency is None and isinstance(self.values, list):
            return [self.values[row] for row in rows]
        return [self[row] for row in rows]


def _gone(value: Any) -> bool:
    return value is None or value != value or value == ""


def _listed(given: Given) -> list[Any]:
    return given.values if isinstance(given.values, list) else given.values.tolist()


def texts(given: Given, wish: Wish) -> tuple[list[Any], Slips]:
    """Texts; whole numbers are written out. A missing one is the default, or None where it may be."""
    if given.encode is None and isinstance(given.values, list) and _plain(given.values):
        return list(given.values), {}
    codes, words = given.encoded()
    told, faults = _words(words, wish)
    found = list(map(told.__getitem__, codes.tolist()))
    return found, _spread(codes, faults)


def _plain(words: Sequence[Any]) -> bool:
    """Whether all are texts that any store takes, seen at once."""
    return set(map(type, words)) <= {str} and (text := "".join(words)).isascii() and "\0" not in text


def coded(given: Given, wish: Wish) -> "tuple[NDArray[np.int64], list[Any], Slips]":
    """The same by codes: a code for each row, and the distinct texts."""
    codes, words = given.encoded()
    told, faults = _words(words, wish)
    return codes, told, _spread(codes, faults)


def _spread(codes: "NDArray[np.int64]", faults: dict[int, Slip]) -> Slips:
    import numpy as np

    if not faults:
        return {}
    rows = np.flatnonzero(np.isin(codes, list(faults)))
    return {row: faults[code] for row, code in zip(rows.tolist(), codes[rows].tolist(), strict=True)}


def _words(words: Sequence[Any], wish: Wish) -> tuple[list[Any], dict[int, Slip]]:
    if _plain(words):
        return list(words), {}
    instead = None if wish.optional else "" if wish.default is NO_DEFAULT else wish.default
    required = wish.default is NO_DEFAULT and not wish.optional
    found: list[Any] = []
    faults: dict[int, Slip] = {}
    for place, word in enumerate(words):
        if word is None or word != word:
            told = instead
            if required:
                faults[place] = (wish.name, "nothing", "a text")
        else:
            told = _written(word)
            if told is None:
                faults[place] = (wish.name, "something else", "a text")
            elif "\0" in told:
                faults[place] = (wish.name, "a text with NUL", "a text without NUL")
        found.append(told)
    return found, faults


def _written(value: Any) -> str | None:
    """A text, or a whole number, as plain text."""
    if isinstance(value, str):
        whole = value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)
        return str(value) if whole else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return str(int(value))
    return None


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError
    found = float(value)
    if found - found != 0:
        raise ValueError
    return found


def _int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or (found := int(value)) != _float(value):
        raise ValueError
    return found


def _bool(value: Any) -> bool:
    found = {"true": True, "false": False, "1": True, "0": False}.get(str(value).strip().lower())
    if found is None:
        raise ValueError
    return found


_NUMBERS: dict[Any, tuple[Callable[[Any], Any], str]] = {
    float: (_float, "a finite number"),
    int: (_int, "a whole number"),
    bool: (_bool, "true or false"),
}


def cells(given: Given, wish: Wish, zone: str, dates: str | None) -> tuple[Cells, Slips]:
    """The values of a column as a field takes them, and the rows that hold something else."""
    if wish.sort is str:
        found, slips = texts(given, wish)
        return Cells(found), slips
    if wish.sort is Instant:
        micros, slips = instants(given, zone, dates, wish.name)
        told: list[Any] = [Instant(at) for at in micros.tolist()]
        return _missing_as_default(Cells(told), _listed(given), slips, wish)
    if wish.sort not in _NUMBERS:
        return Cells([None if value != value else value for value in _listed(given)]), {}
    return _numbers(_listed(given), wish)


def _numbers(values: list[Any], wish: Wish) -> tuple[Cells, Slips]:
    convert, expected = _NUMBERS[wish.sort]
    found: list[Any] = []
    slips: Slips = {}
    for row, value in enumerate(values):
        try:
            found.append(None if _gone(value) else convert(value))
        except (ValueError, OverflowError):
            found.append(None)
            slips[row] = (wish.name, f"a {type(value).__name__}", expected)
            continue
        if found[-1] is None:
            slips[row] = (wish.name, "nothing", expected)
    return _missing_as_default(Cells(found), values, slips, wish)


def _missing_as_default(told: Cells, values: list[Any], slips: Slips, wish: Wish) -> tuple[Cells, Slips]:
    """Where nothing stands, the default; None where it may be; else it stays a slip."""
    instead = wish.default if wish.default is not NO_DEFAULT else None if wish.optional else NO_DEFAULT
    if instead is not NO_DEFAULT:
        for row in [row for row in slips if _gone(values[row])]:
            told.values[row] = instead
            del slips[row]
    return told, slips


def money_cells(given: Given, currency: Given | str, wish: Wish) -> tuple[Cells, Slips]:
    """Money as whole minor units; the currency is one for all, or a column."""
    if isinstance(currency, str):
        exponent(currency)  # an unknown one is an error of the mapping, not of a row
        if not isinstance(given.values, list):
            try:
                return Cells(minor_units(given.values, currency), False, currency), {}
            except (InvalidFactError, TypeError):  # a row of it: all are looked at, one by one
                pass
        return _money_by_row(_listed(given), currency, [currency] * len(given.values), wish)
    codes = [code if isinstance(code, str) else "" for code in _listed(currency)]
    return _money_by_row(_listed(given), codes, codes, wish)


def _money_by_row(values: list[Any], currency: str | list[str], codes: list[str], wish: Wish) -> tuple[Cells, Slips]:
    found: list[int | None] = []
    slips: Slips = {}
    for row, (value, code) in enumerate(zip(values, codes, strict=True)):
        told = None
        try:
            told = _units(value, code)
        except InvalidFactError as error:
            slips[row] = ("currency" if error.place == "currency" else wish.name, error.got, error.expected)
        except TypeError:
            slips[row] = (wish.name, "nothing" if _gone(value) else f"a {type(value).__name__}", "a decimal number")
        found.append(told)
    return _missing_as_default(Cells(found, False, currency), values, slips, wish)


def _units(value: Any, code: str) -> int:
    if isinstance(value, str) and value.strip():
        return Money(value.strip(), code).units
    if isinstance(value, float):
        return int(minor_units([value], code)[0])
    if isinstance(value, Money):
        return value.units
    if _gone(value):
        raise TypeError
    return Money(value, code).units


def floats(told: Cells, n: int) -> "NDArray[np.float64]":
    """Numbers as a column, NaN where missing."""
    import numpy as np

    if told.constant:
        value = told.values.units if isinstance(told.values, Money) else told.values
        return np.full(n, np.nan if value is None else value, np.float64)
    if isinstance(told.values, list):
        return np.array([np.nan if value is None else value for value in told.values], np.float64)
    return np.asarray(told.values, np.float64)
