"""Which errors can a caller catch?

RelmktError
├── InvalidFactError      a value that cannot be taken in (also a ValueError): place, what was got, what was expected
├── UnknownCustomerError  nobody is known under that name or identifier (also a KeyError)
├── ConflictError         somebody wrote first: load again and decide again
├── MismatchError         the same id came again with other content
├── CodecError            a stored record cannot be read as the fact its kind names
├── SchemaError           a store written by a newer version, by something else, or damaged
├── StoreBusyError        the store stayed locked until the deadline
├── StoreFullError        no room left: nothing of the commit was written
├── UnsupportedError      a capability that this adapter or engine does not declare
├── DeliveryError         a channel could not deliver; `retry` says whether trying again can help
├── FitError              a model did not converge; `parameters` holds the last ones
└── NotAllowedError       the actor's role does not permit it

A programmer's slip (a wrong type, a bool of a rule) raises a builtin TypeError or ValueError instead. No message
ever repeats a personal value: it names the value's place and kind, and what was expected there.
"""

from collections.abc import Mapping

__all__ = [
    "CodecError",
    "ConflictError",
    "DeliveryError",
    "FitError",
    "InvalidFactError",
    "MismatchError",
    "NotAllowedError",
    "RelmktError",
    "SchemaError",
    "StoreBusyError",
    "StoreFullError",
    "UnknownCustomerError",
    "UnsupportedError",
]


class RelmktError(Exception):
    """Anything that relmkt raises for a caller to catch.

    >>> issubclass(ConflictError, RelmktError)
    True
    """


class InvalidFactError(RelmktError, ValueError):
    """A value that cannot be taken in: names its place, the sort of thing that came, and what was expected.

    >>> raise InvalidFactError("Purchase.at", "a naive datetime", "an aware datetime")
    Traceback (most recent call last):
    relmkt.exceptions.InvalidFactError: Purchase.at: got a naive datetime, expected an aware datetime
    """

    def __init__(self, place: str, got: str, expected: str) -> None:
        super().__init__(place, got, expected)
        self.place, self.got, self.expected = place, got, expected

    def __str__(self) -> str:
        return f"{self.place}: got {self.got}, expected {self.expected}"


class UnknownCustomerError(RelmktError, KeyError):
    """Nobody is known under that name or identifier.

    >>> str(UnknownCustomerError("no facts under that name"))
    'no facts under that name'
    """

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else "unknown customer"


class ConflictError(RelmktError):
    """Somebody else wrote to one of the streams first; nothing was written.

    >>> str(ConflictError("stream stands at version 3, expected 2"))
    'stream stands at version 3, expected 2'
    """


class MismatchError(RelmktError):
    """The same (source, id) came again with other content; nothing was written.

    >>> str(MismatchError("Purchase: same id, other content"))
    'Purchase: same id, other content'
    """


class CodecError(RelmktError):
    """A stored record cannot be read as the fact that its kind names.

    >>> str(CodecError("Purchase, schema 1: body is not JSON"))
    'Purchase, schema 1: body is not JSON'
    """


class SchemaError(RelmktError):
    """A store of a newer version, a foreign file, or a damaged one; no byte of it was changed.

    >>> str(SchemaError("not a relmkt store"))
    'not a relmkt store'
    """


class StoreBusyError(RelmktError):
    """The store stayed locked by others until the configured deadline.

    >>> str(StoreBusyError("locked for 5 s"))
    'locked for 5 s'
    """


class StoreFullError(RelmktError):
    """No room is left: nothing of the commit was written, all that was acknowledged is kept.

    >>> str(StoreFullError("disk full"))
    'disk full'
    """


class UnsupportedError(RelmktError):
    """A capability was used that this adapter or engine does not declare.

    >>> str(UnsupportedError("Memory does not declare backup"))
    'Memory does not declare backup'
    """


class DeliveryError(RelmktError):
    """A channel could not deliver; `retry` tells whether trying again can help.

    >>> DeliveryError("mailbox cannot be written", retry=True).retry
    True
    """

    def __init__(self, message: str, *, retry: bool = False) -> None:
        super().__init__(message)
        self.retry = retry


class FitError(RelmktError):
    """A model did not converge; `parameters` holds the last ones tried.

    >>> FitError("no repeat purchase", {"r": 1.0}).parameters
    {'r': 1.0}
    """

    def __init__(self, message: str, parameters: Mapping[str, float] | None = None) -> None:
        super().__init__(message)
        self.parameters = dict(parameters or {})


class NotAllowedError(RelmktError):
    """The actor's role does not permit what was asked.

    >>> str(NotAllowedError("export needs an actor"))
    'export needs an actor'
    """
