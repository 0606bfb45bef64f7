"""How much? Whole minor units in one currency, so that a sum is exact wherever it is taken.

Currency codes and their decimals are those of ISO 4217 as in force in 2024 and 2025 (list one: currencies and funds).
"""

from __future__ import annotations

import re
from decimal import Decimal
from operator import index
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from relmkt.exceptions import InvalidFactError

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.typing import ArrayLike, NDArray

__all__ = ["CURRENCIES", "Money", "exponent", "minor_units", "parse_minor"]

_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
          CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
          HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
          MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK
          SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD
          XCD XCG YER ZAR ZMW ZWG""",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
CURRENCIES: dict[str, int] = {code: places for places, codes in _DECIMALS.items() for code in codes.split()}

_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_LIMIT = 2**63  # a column and a database hold whole minor units in 64 bits
_TOLERANCE = 1e-6  # of a whole unit: farther from a minor unit, a float is not an amount of this currency
_AMOUNT = "a finite decimal number"


def exponent(currency: str) -> int:
    """The number of decimals of a currency; an unknown ISO 4217 code is an `InvalidFactError` at "currency".

    >>> exponent("EUR"), exponent("JPY"), exponent("KWD")
    (2, 0, 3)
    """
    places = CURRENCIES.get(currency)
    if places is None:
        # a long text in the wrong column may be personal: only what looks like a code is repeated
        raise InvalidFactError("currency", _code(currency), "an ISO 4217 code such as 'EUR'")
    return places


def _code(currency: object) -> str:
    return repr(currency) if isinstance(currency, str) and len(currency) <= 3 else f"a {type(currency).__name__}"


def parse_minor(text: str, currency: str) -> int:
    """The whole minor units that a plain decimal text states in this currency: the fast way in for bulk loads.

    Decimals beyond the currency's must be zeros. Anything else is an `InvalidFactError` at "amount" or "currency".

    >>> parse_minor("49.9", "EUR"), parse_minor("-500", "JPY"), parse_minor("1.2500", "EUR")
    (4990, -500, 125)
    """
    places = exponent(currency)
    whole, _, part = text.partition(".")
    digits = whole[1:] if whole[:1] == "-" else whole
    if digits.isdecimal() and text.isascii() and len(part) <= places and len(whole) < 15:
        if not part:
            return int(whole) * int(10**places)
        if part.isdecimal():
            return int(whole + part) * int(10 ** (places - len(part)))
    if not _PLAIN.fullmatch(text):
        raise InvalidFactError("amount", "a text", _AMOUNT + " such as '49.90'")
    return _exact(Decimal(text), currency, places)


def _exact(amount: Decimal, currency: str, places: int) -> int:
    """Whole minor units of a decimal, in integers alone: Decimal's own arithmetic would round to its context."""
    if not amount.is_finite():
        raise InvalidFactError("amount", "NaN" if amount.is_nan() else "infinity", _AMOUNT)
    if not amount:
        return 0
    sign, digits, scale = amount.as_tuple()
    shift = int(scale) + places
    # where more decimals are asked for than there are digits, what would be cut off cannot be zero
    if shift < -len(digits):
        raise _too_fine(currency, places)
    if amount.adjusted() > 20:
        raise _too_large()
    size = int("".join(map(str, digits)))
    units, rest = (size * 10**shift, 0) if shift >= 0 else divmod(size, 10**-shift)
    if rest:
        raise _too_fine(currency, places)
    return _bounded(-units if sign else units)


def _bounded(units: int) -> int:
    if not -_LIMIT <= units < _LIMIT:
        raise _too_large()
    return units


def _too_fine(currency: str, places: int) -> InvalidFactError:
    return InvalidFactError("amount", "too many decimals", f"at most {places} for {currency}")


def _too_large() -> InvalidFactError:
    return InvalidFactError("amount", "too large an amount", "whole minor units within 64 bits")


def _units(amount: object, currency: str) -> int:
    """Whole minor units of a text, a decimal or a whole number of units."""
    if isinstance(amount, str):
        return parse_minor(amount, currency)
    places = exponent(currency)
    if isinstance(amount, Decimal):
        return _exact(amount, currency, places)
    if isinstance(amount, bool) or not hasattr(amount, "__index__"):
        raise TypeError(f"an amount is a str, an int or a Decimal, not a {type(amount).__name__}")
    return _bounded(index(amount) * int(10**places))


