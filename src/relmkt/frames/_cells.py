"""What does a field of every row hold, as an expression? The rules by which mapped rows become facts, on an engine.

Money is whole minor units: a decimal or whole number exactly, a float as the nearest one where it lies within 1e-6 of a
whole unit of it or within its own last digit, as `relmkt.money.minor_units` reads it. A row that a load would refuse
(nothing where a value is due, an amount finer than its currency) is no fact, and left out.
"""

from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from relmkt.exceptions import InvalidFactError, UnsupportedError
from relmkt.frames._engine import nw
from relmkt.mapping._cells import NO_DEFAULT, Wish
from relmkt.money import CURRENCIES, Money, exponent
from relmkt.windows import Instant

if TYPE_CHECKING:
    from narwhals.stable.v2.dtypes import DType

    from relmkt.frames._engine import Expr

__all__ = ["Cell", "Cond", "TYPES", "Sort", "both", "cell_of", "constant_cell", "inverse", "text_of"]

Sort = Literal["int", "float", "text"]
Cond = Any
"""True, False, or an expression that is never null."""

TYPES: dict[Sort, Any] = {"int": nw.Int64, "float": nw.Float64, "text": nw.String}
_TOLERANCE = 1e-6  # of a whole unit, as in relmkt.money


@frozen(eq=False)
class Cell:
    """One field of every row.

    value: an expression that is never null, or the one value of all rows. missing: where nothing stands.
    currency: of money, whose value is in minor units; an expression, or one for all.
    """

    value: Any
    sort: Sort
    missing: Cond = False
    currency: Any = None

    def expr(self) -> "Expr":
        """The value as an expression."""
        return self.value if isinstance(self.value, nw.Expr) else nw.lit(self.value, TYPES[self.sort])

    def equals(self, told: Any) -> Cond:
        """Where the value is this one, as Python compares them; money equals money alone."""
        if isinstance(told, Money) != (self.currency is not None) or isinstance(told, str) != (self.sort == "text"):
            return False
        if isinstance(told, Money):
            return both(self.currency == told.currency, self._same(told.units))
        if isinstance(told, float) and self.sort == "int":
            return self._same(int(told)) if told.is_integer() else False
        return self._same(float(told) if self.sort == "float" else told if isinstance(told, str) else int(told))

    def _same(self, told: Any) -> Cond:
        return both(self.value == told, inverse(self.missing))


def both(*conditions: Cond) -> Cond:
    """Where all hold."""
    found: Cond = True
    for condition in conditions:
        if condition is False or found is False:
            return False
        if condition is not True:
            found = condition if found is True else found & condition
    return found


def inverse(condition: Cond) -> Cond:
    """Where it does not hold."""
    return not condition if isinstance(condition, bool) else ~condition


def _unsupported(wish: Wish, dtype: object, expected: str) -> UnsupportedError:
    return UnsupportedError(f"{wish.name}: a frame cannot read a column of {dtype}; make it {expected}")


def _gone(raw: "Expr", dtype: "DType") -> "Expr":
    return raw.is_null() | raw.is_nan() if dtype.is_float() else raw.is_null()


def _filled(raw: "Expr", gone: "Expr", instead: Any) -> "Expr":
    return nw.when(~gone).then(raw).otherwise(instead)


def _told(wish: Wish, gone: "Expr", value: "Expr", sort: Sort, valid: Cond, currency: Any = None) -> tuple[Cell, Cond]:
    """The cell, what is missing taken as the kind would: its default, nothing where that may be, else no fact."""
    first = wish.optional if wish.sort is str else False  # a text that may be None is None, whatever its default
    default = NO_DEFAULT if first else wish.default
    if default is NO_DEFAULT or default is None:
        if wish.optional:
            return Cell(value, sort, gone, currency), valid
        return Cell(value, sort, False, currency), both(valid, ~gone)
    constant = constant_cell(wish, default)
    if constant.currency is not None and not (isinstance(currency, str) and currency == constant.currency):
        raise UnsupportedError(f"{wish.name}: a default in {constant.currency} beside a column of other money")
    return Cell(nw.when(gone).then(constant.expr()).otherwise(value), sort, False, currency), valid


def constant_cell(wish: Wish, value: Any, currency: Any = None) -> Cell:
    """The cell of one value for all rows; an InvalidFactError names a value of the wrong sort."""
    sort = wish.sort
    if sort is Money and value is not None and not isinstance(value, Money):
        if not isinstance(currency, str):
            raise UnsupportedError(f"{wish.name}: an amount for all rows beside a column of currencies")
        value = Money(str(value), currency)
    if value is None and wish.optional:
        return Cell("" if sort is str else 0, "text" if sort is str else "int", True)
    if isinstance(value, Money) and sort is Money:
        return Cell(value.units, "int", False, value.currency)
    if sort is float and isinstance(value, int | float) and not isinstance(value, bool):
        return Cell(float(value), "float")
    if sort in (int, bool, Instant) and isinstance(value, int):
        return Cell(int(value), "int")
    if isinstance(value, str) and sort not in (int, float, bool, Money, Instant):
        return Cell(value, "text")
    raise InvalidFactError(wish.name, f"a {type(value).__name__}", f"a {getattr(sort, '__name__', sort)}")


