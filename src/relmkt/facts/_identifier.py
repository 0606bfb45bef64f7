"""By what is a customer named? By a string of yours, or by an identifier that a source stated.

An identifier is kept in its normal form, so that `Ada@Example.org` and `ada@example.org` are one. Its key (the sort
and a digest) is what streams and links are named by: it tells nothing of the value.
"""

import re
import unicodedata
from hashlib import blake2b

from attrs import field, frozen

from relmkt.exceptions import InvalidFactError

__all__ = ["IDENTIFYING", "Identifier", "Who", "name_of"]

IDENTIFYING = frozenset({"mail", "phone", "card", "device", "account", "push", "fax"})
"""Attributes of a profile that identify: stated together by one source, they link to one customer."""

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_DIGITS = re.compile(r"[^\d+]")


def _normal(kind: str, value: str) -> str:
    value = unicodedata.normalize("NFC", value.strip())
    if kind == "mail":
        return value.lower()  # not casefolded: ß and ss are two mailboxes
    if kind in ("phone", "fax"):
        return _DIGITS.sub("", value)
    return value


@frozen(repr=False)
class Identifier:
    """One name by which one source knows a customer: a mail address, a phone number, a loyalty card.

    kind: the sort of identifier, a word such as `"mail"` or `"card"`.
    value: as stated; kept in its normal form (mail in lower case, phone as digits).

    Raises InvalidFactError for an empty kind or value.

    >>> Identifier("mail", " Ada@Example.org ") == Identifier("mail", "ada@example.org")
    True
    >>> Identifier("card", "4411")
    Identifier('card', …)
    """

    kind: str
    value: str = field(metadata={"personal": True})

    def __init__(self, kind: str, value: str) -> None:
        if not _printable(kind):
            raise InvalidFactError("Identifier.kind", _sort(kind), "a word such as 'mail'")
        normal = _normal(kind, value) if _printable(value) else ""
        if not normal:
            raise InvalidFactError(f"Identifier({kind!r}).value", _sort(value), "a text of printable characters")
        self.__attrs_init__(kind, normal)  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return f"Identifier({self.kind!r}, …)"

    @property
    def key(self) -> str:
        """The sort and a digest of the value: names a stream or a link and tells nothing of the person."""
        return f"{self.kind}~{blake2b(self.value.encode(), digest_size=10).hexdigest()}"


Who = str | Identifier
"""A string of the user's own, or an identifier; wherever one is taken, so is the other."""


def _sort(value: object) -> str:
    """What came, without repeating it."""
    if not isinstance(value, str):
        return f"a {type(value).__name__}"
    return "a text with control characters" if _CONTROL.search(value) else "an empty text" if not value else "a text"


def _printable(value: object) -> bool:
    return isinstance(value, str) and value != "" and not _CONTROL.search(value)


def name_of(who: Who, place: str = "subject") -> str:
    """The name under which `who` is stored: the string itself, or the identifier's key.

    Raises InvalidFactError for an empty name, one with control characters, or another type.

    >>> name_of("ada")
    'ada'
    """
    told: object = who  # annotations do not hold for what callers hand in
    if isinstance(told, str):
        if told and not _CONTROL.search(told):
            return told if told.__class__ is str else str(told)
        raise InvalidFactError(place, _sort(told), "a name of printable characters")
    if isinstance(told, Identifier):
        return told.key
    raise InvalidFactError(place, _sort(told), "a text or an Identifier")