@frozen(init=False, repr=False, order=False)
class Money:
    """An amount of one currency, kept in whole minor units.

    A text, a `Decimal` or a whole number of units makes it; a float is a `TypeError`, for it has no exact decimals.
    Too many decimals, NaN, infinity and an unknown currency are an `InvalidFactError` at "amount" or "currency".
    Amounts add, subtract and compare within one currency (else `TypeError`), and multiply by a whole number.

    Attributes: `units`, whole minor units (cents for EUR); `currency`, the ISO 4217 code.

    >>> price = Money("49.90", "EUR")
    >>> print(price, price.units, -price, 3 * price, price < Money(50, "EUR"))
    49.90 EUR 4990 -49.90 EUR 149.70 EUR True
    """

    units: int = field()
    currency: str = field()

    def __init__(self, amount: str | int | Decimal, currency: str) -> None:
        object.__setattr__(self, "units", _units(amount, currency))
        object.__setattr__(self, "currency", currency)

    @classmethod
    def minor(cls, units: int, currency: str) -> Money:
        """The amount of this many whole minor units.

        >>> Money.minor(4990, "EUR")
        Money('49.90', 'EUR')
        """
        if currency not in CURRENCIES:
            exponent(currency)  # raises with its reason
        made = object.__new__(cls)
        object.__setattr__(made, "units", index(units))
        object.__setattr__(made, "currency", currency)
        return made

    @property
    def exponent(self) -> int:
        """The number of decimals of the currency.

        >>> Money(5, "JPY").exponent
        0
        """
        return CURRENCIES[self.currency]

    @property
    def amount(self) -> Decimal:
        """The amount in whole units, exactly, with the currency's decimals.

        >>> Money("49.9", "EUR").amount
        Decimal('49.90')
        """
        return Decimal(self._text())

    def _text(self) -> str:
        places, size = self.exponent, abs(self.units)
        digits = str(size).rjust(places + 1, "0")
        text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
        return f"-{text}" if self.units < 0 else text

    def __str__(self) -> str:
        return f"{self._text()} {self.currency}"

    def __repr__(self) -> str:
        return f"Money({self._text()!r}, {self.currency!r})"

    def __bool__(self) -> bool:
        return self.units != 0

    def __neg__(self) -> Money:
        return Money.minor(-self.units, self.currency)

    def __add__(self, other: Money) -> Money:
        return Money.minor(self.units + self._same(other), self.currency) if _money(other) else NotImplemented

    def __sub__(self, other: Money) -> Money:
        return Money.minor(self.units - self._same(other), self.currency) if _money(other) else NotImplemented

    def __mul__(self, times: int) -> Money:
        if isinstance(times, bool) or not hasattr(times, "__index__"):
            return NotImplemented
        return Money.minor(self.units * index(times), self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.units < self._same(other) if _money(other) else NotImplemented

    def __le__(self, other: Money) -> bool:
        return self.units <= self._same(other) if _money(other) else NotImplemented

    def __gt__(self, other: Money) -> bool:
        return self.units > self._same(other) if _money(other) else NotImplemented

    def __ge__(self, other: Money) -> bool:
        return self.units >= self._same(other) if _money(other) else NotImplemented

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise TypeError(f"{self.currency} neither adds to nor compares with {other.currency}")
        return other.units


def _money(other: object) -> bool:
    return isinstance(other, Money)


def minor_units(amounts: ArrayLike, currency: str) -> NDArray[int64]:
    """Whole minor units of a column of amounts, in whole units of one currency: int64, of the same shape.

    Whole numbers, decimals and decimal texts are exact. A float is the nearest minor unit where it lies within 1e-6 of
    a whole unit of it, or within its own last digit. Anything else, NaN and infinity are an `InvalidFactError` that
    names the row (counted from 0).

    >>> minor_units([49.9, 0.1 + 0.2], "EUR")
    array([4990,   30])
    """
    import numpy as np

    places = exponent(currency)
    column = np.asarray(amounts)
    if column.dtype.kind == "f":
        return _of_floats(column, currency, places)
    if column.dtype.kind in "iu":
        most = (_LIMIT - 1) // 10**places
        _refuse((column > most) | (column < -most), "too large an amount", "whole minor units within 64 bits")
        return column.astype(np.int64) * int(10**places)
    if column.dtype.kind not in "OUT":
        raise TypeError(f"amounts are numbers, decimals or texts, not {column.dtype}")
    units = [_row(row, amount, currency) for row, amount in enumerate(column.ravel().tolist())]
    return np.array(units, dtype=np.int64).reshape(column.shape)


def _of_floats(column: NDArray[Any], currency: str, places: int) -> NDArray[int64]:
    import numpy as np

    _refuse(~np.isfinite(column), "NaN or infinity", _AMOUNT)
    last_digit: NDArray[float64] = np.spacing(np.abs(column)).astype(np.float64) * 10**places
    _refuse(last_digit >= 0.5, "too large an amount for a float", "a decimal text")
    scaled: NDArray[float64] = column.astype(np.float64) * 10**places
    nearest = np.rint(scaled)
    off = np.abs(scaled - nearest) > _TOLERANCE * 10**places + last_digit
    _refuse(off, "too many decimals", f"at most {places} for {currency}")
    return nearest.astype(np.int64)


def _refuse(rows: NDArray[Any], got: str, expected: str) -> None:
    if rows.any():
        raise InvalidFactError(f"amount of row {int(rows.ravel().argmax())}", got, expected)


def _row(row: int, amount: object, currency: str) -> int:
    import numpy as np

    try:
        if isinstance(amount, float):
            return int(minor_units(np.array([amount]), currency)[0])
        return _units(amount, currency)
    except InvalidFactError as error:
        raise InvalidFactError(f"amount of row {row}", error.got, error.expected) from None
    except TypeError:
        got = "nothing" if amount is None else f"a {type(amount).__name__}"
        raise InvalidFactError(f"amount of row {row}", got, "a number, a decimal or a decimal text") from None