def text_of(raw: "Expr", dtype: "DType", wish: Wish) -> tuple["Expr", "Expr", Cond]:
    """A column as text: the text, where nothing stands, and where it is a text; whole numbers are written out."""
    gone = _gone(raw, dtype)
    if dtype.is_float():
        filled = _filled(raw, gone, 0.0)
        valid = filled.is_finite() & (filled == filled.round(0)) & (filled.abs() < 2.0**63)
        return nw.when(valid).then(filled).otherwise(0.0).cast(nw.Int64).cast(nw.String), gone, valid
    if not (dtype.is_integer() or dtype in (nw.String, nw.Categorical, nw.Enum)):
        raise _unsupported(wish, dtype, "a text")
    return _filled(raw.cast(nw.String), gone, nw.lit("")), gone, True


def cell_of(raw: "Expr", dtype: "DType", wish: Wish, currency: Any = None) -> tuple[Cell, Cond]:
    """A column as a field takes it, and which rows hold such a value.

    raw: the column; of an instant, microseconds. currency: of money, a code or a column of codes. Raises
    UnsupportedError, before any job, for a type that no expression turns into the field's.
    """
    if wish.sort is str:
        text, gone, valid = text_of(raw, dtype, wish)
        return _told(wish, gone, text, "text", valid)
    if wish.sort is Money:
        return _money(raw, dtype, wish, currency)
    if wish.sort is Instant:
        gone = raw.is_null()
        return _told(wish, gone, _filled(raw, gone, 0).cast(nw.Int64), "int", True)
    if wish.sort not in (int, float, bool):
        raise UnsupportedError(f"{wish.name}: a frame reads texts, numbers, money and instants")
    return _number(raw, dtype, wish)


def _number(raw: "Expr", dtype: "DType", wish: Wish) -> tuple[Cell, Cond]:
    gone = _gone(raw, dtype)
    if dtype == nw.Boolean and wish.sort is bool:
        return _told(wish, gone, _filled(raw, gone, False).cast(nw.Int64), "int", True)
    if dtype.is_decimal():
        raw, dtype = raw.cast(nw.Float64), nw.Float64()
    if not (dtype.is_integer() or dtype.is_float()) or (wish.sort is bool and dtype.is_float()):
        raise _unsupported(wish, dtype, "true or false" if wish.sort is bool else "a number")
    filled = _filled(raw, gone, 0.0 if dtype.is_float() else 0)
    if wish.sort is float:
        return _told(wish, gone, filled.cast(nw.Float64), "float", filled.is_finite() if dtype.is_float() else True)
    if dtype.is_float():
        whole = filled.is_finite() & (filled == filled.round(0)) & (filled.abs() < 2.0**63)
        return _told(wish, gone, nw.when(whole).then(filled).otherwise(0.0).cast(nw.Int64), "int", whole)
    value = filled.cast(nw.Int64)
    return _told(wish, gone, value, "int", (value >= 0) & (value <= 1) if wish.sort is bool else True)


def _money(raw: "Expr", dtype: "DType", wish: Wish, currency: Any) -> tuple[Cell, Cond]:
    one = isinstance(currency, str)
    known, scale = (True, 10 ** exponent(currency)) if one else _scales(currency)
    gone = _gone(raw, dtype)
    value: Expr
    valid: Cond
    if dtype.is_integer():
        value, valid = _filled(raw, gone, 0).cast(nw.Int64) * scale, True
    elif isinstance(dtype, nw.Decimal) and one and dtype.scale <= exponent(currency):
        value, valid = (raw * scale).cast(nw.Int64).fill_null(0), True
    elif dtype.is_float() or dtype.is_decimal():
        value, valid = _nearest(_filled(raw.cast(nw.Float64), gone, 0.0), scale, dtype)
    else:
        raise _unsupported(wish, dtype, "a decimal, a float or a whole number")
    return _told(wish, gone, value, "int", both(known, valid), currency)


def _nearest(amount: "Expr", scale: Any, dtype: "DType") -> tuple["Expr", "Expr"]:
    """The nearest minor unit, and where it lies near enough."""
    scaled = amount * scale
    units = scaled.round(0)
    digit = scaled.abs() * (2.0**-23 if dtype == nw.Float32 else 2.0**-52)
    # a decimal is exact: what is left of it beyond the minor unit must be less than its own last digit
    most = _TOLERANCE if not isinstance(dtype, nw.Decimal) else 0.5 * 10.0**-dtype.scale
    valid = amount.is_finite() & ((scaled - units).abs() <= digit + most * scale) & (digit < 0.5)
    return nw.when(valid).then(units).otherwise(0.0).cast(nw.Int64), valid


def _scales(codes: "Expr") -> tuple["Expr", "Expr"]:
    """Of a column of currencies: which are known, and how many minor units make a whole one."""
    scale = nw.lit(100)
    for places in (0, 3, 4):
        held = [code for code, decimals in CURRENCIES.items() if decimals == places]
        scale = nw.when(codes.is_in(held)).then(nw.lit(10**places)).otherwise(scale)
    return codes.is_in(list(CURRENCIES)), scale
